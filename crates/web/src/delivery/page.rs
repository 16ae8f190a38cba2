//! `#/streams/delivery/<name>`: one delivery stream of the account.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::ApiError;

use super::answer::{Delivery, Described, Description};
use super::bucket::DeliveryPicture;
use super::data::DataActs;
use super::settings::Settings;
use crate::alarms::answer::{Dimension, Metric};
use crate::alarms::why::{Answer, Event, Events, Why};
use crate::components::{Confirm, Fault, ScreenActions, glyph};
use crate::figures::{Data, Table, number};
use crate::format::{bytes, local_time};
use crate::host::{Host, parse, use_host};
use crate::router::Route;
use crate::timebar::LetPass;

#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    delivery: Delivery,
    description: Description,
    now: String,
    event: Option<Event>,
}

async fn read(host: Host, name: &str) -> Result<Shown, ApiError> {
    let named = json!({"DeliveryStreamName": name});
    let described: Described = parse(&host.call("firehose", "DescribeDeliveryStream", named.clone()).await?)?;
    let delivery = parse(&host.call("sluice", "GetDelivery", named).await?)?;
    let now = host.call("clock", "GetTime", json!({})).await?;
    let events = json!({"Kinds": ["delivery", "delivery-failed", "drop", "given-up"], "Limit": 100});
    let events: Events = parse(&host.call("sluice", "GetTraceEvents", events).await?)?;
    Ok(Shown {
        delivery,
        description: described.delivery_stream_description,
        now: now.get("Time").and_then(Value::as_str).unwrap_or_default().to_owned(),
        event: events
            .events
            .into_iter()
            .find(|event| event.resource.strip_prefix("deliverystream/") == Some(name)),
    })
}

#[component]
pub fn DeliveryPage(name: String) -> impl IntoView {
    let host = use_host();
    let name = StoredValue::new(name);
    let shown = RwSignal::new(None::<Shown>);
    let fault = RwSignal::new(None::<ApiError>);
    let asked = StoredValue::new(0_u32);
    let refresh = move || {
        let (Some(number), Some(name)) = (
            asked.try_update_value(|asked| {
                *asked = asked.wrapping_add(1);
                *asked
            }),
            name.try_get_value(),
        ) else {
            return;
        };
        spawn_local(async move {
            let answer = read(host, &name).await;
            if asked.try_get_value() != Some(number) {
                return;
            }
            match answer {
                Ok(answer) => {
                    let _ = fault.try_set(None);
                    if shown.try_with_untracked(|before| before.as_ref() != Some(&answer)) == Some(true) {
                        let _ = shown.try_set(Some(answer));
                    }
                }
                Err(error) => {
                    let _ = fault.try_set(Some(error));
                }
            }
        });
    };
    Effect::new(move |_| {
        host.position.track();
        refresh();
    });
    let handle = set_interval_with_handle(refresh, core::time::Duration::from_secs(1));
    on_cleanup(move || {
        if let Ok(handle) = handle {
            handle.clear();
        }
    });
    let refresh = Callback::new(move |()| refresh());
    let there = Memo::new(move |_| shown.with(Option::is_some));
    view! {
        {move || fault.get().map(|error| view! { <Fault error=error /> })}
        {move || there.get().then(|| view! { <Body name=name.get_value() shown=shown refresh=refresh /> })}
    }
}

#[component]
fn Body(name: String, shown: RwSignal<Option<Shown>>, refresh: Callback<()>) -> impl IntoView {
    let host = use_host();
    let own = StoredValue::new(name.clone());
    let delivery = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|shown| shown.delivery.clone()).unwrap_or_default()));
    let description = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|shown| shown.description.clone()).unwrap_or_default()));
    let now = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|shown| shown.now.clone()).unwrap_or_default()));
    let (deleting, as_table) = (RwSignal::new(false), RwSignal::new(false));
    let delete = Callback::new(move |()| {
        let name = own.get_value();
        spawn_local(async move {
            match host.call("firehose", "DeleteDeliveryStream", json!({"DeliveryStreamName": name})).await {
                Ok(_) => {
                    host.announce(format!("The stream {name} is being deleted."));
                    Route::Streams { name: None }.open();
                }
                Err(error) => host.toast_error(&error),
            }
        });
    });
    let ask = Callback::new(move |(row, told): (u64, Answer)| {
        spawn_local(async move {
            let answer = host.call("sluice", "ExplainEvent", json!({"Row": row})).await;
            let _ = told.try_set(Some(answer.and_then(|answer| parse(&answer))));
        });
    });
    let stream = Memo::new(move |_| description.with(|description| description.stream().map(str::to_owned)));
    let facts = move || {
        description.with(|description| {
            let s3 = description.s3().cloned().unwrap_or_default();
            let bucket = Route::storage(s3.bucket(), "").href();
            let source = match description.stream() {
                Some(stream) => view! {
                    "reads " <a class="mono" href=Route::Streams { name: Some(stream.to_owned()) }.href()>
                        {stream.to_owned()}
                    </a>
                }
                .into_any(),
                None => view! { "Direct PUT" }.into_any(),
            };
            view! {
                "Firehose stream · "
                {description.delivery_stream_status.clone()}
                " · "
                {source}
                " · delivers to "
                <a class="mono" href=bucket>
                    {s3.bucket().to_owned()}
                </a>
            }
        })
    };
    let alarm_on = move || {
        let metric_name = if stream.with(Option::is_some) {
            "DataReadFromKinesisStream.Records"
        } else {
            "IncomingRecords"
        };
        let metric = Metric {
            namespace: "AWS/Firehose".into(),
            metric_name: metric_name.into(),
            dimensions: vec![Dimension {
                name: "DeliveryStreamName".into(),
                value: own.get_value(),
            }],
        };
        Route::NewAlarm { metric: metric.text() }.href()
    };
    view! {
        <ScreenActions>
            <button type="button" class="btn quiet" on:click=move |_| deleting.set(true)>
                {glyph("trash")}
                "Delete"
            </button>
        </ScreenActions>
        <header class="stream-head">
            <h1 class="mono">{name}</h1>
            <p class="meta">{facts}</p>
            <LetPass after=refresh>
                <button type="button" class="btn" aria-pressed=move || as_table.get().to_string() on:click=move |_| as_table.update(|on| *on = !*on)>
                    "Show as table"
                </button>
            </LetPass>
        </header>
        <div class="figure own-delivery">
            <div class="figure-body">
                <div class="figure-picture">
                    {move || {
                        if as_table.get() {
                            view! { <Data title="Objects" table=Signal::derive(move || delivery.with(table)) /> }.into_any()
                        } else {
                            view! { <DeliveryPicture delivery=delivery now=now links=true /> }.into_any()
                        }
                    }}
                    <p class="chip fidelity">
                        "simplified · hints, keys, compression and retries as AWS documents them (Nov 2026); one buffer, and no delays of its own"
                    </p>
                </div>
                <section class="figure-controls" aria-label="Delivery stream">
                    <DataActs name=own.get_value() stream=stream refresh=refresh />
                    <Why event=Signal::derive(move || shown.with(|shown| shown.as_ref().and_then(|shown| shown.event.clone()))) ask=ask />
                    <Settings description=description refresh=refresh />
                    <p>
                        <a href=alarm_on>"Create an alarm on its records"</a>
                    </p>
                    <p class="meta">
                        {move || {
                            delivery.with(|delivery| format!("Oldest record not yet stored: {} s. Taken in all: {}.", number(delivery.freshness_seconds.round()), bytes(delivery.counts.read_bytes as u64)))
                        }}
                    </p>
                </section>
            </div>
        </div>
        <Confirm open=deleting title="Delete this Firehose stream?" act="Delete stream" on_confirm=delete>
            <p>"What its buffer holds is delivered first; the objects stay."</p>
        </Confirm>
    }
}

fn table(delivery: &Delivery) -> Table {
    Table {
        words: 3,
        head: ["Time", "Key", "Closed", "Records", "Bytes"].map(str::to_owned).to_vec(),
        rows: delivery
            .delivered
            .iter()
            .map(|object| {
                vec![
                    local_time(&object.at),
                    object.key.clone(),
                    object.because().to_owned(),
                    number(object.records),
                    number(object.bytes),
                ]
            })
            .collect(),
    }
}
