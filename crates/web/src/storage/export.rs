//! Leaving for AWS: the account's storage as a script, its bodies and a template, in one archive.

use leptos::prelude::*;
use leptos::task::spawn_local;
use sluice_protocol::{PageReply, PageRequest};

use super::store::save;
use crate::components::{Dialog, glyph};
use crate::host::{unexpected, use_host};

const ARCHIVE: &str = "sluice-storage.zip";

/// The button, and what it asks.
#[component]
pub fn ExportStorage() -> impl IntoView {
    let host = use_host();
    let open = RwSignal::new(false);
    let export = move |_| {
        open.set(false);
        spawn_local(async move {
            host.announce("Exporting the storage.");
            match host.request(PageRequest::ExportStorage, Vec::new()).await {
                (PageReply::StorageExported { result: Ok(notes) }, blobs) => {
                    let Some(blob) = blobs.first() else { return };
                    save(blob, ARCHIVE);
                    let said = match notes.as_slice() {
                        [] => format!("Exported the storage as {ARCHIVE}."),
                        [only] => format!("Exported the storage as {ARCHIVE}. {only}"),
                        [first, rest @ ..] => format!("Exported the storage as {ARCHIVE}. {first} The script has {} more such notes.", rest.len()),
                    };
                    host.announce(said.clone());
                    host.toast_done(said);
                }
                (PageReply::StorageExported { result: Err(error) }, _) => host.toast_error(&error),
                (other, _) => host.toast_error(&unexpected(other)),
            }
        });
    };
    view! {
        <button type="button" class="btn" on:click=move |_| open.set(true)>
            {glyph("download")}
            "Export…"
        </button>
        <Dialog open=open title="Export for AWS">
            <p>"One archive with what a real account takes:"</p>
            <ul class="losses">
                <li>
                    <b class="mono">"storage.sh"</b>
                    ": calls of the AWS CLI that make the buckets, keys, policies and objects, every version in its order"
                </li>
                <li>
                    <b class="mono">"bodies/"</b>
                    ": the bytes that the script uploads"
                </li>
                <li>
                    <b class="mono">"template.json"</b>
                    ": the same without objects, for CloudFormation"
                </li>
            </ul>
            <p class="meta">"AWS bills what the script makes. What it cannot make again, it says in comments."</p>
            <div class="actions">
                <button type="button" class="btn" on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <button type="button" class="btn primary" autofocus on:click=export>
                    "Download"
                </button>
            </div>
        </Dialog>
    }
}
