use alloc::format;
use alloc::string::{String, ToString};
use serde::{Deserialize, Serialize};

use super::{Flow, Month};
use crate::storage::price::GB;
use crate::storage::s3::{AccessTier, StorageClass};

/// Where bytes rest, as far as the bill cares: a storage class, or a tier inside Intelligent-Tiering.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StorageTier {
    /// Any class but Intelligent-Tiering.
    Class(StorageClass),
    /// A tier of Intelligent-Tiering.
    Access(AccessTier),
}

impl StorageTier {
    /// The tier matters to Intelligent-Tiering only; none given is Frequent Access.
    pub fn new(class: StorageClass, tier: Option<AccessTier>) -> StorageTier {
        match class {
            StorageClass::IntelligentTiering => StorageTier::Access(tier.unwrap_or_default()),
            class => StorageTier::Class(class),
        }
    }

    pub fn class(self) -> StorageClass {
        match self {
            StorageTier::Class(class) => class,
            StorageTier::Access(_) => StorageClass::IntelligentTiering,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            StorageTier::Class(class) => class.as_str(),
            StorageTier::Access(tier) => tier.as_str(),
        }
    }

    pub fn parse(text: &str) -> Option<StorageTier> {
        let class = StorageClass::parse(text).map(StorageTier::from);
        class.or_else(|| AccessTier::parse(text).map(StorageTier::Access))
    }

    /// Whether a read needs a restore first.
    pub fn is_archived(self) -> bool {
        match self {
            StorageTier::Class(class) => class.is_archived(),
            StorageTier::Access(tier) => tier.is_archived(),
        }
    }

    /// As consoles and price pages write it.
    pub fn title(self) -> &'static str {
        match self {
            StorageTier::Class(class) => match class {
                StorageClass::Standard => "S3 Standard",
                StorageClass::ReducedRedundancy => "Reduced Redundancy",
                StorageClass::StandardIa => "S3 Standard-IA",
                StorageClass::OnezoneIa => "S3 One Zone-IA",
                StorageClass::IntelligentTiering => "S3 Intelligent-Tiering",
                StorageClass::GlacierIr => "S3 Glacier Instant Retrieval",
                StorageClass::Glacier => "S3 Glacier Flexible Retrieval",
                StorageClass::DeepArchive => "S3 Glacier Deep Archive",
                StorageClass::ExpressOnezone => "S3 Express One Zone",
            },
            StorageTier::Access(tier) => match tier {
                AccessTier::Frequent => "Intelligent-Tiering, Frequent Access",
                AccessTier::Infrequent => "Intelligent-Tiering, Infrequent Access",
                AccessTier::ArchiveInstant => "Intelligent-Tiering, Archive Instant Access",
                AccessTier::ArchiveAccess => "Intelligent-Tiering, Archive Access",
                AccessTier::DeepArchiveAccess => "Intelligent-Tiering, Deep Archive Access",
            },
        }
    }

    /// The middle of AWS's usage type codes.
    pub(super) fn code(self) -> &'static str {
        match self {
            StorageTier::Class(class) => match class {
                StorageClass::Standard => "",
                StorageClass::ReducedRedundancy => "RRS-",
                StorageClass::StandardIa => "SIA-",
                StorageClass::OnezoneIa => "ZIA-",
                StorageClass::IntelligentTiering => "INT-",
                StorageClass::GlacierIr => "GIR-",
                StorageClass::Glacier => "Glacier",
                StorageClass::DeepArchive => "GDA-",
                StorageClass::ExpressOnezone => "XZ-",
            },
            StorageTier::Access(tier) => match tier {
                AccessTier::Frequent => "INT-FA-",
                AccessTier::Infrequent => "INT-IA-",
                AccessTier::ArchiveInstant => "INT-AIA-",
                AccessTier::ArchiveAccess => "INT-AA-",
                AccessTier::DeepArchiveAccess => "INT-DAA-",
            },
        }
    }
}

impl From<StorageClass> for StorageTier {
    fn from(class: StorageClass) -> Self {
        StorageTier::new(class, None)
    }
}

impl From<AccessTier> for StorageTier {
    fn from(tier: AccessTier) -> Self {
        StorageTier::Access(tier)
    }
}

/// A kind of request, as far as it can matter for what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestKind {
    /// PutObject, UploadPart, and every other write of an object or its parts and tags.
    Put,
    Copy,
    /// POST: CreateMultipartUpload, CompleteMultipartUpload. RestoreObject has its own price.
    Post,
    List,
    Get,
    Head,
    /// Anything else that answers 200 or 4XX.
    Other,
    /// DELETE and cancel: free.
    Delete,
}

/// The price group of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RequestTier {
    Tier1,
    Tier2,
    Free,
}

impl RequestKind {
    pub const ALL: [RequestKind; 8] = [
        RequestKind::Put,
        RequestKind::Copy,
        RequestKind::Post,
        RequestKind::List,
        RequestKind::Get,
        RequestKind::Head,
        RequestKind::Other,
        RequestKind::Delete,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            RequestKind::Put => "PUT",
            RequestKind::Copy => "COPY",
            RequestKind::Post => "POST",
            RequestKind::List => "LIST",
            RequestKind::Get => "GET",
            RequestKind::Head => "HEAD",
            RequestKind::Other => "OTHER",
            RequestKind::Delete => "DELETE",
        }
    }

    pub fn parse(text: &str) -> Option<RequestKind> {
        RequestKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The kind of an operation of the S3 API, by its name and the HTTP method that its model gives it.
    ///
    /// Writes of bucket settings are PUTs, and ListBuckets is a LIST, as usage reports count them.
    pub fn of_operation(operation: &str) -> RequestKind {
        match operation {
            "CopyObject" | "UploadPartCopy" => RequestKind::Copy,
            "CreateMultipartUpload" | "CompleteMultipartUpload" => RequestKind::Post,
            "AbortMultipartUpload" => RequestKind::Delete,
            name if name.starts_with("Delete") => RequestKind::Delete,
            name if name.starts_with("List") => RequestKind::List,
            name if name.starts_with("Head") => RequestKind::Head,
            name if name.starts_with("Get") => RequestKind::Get,
            name if name.starts_with("Put") || name.starts_with("Create") || name == "UploadPart" => RequestKind::Put,
            _ => RequestKind::Other,
        }
    }

    pub const fn tier(self) -> RequestTier {
        match self {
            RequestKind::Put | RequestKind::Copy | RequestKind::Post | RequestKind::List => RequestTier::Tier1,
            RequestKind::Get | RequestKind::Head | RequestKind::Other => RequestTier::Tier2,
            RequestKind::Delete => RequestTier::Free,
        }
    }
}

/// How fast a restore from an archive is to be: `Tier` of the S3 API's `GlacierJobParameters`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RestoreTier {
    Expedited,
    Standard,
    Bulk,
}

impl RestoreTier {
    pub const ALL: [RestoreTier; 3] = [RestoreTier::Expedited, RestoreTier::Standard, RestoreTier::Bulk];

    pub const fn as_str(self) -> &'static str {
        match self {
            RestoreTier::Expedited => "Expedited",
            RestoreTier::Standard => "Standard",
            RestoreTier::Bulk => "Bulk",
        }
    }

    pub fn parse(text: &str) -> Option<RestoreTier> {
        RestoreTier::ALL.into_iter().find(|tier| tier.as_str() == text)
    }
}

/// One thing that a month is billed for. The order is that of a bill's lines.
///
/// Text and JSON: [`Usage::to_string`], words joined by dots (`requests.STANDARD.GET`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Usage {
    /// Byte-microseconds of objects at rest.
    Stored(StorageTier),
    /// Byte-microseconds that a class bills above the real bytes, to its least billable size.
    MinimumSize(StorageTier),
    /// Byte-microseconds of an archived object's 32 KB of index and metadata, at its class.
    Overhead(StorageTier),
    /// Byte-microseconds of an archived object's 8 KB of name and metadata, at S3 Standard.
    OverheadStandard(StorageTier),
    /// Byte-microseconds of parts of an unfinished upload, at S3 Standard.
    Staging(StorageClass),
    /// Byte-microseconds of temporary copies of restored objects, at S3 Standard.
    RestoredCopy,
    /// Byte-microseconds that were left of a class's minimum duration.
    EarlyDelete(StorageClass),
    Requests(StorageClass, RequestKind),
    /// Lifecycle transitions into a class.
    Transition(StorageClass),
    /// Bytes read from a class that charges for it without a restore.
    Retrieved(StorageClass),
    /// Bytes restored from an archive.
    Restored(StorageTier, RestoreTier),
    /// Requests to restore from an archive.
    Restores(StorageTier, RestoreTier),
    /// Bytes written to Express One Zone.
    Uploaded(StorageClass),
    /// Object-microseconds that Intelligent-Tiering monitored.
    Monitored,
    /// Tag-microseconds.
    Tags,
    /// Bytes that DSSE-KMS encrypted or decrypted.
    DualEncrypted,
    /// Bytes sent out to the internet.
    TransferOut,
    /// Requests to KMS.
    KmsRequests,
    /// Key-microseconds of customer managed keys.
    KmsKeys,
    Flow(Flow),
}

/// What a quantity counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// Bytes × microseconds; billed by GB-month.
    ByteTime,
    /// Things × microseconds; billed by thing-month.
    Time,
    /// Things × microseconds; billed by thing-hour.
    Hours,
    /// Bytes; billed by GB.
    Bytes,
    Count,
}

impl Usage {
    /// The service as Cost Explorer names it.
    pub const fn service(self) -> &'static str {
        match self {
            Usage::KmsRequests | Usage::KmsKeys => "AWS Key Management Service",
            Usage::TransferOut => "AWS Data Transfer",
            Usage::Flow(flow) => flow.service(),
            _ => "Amazon Simple Storage Service",
        }
    }

    const fn measure(self) -> Measure {
        match self {
            Usage::Stored(_)
            | Usage::MinimumSize(_)
            | Usage::Overhead(_)
            | Usage::OverheadStandard(_)
            | Usage::Staging(_)
            | Usage::RestoredCopy
            | Usage::EarlyDelete(_) => Measure::ByteTime,
            Usage::Monitored | Usage::Tags | Usage::KmsKeys => Measure::Time,
            Usage::Retrieved(_) | Usage::Restored(..) | Usage::Uploaded(_) | Usage::DualEncrypted | Usage::TransferOut => Measure::Bytes,
            Usage::Requests(..) | Usage::Transition(_) | Usage::Restores(..) | Usage::KmsRequests => Measure::Count,
            Usage::Flow(flow) => flow.measure(),
        }
    }

    /// Parts of its quantity in one unit of its price: a GB-month is the GB through the whole of that month ("AWS usage report", note on GB-Month).
    pub fn scale(self, month: Month) -> u128 {
        match self.measure() {
            Measure::ByteTime => u128::from(GB) * month.micros(),
            Measure::Time => month.micros(),
            Measure::Hours => 3_600_000_000,
            Measure::Bytes => u128::from(GB),
            Measure::Count => 1,
        }
    }

    /// Key of its price in a price list. Usages with the same key share the steps of that price within a month.
    pub fn price_key(self) -> String {
        const STANDARD: &str = "s3.storage.STANDARD";
        match self {
            Usage::Stored(tier) | Usage::MinimumSize(tier) | Usage::Overhead(tier) => format!("s3.storage.{}", tier.as_str()),
            Usage::OverheadStandard(_) | Usage::Staging(_) | Usage::RestoredCopy => STANDARD.to_string(),
            Usage::EarlyDelete(class) => format!("s3.storage.{class}"),
            Usage::Requests(class, kind) => match kind.tier() {
                RequestTier::Tier1 => format!("s3.requests.{class}.tier1"),
                RequestTier::Tier2 => format!("s3.requests.{class}.tier2"),
                RequestTier::Free => "s3.requests.free".to_string(),
            },
            Usage::Transition(class) => format!("s3.transition.{class}"),
            Usage::Retrieved(class) => format!("s3.retrieval.{class}"),
            Usage::Restored(tier, speed) => format!("s3.retrieval.{}.{}", tier.as_str(), speed.as_str()),
            Usage::Restores(tier, speed) => format!("s3.restore.{}.{}", tier.as_str(), speed.as_str()),
            Usage::Uploaded(class) => format!("s3.upload.{class}"),
            Usage::Monitored => "s3.monitoring".to_string(),
            Usage::Tags => "s3.tags".to_string(),
            Usage::DualEncrypted => "s3.dsse".to_string(),
            Usage::TransferOut => "transfer.out".to_string(),
            Usage::KmsRequests => "kms.requests".to_string(),
            Usage::KmsKeys => "kms.keys".to_string(),
            Usage::Flow(flow) => flow.as_str().to_string(),
        }
    }
}
