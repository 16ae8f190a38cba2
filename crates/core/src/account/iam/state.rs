use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

use crate::sim::{Rng, SimTime};

/// Every role, user and customer managed policy of the account. Roles and users are kept by name, unique without regard to case, as IAM says; they keep the case they
/// were given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Iam {
    pub(super) account_id: String,
    pub(super) roles: BTreeMap<String, Role>,
    #[serde(default)]
    pub(super) users: BTreeMap<String, User>,
    /// By ARN.
    #[serde(default)]
    pub(super) policies: BTreeMap<String, ManagedPolicy>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) created: SimTime,
    pub(super) trust_policy: String,
    #[serde(default)]
    pub(super) description: Option<String>,
    /// Seconds.
    pub(super) max_session: i64,
    #[serde(flatten)]
    pub(super) permissions: Permissions,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) created: SimTime,
    #[serde(flatten)]
    pub(super) permissions: Permissions,
}

/// What a user or role has of policies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Permissions {
    /// Inline policies: documents by name.
    #[serde(default)]
    pub(super) inline: BTreeMap<String, String>,
    /// Managed policies: names by ARN.
    #[serde(default)]
    pub(super) attached: BTreeMap<String, String>,
}

/// A customer managed policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) id: String,
    pub(super) created: SimTime,
    #[serde(default)]
    pub(super) description: Option<String>,
    /// Of the default version.
    pub(super) document: String,
    /// By number; empty while there is but the first, whose document is the policy's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) versions: BTreeMap<u32, PolicyVersion>,
    /// Number of the default version; 0: the first.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) default_version: u32,
    /// Numbers given so far; 0: one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) numbered: u32,
    /// When a version was last made or chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) updated: Option<SimTime>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// One version of a managed policy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PolicyVersion {
    pub(super) created: SimTime,
    pub(super) document: String,
}

impl Permissions {
    /// Inline policies: documents by name.
    pub fn inline(&self) -> &BTreeMap<String, String> {
        &self.inline
    }

    /// Managed policies: names by ARN.
    pub fn attached(&self) -> &BTreeMap<String, String> {
        &self.attached
    }
}

impl ManagedPolicy {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn document(&self) -> &str {
        &self.document
    }

    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }
}

impl Role {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn arn(&self, account_id: &str) -> String {
        format!("arn:aws:iam::{account_id}:role{}{}", self.path, self.name)
    }

    pub fn trust_policy(&self) -> &str {
        &self.trust_policy
    }

    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Seconds.
    pub fn max_session(&self) -> i64 {
        self.max_session
    }

    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }
}

impl User {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn path(&self) -> &str {
        &self.path
    }

    pub fn permissions(&self) -> &Permissions {
        &self.permissions
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub fn arn(&self, account_id: &str) -> String {
        format!("arn:aws:iam::{account_id}:user{}{}", self.path, self.name)
    }
}

impl Iam {
    pub fn new(account_id: &str) -> Self {
        Iam {
            account_id: account_id.to_string(),
            roles: BTreeMap::new(),
            users: BTreeMap::new(),
            policies: BTreeMap::new(),
        }
    }

    /// The role that a name or an ARN means.
    pub fn role(&self, name_or_arn: &str) -> Option<&Role> {
        let name = name_or_arn.rsplit('/').next().unwrap_or(name_or_arn);
        self.roles.get(&name.to_ascii_lowercase())
    }

    /// The user that a name or an ARN means.
    pub fn user(&self, name_or_arn: &str) -> Option<&User> {
        let name = name_or_arn.rsplit('/').next().unwrap_or(name_or_arn);
        self.users.get(&name.to_ascii_lowercase())
    }

    /// Roles by name.
    pub fn roles(&self) -> impl Iterator<Item = &Role> {
        self.roles.values()
    }

    /// Customer managed policies by ARN.
    pub fn managed_policies(&self) -> impl Iterator<Item = (&str, &ManagedPolicy)> {
        self.policies.iter().map(|(arn, policy)| (arn.as_str(), policy))
    }

    /// Users by name.
    pub fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }
}

/// A unique id: four letters that say of what (`AROA` role, `AIDA` user, `ANPA` policy) and 17 characters from the account's seed.
pub(super) fn unique_id(prefix: &str, rng: &mut Rng) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let tail = (0..17).map(|_| char::from(ALPHABET[(rng.next_u64() >> 59) as usize]));
    prefix.chars().chain(tail).collect()
}
