//! What a streaming job keeps through failures: exactly-once, at-least-once, and neither less.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_core::event_time::job;

/// Results that became visible, as a multiset: key, window, value.
fn visible(answer: &Value) -> BTreeMap<String, usize> {
    let mut results = BTreeMap::new();
    for firing in answer["Firings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|firing| !firing["CommittedAt"].is_null())
    {
        let pane = &answer["Panes"][firing["Pane"].as_u64().expect("a place") as usize];
        *results
            .entry(json!([pane["Key"], pane["Start"], pane["End"], firing["Value"]]).to_string())
            .or_default() += 1;
    }
    results
}

/// The greatest count of each window.
fn counts(answer: &Value) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for firing in answer["Firings"].as_array().expect("a list") {
        let pane = &answer["Panes"][firing["Pane"].as_u64().expect("a place") as usize];
        let count = counts.entry(json!([pane["Key"], pane["Start"]]).to_string()).or_default();
        *count = (*count).max(firing["Value"].as_u64().expect("a count"));
    }
    counts
}

fn events() -> impl Strategy<Value = Vec<Value>> {
    vec((0u8..4, 0i64..5_000, 0i64..1_000, 0u8..3), 1..50).prop_map(|list| {
        let of = |(key, arrival, delay, split): (u8, i64, i64, u8)| {
            json!({"Key": format!("k{key}"), "EventTime": arrival - delay, "ArrivalTime": arrival, "Split": split})
        };
        list.into_iter().map(of).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Without late events, after any schedule of failures.
    #[test]
    fn what_recovery_promises(
        events in events(),
        failures in vec(0i64..9_000, 0..4),
        interval in 50i64..2_000,
        delays in vec(0i64..700, 3),
        parallelism in 1u8..4,
        session: bool,
    ) {
        // The bound is above every delay: nothing is late.
        let assigner = if session { json!({"type": "session", "gap": 300}) } else { json!({"type": "tumbling", "size": 700}) };
        let calm = json!({
            "Events": events, "Splits": 3, "SourceParallelism": 3, "Parallelism": parallelism, "NetworkDelay": delays, "EndOfInput": true,
            "Strategy": {"type": "bounded", "outOfOrderness": 1_000}, "Assigner": assigner, "Aggregate": "count", "Until": 40_000,
        });
        let expected = job::call(&calm).expect("it runs");
        prop_assert!(expected["LateOutput"].as_array().expect("a list").is_empty());
        let run = |mode: &str, sink: &str| {
            let mut params = calm.clone();
            params["Failures"] = json!(failures);
            params["Checkpoints"] = json!({"Interval": interval, "Mode": mode});
            params["Sink"] = json!(sink);
            job::call(&params).expect("it runs")
        };
        let exact = run("EXACTLY_ONCE", "exactly_once");
        prop_assert_eq!(visible(&exact), visible(&expected), "exactly-once end to end: {}", exact);
        let repeated = visible(&run("EXACTLY_ONCE", "at_least_once"));
        for (result, times) in visible(&expected) {
            prop_assert!(repeated.get(&result).is_some_and(|more| *more >= times), "exactly-once state, at-least-once sink: {result}");
        }
        prop_assert!(repeated.keys().all(|result| visible(&expected).contains_key(result)));
        if !session {
            let loose = counts(&run("AT_LEAST_ONCE", "at_least_once"));
            for (window, count) in counts(&expected) {
                prop_assert!(loose.get(&window).is_some_and(|more| *more >= count), "at-least-once: {window}");
            }
        }
    }
}

#[test]
fn a_barrier_waits_for_the_slow_channel() {
    let params = json!({
        "Events": [
            {"Id": "a", "Key": "k", "EventTime": 0, "ArrivalTime": 0, "Split": 0},
            {"Id": "b", "Key": "k", "EventTime": 10, "ArrivalTime": 1_010, "Split": 0},
        ],
        "Splits": 2, "SourceParallelism": 2, "NetworkDelay": [0, 300], "Checkpoints": {"Interval": 1_000}, "Failures": [1_500],
        "Strategy": {"type": "bounded", "outOfOrderness": 0}, "Assigner": {"type": "tumbling", "size": 1_000}, "Until": 3_000,
    });
    let answer = job::call(&params).expect("it runs");
    let first = &answer["Checkpoints"][0];
    assert_eq!(
        first["Barriers"],
        json!([{"Subtask": 0, "Channel": 0, "At": 1_000}, {"Subtask": 0, "Channel": 1, "At": 1_300}])
    );
    assert_eq!(
        (&first["CompletedAt"], &answer["Attempts"][1]),
        (&json!(1_300), &json!({"StartedAt": 2_500, "FailedAt": null, "RestoredCheckpoint": 1}))
    );
    // b was read after the barrier: it waited for the slow channel, is not in the checkpoint, and is read again.
    assert_eq!(answer["Panes"][0]["Events"], json!(["a", "b"]));
    assert_eq!(
        (&answer["Panes"][0]["RestoredAt"], &answer["Events"][1]["ReachedAt"]),
        (&json!([2_500]), &json!(2_500))
    );
}
