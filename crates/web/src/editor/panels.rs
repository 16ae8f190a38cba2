//! What stands around the canvas and may come after it: palette, inspector, rows, run bar, outline; and what stands in its place on a phone.
//!
//! Belongs here: their split points. Does not belong here: what they show.

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::wasm_split;

use super::add_menu::AddMenu;
use super::data::DataPane;
use super::inspector::Inspector;
use super::outline::Outline;
use super::palette::Palette;
use super::phone::Phone;
use super::run::RunBar;
use crate::components::{Drawn, arrived, at_once};

#[wasm_split(panels, wasm_split_path = ::leptos::wasm_split, preload(load_inspector), fallible)]
fn draw_inspector() -> Drawn {
    Ok(view! { <Inspector /> }.into_any())
}

#[wasm_split(panels, wasm_split_path = ::leptos::wasm_split, preload(load_data), fallible)]
fn draw_data() -> Drawn {
    Ok(view! { <DataPane /> }.into_any())
}

#[wasm_split(panels, wasm_split_path = ::leptos::wasm_split, preload(load_run_bar), fallible)]
fn draw_run_bar() -> Drawn {
    Ok(view! { <RunBar /> }.into_any())
}

#[wasm_split(panels, wasm_split_path = ::leptos::wasm_split, preload(load_outline), fallible)]
fn draw_outline() -> Drawn {
    Ok(view! { <Outline /> }.into_any())
}

#[wasm_split(panels, wasm_split_path = ::leptos::wasm_split, preload(load_palette), fallible)]
fn draw_palette() -> Drawn {
    Ok(view! { <Palette /> }.into_any())
}

#[wasm_split(panels, wasm_split_path = ::leptos::wasm_split, preload(load_add_menu), fallible)]
fn draw_add_menu() -> Drawn {
    Ok(view! { <AddMenu /> }.into_any())
}

#[wasm_split(panels, wasm_split_path = ::leptos::wasm_split, preload(load_phone), fallible)]
fn draw_phone() -> Drawn {
    Ok(view! { <Phone /> }.into_any())
}

/// Fetches them, while the job itself is still on its way.
pub fn prefetch() {
    spawn_local(async move {
        // One chunk holds them all. What did not come is asked for again where it is drawn.
        let _ = load_inspector().await;
    });
}

/// The form, schema, JSON and note of the current node, or of the job.
#[component]
pub fn InspectorPanel() -> impl IntoView {
    arrived(|| Box::pin(load_inspector()), || at_once(draw_inspector()))
}

/// The rows of the current node, going in and coming out.
#[component]
pub fn DataPanel() -> impl IntoView {
    arrived(|| Box::pin(load_data()), || at_once(draw_data()))
}

/// The run under way or the last one.
#[component]
pub fn RunPanel() -> impl IntoView {
    arrived(|| Box::pin(load_run_bar()), || at_once(draw_run_bar()))
}

/// The job as a list.
#[component]
pub fn OutlinePanel() -> impl IntoView {
    arrived(|| Box::pin(load_outline()), || at_once(draw_outline()))
}

/// The kinds of nodes.
#[component]
pub fn PalettePanel() -> impl IntoView {
    arrived(|| Box::pin(load_palette()), || at_once(draw_palette()))
}

/// The menu that a `+` opens.
#[component]
pub fn AddPanel() -> impl IntoView {
    arrived(|| Box::pin(load_add_menu()), || at_once(draw_add_menu()))
}

/// The job below 720 px.
#[component]
pub fn PhoneFlow() -> impl IntoView {
    arrived(|| Box::pin(load_phone()), || at_once(draw_phone()))
}
