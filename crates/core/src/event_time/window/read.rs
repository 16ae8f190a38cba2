//! Assigners, triggers, evictors and aggregates as JSON says them: `{"type":"tumbling","size":60000}`, `{"purging":{"count":4}}`, `{"time":1000}`, `"sum"`.
//!
//! One form for case files and for calls.

use alloc::format;
use alloc::string::String;

use serde_json::Value;

use super::{Aggregate, Assigner, Domain, EvictBy, Evictor, Trigger, TriggerKind};
use crate::event_time::number::long;

fn member(of: &Value, name: &str) -> Result<i64, String> {
    of.get(name).and_then(long).ok_or_else(|| format!("{name} must be a number of milliseconds"))
}

fn count(value: &Value, of: &str) -> Result<u64, String> {
    value
        .as_u64()
        .filter(|count| *count > 0)
        .ok_or_else(|| format!("{of} must be a positive number"))
}

/// What a window definition comes to: count windows bring a trigger and an evictor of their own.
#[derive(Clone, Copy, Debug)]
pub struct Definition {
    pub assigner: Assigner,
    pub trigger: Trigger,
    pub evictor: Option<Evictor>,
}

/// `assigner`, with the trigger that replaces its default one (`"default"` or null: none does) and an evictor.
pub fn definition(assigner: &Value, trigger: &Value, evictor: &Value) -> Result<Definition, String> {
    let domain = match assigner["time"].as_str() {
        None | Some("event") => Domain::Event,
        Some("processing") => Domain::Processing,
        Some(other) => return Err(format!("the time of windows is event or processing, not {other}")),
    };
    let kind = match domain {
        Domain::Event => TriggerKind::EventTime,
        Domain::Processing => TriggerKind::ProcessingTime,
    };
    let mut own = Trigger { kind, purging: false };
    let mut own_evictor = None;
    let offset = assigner.get("offset").map_or(Ok(0), |_| member(assigner, "offset"))?;
    let assigner = match assigner["type"].as_str() {
        Some("tumbling") => Assigner::Tumbling {
            size: member(assigner, "size")?,
            offset,
            natural: match assigner["stagger"].as_str() {
                None | Some("ALIGNED") => false,
                Some("NATURAL") => true,
                Some(other) => return Err(format!("stagger is ALIGNED or NATURAL here, not {other}")),
            },
            domain,
        },
        Some("sliding") => Assigner::Sliding {
            size: member(assigner, "size")?,
            slide: member(assigner, "slide")?,
            offset,
            domain,
        },
        Some("session") => Assigner::Session {
            gap: member(assigner, "gap")?,
            domain,
        },
        Some("dynamic_session") => Assigner::DynamicSession { domain },
        Some("global") => {
            own.kind = TriggerKind::Never;
            Assigner::Global
        }
        Some("count") => {
            let size = count(&assigner["size"], "the size of a count window")?;
            own = match assigner.get("slide") {
                None => Trigger {
                    kind: TriggerKind::Count(size),
                    purging: true,
                },
                Some(slide) => {
                    own_evictor = Some(Evictor {
                        by: EvictBy::Count(size),
                        after: false,
                    });
                    Trigger {
                        kind: TriggerKind::Count(count(slide, "the slide of a count window")?),
                        purging: false,
                    }
                }
            };
            Assigner::Global
        }
        other => return Err(format!("there is no assigner {}", other.unwrap_or("without a type"))),
    };
    assigner.check()?;
    let trigger = match trigger {
        Value::Null => own,
        Value::String(name) if name == "default" => own,
        other => self::trigger(other)?,
    };
    trigger.check()?;
    let evictor = if evictor.is_null() { own_evictor } else { Some(self::evictor(evictor)?) };
    Ok(Definition { assigner, trigger, evictor })
}

/// A trigger alone.
pub fn trigger(value: &Value) -> Result<Trigger, String> {
    let of = |kind| Ok(Trigger { kind, purging: false });
    if let Some(name) = value.as_str() {
        return match name {
            "event_time" => of(TriggerKind::EventTime),
            "processing_time" => of(TriggerKind::ProcessingTime),
            "never" => of(TriggerKind::Never),
            other => Err(format!("there is no trigger {other}")),
        };
    }
    let named = value.as_object().filter(|map| map.len() == 1).and_then(|map| map.iter().next());
    match named.map(|(name, value)| (name.as_str(), value)) {
        Some(("count", n)) => of(TriggerKind::Count(count(n, "the count of a trigger")?)),
        Some(("continuous_event_time", _)) => of(TriggerKind::ContinuousEventTime(member(value, "continuous_event_time")?)),
        Some(("continuous_processing_time", _)) => of(TriggerKind::ContinuousProcessingTime(member(value, "continuous_processing_time")?)),
        Some(("purging", Value::Object(map))) if map.contains_key("purging") => Err(String::from("a purging trigger in a purging trigger")),
        Some(("purging", inner)) => Ok(Trigger {
            purging: true,
            ..trigger(inner)?
        }),
        Some((other, _)) => Err(format!("there is no trigger {other}")),
        None => Err(String::from("a trigger is a name, or an object with one member")),
    }
}

fn evictor(value: &Value) -> Result<Evictor, String> {
    let by = match (value.get("count"), value.get("time")) {
        (Some(n), None) => EvictBy::Count(count(n, "the count of an evictor")?),
        (None, Some(_)) => EvictBy::Time(member(value, "time")?),
        _ => return Err(String::from("an evictor has a count or a time")),
    };
    Ok(Evictor {
        by,
        after: value["after"].as_bool().unwrap_or(false),
    })
}

/// An aggregate by name, or `{"top": n}`.
pub fn aggregate(value: &Value) -> Result<Aggregate, String> {
    Ok(match value.as_str() {
        Some("sum") => Aggregate::Sum,
        Some("count") => Aggregate::Count,
        Some("avg") => Aggregate::Avg,
        Some("min") => Aggregate::Min,
        Some("max") => Aggregate::Max,
        Some("distinct") => Aggregate::Distinct,
        Some("list") => Aggregate::List,
        Some(other) => return Err(format!("there is no aggregate {other}")),
        None => match value.get("top").and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()) {
            Some(n) if n > 0 => Aggregate::Top(n),
            _ => return Err(String::from("an aggregate is a name, or {\"top\": n}")),
        },
    })
}
