//! The version that a request names.

use super::super::errors;
use super::super::state::{Bucket, S3};
use super::super::versions::{Object, is_version_id};
use crate::account::{ApiError, Params};

/// Why a request finds no object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Missing<'a> {
    /// No version of the key, or a delete marker is the current one and no version was named.
    Key(&'a str),
    Version(&'a str),
    /// The version named is a delete marker, which cannot be read.
    Marker,
}

impl Missing<'_> {
    /// As GetObject says it.
    pub fn as_get(self) -> ApiError {
        match self {
            Missing::Key(key) => errors::no_such_key(key),
            Missing::Version(id) => errors::no_such_version(id),
            Missing::Marker => errors::method_not_allowed(),
        }
    }

    /// As HeadObject says it: the status alone.
    pub fn as_head(self) -> ApiError {
        match self {
            Missing::Key(_) | Missing::Version(_) => errors::not_found(),
            Missing::Marker => ApiError::new("405", "Method Not Allowed"),
        }
    }
}

/// The object of a key, and its index among the versions: the one of `version_id`, else the current one.
pub(super) fn find<'a, 'b>(bucket: &'a Bucket, key: &'b str, version_id: Option<&'b str>) -> Result<(usize, &'a Object), Missing<'b>> {
    let versions = bucket.versions(key);
    let Some(id) = version_id else {
        let current = versions.and_then(|versions| Some((versions.len().checked_sub(1)?, versions.object()?)));
        return current.ok_or(Missing::Key(key));
    };
    let found = versions.and_then(|versions| {
        let index = versions.position(id)?;
        Some((index, versions.get(index)?))
    });
    match found {
        None => Err(Missing::Version(id)),
        Some((_, version)) if version.is_delete_marker() => Err(Missing::Marker),
        Some(found) => Ok(found),
    }
}

/// The version id of a request, if it can be one. Error: `InvalidArgument`.
pub(super) fn version_id<'a>(params: &Params<'a>) -> Result<Option<&'a str>, ApiError> {
    match params.text("VersionId") {
        Some(id) if !is_version_id(id) => Err(errors::invalid_argument("Invalid version id specified")),
        id => Ok(id),
    }
}

impl S3 {
    /// The object alone of [`S3::named_object`].
    pub(in crate::storage::s3) fn found_object(&self, params: &Params<'_>) -> Result<&Object, ApiError> {
        self.named_object(params).map(|named| named.object)
    }

    /// The object of `Bucket`, `Key` and `VersionId`. Errors: `InvalidBucketName`, `NoSuchBucket`, `KeyTooLongError`, `InvalidArgument`, `NoSuchKey`, `NoSuchVersion`,
    /// `MethodNotAllowed`.
    pub(super) fn named_object<'a>(&self, params: &Params<'a>) -> Result<Named<'a, '_>, ApiError> {
        let (name, key) = (params.required_text("Bucket")?, params.required_text("Key")?);
        let bucket = self.named_bucket(name)?;
        super::super::check_key(key).map_err(errors::key_too_long)?;
        let (index, object) = find(bucket, key, version_id(params)?).map_err(Missing::as_get)?;
        Ok(Named {
            name,
            bucket,
            key,
            index,
            object,
        })
    }
}

/// An object that a request names, and where it is.
pub(super) struct Named<'a, 's> {
    pub name: &'a str,
    pub bucket: &'s Bucket,
    pub key: &'a str,
    /// Among the versions of the key.
    pub index: usize,
    pub object: &'s Object,
}
