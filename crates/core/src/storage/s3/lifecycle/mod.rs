//! Lifecycle rules: the configuration, its checks, and what falls due for one version of one object.
//!
//! Belongs here: pure functions over facts of a version, which the bucket's own state, the cost figure and the plan search share.
//! Does not belong here: doing what is due (`state` does), prices, the access tiers of Intelligent-Tiering (`tiering`).

mod check;
mod due;
mod parse;
#[cfg(test)]
mod tests;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

pub use due::{Due, LifecycleAction, VersionFacts, due, due_by_rule, due_upload, expiry, midnight_at_or_after};
pub use parse::BUCKET_LIFECYCLE_CONFIGURATION;

use super::StorageClass;
use crate::sim::SimTime;

/// The rules of a bucket, in the order in which they were given. The order decides nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LifecycleConfiguration {
    pub rules: Vec<Rule>,
    pub minimum: TransitionMinimum,
}

/// `TransitionDefaultMinimumObjectSize`: which small objects no transition moves, where the rule's filter says nothing of size.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransitionMinimum {
    /// None below 128 KB, to any class: the default since September 2024.
    #[default]
    AllStorageClasses128K,
    /// Below 128 KB only to GLACIER and DEEP_ARCHIVE: what was before.
    VariesByStorageClass,
}

/// One rule. A rule without its own ID is given one when the configuration is put.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rule {
    pub id: String,
    pub enabled: bool,
    pub filter: Filter,
    pub transitions: Vec<Transition>,
    pub expiration: Option<Expiration>,
    pub noncurrent_transitions: Vec<NoncurrentTransition>,
    pub noncurrent_expiration: Option<NoncurrentExpiration>,
    /// Days after an upload's initiation.
    pub abort_incomplete: Option<u32>,
}

/// Which objects a rule is about: all that is said must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Where the configuration said it: responses say it as it was said.
    pub form: FilterForm,
    pub prefix: Option<String>,
    pub tags: BTreeMap<String, String>,
    /// Bytes, exclusive.
    pub larger_than: Option<u64>,
    /// Bytes, exclusive.
    pub smaller_than: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FilterForm {
    /// `Filter` with one member or none.
    #[default]
    Filter,
    And,
    /// `Prefix` beside the rule, the form before there were filters.
    Prefix,
}

/// When an action on a current version is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// Days after creation.
    Days(u32),
    /// From this midnight on.
    Date(SimTime),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    pub when: When,
    pub class: StorageClass,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expiration {
    At(When),
    /// `ExpiredObjectDeleteMarker`.
    ExpiredMarker(bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoncurrentTransition {
    /// Days after the version became noncurrent.
    pub days: u32,
    pub class: StorageClass,
    /// Noncurrent versions that stay as they are, the newest ones.
    pub newer: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoncurrentExpiration {
    pub days: u32,
    pub newer: Option<u32>,
}

impl TransitionMinimum {
    pub const fn as_str(self) -> &'static str {
        match self {
            TransitionMinimum::AllStorageClasses128K => "all_storage_classes_128K",
            TransitionMinimum::VariesByStorageClass => "varies_by_storage_class",
        }
    }

    pub fn parse(text: &str) -> Option<TransitionMinimum> {
        [TransitionMinimum::AllStorageClasses128K, TransitionMinimum::VariesByStorageClass]
            .into_iter()
            .find(|minimum| minimum.as_str() == text)
    }
}

impl Filter {
    pub fn matches(&self, key: &str, size: u64, tags: &BTreeMap<String, String>) -> bool {
        self.prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix.as_str()))
            && self.larger_than.is_none_or(|bytes| size > bytes)
            && self.smaller_than.is_none_or(|bytes| size < bytes)
            && self.tags.iter().all(|(name, value)| tags.get(name) == Some(value))
    }

    /// Whether it says anything of size: then the 128 KB default does not hold.
    pub fn has_size(&self) -> bool {
        self.larger_than.is_some() || self.smaller_than.is_some()
    }
}

impl LifecycleConfiguration {
    /// Whether any rule keeps a number of noncurrent versions.
    pub fn counts_versions(&self) -> bool {
        self.rules.iter().any(|rule| {
            rule.noncurrent_expiration.is_some_and(|expiration| expiration.newer.is_some())
                || rule.noncurrent_transitions.iter().any(|transition| transition.newer.is_some())
        })
    }
}

/// A configuration is kept as AWS's JSON.
impl Serialize for LifecycleConfiguration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LifecycleConfiguration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        LifecycleConfiguration::read(&value, false).map_err(serde::de::Error::custom)
    }
}
