use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::change::Change;
use super::charges::Owed;
use super::shard::{Limit, Read, shard_id};
use super::{Counters, Own, Ring, Shard, initial_ranges};
use crate::account::{AccountOptions, ApiError};
use crate::sim::{Shared, SimTime};
use crate::storage::cost::Meter;

pub(super) const HOUR: i64 = 3_600_000_000;
/// Shards of a new on-demand stream ("Choose the right mode").
pub(super) const ON_DEMAND_SHARDS: u32 = 4;
/// How long AWS takes to create or delete a stream, in seconds. Not documented: "waits awaited" is all that a client may count on.
pub(super) const CREATE_SECONDS: i64 = 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    #[serde(rename = "CREATING")]
    Creating,
    #[serde(rename = "DELETING")]
    Deleting,
    #[serde(rename = "ACTIVE")]
    Active,
    #[serde(rename = "UPDATING")]
    Updating,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Creating => "CREATING",
            Status::Deleting => "DELETING",
            Status::Active => "ACTIVE",
            Status::Updating => "UPDATING",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mode {
    #[serde(rename = "PROVISIONED")]
    Provisioned,
    #[serde(rename = "ON_DEMAND")]
    OnDemand,
}

impl Mode {
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Provisioned => "PROVISIONED",
            Mode::OnDemand => "ON_DEMAND",
        }
    }

    pub fn parse(text: &str) -> Option<Mode> {
        [Mode::Provisioned, Mode::OnDemand].into_iter().find(|mode| mode.as_str() == text)
    }
}

/// A consumer with enhanced fan-out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consumer {
    pub name: String,
    pub created: SimTime,
    /// When it becomes ACTIVE.
    pub active_at: SimTime,
    /// When it goes, once it is deregistered.
    pub gone_at: Option<SimTime>,
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// When it last subscribed to a shard.
    #[serde(default)]
    pub(super) subscribed: BTreeMap<u32, SimTime>,
}

impl Consumer {
    pub fn status(&self, now: SimTime) -> &'static str {
        match self.gone_at {
            Some(_) => "DELETING",
            None if now < self.active_at => "CREATING",
            None => "ACTIVE",
        }
    }
}

/// One record of a producer that is to be put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Put {
    pub shard: u32,
    pub bytes: u32,
    pub source: u32,
    pub item: u32,
}

/// A record that was not taken, and why. `at`: its place in the batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused {
    pub at: usize,
    pub shard: u32,
    pub limit: Limit,
}

/// What became of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    pub records: u64,
    pub bytes: u64,
    pub refused: Vec<Refused>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stream {
    pub(super) name: String,
    pub(super) created: SimTime,
    pub(super) status: Status,
    pub(super) mode: Mode,
    pub(super) retention_hours: i64,
    pub(super) shards: Vec<Shared<Shard>>,
    #[serde(skip)]
    pub(super) ring: Ring,
    /// What is under way, and when its next step is due.
    pub(super) change: Option<(SimTime, Change)>,
    pub(super) key_id: Option<String>,
    pub(super) max_record_kib: i64,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) consumers: Vec<Consumer>,
    /// Shard-level metrics that are on.
    pub(super) monitored: BTreeSet<String>,
    /// When UpdateShardCount was called, of the last day.
    pub(super) scaled: Vec<SimTime>,
    /// When the mode was switched, of the last day.
    pub(super) switched: Vec<SimTime>,
    pub(super) counters: Counters,
    #[serde(default)]
    pub(super) owed: Owed,
    /// When an on-demand stream next looks whether to split.
    pub(super) scale_at: Option<SimTime>,
    /// Trace row of the call that began what is under way.
    #[serde(default)]
    pub(super) cause: Option<u32>,
}

impl Stream {
    pub(super) fn new(name: &str, now: SimTime, mode: Mode, shards: u32) -> Stream {
        Stream {
            name: name.to_string(),
            created: now,
            status: Status::Creating,
            mode,
            retention_hours: 24,
            shards: Vec::new(),
            ring: Ring::default(),
            change: Some((now.plus_seconds(CREATE_SECONDS), Change::Create { shards })),
            key_id: None,
            max_record_kib: 1_024,
            tags: BTreeMap::new(),
            consumers: Vec::new(),
            monitored: BTreeSet::new(),
            scaled: Vec::new(),
            switched: Vec::new(),
            counters: Counters::default(),
            owed: Owed::default(),
            scale_at: None,
            cause: None,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn created(&self) -> SimTime {
        self.created
    }

    pub fn status(&self) -> Status {
        self.status
    }

    pub fn mode(&self) -> Mode {
        self.mode
    }

    pub fn retention_hours(&self) -> i64 {
        self.retention_hours
    }

    pub fn max_record_kib(&self) -> i64 {
        self.max_record_kib
    }

    /// The key that records are encrypted under, as StartStreamEncryption named it.
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// Every shard that ever was, by number. None while the stream is being created.
    pub fn shards(&self) -> impl Iterator<Item = &Shard> {
        self.shards.iter().map(|shard| &**shard)
    }

    pub fn shard(&self, index: u32) -> Option<&Shard> {
        self.shards.get(usize::try_from(index).ok()?).map(|shard| &**shard)
    }

    pub(super) fn shard_mut(&mut self, index: u32) -> Option<&mut Shard> {
        self.shards.get_mut(usize::try_from(index).ok()?).map(Shared::make_mut)
    }

    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    pub fn consumers(&self) -> &[Consumer] {
        &self.consumers
    }

    /// Microseconds that a record is kept.
    pub fn retention(&self) -> i64 {
        self.retention_hours * HOUR
    }

    /// Whether records can be put and read.
    pub fn is_usable(&self) -> bool {
        matches!(self.status, Status::Active | Status::Updating)
    }

    pub(super) fn open_initial(&mut self, now: SimTime, shards: u32) {
        // kinesalite: shards of a new stream were created two seconds before it, so that every record comes after their beginning.
        let created = self.created.plus_seconds(-2);
        self.shards = initial_ranges(shards)
            .zip(0..)
            .map(|(range, index)| Shared::from(Shard::new(index, range, now, created)))
            .collect();
        self.owed.begin(now);
        self.renew_ring();
    }

    pub(super) fn renew_ring(&mut self) {
        self.ring = Ring::new(self.shards.iter().filter(|shard| shard.is_open()).map(|shard| (shard.range, shard.index)));
    }

    /// Shards whose parent is `index`.
    pub fn children(&self, index: u32) -> impl Iterator<Item = &Shard> {
        self.shards().filter(move |shard| shard.parents().contains(&Some(index)))
    }

    /// Puts a batch of a producer's records as one PutRecords does: each is taken or refused by itself. Shards are those that the ring named.
    pub fn put_all(&mut self, now: SimTime, batch: impl Iterator<Item = Put>) -> Written {
        let mut written = Written::default();
        let retention = self.retention();
        let mut total = 0u32;
        for (at, put) in batch.enumerate() {
            total += 1;
            let Some(shard) = self.shards.get_mut(put.shard as usize).map(Shared::make_mut) else {
                continue;
            };
            match shard.admit(now, put.bytes) {
                Ok(()) => {
                    self.owed.put(put.bytes);
                    let position = shard.push(now, put.bytes, put.source, put.item);
                    if position % 64 == 0 {
                        shard.tidy(now, retention);
                    }
                    shard.counters.incoming_records.add(1.0);
                    shard.counters.incoming_bytes.add(f64::from(put.bytes));
                    written.records += 1;
                    written.bytes += u64::from(put.bytes);
                }
                Err(limit) => {
                    shard.refuse(now, 1, put.bytes);
                    shard.counters.write_exceeded.add(1.0);
                    written.refused.push(Refused { at, shard: put.shard, limit });
                }
            }
        }
        self.count_put_records(total, &written);
        written
    }

    pub(super) fn count_put_records(&mut self, total: u32, written: &Written) {
        let counters = &mut self.counters;
        counters.put_records_total.add(f64::from(total));
        counters.put_records_successful.add(written.records as f64);
        counters.put_records_throttled.add(written.refused.len() as f64);
        counters.put_records_success.add(if written.records > 0 { 1.0 } else { 0.0 });
        counters.put_records_bytes.add(written.bytes as f64);
        self.count_incoming(written.records, written.bytes, written.refused.len());
    }

    pub(super) fn count_incoming(&mut self, records: u64, bytes: u64, refused: usize) {
        if records > 0 {
            self.counters.incoming_records.add(records as f64);
            self.counters.incoming_bytes.add(bytes as f64);
        }
        self.counters.write_exceeded.add(refused as f64);
    }

    /// Puts one record with bytes of its own; its limits were asked.
    pub(super) fn put_own(&mut self, now: SimTime, shard: u32, own: Own) -> Result<u64, Limit> {
        let bytes = u32::try_from(own.data.len() + own.partition_key.len()).unwrap_or(u32::MAX);
        let Some(shard) = self.shard_mut(shard) else {
            return Err(Limit::WriteRecords);
        };
        let admitted = shard.admit(now, bytes);
        match admitted {
            Ok(()) => {
                shard.counters.incoming_records.add(1.0);
                shard.counters.incoming_bytes.add(f64::from(bytes));
                let position = shard.push_own(now, bytes, own);
                self.owed.put(bytes);
                Ok(position)
            }
            Err(limit) => {
                shard.refuse(now, 1, bytes);
                shard.counters.write_exceeded.add(1.0);
                Err(limit)
            }
        }
    }

    /// One GetRecords of a polling consumer at a position.
    pub fn read(&mut self, now: SimTime, shard: u32, position: u64, limit: u64) -> Result<Read, Limit> {
        let retention = self.retention();
        let Some(shard) = self.shard_mut(shard) else { return Err(Limit::Reads) };
        let read = shard.read(now, retention, position, limit);
        shard.counters.count_read(&read);
        self.counters.count_read(&read);
        self.owed.read(read.as_ref().map_or(0, |read| read.bytes));
        self.counters.get_records_success.add(if read.is_ok() { 1.0 } else { 0.0 });
        read
    }

    /// What expires of any shard, whole segments, when time has passed without a put.
    pub(super) fn tidy(&mut self, now: SimTime) {
        let retention = self.retention();
        for shard in &mut self.shards {
            let horizon = shard.records.horizon(now, retention);
            if shard.records.has_old_segment(horizon) {
                shard.make_mut().tidy(now, retention);
            }
        }
    }
}

/// The streams of an account in one Region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kinesis {
    pub(super) streams: BTreeMap<String, Stream>,
    /// What was used, but for what its streams owe.
    #[serde(skip_serializing_if = "Meter::is_empty")]
    pub(super) meter: Meter,
    /// When the counters of the minute are due.
    pub(super) minute_at: Option<SimTime>,
    /// What the call that is being applied had refused: stream, shard, records, limit.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) refused: Vec<(String, u32, u32, Limit)>,
}

impl Kinesis {
    pub fn stream(&self, name: &str) -> Option<&Stream> {
        self.streams.get(name)
    }

    pub fn stream_mut(&mut self, name: &str) -> Option<&mut Stream> {
        self.streams.get_mut(name)
    }

    pub fn streams(&self) -> impl Iterator<Item = &Stream> {
        self.streams.values()
    }

    pub fn is_empty(&self) -> bool {
        self.streams.is_empty()
    }

    /// Takes what the call had refused: stream, shard, records, and the limit that was met first.
    pub fn take_refused(&mut self) -> Vec<(String, u32, u32, Limit)> {
        core::mem::take(&mut self.refused)
    }

    /// Says the trace row of the call that was applied: what it began goes back to it.
    pub fn caused(&mut self, row: u32) {
        for stream in self.streams.values_mut().filter(|stream| stream.change.is_some() && stream.cause.is_none()) {
            stream.cause = Some(row);
        }
    }

    /// After a snapshot was read: what is computed from the rest.
    pub fn restored(&mut self) {
        self.streams.values_mut().for_each(Stream::renew_ring);
    }

    /// Open shards of all provisioned streams, those of streams that are being created among them.
    pub(super) fn open_shards(&self) -> i64 {
        let of = |stream: &Stream| match &stream.change {
            Some((_, Change::Create { shards })) => i64::from(*shards),
            _ => stream.ring.len() as i64,
        };
        self.streams.values().filter(|stream| stream.mode == Mode::Provisioned).map(of).sum()
    }

    /// Has the minute's counters drained when it ends.
    pub fn note_minute(&mut self, now: SimTime) {
        const MINUTE: i64 = 60_000_000;
        let end = (now.micros().div_euclid(MINUTE) + 1) * MINUTE;
        self.minute_at.get_or_insert(SimTime::from_micros(end));
    }

    pub(super) fn not_found(options: &AccountOptions, name: &str) -> ApiError {
        ApiError::new(
            "ResourceNotFoundException",
            format!("Stream {name} under account {} not found.", options.account_id),
        )
    }
}

/// The error of a record that a shard refuses ("PutRecords").
pub(super) fn exceeded(options: &AccountOptions, stream: &str, shard: u32) -> ApiError {
    ApiError::new(
        "ProvisionedThroughputExceededException",
        format!(
            "Rate exceeded for shard {} in stream {stream} under account {}.",
            shard_id(shard),
            options.account_id
        ),
    )
}

pub(crate) fn stream_arn(options: &AccountOptions, name: &str) -> String {
    format!("arn:aws:kinesis:{}:{}:stream/{name}", options.region, options.account_id)
}
