//! What time will do to a key, as things stand: the account's own machine, run ahead on a copy of that key alone.
//!
//! Belongs here: the copy and its run. Does not belong here: what falls due and when (`poll`, `lifecycle`, `tiering`), which the copy asks like the account does.

use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::poll::Happened;
use super::state::{Bucket, S3};
use crate::account::ApiError;

impl S3 {
    /// The next `most` things that happen to a key if nobody touches it or the bucket's rules; none for a key that is not there.
    ///
    /// Error: `NoSuchBucket`.
    pub fn foresee(&self, name: &str, key: &str, most: usize) -> Result<Vec<Happened>, ApiError> {
        let bucket = self.buckets.get(name).ok_or_else(|| super::errors::no_such_bucket(name))?;
        let objects: BTreeMap<_, _> = bucket
            .objects
            .get_key_value(key)
            .map(|(key, versions)| (key.clone(), versions.clone()))
            .into_iter()
            .collect();
        let alone = Bucket {
            zone: bucket.zone.clone(),
            region: bucket.region.clone(),
            created: bucket.created,
            account_regional: bucket.account_regional,
            objects,
            versioning: bucket.versioning,
            tags: BTreeMap::new(),
            lifecycle: bucket.lifecycle.clone(),
            tiering: bucket.tiering.clone(),
            uploads: BTreeMap::new(),
            access: super::access::Access::default(),
            lifecycle_actions: Default::default(),
            logging: Default::default(),
        };
        let mut copy = S3 {
            numbers: self.numbers,
            seed: self.seed,
            ..S3::default()
        };
        copy.buckets.insert(name.to_string(), alone);
        copy.reschedule_all();
        let mut found = Vec::new();
        while found.len() < most
            && let Some(due) = copy.next_due()
            && let Some(happened) = copy.poll_one(due)
        {
            found.push(happened);
        }
        Ok(found)
    }
}
