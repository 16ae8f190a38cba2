use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::convert::Converted;
use super::{Channel, Compression};
use crate::sim::{Shared, SimTime};
use crate::stream::kinesis::Records;

/// Firehose tries for this long to deliver what was put on it ("Delivery failure handling"), in microseconds.
pub(super) const TRIES_FOR: i64 = 24 * 3_600_000_000;
/// Seconds to the next try; they double up to the longest. Not documented.
const FIRST_WAIT: i64 = 5;
const LONGEST_WAIT: i64 = 600;

/// Why a buffer was closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Because {
    #[serde(rename = "size")]
    Size,
    #[serde(rename = "interval")]
    Interval,
    /// The stream is deleted, or set up anew.
    #[serde(rename = "end")]
    End,
}

impl Because {
    pub fn as_str(self) -> &'static str {
        match self {
            Because::Size => "size",
            Because::Interval => "interval",
            Because::End => "end",
        }
    }
}

/// A closed buffer: one object that is to be stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    pub number: u64,
    pub stream: String,
    pub role: String,
    pub bucket: String,
    pub key: String,
    /// When the buffer was closed.
    pub at: SimTime,
    pub oldest: SimTime,
    pub because: Because,
    pub records: Records,
    /// Bytes of data that came in.
    pub bytes: u64,
    pub compression: Compression,
    pub delimiter: Option<String>,
    #[serde(default)]
    pub channel: Channel,
    /// The host's data engine makes a columnar file of the rows.
    #[serde(default)]
    pub converted: Option<Shared<Converted>>,
    /// Tries that the bucket refused.
    #[serde(default)]
    pub tries: u32,
    /// When it is tried again; `None`: it waits to be stored.
    #[serde(default)]
    pub again_at: Option<SimTime>,
    /// Trace row of the flush.
    #[serde(default)]
    pub row: Option<u32>,
}

impl Delivery {
    pub fn count(&self) -> u64 {
        self.records.len()
    }

    /// Notes a try that failed. `false`: it was the last.
    pub(super) fn refuse(&mut self, now: SimTime) -> bool {
        let wait = (FIRST_WAIT << self.tries.min(10)).min(LONGEST_WAIT);
        self.tries += 1;
        let next = now.plus_seconds(wait);
        self.again_at = Some(next);
        next.micros() - self.at.micros() < TRIES_FOR
    }
}
