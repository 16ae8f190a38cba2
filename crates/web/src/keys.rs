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
            action: "go to Streams",
        },
        Key {
            keys: "Alt+5",
            action: "go to Alarms",
        },
        Key {
            keys: "Alt+6",
            action: "go to Security",
        },
        Key {
            keys: "Alt+7",
            action: "go to Activity",
        },
        Key {
            keys: "Alt+8",
            action: "go to Labs",
        },
        Key {
            keys: "Alt+9",
            action: "go to Figures",
        },
        Key {
            keys: "Alt+0",
            action: "go to the Bill",
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

/// Whether keys of one character are heard (WCAG 2.1.4: they can be turned off). Kept in localStorage, for all accounts of this browser.
#[derive(Clone, Copy)]
pub struct SingleKeys(pub RwSignal<bool>);

const SINGLE_KEYS: &str = "preferences/single-keys";

impl SingleKeys {
    pub fn new() -> SingleKeys {
        let kept = window()
            .local_storage()
            .ok()
            .flatten()
            .and_then(|storage| storage.get_item(SINGLE_KEYS).ok().flatten());
        SINGLE.set(kept.as_deref() != Some("off"));
        SingleKeys(RwSignal::new(SINGLE.get()))
    }

    pub fn set(self, heard: bool) {
        SINGLE.set(heard);
        self.0.set(heard);
        if let Ok(Some(storage)) = window().local_storage() {
            // Where nothing can be kept the choice holds for this tab.
            let _ = storage.set_item(SINGLE_KEYS, if heard { "on" } else { "off" });
        }
    }
}

thread_local! {
    static SINGLE: core::cell::Cell<bool> = const { core::cell::Cell::new(true) };
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
    if !ctrl && !alt && wanted != " " && wanted.chars().count() == 1 && !SINGLE.get() {
        return false;
    }
    let symbol = wanted.chars().count() == 1 && !wanted.chars().all(char::is_alphanumeric);
    same && (event.ctrl_key() || event.meta_key()) == ctrl && event.alt_key() == alt && (symbol || event.shift_key() == shift)
}

/// Whether typing goes into a field or a dialog just now: a screen's keys must leave it alone.
pub fn is_typing(event: &KeyboardEvent) -> bool {
    use leptos::wasm_bindgen::JsCast;
    let Some(element) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return false;
    };
    if element.is_content_editable() || element.closest("dialog").ok().flatten().is_some() {
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
