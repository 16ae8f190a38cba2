//! Every version under a folder, delete markers included, and deleting one for good.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::json;
use sluice_core::account::Call;

use super::ask::Ask;
use super::model::last_name;
use crate::components::{Empty, Fault, glyph};
use crate::format;
use crate::host::{query, use_host};

/// `ListObjectVersions`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct VersionList {
    versions: Vec<Version>,
    delete_markers: Vec<Version>,
    is_truncated: bool,
    next_key_marker: Option<String>,
    next_version_id_marker: Option<String>,
}

/// Rows of one page.
const PAGE: u32 = 200;

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Version {
    key: String,
    version_id: String,
    is_latest: bool,
    last_modified: String,
    size: Option<u64>,
    storage_class: Option<String>,
}

#[component]
pub fn VersionTable(bucket: StoredValue<String>, folder: Memo<String>, start: RwSignal<String>) -> impl IntoView {
    let host = use_host();
    // Where each page after the first begins: the key and the version before it.
    let marks = RwSignal::new(Vec::<(String, String)>::new());
    let prefix = Memo::new(move |_| format!("{}{}", folder.get(), start.get()));
    Effect::new(move |before: Option<String>| {
        let now = prefix.get();
        if before.is_some_and(|before| before != now) {
            marks.set(Vec::new());
        }
        now
    });
    let list = query(host, move || {
        let mut params = json!({ "Bucket": bucket.get_value(), "Prefix": prefix.get(), "MaxKeys": PAGE });
        if let Some((key, version)) = marks.with(|marks| marks.last().cloned()) {
            params["KeyMarker"] = key.into();
            params["VersionIdMarker"] = version.into();
        }
        Some(Call::new("s3", "ListObjectVersions", params))
    });
    let next = Memo::new(move |_| match list.read::<VersionList>() {
        Some(Ok(list)) if list.is_truncated => list.next_key_marker.zip(list.next_version_id_marker),
        _ => None,
    });
    let page = move || marks.with(Vec::len);
    let back = move |_| {
        marks.update(|marks| {
            marks.pop();
        });
    };
    let forward = move |_| {
        if let Some(mark) = next.get_untracked() {
            marks.update(|marks| marks.push(mark));
        }
    };
    let doomed = RwSignal::new(None::<(String, String)>);
    let remove = Callback::new(move |()| {
        let Some((key, id)) = doomed.get_untracked() else { return };
        doomed.set(None);
        spawn_local(async move {
            match host
                .call("s3", "DeleteObject", json!({ "Bucket": bucket.get_value(), "Key": key, "VersionId": id }))
                .await
            {
                Ok(_) => host.toast_done(format!("Deleted a version of {}.", last_name(&key))),
                Err(error) => host.toast_error(&error),
            }
        });
    });
    view! {
        <Ask
            open=Signal::derive(move || doomed.with(Option::is_some))
            question=Signal::derive(move || doomed.with(|doomed| doomed.as_ref().map(|(key, id)| format!("Delete version {id} of {}?", last_name(key))).unwrap_or_default()))
            note="A version that is deleted by its id is gone for good. Deleting a delete marker brings the object back."
            disabled=false
            on_keep=Callback::new(move |()| doomed.set(None))
            on_delete=remove
        />
        // Over the rows: each has a button, and nobody should go through two hundred to turn the page.
        <nav class="pages" aria-label="Pages of the versions" hidden=move || page() == 0 && next.get().is_none()>
            <button type="button" class="btn icon" aria-label="The page of versions before" disabled=move || page() == 0 on:click=back>
                {glyph("left")}
            </button>
            <span class="meta">{move || format!("Page {} · {PAGE} versions a page", page() + 1)}</span>
            <button type="button" class="btn icon" aria-label="The next page of versions" disabled=move || next.get().is_none() on:click=forward>
                {glyph("right")}
            </button>
        </nav>
        {move || match list.read::<VersionList>() {
            None => ().into_any(),
            Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
            Some(Ok(list)) if list.versions.is_empty() && list.delete_markers.is_empty() => view! { <Empty title="No versions here" /> }.into_any(),
            Some(Ok(list)) => {
                let markers = list.delete_markers.into_iter().map(|marker| (marker, true));
                let mut rows: Vec<_> = list.versions.into_iter().map(|version| (version, false)).chain(markers).collect();
                // As the console: by key, the newest version first.
                rows.sort_by(|(a, _), (b, _)| a.key.cmp(&b.key).then(b.is_latest.cmp(&a.is_latest)).then(b.last_modified.cmp(&a.last_modified)));
                view! {
                    <div class="table-scroll" tabindex="0" role="region" aria-label="Versions">
                        <table class="list" aria-label="Versions">
                            <thead>
                                <tr>
                                    <th scope="col">"Key"</th>
                                    <th scope="col">"Version ID"</th>
                                    <th scope="col">"Type"</th>
                                    <th scope="col" class="num">
                                        "Size"
                                    </th>
                                    <th scope="col">"Last modified"</th>
                                    <th scope="col">"Storage class"</th>
                                    <th scope="col">
                                        <span class="visually-hidden">"Delete"</span>
                                    </th>
                                </tr>
                            </thead>
                            <tbody>
                                {rows
                                    .into_iter()
                                    .map(|(version, marker)| {
                                        let place = StoredValue::new((version.key.clone(), version.version_id.clone()));
                                        let kind = if marker { "Delete marker" } else { "Object" };
                                        view! {
                                            <tr>
                                                <td class="mono">{version.key.clone()}</td>
                                                <td class="mono">{version.version_id.clone()}</td>
                                                <td>{kind} {version.is_latest.then_some(" (current)")}</td>
                                                <td class="num">{version.size.map(format::bytes)}</td>
                                                <td>{format::local_time(&version.last_modified)}</td>
                                                <td>{version.storage_class}</td>
                                                <td>
                                                    <button
                                                        type="button"
                                                        class="btn quiet icon"
                                                        aria-label=format!("Delete version {} of {}", version.version_id, version.key)
                                                        on:click=move |_| doomed.set(Some(place.get_value()))
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
                    </div>
                }
                    .into_any()
            }
        }}
    }
}
