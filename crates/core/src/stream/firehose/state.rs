use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Because, Delivery, Destination, Moment, Source, object_key};
use crate::account::{AccountOptions, ApiError};
use crate::sim::{Rng, Shared, SimTime};
use crate::stream::kinesis::{Allowance, Counter, Entry, Own, Records};
use crate::stream::traffic::Consumer;

pub(super) const MB: u64 = 1_048_576;
/// Deliveries that GetDelivery shows.
const SHOWN: usize = 20;
/// How long AWS takes to create or delete a delivery stream, in seconds. Not documented.
pub(super) const CREATE_SECONDS: i64 = 20;
/// The account's stream of numbers for keys of objects.
const KEYS: u64 = 0x6669_7265_686f_7365;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Status {
    #[serde(rename = "CREATING")]
    Creating,
    #[serde(rename = "ACTIVE")]
    Active,
    #[serde(rename = "DELETING")]
    Deleting,
}

impl Status {
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Creating => "CREATING",
            Status::Active => "ACTIVE",
            Status::Deleting => "DELETING",
        }
    }
}

/// What became of the records that a delivery stream took, in records. Read = Delivered + Buffered + Dropped + InErrorObjects + GivenUp at every instant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    pub read: u64,
    pub read_bytes: u64,
    pub delivered: u64,
    pub delivered_bytes: u64,
    pub dropped: u64,
    pub in_error_objects: u64,
    /// S3 refused them for a day.
    pub given_up: u64,
    pub objects: u64,
}

/// What a delivery stream counts by the minute ("Monitoring with CloudWatch metrics").
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FireCounters {
    pub incoming_records: Counter,
    pub incoming_bytes: Counter,
    pub incoming_requests: Counter,
    pub throttled: Counter,
    pub read_records: Counter,
    pub read_bytes: Counter,
    pub millis_behind: Counter,
    pub throttled_reads: Counter,
    pub delivered_records: Counter,
    pub delivered_bytes: Counter,
    pub success: Counter,
    pub objects: Counter,
    /// Seconds.
    pub freshness: Counter,
}

impl FireCounters {
    /// Name, unit, values.
    pub fn metrics(&self) -> [(&'static str, &'static str, &Counter); 13] {
        [
            ("IncomingRecords", "Count", &self.incoming_records),
            ("IncomingBytes", "Bytes", &self.incoming_bytes),
            ("IncomingPutRequests", "Count", &self.incoming_requests),
            ("ThrottledRecords", "Count", &self.throttled),
            ("DataReadFromKinesisStream.Records", "Count", &self.read_records),
            ("DataReadFromKinesisStream.Bytes", "Bytes", &self.read_bytes),
            ("KinesisMillisBehindLatest", "Milliseconds", &self.millis_behind),
            ("ThrottledGetRecords", "Count", &self.throttled_reads),
            ("DeliveryToS3.Records", "Count", &self.delivered_records),
            ("DeliveryToS3.Bytes", "Bytes", &self.delivered_bytes),
            ("DeliveryToS3.Success", "Count", &self.success),
            ("DeliveryToS3.ObjectCount", "Count", &self.objects),
            ("DeliveryToS3.DataFreshness", "Seconds", &self.freshness),
        ]
    }

    pub fn is_empty(&self) -> bool {
        *self == FireCounters::default()
    }
}

/// Records that wait for their object.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Buffer {
    pub records: Records,
    /// When the first came into the buffer.
    pub since: Option<SimTime>,
    /// The earliest arrival.
    pub oldest: Option<SimTime>,
}

/// An object that was delivered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Delivered {
    pub at: SimTime,
    pub bucket: String,
    pub key: String,
    pub records: u64,
    pub bytes: u64,
    pub because: Because,
}

/// What a second allows DirectPut, in the Region: requests, records, bytes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Quota {
    pub requests: Allowance,
    pub records: Allowance,
    pub bytes: Allowance,
}

impl Quota {
    /// Requests, records and bytes a second ("Amazon Data Firehose quota").
    pub fn of(region: &str) -> [u32; 3] {
        match region {
            "us-east-1" | "us-west-2" | "eu-west-1" => [2_000, 500_000, 5 * 1_048_576],
            _ => [1_000, 100_000, 1_048_576],
        }
    }

    fn new(region: &str, now: SimTime) -> Quota {
        let [requests, records, bytes] = Quota::of(region);
        Quota {
            requests: Allowance::new(requests, now),
            records: Allowance::new(records, now),
            bytes: Allowance::new(bytes, now),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveryStream {
    pub(super) name: String,
    pub(super) created: SimTime,
    pub(super) updated: Option<SimTime>,
    pub(super) status: Status,
    /// When it becomes active, or goes.
    pub(super) change_at: Option<SimTime>,
    pub(super) source: Source,
    pub(super) version: u32,
    pub(super) destination: Shared<Destination>,
    pub(super) tags: BTreeMap<String, String>,
    /// StartDeliveryStreamEncryption: the type of key, and the key of a customer.
    #[serde(default)]
    pub(super) encryption: Option<(String, Option<String>)>,
    pub(super) quota: Quota,
    pub(super) buffer: Buffer,
    pub(super) counts: Counts,
    pub(super) counters: FireCounters,
    #[serde(default)]
    pub(super) delivered: VecDeque<Delivered>,
    /// What reads the source.
    #[serde(default)]
    pub(super) reader: Option<Shared<Consumer>>,
    #[serde(default)]
    pub(super) discover_at: Option<SimTime>,
    /// Records taken by PutRecord: what their ids follow from.
    pub(super) number: u64,
    #[serde(default)]
    pub(super) cause: Option<u32>,
}

impl DeliveryStream {
    pub(super) fn new(options: &AccountOptions, name: &str, now: SimTime, source: Source, destination: Destination) -> DeliveryStream {
        DeliveryStream {
            name: name.to_string(),
            created: now,
            updated: None,
            status: Status::Creating,
            change_at: Some(now.plus_seconds(CREATE_SECONDS)),
            source,
            version: 1,
            destination: destination.into(),
            tags: BTreeMap::new(),
            encryption: None,
            quota: Quota::new(&options.region, now),
            buffer: Buffer::default(),
            counts: Counts::default(),
            counters: FireCounters::default(),
            delivered: VecDeque::new(),
            reader: None,
            discover_at: None,
            number: 0,
            cause: None,
        }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn status(&self) -> Status {
        self.status
    }

    pub fn source(&self) -> &Source {
        &self.source
    }

    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// Records and bytes in the open buffer.
    pub fn buffered(&self) -> (u64, u64) {
        (self.buffer.records.len(), self.buffer.records.bytes())
    }

    pub(super) fn size_limit(&self) -> u64 {
        self.destination.size_mb.unsigned_abs() * MB
    }

    /// When the buffer's time is over.
    pub(super) fn interval_at(&self) -> Option<SimTime> {
        Some(self.buffer.since?.plus_seconds(self.destination.interval))
    }

    pub(super) fn is_full(&self) -> bool {
        self.buffer.records.bytes() >= self.size_limit()
    }

    /// Takes one record into the buffer; a caller's with its bytes. `entry.bytes` counts data alone.
    pub(super) fn take(&mut self, now: SimTime, entry: Entry, own: Option<Own>) {
        self.counts.read += 1;
        self.counts.read_bytes += u64::from(entry.bytes);
        self.buffer.since.get_or_insert(now);
        self.buffer.oldest = Some(self.buffer.oldest.map_or(entry.at, |oldest| oldest.min(entry.at)));
        match own {
            Some(own) => drop(self.buffer.records.push_own(entry.at, entry.bytes, own)),
            None => drop(self.buffer.records.push(entry)),
        }
    }

    /// Closes the buffer. `None`: it is empty.
    pub(super) fn flush(&mut self, seed: u64, number: u64, now: SimTime, because: Because) -> Option<Delivery> {
        let buffer = core::mem::take(&mut self.buffer);
        let oldest = buffer.oldest?;
        let mut rng = Rng::stream(seed ^ KEYS, number);
        let moment = Moment {
            stream: &self.name,
            version: self.version,
            oldest,
            error: None,
        };
        Some(Delivery {
            number,
            stream: self.name.clone(),
            role: self.destination.role.clone(),
            bucket: self.destination.bucket.clone(),
            key: object_key(&self.destination, &moment, &mut rng),
            at: now,
            oldest,
            because,
            bytes: buffer.records.bytes(),
            records: buffer.records,
            compression: self.destination.compression,
            delimiter: self.destination.delimiter.clone(),
            tries: 0,
            again_at: None,
            row: None,
        })
    }

    pub(super) fn note_delivered(&mut self, delivery: &Delivery) {
        self.delivered.push_back(Delivered {
            at: delivery.at,
            bucket: delivery.bucket.clone(),
            key: delivery.key.clone(),
            records: delivery.count(),
            bytes: delivery.bytes,
            because: delivery.because,
        });
        if self.delivered.len() > SHOWN {
            self.delivered.pop_front();
        }
    }
}

/// The delivery streams of an account in one Region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Firehose {
    pub(super) streams: BTreeMap<String, DeliveryStream>,
    /// Closed buffers that are not delivered, by number.
    pub(super) deliveries: BTreeMap<u64, Delivery>,
    /// Deliveries ever.
    pub(super) number: u64,
    pub(super) minute_at: Option<SimTime>,
}

impl Firehose {
    pub fn stream(&self, name: &str) -> Option<&DeliveryStream> {
        self.streams.get(name)
    }

    pub fn stream_mut(&mut self, name: &str) -> Option<&mut DeliveryStream> {
        self.streams.get_mut(name)
    }

    pub fn streams(&self) -> impl Iterator<Item = &DeliveryStream> {
        self.streams.values()
    }

    pub fn is_empty(&self) -> bool {
        self.streams.is_empty() && self.deliveries.is_empty()
    }

    /// Records of a stream in closed buffers that are not delivered.
    pub fn under_way(&self, name: &str) -> u64 {
        self.deliveries.values().filter(|delivery| delivery.stream == name).map(Delivery::count).sum()
    }

    /// The first closed buffer whose object is to be stored now.
    pub fn next_delivery(&self) -> Option<&Delivery> {
        self.deliveries.values().find(|delivery| delivery.again_at.is_none())
    }

    pub fn delivery(&self, number: u64) -> Option<&Delivery> {
        self.deliveries.get(&number)
    }

    /// Says the trace row of a flush.
    pub fn flushed(&mut self, number: u64, row: u32) {
        if let Some(delivery) = self.deliveries.get_mut(&number) {
            delivery.row = Some(row);
        }
    }

    /// The object of a delivery is in its bucket.
    pub fn delivered(&mut self, now: SimTime, number: u64) {
        let Some(delivery) = self.deliveries.remove(&number) else { return };
        self.note_minute(now);
        let Some(stream) = self.streams.get_mut(&delivery.stream) else { return };
        stream.counts.delivered += delivery.count();
        stream.counts.delivered_bytes += delivery.bytes;
        stream.counts.objects += 1;
        let counters = &mut stream.counters;
        counters.delivered_records.add(delivery.count() as f64);
        counters.delivered_bytes.add(delivery.bytes as f64);
        counters.success.add(1.0);
        counters.objects.add(1.0);
        counters.freshness.add(((now.micros() - delivery.oldest.micros()).max(0) / 1_000_000) as f64);
        stream.note_delivered(&delivery);
    }

    /// The bucket refused: the delivery is tried again, or given up. Answers whether it is given up.
    pub fn refused(&mut self, now: SimTime, number: u64) -> bool {
        self.note_minute(now);
        let Some(delivery) = self.deliveries.get_mut(&number) else { return false };
        let goes_on = delivery.refuse(now);
        let (name, count) = (delivery.stream.clone(), delivery.count());
        if !goes_on {
            self.deliveries.remove(&number);
        }
        if let Some(stream) = self.streams.get_mut(&name) {
            stream.counters.success.add(0.0);
            if !goes_on {
                stream.counts.given_up += count;
            }
        }
        !goes_on
    }

    /// Says the trace row of the call that was applied.
    pub fn caused(&mut self, name: &str, row: u32) {
        if let Some(stream) = self.streams.get_mut(name) {
            stream.cause.get_or_insert(row);
        }
    }

    pub fn note_minute(&mut self, now: SimTime) {
        const MINUTE: i64 = 60_000_000;
        let end = (now.micros().div_euclid(MINUTE) + 1) * MINUTE;
        self.minute_at.get_or_insert(SimTime::from_micros(end));
    }

    pub(super) fn not_found(options: &AccountOptions, name: &str) -> ApiError {
        ApiError::new(
            "ResourceNotFoundException",
            format!("Firehose {name} under account {} not found.", options.account_id),
        )
    }

    /// Names of streams that read a Kinesis stream.
    pub(super) fn readers_of(&self, kinesis: &str) -> Vec<String> {
        let reads = |stream: &&DeliveryStream| matches!(&stream.source, Source::Kinesis { stream, .. } if stream == kinesis);
        self.streams.values().filter(reads).map(|stream| stream.name.clone()).collect()
    }
}

pub(super) fn delivery_arn(options: &AccountOptions, name: &str) -> String {
    format!("arn:aws:firehose:{}:{}:deliverystream/{name}", options.region, options.account_id)
}
