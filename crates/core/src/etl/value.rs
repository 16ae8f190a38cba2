//! One cell, and how Spark prints it.
//!
//! Belongs here: the value type, its text form, equality as grouping sees it. Does not belong here: conversions (`cast`), predicates (`filter`).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::fmt::Write;

use super::DataType;
use super::cast_time::{format_date, format_timestamp};

/// A cell of any [`DataType`]. The type is not in the value; `Long` holds every integral type.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    #[default]
    Null,
    Boolean(bool),
    /// byte, short, int and bigint.
    Long(i64),
    Float(f32),
    Double(f64),
    Decimal {
        unscaled: i128,
        scale: i8,
    },
    String(String),
    Binary(Vec<u8>),
    /// Days since the epoch.
    Date(i32),
    /// Microseconds since the epoch, UTC.
    Timestamp(i64),
    Array(Vec<Value>),
    /// In insertion order, as Spark keeps it.
    Map(Vec<(Value, Value)>),
    /// By position; the names are in the type.
    Struct(Vec<Value>),
}

impl Value {
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// The text that Spark's non-ANSI cast to string gives (`org.apache.spark.sql.catalyst.expressions.ToStringBase`); `None` for null.
    ///
    /// Doubles as Java's `Double.toString`, decimals as `BigDecimal.toString`, timestamps in UTC without trailing zeros of the fraction,
    /// `[1, null]` for arrays, `{k -> v}` for maps, `{1, a}` for structs. Binary is taken as UTF-8, with U+FFFD for what is none.
    pub fn display(&self, data_type: &DataType) -> Option<String> {
        if self.is_null() {
            return None;
        }
        let mut out = String::new();
        self.write(data_type, &mut out);
        Some(out)
    }

    fn write(&self, data_type: &DataType, out: &mut String) {
        match self {
            Value::Null => out.push_str("null"),
            Value::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Long(value) => out.push_str(&value.to_string()),
            Value::Float(value) => out.push_str(&java_float(*value)),
            Value::Double(value) => out.push_str(&java_double(*value)),
            Value::Decimal { unscaled, scale } => out.push_str(&decimal_text(*unscaled, *scale)),
            Value::String(text) => out.push_str(text),
            Value::Binary(bytes) => out.push_str(&String::from_utf8_lossy(bytes)),
            Value::Date(days) => out.push_str(&format_date(*days)),
            Value::Timestamp(micros) => out.push_str(&format_timestamp(*micros)),
            Value::Array(items) => {
                let element = match data_type {
                    DataType::Array(element) => element,
                    _ => data_type,
                };
                write_list(out, ('[', ']'), items.iter().map(|item| (item, element)));
            }
            Value::Map(entries) => {
                let (key_type, value_type): (&DataType, &DataType) = match data_type {
                    DataType::Map(key, value) => (key, value),
                    _ => (data_type, data_type),
                };
                out.push('{');
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        out.push_str(", ");
                    }
                    key.write(key_type, out);
                    out.push_str(" ->");
                    // ToStringBase writes the space before a value, and none before a null key's arrow.
                    out.push(' ');
                    value.write(value_type, out);
                }
                out.push('}');
            }
            Value::Struct(values) => {
                let fields = match data_type {
                    DataType::Struct(fields) => fields.as_slice(),
                    _ => &[],
                };
                write_list(
                    out,
                    ('{', '}'),
                    values
                        .iter()
                        .enumerate()
                        .map(|(index, value)| (value, fields.get(index).map_or(data_type, |field| &field.data_type))),
                );
            }
        }
    }

    /// An order over all values, for grouping: nulls are equal, NaN equals NaN, and -0.0 equals 0.0, as Spark normalises them in grouping keys
    /// (`NormalizeFloatingNumbers`). Values of one column compare by value; the order across kinds means nothing.
    pub fn group_cmp(&self, other: &Value) -> Ordering {
        match (self, other) {
            (Value::Null, Value::Null) => Ordering::Equal,
            (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
            (Value::Long(a), Value::Long(b)) => a.cmp(b),
            (Value::Float(a), Value::Float(b)) => normal(f64::from(*a)).total_cmp(&normal(f64::from(*b))),
            (Value::Double(a), Value::Double(b)) => normal(*a).total_cmp(&normal(*b)),
            (Value::Decimal { unscaled: a, scale: s }, Value::Decimal { unscaled: b, scale: t }) if s == t => a.cmp(b),
            (Value::Decimal { unscaled: a, scale: s }, Value::Decimal { unscaled: b, scale: t }) => compare_decimals((*a, *s), (*b, *t)),
            (Value::String(a), Value::String(b)) => a.cmp(b),
            (Value::Binary(a), Value::Binary(b)) => a.cmp(b),
            (Value::Date(a), Value::Date(b)) => a.cmp(b),
            (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
            (Value::Array(a), Value::Array(b)) | (Value::Struct(a), Value::Struct(b)) => compare_lists(a, b),
            (Value::Map(a), Value::Map(b)) => {
                for ((k, v), (l, w)) in a.iter().zip(b) {
                    let order = k.group_cmp(l).then_with(|| v.group_cmp(w));
                    if order != Ordering::Equal {
                        return order;
                    }
                }
                a.len().cmp(&b.len())
            }
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Value::Null => 0,
            Value::Boolean(_) => 1,
            Value::Long(_) => 2,
            Value::Float(_) => 3,
            Value::Double(_) => 4,
            Value::Decimal { .. } => 5,
            Value::String(_) => 6,
            Value::Binary(_) => 7,
            Value::Date(_) => 8,
            Value::Timestamp(_) => 9,
            Value::Array(_) => 10,
            Value::Map(_) => 11,
            Value::Struct(_) => 12,
        }
    }
}

fn normal(value: f64) -> f64 {
    if value.is_nan() {
        f64::NAN
    } else if value == 0.0 {
        0.0
    } else {
        value
    }
}

fn compare_lists(a: &[Value], b: &[Value]) -> Ordering {
    a.iter()
        .zip(b)
        .map(|(x, y)| x.group_cmp(y))
        .find(|order| *order != Ordering::Equal)
        .unwrap_or_else(|| a.len().cmp(&b.len()))
}

/// Exact comparison of two decimals of any scales.
pub(crate) fn compare_decimals((a, s): (i128, i8), (b, t): (i128, i8)) -> Ordering {
    let by_sign = a.signum().cmp(&b.signum());
    if by_sign != Ordering::Equal || a == 0 {
        return by_sign;
    }
    let digits = |unscaled: i128, zeros: i32| {
        let mut text = unscaled.unsigned_abs().to_string();
        for _ in 0..zeros {
            text.push('0');
        }
        text
    };
    let (s, t) = (i32::from(s), i32::from(t));
    let x = digits(a, (t - s).max(0));
    let y = digits(b, (s - t).max(0));
    let by_size = x.len().cmp(&y.len()).then_with(|| x.cmp(&y));
    if a < 0 { by_size.reverse() } else { by_size }
}

fn write_list<'a>(out: &mut String, (open, close): (char, char), items: impl Iterator<Item = (&'a Value, &'a DataType)>) {
    out.push(open);
    for (index, (item, data_type)) in items.enumerate() {
        if index > 0 {
            out.push_str(", ");
        }
        item.write(data_type, out);
    }
    out.push(close);
}

/// Java's `Double.toString` (JDK 19 and later: the shortest digits that read back as the same double).
pub fn java_double(value: f64) -> String {
    if let Some(text) = not_finite(value) {
        return text.to_string();
    }
    let shortest = format!("{value:e}");
    let two = format!("{value:.1e}");
    java_layout(if is_one_digit(&shortest) && two.parse() == Ok(value) {
        &two
    } else {
        &shortest
    })
}

/// Java's `Float.toString`, likewise.
pub fn java_float(value: f32) -> String {
    if let Some(text) = not_finite(f64::from(value)) {
        return text.to_string();
    }
    let shortest = format!("{value:e}");
    let two = format!("{value:.1e}");
    java_layout(if is_one_digit(&shortest) && two.parse() == Ok(value) {
        &two
    } else {
        &shortest
    })
}

/// Java always prints two digits, and so picks the nearest of two where the shortest has one: the smallest double is `4.9E-324` and not `5.0E-324`.
fn is_one_digit(scientific: &str) -> bool {
    scientific
        .split_once('e')
        .is_some_and(|(mantissa, _)| mantissa.trim_start_matches('-').len() == 1)
}

fn not_finite(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value == f64::INFINITY {
        Some("Infinity")
    } else if value == f64::NEG_INFINITY {
        Some("-Infinity")
    } else {
        None
    }
}

/// Lays shortest digits (`-1.25e-7`) out as Java does: plain from 10^-3 to below 10^7, else `d.dEn`.
fn java_layout(scientific: &str) -> String {
    let (sign, unsigned) = match scientific.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", scientific),
    };
    let (mantissa, exponent) = unsigned.split_once('e').unwrap_or((unsigned, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.trim_end_matches('0') {
        "" => "0",
        significant => significant,
    };
    if digits == "0" {
        return format!("{sign}0.0");
    }
    let mut out = String::from(sign);
    if (-3..7).contains(&exponent) {
        if exponent < 0 {
            out.push_str("0.");
            for _ in 0..(-exponent - 1) {
                out.push('0');
            }
            out.push_str(digits);
        } else {
            let whole = usize::try_from(exponent).unwrap_or(0) + 1;
            for (index, digit) in digits.chars().enumerate() {
                if index == whole {
                    out.push('.');
                }
                out.push(digit);
            }
            for _ in digits.len()..whole {
                out.push('0');
            }
            if digits.len() <= whole {
                out.push_str(".0");
            }
        }
    } else {
        let (first, rest) = digits.split_at(1);
        let rest = if rest.is_empty() { "0" } else { rest };
        // Writing to a string cannot fail.
        let _ = write!(out, "{first}.{rest}E{exponent}");
    }
    out
}

/// Java's `BigDecimal.toString`: plain while the scale is not negative and the number not below 10^-6, else scientific.
pub fn decimal_text(unscaled: i128, scale: i8) -> String {
    let digits = unscaled.unsigned_abs().to_string();
    let sign = if unscaled < 0 { "-" } else { "" };
    let scale = i32::from(scale);
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let adjusted = length - 1 - scale;
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    if scale > 0 && adjusted >= -6 {
        return format!("{sign}{}", with_point(&digits, usize::try_from(scale).unwrap_or(0)));
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let exponent = if adjusted == 0 {
        String::new()
    } else if adjusted > 0 {
        format!("E+{adjusted}")
    } else {
        format!("E{adjusted}")
    };
    format!("{sign}{first}{point}{rest}{exponent}")
}

/// Digits with a point before the last `scale` of them.
pub(crate) fn with_point(digits: &str, scale: usize) -> String {
    let whole = digits.len().saturating_sub(scale);
    let (whole, fraction) = digits.split_at(whole);
    let whole = if whole.is_empty() { "0" } else { whole };
    format!("{whole}.{fraction:0>scale$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_print_as_java_does() {
        for (value, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (100.0, "100.0"),
            (1234567.0, "1234567.0"),
            (9999999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (12345678.9, "1.23456789E7"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (0.00123, "0.00123"),
            (-1.5, "-1.5"),
            (1e23, "1.0E23"),
            (5e-324, "4.9E-324"),
            (2e23, "2.0E23"),
            (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(java_double(value), text);
        }
        assert_eq!(java_float(0.1), "0.1");
        assert_eq!(java_float(16777216.0), "1.6777216E7");
    }

    #[test]
    fn decimals_print_as_java_does() {
        for (unscaled, scale, text) in [
            (12345, 2, "123.45"),
            (-5, 2, "-0.05"),
            (0, 2, "0.00"),
            (0, 10, "0E-10"),
            (1, 7, "1E-7"),
            (1, 6, "0.000001"),
            (123, 0, "123"),
            (12, -3, "1.2E+4"),
        ] {
            assert_eq!(decimal_text(unscaled, scale), text);
        }
    }

    #[test]
    fn decimals_of_two_scales_compare_by_value() {
        assert_eq!(compare_decimals((100, 2), (1, 0)), Ordering::Equal);
        assert_eq!(compare_decimals((-101, 2), (-1, 0)), Ordering::Less);
        assert_eq!(compare_decimals((i128::MAX, 0), (1, 38)), Ordering::Greater);
    }
}
