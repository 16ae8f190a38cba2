//! Kinesis by `tests/cases/kinesis-*.json`: hash ranges, keys, and accounts call by call; scenarios and their traces' hashes by `stream-scenarios.json`.

#[path = "common/steps.rs"]
mod steps;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Player};
use sluice_core::sim::SimTime;
use sluice_core::stream::kinesis::{Range, Ring, hash_of, initial_ranges};

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("a case file is JSON");
    file["cases"].as_array().expect("a case file has cases").clone()
}

fn number(value: &Value) -> u128 {
    value.as_str().expect("a number in text").parse().expect("a number")
}

#[test]
fn hash_ranges_of_new_streams() {
    let all = cases(include_str!("../../../tests/cases/kinesis-ranges.json"));
    assert_eq!(all.len(), 200);
    for case in all {
        let shards = case["shards"].as_u64().expect("a count") as u32;
        let ranges: Vec<Range> = initial_ranges(shards).collect();
        assert_eq!(ranges.len(), shards as usize, "{case}");
        for (at, range) in ranges.iter().enumerate().skip(1) {
            assert_eq!(range.start, number(&case["step"]) * at as u128, "{case}");
            assert_eq!(ranges[at - 1].end, range.start - 1, "{case}");
        }
        let last = ranges.last().expect("a range");
        assert_eq!((ranges[0].start, last.start, last.end), (0, number(&case["last"]), u128::MAX), "{case}");
        for (range, expected) in ranges.iter().zip(case["ranges"].as_array().into_iter().flatten()) {
            assert_eq!((range.start, range.end), (number(&expected[0]), number(&expected[1])), "{case}");
        }
    }
}

#[test]
fn keys_fall_where_their_md5_says() {
    let ring = Ring::new(initial_ranges(3).zip(0..));
    for case in cases(include_str!("../../../tests/cases/kinesis-keys.json")) {
        let hash = hash_of(case["key"].as_str().expect("a key"));
        assert_eq!(hash, number(&case["hash"]), "{case}");
        assert_eq!(format!("{hash:032x}"), case["md5"].as_str().expect("an MD5"), "{case}");
        assert_eq!(ring.shard_of(hash).map(u64::from), case["shard_of_3"].as_u64(), "{case}");
    }
}

#[test]
fn accounts_call_by_call() {
    let start = SimTime::parse("2026-01-01").expect("a date");
    steps::accounts_call_by_call(include_str!("../../../tests/cases/kinesis-api.json"), start);
}

/// What `cargo xtask parity kinesis` froze: calls drawn at random, and what kinesalite and the account both answered.
#[test]
fn calls_that_kinesalite_answers_alike() {
    let start = SimTime::parse("2026-01-01").expect("a date");
    steps::accounts_call_by_call(include_str!("../../../tests/cases/kinesis-kinesalite.json"), start);
}

/// Natively and in every browser the same (I2); `cargo xtask bench` compares the file's great one too.
#[test]
fn scenarios_have_their_hash_everywhere() {
    for case in cases(include_str!("../../../tests/cases/stream-scenarios.json")) {
        let account = Account::new(AccountOptions::default());
        let params = json!({"Scenario": case["scenario"], "At": case["at"], "Budget": 1_000_000_000u64});
        let played = account.play_scenario(&mut Player::default(), &params).expect("a scenario plays");
        assert_eq!((&played["Done"], &played["Hash"]), (&json!(true), &case["hash"]), "{}", case["name"]);
    }
}
