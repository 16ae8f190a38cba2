//! One function an API operation, and the members that each takes (botocore's `s3` service model, API version 2006-03-01).

mod attributes;
mod buckets;
mod copy;
mod delete;
mod directory;
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

pub use directory::is_of_directory;

use super::errors;
use super::{Object, S3};
use crate::account::params::Member;
use crate::account::{ApiError, BodyRange, Params};
use crate::gather::object;
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
            | "CreateSession"
            | "GetObjectAttributes"
            | "GetObjectTagging"
            | "HeadBucket"
            | "HeadObject"
            | "ListBucketIntelligentTieringConfigurations"
            | "ListBuckets"
            | "ListDirectoryBuckets"
            | "ListMultipartUploads"
            | "ListObjectVersions"
            | "ListObjectsV2"
            | "ListParts"
    ) || settings::is_read(operation)
}

/// Whether the call is one that every account needs from its start: buckets and objects made, listed, read and deleted ([`S3::call`]), but of directory buckets.
/// All others are [`S3::call_more`]'s.
pub fn is_basic(operation: &str, params: &Value) -> bool {
    inputs::members(operation).is_some() && !is_of_directory(params)
}

impl S3 {
    /// Applies one of the basic operations ([`is_basic`]). `now` is the account's clock.
    ///
    /// Errors: S3's own; `ParamValidation` for parameters that an SDK would not send; `NotImplemented` naming an operation or a parameter that Sluice does not do yet.
    pub fn call(&mut self, now: SimTime, operation: &str, params: &Value) -> Result<Answer, ApiError> {
        let params = &self.checked(operation, params, inputs::members(operation))?;
        supported(operation, params)?;
        match operation {
            "CreateBucket" => self.create_bucket(now, params).map(Answer::from),
            "DeleteBucket" => self.delete_bucket(now, params).map(Answer::from),
            "HeadBucket" => self.head_bucket(params).map(Answer::from),
            "ListBuckets" => self.list_buckets(params).map(Answer::from),
            "GetBucketLocation" => self.get_bucket_location(params).map(Answer::from),
            "PutObject" => self.put_object(now, params).map(Answer::from),
            "HeadObject" => self.head_object(params).map(Answer::from),
            "ListObjectsV2" => self.list_objects_v2(params).map(Answer::from),
            "DeleteObject" => self.delete_object(now, params).map(Answer::from),
            "DeleteObjects" => self.delete_objects(now, params).map(Answer::from),
            "GetObject" => {
                let answer = self.get_object(params)?;
                self.read(now, params, &answer);
                Ok(answer)
            }
            _ => Err(unknown(operation)),
        }
    }

    /// Applies any other operation: copies, versions, uploads in parts, tags, restores, and what is set on a bucket. Errors as for [`S3::call`].
    pub fn call_more(&mut self, now: SimTime, operation: &str, params: &Value) -> Result<Answer, ApiError> {
        if is_of_directory(params) {
            return self.call_directory(now, operation, params);
        }
        self.call_other(now, operation, params)
    }

    fn call_other(&mut self, now: SimTime, operation: &str, params: &Value) -> Result<Answer, ApiError> {
        if let Some(members) = settings::members(operation) {
            return self.call_setting(operation, &self.checked(operation, params, Some(members))?);
        }
        let members = members::members(operation).or_else(|| directory::own_members(operation));
        let params = &self.checked(operation, params, members)?;
        supported(operation, params)?;
        match operation {
            "ListDirectoryBuckets" | "CreateSession" => self.call_of_directories(operation, params),
            "CopyObject" => self.copy_object(now, params),
            "GetBucketVersioning" => self.get_bucket_versioning(params),
            "PutBucketVersioning" => self.put_bucket_versioning(now, params),
            "ListObjectVersions" => self.list_object_versions(params),
            "GetObjectAttributes" => self.get_object_attributes(params),
            "CreateMultipartUpload" => self.create_multipart_upload(now, params),
            "UploadPart" => self.upload_part(now, params),
            "UploadPartCopy" => self.upload_part_copy(now, params),
            "ListParts" => self.list_parts(params),
            "ListMultipartUploads" => self.list_multipart_uploads(params),
            "CompleteMultipartUpload" => self.complete_multipart_upload(now, params),
            "AbortMultipartUpload" => self.abort_multipart_upload(now, params),
            "PutObjectTagging" => self.put_object_tagging(now, params),
            "GetObjectTagging" => self.get_object_tagging(params),
            "DeleteObjectTagging" => self.delete_object_tagging(now, params),
            "PutBucketTagging" => self.put_bucket_tagging(now, params),
            "GetBucketTagging" => self.get_bucket_tagging(params),
            "DeleteBucketTagging" => self.delete_bucket_tagging(now, params),
            "PutBucketLifecycleConfiguration" => self.put_bucket_lifecycle_configuration(now, params),
            "GetBucketLifecycleConfiguration" => self.get_bucket_lifecycle_configuration(params),
            "PutBucketLogging" => self.put_bucket_logging(params),
            "GetBucketLogging" => self.get_bucket_logging(params),
            "DeleteBucketLifecycle" => self.delete_bucket_lifecycle(now, params),
            "RestoreObject" => self.restore_object(now, params),
            "PutBucketIntelligentTieringConfiguration" => self.put_bucket_intelligent_tiering_configuration(now, params),
            "GetBucketIntelligentTieringConfiguration" => self.get_bucket_intelligent_tiering_configuration(params),
            "ListBucketIntelligentTieringConfigurations" => self.list_bucket_intelligent_tiering_configurations(params),
            "DeleteBucketIntelligentTieringConfiguration" => self.delete_bucket_intelligent_tiering_configuration(now, params),
            _ => Err(unknown(operation)),
        }
        .map(Answer::from)
    }

    /// A GetObject that is no access: what a holder sees that may change nothing.
    pub fn look(&self, params: &Value) -> Result<Answer, ApiError> {
        let params = self.checked("GetObject", params, inputs::members("GetObject"))?;
        supported("GetObject", &params)?;
        self.get_object(&params)
    }

    fn checked<'a>(&self, operation: &str, params: &'a Value, members: Option<&'static [Member]>) -> Result<Params<'a>, ApiError> {
        let params = Params::check(params, members.ok_or_else(|| unknown(operation))?)?;
        if params.text("ExpectedBucketOwner").is_some_and(|owner| owner != self.account_id) {
            return Err(ApiError::new("AccessDenied", "Access Denied").with_help("ExpectedBucketOwner is not this account."));
        }
        Ok(params)
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

/// Error: `NotImplemented` naming a member that means something which is not built yet.
fn supported(operation: &str, params: &Params<'_>) -> Result<(), ApiError> {
    match params.names().find(|name| inputs::is_unsupported(operation, name)) {
        Some(name) => Err(errors::not_implemented(operation, name)),
        None => Ok(()),
    }
}

fn unknown(operation: &str) -> ApiError {
    ApiError::new("NotImplemented", format!("Sluice does not do s3:{operation} yet, or S3 has no such operation."))
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
    object([(name.to_string(), value)])
}
