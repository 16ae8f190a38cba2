use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, json};

use super::Response;
use super::members::{bad_combination, check_dimensions, check_longest, check_most, dimensions, invalid, not_in_enum, unit};
use crate::account::{AccountOptions, ApiError, Params};
use crate::monitor::alarm::{Alarm, Kind, MetricAlarm, Source, name_of};
use crate::monitor::composite::{CompositeAlarm, RuleNode, Suppressed};
use crate::monitor::evaluate::{Comparison, Missing};
use crate::monitor::math;
use crate::monitor::metrics::MetricId;
use crate::monitor::state::{CloudWatch, StateValue};
use crate::monitor::statistics::Statistic;
use crate::sim::SimTime;

const COMPARISONS: &[&str] = &[
    "GreaterThanOrEqualToThreshold",
    "GreaterThanThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
    "LessThanLowerOrGreaterThanUpperThreshold",
    "LessThanLowerThreshold",
    "GreaterThanUpperThreshold",
];
const STATISTICS: &[&str] = &["SampleCount", "Average", "Sum", "Minimum", "Maximum"];
/// Queries of an alarm that name a metric.
const MAX_METRICS: usize = 10;
/// Members that Sluice knows of and does not do.
const NOT_DONE: &[&str] = &[
    "ThresholdMetricId",
    "EvaluationWindow",
    "WarmUpConfiguration",
    "EvaluationCriteria",
    "EvaluationInterval",
    "ActionConfiguration",
];

impl CloudWatch {
    /// Makes an alarm, or overwrites the whole configuration of one and keeps its state.
    pub(super) fn put_metric_alarm(&mut self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        let metric = metric_alarm(params)?;
        self.put(options, now, params, Kind::Metric(metric))
    }

    pub(super) fn put_composite_alarm(&mut self, options: &AccountOptions, now: SimTime, params: &Params<'_>) -> Response {
        if params.has("ActionConfiguration") {
            return Err(ApiError::new(
                "NotImplemented",
                "Sluice does not do cloudwatch:PutCompositeAlarm with ActionConfiguration yet.",
            ));
        }
        let name = params.required_text("AlarmName")?;
        check_longest(params, "AlarmRule", "alarmRule", 10_240)?;
        let text = params.required_text("AlarmRule")?;
        let rule = RuleNode::parse(text).map_err(|error| invalid(format!("AlarmRule must not contain invalid expression: {error}.")))?;
        let suppressor_arn = params.text("ActionsSuppressor");
        let suppressor = suppressor_arn.map(name_of);
        let mut named: Vec<String> = rule.children().into_iter().map(ToString::to_string).collect();
        named.extend(suppressor.clone());
        let unknown: Vec<&str> = named
            .iter()
            .map(String::as_str)
            .filter(|child| *child != name && !self.alarms.contains_key(*child))
            .collect();
        if !unknown.is_empty() {
            return Err(invalid(format!(
                "Could not save the composite alarm as alarms [{}] in the alarm rule do not exist",
                unknown.join(", ")
            )));
        }
        if self.makes_cycle(name, &named) {
            return Err(invalid(format!(
                "Could not save the composite alarm as the alarm {name} would be part of a cycle"
            )));
        }
        let wait = params.integer("ActionsSuppressorWaitPeriod");
        let extension = params.integer("ActionsSuppressorExtensionPeriod");
        if suppressor.is_some() && (wait.is_none() || extension.is_none()) {
            return Err(invalid(
                "ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are required when ActionsSuppressor is specified".to_string(),
            ));
        }
        if suppressor.is_none() && (wait.is_some() || extension.is_some()) {
            return Err(invalid(
                "ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod may only be specified with ActionsSuppressor".to_string(),
            ));
        }
        if [wait, extension].into_iter().flatten().any(|seconds| !(0..=86_400).contains(&seconds)) {
            return Err(invalid("Suppressor periods must lie between 0 and 86400 seconds".to_string()));
        }
        let composite = CompositeAlarm {
            rule: text.to_string(),
            suppressor,
            suppressor_arn: suppressor_arn.map(ToString::to_string),
            wait: wait.unwrap_or(0),
            extension: extension.unwrap_or(0),
            suppressed: Suppressed::No,
            held_from: None,
        };
        let response = self.put(options, now, params, Kind::Composite(composite))?;
        self.evaluate_composite(options, now, name, None, None, true);
        Ok(response)
    }

    fn put(&mut self, _options: &AccountOptions, now: SimTime, params: &Params<'_>, kind: Kind) -> Response {
        let name = params.required_text("AlarmName")?;
        check_longest(params, "AlarmName", "alarmName", 255)?;
        if name.chars().any(|c| c.is_ascii_control()) {
            return Err(invalid("AlarmName must not contain ASCII control characters".to_string()));
        }
        check_longest(params, "AlarmDescription", "alarmDescription", 1_024)?;
        for (list, member) in [
            ("OKActions", "oKActions"),
            ("AlarmActions", "alarmActions"),
            ("InsufficientDataActions", "insufficientDataActions"),
        ] {
            check_most(params, list, member, 5)?;
            if let Some(wrong) = params.texts(list).find(|target| !target.starts_with("arn:")) {
                return Err(invalid(format!("Invalid arn syntax: {wrong}")));
            }
        }
        self.charge(now);
        let old = self.alarms.get(name);
        let composite = matches!(kind, Kind::Composite(_));
        if old.is_some_and(|old| old.is_composite() != composite) {
            return Err(invalid(format!("An alarm of another type with the name {name} already exists")));
        }
        // Tags are given with a new alarm alone; for one that is there they are passed over.
        let tags: BTreeMap<String, String> = match old {
            Some(old) => old.tags.clone(),
            None => super::alarms::tags_of(params).collect(),
        };
        if tags.len() > 50 {
            return Err(invalid("An alarm has at most 50 tags".to_string()));
        }
        let created = old.is_none();
        let texts = |name: &str| params.texts(name).map(ToString::to_string).collect();
        let mut alarm = Alarm {
            kind,
            description: params.text("AlarmDescription").map(ToString::to_string),
            actions_enabled: params.boolean("ActionsEnabled").unwrap_or(true),
            ok_actions: texts("OKActions"),
            alarm_actions: texts("AlarmActions"),
            insufficient_actions: texts("InsufficientDataActions"),
            configured: now,
            state: old.map_or(StateValue::InsufficientData, |old| old.state),
            reason: old.map_or_else(|| "Unchecked: Initial alarm creation".to_string(), |old| old.reason.clone()),
            reason_data: old.and_then(|old| old.reason_data.clone()),
            updated: old.map_or(now, |old| old.updated),
            transitioned: old.map_or(now, |old| old.transitioned),
            tags,
            next: None,
            metered: Some(now),
            cause: None,
        };
        alarm.wake(now);
        self.alarms.insert(name.to_string(), alarm);
        self.configured.push(name.to_string());
        let (summary, kind) = if created {
            (format!("Alarm \"{name}\" created"), "Create")
        } else {
            (format!("Alarm \"{name}\" updated"), "Update")
        };
        self.note(now, name, "ConfigurationUpdate", summary, json!({"version": "1.0", "type": kind}));
        Ok(Map::new())
    }
}

/// What an alarm on a metric, or on math over some, looks at and asks, from the parameters of PutMetricAlarm.
pub(in crate::monitor) fn metric_alarm(params: &Params<'_>) -> Result<MetricAlarm, ApiError> {
    if let Some(name) = NOT_DONE.iter().find(|name| params.has(name)) {
        return Err(ApiError::new(
            "NotImplemented",
            format!("Sluice does not do cloudwatch:PutMetricAlarm with {name} yet."),
        ));
    }
    let comparison = match params.text("ComparisonOperator") {
        None => return Err(missing("ComparisonOperator")),
        Some(name) => match Comparison::parse(name) {
            Some(comparison) => comparison,
            None if COMPARISONS.contains(&name) => {
                return Err(ApiError::new(
                    "NotImplemented",
                    format!("Sluice does not do {name} yet: it has no anomaly detection."),
                ));
            }
            None => return Err(not_in_enum(name, "comparisonOperator", COMPARISONS)),
        },
    };
    let threshold = params.double("Threshold").ok_or_else(|| missing("Threshold"))?;
    let periods = params.integer("EvaluationPeriods").ok_or_else(|| missing("EvaluationPeriods"))?;
    let source = if params.has("Metrics") { queries(params)? } else { metric(params)? };
    let to_alarm = params.integer("DatapointsToAlarm");
    if to_alarm.is_some_and(|count| count > periods) {
        return Err(invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods.".to_string()));
    }
    let missing = match params.text("TreatMissingData") {
        None => None,
        Some(name) => Some(Missing::parse(name).ok_or_else(|| invalid(format!("Option {name} is not supported for TreatMissingData.")))?),
    };
    let low_samples = params.text("EvaluateLowSampleCountPercentile");
    if let Some(name) = low_samples.filter(|name| !matches!(*name, "evaluate" | "ignore")) {
        return Err(invalid(format!("Option {name} is not supported for EvaluateLowSampleCountPercentile.")));
    }
    let alarm = MetricAlarm {
        source,
        comparison,
        threshold,
        periods: usize::try_from(periods).unwrap_or(usize::MAX),
        to_alarm: to_alarm.and_then(|count| usize::try_from(count).ok()),
        missing,
        low_samples: low_samples.map(ToString::to_string),
    };
    let (period, most) = (alarm.period(), if alarm.period() >= 3_600 { 604_800 } else { 86_400 });
    if periods.checked_mul(period).is_none_or(|range| range > most) {
        let shown = if most == 86_400 { "one day" } else { "seven days" };
        return Err(invalid(format!(
            "Metrics cannot be checked across more than {shown} (EvaluationPeriods * Period must be <= {most})."
        )));
    }
    Ok(alarm)
}

fn missing(name: &str) -> ApiError {
    ApiError::new("MissingParameter", format!("The parameter {name} is required."))
}

/// The metric of an alarm on one.
fn metric(params: &Params<'_>) -> Result<Source, ApiError> {
    let text = |name: &str| params.text(name).ok_or_else(|| missing(name));
    let (name, namespace) = (text("MetricName")?, text("Namespace")?);
    if namespace.starts_with(':') || namespace.chars().count() > 255 {
        return Err(invalid(format!(
            "1 validation error detected: Value '{namespace}' at 'namespace' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:].*"
        )));
    }
    check_longest(params, "MetricName", "metricName", 255)?;
    let period = params.integer("Period").ok_or_else(|| missing("Period"))?;
    if !matches!(period, 10 | 20 | 30) && (period <= 0 || period % 60 != 0) {
        return Err(invalid("Period must be 10, 20, 30 or a multiple of 60".to_string()));
    }
    let statistic = match (params.text("Statistic"), params.text("ExtendedStatistic")) {
        (Some(name), None) if STATISTICS.contains(&name) => name,
        (Some(name), None) => return Err(not_in_enum(name, "statistic", STATISTICS)),
        (None, Some(name)) => match Statistic::extended(name) {
            Some(_) => name,
            None => return Err(invalid(format!("The value {name} for parameter ExtendedStatistic is not supported."))),
        },
        (Some(_), Some(_)) => return Err(bad_combination("Only one of Statistic and ExtendedStatistic can be specified.")),
        (None, None) => return Err(invalid("Either Statistic or ExtendedStatistic must be specified".to_string())),
    };
    Ok(Source::Metric {
        id: MetricId {
            namespace: namespace.to_string(),
            name: name.to_string(),
            dimensions: check_dimensions(dimensions(params))?,
        },
        statistic: statistic.to_string(),
        period,
        unit: unit(params)?,
    })
}

/// The queries of an alarm on metric math.
fn queries(params: &Params<'_>) -> Result<Source, ApiError> {
    const APART: &[&str] = &["MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Period", "Dimensions", "Unit"];
    if let Some(name) = APART.iter().find(|name| params.has(name)) {
        return Err(bad_combination(&format!(
            "The parameters {name} and Metrics are mutually exclusive and you have specified both."
        )));
    }
    let queries = math::parse_queries(params.structures("Metrics"))?;
    if queries.iter().filter(|query| query.returned).count() != 1 {
        return Err(invalid("Exactly one element of the metrics list should return data.".to_string()));
    }
    if queries.iter().filter(|query| query.metric().is_some()).count() > MAX_METRICS {
        return Err(invalid(format!("An alarm has at most {MAX_METRICS} metrics.")));
    }
    let mut found = queries.iter().filter(|query| query.metric().is_some()).filter_map(|query| query.period);
    if let Some(first) = found.next() {
        if found.any(|period| period != first) {
            return Err(invalid("Period must be the same for all metrics in the metrics list.".to_string()));
        }
        if !matches!(first, 10 | 20 | 30) && first % 60 != 0 {
            return Err(invalid("Period must be 10, 20, 30 or a multiple of 60".to_string()));
        }
    }
    math::check(&queries).map_err(invalid)?;
    math::returned(&crate::monitor::metrics::Metrics::default(), SimTime::EPOCH, &queries, 0, 0).map_err(invalid)?;
    Ok(Source::Queries(queries))
}
