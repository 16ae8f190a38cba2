//! The Storage screen: buckets, objects, uploads, and where bytes are kept.
//!
//! Belongs here: what a person does with S3. Does not belong here: the rules of names and keys, which are core's.

mod ask;
mod browser;
mod buckets;
mod class;
mod client_side;
mod copy;
mod create;
mod detail;
mod encryption;
mod export;
mod lifecycle;
mod listing;
mod logging;
mod model;
mod permissions;
mod preview;
mod properties;
mod remove;
mod restore;
mod schedule;
mod section;
mod store;
mod tabs;
mod unfinished;
mod upload;
mod upload_as;
mod versions;

use leptos::prelude::*;

use crate::components::{Crumb, ShellState};
use crate::keys::{self, Key, KeyGroup};
use crate::router::{Route, use_route};
use crate::screens;
use browser::Browser;
use buckets::Buckets;
use model::parent;
use store::StoreStrip;
use tabs::Tabs;

pub use detail::Detail;
pub use tabs::bucket_tab;

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
        Route::Bucket { bucket, .. } => Some((bucket, String::new())),
        _ => None,
    });
    let tab = Memo::new(move |_| match route.get() {
        Route::Bucket { tab, .. } => Some(tab),
        _ => None,
    });
    Effect::new(move |_| {
        let mut crumbs = crumbs(place.get().as_ref().map(|(bucket, key)| (bucket.as_str(), key.as_str())));
        if let Some(tab) = tab.get() {
            crumbs.push(Crumb::new(tab.label(), &route.get_untracked()));
        }
        shell.place(crumbs);
    });
    let bucket = Memo::new(move |_| place.get().map(|(bucket, _)| bucket));
    view! {
        <div class="storage">
            {move || bucket.get().map(|bucket| view! { <Tabs bucket=bucket tab=tab /> })}
            {move || match (bucket.get(), tab.get()) {
                (None, _) => view! { <Buckets /> }.into_any(),
                (Some(bucket), None) => {
                    let key = Memo::new(move |_| place.get().map(|(_, key)| key).unwrap_or_default());
                    view! { <Browser bucket=bucket key=key /> }.into_any()
                }
                (Some(bucket), Some(tab)) => view! { <screens::Bucket bucket=bucket tab=tab /> }.into_any(),
            }}
            <screens::Clock />
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
