//! What streams, deliveries and alarms are billed for.

use super::usage::Measure;

/// One thing that a month of Kinesis Data Streams, Data Firehose or CloudWatch is billed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flow {
    /// Shard-microseconds of provisioned streams.
    ShardHours,
    /// Payload units of 25 KB, each record rounded up, put on provisioned streams.
    PutUnits,
    /// Shard-microseconds with a retention above 24 hours.
    ExtendedRetention,
    /// Shard-microseconds of consumers with enhanced fan-out.
    FanOutHours,
    /// Bytes pushed to consumers with enhanced fan-out.
    FanOutBytes,
    /// Stream-microseconds of on-demand streams.
    OnDemandHours,
    /// Bytes put on on-demand streams, each record rounded up to 1 KB.
    OnDemandIn,
    /// Bytes read from on-demand streams.
    OnDemandOut,
    /// Bytes that Firehose took, each record rounded up to 5 KB.
    Delivered,
    /// Bytes that Firehose converted to a columnar format.
    Converted,
    /// Bytes delivered under dynamic partitioning.
    Partitioned,
    /// Objects delivered under dynamic partitioning.
    PartitionObjects,
    /// Alarm-microseconds, one for each metric that an alarm looks at.
    Alarms,
    /// The same of alarms with a period under a minute.
    FastAlarms,
    CompositeAlarms,
}

/// How one is named and measured: its text, AWS's usage type, a line for a reader.
struct Named {
    text: &'static str,
    usage_type: &'static str,
    description: &'static str,
    measure: Measure,
}

impl Flow {
    pub const ALL: [Flow; 15] = [
        Flow::ShardHours,
        Flow::PutUnits,
        Flow::ExtendedRetention,
        Flow::FanOutHours,
        Flow::FanOutBytes,
        Flow::OnDemandHours,
        Flow::OnDemandIn,
        Flow::OnDemandOut,
        Flow::Delivered,
        Flow::Converted,
        Flow::Partitioned,
        Flow::PartitionObjects,
        Flow::Alarms,
        Flow::FastAlarms,
        Flow::CompositeAlarms,
    ];

    const fn named(self) -> Named {
        let (text, usage_type, description, measure) = match self {
            Flow::ShardHours => ("kinesis.shard-hours", "Storage-ShardHour", "Shard hours", Measure::Hours),
            Flow::PutUnits => ("kinesis.put-units", "PutRequestPayloadUnits", "PUT payload units of 25 KB", Measure::Count),
            Flow::ExtendedRetention => (
                "kinesis.extended-retention",
                "Extended-ShardHour",
                "Retention above 24 hours, shard hours",
                Measure::Hours,
            ),
            Flow::FanOutHours => (
                "kinesis.fan-out-hours",
                "EnhancedFanoutHour",
                "Enhanced fan-out, consumer-shard hours",
                Measure::Hours,
            ),
            Flow::FanOutBytes => ("kinesis.fan-out-bytes", "ReadBytes", "Enhanced fan-out, data retrieved", Measure::Bytes),
            Flow::OnDemandHours => (
                "kinesis.on-demand-hours",
                "OnDemand-StreamHour",
                "On-demand streams, stream hours",
                Measure::Hours,
            ),
            Flow::OnDemandIn => (
                "kinesis.on-demand-in",
                "OnDemand-BilledIncomingBytes",
                "On-demand streams, data in",
                Measure::Bytes,
            ),
            Flow::OnDemandOut => (
                "kinesis.on-demand-out",
                "OnDemand-BilledOutgoingBytes",
                "On-demand streams, data out",
                Measure::Bytes,
            ),
            Flow::Delivered => (
                "firehose.delivered",
                "BilledBytes",
                "Data taken, each record rounded up to 5 KB",
                Measure::Bytes,
            ),
            Flow::Converted => ("firehose.converted", "DataFormatConversion-BilledBytes", "Format conversion", Measure::Bytes),
            Flow::Partitioned => (
                "firehose.partitioned",
                "DynamicPartitioning-BilledBytes",
                "Dynamic partitioning, data",
                Measure::Bytes,
            ),
            Flow::PartitionObjects => (
                "firehose.partition-objects",
                "DynamicPartitioning-Objects",
                "Dynamic partitioning, objects",
                Measure::Count,
            ),
            Flow::Alarms => (
                "cloudwatch.alarms",
                "CW:AlarmMonitorUsage",
                "Alarms, each metric that one looks at",
                Measure::Time,
            ),
            Flow::FastAlarms => (
                "cloudwatch.fast-alarms",
                "CW:HighResAlarmMonitorUsage",
                "High-resolution alarms, each metric that one looks at",
                Measure::Time,
            ),
            Flow::CompositeAlarms => (
                "cloudwatch.composite-alarms",
                "CW:CompositeAlarmMonitorUsage",
                "Composite alarms",
                Measure::Time,
            ),
        };
        Named {
            text,
            usage_type,
            description,
            measure,
        }
    }

    /// Its text, which is the key of its price too.
    pub const fn as_str(self) -> &'static str {
        self.named().text
    }

    pub fn parse(text: &str) -> Option<Flow> {
        Flow::ALL.into_iter().find(|flow| flow.as_str() == text)
    }

    pub(super) const fn usage_type(self) -> &'static str {
        self.named().usage_type
    }

    pub(super) const fn description(self) -> &'static str {
        self.named().description
    }

    pub(super) const fn measure(self) -> Measure {
        self.named().measure
    }

    pub(super) const fn service(self) -> &'static str {
        match self {
            Flow::Delivered | Flow::Converted | Flow::Partitioned | Flow::PartitionObjects => "Amazon Data Firehose",
            Flow::Alarms | Flow::FastAlarms | Flow::CompositeAlarms => "AmazonCloudWatch",
            _ => "Amazon Kinesis",
        }
    }
}
