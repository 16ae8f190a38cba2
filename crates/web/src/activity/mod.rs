//! The Activity screen.

use leptos::prelude::*;

#[component]
pub fn ActivityScreen() -> impl IntoView {
    view! {}
}
