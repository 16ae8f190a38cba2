//! The Activity screen: the account's calls as CloudTrail lists them.
//!
//! Belongs here: the event history, its filters, one event's record. Does not belong here: what counts as an event (the account's CloudTrail says that).

mod event;
mod filter;

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::ApiError;

use crate::components::{Crumb, Dialog, Empty, Fault, ShellState, glyph};
use crate::format::{count, local_time};
use crate::host::{Host, use_host};
use crate::router::Route;
use event::{Event, Record};
use filter::{Filter, FilterBar};

/// LookupEvents answers at most so many at once.
const A_PAGE: usize = 50;

#[derive(Clone, Default)]
struct History {
    events: Vec<Event>,
    /// There are more.
    more: bool,
    error: Option<ApiError>,
    loaded: bool,
}

#[component]
pub fn ActivityScreen() -> impl IntoView {
    let host = use_host();
    let shell = expect_context::<ShellState>();
    Effect::new(move |_| shell.place(vec![Crumb::new("Activity", &Route::Activity)]));
    let filter = RwSignal::new(Filter::default());
    let pages = RwSignal::new(1_usize);
    let history = RwSignal::new(History::default());
    let chosen = RwSignal::new(None::<Event>);
    let shown = RwSignal::new(false);
    let asked = StoredValue::new(0_u32);

    Effect::new(move |_| {
        host.position.track();
        let (filter, pages) = (filter.get(), pages.get());
        let number = asked.get_value().wrapping_add(1);
        asked.set_value(number);
        spawn_local(async move {
            let answer = look_up(host, &filter, pages).await;
            if asked.try_get_value() == Some(number) {
                let _ = history.try_set(answer);
            }
        });
    });
    // Another filter starts at its first page.
    Effect::new(move |before: Option<()>| {
        filter.track();
        if before.is_some() {
            pages.set(1);
        }
    });
    let open = move |event: Event| {
        chosen.set(Some(event));
        shown.set(true);
    };
    view! {
        <div class="activity">
            <header class="screen-head">
                <div>
                    <h1>"Event history"</h1>
                    <p class="sub">"The calls that changed this account, and those it refused, the newest first: as CloudTrail’s LookupEvents lists them."</p>
                </div>
            </header>
            <FilterBar filter=filter />
            {move || {
                history
                    .with(|history| {
                        if let Some(error) = &history.error {
                            return view! { <Fault error=error.clone() /> }.into_any();
                        }
                        if !history.loaded {
                            return view! { <p class="meta" role="status">"Reading the history…"</p> }.into_any();
                        }
                        if history.events.is_empty() {
                            let text = if filter.with_untracked(Filter::is_empty) {
                                "Nothing has been asked of this account yet. Make a bucket, and CreateBucket will stand here."
                            } else {
                                "No event matches the filter."
                            };
                            return view! {
                                <Empty title="No events" text=text>
                                    <a class="btn" href="#/storage">
                                        "Go to Storage"
                                    </a>
                                </Empty>
                            }
                                .into_any();
                        }
                        view! {
                            <div class="table-scroll" tabindex="0" role="region" aria-label="Events">
                                <table class="list events" aria-label="Events">
                                    <thead>
                                        <tr>
                                            <th scope="col">"Event name"</th>
                                            <th scope="col">"Event time"</th>
                                            <th scope="col">"User name"</th>
                                            <th scope="col">"Event source"</th>
                                            <th scope="col">"Resources"</th>
                                            <th scope="col">"Error code"</th>
                                        </tr>
                                    </thead>
                                    <tbody>
                                        {history.events.iter().cloned().map(|event| view! { <Line event=event open=Callback::new(open) /> }).collect_view()}
                                    </tbody>
                                </table>
                            </div>
                            <p class="table-foot">
                                <span class="meta">{count(history.events.len() as u64)} " events"{if history.more { " so far" } else { "" }}</span>
                                {history
                                    .more
                                    .then(|| {
                                        view! {
                                            <button type="button" class="btn" on:click=move |_| pages.update(|pages| *pages += 1)>
                                                "Load more"
                                            </button>
                                        }
                                    })}
                            </p>
                        }
                            .into_any()
                    })
            }}
            <Differences />
            <Dialog open=shown title=Signal::derive(move || chosen.with(|event| event.as_ref().map_or_else(String::new, |event| event.name.clone()))) wide=true>
                {move || chosen.get().map(|event| view! { <Record event=event /> })}
            </Dialog>
        </div>
    }
}

async fn look_up(host: Host, filter: &Filter, pages: usize) -> History {
    let mut history = History {
        loaded: true,
        ..History::default()
    };
    let mut token: Option<String> = None;
    for _ in 0..pages.max(1) {
        let mut params = filter.params();
        params["MaxResults"] = json!(A_PAGE);
        if let Some(token) = &token {
            params["NextToken"] = json!(token);
        }
        match host.call("cloudtrail", "LookupEvents", params).await {
            Ok(response) => {
                let events = response.get("Events").and_then(Value::as_array).cloned().unwrap_or_default();
                history.events.extend(events.iter().map(Event::of));
                token = response
                    .get("NextToken")
                    .and_then(Value::as_str)
                    .filter(|token| !token.is_empty())
                    .map(str::to_owned);
            }
            Err(error) => {
                history.error = Some(error);
                return history;
            }
        }
        if token.is_none() {
            break;
        }
    }
    history.more = token.is_some();
    history
}

#[component]
fn Line(event: Event, open: Callback<Event>) -> impl IntoView {
    let resources = event.resources.iter().map(|(_, name)| name.clone()).collect::<Vec<_>>().join(", ");
    let chosen = event.clone();
    view! {
        <tr>
            <td>
                <button type="button" class="link" on:click=move |_: ev::MouseEvent| open.run(chosen.clone())>
                    {event.name.clone()}
                </button>
                {event.read_only.then(|| view! { <span class="chip">"read"</span> })}
            </td>
            <td class="when" title=event.time.clone()>
                {local_time(&event.time)}
            </td>
            <td>{event.user.clone()}</td>
            <td class="mono">{event.source.clone()}</td>
            <td class="mono what" title=resources.clone()>
                {resources.clone()}
            </td>
            <td>{event.error_code.clone().map(|code| view! { <span class="state err">{glyph("warn")} {code}</span> })}</td>
        </tr>
    }
}

#[component]
fn Differences() -> impl IntoView {
    view! {
        <details class="differences">
            <summary>"How this differs from CloudTrail"</summary>
            <div class="prose">
                <ul>
                    <li>"CloudTrail’s event history holds 90 days of management events and shows one some minutes after the call. Here an event is listed at once and none is dropped."</li>
                    <li>
                        "The event history of a real account never holds data events, such as GetObject and PutObject; a trail or an event data store does, if you pay for it. The switch above lists them here."
                    </li>
                    <li>"Calls that only read are not kept in this account’s log, so they are not listed. CloudTrail lists read-only management events such as ListBuckets."</li>
                    <li>"The record’s IP address and user agent are this page’s, not a caller’s."</li>
                </ul>
            </div>
        </details>
    }
}
