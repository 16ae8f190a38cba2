use serde::{Deserialize, Serialize};

use super::{Limit, Read};

/// Values of one metric in one minute, as CloudWatch takes a set of statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counter {
    pub sum: f64,
    pub minimum: f64,
    pub maximum: f64,
    pub count: f64,
}

impl Counter {
    pub fn add(&mut self, value: f64) {
        self.minimum = if self.count == 0.0 { value } else { self.minimum.min(value) };
        self.maximum = if self.count == 0.0 { value } else { self.maximum.max(value) };
        self.sum += value;
        self.count += 1.0;
    }

    pub fn is_empty(&self) -> bool {
        self.count == 0.0
    }
}

/// What a stream or a shard counts by the minute ("Monitoring the Amazon Kinesis Data Streams service with Amazon CloudWatch").
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counters {
    pub incoming_records: Counter,
    pub incoming_bytes: Counter,
    pub write_exceeded: Counter,
    pub read_exceeded: Counter,
    pub outgoing_records: Counter,
    pub outgoing_bytes: Counter,
    /// Milliseconds.
    pub iterator_age: Counter,
    pub put_record_success: Counter,
    pub put_record_bytes: Counter,
    pub put_records_success: Counter,
    pub put_records_bytes: Counter,
    pub put_records_total: Counter,
    pub put_records_successful: Counter,
    pub put_records_throttled: Counter,
    pub get_records_success: Counter,
}

impl Counters {
    pub fn is_empty(&self) -> bool {
        *self == Counters::default()
    }

    /// Counts one GetRecords.
    pub(super) fn count_read(&mut self, read: &Result<Read, Limit>) {
        match read {
            Ok(read) => {
                self.outgoing_records.add((read.to - read.from) as f64);
                self.outgoing_bytes.add(read.bytes as f64);
                self.iterator_age.add(read.behind_millis as f64);
                self.read_exceeded.add(0.0);
            }
            Err(_) => self.read_exceeded.add(1.0),
        }
    }

    /// The metrics of a shard with enhanced monitoring: name, unit, values.
    pub fn of_shard(&self) -> [(&'static str, &'static str, &Counter); 7] {
        [
            ("IncomingRecords", "Count", &self.incoming_records),
            ("IncomingBytes", "Bytes", &self.incoming_bytes),
            ("WriteProvisionedThroughputExceeded", "Count", &self.write_exceeded),
            ("ReadProvisionedThroughputExceeded", "Count", &self.read_exceeded),
            ("OutgoingRecords", "Count", &self.outgoing_records),
            ("OutgoingBytes", "Bytes", &self.outgoing_bytes),
            ("IteratorAgeMilliseconds", "Milliseconds", &self.iterator_age),
        ]
    }

    /// The metrics of a stream: name, unit, values.
    pub fn of_stream(&self) -> [(&'static str, &'static str, &Counter); 15] {
        [
            ("IncomingRecords", "Count", &self.incoming_records),
            ("IncomingBytes", "Bytes", &self.incoming_bytes),
            ("WriteProvisionedThroughputExceeded", "Count", &self.write_exceeded),
            ("ReadProvisionedThroughputExceeded", "Count", &self.read_exceeded),
            ("GetRecords.IteratorAgeMilliseconds", "Milliseconds", &self.iterator_age),
            ("GetRecords.Records", "Count", &self.outgoing_records),
            ("GetRecords.Bytes", "Bytes", &self.outgoing_bytes),
            ("GetRecords.Success", "Count", &self.get_records_success),
            ("PutRecord.Success", "Count", &self.put_record_success),
            ("PutRecord.Bytes", "Bytes", &self.put_record_bytes),
            ("PutRecords.Success", "Count", &self.put_records_success),
            ("PutRecords.Bytes", "Bytes", &self.put_records_bytes),
            ("PutRecords.TotalRecords", "Count", &self.put_records_total),
            ("PutRecords.SuccessfulRecords", "Count", &self.put_records_successful),
            ("PutRecords.ThrottledRecords", "Count", &self.put_records_throttled),
        ]
    }
}
