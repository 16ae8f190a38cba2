//! The Management tab of a bucket: its lifecycle rules.

use leptos::prelude::*;
use serde_json::{Value, json};
use sluice_core::account::Call;

use super::section::Section;
use crate::components::{Empty, Fault};
use crate::host::{query, use_host};

#[component]
pub fn Management(bucket: String) -> impl IntoView {
    let host = use_host();
    let answer = query(host, move || {
        Some(Call::new("s3", "GetBucketLifecycleConfiguration", json!({ "Bucket": bucket })))
    })
    .answer;
    view! {
        <Section title="Lifecycle rules" about="What moves objects to other storage classes and deletes them, by their age.">
            {move || match answer.get() {
                None => ().into_any(),
                Some(Err(error)) if error.code == "NoSuchLifecycleConfiguration" => {
                    view! { <Empty title="No lifecycle rules" text="Objects stay in their storage class until somebody moves or deletes them." /> }.into_any()
                }
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(configuration)) => {
                    let rules = configuration.get("Rules").and_then(Value::as_array).cloned().unwrap_or_default();
                    view! {
                        <ul class="plain">
                            {rules.into_iter().map(|rule| view! { <li class="mono">{rule.get("ID").and_then(Value::as_str).unwrap_or_default().to_owned()}</li> }).collect_view()}
                        </ul>
                    }
                        .into_any()
                }
            }}
        </Section>
    }
}
