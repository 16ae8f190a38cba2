//! A file of the account replayed as a stream: its rows put in their order, at a pace or by a column of times.
//!
//! Belongs here: how a file becomes rows. Does not belong here: how they are put, and how a text becomes rows (`rows`).

use std::collections::BTreeMap;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use super::acts::{Desk, Refusal};
use super::rows::{Parsed, of_object, plain, seconds};
use crate::components::Fault;
use crate::figures::{Choice, LogNumber, TextField};
use crate::format::count;
use crate::host::use_host;

/// Rows of AddProducer. `time`: a column of times, empty: one after the other at `pace` a second. Error: the row whose time cannot be read.
fn rows(parsed: &Parsed, key: &str, time: &str, pace: f64) -> Result<Vec<Value>, String> {
    let times: Vec<f64> = if time.is_empty() {
        (0..parsed.rows.len()).map(|index| index as f64 / pace).collect()
    } else {
        let read = parsed.rows.iter().enumerate().map(|(index, row)| {
            let text = plain(row.get(time));
            seconds(&text).ok_or_else(|| format!("Row {}: {time} is “{text}”, which is no time.", index + 1))
        });
        read.collect::<Result<_, _>>()?
    };
    let first = times.iter().copied().fold(f64::INFINITY, f64::min);
    let rows = parsed.rows.iter().zip(&times).enumerate().map(|(index, (row, at))| {
        let key = if key.is_empty() { format!("row-{index}") } else { plain(row.get(key)) };
        let key: String = key.chars().take(256).collect();
        json!({"At": at - first, "Key": if key.is_empty() { "-".to_owned() } else { key }, "Data": Value::Object(row.clone()).to_string()})
    });
    Ok(rows.collect())
}

#[component]
pub fn Replay(desk: Desk, stream: String, open: RwSignal<bool>) -> impl IntoView {
    let host = use_host();
    let stream = StoredValue::new(stream);
    let path = RwSignal::new(String::new());
    let parsed = RwSignal::new(None::<Result<Parsed, ApiError>>);
    let (key, time) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (pace, speed) = (RwSignal::new(10.0_f64), RwSignal::new(1.0_f64));
    let wrong = |message: String| ApiError::new("InvalidFile", message);
    let read = Callback::new(move |text: String| {
        path.set(text.clone());
        parsed.set(None);
        spawn_local(async move {
            let answer = of_object(host, &text).await;
            if let Ok(parsed) = &answer {
                let first = parsed.columns.first().cloned().unwrap_or_default();
                let _ = key.try_set(first);
            }
            let _ = parsed.try_set(Some(answer));
        });
    });
    let columns = move |none: &'static str| {
        Signal::derive(move || {
            let mut options = vec![(String::new(), none.to_owned())];
            parsed.with(|parsed| {
                if let Some(Ok(parsed)) = parsed {
                    options.extend(parsed.columns.iter().map(|name| (name.clone(), name.clone())));
                }
            });
            options
        })
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(Ok(file)) = parsed.get_untracked() else { return };
        match rows(&file, &key.get_untracked(), &time.get_untracked(), pace.get_untracked().max(0.001)) {
            Ok(rows) => {
                let said = format!("{} rows are put from now on.", count(rows.len() as u64));
                let params = json!({
                    "Name": format!("replay-{}", desk.traffic().producers.len() + 1), "StreamName": stream.get_value(), "Rows": rows, "Client": {"Kind": "sdk"}, "Until": 864_000,
                    "Speed": if time.with_untracked(String::is_empty) { 1.0 } else { speed.get_untracked() },
                });
                desk.act(said, vec![Call::new("sluice", "AddProducer", params)], move || open.set(false));
            }
            Err(message) => parsed.set(Some(Err(wrong(message)))),
        }
    };
    // The distinct keys say how a file would spread over shards.
    let spread = move || {
        parsed.with(|parsed| {
            let Some(Ok(parsed)) = parsed else { return None };
            let column = key.get();
            let mut keys: BTreeMap<String, u32> = BTreeMap::new();
            for row in &parsed.rows {
                *keys.entry(plain(row.get(&column))).or_default() += 1;
            }
            Some(format!(
                "{} rows{}, {} different keys.",
                count(parsed.rows.len() as u64),
                if parsed.cut { " (the first of more)" } else { "" },
                count(if column.is_empty() { parsed.rows.len() } else { keys.len() } as u64)
            ))
        })
    };
    let ready = Memo::new(move |_| parsed.with(|parsed| matches!(parsed, Some(Ok(_)))));
    view! {
        <form class="form producer-form" on:submit=submit>
            <TextField label="File: bucket/key" value=path.into() numeric=false set=read />
            {move || parsed.with(|parsed| parsed.as_ref().and_then(|parsed| parsed.as_ref().err().cloned())).map(|error| view! { <Fault error=error /> })}
            {move || {
                ready
                    .get()
                    .then(|| {
                        view! {
                            <p class="meta">{spread}</p>
                            <Choice label="Partition key" choices=columns("the row’s number") value=key.into() set=Callback::new(move |name| key.set(name)) />
                            <Choice label="Times" choices=columns("one row after the other") value=time.into() set=Callback::new(move |name| time.set(name)) />
                            {move || {
                                if time.with(String::is_empty) {
                                    view! { <LogNumber label="Rows" unit="a second" least=0.1 most=1_000.0 value=pace.into() set=Callback::new(move |value| pace.set(value)) /> }.into_any()
                                } else {
                                    view! { <LogNumber label="Speed" unit="times as fast" least=0.01 most=100_000.0 value=speed.into() set=Callback::new(move |value| speed.set(value)) /> }.into_any()
                                }
                            }}
                        }
                    })
            }}
            <Refusal desk=desk />
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <button type="submit" class="btn primary" disabled=move || desk.busy.get() || !ready.get()>
                    "Replay"
                </button>
            </div>
        </form>
    }
}

#[cfg(test)]
mod tests {
    use super::super::rows::parse;
    use super::*;

    #[test]
    fn rows_are_put_by_a_column_or_a_pace() {
        let csv = parse("id,time\n1,2026-01-01T00:00:05Z\n2,2026-01-01T00:00:00Z\n").unwrap();
        let put = rows(&csv, "id", "time", 1.0).unwrap();
        assert_eq!((&put[0]["At"], &put[1]["At"], &put[1]["Key"]), (&json!(5.0), &json!(0.0), &json!("2")));
        let lines = parse("{\"a\": 1}\n{\"b\": 2}\n").unwrap();
        assert_eq!(rows(&lines, "", "", 2.0).unwrap()[1]["At"], 0.5);
        let csv = parse("t\nsoon\n").unwrap();
        assert_eq!(rows(&csv, "", "t", 1.0), Err("Row 1: t is “soon”, which is no time.".into()));
    }
}
