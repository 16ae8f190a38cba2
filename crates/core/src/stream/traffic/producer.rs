use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::aggregate::{self, Size};
use super::{Client, Keys, Pattern, Rate};
use crate::sim::{Shared, SimTime, splitmix64};
use crate::stream::kinesis::{Allowance, Limit, Put, Ring, Stream, WRITE_BYTES, WRITE_RECORDS};

/// Records of one PutRecords.
const BATCH: usize = 500;
/// The shortest time between two calls of one producer.
const SHORTEST: i64 = 10_000;
/// Numbers from here on are aggregated records.
const AGGREGATE: u32 = 1 << 31;

/// Where a producer puts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    Stream(String),
    /// Of Firehose, by PutRecordBatch.
    DeliveryStream(String),
}

/// A row that is put as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Microseconds after the first.
    pub at: i64,
    pub key: String,
    pub data: String,
}

/// What a producer does. It does not change: an update is another producer of the same name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    pub target: Target,
    pub per_second: f64,
    pub rate: Rate,
    pub prefix: String,
    pub digits: u32,
    pub keys: u32,
    pub pattern: Pattern,
    /// Data and key.
    pub min_bytes: u32,
    pub max_bytes: u32,
    pub template: Option<String>,
    #[serde(default)]
    pub rows: Vec<Row>,
    pub client: Client,
    /// Microseconds after its beginning at which it stops.
    pub until: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub item: u32,
    pub attempt: u8,
    pub born: SimTime,
    pub due: SimTime,
}

/// What a producer counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    /// User records.
    pub offered: u64,
    pub accepted: u64,
    /// Refusals, one record several times if it was put several times.
    pub throttled: u64,
    pub retried: u64,
    pub given_up: u64,
    pub calls: u64,
}

/// An application that puts records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Producer {
    /// What entries of its records name as their source; never 0.
    pub(super) number: u32,
    pub(super) name: String,
    pub(super) spec: Shared<Spec>,
    #[serde(skip)]
    keys: Option<Arc<Keys>>,
    pub(super) seed: u64,
    pub(super) started: SimTime,
    pub(super) ended: Option<SimTime>,
    /// The next record to offer.
    pub(super) next: u32,
    pub(super) queue: VecDeque<Waiting>,
    aggregates: Vec<Shared<Vec<u32>>>,
    paces: BTreeMap<u32, (Allowance, Allowance)>,
    #[serde(skip)]
    places: Option<(Ring, Arc<[u32]>)>,
    pub(super) tally: Tally,
    /// Trace row of the call that made it.
    pub(super) cause: Option<u32>,
}

/// What one PutRecords of a producer did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sent {
    pub records: u64,
    pub bytes: u64,
    /// Records that a shard refused, by shard, with the limit that was met first.
    pub refused: Vec<(u32, u32, Option<Limit>)>,
    pub given_up: u32,
    /// Records that a delivery stream told to slow down.
    pub slowed: u32,
}

impl Producer {
    pub(super) fn new(number: u32, name: &str, spec: Shared<Spec>, seed: u64, started: SimTime) -> Producer {
        let mut mix = seed ^ u64::from(number).rotate_left(32);
        let mut producer = Producer {
            number,
            name: name.to_string(),
            spec,
            keys: None,
            seed: splitmix64(&mut mix),
            started,
            ended: None,
            next: 0,
            queue: VecDeque::new(),
            aggregates: Vec::new(),
            paces: BTreeMap::new(),
            places: None,
            tally: Tally::default(),
            cause: None,
        };
        producer.restored();
        producer
    }

    /// After a snapshot was read: the keys with their hashes.
    pub(super) fn restored(&mut self) {
        let spec = &self.spec;
        self.keys = Some(Arc::new(if spec.rows.is_empty() {
            Keys::new(&spec.prefix, spec.digits, spec.keys, spec.pattern)
        } else {
            Keys::of_rows(spec.rows.iter().map(|row| row.key.as_str()))
        }));
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    pub fn is_running(&self) -> bool {
        self.ended.is_none()
    }

    /// User records that wait in the client.
    pub fn outstanding(&self) -> u64 {
        let of = |waiting: &Waiting| match self.aggregates.get((waiting.item ^ AGGREGATE) as usize) {
            Some(items) if waiting.item >= AGGREGATE => items.len() as u64,
            _ => 1,
        };
        self.queue.iter().map(of).sum()
    }

    /// Records that the application would have offered by now, had the client not stood still.
    pub fn held_back(&self, now: SimTime) -> u64 {
        self.due_by(now).saturating_sub(u64::from(self.next))
    }

    pub(super) fn due_by(&self, now: SimTime) -> u64 {
        let end = self.spec.until.map_or(i64::MAX, |until| until);
        let elapsed = (self.ended.map_or(now, |ended| ended.min(now)).micros() - self.started.micros()).min(end);
        let due = if self.spec.rows.is_empty() {
            self.spec.rate.emitted(self.spec.per_second, elapsed)
        } else {
            self.spec.rows.partition_point(|row| row.at <= elapsed) as u64
        };
        due.min(u64::from(AGGREGATE - 1))
    }

    /// Whether it has offered its last record, and none waits.
    pub(super) fn is_done(&self) -> bool {
        let offered = match (&self.spec.rows, self.spec.until) {
            (rows, _) if !rows.is_empty() => self.next as usize >= rows.len(),
            (_, Some(until)) => u64::from(self.next) >= self.spec.rate.emitted(self.spec.per_second, until),
            (_, None) => false,
        };
        offered && self.queue.is_empty()
    }

    /// Records a second that the application offers now.
    pub fn rate_at(&self, now: SimTime) -> f64 {
        let elapsed = now.micros() - self.started.micros();
        if !self.is_running() || self.spec.until.is_some_and(|until| elapsed > until) {
            return 0.0;
        }
        if self.spec.rows.is_empty() {
            self.spec.rate.at(self.spec.per_second, elapsed)
        } else {
            let count = |at: i64| self.spec.rows.partition_point(|row| row.at <= at) as f64;
            count(elapsed) - count(elapsed - 1_000_000)
        }
    }

    /// Numbers of the records that were due between two moments.
    fn between(&self, from: SimTime, to: SimTime) -> core::ops::Range<u32> {
        (self.due_by(from) as u32)..(self.due_by(to) as u32)
    }

    /// What was offered between two moments: key, hash key, records.
    pub fn offered_by_key(&self, from: SimTime, to: SimTime) -> Vec<(String, u128, u64)> {
        let offered = self.offered(from, to).into_iter();
        offered.map(|(key, count)| (self.key_text(key), self.key_hash(key), count)).collect()
    }

    /// The same by the number of the key.
    pub(super) fn offered(&self, from: SimTime, to: SimTime) -> BTreeMap<u32, u64> {
        let mut counts = BTreeMap::new();
        for item in self.between(from, to) {
            *counts.entry(self.key_of(item)).or_default() += 1;
        }
        counts
    }

    fn keys(&self) -> &Keys {
        self.keys.as_deref().expect("a producer has its keys from its beginning")
    }

    /// The number of a record's key. For an aggregated record: of its first user record, as the KPL has it.
    pub(super) fn key_of(&self, item: u32) -> u32 {
        self.keys().pick(self.seed, self.first_of(item))
    }

    pub(super) fn key_text(&self, key: u32) -> String {
        self.keys().text(key)
    }

    pub(super) fn key_hash(&self, key: u32) -> u128 {
        self.keys().hash(key)
    }

    fn first_of(&self, item: u32) -> u32 {
        self.aggregates
            .get((item ^ AGGREGATE) as usize)
            .filter(|_| item >= AGGREGATE)
            .and_then(|items| items.first().copied())
            .unwrap_or(item)
    }

    /// The user records in a record.
    pub(super) fn items_of(&self, item: u32) -> Vec<u32> {
        match self.aggregates.get((item ^ AGGREGATE) as usize) {
            Some(items) if item >= AGGREGATE => items.to_vec(),
            _ => Vec::from([item]),
        }
    }

    /// Bytes of a user record, key and data.
    fn bytes_of(&self, item: u32) -> u32 {
        let spec = &self.spec;
        if let Some(row) = spec.rows.get(item as usize) {
            return u32::try_from(row.key.len() + row.data.len()).unwrap_or(u32::MAX);
        }
        if spec.template.is_some() {
            let (key, data) = self.user_record(item);
            return u32::try_from(key.len() + data.len()).unwrap_or(u32::MAX);
        }
        if spec.min_bytes >= spec.max_bytes {
            return spec.min_bytes;
        }
        let mut state = self.seed.rotate_left(17) ^ u64::from(item).wrapping_mul(0x2545_f491_4f6c_dd1d);
        let span = u64::from(spec.max_bytes - spec.min_bytes) + 1;
        spec.min_bytes + (splitmix64(&mut state) % span) as u32
    }

    /// Key and data of a record as a consumer reads it.
    pub(super) fn record(&self, item: u32) -> (String, Vec<u8>) {
        let users: Vec<(String, String)> = self.items_of(item).into_iter().map(|item| self.user_record(item)).collect();
        match users.as_slice() {
            // The KPL puts a user record that stands alone as it is.
            [(key, data)] => (key.clone(), data.clone().into_bytes()),
            users => (self.key_text(self.key_of(item)), aggregate::encode(users)),
        }
    }

    /// Bytes of a user record's data.
    pub(super) fn data_bytes(&self, item: u32) -> u32 {
        self.bytes_of(item).saturating_sub(self.key_bytes(item))
    }

    /// Bytes of a user record's key.
    fn key_bytes(&self, item: u32) -> u32 {
        let key = match self.spec.rows.get(item as usize) {
            Some(row) => row.key.len(),
            None => self.key_text(self.key_of(item)).len(),
        };
        u32::try_from(key).unwrap_or(u32::MAX)
    }

    fn user_record(&self, item: u32) -> (String, String) {
        if let Some(row) = self.spec.rows.get(item as usize) {
            return (row.key.clone(), row.data.clone());
        }
        let key = self.key_text(self.keys().pick(self.seed, item));
        let data = match &self.spec.template {
            Some(template) => super::state::rendered(template, &key, item, self.time_of(item), self.seed),
            None => {
                let size = self.bytes_of(item) as usize;
                let plain = format!("{{\"key\":\"{key}\",\"n\":{item}");
                let rest = size.saturating_sub(key.len());
                match rest.checked_sub(plain.len() + 10) {
                    Some(pad) => format!("{plain},\"pad\":\"{}\"}}", "x".repeat(pad)),
                    None => "x".repeat(rest),
                }
            }
        };
        (key, data)
    }

    /// When the application made a record: the first moment by which so many were due.
    fn time_of(&self, item: u32) -> SimTime {
        let (mut low, mut high) = (0i64, self.spec.until.unwrap_or(1 << 50));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.spec.rate.emitted(self.spec.per_second, middle) > u64::from(item) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        self.started.plus_micros(low)
    }

    fn place(&mut self, ring: &Ring) -> Arc<[u32]> {
        if let Some((of, places)) = &self.places
            && of.is(ring)
        {
            return places.clone();
        }
        let keys = self.keys();
        let places: Arc<[u32]> = (0..keys.len()).map(|key| ring.shard_of(keys.hash(key)).unwrap_or(u32::MAX)).collect();
        self.places = Some((ring.clone(), places.clone()));
        places
    }

    /// Puts what is due on a stream, and answers what each call did.
    pub(super) fn act(&mut self, now: SimTime, stream: &mut Stream) -> Vec<Sent> {
        let places = self.place(stream.ring());
        let client = self.spec.client;
        let due = self.due_by(now) as u32;
        // A queue's limit counts the application's records, however many of them are in one of the stream's.
        let room = client
            .holds
            .map_or(u32::MAX, |holds| holds.saturating_sub(u32::try_from(self.outstanding()).unwrap_or(u32::MAX)));
        let until = due.min(self.next.saturating_add(room));
        let fresh = self.next..until;
        self.next = self.next.max(until);
        self.tally.offered += u64::from(fresh.end.saturating_sub(fresh.start));
        let mut batch: Vec<Waiting> = Vec::new();
        let mut given_up = 0;
        // Those that wait come first; what is not due stays in its order.
        if !self.queue.is_empty() {
            let lives = client.lives.unwrap_or(i64::MAX);
            for waiting in core::mem::take(&mut self.queue) {
                if now.micros() - waiting.born.micros() >= lives {
                    given_up += self.items_of(waiting.item).len() as u32;
                } else if waiting.due <= now {
                    batch.push(waiting);
                } else {
                    self.queue.push_back(waiting);
                }
            }
        }
        let wait = |item| Waiting {
            item,
            attempt: 0,
            born: now,
            due: now,
        };
        match client.aggregates {
            Some(max) => batch.extend(self.aggregate(fresh, &places, max).into_iter().map(wait)),
            None => batch.extend(fresh.map(wait)),
        }
        if let Some(percent) = client.paces {
            batch = self.paced(now, batch, &places, percent);
        }
        self.tally.given_up += u64::from(given_up);
        let mut sent = Vec::new();
        for call in batch.chunks(BATCH) {
            let mut one = self.put(now, stream, call, &places);
            one.given_up += core::mem::take(&mut given_up);
            sent.push(one);
        }
        if given_up > 0 {
            sent.push(Sent { given_up, ..Sent::default() });
        }
        sent
    }

    fn bytes_with(&self, item: u32) -> u32 {
        match self.aggregates.get((item ^ AGGREGATE) as usize) {
            Some(items) if item >= AGGREGATE => match items.as_slice() {
                [alone] => self.bytes_of(*alone),
                items => {
                    let mut size = Size::new();
                    for item in items {
                        size.add(self.key_of(*item), self.key_bytes(*item), self.data_bytes(*item));
                    }
                    // The record's own key is that of its first user record.
                    size.bytes() + items.first().map_or(0, |first| self.key_bytes(*first))
                }
            },
            _ => self.bytes_of(item),
        }
    }

    fn put(&mut self, now: SimTime, stream: &mut Stream, call: &[Waiting], places: &[u32]) -> Sent {
        let batch = call.iter().map(|waiting| Put {
            shard: places.get(self.key_of(waiting.item) as usize).copied().unwrap_or(u32::MAX),
            bytes: self.bytes_with(waiting.item),
            source: self.number,
            item: waiting.item,
        });
        let written = stream.put_all(now, batch);
        let mut sent = Sent {
            records: written.records,
            bytes: written.bytes,
            ..Sent::default()
        };
        let client = self.spec.client;
        let mut by_shard: BTreeMap<u32, (u32, Option<Limit>)> = BTreeMap::new();
        let mut lost = 0u64;
        for refused in &written.refused {
            let entry = by_shard.entry(refused.shard).or_insert((0, Some(refused.limit)));
            entry.0 += 1;
            let Some(waiting) = call.get(refused.at) else { continue };
            let users = self.items_of(waiting.item).len() as u64;
            lost += users;
            if client.retries.is_none_or(|most| waiting.attempt < most) {
                let wait = client.backoff << waiting.attempt.min(if client.retries.is_none() { 0 } else { 6 });
                self.tally.retried += 1;
                self.queue.push_back(Waiting {
                    attempt: waiting.attempt.saturating_add(1),
                    due: now.plus_micros(wait),
                    ..*waiting
                });
            } else {
                sent.given_up += users as u32;
            }
        }
        let users: u64 = if client.aggregates.is_some() {
            call.iter().map(|waiting| self.items_of(waiting.item).len() as u64).sum()
        } else {
            call.len() as u64
        };
        self.tally.calls += 1;
        self.tally.throttled += written.refused.len() as u64;
        self.tally.accepted += users - lost;
        self.tally.given_up += u64::from(sent.given_up);
        sent.refused = by_shard.into_iter().map(|(shard, (count, limit))| (shard, count, limit)).collect();
        sent
    }

    /// Groups user records by shard into aggregated records of at most `max` bytes.
    fn aggregate(&mut self, fresh: core::ops::Range<u32>, places: &[u32], max: u32) -> Vec<u32> {
        let mut groups: BTreeMap<u32, (Size, Vec<u32>)> = BTreeMap::new();
        let mut made = Vec::new();
        let mut close = |items: Vec<u32>, aggregates: &mut Vec<Shared<Vec<u32>>>| {
            made.push(AGGREGATE | aggregates.len() as u32);
            aggregates.push(items.into());
        };
        for item in fresh {
            let shard = places.get(self.key_of(item) as usize).copied().unwrap_or(u32::MAX);
            let (key, key_bytes, data_bytes) = (self.key_of(item), self.key_bytes(item), self.data_bytes(item));
            let group = groups.entry(shard).or_insert_with(|| (Size::new(), Vec::new()));
            if group.0.with(key, key_bytes, data_bytes) > max && !group.1.is_empty() {
                close(core::mem::take(&mut group.1), &mut self.aggregates);
                group.0 = Size::new();
            }
            group.0.add(key, key_bytes, data_bytes);
            group.1.push(item);
        }
        for (_, (_, items)) in groups {
            close(items, &mut self.aggregates);
        }
        made
    }

    /// Holds back what would be over `percent` of a shard's limits: it stays in the queue.
    fn paced(&mut self, now: SimTime, batch: Vec<Waiting>, places: &[u32], percent: u32) -> Vec<Waiting> {
        let mut passed = Vec::with_capacity(batch.len());
        for waiting in batch {
            let shard = places.get(self.key_of(waiting.item) as usize).copied().unwrap_or(u32::MAX);
            let bytes = u64::from(self.bytes_with(waiting.item));
            let of = |limit: u32| Allowance::new((u64::from(limit) * u64::from(percent) / 100) as u32, now);
            let (records, size) = self.paces.entry(shard).or_insert_with(|| (of(WRITE_RECORDS), of(WRITE_BYTES)));
            if records.has(now, 1) && size.has(now, bytes) {
                records.take(now, 1);
                size.take(now, bytes);
                passed.push(waiting);
            } else {
                self.queue.push_back(waiting);
            }
        }
        passed
    }

    /// When it acts next: with a full batch, or when records have waited long enough. `None`: it is done.
    pub(super) fn next_at(&self, now: SimTime) -> Option<SimTime> {
        let linger = self.spec.client.linger.max(SHORTEST);
        if !self.queue.is_empty() {
            // What waits is looked at with the pace of the client.
            return Some(now.plus_micros(linger.min(100_000)));
        }
        if let Some(ended) = self.ended
            && ended <= now
        {
            return None;
        }
        let elapsed = now.micros() - self.started.micros();
        if !self.spec.rows.is_empty() {
            let next = self.spec.rows.get(self.next as usize)?;
            return Some(self.started.plus_micros(next.at).max(now.plus_micros(SHORTEST)));
        }
        if self.spec.until.is_some_and(|until| elapsed >= until) {
            return None;
        }
        let rate = self.rate_at(now).max(1e-6);
        let full = (BATCH as f64 / rate * 1e6) as i64;
        // A slow producer acts when its next record is due.
        let one = (1e6 / rate) as i64;
        Some(now.plus_micros(full.clamp(SHORTEST, linger).max(one.min(60_000_000)).max(SHORTEST)))
    }
}
