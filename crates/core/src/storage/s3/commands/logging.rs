use alloc::string::ToString;

use serde_json::Map;

use super::super::acl::Acl;
use super::super::logging::{KeyFormat, Logging};
use super::super::state::S3;
use super::ownership::{acls_disabled, malformed_xml};
use super::settings::Response;
use crate::account::params::{Member, Shape, TEXT, optional, required};
use crate::account::{ApiError, Params};

const KEY_FORMAT: Shape = Shape::Structure(&[
    optional("SimplePrefix", Shape::Structure(&[])),
    optional("PartitionedPrefix", Shape::Structure(&[optional("PartitionDateSource", TEXT)])),
]);
const GRANT: Shape = Shape::Structure(&[
    optional(
        "Grantee",
        Shape::Structure(&[
            optional("DisplayName", TEXT),
            optional("EmailAddress", TEXT),
            optional("ID", TEXT),
            optional("URI", TEXT),
            required("Type", TEXT),
        ]),
    ),
    optional("Permission", TEXT),
]);
const ENABLED: Shape = Shape::Structure(&[
    required("TargetBucket", TEXT),
    optional("TargetGrants", Shape::List { of: &GRANT, min: 0 }),
    required("TargetPrefix", TEXT),
    optional("TargetObjectKeyFormat", KEY_FORMAT),
]);
/// Members of PutBucketLogging.
pub(super) const PUT_LOGGING: &[Member] = &[
    required("Bucket", TEXT),
    required("BucketLoggingStatus", Shape::Structure(&[optional("LoggingEnabled", ENABLED)])),
    optional("ContentMD5", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    optional("ExpectedBucketOwner", TEXT),
];

impl S3 {
    /// Without `LoggingEnabled` it is off. Whether logs may be delivered is found out when they are.
    ///
    /// Errors: `InvalidTargetBucketForLogging` for a bucket that is not there, `CrossLocationLoggingProhibited` for one in another Region, `MalformedXML`;
    /// `AccessControlListNotSupported` for grants where the target's ACLs are disabled, and those of [`Acl::of_target_grants`].
    pub(super) fn put_bucket_logging(&mut self, params: &Params<'_>) -> Response {
        let region = self.named_bucket(params.required_text("Bucket")?)?.region().to_string();
        let status = params.structure("BucketLoggingStatus");
        let logging = match status.and_then(|status| status.structure("LoggingEnabled")) {
            None => None,
            Some(enabled) => {
                let target = enabled.required_text("TargetBucket")?;
                let found = self.bucket(target).filter(|found| found.zone().is_none()).ok_or_else(|| {
                    ApiError::new(
                        "InvalidTargetBucketForLogging",
                        "The target bucket for logging does not exist, is not owned by you, or does not have the appropriate grants for the log-delivery group.",
                    )
                    .with_help("Create the bucket for the logs first; its policy allows s3:PutObject to logging.s3.amazonaws.com.")
                })?;
                if found.region() != region {
                    return Err(ApiError::new(
                        "CrossLocationLoggingProhibited",
                        "Cross S3 location logging not allowed. Buckets in one geographic location cannot log information to a bucket in another location.",
                    ));
                }
                let grants = match enabled.list("TargetGrants") {
                    [] => None,
                    _ if !found.acls_enabled() => {
                        return Err(acls_disabled().with_help("Object Ownership of the target is BucketOwnerEnforced: its policy says who reads the logs."));
                    }
                    _ => Some(Acl::of_target_grants(enabled.structures("TargetGrants"))?),
                };
                let formats = enabled.structure("TargetObjectKeyFormat");
                let partitioned = formats.as_ref().and_then(|formats| formats.structure("PartitionedPrefix"));
                if partitioned.is_some() && formats.as_ref().is_some_and(|formats| formats.has("SimplePrefix")) {
                    return Err(malformed_xml().with_help("TargetObjectKeyFormat is SimplePrefix or PartitionedPrefix."));
                }
                let key_format = match partitioned.as_ref().map(|partitioned| partitioned.text("PartitionDateSource")) {
                    None => KeyFormat::Simple,
                    Some(None | Some("DeliveryTime")) => KeyFormat::DeliveryTime,
                    Some(Some("EventTime")) => KeyFormat::EventTime,
                    Some(Some(_)) => return Err(malformed_xml().with_help("PartitionDateSource is EventTime or DeliveryTime.")),
                };
                Some(Logging {
                    target: target.to_string(),
                    prefix: enabled.text("TargetPrefix").unwrap_or_default().to_string(),
                    key_format,
                    grants,
                })
            }
        };
        self.named_bucket_mut(params)?.logging = logging;
        Ok(Map::new())
    }

    /// Empty where logging is off.
    pub(super) fn get_bucket_logging(&self, params: &Params<'_>) -> Response {
        let mut response = Map::new();
        if let Some(logging) = self.named_bucket(params.required_text("Bucket")?)?.logging() {
            response.insert("LoggingEnabled".to_string(), logging.to_json(&self.owner_id()));
        }
        Ok(response)
    }
}
