use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use super::access::{Reads, Restores, Tiering};
use super::cohort::{Held, Removal, Version, follow, noncurrent_times, versions};
use super::population::Dealer;
use super::tally::{Piece, Tally};
use super::{DAY, Scenario};
use crate::sim::SimTime;
use crate::storage::cost::{Meter, Month, RequestKind, RestoreTier, StorageTier, Usage};
use crate::storage::money::Picos;
use crate::storage::price::PriceList;
use crate::storage::s3::lifecycle::{LifecycleConfiguration, Rule};
use crate::storage::s3::{ARCHIVE_OVERHEAD, ARCHIVE_OVERHEAD_STANDARD, AccessTier, MIN_BILLABLE, StorageClass, Versioning};

/// Most months of versions that one run meters: a few seconds of work in a browser.
pub(super) const MAX_PIECES: u64 = 40_000_000;
/// Profiles of tiers and restores kept at a time. Rules by days share a few; rules by date make one for every day of upload.
const MAX_PROFILES: usize = 64;

/// With a bucket key S3 asks KMS for one in so many requests ("Reducing the cost of SSE-KMS": up to 99 percent less).
const BUCKET_KEY_SHARE: u64 = 100;

/// What a scenario came to.
#[derive(Clone, Debug)]
pub struct Run {
    pub meter: Meter,
    pub months: Vec<Month>,
    /// Versions at the end of each month, by class.
    pub objects: BTreeMap<StorageClass, Vec<u64>>,
    /// Life of the first object of each size.
    pub timelines: Vec<Timeline>,
    /// Versions that moved into a class, by month.
    pub moved: BTreeMap<(Month, StorageClass), u64>,
    /// Versions that a rule or their owner removed, by month.
    pub removed: BTreeMap<Month, u64>,
    /// Groups of alike versions that went through.
    pub cohorts: u64,
}

/// The life of one version, for a gantt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    pub bytes: u64,
    pub created: SimTime,
    pub held: Vec<Held>,
    pub removal: Removal,
}

/// Runs a scenario. Linear in cohorts × months; the same scenario always gives the same run.
pub fn run(scenario: &Scenario) -> Run {
    let (runner, timelines) = ran(scenario, SimTime::from_micros(i64::MAX));
    Run {
        months: runner.tally.months(),
        meter: runner.tally.into_meter(),
        objects: runner.objects,
        timelines,
        moved: runner.moved,
        removed: runner.removed,
        cohorts: runner.cohorts,
    }
}

/// What a scenario costs until an instant, all at the first step of each price.
pub(super) fn cost_until(scenario: &Scenario, until: SimTime, prices: &PriceList) -> Picos {
    ran(scenario, until).0.tally.cost(prices, false).into_iter().sum()
}

/// The same month by month; with `steps` as a bill has it.
pub(super) fn cost_by_month(scenario: &Scenario, prices: &PriceList, steps: bool) -> Vec<Picos> {
    ran(scenario, SimTime::from_micros(i64::MAX)).0.tally.cost(prices, steps)
}

fn ran(scenario: &Scenario, until: SimTime) -> (Runner<'_>, Vec<Timeline>) {
    let mut runner = Runner::new(scenario, until);
    let mut timelines = Vec::new();
    let population = &scenario.population;
    let mut dealer = Dealer::new(&population.sizes);
    runner.batch(&dealer.deal(population.objects), scenario.start, &mut timelines);
    if population.uploads_per_month > 0 {
        runner.uploads(&mut dealer, &mut timelines);
    }
    (runner, timelines)
}

/// Counts of a cohort in a stretch, and what is needed to meter it.
pub(super) struct Runner<'a> {
    scenario: &'a Scenario,
    pub tally: Tally,
    end: SimTime,
    reads: Reads,
    days: u32,
    objects: BTreeMap<StorageClass, Vec<u64>>,
    moved: BTreeMap<(Month, StorageClass), u64>,
    removed: BTreeMap<Month, u64>,
    cohorts: u64,
    slots: BTreeMap<StorageClass, Slots>,
    /// By age at entry and the age at which reads end: uploads of other days share them.
    tierings: BTreeMap<(i64, i64), Tiering>,
    restores: BTreeMap<(i64, i64), Restores>,
}

/// Slots of what a class is billed for.
#[derive(Clone, Debug)]
struct Slots {
    stored: usize,
    minimum: usize,
    overhead: usize,
    overhead_standard: usize,
    put: usize,
    get: usize,
    retrieved: usize,
    has_retrieval: bool,
    /// Of Intelligent-Tiering, by tier.
    tiers: [usize; 5],
    monitored: usize,
}

/// A whole number of expectations for `count` objects up to some point; differences of it add up without loss.
fn whole(count: u64, expected: f64) -> u128 {
    (count as f64 * expected) as u128
}

impl<'a> Runner<'a> {
    /// Stops at `until`, or at the end of the scenario's last month.
    pub fn new(scenario: &'a Scenario, until: SimTime) -> Runner<'a> {
        let tally = Tally::new(scenario.start, scenario.months);
        let end = tally.end().min(until);
        let days = u32::try_from((end.micros() - scenario.start.micros()).max(0) / DAY + 1).unwrap_or(u32::MAX);
        Runner {
            scenario,
            end,
            reads: Reads::new(&scenario.access.pattern, days),
            days,
            tally,
            objects: BTreeMap::new(),
            moved: BTreeMap::new(),
            removed: BTreeMap::new(),
            cohorts: 0,
            slots: BTreeMap::new(),
            tierings: BTreeMap::new(),
            restores: BTreeMap::new(),
        }
    }

    fn slots(&mut self, class: StorageClass) -> Slots {
        if let Some(slots) = self.slots.get(&class) {
            return slots.clone();
        }
        use StorageClass::{ExpressOnezone, GlacierIr, OnezoneIa, StandardIa};
        let tier = StorageTier::from(class);
        let tally = &mut self.tally;
        let tiers = AccessTier::ALL.map(|tier| tally.slot(Usage::Stored(tier.into())));
        let slots = Slots {
            tiers,
            monitored: self.tally.slot(Usage::Monitored),
            stored: self.tally.slot(Usage::Stored(tier)),
            minimum: self.tally.slot(Usage::MinimumSize(tier)),
            overhead: self.tally.slot(Usage::Overhead(tier)),
            overhead_standard: self.tally.slot(Usage::OverheadStandard(tier)),
            put: self.tally.slot(Usage::Requests(class, RequestKind::Put)),
            get: self.tally.slot(Usage::Requests(class, RequestKind::Get)),
            retrieved: self.tally.slot(Usage::Retrieved(class)),
            has_retrieval: matches!(class, StandardIa | OnezoneIa | GlacierIr | ExpressOnezone),
        };
        self.slots.insert(class, slots.clone());
        slots
    }

    /// Each day's share of its month's uploads, at noon.
    fn uploads(&mut self, dealer: &mut Dealer, timelines: &mut Vec<Timeline>) {
        let per_month = u128::from(self.scenario.population.uploads_per_month);
        let mut first = timelines.is_empty();
        for month in self.tally.months() {
            let (start, length) = (month.start(), month.micros());
            let days = i64::try_from(length / DAY as u128).unwrap_or(0);
            for day in 0..days {
                let by = |day: i64| per_month * u128::try_from(day).unwrap_or(0) / u128::try_from(days.max(1)).unwrap_or(1);
                let count = u64::try_from(by(day + 1) - by(day)).unwrap_or(u64::MAX);
                let at = start.plus_micros(day * DAY + DAY / 2);
                let parts = dealer.deal(count);
                if at < self.scenario.start || at >= self.end {
                    continue;
                }
                let mut seen = Vec::new();
                self.batch(&parts, at, if first { &mut *timelines } else { &mut seen });
                first = first && count == 0;
            }
        }
    }

    /// Objects of each size that are put at one moment.
    fn batch(&mut self, parts: &[u64], at: SimTime, timelines: &mut Vec<Timeline>) {
        let chain = versions(self.scenario, at, self.end);
        for (size, count) in self.scenario.population.sizes.iter().zip(parts) {
            if *count == 0 {
                continue;
            }
            let counted = chain.len() > 1 && self.scenario.bucket.versioning == Versioning::Enabled && counts_versions(&self.scenario.lifecycle);
            let times = if counted {
                noncurrent_times(self.scenario, size.bytes, &chain, self.end)
            } else {
                Vec::new()
            };
            let newer: Vec<SimTime> = times.iter().flatten().copied().collect();
            let mut older = 0;
            for (index, (created, replaced_at)) in chain.iter().enumerate() {
                older += usize::from(times.get(index).is_some_and(|times| !times.is_empty()));
                let version = Version {
                    bytes: size.bytes,
                    created: *created,
                    replaced: *replaced_at,
                    newer: newer.get(older..).unwrap_or_default(),
                };
                older += times.get(index).map_or(0, |times| times.len().saturating_sub(1));
                let (held, removal) = follow(self.scenario, &version, self.end);
                self.put(*created, size.bytes, *count);
                self.meter(&version, *count, &held, removal);
                self.cohorts += 1;
                if index == 0 {
                    timelines.push(Timeline {
                        bytes: size.bytes,
                        created: *created,
                        held,
                        removal,
                    });
                }
            }
        }
    }

    fn kms(&mut self, month: usize, requests: u128, before: u128) {
        if let Some(bucket_key) = self.scenario.bucket.kms {
            let share = if bucket_key { u128::from(BUCKET_KEY_SHARE) } else { 1 };
            let slot = self.tally.slot(Usage::KmsRequests);
            self.tally.add(slot, month, (before + requests) / share - before / share);
        }
    }

    pub fn end(&self) -> SimTime {
        self.end
    }

    /// For the search: the upload, or where a rule moves it, the transition.
    pub fn begin(&mut self, version: &Version<'_>, count: u64, stretch: &Held) {
        if stretch.rule.is_none() {
            self.put(stretch.from, version.bytes, count);
        } else if let Some(month) = self.tally.month_of(stretch.from) {
            let slot = self.tally.slot(Usage::Transition(stretch.class));
            self.tally.add(slot, month, u128::from(count));
        }
    }

    fn put(&mut self, at: SimTime, bytes: u64, count: u64) {
        let Some(month) = self.tally.month_of(at) else { return };
        let class = self.scenario.class;
        let slots = self.slots(class);
        self.tally.add(slots.put, month, u128::from(count));
        self.kms(month, u128::from(count), 0);
        if class == StorageClass::ExpressOnezone {
            let slot = self.tally.slot(Usage::Uploaded(class));
            self.tally.add(slot, month, u128::from(bytes) * u128::from(count));
        }
    }

    fn meter(&mut self, version: &Version<'_>, count: u64, held: &[Held], removal: Removal) {
        for (index, stretch) in held.iter().enumerate() {
            if stretch.rule.is_some()
                && let Some(month) = self.tally.month_of(stretch.from)
            {
                let slot = self.tally.slot(Usage::Transition(stretch.class));
                self.tally.add(slot, month, u128::from(count));
                self.count_moved(stretch.from, stretch.class, count);
            }
            self.stretch(version, count, stretch);
            let leaves = match held.get(index + 1) {
                Some(next) => next.class != stretch.class,
                None => removal != Removal::Horizon,
            };
            if leaves {
                self.left_early(version, count, stretch);
            }
        }
        if removal != Removal::Horizon
            && let Some(last) = held.last()
        {
            *self.removed.entry(Month::of(last.to)).or_default() += count;
        }
    }

    fn count_moved(&mut self, at: SimTime, class: StorageClass, count: u64) {
        *self.moved.entry((Month::of(at), class)).or_default() += count;
    }

    /// The rest of a minimum duration, as the account's meter has it.
    pub fn left_early(&mut self, version: &Version<'_>, count: u64, stretch: &Held) {
        let mut meter = Meter::default();
        meter.left_class(stretch.to, stretch.entered, stretch.class, version.bytes, count);
        for (_, usage, quantity) in meter.iter() {
            if let Some(month) = self.tally.month_of(stretch.to) {
                let slot = self.tally.slot(usage);
                self.tally.add(slot, month, quantity);
            }
        }
    }

    /// Storage, reads and restores while a stretch lasts.
    pub fn stretch(&mut self, version: &Version<'_>, count: u64, stretch: &Held) {
        let class = stretch.class;
        let slots = self.slots(class);
        let (many, bytes) = (u128::from(count), u128::from(version.bytes));
        let short = u128::from(class.min_billable_bytes().saturating_sub(version.bytes));
        let age = |at: SimTime| at.micros() - version.created.micros();
        let months = self.tally.len();
        let reads = stretch.current && self.reads.any();
        let intelligent = class == StorageClass::IntelligentTiering && version.bytes >= MIN_BILLABLE;
        let mut read = if reads { whole(count, self.reads.until(age(stretch.from))) } else { 0 };
        for piece in self.tally.pieces(stretch.from, stretch.to) {
            let micros = u128::from(piece.to.micros().abs_diff(piece.from.micros()));
            if intelligent {
                self.tiers(version, count, stretch, &slots, &piece);
            } else {
                self.tally.add(slots.stored, piece.month, micros * bytes * many);
            }
            if short > 0 {
                self.tally.add(slots.minimum, piece.month, micros * short * many);
            }
            if class.is_archived() {
                self.tally.add(slots.overhead, piece.month, micros * u128::from(ARCHIVE_OVERHEAD) * many);
                self.tally
                    .add(slots.overhead_standard, piece.month, micros * u128::from(ARCHIVE_OVERHEAD_STANDARD) * many);
            }
            if reads {
                let before = read;
                read = whole(count, self.reads.until(age(piece.to)));
                let gets = read - before;
                self.tally.add(slots.get, piece.month, gets);
                self.kms(piece.month, gets, before);
                let taken = (version.bytes as f64 * self.scenario.access.read_share) as u128;
                if slots.has_retrieval {
                    self.tally.add(slots.retrieved, piece.month, gets * taken);
                }
                if self.scenario.access.to_internet {
                    let slot = self.tally.slot(Usage::TransferOut);
                    self.tally.add(slot, piece.month, gets * taken);
                }
                if class.is_archived() {
                    self.restored(version, count, stretch, piece.month, piece.from, piece.to);
                }
            }
            // At the very end of the run too: what is there then is what the run leaves.
            if piece.at_month_end
                && let Some(objects) = self.objects.entry(class).or_insert_with(|| vec![0; months]).get_mut(piece.month)
            {
                *objects += count;
            }
        }
    }

    /// When reads of a version end, as an age: at its replacement.
    fn reads_end(version: &Version<'_>) -> i64 {
        version.replaced.map_or(i64::MAX, |replaced| replaced.micros() - version.created.micros())
    }

    /// Storage by tier, monitoring, and restores from the tiers that need them. Reads of versions that are not current do not happen.
    fn tiers(&mut self, version: &Version<'_>, count: u64, stretch: &Held, slots: &Slots, piece: &Piece) {
        let Piece { month, from, to, .. } = *piece;
        let entry = stretch.entered.micros() - version.created.micros();
        let until = if stretch.current {
            Self::reads_end(version)
        } else {
            stretch.from.micros() - version.created.micros()
        };
        // Without reads one profile is everybody's.
        let (entry, until) = if self.reads.any() { (entry, until) } else { (0, 0) };
        let (reads, days, bucket) = (&self.reads, self.days, &self.scenario.bucket);
        if self.tierings.len() >= MAX_PROFILES && !self.tierings.contains_key(&(entry, until)) {
            self.tierings.clear();
        }
        let archive = bucket.archive_days;
        let deep = bucket.deep_archive_days;
        let tiering = self
            .tierings
            .entry((entry, until))
            .or_insert_with(|| Tiering::new(reads, entry, until, days, archive, deep));
        let since = |at: SimTime| at.micros() - stretch.entered.micros();
        let times = tiering.time(since(from), since(to));
        let (then, now) = (tiering.restores(since(from)), tiering.restores(since(to)));
        let many = u128::from(count);
        for ((tier, micros), slot) in AccessTier::ALL.into_iter().zip(times).zip(slots.tiers) {
            if micros == 0 {
                continue;
            }
            let each = u128::from(micros) * many;
            self.tally.add(slot, month, each * u128::from(version.bytes));
            if tier.is_archived() {
                let slot = self.tally.slot(Usage::Overhead(tier.into()));
                self.tally.add(slot, month, each * u128::from(ARCHIVE_OVERHEAD));
                let slot = self.tally.slot(Usage::OverheadStandard(tier.into()));
                self.tally.add(slot, month, each * u128::from(ARCHIVE_OVERHEAD_STANDARD));
            }
        }
        self.tally.add(slots.monitored, month, u128::from(to.micros().abs_diff(from.micros())) * many);
        for ((tier, before), (_, after)) in then.into_iter().zip(now).filter(|(_, (_, after))| *after > 0.0) {
            let restores = whole(count, after) - whole(count, before).min(whole(count, after));
            self.count_restores(tier.into(), month, restores, version.bytes);
        }
    }

    fn restored(&mut self, version: &Version<'_>, count: u64, stretch: &Held, month: usize, from: SimTime, to: SimTime) {
        let entry = stretch.entered.micros() - version.created.micros();
        let until = Self::reads_end(version);
        let (reads, days, copy_days) = (&self.reads, self.days, self.scenario.bucket.restore_days);
        if self.restores.len() >= MAX_PROFILES && !self.restores.contains_key(&(entry, until)) {
            self.restores.clear();
        }
        let restores = self
            .restores
            .entry((entry, until))
            .or_insert_with(|| Restores::new(reads, entry, until, days, copy_days));
        let since = |at: SimTime| at.micros() - stretch.entered.micros();
        let started = whole(count, restores.started(since(to))) - whole(count, restores.started(since(from)));
        let copied = restores.copied(since(to)) - restores.copied(since(from));
        let slot = self.tally.slot(Usage::RestoredCopy);
        self.tally.add(slot, month, u128::from(copied) * u128::from(count) * u128::from(version.bytes));
        self.count_restores(stretch.class.into(), month, started, version.bytes);
    }

    fn count_restores(&mut self, tier: StorageTier, month: usize, restores: u128, bytes: u64) {
        if restores == 0 {
            return;
        }
        let deep = matches!(
            tier,
            StorageTier::Class(StorageClass::DeepArchive) | StorageTier::Access(AccessTier::DeepArchiveAccess)
        );
        let speed = match (deep, self.scenario.bucket.restore, self.scenario.bucket.restore_deep) {
            (true, _, RestoreTier::Expedited) => RestoreTier::Standard,
            (true, _, speed) | (false, speed, _) => speed,
        };
        let slot = self.tally.slot(Usage::Restores(tier, speed));
        self.tally.add(slot, month, restores);
        let slot = self.tally.slot(Usage::Restored(tier, speed));
        self.tally.add(slot, month, restores * u128::from(bytes));
    }
}

/// Whether any rule keeps a number of newer noncurrent versions.
fn counts_versions(lifecycle: &LifecycleConfiguration) -> bool {
    let counts = |rule: &Rule| {
        rule.noncurrent_expiration.is_some_and(|expiration| expiration.newer.is_some())
            || rule.noncurrent_transitions.iter().any(|transition| transition.newer.is_some())
    };
    lifecycle.rules.iter().any(counts)
}

/// Months of versions that a scenario may need, before it is run: what [`MAX_PIECES`] bounds.
pub(super) fn pieces(scenario: &Scenario) -> u64 {
    let population = &scenario.population;
    let months = u64::from(scenario.months);
    let days = months * 31;
    let cohorts = u64::from(population.objects > 0) + if population.uploads_per_month > 0 { days } else { 0 };
    let (versions, lasting) = match scenario.overwrite_days {
        None => (1, months),
        Some(every) => {
            let every = u64::from(every.max(1));
            // A version that nothing keeps is gone when the next comes.
            let kept = scenario.bucket.versioning == Versioning::Enabled;
            (days / every + 1, if kept { months } else { months.min(every / 28 + 2) })
        }
    };
    let sizes = population.sizes.len() as u64;
    cohorts.saturating_mul(versions).saturating_mul(lasting).saturating_mul(sizes)
}
