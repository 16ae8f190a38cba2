use alloc::string::String;
use alloc::vec::Vec;

use super::condition::Condition;

/// The policy language's version. Variables (`${…}`) are variables in the later one only; a document without `Version` is of the earlier one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    #[default]
    V2008,
    V2012,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Allow,
    Deny,
}

impl Effect {
    pub const fn as_str(self) -> &'static str {
        match self {
            Effect::Allow => "Allow",
            Effect::Deny => "Deny",
        }
    }
}

/// `Action` or `NotAction`, `Resource` or `NotResource`, `Principal` or `NotPrincipal`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope<T> {
    Only(Vec<T>),
    Except(Vec<T>),
}

impl<T> Scope<T> {
    pub fn items(&self) -> &[T] {
        match self {
            Scope::Only(items) | Scope::Except(items) => items,
        }
    }

    pub const fn is_except(&self) -> bool {
        matches!(self, Scope::Except(_))
    }
}

/// One entry of a `Principal` element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrincipalPattern {
    /// `"*"` and `{"AWS": "*"}`, which mean the same.
    Everyone,
    /// An account id, or the ARN of an account's root, a user, a role, a role's session; or the unique id of a user or role.
    Aws(String),
    Service(String),
    Federated(String),
    CanonicalUser(String),
}

#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    pub sid: Option<String>,
    pub effect: Effect,
    /// `None` in identity policies: there the principal is whom the policy is attached to.
    pub principal: Option<Scope<PrincipalPattern>>,
    pub action: Scope<String>,
    /// `None` in trust policies: there the resource is the role.
    pub resource: Option<Scope<String>>,
    pub conditions: Vec<Condition>,
}

/// A policy document, read and checked. [`Policy::parse`] makes one; the default has no statement and decides nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    pub version: Version,
    pub id: Option<String>,
    pub statements: Vec<Statement>,
}
