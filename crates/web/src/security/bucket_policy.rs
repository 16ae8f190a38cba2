//! A bucket's policy: the editor with ready examples, saving and deleting it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::ApiError;

use super::editor::PolicyEditor;
use super::json::pretty;
use super::model::{Kind, account_id, asked, identities};
use super::verdict::bucket_policy;
use crate::components::{Confirm, Fault};
use crate::host::{Host, use_host};

/// An account that is nobody's here; the evaluator asks about the same.
const ANOTHER_ACCOUNT: &str = "111122223333";

/// What the select offers, and the policy that each writes.
const EXAMPLES: [(&str, &str); 4] = [
    ("public", "Everybody may read"),
    ("tls", "Deny requests without TLS"),
    ("account", "Another account may read"),
    ("role", "Only one role"),
];

/// Whom the examples name: this account, and a role.
#[derive(Clone, Debug, Default, PartialEq)]
struct Names {
    account: String,
    role: String,
}

async fn names(host: Host, (): ()) -> Result<Names, ApiError> {
    let account = account_id(host).await?;
    let found = identities(host, ()).await?;
    let role = found.into_iter().find(|identity| identity.kind == Kind::Role).map(|role| role.arn);
    Ok(Names {
        role: role.unwrap_or_else(|| format!("arn:aws:iam::{account}:role/analytics")),
        account,
    })
}

fn example(which: &str, bucket: &str, names: &Names) -> Value {
    let (own, objects) = (format!("arn:aws:s3:::{bucket}"), format!("arn:aws:s3:::{bucket}/*"));
    let statement = match which {
        "public" => json!({ "Sid": "PublicRead", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": objects }),
        "tls" => json!({
            "Sid": "DenyInsecureTransport", "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [own, objects],
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        }),
        "account" => json!({
            "Sid": "OtherAccountReads", "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{ANOTHER_ACCOUNT}:root") },
            "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [own, objects],
        }),
        _ => json!({
            "Sid": "OnlyThisRole", "Effect": "Deny", "Principal": "*", "Action": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], "Resource": objects,
            "Condition": { "ArnNotEquals": { "aws:PrincipalArn": [names.role, format!("arn:aws:iam::{}:root", names.account)] } },
        }),
    };
    json!({ "Version": "2012-10-17", "Statement": [statement] })
}

/// Puts a statement of an example behind those that a document has; a text that is no policy is replaced.
fn with_example(text: &str, example: Value) -> Value {
    let Ok(Value::Object(mut document)) = serde_json::from_str::<Value>(text) else {
        return example;
    };
    let Some(Value::Array(statements)) = document.get_mut("Statement") else {
        return example;
    };
    let added = example.get("Statement").and_then(Value::as_array).cloned().unwrap_or_default();
    for statement in added {
        if !statements.contains(&statement) {
            statements.push(statement);
        }
    }
    Value::Object(document)
}

#[component]
pub fn BucketPolicy(bucket: String) -> impl IntoView {
    let host = use_host();
    let bucket = StoredValue::new(bucket);
    let answer = asked(host, move || Some(bucket.get_value()), bucket_policy);
    let who = asked(host, || Some(()), names);
    let document = RwSignal::new(String::new());
    let kept = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<ApiError>);
    let deleting = RwSignal::new(false);
    Effect::new(move |_| {
        if let Some(Ok(policy)) = answer.get() {
            document.set(policy.clone());
            kept.set(policy);
            refused.set(None);
        }
    });
    let changed = Memo::new(move |_| document.with(|document| kept.with(|kept| document != kept)));
    let save = move |_| {
        let params = json!({ "Bucket": bucket.get_value(), "Policy": document.get_untracked() });
        spawn_local(async move {
            match host.call("s3", "PutBucketPolicy", params).await {
                Ok(_) => {
                    kept.set(document.get_untracked());
                    refused.set(None);
                    host.toast_done("Saved the bucket policy.");
                    host.announce("Saved the bucket policy.");
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    let delete = Callback::new(move |()| {
        spawn_local(async move {
            match host.call("s3", "DeleteBucketPolicy", json!({ "Bucket": bucket.get_value() })).await {
                Ok(_) => host.toast_done("Deleted the bucket policy."),
                Err(error) => host.toast_error(&error),
            }
        });
    });
    let insert = move |event: leptos::ev::Event| {
        let which = event_target_value(&event);
        let names = who
            .with_untracked(|who| who.as_ref().and_then(|who| who.as_ref().ok()).cloned())
            .unwrap_or_default();
        if !which.is_empty() {
            let example = example(&which, &bucket.get_value(), &names);
            document.update(|text| *text = pretty(&with_example(text, example)));
        }
        // So that the same one can be chosen again.
        if let Some(select) = leptos::prelude::document().get_element_by_id("policy-example") {
            use wasm_bindgen::JsCast;
            if let Ok(select) = select.dyn_into::<web_sys::HtmlSelectElement>() {
                select.set_value("");
            }
        }
    };
    view! {
        <PolicyEditor id="bucket-policy" label="Policy" kind="Bucket" bucket=bucket.get_value() text=document>
            <label class="visually-hidden" for="policy-example">
                "Add an example"
            </label>
            <select id="policy-example" class="select" on:change=insert>
                <option value="">"Add an example…"</option>
                {EXAMPLES.into_iter().map(|(value, label)| view! { <option value=value>{label}</option> }).collect_view()}
            </select>
        </PolicyEditor>
        {move || refused.get().map(|error| view! { <Fault error=error /> })}
        <p class="acts">
            <button type="button" class="btn primary" disabled=move || !changed.get() || document.with(|text| text.trim().is_empty()) on:click=save>
                "Save policy"
            </button>
            <button
                type="button"
                class="btn"
                hidden=move || !changed.get()
                on:click=move |_| {
                    document.set(kept.get_untracked());
                    refused.set(None);
                }
            >
                "Discard"
            </button>
            <button type="button" class="btn danger" hidden=move || kept.with(String::is_empty) on:click=move |_| deleting.set(true)>
                "Delete policy"
            </button>
        </p>
        <Confirm open=deleting title="Delete the bucket policy?" act="Delete the policy" on_confirm=delete>
            <p>"What it allows and denies ends at once. Policies of users and roles stay."</p>
        </Confirm>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_policies_of_the_bucket() {
        use sluice_core::access::{Policy, PolicyKind, is_public};
        let names = Names {
            account: "123456789012".into(),
            role: "arn:aws:iam::123456789012:role/etl".into(),
        };
        for (which, _) in EXAMPLES {
            let text = pretty(&example(which, "lake", &names));
            let policy = Policy::parse(&text, PolicyKind::Bucket("lake")).unwrap_or_else(|fault| panic!("{which}: {fault:?}"));
            assert_eq!(is_public(&policy), which == "public", "{which}");
        }
    }

    #[test]
    fn an_example_joins_what_is_there() {
        let names = Names::default();
        let first = example("tls", "lake", &names);
        let text = pretty(&first);
        let both = with_example(&text, example("account", "lake", &names));
        assert_eq!(both["Statement"].as_array().map(Vec::len), Some(2));
        assert_eq!(with_example(&text, first.clone())["Statement"].as_array().map(Vec::len), Some(1));
        assert_eq!(with_example("no json", first.clone()), first);
    }
}
