//! The meter and the bill: `tests/cases/cost-*.json`, each charge worked by hand, and what must hold whatever was metered.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::{Value, json};
use sluice_core::sim::SimTime;
use sluice_core::storage::cost::{Bill, Meter, RequestKind, RestoreTier, StorageTier, Usage, get_bill};
use sluice_core::storage::price::{DEFAULT_PRICE_LIST, PriceList};
use sluice_core::storage::s3::StorageClass;

fn time(step: &Value, name: &str) -> SimTime {
    SimTime::parse(step[name].as_str().expect("a time")).expect("a time that reads")
}

/// One call of the meter, as a case writes it.
fn meter_step(meter: &mut Meter, step: &Value) {
    let number = |name: &str| step[name].as_u64().unwrap_or_else(|| panic!("{name} of {step}"));
    let word = |name: &str| step[name].as_str().unwrap_or_else(|| panic!("{name} of {step}"));
    let class = || StorageClass::parse(word("class")).expect("a class");
    let tier = || StorageTier::parse(word("tier")).expect("a class or tier");
    match word("do") {
        "stored" => meter.stored(time(step, "from"), time(step, "to"), tier(), number("bytes"), number("count")),
        "staged" => meter.staged(time(step, "from"), time(step, "to"), class(), number("bytes")),
        "restored_copy" => meter.restored_copy(time(step, "from"), time(step, "to"), number("bytes"), number("count")),
        "left_class" => meter.left_class(time(step, "at"), time(step, "entered"), class(), number("bytes"), number("count")),
        "requests" => meter.requests(time(step, "at"), class(), RequestKind::parse(word("kind")).expect("a kind"), number("count")),
        "transitions" => meter.transitions(time(step, "at"), class(), number("count")),
        "retrieved" => meter.retrieved(time(step, "at"), class(), number("bytes"), number("count")),
        "uploaded" => meter.uploaded(time(step, "at"), class(), number("bytes"), number("count")),
        "restored" => meter.restored(
            time(step, "at"),
            tier(),
            RestoreTier::parse(word("speed")).expect("a tier"),
            number("bytes"),
            number("count"),
        ),
        "monitored" => meter.monitored(time(step, "from"), time(step, "to"), number("count")),
        "tags" => meter.tags(time(step, "from"), time(step, "to"), number("count")),
        "kms_keys" => meter.kms_keys(time(step, "from"), time(step, "to"), number("count")),
        "kms_requests" => meter.kms_requests(time(step, "at"), number("count")),
        "dual_encrypted" => meter.dual_encrypted(time(step, "at"), number("bytes")),
        "transferred_out" => meter.transferred_out(time(step, "at"), number("bytes")),
        other => panic!("the meter has no {other}"),
    }
}

fn cases() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../../tests/cases/cost-charges.json")).expect("a case file is JSON");
    file["cases"].as_array().expect("a case file has cases").clone()
}

fn metered(case: &Value) -> Meter {
    let mut meter = Meter::default();
    for step in case["usage"].as_array().expect("usage") {
        meter_step(&mut meter, step);
    }
    meter
}

#[test]
fn charges() {
    for case in cases() {
        let prices = PriceList::load(case["price_list"].as_str().unwrap_or(DEFAULT_PRICE_LIST)).expect("a list");
        let bill = Bill::of(&metered(&case), &prices);
        let name = &case["name"];
        let expected = case["lines"].as_array().expect("lines");
        assert_eq!(bill.lines.len(), expected.len(), "{name}: {:?}", bill.lines);
        for (line, expected) in bill.lines.iter().zip(expected) {
            assert_eq!(
                json!([line.month, line.usage, line.amount]),
                json!([expected[0], expected[1], expected[3]]),
                "{name}"
            );
            let units = expected[2].as_f64().expect("units");
            assert!((line.units() - units).abs() <= units * 1e-12, "{name}: {} units, not {units}", line.units());
        }
        assert_eq!(json!(bill.total()), case["total"], "{name}");
        assert!(bill.unpriced.is_empty(), "{name}");
        let unsure = bill.lines.iter().any(|line| line.confidence.is_some());
        assert!(!unsure || case["confidence"] == "K", "{name} rests on an unconfirmed price and does not say so");
    }
}

/// Every usage that has a price appears in a case, so that no charge goes unworked.
#[test]
fn every_price_of_s3_is_worked_in_a_case() {
    let mut worked: Vec<String> = cases()
        .iter()
        .flat_map(|case| metered(case).iter().map(|(_, usage, _)| usage.price_key()).collect::<Vec<_>>())
        .collect();
    worked.sort();
    let prices = PriceList::load(DEFAULT_PRICE_LIST).expect("a list");
    // Bought, not used: nothing meters a unit of provisioned capacity.
    let bought = ["s3.provisioned-capacity"];
    // The same price by another tier, or a tier whose storage is in a case beside them.
    let missing: Vec<&str> = prices
        .prices()
        .map(|(key, _)| key)
        .filter(|key| (key.starts_with("s3.") || key.starts_with("kms.")) && !bought.contains(key) && !worked.iter().any(|worked| worked == key))
        .collect();
    assert_eq!(
        missing,
        [
            "s3.requests.REDUCED_REDUNDANCY.tier2",
            "s3.restore.ARCHIVE_ACCESS.Bulk",
            "s3.restore.DEEP_ARCHIVE_ACCESS.Standard",
            "s3.retrieval.ARCHIVE_ACCESS.Bulk",
            "s3.retrieval.DEEP_ARCHIVE_ACCESS.Standard",
            "s3.storage.DEEP_ARCHIVE_ACCESS",
        ]
    );
}

/// What the course teaches is what its list says, with one price whatever the amount.
#[test]
fn the_course_agrees_with_its_list() {
    let file: Value = serde_json::from_str(include_str!("../../../tests/cases/price-course.json")).expect("a case file is JSON");
    let prices = PriceList::load("course").expect("a list");
    for case in file["cases"].as_array().expect("a case file has cases") {
        let tier = case["class"]
            .as_str()
            .or(case["tier"].as_str())
            .and_then(StorageTier::parse)
            .expect("a class or tier");
        let price = prices.price(&Usage::Stored(tier).price_key()).expect("a price");
        let steps: Vec<Value> = price.steps.iter().map(|step| json!(step.price)).collect();
        assert_eq!((json!(steps), price.list.as_str()), (json!([case["usd"]]), "course"), "{case}");
        if let Some(days) = case["min_days"].as_u64() {
            assert_eq!(u64::from(tier.class().min_days()), days, "{case}");
        }
    }
}

#[test]
fn a_meter_survives_its_snapshot() {
    let mut all = Meter::default();
    for case in cases() {
        all.merge(&metered(&case));
    }
    let text = serde_json::to_string(&all).expect("a meter is JSON");
    assert_eq!(serde_json::from_str::<Meter>(&text).expect("it reads"), all);
    let value = serde_json::to_value(&all).expect("a meter is JSON");
    assert_eq!(serde_json::from_value::<Meter>(value).expect("it reads"), all);
    for (_, usage, _) in all.iter() {
        assert_eq!(Usage::parse(&usage.to_string()), Some(usage));
    }
}

#[test]
fn a_bill_is_asked_for_by_months() {
    let mut meter = Meter::default();
    let day = |text: &str| SimTime::parse(text).expect("a date");
    meter.stored(day("2026-01-01"), day("2026-05-01"), StorageClass::Standard, 1 << 30, 1_000);
    let ask = |params: Value| get_bill(&meter, &params);
    let whole = ask(Value::Null).expect("a bill");
    assert_eq!(
        (&whole["Total"], &whole["PriceList"], &whole["Currency"]),
        (&json!("92"), &json!("aws-us-east-1"), &json!("USD"))
    );
    let part = ask(json!({"From": "2026-02-10", "To": "2026-03-01"})).expect("a bill");
    assert_eq!(
        part["Months"],
        json!([{"Month": "2026-02", "Total": "23"}, {"Month": "2026-03", "Total": "23"}])
    );
    let line = &part["Lines"][0];
    assert_eq!(
        (&line["UsageType"], &line["Quantity"], &line["UnitPrice"]),
        (&json!("TimedStorage-ByteHrs"), &json!(1_000.0), &json!("0.023"))
    );
    assert_eq!(ask(json!({"PriceList": "nowhere"})).expect_err("no such list").code, "InvalidParameterValue");
    assert_eq!(ask(json!({"Until": "2026"})).expect_err("no such member").code, "ParamValidation");
    assert_eq!(ask(json!({"From": "January"})).expect_err("no time").code, "ParamValidation");
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use proptest::prelude::*;
    use sluice_core::storage::cost::Month;
    use sluice_core::storage::money::Picos;

    use super::*;

    const DAY: i64 = 86_400_000_000;

    fn class() -> impl Strategy<Value = StorageClass> {
        (0..StorageClass::ALL.len()).prop_map(|at| StorageClass::ALL[at])
    }

    fn span() -> impl Strategy<Value = (i64, i64, i64)> {
        (0..4_000 * DAY, 0..400 * DAY, 0..400 * DAY).prop_map(|(from, a, b)| (from, from + a.min(b), from + a.max(b)))
    }

    fn bill(meter: &Meter) -> Bill {
        Bill::of(meter, &PriceList::load(DEFAULT_PRICE_LIST).expect("a list"))
    }

    proptest! {
        #[test]
        fn splitting_a_period_changes_nothing((from, middle, to) in span(), class in class(), bytes in 0_u64..1 << 45, count in 0_u64..1_000_000) {
            let [from, middle, to] = [from, middle, to].map(SimTime::from_micros);
            let (mut whole, mut parts) = (Meter::default(), Meter::default());
            whole.stored(from, to, class, bytes, count);
            parts.stored(middle, to, class, bytes, count);
            parts.stored(from, middle, class, bytes, count);
            prop_assert_eq!(&whole, &parts);
            let mut lots = Meter::default();
            lots.stored(from, to, class, bytes, count / 2);
            lots.stored(from, to, class, bytes, count - count / 2);
            prop_assert_eq!(whole, lots);
        }

        /// What is stored and what is charged for leaving early is at least the minimum duration, whenever an object leaves.
        #[test]
        fn leaving_early_pays_the_minimum((from, _, to) in span(), class in class(), bytes in 0_u64..1 << 45) {
            let [from, to] = [from, to].map(SimTime::from_micros);
            let mut meter = Meter::default();
            meter.stored(from, to, class, bytes, 1);
            meter.left_class(to, from, class, bytes, 1);
            let tier = StorageTier::from(class);
            let sum = |wanted: &[Usage]| meter.iter().filter(|(_, usage, _)| wanted.contains(usage)).map(|(_, _, quantity)| quantity).sum::<u128>();
            let paid = sum(&[Usage::Stored(tier), Usage::MinimumSize(tier), Usage::Overhead(tier), Usage::EarlyDelete(class)]);
            let overhead = if class.is_archived() { 32_768 } else { 0 };
            let least = u128::from(bytes.max(class.min_billable_bytes()) + overhead);
            let time = (to.micros() - from.micros()).max(i64::from(class.min_days()) * DAY);
            prop_assert_eq!(paid, least * time as u128);
        }

        /// The parts are the whole: by line, by month and by usage, and a bill in two halves of the meter has the quantities of the bill of all.
        #[test]
        fn money_is_conserved(spans in prop::collection::vec((span(), class(), 0_u64..1 << 42, 0_u64..100_000), 1..12)) {
            let mut meter = Meter::default();
            for ((from, middle, to), class, bytes, count) in spans {
                let [from, middle, to] = [from, middle, to].map(SimTime::from_micros);
                meter.stored(from, to, class, bytes, count);
                meter.left_class(middle, from, class, bytes, count);
                meter.requests(from, class, RequestKind::Put, count);
                meter.requests(middle, class, RequestKind::Get, count);
                meter.retrieved(middle, class, bytes, count);
                meter.transferred_out(to, bytes);
            }
            let bill = bill(&meter);
            prop_assert!(bill.unpriced.is_empty());
            let total = bill.total();
            prop_assert_eq!(bill.by_month().values().copied().sum::<Picos>(), total);
            let mut usages: Vec<Usage> = meter.iter().map(|(_, usage, _)| usage).collect();
            usages.sort();
            usages.dedup();
            prop_assert_eq!(usages.into_iter().map(|usage| bill.of_usage(usage)).sum::<Picos>(), total);
            for (month, usage, quantity) in meter.iter() {
                let billed: u128 = bill.lines.iter().filter(|line| (line.month, line.usage) == (month, usage)).map(|line| line.quantity).sum();
                prop_assert_eq!(billed, quantity);
            }
            let months: Vec<Month> = meter.months().collect();
            let halves: Picos = months.iter().map(|month| self::bill(&meter.between(*month, *month)).total()).sum();
            prop_assert_eq!(halves, total);
        }
    }
}
