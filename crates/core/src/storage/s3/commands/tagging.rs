use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::super::state::S3;
use super::super::tags::{self, Tags};
use super::super::versions::Versioning;
use super::super::{MAX_BUCKET_TAGS, MAX_OBJECT_TAGS};
use super::find::Named;
use super::member;
use crate::account::params::missing;
use crate::account::{ApiError, Params};
use crate::sim::SimTime;
use crate::storage::cost::RequestKind;
use crate::storage::s3::StorageClass;

fn tag_set(tags: &Tags) -> Value {
    let set: Vec<Value> = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
    Value::Array(set)
}

/// Responses about the tags of an object name its version, where its bucket has versions.
fn with_version(named: &Named<'_, '_>) -> Map<String, Value> {
    match named.bucket.versioning() {
        Versioning::Unversioned => Map::new(),
        _ => member("VersionId", json!(named.object.version_id())),
    }
}

impl S3 {
    /// Errors: those of naming an object; `InvalidTag`, `BadRequest` for more than 10.
    pub(super) fn put_object_tagging(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let tagging = params.structure("Tagging").ok_or_else(|| missing("Tagging"))?;
        self.set_tags(now, params, |_| tags::of_structure(&tagging, MAX_OBJECT_TAGS), RequestKind::Put)
    }

    pub(super) fn delete_object_tagging(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        self.set_tags(now, params, |_| Ok(Tags::new()), RequestKind::Delete)
    }

    fn set_tags(
        &mut self,
        now: SimTime,
        params: &Params<'_>,
        tags: impl FnOnce(&Tags) -> Result<Tags, ApiError>,
        kind: RequestKind,
    ) -> Result<Map<String, Value>, ApiError> {
        let named = self.named_object(params)?;
        let (name, key, index, class) = (named.name, named.key, named.index, named.object.storage_class());
        let response = with_version(&named);
        let tags = tags(&named.object.tags)?;
        self.metering.request(now, class, kind);
        self.change(now, name, key, index, |object| {
            object.tags = tags;
            // Rules that name its new tags find it overdue at the next midnight, not in the past.
            object.settled = object.settled.max(now);
        });
        Ok(response)
    }

    pub(super) fn get_object_tagging(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let named = self.named_object(params)?;
        let mut response = with_version(&named);
        response.insert("TagSet".to_string(), tag_set(&named.object.tags));
        Ok(response)
    }

    /// Errors: `NoSuchBucket`, `InvalidTag`, `BadRequest` for more than 50.
    pub(super) fn put_bucket_tagging(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let name = params.required_text("Bucket")?;
        self.named_bucket(name)?;
        let tagging = params.structure("Tagging").ok_or_else(|| missing("Tagging"))?;
        let tags = tags::of_structure(&tagging, MAX_BUCKET_TAGS)?;
        self.metering.request(now, StorageClass::Standard, RequestKind::Put);
        if let Some(bucket) = self.buckets.get_mut(name) {
            bucket.tags = tags;
        }
        Ok(Map::new())
    }

    /// Errors: `NoSuchBucket`, `NoSuchTagSet`.
    pub(super) fn get_bucket_tagging(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        if bucket.tags().is_empty() {
            return Err(ApiError::new("NoSuchTagSet", "The TagSet does not exist"));
        }
        Ok(member("TagSet", tag_set(bucket.tags())))
    }

    pub(super) fn delete_bucket_tagging(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let name = params.required_text("Bucket")?;
        self.named_bucket(name)?;
        self.metering.request(now, StorageClass::Standard, RequestKind::Delete);
        if let Some(bucket) = self.buckets.get_mut(name) {
            bucket.tags.clear();
        }
        Ok(Map::new())
    }
}
