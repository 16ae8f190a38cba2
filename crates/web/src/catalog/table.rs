//! One table: its schema, its rows as a job would read them, its properties.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, json};
use sluice_core::account::{ApiError, Call};
use sluice_core::etl::{CatalogSource, Graph, Node, NodeId, NodeKind, ReadMode};
use sluice_protocol::{NodePreview, PREVIEW_ROWS, PageReply, PageRequest, TablePage};

use super::NotShown;
use super::model::{Table, s3_parts};
use crate::components::{Confirm, Crumb, Fault, ScreenActions, ShellState, glyph};
use crate::format::{count, local_time, plural};
use crate::grid::Grid;
use crate::host::{query, unexpected, use_host};
use crate::router::Route;

/// Rows a page of the preview carries.
const ROWS: u32 = 200;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Tab {
    Schema,
    Rows,
    Properties,
}

const TABS: [(Tab, &str, &str); 3] = [
    (Tab::Schema, "Schema", "schema"),
    (Tab::Rows, "Preview rows", "rows"),
    (Tab::Properties, "Properties", "properties"),
];

#[component]
pub fn TableView(database: String, table: String) -> impl IntoView {
    let host = use_host();
    let shell = expect_context::<ShellState>();
    let place = StoredValue::new((database, table));
    Effect::new(move |_| {
        let (database, table) = place.get_value();
        shell.place(vec![
            Crumb::new("Catalog", &Route::Catalog),
            Crumb::new(format!("{database}.{table}"), &Route::Table { database, table }),
        ]);
    });
    let question = move || {
        let (database, table) = place.get_value();
        Some(Call::new("glue", "GetTable", json!({ "DatabaseName": database, "Name": table })))
    };
    let answer = query(host, question).answer;
    let tab = RwSignal::new(Tab::Schema);
    let deleting = RwSignal::new(false);
    let delete = Callback::new(move |()| {
        let (database, table) = place.get_value();
        spawn_local(async move {
            match host.call("glue", "DeleteTable", json!({ "DatabaseName": database, "Name": table })).await {
                Ok(_) => {
                    host.toast_done(format!("Deleted the table {database}.{table}."));
                    Route::Catalog.open();
                }
                Err(error) => host.toast_error(&error),
            }
        });
    });
    let on_tab_key = move |event: leptos::ev::KeyboardEvent| {
        let at = TABS.iter().position(|(other, ..)| *other == tab.get_untracked()).unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowRight" => (at + 1) % TABS.len(),
            "ArrowLeft" => (at + TABS.len() - 1) % TABS.len(),
            "Home" => 0,
            "End" => TABS.len() - 1,
            _ => return,
        };
        event.prevent_default();
        if let Some((next, _, id)) = TABS.get(next) {
            tab.set(*next);
            focus(&format!("tab-{id}"));
        }
    };
    view! {
        <ScreenActions>
            <button type="button" class="btn" on:click=move |_| deleting.set(true)>
                {glyph("trash")}
                "Delete table"
            </button>
        </ScreenActions>
        {move || match answer.get() {
            None => view! { <p class="meta" role="status">"Reading the table…"</p> }.into_any(),
            Some(Err(error)) => view! { <NotShown title="No such table" error=error /> }.into_any(),
            Some(Ok(response)) => {
                let table = Table::of(&response["Table"]);
                let shown = table.clone();
                view! {
                    <header class="screen-head">
                        <div>
                            <p class="meta">"Table in " <span class="mono">{table.database.clone()}</span></p>
                            <h1>{table.name.clone()}</h1>
                            <p class="sub">
                                {if table.classification.is_empty() { "unclassified".to_string() } else { table.classification.clone() }} " · "
                                {plural(table.columns.len() as u64, "column", "columns")}
                                {table.records.map(|records| format!(" · {}", plural(records, "record", "records")))} " · "
                                <Location path=table.location.clone() />
                            </p>
                        </div>
                    </header>
                    <div class="tabs" role="tablist" aria-label="Parts of the table" on:keydown=on_tab_key>
                        {TABS
                            .into_iter()
                            .map(|(this, label, id)| {
                                view! {
                                    <button
                                        type="button"
                                        role="tab"
                                        id=format!("tab-{id}")
                                        aria-controls=format!("panel-{id}")
                                        aria-selected=move || (tab.get() == this).to_string()
                                        tabindex=move || if tab.get() == this { "0" } else { "-1" }
                                        on:click=move |_| tab.set(this)
                                    >
                                        {label}
                                    </button>
                                }
                            })
                            .collect_view()}
                    </div>
                    {move || match tab.get() {
                        Tab::Schema => {
                            view! {
                                <div role="tabpanel" id="panel-schema" aria-labelledby="tab-schema" class="panel">
                                    <Schema table=shown.clone() />
                                </div>
                            }
                                .into_any()
                        }
                        Tab::Rows => {
                            view! {
                                <div role="tabpanel" id="panel-rows" aria-labelledby="tab-rows" class="panel rows">
                                    <Rows database=shown.database.clone() table=shown.name.clone() />
                                </div>
                            }
                                .into_any()
                        }
                        Tab::Properties => {
                            view! {
                                <div role="tabpanel" id="panel-properties" aria-labelledby="tab-properties" class="panel">
                                    <Properties table=shown.clone() />
                                </div>
                            }
                                .into_any()
                        }
                    }}
                }
                    .into_any()
            }
        }}
        <Confirm
            open=deleting
            title=Signal::derive(move || place.with_value(|(database, table)| format!("Delete {database}.{table}?")))
            act="Delete the table"
            on_confirm=delete
        >
            <p>"This deletes the definition. The objects that it points to stay in their bucket, and a crawler can make it again."</p>
        </Confirm>
    }
}

/// Gives the focus to an element by its id, if it is there.
pub fn focus(id: &str) {
    use wasm_bindgen::JsCast;
    if let Some(element) = document()
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = element.focus();
    }
}

/// A path that leads to Storage.
#[component]
fn Location(path: String) -> impl IntoView {
    match s3_parts(&path).map(|(bucket, key)| Route::storage(bucket, key).href()) {
        Some(href) => view! { <a class="mono" href=href>{path}</a> }.into_any(),
        None => view! { <span class="mono">{if path.is_empty() { "no location".to_string() } else { path }}</span> }.into_any(),
    }
}

#[component]
fn Schema(table: Table) -> impl IntoView {
    if table.columns.is_empty() {
        return view! { <p class="none">"The table has no columns."</p> }.into_any();
    }
    let comments = table.columns.iter().any(|column| !column.comment.is_empty());
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Schema">
            <table class="list schema" aria-label="Schema">
                <thead>
                    <tr>
                        <th scope="col" class="num">
                            "#"
                        </th>
                        <th scope="col">"Column name"</th>
                        <th scope="col">"Data type"</th>
                        <th scope="col">"Partition key"</th>
                        {comments.then(|| view! { <th scope="col">"Comment"</th> })}
                    </tr>
                </thead>
                <tbody>
                    {table
                        .columns
                        .into_iter()
                        .enumerate()
                        .map(|(index, column)| {
                            view! {
                                <tr>
                                    <td class="num meta">{index + 1}</td>
                                    <td class="mono">{column.name}</td>
                                    <td class="mono type">{column.kind}</td>
                                    <td>{if column.partition { "key" } else { "—" }}</td>
                                    {comments.then(|| view! { <td>{column.comment}</td> })}
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Properties(table: Table) -> impl IntoView {
    let shown = |text: &str| if text.is_empty() { "—".to_string() } else { text.to_string() };
    view! {
        <dl class="facts">
            <dt>"Location"</dt>
            <dd>
                <Location path=table.location.clone() />
            </dd>
            <dt>"Table type"</dt>
            <dd class="mono">{shown(&table.kind)}</dd>
            <dt>"Input format"</dt>
            <dd class="mono">{shown(&table.input_format)}</dd>
            <dt>"Output format"</dt>
            <dd class="mono">{shown(&table.output_format)}</dd>
            <dt>"SerDe"</dt>
            <dd class="mono">{shown(&table.serde)}</dd>
            <dt>"Created"</dt>
            <dd>{local_time(&table.created)}</dd>
            <dt>"Updated"</dt>
            <dd>{local_time(&table.updated)}</dd>
            {table
                .crawler
                .clone()
                .map(|name| {
                    let route = Route::Crawler { name: Some(name.clone()) };
                    view! {
                        <dt>"Crawler"</dt>
                        <dd>
                            <a href=route.href()>{name}</a>
                        </dd>
                    }
                })}
        </dl>
        <h2>"Parameters"</h2>
        {if table.parameters.is_empty() {
            view! { <p class="none">"None."</p> }.into_any()
        } else {
            view! {
                <dl class="facts parameters">
                    {table
                        .parameters
                        .into_iter()
                        .map(|(name, value)| {
                            view! {
                                <dt class="mono">{name}</dt>
                                <dd class="mono">{value}</dd>
                            }
                        })
                        .collect_view()}
                </dl>
            }
                .into_any()
        }}
    }
}

/// The table's first rows with the table's types, read as a job's Data Catalog source reads them.
#[component]
fn Rows(database: String, table: String) -> impl IntoView {
    let host = use_host();
    let page = RwSignal::new(None::<TablePage>);
    let node = RwSignal::new(None::<NodePreview>);
    let refusal = RwSignal::new(None::<ApiError>);
    let id = NodeId::from("table");
    let graph = Graph {
        nodes: BTreeMap::from([(
            id.clone(),
            Node {
                name: table.clone(),
                kind: NodeKind::CatalogSource(CatalogSource {
                    database: database.clone(),
                    table: table.clone(),
                    rest: Map::new(),
                }),
                inputs: Vec::new(),
                read_mode: ReadMode::Permissive,
                rest: Map::new(),
            },
        )]),
    };
    let read = Callback::new(move |offset: u64| {
        let request = PageRequest::Preview {
            graph: graph.clone(),
            focus: Some(id.clone()),
            offset,
            rows: ROWS,
        };
        let id = id.clone();
        spawn_local(async move {
            match host.request(request, Vec::new()).await.0 {
                PageReply::Previewed { result: Ok(mut reply) } => {
                    let preview = reply.nodes.remove(&id);
                    let fault = preview.as_ref().and_then(|preview| preview.error.clone());
                    let _ = refusal.try_set(fault.map(|error| ApiError::new("PreviewFailed", error.message)));
                    let _ = node.try_set(preview);
                    let _ = page.try_set(reply.output);
                }
                PageReply::Previewed { result: Err(errors) } => {
                    let message = errors
                        .first()
                        .map_or_else(|| "The table could not be read.".to_string(), |error| error.message.clone());
                    let _ = refusal.try_set(Some(ApiError::new("PreviewFailed", message)));
                }
                PageReply::Superseded => {}
                other => {
                    let _ = refusal.try_set(Some(unexpected(other)));
                }
            }
        });
    });
    read.run(0);
    let caption = Signal::derive(move || {
        node.with(|node| match node {
            Some(node) if node.truncated => Some(format!("first {} rows", count(PREVIEW_ROWS))),
            _ => None,
        })
    });
    let bad = move || {
        node.with(|node| {
            let node = node.as_ref().filter(|node| node.bad_rows > 0)?;
            let first = node
                .bad_samples
                .first()
                .map(|row| format!("; the first is line {} of {}: {}", count(row.line), row.key, row.reason));
            Some(view! {
                <p class="notice">
                    {glyph("warn")}
                    <span>{plural(node.bad_rows, "row does", "rows do")} " not fit the table and show nulls" {first} "."</span>
                </p>
            })
        })
    };
    let label = format!("Rows of {database}.{table}");
    view! {
        {move || refusal.get().map(|error| view! { <Fault error=error /> })}
        {bad}
        <div class="rows-box" hidden=move || refusal.with(Option::is_some) && page.with(Option::is_none)>
            <Grid page=page.into() on_offset=read label=label caption=caption />
        </div>
    }
}
