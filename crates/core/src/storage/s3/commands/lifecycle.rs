use alloc::string::String;

use serde_json::{Map, Value, json};

use super::super::lifecycle::LifecycleConfiguration;
use super::super::state::{Lifecycle, S3};
use super::super::versions::new_rule_id;
use super::member;
use crate::account::{ApiError, Params};
use crate::sim::SimTime;
use crate::storage::cost::RequestKind;
use crate::storage::s3::StorageClass;

impl S3 {
    /// Replaces the bucket's rules; what they find overdue is done at the next midnight UTC.
    ///
    /// Errors: `NoSuchBucket`, `MalformedXML`, `InvalidRequest`, `InvalidArgument`.
    pub(super) fn put_bucket_lifecycle_configuration(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let name = params.required_text("Bucket")?;
        self.named_bucket(name)?;
        let mut given = params.get("LifecycleConfiguration").cloned().unwrap_or_else(|| json!({"Rules": []}));
        if let Some(minimum) = params.get("TransitionDefaultMinimumObjectSize") {
            given["TransitionDefaultMinimumObjectSize"] = minimum.clone();
        }
        let mut configuration = LifecycleConfiguration::parse(&given)?;
        let seed = self.seed;
        configuration.name_rules(|| new_rule_id(seed, self.next_number()));
        let minimum = configuration.minimum;
        self.metering.request(now, StorageClass::Standard, RequestKind::Put);
        if let Some(bucket) = self.buckets.get_mut(name) {
            bucket.lifecycle = Some(Lifecycle {
                configuration,
                since: now,
                cause: None,
            });
        }
        self.reschedule_bucket(name);
        Ok(member("TransitionDefaultMinimumObjectSize", json!(minimum.as_str())))
    }

    /// Errors: `NoSuchBucket`, `NoSuchLifecycleConfiguration`.
    pub(super) fn get_bucket_lifecycle_configuration(&self, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        match bucket.lifecycle().map(LifecycleConfiguration::to_json) {
            Some(Value::Object(response)) => Ok(response),
            _ => Err(ApiError::new("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")),
        }
    }

    pub(super) fn delete_bucket_lifecycle(&mut self, now: SimTime, params: &Params<'_>) -> Result<Map<String, Value>, ApiError> {
        let name = params.required_text("Bucket")?;
        self.named_bucket(name)?;
        self.metering.request(now, StorageClass::Standard, RequestKind::Delete);
        if let Some(bucket) = self.buckets.get_mut(name) {
            bucket.lifecycle = None;
        }
        self.reschedule_bucket(name);
        Ok(Map::new())
    }
}
