use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::encryption::{ObjectEncryption, Protection};
use super::super::rules::MAX_METADATA_BYTES;
use super::super::seal::check_sealed;
use super::super::state::{Bucket, DEFAULT_CONTENT_TYPE, NewObject, S3};
use super::super::{MAX_SINGLE_PUT, Object, StorageClass, check_key, errors, etag, tags};
use super::ownership::acl_of_put;
use crate::account::{ApiError, BlobRef, Params, param_error};
use crate::gather::Gather as _;
use crate::sim::SimTime;
use crate::storage::cost::RequestKind;

/// Members of a put that come back from GetObject as they went in.
const SYSTEM_METADATA: [&str; 6] = [
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "WebsiteRedirectLocation",
];

impl S3 {
    /// The body's place is `SluiceBlob`; without it the object is empty, as with a PutObject without `Body`.
    ///
    /// Errors: `InvalidBucketName`, `NoSuchBucket`, `KeyTooLongError`, `InvalidStorageClass`, `MetadataTooLarge`, `AccessControlListNotSupported`, `InvalidDigest`,
    /// `BadDigest`, `IncompleteBody`, `EntityTooLarge`, `PreconditionFailed`, `NoSuchKey` (If-Match), `NotImplemented`.
    pub(super) fn put_object(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let bucket = params.required_text("Bucket")?;
        let key = params.required_text("Key")?;
        let blob = body(params)?;
        let found = self.named_bucket(bucket)?;
        let current = found.get(key);
        check_key(key).map_err(errors::key_too_long)?;
        check_digests(params, &blob)?;
        if blob.size > MAX_SINGLE_PUT {
            return Err(ApiError::new("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
                .with_help(format!("One PutObject takes at most {MAX_SINGLE_PUT} bytes; this body has {}.", blob.size)));
        }
        check_write_conditions(params, key, current)?;
        let (acl, owner) = acl_of_put(found, params, &self.account_id)?;
        let encryption = ObjectEncryption::of_params(params);
        check_sealed(&blob, &encryption)?;
        let new = NewObject {
            storage_class: storage_class(params, found)?,
            headers: system_metadata(params),
            metadata: user_metadata(params)?,
            tags: tags::of_header(params.text("Tagging"))?,
            blob,
            etag: None,
            parts: Vec::new(),
            protection: Protection { encryption, acl, owner },
        };
        let object = self.placed(bucket, Object::new(now, new));
        let etag = object.quoted_etag();
        let encryption = object.encryption().clone();
        self.metering.request(now, object.storage_class(), RequestKind::Put);
        self.metering.meter().uploaded(now, object.storage_class(), object.blob().size, 1);
        let version_id = self.insert(now, bucket, key, object);
        let mut response = Map::new();
        response.insert("ETag".to_string(), json!(etag));
        encryption.show(&mut response);
        if let Some(id) = version_id {
            response.insert("VersionId".to_string(), json!(id));
        }
        if let Some(expiration) = self.expiration(bucket, key) {
            response.insert("Expiration".to_string(), json!(expiration));
        }
        if let Some(sum) = params.text("ChecksumSHA256") {
            response.insert("ChecksumSHA256".to_string(), json!(sum));
            response.insert("ChecksumType".to_string(), json!("FULL_OBJECT"));
        }
        Ok(response)
    }
}

pub(super) fn body(params: &Params<'_>) -> Result<BlobRef, ApiError> {
    if params.has("Body") {
        return Err(ApiError::new("InvalidRequest", "PutObject came to the account with its Body")
            .with_help("The host stores the bytes first and names them in SluiceBlob."));
    }
    let Some(value) = params.get("SluiceBlob") else {
        return Ok(BlobRef::empty());
    };
    let blob = BlobRef::deserialize(value).map_err(|error| param_error(format!("Invalid type for parameter SluiceBlob: {error}")))?;
    let is_hex = |text: &str, digits: usize| text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    if !is_hex(&blob.id, 64) || !is_hex(&blob.md5, 32) {
        return Err(param_error(
            "Invalid value for parameter SluiceBlob: id has 64 and md5 has 32 lower-case hexadecimal digits",
        ));
    }
    Ok(blob)
}

/// What the caller said about the body must be so: `ContentLength`, `ContentMD5`, `ChecksumSHA256`.
pub(super) fn check_digests(params: &Params<'_>, blob: &BlobRef) -> Result<(), ApiError> {
    if params.integer("ContentLength").is_some_and(|length| u64::try_from(length) != Ok(blob.size)) {
        return Err(ApiError::new(
            "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header.",
        ));
    }
    if let Some(given) = params.text("ContentMD5") {
        let digest = STANDARD.decode(given).ok().filter(|digest| digest.len() == 16);
        let digest = digest.ok_or_else(|| ApiError::new("InvalidDigest", "The Content-MD5 you specified was invalid."))?;
        if hex(&digest) != blob.md5 {
            return Err(ApiError::new("BadDigest", "The Content-MD5 you specified did not match what we received."));
        }
    }
    if let Some(given) = params.text("ChecksumSHA256") {
        let digest = STANDARD.decode(given).ok().filter(|digest| digest.len() == 32);
        let digest = digest.ok_or_else(|| ApiError::new("InvalidRequest", "Value for x-amz-checksum-sha256 header is invalid."))?;
        if blob.plain_sha256() != Some(&hex(&digest)) {
            return Err(ApiError::new("BadDigest", "The SHA256 you specified did not match the calculated checksum."));
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// `If-None-Match: *` puts only a new key; `If-Match` only over the object that has the tag ("Adding preconditions to S3 operations").
pub(super) fn check_write_conditions(params: &Params<'_>, key: &str, current: Option<&Object>) -> Result<(), ApiError> {
    match params.text("IfNoneMatch") {
        None => {}
        Some("*") if current.is_some() => return Err(errors::precondition_failed("If-None-Match")),
        Some("*") => {}
        Some(_) => return Err(errors::not_implemented("PutObject", "IfNoneMatch other than \"*\"")),
    }
    match (params.text("IfMatch"), current) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(errors::no_such_key(key)),
        (Some(tags), Some(object)) if etag::matches(tags, object.etag()) => Ok(()),
        (Some(_), Some(_)) => Err(errors::precondition_failed("If-Match")),
    }
}

/// The class that a put names: EXPRESS_ONEZONE in a directory bucket, any other in a general purpose one. Absent: EXPRESS_ONEZONE and STANDARD.
pub(super) fn storage_class(params: &Params<'_>, bucket: &Bucket) -> Result<StorageClass, ApiError> {
    let express = bucket.zone().is_some();
    let Some(name) = params.text("StorageClass") else {
        return Ok(if express { StorageClass::ExpressOnezone } else { StorageClass::Standard });
    };
    let class = StorageClass::parse(name).filter(|class| (*class == StorageClass::ExpressOnezone) == express);
    class.ok_or_else(|| {
        let kind = if express { "directory" } else { "general purpose" };
        ApiError::new("InvalidStorageClass", "The storage class you specified is not valid")
            .with_help(format!("\"{name}\" is no storage class of a {kind} bucket."))
    })
}

pub(super) fn system_metadata(params: &Params<'_>) -> BTreeMap<String, String> {
    let given = SYSTEM_METADATA
        .iter()
        .filter_map(|&name| Some((name.to_string(), params.text(name)?.to_string())));
    let mut headers: BTreeMap<_, _> = given.gather();
    headers.entry("ContentType".to_string()).or_insert_with(|| DEFAULT_CONTENT_TYPE.to_string());
    if let Some(expires) = params.time("Expires") {
        headers.insert("Expires".to_string(), expires.whole_second().to_string());
    }
    headers
}

/// Keys come back in lower case, since they travel as header names. Error for text beyond ASCII: botocore's.
pub(super) fn user_metadata(params: &Params<'_>) -> Result<BTreeMap<String, String>, ApiError> {
    let mut metadata = BTreeMap::new();
    for (key, value) in params.map("Metadata").into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        if !key.is_ascii() || !value.is_ascii() {
            return Err(param_error(format!(
                "Non ascii characters found in S3 metadata for key \"{key}\", value: \"{value}\".  \nS3 metadata can only contain ASCII characters. "
            )));
        }
        metadata.insert(key.to_ascii_lowercase(), value.trim().to_string());
    }
    let bytes: usize = metadata.iter().map(|(key, value)| key.len() + value.len()).sum();
    if bytes > MAX_METADATA_BYTES {
        return Err(
            ApiError::new("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
                .with_help(format!("User metadata has at most {MAX_METADATA_BYTES} bytes; these have {bytes}.")),
        );
    }
    Ok(metadata)
}
