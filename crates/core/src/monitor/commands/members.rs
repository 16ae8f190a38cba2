//! Members of the operations' inputs, and the rules that several share.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use crate::account::params::{ANY, BOOLEAN, INTEGER, Member, NAME, Shape, TEXT, TEXTS, TIMESTAMP, optional, required};
use crate::account::{ApiError, Params};
use crate::monitor::metrics::MetricId;

const POSITIVE: Shape = Shape::Integer { min: Some(1) };
const DOUBLES: Shape = Shape::List { of: &Shape::Double, min: 0 };
const DIMENSION: Shape = Shape::Structure(&[required("Name", NAME), required("Value", NAME)]);
const DIMENSIONS: Shape = Shape::List { of: &DIMENSION, min: 0 };
const FILTER: Shape = Shape::Structure(&[required("Name", NAME), optional("Value", NAME)]);
const TAGS: Shape = Shape::List {
    of: &Shape::Structure(&[required("Key", NAME), required("Value", TEXT)]),
    min: 0,
};
const METRIC: &[Member] = &[optional("Namespace", NAME), optional("MetricName", NAME), optional("Dimensions", DIMENSIONS)];
const STAT: &[Member] = &[
    required("Metric", Shape::Structure(METRIC)),
    required("Period", POSITIVE),
    required("Stat", TEXT),
    optional("Unit", TEXT),
];
const QUERY: &[Member] = &[
    required("Id", NAME),
    optional("MetricStat", Shape::Structure(STAT)),
    optional("Expression", NAME),
    optional("Label", TEXT),
    optional("ReturnData", BOOLEAN),
    optional("Period", POSITIVE),
    optional("AccountId", NAME),
];
const QUERIES: Shape = Shape::List {
    of: &Shape::Structure(QUERY),
    min: 0,
};
const DATUM: &[Member] = &[
    required("MetricName", NAME),
    optional("Dimensions", DIMENSIONS),
    optional("Timestamp", TIMESTAMP),
    optional("Value", Shape::Double),
    optional(
        "StatisticValues",
        Shape::Structure(&[
            required("SampleCount", Shape::Double),
            required("Sum", Shape::Double),
            required("Minimum", Shape::Double),
            required("Maximum", Shape::Double),
        ]),
    ),
    optional("Values", DOUBLES),
    optional("Counts", DOUBLES),
    optional("Unit", TEXT),
    optional("StorageResolution", POSITIVE),
];

pub const PUT_DATA: &[Member] = &[
    required("Namespace", NAME),
    optional(
        "MetricData",
        Shape::List {
            of: &Shape::Structure(DATUM),
            min: 0,
        },
    ),
    optional("EntityMetricData", ANY),
    optional("StrictEntityValidation", BOOLEAN),
];
pub const GET_STATISTICS: &[Member] = &[
    required("Namespace", NAME),
    required("MetricName", NAME),
    optional("Dimensions", DIMENSIONS),
    required("StartTime", TIMESTAMP),
    required("EndTime", TIMESTAMP),
    required("Period", POSITIVE),
    optional("Statistics", Shape::List { of: &TEXT, min: 1 }),
    optional("ExtendedStatistics", Shape::List { of: &TEXT, min: 1 }),
    optional("Unit", TEXT),
];
pub const GET_DATA: &[Member] = &[
    required("MetricDataQueries", QUERIES),
    required("StartTime", TIMESTAMP),
    required("EndTime", TIMESTAMP),
    optional("NextToken", TEXT),
    optional("ScanBy", TEXT),
    optional("MaxDatapoints", INTEGER),
    optional("LabelOptions", ANY),
];
pub const LIST_METRICS: &[Member] = &[
    optional("Namespace", NAME),
    optional("MetricName", NAME),
    optional("Dimensions", Shape::List { of: &FILTER, min: 0 }),
    optional("NextToken", TEXT),
    optional("RecentlyActive", TEXT),
    optional("IncludeLinkedAccounts", BOOLEAN),
    optional("OwningAccount", NAME),
];
pub const PUT_ALARM: &[Member] = &[
    required("AlarmName", NAME),
    optional("AlarmDescription", TEXT),
    optional("ActionsEnabled", BOOLEAN),
    optional("OKActions", TEXTS),
    optional("AlarmActions", TEXTS),
    optional("InsufficientDataActions", TEXTS),
    optional("MetricName", NAME),
    optional("Namespace", NAME),
    optional("Statistic", TEXT),
    optional("ExtendedStatistic", TEXT),
    optional("Dimensions", DIMENSIONS),
    optional("Period", POSITIVE),
    optional("Unit", TEXT),
    optional("EvaluationPeriods", POSITIVE),
    optional("DatapointsToAlarm", POSITIVE),
    optional("Threshold", Shape::Double),
    optional("ComparisonOperator", TEXT),
    optional("TreatMissingData", NAME),
    optional("EvaluateLowSampleCountPercentile", NAME),
    optional("Metrics", QUERIES),
    optional("Tags", TAGS),
    optional("ThresholdMetricId", NAME),
    optional("EvaluationWindow", ANY),
    optional("WarmUpConfiguration", ANY),
    optional("EvaluationCriteria", ANY),
    optional("EvaluationInterval", Shape::Integer { min: Some(10) }),
    optional("ActionConfiguration", ANY),
];
pub const PUT_COMPOSITE: &[Member] = &[
    optional("ActionsEnabled", BOOLEAN),
    optional("AlarmActions", TEXTS),
    optional("AlarmDescription", TEXT),
    required("AlarmName", NAME),
    required("AlarmRule", NAME),
    optional("InsufficientDataActions", TEXTS),
    optional("OKActions", TEXTS),
    optional("Tags", TAGS),
    optional("ActionsSuppressor", NAME),
    optional("ActionsSuppressorWaitPeriod", INTEGER),
    optional("ActionsSuppressorExtensionPeriod", INTEGER),
    optional("ActionConfiguration", ANY),
];
pub const ALARM_NAMES: &[Member] = &[required("AlarmNames", Shape::List { of: &NAME, min: 0 })];
pub const SET_STATE: &[Member] = &[
    required("AlarmName", NAME),
    required("StateValue", TEXT),
    required("StateReason", TEXT),
    optional("StateReasonData", TEXT),
];
pub const DESCRIBE: &[Member] = &[
    optional("AlarmNames", Shape::List { of: &NAME, min: 0 }),
    optional("AlarmNamePrefix", NAME),
    optional("AlarmTypes", TEXTS),
    optional("ChildrenOfAlarmName", NAME),
    optional("ParentsOfAlarmName", NAME),
    optional("StateValue", TEXT),
    optional("ActionPrefix", NAME),
    optional("MaxRecords", POSITIVE),
    optional("NextToken", TEXT),
];
pub const FOR_METRIC: &[Member] = &[
    required("MetricName", NAME),
    required("Namespace", NAME),
    optional("Statistic", TEXT),
    optional("ExtendedStatistic", TEXT),
    optional("Dimensions", DIMENSIONS),
    optional("Period", POSITIVE),
    optional("Unit", TEXT),
];
pub const HISTORY: &[Member] = &[
    optional("AlarmName", NAME),
    optional("AlarmContributorId", NAME),
    optional("AlarmTypes", TEXTS),
    optional("HistoryItemType", TEXT),
    optional("StartDate", TIMESTAMP),
    optional("EndDate", TIMESTAMP),
    optional("MaxRecords", POSITIVE),
    optional("NextToken", TEXT),
    optional("ScanBy", TEXT),
];
pub const TAG: &[Member] = &[required("ResourceARN", NAME), required("Tags", TAGS)];
pub const UNTAG: &[Member] = &[required("ResourceARN", NAME), required("TagKeys", Shape::List { of: &NAME, min: 0 })];
pub const LIST_TAGS: &[Member] = &[required("ResourceARN", NAME)];

pub fn invalid(message: String) -> ApiError {
    ApiError::new("ValidationError", message)
}

pub fn bad_value(message: String) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

pub fn bad_combination(message: &str) -> ApiError {
    ApiError::new("InvalidParameterCombination", message)
}

/// A value that is not in an enum of the model.
pub fn not_in_enum(value: &str, member: &str, known: &[&str]) -> ApiError {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: [{}]",
        known.join(", ")
    ))
}

/// A text longer than the model has it.
pub fn check_longest(params: &Params<'_>, name: &str, member: &str, most: usize) -> Result<(), ApiError> {
    match params.text(name) {
        Some(text) if text.chars().count() > most => Err(invalid(format!(
            "1 validation error detected: Value '{text}' at '{member}' failed to satisfy constraint: Member must have length less than or equal to {most}"
        ))),
        _ => Ok(()),
    }
}

/// A list longer than the model has it.
pub fn check_most(params: &Params<'_>, name: &str, member: &str, most: usize) -> Result<(), ApiError> {
    if params.list(name).len() <= most {
        return Ok(());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '[{}]' at '{member}' failed to satisfy constraint: Member must have length less than or equal to {most}",
        params.texts(name).collect::<Vec<_>>().join(", ")
    )))
}

pub const UNITS: &[&str] = &[
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// `Unit`. Error: `ValidationError` for one that is no `StandardUnit`.
pub fn unit(params: &Params<'_>) -> Result<Option<String>, ApiError> {
    match params.text("Unit") {
        Some(unit) if !UNITS.contains(&unit) => Err(not_in_enum(unit, "unit", UNITS)),
        unit => Ok(unit.map(ToString::to_string)),
    }
}

/// Dimensions, sorted by name.
pub fn dimensions(params: &Params<'_>) -> Vec<(String, String)> {
    let of = |dimension: Params<'_>| Some((dimension.text("Name")?.to_string(), dimension.text("Value")?.to_string()));
    let mut found: Vec<_> = params.structures("Dimensions").filter_map(of).collect();
    found.sort();
    found
}

/// At most 30, and each name once.
pub fn check_dimensions(found: Vec<(String, String)>) -> Result<Vec<(String, String)>, ApiError> {
    if found.len() > 30 {
        return Err(bad_value("The collection Dimensions must not have a size greater than 30.".to_string()));
    }
    if found.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
        return Err(bad_value("No dimension name may be given twice.".to_string()));
    }
    Ok(found)
}

pub fn shown_dimensions(id: &MetricId) -> Value {
    id.dimensions.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect()
}
