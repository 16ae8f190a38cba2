//! Block Public Access and the test that it applies to policies ("The meaning of \"public\"", S3 user guide).

use serde::{Deserialize, Serialize};

use super::condition::{Cidr, Condition, Quantifier, Test};
use super::document::{Effect, Policy, PrincipalPattern, Scope, Statement, Version};
use super::pattern::{Piece, pieces};

/// The four switches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAccess {
    /// Requests that set a public ACL are refused.
    pub block_public_acls: bool,
    /// Public ACLs count for nothing.
    pub ignore_public_acls: bool,
    /// Public policies are refused.
    pub block_public_policy: bool,
    /// A bucket with a public policy serves its account and AWS services only.
    pub restrict_public_buckets: bool,
}

impl PublicAccess {
    /// As every bucket begins (since April 2023).
    pub const ALL: PublicAccess = PublicAccess {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };

    /// A switch holds where the bucket or the account has it on.
    #[must_use]
    pub const fn and(self, other: PublicAccess) -> PublicAccess {
        PublicAccess {
            block_public_acls: self.block_public_acls || other.block_public_acls,
            ignore_public_acls: self.ignore_public_acls || other.ignore_public_acls,
            block_public_policy: self.block_public_policy || other.block_public_policy,
            restrict_public_buckets: self.restrict_public_buckets || other.restrict_public_buckets,
        }
    }
}

/// Keys whose fixed values keep a statement from being public.
const LIMITING: [&str; 11] = [
    "aws:SourceIp",
    "aws:SourceArn",
    "aws:SourceVpc",
    "aws:SourceVpce",
    "aws:SourceOwner",
    "aws:SourceAccount",
    "aws:userid",
    "aws:PrincipalOrgID",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:DataAccessPointArn",
    "s3:DataAccessPointAccount",
];

/// A policy is public unless every Allow is limited to fixed principals, or by fixed values of one of the limiting keys. Fixed: no wildcard and no variable.
pub fn is_public(policy: &Policy) -> bool {
    policy.statements.iter().any(|statement| is_public_statement(statement, policy.version))
}

pub(super) fn is_public_statement(statement: &Statement, version: Version) -> bool {
    let open = match &statement.principal {
        None => false,
        Some(Scope::Only(patterns)) => patterns.contains(&PrincipalPattern::Everyone),
        Some(Scope::Except(_)) => true,
    };
    statement.effect == Effect::Allow && open && !statement.conditions.iter().any(|condition| limits(condition, version))
}

/// A condition limits who may ask where it holds for fixed values only, and never for a request without the key.
fn limits(condition: &Condition, version: Version) -> bool {
    let key = &condition.key;
    let operator = condition.operator;
    let known = LIMITING.iter().any(|limiting| limiting.eq_ignore_ascii_case(key));
    if !known || operator.if_exists || operator.quantifier == Some(Quantifier::All) || operator.test.is_negated() || condition.values.is_empty() {
        return false;
    }
    match operator.test {
        Test::Ip { .. } => condition.values.iter().all(|range| is_narrow(range)),
        Test::StringEquals { .. } | Test::StringLike { .. } | Test::Arn { .. } => condition.values.iter().all(|value| {
            if key.eq_ignore_ascii_case("s3:DataAccessPointArn") {
                return is_fixed_access_point(value, version);
            }
            is_fixed(value, version)
        }),
        _ => false,
    }
}

fn is_fixed(value: &str, version: Version) -> bool {
    !value.contains(['*', '?']) && !has_variable(value, version)
}

fn has_variable(value: &str, version: Version) -> bool {
    pieces(value, version).iter().any(|piece| matches!(piece, Piece::Variable { .. }))
}

/// An access point's name may be a wildcard as long as its account is fixed.
fn is_fixed_access_point(value: &str, version: Version) -> bool {
    let account: Option<&str> = value.split(':').nth(4);
    !has_variable(value, version) && account.is_some_and(|account| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Not wider than /8 (IPv4) or /32 (IPv6).
fn is_narrow(range: &str) -> bool {
    Cidr::parse(range).is_some_and(|range| range.prefix >= if range.is_ipv4() { 8 } else { 32 })
}
