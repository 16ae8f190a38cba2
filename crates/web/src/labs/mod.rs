//! Labs: the list of them, and the panel that stands beside any screen while one is under way.

use leptos::prelude::*;

/// The list of labs, at `#/labs`; `#/labs/<id>` opens the panel of that lab beside it.
#[component]
pub fn LabsScreen() -> impl IntoView {
    view! {}
}

/// The panel of the lab under way. The shell draws it while `ShellState::lab` names one.
#[component]
pub fn LabPanel(
    /// The lab's folder name.
    id: String,
) -> impl IntoView {
    let _ = id;
    view! {}
}
