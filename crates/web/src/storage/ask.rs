//! A question in place, before something that cannot be taken back.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// A strip with a question, shown while `open`. The focus goes to "Keep" and, if nothing happens, back to where it was.
#[component]
pub fn Ask(
    #[prop(into)] open: Signal<bool>,
    #[prop(into)] question: Signal<String>,
    /// What there is to know before answering.
    #[prop(into)]
    note: Signal<String>,
    #[prop(into)] disabled: Signal<bool>,
    on_keep: Callback<()>,
    on_delete: Callback<()>,
) -> impl IntoView {
    let opener = StoredValue::new_local(None::<HtmlElement>);
    let keep: NodeRef<html::Button> = NodeRef::new();
    Effect::new(move |was: Option<bool>| {
        let now = open.get();
        if now && was != Some(true) {
            opener.set_value(document().active_element().and_then(|element| element.dyn_into().ok()));
            request_animation_frame(move || {
                if let Some(keep) = keep.try_get_untracked().flatten() {
                    let _ = keep.focus();
                }
            });
        }
        now
    });
    let dismiss = move || {
        on_keep.run(());
        if let Some(element) = opener.try_update_value(Option::take).flatten()
            && element.is_connected()
        {
            let _ = element.focus();
        }
    };
    view! {
        <Show when=move || open.get()>
            <div
                class="ask"
                role="group"
                aria-label="Delete"
                on:keydown=move |event| {
                    if event.key() == "Escape" {
                        event.prevent_default();
                        dismiss();
                    }
                }
            >
                <p>
                    <b>{move || question.get()}</b>
                    " "
                    {move || note.get()}
                </p>
                <button type="button" class="btn" node_ref=keep on:click=move |_| dismiss()>
                    "Keep"
                </button>
                <button type="button" class="btn primary danger" disabled=move || disabled.get() on:click=move |_| on_delete.run(())>
                    "Delete"
                </button>
            </div>
        </Show>
    }
}
