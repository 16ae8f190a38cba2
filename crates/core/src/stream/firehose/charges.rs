//! What delivery streams are billed for ("Amazon Data Firehose pricing"): what they take, each record rounded up to 5 KB, format conversion and dynamic partitioning.
//!
//! Belongs here: what a stream owes since it was last metered. Does not belong here: prices. Not billed: the hours of jq.

use serde::{Deserialize, Serialize};

use super::state::Firehose;
use crate::sim::SimTime;
use crate::storage::cost::{Flow, Meter, Month, Usage};

/// Bytes in which a record counts.
const STEP: u64 = 5 * 1_024;

/// What has come since the stream was last metered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Owed {
    taken: u64,
    converted: u64,
    partitioned: u64,
    objects: u64,
}

impl Owed {
    pub fn take(&mut self, bytes: u32, converts: bool, partitions: bool) {
        let bytes = u64::from(bytes);
        self.taken += bytes.div_ceil(STEP).max(1) * STEP;
        self.converted += if converts { bytes } else { 0 };
        self.partitioned += if partitions { bytes } else { 0 };
    }

    pub fn deliver(&mut self, partitions: bool) {
        self.objects += u64::from(partitions);
    }

    /// Puts it on the meter: it is of the time before `now`.
    fn settle(&self, now: SimTime, meter: &mut Meter) {
        let month = Month::of(now.plus_micros(-1));
        for (flow, quantity) in [
            (Flow::Delivered, self.taken),
            (Flow::Converted, self.converted),
            (Flow::Partitioned, self.partitioned),
            (Flow::PartitionObjects, self.objects),
        ] {
            meter.add(month, Usage::Flow(flow), u128::from(quantity));
        }
    }
}

impl Firehose {
    /// Meters all streams up to `now`: when a minute ends, and before a stream goes.
    pub(super) fn charge(&mut self, now: SimTime) {
        let meter = &mut self.meter;
        for stream in self.streams.values_mut() {
            stream.owed.settle(now, meter);
            stream.owed = Owed::default();
        }
    }

    /// What was used up to `now`.
    pub fn usage(&self, now: SimTime) -> Meter {
        let mut meter = self.meter.clone();
        self.streams.values().for_each(|stream| stream.owed.settle(now, &mut meter));
        meter
    }
}
