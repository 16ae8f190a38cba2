//! Files from the reader's disk into objects: picked or dropped, one after the other.

use leptos::ev::DragEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{File, Node};

use super::client_side;
use super::model::{content_type, last_name};
use super::upload_as::UploadAs;
use crate::components::glyph;
use crate::format;
use crate::host::{Host, Toast, ToastKind, use_host};

/// A place that takes files: dropped on it, or through the hidden picker that `picker` refers to. Folders are refused by name.
#[component]
pub fn DropTarget(
    /// What letting go does.
    #[prop(into)]
    label: Signal<String>,
    /// The picker's own name: what the files are for.
    picker_label: &'static str,
    picker: NodeRef<html::Input>,
    on_files: Callback<Vec<File>>,
    children: Children,
) -> impl IntoView {
    let host = use_host();
    let over = RwSignal::new(false);
    let frame: NodeRef<html::Div> = NodeRef::new();
    let drag = move |event: DragEvent| {
        if carries_files(&event) {
            event.prevent_default();
            over.set(true);
        }
    };
    let leave = move |event: DragEvent| {
        let inside = event
            .related_target()
            .and_then(|target| target.dyn_into::<Node>().ok())
            .is_some_and(|target| frame.get_untracked().is_some_and(|frame| frame.contains(Some(&target))));
        if !inside {
            over.set(false);
        }
    };
    let drop = move |event: DragEvent| {
        if !carries_files(&event) {
            return;
        }
        event.prevent_default();
        over.set(false);
        let (files, folders) = dropped(&event);
        if !folders.is_empty() {
            host.feedback.toast(folder_refused(&folders));
        }
        if !files.is_empty() {
            on_files.run(files);
        }
    };
    let picked = move |_| {
        let Some(input) = picker.get_untracked() else { return };
        let files: Vec<File> = input
            .files()
            .map(|list| (0..list.length()).filter_map(|index| list.get(index)).collect())
            .unwrap_or_default();
        // So that the same file can be picked again.
        input.set_value("");
        if !files.is_empty() {
            on_files.run(files);
        }
    };
    view! {
        <div class="drop" node_ref=frame class:over=move || over.get() on:dragenter=drag on:dragover=drag on:dragleave=leave on:drop=drop>
            {children()}
            <div class="drop-sign" aria-hidden="true">
                {glyph("upload")}
                <b>{move || label.get()}</b>
            </div>
            <input type="file" multiple class="visually-hidden" tabindex="-1" aria-label=picker_label node_ref=picker on:change=picked />
        </div>
    }
}

/// Opens the browser's file chooser.
pub fn pick(picker: NodeRef<html::Input>) {
    if let Some(input) = picker.get_untracked() {
        input.click();
    }
}

fn carries_files(event: &DragEvent) -> bool {
    event.data_transfer().is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}

/// The files of a drop, and the names of folders among them. To be called within the event: the list is empty afterwards.
fn dropped(event: &DragEvent) -> (Vec<File>, Vec<String>) {
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    let Some(transfer) = event.data_transfer() else { return (files, folders) };
    let items = transfer.items();
    for index in 0..items.length() {
        let Some(item) = items.get(index).filter(|item| item.kind() == "file") else {
            continue;
        };
        if let Ok(Some(entry)) = item.webkit_get_as_entry()
            && entry.is_directory()
        {
            folders.push(entry.name());
        } else if let Ok(Some(file)) = item.get_as_file() {
            files.push(file);
        }
    }
    (files, folders)
}

fn folder_refused(folders: &[String]) -> Toast {
    let names: Vec<String> = folders.iter().map(|name| format!("“{name}”")).collect();
    let (is, it) = if names.len() == 1 { ("is a folder", "it") } else { ("are folders", "them") };
    Toast {
        kind: ToastKind::Error,
        code: Some("Not uploaded".into()),
        message: format!("{} {is}; a browser hands over files.", format::listed(names.into_iter())),
        help: Some(format!("Open {it} and drop the files inside. Create folder makes a place for them here.")),
    }
}

/// Uploads the files into a folder (`` or ending in `/`) as is chosen, one after the other; goes on when the screen is left.
pub fn upload_all(host: Host, bucket: String, folder: String, to: UploadAs, files: Vec<File>) {
    // All of them stand in the list from the start; `Host::upload` takes each out when it is done.
    host.uploads.update(|uploads| {
        for file in &files {
            uploads.insert((bucket.clone(), format!("{folder}{}", file.name())), (0, file.size() as u64));
        }
    });
    spawn_local(async move {
        let mut done = Vec::new();
        let mut bytes = 0;
        for file in files {
            let name = file.name();
            let key = format!("{folder}{name}");
            let size = file.size() as u64;
            let kind = Some(file.type_()).filter(|kind| !kind.is_empty()).unwrap_or_else(|| content_type(&name).into());
            let mut members = to.members();
            let sealed = if to.encryption == client_side::CHOICE {
                client_side::seal(&file, &to.customer_key).await.map(|(sealed, metadata)| {
                    members["Metadata"] = metadata;
                    sealed
                })
            } else {
                Ok(file.into())
            };
            let answer = match sealed {
                Ok(bytes) => host.upload(&bucket, &key, &kind, members, bytes).await,
                Err(error) => {
                    host.uploads.update(|uploads| {
                        uploads.remove(&(bucket.clone(), key.clone()));
                    });
                    Err(error)
                }
            };
            match answer {
                Ok(_) => {
                    done.push(name.clone());
                    bytes += size;
                    if size == 0 {
                        host.feedback.toast(Toast {
                            kind: ToastKind::Warning,
                            code: Some("Empty file".into()),
                            message: format!("{name} has no bytes."),
                            help: Some("S3 stores it all the same, and so was it here. There are no rows in it to preview or crawl.".into()),
                        });
                    }
                }
                Err(mut error) => {
                    let why = error.help.take().map(|help| format!(" {help}")).unwrap_or_default();
                    host.toast_error(&error.with_help(format!("{name} was not uploaded.{why}")));
                }
            }
        }
        if !done.is_empty() {
            let told = format!("Uploaded {} ({}).", format::listed(done.into_iter()), format::bytes(bytes));
            host.announce(told.clone());
            host.toast_done(told);
        }
    });
}

/// The uploads under way into a bucket, each with its share.
#[component]
pub fn Uploads(bucket: String) -> impl IntoView {
    let host = use_host();
    let own = Memo::new(move |_| {
        host.uploads.with(|uploads| {
            uploads
                .iter()
                .filter(|((of, _), _)| *of == bucket)
                .map(|((_, key), done)| (key.clone(), *done))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <ul class="uploads" role="list" aria-label="Uploads" hidden=move || own.with(Vec::is_empty)>
            <For each=move || own.get().into_iter().map(|(key, _)| key) key=Clone::clone let:key>
                {
                    let name = last_name(&key).to_owned();
                    let state = Memo::new(move |_| own.with(|own| own.iter().find(|(other, _)| *other == key).map(|(_, state)| *state).unwrap_or_default()));
                    let share = move || {
                        let (done, total) = state.get();
                        if total == 0 { 0.0 } else { done as f64 / total as f64 }
                    };
                    let label = name.clone();
                    view! {
                        <li>
                            <span class="mono">{name}</span>
                            <span class="meta">
                                {move || {
                                    let (done, total) = state.get();
                                    if done == 0 { format!("waiting · {}", format::bytes(total)) } else { format!("{} of {}", format::bytes(done), format::bytes(total)) }
                                }}
                            </span>
                            <span
                                class="bar"
                                role="progressbar"
                                aria-label=format!("Upload of {label}")
                                aria-valuemin="0"
                                aria-valuemax="100"
                                aria-valuenow=move || format!("{:.0}", share() * 100.0)
                            >
                                <i style:--share=move || format!("{:.4}", share())></i>
                            </span>
                        </li>
                    }
                }
            </For>
        </ul>
    }
}
