//! S3 Intelligent-Tiering: the tier of an object, and the archive configurations that a bucket may have ("How S3 Intelligent-Tiering works").
//!
//! Belongs here: which tier comes next and when. Does not belong here: doing it (`poll`), restores from the archive tiers (`restore`).

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::rules::{ARCHIVE_INSTANT_DAYS, INFREQUENT_DAYS};
use super::{AccessTier, MIN_BILLABLE, StorageClass};
use crate::gather::object;
use crate::sim::SimTime;

/// What Intelligent-Tiering knows of an object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tiering {
    pub(super) tier: AccessTier,
    /// The last access, or the entry into the class.
    pub(super) accessed: SimTime,
}

impl Tiering {
    /// An object that enters INTELLIGENT_TIERING does so in the Frequent Access tier; `None` for another class.
    pub(super) fn entered(class: StorageClass, now: SimTime) -> Option<Tiering> {
        (class == StorageClass::IntelligentTiering).then_some(Tiering {
            tier: AccessTier::Frequent,
            accessed: now,
        })
    }

    pub fn tier(&self) -> AccessTier {
        self.tier
    }

    pub fn accessed(&self) -> SimTime {
        self.accessed
    }
}

/// An archive configuration of a bucket: after how many days without access the objects that it names go to the archive tiers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TieringConfiguration {
    pub(super) enabled: bool,
    #[serde(default)]
    pub(super) prefix: Option<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    /// The filter was an `And`.
    #[serde(default)]
    pub(super) and: bool,
    pub(super) archive: Option<u32>,
    pub(super) deep_archive: Option<u32>,
    /// When it was put: what is due by then happens then.
    pub(super) since: SimTime,
}

impl TieringConfiguration {
    pub(super) fn matches(&self, key: &str, tags: &BTreeMap<String, String>) -> bool {
        self.enabled
            && self.prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix.as_str()))
            && self.tags.iter().all(|(name, value)| tags.get(name) == Some(value))
    }

    pub(super) fn to_json(&self, id: &str) -> Value {
        let mut members = Map::new();
        members.insert("Id".to_string(), json!(id));
        let tags: Vec<Value> = self.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        let mut filter = Map::new();
        if let Some(prefix) = &self.prefix {
            filter.insert("Prefix".to_string(), json!(prefix));
        }
        if self.and {
            filter.insert("Tags".to_string(), Value::Array(tags));
            filter = object([("And".to_string(), Value::Object(filter))]);
        } else if let Some(tag) = tags.into_iter().next() {
            filter.insert("Tag".to_string(), tag);
        }
        if !filter.is_empty() {
            members.insert("Filter".to_string(), Value::Object(filter));
        }
        members.insert("Status".to_string(), json!(if self.enabled { "Enabled" } else { "Disabled" }));
        let tier = |days: Option<u32>, tier: AccessTier| days.map(|days| json!({"Days": days, "AccessTier": tier}));
        let tierings = tier(self.archive, AccessTier::ArchiveAccess)
            .into_iter()
            .chain(tier(self.deep_archive, AccessTier::DeepArchiveAccess));
        members.insert("Tierings".to_string(), tierings.collect());
        Value::Object(members)
    }
}

/// The tier that an object goes to next if nobody reads it, and when. `None`: it stays, as every object below 128 KB does, since those are not monitored.
///
/// Moves happen at the very instant at which the days are over; AWS gives no hour. Of tiers that fall due together the coldest is taken, so that Archive Access at 90
/// days bypasses Archive Instant Access.
pub fn next_tier<'a>(
    tiering: &Tiering,
    key: &str,
    size: u64,
    tags: &BTreeMap<String, String>,
    configurations: impl Iterator<Item = &'a TieringConfiguration>,
) -> Option<(SimTime, AccessTier)> {
    if size < MIN_BILLABLE {
        return None;
    }
    let mut best: Option<(SimTime, AccessTier)> = None;
    let mut consider = |days: u32, tier: AccessTier, since: SimTime| {
        let at = tiering.accessed.plus_seconds(i64::from(days) * 86_400).max(since);
        let better = best.is_none_or(|(held, coldest)| at < held || (at == held && tier > coldest));
        if tier > tiering.tier && better {
            best = Some((at, tier));
        }
    };
    consider(INFREQUENT_DAYS, AccessTier::Infrequent, SimTime::from_micros(i64::MIN));
    consider(ARCHIVE_INSTANT_DAYS, AccessTier::ArchiveInstant, SimTime::from_micros(i64::MIN));
    for configuration in configurations.filter(|configuration| configuration.matches(key, tags)) {
        if let Some(days) = configuration.archive {
            consider(days, AccessTier::ArchiveAccess, configuration.since);
        }
        if let Some(days) = configuration.deep_archive {
            consider(days, AccessTier::DeepArchiveAccess, configuration.since);
        }
    }
    best
}
