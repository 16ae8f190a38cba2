//! The parts of S3's responses that the screen shows, and keys read as paths.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `ListBuckets`, `ListDirectoryBuckets`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct BucketList {
    pub buckets: Vec<Bucket>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Bucket {
    pub name: String,
    #[serde(default)]
    pub creation_date: String,
}

/// The zone of a directory bucket, which its name says; `None`: a general purpose bucket.
pub fn zone_of(bucket: &str) -> Option<&str> {
    let (rest, suffix) = bucket.rsplit_once("--")?;
    let (_, zone) = rest.rsplit_once("--")?;
    (suffix == "x-s3").then_some(zone)
}

/// `ListObjectsV2`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ObjectList {
    pub contents: Vec<Object>,
    pub common_prefixes: Vec<CommonPrefix>,
    pub is_truncated: bool,
    pub next_continuation_token: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Object {
    pub key: String,
    #[serde(default)]
    pub last_modified: String,
    #[serde(default)]
    pub size: u64,
    #[serde(default = "standard")]
    pub storage_class: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CommonPrefix {
    pub prefix: String,
}

/// `HeadObject`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct ObjectHead {
    pub content_length: u64,
    #[serde(rename = "ETag")]
    pub e_tag: String,
    pub last_modified: String,
    pub content_type: String,
    /// Absent for STANDARD, as in S3's headers.
    pub storage_class: Option<String>,
    /// Absent where the caller keeps the key.
    pub server_side_encryption: String,
    #[serde(rename = "SSEKMSKeyId")]
    pub kms_key: Option<String>,
    pub bucket_key_enabled: bool,
    pub version_id: Option<String>,
    /// The header `x-amz-expiration`: when a rule expires the object, and which.
    pub expiration: Option<String>,
    /// The header `x-amz-restore`.
    pub restore: Option<String>,
    /// User metadata, names in lower case.
    pub metadata: BTreeMap<String, String>,
    /// The archive tier of Intelligent-Tiering it is in.
    pub archive_status: Option<String>,
}

impl ObjectHead {
    /// In an archive, whether a restored copy is there or not.
    pub fn is_archived(&self) -> bool {
        self.archive_status.is_some() || matches!(self.storage_class.as_deref(), Some("GLACIER" | "DEEP_ARCHIVE"))
    }

    /// Whether GetObject answers its bytes.
    pub fn is_readable(&self) -> bool {
        !self.is_archived() || self.restore.as_ref().is_some_and(|restore| restore.contains("ongoing-request=\"false\""))
    }
}

/// Storage classes that an object can be put into, and what S3's console calls them.
pub const CLASSES: [(&str, &str); 7] = [
    ("STANDARD", "Standard"),
    ("INTELLIGENT_TIERING", "Intelligent-Tiering"),
    ("STANDARD_IA", "Standard-IA"),
    ("ONEZONE_IA", "One Zone-IA"),
    ("GLACIER_IR", "Glacier Instant Retrieval"),
    ("GLACIER", "Glacier Flexible Retrieval"),
    ("DEEP_ARCHIVE", "Glacier Deep Archive"),
];

fn standard() -> String {
    "STANDARD".into()
}

/// The folder a key lies in, with its slash: `a/b/c.csv` → `a/b/`, `a/b/` → `a/b/`, `c.csv` → ``.
pub fn parent(key: &str) -> &str {
    key.rfind('/').and_then(|slash| key.get(..=slash)).unwrap_or("")
}

/// The last step of a path: `a/b/c.csv` → `c.csv`, `a/b/` → `b`.
pub fn last_name(key: &str) -> &str {
    let path = key.strip_suffix('/').unwrap_or(key);
    path.rsplit('/').next().unwrap_or(path)
}

/// What a key's ending says its bytes are, for files whose type the browser doesn't know; else S3's default.
pub fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("csv") => "text/csv",
        Some("tsv") => "text/tab-separated-values",
        Some("json" | "jsonl" | "ndjson") => "application/json",
        Some("parquet") => "application/vnd.apache.parquet",
        Some("txt" | "log" | "md") => "text/plain",
        Some("gz") => "application/gzip",
        Some("zip") => "application/zip",
        _ => "binary/octet-stream",
    }
}

/// The glyph for a key by its ending.
pub fn glyph_of(key: &str) -> &'static str {
    match key.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("csv" | "tsv" | "json" | "jsonl" | "ndjson" | "parquet") => "table-file",
        _ => "file",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_buckets_name_says_its_zone() {
        assert_eq!(zone_of("lake--use1-az4--x-s3"), Some("use1-az4"));
        assert_eq!(zone_of("a--b--use1-az4--x-s3"), Some("use1-az4"));
        assert_eq!(zone_of("lake"), None);
        assert_eq!(zone_of("lake--x-s3"), None);
    }

    #[test]
    fn keys_read_as_paths() {
        assert_eq!(parent("a/b/c.csv"), "a/b/");
        assert_eq!(parent("a/b/"), "a/b/");
        assert_eq!(parent("c.csv"), "");
        assert_eq!(parent("//x"), "//");
        assert_eq!(last_name("a/b/c.csv"), "c.csv");
        assert_eq!(last_name("a/b/"), "b");
        assert_eq!(last_name("ü"), "ü");
        assert_eq!(last_name(""), "");
    }
}
