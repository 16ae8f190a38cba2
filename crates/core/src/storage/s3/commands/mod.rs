//! One function an API operation, and the members that each takes (botocore's `s3` service model, API version 2006-03-01).

mod attributes;
mod buckets;
mod copy;
mod delete;
mod encryption;
mod find;
mod get;
mod inputs;
mod lifecycle;
mod list;
mod logging;
mod members;
mod multipart;
mod ownership;
mod policy;
mod public_access;
mod put;
mod restore;
mod settings;
mod tagging;
mod tiering;
mod versions;
mod walk;

use alloc::format;
use alloc::string::{String, ToString};

use serde_json::{Map, Value, json};

use super::errors;
use super::{Object, S3};
use crate::account::{ApiError, BodyRange, Params};
use crate::sim::SimTime;

/// What an operation answers: the response's members, and for GetObject the bytes it names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    pub response: Map<String, Value>,
    pub body: Option<BodyRange>,
}

impl From<Map<String, Value>> for Answer {
    fn from(response: Map<String, Value>) -> Self {
        Answer { response, body: None }
    }
}

/// Whether the operation changes nothing. Unknown operations: false. GetObject does change something: it is an access, which Intelligent-Tiering and the bill count.
/// The other reads are what views are made of, and are not billed.
pub fn is_read(operation: &str) -> bool {
    matches!(
        operation,
        "GetBucketLocation"
            | "GetBucketIntelligentTieringConfiguration"
            | "GetBucketLifecycleConfiguration"
            | "GetBucketLogging"
            | "GetBucketTagging"
            | "GetBucketVersioning"
            | "GetObjectAttributes"
            | "GetObjectTagging"
            | "HeadBucket"
            | "HeadObject"
            | "ListBucketIntelligentTieringConfigurations"
            | "ListBuckets"
            | "ListMultipartUploads"
            | "ListObjectVersions"
            | "ListObjectsV2"
            | "ListParts"
    ) || settings::is_read(operation)
}

impl S3 {
    /// Applies one operation. `now` is the account's clock.
    ///
    /// Errors: S3's own; `ParamValidation` for parameters that an SDK would not send; `NotImplemented` naming an operation or a parameter that Sluice does not do yet.
    pub fn call(&mut self, now: SimTime, operation: &str, params: &Value) -> Result<Answer, ApiError> {
        let params = self.checked(operation, params)?;
        self.dispatch(now, operation, &params)
    }

    /// A GetObject that is no access: what a holder sees that may change nothing.
    pub fn look(&self, params: &Value) -> Result<Answer, ApiError> {
        let params = self.checked("GetObject", params)?;
        self.get_object(&params)
    }

    fn checked<'a>(&self, operation: &str, params: &'a Value) -> Result<Params<'a>, ApiError> {
        let Some(members) = inputs::members(operation).or_else(|| settings::members(operation)) else {
            return Err(ApiError::new(
                "NotImplemented",
                format!("Sluice does not do s3:{operation} yet, or S3 has no such operation."),
            ));
        };
        let params = Params::check(params, members)?;
        let is_setting = settings::members(operation).is_some();
        if let Some(name) = params.names().find(|name| !is_setting && inputs::is_unsupported(operation, name)) {
            return Err(errors::not_implemented(operation, name));
        }
        if params.text("ExpectedBucketOwner").is_some_and(|owner| owner != self.account_id) {
            return Err(ApiError::new("AccessDenied", "Access Denied").with_help("ExpectedBucketOwner is not this account."));
        }
        Ok(params)
    }

    fn dispatch(&mut self, now: SimTime, operation: &str, params: &Params<'_>) -> Result<Answer, ApiError> {
        match operation {
            "CreateBucket" => self.create_bucket(now, params).map(Answer::from),
            "DeleteBucket" => self.delete_bucket(now, params).map(Answer::from),
            "HeadBucket" => self.head_bucket(params).map(Answer::from),
            "ListBuckets" => self.list_buckets(params).map(Answer::from),
            "GetBucketLocation" => self.get_bucket_location(params).map(Answer::from),
            "PutObject" => self.put_object(now, params).map(Answer::from),
            "HeadObject" => self.head_object(params).map(Answer::from),
            "ListObjectsV2" => self.list_objects_v2(params).map(Answer::from),
            "CopyObject" => self.copy_object(now, params).map(Answer::from),
            "DeleteObject" => self.delete_object(now, params).map(Answer::from),
            "DeleteObjects" => self.delete_objects(now, params).map(Answer::from),
            "GetBucketVersioning" => self.get_bucket_versioning(params).map(Answer::from),
            "PutBucketVersioning" => self.put_bucket_versioning(now, params).map(Answer::from),
            "ListObjectVersions" => self.list_object_versions(params).map(Answer::from),
            "GetObjectAttributes" => self.get_object_attributes(params).map(Answer::from),
            "CreateMultipartUpload" => self.create_multipart_upload(now, params).map(Answer::from),
            "UploadPart" => self.upload_part(now, params).map(Answer::from),
            "UploadPartCopy" => self.upload_part_copy(now, params).map(Answer::from),
            "ListParts" => self.list_parts(params).map(Answer::from),
            "ListMultipartUploads" => self.list_multipart_uploads(params).map(Answer::from),
            "CompleteMultipartUpload" => self.complete_multipart_upload(now, params).map(Answer::from),
            "AbortMultipartUpload" => self.abort_multipart_upload(now, params).map(Answer::from),
            "PutObjectTagging" => self.put_object_tagging(now, params).map(Answer::from),
            "GetObjectTagging" => self.get_object_tagging(params).map(Answer::from),
            "DeleteObjectTagging" => self.delete_object_tagging(now, params).map(Answer::from),
            "PutBucketTagging" => self.put_bucket_tagging(now, params).map(Answer::from),
            "GetBucketTagging" => self.get_bucket_tagging(params).map(Answer::from),
            "DeleteBucketTagging" => self.delete_bucket_tagging(now, params).map(Answer::from),
            "PutBucketLifecycleConfiguration" => self.put_bucket_lifecycle_configuration(now, params).map(Answer::from),
            "GetBucketLifecycleConfiguration" => self.get_bucket_lifecycle_configuration(params).map(Answer::from),
            "PutBucketLogging" => self.put_bucket_logging(params).map(Answer::from),
            "GetBucketLogging" => self.get_bucket_logging(params).map(Answer::from),
            "DeleteBucketLifecycle" => self.delete_bucket_lifecycle(now, params).map(Answer::from),
            "RestoreObject" => self.restore_object(now, params).map(Answer::from),
            "PutBucketIntelligentTieringConfiguration" => self.put_bucket_intelligent_tiering_configuration(now, params).map(Answer::from),
            "GetBucketIntelligentTieringConfiguration" => self.get_bucket_intelligent_tiering_configuration(params).map(Answer::from),
            "ListBucketIntelligentTieringConfigurations" => self.list_bucket_intelligent_tiering_configurations(params).map(Answer::from),
            "DeleteBucketIntelligentTieringConfiguration" => self.delete_bucket_intelligent_tiering_configuration(now, params).map(Answer::from),
            "GetObject" => {
                let answer = self.get_object(params)?;
                self.read(now, params, &answer);
                Ok(answer)
            }
            _ => self.call_setting(operation, params),
        }
    }

    /// The bucket that a request names. Errors: `InvalidBucketName`, `NoSuchBucket`.
    fn named_bucket(&self, name: &str) -> Result<&super::Bucket, ApiError> {
        if let Some(bucket) = self.buckets.get(name) {
            return Ok(bucket);
        }
        super::check_bucket_name(name, true).map_err(|fault| errors::invalid_bucket_name(name, fault))?;
        Err(errors::no_such_bucket(name))
    }
}

/// `RestoreStatus` of a listing; `None` for an object that was never asked to be restored.
fn restore_status(object: &Object) -> Option<Value> {
    let restore = object.restore()?;
    let mut status = json!({"IsRestoreInProgress": restore.is_ongoing()});
    if let Some(at) = restore.expires() {
        status["RestoreExpiryDate"] = json!(at.to_string());
    }
    Some(status)
}

/// A response of one member.
fn member(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_string(), value)])
}
