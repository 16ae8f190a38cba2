//! Storage classes and the access tiers of Intelligent-Tiering: names, minimums, and which class a lifecycle rule may move an object to.
//!
//! Belongs here: what is true of a class whatever the object. Does not belong here: prices (`storage::price`), when a transition is due (`lifecycle`), restores.

use core::fmt;

use serde::{Deserialize, Serialize};

use super::rules;

/// `StorageClass` of the S3 API; `Glacier` is S3 Glacier Flexible Retrieval.
///
/// Not modelled: OUTPOSTS, SNOW and the classes of other services' file systems.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum StorageClass {
    #[default]
    #[serde(rename = "STANDARD")]
    Standard,
    #[serde(rename = "REDUCED_REDUNDANCY")]
    ReducedRedundancy,
    #[serde(rename = "STANDARD_IA")]
    StandardIa,
    #[serde(rename = "ONEZONE_IA")]
    OnezoneIa,
    #[serde(rename = "INTELLIGENT_TIERING")]
    IntelligentTiering,
    #[serde(rename = "GLACIER_IR")]
    GlacierIr,
    #[serde(rename = "GLACIER")]
    Glacier,
    #[serde(rename = "DEEP_ARCHIVE")]
    DeepArchive,
    #[serde(rename = "EXPRESS_ONEZONE")]
    ExpressOnezone,
}

impl StorageClass {
    pub const ALL: [StorageClass; 9] = [
        StorageClass::Standard,
        StorageClass::ReducedRedundancy,
        StorageClass::StandardIa,
        StorageClass::OnezoneIa,
        StorageClass::IntelligentTiering,
        StorageClass::GlacierIr,
        StorageClass::Glacier,
        StorageClass::DeepArchive,
        StorageClass::ExpressOnezone,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            StorageClass::Standard => "STANDARD",
            StorageClass::ReducedRedundancy => "REDUCED_REDUNDANCY",
            StorageClass::StandardIa => "STANDARD_IA",
            StorageClass::OnezoneIa => "ONEZONE_IA",
            StorageClass::IntelligentTiering => "INTELLIGENT_TIERING",
            StorageClass::GlacierIr => "GLACIER_IR",
            StorageClass::Glacier => "GLACIER",
            StorageClass::DeepArchive => "DEEP_ARCHIVE",
            StorageClass::ExpressOnezone => "EXPRESS_ONEZONE",
        }
    }

    pub fn parse(text: &str) -> Option<StorageClass> {
        StorageClass::ALL.into_iter().find(|class| class.as_str() == text)
    }

    /// Days that are billed at least, from the moment an object enters the class; 0: none ("Amazon S3 storage classes").
    pub const fn min_days(self) -> u32 {
        rules::MIN_DAYS[self as usize]
    }

    /// Bytes that are billed at least for one object; 0: none.
    pub const fn min_billable_bytes(self) -> u64 {
        if rules::HAS_MIN_BILLABLE[self as usize] { rules::MIN_BILLABLE } else { 0 }
    }

    /// Whether an object must be restored before it can be read. Intelligent-Tiering's archive tiers are [`AccessTier::is_archived`].
    pub const fn is_archived(self) -> bool {
        matches!(self, StorageClass::Glacier | StorageClass::DeepArchive)
    }

    /// Whether a lifecycle rule may move an object of this class to `to` ("Supported transitions": the waterfall). Never to itself.
    pub const fn can_transition_to(self, to: StorageClass) -> bool {
        rules::TRANSITIONS[self as usize] >> (to as usize) & 1 == 1
    }
}

impl fmt::Display for StorageClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Where in Intelligent-Tiering an object is ("How S3 Intelligent-Tiering works"). The last two are opt-in and must be restored before a read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum AccessTier {
    #[default]
    #[serde(rename = "FREQUENT_ACCESS")]
    Frequent,
    #[serde(rename = "INFREQUENT_ACCESS")]
    Infrequent,
    #[serde(rename = "ARCHIVE_INSTANT_ACCESS")]
    ArchiveInstant,
    #[serde(rename = "ARCHIVE_ACCESS")]
    ArchiveAccess,
    #[serde(rename = "DEEP_ARCHIVE_ACCESS")]
    DeepArchiveAccess,
}

impl AccessTier {
    pub const ALL: [AccessTier; 5] = [
        AccessTier::Frequent,
        AccessTier::Infrequent,
        AccessTier::ArchiveInstant,
        AccessTier::ArchiveAccess,
        AccessTier::DeepArchiveAccess,
    ];

    /// As the S3 API's `AccessTier` and `ArchiveStatus` name the archive tiers; the others in the same spelling.
    pub const fn as_str(self) -> &'static str {
        match self {
            AccessTier::Frequent => "FREQUENT_ACCESS",
            AccessTier::Infrequent => "INFREQUENT_ACCESS",
            AccessTier::ArchiveInstant => "ARCHIVE_INSTANT_ACCESS",
            AccessTier::ArchiveAccess => "ARCHIVE_ACCESS",
            AccessTier::DeepArchiveAccess => "DEEP_ARCHIVE_ACCESS",
        }
    }

    pub fn parse(text: &str) -> Option<AccessTier> {
        AccessTier::ALL.into_iter().find(|tier| tier.as_str() == text)
    }

    pub const fn is_archived(self) -> bool {
        matches!(self, AccessTier::ArchiveAccess | AccessTier::DeepArchiveAccess)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for class in StorageClass::ALL {
            assert_eq!(StorageClass::parse(class.as_str()), Some(class));
            assert_eq!(serde_json::to_value(class).unwrap(), class.as_str());
        }
        for tier in AccessTier::ALL {
            assert_eq!(AccessTier::parse(tier.as_str()), Some(tier));
            assert_eq!(serde_json::to_value(tier).unwrap(), tier.as_str());
        }
        assert_eq!(StorageClass::parse("standard"), None);
    }

    /// The waterfall goes down only: what can be reached cannot reach back.
    #[test]
    fn no_transition_has_a_way_back() {
        for from in StorageClass::ALL {
            assert!(!from.can_transition_to(StorageClass::Standard) && !from.can_transition_to(StorageClass::ReducedRedundancy));
            for to in StorageClass::ALL.into_iter().filter(|to| from.can_transition_to(*to)) {
                assert!(!to.can_transition_to(from), "{from} and {to}");
            }
        }
    }
}
