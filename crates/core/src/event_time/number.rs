//! Flink's `long` in JSON: a number, or a decimal string outside ±2^53.

use alloc::string::ToString;

use serde_json::Value;

use super::EventTime;

const EXACT: i64 = 1 << 53;

/// The number that a value says.
pub fn long(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// The instant that a value says.
pub fn time(value: &Value) -> Option<EventTime> {
    long(value).map(EventTime)
}

/// A number as JSON.
pub fn say(number: i64) -> Value {
    if (-EXACT..=EXACT).contains(&number) {
        Value::from(number)
    } else {
        Value::from(number.to_string())
    }
}

/// A `double` as JSON: without a fraction where it has none.
pub fn say_double(number: f64) -> Value {
    if libm::trunc(number) == number && libm::fabs(number) < EXACT as f64 {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}
