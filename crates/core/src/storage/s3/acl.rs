//! Access control lists: grants, the canned sets of them, and how requests bring them ("Access control list (ACL) overview").
//!
//! Belongs here: what an ACL is, its forms, what it grants of an action. Does not belong here: the decision ([`crate::access`]), and the operations (`commands::ownership`).

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use super::access::CannedAcl;
use super::errors::invalid_argument;
use crate::access::{ANONYMOUS_ID, AclGrant};
use crate::account::{ApiError, Params};
use crate::gather::Order as _;

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";
/// Grants that an ACL has at most.
const MAX_GRANTS: usize = 100;

pub use crate::access::canonical_id;

/// To whom something is granted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grantee {
    /// An account, by its canonical user id.
    Account(String),
    AllUsers,
    AuthenticatedUsers,
    LogDelivery,
}

impl Grantee {
    fn of_uri(uri: &str) -> Option<Grantee> {
        [Grantee::AllUsers, Grantee::AuthenticatedUsers, Grantee::LogDelivery]
            .into_iter()
            .find(|group| group.as_str() == uri)
    }

    /// The id of an account, the URI of a group.
    pub fn as_str(&self) -> &str {
        match self {
            Grantee::Account(id) => id,
            Grantee::AllUsers => ALL_USERS,
            Grantee::AuthenticatedUsers => AUTHENTICATED_USERS,
            Grantee::LogDelivery => LOG_DELIVERY,
        }
    }

    /// Granting to it makes an ACL public ("The meaning of \"public\"").
    fn is_public(&self) -> bool {
        matches!(self, Grantee::AllUsers | Grantee::AuthenticatedUsers)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permission {
    FullControl,
    Read,
    Write,
    ReadAcp,
    WriteAcp,
}

impl Permission {
    pub const ALL: [Permission; 5] = [
        Permission::FullControl,
        Permission::Read,
        Permission::Write,
        Permission::ReadAcp,
        Permission::WriteAcp,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Permission::FullControl => "FULL_CONTROL",
            Permission::Read => "READ",
            Permission::Write => "WRITE",
            Permission::ReadAcp => "READ_ACP",
            Permission::WriteAcp => "WRITE_ACP",
        }
    }

    /// The member of a request that grants it.
    pub const fn member(self) -> &'static str {
        match self {
            Permission::FullControl => "GrantFullControl",
            Permission::Read => "GrantRead",
            Permission::Write => "GrantWrite",
            Permission::ReadAcp => "GrantReadACP",
            Permission::WriteAcp => "GrantWriteACP",
        }
    }

    fn parse(text: &str) -> Option<Permission> {
        Permission::ALL.into_iter().find(|permission| permission.as_str() == text)
    }

    fn includes(self, other: Permission) -> bool {
        self == other || self == Permission::FullControl
    }
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    pub grantee: Grantee,
    pub permission: Permission,
}

impl Grant {
    fn new(grantee: Grantee, permission: Permission) -> Grant {
        Grant { grantee, permission }
    }
}

/// An ACL as it was set. JSON: the name of a canned one, or `PERMISSION grantee` for each grant, `;` between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acl {
    Canned(CannedAcl),
    /// In the order in which they were given.
    Grants(Vec<Grant>),
}

impl Default for Acl {
    fn default() -> Self {
        Acl::Canned(CannedAcl::Private)
    }
}

impl From<CannedAcl> for Acl {
    fn from(canned: CannedAcl) -> Self {
        Acl::Canned(canned)
    }
}

impl fmt::Display for Acl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Acl::Canned(canned) => f.write_str(canned.as_str()),
            Acl::Grants(grants) => {
                for (at, grant) in grants.iter().enumerate() {
                    let between = if at == 0 { "" } else { ";" };
                    write!(f, "{between}{} {}", grant.permission.as_str(), grant.grantee.as_str())?;
                }
                Ok(())
            }
        }
    }
}

impl Serialize for Acl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Acl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Acl, D::Error> {
        let text = String::deserialize(deserializer)?;
        Acl::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is no ACL")))
    }
}

impl Acl {
    fn parse(text: &str) -> Option<Acl> {
        if let Some(canned) = CannedAcl::parse(text) {
            return Some(Acl::Canned(canned));
        }
        let grant = |text: &str| {
            let (permission, grantee) = text.split_once(' ')?;
            let grantee = Grantee::of_uri(grantee).or_else(|| is_id(grantee).then(|| Grantee::Account(grantee.to_owned())))?;
            Some(Grant::new(grantee, Permission::parse(permission)?))
        };
        let grants: Option<Vec<Grant>> = text.split(';').filter(|part| !part.is_empty()).map(grant).collect();
        grants.map(Acl::Grants)
    }

    /// The same ACL for an object that another account owns: what a canned one gives the bucket's owner is said as grants.
    pub(super) fn for_bucket_owner(self, owner: &str, bucket_owner: &str) -> Acl {
        let permission = match self {
            Acl::Canned(CannedAcl::BucketOwnerRead) => Permission::Read,
            Acl::Canned(CannedAcl::BucketOwnerFullControl) => Permission::FullControl,
            other => return other,
        };
        Acl::Grants(Vec::from([
            Grant::new(Grantee::Account(owner.to_owned()), Permission::FullControl),
            Grant::new(Grantee::Account(bucket_owner.to_owned()), permission),
        ]))
    }

    /// The owner has full control, and nobody else anything.
    pub fn is_private(&self, owner: &str) -> bool {
        self.grants(owner).iter().all(|grant| grant.grantee.as_str() == owner)
    }

    pub fn is_public(&self) -> bool {
        match self {
            Acl::Canned(canned) => canned.is_public(),
            Acl::Grants(grants) => grants.iter().any(|grant| grant.grantee.is_public()),
        }
    }

    /// All grants. `owner`: the canonical id of whose object or bucket it is.
    pub fn grants(&self, owner: &str) -> Vec<Grant> {
        match self {
            Acl::Grants(grants) => grants.clone(),
            Acl::Canned(canned) => {
                let mut grants = Vec::from([Grant::new(Grantee::Account(owner.to_owned()), Permission::FullControl)]);
                grants.extend(canned.grants().iter().map(|(grantee, permission)| Grant::new(grantee.clone(), *permission)));
                grants
            }
        }
    }

    /// What it grants of a permission. `caller`: the canonical id of the caller's account, where it has one.
    pub(super) fn granted(&self, permission: Permission, caller: Option<&str>) -> Vec<AclGrant> {
        let means = |grantee: &Grantee| match grantee {
            Grantee::AllUsers => Some(AclGrant::Everyone),
            Grantee::AuthenticatedUsers => Some(AclGrant::AuthenticatedUsers),
            Grantee::LogDelivery => Some(AclGrant::LogDelivery),
            Grantee::Account(id) => (Some(id.as_str()) == caller).then_some(AclGrant::Account),
        };
        match self {
            // The owner's own is not asked of the ACL.
            Acl::Canned(canned) => {
                let granted = canned.grants().iter().filter(|grant| grant.1.includes(permission));
                granted.filter_map(|(grantee, _)| means(grantee)).collect()
            }
            Acl::Grants(grants) => {
                let granted = grants.iter().filter(|grant| grant.permission.includes(permission));
                granted.filter_map(|grant| means(&grant.grantee)).collect()
            }
        }
    }

    /// As GetBucketAcl and GetObjectAcl show it.
    pub(crate) fn show(&self, owner: &str) -> Value {
        let grants = self.grants(owner).into_iter().map(|grant| {
            let grantee = match &grant.grantee {
                Grantee::Account(id) => json!({"ID": id, "Type": "CanonicalUser"}),
                group => json!({"Type": "Group", "URI": group.as_str()}),
            };
            json!({"Grantee": grantee, "Permission": grant.permission.as_str()})
        });
        grants.collect()
    }

    /// The ACL that a request brings, in whichever of its three forms; `None`: it brings none. `owner`: the canonical id of the account.
    ///
    /// Errors: `InvalidRequest` for a canned ACL and grants at once, `UnexpectedContent` for a policy beside headers, `InvalidArgument`, `MalformedACLError`,
    /// `UnresolvableGrantByEmailAddress`, `AccessDenied` for another owner.
    pub fn of_request(params: &Params<'_>, owner: &str) -> Result<Option<Acl>, ApiError> {
        let by_header = Permission::ALL.iter().any(|permission| params.has(permission.member()));
        let canned = params.text("ACL");
        if canned.is_some() && by_header {
            return Err(ApiError::new("InvalidRequest", "Specifying both Canned ACLs and Header Grants is not allowed"));
        }
        if let Some(policy) = params.structure("AccessControlPolicy") {
            if canned.is_some() || by_header {
                return Err(ApiError::new("UnexpectedContent", "This request does not support content")
                    .with_help("An ACL is given once: as AccessControlPolicy, as ACL, or as grants."));
            }
            return of_policy(&policy, owner).map(|grants| Some(Acl::of_grants(grants, owner)));
        }
        if let Some(text) = canned {
            let acl = CannedAcl::parse(text).ok_or_else(|| invalid_argument("").with_help("An ACL is one of S3's canned ACLs, as private or public-read."))?;
            return Ok(Some(Acl::Canned(acl)));
        }
        if !by_header {
            return Ok(None);
        }
        let mut grants = Vec::new();
        for permission in Permission::ALL {
            for grantee in params.text(permission.member()).map(of_header).transpose()?.into_iter().flatten() {
                grants.push(Grant::new(grantee, permission));
            }
        }
        if grants.len() > MAX_GRANTS {
            return Err(too_many());
        }
        Ok(Some(Acl::of_grants(grants, owner)))
    }

    /// `TargetGrants` of a bucket's logging: whoever is granted something of the logs. Errors: `MalformedACLError`, `InvalidArgument`, `UnresolvableGrantByEmailAddress`.
    pub(super) fn of_target_grants<'a>(grants: impl Iterator<Item = Params<'a>>) -> Result<Acl, ApiError> {
        let grants = of_grant_list(grants)?;
        if grants
            .iter()
            .any(|grant| matches!(grant.permission, Permission::ReadAcp | Permission::WriteAcp))
        {
            return Err(malformed("A Permission of TargetGrants is FULL_CONTROL, READ or WRITE."));
        }
        Ok(Acl::Grants(grants))
    }

    /// The ACL of an object with these grants beside its owner's full control.
    pub(crate) fn beside_owner(&self, owner: &str) -> Acl {
        let mut grants = Acl::default().grants(owner);
        grants.extend(self.grants(owner));
        Acl::of_grants(grants, owner)
    }

    /// Grants that are those of a canned ACL are that one.
    fn of_grants(mut grants: Vec<Grant>, owner: &str) -> Acl {
        let mut seen: Vec<Grant> = Vec::new();
        grants.retain(|grant| {
            let new = !seen.contains(grant);
            if new {
                seen.push(grant.clone());
            }
            new
        });
        seen.order_by(|a, b| a < b);
        let same = |canned: &CannedAcl| {
            let mut named = Acl::Canned(*canned).grants(owner);
            named.order_by(|a, b| a < b);
            named == seen
        };
        match CannedAcl::ALL.into_iter().find(same) {
            Some(canned) => Acl::Canned(canned),
            None => Acl::Grants(grants),
        }
    }
}

fn is_id(text: &str) -> bool {
    text == ANONYMOUS_ID || text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn account(id: &str) -> Result<Grantee, ApiError> {
    if is_id(id) {
        return Ok(Grantee::Account(id.to_owned()));
    }
    Err(invalid_argument("Invalid id").with_help("A canonical user id has 64 hexadecimal digits; GetBucketAcl shows this account's."))
}

fn group(uri: &str) -> Result<Grantee, ApiError> {
    Grantee::of_uri(uri)
        .ok_or_else(|| invalid_argument("Invalid group uri").with_help(format!("Groups are {ALL_USERS}, {AUTHENTICATED_USERS} and {LOG_DELIVERY}.")))
}

fn by_email() -> ApiError {
    ApiError::new(
        "UnresolvableGrantByEmailAddress",
        "The e-mail address you provided does not match any account on record.",
    )
    .with_help("No account here has an e-mail address: name its canonical user id.")
}

fn malformed(help: &str) -> ApiError {
    ApiError::new(
        "MalformedACLError",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
    .with_help(help)
}

fn too_many() -> ApiError {
    malformed(&format!("An ACL has at most {MAX_GRANTS} grants."))
}

/// Grantees of one header: `id="…", uri="…", emailAddress="…"`.
fn of_header(text: &str) -> Result<Vec<Grantee>, ApiError> {
    let one = |part: &str| {
        let (kind, value) = part
            .trim()
            .split_once('=')
            .ok_or_else(|| invalid_argument("Argument format not recognized").with_help(format!("\"{part}\" is none of id=…, uri=…, emailAddress=….")))?;
        let value = value.trim().trim_matches('"');
        match kind.trim() {
            "id" => account(value),
            "uri" => group(value),
            "emailAddress" => Err(by_email()),
            other => {
                Err(invalid_argument("Argument format not recognized").with_help(format!("A grantee is an id, a uri or an emailAddress, not \"{other}\".")))
            }
        }
    };
    text.split(',').map(one).collect()
}

/// The grants of an `AccessControlPolicy`.
fn of_policy(policy: &Params<'_>, owner: &str) -> Result<Vec<Grant>, ApiError> {
    let named = policy.structure("Owner").and_then(|owner| owner.text("ID").map(ToString::to_string));
    match named {
        None => return Err(malformed("AccessControlPolicy names its Owner by ID.")),
        Some(id) if id != owner => {
            return Err(
                ApiError::new("AccessDenied", "Access Denied").with_help("The Owner of an ACL cannot be changed: it is this account's canonical user id.")
            );
        }
        Some(_) => {}
    }
    of_grant_list(policy.structures("Grants"))
}

fn of_grant_list<'a>(list: impl Iterator<Item = Params<'a>>) -> Result<Vec<Grant>, ApiError> {
    let mut grants = Vec::new();
    for grant in list {
        let permission = grant.text("Permission").and_then(Permission::parse);
        let permission = permission.ok_or_else(|| malformed("A Permission is FULL_CONTROL, READ, WRITE, READ_ACP or WRITE_ACP."))?;
        let grantee = grant.structure("Grantee").ok_or_else(|| malformed("A grant names its Grantee."))?;
        let grantee = match (grantee.text("Type"), grantee.text("ID"), grantee.text("URI")) {
            (Some("CanonicalUser"), Some(id), _) => account(id)?,
            (Some("Group"), _, Some(uri)) => group(uri)?,
            (Some("AmazonCustomerByEmail"), ..) => return Err(by_email()),
            _ => return Err(malformed("A Grantee is a CanonicalUser with its ID, or a Group with its URI.")),
        };
        grants.push(Grant::new(grantee, permission));
        if grants.len() > MAX_GRANTS {
            return Err(too_many());
        }
    }
    Ok(grants)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acl_reads_from_what_it_writes() {
        let id = canonical_id("123456789012");
        let other = canonical_id("444455556666");
        assert!(is_id(&id) && id != other);
        let grants = Vec::from([
            Grant::new(Grantee::Account(other), Permission::WriteAcp),
            Grant::new(Grantee::AllUsers, Permission::Read),
        ]);
        let all = CannedAcl::ALL.into_iter().map(Acl::Canned);
        for acl in all.chain([Acl::Grants(grants), Acl::Grants(Vec::new())]) {
            let text = serde_json::to_string(&acl).expect("JSON");
            assert_eq!(serde_json::from_str::<Acl>(&text).expect("the same"), acl, "{text}");
        }
        for wrong in ["READ", "READ me", "LOOK http://acs.amazonaws.com/groups/global/AllUsers", "public"] {
            assert_eq!(Acl::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn grants_that_a_canned_acl_has_are_that_one() {
        let owner = canonical_id("123456789012");
        for canned in [
            CannedAcl::Private,
            CannedAcl::PublicRead,
            CannedAcl::PublicReadWrite,
            CannedAcl::LogDeliveryWrite,
        ] {
            let mut grants = Acl::Canned(canned).grants(&owner);
            grants.reverse();
            grants.extend(grants.clone());
            assert_eq!(Acl::of_grants(grants, &owner), Acl::Canned(canned));
        }
        assert_eq!(Acl::of_grants(Vec::new(), &owner), Acl::Grants(Vec::new()));
    }
}
