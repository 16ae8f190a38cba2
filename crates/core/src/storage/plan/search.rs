//! The cheapest lifecycle rules for a scenario: every legal set of transitions on a grid of days, priced.
//!
//! For one size of object the cost of a life is the sum of its stretches: (class, day in, day out), with the upload or the transition before it, the reads
//! while it lasts, and the rest of a minimum duration where it is left too soon. Each stretch is metered once, exactly as a run meters it; then every chain of
//! classes down the waterfall on every choice of days is a sum. Nothing is pruned, so the least is the least over the grid. Rules may tell sizes apart, so
//! each size has its own best; equal neighbours share a rule.
//!
//! What is held fixed: one batch, put at the start, priced at the first step of each price; versions, overwriting and transfer are the same whatever the rules.
//! So is what the given rules remove: the search replaces their transitions and keeps their other actions, each with its filter.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use super::cohort::{Held, Version};
use super::population::Dealer;
use super::run::{Runner, cost_by_month};
use super::{DAY, Scenario, SizeShare};
use crate::sim::SimTime;
use crate::storage::cost::RestoreTier;
use crate::storage::money::Picos;
use crate::storage::price::PriceList;
use crate::storage::s3::lifecycle::{Expiration, Filter, FilterForm, LifecycleConfiguration, Rule, Transition, When, midnight_at_or_after};
use crate::storage::s3::{MIN_BILLABLE, StorageClass, Versioning};

/// How soon a read must be answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Readable {
    #[default]
    Milliseconds,
    /// Within 5 minutes: Flexible Retrieval, restored Expedited.
    Minutes,
    /// Within 12 hours: Flexible Retrieval in bulk, Deep Archive at Standard.
    Hours,
    /// Within 48 hours: everything in bulk.
    Days,
}

/// What a plan must keep to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Constraint {
    pub readable: Readable,
    /// Whether one Availability Zone will do.
    pub one_zone: bool,
    /// Days at which a transition may be; empty: [`GRID`] as far as the run goes.
    pub days: Vec<u32>,
}

/// Days tried where none are given: weeks, months, quarters, years, and the minimum durations of the classes.
pub const GRID: [u32; 18] = [0, 1, 7, 14, 30, 45, 60, 75, 90, 120, 150, 180, 210, 270, 365, 545, 730, 1_095];
/// Most days of a grid that a caller gives.
pub(super) const MAX_GRID: usize = 24;
/// Candidates that an answer shows of each size.
const SHOWN: usize = 8;

/// A transition of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    pub day: u32,
    pub class: StorageClass,
}

/// A set of transitions and what the life of a size's objects costs with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub steps: Vec<Step>,
    pub cost: Picos,
    /// The class of the upload and then of each step, with its share of the cost.
    pub parts: Vec<(StorageClass, Picos)>,
}

/// The best for one size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizePlan {
    pub bytes: u64,
    pub objects: u64,
    /// The winner first, then the next best.
    pub ranked: Vec<Candidate>,
    /// The best of every chain of classes, by cost: why the others lose.
    pub chains: Vec<Candidate>,
    pub candidates: u64,
    /// Without any rule.
    pub stay: Picos,
}

/// The search's answer.
#[derive(Clone, Debug, PartialEq)]
pub struct BestPlan {
    pub grid: Vec<u32>,
    pub classes: Vec<StorageClass>,
    pub sizes: Vec<SizePlan>,
    /// The rules of the winners, none where staying is best, after what is kept of the given ones.
    pub lifecycle: LifecycleConfiguration,
    /// The scenario run with those rules, with its own, and with none: billed with all steps.
    pub cost: Picos,
    pub given: Picos,
    pub without: Picos,
    /// The scenario as it was run for `cost`: the restore tiers are the cheapest that the constraint allows.
    pub scenario: Scenario,
    pub candidates: u64,
}

impl Constraint {
    fn classes(&self, from: StorageClass) -> Vec<StorageClass> {
        let allowed = |class: &StorageClass| match class {
            StorageClass::OnezoneIa => self.one_zone,
            StorageClass::Glacier => self.readable != Readable::Milliseconds,
            StorageClass::DeepArchive => matches!(self.readable, Readable::Hours | Readable::Days),
            _ => true,
        };
        StorageClass::ALL
            .into_iter()
            .filter(|class| from.can_transition_to(*class))
            .filter(allowed)
            .collect()
    }

    fn restores(&self) -> (RestoreTier, RestoreTier) {
        match self.readable {
            Readable::Milliseconds | Readable::Minutes => (RestoreTier::Expedited, RestoreTier::Standard),
            Readable::Hours => (RestoreTier::Bulk, RestoreTier::Standard),
            Readable::Days => (RestoreTier::Bulk, RestoreTier::Bulk),
        }
    }

    /// Whether a tier of Intelligent-Tiering that has to be restored is quick enough.
    fn allows_archive_tiers(&self) -> (bool, bool) {
        (
            self.readable != Readable::Milliseconds,
            matches!(self.readable, Readable::Hours | Readable::Days),
        )
    }
}

/// Days that a class must have been held before one rule may archive from it: the rules of PutBucketLifecycleConfiguration.
const fn days_before_archive(class: StorageClass) -> u32 {
    match class {
        StorageClass::StandardIa | StorageClass::OnezoneIa | StorageClass::GlacierIr | StorageClass::Glacier => class.min_days(),
        _ => 0,
    }
}

/// Whether one rule may have this step after those.
fn may_follow(steps: &[(usize, Step)], next: Step) -> bool {
    let soon = matches!(next.class, StorageClass::StandardIa | StorageClass::OnezoneIa) && next.day < 30;
    let after = |step: &Step| {
        let least = if next.class.is_archived() {
            days_before_archive(step.class).max(1)
        } else {
            1
        };
        step.class.can_transition_to(next.class) && next.day >= step.day.saturating_add(least)
    };
    !soon && steps.iter().all(|(_, step)| after(step))
}

/// Cost of stretches: by class, by position of the day in (the upload is its own), by position of the day out, the end last.
struct Stretches {
    costs: BTreeMap<(StorageClass, Option<usize>), Vec<Option<Picos>>>,
}

/// Finds the cheapest rules. Stretches are metered once each, some (classes × days²) a size; a sum for every candidate.
pub fn best_plan(scenario: &Scenario, constraint: &Constraint, prices: &PriceList) -> BestPlan {
    let mut scenario = scenario.clone();
    let given_rules = core::mem::take(&mut scenario.lifecycle);
    let kept = without_transitions(&given_rules);
    (scenario.bucket.restore, scenario.bucket.restore_deep) = constraint.restores();
    let (archive, deep) = constraint.allows_archive_tiers();
    scenario.bucket.archive_days = scenario.bucket.archive_days.filter(|_| archive);
    scenario.bucket.deep_archive_days = scenario.bucket.deep_archive_days.filter(|_| deep);
    let mut runner = Runner::new(&scenario, SimTime::from_micros(i64::MAX));
    let last = runner.end().micros() - scenario.start.micros();
    let last = scenario.delete_days.map_or(last, |days| last.min(i64::from(days) * DAY));
    let mut grid: Vec<u32> = if constraint.days.is_empty() { GRID.to_vec() } else { constraint.days.clone() };
    grid.retain(|day| i64::from(*day) * DAY < last);
    grid.sort_unstable();
    grid.dedup();
    let classes = constraint.classes(scenario.class);
    let population = &scenario.population;
    let all = population
        .objects
        .saturating_add(population.uploads_per_month.saturating_mul(u64::from(scenario.months)));
    let counts = Dealer::new(&population.sizes).deal(all.max(1));
    let mut sizes = Vec::new();
    for (size, objects) in population.sizes.iter().zip(counts) {
        if objects > 0 {
            let removed = removal(&scenario, &kept, size.bytes).filter(|at| *at < runner.end());
            let mut grid = grid.clone();
            grid.retain(|day| removed.is_none_or(|at| midnight_at_or_after(scenario.start.plus_micros(i64::from(*day) * DAY)) < at));
            let stretches = stretches(&mut runner, &scenario, (*size, objects), removed, &grid, &classes, prices);
            sizes.push(enumerate(&scenario, *size, objects, &grid, &classes, &stretches));
        }
    }
    sizes.sort_by_key(|plan| plan.bytes);
    let candidates = sizes.iter().map(|plan| plan.candidates).sum();
    let mut lifecycle = rules(&sizes);
    if !kept.rules.is_empty() {
        for rule in &mut lifecycle.rules {
            while kept.rules.iter().any(|other| other.id == rule.id) {
                rule.id.push('_');
            }
        }
        lifecycle.rules.splice(0..0, kept.rules);
    }
    let total = |lifecycle: LifecycleConfiguration| -> Picos {
        let run = Scenario { lifecycle, ..scenario.clone() };
        cost_by_month(&run, prices, true).into_iter().sum()
    };
    BestPlan {
        cost: total(lifecycle.clone()),
        given: total(given_rules),
        without: total(LifecycleConfiguration::default()),
        scenario: Scenario {
            lifecycle: lifecycle.clone(),
            ..scenario.clone()
        },
        grid,
        classes,
        sizes,
        lifecycle,
        candidates,
    }
}

/// The rules without what moves current versions; a rule that does nothing else is left out.
fn without_transitions(given: &LifecycleConfiguration) -> LifecycleConfiguration {
    let acts = |rule: &Rule| {
        rule.expiration.is_some() || !rule.noncurrent_transitions.is_empty() || rule.noncurrent_expiration.is_some() || rule.abort_incomplete.is_some()
    };
    LifecycleConfiguration {
        rules: given
            .rules
            .iter()
            .filter(|rule| acts(rule))
            .map(|rule| Rule {
                transitions: Vec::new(),
                ..rule.clone()
            })
            .collect(),
        ..given.clone()
    }
}

/// When an object of a size, put at the start, is gone: deleted by its owner or expired by a rule, whichever is first. Where versions are kept a rule's
/// expiration only makes them noncurrent, which the search leaves aside.
fn removal(scenario: &Scenario, kept: &LifecycleConfiguration, bytes: u64) -> Option<SimTime> {
    let after = |days: u32| scenario.start.plus_micros(i64::from(days) * DAY);
    let expired = |rule: &Rule| match rule.expiration {
        Some(Expiration::At(When::Days(days))) => Some(midnight_at_or_after(after(days))),
        Some(Expiration::At(When::Date(at))) => Some(at.max(scenario.start)),
        Some(Expiration::ExpiredMarker(_)) | None => None,
    };
    let rules = kept
        .rules
        .iter()
        .filter(|rule| scenario.bucket.versioning == Versioning::Unversioned && rule.enabled && rule.filter.matches(&scenario.key, bytes, &scenario.tags));
    rules.filter_map(expired).chain(scenario.delete_days.map(after)).min()
}

fn stretches(
    runner: &mut Runner<'_>,
    scenario: &Scenario,
    (size, objects): (SizeShare, u64),
    deleted: Option<SimTime>,
    grid: &[u32],
    classes: &[StorageClass],
    prices: &PriceList,
) -> Stretches {
    let start = scenario.start;
    let end = deleted.unwrap_or(runner.end());
    let version = Version {
        bytes: size.bytes,
        created: start,
        replaced: deleted,
        newer: &[],
    };
    let at = |day: u32| midnight_at_or_after(start.plus_micros(i64::from(day) * DAY));
    let day = |index: usize| grid.get(index).map_or(end, |day| at(*day));
    // From each day of the grid to the next: these add up to any stretch. What rests and is read goes by age, whatever the day of entry; only tiers and restores go by it.
    let mut shared: BTreeMap<StorageClass, Vec<Picos>> = BTreeMap::new();
    let mut costs = BTreeMap::new();
    let entries = core::iter::once((scenario.class, None)).chain(classes.iter().flat_map(|class| (0..grid.len()).map(move |index| (*class, Some(index)))));
    for (class, entry) in entries {
        let from = entry.map_or(start, day);
        let held = |from: SimTime, to: SimTime, entered: SimTime| Held {
            from,
            to,
            class,
            entered,
            current: true,
            rule: entry.map(|_| 0),
        };
        runner.begin(&version, objects, &held(from, from, from));
        let begin = runner.tally.take_first_steps(prices);
        let by_entry = class == StorageClass::IntelligentTiering || class.is_archived();
        let between = |runner: &mut Runner<'_>, entered: SimTime| -> Vec<Picos> {
            let starts = core::iter::once(start).chain((0..grid.len()).map(day));
            let pairs: Vec<(SimTime, SimTime)> = starts.zip((0..=grid.len()).map(day)).collect();
            pairs
                .into_iter()
                .map(|(from, to)| {
                    if to <= from || from < entered {
                        return Picos::ZERO;
                    }
                    runner.stretch(&version, objects, &held(from, to, entered));
                    runner.tally.take_first_steps(prices)
                })
                .collect()
        };
        let parts = if by_entry {
            between(runner, from)
        } else {
            shared.entry(class).or_insert_with(|| between(runner, start)).clone()
        };
        let first = entry.map_or(0, |index| index + 1);
        let mut row = vec![None; grid.len() + 1];
        let mut sum = begin;
        for (out, (cell, part)) in row.iter_mut().zip(parts).enumerate().skip(first) {
            sum += part;
            let mut left = Picos::ZERO;
            if out < grid.len() || deleted.is_some() {
                runner.left_early(&version, objects, &held(from, day(out), from));
                left = runner.tally.take_first_steps(prices);
            }
            *cell = Some(sum + left);
        }
        costs.insert((class, entry), row);
    }
    Stretches { costs }
}

impl Stretches {
    fn cost(&self, class: StorageClass, entry: Option<usize>, out: usize) -> Option<Picos> {
        self.costs.get(&(class, entry))?.get(out).copied().flatten()
    }
}

/// A partial plan in the enumeration.
struct Walk<'a> {
    grid: &'a [u32],
    classes: &'a [StorageClass],
    stretches: &'a Stretches,
    from: StorageClass,
    steps: Vec<(usize, Step)>,
    ranked: Vec<Candidate>,
    /// By the classes of the steps, four bits each: a chain has at most six.
    chains: BTreeMap<u64, Candidate>,
    candidates: u64,
}

fn enumerate(scenario: &Scenario, size: SizeShare, objects: u64, grid: &[u32], classes: &[StorageClass], stretches: &Stretches) -> SizePlan {
    let mut walk = Walk {
        grid,
        classes,
        stretches,
        from: scenario.class,
        steps: Vec::new(),
        ranked: Vec::new(),
        chains: BTreeMap::new(),
        candidates: 0,
    };
    walk.on(Picos::ZERO);
    let mut chains: Vec<Candidate> = walk.chains.into_values().collect();
    chains.sort_by(|a, b| order(a).cmp(&order(b)));
    SizePlan {
        bytes: size.bytes,
        objects,
        ranked: walk.ranked,
        chains,
        candidates: walk.candidates,
        stay: stretches.cost(scenario.class, None, grid.len()).unwrap_or_default(),
    }
}

/// Cheapest first; of equals the one with fewest steps, then the earlier days.
fn order(candidate: &Candidate) -> (Picos, usize, &[Step]) {
    (candidate.cost, candidate.steps.len(), &candidate.steps)
}

impl Walk<'_> {
    fn here(&self) -> (StorageClass, Option<usize>) {
        self.steps.last().map_or((self.from, None), |(index, step)| (step.class, Some(*index)))
    }

    /// Closes the plan as it stands, then tries every step that may follow. `before` is the cost up to the last step.
    fn on(&mut self, before: Picos) {
        let (class, entry) = self.here();
        if let Some(rest) = self.stretches.cost(class, entry, self.grid.len()) {
            self.candidates += 1;
            self.keep(before + rest);
        }
        let first = entry.map_or(0, |index| index + 1);
        for (index, day) in self.grid.iter().enumerate().skip(first) {
            for next in self.classes {
                let step = Step { day: *day, class: *next };
                if !class.can_transition_to(*next) || !may_follow(&self.steps, step) {
                    continue;
                }
                if let Some(cost) = self.stretches.cost(class, entry, index) {
                    self.steps.push((index, step));
                    self.on(before + cost);
                    self.steps.pop();
                }
            }
        }
    }

    fn keep(&mut self, cost: Picos) {
        let chain = self.steps.iter().fold(0_u64, |chain, (_, step)| chain << 4 | (step.class as u64 + 1));
        let ranks = self.ranked.len() < SHOWN || self.ranked.last().is_none_or(|last| cost <= last.cost);
        if !ranks && self.chains.get(&chain).is_some_and(|held| held.cost < cost) {
            return;
        }
        let steps: Vec<Step> = self.steps.iter().map(|(_, step)| *step).collect();
        let key = (cost, steps.len(), steps.as_slice());
        let at = self.ranked.partition_point(|held| order(held) < key);
        let beats = self.chains.get(&chain).is_none_or(|held| key < order(held));
        if at >= SHOWN && !beats {
            return;
        }
        let candidate = self.candidate(steps, cost);
        if beats {
            self.chains.insert(chain, candidate.clone());
        }
        if at < SHOWN {
            self.ranked.insert(at, candidate);
            self.ranked.truncate(SHOWN);
        }
    }

    fn candidate(&self, steps: Vec<Step>, cost: Picos) -> Candidate {
        let mut parts = Vec::new();
        let entries = core::iter::once((self.from, None)).chain(self.steps.iter().map(|(index, step)| (step.class, Some(*index))));
        let outs = self.steps.iter().map(|(index, _)| *index).chain([self.grid.len()]);
        for ((class, entry), out) in entries.zip(outs) {
            parts.push((class, self.stretches.cost(class, entry, out).unwrap_or_default()));
        }
        Candidate { steps, cost, parts }
    }
}

/// One rule for each run of neighbouring sizes with the same steps. Objects below 128 KB need a filter that speaks of size, or no rule moves them.
fn rules(sizes: &[SizePlan]) -> LifecycleConfiguration {
    let mut groups: Vec<(Vec<Step>, usize, usize)> = Vec::new();
    for (index, plan) in sizes.iter().enumerate() {
        let steps = plan.ranked.first().map(|best| best.steps.clone()).unwrap_or_default();
        match groups.last_mut() {
            Some((held, _, last)) if *held == steps => *last = index,
            _ => groups.push((steps, index, index)),
        }
    }
    let mut rules = Vec::new();
    for (steps, first, last) in groups.iter().filter(|(steps, ..)| !steps.is_empty()) {
        let bytes = |index: usize| sizes.get(index).map(|plan| plan.bytes);
        // Half-way bounds would cut between sizes that the scenario does not have; the neighbours' own sizes are as right, and exclusive as the API has them.
        let larger_than = first.checked_sub(1).and_then(bytes);
        let mut smaller_than = bytes(last + 1);
        let small = bytes(*first).is_some_and(|bytes| bytes < MIN_BILLABLE);
        if small && larger_than.is_none() && smaller_than.is_none() {
            smaller_than = bytes(*last).map(|bytes| bytes.saturating_add(1));
        }
        let form = if larger_than.is_some() && smaller_than.is_some() {
            FilterForm::And
        } else {
            FilterForm::Filter
        };
        let transitions = steps
            .iter()
            .map(|step| Transition {
                when: When::Days(step.day),
                class: step.class,
            })
            .collect();
        rules.push(Rule {
            id: format!("best-{}", rules.len() + 1),
            enabled: true,
            filter: Filter {
                form,
                larger_than,
                smaller_than,
                ..Filter::default()
            },
            transitions,
            ..Rule::default()
        });
    }
    LifecycleConfiguration {
        rules,
        ..LifecycleConfiguration::default()
    }
}

/// The rules that hold a list of steps for one size, for tests and for the page's "try these".
pub fn rules_of(bytes: u64, steps: &[Step]) -> LifecycleConfiguration {
    let plan = SizePlan {
        bytes,
        objects: 1,
        ranked: vec![Candidate {
            steps: steps.to_vec(),
            cost: Picos::ZERO,
            parts: Vec::new(),
        }],
        chains: Vec::new(),
        candidates: 1,
        stay: Picos::ZERO,
    };
    rules(&[plan])
}
