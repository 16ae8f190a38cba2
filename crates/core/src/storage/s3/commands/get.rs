use alloc::format;
use alloc::string::{String, ToString};

use serde_json::{Map, Value, json};

use super::super::etag::{ReadConditions, Unmet};
use super::super::lifecycle::expiry;
use super::super::poll::facts;
use super::super::restore::http_date;
use super::super::state::{Bucket, S3};
use super::super::versions::Versioning;
use super::super::{AccessTier, Object, StorageClass, check_key, errors};
use super::Answer;
use super::find::{Missing, Named, find, version_id};
use super::walk::url_encode;
use crate::account::{ApiError, BodyRange, Params};
use crate::sim::SimTime;
use crate::storage::cost::RequestKind;

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
    /// Whether the bytes of a key's current version can be read now. Error: `InvalidObjectState` for what is archived and not restored.
    pub fn readable(&self, bucket: &str, key: &str) -> Result<(), ApiError> {
        match self.bucket(bucket).and_then(|found| found.get(key)) {
            Some(object) => check_readable(object),
            None => Ok(()),
        }
    }

    /// Errors: `InvalidBucketName`, `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a delete marker, `KeyTooLongError`, `InvalidRange`,
    /// `PreconditionFailed`, `304`, `InvalidObjectState` for an archived object, `InvalidPartNumber`, `InvalidArgument` for what cannot be a version id.
    pub(super) fn get_object(&self, params: &Params<'_>) -> Result<Answer, ApiError> {
        let named = self.named_object(params)?;
        let object = named.object;
        conditions(params).check(object).map_err(Unmet::as_get)?;
        check_readable(object)?;
        let (response, offset, length) = self.describe(params, &named)?;
        let blob = object.blob().clone();
        Ok(Answer {
            response,
            body: Some(BodyRange { blob, offset, length }),
        })
    }

    /// Counts a read that was answered: the bill has it, and an object of Intelligent-Tiering is back in its Frequent Access tier.
    pub(super) fn read(&mut self, now: SimTime, params: &Params<'_>, answer: &Answer) {
        let Ok(Named { name, key, index, object, .. }) = self.named_object(params) else {
            return;
        };
        let (class, encryption) = (object.storage_class(), object.encryption().clone());
        let bytes = answer.body.as_ref().map_or(0, |body| body.length);
        self.metering.dual_encrypted(now, &encryption, bytes);
        self.metering.request(now, class, RequestKind::Get);
        self.metering.meter().retrieved(now, class, bytes, 1);
        self.accessed(now, name, key, index);
    }

    /// What an access does to an object of Intelligent-Tiering: a GET, the source of a copy. HEAD, tags and listings are none.
    pub(super) fn accessed(&mut self, now: SimTime, bucket: &str, key: &str, index: usize) {
        let object = self.buckets.get(bucket).and_then(|found| found.versions(key)?.get(index));
        if object.and_then(Object::tiering).is_none() {
            return;
        }
        self.change(now, bucket, key, index, |object| {
            if let Some(tiering) = &mut object.tiering {
                tiering.accessed = now;
                if matches!(tiering.tier, AccessTier::Infrequent | AccessTier::ArchiveInstant) {
                    tiering.tier = AccessTier::Frequent;
                    object.since = now;
                }
            }
        });
    }

    /// Errors are the status alone, as the AWS CLI shows them: `404`, `304`, `405`, `412`, `416`, `400`.
    pub(super) fn head_object(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let (name, key) = (params.required_text("Bucket")?, params.required_text("Key")?);
        let bucket = self.named_bucket(name).map_err(|_| errors::not_found())?;
        let bad_request = || ApiError::new("400", "Bad Request");
        check_key(key).map_err(|_| bad_request())?;
        let id = version_id(params).map_err(|_| bad_request())?;
        let (index, object) = find(bucket, key, id).map_err(Missing::as_head)?;
        conditions(params).check(object).map_err(Unmet::as_head)?;
        let named = Named {
            name,
            bucket,
            key,
            index,
            object,
        };
        let described = self.describe(params, &named);
        let (mut response, ..) = described.map_err(|_| ApiError::new("416", "Requested Range Not Satisfiable"))?;
        if !object.is_readable() {
            response.remove("AcceptRanges");
        }
        if let Some(tiering) = object.tiering().filter(|tiering| tiering.tier().is_archived()) {
            response.insert("ArchiveStatus".to_string(), json!(tiering.tier()));
        }
        Ok(response)
    }

    /// The members that GetObject and HeadObject share, and the bytes named. Errors: `InvalidRange`, `InvalidPartNumber`, `InvalidRequest` for a range and a part at once.
    fn describe(&self, params: &Params<'_>, named: &Named<'_, '_>) -> Result<(Map<String, Value>, u64, u64), ApiError> {
        let object = named.object;
        let size = object.blob().size;
        let mut response = Map::new();
        let (offset, length) = match part(params, object)? {
            Some((offset, length)) => {
                if !object.parts.is_empty() {
                    response.insert("PartsCount".to_string(), json!(object.parts.len()));
                }
                if size > 0 {
                    response.insert(
                        "ContentRange".to_string(),
                        json!(format!("bytes {offset}-{}/{size}", (offset + length).saturating_sub(1))),
                    );
                }
                (offset, length)
            }
            None => match params.text("Range").map_or(Range::Whole, |header| parse_range(header, size)) {
                Range::Whole => (0, size),
                Range::Part { offset, length } => {
                    response.insert("ContentRange".to_string(), json!(format!("bytes {offset}-{}/{size}", offset + length - 1)));
                    (offset, length)
                }
                Range::Unsatisfiable => {
                    return Err(ApiError::new("InvalidRange", "The requested range is not satisfiable").with_help(format!("The object has {size} bytes.")));
                }
            },
        };
        response.insert("AcceptRanges".to_string(), json!("bytes"));
        response.insert("LastModified".to_string(), json!(object.last_modified().whole_second().to_string()));
        response.insert("ContentLength".to_string(), json!(length));
        response.insert("ETag".to_string(), json!(object.quoted_etag()));
        object.encryption().show(&mut response);
        response.insert("Metadata".to_string(), json!(object.metadata));
        if object.storage_class() != StorageClass::Standard {
            response.insert("StorageClass".to_string(), json!(object.storage_class()));
        }
        if named.bucket.versioning() != Versioning::Unversioned {
            response.insert("VersionId".to_string(), json!(object.version_id()));
        }
        if !object.tags.is_empty() {
            response.insert("TagCount".to_string(), json!(object.tags.len()));
        }
        if let Some(restore) = object.restore() {
            response.insert("Restore".to_string(), json!(restore.header()));
        }
        if object.is_current()
            && let Some(expiration) = self.expiration(named.name, named.key)
        {
            response.insert("Expiration".to_string(), json!(expiration));
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
        Ok((response, offset, length))
    }

    /// The header `x-amz-expiration` of a key's current version, where a rule will expire it.
    pub(super) fn expiration(&self, bucket: &str, key: &str) -> Option<String> {
        let bucket: &Bucket = self.buckets.get(bucket)?;
        let lifecycle = bucket.lifecycle.as_ref()?;
        let versions = bucket.versions(key)?;
        let facts = facts(bucket.versioning(), key, versions, versions.object()?, &[], lifecycle.since);
        let (at, rule) = expiry(&facts, &lifecycle.configuration)?;
        Some(format!("expiry-date=\"{}\", rule-id=\"{}\"", http_date(at), url_encode(&rule.id)))
    }
}

/// Error: `InvalidObjectState`, with the class, and the tier for Intelligent-Tiering.
pub(super) fn check_readable(object: &Object) -> Result<(), ApiError> {
    if object.is_readable() {
        return Ok(());
    }
    let place = match object.tiering() {
        Some(tiering) => format!("{} ({})", object.storage_class(), tiering.tier().as_str()),
        None => object.storage_class().to_string(),
    };
    let help = match object.restore() {
        Some(restore) => format!("The object is in {place}; its restore will be done at {}.", restore.ready()),
        None => format!("The object is in {place}: it is restored (RestoreObject) before it is read."),
    };
    Err(ApiError::new("InvalidObjectState", "The operation is not valid for the object's storage class").with_help(help))
}

/// The bytes of the part that `PartNumber` names; `None` where the request names none. An object that was put whole has the one part 1.
fn part(params: &Params<'_>, object: &Object) -> Result<Option<(u64, u64)>, ApiError> {
    let Some(number) = params.integer("PartNumber") else { return Ok(None) };
    if params.has("Range") {
        return Err(ApiError::new(
            "InvalidRequest",
            "Cannot specify both Range header and partNumber query parameter",
        ));
    }
    let whole = [object.blob().size];
    let sizes: &[u64] = if object.parts.is_empty() { &whole } else { &object.parts };
    let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
    let found = index.and_then(|index| Some((sizes.get(..index)?, sizes.get(index)?)));
    match found {
        Some((before, length)) => Ok(Some((before.iter().sum(), *length))),
        None if number < 1 => Err(errors::invalid_argument("Part number must be an integer between 1 and 10000, inclusive")),
        None => Err(ApiError::new("InvalidPartNumber", "The requested partnumber is not satisfiable")),
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
