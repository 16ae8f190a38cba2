//! What comes in: the demo data, its rate, records put by hand.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use super::answer::Producers;
use crate::components::Fault;
use crate::figures::{LogNumber, number};
use crate::format::base64;
use crate::host::{query, use_host};

/// Seconds that the demo data runs.
const LASTS: u32 = 7_200;
/// Records a second at first: under 10,000 a minute.
const RATE: f64 = 100.0;

#[component]
pub fn DataActs(name: String, stream: Memo<Option<String>>, refresh: Callback<()>) -> impl IntoView {
    let host = use_host();
    let name = StoredValue::new(name);
    let producer = move || format!("demo-{}", name.get_value());
    let listed = query(host, || Some(Call::new("sluice", "ListProducers", json!({}))));
    let running = Memo::new(move |_| {
        let own = producer();
        match listed.read::<Producers>() {
            Some(Ok(list)) => list.producers.into_iter().find(|one| one.name == own),
            _ => None,
        }
    });
    let rate = RwSignal::new(RATE);
    Effect::new(move |_| {
        if let Some(running) = running.get() {
            rate.set(running.offered_per_second);
        }
    });
    let refused = RwSignal::new(None::<ApiError>);
    let act = move |said: String, calls: Vec<(&'static str, &'static str, Value)>| {
        refused.set(None);
        spawn_local(async move {
            for (service, operation, params) in calls {
                if let Err(error) = host.call(service, operation, params).await {
                    let _ = refused.try_set(Some(error));
                    return;
                }
            }
            host.announce(said);
            refresh.run(());
        });
    };
    let start = move |_| {
        let (member, target) = match stream.get_untracked() {
            Some(stream) => ("StreamName", stream),
            None => ("DeliveryStreamName", name.get_value()),
        };
        let rate = rate.get_untracked();
        let params = json!({
            "Name": producer(), member: target, "RecordsPerSecond": rate, "RecordBytes": 90, "Template": "demo", "Keys": {"Count": 10, "Prefix": "demo-"}, "Until": LASTS,
            "Client": {"Kind": "sdk"},
        });
        act(
            format!("Demo data: {} records a second.", number(rate)),
            vec![("sluice", "AddProducer", params)],
        );
    };
    let stop = move |_| {
        act(
            "The demo data has stopped.".into(),
            vec![("sluice", "RemoveProducer", json!({"Name": producer()}))],
        );
    };
    let change = Callback::new(move |value: f64| {
        rate.set(value);
        if running.with_untracked(Option::is_some) {
            let params = json!({"Name": producer(), "RecordsPerSecond": value});
            act(
                format!("{} records a second from now on.", number(value)),
                vec![("sluice", "UpdateProducer", params)],
            );
        }
    });
    let lines = RwSignal::new("{\"ticker\": \"ANA\", \"price\": 12.5}".to_owned());
    let records = move || lines.with(|lines| lines.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect::<Vec<_>>());
    let put = move |event: SubmitEvent| {
        event.prevent_default();
        let records: Vec<String> = untrack(records);
        let said = format!("Put {} records.", records.len());
        let call = match stream.get_untracked() {
            Some(stream) => {
                let records: Vec<Value> = records
                    .iter()
                    .enumerate()
                    .map(|(index, line)| json!({"PartitionKey": format!("row-{index}"), "Data": base64(line.as_bytes())}))
                    .collect();
                ("kinesis", "PutRecords", json!({"StreamName": stream, "Records": records}))
            }
            None => {
                let records: Vec<Value> = records.iter().map(|line| json!({"Data": base64(line.as_bytes())})).collect();
                (
                    "firehose",
                    "PutRecordBatch",
                    json!({"DeliveryStreamName": name.get_value(), "Records": records}),
                )
            }
        };
        act(said, vec![call]);
    };
    view! {
        <fieldset class="demo">
            <legend>"Demo data"</legend>
            <p class="meta">"Stock-ticker records, as AWS’s console sends them."</p>
            <LogNumber label="Records" unit="a second" least=1.0 most=20_000.0 value=rate.into() set=change />
            {move || {
                if running.with(Option::is_some) {
                    view! {
                        <button type="button" class="btn" on:click=stop>
                            "Stop demo data"
                        </button>
                    }
                        .into_any()
                } else {
                    view! {
                        <button type="button" class="btn primary" on:click=start>
                            "Start demo data"
                        </button>
                    }
                        .into_any()
                }
            }}
        </fieldset>
        {move || refused.get().map(|error| view! { <Fault error=error /> })}
        <details>
            <summary>"Put records by hand"</summary>
            <form class="form" on:submit=put>
                <label class="field">
                    <span class="label">"One record a line"</span>
                    <textarea class="input mono" rows="4" spellcheck="false" prop:value=move || lines.get() on:input=move |event| lines.set(event_target_value(&event))></textarea>
                </label>
                <button type="submit" class="btn" disabled=move || records().is_empty()>
                    {move || format!("Put {}", records().len())}
                </button>
            </form>
        </details>
    }
}
