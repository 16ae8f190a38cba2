//! How usages are named: AWS's usage types, a line for a reader, and the text in which a meter is kept.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Flow, RequestKind, RequestTier, RestoreTier, StorageTier, Usage};
use crate::storage::s3::StorageClass;

impl Usage {
    /// AWS's code in usage reports ("Understanding your AWS billing and usage reports for Amazon S3"), without the Region; what the report folds into another code has that.
    pub fn usage_type(self) -> String {
        let storage = |tier: StorageTier, tail: &str| format!("TimedStorage-{}{tail}", tier.code());
        match self {
            Usage::Stored(tier) | Usage::Overhead(tier) => storage(tier, "ByteHrs"),
            Usage::MinimumSize(tier) => storage(tier, "SmObjects"),
            Usage::OverheadStandard(_) | Usage::RestoredCopy => "TimedStorage-ByteHrs".to_string(),
            Usage::Staging(class) if class.is_archived() => storage(class.into(), "Staging"),
            Usage::Staging(_) => "TimedStorage-ByteHrs".to_string(),
            Usage::EarlyDelete(StorageClass::Glacier) => "EarlyDelete-ByteHrs".to_string(),
            Usage::EarlyDelete(class) => format!("EarlyDelete-{}", StorageTier::Class(class).code().trim_end_matches('-')),
            Usage::Requests(class, kind) => {
                let prefix = match class {
                    StorageClass::Standard | StorageClass::ReducedRedundancy => "",
                    StorageClass::Glacier => "GLACIER-",
                    class => StorageTier::Class(class).code(),
                };
                match kind.tier() {
                    RequestTier::Tier1 => format!("Requests-{prefix}Tier1"),
                    RequestTier::Tier2 => format!("Requests-{prefix}Tier2"),
                    RequestTier::Free => "Requests-NoCharge".to_string(),
                }
            }
            Usage::Transition(class) if class.is_archived() => "Requests-Tier3".to_string(),
            Usage::Transition(_) => "Requests-Tier4".to_string(),
            Usage::Retrieved(class) => format!("Retrieval-{}", StorageTier::Class(class).code().trim_end_matches('-')),
            Usage::Restored(_, speed) => format!("{}-Retrieval-Bytes", speed.as_str()),
            Usage::Restores(tier, speed) => {
                let prefix = if tier == StorageTier::Class(StorageClass::DeepArchive) { "GDA-" } else { "" };
                let number = match speed {
                    RestoreTier::Standard => 3,
                    RestoreTier::Bulk => 5,
                    RestoreTier::Expedited => 6,
                };
                format!("Requests-{prefix}Tier{number}")
            }
            Usage::Uploaded(_) => "Upload-XZ".to_string(),
            Usage::Monitored => "Monitoring-Automation-INT".to_string(),
            Usage::Tags => "TagStorage-TagHrs".to_string(),
            Usage::DualEncrypted => "S3DSSE-In-Bytes".to_string(),
            Usage::TransferOut => "DataTransfer-Out-Bytes".to_string(),
            Usage::KmsRequests => "KMS-Requests".to_string(),
            Usage::KmsKeys => "KMS-Keys".to_string(),
            Usage::Flow(flow) => flow.usage_type().to_string(),
        }
    }

    /// One line for a reader.
    pub fn description(self) -> String {
        let class = |class: StorageClass| StorageTier::Class(class).title();
        match self {
            Usage::Stored(tier) => format!("Storage in {}", tier.title()),
            Usage::MinimumSize(tier) => format!("{}: what objects below 128 KB lack to 128 KB", tier.title()),
            Usage::Overhead(tier) => format!("{}: 32 KB of index and metadata an object", tier.title()),
            Usage::OverheadStandard(tier) => format!("{}: 8 KB of name and metadata an object, at S3 Standard", tier.title()),
            Usage::Staging(to) => format!("Parts of unfinished uploads to {}, at S3 Standard", class(to)),
            Usage::RestoredCopy => "Temporary copies of restored objects, at S3 Standard".to_string(),
            Usage::EarlyDelete(from) => format!("{}: what was left of its {} days", class(from), from.min_days()),
            Usage::Requests(of, kind) => format!("{} requests, {}", kind.as_str(), class(of)),
            Usage::Transition(to) => format!("Lifecycle transitions to {}", class(to)),
            Usage::Retrieved(from) => format!("Retrieval from {}", class(from)),
            Usage::Restored(tier, speed) => format!("{} retrieval from {}", speed.as_str(), tier.title()),
            Usage::Restores(tier, speed) => format!("{} restore requests, {}", speed.as_str(), tier.title()),
            Usage::Uploaded(to) => format!("Upload to {}", class(to)),
            Usage::Monitored => "Intelligent-Tiering: monitoring and automation".to_string(),
            Usage::Tags => "Object tags".to_string(),
            Usage::DualEncrypted => "Dual-layer encryption (DSSE-KMS)".to_string(),
            Usage::TransferOut => "Data transfer out to the internet".to_string(),
            Usage::KmsRequests => "Requests to KMS".to_string(),
            Usage::KmsKeys => "Customer managed keys".to_string(),
            Usage::Flow(flow) => flow.description().to_string(),
        }
    }

    /// The share of a picture it belongs to.
    pub const fn group(self) -> &'static str {
        match self {
            Usage::Stored(_) | Usage::Staging(_) | Usage::RestoredCopy => "storage",
            Usage::MinimumSize(_) | Usage::Overhead(_) | Usage::OverheadStandard(_) => "minimum-size",
            Usage::EarlyDelete(_) => "early-delete",
            Usage::Requests(..) | Usage::Restores(..) => "requests",
            Usage::Transition(_) => "transition",
            Usage::Retrieved(_) | Usage::Restored(..) | Usage::Uploaded(_) => "retrieval",
            Usage::Monitored | Usage::Tags => "monitoring",
            Usage::DualEncrypted | Usage::KmsRequests | Usage::KmsKeys => "encryption",
            Usage::TransferOut => "transfer",
            Usage::Flow(Flow::Alarms | Flow::FastAlarms | Flow::CompositeAlarms) => "monitoring",
            Usage::Flow(_) => "streaming",
        }
    }

    /// The class that the usage belongs to; `None` where it belongs to none.
    pub fn class(self) -> Option<StorageClass> {
        match self {
            Usage::Stored(tier)
            | Usage::MinimumSize(tier)
            | Usage::Overhead(tier)
            | Usage::OverheadStandard(tier)
            | Usage::Restored(tier, _)
            | Usage::Restores(tier, _) => Some(tier.class()),
            Usage::Staging(class)
            | Usage::EarlyDelete(class)
            | Usage::Requests(class, _)
            | Usage::Transition(class)
            | Usage::Retrieved(class)
            | Usage::Uploaded(class) => Some(class),
            Usage::Monitored => Some(StorageClass::IntelligentTiering),
            Usage::RestoredCopy => Some(StorageClass::Standard),
            Usage::Tags | Usage::DualEncrypted | Usage::TransferOut | Usage::KmsRequests | Usage::KmsKeys | Usage::Flow(_) => None,
        }
    }

    /// Reads the text of a usage.
    pub fn parse(text: &str) -> Option<Usage> {
        if let Some(flow) = Flow::parse(text) {
            return Some(Usage::Flow(flow));
        }
        let mut words = text.split('.');
        let usage = match words.next()? {
            "stored" => Usage::Stored(StorageTier::parse(words.next()?)?),
            "minimum-size" => Usage::MinimumSize(StorageTier::parse(words.next()?)?),
            "overhead" => Usage::Overhead(StorageTier::parse(words.next()?)?),
            "overhead-standard" => Usage::OverheadStandard(StorageTier::parse(words.next()?)?),
            "staging" => Usage::Staging(StorageClass::parse(words.next()?)?),
            "restored-copy" => Usage::RestoredCopy,
            "early-delete" => Usage::EarlyDelete(StorageClass::parse(words.next()?)?),
            "requests" => Usage::Requests(StorageClass::parse(words.next()?)?, RequestKind::parse(words.next()?)?),
            "transition" => Usage::Transition(StorageClass::parse(words.next()?)?),
            "retrieved" => Usage::Retrieved(StorageClass::parse(words.next()?)?),
            "restored" => Usage::Restored(StorageTier::parse(words.next()?)?, RestoreTier::parse(words.next()?)?),
            "restores" => Usage::Restores(StorageTier::parse(words.next()?)?, RestoreTier::parse(words.next()?)?),
            "uploaded" => Usage::Uploaded(StorageClass::parse(words.next()?)?),
            "monitored" => Usage::Monitored,
            "tags" => Usage::Tags,
            "dual-encrypted" => Usage::DualEncrypted,
            "transfer-out" => Usage::TransferOut,
            "kms-requests" => Usage::KmsRequests,
            "kms-keys" => Usage::KmsKeys,
            _ => return None,
        };
        words.next().is_none().then_some(usage)
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Usage::Stored(tier) => write!(f, "stored.{}", tier.as_str()),
            Usage::MinimumSize(tier) => write!(f, "minimum-size.{}", tier.as_str()),
            Usage::Overhead(tier) => write!(f, "overhead.{}", tier.as_str()),
            Usage::OverheadStandard(tier) => write!(f, "overhead-standard.{}", tier.as_str()),
            Usage::Staging(class) => write!(f, "staging.{class}"),
            Usage::RestoredCopy => f.write_str("restored-copy"),
            Usage::EarlyDelete(class) => write!(f, "early-delete.{class}"),
            Usage::Requests(class, kind) => write!(f, "requests.{class}.{}", kind.as_str()),
            Usage::Transition(class) => write!(f, "transition.{class}"),
            Usage::Retrieved(class) => write!(f, "retrieved.{class}"),
            Usage::Restored(tier, speed) => write!(f, "restored.{}.{}", tier.as_str(), speed.as_str()),
            Usage::Restores(tier, speed) => write!(f, "restores.{}.{}", tier.as_str(), speed.as_str()),
            Usage::Uploaded(class) => write!(f, "uploaded.{class}"),
            Usage::Monitored => f.write_str("monitored"),
            Usage::Tags => f.write_str("tags"),
            Usage::DualEncrypted => f.write_str("dual-encrypted"),
            Usage::TransferOut => f.write_str("transfer-out"),
            Usage::KmsRequests => f.write_str("kms-requests"),
            Usage::KmsKeys => f.write_str("kms-keys"),
            Usage::Flow(flow) => f.write_str(flow.as_str()),
        }
    }
}

impl Serialize for Usage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Usage, D::Error> {
        let text = String::deserialize(deserializer)?;
        Usage::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is not a usage")))
    }
}
