//! Producers that put on a delivery stream of Firehose: PutRecordBatch, and what the client does with what fails of it.

use alloc::vec::Vec;

use super::producer::{Producer, Sent, Waiting};
use crate::sim::SimTime;
use crate::stream::firehose::{Firehose, Happened, Status};
use crate::stream::kinesis::Entry;

/// Records and bytes of one PutRecordBatch ("Amazon Data Firehose quota").
const BATCH: usize = 500;
const BATCH_BYTES: u64 = 4 * 1_048_576;

/// The delivery streams that producers put on, and what followed.
pub struct Hoses<'a> {
    pub firehose: &'a mut Firehose,
    pub seed: u64,
    pub happened: Vec<Happened>,
}

impl Hoses<'_> {
    pub(super) fn is_active(&self, name: &str) -> bool {
        self.firehose.stream(name).is_some_and(|stream| stream.status() == Status::Active)
    }
}

impl Producer {
    /// Puts what is due, and answers what each call did. A record of a producer is data alone here: there are no keys.
    pub(super) fn act_on_hose(&mut self, now: SimTime, name: &str, hoses: &mut Hoses<'_>) -> Vec<Sent> {
        let client = self.spec.client;
        let due = self.due_by(now) as u32;
        let room = client.holds.map_or(u32::MAX, |holds| holds.saturating_sub(self.queue.len() as u32));
        let until = due.min(self.next.saturating_add(room));
        let fresh = self.next..until;
        self.next = self.next.max(until);
        self.tally.offered += u64::from(fresh.end.saturating_sub(fresh.start));
        let lives = client.lives.unwrap_or(i64::MAX);
        let (mut batch, mut given_up): (Vec<Waiting>, u32) = (Vec::new(), 0);
        for waiting in core::mem::take(&mut self.queue) {
            if now.micros() - waiting.born.micros() >= lives {
                given_up += 1;
            } else if waiting.due <= now {
                batch.push(waiting);
            } else {
                self.queue.push_back(waiting);
            }
        }
        batch.extend(fresh.map(|item| Waiting {
            item,
            attempt: 0,
            born: now,
            due: now,
        }));
        self.tally.given_up += u64::from(given_up);
        let mut sent = Vec::new();
        let mut call: Vec<(Waiting, u32)> = Vec::new();
        let mut bytes = 0u64;
        for waiting in batch {
            let size = self.data_bytes(waiting.item);
            if call.len() == BATCH || (!call.is_empty() && bytes + u64::from(size) > BATCH_BYTES) {
                sent.push(self.put_batch(now, name, core::mem::take(&mut call), hoses));
                bytes = 0;
            }
            bytes += u64::from(size);
            call.push((waiting, size));
        }
        if !call.is_empty() {
            sent.push(self.put_batch(now, name, call, hoses));
        }
        if given_up > 0 {
            sent.push(Sent { given_up, ..Sent::default() });
        }
        sent
    }

    fn put_batch(&mut self, now: SimTime, name: &str, call: Vec<(Waiting, u32)>, hoses: &mut Hoses<'_>) -> Sent {
        let mut sent = Sent::default();
        let mut refused: Vec<Waiting> = Vec::new();
        let open = hoses.firehose.stream_mut(name).is_some_and(|stream| stream.admit_request(now));
        for (waiting, bytes) in call {
            let admitted = open && hoses.firehose.stream_mut(name).is_some_and(|stream| stream.admit(now, bytes));
            if !admitted {
                refused.push(waiting);
                continue;
            }
            let entry = Entry {
                at: now,
                bytes,
                source: self.number,
                item: waiting.item,
            };
            hoses.firehose.take(hoses.seed, now, name, entry, None, &mut hoses.happened);
            sent.records += 1;
            sent.bytes += u64::from(bytes);
        }
        let throttled = u32::try_from(refused.len()).unwrap_or(u32::MAX);
        if let Some(stream) = hoses.firehose.stream_mut(name) {
            stream.count_put(u32::try_from(sent.records).unwrap_or(u32::MAX), sent.bytes, throttled);
        }
        let client = self.spec.client;
        for waiting in refused {
            if client.retries.is_none_or(|most| waiting.attempt < most) {
                let doublings = waiting.attempt.min(if client.retries.is_none() { 0 } else { 6 });
                self.tally.retried += 1;
                self.queue.push_back(Waiting {
                    attempt: waiting.attempt.saturating_add(1),
                    due: now.plus_micros(client.backoff << doublings),
                    ..waiting
                });
            } else {
                sent.given_up += 1;
            }
        }
        self.tally.calls += 1;
        self.tally.throttled += u64::from(throttled);
        self.tally.accepted += sent.records;
        self.tally.given_up += u64::from(sent.given_up);
        if throttled > 0 {
            sent.slowed = throttled;
        }
        sent
    }
}
