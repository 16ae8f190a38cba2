//! Tags of objects and buckets: what they may be, and the ways in which a request gives them.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::errors;
use super::rules::{MAX_OBJECT_TAGS, MAX_TAG_KEY, MAX_TAG_VALUE};
use crate::account::{ApiError, Params};

pub type Tags = BTreeMap<String, String>;

fn invalid_tag(message: &str) -> ApiError {
    ApiError::new("InvalidTag", message)
}

/// Characters that a tag may have: letters, digits and spaces of any script, and `+ - = . _ : / @` ("Tag restrictions").
fn is_allowed(character: char) -> bool {
    character.is_alphanumeric() || character == ' ' || "+-=._:/@".contains(character)
}

/// Checks tags as pairs, in the order given. Errors: `InvalidTag`; `BadRequest` for too many.
pub fn check<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, most: usize) -> Result<Tags, ApiError> {
    let mut tags = Tags::new();
    for (key, value) in pairs {
        if !(1..=MAX_TAG_KEY).contains(&key.chars().count()) || !key.chars().all(is_allowed) {
            return Err(invalid_tag("The TagKey you have provided is invalid"));
        }
        if value.chars().count() > MAX_TAG_VALUE || !value.chars().all(is_allowed) {
            return Err(invalid_tag("The TagValue you have provided is invalid"));
        }
        if key.starts_with("aws:") {
            return Err(invalid_tag("System tags cannot be added/updated by requester"));
        }
        if tags.insert(key.to_string(), value.to_string()).is_some() {
            return Err(invalid_tag("Cannot provide multiple Tags with the same key"));
        }
    }
    if tags.len() > most {
        return Err(match most {
            MAX_OBJECT_TAGS => ApiError::new("BadRequest", "Object tags cannot be greater than 10"),
            _ => ApiError::new("BadRequest", "Bucket tag count cannot be greater than 50"),
        });
    }
    Ok(tags)
}

/// The tags of a `Tagging` structure: `{"TagSet": [{"Key": …, "Value": …}]}`.
pub fn of_structure(tagging: &Params<'_>, most: usize) -> Result<Tags, ApiError> {
    let pairs = tagging
        .structures("TagSet")
        .map(|tag| (tag.text("Key").unwrap_or_default(), tag.text("Value").unwrap_or_default()));
    check(pairs, most)
}

/// The tags of the header `x-amz-tagging`, written as the query of a URL: `stage=raw&year=2022`. Absent: none.
pub fn of_header(header: Option<&str>) -> Result<Tags, ApiError> {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for pair in header.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decoded = percent_decode(&key.replace('+', " ")).zip(percent_decode(&value.replace('+', " ")));
        pairs.push(
            decoded.ok_or_else(|| errors::invalid_argument("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters"))?,
        );
    }
    let given: Vec<&str> = pairs.iter().map(|(key, _)| key.as_str()).collect();
    if given
        .iter()
        .enumerate()
        .any(|(index, key)| given.iter().take(index).any(|earlier| earlier == key))
    {
        return Err(errors::invalid_argument(
            "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
        ));
    }
    check(pairs.iter().map(|(key, value)| (key.as_str(), value.as_str())), MAX_OBJECT_TAGS)
}

/// Reads percent escapes; `None` for one that is broken, or bytes that are no UTF-8.
pub fn percent_decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' {
            let digits = core::str::from_utf8(tail.get(..2)?).ok()?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return None;
            }
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = tail.get(2..)?;
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}
