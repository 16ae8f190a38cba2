use alloc::format;
use alloc::string::{String, ToString};

use super::document::PrincipalPattern;

/// The canonical user id of everybody who signs nothing: whom an object belongs to that was put anonymously ("Access control list (ACL) overview").
pub const ANONYMOUS_ID: &str = "65a011a29cdf8ec533ec3d1ccaae921c";
/// Stands for such an owner where an account's number would be.
pub const ANONYMOUS: &str = "anonymous";

/// The canonical user id that S3 shows of an account: 64 hex digits that stand for it.
pub fn canonical_id(account: &str) -> String {
    if account == ANONYMOUS {
        return ANONYMOUS_ID.to_string();
    }
    let first = md5::compute(account.as_bytes());
    let second = md5::compute(format!("canonical user {account}").as_bytes());
    format!("{first:x}{second:x}")
}

/// Who makes a request, as policies see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A request that nobody signed.
    Anonymous,
    /// An AWS service on its own behalf: `cloudtrail.amazonaws.com`.
    Service(String),
    /// The root user of an account. Of another account than the resource's it stands for "somebody there whom that account lets do everything".
    Root {
        account: String,
    },
    User {
        account: String,
        path: String,
        name: String,
        id: String,
    },
    /// A session of a role.
    Role {
        account: String,
        path: String,
        name: String,
        id: String,
        session: String,
    },
}

/// How far a `Principal` entry means somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Naming {
    Not,
    /// It names the account: what is allowed so is allowed to those whom the account allows it in turn.
    Account,
    Direct,
}

impl Principal {
    /// Twelve digits; `None` for anonymous requests and services.
    pub fn account(&self) -> Option<&str> {
        match self {
            Principal::Anonymous | Principal::Service(_) => None,
            Principal::Root { account } | Principal::User { account, .. } | Principal::Role { account, .. } => Some(account),
        }
    }

    /// The ARN that `aws:PrincipalArn` has: the role's, not the session's.
    pub fn arn(&self) -> Option<String> {
        match self {
            Principal::Anonymous | Principal::Service(_) => None,
            Principal::Root { account } => Some(format!("arn:aws:iam::{account}:root")),
            Principal::User { account, path, name, .. } => Some(format!("arn:aws:iam::{account}:user{path}{name}")),
            Principal::Role { account, path, name, .. } => Some(format!("arn:aws:iam::{account}:role{path}{name}")),
        }
    }

    /// The ARN that error messages and CloudTrail show: of a role, the session's.
    pub fn caller_arn(&self) -> Option<String> {
        match self {
            Principal::Role { account, name, session, .. } => Some(format!("arn:aws:sts::{account}:assumed-role/{name}/{session}")),
            other => other.arn(),
        }
    }

    /// `aws:userid` ("AWS global condition context keys", where each principal's value is listed).
    pub fn user_id(&self) -> String {
        match self {
            Principal::Anonymous => "anonymous".to_string(),
            Principal::Service(name) => name.clone(),
            Principal::Root { account } => account.clone(),
            Principal::User { id, .. } => id.clone(),
            Principal::Role { id, session, .. } => format!("{id}:{session}"),
        }
    }

    /// `aws:PrincipalType`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Principal::Anonymous => "Anonymous",
            Principal::Service(_) => "Service",
            Principal::Root { .. } => "Account",
            Principal::User { .. } => "User",
            Principal::Role { .. } => "AssumedRole",
        }
    }

    pub const fn is_root(&self) -> bool {
        matches!(self, Principal::Root { .. })
    }

    /// How an entry names this principal that names its account.
    const fn as_account(&self) -> Naming {
        if self.is_root() { Naming::Direct } else { Naming::Account }
    }

    /// How a `Principal` entry names this principal. ARNs are compared as they are: a `Principal` has no wildcard but `*` alone.
    pub fn named_by(&self, pattern: &PrincipalPattern) -> Naming {
        let direct = |is: bool| if is { Naming::Direct } else { Naming::Not };
        match pattern {
            PrincipalPattern::Everyone => Naming::Direct,
            PrincipalPattern::Service(name) => direct(matches!(self, Principal::Service(own) if own == name)),
            // Nobody here comes by federation.
            PrincipalPattern::Federated(_) => Naming::Not,
            // Another way to name an account.
            PrincipalPattern::CanonicalUser(id) => match self.account() {
                Some(account) if canonical_id(account).eq_ignore_ascii_case(id) => self.as_account(),
                _ => Naming::Not,
            },
            PrincipalPattern::Aws(text) => {
                let Some(account) = self.account() else { return Naming::Not };
                if account_of(text) == Some(account) {
                    return self.as_account();
                }
                let unique = match self {
                    Principal::User { id, .. } | Principal::Role { id, .. } => id == text,
                    _ => false,
                };
                direct(unique || self.arn().as_ref() == Some(text) || self.caller_arn().as_ref() == Some(text))
            }
        }
    }
}

/// The account that an account principal means: `123456789012` or `arn:aws:iam::123456789012:root`.
pub fn account_of(text: &str) -> Option<&str> {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_account(text) {
        return Some(text);
    }
    let account = text.strip_prefix("arn:")?.split_once(":iam::")?.1.strip_suffix(":root")?;
    is_account(account).then_some(account)
}
