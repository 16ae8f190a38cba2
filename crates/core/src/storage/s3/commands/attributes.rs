use alloc::string::{String, ToString};

use serde_json::{Map, Value, json};

use super::super::errors;
use super::super::state::S3;
use super::super::versions::Versioning;
use super::member;
use crate::account::{ApiError, Params};

const ATTRIBUTES: [&str; 5] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];
/// Parts of one page.
const PAGE: usize = 1_000;

impl S3 {
    /// What is asked for in `ObjectAttributes`. An archived object tells too. Parts have a size; AWS lists them only where the upload had checksums.
    pub(super) fn get_object_attributes(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let named = self.named_object(params)?;
        let object = named.object;
        if params.list("ObjectAttributes").is_empty() || params.texts("ObjectAttributes").any(|name| !ATTRIBUTES.contains(&name)) {
            return Err(errors::invalid_argument("Invalid attribute name specified.")
                .with_help("ObjectAttributes names one or more of ETag, Checksum, ObjectParts, StorageClass, ObjectSize."));
        }
        let wants = |name: &str| params.texts("ObjectAttributes").any(|given| given == name);
        let mut response = member("LastModified", json!(object.last_modified().whole_second().to_string()));
        let mut put = |name: &str, value: Value| response.insert(name.to_string(), value);
        if named.bucket.versioning() != Versioning::Unversioned {
            put("VersionId", json!(object.version_id()));
        }
        if wants("ETag") {
            put("ETag", json!(object.etag()));
        }
        if wants("ObjectParts") && !object.parts.is_empty() {
            let after = params.integer("PartNumberMarker").and_then(|marker| usize::try_from(marker).ok()).unwrap_or(0);
            let max = params.integer("MaxParts").map_or(PAGE, |max| max.clamp(0, PAGE as i64) as usize);
            let page = object.parts.iter().zip(1..).skip(after).take(max);
            let parts: alloc::vec::Vec<Value> = page.map(|(size, number): (&u64, usize)| json!({"PartNumber": number, "Size": size})).collect();
            let next = after + parts.len();
            put(
                "ObjectParts",
                json!({
                    "TotalPartsCount": object.parts.len(), "PartNumberMarker": after, "NextPartNumberMarker": next, "MaxParts": max,
                    "IsTruncated": next < object.parts.len(), "Parts": parts,
                }),
            );
        }
        if wants("StorageClass") {
            put("StorageClass", json!(object.storage_class()));
        }
        if wants("ObjectSize") {
            put("ObjectSize", json!(object.blob().size));
        }
        Ok(response)
    }
}
