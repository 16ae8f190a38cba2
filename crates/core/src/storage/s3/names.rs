//! Rules for bucket names and object keys ("General purpose bucket naming rules", "Naming Amazon S3 objects").

use core::fmt;

use super::rules::{RESERVED_PREFIXES, RESERVED_SUFFIXES};

/// The rule that a bucket name breaks; `Display` says it to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketNameFault {
    Length,
    Character(char),
    FirstOrLast,
    AdjacentDots,
    IpAddress,
    Prefix(&'static str),
    Suffix(&'static str),
    /// `-an` belongs to names of the account-regional namespace.
    AccountRegionalSuffix,
}

impl BucketNameFault {
    /// A word for the rule, as the cases in `tests/cases/s3-bucket-names.json` name it.
    pub const fn rule(&self) -> &'static str {
        match self {
            BucketNameFault::Length => "length",
            BucketNameFault::Character(_) => "character",
            BucketNameFault::FirstOrLast => "first-or-last",
            BucketNameFault::AdjacentDots => "adjacent-dots",
            BucketNameFault::IpAddress => "ip-address",
            BucketNameFault::Prefix(_) => "prefix",
            BucketNameFault::Suffix(_) => "suffix",
            BucketNameFault::AccountRegionalSuffix => "account-regional-suffix",
        }
    }
}

impl fmt::Display for BucketNameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BucketNameFault::Length => f.write_str("a bucket name has 3 to 63 characters."),
            BucketNameFault::Character(c) if c.is_ascii_uppercase() => write!(f, "a bucket name has no upper-case letters, and {c:?} is one."),
            BucketNameFault::Character(c) => write!(
                f,
                "a bucket name has lower-case letters, digits, \".\" and \"-\" only, and {c:?} is none of them."
            ),
            BucketNameFault::FirstOrLast => f.write_str("a bucket name begins and ends with a letter or a digit."),
            BucketNameFault::AdjacentDots => f.write_str("a bucket name has no two dots side by side."),
            BucketNameFault::IpAddress => f.write_str("a bucket name is not formatted as an IP address."),
            BucketNameFault::Prefix(prefix) => write!(f, "names that begin with \"{prefix}\" are reserved."),
            BucketNameFault::Suffix(suffix) => write!(f, "names that end with \"{suffix}\" are reserved."),
            BucketNameFault::AccountRegionalSuffix => f.write_str("names that end with \"-an\" are reserved for buckets of the account-regional namespace."),
        }
    }
}

/// Checks the name of a new general purpose bucket. Lengths are in characters, which are bytes here: any other character is refused.
///
/// `account_regional`: the bucket is made in the account-regional namespace, where names end with `-<account>-<region>-an`.
pub fn check_bucket_name(name: &str, account_regional: bool) -> Result<(), BucketNameFault> {
    if let Some(character) = name.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '.' | '-')) {
        return Err(BucketNameFault::Character(character));
    }
    if !(3..=63).contains(&name.len()) {
        return Err(BucketNameFault::Length);
    }
    let ends_well = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    if !ends_well(name.chars().next()) || !ends_well(name.chars().next_back()) {
        return Err(BucketNameFault::FirstOrLast);
    }
    if name.contains("..") {
        return Err(BucketNameFault::AdjacentDots);
    }
    if looks_like_ipv4(name) {
        return Err(BucketNameFault::IpAddress);
    }
    if let Some(prefix) = RESERVED_PREFIXES.into_iter().find(|prefix| name.starts_with(prefix)) {
        return Err(BucketNameFault::Prefix(prefix));
    }
    if let Some(suffix) = RESERVED_SUFFIXES.into_iter().find(|suffix| name.ends_with(suffix)) {
        return Err(BucketNameFault::Suffix(suffix));
    }
    if name.ends_with("-an") && !account_regional {
        return Err(BucketNameFault::AccountRegionalSuffix);
    }
    Ok(())
}

/// Four groups of one to three digits: `192.168.5.4`, and `999.1.1.1` too, since the rule speaks of the format.
fn looks_like_ipv4(name: &str) -> bool {
    let mut groups = 0;
    for group in name.split('.') {
        groups += 1;
        if !(1..=3).contains(&group.len()) || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            return false;
        }
    }
    groups == 4
}

/// Checks a key's length: 1 to 1,024 bytes of UTF-8. Error: the number of bytes. Every character is allowed.
pub fn check_key(key: &str) -> Result<(), usize> {
    if (1..=super::MAX_KEY_BYTES).contains(&key.len()) {
        Ok(())
    } else {
        Err(key.len())
    }
}
