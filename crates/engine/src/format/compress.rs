//! Compression that is seen through for CSV and JSON: gzip and bzip2, known by their first bytes.

use std::io::{self, Read};

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    None,
    Gzip,
    Bzip2,
}

impl Compression {
    pub fn of(head: &[u8]) -> Self {
        match head {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..] => Compression::Bzip2,
            _ => Compression::None,
        }
    }

    /// The name that crawlers give it.
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Bzip2 => "bzip2",
        }
    }

    pub fn reader<R: Read + 'static>(self, raw: R) -> Box<dyn Read> {
        match self {
            Compression::None => Box::new(raw),
            Compression::Gzip => Box::new(MultiGzDecoder::new(io::BufReader::with_capacity(64 << 10, raw))),
            Compression::Bzip2 => Box::new(MultiBzDecoder::new(io::BufReader::with_capacity(64 << 10, raw))),
        }
    }
}

/// Up to `limit` decompressed bytes from the front of `raw`, and whether that is all there is. A damaged end is the end.
pub fn decompressed_head(compression: Compression, raw: Box<dyn Read>, limit: usize) -> io::Result<(Vec<u8>, bool)> {
    let mut reader = compression.reader(raw);
    let mut head = Vec::new();
    let mut chunk = vec![0; 64 << 10];
    while head.len() < limit {
        match reader.read(&mut chunk) {
            Ok(0) => return Ok((head, true)),
            Ok(n) => head.extend_from_slice(chunk.get(..n).unwrap_or_default()),
            Err(error) if head.is_empty() => return Err(error),
            Err(_) => return Ok((head, false)),
        }
    }
    head.truncate(limit);
    Ok((head, false))
}
