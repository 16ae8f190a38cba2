//! One bucket by prefix and delimiter: folders and objects as rows, and the open object beside them.

use std::collections::BTreeSet;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use serde_json::json;
use sluice_core::account::Call;
use sluice_core::gather::Gather;
use wasm_bindgen::JsCast;

use super::class::ChangeClass;
use super::create::CreateFolder;
use super::listing::{follow_focus, row_of, step_rows};
use super::model::{Object, ObjectList, glyph_of, last_name, parent, zone_of};
use super::remove::Remove;
use super::upload::{DropTarget, Uploads, pick, upload_all};
use super::upload_as::{UploadAs, UploadChoices};
use super::versions::VersionTable;
use crate::components::{Empty, Fault, Glyph, ScreenActions, glyph};
use crate::format;
use crate::host::{Query, query, use_host};
use crate::keys;
use crate::router::Route;
use crate::screens;

/// Rows of one page of the list. S3 sends 1,000 at most; fewer keep the page light.
const PAGE: u32 = 200;

/// A row: a common prefix, or an object.
#[derive(Clone, Debug, PartialEq)]
enum Entry {
    Folder(String),
    Object(Object),
}

impl Entry {
    fn key(&self) -> &str {
        match self {
            Entry::Folder(prefix) => prefix,
            Entry::Object(object) => &object.key,
        }
    }

    /// Changes when the row's text does.
    fn identity(&self) -> String {
        match self {
            Entry::Folder(prefix) => prefix.clone(),
            Entry::Object(object) => format!("{}\n{}\n{}\n{}", object.key, object.size, object.last_modified, object.storage_class),
        }
    }
}

#[component]
pub fn Browser(
    bucket: String,
    /// What the address names: a folder when empty or ending in `/`, else an object.
    key: Memo<String>,
) -> impl IntoView {
    let host = use_host();
    let name = StoredValue::new(bucket.clone());
    let folder = Memo::new(move |_| key.with(|key| parent(key).to_owned()));
    let object = Memo::new(move |_| key.with(|key| Some(key.clone()).filter(|key| !key.is_empty() && !key.ends_with('/'))));
    let start = RwSignal::new(String::new());
    // Tokens of the pages before this one; the last is the present page's.
    let tokens = RwSignal::new(Vec::<String>::new());
    let selected = RwSignal::new(BTreeSet::<String>::new());
    let removing = RwSignal::new(None::<Vec<String>>);
    let making_folder = RwSignal::new(false);
    let classing = RwSignal::new(false);
    let versions = RwSignal::new(false);
    let to = RwSignal::new(UploadAs::of(&bucket));
    let directory = zone_of(&bucket).map(ToOwned::to_owned);
    let is_directory = directory.is_some();
    let picker: NodeRef<html::Input> = NodeRef::new();
    let find: NodeRef<html::Input> = NodeRef::new();

    Effect::new(move |_| {
        folder.track();
        start.set(String::new());
        tokens.set(Vec::new());
        selected.set(BTreeSet::new());
        removing.set(None);
    });
    // Where the focus goes when what had it is gone: the row that was left, the first row, or the opened object.
    Effect::new(move |before: Option<String>| {
        let now = key.get();
        if let Some(before) = before.filter(|before| *before != now) {
            follow_focus(before, now.clone());
        }
        now
    });
    let list = query(host, move || {
        let mut params = json!({
            "Bucket": name.get_value(),
            // A directory bucket lists directories alone: what is found by a name is found on the page.
            "Prefix": if is_directory { folder.get() } else { format!("{}{}", folder.get(), start.get()) },
            "Delimiter": "/",
            "MaxKeys": PAGE,
        });
        if let (Some(params), Some(token)) = (params.as_object_mut(), tokens.with(|tokens| tokens.last().cloned())) {
            params.insert("ContinuationToken".into(), token.into());
        }
        Some(Call::new("s3", "ListObjectsV2", params))
    });
    let take_files = Callback::new(move |files| upload_all(host, name.get_value(), folder.get_untracked(), to.get_untracked(), files));
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || keys::is_typing(&event) || making_folder.get_untracked() {
            return;
        }
        if keys::is(&event, "U") {
            event.prevent_default();
            pick(picker);
        } else if keys::is(&event, "N") {
            event.prevent_default();
            making_folder.set(true);
        } else if keys::is(&event, "/") {
            event.prevent_default();
            if let Some(find) = find.get_untracked() {
                let _ = find.focus();
            }
        } else if keys::is(&event, "Esc") && object.with_untracked(Option::is_some) {
            event.prevent_default();
            Route::storage(&name.get_value(), &folder.get_untracked()).open();
        }
    });
    on_cleanup(move || listener.remove());

    let title = move || folder.with(|folder| if folder.is_empty() { name.get_value() } else { last_name(folder).to_owned() });
    let uri = move || name.with_value(|bucket| format!("s3://{bucket}/{}", folder.get()));
    let drop_label = Signal::derive(move || format!("Drop to upload into {}", uri()));
    view! {
        <ScreenActions>
            <button type="button" class="btn" on:click=move |_| making_folder.set(true)>
                "Create folder"
            </button>
            <button type="button" class="btn primary" on:click=move |_| pick(picker)>
                {glyph("upload")}
                "Upload"
            </button>
        </ScreenActions>
        // On a narrow page an open object hides the list, but not the name of the place.
        <h1 class="visually-hidden">{title}</h1>
        <div class="browser" class:split=move || object.with(Option::is_some)>
            <DropTarget label=drop_label picker_label="Files to upload" picker=picker on_files=take_files>
                <div class="page">
                    <header class="head">
                        <p class="title" aria-hidden="true">
                            {title}
                        </p>
                        <p class="meta mono">{uri}</p>
                        <label class="find">
                            <Glyph name="search" small=true />
                            <span class="visually-hidden">"Find by the start of a name"</span>
                            <input
                                class="input"
                                type="search"
                                placeholder="Find by the start of a name"
                                autocomplete="off"
                                spellcheck="false"
                                node_ref=find
                                prop:value=move || start.get()
                                on:input=move |event| {
                                    tokens.set(Vec::new());
                                    start.set(event_target_value(&event));
                                }
                            />
                        </label>
                    </header>
                    {directory
                        .map(|zone| {
                            view! {
                                <p class="meta of-zone">
                                    <span class="chip">{zone}</span>
                                    "A directory bucket: every object is in Express One Zone, and listings have no order of names."
                                </p>
                            }
                        })}
                    <div class="choices" hidden=is_directory>
                        <label class="pick">
                            <input
                                type="checkbox"
                                class="check"
                                prop:checked=move || versions.get()
                                on:change=move |event| versions.set(event_target_checked(&event))
                            />
                            "Show versions"
                        </label>
                        <UploadChoices to=to />
                    </div>
                    <Uploads bucket=name.get_value() />
                    <Remove bucket=name.get_value() targets=removing open=key on_done=Callback::new(move |()| selected.set(BTreeSet::new())) />
                    {move || versions.get().then(|| view! { <VersionTable bucket=name folder=folder start=start /> })}
                    <ChangeClass
                        open=classing
                        bucket=name.get_value()
                        keys=Signal::derive(move || selected.get().into_iter().collect())
                        on_done=Callback::new(move |()| selected.set(BTreeSet::new()))
                    />
                    <Listing classing=classing list=list bucket=name folder=folder start=start object=object selected=selected removing=removing picker=picker making_folder=making_folder />
                    <Pages list=list tokens=tokens />
                </div>
            </DropTarget>
            {move || object.get().map(|object| view! { <screens::Object bucket=name.get_value() key=object /> })}
        </div>
        <CreateFolder open=making_folder bucket=bucket folder=folder />
    }
}

#[component]
#[expect(clippy::too_many_arguments, reason = "the parts of one screen, taken apart for reading")]
fn Listing(
    classing: RwSignal<bool>,
    list: Query,
    bucket: StoredValue<String>,
    folder: Memo<String>,
    start: RwSignal<String>,
    object: Memo<Option<String>>,
    selected: RwSignal<BTreeSet<String>>,
    removing: RwSignal<Option<Vec<String>>>,
    picker: NodeRef<html::Input>,
    making_folder: RwSignal<bool>,
) -> impl IntoView {
    let is_directory = bucket.with_value(|bucket| zone_of(bucket).is_some());
    let answer = Memo::new(move |_| list.read::<ObjectList>());
    let entries = Memo::new(move |_| {
        answer.with(|answer| match answer {
            Some(Ok(list)) => {
                let folders = list.common_prefixes.iter().map(|common| Entry::Folder(common.prefix.clone()));
                // The folder's own marker is the folder, not a thing in it.
                let objects = list.contents.iter().filter(|object| folder.with(|folder| object.key != *folder));
                let begins = folder.with(|folder| start.with(|start| format!("{folder}{start}")));
                let all = folders.chain(objects.cloned().map(Entry::Object));
                all.filter(|entry| !is_directory || entry.key().starts_with(&begins)).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        })
    });
    let all = move || entries.with(|entries| !entries.is_empty() && entries.iter().all(|entry| selected.with(|selected| selected.contains(entry.key()))));
    let some = move || selected.with(|selected| !selected.is_empty());
    let toggle_all = move |_| {
        let next = if untrack(all) {
            BTreeSet::new()
        } else {
            entries.with_untracked(|entries| entries.iter().map(|entry| entry.key().to_owned()).gather())
        };
        selected.set(next);
    };
    let on_key = move |event: web_sys::KeyboardEvent| {
        step_rows(&event);
        let key = row_of(&event).and_then(|row| row.get_attribute("data-key"));
        let Some(key) = key else { return };
        if keys::is(&event, "Delete") {
            event.prevent_default();
            let chosen = selected.get_untracked();
            removing.set(Some(if chosen.is_empty() { vec![key] } else { chosen.into_iter().collect() }));
        } else if keys::is(&event, "Space") && !is_checkbox(&event) {
            event.prevent_default();
            selected.update(|selected| {
                if !selected.remove(&key) {
                    selected.insert(key);
                }
            });
        }
    };
    let empty = Memo::new(move |_| entries.with(Vec::is_empty));
    let known = Memo::new(move |_| answer.with(|answer| answer.as_ref().map(|answer| answer.as_ref().err().cloned())));
    view! {
        {move || match known.get() {
            None => ().into_any(),
            Some(Some(error)) => view! { <Fault error=error /> }.into_any(),
            Some(None) if empty.get() && !start.with(String::is_empty) => {
                view! {
                    <Empty title="Nothing begins like that" text="S3 finds by prefix: upper and lower case differ, and there is no search inside names.">
                        <button type="button" class="btn" on:click=move |_| start.set(String::new())>
                            "Show everything here"
                        </button>
                    </Empty>
                }
                    .into_any()
            }
            Some(None) if empty.get() => {
                view! {
                    <Empty
                        title="Nothing here yet"
                        text="Drop a file anywhere on this list. CSV, JSON and Parquet can be looked at as tables at once."
                        picture=view! { <GhostRows /> }.into_any()
                    >
                        <button type="button" class="btn primary" on:click=move |_| pick(picker)>
                            "Upload files"
                        </button>
                        <button type="button" class="btn" on:click=move |_| making_folder.set(true)>
                            "Create a folder"
                        </button>
                    </Empty>
                }
                    .into_any()
            }
            Some(None) => {
                view! {
                    <table class="list s3-list" aria-busy=move || list.waiting.get().to_string() on:keydown=on_key>
                        <thead>
                            <tr>
                                <th class="pickcell">
                                    <input
                                        type="checkbox"
                                        class="check"
                                        aria-label="Select all on this page"
                                        prop:checked=all
                                        prop:indeterminate=move || some() && !all()
                                        on:change=toggle_all
                                    />
                                </th>
                                <th>
                                    <Show when=some fallback=|| "Name">
                                        <span class="bulk">
                                            <b>{move || format!("{} selected", format::count(selected.with(BTreeSet::len) as u64))}</b>
                                            <button type="button" class="btn" hidden=is_directory on:click=move |_| classing.set(true)>
                                                "Change class"
                                            </button>
                                            <button
                                                type="button"
                                                class="btn danger"
                                                on:click=move |_| removing.set(Some(selected.get_untracked().into_iter().collect()))
                                            >
                                                "Delete"
                                            </button>
                                            <button type="button" class="btn quiet" on:click=move |_| selected.set(BTreeSet::new())>
                                                "Select none"
                                            </button>
                                        </span>
                                    </Show>
                                </th>
                                <th class="num">"Size"</th>
                                <th class="when">"Last modified"</th>
                                <th class="class">"Storage class"</th>
                            </tr>
                        </thead>
                        <tbody>
                            <For each=move || entries.get() key=Entry::identity let:entry>
                                <Row entry=entry bucket=bucket object=object selected=selected />
                            </For>
                        </tbody>
                    </table>
                }
                    .into_any()
            }
        }}
    }
}

#[component]
fn Row(entry: Entry, bucket: StoredValue<String>, object: Memo<Option<String>>, selected: RwSignal<BTreeSet<String>>) -> impl IntoView {
    let key = StoredValue::new(entry.key().to_owned());
    let name = last_name(entry.key()).to_owned();
    let href = bucket.with_value(|bucket| Route::storage(bucket, entry.key()).href());
    let checked = move || selected.with(|selected| key.with_value(|key| selected.contains(key)));
    let toggle = move |_| {
        selected.update(|selected| {
            let key = key.get_value();
            if !selected.remove(&key) {
                selected.insert(key);
            }
        });
    };
    let here = move || object.with(|object| key.with_value(|key| object.as_ref() == Some(key)));
    let (icon, facts) = match &entry {
        Entry::Folder(_) => ("folder", None),
        Entry::Object(object) => (glyph_of(&object.key), Some(object.clone())),
    };
    let (size, modified, class) = match facts {
        Some(object) => (format::bytes(object.size), object.last_modified, object.storage_class),
        None => Default::default(),
    };
    view! {
        <tr class:on=here class:chosen=checked data-key=entry.key().to_owned()>
            <td class="pickcell">
                <label>
                    <input type="checkbox" class="check" aria-label=format!("Select {name}") prop:checked=checked on:change=toggle />
                </label>
            </td>
            <td>
                <a class="name" href=href aria-current=move || here().then_some("true")>
                    {glyph(icon)}
                    <span>{name.clone()}{(icon == "folder").then_some("/")}</span>
                </a>
            </td>
            <td class="num">{size}</td>
            <td class="when">
                <time datetime=modified.clone()>{(!modified.is_empty()).then(|| format::local_time(&modified))}</time>
            </td>
            <td class="class">{class}</td>
        </tr>
    }
}

/// Page by page through ContinuationToken, as S3 lists; shown when there is more than one.
#[component]
fn Pages(list: Query, tokens: RwSignal<Vec<String>>) -> impl IntoView {
    let next = Memo::new(move |_| match list.read::<ObjectList>() {
        Some(Ok(list)) if list.is_truncated => list.next_continuation_token,
        _ => None,
    });
    let page = move || tokens.with(Vec::len);
    view! {
        <nav class="pages" aria-label="Pages of the list" hidden=move || page() == 0 && next.get().is_none()>
            <button
                type="button"
                class="btn icon"
                aria-label="The page before"
                disabled=move || page() == 0
                on:click=move |_| {
                    tokens
                        .update(|tokens| {
                            tokens.pop();
                        })
                }
            >
                {glyph("left")}
            </button>
            <span class="meta">{move || format!("Page {} · {PAGE} rows a page", page() + 1)}</span>
            <button
                type="button"
                class="btn icon"
                aria-label="The next page"
                disabled=move || next.get().is_none()
                on:click=move |_| {
                    if let Some(token) = next.get_untracked() {
                        tokens.update(|tokens| tokens.push(token));
                    }
                }
            >
                {glyph("right")}
            </button>
        </nav>
    }
}

fn is_checkbox(event: &web_sys::KeyboardEvent) -> bool {
    event.target().is_some_and(|target| target.dyn_ref::<web_sys::HtmlInputElement>().is_some())
}

/// Three rows to be, in hairline.
#[component]
fn GhostRows() -> impl IntoView {
    view! {
        <svg class="ghost" width="260" height="92" viewBox="0 0 260 92" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
            <path d="M10 8h9l4 4v12H10zM36 16h88M176 16h24M216 16h34M0 31h260" />
            <path d="M10 38h9l4 4v12H10zM36 46h64M176 46h24M216 46h34M0 61h260" stroke-dasharray="3 3" />
            <path d="M10 68h9l4 4v12H10zM36 76h104M176 76h24M216 76h34M0 91h260" stroke-dasharray="1.5 4.5" />
        </svg>
    }
}
