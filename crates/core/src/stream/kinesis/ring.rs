use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

/// Hash keys from `start` to `end`, both among them. Serialised as two decimal texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Range {
    #[serde(with = "decimal")]
    pub start: u128,
    #[serde(with = "decimal")]
    pub end: u128,
}

/// A number of 128 bits, which JSON has as text.
pub(super) mod decimal {
    use alloc::string::String;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(number: &u128, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(number)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u128, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Range {
    pub const ALL: Range = Range { start: 0, end: u128::MAX };

    pub const fn contains(&self, hash: u128) -> bool {
        self.start <= hash && hash <= self.end
    }

    /// Where the range begins and ends as shares of the whole ring, for drawing.
    pub fn shares(&self) -> (f64, f64) {
        (share(self.start), if self.end == u128::MAX { 1.0 } else { share(self.end + 1) })
    }
}

/// A hash key's place on the ring: 0 for the first, nearly 1 for the last.
pub fn share(hash: u128) -> f64 {
    // The upper 53 bits, exactly.
    (hash >> 75) as f64 / (1u64 << 53) as f64
}

/// The hash key of a partition key: MD5 over its UTF-8 bytes, read as a big-endian number ("PutRecord", PartitionKey).
pub fn hash_of(partition_key: &str) -> u128 {
    hash_of_bytes(partition_key.as_bytes())
}

/// [`hash_of`] of a partition key's UTF-8 bytes.
pub fn hash_of_bytes(partition_key: &[u8]) -> u128 {
    u128::from_be_bytes(md5::compute(partition_key).0)
}

/// The ranges of a new stream's shards: equal steps of floor(2^128 / n), the last takes the remainder. `n` of 0: none.
///
/// Seen in AWS's answers for 3 and 5 shards; for more it is an assumption where the remainder is above 1.
pub fn initial_ranges(n: u32) -> impl Iterator<Item = Range> {
    // 2^128 does not fit: floor(2^128 / n) is floor((2^128 - 1) / n), and one more where n divides 2^128.
    let step = match n {
        0 | 1 => u128::MAX,
        n if n.is_power_of_two() => u128::MAX / u128::from(n) + 1,
        n => u128::MAX / u128::from(n),
    };
    (0..n).map(move |shard| Range {
        start: if n == 1 { 0 } else { step * u128::from(shard) },
        end: if shard + 1 == n { u128::MAX } else { step * u128::from(shard + 1) - 1 },
    })
}

/// Which open shard has a hash key. Clones share it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ring {
    starts: Arc<[u128]>,
    shards: Arc<[u32]>,
}

impl Ring {
    /// A ring of ranges that cover all hash keys, in any order, each with its shard.
    pub fn new(ranges: impl Iterator<Item = (Range, u32)>) -> Ring {
        let mut ranges: Vec<_> = ranges.map(|(range, shard)| (range.start, shard)).collect();
        ranges.sort_unstable();
        Ring {
            starts: ranges.iter().map(|(start, _)| *start).collect(),
            shards: ranges.iter().map(|(_, shard)| *shard).collect(),
        }
    }

    /// The open shard of a hash key; `None` on an empty ring.
    pub fn shard_of(&self, hash: u128) -> Option<u32> {
        self.shards.get(self.place_of(hash)?).copied()
    }

    /// Where in [`Ring::shards`] the open shard of a hash key stands; `None` on an empty ring.
    pub fn place_of(&self, hash: u128) -> Option<usize> {
        self.starts.partition_point(|start| *start <= hash).checked_sub(1)
    }

    /// Open shards.
    pub fn len(&self) -> usize {
        self.shards.len()
    }

    pub fn is_empty(&self) -> bool {
        self.shards.is_empty()
    }

    /// Open shards in the order of their ranges.
    pub fn shards(&self) -> &[u32] {
        &self.shards
    }

    /// Whether two rings are one and the same, which a cache of places may ask.
    pub fn is(&self, other: &Ring) -> bool {
        Arc::ptr_eq(&self.starts, &other.starts)
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn keys_have_their_md5() {
        assert_eq!(hash_of("user-1"), 285573413173782752570879317399258818820);
        assert_eq!(hash_of("日本"), 103341369634063465466164320543046703539);
        assert_eq!(hash_of(""), 0xd41d_8cd9_8f00_b204_e980_0998_ecf8_427e);
    }

    proptest! {
        #[test]
        fn ranges_cover_the_ring_once(n in 1u32..300, hash: u128) {
            let ranges: Vec<Range> = initial_ranges(n).collect();
            prop_assert_eq!(ranges.len(), n as usize);
            prop_assert_eq!(ranges.iter().filter(|range| range.contains(hash)).count(), 1);
            prop_assert!(ranges.windows(2).all(|pair| pair[0].end + 1 == pair[1].start));
            let ring = Ring::new(ranges.iter().copied().zip(0..));
            let shard = ring.shard_of(hash).unwrap();
            prop_assert!(ranges[shard as usize].contains(hash));
        }
    }
}
