//! Readers that share a shard, and a client whose queue has a limit.

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call};
use sluice_core::sim::SimTime;

struct Streams {
    account: Account,
    now: SimTime,
}

impl Streams {
    fn new(shards: u32) -> Streams {
        let mut streams = Streams {
            account: Account::new(AccountOptions::default()),
            now: SimTime::EPOCH,
        };
        streams.call("kinesis", "CreateStream", json!({"StreamName": "s", "ShardCount": shards}));
        streams.pass(30);
        streams
    }

    fn call(&mut self, service: &str, operation: &str, params: Value) -> Value {
        let outcome = self.account.apply(self.now, &Call::new(service, operation, params));
        outcome.unwrap_or_else(|error| panic!("{service} {operation}: {}", error.message)).response
    }

    fn pass(&mut self, seconds: i64) {
        self.call("clock", "Advance", json!({"Seconds": seconds}));
        self.now = self.now.plus_seconds(seconds);
    }

    fn producer(&mut self, rate: u32, client: Value) {
        let params = json!({
            "Name": "p", "StreamName": "s", "RecordsPerSecond": rate, "RecordBytes": 200, "Keys": {"Count": 50}, "Client": client, "Until": 3_600,
        });
        self.call("sluice", "AddProducer", params);
    }

    fn consumers(&mut self) -> Vec<Value> {
        let listed = self.call("sluice", "ListConsumers", json!({}));
        listed["Consumers"].as_array().expect("a list").clone()
    }
}

/// Five applications on one shard get a call a second each: five reads a second are shared.
#[test]
fn readers_that_poll_alike_share_alike() {
    for kind in ["flink-1", "shared"] {
        let mut streams = Streams::new(1);
        streams.producer(500, json!({"Kind": "sdk"}));
        let count = if kind == "shared" { 7 } else { 5 };
        for number in 0..count {
            streams.call(
                "sluice",
                "AddConsumer",
                json!({"Name": format!("c{number}"), "StreamName": "s", "Kind": kind, "Start": "LATEST"}),
            );
        }
        streams.pass(300);
        let consumers = streams.consumers();
        let done: Vec<f64> = consumers
            .iter()
            .map(|consumer| consumer["Reads"].as_f64().expect("reads") - consumer["ReadsThrottled"].as_f64().expect("refusals"))
            .collect();
        let mean = done.iter().sum::<f64>() / done.len() as f64;
        assert!(done.iter().all(|one| *one > mean * 0.6 && *one < mean * 1.4), "{kind}: {done:?}");
        assert!(mean * f64::from(count) <= 5.0 * 301.0 + 5.0, "{kind}: {done:?}");
        assert!(
            consumers
                .iter()
                .all(|consumer| consumer["Records"].as_f64().is_some_and(|records| records > 100_000.0)),
            "{kind}"
        );
    }
}

#[test]
fn a_queue_limit_holds_the_application_back() {
    let mut streams = Streams::new(2);
    streams.producer(20_000, json!({"Kind": "flink-1", "QueueLimit": 5_000}));
    for _ in 0..40 {
        streams.pass(1);
        let listed = streams.call("sluice", "ListProducers", json!({}));
        let outstanding = listed["Producers"][0]["Outstanding"].as_u64().expect("a count");
        assert!(outstanding <= 5_000, "{outstanding}");
    }
}

/// Enhanced monitoring has the metrics that were chosen, and no others.
#[test]
fn shards_tell_what_was_asked_for() {
    let mut streams = Streams::new(1);
    streams.call(
        "kinesis",
        "EnableEnhancedMonitoring",
        json!({"StreamName": "s", "ShardLevelMetrics": ["IncomingBytes"]}),
    );
    streams.pass(30);
    streams.producer(10, json!({"Kind": "sdk"}));
    streams.pass(180);
    let listed = streams.call("cloudwatch", "ListMetrics", json!({"Namespace": "AWS/Kinesis"}));
    let mut of_shard: Vec<&str> = listed["Metrics"]
        .as_array()
        .expect("metrics")
        .iter()
        .filter(|metric| metric["Dimensions"].as_array().is_some_and(|dimensions| dimensions.len() == 2))
        .filter_map(|metric| metric["MetricName"].as_str())
        .collect();
    of_shard.dedup();
    assert_eq!(of_shard, ["IncomingBytes"]);
}
