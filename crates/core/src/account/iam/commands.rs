use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value, json};

use super::state::role_id;
use super::{Iam, Role};
use crate::account::params::{Member, NAME, Shape, TEXT, optional, required};
use crate::account::{ApiError, Params};
use crate::sim::{Rng, SimTime};

type Response = Result<Map<String, Value>, ApiError>;

const TAGS: Shape = Shape::List {
    of: &Shape::Structure(&[required("Key", NAME), required("Value", TEXT)]),
    min: 0,
};
const PAGE_SIZE: Shape = Shape::Integer { min: Some(1) };
const CREATE_ROLE: &[Member] = &[
    optional("Path", NAME),
    required("RoleName", NAME),
    required("AssumeRolePolicyDocument", NAME),
    optional("Description", TEXT),
    optional("MaxSessionDuration", Shape::Integer { min: Some(3_600) }),
    optional("PermissionsBoundary", Shape::Text { min: 20 }),
    optional("Tags", TAGS),
];
const ROLE: &[Member] = &[required("RoleName", NAME)];
const LIST_ROLES: &[Member] = &[optional("PathPrefix", NAME), optional("Marker", NAME), optional("MaxItems", PAGE_SIZE)];
const PUT_POLICY: &[Member] = &[required("RoleName", NAME), required("PolicyName", NAME), required("PolicyDocument", NAME)];
const POLICY: &[Member] = &[required("RoleName", NAME), required("PolicyName", NAME)];
const LIST_POLICIES: &[Member] = &[required("RoleName", NAME), optional("Marker", NAME), optional("MaxItems", PAGE_SIZE)];
const ATTACH: &[Member] = &[required("RoleName", NAME), required("PolicyArn", Shape::Text { min: 20 })];
const LIST_ATTACHED: &[Member] = &[
    required("RoleName", NAME),
    optional("PathPrefix", NAME),
    optional("Marker", NAME),
    optional("MaxItems", PAGE_SIZE),
];

/// Managed policies a role ("IAM and AWS STS quotas", default).
const ATTACHED_QUOTA: usize = 10;

impl Iam {
    /// Whether the operation changes nothing. Unknown operations: false.
    pub fn is_read(operation: &str) -> bool {
        matches!(
            operation,
            "GetRole" | "GetRolePolicy" | "ListAttachedRolePolicies" | "ListRolePolicies" | "ListRoles"
        )
    }

    /// Applies one operation. `rng` gives new ids.
    ///
    /// Errors, codes as IAM's query API answers them: `EntityAlreadyExists`, `NoSuchEntity`, `MalformedPolicyDocument`, `DeleteConflict`, `LimitExceeded`,
    /// `ValidationError`, `InvalidInput`; `ParamValidation`; `NotImplemented` naming the operation.
    pub fn call(&mut self, now: SimTime, rng: &mut Rng, operation: &str, params: &Value) -> Response {
        let check = |members| Params::check(params, members);
        match operation {
            "CreateRole" => self.create_role(now, rng, &check(CREATE_ROLE)?),
            "GetRole" => self.get_role(&check(ROLE)?),
            "ListRoles" => self.list_roles(&check(LIST_ROLES)?),
            "DeleteRole" => self.delete_role(&check(ROLE)?),
            "PutRolePolicy" => self.put_role_policy(&check(PUT_POLICY)?),
            "GetRolePolicy" => self.get_role_policy(&check(POLICY)?),
            "DeleteRolePolicy" => self.delete_role_policy(&check(POLICY)?),
            "ListRolePolicies" => self.list_role_policies(&check(LIST_POLICIES)?),
            "AttachRolePolicy" => self.attach_role_policy(&check(ATTACH)?),
            "DetachRolePolicy" => self.detach_role_policy(&check(ATTACH)?),
            "ListAttachedRolePolicies" => self.list_attached_role_policies(&check(LIST_ATTACHED)?),
            _ => Err(ApiError::new(
                "NotImplemented",
                format!("Sluice does not do iam:{operation} yet, or IAM has no such operation."),
            )),
        }
    }

    fn create_role(&mut self, now: SimTime, rng: &mut Rng, params: &Params<'_>) -> Response {
        let name = params.required_text("RoleName")?;
        check_name("roleName", name, 64)?;
        let path = params.text("Path").unwrap_or("/");
        check_path(path)?;
        let trust_policy = params.required_text("AssumeRolePolicyDocument")?;
        check_policy(trust_policy)?;
        let description = params.text("Description");
        if let Some(text) = description {
            check_length("description", text, 1_000)?;
        }
        let max_session = params.integer("MaxSessionDuration").unwrap_or(3_600);
        if max_session > 43_200 {
            return Err(validation_error(
                &max_session.to_string(),
                "maxSessionDuration",
                "Member must have value less than or equal to 43200",
            ));
        }
        for member in ["PermissionsBoundary", "Tags"] {
            if params.has(member) {
                return Err(ApiError::new("NotImplemented", format!("Sluice does not do iam:CreateRole with {member} yet.")));
            }
        }
        let id = name.to_ascii_lowercase();
        if self.roles.contains_key(&id) {
            return Err(ApiError::new("EntityAlreadyExists", format!("Role with name {name} already exists.")));
        }
        let role = Role {
            name: name.to_string(),
            path: path.to_string(),
            id: role_id(rng),
            created: now,
            trust_policy: trust_policy.to_string(),
            description: description.map(ToString::to_string),
            max_session,
            inline: Default::default(),
            attached: Default::default(),
        };
        let shown = self.shown(&role, true);
        self.roles.insert(id, role);
        Ok(one("Role", shown))
    }

    fn get_role(&self, params: &Params<'_>) -> Response {
        let role = self.named(params)?;
        Ok(one("Role", self.shown(role, true)))
    }

    fn list_roles(&self, params: &Params<'_>) -> Response {
        let prefix = params.text("PathPrefix").unwrap_or("/");
        let roles = self.roles.iter().filter(|(_, role)| role.path.starts_with(prefix));
        page(params, "Roles", roles.map(|(id, role)| (id.as_str(), self.shown(role, false))))
    }

    fn delete_role(&mut self, params: &Params<'_>) -> Response {
        let role = self.named(params)?;
        if !role.attached.is_empty() {
            return Err(ApiError::new("DeleteConflict", "Cannot delete entity, must detach all policies first."));
        }
        if !role.inline.is_empty() {
            return Err(ApiError::new("DeleteConflict", "Cannot delete entity, must delete policies first."));
        }
        let id = role.name.to_ascii_lowercase();
        self.roles.remove(&id);
        Ok(Map::new())
    }

    fn put_role_policy(&mut self, params: &Params<'_>) -> Response {
        let policy = params.required_text("PolicyName")?;
        check_name("policyName", policy, 128)?;
        let document = params.required_text("PolicyDocument")?;
        self.named(params)?;
        check_policy(document)?;
        self.named_mut(params)?.inline.insert(policy.to_string(), document.to_string());
        Ok(Map::new())
    }

    fn get_role_policy(&self, params: &Params<'_>) -> Response {
        let role = self.named(params)?;
        let policy = params.required_text("PolicyName")?;
        let document = role.inline.get(policy).ok_or_else(|| no_such_policy(policy))?;
        let mut response = one("RoleName", json!(role.name));
        response.insert("PolicyName".to_string(), json!(policy));
        response.insert("PolicyDocument".to_string(), document_value(document));
        Ok(response)
    }

    fn delete_role_policy(&mut self, params: &Params<'_>) -> Response {
        let policy = params.required_text("PolicyName")?;
        let role = self.named_mut(params)?;
        role.inline.remove(policy).map(|_| Map::new()).ok_or_else(|| no_such_policy(policy))
    }

    fn list_role_policies(&self, params: &Params<'_>) -> Response {
        let role = self.named(params)?;
        page(params, "PolicyNames", role.inline.keys().map(|name| (name.as_str(), json!(name))))
    }

    /// Any well-formed policy ARN is taken: the account has no list of managed policies.
    fn attach_role_policy(&mut self, params: &Params<'_>) -> Response {
        let arn = params.required_text("PolicyArn")?;
        let name = policy_name(arn).ok_or_else(|| {
            ApiError::new("InvalidInput", format!("ARN {arn} is not valid."))
                .with_help("A managed policy is arn:aws:iam::aws:policy/NAME or arn:aws:iam::ACCOUNT:policy/NAME.")
        })?;
        let role = self.named_mut(params)?;
        if role.attached.len() >= ATTACHED_QUOTA && !role.attached.contains_key(arn) {
            return Err(ApiError::new(
                "LimitExceeded",
                format!("Cannot exceed quota for PoliciesPerRole: {ATTACHED_QUOTA}"),
            ));
        }
        role.attached.insert(arn.to_string(), name.to_string());
        Ok(Map::new())
    }

    fn detach_role_policy(&mut self, params: &Params<'_>) -> Response {
        let arn = params.required_text("PolicyArn")?;
        let role = self.named_mut(params)?;
        let detached = role.attached.remove(arn);
        detached
            .map(|_| Map::new())
            .ok_or_else(|| ApiError::new("NoSuchEntity", format!("Policy {arn} was not found.")))
    }

    fn list_attached_role_policies(&self, params: &Params<'_>) -> Response {
        let role = self.named(params)?;
        let policies = role.attached.iter();
        page(
            params,
            "AttachedPolicies",
            policies.map(|(arn, name)| (arn.as_str(), json!({"PolicyName": name, "PolicyArn": arn}))),
        )
    }

    fn named(&self, params: &Params<'_>) -> Result<&Role, ApiError> {
        let name = params.required_text("RoleName")?;
        self.roles.get(&name.to_ascii_lowercase()).ok_or_else(|| no_such_role(name))
    }

    fn named_mut(&mut self, params: &Params<'_>) -> Result<&mut Role, ApiError> {
        let name = params.required_text("RoleName")?;
        self.roles.get_mut(&name.to_ascii_lowercase()).ok_or_else(|| no_such_role(name))
    }

    /// A role as responses show it; ListRoles leaves out what only GetRole tells.
    fn shown(&self, role: &Role, whole: bool) -> Value {
        let mut shown = json!({
            "Path": role.path,
            "RoleName": role.name,
            "RoleId": role.id,
            "Arn": role.arn(&self.account_id),
            "CreateDate": role.created.whole_second().to_string(),
            "AssumeRolePolicyDocument": document_value(&role.trust_policy),
            "MaxSessionDuration": role.max_session,
        });
        if let Some(description) = &role.description {
            shown["Description"] = json!(description);
        }
        if whole {
            shown["RoleLastUsed"] = json!({});
        }
        shown
    }
}

fn one(name: &str, value: Value) -> Map<String, Value> {
    Map::from_iter([(name.to_string(), value)])
}

/// A page of at most `MaxItems` (100) entries after `Marker`; entries come by an ordered id, which the marker holds.
fn page<'a>(params: &Params<'_>, name: &str, entries: impl Iterator<Item = (&'a str, Value)>) -> Response {
    let max = params.integer("MaxItems").map_or(100, |max| max.clamp(1, 1_000) as usize);
    let marker = params.text("Marker");
    let mut entries = entries.filter(|(id, _)| marker.is_none_or(|marker| *id > marker));
    let mut last = String::new();
    let mut shown = Vec::new();
    for (id, value) in entries.by_ref().take(max) {
        last = id.to_string();
        shown.push(value);
    }
    let truncated = entries.next().is_some();
    let mut response = one(name, Value::Array(shown));
    response.insert("IsTruncated".to_string(), json!(truncated));
    if truncated {
        response.insert("Marker".to_string(), json!(last));
    }
    Ok(response)
}

/// SDKs and the CLI show a policy document as the JSON that it is.
fn document_value(document: &str) -> Value {
    serde_json::from_str(document).unwrap_or_else(|_| json!(document))
}

fn no_such_role(name: &str) -> ApiError {
    ApiError::new("NoSuchEntity", format!("The role with name {name} cannot be found."))
}

fn no_such_policy(name: &str) -> ApiError {
    ApiError::new("NoSuchEntity", format!("The role policy with name {name} cannot be found."))
}

fn validation_error(value: &str, member: &str, constraint: &str) -> ApiError {
    ApiError::new(
        "ValidationError",
        format!("1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"),
    )
}

fn check_length(member: &str, text: &str, max: usize) -> Result<(), ApiError> {
    if text.chars().count() > max {
        return Err(validation_error(text, member, &format!("Member must have length less than or equal to {max}")));
    }
    Ok(())
}

/// `[\w+=,.@-]+`.
fn check_name(member: &str, name: &str, max: usize) -> Result<(), ApiError> {
    check_length(member, name, max)?;
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)) {
        return Err(ApiError::new(
            "ValidationError",
            format!("The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"),
        ));
    }
    Ok(())
}

/// `/`, or printable ASCII between slashes, at most 512 characters.
fn check_path(path: &str) -> Result<(), ApiError> {
    check_length("path", path, 512)?;
    let well = path == "/" || path.len() > 2 && path.starts_with('/') && path.ends_with('/');
    if !well || !path.bytes().all(|byte| (0x21..=0x7e).contains(&byte)) {
        return Err(ApiError::new(
            "ValidationError",
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
        ));
    }
    Ok(())
}

/// A policy document is a JSON object with statements; what they say is not read here.
fn check_policy(document: &str) -> Result<(), ApiError> {
    let malformed = |message: &str| Err(ApiError::new("MalformedPolicyDocument", message));
    match serde_json::from_str::<Value>(document) {
        Err(error) => malformed("This policy contains invalid Json").map_err(|refusal: ApiError| refusal.with_help(error.to_string())),
        Ok(Value::Object(map)) => match map.get("Statement") {
            Some(Value::Array(list)) if !list.is_empty() && list.iter().all(Value::is_object) => Ok(()),
            Some(Value::Object(_)) => Ok(()),
            Some(_) => malformed("Syntax errors in policy."),
            None => malformed("Missing required field Statement"),
        },
        Ok(_) => malformed("Syntax errors in policy."),
    }
}

/// The name in `arn:aws:iam::<account or aws>:policy/<path>/<name>`.
fn policy_name(arn: &str) -> Option<&str> {
    let rest = arn.strip_prefix("arn:")?;
    let (partition, rest) = rest.split_once(":iam::")?;
    let (owner, rest) = rest.split_once(":policy/")?;
    let owned = owner == "aws" || owner.len() == 12 && owner.bytes().all(|byte| byte.is_ascii_digit());
    let name = rest.rsplit('/').next()?;
    (partition.starts_with("aws") && owned && !name.is_empty()).then_some(name)
}
