//! CopyObject: the same bytes under another key.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::account::{ApiError, Call};

use super::model::BucketList;
use crate::components::{Dialog, Fault};
use crate::host::{Query, query, use_host};
use crate::router::Route;

#[component]
pub fn CopyObject(open: RwSignal<bool>, bucket: String, key: String) -> impl IntoView {
    let host = use_host();
    let source = StoredValue::new((bucket.clone(), key.clone()));
    let to_bucket = RwSignal::new(bucket);
    let to_key = RwSignal::new(key);
    let refused = RwSignal::new(None::<ApiError>);
    let buckets = query(host, move || open.get().then(|| Call::new("s3", "ListBuckets", json!({}))));
    let directories = query(host, move || open.get().then(|| Call::new("s3", "ListDirectoryBuckets", json!({}))));
    Effect::new(move |_| {
        if open.get() {
            let (bucket, key) = source.get_value();
            to_bucket.set(bucket);
            to_key.set(key);
            refused.set(None);
        }
    });
    let same = move || source.with_value(|(bucket, key)| to_bucket.with(|to| to == bucket) && to_key.with(|to| to == key));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if untrack(same) || to_key.with_untracked(String::is_empty) {
            return;
        }
        let (bucket, key) = source.get_value();
        let (target, name) = (to_bucket.get_untracked(), to_key.get_untracked());
        let params = json!({ "Bucket": target, "Key": name, "CopySource": { "Bucket": bucket, "Key": key } });
        spawn_local(async move {
            match host.call("s3", "CopyObject", params).await {
                Ok(_) => {
                    host.announce(format!("Copied to s3://{target}/{name}."));
                    host.toast_done(format!("Copied to s3://{target}/{name}."));
                    open.set(false);
                    Route::storage(&target, &name).open();
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    view! {
        <Dialog open=open title="Copy this object">
            <form class="form" on:submit=submit novalidate>
                <div class="field">
                    <label for="copy-bucket">"Bucket"</label>
                    <select id="copy-bucket" class="select mono" on:change=move |event| to_bucket.set(event_target_value(&event))>
                        {move || {
                            let named = |list: Query| list.read::<BucketList>().and_then(Result::ok).unwrap_or_default().buckets;
                            named(buckets)
                                .into_iter()
                                .chain(named(directories))
                                .map(|bucket| {
                                    let (value, name) = (bucket.name.clone(), bucket.name.clone());
                                    view! {
                                        <option value=value selected=move || to_bucket.with(|to| *to == name)>
                                            {bucket.name}
                                        </option>
                                    }
                                })
                                .collect_view()
                        }}
                    </select>
                </div>
                <div class="field">
                    <label for="copy-key">"Key"</label>
                    <input
                        id="copy-key"
                        class="input mono"
                        type="text"
                        autocomplete="off"
                        spellcheck="false"
                        autofocus
                        aria-describedby="copy-hint"
                        prop:value=move || to_key.get()
                        on:input=move |event| to_key.set(event_target_value(&event))
                    />
                    <p class="hint" id="copy-hint">
                        {move || {
                            if same() {
                                "Give it another key or another bucket. S3 refuses a copy onto itself that changes nothing; “Change class” makes one that does."
                            } else {
                                "An object that has this key is replaced; where the bucket keeps versions it stays as an older one."
                            }
                        }}
                    </p>
                </div>
                {move || refused.get().map(|error| view! { <Fault error=error /> })}
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <button type="submit" class="btn primary" disabled=move || same() || to_key.with(String::is_empty)>
                        "Copy"
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
