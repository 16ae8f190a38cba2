//! The account's own streams: the list with the scenes above it, a new stream, and one stream's page.
//!
//! Belongs here: what the account holds. Does not belong here: scenes; time here is the account's own.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::json;
use sluice_core::account::{ApiError, Call};

use super::about;
use super::acts::Acts;
use super::picture::{Picture, describe};
use super::side::Side;
use super::stage::{Own, Stage};
use crate::components::{Confirm, Dialog, Fault, ScreenActions, glyph};
use crate::figures::{Choice, choices};
use crate::flink;
use crate::host::{query, use_host};
use crate::router::Route;
use crate::timebar::LetPass;

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Listed {
    stream_names: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Delivering {
    delivery_stream_names: Vec<String>,
}

/// `#/streams`: scenes, and the account's streams.
#[component]
pub fn Overview() -> impl IntoView {
    let host = use_host();
    let creating = RwSignal::new(false);
    let listed = query(host, || Some(Call::new("kinesis", "ListStreams", json!({"Limit": 1_000}))));
    let streams = Memo::new(move |_| listed.read::<Listed>());
    let delivery = query(host, || Some(Call::new("firehose", "ListDeliveryStreams", json!({"Limit": 1_000}))));
    let card = |scene: about::About, route: Route| {
        let href = route.href();
        view! {
            <li class="figure-card">
                <h3>
                    <a href=href>{scene.title}</a>
                </h3>
                <p>{scene.text}</p>
            </li>
        }
    };
    let cards = about::ALL.into_iter().map(|scene| card(scene, Route::Scene { id: scene.id.into() }));
    let flink = flink::about::LISTED.into_iter().map(|scene| card(scene, Route::Flink { id: scene.id.into() }));
    view! {
        <ScreenActions>
            <button type="button" class="btn primary" on:click=move |_| creating.set(true)>
                {glyph("plus")}
                "Create stream"
            </button>
        </ScreenActions>
        <h1>"Streams"</h1>
        <section aria-labelledby="streams-own">
            <h2 id="streams-own">"Of this account"</h2>
            {move || match streams.get() {
                None => view! { <p class="meta" role="status">"Reading…"</p> }.into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(listed)) if listed.stream_names.is_empty() => {
                    view! { <p class="meta">"No streams yet. Create one, put records and see where their keys fall; or play a scene first."</p> }.into_any()
                }
                Some(Ok(listed)) => {
                    view! {
                        <ul class="stream-list" role="list">
                            {listed
                                .stream_names
                                .into_iter()
                                .map(|name| {
                                    let href = Route::Streams { name: Some(name.clone()) }.href();
                                    view! {
                                        <li>
                                            {glyph("streams")}
                                            <a class="mono" href=href>
                                                {name}
                                            </a>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                        .into_any()
                }
            }}
        </section>
        <section aria-labelledby="streams-delivery">
            <h2 id="streams-delivery">"Firehose"</h2>
            <ul class="stream-list" role="list">
                {move || {
                    let names = match delivery.read::<Delivering>() {
                        Some(Ok(listed)) => listed.delivery_stream_names,
                        _ => Vec::new(),
                    };
                    names
                        .into_iter()
                        .map(|name| {
                            let href = Route::Delivery { name: Some(name.clone()) }.href();
                            view! {
                                <li>
                                    {glyph("bucket")}
                                    <a class="mono" href=href>
                                        {name}
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()
                }}
                <li>
                    {glyph("plus")}
                    <a href=Route::Delivery { name: None }.href()>"Create a Firehose stream"</a>
                    <span class="meta">"It buffers records and puts them into a bucket."</span>
                </li>
            </ul>
        </section>
        <section aria-labelledby="streams-scenes">
            <h2 id="streams-scenes">"Scenes"</h2>
            <p class="lead">"Each runs in an account of its own, on a clock you can hold, and leaves yours alone."</p>
            <ul class="figure-list" role="list">
                {cards.collect_view()}
            </ul>
        </section>
        <section aria-labelledby="streams-flink">
            <h2 id="streams-flink">"Event time (Flink)"</h2>
            <p class="lead">"A streaming job on its own clock: move its events and see what its windows make of them."</p>
            <ul class="figure-list" role="list">
                {flink.collect_view()}
            </ul>
        </section>
        <Create open=creating />
    }
}

#[component]
fn Create(open: RwSignal<bool>) -> impl IntoView {
    let host = use_host();
    let (name, shards) = (RwSignal::new(String::new()), RwSignal::new("2".to_owned()));
    let mode = RwSignal::new("PROVISIONED".to_owned());
    let refused = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let stream = name.get_untracked().trim().to_owned();
        if stream.is_empty() || busy.get_untracked() {
            return;
        }
        let mut params = json!({"StreamName": stream, "StreamModeDetails": {"StreamMode": mode.get_untracked()}});
        if mode.get_untracked() == "PROVISIONED"
            && let Some(params) = params.as_object_mut()
        {
            params.insert("ShardCount".into(), json!(shards.get_untracked().trim().parse::<i64>().unwrap_or_default()));
        }
        busy.set(true);
        refused.set(None);
        spawn_local(async move {
            let answer = host.call("kinesis", "CreateStream", params).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(_) => {
                    host.announce(format!("The stream {stream} is being created."));
                    open.set(false);
                    Route::Streams { name: Some(stream) }.open();
                }
                Err(error) => {
                    let _ = refused.try_set(Some(error));
                }
            }
        });
    };
    view! {
        <Dialog open=open title="Create a stream">
            <form class="form" on:submit=submit novalidate>
                <div class="field">
                    <label for="stream-name">"Stream name"</label>
                    <input
                        id="stream-name"
                        class="input mono"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        autofocus
                        placeholder="telemetry"
                        prop:value=move || name.get()
                        on:input=move |event| name.set(event_target_value(&event))
                    />
                </div>
                <Choice
                    label="Capacity"
                    choices=choices(&[("PROVISIONED", "Provisioned: I say how many shards"), ("ON_DEMAND", "On demand: it grows with its traffic")])
                    value=mode.into()
                    set=Callback::new(move |value| mode.set(value))
                />
                {move || {
                    (mode.get() == "PROVISIONED")
                        .then(|| {
                            view! {
                                <div class="field">
                                    <label for="stream-shards">"Shards"</label>
                                    <input
                                        id="stream-shards"
                                        class="input num"
                                        inputmode="numeric"
                                        prop:value=move || shards.get()
                                        on:input=move |event| shards.set(event_target_value(&event))
                                    />
                                    <p class="hint">"Each takes 1,000 records or 1 MiB a second, and gives 2 MiB."</p>
                                </div>
                            }
                        })
                }}
                {move || refused.get().map(|error| view! { <Fault error=error /> })}
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <button type="submit" class="btn primary" disabled=move || busy.get() || name.with(|name| name.trim().is_empty())>
                        "Create stream"
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

/// `#/streams/<name>`: the same picture, read from the account itself.
#[component]
pub fn StreamPage(name: String) -> impl IntoView {
    let host = use_host();
    let own = Own::new(host, name.clone());
    let stage = Stage::Own(own);
    let cut = RwSignal::new(None);
    let deleting = RwSignal::new(false);
    let stream = StoredValue::new(name.clone());
    // The account's clock runs: what producers do meanwhile is read once a second.
    let handle = set_interval_with_handle(move || own.refresh(), core::time::Duration::from_secs(1));
    on_cleanup(move || {
        if let Ok(handle) = handle {
            handle.clear();
        }
    });
    let delete = Callback::new(move |()| {
        let name = stream.get_value();
        spawn_local(async move {
            match host
                .call("kinesis", "DeleteStream", json!({"StreamName": name, "EnforceConsumerDeletion": true}))
                .await
            {
                Ok(_) => {
                    host.announce(format!("The stream {name} is being deleted."));
                    Route::Streams { name: None }.open();
                }
                Err(error) => host.toast_error(&error),
            }
        });
    });
    let facts = move || {
        own.shown.with(|shown| {
            let shown = shown.as_ref()?;
            let traffic = &shown.traffic;
            Some(format!(
                "Kinesis data stream · {} · {} · {} open shards · retention {} h",
                traffic.mode.to_lowercase(),
                traffic.status,
                traffic.open_shards,
                traffic.retention_hours
            ))
        })
    };
    let described = RwSignal::new(false);
    view! {
        <ScreenActions>
            <button type="button" class="btn quiet" on:click=move |_| deleting.set(true)>
                {glyph("trash")}
                "Delete"
            </button>
        </ScreenActions>
        <header class="stream-head">
            <h1 class="mono">{name.clone()}</h1>
            <p class="meta">{facts}</p>
            <LetPass after=Callback::new(move |()| own.refresh())>
                <button type="button" class="btn" aria-pressed=move || described.get().to_string() on:click=move |_| described.update(|on| *on = !*on)>
                    "Describe"
                </button>
            </LetPass>
        </header>
        {move || own.fault.get().map(|error| view! { <Fault error=error /> })}
        {move || {
            described
                .get()
                .then(|| view! { <p class="figure-words">{own.shown.with(|shown| shown.as_ref().map(describe).unwrap_or_default())}</p> })
        }}
        <div class="figure own-stream">
            <div class="figure-body">
                <div class="figure-picture">
                    <Picture stage=stage cut=cut />
                </div>
                <section class="figure-controls" aria-label="Stream">
                    <Acts stage=stage cut=cut />
                    <Side stage=stage />
                </section>
            </div>
        </div>
        <Confirm open=deleting title="Delete this stream?" act="Delete stream" on_confirm=delete>
            <p>"Its records go with it, read or not."</p>
        </Confirm>
    }
}
