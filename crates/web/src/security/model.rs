//! What IAM, KMS and the account's evaluator answer, in the form of these screens, and how it is asked.
//!
//! Belongs here: calls and their responses, read leniently (a member that is missing is empty). Does not belong here: views.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::ApiError;

use super::json::pretty;
use crate::host::Host;
use crate::router::{Route, Security};

/// An answer that takes several calls; `None` before the first.
pub type Answered<T> = RwSignal<Option<Result<T, ApiError>>>;

/// Asks now, whenever a signal that `question` reads changes, and whenever the account changes; the older answer stays until the newer one is there.
/// `None` asks nothing and clears the answer.
pub fn asked<K, T, F>(host: Host, question: impl Fn() -> Option<K> + 'static, load: impl Fn(Host, K) -> F + 'static) -> Answered<T>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let answer = RwSignal::new(None);
    let number = StoredValue::new(0_u32);
    Effect::new(move |_| {
        host.position.track();
        let question = question();
        let this = number.get_value().wrapping_add(1);
        number.set_value(this);
        let Some(question) = question else {
            answer.set(None);
            return;
        };
        let loading = load(host, question);
        spawn_local(async move {
            let found = loading.await;
            // The screen may be gone, or have asked something else.
            if number.try_get_value() == Some(this) && answer.try_with_untracked(|old| old.as_ref() != Some(&found)) == Some(true) {
                let _ = answer.try_set(Some(found));
            }
        });
    });
    answer
}

pub fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// Every entry of a list that comes in pages, by IAM's or KMS's marker.
async fn all(host: Host, service: &str, operation: &str, mut params: Value, list: &str) -> Result<Vec<Value>, ApiError> {
    let mut found = Vec::new();
    loop {
        let response = host.call(service, operation, params.clone()).await?;
        found.extend(response.get(list).and_then(Value::as_array).into_iter().flatten().cloned());
        let next = response.get("NextMarker").or(response.get("Marker")).and_then(Value::as_str);
        match next.filter(|next| !next.is_empty()) {
            Some(next) => params["Marker"] = json!(next),
            None => return Ok(found),
        }
    }
}

/// The number of the account, twelve digits.
pub async fn account_id(host: Host) -> Result<String, ApiError> {
    // Without a name it is the owner who is shown, whose id is the account's.
    let response = host.call("iam", "GetUser", json!({})).await?;
    Ok(text(&response, "/User/UserId"))
}

// ---- identities ----

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    User,
    Role,
}

impl Kind {
    /// As in the names of operations and members: `AttachUserPolicy`, `UserName`.
    pub const fn title(self) -> &'static str {
        match self {
            Kind::User => "User",
            Kind::Role => "Role",
        }
    }

    pub const fn noun(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Role => "role",
        }
    }

    pub fn route(self, name: &str) -> Route {
        Route::Security(match self {
            Kind::User => Security::User(name.into()),
            Kind::Role => Security::Role(name.into()),
        })
    }

    /// The parameters of an operation about one of them.
    pub fn params(self, name: &str) -> Value {
        json!({ format!("{}Name", self.title()): name })
    }
}

/// A managed policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Managed {
    pub name: String,
    pub arn: String,
}

impl Managed {
    /// It is AWS's own, not the account's.
    pub fn is_aws(&self) -> bool {
        self.arn.starts_with("arn:aws:iam::aws:")
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    pub kind: Kind,
    pub name: String,
    pub arn: String,
    pub id: String,
    pub created: String,
    pub description: String,
    /// Of a role: who may take it on.
    pub trust: String,
    pub attached: Vec<Managed>,
    /// Names of inline policies.
    pub inline: Vec<String>,
}

impl Identity {
    fn of(kind: Kind, value: &Value) -> Identity {
        let title = kind.title();
        Identity {
            kind,
            name: text(value, &format!("/{title}Name")),
            arn: text(value, "/Arn"),
            id: text(value, &format!("/{title}Id")),
            created: text(value, "/CreateDate"),
            description: text(value, "/Description"),
            trust: value.get("AssumeRolePolicyDocument").map(pretty).unwrap_or_default(),
            attached: Vec::new(),
            inline: Vec::new(),
        }
    }

    /// Names of its policies, attached ones first.
    pub fn policies(&self) -> Vec<String> {
        self.attached
            .iter()
            .map(|policy| policy.name.clone())
            .chain(self.inline.iter().cloned())
            .collect()
    }

    async fn with_policies(mut self, host: Host) -> Result<Identity, ApiError> {
        let title = self.kind.title();
        let params = self.kind.params(&self.name);
        let attached = all(host, "iam", &format!("ListAttached{title}Policies"), params.clone(), "AttachedPolicies").await?;
        self.attached = attached.iter().map(managed).collect();
        let inline = all(host, "iam", &format!("List{title}Policies"), params, "PolicyNames").await?;
        self.inline = inline.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(self)
    }
}

fn managed(value: &Value) -> Managed {
    let arn = value.get("PolicyArn").or(value.get("Arn")).and_then(Value::as_str).unwrap_or_default();
    Managed {
        name: text(value, "/PolicyName"),
        arn: arn.to_owned(),
    }
}

/// Users, then roles, each by name.
pub async fn identities(host: Host, _: ()) -> Result<Vec<Identity>, ApiError> {
    let mut found = Vec::new();
    for kind in [Kind::User, Kind::Role] {
        let list = format!("{}s", kind.title());
        for value in all(host, "iam", &format!("List{list}"), json!({}), &list).await? {
            found.push(Identity::of(kind, &value).with_policies(host).await?);
        }
    }
    Ok(found)
}

pub async fn identity(host: Host, (kind, name): (Kind, String)) -> Result<Identity, ApiError> {
    let title = kind.title();
    let response = host.call("iam", &format!("Get{title}"), kind.params(&name)).await?;
    Identity::of(kind, response.get(title).unwrap_or(&Value::Null)).with_policies(host).await
}

/// Takes everything off a user or role and deletes it, as the console does: IAM deletes only what has no policies.
pub async fn delete_identity(host: Host, identity: &Identity) -> Result<(), ApiError> {
    let title = identity.kind.title();
    for policy in &identity.attached {
        let mut params = identity.kind.params(&identity.name);
        params["PolicyArn"] = json!(policy.arn);
        host.call("iam", &format!("Detach{title}Policy"), params).await?;
    }
    for policy in &identity.inline {
        let mut params = identity.kind.params(&identity.name);
        params["PolicyName"] = json!(policy);
        host.call("iam", &format!("Delete{title}Policy"), params).await?;
    }
    host.call("iam", &format!("Delete{title}"), identity.kind.params(&identity.name)).await?;
    Ok(())
}

/// The text of an inline policy.
pub async fn inline_document(host: Host, kind: Kind, name: &str, policy: &str) -> Result<String, ApiError> {
    let mut params = kind.params(name);
    params["PolicyName"] = json!(policy);
    let response = host.call("iam", &format!("Get{}Policy", kind.title()), params).await?;
    Ok(response.get("PolicyDocument").map(pretty).unwrap_or_default())
}

/// The text of a managed policy in its default version.
pub async fn managed_document(host: Host, arn: String) -> Result<String, ApiError> {
    let policy = host.call("iam", "GetPolicy", json!({ "PolicyArn": arn })).await?;
    let version = text(&policy, "/Policy/DefaultVersionId");
    let response = host.call("iam", "GetPolicyVersion", json!({ "PolicyArn": arn, "VersionId": version })).await?;
    Ok(response.pointer("/PolicyVersion/Document").map(pretty).unwrap_or_default())
}

/// Every managed policy that the account knows, AWS's first.
pub async fn managed_policies(host: Host, _: ()) -> Result<Vec<Managed>, ApiError> {
    let mut found: Vec<Managed> = all(host, "iam", "ListPolicies", json!({}), "Policies").await?.iter().map(managed).collect();
    found.sort_by_key(|policy| (!policy.is_aws(), policy.name.clone()));
    Ok(found)
}

/// A user or role that a policy is attached to.
pub type Holders = (Kind, String);

/// A version of a managed policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    pub id: String,
    pub created: String,
    pub is_default: bool,
}

/// A customer managed policy. Document, versions and holders are read for one alone.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnPolicy {
    pub name: String,
    pub arn: String,
    pub description: String,
    pub attached: u64,
    pub default_version: String,
    pub updated: String,
    pub document: String,
    /// Newest first.
    pub versions: Vec<Version>,
    pub holders: Vec<Holders>,
}

impl OwnPolicy {
    fn of(value: &Value) -> OwnPolicy {
        OwnPolicy {
            name: text(value, "/PolicyName"),
            arn: text(value, "/Arn"),
            description: text(value, "/Description"),
            attached: value.get("AttachmentCount").and_then(Value::as_u64).unwrap_or(0),
            default_version: text(value, "/DefaultVersionId"),
            updated: text(value, "/UpdateDate"),
            document: String::new(),
            versions: Vec::new(),
            holders: Vec::new(),
        }
    }

    /// Takes it off all who have it, and deletes it with its versions, as the console does.
    pub async fn delete(&self, host: Host) -> Result<(), ApiError> {
        for (kind, name) in &self.holders {
            let mut params = kind.params(name);
            params["PolicyArn"] = json!(self.arn);
            host.call("iam", &format!("Detach{}Policy", kind.title()), params).await?;
        }
        for version in self.versions.iter().filter(|version| !version.is_default) {
            host.call("iam", "DeletePolicyVersion", json!({ "PolicyArn": self.arn, "VersionId": version.id }))
                .await?;
        }
        host.call("iam", "DeletePolicy", json!({ "PolicyArn": self.arn })).await.map(drop)
    }
}

/// The account's own managed policies, by name.
pub async fn own_policies(host: Host, _: ()) -> Result<Vec<OwnPolicy>, ApiError> {
    let found = all(host, "iam", "ListPolicies", json!({ "Scope": "Local" }), "Policies").await?;
    let mut found: Vec<OwnPolicy> = found.iter().map(OwnPolicy::of).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// One of them in full; `NoSuchEntity` where there is none of this name.
pub async fn own_policy(host: Host, name: String) -> Result<OwnPolicy, ApiError> {
    let own = own_policies(host, ()).await?.into_iter().find(|policy| policy.name == name);
    let listed = own.ok_or_else(|| ApiError::new("NoSuchEntity", format!("The account has no policy {name}.")))?;
    let arn = json!({ "PolicyArn": listed.arn });
    let response = host.call("iam", "GetPolicy", arn.clone()).await?;
    let mut policy = OwnPolicy::of(response.get("Policy").unwrap_or(&Value::Null));
    policy.document = managed_document(host, policy.arn.clone()).await?;
    let versions = all(host, "iam", "ListPolicyVersions", arn.clone(), "Versions").await?;
    let version = |value: &Value| Version {
        id: text(value, "/VersionId"),
        created: text(value, "/CreateDate"),
        is_default: value.get("IsDefaultVersion").and_then(Value::as_bool).unwrap_or(false),
    };
    policy.versions = versions.iter().map(version).collect();
    let held = host.call("iam", "ListEntitiesForPolicy", arn).await?;
    for kind in [Kind::User, Kind::Role] {
        let list = held.get(format!("Policy{}s", kind.title())).and_then(Value::as_array);
        let names = list.into_iter().flatten().map(|value| text(value, &format!("/{}Name", kind.title())));
        policy.holders.extend(names.map(|name| (kind, name)));
    }
    Ok(policy)
}

/// The document of one version, by ARN and id.
pub async fn policy_version(host: Host, (arn, id): (String, String)) -> Result<Value, ApiError> {
    let mut response = host.call("iam", "GetPolicyVersion", json!({ "PolicyArn": arn, "VersionId": id })).await?;
    Ok(response.pointer_mut("/PolicyVersion/Document").map(Value::take).unwrap_or_default())
}

// ---- keys ----

#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub id: String,
    pub arn: String,
    /// Names without `alias/`.
    pub aliases: Vec<String>,
    pub description: String,
    /// `Enabled`, `Disabled`, `PendingDeletion`.
    pub state: String,
    /// Made by a service for the account, which cannot change it.
    pub is_aws: bool,
    pub created: String,
    /// When its deletion is due.
    pub deletion: String,
    /// Which material encrypts now.
    pub material: String,
}

impl Key {
    fn of(value: &Value, aliases: &[Value]) -> Key {
        let id = text(value, "/KeyId");
        let own = aliases.iter().filter(|alias| text(alias, "/TargetKeyId") == id);
        Key {
            aliases: own.map(|alias| text(alias, "/AliasName").trim_start_matches("alias/").to_owned()).collect(),
            arn: text(value, "/Arn"),
            description: text(value, "/Description"),
            state: text(value, "/KeyState"),
            is_aws: text(value, "/KeyManager") == "AWS",
            created: text(value, "/CreationDate"),
            deletion: text(value, "/DeletionDate"),
            material: text(value, "/CurrentKeyMaterialId"),
            id,
        }
    }

    /// Its first alias, else its id.
    pub fn name(&self) -> String {
        self.aliases.first().unwrap_or(&self.id).clone()
    }

    pub fn is_enabled(&self) -> bool {
        self.state == "Enabled"
    }
}

pub async fn keys(host: Host, _: ()) -> Result<Vec<Key>, ApiError> {
    let aliases = all(host, "kms", "ListAliases", json!({}), "Aliases").await?;
    let mut found = Vec::new();
    for entry in all(host, "kms", "ListKeys", json!({}), "Keys").await? {
        let response = host.call("kms", "DescribeKey", json!({ "KeyId": text(&entry, "/KeyId") })).await?;
        found.push(Key::of(response.get("KeyMetadata").unwrap_or(&Value::Null), &aliases));
    }
    found.sort_by_key(|key| (key.is_aws, key.aliases.is_empty(), key.name()));
    Ok(found)
}

/// `id`: an id, an ARN or `alias/…`.
pub async fn key(host: Host, id: String) -> Result<Key, ApiError> {
    let response = host.call("kms", "DescribeKey", json!({ "KeyId": id })).await?;
    let aliases = all(host, "kms", "ListAliases", json!({ "KeyId": id }), "Aliases").await?;
    Ok(Key::of(response.get("KeyMetadata").unwrap_or(&Value::Null), &aliases))
}

/// What a bucket has under a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    pub bucket: String,
    /// New objects are encrypted with it.
    pub default: bool,
    pub objects: u64,
    pub bytes: u64,
}

/// What S3 asked of a key, and what is under it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Usage {
    pub generated: u64,
    pub decrypted: u64,
    pub saved: u64,
    pub held: Vec<Held>,
}

impl Usage {
    fn of(value: &Value) -> Usage {
        let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_u64).unwrap_or(0);
        let buckets = value.get("Buckets").and_then(Value::as_array).into_iter().flatten();
        Usage {
            generated: number(value, "GenerateDataKey"),
            decrypted: number(value, "Decrypt"),
            saved: number(value, "SavedByBucketKeys"),
            held: buckets
                .map(|held| Held {
                    bucket: text(held, "/Bucket"),
                    default: held.get("Default").and_then(Value::as_bool).unwrap_or(false),
                    objects: number(held, "Objects"),
                    bytes: number(held, "Bytes"),
                })
                .collect(),
        }
    }

    pub fn objects(&self) -> u64 {
        self.held.iter().map(|held| held.objects).sum()
    }
}

/// By key ARN.
pub async fn usage(host: Host, _: ()) -> Result<Vec<(String, Usage)>, ApiError> {
    let response = host.call("sluice", "GetKmsUsage", json!({})).await?;
    let keys = response.get("Keys").and_then(Value::as_array).into_iter().flatten();
    Ok(keys.map(|key| (text(key, "/KeyArn"), Usage::of(key))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_alias() {
        let metadata = json!({"KeyId": "1", "Arn": "arn:aws:kms:eu-west-1:1:key/1", "KeyState": "Enabled", "KeyManager": "CUSTOMER"});
        let aliases = [
            json!({"AliasName": "alias/lake", "TargetKeyId": "1"}),
            json!({"AliasName": "alias/other", "TargetKeyId": "2"}),
        ];
        let key = Key::of(&metadata, &aliases);
        assert_eq!((key.name().as_str(), key.is_enabled(), key.is_aws), ("lake", true, false));
        assert_eq!(Key::of(&metadata, &[]).name(), "1");
    }

    #[test]
    fn usage_is_read_leniently() {
        let usage = Usage::of(&json!({"Decrypt": 3, "Buckets": [{"Bucket": "a", "Objects": 2}, {"Bucket": "b", "Default": true}]}));
        assert_eq!((usage.decrypted, usage.generated, usage.objects()), (3, 0, 2));
        assert!(usage.held[1].default);
        assert_eq!(Usage::of(&Value::Null), Usage::default());
    }
}
