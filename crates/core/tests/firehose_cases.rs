//! Firehose by `tests/cases/firehose-*.json`, and what becomes of records: none is lost, none is in two places, and objects hold the bytes that came in.

#[path = "common/steps.rs"]
mod steps;

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call};
use sluice_core::sim::SimTime;

const ROLE: &str = "arn:aws:iam::123456789012:role/hose";

fn start() -> SimTime {
    SimTime::parse("2026-01-01").expect("a date")
}

#[test]
fn accounts_call_by_call() {
    steps::accounts_call_by_call(include_str!("../../../tests/cases/firehose-api.json"), start());
}

fn call(account: &mut Account, service: &str, operation: &str, params: Value) -> Value {
    let now = account.now().max(start());
    let outcome = account.apply(now, &Call::new(service, operation, params));
    outcome.unwrap_or_else(|error| panic!("{service}:{operation}: {error:?}")).response
}

fn pass(account: &mut Account, seconds: u32) {
    call(account, "clock", "Advance", json!({"Seconds": seconds}));
}

/// What a host does: renders each closed buffer, and says that it is stored. Answers key and body.
fn deliver(account: &mut Account) -> Vec<(String, Vec<u8>)> {
    let mut delivered = Vec::new();
    while let Some((number, _)) = account.next_record_delivery(account.now()) {
        let body = account.rendered_delivery(number).expect("a body");
        let blob = json!({"id": format!("{number:064x}"), "size": body.len(), "md5": format!("{number:032x}")});
        let answer = call(account, "effect", "RecordsDelivered", json!({"number": number, "blob": blob}));
        if let Some(key) = answer["Key"].as_str() {
            delivered.push((key.to_string(), body));
        }
    }
    delivered
}

fn counts(account: &mut Account) -> Value {
    let counts = call(account, "sluice", "GetDelivery", json!({"DeliveryStreamName": "d"}))["Counts"].clone();
    let of = |name: &str| counts[name].as_u64().expect("a count");
    let places = of("Delivered") + of("Buffered") + of("Dropped") + of("InErrorObjects") + of("GivenUp");
    assert_eq!(of("Read"), places, "{counts}");
    counts
}

fn account(source: &str, more: Value) -> Account {
    let mut account = Account::new(AccountOptions::default());
    call(&mut account, "s3", "CreateBucket", json!({"Bucket": "landing"}));
    let mut destination = json!({"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::landing", "Prefix": "raw/",
        "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60}});
    for (name, value) in more.as_object().expect("members") {
        destination[name] = value.clone();
    }
    let mut params = json!({"DeliveryStreamName": "d", "DeliveryStreamType": source, "ExtendedS3DestinationConfiguration": destination});
    if source == "KinesisStreamAsSource" {
        call(&mut account, "kinesis", "CreateStream", json!({"StreamName": "s", "ShardCount": 2}));
        let arn = "arn:aws:kinesis:us-east-1:123456789012:stream/s";
        params["KinesisStreamSourceConfiguration"] = json!({"KinesisStreamARN": arn, "RoleARN": ROLE});
    }
    call(&mut account, "firehose", "CreateDeliveryStream", params);
    pass(&mut account, 30);
    account
}

#[test]
fn an_object_holds_what_was_put_under_a_key_of_the_oldest_record() {
    let delimiter = json!({"Enabled": true, "Processors": [{"Type": "AppendDelimiterToRecord"}]});
    let mut account = account("DirectPut", json!({"ProcessingConfiguration": delimiter}));
    for data in ["eyJhIjoxfQ==", "eyJhIjoyfQ=="] {
        call(
            &mut account,
            "firehose",
            "PutRecord",
            json!({"DeliveryStreamName": "d", "Record": {"Data": data}}),
        );
        pass(&mut account, 1);
    }
    assert!(deliver(&mut account).is_empty());
    pass(&mut account, 60);
    let delivered = deliver(&mut account);
    let [(key, body)] = delivered.as_slice() else { panic!("{delivered:?}") };
    assert!(key.starts_with("raw/2026/01/01/00/d-1-2026-01-01-00-00-30-"), "{key}");
    assert_eq!(body, b"{\"a\":1}\n{\"a\":2}\n");
    assert_eq!(account.object("landing", key).expect("the object").blob.size, body.len() as u64);
    assert_eq!(counts(&mut account)["Delivered"], 2);
}

#[test]
fn size_closes_a_buffer_before_its_time() {
    let mut account = account("DirectPut", json!({}));
    let producer = json!({"Name": "p", "DeliveryStreamName": "d", "RecordsPerSecond": 1_000, "RecordBytes": 1_024, "Until": 10});
    call(&mut account, "sluice", "AddProducer", producer);
    for _ in 0..40 {
        pass(&mut account, 3);
        counts(&mut account);
    }
    let delivered = deliver(&mut account);
    assert_eq!(counts(&mut account)["Read"], 10_000);
    assert_eq!(counts(&mut account)["Delivered"], 10_000);
    let shown = call(&mut account, "sluice", "GetDelivery", json!({"DeliveryStreamName": "d"}));
    let because: Vec<&str> = shown["Delivered"]
        .as_array()
        .expect("objects")
        .iter()
        .filter_map(|one| one["Because"].as_str())
        .collect();
    assert_eq!(because.iter().filter(|because| **because == "interval").count(), 1, "{because:?}");
    assert_eq!(because.len(), delivered.len());
    let bytes: u64 = delivered.iter().map(|(_, body)| body.len() as u64).sum();
    assert_eq!(Some(bytes), shown["Counts"]["DeliveredBytes"].as_u64());
    let largest = delivered.iter().map(|(_, body)| body.len()).max().expect("an object");
    assert!((1_048_576..1_048_576 + 1_024).contains(&largest), "{largest}");
}

#[test]
fn a_kinesis_stream_is_read_through_a_reshard_once() {
    for client in ["sdk", "kpl"] {
        let mut account = account("KinesisStreamAsSource", json!({}));
        let producer = json!({"Name": "p", "StreamName": "s", "RecordsPerSecond": 700, "RecordBytes": 200, "Until": 90, "Client": {"Kind": client}});
        call(&mut account, "sluice", "AddProducer", producer);
        pass(&mut account, 30);
        let scale = json!({"StreamName": "s", "TargetShardCount": 4, "ScalingType": "UNIFORM_SCALING"});
        call(&mut account, "kinesis", "UpdateShardCount", scale);
        let mut bodies = Vec::new();
        for _ in 0..60 {
            pass(&mut account, 5);
            counts(&mut account);
            bodies.extend(deliver(&mut account));
        }
        let accepted = call(&mut account, "sluice", "ListProducers", json!({}))["Producers"][0]["Accepted"].clone();
        let counts = counts(&mut account);
        assert_eq!(counts["Read"], accepted, "{client}");
        assert_eq!(counts["Delivered"], accepted, "{client}");
        assert_eq!(accepted, 63_000, "{client}");
        // Each record says its number: all of them, each once.
        let text: String = bodies.iter().map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect();
        let mut numbers: Vec<u32> = text
            .split("\"n\":")
            .skip(1)
            .filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
            .collect();
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(0..63_000), "{client}: {}", numbers.len());
    }
}

#[test]
fn a_scenario_delivers_by_itself() {
    let calls = json!([
        {"At": 0, "Service": "s3", "Operation": "CreateBucket", "Params": {"Bucket": "landing"}},
        {"At": 0, "Service": "firehose", "Operation": "CreateDeliveryStream", "Params": {"DeliveryStreamName": "d",
            "ExtendedS3DestinationConfiguration": {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::landing", "CompressionFormat": "GZIP",
                "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60}}}},
        {"At": 20, "Service": "sluice", "Operation": "AddProducer",
            "Params": {"Name": "p", "DeliveryStreamName": "d", "RecordsPerSecond": 10, "Template": "demo", "Until": 30}}
    ]);
    let mut account = Account::new(AccountOptions::default());
    let params = json!({"Scenario": {"Seed": 7, "Start": "2026-01-01T00:00:00Z", "Calls": calls}, "At": 120,
        "Reads": [{"Service": "sluice", "Operation": "GetDelivery", "Params": {"DeliveryStreamName": "d"}},
                  {"Service": "s3", "Operation": "ListObjectsV2", "Params": {"Bucket": "landing"}}],
        "Track": {"To": 120}});
    let answer = call(&mut account, "sluice", "PlayScenario", params);
    assert_eq!(answer["Refused"], json!([]), "{answer}");
    let shown = &answer["Answers"][0]["Ok"];
    assert_eq!(shown["Counts"]["Delivered"], 300, "{answer}");
    let objects = answer["Answers"][1]["Ok"]["Contents"].as_array().expect("objects");
    assert_eq!(objects.len(), 1, "{answer}");
    assert!(
        objects[0]["Key"]
            .as_str()
            .is_some_and(|key| key.starts_with("2026/01/01/00/d-1-") && key.ends_with(".gz")),
        "{answer}"
    );
    let kinds = answer["Track"]["Moments"]
        .as_array()
        .expect("moments")
        .iter()
        .filter(|moment| moment["Kind"] == "delivery");
    assert_eq!(kinds.count(), 1, "{answer}");
}
