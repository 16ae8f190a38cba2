use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::super::access::{CannedAcl, ObjectOwnership};
use super::super::acl::Acl;
use super::super::state::{Bucket, S3};
use super::super::{check_key, errors};
use super::find::{Missing, find, version_id};
use super::settings::Response;
use crate::account::{ApiError, Params};

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

fn acls_disabled() -> ApiError {
    ApiError::new("AccessControlListNotSupported", "The bucket does not allow ACLs")
}

/// The ACL that a put gives its object. Where ACLs are disabled a put may say nothing, or that the bucket's owner has full control. `owner`: the account's canonical id.
pub(super) fn acl_of_put(bucket: &Bucket, params: &Params<'_>, owner: &str) -> Result<Acl, ApiError> {
    let Some(acl) = Acl::of_request(params, owner)? else {
        return Ok(Acl::default());
    };
    if !bucket.acls_enabled() {
        let own = params.text("ACL").is_none() && acl == Acl::default() || acl == Acl::Canned(CannedAcl::BucketOwnerFullControl);
        return if own { Ok(Acl::default()) } else { Err(acls_disabled()) };
    }
    of_object(acl)
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
        Ok(Map::from_iter([("OwnershipControls".into(), controls)]))
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
        Ok(self.shown_acl(bucket, &bucket.access().acl))
    }

    /// Errors as for [`S3::put_bucket_acl`].
    pub(super) fn put_object_acl(&mut self, params: &Params<'_>) -> Response {
        let (key, owner) = (params.required_text("Key")?, self.owner_id());
        let bucket = self.named_bucket_mut(params)?;
        check_key(key).map_err(errors::key_too_long)?;
        let (index, _) = find(bucket, key, version_id(params)?).map_err(Missing::as_get)?;
        let acl = of_object(new_acl(bucket, params, &owner)?)?;
        let version = bucket.objects.get_mut(key).and_then(|versions| versions.get_mut(index));
        version.ok_or_else(|| errors::no_such_key(key))?.protection.acl = acl;
        Ok(Map::new())
    }

    pub(super) fn get_object_acl(&self, params: &Params<'_>) -> Response {
        let key = params.required_text("Key")?;
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        check_key(key).map_err(errors::key_too_long)?;
        let (_, object) = find(bucket, key, version_id(params)?).map_err(Missing::as_get)?;
        Ok(self.shown_acl(bucket, object.acl()))
    }

    /// Where ACLs are disabled they read as the bucket owner's full control, whatever was set before.
    fn shown_acl(&self, bucket: &Bucket, acl: &Acl) -> Map<String, Value> {
        let owner = self.owner_id();
        let grants = if bucket.acls_enabled() {
            acl.show(&owner)
        } else {
            Acl::default().show(&owner)
        };
        Map::from_iter([("Owner".into(), json!({"ID": owner})), ("Grants".into(), grants)])
    }
}

/// The ACL that PutBucketAcl and PutObjectAcl set.
fn new_acl(bucket: &Bucket, params: &Params<'_>, owner: &str) -> Result<Acl, ApiError> {
    if !bucket.acls_enabled() {
        return Err(acls_disabled().with_help("Object Ownership is BucketOwnerEnforced, so ACLs are disabled: write a bucket policy."));
    }
    Acl::of_request(params, owner)?
        .ok_or_else(|| ApiError::new("MissingSecurityHeader", "Your request was missing a required header").with_help("Name a canned ACL: ACL=private."))
}
