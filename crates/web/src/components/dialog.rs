//! Dialogs: the browser's own `<dialog>`, which traps focus, closes on Esc and gives focus back.

use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, MouseEvent};

use super::glyph;

/// A modal dialog, shown while `open` is true. Esc, the cross and a click outside set `open` to false; focus goes back to where it was.
#[component]
pub fn Dialog(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// 760 px instead of 480.
    #[prop(optional)]
    wide: bool,
    children: ChildrenFn,
) -> impl IntoView {
    let node: NodeRef<html::Dialog> = NodeRef::new();
    let opener = StoredValue::new_local(None::<HtmlElement>);
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        if open.get() {
            if !dialog.open() {
                opener.set_value(document().active_element().and_then(|element| element.dyn_into().ok()));
                // Fails only for a dialog that is not in the document, which this one is.
                let _ = dialog.show_modal();
                // The content may be drawn after the dialog is shown, too late for the browser's own look at `autofocus`. Who has gone on meanwhile stays there.
                let given = document().active_element();
                request_animation_frame(move || {
                    if document().active_element() != given {
                        return;
                    }
                    let wanted = node
                        .try_get_untracked()
                        .flatten()
                        .and_then(|dialog| dialog.query_selector("[autofocus]").ok().flatten());
                    if let Some(element) = wanted.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
                        let _ = element.focus();
                    }
                });
            }
        } else if dialog.open() {
            dialog.close();
        }
    });
    let closed = move |_| {
        open.set(false);
        // The browser gives focus back by itself, unless what had it was redrawn meanwhile. This comes a moment later: what has
        // focus by then keeps it.
        let nothing_has = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
        if let Some(element) = opener.try_update_value(Option::take).flatten()
            && nothing_has
            && element.is_connected()
        {
            let _ = element.focus();
        }
    };
    let on_click = move |event: MouseEvent| {
        // A click on the backdrop hits the dialog itself; its content fills it, so nothing else does.
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let (Some(target), Some(dialog)) = (target, node.get())
            && target.is_same_node(Some(&dialog))
        {
            let frame = dialog.get_bounding_client_rect();
            let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
            if x < frame.left() || x > frame.right() || y < frame.top() || y > frame.bottom() {
                open.set(false);
            }
        }
    };
    view! {
        <dialog class="dialog" class:wide=wide node_ref=node on:close=closed on:mousedown=on_click aria-label=move || title.get()>
            <header>
                <h2>{move || title.get()}</h2>
                <button type="button" class="btn quiet icon" aria-label="Close" on:click=move |_| open.set(false)>
                    {glyph("close")}
                </button>
            </header>
            {move || open.get().then(|| view! { <div class="body">{children()}</div> })}
        </dialog>
    }
}

/// Asks before something that cannot be taken back: says what is lost, in `children`, and names the act on its button.
#[component]
pub fn Confirm(
    open: RwSignal<bool>,
    #[prop(into)] title: Signal<String>,
    /// What the button says: a verb and what it acts on.
    #[prop(into)]
    act: Signal<String>,
    on_confirm: Callback<()>,
    children: ChildrenFn,
) -> impl IntoView {
    view! {
        <Dialog open=open title=title>
            {children()}
            <div class="actions">
                <button type="button" class="btn" autofocus on:click=move |_| open.set(false)>
                    "Cancel"
                </button>
                <button
                    type="button"
                    class="btn primary danger"
                    on:click=move |_| {
                        open.set(false);
                        on_confirm.run(());
                    }
                >
                    {move || act.get()}
                </button>
            </div>
        </Dialog>
    }
}
