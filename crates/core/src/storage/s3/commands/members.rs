//! Members of the operations on copies, versions, uploads, tags, rules and logs, in botocore's order.

use crate::account::params::{ANY, BOOLEAN, INTEGER, Member, NAME, Shape, TEXT, TEXT_MAP, TEXTS, TIMESTAMP, optional, required};
use crate::storage::s3::lifecycle::BUCKET_LIFECYCLE_CONFIGURATION;

use super::inputs::BUCKET_ONLY;

/// The members of an operation's input; `None` for an operation that is not here.
pub fn members(operation: &str) -> Option<&'static [Member]> {
    Some(match operation {
        "CopyObject" => COPY_OBJECT,
        "GetBucketLogging" => BUCKET_ONLY,
        "PutBucketLogging" => super::logging::PUT_LOGGING,
        "GetBucketVersioning" | "GetBucketTagging" | "DeleteBucketTagging" | "GetBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => BUCKET_ONLY,
        "PutBucketVersioning" => PUT_BUCKET_VERSIONING,
        "ListObjectVersions" => LIST_OBJECT_VERSIONS,
        "CreateMultipartUpload" => CREATE_MULTIPART_UPLOAD,
        "UploadPart" => UPLOAD_PART,
        "UploadPartCopy" => UPLOAD_PART_COPY,
        "ListParts" => LIST_PARTS,
        "ListMultipartUploads" => LIST_MULTIPART_UPLOADS,
        "CompleteMultipartUpload" => COMPLETE_MULTIPART_UPLOAD,
        "AbortMultipartUpload" => ABORT_MULTIPART_UPLOAD,
        "PutObjectTagging" => PUT_OBJECT_TAGGING,
        "GetObjectTagging" => GET_OBJECT_TAGGING,
        "DeleteObjectTagging" => DELETE_OBJECT_TAGGING,
        "PutBucketTagging" => PUT_BUCKET_TAGGING,
        "GetObjectAttributes" => GET_OBJECT_ATTRIBUTES,
        "RestoreObject" => RESTORE_OBJECT,
        "PutBucketLifecycleConfiguration" => PUT_BUCKET_LIFECYCLE_CONFIGURATION,
        "PutBucketIntelligentTieringConfiguration" => PUT_BUCKET_INTELLIGENT_TIERING_CONFIGURATION,
        "GetBucketIntelligentTieringConfiguration" => GET_BUCKET_INTELLIGENT_TIERING_CONFIGURATION,
        "DeleteBucketIntelligentTieringConfiguration" => DELETE_BUCKET_INTELLIGENT_TIERING_CONFIGURATION,
        "ListBucketIntelligentTieringConfigurations" => LIST_BUCKET_INTELLIGENT_TIERING_CONFIGURATIONS,
        _ => return None,
    })
}

const COPY_OBJECT: &[Member] = &[
    optional("ACL", TEXT),
    required("Bucket", TEXT),
    optional("CacheControl", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    optional("ContentDisposition", TEXT),
    optional("ContentEncoding", TEXT),
    optional("ContentLanguage", TEXT),
    optional("ContentType", TEXT),
    // Text, or {Bucket, Key, VersionId}: botocore takes both.
    required("CopySource", ANY),
    optional("CopySourceIfMatch", TEXT),
    optional("CopySourceIfModifiedSince", TIMESTAMP),
    optional("CopySourceIfNoneMatch", TEXT),
    optional("CopySourceIfUnmodifiedSince", TIMESTAMP),
    optional("Expires", TIMESTAMP),
    optional("GrantFullControl", TEXT),
    optional("GrantRead", TEXT),
    optional("GrantReadACP", TEXT),
    optional("GrantWriteACP", TEXT),
    optional("IfMatch", TEXT),
    optional("IfNoneMatch", TEXT),
    required("Key", NAME),
    optional("Metadata", TEXT_MAP),
    optional("MetadataDirective", TEXT),
    optional("TaggingDirective", TEXT),
    optional("AnnotationDirective", TEXT),
    optional("ServerSideEncryption", TEXT),
    optional("StorageClass", TEXT),
    optional("WebsiteRedirectLocation", TEXT),
    optional("SSECustomerAlgorithm", TEXT),
    optional("SSECustomerKey", TEXT),
    optional("SSECustomerKeyMD5", TEXT),
    optional("SSEKMSKeyId", TEXT),
    optional("SSEKMSEncryptionContext", TEXT),
    optional("BucketKeyEnabled", BOOLEAN),
    optional("CopySourceSSECustomerAlgorithm", TEXT),
    optional("CopySourceSSECustomerKey", TEXT),
    optional("CopySourceSSECustomerKeyMD5", TEXT),
    optional("RequestPayer", TEXT),
    optional("Tagging", TEXT),
    optional("ObjectLockMode", TEXT),
    optional("ObjectLockRetainUntilDate", TIMESTAMP),
    optional("ObjectLockLegalHoldStatus", TEXT),
    optional("ObjectLockEventHold", TEXT),
    optional("ObjectLockEventHoldDurationDays", INTEGER),
    optional("ObjectLockEventHoldDurationYears", INTEGER),
    optional("ExpectedBucketOwner", TEXT),
    optional("ExpectedSourceBucketOwner", TEXT),
    optional("SluiceBlob", ANY),
    optional("SluiceEncryption", ANY),
    optional("SluiceOwner", TEXT),
];

const VERSIONING_CONFIGURATION: &[Member] = &[optional("MFADelete", TEXT), optional("Status", TEXT)];

const PUT_BUCKET_VERSIONING: &[Member] = &[
    required("Bucket", TEXT),
    optional("ContentMD5", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    optional("MFA", TEXT),
    required("VersioningConfiguration", Shape::Structure(VERSIONING_CONFIGURATION)),
    optional("ExpectedBucketOwner", TEXT),
];

const LIST_OBJECT_VERSIONS: &[Member] = &[
    required("Bucket", TEXT),
    optional("Delimiter", TEXT),
    optional("EncodingType", TEXT),
    optional("KeyMarker", TEXT),
    optional("MaxKeys", INTEGER),
    optional("Prefix", TEXT),
    optional("VersionIdMarker", TEXT),
    optional("ExpectedBucketOwner", TEXT),
    optional("RequestPayer", TEXT),
    optional("OptionalObjectAttributes", TEXTS),
];

const CREATE_MULTIPART_UPLOAD: &[Member] = &[
    optional("ACL", TEXT),
    required("Bucket", TEXT),
    optional("CacheControl", TEXT),
    optional("ContentDisposition", TEXT),
    optional("ContentEncoding", TEXT),
    optional("ContentLanguage", TEXT),
    optional("ContentType", TEXT),
    optional("Expires", TIMESTAMP),
    optional("GrantFullControl", TEXT),
    optional("GrantRead", TEXT),
    optional("GrantReadACP", TEXT),
    optional("GrantWriteACP", TEXT),
    required("Key", NAME),
    optional("Metadata", TEXT_MAP),
    optional("ServerSideEncryption", TEXT),
    optional("StorageClass", TEXT),
    optional("WebsiteRedirectLocation", TEXT),
    optional("SSECustomerAlgorithm", TEXT),
    optional("SSECustomerKey", TEXT),
    optional("SSECustomerKeyMD5", TEXT),
    optional("SSEKMSKeyId", TEXT),
    optional("SSEKMSEncryptionContext", TEXT),
    optional("BucketKeyEnabled", BOOLEAN),
    optional("RequestPayer", TEXT),
    optional("Tagging", TEXT),
    optional("ObjectLockMode", TEXT),
    optional("ObjectLockRetainUntilDate", TIMESTAMP),
    optional("ObjectLockLegalHoldStatus", TEXT),
    optional("ObjectLockEventHold", TEXT),
    optional("ObjectLockEventHoldDurationDays", INTEGER),
    optional("ObjectLockEventHoldDurationYears", INTEGER),
    optional("ExpectedBucketOwner", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    optional("ChecksumType", TEXT),
    optional("SluiceEncryption", ANY),
    optional("SluiceOwner", TEXT),
];

const UPLOAD_PART: &[Member] = &[
    optional("Body", Shape::Blob),
    required("Bucket", TEXT),
    optional("ContentLength", INTEGER),
    optional("ContentMD5", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    optional("ChecksumCRC32", TEXT),
    optional("ChecksumCRC32C", TEXT),
    optional("ChecksumCRC64NVME", TEXT),
    optional("ChecksumSHA1", TEXT),
    optional("ChecksumSHA256", TEXT),
    optional("ChecksumSHA512", TEXT),
    optional("ChecksumMD5", TEXT),
    optional("ChecksumXXHASH64", TEXT),
    optional("ChecksumXXHASH3", TEXT),
    optional("ChecksumXXHASH128", TEXT),
    required("Key", NAME),
    required("PartNumber", INTEGER),
    required("UploadId", TEXT),
    optional("SSECustomerAlgorithm", TEXT),
    optional("SSECustomerKey", TEXT),
    optional("SSECustomerKeyMD5", TEXT),
    optional("RequestPayer", TEXT),
    optional("ExpectedBucketOwner", TEXT),
    optional("SluiceBlob", ANY),
];

const UPLOAD_PART_COPY: &[Member] = &[
    required("Bucket", TEXT),
    required("CopySource", ANY),
    optional("CopySourceIfMatch", TEXT),
    optional("CopySourceIfModifiedSince", TIMESTAMP),
    optional("CopySourceIfNoneMatch", TEXT),
    optional("CopySourceIfUnmodifiedSince", TIMESTAMP),
    optional("CopySourceRange", TEXT),
    required("Key", NAME),
    required("PartNumber", INTEGER),
    required("UploadId", TEXT),
    optional("SSECustomerAlgorithm", TEXT),
    optional("SSECustomerKey", TEXT),
    optional("SSECustomerKeyMD5", TEXT),
    optional("CopySourceSSECustomerAlgorithm", TEXT),
    optional("CopySourceSSECustomerKey", TEXT),
    optional("CopySourceSSECustomerKeyMD5", TEXT),
    optional("RequestPayer", TEXT),
    optional("ExpectedBucketOwner", TEXT),
    optional("ExpectedSourceBucketOwner", TEXT),
    optional("SluiceBlob", ANY),
];

const LIST_PARTS: &[Member] = &[
    required("Bucket", TEXT),
    required("Key", NAME),
    optional("MaxParts", INTEGER),
    optional("PartNumberMarker", INTEGER),
    required("UploadId", TEXT),
    optional("RequestPayer", TEXT),
    optional("ExpectedBucketOwner", TEXT),
    optional("SSECustomerAlgorithm", TEXT),
    optional("SSECustomerKey", TEXT),
    optional("SSECustomerKeyMD5", TEXT),
];

const LIST_MULTIPART_UPLOADS: &[Member] = &[
    required("Bucket", TEXT),
    optional("Delimiter", TEXT),
    optional("EncodingType", TEXT),
    optional("KeyMarker", TEXT),
    optional("MaxUploads", INTEGER),
    optional("Prefix", TEXT),
    optional("UploadIdMarker", TEXT),
    optional("ExpectedBucketOwner", TEXT),
    optional("RequestPayer", TEXT),
];

const COMPLETED_PART: &[Member] = &[
    optional("ETag", TEXT),
    optional("ChecksumCRC32", TEXT),
    optional("ChecksumCRC32C", TEXT),
    optional("ChecksumCRC64NVME", TEXT),
    optional("ChecksumSHA1", TEXT),
    optional("ChecksumSHA256", TEXT),
    optional("ChecksumSHA512", TEXT),
    optional("ChecksumMD5", TEXT),
    optional("ChecksumXXHASH64", TEXT),
    optional("ChecksumXXHASH3", TEXT),
    optional("ChecksumXXHASH128", TEXT),
    optional("PartNumber", INTEGER),
];

const COMPLETED_MULTIPART_UPLOAD: &[Member] = &[optional(
    "Parts",
    Shape::List {
        of: &Shape::Structure(COMPLETED_PART),
        min: 0,
    },
)];

const COMPLETE_MULTIPART_UPLOAD: &[Member] = &[
    required("Bucket", TEXT),
    required("Key", NAME),
    optional("MultipartUpload", Shape::Structure(COMPLETED_MULTIPART_UPLOAD)),
    required("UploadId", TEXT),
    optional("ChecksumCRC32", TEXT),
    optional("ChecksumCRC32C", TEXT),
    optional("ChecksumCRC64NVME", TEXT),
    optional("ChecksumSHA1", TEXT),
    optional("ChecksumSHA256", TEXT),
    optional("ChecksumSHA512", TEXT),
    optional("ChecksumMD5", TEXT),
    optional("ChecksumXXHASH64", TEXT),
    optional("ChecksumXXHASH3", TEXT),
    optional("ChecksumXXHASH128", TEXT),
    optional("ChecksumType", TEXT),
    optional("MpuObjectSize", INTEGER),
    optional("RequestPayer", TEXT),
    optional("ExpectedBucketOwner", TEXT),
    optional("IfMatch", TEXT),
    optional("IfNoneMatch", TEXT),
    optional("SSECustomerAlgorithm", TEXT),
    optional("SSECustomerKey", TEXT),
    optional("SSECustomerKeyMD5", TEXT),
    optional("SluiceBlob", ANY),
];

const ABORT_MULTIPART_UPLOAD: &[Member] = &[
    required("Bucket", TEXT),
    required("Key", NAME),
    required("UploadId", TEXT),
    optional("RequestPayer", TEXT),
    optional("ExpectedBucketOwner", TEXT),
    optional("IfMatchInitiatedTime", TIMESTAMP),
];

const TAG: &[Member] = &[required("Key", NAME), required("Value", TEXT)];

const TAGGING: &[Member] = &[required(
    "TagSet",
    Shape::List {
        of: &Shape::Structure(TAG),
        min: 0,
    },
)];

const PUT_OBJECT_TAGGING: &[Member] = &[
    required("Bucket", TEXT),
    required("Key", NAME),
    optional("VersionId", TEXT),
    optional("ContentMD5", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    required("Tagging", Shape::Structure(TAGGING)),
    optional("ExpectedBucketOwner", TEXT),
    optional("RequestPayer", TEXT),
];

const GET_OBJECT_TAGGING: &[Member] = &[
    required("Bucket", TEXT),
    required("Key", NAME),
    optional("VersionId", TEXT),
    optional("ExpectedBucketOwner", TEXT),
    optional("RequestPayer", TEXT),
];

const DELETE_OBJECT_TAGGING: &[Member] = &[
    required("Bucket", TEXT),
    required("Key", NAME),
    optional("VersionId", TEXT),
    optional("ExpectedBucketOwner", TEXT),
];

const PUT_BUCKET_TAGGING: &[Member] = &[
    required("Bucket", TEXT),
    optional("ContentMD5", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    required("Tagging", Shape::Structure(TAGGING)),
    optional("ExpectedBucketOwner", TEXT),
];

const GET_OBJECT_ATTRIBUTES: &[Member] = &[
    required("Bucket", TEXT),
    required("Key", NAME),
    optional("VersionId", TEXT),
    optional("MaxParts", INTEGER),
    optional("PartNumberMarker", INTEGER),
    optional("SSECustomerAlgorithm", TEXT),
    optional("SSECustomerKey", TEXT),
    optional("SSECustomerKeyMD5", TEXT),
    optional("RequestPayer", TEXT),
    optional("ExpectedBucketOwner", TEXT),
    required("ObjectAttributes", TEXTS),
];

const GLACIER_JOB_PARAMETERS: &[Member] = &[required("Tier", TEXT)];

const RESTORE_REQUEST: &[Member] = &[
    optional("Days", INTEGER),
    optional("GlacierJobParameters", Shape::Structure(GLACIER_JOB_PARAMETERS)),
    optional("Type", TEXT),
    optional("Tier", TEXT),
    optional("Description", TEXT),
    optional("SelectParameters", ANY),
    optional("OutputLocation", ANY),
];

const RESTORE_OBJECT: &[Member] = &[
    required("Bucket", TEXT),
    required("Key", NAME),
    optional("VersionId", TEXT),
    optional("RestoreRequest", Shape::Structure(RESTORE_REQUEST)),
    optional("RequestPayer", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    optional("ExpectedBucketOwner", TEXT),
];

const PUT_BUCKET_LIFECYCLE_CONFIGURATION: &[Member] = &[
    required("Bucket", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    optional("LifecycleConfiguration", Shape::Structure(BUCKET_LIFECYCLE_CONFIGURATION)),
    optional("ExpectedBucketOwner", TEXT),
    optional("TransitionDefaultMinimumObjectSize", TEXT),
];

const INTELLIGENT_TIERING_AND_OPERATOR: &[Member] = &[
    optional("Prefix", TEXT),
    optional(
        "Tags",
        Shape::List {
            of: &Shape::Structure(TAG),
            min: 0,
        },
    ),
];

const INTELLIGENT_TIERING_FILTER: &[Member] = &[
    optional("Prefix", TEXT),
    optional("Tag", Shape::Structure(TAG)),
    optional("And", Shape::Structure(INTELLIGENT_TIERING_AND_OPERATOR)),
];

const TIERING: &[Member] = &[required("Days", INTEGER), required("AccessTier", TEXT)];

const INTELLIGENT_TIERING_CONFIGURATION: &[Member] = &[
    required("Id", TEXT),
    optional("Filter", Shape::Structure(INTELLIGENT_TIERING_FILTER)),
    required("Status", TEXT),
    required(
        "Tierings",
        Shape::List {
            of: &Shape::Structure(TIERING),
            min: 0,
        },
    ),
];

const PUT_BUCKET_INTELLIGENT_TIERING_CONFIGURATION: &[Member] = &[
    required("Bucket", TEXT),
    required("Id", TEXT),
    optional("ExpectedBucketOwner", TEXT),
    required("IntelligentTieringConfiguration", Shape::Structure(INTELLIGENT_TIERING_CONFIGURATION)),
];

const GET_BUCKET_INTELLIGENT_TIERING_CONFIGURATION: &[Member] = &[required("Bucket", TEXT), required("Id", TEXT), optional("ExpectedBucketOwner", TEXT)];

const DELETE_BUCKET_INTELLIGENT_TIERING_CONFIGURATION: &[Member] = &[required("Bucket", TEXT), required("Id", TEXT), optional("ExpectedBucketOwner", TEXT)];

const LIST_BUCKET_INTELLIGENT_TIERING_CONFIGURATIONS: &[Member] = &[
    required("Bucket", TEXT),
    optional("ContinuationToken", TEXT),
    optional("ExpectedBucketOwner", TEXT),
];
