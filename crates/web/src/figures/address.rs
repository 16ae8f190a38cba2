//! A figure's settings in the query of the address: read once, written back without a new entry of the tab's history.
//!
//! Belongs here: names and texts of parameters. Does not belong here: what a setting means.
//! `scene` names a scene of the figure; what else is said changes that scene.

use leptos::prelude::*;
use web_sys::UrlSearchParams;

/// Names and texts of settings; an empty text is a parameter that is left out.
pub type Texts = Vec<(&'static str, String)>;

/// The value of a parameter; `None` where it is absent or empty.
pub fn get(name: &str) -> Option<String> {
    let search = window().location().search().unwrap_or_default();
    let value = UrlSearchParams::new_with_str(&search).ok()?.get(name)?;
    Some(value).filter(|value| !value.is_empty())
}

/// A number within its range; `None` for any other text.
pub fn number(name: &str, least: f64, most: f64) -> Option<f64> {
    get(name)?.parse().ok().filter(|value: &f64| (least..=most).contains(value))
}

/// Settings that are a scene's own are said by its name alone.
pub fn texts(scene: Option<&str>, settings: Texts) -> Texts {
    let name = ("scene", scene.unwrap_or_default().to_owned());
    let rest = settings
        .into_iter()
        .map(|(name, text)| (name, if scene.is_some() { String::new() } else { text }));
    core::iter::once(name).chain(rest).collect()
}

/// Puts the settings in the address, in place of those of the same names.
pub fn put(settings: &Texts) {
    let location = window().location();
    let search = location.search().unwrap_or_default();
    let Ok(query) = UrlSearchParams::new_with_str(&search) else { return };
    for (name, text) in settings {
        if text.is_empty() {
            query.delete(name);
        } else {
            query.set(name, text);
        }
    }
    let path = location.pathname().unwrap_or_default();
    let hash = location.hash().unwrap_or_default();
    let query = String::from(query.to_string());
    let address = if query.is_empty() {
        format!("{path}{hash}")
    } else {
        format!("{path}?{query}{hash}")
    };
    if let Ok(history) = window().history() {
        // A browser limits how often an address may change; the next change writes all settings again.
        let _ = history.replace_state_with_url(&leptos::wasm_bindgen::JsValue::NULL, "", Some(&address));
    }
}

/// A link that opens the figure with these settings, and nothing else of the present address: alone, or within the page.
pub fn link(figure: &str, settings: &Texts, alone: bool) -> String {
    let place = format!("figures/{figure}");
    link_in(figure, &place, settings, alone)
}

/// The same for a figure that stands elsewhere within the page: `place` is its fragment after `#/`.
pub fn link_in(figure: &str, place: &str, settings: &Texts, alone: bool) -> String {
    let location = window().location();
    let address = format!("{}{}", location.origin().unwrap_or_default(), location.pathname().unwrap_or_default());
    let Ok(query) = UrlSearchParams::new() else { return address };
    if alone {
        query.set("figure", figure);
    }
    for (name, text) in settings.iter().filter(|(_, text)| !text.is_empty()) {
        query.set(name, text);
    }
    let query = String::from(query.to_string());
    if alone {
        format!("{address}?{query}")
    } else {
        format!("{address}?{query}#/{place}")
    }
}
