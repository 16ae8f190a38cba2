//! Parameters of a call, checked against the members of an operation as botocore's `ParamValidator` does before it sends a request.
//!
//! A service lists each operation's input as a `const` array of [`Member`]s, calls [`Params::check`] first, and then reads values through [`Params`].
//! Checked: required members, unknown members, types, minimum lengths and values. Not checked, because botocore leaves it to the service: enums, patterns, maxima.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::ApiError;
use crate::sim::SimTime;

/// The type of a parameter, under the names of botocore's service models.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Text of at least `min` characters.
    Text {
        min: usize,
    },
    /// Base64 text.
    Blob,
    Boolean,
    /// An `integer` or `long`; a float without a fraction is taken too, since JavaScript has no other numbers.
    Integer {
        min: Option<i64>,
    },
    Double,
    /// ISO 8601 text, or seconds since the epoch.
    Timestamp,
    List {
        of: &'static Shape,
        min: usize,
    },
    Map {
        of: &'static Shape,
    },
    Structure(&'static [Member]),
    /// Anything; the operation looks for itself.
    Any,
}

pub const TEXT: Shape = Shape::Text { min: 0 };
/// Text that may not be empty.
pub const NAME: Shape = Shape::Text { min: 1 };
pub const INTEGER: Shape = Shape::Integer { min: None };
pub const BOOLEAN: Shape = Shape::Boolean;
pub const TIMESTAMP: Shape = Shape::Timestamp;
pub const TEXTS: Shape = Shape::List { of: &TEXT, min: 0 };
pub const TEXT_MAP: Shape = Shape::Map { of: &TEXT };
pub const ANY: Shape = Shape::Any;

/// A member of an operation's input, or of a structure in it.
#[derive(Clone, Copy, Debug)]
pub struct Member {
    pub name: &'static str,
    pub shape: Shape,
    pub required: bool,
}

pub const fn required(name: &'static str, shape: Shape) -> Member {
    Member { name, shape, required: true }
}

pub const fn optional(name: &'static str, shape: Shape) -> Member {
    Member { name, shape, required: false }
}

/// A call's parameters, checked.
///
/// Members whose names begin with `Sluice` are ours; an operation that has one lists it, and messages do not name it among the choices.
#[derive(Clone, Copy, Debug)]
pub struct Params<'a> {
    map: Option<&'a Map<String, Value>>,
}

/// `ParamValidation`, worded as botocore's `ParamValidationError` and the AWS CLI print it; `report` is one line a fault.
pub fn param_error(report: impl AsRef<str>) -> ApiError {
    ApiError::new("ParamValidation", format!("Parameter validation failed:\n{}", report.as_ref()))
}

impl<'a> Params<'a> {
    /// Checks `params` against `members`. A missing object (`null`) is an empty one. Error: [`param_error`] with every fault found.
    pub fn check(params: &'a Value, members: &[Member]) -> Result<Params<'a>, ApiError> {
        let empty = Map::new();
        let map = match params {
            Value::Null => None,
            Value::Object(map) => Some(map),
            other => return Err(param_error(type_fault("input", other, &["dict"]))),
        };
        let mut faults = Vec::new();
        check_structure(map.unwrap_or(&empty), members, "", &mut faults);
        if faults.is_empty() {
            Ok(Params { map })
        } else {
            Err(param_error(faults.join("\n")))
        }
    }

    /// A structure inside the parameters, already checked with them.
    pub fn of(map: &'a Map<String, Value>) -> Params<'a> {
        Params { map: Some(map) }
    }

    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.map?.get(name)
    }

    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str()
    }

    /// A member that the operation requires. Error: `ParamValidation` where it is missing or not text.
    pub fn required_text(&self, name: &str) -> Result<&'a str, ApiError> {
        self.text(name).ok_or_else(|| missing(name))
    }

    pub fn boolean(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        as_integer(self.get(name)?)
    }

    pub fn double(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_f64()
    }

    pub fn time(&self, name: &str) -> Option<SimTime> {
        as_time(self.get(name)?)
    }

    /// A list; empty where it is missing.
    pub fn list(&self, name: &str) -> &'a [Value] {
        self.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    /// The texts of a list; empty where it is missing.
    pub fn texts(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.list(name).iter().filter_map(Value::as_str)
    }

    pub fn structure(&self, name: &str) -> Option<Params<'a>> {
        self.get(name)?.as_object().map(Params::of)
    }

    /// The structures of a list; empty where it is missing.
    pub fn structures(&self, name: &str) -> impl Iterator<Item = Params<'a>> {
        self.list(name).iter().filter_map(Value::as_object).map(Params::of)
    }

    pub fn map(&self, name: &str) -> Option<&'a Map<String, Value>> {
        self.get(name)?.as_object()
    }

    /// Names of the members given, in key order.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.map.into_iter().flat_map(|map| map.keys().map(String::as_str))
    }
}

/// The error for a required member that is not there.
pub fn missing(name: &str) -> ApiError {
    param_error(format!("Missing required parameter in input: \"{name}\""))
}

fn check_structure(map: &Map<String, Value>, members: &[Member], path: &str, faults: &mut Vec<String>) {
    let place = if path.is_empty() { "input" } else { path };
    for member in members {
        if member.required && !map.contains_key(member.name) {
            faults.push(format!("Missing required parameter in {place}: \"{}\"", member.name));
        }
    }
    for name in map.keys() {
        if !members.iter().any(|member| member.name == name) {
            let known: Vec<_> = members.iter().map(|member| member.name).filter(|name| !name.starts_with("Sluice")).collect();
            faults.push(format!("Unknown parameter in {place}: \"{name}\", must be one of: {}", known.join(", ")));
        }
    }
    for member in members {
        if let Some(value) = map.get(member.name) {
            let inner = if path.is_empty() {
                member.name.to_string()
            } else {
                format!("{path}.{}", member.name)
            };
            check_value(value, &member.shape, &inner, faults);
        }
    }
}

fn check_value(value: &Value, shape: &Shape, path: &str, faults: &mut Vec<String>) {
    match shape {
        Shape::Text { min } => match value.as_str() {
            None => faults.push(type_fault(path, value, &["str"])),
            Some(text) => check_length(text.chars().count(), *min, path, faults),
        },
        Shape::Blob => {
            if !value.is_string() {
                faults.push(format!(
                    "Invalid type for parameter {path}, value: {}, type: {}, valid types: <class 'bytes'>, <class 'bytearray'>, file-like object",
                    shown(value),
                    class(value)
                ));
            }
        }
        Shape::Boolean => {
            if !value.is_boolean() {
                faults.push(type_fault(path, value, &["bool"]));
            }
        }
        Shape::Integer { min } => match (as_integer(value), min) {
            (None, _) => faults.push(type_fault(path, value, &["int"])),
            (Some(number), Some(min)) if number < *min => {
                faults.push(format!("Invalid value for parameter {path}, value: {number}, valid min value: {min}"));
            }
            _ => {}
        },
        Shape::Double => {
            if !value.is_number() {
                faults.push(type_fault(path, value, &["float", "decimal.Decimal", "int"]));
            }
        }
        Shape::Timestamp => {
            if as_time(value).is_none() {
                faults.push(format!(
                    "Invalid type for parameter {path}, value: {}, type: {}, valid types: <class 'datetime.datetime'>, timestamp-string",
                    shown(value),
                    class(value)
                ));
            }
        }
        Shape::List { of, min } => match value.as_array() {
            None => faults.push(type_fault(path, value, &["list", "tuple"])),
            Some(items) => {
                check_length(items.len(), *min, path, faults);
                for (at, item) in items.iter().enumerate() {
                    check_value(item, of, &format!("{path}[{at}]"), faults);
                }
            }
        },
        Shape::Map { of } => match value.as_object() {
            None => faults.push(type_fault(path, value, &["dict"])),
            Some(map) => {
                for (key, item) in map {
                    check_value(item, of, &format!("{path}.{key}"), faults);
                }
            }
        },
        Shape::Structure(members) => match value.as_object() {
            None => faults.push(type_fault(path, value, &["dict"])),
            Some(map) => check_structure(map, members, path, faults),
        },
        Shape::Any => {}
    }
}

fn check_length(length: usize, min: usize, path: &str, faults: &mut Vec<String>) {
    if length < min {
        faults.push(format!("Invalid length for parameter {path}, value: {length}, valid min length: {min}"));
    }
}

fn type_fault(path: &str, value: &Value, valid: &[&str]) -> String {
    let valid: Vec<_> = valid.iter().map(|name| format!("<class '{name}'>")).collect();
    format!(
        "Invalid type for parameter {path}, value: {}, type: {}, valid types: {}",
        shown(value),
        class(value),
        valid.join(", ")
    )
}

/// The value as Python prints it, cut to 200 characters.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => "None".to_string(),
        Value::Bool(true) => "True".to_string(),
        Value::Bool(false) => "False".to_string(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn class(value: &Value) -> &'static str {
    match value {
        Value::Null => "<class 'NoneType'>",
        Value::Bool(_) => "<class 'bool'>",
        Value::Number(number) if number.is_f64() => "<class 'float'>",
        Value::Number(_) => "<class 'int'>",
        Value::String(_) => "<class 'str'>",
        Value::Array(_) => "<class 'list'>",
        Value::Object(_) => "<class 'dict'>",
    }
}

fn as_integer(value: &Value) -> Option<i64> {
    if let Some(number) = value.as_i64() {
        return Some(number);
    }
    let float = value.as_f64()?;
    let whole = float as i64;
    (value.is_f64() && whole as f64 == float && float.abs() <= 9_007_199_254_740_992.0).then_some(whole)
}

fn as_time(value: &Value) -> Option<SimTime> {
    match value {
        Value::String(text) => SimTime::parse(text),
        Value::Number(number) => {
            let micros = number.as_f64()? * 1e6;
            let time = SimTime::from_micros(micros as i64);
            (SimTime::MIN_CIVIL..=SimTime::MAX_CIVIL).contains(&time).then_some(time)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TAG: &[Member] = &[required("Key", NAME), required("Value", TEXT)];
    const INPUT: &[Member] = &[
        required("Bucket", TEXT),
        optional("Key", NAME),
        optional("MaxKeys", Shape::Integer { min: Some(1) }),
        optional("Expires", TIMESTAMP),
        optional("Metadata", TEXT_MAP),
        optional(
            "Tags",
            Shape::List {
                of: &Shape::Structure(TAG),
                min: 0,
            },
        ),
        optional("SluiceBlob", ANY),
    ];

    fn report(params: Value) -> String {
        let error = Params::check(&params, INPUT).expect_err("the parameters are wrong");
        assert_eq!(error.code, "ParamValidation");
        error.message.strip_prefix("Parameter validation failed:\n").unwrap().to_string()
    }

    /// The right-hand sides were printed by botocore 1.43.
    #[test]
    fn speaks_like_botocore() {
        assert_eq!(report(json!({})), "Missing required parameter in input: \"Bucket\"");
        assert_eq!(
            report(json!({"Bucket": "b", "Foo": 1})),
            "Unknown parameter in input: \"Foo\", must be one of: Bucket, Key, MaxKeys, Expires, Metadata, Tags"
        );
        assert_eq!(
            report(json!({"Bucket": 3})),
            "Invalid type for parameter Bucket, value: 3, type: <class 'int'>, valid types: <class 'str'>"
        );
        assert_eq!(
            report(json!({"Bucket": null})),
            "Invalid type for parameter Bucket, value: None, type: <class 'NoneType'>, valid types: <class 'str'>"
        );
        assert_eq!(
            report(json!({"Bucket": "b", "Key": ""})),
            "Invalid length for parameter Key, value: 0, valid min length: 1"
        );
        assert_eq!(
            report(json!({"Bucket": "b", "MaxKeys": 0})),
            "Invalid value for parameter MaxKeys, value: 0, valid min value: 1"
        );
        assert_eq!(
            report(json!({"Bucket": "b", "Metadata": {"a": true}})),
            "Invalid type for parameter Metadata.a, value: True, type: <class 'bool'>, valid types: <class 'str'>"
        );
        assert_eq!(
            report(json!({"Bucket": "b", "Tags": [{"Key": "a"}]})),
            "Missing required parameter in Tags[0]: \"Value\""
        );
        assert_eq!(
            report(json!([])),
            "Invalid type for parameter input, value: [], type: <class 'list'>, valid types: <class 'dict'>"
        );
    }

    #[test]
    fn reads_what_it_checked() {
        let params = json!({"Bucket": "b", "MaxKeys": 2.0, "Expires": 0.5, "Tags": [{"Key": "k", "Value": "v"}]});
        let params = Params::check(&params, INPUT).unwrap();
        assert_eq!(params.required_text("Bucket").unwrap(), "b");
        assert_eq!(params.integer("MaxKeys"), Some(2));
        assert_eq!(params.time("Expires"), Some(SimTime::from_millis(500)));
        assert_eq!(params.structures("Tags").filter_map(|tag| tag.text("Key")).collect::<Vec<_>>(), ["k"]);
        assert!(Params::check(&Value::Null, &INPUT[1..]).is_ok());
    }
}
