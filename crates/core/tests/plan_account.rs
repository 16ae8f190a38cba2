//! The figure and the account agree: the same objects under the same rules cost the same in a plan and in the account's own bill.

mod common;

use common::account;
use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_core::account::{Account, Call};
use sluice_core::sim::SimTime;
use sluice_core::storage::s3::StorageClass;
use sluice_core::storage::s3::lifecycle::LifecycleConfiguration;

const DAY: i64 = 86_400_000_000;

fn apply(account: &mut Account, now: SimTime, service: &str, operation: &str, params: Value) -> Value {
    account.poll(now);
    match account.apply(now, &Call::new(service, operation, params)) {
        Ok(outcome) => outcome.response,
        Err(error) => panic!("{service}:{operation}: {error}"),
    }
}

/// Lines as usage, month and amount, without requests: the account counts those that made its bucket.
fn lines(answer: &Value) -> Vec<(String, String, String)> {
    let text = |line: &Value, name: &str| line[name].as_str().expect("a text").to_string();
    let mut lines: Vec<_> = answer["Lines"]
        .as_array()
        .expect("lines")
        .iter()
        .filter(|line| line["Group"] != "requests")
        .map(|line| (text(line, "Month"), text(line, "Usage"), text(line, "Amount")))
        .collect();
    lines.sort();
    lines
}

fn rule() -> impl Strategy<Value = Value> {
    let class = (0..StorageClass::ALL.len()).prop_map(|at| StorageClass::ALL[at]);
    let steps = prop::collection::vec((0..200_u32, class.clone()), 0..3);
    let noncurrent = prop::option::of((0..60_u32, class));
    let newer = prop::option::of(1..4_u32);
    (steps, prop::option::of(1..400_u32), noncurrent, prop::option::of((1..90_u32, newer))).prop_map(|(steps, expires, noncurrent, ends)| {
        let mut rule = json!({"Status": "Enabled", "Filter": {"Prefix": "k"}});
        if !steps.is_empty() {
            rule["Transitions"] = steps.iter().map(|(days, class)| json!({"Days": days, "StorageClass": class})).collect();
        }
        if let Some(days) = expires {
            rule["Expiration"] = json!({"Days": days});
        }
        if let Some((days, class)) = noncurrent {
            rule["NoncurrentVersionTransitions"] = json!([{"NoncurrentDays": days, "StorageClass": class}]);
        }
        if let Some((days, newer)) = ends {
            rule["NoncurrentVersionExpiration"] = json!({"NoncurrentDays": days});
            if let Some(newer) = newer {
                rule["NoncurrentVersionExpiration"]["NewerNoncurrentVersions"] = json!(newer);
            }
        }
        rule
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_plan_is_what_the_account_would_bill(
        hour in 0..24_i64,
        months in 1..15_u32,
        sizes in prop::collection::btree_set(prop_oneof![0_u64..300_000, 100_000_u64..5_000_000], 1..4),
        class in prop_oneof![3 => Just(StorageClass::Standard), 1 => Just(StorageClass::StandardIa), 2 => Just(StorageClass::IntelligentTiering), 1 => Just(StorageClass::GlacierIr)],
        versioned in any::<bool>(),
        overwrite in prop::option::of(7..120_u32),
        rules in prop::collection::vec(rule(), 0..4),
    ) {
        let mut rules: Vec<Value> = rules
            .into_iter()
            .filter(|rule| LifecycleConfiguration::parse(&json!({"Rules": [rule]})).is_ok())
            .collect();
        for (index, rule) in rules.iter_mut().enumerate() {
            rule["ID"] = json!(format!("rule-{index}"));
        }
        let start = SimTime::parse("2026-01-05").expect("a date").plus_micros(hour * DAY / 24);
        let end = (0..months).fold(sluice_core::storage::cost::Month::of(start), |month, _| month.next()).start();

        let mut account = account();
        apply(&mut account, start, "s3", "CreateBucket", json!({"Bucket": "plan"}));
        if versioned {
            let params = json!({"Bucket": "plan", "VersioningConfiguration": {"Status": "Enabled"}});
            apply(&mut account, start, "s3", "PutBucketVersioning", params);
        }
        if !rules.is_empty() {
            let params = json!({"Bucket": "plan", "LifecycleConfiguration": {"Rules": rules}});
            apply(&mut account, start, "s3", "PutBucketLifecycleConfiguration", params);
        }
        let mut at = start;
        while at < end {
            for (index, size) in sizes.iter().enumerate() {
                let blob = json!({"id": format!("{index:064x}"), "size": size, "md5": format!("{index:032x}")});
                apply(&mut account, at, "s3", "PutObject", json!({"Bucket": "plan", "Key": format!("k{index}"), "SluiceBlob": blob, "StorageClass": class}));
            }
            match overwrite {
                Some(days) => at = at.plus_micros(i64::from(days) * DAY),
                None => break,
            }
        }
        account.poll(end);
        let bill = apply(&mut account, end, "sluice", "GetBill", json!({"To": end.plus_micros(-1_000_000).to_string()}));

        let mut params = json!({
            "Start": start.to_string(),
            "Months": months,
            "Population": {"Objects": sizes.len(), "Sizes": sizes.iter().map(|size| json!({"Bytes": size})).collect::<Vec<_>>(), "StorageClass": class, "Key": "k"},
            "LifecycleConfiguration": {"Rules": rules},
            "Lines": true,
            "BreakEven": false,
        });
        if versioned {
            params["Bucket"] = json!({"Versioning": "Enabled"});
        }
        if let Some(days) = overwrite {
            params["Population"]["OverwriteEveryDays"] = json!(days);
        }
        let plan = apply(&mut account, end, "sluice", "PlanStorage", params);
        prop_assert_eq!(lines(&bill), lines(&plan));
    }
}
