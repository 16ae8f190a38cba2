use alloc::format;
use alloc::string::{String, ToString};

use serde_json::{Map, Value, json};

use super::Iam;
use super::entity::Entity;
use crate::account::paging::Paging;
use crate::account::params::{BOOLEAN, Member, NAME, Shape, TEXT, optional, required};
use crate::account::{ApiError, Params};
use crate::gather::object;
use crate::sim::{Rng, SimTime};

pub(super) type Response = Result<Map<String, Value>, ApiError>;

const TAGS: Shape = Shape::List {
    of: &Shape::Structure(&[required("Key", NAME), required("Value", TEXT)]),
    min: 0,
};
const PAGE_SIZE: Shape = Shape::Integer { min: Some(1) };
const ARN: Shape = Shape::Text { min: 20 };
const CREATE_ROLE: &[Member] = &[
    optional("Path", NAME),
    required("RoleName", NAME),
    required("AssumeRolePolicyDocument", NAME),
    optional("Description", TEXT),
    optional("MaxSessionDuration", Shape::Integer { min: Some(3_600) }),
    optional("PermissionsBoundary", ARN),
    optional("Tags", TAGS),
];
const ROLE: &[Member] = &[required("RoleName", NAME)];
const LIST: &[Member] = &[optional("PathPrefix", NAME), optional("Marker", NAME), optional("MaxItems", PAGE_SIZE)];
const UPDATE_TRUST: &[Member] = &[required("RoleName", NAME), required("PolicyDocument", NAME)];
const CREATE_USER: &[Member] = &[
    optional("Path", NAME),
    required("UserName", NAME),
    optional("PermissionsBoundary", ARN),
    optional("Tags", TAGS),
];
const GET_USER: &[Member] = &[optional("UserName", NAME)];
const USER: &[Member] = &[required("UserName", NAME)];
const CREATE_POLICY: &[Member] = &[
    required("PolicyName", NAME),
    optional("Path", NAME),
    required("PolicyDocument", NAME),
    optional("Description", TEXT),
    optional("Tags", TAGS),
];
const POLICY: &[Member] = &[required("PolicyArn", ARN)];
const POLICY_VERSION: &[Member] = &[required("PolicyArn", ARN), required("VersionId", TEXT)];
const CREATE_POLICY_VERSION: &[Member] = &[required("PolicyArn", ARN), required("PolicyDocument", NAME), optional("SetAsDefault", BOOLEAN)];
const LIST_POLICY_VERSIONS: &[Member] = &[required("PolicyArn", ARN), optional("Marker", NAME), optional("MaxItems", PAGE_SIZE)];
const LIST_POLICIES: &[Member] = &[
    optional("Scope", TEXT),
    optional("OnlyAttached", BOOLEAN),
    optional("PathPrefix", NAME),
    optional("PolicyUsageFilter", TEXT),
    optional("Marker", NAME),
    optional("MaxItems", PAGE_SIZE),
];
const ENTITIES: &[Member] = &[
    required("PolicyArn", ARN),
    optional("EntityFilter", TEXT),
    optional("PathPrefix", NAME),
    optional("PolicyUsageFilter", TEXT),
    optional("Marker", NAME),
    optional("MaxItems", PAGE_SIZE),
];

impl Iam {
    /// Whether the operation changes nothing. Unknown operations: false.
    pub fn is_read(operation: &str) -> bool {
        matches!(
            operation,
            "GetRole"
                | "GetRolePolicy"
                | "ListAttachedRolePolicies"
                | "ListRolePolicies"
                | "ListRoles"
                | "GetUser"
                | "GetUserPolicy"
                | "ListAttachedUserPolicies"
                | "ListUserPolicies"
                | "ListUsers"
                | "GetPolicy"
                | "GetPolicyVersion"
                | "ListPolicyVersions"
                | "ListPolicies"
                | "ListEntitiesForPolicy"
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
            "ListRoles" => self.list_roles(&check(LIST)?),
            "DeleteRole" => self.delete_role(&check(ROLE)?),
            "UpdateAssumeRolePolicy" => self.update_assume_role_policy(&check(UPDATE_TRUST)?),
            "CreateUser" => self.create_user(now, rng, &check(CREATE_USER)?),
            "GetUser" => self.get_user(&check(GET_USER)?),
            "ListUsers" => self.list_users(&check(LIST)?),
            "DeleteUser" => self.delete_user(&check(USER)?),
            "CreatePolicy" => self.create_policy(now, rng, &check(CREATE_POLICY)?),
            "GetPolicy" => self.get_policy(&check(POLICY)?),
            "GetPolicyVersion" => self.get_policy_version(&check(POLICY_VERSION)?),
            "ListPolicies" => self.list_policies(&check(LIST_POLICIES)?),
            "ListPolicyVersions" => self.list_policy_versions(&check(LIST_POLICY_VERSIONS)?),
            "CreatePolicyVersion" => self.create_policy_version(now, &check(CREATE_POLICY_VERSION)?),
            "SetDefaultPolicyVersion" => self.set_default_policy_version(now, &check(POLICY_VERSION)?),
            "DeletePolicyVersion" => self.delete_policy_version(&check(POLICY_VERSION)?),
            "DeletePolicy" => self.delete_policy(&check(POLICY)?),
            "ListEntitiesForPolicy" => self.list_entities_for_policy(&check(ENTITIES)?),
            _ => self.entity_policies(operation, params),
        }
    }

    /// The operations that users and roles have alike.
    fn entity_policies(&mut self, operation: &str, params: &Value) -> Response {
        let entity = if operation.contains("User") { Entity::User } else { Entity::Role };
        let check = |members| Params::check(params, members);
        match operation {
            "PutRolePolicy" | "PutUserPolicy" => self.put_inline(entity, &check(entity.put_members())?),
            "GetRolePolicy" | "GetUserPolicy" => self.get_inline(entity, &check(entity.policy_members())?),
            "DeleteRolePolicy" | "DeleteUserPolicy" => self.delete_inline(entity, &check(entity.policy_members())?),
            "ListRolePolicies" | "ListUserPolicies" => self.list_inline(entity, &check(entity.list_members())?),
            "AttachRolePolicy" | "AttachUserPolicy" => self.attach(entity, &check(entity.attach_members())?),
            "DetachRolePolicy" | "DetachUserPolicy" => self.detach(entity, &check(entity.attach_members())?),
            "ListAttachedRolePolicies" | "ListAttachedUserPolicies" => self.list_attached(entity, &check(entity.list_attached_members())?),
            _ => Err(ApiError::new(
                "NotImplemented",
                format!("Sluice does not do iam:{operation} yet, or IAM has no such operation."),
            )),
        }
    }
}

pub(super) fn one(name: &str, value: Value) -> Map<String, Value> {
    object([(name.to_string(), value)])
}

const PAGING: Paging = Paging {
    limit: "MaxItems",
    truncated: "IsTruncated",
    next: "Marker",
};

/// A page of at most `MaxItems` (100) entries after `Marker`; entries come by an ordered id, which the marker holds.
pub(super) fn page<'a>(params: &Params<'_>, name: &str, entries: impl Iterator<Item = (&'a str, Value)>) -> Response {
    PAGING.page(params, name, 100, entries)
}

/// SDKs and the CLI show a policy document as the JSON that it is.
pub(super) fn document_value(document: &str) -> Value {
    serde_json::from_str(document).unwrap_or_else(|_| json!(document))
}

pub(super) fn no_such_role(name: &str) -> ApiError {
    ApiError::new("NoSuchEntity", format!("The role with name {name} cannot be found."))
}

pub(super) fn no_such_user(name: &str) -> ApiError {
    ApiError::new("NoSuchEntity", format!("The user with name {name} cannot be found."))
}

/// The size of policy documents together, white space aside. Error: `LimitExceeded` with `message`.
pub(super) fn check_policy_size<'a>(documents: impl IntoIterator<Item = &'a str>, max: usize, message: &str) -> Result<(), ApiError> {
    let size: usize = documents.into_iter().map(|text| text.chars().filter(|c| !c.is_whitespace()).count()).sum();
    if size > max {
        return Err(ApiError::new("LimitExceeded", message).with_help(format!("There are {size} characters, white space aside.")));
    }
    Ok(())
}

pub(super) fn validation_error(value: &str, member: &str, constraint: &str) -> ApiError {
    ApiError::new(
        "ValidationError",
        format!("1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"),
    )
}

pub(super) fn check_length(member: &str, text: &str, max: usize) -> Result<(), ApiError> {
    if text.chars().count() > max {
        return Err(validation_error(text, member, &format!("Member must have length less than or equal to {max}")));
    }
    Ok(())
}

/// `[\w+=,.@-]+`.
pub(super) fn check_name(member: &str, name: &str, max: usize) -> Result<(), ApiError> {
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
pub(super) fn check_path(path: &str) -> Result<(), ApiError> {
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
