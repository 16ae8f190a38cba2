use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::caller::Caller;
use super::super::iam::IdentityPolicies;
use super::super::{Account, ApiError, BlobRef, Call, JobOutput, param_error};
use super::line::{self, Line};
use crate::access::Principal;
use crate::etl::NodeId;
use crate::sim::{Rng, SimTime};
use crate::storage::s3::encryption::Protection;
use crate::storage::s3::logging::KeyFormat;
use crate::storage::s3::seal::check_sealed;
use crate::storage::s3::{Happened, NewObject, StorageClass, What};

/// The principal that delivers.
pub(in crate::account) const SERVICE: &str = "logging.s3.amazonaws.com";

/// Streams of the account's numbers: ids of requests, and of log objects.
const REQUESTS: u64 = 0x6163_6365_7373_2e31;
const OBJECTS: u64 = 0x6163_6365_7373_2e32;

/// A batch of lines that became due: the text of a log object, which the host stores.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LogDelivery {
    pub number: u64,
    /// The bucket that the lines are about.
    pub source: String,
    pub bucket: String,
    pub key: String,
    pub text: String,
}

impl Account {
    /// Notes a request to a bucket that has access logs on, answered or refused.
    pub(in crate::account) fn log_access(&mut self, position: u64, at: SimTime, call: &Call, result: Result<&Value, &ApiError>) {
        // What an SDK would not have sent, and what Sluice does not do, never reached S3.
        if call.service != "s3" || matches!(result, Err(error) if matches!(error.code.as_str(), "ParamValidation" | "NotImplemented")) {
            return;
        }
        let Ok(caller) = self.caller(call) else { return };
        let text = |name: &str| call.params.get(name).and_then(Value::as_str);
        let (operation, method, query) = line::operation(call);
        let status = line::status(&call.operation, text("Range").is_some(), result.err());
        let answered = |name: &str| result.ok().and_then(|response| response.get(name));
        if let Some(bucket) = text("Bucket").filter(|bucket| self.logs(bucket)) {
            let (bucket, key) = (bucket.to_string(), text("Key"));
            let size = key.and_then(|key| {
                let versions = self.s3.bucket(&bucket)?.versions(key)?;
                match text("VersionId") {
                    Some(id) => versions.get(versions.position(id)?),
                    None => versions.object(),
                }
            });
            let size = size.map(|object| object.blob().size);
            let read = call.operation == "GetObject";
            let sent = answered("ContentLength").and_then(Value::as_u64).filter(|_| read);
            let deleted = if call.operation == "DeleteObjects" { deleted(call) } else { Vec::new() };
            let version = text("VersionId")
                .or_else(|| answered("VersionId").and_then(Value::as_str))
                .map(ToString::to_string);
            let line = Line {
                operation,
                key,
                request: Some((method, query)),
                status: Some(status),
                error: result.err().map(|error| error.code.as_str()),
                bytes_sent: sent,
                object_size: size.filter(|_| matches!(call.operation.as_str(), "GetObject" | "PutObject" | "CopyObject" | "CompleteMultipartUpload")),
                version_id: version.as_deref(),
                request_id: self.request_id(position, 0),
                ..Line::default()
            };
            self.gather(&bucket, at, &caller, line);
            for ((key, version), sequence) in deleted.into_iter().zip(1..) {
                let line = Line {
                    operation: "BATCH.DELETE.OBJECT".to_string(),
                    key: Some(&key),
                    status: Some(if result.is_ok() { 204 } else { status }),
                    error: result.err().map(|error| error.code.as_str()),
                    version_id: version.as_deref(),
                    request_id: self.request_id(position, sequence),
                    ..Line::default()
                };
                self.gather(&bucket, at, &caller, line);
            }
        }
        // The source of a copy is read.
        if let Some((bucket, key)) = self.copied_from(call)
            && self.logs(&bucket)
        {
            let object_size = self.s3.bucket(&bucket).and_then(|bucket| bucket.get(&key)).map(|object| object.blob().size);
            let line = Line {
                operation: if call.operation == "CopyObject" {
                    "REST.COPY.OBJECT_GET"
                } else {
                    "REST.COPY.PART_GET"
                }
                .to_string(),
                key: Some(&key),
                status: Some(status),
                error: result.err().map(|error| error.code.as_str()),
                object_size,
                request_id: self.request_id(position, u32::MAX),
                ..Line::default()
            };
            self.gather(&bucket, at, &caller, line);
        }
    }

    /// Notes an object that a service put under a role.
    pub(in crate::account) fn log_service_put(&mut self, position: u64, sequence: u32, at: SimTime, who: &Principal, output: &JobOutput) {
        let (bucket, key, size) = (output.bucket.as_str(), output.key.as_str(), output.blob.size);
        if !self.logs(bucket) {
            return;
        }
        let caller = Caller::new(who.clone(), IdentityPolicies::default());
        let line = Line {
            operation: "REST.PUT.OBJECT".to_string(),
            key: Some(key),
            request: Some(("PUT", String::new())),
            status: Some(200),
            object_size: Some(size),
            request_id: self.request_id(position, sequence),
            ..Line::default()
        };
        self.gather(bucket, at, &caller, line);
    }

    /// Notes what the rules of a bucket did ("Amazon S3 Lifecycle and logging"). Tiers, and the end of a restored copy, have no record there.
    pub(in crate::account) fn log_lifecycle(&mut self, happened: &Happened) {
        let operation = match happened.what {
            What::Transitioned(class) => match class {
                StorageClass::StandardIa => "S3.TRANSITION_SIA.OBJECT",
                StorageClass::OnezoneIa => "S3.TRANSITION_ZIA.OBJECT",
                StorageClass::IntelligentTiering => "S3.TRANSITION_INT.OBJECT",
                StorageClass::GlacierIr => "S3.TRANSITION_GIR.OBJECT",
                StorageClass::DeepArchive => "S3.TRANSITION_GDA.OBJECT",
                _ => "S3.TRANSITION.OBJECT",
            },
            What::Expired | What::MarkerRemoved => "S3.EXPIRE.OBJECT",
            What::MarkerCreated => "S3.CREATE.DELETEMARKER",
            What::UploadAborted => "S3.DELETE.UPLOAD",
            What::Tiered(_) | What::Restored | What::RestoredCopyExpired => return,
        };
        if !self.logs(&happened.bucket) {
            return;
        }
        self.access_logs.number += 1;
        let id = Rng::stream(!self.options.seed, self.access_logs.number).next_u64();
        let line = Line {
            operation: operation.to_string(),
            key: Some(&happened.key),
            requester: Some("AmazonS3".to_string()),
            remote_ip: "-",
            request_id: id,
            ..Line::default()
        };
        self.gather_line(&happened.bucket, happened.at, line);
    }

    fn logs(&self, bucket: &str) -> bool {
        self.s3.bucket(bucket).is_some_and(|bucket| bucket.logging().is_some())
    }

    /// Sixteen digits that name a request, and with it the place of its call in the command log.
    fn request_id(&self, position: u64, sequence: u32) -> u64 {
        Rng::stream(self.options.seed ^ REQUESTS, position.wrapping_mul(1 << 20).wrapping_add(u64::from(sequence))).next_u64()
    }

    fn gather(&mut self, bucket: &str, at: SimTime, caller: &Caller, line: Line<'_>) {
        let owner = self.s3.owner_id();
        let line = Line {
            remote_ip: &caller.source_ip,
            requester: line::requester(caller, &self.options.account_id, &owner),
            secure: caller.secure_transport,
            signed: caller.principal != Principal::Anonymous,
            ..line
        };
        self.gather_line(bucket, at, line);
    }

    fn gather_line(&mut self, bucket: &str, at: SimTime, line: Line<'_>) {
        let owner = self.s3.owner_id();
        let line = Line {
            owner: &owner,
            bucket,
            region: &self.options.region,
            at,
            ..line
        };
        self.access_logs.gather(bucket, at, line.text());
    }

    fn copied_from(&self, call: &Call) -> Option<(String, String)> {
        if !matches!(call.operation.as_str(), "CopyObject" | "UploadPartCopy") {
            return None;
        }
        let copied = self.copied(&call.params)?;
        Some((copied.bucket, copied.key))
    }

    /// Closes the batch of a bucket at its time: one log object, or, by the day of the requests, one a day.
    pub(in crate::account) fn close_access_log(&mut self, at: SimTime, source: &str) {
        let lines = self.access_logs.gathered.remove(source).unwrap_or_default();
        // Logging was turned off, or the bucket deleted, meanwhile: its lines go with it.
        let Some(logging) = self.s3.bucket(source).and_then(|bucket| bucket.logging()).cloned() else {
            return;
        };
        let by_day = logging.key_format == KeyFormat::EventTime;
        let day = |time: SimTime| (time.civil().year, time.civil().month, time.civil().day);
        let mut rest = lines.as_slice();
        while let Some(first) = rest.first() {
            let count = if by_day {
                rest.iter().take_while(|line| day(line.at) == day(first.at)).count()
            } else {
                rest.len()
            };
            let (now, later) = rest.split_at(count.max(1).min(rest.len()));
            rest = later;
            self.access_logs.number += 1;
            let number = self.access_logs.number;
            let unique = Rng::stream(self.options.seed ^ OBJECTS, number).next_u64();
            let key = logging.key(&self.options.account_id, &self.options.region, source, first.at, at, unique);
            let text = now.iter().fold(String::new(), |text, line| text + &line.text + "\n");
            self.access_logs.deliveries.insert(
                number,
                LogDelivery {
                    number,
                    source: source.to_string(),
                    bucket: logging.target.clone(),
                    key,
                    text,
                },
            );
        }
    }

    /// A batch of access log lines that waits for the host: it seals and stores the text, and answers with `effect:LogDelivered {number, blob}`.
    pub fn next_log_delivery(&self) -> Option<&LogDelivery> {
        self.access_logs.next_delivery()
    }

    /// `effect:LogDelivered`: the text of a delivery is stored. It becomes an object, if the target still takes it; what it refuses is lost, as it is there. Answers what was put.
    ///
    /// Errors: `ParamValidation`; `InvalidAction` for a delivery that is not waited for.
    pub(in crate::account) fn log_delivered(&mut self, now: SimTime, params: &Value) -> Result<(Value, Option<JobOutput>), ApiError> {
        let answer = LogDelivered::deserialize(params).map_err(|error| param_error(format!("effect:LogDelivered: {error}")))?;
        let number = answer.number;
        let Some(delivery) = self.access_logs.deliveries.get(&number).cloned() else {
            return Err(ApiError::new("InvalidAction", format!("No delivery of access logs has the number {number}.")));
        };
        if let Some(reason) = self.refused_log(now, &delivery) {
            self.access_logs.deliveries.remove(&number);
            return Ok((json!({"Refused": reason}), None));
        }
        // Logs are delivered under SSE-S3.
        let logging = self.s3.bucket(&delivery.source).and_then(|bucket| bucket.logging());
        let target = self.s3.bucket(&delivery.bucket).filter(|target| target.acls_enabled());
        let grants = logging.and_then(|logging| logging.grants.as_ref()).filter(|_| target.is_some());
        let protection = Protection {
            acl: grants.map(|grants| grants.beside_owner(&self.s3.owner_id())).unwrap_or_default(),
            ..Protection::default()
        };
        check_sealed(&answer.blob, &protection.encryption)?;
        let new = NewObject {
            protection,
            ..NewObject::standard(answer.blob.clone(), "text/plain")
        };
        self.s3.put(now, &delivery.bucket, &delivery.key, new)?;
        self.access_logs.deliveries.remove(&number);
        let put = JobOutput {
            node: NodeId::from(delivery.source.as_str()),
            bucket: delivery.bucket.clone(),
            key: delivery.key.clone(),
            blob: answer.blob,
            rows: 0,
            content_type: "text/plain".to_string(),
            partition: Vec::new(),
        };
        Ok((json!({"Bucket": delivery.bucket, "Key": delivery.key}), Some(put)))
    }
}

/// The parameters of `effect:LogDelivered`.
#[derive(Deserialize)]
struct LogDelivered {
    number: u64,
    blob: BlobRef,
}

fn deleted(call: &Call) -> Vec<(String, Option<String>)> {
    let objects = call.params.get("Delete").and_then(|delete| delete.get("Objects")).and_then(Value::as_array);
    let named = |object: &Value| {
        let text = |name: &str| object.get(name).and_then(Value::as_str).map(ToString::to_string);
        Some((text("Key")?, text("VersionId")))
    };
    objects.into_iter().flatten().filter_map(named).collect()
}
