//! CloudWatch's and SNS's answers as the page reads them.
//!
//! Belongs here: shapes, and the words of one member. Does not belong here: how anything is drawn. Times are ISO 8601.

use serde::Deserialize;
use serde_json::Value;

/// `DescribeAlarms`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Alarms {
    pub metric_alarms: Vec<Alarm>,
    pub composite_alarms: Vec<Alarm>,
}

/// An alarm of either kind; a composite one has a rule and no metric.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Alarm {
    pub alarm_name: String,
    pub state_value: String,
    pub state_reason: String,
    pub state_transitioned_timestamp: String,
    pub alarm_actions: Vec<String>,
    pub namespace: Option<String>,
    pub metric_name: Option<String>,
    pub statistic: Option<String>,
    pub extended_statistic: Option<String>,
    pub dimensions: Vec<Dimension>,
    pub period: Option<i64>,
    pub evaluation_periods: u32,
    pub datapoints_to_alarm: Option<u32>,
    pub threshold: f64,
    pub comparison_operator: String,
    pub treat_missing_data: Option<String>,
    pub alarm_rule: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Dimension {
    pub name: String,
    pub value: String,
}

/// CloudWatch's name of a state, its word on the page, and its class.
pub fn state_words(state: &str) -> (&'static str, &'static str) {
    match state {
        "ALARM" => ("IN ALARM", "alarm"),
        "OK" => ("OK", "ok"),
        _ => ("INSUFFICIENT DATA", "unknown"),
    }
}

/// The sign of a comparison operator.
pub fn sign(operator: &str) -> &'static str {
    match operator {
        "GreaterThanOrEqualToThreshold" => "≥",
        "GreaterThanThreshold" => ">",
        "LessThanThreshold" => "<",
        "LessThanOrEqualToThreshold" => "≤",
        _ => "?",
    }
}

impl Alarm {
    pub fn watches(&self, dimension: &str, value: &str) -> bool {
        self.dimensions.iter().any(|own| own.name == dimension && own.value == value)
    }

    pub fn statistic(&self) -> &str {
        self.statistic.as_deref().or(self.extended_statistic.as_deref()).unwrap_or("math")
    }

    /// Seconds of a period; of math a minute.
    pub fn period(&self) -> i64 {
        self.period.unwrap_or(60).max(1)
    }

    /// N and M: periods looked at, and those of them that must breach.
    pub fn of_and_need(&self) -> (u32, u32) {
        let of = self.evaluation_periods.max(1);
        (of, self.datapoints_to_alarm.unwrap_or(of).max(1))
    }

    /// What raises it, in a line.
    pub fn condition(&self) -> String {
        if let Some(rule) = &self.alarm_rule {
            return rule.clone();
        }
        let (of, need) = self.of_and_need();
        format!(
            "{} {} {} {}, {need} of {of} × {} s, missing data: {}",
            self.metric_name.as_deref().unwrap_or("metric math"),
            self.statistic(),
            sign(&self.comparison_operator),
            crate::figures::number(self.threshold),
            self.period(),
            self.treat_missing_data.as_deref().unwrap_or("missing")
        )
    }
}

/// `sluice:PreviewAlarm`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Preview {
    pub period: i64,
    pub now: String,
    pub points: Vec<Point>,
    pub states: Vec<StateChange>,
    /// Points that the last evaluation counted, and those of them that breach.
    pub counted: u32,
    pub breaching: u32,
}

/// The value of a period that begins at `at`; none: missing.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Point {
    pub at: String,
    pub value: Option<f64>,
    pub breaching: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct StateChange {
    pub at: String,
    pub state: String,
    pub reason: String,
}

/// `DescribeAlarmHistory`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct History {
    pub alarm_history_items: Vec<HistoryItem>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct HistoryItem {
    pub timestamp: String,
    pub history_item_type: String,
    pub history_summary: String,
    /// JSON text.
    pub history_data: String,
}

impl HistoryItem {
    /// The state it went to, if it is a change of state.
    pub fn state(&self) -> Option<StateChange> {
        let data: Value = serde_json::from_str(&self.history_data).ok()?;
        let text = |pointer: &str| data.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        (self.history_item_type == "StateUpdate").then(|| StateChange {
            at: self.timestamp.clone(),
            state: text("/newState/stateValue"),
            reason: text("/newState/stateReason"),
        })
    }
}

/// `ListMetrics`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Metrics {
    pub metrics: Vec<Metric>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Metric {
    pub namespace: String,
    pub metric_name: String,
    pub dimensions: Vec<Dimension>,
}

impl Metric {
    /// `AWS/Firehose DataReadFromKinesisStream.Records DeliveryStreamName=x`: what an address holds, and reads back.
    pub fn text(&self) -> String {
        let mut text = format!("{} {}", self.namespace, self.metric_name);
        for dimension in &self.dimensions {
            text.push(' ');
            text.push_str(&dimension.name);
            text.push('=');
            text.push_str(&dimension.value);
        }
        text
    }

    pub fn parse(text: &str) -> Option<Metric> {
        let mut parts = text.split(' ');
        let (namespace, metric_name) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        let dimension = |part: &str| {
            let (name, value) = part.split_once('=')?;
            Some(Dimension {
                name: name.into(),
                value: value.into(),
            })
        };
        Some(Metric {
            namespace,
            metric_name,
            dimensions: parts.filter_map(dimension).collect(),
        })
    }

    /// `DeliveryStreamName x`.
    pub fn of(&self) -> String {
        let parts: Vec<String> = self
            .dimensions
            .iter()
            .map(|dimension| format!("{} {}", dimension.name, dimension.value))
            .collect();
        parts.join(", ")
    }
}

/// `ListTopics`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Topics {
    pub topics: Vec<Topic>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Topic {
    pub topic_arn: String,
}

/// `ListSubscriptions`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Subscriptions {
    pub subscriptions: Vec<Subscription>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Subscription {
    pub subscription_arn: String,
    pub endpoint: String,
    pub topic_arn: String,
}

/// `sluice:GetInbox`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Inbox {
    pub mails: Vec<Mail>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Mail {
    pub time: String,
    pub to: String,
    pub subject: String,
    pub body: String,
    pub topic_arn: String,
    pub message_id: String,
    /// What ConfirmSubscription takes, in a mail that asks for it.
    pub token: Option<String>,
}

/// The name at the end of an ARN.
pub fn last_of(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_survives_its_text() {
        let metric = Metric {
            namespace: "AWS/Firehose".into(),
            metric_name: "DataReadFromKinesisStream.Records".into(),
            dimensions: vec![Dimension {
                name: "DeliveryStreamName".into(),
                value: "ml-to-s3".into(),
            }],
        };
        assert_eq!(Metric::parse(&metric.text()), Some(metric));
        assert_eq!(Metric::parse("AWS/Firehose"), None);
    }

    #[test]
    fn a_change_of_state_is_read_from_history() {
        let item = HistoryItem {
            timestamp: "2026-11-22T09:00:00Z".into(),
            history_item_type: "StateUpdate".into(),
            history_data: r#"{"newState": {"stateValue": "ALARM", "stateReason": "because"}}"#.into(),
            ..HistoryItem::default()
        };
        assert_eq!(item.state().map(|change| change.state), Some("ALARM".into()));
        let action = HistoryItem {
            history_item_type: "Action".into(),
            ..item
        };
        assert_eq!(action.state(), None);
    }
}
