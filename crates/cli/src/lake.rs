//! A folder as S3: `s3://bucket/key` is `DIR/bucket/key`.

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use sluice_core::account::{BlobRef, ObjectInput, ObjectSource};
use sluice_engine::{ByteSource, FileSource, Open};

pub struct Lake {
    pub root: PathBuf,
}

impl Lake {
    pub fn path(&self, bucket: &str, key: &str) -> PathBuf {
        self.root.join(bucket).join(key)
    }

    /// Reads files where they are; nothing is hashed.
    pub fn open(&self) -> Open {
        let root = self.root.clone();
        Rc::new(move |object: &ObjectInput| {
            let path = root.join(&object.bucket).join(&object.key);
            let source = FileSource::open(&path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))?;
            Ok(Rc::new(source) as Rc<dyn ByteSource>)
        })
    }

    fn walk(&self, bucket: &str, folder: &Path, key: &str, prefix: &str, found: &mut Vec<ObjectInput>) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let key = format!("{key}{name}");
            let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
            if metadata.is_dir() {
                let key = format!("{key}/");
                if key.starts_with(prefix) || prefix.starts_with(&key) {
                    self.walk(bucket, &entry.path(), &key, prefix, found);
                }
            } else if key.starts_with(prefix) {
                found.push(object(bucket, &key, metadata.len()));
            }
        }
    }
}

fn object(bucket: &str, key: &str, size: u64) -> ObjectInput {
    ObjectInput {
        bucket: bucket.to_owned(),
        key: key.to_owned(),
        blob: BlobRef {
            id: format!("{bucket}/{key}"),
            size,
            md5: String::new(),
            seal: None,
        },
        partition: Vec::new(),
    }
}

impl ObjectSource for Lake {
    fn bucket_exists(&self, bucket: &str) -> bool {
        !bucket.is_empty() && !bucket.starts_with('.') && self.root.join(bucket).is_dir()
    }

    fn objects(&self, bucket: &str, prefix: &str) -> Vec<ObjectInput> {
        let mut found = Vec::new();
        if self.bucket_exists(bucket) {
            self.walk(bucket, &self.root.join(bucket), "", prefix, &mut found);
        }
        found.sort_by(|a, b| a.key.cmp(&b.key));
        found
    }

    fn object(&self, bucket: &str, key: &str) -> Option<ObjectInput> {
        let metadata = std::fs::metadata(self.path(bucket, key)).ok()?;
        (self.bucket_exists(bucket) && metadata.is_file()).then(|| object(bucket, key, metadata.len()))
    }
}

/// The value after `name`, taken out of `arguments`.
pub fn take_option(arguments: &mut Vec<String>, name: &str) -> Option<String> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.remove(at);
    (at < arguments.len()).then(|| arguments.remove(at))
}

/// Whether `name` was given; taken out of `arguments`.
pub fn take_flag(arguments: &mut Vec<String>, name: &str) -> bool {
    match arguments.iter().position(|argument| argument == name) {
        Some(at) => {
            arguments.remove(at);
            true
        }
        None => false,
    }
}
