//! The operations of service `kinesis`.

mod check;
mod consumers;
mod members;
mod records;
mod shards;
mod streams;

pub(crate) use check::Faults;
pub use records::stream_of_iterator;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::state::{Kinesis, Stream, stream_arn};
use crate::account::{AccountOptions, ApiError, Params};
use crate::gather::object;
use crate::sim::SimTime;

pub(super) type Response = Result<Map<String, Value>, ApiError>;

/// What the service asks of the account around it.
pub trait Around {
    /// Whether a key can be used. Errors in Kinesis' codes: `KMSDisabledException`, `KMSNotFoundException`, `KMSInvalidStateException`.
    fn usable(&self, key_id: &str) -> Result<(), ApiError>;
    /// Partition key and data of a producer's record.
    fn generated(&self, source: u32, item: u32) -> (String, Vec<u8>);
}

/// What a call is made in.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub options: &'a AccountOptions,
    pub now: SimTime,
    pub around: &'a dyn Around,
}

const READS: &[&str] = &[
    "DescribeLimits",
    "DescribeStream",
    "DescribeStreamConsumer",
    "DescribeStreamSummary",
    "ListShards",
    "ListStreamConsumers",
    "ListStreams",
    "ListTagsForResource",
    "ListTagsForStream",
];

/// Operations on records: what has a price is counted as they come.
const RECORDS: &[&str] = &["PutRecord", "PutRecords", "GetRecords", "GetShardIterator", "SubscribeToShard"];

impl Kinesis {
    /// Whether the operation changes nothing. GetRecords and GetShardIterator use up a shard's limits, and are no reads. Unknown operations: false.
    pub fn is_read(operation: &str) -> bool {
        READS.contains(&operation)
    }

    /// Applies one operation of service `kinesis`.
    ///
    /// Errors with the codes of the model, in the words that kinesalite recorded; `ParamValidation`; `ValidationException`; `NotImplemented` naming what is not done.
    pub fn call(&mut self, options: &AccountOptions, now: SimTime, around: &dyn Around, operation: &str, params: &Value) -> Response {
        use members as m;
        let check = |members| Params::check(params, members);
        let setting = &Setting { options, now, around };
        if !Kinesis::is_read(operation) && !RECORDS.contains(&operation) {
            self.charge(now);
        }
        match operation {
            "CreateStream" => self.create_stream(setting, &check(m::CREATE)?),
            "DeleteStream" => self.delete_stream(setting, &check(m::DELETE)?),
            "DescribeStream" => self.describe_stream(setting, &check(m::DESCRIBE)?),
            "DescribeStreamSummary" => self.describe_summary(setting, &check(m::ONE_STREAM)?),
            "ListStreams" => self.list_streams(setting, &check(m::LIST_STREAMS)?),
            "DescribeLimits" => self.describe_limits(setting, &check(&[])?),
            "IncreaseStreamRetentionPeriod" => self.retention(setting, &check(m::RETENTION)?, true),
            "DecreaseStreamRetentionPeriod" => self.retention(setting, &check(m::RETENTION)?, false),
            "AddTagsToStream" => self.add_tags(setting, &check(m::ADD_TAGS)?),
            "RemoveTagsFromStream" => self.remove_tags(setting, &check(m::REMOVE_TAGS)?),
            "ListTagsForStream" => self.list_tags(setting, &check(m::LIST_TAGS)?),
            "TagResource" => self.tag_resource(setting, &check(m::TAG)?),
            "UntagResource" => self.untag_resource(setting, &check(m::UNTAG)?),
            "ListTagsForResource" => self.list_resource_tags(setting, &check(m::RESOURCE)?),
            "StartStreamEncryption" => self.encryption(setting, &check(m::ENCRYPTION)?, true),
            "StopStreamEncryption" => self.encryption(setting, &check(m::ENCRYPTION)?, false),
            "EnableEnhancedMonitoring" => self.monitoring(setting, &check(m::MONITORING)?, true),
            "DisableEnhancedMonitoring" => self.monitoring(setting, &check(m::MONITORING)?, false),
            "UpdateStreamMode" => self.update_mode(setting, &check(m::STREAM_MODE)?),
            "UpdateMaxRecordSize" => self.update_record_size(setting, &check(m::RECORD_SIZE)?),
            "PutRecord" => self.put_record(setting, &check(m::PUT_RECORD)?),
            "PutRecords" => self.put_records(setting, &check(m::PUT_RECORDS)?),
            "GetShardIterator" => self.get_iterator(setting, &check(m::ITERATOR)?),
            "GetRecords" => self.get_records(setting, &check(m::GET_RECORDS)?),
            "ListShards" => self.list_shards(setting, &check(m::LIST_SHARDS)?),
            "SplitShard" => self.split_shard(setting, &check(m::SPLIT)?),
            "MergeShards" => self.merge_shards(setting, &check(m::MERGE)?),
            "UpdateShardCount" => self.update_shard_count(setting, &check(m::SCALE)?),
            "RegisterStreamConsumer" => self.register_consumer(setting, &check(m::REGISTER)?),
            "DeregisterStreamConsumer" => self.deregister_consumer(setting, &check(m::CONSUMER)?),
            "DescribeStreamConsumer" => self.describe_consumer(setting, &check(m::CONSUMER)?),
            "ListStreamConsumers" => self.list_consumers(setting, &check(m::LIST_CONSUMERS)?),
            "SubscribeToShard" => self.subscribe_to_shard(setting, &check(m::SUBSCRIBE)?),
            _ => Err(not_done(operation)),
        }
    }

    /// The stream that a call names by name or ARN. Errors: `InvalidArgumentException`, `ResourceNotFoundException`, `ValidationException` for a name that none can have.
    pub(super) fn named(&self, setting: &Setting<'_>, params: &Params<'_>) -> Result<String, ApiError> {
        let name = match (params.text("StreamName"), params.text("StreamARN").or(params.text("ResourceARN"))) {
            (Some(name), None) => {
                let mut faults = check::Faults::default();
                faults.name(params, "StreamName");
                faults.done()?;
                name.to_string()
            }
            (name, Some(arn)) => {
                let of = arn_stream(setting.options, arn)?;
                if name.is_some_and(|name| name != of) {
                    return Err(check::invalid("StreamName and StreamARN do not name the same stream."));
                }
                of
            }
            (None, None) => return Err(check::invalid("Either StreamName or StreamARN should be provided.")),
        };
        if self.streams.contains_key(&name) {
            Ok(name)
        } else {
            Err(Kinesis::not_found(setting.options, &name))
        }
    }

    pub(super) fn the(&self, setting: &Setting<'_>, params: &Params<'_>) -> Result<&Stream, ApiError> {
        let name = self.named(setting, params)?;
        self.streams.get(&name).ok_or_else(|| Kinesis::not_found(setting.options, &name))
    }

    pub(super) fn the_mut(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Result<&mut Stream, ApiError> {
        let name = self.named(setting, params)?;
        self.streams.get_mut(&name).ok_or_else(|| Kinesis::not_found(setting.options, &name))
    }

    /// A stream that takes a control call. Error: `ResourceInUseException` while another is under way.
    pub(super) fn active_mut(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Result<&mut Stream, ApiError> {
        let stream = self.the_mut(setting, params)?;
        if stream.status == super::Status::Active {
            return Ok(stream);
        }
        Err(ApiError::new(
            "ResourceInUseException",
            format!(
                "Stream {} under account {} not ACTIVE, instead in state {}",
                stream.name,
                setting.options.account_id,
                stream.status.as_str()
            ),
        ))
    }
}

fn not_done(what: &str) -> ApiError {
    ApiError::new("NotImplemented", format!("Sluice does not do kinesis:{what} yet."))
}

pub(super) fn arn_stream(options: &AccountOptions, arn: &str) -> Result<String, ApiError> {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let name = match parts.as_slice() {
        ["arn", _, "kinesis", _, account, resource] if *account == options.account_id => resource.strip_prefix("stream/"),
        ["arn", _, "kinesis", _, account, resource] => {
            return Err(ApiError::new(
                "ResourceNotFoundException",
                format!("Stream {} under account {account} not found.", resource.trim_start_matches("stream/")),
            ));
        }
        _ => None,
    };
    let name = name.map(|name| name.split('/').next().unwrap_or_default()).filter(|name| !name.is_empty());
    name.map(ToString::to_string).ok_or_else(|| {
        let mut faults = check::Faults::default();
        faults.add(arn, "StreamARN", "satisfy regular expression pattern: arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+");
        faults.done().err().unwrap_or_else(|| check::invalid("StreamARN"))
    })
}

fn one(name: &str, value: Value) -> Map<String, Value> {
    object([(name.to_string(), value)])
}

fn shown_arn(setting: &Setting<'_>, name: &str) -> Value {
    json!(stream_arn(setting.options, name))
}
