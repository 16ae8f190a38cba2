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
mod rules;
pub mod seal;
mod standing;
mod state;
mod tags;
mod tiering;
mod versions;

pub use classes::{AccessTier, StorageClass};
pub use commands::{Answer, is_basic, is_of_directory, is_read};
pub use customer::CustomerKeys;
pub use directory::{DirectoryNameFault, check_directory_name, directory_arn, express_zones, is_directory_name};
pub use multipart::{MAX_OBJECT, Part, Upload};
pub use names::{BucketNameFault, check_bucket_name, check_key};
pub use poll::{Happened, What};
pub use restore::{Restore, restore_seconds};
pub use rules::{
    ARCHIVE_OVERHEAD, ARCHIVE_OVERHEAD_STANDARD, MAX_BUCKET_TAGS, MAX_KEY_BYTES, MAX_OBJECT_TAGS, MAX_PARTS, MAX_SINGLE_PUT, MIN_BILLABLE, MIN_PART,
};
pub use state::{Bucket, NewObject, S3};
pub use tiering::{Tiering, TieringConfiguration, next_tier};
pub use versions::{Object, Versioning, Versions};
