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

    /// Its text, which is the key of its price too.
    pub const fn as_str(self) -> &'static str {
        match self {
            Flow::ShardHours => "kinesis.shard-hours",
            Flow::PutUnits => "kinesis.put-units",
            Flow::ExtendedRetention => "kinesis.extended-retention",
            Flow::FanOutHours => "kinesis.fan-out-hours",
            Flow::FanOutBytes => "kinesis.fan-out-bytes",
            Flow::OnDemandHours => "kinesis.on-demand-hours",
            Flow::OnDemandIn => "kinesis.on-demand-in",
            Flow::OnDemandOut => "kinesis.on-demand-out",
            Flow::Delivered => "firehose.delivered",
            Flow::Converted => "firehose.converted",
            Flow::Partitioned => "firehose.partitioned",
            Flow::PartitionObjects => "firehose.partition-objects",
            Flow::Alarms => "cloudwatch.alarms",
            Flow::FastAlarms => "cloudwatch.fast-alarms",
            Flow::CompositeAlarms => "cloudwatch.composite-alarms",
        }
    }

    pub fn parse(text: &str) -> Option<Flow> {
        Flow::ALL.into_iter().find(|flow| flow.as_str() == text)
    }

    /// AWS's usage type, without the Region.
    pub(super) const fn usage_type(self) -> &'static str {
        match self {
            Flow::ShardHours => "Storage-ShardHour",
            Flow::PutUnits => "PutRequestPayloadUnits",
            Flow::ExtendedRetention => "Extended-ShardHour",
            Flow::FanOutHours => "EnhancedFanoutHour",
            Flow::FanOutBytes => "ReadBytes",
            Flow::OnDemandHours => "OnDemand-StreamHour",
            Flow::OnDemandIn => "OnDemand-BilledIncomingBytes",
            Flow::OnDemandOut => "OnDemand-BilledOutgoingBytes",
            Flow::Delivered => "BilledBytes",
            Flow::Converted => "DataFormatConversion-BilledBytes",
            Flow::Partitioned => "DynamicPartitioning-BilledBytes",
            Flow::PartitionObjects => "DynamicPartitioning-Objects",
            Flow::Alarms => "CW:AlarmMonitorUsage",
            Flow::FastAlarms => "CW:HighResAlarmMonitorUsage",
            Flow::CompositeAlarms => "CW:CompositeAlarmMonitorUsage",
        }
    }

    /// A line for a reader.
    pub(super) const fn description(self) -> &'static str {
        match self {
            Flow::ShardHours => "Shard hours",
            Flow::PutUnits => "PUT payload units of 25 KB",
            Flow::ExtendedRetention => "Retention above 24 hours, shard hours",
            Flow::FanOutHours => "Enhanced fan-out, consumer-shard hours",
            Flow::FanOutBytes => "Enhanced fan-out, data retrieved",
            Flow::OnDemandHours => "On-demand streams, stream hours",
            Flow::OnDemandIn => "On-demand streams, data in",
            Flow::OnDemandOut => "On-demand streams, data out",
            Flow::Delivered => "Data taken, each record rounded up to 5 KB",
            Flow::Converted => "Format conversion",
            Flow::Partitioned => "Dynamic partitioning, data",
            Flow::PartitionObjects => "Dynamic partitioning, objects",
            Flow::Alarms => "Alarms, each metric that one looks at",
            Flow::FastAlarms => "High-resolution alarms, each metric that one looks at",
            Flow::CompositeAlarms => "Composite alarms",
        }
    }

    pub(super) const fn measure(self) -> Measure {
        match self {
            Flow::ShardHours | Flow::ExtendedRetention | Flow::FanOutHours | Flow::OnDemandHours => Measure::Hours,
            Flow::PutUnits | Flow::PartitionObjects => Measure::Count,
            Flow::FanOutBytes | Flow::OnDemandIn | Flow::OnDemandOut | Flow::Delivered | Flow::Converted | Flow::Partitioned => Measure::Bytes,
            Flow::Alarms | Flow::FastAlarms | Flow::CompositeAlarms => Measure::Time,
        }
    }

    pub(super) const fn service(self) -> &'static str {
        match self {
            Flow::Delivered | Flow::Converted | Flow::Partitioned | Flow::PartitionObjects => "Amazon Data Firehose",
            Flow::Alarms | Flow::FastAlarms | Flow::CompositeAlarms => "AmazonCloudWatch",
            _ => "Amazon Kinesis",
        }
    }
}
