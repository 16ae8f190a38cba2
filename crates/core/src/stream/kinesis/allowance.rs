use serde::{Deserialize, Serialize};

use crate::sim::SimTime;

const MICROS: i64 = 1_000_000;

/// A token bucket that holds what one second gives, in millionths of a token, so that nothing is rounded. It begins full.
///
/// AWS says the limits of a shard by the second and not how it counts them: the bucket is a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "(u32, i64, i64)", into = "(u32, i64, i64)")]
pub struct Allowance {
    per_second: u32,
    level: i64,
    at: i64,
}

impl From<(u32, i64, i64)> for Allowance {
    fn from((per_second, level, at): (u32, i64, i64)) -> Self {
        Allowance { per_second, level, at }
    }
}

impl From<Allowance> for (u32, i64, i64) {
    fn from(allowance: Allowance) -> Self {
        (allowance.per_second, allowance.level, allowance.at)
    }
}

impl Allowance {
    pub fn new(per_second: u32, now: SimTime) -> Allowance {
        Allowance {
            per_second,
            level: i64::from(per_second) * MICROS,
            at: now.micros(),
        }
    }

    fn full(&self) -> i64 {
        i64::from(self.per_second) * MICROS
    }

    fn level_at(&self, now: SimTime) -> i64 {
        let passed = now.micros().saturating_sub(self.at).max(0);
        let gained = passed.saturating_mul(i64::from(self.per_second));
        self.level.saturating_add(gained).min(self.full())
    }

    /// Whole tokens that are there; below 0 while a debt is paid back.
    pub fn tokens(&self, now: SimTime) -> i64 {
        self.level_at(now).div_euclid(MICROS)
    }

    /// Whether `amount` is there.
    pub fn has(&self, now: SimTime, amount: u64) -> bool {
        i64::try_from(amount).is_ok_and(|amount| self.level_at(now) >= amount.saturating_mul(MICROS))
    }

    /// Takes `amount`, and goes into debt for what is not there.
    pub fn take(&mut self, now: SimTime, amount: u64) {
        let amount = i64::try_from(amount).unwrap_or(i64::MAX).saturating_mul(MICROS);
        self.level = self.level_at(now).saturating_sub(amount);
        self.at = self.at.max(now.micros());
    }

    /// Takes `amount` if it is there.
    pub fn try_take(&mut self, now: SimTime, amount: u64) -> bool {
        let there = self.has(now, amount);
        if there {
            self.take(now, amount);
        }
        there
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refills_by_the_microsecond_and_no_higher_than_a_second() {
        let at = SimTime::from_micros;
        let mut bucket = Allowance::new(1_000, at(0));
        for _ in 0..1_000 {
            assert!(bucket.try_take(at(0), 1));
        }
        assert!(!bucket.try_take(at(999), 1));
        assert!(bucket.try_take(at(1_000), 1));
        assert!(!bucket.try_take(at(1_000), 1));
        assert_eq!(bucket.tokens(at(9_000_000)), 1_000);
    }

    #[test]
    fn a_debt_is_paid_back_first() {
        let at = SimTime::from_micros;
        let mut bucket = Allowance::new(2, at(0));
        bucket.take(at(0), 6);
        assert_eq!(bucket.tokens(at(0)), -4);
        assert!(!bucket.has(at(2_000_000), 1));
        assert!(bucket.has(at(2_500_000), 1));
    }
}
