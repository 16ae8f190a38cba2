//! The bucket's Permissions: Block Public Access, its policy, who owns its objects, and who can read them.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::account::ApiError;

use super::model::zone_of;
use super::section::Section;
use crate::components::Fault;
use crate::host::{Host, use_host};
use crate::router::{Route, Security};
use crate::security::{BucketPolicy, Four, Switches, Who, asked, configuration, of_account, switches};

#[component]
pub fn Permissions(bucket: String) -> impl IntoView {
    let (for_policy, for_who) = (bucket.clone(), bucket.clone());
    let is_directory = zone_of(&bucket).is_some();
    view! {
        <div class="permissions">
            <div class="own">
                {(!is_directory).then(|| view! { <PublicAccess bucket=bucket.clone() /> })}
                {is_directory
                    .then(|| {
                        view! {
                            <Section
                                title="Block Public Access"
                                about="All four switches are on in a directory bucket, ACLs are disabled, and neither can change."
                            >
                                ""
                            </Section>
                        }
                    })}
                <Section
                    title="Bucket policy"
                    about="Who may do what with this bucket, from the bucket’s side. It can let in other accounts, and forbid what an identity’s policy allows."
                >
                    <BucketPolicy bucket=for_policy />
                </Section>
                {(!is_directory).then(|| view! { <Ownership bucket=bucket.clone() /> })}
            </div>
            <Section title="Who can read this?" about="Everybody’s answer by all these rules together, and the statement that decided it.">
                <Who bucket=for_who />
            </Section>
        </div>
    }
}

/// The bucket's switches, and the account's, which hold as well.
async fn read_switches(host: Host, bucket: String) -> Result<(Four, Four), ApiError> {
    let own = switches(host.call("s3", "GetPublicAccessBlock", json!({ "Bucket": bucket })).await)?;
    Ok((own, of_account(host).await?))
}

#[component]
fn PublicAccess(bucket: String) -> impl IntoView {
    let host = use_host();
    let bucket = StoredValue::new(bucket);
    let answer = asked(host, move || Some(bucket.get_value()), read_switches);
    let draft = RwSignal::new([false; 4]);
    let kept = RwSignal::new([false; 4]);
    let refused = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        if let Some(Ok((own, _))) = answer.get() {
            draft.set(own);
            kept.set(own);
        }
    });
    let of_account = Memo::new(move |_| answer.with(|answer| matches!(answer, Some(Ok((_, whole))) if whole.contains(&true))));
    let save = move |_| {
        let values = draft.get_untracked();
        let params = json!({ "Bucket": bucket.get_value(), "PublicAccessBlockConfiguration": configuration(values) });
        spawn_local(async move {
            match host.call("s3", "PutPublicAccessBlock", params).await {
                Ok(_) => {
                    refused.set(None);
                    host.toast_done("Saved Block Public Access.");
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    view! {
        <Section title="Block Public Access" about="Four switches that stand before every policy and every ACL.">
            <Switches draft=draft />
            {move || {
                of_account
                    .get()
                    .then(|| view! {
                        <p class="meta">
                            "Of "
                            <a href=Route::Security(Security::Account).href()>"the account’s own switches"</a>
                            " some are on too, and hold for every bucket, whatever stands here."
                        </p>
                    })
            }}
            {move || match answer.get() {
                Some(Err(error)) => Some(view! { <Fault error=error /> }),
                _ => refused.get().map(|error| view! { <Fault error=error /> }),
            }}
            <p class="acts" hidden=move || draft.get() == kept.get()>
                <button type="button" class="btn primary" on:click=save>
                    "Save changes"
                </button>
                <button type="button" class="btn" on:click=move |_| draft.set(kept.get_untracked())>
                    "Discard"
                </button>
            </p>
        </Section>
    }
}

/// S3's names, and what each means.
const OWNERSHIP: [(&str, &str); 3] = [
    (
        "BucketOwnerEnforced",
        "ACLs disabled: this account owns every object, policies alone decide. AWS recommends it.",
    ),
    (
        "BucketOwnerPreferred",
        "ACLs enabled: objects uploaded with bucket-owner-full-control are this account’s.",
    ),
    ("ObjectWriter", "ACLs enabled: the account that uploads an object owns it."),
];

async fn read_ownership(host: Host, bucket: String) -> Result<String, ApiError> {
    match host.call("s3", "GetBucketOwnershipControls", json!({ "Bucket": bucket })).await {
        Ok(response) => Ok(response["OwnershipControls"]["Rules"][0]["ObjectOwnership"]
            .as_str()
            .unwrap_or_default()
            .to_owned()),
        // Without the controls it is as it was before there were any.
        Err(error) if error.code == "OwnershipControlsNotFoundError" => Ok("ObjectWriter".to_owned()),
        Err(error) => Err(error),
    }
}

#[component]
fn Ownership(bucket: String) -> impl IntoView {
    let host = use_host();
    let bucket = StoredValue::new(bucket);
    let answer = asked(host, move || Some(bucket.get_value()), read_ownership);
    let draft = RwSignal::new(String::new());
    let kept = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        if let Some(Ok(now)) = answer.get() {
            draft.set(now.clone());
            kept.set(now);
        }
    });
    let save = move |_| {
        let params = json!({ "Bucket": bucket.get_value(), "OwnershipControls": { "Rules": [{ "ObjectOwnership": draft.get_untracked() }] } });
        spawn_local(async move {
            match host.call("s3", "PutBucketOwnershipControls", params).await {
                Ok(_) => {
                    refused.set(None);
                    host.toast_done("Saved Object Ownership.");
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    view! {
        <Section title="Object Ownership" about="Who owns what others upload here, and whether access control lists count.">
            <fieldset class="switches">
                <legend class="visually-hidden">"Object Ownership"</legend>
                {OWNERSHIP
                    .into_iter()
                    .map(|(name, what)| {
                        view! {
                            <label class="pick one">
                                <input
                                    type="radio"
                                    name="object-ownership"
                                    prop:checked=move || draft.with(|draft| draft == name)
                                    on:change=move |_| draft.set(name.to_owned())
                                />
                                <span>
                                    <code>{name}</code>
                                    <span class="meta">{what}</span>
                                </span>
                            </label>
                        }
                    })
                    .collect_view()}
            </fieldset>
            {move || match answer.get() {
                Some(Err(error)) => Some(view! { <Fault error=error /> }),
                _ => refused.get().map(|error| view! { <Fault error=error /> }),
            }}
            <p class="acts" hidden=move || draft.get() == kept.get()>
                <button type="button" class="btn primary" on:click=save>
                    "Save changes"
                </button>
                <button type="button" class="btn" on:click=move |_| draft.set(kept.get_untracked())>
                    "Discard"
                </button>
            </p>
        </Section>
    }
}
