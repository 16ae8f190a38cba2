use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::composite::CompositeAlarm;
use super::evaluate::{Comparison, Missing, Rule};
use super::math::Query;
use super::metrics::MetricId;
use super::state::StateValue;
use super::statistics::Statistic;
use crate::account::AccountOptions;
use crate::sim::SimTime;

/// What an alarm looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Source {
    Metric {
        id: MetricId,
        /// As it was written, plain or extended.
        statistic: String,
        /// Seconds.
        period: i64,
        unit: Option<String>,
    },
    /// Metric math; one query returns data.
    Queries(Vec<Query>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct MetricAlarm {
    pub source: Source,
    pub comparison: Comparison,
    pub threshold: f64,
    pub periods: usize,
    pub to_alarm: Option<usize>,
    pub missing: Option<Missing>,
    /// EvaluateLowSampleCountPercentile, where it was given.
    pub low_samples: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum Kind {
    Metric(MetricAlarm),
    Composite(CompositeAlarm),
}

/// An alarm of either kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    pub(super) kind: Kind,
    pub(super) description: Option<String>,
    pub(super) actions_enabled: bool,
    pub(super) ok_actions: Vec<String>,
    pub(super) alarm_actions: Vec<String>,
    pub(super) insufficient_actions: Vec<String>,
    pub(super) configured: SimTime,
    pub(super) state: StateValue,
    pub(super) reason: String,
    /// JSON text.
    pub(super) reason_data: Option<String>,
    pub(super) updated: SimTime,
    pub(super) transitioned: SimTime,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// The next evaluation; `None`: not before something it looks at changes.
    #[serde(default)]
    pub(super) next: Option<SimTime>,
    /// Until when it was metered; `None`: since it was configured.
    #[serde(default)]
    pub(super) metered: Option<SimTime>,
    /// The trace row of its last configuration.
    #[serde(default)]
    pub(super) cause: Option<u32>,
}

impl MetricAlarm {
    pub fn rule(&self) -> Rule {
        Rule {
            comparison: self.comparison,
            threshold: self.threshold,
            periods: self.periods,
            to_alarm: self.to_alarm.unwrap_or(self.periods),
            missing: self.policy(),
        }
    }

    /// Alarms of DynamoDB's metrics ignore missing data whatever they say ("Configuring how CloudWatch alarms treat missing data").
    fn policy(&self) -> Missing {
        match &self.source {
            Source::Metric { id, .. } if id.namespace == "AWS/DynamoDB" => Missing::Ignore,
            _ => self.missing.unwrap_or_default(),
        }
    }

    /// Seconds of a period.
    pub fn period(&self) -> i64 {
        match &self.source {
            Source::Metric { period, .. } => *period,
            Source::Queries(queries) => queries.iter().filter_map(|query| query.period).max().unwrap_or(60),
        }
    }

    /// Samples under which a point is passed over; 0: none is.
    pub fn enough_samples(&self) -> f64 {
        match (&self.source, self.low_samples.as_deref()) {
            (Source::Metric { statistic, .. }, Some("ignore")) => Statistic::any(statistic).map_or(0.0, Statistic::enough_samples),
            _ => 0.0,
        }
    }

    /// The metrics it looks at.
    pub fn metrics(&self) -> Vec<&MetricId> {
        match &self.source {
            Source::Metric { id, .. } => Vec::from([id]),
            Source::Queries(queries) => queries.iter().filter_map(Query::metric).collect(),
        }
    }
}

impl Alarm {
    pub(super) fn is_composite(&self) -> bool {
        matches!(self.kind, Kind::Composite(_))
    }

    pub(super) fn actions(&self, state: StateValue) -> &[String] {
        match state {
            StateValue::Ok => &self.ok_actions,
            StateValue::Alarm => &self.alarm_actions,
            StateValue::InsufficientData => &self.insufficient_actions,
        }
    }

    pub(super) fn reads(&self, id: &MetricId) -> bool {
        match &self.kind {
            Kind::Metric(alarm) => alarm.metrics().contains(&id),
            Kind::Composite(_) => false,
        }
    }

    /// Seconds between two evaluations: a minute, ten seconds for a high-resolution alarm.
    pub(super) fn interval(&self) -> i64 {
        match &self.kind {
            Kind::Metric(alarm) if alarm.period() < 60 => 10,
            _ => 60,
        }
    }

    /// Has it evaluated at the next whole interval after `now`.
    pub(super) fn wake(&mut self, now: SimTime) {
        if !self.is_composite() {
            let interval = self.interval() * 1_000_000;
            self.next = Some(SimTime::from_micros((now.micros().div_euclid(interval) + 1).saturating_mul(interval)));
        }
    }
}

pub(super) fn arn(options: &AccountOptions, name: &str) -> String {
    format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", options.region, options.account_id)
}

/// The alarm's name in a name or an ARN.
pub(super) fn name_of(name_or_arn: &str) -> String {
    let parts: Vec<&str> = name_or_arn.splitn(7, ':').collect();
    match parts.as_slice() {
        ["arn", _, "cloudwatch", _, _, "alarm", name] => (*name).to_string(),
        _ => name_or_arn.to_string(),
    }
}
