//! The whole configuration as JSON, to read and to put.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::ApiError;

use super::Configuration;
use crate::components::Fault;
use crate::host::use_host;
use crate::storage::section::Section;

#[component]
pub fn RawJson(bucket: StoredValue<String>, configuration: Configuration, on_close: Callback<()>) -> impl IntoView {
    let host = use_host();
    let shown = serde_json::to_string_pretty(&json!({ "Rules": configuration.rules })).unwrap_or_default();
    let typed = RwSignal::new(shown);
    let refused = RwSignal::new(None::<ApiError>);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let minimum = configuration.minimum.clone();
        spawn_local(async move {
            let answer = async {
                let read: Value = serde_json::from_str(&typed.get_untracked()).map_err(|error| ApiError::new("MalformedJSON", error.to_string()))?;
                let mut params = json!({ "Bucket": bucket.get_value(), "LifecycleConfiguration": read });
                if let (Some(minimum), Some(params)) = (minimum, params.as_object_mut()) {
                    params.insert("TransitionDefaultMinimumObjectSize".into(), minimum.into());
                }
                host.call("s3", "PutBucketLifecycleConfiguration", params).await
            }
            .await;
            match answer {
                Ok(_) => {
                    host.toast_done("Saved the lifecycle rules.");
                    on_close.run(());
                }
                Err(error) => {
                    let _ = refused.try_set(Some(error));
                }
            }
        });
    };
    view! {
        <Section title="Lifecycle configuration as JSON" about="What aws s3api put-bucket-lifecycle-configuration takes as --lifecycle-configuration.">
            <form class="form" on:submit=submit novalidate>
                <div class="field">
                    <label for="lifecycle-json">"Configuration"</label>
                    <textarea
                        id="lifecycle-json"
                        class="textarea mono"
                        rows="14"
                        spellcheck="false"
                        prop:value=move || typed.get()
                        on:input=move |event| typed.set(event_target_value(&event))
                    ></textarea>
                </div>
                {move || refused.get().map(|error| view! { <Fault error=error /> })}
                <div class="line">
                    <button type="submit" class="btn primary">
                        "Save JSON"
                    </button>
                    <button type="button" class="btn" on:click=move |_| on_close.run(())>
                        "Cancel"
                    </button>
                </div>
            </form>
        </Section>
    }
}
