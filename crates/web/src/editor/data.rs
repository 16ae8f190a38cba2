//! The rows of the current node, going in and coming out.

use leptos::prelude::*;
use sluice_protocol::{PREVIEW_ROWS, TablePage};

use super::model::use_editor;
use crate::format::count;
use crate::grid::Grid;

#[derive(Clone, Copy, PartialEq)]
enum Side {
    In,
    Out,
}

/// The output with the columns that the node takes away beside it, where both pages hold the same rows.
fn with_removed(output: &TablePage, input: Option<&TablePage>) -> (TablePage, Vec<String>) {
    let Some(input) = input.filter(|input| input.offset == output.offset && input.total == output.total && input.rows.len() == output.rows.len()) else {
        return (output.clone(), Vec::new());
    };
    let removed: Vec<usize> = (0..input.columns.len())
        .filter(|at| {
            input
                .columns
                .get(*at)
                .is_some_and(|column| !output.columns.iter().any(|other| other.name == column.name))
        })
        .collect();
    let mut page = output.clone();
    let mut names = Vec::new();
    for at in removed {
        let Some(column) = input.columns.get(at) else { continue };
        names.push(column.name.clone());
        page.columns.push(column.clone());
        for (row, from) in page.rows.iter_mut().zip(&input.rows) {
            row.push(from.get(at).cloned().flatten());
        }
    }
    page.total_columns = page.columns.len() as u32;
    (page, names)
}

#[component]
pub fn DataPane() -> impl IntoView {
    let editor = use_editor();
    let side = RwSignal::new(Side::Out);
    let drops = Memo::new(move |_| {
        editor
            .preview
            .with(|preview| preview.focus.clone())
            .is_some_and(|id| editor.node(&id).is_some_and(|node| matches!(node.kind.member(), "DropFields" | "SelectFields")))
    });
    let shown = Memo::new(move |_| {
        let side = side.get();
        editor.preview.with(|preview| match (side, &preview.reply.output, &preview.reply.input) {
            (Side::In, _, Some(input)) => (Some(input.clone()), Vec::new()),
            (_, Some(output), input) => {
                let (page, removed) = with_removed(output, input.as_ref().filter(|_| drops.get()));
                (Some(page), removed)
            }
            _ => (None, Vec::new()),
        })
    });
    let page = Signal::derive(move || shown.get().0);
    let removed = Signal::derive(move || shown.get().1);
    let has_input = Memo::new(move |_| editor.preview.with(|preview| preview.reply.input.is_some()));
    let focus_name = Memo::new(move |_| editor.preview.with(|preview| preview.focus.clone()).map(|id| editor.name(&id)));
    let counts = Memo::new(move |_| {
        editor.preview.with(|preview| {
            let node = preview.reply.nodes.get(preview.focus.as_ref()?)?;
            Some((
                node.rows_in,
                node.rows_out,
                editor.document.with(|document| {
                    preview
                        .focus
                        .as_ref()
                        .and_then(|id| document.node(id))
                        .is_some_and(|node| node.inputs.is_empty())
                }),
            ))
        })
    });
    // The preview stops at the first rows of each source: say so wherever one of them had more.
    let partial = Memo::new(move |_| editor.preview.with(|preview| preview.reply.nodes.values().any(|node| node.truncated)));
    let caption = Signal::derive(move || partial.get().then(|| format!("First {} rows of each source", count(PREVIEW_ROWS))));
    let error = Memo::new(move |_| {
        editor.preview.with(|preview| {
            preview
                .error
                .clone()
                .or_else(|| preview.focus.as_ref().and_then(|id| preview.errors.get(id)).map(|(_, message)| message.clone()))
        })
    });
    let waiting = Memo::new(move |_| editor.preview.with(|preview| preview.waiting));
    Effect::new(move |before: Option<u32>| {
        let now = editor.focus_rows.get();
        if before.is_some_and(|before| before != now) {
            request_animation_frame(|| {
                use wasm_bindgen::JsCast;
                let selector = "#etl-rows :is([tabindex='0'], table, button)";
                let first = document()
                    .query_selector(selector)
                    .ok()
                    .flatten()
                    .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
                if let Some(first) = first {
                    let _ = first.focus();
                }
            });
        }
        now
    });
    let segment = move |wanted: Side, text: &'static str| {
        view! {
            <button type="button" aria-pressed=move || if side.get() == wanted { "true" } else { "false" } on:click=move |_| side.set(wanted)>
                {text}
            </button>
        }
    };
    view! {
        <section
            class="rows"
            id="etl-rows"
            aria-label="Rows"
            class:waiting=move || waiting.get()
            on:keydown=move |event| {
                if crate::keys::is(&event, "Esc") && !event.default_prevented() {
                    event.prevent_default();
                    editor.focus_current();
                }
            }
        >
            <header>
                <h3>"Rows"</h3>
                {move || focus_name.get().map(|name| view! { <span class="meta">{name}</span> })}
                {move || {
                    has_input
                        .get()
                        .then(|| view! { <div class="segments" role="group" aria-label="Which rows">{segment(Side::In, "In")}{segment(Side::Out, "Out")}</div> })
                }}
                <span class="meta">
                    {move || match counts.get() {
                        Some((_, rows_out, true)) => count(rows_out),
                        Some((rows_in, rows_out, false)) => format!("{} → {}", count(rows_in), count(rows_out)),
                        None => String::new(),
                    }}
                </span>
                <span class="push"></span>
                {move || partial.get().then(|| view! { <span class="meta">{format!("preview of the first {} rows", count(PREVIEW_ROWS))}</span> })}
            </header>
            <div class="grid-host">
                {move || match (error.get(), page.with(Option::is_some)) {
                    (Some(message), _) => view! { <p class="fault" role="status">{message}</p> }.into_any(),
                    (None, true) => {
                        view! {
                            <Grid
                                page=page
                                removed=removed
                                label=Signal::derive(move || format!("Rows of {}", focus_name.get().unwrap_or_default()))
                                caption=caption
                                on_offset=Callback::new(move |offset| editor.offset.set(offset))
                            />
                        }
                            .into_any()
                    }
                    (None, false) => {
                        let text = if editor.ids.with(Vec::is_empty) {
                            "Rows appear here as soon as a source reads an object."
                        } else if editor.current.with(Option::is_none) {
                            "Select a node to see its rows: arrows on the canvas, or a click."
                        } else if editor.preview.with(|preview| !preview.known) {
                            "Rows appear here once the node and what feeds it are configured."
                        } else {
                            "No rows yet: configure this node, and what feeds it."
                        };
                        view! { <p class="meta nothing">{text}</p> }.into_any()
                    }
                }}
            </div>
        </section>
    }
}
