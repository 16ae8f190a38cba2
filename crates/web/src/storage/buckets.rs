//! The list of buckets.

use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::account::{ApiError, Call};
use wasm_bindgen::JsCast;

use super::ask::Ask;
use super::create::CreateBucket;
use super::export::ExportStorage;
use super::listing::{row_of, step_rows};
use super::model::{Bucket, BucketList, zone_of};
use super::upload::{DropTarget, pick, upload_all};
use super::upload_as::UploadAs;
use crate::components::{Empty, Fault, ScreenActions, glyph};
use crate::format;
use crate::host::{query, use_host};
use crate::keys;
use crate::router::Route;

/// General purpose buckets, and directory buckets.
type Both = (Vec<Bucket>, Vec<Bucket>);

#[component]
pub fn Buckets() -> impl IntoView {
    let host = use_host();
    let general = query(host, || Some(Call::new("s3", "ListBuckets", json!({}))));
    let of_zones = query(host, || Some(Call::new("s3", "ListDirectoryBuckets", json!({}))));
    // Both lists, or the first error. Directory buckets may come later, but not where there would be nothing to see meanwhile.
    let lists = move || -> Option<Result<Both, ApiError>> {
        let general = general.read::<BucketList>()?.map(|list| list.buckets);
        let directories = match of_zones.read::<BucketList>() {
            None if matches!(&general, Ok(general) if !general.is_empty()) => Ok(Vec::new()),
            directories => directories?.map(|list| list.buckets),
        };
        Some(general.and_then(|general| Ok((general, directories?))))
    };
    let of_directories = RwSignal::new(false);
    let creating = RwSignal::new(false);
    let picker = NodeRef::new();
    // Files that were dropped where there is no bucket yet: they go into the one that is made next.
    let waiting = StoredValue::new_local(Vec::new());
    let names = RwSignal::new(String::new());
    let take_files = Callback::new(move |files: Vec<web_sys::File>| {
        names.set(format::listed(files.iter().map(|file| file.name())));
        waiting.set_value(files);
        creating.set(true);
    });
    let created = Callback::new(move |bucket: String| {
        let files = waiting.try_update_value(std::mem::take).unwrap_or_default();
        names.set(String::new());
        if !files.is_empty() {
            upload_all(host, bucket.clone(), String::new(), UploadAs::of(&bucket), files);
        }
        Route::storage(&bucket, "").open();
    });
    // A dialog that was closed without a bucket forgets the files too.
    Effect::new(move |_| {
        if !creating.get() && !names.with_untracked(String::is_empty) {
            names.set(String::new());
            waiting.set_value(Vec::new());
        }
    });
    let removing = RwSignal::new(None::<String>);
    let remove = Callback::new(move |()| {
        let Some(bucket) = removing.get_untracked() else { return };
        removing.set(None);
        spawn_local(async move {
            match host.call("s3", "DeleteBucket", json!({ "Bucket": bucket })).await {
                Ok(_) => {
                    host.announce(format!("Deleted the bucket {bucket}."));
                    host.toast_done(format!("Deleted the bucket {bucket}."));
                }
                Err(error) => host.toast_error(&error),
            }
        });
    });
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || keys::is_typing(&event) || creating.get_untracked() {
            return;
        }
        if keys::is(&event, "N") {
            event.prevent_default();
            creating.set(true);
        } else if keys::is(&event, "U") {
            event.prevent_default();
            pick(picker);
        }
    });
    on_cleanup(move || listener.remove());

    view! {
        <ScreenActions>
            <ExportStorage />
            <button type="button" class="btn primary" on:click=move |_| creating.set(true)>
                {glyph("plus")}
                "Create bucket"
            </button>
        </ScreenActions>
        <DropTarget label="Drop to make a bucket for it" picker_label="Files for a new bucket" picker=picker on_files=take_files>
            <div class="page">
                {move || match lists() {
                    None => ().into_any(),
                    Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                    Some(Ok((general, directories))) if general.is_empty() && directories.is_empty() => {
                        view! {
                            <h1 class="visually-hidden">"Buckets"</h1>
                            <Empty
                                title="No buckets yet"
                                text="A bucket holds objects: files under a name. Everything in this account begins with one."
                                picture=view! { <GhostBucket /> }.into_any()
                            >
                                <button type="button" class="btn primary" on:click=move |_| creating.set(true)>
                                    "Create a bucket"
                                </button>
                                <button type="button" class="btn" on:click=move |_| pick(picker)>
                                    "Choose a file"
                                </button>
                                <a class="btn" href=Route::Labs { id: None }.href()>
                                    "Start with a lab"
                                </a>
                            </Empty>
                        }
                            .into_any()
                    }
                    Some(Ok((general, directories))) => {
                        let (ours, theirs) = (general.len() as u64, directories.len() as u64);
                        let (general, directories) = (StoredValue::new(general), StoredValue::new(directories));
                        let tab = move |label: &'static str, count: u64, directory: bool| {
                            let chosen = move || of_directories.get() == directory;
                            view! {
                                <button
                                    type="button"
                                    role="tab"
                                    id=if directory { "tab-directory" } else { "tab-general" }
                                    aria-controls="buckets-panel"
                                    aria-selected=move || chosen().to_string()
                                    tabindex=move || if chosen() { "0" } else { "-1" }
                                    on:click=move |_| of_directories.set(directory)
                                >
                                    {label}
                                    " "
                                    <span class="meta">{count}</span>
                                </button>
                            }
                        };
                        let step = move |event: web_sys::KeyboardEvent| {
                            if !matches!(event.key().as_str(), "ArrowLeft" | "ArrowRight") {
                                return;
                            }
                            event.prevent_default();
                            of_directories.update(|directory| *directory = !*directory);
                            let id = if of_directories.get_untracked() { "tab-directory" } else { "tab-general" };
                            if let Some(tab) = document().get_element_by_id(id).and_then(|tab| tab.dyn_into::<web_sys::HtmlElement>().ok()) {
                                let _ = tab.focus();
                            }
                        };
                        view! {
                            <header class="head">
                                <h1>"Buckets"</h1>
                                <p class="meta">{format::plural(ours + theirs, "bucket", "buckets")}</p>
                            </header>
                            <div class="tabs" role="tablist" aria-label="Kinds of buckets" on:keydown=step>
                                {tab("General purpose buckets", ours, false)}
                                {tab("Directory buckets", theirs, true)}
                            </div>
                            <Ask
                                open=Signal::derive(move || removing.with(Option::is_some))
                                question=Signal::derive(move || format!("Delete the bucket {}?", removing.get().unwrap_or_default()))
                                note="S3 deletes a bucket only when it is empty."
                                disabled=false
                                on_keep=Callback::new(move |()| removing.set(None))
                                on_delete=remove
                            />
                            <div
                                id="buckets-panel"
                                role="tabpanel"
                                aria-labelledby=move || if of_directories.get() { "tab-directory" } else { "tab-general" }
                            >
                                {move || {
                                    let buckets = if of_directories.get() { directories.get_value() } else { general.get_value() };
                                    if buckets.is_empty() {
                                        let text = if of_directories.get() {
                                            "A directory bucket lies in one Availability Zone, in the class S3 Express One Zone: answers in milliseconds, for data that is used often and can be made again."
                                        } else {
                                            "A general purpose bucket lies in at least three Availability Zones and has every storage class but Express One Zone."
                                        };
                                        return view! { <Empty title="None of this kind" text=text /> }.into_any();
                                    }
                                    view! { <Table buckets=buckets removing=removing /> }.into_any()
                                }}
                            </div>
                        }
                            .into_any()
                    }
                }}
            </div>
        </DropTarget>
        <CreateBucket open=creating purpose=names on_created=created />
    }
}

#[component]
fn Table(buckets: Vec<Bucket>, removing: RwSignal<Option<String>>) -> impl IntoView {
    let on_key = move |event: web_sys::KeyboardEvent| {
        step_rows(&event);
        if keys::is(&event, "Delete")
            && let Some(bucket) = row_of(&event).and_then(|row| row.get_attribute("data-key"))
        {
            event.prevent_default();
            removing.set(Some(bucket));
        }
    };
    view! {
        <table class="list s3-list" on:keydown=on_key>
            <thead>
                <tr>
                    <th>"Name"</th>
                    <th class="when">"Created"</th>
                    <th class="act">
                        <span class="visually-hidden">"Delete"</span>
                    </th>
                </tr>
            </thead>
            <tbody>
                {buckets
                    .into_iter()
                    .map(|bucket| {
                        let href = Route::storage(&bucket.name, "").href();
                        let (name, row) = (StoredValue::new(bucket.name.clone()), bucket.name.clone());
                        view! {
                            <tr data-key=row>
                                <td>
                                    <a class="name" href=href>
                                        {glyph("bucket")}
                                        <span>{bucket.name.clone()}</span>
                                    </a>
                                    {zone_of(&bucket.name).map(|zone| view! { " " <span class="chip">{zone.to_owned()}</span> })}
                                </td>
                                <td class="when">
                                    <time datetime=bucket.creation_date.clone()>{format::local_time(&bucket.creation_date)}</time>
                                </td>
                                <td class="act">
                                    <button
                                        type="button"
                                        class="btn quiet icon"
                                        aria-label=format!("Delete the bucket {}", name.get_value())
                                        on:click=move |_| removing.set(Some(name.get_value()))
                                    >
                                        {glyph("trash")}
                                    </button>
                                </td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
    }
}

/// A bucket with three objects falling into it, in hairline.
#[component]
fn GhostBucket() -> impl IntoView {
    view! {
        <svg class="ghost" width="200" height="112" viewBox="0 0 200 112" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
            <path d="M52 52h96l-10 56H62zM52 52q0-8 48-8t48 8-48 8-48-8" />
            <path d="M78 8h14l6 6v20H78zM92 8v6h6M112 14h14l6 6v14h-20zM126 14v6h6" stroke-dasharray="3 3" />
            <path d="M70 76h60M72 90h56" stroke-dasharray="3 3" />
        </svg>
    }
}
