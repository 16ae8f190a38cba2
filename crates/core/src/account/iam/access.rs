use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::state::Permissions;
use super::{Iam, aws_managed};
use crate::access::{Policy, PolicyKind, Principal, Source};

/// The policies that an identity has: the inline ones, then the attached ones, by name.
#[derive(Clone, Debug, Default)]
pub struct IdentityPolicies {
    policies: Vec<(String, Policy)>,
    /// A policy is attached whose document the account does not know, so what is allowed cannot be told.
    pub incomplete: bool,
}

impl IdentityPolicies {
    /// One policy that allows everything: of an identity whose own policies are not here.
    pub fn everything(name: &str) -> Self {
        let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
        let policy = Policy::parse(text, PolicyKind::Managed).unwrap_or_default();
        IdentityPolicies {
            policies: Vec::from([(name.to_string(), policy)]),
            incomplete: false,
        }
    }

    pub fn sources(&self) -> Vec<Source<'_>> {
        self.policies.iter().map(|(name, policy)| Source { name, policy }).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.policies.is_empty() && !self.incomplete
    }
}

impl Iam {
    /// The policies of a user or role of this account. Everybody else has none here.
    pub fn policies_of(&self, principal: &Principal) -> IdentityPolicies {
        let permissions = match principal {
            Principal::User { account, name, .. } if *account == self.account_id => self.user(name).map(|user| &user.permissions),
            Principal::Role { account, name, .. } if *account == self.account_id => self.role(name).map(|role| &role.permissions),
            _ => None,
        };
        permissions.map(|permissions| self.read(permissions)).unwrap_or_default()
    }

    /// A document that was kept before documents were read, and does not read, allows nothing.
    fn read(&self, permissions: &Permissions) -> IdentityPolicies {
        let mut found = IdentityPolicies::default();
        for (name, document) in &permissions.inline {
            found
                .policies
                .push((name.clone(), Policy::parse(document, PolicyKind::Inline).unwrap_or_default()));
        }
        for (arn, name) in &permissions.attached {
            match self.document(arn) {
                Some(document) => found
                    .policies
                    .push((name.clone(), Policy::parse(&document, PolicyKind::Managed).unwrap_or_default())),
                None => found.incomplete = true,
            }
        }
        found
    }

    /// The document of a managed policy, the account's or AWS's.
    pub(super) fn document(&self, arn: &str) -> Option<String> {
        match self.policies.get(arn) {
            Some(policy) => Some(policy.document.clone()),
            None => aws_managed::find(arn).map(|policy| policy.document().to_string()),
        }
    }

    /// The policies of the role that a crawler or job was given, or `None` where it may do everything.
    ///
    /// A simplification, and it says so: a role that nobody created, and one without a policy or with one that the account does not know, is not held to its policies.
    pub fn service_role_policies(&self, role: &Principal) -> Option<IdentityPolicies> {
        let policies = self.policies_of(role);
        (!policies.is_empty() && !policies.incomplete).then_some(policies)
    }
}
