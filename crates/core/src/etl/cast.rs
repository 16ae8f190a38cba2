//! Spark's cast with `spark.sql.ansi.enabled=false`: what Change Schema does to a value.
//!
//! From `org.apache.spark.sql.catalyst.expressions.Cast`, `UTF8String`, `Decimal` and `DateTimeUtils` of Spark 3.5. The session time zone is UTC, as in Glue.
//! Belongs here: conversions between types. Does not belong here: which columns are converted (`transform`).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::cast_time::{MICROS_PER_DAY, MICROS_PER_SECOND, string_to_date, string_to_timestamp, trim_all};
use super::value::{java_double, with_point};
use super::{DataType, Value};

/// Whether a cast can give anything but null for a value that is not null.
///
/// Spark allows some more that always give null (a date as a number or boolean): those have no conversion path either.
pub fn can_cast(from: &DataType, to: &DataType) -> bool {
    match (from, to) {
        (DataType::Null, _) | (_, DataType::String) => true,
        (from, to) if from == to => true,
        (DataType::Array(from), DataType::Array(to)) => can_cast(from, to),
        (DataType::Map(from_key, from), DataType::Map(to_key, to)) => can_cast(from_key, to_key) && can_cast(from, to),
        (DataType::Struct(from), DataType::Struct(to)) => {
            from.len() == to.len() && from.iter().zip(to).all(|(from, to)| can_cast(&from.data_type, &to.data_type))
        }
        (from, to) if from.is_nested() || to.is_nested() => false,
        (_, DataType::Null) => false,
        (DataType::String, _) => true,
        (DataType::Binary, _) => false,
        (DataType::Date, to) => *to == DataType::Timestamp,
        (DataType::Timestamp, to) => *to == DataType::Date || *to == DataType::Boolean || to.is_numeric(),
        (from, DataType::Binary) => from.is_integral(),
        (_, DataType::Date) => false,
        _ => true,
    }
}

/// The value of type `from` as type `to`. What cannot be cast is null; integers that do not fit wrap around, as in Java; text that does not fit is null.
pub fn cast(value: &Value, from: &DataType, to: &DataType) -> Value {
    if value.is_null() {
        return Value::Null;
    }
    if from == to {
        return value.clone();
    }
    match to {
        DataType::Null => Value::Null,
        DataType::Boolean => to_boolean(value),
        DataType::Byte => to_integer(value, |n| i64::from(n as i8), |d| i64::from(d as i32 as i8)),
        DataType::Short => to_integer(value, |n| i64::from(n as i16), |d| i64::from(d as i32 as i16)),
        DataType::Int => to_integer(value, |n| i64::from(n as i32), |d| i64::from(d as i32)),
        DataType::Long => to_integer(value, |n| n, |d| d as i64),
        DataType::Float => to_float(value),
        DataType::Double => to_double(value).map_or(Value::Null, Value::Double),
        DataType::Decimal { precision, scale } => to_decimal(value, *precision, *scale),
        DataType::String => value.display(from).map_or(Value::Null, Value::String),
        DataType::Binary => to_binary(value, from),
        DataType::Date => match value {
            Value::String(text) => string_to_date(text).map_or(Value::Null, Value::Date),
            Value::Timestamp(micros) => i32::try_from(micros.div_euclid(MICROS_PER_DAY)).map_or(Value::Null, Value::Date),
            _ => Value::Null,
        },
        DataType::Timestamp => to_timestamp(value),
        DataType::Array(to) => match (value, from) {
            (Value::Array(items), DataType::Array(from)) => Value::Array(items.iter().map(|item| cast(item, from, to)).collect()),
            _ => Value::Null,
        },
        DataType::Map(to_key, to_value) => match (value, from) {
            (Value::Map(entries), DataType::Map(from_key, from_value)) => Value::Map(
                entries
                    .iter()
                    .map(|(key, value)| (cast(key, from_key, to_key), cast(value, from_value, to_value)))
                    .collect(),
            ),
            _ => Value::Null,
        },
        DataType::Struct(to) => match (value, from) {
            (Value::Struct(values), DataType::Struct(from)) if from.len() == to.len() => Value::Struct(
                from.iter()
                    .zip(to)
                    .enumerate()
                    .map(|(index, (from, to))| cast(values.get(index).unwrap_or(&Value::Null), &from.data_type, &to.data_type))
                    .collect(),
            ),
            _ => Value::Null,
        },
    }
}

/// `StringUtils.isTrueString` and `isFalseString`, after `trimAll` and in lower case.
pub fn string_to_boolean(text: &str) -> Option<bool> {
    match trim_all(text).to_ascii_lowercase().as_str() {
        "t" | "true" | "y" | "yes" | "1" => Some(true),
        "f" | "false" | "n" | "no" | "0" => Some(false),
        _ => None,
    }
}

/// `UTF8String.toLong`: trimmed, an optional sign, digits, and a fraction that is cut off. `None` beyond an `i64`.
pub fn string_to_long(text: &str) -> Option<i64> {
    let text = trim_all(text);
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() {
        return None;
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut result = 0_i64;
    for byte in whole.bytes() {
        if !byte.is_ascii_digit() {
            return None;
        }
        result = result.checked_mul(10)?.checked_sub(i64::from(byte - b'0'))?;
    }
    if negative { Some(result) } else { result.checked_neg() }
}

/// `UTF8String.toInt`, `toShort` and `toByte`: as [`string_to_long`], `None` beyond the type.
pub fn string_to_integer(text: &str, to: &DataType) -> Option<i64> {
    let value = string_to_long(text)?;
    let fits = match to {
        DataType::Byte => i8::try_from(value).is_ok(),
        DataType::Short => i16::try_from(value).is_ok(),
        DataType::Int => i32::try_from(value).is_ok(),
        _ => true,
    };
    fits.then_some(value)
}

/// The part of a Java floating-point literal that Rust reads too, or the value it names.
enum FloatText<'a> {
    Digits(&'a str),
    Value(f64),
}

/// What `Double.parseDouble` takes (without hexadecimal floats), and Spark's names of the special values in any letter case.
fn float_text(text: &str) -> Option<FloatText<'_>> {
    let text = text.trim_matches(|c: char| c <= ' ');
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if unsigned.eq_ignore_ascii_case("inf") || unsigned.eq_ignore_ascii_case("infinity") {
        return Some(FloatText::Value(if negative { f64::NEG_INFINITY } else { f64::INFINITY }));
    }
    // Java's parser takes a sign before "NaN" in exactly this case, Spark's own list any case without sign.
    if text.eq_ignore_ascii_case("nan") || unsigned == "NaN" {
        return Some(FloatText::Value(f64::NAN));
    }
    let digits = text.strip_suffix(['f', 'F', 'd', 'D']).unwrap_or(text);
    is_decimal_literal(digits).then_some(FloatText::Digits(digits))
}

/// `[sign] digits [. digits] [e [sign] digits]`, with a digit somewhere before the exponent.
fn is_decimal_literal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let unsigned = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !unsigned.is_empty() && digits(unsigned)
    });
    digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty()) && exponent_fits
}

/// Spark's text to double; `None` for no number.
pub fn string_to_double(text: &str) -> Option<f64> {
    match float_text(text)? {
        FloatText::Digits(digits) => digits.parse().ok(),
        FloatText::Value(value) => Some(value),
    }
}

/// Spark's text to float: rounded once, not through a double.
pub fn string_to_float(text: &str) -> Option<f32> {
    match float_text(text)? {
        FloatText::Digits(digits) => digits.parse().ok(),
        FloatText::Value(value) => Some(value as f32),
    }
}

/// A Python float literal.
pub(crate) fn parse_python_float(text: &str) -> Option<f64> {
    is_decimal_literal(text).then(|| text.parse().ok()).flatten()
}

/// A whole number of at most 38 digits, with an optional sign.
pub(crate) fn parse_decimal_exact(text: &str) -> Option<i128> {
    string_to_decimal(text, 38, 0)
}

/// Text to decimal (`Decimal.fromString`, which reads as `java.math.BigDecimal` does): rounded half up to the scale, `None` beyond the precision.
pub fn string_to_decimal(text: &str, precision: u8, scale: i8) -> Option<i128> {
    let text = text.trim_matches(|c: char| c <= ' ');
    if !is_decimal_literal(text) {
        return None;
    }
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let exponent = exponent.parse::<i32>().ok()?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0').collect();
    let exponent = i64::from(exponent) - i64::try_from(fraction.len()).ok()?;
    let unscaled = round_digits(&digits, exponent + i64::from(scale), precision)?;
    Some(if negative { -unscaled } else { unscaled })
}

/// `digits` × 10^`shift`, rounded half up to a whole number; `None` beyond `precision` digits.
fn round_digits(digits: &[u8], shift: i64, precision: u8) -> Option<i128> {
    let significant = match digits.iter().position(|digit| *digit != 0) {
        Some(start) => digits.get(start..)?,
        None => return Some(0),
    };
    let length = i64::try_from(significant.len()).ok()?;
    let kept = length.checked_add(shift)?;
    if kept > i64::from(precision) {
        return None;
    }
    if kept < 0 {
        return Some(0);
    }
    let mut value = 0_i128;
    for index in 0..kept {
        let digit = usize::try_from(index).ok().and_then(|index| significant.get(index)).copied().unwrap_or(0);
        value = value.checked_mul(10)?.checked_add(i128::from(digit))?;
    }
    if usize::try_from(kept)
        .ok()
        .and_then(|index| significant.get(index))
        .is_some_and(|digit| *digit >= 5)
    {
        value += 1;
    }
    fits(value, precision)
}

fn fits(unscaled: i128, precision: u8) -> Option<i128> {
    let bound = 10_u128.checked_pow(u32::from(precision))?;
    (unscaled.unsigned_abs() < bound).then_some(unscaled)
}

/// A decimal at another scale and precision: rounded half up, `None` beyond the precision (`Decimal.changePrecision`).
pub fn rescale(unscaled: i128, from: i8, precision: u8, scale: i8) -> Option<i128> {
    let shift = i32::from(scale) - i32::from(from);
    if shift >= 0 {
        let factor = 10_i128.checked_pow(u32::try_from(shift).ok()?);
        return match factor {
            Some(factor) => fits(unscaled.checked_mul(factor)?, precision),
            None => (unscaled == 0).then_some(0),
        };
    }
    let Some(divisor) = 10_i128.checked_pow(u32::try_from(-shift).ok()?) else {
        return Some(0);
    };
    let (quotient, remainder) = (unscaled / divisor, unscaled % divisor);
    let rounds = remainder.unsigned_abs() >= divisor.unsigned_abs().div_ceil(2);
    fits(if rounds { quotient + unscaled.signum() } else { quotient }, precision)
}

/// The double nearest to a decimal, as `BigDecimal.doubleValue`.
pub fn decimal_to_double(unscaled: i128, scale: i8) -> f64 {
    let digits = unscaled.unsigned_abs().to_string();
    let mut text = if unscaled < 0 { String::from("-") } else { String::new() };
    match usize::try_from(scale) {
        Ok(scale) => text.push_str(&with_point(&digits, scale)),
        Err(_) => {
            text.push_str(&digits);
            text.push('e');
            text.push_str(&i32::from(scale).unsigned_abs().to_string());
        }
    }
    // Digits, a point and an exponent always parse.
    text.parse().unwrap_or(f64::NAN)
}

/// The whole part of a decimal, cut off to 64 bits as `BigDecimal.longValue` does.
fn decimal_to_long(unscaled: i128, scale: i8) -> i64 {
    let whole = match u32::try_from(scale) {
        Ok(scale) => 10_i128.checked_pow(scale).map_or(0, |divisor| unscaled / divisor),
        Err(_) => unscaled.wrapping_mul(10_i128.wrapping_pow(u32::from(scale.unsigned_abs()))),
    };
    whole as i64
}

/// A product of Scala's BigDecimal has at most 34 digits, rounded half even (`MathContext.DECIMAL128`).
fn decimal128(unscaled: i128, scale: i8) -> (i128, i8) {
    let digits = unscaled.unsigned_abs().to_string().len();
    let Some(excess) = digits.checked_sub(34).and_then(|excess| u32::try_from(excess).ok()) else {
        return (unscaled, scale);
    };
    let divisor = 10_i128.pow(excess);
    let (quotient, remainder) = (unscaled / divisor, (unscaled % divisor).abs());
    let up = match (remainder * 2).cmp(&divisor) {
        core::cmp::Ordering::Less => false,
        core::cmp::Ordering::Equal => quotient % 2 != 0,
        core::cmp::Ordering::Greater => true,
    };
    let rounded = if up { quotient + unscaled.signum() } else { quotient };
    (rounded, scale.saturating_sub(i8::try_from(excess).unwrap_or(i8::MAX)))
}

fn to_boolean(value: &Value) -> Value {
    let truth = match value {
        Value::Boolean(value) => Some(*value),
        Value::Long(value) => Some(*value != 0),
        Value::Timestamp(micros) => Some(*micros != 0),
        Value::Float(value) => Some(*value != 0.0),
        Value::Double(value) => Some(*value != 0.0),
        Value::Decimal { unscaled, .. } => Some(*unscaled != 0),
        Value::String(text) => string_to_boolean(text),
        _ => None,
    };
    truth.map_or(Value::Null, Value::Boolean)
}

/// `wrap` cuts an integer to the type, `truncate` turns a double into it (Java saturates at 32 or 64 bits, then wraps to 8 or 16).
fn to_integer(value: &Value, wrap: fn(i64) -> i64, truncate: fn(f64) -> i64) -> Value {
    let number = match value {
        Value::Boolean(value) => Some(i64::from(*value)),
        Value::Long(value) => Some(wrap(*value)),
        Value::Float(value) => Some(truncate(f64::from(*value))),
        Value::Double(value) => Some(truncate(*value)),
        Value::Decimal { unscaled, scale } => Some(wrap(decimal_to_long(*unscaled, *scale))),
        Value::Timestamp(micros) => Some(wrap(micros.div_euclid(MICROS_PER_SECOND))),
        // Text that does not fit is null, it does not wrap.
        Value::String(text) => string_to_long(text).filter(|number| wrap(*number) == *number),
        _ => None,
    };
    number.map_or(Value::Null, Value::Long)
}

fn to_double(value: &Value) -> Option<f64> {
    match value {
        Value::Boolean(value) => Some(if *value { 1.0 } else { 0.0 }),
        Value::Long(value) => Some(*value as f64),
        Value::Float(value) => Some(f64::from(*value)),
        Value::Double(value) => Some(*value),
        Value::Decimal { unscaled, scale } => Some(decimal_to_double(*unscaled, *scale)),
        Value::Timestamp(micros) => Some(*micros as f64 / MICROS_PER_SECOND as f64),
        Value::String(text) => string_to_double(text),
        _ => None,
    }
}

fn to_float(value: &Value) -> Value {
    let float = match value {
        Value::String(text) => string_to_float(text),
        Value::Long(value) => Some(*value as f32),
        other => to_double(other).map(|value| value as f32),
    };
    float.map_or(Value::Null, Value::Float)
}

fn to_decimal(value: &Value, precision: u8, scale: i8) -> Value {
    let unscaled = match value {
        Value::Boolean(value) => rescale(i128::from(*value), 0, precision, scale),
        Value::Long(value) => rescale(i128::from(*value), 0, precision, scale),
        Value::Decimal { unscaled, scale: from } => rescale(*unscaled, *from, precision, scale),
        Value::String(text) => string_to_decimal(text, precision, scale),
        // Scala's BigDecimal(double) reads the double's shortest text; NaN and infinities have none.
        Value::Float(_) | Value::Double(_) | Value::Timestamp(_) => to_double(value)
            .filter(|value| value.is_finite())
            .and_then(|value| string_to_decimal(&java_double(value), precision, scale)),
        _ => None,
    };
    unscaled.map_or(Value::Null, |unscaled| Value::Decimal { unscaled, scale })
}

fn to_binary(value: &Value, from: &DataType) -> Value {
    match (value, from) {
        (Value::String(text), _) => Value::Binary(text.as_bytes().to_vec()),
        (Value::Long(value), DataType::Byte) => Value::Binary((*value as i8).to_be_bytes().to_vec()),
        (Value::Long(value), DataType::Short) => Value::Binary((*value as i16).to_be_bytes().to_vec()),
        (Value::Long(value), DataType::Int) => Value::Binary((*value as i32).to_be_bytes().to_vec()),
        (Value::Long(value), DataType::Long) => Value::Binary(value.to_be_bytes().to_vec()),
        _ => Value::Null,
    }
}

fn to_timestamp(value: &Value) -> Value {
    let micros = match value {
        // `true` is one microsecond after the epoch: Cast.castToTimestamp gives 1L.
        Value::Boolean(value) => Some(i64::from(*value)),
        Value::Long(seconds) => Some(seconds.saturating_mul(MICROS_PER_SECOND)),
        Value::Float(_) | Value::Double(_) => to_double(value)
            .filter(|seconds| seconds.is_finite())
            .map(|seconds| (seconds * MICROS_PER_SECOND as f64) as i64),
        Value::Decimal { unscaled, scale } => {
            let (unscaled, scale) = decimal128(*unscaled, *scale);
            i8::try_from(i32::from(scale) - 6).ok().map(|scale| decimal_to_long(unscaled, scale))
        }
        Value::Date(days) => Some(i64::from(*days).saturating_mul(MICROS_PER_DAY)),
        Value::String(text) => string_to_timestamp(text),
        _ => None,
    };
    micros.map_or(Value::Null, Value::Timestamp)
}
