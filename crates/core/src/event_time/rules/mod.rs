//! The same events under the watermark rules of Flink, Spark Structured Streaming and Beam.
//!
//! Belongs here: what their rules make of one list of events. Does not belong here: Flink's own machines, which `job` runs.

mod spark;

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::EventTime;
use super::job::{self, Fate, Job};
use super::number::{long, say};
use super::window::{Assigner, Domain};

pub use spark::{Batch, Mode, Query, Row, StructuredStreaming};

/// Micro-batches that a comparison may have.
const BATCHES: i64 = 10_000;

/// `sluice:CompareWatermarkRules`: the parameters of `sluice:RunEventTime` with tumbling or sliding windows of event time, and `BatchInterval`? (Spark's processing-time
/// trigger, milliseconds; 10,000). Answers `Flink`, `Spark` and `Beam`, each {`Watermark` [[processing time, watermark]], `Results` [{`Key`, `Start`, `End`, `Value`,
/// `At`}], `TooLate` [ids]}, and of Spark its `Batches`. Error: which parameter does not read, or has no counterpart.
///
/// Spark: one watermark of the whole query, `max(event time) − delay`, taken at the end of a micro-batch; a batch without data follows where it moved
/// (`spark.sql.streaming.noDataMicroBatches.enabled`); append mode. Beam: a watermark that excludes its own instant and late data up to the allowed lateness, with late
/// firings: Flink's rule with a watermark of one millisecond more; unconfirmed.
pub fn call(params: &Value) -> Result<Value, String> {
    let job = job::parse(params)?;
    let delay = match params["Strategy"]["type"].as_str() {
        Some("bounded") => params["Strategy"].get("outOfOrderness").and_then(long).unwrap_or(0),
        Some("ascending") => 0,
        _ => {
            return Err(String::from(
                "Spark has no counterpart of this watermark strategy: compare bounded or ascending",
            ));
        }
    };
    let interval = match params.get("BatchInterval") {
        None | Some(Value::Null) => 10_000,
        Some(value) => long(value)
            .filter(|interval| *interval > 0)
            .ok_or("BatchInterval must be a positive number of milliseconds")?,
    };
    let timed = matches!(
        job.definition.assigner,
        Assigner::Tumbling { domain: Domain::Event, .. } | Assigner::Sliding { domain: Domain::Event, .. }
    );
    if !timed {
        return Err(String::from("These rules are compared on tumbling and sliding windows of event time"));
    }
    let (flink, beam) = flink(&job)?;
    Ok(json!({"Flink": flink, "Spark": spark(&job, delay, interval)?, "Beam": beam}))
}

/// Flink's run, and the same as Beam counts it.
fn flink(job: &Job) -> Result<(Value, Value), String> {
    let trace = job.run()?;
    let mut results = Vec::new();
    for firing in &trace.firings {
        let Some(pane) = trace.panes.get(firing.pane) else { continue };
        results.push(json!({
            "Key": trace.keys.get(pane.key as usize),
            "Start": say(pane.window.start.0),
            "End": say(pane.window.end.0),
            "Value": firing.value,
            "At": say(firing.at),
        }));
    }
    let late: Vec<&str> = trace
        .events
        .iter()
        .zip(&job.events)
        .filter(|(trace, _)| matches!(trace.fate, Fate::LateOutput | Fate::Dropped))
        .map(|(_, event)| event.id.as_str())
        .collect();
    let steps = |more: i64| -> Vec<Value> {
        let line = trace.subtasks.first().map(|line| line.steps.as_slice()).unwrap_or_default();
        line.iter()
            .map(|(at, watermark)| {
                let shown = if *watermark == EventTime::MIN {
                    Value::Null
                } else {
                    say(watermark.plus(more).0)
                };
                json!([say(*at), shown])
            })
            .collect()
    };
    let flink = json!({"Watermark": steps(0), "Results": results, "TooLate": late});
    let beam = json!({"Watermark": steps(1), "Results": results, "TooLate": late, "Confidence": "K"});
    Ok((flink, beam))
}

fn spark(job: &Job, delay: i64, interval: i64) -> Result<Value, String> {
    let mut batches: BTreeMap<i64, Vec<Row>> = BTreeMap::new();
    let mut order: Vec<usize> = (0..job.events.len()).collect();
    order.sort_by_key(|at| job.events.get(*at).map(|event| event.arrival));
    for at in order {
        let Some(event) = job.events.get(at) else { continue };
        if event.arrival > job.until {
            continue;
        }
        // What arrives at the instant of a trigger is in that batch.
        let number = (event.arrival.saturating_sub(job.start) - 1).div_euclid(interval) + 1;
        batches.entry(job.start.saturating_add(number.saturating_mul(interval))).or_default().push(Row {
            id: at,
            key: event.key.clone(),
            time: event.time,
            value: event.value,
        });
    }
    if batches.len() as i64 > BATCHES {
        return Err(format!("{} micro-batches are more than {BATCHES}", batches.len()));
    }
    let mut query = StructuredStreaming::new(Query {
        delay,
        assigner: job.definition.assigner,
        aggregate: job.aggregate,
        mode: Mode::Append,
        no_data_batches: true,
    });
    let (mut steps, mut results, mut late, mut times) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (at, rows) in batches {
        if at > job.until {
            break;
        }
        let batch = query.batch(&rows)?;
        times.push(say(at));
        steps.push(json!([say(at), say(batch.watermark)]));
        for (window, key, value) in batch.rows {
            results.push(json!({"Key": key, "Start": say(window.start.0), "End": say(window.end.0), "Value": value, "At": say(at)}));
        }
        let dropped = batch.dropped.iter().filter_map(|id| job.events.get(*id));
        late.extend(dropped.map(|event| Value::from(event.id.as_str())));
    }
    Ok(json!({"Watermark": steps, "Results": results, "TooLate": late, "Batches": times}))
}
