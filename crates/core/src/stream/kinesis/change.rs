//! Splits, merges and scaling: what a stream becomes, and when.
//!
//! AWS does not say how long a change takes; a reshard takes 30 s here, a step of UpdateShardCount as long. Until it is done the parents take records.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::ring::decimal;
use super::state::{Status, Stream};
use super::{Mode, Range, Shard, initial_ranges};
use crate::sim::SimTime;

pub(super) const RESHARD_SECONDS: i64 = 30;

/// One reshard.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reshard {
    Split {
        shard: u32,
        #[serde(with = "decimal")]
        at: u128,
    },
    Merge {
        lower: u32,
        upper: u32,
    },
}

/// What is under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    Create {
        shards: u32,
    },
    Delete,
    Reshard(Reshard),
    /// Steps of UpdateShardCount that are left: of each, all reshards happen at once. Shards are named by their ranges, since their numbers are not known before.
    Scale(VecDeque<Vec<Step>>),
    /// Encryption, mode and record size: the stream is UPDATING, and nothing of its shards changes.
    Settle,
}

/// A reshard by ranges.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Step {
    Split(Range, #[serde(with = "decimal")] u128),
    Merge(Range, Range),
}

/// What a change did to a shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardEvent {
    Opened(u32),
    Closed(u32),
}

impl Stream {
    fn open_shard(&mut self, now: SimTime, range: Range, parent: u32, adjacent: Option<u32>) -> u32 {
        let index = self.shards.len() as u32;
        let mut shard = Shard::new(index, range, now, now.plus_seconds(1));
        shard.parent = Some(parent);
        shard.adjacent_parent = adjacent;
        self.shards.push(shard.into());
        index
    }

    /// Closes the parents and opens the children. Answers what it did; nothing, where the shards are not what they were.
    pub(super) fn reshard(&mut self, now: SimTime, reshard: Reshard) -> Vec<ShardEvent> {
        let mut events = Vec::new();
        let parents = match reshard {
            Reshard::Split { shard, .. } => Vec::from([shard]),
            Reshard::Merge { lower, upper } => Vec::from([lower, upper]),
        };
        let mut ranges = Vec::new();
        for parent in &parents {
            match self.shard_mut(*parent) {
                Some(shard) if shard.is_open() => {
                    shard.closed = Some(now);
                    ranges.push(shard.range);
                    events.push(ShardEvent::Closed(*parent));
                }
                _ => return events,
            }
        }
        match (reshard, ranges.as_slice()) {
            (Reshard::Split { shard, at }, [range]) => {
                let lower = Range { end: at - 1, ..*range };
                let upper = Range { start: at, ..*range };
                events.push(ShardEvent::Opened(self.open_shard(now, lower, shard, None)));
                events.push(ShardEvent::Opened(self.open_shard(now, upper, shard, None)));
            }
            (Reshard::Merge { lower, upper }, [first, second]) => {
                let range = Range {
                    start: first.start.min(second.start),
                    end: first.end.max(second.end),
                };
                events.push(ShardEvent::Opened(self.open_shard(now, range, lower, Some(upper))));
            }
            _ => {}
        }
        self.renew_ring();
        events
    }

    fn open_with(&self, range: Range) -> Option<u32> {
        self.shards().find(|shard| shard.is_open() && shard.range == range).map(Shard::index)
    }

    /// Does what is due of the change.
    pub(super) fn settle(&mut self, now: SimTime) -> Vec<ShardEvent> {
        let Some((_, change)) = self.change.take() else { return Vec::new() };
        let mut events = Vec::new();
        match change {
            Change::Create { shards } => {
                self.open_initial(now, shards);
                events.extend(self.shards().map(|shard| ShardEvent::Opened(shard.index)));
                self.scale_at = (self.mode == Mode::OnDemand).then(|| now.plus_seconds(super::poll::SCALE_SECONDS));
            }
            Change::Delete | Change::Settle => {}
            Change::Reshard(reshard) => events = self.reshard(now, reshard),
            Change::Scale(mut steps) => {
                for step in steps.pop_front().unwrap_or_default() {
                    let reshard = match step {
                        Step::Split(range, at) => self.open_with(range).map(|shard| Reshard::Split { shard, at }),
                        Step::Merge(lower, upper) => match (self.open_with(lower), self.open_with(upper)) {
                            (Some(lower), Some(upper)) => Some(Reshard::Merge { lower, upper }),
                            _ => None,
                        },
                    };
                    events.extend(reshard.map(|reshard| self.reshard(now, reshard)).into_iter().flatten());
                }
                if !steps.is_empty() {
                    self.change = Some((now.plus_seconds(RESHARD_SECONDS), Change::Scale(steps)));
                    return events;
                }
            }
        }
        self.status = Status::Active;
        self.cause = None;
        events
    }

    /// The steps from the open shards to `target` shards of equal ranges: first splits at each new boundary that lies inside a shard, then merges, pair by pair, of what
    /// lies within one new range. This makes temporary shards, as AWS says its scaling does; AWS's own order is not documented.
    pub(super) fn plan_scaling(&self, target: u32) -> VecDeque<Vec<Step>> {
        let mut ranges: Vec<Range> = self
            .ring
            .shards()
            .iter()
            .filter_map(|index| self.shard(*index))
            .map(|shard| shard.range)
            .collect();
        let goal: Vec<Range> = initial_ranges(target).collect();
        let mut steps = VecDeque::new();
        // Several boundaries may lie in one shard: one of them a round, the middle one, so that rounds are few.
        loop {
            let mut round = Vec::new();
            let mut next = Vec::new();
            for range in &ranges {
                let cuts: Vec<u128> = goal.iter().map(|one| one.start).filter(|at| range.start < *at && *at <= range.end).collect();
                match cuts.get(cuts.len() / 2) {
                    Some(at) => {
                        round.push(Step::Split(*range, *at));
                        next.push(Range { end: at - 1, ..*range });
                        next.push(Range { start: *at, ..*range });
                    }
                    None => next.push(*range),
                }
            }
            ranges = next;
            if round.is_empty() {
                break;
            }
            steps.push_back(round);
        }
        loop {
            let mut round = Vec::new();
            let mut next: Vec<Range> = Vec::new();
            let mut at = 0;
            while let Some(range) = ranges.get(at) {
                let whole = goal.iter().find(|one| one.contains(range.start));
                match ranges.get(at + 1) {
                    Some(following) if whole.is_some_and(|whole| whole.end >= following.end) => {
                        round.push(Step::Merge(*range, *following));
                        next.push(Range { end: following.end, ..*range });
                        at += 2;
                    }
                    _ => {
                        next.push(*range);
                        at += 1;
                    }
                }
            }
            ranges = next;
            if round.is_empty() {
                break;
            }
            steps.push_back(round);
        }
        steps
    }
}
