use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Bound;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::errors;
use super::super::state::{Object, S3};
use crate::account::{ApiError, Params};

/// Keys of one page (API reference: "up to 1,000 key names").
const PAGE: usize = 1_000;

/// One line of a listing.
enum Entry<'a> {
    Object(&'a str, &'a Object),
    CommonPrefix(&'a str),
}

/// Walks a bucket's keys in UTF-8 binary order and rolls up what lies behind the delimiter: a common prefix costs one step, however many keys it holds.
struct Walk<'a> {
    objects: &'a BTreeMap<String, Object>,
    prefix: &'a str,
    delimiter: &'a str,
    /// Where the next key is looked for; `None` at the end.
    from: Option<Bound<String>>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let from = self.from.take()?;
        let (key, object) = self.objects.range::<str, _>((from.as_ref().map(String::as_str), Bound::Unbounded)).next()?;
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
                Some(Entry::Object(key, object))
            }
        }
    }
}

/// The least text that is greater than every text beginning with `prefix`: its last character goes to the next one. `None` where there is none.
fn after_prefix(prefix: &str) -> Option<String> {
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

/// A continuation token is opaque: base64 of `k` and the last key, or `p` and the last common prefix.
fn write_token(last: &Entry<'_>) -> String {
    let text = match last {
        Entry::Object(key, _) => ["k", key].concat(),
        Entry::CommonPrefix(prefix) => ["p", prefix].concat(),
    };
    STANDARD.encode(text)
}

fn read_token(token: &str) -> Option<Option<Bound<String>>> {
    let text = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    match text.split_at_checked(1)? {
        ("k", key) => Some(Some(Bound::Excluded(key.to_string()))),
        ("p", prefix) => Some(after_prefix(prefix).map(Bound::Included)),
        _ => None,
    }
}

/// Percent-encodes as `EncodingType=url` does: as for a form, but "/" stays (API model: `test_file(3).png` is `test_file%283%29.png`).
fn url_encode(text: &str) -> String {
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

impl S3 {
    /// Keys and common prefixes count alike against `MaxKeys`, which is cut to 1,000.
    ///
    /// Errors: `InvalidBucketName`, `NoSuchBucket`, `InvalidArgument` for a negative `MaxKeys`, an unknown `EncodingType` or a foreign token.
    pub(super) fn list_objects_v2(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let name = params.required_text("Bucket")?;
        let bucket = self.named_bucket(name)?;
        let prefix = params.text("Prefix").unwrap_or_default();
        let delimiter = params.text("Delimiter").unwrap_or_default();
        let start_after = params.text("StartAfter").unwrap_or_default();
        let max = match params.integer("MaxKeys") {
            None => PAGE,
            Some(max) => usize::try_from(max)
                .ok()
                .filter(|_| max <= i64::from(i32::MAX))
                .ok_or_else(|| errors::invalid_argument("Argument maxKeys must be an integer between 0 and 2147483647"))?
                .min(PAGE),
        };
        let encode: fn(&str) -> String = match params.text("EncodingType") {
            None => ToString::to_string,
            Some("url") => url_encode,
            Some(_) => return Err(errors::invalid_argument("Invalid Encoding Method specified in Request")),
        };
        let token = params.text("ContinuationToken");
        let resume = match token {
            Some(token) => read_token(token).ok_or_else(|| errors::invalid_argument("The continuation token provided is incorrect"))?,
            None if start_after.is_empty() => Some(Bound::Unbounded),
            None => Some(Bound::Excluded(start_after.to_string())),
        };
        let mut walk = Walk {
            objects: &bucket.objects,
            prefix,
            delimiter,
            from: resume.map(|from| later(from, prefix)),
        };

        let owner = params.boolean("FetchOwner").unwrap_or(false).then(|| self.owner_id());
        let mut contents = Vec::new();
        let mut common_prefixes = Vec::new();
        let mut last = None;
        for entry in walk.by_ref().take(max) {
            match entry {
                Entry::Object(key, object) => {
                    let mut line = json!({
                        "Key": encode(key),
                        "LastModified": object.last_modified().whole_second().to_string(),
                        "ETag": object.quoted_etag(),
                        "Size": object.blob().size,
                        "StorageClass": object.storage_class(),
                    });
                    if let Some(owner) = &owner {
                        line["Owner"] = json!({"ID": owner});
                    }
                    contents.push(line);
                }
                Entry::CommonPrefix(prefix) => common_prefixes.push(json!({"Prefix": encode(prefix)})),
            }
            last = Some(entry);
        }
        let truncated = last.filter(|_| walk.next().is_some());

        let mut response = Map::new();
        let mut put = |name: &str, value: Value| response.insert(name.to_string(), value);
        put("Name", json!(name));
        put("Prefix", json!(encode(prefix)));
        put("MaxKeys", json!(max));
        put("KeyCount", json!(contents.len() + common_prefixes.len()));
        put("IsTruncated", json!(truncated.is_some()));
        if !contents.is_empty() {
            put("Contents", Value::Array(contents));
        }
        if !common_prefixes.is_empty() {
            put("CommonPrefixes", Value::Array(common_prefixes));
        }
        if !delimiter.is_empty() {
            put("Delimiter", json!(encode(delimiter)));
        }
        if params.has("EncodingType") {
            put("EncodingType", json!("url"));
        }
        if let Some(token) = token {
            put("ContinuationToken", json!(token));
        }
        if !start_after.is_empty() {
            put("StartAfter", json!(encode(start_after)));
        }
        if let Some(last) = truncated {
            put("NextContinuationToken", json!(write_token(&last)));
        }
        Ok(response)
    }
}

/// The later of a place to go on from and the first key that may begin with `prefix`.
fn later(from: Bound<String>, prefix: &str) -> Bound<String> {
    match from {
        Bound::Excluded(key) if key.as_str() >= prefix => Bound::Excluded(key),
        Bound::Included(key) if key.as_str() >= prefix => Bound::Included(key),
        _ => Bound::Included(prefix.to_string()),
    }
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
