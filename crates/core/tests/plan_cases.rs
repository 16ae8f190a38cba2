//! The cost figure's engine: `tests/cases/cost-plan.json` through the account's calls, and what must hold whatever is planned.

mod common;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use common::{account, call};
use serde_json::{Value, json};

/// Whether an answer has what is expected: floats to nine digits.
fn same(found: &Value, expected: &Value) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found - expected).abs() <= expected.abs() * 1e-9,
        _ => found == expected,
    }
}

#[test]
fn plans() {
    let file: Value = serde_json::from_str(include_str!("../../../tests/cases/cost-plan.json")).expect("a case file is JSON");
    for case in file["cases"].as_array().expect("a case file has cases") {
        let name = &case["name"];
        let mut account = account();
        let result = call(
            &mut account,
            "sluice",
            case["operation"].as_str().expect("an operation"),
            case["params"].clone(),
        );
        match (result, case["code"].as_str()) {
            (Ok(answer), None) => {
                for (pointer, expected) in case["expect"].as_object().expect("what is expected") {
                    let found = answer.pointer(pointer).unwrap_or(&Value::Null);
                    assert!(same(found, expected), "{name}: {pointer} is {found}, not {expected}");
                }
                let unsure = answer["Unconfirmed"].as_array().is_some_and(|list| !list.is_empty());
                assert!(!unsure || case["confidence"] == "K", "{name} rests on an unconfirmed price and does not say so");
            }
            (Err(error), Some(code)) => assert_eq!(error.code, code, "{name}: {error}"),
            (Ok(_), Some(code)) => panic!("{name} should have been refused with {code}"),
            (Err(error), None) => panic!("{name}: {error}"),
        }
        assert_eq!(account.position(), 0, "{name} left a mark");
    }
}

#[test]
fn ten_years_of_daily_uploads_with_five_rules() {
    let rules: Vec<Value> = [
        ("a", 30, "STANDARD_IA"),
        ("b", 60, "INTELLIGENT_TIERING"),
        ("c", 120, "GLACIER_IR"),
        ("d", 400, "GLACIER"),
    ]
    .iter()
    .map(|(id, days, class)| json!({"ID": id, "Status": "Enabled", "Filter": {}, "Transitions": [{"Days": days, "StorageClass": class}]}))
    .chain([json!({"ID": "e", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 3000}})])
    .collect();
    let params = json!({
        "Start": "2026-01-01", "Months": 120,
        "Population": {"UploadsPerMonth": 834, "Sizes": [{"Bytes": 50_000_000}, {"Bytes": 1_000_000}]},
        "Access": {"Pattern": "Decaying", "ReadsPerMonth": 5, "HalfLifeDays": 60},
        "LifecycleConfiguration": {"Rules": rules},
        "BreakEven": false,
    });
    let mut account = account();
    #[cfg(not(target_arch = "wasm32"))]
    let begun = std::time::Instant::now();
    let answer = call(&mut account, "sluice", "PlanStorage", params).expect("a plan");
    #[cfg(not(target_arch = "wasm32"))]
    println!("ten years, 100,080 objects in {} cohorts: {:?}", answer["Cohorts"], begun.elapsed());
    assert_eq!(answer["Months"].as_array().map(Vec::len), Some(120));
    let last = &answer["Months"][119]["Objects"];
    let objects: u64 = last.as_object().expect("classes").values().filter_map(Value::as_u64).sum();
    let removed: u64 = answer["Months"]
        .as_array()
        .expect("months")
        .iter()
        .filter_map(|month| month["Removed"].as_u64())
        .sum();
    assert_eq!(objects + removed, 834 * 120);
    assert!(removed > 0 && last["GLACIER"].as_u64() > Some(0));
}

/// A rule by date gives every day of upload a life of its own; that must cost neither the memory nor the answer.
#[test]
fn a_rule_by_date_over_ten_years() {
    let params = json!({
        "Start": "2026-01-01", "Months": 120,
        "Population": {"UploadsPerMonth": 500},
        "Access": {"Pattern": "Steady", "ReadsPerMonth": 0.5},
        "LifecycleConfiguration": {"Rules": [{"ID": "a", "Status": "Enabled", "Filter": {}, "Transitions": [{"Date": "2030-01-01", "StorageClass": "INTELLIGENT_TIERING"}]}]},
        "BreakEven": false,
    });
    let mut account = account();
    let answer = call(&mut account, "sluice", "PlanStorage", params).expect("a plan");
    let months = answer["Months"].as_array().expect("months");
    let moved: u64 = months.iter().filter_map(|month| month["Moved"]["INTELLIGENT_TIERING"].as_u64()).sum();
    // The last day's 17 come at noon, after the last run of the rules.
    assert_eq!((moved, &months[47]["Moved"]), (120 * 500 - 17, &json!({})));
    assert_eq!(months[119]["Objects"], json!({"STANDARD": 17, "INTELLIGENT_TIERING": 120 * 500 - 17}));
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use proptest::prelude::*;
    use serde_json::json;
    use sluice_core::storage::cost::{Bill, Usage};
    use sluice_core::storage::plan::{Access, Bucket, Constraint, Pattern, Population, Readable, Scenario, SizeShare, Step, best_plan, rules_of, run};
    use sluice_core::storage::price::{DEFAULT_PRICE_LIST, PriceList};
    use sluice_core::storage::s3::lifecycle::LifecycleConfiguration;
    use sluice_core::storage::s3::{StorageClass, Versioning};

    fn prices() -> PriceList {
        PriceList::load(DEFAULT_PRICE_LIST).expect("a list")
    }

    fn scenario(bytes: u64, months: u32, pattern: Pattern) -> Scenario {
        Scenario {
            start: sluice_core::sim::SimTime::parse("2026-01-01").expect("a date"),
            months,
            population: Population {
                objects: 1_000,
                uploads_per_month: 0,
                sizes: vec![SizeShare { bytes, weight: 1 }],
            },
            class: StorageClass::Standard,
            key: "key".into(),
            tags: Default::default(),
            access: Access { pattern, ..Access::default() },
            bucket: Bucket::default(),
            overwrite_days: None,
            delete_days: None,
            lifecycle: LifecycleConfiguration::default(),
        }
    }

    fn pattern() -> impl Strategy<Value = Pattern> {
        prop_oneof![
            Just(Pattern::None),
            (0.0..5.0_f64).prop_map(|reads| Pattern::Steady { reads }),
            ((0.0..20.0_f64), (5.0..200.0_f64)).prop_map(|(reads, half_life)| Pattern::Decaying { reads, half_life }),
            ((0.0..20.0_f64), 20..200_u32, 1..20_u32).prop_map(|(reads, every, lasting)| Pattern::Bursty { reads, every, lasting }),
        ]
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let class = (0..StorageClass::ALL.len()).prop_map(|at| StorageClass::ALL[at]);
        prop::collection::vec((0..400_u32, class).prop_map(|(day, class)| Step { day, class }), 1..4)
    }

    /// How long the heaviest figures take; printed, not judged.
    #[test]
    fn heavy_figures() {
        let mut scenario = scenario(1 << 20, 120, Pattern::Decaying { reads: 5.0, half_life: 60.0 });
        scenario.population.sizes = (10..19)
            .map(|power| SizeShare {
                bytes: 1 << (2 * power - 10),
                weight: 1,
            })
            .collect();
        let begun = std::time::Instant::now();
        let found = sluice_core::storage::plan::break_even(&scenario, &prices());
        println!("break-even of {} pairs over ten years: {:?}", found.len(), begun.elapsed());
        let constraint = Constraint {
            readable: Readable::Days,
            one_zone: true,
            days: Vec::new(),
        };
        let begun = std::time::Instant::now();
        let plan = best_plan(&scenario, &constraint, &prices());
        println!(
            "best of {} rule sets for {} sizes over ten years: {:?}",
            plan.candidates,
            plan.sizes.len(),
            begun.elapsed()
        );
        assert!(found.len() == 54 && plan.candidates > 100_000);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        /// The winner costs what a run with its rules costs, S3 takes its rules, and no rule set on its grid is cheaper.
        #[test]
        fn the_best_plan_is_legal_and_the_least(
            bytes in prop_oneof![1_u64..200_000, 100_000_u64..5_000_000_000],
            months in 2..40_u32,
            pattern in pattern(),
            readable in prop_oneof![Just(Readable::Milliseconds), Just(Readable::Minutes), Just(Readable::Hours), Just(Readable::Days)],
            other in steps(),
            expire in prop::option::of(1..500_u32),
        ) {
            let (prices, mut scenario) = (prices(), scenario(bytes, months, pattern));
            // What the given rules remove stays; their transitions are what is searched for.
            if let Some(days) = expire {
                let rule = json!({"ID": "best-1", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": days}});
                scenario.lifecycle = LifecycleConfiguration::parse(&json!({"Rules": [rule]})).expect("S3 takes this rule");
            }
            let kept = scenario.lifecycle.rules.clone();
            let days: Vec<u32> = [0, 10, 30, 60, 120, 240, 365].into_iter().chain(other.iter().map(|step| step.day)).collect();
            let plan = best_plan(&scenario, &Constraint { readable, one_zone: true, days }, &prices);
            let best = &plan.sizes[0].ranked[0];
            if !plan.lifecycle.rules.is_empty() {
                prop_assert!(LifecycleConfiguration::parse(&plan.lifecycle.to_json()).is_ok(), "{}", plan.lifecycle.to_json());
            }
            prop_assert!(kept.iter().all(|rule| plan.lifecycle.rules.contains(rule)));
            let close = |a: i128, b: i128| (a - b).abs() <= 1_000_000 + a.abs() / 1_000_000_000;
            prop_assert!(close(plan.cost.0, best.cost.0), "{} and {}", plan.cost, best.cost);
            prop_assert_eq!(best.parts.iter().map(|(_, cost)| *cost).sum::<sluice_core::storage::money::Picos>(), best.cost);
            for pair in plan.sizes[0].ranked.windows(2) {
                prop_assert!(pair[0].cost <= pair[1].cost);
            }
            // Another rule set, where S3 takes it and the constraint allows its classes.
            let mut lifecycle = rules_of(bytes, &other);
            let fits = other.iter().all(|step| plan.classes.contains(&step.class) && plan.grid.contains(&step.day));
            if fits && LifecycleConfiguration::parse(&lifecycle.to_json()).is_ok() {
                lifecycle.rules.extend(kept);
                let cost = Bill::of(&run(&Scenario { lifecycle, ..plan.scenario.clone() }).meter, &prices).total();
                prop_assert!(plan.cost.0 <= cost.0 + 1_000_000, "{:?} costs {cost}, the best {}", other, plan.cost);
            }
        }

        /// Nothing is lost: byte-time in all tiers is the objects' bytes through the time that they were there.
        #[test]
        fn byte_time_is_conserved(
            objects in 0_u64..5_000,
            uploads in 0_u64..3_000,
            days in prop::option::of(1..200_u32),
            pattern in pattern(),
            steps in steps(),
            archive in prop::option::of(90..300_u32),
        ) {
            let mut plain = scenario(1 << 20, 14, pattern);
            plain.population = Population {
                objects,
                uploads_per_month: uploads,
                sizes: vec![SizeShare { bytes: 1 << 20, weight: 1 }, SizeShare { bytes: 1 << 18, weight: 3 }],
            };
            plain.delete_days = days;
            plain.bucket.archive_days = archive;
            let moved = Scenario { lifecycle: rules_of(1 << 20, &steps), ..plain.clone() };
            let stored = |scenario: &Scenario| {
                let run = run(scenario);
                let sum: u128 = run.meter.iter().filter(|(_, usage, _)| matches!(usage, Usage::Stored(_))).map(|(_, _, quantity)| quantity).sum();
                let gets: u128 = run.meter.iter().filter(|(_, usage, _)| usage.to_string().ends_with(".GET")).map(|(_, _, quantity)| quantity).sum();
                (sum, gets, run.removed.values().sum::<u64>())
            };
            let (a, b) = (stored(&plain), stored(&moved));
            prop_assert_eq!(a.0, b.0);
            prop_assert_eq!(a.2, b.2);
            // Reads are whole numbers a stretch: a rule cuts a life at most as often as it has steps.
            let cohorts = 2 * (14 * 31 + 1) * (steps.len() as u128 + 1);
            prop_assert!(a.1.abs_diff(b.1) <= cohorts);
        }

        /// The order of rules decides nothing, and a longer run does not change what was.
        #[test]
        fn order_and_horizon_change_nothing(pattern in pattern(), months in 2..20_u32, uploads in 0_u64..500) {
            let mut scenario = scenario(1 << 20, months, pattern);
            scenario.population.uploads_per_month = uploads;
            let rules = json!({"Rules": [
                {"ID": "a", "Status": "Enabled", "Filter": {}, "Transitions": [{"Days": 40, "StorageClass": "STANDARD_IA"}]},
                {"ID": "b", "Status": "Enabled", "Filter": {}, "Transitions": [{"Days": 40, "StorageClass": "INTELLIGENT_TIERING"}, {"Days": 90, "StorageClass": "GLACIER"}]},
                {"ID": "c", "Status": "Enabled", "Filter": {}, "Transitions": [{"Days": 100, "StorageClass": "DEEP_ARCHIVE"}], "Expiration": {"Days": 200}},
            ]});
            scenario.lifecycle = LifecycleConfiguration::parse(&rules).expect("S3 takes these rules");
            let bill = Bill::of(&run(&scenario).meter, &prices());
            let mut turned = scenario.clone();
            turned.lifecycle.rules.reverse();
            prop_assert_eq!(&bill, &Bill::of(&run(&turned).meter, &prices()));
            let longer = Bill::of(&run(&Scenario { months: months + 7, ..scenario.clone() }).meter, &prices());
            let last = bill.lines.last().map(|line| line.month);
            let same: Vec<_> = longer.lines.into_iter().filter(|line| Some(line.month) <= last).collect();
            prop_assert_eq!(&bill.lines, &same);
        }

        /// Versions: what is kept is never less than what is current.
        #[test]
        fn keeping_versions_costs_more(every in 1..60_u32, months in 1..12_u32) {
            let mut scenario = scenario(1 << 22, months, Pattern::None);
            scenario.overwrite_days = Some(every);
            let without = Bill::of(&run(&scenario).meter, &prices()).total();
            scenario.bucket.versioning = Versioning::Enabled;
            let with = Bill::of(&run(&scenario).meter, &prices()).total();
            prop_assert!(with >= without);
        }
    }
}
