//! An `s3://` path: a text field that completes, and a list to browse buckets and prefixes.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::etl::NodeId;

use super::Text;
use crate::components::glyph;
use crate::editor::model::use_editor;
use crate::host::Host;

/// Bucket and key of `s3://bucket/key`; both may be empty.
pub fn split(path: &str) -> (String, String) {
    let rest = path.strip_prefix("s3://").unwrap_or(path);
    let (bucket, key) = rest.split_once('/').unwrap_or((rest, ""));
    (bucket.into(), key.into())
}

/// What stands in a place: full paths, folders first.
async fn list(host: Host, bucket: &str, prefix: &str) -> Result<Vec<String>, String> {
    if bucket.is_empty() {
        let answer = host.call("s3", "ListBuckets", json!({})).await.map_err(|error| error.message)?;
        return Ok(texts(&answer, "Buckets", "Name").into_iter().map(|name| format!("s3://{name}/")).collect());
    }
    let params = json!({ "Bucket": bucket, "Prefix": prefix, "Delimiter": "/" });
    let answer = host.call("s3", "ListObjectsV2", params).await.map_err(|error| error.message)?;
    let mut found: Vec<String> = texts(&answer, "CommonPrefixes", "Prefix")
        .into_iter()
        .map(|key| format!("s3://{bucket}/{key}"))
        .collect();
    found.extend(
        texts(&answer, "Contents", "Key")
            .into_iter()
            .filter(|key| key != prefix)
            .map(|key| format!("s3://{bucket}/{key}")),
    );
    Ok(found)
}

fn texts(answer: &Value, list: &str, member: &str) -> Vec<String> {
    answer
        .get(list)
        .and_then(Value::as_array)
        .map(|items| {
            items
                .iter()
                .filter_map(|item| item.get(member).and_then(Value::as_str).map(Into::into))
                .collect()
        })
        .unwrap_or_default()
}

/// The folder that a path stands in: up to its last `/`.
fn folder(path: &str) -> (String, String) {
    let (bucket, key) = split(path);
    let typed_bucket = path.strip_prefix("s3://").unwrap_or(path).contains('/');
    if !typed_bucket {
        return (String::new(), String::new());
    }
    let end = key.rfind('/').map_or(0, |at| at + 1);
    (bucket, key.get(..end).unwrap_or_default().into())
}

#[component]
pub fn PathField(id: NodeId, field: &'static str, label: &'static str, #[prop(into)] value: Signal<String>, on_input: Callback<String>) -> impl IntoView {
    let editor = use_editor();
    let host = editor.host;
    let browsing = RwSignal::new(false);
    let found = RwSignal::new(Vec::<String>::new());
    let fault = RwSignal::new(None::<String>);
    let place = Memo::new(move |_| folder(&value.get()));
    Effect::new(move |_| {
        let (bucket, prefix) = place.get();
        host.position.track();
        spawn_local(async move {
            let answer = list(host, &bucket, &prefix).await;
            if place.try_get_untracked() != Some((bucket, prefix)) {
                return;
            }
            match answer {
                Ok(paths) => {
                    fault.set(None);
                    found.set(paths);
                }
                Err(message) => {
                    found.set(Vec::new());
                    fault.set(Some(message));
                }
            }
        });
    });
    let up = move || {
        let (bucket, prefix) = place.get();
        match prefix.trim_end_matches('/').rsplit_once('/') {
            Some((parent, _)) => format!("s3://{bucket}/{parent}/"),
            None if prefix.is_empty() => "s3://".into(),
            None => format!("s3://{bucket}/"),
        }
    };
    view! {
        <div class="path">
            <Text id=id field=field label=label value=value on_input=on_input options=found placeholder="s3://bucket/folder/" />
            <button
                type="button"
                class="btn browse"
                aria-expanded=move || if browsing.get() { "true" } else { "false" }
                on:click=move |_| browsing.update(|on| *on = !*on)
            >
                "Browse S3"
            </button>
            {move || {
                browsing
                    .get()
                    .then(|| {
                        let (bucket, _) = place.get();
                        let paths = found.get();
                        view! {
                            <div class="browser" role="group" aria-label="Buckets and folders">
                                {(!bucket.is_empty())
                                    .then(|| {
                                        view! {
                                            <button type="button" on:click=move |_| on_input.run(up())>
                                                {glyph("up")}
                                                <span>"up"</span>
                                            </button>
                                        }
                                    })}
                                {fault.get().map(|message| view! { <p class="meta">{message}</p> })}
                                {paths
                                    .is_empty()
                                    .then(|| {
                                        let text = if bucket.is_empty() { "There are no buckets yet." } else { "Nothing is here." };
                                        view! { <p class="meta">{text}</p> }
                                    })}
                                {paths
                                    .into_iter()
                                    .map(|path| {
                                        let is_folder = path.ends_with('/');
                                        let icon = match (bucket.is_empty(), is_folder) {
                                            (true, _) => "bucket",
                                            (false, true) => "folder",
                                            (false, false) => "file",
                                        };
                                        let shown = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
                                        let chosen = value.with_untracked(|value| *value == path);
                                        let own = path.clone();
                                        view! {
                                            <button
                                                type="button"
                                                aria-pressed=if chosen { "true" } else { "false" }
                                                title=path.clone()
                                                on:click=move |_| {
                                                    on_input.run(own.clone());
                                                    if !is_folder {
                                                        browsing.set(false);
                                                    }
                                                }
                                            >
                                                {glyph(icon)}
                                                <span>{shown}{is_folder.then_some("/")}</span>
                                            </button>
                                        }
                                    })
                                    .collect_view()}
                                <button type="button" class="done" on:click=move |_| browsing.set(false)>
                                    {glyph("check")}
                                    <span>"Use " <code>{move || value.get()}</code></span>
                                </button>
                            </div>
                        }
                    })
            }}
        </div>
    }
}
