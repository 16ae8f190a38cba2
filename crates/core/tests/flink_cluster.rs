//! A Flink job's tasks, slots and buffers by `tests/cases/flink-cluster.json`, and what holds of every run.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, ApiError, Call};
use sluice_core::event_time::cluster::{Cluster, Edge, Operator};
use sluice_core::sim::SimTime;

fn run(params: &Value) -> Result<Value, ApiError> {
    let mut account = Account::new(AccountOptions::default());
    let call = Call::new("sluice", "RunFlinkCluster", params.clone());
    account.apply(SimTime::EPOCH, &call).map(|outcome| outcome.response)
}

fn file() -> Value {
    serde_json::from_str(include_str!("../../../tests/cases/flink-cluster.json")).expect("a case file is JSON")
}

#[test]
fn tasks_slots_and_states_by_hand() {
    for case in file()["cases"].as_array().expect("cases") {
        let answer = run(&case["params"]).unwrap_or_else(|error| panic!("{}: {}", case["name"], error.message));
        for (pointer, expected) in case["expect"].as_object().expect("expectations") {
            let got = answer
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{}: {pointer} is not there: {answer}", case["name"]));
            assert_eq!(got, expected, "{}: {pointer}", case["name"]);
        }
        for (pointer, bounds) in case["between"].as_object().into_iter().flatten() {
            let got = answer.pointer(pointer).and_then(Value::as_i64).expect("a number");
            let bound = |at: usize| bounds[at].as_i64().expect("a bound");
            assert!((bound(0)..=bound(1)).contains(&got), "{}: {pointer} is {got}, not in {bounds}", case["name"]);
        }
    }
}

#[test]
fn what_does_not_read_is_named() {
    for case in file()["invalid"].as_array().expect("cases") {
        let error = run(&case["params"]).expect_err("an error");
        let says = case["says"].as_str().expect("text");
        assert!(error.code == "ParamValidation" && error.message.contains(says), "{says}: {}", error.message);
    }
}

/// A job out of a number: what differs is its costs, parallelisms, edges, rate and record size.
fn job(seed: u64) -> Cluster {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut draw = |most: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % most
    };
    let mut operators: Vec<Operator> = Vec::new();
    for at in 0..2 + draw(3) {
        let edge = [Edge::Forward, Edge::Hash, Edge::Rebalance][draw(3) as usize];
        let before = operators.last().map(|before| before.parallelism);
        operators.push(Operator {
            name: format!("op{at}"),
            parallelism: before.filter(|_| edge == Edge::Forward).unwrap_or(1 + draw(4) as usize),
            cost: 1 + draw(if at == 2 { 60_000 } else { 900 }) as i64,
            edge,
            group: "default".into(),
            chains: draw(2) == 0,
        });
    }
    Cluster {
        operators,
        rates: vec![(0, draw(6_000)), (1_500, draw(9_000))],
        seconds: 4,
        record: 1 + draw(8_000),
        keys: 1 + draw(50),
        max_parallelism: 128,
        slots_per_manager: 2,
        parallelism_per_kpu: 1,
        rescale: None,
    }
}

#[test]
fn no_record_and_no_millisecond_is_lost_and_only_a_missing_credit_blocks() {
    let (mut blocked, mut idle) = (0, 0);
    for seed in 1..=150 {
        let run = job(seed).run();
        assert_eq!(run.unexplained, 0, "seed {seed}: blocked with credits");
        for (offered, read, buffered, done) in &run.totals {
            assert_eq!(*read, buffered + done, "seed {seed}");
            assert!(read <= offered, "seed {seed}");
        }
        for subtask in run.seconds.iter().flatten().flatten() {
            assert_eq!(subtask.busy + subtask.blocked + subtask.idle, 1_000_000, "seed {seed}: {subtask:?}");
            assert!(
                subtask.in_pool.0 <= subtask.in_pool.1 && subtask.out_pool.0 <= subtask.out_pool.1,
                "seed {seed}: {subtask:?}"
            );
            blocked += i64::from(subtask.blocked > 0);
            idle += i64::from(subtask.idle > 0);
        }
        let mut last = run.seconds.iter().filter_map(|second| second.last()).flatten();
        assert!(last.all(|subtask| subtask.blocked == 0), "seed {seed}: the last task has no output");
    }
    assert!(blocked > 100 && idle > 100, "the jobs are of both kinds: {blocked} {idle}");
}

#[test]
fn the_same_job_answers_the_same() {
    let params = json!({"Operators": [{"Name": "Source", "Cost": 50, "Parallelism": 2}, {"Name": "Window", "Cost": 400, "Parallelism": 3, "Edge": "hash"}],
        "Rates": [{"PerSecond": 9_000}], "Seconds": 5});
    assert_eq!(run(&params).expect("it runs"), run(&params).expect("it runs"));
}
