//! Rows of a list under the arrow keys, and where the focus goes when its row is gone.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

use crate::keys;

/// On arrow up and down, moves the focus to the link of the row above or below. For the `keydown` of a table whose rows each have a link `.name`.
pub fn step_rows(event: &KeyboardEvent) {
    let forward = if keys::is(event, "ArrowDown") {
        true
    } else if keys::is(event, "ArrowUp") {
        false
    } else {
        return;
    };
    let Some(row) = row_of(event) else { return };
    let next = if forward {
        row.next_element_sibling()
    } else {
        row.previous_element_sibling()
    };
    if let Some(link) = next
        .and_then(|row| row.query_selector(".name").ok().flatten())
        .and_then(|link| link.dyn_into::<HtmlElement>().ok())
    {
        event.prevent_default();
        let _ = link.focus();
    }
}

/// The body row that an event happened in.
pub fn row_of(event: &KeyboardEvent) -> Option<Element> {
    let element = event.target()?.dyn_into::<Element>().ok()?;
    element.closest("tbody > tr").ok().flatten()
}

/// Long enough for the new list to be drawn, too short to be felt.
const REDRAWN: core::time::Duration = core::time::Duration::from_millis(120);

/// Gives the focus a place after a change of place that took its element away. An element that still has it keeps it.
pub fn follow_focus(from: String, to: String) {
    set_timeout(
        move || {
            let lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
            if !lost {
                return;
            }
            let rows = document().query_selector_all(".storage tr[data-key]").ok();
            let row = rows.and_then(|rows| {
                let all: Vec<web_sys::Element> = (0..rows.length()).filter_map(|index| rows.get(index)?.dyn_into().ok()).collect();
                let left = all.iter().find(|row| {
                    row.get_attribute("data-key")
                        .is_some_and(|key| from == key || (key.ends_with('/') && from.starts_with(&key)))
                });
                left.or(all.first()).cloned()
            });
            let target = if to.is_empty() || to.ends_with('/') {
                row.and_then(|row| row.query_selector(".name").ok().flatten())
                    .or_else(|| document().query_selector(".storage .empty .btn").ok().flatten())
                    .or_else(|| document().get_element_by_id("main"))
            } else {
                document().query_selector(".storage .detail > header h2").ok().flatten()
            };
            if let Some(element) = target.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = element.focus();
            }
        },
        REDRAWN,
    );
}
