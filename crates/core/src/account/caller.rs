//! Who makes a call.

use alloc::format;
use alloc::string::{String, ToString};

use serde::{Deserialize, Serialize};

use super::iam::IdentityPolicies;
use super::{Account, ApiError, Call};
use crate::access::{Context, Principal};
use crate::sim::SimTime;

/// `as` of a call: who makes it, where it is not the owner of the account.
///
/// The principal is `root`, `anonymous`, the ARN of a user, a role or a role's session, an account's number or the ARN of its root, or a service (`logging.s3.amazonaws.com`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum CallAs {
    Principal(String),
    Request(RequestAs),
}

/// The same with what the request says about its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestAs {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// `aws:SecureTransport`. Default: true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secure_transport: Option<bool>,
    /// `aws:SourceIp`. Default: 127.0.0.1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_ip: Option<String>,
}

/// The address that calls come from where nothing is said.
pub(super) const LOCAL_ADDRESS: &str = "127.0.0.1";
/// The session name that Glue's jobs and crawlers have.
pub(super) const GLUE_SESSION: &str = "GlueJobRunnerSession";
/// The session name of a role that a call is made as.
const SESSION: &str = "sluice";

/// A caller with all that decides about its calls.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub principal: Principal,
    pub policies: IdentityPolicies,
    pub secure_transport: bool,
    pub source_ip: String,
}

impl Caller {
    pub fn new(principal: Principal, policies: IdentityPolicies) -> Self {
        Caller {
            principal,
            policies,
            secure_transport: true,
            source_ip: LOCAL_ADDRESS.to_string(),
        }
    }

    /// What follows from the caller and its connection for every request.
    pub fn context(&self, account: &Account, now: SimTime) -> Context {
        let mut context = Context::of(&self.principal, now);
        context.set("aws:SecureTransport", self.secure_transport);
        context.set("aws:SourceIp", &self.source_ip);
        context.set("aws:RequestedRegion", &account.options.region);
        context.set("aws:ResourceAccount", &account.options.account_id);
        context.set("s3:ResourceAccount", &account.options.account_id);
        if self.secure_transport {
            context.set("s3:TlsVersion", "1.3");
        }
        if self.principal.account().is_some() {
            context.set("s3:authType", "REST-HEADER");
            context.set("s3:signatureversion", "AWS4-HMAC-SHA256");
        }
        context
    }
}

fn unknown(text: &str, help: String) -> ApiError {
    ApiError::new("InvalidClientTokenId", "The security token included in the request is invalid.").with_help(format!("as \"{text}\": {help}"))
}

impl Account {
    pub(super) fn root(&self) -> Principal {
        Principal::Root {
            account: self.options.account_id.clone(),
        }
    }

    /// Error: `InvalidClientTokenId` for a user or role that the account does not have, or an address that is none.
    pub(super) fn caller(&self, call: &Call) -> Result<Caller, ApiError> {
        let request = match &call.caller {
            None => return Ok(Caller::new(self.root(), IdentityPolicies::default())),
            Some(CallAs::Principal(principal)) => RequestAs {
                principal: Some(principal.clone()),
                secure_transport: None,
                source_ip: None,
            },
            Some(CallAs::Request(request)) => request.clone(),
        };
        let mut caller = self.caller_named(request.principal.as_deref().unwrap_or("root"))?;
        caller.secure_transport = request.secure_transport.unwrap_or(true);
        if let Some(address) = request.source_ip {
            if address.parse::<core::net::IpAddr>().is_err() {
                return Err(unknown(&address, "the source_ip is no IP address.".to_string()));
            }
            caller.source_ip = address;
        }
        Ok(caller)
    }

    /// The caller that a text means; see [`CallAs`].
    pub(super) fn caller_named(&self, text: &str) -> Result<Caller, ApiError> {
        let (principal, policies) = self.principal_named(text)?;
        Ok(Caller::new(principal, policies))
    }

    fn principal_named(&self, text: &str) -> Result<(Principal, IdentityPolicies), ApiError> {
        let own = self.options.account_id.as_str();
        match text {
            "root" => return Ok((self.root(), IdentityPolicies::default())),
            "anonymous" => return Ok((Principal::Anonymous, IdentityPolicies::default())),
            _ => {}
        }
        if let Some(account) = crate::access::account_of(text) {
            let principal = Principal::Root { account: account.to_string() };
            return Ok((principal, IdentityPolicies::default()));
        }
        if text.ends_with(".amazonaws.com") {
            return Ok((Principal::Service(text.to_string()), IdentityPolicies::default()));
        }
        let parts: alloc::vec::Vec<&str> = text.splitn(6, ':').collect();
        let ["arn", _, service @ ("iam" | "sts"), _, account, rest] = parts.as_slice() else {
            return Err(unknown(
                text,
                "it is root, anonymous, an account, a service, or the ARN of a user, role or session.".to_string(),
            ));
        };
        let (kind, path_and_name) = rest.split_once('/').unwrap_or((rest, ""));
        let (path, name) = match path_and_name.rsplit_once('/') {
            Some((path, name)) => (format!("/{path}/"), name),
            None => ("/".to_string(), path_and_name),
        };
        let principal = match (*service, kind) {
            ("iam", "user") => Principal::User {
                account: (*account).to_string(),
                id: self.iam.user(name).map(|user| user.id().to_string()).unwrap_or_default(),
                path,
                name: name.to_string(),
            },
            ("iam", "role") => self.role_principal(account, path, name, SESSION),
            ("sts", "assumed-role") => {
                let (name, session) = path_and_name.split_once('/').unwrap_or((path_and_name, SESSION));
                let path = self.iam.role(name).map_or("/", |role| role.path()).to_string();
                self.role_principal(account, path, name, session)
            }
            _ => return Err(unknown(text, "it is the ARN of no user, role or session.".to_string())),
        };
        if *account != own {
            // What another account lets its people do is not here: everything.
            return Ok((principal, IdentityPolicies::everything("the other account's policies")));
        }
        let known = match &principal {
            Principal::User { .. } => self.iam.user(name).is_some_and(|user| Some(user.arn(own)) == principal.arn()),
            Principal::Role { name, .. } => self.iam.role(name).is_some_and(|role| Some(role.arn(own)) == principal.arn()),
            _ => false,
        };
        if !known {
            return Err(unknown(text, "the account has no such user or role.".to_string()));
        }
        let policies = self.iam.policies_of(&principal);
        Ok((principal, policies))
    }

    fn role_principal(&self, account: &str, path: String, name: &str, session: &str) -> Principal {
        let id = self.iam.role(name).map(|role| role.id().to_string()).unwrap_or_default();
        Principal::Role {
            account: account.to_string(),
            path,
            name: name.to_string(),
            id,
            session: session.to_string(),
        }
    }

    /// The caller that a crawler or job is: a session of its role, which may not exist. A role that has no policies may do everything
    /// ([`super::iam::Iam::service_role_policies`]).
    pub(super) fn service_caller(&self, role: &str) -> Caller {
        let account = self.options.account_id.clone();
        let found = self.iam.role(role);
        let name = role.rsplit('/').next().unwrap_or(role);
        let path = found.map_or("/", |role| role.path()).to_string();
        let name = found.map_or(name, |role| role.name());
        let principal = self.role_principal(&account, path, name, GLUE_SESSION);
        let policies = self.iam.service_role_policies(&principal);
        let policies = policies.unwrap_or_else(|| IdentityPolicies::everything("a role without policies"));
        Caller::new(principal, policies)
    }
}
