//! One function an API operation, and the members that each takes (botocore's `s3` service model, API version 2006-03-01).

mod buckets;
mod copy;
mod delete;
mod encryption;
mod get;
mod inputs;
mod list;
mod ownership;
mod policy;
mod public_access;
mod put;
mod settings;

use alloc::format;
use alloc::string::String;

use serde_json::{Map, Value};

use super::S3;
use super::errors;
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

/// Whether the operation changes nothing. Unknown operations: false.
pub fn is_read(operation: &str) -> bool {
    matches!(
        operation,
        "GetBucketLocation" | "GetObject" | "HeadBucket" | "HeadObject" | "ListBuckets" | "ListObjectsV2"
    ) || settings::is_read(operation)
}

impl S3 {
    /// Applies one operation. `now` is the account's clock.
    ///
    /// Errors: S3's own; `ParamValidation` for parameters that an SDK would not send; `NotImplemented` naming an operation or a parameter that Sluice does not do yet.
    pub fn call(&mut self, now: SimTime, operation: &str, params: &Value) -> Result<Answer, ApiError> {
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
        match operation {
            "CreateBucket" => self.create_bucket(now, &params).map(Answer::from),
            "DeleteBucket" => self.delete_bucket(&params).map(Answer::from),
            "HeadBucket" => self.head_bucket(&params).map(Answer::from),
            "ListBuckets" => self.list_buckets(&params).map(Answer::from),
            "GetBucketLocation" => self.get_bucket_location(&params).map(Answer::from),
            "PutObject" => self.put_object(now, &params).map(Answer::from),
            "GetObject" => self.get_object(&params),
            "HeadObject" => self.head_object(&params).map(Answer::from),
            "ListObjectsV2" => self.list_objects_v2(&params).map(Answer::from),
            "CopyObject" => self.copy_object(now, &params).map(Answer::from),
            "DeleteObject" => self.delete_object(&params).map(Answer::from),
            "DeleteObjects" => self.delete_objects(&params).map(Answer::from),
            _ => self.call_setting(operation, &params),
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

/// An unversioned object has the one version `null`. Error: `InvalidArgument` for any other.
fn check_version(params: &Params<'_>) -> Result<(), ApiError> {
    match params.text("VersionId") {
        None | Some("null") => Ok(()),
        Some(_) => Err(errors::invalid_argument("Invalid version id specified")),
    }
}
