//! The two short forms: a new bucket, a new folder.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::account::ApiError;
use sluice_core::storage::s3::{check_bucket_name, check_directory_name, express_zones};

use crate::components::{Dialog, Fault};
use crate::host::use_host;

/// The Region of the accounts here.
const REGION: &str = "us-east-1";

/// Makes a bucket of either kind. The name is checked while it is typed; what else AWS refuses stands above the buttons.
#[component]
pub fn CreateBucket(
    open: RwSignal<bool>,
    /// Names of files that will go into it, if that is what it is for.
    #[prop(into)]
    purpose: Signal<String>,
    on_created: Callback<String>,
) -> impl IntoView {
    let host = use_host();
    let name = RwSignal::new(String::new());
    // The zone of a directory bucket; none: a general purpose bucket.
    let zone = RwSignal::new(None::<&'static str>);
    let refused = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    Effect::new(move |_| {
        if open.get() {
            name.set(String::new());
            zone.set(None);
            refused.set(None);
        }
    });
    let whole = Memo::new(move |_| match zone.get() {
        None => name.get(),
        Some(zone) => name.with(|name| format!("{name}--{zone}--x-s3")),
    });
    let fault = Memo::new(move |_| {
        if name.with(String::is_empty) {
            return None;
        }
        whole.with(|whole| match zone.get() {
            None => check_bucket_name(whole, false).err().map(|fault| fault.to_string()),
            Some(zone) => check_directory_name(whole, zone).err().map(|fault| fault.to_string()),
        })
    });
    // "Too short" is no news to somebody who is typing.
    let told = move || fault.get().filter(|_| name.with(|name| name.chars().count() >= 3));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let bucket = whole.get_untracked();
        if name.with_untracked(String::is_empty) || busy.get_untracked() {
            return;
        }
        busy.set(true);
        let mut params = json!({ "Bucket": bucket });
        if let Some(zone) = zone.get_untracked() {
            params["CreateBucketConfiguration"] = json!({
                "Location": { "Type": "AvailabilityZone", "Name": zone },
                "Bucket": { "Type": "Directory", "DataRedundancy": "SingleAvailabilityZone" },
            });
        }
        spawn_local(async move {
            let answer = host.call("s3", "CreateBucket", params).await;
            busy.set(false);
            match answer {
                Ok(_) => {
                    host.announce(format!("Created the bucket {bucket}."));
                    // First the bucket's files, then the closing of the form, which would forget them.
                    on_created.run(bucket);
                    open.set(false);
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    let title = move || {
        let purpose = purpose.get();
        if purpose.is_empty() {
            "Create a bucket".to_owned()
        } else {
            format!("A bucket for {purpose}")
        }
    };
    view! {
        <Dialog open=open title=Signal::derive(title)>
            <form class="form" on:submit=submit novalidate>
                <fieldset class="kinds">
                    <legend>"Bucket type"</legend>
                    {kind("General purpose", "At least three Availability Zones, and every storage class but Express One Zone.", Signal::derive(move || zone.get().is_none()), Callback::new(move |()| zone.set(None)))}
                    {kind("Directory", "One zone that you choose, S3 Express One Zone alone: no versions, ACLs, tags or transitions.", Signal::derive(move || zone.get().is_some()), Callback::new(move |()| zone.set(express_zones(REGION).first().copied())))}
                </fieldset>
                <Show when=move || zone.with(Option::is_some)>
                    <div class="field">
                        <label for="bucket-zone">"Availability Zone"</label>
                        <select
                            id="bucket-zone"
                            class="select"
                            on:change=move |event| {
                                let chosen = event_target_value(&event);
                                zone.set(express_zones(REGION).iter().copied().find(|zone| *zone == chosen));
                            }
                        >
                            {express_zones(REGION).iter().map(|zone| view! { <option value=*zone>{*zone}</option> }).collect_view()}
                        </select>
                    </div>
                </Show>
                <div class="field">
                    <label for="bucket-name">{move || if zone.with(Option::is_some) { "Base name" } else { "Bucket name" }}</label>
                    <input
                        id="bucket-name"
                        class="input mono"
                        type="text"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        autofocus
                        placeholder="parking"
                        aria-describedby="bucket-name-hint"
                        aria-invalid=move || told().map(|_| "true")
                        prop:value=move || name.get()
                        on:input=move |event| {
                            name.set(event_target_value(&event));
                            refused.set(None);
                        }
                    />
                    {move || told().map(|fault| view! { <p class="problem" role="status">{sentence(&fault)}</p> })}
                    <p class="hint" id="bucket-name-hint">
                        {move || match zone.get() {
                            None => {
                                "3 to 63 lower-case letters, digits, dots and hyphens. In AWS the name is unique in the world, and neither name nor Region can change."
                                    .into_any()
                            }
                            Some(_) => {
                                view! {
                                    "Lower-case letters, digits and hyphens. The bucket’s name says its zone: "
                                    <code>{move || whole.get()}</code>
                                }
                                    .into_any()
                            }
                        }}
                    </p>
                </div>
                {move || refused.get().map(|error| view! { <Fault error=error /> })}
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <button type="submit" class="btn primary" disabled=move || name.with(String::is_empty) || busy.get()>
                        "Create bucket"
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

/// One kind of bucket to choose.
fn kind(name: &'static str, what: &'static str, chosen: Signal<bool>, choose: Callback<()>) -> impl IntoView {
    view! {
        <label class="pick one">
            <input type="radio" name="bucket-kind" prop:checked=move || chosen.get() on:change=move |_| choose.run(()) />
            <span>
                <b>{name}</b>
                <span class="meta">{what}</span>
            </span>
        </label>
    }
}

/// Makes a folder: an object of no bytes whose key ends in `/`.
#[component]
pub fn CreateFolder(open: RwSignal<bool>, bucket: String, #[prop(into)] folder: Signal<String>) -> impl IntoView {
    let host = use_host();
    let name = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<ApiError>);
    let bucket = StoredValue::new(bucket);
    Effect::new(move |_| {
        if open.get() {
            name.set(String::new());
            refused.set(None);
        }
    });
    let fault = Memo::new(move |_| name.with(|name| name.contains('/').then_some("One folder at a time: a folder's name has no \"/\".")));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let folder_name = name.get_untracked();
        if folder_name.is_empty() || fault.get_untracked().is_some() {
            return;
        }
        let key = format!("{}{folder_name}/", folder.get_untracked());
        let params = json!({ "Bucket": bucket.get_value(), "Key": key });
        spawn_local(async move {
            match host.call("s3", "PutObject", params).await {
                Ok(_) => {
                    host.announce(format!("Created the folder {folder_name}."));
                    open.set(false);
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    view! {
        <Dialog open=open title="Create a folder">
            <form class="form" on:submit=submit novalidate>
                <div class="field">
                    <label for="folder-name">"Folder name"</label>
                    <input
                        id="folder-name"
                        class="input mono"
                        type="text"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        autofocus
                        placeholder="parking_data"
                        aria-describedby="folder-name-hint"
                        aria-invalid=move || fault.get().map(|_| "true")
                        prop:value=move || name.get()
                        on:input=move |event| {
                            name.set(event_target_value(&event));
                            refused.set(None);
                        }
                    />
                    {move || fault.get().map(|fault| view! { <p class="problem" role="status">{fault}</p> })}
                    <p class="hint" id="folder-name-hint">
                        "S3 has keys, not folders. This puts an object of no bytes at "
                        <code>{move || bucket.with_value(|bucket| format!("s3://{bucket}/{}{}/", folder.get(), name.get()))}</code>
                    </p>
                </div>
                {move || refused.get().map(|error| view! { <Fault error=error /> })}
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <button type="submit" class="btn primary" disabled=move || name.with(String::is_empty) || fault.get().is_some()>
                        "Create folder"
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
