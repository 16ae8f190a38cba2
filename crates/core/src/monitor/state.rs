use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::alarm::Alarm;
use super::metrics::{MetricId, Metrics, Sample};
use crate::sim::SimTime;
use crate::storage::cost::Meter;

/// `StateValue` of an alarm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum StateValue {
    #[serde(rename = "OK")]
    Ok,
    #[serde(rename = "ALARM")]
    Alarm,
    #[default]
    #[serde(rename = "INSUFFICIENT_DATA")]
    InsufficientData,
}

impl StateValue {
    pub fn parse(name: &str) -> Option<StateValue> {
        Some(match name {
            "OK" => StateValue::Ok,
            "ALARM" => StateValue::Alarm,
            "INSUFFICIENT_DATA" => StateValue::InsufficientData,
            _ => return None,
        })
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            StateValue::Ok => "OK",
            StateValue::Alarm => "ALARM",
            StateValue::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// An item of an alarm's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct HistoryItem {
    pub alarm: String,
    pub composite: bool,
    pub at: SimTime,
    /// ConfigurationUpdate, StateUpdate or Action.
    pub kind: String,
    pub summary: String,
    /// HistoryData: an object.
    pub data: Value,
}

/// Days that an item stays ("DescribeAlarmHistory").
const HISTORY_DAYS: i64 = 30;

/// A message to a target of an alarm's action.
#[derive(Clone, Debug, PartialEq)]
pub struct Notification {
    /// The action's ARN.
    pub target: String,
    pub subject: String,
    pub message: String,
}

/// A change of an alarm's state, or the late action of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    pub at: SimTime,
    pub alarm: String,
    /// `None`: no change, actions alone.
    pub state: Option<StateValue>,
    /// The trace row that it follows from, where that is known.
    pub cause: Option<u32>,
    /// The alarm's own configuration or state was set by the call that is being applied.
    pub by_call: bool,
    pub notifications: Vec<Notification>,
}

/// CloudWatch's state: metrics, alarms by name, their history.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
pub struct CloudWatch {
    #[serde(default)]
    pub(super) metrics: Metrics,
    #[serde(default)]
    pub(super) alarms: BTreeMap<String, Alarm>,
    /// Oldest first.
    #[serde(default)]
    pub(super) history: Vec<HistoryItem>,
    /// What was used, but for what its alarms owe.
    #[serde(default, skip_serializing_if = "Meter::is_empty")]
    pub(super) meter: Meter,
    /// Alarms that the call being applied has configured.
    #[serde(skip)]
    pub(super) configured: Vec<String>,
    /// What happened since the account last took it.
    #[serde(skip)]
    pub(super) changes: Vec<Changed>,
}

impl CloudWatch {
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// The state of an alarm.
    pub fn state_of(&self, alarm: &str) -> Option<StateValue> {
        self.alarms.get(alarm).map(|alarm| alarm.state)
    }

    /// A service's own counter: `count` samples of a value at `now`, at 60 seconds, under a unit of `StandardUnit`. `cause`: the trace row that brought it, if it is known.
    pub fn record(&mut self, now: SimTime, id: &MetricId, unit: &str, value: f64, count: f64, cause: Option<u32>) {
        if value.is_finite() && count > 0.0 {
            self.take(now, id, now, unit, 60, Sample::Value { value, count });
            if cause.is_some() {
                self.metrics.mark(id, cause);
            }
        }
    }

    /// As [`CloudWatch::record`], of a service that sends what it counted in a minute when the minute is over: `at` is the minute's beginning.
    pub fn record_at(&mut self, now: SimTime, at: SimTime, id: &MetricId, unit: &str, sample: Sample, cause: Option<u32>) {
        self.take(now, id, at, unit, 60, sample);
        if cause.is_some() {
            self.metrics.mark(id, cause);
        }
    }

    /// Takes a sample and wakes the alarms that look at its metric.
    pub(super) fn take(&mut self, now: SimTime, id: &MetricId, at: SimTime, unit: &str, resolution: i64, sample: Sample) {
        self.metrics.record(now, id, at, unit, resolution, sample);
        for alarm in self.alarms.values_mut() {
            if alarm.next.is_none() && alarm.reads(id) {
                alarm.wake(now);
            }
        }
    }

    /// Says the trace row of the call that brought points or configured alarms.
    pub fn caused(&mut self, row: u32) {
        self.metrics.caused(row);
        for name in core::mem::take(&mut self.configured) {
            if let Some(alarm) = self.alarms.get_mut(&name) {
                alarm.cause = Some(row);
            }
        }
    }

    /// Takes what happened since the last time.
    pub fn take_changes(&mut self) -> Vec<Changed> {
        core::mem::take(&mut self.changes)
    }

    /// Notes what became of an action.
    pub fn acted(&mut self, at: SimTime, alarm: &str, target: &str, error: Option<&str>) {
        let summary = match error {
            None => ["Successfully executed action ", target].concat(),
            Some(error) => ["Failed to execute action ", target, ". Received error: \"", error, "\""].concat(),
        };
        let mut data = serde_json::json!({
            "actionState": if error.is_none() { "Succeeded" } else { "Failed" },
            "notificationResource": target,
            "stateUpdateTimestamp": at.millis(),
        });
        if let Some(error) = error {
            data["error"] = serde_json::json!(error);
        }
        self.note(at, alarm, "Action", summary, data);
    }

    pub(super) fn note(&mut self, at: SimTime, alarm: &str, kind: &str, summary: String, data: Value) {
        let oldest = at.plus_seconds(-HISTORY_DAYS * 86_400);
        let gone = self.history.partition_point(|item| item.at < oldest);
        self.history.drain(..gone);
        self.history.push(HistoryItem {
            alarm: alarm.to_string(),
            composite: self.alarms.get(alarm).is_some_and(Alarm::is_composite),
            at,
            kind: kind.to_string(),
            summary,
            data,
        });
    }
}
