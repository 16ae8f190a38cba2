//! The decision about one request ("Policy evaluation logic", and for buckets "How Amazon S3 authorizes a request").

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::context::Context;
use super::document::{Effect, Policy, Scope, Statement, Version};
use super::pattern::{Pattern, matches_action};
use super::principal::{Naming, Principal};
use super::public::{PublicAccess, is_public};

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub principal: Principal,
    /// `s3:GetObject`
    pub action: String,
    /// An ARN, or `*` where the action is about the account.
    pub resource: String,
    /// The account that the resource is in.
    pub resource_account: String,
    pub context: Context,
}

/// A policy by the name that a person knows it by.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    pub name: &'a str,
    pub policy: &'a Policy,
}

/// Whether an identity's policies count without the resource's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ResourceRule {
    /// Within the account one Allow is enough, on either side: buckets.
    #[default]
    Either,
    /// Nothing is allowed that the resource's policy does not allow the principal or its account: KMS keys.
    Required,
}

/// An ACL's grant of this action, where ACLs are in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AclGrant {
    /// To the AllUsers group.
    Everyone,
    /// To the AuthenticatedUsers group: anybody with an account.
    AuthenticatedUsers,
    /// To the caller's account, by its canonical user id.
    Account,
    /// To the LogDelivery group: the service that delivers server access logs.
    LogDelivery,
}

/// Everything that may decide a request.
#[derive(Clone, Debug, Default)]
pub struct Policies<'a> {
    /// The caller's own: inline and attached.
    pub identity: Vec<Source<'a>>,
    pub resource: Option<Source<'a>>,
    pub rule: ResourceRule,
    /// Block Public Access as it holds for the bucket: bucket and account together.
    pub public_access: PublicAccess,
    /// Grants of the ACL that mean the action.
    pub acl: Vec<AclGrant>,
    /// The account that owns the object, where it is not the bucket's and the action is one that an object's owner decides about.
    pub object_owner: Option<&'a str>,
}

/// Why a decision is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The root user of the resource's account.
    Root,
    AllowedByIdentityPolicy,
    AllowedByResourcePolicy,
    /// Across accounts both sides allow.
    AllowedByBoth,
    AllowedByAcl,
    DeniedByIdentityPolicy,
    DeniedByResourcePolicy,
    /// Block Public Access: the bucket's policy is public, so it serves its own account and AWS services only.
    RestrictPublicBuckets,
    /// The object belongs to the caller's account, in another account's bucket.
    ObjectOwner,
    /// The object belongs to another account than the bucket, and that account grants nothing.
    NotObjectOwner,
    /// Nothing in the caller's policies allows it.
    NoIdentityAllow,
    /// Nothing in the resource's policy allows it, and something there would have to.
    NoResourceAllow,
}

impl Reason {
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::Root => "Root",
            Reason::AllowedByIdentityPolicy => "AllowedByIdentityPolicy",
            Reason::AllowedByResourcePolicy => "AllowedByResourcePolicy",
            Reason::AllowedByBoth => "AllowedByBoth",
            Reason::AllowedByAcl => "AllowedByAcl",
            Reason::DeniedByIdentityPolicy => "DeniedByIdentityPolicy",
            Reason::DeniedByResourcePolicy => "DeniedByResourcePolicy",
            Reason::RestrictPublicBuckets => "RestrictPublicBuckets",
            Reason::ObjectOwner => "ObjectOwner",
            Reason::NotObjectOwner => "NotObjectOwner",
            Reason::NoIdentityAllow => "NoIdentityAllow",
            Reason::NoResourceAllow => "NoResourceAllow",
        }
    }
}

/// The statement that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decider {
    pub policy: String,
    /// From 0.
    pub statement: usize,
    pub sid: Option<String>,
}

/// One statement that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub policy: String,
    pub statement: usize,
    pub sid: Option<String>,
    pub effect: Effect,
    pub applies: bool,
    /// Why it does not apply, or what it did.
    pub because: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    pub allowed: bool,
    pub reason: Reason,
    pub decided_by: Option<Decider>,
    /// Every statement, in the order of the policies: the caller's, then the resource's.
    pub trace: Vec<Step>,
}

/// The first statements that apply, of one side.
#[derive(Default)]
struct Side {
    deny: Option<Decider>,
    allow: Option<Decider>,
    /// An Allow that names the caller's account only.
    delegation: Option<Decider>,
}

/// Decides. Explicit denies first, then Block Public Access, then who needs which Allow:
/// in the resource's account either side is enough; from another account both sides allow; services and anonymous callers have the resource's side alone.
/// The root user may do everything in its account but what its bucket's policy denies, and that policy it can always read, put and delete.
pub fn evaluate(request: &Request, policies: &Policies<'_>) -> Decision {
    let mut trace = Vec::new();
    let mut identity = Side::default();
    for source in &policies.identity {
        look_at(request, source, false, &mut identity, &mut trace);
    }
    let mut resource = Side::default();
    if let Some(source) = &policies.resource {
        look_at(request, source, true, &mut resource, &mut trace);
    }
    let same_account = request.principal.account() == Some(request.resource_account.as_str());
    let owner = same_account && request.principal.is_root();
    if owner && is_policy_action(&request.action) {
        resource.deny = None;
    }
    let (allowed, reason, decided_by) = decide(request, policies, identity, resource, same_account);
    Decision {
        allowed,
        reason,
        decided_by,
        trace,
    }
}

/// What the owner's root user can do whatever the bucket policy says, so that nobody is locked out for good (PutBucketPolicy, API reference).
fn is_policy_action(action: &str) -> bool {
    let name = action.strip_prefix("s3:").or_else(|| action.strip_prefix("s3express:"));
    let known = |name: &str| {
        ["GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name))
    };
    name.is_some_and(known)
}

fn decide(request: &Request, policies: &Policies<'_>, identity: Side, resource: Side, same_account: bool) -> (bool, Reason, Option<Decider>) {
    if let Some(decider) = identity.deny {
        return (false, Reason::DeniedByIdentityPolicy, Some(decider));
    }
    if let Some(decider) = resource.deny {
        return (false, Reason::DeniedByResourcePolicy, Some(decider));
    }
    let is_service = matches!(request.principal, Principal::Service(_));
    let restricted = policies.public_access.restrict_public_buckets && policies.resource.is_some_and(|source| is_public(source.policy));
    if restricted && !same_account && !is_service {
        return (false, Reason::RestrictPublicBuckets, None);
    }
    let public = policies.acl.iter().any(|grant| match grant {
        AclGrant::Everyone => true,
        AclGrant::AuthenticatedUsers => request.principal.account().is_some(),
        AclGrant::Account | AclGrant::LogDelivery => false,
    }) && !policies.public_access.ignore_public_acls;
    if let Some(owner) = policies.object_owner {
        return decide_of_object(request, identity, owner, public, policies.acl.contains(&AclGrant::Account));
    }
    // What its own account is granted a user or role has by their policies alone.
    let named = policies.acl.iter().any(|grant| match grant {
        AclGrant::Account => !same_account,
        AclGrant::LogDelivery => matches!(&request.principal, Principal::Service(name) if name == "logging.s3.amazonaws.com"),
        AclGrant::Everyone | AclGrant::AuthenticatedUsers => false,
    });
    let acl = public || named;
    if same_account {
        let answers = policies.rule == ResourceRule::Either || resource.allow.is_some() || resource.delegation.is_some();
        if !answers {
            return (false, Reason::NoResourceAllow, None);
        }
        if request.principal.is_root() {
            return (true, Reason::Root, resource.allow);
        }
        return if resource.allow.is_some() {
            (true, Reason::AllowedByResourcePolicy, resource.allow)
        } else if identity.allow.is_some() {
            (true, Reason::AllowedByIdentityPolicy, identity.allow)
        } else if acl {
            (true, Reason::AllowedByAcl, None)
        } else {
            (false, Reason::NoIdentityAllow, None)
        };
    }
    let granted = resource.allow.or(resource.delegation);
    match request.principal {
        Principal::Anonymous | Principal::Service(_) => match granted {
            Some(decider) => (true, Reason::AllowedByResourcePolicy, Some(decider)),
            None if acl => (true, Reason::AllowedByAcl, None),
            None => (false, Reason::NoResourceAllow, None),
        },
        _ => {
            if granted.is_none() && !acl {
                return (false, Reason::NoResourceAllow, None);
            }
            // Another account's root stands for somebody whom that account lets do everything.
            if !request.principal.is_root() && identity.allow.is_none() {
                return (false, Reason::NoIdentityAllow, None);
            }
            let reason = if granted.is_some() { Reason::AllowedByBoth } else { Reason::AllowedByAcl };
            (true, reason, granted)
        }
    }
}

/// About an object that is not the bucket owner's: its owner's account and the ACL decide, and the bucket's policy can only deny
/// ("How Amazon S3 authorizes a request for an object operation").
fn decide_of_object(request: &Request, identity: Side, owner: &str, public: bool, granted: bool) -> (bool, Reason, Option<Decider>) {
    let owns = request.principal.account() == Some(owner);
    if !owns && !granted && !public {
        return (false, Reason::NotObjectOwner, None);
    }
    // What an account is given, its users and roles have by their policies; what everybody is given needs none.
    if public || request.principal.is_root() || identity.allow.is_some() {
        let reason = if owns { Reason::ObjectOwner } else { Reason::AllowedByAcl };
        return (true, reason, identity.allow.filter(|_| owns));
    }
    (false, Reason::NoIdentityAllow, None)
}

fn look_at(request: &Request, source: &Source<'_>, is_resource: bool, side: &mut Side, trace: &mut Vec<Step>) {
    for (at, statement) in source.policy.statements.iter().enumerate() {
        let found = applies(request, statement, source.policy.version, is_resource);
        let decider = || Decider {
            policy: source.name.to_string(),
            statement: at,
            sid: statement.sid.clone(),
        };
        let because = match (&found, statement.effect) {
            (Err(because), _) => because.clone(),
            (Ok(_), Effect::Deny) => {
                side.deny.get_or_insert_with(decider);
                "it denies the request".to_string()
            }
            (Ok(Naming::Account), Effect::Allow) => {
                side.delegation.get_or_insert_with(decider);
                "it lets the caller's account decide".to_string()
            }
            (Ok(_), Effect::Allow) => {
                side.allow.get_or_insert_with(decider);
                "it allows the request".to_string()
            }
        };
        trace.push(Step {
            policy: source.name.to_string(),
            statement: at,
            sid: statement.sid.clone(),
            effect: statement.effect,
            applies: found.is_ok(),
            because,
        });
    }
}

/// Whether a statement is about the request. `Err`: the first element that is not, in words.
fn applies(request: &Request, statement: &Statement, version: Version, is_resource: bool) -> Result<Naming, String> {
    let naming = match (&statement.principal, is_resource) {
        (_, false) => Naming::Direct,
        (None, true) => return Err("it names no principal".to_string()),
        (Some(scope), true) => {
            let naming = scope
                .items()
                .iter()
                .map(|pattern| request.principal.named_by(pattern))
                .max()
                .unwrap_or(Naming::Not);
            match (scope.is_except(), naming) {
                (false, Naming::Not) => return Err(format!("its Principal does not name {}", who(&request.principal))),
                (false, naming) => naming,
                (true, Naming::Not) => Naming::Direct,
                (true, _) => return Err(format!("its NotPrincipal names {}", who(&request.principal))),
            }
        }
    };
    let acts = statement.action.items().iter().any(|pattern| matches_action(pattern, &request.action));
    if acts == statement.action.is_except() {
        let (element, verb) = if acts { ("NotAction", "names") } else { ("Action", "does not name") };
        return Err(format!("its {element} {verb} {}", request.action));
    }
    if let Some(scope) = &statement.resource {
        let mut about = false;
        for text in scope.items() {
            let Some(pattern) = Pattern::resolve(text, version, &request.context) else {
                return Err(format!("{text} has a variable that the request has no value for"));
            };
            about |= text == "*" || pattern.matches_arn(&request.resource);
        }
        if about == scope.is_except() {
            let (element, verb) = if about { ("NotResource", "names") } else { ("Resource", "does not name") };
            return Err(format!("its {element} {verb} {}", request.resource));
        }
    }
    for condition in &statement.conditions {
        condition.holds(version, &request.context)?;
    }
    Ok(naming)
}

fn who(principal: &Principal) -> String {
    match principal {
        Principal::Anonymous => "an anonymous caller".to_string(),
        Principal::Service(name) => name.clone(),
        other => other.arn().unwrap_or_default(),
    }
}

impl Decision {
    /// What AWS says of a refusal: who, what, on what, and which kind of policy ("Troubleshoot access denied (403 Forbidden) errors in Amazon S3").
    /// To anonymous callers and to those of other accounts S3 says `Access Denied` and no more.
    pub fn message(&self, request: &Request) -> String {
        let plain = "Access Denied".to_string();
        let Some(caller) = request.principal.caller_arn() else { return plain };
        if request.principal.account() != Some(request.resource_account.as_str()) {
            return plain;
        }
        let action = &request.action;
        let on = if request.resource == "*" {
            String::new()
        } else {
            format!(" on resource: \"{}\"", request.resource)
        };
        let why = match self.reason {
            Reason::DeniedByIdentityPolicy => "with an explicit deny in an identity-based policy".to_string(),
            Reason::DeniedByResourcePolicy | Reason::RestrictPublicBuckets => "with an explicit deny in a resource-based policy".to_string(),
            Reason::NoResourceAllow | Reason::NotObjectOwner => format!("because no resource-based policy allows the {action} action"),
            _ => format!("because no identity-based policy allows the {action} action"),
        };
        format!("User: {caller} is not authorized to perform: {action}{on} {why}")
    }

    /// Our line: the statement that decided, or what is missing.
    pub fn help(&self, request: &Request) -> String {
        let action = &request.action;
        let statement = |decider: &Decider| match decider.sid.as_deref().filter(|sid| !sid.is_empty()) {
            Some(sid) => format!("statement {} (\"{sid}\") of {}", decider.statement, decider.policy),
            None => format!("statement {} of {}", decider.statement, decider.policy),
        };
        match (self.reason, &self.decided_by) {
            (_, Some(decider)) if self.allowed => format!("Allowed by {}.", statement(decider)),
            (_, Some(decider)) => format!("Denied by {}.", statement(decider)),
            (Reason::Root, None) => "The root user of the account may do everything in it.".to_string(),
            (Reason::ObjectOwner, None) => "The object belongs to the caller's account.".to_string(),
            (Reason::NotObjectOwner, None) => format!(
                "The object belongs to the account that wrote it, and not to the bucket's owner: policies of the bucket do not reach it, and its ACL grants {} nothing.",
                who(&request.principal)
            ),
            (Reason::AllowedByAcl, None) => "Allowed by an access control list.".to_string(),
            (Reason::RestrictPublicBuckets, None) => {
                "The bucket's policy is public and RestrictPublicBuckets is on: only its own account and AWS services get in.".to_string()
            }
            (Reason::NoResourceAllow, None) => format!(
                "No statement of the resource's policy allows {} {action} on {}.",
                who(&request.principal),
                request.resource
            ),
            (_, None) => format!("No policy of {} allows {action} on {}.", who(&request.principal), request.resource),
        }
    }
}

/// Whether a scope's items are the ones that a statement means, and not the ones that it leaves out.
pub(super) fn only<T>(scope: &Scope<T>) -> &[T] {
    match scope {
        Scope::Only(items) => items,
        Scope::Except(_) => &[],
    }
}
