//! The Sluice screen.

use leptos::prelude::*;

#[component]
pub fn HomeScreen() -> impl IntoView {
    view! {}
}
