//! Encryption at rest, as data: what a bucket does by default, and what an object is encrypted with.
//!
//! Belongs here: algorithms, the bucket's rule, what a version says of its encryption. Does not belong here: keys (`account::kms`, `customer`), and what the bytes rest under (`seal`).

use alloc::format;
use alloc::string::{String, ToString};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::acl::Acl;
use super::customer::customer_key;
use super::errors::invalid_argument;
use super::{Bucket, Object};
use crate::account::{ApiError, Params};
use crate::sim::fnv1a;

/// Server-side encryption ("Protecting data with encryption").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

/// What a version of an object is encrypted with, as responses show it. What its bytes rest under stands with the blob ([`super::seal::Seal`]) and agrees with this.
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
    /// What tells this version from all others under the same key: of the log position of the put. Entity tags that say nothing of the content come from it.
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

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's signature; 64 bits are more than a pointer on wasm32, and no more natively"
)]
fn is_zero_salt(number: &u64) -> bool {
    *number == 0
}

/// Encryption, ACL and owner of one version.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protection {
    #[serde(default)]
    pub encryption: ObjectEncryption,
    #[serde(default)]
    pub acl: Acl,
    /// The account that wrote it, where it is another than the bucket's and was not asked to give it away; `anonymous` for nobody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

impl Protection {
    /// SSE-S3 and private, as nearly every object is.
    pub(super) fn is_plain(&self) -> bool {
        *self == Protection::default()
    }
}

impl Bucket {
    /// What the object of a multipart upload will be encrypted with.
    pub fn upload_encryption(&self, upload_id: &str) -> Option<&ObjectEncryption> {
        self.uploads.get(upload_id).map(|upload| &upload.protection.encryption)
    }
}

impl Object {
    pub fn encryption(&self) -> &ObjectEncryption {
        &self.protection.encryption
    }

    pub fn acl(&self) -> &Acl {
        &self.protection.acl
    }
}

impl ObjectEncryption {
    /// What a put asks for, over the bucket's default. The key is as the request or the bucket names it, not resolved; `salt` is left at 0.
    ///
    /// Errors: `InvalidArgument`, `InvalidEncryptionAlgorithmError`, `InvalidRequest` for a customer's key over plain HTTP.
    pub fn of_put(bucket: &BucketEncryption, params: &Params<'_>, secure: bool) -> Result<ObjectEncryption, ApiError> {
        let asked = params.text("ServerSideEncryption");
        if let Some(md5) = customer_key(params, "SSECustomer", secure)? {
            if asked.is_some() {
                return Err(invalid_argument(
                    "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
                ));
            }
            return Ok(ObjectEncryption {
                algorithm: Algorithm::Customer,
                customer_key_md5: Some(md5),
                ..ObjectEncryption::default()
            });
        }
        let algorithm = match asked {
            None => bucket.algorithm,
            Some(text) => Algorithm::parse(text).ok_or_else(|| invalid_argument("The encryption method specified is not supported"))?,
        };
        let key = params.text("SSEKMSKeyId");
        let context = params.text("SSEKMSEncryptionContext");
        if (key.is_some() || context.is_some()) && !algorithm.is_kms() || key.is_some() && asked.is_none() {
            return Err(invalid_argument(
                "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
            ));
        }
        if context.is_some_and(|context| !is_context(context)) {
            return Err(invalid_argument(
                "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map",
            ));
        }
        if !algorithm.is_kms() {
            return Ok(ObjectEncryption::default());
        }
        // A request that names the algorithm and no key means aws/s3, whatever the bucket's key is.
        let key = match (key, asked) {
            (Some(key), _) => Some(key.to_string()),
            (None, Some(_)) => None,
            (None, None) => bucket.key.clone(),
        };
        let bucket_key = params.boolean("BucketKeyEnabled").unwrap_or(bucket.bucket_key) && algorithm == Algorithm::Kms;
        Ok(ObjectEncryption {
            algorithm,
            key,
            bucket_key,
            context: context.map(ToString::to_string),
            ..ObjectEncryption::default()
        })
    }

    /// What the account resolved for a put: the member `SluiceEncryption`.
    pub(super) fn of_params(params: &Params<'_>) -> ObjectEncryption {
        let given = params.get("SluiceEncryption").cloned();
        given.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default()
    }

    /// Whether a read brings the key that the object needs; `prefix` is `SSECustomer`, or `CopySourceSSECustomer` for a copy's source.
    ///
    /// Errors: `InvalidRequest` where a key is missing or not applicable, `AccessDenied` for a wrong one.
    pub fn check_read(&self, params: &Params<'_>, prefix: &str, secure: bool) -> Result<(), ApiError> {
        let named = |name: &str| params.has(&format!("{prefix}{name}"));
        match &self.customer_key_md5 {
            None if named("Algorithm") || named("Key") || named("KeyMD5") => {
                Err(ApiError::new("InvalidRequest", "The encryption parameters are not applicable to this object."))
            }
            None => Ok(()),
            Some(md5) => match customer_key(params, prefix, secure)? {
                None => Err(ApiError::new(
                    "InvalidRequest",
                    "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.",
                )
                .with_help("The object is encrypted with a key of the caller's (SSE-C): every read names the algorithm and the key.")),
                Some(given) if given == *md5 => Ok(()),
                Some(_) => Err(ApiError::new(
                    "AccessDenied",
                    "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.",
                )),
            },
        }
    }

    /// Whether a request about an upload that was begun with this brings the key that its parts need. `required`: parts do; a completion and a listing may.
    ///
    /// Errors: `InvalidRequest` where a key is missing or not applicable, `InvalidArgument` for another than the upload's.
    pub fn check_part(&self, params: &Params<'_>, required: bool, secure: bool) -> Result<(), ApiError> {
        match (&self.customer_key_md5, customer_key(params, "SSECustomer", secure)?) {
            (None, None) => Ok(()),
            (None, Some(_)) => Err(ApiError::new("InvalidRequest", "The encryption parameters are not applicable to this object.")
                .with_help("CreateMultipartUpload did not name a key of the caller's (SSE-C).")),
            (Some(_), None) if required => Err(ApiError::new(
                "InvalidRequest",
                "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.",
            )
            .with_help("The upload was begun with a key of the caller's (SSE-C): every part brings it.")),
            (Some(_), None) => Ok(()),
            (Some(md5), Some(given)) if given == *md5 => Ok(()),
            (Some(_), Some(_)) => Err(invalid_argument("The provided encryption parameters did not match the ones used originally.")),
        }
    }

    /// The members that a response shows: the algorithm and key, or for a customer's key its MD5.
    pub fn show(&self, response: &mut Map<String, Value>) {
        let mut insert = |name: &str, value: Value| response.insert(name.to_string(), value);
        match &self.customer_key_md5 {
            Some(md5) => {
                insert("SSECustomerAlgorithm", json!("AES256"));
                insert("SSECustomerKeyMD5", json!(md5));
            }
            None => {
                insert("ServerSideEncryption", json!(self.algorithm.as_str()));
                if let Some(key) = &self.key {
                    insert("SSEKMSKeyId", json!(key));
                }
                if self.bucket_key {
                    insert("BucketKeyEnabled", json!(true));
                }
            }
        }
    }

    /// The entity tag of bytes with this MD5: the MD5 itself under SSE-S3, and otherwise 32 digits that say nothing of the content (API reference, Object).
    pub fn etag(&self, md5: &str) -> String {
        if self.algorithm == Algorithm::Aes256 {
            return md5.to_string();
        }
        let half = |seed: u64| fnv1a(seed, md5.as_bytes());
        format!("{:016x}{:016x}", half(self.salt), half(!self.salt))
    }
}

/// Base64 of a JSON object whose values are text.
fn is_context(text: &str) -> bool {
    let value = STANDARD.decode(text).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
    value.as_ref().and_then(Value::as_object).is_some_and(|map| map.values().all(Value::is_string))
}
