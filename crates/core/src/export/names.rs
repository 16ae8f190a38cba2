//! What a real account names itself: its number, the ids of its keys, and perhaps its buckets. A script has variables for them and a template references.
//!
//! Belongs here: finding those names in policies and ARNs. Does not belong here: how a variable or a reference is written.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::account::Account;
use crate::sim::SimTime;

/// A name that is not the same everywhere. Buckets and keys are counted from 1, in the order in which they are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Account,
    Bucket(usize),
    Key(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'t> {
    Text(&'t str),
    Name(Name),
}

/// The names of one account.
pub(super) struct Names<'a> {
    account: &'a str,
    buckets: BTreeMap<&'a str, usize>,
    keys: BTreeMap<&'a str, usize>,
}

const BUCKET_ARN: &str = "arn:aws:s3:::";
const KEY_ID: usize = 36;

impl<'a> Names<'a> {
    /// Keys that AWS manages are left out: every account has its own.
    pub fn of(account: &'a Account, now: SimTime) -> Names<'a> {
        let keys = account.kms().keys(now).filter(|(_, key)| !key.is_aws_managed()).map(|(id, _)| id);
        Names {
            account: &account.options().account_id,
            buckets: account.s3().buckets().map(|(name, _)| name).zip(1..).collect(),
            keys: keys.zip(1..).collect(),
        }
    }

    pub fn bucket(&self, name: &str) -> Option<Name> {
        self.buckets.get(name).map(|number| Name::Bucket(*number))
    }

    pub fn key(&self, id: &str) -> Option<Name> {
        self.keys.get(id).map(|number| Name::Key(*number))
    }

    /// Buckets in their order.
    pub fn buckets(&self) -> impl Iterator<Item = (&'a str, usize)> + '_ {
        self.buckets.iter().map(|(name, number)| (*name, *number))
    }

    /// The suffix of the account-regional namespace, up to the account's number and after it: `-`, `-us-east-1-an`.
    pub fn regional(&self, region: &str, bucket: &'a str) -> Option<(&'a str, String)> {
        let tail = format!("-{region}-an");
        let stem = bucket.strip_suffix(tail.as_str())?.strip_suffix(self.account)?;
        Some((stem, tail))
    }

    /// Cuts a text at the names in it: a bucket where an ARN names it, a key by its id, the account by its number where no digit is beside it.
    pub fn split<'t>(&self, text: &'t str) -> Vec<Piece<'t>> {
        let mut pieces = Vec::new();
        let mut from = 0;
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            if let Some((skip, length, name)) = self.name_at(text, at, rest) {
                let start = at + skip;
                if let Some(before) = text.get(from..start).filter(|before| !before.is_empty()) {
                    pieces.push(Piece::Text(before));
                }
                pieces.push(Piece::Name(name));
                at = start + length;
                from = at;
            } else {
                at += rest.chars().next().map_or(1, char::len_utf8);
            }
        }
        if let Some(last) = text.get(from..).filter(|last| !last.is_empty()) {
            pieces.push(Piece::Text(last));
        }
        pieces
    }

    /// The name at this place, the bytes before it that belong to the pattern, and its own bytes.
    fn name_at(&self, text: &str, at: usize, rest: &str) -> Option<(usize, usize, Name)> {
        if let Some(path) = rest.strip_prefix(BUCKET_ARN) {
            let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'.';
            let length = path.bytes().take_while(|byte| is_name(*byte)).count();
            let name = path.get(..length).and_then(|name| self.bucket(name))?;
            return Some((BUCKET_ARN.len(), length, name));
        }
        if let Some(name) = rest.get(..KEY_ID).and_then(|id| self.key(id)) {
            return Some((0, KEY_ID, name));
        }
        let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        let after = rest.strip_prefix(self.account)?;
        let before = at.checked_sub(1).and_then(|index| text.as_bytes().get(index));
        (!is_digit(before) && !is_digit(after.as_bytes().first())).then_some((0, self.account.len(), Name::Account))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn names_are_found_in_arns_and_nowhere_else() {
        let names = Names {
            account: "123456789012",
            buckets: BTreeMap::from([("logs", 1), ("logs-123456789012-us-east-1-an", 2)]),
            keys: BTreeMap::from([("0f8d7a6e-1111-2222-3333-444455556666", 1)]),
        };
        use Piece::{Name as N, Text as T};
        assert_eq!(names.split("arn:aws:s3:::logs/*"), vec![T("arn:aws:s3:::"), N(Name::Bucket(1)), T("/*")]);
        assert_eq!(names.split("arn:aws:s3:::logs2/*"), vec![T("arn:aws:s3:::logs2/*")]);
        assert_eq!(
            names.split("arn:aws:s3:::logs-123456789012-us-east-1-an"),
            vec![T("arn:aws:s3:::"), N(Name::Bucket(2))]
        );
        assert_eq!(
            names.split("arn:aws:kms:us-east-1:123456789012:key/0f8d7a6e-1111-2222-3333-444455556666 é"),
            vec![T("arn:aws:kms:us-east-1:"), N(Name::Account), T(":key/"), N(Name::Key(1)), T(" é")]
        );
        assert_eq!(names.split("9123456789012"), vec![T("9123456789012")]);
        assert_eq!(names.split("logs"), vec![T("logs")]);
        assert_eq!(names.split(""), vec![]);
        assert_eq!(
            names.regional("us-east-1", "logs-123456789012-us-east-1-an"),
            Some(("logs-", "-us-east-1-an".into()))
        );
    }
}
