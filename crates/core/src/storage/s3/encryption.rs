//! Encryption at rest, as data: what a bucket does by default, and what an object is encrypted with.
//!
//! Belongs here: algorithms, the bucket's rule, what a version keeps for whoever encrypts its bytes. Does not belong here: keys (`account::kms`), and the bytes themselves.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::Object;
use super::access::CannedAcl;

/// Server-side encryption ("Protecting data with encryption").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Algorithm {
    /// SSE-S3: S3's own keys.
    #[default]
    #[serde(rename = "AES256")]
    Aes256,
    /// SSE-KMS.
    #[serde(rename = "aws:kms")]
    Kms,
    /// DSSE-KMS: two layers.
    #[serde(rename = "aws:kms:dsse")]
    KmsDsse,
    /// SSE-C: a key that the caller keeps and sends with each request.
    #[serde(rename = "SSE-C")]
    Customer,
}

impl Algorithm {
    pub const fn as_str(self) -> &'static str {
        match self {
            Algorithm::Aes256 => "AES256",
            Algorithm::Kms => "aws:kms",
            Algorithm::KmsDsse => "aws:kms:dsse",
            Algorithm::Customer => "SSE-C",
        }
    }

    /// A value of `ServerSideEncryption` that a request may name.
    pub fn parse(text: &str) -> Option<Self> {
        [Algorithm::Aes256, Algorithm::Kms, Algorithm::KmsDsse]
            .into_iter()
            .find(|algorithm| algorithm.as_str() == text)
    }

    pub const fn is_kms(self) -> bool {
        matches!(self, Algorithm::Kms | Algorithm::KmsDsse)
    }
}

/// A bucket's default encryption. The default of this type is that of a new bucket: SSE-S3, and SSE-C refused (since April 2026).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BucketEncryption {
    pub algorithm: Algorithm,
    /// Key id, ARN or alias as it was given; `None` with a KMS algorithm: the AWS managed key `aws/s3`.
    pub key: Option<String>,
    pub bucket_key: bool,
    /// PutObject and its like with a customer's key are refused.
    pub blocks_customer_keys: bool,
}

impl Default for BucketEncryption {
    fn default() -> Self {
        BucketEncryption {
            algorithm: Algorithm::Aes256,
            key: None,
            bucket_key: false,
            blocks_customer_keys: true,
        }
    }
}

/// What a version of an object is encrypted with, and what is needed to derive its data key again. The account derives; see [`crate::account::kms`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectEncryption {
    #[serde(default)]
    pub algorithm: Algorithm,
    /// ARN of the KMS key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Which key material encrypted the data key: 0 until the key was rotated.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub key_version: u32,
    /// The data key comes from a bucket-level key: the encryption context is the bucket's ARN, and KMS was not asked for this object alone.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub bucket_key: bool,
    /// What tells this version's data key from all others under the same key: the log position of the put.
    #[serde(default, skip_serializing_if = "is_zero_salt")]
    pub salt: u64,
    /// Base64 of the MD5 of the caller's key (SSE-C); the key itself is not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_key_md5: Option<String>,
    /// `SSEKMSEncryptionContext` as it was given: base64 of JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero_salt(number: &u64) -> bool {
    *number == 0
}

/// Encryption and ACL of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    #[serde(default)]
    pub encryption: ObjectEncryption,
    #[serde(default)]
    pub acl: CannedAcl,
}

impl Protection {
    /// SSE-S3 and private, as nearly every object is.
    pub(super) fn is_plain(&self) -> bool {
        *self == Protection::default()
    }
}

impl Object {
    pub fn encryption(&self) -> &ObjectEncryption {
        &self.protection.encryption
    }

    pub fn acl(&self) -> CannedAcl {
        self.protection.acl
    }
}
