//! The Storage screen: buckets, objects, uploads, and where bytes are kept.
//!
//! Belongs here: what a person does with S3. Does not belong here: the rules of names and keys, which are core's.

mod ask;
mod browser;
mod buckets;
mod copy;
mod create;
mod detail;
mod listing;
mod model;
mod preview;
mod remove;
mod store;
mod upload;

use leptos::prelude::*;

use crate::components::{Crumb, ShellState};
use crate::keys::{self, Key, KeyGroup};
use crate::router::{Route, use_route};
use browser::Browser;
use buckets::Buckets;
use model::parent;
use store::StoreStrip;

const KEYS: KeyGroup = KeyGroup {
    title: "Storage",
    keys: &[
        Key {
            keys: "U",
            action: "choose files to upload",
        },
        Key {
            keys: "N",
            action: "create a folder, or a bucket",
        },
        Key {
            keys: "/",
            action: "find by the start of a name",
        },
        Key {
            keys: "↑ ↓",
            action: "go to the row above or below",
        },
        Key {
            keys: "Space",
            action: "select the row",
        },
        Key {
            keys: "Delete",
            action: "delete the selected, or the row",
        },
    ],
};

#[component]
pub fn StorageScreen() -> impl IntoView {
    let route = use_route();
    let shell = expect_context::<ShellState>();
    keys::register(KEYS);
    let place = Memo::new(move |_| match route.get() {
        Route::Storage { bucket: Some(bucket), key } => Some((bucket, key)),
        _ => None,
    });
    Effect::new(move |_| {
        shell.place(crumbs(place.get().as_ref().map(|(bucket, key)| (bucket.as_str(), key.as_str()))));
    });
    let bucket = Memo::new(move |_| place.get().map(|(bucket, _)| bucket));
    view! {
        <div class="storage">
            {move || match bucket.get() {
                None => view! { <Buckets /> }.into_any(),
                Some(bucket) => {
                    let key = Memo::new(move |_| place.get().map(|(_, key)| key).unwrap_or_default());
                    view! { <Browser bucket=bucket key=key /> }.into_any()
                }
            }}
            <StoreStrip />
        </div>
    }
}

/// Storage, the bucket, one step a folder, the object.
fn crumbs(place: Option<(&str, &str)>) -> Vec<Crumb> {
    let mut crumbs = vec![Crumb::new("Storage", &Route::storage("", ""))];
    let Some((bucket, key)) = place else { return crumbs };
    crumbs.push(Crumb::new(bucket, &Route::storage(bucket, "")));
    let folder = parent(key);
    let mut end = 0;
    for part in folder.split_inclusive('/') {
        end += part.len();
        crumbs.push(Crumb::new(
            part.trim_end_matches('/'),
            &Route::storage(bucket, folder.get(..end).unwrap_or(folder)),
        ));
    }
    if let Some(name) = key.get(folder.len()..).filter(|name| !name.is_empty()) {
        crumbs.push(Crumb::new(name, &Route::storage(bucket, key)));
    }
    crumbs
}
