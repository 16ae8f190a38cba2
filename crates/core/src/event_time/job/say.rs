//! A trace as JSON, as `sluice:RunEventTime` answers it.

use alloc::vec::Vec;

use serde_json::{Value, json};

use super::trace::{EventTrace, Firing, Kind, PaneTrace};
use super::{Attempt, CheckpointTrace, Event, Fate, Job, Line, Trace};
use crate::event_time::EventTime;
use crate::event_time::number::say;
use crate::event_time::window::{Domain, TimeWindow};

/// `null` before there is one.
fn watermark(watermark: EventTime) -> Value {
    if watermark == EventTime::MIN { Value::Null } else { say(watermark.0) }
}

/// Start and end; `null` for the global window.
fn bounds(window: TimeWindow) -> [Value; 2] {
    if window.is_global() {
        return [Value::Null, Value::Null];
    }
    [say(window.start.0), say(window.end.0)]
}

pub(super) fn trace(job: &Job, trace: &Trace) -> Value {
    let events: Vec<Value> = job.events.iter().zip(&trace.events).map(|(event, trace)| of_event(event, trace)).collect();
    let panes: Vec<Value> = trace.panes.iter().enumerate().map(|(number, pane)| of_pane(job, trace, number, pane)).collect();
    let firings: Vec<Value> = trace
        .firings
        .iter()
        .enumerate()
        .map(|(number, firing)| of_firing(job, trace, number, firing))
        .collect();
    let of = |fate: Fate| {
        trace
            .events
            .iter()
            .zip(&job.events)
            .filter(move |(event, _)| event.fate == fate)
            .map(|(_, event)| event.id.as_str())
    };
    let late: Vec<&str> = of(Fate::LateOutput).collect();
    json!({
        "Events": events,
        "Panes": panes,
        "Firings": firings,
        "LateOutput": late,
        "Dropped": of(Fate::Dropped).count(),
        "Watermarks": {
            "Splits": lines("Split", &trace.splits),
            "Sources": lines("Source", &trace.sources),
            "Subtasks": lines("Subtask", &trace.subtasks),
        },
        "Checkpoints": trace.checkpoints.iter().map(of_checkpoint).collect::<Vec<Value>>(),
        "Attempts": trace.attempts.iter().map(of_attempt).collect::<Vec<Value>>(),
        "StartTime": say(job.start),
        "EndTime": say(trace.ended),
    })
}

fn ids<'a>(job: &'a Job, events: &[u32]) -> Vec<&'a str> {
    events.iter().filter_map(|event| Some(job.events.get(*event as usize)?.id.as_str())).collect()
}

fn of_event(event: &Event, trace: &EventTrace) -> Value {
    let underway = trace.fate == Fate::Underway;
    let windows: Vec<Value> = trace
        .met
        .iter()
        .map(|met| {
            let [start, end] = bounds(met.window);
            json!({"Start": start, "End": end, "Late": met.pane.is_none(), "Pane": met.pane})
        })
        .collect();
    json!({
        "Id": event.id,
        "Key": event.key,
        "Value": event.value,
        "Split": event.split,
        "EventTime": say(event.time.0),
        "ArrivalTime": say(event.arrival),
        "ReachedAt": if underway { Value::Null } else { say(trace.reached) },
        "Subtask": (!underway).then_some(trace.subtask),
        "Watermark": if underway { Value::Null } else { watermark(trace.watermark) },
        "BehindWatermark": !underway && event.time <= trace.watermark,
        "Outcome": match trace.fate {
            Fate::Underway => "Underway",
            Fate::Windowed => "Windowed",
            Fate::LateOutput => "LateOutput",
            Fate::Dropped => "Dropped",
            Fate::NoWindow => "NoWindow",
        },
        "Windows": windows,
        "Firings": trace.firings,
    })
}

fn of_pane(job: &Job, trace: &Trace, number: usize, pane: &PaneTrace) -> Value {
    let [start, end] = bounds(pane.window);
    let cleanup = match job.definition.assigner.domain() {
        Domain::Event => pane.window.max_timestamp().plus(job.lateness),
        Domain::Processing => pane.window.max_timestamp(),
    };
    let times = |times: &[i64]| -> Vec<Value> { times.iter().map(|time| say(*time)).collect() };
    json!({
        "Pane": number,
        "Key": trace.keys.get(pane.key as usize),
        "Subtask": pane.subtask,
        "Start": start,
        "End": end,
        "CleanupTime": if cleanup == EventTime::MAX { Value::Null } else { say(cleanup.0) },
        "CreatedAt": say(pane.created),
        "Events": ids(job, &pane.events),
        "Firings": pane.firings,
        "PurgedAt": times(&pane.purged),
        "ClearedAt": pane.cleared.map(say),
        "MergedInto": pane.merged_into,
        "LostAt": pane.lost.map(say),
        "RestoredAt": times(&pane.restored),
    })
}

fn of_firing(job: &Job, _: &Trace, number: usize, firing: &Firing) -> Value {
    json!({
        "Firing": number,
        "Pane": firing.pane,
        "At": say(firing.at),
        "Watermark": watermark(firing.watermark),
        "Kind": match firing.kind {
            Kind::Early => "Early",
            Kind::OnTime => "OnTime",
            Kind::Late => "Late",
            Kind::Count => "Count",
        },
        "Value": firing.value,
        "Events": ids(job, &firing.events),
        "CommittedAt": firing.committed.map(say),
        "DiscardedAt": firing.discarded.map(say),
    })
}

fn of_checkpoint(checkpoint: &CheckpointTrace) -> Value {
    let barriers: Vec<Value> = checkpoint
        .barriers
        .iter()
        .map(|(subtask, channel, at)| json!({"Subtask": subtask, "Channel": channel, "At": say(*at)}))
        .collect();
    let snapshots: Vec<Value> = checkpoint
        .snapshots
        .iter()
        .map(|(subtask, at)| json!({"Subtask": subtask, "At": say(*at)}))
        .collect();
    json!({
        "Id": checkpoint.id,
        "TriggeredAt": say(checkpoint.triggered),
        "Barriers": barriers,
        "Snapshots": snapshots,
        "CompletedAt": checkpoint.completed.map(say),
        "AbortedAt": checkpoint.aborted.map(say),
    })
}

fn of_attempt(attempt: &Attempt) -> Value {
    json!({"StartedAt": say(attempt.started), "FailedAt": attempt.failed.map(say), "RestoredCheckpoint": attempt.restored})
}

fn lines(name: &str, lines: &[Line]) -> Vec<Value> {
    let mut said = Vec::new();
    for (number, line) in lines.iter().enumerate() {
        let steps: Vec<Value> = line
            .steps
            .iter()
            .map(|(at, watermark)| json!([say(*at), self::watermark(*watermark)]))
            .collect();
        let idle: Vec<Value> = line.idle.iter().map(|(from, until)| json!([say(*from), until.map(say)])).collect();
        said.push(json!({name: number, "Steps": steps, "Idle": idle}));
    }
    said
}
