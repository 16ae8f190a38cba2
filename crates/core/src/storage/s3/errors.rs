//! S3's error codes in S3's words ("List of error codes", API reference), with our line of help.

use alloc::format;

use super::names::BucketNameFault;
use crate::account::ApiError;

pub fn no_such_bucket(bucket: &str) -> ApiError {
    ApiError::new("NoSuchBucket", "The specified bucket does not exist").with_help(format!("There is no bucket named \"{bucket}\" in this account."))
}

pub fn no_such_key(key: &str) -> ApiError {
    ApiError::new("NoSuchKey", "The specified key does not exist.")
        .with_help(format!("No object has the key \"{key}\". Keys are case-sensitive and have no leading \"/\"."))
}

pub fn no_such_version(id: &str) -> ApiError {
    ApiError::new("NoSuchVersion", "The specified version does not exist.").with_help(format!("The key has no version \"{id}\"."))
}

/// What a delete marker answers to a request that names it.
pub fn method_not_allowed() -> ApiError {
    ApiError::new("MethodNotAllowed", "The specified method is not allowed against this resource.")
        .with_help("The version is a delete marker: it can be deleted, and nothing else.")
}

pub fn no_such_upload() -> ApiError {
    ApiError::new(
        "NoSuchUpload",
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    )
}

pub fn invalid_bucket_name(bucket: &str, fault: BucketNameFault) -> ApiError {
    ApiError::new("InvalidBucketName", "The specified bucket is not valid.").with_help(format!("\"{bucket}\": {fault}"))
}

pub fn key_too_long(bytes: usize) -> ApiError {
    ApiError::new("KeyTooLongError", "Your key is too long").with_help(format!("The key has {bytes} bytes in UTF-8; the most is {}.", super::MAX_KEY_BYTES))
}

pub fn precondition_failed(condition: &str) -> ApiError {
    ApiError::new("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        .with_help(format!("The condition that did not hold: {condition}."))
}

/// An answer to a HEAD request has no body, so SDKs know its status alone.
pub fn not_found() -> ApiError {
    ApiError::new("404", "Not Found")
}

pub fn not_modified() -> ApiError {
    ApiError::new("304", "Not Modified")
}

pub fn invalid_argument(message: &str) -> ApiError {
    ApiError::new("InvalidArgument", message)
}

/// A configuration that does not fit S3's schema.
pub fn malformed_xml() -> ApiError {
    ApiError::new(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

/// A parameter that S3 has and Sluice does not honour yet.
pub fn not_implemented(operation: &str, parameter: &str) -> ApiError {
    ApiError::new("NotImplemented", "A header you provided implies functionality that is not implemented")
        .with_help(format!("Sluice does not do s3:{operation} with {parameter} yet."))
}
