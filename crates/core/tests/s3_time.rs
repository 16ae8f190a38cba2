//! What must hold of S3 in time, whatever the rules and objects are.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;

use common::{account, at, blob, s3};
use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_core::account::{Account, Call};
use sluice_core::storage::cost::Bill;
use sluice_core::storage::price::{DEFAULT_PRICE_LIST, PriceList};

const DAY: i64 = 86_400;

fn class() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("STANDARD_IA"),
        Just("ONEZONE_IA"),
        Just("INTELLIGENT_TIERING"),
        Just("GLACIER_IR"),
        Just("GLACIER"),
        Just("DEEP_ARCHIVE"),
    ]
}

/// One valid rule of one action, of every kind there is; several of them may contradict each other in every way.
fn rule() -> impl Strategy<Value = Value> {
    let filter = prop_oneof![
        Just(json!({})),
        Just(json!({"Prefix": "a"})),
        Just(json!({"Prefix": "b/"})),
        Just(json!({"ObjectSizeGreaterThan": 200_000})),
        Just(json!({"And": {"ObjectSizeGreaterThan": 500, "ObjectSizeLessThan": 200_000}})),
        Just(json!({"Tag": {"Key": "k", "Value": "v"}})),
        Just(json!({"And": {"Prefix": "a", "Tags": [{"Key": "k", "Value": "v"}]}})),
    ];
    let action = prop_oneof![
        (30u32..200, class()).prop_map(|(days, class)| json!({"Transitions": [{"Days": days, "StorageClass": class}]})),
        class().prop_map(|class| json!({"Transitions": [{"Date": "2026-03-15", "StorageClass": class}]})),
        (30u32..100, class(), 1u32..4).prop_map(|(days, class, newer)| {
            json!({"NoncurrentVersionTransitions": [{"NoncurrentDays": days, "StorageClass": class, "NewerNoncurrentVersions": newer}]})
        }),
        Just(json!({"Expiration": {"ExpiredObjectDeleteMarker": true}})),
        (1u32..60).prop_map(|days| json!({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": days}})),
        (1u32..400).prop_map(|days| json!({"Expiration": {"Days": days}})),
        Just(json!({"Expiration": {"Date": "2026-05-01"}})),
        (30u32..100, class()).prop_map(|(days, class)| json!({"NoncurrentVersionTransitions": [{"NoncurrentDays": days, "StorageClass": class}]})),
        (1u32..200, 1u32..4).prop_map(|(days, newer)| json!({"NoncurrentVersionExpiration": {"NoncurrentDays": days, "NewerNoncurrentVersions": newer}})),
        (1u32..200).prop_map(|days| json!({"NoncurrentVersionExpiration": {"NoncurrentDays": days}})),
    ];
    (filter, action, prop_oneof![4 => Just("Enabled"), 1 => Just("Disabled")], "[a-z]{1,3}").prop_map(|(filter, mut rule, status, id)| {
        // The two that no filter by tag or size may have.
        let whole = rule.get("AbortIncompleteMultipartUpload").is_some() || rule["Expiration"]["ExpiredObjectDeleteMarker"] == true;
        let narrow = !filter.as_object().is_none_or(|members| members.keys().all(|name| name == "Prefix"));
        rule["Filter"] = if whole && narrow { json!({"Prefix": "c"}) } else { filter };
        rule["Status"] = json!(status);
        rule["ID"] = json!(id);
        rule
    })
}

fn rules() -> impl Strategy<Value = Vec<Value>> {
    let unique = |mut rules: Vec<Value>| {
        for (index, rule) in rules.iter_mut().enumerate() {
            rule["ID"] = json!(format!("{}{index}", rule["ID"].as_str().unwrap()));
        }
        rules
    };
    proptest::collection::vec(rule(), 1..6).prop_map(unique)
}

/// An object to put, and how long to wait before.
fn object() -> impl Strategy<Value = (i64, String, u64, bool)> {
    (
        0..40 * DAY,
        "(a|b/|c)[xy]",
        prop_oneof![Just(1_000u64), Just(131_072), Just(5_000_000)],
        any::<bool>(),
    )
}

#[derive(Clone, Debug)]
struct Scene {
    versioning: Option<&'static str>,
    objects: Vec<(i64, String, u64, bool)>,
    rules: Vec<Value>,
}

fn scene() -> impl Strategy<Value = Scene> {
    let versioning = prop_oneof![Just(None), Just(Some("Enabled")), Just(Some("Suspended"))];
    (versioning, proptest::collection::vec(object(), 0..12), rules()).prop_map(|(versioning, objects, rules)| Scene { versioning, objects, rules })
}

fn advance(account: &mut Account, seconds: i64) {
    let now = account.now().max(at(0));
    account.apply(now, &Call::new("clock", "Advance", json!({"Seconds": seconds}))).unwrap();
}

fn played(scene: &Scene, rules: &[Value]) -> Account {
    let mut account = account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "bkt"})).unwrap();
    s3(
        &mut account,
        "PutBucketLifecycleConfiguration",
        json!({"Bucket": "bkt", "LifecycleConfiguration": {"Rules": rules}}),
    )
    .unwrap();
    if let Some(status) = scene.versioning {
        s3(
            &mut account,
            "PutBucketVersioning",
            json!({"Bucket": "bkt", "VersioningConfiguration": {"Status": status}}),
        )
        .unwrap();
    }
    for (number, (wait, key, size, tagged)) in scene.objects.iter().enumerate() {
        advance(&mut account, *wait);
        let mut body = blob(key);
        body["size"] = json!(size);
        let mut params = json!({"Bucket": "bkt", "Key": key, "SluiceBlob": body});
        if *tagged {
            params["Tagging"] = json!("k=v");
        }
        s3(&mut account, "PutObject", params).unwrap();
        match number % 4 {
            1 => {
                let upload = s3(&mut account, "CreateMultipartUpload", json!({"Bucket": "bkt", "Key": key})).unwrap();
                let part = json!({"Bucket": "bkt", "Key": key, "UploadId": upload["UploadId"], "PartNumber": 1, "SluiceBlob": blob("part")});
                s3(&mut account, "UploadPart", part).unwrap();
            }
            3 => {
                s3(&mut account, "DeleteObject", json!({"Bucket": "bkt", "Key": key})).unwrap();
            }
            _ => {}
        }
    }
    account
}

fn versions(account: &mut Account) -> [Value; 2] {
    ["ListObjectVersions", "ListMultipartUploads"].map(|list| s3(account, list, json!({"Bucket": "bkt"})).unwrap())
}

/// Version ids of objects (not of markers) that are there.
fn alive(account: &mut Account) -> BTreeSet<(String, String, String)> {
    let [listed, _] = versions(account);
    let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_string();
    let lines = listed["Versions"].as_array().cloned().unwrap_or_default();
    lines
        .iter()
        .map(|line| (text(line, "Key"), text(line, "VersionId"), text(line, "LastModified")))
        .collect()
}

proptest! {
    #[test]
    fn a_later_clock_revives_nothing(scene in scene(), waits in proptest::collection::vec(0..120 * DAY, 1..8)) {
        let mut account = played(&scene, &scene.rules);
        let mut before = alive(&mut account);
        for wait in waits {
            advance(&mut account, wait);
            let now = alive(&mut account);
            prop_assert!(now.is_subset(&before), "{:?}", now.difference(&before).collect::<Vec<_>>());
            before = now;
        }
    }

    #[test]
    fn the_order_of_rules_decides_nothing(scene in scene(), turn in 0usize..6) {
        let mut turned = scene.rules.clone();
        turned.rotate_left(turn % scene.rules.len());
        let mut reversed = scene.rules.clone();
        reversed.reverse();
        let mut ends = Vec::new();
        for rules in [&scene.rules, &turned, &reversed] {
            let mut account = played(&scene, rules);
            advance(&mut account, 150 * DAY);
            let middle = versions(&mut account);
            advance(&mut account, 600 * DAY);
            ends.push((middle, versions(&mut account), account.s3().meter_at(account.now())));
        }
        prop_assert_eq!(&ends[0], &ends[1]);
        prop_assert_eq!(&ends[0], &ends[2]);
    }

    /// Looking on the way changes nothing: one long wait is many short ones.
    #[test]
    fn time_may_pass_in_pieces(scene in scene(), cuts in proptest::collection::vec(0..60 * DAY, 0..6)) {
        let mut whole = played(&scene, &scene.rules);
        let mut pieces = whole.clone();
        let total: i64 = cuts.iter().sum::<i64>() + 400 * DAY;
        let end = whole.now().max(at(0)).plus_seconds(total);
        whole.poll(end);
        for cut in cuts {
            let to = pieces.now().max(at(0)).plus_seconds(cut);
            pieces.poll(to);
            pieces = Account::restore(&pieces.snapshot()).unwrap();
        }
        pieces.poll(end);
        prop_assert_eq!(whole.s3().meter_at(end), pieces.s3().meter_at(end));
        prop_assert_eq!(whole.s3().bucket("bkt"), pieces.s3().bucket("bkt"));
        prop_assert_eq!(whole.trace_hash(), pieces.trace_hash());
    }

    #[test]
    fn the_bill_is_the_sum_of_its_lines_and_never_shrinks(scene in scene(), waits in proptest::collection::vec(1..120 * DAY, 1..5)) {
        let prices = PriceList::load(DEFAULT_PRICE_LIST).unwrap();
        let mut account = played(&scene, &scene.rules);
        let mut before = Bill::of(&account.s3().meter_at(account.now()), &prices).total();
        for wait in waits {
            advance(&mut account, wait);
            let bill = Bill::of(&account.s3().meter_at(account.now()), &prices);
            let sum = bill.by_month().values().fold(Default::default(), |sum, amount| sum + *amount);
            prop_assert_eq!(bill.total(), sum);
            prop_assert!(bill.total() >= before);
            before = bill.total();
        }
    }
}
