use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::super::encryption::{ObjectEncryption, Protection};
use super::super::etag::ReadConditions;
use super::super::state::{NewObject, S3};
use super::super::tags::{self, percent_decode};
use super::super::versions::{Versioning, is_version_id};
use super::super::{MAX_SINGLE_PUT, Object, check_key, errors};
use super::find::{Missing, find};
use super::multipart::composed;
use super::ownership::acl_of_put;
use super::put::{check_write_conditions, storage_class, system_metadata, user_metadata};
use crate::account::{ApiError, Params, param_error};
use crate::sim::SimTime;
use crate::storage::cost::RequestKind;

/// The source of a copy as it was written.
pub(super) struct Source<'a> {
    pub bucket: Cow<'a, str>,
    pub key: Cow<'a, str>,
    pub version: Option<&'a str>,
}

/// What may be wrong with CopySource itself.
fn invalid_source() -> ApiError {
    errors::invalid_argument("Invalid copy source object key").with_help("CopySource is \"bucket/key\" or {\"Bucket\": …, \"Key\": …}.")
}

impl<'a> Source<'a> {
    /// Reads `bucket/key` with or without a leading slash, `?versionId=…` behind it, or a structure `{Bucket, Key, VersionId}`.
    pub fn read(value: &'a Value) -> Result<Self, ApiError> {
        match value {
            Value::String(text) => {
                let (path, version) = match text.rsplit_once("?versionId=") {
                    Some((path, version)) if !version.contains(char::is_whitespace) => (path, Some(version)),
                    _ => (text.as_str(), None),
                };
                let path = path.strip_prefix('/').unwrap_or(path);
                let (bucket, key) = path.split_once('/').ok_or_else(invalid_source)?;
                Ok(Source {
                    bucket: bucket.into(),
                    key: key.into(),
                    version,
                })
            }
            Value::Object(map) => {
                let source = Params::of(map);
                if let Some(name) = source.names().find(|name| !["Bucket", "Key", "VersionId"].contains(name)) {
                    return Err(param_error(format!(
                        "Unknown parameter in CopySource: \"{name}\", must be one of: Bucket, Key, VersionId"
                    )));
                }
                let member = |name: &str| {
                    let found = source.text(name);
                    found.ok_or_else(|| param_error(format!("Missing required parameter in CopySource: \"{name}\"")))
                };
                Ok(Source {
                    bucket: member("Bucket")?.into(),
                    key: member("Key")?.into(),
                    version: source.text("VersionId"),
                })
            }
            other => Err(param_error(format!(
                "Invalid type for parameter CopySource, value: {other}, valid types: <class 'str'>, <class 'dict'>"
            ))),
        }
    }

    /// The same with its percent escapes read; `None` where it has none, or they are no UTF-8.
    fn decoded(&self) -> Option<Source<'a>> {
        let bucket = percent_decode(&self.bucket)?;
        let key = percent_decode(&self.key)?;
        (bucket != self.bucket || key != self.key).then_some(Source {
            bucket: bucket.into(),
            key: key.into(),
            version: self.version,
        })
    }
}

impl S3 {
    /// The API takes the source URL-encoded, boto3 and the AWS CLI take it as it is and encode it themselves; here it may be either: the key as written is looked for
    /// first, then with its escapes read.
    ///
    /// Under another key, or another's, the copy's bytes are a blob of its own, which the host makes of the source's ([`S3::composition`]) and names in `SluiceBlob`.
    ///
    /// Errors: those of PutObject; `NoSuchBucket`, `NoSuchKey` and `NoSuchVersion` of the source; `InvalidRequest` for a copy onto itself that changes nothing and for a source over
    /// 5 GiB; `PreconditionFailed`; `ObjectNotInActiveTierError` for an archived source.
    pub(super) fn copy_object(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let bucket = params.required_text("Bucket")?;
        let key = params.required_text("Key")?;
        let written = Source::read(params.get("CopySource").unwrap_or(&Value::Null))?;
        let found = self.named_bucket(bucket)?;
        let current = found.get(key);
        check_key(key).map_err(errors::key_too_long)?;
        let (source, index, object) = self.copy_source(written, params)?;
        if object.blob().size > MAX_SINGLE_PUT {
            return Err(ApiError::new(
                "InvalidRequest",
                format!("The specified copy source is larger than the maximum allowable size for a copy source: {MAX_SINGLE_PUT}"),
            ));
        }
        let replace = match params.text("MetadataDirective") {
            None | Some("COPY") => false,
            Some("REPLACE") => true,
            Some(_) => return Err(errors::invalid_argument("Unknown metadata directive.")),
        };
        let changes = replace
            || [
                "StorageClass",
                "WebsiteRedirectLocation",
                "ServerSideEncryption",
                "BucketKeyEnabled",
                "SSECustomerAlgorithm",
            ]
            .iter()
            .any(|name| params.has(name));
        let in_place = source.bucket == bucket && source.key == key && object.is_current();
        if in_place && !changes {
            return Err(ApiError::new(
                "InvalidRequest",
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website \
                 redirect location or encryption attributes.",
            ));
        }
        check_write_conditions(params, key, current)?;
        let (acl, owner) = acl_of_put(found, params, &self.account_id)?;
        let tags = match params.text("TaggingDirective") {
            None | Some("COPY") => object.tags.clone(),
            Some("REPLACE") => tags::of_header(params.text("Tagging"))?,
            Some(_) => return Err(errors::invalid_argument("Unknown tagging directive.")),
        };
        if found.zone().is_some() && !tags.is_empty() {
            return Err(
                ApiError::new("NotImplemented", "A header you provided implies functionality that is not implemented")
                    .with_help("Objects of a directory bucket have no tags: TaggingDirective=REPLACE leaves the source's behind."),
            );
        }
        let (headers, metadata) = if replace {
            (system_metadata(params), user_metadata(params)?)
        } else {
            copied(params, object)
        };
        let encryption = ObjectEncryption::of_params(params);
        let blob = match params.has("SluiceBlob") {
            true => composed(params, object.blob().size, &encryption)?,
            // Under the same key the copy shares its source's bytes.
            false => object.blob().clone(),
        };
        let new = NewObject {
            blob,
            storage_class: storage_class(params, found)?,
            headers,
            metadata,
            tags,
            etag: None,
            parts: Vec::new(),
            protection: Protection { encryption, acl, owner },
        };
        let copied_version = self.source_version(&source.bucket, object);
        let (from, to, bytes) = (object.storage_class(), new.storage_class, object.blob().size);
        let opened = object.encryption().clone();
        self.metering.dual_encrypted(now, &opened, bytes);
        self.metering.request(now, to, RequestKind::Copy);
        self.metering.meter().retrieved(now, from, bytes, 1);
        self.accessed(now, &source.bucket, &source.key, index);
        self.metering.meter().uploaded(now, to, bytes, 1);
        let made = self.placed(bucket, Object::new(now, new));
        let etag = made.quoted_etag();
        let encryption = made.encryption().clone();
        let version_id = self.insert(now, bucket, key, made);
        let mut response = Map::new();
        response.insert(
            "CopyObjectResult".to_string(),
            json!({"ETag": etag, "LastModified": now.whole_second().to_string()}),
        );
        encryption.show(&mut response);
        if let Some(id) = copied_version {
            response.insert("CopySourceVersionId".to_string(), json!(id));
        }
        if let Some(id) = version_id {
            response.insert("VersionId".to_string(), json!(id));
        }
        if let Some(expiration) = self.expiration(bucket, key) {
            response.insert("Expiration".to_string(), json!(expiration));
        }
        Ok(response)
    }

    /// The version id of a copy's source as responses show it; `None` where its bucket never had versions.
    pub(super) fn source_version(&self, bucket: &str, object: &Object) -> Option<String> {
        let versioned = self.bucket(bucket)?.versioning() != Versioning::Unversioned;
        versioned.then(|| object.version_id().to_string())
    }

    /// The source of a copy, if its conditions hold and it can be read: where it is, its index among the versions of its key, and the version itself.
    ///
    /// Errors: `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `InvalidArgument`, `AccessDenied`, `PreconditionFailed`, `ObjectNotInActiveTierError`.
    pub(super) fn copy_source<'a>(&self, written: Source<'a>, params: &Params<'_>) -> Result<(Source<'a>, usize, &Object), ApiError> {
        let (source, index, object) = self.find_source(written)?;
        if params.text("ExpectedSourceBucketOwner").is_some_and(|owner| owner != self.account_id) {
            return Err(ApiError::new("AccessDenied", "Access Denied").with_help("ExpectedSourceBucketOwner is not this account."));
        }
        let conditions = ReadConditions {
            if_match: params.text("CopySourceIfMatch"),
            if_none_match: params.text("CopySourceIfNoneMatch"),
            if_modified_since: params.time("CopySourceIfModifiedSince"),
            if_unmodified_since: params.time("CopySourceIfUnmodifiedSince"),
        };
        // For a copy "not modified" is a failed condition too: 412.
        conditions.check(object).map_err(|_| errors::precondition_failed("x-amz-copy-source-If-…"))?;
        if !object.is_readable() {
            return Err(ApiError::new(
                "ObjectNotInActiveTierError",
                "The source object of the COPY operation is not in the active tier and is only stored in Amazon S3 Glacier.",
            ));
        }
        Ok((source, index, object))
    }

    fn find_source<'a>(&self, written: Source<'a>) -> Result<(Source<'a>, usize, &Object), ApiError> {
        let is_there = |source: &Source<'_>| self.bucket(&source.bucket).and_then(|bucket| bucket.versions(&source.key)).is_some();
        let source = match written.decoded() {
            Some(decoded) if !is_there(&written) => decoded,
            _ => written,
        };
        let bucket = self.named_bucket(&source.bucket)?;
        if source.key.is_empty() {
            return Err(invalid_source());
        }
        if source.version.is_some_and(|version| !is_version_id(version)) {
            return Err(errors::invalid_argument("Invalid version id specified"));
        }
        let found = find(bucket, &source.key, source.version).map_err(|missing| match missing {
            Missing::Marker => ApiError::new(
                "InvalidRequest",
                "The source of a copy request may not specifically refer to a delete marker by version id.",
            ),
            other => other.as_get(),
        })?;
        let (index, object) = found;
        Ok((source, index, object))
    }
}

/// Metadata of the source. The website redirect is never copied: it is said anew or gone (API reference, CopyObject).
fn copied(params: &Params<'_>, object: &Object) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    const REDIRECT: &str = "WebsiteRedirectLocation";
    let mut headers = object.headers.clone();
    match params.text(REDIRECT) {
        Some(location) => headers.insert(REDIRECT.to_string(), location.to_string()),
        None => headers.remove(REDIRECT),
    };
    (headers, object.metadata.clone())
}
