use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Month, RequestKind, RestoreTier, StorageTier, Usage};
use crate::sim::SimTime;
use crate::storage::s3::{ARCHIVE_OVERHEAD, ARCHIVE_OVERHEAD_STANDARD, StorageClass};

/// Usage counted by calendar month, in exact integers: byte-microseconds, object-microseconds, bytes, requests.
///
/// Only sums: who used what is not kept. The order in which things are metered doesn't matter, nor into how many pieces a span of time is cut.
/// Quantities saturate at 2¹²⁸ − 1. An object's state meters a span when the span is over; a span that ends before it begins counts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Meter {
    months: BTreeMap<Month, BTreeMap<Usage, Quantity>>,
}

/// A count that JSON holds as decimal text, since its numbers end at 2⁶⁴.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Quantity(u128);

impl Serialize for Quantity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Quantity, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse()
            .map(Quantity)
            .map_err(|_| serde::de::Error::custom(format!("\"{text}\" is not a count")))
    }
}

impl Meter {
    /// Adds a quantity in the unit of its [`Usage`].
    pub fn add(&mut self, month: Month, usage: Usage, quantity: u128) {
        if quantity > 0 {
            let sum = self.months.entry(month).or_default().entry(usage).or_default();
            sum.0 = sum.0.saturating_add(quantity);
        }
    }

    /// Adds `each` for every microsecond of a span, to the months that it crosses.
    pub fn add_span(&mut self, from: SimTime, to: SimTime, usage: Usage, each: u128) {
        let mut at = from;
        while at < to && each > 0 {
            let month = Month::of(at);
            let until = month.end().min(to);
            let until = if until > at { until } else { to };
            self.add(month, usage, u128::from(until.micros().abs_diff(at.micros())).saturating_mul(each));
            at = until;
        }
    }

    /// `count` objects of `bytes` each rest in a class or tier from `from` to `to`: with what the class bills above the real bytes.
    pub fn stored(&mut self, from: SimTime, to: SimTime, tier: impl Into<StorageTier>, bytes: u64, count: u64) {
        let tier = tier.into();
        let of = |bytes: u64| u128::from(bytes).saturating_mul(u128::from(count));
        self.add_span(from, to, Usage::Stored(tier), of(bytes));
        self.add_span(from, to, Usage::MinimumSize(tier), of(tier.class().min_billable_bytes().saturating_sub(bytes)));
        if tier.is_archived() {
            self.add_span(from, to, Usage::Overhead(tier), of(ARCHIVE_OVERHEAD));
            self.add_span(from, to, Usage::OverheadStandard(tier), of(ARCHIVE_OVERHEAD_STANDARD));
        }
    }

    /// Parts of an upload to `class` that is not complete.
    ///
    /// For the archive classes AWS bills them at S3 Standard; for every other class as stored in it, without minimum size (CreateMultipartUpload, "pricing").
    pub fn staged(&mut self, from: SimTime, to: SimTime, class: StorageClass, bytes: u64) {
        let usage = if class.is_archived() {
            Usage::Staging(class)
        } else {
            Usage::Stored(class.into())
        };
        self.add_span(from, to, usage, u128::from(bytes));
    }

    /// `count` temporary copies of restored objects.
    pub fn restored_copy(&mut self, from: SimTime, to: SimTime, bytes: u64, count: u64) {
        self.add_span(from, to, Usage::RestoredCopy, u128::from(bytes).saturating_mul(u128::from(count)));
    }

    /// Objects leave `class` at `at` (deleted, overwritten or moved on), having entered it at `entered`: the rest of the minimum duration is billed, in the month of `at`.
    pub fn left_class(&mut self, at: SimTime, entered: SimTime, class: StorageClass, bytes: u64, count: u64) {
        let paid_until = entered.plus_seconds(i64::from(class.min_days()) * 86_400);
        if paid_until <= at {
            return;
        }
        let overhead = if class.is_archived() { ARCHIVE_OVERHEAD } else { 0 };
        let billed = bytes.max(class.min_billable_bytes()).saturating_add(overhead);
        let rest = u128::from(paid_until.micros().abs_diff(at.micros()));
        let quantity = rest.saturating_mul(u128::from(billed)).saturating_mul(u128::from(count));
        self.add(Month::of(at), Usage::EarlyDelete(class), quantity);
    }

    /// Requests that were answered with 2XX or 4XX. A LIST, and a request that is about no object, has the rate of S3 Standard: `class` is then ignored.
    ///
    /// For uploads in parts to an archive class: all but the completion are at the rate of S3 Standard, which the caller passes.
    pub fn requests(&mut self, at: SimTime, class: StorageClass, kind: RequestKind, count: u64) {
        let class = if kind == RequestKind::List { StorageClass::Standard } else { class };
        self.add(Month::of(at), Usage::Requests(class, kind), u128::from(count));
    }

    /// Lifecycle transitions, each of one object. Moves between the tiers of Intelligent-Tiering are free and not metered.
    pub fn transitions(&mut self, at: SimTime, into: StorageClass, count: u64) {
        self.add(Month::of(at), Usage::Transition(into), u128::from(count));
    }

    /// Bytes read by GET or as the source of a copy. Only classes with a retrieval fee count them.
    pub fn retrieved(&mut self, at: SimTime, class: StorageClass, bytes: u64, count: u64) {
        use StorageClass::{ExpressOnezone, GlacierIr, OnezoneIa, StandardIa};
        if matches!(class, StandardIa | OnezoneIa | GlacierIr | ExpressOnezone) {
            self.add(Month::of(at), Usage::Retrieved(class), u128::from(bytes).saturating_mul(u128::from(count)));
        }
    }

    /// Bytes written into a class. Only Express One Zone charges for them.
    pub fn uploaded(&mut self, at: SimTime, class: StorageClass, bytes: u64, count: u64) {
        if class == StorageClass::ExpressOnezone {
            self.add(Month::of(at), Usage::Uploaded(class), u128::from(bytes).saturating_mul(u128::from(count)));
        }
    }

    /// `count` restores from an archive, of `bytes` each: the requests and the bytes.
    pub fn restored(&mut self, at: SimTime, tier: impl Into<StorageTier>, speed: RestoreTier, bytes: u64, count: u64) {
        let (month, tier) = (Month::of(at), tier.into());
        self.add(month, Usage::Restores(tier, speed), u128::from(count));
        self.add(month, Usage::Restored(tier, speed), u128::from(bytes).saturating_mul(u128::from(count)));
    }

    /// Objects that Intelligent-Tiering watches: those of 128 KB and more.
    pub fn monitored(&mut self, from: SimTime, to: SimTime, count: u64) {
        self.add_span(from, to, Usage::Monitored, u128::from(count));
    }

    pub fn tags(&mut self, from: SimTime, to: SimTime, count: u64) {
        self.add_span(from, to, Usage::Tags, u128::from(count));
    }

    pub fn kms_keys(&mut self, from: SimTime, to: SimTime, count: u64) {
        self.add_span(from, to, Usage::KmsKeys, u128::from(count));
    }

    pub fn kms_requests(&mut self, at: SimTime, count: u64) {
        self.add(Month::of(at), Usage::KmsRequests, u128::from(count));
    }

    pub fn dual_encrypted(&mut self, at: SimTime, bytes: u64) {
        self.add(Month::of(at), Usage::DualEncrypted, u128::from(bytes));
    }

    pub fn transferred_out(&mut self, at: SimTime, bytes: u64) {
        self.add(Month::of(at), Usage::TransferOut, u128::from(bytes));
    }

    pub fn is_empty(&self) -> bool {
        self.months.is_empty()
    }

    /// Adds what another meter counted.
    pub fn merge(&mut self, other: &Meter) {
        for (month, usage, quantity) in other.iter() {
            self.add(month, usage, quantity);
        }
    }

    /// What was counted, by month and then by usage.
    pub fn iter(&self) -> impl Iterator<Item = (Month, Usage, u128)> {
        self.months
            .iter()
            .flat_map(|(month, usages)| usages.iter().map(|(usage, quantity)| (*month, *usage, quantity.0)))
    }

    /// What a month has had of one thing.
    pub fn quantity(&self, month: Month, usage: Usage) -> u128 {
        self.months.get(&month).and_then(|usages| usages.get(&usage)).map_or(0, |quantity| quantity.0)
    }

    pub fn months(&self) -> impl Iterator<Item = Month> {
        self.months.keys().copied()
    }

    /// The usage from `first` to `last`, both included.
    #[must_use]
    pub fn between(&self, first: Month, last: Month) -> Meter {
        let inside = |month: &Month| (first..=last).contains(month);
        Meter {
            months: self
                .months
                .iter()
                .filter(|(month, _)| inside(month))
                .map(|(month, usages)| (*month, usages.clone()))
                .collect(),
        }
    }
}
