//! What must hold of the evaluator whatever the policies.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_core::access::{Context, Policies, Policy, PolicyKind, Principal, Request, Source, evaluate, is_public, warnings};
use sluice_core::sim::SimTime;

const ACCOUNT: &str = "123456789012";

fn statement() -> impl Strategy<Value = Value> {
    let effect = prop_oneof![3 => Just("Allow"), 1 => Just("Deny")];
    let action = prop_oneof![Just("s3:GetObject"), Just("s3:Get*"), Just("s3:*"), Just("s3:PutObject")];
    let resource = prop_oneof![
        Just("arn:aws:s3:::lake/*"),
        Just("arn:aws:s3:::lake/a*"),
        Just("arn:aws:s3:::lake/${aws:username}/*")
    ];
    let principal = prop_oneof![
        Just(json!("*")),
        Just(json!({"AWS": ACCOUNT})),
        Just(json!({"AWS": "111122223333"})),
        Just(json!({"AWS": "arn:aws:iam::123456789012:user/alice"})),
    ];
    let condition = prop_oneof![
        3 => Just(Value::Null),
        1 => Just(json!({"Bool": {"aws:SecureTransport": "true"}})),
        1 => Just(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})),
    ];
    let except = any::<[bool; 2]>();
    (effect, action, resource, principal, condition, except).prop_map(|(effect, action, resource, principal, condition, [not_action, not_resource])| {
        let mut statement = json!({"Effect": effect, "Principal": principal});
        statement[if not_action { "NotAction" } else { "Action" }] = json!(action);
        statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resource);
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        statement
    })
}

fn bucket_policy(statements: &[Value]) -> Policy {
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Policy::parse(&text, PolicyKind::Bucket("lake")).unwrap()
}

fn identity_policy(statements: &[Value]) -> Policy {
    let mut statements = statements.to_vec();
    for statement in &mut statements {
        statement.as_object_mut().unwrap().remove("Principal");
    }
    let text = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Policy::parse(&text, PolicyKind::Inline).unwrap()
}

fn principal() -> impl Strategy<Value = Principal> {
    let user = |account: &str| Principal::User {
        account: account.into(),
        path: "/".into(),
        name: "alice".into(),
        id: "AIDAEXAMPLEALICE00000".into(),
    };
    prop_oneof![
        Just(Principal::Anonymous),
        Just(Principal::Root { account: ACCOUNT.into() }),
        Just(user(ACCOUNT)),
        Just(user("111122223333")),
        Just(Principal::Service("logging.s3.amazonaws.com".into())),
    ]
}

fn request(principal: Principal, key: &str, secure: bool) -> Request {
    let mut context = Context::of(&principal, SimTime::EPOCH);
    context.set("aws:SecureTransport", secure);
    context.set("aws:SourceIp", "203.0.113.5");
    Request {
        principal,
        action: "s3:GetObject".into(),
        resource: format!("arn:aws:s3:::lake/{key}"),
        resource_account: ACCOUNT.into(),
        context,
    }
}

fn decide(request: &Request, identity: &Policy, resource: Option<&Policy>) -> sluice_core::access::Decision {
    let named = |name, policy| Source { name, policy };
    let policies = Policies {
        identity: vec![named("identity", identity)],
        resource: resource.map(|policy| named("bucket", policy)),
        ..Policies::default()
    };
    evaluate(request, &policies)
}

proptest! {
    #[test]
    fn the_order_of_statements_decides_nothing(
        own in proptest::collection::vec(statement(), 1..4),
        bucket in proptest::collection::vec(statement(), 1..4),
        principal in principal(), key in "(a|b|alice/x)", secure: bool,
    ) {
        let request = request(principal, &key, secure);
        let forward = decide(&request, &identity_policy(&own), Some(&bucket_policy(&bucket)));
        let (mut own, mut bucket) = (own, bucket);
        own.reverse();
        bucket.reverse();
        let backward = decide(&request, &identity_policy(&own), Some(&bucket_policy(&bucket)));
        prop_assert_eq!((forward.allowed, forward.reason), (backward.allowed, backward.reason));
    }

    #[test]
    fn a_deny_more_never_allows_more(
        own in proptest::collection::vec(statement(), 1..4),
        bucket in proptest::collection::vec(statement(), 1..4),
        extra in statement(), principal in principal(), key in "(a|b|alice/x)", secure: bool,
    ) {
        let request = request(principal, &key, secure);
        let before = decide(&request, &identity_policy(&own), Some(&bucket_policy(&bucket)));
        let mut extra = extra;
        extra["Effect"] = json!("Deny");
        let mut bucket = bucket;
        bucket.push(extra);
        let after = decide(&request, &identity_policy(&own), Some(&bucket_policy(&bucket)));
        prop_assert!(before.allowed || !after.allowed);
    }

    #[test]
    fn an_allow_more_never_denies(
        own in proptest::collection::vec(statement(), 1..4), extra in statement(), principal in principal(), key in "(a|b|alice/x)", secure: bool,
    ) {
        let request = request(principal, &key, secure);
        let before = decide(&request, &identity_policy(&own), None);
        let mut extra = extra;
        extra["Effect"] = json!("Allow");
        let after = decide(&request, &identity_policy(&own), Some(&bucket_policy(&[extra])));
        prop_assert!(!before.allowed || after.allowed);
    }

    /// A policy that is not public lets no anonymous caller in from anywhere in the world.
    #[test]
    fn nobody_gets_in_by_a_policy_that_is_not_public(bucket in proptest::collection::vec(statement(), 1..4), key in "(a|b|alice/x)", address in any::<[u8; 4]>()) {
        let policy = bucket_policy(&bucket);
        let mut request = request(Principal::Anonymous, &key, true);
        let [a, b, c, d] = address;
        prop_assume!([a, b, c] != [203, 0, 113]);
        request.context.set("aws:SourceIp", format!("{a}.{b}.{c}.{d}"));
        let allowed = decide(&request, &identity_policy(&bucket[..1]), Some(&policy));
        // An anonymous caller has no policies of its own; `identity` above would be the caller's, and its denies count.
        prop_assert!(is_public(&policy) || !allowed.allowed);
    }

    #[test]
    fn no_document_panics(text in ".{0,64}", value in any_document()) {
        for kind in [PolicyKind::Inline, PolicyKind::Managed, PolicyKind::Trust, PolicyKind::Bucket("lake"), PolicyKind::Key] {
            let _ = Policy::parse(&text, kind);
            if let Ok(policy) = Policy::parse(&value.to_string(), kind) {
                let _ = (is_public(&policy), warnings(&policy));
                let _ = decide(&request(Principal::Anonymous, "a", true), &policy, Some(&policy));
            }
        }
    }
}

/// Documents whose members are often the right ones and whose values often are not.
fn any_document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!("*")),
        Just(json!("s3:GetObject")),
        Just(json!("arn:aws:s3:::lake/*")),
        Just(json!("Allow")),
        Just(json!("2012-10-17")),
        Just(json!(null)),
        Just(json!(7)),
        "[*?${}:/a-z,']{0,12}".prop_map(|text| json!(text)),
    ];
    let name = prop_oneof![
        Just("Version"),
        Just("Statement"),
        Just("Effect"),
        Just("Action"),
        Just("Resource"),
        Just("Principal"),
        Just("AWS"),
        Just("Condition"),
        Just("ForAnyValue:StringLike"),
        Just("IpAddress"),
        Just("aws:SourceIp"),
    ];
    leaf.prop_recursive(5, 32, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            proptest::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().map(|(name, value)| (name.to_string(), value)).collect())),
        ]
    })
}
