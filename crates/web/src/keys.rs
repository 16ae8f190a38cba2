//! The one table of keys: what a screen listens to and what `?` shows come from the same entries.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

/// One key and what it does. `keys` are chords joined by `+` (`Ctrl+Shift+Z`); Ctrl is Cmd on a Mac. `action` starts with a verb.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    pub keys: &'static str,
    pub action: &'static str,
}

/// The keys of one part of the page, under its title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyGroup {
    pub title: &'static str,
    pub keys: &'static [Key],
}

/// What is registered now, first registered first. Provided as context by the app.
#[derive(Clone, Copy)]
pub struct Keys(pub RwSignal<Vec<KeyGroup>>);

impl Keys {
    pub fn new() -> Keys {
        Keys(RwSignal::new(vec![EVERYWHERE]))
    }
}

pub const EVERYWHERE: KeyGroup = KeyGroup {
    title: "Everywhere",
    keys: &[
        Key {
            keys: "?",
            action: "show these keys",
        },
        Key {
            keys: "Esc",
            action: "close, or step out",
        },
        Key {
            keys: "Alt+1",
            action: "go to Storage",
        },
        Key {
            keys: "Alt+2",
            action: "go to Catalog",
        },
        Key {
            keys: "Alt+3",
            action: "go to ETL jobs",
        },
        Key {
            keys: "Alt+4",
            action: "go to Activity",
        },
        Key {
            keys: "Alt+5",
            action: "go to Labs",
        },
    ],
};

/// Lists a screen's keys in the help for as long as the calling component lives.
pub fn register(group: KeyGroup) {
    let keys = expect_context::<Keys>().0;
    keys.update(|groups| groups.push(group));
    on_cleanup(move || {
        // The table may go down with the page itself.
        let _ = keys.try_update(|groups| {
            if let Some(at) = groups.iter().rposition(|other| *other == group) {
                groups.remove(at);
            }
        });
    });
}

/// Whether the event is this chord. Shift is ignored for keys that are characters, since `?` needs it on some layouts and not on others.
pub fn is(event: &KeyboardEvent, chord: &str) -> bool {
    let (mut ctrl, mut shift, mut alt) = (false, false, false);
    let mut wanted = chord;
    while let Some((head, tail)) = wanted.split_once('+').filter(|(head, tail)| !head.is_empty() && !tail.is_empty()) {
        match head {
            "Ctrl" => ctrl = true,
            "Shift" => shift = true,
            "Alt" => alt = true,
            _ => return false,
        }
        wanted = tail;
    }
    let wanted = match wanted {
        "Esc" => "Escape",
        "Space" => " ",
        other => other,
    };
    let key = event.key();
    let same = key.eq_ignore_ascii_case(wanted) || (alt && event.code().strip_prefix("Digit") == Some(wanted));
    let symbol = wanted.chars().count() == 1 && !wanted.chars().all(char::is_alphanumeric);
    same && (event.ctrl_key() || event.meta_key()) == ctrl && event.alt_key() == alt && (symbol || event.shift_key() == shift)
}

/// Whether typing goes into a field just now: single-letter keys must leave it alone.
pub fn is_typing(event: &KeyboardEvent) -> bool {
    use leptos::wasm_bindgen::JsCast;
    let Some(element) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return false;
    };
    if element.is_content_editable() {
        return true;
    }
    match element.tag_name().as_str() {
        "TEXTAREA" | "SELECT" => true,
        "INPUT" => !matches!(
            element.get_attribute("type").as_deref(),
            Some("checkbox" | "radio" | "button" | "submit" | "file" | "range")
        ),
        _ => false,
    }
}
