//! What S3 does to objects in calls and in time, as data: `tests/cases/s3-*.json`.

mod common;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::BTreeMap;

use common::{account, at, blob, s3};
use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call};
use sluice_core::sim::SimTime;
use sluice_core::storage::s3::lifecycle::{LifecycleAction, LifecycleConfiguration, VersionFacts, due};
use sluice_core::storage::s3::{StorageClass, Versioning};

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("a case file is JSON");
    file["cases"].as_array().expect("a case file has cases").clone()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn time(value: &Value) -> SimTime {
    SimTime::parse(text(value)).expect("a time")
}

/// Puts in what was saved: every text that is `$name`, and `?versionId=$name` behind a source.
fn filled(value: &Value, saved: &BTreeMap<String, Value>) -> Value {
    match value {
        Value::String(text) => match text.rsplit_once('$') {
            Some(("", name)) => saved.get(name).expect("a saved name").clone(),
            Some((before, name)) if before.ends_with('=') => json!([before, saved[name].as_str().expect("a text")].concat()),
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(|item| filled(item, saved)).collect(),
        Value::Object(map) => Value::Object(map.iter().map(|(name, value)| (name.clone(), filled(value, saved))).collect()),
        other => other.clone(),
    }
}

/// Whether an answer has what is expected of it: members that are named, lists of the same length.
fn has(answer: &Value, expected: &Value) -> bool {
    match (answer, expected) {
        (_, Value::String(text)) if text == "absent" => answer.is_null(),
        (Value::Object(_), Value::Object(members)) => members.iter().all(|(name, value)| has(&answer[name.as_str()], value)),
        (Value::Array(items), Value::Array(values)) => items.len() == values.len() && items.iter().zip(values).all(|(item, value)| has(item, value)),
        _ => answer == expected,
    }
}

/// A body of the size given, whose digests are those of its name.
fn body(bytes: &Value) -> Value {
    let mut body = blob(text(&bytes[0]));
    body["size"] = bytes[1].clone();
    body
}

/// Advances the clock to an instant.
fn advance(account: &mut Account, to: SimTime) {
    let seconds = (to.micros() - account.now().max(at(0)).micros()) / 1_000_000;
    let call = Call::new("clock", "Advance", json!({"Seconds": seconds}));
    account.apply(account.now().max(at(0)), &call).expect("the clock goes forward");
}

fn run(case: &Value) {
    let mut account = match case.get("region") {
        Some(region) => Account::new(AccountOptions {
            region: text(region).to_owned(),
            ..AccountOptions::default()
        }),
        None => {
            let mut account = account();
            s3(&mut account, "CreateBucket", json!({"Bucket": "bkt"})).expect("the name is valid");
            account
        }
    };
    let mut saved = BTreeMap::new();
    for step in case["steps"].as_array().expect("steps") {
        if step.get("at").is_some() {
            advance(&mut account, time(&step["at"]));
            continue;
        }
        let mut params = filled(&step["params"], &saved);
        let name = text(&step["call"]);
        if params.get("Bucket").is_none() && name != "ListBuckets" {
            params["Bucket"] = json!("bkt");
        }
        if let Some(times) = step.get("times").and_then(Value::as_u64) {
            let bucket = text(&params["Bucket"]).to_owned();
            for number in 1..=times {
                params["Bucket"] = json!(bucket.replace('#', &number.to_string()));
                s3(&mut account, name, params.clone()).expect("a call that is repeated");
            }
            continue;
        }
        if let Some(bytes) = step["params"].get("Bytes") {
            params["SluiceBlob"] = body(bytes);
            params.as_object_mut().expect("parameters").remove("Bytes");
        }
        let result = match name {
            "sluice:tier" => {
                let object = account.s3().bucket("bkt").and_then(|bucket| bucket.get(text(&params["Key"])));
                let tier = object.and_then(|object| object.tiering()).map(|tiering| tiering.tier());
                Ok(json!({ "Tier": tier }))
            }
            _ => {
                let now = account.now().max(at(0)).plus_seconds(1);
                let outcome = account.apply(now, &Call::new("s3", name, params));
                outcome.map(|outcome| {
                    if let Some(bytes) = step.get("body") {
                        let range = outcome.body.expect("an answer with bytes");
                        assert_eq!(json!([range.offset, range.length]), *bytes, "{}: {step}", case["about"]);
                    }
                    outcome.response
                })
            }
        };
        match (result, step.get("error")) {
            (Ok(answer), None) => {
                let expected = filled(step.get("expect").unwrap_or(&json!({})), &saved);
                assert!(has(&answer, &expected), "{}: {step}\nanswered {answer}", case["about"]);
                for (name, member) in step["save"].as_object().into_iter().flatten() {
                    let value = answer.get(text(member)).expect("a member to save");
                    saved.insert(name.clone(), value.clone());
                }
            }
            (Err(error), Some(code)) => {
                assert_eq!(error.code, text(code), "{}: {step}", case["about"]);
                if let Some(message) = step.get("message") {
                    assert_eq!(error.message, text(message), "{}: {step}", case["about"]);
                }
            }
            (Ok(answer), Some(code)) => panic!("{}: {step}\nshould have been refused with {code}: {answer}", case["about"]),
            (Err(error), None) => panic!("{}: {step}\n{error}", case["about"]),
        }
    }
    // What happened is in the snapshot, and what will happen follows from it.
    let mut again = Account::restore(&account.snapshot()).expect("a snapshot is read");
    assert_eq!(again.s3(), account.s3(), "{}", case["about"]);
    for account in [&mut account, &mut again] {
        let later = account.now().plus_seconds(20 * 365 * 86_400);
        account.poll(later);
    }
    assert_eq!(again.trace_hash(), account.trace_hash(), "{}", case["about"]);
    assert_eq!(again.s3(), account.s3(), "{}", case["about"]);
}

#[test]
fn versions() {
    cases(include_str!("../../../tests/cases/s3-versions.json")).iter().for_each(run);
}

#[test]
fn api() {
    cases(include_str!("../../../tests/cases/s3-api.json")).iter().for_each(run);
}

#[test]
fn limits() {
    cases(include_str!("../../../tests/cases/s3-limits.json")).iter().for_each(run);
}

#[test]
fn lifecycles() {
    cases(include_str!("../../../tests/cases/s3-lifecycle.json")).iter().for_each(run);
}

#[test]
fn restores() {
    cases(include_str!("../../../tests/cases/s3-restore.json")).iter().for_each(run);
}

#[test]
fn tiering() {
    cases(include_str!("../../../tests/cases/s3-tiering.json")).iter().for_each(run);
}

#[test]
fn multipart() {
    cases(include_str!("../../../tests/cases/s3-multipart.json")).iter().for_each(run);
}

#[test]
fn transitions() {
    for case in cases(include_str!("../../../tests/cases/s3-transitions.json")) {
        let class = |name: &str| StorageClass::parse(text(&case[name])).expect("a class");
        let (from, to) = (class("from"), class("to"));
        assert_eq!(from.can_transition_to(to), case["moves"] == true, "{case}");
        let mut account = account();
        s3(&mut account, "CreateBucket", json!({"Bucket": "bkt"})).expect("the name is valid");
        let put = json!({"Bucket": "bkt", "Key": "a", "StorageClass": from, "SluiceBlob": body(&json!(["x", 1_000_000]))});
        s3(&mut account, "PutObject", put).expect("a put");
        let rules = json!([{"Status": "Enabled", "Filter": {}, "Transitions": [{"Days": 30, "StorageClass": to}]}]);
        s3(
            &mut account,
            "PutBucketLifecycleConfiguration",
            json!({"Bucket": "bkt", "LifecycleConfiguration": {"Rules": rules}}),
        )
        .expect("the rule is valid");
        let later = account.now().plus_seconds(31 * 86_400);
        advance(&mut account, later);
        let object = account.s3().bucket("bkt").and_then(|bucket| bucket.get("a")).expect("the object is there");
        assert_eq!(object.storage_class(), if case["moves"] == true { to } else { from }, "{case}");
    }
}

#[test]
fn lifecycle_rules() {
    for case in cases(include_str!("../../../tests/cases/s3-lifecycle-rules.json")) {
        let mut rules = case["rules"].as_array().expect("rules").clone();
        if let Some(count) = case["repeat"].as_u64() {
            rules = vec![rules[0].clone(); count as usize];
        }
        let mut account = account();
        s3(&mut account, "CreateBucket", json!({"Bucket": "bkt"})).expect("the name is valid");
        let mut params = json!({"Bucket": "bkt", "LifecycleConfiguration": {"Rules": rules}});
        if let Some(minimum) = case.get("minimum") {
            params["TransitionDefaultMinimumObjectSize"] = minimum.clone();
        }
        match (s3(&mut account, "PutBucketLifecycleConfiguration", params), case.get("code")) {
            (Ok(_), None) => {
                let answer = s3(&mut account, "GetBucketLifecycleConfiguration", json!({"Bucket": "bkt"})).expect("it was put");
                if case["repeat"].is_null() {
                    let given: Vec<Value> = rules.iter().map(with_times).collect();
                    assert!(has(&answer["Rules"], &json!(given)), "{case}\n{answer}");
                }
                assert_eq!(answer["Rules"].as_array().map(Vec::len), Some(rules.len()));
            }
            (Err(error), Some(code)) => {
                assert_eq!(&error.code, text(code), "{case}");
                if let Some(message) = case["message"].as_str() {
                    assert_eq!(error.message, message, "{case}");
                }
            }
            (result, _) => panic!("{case}\n{result:?}"),
        }
    }
}

/// A rule as it is answered: dates in full and in UTC.
fn with_times(rule: &Value) -> Value {
    match rule {
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(name, value)| {
                    let value = if name == "Date" { json!(time(value).to_string()) } else { with_times(value) };
                    (name.clone(), value)
                })
                .collect(),
        ),
        Value::Array(items) => items.iter().map(with_times).collect(),
        other => other.clone(),
    }
}

#[test]
fn lifecycle_due() {
    for case in cases(include_str!("../../../tests/cases/s3-lifecycle-due.json")) {
        let given = &case["facts"];
        let mut configuration = json!({"Rules": case["rules"]});
        if let Some(minimum) = case.get("minimum") {
            configuration["TransitionDefaultMinimumObjectSize"] = minimum.clone();
        }
        let configuration = LifecycleConfiguration::parse(&configuration).expect("the rules are valid");
        let created = given.get("created").map_or_else(|| time(&json!("2026-01-15T10:30:00Z")), time);
        let tags: BTreeMap<String, String> = serde_json::from_value(given.get("tags").cloned().unwrap_or(json!({}))).expect("tags");
        let newer: Vec<SimTime> = given["newer_noncurrent"].as_array().into_iter().flatten().map(time).collect();
        let facts = VersionFacts {
            key: "logs/a",
            size: given["size"].as_u64().unwrap_or(1 << 20),
            class: given
                .get("class")
                .map_or(StorageClass::Standard, |class| StorageClass::parse(text(class)).expect("a class")),
            tags: &tags,
            created,
            versioning: given
                .get("versioning")
                .map_or(Versioning::Unversioned, |status| serde_json::from_value(status.clone()).expect("a status")),
            delete_marker: given["delete_marker"] == true,
            alone: given["alone"] != false,
            noncurrent_since: given.get("noncurrent_since").map(time),
            newer_noncurrent: &newer,
            not_before: given.get("not_before").map_or(created, time),
        };
        let expected = case["due"].as_array().map(|due| {
            let action = match &due[1] {
                Value::String(name) => match name.as_str() {
                    "Delete" => LifecycleAction::Delete,
                    "RemoveExpiredMarker" => LifecycleAction::RemoveExpiredMarker,
                    "CreateDeleteMarker" => LifecycleAction::CreateDeleteMarker,
                    other => panic!("no action {other}"),
                },
                transition => LifecycleAction::Transition(StorageClass::parse(text(&transition["Transition"])).expect("a class")),
            };
            (time(&due[0]), action)
        });
        assert_eq!(due(&facts, &configuration), expected, "{case}");
    }
}
