use alloc::collections::VecDeque;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::access::Principal;
use crate::account::{AccountOptions, ApiError, Call};
use crate::gather::Gather as _;
use crate::sim::SimTime;

/// Days that the event history goes back ("Working with CloudTrail event history").
const RETENTION_DAYS: i64 = 90;
/// Bytes of `requestParameters` or `responseElements` above which they are left out ("CloudTrail record contents").
const MAX_ELEMENTS: usize = 100 * 1_024;

/// Which family of commands an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrailKind {
    Aws,
    Sluice,
    Effect,
}

/// A call as the history keeps it, refused ones too.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrailEvent {
    /// Place of the call in the command log, and, for what followed from it, a number that counts on from 1; the call itself has 0.
    pub(super) position: u64,
    #[serde(default)]
    pub(super) sequence: u32,
    pub(super) at: SimTime,
    pub(super) kind: TrailKind,
    pub(super) service: String,
    pub(super) operation: String,
    /// A data event: reads and writes of objects.
    pub(super) data: bool,
    /// The role whose session made the call; `None`: the account's owner.
    #[serde(default)]
    pub(super) role: Option<String>,
    /// Who made the call, where it was said; `None`: the account's owner, or the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) identity: Option<Identity>,
    /// In CloudTrail's spelling: members begin in lower case, secrets hidden.
    pub(super) request: Value,
    pub(super) response: Value,
    pub(super) error: Option<ApiError>,
    /// Type and name.
    pub(super) resources: Vec<(String, String)>,
}

/// `userIdentity` of an event, and where it came from ("CloudTrail userIdentity element").
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Identity {
    /// What LookupEvents lists as `Username`.
    pub(super) username: String,
    pub(super) source_ip: String,
    pub(super) element: Value,
}

impl Identity {
    fn new(options: &AccountOptions, who: &Principal, source_ip: &str) -> Self {
        let arn = who.caller_arn();
        let (username, element) = match who {
            Principal::Anonymous => (
                "ANONYMOUS_PRINCIPAL".to_string(),
                json!({"type": "AWSAccount", "principalId": "", "accountId": "ANONYMOUS_PRINCIPAL"}),
            ),
            Principal::Service(name) => (name.clone(), json!({"type": "AWSService", "invokedBy": name})),
            Principal::Root { account } if *account == options.account_id => (
                "root".to_string(),
                json!({"type": "Root", "principalId": account, "arn": arn, "accountId": account}),
            ),
            Principal::Root { account } => (account.clone(), json!({"type": "AWSAccount", "principalId": account, "accountId": account})),
            Principal::User { account, name, id, .. } => (
                name.clone(),
                json!({"type": "IAMUser", "principalId": id, "arn": arn, "accountId": account, "userName": name}),
            ),
            Principal::Role {
                account, name, id, session, ..
            } => (
                session.clone(),
                json!({
                    "type": "AssumedRole",
                    "principalId": who.user_id(),
                    "arn": arn,
                    "accountId": account,
                    "sessionContext": {"sessionIssuer": {"type": "Role", "principalId": id, "arn": who.arn(), "accountId": account, "userName": name}},
                }),
            ),
        };
        Identity {
            username,
            source_ip: source_ip.to_string(),
            element,
        }
    }
}

/// The event history: events of the last 90 days of the account's clock, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trail {
    pub(super) events: VecDeque<TrailEvent>,
    /// LookupEvents lists data events too. Off, as in AWS, where the history never has them.
    pub(super) data_events: bool,
}

impl Trail {
    /// Makes LookupEvents list data events (`sluice:SetDataEvents`).
    pub fn set_data_events(&mut self, enabled: bool) {
        self.data_events = enabled;
    }

    pub fn len(&self) -> usize {
        self.events.len()
    }

    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Keeps a call and forgets what is older than 90 days by then.
    pub fn record(&mut self, event: TrailEvent) {
        let oldest = oldest_kept(event.at);
        while self.events.front().is_some_and(|first| first.at < oldest) {
            self.events.pop_front();
        }
        self.events.push_back(event);
    }
}

/// The earliest instant in the history at `now`.
pub(super) fn oldest_kept(now: SimTime) -> SimTime {
    now.plus_seconds(-RETENTION_DAYS * 86_400)
}

impl TrailEvent {
    /// What the history keeps of a call made at `at` with this outcome.
    pub fn new(position: u64, at: SimTime, call: &Call, outcome: Result<&Value, &ApiError>) -> Self {
        let kind = match call.service.as_str() {
            "clock" | "sluice" => TrailKind::Sluice,
            "effect" => TrailKind::Effect,
            _ => TrailKind::Aws,
        };
        let request = match kind {
            TrailKind::Effect => summary(&call.params),
            _ => spelled(&call.service, &call.params),
        };
        let response = match outcome {
            Ok(Value::Object(map)) if !map.is_empty() => spelled(&call.service, &Value::Object(map.clone())),
            _ => Value::Null,
        };
        TrailEvent {
            position,
            sequence: 0,
            at,
            kind,
            service: call.service.clone(),
            operation: call.operation.clone(),
            data: is_data_event(&call.service, &call.operation),
            role: None,
            identity: None,
            request: bounded(request),
            response: bounded(response),
            error: outcome.err().cloned(),
            resources: resources(call),
        }
    }

    /// An event that followed from the call at `position`, made by a service under a role.
    #[must_use]
    pub fn following(mut self, sequence: u32, who: &Principal) -> Self {
        self.sequence = sequence;
        self.role = match who {
            Principal::Role { name, .. } => Some(name.clone()),
            _ => None,
        };
        self
    }

    /// The same event, made by somebody else than the account's owner.
    #[must_use]
    pub fn by(mut self, options: &AccountOptions, who: &Principal, source_ip: &str) -> Self {
        self.identity = Some(Identity::new(options, who, source_ip));
        self
    }

    /// The name of the resource that the call is about; empty where it has none.
    pub fn subject(&self) -> &str {
        self.resources.last().map_or("", |(_, name)| name)
    }
}

/// Calls on objects are data events, calls on what holds them management events.
fn is_data_event(service: &str, operation: &str) -> bool {
    matches!(
        (service, operation),
        ("firehose", "PutRecord" | "PutRecordBatch")
            | ("cloudwatch", "PutMetricData")
            | ("sns", "Publish")
            | ("kinesis", "PutRecord" | "PutRecords" | "GetRecords" | "GetShardIterator" | "SubscribeToShard")
    ) || service == "s3"
        && matches!(
            operation,
            "PutObject"
                | "GetObject"
                | "HeadObject"
                | "CopyObject"
                | "DeleteObject"
                | "DeleteObjects"
                | "ListObjectsV2"
                | "ListObjectVersions"
                | "GetObjectAttributes"
                | "GetObjectAcl"
                | "PutObjectAcl"
                | "CreateMultipartUpload"
                | "UploadPart"
                | "UploadPartCopy"
                | "CompleteMultipartUpload"
                | "AbortMultipartUpload"
                | "ListParts"
                | "PutObjectTagging"
                | "GetObjectTagging"
                | "DeleteObjectTagging"
                | "RestoreObject"
        )
}

/// Members as CloudTrail spells them: the first letter in lower case, S3's bucket as `bucketName`; the graph of a visual job is marked sensitive in the API model.
fn spelled(service: &str, value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            // What hosts add to a request is no part of it.
            let members = map
                .iter()
                .filter(|(name, _)| !(service == "s3" && name.starts_with("Sluice")))
                .map(|(name, value)| {
                    let secret = matches!(name.as_str(), "CodeGenConfigurationNodes" | "SSECustomerKey" | "CopySourceSSECustomerKey");
                    let value = if secret {
                        json!("HIDDEN_DUE_TO_SECURITY_REASONS")
                    } else {
                        spelled(service, value)
                    };
                    (member_name(service, name), value)
                });
            Value::Object(members.gather())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| spelled(service, item)).collect()),
        other => other.clone(),
    }
}

fn member_name(service: &str, name: &str) -> String {
    if service == "s3" && name == "Bucket" {
        return "bucketName".to_string();
    }
    if service == "s3" && name == "ACL" {
        // The header that an SDK sends for it.
        return "x-amz-acl".to_string();
    }
    let mut characters = name.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// An answer's short texts, and how many entries its lists have: reports and schemas belong to the run, not to the history.
fn summary(params: &Value) -> Value {
    let Some(map) = params.as_object() else { return Value::Null };
    let members = map.iter().filter_map(|(name, value)| match value {
        Value::String(_) | Value::Number(_) | Value::Bool(_) => Some((name.clone(), value.clone())),
        Value::Array(items) => Some((name.clone(), json!(items.len()))),
        Value::Object(inner) => {
            let message = inner.get("error")?.get("message")?;
            Some((name.clone(), message.clone()))
        }
        Value::Null => None,
    });
    Value::Object(members.gather())
}

fn bounded(value: Value) -> Value {
    if value.is_null() || value.to_string().len() <= MAX_ELEMENTS {
        value
    } else {
        json!({"omitted": true, "reason": format!("larger than {MAX_ELEMENTS} bytes")})
    }
}

/// The resources that a call names, under CloudFormation's type names.
fn resources(call: &Call) -> Vec<(String, String)> {
    let params = call.params.as_object();
    let text = |name: &str| params.and_then(|map| map.get(name)).and_then(Value::as_str);
    let inner = |outer: &str, name: &str| {
        let structure: Option<&Map<String, Value>> = params.and_then(|map| map.get(outer)).and_then(Value::as_object);
        structure.and_then(|map| map.get(name)).and_then(Value::as_str)
    };
    let resource = |kind: &str, name: &str| (kind.to_string(), name.to_string());
    match call.service.as_str() {
        "s3" => {
            let Some(bucket) = text("Bucket") else { return Vec::new() };
            let mut found = vec![resource("AWS::S3::Bucket", bucket)];
            if let Some(key) = text("Key") {
                found.push(resource("AWS::S3::Object", &format!("arn:aws:s3:::{bucket}/{key}")));
            }
            found
        }
        "iam" => {
            let role = text("RoleName").map(|name| resource("AWS::IAM::Role", name));
            let user = text("UserName").map(|name| resource("AWS::IAM::User", name));
            let policy = text("PolicyArn").map(|arn| resource("AWS::IAM::ManagedPolicy", arn));
            role.into_iter().chain(user).chain(policy).collect()
        }
        "kms" => {
            let key = text("KeyId").or(text("TargetKeyId")).map(|key| resource("AWS::KMS::Key", key));
            let alias = text("AliasName").map(|alias| resource("AWS::KMS::Alias", alias));
            key.into_iter().chain(alias).collect()
        }
        "cloudwatch" => {
            let named = params.and_then(|map| map.get("AlarmNames")).and_then(Value::as_array).into_iter().flatten();
            let names = named.filter_map(Value::as_str).chain(text("AlarmName"));
            names.map(|name| resource("AWS::CloudWatch::Alarm", name)).collect()
        }
        "kinesis" => {
            let stream = text("StreamARN").or(text("StreamName"));
            stream.into_iter().map(|stream| resource("AWS::Kinesis::Stream", stream)).collect()
        }
        "firehose" => {
            let stream = text("DeliveryStreamName");
            stream
                .into_iter()
                .map(|stream| resource("AWS::KinesisFirehose::DeliveryStream", stream))
                .collect()
        }
        "sns" => {
            let topic = text("TopicArn").or(text("TargetArn")).or(text("Name"));
            topic.into_iter().map(|topic| resource("AWS::SNS::Topic", topic)).collect()
        }
        "glue" => {
            let operation = call.operation.as_str();
            let mut found = Vec::new();
            if operation.contains("Crawler") {
                found.extend(text("Name").map(|name| resource("AWS::Glue::Crawler", name)));
            } else if operation.contains("Job") {
                found.extend(text("JobName").or(text("Name")).map(|name| resource("AWS::Glue::Job", name)));
            } else {
                let names_database = operation.ends_with("Database");
                let database = text("DatabaseName")
                    .or(inner("DatabaseInput", "Name"))
                    .or(text("Name").filter(|_| names_database));
                found.extend(database.map(|name| resource("AWS::Glue::Database", name)));
                let table = text("TableName").or(inner("TableInput", "Name")).or(text("Name").filter(|_| !names_database));
                found.extend(table.map(|name| resource("AWS::Glue::Table", name)));
            }
            found
        }
        "effect" => {
            let crawler = text("crawler").map(|name| resource("AWS::Glue::Crawler", name));
            crawler.into_iter().chain(text("run_id").map(|id| resource("JobRun", id))).collect()
        }
        _ => Vec::new(),
    }
}
