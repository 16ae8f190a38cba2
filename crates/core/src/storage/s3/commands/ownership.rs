use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::super::access::{CannedAcl, ObjectOwnership};
use super::super::acl::{Acl, canonical_id};
use super::super::state::{Bucket, S3};
use super::super::{check_key, errors};
use super::find::{Missing, find, version_id};
use super::settings::Response;
use crate::account::{ApiError, Params};
use crate::gather::object;

pub(super) fn malformed_xml() -> ApiError {
    ApiError::new(
        "MalformedXML",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

pub(super) fn acl_with_enforced_ownership() -> ApiError {
    ApiError::new(
        "InvalidBucketAclWithObjectOwnership",
        "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting",
    )
}

pub(super) fn acls_disabled() -> ApiError {
    ApiError::new("AccessControlListNotSupported", "The bucket does not allow ACLs")
}

/// The ACL that a put gives its object, and the account that it belongs to, where that is not the bucket's. Where ACLs are disabled a put may say nothing, or that the
/// bucket's owner has full control. `account`: the bucket's; who writes, where it is another, is in `SluiceOwner`.
pub(super) fn acl_of_put(bucket: &Bucket, params: &Params<'_>, account: &str) -> Result<(Acl, Option<String>), ApiError> {
    let writer = params.text("SluiceOwner");
    let (owner, bucket_owner) = (canonical_id(writer.unwrap_or(account)), canonical_id(account));
    let given = Acl::of_request(params, &owner)?;
    let full_control = given == Some(Acl::Canned(CannedAcl::BucketOwnerFullControl));
    if !bucket.acls_enabled() {
        let by_grant = params.text("ACL").is_none() && matches!(&given, Some(acl) if acl.grants(&owner) == Acl::default().grants(&bucket_owner));
        let own = given.is_none() || full_control || by_grant;
        return if own { Ok((Acl::default(), None)) } else { Err(acls_disabled()) };
    }
    let acl = of_object(given.unwrap_or_default())?;
    match writer {
        None => Ok((acl, None)),
        // The writer gives it away, and the bucket's owner takes it.
        Some(_) if full_control && bucket.access().ownership == Some(ObjectOwnership::BucketOwnerPreferred) => Ok((acl, None)),
        Some(writer) => Ok((acl.for_bucket_owner(&owner, &bucket_owner), Some(writer.into()))),
    }
}

fn of_object(acl: Acl) -> Result<Acl, ApiError> {
    match acl {
        Acl::Canned(canned) if !canned.is_of_objects() => Err(errors::invalid_argument("").with_help("log-delivery-write is an ACL of buckets.")),
        acl => Ok(acl),
    }
}

impl S3 {
    /// Errors: `MalformedXML` for other than one rule, or an unknown one; `InvalidBucketAclWithObjectOwnership` where the bucket's ACL grants to others.
    pub(super) fn put_bucket_ownership_controls(&mut self, params: &Params<'_>) -> Response {
        let owner = self.owner_id();
        let bucket = self.named_bucket_mut(params)?;
        let controls = params.structure("OwnershipControls");
        let rules: Vec<Params<'_>> = controls.iter().flat_map(|controls| controls.structures("Rules")).collect();
        let [rule] = rules.as_slice() else {
            return Err(malformed_xml().with_help("There is one rule."));
        };
        let ownership = rule.text("ObjectOwnership").and_then(ObjectOwnership::parse).ok_or_else(malformed_xml)?;
        if ownership == ObjectOwnership::BucketOwnerEnforced && !bucket.access().acl.is_private(&owner) {
            return Err(acl_with_enforced_ownership().with_help("Set the bucket's ACL to private first."));
        }
        bucket.access_mut().ownership = Some(ownership);
        Ok(Map::new())
    }

    /// Error: `OwnershipControlsNotFoundError`.
    pub(super) fn get_bucket_ownership_controls(&self, params: &Params<'_>) -> Response {
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        let Some(ownership) = bucket.access().ownership else {
            return Err(ApiError::new("OwnershipControlsNotFoundError", "The bucket ownership controls were not found"));
        };
        let controls = json!({"Rules": [{"ObjectOwnership": ownership.as_str()}]});
        Ok(object([("OwnershipControls".into(), controls)]))
    }

    pub(super) fn delete_bucket_ownership_controls(&mut self, params: &Params<'_>) -> Response {
        self.named_bucket_mut(params)?.access_mut().ownership = None;
        Ok(Map::new())
    }

    /// Errors: `AccessControlListNotSupported` where ACLs are disabled, and those of [`Acl::of_request`].
    pub(super) fn put_bucket_acl(&mut self, params: &Params<'_>) -> Response {
        let owner = self.owner_id();
        let bucket = self.named_bucket_mut(params)?;
        let acl = new_acl(bucket, params, &owner)?;
        if matches!(acl, Acl::Canned(canned) if !canned.is_of_buckets()) {
            return Err(
                errors::invalid_argument("").with_help("A bucket's ACL is private, public-read, public-read-write, authenticated-read or log-delivery-write.")
            );
        }
        bucket.access_mut().acl = acl;
        Ok(Map::new())
    }

    pub(super) fn get_bucket_acl(&self, params: &Params<'_>) -> Response {
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        Ok(shown_acl(bucket, &bucket.access().acl, &self.owner_id()))
    }

    /// Errors as for [`S3::put_bucket_acl`].
    pub(super) fn put_object_acl(&mut self, params: &Params<'_>) -> Response {
        let key = params.required_text("Key")?;
        let account = self.account_id.clone();
        let bucket = self.named_bucket_mut(params)?;
        check_key(key).map_err(errors::key_too_long)?;
        let (index, object) = find(bucket, key, version_id(params)?).map_err(Missing::as_get)?;
        let foreign = bucket.foreign_owner(object);
        let owner = canonical_id(foreign.unwrap_or(&account));
        let mut acl = of_object(new_acl(bucket, params, &owner)?)?;
        if foreign.is_some() {
            acl = acl.for_bucket_owner(&owner, &canonical_id(&account));
        }
        let version = bucket.objects.get_mut(key).and_then(|versions| versions.get_mut(index));
        version.ok_or_else(|| errors::no_such_key(key))?.protection.acl = acl;
        Ok(Map::new())
    }

    pub(super) fn get_object_acl(&self, params: &Params<'_>) -> Response {
        let key = params.required_text("Key")?;
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        check_key(key).map_err(errors::key_too_long)?;
        let (_, object) = find(bucket, key, version_id(params)?).map_err(Missing::as_get)?;
        Ok(shown_acl(bucket, object.acl(), &self.object_owner_id(bucket, object)))
    }
}

/// Where ACLs are disabled they read as the bucket owner's full control, whatever was set before.
fn shown_acl(bucket: &Bucket, acl: &Acl, owner: &str) -> Map<String, Value> {
    let grants = if bucket.acls_enabled() { acl.show(owner) } else { Acl::default().show(owner) };
    object([("Owner".into(), json!({"ID": owner})), ("Grants".into(), grants)])
}

/// The ACL that PutBucketAcl and PutObjectAcl set.
fn new_acl(bucket: &Bucket, params: &Params<'_>, owner: &str) -> Result<Acl, ApiError> {
    if !bucket.acls_enabled() {
        return Err(acls_disabled().with_help("Object Ownership is BucketOwnerEnforced, so ACLs are disabled: write a bucket policy."));
    }
    Acl::of_request(params, owner)?
        .ok_or_else(|| ApiError::new("MissingSecurityHeader", "Your request was missing a required header").with_help("Name a canned ACL: ACL=private."))
}
