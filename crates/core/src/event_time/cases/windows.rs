//! Suites of windows.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::{Answer, instant, list, number, same, text};
use crate::event_time::EventTime;
use crate::event_time::number::{long, say, time};
use crate::event_time::window::read::{self, Definition};
use crate::event_time::window::{
    Accumulator, Aggregate, Cause, Clocks, Collect, Element, Fold, Output, TimeWindow, TriggerState, Verdict, WindowOperator, merge_windows, window_start,
};

fn window(value: &Value) -> Result<TimeWindow, String> {
    let of = |at: usize| value.get(at).and_then(time).ok_or_else(|| format!("{value} is no window"));
    Ok(TimeWindow { start: of(0)?, end: of(1)? })
}

fn windows(values: &[Value]) -> Result<Vec<TimeWindow>, String> {
    values.iter().map(window).collect()
}

fn said(window: TimeWindow) -> Value {
    json!([say(window.start.0), say(window.end.0)])
}

pub fn start(input: &Value) -> Answer {
    let start = window_start(instant(input, "ts")?, number(input, "offset")?, number(input, "size")?);
    Ok(json!({"start": say(start.0)}))
}

pub fn assign(input: &Value) -> Answer {
    let definition = read::definition(&input["assigner"], &Value::Null, &Value::Null)?;
    let processing = input.get("processingTime").and_then(time).unwrap_or(EventTime(0));
    let assigner = definition.assigner.staggered(processing);
    let mut windows: Vec<TimeWindow> = assigner.assign(instant(input, "ts")?, 0)?.collect();
    windows.sort_unstable();
    let windows: Vec<Value> = windows.into_iter().map(said).collect();
    Ok(json!({"windows": windows}))
}

pub fn invalid(input: &Value, expect: &Value) -> Result<(), String> {
    let wanted = text(expect, "messageContains")?;
    match read::definition(&input["assigner"], &Value::Null, &Value::Null) {
        Err(message) if message.contains(wanted) => Ok(()),
        Err(message) => Err(format!("expected an error that says {wanted:?}, got {message:?}")),
        Ok(_) => Err(format!("expected an error that says {wanted:?}, got none")),
    }
}

pub fn merge(input: &Value) -> Answer {
    let merged = merge_windows(windows(list(input, "windows")?)?);
    let merges = merged.into_iter().map(|(result, of)| {
        let of: Vec<Value> = of.into_iter().map(said).collect();
        json!({"result": said(result), "of": of})
    });
    Ok(json!({"merges": merges.collect::<Vec<Value>>()}))
}

pub fn trigger(input: &Value) -> Answer {
    let trigger = read::trigger(&input["trigger"])?;
    let mut clocks = Clocks {
        watermark: EventTime::MIN,
        processing: EventTime(0),
    };
    let mut states: BTreeMap<TimeWindow, TriggerState> = BTreeMap::new();
    let mut timers: Vec<(EventTime, TimeWindow)> = Vec::new();
    let mut results = Vec::new();
    let answer = |fire: bool| Value::from(if fire { "FIRE" } else { "CONTINUE" });
    for op in list(input, "ops")? {
        if let Some(element) = op.get("element") {
            let window = window(element)?;
            let state = states.entry(window).or_default();
            let decision = trigger.on_element(state, window, window.start, clocks);
            timers.extend(decision.timers.into_iter().flatten().map(|at| (at, window)));
            results.push(answer(decision.fire));
        } else if let Some(merge) = op.get("merge") {
            let result = window(&merge["result"])?;
            let of = windows(list(merge, "of")?)?;
            let merged: Vec<TriggerState> = of.iter().filter_map(|window| states.remove(window)).collect();
            let (state, decision) = trigger.on_merge(merged, result, clocks);
            timers.extend(decision.timers.into_iter().flatten().map(|at| (at, result)));
            states.insert(result, state);
            results.push(Value::Null);
        } else {
            clocks.watermark = instant(op, "watermark")?;
            let asked = op.get("window").map(window).transpose()?;
            timers.sort_unstable();
            let due = timers.partition_point(|(at, _)| *at <= clocks.watermark);
            let mut result = Value::Null;
            for (at, window) in timers.drain(..due).collect::<Vec<_>>() {
                let Some(state) = states.get_mut(&window).filter(|state| trigger.has_timer(state, window, at)) else {
                    continue;
                };
                let decision = trigger.on_timer(state, window, at, false);
                timers.extend(decision.timers.into_iter().flatten().map(|at| (at, window)));
                if asked == Some(window) {
                    result = answer(decision.fire);
                }
            }
            results.push(result);
        }
    }
    Ok(json!({"results": results}))
}

/// Results of one step.
#[derive(Default)]
struct Step {
    keys: Vec<String>,
    aggregate: Option<Aggregate>,
    fired: Vec<(EventTime, Value)>,
}

impl Step {
    fn push(&mut self, key: u32, window: TimeWindow, value: Value) {
        let mut row = Map::new();
        row.insert("key".into(), Value::from(self.keys.get(key as usize).cloned()));
        row.insert("value".into(), value);
        if !window.is_global() {
            row.insert("start".into(), say(window.start.0));
            row.insert("end".into(), say(window.end.0));
        }
        row.insert("ts".into(), say(window.max_timestamp().0));
        self.fired.push((window.max_timestamp(), Value::Object(row)));
    }
}

impl Output<Aggregate> for Step {
    fn fire(&mut self, aggregate: &Aggregate, key: u32, window: TimeWindow, contents: &Accumulator, _: Cause) {
        self.push(key, window, aggregate.result(contents));
    }
}

impl Output<Collect> for Step {
    fn fire(&mut self, _: &Collect, key: u32, window: TimeWindow, contents: &Vec<Element>, _: Cause) {
        if let Some(result) = self.aggregate.and_then(|aggregate| aggregate.of(contents)) {
            self.push(key, window, result);
        }
    }
}

pub fn operator(input: &Value, expect: &Value) -> Result<(), String> {
    let definition = read::definition(&input["assigner"], &input["trigger"], &input["evictor"])?;
    let aggregate = read::aggregate(&input["aggregate"])?;
    // Both ways that Flink has: pre-aggregated, and a list where there is an evictor or a process function.
    if definition.evictor.is_some() || aggregate == Aggregate::List {
        steps(input, expect, definition, aggregate, Collect)
    } else {
        steps(input, expect, definition, aggregate, aggregate)
    }
}

/// The gap that a dynamic session's extractor gives: the first rule that fits.
fn gap_of(assigner: &Value, key: &str, value: &Value) -> i64 {
    let fits = |rule: &&Value| rule["key"] == *key && rule.get("value").is_none_or(|wanted| wanted == value);
    let rules = assigner["gaps"].as_array().map(Vec::as_slice).unwrap_or_default();
    rules.iter().find(fits).and_then(|rule| long(&rule["gap"])).unwrap_or(0)
}

fn steps<F: Fold<In = Element> + Clone>(input: &Value, expect: &Value, definition: Definition, aggregate: Aggregate, fold: F) -> Result<(), String>
where
    Step: Output<F>,
{
    let Definition { assigner, trigger, evictor } = definition;
    let mut operator = WindowOperator::new(assigner, trigger, evictor, number(input, "allowedLateness")?, fold)?;
    let mut out = Step {
        aggregate: Some(aggregate),
        ..Step::default()
    };
    let mut late = Vec::new();
    let expected = list(expect, "outputsPerStep")?;
    for (at, step) in list(input, "steps")?.iter().enumerate() {
        if let Some(element) = step.get("element") {
            let (name, value, ts) = (text(element, "key")?, &element["value"], instant(element, "ts")?);
            let key = match out.keys.iter().position(|key| key == name) {
                Some(key) => key,
                None => {
                    out.keys.push(name.to_string());
                    out.keys.len() - 1
                }
            };
            let element = Element {
                ts,
                value: value.as_f64().ok_or("value is no number")?,
                id: at as u32,
            };
            let gap = gap_of(&input["assigner"], name, value);
            if operator.element(key as u32, &element, ts, gap, &mut out)? == Verdict::Late {
                late.push(json!({"key": name, "value": value, "ts": say(ts.0)}));
            }
        } else if step.get("watermark").is_some() {
            operator.advance_watermark(instant(step, "watermark")?, &mut out);
        } else if step.get("processingTime").is_some() {
            operator.advance_processing_time(instant(step, "processingTime")?, &mut out);
        } else if step.get("snapshotRestore").is_some() {
            operator = operator.recovered();
        } else if step.get("endOfInput").is_some() {
            operator.advance_watermark(EventTime::MAX, &mut out);
        } else {
            return Err(format!("step {at}: there is no such step"));
        }
        let fired = core::mem::take(&mut out.fired);
        if fired.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a > b)) {
            return Err(format!("step {at}: results go back in time: {fired:?}"));
        }
        let got = sorted(fired.into_iter().map(|(_, row)| row));
        let wanted = sorted(expected.get(at).and_then(Value::as_array).into_iter().flatten().cloned());
        same(&json!(wanted), &json!(got)).map_err(|difference| format!("step {at}: {difference}"))?;
    }
    same(&expect["lateSideOutput"], &Value::from(late)).map_err(|difference| format!("late side output: {difference}"))
}

/// A multiset, in one order.
fn sorted(rows: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut rows: Vec<Value> = rows.collect();
    rows.sort_by_key(Value::to_string);
    rows
}
