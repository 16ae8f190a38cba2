//! Versions of objects: what one is, and the list of them that a key has.
//!
//! Belongs here: the data of a version and the order of a key's versions. Does not belong here: buckets (`state`), what falls due for a version (`poll`).

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::{Index, IndexMut};

use serde::{Deserialize, Serialize, Serializer};

use super::encryption::Protection;
use super::restore::Restore;
use super::standing::Stay;
use super::state::DEFAULT_CONTENT_TYPE;
use super::tiering::Tiering;
use super::{NewObject, StorageClass};
use crate::account::BlobRef;
use crate::sim::{Rng, SimTime};

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

/// A version of an object: what its bytes are, what was said about them when they were put, and what has become of it since. A delete marker is one without bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Object {
    pub(super) blob: BlobRef,
    /// Without quotes.
    pub(super) etag: String,
    pub(super) last_modified: SimTime,
    pub(super) storage_class: StorageClass,
    /// System metadata under the member names of GetObject: `ContentType`, `CacheControl`, ….
    pub(super) headers: BTreeMap<String, String>,
    /// User metadata, keys in lower case.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) metadata: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Protection::is_plain")]
    pub(super) protection: Protection,
    /// Bytes of each part, for an object of a multipart upload.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) parts: Vec<u64>,
    /// `None`: the version `null`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) version_id: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) delete_marker: bool,
    /// Counts on over all versions of the account: later ones have higher numbers.
    #[serde(default)]
    pub(super) number: u64,
    /// When its successor came. `None`: the current version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) noncurrent_since: Option<SimTime>,
    /// When it came into its class, or into its tier of Intelligent-Tiering.
    #[serde(default)]
    pub(super) since: SimTime,
    /// The rules act at the first midnight from here on: one thing a day, and not on the day on which its place among the versions changed.
    #[serde(default)]
    pub(super) settled: SimTime,
    /// In INTELLIGENT_TIERING.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tiering: Option<Tiering>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) restore: Option<Restore>,
    /// The states that it was billed in before this one, the earliest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) past: Vec<Stay>,
    /// Where it stands in the queue of what is due; kept by `poll`.
    #[serde(skip)]
    pub(super) due: Option<SimTime>,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Object {
    pub(super) fn new(now: SimTime, new: NewObject) -> Self {
        Object {
            etag: new.etag.unwrap_or_else(|| new.protection.encryption.etag(&new.blob.md5)),
            tiering: Tiering::entered(new.storage_class, now),
            blob: new.blob,
            last_modified: now,
            storage_class: new.storage_class,
            headers: new.headers,
            metadata: new.metadata,
            protection: new.protection,
            tags: new.tags,
            parts: new.parts,
            version_id: None,
            delete_marker: false,
            number: 0,
            noncurrent_since: None,
            since: now,
            settled: now,
            restore: None,
            past: Vec::new(),
            due: None,
        }
    }

    /// A delete marker: no bytes, no class, no metadata.
    pub(super) fn marker(now: SimTime) -> Self {
        let new = NewObject {
            headers: BTreeMap::new(),
            ..NewObject::standard(BlobRef::empty(), DEFAULT_CONTENT_TYPE)
        };
        Object {
            delete_marker: true,
            ..Object::new(now, new)
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

    pub fn storage_class(&self) -> StorageClass {
        self.storage_class
    }

    /// Where in Intelligent-Tiering it is; `None` in every other class.
    pub fn tiering(&self) -> Option<&Tiering> {
        self.tiering.as_ref()
    }

    pub fn restore(&self) -> Option<&Restore> {
        self.restore.as_ref()
    }

    pub fn tags(&self) -> &BTreeMap<String, String> {
        &self.tags
    }

    /// `null` for the version without an id of its own.
    pub fn version_id(&self) -> &str {
        self.version_id.as_deref().unwrap_or("null")
    }

    pub fn is_delete_marker(&self) -> bool {
        self.delete_marker
    }

    pub fn is_current(&self) -> bool {
        self.noncurrent_since.is_none()
    }

    pub fn noncurrent_since(&self) -> Option<SimTime> {
        self.noncurrent_since
    }

    /// When it came into its class, or into its tier of Intelligent-Tiering.
    pub fn since(&self) -> SimTime {
        self.since.max(self.last_modified)
    }

    /// System metadata under the member names of PutObject: `ContentType`, `CacheControl`, ….
    pub fn headers(&self) -> &BTreeMap<String, String> {
        &self.headers
    }

    /// User metadata, keys in lower case.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// Bytes of each part, for an object of a multipart upload.
    pub fn parts(&self) -> &[u64] {
        &self.parts
    }

    /// Counts on over all versions of the account: later ones have higher numbers.
    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn content_type(&self) -> &str {
        self.headers.get("ContentType").map_or(DEFAULT_CONTENT_TYPE, String::as_str)
    }

    /// In a class or tier whose objects must be restored before they can be read, whether a restored copy is there or not.
    pub fn is_archived(&self) -> bool {
        self.storage_class.is_archived() || self.tiering.as_ref().is_some_and(|tiering| tiering.tier.is_archived())
    }

    /// Whether its bytes can be read now: not archived, or with a restored copy.
    pub fn is_readable(&self) -> bool {
        !self.is_archived() || self.restore.as_ref().is_some_and(|restore| restore.expires.is_some())
    }
}

/// The versions of one key, at least one, the oldest first; the last is the current one.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "Saved")]
pub struct Versions(Vec<Object>);

/// A key with nothing but the version `null` is kept as that object: so snapshots held every key before there were versions.
#[derive(Deserialize)]
#[serde(untagged)]
enum Saved {
    One(Box<Object>),
    Many(Vec<Object>),
}

impl From<Saved> for Versions {
    fn from(saved: Saved) -> Self {
        match saved {
            Saved::One(object) => Versions(alloc::vec![*object]),
            Saved::Many(versions) => Versions(versions),
        }
    }
}

impl Serialize for Versions {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [object] if object.version_id.is_none() => object.serialize(serializer),
            versions => versions.serialize(serializer),
        }
    }
}

impl Versions {
    pub fn current(&self) -> Option<&Object> {
        self.0.last()
    }

    /// The current version where it is no delete marker: what a request without a version id finds.
    pub fn object(&self) -> Option<&Object> {
        self.current().filter(|version| !version.delete_marker)
    }

    /// Index of the version of that id (`null` for the one without).
    pub fn position(&self, version_id: &str) -> Option<usize> {
        self.0.iter().rposition(|version| version.version_id() == version_id)
    }

    pub fn get(&self, index: usize) -> Option<&Object> {
        self.0.get(index)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Object> + ExactSizeIterator {
        self.0.iter()
    }

    pub(super) fn get_mut(&mut self, index: usize) -> Option<&mut Object> {
        self.0.get_mut(index)
    }

    pub(super) fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut Object> {
        self.0.iter_mut()
    }

    /// Makes `version` the current one; the one before becomes noncurrent.
    pub(super) fn push(&mut self, version: Object) {
        if let Some(last) = self.0.last_mut().filter(|last| last.noncurrent_since.is_none()) {
            last.noncurrent_since = Some(version.last_modified);
            last.settled = last.settled.max(version.last_modified.plus_micros(1));
        }
        self.0.push(version);
    }

    /// Takes the version `null` out to make room for its successor: the others stay what they are.
    pub(super) fn take_null(&mut self) -> Option<Object> {
        let index = self.position("null")?;
        Some(self.0.remove(index))
    }

    /// Takes a version out. The newest of those left is the current one, and one that is left alone is so from `now` on.
    pub(super) fn remove(&mut self, now: SimTime, index: usize) -> Option<Object> {
        if index >= self.0.len() {
            return None;
        }
        let removed = self.0.remove(index);
        if let Some(last) = self.0.last_mut()
            && last.noncurrent_since.take().is_some()
        {
            last.settled = last.settled.max(now.plus_micros(1));
        }
        if let [alone] = self.0.as_mut_slice() {
            alone.settled = alone.settled.max(now.plus_micros(1));
        }
        Some(removed)
    }

    /// Index of the version with that number.
    pub(super) fn numbered(&self, number: u64) -> Option<usize> {
        self.0.iter().rposition(|version| version.number == number)
    }
}

impl Index<usize> for Versions {
    type Output = Object;

    fn index(&self, index: usize) -> &Object {
        &self.0[index]
    }
}

impl IndexMut<usize> for Versions {
    fn index_mut(&mut self, index: usize) -> &mut Object {
        &mut self.0[index]
    }
}

/// Characters of version ids, and how many: ids are opaque, and S3's have had 32 for years.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
const VERSION_ID: usize = 32;
const UPLOAD_ID: usize = 128;

/// An opaque id of `length` characters: the same for the same seed and number.
fn opaque(seed: u64, number: u64, length: usize) -> String {
    let mut rng = Rng::stream(seed, number);
    let mut text = String::with_capacity(length);
    while text.len() < length {
        let bits = rng.next_u64();
        // Ten characters of six bits each.
        let characters = (0..10).map(|index| ALPHABET[(bits >> (6 * index)) as usize & 63]);
        text.extend(characters.take(length - text.len()).map(char::from));
    }
    text
}

pub(super) fn new_version_id(seed: u64, number: u64) -> String {
    opaque(seed, number, VERSION_ID)
}

pub(super) fn new_upload_id(seed: u64, number: u64) -> String {
    opaque(seed, number, UPLOAD_ID)
}

/// An ID for a lifecycle rule that was put without one.
pub(super) fn new_rule_id(seed: u64, number: u64) -> String {
    opaque(seed, number, 48).to_string()
}

/// Whether a text can be a version id at all; what cannot is refused as such rather than not found.
pub(super) fn is_version_id(text: &str) -> bool {
    text == "null" || (text.len() == VERSION_ID && text.bytes().all(|byte| ALPHABET.contains(&byte)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_opaque_and_repeatable() {
        let id = new_version_id(7, 1);
        assert!(is_version_id(&id), "{id}");
        assert_eq!(id, new_version_id(7, 1));
        assert_ne!(id, new_version_id(7, 2));
        assert_ne!(id, new_version_id(8, 1));
        assert_eq!(new_upload_id(7, 1).len(), 128);
        assert!(is_version_id("null") && !is_version_id("v1") && !is_version_id(""));
    }
}
