//! Blobs as sources: synchronous reads with readahead.

use std::cell::RefCell;
use std::io;

use js_sys::Uint8Array;
use sluice_engine::ByteSource;
use wasm_bindgen::JsValue;
use web_sys::{Blob, FileReaderSync};

/// Bytes that one read takes from the blob: each costs a round trip to the browser's storage process.
const READAHEAD: u64 = 1 << 20;

pub struct BlobSource {
    blob: Blob,
    len: u64,
    reader: FileReaderSync,
    /// Where the bytes at hand start.
    ahead: RefCell<(u64, Vec<u8>)>,
}

/// A JavaScript error as text.
pub fn error_text(error: &JsValue) -> String {
    match js_sys::Reflect::get(error, &"message".into()).ok().and_then(|message| message.as_string()) {
        Some(message) => message,
        None => format!("{error:?}"),
    }
}

pub fn io_error(what: &str, error: &JsValue) -> io::Error {
    io::Error::other(format!("{what}: {}", error_text(error)))
}

impl BlobSource {
    pub fn new(blob: Blob) -> io::Result<Self> {
        Ok(BlobSource {
            len: blob.size() as u64,
            blob,
            reader: FileReaderSync::new().map_err(|error| io_error("the browser cannot read files", &error))?,
            ahead: RefCell::new((0, Vec::new())),
        })
    }
}

impl ByteSource for BlobSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() || offset >= self.len {
            return Ok(0);
        }
        let mut ahead = self.ahead.borrow_mut();
        let inside = offset.checked_sub(ahead.0).filter(|at| *at < ahead.1.len() as u64);
        let at = match inside {
            Some(at) => at as usize,
            None => {
                let end = (offset + READAHEAD.max(buf.len() as u64)).min(self.len);
                let slice = self
                    .blob
                    .slice_with_f64_and_f64(offset as f64, end as f64)
                    .map_err(|error| io_error("reading the object", &error))?;
                let bytes = self
                    .reader
                    .read_as_array_buffer(&slice)
                    .map_err(|error| io_error("reading the object", &error))?;
                let bytes = Uint8Array::new(&bytes);
                let mut read = std::mem::take(&mut ahead.1);
                read.resize(bytes.length() as usize, 0);
                bytes.copy_to(&mut read);
                *ahead = (offset, read);
                0
            }
        };
        let rest = ahead.1.get(at..).unwrap_or_default();
        let count = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        Ok(count)
    }
}
