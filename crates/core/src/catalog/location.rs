//! `s3://bucket/key` paths, and the objects that readers see under them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::glob::{Glob, excluded};
use crate::account::{ObjectInput, ObjectSource};

/// A bucket and a key, or the beginning of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Location {
    pub(super) bucket: String,
    /// Without a leading slash; empty for the whole bucket.
    pub(super) key: String,
}

impl Location {
    /// `s3://`, `s3a://` and `s3n://` are the same place. Error: what is wrong, in words.
    pub(super) fn parse(path: &str) -> Result<Location, String> {
        let path = path.trim();
        let rest = ["s3://", "s3a://", "s3n://"]
            .iter()
            .find_map(|scheme| path.strip_prefix(scheme))
            .ok_or_else(|| format!("\"{path}\" is no S3 path: write s3://bucket/folder/."))?;
        let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
        if bucket.is_empty() {
            return Err(format!("\"{path}\" names no bucket: write s3://bucket/folder/."));
        }
        Ok(Location {
            bucket: bucket.to_string(),
            key: key.to_string(),
        })
    }

    /// The key as a folder: ends with `/`, or is empty.
    pub(super) fn folder(&self) -> String {
        if self.key.is_empty() || self.key.ends_with('/') {
            self.key.clone()
        } else {
            format!("{}/", self.key)
        }
    }

    pub(super) fn path(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }
}

/// The same place is the same text: scheme `s3`, no slash at the end.
pub(super) fn normal(path: &str) -> String {
    match Location::parse(path) {
        Ok(location) => location.path().trim_end_matches('/').to_string(),
        Err(_) => path.to_string(),
    }
}

/// Whether readers pass over the object: folder markers, and names that Spark hides (`InMemoryFileIndex.shouldFilterOutPathName`: `_…` without `=`, `.…`).
pub(super) fn is_hidden(relative: &str) -> bool {
    relative.is_empty()
        || relative.ends_with('/')
        || relative.ends_with("_$folder$")
        || relative
            .split('/')
            .any(|segment| segment.starts_with('.') || (segment.starts_with('_') && !segment.contains('=')))
}

/// The objects that a path names: the one object of that key, else everything in the folder, with `recurse` in its folders too.
///
/// In order of keys. A key with `*`, `?`, `[` or `{` is matched as a pattern, as Hadoop's globs are.
pub(super) fn objects_at(objects: &dyn ObjectSource, location: &Location, recurse: bool, exclusions: &[Glob]) -> Vec<ObjectInput> {
    let keep =
        |object: &ObjectInput, relative: &str| !is_hidden(relative) && !excluded(exclusions, relative, &format!("s3://{}/{}", object.bucket, object.key));
    if !location.key.is_empty()
        && !location.key.ends_with('/')
        && let Some(object) = objects.object(&location.bucket, &location.key)
    {
        let name = object.key.rsplit('/').next().unwrap_or_default();
        let path = format!("s3://{}/{}", object.bucket, object.key);
        return if excluded(exclusions, name, &path) { Vec::new() } else { Vec::from([object]) };
    }
    if Glob::is_pattern(&location.key) {
        let prefix: String = location.key.split(['*', '?', '[', '{']).next().unwrap_or_default().to_string();
        let base = prefix.rfind('/').map_or(0, |at| at + 1);
        let folder = Glob::new(&format!("{}/{}", location.key.trim_end_matches('/'), if recurse { "**" } else { "*" }));
        let file = Glob::new(&location.key);
        return objects
            .objects(&location.bucket, &prefix)
            .into_iter()
            .filter(|object| file.matches(&object.key) || folder.matches(&object.key))
            .filter(|object| keep(object, object.key.get(base..).unwrap_or(&object.key)))
            .collect();
    }
    let folder = location.folder();
    objects
        .objects(&location.bucket, &folder)
        .into_iter()
        .filter(|object| {
            let relative = object.key.strip_prefix(folder.as_str()).unwrap_or(&object.key);
            (recurse || !relative.contains('/')) && keep(object, relative)
        })
        .collect()
}
