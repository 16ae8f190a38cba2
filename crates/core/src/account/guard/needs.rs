//! The actions that an operation needs ("Required permissions for Amazon S3 API operations", and each service's authorization reference).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::super::{Account, AccountOptions};
use super::context::percent_decoded;
use crate::sim::SimTime;
use crate::storage::s3::acl::Permission;

/// An action on a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub action: String,
    pub resource: String,
    /// The version of an object; `None`: the current one.
    pub version: Option<String>,
    /// About an object that the request makes: what lies under the key now has no say.
    pub makes: bool,
}

pub(super) fn need(action: &str, resource: impl Into<String>) -> Need {
    Need {
        action: action.to_string(),
        resource: resource.into(),
        version: None,
        makes: false,
    }
}

pub(super) fn text<'a>(params: &'a Value, name: &str) -> Option<&'a str> {
    params.get(name).and_then(Value::as_str)
}

/// The object that a copy reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::account) struct Copied {
    pub bucket: String,
    pub key: String,
    pub version: Option<String>,
}

impl Copied {
    /// A CopySource as it is written, as text or structure.
    fn read(params: &Value) -> Option<Copied> {
        match params.get("CopySource")? {
            Value::String(text) => {
                let (path, version) = match text.rsplit_once("?versionId=") {
                    Some((path, version)) => (path, Some(version.to_string())),
                    None => (text.as_str(), None),
                };
                let (bucket, key) = path.strip_prefix('/').unwrap_or(path).split_once('/')?;
                Some(Copied {
                    bucket: bucket.to_string(),
                    key: key.to_string(),
                    version,
                })
            }
            source @ Value::Object(_) => Some(Copied {
                bucket: text(source, "Bucket")?.to_string(),
                key: text(source, "Key")?.to_string(),
                version: text(source, "VersionId").map(ToString::to_string),
            }),
            _ => None,
        }
    }
}

impl Account {
    /// The object that a copy reads, as S3 finds it: the key as written, and, where there is none, with its escapes read.
    pub(in crate::account) fn copied(&self, params: &Value) -> Option<Copied> {
        let written = Copied::read(params)?;
        let is_there = |source: &Copied| self.s3.bucket(&source.bucket).and_then(|bucket| bucket.versions(&source.key)).is_some();
        if is_there(&written) {
            return Some(written);
        }
        Some(Copied {
            bucket: percent_decoded(&written.bucket),
            key: percent_decoded(&written.key),
            version: written.version,
        })
    }
}

/// Whether a put brings an ACL: a canned one or grants.
fn sets_acl(params: &Value) -> bool {
    text(params, "ACL").is_some() || Permission::ALL.iter().any(|permission| params.get(permission.member()).is_some())
}

/// What an operation of S3 needs. A batch of deletes needs what each of them does, and is asked for one by one elsewhere.
pub(super) fn of_s3(operation: &str, params: &Value, source: Option<&Copied>) -> Vec<Need> {
    let bucket = text(params, "Bucket").unwrap_or_default();
    let bucket_arn = format!("arn:aws:s3:::{bucket}");
    let object_arn = text(params, "Key").map(|key| format!("{bucket_arn}/{key}"));
    let on_bucket = |action: &str| Vec::from([need(&format!("s3:{action}"), bucket_arn.clone())]);
    let version = text(params, "VersionId");
    let versioned = version.is_some();
    let on_object = |action: &str| {
        let of_key = need(&format!("s3:{action}"), object_arn.clone().unwrap_or_else(|| bucket_arn.clone()));
        Vec::from([Need {
            version: version.map(ToString::to_string),
            ..of_key
        }])
    };
    match operation {
        "ListBuckets" => Vec::from([need("s3:ListAllMyBuckets", "*")]),
        "ListDirectoryBuckets" => Vec::from([need("s3express:ListAllMyDirectoryBuckets", "*")]),
        "CreateBucket" => {
            let mut needs = on_bucket("CreateBucket");
            if sets_acl(params) {
                needs.extend(on_bucket("PutBucketAcl"));
            }
            if text(params, "ObjectOwnership").is_some() {
                needs.extend(on_bucket("PutBucketOwnershipControls"));
            }
            needs
        }
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => on_bucket("ListBucket"),
        "ListObjectVersions" => on_bucket("ListBucketVersions"),
        "ListMultipartUploads" => on_bucket("ListBucketMultipartUploads"),
        "GetPublicAccessBlock" => on_bucket("GetBucketPublicAccessBlock"),
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => on_bucket("PutBucketPublicAccessBlock"),
        "DeleteBucketOwnershipControls" => on_bucket("PutBucketOwnershipControls"),
        "GetBucketEncryption" => on_bucket("GetEncryptionConfiguration"),
        "PutBucketEncryption" | "DeleteBucketEncryption" => on_bucket("PutEncryptionConfiguration"),
        "GetBucketLifecycleConfiguration" => on_bucket("GetLifecycleConfiguration"),
        "PutBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => on_bucket("PutLifecycleConfiguration"),
        "GetBucketIntelligentTieringConfiguration" | "ListBucketIntelligentTieringConfigurations" => on_bucket("GetIntelligentTieringConfiguration"),
        "PutBucketIntelligentTieringConfiguration" | "DeleteBucketIntelligentTieringConfiguration" => on_bucket("PutIntelligentTieringConfiguration"),
        "DeleteBucketTagging" => on_bucket("PutBucketTagging"),
        "HeadObject" | "GetObject" | "GetObjectAttributes" => on_object(if versioned { "GetObjectVersion" } else { "GetObject" }),
        "DeleteObject" => on_object(if versioned { "DeleteObjectVersion" } else { "DeleteObject" }),
        "GetObjectTagging" if versioned => on_object("GetObjectVersionTagging"),
        "PutObjectTagging" if versioned => on_object("PutObjectVersionTagging"),
        "DeleteObjectTagging" if versioned => on_object("DeleteObjectVersionTagging"),
        "GetObjectAcl" if versioned => on_object("GetObjectVersionAcl"),
        "PutObjectAcl" if versioned => on_object("PutObjectVersionAcl"),
        "ListParts" => on_object("ListMultipartUploadParts"),
        "DeleteObjects" => Vec::new(),
        "PutObject" | "CopyObject" | "CreateMultipartUpload" | "UploadPart" | "UploadPartCopy" | "CompleteMultipartUpload" => {
            let mut needs = on_object("PutObject");
            if sets_acl(params) {
                needs.extend(on_object("PutObjectAcl"));
            }
            if text(params, "Tagging").is_some() {
                needs.extend(on_object("PutObjectTagging"));
            }
            needs.iter_mut().for_each(|need| need.makes = true);
            if let Some(source) = source {
                let action = if source.version.is_some() { "s3:GetObjectVersion" } else { "s3:GetObject" };
                needs.push(Need {
                    version: source.version.clone(),
                    ..need(action, format!("arn:aws:s3:::{}/{}", source.bucket, source.key))
                });
            }
            needs
        }
        other if object_arn.is_some() => on_object(other),
        other if !bucket.is_empty() => on_bucket(other),
        other => Vec::from([need(&format!("s3:{other}"), "*")]),
    }
}

/// What an operation of IAM needs: the same name on the user, role or policy.
pub(super) fn of_iam(options: &AccountOptions, operation: &str, params: &Value) -> Need {
    let account = &options.account_id;
    let path = text(params, "Path").unwrap_or("/");
    let resource = if let Some(name) = text(params, "RoleName") {
        format!("arn:aws:iam::{account}:role{path}{name}")
    } else if let Some(name) = text(params, "UserName") {
        format!("arn:aws:iam::{account}:user{path}{name}")
    } else if let Some(arn) = text(params, "PolicyArn") {
        arn.to_string()
    } else if operation == "CreatePolicy" {
        format!("arn:aws:iam::{account}:policy{path}{}", text(params, "PolicyName").unwrap_or_default())
    } else {
        "*".to_string()
    };
    need(&format!("iam:{operation}"), resource)
}

/// What an operation of Glue needs, on the resource that it names first.
pub(super) fn of_glue(options: &AccountOptions, operation: &str, params: &Value) -> Need {
    let arn = |rest: String| format!("arn:aws:glue:{}:{}:{rest}", options.region, options.account_id);
    let name = text(params, "Name").or(text(params, "JobName")).or(text(params, "CrawlerName"));
    let database = text(params, "DatabaseName").or(params.get("DatabaseInput").and_then(|input| text(input, "Name")));
    let resource = match (operation, name, database) {
        (operation, Some(name), _) if operation.contains("Crawl") => arn(format!("crawler/{name}")),
        (operation, Some(name), _) if operation.contains("Job") => arn(format!("job/{name}")),
        (operation, name, None) if operation.ends_with("Database") => arn(format!("database/{}", name.unwrap_or_default())),
        (_, Some(name), Some(database)) => arn(format!("table/{database}/{name}")),
        (_, None, Some(database)) => arn(format!("database/{database}")),
        _ => "*".to_string(),
    };
    need(&format!("glue:{operation}"), resource)
}

/// What an operation of CloudWatch needs: the same name on the alarms that it names; metrics have no resource.
pub(super) fn of_cloudwatch(options: &AccountOptions, operation: &str, params: &Value) -> Vec<Need> {
    let action = format!("cloudwatch:{operation}");
    let arn = |name: &str| format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", options.region, options.account_id);
    let names = params
        .get("AlarmNames")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let names = names.chain(text(params, "AlarmName"));
    let needs: Vec<Need> = match text(params, "ResourceARN") {
        Some(resource) => Vec::from([need(&action, resource)]),
        None => names.map(|name| need(&action, arn(name))).collect(),
    };
    if needs.is_empty() { Vec::from([need(&action, "*")]) } else { needs }
}

/// What an operation of Kinesis needs: the same name on the stream, or on the consumer.
pub(super) fn of_kinesis(options: &AccountOptions, operation: &str, params: &Value) -> Need {
    let arn = text(params, "StreamARN").or(text(params, "ResourceARN")).or(text(params, "ConsumerARN"));
    let resource = match (arn, text(params, "StreamName")) {
        (Some(arn), _) => arn.to_string(),
        (None, Some(name)) => format!("arn:aws:kinesis:{}:{}:stream/{name}", options.region, options.account_id),
        (None, None) => match text(params, "ShardIterator").and_then(crate::stream::kinesis::stream_of_iterator) {
            Some(name) => format!("arn:aws:kinesis:{}:{}:stream/{name}", options.region, options.account_id),
            None => "*".to_string(),
        },
    };
    need(&format!("kinesis:{operation}"), resource)
}

/// What an operation of Firehose needs: the same name on the delivery stream.
pub(super) fn of_firehose(options: &AccountOptions, operation: &str, params: &Value) -> Need {
    let resource = match text(params, "DeliveryStreamName").filter(|_| operation != "ListDeliveryStreams") {
        Some(name) => format!("arn:aws:firehose:{}:{}:deliverystream/{name}", options.region, options.account_id),
        None => "*".to_string(),
    };
    need(&format!("firehose:{operation}"), resource)
}

/// What an operation of SNS needs: the same name on the topic.
pub(super) fn of_sns(operation: &str, params: &Value, options: &AccountOptions) -> Need {
    let resource = match text(params, "TopicArn").or(text(params, "TargetArn")).or(text(params, "SubscriptionArn")) {
        Some(arn) => arn.to_string(),
        None => match text(params, "Name") {
            Some(name) => format!("arn:aws:sns:{}:{}:{name}", options.region, options.account_id),
            None => "*".to_string(),
        },
    };
    need(&format!("sns:{operation}"), resource)
}

impl Account {
    /// What an operation of KMS needs: the same name on the key; an alias needs it on itself too. A key that is not there leaves nothing to ask.
    pub(super) fn of_kms(&self, now: SimTime, operation: &str, params: &Value) -> Vec<Need> {
        let action = format!("kms:{operation}");
        let options = &self.options;
        let arn = |rest: &str| format!("arn:aws:kms:{}:{}:{rest}", options.region, options.account_id);
        let alias = text(params, "AliasName");
        let key = text(params, "KeyId").or(text(params, "TargetKeyId")).or(alias);
        let mut needs = Vec::new();
        match key {
            None => needs.push(need(&action, "*")),
            Some(key) => {
                if let Ok(id) = self.kms.resolve(options, now, key) {
                    needs.push(need(&action, arn(&format!("key/{id}"))));
                }
            }
        }
        needs.extend(alias.map(|alias| need(&action, arn(alias))));
        needs
    }
}
