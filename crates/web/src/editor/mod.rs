//! The ETL screen: the list of jobs, and the visual editor of one.
//!
//! Belongs here: gestures, views and tasks of the editor. Does not belong here: edits, geometry, validation and schemas (core), the grid.

mod add_menu;
mod announce;
mod canvas;
mod card;
mod data;
mod drag;
mod forms;
mod inspector;
mod jobs;
mod keyboard;
mod live;
mod model;
mod outline;
mod palette;
mod phone;
mod rails;
mod run;
mod save;
mod screen;
mod tools;

use leptos::prelude::*;

use crate::router::{Route, use_route};

#[component]
pub fn EtlScreen() -> impl IntoView {
    let route = use_route();
    let job = Memo::new(move |before: Option<&Option<String>>| match route.get() {
        Route::Etl { job } => job,
        // The screen is about to go: the job stays until it has.
        _ => before.cloned().flatten(),
    });
    move || match job.get() {
        None => view! { <jobs::Jobs /> }.into_any(),
        Some(name) => view! { <screen::JobScreen name=name /> }.into_any(),
    }
}
