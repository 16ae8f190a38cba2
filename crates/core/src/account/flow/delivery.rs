//! Delivery streams in the account: calls of Firehose, closed buffers that become objects, their rows and metrics.
//!
//! A closed buffer is offered to the host when its bucket would take it: the host renders, seals and stores the body, and answers `effect:RecordsDelivered`. In a
//! scenario nobody stores: the object is made of the size and MD5 of the rendered bytes at once.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::apply::kind;
use super::super::guard::Sealed;
use super::super::params::{Member, NAME, required};
use super::super::{Account, ApiError, BlobRef, JobOutput, ObjectFormat, ObjectInput, Params, RunPlan, SourceInput, TableInput, param_error};
use crate::access::Principal;
use crate::etl::{CatalogSource, Graph, Node, NodeId, NodeKind, ParquetCompression, ReadMode, S3GlueParquetTarget};
use crate::monitor::MetricId;
use crate::sim::{SimTime, TraceRow};
use crate::storage::s3::NewObject;
use crate::storage::s3::encryption::{ObjectEncryption, Protection};
use crate::storage::s3::seal::check_sealed;
use crate::stream::firehose::{self, Delivery, Happened, Status, World};

const CONTENT_TYPE: &str = "application/octet-stream";

/// What rows of a delivery stream name.
pub(super) fn hose_name(stream: &str) -> String {
    format!("deliverystream/{stream}")
}

/// The parameters of `effect:RecordsDelivered`.
#[derive(Deserialize)]
struct RecordsDelivered {
    number: u64,
    blob: BlobRef,
}

/// Calls of Firehose.
pub(in crate::account) fn call(account: &mut Account, now: SimTime, operation: &str, params: &Value) -> Result<Map<String, Value>, ApiError> {
    let mut happened = Vec::new();
    let result = account.firehose.call(&account.options, now, &account.kinesis, operation, params, &mut happened);
    for one in happened {
        account.hose_happened(now, one);
    }
    result
}

const DELIVERY: &[Member] = &[required("DeliveryStreamName", NAME)];

/// Answers a reading operation of `sluice:` about delivery streams and functions; `None` for another.
pub(in crate::account) fn read(account: &Account, now: SimTime, operation: &str, params: &Value) -> Option<Result<Value, ApiError>> {
    match operation {
        "GetDelivery" => Some(shown(account, now, params)),
        _ => account.firehose.read_function(&account.options, operation, params),
    }
}

fn shown(account: &Account, now: SimTime, params: &Value) -> Result<Value, ApiError> {
    let params = Params::check(params, DELIVERY)?;
    let name = params.required_text("DeliveryStreamName")?;
    account.firehose.shown(name, now).ok_or_else(|| {
        ApiError::new(
            "ResourceNotFoundException",
            format!("Firehose {name} under account {} not found.", account.options.account_id),
        )
    })
}

/// Functions that stand for Lambda functions; `None` for another operation.
pub(in crate::account) fn change_function(account: &mut Account, operation: &str, params: &Value) -> Option<Result<Value, ApiError>> {
    account.firehose.change_function(&account.options, operation, params)
}

/// A closed buffer whose object waits for the host: its number, and what the body is to be sealed under.
pub(in crate::account) fn next(account: &Account, now: SimTime, under_way: &BTreeSet<u64>) -> Option<(u64, ObjectEncryption)> {
    let delivery = account.firehose.next_delivery(under_way)?;
    // What is refused by now the account finds out itself when the host answers.
    let encryption = account
        .admits(now, delivery)
        .map(|(_, protection, _)| protection.encryption)
        .unwrap_or_default();
    Some((delivery.number, encryption))
}

/// The bytes of a closed buffer. `None`: there is none of that number.
pub(in crate::account) fn render(account: &Account, number: u64) -> Option<Vec<u8>> {
    let delivery = account.firehose.delivery(number)?;
    Some(firehose::render(delivery, &|entry| account.traffic.generated(entry.source, entry.item).1))
}

/// How the data engine makes a columnar file of a delivery's rows. `None`: the delivery is not converted.
pub(in crate::account) fn conversion(account: &Account, number: u64, rows: &BlobRef) -> Option<RunPlan> {
    let delivery = account.firehose.delivery(number)?;
    let to = delivery.converted.as_ref()?;
    let (source, target) = (NodeId::from("source"), NodeId::from("target"));
    let table = CatalogSource {
        database: to.conversion.database.clone(),
        table: to.conversion.table.clone(),
        ..CatalogSource::default()
    };
    let mut reads = Node::new("source", NodeKind::S3CatalogSource(table));
    // The account wrote the rows, to the schema.
    reads.read_mode = ReadMode::FailFast;
    let parquet = S3GlueParquetTarget {
        path: format!("s3://{}/", delivery.bucket),
        compression: match to.conversion.compression.as_str() {
            "GZIP" => ParquetCompression::Gzip,
            "UNCOMPRESSED" => ParquetCompression::Uncompressed,
            _ => ParquetCompression::Snappy,
        },
        ..S3GlueParquetTarget::default()
    };
    let mut writes = Node::new("target", NodeKind::S3GlueParquetTarget(parquet));
    writes.inputs = [Some(source.clone())].into();
    let input = SourceInput {
        objects: [ObjectInput {
            bucket: delivery.bucket.clone(),
            key: delivery.key.clone(),
            blob: rows.clone(),
            partition: Vec::new(),
        }]
        .into(),
        format: ObjectFormat::Json { multiline: false },
        table: Some(TableInput {
            columns: to.columns.clone(),
            partition_keys: Vec::new(),
            skip_lines: 0,
        }),
        mode: ReadMode::FailFast,
    };
    Some(RunPlan {
        run_id: format!("delivery-{number}"),
        job: delivery.stream.clone(),
        graph: Graph {
            nodes: [(source.clone(), reads), (target, writes)].into(),
        },
        inputs: [(source, input)].into(),
        started_millis: delivery.at.micros().div_euclid(1_000),
    })
}

/// `effect:RecordsDelivered`: the body of a delivery is stored. It becomes an object, or, where the bucket refuses it by now, is tried again. Answers what was put.
///
/// Errors: `ParamValidation`; `InvalidAction` for a delivery that is not waited for; `InternalError` for a body sealed under something else.
pub(in crate::account) fn delivered(account: &mut Account, now: SimTime, params: &Value) -> Result<(Value, Option<(Principal, JobOutput)>), ApiError> {
    let answer = RecordsDelivered::deserialize(params).map_err(|error| param_error(format!("effect:RecordsDelivered: {error}")))?;
    let number = answer.number;
    let waits = account.firehose.delivery(number).is_some_and(|delivery| delivery.again_at.is_none());
    if !waits {
        return Err(ApiError::new("InvalidAction", format!("No delivery of records has the number {number}.")));
    }
    match account.store_delivery(now, number, answer.blob)? {
        Some((who, put)) => Ok((json!({"Bucket": put.bucket, "Key": put.key}), Some((who, put)))),
        None => Ok((json!({"Refused": number}), None)),
    }
}

impl Account {
    pub(super) fn poll_hoses(&mut self, until: SimTime) -> bool {
        let glue = &self.glue;
        let columns = |database: &str, table: &str| glue.table_input(database, table).map(|table| table.columns);
        let world = World {
            seed: self.options.seed,
            account: &self.options.account_id,
            traffic: &self.traffic,
            columns: &columns,
        };
        let polled = self.firehose.poll(&world, until, &mut self.kinesis);
        let Some((at, happened)) = polled else { return false };
        for one in happened {
            self.hose_happened(at, one);
        }
        true
    }

    pub(super) fn hose_happened(&mut self, at: SimTime, happened: Happened) {
        match happened {
            Happened::Status { stream, status, cause } => {
                let resource = self.names.number(&hose_name(&stream));
                let subject = self.names.number(status.map_or("DELETED", Status::as_str));
                self.trace_row(at, kind::STREAM_STATUS, resource, subject, cause.unwrap_or(TraceRow::NO_CAUSE), 0.0);
            }
            Happened::Flushed { stream, number, cause } => {
                let Some(delivery) = self.firehose.delivery(number) else { return };
                let (because, records) = (delivery.because.as_str(), delivery.count() as f64);
                let (resource, subject) = (self.names.number(&hose_name(&stream)), self.names.number(because));
                let row = self.trace_row(at, kind::FLUSHED, resource, subject, cause.unwrap_or(TraceRow::NO_CAUSE), records);
                self.firehose.flushed(number, row);
                self.seen.entry(resource).or_default().sent = Some(row);
                self.offer(at, number);
            }
            Happened::Again { number } => self.offer(at, number),
            Happened::Throttled { stream, source, shard, limit } => {
                let (resource, subject) = (self.names.number(&super::shard_name(&source, shard)), self.names.number(&hose_name(&stream)));
                let argument = super::refusal_argument(1, Some(limit));
                self.trace_row(at, kind::READ_THROTTLED, resource, subject, TraceRow::NO_CAUSE, argument);
            }
            Happened::Invoked {
                stream,
                function,
                records,
                dropped,
                failed,
                cause,
            } => {
                let (resource, subject) = (self.names.number(&hose_name(&stream)), self.names.number(&function));
                let cause = cause.unwrap_or(TraceRow::NO_CAUSE);
                let row = self.trace_row(at, kind::TRANSFORMED, resource, subject, cause, records as f64);
                if dropped > 0 {
                    self.trace_row(at, kind::RECORDS_DROPPED, resource, subject, row, dropped as f64);
                }
                if failed > 0 {
                    self.seen.entry(resource).or_default().refused = Some(row);
                }
            }
            Happened::Failed { stream, code, records, cause } => {
                let (resource, subject) = (self.names.number(&hose_name(&stream)), self.names.number(&code));
                let cause = self.seen.get(&resource).and_then(|seen| seen.refused).or(cause).unwrap_or(TraceRow::NO_CAUSE);
                let row = self.trace_row(at, kind::RECORDS_FAILED, resource, subject, cause, records as f64);
                self.seen.entry(resource).or_default().refused = Some(row);
            }
            Happened::Minute { stream, counters } => {
                let resource = self.names.number(&hose_name(&stream));
                let seen = self.seen.get(&resource).copied().unwrap_or_default();
                let cause = seen.refused.or(seen.sent).unwrap_or(TraceRow::NO_CAUSE);
                let came = counters.incoming_records.sum + counters.read_records.sum;
                let row = self.trace_row(at, kind::METRICS, resource, 0, cause, came);
                if let Some(seen) = self.seen.get_mut(&resource) {
                    seen.refused = None;
                }
                for (name, unit, counter) in counters.metrics() {
                    let id = MetricId::new("AWS/Firehose", name, &[("DeliveryStreamName", &stream)]);
                    self.metric(at, at.plus_seconds(-60), &id, unit, counter, row);
                }
            }
        }
    }

    /// Whether the bucket would take the object: the protection it would have. Error: why not, as S3 says it to the delivery stream's role.
    fn admits(&self, now: SimTime, delivery: &Delivery) -> Result<(Principal, Protection, Sealed), ApiError> {
        let caller = self.service_caller(&delivery.role);
        let (bucket, key) = (delivery.bucket.as_str(), delivery.key.as_str());
        if self.s3.bucket(bucket).is_none() {
            return Err(ApiError::new("NoSuchBucket", "The specified bucket does not exist"));
        }
        if let Some(error) = self.refused_write(now, &caller, bucket, key) {
            return Err(error);
        }
        crate::storage::s3::check_key(key).map_err(|bytes| ApiError::new("KeyTooLongError", format!("Your key is too long ({bytes} bytes)")))?;
        let (protection, sealed) = self.seal_service_put(now, &caller, bucket, key)?;
        Ok((caller.principal, protection, sealed))
    }

    /// Has a closed buffer delivered: at once where there is no host, else when the host comes for it; what the bucket refuses is tried again later.
    fn offer(&mut self, at: SimTime, number: u64) {
        let Some(delivery) = self.firehose.delivery(number) else { return };
        if let Err(error) = self.admits(at, delivery) {
            self.delivery_refused(at, number, &error);
            return;
        }
        if !self.alone {
            return;
        }
        let Some(body) = render(self, number) else { return };
        let md5 = format!("{:x}", md5::compute(&body));
        let blob = BlobRef {
            // No store has it.
            id: format!("{md5}{md5}"),
            size: body.len() as u64,
            md5,
            seal: None,
        };
        let _ = self.store_delivery(at, number, blob);
    }

    fn delivery_refused(&mut self, at: SimTime, number: u64, error: &ApiError) {
        let Some(delivery) = self.firehose.delivery(number) else { return };
        let (name, row, records) = (hose_name(&delivery.stream), delivery.row, delivery.count() as f64);
        let given_up = self.firehose.refused(at, number);
        let (resource, subject) = (self.names.number(&name), self.names.number(&error.code));
        let row = self.trace_row(at, kind::DELIVERY_FAILED, resource, subject, row.unwrap_or(TraceRow::NO_CAUSE), records);
        self.seen.entry(resource).or_default().refused = Some(row);
        if given_up {
            self.trace_row(at, kind::DELIVERY_GIVEN_UP, resource, subject, row, records);
        }
    }

    fn store_delivery(&mut self, now: SimTime, number: u64, blob: BlobRef) -> Result<Option<(Principal, JobOutput)>, ApiError> {
        let Some(delivery) = self.firehose.delivery(number) else { return Ok(None) };
        let (bucket, key, count) = (delivery.bucket.clone(), delivery.key.clone(), delivery.count());
        let (stream, row) = (delivery.stream.clone(), delivery.row);
        let admitted = self.admits(now, delivery);
        let (who, protection, sealed) = match admitted {
            Ok(admitted) => admitted,
            Err(error) => {
                self.delivery_refused(now, number, &error);
                return Ok(None);
            }
        };
        check_sealed(&blob, &protection.encryption)?;
        let mut new = NewObject::standard(blob.clone(), CONTENT_TYPE);
        new.protection = protection;
        self.s3.put(now, &bucket, &key, new)?;
        self.settle(now, &sealed);
        self.firehose.delivered(now, number);
        let (resource, subject) = (self.names.number(&hose_name(&stream)), self.names.number(&format!("{bucket}/{key}")));
        self.trace_row(now, kind::DELIVERED, resource, subject, row.unwrap_or(TraceRow::NO_CAUSE), count as f64);
        let put = JobOutput {
            node: NodeId::from(stream.as_str()),
            bucket,
            key,
            blob,
            rows: count,
            content_type: CONTENT_TYPE.to_string(),
            partition: Vec::new(),
        };
        Ok(Some((who, put)))
    }
}
