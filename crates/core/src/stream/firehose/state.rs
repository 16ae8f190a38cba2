use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::buffer::{Buffer, Channel, pairs};
use super::charges::Owed;
use super::convert::Converted;
use super::{Because, Compression, Delivery, Destination, Keys, Moment, Source, object_key};
use crate::account::{AccountOptions, ApiError};
use crate::etl::Field;
use crate::sim::{Rng, Shared, SimTime};
use crate::storage::cost::Meter;
use crate::stream::kinesis::{Allowance, Counter, Entry, Own};
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

macro_rules! counters {
    ($($field:ident $metric:literal $unit:literal),* $(,)?) => {
        /// What a delivery stream counts by the minute ("Monitoring with CloudWatch metrics").
        #[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct FireCounters { $(pub $field: Counter),* }

        impl FireCounters {
            /// Name, unit, values.
            pub fn metrics(&self) -> impl Iterator<Item = (&'static str, &'static str, &Counter)> {
                [$(($metric, $unit, &self.$field)),*].into_iter()
            }
        }
    };
}

counters! {
    incoming_records "IncomingRecords" "Count",
    incoming_bytes "IncomingBytes" "Bytes",
    incoming_requests "IncomingPutRequests" "Count",
    throttled "ThrottledRecords" "Count",
    read_records "DataReadFromKinesisStream.Records" "Count",
    read_bytes "DataReadFromKinesisStream.Bytes" "Bytes",
    millis_behind "KinesisMillisBehindLatest" "Milliseconds",
    throttled_reads "ThrottledGetRecords" "Count",
    delivered_records "DeliveryToS3.Records" "Count",
    delivered_bytes "DeliveryToS3.Bytes" "Bytes",
    success "DeliveryToS3.Success" "Count",
    objects "DeliveryToS3.ObjectCount" "Count",
    freshness "DeliveryToS3.DataFreshness" "Seconds",
    backup_records "BackupToS3.Records" "Count",
    backup_bytes "BackupToS3.Bytes" "Bytes",
    backup_success "BackupToS3.Success" "Count",
    backup_freshness "BackupToS3.DataFreshness" "Seconds",
    invoked "ExecuteProcessing.Success" "Count",
    processed_records "SucceedProcessing.Records" "Count",
    processed_bytes "SucceedProcessing.Bytes" "Bytes",
    converted_records "SucceedConversion.Records" "Count",
    converted_bytes "SucceedConversion.Bytes" "Bytes",
    misfit_records "FailedConversion.Records" "Count",
    misfit_bytes "FailedConversion.Bytes" "Bytes",
    partitions "PartitionCount" "Count",
    partitions_exceeded "PartitionCountExceeded" "Count",
}

impl FireCounters {
    pub fn is_empty(&self) -> bool {
        *self == FireCounters::default()
    }
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
    /// `records`, `errors` or `backup`.
    #[serde(default = "of_records")]
    pub kind: String,
}

fn of_records() -> String {
    Channel::default().kind().to_string()
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
    /// Records that are to be processed before they are in a buffer.
    #[serde(default)]
    pub(super) intake: Buffer,
    /// When the intake was full.
    #[serde(default)]
    pub(super) full_at: Option<SimTime>,
    /// Open buffers: none is empty.
    #[serde(default, with = "pairs")]
    pub(super) buffers: BTreeMap<Channel, Buffer>,
    /// The buffer of accounts of before there were several.
    #[serde(default, skip_serializing)]
    buffer: Buffer,
    /// Columns of the table that records are converted by.
    #[serde(default)]
    pub(super) columns: Option<Shared<Vec<Field>>>,
    pub(super) counts: Counts,
    #[serde(default)]
    pub(super) owed: Owed,
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
            intake: Buffer::default(),
            full_at: None,
            buffers: BTreeMap::new(),
            buffer: Buffer::default(),
            columns: None,
            counts: Counts::default(),
            owed: Owed::default(),
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

    /// Records and bytes that count in the intake and in open buffers.
    pub fn buffered(&self) -> (u64, u64) {
        let open = self.buffers.iter().filter(|(channel, _)| channel.counts()).map(|(_, buffer)| buffer);
        let all = open.chain(core::iter::once(&self.intake));
        all.fold((0, 0), |(records, bytes), buffer| {
            (records + buffer.records.len(), bytes + buffer.records.bytes())
        })
    }

    /// Bytes and seconds of a channel's buffers.
    pub(super) fn hints(&self, channel: &Channel) -> (u64, i64) {
        let of = match (channel, &self.destination.backup) {
            (Channel::Backup, Some(backup)) => backup,
            _ => &*self.destination,
        };
        (of.size_mb().unsigned_abs() * MB, of.interval())
    }

    /// When a buffer's time is over.
    pub(super) fn flush_at(&self, channel: &Channel, buffer: &Buffer) -> Option<SimTime> {
        Some(buffer.since?.plus_seconds(self.hints(channel).1))
    }

    /// When the first buffer's time is over.
    pub(super) fn interval_at(&self) -> Option<SimTime> {
        let due = self.buffers.iter().filter_map(|(channel, buffer)| self.flush_at(channel, buffer));
        due.min()
    }

    /// When what came in is processed: at once without a function, else when there is enough for an invocation, or its time is over.
    pub(super) fn intake_at(&self) -> Option<SimTime> {
        let since = self.intake.since?;
        let Some(lambda) = &self.destination.steps.lambda else {
            return Some(since);
        };
        let due = since.plus_seconds(lambda.interval);
        Some(self.full_at.map_or(due, |full| full.min(due)))
    }

    /// Takes one record; a caller's with its bytes. `entry.bytes` counts data alone. Answers the channels whose buffers are full.
    pub(super) fn take(&mut self, now: SimTime, entry: Entry, own: Option<Own>) -> [Option<Channel>; 2] {
        self.counts.read += 1;
        self.counts.read_bytes += u64::from(entry.bytes);
        let (converts, partitions) = (self.destination.conversion.is_some(), self.destination.partitioning.is_some());
        self.owed.take(entry.bytes, converts, partitions);
        let backup = self.destination.backup.is_some();
        let backup = backup.then(|| self.push(now, Channel::Backup, entry, own.clone())).flatten();
        if !self.destination.looks() {
            return [self.push(now, Channel::default(), entry, own), backup];
        }
        self.intake.push(now, entry, own);
        let lambda = self.destination.steps.lambda.as_ref();
        if lambda.is_some_and(|lambda| self.intake.records.bytes() >= lambda.bytes) {
            self.full_at.get_or_insert(now);
        }
        [None, backup]
    }

    /// Puts a record into a channel's buffer. Answers the channel if the buffer is full.
    pub(super) fn push(&mut self, now: SimTime, channel: Channel, entry: Entry, own: Option<Own>) -> Option<Channel> {
        let limit = self.hints(&channel).0;
        if let Some(buffer) = self.buffers.get_mut(&channel) {
            buffer.push(now, entry, own);
            return (buffer.records.bytes() >= limit).then_some(channel);
        }
        let mut buffer = Buffer::default();
        buffer.push(now, entry, own);
        let full = buffer.records.bytes() >= limit;
        let named = full.then(|| channel.clone());
        self.buffers.insert(channel, buffer);
        named
    }

    /// Closes a buffer. `None`: there is none.
    pub(super) fn flush(&mut self, seed: u64, number: u64, now: SimTime, channel: &Channel, because: Because) -> Option<Delivery> {
        let buffer = self.buffers.remove(channel)?;
        let oldest = buffer.oldest?;
        let mut rng = Rng::stream(seed ^ KEYS, number);
        let none = Keys::default();
        let (to, keys, error) = match (channel, &self.destination.backup) {
            (Channel::Backup, Some(backup)) => (&**backup, &none, None),
            (Channel::Good(keys), _) => (&*self.destination, keys, None),
            (Channel::Failed(failure), _) => (&*self.destination, &none, Some(failure.as_str())),
            (Channel::Backup, None) => (&*self.destination, &none, None),
        };
        let moment = Moment {
            stream: &self.name,
            version: self.version,
            oldest,
            error,
            keys,
        };
        let good = matches!(channel, Channel::Good(_));
        let converted = to.conversion.as_ref().filter(|_| good).map(|conversion| Converted {
            conversion: conversion.clone(),
            columns: self.columns.as_ref().map(|columns| columns.to_vec()).unwrap_or_default(),
        });
        Some(Delivery {
            number,
            stream: self.name.clone(),
            role: to.role.clone(),
            bucket: to.bucket.clone(),
            key: object_key(to, &moment, &mut rng),
            at: now,
            oldest,
            because,
            bytes: buffer.records.bytes(),
            records: buffer.records,
            compression: if error.is_none() { to.compression } else { Compression::Uncompressed },
            delimiter: to.steps.delimiter.clone().filter(|_| good),
            channel: channel.clone(),
            converted: converted.map(Shared::from),
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
            kind: delivery.channel.kind().to_string(),
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
    /// What was used, but for what its streams owe.
    #[serde(skip_serializing_if = "Meter::is_empty")]
    pub(super) meter: Meter,
    /// Functions that stand for Lambda functions, by name.
    pub(super) functions: BTreeMap<String, String>,
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
        self.streams.is_empty() && self.deliveries.is_empty() && self.functions.is_empty()
    }

    /// Records of a stream that count, in closed buffers that are not delivered.
    pub fn under_way(&self, name: &str) -> u64 {
        let of = |delivery: &&Delivery| delivery.stream == name && delivery.channel.counts();
        self.deliveries.values().filter(of).map(Delivery::count).sum()
    }

    /// The first closed buffer whose object is to be stored now, but those under way.
    pub fn next_delivery(&self, under_way: &BTreeSet<u64>) -> Option<&Delivery> {
        let waits = |delivery: &&Delivery| delivery.again_at.is_none() && !under_way.contains(&delivery.number);
        self.deliveries.values().find(waits)
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
        let (records, bytes) = (delivery.count(), delivery.bytes);
        let age = ((now.micros() - delivery.oldest.micros()).max(0) / 1_000_000) as f64;
        let (counts, counters) = (&mut stream.counts, &mut stream.counters);
        match delivery.channel {
            Channel::Backup => {
                counters.backup_records.add(records as f64);
                counters.backup_bytes.add(bytes as f64);
                counters.backup_success.add(1.0);
                counters.backup_freshness.add(age);
            }
            Channel::Failed(_) => counts.in_error_objects += records,
            Channel::Good(_) => {
                counts.delivered += records;
                counts.delivered_bytes += bytes;
                counts.objects += 1;
                stream.owed.deliver(stream.destination.partitioning.is_some());
                counters.delivered_records.add(records as f64);
                counters.delivered_bytes.add(bytes as f64);
                counters.success.add(1.0);
                counters.objects.add(1.0);
                counters.freshness.add(age);
            }
        }
        stream.note_delivered(&delivery);
    }

    /// The bucket refused: the delivery is tried again, or given up. Answers whether it is given up.
    pub fn refused(&mut self, now: SimTime, number: u64) -> bool {
        self.note_minute(now);
        let Some(delivery) = self.deliveries.get_mut(&number) else { return false };
        let goes_on = delivery.refuse(now);
        let (name, channel, count) = (delivery.stream.clone(), delivery.channel.clone(), delivery.count());
        if !goes_on {
            self.deliveries.remove(&number);
        }
        if let Some(stream) = self.streams.get_mut(&name) {
            match channel {
                Channel::Backup => stream.counters.backup_success.add(0.0),
                _ => stream.counters.success.add(0.0),
            }
            if !goes_on && channel.counts() {
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

    /// Makes what an older snapshot said what it is now.
    pub fn restored(&mut self) {
        for stream in self.streams.values_mut() {
            stream.destination.make_mut().restored();
            if stream.buffer.since.is_some() {
                stream.buffers.insert(Channel::default(), core::mem::take(&mut stream.buffer));
            }
        }
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
