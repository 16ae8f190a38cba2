//! Inputs of the operations, in botocore's order.

use crate::account::params::{BOOLEAN, INTEGER, Member, NAME, Shape, TEXT, TEXT_MAP, TIMESTAMP, optional, required};

const MIN_1: Shape = Shape::Integer { min: Some(1) };
const BYTES: Shape = Shape::Blob;
const KEYS: Shape = Shape::List { of: &NAME, min: 1 };
const STREAM: Member = optional("StreamName", NAME);
const ARN: Member = optional("StreamARN", NAME);
const ID: Member = optional("StreamId", NAME);
const MODE: &[Member] = &[required("StreamMode", TEXT)];
const RECORD: &[Member] = &[required("Data", BYTES), optional("ExplicitHashKey", TEXT), optional("PartitionKey", NAME)];
const FILTER: &[Member] = &[required("Type", TEXT), optional("ShardId", NAME), optional("Timestamp", TIMESTAMP)];
const POSITION: &[Member] = &[required("Type", TEXT), optional("SequenceNumber", TEXT), optional("Timestamp", TIMESTAMP)];

pub(super) const CREATE: &[Member] = &[
    required("StreamName", NAME),
    optional("ShardCount", MIN_1),
    optional("StreamModeDetails", Shape::Structure(MODE)),
    optional("Tags", TEXT_MAP),
    optional("WarmThroughputMiBps", INTEGER),
    optional("MaxRecordSizeInKiB", Shape::Integer { min: Some(1_024) }),
    optional("RecordDistributionStrategy", TEXT),
];
pub(super) const DELETE: &[Member] = &[STREAM, optional("EnforceConsumerDeletion", BOOLEAN), ARN, ID];
pub(super) const DESCRIBE: &[Member] = &[STREAM, optional("Limit", MIN_1), optional("ExclusiveStartShardId", NAME), ARN, ID];
pub(super) const ONE_STREAM: &[Member] = &[STREAM, ARN, ID];
pub(super) const LIST_STREAMS: &[Member] = &[
    optional("Limit", MIN_1),
    optional("ExclusiveStartStreamName", NAME),
    optional("NextToken", NAME),
];
pub(super) const RETENTION: &[Member] = &[STREAM, required("RetentionPeriodHours", INTEGER), ARN, ID];
pub(super) const ADD_TAGS: &[Member] = &[STREAM, required("Tags", TEXT_MAP), ARN, ID];
pub(super) const REMOVE_TAGS: &[Member] = &[STREAM, required("TagKeys", KEYS), ARN, ID];
pub(super) const LIST_TAGS: &[Member] = &[STREAM, optional("ExclusiveStartTagKey", NAME), optional("Limit", MIN_1), ARN, ID];
pub(super) const TAG: &[Member] = &[required("Tags", TEXT_MAP), required("ResourceARN", NAME), ID];
pub(super) const UNTAG: &[Member] = &[required("TagKeys", KEYS), required("ResourceARN", NAME), ID];
pub(super) const RESOURCE: &[Member] = &[required("ResourceARN", NAME), ID];
pub(super) const ENCRYPTION: &[Member] = &[STREAM, required("EncryptionType", TEXT), required("KeyId", NAME), ARN, ID];
pub(super) const MONITORING: &[Member] = &[STREAM, required("ShardLevelMetrics", KEYS), ARN, ID];
pub(super) const STREAM_MODE: &[Member] = &[
    required("StreamARN", NAME),
    ID,
    required("StreamModeDetails", Shape::Structure(MODE)),
    optional("WarmThroughputMiBps", INTEGER),
];
pub(super) const RECORD_SIZE: &[Member] = &[ARN, ID, required("MaxRecordSizeInKiB", Shape::Integer { min: Some(1_024) })];
pub(super) const PUT_RECORD: &[Member] = &[
    STREAM,
    required("Data", BYTES),
    optional("PartitionKey", NAME),
    optional("ExplicitHashKey", TEXT),
    optional("SequenceNumberForOrdering", TEXT),
    ARN,
    ID,
    optional("DryRun", BOOLEAN),
];
pub(super) const PUT_RECORDS: &[Member] = &[
    required(
        "Records",
        Shape::List {
            of: &Shape::Structure(RECORD),
            min: 1,
        },
    ),
    STREAM,
    ARN,
    ID,
    optional("DryRun", BOOLEAN),
];
pub(super) const ITERATOR: &[Member] = &[
    STREAM,
    required("ShardId", NAME),
    required("ShardIteratorType", TEXT),
    optional("StartingSequenceNumber", TEXT),
    optional("Timestamp", TIMESTAMP),
    ARN,
    ID,
];
pub(super) const GET_RECORDS: &[Member] = &[required("ShardIterator", NAME), optional("Limit", MIN_1), ARN, ID, optional("DryRun", BOOLEAN)];
pub(super) const LIST_SHARDS: &[Member] = &[
    STREAM,
    optional("NextToken", NAME),
    optional("ExclusiveStartShardId", NAME),
    optional("MaxResults", MIN_1),
    optional("StreamCreationTimestamp", TIMESTAMP),
    optional("ShardFilter", Shape::Structure(FILTER)),
    ARN,
    ID,
];
pub(super) const SPLIT: &[Member] = &[STREAM, required("ShardToSplit", NAME), required("NewStartingHashKey", TEXT), ARN, ID];
pub(super) const MERGE: &[Member] = &[STREAM, required("ShardToMerge", NAME), required("AdjacentShardToMerge", NAME), ARN, ID];
pub(super) const SCALE: &[Member] = &[STREAM, required("TargetShardCount", MIN_1), required("ScalingType", TEXT), ARN, ID];
pub(super) const REGISTER: &[Member] = &[required("StreamARN", NAME), required("ConsumerName", NAME), ID, optional("Tags", TEXT_MAP)];
pub(super) const CONSUMER: &[Member] = &[ARN, optional("ConsumerName", NAME), optional("ConsumerARN", NAME), ID];
pub(super) const LIST_CONSUMERS: &[Member] = &[
    required("StreamARN", NAME),
    optional("NextToken", NAME),
    optional("MaxResults", MIN_1),
    optional("StreamCreationTimestamp", TIMESTAMP),
    ID,
];
pub(super) const SUBSCRIBE: &[Member] = &[
    required("ConsumerARN", NAME),
    ID,
    required("ShardId", NAME),
    required("StartingPosition", Shape::Structure(POSITION)),
    optional("DryRun", BOOLEAN),
];
