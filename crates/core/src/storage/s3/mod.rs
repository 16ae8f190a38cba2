//! Amazon S3, general purpose buckets.
//!
//! Belongs here: names, keys, objects and what the API says about them. `state` owns the data, `commands` has one function an API operation.
//! Does not belong here: bytes (the host's blob store has them), the data engine's reading of objects, versions, lifecycle and encryption with own keys (not built yet;
//! [`state::Object`] is where a version will be).

mod classes;
mod commands;
mod errors;
mod etag;
pub mod lifecycle;
mod names;
mod state;
mod versions;

pub use classes::{ARCHIVE_OVERHEAD, ARCHIVE_OVERHEAD_STANDARD, AccessTier, MIN_BILLABLE, StorageClass};
pub use commands::{Answer, is_read};
pub use names::{BucketNameFault, check_bucket_name, check_key};
pub use state::{Bucket, NewObject, Object, S3};
pub use versions::Versioning;

/// Largest body of one PutObject and largest source of one CopyObject, bytes: 5 GiB ("Amazon S3 multipart upload limits"; CopyObject's error text gives the number).
pub const MAX_SINGLE_PUT: u64 = 5_368_709_120;
/// Bytes of a key in UTF-8 ("Naming Amazon S3 objects").
pub const MAX_KEY_BYTES: usize = 1_024;
