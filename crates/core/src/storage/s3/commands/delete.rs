use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::super::state::S3;
use super::super::{check_key, errors, etag};
use super::check_version;
use crate::account::{ApiError, Params};

/// Keys of one DeleteObjects (API reference).
const MAX_KEYS: usize = 1_000;

impl S3 {
    /// A key that does not exist is no error: the answer is the same.
    pub(super) fn delete_object(&mut self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let bucket = params.required_text("Bucket")?;
        self.named_bucket(bucket)?;
        self.delete_one(bucket, params, params.text("IfMatch"))?;
        Ok(Map::new())
    }

    /// Errors of single keys are in `Errors`; the call itself fails with `MalformedXML` for no key or more than 1,000.
    pub(super) fn delete_objects(&mut self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let bucket = params.required_text("Bucket")?;
        self.named_bucket(bucket)?;
        let delete = params.structure("Delete").ok_or_else(|| crate::account::params::missing("Delete"))?;
        let count = delete.list("Objects").len();
        if count == 0 || count > MAX_KEYS {
            return Err(ApiError::new(
                "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our published schema",
            )
            .with_help("One DeleteObjects names 1 to 1,000 keys."));
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
                None => self.delete_one(bucket, &object, object.text("ETag")),
            };
            match result {
                Ok(()) if quiet => {}
                Ok(()) => deleted.push(entry),
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

    fn delete_one(&mut self, bucket: &str, params: &Params<'_>, if_match: Option<&str>) -> Result<(), ApiError> {
        let key: &str = params.required_text("Key")?;
        check_key(key).map_err(errors::key_too_long)?;
        check_version(params)?;
        let found = self.buckets.get_mut(bucket).ok_or_else(|| errors::no_such_bucket(bucket))?;
        if let Some(tags) = if_match {
            match found.objects.get(key) {
                None => return Err(errors::no_such_key(key)),
                Some(object) if !etag::matches(tags, object.etag()) => return Err(errors::precondition_failed("If-Match")),
                Some(_) => {}
            }
        }
        found.objects.remove::<str>(key);
        Ok(())
    }
}
