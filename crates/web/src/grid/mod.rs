//! The one grid that shows every table.

use leptos::prelude::*;
use sluice_protocol::TablePage;

#[component]
pub fn Grid(
    /// The page on show; `None` while the first is on its way.
    page: Signal<Option<TablePage>>,
    /// Asks for the page that starts at this row.
    on_offset: Callback<u64>,
) -> impl IntoView {
    let _ = on_offset;
    view! { <p class="meta">{move || page.with(|page| page.as_ref().map(|page| page.total))}</p> }
}
