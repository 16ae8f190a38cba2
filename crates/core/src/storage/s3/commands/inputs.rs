use crate::account::params::{ANY, BOOLEAN, INTEGER, Member, NAME, Shape, TEXT, TEXT_MAP, TEXTS, TIMESTAMP, optional, required};

/// The members of an operation's input, in botocore's order; `None` for an operation that is not a basic one.
pub fn members(operation: &str) -> Option<&'static [Member]> {
    Some(match operation {
        "CreateBucket" => CREATE_BUCKET,
        "DeleteBucket" | "HeadBucket" | "GetBucketLocation" => BUCKET_ONLY,
        "ListBuckets" => LIST_BUCKETS,
        "PutObject" => PUT_OBJECT,
        "GetObject" | "HeadObject" => GET_OBJECT,
        "ListObjectsV2" => LIST_OBJECTS_V2,
        "DeleteObject" => DELETE_OBJECT,
        "DeleteObjects" => DELETE_OBJECTS,
        _ => return None,
    })
}

/// Members that mean something which is not built yet: a call with one is refused rather than half done.
pub fn is_unsupported(operation: &str, name: &str) -> bool {
    let common = name.starts_with("ObjectLock")
        || matches!(
            name,
            "AnnotationDirective" | "BypassGovernanceRetention" | "MFA" | "WriteOffsetBytes" | "IfMatchLastModifiedTime" | "IfMatchSize"
        );
    let checksum = matches!(operation, "PutObject" | "CopyObject" | "UploadPart" | "CompleteMultipartUpload")
        && matches!(
            name,
            "ChecksumCRC32"
                | "ChecksumCRC32C"
                | "ChecksumCRC64NVME"
                | "ChecksumSHA1"
                | "ChecksumSHA512"
                | "ChecksumMD5"
                | "ChecksumXXHASH64"
                | "ChecksumXXHASH3"
                | "ChecksumXXHASH128"
        );
    common || checksum
}

const TAG: &[Member] = &[required("Key", NAME), required("Value", TEXT)];

const CREATE_BUCKET_CONFIGURATION: &[Member] = &[
    optional("LocationConstraint", TEXT),
    optional("Location", Shape::Structure(&[optional("Type", TEXT), optional("Name", TEXT)])),
    optional("Bucket", Shape::Structure(&[optional("DataRedundancy", TEXT), optional("Type", TEXT)])),
    optional(
        "Tags",
        Shape::List {
            of: &Shape::Structure(TAG),
            min: 0,
        },
    ),
];

const CREATE_BUCKET: &[Member] = &[
    optional("ACL", TEXT),
    required("Bucket", TEXT),
    optional("CreateBucketConfiguration", Shape::Structure(CREATE_BUCKET_CONFIGURATION)),
    optional("GrantFullControl", TEXT),
    optional("GrantRead", TEXT),
    optional("GrantReadACP", TEXT),
    optional("GrantWrite", TEXT),
    optional("GrantWriteACP", TEXT),
    optional("ObjectLockEnabledForBucket", BOOLEAN),
    optional("ObjectOwnership", TEXT),
    optional("BucketNamespace", TEXT),
];

pub(super) const BUCKET_ONLY: &[Member] = &[required("Bucket", TEXT), optional("ExpectedBucketOwner", TEXT)];

const LIST_BUCKETS: &[Member] = &[
    optional("MaxBuckets", Shape::Integer { min: Some(1) }),
    optional("ContinuationToken", TEXT),
    optional("Prefix", TEXT),
    optional("BucketRegion", TEXT),
];

const PUT_OBJECT: &[Member] = &[
    optional("ACL", TEXT),
    optional("Body", Shape::Blob),
    required("Bucket", TEXT),
    optional("CacheControl", TEXT),
    optional("ContentDisposition", TEXT),
    optional("ContentEncoding", TEXT),
    optional("ContentLanguage", TEXT),
    optional("ContentLength", INTEGER),
    optional("ContentMD5", TEXT),
    optional("ContentType", TEXT),
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
    optional("Expires", TIMESTAMP),
    optional("IfMatch", TEXT),
    optional("IfNoneMatch", TEXT),
    optional("GrantFullControl", TEXT),
    optional("GrantRead", TEXT),
    optional("GrantReadACP", TEXT),
    optional("GrantWriteACP", TEXT),
    required("Key", NAME),
    optional("WriteOffsetBytes", INTEGER),
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
    optional("SluiceBlob", ANY),
    optional("SluiceEncryption", ANY),
    optional("SluiceOwner", TEXT),
];

const GET_OBJECT: &[Member] = &[
    required("Bucket", TEXT),
    optional("IfMatch", TEXT),
    optional("IfModifiedSince", TIMESTAMP),
    optional("IfNoneMatch", TEXT),
    optional("IfUnmodifiedSince", TIMESTAMP),
    required("Key", NAME),
    optional("Range", TEXT),
    optional("ResponseCacheControl", TEXT),
    optional("ResponseContentDisposition", TEXT),
    optional("ResponseContentEncoding", TEXT),
    optional("ResponseContentLanguage", TEXT),
    optional("ResponseContentType", TEXT),
    optional("ResponseExpires", TIMESTAMP),
    optional("VersionId", TEXT),
    optional("SSECustomerAlgorithm", TEXT),
    optional("SSECustomerKey", TEXT),
    optional("SSECustomerKeyMD5", TEXT),
    optional("RequestPayer", TEXT),
    optional("PartNumber", INTEGER),
    optional("ExpectedBucketOwner", TEXT),
    optional("ChecksumMode", TEXT),
];

const LIST_OBJECTS_V2: &[Member] = &[
    required("Bucket", TEXT),
    optional("Delimiter", TEXT),
    optional("EncodingType", TEXT),
    optional("MaxKeys", INTEGER),
    optional("Prefix", TEXT),
    optional("ContinuationToken", TEXT),
    optional("FetchOwner", BOOLEAN),
    optional("StartAfter", TEXT),
    optional("RequestPayer", TEXT),
    optional("ExpectedBucketOwner", TEXT),
    optional("OptionalObjectAttributes", TEXTS),
];

const DELETE_OBJECT: &[Member] = &[
    required("Bucket", TEXT),
    required("Key", NAME),
    optional("MFA", TEXT),
    optional("VersionId", TEXT),
    optional("RequestPayer", TEXT),
    optional("BypassGovernanceRetention", BOOLEAN),
    optional("ExpectedBucketOwner", TEXT),
    optional("IfMatch", TEXT),
    optional("IfMatchLastModifiedTime", TIMESTAMP),
    optional("IfMatchSize", INTEGER),
    optional("SluiceOwner", TEXT),
];

const OBJECT_IDENTIFIER: &[Member] = &[
    required("Key", NAME),
    optional("VersionId", TEXT),
    optional("ETag", TEXT),
    optional("LastModifiedTime", TIMESTAMP),
    optional("Size", INTEGER),
];

const DELETE: &[Member] = &[
    required(
        "Objects",
        Shape::List {
            of: &Shape::Structure(OBJECT_IDENTIFIER),
            min: 0,
        },
    ),
    optional("Quiet", BOOLEAN),
];

const DELETE_OBJECTS: &[Member] = &[
    required("Bucket", TEXT),
    required("Delete", Shape::Structure(DELETE)),
    optional("MFA", TEXT),
    optional("RequestPayer", TEXT),
    optional("BypassGovernanceRetention", BOOLEAN),
    optional("ExpectedBucketOwner", TEXT),
    optional("ChecksumAlgorithm", TEXT),
    optional("SluiceOwner", TEXT),
];
