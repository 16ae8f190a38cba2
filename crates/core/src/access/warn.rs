//! What a document says and its author probably did not mean.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::actions::{Level, s3_levels};
use super::condition::{Quantifier, Test};
use super::document::{Effect, Policy, Statement, Version};
use super::evaluate::only;
use super::parse::resource_admits;
use super::pattern::has_variable;
use super::public::is_public_statement;

/// A line for a person; the policy is valid all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// A word for the rule, as the cases name it.
    pub rule: &'static str,
    /// From 0; `None`: the document as a whole.
    pub statement: Option<usize>,
    pub message: String,
}

/// The classic errors, in the order of the statements.
pub fn warnings(policy: &Policy) -> Vec<Warning> {
    let mut found = Vec::new();
    if policy.version == Version::V2008 && policy.statements.iter().any(mentions_variable) {
        found.push(Warning {
            rule: "variable-without-version",
            statement: None,
            message: "${…} is text and no variable here: the policy has no \"Version\": \"2012-10-17\".".to_string(),
        });
    }
    for (at, statement) in policy.statements.iter().enumerate() {
        let mut warn = |rule, message: String| {
            found.push(Warning {
                rule,
                statement: Some(at),
                message,
            });
        };
        levels(statement, &mut warn);
        conditions(statement, &mut warn);
        let excepts = |scope: Option<bool>| scope == Some(true) && statement.effect == Effect::Allow;
        if excepts(statement.principal.as_ref().map(|scope| scope.is_except())) {
            warn(
                "allow-not-principal",
                "Allow with NotPrincipal allows everybody else, anonymous callers too.".to_string(),
            );
        } else if is_public_statement(statement, policy.version) {
            warn(
                "public",
                "It allows everybody in the world. Block Public Access refuses or restricts such a policy.".to_string(),
            );
        }
        if excepts(Some(statement.action.is_except())) {
            warn(
                "allow-not-action",
                "Allow with NotAction allows every other action, those of other services too.".to_string(),
            );
        }
        if statement.effect == Effect::Allow && only(&statement.action).iter().any(|action| action == "*") {
            warn("allow-everything", "It allows every action of every service.".to_string());
        }
    }
    found
}

fn mentions_variable(statement: &Statement) -> bool {
    let resources = statement.resource.iter().flat_map(|scope| scope.items());
    let values = statement.conditions.iter().flat_map(|condition| &condition.values);
    resources.chain(values).any(|text| has_variable(text))
}

/// A bucket's action with objects for resources, or the reverse.
fn levels(statement: &Statement, warn: &mut impl FnMut(&'static str, String)) {
    let Some(scope) = &statement.resource else { return };
    let resources: Vec<&String> = only(scope).iter().filter(|resource| resource.contains(":s3:::")).collect();
    if resources.is_empty() || resources.len() != scope.items().len() {
        return;
    }
    for action in only(&statement.action) {
        let mut of_bucket = s3_levels(action).peekable();
        if of_bucket.peek().is_none() || of_bucket.any(|level| resources.iter().any(|resource| resource_admits(resource, level))) {
            continue;
        }
        let resource = resources.first().map_or("", |resource| resource.as_str());
        match s3_levels(action).next() {
            Some(Level::Bucket) => warn(
                "bucket-action-on-objects",
                format!("{action} is about the bucket, and {resource} means its objects: leave out what follows the bucket's name."),
            ),
            Some(Level::Object) => warn(
                "object-action-on-bucket",
                format!("{action} is about objects, and {resource} means the bucket: write {resource}/* for its objects."),
            ),
            _ => warn("account-action-on-bucket", format!("{action} is about the account: its resource is \"*\".")),
        }
    }
}

fn conditions(statement: &Statement, warn: &mut impl FnMut(&'static str, String)) {
    for condition in &statement.conditions {
        let name = condition.operator.name();
        let wild = condition.values.iter().find(|value| value.contains(['*', '?']) && !value.contains("${"));
        if let (Test::StringEquals { .. }, Some(value)) = (condition.operator.test, wild) {
            warn(
                "wildcard-in-equals",
                format!("{name} compares \"{value}\" letter by letter; wildcards need StringLike."),
            );
        }
        if condition.operator.quantifier == Some(Quantifier::All) && statement.effect == Effect::Allow {
            warn(
                "for-all-values-in-allow",
                format!("{name} holds too where the request has no {} at all; add a Null condition.", condition.key),
            );
        }
        let transport = condition.key.eq_ignore_ascii_case("aws:SecureTransport") && condition.operator.test != Test::Bool;
        if transport && condition.operator.test != Test::Null {
            warn(
                "secure-transport-operator",
                format!("aws:SecureTransport is a boolean: Bool compares it, {name} does not mean to."),
            );
        }
    }
}
