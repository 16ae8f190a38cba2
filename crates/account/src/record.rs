//! The frame around every durable JSON text: log entries, snapshots, documents.
//!
//! A record is the magic `SLG1`, the payload's length and its CRC-32 (both 32 bits, little-endian), and the payload. A write that was cut off, at any
//! byte, is told from one that was finished.

use std::ops::Range;

const MAGIC: [u8; 4] = *b"SLG1";
const HEADER: usize = 12;

/// The payload with its frame around it.
pub(crate) fn frame(payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(HEADER + payload.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(payload).to_le_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// The payload of a file that holds one record and nothing else; `None` if it is torn or damaged.
pub(crate) fn unframe(bytes: &[u8]) -> Option<&[u8]> {
    let payload = record_at(bytes, 0)?;
    (payload.end == bytes.len()).then(|| bytes.get(payload)).flatten()
}

/// What a run of records holds.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Payloads, in order.
    pub records: Vec<Range<usize>>,
    /// Stretches between good records that are none: damage, not a torn tail.
    pub damaged: Vec<Range<usize>>,
    /// Where the last good record ends. Bytes after it are a write that was cut off.
    pub end: usize,
}

/// Reads records up to the last good one. Bytes that are no record are skipped when a good record follows them.
pub(crate) fn scan(bytes: &[u8]) -> Scan {
    let mut scan = Scan::default();
    while scan.end < bytes.len() {
        let start = match record_at(bytes, scan.end) {
            Some(_) => scan.end,
            None => match next_record(bytes, scan.end + 1) {
                Some(next) => {
                    scan.damaged.push(scan.end..next);
                    next
                }
                None => break,
            },
        };
        let Some(payload) = record_at(bytes, start) else { break };
        scan.end = payload.end;
        scan.records.push(payload);
    }
    scan
}

/// The payload of the record that starts at `offset`, if a whole and undamaged one does.
fn record_at(bytes: &[u8], offset: usize) -> Option<Range<usize>> {
    let header = bytes.get(offset..offset.checked_add(HEADER)?)?;
    if !header.starts_with(&MAGIC) {
        return None;
    }
    let word = |at: usize| Some(u32::from_le_bytes(header.get(at..at + 4)?.try_into().ok()?));
    let start = offset + HEADER;
    let end = start.checked_add(usize::try_from(word(4)?).ok()?)?;
    (crc32fast::hash(bytes.get(start..end)?) == word(8)?).then_some(start..end)
}

fn next_record(bytes: &[u8], from: usize) -> Option<usize> {
    let tail = bytes.get(from..)?;
    tail.windows(MAGIC.len())
        .enumerate()
        .filter(|(_, window)| *window == MAGIC)
        .map(|(at, _)| from + at)
        .find(|at| record_at(bytes, *at).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts<'a>(bytes: &'a [u8], scan: &Scan) -> Vec<&'a [u8]> {
        scan.records.iter().map(|range| &bytes[range.clone()]).collect()
    }

    #[test]
    fn a_log_cut_at_any_byte_keeps_every_whole_record_and_nothing_else() {
        let payloads: [&[u8]; 4] = [b"{\"a\":1}", b"", b"SLG1 is only text here", b"{}"];
        let mut bytes = Vec::new();
        let mut ends = vec![0];
        for payload in payloads {
            bytes.extend(frame(payload));
            ends.push(bytes.len());
        }
        for cut in 0..=bytes.len() {
            let whole = ends.iter().filter(|end| **end <= cut).count() - 1;
            let scan = scan(&bytes[..cut]);
            assert_eq!(texts(&bytes, &scan), payloads[..whole], "cut at {cut}");
            assert_eq!(scan.end, ends[whole], "cut at {cut}");
            assert!(scan.damaged.is_empty());
        }
    }

    #[test]
    fn a_damaged_byte_costs_its_own_record_alone() {
        let mut clean = frame(b"first");
        let second = clean.len();
        clean.extend(frame(b"second"));
        let third = clean.len();
        clean.extend(frame(b"third"));
        for at in second..third {
            let mut bytes = clean.clone();
            bytes[at] ^= 0x20;
            let scan = scan(&bytes);
            assert_eq!(texts(&bytes, &scan), [b"first".as_slice(), b"third"], "byte {at}");
            assert_eq!(scan.damaged.first(), Some(&(second..third)), "byte {at}");
            assert_eq!(scan.damaged.len(), 1, "byte {at}");
            assert_eq!(scan.end, bytes.len());
        }
    }

    #[test]
    fn a_single_record_file_must_be_whole() {
        let bytes = frame(b"text");
        assert_eq!(unframe(&bytes), Some(b"text".as_slice()));
        for cut in 0..bytes.len() {
            assert_eq!(unframe(&bytes[..cut]), None);
        }
        assert_eq!(unframe(&[bytes.as_slice(), b"x"].concat()), None);
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic_the_scanner(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200), at in 0usize..200) {
            let mut mixed = bytes.clone();
            mixed.splice(at.min(bytes.len())..at.min(bytes.len()), MAGIC);
            let _ = scan(&mixed);
            let _ = unframe(&mixed);
        }
    }
}
