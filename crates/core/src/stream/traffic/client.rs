use serde::{Deserialize, Serialize};

/// The library that a producer puts with, as far as it shows on the stream.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Client {
    pub kind: ClientKind,
    /// Microseconds that records wait for others.
    pub linger: i64,
    /// Times that a refused record is put again; `None`: for as long as it lives.
    pub retries: Option<u8>,
    /// Microseconds before a refused record is put again the first time; it doubles with each.
    pub backoff: i64,
    /// Microseconds that a record lives before it is given up.
    pub lives: Option<i64>,
    /// Records that wait in the client at most; the application stands still above it. `None`: unbounded, and the application has to ask how many wait.
    pub holds: Option<u32>,
    /// Bytes of user records that are put as one record.
    pub aggregates: Option<u32>,
    /// Percent of a shard's limits that the client itself does not exceed.
    pub paces: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClientKind {
    /// PutRecords of an AWS SDK, with a loop that puts refused records again.
    Sdk,
    /// Kinesis Producer Library 1.0.7 (March 2026).
    Kpl,
    /// `FlinkKinesisProducer` of Flink 1.x, over the KPL, with its queue limit.
    Flink1,
    /// `KinesisStreamsSink`, over Flink's `AsyncSinkBase`.
    Flink,
}

impl ClientKind {
    /// Its name in `Client.Kind`.
    pub const fn as_str(self) -> &'static str {
        match self {
            ClientKind::Sdk => "sdk",
            ClientKind::Kpl => "kpl",
            ClientKind::Flink1 => "flink-1",
            ClientKind::Flink => "flink",
        }
    }
}

impl Client {
    pub const fn sdk(linger: i64, retries: u8) -> Client {
        Client {
            kind: ClientKind::Sdk,
            linger,
            retries: Some(retries),
            backoff: 100_000,
            lives: None,
            holds: None,
            aggregates: None,
            paces: None,
        }
    }

    /// The defaults of `KinesisProducerConfiguration`: RecordMaxBufferedTime 100 ms, RecordTtl 30 s, AggregationMaxSize 51,200 bytes, RateLimit 150 %. A refused
    /// record goes back at half the buffered time; its queue has no bound.
    pub const fn kpl() -> Client {
        Client {
            kind: ClientKind::Kpl,
            linger: 100_000,
            retries: None,
            backoff: 50_000,
            lives: Some(30_000_000),
            holds: None,
            aggregates: Some(51_200),
            paces: Some(150),
        }
    }

    /// The KPL with RateLimit 100, as the connector sets it (`KinesisConfigUtil`), behind a queue of `queue_limit` records that blocks.
    pub const fn flink_1(queue_limit: u32) -> Client {
        Client {
            kind: ClientKind::Flink1,
            holds: Some(queue_limit),
            paces: Some(100),
            ..Client::kpl()
        }
    }

    /// The defaults of `KinesisStreamsSink`: batches of 500, 10,000 buffered requests that block when they are full, 5 s in the buffer at most, retried for good.
    pub const fn flink() -> Client {
        Client {
            kind: ClientKind::Flink,
            linger: 1_000_000,
            retries: None,
            backoff: 100_000,
            lives: None,
            holds: Some(10_000),
            aggregates: None,
            paces: None,
        }
    }

    /// What the page calls it, with its version.
    pub fn label(&self) -> &'static str {
        match self.kind {
            ClientKind::Sdk => "AWS SDK, PutRecords",
            ClientKind::Kpl => "KPL 1.0.7",
            ClientKind::Flink1 => "FlinkKinesisProducer (Flink 1.x, legacy)",
            ClientKind::Flink => "KinesisStreamsSink (Flink 2)",
        }
    }
}
