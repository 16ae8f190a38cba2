//! S3's actions and what they are about ("Actions, resources, and condition keys for Amazon S3").

use super::pattern::matches_action;

/// What kind of resource an action has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// `*`: the account.
    Account,
    /// `arn:aws:s3:::bucket`
    Bucket,
    /// `arn:aws:s3:::bucket/key`
    Object,
}

const ACCOUNT: &[&str] = &[
    "CreateJob",
    "GetAccountPublicAccessBlock",
    "ListAccessPoints",
    "ListAllMyBuckets",
    "ListJobs",
    "ListStorageLensConfigurations",
    "PutAccountPublicAccessBlock",
    "PutStorageLensConfiguration",
];

const BUCKET: &[&str] = &[
    "CreateBucket",
    "DeleteBucket",
    "DeleteBucketOwnershipControls",
    "DeleteBucketPolicy",
    "DeleteBucketWebsite",
    "GetAccelerateConfiguration",
    "GetAnalyticsConfiguration",
    "GetBucketAbac",
    "GetBucketAcl",
    "GetBucketCORS",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketMetadataTableConfiguration",
    "GetBucketNotification",
    "GetBucketObjectLockConfiguration",
    "GetBucketOwnershipControls",
    "GetBucketPolicy",
    "GetBucketPolicyStatus",
    "GetBucketPublicAccessBlock",
    "GetBucketRequestPayment",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetBucketWebsite",
    "GetEncryptionConfiguration",
    "GetIntelligentTieringConfiguration",
    "GetInventoryConfiguration",
    "GetLifecycleConfiguration",
    "GetMetricsConfiguration",
    "GetReplicationConfiguration",
    "ListBucket",
    "ListBucketMultipartUploads",
    "ListBucketVersions",
    "ListTagsForResource",
    "PutAccelerateConfiguration",
    "PutAnalyticsConfiguration",
    "PutBucketAbac",
    "PutBucketAcl",
    "PutBucketCORS",
    "PutBucketLogging",
    "PutBucketNotification",
    "PutBucketObjectLockConfiguration",
    "PutBucketOwnershipControls",
    "PutBucketPolicy",
    "PutBucketPublicAccessBlock",
    "PutBucketRequestPayment",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutBucketWebsite",
    "PutEncryptionConfiguration",
    "PutIntelligentTieringConfiguration",
    "PutInventoryConfiguration",
    "PutLifecycleConfiguration",
    "PutMetricsConfiguration",
    "PutReplicationConfiguration",
    "TagResource",
    "UntagResource",
    "CreateBucketMetadataTableConfiguration",
    "DeleteBucketMetadataTableConfiguration",
    "UpdateBucketMetadataInventoryTableConfiguration",
    "UpdateBucketMetadataJournalTableConfiguration",
];

const OBJECT: &[&str] = &[
    "AbortMultipartUpload",
    "BypassGovernanceRetention",
    "DeleteObject",
    "DeleteObjectTagging",
    "DeleteObjectVersion",
    "DeleteObjectVersionTagging",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "GetObjectLegalHold",
    "GetObjectRetention",
    "GetObjectTagging",
    "GetObjectTorrent",
    "GetObjectVersion",
    "GetObjectVersionAcl",
    "GetObjectVersionAttributes",
    "GetObjectVersionForReplication",
    "GetObjectVersionTagging",
    "GetObjectVersionTorrent",
    "InitiateReplication",
    "ListMultipartUploadParts",
    "ObjectOwnerOverrideToBucketOwner",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectRetention",
    "PutObjectTagging",
    "PutObjectVersionAcl",
    "PutObjectVersionTagging",
    "ReplicateDelete",
    "ReplicateObject",
    "ReplicateTags",
    "RestoreObject",
    "UpdateObjectEncryption",
    // Spellings that the service authorization reference lists apart.
    "GetObjectVersionLegalHold",
    "GetObjectVersionRetention",
    "PutObjectVersionLegalHold",
    "PutObjectVersionRetention",
];

/// The level of `s3:GetObject`; `None`: S3 has no such action. Letters' case does not matter.
pub fn s3_level(action: &str) -> Option<Level> {
    let (service, name) = action.split_once(':')?;
    if !service.eq_ignore_ascii_case("s3") {
        return None;
    }
    let within = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(name));
    if within(OBJECT) {
        Some(Level::Object)
    } else if within(BUCKET) {
        Some(Level::Bucket)
    } else if within(ACCOUNT) {
        Some(Level::Account)
    } else {
        None
    }
}

/// Actions on directory buckets; all that is about objects is `CreateSession` ("Actions, resources, and condition keys for Amazon S3 Express").
const EXPRESS: &[&str] = &[
    "CreateBucket",
    "CreateSession",
    "DeleteBucket",
    "DeleteBucketPolicy",
    "GetBucketPolicy",
    "GetEncryptionConfiguration",
    "GetLifecycleConfiguration",
    "ListTagsForResource",
    "PutBucketPolicy",
    "PutEncryptionConfiguration",
    "PutLifecycleConfiguration",
    "TagResource",
    "UntagResource",
];

/// Whether a pattern means an action on directory buckets.
pub fn is_express(pattern: &str) -> bool {
    EXPRESS.iter().any(|name| matches_action(pattern, &["s3express:", name].concat()))
}

/// The levels of S3's actions that a pattern with wildcards means.
pub fn s3_levels(pattern: &str) -> impl Iterator<Item = Level> {
    let of = |list: &'static [&'static str], level: Level| list.iter().map(move |name| (*name, level));
    let all = of(OBJECT, Level::Object).chain(of(BUCKET, Level::Bucket)).chain(of(ACCOUNT, Level::Account));
    all.filter(move |(name, _)| matches_action(pattern, &["s3:", name].concat()))
        .map(|(_, level)| level)
}
