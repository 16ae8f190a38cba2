//! Inline and attached policies, the same for users and roles: `PutUserPolicy` and `PutRolePolicy` differ in a name.

use alloc::format;
use alloc::string::ToString;

use serde_json::{Map, json};

use super::Iam;
use super::commands::{Response, check_name, check_policy_size, document_value, no_such_role, no_such_user, one, page};
use super::state::Permissions;
use crate::access::{Policy, PolicyKind};
use crate::account::params::{Member, NAME, Shape, optional, required};
use crate::account::{ApiError, Params};

/// Managed policies a user or role ("IAM and AWS STS quotas", default).
const ATTACHED_QUOTA: usize = 10;

/// Whose policies an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entity {
    User,
    Role,
}

const PAGE_SIZE: Shape = Shape::Integer { min: Some(1) };
const ARN: Shape = Shape::Text { min: 20 };

type Operation = (&'static [Member], &'static [Member], &'static [Member], &'static [Member], &'static [Member]);

const USER: Operation = (
    &[required("UserName", NAME), required("PolicyName", NAME), required("PolicyDocument", NAME)],
    &[required("UserName", NAME), required("PolicyName", NAME)],
    &[required("UserName", NAME), optional("Marker", NAME), optional("MaxItems", PAGE_SIZE)],
    &[required("UserName", NAME), required("PolicyArn", ARN)],
    &[
        required("UserName", NAME),
        optional("PathPrefix", NAME),
        optional("Marker", NAME),
        optional("MaxItems", PAGE_SIZE),
    ],
);
const ROLE: Operation = (
    &[required("RoleName", NAME), required("PolicyName", NAME), required("PolicyDocument", NAME)],
    &[required("RoleName", NAME), required("PolicyName", NAME)],
    &[required("RoleName", NAME), optional("Marker", NAME), optional("MaxItems", PAGE_SIZE)],
    &[required("RoleName", NAME), required("PolicyArn", ARN)],
    &[
        required("RoleName", NAME),
        optional("PathPrefix", NAME),
        optional("Marker", NAME),
        optional("MaxItems", PAGE_SIZE),
    ],
);

impl Entity {
    pub const fn name_member(self) -> &'static str {
        match self {
            Entity::User => "UserName",
            Entity::Role => "RoleName",
        }
    }

    const fn noun(self) -> &'static str {
        match self {
            Entity::User => "user",
            Entity::Role => "role",
        }
    }

    const fn operation(self) -> Operation {
        match self {
            Entity::User => USER,
            Entity::Role => ROLE,
        }
    }

    pub const fn put_members(self) -> &'static [Member] {
        self.operation().0
    }

    pub const fn policy_members(self) -> &'static [Member] {
        self.operation().1
    }

    pub const fn list_members(self) -> &'static [Member] {
        self.operation().2
    }

    pub const fn attach_members(self) -> &'static [Member] {
        self.operation().3
    }

    pub const fn list_attached_members(self) -> &'static [Member] {
        self.operation().4
    }

    /// Characters of all inline policies together, white space aside ("IAM and AWS STS quotas").
    const fn inline_quota(self) -> usize {
        match self {
            Entity::User => 2_048,
            Entity::Role => 10_240,
        }
    }

    fn no_such_policy(self, name: &str) -> ApiError {
        ApiError::new("NoSuchEntity", format!("The {} policy with name {name} cannot be found.", self.noun()))
    }
}

impl Iam {
    /// Name and permissions of the user or role that a request names. Error: `NoSuchEntity`.
    pub(super) fn entity(&self, entity: Entity, params: &Params<'_>) -> Result<(&str, &Permissions), ApiError> {
        let name = params.required_text(entity.name_member())?;
        let id = name.to_ascii_lowercase();
        match entity {
            Entity::User => self
                .users
                .get(&id)
                .map(|user| (user.name.as_str(), &user.permissions))
                .ok_or_else(|| no_such_user(name)),
            Entity::Role => self
                .roles
                .get(&id)
                .map(|role| (role.name.as_str(), &role.permissions))
                .ok_or_else(|| no_such_role(name)),
        }
    }

    fn entity_mut(&mut self, entity: Entity, params: &Params<'_>) -> Result<&mut Permissions, ApiError> {
        let name = params.required_text(entity.name_member())?;
        let id = name.to_ascii_lowercase();
        match entity {
            Entity::User => self.users.get_mut(&id).map(|user| &mut user.permissions).ok_or_else(|| no_such_user(name)),
            Entity::Role => self.roles.get_mut(&id).map(|role| &mut role.permissions).ok_or_else(|| no_such_role(name)),
        }
    }

    pub(super) fn put_inline(&mut self, entity: Entity, params: &Params<'_>) -> Response {
        let policy = params.required_text("PolicyName")?;
        check_name("policyName", policy, 128)?;
        let document = params.required_text("PolicyDocument")?;
        let (name, permissions) = self.entity(entity, params)?;
        Policy::parse(document, PolicyKind::Inline)?;
        let others = permissions.inline.iter().filter(|(other, _)| *other != policy).map(|(_, text)| text.as_str());
        check_policy_size(
            others.chain([document]),
            entity.inline_quota(),
            &format!("Maximum policy size of {} bytes exceeded for {} {name}", entity.inline_quota(), entity.noun()),
        )?;
        self.entity_mut(entity, params)?.inline.insert(policy.to_string(), document.to_string());
        Ok(Map::new())
    }

    pub(super) fn get_inline(&self, entity: Entity, params: &Params<'_>) -> Response {
        let (name, permissions) = self.entity(entity, params)?;
        let policy = params.required_text("PolicyName")?;
        let document = permissions.inline.get(policy).ok_or_else(|| entity.no_such_policy(policy))?;
        let mut response = one(entity.name_member(), json!(name));
        response.insert("PolicyName".to_string(), json!(policy));
        response.insert("PolicyDocument".to_string(), document_value(document));
        Ok(response)
    }

    pub(super) fn delete_inline(&mut self, entity: Entity, params: &Params<'_>) -> Response {
        let policy = params.required_text("PolicyName")?;
        let removed = self.entity_mut(entity, params)?.inline.remove(policy);
        removed.map(|_| Map::new()).ok_or_else(|| entity.no_such_policy(policy))
    }

    pub(super) fn list_inline(&self, entity: Entity, params: &Params<'_>) -> Response {
        let (_, permissions) = self.entity(entity, params)?;
        page(params, "PolicyNames", permissions.inline.keys().map(|name| (name.as_str(), json!(name))))
    }

    /// Error: `NoSuchEntity` for a policy that neither the account nor, as far as is known here, AWS has.
    pub(super) fn attach(&mut self, entity: Entity, params: &Params<'_>) -> Response {
        let arn = params.required_text("PolicyArn")?;
        let name = super::managed::policy_name(arn)?.to_string();
        let known = self.document(arn).is_some();
        let permissions = self.entity_mut(entity, params)?;
        if !known {
            return Err(super::managed::not_attachable(arn));
        }
        if permissions.attached.len() >= ATTACHED_QUOTA && !permissions.attached.contains_key(arn) {
            let quota = match entity {
                Entity::User => "PoliciesPerUser",
                Entity::Role => "PoliciesPerRole",
            };
            return Err(ApiError::new("LimitExceeded", format!("Cannot exceed quota for {quota}: {ATTACHED_QUOTA}")));
        }
        permissions.attached.insert(arn.to_string(), name);
        Ok(Map::new())
    }

    pub(super) fn detach(&mut self, entity: Entity, params: &Params<'_>) -> Response {
        let arn = params.required_text("PolicyArn")?;
        let detached = self.entity_mut(entity, params)?.attached.remove(arn);
        detached
            .map(|_| Map::new())
            .ok_or_else(|| ApiError::new("NoSuchEntity", format!("Policy {arn} was not found.")))
    }

    pub(super) fn list_attached(&self, entity: Entity, params: &Params<'_>) -> Response {
        let (_, permissions) = self.entity(entity, params)?;
        let prefix = params.text("PathPrefix").unwrap_or("/");
        let within = |arn: &str| arn.split_once(":policy").is_some_and(|(_, path)| path.starts_with(prefix));
        let policies = permissions.attached.iter().filter(|(arn, _)| within(arn));
        page(
            params,
            "AttachedPolicies",
            policies.map(|(arn, name)| (arn.as_str(), json!({"PolicyName": name, "PolicyArn": arn}))),
        )
    }
}

impl Permissions {
    /// What stands in the way of deleting whom they belong to. Error: `DeleteConflict`.
    pub(super) fn check_empty(&self) -> Result<(), ApiError> {
        if !self.attached.is_empty() {
            return Err(ApiError::new("DeleteConflict", "Cannot delete entity, must detach all policies first."));
        }
        if !self.inline.is_empty() {
            return Err(ApiError::new("DeleteConflict", "Cannot delete entity, must delete policies first."));
        }
        Ok(())
    }
}
