//! Where the bytes of outputs go: the traits, the digests that name a blob, and the stores that need no browser.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::rc::Rc;

use sha2::{Digest, Sha256};
use sluice_core::account::BlobRef;

/// One output being written.
pub trait OutputFile: Write {
    /// Flushes, closes, and names the bytes. Nothing may be written after.
    fn finish(&mut self) -> io::Result<BlobRef>;
}

/// Makes outputs. A store drops what was begun and not finished.
pub trait OutputStore {
    /// `name`: a file name of the store, unique within a run.
    fn create(&mut self, name: &str) -> io::Result<Box<dyn OutputFile>>;
}

/// SHA-256, MD5 and size of bytes as they go by.
pub struct Digests {
    sha256: Sha256,
    md5: md5::Context,
    size: u64,
}

impl Default for Digests {
    fn default() -> Self {
        Digests {
            sha256: Sha256::new(),
            md5: md5::Context::new(),
            size: 0,
        }
    }
}

impl Digests {
    pub fn update(&mut self, bytes: &[u8]) {
        self.sha256.update(bytes);
        self.md5.consume(bytes);
        self.size += bytes.len() as u64;
    }

    pub fn finish(&mut self) -> BlobRef {
        let done = std::mem::take(self);
        BlobRef {
            id: done.sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect(),
            size: done.size,
            md5: format!("{:x}", done.md5.finalize()),
            seal: None,
        }
    }
}

/// Outputs in memory, by name; clones share them.
#[derive(Clone, Default)]
pub struct MemoryStore {
    pub files: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
}

struct MemoryFile {
    name: String,
    bytes: Vec<u8>,
    digests: Digests,
    files: Rc<RefCell<BTreeMap<String, Vec<u8>>>>,
}

impl Write for MemoryFile {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.digests.update(buf);
        self.bytes.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl OutputFile for MemoryFile {
    fn finish(&mut self) -> io::Result<BlobRef> {
        self.files.borrow_mut().insert(std::mem::take(&mut self.name), std::mem::take(&mut self.bytes));
        Ok(self.digests.finish())
    }
}

impl OutputStore for MemoryStore {
    fn create(&mut self, name: &str) -> io::Result<Box<dyn OutputFile>> {
        Ok(Box::new(MemoryFile {
            name: name.to_owned(),
            bytes: Vec::new(),
            digests: Digests::default(),
            files: self.files.clone(),
        }))
    }
}

/// Files in a folder of the native host. A file appears under its name when it is finished, not before.
#[cfg(not(target_arch = "wasm32"))]
pub struct DirStore {
    pub folder: std::path::PathBuf,
}

#[cfg(not(target_arch = "wasm32"))]
struct DirFile {
    file: io::BufWriter<std::fs::File>,
    partial: std::path::PathBuf,
    path: std::path::PathBuf,
    digests: Digests,
    finished: bool,
}

#[cfg(not(target_arch = "wasm32"))]
impl Write for DirFile {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.file.write(buf)?;
        self.digests.update(buf.get(..n).unwrap_or_default());
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl OutputFile for DirFile {
    fn finish(&mut self) -> io::Result<BlobRef> {
        self.file.flush()?;
        std::fs::rename(&self.partial, &self.path)?;
        self.finished = true;
        Ok(self.digests.finish())
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Drop for DirFile {
    fn drop(&mut self) {
        if !self.finished {
            // Nothing is left to tell of a failure; the name ends in `.partial`.
            let _ = std::fs::remove_file(&self.partial);
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl OutputStore for DirStore {
    fn create(&mut self, name: &str) -> io::Result<Box<dyn OutputFile>> {
        std::fs::create_dir_all(&self.folder)?;
        let path = self.folder.join(name);
        let partial = self.folder.join(format!("{name}.partial"));
        Ok(Box::new(DirFile {
            file: io::BufWriter::new(std::fs::File::create(&partial)?),
            partial,
            path,
            digests: Digests::default(),
            finished: false,
        }))
    }
}
