use alloc::format;
use alloc::string::{String, ToString};

use serde_json::{Map, Value, json};

use super::super::etag::{ReadConditions, Unmet};
use super::super::state::{Object, S3};
use super::super::{check_key, errors};
use super::{Answer, check_version};
use crate::account::{ApiError, BodyRange, Params};

/// What a `Range` header asks of an object of some size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Range {
    /// No range, or one that is not understood: the header is ignored (RFC 7233, 3.1).
    Whole,
    Part {
        offset: u64,
        length: u64,
    },
    Unsatisfiable,
}

/// Reads `bytes=first-last`, `bytes=first-` and `bytes=-suffix`. S3 has no multiple ranges.
fn parse_range(header: &str, size: u64) -> Range {
    let Some((first, last)) = header.trim().strip_prefix("bytes=").and_then(|spec| spec.split_once('-')) else {
        return Range::Whole;
    };
    let number = |text: &str| -> Option<Option<u64>> {
        let text = text.trim();
        if text.is_empty() {
            return Some(None);
        }
        let digits = text.bytes().all(|byte| byte.is_ascii_digit());
        // A number past 64 bits is past every object.
        digits.then(|| Some(text.parse().unwrap_or(u64::MAX)))
    };
    match (number(first), number(last)) {
        (Some(Some(first)), Some(last)) => {
            let last = last.unwrap_or(u64::MAX);
            if last < first {
                Range::Whole
            } else if first >= size {
                Range::Unsatisfiable
            } else {
                let end = last.min(size - 1);
                Range::Part {
                    offset: first,
                    length: end - first + 1,
                }
            }
        }
        (Some(None), Some(Some(suffix))) => {
            if suffix == 0 || size == 0 {
                Range::Unsatisfiable
            } else {
                let length = suffix.min(size);
                Range::Part { offset: size - length, length }
            }
        }
        _ => Range::Whole,
    }
}

/// Response members that a request may override (`ResponseContentType`, …).
const OVERRIDES: [(&str, &str); 6] = [
    ("ResponseCacheControl", "CacheControl"),
    ("ResponseContentDisposition", "ContentDisposition"),
    ("ResponseContentEncoding", "ContentEncoding"),
    ("ResponseContentLanguage", "ContentLanguage"),
    ("ResponseContentType", "ContentType"),
    ("ResponseExpires", "Expires"),
];

impl S3 {
    /// Errors: `InvalidBucketName`, `NoSuchBucket`, `NoSuchKey`, `KeyTooLongError`, `InvalidRange`, `PreconditionFailed`, `304`, `InvalidObjectState` for an archived
    /// object, `InvalidArgument` for a version that is not `null`.
    pub(super) fn get_object(&self, params: &Params<'_>) -> Result<Answer, ApiError> {
        let key = params.required_text("Key")?;
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        check_key(key).map_err(errors::key_too_long)?;
        check_version(params)?;
        let object = bucket.get(key).ok_or_else(|| errors::no_such_key(key))?;
        conditions(params).check(object).map_err(Unmet::as_get)?;
        if object.is_archived() {
            return Err(ApiError::new("InvalidObjectState", "The operation is not valid for the object's storage class")
                .with_help(format!("The object is in {}: it is restored before it is read.", object.storage_class())));
        }
        let (response, offset, length) = describe(params, object).ok_or_else(|| {
            ApiError::new("InvalidRange", "The requested range is not satisfiable").with_help(format!("The object has {} bytes.", object.blob().size))
        })?;
        let blob = object.blob().clone();
        Ok(Answer {
            response,
            body: Some(BodyRange { blob, offset, length }),
        })
    }

    /// Errors are the status alone, as the AWS CLI shows them: `404`, `304`, `412`, `416`, `400`.
    pub(super) fn head_object(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let key = params.required_text("Key")?;
        let bucket = self.named_bucket(params.required_text("Bucket")?).map_err(|_| errors::not_found())?;
        check_key(key)
            .and(check_version(params).map_err(|_| 0))
            .map_err(|_| ApiError::new("400", "Bad Request"))?;
        let object = bucket.get(key).ok_or_else(errors::not_found)?;
        conditions(params).check(object).map_err(Unmet::as_head)?;
        let (mut response, ..) = describe(params, object).ok_or_else(|| ApiError::new("416", "Requested Range Not Satisfiable"))?;
        if object.is_archived() {
            response.remove("AcceptRanges");
        }
        Ok(response)
    }
}

fn conditions<'a>(params: &Params<'a>) -> ReadConditions<'a> {
    ReadConditions {
        if_match: params.text("IfMatch"),
        if_none_match: params.text("IfNoneMatch"),
        if_modified_since: params.time("IfModifiedSince"),
        if_unmodified_since: params.time("IfUnmodifiedSince"),
    }
}

/// The members that GetObject and HeadObject share, and the bytes named. `None`: the range cannot be satisfied.
fn describe(params: &Params<'_>, object: &Object) -> Option<(Map<String, Value>, u64, u64)> {
    let size = object.blob().size;
    let range = params.text("Range").map_or(Range::Whole, |header| parse_range(header, size));
    let mut response = Map::new();
    let (offset, length) = match range {
        Range::Whole => (0, size),
        Range::Part { offset, length } => {
            response.insert("ContentRange".to_string(), json!(format!("bytes {offset}-{}/{size}", offset + length - 1)));
            (offset, length)
        }
        Range::Unsatisfiable => return None,
    };
    response.insert("AcceptRanges".to_string(), json!("bytes"));
    response.insert("LastModified".to_string(), json!(object.last_modified().whole_second().to_string()));
    response.insert("ContentLength".to_string(), json!(length));
    response.insert("ETag".to_string(), json!(object.quoted_etag()));
    response.insert("ServerSideEncryption".to_string(), json!("AES256"));
    response.insert("Metadata".to_string(), json!(object.metadata));
    if object.storage_class() != "STANDARD" {
        response.insert("StorageClass".to_string(), json!(object.storage_class()));
    }
    for (name, value) in &object.headers {
        response.insert(name.clone(), json!(value));
    }
    for (from, to) in OVERRIDES {
        let value: Option<String> = if from == "ResponseExpires" {
            params.time(from).map(|time| time.whole_second().to_string())
        } else {
            params.text(from).map(ToString::to_string)
        };
        if let Some(value) = value {
            response.insert(to.to_string(), json!(value));
        }
    }
    Some((response, offset, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let part = |offset, length| Range::Part { offset, length };
        for (header, size, range) in [
            ("bytes=0-9", 100, part(0, 10)),
            ("bytes=90-", 100, part(90, 10)),
            ("bytes=-5", 100, part(95, 5)),
            ("bytes=-500", 100, part(0, 100)),
            ("bytes=50-500", 100, part(50, 50)),
            ("bytes=0-99999999999999999999999", 100, part(0, 100)),
            ("bytes=100-", 100, Range::Unsatisfiable),
            ("bytes=0-0", 0, Range::Unsatisfiable),
            ("bytes=-0", 100, Range::Unsatisfiable),
            ("bytes=-5", 0, Range::Unsatisfiable),
            ("bytes=9-0", 100, Range::Whole),
            ("bytes=-", 100, Range::Whole),
            ("bytes=a-b", 100, Range::Whole),
            ("bytes=0-1,5-6", 100, Range::Whole),
            ("lines=0-9", 100, Range::Whole),
        ] {
            assert_eq!(parse_range(header, size), range, "{header} of {size}");
        }
    }
}
