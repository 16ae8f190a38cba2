//! Streams drawn at random, by what Flink itself answered: `tests/cases/flink-parity.json`, which `cargo xtask parity flink` writes.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sluice_core::event_time::job;

/// Flink's watermark before there is one.
const NONE: i64 = i64::MIN;

fn number(value: &Value) -> i64 {
    match value {
        Value::Null => NONE,
        Value::String(text) => text.parse().expect("a long as text"),
        other => other.as_i64().expect("a long"),
    }
}

/// The last watermark of each millisecond.
fn steps(steps: &Value) -> BTreeMap<i64, i64> {
    let steps = steps.as_array().expect("steps").iter();
    let steps = steps.map(|step| (number(&step[0]), number(&step[1])));
    steps.filter(|(_, watermark)| *watermark != NONE).collect()
}

/// A window of a key: key, start, end.
type Pane = (String, i64, i64);

/// Firings of each window of a key in their order: watermark and contents.
fn by_pane(firings: impl Iterator<Item = (Pane, i64, Value)>) -> BTreeMap<Pane, Vec<(i64, Value)>> {
    let mut found: BTreeMap<Pane, Vec<(i64, Value)>> = BTreeMap::new();
    for (pane, watermark, events) in firings {
        found.entry(pane).or_default().push((watermark, events));
    }
    found
}

#[test]
fn streams_are_what_flink_makes_of_them() {
    let file: Value = serde_json::from_str(include_str!("../../../tests/cases/flink-parity.json")).expect("a case file is JSON");
    let cases = file["cases"].as_array().expect("cases");
    assert!(cases.len() >= 30);
    for case in cases {
        let id = &case["id"];
        let answer = job::call(&case["stream"]).unwrap_or_else(|error| panic!("{id}: {error}"));
        let expected = &case["expect"];
        assert_eq!(steps(&answer["Watermarks"]["Subtasks"][0]["Steps"]), steps(&expected["Watermarks"]), "{id}");
        assert_eq!(answer["LateOutput"], expected["LateOutput"], "{id}");
        let panes = answer["Panes"].as_array().expect("panes");
        let bounds = |of: &Value| (of["Key"].as_str().expect("a key").to_owned(), number(&of["Start"]), number(&of["End"]));
        let ours = answer["Firings"].as_array().expect("firings").iter().map(|firing| {
            let pane = &panes[firing["Pane"].as_u64().expect("a number") as usize];
            (bounds(pane), number(&firing["Watermark"]), firing["Events"].clone())
        });
        let theirs = expected["Firings"].as_array().expect("firings").iter();
        let theirs = theirs.map(|firing| (bounds(firing), number(&firing["Watermark"]), json!(firing["Events"])));
        assert_eq!(by_pane(ours), by_pane(theirs), "{id}");
    }
}
