//! What S3 tells the bill: how much of what rests where, and every request, transition, restore and early leave.
//!
//! Belongs here: turning the state of objects into the levels that time is counted for. Does not belong here: prices and billing (`storage::cost`).

use alloc::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::encryption::{Algorithm, ObjectEncryption};
use super::multipart::Upload;
use super::standing::Standing;
use super::{ARCHIVE_OVERHEAD, ARCHIVE_OVERHEAD_STANDARD, MIN_BILLABLE, Object, StorageClass};
use crate::sim::SimTime;
use crate::storage::cost::{Meter, RequestKind, Usage};

/// The account's meter, and the levels of everything that is billed by time: a level is what all objects together hold at the moment.
///
/// Levels run on from one change to the next, so the work of metering grows with the number of instants at which something changes, not with that of objects.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metering {
    meter: Meter,
    /// Up to when the levels have been counted.
    since: Option<SimTime>,
    /// Follows from the objects; kept up by [`Metering::hold`] and [`Metering::release`].
    #[serde(skip)]
    levels: BTreeMap<Usage, u128>,
}

impl Metering {
    /// Counts the levels as they stand up to `now`.
    fn run(meter: &mut Meter, levels: &BTreeMap<Usage, u128>, since: SimTime, now: SimTime) {
        for (usage, level) in levels {
            meter.add_span(since, now, *usage, *level);
        }
    }

    fn advance(&mut self, now: SimTime) {
        let since = self.since.unwrap_or(now);
        if now > since || self.since.is_none() {
            Metering::run(&mut self.meter, &self.levels, since, now);
            self.since = Some(now);
        }
    }

    /// What was used up to `now`.
    pub fn meter_at(&self, now: SimTime) -> Meter {
        let mut meter = self.meter.clone();
        if let Some(since) = self.since {
            Metering::run(&mut meter, &self.levels, since, now);
        }
        meter
    }

    /// What an object alone uses over a span in which it stays as it is.
    pub(super) fn of_object(object: &Object, from: SimTime, to: SimTime) -> Meter {
        let mut meter = Meter::default();
        levels(object, |usage, level| meter.add_span(from, to, usage, level));
        meter
    }

    /// What an object alone has used since it was put, as far as it remembers: every state it has been in, the moves between classes, and what leaving one too soon cost.
    pub(super) fn of_life(object: &Object, now: SimTime) -> Meter {
        let mut meter = Meter::default();
        let bytes = object.blob.size;
        let mut entered = object.last_modified;
        let mut class = None;
        for stay in object.stays(now) {
            let into = stay.standing.class();
            if let Some(left) = class.replace(into).filter(|left| *left != into) {
                meter.left_class(stay.from, entered, left, bytes, 1);
                meter.transitions(stay.from, into, 1);
                entered = stay.from;
            }
            levels_of(stay.standing, bytes, |usage, level| meter.add_span(stay.from, stay.until, usage, level));
        }
        meter
    }

    /// What an object alone is charged for where it leaves its class now.
    pub(super) fn of_leaving(object: &Object, now: SimTime) -> Meter {
        let mut alone = Metering::default();
        alone.left_class(now, object);
        alone.meter
    }

    /// An object is there, in the state in which it is.
    pub(super) fn hold(&mut self, now: SimTime, object: &Object) {
        self.advance(now);
        levels(object, |usage, level| self.raise(usage, level));
    }

    /// An object in the state in which it is goes, or is about to change.
    pub(super) fn release(&mut self, now: SimTime, object: &Object) {
        self.advance(now);
        levels(object, |usage, level| self.lower(usage, level));
    }

    pub(super) fn hold_part(&mut self, now: SimTime, class: StorageClass, bytes: u64) {
        self.advance(now);
        self.raise(part_usage(class), u128::from(bytes));
    }

    pub(super) fn release_part(&mut self, now: SimTime, class: StorageClass, bytes: u64) {
        self.advance(now);
        self.lower(part_usage(class), u128::from(bytes));
    }

    fn raise(&mut self, usage: Usage, level: u128) {
        if level > 0 {
            *self.levels.entry(usage).or_default() += level;
        }
    }

    fn lower(&mut self, usage: Usage, level: u128) {
        if let Some(held) = self.levels.get_mut(&usage) {
            *held = held.saturating_sub(level);
            if *held == 0 {
                self.levels.remove(&usage);
            }
        }
    }

    /// Finds the levels again from what there is: after a snapshot, which does not hold them.
    pub(super) fn recount<'a>(&mut self, now: SimTime, objects: impl Iterator<Item = &'a Object>, uploads: impl Iterator<Item = &'a Upload>) {
        self.levels.clear();
        for object in objects {
            levels(object, |usage, level| self.raise(usage, level));
        }
        for upload in uploads {
            self.raise(part_usage(upload.class()), u128::from(upload.bytes()));
        }
        // A snapshot from before there was a bill: what its objects used until then is not known.
        if self.since.is_none() && !self.levels.is_empty() {
            self.since = Some(now);
        }
    }

    /// The rest of a class's minimum duration, where an object leaves it too soon.
    pub(super) fn left_class(&mut self, now: SimTime, object: &Object) {
        if !object.delete_marker {
            self.meter.left_class(now, object.since(), object.storage_class, object.blob.size, 1);
        }
    }

    pub(super) fn request(&mut self, now: SimTime, class: StorageClass, kind: RequestKind) {
        self.meter.requests(now, class, kind, 1);
    }

    /// Bytes that were encrypted for an object, or decrypted: DSSE-KMS has a price for its second layer ("Amazon S3 pricing").
    pub(super) fn dual_encrypted(&mut self, now: SimTime, encryption: &ObjectEncryption, bytes: u64) {
        if encryption.algorithm == Algorithm::KmsDsse {
            self.meter.dual_encrypted(now, bytes);
        }
    }

    /// The counters that stand for no span of time.
    pub(super) fn meter(&mut self) -> &mut Meter {
        &mut self.meter
    }
}

fn part_usage(class: StorageClass) -> Usage {
    if class.is_archived() {
        Usage::Staging(class)
    } else {
        Usage::Stored(class.into())
    }
}

/// What one object holds for as long as it stays as it is: what [`Meter::stored`], `monitored`, `tags` and `restored_copy` count.
fn levels_of(standing: Standing, bytes: u64, mut level: impl FnMut(Usage, u128)) {
    let tier = standing.tier();
    let mut level = |usage: Usage, each: u64| {
        if each > 0 {
            level(usage, u128::from(each));
        }
    };
    level(Usage::Stored(tier), bytes);
    level(Usage::MinimumSize(tier), tier.class().min_billable_bytes().saturating_sub(bytes));
    if tier.is_archived() {
        level(Usage::Overhead(tier), ARCHIVE_OVERHEAD);
        level(Usage::OverheadStandard(tier), ARCHIVE_OVERHEAD_STANDARD);
    }
    if standing.class() == StorageClass::IntelligentTiering && bytes >= MIN_BILLABLE {
        level(Usage::Monitored, 1);
    }
    level(Usage::Tags, u64::from(standing.tags));
    if standing.copy {
        level(Usage::RestoredCopy, bytes);
    }
}

/// The same of an object as it stands; a delete marker holds nothing.
fn levels(object: &Object, level: impl FnMut(Usage, u128)) {
    if let Some(standing) = Standing::of(object) {
        levels_of(standing, object.blob.size, level);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::BlobRef;
    use crate::storage::s3::{AccessTier, NewObject};

    /// Levels over a span are what the meter says of the same object over the same span.
    #[test]
    fn levels_are_the_meters_rates() {
        let (from, to) = (SimTime::parse("2026-01-10").unwrap(), SimTime::parse("2026-03-05T06:00:00Z").unwrap());
        for size in [0, 1_000, MIN_BILLABLE, 5_000_000] {
            for class in StorageClass::ALL {
                let tiers: &[Option<AccessTier>] = match class {
                    StorageClass::IntelligentTiering => &AccessTier::ALL.map(Some),
                    _ => &[None],
                };
                for tier in tiers {
                    let blob = BlobRef { size, ..BlobRef::empty() };
                    let new = NewObject {
                        storage_class: class,
                        ..NewObject::standard(blob, "text/plain")
                    };
                    let mut object = Object::new(from, new);
                    if let (Some(tiering), Some(tier)) = (&mut object.tiering, tier) {
                        tiering.tier = *tier;
                    }
                    let mut metering = Metering::default();
                    metering.hold(from, &object);
                    let mut expected = Meter::default();
                    expected.stored(from, to, Standing::of(&object).unwrap().tier(), size, 1);
                    if class == StorageClass::IntelligentTiering && size >= MIN_BILLABLE {
                        expected.monitored(from, to, 1);
                    }
                    assert_eq!(metering.meter_at(to), expected, "{class} {tier:?} {size}");
                    metering.release(to, &object);
                    assert!(metering.levels.is_empty());
                    assert_eq!(metering.meter_at(to.plus_seconds(86_400)), expected);
                }
            }
        }
    }
}
