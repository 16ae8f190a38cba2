//! What a bucket does with the versions of its objects.
//!
//! Belongs here: the bucket's versioning state. Does not belong here: the versions themselves (`state`).

use serde::{Deserialize, Serialize};

/// `Status` of a bucket's versioning configuration. Once enabled, a bucket can only be suspended ("How S3 Versioning works").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Versioning {
    /// Never enabled: every key has the one version `null`, and a put replaces it.
    #[default]
    Unversioned,
    /// Every put makes a version with an id of its own.
    Enabled,
    /// A put makes or replaces the version `null`; versions with ids stay.
    Suspended,
}
