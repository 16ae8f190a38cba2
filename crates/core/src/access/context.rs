use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use super::Principal;
use crate::sim::SimTime;

/// What a request says about itself beside principal, action and resource: values by condition key. Keys are compared without regard to case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    pub fn set(&mut self, key: &str, value: impl ToString) {
        self.0.insert(key.to_ascii_lowercase(), vec![value.to_string()]);
    }

    /// A key of several values (`aws:TagKeys`, `s3:RequestObjectTagKeys`).
    pub fn set_all(&mut self, key: &str, values: Vec<String>) {
        self.0.insert(key.to_ascii_lowercase(), values);
    }

    pub fn set_some(&mut self, key: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.set(key, value);
        }
    }

    pub fn remove(&mut self, key: &str) {
        self.0.remove(&key.to_ascii_lowercase());
    }

    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }

    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The keys that follow from who asks and when ("AWS global condition context keys").
    pub fn of(principal: &Principal, now: SimTime) -> Context {
        let mut context = Context::default();
        context.set("aws:CurrentTime", now.whole_second());
        context.set("aws:EpochTime", now.micros().div_euclid(1_000_000));
        context.set("aws:PrincipalType", principal.kind());
        context.set("aws:userid", principal.user_id());
        context.set("aws:PrincipalIsAWSService", matches!(principal, Principal::Service(_)));
        context.set("aws:ViaAWSService", false);
        if let Principal::Service(name) = principal {
            context.set("aws:PrincipalServiceName", name);
        }
        context.set_some("aws:PrincipalArn", principal.arn());
        context.set_some("aws:PrincipalAccount", principal.account());
        if let Principal::User { name, .. } = principal {
            context.set("aws:username", name);
        }
        context
    }

    /// A key and its values in words, for a trace.
    pub(super) fn shown(&self, key: &str) -> String {
        match self.get(key) {
            None => format!("the request has no {key}"),
            Some([]) => format!("{key} is empty in the request"),
            Some(values) => format!("{key} is {}", values.join(", ")),
        }
    }
}
