//! Streams and their traffic in the account: calls of Kinesis, applications' acts, metrics by the minute, and the rows of the trace that say what followed from what.
//!
//! Belongs here: routing between `stream`, `monitor` and the trace. Does not belong here: rules of a service, what an application does.

mod delivery;
mod events;
mod view;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::apply::kind;
use super::kms::Kms;
use super::{Account, AccountOptions, ApiError};
use crate::gather::Gather as _;
use crate::monitor::{MetricId, Sample};
use crate::sim::{SimTime, TraceRow};
use crate::stream::kinesis::{Around, Happened, Limit, ShardEvent, shard_id, stream_arn};
use crate::stream::traffic::{Acted, Consumed, ConsumerKind, Hoses, Traffic};

pub(super) use delivery::{call as firehose_call, change_function, conversion, delivered, next, read as read_delivery, render};
pub(super) use events::kind_name;
pub(super) use view::read;

/// What Kinesis asks of the account.
struct Neighbours<'a> {
    kms: &'a Kms,
    traffic: &'a Traffic,
    options: &'a AccountOptions,
    now: SimTime,
}

impl Around for Neighbours<'_> {
    fn usable(&self, key_id: &str) -> Result<(), ApiError> {
        if key_id == "alias/aws/kinesis" {
            return Ok(());
        }
        self.kms.usable(self.options, self.now, Some(key_id)).map(|_| ()).map_err(|error| {
            let code = match error.code.as_str() {
                "KMS.DisabledException" => "KMSDisabledException",
                "KMS.NotFoundException" => "KMSNotFoundException",
                _ => "KMSInvalidStateException",
            };
            ApiError::new(code, error.message)
        })
    }

    fn generated(&self, source: u32, item: u32) -> (String, Vec<u8>) {
        self.traffic.generated(source, item)
    }
}

/// `stream/shardId-…`: what rows of a shard name.
fn shard_name(stream: &str, shard: u32) -> String {
    format!("{stream}/{}", shard_id(shard))
}

/// What a limit is called in a trace row.
fn limit_number(limit: Option<Limit>) -> f64 {
    match limit {
        None => 0.0,
        Some(Limit::WriteRecords) => 1.0,
        Some(Limit::WriteBytes) => 2.0,
        Some(Limit::Reads) => 3.0,
        Some(Limit::ReadBytes) => 4.0,
    }
}

/// A count and the limit that was met, in one argument: the count times 8, and the limit's number.
fn refusal_argument(count: u32, limit: Option<Limit>) -> f64 {
    f64::from(count) * 8.0 + limit_number(limit)
}

/// Does the first thing of streams that is due by `until`: of one instant what Kinesis does first, then what applications do, then what delivery streams read and
/// flush. Answers whether there was one.
pub(super) fn poll(account: &mut Account, until: SimTime) -> bool {
    let (service, traffic, hoses) = (account.kinesis.next_due(), account.traffic.next_due(), account.firehose.next_due());
    let others = traffic.into_iter().chain(hoses).min();
    if service.is_some_and(|service| others.is_none_or(|others| service <= others)) {
        let Some((at, happened)) = account.kinesis.poll(until) else { return false };
        for one in happened {
            account.stream_happened(at, one);
        }
        return true;
    }
    if hoses.is_some_and(|hoses| traffic.is_none_or(|traffic| hoses < traffic)) {
        return account.poll_hoses(until);
    }
    let mut hoses = Hoses {
        firehose: &mut account.firehose,
        seed: account.options.seed,
        happened: Vec::new(),
    };
    let Some((at, acted)) = account.traffic.poll(until, &mut account.kinesis, &mut hoses) else {
        return false;
    };
    for one in hoses.happened {
        account.hose_happened(at, one);
    }
    for one in acted {
        account.acted(at, one);
    }
    true
}

/// Writes down what a call of Kinesis, or one that changed applications, was the cause of.
pub(super) fn called(account: &mut Account, now: SimTime, call: &super::Call, row: u32) {
    account.stream_called(now, call, row);
}

/// The state of streams and their applications; `None`: there is none.
pub(super) fn save(account: &Account) -> Option<Value> {
    let seen: Vec<(&u32, &Seen)> = account.seen.iter().collect();
    let state = || serde_json::json!({"kinesis": account.kinesis, "firehose": account.firehose, "traffic": account.traffic, "seen": seen});
    lives(account).then(state)
}

pub(super) fn load(account: &mut Account, state: Value) -> Result<(), String> {
    let read = |error: serde_json::Error| format!("streams: {error}");
    let Value::Object(mut state) = state else {
        return Err("streams: no object".into());
    };
    if let Some(kinesis) = state.remove("kinesis") {
        account.kinesis = serde_json::from_value(kinesis).map_err(read)?;
        account.kinesis.restored();
    }
    if let Some(firehose) = state.remove("firehose") {
        account.firehose = serde_json::from_value(firehose).map_err(read)?;
        account.firehose.restored();
    }
    if let Some(traffic) = state.remove("traffic") {
        account.traffic = serde_json::from_value(traffic).map_err(read)?;
        account.traffic.restored();
    }
    if let Some(seen) = state.remove("seen") {
        let seen: Vec<(u32, Seen)> = serde_json::from_value(seen).map_err(read)?;
        account.seen = seen.into_iter().gather();
    }
    Ok(())
}

impl Account {
    pub(super) fn kinesis_call(&mut self, now: SimTime, operation: &str, params: &Value) -> Result<Map<String, Value>, ApiError> {
        let call = self.streams_part()?.kinesis;
        let around = Neighbours {
            kms: &self.kms,
            traffic: &self.traffic,
            options: &self.options,
            now,
        };
        call(&mut self.kinesis, &self.options, now, &around, operation, params)
    }

    /// Adds and removes producers and consumers; `None` for another operation.
    pub(super) fn traffic_call(&mut self, now: SimTime, operation: &str, params: &Value) -> Option<Result<Value, ApiError>> {
        let part = match self.streams_part() {
            Ok(part) => part,
            Err(error) => return Some(Err(error)),
        };
        if let Some(name) = params.get("DeliveryStreamName").and_then(Value::as_str)
            && self.firehose.stream(name).is_none()
        {
            return Some(Err(ApiError::new(
                "ResourceNotFoundException",
                format!("There is no delivery stream \"{name}\"."),
            )));
        }
        let function = self.delivery_part().ok().and_then(|part| (part.functions)(self, operation, params));
        if let Some(answer) = function {
            return Some(answer);
        }
        let pushed = self.pushed_consumer(operation, params);
        if operation == "AddConsumer"
            && let Some((stream, name)) = &pushed
            && let Err(error) = self.register(now, "RegisterStreamConsumer", stream, name)
        {
            return Some(Err(error));
        }
        let answer = (part.traffic)(&mut self.traffic, &self.kinesis, self.options.seed, now, operation, params);
        let goes = match (operation, &answer) {
            ("AddConsumer", Some(Err(_))) => self
                .traffic
                .consumers()
                .all(|one| Some(one.name()) != pushed.as_ref().map(|(_, name)| name.as_str())),
            ("RemoveConsumer", Some(Ok(_))) => true,
            _ => false,
        };
        if let Some((stream, name)) = pushed.filter(|_| goes) {
            // Somebody may have deregistered it already, or its stream is gone.
            let _ = self.register(now, "DeregisterStreamConsumer", &stream, &name);
        }
        answer
    }

    /// Stream and name of the application with enhanced fan-out that a call adds or removes: it is a registered consumer of its stream.
    fn pushed_consumer(&self, operation: &str, params: &Value) -> Option<(String, String)> {
        let text = |name: &str| params.get(name).and_then(Value::as_str);
        let name = text("Name")?;
        let known = self.traffic.consumers().find(|consumer| consumer.name() == name);
        match operation {
            "AddConsumer" if text("Kind") == Some("fan-out") && known.is_none() => {
                let stream = text("StreamName")?;
                let registered = self.kinesis.stream(stream)?.consumers().iter();
                // One that is registered under its name already is taken over.
                let there = registered.filter(|one| one.gone_at.is_none()).any(|one| one.name == name);
                (!there).then(|| (stream.into(), name.into()))
            }
            "RemoveConsumer" => {
                let consumer = known.filter(|consumer| consumer.kind() == ConsumerKind::FanOut)?;
                Some((consumer.stream().into(), name.into()))
            }
            _ => None,
        }
    }

    fn register(&mut self, now: SimTime, operation: &str, stream: &str, name: &str) -> Result<(), ApiError> {
        let arn = stream_arn(&self.options, stream);
        let params = serde_json::json!({"StreamARN": arn, "ConsumerName": name});
        self.kinesis_call(now, operation, &params).map(drop)
    }

    pub(super) fn poll_streams(&mut self, until: SimTime) -> bool {
        self.streams_part().is_ok_and(|part| (part.poll)(self, until))
    }

    pub(super) fn streams_called(&mut self, now: SimTime, call: &super::Call, row: u32) {
        if let Ok(part) = self.streams_part() {
            (part.called)(self, now, call, row);
        }
    }

    /// When streams or their applications have something to do.
    pub(super) fn streams_due(&self) -> Option<SimTime> {
        let hoses = self.firehose.next_due();
        self.kinesis.next_due().into_iter().chain(self.traffic.next_due()).chain(hoses).min()
    }

    fn stream_happened(&mut self, at: SimTime, happened: Happened) {
        match happened {
            Happened::Status { stream, status, cause } => {
                let resource = self.names.number(&stream);
                let subject = self.names.number(status.map_or("DELETED", |status| status.as_str()));
                self.trace_row(at, kind::STREAM_STATUS, resource, subject, cause.unwrap_or(TraceRow::NO_CAUSE), 0.0);
            }
            Happened::Shard { stream, event, cause } => {
                let (kind, shard) = match event {
                    ShardEvent::Opened(shard) => (kind::SHARD_OPENED, shard),
                    ShardEvent::Closed(shard) => (kind::SHARD_CLOSED, shard),
                };
                let (resource, subject) = (self.names.number(&stream), self.names.number(&shard_name(&stream, shard)));
                self.trace_row(at, kind, resource, subject, cause.unwrap_or(TraceRow::NO_CAUSE), f64::from(shard));
                self.traffic.wake(at, &stream);
                self.firehose.wake(at, &stream);
            }
            Happened::Minute {
                stream,
                counters,
                shards,
                monitored,
            } => {
                let resource = self.names.number(&stream);
                // What an alarm on these points goes back to: the last refusal of the minute where there was one, else the last put.
                let seen = self.seen.get(&resource).copied().unwrap_or_default();
                let refused = counters.write_exceeded.sum + counters.read_exceeded.sum > 0.0;
                let cause = if refused { seen.refused.or(seen.sent) } else { seen.sent };
                let row = self.trace_row(
                    at,
                    kind::METRICS,
                    resource,
                    0,
                    cause.unwrap_or(TraceRow::NO_CAUSE),
                    counters.incoming_records.sum,
                );
                let start = at.plus_seconds(-60);
                for (name, unit, counter) in counters.of_stream() {
                    self.metric(at, start, &MetricId::new("AWS/Kinesis", name, &[("StreamName", &stream)]), unit, counter, row);
                }
                for (shard, counters) in &shards {
                    for (name, unit, counter) in counters.of_shard().into_iter().filter(|(name, ..)| monitored.contains(*name)) {
                        let id = MetricId::new("AWS/Kinesis", name, &[("StreamName", &stream), ("ShardId", shard)]);
                        self.metric(at, start, &id, unit, counter, row);
                    }
                }
            }
        }
    }

    fn metric(&mut self, now: SimTime, at: SimTime, id: &MetricId, unit: &str, counter: &crate::stream::kinesis::Counter, row: u32) {
        if !counter.is_empty() {
            let sample = Sample::Set {
                sum: counter.sum,
                minimum: counter.minimum,
                maximum: counter.maximum,
                count: counter.count,
            };
            self.cloudwatch.record_at(now, at, id, unit, sample, Some(row));
        }
    }

    fn acted(&mut self, at: SimTime, acted: Acted) {
        match acted {
            Acted::Sent { producer, stream, sent, cause } => {
                let (resource, subject) = (self.names.number(&stream), self.names.number(&producer));
                let row = self.trace_row(at, kind::SENT, resource, subject, cause.unwrap_or(TraceRow::NO_CAUSE), sent.records as f64);
                let seen = self.seen.entry(resource).or_default();
                seen.sent = Some(row);
                for (shard, count, limit) in sent.refused {
                    let shard = self.names.number(&shard_name(&stream, shard));
                    let refused = self.trace_row(at, kind::THROTTLED, shard, subject, row, refusal_argument(count, limit));
                    self.seen.entry(resource).or_default().refused = Some(refused);
                }
                if sent.slowed > 0 {
                    let refused = self.trace_row(at, kind::THROTTLED, resource, subject, row, refusal_argument(sent.slowed, None));
                    self.seen.entry(resource).or_default().refused = Some(refused);
                }
                if sent.given_up > 0 {
                    self.trace_row(at, kind::GIVEN_UP, resource, subject, row, f64::from(sent.given_up));
                }
            }
            Acted::Read {
                consumer,
                stream,
                shard,
                did,
                cause,
            } => {
                let (resource, subject) = (self.names.number(&shard_name(&stream, shard)), self.names.number(&consumer));
                let cause = cause.unwrap_or(TraceRow::NO_CAUSE);
                match did {
                    Consumed::Nothing => {}
                    Consumed::Records { records, .. } => {
                        self.trace_row(at, kind::READ, resource, subject, cause, records as f64);
                    }
                    Consumed::Throttled(limit) => {
                        let row = self.trace_row(at, kind::READ_THROTTLED, resource, subject, cause, refusal_argument(1, Some(limit)));
                        let stream = self.names.number(&stream);
                        self.seen.entry(stream).or_default().refused = Some(row);
                    }
                    Consumed::Failed { passed } => {
                        self.trace_row(at, kind::BATCH_FAILED, resource, subject, cause, passed as f64);
                    }
                }
            }
        }
    }

    fn stream_called(&mut self, now: SimTime, call: &super::Call, row: u32) {
        let stream = call.params.get("StreamName").and_then(Value::as_str).or_else(|| {
            let arn = call.params.get("StreamARN").and_then(Value::as_str)?;
            arn.rsplit('/').next()
        });
        if let Some(stream) = stream {
            self.traffic.wake(now, stream);
            self.firehose.wake(now, stream);
        }
        if call.service == "sluice" {
            self.traffic.caused(row);
            return;
        }
        if call.service == "firehose" {
            if let Some(name) = call.params.get("DeliveryStreamName").and_then(Value::as_str) {
                self.firehose.caused(name, row);
            }
            return;
        }
        self.kinesis.caused(row);
        for (stream, shard, count, limit) in self.kinesis.take_refused() {
            let (resource, name) = (self.names.number(&stream), self.names.number(&shard_name(&stream, shard)));
            let refused = self.trace_row(now, kind::THROTTLED, name, 0, row, refusal_argument(count, Some(limit)));
            self.seen.entry(resource).or_default().refused = Some(refused);
        }
    }
}

/// The last rows of a stream that a metric can go back to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) struct Seen {
    pub sent: Option<u32>,
    pub refused: Option<u32>,
}

/// Whether the account has applications or streams whose time goes on: a host has their part ready before it lets time pass.
pub(super) fn lives(account: &Account) -> bool {
    !account.traffic.is_empty() || !account.kinesis.is_empty() || !account.firehose.is_empty()
}

/// Whether the account has delivery streams or functions.
pub(super) fn delivers(account: &Account) -> bool {
    !account.firehose.is_empty()
}

/// The same of the state that waits for its part.
pub(super) fn delivers_later(firehose: &Value) -> bool {
    ["streams", "deliveries", "functions"].into_iter().any(|name| match &firehose[name] {
        Value::Object(members) => !members.is_empty(),
        Value::Array(items) => !items.is_empty(),
        _ => false,
    })
}
