//! Directory buckets of S3 Express One Zone: their names, their zones, and what is different about what lies in them ("Working with directory buckets").
//!
//! Belongs here: what is true of a directory bucket whatever the operation. Does not belong here: the operations (`commands::directory`), prices.

use alloc::format;
use alloc::string::String;
use core::fmt;

use super::rules::RESERVED_PREFIXES;
use super::state::{Bucket, S3};
use super::{Object, StorageClass};
use crate::sim::Rng;

/// What every directory bucket's name ends with, behind the id of its zone.
const SUFFIX: &str = "--x-s3";
/// The default quota of an account in a Region ("Differences for directory buckets").
pub(super) const QUOTA: usize = 100;
/// Stream of the account's numbers: entity tags.
const ETAGS: u64 = 0x6578_7072_6573_7331;

/// Availability Zones that have S3 Express One Zone, by Region ("S3 Express One Zone Availability Zones and Regions").
const ZONES: [(&str, &[&str]); 7] = [
    ("us-east-1", &["use1-az4", "use1-az5", "use1-az6"]),
    ("us-east-2", &["use2-az1", "use2-az2"]),
    ("us-west-2", &["usw2-az1", "usw2-az3", "usw2-az4"]),
    ("ap-south-1", &["aps1-az1", "aps1-az3"]),
    ("ap-northeast-1", &["apne1-az1", "apne1-az4"]),
    ("eu-west-1", &["euw1-az1", "euw1-az3"]),
    ("eu-north-1", &["eun1-az1", "eun1-az2", "eun1-az3"]),
];

/// The zones of a Region in which directory buckets are made; none where the Region has none.
pub fn express_zones(region: &str) -> &'static [&'static str] {
    ZONES.iter().find(|(name, _)| *name == region).map_or(&[], |(_, zones)| zones)
}

/// Whether a bucket of that name is a directory bucket: so SDKs tell, too.
pub fn is_directory_name(name: &str) -> bool {
    name.ends_with(SUFFIX)
}

/// The rule that the name of a directory bucket breaks; `Display` says it to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryNameFault {
    /// It is not `base--zone--x-s3`.
    Form,
    Length,
    Character(char),
    FirstOrLast,
    Prefix(&'static str),
    /// The zone in the name is not the zone of the bucket.
    Zone,
}

impl DirectoryNameFault {
    /// A word for the rule, as the cases in `tests/cases/s3-directory-names.json` name it.
    pub const fn rule(&self) -> &'static str {
        match self {
            DirectoryNameFault::Form => "form",
            DirectoryNameFault::Length => "length",
            DirectoryNameFault::Character(_) => "character",
            DirectoryNameFault::FirstOrLast => "first-or-last",
            DirectoryNameFault::Prefix(_) => "prefix",
            DirectoryNameFault::Zone => "zone",
        }
    }
}

impl fmt::Display for DirectoryNameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DirectoryNameFault::Form => f.write_str("a directory bucket's name is base--zone--x-s3, as in lake--use1-az4--x-s3."),
            DirectoryNameFault::Length => f.write_str("a directory bucket's name has 3 to 63 characters, its zone and --x-s3 among them."),
            DirectoryNameFault::Character(c) => write!(
                f,
                "a directory bucket's name has lower-case letters, digits and \"-\" only, and {c:?} is none of them."
            ),
            DirectoryNameFault::FirstOrLast => f.write_str("the base name begins and ends with a letter or a digit."),
            DirectoryNameFault::Prefix(prefix) => write!(f, "names that begin with \"{prefix}\" are reserved."),
            DirectoryNameFault::Zone => f.write_str("the zone in the name is the bucket's zone."),
        }
    }
}

/// Checks the name of a new directory bucket in a zone ("Directory bucket naming rules"). Lengths are in characters, which are bytes here.
pub fn check_directory_name(name: &str, zone: &str) -> Result<(), DirectoryNameFault> {
    let (base, named) = name
        .strip_suffix(SUFFIX)
        .and_then(|rest| rest.rsplit_once("--"))
        .ok_or(DirectoryNameFault::Form)?;
    if let Some(character) = name.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '-')) {
        return Err(DirectoryNameFault::Character(character));
    }
    if base.is_empty() || name.len() > 63 {
        return Err(DirectoryNameFault::Length);
    }
    if base.starts_with('-') || base.ends_with('-') {
        return Err(DirectoryNameFault::FirstOrLast);
    }
    if let Some(prefix) = RESERVED_PREFIXES.into_iter().find(|prefix| base.starts_with(prefix)) {
        return Err(DirectoryNameFault::Prefix(prefix));
    }
    if named == zone { Ok(()) } else { Err(DirectoryNameFault::Zone) }
}

/// The ARN of a directory bucket, which unlike others names Region and account.
pub fn directory_arn(region: &str, account: &str, bucket: &str) -> String {
    format!("arn:aws:s3express:{region}:{account}:bucket/{bucket}")
}

impl Bucket {
    /// The id of the zone that a directory bucket is in; `None`: a general purpose bucket.
    pub fn zone(&self) -> Option<&str> {
        self.zone.as_deref()
    }
}

impl S3 {
    /// An object as its bucket has it: in a directory bucket the class is Express One Zone, and the entity tag says nothing of the content.
    pub(super) fn placed(&self, bucket: &str, mut object: Object) -> Object {
        if self.buckets.get(bucket).is_some_and(|bucket| bucket.zone.is_some()) {
            let mut rng = Rng::stream(self.seed ^ ETAGS, self.numbers + 1);
            object.storage_class = StorageClass::ExpressOnezone;
            object.etag = format!("{:016x}{:016x}", rng.next_u64(), rng.next_u64());
        }
        object
    }
}
