//! Rows of a list under the arrow keys.

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
