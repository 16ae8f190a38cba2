//! Policy documents from text, with AWS's words for what is wrong and the place where it is.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::actions::{Level, s3_levels};
use super::condition::{Condition, Operator, Test};
use super::document::{Effect, Policy, PrincipalPattern, Scope, Statement, Version};
use super::pattern::{Pattern, has_variable};
use super::principal::account_of;
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

/// Condition keys that S3 has of its own, and the actions that have each; none named: every action ("Condition keys for Amazon S3").
const S3_KEYS: &[(&str, &[&str])] = &[
    ("s3:AccessGrantsInstanceArn", &[]),
    ("s3:AccessPointNetworkOrigin", &[]),
    ("s3:authType", &[]),
    ("s3:BucketTag/", &[]),
    ("s3:DataAccessPointAccount", &[]),
    ("s3:DataAccessPointArn", &[]),
    ("s3:delimiter", &["ListBucket", "ListBucketVersions"]),
    ("s3:ExistingObjectTag/", &["Get*", "Put*", "Delete*", "RestoreObject", "ReplicateObject"]),
    ("s3:if-match", &["PutObject", "DeleteObject"]),
    ("s3:if-none-match", &["PutObject"]),
    ("s3:InventoryAccessibleOptionalFields", &["PutInventoryConfiguration"]),
    ("s3:JobSuspendedCause", &[]),
    ("s3:locationconstraint", &["CreateBucket"]),
    ("s3:max-keys", &["ListBucket", "ListBucketVersions"]),
    ("s3:object-lock-legal-hold", &["PutObject", "PutObjectLegalHold"]),
    ("s3:object-lock-mode", &["PutObject", "PutObjectRetention"]),
    ("s3:object-lock-remaining-retention-days", &["PutObject", "PutObjectRetention"]),
    ("s3:object-lock-retain-until-date", &["PutObject", "PutObjectRetention"]),
    ("s3:ObjectCreationOperation", &["PutObject"]),
    ("s3:prefix", &["ListBucket", "ListBucketVersions"]),
    (
        "s3:RequestObjectTag/",
        &["PutObject", "PutObjectTagging", "PutObjectVersionTagging", "ReplicateTags"],
    ),
    (
        "s3:RequestObjectTagKeys",
        &["PutObject", "PutObjectTagging", "PutObjectVersionTagging", "ReplicateTags"],
    ),
    ("s3:ResourceAccount", &[]),
    ("s3:signatureAge", &[]),
    ("s3:signatureversion", &[]),
    ("s3:TlsVersion", &[]),
    ("s3:VersionId", &["*ObjectVersion*", "GetObject", "PutObject"]),
    (
        "s3:x-amz-acl",
        &[
            "PutObject",
            "PutObjectAcl",
            "PutObjectVersionAcl",
            "PutBucketAcl",
            "CreateBucket",
            "ReplicateObject",
        ],
    ),
    ("s3:x-amz-content-sha256", &[]),
    ("s3:x-amz-copy-source", &["PutObject"]),
    (
        "s3:x-amz-grant-full-control",
        &["PutObject", "PutObjectAcl", "PutObjectVersionAcl", "PutBucketAcl", "CreateBucket"],
    ),
    (
        "s3:x-amz-grant-read",
        &["PutObject", "PutObjectAcl", "PutObjectVersionAcl", "PutBucketAcl", "CreateBucket"],
    ),
    (
        "s3:x-amz-grant-read-acp",
        &["PutObject", "PutObjectAcl", "PutObjectVersionAcl", "PutBucketAcl", "CreateBucket"],
    ),
    (
        "s3:x-amz-grant-write",
        &["PutObject", "PutObjectAcl", "PutObjectVersionAcl", "PutBucketAcl", "CreateBucket"],
    ),
    (
        "s3:x-amz-grant-write-acp",
        &["PutObject", "PutObjectAcl", "PutObjectVersionAcl", "PutBucketAcl", "CreateBucket"],
    ),
    ("s3:x-amz-metadata-directive", &["PutObject"]),
    ("s3:x-amz-object-ownership", &["CreateBucket", "PutBucketOwnershipControls"]),
    ("s3:x-amz-server-side-encryption", &["PutObject", "ReplicateObject"]),
    (
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
        &["PutObject", "ReplicateObject", "UpdateObjectEncryption"],
    ),
    ("s3:x-amz-server-side-encryption-customer-algorithm", &["PutObject", "ReplicateObject"]),
    ("s3:x-amz-storage-class", &["PutObject"]),
    ("s3:x-amz-website-redirect-location", &["PutObject"]),
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

    fn principal(&self, place: &str, map: &Map<String, Value>) -> Parsed<Option<Scope<PrincipalPattern>>> {
        let (value, name, is_except) = match (map.get("Principal"), map.get("NotPrincipal")) {
            (None, None) if self.kind.is_identity() => return Ok(None),
            (None, None) => return Err(self.missing(place, "Principal")),
            _ if self.kind.is_identity() => {
                let help = "whom the policy is attached to is the principal.";
                return Err(self.fault(place, "Policy document should not specify a principal.", help));
            }
            (Some(_), Some(_)) => return Err(self.syntax(place, "a statement has Principal or NotPrincipal, not both.")),
            (Some(value), None) => (value, "Principal", false),
            (None, Some(value)) => (value, "NotPrincipal", true),
        };
        let place = format!("{place}.{name}");
        let mut found = Vec::new();
        match value {
            Value::String(text) if text == "*" => found.push(PrincipalPattern::Everyone),
            Value::Object(kinds) if !kinds.is_empty() => {
                for (kind, value) in kinds {
                    for text in self.texts(&format!("{place}.{kind}"), value)? {
                        found.push(self.principal_entry(&place, kind, text)?);
                    }
                }
            }
            other => return Err(self.invalid_principal(&place, "STAR", other.as_str().unwrap_or_default())),
        }
        if found.is_empty() {
            return Err(self.invalid_principal(&place, "AWS", ""));
        }
        Ok(Some(if is_except { Scope::Except(found) } else { Scope::Only(found) }))
    }

    fn invalid_principal(&self, place: &str, kind: &str, text: &str) -> Fault {
        let help = "A principal is \"*\", or {\"AWS\": an account id or the ARN of a root, user, role or session}, {\"Service\": …}, {\"Federated\": …}, {\"CanonicalUser\": …}. \
                    Users and roles have no wildcards.";
        match self.kind {
            PolicyKind::Bucket(_) => self.fault(place, "Invalid principal in policy", format!("\"{kind}\": \"{text}\". {help}")),
            _ => self.fault(place, format!("Invalid principal in policy: \"{kind}\":\"{text}\""), help),
        }
    }

    fn principal_entry(&self, place: &str, kind: &str, text: String) -> Parsed<PrincipalPattern> {
        let valid = match kind {
            "AWS" if text == "*" => return Ok(PrincipalPattern::Everyone),
            "AWS" => is_aws_principal(&text),
            "Service" => text.contains('.') && !text.contains(['*', '?', ' ']),
            "CanonicalUser" => self.kind.is_bucket() && text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "Federated" => !text.is_empty(),
            _ => false,
        };
        if !valid {
            return Err(self.invalid_principal(place, kind, &text));
        }
        Ok(match kind {
            "AWS" => PrincipalPattern::Aws(text),
            "Service" => PrincipalPattern::Service(text),
            "CanonicalUser" => PrincipalPattern::CanonicalUser(text),
            _ => PrincipalPattern::Federated(text),
        })
    }

    fn action(&self, place: &str, text: &str) -> Parsed<()> {
        if self.kind.is_bucket() {
            // S3 takes only what is an action of its own.
            if text != "*" && s3_levels(text).next().is_none() {
                let help = format!("\"{text}\" is no action of S3, nor a pattern that one matches.");
                return Err(self.fault(place, "Policy has invalid action", help));
            }
            return Ok(());
        }
        if text == "*" {
            return Ok(());
        }
        let help = format!("\"{text}\" is written service:Action, as in s3:GetObject.");
        let Some((vendor, name)) = text.split_once(':') else {
            return Err(self.fault(place, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.", help));
        };
        if name.contains(':') {
            return Err(self.fault(place, "Actions/Condition can contain only one colon.", help));
        }
        if vendor.is_empty() || !vendor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(self.fault(place, format!("Vendor {vendor} is not valid"), help));
        }
        const TRUST: [&str; 5] = ["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "TagSession", "Set*"];
        let trusted = || {
            TRUST
                .iter()
                .any(|known| super::pattern::matches_action(known, name) || super::pattern::matches_action(name, known))
        };
        if self.kind == PolicyKind::Trust && !(vendor.eq_ignore_ascii_case("sts") && trusted()) {
            return Err(self.fault(
                place,
                "AssumeRole policy may only specify STS AssumeRole actions.",
                format!("\"{text}\" is none."),
            ));
        }
        Ok(())
    }

    fn resource(&self, place: &str, text: &str) -> Parsed<()> {
        if text == "*" {
            return Ok(());
        }
        if let PolicyKind::Bucket(bucket) = self.kind {
            let parts: Vec<&str> = text.splitn(6, ':').collect();
            let named = match parts.as_slice() {
                ["arn", partition, service, _, _, path] => {
                    let of = path.split('/').next().unwrap_or_default();
                    Pattern::new(partition).matches("aws") && Pattern::new(service).matches("s3") && Pattern::new(of).matches(bucket)
                }
                _ => false,
            };
            if !named && !has_variable(text) {
                let help = format!("\"{text}\" is not of this bucket: it is arn:aws:s3:::{bucket} for the bucket, arn:aws:s3:::{bucket}/* for its objects.");
                return Err(self.fault(place, "Policy has invalid resource", help));
            }
            return Ok(());
        }
        if !text.starts_with("arn:") {
            return Err(self.fault(place, format!("Resource {text} must be in ARN format or \"*\"."), ""));
        }
        let mut parts = text.splitn(6, ':').skip(1);
        let partition = parts.next().unwrap_or_default();
        if !["aws", "aws-cn", "aws-us-gov", "*"].contains(&partition) && !partition.contains(['*', '?', '$']) {
            return Err(self.fault(place, format!("Partition \"{partition}\" is not valid for resource \"{text}\"."), ""));
        }
        Ok(())
    }

    fn conditions(&self, place: &str, value: Option<&Value>, action: &Scope<String>) -> Parsed<Vec<Condition>> {
        let map = match value {
            None => return Ok(Vec::new()),
            Some(Value::Object(map)) => map,
            Some(_) => return Err(self.syntax(place, "Condition is an object of operators.")),
        };
        let mut found = Vec::new();
        for (name, keys) in map {
            let place = format!("{place}.{name}");
            let Some(operator) = Operator::parse(name) else {
                let help = format!("there is no condition operator \"{name}\".");
                return Err(if self.kind.is_bucket() {
                    self.fault(&place, format!("Invalid Condition type : {name}"), help)
                } else {
                    self.syntax(&place, help)
                });
            };
            let Value::Object(keys) = keys else {
                return Err(self.syntax(&place, "an operator has keys and their values."));
            };
            for (key, values) in keys {
                let place = format!("{place}.{key}");
                self.condition_key(&place, key, action)?;
                let values = self.condition_values(&place, values)?;
                if let Some(value) = values.iter().find(|value| !operator.test.takes(value) && !has_variable(value)) {
                    let help = format!("\"{value}\" is nothing that {name} can compare with.");
                    return Err(match (self.kind, operator.test) {
                        (PolicyKind::Bucket(_), Test::Ip { .. }) => self.fault(&place, "Invalid IP address in Conditions", help),
                        (_, Test::Date { .. }) => self.fault(&place, "The policy failed legacy parsing", help),
                        _ => self.syntax(&place, help),
                    });
                }
                found.push(Condition {
                    operator,
                    key: key.clone(),
                    values,
                });
            }
        }
        Ok(found)
    }

    /// Values are text, numbers or booleans, one or a list.
    fn condition_values(&self, place: &str, value: &Value) -> Parsed<Vec<String>> {
        let one = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
            _ => Err(self.syntax(place, "a condition's value is text, a number or a boolean.")),
        };
        match value {
            Value::Array(list) => list.iter().map(one).collect(),
            value => Ok(Vec::from([one(value)?])),
        }
    }

    fn condition_key(&self, place: &str, key: &str, action: &Scope<String>) -> Parsed<()> {
        let Some((vendor, name)) = key.split_once(':') else {
            return Err(if self.kind.is_bucket() {
                self.fault(
                    place,
                    "Policy has an invalid condition key",
                    format!("\"{key}\" has no service before it, as in aws:SourceIp."),
                )
            } else {
                self.fault(place, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.", "")
            });
        };
        if !self.kind.is_bucket() {
            return Ok(());
        }
        if vendor.eq_ignore_ascii_case("aws") && !name.is_empty() {
            return Ok(());
        }
        let known = S3_KEYS.iter().find(|(known, _)| match known.strip_suffix('/') {
            Some(stem) => {
                key.get(..stem.len()).is_some_and(|head| head.eq_ignore_ascii_case(stem))
                    && key.get(stem.len()..).is_some_and(|tail| tail.starts_with('/') && tail.len() > 1)
            }
            None => known.eq_ignore_ascii_case(key),
        });
        let Some((_, actions)) = known else {
            return Err(self.fault(place, "Policy has an invalid condition key", format!("S3 has no condition key \"{key}\".")));
        };
        let Scope::Only(stated) = action else { return Ok(()) };
        let fits = |stated: &String| {
            let name = stated.split_once(':').map_or("*", |(_, name)| name);
            actions.is_empty() || name.contains(['*', '?']) || actions.iter().any(|known| super::pattern::matches_action(known, name))
        };
        match stated.iter().find(|stated| !fits(stated)) {
            None => Ok(()),
            Some(stated) => Err(self.fault(
                place,
                "Conditions do not apply to combination of actions and resources in statement",
                format!("a request for {stated} never has {key}; it belongs to {}.", actions.join(", ")),
            )),
        }
    }

    /// S3 refuses a statement with an action that none of its resources can have: a bucket's action on objects, or the reverse.
    fn applies(&self, place: &str, actions: &[String], resources: &[String]) -> Parsed<()> {
        let has = |level: Level| resources.iter().any(|resource| resource_admits(resource, level));
        for action in actions {
            if action == "*" || s3_levels(action).any(has) {
                continue;
            }
            let help = if s3_levels(action).any(|level| level == Level::Bucket) {
                format!("{action} is about the bucket: its resource is the bucket's ARN, without /*.")
            } else {
                format!("{action} is about objects: their resource ends with /* or a key.")
            };
            return Err(self.fault(place, "Action does not apply to any resource(s) in statement", help));
        }
        Ok(())
    }
}

/// Whether a resource of a bucket policy can be a bucket, or an object.
pub(super) fn resource_admits(resource: &str, level: Level) -> bool {
    if resource == "*" {
        return true;
    }
    let path = resource.splitn(6, ':').nth(5).unwrap_or_default();
    match (level, path.split_once('/')) {
        (Level::Account, _) => false,
        // A wildcard at the end of a bucket's name takes in the slash and what follows.
        (Level::Object, None) => path.contains('*'),
        (Level::Object, Some(_)) | (Level::Bucket, None) => true,
        (Level::Bucket, Some(_)) => false,
    }
}

/// An account, `arn:aws:iam::…:root|user/…|role/…`, `arn:aws:sts::…:assumed-role/…|federated-user/…`, or a unique id.
fn is_aws_principal(text: &str) -> bool {
    if account_of(text).is_some() {
        return true;
    }
    let is_unique = |text: &str| {
        let head = text.get(..4).unwrap_or_default();
        ["AIDA", "AROA"].contains(&head) && text.len() >= 16 && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    if is_unique(text) {
        return true;
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let ["arn", partition, service, "", account, path] = parts.as_slice() else {
        return false;
    };
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) || *account == "cloudfront";
    let kinds: &[&str] = match *service {
        "iam" => &["user/", "role/"],
        "sts" => &["assumed-role/", "federated-user/"],
        _ => return false,
    };
    let named = kinds.iter().any(|kind| path.strip_prefix(kind).is_some_and(|name| !name.is_empty()));
    partition.starts_with("aws") && is_account && named && !text.contains(['*', '?'])
}
