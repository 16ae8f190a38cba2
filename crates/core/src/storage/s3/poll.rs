//! What time does to buckets: lifecycle rules, tiers of Intelligent-Tiering, restores and their copies.
//!
//! Every version and every upload has one place in a queue, at the instant at which the next thing happens to it, so that time passes at the cost of what happens in
//! it. Belongs here: the queue, and doing what is due. Does not belong here: deciding it (`lifecycle`, `tiering`, `restore`).

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::lifecycle::{LifecycleAction, VersionFacts, due_by_rule, due_upload};
use super::restore::Restore;
use super::standing::Standing;
use super::state::{Bucket, Lifecycle, S3};
use super::tiering::{Tiering, TieringConfiguration, next_tier};
use super::versions::{Object, Versioning, Versions};
use super::{AccessTier, StorageClass};
use crate::sim::SimTime;

/// What is due, by its time and then by the number of its version or upload: the order is the same however the queue came to be (I2).
pub(super) type Queue = BTreeMap<(SimTime, u64), Place>;

/// Where the version or upload of a number is, and what is due for it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    Version { bucket: Arc<str>, key: Arc<str>, step: Step },
    Upload { bucket: Arc<str>, id: Arc<str> },
}

/// The next thing that happens to a version. Of those due at the same instant the first named goes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    RestoreDone,
    CopyExpires,
    /// An action of the rule with that index.
    Rule(LifecycleAction, u16),
    Tier(AccessTier),
}

/// Something that time did.
#[derive(Clone, Debug, PartialEq)]
pub struct Happened {
    pub at: SimTime,
    pub bucket: Arc<str>,
    pub key: Arc<str>,
    pub what: What,
    /// Row of the trace with the call that made it so.
    pub cause: Option<u32>,
    /// Id of the lifecycle rule that did it.
    pub rule: Option<Arc<str>>,
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

/// What a bucket says that time acts on.
#[derive(Clone, Copy)]
struct Settings<'a> {
    versioning: Versioning,
    lifecycle: Option<&'a Lifecycle>,
    tiering: &'a BTreeMap<String, TieringConfiguration>,
}

impl Bucket {
    /// The settings, and the objects to be changed under them.
    fn parts(&mut self) -> (Settings<'_>, &mut BTreeMap<String, Versions>) {
        let settings = Settings {
            versioning: self.versioning,
            lifecycle: self.lifecycle.as_ref(),
            tiering: &self.tiering,
        };
        (settings, &mut self.objects)
    }
}

/// The next step of a version; `None`: nothing, as things stand.
fn next_step(settings: Settings<'_>, key: &str, versions: &Versions, index: usize) -> Option<(SimTime, Step)> {
    let version = versions.get(index)?;
    let restore = version.restore.as_ref().map(|restore| match restore.expires {
        None => (restore.ready, Step::RestoreDone),
        Some(at) => (at, Step::CopyExpires),
    });
    let rule = settings.lifecycle.and_then(|lifecycle| {
        let newer: Vec<SimTime> = if lifecycle.configuration.counts_versions() {
            versions.iter().skip(index + 1).filter_map(Object::noncurrent_since).collect()
        } else {
            Vec::new()
        };
        let facts = facts(settings.versioning, key, versions, version, &newer, lifecycle.since);
        due_by_rule(&facts, &lifecycle.configuration).map(|due| (due.at, Step::Rule(due.action, u16::try_from(due.rule).unwrap_or(u16::MAX))))
    });
    let tier = version.tiering.as_ref().and_then(|tiering| {
        let next = next_tier(tiering, key, version.blob.size, &version.tags, settings.tiering.values());
        next.map(|(at, tier)| (at, Step::Tier(tier)))
    });
    [restore, rule, tier].into_iter().flatten().min()
}

/// What the rules need to know of a version. `newer`: when each newer noncurrent version became one, the oldest of them first.
pub(super) fn facts<'a>(
    versioning: Versioning,
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
        versioning,
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
                Place::Version { bucket, key, step } => self.step(at, number, bucket, key, step),
                Place::Upload { bucket, id } => self.abort_due(at, bucket, &id),
            };
            // A version changes its place in the queue whenever it changes: what is popped happens. Should it not, the next is looked at.
            if happened.is_some() {
                return happened;
            }
        }
    }

    fn step(&mut self, at: SimTime, number: u64, name: Arc<str>, key: Arc<str>, step: Step) -> Option<Happened> {
        let bucket = self.buckets.get_mut(&*name)?;
        bucket.lifecycle_actions += u64::from(matches!(step, Step::Rule(..)));
        let (settings, objects) = bucket.parts();
        let versions = objects.get_mut(&*key)?;
        let index = versions.numbered(number)?;
        let version = versions.get_mut(index)?;
        version.due = None;
        let asked = version.restore.as_ref().and_then(|restore| restore.cause);
        let rules = settings.lifecycle.and_then(|lifecycle| lifecycle.cause);
        let rule = match step {
            Step::Rule(_, index) => settings
                .lifecycle
                .and_then(|lifecycle| lifecycle.configuration.rules.get(usize::from(index)))
                .map(|rule| Arc::from(rule.id.as_str())),
            _ => None,
        };
        let happened = |what: What, cause: Option<u32>, bucket: Arc<str>, key: Arc<str>| Happened {
            at,
            bucket,
            key,
            what,
            cause,
            rule,
        };
        if let Step::Rule(action @ (LifecycleAction::Delete | LifecycleAction::RemoveExpiredMarker | LifecycleAction::CreateDeleteMarker), _) = step {
            let what = match action {
                LifecycleAction::Delete => What::Expired,
                LifecycleAction::RemoveExpiredMarker => What::MarkerRemoved,
                _ => What::MarkerCreated,
            };
            if what == What::MarkerCreated {
                let marker = Object {
                    settled: at.plus_micros(1),
                    ..Object::marker(at)
                };
                self.insert(at, &name, &key, marker);
            } else {
                self.remove(at, &name, &key, index);
            }
            return Some(happened(what, rules, name, key));
        }
        self.metering.release(at, version);
        let before = Standing::of(version);
        let (what, cause) = match step {
            Step::Rule(LifecycleAction::Transition(class), _) => {
                self.metering.left_class(at, version);
                if !(version.storage_class.is_archived() && class.is_archived()) {
                    version.restore = None;
                }
                version.storage_class = class;
                version.tiering = Tiering::entered(class, at);
                version.since = at;
                version.settled = at.plus_micros(1);
                self.metering.meter().transitions(at, class, 1);
                (What::Transitioned(class), rules)
            }
            Step::Tier(tier) => {
                if let Some(tiering) = &mut version.tiering {
                    tiering.tier = tier;
                }
                version.since = at;
                (What::Tiered(tier), None)
            }
            Step::RestoreDone => {
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
                (What::Restored, asked)
            }
            Step::CopyExpires | Step::Rule(..) => {
                version.restore = None;
                (What::RestoredCopyExpired, asked)
            }
        };
        version.remember(before, at);
        self.metering.hold(at, version);
        let next = next_step(settings, &key, versions, index);
        if let (Some((due, step)), Some(version)) = (next, versions.get_mut(index)) {
            version.due = Some(due);
            let place = Place::Version {
                bucket: name.clone(),
                key: key.clone(),
                step,
            };
            self.queue.insert((due, number), place);
        }
        Some(happened(what, cause, name, key))
    }

    fn abort_due(&mut self, at: SimTime, name: Arc<str>, id: &str) -> Option<Happened> {
        let bucket = self.buckets.get_mut(&*name)?;
        let cause = bucket.lifecycle.as_ref().and_then(|lifecycle| lifecycle.cause);
        let upload = bucket.uploads.remove(id)?;
        let rule = bucket.lifecycle.as_ref().and_then(|lifecycle| {
            let (_, index) = due_upload(&upload.key, upload.initiated, at, &lifecycle.configuration)?;
            Some(Arc::from(lifecycle.configuration.rules.get(index)?.id.as_str()))
        });
        bucket.lifecycle_actions += 1;
        self.metering.release_part(at, upload.storage_class, upload.bytes());
        Some(Happened {
            at,
            bucket: name,
            key: upload.key.into(),
            what: What::UploadAborted,
            cause,
            rule,
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
    pub(super) fn reschedule(&mut self, name: &str, key: &str) {
        let Some((settings, objects)) = self.buckets.get_mut(name).map(Bucket::parts) else {
            return;
        };
        if let Some(versions) = objects.get_mut(key) {
            schedule(&mut self.queue, settings, &name.into(), key, versions);
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
                bucket: name.into(),
                id: id.into(),
            };
            self.queue.insert((at, upload.number), place);
        }
    }

    /// Puts everything of a bucket where it belongs in the queue: its rules or its versioning are new.
    pub(super) fn reschedule_bucket(&mut self, name: &str) {
        self.forget_schedule(name);
        let Some(bucket) = self.buckets.get_mut(name) else { return };
        let (settings, objects) = bucket.parts();
        let shared: Arc<str> = name.into();
        for (key, versions) in objects {
            schedule(&mut self.queue, settings, &shared, key, versions);
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

/// Puts the versions of a key into the queue.
fn schedule(queue: &mut Queue, settings: Settings<'_>, name: &Arc<str>, key: &str, versions: &mut Versions) {
    for index in 0..versions.len() {
        let next = next_step(settings, key, versions, index);
        let Some(version) = versions.get_mut(index) else { continue };
        version.due = next.map(|(at, _)| at);
        if let Some((at, step)) = next {
            let place = Place::Version {
                bucket: name.clone(),
                key: key.into(),
                step,
            };
            queue.insert((at, version.number), place);
        }
    }
}
