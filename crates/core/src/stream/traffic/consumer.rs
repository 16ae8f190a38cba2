use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::sim::SimTime;
use crate::stream::kinesis::{Allowance, Stream};

/// How a consumer reads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum ConsumerKind {
    /// GetRecords, one call a shard every `interval` microseconds: limits are shared with every other.
    Shared { interval: i64, most: u32 },
    /// Enhanced fan-out: pushed as records come, 2 MiB/s a shard of its own.
    FanOut,
    /// `FlinkKinesisConsumer` of Flink 1.x: every 200 ms, and, with adaptive reads, as many records as 2 MiB/s allow by their mean size.
    Flink1 { interval: i64, most: u32, adaptive: bool },
    /// An event source mapping of Lambda: a batch at a time, in the shard's order; one that fails is tried again before anything behind it.
    Lambda {
        batch: u32,
        retries: Option<u32>,
        bisect: bool,
        dead_letters: bool,
    },
}

impl ConsumerKind {
    pub fn name(&self) -> &'static str {
        match self {
            ConsumerKind::Shared { .. } => "shared",
            ConsumerKind::FanOut => "fan-out",
            ConsumerKind::Flink1 { .. } => "flink-1",
            ConsumerKind::Lambda { .. } => "lambda",
        }
    }

    /// With its version, for the page.
    pub fn label(&self) -> &'static str {
        match self {
            ConsumerKind::Shared { .. } => "GetRecords, shared throughput",
            ConsumerKind::FanOut => "enhanced fan-out",
            ConsumerKind::Flink1 { .. } => "FlinkKinesisConsumer (Flink 1.x, legacy)",
            ConsumerKind::Lambda { .. } => "Lambda event source mapping",
        }
    }
}

/// Where a consumer stands in one shard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// The next record to read.
    pub position: u64,
    /// The shard is closed and read to its end.
    pub done: bool,
    /// When it acts next.
    pub next_at: Option<SimTime>,
    /// What a failed batch still has to do: from, before, tries so far. The first is next.
    pub pending: Vec<(u64, u64, u32)>,
    /// Records of one read, where the consumer adapts it.
    pub most: Option<u32>,
    /// What the push may give; of enhanced fan-out.
    pub push: Option<Allowance>,
}

/// What a consumer counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ConsumerTally {
    pub records: u64,
    pub bytes: u64,
    pub reads: u64,
    pub throttled: u64,
    /// Batches of a Lambda that failed.
    pub failures: u64,
    /// Records that went to the dead-letter queue.
    pub dead_letters: u64,
    /// Records passed over after the last try, without a dead-letter queue, or expired while they were tried.
    pub given_up: u64,
    /// Records that expired before they were read.
    pub missed: u64,
}

/// An application that reads a stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consumer {
    pub(super) name: String,
    pub(super) stream: String,
    pub(super) kind: ConsumerKind,
    pub(super) latest: bool,
    pub(super) started: SimTime,
    /// Microseconds of work a record.
    pub(super) work: i64,
    /// Records whose key this is fail.
    pub(super) fails_on_key: Option<String>,
    /// Every so-manyth record of a shard fails.
    pub(super) fails_each: Option<u32>,
    pub(super) places: BTreeMap<u32, Place>,
    pub(super) tally: ConsumerTally,
    pub(super) cause: Option<u32>,
}

impl Consumer {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn stream(&self) -> &str {
        &self.stream
    }

    pub fn kind(&self) -> ConsumerKind {
        self.kind
    }

    pub fn tally(&self) -> &ConsumerTally {
        &self.tally
    }

    pub fn places(&self) -> impl Iterator<Item = (u32, &Place)> {
        self.places.iter().map(|(shard, place)| (*shard, place))
    }

    /// Shards that it should be reading and does not yet: those without a parent to read first, or whose parents are read to their end.
    ///
    /// A consumer that begins at LATEST takes the shards that are open then, whatever came before them.
    pub(crate) fn ready(&self, stream: &Stream, now: SimTime) -> Vec<u32> {
        let first = self.places.is_empty();
        let retention = stream.retention();
        let mut ready = Vec::new();
        for shard in stream.shards() {
            let (index, expired) = (shard.index(), shard.closed().is_some_and(|closed| now.micros() - closed.micros() >= retention));
            if self.places.contains_key(&index) || expired {
                continue;
            }
            if first && self.latest {
                if shard.is_open() {
                    ready.push(index);
                }
                continue;
            }
            let waits = shard.parents().into_iter().flatten().any(|parent| match self.places.get(&parent) {
                Some(place) => !place.done,
                // A parent that it never had: read first if it can still be read, and was not left out at the beginning.
                None => {
                    let readable = stream
                        .shard(parent)
                        .is_some_and(|parent| parent.closed().is_none_or(|closed| now.micros() - closed.micros() < retention));
                    readable
                        && !(self.latest
                            && stream
                                .shard(parent)
                                .is_some_and(|parent| parent.closed().is_some_and(|closed| closed <= self.started)))
                }
            });
            if !waits {
                ready.push(index);
            }
        }
        ready
    }

    /// The place in a shard that it begins to read now.
    pub(crate) fn begin(&mut self, stream: &Stream, index: u32, now: SimTime) {
        let Some(shard) = stream.shard(index) else { return };
        let first = self.places.is_empty() || shard.opened() <= self.started;
        let position = if self.latest && first && shard.opened() <= self.started {
            shard.records().at_or_after(self.started)
        } else {
            shard.records().horizon(now, stream.retention())
        };
        self.places.insert(
            index,
            Place {
                position,
                done: false,
                next_at: Some(now),
                pending: Vec::new(),
                most: None,
                push: None,
            },
        );
    }

    /// Milliseconds between now and the oldest record that it has not read, over all its shards; 0: it has read everything.
    pub fn behind(&self, stream: &Stream, now: SimTime) -> i64 {
        self.places
            .iter()
            .map(|(shard, place)| behind_in(stream, *shard, place, now))
            .max()
            .unwrap_or(0)
    }

    /// A consumer of a service's own: from LATEST on, one GetRecords a second a shard.
    pub(crate) fn polling(name: &str, stream: &str, started: SimTime) -> Consumer {
        let kind = ConsumerKind::Shared {
            interval: 1_000_000,
            most: 10_000,
        };
        Consumer::named(name, stream, kind, true, started)
    }

    /// Has every place that sleeps act at `at`.
    pub(crate) fn wake(&mut self, at: SimTime) {
        for place in self.places.values_mut().filter(|place| !place.done && place.next_at.is_none()) {
            place.next_at = Some(at);
        }
    }

    /// Leaves a shard alone until it is woken.
    pub(crate) fn sleep(&mut self, shard: u32) {
        if let Some(place) = self.places.get_mut(&shard) {
            place.next_at = None;
        }
    }

    pub(super) fn fails(&self, key: &str, position: u64) -> bool {
        self.fails_on_key.as_deref() == Some(key) || self.fails_each.is_some_and(|each| each > 0 && (position + 1) % u64::from(each) == 0)
    }

    pub(super) fn named(name: &str, stream: &str, kind: ConsumerKind, latest: bool, started: SimTime) -> Consumer {
        Consumer {
            name: name.to_string(),
            stream: stream.to_string(),
            kind,
            latest,
            started,
            work: 0,
            fails_on_key: None,
            fails_each: None,
            places: BTreeMap::new(),
            tally: ConsumerTally::default(),
            cause: None,
        }
    }
}

/// Milliseconds between now and the oldest unread record of one shard.
pub(super) fn behind_in(stream: &Stream, shard: u32, place: &Place, now: SimTime) -> i64 {
    let Some(shard) = stream.shard(shard) else { return 0 };
    let position = place.pending.first().map_or(place.position, |(from, ..)| *from);
    let position = position.max(shard.records().horizon(now, stream.retention()));
    shard
        .records()
        .get(position)
        .map_or(0, |entry| (now.micros() - entry.at.micros()).max(0) / 1_000)
}
