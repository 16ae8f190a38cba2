//! The Management tab: multipart uploads that were begun and neither completed nor aborted. Their parts are billed, and no listing of objects shows them.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::json;
use sluice_core::account::{ApiError, Call};

use super::section::Section;
use crate::components::Fault;
use crate::format;
use crate::host::{Host, parse, query, use_host};

/// Bytes of the part that an upload is begun with: the least that S3 takes of a part which is not the last.
const PART: usize = 5 * 1_048_576;

/// `ListMultipartUploads`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Uploads {
    uploads: Vec<Upload>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Upload {
    key: String,
    upload_id: String,
    initiated: String,
    storage_class: String,
}

/// `ListParts`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Parts {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Part {
    size: u64,
}

/// Begins an upload and sends one part of zeros, as a program does that is cut off.
async fn begin(host: Host, bucket: &str, key: &str) -> Result<(), ApiError> {
    let made = host.call("s3", "CreateMultipartUpload", json!({ "Bucket": bucket, "Key": key })).await?;
    // Base64 of zeros: four letters stand for three bytes, and the last two bytes have one sign of padding.
    let zeros = "A".repeat(PART / 3 * 4) + "AAA=";
    let part = json!({ "Bucket": bucket, "Key": key, "UploadId": made["UploadId"], "PartNumber": 1, "Body": zeros });
    host.call("s3", "UploadPart", part).await.map(drop)
}

#[component]
pub fn Unfinished(bucket: String) -> impl IntoView {
    let host = use_host();
    let name = StoredValue::new(bucket);
    let answer = query(host, move || {
        Some(Call::new("s3", "ListMultipartUploads", json!({ "Bucket": name.get_value() })))
    });
    let refused = RwSignal::new(None::<ApiError>);
    let key = RwSignal::new(String::new());
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let wanted = key.get_untracked();
        spawn_local(async move {
            let answer = begin(host, &name.get_value(), &wanted).await;
            if answer.is_ok() {
                host.announce(format!("An upload of {wanted} was begun and left with one part."));
                let _ = key.try_set(String::new());
            }
            let _ = refused.try_set(answer.err());
        });
    };
    let abort = move |upload: Upload| {
        spawn_local(async move {
            let params = json!({ "Bucket": name.get_value(), "Key": upload.key, "UploadId": upload.upload_id });
            let answer = host.call("s3", "AbortMultipartUpload", params).await;
            if answer.is_ok() {
                host.toast_done(format!("The upload of {} was aborted; its parts are gone.", upload.key));
            }
            let _ = refused.try_set(answer.err());
        });
    };
    view! {
        <Section
            title="Unfinished multipart uploads"
            about="Their parts are billed until somebody completes or aborts them, or a rule does; no listing of objects shows them."
        >
            {move || match answer.read::<Uploads>() {
                None => ().into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(list)) if list.uploads.is_empty() => view! { <p class="meta">"There are none."</p> }.into_any(),
                Some(Ok(list)) => {
                    view! {
                        <ul class="rules" role="list" aria-label="Unfinished uploads">
                            {list
                                .uploads
                                .into_iter()
                                .map(|upload| {
                                    let doomed = upload.clone();
                                    view! {
                                        <li>
                                            <div>
                                                <p class="mono">{upload.key.clone()}</p>
                                                <p class="meta">
                                                    {format!("begun {} · {} · ", format::local_time(&upload.initiated), upload.storage_class)}
                                                    <Size bucket=name upload=upload.clone() />
                                                </p>
                                            </div>
                                            <div class="acts">
                                                <button
                                                    type="button"
                                                    class="btn danger"
                                                    aria-label=format!("Abort the upload of {}", upload.key)
                                                    on:click=move |_| abort(doomed.clone())
                                                >
                                                    "Abort"
                                                </button>
                                            </div>
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ul>
                    }
                        .into_any()
                }
            }}
            <form class="line" on:submit=submit novalidate>
                <div class="field">
                    <label for="unfinished-key">"Key of an upload to leave unfinished"</label>
                    <input
                        id="unfinished-key"
                        class="input mono"
                        placeholder="backup.tar"
                        prop:value=move || key.get()
                        on:input=move |event| key.set(event_target_value(&event))
                    />
                </div>
                <button type="submit" class="btn">
                    "Begin it with one part of 5 MiB"
                </button>
            </form>
            {move || refused.get().map(|error| view! { <Fault error=error /> })}
        </Section>
    }
}

/// How many parts an upload has, and their bytes.
#[component]
fn Size(bucket: StoredValue<String>, upload: Upload) -> impl IntoView {
    let host = use_host();
    let told = RwSignal::new(String::new());
    spawn_local(async move {
        let params = json!({ "Bucket": bucket.get_value(), "Key": upload.key, "UploadId": upload.upload_id });
        let answer = host.call("s3", "ListParts", params).await;
        if let Ok(list) = answer.and_then(|answer| parse::<Parts>(&answer)) {
            let bytes: u64 = list.parts.iter().map(|part| part.size).sum();
            let _ = told.try_set(format!(
                "{} in {}",
                format::bytes(bytes),
                format::plural(list.parts.len() as u64, "part", "parts")
            ));
        }
    });
    move || told.get()
}
