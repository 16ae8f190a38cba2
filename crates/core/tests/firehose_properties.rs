//! What holds of delivery streams whatever is called and whatever breaks: every record is in one place.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call};
use sluice_core::sim::SimTime;

const ROLE: &str = "arn:aws:iam::123456789012:role/hose";

#[derive(Clone, Debug)]
enum Step {
    Put { size: u32, kind: u8 },
    Batch { records: u8, size: u16, kind: u8 },
    Produce { rate: u16, seconds: u8 },
    Pass { seconds: u32 },
    Bucket,
    Deny { denied: bool },
    Key { enabled: bool },
    Deliver,
    Hints { seconds: u16 },
    Function { which: u8 },
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0u32..300_000, 0u8..4).prop_map(|(size, kind)| Step::Put { size, kind }),
        3 => (1u8..40, 0u16..2_000, 0u8..4).prop_map(|(records, size, kind)| Step::Batch { records, size, kind }),
        1 => (1u16..500, 1u8..20).prop_map(|(rate, seconds)| Step::Produce { rate, seconds }),
        5 => prop_oneof![0u32..5, 30u32..100, 1_000u32..4_000].prop_map(|seconds| Step::Pass { seconds }),
        1 => Just(Step::Bucket),
        1 => any::<bool>().prop_map(|denied| Step::Deny { denied }),
        1 => any::<bool>().prop_map(|enabled| Step::Key { enabled }),
        4 => Just(Step::Deliver),
        2 => (0u16..300).prop_map(|seconds| Step::Hints { seconds }),
        1 => (0u8..4).prop_map(|which| Step::Function { which }),
    ]
}

/// What the stream is set up to do.
#[derive(Clone, Copy, Debug)]
enum Shape {
    Plain,
    Function,
    Partitions,
    Converted,
}

struct Bench {
    account: Account,
    shape: Shape,
    key: String,
    put: u64,
    /// The number of the next record.
    next: u64,
    producers: u32,
    /// By the number that a record says: in how many places it was found.
    found: BTreeMap<u64, u32>,
}

fn start() -> SimTime {
    SimTime::parse("2026-01-01").expect("a date")
}

fn configuration(shape: Shape) -> Value {
    let lambda = json!({"Type": "Lambda", "Parameters": [
        {"ParameterName": "LambdaArn", "ParameterValue": "arn:aws:lambda:us-east-1:123456789012:function:f"},
        {"ParameterName": "BufferIntervalInSeconds", "ParameterValue": "7"}, {"ParameterName": "BufferSizeInMBs", "ParameterValue": "0.2"}]});
    let query = json!({"Type": "MetadataExtraction", "Parameters": [
        {"ParameterName": "MetadataExtractionQuery", "ParameterValue": "{k:.k}"}, {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"}]});
    let mut destination = json!({"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::landing", "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60}});
    match shape {
        Shape::Plain => destination["CompressionFormat"] = json!("UNCOMPRESSED"),
        Shape::Function => {
            destination["ProcessingConfiguration"] = json!({"Enabled": true, "Processors": [lambda]});
            destination["S3BackupMode"] = json!("Enabled");
            destination["S3BackupConfiguration"] = json!({"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::landing", "Prefix": "source/"});
        }
        Shape::Partitions => {
            destination["ProcessingConfiguration"] = json!({"Enabled": true, "Processors": [query]});
            destination["DynamicPartitioningConfiguration"] = json!({"Enabled": true});
            destination["Prefix"] = json!("k=!{partitionKeyFromQuery:k}/");
            destination["ErrorOutputPrefix"] = json!("bad/");
            destination["BufferingHints"]["SizeInMBs"] = json!(64);
        }
        Shape::Converted => {
            destination["DataFormatConversionConfiguration"] = json!({
                "SchemaConfiguration": {"DatabaseName": "lake", "TableName": "t"},
                "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
                "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
            });
            destination["BufferingHints"]["SizeInMBs"] = json!(64);
        }
    }
    destination
}

impl Bench {
    fn new(shape: Shape) -> Bench {
        let mut bench = Bench {
            account: Account::new(AccountOptions::default()),
            shape,
            key: String::new(),
            put: 0,
            next: 0,
            producers: 0,
            found: BTreeMap::new(),
        };
        let key = bench.call("kms", "CreateKey", json!({})).expect("a key");
        bench.key = key["KeyMetadata"]["KeyId"].as_str().expect("an id").to_string();
        bench
            .call("glue", "CreateDatabase", json!({"DatabaseInput": {"Name": "lake"}}))
            .expect("a database");
        let columns = json!([{"Name": "n", "Type": "bigint"}, {"Name": "k", "Type": "int"}]);
        let table = json!({"Name": "t", "StorageDescriptor": {"Columns": columns, "Location": "s3://landing/"}});
        bench
            .call("glue", "CreateTable", json!({"DatabaseName": "lake", "TableInput": table}))
            .expect("a table");
        let params = json!({"DeliveryStreamName": "d", "ExtendedS3DestinationConfiguration": configuration(shape)});
        bench.call("firehose", "CreateDeliveryStream", params).expect("a stream");
        bench
            .call("sluice", "PutFunction", json!({"FunctionName": "f", "Source": "record"}))
            .expect("a function");
        bench.call("clock", "Advance", json!({"Seconds": 30})).expect("time passes");
        bench
    }

    fn call(&mut self, service: &str, operation: &str, params: Value) -> Result<Value, String> {
        let now = self.account.now().max(start());
        let call = Call::new(service, operation, params);
        self.account.apply(now, &call).map(|outcome| outcome.response).map_err(|error| error.code)
    }

    /// A record that says its number; some are what a step on the way does not take.
    fn record(&self, ahead: u64, size: usize, kind: u8) -> Value {
        let number = self.next + ahead;
        let text = match kind {
            0 => format!("{{\"n\":{number},\"k\":\"\",\"pad\":\"{}\"}}\n", "x".repeat(size)),
            1 => format!("not json \"n\":{number},{}\n", "y".repeat(size)),
            _ => format!("{{\"n\":{number},\"k\":{},\"pad\":\"{}\"}}\n", number % 3, "z".repeat(size)),
        };
        json!({"Data": STANDARD.encode(text)})
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Put { size, kind } => {
                let record = self.record(0, *size as usize, *kind);
                self.next += 1;
                if self.call("firehose", "PutRecord", json!({"DeliveryStreamName": "d", "Record": record})).is_ok() {
                    self.put += 1;
                }
            }
            Step::Batch { records, size, kind } => {
                let records: Vec<Value> = (0..u64::from(*records)).map(|ahead| self.record(ahead, usize::from(*size), *kind)).collect();
                let count = records.len() as u64;
                self.next += count;
                let answer = self.call("firehose", "PutRecordBatch", json!({"DeliveryStreamName": "d", "Records": records}));
                if let Ok(answer) = answer {
                    self.put += count - answer["FailedPutCount"].as_u64().expect("a count");
                }
            }
            Step::Produce { rate, seconds } => {
                self.producers += 1;
                let params =
                    json!({"Name": format!("p{}", self.producers), "DeliveryStreamName": "d", "RecordsPerSecond": rate, "RecordBytes": 300, "Until": seconds});
                self.call("sluice", "AddProducer", params).expect("a producer");
            }
            Step::Pass { seconds } => drop(self.call("clock", "Advance", json!({"Seconds": seconds}))),
            Step::Bucket => {
                let _ = self.call("s3", "CreateBucket", json!({"Bucket": "landing"}));
                let rule = json!({"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self.key}});
                let params = json!({"Bucket": "landing", "ServerSideEncryptionConfiguration": {"Rules": [rule]}});
                let _ = self.call("s3", "PutBucketEncryption", params);
            }
            Step::Deny { denied } => {
                let statement = json!({"Effect": if *denied { "Deny" } else { "Allow" }, "Principal": {"AWS": ROLE}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::landing/*"});
                let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
                let _ = self.call("s3", "PutBucketPolicy", json!({"Bucket": "landing", "Policy": policy}));
            }
            Step::Key { enabled } => {
                let operation = if *enabled { "EnableKey" } else { "DisableKey" };
                let _ = self.call("kms", operation, json!({"KeyId": self.key}));
            }
            Step::Deliver => self.deliver(),
            Step::Hints { seconds } => {
                let version = self
                    .call("firehose", "DescribeDeliveryStream", json!({"DeliveryStreamName": "d"}))
                    .expect("a stream")["DeliveryStreamDescription"]["VersionId"]
                    .clone();
                let size = if matches!(self.shape, Shape::Plain | Shape::Function) { 1 } else { 64 };
                let _ = self.call(
                    "firehose",
                    "UpdateDestination",
                    json!({"DeliveryStreamName": "d", "CurrentDeliveryStreamVersionId": version, "DestinationId": "destinationId-000000000001",
                        "ExtendedS3DestinationUpdate": {"BufferingHints": {"SizeInMBs": size, "IntervalInSeconds": seconds}}}),
                );
            }
            Step::Function { which } => {
                let source = ["record", "if n % 2 == 0 then Dropped else record", "with(record, {twice: n * 2})", ""][usize::from(*which % 4)];
                let (operation, params) = match source {
                    "" => ("DeleteFunction", json!({"FunctionName": "f"})),
                    source => ("PutFunction", json!({"FunctionName": "f", "Source": source})),
                };
                let _ = self.call("sluice", operation, params);
            }
        }
    }

    /// What a host does, once for each closed buffer that waits.
    fn deliver(&mut self) {
        while let Some((number, _)) = self.account.next_record_delivery(self.account.now()) {
            let delivery = self.account.firehose().delivery(number).expect("it waits");
            let counts = delivery.channel.counts();
            let errors = delivery.channel.kind() == "errors";
            let body = self.account.rendered_delivery(number).expect("a body");
            let blob = json!({"id": format!("{number:064x}"), "size": body.len(), "md5": format!("{number:032x}")});
            let answer = self
                .call("effect", "RecordsDelivered", json!({"number": number, "blob": blob}))
                .expect("an answer");
            if answer["Key"].is_string() && counts {
                self.note(&body, errors);
            }
        }
    }

    fn note(&mut self, body: &[u8], errors: bool) {
        let text = String::from_utf8_lossy(body);
        let mut all = text.into_owned();
        if errors {
            let raw = |line: &str| {
                STANDARD
                    .decode(serde_json::from_str::<Value>(line).expect("JSON")["rawData"].as_str().expect("data"))
                    .expect("base64")
            };
            all = all.lines().map(|line| String::from_utf8_lossy(&raw(line)).into_owned()).collect();
        }
        for rest in all.split("\"n\":").skip(1) {
            let number = rest
                .split(|c: char| !c.is_ascii_digit())
                .next()
                .and_then(|text| text.parse().ok())
                .expect("a number");
            *self.found.entry(number).or_default() += 1;
        }
    }

    fn counts(&mut self) -> [u64; 6] {
        let counts = self.call("sluice", "GetDelivery", json!({"DeliveryStreamName": "d"})).expect("a stream")["Counts"].clone();
        ["Read", "Delivered", "Buffered", "Dropped", "InErrorObjects", "GivenUp"].map(|name| counts[name].as_u64().expect("a count"))
    }

    fn produced(&mut self) -> u64 {
        let producers = self.call("sluice", "ListProducers", json!({})).expect("producers")["Producers"].clone();
        producers.as_array().expect("a list").iter().filter_map(|one| one["Accepted"].as_u64()).sum()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(target_arch = "wasm32") { 6 } else { 64 }))]

    #[test]
    fn every_record_is_in_one_place(
        shape in prop_oneof![Just(Shape::Plain), Just(Shape::Function), Just(Shape::Partitions), Just(Shape::Converted)],
        steps in vec(step(), 1..40),
    ) {
        let mut bench = Bench::new(shape);
        for step in &steps {
            bench.apply(step);
            let [read, delivered, buffered, dropped, failed, given_up] = bench.counts();
            prop_assert_eq!(read, delivered + buffered + dropped + failed + given_up, "after {:?}", step);
            prop_assert_eq!(read, bench.put + bench.produced(), "after {:?}", step);
        }
        // All is mended, and everything arrives: each record that was put by hand in one object, or dropped, or given up.
        bench.apply(&Step::Bucket);
        bench.apply(&Step::Deny { denied: false });
        bench.apply(&Step::Key { enabled: true });
        for _ in 0..4 {
            bench.apply(&Step::Pass { seconds: 1_000 });
            bench.deliver();
        }
        let [read, delivered, buffered, dropped, failed, given_up] = bench.counts();
        prop_assert_eq!((read, buffered), (delivered + dropped + failed + given_up, 0));
        if bench.producers == 0 {
            prop_assert_eq!(bench.found.values().copied().max().unwrap_or(1), 1);
            prop_assert_eq!(bench.found.len() as u64, bench.put - dropped - given_up);
        }
    }

    /// A snapshot restores to an account that goes on alike.
    #[test]
    fn a_restored_account_delivers_alike(
        shape in prop_oneof![Just(Shape::Plain), Just(Shape::Function), Just(Shape::Partitions), Just(Shape::Converted)],
        steps in vec(step(), 1..15),
        after in vec(step(), 1..10),
    ) {
        let mut bench = Bench::new(shape);
        for step in &steps {
            bench.apply(step);
        }
        let text = bench.account.snapshot().to_string();
        let restored = Account::restore(&serde_json::from_str(&text).unwrap()).expect("a snapshot restores");
        let mut other = Bench {
            account: restored,
            shape,
            key: bench.key.clone(),
            put: bench.put,
            next: bench.next,
            producers: bench.producers,
            found: BTreeMap::new(),
        };
        for step in &after {
            bench.apply(step);
            other.apply(step);
        }
        prop_assert_eq!(bench.account.trace_hash(), other.account.trace_hash());
        prop_assert_eq!(bench.account.snapshot(), other.account.snapshot());
    }
}
