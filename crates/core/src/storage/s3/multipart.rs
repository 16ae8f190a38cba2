//! Multipart uploads: an upload, its parts, and what completing it asks of them ("Amazon S3 multipart upload limits").
//!
//! Belongs here: the rules of parts and of the object made of them. Does not belong here: the commands (`commands::multipart`), bytes: the host joins them.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::encryption::Protection;
use super::{MAX_PARTS, MAX_SINGLE_PUT, MIN_PART, NewObject, StorageClass, errors};
use crate::account::{ApiError, BlobRef};
use crate::sim::SimTime;

/// Bytes of the largest object: 48.8 TiB, as 10,000 parts of 5 GiB make it.
pub const MAX_OBJECT: u64 = MAX_SINGLE_PUT * MAX_PARTS as u64;

/// An upload that was begun and neither completed nor aborted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    pub(super) key: String,
    pub(super) initiated: SimTime,
    pub(super) number: u64,
    /// What the object will be, but for its bytes.
    pub(super) storage_class: StorageClass,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Protection::is_plain")]
    pub(super) protection: Protection,
    pub(super) parts: BTreeMap<u32, Part>,
    /// Where it stands in the queue of what is due; kept by `poll`.
    #[serde(skip)]
    pub(super) due: Option<SimTime>,
}

/// A part that was uploaded; its ETag is its MD5.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    pub(super) blob: BlobRef,
    pub(super) modified: SimTime,
}

impl Part {
    pub(super) fn quoted_etag(&self) -> String {
        format!("\"{}\"", self.blob.md5)
    }
}

impl Upload {
    pub fn key(&self) -> &str {
        &self.key
    }

    pub fn class(&self) -> StorageClass {
        self.storage_class
    }

    /// Bytes of its parts.
    pub fn bytes(&self) -> u64 {
        self.parts.values().map(|part| part.blob.size).fold(0, u64::saturating_add)
    }

    /// The parts that a completion names, each by number and ETag, if the object can be made of them.
    ///
    /// Errors: `InvalidPartOrder`, `InvalidPart`, `EntityTooSmall`, `EntityTooLarge`, `MalformedXML` for none.
    pub(super) fn chosen(&self, named: &[(i64, &str)]) -> Result<Vec<&BlobRef>, ApiError> {
        if named.is_empty() {
            return Err(errors::malformed_xml().with_help("An upload is completed with at least one part."));
        }
        if named.iter().zip(named.iter().skip(1)).any(|((first, _), (second, _))| first >= second) {
            return Err(ApiError::new(
                "InvalidPartOrder",
                "The list of parts was not in ascending order. Parts must be ordered by part number.",
            ));
        }
        let part = |(number, etag): &(i64, &str)| -> Result<&BlobRef, ApiError> {
            let found = u32::try_from(*number).ok().and_then(|number| self.parts.get(&number));
            let found = found.filter(|part| etag.trim_matches('"') == part.blob.md5);
            found.map(|part| &part.blob).ok_or_else(|| {
                ApiError::new(
                    "InvalidPart",
                    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the \
                     part's entity tag.",
                )
                .with_help(format!("Part {number} with the ETag {etag}."))
            })
        };
        let blobs: Vec<&BlobRef> = named.iter().map(part).collect::<Result<_, _>>()?;
        let all_but_last = blobs.split_last().map_or(&[][..], |(_, rest)| rest);
        if let Some((index, small)) = all_but_last.iter().enumerate().find(|(_, blob)| blob.size < MIN_PART) {
            let number = named.get(index).map_or(0, |(number, _)| *number);
            return Err(
                ApiError::new("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size").with_help(format!(
                    "Part {number} has {} bytes; every part but the last has at least {MIN_PART}.",
                    small.size
                )),
            );
        }
        if blobs.iter().map(|blob| blob.size).fold(0, u64::saturating_add) > MAX_OBJECT {
            return Err(ApiError::new("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"));
        }
        Ok(blobs)
    }

    /// The object of these parts, whose bytes together are `blob`.
    pub(super) fn object(self, etag: String, parts: Vec<u64>, blob: BlobRef) -> NewObject {
        NewObject {
            blob,
            storage_class: self.storage_class,
            headers: self.headers,
            metadata: self.metadata,
            tags: self.tags,
            protection: self.protection,
            etag: Some(etag),
            parts,
        }
    }
}

/// The ETag of an object of several parts: the MD5 of the parts' MD5s, in hexadecimal, and how many there are.
pub(super) fn etag(parts: &[&BlobRef]) -> String {
    let mut digests = Vec::with_capacity(16 * parts.len());
    for part in parts {
        let hex = part.md5.as_bytes();
        let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or(0) as u8;
        digests.extend(hex.chunks(2).map(|pair| pair.iter().fold(0, |value, &byte| value << 4 | digit(byte))));
    }
    format!("{:x}-{}", md5::compute(&digests), parts.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two parts of 5 MiB of zeros, as AWS's own example tools compute it.
    #[test]
    fn an_etag_is_the_digest_of_digests() {
        let part = BlobRef {
            md5: "5f363e0e58a95f06cbe9bbc662c5dfb6".into(),
            ..BlobRef::empty()
        };
        let mut bytes = Vec::new();
        for _ in 0..2 {
            bytes.extend([0x5f, 0x36, 0x3e, 0x0e, 0x58, 0xa9, 0x5f, 0x06, 0xcb, 0xe9, 0xbb, 0xc6, 0x62, 0xc5, 0xdf, 0xb6]);
        }
        assert_eq!(etag(&[&part, &part]), format!("{:x}-2", md5::compute(&bytes)));
    }
}
