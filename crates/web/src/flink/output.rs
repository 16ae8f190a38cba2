//! What the sink has, put into the account: as an object of JSON lines, or on a stream.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::ApiError;

use super::answer::Trace;
use super::lab::Lab;
use crate::components::Fault;
use crate::figures::{Choice, TextField, choices};
use crate::format::base64;
use crate::host::Host;

/// The results that are out by an instant: key and JSON line.
fn results(trace: &Trace, now: f64) -> Vec<(String, String)> {
    let out = trace.firings.iter().filter(|firing| firing.committed_at.is_some_and(|at| at.0 <= now));
    out.filter_map(|firing| {
        let pane = trace.panes.get(firing.pane)?;
        let line = json!({
            "key": pane.key,
            "window_start": pane.start.map(|at| at.0),
            "window_end": pane.end.map(|at| at.0),
            "result": firing.value,
            "fired_at": firing.at.0,
            "firing": trace.ordinal(firing),
        });
        Some((pane.key.clone(), line.to_string()))
    })
    .collect()
}

#[component]
pub fn Output(lab: Lab) -> impl IntoView {
    let (to, place) = (RwSignal::new("object".to_owned()), RwSignal::new(String::new()));
    let fault = RwSignal::new(None::<ApiError>);
    let put = move |_| {
        let now = lab.clock.at.get_untracked() * 1_000.0;
        let lines = lab
            .trace
            .with_untracked(|trace| trace.as_ref().map(|trace| results(trace, now)).unwrap_or_default());
        let place = place.get_untracked().trim().trim_start_matches("s3://").to_owned();
        let to_stream = to.with_untracked(|to| to == "stream");
        if place.is_empty() {
            fault.set(Some(ApiError::new("InvalidPath", "Say where the results go.")));
            return;
        }
        fault.set(None);
        spawn_local(async move {
            let count = lines.len();
            let done = if to_stream {
                put_records(lab.host, &place, &lines).await
            } else {
                put_object(lab.host, &place, &lines).await
            };
            match done {
                Ok(()) => lab.host.toast_done(format!("{count} results are in {place}.")),
                Err(error) => {
                    let _ = fault.try_set(Some(error));
                }
            }
        });
    };
    let field = move || {
        let label = if to.with(|to| to == "stream") {
            "To the stream"
        } else {
            "Object: bucket/key of the results"
        };
        view! { <TextField label=label value=place.into() numeric=false set=Callback::new(move |text| place.set(text)) /> }
    };
    view! {
        <details>
            <summary>"Results into the account"</summary>
            <div class="more">
                <Choice
                    label="To"
                    choices=choices(&[("object", "an object of JSON lines"), ("stream", "a Kinesis stream")])
                    value=to.into()
                    set=Callback::new(move |value| to.set(value))
                />
                {field}
                {move || fault.get().map(|error| view! { <Fault error=error /> })}
                <button type="button" class="btn" on:click=put>
                    "Put what the sink has"
                </button>
            </div>
        </details>
    }
}

async fn put_object(host: Host, place: &str, lines: &[(String, String)]) -> Result<(), ApiError> {
    let (bucket, key) = place
        .split_once('/')
        .ok_or_else(|| ApiError::new("InvalidPath", "An object is said as bucket/key."))?;
    let mut text = String::new();
    for (_, line) in lines {
        text.push_str(line);
        text.push('\n');
    }
    let params = json!({"Bucket": bucket, "Key": key, "ContentType": "application/x-ndjson", "Body": base64(text.as_bytes())});
    host.call("s3", "PutObject", params).await.map(|_| ())
}

async fn put_records(host: Host, name: &str, lines: &[(String, String)]) -> Result<(), ApiError> {
    for batch in lines.chunks(500) {
        let records: Vec<Value> = batch
            .iter()
            .map(|(key, line)| json!({"PartitionKey": key, "Data": base64(line.as_bytes())}))
            .collect();
        let answer = host.call("kinesis", "PutRecords", json!({"StreamName": name, "Records": records})).await?;
        if let Some(refused) = answer["FailedRecordCount"].as_u64().filter(|refused| *refused > 0) {
            let message = format!("The stream refused {refused} of {} records; put them again.", batch.len());
            return Err(ApiError::new("ProvisionedThroughputExceededException", message));
        }
    }
    Ok(())
}
