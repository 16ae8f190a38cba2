//! The scenes: what an account of its own is told to do, as calls at their instants.
//!
//! Belongs here: calls and the words beside them. Does not belong here: what comes of them.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::about::{About, CONSUMERS, FIREHOSE, HOT_SHARD, STREAMS_OR_FIREHOSE};
use super::foresee::{FURTHEST_BEHIND, Question, WHAT_CLOSES, WHEN_IN_THE_BUCKET};

/// The stream of every scene.
pub const STREAM: &str = "telemetry";
/// The delivery stream of the scenes that have one, and its bucket.
pub const DELIVERY: &str = "to-s3";
const BUCKET: &str = "telemetry-archive";
/// When a scene begins.
pub const START: &str = "2026-11-22T09:00:00Z";

/// A call of a scenario: seconds since its start, and the call in AWS's shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TimedCall {
    pub at: f64,
    pub service: String,
    pub operation: String,
    #[serde(default)]
    pub params: Value,
}

pub fn call(at: f64, service: &str, operation: &str, params: Value) -> TimedCall {
    TimedCall {
        at,
        service: service.into(),
        operation: operation.into(),
        params,
    }
}

/// One scene: what it is called, when it opens and ends in seconds, and its calls.
#[derive(Clone, Copy)]
pub struct Scene {
    pub about: About,
    pub opens: f64,
    pub ends: f64,
    pub calls: fn() -> Vec<TimedCall>,
    /// What can be tried at once: a label, and the calls that do it at the present instant.
    pub cures: &'static [Cure],
    pub asks: Asks,
    /// The delivery stream that is shown beside the stream.
    pub delivery: Option<&'static str>,
}

/// What the reader is asked before the run.
#[derive(Clone, Copy)]
pub enum Asks {
    /// Which shard throttles first, and whether a split helps.
    Shards,
    Ahead(&'static Question),
}

/// Something to try: its label, what it is in a sentence, and its calls.
pub struct Cure {
    pub label: &'static str,
    pub text: &'static str,
    pub calls: fn() -> Vec<(&'static str, &'static str, Value)>,
}

pub const SCENES: [Scene; 4] = [
    Scene {
        about: HOT_SHARD,
        opens: 12.0,
        ends: 600.0,
        calls: hot_shard,
        cures: &[
            Cure {
                label: "Split shard 2 in the middle",
                text: "SplitShard at the middle of its range: both halves have limits of their own.",
                calls: || {
                    vec![(
                        "kinesis",
                        "SplitShard",
                        json!({"StreamName": STREAM, "ShardToSplit": "shardId-000000000002", "NewStartingHashKey": "212676479325586539664609129644855132160"}),
                    )]
                },
            },
            Cure {
                label: "Add a random suffix to the key",
                text: "The producer writes the hot key as eight keys, so that it has eight hashes.",
                calls: || {
                    vec![(
                        "sluice",
                        "UpdateProducer",
                        json!({"Name": "vehicles", "Pattern": {"Kind": "salted", "Key": 31, "Share": 0.39, "Salts": 8}}),
                    )]
                },
            },
            Cure {
                label: "Twice the shards",
                text: "UpdateShardCount to 8: every shard is split.",
                calls: || {
                    vec![(
                        "kinesis",
                        "UpdateShardCount",
                        json!({"StreamName": STREAM, "TargetShardCount": 8, "ScalingType": "UNIFORM_SCALING"}),
                    )]
                },
            },
        ],
        asks: Asks::Shards,
        delivery: None,
    },
    Scene {
        about: CONSUMERS,
        opens: 60.0,
        ends: 600.0,
        calls: consumers,
        cures: &[
            Cure {
                label: "Give “archive” enhanced fan-out",
                text: "A pipe of 2 MiB a second of its own at each shard, pushed instead of polled.",
                calls: || {
                    vec![
                        ("sluice", "RemoveConsumer", json!({"Name": "archive"})),
                        (
                            "sluice",
                            "AddConsumer",
                            json!({"Name": "archive", "StreamName": STREAM, "Kind": "fan-out", "Start": "LATEST", "MicrosPerRecord": 400}),
                        ),
                    ]
                },
            },
            Cure {
                label: "Let “search” poll once a second",
                text: "SHARD_GETRECORDS_INTERVAL_MILLIS from 200 to 1,000: four reads a second are left for the others.",
                calls: || vec![("sluice", "UpdateConsumer", json!({"Name": "search", "IntervalMs": 1_000}))],
            },
        ],
        asks: Asks::Ahead(&FURTHEST_BEHIND),
        delivery: None,
    },
    Scene {
        about: FIREHOSE,
        opens: 150.0,
        ends: 1_200.0,
        calls: firehose,
        cures: &[
            Cure {
                label: "Three times the records",
                text: "The producer sends 18,000 a minute: the alarm goes to OK with the next minute.",
                calls: || vec![("sluice", "UpdateProducer", json!({"Name": "demo", "RecordsPerSecond": 300}))],
            },
            Cure {
                label: "Nineteen times the records",
                text: "They fill 5 MB before 60 seconds are over: it flushes by size.",
                calls: || vec![("sluice", "UpdateProducer", json!({"Name": "demo", "RecordsPerSecond": 1_900}))],
            },
            Cure {
                label: "Flush every 15 seconds",
                text: "Four times as many objects, each a quarter the size, and four times as fresh.",
                calls: || vec![("firehose", "UpdateDestination", hints(5, 15))],
            },
            Cure {
                label: "Flush every 5 minutes",
                text: "Fewer and larger objects, and records that wait longer.",
                calls: || vec![("firehose", "UpdateDestination", hints(64, 300))],
            },
        ],
        asks: Asks::Ahead(&WHAT_CLOSES),
        delivery: Some(DELIVERY),
    },
    Scene {
        about: STREAMS_OR_FIREHOSE,
        opens: 60.0,
        ends: 1_200.0,
        calls: streams_or_firehose,
        cures: &[
            Cure {
                label: "The bucket is gone for a while",
                text: "Firehose tries again and loses nothing while the stream keeps the records; the application does not notice.",
                calls: || vec![("s3", "PutBucketPolicy", denied())],
            },
            Cure {
                label: "The bucket is back",
                text: "What waited is delivered at the next try.",
                calls: || vec![("s3", "DeleteBucketPolicy", json!({"Bucket": BUCKET}))],
            },
            Cure {
                label: "A second application reads from the beginning",
                text: "TRIM_HORIZON: a stream can be read again, by as many as like. Firehose keeps nothing to read again.",
                calls: || {
                    vec![(
                        "sluice",
                        "AddConsumer",
                        json!({"Name": "replay", "StreamName": STREAM, "Kind": "shared", "Start": "TRIM_HORIZON"}),
                    )]
                },
            },
        ],
        asks: Asks::Ahead(&WHEN_IN_THE_BUCKET),
        delivery: Some(DELIVERY),
    },
];

pub fn scene(id: &str) -> Option<&'static Scene> {
    const ALL: &[Scene] = &SCENES;
    ALL.iter().find(|scene| scene.about.id == id)
}

/// An alarm on what a minute refuses, two minutes of three.
fn alarm(name: &str, metric: &str) -> TimedCall {
    call(
        0.0,
        "cloudwatch",
        "PutMetricAlarm",
        json!({
            "AlarmName": name, "Namespace": "AWS/Kinesis", "MetricName": metric,
            "Dimensions": [{"Name": "StreamName", "Value": STREAM}], "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 3, "DatapointsToAlarm": 2,
            "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching",
        }),
    )
}

/// UpdateDestination of the scenes' delivery stream; which version it changes is said when it is called.
fn hints(size: u32, interval: u32) -> Value {
    json!({
        "DeliveryStreamName": DELIVERY, "CurrentDeliveryStreamVersionId": "1", "DestinationId": "destinationId-000000000001",
        "ExtendedS3DestinationUpdate": {"BufferingHints": {"SizeInMBs": size, "IntervalInSeconds": interval}},
    })
}

/// A policy under which nobody writes into the bucket.
fn denied() -> Value {
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": format!("arn:aws:s3:::{BUCKET}/*"),
    }]});
    json!({"Bucket": BUCKET, "Policy": policy.to_string()})
}

/// A stream, a bucket, and Firehose between them.
fn delivered(interval: u32) -> Vec<TimedCall> {
    let role = "arn:aws:iam::123456789012:role/firehose";
    vec![
        call(0.0, "s3", "CreateBucket", json!({"Bucket": BUCKET})),
        call(0.0, "kinesis", "CreateStream", json!({"StreamName": STREAM, "ShardCount": 2})),
        call(
            12.0,
            "firehose",
            "CreateDeliveryStream",
            json!({
                "DeliveryStreamName": DELIVERY, "DeliveryStreamType": "KinesisStreamAsSource",
                "KinesisStreamSourceConfiguration": {"KinesisStreamARN": format!("arn:aws:kinesis:us-east-1:123456789012:stream/{STREAM}"), "RoleARN": role},
                "ExtendedS3DestinationConfiguration": {
                    "RoleARN": role, "BucketARN": format!("arn:aws:s3:::{BUCKET}"), "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": interval},
                },
            }),
        ),
    ]
}

fn firehose() -> Vec<TimedCall> {
    let mut calls = delivered(60);
    calls.push(call(
        12.0,
        "cloudwatch",
        "PutMetricAlarm",
        json!({
            "AlarmName": "lowerlimit", "Namespace": "AWS/Firehose", "MetricName": "DataReadFromKinesisStream.Records",
            "Dimensions": [{"Name": "DeliveryStreamName", "Value": DELIVERY}], "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1,
            "Threshold": 10_000.0, "ComparisonOperator": "LessThanThreshold",
        }),
    ));
    calls.push(call(
        60.0,
        "sluice",
        "AddProducer",
        json!({
            "Name": "demo", "StreamName": STREAM, "RecordsPerSecond": 100, "RecordBytes": 90, "Template": "demo", "Keys": {"Count": 1_000, "Prefix": "demo-"}, "Client": {"Kind": "sdk"},
        }),
    ));
    calls
}

fn streams_or_firehose() -> Vec<TimedCall> {
    let mut calls = delivered(60);
    calls.push(call(
        12.0,
        "sluice",
        "AddConsumer",
        json!({"Name": "dashboards", "StreamName": STREAM, "Kind": "shared", "Start": "LATEST"}),
    ));
    calls.push(call(
        30.0,
        "sluice",
        "AddProducer",
        json!({
            "Name": "vehicles", "StreamName": STREAM, "RecordsPerSecond": 400, "RecordBytes": 250,
            "Keys": {"Count": 1_000, "Prefix": "vehicle-", "Digits": 4}, "Pattern": {"Kind": "uniform"}, "Client": {"Kind": "sdk"},
        }),
    ));
    calls
}

fn hot_shard() -> Vec<TimedCall> {
    vec![
        call(0.0, "kinesis", "CreateStream", json!({"StreamName": STREAM, "ShardCount": 4})),
        alarm("throttled", "WriteProvisionedThroughputExceeded"),
        call(
            12.0,
            "sluice",
            "AddConsumer",
            json!({"Name": "dashboards", "StreamName": STREAM, "Kind": "shared", "Start": "LATEST"}),
        ),
        call(
            12.0,
            "sluice",
            "AddProducer",
            json!({
                "Name": "vehicles", "StreamName": STREAM, "RecordsPerSecond": 2_600, "RecordBytes": 250,
                "Keys": {"Count": 1_000, "Prefix": "vehicle-", "Digits": 4}, "Pattern": {"Kind": "hot", "Key": 31, "Share": 0.39}, "Client": {"Kind": "sdk"},
            }),
        ),
    ]
}

fn consumers() -> Vec<TimedCall> {
    vec![
        call(0.0, "kinesis", "CreateStream", json!({"StreamName": STREAM, "ShardCount": 2})),
        alarm("reads-refused", "ReadProvisionedThroughputExceeded"),
        call(
            12.0,
            "sluice",
            "AddProducer",
            json!({
                "Name": "vehicles", "StreamName": STREAM, "RecordsPerSecond": 1_500, "RecordBytes": 900,
                "Keys": {"Count": 1_000, "Prefix": "vehicle-", "Digits": 4}, "Pattern": {"Kind": "uniform"}, "Client": {"Kind": "sdk"},
            }),
        ),
        call(
            12.0,
            "sluice",
            "AddConsumer",
            json!({"Name": "dashboards", "StreamName": STREAM, "Kind": "shared", "Start": "LATEST"}),
        ),
        call(
            12.0,
            "sluice",
            "AddConsumer",
            json!({"Name": "archive", "StreamName": STREAM, "Kind": "shared", "Start": "LATEST", "MicrosPerRecord": 400}),
        ),
        call(
            12.0,
            "sluice",
            "AddConsumer",
            json!({"Name": "search", "StreamName": STREAM, "Kind": "flink-1", "Start": "LATEST"}),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_stand_in_order() {
        for scene in SCENES {
            let calls = (scene.calls)();
            assert!(
                calls.iter().zip(calls.iter().skip(1)).all(|(one, next)| one.at <= next.at),
                "{}",
                scene.about.id
            );
            assert!(scene.opens <= scene.ends);
        }
    }
}
