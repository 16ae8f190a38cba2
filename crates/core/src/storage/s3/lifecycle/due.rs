use alloc::collections::BTreeMap;
use alloc::string::String;

use super::{Expiration, LifecycleConfiguration, Rule, TransitionMinimum, When};
use crate::sim::SimTime;
use crate::storage::s3::versions::Versioning;
use crate::storage::s3::{MIN_BILLABLE, StorageClass};

const DAY: i64 = 86_400_000_000;

/// What the rules need to know of one version of an object.
#[derive(Clone, Copy, Debug)]
pub struct VersionFacts<'a> {
    pub key: &'a str,
    /// Bytes; 0 for a delete marker.
    pub size: u64,
    pub class: StorageClass,
    pub tags: &'a BTreeMap<String, String>,
    pub created: SimTime,
    pub versioning: Versioning,
    pub delete_marker: bool,
    /// No other version has the key.
    pub alone: bool,
    /// When its successor came; `None`: the version is the current one.
    pub noncurrent_since: Option<SimTime>,
    /// When each newer noncurrent version became one, the oldest of them first.
    pub newer_noncurrent: &'a [SimTime],
    /// Nothing happens before the first run at or after this instant: the last thing the rules did to the version, or the change that put it under them.
    pub not_before: SimTime,
}

/// What a rule does to one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LifecycleAction {
    /// The version is gone for good.
    Delete,
    /// A delete marker that is the only version of its key is removed.
    RemoveExpiredMarker,
    Transition(StorageClass),
    /// The current version becomes noncurrent behind a new delete marker; with versioning suspended a `null` version is replaced by it.
    CreateDeleteMarker,
}

/// What is due, when, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    pub at: SimTime,
    pub action: LifecycleAction,
    /// Index of the rule in its configuration.
    pub rule: usize,
}

/// The first 00:00 UTC at or after an instant: when the rules run.
pub const fn midnight_at_or_after(at: SimTime) -> SimTime {
    let past = at.micros().rem_euclid(DAY);
    if past == 0 { at } else { at.plus_micros(DAY - past) }
}

/// `days` after an instant, rounded up to the next midnight UTC ("Lifecycle rules: based on an object's age").
fn after(since: SimTime, days: u32) -> SimTime {
    midnight_at_or_after(since.plus_seconds(i64::from(days) * 86_400))
}

fn when_due(when: When, created: SimTime) -> SimTime {
    match when {
        When::Days(days) => after(created, days),
        When::Date(date) => date,
    }
}

/// The next thing that the rules do to a version, and when. `None`: nothing, as things stand.
///
/// Of what is due on one day one thing is done: permanent deletion before transition, the coldest class before others, and both before a delete marker
/// ("Lifecycle configuration conflicts"). What remains is due the day after. The order of the rules decides nothing.
pub fn due(facts: &VersionFacts<'_>, configuration: &LifecycleConfiguration) -> Option<(SimTime, LifecycleAction)> {
    due_by_rule(facts, configuration).map(|due| (due.at, due.action))
}

/// As [`due`], with the rule; where several do the same on the same day, the one whose ID comes first in order of text.
pub fn due_by_rule(facts: &VersionFacts<'_>, configuration: &LifecycleConfiguration) -> Option<Due> {
    let earliest = midnight_at_or_after(facts.not_before);
    let mut best: Option<(Due, &str)> = None;
    for (index, rule) in configuration.rules.iter().enumerate() {
        if !rule.enabled || !rule.filter.matches(facts.key, facts.size, facts.tags) {
            continue;
        }
        of_rule(facts, rule, configuration.minimum, |at, action| {
            let due = Due {
                at: at.max(earliest),
                action,
                rule: index,
            };
            let rank = |due: &Due| (due.at, precedence(due.action));
            let better = match &best {
                None => true,
                Some((held, id)) => (rank(&due), rule.id.as_str()) < (rank(held), id),
            };
            if better {
                best = Some((due, &rule.id));
            }
        });
    }
    best.map(|(due, _)| due)
}

/// Lower goes first among what is due on the same day.
const fn precedence(action: LifecycleAction) -> u8 {
    use StorageClass::{DeepArchive, Glacier, GlacierIr, OnezoneIa, StandardIa};
    match action {
        LifecycleAction::Delete | LifecycleAction::RemoveExpiredMarker => 0,
        LifecycleAction::Transition(DeepArchive) => 1,
        LifecycleAction::Transition(Glacier) => 2,
        LifecycleAction::Transition(GlacierIr) => 3,
        LifecycleAction::Transition(OnezoneIa) => 4,
        LifecycleAction::Transition(StandardIa) => 5,
        LifecycleAction::Transition(_) => 6,
        LifecycleAction::CreateDeleteMarker => 7,
    }
}

fn of_rule(facts: &VersionFacts<'_>, rule: &Rule, minimum: TransitionMinimum, mut found: impl FnMut(SimTime, LifecycleAction)) {
    let transitions = |class: StorageClass| !facts.delete_marker && facts.class.can_transition_to(class) && large_enough(facts, rule, minimum, class);
    let Some(since) = facts.noncurrent_since else {
        if facts.delete_marker {
            if let Some(at) = marker_expiry(facts, rule) {
                found(at, LifecycleAction::RemoveExpiredMarker);
            }
            return;
        }
        for transition in rule.transitions.iter().filter(|transition| transitions(transition.class)) {
            found(when_due(transition.when, facts.created), LifecycleAction::Transition(transition.class));
        }
        if let Some(Expiration::At(when)) = rule.expiration {
            let action = match facts.versioning {
                Versioning::Unversioned => LifecycleAction::Delete,
                Versioning::Enabled | Versioning::Suspended => LifecycleAction::CreateDeleteMarker,
            };
            found(when_due(when, facts.created), action);
        }
        return;
    };
    if facts.versioning == Versioning::Unversioned {
        return;
    }
    for transition in rule.noncurrent_transitions.iter().filter(|transition| transitions(transition.class)) {
        if let Some(at) = noncurrent_due(facts, since, transition.days, transition.newer) {
            found(at, LifecycleAction::Transition(transition.class));
        }
    }
    if let Some(expiration) = rule.noncurrent_expiration
        && let Some(at) = noncurrent_due(facts, since, expiration.days, expiration.newer)
    {
        found(at, LifecycleAction::Delete);
    }
}

/// When a delete marker goes that is current and alone. Age does it too: an expiration by days or date cleans up after itself ("ExpiredObjectDeleteMarker").
fn marker_expiry(facts: &VersionFacts<'_>, rule: &Rule) -> Option<SimTime> {
    if !facts.alone {
        return None;
    }
    match rule.expiration? {
        Expiration::ExpiredMarker(true) => Some(midnight_at_or_after(facts.created)),
        Expiration::ExpiredMarker(false) => None,
        Expiration::At(when) => Some(when_due(when, facts.created)),
    }
}

/// Age and count must both hold: at least `newer` noncurrent versions are newer than this one.
fn noncurrent_due(facts: &VersionFacts<'_>, since: SimTime, days: u32, newer: Option<u32>) -> Option<SimTime> {
    let aged = after(since, days);
    let Some(kept) = newer.and_then(|newer| usize::try_from(newer).ok()).and_then(|newer| newer.checked_sub(1)) else {
        return Some(aged);
    };
    let counted = *facts.newer_noncurrent.get(kept)?;
    Some(aged.max(midnight_at_or_after(counted)))
}

/// The 128 KB rule (PutBucketLifecycleConfiguration, `TransitionDefaultMinimumObjectSize`). A rule whose filter speaks of size decides for itself.
fn large_enough(facts: &VersionFacts<'_>, rule: &Rule, minimum: TransitionMinimum, class: StorageClass) -> bool {
    facts.size >= MIN_BILLABLE || rule.filter.has_size() || (minimum == TransitionMinimum::VariesByStorageClass && class.is_archived())
}

/// When the rules expire a current version, and the rule that does: what the header `x-amz-expiration` says.
pub fn expiry<'a>(facts: &VersionFacts<'_>, configuration: &'a LifecycleConfiguration) -> Option<(SimTime, &'a Rule)> {
    let earliest = midnight_at_or_after(facts.not_before);
    let rules = configuration
        .rules
        .iter()
        .filter(|rule| rule.enabled && rule.filter.matches(facts.key, facts.size, facts.tags));
    let dated = rules.filter_map(|rule| match rule.expiration {
        Some(Expiration::At(when)) => Some((when_due(when, facts.created).max(earliest), rule)),
        _ => None,
    });
    dated.min_by(|(first, one), (second, other)| (first, &one.id).cmp(&(second, &other.id)))
}

/// When a multipart upload is aborted that was begun at `initiated`, and by which rule.
pub fn due_upload(key: &str, initiated: SimTime, not_before: SimTime, configuration: &LifecycleConfiguration) -> Option<(SimTime, usize)> {
    let earliest = midnight_at_or_after(not_before);
    let rules = configuration.rules.iter().enumerate().filter(|(_, rule)| rule.enabled);
    let due = rules.filter_map(|(index, rule)| {
        let matches = rule.filter.prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix.as_str()));
        let days = rule.abort_incomplete.filter(|_| matches)?;
        Some((after(initiated, days).max(earliest), rule.id.as_str(), index))
    });
    due.min().map(|(at, _, index)| (at, index))
}
