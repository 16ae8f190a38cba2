//! Entity tags and the conditions that requests put on them.

use crate::account::ApiError;
use crate::sim::SimTime;

use super::Object;
use super::errors;

/// Whether a condition's list of tags (`"a", "b"`, quotes optional, or `*`) names `etag`, which is without quotes.
pub fn matches(condition: &str, etag: &str) -> bool {
    condition.split(',').map(str::trim).any(|tag| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag == "*" || tag.trim_matches('"') == etag
    })
}

/// The four conditions of a read, in the names of the operation that has them.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReadConditions<'a> {
    pub if_match: Option<&'a str>,
    pub if_none_match: Option<&'a str>,
    pub if_modified_since: Option<SimTime>,
    pub if_unmodified_since: Option<SimTime>,
}

/// Why a conditional read does not answer with the object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// 412, and the condition's name.
    Precondition(&'static str),
    /// 304.
    NotModified,
}

impl ReadConditions<'_> {
    /// RFC 7232's order, as GetObject documents it: a tag that matches outweighs a date that does not, on either side.
    pub fn check(&self, object: &Object) -> Result<(), Unmet> {
        let modified = object.last_modified().whole_second();
        match (self.if_match, self.if_unmodified_since) {
            (Some(tags), _) if !matches(tags, object.etag()) => return Err(Unmet::Precondition("If-Match")),
            (None, Some(since)) if modified > since => return Err(Unmet::Precondition("If-Unmodified-Since")),
            _ => {}
        }
        match (self.if_none_match, self.if_modified_since) {
            (Some(tags), _) if matches(tags, object.etag()) => Err(Unmet::NotModified),
            (None, Some(since)) if modified <= since => Err(Unmet::NotModified),
            _ => Ok(()),
        }
    }
}

impl Unmet {
    /// The error as GetObject answers it.
    pub fn as_get(self) -> ApiError {
        match self {
            Unmet::Precondition(name) => errors::precondition_failed(name),
            Unmet::NotModified => errors::not_modified(),
        }
    }

    /// The error as HeadObject answers it: the status alone.
    pub fn as_head(self) -> ApiError {
        match self {
            Unmet::Precondition(_) => ApiError::new("412", "Precondition Failed"),
            Unmet::NotModified => errors::not_modified(),
        }
    }
}
