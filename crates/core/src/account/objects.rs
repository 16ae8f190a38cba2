use alloc::vec::Vec;

use super::ObjectInput;

/// What the other services see of S3.
pub trait ObjectSource {
    fn bucket_exists(&self, bucket: &str) -> bool;
    /// Objects whose keys begin with `prefix`, in UTF-8 binary order of keys, zero-byte folder objects included. Empty where the bucket does not exist.
    fn objects(&self, bucket: &str, prefix: &str) -> Vec<ObjectInput>;
    fn object(&self, bucket: &str, key: &str) -> Option<ObjectInput>;
}
