//! The theme: what was asked for, what is on, and the button that changes it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::glyph;
use crate::host::use_host;
use crate::settings::{Settings, Theme};

const DOCUMENT: &str = "preferences/theme";

/// The theme that the reader or the address asked for.
#[derive(Clone, Copy)]
pub struct ThemeChoice(pub RwSignal<Theme>);

impl ThemeChoice {
    /// The address wins over what was kept: it is what the author of a link wants.
    pub fn new(settings: &Settings) -> ThemeChoice {
        let kept = storage().and_then(|storage| storage.get_item(DOCUMENT).ok().flatten());
        let choice = settings.theme.or_else(|| kept.as_deref().and_then(Theme::parse)).unwrap_or_default();
        ThemeChoice(RwSignal::new(choice))
    }

    /// Keeps `data-theme` on the root element as the choice, or the system, says.
    pub fn apply(self) {
        let system_is_dark = RwSignal::new(false);
        if let Ok(Some(query)) = window().match_media("(prefers-color-scheme: dark)") {
            system_is_dark.set(query.matches());
            let listen = Closure::<dyn FnMut(web_sys::MediaQueryListEvent)>::new(move |event: web_sys::MediaQueryListEvent| {
                system_is_dark.set(event.matches());
            });
            let _ = query.add_event_listener_with_callback("change", listen.as_ref().unchecked_ref());
            listen.forget();
        }
        Effect::new(move |_| {
            let name = match self.0.get() {
                Theme::Auto if system_is_dark.get() => "dark",
                Theme::Auto => "light",
                chosen => chosen.name(),
            };
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("data-theme", name);
            }
        });
    }
}

/// Kept in two places: localStorage, which is there before the account is open and spares a flash, and the account's documents.
fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// Goes through auto, light and dark.
#[component]
pub fn ThemeButton(choice: ThemeChoice) -> impl IntoView {
    let host = use_host();
    let next = move || match choice.0.get() {
        Theme::Auto => Theme::Light,
        Theme::Light => Theme::Dark,
        Theme::Dark | Theme::Contrast => Theme::Auto,
    };
    let press = move |_| {
        let theme = untrack(next);
        choice.0.set(theme);
        host.announce(format!("Theme: {}", theme.name()));
        if let Some(storage) = storage() {
            let _ = storage.set_item(DOCUMENT, theme.name());
        }
        spawn_local(async move {
            // A preference that could not be kept is asked for again next time; nothing to tell.
            let _ = host.put_document(DOCUMENT, theme.name()).await;
        });
    };
    let label = move || format!("Theme: {}. Change to {}.", choice.0.get().name(), next().name());
    view! {
        <button type="button" class="btn quiet icon" title=label aria-label=label on:click=press>
            {move || match choice.0.get() {
                Theme::Auto => glyph("auto"),
                Theme::Light | Theme::Contrast => glyph("sun"),
                Theme::Dark => glyph("moon"),
            }}
        </button>
    }
}
