//! What a figure draws of a stream and its traffic at one moment, and in the second before it.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::consumer::{Consumer, behind_in};
use super::producer::{Producer, Target};
use super::state::Traffic;
use crate::sim::SimTime;
use crate::stream::kinesis::{Entry, READ_BYTES, READS, Shard, ShardState, Stream, WRITE_BYTES, WRITE_RECORDS, share};

const SECOND: i64 = 1_000_000;

impl Traffic {
    pub(super) fn shown_producer(&self, producer: &Producer, now: SimTime) -> Value {
        let tally = producer.tally();
        let (member, stream) = match &producer.spec().target {
            Target::Stream(stream) => ("StreamName", stream),
            Target::DeliveryStream(stream) => ("DeliveryStreamName", stream),
        };
        json!({
            "Name": producer.name(),
            member: stream,
            "Client": producer.spec().client.label(),
            "ClientKind": producer.spec().client.kind.as_str(),
            "RecordsPerSecond": producer.spec().per_second,
            "Pattern": producer.spec().pattern.shown(),
            "Rate": producer.spec().rate.shown(),
            "MinBytes": producer.spec().min_bytes,
            "MaxBytes": producer.spec().max_bytes,
            "Keys": {"Count": producer.spec().keys, "Prefix": producer.spec().prefix, "Digits": producer.spec().digits},
            "Template": producer.spec().template,
            "Rows": producer.spec().rows.len(),
            "OfferedPerSecond": producer.rate_at(now),
            "Offered": tally.offered,
            "Accepted": tally.accepted,
            "Throttled": tally.throttled,
            "Retried": tally.retried,
            "GivenUp": tally.given_up,
            "Calls": tally.calls,
            "Outstanding": producer.outstanding(),
            "HeldBack": producer.held_back(now),
        })
    }

    pub(super) fn shown_consumer(&self, kinesis: &crate::stream::kinesis::Kinesis, consumer: &Consumer, now: SimTime) -> Value {
        let tally = consumer.tally();
        let stream = kinesis.stream(consumer.stream());
        let shards: Vec<Value> = consumer
            .places()
            .map(|(index, place)| {
                json!({
                    "ShardId": crate::stream::kinesis::shard_id(index),
                    "Position": place.position,
                    "Done": place.done,
                    "MillisBehind": stream.map_or(0, |stream| behind_in(stream, index, place, now)),
                    "Retrying": place.pending.len(),
                })
            })
            .collect();
        json!({
            "Name": consumer.name(),
            "StreamName": consumer.stream(),
            "Kind": consumer.kind().name(),
            "Label": consumer.kind().label(),
            "MillisBehind": stream.map_or(0, |stream| consumer.behind(stream, now)),
            "Records": tally.records,
            "Bytes": tally.bytes,
            "Reads": tally.reads,
            "ReadsThrottled": tally.throttled,
            "Failures": tally.failures,
            "DeadLetters": tally.dead_letters,
            "GivenUp": tally.given_up,
            "Missed": tally.missed,
            "Shards": shards,
        })
    }

    /// What a stream does: its shards with what they took in the last second and from whom, the heaviest keys, and who puts and reads.
    pub fn shown(&self, kinesis: &crate::stream::kinesis::Kinesis, stream: &Stream, now: SimTime, most_keys: usize) -> Value {
        let mut accepted = (0u64, 0u64);
        let mut throttled = 0u64;
        let shards: Vec<Value> = stream
            .shards()
            .map(|shard| {
                let last = shard.last_second(now);
                accepted = (accepted.0 + last.records, accepted.1 + last.bytes);
                throttled += last.throttled;
                shown_shard(stream, shard, now)
            })
            .collect();
        let producers: Vec<&Producer> = self.running_on(stream.name()).collect();
        let offered: f64 = producers.iter().map(|producer| producer.rate_at(now)).sum();
        json!({
            "StreamName": stream.name(),
            "Mode": stream.mode().as_str(),
            "Status": stream.status().as_str(),
            "RetentionHours": stream.retention_hours(),
            "MaxRecordKiB": stream.max_record_kib(),
            "OpenShards": stream.ring().len(),
            "Encryption": stream.key_id(),
            "LastSecond": {
                "OfferedRecords": offered,
                "AcceptedRecords": accepted.0,
                "AcceptedBytes": accepted.1,
                "ThrottledRecords": throttled,
            },
            "Shards": shards,
            "Keys": self.shown_keys(stream, now, most_keys),
            "Producers": producers.iter().map(|producer| self.shown_producer(producer, now)).collect::<Vec<_>>(),
            "Consumers": self.consumers().filter(|consumer| consumer.stream() == stream.name()).map(|consumer| self.shown_consumer(kinesis, consumer, now)).collect::<Vec<_>>(),
        })
    }

    /// The heaviest keys of the last second: what was offered under them, and of that what a shard took.
    fn shown_keys(&self, stream: &Stream, now: SimTime, most: usize) -> Vec<Value> {
        let since = now.plus_micros(-SECOND);
        // By producer and key: offered, taken.
        let mut counts: BTreeMap<(u32, u32), (u64, u64)> = BTreeMap::new();
        for producer in self.running_on(stream.name()) {
            for (key, offered) in producer.offered(since, now) {
                counts.insert((producer.number, key), (offered, 0));
            }
        }
        let mut own: BTreeMap<alloc::string::String, u64> = BTreeMap::new();
        for shard in stream.shards() {
            let from = shard.records().at_or_after(since.plus_micros(1));
            for (at, entry) in shard.records().from(from) {
                match self.producer(entry.source) {
                    Some(producer) => {
                        for item in producer.items_of(entry.item) {
                            counts.entry((producer.number, producer.key_of(item))).or_default().1 += 1;
                        }
                    }
                    None if entry.source == Entry::BY_HAND => {
                        if let Some(one) = shard.records().own(at) {
                            *own.entry(one.partition_key.clone()).or_default() += 1;
                        }
                    }
                    None => {}
                }
            }
        }
        let mut heaviest: Vec<((u32, u32), (u64, u64))> = counts.into_iter().collect();
        heaviest.sort_unstable_by_key(|(key, (offered, taken))| (core::cmp::Reverse((*offered).max(*taken)), *key));
        let mut shown: Vec<Value> = heaviest
            .into_iter()
            .take(most)
            .filter_map(|((number, key), (offered, taken))| {
                let producer = self.producer(number)?;
                let hash = producer.key_hash(key);
                Some(shown_key(stream, &producer.key_text(key), hash, offered.max(taken), taken))
            })
            .collect();
        for (key, taken) in own {
            shown.push(shown_key(stream, &key, crate::stream::kinesis::hash_of(&key), taken, taken));
        }
        shown.truncate(most.max(1));
        shown
    }
}

fn shown_key(stream: &Stream, key: &str, hash: u128, offered: u64, taken: u64) -> Value {
    use alloc::string::ToString;
    json!({
        "Key": key,
        "HashKey": hash.to_string(),
        "Position": share(hash),
        "ShardId": stream.ring().shard_of(hash).and_then(|index| stream.shard(index)).map(Shard::id),
        "OfferedPerSecond": offered,
        "AcceptedPerSecond": taken,
        "ThrottledPerSecond": offered.saturating_sub(taken),
    })
}

fn shown_shard(stream: &Stream, shard: &Shard, now: SimTime) -> Value {
    use alloc::string::ToString;
    let retention = stream.retention();
    let last = shard.last_second(now);
    let (from, to) = shard.range().shares();
    let records = shard.records();
    let (expired, expired_bytes) = records.expired(records.horizon(now, retention));
    let [parent, adjacent] = shard.parents().map(|parent| parent.map(crate::stream::kinesis::shard_id));
    let state = match shard.state(now, retention) {
        ShardState::Open => "OPEN",
        ShardState::Closed => "CLOSED",
        ShardState::Expired => "EXPIRED",
    };
    let heat = (last.records as f64 / f64::from(WRITE_RECORDS)).max(last.bytes as f64 / f64::from(WRITE_BYTES));
    json!({
        "ShardId": shard.id(),
        "ParentShardId": parent,
        "AdjacentParentShardId": adjacent,
        "StartingHashKey": shard.range().start.to_string(),
        "EndingHashKey": shard.range().end.to_string(),
        "From": from,
        "To": to,
        "State": state,
        "OpenedAt": shard.opened().to_string(),
        "ClosedAt": shard.closed().map(|closed| closed.to_string()),
        "ReadableUntil": shard.closed().map(|closed| closed.plus_micros(retention).to_string()),
        "Heat": heat,
        "LastSecond": {
            "Records": last.records,
            "RecordsLimit": WRITE_RECORDS,
            "Bytes": last.bytes,
            "BytesLimit": WRITE_BYTES,
            "ReadBytes": last.read_bytes,
            "ReadBytesLimit": READ_BYTES,
            "ReadCalls": last.reads,
            "ReadCallsLimit": READS,
            "Throttled": last.throttled,
            "ReadsThrottled": last.reads_throttled,
        },
        "Accepted": {"Records": records.len(), "Bytes": records.bytes()},
        "Expired": {"Records": expired, "Bytes": expired_bytes},
        "Retained": {"Records": records.len() - expired, "Bytes": records.bytes() - expired_bytes},
    })
}
