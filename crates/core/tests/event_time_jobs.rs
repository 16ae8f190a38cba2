//! Jobs in event time by `tests/cases/event-time-jobs.json`, as `sluice:RunEventTime` answers them.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, ApiError, Call};
use sluice_core::sim::SimTime;

fn run(params: &Value) -> Result<Value, ApiError> {
    let mut account = Account::new(AccountOptions::default());
    let call = Call::new("sluice", "RunEventTime", params.clone());
    account.apply(SimTime::EPOCH, &call).map(|outcome| outcome.response)
}

fn file() -> Value {
    serde_json::from_str(include_str!("../../../tests/cases/event-time-jobs.json")).expect("a case file is JSON")
}

#[test]
fn jobs_by_hand() {
    let file = file();
    for case in file["cases"].as_array().expect("cases") {
        let answer = run(&case["params"]).unwrap_or_else(|error| panic!("{}: {}", case["name"], error.message));
        for (pointer, expected) in case["expect"].as_object().expect("expectations") {
            let got = answer
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{}: {pointer} is not there: {answer}", case["name"]));
            assert_eq!(got, expected, "{}: {pointer}", case["name"]);
        }
    }
}

#[test]
fn what_does_not_read_is_named() {
    let file = file();
    for case in file["invalid"].as_array().expect("cases") {
        let error = run(&case["params"]).expect_err("an error");
        let says = case["says"].as_str().expect("text");
        assert!(
            error.code == "ParamValidation" && says.split('|').any(|one| error.message.contains(one)),
            "{says}: {}",
            error.message
        );
    }
}

#[test]
fn the_same_job_answers_the_same() {
    let events: Vec<Value> = (0..200)
        .map(|at: i64| {
            let jitter = at * 7919 % 8_000;
            json!({"Key": format!("k{}", at % 7), "Value": at, "EventTime": at * 100 - jitter, "ArrivalTime": at * 100, "Split": at % 3})
        })
        .collect();
    let params = json!({
        "Events": events, "Strategy": {"type": "bounded", "outOfOrderness": 2_000}, "Assigner": {"type": "sliding", "size": 2_000, "slide": 500},
        "AllowedLateness": 500, "Aggregate": {"top": 3}, "Parallelism": 2, "SourceParallelism": 2, "NetworkDelay": 15, "IdleTimeout": 1_000, "EndOfInput": true,
    });
    let answer = run(&params).expect("it runs");
    assert_eq!(run(&params).expect("it runs"), answer);
    let firings = answer["Firings"].as_array().expect("a list").len();
    assert!(firings > 100, "{firings}");
    assert!(answer["LateOutput"].as_array().is_some_and(|late| !late.is_empty()));
}
