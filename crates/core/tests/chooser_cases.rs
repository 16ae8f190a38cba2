//! S3, EFS or EBS: `tests/cases/chooser-*.json` through the account's call, and what must hold for every workload.

mod common;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use common::{account, call};
use serde_json::{Value, json};

fn option<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let options = answer["Options"].as_array().expect("options");
    options
        .iter()
        .find(|option| option["Name"] == name)
        .unwrap_or_else(|| panic!("no option {name}"))
}

fn same(found: &Value, expected: &Value) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found - expected).abs() <= expected.abs() * 1e-9,
        _ => found == expected,
    }
}

#[test]
fn workloads() {
    let file: Value = serde_json::from_str(include_str!("../../../tests/cases/chooser-workloads.json")).expect("a case file is JSON");
    for case in file["cases"].as_array().expect("a case file has cases") {
        let name = &case["name"];
        let params = match case.get("params") {
            Some(params) => params.clone(),
            None => json!({"Workload": case["workload"]}),
        };
        let mut account = account();
        let answer = match (call(&mut account, "sluice", "ChooseStorage", params), case["code"].as_str()) {
            (Ok(answer), None) => answer,
            (Err(error), Some(code)) => {
                assert_eq!(error.code, code, "{name}: {error}");
                continue;
            }
            (result, _) => panic!("{name}: {result:?}"),
        };
        assert_eq!(account.position(), 0, "{name} left a mark");
        assert_eq!(answer["Options"].as_array().map(Vec::len), Some(8 + 7 + 6));
        for (which, members) in case["options"].as_object().expect("options") {
            let found = option(&answer, which);
            for (member, expected) in members.as_object().expect("members") {
                let found = if member == "Deciding" { &found["Deciding"]["Name"] } else { &found[member] };
                assert!(same(found, expected), "{name}: {member} of {which} is {found}, not {expected}");
            }
        }
        if let Some(cheapest) = case.get("cheapest") {
            assert_eq!(&answer["Cheapest"], cheapest, "{name}");
        }
        for option in answer["Options"].as_array().expect("options") {
            assert_eq!(option["Feasible"] == true, option.get("Deciding").is_none(), "{name}: {option}");
            // A curve goes on to its knee, however many servers keep the queue short until then.
            let points = option["Curve"].as_array().expect("a curve");
            if let (Some(first), Some(last)) = (points.first(), points.last()) {
                let grown = last["ReadLatencyMs"].as_f64().expect("a number") / first["ReadLatencyMs"].as_f64().expect("a number");
                assert!(grown >= 10.0 || last["Utilisation"].as_f64().expect("a number") > 0.999_99, "{name}: {last}");
                let rises = |member: &str| points.windows(2).all(|pair| pair[0][member].as_f64() <= pair[1][member].as_f64());
                assert!(rises("Utilisation") && rises("ReadLatencyMs") && rises("WriteLatencyMs"), "{name}: {option}");
            }
            let curve = option["Curve"].as_array().expect("a curve");
            let latencies: Vec<f64> = curve.iter().filter_map(|point| point["WriteLatencyMs"].as_f64()).collect();
            assert!(latencies.windows(2).all(|pair| pair[0] <= pair[1]), "{name}: {curve:?}");
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use proptest::prelude::*;
    use sluice_core::storage::chooser::{Interface, Workload, choose};
    use sluice_core::storage::money::Picos;
    use sluice_core::storage::price::{DEFAULT_PRICE_LIST, PriceList};

    fn workload() -> impl Strategy<Value = Workload> {
        let size = prop_oneof![1_u64..200_000, 1_u64..100_000_000];
        (
            0.0..50_000.0_f64,
            0.0..50_000.0_f64,
            size.clone(),
            size,
            0.0..200_000.0_f64,
            1_u64..40,
            1_u64..4,
        )
            .prop_map(|(reads, writes, read_bytes, write_bytes, total_gb, instances, zones)| Workload {
                reads,
                writes,
                read_bytes,
                write_bytes,
                total_gb,
                object_bytes: read_bytes,
                instances,
                zones,
                survive_zone_loss: false,
                latency_ms: None,
                budget: None,
                interface: Interface::Any,
                prefixes: 1,
            })
    }

    proptest! {
        #[test]
        fn money_is_conserved_and_limits_decide(workload in workload()) {
            let prices = PriceList::load(DEFAULT_PRICE_LIST).expect("a list");
            for option in choose(&workload, &prices).expect("options") {
                prop_assert_eq!(option.lines.iter().map(|line| line.amount).sum::<Picos>(), option.cost());
                prop_assert_eq!(option.feasible(), option.deciding().is_none());
                prop_assert!(option.utilisation() <= 1.0 || !option.feasible(), "{}", option.name);
                prop_assert_eq!(option.latencies(1.0).is_some(), option.utilisation() < 1.0);
            }
        }

        /// A heavier workload is never possible where a lighter one is not, and never cheaper.
        #[test]
        fn more_is_not_easier(workload in workload(), more in 1.0..4.0_f64) {
            let prices = PriceList::load(DEFAULT_PRICE_LIST).expect("a list");
            let heavier = Workload { reads: workload.reads * more, writes: workload.writes * more, total_gb: workload.total_gb * more, ..workload };
            let (light, heavy) = (choose(&workload, &prices).expect("options"), choose(&heavier, &prices).expect("options"));
            for (light, heavy) in light.iter().zip(&heavy) {
                // Storage brings throughput to EFS, and size speed to EBS.
                if light.service == "S3" {
                    prop_assert!(light.feasible() || !heavy.feasible(), "{}", light.name);
                }
                // Throughput that more storage brings need not be provisioned.
                if light.name.contains("provisioned") {
                    continue;
                }
                prop_assert!(light.cost().0 <= heavy.cost().0 + 1_000_000, "{}: {} and {}", light.name, light.cost(), heavy.cost());
            }
        }
    }
}
