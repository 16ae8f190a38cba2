//! Parameter shapes: which members an operation takes, and of what type and size.
//!
//! Belongs here: the checks that follow from botocore's service model alone. Does not belong here: whether the thing named exists.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value};

use crate::account::{ApiError, param_error};
use crate::sim::SimTime;

/// The type of a parameter in the service model, with its limits.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Length in characters.
    Text(usize, usize),
    OneOf(&'static [&'static str]),
    Integer(i64, i64),
    Double,
    Boolean,
    Time,
    Structure(&'static [Member]),
    /// Element and length.
    List(&'static Kind, usize, usize),
    /// String to string.
    Map,
    /// Any object: checked by who reads it.
    Object,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    name: &'static str,
    kind: Kind,
    required: bool,
}

pub(super) const fn need(name: &'static str, kind: Kind) -> Member {
    Member { name, kind, required: true }
}

pub(super) const fn may(name: &'static str, kind: Kind) -> Member {
    Member { name, kind, required: false }
}

/// A catalog name: 1 to 255 characters of one line.
pub(super) const NAME: Kind = Kind::Text(1, 255);
pub(super) const NAMES: Kind = Kind::List(&NAME, 0, usize::MAX);
pub(super) const TEXT: Kind = Kind::Text(0, usize::MAX);
pub(super) const TEXTS: Kind = Kind::List(&TEXT, 0, usize::MAX);
pub(super) const DESCRIPTION: Kind = Kind::Text(0, 2048);
pub(super) const COUNT: Kind = Kind::Integer(0, i64::MAX);
pub(super) const OBJECTS: Kind = Kind::List(&Kind::Object, 0, usize::MAX);

/// What is wrong with the parameters.
#[derive(Default)]
struct Faults {
    /// Found by botocore before it sends a request: missing and unknown members, types, minima.
    client: Vec<String>,
    /// Left to the service: enums, maxima, line ends in names.
    service: Vec<String>,
}

/// Checks `params` against the operation's members; every fault is listed.
///
/// Errors: `ParamValidation` in botocore's words, else `InvalidInputException`.
pub(super) fn check<'a>(params: &'a Value, members: &[Member]) -> Result<Cow<'a, Map<String, Value>>, ApiError> {
    let object = match params {
        Value::Object(object) => Cow::Borrowed(object),
        Value::Null => Cow::Owned(Map::new()),
        other => return Err(param_error(type_fault("input", other, "dict"))),
    };
    let mut faults = Faults::default();
    structure(&object, members, "", &mut faults);
    if !faults.client.is_empty() {
        Err(param_error(faults.client.join("\n")))
    } else if !faults.service.is_empty() {
        Err(ApiError::new("InvalidInputException", faults.service.join("; ")))
    } else {
        Ok(object)
    }
}

fn structure(object: &Map<String, Value>, members: &[Member], path: &str, faults: &mut Faults) {
    let place = if path.is_empty() { "input" } else { path };
    for member in members.iter().filter(|member| member.required) {
        if object.get(member.name).is_none_or(Value::is_null) {
            faults.client.push(format!("Missing required parameter in {place}: \"{}\"", member.name));
        }
    }
    for (name, value) in object {
        match members.iter().find(|member| member.name == name) {
            // Callers in JavaScript leave a member out by setting it to null.
            Some(_) if value.is_null() => {}
            Some(member) => {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                one(value, member.kind, &path, faults);
            }
            None => {
                let known: Vec<&str> = members.iter().map(|member| member.name).collect();
                faults
                    .client
                    .push(format!("Unknown parameter in {place}: \"{name}\", must be one of: {}", known.join(", ")));
            }
        }
    }
}

fn one(value: &Value, kind: Kind, path: &str, faults: &mut Faults) {
    match (kind, value) {
        (Kind::Text(min, max), Value::String(text)) => {
            let length = text.chars().count();
            if length < min {
                faults
                    .client
                    .push(format!("Invalid length for parameter {path}, value: {length}, valid min length: {min}"));
            } else if length > max {
                faults.service.push(format!("{path} has {length} characters; it may have {max}"));
            } else if max <= 255 && text.contains(['\r', '\n']) {
                faults.service.push(format!("{path} must be one line"));
            }
        }
        (Kind::OneOf(values), Value::String(text)) if values.contains(&text.as_str()) => {}
        (Kind::OneOf(values), Value::String(text)) => faults.service.push(format!("{path} is {text}; it can be {}", values.join(", "))),
        (Kind::Text(..) | Kind::OneOf(_), _) => faults.client.push(type_fault(path, value, "str")),
        (Kind::Integer(min, max), _) => match integer(value) {
            None => faults.client.push(type_fault(path, value, "int")),
            Some(number) if number < min => {
                faults
                    .client
                    .push(format!("Invalid value for parameter {path}, value: {number}, valid min value: {min}"));
            }
            Some(number) if number > max => faults.service.push(format!("{path} is {number}; it may be {max} at most")),
            Some(_) => {}
        },
        (Kind::Double, _) if !value.is_number() => faults.client.push(type_fault(path, value, "float")),
        (Kind::Boolean, _) if !value.is_boolean() => faults.client.push(type_fault(path, value, "bool")),
        (Kind::Time, Value::String(text)) if SimTime::parse(text).is_some() => {}
        (Kind::Time, Value::Number(_)) => {}
        (Kind::Time, _) => faults.client.push(type_fault(path, value, "datetime.datetime")),
        (Kind::Structure(members), Value::Object(object)) => structure(object, members, path, faults),
        (Kind::List(item, min, max), Value::Array(items)) => {
            if items.len() < min {
                faults
                    .client
                    .push(format!("Invalid length for parameter {path}, value: {}, valid min length: {min}", items.len()));
            } else if items.len() > max {
                faults.service.push(format!("{path} has {} elements; it may have {max}", items.len()));
            }
            for (position, value) in items.iter().enumerate() {
                one(value, *item, &format!("{path}[{position}]"), faults);
            }
        }
        (Kind::List(..), _) => faults.client.push(type_fault(path, value, "list")),
        (Kind::Map, Value::Object(object)) => {
            for (name, value) in object.iter().filter(|(_, value)| !value.is_string()) {
                faults.client.push(type_fault(&format!("{path}.{name}"), value, "str"));
            }
        }
        (Kind::Structure(_) | Kind::Map | Kind::Object, _) if !value.is_object() => faults.client.push(type_fault(path, value, "dict")),
        _ => {}
    }
}

/// As botocore's `ParamValidationError` prints it.
fn type_fault(path: &str, value: &Value, valid: &str) -> String {
    let (shown, class) = match value {
        Value::Null => ("None".into(), "NoneType"),
        Value::Bool(true) => ("True".into(), "bool"),
        Value::Bool(false) => ("False".into(), "bool"),
        Value::Number(number) => (number.to_string(), if number.is_f64() { "float" } else { "int" }),
        Value::String(text) => (text.clone(), "str"),
        Value::Array(_) => (value.to_string(), "list"),
        Value::Object(_) => (value.to_string(), "dict"),
    };
    let shown: String = shown.chars().take(200).collect();
    format!("Invalid type for parameter {path}, value: {shown}, type: <class '{class}'>, valid types: <class '{valid}'>")
}

/// A whole number; JavaScript has no others than floats.
pub(super) fn integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| {
        let float = value.as_f64()?;
        let whole = float as i64;
        (whole as f64 == float && float.abs() <= 9_007_199_254_740_992.0).then_some(whole)
    })
}

/// An integer member that [`check`] has let pass.
pub(super) fn count(object: &Map<String, Value>, name: &str) -> Option<u64> {
    object.get(name).and_then(integer).and_then(|number| u64::try_from(number).ok())
}

/// A text member that [`check`] has let pass; empty when it is absent.
pub(super) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> &'a str {
    object.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// Reads a structure that [`check`] has let pass.
pub(super) fn read<T: serde::de::DeserializeOwned>(object: &Map<String, Value>, name: &str) -> Result<Option<T>, ApiError> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => T::deserialize(value)
            .map(Some)
            .map_err(|error| ApiError::new("InvalidInputException", format!("{name}: {error}"))),
    }
}

/// A page of a listing: `MaxResults` items after `NextToken`. The token is the position of the next item.
pub(super) fn page<T>(object: &Map<String, Value>, items: Vec<T>, default: usize) -> Result<(Vec<T>, Option<String>), ApiError> {
    let start = match object.get("NextToken").and_then(Value::as_str) {
        None | Some("") => 0,
        Some(token) => token
            .parse::<usize>()
            .ok()
            .filter(|start| *start <= items.len())
            .ok_or_else(|| ApiError::new("InvalidInputException", "The NextToken is not valid."))?,
    };
    let size = count(object, "MaxResults").and_then(|size| usize::try_from(size).ok()).unwrap_or(default);
    let total = items.len();
    let page: Vec<T> = items.into_iter().skip(start).take(size).collect();
    let end = start + page.len();
    Ok((page, (end < total).then(|| format!("{end}"))))
}
