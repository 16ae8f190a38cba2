//! The walk over a bucket's keys that all listings share.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use core::ops::Bound;

use super::super::errors;
use super::super::versions::Versions;
use crate::account::{ApiError, Params};

/// Keys of one page (API reference: "up to 1,000 key names").
pub(super) const PAGE: usize = 1_000;

/// One step of a walk.
#[derive(Clone, Copy)]
pub(super) enum Entry<'a> {
    Key(&'a str, &'a Versions),
    CommonPrefix(&'a str),
}

/// Walks a bucket's keys in UTF-8 binary order and rolls up what lies behind the delimiter: a common prefix costs one step, however many keys it holds.
pub(super) struct Walk<'a> {
    pub objects: &'a BTreeMap<String, Versions>,
    pub prefix: &'a str,
    pub delimiter: &'a str,
    /// Pass over keys whose current version is a delete marker.
    pub current_only: bool,
    /// Where the next key is looked for; `None` at the end.
    pub from: Option<Bound<String>>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let from = self.from.take()?;
        let keys = self.objects.range::<str, _>((from.as_ref().map(String::as_str), Bound::Unbounded));
        let mut shown = keys.filter(|(_, versions)| !self.current_only || versions.object().is_some());
        let (key, versions) = shown.next()?;
        let rest = key.strip_prefix(self.prefix)?;
        match rest.find(self.delimiter).filter(|_| !self.delimiter.is_empty()) {
            Some(at) => {
                let end = self.prefix.len() + at + self.delimiter.len();
                let common = &key[..end];
                self.from = after_prefix(common).map(Bound::Included);
                Some(Entry::CommonPrefix(common))
            }
            None => {
                self.from = Some(Bound::Excluded(key.clone()));
                Some(Entry::Key(key, versions))
            }
        }
    }
}

/// The least text that is greater than every text beginning with `prefix`: its last character goes to the next one. `None` where there is none.
pub(super) fn after_prefix(prefix: &str) -> Option<String> {
    let mut text = prefix.to_string();
    while let Some(last) = text.pop() {
        let next = match last {
            '\u{d7ff}' => Some('\u{e000}'),
            _ => char::from_u32(u32::from(last) + 1),
        };
        if let Some(next) = next {
            text.push(next);
            return Some(text);
        }
    }
    None
}

/// The later of a place to go on from and the first key that may begin with `prefix`.
pub(super) fn later(from: Bound<String>, prefix: &str) -> Bound<String> {
    match from {
        Bound::Excluded(key) if key.as_str() >= prefix => Bound::Excluded(key),
        Bound::Included(key) if key.as_str() >= prefix => Bound::Included(key),
        _ => Bound::Included(prefix.to_string()),
    }
}

/// Percent-encodes as `EncodingType=url` does: as for a form, but "/" stays (API model: `test_file(3).png` is `test_file%283%29.png`).
pub(super) fn url_encode(text: &str) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'*' | b'/' => encoded.push(char::from(byte)),
            b' ' => encoded.push('+'),
            _ => {
                encoded.push('%');
                encoded.push(DIGITS[usize::from(byte >> 4)]);
                encoded.push(DIGITS[usize::from(byte & 15)]);
            }
        }
    }
    encoded
}

/// How a listing's `EncodingType` has its keys written. Error: `InvalidArgument`.
pub(super) fn encoding(params: &Params<'_>) -> Result<fn(&str) -> String, ApiError> {
    match params.text("EncodingType") {
        None => Ok(ToString::to_string),
        Some("url") => Ok(url_encode),
        Some(_) => Err(errors::invalid_argument("Invalid Encoding Method specified in Request")),
    }
}

/// Entries of a page: the member `name`, at most 1,000. Error: `InvalidArgument` under the name that S3 gives the argument.
pub(super) fn page_size(params: &Params<'_>, name: &str, argument: &str) -> Result<usize, ApiError> {
    let Some(max) = params.integer(name) else { return Ok(PAGE) };
    let size = usize::try_from(max).ok().filter(|_| max <= i64::from(i32::MAX));
    size.map(|size| size.min(PAGE))
        .ok_or_else(|| errors::invalid_argument(&alloc::format!("Argument {argument} must be an integer between 0 and 2147483647")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn encodes_as_the_api_model_says() {
        assert_eq!(url_encode("test_file(3).png"), "test_file%283%29.png");
        assert_eq!(url_encode("a b/c+d\u{e9}"), "a+b/c%2Bd%C3%A9");
    }

    #[test]
    fn the_end_of_a_prefix() {
        assert_eq!(after_prefix("a/").as_deref(), Some("a0"));
        assert_eq!(after_prefix("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(after_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_prefix("\u{10ffff}"), None);
        assert_eq!(after_prefix(""), None);
    }

    proptest! {
        #[test]
        fn everything_with_the_prefix_is_before_its_end(prefix in ".{1,4}", tail in ".{0,4}", other in ".{0,6}") {
            if let Some(end) = after_prefix(&prefix) {
                let text = [prefix.as_str(), &tail].concat();
                prop_assert!(text < end);
                prop_assert!(other.starts_with(&prefix) || other < prefix || other >= end);
            }
        }
    }
}
