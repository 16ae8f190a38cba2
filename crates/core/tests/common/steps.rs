//! Accounts call by call.
//!
//! A step is a call and what it answers: `error`, `message` and `contains`; members in `answer`; values by JSON pointer in `pointer` (null: nothing there); JSON inside a
//! text in `json`; how many items a list has in `count`. `save` keeps texts by name for `{{name}}` in later steps. `times` makes the same call so often; `repeat` makes a
//! list in the parameters as long as it says, of its first item; `fill` puts so many bytes in base64.

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call};
use sluice_core::sim::SimTime;

pub fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part.iter().all(|(name, part)| whole.get(name).is_some_and(|whole| contains(whole, part))),
        (Value::Array(whole), Value::Array(part)) => whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| contains(whole, part)),
        (whole, part) => whole == part,
    }
}

/// Plays every case of a file on an account of its own that begins at `start`; after each step its snapshot restores, and at the end its log replays to the same account.
pub fn accounts_call_by_call(text: &str, start: SimTime) {
    let file: Value = serde_json::from_str(text).expect("a case file is JSON");
    for case in file["cases"].as_array().expect("a case file has cases") {
        let mut account = Account::new(AccountOptions::default());
        let mut saved: Vec<(String, String)> = Vec::new();
        let mut log = Vec::new();
        for step in case["steps"].as_array().expect("steps") {
            let mut params = step["params"].to_string();
            for (name, value) in &saved {
                params = params.replace(&format!("{{{{{name}}}}}"), value);
            }
            let mut params: Value = serde_json::from_str(&params).expect("JSON");
            for (pointer, bytes) in step["fill"].as_object().into_iter().flatten() {
                let filled = "eHh4".repeat(bytes.as_u64().expect("a size") as usize / 3) + ["", "eA==", "eHg="][bytes.as_u64().expect("a size") as usize % 3];
                *params.pointer_mut(pointer).expect("a place to fill") = json!(filled);
            }
            for (pointer, count) in step["repeat"].as_object().into_iter().flatten() {
                let list = params.pointer_mut(pointer).and_then(Value::as_array_mut).expect("a list to repeat");
                let first = list.first().expect("an item to repeat").clone();
                list.resize(count.as_u64().expect("a count") as usize, first);
            }
            let call = Call::new(
                step["service"].as_str().expect("a service"),
                step["operation"].as_str().expect("an operation"),
                params,
            );
            for _ in 0..step["times"].as_u64().unwrap_or(1) {
                let now = account.now().max(start);
                if !Account::is_read(&call) {
                    log.push((now, call.clone()));
                }
                let result = account.apply(now, &call).map(|outcome| outcome.response);
                let place = || format!("{}: {step}\n{}", case["name"], format!("{result:?}").chars().take(2_000).collect::<String>());
                match (&result, step["error"].as_str()) {
                    (Ok(response), None) => {
                        assert!(step.get("answer").is_none_or(|part| contains(response, part)), "{}", place());
                        for (pointer, value) in step["pointer"].as_object().into_iter().flatten() {
                            assert_eq!(response.pointer(pointer).unwrap_or(&Value::Null), value, "{}", place());
                        }
                        for (pointer, count) in step["count"].as_object().into_iter().flatten() {
                            let found = response.pointer(pointer).and_then(Value::as_array).map(Vec::len);
                            assert_eq!(found, count.as_u64().map(|count| count as usize), "{pointer}: {}", place());
                        }
                        for (pointer, part) in step["json"].as_object().into_iter().flatten() {
                            let text = response.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{}", place()));
                            assert!(contains(&serde_json::from_str(text).expect("JSON"), part), "{}", place());
                        }
                        for (name, pointer) in step["save"].as_object().into_iter().flatten() {
                            let value = response.pointer(pointer.as_str().expect("a pointer")).and_then(Value::as_str);
                            saved.retain(|(one, _)| one != name);
                            saved.push((name.clone(), value.unwrap_or_else(|| panic!("{}", place())).to_string()));
                        }
                    }
                    (Err(error), Some(code)) => {
                        assert_eq!(error.code, code, "{}", place());
                        assert!(step.get("message").is_none_or(|message| *message == json!(error.message)), "{}", place());
                        for part in step["contains"].as_array().into_iter().flatten() {
                            assert!(error.message.contains(part.as_str().expect("text")), "{}", place());
                        }
                    }
                    _ => panic!("{}", place()),
                }
            }
            let text = account.snapshot().to_string();
            let restored = Account::restore(&serde_json::from_str(&text).expect("a snapshot is JSON")).expect("a snapshot restores");
            assert_eq!(restored.snapshot(), account.snapshot(), "{}: {step}", case["name"]);
        }
        let mut again = Account::new(AccountOptions::default());
        for (at, call) in log {
            let _ = again.apply(at, &call);
        }
        assert_eq!(again.trace_hash(), account.trace_hash(), "{}", case["name"]);
        assert_eq!(again.snapshot(), account.snapshot(), "{}", case["name"]);
    }
}
