use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Bound;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::super::errors;
use super::super::state::S3;
use super::restore_status;
use super::walk::{Entry, Walk, after_prefix, encoding, later, page_size};
use crate::account::{ApiError, Params};

/// A continuation token is opaque: base64 of `k` and the last key, or `p` and the last common prefix.
fn write_token(last: &Entry<'_>) -> String {
    let text = match last {
        Entry::Key(key, _) => ["k", key].concat(),
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
        let max = page_size(params, "MaxKeys", "maxKeys")?;
        let encode = encoding(params)?;
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
            current_only: true,
            from: resume.map(|from| later(from, prefix)),
        };

        let with_restore = params.texts("OptionalObjectAttributes").any(|name| name == "RestoreStatus");
        let with_owner = params.boolean("FetchOwner").unwrap_or(false);
        let mut contents = Vec::new();
        let mut common_prefixes = Vec::new();
        let mut last = None;
        for entry in walk.by_ref().take(max) {
            match entry {
                Entry::Key(key, versions) => {
                    let Some(object) = versions.object() else { continue };
                    let mut line = json!({
                        "Key": encode(key),
                        "LastModified": object.last_modified().whole_second().to_string(),
                        "ETag": object.quoted_etag(),
                        "Size": object.blob().size,
                        "StorageClass": object.storage_class(),
                    });
                    if with_restore && let Some(status) = restore_status(object) {
                        line["RestoreStatus"] = status;
                    }
                    if with_owner {
                        line["Owner"] = json!({"ID": self.object_owner_id(bucket, object)});
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
