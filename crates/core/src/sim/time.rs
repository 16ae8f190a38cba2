use serde::{Deserialize, Serialize};

/// An instant of the account's clock: microseconds since 1970-01-01T00:00:00Z, no leap seconds.
///
/// Serialised as the integer. `Display` and [`SimTime::parse`] speak ISO 8601 in UTC, as the AWS CLI prints timestamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SimTime(i64);

impl SimTime {
    pub const EPOCH: SimTime = SimTime(0);

    pub const fn from_micros(micros: i64) -> Self {
        SimTime(micros)
    }

    /// Milliseconds since the epoch, saturating.
    pub const fn from_millis(millis: i64) -> Self {
        SimTime(millis.saturating_mul(1_000))
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the epoch, rounded towards the past.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    pub const fn plus_micros(self, micros: i64) -> Self {
        SimTime(self.0.saturating_add(micros))
    }

    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(1_000_000))
    }
}
