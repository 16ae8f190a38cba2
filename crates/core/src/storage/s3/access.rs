//! Who may reach a bucket and its objects: the bucket's policy, Block Public Access, object ownership and ACLs, as data.
//!
//! Belongs here: what a bucket keeps of it, and what it is where nobody said anything. Does not belong here: the decision ([`crate::access`]), and the operations
//! (`commands::policy`, `commands::public_access`, `commands::ownership`).

use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Object;
use super::acl::{Acl, Grantee, Permission, canonical_id};
use super::encryption::BucketEncryption;
use super::state::{Bucket, S3};
use crate::access::{AclGrant, Policy, PolicyKind, PublicAccess};

/// What a bucket says about access and encryption. The default is a new bucket of today: no policy, all four switches of Block Public Access on, ACLs disabled,
/// SSE-S3, SSE-C blocked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Access {
    pub policy: Option<BucketPolicy>,
    /// `None`: DeletePublicAccessBlock was called, and every switch is off.
    pub public_access: Option<PublicAccess>,
    /// `None`: DeleteBucketOwnershipControls was called, and it is as with `ObjectWriter`.
    pub ownership: Option<ObjectOwnership>,
    pub acl: Acl,
    pub encryption: BucketEncryption,
}

impl Default for Access {
    fn default() -> Self {
        Access {
            policy: None,
            public_access: Some(PublicAccess::ALL),
            ownership: Some(ObjectOwnership::BucketOwnerEnforced),
            acl: Acl::default(),
            encryption: BucketEncryption::default(),
        }
    }
}

/// A bucket's policy as it was put, and read. A text that does not read any more is a policy without statements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "PolicyText", into = "PolicyText")]
pub struct BucketPolicy {
    bucket: String,
    text: String,
    policy: Policy,
}

#[derive(Clone, Serialize, Deserialize)]
struct PolicyText {
    bucket: String,
    text: String,
}

impl From<PolicyText> for BucketPolicy {
    fn from(stored: PolicyText) -> Self {
        let policy = Policy::parse(&stored.text, PolicyKind::Bucket(&stored.bucket)).unwrap_or_default();
        BucketPolicy {
            bucket: stored.bucket,
            text: stored.text,
            policy,
        }
    }
}

impl From<BucketPolicy> for PolicyText {
    fn from(policy: BucketPolicy) -> Self {
        PolicyText {
            bucket: policy.bucket,
            text: policy.text,
        }
    }
}

impl BucketPolicy {
    pub fn new(bucket: &str, text: &str, policy: Policy) -> Self {
        BucketPolicy {
            bucket: bucket.into(),
            text: text.into(),
            policy,
        }
    }

    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

/// Who owns the objects of a bucket, and whether ACLs count ("Controlling ownership of objects and disabling ACLs").
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ObjectOwnership {
    BucketOwnerPreferred,
    ObjectWriter,
    /// ACLs are disabled.
    BucketOwnerEnforced,
}

impl ObjectOwnership {
    pub const fn as_str(self) -> &'static str {
        match self {
            ObjectOwnership::BucketOwnerPreferred => "BucketOwnerPreferred",
            ObjectOwnership::ObjectWriter => "ObjectWriter",
            ObjectOwnership::BucketOwnerEnforced => "BucketOwnerEnforced",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        let all = [
            ObjectOwnership::BucketOwnerPreferred,
            ObjectOwnership::ObjectWriter,
            ObjectOwnership::BucketOwnerEnforced,
        ];
        all.into_iter().find(|ownership| ownership.as_str() == text)
    }
}

/// The predefined ACLs ("Access control list overview"). Grants by hand are [`Acl::Grants`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CannedAcl {
    #[default]
    Private,
    PublicRead,
    PublicReadWrite,
    AuthenticatedRead,
    AwsExecRead,
    BucketOwnerRead,
    BucketOwnerFullControl,
    /// Of a bucket that server access logs are delivered into.
    LogDeliveryWrite,
}

impl CannedAcl {
    pub const ALL: [CannedAcl; 8] = [
        CannedAcl::Private,
        CannedAcl::PublicRead,
        CannedAcl::PublicReadWrite,
        CannedAcl::AuthenticatedRead,
        CannedAcl::AwsExecRead,
        CannedAcl::BucketOwnerRead,
        CannedAcl::BucketOwnerFullControl,
        CannedAcl::LogDeliveryWrite,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            CannedAcl::Private => "private",
            CannedAcl::PublicRead => "public-read",
            CannedAcl::PublicReadWrite => "public-read-write",
            CannedAcl::AuthenticatedRead => "authenticated-read",
            CannedAcl::AwsExecRead => "aws-exec-read",
            CannedAcl::BucketOwnerRead => "bucket-owner-read",
            CannedAcl::BucketOwnerFullControl => "bucket-owner-full-control",
            CannedAcl::LogDeliveryWrite => "log-delivery-write",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        CannedAcl::ALL.into_iter().find(|acl| acl.as_str() == text)
    }

    /// It grants something to AllUsers or AuthenticatedUsers ("The meaning of \"public\"").
    pub const fn is_public(self) -> bool {
        matches!(self, CannedAcl::PublicRead | CannedAcl::PublicReadWrite | CannedAcl::AuthenticatedRead)
    }

    /// Whether an object can have it; a bucket has the four that say nothing of a bucket's owner, and `log-delivery-write`.
    pub const fn is_of_objects(self) -> bool {
        !matches!(self, CannedAcl::LogDeliveryWrite)
    }

    pub const fn is_of_buckets(self) -> bool {
        !matches!(self, CannedAcl::AwsExecRead | CannedAcl::BucketOwnerRead | CannedAcl::BucketOwnerFullControl)
    }

    /// Grants beside the owner's FULL_CONTROL: to whom, and the permission.
    pub const fn grants(self) -> &'static [(Grantee, Permission)] {
        match self {
            CannedAcl::PublicRead => &[(Grantee::AllUsers, Permission::Read)],
            CannedAcl::PublicReadWrite => &[(Grantee::AllUsers, Permission::Read), (Grantee::AllUsers, Permission::Write)],
            CannedAcl::AuthenticatedRead => &[(Grantee::AuthenticatedUsers, Permission::Read)],
            CannedAcl::LogDeliveryWrite => &[(Grantee::LogDelivery, Permission::Write), (Grantee::LogDelivery, Permission::ReadAcp)],
            // The grantees of the other three are this account and a service.
            CannedAcl::Private | CannedAcl::AwsExecRead | CannedAcl::BucketOwnerRead | CannedAcl::BucketOwnerFullControl => &[],
        }
    }
}

impl Bucket {
    pub fn access(&self) -> &Access {
        &self.access
    }

    pub(crate) fn access_mut(&mut self) -> &mut Access {
        &mut self.access
    }

    /// Whether ACLs count.
    pub fn acls_enabled(&self) -> bool {
        self.access.ownership != Some(ObjectOwnership::BucketOwnerEnforced)
    }

    /// What the ACLs of the bucket and of an object grant of an action ("Mapping of ACL permissions and access policy permissions").
    /// A bucket's READ lists it and its WRITE puts and deletes objects; an object's READ gets it. `account`: the caller's.
    pub fn acl_grants(&self, action: &str, object: Option<&Acl>, account: Option<&str>) -> Vec<AclGrant> {
        if !self.acls_enabled() {
            return Vec::new();
        }
        let bucket = Some(&self.access.acl);
        let (acl, permission) = match action.strip_prefix("s3:").unwrap_or(action) {
            "ListBucket" | "ListBucketVersions" | "ListBucketMultipartUploads" => (bucket, Permission::Read),
            "PutObject" | "DeleteObject" => (bucket, Permission::Write),
            "GetBucketAcl" => (bucket, Permission::ReadAcp),
            "PutBucketAcl" => (bucket, Permission::WriteAcp),
            "GetObject" | "GetObjectVersion" => (object, Permission::Read),
            "GetObjectAcl" | "GetObjectVersionAcl" => (object, Permission::ReadAcp),
            "PutObjectAcl" | "PutObjectVersionAcl" => (object, Permission::WriteAcp),
            _ => return Vec::new(),
        };
        match acl {
            None | Some(Acl::Canned(CannedAcl::Private)) => Vec::new(),
            Some(acl) => acl.granted(permission, account.map(canonical_id).as_deref()),
        }
    }
}

impl Bucket {
    /// The account that an object belongs to, where it is not the bucket's: who wrote it, while ACLs count. Where they are disabled everything is the bucket owner's.
    pub fn foreign_owner<'a>(&self, object: &'a Object) -> Option<&'a str> {
        object.protection.owner.as_deref().filter(|_| self.acls_enabled())
    }
}

impl S3 {
    /// The canonical user id of an object's owner.
    pub(crate) fn object_owner_id(&self, bucket: &Bucket, object: &Object) -> String {
        canonical_id(bucket.foreign_owner(object).unwrap_or(&self.account_id))
    }

    /// Block Public Access of the account (`s3control:PutPublicAccessBlock`). `None`: not set.
    pub fn account_public_access(&self) -> Option<PublicAccess> {
        self.public_access
    }

    /// Block Public Access as it holds for a bucket: a switch is on where the bucket or the account has it on.
    pub fn public_access(&self, bucket: &Bucket) -> PublicAccess {
        let own = bucket.access.public_access.unwrap_or_default();
        own.and(self.public_access.unwrap_or_default())
    }
}
