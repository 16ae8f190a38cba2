//! Where the bytes of inputs come from. Belongs here: the trait and the sources that need no browser.

use std::io::{self, Read};
use std::rc::Rc;

/// Random access to the bytes of one object.
pub trait ByteSource {
    /// Bytes in all.
    fn len(&self) -> u64;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads from `offset` into `buf`; 0 at the end. May read less than `buf` holds.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
}

/// A whole object in memory.
pub struct MemorySource(pub Vec<u8>);

impl ByteSource for MemorySource {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let mut rest = usize::try_from(offset).ok().and_then(|at| self.0.get(at..)).unwrap_or_default();
        rest.read(buf)
    }
}

/// A file of the native host.
#[cfg(not(target_arch = "wasm32"))]
pub struct FileSource {
    file: std::sync::Mutex<std::fs::File>,
    len: u64,
}

#[cfg(not(target_arch = "wasm32"))]
impl FileSource {
    pub fn open(path: &std::path::Path) -> io::Result<Self> {
        let file = std::fs::File::open(path)?;
        let len = file.metadata()?.len();
        Ok(FileSource {
            file: std::sync::Mutex::new(file),
            len,
        })
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl ByteSource for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        use std::io::{Seek, SeekFrom};
        let mut file = self.file.lock().map_err(|_| io::Error::other("an earlier read of the file panicked"))?;
        file.seek(SeekFrom::Start(offset))?;
        file.read(buf)
    }
}

/// Reads a source from front to back, and tells how far it is.
pub struct SourceReader {
    source: Rc<dyn ByteSource>,
    offset: u64,
    position: Rc<std::cell::Cell<u64>>,
}

impl SourceReader {
    pub fn new(source: Rc<dyn ByteSource>) -> Self {
        SourceReader {
            source,
            offset: 0,
            position: Rc::new(std::cell::Cell::new(0)),
        }
    }

    /// Bytes read so far, to be asked while another reader owns this one.
    pub fn position(&self) -> Rc<std::cell::Cell<u64>> {
        self.position.clone()
    }
}

impl Read for SourceReader {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read_at(self.offset, buf)?;
        self.offset += n as u64;
        self.position.set(self.offset);
        Ok(n)
    }
}

/// Up to `limit` bytes from the front.
pub fn read_head(source: &dyn ByteSource, limit: usize) -> io::Result<Vec<u8>> {
    let want = usize::try_from(source.len()).unwrap_or(usize::MAX).min(limit);
    let mut head = vec![0; want];
    let mut done = 0;
    while let Some(rest) = head.get_mut(done..).filter(|rest| !rest.is_empty()) {
        match source.read_at(done as u64, rest)? {
            0 => break,
            n => done += n,
        }
    }
    head.truncate(done);
    Ok(head)
}
