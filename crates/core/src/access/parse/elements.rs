//! The elements of a statement that name something: principals, actions, resources.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Value};

use super::{Fault, Parsed, PolicyKind, Reader};
use crate::access::actions::{Level, is_express, s3_levels};
use crate::access::document::{PrincipalPattern, Scope};
use crate::access::pattern::{Pattern, has_variable, matches_action};
use crate::access::principal::account_of;

impl Reader<'_> {
    pub(super) fn principal(&self, place: &str, map: &Map<String, Value>) -> Parsed<Option<Scope<PrincipalPattern>>> {
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

    pub(super) fn action(&self, place: &str, text: &str) -> Parsed<()> {
        if self.kind.is_directory() {
            if text != "*" && !is_express(text) {
                let help = format!("\"{text}\" is no action on directory buckets, as s3express:CreateSession, nor a pattern that one matches.");
                return Err(self.fault(place, "Policy has invalid action", help));
            }
            return Ok(());
        }
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
        let trusted = || TRUST.iter().any(|known| matches_action(known, name) || matches_action(name, known));
        if self.kind == PolicyKind::Trust && !(vendor.eq_ignore_ascii_case("sts") && trusted()) {
            return Err(self.fault(
                place,
                "AssumeRole policy may only specify STS AssumeRole actions.",
                format!("\"{text}\" is none."),
            ));
        }
        Ok(())
    }

    pub(super) fn resource(&self, place: &str, text: &str) -> Parsed<()> {
        if text == "*" {
            return Ok(());
        }
        if let PolicyKind::Bucket(bucket) = self.kind {
            let parts: Vec<&str> = text.splitn(6, ':').collect();
            let named = match parts.as_slice() {
                ["arn", partition, service, _, _, path] if self.kind.is_directory() => {
                    let of = path.strip_prefix("bucket/").unwrap_or_default();
                    Pattern::new(partition).matches("aws") && Pattern::new(service).matches("s3express") && Pattern::new(of).matches(bucket)
                }
                ["arn", partition, service, _, _, path] => {
                    let of = path.split('/').next().unwrap_or_default();
                    Pattern::new(partition).matches("aws") && Pattern::new(service).matches("s3") && Pattern::new(of).matches(bucket)
                }
                _ => false,
            };
            if !named && !has_variable(text) {
                let help = if self.kind.is_directory() {
                    format!("\"{text}\" is not this bucket: it is arn:aws:s3express:Region:account:bucket/{bucket}.")
                } else {
                    String::new()
                };
                let of_general =
                    || format!("\"{text}\" is not of this bucket: it is arn:aws:s3:::{bucket} for the bucket, arn:aws:s3:::{bucket}/* for its objects.");
                let help = if help.is_empty() { of_general() } else { help };
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

    /// S3 refuses a statement with an action that none of its resources can have: a bucket's action on objects, or the reverse.
    pub(super) fn applies(&self, place: &str, actions: &[String], resources: &[String]) -> Parsed<()> {
        if self.kind.is_directory() {
            return Ok(());
        }
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
pub fn resource_admits(resource: &str, level: Level) -> bool {
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
