use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use super::run::{cost_by_month, cost_until};
use super::{DAY, Population, Scenario, SizeShare};
use crate::sim::SimTime;
use crate::storage::cost::Month;
use crate::storage::money::Picos;
use crate::storage::price::{GB, Price, PriceList};
use crate::storage::s3::StorageClass;
use crate::storage::s3::lifecycle::{Filter, LifecycleConfiguration, Rule, Transition, When};

/// When a class pays against staying in the class of the upload, for objects of one size.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakEven {
    pub bytes: u64,
    pub class: StorageClass,
    /// Days after the upload at which a rule may move objects there at the earliest.
    pub from_day: u32,
    /// Age in days from which all that was paid, the transition included, is less than without it. `None`: not within the run.
    ///
    /// Looked for at the ends of months and then to the day: a class that leads for some days inside one month only is not found.
    pub pays_from_day: Option<u32>,
    /// Cost of the object over the run there, less its cost without the move: for one object, rounded.
    pub difference: Picos,
    /// Reads of an object in a month, each of the whole object, above which its month costs more there than in S3 Standard, transition aside. `None`: at no rate, or at every.
    pub reads_per_month: Option<f64>,
    /// Least size at which the move pays within the run. `None`: at no size up to 5 GiB.
    pub pays_from_bytes: Option<u64>,
}

/// Objects that a comparison runs with: enough that rounding to whole reads does not show.
const MANY: u64 = 1_000_000;
const LARGEST: u64 = 5 << 30;

/// Compares every class that a rule can reach, for every size of a scenario, at the first step of each price. Rules, uploads over time and overwriting are left aside: one batch, put at the start.
pub fn break_even(scenario: &Scenario, prices: &PriceList) -> Vec<BreakEven> {
    let mut found = Vec::new();
    for class in StorageClass::ALL.into_iter().filter(|class| scenario.class.can_transition_to(*class)) {
        let from_day = match class {
            StorageClass::StandardIa | StorageClass::OnezoneIa => 30,
            _ => 0,
        };
        let pays_from_bytes = pays_from_bytes(scenario, from_day, class, prices);
        for size in &scenario.population.sizes {
            let stay = alone(scenario, size.bytes, &[]);
            let moved = alone(scenario, size.bytes, &[(from_day, class)]);
            let (stays, moves) = (cost_by_month(&stay, prices, false), cost_by_month(&moved, prices, false));
            let difference = moves.iter().copied().sum::<Picos>() - stays.iter().copied().sum();
            found.push(BreakEven {
                bytes: size.bytes,
                class,
                from_day,
                pays_from_day: pays_from(&stay, &moved, &stays, &moves, prices),
                difference: Picos(difference.0 / i128::from(MANY)),
                reads_per_month: reads_per_month(class, size.bytes, prices),
                pays_from_bytes,
            });
        }
    }
    found
}

/// One batch of objects of one size, and one rule that moves them whatever their size.
pub(super) fn alone(scenario: &Scenario, bytes: u64, steps: &[(u32, StorageClass)]) -> Scenario {
    let transitions: Vec<Transition> = steps
        .iter()
        .map(|(day, class)| Transition {
            when: When::Days(*day),
            class: *class,
        })
        .collect();
    let filter = Filter {
        smaller_than: Some(u64::MAX),
        ..Filter::default()
    };
    let rule = Rule {
        id: "move".to_string(),
        enabled: true,
        filter,
        transitions,
        ..Rule::default()
    };
    Scenario {
        population: Population {
            objects: MANY,
            uploads_per_month: 0,
            sizes: vec![SizeShare { bytes, weight: 1 }],
        },
        tags: BTreeMap::new(),
        overwrite_days: None,
        lifecycle: LifecycleConfiguration {
            rules: if steps.is_empty() { Vec::new() } else { vec![rule] },
            ..LifecycleConfiguration::default()
        },
        ..scenario.clone()
    }
}

/// The first day whose end finds less paid with the move than without: by month, then by halves within the month.
fn pays_from(stay: &Scenario, moved: &Scenario, stays: &[Picos], moves: &[Picos], prices: &PriceList) -> Option<u32> {
    let (mut without, mut with) = (Picos::ZERO, Picos::ZERO);
    let mut month = Month::of(stay.start);
    for (stays, moves) in stays.iter().zip(moves) {
        without += *stays;
        with += *moves;
        if with < without {
            let age = |at: SimTime| (at.micros() - stay.start.micros()) / DAY;
            let (mut low, mut high) = (age(month.start().max(stay.start)), age(month.end()));
            while low < high {
                let middle = low + (high - low) / 2;
                let until = stay.start.plus_micros(middle * DAY);
                if cost_until(moved, until, prices) < cost_until(stay, until, prices) {
                    high = middle;
                } else {
                    low = middle + 1;
                }
            }
            return u32::try_from(low).ok();
        }
        month = month.next();
    }
    None
}

/// The least size that saves, by halves: without reads, and with them as long as reads do not cost more than storage saves, larger objects save more.
fn pays_from_bytes(scenario: &Scenario, from_day: u32, class: StorageClass, prices: &PriceList) -> Option<u64> {
    let saves = |bytes: u64| {
        let total = |steps: &[(u32, StorageClass)]| cost_by_month(&alone(scenario, bytes, steps), prices, false).into_iter().sum::<Picos>();
        total(&[(from_day, class)]) < total(&[])
    };
    // Twice a doubling: sizes of one sixteenth apart are near enough for a figure, and a whole number of bytes would be false precision.
    let steps: Vec<u64> = (4..33)
        .flat_map(|power| (16..32).map(move |part| (1_u64 << power) / 16 * part))
        .filter(|bytes| *bytes <= LARGEST)
        .collect();
    let at = steps.partition_point(|bytes| !saves(*bytes));
    steps.get(at).copied()
}

/// Reads at which a month there costs what it costs in Standard: saved storage / (retrieval + dearer request), at the first step of each price.
fn reads_per_month(class: StorageClass, bytes: u64, prices: &PriceList) -> Option<f64> {
    let first = |key: &str| prices.price(key).map_or(0.0, Price::first);
    let of = |class: StorageClass, what: &str| match class {
        StorageClass::IntelligentTiering => first("s3.storage.FREQUENT_ACCESS"),
        class => first(&alloc::format!("s3.{what}.{class}")),
    };
    if matches!(class, StorageClass::IntelligentTiering) || class.is_archived() {
        return None;
    }
    let gb = |bytes: u64| bytes as f64 / GB as f64;
    let standard = StorageClass::Standard;
    let billed = gb(bytes.max(class.min_billable_bytes()));
    let saved = gb(bytes) * of(standard, "storage") - billed * of(class, "storage");
    let request = first(&alloc::format!("s3.requests.{class}.tier2")) - first("s3.requests.STANDARD.tier2");
    let read = gb(bytes) * of(class, "retrieval") + request;
    (saved > 0.0 && read > 0.0).then(|| saved / read)
}
