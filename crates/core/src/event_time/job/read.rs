//! The parameters of `sluice:RunEventTime`. Times and spans are milliseconds.
//!
//! `Events` [{`Id`?, `Key`, `Value`? (1), `EventTime`, `ArrivalTime`, `Split`? (0), `Gap`? (of dynamic sessions)}];
//! `Strategy` {`type`: bounded | ascending | punctuated | none, `outOfOrderness`}; `IdleTimeout`?; `EmitInterval`? (200; 0: no ticks);
//! `Assigner`, `Trigger`?, `Evictor`?, `Aggregate`? ("count"): as `window::read` has them; `AllowedLateness`? (0); `SideOutput`? (true);
//! `Splits`?; `SourceParallelism`? (1), `Parallelism`? (1), `MaxParallelism`?; `NetworkDelay`? (0; or a list, one a source subtask);
//! `Checkpoints`? {`Interval`, `Mode`?: EXACTLY_ONCE | AT_LEAST_ONCE}; `Failures`? [processing time]; `RestartDelay`? (1000); `Sink`?: at_least_once | exactly_once;
//! `StartTime`? (the first arrival), `Until`? (a tick after the last), `EndOfInput`? (false).

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::{Checkpointing, Event, Job};
use crate::event_time::EventTime;
use crate::event_time::keys::{KeyGroups, default_max_parallelism};
use crate::event_time::number::long;
use crate::event_time::watermark::{EMIT_INTERVAL, Strategy};
use crate::event_time::window::{Assigner, TriggerKind, read};

const EVENTS: usize = 10_000;
const SUBTASKS: i64 = 128;
/// Firings that a simulation may have.
const WORK: i64 = 1_000_000;

fn optional(of: &Value, name: &str, otherwise: i64) -> Result<i64, String> {
    match of.get(name) {
        None | Some(Value::Null) => Ok(otherwise),
        Some(value) => long(value).ok_or_else(|| format!("{name} must be a whole number")),
    }
}

fn number(of: &Value, name: &str, place: &str) -> Result<i64, String> {
    of.get(name).and_then(long).ok_or_else(|| format!("{place}{name} must be a whole number"))
}

fn at_least(value: i64, least: i64, name: &str) -> Result<i64, String> {
    if value < least {
        return Err(format!("{name} must be at least {least}"));
    }
    Ok(value)
}

fn few(value: i64, name: &str) -> Result<usize, String> {
    if !(1..=SUBTASKS).contains(&value) {
        return Err(format!("{name} must be 1 to {SUBTASKS}"));
    }
    Ok(value as usize)
}

fn flag(of: &Value, name: &str, otherwise: bool) -> Result<bool, String> {
    match of.get(name) {
        None | Some(Value::Null) => Ok(otherwise),
        Some(value) => value.as_bool().ok_or_else(|| format!("{name} must be true or false")),
    }
}

pub(super) fn job(params: &Value) -> Result<Job, String> {
    let events = events(params)?;
    let last_split = events.iter().map(|event| event.split + 1).max().unwrap_or(1);
    let splits = few(optional(params, "Splits", last_split as i64)?, "Splits")?.max(last_split);
    let parallelism = few(optional(params, "Parallelism", 1)?, "Parallelism")? as u32;
    let max = optional(params, "MaxParallelism", i64::from(default_max_parallelism(parallelism)))?;
    let max = u32::try_from(max).map_err(|_| String::from("MaxParallelism is out of range"))?;
    let emit_interval = at_least(optional(params, "EmitInterval", EMIT_INTERVAL)?, 0, "EmitInterval")?;
    let source_parallelism = few(optional(params, "SourceParallelism", 1)?, "SourceParallelism")?;
    let network = network(params, source_parallelism)?;
    let slowest = network.iter().copied().max().unwrap_or(0);
    let start = optional(params, "StartTime", events.iter().map(|event| event.arrival).min().unwrap_or(0))?;
    let last = events.iter().map(|event| event.arrival).max().unwrap_or(start);
    let until = optional(params, "Until", last.saturating_add(emit_interval).saturating_add(slowest))?;
    let idle_timeout = params
        .get("IdleTimeout")
        .filter(|value| !value.is_null())
        .map(|_| number(params, "IdleTimeout", ""))
        .transpose()?;
    if idle_timeout.is_some_and(|timeout| timeout <= 0) {
        return Err(String::from("idle timeout must be positive"));
    }
    let job = Job {
        splits,
        strategy: strategy(&params["Strategy"])?,
        emit_interval,
        idle_timeout,
        definition: read::definition(&params["Assigner"], &params["Trigger"], &params["Evictor"])?,
        lateness: at_least(optional(params, "AllowedLateness", 0)?, 0, "AllowedLateness")?,
        aggregate: read::aggregate(params.get("Aggregate").unwrap_or(&json!("count")))?,
        side_output: flag(params, "SideOutput", true)?,
        source_parallelism,
        checkpointing: checkpointing(&params["Checkpoints"])?,
        failures: failures(params)?,
        restart_delay: at_least(optional(params, "RestartDelay", 1_000)?, 0, "RestartDelay")?,
        transactional: match params["Sink"].as_str() {
            None | Some("at_least_once") => false,
            Some("exactly_once") => true,
            Some(other) => return Err(format!("Sink is at_least_once or exactly_once, not {other}")),
        },
        groups: KeyGroups::new(parallelism, max)?,
        network,
        start,
        until,
        end_of_input: flag(params, "EndOfInput", false)?,
        events,
    };
    bounded(&job)?;
    Ok(job)
}

/// Refuses what a simulation would be too long at: windows an event, and firings a window.
fn bounded(job: &Job) -> Result<(), String> {
    let events = job.events.len() as i64;
    let times = || job.events.iter().map(|event| event.time.0);
    let span = times().max().unwrap_or(0).saturating_sub(times().min().unwrap_or(0));
    let (each, size) = match job.definition.assigner {
        Assigner::Sliding { size, slide, .. } => ((size - 1) / slide + 1, size),
        Assigner::Tumbling { size, .. } => (1, size),
        _ => (1, i64::MAX),
    };
    let firings = match job.definition.trigger.kind {
        TriggerKind::ContinuousEventTime(interval) => span.min(size) / interval,
        TriggerKind::ContinuousProcessingTime(interval) => job.until.saturating_sub(job.start).min(size) / interval,
        _ => 1,
    };
    if events.saturating_mul(each).saturating_mul(firings.max(1)) > WORK {
        return Err(format!(
            "{events} events in {each} windows each, which may fire {firings} times, are more than {WORK} firings"
        ));
    }
    Ok(())
}

/// `NetworkDelay` in milliseconds: one for all source subtasks, or a list with one for each.
fn network(params: &Value, sources: usize) -> Result<Vec<i64>, String> {
    let Some(list) = params["NetworkDelay"].as_array() else {
        return Ok(vec![at_least(optional(params, "NetworkDelay", 0)?, 0, "NetworkDelay")?; sources]);
    };
    if list.len() != sources {
        return Err(format!("NetworkDelay has {} members for {sources} source subtasks", list.len()));
    }
    let of = |value| {
        long(value)
            .filter(|delay| *delay >= 0)
            .ok_or_else(|| String::from("NetworkDelay must be numbers of at least 0"))
    };
    list.iter().map(of).collect()
}

fn checkpointing(value: &Value) -> Result<Option<Checkpointing>, String> {
    if value.is_null() {
        return Ok(None);
    }
    Ok(Some(Checkpointing {
        interval: at_least(number(value, "Interval", "Checkpoints.")?, 1, "Checkpoints.Interval")?,
        exactly_once: match value["Mode"].as_str() {
            None | Some("EXACTLY_ONCE") => true,
            Some("AT_LEAST_ONCE") => false,
            Some(other) => return Err(format!("Checkpoints.Mode is EXACTLY_ONCE or AT_LEAST_ONCE, not {other}")),
        },
    }))
}

fn failures(params: &Value) -> Result<Vec<i64>, String> {
    let list = match &params["Failures"] {
        Value::Null => return Ok(Vec::new()),
        other => other.as_array().ok_or("Failures must be a list of processing times")?,
    };
    let of = |value| long(value).ok_or_else(|| String::from("Failures must be a list of processing times"));
    list.iter().map(of).collect()
}

fn strategy(value: &Value) -> Result<Strategy, String> {
    let bound = || number(value, "outOfOrderness", "Strategy.");
    let strategy = match value["type"].as_str() {
        Some("bounded") => Strategy::Bounded(bound()?),
        Some("ascending") => Strategy::Ascending,
        Some("punctuated") => Strategy::Punctuated(optional(value, "outOfOrderness", 0)?),
        Some("none") => Strategy::None,
        _ => return Err(String::from("Strategy.type must be bounded, ascending, punctuated or none")),
    };
    strategy.check()?;
    Ok(strategy)
}

fn events(params: &Value) -> Result<Vec<Event>, String> {
    let list = params["Events"].as_array().ok_or("Events must be a list")?;
    if list.len() > EVENTS {
        return Err(format!("Events has {} members, and may have {EVENTS}", list.len()));
    }
    let mut seen = BTreeSet::new();
    let mut events = Vec::with_capacity(list.len());
    for (at, value) in list.iter().enumerate() {
        let place = format!("Events[{at}].");
        let id = match &value["Id"] {
            Value::String(id) => id.clone(),
            Value::Null => at.to_string(),
            _ => return Err(format!("{place}Id must be text")),
        };
        if !seen.insert(id.clone()) {
            return Err(format!("{place}Id {id} is there twice"));
        }
        let key = value["Key"].as_str().ok_or_else(|| format!("{place}Key must be text"))?;
        let of_value = match &value["Value"] {
            Value::Null => 1.0,
            other => other.as_f64().ok_or_else(|| format!("{place}Value must be a number"))?,
        };
        let split = few(optional(value, "Split", 0)?.saturating_add(1), &format!("{place}Split + 1"))? - 1;
        events.push(Event {
            id,
            key: key.to_string(),
            value: of_value,
            time: EventTime(number(value, "EventTime", &place)?),
            arrival: number(value, "ArrivalTime", &place)?,
            split,
            gap: optional(value, "Gap", 0)?,
        });
    }
    Ok(events)
}
