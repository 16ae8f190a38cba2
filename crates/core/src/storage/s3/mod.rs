//! Amazon S3: general purpose buckets, and directory buckets of S3 Express One Zone (`directory`).
//!
//! Belongs here: names, keys, objects and what the API says about them. `state` owns the data, `commands` has one function an API operation.
//! `versions` says what one version is, `poll` does what falls due by time, and `lifecycle`, `restore` and `tiering` say when that is.
//! Does not belong here: bytes (the host's blob store has them), the data engine's reading of objects.

pub mod access;
pub mod acl;
mod classes;
mod commands;
mod customer;
mod directory;
pub mod encryption;
mod errors;
mod etag;
mod foresee;
pub mod lifecycle;
pub mod logging;
mod metering;
mod multipart;
mod names;
mod object_cost;
mod poll;
mod restore;
pub mod seal;
mod state;
mod tags;
mod tiering;
mod versions;

pub use classes::{ARCHIVE_OVERHEAD, ARCHIVE_OVERHEAD_STANDARD, AccessTier, MIN_BILLABLE, StorageClass};
pub use commands::{Answer, is_basic, is_of_directory, is_read};
pub use customer::CustomerKeys;
pub use directory::{DirectoryNameFault, check_directory_name, directory_arn, express_zones, is_directory_name};
pub use multipart::{MAX_OBJECT, MAX_PARTS, MIN_PART, Part, Upload};
pub use names::{BucketNameFault, check_bucket_name, check_key};
pub use poll::{Happened, What};
pub use restore::{Restore, restore_seconds};
pub use state::{Bucket, NewObject, S3};
pub use tags::{MAX_BUCKET_TAGS, MAX_OBJECT_TAGS};
pub use tiering::{Tiering, TieringConfiguration, next_tier};
pub use versions::{Object, Versioning, Versions};

/// Largest body of one PutObject and largest source of one CopyObject, bytes: 5 GiB ("Amazon S3 multipart upload limits"; CopyObject's error text gives the number).
pub const MAX_SINGLE_PUT: u64 = 5_368_709_120;
/// Bytes of a key in UTF-8 ("Naming Amazon S3 objects").
pub const MAX_KEY_BYTES: usize = 1_024;
