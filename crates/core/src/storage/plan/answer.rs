use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::params::{self, BEST, BREAK_EVEN, LINES, SCENARIO};
use super::{BestPlan, BreakEven, Candidate, Held, Removal, Run, Scenario, SizePlan, Timeline, best_plan, break_even, run};
use crate::account::params::Member;
use crate::account::{ApiError, Params};
use crate::sim::SimTime;
use crate::storage::cost::{Bill, Month, Usage};
use crate::storage::money::Picos;
use crate::storage::price::PriceList;
use crate::storage::s3::StorageClass;

/// Members of `sluice:PlanStorage`: a scenario, whether to list the bill's lines, and whether to look for break-even points (default: yes).
pub const PLAN_STORAGE: &[Member] = &[
    SCENARIO[0],
    SCENARIO[1],
    SCENARIO[2],
    SCENARIO[3],
    SCENARIO[4],
    SCENARIO[5],
    SCENARIO[6],
    LINES,
    BREAK_EVEN,
];
/// Members of `sluice:BestStoragePlan`: a scenario, whose own rules are priced beside the best and whose actions other than transitions are kept, and a constraint.
pub const BEST_STORAGE_PLAN: &[Member] = &BEST;

/// Answers `sluice:PlanStorage`.
///
/// `{Fidelity, PriceList, AsOf, Currency, Start, End, Total, ByGroup, ByClass, Months: [{Month, Total, Bytes: {tier: average bytes}, Objects: {class: at its end},
/// Cost: [{StorageClass?, Group, Amount}], Moved: {class: objects}, Removed}], Timelines: [{Bytes, Created, Removal, Rule?, Spans: [{From, To, StorageClass, Current, Rule?}]}],
/// BreakEven: […], Lines?, Unconfirmed: [description]}`. Amounts are decimal text.
pub fn plan_storage(now: SimTime, given: &Value) -> Result<Value, ApiError> {
    let given = Params::check(given, PLAN_STORAGE)?;
    let prices = params::prices(&given)?;
    let scenario = params::scenario(&given, now)?;
    let run = run(&scenario);
    let bill = Bill::of(&run.meter, &prices);
    let mut answer = json!({
        "Fidelity": "simplified",
        "PriceList": prices.id,
        "AsOf": prices.as_of,
        "Currency": prices.currency,
        "Start": scenario.start.to_string(),
        "End": run.months.last().map(|month| month.end().to_string()),
        "Total": bill.total(),
        "ByGroup": by(&bill, |usage| Some(usage.group())),
        "ByClass": by(&bill, |usage| usage.class().map(StorageClass::as_str)),
        "Months": months(&run, &bill),
        "Timelines": run.timelines.iter().map(|timeline| timeline_json(timeline, &scenario)).collect::<Vec<_>>(),
        "Cohorts": run.cohorts,
        "Unconfirmed": unconfirmed(&bill),
    });
    if given.boolean("BreakEven").unwrap_or(true) {
        answer["BreakEven"] = break_even(&scenario, &prices).iter().map(break_even_json).collect();
    }
    if given.boolean("Lines").unwrap_or(false) {
        answer["Lines"] = bill.to_json()["Lines"].take();
    }
    Ok(answer)
}

/// Answers `sluice:BestStoragePlan`.
///
/// `{Fidelity, PriceList, AsOf, Currency, LifecycleConfiguration?, Total, Given, WithoutRules, Saved, Grid: [days], StorageClasses, Candidates, Basis, RestoreTier,
/// DeepRestoreTier, VolumeSteps: whether the population is so large that steps of a price could change the order, Sizes: [{Bytes, Objects, Candidates, WithoutRules,
/// Best, Ranked: [candidate], Chains: [candidate]}]}`; a candidate is `{Transitions: [{Days, StorageClass}], Cost, Above: cost over the best, Parts: [{StorageClass, Cost}]}`.
pub fn best_storage_plan(now: SimTime, given: &Value) -> Result<Value, ApiError> {
    let given = Params::check(given, BEST_STORAGE_PLAN)?;
    let prices = params::prices(&given)?;
    let scenario = params::scenario(&given, now)?;
    let constraint = params::constraint(&given)?;
    let plan = best_plan(&scenario, &constraint, &prices);
    let mut answer = json!({
        "Fidelity": "simplified",
        "PriceList": prices.id,
        "AsOf": prices.as_of,
        "Currency": prices.currency,
        "Total": plan.cost,
        "Given": plan.given,
        "WithoutRules": plan.without,
        "Saved": plan.without - plan.cost,
        "Grid": plan.grid,
        "StorageClasses": plan.classes,
        "Candidates": plan.candidates,
        "Basis": "Every legal set of transitions on the days of the grid, for one batch put at the start and followed to the end of the run, at the first step of each price",
        "RestoreTier": plan.scenario.bucket.restore,
        "DeepRestoreTier": plan.scenario.bucket.restore_deep,
        "VolumeSteps": beyond_first_step(&plan, &prices),
        "Sizes": plan.sizes.iter().map(size_json).collect::<Vec<_>>(),
    });
    if !plan.lifecycle.rules.is_empty() {
        answer["LifecycleConfiguration"] = plan.lifecycle.to_json();
    }
    Ok(answer)
}

/// Whether the bytes outgrow the first step of Standard: the search prices at the first step.
fn beyond_first_step(plan: &BestPlan, prices: &PriceList) -> bool {
    let bytes: u128 = plan.sizes.iter().map(|size| u128::from(size.bytes) * u128::from(size.objects)).sum();
    let bound = prices
        .price("s3.storage.STANDARD")
        .and_then(|price| price.steps.first())
        .and_then(|step| step.up_to);
    bound.is_some_and(|units| bytes > u128::from(units) * u128::from(crate::storage::price::GB))
}

fn by(bill: &Bill, name: impl Fn(Usage) -> Option<&'static str>) -> Value {
    let mut sums: BTreeMap<&'static str, Picos> = BTreeMap::new();
    for line in &bill.lines {
        *sums.entry(name(line.usage).unwrap_or("other")).or_default() += line.amount;
    }
    json!(sums)
}

fn unconfirmed(bill: &Bill) -> Vec<String> {
    let mut found: Vec<_> = bill
        .lines
        .iter()
        .filter(|line| line.confidence.is_some())
        .map(|line| line.usage.description())
        .collect();
    found.sort();
    found.dedup();
    found
}

fn months(run: &Run, bill: &Bill) -> Vec<Value> {
    let mut cost: BTreeMap<Month, BTreeMap<(Option<StorageClass>, &'static str), Picos>> = BTreeMap::new();
    for line in &bill.lines {
        let group = (line.usage.class(), line.usage.group());
        *cost.entry(line.month).or_default().entry(group).or_default() += line.amount;
    }
    let mut bytes: BTreeMap<Month, Map<String, Value>> = BTreeMap::new();
    for (month, usage, quantity) in run.meter.iter() {
        if let Usage::Stored(tier) = usage {
            let average = u64::try_from(quantity / month.micros()).unwrap_or(u64::MAX);
            bytes.entry(month).or_default().insert(tier.as_str().into(), average.into());
        }
    }
    let month_json = |(index, month): (usize, &Month)| {
        let groups = cost.get(month);
        let objects: Map<_, _> = run
            .objects
            .iter()
            .filter_map(|(class, counts)| Some((class.as_str().into(), (*counts.get(index)?).into())))
            .collect();
        let moved: Map<_, _> = run
            .moved
            .iter()
            .filter(|((of, _), _)| of == month)
            .map(|((_, class), count)| (class.as_str().into(), (*count).into()))
            .collect();
        let parts: Vec<Value> = groups
            .into_iter()
            .flatten()
            .map(|((class, group), amount)| {
                let mut part = json!({"Group": group, "Amount": amount});
                if let Some(class) = class {
                    part["StorageClass"] = json!(class);
                }
                part
            })
            .collect();
        json!({
            "Month": month,
            "Total": groups.into_iter().flat_map(BTreeMap::values).copied().sum::<Picos>(),
            "Bytes": bytes.get(month).cloned().unwrap_or_default(),
            "Objects": objects,
            "Cost": parts,
            "Moved": moved,
            "Removed": run.removed.get(month).copied().unwrap_or(0),
        })
    };
    run.months.iter().enumerate().map(month_json).collect()
}

fn timeline_json(timeline: &Timeline, scenario: &Scenario) -> Value {
    let id = |rule: usize| scenario.lifecycle.rules.get(rule).map(|rule| rule.id.clone());
    let span = |held: &Held| {
        let mut span = json!({
            "From": held.from.to_string(),
            "To": held.to.to_string(),
            "StorageClass": held.class,
            "Current": held.current,
        });
        if let Some(rule) = held.rule.and_then(id) {
            span["Rule"] = rule.into();
        }
        span
    };
    let mut answer = json!({
        "Bytes": timeline.bytes,
        "Created": timeline.created.to_string(),
        "Spans": timeline.held.iter().filter(|held| held.from < held.to).map(span).collect::<Vec<_>>(),
        "Removal": match timeline.removal {
            Removal::Horizon => "None",
            Removal::Rule(_) => "Rule",
            Removal::Owner => "Owner",
        },
    });
    if let Removal::Rule(rule) = timeline.removal {
        answer["Rule"] = json!(id(rule));
    }
    answer
}

fn break_even_json(found: &BreakEven) -> Value {
    json!({
        "Bytes": found.bytes,
        "StorageClass": found.class,
        "FromDay": found.from_day,
        "PaysFromDay": found.pays_from_day,
        "Difference": found.difference,
        "ReadsPerMonth": found.reads_per_month,
        "PaysFromBytes": found.pays_from_bytes,
    })
}

fn size_json(plan: &SizePlan) -> Value {
    let least = plan.ranked.first().map(|best| best.cost).unwrap_or_default();
    let candidate = |candidate: &Candidate| {
        let steps = candidate.steps.iter().map(|step| json!({"Days": step.day, "StorageClass": step.class}));
        let parts = candidate.parts.iter().map(|(class, cost)| json!({"StorageClass": class, "Cost": cost}));
        json!({
            "Transitions": steps.collect::<Vec<_>>(),
            "Cost": candidate.cost,
            "Above": candidate.cost - least,
            "Parts": parts.collect::<Vec<_>>(),
        })
    };
    json!({
        "Bytes": plan.bytes,
        "Objects": plan.objects,
        "Candidates": plan.candidates,
        "Basis": "Every legal set of transitions on the days of the grid, for one batch put at the start and followed to the end of the run, at the first step of each price",
        "WithoutRules": plan.stay,
        "Best": plan.ranked.first().map(candidate),
        "Ranked": plan.ranked.iter().map(candidate).collect::<Vec<_>>(),
        "Chains": plan.chains.iter().map(candidate).collect::<Vec<_>>(),
    })
}
