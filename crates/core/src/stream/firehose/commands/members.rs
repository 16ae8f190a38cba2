//! Inputs of the operations, in botocore's order.

use crate::account::params::{ANY, BOOLEAN, INTEGER, Member, NAME, Shape, TEXT, optional, required};

const NAMED: Member = required("DeliveryStreamName", NAME);
const HINTS: &[Member] = &[
    optional("SizeInMBs", Shape::Integer { min: Some(1) }),
    optional("IntervalInSeconds", Shape::Integer { min: Some(0) }),
];
const KMS: &[Member] = &[required("AWSKMSKeyARN", NAME)];
const ENCRYPTION: &[Member] = &[optional("NoEncryptionConfig", TEXT), optional("KMSEncryptionConfig", Shape::Structure(KMS))];
const LOGGING: &[Member] = &[optional("Enabled", BOOLEAN), optional("LogGroupName", TEXT), optional("LogStreamName", TEXT)];
const PARAMETER: &[Member] = &[required("ParameterName", TEXT), required("ParameterValue", NAME)];
const PROCESSOR: &[Member] = &[
    required("Type", TEXT),
    optional(
        "Parameters",
        Shape::List {
            of: &Shape::Structure(PARAMETER),
            min: 0,
        },
    ),
];
const PROCESSING: &[Member] = &[
    optional("Enabled", BOOLEAN),
    optional(
        "Processors",
        Shape::List {
            of: &Shape::Structure(PROCESSOR),
            min: 0,
        },
    ),
];
const RETRY: &[Member] = &[optional("DurationInSeconds", Shape::Integer { min: Some(0) })];
const PARTITIONING: &[Member] = &[optional("RetryOptions", Shape::Structure(RETRY)), optional("Enabled", BOOLEAN)];
const CONVERSION: &[Member] = &[
    optional("SchemaConfiguration", ANY),
    optional("InputFormatConfiguration", ANY),
    optional("OutputFormatConfiguration", ANY),
    optional("Enabled", BOOLEAN),
];

macro_rules! s3 {
    ($need:ident, $($more:expr),*) => {
        &[
            $need("RoleARN", NAME),
            $need("BucketARN", NAME),
            optional("Prefix", TEXT),
            optional("ErrorOutputPrefix", TEXT),
            optional("BufferingHints", Shape::Structure(HINTS)),
            optional("CompressionFormat", TEXT),
            optional("EncryptionConfiguration", Shape::Structure(ENCRYPTION)),
            optional("CloudWatchLoggingOptions", Shape::Structure(LOGGING)),
            $($more),*
        ]
    };
}
macro_rules! extended {
    ($need:ident, $backup:literal) => {
        s3!(
            $need,
            optional("ProcessingConfiguration", Shape::Structure(PROCESSING)),
            optional("S3BackupMode", TEXT),
            optional($backup, ANY),
            optional("DataFormatConversionConfiguration", Shape::Structure(CONVERSION)),
            optional("DynamicPartitioningConfiguration", Shape::Structure(PARTITIONING)),
            optional("FileExtension", TEXT),
            optional("CustomTimeZone", TEXT)
        )
    };
}

const S3: &[Member] = s3!(required,);
const S3_UPDATE: &[Member] = s3!(optional,);
const EXTENDED: &[Member] = extended!(required, "S3BackupConfiguration");
const EXTENDED_UPDATE: &[Member] = extended!(optional, "S3BackupUpdate");
const KINESIS: &[Member] = &[required("KinesisStreamARN", NAME), required("RoleARN", NAME)];
const ENCRYPT: &[Member] = &[optional("KeyARN", NAME), required("KeyType", TEXT)];
const TAG: &[Member] = &[required("Key", NAME), optional("Value", TEXT)];
const TAGS: Shape = Shape::List {
    of: &Shape::Structure(TAG),
    min: 1,
};
const RECORD: &[Member] = &[required("Data", Shape::Blob)];

/// Destinations that Sluice does not deliver to.
pub(super) const OTHER_DESTINATIONS: [&str; 9] = [
    "RedshiftDestination",
    "ElasticsearchDestination",
    "AmazonopensearchserviceDestination",
    "SplunkDestination",
    "HttpEndpointDestination",
    "AmazonOpenSearchServerlessDestination",
    "SnowflakeDestination",
    "IcebergDestination",
    "DatabaseSource",
];

pub(super) const CREATE: &[Member] = &[
    NAMED,
    optional("DeliveryStreamType", TEXT),
    optional("DirectPutSourceConfiguration", ANY),
    optional("KinesisStreamSourceConfiguration", Shape::Structure(KINESIS)),
    optional("DeliveryStreamEncryptionConfigurationInput", Shape::Structure(ENCRYPT)),
    optional("S3DestinationConfiguration", Shape::Structure(S3)),
    optional("ExtendedS3DestinationConfiguration", Shape::Structure(EXTENDED)),
    optional("RedshiftDestinationConfiguration", ANY),
    optional("ElasticsearchDestinationConfiguration", ANY),
    optional("AmazonopensearchserviceDestinationConfiguration", ANY),
    optional("SplunkDestinationConfiguration", ANY),
    optional("HttpEndpointDestinationConfiguration", ANY),
    optional("Tags", TAGS),
    optional("AmazonOpenSearchServerlessDestinationConfiguration", ANY),
    optional("MSKSourceConfiguration", ANY),
    optional("SnowflakeDestinationConfiguration", ANY),
    optional("IcebergDestinationConfiguration", ANY),
    optional("DatabaseSourceConfiguration", ANY),
];
pub(super) const UPDATE: &[Member] = &[
    NAMED,
    required("CurrentDeliveryStreamVersionId", NAME),
    required("DestinationId", NAME),
    optional("S3DestinationUpdate", Shape::Structure(S3_UPDATE)),
    optional("ExtendedS3DestinationUpdate", Shape::Structure(EXTENDED_UPDATE)),
    optional("RedshiftDestinationUpdate", ANY),
    optional("ElasticsearchDestinationUpdate", ANY),
    optional("AmazonopensearchserviceDestinationUpdate", ANY),
    optional("SplunkDestinationUpdate", ANY),
    optional("HttpEndpointDestinationUpdate", ANY),
    optional("AmazonOpenSearchServerlessDestinationUpdate", ANY),
    optional("SnowflakeDestinationUpdate", ANY),
    optional("IcebergDestinationUpdate", ANY),
];
pub(super) const DELETE: &[Member] = &[NAMED, optional("AllowForceDelete", BOOLEAN)];
pub(super) const DESCRIBE: &[Member] = &[
    NAMED,
    optional("Limit", Shape::Integer { min: Some(1) }),
    optional("ExclusiveStartDestinationId", NAME),
];
pub(super) const LIST: &[Member] = &[
    optional("Limit", Shape::Integer { min: Some(1) }),
    optional("DeliveryStreamType", TEXT),
    optional("ExclusiveStartDeliveryStreamName", NAME),
];
pub(super) const PUT: &[Member] = &[NAMED, required("Record", Shape::Structure(RECORD))];
pub(super) const PUT_BATCH: &[Member] = &[
    NAMED,
    required(
        "Records",
        Shape::List {
            of: &Shape::Structure(RECORD),
            min: 1,
        },
    ),
];
pub(super) const START: &[Member] = &[NAMED, optional("DeliveryStreamEncryptionConfigurationInput", Shape::Structure(ENCRYPT))];
pub(super) const STOP: &[Member] = &[NAMED];
pub(super) const TAG_STREAM: &[Member] = &[NAMED, required("Tags", TAGS)];
pub(super) const UNTAG: &[Member] = &[NAMED, required("TagKeys", Shape::List { of: &NAME, min: 1 })];
pub(super) const LIST_TAGS: &[Member] = &[NAMED, optional("ExclusiveStartTagKey", NAME), optional("Limit", INTEGER)];
