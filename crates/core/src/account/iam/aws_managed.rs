//! Managed policies of AWS's own, as data: `aws_managed.json`.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use crate::sim::{Rng, fnv1a};

/// A policy of AWS's own.
pub(super) struct AwsPolicy {
    pub arn: String,
    pub value: Value,
}

impl AwsPolicy {
    fn text(&self, name: &str) -> &str {
        self.value.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    pub fn name(&self) -> &str {
        self.text("PolicyName")
    }

    pub fn path(&self) -> &str {
        self.text("Path")
    }

    pub fn version(&self) -> &str {
        self.text("DefaultVersionId")
    }

    pub fn updated(&self) -> &str {
        self.text("UpdateDate")
    }

    pub fn document(&self) -> &Value {
        self.value.get("Document").unwrap_or(&Value::Null)
    }

    /// As GetPolicy shows it; its id follows from its name.
    pub fn shown(&self, attached: usize, whole: bool) -> Value {
        let id = super::state::unique_id("ANPA", &mut Rng::new(fnv1a(0, self.arn.as_bytes())));
        let mut shown = json!({
            "PolicyName": self.name(),
            "PolicyId": id,
            "Arn": self.arn,
            "Path": self.path(),
            "DefaultVersionId": self.version(),
            "AttachmentCount": attached,
            "PermissionsBoundaryUsageCount": 0,
            "IsAttachable": true,
            "CreateDate": self.text("CreateDate"),
            "UpdateDate": self.updated(),
        });
        if whole {
            shown["Description"] = json!(self.text("Description"));
        }
        shown
    }
}

/// All of them that the account knows.
pub(super) fn all() -> Vec<AwsPolicy> {
    let file: Value = serde_json::from_str(include_str!("aws_managed.json")).unwrap_or_default();
    let policies = file.get("policies").and_then(Value::as_array).cloned().unwrap_or_default();
    policies
        .into_iter()
        .map(|value| {
            let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_string();
            let arn = format!("arn:aws:iam::aws:policy{}{}", text("Path"), text("PolicyName"));
            AwsPolicy { arn, value }
        })
        .collect()
}

pub(super) fn find(arn: &str) -> Option<AwsPolicy> {
    all().into_iter().find(|policy| policy.arn == arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::{Policy, PolicyKind};

    #[test]
    fn every_document_reads() {
        assert!(all().len() >= 6);
        for policy in all() {
            Policy::parse(&policy.document().to_string(), PolicyKind::Managed).unwrap_or_else(|fault| panic!("{}: {fault:?}", policy.arn));
        }
        assert!(find("arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole").is_some());
    }
}
