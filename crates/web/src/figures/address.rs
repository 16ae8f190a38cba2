//! A figure's settings in the query of the address: read once, written back without a new entry of the tab's history.
//!
//! Belongs here: names and texts of parameters. Does not belong here: what a setting means.

use leptos::prelude::*;
use web_sys::UrlSearchParams;

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

/// Puts the settings in the address, in place of those of the same names. An empty text takes the parameter away.
pub fn put(settings: &[(&'static str, String)]) {
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
    let query = String::from(query.to_string());
    let path = location.pathname().unwrap_or_default();
    let hash = location.hash().unwrap_or_default();
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

/// A link that opens the figure alone with these settings, and nothing else of the present address.
pub fn link(figure: &str, settings: &[(&'static str, String)]) -> String {
    let location = window().location();
    let address = format!("{}{}", location.origin().unwrap_or_default(), location.pathname().unwrap_or_default());
    let Ok(query) = UrlSearchParams::new() else { return address };
    query.set("figure", figure);
    for (name, text) in settings.iter().filter(|(_, text)| !text.is_empty()) {
        query.set(name, text);
    }
    format!("{address}?{}", String::from(query.to_string()))
}
