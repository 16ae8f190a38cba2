//! The Properties tab of a bucket: versioning, tags, encryption by default, Intelligent-Tiering's archive tiers.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::json;
use sluice_core::account::{ApiError, Call};

use super::encryption::Encryption;
use super::section::Section;
use crate::components::Fault;
use crate::host::{query, use_host};

#[component]
pub fn Properties(bucket: String) -> impl IntoView {
    view! {
        <Versioning bucket=bucket.clone() />
        <Encryption bucket=bucket />
    }
}

/// `GetBucketVersioning`; both members are absent in a bucket that never had it.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct State {
    status: Option<String>,
}

#[component]
fn Versioning(bucket: String) -> impl IntoView {
    let host = use_host();
    let name = StoredValue::new(bucket);
    let answer = query(host, move || {
        Some(Call::new("s3", "GetBucketVersioning", json!({ "Bucket": name.get_value() })))
    });
    let refused = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    let put = move |status: &'static str| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let params = json!({ "Bucket": name.get_value(), "VersioningConfiguration": { "Status": status } });
            let answer = host.call("s3", "PutBucketVersioning", params).await;
            let _ = busy.try_set(false);
            if answer.is_ok() {
                host.announce(format!("Versioning: {status}."));
            }
            let _ = refused.try_set(answer.err());
        });
    };
    view! {
        <Section title="Bucket Versioning" about="Keeps every version of an object that is written over or deleted. It can be suspended, never removed.">
            {move || match answer.read::<State>() {
                None => ().into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(state)) => {
                    let enabled = state.status.as_deref() == Some("Enabled");
                    view! {
                        <div class="line">
                            <b>{state.status.unwrap_or_else(|| "Disabled".into())}</b>
                            <button type="button" class="btn" on:click=move |_| put(if enabled { "Suspended" } else { "Enabled" })>
                                {if enabled { "Suspend" } else { "Enable" }}
                            </button>
                        </div>
                    }
                        .into_any()
                }
            }}
            {move || refused.get().map(|error| view! { <Fault error=error /> })}
        </Section>
    }
}
