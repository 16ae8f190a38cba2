//! One act of a consumer in one shard.

use super::consumer::{Consumer, ConsumerKind};
use crate::sim::{SimTime, splitmix64};
use crate::stream::kinesis::{Allowance, Entry, Limit, READ_BYTES, Read, Stream};

/// How soon a push follows a record ("about 70 ms" by AWS's page on enhanced fan-out), and how soon the next look.
const PUSH: i64 = 70_000;
/// Lambda polls a shard once a second ("Polling and batching streams").
const LAMBDA_POLL: i64 = 1_000_000;
const ANSWER: u64 = 10 * 1_048_576;

/// What an act did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Consumed {
    Nothing,
    Records {
        records: u64,
        /// Milliseconds that it is behind afterwards.
        behind: i64,
    },
    Throttled(Limit),
    /// A Lambda batch failed; of the records, so many are passed over for good.
    Failed {
        passed: u64,
    },
}

impl Consumer {
    /// Acts in one shard. `key_of` gives the partition key of an entry that has no bytes of its own.
    pub(crate) fn act(&mut self, now: SimTime, stream: &mut Stream, index: u32, key_of: &dyn Fn(&Entry) -> alloc::string::String) -> Consumed {
        let Some(mut place) = self.places.remove(&index) else {
            return Consumed::Nothing;
        };
        let retention = stream.retention();
        // What expired before it was read is lost to this consumer.
        if let Some(shard) = stream.shard(index) {
            let horizon = shard.records().horizon(now, retention);
            if horizon > place.position {
                self.tally.missed += horizon - place.position;
                place.position = horizon;
            }
        }
        let (result, wait) = match self.kind {
            ConsumerKind::Shared { interval, most } => self.poll(now, stream, index, &mut place, interval, most),
            ConsumerKind::Flink1 { interval, most, adaptive } => {
                let limit = place.most.filter(|_| adaptive).unwrap_or(most);
                let before = self.tally;
                let done = self.poll(now, stream, index, &mut place, interval, limit);
                let (records, bytes) = (self.tally.records - before.records, self.tally.bytes - before.bytes);
                if adaptive && records > 0 {
                    // ShardConsumer.adaptRecordsToRead: 2 MiB/s over the reads a second over the mean size, within 10,000.
                    let reads = 1_000_000.0 / interval.max(1) as f64;
                    let size = bytes as f64 / records as f64;
                    place.most = Some((2_097_152.0 / reads / size).clamp(1.0, 10_000.0) as u32);
                }
                done
            }
            ConsumerKind::FanOut => {
                let push = place.push.get_or_insert_with(|| Allowance::new(READ_BYTES, now));
                let room = push.tokens(now).max(0).unsigned_abs();
                let read = stream
                    .shard(index)
                    .filter(|_| room > 0)
                    .map(|shard| shard.peek(now, retention, place.position, 10_000, room));
                if let Some(read) = read {
                    push.take(now, read.bytes);
                    stream.pushed(read.bytes);
                    let work = self.work.saturating_mul(i64::try_from(read.to - read.from).unwrap_or(i64::MAX));
                    (self.took(now, stream, index, &mut place, read), PUSH.max(work))
                } else {
                    (Consumed::Nothing, PUSH)
                }
            }
            ConsumerKind::Lambda {
                batch,
                retries,
                bisect,
                dead_letters,
            } => self.invoke(now, stream, index, &mut place, batch, retries, bisect, dead_letters, key_of),
        };
        place.next_at = (!place.done).then(|| now.plus_micros(wait.max(1_000)));
        self.places.insert(index, place);
        result
    }

    /// Microseconds that a GetRecords takes, 5 to 25 ms and never twice the same, so that readers which poll alike do not keep step. A model: AWS says nothing of it.
    fn latency(&self, index: u32) -> i64 {
        let name = self.name.bytes().fold(u64::from(index), |state, byte| state.rotate_left(7) ^ u64::from(byte));
        let mut state = name ^ self.tally.reads.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        5_000 + (splitmix64(&mut state) % 20_000) as i64
    }

    fn poll(&mut self, now: SimTime, stream: &mut Stream, index: u32, place: &mut super::consumer::Place, interval: i64, most: u32) -> (Consumed, i64) {
        self.tally.reads += 1;
        let latency = self.latency(index);
        match stream.read(now, index, place.position, u64::from(most)) {
            Ok(read) => {
                let records = read.to - read.from;
                let work = self.work.saturating_mul(i64::try_from(records).unwrap_or(i64::MAX));
                (self.took(now, stream, index, place, read), latency + interval.max(work))
            }
            Err(limit) => {
                self.tally.throttled += 1;
                // Any time within the interval, as a client backs off with full jitter: who was refused is not refused for ever.
                let share = latency - 5_000;
                (Consumed::Throttled(limit), latency + interval.saturating_mul(share) / 20_000)
            }
        }
    }

    fn took(&mut self, now: SimTime, stream: &Stream, index: u32, place: &mut super::consumer::Place, read: Read) -> Consumed {
        place.position = read.to;
        place.done = read.ended;
        let records = read.to - read.from;
        self.tally.records += records;
        self.tally.bytes += read.bytes;
        if records == 0 {
            return Consumed::Nothing;
        }
        Consumed::Records {
            records,
            behind: super::consumer::behind_in(stream, index, place, now),
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn invoke(
        &mut self,
        now: SimTime,
        stream: &mut Stream,
        index: u32,
        place: &mut super::consumer::Place,
        batch: u32,
        retries: Option<u32>,
        bisect: bool,
        dead_letters: bool,
        key_of: &dyn Fn(&Entry) -> alloc::string::String,
    ) -> (Consumed, i64) {
        let mut ended = false;
        if place.pending.is_empty() {
            self.tally.reads += 1;
            match stream.read(now, index, place.position, u64::from(batch)) {
                Ok(read) if read.to > read.from => {
                    place.pending.push((read.from, read.to, 0));
                    place.position = read.to;
                    self.tally.bytes += read.bytes;
                    ended = read.ended;
                }
                Ok(read) => {
                    place.done = read.ended;
                    return (Consumed::Nothing, LAMBDA_POLL);
                }
                Err(limit) => {
                    self.tally.throttled += 1;
                    return (Consumed::Throttled(limit), LAMBDA_POLL);
                }
            }
        }
        let Some((from, to, tries)) = place.pending.first().copied() else {
            return (Consumed::Nothing, LAMBDA_POLL);
        };
        let Some(shard) = stream.shard(index) else {
            return (Consumed::Nothing, LAMBDA_POLL);
        };
        let horizon = shard.records().horizon(now, stream.retention());
        place.pending.remove(0);
        if horizon >= to {
            // It expired while it was tried.
            self.tally.given_up += to - from;
            return (Consumed::Failed { passed: to - from }, LAMBDA_POLL);
        }
        let work = self.work.saturating_mul(i64::try_from(to - from).unwrap_or(i64::MAX)).max(LAMBDA_POLL / 10);
        let fails = shard.records().from(from).take_while(|(at, _)| *at < to).any(|(at, entry)| {
            let key = shard.records().own(at).map_or_else(|| key_of(entry), |own| own.partition_key.clone());
            self.fails(&key, at)
        });
        if !fails {
            self.tally.records += to - from;
            place.done = ended
                || (place.pending.is_empty()
                    && shard.peek(now, stream.retention(), place.position, 1, ANSWER).ended
                    && place.position >= shard.records().len());
            let behind = super::consumer::behind_in(stream, index, place, now);
            return (Consumed::Records { records: to - from, behind }, work);
        }
        self.tally.failures += 1;
        let wait = (LAMBDA_POLL << tries.min(6)).max(work);
        if bisect && to - from > 1 {
            // A split batch does not count as a try ("BisectBatchOnFunctionError").
            let middle = from + (to - from) / 2;
            place.pending.insert(0, (middle, to, tries));
            place.pending.insert(0, (from, middle, tries));
            return (Consumed::Failed { passed: 0 }, work);
        }
        if retries.is_none_or(|most| tries < most) {
            place.pending.insert(0, (from, to, tries + 1));
            return (Consumed::Failed { passed: 0 }, wait);
        }
        if dead_letters {
            self.tally.dead_letters += to - from;
        } else {
            self.tally.given_up += to - from;
        }
        (Consumed::Failed { passed: to - from }, work)
    }
}
