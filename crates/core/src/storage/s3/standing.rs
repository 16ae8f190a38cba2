//! What of a version's state the bill counts by time, and the states that a version has been through.
//!
//! Belongs here: the state as the bill sees it, and the record of those before. Does not belong here: what each is counted as (`metering`), prices.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{AccessTier, Object, StorageClass};
use crate::sim::SimTime;
use crate::storage::cost::StorageTier;

/// States that a version remembers: ten years of monthly changes. Of more, the latest.
const MOST: usize = 120;

/// What the bill counts of a version for as long as it stays as it is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Standing {
    class: StorageClass,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tier: Option<AccessTier>,
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) tags: u8,
    /// A restored copy lies beside the archive.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) copy: bool,
}

/// A state that a version was in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stay {
    pub(super) from: SimTime,
    pub(super) until: SimTime,
    pub(super) standing: Standing,
}

fn is_zero(value: &u8) -> bool {
    *value == 0
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Standing {
    /// `None` for a delete marker, which costs nothing.
    pub fn of(object: &Object) -> Option<Standing> {
        (!object.delete_marker).then(|| Standing {
            class: object.storage_class,
            tier: object.tiering.as_ref().map(|tiering| tiering.tier),
            tags: u8::try_from(object.tags.len()).unwrap_or(u8::MAX),
            copy: object.storage_class.is_archived() && object.restore.as_ref().is_some_and(|restore| restore.expires.is_some()),
        })
    }

    pub fn class(self) -> StorageClass {
        self.class
    }

    /// Where the bill finds it.
    pub fn tier(self) -> StorageTier {
        StorageTier::new(self.class, self.tier)
    }
}

impl Object {
    /// Remembers the state that it was in up to `at`, where it is in another one now.
    pub(super) fn remember(&mut self, before: Option<Standing>, at: SimTime) {
        let Some(standing) = before.filter(|_| before != Standing::of(self)) else {
            return;
        };
        let from = self.past.last().map_or(self.last_modified, |stay| stay.until);
        if self.past.len() >= MOST {
            self.past.remove(0);
        }
        self.past.push(Stay { from, until: at, standing });
    }

    /// The states it has been in, the present one with `now` as its end.
    pub(super) fn stays(&self, now: SimTime) -> Vec<Stay> {
        let mut stays = self.past.clone();
        let from = stays.last().map_or(self.last_modified, |stay| stay.until);
        stays.extend(Standing::of(self).map(|standing| Stay {
            from,
            until: now.max(from),
            standing,
        }));
        stays
    }
}
