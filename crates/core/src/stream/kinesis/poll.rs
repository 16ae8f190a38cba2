use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Counters;
use super::change::{Change, RESHARD_SECONDS, ShardEvent};
use super::state::{Kinesis, Mode, Status};
use crate::sim::SimTime;

/// An on-demand stream looks at the rates of its shards over this time ("Choose the right mode": splits follow the traffic of some 15 minutes).
pub(super) const SCALE_SECONDS: i64 = 900;
/// Bytes a second of a shard above which an on-demand stream splits it (AWS's page on scaling of on-demand streams: about 500 KB/s).
const SPLIT_RATE: u64 = 500_000;

/// What time did.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// A stream became what it is now. `cause`: the trace row of the call.
    Status {
        stream: String,
        status: Option<Status>,
        cause: Option<u32>,
    },
    Shard {
        stream: String,
        event: ShardEvent,
        cause: Option<u32>,
    },
    /// The minute's counters of a stream, and of its shards where they are monitored.
    Minute {
        stream: String,
        counters: Counters,
        shards: Vec<(String, Counters)>,
        /// Metrics of shards that were asked for.
        monitored: BTreeSet<String>,
    },
}

impl Kinesis {
    /// When there is something to do.
    pub fn next_due(&self) -> Option<SimTime> {
        let of = |stream: &super::Stream| {
            let change = stream.change.as_ref().map(|(at, _)| *at);
            let consumer = stream.consumers.iter().filter_map(|consumer| consumer.gone_at);
            consumer.chain(change).chain(stream.scale_at).min()
        };
        self.streams.values().filter_map(of).chain(self.minute_at).min()
    }

    /// Does the first things that are due by `now`, all of one instant, and answers what they were.
    pub fn poll(&mut self, now: SimTime) -> Option<(SimTime, Vec<Happened>)> {
        let at = self.next_due().filter(|at| *at <= now)?;
        self.charge(at);
        let mut happened = Vec::new();
        if self.minute_at == Some(at) {
            self.minute_at = None;
            self.drain(at, &mut happened);
        }
        let mut gone = Vec::new();
        for stream in self.streams.values_mut() {
            stream.consumers.retain(|consumer| consumer.gone_at.is_none_or(|gone| gone > at));
            if stream.change.as_ref().is_some_and(|(due, _)| *due <= at) {
                let deleted = matches!(stream.change, Some((_, Change::Delete)));
                let (before, name, cause) = (stream.status, stream.name.clone(), stream.cause);
                for event in stream.settle(at) {
                    happened.push(Happened::Shard {
                        stream: name.clone(),
                        event,
                        cause,
                    });
                }
                if deleted {
                    gone.push(name.clone());
                }
                if deleted || before != stream.status {
                    happened.push(Happened::Status {
                        stream: name,
                        status: (!deleted).then_some(stream.status),
                        cause,
                    });
                }
            }
            if stream.scale_at == Some(at) {
                let next = at.plus_seconds(SCALE_SECONDS);
                stream.scale_at = (stream.mode == Mode::OnDemand).then_some(next);
                stream.scale_on_demand(at);
            }
        }
        for name in gone {
            self.streams.remove(&name);
        }
        Some((at, happened))
    }

    fn drain(&mut self, at: SimTime, happened: &mut Vec<Happened>) {
        for stream in self.streams.values_mut() {
            stream.tidy(at);
            let counters = core::mem::take(&mut stream.counters);
            let monitored = !stream.monitored.is_empty();
            let mut shards = Vec::new();
            for shard in &mut stream.shards {
                if shard.counters.is_empty() {
                    continue;
                }
                let shard = shard.make_mut();
                let counters = core::mem::take(&mut shard.counters);
                if monitored {
                    shards.push((shard.id(), counters));
                }
            }
            if !counters.is_empty() {
                happened.push(Happened::Minute {
                    stream: stream.name.to_string(),
                    counters,
                    shards,
                    monitored: stream.monitored.clone(),
                });
            }
        }
    }
}

impl super::Stream {
    /// Begins to split the hottest shard that is too hot, in the middle of its range. One at a time: the next look finds the next.
    fn scale_on_demand(&mut self, now: SimTime) {
        let mut hot: Vec<u32> = Vec::new();
        for shard in &mut self.shards {
            if shard.is_open() && shard.since_scaling > 0 {
                let shard = shard.make_mut();
                let rate = shard.since_scaling / SCALE_SECONDS.unsigned_abs();
                shard.since_scaling = 0;
                if rate > SPLIT_RATE && shard.range.end > shard.range.start + 1 {
                    hot.push(shard.index);
                }
            }
        }
        if self.mode != Mode::OnDemand || self.status != Status::Active || hot.is_empty() {
            return;
        }
        let steps: Vec<_> = hot
            .iter()
            .filter_map(|index| self.shard(*index))
            .map(|shard| super::change::Step::Split(shard.range, shard.range.start + (shard.range.end - shard.range.start) / 2 + 1))
            .collect();
        self.status = Status::Updating;
        self.cause = None;
        self.change = Some((now.plus_seconds(RESHARD_SECONDS), Change::Scale([steps].into_iter().collect())));
    }
}
