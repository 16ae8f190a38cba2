//! Events of the account in place of the scene's: a file's rows, or a stream's records.
//!
//! Belongs here: which column is what. Does not belong here: how a text becomes rows (`streams::rows`), where results go (`output`).

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Map, Value, json};
use sluice_core::account::ApiError;

use super::lab::Lab;
use super::scene::{Event, WIDEST};
use crate::components::Fault;
use crate::figures::{Choice, TextField, choices};
use crate::format::from_base64;
use crate::host::Host;
use crate::streams::rows::{Parsed, of_object, parse, plain, seconds};

/// Events that a plane holds.
const MOST: usize = 200;
/// What a stream says of its records stands in these columns.
const ARRIVED: &str = "(arrival in the stream)";
const PARTITION_KEY: &str = "(partition key)";
const SHARD: &str = "(shard)";

/// Which column is what; an empty name is none.
#[derive(Clone, Debug, Default, PartialEq)]
struct Columns {
    key: String,
    time: String,
    arrival: String,
    value: String,
}

impl Columns {
    /// What the names suggest.
    fn guess(parsed: &Parsed) -> Columns {
        let find = |words: &[&str]| {
            let fits = |name: &&String| !name.starts_with('(') && words.iter().any(|word| name.to_lowercase().contains(word));
            parsed.columns.iter().find(fits).cloned().unwrap_or_default()
        };
        let has = |name: &str| parsed.columns.iter().any(|column| column == name);
        let time = find(&["time", "date", "ts"]);
        let key = if has(PARTITION_KEY) {
            PARTITION_KEY.to_owned()
        } else {
            find(&["player", "key", "id", "name"])
        };
        let numeric = |name: &&String| {
            let first = parsed.rows.first();
            first.is_some_and(|row| plain(row.get(name.as_str())).parse::<f64>().is_ok())
        };
        let free = |name: &&String| **name != time && **name != key && !name.starts_with('(');
        let value = parsed.columns.iter().filter(numeric).find(free).cloned().unwrap_or_default();
        Columns {
            key,
            time,
            arrival: if has(ARRIVED) { ARRIVED.to_owned() } else { String::new() },
            value,
        }
    }
}

/// Events of rows; times count from the earliest. Without a column of arrivals each comes when it happens, or with the one before it. Error: the row that does not read.
fn events(parsed: &Parsed, columns: &Columns) -> Result<Vec<Event>, String> {
    let time = |name: &str, row: &Map<String, Value>, index: usize| {
        let text = plain(row.get(name));
        seconds(&text)
            .map(|seconds| seconds * 1_000.0)
            .ok_or_else(|| format!("Row {}: {name} is “{text}”, which is no time.", index + 1))
    };
    let mut events: Vec<Event> = Vec::new();
    let mut latest = f64::NEG_INFINITY;
    for (index, row) in parsed.rows.iter().take(MOST).enumerate() {
        let happened = time(&columns.time, row, index)?;
        let arrival = if columns.arrival.is_empty() {
            happened.max(latest)
        } else {
            time(&columns.arrival, row, index)?
        };
        latest = latest.max(arrival);
        let number = |text: String| {
            text.parse::<f64>()
                .map_err(|_| format!("Row {}: {} is “{text}”, which is no number.", index + 1, columns.value))
        };
        let key = plain(row.get(&columns.key));
        events.push(Event {
            id: (index + 1).to_string(),
            key: if key.is_empty() {
                "all".to_owned()
            } else {
                // A link parts its texts by these two.
                key.chars().filter(|character| !"~!".contains(*character)).take(24).collect()
            },
            value: if columns.value.is_empty() {
                1.0
            } else {
                number(plain(row.get(&columns.value)))?
            },
            time: happened,
            arrival,
            split: plain(row.get(SHARD)).parse().unwrap_or(0_usize).min(WIDEST.splits - 1),
        });
    }
    let first = events.iter().map(|event| event.time).fold(f64::INFINITY, f64::min);
    for event in &mut events {
        event.time = (event.time - first).round();
        event.arrival = (event.arrival - first).round().max(0.0);
        if event.time > WIDEST.times.1 || event.arrival > WIDEST.times.1 {
            return Err(format!(
                "Row {}: it lies more than an hour after the first; an hour is what is shown.",
                event.id
            ));
        }
    }
    Ok(events)
}

/// What a stream still holds, in the order in which it arrived, as rows: each record's JSON and where it came from.
async fn of_stream(host: Host, name: &str) -> Result<Parsed, ApiError> {
    let shards = host.call("kinesis", "ListShards", json!({"StreamName": name})).await?;
    let mut lines: Vec<(String, String)> = Vec::new();
    for (number, shard) in shards["Shards"].as_array().into_iter().flatten().enumerate() {
        let params = json!({"StreamName": name, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"});
        let iterator = host.call("kinesis", "GetShardIterator", params).await?;
        let params = json!({"ShardIterator": iterator["ShardIterator"], "Limit": MOST});
        let read = host.call("kinesis", "GetRecords", params).await?;
        for record in read["Records"].as_array().into_iter().flatten() {
            let text = from_base64(record["Data"].as_str().unwrap_or_default());
            let mut row = match serde_json::from_str::<Value>(&text) {
                Ok(Value::Object(row)) => row,
                _ => Map::from_iter([("data".to_owned(), Value::from(text))]),
            };
            let arrived = plain(record.get("ApproximateArrivalTimestamp"));
            row.insert(ARRIVED.into(), Value::from(arrived.clone()));
            row.insert(PARTITION_KEY.into(), record["PartitionKey"].clone());
            row.insert(SHARD.into(), Value::from(number));
            lines.push((arrived, Value::Object(row).to_string()));
        }
    }
    if lines.is_empty() {
        return Err(ApiError::new("InvalidRecords", format!("The stream {name} holds no records.")));
    }
    lines.sort_unstable();
    let text: Vec<String> = lines.into_iter().map(|(_, line)| line).collect();
    parse(&text.join("\n")).map_err(|message| ApiError::new("InvalidRecords", message))
}

#[component]
pub fn Input(lab: Lab) -> impl IntoView {
    let (from, place) = (RwSignal::new("file".to_owned()), RwSignal::new(String::new()));
    let parsed = RwSignal::new(None::<Result<Parsed, ApiError>>);
    let columns = RwSignal::new(Columns::default());
    let read = Callback::new(move |text: String| {
        place.set(text.clone());
        parsed.set(None);
        let of_file = from.with_untracked(|from| from == "file");
        spawn_local(async move {
            let answer = if of_file {
                of_object(lab.host, &text).await
            } else {
                of_stream(lab.host, text.trim()).await
            };
            if let Ok(parsed) = &answer {
                let _ = columns.try_set(Columns::guess(parsed));
            }
            let _ = parsed.try_set(Some(answer));
        });
    });
    let options = move |none: &'static str| {
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
    let pick = move |label: &'static str, none: &'static str, read: fn(&Columns) -> String, write: fn(&mut Columns, String)| {
        let set = Callback::new(move |name| columns.update(|columns| write(columns, name)));
        view! { <Choice label=label choices=options(none) value=Signal::derive(move || columns.with(read)) set=set /> }
    };
    let take = move |_| {
        let Some(Ok(rows)) = parsed.get_untracked() else { return };
        match columns.with_untracked(|columns| events(&rows, columns)) {
            Ok(events) => {
                lab.host.announce(format!("{} events are on the plane.", events.len()));
                lab.take(events);
            }
            Err(message) => lab.fault.set(Some(ApiError::new("InvalidRows", message))),
        }
    };
    let ready = Memo::new(move |_| parsed.with(|parsed| matches!(parsed, Some(Ok(_)))));
    let more = move || {
        parsed.with(|parsed| match parsed {
            Some(Ok(parsed)) => format!("{} rows; at most {MOST} are taken.", parsed.rows.len()),
            _ => String::new(),
        })
    };
    let field = move || {
        let label = if from.with(|from| from == "file") { "File: bucket/key" } else { "Stream" };
        view! { <TextField label=label value=place.into() numeric=false set=read /> }
    };
    let switch = Callback::new(move |value| {
        parsed.set(None);
        from.set(value);
    });
    view! {
        <details>
            <summary>"Events of the account"</summary>
            <div class="more">
                <Choice label="From" choices=choices(&[("file", "a file: CSV or JSON lines"), ("stream", "a Kinesis stream")]) value=from.into() set=switch />
                {field}
                {move || parsed.with(|parsed| parsed.as_ref().and_then(|parsed| parsed.as_ref().err().cloned())).map(|error| view! { <Fault error=error /> })}
                {move || {
                    ready
                        .get()
                        .then(|| {
                            view! {
                                <p class="meta">{more}</p>
                                {pick("Event time", "none", |c| c.time.clone(), |c, v| c.time = v)}
                                {pick("Arrives", "in the order it stands", |c| c.arrival.clone(), |c, v| c.arrival = v)}
                                {pick("Key", "one for all", |c| c.key.clone(), |c, v| c.key = v)}
                                {pick("Value", "1", |c| c.value.clone(), |c, v| c.value = v)}
                                <button type="button" class="btn" disabled=move || columns.with(|columns| columns.time.is_empty()) on:click=take>
                                    "Put them on the plane"
                                </button>
                            }
                        })
                }}
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_events() {
        let rows = parse("player,event_time,points\nada,2026-01-01T00:00:05Z,3\nbob,2026-01-01T00:00:02Z,4\n").unwrap();
        let columns = Columns::guess(&rows);
        assert_eq!(
            (columns.key.as_str(), columns.time.as_str(), columns.value.as_str()),
            ("player", "event_time", "points")
        );
        let events = events(&rows, &columns).unwrap();
        assert_eq!((events[0].time, events[0].arrival), (3_000.0, 3_000.0));
        // It comes with the one before it: late.
        assert_eq!((events[1].time, events[1].arrival, events[1].value), (0.0, 3_000.0, 4.0));
    }

    #[test]
    fn a_bad_row_is_named() {
        let rows = parse("t,v\n1,x\n").unwrap();
        let columns = Columns {
            time: "t".into(),
            value: "v".into(),
            ..Columns::default()
        };
        assert_eq!(events(&rows, &columns), Err("Row 1: v is “x”, which is no number.".into()));
    }
}
