//! Policies as data: `tests/cases/policy-*.json`.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::{Value, json};
use sluice_core::access::{
    AclGrant, Context, Policies, Policy, PolicyKind, Principal, PublicAccess, Request, ResourceRule, Source, evaluate, is_public, warnings,
};
use sluice_core::account::ApiError;
use sluice_core::sim::SimTime;

const ACCOUNT: &str = "123456789012";
const OTHER: &str = "111122223333";

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("a case file is JSON");
    file["cases"].as_array().expect("a case file has cases").clone()
}

fn principal(name: &str) -> Principal {
    let user = |account: &str, name: &str, id: &str| Principal::User {
        account: account.into(),
        path: "/".into(),
        name: name.into(),
        id: id.into(),
    };
    match name {
        "root" => Principal::Root { account: ACCOUNT.into() },
        "other account" => Principal::Root { account: OTHER.into() },
        "anonymous" => Principal::Anonymous,
        "alice" => user(ACCOUNT, "alice", "AIDAEXAMPLEALICE00000"),
        "mallory" => user(OTHER, "mallory", "AIDAEXAMPLEMALLORY000"),
        "etl" => Principal::Role {
            account: ACCOUNT.into(),
            path: "/".into(),
            name: "etl".into(),
            id: "AROAEXAMPLEETL0000000".into(),
            session: "nightly".into(),
        },
        other => Principal::Service(other.strip_prefix("service:").expect("a principal of the cases").into()),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("text")
}

fn has(list: &Value, name: &str) -> bool {
    list.as_array().is_some_and(|list| list.contains(&json!(name)))
}

#[test]
fn decisions() {
    for case in cases(include_str!("../../../tests/cases/policy-decisions.json")) {
        let principal = principal(text(&case["principal"]));
        let mut context = Context::of(&principal, SimTime::parse("2026-01-01T12:00:00Z").expect("a time"));
        for (key, value) in case["context"].as_object().into_iter().flatten() {
            match value {
                Value::Array(values) => context.set_all(key, values.iter().map(|value| text(value).to_string()).collect()),
                value => context.set(key, text(value)),
            }
        }
        let parse = |value: &Value, kind: PolicyKind<'_>| Policy::parse(&value.to_string(), kind).unwrap_or_else(|fault| panic!("{case}: {fault:?}"));
        let identity: Vec<(String, Policy)> = case["identity"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| (name.clone(), parse(value, PolicyKind::Inline)))
            .collect();
        let bucket = case.get("bucket_policy").map(|value| parse(value, PolicyKind::Bucket("lake")));
        let key = case.get("key_policy").map(|value| parse(value, PolicyKind::Key));
        let named = |name: &'static str| move |policy| Source { name, policy };
        let block = |name: &str| has(&case["public_access"], name);
        let grants = [("Everyone", AclGrant::Everyone), ("AuthenticatedUsers", AclGrant::AuthenticatedUsers)];
        let policies = Policies {
            identity: identity.iter().map(|(name, policy)| Source { name, policy }).collect(),
            resource: bucket.as_ref().map(named("bucket policy")).or(key.as_ref().map(named("key policy"))),
            rule: if key.is_some() { ResourceRule::Required } else { ResourceRule::Either },
            public_access: PublicAccess {
                block_public_acls: block("BlockPublicAcls"),
                ignore_public_acls: block("IgnorePublicAcls"),
                block_public_policy: block("BlockPublicPolicy"),
                restrict_public_buckets: block("RestrictPublicBuckets"),
            },
            acl: grants.iter().filter(|(name, _)| has(&case["acl"], name)).map(|(_, grant)| *grant).collect(),
            object_owner: None,
        };
        let request = Request {
            principal,
            action: text(&case["action"]).into(),
            resource: text(&case["resource"]).into(),
            resource_account: ACCOUNT.into(),
            context,
        };
        let decision = evaluate(&request, &policies);
        assert_eq!(json!(decision.allowed), case["allowed"], "{case}\n{decision:?}");
        assert_eq!(decision.reason.as_str(), text(&case["reason"]), "{case}\n{decision:?}");
        if let Some(expected) = case.get("decided_by") {
            let decider = decision.decided_by.as_ref().expect("a statement decided");
            assert_eq!(&json!([decider.policy, decider.statement, decider.sid]), expected, "{case}");
        }
        let statements: usize = policies
            .identity
            .iter()
            .chain(&policies.resource)
            .map(|source| source.policy.statements.len())
            .sum();
        assert_eq!(decision.trace.len(), statements, "every statement leaves a step: {case}");
        let message = decision.message(&request);
        assert!(decision.allowed || message == "Access Denied" || message.contains(&request.action), "{message}");
    }
}

#[test]
fn public_policies() {
    for case in cases(include_str!("../../../tests/cases/policy-public.json")) {
        let policy = Policy::parse(&case["policy"].to_string(), PolicyKind::Bucket("lake")).unwrap_or_else(|fault| panic!("{case}: {fault:?}"));
        assert_eq!(json!(is_public(&policy)), case["public"], "{case}");
    }
}

#[test]
fn documents() {
    for case in cases(include_str!("../../../tests/cases/policy-documents.json")) {
        let kind = match text(&case["kind"]) {
            "inline" => PolicyKind::Inline,
            "managed" => PolicyKind::Managed,
            "trust" => PolicyKind::Trust,
            "key" => PolicyKind::Key,
            _ => PolicyKind::Bucket("lake"),
        };
        let document = case["text"].as_str().map_or_else(|| case["policy"].to_string(), ToString::to_string);
        match Policy::parse(&document, kind) {
            Ok(policy) => {
                assert_eq!(case.get("message"), None, "{case}");
                let found: Vec<_> = warnings(&policy).iter().map(|warning| warning.rule).collect();
                if let Some(expected) = case.get("warnings") {
                    assert_eq!(&json!(found), expected, "{case}");
                } else {
                    assert!(found.is_empty(), "{case}: {found:?}");
                }
            }
            Err(fault) => {
                assert_eq!(case["message"], fault.message, "{case}: {fault:?}");
                assert_eq!(case["place"], fault.place, "{case}: {fault:?}");
                assert_eq!(case["code"], fault.code, "{case}");
                let error = ApiError::from(fault.clone());
                assert!(fault.place.is_empty() || error.help.is_some_and(|help| help.contains(&fault.place)), "{case}");
            }
        }
    }
}
