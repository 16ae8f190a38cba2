//! Where bytes are kept, how many, and how to clear them.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_protocol::{Backend, PageReply, PageRequest, StoreInfo};
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

use super::model::BucketList;
use super::remove::keys_under;
use crate::components::{Confirm, glyph};
use crate::format;
use crate::host::{Host, parse, unexpected, use_host};
use crate::settings::Settings;

/// The strip under the screen.
#[component]
pub fn StoreStrip() -> impl IntoView {
    let host = use_host();
    let info = RwSignal::new(None::<StoreInfo>);
    let busy = StoredValue::new(false);
    let again = StoredValue::new(false);
    Effect::new(move |_| {
        host.position.track();
        if busy.get_value() {
            again.set_value(true);
            return;
        }
        busy.set_value(true);
        spawn_local(async move {
            loop {
                let answer = host.store_info().await;
                if info.is_disposed() {
                    return;
                }
                if let Ok(answer) = answer {
                    info.set(Some(answer));
                }
                if !again.try_update_value(std::mem::take).unwrap_or_default() {
                    break;
                }
            }
            busy.set_value(false);
        });
    });
    let clearing = RwSignal::new(false);
    let loss = RwSignal::new(Vec::<String>::new());
    let ask_clear = move |_| {
        loss.set(Vec::new());
        clearing.set(true);
        spawn_local(async move {
            let lines = what_is_lost(host).await;
            let _ = loss.try_set(lines);
        });
    };
    let clear = Callback::new(move |()| {
        spawn_local(async move {
            match host.request(PageRequest::Clear, Vec::new()).await.0 {
                PageReply::Cleared => {
                    // Drafts and views on the page belong to the account that is gone: start over with it.
                    let _ = window().location().set_hash("#/storage");
                    let _ = window().location().reload();
                }
                other => host.toast_error(&unexpected(other)),
            }
        });
    });
    let export = move |_| {
        spawn_local(async move {
            match host.request(PageRequest::ExportLog, Vec::new()).await {
                (PageReply::Exported, blobs) => {
                    if let Some(blob) = blobs.first() {
                        save(blob, "sluice-log.jsonl");
                        host.announce("Exported the log.");
                    }
                }
                (other, _) => host.toast_error(&unexpected(other)),
            }
        });
    };
    view! {
        <footer class="store" aria-label="Where bytes are kept">
            {glyph("disk")}
            <p>{move || info.with(|info| info.as_ref().map(place))}</p>
            {move || info.with(|info| info.as_ref().map(fill))}
            <span class="room"></span>
            <button type="button" class="btn quiet" on:click=export>
                "Export log"
            </button>
            <button type="button" class="btn quiet" on:click=ask_clear>
                "Clear…"
            </button>
        </footer>
        <Confirm open=clearing title="Clear this account?" act="Clear everything" on_confirm=clear>
            <p>"Everything that the account " <b class="mono">{Settings::from_address().account}</b> " keeps in this browser is deleted, and an empty account is opened:"</p>
            <ul class="losses">
                {move || loss.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
            </ul>
            <p class="meta">"Nothing of it is anywhere else. Objects can be downloaded and the log exported before."</p>
        </Confirm>
    }
}

/// `Kept in this browser, in its private file system`.
fn place(info: &StoreInfo) -> impl IntoView + use<> {
    let (strong, rest) = match info.backend {
        Backend::Opfs => ("Kept in this browser", "in its private file system (OPFS)"),
        Backend::IndexedDb => ("Kept in this browser", "in its database (IndexedDB)"),
        Backend::Memory => ("Kept in memory only", "and gone when this tab closes"),
    };
    let used = format!("{} used", format::bytes(info.used));
    view! {
        <b>{strong}</b>
        " "
        <span class="how">{rest}</span>
        <span class="used">{used}</span>
    }
}

/// How full the browser's grant is; nothing where it won't say, and for memory, which the grant does not count.
fn fill(info: &StoreInfo) -> Option<impl IntoView + use<>> {
    let quota = info.quota.filter(|quota| *quota > 0 && info.backend != Backend::Memory)?;
    let taken = info.usage.unwrap_or(info.used);
    let share = taken as f64 / quota as f64;
    let text = format!("of {} granted", format::bytes(quota));
    Some(view! {
        <span class="bar" role="img" aria-label=format!("{} taken of {}", format::bytes(taken), format::bytes(quota))>
            <i style:--share=format!("{:.4}", share.clamp(0.0, 1.0))></i>
        </span>
        <span class="meta quota">{text}</span>
    })
}

/// One line for each kind of thing that clearing deletes.
async fn what_is_lost(host: Host) -> Vec<String> {
    let mut lines = Vec::new();
    let count = async |service: &str, operation: &str, list: &str| {
        let answer = host.call(service, operation, json!({})).await.ok()?;
        Some(answer.get(list)?.as_array()?.len() as u64)
    };
    let buckets = host
        .call("s3", "ListBuckets", json!({}))
        .await
        .and_then(|answer| parse::<BucketList>(&answer))
        .unwrap_or_default()
        .buckets;
    let directories = host.call("s3", "ListDirectoryBuckets", json!({})).await;
    let directories = directories.and_then(|answer| parse::<BucketList>(&answer)).unwrap_or_default().buckets;
    let buckets: Vec<_> = buckets.into_iter().chain(directories).collect();
    if !buckets.is_empty() {
        let mut objects = 0;
        for bucket in &buckets {
            objects += keys_under(host, &bucket.name, "").await.map_or(0, |keys| keys.len() as u64);
        }
        lines.push(format!(
            "{} with {}",
            format::plural(buckets.len() as u64, "bucket", "buckets"),
            format::plural(objects, "object", "objects")
        ));
    }
    let some = |count: Option<u64>| count.filter(|count| *count > 0);
    if let Some(databases) = some(count("glue", "GetDatabases", "DatabaseList").await) {
        lines.push(format!(
            "the Data Catalog: {} and their tables",
            format::plural(databases, "database", "databases")
        ));
    }
    if let Some(crawlers) = some(count("glue", "GetCrawlers", "Crawlers").await) {
        lines.push(format!("{} with their history", format::plural(crawlers, "crawler", "crawlers")));
    }
    if let Some(jobs) = some(count("glue", "GetJobs", "Jobs").await) {
        lines.push(format!("{} with their runs and drafts", format::plural(jobs, "ETL job", "ETL jobs")));
    }
    lines.push("the audit trail, and progress in labs".into());
    lines
}

/// Hands a blob to the browser as a download.
pub fn save(blob: &Blob, name: &str) {
    let Ok(address) = Url::create_object_url_with_blob(blob) else { return };
    if let Some(link) = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // The browser has taken the bytes over once the click is handled.
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&address);
        },
        core::time::Duration::from_secs(10),
    );
}
