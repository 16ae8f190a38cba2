//! What time and points do to alarms.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::alarm::{Alarm, Kind, MetricAlarm, Source, arn};
use super::composite::Suppressed;
use super::evaluate::{Evaluation, evaluate, range};
use super::math;
use super::reason::{self, Datapoint, reason, region_name, stamp};
use super::state::{Changed, CloudWatch, Notification, StateValue};
use super::statistics::Statistic;
use crate::account::AccountOptions;
use crate::sim::SimTime;

/// A new state and why.
pub(super) struct NewState {
    pub state: StateValue,
    pub reason: String,
    pub data: Option<Value>,
    pub cause: Option<u32>,
    pub by_call: bool,
}

/// One evaluation: what it saw, and what it says.
pub(super) struct Look {
    /// The first second of the evaluation range.
    pub from: i64,
    /// Oldest first.
    pub points: Vec<Option<Datapoint>>,
    pub evaluation: Evaluation,
    /// The points of `evaluation.counted`, in its order.
    pub counted: Vec<Datapoint>,
    /// A point that counts rests on too few samples for its percentile, and the alarm passes over such.
    passed_over: bool,
}

impl Look {
    /// The state that follows; `None`: it stays as it is.
    pub fn state(&self) -> Option<StateValue> {
        self.evaluation.state.filter(|_| !self.passed_over)
    }
}

impl CloudWatch {
    /// When the first alarm is to be evaluated.
    pub fn next_due(&self) -> Option<SimTime> {
        self.alarms.values().filter_map(|alarm| alarm.next).min()
    }

    /// Evaluates the first alarm that is due by `now`, at its own time; alarms of the same instant by name. Answers whether there was one.
    pub fn poll_one(&mut self, options: &AccountOptions, now: SimTime) -> bool {
        let due = self.alarms.iter().filter_map(|(name, alarm)| alarm.next.map(|at| (at, name)));
        let Some((at, name)) = due.min().filter(|(at, _)| *at <= now).map(|(at, name)| (at, name.clone())) else {
            return false;
        };
        match self.alarms.get(&name).map(|alarm| &alarm.kind) {
            Some(Kind::Metric(metric)) => {
                let metric = metric.clone();
                self.evaluate_metric(options, at, &name, &metric);
            }
            _ => self.end_suppression(options, at, &name),
        }
        true
    }

    fn evaluate_metric(&mut self, options: &AccountOptions, at: SimTime, name: &str, metric: &MetricAlarm) {
        let look = self.look(at, metric);
        let (period, rule) = (metric.period().max(1), metric.rule());
        // An alarm that nothing reaches sleeps until something does.
        let idle = look.points.iter().all(Option::is_none)
            && !metric.metrics().iter().any(|id| self.metrics.any_since(id, look.from))
            && !matches!(&metric.source, Source::Queries(queries) if math::needs_no_data(queries));
        let cause = metric.metrics().iter().filter_map(|id| self.metrics.cause(id)).max();
        let Some(alarm) = self.alarms.get_mut(name) else { return };
        alarm.next = if idle { None } else { Some(at.plus_seconds(alarm.interval())) };
        let (old, cause) = (alarm.state, cause.or(alarm.cause));
        let Some(state) = look.state().filter(|state| *state != old) else {
            return;
        };
        let named = match &metric.source {
            Source::Metric { statistic, unit, .. } => Some((statistic.as_str(), unit.as_deref())),
            Source::Queries(_) => None,
        };
        let recent: Vec<f64> = look.counted.iter().rev().map(|point| point.value).collect();
        let new = NewState {
            state,
            reason: reason(&rule, &look.evaluation, &look.counted, old),
            data: Some(reason::data(at, named, period, rule.threshold, &recent, &look.counted)),
            cause,
            by_call: false,
        };
        self.change(options, at, name, new);
    }

    /// What an evaluation at `at` sees and says.
    pub(super) fn look(&self, at: SimTime, metric: &MetricAlarm) -> Look {
        let (period, rule) = (metric.period().max(1), metric.rule());
        let length = range(rule.periods);
        let second = at.micros().div_euclid(1_000_000);
        let from = second - period * length as i64;
        let points = self.points(at, metric, from, second, period, length);
        let values: Vec<Option<f64>> = points.iter().map(|point| point.map(|point| point.value)).collect();
        let evaluation = evaluate(&rule, &values);
        let counted: Vec<Datapoint> = evaluation.counted.iter().filter_map(|index| points.get(*index).copied().flatten()).collect();
        let few = metric.enough_samples();
        let passed_over = counted.iter().any(|point| point.samples.is_some_and(|samples| samples < few));
        Look {
            from,
            points,
            evaluation,
            counted,
            passed_over,
        }
    }

    /// The points of an alarm's range, oldest first.
    pub(super) fn points(&self, now: SimTime, metric: &MetricAlarm, from: i64, to: i64, period: i64, length: usize) -> Vec<Option<Datapoint>> {
        let starts = (0..length as i64).map(|index| from + index * period);
        match &metric.source {
            Source::Metric { id, statistic, unit, .. } => {
                let Some(statistic) = Statistic::any(statistic) else { return Vec::new() };
                let point = |at: i64| {
                    let bucket = self.metrics.bucket(now, id, unit.as_deref(), at, at + period, period);
                    Some(Datapoint {
                        at,
                        value: bucket.statistic(statistic)?,
                        samples: Some(bucket.count()),
                    })
                };
                starts.map(point).collect()
            }
            Source::Queries(queries) => {
                let series = math::returned(&self.metrics, now, queries, from, to).unwrap_or_default();
                let point = |at: i64| {
                    let value = *series.get(&at)?;
                    Some(Datapoint { at, value, samples: None })
                };
                starts.map(point).collect()
            }
        }
    }

    /// Puts an alarm into a state, with history and actions, and has the composite alarms follow.
    pub(super) fn change(&mut self, options: &AccountOptions, at: SimTime, name: &str, new: NewState) {
        let Some(alarm) = self.alarms.get_mut(name) else { return };
        let old = alarm.state;
        let before = json!({"stateValue": old.as_str(), "stateReason": alarm.reason, "stateReasonData": parsed(alarm.reason_data.as_deref())});
        alarm.state = new.state;
        alarm.reason.clone_from(&new.reason);
        alarm.reason_data = new.data.as_ref().map(Value::to_string);
        alarm.updated = at;
        let changed = old != new.state;
        if changed {
            alarm.transitioned = at;
            let after = json!({"stateValue": new.state.as_str(), "stateReason": new.reason, "stateReasonData": new.data});
            let summary = format!("Alarm updated from {} to {}", old.as_str(), new.state.as_str());
            self.note(
                at,
                name,
                "StateUpdate",
                summary,
                json!({"version": "1.0", "oldState": before, "newState": after}),
            );
            let notifications = if self.holds_actions(at, name, old) {
                Vec::new()
            } else {
                self.notifications(options, name, old)
            };
            self.changes.push(Changed {
                at,
                alarm: name.to_string(),
                state: Some(new.state),
                cause: new.cause,
                by_call: new.by_call,
                notifications,
            });
            self.follow(options, at, name, new.cause, new.by_call);
        }
    }

    /// What an alarm's actions say of the state it is in.
    pub(super) fn notifications(&self, options: &AccountOptions, name: &str, old: StateValue) -> Vec<Notification> {
        let Some(alarm) = self.alarms.get(name).filter(|alarm| alarm.actions_enabled) else {
            return Vec::new();
        };
        let region = region_name(&options.region);
        let subject = format!("{}: \"{name}\" in {region}", alarm.state.as_str());
        let message = message(options, name, alarm, old, &region).to_string();
        let to = |target: &String| Notification {
            target: target.clone(),
            subject: subject.clone(),
            message: message.clone(),
        };
        alarm.actions(alarm.state).iter().map(to).collect()
    }

    fn end_suppression(&mut self, options: &AccountOptions, at: SimTime, name: &str) {
        let Some(alarm) = self.alarms.get_mut(name) else { return };
        alarm.next = None;
        let cause = alarm.cause;
        let Kind::Composite(composite) = &mut alarm.kind else { return };
        composite.suppressed = Suppressed::No;
        let old = composite.held_from.take().unwrap_or_default();
        let notifications = self.notifications(options, name, old);
        self.changes.push(Changed {
            at,
            alarm: name.to_string(),
            state: None,
            cause,
            by_call: false,
            notifications,
        });
    }
}

fn parsed(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// The JSON that CloudWatch publishes.
fn message(options: &AccountOptions, name: &str, alarm: &Alarm, old: StateValue, region: &str) -> Value {
    let mut message = json!({
        "AlarmName": name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": options.account_id,
        "AlarmConfigurationUpdatedTimestamp": stamp(alarm.configured),
        "NewStateValue": alarm.state.as_str(),
        "NewStateReason": alarm.reason,
        "StateChangeTime": stamp(alarm.transitioned),
        "Region": region,
        "AlarmArn": arn(options, name),
        "OldStateValue": old.as_str(),
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_actions,
    });
    match &alarm.kind {
        Kind::Metric(metric) => message["Trigger"] = trigger(metric),
        Kind::Composite(composite) => {
            message["AlarmRule"] = json!(composite.rule);
        }
    }
    message
}

fn trigger(metric: &MetricAlarm) -> Value {
    let mut trigger = json!({
        "Period": metric.period(),
        "EvaluationPeriods": metric.periods,
        "ComparisonOperator": metric.comparison.as_str(),
        "Threshold": metric.threshold,
        "TreatMissingData": metric.missing.unwrap_or_default().as_str(),
        "EvaluateLowSampleCountPercentile": metric.low_samples.as_deref().unwrap_or_default(),
    });
    if let Some(to_alarm) = metric.to_alarm {
        trigger["DatapointsToAlarm"] = json!(to_alarm);
    }
    match &metric.source {
        Source::Metric { id, statistic, unit, .. } => {
            trigger["MetricName"] = json!(id.name);
            trigger["Namespace"] = json!(id.namespace);
            trigger["Unit"] = json!(unit);
            let dimensions = id.dimensions.iter().map(|(name, value)| json!({"name": name, "value": value}));
            trigger["Dimensions"] = dimensions.collect();
            if Statistic::plain(statistic).is_some() {
                trigger["StatisticType"] = json!("Statistic");
                trigger["Statistic"] = json!(plain_in_capitals(statistic));
            } else {
                trigger["StatisticType"] = json!("ExtendedStatistic");
                trigger["ExtendedStatistic"] = json!(statistic);
            }
        }
        Source::Queries(queries) => trigger["Metrics"] = queries.iter().map(math::Query::shown).collect(),
    }
    trigger
}

/// `SampleCount` → `SAMPLE_COUNT`.
fn plain_in_capitals(statistic: &str) -> String {
    let mut text = String::new();
    for (at, letter) in statistic.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_uppercase());
    }
    text
}
