//! Which operations set a bucket's access and encryption, and the members that each takes.

use alloc::string::String;

use serde_json::{Map, Value};

use super::super::state::{Bucket, S3};
use super::super::{check_bucket_name, errors};
use super::Answer;
use crate::account::params::{ANY, BOOLEAN, Member, NAME, Shape, TEXT, TEXTS, optional, required};
use crate::account::{ApiError, Params};

pub(super) type Response = Result<Map<String, Value>, ApiError>;

const BUCKET: &[Member] = &[required("Bucket", TEXT), optional("ExpectedBucketOwner", TEXT)];

const PUT_POLICY: &[Member] = &[
    required("Bucket", TEXT),
    optional("ContentMD5", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    optional("ConfirmRemoveSelfBucketAccess", BOOLEAN),
    required("Policy", TEXT),
    optional("ExpectedBucketOwner", TEXT),
];

pub(super) const PUBLIC_ACCESS_BLOCK: &[Member] = &[
    optional("BlockPublicAcls", BOOLEAN),
    optional("IgnorePublicAcls", BOOLEAN),
    optional("BlockPublicPolicy", BOOLEAN),
    optional("RestrictPublicBuckets", BOOLEAN),
];

const PUT_PUBLIC_ACCESS_BLOCK: &[Member] = &[
    required("Bucket", TEXT),
    optional("ContentMD5", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    required("PublicAccessBlockConfiguration", Shape::Structure(PUBLIC_ACCESS_BLOCK)),
    optional("ExpectedBucketOwner", TEXT),
];

const OWNERSHIP_RULE: Shape = Shape::Structure(&[required("ObjectOwnership", TEXT)]);
const OWNERSHIP_RULES: Shape = Shape::List { of: &OWNERSHIP_RULE, min: 0 };
const PUT_OWNERSHIP: &[Member] = &[
    required("Bucket", TEXT),
    optional("ContentMD5", TEXT),
    optional("ExpectedBucketOwner", TEXT),
    required("OwnershipControls", Shape::Structure(&[required("Rules", OWNERSHIP_RULES)])),
    optional("ChecksumAlgorithm", TEXT),
];

const PUT_BUCKET_ACL: &[Member] = &[
    optional("ACL", TEXT),
    optional("AccessControlPolicy", ANY),
    required("Bucket", TEXT),
    optional("ContentMD5", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    optional("GrantFullControl", TEXT),
    optional("GrantRead", TEXT),
    optional("GrantReadACP", TEXT),
    optional("GrantWrite", TEXT),
    optional("GrantWriteACP", TEXT),
    optional("ExpectedBucketOwner", TEXT),
];

const PUT_OBJECT_ACL: &[Member] = &[
    optional("ACL", TEXT),
    optional("AccessControlPolicy", ANY),
    required("Bucket", TEXT),
    optional("ContentMD5", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    optional("GrantFullControl", TEXT),
    optional("GrantRead", TEXT),
    optional("GrantReadACP", TEXT),
    optional("GrantWrite", TEXT),
    optional("GrantWriteACP", TEXT),
    required("Key", NAME),
    optional("RequestPayer", TEXT),
    optional("VersionId", TEXT),
    optional("ExpectedBucketOwner", TEXT),
];

const GET_OBJECT_ACL: &[Member] = &[
    required("Bucket", TEXT),
    required("Key", NAME),
    optional("VersionId", TEXT),
    optional("RequestPayer", TEXT),
    optional("ExpectedBucketOwner", TEXT),
];

const ENCRYPTION_RULE: Shape = Shape::Structure(&[
    optional(
        "ApplyServerSideEncryptionByDefault",
        Shape::Structure(&[required("SSEAlgorithm", TEXT), optional("KMSMasterKeyID", TEXT)]),
    ),
    optional("BucketKeyEnabled", BOOLEAN),
    optional("BlockedEncryptionTypes", Shape::Structure(&[optional("EncryptionType", TEXTS)])),
]);
const ENCRYPTION_RULES: Shape = Shape::List { of: &ENCRYPTION_RULE, min: 0 };
const PUT_ENCRYPTION: &[Member] = &[
    required("Bucket", TEXT),
    optional("ContentMD5", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    required("ServerSideEncryptionConfiguration", Shape::Structure(&[required("Rules", ENCRYPTION_RULES)])),
    optional("ExpectedBucketOwner", TEXT),
];

/// The members of an operation's input, in botocore's order; `None` for an operation of another file.
pub fn members(operation: &str) -> Option<&'static [Member]> {
    Some(match operation {
        "GetBucketPolicy" | "DeleteBucketPolicy" | "GetBucketPolicyStatus" => BUCKET,
        "GetPublicAccessBlock" | "DeletePublicAccessBlock" => BUCKET,
        "GetBucketOwnershipControls" | "DeleteBucketOwnershipControls" => BUCKET,
        "GetBucketAcl" | "GetBucketEncryption" | "DeleteBucketEncryption" => BUCKET,
        "PutBucketPolicy" => PUT_POLICY,
        "PutPublicAccessBlock" => PUT_PUBLIC_ACCESS_BLOCK,
        "PutBucketOwnershipControls" => PUT_OWNERSHIP,
        "PutBucketAcl" => PUT_BUCKET_ACL,
        "GetObjectAcl" => GET_OBJECT_ACL,
        "PutObjectAcl" => PUT_OBJECT_ACL,
        "PutBucketEncryption" => PUT_ENCRYPTION,
        _ => return None,
    })
}

/// Whether an operation of this file changes nothing.
pub fn is_read(operation: &str) -> bool {
    members(operation).is_some() && operation.starts_with("Get")
}

impl S3 {
    /// One of this file's operations; its members are checked.
    pub(super) fn call_setting(&mut self, operation: &str, params: &Params<'_>) -> Result<Answer, ApiError> {
        let response = match operation {
            "PutBucketPolicy" => self.put_bucket_policy(params),
            "GetBucketPolicy" => self.get_bucket_policy(params),
            "DeleteBucketPolicy" => self.delete_bucket_policy(params),
            "GetBucketPolicyStatus" => self.get_bucket_policy_status(params),
            "PutPublicAccessBlock" => self.put_public_access_block(params),
            "GetPublicAccessBlock" => self.get_public_access_block(params),
            "DeletePublicAccessBlock" => self.delete_public_access_block(params),
            "PutBucketOwnershipControls" => self.put_bucket_ownership_controls(params),
            "GetBucketOwnershipControls" => self.get_bucket_ownership_controls(params),
            "DeleteBucketOwnershipControls" => self.delete_bucket_ownership_controls(params),
            "PutBucketAcl" => self.put_bucket_acl(params),
            "GetBucketAcl" => self.get_bucket_acl(params),
            "PutObjectAcl" => self.put_object_acl(params),
            "GetObjectAcl" => self.get_object_acl(params),
            "PutBucketEncryption" => self.put_bucket_encryption(params),
            "GetBucketEncryption" => self.get_bucket_encryption(params),
            "DeleteBucketEncryption" => self.delete_bucket_encryption(params),
            _ => Err(errors::not_implemented(operation, "these parameters")),
        };
        response.map(Answer::from)
    }

    /// The bucket that a request names, to change it. Errors: `InvalidBucketName`, `NoSuchBucket`.
    pub(super) fn named_bucket_mut(&mut self, params: &Params<'_>) -> Result<&mut Bucket, ApiError> {
        let name = params.required_text("Bucket")?;
        if !self.buckets.contains_key(name) {
            check_bucket_name(name, true).map_err(|fault| errors::invalid_bucket_name(name, fault))?;
        }
        let found = self.buckets.get_mut(name).ok_or_else(|| errors::no_such_bucket(name))?;
        Ok(found)
    }
}
