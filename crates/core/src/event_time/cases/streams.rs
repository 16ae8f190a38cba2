//! Suites of watermarks.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::{Answer, instant, list, number, text};
use crate::event_time::EventTime;
use crate::event_time::multiplexer::Multiplexer;
use crate::event_time::number::say;
use crate::event_time::valve::{Emitted, Valve};
use crate::event_time::watermark::{Generator, IdlenessTimer, Strategy};

pub fn generator(input: &Value) -> Answer {
    let of = &input["generator"];
    let strategy = match text(of, "type")? {
        "bounded" => Strategy::Bounded(number(of, "outOfOrderness")?),
        "ascending" => Strategy::Ascending,
        other => return Err(format!("there is no generator {other}")),
    };
    strategy.check()?;
    let mut generator = Generator::new(strategy);
    let mut emitted: Vec<Value> = Vec::new();
    for op in list(input, "ops")? {
        let out = if op.get("event").is_some() {
            generator.on_event(instant(op, "event")?)
        } else {
            generator.on_periodic_emit()
        };
        emitted.push(out.map_or(Value::Null, |out| say(out.0)));
    }
    Ok(json!({"emitted": emitted}))
}

pub fn idleness(input: &Value) -> Answer {
    let mut timer = IdlenessTimer::new(number(input, "timeoutMs")?)?;
    let mut now = 0;
    let mut results: Vec<Option<bool>> = Vec::new();
    for op in list(input, "ops")? {
        let mut result = None;
        if op.get("check").is_some() {
            result = Some(timer.check(now));
        } else if op.get("advanceMs").is_some() {
            now += number(op, "advanceMs")?;
        } else {
            timer.activity();
        }
        results.push(result);
    }
    Ok(json!({"results": results}))
}

pub fn valve(input: &Value) -> Answer {
    let mut valve = Valve::new(number(input, "channels")? as usize);
    let mut outputs: Vec<Vec<Value>> = Vec::new();
    for op in list(input, "ops")? {
        let channel = number(op, "channel")? as usize;
        let out = match op["status"].as_str() {
            Some("IDLE") => valve.idle(channel),
            Some("ACTIVE") => [valve.active(channel), None],
            Some(other) => return Err(format!("there is no status {other}")),
            None => [valve.watermark(channel, instant(op, "watermark")?), None],
        };
        let said = out.into_iter().flatten().map(|out| match out {
            Emitted::Watermark(watermark) => say(watermark.0),
            Emitted::Idle => Value::from("IDLE"),
            Emitted::Active => Value::from("ACTIVE"),
        });
        outputs.push(said.collect());
    }
    Ok(json!({"outputsPerOp": outputs}))
}

pub fn multiplexer(input: &Value) -> Answer {
    let mut multiplexer = Multiplexer::default();
    let deferred = |kind: &Value| match kind.as_str() {
        Some("immediate") => Ok(false),
        Some("deferred") => Ok(true),
        _ => Err(String::from("an output is immediate or deferred")),
    };
    let outputs = input["outputs"].as_object().ok_or("outputs are missing")?;
    for (name, kind) in outputs {
        multiplexer.register(name.clone(), deferred(kind)?);
    }
    let mut after = Vec::new();
    for op in list(input, "ops")? {
        if let Some(name) = op["output"].as_str() {
            match op["idle"].as_bool() {
                Some(idle) => multiplexer.set_idle(name, idle),
                None => multiplexer.watermark(name, instant(op, "watermark")?),
            }
        } else if let Some(name) = op["register"].as_str() {
            multiplexer.register(name.to_string(), deferred(&op["kind"])?);
        } else if let Some(name) = op["unregister"].as_str() {
            multiplexer.unregister(name);
        } else {
            multiplexer.on_periodic_emit();
        }
        let last = multiplexer.combined();
        let last = if last == EventTime::MIN { Value::Null } else { say(last.0) };
        after.push(json!({"lastWatermark": last, "idle": multiplexer.is_idle()}));
    }
    Ok(json!({"afterOp": after}))
}
