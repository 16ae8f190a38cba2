//! The Catalog screen.

use leptos::prelude::*;

#[component]
pub fn CatalogScreen() -> impl IntoView {
    view! {}
}
