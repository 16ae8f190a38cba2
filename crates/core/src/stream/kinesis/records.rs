use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::sim::SimTime;

/// A record in a shard's columns. What it says is a function of its source and number, and is computed when somebody looks; a record put by hand has its own bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When the service took it.
    pub at: SimTime,
    /// Data and partition key, as limits and prices count them.
    pub bytes: u32,
    /// The producer's number; 0: put by hand, see [`Records::own`].
    pub source: u32,
    /// Which of the producer's records it is.
    pub item: u32,
}

impl Entry {
    pub const BY_HAND: u32 = 0;
    const ENCODED: usize = 20;

    fn encode(&self, into: &mut Vec<u8>) {
        into.extend(self.at.micros().to_le_bytes());
        for number in [self.bytes, self.source, self.item] {
            into.extend(number.to_le_bytes());
        }
    }

    fn decode(bytes: &[u8]) -> Option<Entry> {
        let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        Some(Entry {
            at: SimTime::from_micros(i64::from_le_bytes(bytes.get(..8)?.try_into().ok()?)),
            bytes: number(8)?,
            source: number(12)?,
            item: number(16)?,
        })
    }
}

/// A record that somebody put by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    pub partition_key: String,
    pub data: Vec<u8>,
}

impl Serialize for Own {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (&self.partition_key, STANDARD.encode(&self.data)).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Own {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (partition_key, data) = <(String, String)>::deserialize(deserializer)?;
        let data = STANDARD.decode(data).map_err(serde::de::Error::custom)?;
        Ok(Own { partition_key, data })
    }
}

/// Records of a sealed segment. An open segment is copied with a snapshot, so it is small.
const SEGMENT: usize = 64;

/// The records of one shard, by position: the first ever has 0. Append-only, in segments that clones share; what expired is dropped by whole segments.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    /// Position of the first entry held.
    base: u64,
    sealed: Vec<Arc<[Entry]>>,
    open: Vec<Entry>,
    /// Position below which records were taken away.
    trimmed: u64,
    trimmed_bytes: u64,
    bytes: u64,
    own: BTreeMap<u64, Arc<Own>>,
}

impl Records {
    /// Records ever taken: the position of the next.
    pub fn len(&self) -> u64 {
        self.base + (self.sealed.len() * SEGMENT + self.open.len()) as u64
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes ever taken.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    pub fn push(&mut self, entry: Entry) -> u64 {
        let position = self.len();
        self.bytes += u64::from(entry.bytes);
        self.open.push(entry);
        if self.open.len() == SEGMENT {
            self.sealed.push(core::mem::take(&mut self.open).into());
        }
        position
    }

    pub fn push_own(&mut self, at: SimTime, bytes: u32, own: Own) -> u64 {
        let position = self.push(Entry {
            at,
            bytes,
            source: Entry::BY_HAND,
            item: 0,
        });
        self.own.insert(position, Arc::new(own));
        position
    }

    /// The record at a position; `None` for what was dropped, and past the end.
    pub fn get(&self, position: u64) -> Option<&Entry> {
        let at = usize::try_from(position.checked_sub(self.base)?).ok()?;
        match self.sealed.get(at / SEGMENT) {
            Some(segment) => segment.get(at % SEGMENT),
            None => self.open.get(at - self.sealed.len() * SEGMENT),
        }
    }

    pub fn own(&self, position: u64) -> Option<&Arc<Own>> {
        self.own.get(&position)
    }

    /// Entries from a position on.
    pub fn from(&self, position: u64) -> impl Iterator<Item = (u64, &Entry)> {
        let first = position.max(self.base);
        (first..self.len()).map_while(|at| Some((at, self.get(at)?)))
    }

    /// The first position whose record was taken at `time` or later; the end if there is none. Times never go back.
    pub fn at_or_after(&self, time: SimTime) -> u64 {
        let (mut low, mut high) = (self.base, self.len());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.get(middle).is_some_and(|entry| entry.at < time) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The first position that is still to be read at `now`: a record is kept for `retention` microseconds.
    pub fn horizon(&self, now: SimTime, retention: i64) -> u64 {
        let oldest = SimTime::from_micros(now.micros().saturating_sub(retention).saturating_add(1));
        self.at_or_after(oldest).max(self.trimmed)
    }

    /// Bytes of the records from `from` to before `to`.
    pub fn bytes_between(&self, from: u64, to: u64) -> u64 {
        self.from(from).take_while(|(at, _)| *at < to).map(|(_, entry)| u64::from(entry.bytes)).sum()
    }

    /// Records and bytes below a horizon.
    pub fn expired(&self, horizon: u64) -> (u64, u64) {
        (horizon, self.trimmed_bytes + self.bytes_between(self.trimmed, horizon))
    }

    /// Takes away what is below a horizon.
    pub fn trim(&mut self, horizon: u64) {
        if horizon <= self.trimmed {
            return;
        }
        self.trimmed_bytes += self.bytes_between(self.trimmed, horizon);
        self.trimmed = horizon;
        let gone = usize::try_from((horizon - self.base) / SEGMENT as u64)
            .unwrap_or(usize::MAX)
            .min(self.sealed.len());
        self.sealed.drain(..gone);
        self.base += (gone * SEGMENT) as u64;
        self.own = self.own.split_off(&horizon);
    }

    /// Whether a whole segment could be dropped: what makes trimming worth its while.
    pub fn has_old_segment(&self, horizon: u64) -> bool {
        horizon.saturating_sub(self.base) >= SEGMENT as u64
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    base: u64,
    trimmed: u64,
    trimmed_bytes: u64,
    bytes: u64,
    /// Entries of 20 bytes each, in base64.
    entries: String,
    own: Vec<(u64, Own)>,
}

impl Serialize for Records {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut entries = Vec::with_capacity(usize::try_from(self.len() - self.base).unwrap_or(0) * Entry::ENCODED);
        self.from(self.base).for_each(|(_, entry)| entry.encode(&mut entries));
        Stored {
            base: self.base,
            trimmed: self.trimmed,
            trimmed_bytes: self.trimmed_bytes,
            bytes: self.bytes,
            entries: STANDARD.encode(entries),
            own: self.own.iter().map(|(at, own)| (*at, Own::clone(own))).collect(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Records {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(deserializer)?;
        let bytes = STANDARD.decode(&stored.entries).map_err(serde::de::Error::custom)?;
        let mut records = Records {
            base: stored.base,
            ..Records::default()
        };
        for entry in bytes.chunks_exact(Entry::ENCODED).filter_map(Entry::decode) {
            records.push(entry);
        }
        records.trimmed = stored.trimmed;
        records.trimmed_bytes = stored.trimmed_bytes;
        records.bytes = stored.bytes;
        for (at, own) in stored.own {
            records.own.insert(at, Arc::new(own));
        }
        Ok(records)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prop_assert, prop_assert_eq, proptest};

    use super::*;

    fn entry(at: i64) -> Entry {
        Entry {
            at: SimTime::from_micros(at),
            bytes: (at % 7) as u32 + 1,
            source: 1,
            item: at as u32,
        }
    }

    proptest! {
        #[test]
        fn taken_is_kept_and_expired(gaps in vec(0i64..40, 0..400), retention in 1i64..3_000, cuts in vec(0u64..400, 0..4)) {
            let mut records = Records::default();
            let mut time = 0;
            let mut all = Vec::new();
            for gap in gaps {
                time += gap;
                all.push(entry(time));
                records.push(entry(time));
            }
            let now = SimTime::from_micros(time);
            for cut in cuts {
                records.trim(cut.min(records.len()).min(records.horizon(now, retention)));
            }
            let horizon = records.horizon(now, retention);
            for (at, entry) in all.iter().enumerate() {
                prop_assert_eq!((at as u64) < horizon, entry.at.micros() + retention <= time);
            }
            let kept: Vec<Entry> = records.from(horizon).map(|(_, entry)| *entry).collect();
            prop_assert_eq!(&kept, &all[horizon as usize..]);
            let (expired, expired_bytes) = records.expired(horizon);
            prop_assert_eq!(expired + kept.len() as u64, records.len());
            prop_assert_eq!(expired_bytes + records.bytes_between(horizon, records.len()), records.bytes());
            let text = serde_json::to_string(&records).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Records>(&text).unwrap(), &records);
            prop_assert!(records.get(records.len()).is_none());
        }
    }
}
