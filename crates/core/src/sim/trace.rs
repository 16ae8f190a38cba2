use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::SimTime;

/// One thing that happened: 32 bytes, no strings. Numbers of resources and kinds are the account's; a "why?" follows `cause`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TraceRow {
    pub time: SimTime,
    /// What the kind says it is: a count, bytes, a position.
    pub argument: f64,
    /// The row that this one follows from: its index in the whole trace; [`TraceRow::NO_CAUSE`] for what came from outside.
    pub cause: u32,
    pub resource: u32,
    pub subject: u32,
    pub kind: u16,
}

impl TraceRow {
    pub const NO_CAUSE: u32 = u32::MAX;
    /// Length of the canonical encoding.
    pub const BYTES: usize = 32;

    /// The canonical encoding, little-endian, which the hash is over: time (8), argument (8, every NaN as `0x7ff8000000000000`), cause (4), resource (4),
    /// subject (4), kind (2), two zero bytes.
    pub fn encode(&self) -> [u8; Self::BYTES] {
        let argument = if self.argument.is_nan() {
            0x7ff8_0000_0000_0000
        } else {
            self.argument.to_bits()
        };
        let mut bytes = [0; Self::BYTES];
        bytes[0..8].copy_from_slice(&self.time.micros().to_le_bytes());
        bytes[8..16].copy_from_slice(&argument.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.cause.to_le_bytes());
        bytes[20..24].copy_from_slice(&self.resource.to_le_bytes());
        bytes[24..28].copy_from_slice(&self.subject.to_le_bytes());
        bytes[28..30].copy_from_slice(&self.kind.to_le_bytes());
        bytes
    }
}

/// Rows of a sealed segment.
const SEGMENT: usize = 4_096;
const FNV_OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0000_0100_0000_01b3;

/// Continues a 64-bit FNV-1a hash.
pub const fn fnv1a(mut hash: u64, bytes: &[u8]) -> u64 {
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(FNV_PRIME);
        at += 1;
    }
    hash
}

/// The event trace: append-only, in segments that clones share, with a rolling 64-bit FNV-1a hash over every row's encoding (I2).
///
/// A trace that goes on from a snapshot knows the hash and the count of the rows before it, not the rows.
///
/// Serialised as that hash and count.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(from = "Mark", into = "Mark")]
pub struct Trace {
    /// Index of the first row held.
    start: u64,
    sealed: Vec<Arc<[TraceRow]>>,
    open: Vec<TraceRow>,
    hash: u64,
}

/// Where a trace stands.
#[derive(Serialize, Deserialize)]
struct Mark {
    rows: u64,
    hash: u64,
}

impl From<Mark> for Trace {
    fn from(mark: Mark) -> Self {
        Trace::resume(mark.rows, mark.hash)
    }
}

impl From<Trace> for Mark {
    fn from(trace: Trace) -> Self {
        Mark {
            rows: trace.len(),
            hash: trace.hash,
        }
    }
}

impl Default for Trace {
    fn default() -> Self {
        Trace::resume(0, FNV_OFFSET)
    }
}

impl Trace {
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on after `start` rows whose hash is `hash`.
    pub fn resume(start: u64, hash: u64) -> Self {
        Trace {
            start,
            sealed: Vec::new(),
            open: Vec::new(),
            hash,
        }
    }

    /// Appends a row and answers its index.
    pub fn push(&mut self, row: TraceRow) -> u64 {
        let index = self.len();
        self.hash = fnv1a(self.hash, &row.encode());
        self.open.push(row);
        if self.open.len() == SEGMENT {
            self.sealed.push(core::mem::take(&mut self.open).into());
        }
        index
    }

    /// Rows in all, those before a snapshot included.
    pub fn len(&self) -> u64 {
        self.start + (self.sealed.len() * SEGMENT + self.open.len()) as u64
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub const fn hash(&self) -> u64 {
        self.hash
    }

    /// A row by its index; `None` past the end and before the snapshot that the trace went on from.
    pub fn get(&self, index: u64) -> Option<&TraceRow> {
        let at = usize::try_from(index.checked_sub(self.start)?).ok()?;
        match self.sealed.get(at / SEGMENT) {
            Some(segment) => segment.get(at % SEGMENT),
            None => self.open.get(at - self.sealed.len() * SEGMENT),
        }
    }

    /// The rows held, oldest first, with their indices.
    pub fn rows(&self) -> impl Iterator<Item = (u64, &TraceRow)> {
        let rows = self.sealed.iter().flat_map(|segment| segment.iter()).chain(&self.open);
        rows.enumerate().map(|(at, row)| (self.start + at as u64, row))
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert_eq, proptest};

    use super::*;

    fn row(number: u32) -> TraceRow {
        TraceRow {
            time: SimTime::from_micros(i64::from(number)),
            argument: f64::from(number),
            cause: number.checked_sub(1).unwrap_or(TraceRow::NO_CAUSE),
            resource: 1,
            subject: number,
            kind: 2,
        }
    }

    /// The FNV-1a test vectors of the algorithm's authors.
    #[test]
    fn hash_is_fnv1a() {
        assert_eq!(fnv1a(FNV_OFFSET, b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a(FNV_OFFSET, b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a(FNV_OFFSET, b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn every_nan_is_one_nan() {
        let quiet = TraceRow { argument: f64::NAN, ..row(0) };
        let signed = TraceRow {
            argument: f64::from_bits(0xfff8_0000_0000_0001),
            ..row(0)
        };
        assert_eq!(quiet.encode(), signed.encode());
        assert_ne!(quiet.encode(), row(0).encode());
    }

    #[test]
    fn segments_keep_every_row() {
        let mut trace = Trace::new();
        for number in 0..10_000 {
            assert_eq!(trace.push(row(number)), u64::from(number));
        }
        assert_eq!(trace.len(), 10_000);
        assert!(
            trace
                .rows()
                .all(|(index, found)| trace.get(index) == Some(found) && *found == row(index as u32))
        );
        assert_eq!(trace.rows().count(), 10_000);
        assert_eq!(trace.get(10_000), None);
    }

    proptest! {
        #[test]
        fn a_resumed_trace_ends_at_the_same_hash(total in 0u32..200, cut in 0u32..200) {
            let cut = cut.min(total);
            let mut whole = Trace::new();
            let mut head = Trace::new();
            for number in 0..total {
                whole.push(row(number));
                if number < cut {
                    head.push(row(number));
                }
            }
            let mut tail = Trace::resume(head.len(), head.hash());
            for number in cut..total {
                tail.push(row(number));
            }
            prop_assert_eq!((tail.hash(), tail.len()), (whole.hash(), whole.len()));
        }
    }
}
