//! The API operations of CloudWatch (API version 2010-08-01).
//!
//! Belongs here: parameters, their rules and AWS's errors, and the shapes of answers. Does not belong here: what an evaluation does, and SNS.

mod alarms;
mod describe;
mod history;
pub(super) mod members;
mod metrics;
pub(super) mod put_alarm;
mod put_data;

use alloc::format;
use alloc::string::{String, ToString};

use serde_json::{Map, Value};

use super::state::CloudWatch;
use crate::account::{AccountOptions, ApiError, Params};
use crate::gather::object;
use crate::sim::SimTime;

type Response = Result<Map<String, Value>, ApiError>;

impl CloudWatch {
    /// Whether the operation changes nothing. Unknown operations: false.
    pub fn is_read(operation: &str) -> bool {
        matches!(
            operation,
            "DescribeAlarms"
                | "DescribeAlarmsForMetric"
                | "DescribeAlarmHistory"
                | "GetMetricStatistics"
                | "GetMetricData"
                | "ListMetrics"
                | "ListTagsForResource"
        )
    }

    /// Applies one operation of service `cloudwatch`.
    ///
    /// Errors with the codes of the model: `ValidationError`, `InvalidParameterValue`, `InvalidParameterCombination`, `MissingParameter`, `LimitExceeded`,
    /// `ResourceNotFound`, `ResourceNotFoundException`, `InvalidFormat`, `InvalidNextToken`; `ParamValidation`; `NotImplemented` naming the operation.
    pub fn call(&mut self, options: &AccountOptions, now: SimTime, operation: &str, params: &Value) -> Response {
        let check = |members| Params::check(params, members);
        match operation {
            "PutMetricData" => self.put_metric_data(now, &check(members::PUT_DATA)?),
            "GetMetricStatistics" => self.get_statistics(now, &check(members::GET_STATISTICS)?),
            "GetMetricData" => self.get_data(now, &check(members::GET_DATA)?),
            "ListMetrics" => self.list_metrics(now, &check(members::LIST_METRICS)?),
            "PutMetricAlarm" => self.put_metric_alarm(options, now, &check(members::PUT_ALARM)?),
            "PutCompositeAlarm" => self.put_composite_alarm(options, now, &check(members::PUT_COMPOSITE)?),
            "DeleteAlarms" => self.delete_alarms(now, &check(members::ALARM_NAMES)?),
            "EnableAlarmActions" => self.enable_actions(now, &check(members::ALARM_NAMES)?, true),
            "DisableAlarmActions" => self.enable_actions(now, &check(members::ALARM_NAMES)?, false),
            "SetAlarmState" => self.set_state(options, now, &check(members::SET_STATE)?),
            "DescribeAlarms" => self.describe(options, &check(members::DESCRIBE)?),
            "DescribeAlarmsForMetric" => self.describe_for_metric(options, &check(members::FOR_METRIC)?),
            "DescribeAlarmHistory" => self.describe_history(&check(members::HISTORY)?),
            "TagResource" => self.tag(options, &check(members::TAG)?),
            "UntagResource" => self.untag(options, &check(members::UNTAG)?),
            "ListTagsForResource" => self.list_tags(options, &check(members::LIST_TAGS)?),
            _ => Err(ApiError::new(
                "NotImplemented",
                format!("Sluice does not do cloudwatch:{operation} yet, or CloudWatch has no such operation."),
            )),
        }
    }
}

fn one(name: &str, value: Value) -> Map<String, Value> {
    object([(name.to_string(), value)])
}

/// Where a page begins: the number in the token. Error: `InvalidNextToken`.
fn start_of(params: &Params<'_>) -> Result<usize, ApiError> {
    match params.text("NextToken") {
        None => Ok(0),
        Some(token) => token
            .strip_prefix("after-")
            .and_then(|number| number.parse().ok())
            .ok_or_else(|| ApiError::new("InvalidNextToken", "The next token specified is invalid.")),
    }
}

fn token(at: usize) -> String {
    format!("after-{at}")
}
