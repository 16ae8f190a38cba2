//! What Kinesis itself checks of parameters, after the client: `ValidationException` with every fault, in the words that kinesalite recorded from AWS.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::account::{ApiError, Params};

pub(super) const NAME: &str = "[a-zA-Z0-9_.-]+";
pub(super) const HASH_KEY: &str = "0|([1-9]\\d{0,38})";
pub(super) const SEQUENCE: &str = "0|([1-9]\\d{0,128})";

/// Faults found so far.
#[derive(Default)]
pub(crate) struct Faults(Vec<String>);

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

impl Faults {
    /// `value` may be `null`, for what is missing; `name` may be a path; its parts are in the API's spelling.
    pub fn add(&mut self, value: &str, name: &str, constraint: &str) {
        let path: Vec<String> = name.split('.').map(lower_first).collect();
        let value = if value == "null" { value.to_string() } else { format!("'{value}'") };
        self.0.push(format!(
            "Value {value} at '{}' failed to satisfy constraint: Member must {constraint}",
            path.join(".")
        ));
    }

    pub fn length(&mut self, value: &str, name: &str, max: usize) {
        if value.chars().count() > max {
            self.add(value, name, &format!("have length less than or equal to {max}"));
        }
    }

    /// The name of a stream or shard, a consumer.
    pub fn name(&mut self, params: &Params<'_>, name: &str) {
        if let Some(value) = params.text(name) {
            if !value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte)) {
                self.add(value, name, &format!("satisfy regular expression pattern: {NAME}"));
            }
            self.length(value, name, 128);
        }
    }

    /// A decimal number without leading zeros of at most `digits` digits.
    pub fn number(&mut self, value: Option<&str>, name: &str, digits: usize, pattern: &str) {
        let Some(value) = value else { return };
        let plain = value.bytes().all(|byte| byte.is_ascii_digit()) && (value == "0" || !value.starts_with('0'));
        if !plain || value.is_empty() || value.len() > digits {
            self.add(value, name, &format!("satisfy regular expression pattern: {pattern}"));
        }
    }

    pub fn range(&mut self, params: &Params<'_>, name: &str, min: i64, max: i64) {
        let Some(value) = params.integer(name) else { return };
        if value < min {
            self.add(&value.to_string(), name, &format!("have value greater than or equal to {min}"));
        } else if value > max {
            self.add(&value.to_string(), name, &format!("have value less than or equal to {max}"));
        }
    }

    pub fn one_of(&mut self, params: &Params<'_>, name: &str, values: &[&str]) {
        if let Some(value) = params.text(name).filter(|value| !values.contains(value)) {
            self.add(value, name, &format!("satisfy enum value set: [{}]", values.join(", ")));
        }
    }

    /// Error: `ValidationException` with at most ten faults.
    pub fn done(mut self) -> Result<(), ApiError> {
        self.0.truncate(10);
        let (count, plural) = (self.0.len(), if self.0.len() == 1 { "" } else { "s" });
        if count == 0 {
            return Ok(());
        }
        Err(ApiError::new(
            "ValidationException",
            format!("{count} validation error{plural} detected: {}", self.0.join("; ")),
        ))
    }
}

pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidArgumentException", message)
}
