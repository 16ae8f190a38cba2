use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::sim::splitmix64;
use crate::stream::kinesis::hash_of;

/// How a producer chooses the keys of its records.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Pattern {
    Uniform,
    /// The k-th key comes up in proportion to 1 / k^exponent.
    Zipf {
        exponent: f64,
    },
    /// One key has a share of all records; the others share the rest evenly.
    Hot {
        key: u32,
        share: f64,
    },
    /// As `Hot`, and the hot key gets a suffix of `salts` numbers by chance.
    Salted {
        key: u32,
        share: f64,
        salts: u32,
    },
}

/// How many records a second, as time goes on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Rate {
    Steady,
    /// Of each `every` microseconds, the first `lasting` have `factor` times the rate.
    Bursty {
        every: i64,
        lasting: i64,
        factor: f64,
    },
    /// A cosine between `low` times the rate and the rate, lowest at the beginning of each `period` microseconds.
    Diurnal {
        period: i64,
        low: f64,
    },
}

impl Pattern {
    /// As `Pattern` of AddProducer has it.
    pub(super) fn shown(&self) -> Value {
        match *self {
            Pattern::Uniform => json!({"Kind": "uniform"}),
            Pattern::Zipf { exponent } => json!({"Kind": "zipf", "Exponent": exponent}),
            Pattern::Hot { key, share } => json!({"Kind": "hot", "Key": key, "Share": share}),
            Pattern::Salted { key, share, salts } => json!({"Kind": "salted", "Key": key, "Share": share, "Salts": salts}),
        }
    }
}

impl Rate {
    /// As `Rate` of AddProducer has it, in seconds.
    pub(super) fn shown(&self) -> Value {
        let seconds = |micros: i64| micros as f64 / 1e6;
        match *self {
            Rate::Steady => json!({"Kind": "steady"}),
            Rate::Bursty { every, lasting, factor } => json!({"Kind": "bursty", "Every": seconds(every), "For": seconds(lasting), "Factor": factor}),
            Rate::Diurnal { period, low } => json!({"Kind": "diurnal", "Period": seconds(period), "Low": low}),
        }
    }

    /// The mean number of records by `elapsed` microseconds, at a base of `per_second`.
    pub fn emitted(&self, per_second: f64, elapsed: i64) -> u64 {
        let elapsed = elapsed.max(0);
        let seconds = elapsed as f64 / 1e6;
        let total = match *self {
            Rate::Steady => per_second * seconds,
            Rate::Bursty { every, lasting, factor } => {
                let every = every.max(1);
                let lasting = lasting.clamp(0, every);
                let whole = (elapsed / every) as f64;
                let rest = elapsed % every;
                let of = |micros: i64| {
                    let burst = micros.min(lasting) as f64;
                    burst * factor + (micros as f64 - burst)
                };
                per_second * (whole * of(every) + of(rest)) / 1e6
            }
            Rate::Diurnal { period, low } => {
                let period = period.max(1) as f64 / 1e6;
                let turn = core::f64::consts::TAU / period;
                // The integral of low + (1 - low) (1 - cos) / 2.
                let swing = (1.0 - low) / 2.0;
                per_second * (low * seconds + swing * (seconds - libm::sin(turn * seconds) / turn))
            }
        };
        libm::floor(total + 1e-9) as u64
    }

    /// Records a second at a moment.
    pub fn at(&self, per_second: f64, elapsed: i64) -> f64 {
        match *self {
            Rate::Steady => per_second,
            Rate::Bursty { every, lasting, factor } => per_second * if elapsed.rem_euclid(every.max(1)) < lasting { factor } else { 1.0 },
            Rate::Diurnal { period, low } => {
                let turn = core::f64::consts::TAU / (period.max(1) as f64 / 1e6);
                per_second * (low + (1.0 - low) / 2.0 * (1.0 - libm::cos(turn * elapsed as f64 / 1e6)))
            }
        }
    }
}

/// The keys that a producer has, with their hash keys: MD5 is computed once a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Keys {
    prefix: String,
    digits: usize,
    count: u32,
    pattern: Pattern,
    hashes: Arc<[u128]>,
    /// Where a Zipf draw falls: upper bounds of a 64-bit number, by key.
    bounds: Arc<[u64]>,
    /// Where records come from rows: the keys, and which one each row has.
    listed: Arc<[String]>,
    rows: Arc<[u32]>,
}

impl Keys {
    /// The most keys of one producer.
    pub const MAX: u32 = 200_000;

    pub fn new(prefix: &str, digits: u32, count: u32, pattern: Pattern) -> Keys {
        let count = count.clamp(1, Keys::MAX);
        let mut keys = Keys {
            prefix: prefix.into(),
            digits: digits.min(12) as usize,
            count,
            pattern,
            hashes: Arc::from([]),
            bounds: Arc::from([]),
            listed: Arc::from([]),
            rows: Arc::from([]),
        };
        let salts = match pattern {
            Pattern::Salted { salts, .. } => salts.min(Keys::MAX),
            _ => 0,
        };
        keys.hashes = (0..count + salts).map(|key| hash_of(&keys.text(key))).collect();
        if let Pattern::Zipf { exponent } = pattern {
            let weights: Vec<f64> = (1..=count).map(|rank| libm::pow(f64::from(rank), -exponent)).collect();
            let total: f64 = weights.iter().sum();
            let mut sum = 0.0;
            keys.bounds = weights
                .iter()
                .map(|weight| {
                    sum += weight / total;
                    (sum * 18_446_744_073_709_551_615.0) as u64
                })
                .collect();
        }
        keys
    }

    /// The keys of rows, in the order in which they come up.
    pub fn of_rows<'a>(keys: impl Iterator<Item = &'a str>) -> Keys {
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        let (mut listed, mut rows) = (Vec::new(), Vec::new());
        for key in keys {
            let number = *numbers.entry(key).or_insert_with(|| {
                listed.push(String::from(key));
                listed.len() as u32 - 1
            });
            rows.push(number);
        }
        Keys {
            prefix: String::new(),
            digits: 0,
            count: listed.len() as u32,
            pattern: Pattern::Uniform,
            hashes: listed.iter().map(|key| hash_of(key)).collect(),
            bounds: Arc::from([]),
            listed: listed.into(),
            rows: rows.into(),
        }
    }

    /// Distinct keys, salted ones among them.
    pub fn len(&self) -> u32 {
        self.hashes.len() as u32
    }

    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// The text of a key. Those from `count` on are the hot key with a suffix.
    pub fn text(&self, key: u32) -> String {
        if let Some(listed) = self.listed.get(key as usize) {
            return listed.clone();
        }
        let digits = self.digits;
        match self.pattern {
            Pattern::Salted { key: hot, .. } if key >= self.count => {
                format!("{}{hot:0digits$}-{}", self.prefix, key - self.count)
            }
            _ => format!("{}{key:0digits$}", self.prefix),
        }
    }

    pub fn hash(&self, key: u32) -> u128 {
        self.hashes.get(key as usize).copied().unwrap_or(0)
    }

    /// The key of a producer's record: a pure function of the seed and the record's number.
    pub fn pick(&self, seed: u64, item: u32) -> u32 {
        if let Some(key) = self.rows.get(item as usize) {
            return *key;
        }
        let mut state = seed ^ (u64::from(item) + 1).wrapping_mul(0xd6e8_feb8_6659_fd93);
        let draw = splitmix64(&mut state);
        let among = |draw: u64, n: u32| ((u128::from(draw) * u128::from(n)) >> 64) as u32;
        match self.pattern {
            Pattern::Uniform => among(draw, self.count),
            Pattern::Zipf { .. } => {
                let at = self.bounds.partition_point(|bound| *bound < draw) as u32;
                at.min(self.count - 1)
            }
            Pattern::Hot { key, share } | Pattern::Salted { key, share, .. } => {
                let hot = ((draw >> 11) as f64 / (1u64 << 53) as f64) < share;
                let next = splitmix64(&mut state);
                match self.pattern {
                    Pattern::Salted { salts, .. } if hot && salts > 0 => self.count + among(next, salts),
                    _ if hot || self.count == 1 => key.min(self.count - 1),
                    // Every other key as likely.
                    _ => {
                        let other = among(next, self.count - 1);
                        if other >= key.min(self.count - 1) { other + 1 } else { other }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn shares(keys: &Keys, of: u32) -> BTreeMap<u32, f64> {
        let mut counts = BTreeMap::new();
        for item in 0..of {
            *counts.entry(keys.pick(7, item)).or_insert(0.0) += 1.0 / f64::from(of);
        }
        counts
    }

    #[test]
    fn patterns_have_their_shares() {
        let hot = shares(&Keys::new("k", 2, 10, Pattern::Hot { key: 3, share: 0.4 }), 100_000);
        assert!((hot[&3] - 0.4).abs() < 0.01, "{hot:?}");
        assert!((hot[&0] - 0.6 / 9.0).abs() < 0.01 && hot.len() == 10);
        let salted = Keys::new("k", 2, 10, Pattern::Salted { key: 3, share: 0.4, salts: 8 });
        let found = shares(&salted, 100_000);
        assert_eq!(found.len(), 9 + 8);
        assert!((found[&12] - 0.05).abs() < 0.01 && !found.contains_key(&3));
        assert_eq!((salted.text(3), salted.text(12)), ("k03".into(), "k03-2".into()));
        let zipf = shares(&Keys::new("k", 2, 3, Pattern::Zipf { exponent: 1.0 }), 100_000);
        assert!((zipf[&0] - 6.0 / 11.0).abs() < 0.01 && (zipf[&2] - 2.0 / 11.0).abs() < 0.01, "{zipf:?}");
    }

    #[test]
    fn rates_add_up() {
        assert_eq!(Rate::Steady.emitted(1_000.0, 1_500_000), 1_500);
        let bursty = Rate::Bursty {
            every: 10_000_000,
            lasting: 2_000_000,
            factor: 5.0,
        };
        assert_eq!(bursty.emitted(100.0, 10_000_000), 1_000 + 800);
        assert_eq!(bursty.emitted(100.0, 11_000_000), 1_800 + 500);
        let diurnal = Rate::Diurnal {
            period: 86_400_000_000,
            low: 0.2,
        };
        assert_eq!(diurnal.emitted(10.0, 86_400_000_000), 518_400);
        assert!((diurnal.at(10.0, 0) - 2.0).abs() < 1e-9 && (diurnal.at(10.0, 43_200_000_000) - 10.0).abs() < 1e-9);
    }
}
