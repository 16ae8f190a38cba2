//! The Storage screen: buckets, objects, uploads, and where bytes are kept.

use leptos::prelude::*;

#[component]
pub fn StorageScreen() -> impl IntoView {
    view! {}
}
