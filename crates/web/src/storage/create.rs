//! The two short forms: a new bucket, a new folder.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::account::ApiError;
use sluice_core::storage::s3::check_bucket_name;

use crate::components::{Dialog, Fault};
use crate::host::use_host;

/// Makes a bucket. The name is checked while it is typed; what else AWS refuses stands above the buttons.
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
    let refused = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    Effect::new(move |_| {
        if open.get() {
            name.set(String::new());
            refused.set(None);
        }
    });
    let fault = Memo::new(move |_| {
        name.with(|name| {
            if name.is_empty() {
                return None;
            }
            check_bucket_name(name, false).err().map(|fault| fault.to_string())
        })
    });
    // "Too short" is no news to somebody who is typing.
    let told = move || fault.get().filter(|_| name.with(|name| name.chars().count() >= 3));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let bucket = name.get_untracked();
        if bucket.is_empty() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let answer = host.call("s3", "CreateBucket", json!({ "Bucket": bucket })).await;
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
                <div class="field">
                    <label for="bucket-name">"Bucket name"</label>
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
                        "3 to 63 lower-case letters, digits, dots and hyphens. In AWS the name is unique in the world, and neither name nor Region can change."
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
