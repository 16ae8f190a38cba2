use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::alarms::STATES;
use super::members::{bad_combination, check_dimensions, dimensions, not_in_enum, shown_dimensions};
use super::{Response, one, start_of, token};
use crate::account::{AccountOptions, ApiError, Params};
use crate::monitor::alarm::{Alarm, Kind, Source, arn};
use crate::monitor::composite::{RuleNode, Suppressed};
use crate::monitor::math::Query;
use crate::monitor::state::{CloudWatch, StateValue};
use crate::monitor::statistics::Statistic;

/// `AlarmTypes`: metric alarms alone where it is left out. Answers (metric, composite).
pub fn types(params: &Params<'_>) -> Result<(bool, bool), ApiError> {
    const TYPES: &[&str] = &["CompositeAlarm", "MetricAlarm"];
    let given: Vec<&str> = params.texts("AlarmTypes").collect();
    if let Some(wrong) = given.iter().find(|name| !TYPES.contains(name)) {
        return Err(not_in_enum(wrong, "alarmTypes", TYPES));
    }
    Ok((given.is_empty() || given.contains(&"MetricAlarm"), given.contains(&"CompositeAlarm")))
}

impl CloudWatch {
    pub(super) fn describe(&self, options: &AccountOptions, params: &Params<'_>) -> Response {
        if params.has("AlarmNames") && params.has("AlarmNamePrefix") {
            return Err(bad_combination("AlarmNames and AlarmNamePrefix are mutually exclusive."));
        }
        let (metric, composite) = types(params)?;
        let state = match params.text("StateValue") {
            None => None,
            Some(name) => Some(StateValue::parse(name).ok_or_else(|| not_in_enum(name, "stateValue", STATES))?),
        };
        let rule_of = |name: &str| match &self.alarms.get(name)?.kind {
            Kind::Composite(composite) => RuleNode::parse(&composite.rule).ok(),
            Kind::Metric(_) => None,
        };
        let children = params.text("ChildrenOfAlarmName").map(rule_of);
        let names: Vec<&str> = params.texts("AlarmNames").collect();
        let wanted = |name: &str, alarm: &Alarm| {
            (if alarm.is_composite() { composite } else { metric })
                && (!params.has("AlarmNames") || names.contains(&name))
                && params.text("AlarmNamePrefix").is_none_or(|prefix| name.starts_with(prefix))
                && state.is_none_or(|state| state == alarm.state)
                && children
                    .as_ref()
                    .is_none_or(|rule| rule.as_ref().is_some_and(|rule| rule.children().contains(&name)))
                && params
                    .text("ParentsOfAlarmName")
                    .is_none_or(|child| rule_of(name).is_some_and(|rule| rule.children().contains(&child)))
                && params.text("ActionPrefix").is_none_or(|prefix| {
                    let mut actions = alarm.ok_actions.iter().chain(&alarm.alarm_actions).chain(&alarm.insufficient_actions);
                    actions.any(|action| action.starts_with(prefix))
                })
        };
        let first = start_of(params)?;
        let most = params.integer("MaxRecords").map_or(50, |most| most.clamp(1, 100) as usize);
        let mut found = self.alarms.iter().filter(|(name, alarm)| wanted(name, alarm)).skip(first);
        let (mut metrics, mut composites) = (Vec::new(), Vec::new());
        for (name, alarm) in found.by_ref().take(most) {
            let list = if alarm.is_composite() { &mut composites } else { &mut metrics };
            list.push(shown(options, name, alarm));
        }
        let mut response = one("MetricAlarms", Value::Array(metrics));
        response.insert("CompositeAlarms".to_string(), Value::Array(composites));
        if found.next().is_some() {
            response.insert("NextToken".to_string(), json!(token(first + most)));
        }
        Ok(response)
    }

    pub(super) fn describe_for_metric(&self, options: &AccountOptions, params: &Params<'_>) -> Response {
        let wanted = check_dimensions(dimensions(params))?;
        let statistic = params.text("Statistic").or(params.text("ExtendedStatistic"));
        let looks = |alarm: &Alarm| {
            let Kind::Metric(metric) = &alarm.kind else { return false };
            let named = metric
                .metrics()
                .iter()
                .any(|id| params.text("Namespace") == Some(&id.namespace) && params.text("MetricName") == Some(&id.name) && id.dimensions == wanted);
            let fits = match &metric.source {
                Source::Metric {
                    statistic: has, period, unit, ..
                } => {
                    statistic.is_none_or(|statistic| statistic == has)
                        && params.integer("Period").is_none_or(|wanted| wanted == *period)
                        && params.text("Unit").is_none_or(|wanted| unit.as_deref() == Some(wanted))
                }
                Source::Queries(_) => statistic.is_none(),
            };
            named && fits
        };
        let found = self
            .alarms
            .iter()
            .filter(|(_, alarm)| looks(alarm))
            .map(|(name, alarm)| shown(options, name, alarm));
        Ok(one("MetricAlarms", found.collect()))
    }
}

fn shown(options: &AccountOptions, name: &str, alarm: &Alarm) -> Value {
    let mut shown = json!({
        "AlarmName": name,
        "AlarmArn": arn(options, name),
        "AlarmConfigurationUpdatedTimestamp": alarm.configured.to_string(),
        "ActionsEnabled": alarm.actions_enabled,
        "OKActions": alarm.ok_actions,
        "AlarmActions": alarm.alarm_actions,
        "InsufficientDataActions": alarm.insufficient_actions,
        "StateValue": alarm.state.as_str(),
        "StateReason": alarm.reason,
        "StateUpdatedTimestamp": alarm.updated.to_string(),
        "StateTransitionedTimestamp": alarm.transitioned.to_string(),
    });
    let mut set = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            shown[name] = value;
        }
    };
    set("AlarmDescription", alarm.description.as_ref().map(|text| json!(text)));
    set("StateReasonData", alarm.reason_data.as_ref().map(|text| json!(text)));
    match &alarm.kind {
        Kind::Metric(metric) => {
            set("EvaluationPeriods", Some(json!(metric.periods)));
            set("DatapointsToAlarm", metric.to_alarm.map(|count| json!(count)));
            set("Threshold", Some(json!(metric.threshold)));
            set("ComparisonOperator", Some(json!(metric.comparison.as_str())));
            set("TreatMissingData", metric.missing.map(|policy| json!(policy.as_str())));
            set("EvaluateLowSampleCountPercentile", metric.low_samples.as_ref().map(|text| json!(text)));
            match &metric.source {
                Source::Metric { id, statistic, period, unit } => {
                    let member = if Statistic::plain(statistic).is_some() {
                        "Statistic"
                    } else {
                        "ExtendedStatistic"
                    };
                    set("MetricName", Some(json!(id.name)));
                    set("Namespace", Some(json!(id.namespace)));
                    set(member, Some(json!(statistic)));
                    set("Dimensions", Some(shown_dimensions(id)));
                    set("Period", Some(json!(period)));
                    set("Unit", unit.as_ref().map(|unit| json!(unit)));
                }
                Source::Queries(queries) => set("Metrics", Some(queries.iter().map(Query::shown).collect())),
            }
        }
        Kind::Composite(composite) => {
            set("AlarmRule", Some(json!(composite.rule)));
            if let Some(suppressor) = &composite.suppressor_arn {
                set("ActionsSuppressor", Some(json!(suppressor)));
                set("ActionsSuppressorWaitPeriod", Some(json!(composite.wait)));
                set("ActionsSuppressorExtensionPeriod", Some(json!(composite.extension)));
            }
            let by: Option<String> = match composite.suppressed {
                Suppressed::No => None,
                Suppressed::WaitPeriod => Some("WaitPeriod".to_string()),
                Suppressed::ExtensionPeriod => Some("ExtensionPeriod".to_string()),
                Suppressed::Alarm => Some("Alarm".to_string()),
            };
            set("ActionsSuppressedBy", by.map(|by| json!(by)));
        }
    }
    shown
}
