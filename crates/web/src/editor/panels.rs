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

/// A panel: the chunk that it is in (`object` for what shows rows, `panels` for all others), its split point, and the component that fetches it and draws it.
macro_rules! panel {
    ($chunk:ident, $(#[$doc:meta])* $panel:ident, $load:ident, $draw:ident, $view:ident) => {
        #[wasm_split($chunk, wasm_split_path = ::leptos::wasm_split, preload($load), fallible)]
        fn $draw() -> Drawn {
            Ok(view! { <$view /> }.into_any())
        }

        $(#[$doc])*
        #[component]
        pub fn $panel() -> impl IntoView {
            arrived(|| Box::pin($load()), || at_once($draw()))
        }
    };
}

panel!(
    panels,
    /// The form, schema, JSON and note of the current node, or of the job.
    InspectorPanel, load_inspector, draw_inspector, Inspector
);
panel!(
    object,
    /// The rows of the current node, going in and coming out.
    DataPanel, load_data, draw_data, DataPane
);
panel!(
    panels,
    /// The run under way or the last one.
    RunPanel, load_run_bar, draw_run_bar, RunBar
);
panel!(
    panels,
    /// The job as a list.
    OutlinePanel, load_outline, draw_outline, Outline
);
panel!(
    panels,
    /// The kinds of nodes.
    PalettePanel, load_palette, draw_palette, Palette
);
panel!(
    panels,
    /// The menu that a `+` opens.
    AddPanel, load_add_menu, draw_add_menu, AddMenu
);
panel!(
    panels,
    /// The job below 720 px.
    PhoneFlow, load_phone, draw_phone, Phone
);

/// Fetches them, while the job itself is still on its way.
pub fn prefetch() {
    spawn_local(async move {
        // What did not come is asked for again where it is drawn.
        let _ = load_inspector().await;
        let _ = load_data().await;
    });
}
