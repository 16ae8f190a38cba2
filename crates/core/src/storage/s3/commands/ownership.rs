use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::super::access::{CannedAcl, ObjectOwnership};
use super::super::state::{Bucket, S3};
use super::super::{check_key, errors};
use super::find::{Missing, find, version_id};
use super::settings::Response;
use crate::access::AclGrant;
use crate::account::{ApiError, Params};

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

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

/// The canned ACL that a put gives its object. Where ACLs are disabled a put may say nothing, or that the bucket's owner has full control.
pub(super) fn acl_of_put(bucket: &Bucket, params: &Params<'_>) -> Result<CannedAcl, ApiError> {
    let Some(text) = params.text("ACL") else { return Ok(CannedAcl::Private) };
    match CannedAcl::parse(text) {
        Some(CannedAcl::BucketOwnerFullControl) if !bucket.acls_enabled() => Ok(CannedAcl::Private),
        Some(_) if !bucket.acls_enabled() => Err(acls_disabled()),
        Some(acl) => Ok(acl),
        None => Err(errors::invalid_argument("").with_help("An ACL is one of S3's canned ACLs, as private or public-read.")),
    }
}

impl S3 {
    /// Errors: `MalformedXML` for other than one rule, or an unknown one; `InvalidBucketAclWithObjectOwnership` where the bucket's ACL grants to others.
    pub(super) fn put_bucket_ownership_controls(&mut self, params: &Params<'_>) -> Response {
        let bucket = self.named_bucket_mut(params)?;
        let controls = params.structure("OwnershipControls");
        let rules: Vec<Params<'_>> = controls.iter().flat_map(|controls| controls.structures("Rules")).collect();
        let [rule] = rules.as_slice() else {
            return Err(malformed_xml().with_help("There is one rule."));
        };
        let ownership = rule.text("ObjectOwnership").and_then(ObjectOwnership::parse).ok_or_else(malformed_xml)?;
        if ownership == ObjectOwnership::BucketOwnerEnforced && bucket.access().acl != CannedAcl::Private {
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

    /// Errors: `AccessControlListNotSupported` where ACLs are disabled; `NotImplemented` for grants by hand.
    pub(super) fn put_bucket_acl(&mut self, params: &Params<'_>) -> Response {
        let bucket = self.named_bucket_mut(params)?;
        let acl = new_acl(bucket, "PutBucketAcl", params)?;
        if matches!(acl, CannedAcl::AwsExecRead | CannedAcl::BucketOwnerRead | CannedAcl::BucketOwnerFullControl) {
            return Err(errors::invalid_argument("").with_help("A bucket's ACL is private, public-read, public-read-write or authenticated-read."));
        }
        bucket.access_mut().acl = acl;
        Ok(Map::new())
    }

    pub(super) fn get_bucket_acl(&self, params: &Params<'_>) -> Response {
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        Ok(self.shown_acl(bucket.access().acl))
    }

    pub(super) fn put_object_acl(&mut self, params: &Params<'_>) -> Response {
        let key = params.required_text("Key")?;
        let bucket = self.named_bucket_mut(params)?;
        check_key(key).map_err(errors::key_too_long)?;
        let (index, _) = find(bucket, key, version_id(params)?).map_err(Missing::as_get)?;
        let acl = new_acl(bucket, "PutObjectAcl", params)?;
        let version = bucket.objects.get_mut(key).and_then(|versions| versions.get_mut(index));
        version.ok_or_else(|| errors::no_such_key(key))?.protection.acl = acl;
        Ok(Map::new())
    }

    pub(super) fn get_object_acl(&self, params: &Params<'_>) -> Response {
        let key = params.required_text("Key")?;
        let bucket = self.named_bucket(params.required_text("Bucket")?)?;
        check_key(key).map_err(errors::key_too_long)?;
        let (_, object) = find(bucket, key, version_id(params)?).map_err(Missing::as_get)?;
        Ok(self.shown_acl(object.acl()))
    }

    /// The owner's full control, and what the canned ACL grants beside it.
    fn shown_acl(&self, acl: CannedAcl) -> Map<String, Value> {
        let owner = self.owner_id();
        let mut grants = Vec::from([json!({"Grantee": {"ID": owner, "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"})]);
        grants.extend(acl.grants().iter().map(|(whom, permission)| {
            let uri = match whom {
                AclGrant::Everyone => ALL_USERS,
                AclGrant::AuthenticatedUsers => AUTHENTICATED_USERS,
            };
            json!({"Grantee": {"Type": "Group", "URI": uri}, "Permission": permission})
        }));
        Map::from_iter([("Owner".into(), json!({"ID": owner})), ("Grants".into(), Value::Array(grants))])
    }
}

/// The ACL that PutBucketAcl and PutObjectAcl set.
fn new_acl(bucket: &Bucket, operation: &str, params: &Params<'_>) -> Result<CannedAcl, ApiError> {
    if !bucket.acls_enabled() {
        return Err(acls_disabled().with_help("Object Ownership is BucketOwnerEnforced, so ACLs are disabled: write a bucket policy."));
    }
    let by_hand = params.names().find(|name| name.starts_with("Grant") || *name == "AccessControlPolicy");
    match (params.text("ACL"), by_hand) {
        (_, Some(name)) => Err(errors::not_implemented(operation, name)),
        (Some(text), None) => CannedAcl::parse(text).ok_or_else(|| errors::invalid_argument("").with_help("\"ACL\" is one of S3's canned ACLs.")),
        (None, None) => Err(ApiError::new("MissingSecurityHeader", "Your request was missing a required header").with_help("Name a canned ACL: ACL=private.")),
    }
}
