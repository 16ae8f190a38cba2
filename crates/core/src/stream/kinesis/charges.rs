//! What streams are billed for ("Amazon Kinesis Data Streams pricing").
//!
//! Belongs here: what a stream owes since it was last metered, and when that is settled. Does not belong here: prices.
//! Not billed: long-term retention (by the byte), on-demand Advantage.

use serde::{Deserialize, Serialize};

use super::state::{Kinesis, Mode, Stream};
use crate::sim::SimTime;
use crate::storage::cost::{Flow, Meter, Month, Usage};

/// Bytes of a PUT payload unit.
const UNIT: u64 = 25 * 1_024;
/// An on-demand record counts in whole kilobytes.
const KILOBYTE: u64 = 1_024;

/// What has come and gone since the stream was last metered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Owed {
    /// Until when time was metered; none: not before the stream is there.
    since: Option<SimTime>,
    units: u64,
    /// Bytes in, each record in whole kilobytes.
    kilobytes_in: u64,
    bytes_out: u64,
    pushed: u64,
}

impl Owed {
    /// The stream has shards from now on.
    pub(super) fn begin(&mut self, now: SimTime) {
        self.since = Some(now);
    }

    /// A record was taken.
    pub fn put(&mut self, bytes: u32) {
        let bytes = u64::from(bytes);
        self.units += bytes.div_ceil(UNIT).max(1);
        self.kilobytes_in += bytes.div_ceil(KILOBYTE).max(1) * KILOBYTE;
    }

    /// Records were read by polling.
    pub fn read(&mut self, bytes: u64) {
        self.bytes_out += bytes;
    }

    /// Records were pushed to a consumer with enhanced fan-out.
    pub fn push(&mut self, bytes: u64) {
        self.pushed += bytes;
    }
}

impl Stream {
    /// Bytes that a consumer with enhanced fan-out was pushed.
    pub fn pushed(&mut self, bytes: u64) {
        self.owed.push(bytes);
    }

    /// Puts what is owed up to `now` on the meter.
    fn owes(&self, now: SimTime, meter: &mut Meter) {
        let owed = &self.owed;
        let shards = self.ring.len() as u128;
        if let Some(since) = owed.since {
            let mut span = |flow: Flow, each: u128| meter.add_span(since, now, Usage::Flow(flow), each);
            match self.mode {
                Mode::Provisioned => {
                    span(Flow::ShardHours, shards);
                    if self.retention_hours > 24 {
                        span(Flow::ExtendedRetention, shards);
                    }
                }
                Mode::OnDemand => span(Flow::OnDemandHours, 1),
            }
            for consumer in &self.consumers {
                let (from, to) = (since.max(consumer.created), consumer.gone_at.map_or(now, |gone| gone.min(now)));
                meter.add_span(from, to, Usage::Flow(Flow::FanOutHours), shards);
            }
        }
        // Counted by the minute, so that what came in a month's last minute is of that month.
        let month = Month::of(now.plus_micros(-1));
        let mut count = |flow: Flow, quantity: u64| meter.add(month, Usage::Flow(flow), u128::from(quantity));
        match self.mode {
            Mode::Provisioned => count(Flow::PutUnits, owed.units),
            Mode::OnDemand => {
                count(Flow::OnDemandIn, owed.kilobytes_in);
                count(Flow::OnDemandOut, owed.bytes_out);
            }
        }
        count(Flow::FanOutBytes, owed.pushed);
    }
}

impl Kinesis {
    /// Meters all streams up to `now`: before anything changes that has a price.
    pub(super) fn charge(&mut self, now: SimTime) {
        let meter = &mut self.meter;
        for stream in self.streams.values_mut() {
            stream.owes(now, meter);
            // A stream that is being created has no shards, and costs nothing.
            let since = (!stream.shards.is_empty()).then_some(now);
            stream.owed = Owed { since, ..Owed::default() };
        }
    }

    /// What was used up to `now`.
    pub fn usage(&self, now: SimTime) -> Meter {
        let mut meter = self.meter.clone();
        self.streams.values().for_each(|stream| stream.owes(now, &mut meter));
        meter
    }
}
