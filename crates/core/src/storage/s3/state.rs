use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Bound;

use serde::{Deserialize, Serialize};

use super::access::Access;
use super::encryption::Protection;
use super::errors;
use crate::access::PublicAccess;
use crate::account::{ApiError, BlobRef, ObjectInput, ObjectSource};
use crate::sim::SimTime;

/// Every bucket of the account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct S3 {
    pub(super) account_id: String,
    pub(super) region: String,
    pub(super) buckets: BTreeMap<String, Bucket>,
    /// Block Public Access of the account.
    #[serde(default)]
    pub(super) public_access: Option<PublicAccess>,
}

/// A general purpose bucket. Keys are in UTF-8 binary order, which is the order of a `BTreeMap` of strings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    pub(super) region: String,
    pub(super) created: SimTime,
    /// Made in the account-regional namespace.
    #[serde(default)]
    pub(super) account_regional: bool,
    #[serde(default)]
    pub(super) access: Access,
    pub(super) objects: BTreeMap<String, Object>,
}

/// The current version of an object: what its bytes are and what was said about them when they were put.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Object {
    pub(super) blob: BlobRef,
    /// Without quotes.
    pub(super) etag: String,
    pub(super) last_modified: SimTime,
    pub(super) storage_class: String,
    /// System metadata under the member names of GetObject: `ContentType`, `CacheControl`, ….
    pub(super) headers: BTreeMap<String, String>,
    /// User metadata, keys in lower case.
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Protection::is_plain")]
    pub(super) protection: Protection,
}

/// What a put says about an object beside its bytes.
#[derive(Clone, Debug, PartialEq)]
pub struct NewObject {
    pub blob: BlobRef,
    pub storage_class: String,
    pub headers: BTreeMap<String, String>,
    pub metadata: BTreeMap<String, String>,
    pub protection: Protection,
}

impl NewObject {
    /// An object of class STANDARD without user metadata.
    pub fn standard(blob: BlobRef, content_type: &str) -> Self {
        NewObject {
            blob,
            storage_class: "STANDARD".to_string(),
            headers: BTreeMap::from([("ContentType".to_string(), content_type.to_string())]),
            metadata: BTreeMap::new(),
            protection: Protection::default(),
        }
    }
}

impl Object {
    pub(super) fn new(now: SimTime, new: NewObject) -> Self {
        Object {
            etag: new.blob.md5.clone(),
            blob: new.blob,
            last_modified: now,
            storage_class: new.storage_class,
            headers: new.headers,
            metadata: new.metadata,
            protection: new.protection,
        }
    }

    pub fn blob(&self) -> &BlobRef {
        &self.blob
    }

    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// As responses show it: in double quotes.
    pub(super) fn quoted_etag(&self) -> String {
        format!("\"{}\"", self.etag)
    }

    pub fn last_modified(&self) -> SimTime {
        self.last_modified
    }

    pub fn storage_class(&self) -> &str {
        &self.storage_class
    }

    pub fn content_type(&self) -> &str {
        self.headers.get("ContentType").map_or(DEFAULT_CONTENT_TYPE, String::as_str)
    }

    /// In a class whose objects must be restored before they can be read.
    pub(super) fn is_archived(&self) -> bool {
        matches!(self.storage_class.as_str(), "GLACIER" | "DEEP_ARCHIVE")
    }
}

/// What S3 gives an object that was put without a type.
pub(super) const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

impl Bucket {
    pub fn region(&self) -> &str {
        &self.region
    }

    pub fn created(&self) -> SimTime {
        self.created
    }

    pub fn get(&self, key: &str) -> Option<&Object> {
        self.objects.get(key)
    }

    /// Objects whose keys begin with `prefix`, in key order.
    pub fn objects<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Object)> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let keys = self.objects.range::<str, _>(from).map(|(key, object)| (key.as_str(), object));
        keys.take_while(move |(key, _)| key.starts_with(prefix))
    }

    pub fn len(&self) -> usize {
        self.objects.len()
    }

    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }
}

impl S3 {
    pub fn new(account_id: &str, region: &str) -> Self {
        S3 {
            account_id: account_id.to_string(),
            region: region.to_string(),
            buckets: BTreeMap::new(),
            public_access: None,
        }
    }

    pub fn bucket(&self, name: &str) -> Option<&Bucket> {
        self.buckets.get(name)
    }

    pub fn buckets(&self) -> impl Iterator<Item = (&str, &Bucket)> {
        self.buckets.iter().map(|(name, bucket)| (name.as_str(), bucket))
    }

    /// Puts an object, replacing the one of that key, which is answered. Errors: `NoSuchBucket`, `KeyTooLongError`.
    pub fn put(&mut self, now: SimTime, bucket: &str, key: &str, new: NewObject) -> Result<Option<Object>, ApiError> {
        super::check_key(key).map_err(errors::key_too_long)?;
        let found = self.buckets.get_mut(bucket).ok_or_else(|| errors::no_such_bucket(bucket))?;
        Ok(found.objects.insert(key.to_string(), Object::new(now, new)))
    }

    /// Takes back a put: `previous` is what it answered.
    pub(crate) fn unput(&mut self, bucket: &str, key: &str, previous: Option<Object>) {
        if let Some(bucket) = self.buckets.get_mut(bucket) {
            match previous {
                Some(object) => bucket.objects.insert(key.to_string(), object),
                None => bucket.objects.remove(key),
            };
        }
    }

    /// SHA-256 ids of the bytes that objects are made of.
    pub fn live_blobs(&self, into: &mut BTreeSet<String>) {
        for object in self.buckets.values().flat_map(|bucket| bucket.objects.values()) {
            if !into.contains(&object.blob.id) {
                into.insert(object.blob.id.clone());
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
        let object = self.buckets.get(bucket)?.objects.get(key)?;
        Some(input(bucket, key, object))
    }
}
