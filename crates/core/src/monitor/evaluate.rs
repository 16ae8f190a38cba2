//! One evaluation of an alarm, as a pure function: points in, state and what counted out.
//!
//! Belongs here: the rule of M out of N and of missing data ("Configuring how CloudWatch alarms treat missing data"). Does not belong here: where points come from,
//! the words of a reason, and what follows from a state.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::state::StateValue;

/// `ComparisonOperator`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    GreaterThanOrEqualToThreshold,
    GreaterThanThreshold,
    LessThanThreshold,
    LessThanOrEqualToThreshold,
}

impl Comparison {
    pub fn parse(name: &str) -> Option<Comparison> {
        Some(match name {
            "GreaterThanOrEqualToThreshold" => Comparison::GreaterThanOrEqualToThreshold,
            "GreaterThanThreshold" => Comparison::GreaterThanThreshold,
            "LessThanThreshold" => Comparison::LessThanThreshold,
            "LessThanOrEqualToThreshold" => Comparison::LessThanOrEqualToThreshold,
            _ => return None,
        })
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Comparison::GreaterThanOrEqualToThreshold => "GreaterThanOrEqualToThreshold",
            Comparison::GreaterThanThreshold => "GreaterThanThreshold",
            Comparison::LessThanThreshold => "LessThanThreshold",
            Comparison::LessThanOrEqualToThreshold => "LessThanOrEqualToThreshold",
        }
    }

    /// Whether a value breaches the threshold.
    pub fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Comparison::GreaterThanOrEqualToThreshold => value >= threshold,
            Comparison::GreaterThanThreshold => value > threshold,
            Comparison::LessThanThreshold => value < threshold,
            Comparison::LessThanOrEqualToThreshold => value <= threshold,
        }
    }
}

/// `TreatMissingData`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Missing {
    #[default]
    Missing,
    Ignore,
    Breaching,
    NotBreaching,
}

impl Missing {
    pub fn parse(name: &str) -> Option<Missing> {
        Some(match name {
            "missing" => Missing::Missing,
            "ignore" => Missing::Ignore,
            "breaching" => Missing::Breaching,
            "notBreaching" => Missing::NotBreaching,
            _ => return None,
        })
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Missing::Missing => "missing",
            Missing::Ignore => "ignore",
            Missing::Breaching => "breaching",
            Missing::NotBreaching => "notBreaching",
        }
    }
}

/// What an alarm asks of its points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    pub comparison: Comparison,
    pub threshold: f64,
    /// EvaluationPeriods.
    pub periods: usize,
    /// DatapointsToAlarm.
    pub to_alarm: usize,
    pub missing: Missing,
}

/// How one evaluation went. Indices are those of the points given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evaluation {
    /// `None`: the state stays as it is.
    pub state: Option<StateValue>,
    /// The points that decided, newest first.
    pub counted: Vec<usize>,
    /// Those of them that breach, newest first.
    pub breaching: Vec<usize>,
    /// Missing points that the policy stood in for.
    pub filled: usize,
    /// The oldest point of the bracket, M out of the last N.
    pub bracket: usize,
}

/// Points that an evaluation looks at for N evaluation periods: N and max(N / 3, 2) more. AWS publishes one of these numbers, 5 for 3; the others are unconfirmed.
pub const fn range(periods: usize) -> usize {
    let more = periods / 3;
    periods.saturating_add(if more > 2 { more } else { 2 })
}

/// Evaluates points of the evaluation range, oldest first; `None` is missing.
///
/// With N real points or more, the newest N of them decide and the policy does nothing. With none, the policy decides alone. In between it fills up, or, where it is
/// `missing` or `ignore`, an alarm is raised by M breaching points, or by breaching points alone the oldest of which is M periods old; a breaching point younger than that
/// may be the first of a series whose rest is still to come, and the state stays.
pub fn evaluate(rule: &Rule, points: &[Option<f64>]) -> Evaluation {
    let breaches = |at: &usize| {
        points
            .get(*at)
            .copied()
            .flatten()
            .is_some_and(|value| rule.comparison.breaches(value, rule.threshold))
    };
    let mut counted: Vec<usize> = (0..points.len()).rev().filter(|at| points[*at].is_some()).collect();
    let enough = counted.len() >= rule.periods;
    counted.truncate(rule.periods);
    let breaching: Vec<usize> = counted.iter().copied().filter(breaches).collect();
    let absent = rule.periods - counted.len();
    let ok_or_alarm = |alarm: bool| Some(if alarm { StateValue::Alarm } else { StateValue::Ok });
    let state = if enough {
        ok_or_alarm(breaching.len() >= rule.to_alarm)
    } else {
        match rule.missing {
            Missing::Breaching => ok_or_alarm(breaching.len() + absent >= rule.to_alarm),
            Missing::NotBreaching => ok_or_alarm(breaching.len() >= rule.to_alarm),
            Missing::Missing if counted.is_empty() => Some(StateValue::InsufficientData),
            Missing::Ignore if counted.is_empty() => None,
            _ if breaching.len() >= rule.to_alarm => Some(StateValue::Alarm),
            _ if breaching.len() < counted.len() => Some(StateValue::Ok),
            Missing::Ignore => None,
            // Counted from the newest point of the range, which is 1.
            Missing::Missing => breaching
                .last()
                .filter(|oldest| points.len() - **oldest >= rule.to_alarm)
                .map(|_| StateValue::Alarm),
        }
    };
    let filled = match rule.missing {
        Missing::Breaching | Missing::NotBreaching if !enough => absent,
        _ => 0,
    };
    Evaluation {
        state,
        counted,
        breaching,
        filled,
        bracket: points.len().saturating_sub(rule.periods),
    }
}
