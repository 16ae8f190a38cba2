//! The tools over the canvas: zoom, fit, layout, outline; and what can be done with the selection.

use leptos::prelude::*;

use super::canvas::{fit, zoom_to};
use super::keyboard::{arrange, connect_from, duplicate};
use super::model::{Slot, use_editor};
use crate::components::glyph;

#[component]
pub fn Tools() -> impl IntoView {
    let editor = use_editor();
    let zoom = move || editor.viewport.with(|viewport| viewport.zoom);
    let history = Memo::new(move |_| {
        editor.document.with(|document| {
            let history = document.history();
            (
                history.undoable().map(|unit| unit.label.clone()),
                history.redoable().map(|unit| unit.label.clone()),
            )
        })
    });
    view! {
        <div class="canvas-tools" role="toolbar" aria-label="Canvas" data-own="true">
            <button
                type="button"
                aria-label=move || history.get().0.map_or("Undo".into(), |label| format!("Undo: {label}"))
                title=move || history.get().0.map_or("Nothing to undo".into(), |label| format!("Undo: {label} (Ctrl Z)"))
                disabled=move || history.get().0.is_none()
                on:click=move |_| editor.undo()
            >
                {glyph("undo")}
            </button>
            <button
                type="button"
                aria-label=move || history.get().1.map_or("Redo".into(), |label| format!("Redo: {label}"))
                title=move || history.get().1.map_or("Nothing to redo".into(), |label| format!("Redo: {label} (Ctrl Shift Z)"))
                disabled=move || history.get().1.is_none()
                on:click=move |_| editor.redo()
            >
                {glyph("redo")}
            </button>
            <span class="gap"></span>
            <button type="button" aria-label="Zoom out" on:click=move |_| zoom_to(editor, zoom() / 1.25)>
                {glyph("minus")}
            </button>
            <button type="button" class="wide" aria-label="Zoom to 100 %" on:click=move |_| zoom_to(editor, 1.0)>
                {move || format!("{:.0} %", zoom() * 100.0)}
            </button>
            <button type="button" aria-label="Zoom in" on:click=move |_| zoom_to(editor, zoom() * 1.25)>
                {glyph("plus")}
            </button>
            <button type="button" on:click=move |_| fit(editor)>
                "Fit"
                <kbd aria-hidden="true">"1"</kbd>
            </button>
            <button type="button" title="Arrange in layers (Shift L)" on:click=move |_| arrange(editor)>
                "Layout"
            </button>
            <button
                type="button"
                aria-pressed=move || if editor.outline.get() { "true" } else { "false" }
                on:click=move |_| editor.outline.update(|on| *on = !*on)
            >
                "Outline"
                <kbd aria-hidden="true">"O"</kbd>
            </button>
        </div>
        <Selected />
    }
}

/// Acts on what is selected, for hands without a keyboard.
#[component]
fn Selected() -> impl IntoView {
    let editor = use_editor();
    let shown = Memo::new(move |_| (editor.selection.with(|selection| selection.len()), editor.edge.get()));
    move || {
        let (count, edge) = shown.get();
        if count == 0 && edge.is_none() {
            return None;
        }
        let on_edge = edge.clone();
        Some(view! {
            <div class="canvas-tools selected" role="toolbar" aria-label="Selection" data-own="true">
                {match edge {
                    Some(edge) => {
                        view! {
                            <span class="what">{format!("{} → {}", editor.name(&edge.from), editor.name(&edge.to))}</span>
                            <button
                                type="button"
                                on:click=move |_| {
                                    if let Some(edge) = on_edge.clone() {
                                        editor.menu.set(Some(Slot::On(edge)));
                                    }
                                }
                            >
                                "Insert…"
                            </button>
                            <button type="button" on:click=move |_| editor.delete_chosen()>
                                "Disconnect"
                            </button>
                        }
                            .into_any()
                    }
                    None => {
                        view! {
                            {(count > 1).then(|| view! { <span class="what">{format!("{count} nodes")}</span> })}
                            {(count == 1)
                                .then(|| {
                                    view! {
                                        <button type="button" on:click=move |_| editor.menu.set(Some(Slot::After(editor.current.get_untracked())))>
                                            "Add after…"
                                        </button>
                                        <button
                                            type="button"
                                            on:click=move |_| {
                                                if let Some(id) = editor.current.get_untracked() {
                                                    editor.focus_current();
                                                    connect_from(editor, &id);
                                                }
                                            }
                                        >
                                            "Connect…"
                                        </button>
                                    }
                                })}
                            <button type="button" on:click=move |_| duplicate(editor)>
                                "Duplicate"
                            </button>
                            <button type="button" aria-label="Delete the selection" title="Delete and rejoin the rail" on:click=move |_| editor.delete_chosen()>
                                {glyph("trash")}
                            </button>
                        }
                            .into_any()
                    }
                }}
            </div>
        })
    }
}
