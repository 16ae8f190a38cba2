//! Whole lines out of a stream of bytes, a region at a time, in bounded memory.

use std::io::{self, Read};

use sluice_core::etl::csv::MAX_RECORD_BYTES;

/// Bytes that one step reads: what a step may take before the worker must look at its clock again.
pub const REGION_BYTES: usize = 256 << 10;

/// What the next step holds.
pub enum Region {
    /// Bytes `start..end` of the buffer: whole lines with their ends; the last line of a file may have none.
    Lines {
        start: usize,
        end: usize,
        last: bool,
    },
    /// A line longer than the limit begins here and was passed over; the bytes are its head.
    Oversize {
        head: Vec<u8>,
    },
    End,
}

/// Splits a stream into regions of whole lines. Line ends are `\n`, `\r\n` and `\r`, as Hadoop's `LineReader` takes them.
pub struct LineReader {
    input: Box<dyn Read>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    eof: bool,
    skipping: bool,
    /// How much more than the region size is wanted: grows when a record does not fit.
    want: usize,
}

impl LineReader {
    pub fn new(input: Box<dyn Read>) -> Self {
        LineReader {
            input,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            eof: false,
            skipping: false,
            want: REGION_BYTES,
        }
    }

    pub fn bytes(&self, start: usize, end: usize) -> &[u8] {
        self.buffer.get(start..end).unwrap_or_default()
    }

    /// Bytes in the buffer from index `at` on.
    pub fn have_from(&self, at: usize) -> usize {
        self.end.saturating_sub(at)
    }

    /// Lines up to `at` (an index of the buffer) are done with.
    pub fn consume(&mut self, at: usize) {
        self.start = at.min(self.end);
        self.want = REGION_BYTES;
    }

    /// The record that starts the region needs more bytes than are here. `false`: there are none, or the limit is reached.
    pub fn grow(&mut self) -> bool {
        let have = self.end - self.start;
        if self.eof || have >= MAX_RECORD_BYTES {
            return false;
        }
        self.want = (have * 2).clamp(REGION_BYTES * 2, MAX_RECORD_BYTES + REGION_BYTES);
        true
    }

    fn fill(&mut self) -> io::Result<()> {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        while self.end < self.want && !self.eof {
            if self.buffer.len() < self.want {
                self.buffer.resize(self.want, 0);
            }
            let Some(space) = self.buffer.get_mut(self.end..) else { break };
            match self.input.read(space) {
                Ok(0) => self.eof = true,
                Ok(n) => self.end += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Index after the last line end of the buffer. A `\r` at the very end may be half of `\r\n`.
    fn last_line_end(&self) -> Option<usize> {
        let bytes = self.bytes(self.start, self.end);
        let lf = memchr::memrchr(b'\n', bytes);
        let at = match lf {
            Some(at) => Some(at),
            None => memchr::memrchr(b'\r', bytes.get(..bytes.len().saturating_sub(1)).unwrap_or_default()),
        };
        at.map(|at| self.start + at + 1)
    }

    fn first_line_end(&self) -> Option<usize> {
        let bytes = self.bytes(self.start, self.end);
        let at = memchr::memchr2(b'\n', b'\r', bytes)?;
        if bytes.get(at) == Some(&b'\r') {
            return match bytes.get(at + 1) {
                Some(b'\n') => Some(self.start + at + 2),
                Some(_) => Some(self.start + at + 1),
                None => self.eof.then_some(self.start + at + 1),
            };
        }
        Some(self.start + at + 1)
    }

    /// The next lines. Without a `consume` in between it gives the same lines again, and more after a `grow`.
    pub fn step(&mut self) -> io::Result<Option<Region>> {
        if self.skipping {
            self.fill()?;
            match self.first_line_end() {
                Some(at) => {
                    self.start = at;
                    self.skipping = false;
                }
                None if self.eof => {
                    self.start = self.end;
                    self.skipping = false;
                }
                None => {
                    // A `\r` kept back may be half of a line end.
                    self.start = self.end.saturating_sub(1).max(self.start);
                }
            }
            return Ok(None);
        }
        if self.want > self.end - self.start {
            self.fill()?;
        }
        if self.start == self.end {
            return Ok(Some(Region::End));
        }
        if self.eof {
            return Ok(Some(Region::Lines {
                start: self.start,
                end: self.end,
                last: true,
            }));
        }
        if let Some(end) = self.last_line_end() {
            return Ok(Some(Region::Lines {
                start: self.start,
                end,
                last: false,
            }));
        }
        if self.grow() {
            return Ok(None);
        }
        let head = self.bytes(self.start, self.end.min(self.start + 2048)).to_vec();
        self.skipping = true;
        self.start = self.end.saturating_sub(1);
        self.want = REGION_BYTES;
        Ok(Some(Region::Oversize { head }))
    }
}

/// Splits off the first line of `bytes`: the line, its end, and how many bytes both take.
pub fn first_line(bytes: &[u8]) -> (&[u8], usize, usize) {
    match memchr::memchr2(b'\n', b'\r', bytes) {
        None => (bytes, bytes.len(), bytes.len()),
        Some(at) => {
            let line = bytes.get(..at).unwrap_or_default();
            let crlf = bytes.get(at) == Some(&b'\r') && bytes.get(at + 1) == Some(&b'\n');
            (line, at, at + if crlf { 2 } else { 1 })
        }
    }
}
