//! Spark's micro-batches by `tests/cases/spark-streaming.json`, and three rules on the same events.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call};
use sluice_core::event_time::EventTime;
use sluice_core::event_time::rules::{Mode, Query, Row, StructuredStreaming};
use sluice_core::event_time::window::{Aggregate, Assigner, Domain};
use sluice_core::sim::SimTime;

#[test]
fn spark_says_so() {
    let file: Value = serde_json::from_str(include_str!("../../../tests/cases/spark-streaming.json")).expect("a case file is JSON");
    let cases = file["cases"].as_array().expect("a case file has cases");
    for case in cases {
        let input = &case["input"];
        let number = |name: &str| input[name].as_i64().expect("a number");
        let mut query = StructuredStreaming::new(Query {
            delay: number("delay"),
            assigner: Assigner::Sliding {
                size: number("size"),
                slide: number("slide"),
                offset: 0,
                domain: Domain::Event,
            },
            aggregate: Aggregate::Sum,
            mode: if input["mode"] == "append" { Mode::Append } else { Mode::Update },
            no_data_batches: input["noDataMicroBatches"] == true,
        });
        let batches = input["batches"].as_array().expect("batches");
        let expected = case["expect"].as_array().expect("a list");
        assert_eq!(batches.len(), expected.len(), "{}", case["id"]);
        for (number, (rows, expected)) in batches.iter().zip(expected).enumerate() {
            let rows: Vec<Row> = rows
                .as_array()
                .expect("rows")
                .iter()
                .enumerate()
                .map(|(id, row)| Row {
                    id,
                    key: row[0].as_str().expect("a key").into(),
                    time: EventTime(row[1].as_i64().expect("a time")),
                    value: row[2].as_f64().expect("a value"),
                })
                .collect();
            let batch = query.batch(&rows).expect("the assigner takes it");
            let out: Vec<Value> = batch
                .rows
                .iter()
                .map(|(window, key, value)| json!([window.start.0, window.end.0, key, value]))
                .collect();
            let got = json!({"rows": out, "watermark": batch.watermark, "dropped": batch.dropped_total});
            assert_eq!(&got, expected, "{}, batch {number}", case["id"]);
        }
    }
    assert_eq!(cases.len(), 4);
}

fn compare(params: Value) -> Result<Value, String> {
    let mut account = Account::new(AccountOptions::default());
    let call = Call::new("sluice", "CompareWatermarkRules", params);
    account
        .apply(SimTime::EPOCH, &call)
        .map(|outcome| outcome.response)
        .map_err(|error| error.message)
}

/// An event at an event time that arrives at a processing time, in seconds.
fn event(id: &str, time: i64, arrival: i64) -> Value {
    json!({"Id": id, "Key": "k", "EventTime": time * 1_000, "ArrivalTime": arrival * 1_000})
}

#[test]
fn what_is_late_by_one_rule_is_not_by_another() {
    let params = json!({
        "Strategy": {"type": "bounded", "outOfOrderness": 0},
        "Assigner": {"type": "tumbling", "size": 10_000},
        "BatchInterval": 10_000,
        "Until": 40_000,
        "StartTime": 0,
        // b is behind a within the same micro-batch, c behind it in a later one.
        "Events": [event("a", 12, 1), event("b", 3, 2), event("c", 4, 15), event("d", 25, 25)],
    });
    let answer = compare(params).expect("it reads");
    assert_eq!(answer["Flink"]["TooLate"], json!(["b", "c"]));
    assert_eq!(answer["Spark"]["TooLate"], json!(["c"]));
    assert_eq!(answer["Spark"]["Watermark"], json!([[10_000, 12_000], [20_000, 12_000], [30_000, 25_000]]));
    assert_eq!(
        answer["Spark"]["Results"],
        json!([
            {"Key": "k", "Start": 0, "End": 10_000, "Value": 1, "At": 10_000},
            {"Key": "k", "Start": 10_000, "End": 20_000, "Value": 1, "At": 30_000},
        ])
    );
    // Beam counts the watermark without its own instant.
    assert_eq!(
        answer["Flink"]["Watermark"][0][1].as_i64().map(|ms| ms + 1),
        answer["Beam"]["Watermark"][0][1].as_i64()
    );
    assert_eq!(answer["Beam"]["TooLate"], answer["Flink"]["TooLate"]);
    assert_eq!(answer["Beam"]["Confidence"], "K");
}

#[test]
fn what_has_no_counterpart_is_refused() {
    let with = |name: &str, value: Value| {
        let mut params =
            json!({"Strategy": {"type": "bounded", "outOfOrderness": 0}, "Assigner": {"type": "tumbling", "size": 1_000}, "Events": [event("a", 1, 1)]});
        params[name] = value;
        compare(params).expect_err("it has no counterpart")
    };
    assert!(with("Assigner", json!({"type": "session", "gap": 1_000})).contains("tumbling and sliding"));
    assert!(with("Strategy", json!({"type": "punctuated"})).contains("no counterpart"));
    assert!(with("BatchInterval", json!(0)).contains("BatchInterval"));
}
