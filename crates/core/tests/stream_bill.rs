//! What streams and alarms cost, by hand.

#![allow(clippy::unwrap_used)]

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call};
use sluice_core::sim::SimTime;

struct Bench {
    account: Account,
    now: SimTime,
}

impl Bench {
    fn new() -> Bench {
        Bench {
            account: Account::new(AccountOptions::default()),
            now: SimTime::parse("2026-01-31T20:00:00Z").unwrap(),
        }
    }

    fn call(&mut self, service: &str, operation: &str, params: Value) -> Value {
        let outcome = self.account.apply(self.now, &Call::new(service, operation, params)).unwrap();
        outcome.response
    }

    fn wait(&mut self, seconds: i64) {
        self.now = self.now.plus_seconds(seconds);
        self.account.poll(self.now);
    }

    /// Quantity and amount of a usage by month.
    fn lines(&mut self, usage: &str) -> Vec<(String, f64, String)> {
        let bill = self.call("sluice", "GetBill", json!({}));
        let lines = bill["Lines"].as_array().unwrap().iter().filter(|line| line["Usage"] == usage);
        lines
            .map(|line| {
                (
                    line["Month"].as_str().unwrap().to_owned(),
                    line["Quantity"].as_f64().unwrap(),
                    line["Amount"].as_str().unwrap().to_owned(),
                )
            })
            .collect()
    }
}

/// Two shards are created in 10 s and split in 30 s; the month ends after four hours.
#[test]
fn shard_hours_follow_the_shards() {
    let mut bench = Bench::new();
    bench.call("kinesis", "CreateStream", json!({"StreamName": "s", "ShardCount": 2}));
    bench.wait(10);
    bench.call("sluice", "GetBill", json!({}));
    bench.wait(3_600 - 10);
    bench.call(
        "kinesis",
        "SplitShard",
        json!({"StreamName": "s", "ShardToSplit": "shardId-000000000000", "NewStartingHashKey": "85070591730234615865843651857942052864"}),
    );
    bench.wait(4 * 3_600);
    let january = (2.0 * (3_600.0 + 30.0 - 10.0) + 3.0 * (3.0 * 3_600.0 - 30.0)) / 3_600.0;
    let lines = bench.lines("kinesis.shard-hours");
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert_eq!((lines[0].0.as_str(), lines[1].0.as_str()), ("2026-01", "2026-02"));
    assert!((lines[0].1 - january).abs() < 1e-9, "{lines:?}, {january}");
    assert!((lines[1].1 - 3.0).abs() < 1e-9, "{lines:?}");
    assert_eq!(lines[1].2, "0.045");
    bench.call("kinesis", "DeleteStream", json!({"StreamName": "s"}));
    bench.wait(3_600);
    let gone = bench.lines("kinesis.shard-hours");
    bench.wait(3_600);
    assert_eq!(gone, bench.lines("kinesis.shard-hours"));
}

/// A record counts in units of 25 KB and, on demand, in whole kilobytes; 24 hours of retention are free.
#[test]
fn records_are_rounded_up() {
    let mut bench = Bench::new();
    bench.call("kinesis", "CreateStream", json!({"StreamName": "s", "ShardCount": 1}));
    bench.call(
        "kinesis",
        "CreateStream",
        json!({"StreamName": "d", "StreamModeDetails": {"StreamMode": "ON_DEMAND"}}),
    );
    bench.wait(10);
    // 25 KB with its key, one byte more, and one byte: 1 + 2 + 1 units; 25 + 26 + 1 KB.
    for bytes in [25 * 1_024 - 1, 25 * 1_024, 0] {
        for stream in ["s", "d"] {
            let data = "A".repeat(bytes / 3 * 4) + ["", "QQ==", "QUE="][bytes % 3];
            bench.call("kinesis", "PutRecord", json!({"StreamName": stream, "PartitionKey": "k", "Data": data}));
        }
    }
    bench.wait(3_590);
    assert_eq!(bench.lines("kinesis.put-units"), [("2026-01".to_owned(), 4.0, "0.000000056".to_owned())]);
    let inbound = bench.lines("kinesis.on-demand-in");
    assert!((inbound[0].1 * f64::from(1 << 20) - 52.0).abs() < 1e-6, "{inbound:?}");
    assert_eq!(bench.lines("kinesis.on-demand-hours").len(), 1);
    assert!(bench.lines("kinesis.extended-retention").is_empty());
    bench.call(
        "kinesis",
        "IncreaseStreamRetentionPeriod",
        json!({"StreamName": "s", "RetentionPeriodHours": 48}),
    );
    bench.wait(1_800);
    assert_eq!(bench.lines("kinesis.extended-retention"), [("2026-01".to_owned(), 0.5, "0.01".to_owned())]);
}

/// How often time is looked at changes nothing.
#[test]
fn looking_costs_nothing() {
    let bill = |steps: i64| {
        let mut bench = Bench::new();
        bench.call("kinesis", "CreateStream", json!({"StreamName": "s", "ShardCount": 3}));
        bench.call(
            "cloudwatch",
            "PutMetricAlarm",
            json!({"AlarmName": "a", "Namespace": "N", "MetricName": "M", "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0,
                "ComparisonOperator": "LessThanThreshold"}),
        );
        bench.call(
            "sluice",
            "AddProducer",
            json!({"Name": "p", "StreamName": "s", "RecordsPerSecond": 20, "RecordBytes": 30_000, "Keys": {"Count": 9}, "Until": 7_000}),
        );
        for _ in 0..steps {
            bench.wait(28_800 / steps);
            bench.lines("kinesis.shard-hours");
        }
        bench.call("sluice", "GetBill", json!({}))
    };
    let whole = bill(1);
    assert_eq!(whole, bill(960));
    let usages: Vec<&str> = whole["Lines"].as_array().unwrap().iter().map(|line| line["Usage"].as_str().unwrap()).collect();
    assert!(usages.contains(&"kinesis.put-units") && usages.contains(&"cloudwatch.alarms"), "{usages:?}");
}

/// Firehose bills each record as 5 KB at least, and what it took before the month ends in that month.
#[test]
fn deliveries_count_in_steps_of_5_kb() {
    let mut bench = Bench::new();
    bench.call("s3", "CreateBucket", json!({"Bucket": "lake"}));
    bench.call(
        "firehose",
        "CreateDeliveryStream",
        json!({"DeliveryStreamName": "f", "ExtendedS3DestinationConfiguration": {"RoleARN": "arn:aws:iam::123456789012:role/f", "BucketARN": "arn:aws:s3:::lake"}}),
    );
    bench.wait(60);
    for bytes in [3usize, 5 * 1_024 - 2, 5 * 1_024 + 1] {
        let data = "QUFB".repeat(bytes / 3) + ["", "QQ==", "QUE="][bytes % 3];
        bench.call("firehose", "PutRecord", json!({"DeliveryStreamName": "f", "Record": {"Data": data}}));
    }
    bench.wait(600);
    let lines = bench.lines("firehose.delivered");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!((lines[0].1 * f64::from(1 << 30) - 4.0 * 5_120.0).abs() < 1e-3, "{lines:?}");
}
