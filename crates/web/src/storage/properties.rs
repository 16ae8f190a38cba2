//! The Properties tab of a bucket: versioning, tags, encryption by default, Intelligent-Tiering's archive tiers, access logs.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::json;
use sluice_core::account::{ApiError, Call};

use super::encryption::Encryption;
use super::logging::AccessLogging;
use super::model::zone_of;
use super::schedule::Tags;
use super::section::Section;
use crate::components::Fault;
use crate::host::{query, use_host};

#[component]
pub fn Properties(bucket: String) -> impl IntoView {
    if let Some(zone) = zone_of(&bucket).map(ToOwned::to_owned) {
        let about = "A directory bucket lies in one Availability Zone. It has no versions, object tags, ACLs, access logs or archive tiers.";
        return view! {
            <Section title="Availability Zone" about=about>
                <p class="line">
                    <b>{zone}</b>
                    <span class="chip">"S3 Express One Zone"</span>
                </p>
            </Section>
            <Encryption bucket=bucket />
        }
        .into_any();
    }
    let tagged = bucket.clone();
    view! {
        <Versioning bucket=bucket.clone() />
        <Section title="Tags" about="Keys and values of the bucket itself: for cost reports and policies.">
            <Tags bucket=tagged key=None />
        </Section>
        <Tiering bucket=bucket.clone() />
        <AccessLogging bucket=bucket.clone() />
        <Encryption bucket=bucket />
    }
    .into_any()
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

/// `ListBucketIntelligentTieringConfigurations`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Configurations {
    intelligent_tiering_configuration_list: Vec<Configuration>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Configuration {
    id: String,
    status: String,
    tierings: Vec<Tier>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Tier {
    days: u64,
    access_tier: String,
}

/// Archive tiers of Intelligent-Tiering: after so many days without access. Objects move there only where a configuration says so.
#[component]
fn Tiering(bucket: String) -> impl IntoView {
    let host = use_host();
    let name = StoredValue::new(bucket);
    let answer = query(host, move || {
        Some(Call::new(
            "s3",
            "ListBucketIntelligentTieringConfigurations",
            json!({ "Bucket": name.get_value() }),
        ))
    });
    let refused = RwSignal::new(None::<ApiError>);
    let call = move |operation: &'static str, params: serde_json::Value| {
        spawn_local(async move {
            let answer = host.call("s3", operation, params).await;
            let _ = refused.try_set(answer.err());
        });
    };
    let tier = RwSignal::new(String::from("ARCHIVE_ACCESS"));
    let days = RwSignal::new(String::from("90"));
    let id = RwSignal::new(String::from("archive"));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let (id, typed) = (id.get_untracked(), days.get_untracked());
        let days = typed.trim().parse::<i64>().map_or_else(|_| serde_json::Value::from(typed.clone()), Into::into);
        let configuration = json!({ "Id": id, "Status": "Enabled", "Tierings": [{ "Days": days, "AccessTier": tier.get_untracked() }] });
        call(
            "PutBucketIntelligentTieringConfiguration",
            json!({ "Bucket": name.get_value(), "Id": id, "IntelligentTieringConfiguration": configuration }),
        );
    };
    view! {
        <Section
            title="Intelligent-Tiering archive configurations"
            about="Objects of Intelligent-Tiering that nobody reads for so many days go into an archive tier, from which they must be restored."
        >
            {move || match answer.read::<Configurations>() {
                None => ().into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(list)) => {
                    list.intelligent_tiering_configuration_list
                        .into_iter()
                        .map(|configuration| {
                            let tiers: Vec<String> = configuration.tierings.iter().map(|tier| format!("{} after {} days", tier.access_tier, tier.days)).collect();
                            let doomed = configuration.id.clone();
                            view! {
                                <div class="line">
                                    <b>{configuration.id.clone()}</b>
                                    <span class="chip">{configuration.status}</span>
                                    <span>{tiers.join(", ")}</span>
                                    <button
                                        type="button"
                                        class="btn danger"
                                        aria-label=format!("Delete {}", configuration.id)
                                        on:click=move |_| {
                                            call("DeleteBucketIntelligentTieringConfiguration", json!({ "Bucket": name.get_value(), "Id": doomed }))
                                        }
                                    >
                                        "Delete"
                                    </button>
                                </div>
                            }
                        })
                        .collect_view()
                        .into_any()
                }
            }}
            <form class="line" on:submit=submit novalidate>
                <div class="field">
                    <label for="tiering-id">"Configuration name"</label>
                    <input id="tiering-id" class="input mono" prop:value=move || id.get() on:input=move |event| id.set(event_target_value(&event)) />
                </div>
                <div class="field">
                    <label for="tiering-tier">"Archive tier"</label>
                    <select id="tiering-tier" class="select" on:change=move |event| tier.set(event_target_value(&event))>
                        <option value="ARCHIVE_ACCESS">"Archive Access"</option>
                        <option value="DEEP_ARCHIVE_ACCESS">"Deep Archive Access"</option>
                    </select>
                </div>
                <div class="field">
                    <label for="tiering-days">"Days without access"</label>
                    <input
                        id="tiering-days"
                        class="input mono"
                        inputmode="numeric"
                        prop:value=move || days.get()
                        on:input=move |event| days.set(event_target_value(&event))
                    />
                </div>
                <button type="submit" class="btn">
                    "Save configuration"
                </button>
            </form>
            {move || refused.get().map(|error| view! { <Fault error=error /> })}
        </Section>
    }
}
