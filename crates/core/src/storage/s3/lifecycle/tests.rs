#![allow(clippy::unwrap_used)]

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::storage::s3::Versioning;

fn time(text: &str) -> SimTime {
    SimTime::parse(text).unwrap()
}

fn facts(tags: &BTreeMap<String, String>) -> VersionFacts<'_> {
    let created = time("2026-01-15T10:30:00Z");
    VersionFacts {
        key: "logs/a",
        size: 1 << 20,
        class: StorageClass::Standard,
        tags,
        created,
        versioning: Versioning::Unversioned,
        delete_marker: false,
        alone: true,
        noncurrent_since: None,
        newer_noncurrent: &[],
        not_before: created,
    }
}

fn rules(value: Value) -> LifecycleConfiguration {
    LifecycleConfiguration::parse(&json!({ "Rules": value })).unwrap()
}

#[test]
fn ages_are_rounded_up_to_midnight() {
    let tags = BTreeMap::new();
    let rules = rules(json!([{"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 3}}]));
    assert_eq!(due(&facts(&tags), &rules), Some((time("2026-01-19"), LifecycleAction::Delete)));
    let midnight = VersionFacts {
        created: time("2026-01-15"),
        not_before: time("2026-01-15"),
        ..facts(&tags)
    };
    assert_eq!(due(&midnight, &rules).unwrap().0, time("2026-01-18"));
}

#[test]
fn permanent_deletion_goes_before_transition_and_that_before_a_marker() {
    let tags = BTreeMap::new();
    let both = rules(json!([
        {"Status": "Enabled", "Filter": {}, "Expiration": {"Days": 60}},
        {"Status": "Enabled", "Filter": {}, "Transitions": [{"Days": 60, "StorageClass": "STANDARD_IA"}]},
        {"Status": "Enabled", "Filter": {}, "Transitions": [{"Days": 60, "StorageClass": "GLACIER"}]},
    ]));
    assert_eq!(due(&facts(&tags), &both).unwrap().1, LifecycleAction::Delete);
    let enabled = VersionFacts {
        versioning: Versioning::Enabled,
        ..facts(&tags)
    };
    assert_eq!(due(&enabled, &both).unwrap().1, LifecycleAction::Transition(StorageClass::Glacier));
}

#[test]
fn a_noncurrent_version_goes_by_age_and_count() {
    let tags = BTreeMap::new();
    let rules = rules(json!([{"Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 5, "NewerNoncurrentVersions": 2}}]));
    let became = [time("2026-02-03T01:00:00Z"), time("2026-03-01T01:00:00Z")];
    let version = VersionFacts {
        versioning: Versioning::Enabled,
        alone: false,
        noncurrent_since: Some(time("2026-02-01T01:00:00Z")),
        newer_noncurrent: &became[..1],
        ..facts(&tags)
    };
    assert_eq!(due(&version, &rules), None);
    let counted = VersionFacts {
        newer_noncurrent: &became,
        ..version
    };
    assert_eq!(due(&counted, &rules), Some((time("2026-03-02"), LifecycleAction::Delete)));
}

fn any_rule() -> impl Strategy<Value = Value> {
    let filter = prop_oneof![
        Just(json!({})),
        Just(json!({"Prefix": "logs/"})),
        Just(json!({"Prefix": "other/"})),
        Just(json!({"ObjectSizeGreaterThan": 1000})),
    ];
    let class = prop_oneof![
        Just("STANDARD_IA"),
        Just("ONEZONE_IA"),
        Just("INTELLIGENT_TIERING"),
        Just("GLACIER_IR"),
        Just("GLACIER"),
        Just("DEEP_ARCHIVE")
    ];
    let action = prop_oneof![
        (30u32..90, class.clone()).prop_map(|(days, class)| json!({"Transitions": [{"Days": days, "StorageClass": class}]})),
        (1u32..200).prop_map(|days| json!({"Expiration": {"Days": days}})),
        (30u32..90, class).prop_map(|(days, class)| json!({"NoncurrentVersionTransitions": [{"NoncurrentDays": days, "StorageClass": class}]})),
        (1u32..90).prop_map(|days| json!({"NoncurrentVersionExpiration": {"NoncurrentDays": days}})),
    ];
    (filter, action, any::<bool>()).prop_map(|(filter, mut rule, enabled)| {
        rule["Filter"] = filter;
        rule["Status"] = json!(if enabled { "Enabled" } else { "Disabled" });
        rule
    })
}

proptest! {
    #[test]
    fn the_order_of_rules_decides_nothing(given in proptest::collection::vec(any_rule(), 1..6), turn in 0usize..6, noncurrent: bool) {
        let tags = BTreeMap::new();
        let became = noncurrent.then(|| time("2026-02-01T01:00:00Z"));
        let version = VersionFacts { versioning: Versioning::Enabled, alone: !noncurrent, noncurrent_since: became, ..facts(&tags) };
        let mut turned = given.clone();
        turned.rotate_left(turn % given.len());
        prop_assert_eq!(due(&version, &rules(Value::Array(given))), due(&version, &rules(Value::Array(turned))));
    }

    #[test]
    fn a_configuration_is_read_back(given in proptest::collection::vec(any_rule(), 1..6)) {
        let rules = rules(Value::Array(given));
        prop_assert_eq!(LifecycleConfiguration::parse(&rules.to_json()).unwrap(), rules);
    }

    /// Doing what is due, one thing after another, comes to an end: nothing goes up the waterfall.
    #[test]
    fn a_plan_ends(given in proptest::collection::vec(any_rule(), 1..6), size in 0u64..300_000) {
        let tags = BTreeMap::new();
        let rules = rules(Value::Array(given));
        let mut version = VersionFacts { size, ..facts(&tags) };
        for _ in 0..StorageClass::ALL.len() {
            match due(&version, &rules) {
                Some((at, LifecycleAction::Transition(class))) => {
                    prop_assert!(version.class.can_transition_to(class) && at >= version.not_before);
                    version = VersionFacts { class, not_before: at.plus_micros(1), ..version };
                }
                Some((_, action)) => {
                    prop_assert_eq!(action, LifecycleAction::Delete);
                    return Ok(());
                }
                None => return Ok(()),
            }
        }
        prop_assert!(false, "more transitions than classes");
    }

    #[test]
    fn ids_are_kept(id in "[a-z]{0,4}") {
        let mut rules = rules(json!([{"ID": id, "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 1}}]));
        rules.name_rules(|| "made".to_string());
        prop_assert_eq!(rules.rules[0].id.as_str(), if id.is_empty() { "made" } else { id.as_str() });
    }
}
