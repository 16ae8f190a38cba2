//! In which order a bucket's versions are put so that every key has its versions as it has them now.
//!
//! A put makes an id where versioning is enabled and the version `null` where it is suspended or was never on. So a bucket is filled in at most four phases, and its
//! versioning is set before each.

use alloc::vec::Vec;

use crate::storage::s3::{Bucket, Object, Versioning};

/// When a version can be put. In order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    /// Before versioning was ever on: versions `null` that have no older one beside them.
    Unversioned,
    /// Versions with ids, up to the version `null` of their key.
    Enabled,
    /// Versions `null` that came over others, or are delete markers, which an unversioned bucket has not.
    Suspended,
    /// Versions with ids that are newer than the version `null`.
    EnabledAgain,
}

impl Phase {
    /// The bucket's versioning while it lasts.
    pub const fn versioning(self) -> Versioning {
        match self {
            Phase::Unversioned => Versioning::Unversioned,
            Phase::Enabled | Phase::EnabledAgain => Versioning::Enabled,
            Phase::Suspended => Versioning::Suspended,
        }
    }
}

pub(super) struct Placed<'a> {
    pub phase: Phase,
    pub key: &'a str,
    pub version: &'a Object,
}

/// Every version of a bucket, in an order in which they can be put: by phase, and within one as they came.
pub(super) fn placed(bucket: &Bucket) -> Vec<Placed<'_>> {
    let mut all = Vec::new();
    for (key, versions) in bucket.keys("") {
        let mut after_null = None;
        for (index, version) in versions.iter().enumerate() {
            let phase = if version.version_id() != "null" {
                after_null.unwrap_or(Phase::Enabled)
            } else if index == 0 && !version.is_delete_marker() {
                // What follows can be put as soon as versioning is on.
                Phase::Unversioned
            } else {
                after_null = Some(Phase::EnabledAgain);
                Phase::Suspended
            };
            all.push(Placed { phase, key, version });
        }
    }
    all.sort_by_key(|placed| (placed.phase, placed.version.number()));
    all
}
