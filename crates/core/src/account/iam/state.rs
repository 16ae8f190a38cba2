use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

use crate::sim::{Rng, SimTime};

/// Every role of the account, by name. Names are unique without regard to case, as IAM says; they keep the case they were given.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Iam {
    pub(super) account_id: String,
    pub(super) roles: BTreeMap<String, Role>,
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
    /// Inline policies by name.
    #[serde(default)]
    pub(super) inline: BTreeMap<String, String>,
    /// Managed policies: names by ARN.
    #[serde(default)]
    pub(super) attached: BTreeMap<String, String>,
}

impl Role {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn arn(&self, account_id: &str) -> String {
        format!("arn:aws:iam::{account_id}:role{}{}", self.path, self.name)
    }

    /// The role's policies: inline by name, managed by ARN.
    pub fn policies(&self) -> (&BTreeMap<String, String>, &BTreeMap<String, String>) {
        (&self.inline, &self.attached)
    }
}

impl Iam {
    pub fn new(account_id: &str) -> Self {
        Iam {
            account_id: account_id.to_string(),
            roles: BTreeMap::new(),
        }
    }

    /// The role that a name or an ARN means.
    pub fn role(&self, name_or_arn: &str) -> Option<&Role> {
        let name = name_or_arn.rsplit('/').next().unwrap_or(name_or_arn);
        self.roles.get(&name.to_ascii_lowercase())
    }
}

/// A role's unique id: `AROA` and 17 characters, from the account's seed.
pub(super) fn role_id(rng: &mut Rng) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let tail = (0..17).map(|_| char::from(ALPHABET[(rng.next_u64() >> 59) as usize]));
    "AROA".chars().chain(tail).collect()
}
