//! Streams of records: Kinesis Data Streams, Amazon Data Firehose, the producers and consumers that a scenario puts around them, and the question whether a stream is
//! what is needed.
//!
//! Belongs here: shards, limits, delivery, and what applications do at both ends. Does not belong here: metrics and alarms (`monitor`), event time.

pub mod batch;
pub mod firehose;
pub mod kinesis;
pub mod traffic;
