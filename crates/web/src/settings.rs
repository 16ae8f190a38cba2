//! What the address says about this page: read once, unknown parameters and values ignored.
//!
//! The query holds what the author of a link wants; where the reader stands is in the fragment (see `router`).

use leptos::prelude::*;
use sluice_protocol::Backend;

/// The colour theme that was asked for; `Auto` follows the system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
    Contrast,
}

impl Theme {
    pub fn parse(text: &str) -> Option<Theme> {
        match text {
            "auto" => Some(Theme::Auto),
            "light" => Some(Theme::Light),
            "dark" => Some(Theme::Dark),
            "contrast" => Some(Theme::Contrast),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
            Theme::Contrast => "contrast",
        }
    }
}

/// The query parameters `theme`, `id` (or `account`), `lab`, `figure` and `storage`; the rest belongs to the figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub theme: Option<Theme>,
    /// Names the account's store and its lock: `id`, else the lab's id, else `default`.
    pub account: String,
    pub lab: Option<String>,
    /// The one figure to show, without rail and top bar.
    pub figure: Option<String>,
    /// Forces where bytes are kept.
    pub backend: Option<Backend>,
}

impl Settings {
    pub fn from_address() -> Settings {
        let search = window().location().search().unwrap_or_default();
        let parameters = web_sys::UrlSearchParams::new_with_str(&search).ok();
        let get = |name: &str| parameters.as_ref().and_then(|p| p.get(name)).filter(|value| !value.is_empty());
        let lab = get("lab").filter(|id| is_name(id));
        Settings {
            theme: get("theme").as_deref().and_then(Theme::parse),
            account: get("id")
                .or_else(|| get("account"))
                .filter(|id| is_name(id))
                .or_else(|| lab.clone())
                .unwrap_or_else(|| "default".into()),
            lab,
            figure: get("figure").filter(|id| is_name(id)),
            backend: get("storage").and_then(|value| match value.as_str() {
                "opfs" => Some(Backend::Opfs),
                "indexeddb" => Some(Backend::IndexedDb),
                "memory" => Some(Backend::Memory),
                _ => None,
            }),
        }
    }
}

/// Account and lab names become folder and lock names: 1 to 64 letters, digits, `-`, `_` and `.`, not starting with a dot.
fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}
