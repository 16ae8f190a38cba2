use alloc::format;
use alloc::string::ToString;

use serde_json::{Map, Value, json};

use super::commands::{Response, check_name, check_path, no_such_user, one, page};
use super::state::unique_id;
use super::{Iam, User};
use crate::account::{ApiError, Params};
use crate::sim::{Rng, SimTime};

/// Users an account ("IAM and AWS STS quotas").
const USER_QUOTA: usize = 5_000;

impl Iam {
    pub(super) fn create_user(&mut self, now: SimTime, rng: &mut Rng, params: &Params<'_>) -> Response {
        let name = params.required_text("UserName")?;
        check_name("userName", name, 64)?;
        let path = params.text("Path").unwrap_or("/");
        check_path(path)?;
        if let Some(member) = ["PermissionsBoundary", "Tags"].into_iter().find(|member| params.has(member)) {
            return Err(ApiError::new("NotImplemented", format!("Sluice does not do iam:CreateUser with {member} yet.")));
        }
        let id = name.to_ascii_lowercase();
        if self.users.contains_key(&id) {
            return Err(ApiError::new("EntityAlreadyExists", format!("User with name {name} already exists.")));
        }
        if self.users.len() >= USER_QUOTA {
            return Err(ApiError::new("LimitExceeded", format!("Cannot exceed quota for UsersPerAccount: {USER_QUOTA}")));
        }
        let user = User {
            name: name.to_string(),
            path: path.to_string(),
            id: unique_id("AIDA", rng),
            created: now,
            permissions: Default::default(),
        };
        let shown = self.shown_user(&user);
        self.users.insert(id, user);
        Ok(one("User", shown))
    }

    /// Without a name: who asks. A user's name is put in before; so here that is the account's root, who is no user but is shown as one.
    pub(super) fn get_user(&self, params: &Params<'_>) -> Response {
        match params.text("UserName") {
            Some(name) => {
                let user = self.users.get(&name.to_ascii_lowercase()).ok_or_else(|| no_such_user(name))?;
                Ok(one("User", self.shown_user(user)))
            }
            None => {
                let account = &self.account_id;
                Ok(one("User", json!({"UserId": account, "Arn": format!("arn:aws:iam::{account}:root")})))
            }
        }
    }

    pub(super) fn list_users(&self, params: &Params<'_>) -> Response {
        let prefix = params.text("PathPrefix").unwrap_or("/");
        let users = self.users.iter().filter(|(_, user)| user.path.starts_with(prefix));
        page(params, "Users", users.map(|(id, user)| (id.as_str(), self.shown_user(user))))
    }

    pub(super) fn delete_user(&mut self, params: &Params<'_>) -> Response {
        let name = params.required_text("UserName")?;
        let id = name.to_ascii_lowercase();
        self.users.get(&id).ok_or_else(|| no_such_user(name))?.permissions.check_empty()?;
        self.users.remove(&id);
        Ok(Map::new())
    }

    fn shown_user(&self, user: &User) -> Value {
        json!({
            "Path": user.path,
            "UserName": user.name,
            "UserId": user.id,
            "Arn": user.arn(&self.account_id),
            "CreateDate": user.created.whole_second().to_string(),
        })
    }
}
