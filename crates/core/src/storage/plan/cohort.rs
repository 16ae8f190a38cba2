//! What happens to one version of alike objects that are made together.

use alloc::vec::Vec;

use super::{DAY, Scenario};
use crate::sim::SimTime;
use crate::storage::s3::lifecycle::{LifecycleAction, VersionFacts, due_by_rule};
use crate::storage::s3::{StorageClass, Versioning};

/// A stretch of a version's life in one class, as the current version or not. It may be over as it begins: a rule of 0 days at midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    pub from: SimTime,
    pub to: SimTime,
    pub class: StorageClass,
    /// When it entered the class.
    pub entered: SimTime,
    pub current: bool,
    /// Index of the rule that moved it here; `None` for the upload and for a version that only became noncurrent.
    pub rule: Option<usize>,
}

/// Why a version's last stretch ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removal {
    /// The run was over.
    Horizon,
    /// A rule removed it.
    Rule(usize),
    /// Its owner deleted or overwrote it.
    Owner,
}

/// A version to follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Version<'a> {
    pub bytes: u64,
    pub created: SimTime,
    /// When its owner deletes or overwrites it.
    pub replaced: Option<SimTime>,
    /// When each newer version became noncurrent, the oldest of them first.
    pub newer: &'a [SimTime],
}

/// Follows a version until it is removed or `end` comes.
pub(super) fn follow(scenario: &Scenario, version: &Version<'_>, end: SimTime) -> (Vec<Held>, Removal) {
    let mut held = Vec::new();
    let (mut from, mut entered, mut class) = (version.created, version.created, scenario.class);
    let mut not_before = version.created;
    let mut noncurrent_since = None;
    let mut by = None;
    // Each turn is one event; rules only move down the waterfall, so there are few.
    loop {
        let facts = VersionFacts {
            key: &scenario.key,
            size: version.bytes,
            class,
            tags: &scenario.tags,
            created: version.created,
            versioning: scenario.bucket.versioning,
            delete_marker: false,
            alone: false,
            noncurrent_since,
            newer_noncurrent: version.newer,
            not_before,
        };
        let due = due_by_rule(&facts, &scenario.lifecycle);
        let replaced = version.replaced.filter(|_| noncurrent_since.is_none());
        let rules_at = due.map_or(SimTime::from_micros(i64::MAX), |due| due.at);
        let at = rules_at.min(replaced.unwrap_or(SimTime::from_micros(i64::MAX))).min(end);
        let stretch = Held {
            from,
            to: at,
            class,
            entered,
            current: noncurrent_since.is_none(),
            rule: by,
        };
        held.push(stretch);
        if at >= end {
            return (held, Removal::Horizon);
        }
        from = at;
        let keeps_versions = scenario.bucket.versioning == Versioning::Enabled;
        match due.filter(|due| due.at == at) {
            Some(due) => {
                not_before = at.plus_micros(1);
                match due.action {
                    LifecycleAction::Transition(to) => {
                        (class, entered, by) = (to, at, Some(due.rule));
                    }
                    LifecycleAction::CreateDeleteMarker if keeps_versions => {
                        (noncurrent_since, by) = (Some(at), None);
                    }
                    LifecycleAction::CreateDeleteMarker | LifecycleAction::Delete | LifecycleAction::RemoveExpiredMarker => {
                        return (held, Removal::Rule(due.rule));
                    }
                }
            }
            None if keeps_versions => {
                (noncurrent_since, by) = (Some(at), None);
                not_before = at;
            }
            None => return (held, Removal::Owner),
        }
    }
}

/// When each version becomes noncurrent, and the delete marker behind it where a rule expired it, which the next version makes noncurrent in turn: by version.
///
/// Both count as newer noncurrent versions of what is older.
pub(super) fn noncurrent_times(scenario: &Scenario, bytes: u64, chain: &[(SimTime, Option<SimTime>)], end: SimTime) -> Vec<Vec<SimTime>> {
    let times = chain.iter().map(|(created, replaced)| {
        let version = Version {
            bytes,
            created: *created,
            replaced: *replaced,
            newer: &[],
        };
        let (held, _) = follow(scenario, &version, end);
        let since = held.iter().find(|held| !held.current).map(|held| held.from);
        match (since, *replaced) {
            (Some(expired), Some(replaced)) if expired < replaced => [expired, replaced].into(),
            (Some(since), _) => [since].into(),
            (None, _) => Vec::new(),
        }
    });
    times.collect()
}

/// The versions of one object: when each is made, and when it is replaced. The last is replaced only if its owner deletes it.
pub(super) fn versions(scenario: &Scenario, created: SimTime, end: SimTime) -> Vec<(SimTime, Option<SimTime>)> {
    let days = |days: u32| i64::from(days.max(1)) * DAY;
    let mut versions = Vec::new();
    let deleted = scenario.delete_days.map(|after| created.plus_micros(days(after))).filter(|at| *at < end);
    let last = deleted.unwrap_or(end);
    let mut made = created;
    if let Some(every) = scenario.overwrite_days {
        let mut next = made.plus_micros(days(every));
        while next < last {
            versions.push((made, Some(next)));
            made = next;
            next = made.plus_micros(days(every));
        }
    }
    versions.push((made, deleted));
    versions
}
