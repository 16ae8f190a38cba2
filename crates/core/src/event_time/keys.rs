//! Which subtask has a key: Java's hash, Flink's murmur, key groups.
//!
//! Source: flink-runtime `KeyGroupRangeAssignment`, flink-core `MathUtils.murmurHash`.

use alloc::format;
use alloc::string::String;

/// `UPPER_BOUND_MAX_PARALLELISM`.
pub const MAX_PARALLELISM: u32 = 1 << 15;

/// `String.hashCode`: over UTF-16 code units.
pub fn string_hash(text: &str) -> i32 {
    text.encode_utf16()
        .fold(0, |hash: i32, unit| hash.wrapping_mul(31).wrapping_add(i32::from(unit)))
}

/// `Long.hashCode`.
pub fn long_hash(number: i64) -> i32 {
    (number ^ ((number as u64) >> 32) as i64) as i32
}

/// `MathUtils.murmurHash`: never negative.
pub fn murmur(code: i32) -> i32 {
    let mut hash = (code as u32).wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593);
    hash = hash.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    hash ^= 4;
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
    let hash = (hash ^ (hash >> 16)) as i32;
    match hash {
        i32::MIN => 0,
        hash => hash.abs(),
    }
}

/// `computeDefaultMaxParallelism`.
pub fn default_max_parallelism(parallelism: u32) -> u32 {
    let wished = parallelism.saturating_add(parallelism / 2).checked_next_power_of_two();
    wished.unwrap_or(MAX_PARALLELISM).clamp(128, MAX_PARALLELISM)
}

/// A job's key groups.
#[derive(Clone, Copy, Debug)]
pub struct KeyGroups {
    pub max_parallelism: u32,
    pub parallelism: u32,
}

impl KeyGroups {
    /// Error: a parallelism of 0, above the maximum, or a maximum above 32768.
    pub fn new(parallelism: u32, max_parallelism: u32) -> Result<KeyGroups, String> {
        if parallelism == 0 || max_parallelism < parallelism || max_parallelism > MAX_PARALLELISM {
            return Err(format!(
                "parallelism must be 1 to the maximum parallelism, which is at most {MAX_PARALLELISM}; they are {parallelism} and {max_parallelism}"
            ));
        }
        Ok(KeyGroups { max_parallelism, parallelism })
    }

    /// `assignToKeyGroup` of a key's Java hash.
    pub fn group(&self, hash: i32) -> u32 {
        murmur(hash) as u32 % self.max_parallelism
    }

    /// `computeOperatorIndexForKeyGroup`.
    pub fn operator(&self, group: u32) -> u32 {
        group * self.parallelism / self.max_parallelism
    }

    /// `computeKeyGroupRangeForOperatorIndex`: the first and the last key group of a subtask.
    pub fn range(&self, operator: u32) -> (u32, u32) {
        let start = (operator * self.max_parallelism).div_ceil(self.parallelism);
        let end = ((operator + 1) * self.max_parallelism - 1) / self.parallelism;
        (start, end)
    }
}
