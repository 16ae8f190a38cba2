use alloc::collections::VecDeque;
use alloc::format;
use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::{Allowance, Counters, Entry, Own, Range, Records, Sequence};
use crate::sim::SimTime;

/// Bytes of data and keys that a shard takes a second ("Quotas and limits"; 1 MB is 1 MiB where the page gives bytes).
pub const WRITE_BYTES: u32 = 1_048_576;
/// Records that a shard takes a second.
pub const WRITE_RECORDS: u32 = 1_000;
/// Bytes a second that polling consumers share, and that each consumer with enhanced fan-out has for itself.
pub const READ_BYTES: u32 = 2 * 1_048_576;
/// GetRecords calls a second.
pub const READS: u32 = 5;
/// GetShardIterator calls a second.
pub const ITERATORS: u32 = 5;
/// Bytes and records that one GetRecords answers at most.
pub const ANSWER_BYTES: u64 = 10 * 1_048_576;
pub const ANSWER_RECORDS: u64 = 10_000;
/// How long a shard is not read after an answer of [`ANSWER_BYTES`] ("GetRecords").
const PAUSE: i64 = 5_000_000;
const SECOND: i64 = 1_000_000;

/// Why a shard refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Limit {
    WriteRecords,
    WriteBytes,
    Reads,
    ReadBytes,
}

/// What a shard is at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShardState {
    Open,
    /// It takes nothing more, and is read until its last record expires.
    Closed,
    Expired,
}

/// Where a reader begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadFrom {
    TrimHorizon,
    Latest,
    /// The first record that was taken at this time or later.
    At(SimTime),
    Position(u64),
}

/// What one read gives: the records from `from` to before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    pub from: u64,
    pub to: u64,
    pub bytes: u64,
    /// Milliseconds between now and the last record given, if there are more; 0 at the tip.
    pub behind_millis: i64,
    /// The shard is closed, and nothing follows.
    pub ended: bool,
}

/// What happened in the last second.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LastSecond {
    pub records: u64,
    pub bytes: u64,
    pub throttled: u64,
    pub throttled_bytes: u64,
    pub reads: u64,
    pub read_bytes: u64,
    pub reads_throttled: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shard {
    pub(super) index: u32,
    pub(super) range: Range,
    pub(super) parent: Option<u32>,
    pub(super) adjacent_parent: Option<u32>,
    pub(super) opened: SimTime,
    /// What sequence numbers say of its creation.
    pub(super) created: SimTime,
    pub(super) closed: Option<SimTime>,
    pub(super) records: Records,
    write_bytes: Allowance,
    write_records: Allowance,
    read_bytes: Allowance,
    reads: Allowance,
    iterators: Allowance,
    paused_until: SimTime,
    /// When, records and bytes: those refused in the last second.
    #[serde(default)]
    refused: VecDeque<(SimTime, u32, u32)>,
    /// When, bytes, and whether it was refused: reads of the last second.
    #[serde(default)]
    read: VecDeque<(SimTime, u32, bool)>,
    /// Of the minute.
    #[serde(default)]
    pub(super) counters: Counters,
    /// Bytes taken since the stream last looked whether to scale.
    #[serde(default)]
    pub(super) since_scaling: u64,
}

impl Shard {
    pub(super) fn new(index: u32, range: Range, opened: SimTime, created: SimTime) -> Shard {
        Shard {
            index,
            range,
            parent: None,
            adjacent_parent: None,
            opened,
            created,
            closed: None,
            records: Records::default(),
            write_bytes: Allowance::new(WRITE_BYTES, opened),
            write_records: Allowance::new(WRITE_RECORDS, opened),
            read_bytes: Allowance::new(READ_BYTES, opened),
            reads: Allowance::new(READS, opened),
            iterators: Allowance::new(ITERATORS, opened),
            paused_until: SimTime::EPOCH,
            refused: VecDeque::new(),
            read: VecDeque::new(),
            counters: Counters::default(),
            since_scaling: 0,
        }
    }

    /// `shardId-` and twelve digits.
    pub fn id(&self) -> String {
        shard_id(self.index)
    }

    /// Number in the stream: it counts on for the stream's life.
    pub fn index(&self) -> u32 {
        self.index
    }

    pub fn range(&self) -> Range {
        self.range
    }

    pub fn parents(&self) -> [Option<u32>; 2] {
        [self.parent, self.adjacent_parent]
    }

    pub fn opened(&self) -> SimTime {
        self.opened
    }

    pub fn closed(&self) -> Option<SimTime> {
        self.closed
    }

    pub fn records(&self) -> &Records {
        &self.records
    }

    pub fn is_open(&self) -> bool {
        self.closed.is_none()
    }

    /// `retention` in microseconds.
    pub fn state(&self, now: SimTime, retention: i64) -> ShardState {
        match self.closed {
            None => ShardState::Open,
            Some(closed) if now.micros().saturating_sub(closed.micros()) < retention => ShardState::Closed,
            Some(_) => ShardState::Expired,
        }
    }

    /// The number of the record at a position.
    pub fn sequence(&self, position: u64) -> Sequence {
        let at = self.records.get(position).map_or(self.created, |entry| entry.at);
        Sequence::of(self.created, self.index, position, at)
    }

    /// Takes one record if the second's limits allow it, and answers its position.
    pub(super) fn admit(&mut self, now: SimTime, bytes: u32) -> Result<(), Limit> {
        if !self.write_records.has(now, 1) {
            return Err(Limit::WriteRecords);
        }
        if !self.write_bytes.try_take(now, u64::from(bytes)) {
            // A record above what a second gives goes through on a full bucket, and is paid back.
            let large = bytes > WRITE_BYTES && self.write_bytes.tokens(now) >= i64::from(WRITE_BYTES);
            if !large {
                return Err(Limit::WriteBytes);
            }
            self.write_bytes.take(now, u64::from(bytes));
        }
        self.write_records.take(now, 1);
        // As a shard counts: a thousand records are as much as a mebibyte.
        self.since_scaling += u64::from(bytes).max(1_024);
        Ok(())
    }

    pub(super) fn push(&mut self, now: SimTime, bytes: u32, source: u32, item: u32) -> u64 {
        self.records.push(Entry { at: now, bytes, source, item })
    }

    pub(super) fn push_own(&mut self, now: SimTime, bytes: u32, own: Own) -> u64 {
        self.records.push_own(now, bytes, own)
    }

    /// Notes records that were refused.
    pub(super) fn refuse(&mut self, now: SimTime, records: u32, bytes: u32) {
        forget(&mut self.refused, now, |(at, ..)| *at);
        match self.refused.back_mut() {
            Some((at, more, more_bytes)) if *at == now => {
                *more += records;
                *more_bytes = more_bytes.saturating_add(bytes);
            }
            _ => self.refused.push_back((now, records, bytes)),
        }
    }

    /// Drops what expired, by whole segments.
    pub(super) fn tidy(&mut self, now: SimTime, retention: i64) {
        let horizon = self.records.horizon(now, retention);
        if self.records.has_old_segment(horizon) {
            self.records.trim(horizon);
        }
    }

    /// Whether a GetShardIterator may be made now.
    pub(super) fn admit_iterator(&mut self, now: SimTime) -> bool {
        self.iterators.try_take(now, 1)
    }

    /// The position that a reader begins at.
    pub fn place(&self, now: SimTime, retention: i64, from: ReadFrom) -> u64 {
        match from {
            ReadFrom::TrimHorizon => self.records.horizon(now, retention),
            ReadFrom::Latest => self.records.len(),
            ReadFrom::At(time) => self.records.at_or_after(time).max(self.records.horizon(now, retention)),
            ReadFrom::Position(position) => position,
        }
    }

    /// What stands from `position` on, without asking the limits: at most `limit` records and `max_bytes` (at least one record).
    pub fn peek(&self, now: SimTime, retention: i64, position: u64, limit: u64, max_bytes: u64) -> Read {
        let from = position.max(self.records.horizon(now, retention));
        let mut read = Read {
            from,
            to: from,
            bytes: 0,
            behind_millis: 0,
            ended: false,
        };
        let mut last = None;
        for (at, entry) in self.records.from(from) {
            let bytes = u64::from(entry.bytes);
            if at - from >= limit || (at > from && read.bytes + bytes > max_bytes) {
                break;
            }
            read.to = at + 1;
            read.bytes += bytes;
            last = Some(entry.at);
        }
        if read.to < self.records.len() {
            let last = last.or_else(|| self.records.get(read.to).map(|entry| entry.at)).unwrap_or(now);
            read.behind_millis = (now.micros() - last.micros()).max(0) / 1_000;
        } else {
            read.ended = !self.is_open();
        }
        read
    }

    /// One GetRecords under the limits that polling consumers share.
    pub(super) fn read(&mut self, now: SimTime, retention: i64, position: u64, limit: u64) -> Result<Read, Limit> {
        let refused = if !self.reads.try_take(now, 1) {
            Some(Limit::Reads)
        } else if now < self.paused_until || self.read_bytes.tokens(now) <= 0 {
            Some(Limit::ReadBytes)
        } else {
            None
        };
        forget(&mut self.read, now, |(at, ..)| *at);
        if let Some(limit) = refused {
            self.read.push_back((now, 0, true));
            return Err(limit);
        }
        let read = self.peek(now, retention, position, limit.min(ANSWER_RECORDS), ANSWER_BYTES);
        self.read_bytes.take(now, read.bytes);
        // The next record would have gone over the answer's size.
        let next = self.records.get(read.to).map_or(0, |entry| u64::from(entry.bytes));
        if read.bytes >= ANSWER_BYTES || (read.to - read.from < limit.min(ANSWER_RECORDS) && next > 0 && read.bytes + next > ANSWER_BYTES) {
            self.paused_until = now.plus_micros(PAUSE);
        }
        self.read.push_back((now, u32::try_from(read.bytes).unwrap_or(u32::MAX), false));
        Ok(read)
    }

    pub fn last_second(&self, now: SimTime) -> LastSecond {
        let since = SimTime::from_micros(now.micros() - SECOND + 1);
        let from = self.records.at_or_after(since);
        let mut last = LastSecond {
            records: self.records.len() - from,
            bytes: self.records.bytes_between(from, self.records.len()),
            ..LastSecond::default()
        };
        for (_, records, bytes) in self.refused.iter().filter(|(at, ..)| *at >= since) {
            last.throttled += u64::from(*records);
            last.throttled_bytes += u64::from(*bytes);
        }
        for (_, bytes, refused) in self.read.iter().filter(|(at, ..)| *at >= since) {
            last.reads += 1;
            last.read_bytes += u64::from(*bytes);
            last.reads_throttled += u64::from(*refused);
        }
        last
    }
}

pub fn shard_id(index: u32) -> String {
    format!("shardId-{index:012}")
}

fn forget<T>(list: &mut VecDeque<T>, now: SimTime, at: impl Fn(&T) -> SimTime) {
    while list.front().is_some_and(|first| now.micros() - at(first).micros() >= SECOND) {
        list.pop_front();
    }
}
