//! Ten years of an account, as the benches measure them natively and in a browser.

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call};
use sluice_core::sim::SimTime;

const DAY: i64 = 86_400;
const DAYS: i64 = 10 * 365;

/// Lets ten years pass at once.
pub fn pass(account: &mut Account) {
    call(account, "clock", "Advance", json!({"Seconds": DAYS * DAY}));
    let left = account.s3().bucket("archive").map_or(0, |bucket| bucket.len());
    assert_eq!(left, 0, "the rules expire every object within ten years");
}

/// Objects in INTELLIGENT_TIERING, without rules.
pub fn tiered(objects: usize) -> Account {
    let mut account = Account::new(AccountOptions::default());
    call(&mut account, "s3", "CreateBucket", json!({"Bucket": "tiered"}));
    for index in 0..objects {
        let blob = json!({"id": "0".repeat(64), "size": 150_000 + index * 37 % 4_000_000, "md5": "0".repeat(32)});
        let params = json!({"Bucket": "tiered", "Key": key(index), "StorageClass": "INTELLIGENT_TIERING", "SluiceBlob": blob});
        call(&mut account, "s3", "PutObject", params);
    }
    account
}

/// Lets ten years pass day by day, with `reads` objects read on each: objects go down the tiers, and what is read comes up again. Answers the calls.
pub fn pass_with_access(account: &mut Account, objects: usize, reads: usize) -> usize {
    let mut next = 0;
    for _ in 0..DAYS {
        call(account, "clock", "Advance", json!({"Seconds": DAY}));
        for _ in 0..reads {
            call(account, "s3", "GetObject", json!({"Bucket": "tiered", "Key": key(next)}));
            // Coprime to any number of objects that has no factor 7,919: in time each is read.
            next = (next + 7_919) % objects;
        }
    }
    DAYS as usize * (reads + 1)
}

fn key(index: usize) -> String {
    format!("year={}/part-{index:06}.csv", 2016 + index % 10)
}

pub fn call(account: &mut Account, service: &str, operation: &str, params: Value) {
    let now = account.now().max(SimTime::parse("2026-01-01T08:00:00Z").expect("a date")).plus_seconds(1);
    if let Err(error) = account.apply(now, &Call::new(service, operation, params)) {
        panic!("{service}:{operation}: {error}");
    }
}

/// Objects of all sizes under ten prefixes, put over a day, and rules that move and expire them.
pub fn filled(objects: usize) -> Account {
    let mut account = Account::new(AccountOptions::default());
    let s3 = |account: &mut Account, operation: &str, params: Value| call(account, "s3", operation, params);
    s3(&mut account, "CreateBucket", json!({"Bucket": "archive"}));
    for index in 0..objects {
        let blob = json!({"id": "0".repeat(64), "size": 150_000 + index * 37 % 4_000_000, "md5": "0".repeat(32)});
        s3(&mut account, "PutObject", json!({"Bucket": "archive", "Key": key(index), "SluiceBlob": blob}));
    }
    let transition = |days: u32, class: &str| json!({"Days": days, "StorageClass": class});
    let rules = json!([
        {"ID": "warm", "Status": "Enabled", "Filter": {"Prefix": ""}, "Transitions": [transition(30, "STANDARD_IA"), transition(90, "GLACIER")]},
        {"ID": "deep", "Status": "Enabled", "Filter": {}, "Transitions": [transition(365, "DEEP_ARCHIVE")]},
        {"ID": "odd years sooner", "Status": "Enabled", "Filter": {"Prefix": "year=2017/"}, "Transitions": [transition(60, "GLACIER_IR")]},
        {"ID": "large", "Status": "Enabled", "Filter": {"ObjectSizeGreaterThan": 2_000_000}, "Expiration": {"Days": 2_500}},
        {"ID": "all", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 3_000}},
    ]);
    s3(
        &mut account,
        "PutBucketLifecycleConfiguration",
        json!({"Bucket": "archive", "LifecycleConfiguration": {"Rules": rules}}),
    );
    account
}
