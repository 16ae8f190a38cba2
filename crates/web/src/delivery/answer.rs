//! Firehose's answers as the page reads them.
//!
//! Belongs here: shapes, and the words of one member. Does not belong here: how anything is drawn. Counts are numbers that may have fractions; times ISO 8601.

use std::collections::BTreeMap;

use serde::Deserialize;

/// `sluice:GetDelivery`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Delivery {
    pub delivery_stream_name: String,
    pub status: String,
    /// What UpdateDestination has to name.
    pub version_id: String,
    pub buffer: Buffer,
    /// All that are open: of partitions, of errors, of the source's backup.
    pub buffers: Vec<Buffer>,
    /// What waits for a function.
    pub intake: Option<Intake>,
    /// Buffers that are closed and not stored yet.
    pub waiting: Vec<Object>,
    /// The newest first.
    pub delivered: Vec<Object>,
    pub counts: Counts,
    /// Age of the oldest record that is not stored yet.
    pub freshness_seconds: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Intake {
    pub function: String,
    pub records: f64,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Buffer {
    /// `records`, `errors` or `backup`.
    pub kind: String,
    /// Partition keys.
    pub keys: BTreeMap<String, String>,
    pub records: f64,
    pub bytes: f64,
    /// When its first record came.
    pub since: Option<String>,
    pub size_limit_bytes: f64,
    pub interval_seconds: f64,
    pub flush_at: Option<String>,
}

/// What became an object, or is to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Object {
    /// `records`, `errors` or `backup`.
    pub kind: String,
    pub at: String,
    pub bucket: String,
    pub key: String,
    pub records: f64,
    pub bytes: f64,
    /// What closed its buffer: `size`, `interval`, or `end`: the stream was set up anew, or deleted.
    pub because: String,
    pub tries: f64,
    pub next_try: Option<String>,
}

/// Where every record is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Counts {
    pub read: f64,
    pub read_bytes: f64,
    pub delivered: f64,
    pub delivered_bytes: f64,
    pub buffered: f64,
    pub dropped: f64,
    pub in_error_objects: f64,
    pub given_up: f64,
    pub objects: f64,
}

/// `DescribeDeliveryStream`'s description.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Described {
    pub delivery_stream_description: Description,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Description {
    pub delivery_stream_name: String,
    pub delivery_stream_status: String,
    pub delivery_stream_type: String,
    pub version_id: String,
    pub source: Source,
    pub destinations: Vec<Destination>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Source {
    pub kinesis_stream_source_description: Option<KinesisSource>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct KinesisSource {
    #[serde(rename = "KinesisStreamARN")]
    pub stream_arn: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Destination {
    pub destination_id: String,
    pub extended_s3_destination_description: Option<S3Destination>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct S3Destination {
    #[serde(rename = "BucketARN")]
    pub bucket_arn: String,
    pub prefix: Option<String>,
    pub error_output_prefix: Option<String>,
    pub buffering_hints: Hints,
    pub compression_format: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Hints {
    #[serde(rename = "SizeInMBs")]
    pub size_in_mbs: f64,
    pub interval_in_seconds: f64,
}

impl Description {
    /// The Kinesis stream that it reads.
    pub fn stream(&self) -> Option<&str> {
        let source = self.source.kinesis_stream_source_description.as_ref()?;
        source.stream_arn.rsplit('/').next()
    }

    pub fn s3(&self) -> Option<&S3Destination> {
        self.destinations.first()?.extended_s3_destination_description.as_ref()
    }
}

impl S3Destination {
    pub fn bucket(&self) -> &str {
        self.bucket_arn.rsplit(':').next().unwrap_or_default()
    }
}

impl Object {
    /// What closed its buffer, in words.
    pub fn because(&self) -> &'static str {
        match self.because.as_str() {
            "size" => "by size",
            "interval" => "by time",
            _ => "at a change",
        }
    }
}

impl Counts {
    /// `Read 12 = delivered 10 + buffered 2 + …`; what is zero is left out but for the first two.
    pub fn balance(&self) -> String {
        use crate::figures::number;
        let mut parts = vec![format!("delivered {}", number(self.delivered)), format!("buffered {}", number(self.buffered))];
        for (count, name) in [
            (self.dropped, "dropped"),
            (self.in_error_objects, "in error objects"),
            (self.given_up, "given up"),
        ] {
            if count > 0.0 {
                parts.push(format!("{name} {}", number(count)));
            }
        }
        format!("Taken {} = {}", number(self.read), parts.join(" + "))
    }
}

/// `sluice:ListProducers`: those that run.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Producers {
    pub producers: Vec<Producer>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Producer {
    pub name: String,
    pub offered_per_second: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_at_the_ends_of_arns() {
        let described: Described = serde_json::from_value(serde_json::json!({"DeliveryStreamDescription": {
            "Source": {"KinesisStreamSourceDescription": {"KinesisStreamARN": "arn:aws:kinesis:us-east-1:123456789012:stream/ml-kinesis-stream-1"}},
            "Destinations": [{"DestinationId": "d", "ExtendedS3DestinationDescription": {"BucketARN": "arn:aws:s3:::lake", "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 300}}}],
        }}))
        .unwrap();
        let description = described.delivery_stream_description;
        assert_eq!(description.stream(), Some("ml-kinesis-stream-1"));
        assert_eq!(
            description.s3().map(|s3| (s3.bucket(), s3.buffering_hints.interval_in_seconds)),
            Some(("lake", 300.0))
        );
    }

    #[test]
    fn the_balance_says_where_records_are() {
        let counts = Counts {
            read: 12.0,
            delivered: 9.0,
            buffered: 2.0,
            dropped: 1.0,
            ..Counts::default()
        };
        assert_eq!(counts.balance(), "Taken 12 = delivered 9 + buffered 2 + dropped 1");
    }
}
