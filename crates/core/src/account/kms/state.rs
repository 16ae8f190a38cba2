use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::uses::Usage;
use crate::account::{AccountOptions, ApiError};
use crate::gather::Order as _;
use crate::sim::{Rng, SimTime};

/// Every key of the account and Region.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kms {
    /// By key id.
    pub(super) keys: BTreeMap<String, Key>,
    /// By name: `alias/…`.
    pub(super) aliases: BTreeMap<String, Alias>,
    /// Requests that S3 made, by key id.
    pub(super) usage: BTreeMap<String, Usage>,
    /// When S3 last fetched a bucket-level key: by bucket, key and requester.
    pub(super) bucket_keys: BTreeMap<String, SimTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KeyState {
    Enabled,
    Disabled,
    PendingDeletion,
}

impl KeyState {
    pub const fn as_str(self) -> &'static str {
        match self {
            KeyState::Enabled => "Enabled",
            KeyState::Disabled => "Disabled",
            KeyState::PendingDeletion => "PendingDeletion",
        }
    }
}

/// A symmetric encryption key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Key {
    pub(super) created: SimTime,
    pub(super) description: String,
    pub(super) state: KeyState,
    /// When it is deleted, and after how many days of waiting.
    #[serde(default)]
    pub(super) deletion: Option<(SimTime, i64)>,
    /// Automatic rotation: since when, and every how many days.
    #[serde(default)]
    pub(super) rotation: Option<(SimTime, i64)>,
    /// Rotations that have been, oldest first; of automatic ones, those before the schedule last changed.
    #[serde(default)]
    pub(super) rotated: Vec<Rotation>,
    pub(super) policy: String,
    /// Made by S3 for the account (`aws/s3`), not by the account.
    #[serde(default)]
    pub(super) aws_managed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Rotation {
    pub at: SimTime,
    pub on_demand: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Alias {
    pub key: String,
    pub created: SimTime,
    pub updated: SimTime,
}

/// The alias of the key that S3 takes where none is named.
pub(super) const S3_ALIAS: &str = "alias/aws/s3";

const DAY: i64 = 86_400;

impl Key {
    pub fn state(&self) -> KeyState {
        self.state
    }

    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// Whether its policy is the one that a key has that is made without one.
    pub fn has_default_policy(&self, options: &AccountOptions) -> bool {
        self.policy == default_policy(options)
    }

    pub fn description(&self) -> &str {
        &self.description
    }

    /// Days between automatic rotations; `None`: there are none.
    pub fn rotation_days(&self) -> Option<i64> {
        self.rotation.map(|(_, days)| days)
    }

    /// The days of its waiting period, where its deletion is scheduled.
    pub fn deletion_days(&self) -> Option<i64> {
        self.deletion.map(|(_, days)| days)
    }

    /// Made by S3 for the account, not by the account.
    pub fn is_aws_managed(&self) -> bool {
        self.aws_managed
    }

    /// Its waiting period is over: it is there for nobody any more.
    pub(super) fn is_gone(&self, now: SimTime) -> bool {
        self.deletion.is_some_and(|(at, _)| at <= now)
    }

    /// Automatic rotations of the schedule in force, after those that are noted down.
    pub(super) fn scheduled(&self, now: SimTime) -> impl Iterator<Item = SimTime> {
        let (since, days) = self.rotation.unwrap_or((now, 1));
        let each = (1..).map(move |count: i64| since.plus_seconds(count.saturating_mul(days.max(1)).saturating_mul(DAY)));
        let last = if self.rotation.is_some() && self.state == KeyState::Enabled {
            now
        } else {
            since
        };
        each.take_while(move |at| *at <= last)
    }

    /// All rotations up to now, oldest first.
    pub(super) fn rotations(&self, now: SimTime) -> Vec<Rotation> {
        let mut all = self.rotated.clone();
        all.extend(self.scheduled(now).map(|at| Rotation { at, on_demand: false }));
        all.order_by_key(|rotation| rotation.at);
        all
    }

    /// How often the key has been rotated.
    pub fn version(&self, now: SimTime) -> u32 {
        u32::try_from(self.rotations(now).len()).unwrap_or(u32::MAX)
    }

    /// Notes down what the schedule did, before it changes.
    pub(super) fn settle(&mut self, now: SimTime) {
        let done: Vec<SimTime> = self.scheduled(now).collect();
        if let (Some(last), Some((since, _))) = (done.last(), self.rotation.as_mut()) {
            *since = *last;
        }
        self.rotated.extend(done.into_iter().map(|at| Rotation { at, on_demand: false }));
    }

    /// A key that was disabled when a rotation fell due rotates once, when it is enabled again ("Rotating AWS KMS keys").
    pub(super) fn catch_up(&mut self, now: SimTime) {
        let due = self.rotation.filter(|(since, days)| since.plus_seconds(days.saturating_mul(DAY)) <= now);
        if let Some((_, days)) = due {
            self.rotated.push(Rotation { at: now, on_demand: false });
            self.rotation = Some((now, days));
        }
    }
}

pub(super) fn key_arn(options: &AccountOptions, id: &str) -> String {
    format!("arn:aws:kms:{}:{}:key/{id}", options.region, options.account_id)
}

pub(super) fn alias_arn(options: &AccountOptions, name: &str) -> String {
    format!("arn:aws:kms:{}:{}:{name}", options.region, options.account_id)
}

/// The policy of a key that was made without one: the account decides by its IAM policies ("Default key policy").
pub(super) fn default_policy(options: &AccountOptions) -> String {
    json!({
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [{
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::{}:root", options.account_id)},
            "Action": "kms:*",
            "Resource": "*",
        }],
    })
    .to_string()
}

/// The policy of `aws/s3`: everybody in the account who comes through S3 ("AWS managed key policies").
fn s3_policy(options: &AccountOptions) -> String {
    json!({
        "Version": "2012-10-17",
        "Id": "auto-s3-2",
        "Statement": [
            {
                "Sid": "Allow access through S3 for all principals in the account that are authorized to use S3",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
                "Resource": "*",
                "Condition": {"StringEquals": {
                    "kms:ViaService": format!("s3.{}.amazonaws.com", options.region),
                    "kms:CallerAccount": options.account_id,
                }},
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": format!("arn:aws:iam::{}:root", options.account_id)},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*"],
                "Resource": "*",
            },
        ],
    })
    .to_string()
}

impl Kms {
    pub fn key(&self, now: SimTime, id: &str) -> Option<&Key> {
        self.keys.get(id).filter(|key| !key.is_gone(now))
    }

    /// Keys by id, those whose deletion is done left out.
    pub fn keys(&self, now: SimTime) -> impl Iterator<Item = (&str, &Key)> {
        self.keys.iter().filter(move |(_, key)| !key.is_gone(now)).map(|(id, key)| (id.as_str(), key))
    }

    /// Aliases by name, with the id of the key that each means.
    pub fn aliases(&self) -> impl Iterator<Item = (&str, &str)> {
        self.aliases.iter().map(|(name, alias)| (name.as_str(), alias.key.as_str()))
    }

    /// The id of the key that an id, an ARN, an alias or an alias's ARN means.
    ///
    /// Error: `NotFoundException`, in the words that KMS has for each of them.
    pub fn resolve(&self, options: &AccountOptions, now: SimTime, text: &str) -> Result<String, ApiError> {
        let not_found = |message: String| Err(ApiError::new("NotFoundException", message));
        let name = match text.strip_prefix("arn:") {
            None => text,
            Some(_) => {
                let parts: Vec<&str> = text.splitn(6, ':').collect();
                match parts.as_slice() {
                    ["arn", "aws", "kms", region, account, name] => {
                        if *region != options.region {
                            return not_found(format!("Invalid arn {region}"));
                        }
                        if *account != options.account_id {
                            return not_found(format!("Key '{text}' does not exist"))
                                .map_err(|error: ApiError| error.with_help("Keys of other accounts are not here."));
                        }
                        name.strip_prefix("key/").unwrap_or(name)
                    }
                    _ => return not_found(format!("Invalid arn {text}")),
                }
            }
        };
        if name.starts_with("alias/") {
            return match self.aliases.get(name).filter(|alias| self.key(now, &alias.key).is_some()) {
                Some(alias) => Ok(alias.key.clone()),
                None => not_found(format!("Alias {} is not found.", alias_arn(options, name))),
            };
        }
        if self.key(now, name).is_some() {
            return Ok(name.to_string());
        }
        let is_id = name.len() == 36 && name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
        if is_id {
            not_found(format!("Key '{}' does not exist", key_arn(options, name)))
        } else {
            not_found(format!("Invalid keyId '{name}'"))
        }
    }

    /// The AWS managed key `aws/s3`, which S3 makes in an account when it first needs it.
    pub fn s3_key(&mut self, options: &AccountOptions, now: SimTime) -> String {
        if let Some(alias) = self.aliases.get(S3_ALIAS) {
            return alias.key.clone();
        }
        let id = self.s3_key_id(options);
        let key = Key {
            created: now,
            description: "Default key that protects my S3 objects when no other key is defined".to_string(),
            state: KeyState::Enabled,
            deletion: None,
            rotation: Some((now, 365)),
            rotated: Vec::new(),
            policy: s3_policy(options),
            aws_managed: true,
        };
        self.keys.insert(id.clone(), key);
        let alias = Alias {
            key: id.clone(),
            created: now,
            updated: now,
        };
        self.aliases.insert(S3_ALIAS.to_string(), alias);
        id
    }

    /// The policy of a key; of `aws/s3` also before it is made.
    pub fn policy(&self, options: &AccountOptions, now: SimTime, id: &str) -> Option<String> {
        match self.key(now, id) {
            Some(key) => Some(key.policy.clone()),
            None => (id == self.s3_key_id(options)).then(|| s3_policy(options)),
        }
    }

    /// The id that `aws/s3` has or will have.
    pub(super) fn s3_key_id(&self, options: &AccountOptions) -> String {
        Rng::stream(options.seed, u64::from_le_bytes(*b"aws/s3\0\0")).uuid()
    }
}
