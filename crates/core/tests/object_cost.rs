//! What one version costs, held against the account's bill.

#![allow(clippy::unwrap_used)]

mod common;

use common::{account, at, code};
use serde_json::{Value, json};
use sluice_core::account::{Account, BlobRef, Call};
use sluice_core::sim::SimTime;

const GB: u64 = 1 << 30;

fn ask(account: &mut Account, now: SimTime, service: &str, operation: &str, params: Value) -> Value {
    account.apply(now, &Call::new(service, operation, params)).unwrap().response
}

fn put(account: &mut Account, now: SimTime, key: &str, size: u64, class: &str) {
    let blob = BlobRef { size, ..BlobRef::empty() };
    let params = json!({"Bucket": "bkt", "Key": key, "StorageClass": class, "SluiceBlob": blob});
    ask(account, now, "s3", "PutObject", params);
}

/// Amounts of lines that are no requests, in billionths of a dollar.
fn nanos(lines: &Value) -> i64 {
    let lines = lines.as_array().unwrap().iter().filter(|line| line["Group"] != "requests");
    lines
        .map(|line| (line["Amount"].as_str().unwrap().parse::<f64>().unwrap() * 1e9).round() as i64)
        .sum()
}

/// One object alone through one month: the bill has what was said it would cost, whatever the class bills beside its bytes.
#[test]
fn a_month_of_an_object_is_what_is_billed() {
    for class in [
        "STANDARD",
        "STANDARD_IA",
        "ONEZONE_IA",
        "INTELLIGENT_TIERING",
        "GLACIER_IR",
        "GLACIER",
        "DEEP_ARCHIVE",
    ] {
        for size in [0, 1_000, 200_000, 3 * GB] {
            let mut account = account();
            let (start, end) = (SimTime::parse("2026-02-01").unwrap(), SimTime::parse("2026-03-01").unwrap());
            ask(&mut account, start, "s3", "CreateBucket", json!({"Bucket": "bkt"}));
            put(&mut account, start, "a", size, class);
            let cost = ask(&mut account, start, "sluice", "GetObjectCost", json!({"Bucket": "bkt", "Key": "a"}));
            assert_eq!((&cost["StorageClass"], &cost["Month"]["Month"]), (&json!(class), &json!("2026-02")));
            let bill = ask(&mut account, end, "sluice", "GetBill", json!({}));
            assert_eq!(nanos(&cost["Month"]["Lines"]), nanos(&bill["Lines"]), "{class} {size}: {cost}\n{bill}");
            let then = ask(&mut account, end, "sluice", "GetObjectCost", json!({"Bucket": "bkt", "Key": "a"}));
            assert_eq!(then["SoFar"]["Total"], cost["Month"]["Total"], "{class} {size}");
        }
    }
}

/// One object through four hundred days of rules, restores, tags and reads: what its life cost is what was billed of it, requests and retrievals apart.
#[test]
fn a_life_is_what_was_billed() {
    let moves = |steps: &[(u32, &str)]| -> Value {
        let transitions: Vec<Value> = steps.iter().map(|(days, class)| json!({"Days": days, "StorageClass": class})).collect();
        json!({"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {}, "Transitions": transitions}]})
    };
    let plans = [
        ("STANDARD", vec![(30, "STANDARD_IA"), (90, "GLACIER"), (365, "DEEP_ARCHIVE")]),
        // Leaves Glacier Instant Retrieval after ten days of its ninety.
        ("GLACIER_IR", vec![(10, "GLACIER")]),
        ("INTELLIGENT_TIERING", vec![(200, "GLACIER_IR")]),
        ("STANDARD", vec![(0, "INTELLIGENT_TIERING")]),
    ];
    for (class, steps) in plans {
        let mut account = account();
        let start = SimTime::parse("2026-02-01T07:00:00Z").unwrap();
        ask(&mut account, start, "s3", "CreateBucket", json!({"Bucket": "bkt"}));
        let rules = json!({"Bucket": "bkt", "LifecycleConfiguration": moves(&steps)});
        ask(&mut account, start, "s3", "PutBucketLifecycleConfiguration", rules);
        put(&mut account, start, "a", 3 * GB, class);
        let day = |days: i64| start.plus_seconds(days * 86_400);
        let tags = json!({"Bucket": "bkt", "Key": "a", "Tagging": {"TagSet": [{"Key": "k", "Value": "v"}]}});
        ask(&mut account, day(20), "s3", "PutObjectTagging", tags);
        let read = Call::new("s3", "GetObject", json!({"Bucket": "bkt", "Key": "a"}));
        let _ = account.apply(day(70), &read);
        let restore = json!({"Bucket": "bkt", "Key": "a", "RestoreRequest": {"Days": 5, "GlacierJobParameters": {"Tier": "Bulk"}}});
        let _ = account.apply(day(150), &Call::new("s3", "RestoreObject", restore));
        let now = day(400);
        let cost = ask(&mut account, now, "sluice", "GetObjectCost", json!({"Bucket": "bkt", "Key": "a"}));
        let bill = ask(&mut account, now, "sluice", "GetBill", json!({}));
        let of_time: Vec<Value> = bill["Lines"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["Group"] != "retrieval")
            .cloned()
            .collect();
        assert_eq!(cost["Life"]["Since"], "2026-02-01T07:00:00Z");
        assert_eq!(nanos(&cost["Life"]["Lines"]), nanos(&json!(of_time)), "{class} {steps:?}\n{cost}\n{bill}");
        assert!(cost["Life"]["Lines"].as_array().unwrap().len() >= 14, "{cost}");
        let again = Account::restore(&account.snapshot()).unwrap();
        assert_eq!(again.s3(), account.s3());
    }
}

#[test]
fn leaving_too_soon_is_said_before_it_is_charged() {
    let mut account = account();
    let start = SimTime::parse("2026-01-01").unwrap();
    ask(&mut account, start, "s3", "CreateBucket", json!({"Bucket": "bkt"}));
    put(&mut account, start, "a", GB, "STANDARD_IA");
    let ask_cost = |account: &mut Account, now| ask(account, now, "sluice", "GetObjectCost", json!({"Bucket": "bkt", "Key": "a"}));
    let ten_days = SimTime::parse("2026-01-11").unwrap();
    let cost = ask_cost(&mut account, ten_days);
    // 20 of the 30 days are left: 20/31 of a GB-month at 0.0125.
    assert_eq!(nanos(&cost["Leaving"]["Lines"]), 8_064_516);
    let later = SimTime::parse("2026-02-05").unwrap();
    assert_eq!(ask_cost(&mut account, later)["Leaving"]["Total"], "0");
    let mut leaves = account.clone();
    assert_eq!(nanos(&cost["SoFar"]["Lines"]), 4_032_258);
    ask(&mut leaves, later, "s3", "DeleteObject", json!({"Bucket": "bkt", "Key": "a"}));
    let bill = ask(&mut leaves, later, "sluice", "GetBill", json!({}));
    assert!(!bill["Lines"].as_array().unwrap().iter().any(|line| line["Group"] == "early-delete"));
}

#[test]
fn what_is_not_there_costs_nothing_and_says_so() {
    let mut account = account();
    ask(&mut account, at(0), "s3", "CreateBucket", json!({"Bucket": "bkt"}));
    let mut cost = |params: Value| {
        code(
            account
                .apply(at(1), &Call::new("sluice", "GetObjectCost", params))
                .map(|outcome| outcome.response),
        )
    };
    assert_eq!(cost(json!({"Bucket": "nowhere", "Key": "a"})), "NoSuchBucket");
    assert_eq!(cost(json!({"Bucket": "bkt", "Key": "a"})), "NoSuchKey");
    assert_eq!(
        cost(json!({"Bucket": "bkt", "Key": "a", "VersionId": "z42QTY.fS4qTHGKNN2abpaREszWwSpRV"})),
        "NoSuchVersion"
    );
    assert_eq!(cost(json!({"Bucket": "bkt"})), "ParamValidation");
}
