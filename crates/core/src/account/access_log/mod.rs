//! Server access logs: a line for each request to a bucket that has them on, gathered, and delivered into the target bucket some time later.
//!
//! The account closes a batch of lines when it is due and keeps it until the host has stored its text and says so with `effect:LogDelivered`; so a replay delivers the same.
//! Requests that only read a listing or a setting change nothing and are not logged as commands: they have no lines here (CloudTrail has none of them either).
//!
//! Belongs here: gathering and delivery (`AccessLogs`), the text of a line (`line`). Does not belong here: the setting of a bucket (`storage::s3::logging`).

mod deliver;
mod line;

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

pub use deliver::LogDelivery;
pub(super) use deliver::SERVICE as LOGGING;

use crate::sim::SimTime;

/// Seconds from the first line of a batch to its delivery. S3 delivers "on a best effort basis", most within a few hours; this is our figure.
const DELIVERY_SECONDS: i64 = 3_600;

/// Lines that wait for their delivery, and deliveries that wait for the host.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccessLogs {
    /// By the bucket they are about.
    gathered: BTreeMap<String, Vec<Gathered>>,
    /// By number.
    deliveries: BTreeMap<u64, LogDelivery>,
    /// Of the last delivery, and of the last line that follows from no call.
    number: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Gathered {
    at: SimTime,
    text: String,
}

impl AccessLogs {
    fn gather(&mut self, bucket: &str, at: SimTime, text: String) {
        self.gathered.entry(bucket.to_string()).or_default().push(Gathered { at, text });
    }

    /// When the next batch is due, and of which bucket; of those due at the same instant the first by name.
    pub fn next_due(&self) -> Option<(SimTime, &str)> {
        let due = self
            .gathered
            .iter()
            .filter_map(|(bucket, lines)| Some((lines.first()?.at.plus_seconds(DELIVERY_SECONDS), bucket.as_str())));
        due.min()
    }

    /// The delivery that has waited longest.
    pub fn next_delivery(&self) -> Option<&LogDelivery> {
        self.deliveries.values().next()
    }
}
