//! Flink SQL by `tests/cases/flink-cases.json`: what Apache Flink 2.3.0 answered.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::Value;
use sluice_flinksql::cases::{is_sql, run};

#[test]
fn flink_says_so() {
    let file: Value = serde_json::from_str(include_str!("../../../tests/cases/flink-cases.json")).expect("a case file is JSON");
    let cases: Vec<&Value> = file["cases"]
        .as_array()
        .expect("a case file has cases")
        .iter()
        .filter(|case| is_sql(case))
        .collect();
    let failed: Vec<String> = cases
        .iter()
        .filter_map(|case| run(case).err().map(|reason| format!("{}: {reason}", case["id"])))
        .collect();
    assert!(failed.is_empty(), "of {}, {} did not pass:\n{}", cases.len(), failed.len(), failed.join("\n"));
    assert!(cases.len() >= 15);
}

#[test]
fn a_wrong_expectation_fails() {
    let case = serde_json::json!({"input": {"tables": [{"name": "t", "columns": [["a", "INT"]], "rows": [[1]]}], "sql": "SELECT a + 1 FROM t"}, "expect": {"rows": [["+I", 3]]}});
    assert_eq!(run(&case), Err(String::from("expected [[\"+I\",3]], got [[\"+I\",2]]")));
}
