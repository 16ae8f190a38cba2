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
}

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
    let list = query(host, move || {
        let params = json!({ "Bucket": bucket.get_value(), "Prefix": format!("{}{}", folder.get(), start.get()), "MaxKeys": 200 });
        Some(Call::new("s3", "ListObjectVersions", params))
    });
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
        {move || match list.read::<VersionList>() {
            None => ().into_any(),
            Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
            Some(Ok(list)) if list.versions.is_empty() && list.delete_markers.is_empty() => view! { <Empty title="No versions here" /> }.into_any(),
            Some(Ok(list)) => {
                let truncated = list.is_truncated;
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
                    {truncated.then(|| view! { <p class="meta">"The first 200. Find by the start of a name to see others."</p> })}
                }
                    .into_any()
            }
        }}
    }
}
