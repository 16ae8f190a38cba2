//! What holds of streams whatever is called, and in whatever order.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call};
use sluice_core::sim::SimTime;
use sluice_core::stream::kinesis::{ShardState, hash_of};

#[derive(Clone, Debug)]
enum Step {
    Put { key: u8, times: u8 },
    PutMany { records: u16 },
    Split { shard: u8, share: u8 },
    Merge { at: u8 },
    Scale { percent: u8 },
    Retention { hours: u16 },
    Pass { seconds: u32 },
    Read,
    Produce { rate: u16, kind: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u8..20, 1u8..4).prop_map(|(key, times)| Step::Put { key, times }),
        2 => (1u16..500).prop_map(|records| Step::PutMany { records }),
        2 => (any::<u8>(), 1u8..255).prop_map(|(shard, share)| Step::Split { shard, share }),
        2 => any::<u8>().prop_map(|at| Step::Merge { at }),
        1 => (50u8..=200).prop_map(|percent| Step::Scale { percent }),
        1 => (24u16..200).prop_map(|hours| Step::Retention { hours }),
        4 => prop_oneof![1u32..5, 25u32..40, 3_600u32..50_000].prop_map(|seconds| Step::Pass { seconds }),
        3 => Just(Step::Read),
        1 => (1u16..3_000, 0u8..4).prop_map(|(rate, kind)| Step::Produce { rate, kind }),
    ]
}

/// A consumer as a careful application writes it: parents first, every shard to its end, from TRIM_HORIZON.
#[derive(Default)]
struct Reader {
    places: BTreeMap<String, u64>,
    done: BTreeSet<String>,
}

struct Bench {
    account: Account,
    producers: u32,
    /// By key: the records put by hand, in the order in which they were taken: shard and sequence number.
    taken: BTreeMap<String, Vec<(String, String)>>,
    /// Shard and position of everything that the reader read.
    read: BTreeSet<(String, u64)>,
    reader: Reader,
}

fn start() -> SimTime {
    SimTime::parse("2026-01-01").expect("a date")
}

impl Bench {
    fn new() -> Bench {
        let mut bench = Bench {
            account: Account::new(AccountOptions::default()),
            producers: 0,
            taken: BTreeMap::new(),
            read: BTreeSet::new(),
            reader: Reader::default(),
        };
        bench
            .call("kinesis", "CreateStream", json!({"StreamName": "s", "ShardCount": 2}))
            .expect("a stream");
        bench.pass(10);
        bench
    }

    fn call(&mut self, service: &str, operation: &str, params: Value) -> Result<Value, String> {
        let now = self.account.now().max(start());
        let call = Call::new(service, operation, params);
        self.account.apply(now, &call).map(|outcome| outcome.response).map_err(|error| error.code)
    }

    fn pass(&mut self, seconds: u32) {
        self.call("clock", "Advance", json!({"Seconds": seconds})).expect("time passes");
    }

    fn open(&self) -> Vec<(u32, u128, u128)> {
        let stream = self.account.kinesis().stream("s").expect("the stream");
        let shards = stream.ring().shards().iter().filter_map(|index| stream.shard(*index));
        shards.map(|shard| (shard.index(), shard.range().start, shard.range().end)).collect()
    }

    fn took(&mut self, key: &str, answer: &Value) {
        if let (Some(shard), Some(sequence)) = (answer["ShardId"].as_str(), answer["SequenceNumber"].as_str()) {
            self.taken.entry(key.to_string()).or_default().push((shard.to_string(), sequence.to_string()));
        }
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Put { key, times } => {
                for _ in 0..*times {
                    let key = format!("key-{key}");
                    if let Ok(answer) = self.call("kinesis", "PutRecord", json!({"StreamName": "s", "PartitionKey": key, "Data": "aGk="})) {
                        self.took(&key, &answer);
                    }
                }
            }
            Step::PutMany { records } => {
                let keys: Vec<String> = (0..*records).map(|record| format!("key-{}", record % 20)).collect();
                let list: Vec<Value> = keys.iter().map(|key| json!({"PartitionKey": key, "Data": "aGk="})).collect();
                let answer = self
                    .call("kinesis", "PutRecords", json!({"StreamName": "s", "Records": list}))
                    .expect("a stream that is there takes batches");
                let failed = answer["Records"]
                    .as_array()
                    .expect("entries")
                    .iter()
                    .filter(|entry| entry.get("ErrorCode").is_some())
                    .count();
                assert_eq!(answer["FailedRecordCount"], json!(failed));
                for (key, entry) in keys.iter().zip(answer["Records"].as_array().expect("entries")) {
                    self.took(key, entry);
                }
            }
            Step::Split { shard, share } => {
                let open = self.open();
                let (index, from, to) = open[usize::from(*shard) % open.len()];
                let at = from + (to - from) / 256 * u128::from(*share);
                let params = json!({"StreamName": "s", "ShardToSplit": format!("shardId-{index:012}"), "NewStartingHashKey": at.to_string()});
                let _ = self.call("kinesis", "SplitShard", params);
            }
            Step::Merge { at } => {
                let open = self.open();
                if open.len() > 1 {
                    let at = usize::from(*at) % (open.len() - 1);
                    let params = json!({"StreamName": "s", "ShardToMerge": format!("shardId-{:012}", open[at].0), "AdjacentShardToMerge": format!("shardId-{:012}", open[at + 1].0)});
                    let _ = self.call("kinesis", "MergeShards", params);
                }
            }
            Step::Scale { percent } => {
                let target = (self.open().len() * usize::from(*percent) / 100).max(1);
                let _ = self.call(
                    "kinesis",
                    "UpdateShardCount",
                    json!({"StreamName": "s", "TargetShardCount": target, "ScalingType": "UNIFORM_SCALING"}),
                );
            }
            Step::Retention { hours } => {
                for operation in ["IncreaseStreamRetentionPeriod", "DecreaseStreamRetentionPeriod"] {
                    let _ = self.call("kinesis", operation, json!({"StreamName": "s", "RetentionPeriodHours": hours}));
                }
            }
            Step::Pass { seconds } => self.pass(*seconds),
            Step::Read => self.read_all(),
            Step::Produce { rate, kind } => {
                self.producers += 1;
                let client = ["sdk", "kpl", "flink-1", "flink"][usize::from(*kind)];
                let params = json!({
                    "Name": format!("p{}", self.producers), "StreamName": "s", "RecordsPerSecond": rate, "RecordBytes": 200, "Until": 3,
                    "Keys": {"Count": 30}, "Client": {"Kind": client, "QueueLimit": 1_000},
                });
                let _ = self.call("sluice", "AddProducer", params);
            }
        }
    }

    /// Reads every shard whose parents are read, as far as it goes.
    fn read_all(&mut self) {
        for _ in 0..400 {
            let Ok(listed) = self.call("kinesis", "ListShards", json!({"StreamName": "s"})) else {
                return;
            };
            let shards = listed["Shards"].as_array().expect("shards").clone();
            let known: BTreeSet<&str> = shards.iter().filter_map(|shard| shard["ShardId"].as_str()).collect();
            let mut moved = false;
            for shard in &shards {
                let id = shard["ShardId"].as_str().expect("an id").to_string();
                let parents = ["ParentShardId", "AdjacentParentShardId"].map(|name| shard[name].as_str());
                let waits = parents
                    .iter()
                    .flatten()
                    .any(|parent| known.contains(parent) && !self.reader.done.contains(*parent));
                if waits || self.reader.done.contains(&id) {
                    continue;
                }
                let params = match self.reader.places.get(&id) {
                    None => json!({"StreamName": "s", "ShardId": id, "ShardIteratorType": "TRIM_HORIZON"}),
                    Some(position) => {
                        let stream = self.account.kinesis().stream("s").expect("the stream");
                        let found = stream.shards().find(|shard| shard.id() == id).expect("the shard");
                        match position.checked_sub(1) {
                            None => json!({"StreamName": "s", "ShardId": id, "ShardIteratorType": "TRIM_HORIZON"}),
                            Some(last) => {
                                json!({"StreamName": "s", "ShardId": id, "ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": found.sequence(last).text()})
                            }
                        }
                    }
                };
                let Ok(iterator) = self.call("kinesis", "GetShardIterator", params) else {
                    continue;
                };
                let Ok(answer) = self.call("kinesis", "GetRecords", json!({"ShardIterator": iterator["ShardIterator"], "Limit": 1_000})) else {
                    continue;
                };
                let records = answer["Records"].as_array().expect("records");
                let stream = self.account.kinesis().stream("s").expect("the stream");
                let found = stream.shards().find(|shard| shard.id() == id).expect("the shard");
                let horizon = found.records().horizon(self.account.now(), stream.retention());
                let place = self.reader.places.entry(id.clone()).or_insert(0);
                let mut position = (*place).max(horizon);
                for record in records {
                    assert_eq!(
                        record["SequenceNumber"].as_str(),
                        Some(found.sequence(position).text().as_str()),
                        "no record is passed over or comes twice"
                    );
                    assert!(self.read.insert((id.clone(), position)));
                    position += 1;
                }
                *place = position;
                if answer["NextShardIterator"].is_null() {
                    assert_eq!(position, found.records().len(), "a closed shard ends behind its last record");
                    self.reader.done.insert(id);
                }
                moved |= !records.is_empty() || answer["NextShardIterator"].is_null();
            }
            if !moved {
                return;
            }
            self.pass(1);
        }
    }

    fn check(&self) {
        let now = self.account.now();
        let stream = self.account.kinesis().stream("s").expect("the stream");
        let open: Vec<_> = stream
            .shards()
            .filter(|shard| shard.state(now, stream.retention()) == ShardState::Open)
            .collect();
        // Open ranges cover every hash key once.
        if !open.is_empty() {
            let mut ranges: Vec<_> = open.iter().map(|shard| shard.range()).collect();
            ranges.sort();
            assert_eq!((ranges[0].start, ranges[ranges.len() - 1].end), (0, u128::MAX));
            assert!(ranges.windows(2).all(|pair| pair[0].end + 1 == pair[1].start));
        }
        for shard in stream.shards() {
            let records = shard.records();
            let horizon = records.horizon(now, stream.retention());
            // Taken = retained + expired, in records and bytes.
            let (expired, expired_bytes) = records.expired(horizon);
            assert_eq!(expired + records.from(horizon).count() as u64, records.len());
            assert_eq!(expired_bytes + records.bytes_between(horizon, records.len()), records.bytes());
            // Every record is in the shard whose range has its hash.
            for (at, entry) in records.from(horizon) {
                let key = match records.own(at) {
                    Some(own) => own.partition_key.clone(),
                    None => self.account.traffic().generated(entry.source, entry.item).0,
                };
                assert!(shard.range().contains(hash_of(&key)), "{key} in {}", shard.id());
            }
        }
        // For one key in one shard the order of sequence numbers is the order of taking.
        for taken in self.taken.values() {
            for pair in taken.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
                let number = |text: &str| (text.len(), text.to_string());
                assert!(number(&pair[0].1) < number(&pair[1].1), "{pair:?}");
            }
        }
        // What producers count is what shards took.
        for producer in self.account.traffic().producers() {
            let tally = producer.tally();
            assert!(
                tally.accepted + tally.given_up + producer.outstanding() <= tally.offered + tally.given_up,
                "{tally:?}"
            );
            assert_eq!(
                tally.accepted + tally.given_up + producer.outstanding(),
                tally.offered,
                "{} {tally:?}",
                producer.name()
            );
        }
    }
}

/// What reads a stream from its beginning: every kind of application.
const READERS: [(&str, &str); 4] = [("shared", "shared"), ("fan-out", "fan-out"), ("flink-1", "flink-1"), ("lambda", "lambda")];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(target_arch = "wasm32") { 8 } else { 96 }))]

    #[test]
    fn streams_keep_their_word(steps in vec(step(), 1..40)) {
        let mut bench = Bench::new();
        for step in &steps {
            bench.apply(step);
            bench.check();
        }
        bench.pass(40);
        bench.read_all();
        // What is still retained was read: nothing was passed over, whatever was split and merged.
        let stream = bench.account.kinesis().stream("s").expect("the stream");
        let now = bench.account.now();
        for shard in stream.shards() {
            let horizon = shard.records().horizon(now, stream.retention());
            for (at, _) in shard.records().from(horizon) {
                prop_assert!(bench.read.contains(&(shard.id(), at)), "{} {at} was not read", shard.id());
            }
        }
    }

    /// Applications of every kind, and a delivery stream, read each record once or lose it to retention, through any sequence of splits and merges.
    #[test]
    fn applications_read_everything_once(steps in vec(step(), 1..30), fails in any::<bool>()) {
        let mut bench = Bench::new();
        for (name, kind) in READERS {
            let mut params = json!({"Name": name, "StreamName": "s", "Kind": kind, "Start": "TRIM_HORIZON"});
            if fails && kind == "lambda" {
                params["FailOn"] = json!({"EveryNth": 7});
                params["MaximumRetryAttempts"] = json!(1);
                params["BisectBatchOnFunctionError"] = json!(true);
                params["DeadLetter"] = json!(true);
            }
            bench.call("sluice", "AddConsumer", params).expect("a consumer");
        }
        bench.call("s3", "CreateBucket", json!({"Bucket": "landing"})).expect("a bucket");
        let role = "arn:aws:iam::123456789012:role/hose";
        let hose = json!({
            "DeliveryStreamName": "d", "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": {"KinesisStreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/s", "RoleARN": role},
            "S3DestinationConfiguration": {"RoleARN": role, "BucketARN": "arn:aws:s3:::landing"},
        });
        bench.call("firehose", "CreateDeliveryStream", hose).expect("a delivery stream");
        bench.pass(30);
        for step in steps.iter().filter(|step| !matches!(step, Step::Read)) {
            bench.apply(step);
        }
        // Producers stop after three seconds; what is left is read.
        bench.pass(3_600);
        let stream = bench.account.kinesis().stream("s").expect("the stream");
        let taken: u64 = stream.shards().map(|shard| shard.records().len()).sum();
        // Firehose takes aggregated records apart.
        let traffic = bench.account.traffic();
        let users: u64 = stream
            .shards()
            .flat_map(|shard| shard.records().from(0))
            .map(|(_, entry)| if entry.source == 0 { 1 } else { traffic.user_records(entry).len() as u64 })
            .sum();
        for consumer in bench.account.traffic().consumers() {
            let tally = consumer.tally();
            let read = tally.records + tally.missed + tally.given_up + tally.dead_letters;
            prop_assert_eq!(read, taken, "{} {:?}", consumer.name(), tally);
            for (shard, place) in consumer.places() {
                let shard = stream.shard(shard).expect("a shard that is read");
                prop_assert_eq!(place.position, shard.records().len(), "{} in {}", consumer.name(), shard.id());
            }
        }
        // What retention took away before it was read, or trimmed since, is in no count of records.
        let kept = stream.shards().all(|shard| shard.records().horizon(bench.account.now(), stream.retention()) == 0);
        let read = bench.call("sluice", "GetDelivery", json!({"DeliveryStreamName": "d"})).expect("the delivery stream")["Counts"]["Read"].clone();
        if kept {
            prop_assert_eq!(read, json!(users));
        }
    }

    /// A snapshot restores to an account that goes on alike.
    #[test]
    fn a_restored_account_goes_on_alike(steps in vec(step(), 1..20), after in vec(step(), 1..10)) {
        let mut bench = Bench::new();
        for step in &steps {
            bench.apply(step);
        }
        let text = bench.account.snapshot().to_string();
        let restored = Account::restore(&serde_json::from_str(&text).unwrap()).expect("a snapshot restores");
        let mut other = Bench { account: restored, producers: bench.producers, ..Bench::new() };
        for step in after.iter().filter(|step| !matches!(step, Step::Read)) {
            bench.apply(step);
            other.apply(step);
        }
        prop_assert_eq!(bench.account.trace_hash(), other.account.trace_hash());
        prop_assert_eq!(bench.account.snapshot(), other.account.snapshot());
    }
}
