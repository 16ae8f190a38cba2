//! Policy documents from text, with AWS's words for what is wrong and the place where it is.
//!
//! Belongs here: the document and its statements. Does not belong here: what a statement names (`elements`), and its conditions (`conditions`).

mod conditions;
mod elements;

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value};

pub(super) use elements::resource_admits;

use super::document::{Effect, Policy, Scope, Statement, Version};
use crate::account::ApiError;

/// What a document is for: its grammar and its errors depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKind<'a> {
    /// In a user or role.
    Inline,
    /// By itself, to be attached.
    Managed,
    /// Who may take on a role.
    Trust,
    /// Of the bucket of that name.
    Bucket(&'a str),
    /// Of a KMS key.
    Key,
}

impl PolicyKind<'_> {
    const fn is_identity(self) -> bool {
        matches!(self, PolicyKind::Inline | PolicyKind::Managed)
    }

    const fn is_bucket(self) -> bool {
        matches!(self, PolicyKind::Bucket(_))
    }

    /// Of a directory bucket, whose actions and ARNs are those of S3 Express.
    fn is_directory(self) -> bool {
        matches!(self, PolicyKind::Bucket(name) if name.ends_with("--x-s3"))
    }

    /// The error code of the service that takes the document.
    pub const fn code(self) -> &'static str {
        match self {
            PolicyKind::Inline | PolicyKind::Managed | PolicyKind::Trust => "MalformedPolicyDocument",
            PolicyKind::Bucket(_) => "MalformedPolicy",
            PolicyKind::Key => "MalformedPolicyDocumentException",
        }
    }
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    /// AWS's words.
    pub message: String,
    /// Where: `Statement[1].Condition.StringEquals`; empty for the document as a whole.
    pub place: String,
    /// Our line.
    pub help: String,
}

impl From<Fault> for ApiError {
    fn from(fault: Fault) -> ApiError {
        let help = match (fault.place.is_empty(), fault.help.is_empty()) {
            (true, true) => return ApiError::new(fault.code, fault.message),
            (true, false) => fault.help,
            (false, true) => format!("At {}.", fault.place),
            (false, false) => format!("At {}: {}", fault.place, fault.help),
        };
        ApiError::new(fault.code, fault.message).with_help(help)
    }
}

type Parsed<T> = Result<T, Fault>;

const STATEMENT_FIELDS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl Policy {
    /// Reads a document. Error: the first fault, in the words of the service that would have refused it.
    pub fn parse(text: &str, kind: PolicyKind<'_>) -> Parsed<Policy> {
        let reader = Reader { kind };
        if kind.is_bucket() && !text.starts_with('{') {
            return Err(reader.fault("", "Policies must be valid JSON and the first byte must be '{'", ""));
        }
        let value: Value = serde_json::from_str(text).map_err(|error| reader.fault("", "This policy contains invalid Json", error.to_string()))?;
        match &value {
            Value::Object(map) => reader.document(map),
            _ => Err(reader.syntax("", "a policy is a JSON object.")),
        }
    }
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    kind: PolicyKind<'a>,
}

impl Reader<'_> {
    fn fault(&self, place: &str, message: impl Into<String>, help: impl Into<String>) -> Fault {
        Fault {
            code: self.kind.code(),
            message: message.into(),
            place: place.to_string(),
            help: help.into(),
        }
    }

    fn syntax(&self, place: &str, help: impl Into<String>) -> Fault {
        let message = if self.kind.is_bucket() {
            "Invalid policy syntax."
        } else {
            "Syntax errors in policy."
        };
        self.fault(place, message, help)
    }

    fn missing(&self, place: &str, field: &str) -> Fault {
        let message = match (self.kind.is_identity(), field) {
            (true, "Action") => "Policy statement must contain actions.".to_string(),
            (true, "Resource") => "Policy statement must contain resources.".to_string(),
            _ => format!("Missing required field {field}"),
        };
        self.fault(place, message, "")
    }

    fn document(&self, map: &Map<String, Value>) -> Parsed<Policy> {
        if let Some(name) = map.keys().find(|name| !["Version", "Id", "Statement"].contains(&name.as_str())) {
            return Err(self.unknown("", name, "a policy has Version, Id and Statement."));
        }
        let version = match map.get("Version") {
            None => Version::V2008,
            Some(Value::String(text)) if text == "2012-10-17" => Version::V2012,
            Some(Value::String(text)) if text == "2008-10-17" => Version::V2008,
            Some(_) => {
                let help = "Version is not a date of yours: it is \"2012-10-17\" (or the older \"2008-10-17\").";
                return Err(self.fault("Version", "The policy must contain a valid version string", help));
            }
        };
        if self.kind == PolicyKind::Managed && version == Version::V2008 {
            return Err(self.fault("Version", "Policy document must be version 2012-10-17 or greater.", ""));
        }
        let id = match map.get("Id") {
            None => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => return Err(self.syntax("Id", "Id is text.")),
        };
        let statements = match map.get("Statement") {
            None => return Err(self.missing("", "Statement")),
            Some(Value::Array(list)) if list.is_empty() && self.kind.is_bucket() => {
                return Err(self.fault("Statement", "Could not parse the policy: Statement is empty!", ""));
            }
            Some(Value::Array(list)) if !list.is_empty() => {
                let each = list.iter().enumerate();
                each.map(|(at, value)| self.statement(&format!("Statement[{at}]"), value))
                    .collect::<Parsed<Vec<_>>>()?
            }
            Some(value @ Value::Object(_)) => Vec::from([self.statement("Statement", value)?]),
            Some(_) => return Err(self.syntax("Statement", "Statement is an object or a list of objects, and has at least one.")),
        };
        let mut sids = BTreeSet::new();
        for (at, sid) in statements.iter().enumerate().filter_map(|(at, statement)| Some((at, statement.sid.as_ref()?))) {
            if !sid.is_empty() && !sids.insert(sid) && !self.kind.is_bucket() {
                let place = format!("Statement[{at}].Sid");
                return Err(self.fault(
                    &place,
                    "Statement IDs (SID) in a single policy must be unique.",
                    format!("\"{sid}\" is there twice."),
                ));
            }
        }
        Ok(Policy { version, id, statements })
    }

    fn unknown(&self, place: &str, name: &str, help: &str) -> Fault {
        if self.kind.is_bucket() {
            self.fault(place, format!("Unknown field {name}"), help)
        } else {
            self.syntax(place, format!("unknown element \"{name}\"; {help}"))
        }
    }

    fn statement(&self, place: &str, value: &Value) -> Parsed<Statement> {
        let Value::Object(map) = value else {
            return Err(self.syntax(place, "a statement is an object."));
        };
        if let Some(name) = map.keys().find(|name| !STATEMENT_FIELDS.contains(&name.as_str())) {
            return Err(self.unknown(place, name, "elements are spelled as in Effect, Principal, Action, Resource, Condition, Sid."));
        }
        let at = |name: &str| format!("{place}.{name}");
        let sid = match map.get("Sid") {
            None => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => return Err(self.syntax(&at("Sid"), "Sid is text.")),
        };
        if sid.as_ref().is_some_and(|sid| !sid.bytes().all(|byte| byte.is_ascii_alphanumeric())) && self.kind.is_identity() {
            let message = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
            return Err(self.fault(&at("Sid"), message, ""));
        }
        let effect = match map.get("Effect") {
            None => return Err(self.missing(place, "Effect")),
            Some(Value::String(text)) if text == "Allow" => Effect::Allow,
            Some(Value::String(text)) if text == "Deny" => Effect::Deny,
            Some(other) if self.kind.is_bucket() => {
                let shown = other.as_str().map_or_else(|| other.to_string(), ToString::to_string);
                return Err(self.fault(&at("Effect"), format!("Invalid effect: {shown}"), "Effect is Allow or Deny, so spelled."));
            }
            Some(_) => return Err(self.syntax(&at("Effect"), "Effect is Allow or Deny, so spelled.")),
        };
        let principal = self.principal(place, map)?;
        let action = self.scope(place, map, "Action")?.ok_or_else(|| self.missing(place, "Action"))?;
        for text in action.items() {
            self.action(&at(if action.is_except() { "NotAction" } else { "Action" }), text)?;
        }
        let resource = self.scope(place, map, "Resource")?;
        match (&resource, self.kind) {
            (Some(_), PolicyKind::Trust) => return Err(self.fault(place, "Has prohibited field Resource", "")),
            (None, PolicyKind::Trust) => {}
            (None, _) => return Err(self.missing(place, "Resource")),
            (Some(scope), _) => {
                for text in scope.items() {
                    self.resource(&at(if scope.is_except() { "NotResource" } else { "Resource" }), text)?;
                }
            }
        }
        let conditions = self.conditions(&at("Condition"), map.get("Condition"), &action)?;
        if let (PolicyKind::Bucket(_), Scope::Only(actions), Some(Scope::Only(resources))) = (self.kind, &action, &resource) {
            self.applies(place, actions, resources)?;
        }
        Ok(Statement {
            sid,
            effect,
            principal,
            action,
            resource,
            conditions,
        })
    }

    /// `name` or `Notname`: one text or a list of them.
    fn scope(&self, place: &str, map: &Map<String, Value>, name: &str) -> Parsed<Option<Scope<String>>> {
        let except = format!("Not{name}");
        let (value, name, is_except) = match (map.get(name), map.get(&except)) {
            (Some(_), Some(_)) => return Err(self.syntax(place, format!("a statement has {name} or {except}, not both."))),
            (Some(value), None) => (value, name, false),
            (None, Some(value)) => (value, except.as_str(), true),
            (None, None) => return Ok(None),
        };
        let place = format!("{place}.{name}");
        let items = self.texts(&place, value)?;
        if items.is_empty() {
            return Err(self.missing(&place, name.trim_start_matches("Not")));
        }
        Ok(Some(if is_except { Scope::Except(items) } else { Scope::Only(items) }))
    }

    fn texts(&self, place: &str, value: &Value) -> Parsed<Vec<String>> {
        let one = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            _ => Err(self.syntax(place, "text, or a list of texts, is expected.")),
        };
        match value {
            Value::Array(list) => list.iter().map(one).collect(),
            value => Ok(Vec::from([one(value)?])),
        }
    }
}
