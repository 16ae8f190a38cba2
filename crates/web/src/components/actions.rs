//! The slot of the top bar for the screen's own buttons.

use leptos::mount::mount_to;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use wasm_bindgen::JsCast;

pub const SLOT: &str = "screen-actions";

/// Draws its children in the top bar for as long as the calling screen lives; they keep the screen's context and signals.
#[component]
pub fn ScreenActions(children: ChildrenFn) -> impl IntoView {
    Effect::new(move |_| {
        // After mount: the slot is in the document then, on the first draw too.
        let Some(slot) = document().get_element_by_id(SLOT) else { return };
        let Ok(container) = document().create_element("div") else { return };
        container.set_class_name("slot");
        if slot.append_child(&container).is_err() {
            return;
        }
        let children = children.clone();
        let handle = mount_to(container.clone().unchecked_into(), move || untrack(|| children()));
        let held = SendWrapper::new((handle, container));
        on_cleanup(move || {
            let (handle, container) = held.take();
            drop(handle);
            container.remove();
        });
    });
}
