use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::check::{Faults, invalid};
use super::records::start;
use super::shards::{child_shards, no_shard, shard_index};
use super::{Response, Setting, arn_stream, one};
use crate::account::{ApiError, Params};
use crate::stream::kinesis::sequence::seconds;
use crate::stream::kinesis::shard::{READ_BYTES, shard_id};
use crate::stream::kinesis::state::{CREATE_SECONDS, Consumer, Kinesis, stream_arn};

/// Consumers of a stream ("RegisterStreamConsumer").
const MAX_CONSUMERS: usize = 20;
/// Microseconds within which a consumer does not subscribe to a shard again.
const SUBSCRIBE_AGAIN: i64 = 5_000_000;

/// The stream and the consumer that a call means.
type Named = (String, String);

fn consumer_arn(setting: &Setting<'_>, stream: &str, consumer: &Consumer) -> String {
    format!(
        "{}/consumer/{}:{}",
        stream_arn(setting.options, stream),
        consumer.name,
        seconds(consumer.created)
    )
}

fn no_consumer(setting: &Setting<'_>, stream: &str, consumer: &str) -> ApiError {
    ApiError::new(
        "ResourceNotFoundException",
        format!("Consumer {consumer}, stream {stream} under account {} not found.", setting.options.account_id),
    )
}

impl Kinesis {
    /// The consumer that an ARN names, if it is one's.
    pub(super) fn consumer_of(&self, setting: &Setting<'_>, params: &Params<'_>) -> Result<Option<Named>, ApiError> {
        match params.text("ResourceARN").or(params.text("ConsumerARN")) {
            Some(arn) if arn.contains("/consumer/") => {
                let stream = arn_stream(setting.options, arn)?;
                let name = arn.split("/consumer/").nth(1).unwrap_or_default();
                let name = name.split(':').next().unwrap_or_default().to_string();
                let known = self.streams.get(&stream).into_iter().flat_map(|stream| &stream.consumers);
                let found = known.filter(|one| one.name == name).any(|one| consumer_arn(setting, &stream, one) == arn);
                if found {
                    Ok(Some((stream, name)))
                } else {
                    Err(no_consumer(setting, &stream, &name))
                }
            }
            _ => Ok(None),
        }
    }

    pub(super) fn consumer_tags(
        &mut self,
        setting: &Setting<'_>,
        (stream, name): &Named,
        change: impl FnOnce(&mut BTreeMap<String, String>),
    ) -> Result<(), ApiError> {
        let consumer = self.consumer_mut(stream, name).ok_or_else(|| no_consumer(setting, stream, name))?;
        change(&mut consumer.tags);
        Ok(())
    }

    fn consumer_mut(&mut self, stream: &str, name: &str) -> Option<&mut Consumer> {
        self.streams.get_mut(stream)?.consumers.iter_mut().find(|consumer| consumer.name == name)
    }

    /// By ConsumerARN, or by StreamARN and ConsumerName.
    fn named_consumer(&self, setting: &Setting<'_>, params: &Params<'_>) -> Result<Named, ApiError> {
        if let Some(named) = self.consumer_of(setting, params)? {
            return Ok(named);
        }
        let (Some(_), Some(name)) = (params.text("StreamARN"), params.text("ConsumerName")) else {
            return Err(invalid("Either ConsumerARN or both StreamARN and ConsumerName should be provided."));
        };
        let stream = self.the(setting, params)?;
        match stream.consumers.iter().any(|consumer| consumer.name == name) {
            true => Ok((stream.name.clone(), name.to_string())),
            false => Err(no_consumer(setting, &stream.name, name)),
        }
    }

    pub(super) fn register_consumer(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.name(params, "ConsumerName");
        faults.done()?;
        let (now, name) = (setting.now, params.required_text("ConsumerName")?);
        let stream = self.the_mut(setting, params)?;
        if stream.consumers.iter().any(|consumer| consumer.name == name) {
            return Err(ApiError::new(
                "ResourceInUseException",
                format!(
                    "Consumer {name}, stream {} under account {} already exists.",
                    stream.name, setting.options.account_id
                ),
            ));
        }
        if stream.consumers.len() >= MAX_CONSUMERS {
            return Err(ApiError::new(
                "LimitExceededException",
                format!("Stream {} has {MAX_CONSUMERS} registered consumers, which is the most.", stream.name),
            ));
        }
        let mut tags = BTreeMap::new();
        for (key, value) in params.map("Tags").into_iter().flatten() {
            tags.insert(key.clone(), value.as_str().unwrap_or_default().to_string());
        }
        let consumer = Consumer {
            name: name.to_string(),
            created: now,
            active_at: now.plus_seconds(CREATE_SECONDS),
            gone_at: None,
            tags,
            subscribed: BTreeMap::new(),
        };
        let shown = shown(setting, &stream.name, &consumer);
        stream.consumers.push(consumer);
        Ok(one("Consumer", shown))
    }

    pub(super) fn deregister_consumer(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let (stream, name) = self.named_consumer(setting, params)?;
        let gone = setting.now.plus_seconds(CREATE_SECONDS);
        if let Some(consumer) = self.consumer_mut(&stream, &name) {
            consumer.gone_at.get_or_insert(gone);
        }
        Ok(Map::new())
    }

    pub(super) fn describe_consumer(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let (stream, name) = self.named_consumer(setting, params)?;
        let consumer = self.consumer_mut(&stream, &name).ok_or_else(|| no_consumer(setting, &stream, &name))?;
        let mut shown = shown(setting, &stream, consumer);
        shown["StreamARN"] = json!(stream_arn(setting.options, &stream));
        Ok(one("ConsumerDescription", shown))
    }

    pub(super) fn list_consumers(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.range(params, "MaxResults", 1, 10_000);
        faults.done()?;
        let stream = self.the(setting, params)?;
        let after = params.text("NextToken");
        let limit = params.integer("MaxResults").unwrap_or(100).clamp(1, 10_000) as usize;
        let mut consumers: Vec<&Consumer> = stream.consumers.iter().collect();
        consumers.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let found: Vec<&Consumer> = consumers
            .into_iter()
            .filter(|one| after.is_none_or(|after| one.name.as_str() > after))
            .take(limit + 1)
            .collect();
        let page = found.get(..limit).unwrap_or(&found);
        let mut response = one("Consumers", page.iter().map(|consumer| shown(setting, &stream.name, consumer)).collect());
        if let Some(last) = page.last().filter(|_| found.len() > limit) {
            response.insert("NextToken".to_string(), json!(last.name));
        }
        Ok(response)
    }

    /// SubscribeToShard as one event of the stream that AWS would hold open for 5 minutes: what there is now, at most the 2 MiB of a second. A client subscribes
    /// again with the continuation number; the 5 s between two subscriptions hold as at AWS.
    pub(super) fn subscribe_to_shard(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let position = params.structure("StartingPosition").unwrap_or(*params);
        let mut faults = Faults::default();
        faults.name(params, "ShardId");
        faults.one_of(
            &position,
            "Type",
            &["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"],
        );
        faults.done()?;
        let (now, id) = (setting.now, params.required_text("ShardId")?);
        let Some((stream_name, name)) = self.consumer_of(setting, params)? else {
            return Err(invalid("ConsumerARN does not name a consumer."));
        };
        let index = shard_index(id).ok_or_else(|| no_shard(setting, &stream_name, id))?;
        let stream = self
            .streams
            .get_mut(&stream_name)
            .ok_or_else(|| Kinesis::not_found(setting.options, &stream_name))?;
        let shard = stream.shard(index).ok_or_else(|| no_shard(setting, &stream_name, &shard_id(index)))?;
        let kind = position.text("Type").unwrap_or_default();
        let sequence = position.text("SequenceNumber");
        let from = start(
            setting,
            stream,
            shard,
            kind,
            sequence,
            position.time("Timestamp"),
            "SequenceNumber",
            "SubscribeToShard",
        )?;
        let read = shard.peek(
            now,
            stream.retention(),
            shard.place(now, stream.retention(), from),
            10_000,
            u64::from(READ_BYTES),
        );
        let next = if read.to == 0 {
            crate::stream::kinesis::Sequence::first(shard.created, index)
        } else {
            shard.sequence(read.to - 1)
        };
        let mut event = json!({
            "Records": stream.shown_records(setting, index, read),
            "ContinuationSequenceNumber": next.text(),
            "MillisBehindLatest": read.behind_millis,
        });
        if read.ended {
            event["ChildShards"] = child_shards(stream, index);
        }
        if let Some(key) = stream.key_id() {
            setting.around.usable(key)?;
        }
        let consumer = stream
            .consumers
            .iter_mut()
            .find(|consumer| consumer.name == name)
            .ok_or_else(|| no_consumer(setting, &stream_name, &name))?;
        if consumer.status(now) != "ACTIVE" {
            return Err(ApiError::new(
                "ResourceInUseException",
                format!("Consumer {name} is not ACTIVE, instead in state {}.", consumer.status(now)),
            ));
        }
        if consumer
            .subscribed
            .get(&index)
            .is_some_and(|last| now.micros() - last.micros() < SUBSCRIBE_AGAIN)
        {
            return Err(ApiError::new(
                "ResourceInUseException",
                format!(
                    "Another active subscription exists for this consumer: {name}, shard {}. Subscribe again 5 seconds after it.",
                    shard_id(index)
                ),
            ));
        }
        consumer.subscribed.insert(index, now);
        stream.pushed(read.bytes);
        Ok(one("EventStream", json!([{"SubscribeToShardEvent": event}])))
    }
}

fn shown(setting: &Setting<'_>, stream: &str, consumer: &Consumer) -> Value {
    json!({
        "ConsumerName": consumer.name,
        "ConsumerARN": consumer_arn(setting, stream, consumer),
        "ConsumerStatus": consumer.status(setting.now),
        "ConsumerCreationTimestamp": consumer.created.to_string(),
    })
}
