//! Access and encryption as a person meets them: `tests/cases/access-*.json`, `encryption.json` and `s3-directory.json`, call by call.
//!
//! A step is a call (`service`, `operation`, `params`, `as`) and what it answers: `error` and `message`, or members of the response in `answer`. `save` keeps members of
//! a response by name, and `{{name}}` in a later step stands for one. A message may name what is in it: `contains`.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, ApiError, BlobRef, Call};
use sluice_core::sim::SimTime;

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("a case file is JSON");
    file["cases"].as_array().expect("a case file has cases").clone()
}

/// `part` is in `whole`: members of objects that it has, everything else as it is.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part.iter().all(|(name, part)| whole.get(name).is_some_and(|whole| contains(whole, part))),
        (Value::Array(whole), Value::Array(part)) => whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| contains(whole, part)),
        (whole, part) => whole == part,
    }
}

fn run(case: &Value, shared: &[Value]) {
    let mut account = Account::new(AccountOptions::default());
    let mut saved: Vec<(String, String)> = Vec::new();
    let steps = case["steps"].as_array().expect("steps");
    for (at, step) in shared.iter().chain(steps).enumerate() {
        let mut text = step.to_string();
        for (name, value) in &saved {
            text = text.replace(&format!("{{{{{name}}}}}"), value);
        }
        let step: Value = serde_json::from_str(&text).expect("saved values are plain text");
        let mut params = step.get("params").cloned().unwrap_or_else(|| json!({}));
        if step["operation"] == "PutObject" && step["service"] == "s3" {
            params["SluiceBlob"] = json!(BlobRef::empty());
        }
        for name in ["Policy", "PolicyDocument", "AssumeRolePolicyDocument", "Document"] {
            if params[name].is_object() {
                params[name] = json!(params[name].to_string());
            } else if params[name].is_null() {
                params.as_object_mut().expect("an object").remove(name);
            }
        }
        let call = json!({"service": step["service"], "operation": step["operation"], "params": params, "as": step["as"]});
        let call: Call = serde_json::from_value(call).unwrap_or_else(|error| panic!("{step}: {error}"));
        let now = account.now().max(SimTime::parse("2026-01-01").expect("a date")).plus_seconds(1);
        let result: Result<Value, ApiError> = account.apply(now, &call).map(|outcome| outcome.response);
        let place = format!("{}, step {at}: {step}\n{result:?}", case["name"]);
        match (&result, step.get("error")) {
            (Ok(response), None) => {
                if let Some(part) = step.get("answer") {
                    assert!(contains(response, part), "{place}");
                }
                for name in step["without"].as_array().into_iter().flatten() {
                    assert!(response.get(name.as_str().expect("a name")).is_none(), "{place}");
                }
                for (name, pointer) in step["save"].as_object().into_iter().flatten() {
                    let value = response.pointer(pointer.as_str().expect("a pointer")).and_then(Value::as_str);
                    saved.push((name.clone(), value.unwrap_or_else(|| panic!("{place}")).to_string()));
                }
            }
            (Err(error), Some(code)) => {
                assert_eq!(code, &json!(error.code), "{place}");
                if let Some(message) = step.get("message") {
                    assert_eq!(message, &json!(error.message), "{place}");
                }
                let said = format!("{} {}", error.message, error.help.clone().unwrap_or_default());
                for part in step["contains"].as_array().into_iter().flatten() {
                    assert!(said.contains(part.as_str().expect("text")), "{place}");
                }
            }
            _ => panic!("{place}"),
        }
        // What was kept must be what is kept.
        let text = account.snapshot().to_string();
        let restored = Account::restore(&serde_json::from_str(&text).expect("a snapshot is JSON")).expect("a snapshot restores");
        assert_eq!(restored.snapshot(), account.snapshot(), "{place}");
    }
}

fn run_file(text: &str) {
    let file: Value = serde_json::from_str(text).expect("a case file is JSON");
    let shared = file["before"].as_array().cloned().unwrap_or_default();
    for case in cases(text) {
        run(&case, &shared);
    }
}

#[test]
fn access() {
    run_file(include_str!("../../../tests/cases/access-api.json"));
}

#[test]
fn encryption() {
    run_file(include_str!("../../../tests/cases/encryption.json"));
}

#[test]
fn directory_buckets() {
    run_file(include_str!("../../../tests/cases/s3-directory.json"));
}
