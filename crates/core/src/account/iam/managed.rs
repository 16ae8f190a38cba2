//! Managed policies: the account's own, and AWS's.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::aws_managed;
use super::commands::{Response, check_length, check_name, check_path, check_policy_size, document_value, one, page};
use super::state::{PolicyVersion, unique_id};
use super::{Iam, ManagedPolicy, Permissions};
use crate::access::{Policy, PolicyKind};
use crate::account::{ApiError, Params};
use crate::sim::{Rng, SimTime};

/// Characters of a managed policy, white space aside ("IAM and AWS STS quotas").
const POLICY_SIZE: usize = 6_144;
/// Customer managed policies an account (same page, default).
const POLICY_QUOTA: usize = 1_500;
/// Versions that a managed policy keeps at most (same page).
const VERSIONS: usize = 5;

/// The name in `arn:aws:iam::<account or aws>:policy/<path>/<name>`. Error: `InvalidInput`.
pub(super) fn policy_name(arn: &str) -> Result<&str, ApiError> {
    let name = || {
        let rest = arn.strip_prefix("arn:")?;
        let (partition, rest) = rest.split_once(":iam::")?;
        let (owner, rest) = rest.split_once(":policy/")?;
        let owned = owner == "aws" || owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit());
        let name = rest.rsplit('/').next()?;
        (partition.starts_with("aws") && owned && !name.is_empty()).then_some(name)
    };
    name().ok_or_else(|| {
        ApiError::new("InvalidInput", format!("ARN {arn} is not valid."))
            .with_help("A managed policy is arn:aws:iam::aws:policy/NAME or arn:aws:iam::ACCOUNT:policy/NAME.")
    })
}

pub(super) fn not_attachable(arn: &str) -> ApiError {
    let known: Vec<String> = aws_managed::all().iter().map(|policy| policy.name().to_string()).collect();
    ApiError::new("NoSuchEntity", format!("Policy {arn} does not exist or is not attachable."))
        .with_help(format!("Of AWS's own policies this account knows {}.", known.join(", ")))
}

fn not_found(arn: &str) -> ApiError {
    ApiError::new("NoSuchEntity", format!("Policy {arn} was not found."))
}

impl Iam {
    pub(super) fn create_policy(&mut self, now: SimTime, rng: &mut Rng, params: &Params<'_>) -> Response {
        let name = params.required_text("PolicyName")?;
        check_name("policyName", name, 128)?;
        let path = params.text("Path").unwrap_or("/");
        check_path(path)?;
        let document = params.required_text("PolicyDocument")?;
        let description = params.text("Description");
        if let Some(text) = description {
            check_length("description", text, 1_000)?;
        }
        if params.has("Tags") {
            return Err(ApiError::new("NotImplemented", "Sluice does not do iam:CreatePolicy with Tags yet."));
        }
        Policy::parse(document, PolicyKind::Managed)?;
        check_policy_size([document], POLICY_SIZE, &format!("Cannot exceed quota for PolicySize: {POLICY_SIZE}"))?;
        // Names are unique in the account, whatever the path.
        if self.policies.values().any(|policy| policy.name.eq_ignore_ascii_case(name)) {
            return Err(ApiError::new(
                "EntityAlreadyExists",
                format!("A policy called {name} already exists. Duplicate names are not allowed."),
            ));
        }
        if self.policies.len() >= POLICY_QUOTA {
            return Err(ApiError::new(
                "LimitExceeded",
                format!("Cannot exceed quota for PoliciesPerAccount: {POLICY_QUOTA}"),
            ));
        }
        let arn = format!("arn:aws:iam::{}:policy{path}{name}", self.account_id);
        let policy = ManagedPolicy {
            name: name.to_string(),
            path: path.to_string(),
            id: unique_id("ANPA", rng),
            created: now,
            description: description.map(ToString::to_string),
            document: document.to_string(),
            versions: BTreeMap::new(),
            default_version: 0,
            numbered: 0,
            updated: None,
        };
        let shown = shown(&arn, &policy, 0, false);
        self.policies.insert(arn, policy);
        Ok(one("Policy", shown))
    }

    pub(super) fn get_policy(&self, params: &Params<'_>) -> Response {
        let arn = params.required_text("PolicyArn")?;
        policy_name(arn)?;
        let shown = match self.policies.get(arn) {
            Some(policy) => shown(arn, policy, self.attachments(arn), true),
            None => aws_managed::find(arn).ok_or_else(|| not_found(arn))?.shown(self.attachments(arn), true),
        };
        Ok(one("Policy", shown))
    }

    pub(super) fn get_policy_version(&self, params: &Params<'_>) -> Response {
        let arn = params.required_text("PolicyArn")?;
        policy_name(arn)?;
        let version = params.required_text("VersionId")?;
        let shown = match self.policies.get(arn) {
            Some(policy) => {
                let found = number_of(version).and_then(|number| policy.all().into_iter().find(|(own, _)| *own == number));
                found.map(|(number, found)| policy.shown_version(number, &found, true))
            }
            None => {
                let policy = aws_managed::find(arn).ok_or_else(|| not_found(arn))?;
                let current = policy.version().to_string();
                (version == current)
                    .then(|| json!({"Document": policy.document(), "VersionId": current, "IsDefaultVersion": true, "CreateDate": policy.updated().to_string()}))
            }
        };
        shown.map(|shown| one("PolicyVersion", shown)).ok_or_else(|| no_version(arn, version))
    }

    /// Newest first.
    pub(super) fn list_policy_versions(&self, params: &Params<'_>) -> Response {
        let arn = params.required_text("PolicyArn")?;
        policy_name(arn)?;
        let versions: Vec<(String, Value)> = match self.policies.get(arn) {
            Some(policy) => {
                let all = policy.all().into_iter().rev();
                all.map(|(number, version)| (format!("v{number}"), policy.shown_version(number, &version, false)))
                    .collect()
            }
            None => {
                let policy = aws_managed::find(arn).ok_or_else(|| not_found(arn))?;
                let id = policy.version().to_string();
                let shown = json!({"VersionId": id, "IsDefaultVersion": true, "CreateDate": policy.updated().to_string()});
                Vec::from([(id, shown)])
            }
        };
        page(params, "Versions", versions.iter().map(|(id, value)| (id.as_str(), value.clone())))
    }

    /// Errors: `LimitExceeded` for a sixth, `MalformedPolicyDocument`, `NoSuchEntity`.
    pub(super) fn create_policy_version(&mut self, now: SimTime, params: &Params<'_>) -> Response {
        let arn = params.required_text("PolicyArn")?;
        policy_name(arn)?;
        let document = params.required_text("PolicyDocument")?;
        Policy::parse(document, PolicyKind::Managed)?;
        check_policy_size([document], POLICY_SIZE, &format!("Cannot exceed quota for PolicySize: {POLICY_SIZE}"))?;
        let policy = self.policies.get_mut(arn).ok_or_else(|| not_found(arn))?;
        let mut all = policy.all();
        if all.len() >= VERSIONS {
            return Err(ApiError::new(
                "LimitExceeded",
                format!("A managed policy can have up to {VERSIONS} versions. Before you create a new version, you must delete an existing version."),
            ));
        }
        let number = policy.numbered.max(1).saturating_add(1);
        let version = PolicyVersion {
            created: now,
            document: document.to_string(),
        };
        all.insert(number, version.clone());
        (policy.versions, policy.numbered, policy.updated) = (all, number, Some(now));
        if params.boolean("SetAsDefault").unwrap_or(false) {
            policy.choose(number, &version);
        }
        Ok(one("PolicyVersion", policy.shown_version(number, &version, false)))
    }

    pub(super) fn set_default_policy_version(&mut self, now: SimTime, params: &Params<'_>) -> Response {
        let (arn, id) = (params.required_text("PolicyArn")?, params.required_text("VersionId")?);
        policy_name(arn)?;
        let policy = self.policies.get_mut(arn).ok_or_else(|| not_found(arn))?;
        let found = number_of(id).and_then(|number| policy.all().remove_entry(&number));
        let (number, version) = found.ok_or_else(|| no_version(arn, id))?;
        policy.choose(number, &version);
        policy.updated = Some(now);
        Ok(Map::new())
    }

    /// Errors: `DeleteConflict` for the default version, `NoSuchEntity`.
    pub(super) fn delete_policy_version(&mut self, params: &Params<'_>) -> Response {
        let (arn, id) = (params.required_text("PolicyArn")?, params.required_text("VersionId")?);
        policy_name(arn)?;
        let policy = self.policies.get_mut(arn).ok_or_else(|| not_found(arn))?;
        let mut all = policy.all();
        let number = number_of(id).filter(|number| all.contains_key(number)).ok_or_else(|| no_version(arn, id))?;
        if number == policy.default_number() {
            return Err(ApiError::new("DeleteConflict", "Cannot delete the default version of a policy."));
        }
        all.remove(&number);
        policy.versions = all;
        Ok(Map::new())
    }

    /// Newest first in AWS; here by ARN, the account's own after AWS's.
    pub(super) fn list_policies(&self, params: &Params<'_>) -> Response {
        let scope = params.text("Scope").unwrap_or("All");
        let only_attached = params.boolean("OnlyAttached").unwrap_or(false);
        let prefix = params.text("PathPrefix").unwrap_or("/");
        let mut found: Vec<(String, Value)> = Vec::new();
        if scope != "Local" {
            let policies = aws_managed::all().into_iter().filter(|policy| policy.path().starts_with(prefix));
            found.extend(policies.map(|policy| {
                let shown = policy.shown(self.attachments(&policy.arn), false);
                (policy.arn, shown)
            }));
        }
        if scope != "AWS" {
            let policies = self.policies.iter().filter(|(_, policy)| policy.path.starts_with(prefix));
            found.extend(policies.map(|(arn, policy)| (arn.clone(), shown(arn, policy, self.attachments(arn), false))));
        }
        found.retain(|(arn, _)| !only_attached || self.attachments(arn) > 0);
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        page(params, "Policies", found.iter().map(|(arn, value)| (arn.as_str(), value.clone())))
    }

    pub(super) fn delete_policy(&mut self, params: &Params<'_>) -> Response {
        let arn = params.required_text("PolicyArn")?;
        policy_name(arn)?;
        if !self.policies.contains_key(arn) {
            return Err(not_found(arn));
        }
        if self.attachments(arn) > 0 {
            return Err(ApiError::new("DeleteConflict", "Cannot delete a policy attached to entities."));
        }
        if self.policies.get(arn).is_some_and(|policy| policy.all().len() > 1) {
            return Err(ApiError::new(
                "DeleteConflict",
                "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
            ));
        }
        self.policies.remove(arn);
        Ok(Map::new())
    }

    pub(super) fn list_entities_for_policy(&self, params: &Params<'_>) -> Response {
        let arn = params.required_text("PolicyArn")?;
        policy_name(arn)?;
        self.document(arn).ok_or_else(|| not_found(arn))?;
        let has = |permissions: &Permissions| permissions.attached.contains_key(arn);
        let users = self.users.values().filter(|user| has(&user.permissions));
        let roles = self.roles.values().filter(|role| has(&role.permissions));
        let mut response = one("PolicyGroups", json!([]));
        let users: Vec<Value> = users.map(|user| json!({"UserName": user.name, "UserId": user.id})).collect();
        let roles: Vec<Value> = roles.map(|role| json!({"RoleName": role.name, "RoleId": role.id})).collect();
        response.insert("PolicyUsers".to_string(), Value::Array(users));
        response.insert("PolicyRoles".to_string(), Value::Array(roles));
        response.insert("IsTruncated".to_string(), json!(false));
        Ok(response)
    }

    fn attachments(&self, arn: &str) -> usize {
        let users = self.users.values().map(|user| &user.permissions);
        let roles = self.roles.values().map(|role| &role.permissions);
        users.chain(roles).filter(|permissions| permissions.attached.contains_key(arn)).count()
    }
}

fn no_version(arn: &str, version: &str) -> ApiError {
    ApiError::new("NoSuchEntity", format!("Policy {arn} version {version} does not exist or is not attachable."))
}

/// The number in `v3`.
fn number_of(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.parse().ok()
}

/// A version of a policy, for an export.
pub struct VersionOf {
    pub number: u32,
    pub is_default: bool,
    pub document: String,
}

impl ManagedPolicy {
    /// Every version that is there, the oldest first.
    pub fn versions(&self) -> Vec<VersionOf> {
        let of = |(number, version): (u32, PolicyVersion)| VersionOf {
            number,
            is_default: number == self.default_number(),
            document: version.document,
        };
        self.all().into_iter().map(of).collect()
    }

    fn default_number(&self) -> u32 {
        self.default_version.max(1)
    }

    /// Every version by its number.
    fn all(&self) -> BTreeMap<u32, PolicyVersion> {
        if !self.versions.is_empty() {
            return self.versions.clone();
        }
        let first = PolicyVersion {
            created: self.created,
            document: self.document.clone(),
        };
        BTreeMap::from([(self.default_number(), first)])
    }

    fn choose(&mut self, number: u32, version: &PolicyVersion) {
        self.default_version = number;
        self.document.clone_from(&version.document);
    }

    fn shown_version(&self, number: u32, version: &PolicyVersion, whole: bool) -> Value {
        let mut shown = json!({
            "VersionId": format!("v{number}"),
            "IsDefaultVersion": number == self.default_number(),
            "CreateDate": version.created.whole_second().to_string(),
        });
        if whole {
            shown["Document"] = document_value(&version.document);
        }
        shown
    }
}

fn shown(arn: &str, policy: &ManagedPolicy, attached: usize, whole: bool) -> Value {
    let created = policy.created.whole_second().to_string();
    let mut shown = json!({
        "PolicyName": policy.name,
        "PolicyId": policy.id,
        "Arn": arn,
        "Path": policy.path,
        "DefaultVersionId": format!("v{}", policy.default_number()),
        "AttachmentCount": attached,
        "PermissionsBoundaryUsageCount": 0,
        "IsAttachable": true,
        "CreateDate": created,
        "UpdateDate": policy.updated.unwrap_or(policy.created).whole_second().to_string(),
    });
    if let (Some(description), true) = (&policy.description, whole) {
        shown["Description"] = json!(description);
    }
    shown
}
