use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Bound;

use serde::{Deserialize, Serialize};

use super::access::Access;
use super::encryption::Protection;
use super::lifecycle::LifecycleConfiguration;
use super::logging::Logging;
use super::metering::Metering;
use super::multipart::Upload;
use super::poll::Queue;
use super::standing::Standing;
use super::tags::Tags;
use super::tiering::TieringConfiguration;
use super::versions::{Object, Versioning, Versions, new_version_id};
use super::{StorageClass, errors};
use crate::access::PublicAccess;
use crate::account::{ApiError, BlobRef, ObjectInput, ObjectSource};
use crate::sim::SimTime;

/// Every bucket of the account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct S3 {
    pub(super) account_id: String,
    pub(super) region: String,
    pub(super) buckets: BTreeMap<String, Bucket>,
    /// The account's seed: opaque ids come from it.
    #[serde(default)]
    pub(super) seed: u64,
    /// The number of the next version or upload; the first is 1.
    #[serde(default)]
    pub(super) numbers: u64,
    #[serde(default)]
    pub(super) metering: Metering,
    /// What falls due by time; follows from the rest.
    #[serde(skip)]
    pub(super) queue: Queue,
    /// Block Public Access of the account.
    #[serde(default)]
    pub(super) public_access: Option<PublicAccess>,
}

/// A bucket. Keys are in UTF-8 binary order, which is the order of a `BTreeMap` of strings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    pub(super) region: String,
    pub(super) created: SimTime,
    /// Made in the account-regional namespace.
    #[serde(default)]
    pub(super) account_regional: bool,
    /// Of a directory bucket: the id of its Availability Zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) zone: Option<String>,
    /// Keys that have at least one version, delete markers included.
    pub(super) objects: BTreeMap<String, Versions>,
    #[serde(default)]
    pub(super) versioning: Versioning,
    #[serde(default)]
    pub(super) tags: Tags,
    #[serde(default)]
    pub(super) lifecycle: Option<Lifecycle>,
    /// Archive configurations of Intelligent-Tiering by their ids.
    #[serde(default)]
    pub(super) tiering: BTreeMap<String, TieringConfiguration>,
    /// By upload id.
    #[serde(default)]
    pub(super) uploads: BTreeMap<String, Upload>,
    #[serde(default)]
    pub(super) access: Access,
    /// What its rules have done: transitions, expirations, ended uploads.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) lifecycle_actions: u64,
    /// Server access logs, where they are on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) logging: Option<Logging>,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's signature; 64 bits are more than a pointer on wasm32, and no more natively"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// A bucket's rules, and since when it has them: what they find overdue is done at the first midnight after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lifecycle {
    pub(super) configuration: LifecycleConfiguration,
    pub(super) since: SimTime,
    /// Row of the trace at which they were put.
    #[serde(default)]
    pub(super) cause: Option<u32>,
}

/// What a put says about an object beside its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct NewObject {
    pub blob: BlobRef,
    pub storage_class: StorageClass,
    pub headers: BTreeMap<String, String>,
    pub metadata: BTreeMap<String, String>,
    pub tags: Tags,
    /// Without quotes. `None`: the MD5 of the bytes.
    pub etag: Option<String>,
    /// Bytes of each part of a multipart upload; empty for any other object.
    pub parts: Vec<u64>,
    pub protection: Protection,
}

impl NewObject {
    /// An object of class STANDARD without user metadata.
    pub fn standard(blob: BlobRef, content_type: &str) -> Self {
        NewObject {
            blob,
            storage_class: StorageClass::Standard,
            headers: BTreeMap::from([("ContentType".to_string(), content_type.to_string())]),
            metadata: BTreeMap::new(),
            tags: Tags::new(),
            etag: None,
            parts: Vec::new(),
            protection: Protection::default(),
        }
    }
}

/// What S3 gives an object that was put without a type.
pub(super) const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

impl Bucket {
    pub(super) fn new(region: String, created: SimTime, account_regional: bool) -> Self {
        Bucket {
            region,
            created,
            account_regional,
            zone: None,
            objects: BTreeMap::new(),
            versioning: Versioning::Unversioned,
            tags: Tags::new(),
            lifecycle: None,
            tiering: BTreeMap::new(),
            uploads: BTreeMap::new(),
            access: Access::default(),
            lifecycle_actions: 0,
            logging: None,
        }
    }

    pub fn region(&self) -> &str {
        &self.region
    }

    pub fn created(&self) -> SimTime {
        self.created
    }

    pub fn versioning(&self) -> Versioning {
        self.versioning
    }

    pub fn tags(&self) -> &Tags {
        &self.tags
    }

    pub fn lifecycle(&self) -> Option<&LifecycleConfiguration> {
        self.lifecycle.as_ref().map(|lifecycle| &lifecycle.configuration)
    }

    /// How often its lifecycle rules have acted; of snapshots from before that was counted, since then.
    pub fn lifecycle_actions(&self) -> u64 {
        self.lifecycle_actions
    }

    /// Made in the account-regional namespace.
    pub fn is_account_regional(&self) -> bool {
        self.account_regional
    }

    /// Archive configurations of Intelligent-Tiering by their ids, as the API has them.
    pub fn tiering_configurations(&self) -> impl Iterator<Item = (&str, serde_json::Value)> {
        self.tiering.iter().map(|(id, configuration)| (id.as_str(), configuration.to_json(id)))
    }

    /// Unfinished uploads by id.
    pub fn uploads(&self) -> impl Iterator<Item = (&str, &Upload)> {
        self.uploads.iter().map(|(id, upload)| (id.as_str(), upload))
    }

    /// What a request without a version id finds under the key.
    pub fn get(&self, key: &str) -> Option<&Object> {
        self.objects.get(key)?.object()
    }

    pub fn versions(&self, key: &str) -> Option<&Versions> {
        self.objects.get(key)
    }

    /// Objects whose keys begin with `prefix`, in key order; a key whose current version is a delete marker has none.
    pub fn objects<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Object)> {
        self.keys(prefix).filter_map(|(key, versions)| Some((key, versions.object()?)))
    }

    /// Keys that begin with `prefix` and all their versions, in key order.
    pub fn keys<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Versions)> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let keys = self.objects.range::<str, _>(from).map(|(key, versions)| (key.as_str(), versions));
        keys.take_while(move |(key, _)| key.starts_with(prefix))
    }

    /// Objects that a listing shows.
    pub fn len(&self) -> usize {
        self.objects.values().filter(|versions| versions.object().is_some()).count()
    }

    /// Whether it has no version of anything.
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

impl S3 {
    pub fn new(account_id: &str, region: &str, seed: u64) -> Self {
        S3 {
            account_id: account_id.to_string(),
            region: region.to_string(),
            seed,
            ..S3::default()
        }
    }

    /// Finds again what a snapshot does not hold, at the clock of the snapshot. Objects of snapshots from before there were versions get their numbers here.
    pub(crate) fn restored(&mut self, seed: u64, now: SimTime) {
        self.seed = seed;
        for versions in self.buckets.values_mut().flat_map(|bucket| bucket.objects.values_mut()) {
            for version in versions.iter_mut().filter(|version| version.number == 0) {
                self.numbers += 1;
                version.number = self.numbers;
                version.since = version.last_modified;
                version.settled = version.last_modified;
                version.tiering = super::tiering::Tiering::entered(version.storage_class, version.last_modified);
            }
        }
        let objects = self.buckets.values().flat_map(|bucket| bucket.objects.values().flat_map(Versions::iter));
        let uploads = self.buckets.values().flat_map(|bucket| bucket.uploads.values());
        self.metering.recount(now, objects, uploads);
        self.reschedule_all();
    }

    pub fn bucket(&self, name: &str) -> Option<&Bucket> {
        self.buckets.get(name)
    }

    pub fn buckets(&self) -> impl Iterator<Item = (&str, &Bucket)> {
        self.buckets.iter().map(|(name, bucket)| (name.as_str(), bucket))
    }

    /// What was used up to `now`, for the bill.
    pub fn meter_at(&self, now: SimTime) -> crate::storage::cost::Meter {
        self.metering.meter_at(now)
    }

    /// Meters a request that S3 made to KMS: the account pays for it.
    pub(crate) fn asked_kms(&mut self, now: SimTime) {
        self.metering.meter().kms_requests(now, 1);
    }

    /// Keeps the row of the trace at which rules were put or a restore was asked for: what follows from them in time names it as its cause.
    pub(crate) fn caused(&mut self, operation: &str, params: &serde_json::Value, row: u32) {
        let text = |name: &str| params.get(name).and_then(serde_json::Value::as_str);
        let Some(bucket) = text("Bucket").and_then(|name| self.buckets.get_mut(name)) else {
            return;
        };
        match operation {
            "PutBucketLifecycleConfiguration" => {
                if let Some(lifecycle) = &mut bucket.lifecycle {
                    lifecycle.cause = Some(row);
                }
            }
            "RestoreObject" => {
                let versions = text("Key").and_then(|key| bucket.objects.get_mut(key));
                let version = versions.and_then(|versions| {
                    let index = match text("VersionId") {
                        Some(id) => versions.position(id),
                        None => versions.len().checked_sub(1),
                    };
                    versions.get_mut(index?)
                });
                if let Some(restore) = version.and_then(|version| version.restore.as_mut()) {
                    restore.cause = Some(row);
                }
            }
            _ => {}
        }
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// Puts an object. Answers the versions that the key had, for [`S3::unput`]. Errors: `NoSuchBucket`, `KeyTooLongError`.
    pub fn put(&mut self, now: SimTime, bucket: &str, key: &str, new: NewObject) -> Result<Option<Versions>, ApiError> {
        super::check_key(key).map_err(errors::key_too_long)?;
        let found = self.buckets.get(bucket).ok_or_else(|| errors::no_such_bucket(bucket))?;
        let before = found.objects.get(key).cloned();
        let object = self.placed(bucket, Object::new(now, new));
        self.insert(now, bucket, key, object);
        Ok(before)
    }

    /// Takes back a put: `before` is what it answered. What it added to the bill stays: a request that failed inside AWS is one that was made.
    pub(crate) fn unput(&mut self, now: SimTime, bucket: &str, key: &str, before: Option<Versions>) {
        self.unschedule(bucket, key);
        let Some(found) = self.buckets.get_mut(bucket) else { return };
        for version in found.objects.remove(key).iter().flat_map(Versions::iter) {
            self.metering.release(now, version);
        }
        if let Some(versions) = before {
            for version in versions.iter() {
                self.metering.hold(now, version);
            }
            found.objects.insert(key.to_string(), versions);
        }
        self.reschedule(bucket, key);
    }

    /// Makes `version` the current one of a key, under an id as the bucket's versioning gives it: with versioning off or suspended it replaces the version `null`.
    /// Answers the id that responses show; `None` where the bucket never had versions, or is not there.
    pub(super) fn insert(&mut self, now: SimTime, bucket: &str, key: &str, mut version: Object) -> Option<String> {
        let number = self.next_number();
        version.number = number;
        self.unschedule(bucket, key);
        let found = self.buckets.get_mut(bucket)?;
        let versioning = found.versioning;
        let versions = found.objects.entry(key.to_string()).or_default();
        version.version_id = match versioning {
            Versioning::Enabled => Some(new_version_id(self.seed, number)),
            Versioning::Unversioned | Versioning::Suspended => None,
        };
        if version.version_id.is_none()
            && let Some(replaced) = versions.take_null()
        {
            self.metering.left_class(now, &replaced);
            self.metering.release(now, &replaced);
        }
        self.metering.hold(now, &version);
        self.metering.dual_encrypted(now, version.encryption(), version.blob.size);
        let id = version.version_id().to_string();
        versions.push(version);
        self.reschedule(bucket, key);
        (versioning != Versioning::Unversioned).then_some(id)
    }

    /// Removes one version for good; the newest of those left is current. Answers it.
    pub(super) fn remove(&mut self, now: SimTime, bucket: &str, key: &str, index: usize) -> Option<Object> {
        self.unschedule(bucket, key);
        let found = self.buckets.get_mut(bucket)?;
        let versions = found.objects.get_mut(key)?;
        let removed = versions.remove(now, index);
        if let Some(version) = &removed {
            self.metering.left_class(now, version);
            self.metering.release(now, version);
        }
        if versions.is_empty() {
            found.objects.remove(key);
        }
        self.reschedule(bucket, key);
        removed
    }

    /// Changes a version in place: what is billed and what is due follow.
    pub(super) fn change<T>(&mut self, now: SimTime, bucket: &str, key: &str, index: usize, change: impl FnOnce(&mut Object) -> T) -> Option<T> {
        self.unschedule(bucket, key);
        let version = self.buckets.get_mut(bucket)?.objects.get_mut(key)?.get_mut(index)?;
        self.metering.release(now, version);
        let before = Standing::of(version);
        let answer = change(version);
        version.remember(before, now);
        self.metering.hold(now, version);
        self.reschedule(bucket, key);
        Some(answer)
    }

    /// SHA-256 ids of the bytes that objects, and parts of uploads, are made of.
    pub fn live_blobs(&self, into: &mut BTreeSet<String>) {
        for bucket in self.buckets.values() {
            let versions = bucket.objects.values().flat_map(Versions::iter).map(|version| &version.blob);
            let parts = bucket.uploads.values().flat_map(|upload| upload.parts.values()).map(|part| &part.blob);
            for blob in versions.chain(parts).flat_map(BlobRef::pieces) {
                if !into.contains(&blob.id) {
                    into.insert(blob.id.clone());
                }
            }
        }
    }
}

fn input(bucket: &str, key: &str, object: &Object) -> ObjectInput {
    ObjectInput {
        bucket: bucket.to_string(),
        key: key.to_string(),
        blob: object.blob.clone(),
        partition: Vec::new(),
    }
}

/// What the other services read are current versions. Archived ones are among them: a listing shows them, and it is the reader that is refused.
impl ObjectSource for S3 {
    fn bucket_exists(&self, bucket: &str) -> bool {
        self.buckets.contains_key(bucket)
    }

    fn objects(&self, bucket: &str, prefix: &str) -> Vec<ObjectInput> {
        match self.buckets.get(bucket) {
            Some(found) => found.objects(prefix).map(|(key, object)| input(bucket, key, object)).collect(),
            None => Vec::new(),
        }
    }

    fn object(&self, bucket: &str, key: &str) -> Option<ObjectInput> {
        Some(input(bucket, key, self.buckets.get(bucket)?.get(key)?))
    }
}
