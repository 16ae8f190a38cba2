//! The ETL screen.

use leptos::prelude::*;

#[component]
pub fn EtlScreen() -> impl IntoView {
    view! {}
}
