use alloc::format;
use alloc::string::ToString;

use serde_json::{Map, Value, json};

use super::commands::{Response, check_length, check_name, check_path, check_policy_size, document_value, no_such_role, one, page, validation_error};
use super::state::unique_id;
use super::{Iam, Role};
use crate::access::{Policy, PolicyKind};
use crate::account::{ApiError, Params};
use crate::sim::{Rng, SimTime};

/// Characters of a trust policy, white space aside ("IAM and AWS STS quotas", default).
const TRUST_SIZE: usize = 2_048;

impl Iam {
    pub(super) fn create_role(&mut self, now: SimTime, rng: &mut Rng, params: &Params<'_>) -> Response {
        let name = params.required_text("RoleName")?;
        check_name("roleName", name, 64)?;
        let path = params.text("Path").unwrap_or("/");
        check_path(path)?;
        let trust_policy = params.required_text("AssumeRolePolicyDocument")?;
        check_trust(trust_policy)?;
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
            id: unique_id("AROA", rng),
            created: now,
            trust_policy: trust_policy.to_string(),
            description: description.map(ToString::to_string),
            max_session,
            permissions: Default::default(),
        };
        let shown = self.shown(&role, true);
        self.roles.insert(id, role);
        Ok(one("Role", shown))
    }

    pub(super) fn get_role(&self, params: &Params<'_>) -> Response {
        let role = self.named(params)?;
        Ok(one("Role", self.shown(role, true)))
    }

    pub(super) fn list_roles(&self, params: &Params<'_>) -> Response {
        let prefix = params.text("PathPrefix").unwrap_or("/");
        let roles = self.roles.iter().filter(|(_, role)| role.path.starts_with(prefix));
        page(params, "Roles", roles.map(|(id, role)| (id.as_str(), self.shown(role, false))))
    }

    pub(super) fn delete_role(&mut self, params: &Params<'_>) -> Response {
        let role = self.named(params)?;
        role.permissions.check_empty()?;
        let id = role.name.to_ascii_lowercase();
        self.roles.remove(&id);
        Ok(Map::new())
    }

    pub(super) fn update_assume_role_policy(&mut self, params: &Params<'_>) -> Response {
        let document = params.required_text("PolicyDocument")?;
        let name = params.required_text("RoleName")?;
        let role = self.roles.get_mut(&name.to_ascii_lowercase()).ok_or_else(|| no_such_role(name))?;
        check_trust(document)?;
        role.trust_policy = document.to_string();
        Ok(Map::new())
    }

    fn named(&self, params: &Params<'_>) -> Result<&Role, ApiError> {
        let name = params.required_text("RoleName")?;
        self.roles.get(&name.to_ascii_lowercase()).ok_or_else(|| no_such_role(name))
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

fn check_trust(document: &str) -> Result<(), ApiError> {
    Policy::parse(document, PolicyKind::Trust)?;
    check_policy_size([document], TRUST_SIZE, &format!("Cannot exceed quota for ACLSizePerRole: {TRUST_SIZE}"))
}
