//! Asks before deleting, in place, and deletes: in a bucket without versioning nothing comes back.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use super::ask::Ask;
use super::listing::follow_focus;
use super::model::{ObjectList, last_name, parent};
use crate::format;
use crate::host::{Host, parse, query, use_host};
use crate::router::Route;

/// DeleteObjects takes at most this many keys a request.
const BATCH: usize = 1_000;

/// A strip that names what would be lost, while `targets` holds keys; a key that ends in `/` stands for everything under it.
#[component]
pub fn Remove(
    bucket: String,
    targets: RwSignal<Option<Vec<String>>>,
    /// What the address names: left for its folder if it is deleted.
    open: Memo<String>,
    on_done: Callback<()>,
) -> impl IntoView {
    let host = use_host();
    let bucket = StoredValue::new(bucket);
    // Every key that would go; `None` while the folders are being listed.
    let keys = RwSignal::new(None::<Vec<String>>);
    let busy = RwSignal::new(false);
    let versioning = query(host, move || {
        targets
            .with(Option::is_some)
            .then(|| Call::new("s3", "GetBucketVersioning", json!({ "Bucket": bucket.get_value() })))
    })
    .answer;
    let note = Signal::derive(move || {
        let status = versioning.with(|answer| match answer {
            Some(Ok(answer)) => Some(answer.get("Status").and_then(Value::as_str).unwrap_or_default().to_owned()),
            // A directory bucket has no versions to ask for.
            Some(Err(error)) if error.code == "MethodNotAllowed" => Some(String::new()),
            _ => None,
        });
        match status.as_deref() {
            None => "",
            Some("Enabled") => "The bucket keeps versions: each key gets a delete marker, and what it had stays, to be seen and brought back under “Show versions”.",
            Some("Suspended") => {
                "Versioning is suspended: a version that was written while it was on stays under a delete marker; one written since (version id null) is gone for good."
            }
            Some(_) => "This bucket keeps no versions: what is deleted cannot be brought back.",
        }
        .to_owned()
    });
    Effect::new(move |_| {
        keys.set(None);
        let Some(chosen) = targets.get() else { return };
        spawn_local(async move {
            let found = expand(host, &bucket.get_value(), &chosen).await;
            if targets.try_with_untracked(|now| now.as_ref() == Some(&chosen)) != Some(true) {
                return;
            }
            match found {
                Ok(found) => keys.set(Some(found)),
                Err(error) => {
                    host.toast_error(&error);
                    targets.set(None);
                }
            }
        });
    });
    let remove = move |()| {
        let Some(doomed) = keys.get_untracked() else { return };
        busy.set(true);
        spawn_local(async move {
            let total = doomed.len() as u64;
            let here = open.get_untracked();
            let leaves = doomed.contains(&here);
            let failures = delete(host, &bucket.get_value(), &doomed).await;
            busy.set(false);
            targets.set(None);
            on_done.run(());
            let gone = total.saturating_sub(failures.len() as u64);
            for error in failures.iter().take(3) {
                host.toast_error(error);
            }
            if gone > 0 {
                let told = match doomed.as_slice() {
                    [one] => format!("Deleted {}.", last_name(one)),
                    _ => format!("Deleted {}.", format::plural(gone, "object", "objects")),
                };
                host.announce(told.clone());
                host.toast_done(told);
            }
            if leaves && failures.is_empty() {
                Route::storage(&bucket.get_value(), parent(&here)).replace();
            }
            follow_focus(String::new(), parent(&here).to_owned());
        });
    };
    let question = move || {
        let chosen = targets.get().unwrap_or_default();
        match (chosen.as_slice(), keys.get()) {
            (_, None) => "Counting what would go…".to_owned(),
            ([one], Some(_)) if !one.ends_with('/') => format!("Delete {}?", last_name(one)),
            ([one], Some(found)) => format!(
                "Delete {}/ and the {} under it?",
                last_name(one),
                format::plural(found.len() as u64, "object", "objects")
            ),
            (_, Some(found)) => format!("Delete {}?", format::plural(found.len() as u64, "object", "objects")),
        }
    };
    view! {
        <Ask
            open=Signal::derive(move || targets.with(Option::is_some))
            question=Signal::derive(question)
            note=note
            disabled=Signal::derive(move || busy.get() || keys.with(Option::is_none) || note.with(String::is_empty))
            on_keep=Callback::new(move |()| targets.set(None))
            on_delete=Callback::new(remove)
        />
    }
}

/// The keys that are meant: each object, and every object under a folder.
async fn expand(host: Host, bucket: &str, chosen: &[String]) -> Result<Vec<String>, ApiError> {
    let mut keys = Vec::new();
    for target in chosen {
        if target.ends_with('/') {
            keys.append(&mut keys_under(host, bucket, target).await?);
        } else {
            keys.push(target.clone());
        }
    }
    Ok(keys)
}

/// Every key with a prefix, page by page.
pub async fn keys_under(host: Host, bucket: &str, prefix: &str) -> Result<Vec<String>, ApiError> {
    let mut keys = Vec::new();
    let mut token = None::<String>;
    loop {
        let mut params = json!({ "Bucket": bucket, "Prefix": prefix });
        if let (Some(params), Some(token)) = (params.as_object_mut(), token.take()) {
            params.insert("ContinuationToken".into(), token.into());
        }
        let page: ObjectList = parse(&host.call("s3", "ListObjectsV2", params).await?)?;
        keys.extend(page.contents.into_iter().map(|object| object.key));
        token = page.next_continuation_token.filter(|_| page.is_truncated);
        if token.is_none() {
            return Ok(keys);
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Deleted {
    errors: Vec<Refused>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Refused {
    key: String,
    code: String,
    message: String,
}

/// Deletes the keys; the answer is what was refused.
async fn delete(host: Host, bucket: &str, keys: &[String]) -> Vec<ApiError> {
    let mut failures = Vec::new();
    if let [key] = keys {
        failures.extend(host.call("s3", "DeleteObject", json!({ "Bucket": bucket, "Key": key })).await.err());
        return failures;
    }
    for batch in keys.chunks(BATCH) {
        let objects: Vec<Value> = batch.iter().map(|key| json!({ "Key": key })).collect();
        let params = json!({ "Bucket": bucket, "Delete": { "Objects": objects, "Quiet": true } });
        let answer = host.call("s3", "DeleteObjects", params).await.and_then(|response| parse::<Deleted>(&response));
        match answer {
            Ok(deleted) => failures.extend(
                deleted
                    .errors
                    .into_iter()
                    .map(|refused| ApiError::new(refused.code, format!("{}: {}", refused.key, refused.message))),
            ),
            Err(error) => failures.push(error),
        }
    }
    failures
}
