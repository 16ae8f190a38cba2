//! The settings of an alarm as a reader changes them, and the call that keeps them.

use serde_json::{Value, json};

use super::answer::Alarm;

#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Plain (`Sum`) or extended (`p90`).
    pub statistic: String,
    pub period: i64,
    pub comparison: String,
    pub threshold: f64,
    /// M and N.
    pub need: u32,
    pub of: u32,
    pub missing: String,
}

/// Members of DescribeAlarms' answer that PutMetricAlarm takes back as they are.
const KEPT: [&str; 13] = [
    "AlarmName",
    "AlarmDescription",
    "ActionsEnabled",
    "OKActions",
    "AlarmActions",
    "InsufficientDataActions",
    "MetricName",
    "Namespace",
    "Dimensions",
    "Unit",
    "Metrics",
    "EvaluateLowSampleCountPercentile",
    "Tags",
];
const PLAIN: [&str; 5] = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];

impl Draft {
    pub fn of(alarm: &Alarm) -> Draft {
        let (of, need) = alarm.of_and_need();
        Draft {
            statistic: alarm.statistic().to_owned(),
            period: alarm.period(),
            comparison: alarm.comparison_operator.clone(),
            threshold: alarm.threshold,
            need,
            of,
            missing: alarm.treat_missing_data.clone().unwrap_or_else(|| "missing".into()),
        }
    }

    /// PutMetricAlarm's parameters: what DescribeAlarms said of the alarm, or what is known of a new one, with these settings.
    pub fn params(&self, described: &Value) -> Value {
        let mut params = json!({
            "EvaluationPeriods": self.of, "DatapointsToAlarm": self.need.min(self.of), "Threshold": self.threshold, "ComparisonOperator": self.comparison,
            "TreatMissingData": self.missing,
        });
        if let (Some(params), Some(described)) = (params.as_object_mut(), described.as_object()) {
            for name in KEPT {
                if let Some(value) = described.get(name) {
                    params.insert(name.into(), value.clone());
                }
            }
            if described.contains_key("MetricName") {
                let member = if PLAIN.contains(&self.statistic.as_str()) {
                    "Statistic"
                } else {
                    "ExtendedStatistic"
                };
                params.insert(member.into(), json!(self.statistic));
                params.insert("Period".into(), json!(self.period));
            }
        }
        params
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_changed_is_kept() {
        let described = json!({
            "AlarmName": "lowerlimit", "AlarmArn": "arn:aws:cloudwatch:x", "StateValue": "OK", "MetricName": "M", "Namespace": "N", "ExtendedStatistic": "p90", "Period": 60,
            "EvaluationPeriods": 3, "Threshold": 1.0, "ComparisonOperator": "LessThanThreshold", "AlarmActions": ["arn:aws:sns:x"],
        });
        let alarm: Alarm = serde_json::from_value(described.clone()).unwrap();
        let draft = Draft {
            threshold: 7.5,
            need: 5,
            ..Draft::of(&alarm)
        };
        assert_eq!(
            draft.params(&described),
            json!({
                "AlarmName": "lowerlimit", "MetricName": "M", "Namespace": "N", "ExtendedStatistic": "p90", "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": 3,
                "Threshold": 7.5, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "missing", "AlarmActions": ["arn:aws:sns:x"],
            })
        );
    }
}
