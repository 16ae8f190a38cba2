use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::super::state::S3;
use super::super::versions::{Object, Versioning};
use super::super::{check_key, errors, etag};
use super::find::version_id;
use crate::account::{ApiError, Params};
use crate::sim::SimTime;

/// Keys of one DeleteObjects (API reference).
const MAX_KEYS: usize = 1_000;

impl S3 {
    /// A key that does not exist is no error: the answer is the same. Without a version id, in a bucket with versions, the delete is a delete marker.
    pub(super) fn delete_object(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let bucket = params.required_text("Bucket")?;
        self.named_bucket(bucket)?;
        let deleted = self.delete_one(now, bucket, params, params.text("IfMatch"), params.text("SluiceOwner"))?;
        let mut response = Map::new();
        if deleted.marker {
            response.insert("DeleteMarker".to_string(), json!(true));
        }
        if let Some(id) = deleted.version_id {
            response.insert("VersionId".to_string(), json!(id));
        }
        Ok(response)
    }

    /// Errors of single keys are in `Errors`; the call itself fails with `MalformedXML` for no key or more than 1,000.
    pub(super) fn delete_objects(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let bucket = params.required_text("Bucket")?;
        self.named_bucket(bucket)?;
        let delete = params.structure("Delete").ok_or_else(|| crate::account::params::missing("Delete"))?;
        let count = delete.list("Objects").len();
        if count == 0 || count > MAX_KEYS {
            return Err(errors::malformed_xml().with_help("One DeleteObjects names 1 to 1,000 keys."));
        }
        let quiet = delete.boolean("Quiet").unwrap_or(false);
        let mut deleted = Vec::new();
        let mut failed = Vec::new();
        for object in delete.structures("Objects") {
            let key = object.text("Key").unwrap_or_default();
            let mut entry = json!({"Key": key});
            if let Some(version) = object.text("VersionId") {
                entry["VersionId"] = json!(version);
            }
            let unsupported = ["LastModifiedTime", "Size"].into_iter().find(|name| object.has(name));
            let result = match unsupported {
                Some(name) => Err(errors::not_implemented("DeleteObjects", name)),
                None => self.delete_one(now, bucket, &object, object.text("ETag"), params.text("SluiceOwner")),
            };
            match result {
                Ok(_) if quiet => {}
                Ok(done) => {
                    if done.marker {
                        entry["DeleteMarker"] = json!(true);
                        entry["DeleteMarkerVersionId"] = json!(done.version_id);
                    }
                    deleted.push(entry);
                }
                Err(error) => {
                    entry["Code"] = json!(error.code);
                    entry["Message"] = json!(error.message);
                    failed.push(entry);
                }
            }
        }
        let mut response = Map::new();
        if !deleted.is_empty() {
            response.insert("Deleted".to_string(), Value::Array(deleted));
        }
        if !failed.is_empty() {
            response.insert("Errors".to_string(), Value::Array(failed));
        }
        Ok(response)
    }

    /// `by`: the account that deletes, where it is another than the bucket's: a delete marker is its own.
    fn delete_one(&mut self, now: SimTime, bucket: &str, params: &Params<'_>, if_match: Option<&str>, by: Option<&str>) -> Result<Deleted, ApiError> {
        let key: &str = params.required_text("Key")?;
        check_key(key).map_err(errors::key_too_long)?;
        let id = version_id(params)?;
        let found = self.buckets.get(bucket).ok_or_else(|| errors::no_such_bucket(bucket))?;
        if let Some(tags) = if_match {
            match found.get(key) {
                None => return Err(errors::no_such_key(key)),
                Some(object) if !etag::matches(tags, object.etag()) => return Err(errors::precondition_failed("If-Match")),
                Some(_) => {}
            }
        }
        let (versioning, versions) = (found.versioning(), found.versions(key));
        match id {
            Some(id) => {
                let index = versions.and_then(|versions| versions.position(id));
                let removed = index.and_then(|index| self.remove(now, bucket, key, index));
                Ok(Deleted {
                    marker: removed.is_some_and(|version| version.is_delete_marker()),
                    version_id: Some(id.to_string()),
                })
            }
            None if versioning == Versioning::Unversioned => {
                if versions.is_some() {
                    self.remove(now, bucket, key, 0);
                }
                Ok(Deleted {
                    marker: false,
                    version_id: None,
                })
            }
            None => {
                let mut marker = Object::marker(now);
                marker.protection.owner = by.map(ToString::to_string);
                Ok(Deleted {
                    marker: true,
                    version_id: self.insert(now, bucket, key, marker),
                })
            }
        }
    }
}

/// What a delete did: the marker that it made or removed, and the id of the version that it is about.
struct Deleted {
    marker: bool,
    version_id: Option<String>,
}
