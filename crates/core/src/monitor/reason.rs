//! The words and the data of a state's reason, as CloudWatch writes them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::evaluate::{Comparison, Evaluation, Missing, Rule};
use super::state::StateValue;
use super::statistics::java;
use crate::sim::SimTime;

/// A point that counted: when its period begins (seconds), its value, and of how many samples, where that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datapoint {
    pub at: i64,
    pub value: f64,
    pub samples: Option<f64>,
}

/// StateReason of an evaluation that gave a state. `counted`: the points of [`Evaluation::counted`], in its order.
pub fn reason(rule: &Rule, evaluation: &Evaluation, counted: &[Datapoint], old: StateValue) -> String {
    let periods = rule.periods;
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    let was = |count: usize| if count == 1 { "was" } else { "were" };
    let state = match evaluation.state {
        None => return String::new(),
        Some(StateValue::InsufficientData) => {
            return format!("Insufficient Data: {periods} datapoint{} {} unknown.", plural(periods), was(periods));
        }
        Some(state) => state,
    };
    let treated = match rule.missing {
        Missing::Breaching => "Breaching",
        _ => "NonBreaching",
    };
    let filled = evaluation.filled;
    if counted.is_empty() {
        return format!(
            "Threshold Crossed: no datapoints were received for {periods} period{0} and {filled} missing datapoint{1} {2} treated as [{treated}].",
            plural(periods),
            plural(filled),
            was(filled)
        );
    }
    // An alarm is told by what breaches, an OK by what does not.
    let alarm = state == StateValue::Alarm;
    let told: Vec<&Datapoint> = counted
        .iter()
        .filter(|point| rule.comparison.breaches(point.value, rule.threshold) == alarm)
        .collect();
    let shown: Vec<String> = told.iter().map(|point| format!("{} ({})", java(point.value), date(point.at))).collect();
    let comparison = match rule.comparison {
        Comparison::GreaterThanOrEqualToThreshold => "greater than or equal to",
        Comparison::GreaterThanThreshold => "greater than",
        Comparison::LessThanThreshold => "less than",
        Comparison::LessThanOrEqualToThreshold => "less than or equal to",
    };
    let least = if alarm {
        rule.to_alarm
    } else {
        (rule.periods + 1).saturating_sub(rule.to_alarm)
    };
    let also = match filled {
        0 => String::new(),
        filled => format!(" and {filled} missing datapoint{} {} treated as [{treated}]", plural(filled), was(filled)),
    };
    format!(
        "Threshold Crossed: {told} out of the last {of} datapoint{s} [{shown}] {was} {not}{comparison} the threshold ({threshold}){also} (minimum {least} datapoint{s2} for {old} -> {new} transition).",
        told = told.len(),
        of = periods,
        s = plural(periods.max(told.len()).max(2)),
        shown = shown.join(", "),
        was = was(told.len()),
        not = if alarm { "" } else { "not " },
        threshold = java(rule.threshold),
        s2 = plural(least),
        old = old.as_str(),
        new = state.as_str(),
    )
}

/// StateReasonData of version 1.0. `range`: the values of the N last points, oldest first; `counted` as in [`reason`].
pub fn data(at: SimTime, metric: Option<(&str, Option<&str>)>, period: i64, threshold: f64, recent: &[f64], counted: &[Datapoint]) -> Value {
    let mut data = json!({
        "version": "1.0",
        "queryDate": stamp(at),
        "period": period,
        "recentDatapoints": recent,
        "threshold": threshold,
        "evaluatedDatapoints": counted.iter().map(|point| {
            let mut shown = json!({"timestamp": stamp(SimTime::from_micros(point.at.saturating_mul(1_000_000))), "value": point.value});
            if let Some(samples) = point.samples {
                shown["sampleCount"] = json!(samples);
            }
            shown
        }).collect::<Vec<_>>(),
    });
    if let Some((statistic, unit)) = metric {
        data["statistic"] = json!(statistic);
        if let Some(unit) = unit {
            data["unit"] = json!(unit);
        }
    }
    if let Some(oldest) = counted.last() {
        data["startDate"] = json!(stamp(SimTime::from_micros(oldest.at.saturating_mul(1_000_000))));
    }
    data
}

/// `2026-01-01T00:05:00.000+0000`, as CloudWatch writes instants into JSON of its own.
pub fn stamp(at: SimTime) -> String {
    let text = SimTime::from_micros(at.millis().saturating_mul(1_000)).to_string();
    match text.trim_end_matches('Z') {
        text if text.contains('.') => format!("{text}+0000"),
        text => format!("{text}.000+0000"),
    }
}

/// `01/02/26 09:15:00`: day, month, year, as a reason has it.
fn date(second: i64) -> String {
    let c = SimTime::from_micros(second.saturating_mul(1_000_000)).civil();
    format!(
        "{:02}/{:02}/{:02} {:02}:{:02}:{:02}",
        c.day,
        c.month,
        c.year.rem_euclid(100),
        c.hour,
        c.minute,
        c.second
    )
}

/// The Region as a subject has it.
pub fn region_name(region: &str) -> String {
    match region {
        "us-east-1" => "US East (N. Virginia)",
        "us-east-2" => "US East (Ohio)",
        "us-west-1" => "US West (N. California)",
        "us-west-2" => "US West (Oregon)",
        "eu-central-1" => "EU (Frankfurt)",
        "eu-west-1" => "EU (Ireland)",
        "eu-west-2" => "EU (London)",
        "ap-northeast-1" => "Asia Pacific (Tokyo)",
        "ap-southeast-1" => "Asia Pacific (Singapore)",
        other => other,
    }
    .to_string()
}
