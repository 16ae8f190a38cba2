//! The four switches of Block Public Access, as a group of boxes, and those of the whole account.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::ApiError;

use super::model::{account_id, asked};
use crate::components::Fault;
use crate::host::{Host, use_host};

/// The switches, as the API names them, and what each does.
const SWITCHES: [(&str, &str); 4] = [
    ("BlockPublicAcls", "Refuse new public ACLs"),
    ("IgnorePublicAcls", "Ignore public ACLs that are there"),
    ("BlockPublicPolicy", "Refuse new public bucket policies"),
    (
        "RestrictPublicBuckets",
        "A bucket with a public policy serves this account and AWS services only",
    ),
];

/// On or off, in the order of the API's page.
pub type Four = [bool; 4];

/// What a GetPublicAccessBlock says. Where nothing is set they are off.
pub fn switches(answer: Result<Value, ApiError>) -> Result<Four, ApiError> {
    match answer {
        Ok(response) => Ok(SWITCHES.map(|(name, _)| response["PublicAccessBlockConfiguration"][name].as_bool().unwrap_or(false))),
        Err(error) if error.code == "NoSuchPublicAccessBlockConfiguration" => Ok([false; 4]),
        Err(error) => Err(error),
    }
}

/// `PublicAccessBlockConfiguration`.
pub fn configuration(values: Four) -> Value {
    let mut configuration = json!({});
    for ((name, _), value) in SWITCHES.into_iter().zip(values) {
        configuration[name] = json!(value);
    }
    configuration
}

/// The account's own switches.
pub async fn of_account(host: Host) -> Result<Four, ApiError> {
    let account = account_id(host).await?;
    switches(host.call("s3control", "GetPublicAccessBlock", json!({ "AccountId": account })).await)
}

/// One box for all and one for each.
#[component]
pub fn Switches(draft: RwSignal<Four>) -> impl IntoView {
    let all = move || draft.with(|draft| !draft.contains(&false));
    let some = move || draft.with(|draft| draft.contains(&true));
    view! {
        <fieldset class="switches">
            <legend class="visually-hidden">"Block Public Access"</legend>
            <label class="pick">
                <input
                    type="checkbox"
                    class="check"
                    prop:checked=all
                    prop:indeterminate=move || some() && !all()
                    on:change=move |event| draft.set([event_target_checked(&event); 4])
                />
                <b>"Block all public access"</b>
            </label>
            {SWITCHES
                .into_iter()
                .enumerate()
                .map(|(index, (name, what))| {
                    let on = move || draft.with(|draft| draft.get(index).copied().unwrap_or(false));
                    view! {
                        <label class="pick one">
                            <input
                                type="checkbox"
                                class="check"
                                prop:checked=on
                                on:change=move |event| {
                                    let value = event_target_checked(&event);
                                    draft
                                        .update(|draft| {
                                            if let Some(switch) = draft.get_mut(index) {
                                                *switch = value;
                                            }
                                        });
                                }
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
    }
}

/// The account's own switches, which hold for every bucket.
#[component]
pub fn AccountAccess() -> impl IntoView {
    let host = use_host();
    let answer = asked(host, || Some(()), |host, ()| of_account(host));
    let (draft, kept) = (RwSignal::new([false; 4]), RwSignal::new([false; 4]));
    let refused = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        if let Some(Ok(now)) = answer.get() {
            draft.set(now);
            kept.set(now);
        }
    });
    let save = move |_| {
        let values = draft.get_untracked();
        spawn_local(async move {
            let saved = async {
                let account = account_id(host).await?;
                let params = json!({ "AccountId": account, "PublicAccessBlockConfiguration": configuration(values) });
                host.call("s3control", "PutPublicAccessBlock", params).await
            };
            match saved.await {
                Ok(_) => {
                    refused.set(None);
                    host.toast_done("Saved Block Public Access of the account.");
                    host.announce("Saved Block Public Access of the account.");
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    view! {
        <header class="screen-head">
            <div>
                <h1 tabindex="-1">"Block Public Access"</h1>
                <p class="sub">
                    "The account’s own switches. One that is on here holds for every bucket, whatever stands on the bucket; one that is off leaves it to the bucket."
                </p>
            </div>
        </header>
        <div class="encryption account-access">
            <Switches draft=draft />
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
        </div>
    }
}
