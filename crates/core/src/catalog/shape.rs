//! Parameter shapes: which members an operation takes, and of what type and size.
//!
//! Belongs here: the checks that follow from botocore's service model alone. Does not belong here: whether the thing named exists.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use crate::account::ApiError;
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

/// Checks `params` against the operation's members; every problem is listed, as the AWS CLI lists them.
pub(super) fn check<'a>(params: &'a Value, members: &[Member]) -> Result<&'a Map<String, Value>, ApiError> {
    static NOTHING: Map<String, Value> = Map::new();
    let object = match params {
        Value::Object(object) => object,
        Value::Null => &NOTHING,
        _ => return Err(ApiError::new("InvalidInputException", "Parameters must be a JSON object.")),
    };
    let mut problems = Vec::new();
    structure(object, members, "", &mut problems);
    if problems.is_empty() {
        Ok(object)
    } else {
        Err(ApiError::new("InvalidInputException", format!("Parameter validation failed: {}", problems.join("; "))))
    }
}

fn structure(object: &Map<String, Value>, members: &[Member], path: &str, problems: &mut Vec<String>) {
    let place = if path.is_empty() { "input" } else { path };
    for member in members.iter().filter(|member| member.required) {
        if object.get(member.name).is_none_or(Value::is_null) {
            problems.push(format!("Missing required parameter in {place}: \"{}\"", member.name));
        }
    }
    for (name, value) in object {
        match members.iter().find(|member| member.name == name) {
            Some(_) if value.is_null() => {}
            Some(member) => {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                one(value, member.kind, &path, problems);
            }
            None => {
                let known: Vec<&str> = members.iter().map(|member| member.name).collect();
                problems.push(format!("Unknown parameter in {place}: \"{name}\", must be one of: {}", known.join(", ")));
            }
        }
    }
}

fn one(value: &Value, kind: Kind, path: &str, problems: &mut Vec<String>) {
    let mut wrong = |want: &str| problems.push(format!("Invalid type for parameter {path}: {want} expected"));
    match (kind, value) {
        (Kind::Text(min, max), Value::String(text)) => {
            let length = text.chars().count();
            if length < min || length > max {
                problems.push(format!("Invalid length for parameter {path}: {length}, valid range: {min}-{max}"));
            } else if max <= 255 && text.contains(['\r', '\n']) {
                problems.push(format!("Invalid value for parameter {path}: a line end is not allowed"));
            }
        }
        (Kind::Text(..) | Kind::OneOf(_), _) if !value.is_string() => wrong("string"),
        (Kind::OneOf(values), _) => {
            if !value.as_str().is_some_and(|text| values.contains(&text)) {
                problems.push(format!("Invalid value for parameter {path}: {value}, valid values: {}", values.join(", ")));
            }
        }
        (Kind::Integer(min, max), _) => match value.as_i64() {
            None => wrong("integer"),
            Some(number) if number < min || number > max => problems.push(format!("Invalid range for parameter {path}: {number}, valid range: {min}-{max}")),
            Some(_) => {}
        },
        (Kind::Double, _) if !value.is_number() => wrong("number"),
        (Kind::Boolean, _) if !value.is_boolean() => wrong("boolean"),
        (Kind::Time, Value::String(text)) if SimTime::parse(text).is_some() => {}
        (Kind::Time, Value::Number(_)) => {}
        (Kind::Time, _) => wrong("ISO 8601 timestamp"),
        (Kind::Structure(members), Value::Object(object)) => structure(object, members, path, problems),
        (Kind::Structure(_), _) => wrong("object"),
        (Kind::List(item, min, max), Value::Array(items)) => {
            if items.len() < min || items.len() > max {
                problems.push(format!("Invalid length for parameter {path}: {}, valid range: {min}-{max}", items.len()));
            }
            for (position, value) in items.iter().enumerate() {
                one(value, *item, &format!("{path}[{position}]"), problems);
            }
        }
        (Kind::List(..), _) => wrong("list"),
        (Kind::Map, Value::Object(object)) => {
            for (name, value) in object.iter().filter(|(_, value)| !value.is_string()) {
                let _ = value;
                problems.push(format!("Invalid type for parameter {path}.{name}: string expected"));
            }
        }
        (Kind::Map | Kind::Object, _) if !value.is_object() => wrong("object"),
        _ => {}
    }
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
    let size = object
        .get("MaxResults")
        .and_then(Value::as_u64)
        .and_then(|size| usize::try_from(size).ok())
        .unwrap_or(default);
    let total = items.len();
    let page: Vec<T> = items.into_iter().skip(start).take(size).collect();
    let end = start + page.len();
    Ok((page, (end < total).then(|| format!("{end}"))))
}
