use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Bound;

use serde_json::{Map, Value, json};

use super::super::errors;
use super::super::state::S3;
use super::super::versions::{Object, Versioning, is_version_id};
use super::walk::{Entry, Walk, encoding, later, page_size};
use super::{member, restore_status};
use crate::account::{ApiError, Params};
use crate::sim::SimTime;
use crate::storage::cost::RequestKind;
use crate::storage::s3::StorageClass;

impl S3 {
    /// Status is `Enabled` or `Suspended`; a bucket that had versions once never stops having them.
    ///
    /// Errors: `NoSuchBucket`, `IllegalVersioningConfigurationException`, `MalformedXML`, `NotImplemented` for MFA delete.
    pub(super) fn put_bucket_versioning(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let name = params.required_text("Bucket")?;
        self.named_bucket(name)?;
        let configuration = params
            .structure("VersioningConfiguration")
            .ok_or_else(|| crate::account::params::missing("VersioningConfiguration"))?;
        let versioning = match configuration.text("Status") {
            Some("Enabled") => Versioning::Enabled,
            Some("Suspended") => Versioning::Suspended,
            Some(_) => return Err(errors::malformed_xml().with_help("Status is Enabled or Suspended.")),
            None => {
                return Err(ApiError::new(
                    "IllegalVersioningConfigurationException",
                    "The Versioning element must be specified",
                ));
            }
        };
        match configuration.text("MFADelete") {
            None | Some("Disabled") => {}
            Some("Enabled") => return Err(errors::not_implemented("PutBucketVersioning", "MFADelete")),
            Some(_) => return Err(errors::malformed_xml()),
        }
        self.metering.request(now, StorageClass::Standard, RequestKind::Put);
        if let Some(bucket) = self.buckets.get_mut(name) {
            bucket.versioning = versioning;
        }
        self.reschedule_bucket(name);
        Ok(Map::new())
    }

    /// Empty for a bucket whose versioning was never enabled.
    pub(super) fn get_bucket_versioning(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        Ok(match bucket.versioning() {
            Versioning::Unversioned => Map::new(),
            status => member("Status", json!(status)),
        })
    }

    /// Versions and delete markers by key, the newest first; a common prefix counts as one entry against `MaxKeys`.
    ///
    /// Errors: `NoSuchBucket`, `InvalidArgument` for a negative `MaxKeys`, an unknown `EncodingType`, or a version id marker without a key marker.
    pub(super) fn list_object_versions(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let name = params.required_text("Bucket")?;
        let bucket = self.named_bucket(name)?;
        let prefix = params.text("Prefix").unwrap_or_default();
        let delimiter = params.text("Delimiter").unwrap_or_default();
        let key_marker = params.text("KeyMarker").unwrap_or_default();
        let id_marker = params.text("VersionIdMarker").filter(|id| !id.is_empty());
        let max = page_size(params, "MaxKeys", "max-keys")?;
        let encode = encoding(params)?;
        if let Some(id) = id_marker {
            if key_marker.is_empty() {
                return Err(errors::invalid_argument("A version-id marker cannot be specified without a key marker."));
            }
            if !is_version_id(id) {
                return Err(errors::invalid_argument("Invalid version id specified"));
            }
        }
        // With a version id the listing goes on inside the key, without one behind it.
        let from = match (key_marker, id_marker) {
            ("", _) => Bound::Unbounded,
            (key, Some(_)) => Bound::Included(key.to_string()),
            (key, None) => Bound::Excluded(key.to_string()),
        };
        let walk = Walk {
            objects: &bucket.objects,
            prefix,
            delimiter,
            current_only: false,
            from: Some(later(from, prefix)),
        };
        let with_restore = params.texts("OptionalObjectAttributes").any(|name| name == "RestoreStatus");
        let (mut versions, mut markers, mut common_prefixes) = (Vec::new(), Vec::new(), Vec::new());
        // The key and version id, or the common prefix, of the last entry of the page.
        let mut last: Option<(&str, Option<&str>)> = None;
        let mut truncated = false;
        let mut count = 0;
        for entry in walk {
            match entry {
                Entry::CommonPrefix(common) if common == key_marker => {}
                Entry::CommonPrefix(_) if count == max => truncated = true,
                Entry::CommonPrefix(common) => {
                    common_prefixes.push(json!({"Prefix": encode(common)}));
                    last = Some((common, None));
                    count += 1;
                }
                Entry::Key(key, of_key) => {
                    let after = id_marker.filter(|_| key == key_marker);
                    // A version that is gone meanwhile: all of its key's are shown rather than none.
                    let skipped = after.and_then(|id| of_key.position(id)).map_or(0, |index| of_key.len() - index);
                    for version in of_key.iter().rev().skip(skipped) {
                        if count == max {
                            truncated = true;
                            break;
                        }
                        let mut line = line(&encode(key), version);
                        line["Owner"] = json!({"ID": self.object_owner_id(bucket, version)});
                        if version.is_delete_marker() {
                            markers.push(line);
                        } else {
                            if with_restore && let Some(status) = restore_status(version) {
                                line["RestoreStatus"] = status;
                            }
                            versions.push(line);
                        }
                        last = Some((key, Some(version.version_id())));
                        count += 1;
                    }
                }
            }
            if truncated {
                break;
            }
        }
        let mut response = Map::new();
        let mut put = |name: &str, value: Value| response.insert(name.to_string(), value);
        put("Name", json!(name));
        put("Prefix", json!(encode(prefix)));
        put("KeyMarker", json!(encode(key_marker)));
        put("VersionIdMarker", json!(id_marker.unwrap_or_default()));
        put("MaxKeys", json!(max));
        // A page of none is the end, as S3 has it: a marker could not go on from it.
        put("IsTruncated", json!(truncated && last.is_some()));
        if !delimiter.is_empty() {
            put("Delimiter", json!(encode(delimiter)));
        }
        if params.has("EncodingType") {
            put("EncodingType", json!("url"));
        }
        for (name, list) in [("Versions", versions), ("DeleteMarkers", markers), ("CommonPrefixes", common_prefixes)] {
            if !list.is_empty() {
                put(name, Value::Array(list));
            }
        }
        if let Some((key, id)) = last.filter(|_| truncated) {
            put("NextKeyMarker", json!(encode(key)));
            if let Some(id) = id {
                put("NextVersionIdMarker", json!(id));
            }
        }
        Ok(response)
    }
}

fn line(key: &str, version: &Object) -> Value {
    let mut line = json!({
        "Key": key,
        "VersionId": version.version_id(),
        "IsLatest": version.is_current(),
        "LastModified": version.last_modified().whole_second().to_string(),
    });
    if !version.is_delete_marker() {
        line["ETag"] = json!(version.quoted_etag());
        line["Size"] = json!(version.blob().size);
        line["StorageClass"] = json!(version.storage_class());
    }
    line
}
