//! Databases with their tables, and the crawlers.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use super::crawler::{RunButton, StateMark};
use super::model::{Crawler, Table, list, text};
use crate::components::{Confirm, Crumb, Dialog, Empty, Fault, ScreenActions, ShellState, glyph};
use crate::format::{count, local_time, plural};
use crate::host::{query, use_host};
use crate::router::Route;

/// A database and its tables.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    name: String,
    description: String,
    tables: Vec<Table>,
}

#[component]
pub fn Overview() -> impl IntoView {
    let host = use_host();
    let shell = expect_context::<ShellState>();
    Effect::new(move |_| shell.place(vec![Crumb::new("Catalog", &Route::Catalog)]));
    let groups = RwSignal::new(None::<Result<Vec<Group>, ApiError>>);
    let asked = StoredValue::new(0_u32);
    Effect::new(move |_| {
        host.position.track();
        let number = asked.get_value().wrapping_add(1);
        asked.set_value(number);
        spawn_local(async move {
            let answer = read_groups(host).await;
            if asked.try_get_value() == Some(number) && groups.try_with_untracked(|old| old.as_ref() != Some(&answer)) == Some(true) {
                groups.set(Some(answer));
            }
        });
    });
    let crawlers = query(host, move || Some(Call::new("glue", "GetCrawlers", json!({}))));
    let creating = RwSignal::new(false);
    view! {
        <ScreenActions>
            <button type="button" class="btn" on:click=move |_| creating.set(true)>
                "Create database"
            </button>
            <a class="btn primary" href="#/catalog/crawlers">
                "Create crawler"
            </a>
        </ScreenActions>
        <NewDatabase open=creating />
        <header class="screen-head">
            <div>
                <h1>"Data Catalog"</h1>
                <p class="sub">"Tables say what the objects in a bucket mean: columns, types, where the bytes are. They hold no rows."</p>
            </div>
        </header>
        <section aria-labelledby="databases">
            <h2 id="databases">"Databases and tables"</h2>
            {move || match groups.get() {
                None => view! { <p class="meta" role="status">"Reading the catalog…"</p> }.into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(groups)) if groups.is_empty() => {
                    view! {
                        <Empty title="No databases yet" text="A crawler looks at files in a bucket and writes what it finds here as tables.">
                            <a class="btn primary" href="#/catalog/crawlers">
                                "Create crawler"
                            </a>
                            <button type="button" class="btn" on:click=move |_| creating.set(true)>
                                "Create database"
                            </button>
                        </Empty>
                    }
                        .into_any()
                }
                Some(Ok(groups)) => groups.into_iter().map(|group| view! { <Database group=group /> }).collect_view().into_any(),
            }}
        </section>
        <section aria-labelledby="crawlers">
            <h2 id="crawlers">"Crawlers"</h2>
            {move || match crawlers.answer.get() {
                None => view! { <p class="meta" role="status">"Reading the crawlers…"</p> }.into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(response)) => {
                    let crawlers: Vec<Crawler> = list(&response, "/Crawlers").iter().map(Crawler::of).collect();
                    if crawlers.is_empty() {
                        view! { <p class="none">"No crawlers. A crawler does nothing until it is run, by hand or on a schedule."</p> }.into_any()
                    } else {
                        view! { <Crawlers crawlers=crawlers /> }.into_any()
                    }
                }
            }}
        </section>
    }
}

async fn read_groups(host: crate::host::Host) -> Result<Vec<Group>, ApiError> {
    let response = host.call("glue", "GetDatabases", json!({})).await?;
    let mut groups = Vec::new();
    for database in list(&response, "/DatabaseList") {
        let name = text(database, "/Name");
        let tables = match host.call("glue", "GetTables", json!({ "DatabaseName": name })).await {
            Ok(tables) => tables,
            // Deleted meanwhile: the next change of the account asks again.
            Err(error) if error.code == "EntityNotFoundException" => continue,
            Err(error) => return Err(error),
        };
        groups.push(Group {
            name,
            description: text(database, "/Description"),
            tables: list(&tables, "/TableList").iter().map(Table::of).collect(),
        });
    }
    Ok(groups)
}

#[component]
fn Database(group: Group) -> impl IntoView {
    let host = use_host();
    let deleting = RwSignal::new(false);
    let name = group.name.clone();
    let (held, shown) = (group.tables.len() as u64, group.name.clone());
    let delete = Callback::new(move |()| {
        let name = name.clone();
        spawn_local(async move {
            match host.call("glue", "DeleteDatabase", json!({ "Name": name })).await {
                Ok(_) => host.toast_done(format!("Deleted the database {name}.")),
                Err(error) => host.toast_error(&error),
            }
        });
    });
    let heading = format!("database-{}", group.name);
    view! {
        <section class="database" aria-labelledby=format!("database-{}", group.name)>
            <header>
                <h3 id=heading class="mono">
                    {group.name.clone()}
                </h3>
                <span class="meta">{plural(held, "table", "tables")} {(!group.description.is_empty()).then(|| format!(" · {}", group.description))}</span>
                <button
                    type="button"
                    class="btn quiet icon"
                    aria-label=format!("Delete the database {}", group.name)
                    title="Delete the database"
                    on:click=move |_| deleting.set(true)
                >
                    {glyph("trash")}
                </button>
            </header>
            {if group.tables.is_empty() {
                view! { <p class="none">"No tables."</p> }.into_any()
            } else {
                view! { <Tables database=group.name.clone() tables=group.tables /> }.into_any()
            }}
            <Confirm open=deleting title=format!("Delete {shown}?") act="Delete the database" on_confirm=delete>
                <p>
                    "This deletes the database and "
                    {plural(held, "table definition", "table definitions")}
                    " in it. The objects that the tables point to stay in their buckets."
                </p>
            </Confirm>
        </section>
    }
}

#[component]
fn Tables(database: String, tables: Vec<Table>) -> impl IntoView {
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=format!("Tables of {database}")>
            <table class="list" aria-label=format!("Tables of {database}")>
                <thead>
                    <tr>
                        <th scope="col">"Table"</th>
                        <th scope="col">"Classification"</th>
                        <th scope="col" class="num">
                            "Columns"
                        </th>
                        <th scope="col" class="num">
                            "Records"
                        </th>
                        <th scope="col" class="wide-only">"Location"</th>
                        <th scope="col" class="wide-only">"Updated"</th>
                    </tr>
                </thead>
                <tbody>
                    {tables
                        .into_iter()
                        .map(|table| {
                            let route = Route::Table { database: table.database.clone(), table: table.name.clone() };
                            let keys = table.keys();
                            view! {
                                <tr>
                                    <td>
                                        <a href=route.href()>{table.name.clone()}</a>
                                    </td>
                                    <td>{table.classification.clone()}</td>
                                    <td class="num">
                                        {table.columns.len()}
                                        {(keys > 0).then(|| format!(" ({})", plural(keys as u64, "key", "keys")))}
                                    </td>
                                    <td class="num">{table.records.map_or_else(|| "—".to_string(), count)}</td>
                                    <td class="mono location wide-only" title=table.location.clone()>
                                        {table.location.clone()}
                                    </td>
                                    <td class="when wide-only">{local_time(&table.updated)}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn Crawlers(crawlers: Vec<Crawler>) -> impl IntoView {
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Crawlers">
            <table class="list" aria-label="Crawlers">
                <thead>
                    <tr>
                        <th scope="col">"Crawler"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="wide-only">"Path"</th>
                        <th scope="col">"Database"</th>
                        <th scope="col" class="wide-only">"Schedule"</th>
                        <th scope="col">
                            <span class="visually-hidden">"Acts"</span>
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {crawlers
                        .into_iter()
                        .map(|crawler| {
                            let route = Route::Crawler { name: Some(crawler.name.clone()) };
                            view! {
                                <tr>
                                    <td>
                                        <a href=route.href()>{crawler.name.clone()}</a>
                                    </td>
                                    <td>
                                        <StateMark crawler=crawler.clone() />
                                    </td>
                                    <td class="mono location wide-only" title=crawler.paths.join(", ")>
                                        {crawler.paths.join(", ")}
                                    </td>
                                    <td class="mono">{crawler.database.clone()}</td>
                                    <td class="wide-only">{if crawler.schedule.is_empty() { "on demand".to_string() } else { crawler.schedule.clone() }}</td>
                                    <td class="acts">
                                        <RunButton crawler=crawler.clone() />
                                    </td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn NewDatabase(open: RwSignal<bool>) -> impl IntoView {
    let host = use_host();
    let name = RwSignal::new(String::new());
    let description = RwSignal::new(String::new());
    let refusal = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        if open.get() {
            name.set(String::new());
            description.set(String::new());
            refusal.set(None);
        }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let mut input = json!({ "Name": name.get_untracked().trim() });
        if !description.with_untracked(|text| text.trim().is_empty()) {
            input["Description"] = Value::String(description.get_untracked());
        }
        spawn_local(async move {
            match host.call("glue", "CreateDatabase", json!({ "DatabaseInput": input })).await {
                Ok(_) => {
                    host.announce("Database created.");
                    open.set(false);
                }
                Err(error) => refusal.set(Some(error)),
            }
        });
    };
    view! {
        <Dialog open=open title="Create database">
            <form class="form" on:submit=submit>
                <div class="field">
                    <label for="database-name">"Name"</label>
                    <input
                        id="database-name"
                        class="input mono"
                        required
                        autofocus
                        autocomplete="off"
                        spellcheck="false"
                        maxlength="255"
                        prop:value=move || name.get()
                        on:input=move |event| name.set(event_target_value(&event))
                    />
                    <span class="hint">"Kept in lower case; letters, digits and underscores are safe in every query engine."</span>
                </div>
                <div class="field">
                    <label for="database-description">"Description"</label>
                    <input
                        id="database-description"
                        class="input"
                        maxlength="2048"
                        prop:value=move || description.get()
                        on:input=move |event| description.set(event_target_value(&event))
                    />
                </div>
                {move || refusal.get().map(|error| view! { <Fault error=error /> })}
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <button type="submit" class="btn primary">
                        "Create database"
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
