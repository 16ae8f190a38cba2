//! What time does to buckets: lifecycle rules, tiers of Intelligent-Tiering, restores and their copies.
//!
//! Every version and every upload has one place in a queue, at the instant at which the next thing happens to it, so that time passes at the cost of what happens in
//! it. Belongs here: the queue, and doing what is due. Does not belong here: deciding it (`lifecycle`, `tiering`, `restore`).

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::lifecycle::{LifecycleAction, VersionFacts, due_by_rule, due_upload};
use super::restore::Restore;
use super::state::{Bucket, S3};
use super::tiering::{Tiering, next_tier};
use super::versions::{Object, Versions};
use super::{AccessTier, StorageClass};
use crate::sim::SimTime;

/// What is due, by its time and then by the number of its version or upload: the order is the same however the queue came to be (I2).
pub(super) type Queue = BTreeMap<(SimTime, u64), Place>;

/// Where the version or upload of a number is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    Version { bucket: String, key: String },
    Upload { bucket: String, id: String },
}

/// The next thing that happens to a version. Of those due at the same instant the first named goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    RestoreDone,
    CopyExpires,
    Rule(LifecycleAction),
    Tier(AccessTier),
}

/// Something that time did.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    pub at: SimTime,
    pub bucket: String,
    pub key: String,
    pub what: What,
    /// Row of the trace with the call that made it so.
    pub cause: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Transitioned(StorageClass),
    Expired,
    MarkerCreated,
    MarkerRemoved,
    Tiered(AccessTier),
    Restored,
    RestoredCopyExpired,
    UploadAborted,
}

impl What {
    /// Where it went to, for what goes somewhere.
    pub const fn target(self) -> &'static str {
        match self {
            What::Transitioned(class) => class.as_str(),
            What::Tiered(tier) => tier.as_str(),
            _ => "",
        }
    }
}

/// The next step of a version; `None`: nothing, as things stand.
fn next_step(bucket: &Bucket, key: &str, versions: &Versions, index: usize) -> Option<(SimTime, Step)> {
    let version = versions.get(index)?;
    let restore = version.restore.as_ref().map(|restore| match restore.expires {
        None => (restore.ready, Step::RestoreDone),
        Some(at) => (at, Step::CopyExpires),
    });
    let rule = bucket.lifecycle.as_ref().and_then(|lifecycle| {
        let newer: Vec<SimTime> = if lifecycle.configuration.counts_versions() {
            versions.iter().skip(index + 1).filter_map(Object::noncurrent_since).collect()
        } else {
            Vec::new()
        };
        let facts = facts(bucket, key, versions, version, &newer, lifecycle.since);
        due_by_rule(&facts, &lifecycle.configuration).map(|due| (due.at, Step::Rule(due.action)))
    });
    let tier = version.tiering.as_ref().and_then(|tiering| {
        let next = next_tier(tiering, key, version.blob.size, &version.tags, bucket.tiering.values());
        next.map(|(at, tier)| (at, Step::Tier(tier)))
    });
    [restore, rule, tier].into_iter().flatten().min()
}

/// What the rules need to know of a version of `bucket`. `newer`: when each newer noncurrent version became one, the oldest of them first.
pub(super) fn facts<'a>(
    bucket: &Bucket,
    key: &'a str,
    versions: &Versions,
    version: &'a Object,
    newer: &'a [SimTime],
    not_before: SimTime,
) -> VersionFacts<'a> {
    VersionFacts {
        key,
        size: version.blob.size,
        class: version.storage_class,
        tags: &version.tags,
        created: version.last_modified,
        versioning: bucket.versioning,
        delete_marker: version.delete_marker,
        alone: versions.len() == 1,
        noncurrent_since: version.noncurrent_since,
        newer_noncurrent: newer,
        not_before: not_before.max(version.settled).max(version.last_modified),
    }
}

impl S3 {
    /// When the next thing happens; `None`: nothing will, as things stand.
    pub fn next_due(&self) -> Option<SimTime> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// Does the first thing that is due by `now`, at its own time. `None`: nothing is.
    pub fn poll_one(&mut self, now: SimTime) -> Option<Happened> {
        loop {
            if self.next_due()? > now {
                return None;
            }
            let ((at, number), place) = self.queue.pop_first()?;
            let happened = match place {
                Place::Version { bucket, key } => self.step(at, number, bucket, key),
                Place::Upload { bucket, id } => self.abort_due(at, bucket, &id),
            };
            // A version changes its place in the queue whenever it changes: what is popped happens. Should it not, the next is looked at.
            if happened.is_some() {
                return happened;
            }
        }
    }

    fn step(&mut self, at: SimTime, number: u64, name: String, key: String) -> Option<Happened> {
        let bucket = self.buckets.get_mut(&name)?;
        let index = bucket.objects.get(&key)?.numbered(number)?;
        let versions = bucket.objects.get(&key)?;
        let (_, step) = next_step(bucket, &key, versions, index)?;
        let rules = bucket.lifecycle.as_ref().and_then(|lifecycle| lifecycle.cause);
        let asked = versions
            .get(index)
            .and_then(|version| version.restore.as_ref())
            .and_then(|restore| restore.cause);
        let version = bucket.objects.get_mut(&key)?.get_mut(index)?;
        version.due = None;
        let (what, cause) = match step {
            Step::Rule(LifecycleAction::Transition(class)) => {
                self.metering.left_class(at, version);
                self.metering.release(at, version);
                if !(version.storage_class.is_archived() && class.is_archived()) {
                    version.restore = None;
                }
                version.storage_class = class;
                version.tiering = Tiering::entered(class, at);
                version.since = at;
                version.settled = at.plus_micros(1);
                self.metering.hold(at, version);
                self.metering.meter().transitions(at, class, 1);
                (What::Transitioned(class), rules)
            }
            Step::Rule(LifecycleAction::Delete) => {
                self.remove(at, &name, &key, index);
                (What::Expired, rules)
            }
            Step::Rule(LifecycleAction::RemoveExpiredMarker) => {
                self.remove(at, &name, &key, index);
                (What::MarkerRemoved, rules)
            }
            Step::Rule(LifecycleAction::CreateDeleteMarker) => {
                let marker = Object {
                    settled: at.plus_micros(1),
                    ..Object::marker(at)
                };
                self.insert(at, &name, &key, marker);
                (What::MarkerCreated, rules)
            }
            Step::Tier(tier) => {
                self.metering.release(at, version);
                if let Some(tiering) = &mut version.tiering {
                    tiering.tier = tier;
                }
                version.since = at;
                self.metering.hold(at, version);
                (What::Tiered(tier), None)
            }
            Step::RestoreDone => {
                self.metering.release(at, version);
                match (&mut version.restore, &mut version.tiering) {
                    (_, Some(tiering)) => {
                        tiering.tier = AccessTier::Frequent;
                        tiering.accessed = at;
                        version.since = at;
                        version.restore = None;
                    }
                    (Some(restore), None) => restore.expires = Some(Restore::expiry(at, restore.days.unwrap_or(1))),
                    (None, None) => {}
                }
                self.metering.hold(at, version);
                (What::Restored, asked)
            }
            Step::CopyExpires => {
                self.metering.release(at, version);
                version.restore = None;
                self.metering.hold(at, version);
                (What::RestoredCopyExpired, asked)
            }
        };
        if matches!(what, What::Transitioned(_) | What::Tiered(_) | What::Restored | What::RestoredCopyExpired) {
            self.schedule_one(&name, &key, index);
        }
        Some(Happened {
            at,
            bucket: name,
            key,
            what,
            cause,
        })
    }

    fn abort_due(&mut self, at: SimTime, name: String, id: &str) -> Option<Happened> {
        let bucket = self.buckets.get_mut(&name)?;
        let cause = bucket.lifecycle.as_ref().and_then(|lifecycle| lifecycle.cause);
        let upload = bucket.uploads.remove(id)?;
        self.metering.release_part(at, upload.storage_class, upload.bytes());
        Some(Happened {
            at,
            bucket: name,
            key: upload.key,
            what: What::UploadAborted,
            cause,
        })
    }

    /// Takes the versions of a key out of the queue.
    pub(super) fn unschedule(&mut self, bucket: &str, key: &str) {
        let versions = self.buckets.get_mut(bucket).and_then(|found| found.objects.get_mut(key));
        for version in versions.into_iter().flat_map(Versions::iter_mut) {
            if let Some(at) = version.due.take() {
                self.queue.remove(&(at, version.number));
            }
        }
    }

    /// Puts the versions of a key where they belong in the queue, which holds none of them.
    pub(super) fn reschedule(&mut self, bucket: &str, key: &str) {
        let count = self.buckets.get(bucket).and_then(|found| found.objects.get(key)).map_or(0, Versions::len);
        for index in 0..count {
            self.schedule_one(bucket, key, index);
        }
    }

    fn schedule_one(&mut self, name: &str, key: &str, index: usize) {
        let Some(bucket) = self.buckets.get_mut(name) else { return };
        let Some(versions) = bucket.objects.get(key) else { return };
        let due = next_step(bucket, key, versions, index).map(|(at, _)| at);
        let Some(version) = bucket.objects.get_mut(key).and_then(|versions| versions.get_mut(index)) else {
            return;
        };
        version.due = due;
        if let Some(at) = due {
            let place = Place::Version {
                bucket: name.to_string(),
                key: key.to_string(),
            };
            self.queue.insert((at, version.number), place);
        }
    }

    /// Puts an upload where it belongs in the queue.
    pub(super) fn schedule_upload(&mut self, name: &str, id: &str) {
        let Some(bucket) = self.buckets.get_mut(name) else { return };
        let Some(upload) = bucket.uploads.get_mut(id) else { return };
        if let Some(at) = upload.due.take() {
            self.queue.remove(&(at, upload.number));
        }
        let rules = bucket.lifecycle.as_ref();
        let due = rules.and_then(|lifecycle| {
            let not_before = lifecycle.since.max(upload.initiated);
            due_upload(&upload.key, upload.initiated, not_before, &lifecycle.configuration)
        });
        upload.due = due.map(|(at, _)| at);
        if let Some((at, _)) = due {
            let place = Place::Upload {
                bucket: name.to_string(),
                id: id.to_string(),
            };
            self.queue.insert((at, upload.number), place);
        }
    }

    /// Puts everything of a bucket where it belongs in the queue: its rules or its versioning are new.
    pub(super) fn reschedule_bucket(&mut self, name: &str) {
        self.forget_schedule(name);
        let Some(bucket) = self.buckets.get_mut(name) else { return };
        let mut found = Vec::new();
        for (key, versions) in &bucket.objects {
            for (index, version) in versions.iter().enumerate() {
                if let Some((at, _)) = next_step(bucket, key, versions, index) {
                    found.push((at, version.number, key.clone(), index));
                }
            }
        }
        for (at, number, key, index) in found {
            if let Some(version) = bucket.objects.get_mut(&key).and_then(|versions| versions.get_mut(index)) {
                version.due = Some(at);
            }
            let place = Place::Version { bucket: name.to_string(), key };
            self.queue.insert((at, number), place);
        }
        let ids: Vec<String> = bucket.uploads.keys().cloned().collect();
        for id in ids {
            self.schedule_upload(name, &id);
        }
    }

    /// Takes everything of a bucket out of the queue.
    pub(super) fn forget_schedule(&mut self, name: &str) {
        let Some(bucket) = self.buckets.get_mut(name) else { return };
        for version in bucket.objects.values_mut().flat_map(Versions::iter_mut) {
            if let Some(at) = version.due.take() {
                self.queue.remove(&(at, version.number));
            }
        }
        for upload in bucket.uploads.values_mut() {
            if let Some(at) = upload.due.take() {
                self.queue.remove(&(at, upload.number));
            }
        }
    }

    pub(super) fn reschedule_all(&mut self) {
        self.queue.clear();
        let names: Vec<String> = self.buckets.keys().cloned().collect();
        for name in names {
            self.reschedule_bucket(&name);
        }
    }
}
