//! One crawler: what it looks at, its state as it runs, what each crawl found.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::account::Call;

use super::NotShown;
use super::model::{Crawl, Crawler, Table, list, s3_parts};
use crate::components::{Confirm, Crumb, Fault, ShellState, glyph};
use crate::format::{local_time, plural};
use crate::host::{Host, query, use_host};
use crate::router::Route;

/// The state in a word with its mark: while it runs that, else how the last crawl ended.
#[component]
pub fn StateMark(crawler: Crawler) -> impl IntoView {
    let (class, text) = match (crawler.state.as_str(), crawler.last.as_str()) {
        ("RUNNING", _) => ("state run", "▸ running"),
        ("STOPPING", _) => ("state run", "▸ stopping"),
        (_, "SUCCEEDED") => ("state ok", "✓ succeeded"),
        (_, "FAILED") => ("state err", "✕ failed"),
        (_, "CANCELLED") => ("state warn", "! stopped"),
        _ => ("meta", "never run"),
    };
    view! { <span class=class>{text}</span> }
}

async fn act(host: Host, operation: &str, name: &str, said: &str) {
    match host.call("glue", operation, json!({ "Name": name })).await {
        Ok(_) => host.announce(format!("Crawler {name} {said}.")),
        Err(error) => host.toast_error(&error),
    }
}

/// Runs the crawler, or stops it while it runs.
#[component]
pub fn RunButton(crawler: Crawler, #[prop(optional)] primary: bool) -> impl IntoView {
    let host = use_host();
    let name = crawler.name.clone();
    let running = crawler.is_running();
    let (operation, said, label, icon) = if running {
        ("StopCrawler", "is stopping", "Stop", "stop")
    } else {
        ("StartCrawler", "has started", "Run", "play")
    };
    view! {
        <button
            type="button"
            class="btn"
            class:primary=primary && !running
            aria-label=format!("{label} {}", crawler.name)
            aria-disabled=(crawler.state == "STOPPING").then_some("true")
            on:click=move |_| {
                let name = name.clone();
                spawn_local(async move { act(host, operation, &name, said).await });
            }
        >
            {glyph(icon)}
            {label}
        </button>
    }
}

#[component]
pub fn CrawlerView(name: String) -> impl IntoView {
    let host = use_host();
    let shell = expect_context::<ShellState>();
    let name = StoredValue::new(name);
    Effect::new(move |_| {
        let name = name.get_value();
        shell.place(vec![
            Crumb::new("Catalog", &Route::Catalog),
            Crumb::new(name.clone(), &Route::Crawler { name: Some(name) }),
        ]);
    });
    let answer = query(host, move || Some(Call::new("glue", "GetCrawler", json!({ "Name": name.get_value() })))).answer;
    let crawls = query(host, move || Some(Call::new("glue", "ListCrawls", json!({ "CrawlerName": name.get_value() })))).answer;
    let deleting = RwSignal::new(false);
    let delete = Callback::new(move |()| {
        let name = name.get_value();
        spawn_local(async move {
            match host.call("glue", "DeleteCrawler", json!({ "Name": name })).await {
                Ok(_) => {
                    host.toast_done(format!("Deleted the crawler {name}."));
                    Route::Catalog.open();
                }
                Err(error) => host.toast_error(&error),
            }
        });
    });
    // A crawl that ends is said, wherever the reader is on this page.
    Effect::new(move |before: Option<bool>| {
        let running = answer.with(|answer| matches!(answer, Some(Ok(response)) if Crawler::of(&response["Crawler"]).is_running()));
        if before == Some(true) && !running {
            let last = answer.with_untracked(|answer| {
                answer
                    .as_ref()
                    .and_then(|answer| answer.as_ref().ok().map(|response| Crawler::of(&response["Crawler"])))
            });
            if let Some(crawler) = last {
                host.announce(format!("Crawler {} {}.", crawler.name, crawler.last.to_lowercase()));
            }
        }
        running
    });
    view! {
        {move || match answer.get() {
            None => view! { <p class="meta" role="status">"Reading the crawler…"</p> }.into_any(),
            Some(Err(error)) => view! { <NotShown title="No such crawler" error=error /> }.into_any(),
            Some(Ok(response)) => {
                let crawler = Crawler::of(&response["Crawler"]);
                view! {
                    <header class="screen-head">
                        <div>
                            <p class="meta">"Crawler"</p>
                            <h1>{crawler.name.clone()}</h1>
                            <p class="sub">
                                <StateMark crawler=crawler.clone() />
                                {(!crawler.last_at.is_empty() && !crawler.is_running()).then(|| format!(" · last run {}", local_time(&crawler.last_at)))}
                            </p>
                        </div>
                        <div class="row">
                            <RunButton crawler=crawler.clone() primary=true />
                            <button
                                type="button"
                                class="btn"
                                aria-disabled=crawler.is_running().then_some("true")
                                on:click=move |_| deleting.set(true)
                            >
                                {glyph("trash")}
                                "Delete"
                            </button>
                        </div>
                    </header>
                    {(crawler.last == "FAILED" && !crawler.is_running())
                        .then(|| {
                            let error = sluice_core::account::ApiError::new("FAILED", crawler.last_error.clone())
                                .with_help("The last crawl changed nothing. Put right what it names and run the crawler again.");
                            view! { <Fault error=error /> }
                        })}
                    {crawler.is_running().then(|| view! { <p class="crawling" role="status"><span class="rail-run" aria-hidden="true"></span>"Reading the head of each object and writing what it finds…"</p> })}
                    <Facts crawler=crawler.clone() />
                    {(!crawler.last.is_empty()).then(|| view! { <Found crawler=crawler.name.clone() database=crawler.database.clone() /> })}
                }
                    .into_any()
            }
        }}
        <section aria-labelledby="crawls">
            <h2 id="crawls">"Crawls"</h2>
            {move || match crawls.get() {
                Some(Ok(response)) => {
                    let crawls: Vec<Crawl> = list(&response, "/Crawls").iter().map(Crawl::of).collect();
                    if crawls.is_empty() {
                        view! { <p class="none">"It has not run yet."</p> }.into_any()
                    } else {
                        view! { <ol class="crawls" role="list">{crawls.into_iter().map(|crawl| view! { <CrawlLine crawl=crawl /> }).collect_view()}</ol> }.into_any()
                    }
                }
                _ => ().into_any(),
            }}
        </section>
        <Confirm open=deleting title=Signal::derive(move || format!("Delete {}?", name.get_value())) act="Delete the crawler" on_confirm=delete>
            <p>"The crawler and the history of its crawls go. The tables that it made stay in the catalog."</p>
        </Confirm>
    }
}

#[component]
fn Facts(crawler: Crawler) -> impl IntoView {
    view! {
        <dl class="facts">
            <dt>"Data source"</dt>
            <dd class="mono">
                {crawler
                    .paths
                    .iter()
                    .map(|path| {
                        let href = s3_parts(path).map(|(bucket, key)| Route::storage(bucket, key).href());
                        view! {
                            <a href=href>{path.clone()}</a>
                            " "
                        }
                    })
                    .collect_view()}
            </dd>
            <dt>"Database"</dt>
            <dd class="mono">{crawler.database.clone()}</dd>
            <dt>"Table prefix"</dt>
            <dd class="mono">{if crawler.prefix.is_empty() { "—".to_string() } else { crawler.prefix.clone() }}</dd>
            <dt>"IAM role"</dt>
            <dd class="mono">{crawler.role.clone()}</dd>
            <dt>"Schedule"</dt>
            <dd>{if crawler.schedule.is_empty() { view! { "on demand" }.into_any() } else { view! { <code>{crawler.schedule.clone()}</code> }.into_any() }}</dd>
            <dt>"When a schema changes"</dt>
            <dd>
                <code>{crawler.update_behavior.clone()}</code>
                ", when objects are gone "
                <code>{crawler.delete_behavior.clone()}</code>
            </dd>
            <dt>"Created"</dt>
            <dd>{local_time(&crawler.created)}</dd>
        </dl>
    }
}

/// The tables that carry the crawler's name.
#[component]
fn Found(crawler: String, database: String) -> impl IntoView {
    let host = use_host();
    let answer = query(host, move || Some(Call::new("glue", "GetTables", json!({ "DatabaseName": database })))).answer;
    move || match answer.get() {
        Some(Ok(response)) => {
            let tables: Vec<Table> = list(&response, "/TableList")
                .iter()
                .map(Table::of)
                .filter(|table| table.crawler.as_deref() == Some(crawler.as_str()))
                .collect();
            (!tables.is_empty()).then(|| {
                view! {
                    <section aria-labelledby="found">
                        <h2 id="found">"Tables"</h2>
                        <ul class="found" role="list">
                            {tables
                                .into_iter()
                                .map(|table| {
                                    let route = Route::Table { database: table.database.clone(), table: table.name.clone() };
                                    view! {
                                        <li>
                                            <a href=route.href()>{glyph("catalog")} <b>{table.name.clone()}</b></a>
                                            <span class="meta">{table.classification.clone()} " · " {plural(table.columns.len() as u64, "column", "columns")}</span>
                                            <span class="mono columns">{table.columns.iter().map(|column| column.name.clone()).collect::<Vec<_>>().join(", ")}</span>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    </section>
                }
            })
        }
        _ => None,
    }
}

#[component]
fn CrawlLine(crawl: Crawl) -> impl IntoView {
    let (class, text) = match crawl.state.as_str() {
        "COMPLETED" => ("state ok", "✓ completed"),
        "FAILED" => ("state err", "✕ failed"),
        "STOPPED" => ("state warn", "! stopped"),
        _ => ("state run", "▸ running"),
    };
    let running = crawl.end.is_empty();
    // A crawl that changed nothing has only its notes to say why.
    let quiet = crawl.changes == "no changes";
    view! {
        <li>
            <span class=class>{text}</span>
            <span class="when">{local_time(&crawl.start)}</span>
            <span>{if running { String::new() } else { crawl.changes.clone() }}</span>
            {(!crawl.error.is_empty()).then(|| view! { <p class="error">{crawl.error.clone()}</p> })}
            {(!crawl.messages.is_empty())
                .then(|| {
                    view! {
                        <details open=quiet>
                            <summary>{plural(crawl.messages.len() as u64, "note", "notes")}</summary>
                            <ul class="notes">{crawl.messages.iter().map(|note| view! { <li>{note.clone()}</li> }).collect_view()}</ul>
                        </details>
                    }
                })}
        </li>
    }
}
