//! Values of a row, their types and their text.
//!
//! DECIMAL is not here: a number with a point is a DOUBLE. TIMESTAMP and TIMESTAMP_LTZ are milliseconds in UTC.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;

use serde_json::{Value as Json, json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Boolean,
    Int,
    BigInt,
    Double,
    String,
    Timestamp,
    Interval,
    Null,
}

impl Type {
    pub fn is_number(self) -> bool {
        matches!(self, Type::Int | Type::BigInt | Type::Double | Type::Null)
    }

    pub fn name(self) -> &'static str {
        match self {
            Type::Boolean => "BOOLEAN",
            Type::Int => "INT",
            Type::BigInt => "BIGINT",
            Type::Double => "DOUBLE",
            Type::String => "STRING",
            Type::Timestamp => "TIMESTAMP(3)",
            Type::Interval => "INTERVAL DAY TO SECOND",
            Type::Null => "NULL",
        }
    }
}

/// A cell. Times and intervals are milliseconds.
#[derive(Clone, Debug)]
pub enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Double(f64),
    Str(String),
    Time(i64),
    Interval(i64),
}

pub type Row = Vec<Value>;

/// `RowKind`: what a row of a changelog does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Insert,
    UpdateBefore,
    UpdateAfter,
    Delete,
}

impl Kind {
    /// `RowKind.shortString`.
    pub fn short(self) -> &'static str {
        match self {
            Kind::Insert => "+I",
            Kind::UpdateBefore => "-U",
            Kind::UpdateAfter => "+U",
            Kind::Delete => "-D",
        }
    }

    pub fn adds(self) -> bool {
        matches!(self, Kind::Insert | Kind::UpdateAfter)
    }
}

impl Value {
    fn rank(&self) -> u8 {
        match self {
            Value::Null => 0,
            Value::Bool(_) => 1,
            Value::Int(_) | Value::Double(_) => 2,
            Value::Str(_) => 3,
            Value::Time(_) => 4,
            Value::Interval(_) => 5,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    pub fn double(&self) -> Option<f64> {
        match self {
            Value::Int(value) => Some(*value as f64),
            Value::Double(value) => Some(*value),
            _ => None,
        }
    }

    pub fn time(&self) -> Option<i64> {
        match self {
            Value::Time(at) => Some(*at),
            _ => None,
        }
    }

    /// As Flink's `print` connector says it.
    pub fn text(&self) -> String {
        match self {
            Value::Null => String::from("NULL"),
            Value::Bool(value) => if *value { "TRUE" } else { "FALSE" }.to_string(),
            Value::Int(value) | Value::Interval(value) => value.to_string(),
            Value::Double(value) => format!("{value:?}"),
            Value::Str(text) => text.clone(),
            Value::Time(at) => timestamp(*at, ' ', false),
        }
    }

    pub fn json(&self) -> Json {
        match self {
            Value::Null => Json::Null,
            Value::Bool(value) => json!(value),
            Value::Int(value) | Value::Interval(value) => json!(value),
            Value::Double(value) => json!(value),
            Value::Str(_) | Value::Time(_) => Json::String(self.text()),
        }
    }

    /// A cell out of JSON. Error: it is not of that type.
    pub fn read(json: &Json, ty: Type) -> Result<Value, String> {
        let wrong = || format!("{json} is no {}", ty.name());
        let value = match (json, ty) {
            (Json::Null, _) => Value::Null,
            (Json::Bool(value), Type::Boolean) => Value::Bool(*value),
            (Json::Number(number), Type::Int) => Value::Int(number.as_i64().filter(|value| i32::try_from(*value).is_ok()).ok_or_else(wrong)?),
            (Json::Number(number), Type::BigInt) => Value::Int(number.as_i64().ok_or_else(wrong)?),
            (Json::Number(number), Type::Double) => Value::Double(number.as_f64().ok_or_else(wrong)?),
            // Far from what would overflow with an interval added.
            (Json::Number(number), Type::Timestamp) => Value::Time(number.as_i64().filter(|at| at.unsigned_abs() < 1 << 53).ok_or_else(wrong)?),
            (Json::String(text), Type::Timestamp) => Value::Time(read_timestamp(text).ok_or_else(wrong)?),
            (Json::String(text), Type::String) => Value::Str(text.clone()),
            _ => return Err(wrong()),
        };
        Ok(value)
    }
}

impl Ord for Value {
    /// Null first, as Flink sorts; numbers by value.
    fn cmp(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
            (Value::Int(a), Value::Int(b)) | (Value::Time(a), Value::Time(b)) | (Value::Interval(a), Value::Interval(b)) => a.cmp(b),
            (Value::Int(a), Value::Double(b)) => (*a as f64).total_cmp(b),
            (Value::Double(a), Value::Int(b)) => a.total_cmp(&(*b as f64)),
            (Value::Double(a), Value::Double(b)) => a.total_cmp(b),
            (Value::Str(a), Value::Str(b)) => a.cmp(b),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

impl PartialOrd for Value {
    fn partial_cmp(&self, other: &Value) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Value) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Value {}

/// Milliseconds as date and time. `short`: as Java's `LocalDateTime` prints, without seconds that are 0.
pub fn timestamp(at: i64, between: char, short: bool) -> String {
    let (day, ms) = (at.div_euclid(86_400_000), at.rem_euclid(86_400_000));
    let (year, month, date) = civil(day);
    let (hour, minute, second, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60, ms % 1_000);
    let mut text = format!("{year:04}-{month:02}-{date:02}{between}{hour:02}:{minute:02}");
    if !short || second != 0 || ms != 0 {
        text += &format!(":{second:02}");
    }
    if !short || ms != 0 {
        text += &format!(".{ms:03}");
    }
    text
}

/// `2020-04-15 08:05[:00[.123]]`, with a space or a T, a Z at its end or none; or a date alone. Digits past the millisecond are cut off.
pub fn read_timestamp(text: &str) -> Option<i64> {
    let text = text.trim().trim_end_matches('Z');
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, "00:00:00"));
    let mut parts = date.splitn(3, '-').map(|part| part.parse::<u32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let (clock, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = clock.splitn(3, ':').map(|part| part.parse::<u32>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next().unwrap_or(Some(0))?);
    if year > 9_999
        || !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
        || second > 59
        || !fraction.bytes().all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let days = days(i64::from(year), i64::from(month), i64::from(day));
    if civil(days) != (i64::from(year), i64::from(month), i64::from(day)) {
        return None;
    }
    let ms = fraction
        .bytes()
        .chain(core::iter::repeat(b'0'))
        .take(3)
        .fold(0, |ms, digit| ms * 10 + i64::from(digit - b'0'));
    Some(days * 86_400_000 + i64::from(hour * 3_600 + minute * 60 + second) * 1_000 + ms)
}

/// Days since the epoch as year, month, day (Hinnant's algorithm).
pub fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, doe) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, yoe) = (year.div_euclid(400), year.rem_euclid(400));
    let mp = if month > 2 { month - 3 } else { month + 9 };
    let doy = (153 * mp + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}
