//! Event time by `tests/cases/flink-cases.json`: what Apache Flink 2.3.0 answered.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::Value;
use sluice_core::event_time::cases::{Outcome, run};

/// The suites that are not this engine's yet, with their cases.
const ELSEWHERE: (&str, usize) = ("sql", 15);

#[test]
fn flink_says_so() {
    let file: Value = serde_json::from_str(include_str!("../../../tests/cases/flink-cases.json")).expect("a case file is JSON");
    let cases = file["cases"].as_array().expect("a case file has cases");
    let (mut passed, mut skipped) = (0, 0);
    let mut failed = Vec::new();
    for case in cases {
        match run(case) {
            Outcome::Pass => passed += 1,
            Outcome::Skipped(_) if case["suite"] == ELSEWHERE.0 => skipped += 1,
            Outcome::Skipped(reason) | Outcome::Fail(reason) => failed.push(format!("{}: {reason}", case["id"])),
        }
    }
    assert!(failed.is_empty(), "{passed} passed, {} did not:\n{}", failed.len(), failed.join("\n"));
    assert_eq!((skipped, passed), (ELSEWHERE.1, cases.len() - ELSEWHERE.1));
    assert!(passed >= 170, "{passed}");
}

#[test]
fn a_wrong_expectation_fails() {
    let case = serde_json::json!({"suite": "window_start", "input": {"ts": 6, "offset": 0, "size": 7}, "expect": {"start": 7}});
    assert_eq!(run(&case), Outcome::Fail("expected {\"start\":7}, got {\"start\":0}".into()));
    let case = serde_json::json!({"suite": "window_start", "input": {}, "expect": {"start": 7}});
    assert!(matches!(run(&case), Outcome::Fail(reason) if reason.starts_with("ts is missing")));
}
