use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::{Map, json};

use super::super::encryption::{Algorithm, BucketEncryption};
use super::super::errors;
use super::super::state::S3;
use super::ownership::malformed_xml;
use super::settings::Response;
use crate::account::Params;
use crate::gather::object;

impl S3 {
    /// A rule without `BlockedEncryptionTypes` leaves it as it is. The key is not looked at, as S3 does not.
    ///
    /// Errors: `MalformedXML` for other than one rule or an unknown algorithm, `InvalidArgument` for a key without KMS.
    pub(super) fn put_bucket_encryption(&mut self, params: &Params<'_>) -> Response {
        let bucket = self.named_bucket_mut(params)?;
        let configuration = params.structure("ServerSideEncryptionConfiguration");
        let rules: Vec<Params<'_>> = configuration.iter().flat_map(|configuration| configuration.structures("Rules")).collect();
        let [rule] = rules.as_slice() else {
            return Err(malformed_xml().with_help("There is one rule."));
        };
        let blocks_customer_keys = match rule.structure("BlockedEncryptionTypes") {
            None => bucket.access().encryption.blocks_customer_keys,
            Some(blocked) => match blocked.texts("EncryptionType").collect::<Vec<_>>().as_slice() {
                ["NONE"] => false,
                ["SSE-C"] => true,
                _ => return Err(malformed_xml().with_help("EncryptionType is [\"NONE\"] or [\"SSE-C\"].")),
            },
        };
        let mut encryption = BucketEncryption {
            bucket_key: bucket.zone().is_some() || rule.boolean("BucketKeyEnabled").unwrap_or(false),
            blocks_customer_keys,
            ..BucketEncryption::default()
        };
        if let Some(default) = rule.structure("ApplyServerSideEncryptionByDefault") {
            encryption.algorithm = default.text("SSEAlgorithm").and_then(Algorithm::parse).ok_or_else(malformed_xml)?;
            encryption.key = default.text("KMSMasterKeyID").map(ToString::to_string);
            if encryption.key.is_some() && !encryption.algorithm.is_kms() {
                return Err(errors::invalid_argument(
                    "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
                ));
            }
        }
        bucket.access_mut().encryption = encryption;
        Ok(Map::new())
    }

    /// Every bucket has a default encryption (since January 2023).
    pub(super) fn get_bucket_encryption(&self, params: &Params<'_>) -> Response {
        let encryption = &self.named_bucket(params.required_text("Bucket")?)?.access().encryption;
        let mut default = json!({"SSEAlgorithm": encryption.algorithm.as_str()});
        if let Some(key) = &encryption.key {
            default["KMSMasterKeyID"] = json!(key);
        }
        let blocked = if encryption.blocks_customer_keys { "SSE-C" } else { "NONE" };
        let rule = json!({
            "ApplyServerSideEncryptionByDefault": default,
            "BucketKeyEnabled": encryption.bucket_key,
            "BlockedEncryptionTypes": {"EncryptionType": [blocked]},
        });
        Ok(object([("ServerSideEncryptionConfiguration".to_string(), json!({"Rules": [rule]}))]))
    }

    /// Back to SSE-S3; what is blocked stays so.
    pub(super) fn delete_bucket_encryption(&mut self, params: &Params<'_>) -> Response {
        let bucket = self.named_bucket_mut(params)?;
        let bucket_key = bucket.zone().is_some();
        let encryption = &mut bucket.access_mut().encryption;
        *encryption = BucketEncryption {
            bucket_key,
            blocks_customer_keys: encryption.blocks_customer_keys,
            ..BucketEncryption::default()
        };
        Ok(Map::new())
    }
}
