use alloc::collections::BTreeMap;
use alloc::string::String;

use super::{Access, Population};
use crate::sim::SimTime;
use crate::storage::cost::RestoreTier;
use crate::storage::s3::lifecycle::LifecycleConfiguration;
use crate::storage::s3::{StorageClass, Versioning};

/// What is run: objects, reads, bucket, and how long.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    pub start: SimTime,
    /// Calendar months, the first being that of `start`.
    pub months: u32,
    pub population: Population,
    /// Class of the uploads.
    pub class: StorageClass,
    /// Every object's key, for filters.
    pub key: String,
    pub tags: BTreeMap<String, String>,
    pub access: Access,
    pub bucket: Bucket,
    /// Days after which an object is overwritten by one of its size, again and again.
    pub overwrite_days: Option<u32>,
    /// Days after which its owner deletes an object, or its last version.
    pub delete_days: Option<u32>,
    /// No rules where there are none.
    pub lifecycle: LifecycleConfiguration,
}

/// Settings of the bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct Bucket {
    pub versioning: Versioning,
    /// Days of Intelligent-Tiering's Archive Access tier; `None`: not opted in.
    pub archive_days: Option<u32>,
    pub deep_archive_days: Option<u32>,
    /// How objects are restored from GLACIER and Archive Access.
    pub restore: RestoreTier,
    /// How objects are restored from DEEP_ARCHIVE and Deep Archive Access, which know no Expedited: Standard takes its place.
    pub restore_deep: RestoreTier,
    /// Days that a temporary copy lasts.
    pub restore_days: u32,
    /// `Some` for SSE-KMS with a customer managed key: whether it has a bucket key.
    pub kms: Option<bool>,
}

impl Default for Bucket {
    fn default() -> Self {
        Bucket {
            versioning: Versioning::Unversioned,
            archive_days: None,
            deep_archive_days: None,
            restore: RestoreTier::Standard,
            restore_deep: RestoreTier::Standard,
            restore_days: 1,
            kms: None,
        }
    }
}
