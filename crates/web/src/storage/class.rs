//! Changing the storage class by hand: CopyObject onto itself, one object or many.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::account::ApiError;

use super::model::CLASSES;
use crate::components::{Dialog, Fault};
use crate::format;
use crate::host::use_host;

/// A choice of a storage class.
#[component]
pub fn ClassSelect(id: &'static str, class: RwSignal<String>) -> impl IntoView {
    view! {
        <select id=id class="select" on:change=move |event| class.set(event_target_value(&event))>
            {CLASSES
                .into_iter()
                .map(|(value, name)| {
                    view! {
                        <option value=value selected=move || class.with(|class| class == value)>
                            {name}
                        </option>
                    }
                })
                .collect_view()}
        </select>
    }
}

/// Asks for the class and copies every key onto itself; those that end in `/` are folders and left alone.
#[component]
pub fn ChangeClass(open: RwSignal<bool>, bucket: String, #[prop(into)] keys: Signal<Vec<String>>, on_done: Callback<()>) -> impl IntoView {
    let host = use_host();
    let bucket = StoredValue::new(bucket);
    let class = RwSignal::new(String::from("STANDARD_IA"));
    let refused = RwSignal::new(None::<ApiError>);
    let busy = RwSignal::new(false);
    Effect::new(move |_| {
        if open.get() {
            refused.set(None);
        }
    });
    let objects = move || keys.get().into_iter().filter(|key| !key.ends_with('/')).collect::<Vec<_>>();
    let change = move |_| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let (to, keys) = (class.get_untracked(), untrack(objects));
        spawn_local(async move {
            let bucket = bucket.get_value();
            let mut done = 0;
            let mut failed = None;
            for key in &keys {
                let params = json!({ "Bucket": bucket, "Key": key, "CopySource": { "Bucket": bucket, "Key": key }, "StorageClass": to });
                match host.call("s3", "CopyObject", params).await {
                    Ok(_) => done += 1,
                    Err(error) => {
                        failed = Some(ApiError::new(error.code, format!("{key}: {}", error.message)));
                        break;
                    }
                }
            }
            let _ = busy.try_set(false);
            if done > 0 {
                let told = format!("{} moved to {to}.", format::plural(done, "object", "objects"));
                host.announce(told.clone());
                host.toast_done(told);
            }
            if failed.is_none() {
                let _ = open.try_set(false);
                on_done.run(());
            }
            let _ = refused.try_set(failed);
        });
    };
    view! {
        <Dialog open=open title="Change the storage class">
            <p>
                {move || format::plural(objects().len() as u64, "object is", "objects are")}
                " copied onto itself: new last-modified date, the same bytes, and where the bucket has versions a new version. A lifecycle rule would change the class in place."
            </p>
            <div class="field">
                <label for="change-class">"Storage class"</label>
                <ClassSelect id="change-class" class=class />
            </div>
            {move || refused.get().map(|error| view! { <Fault error=error /> })}
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <button type="button" class="btn primary" disabled=move || busy.get() || objects().is_empty() on:click=change>
                    "Change class"
                </button>
            </div>
        </Dialog>
    }
}
