//! The job as a tree in reading order: the same nodes and acts as the canvas, in words.

use leptos::prelude::*;
use sluice_core::etl::NodeId;
use sluice_core::etl::layout::layers;

use super::announce::spoken;
use super::card::{glyph_of, role_class};
use super::keyboard;
use super::model::{Editor, use_editor};
use crate::components::Glyph;
use crate::keys;

struct Line {
    id: NodeId,
    level: usize,
    also: Option<String>,
}

/// Branches as levels; a node with several inputs appears once, under its first parent, and names the others.
fn lines(editor: Editor) -> Vec<Line> {
    let order = editor.order.get();
    editor.document.with(|document| {
        let depth = layers(document.graph());
        order
            .into_iter()
            .map(|id| {
                let inputs: Vec<&NodeId> = document.node(&id).map(|node| node.inputs.iter().flatten().collect()).unwrap_or_default();
                let also: Vec<String> = inputs
                    .iter()
                    .skip(1)
                    .filter_map(|from| document.node(from))
                    .map(|node| node.name.clone())
                    .collect();
                Line {
                    level: depth.get(&id).copied().unwrap_or(0) + 1,
                    also: (!also.is_empty()).then(|| format!("also from {}", also.join(", "))),
                    id,
                }
            })
            .collect()
    })
}

#[component]
pub fn Outline() -> impl IntoView {
    let editor = use_editor();
    let focus = move |id: &NodeId| {
        use wasm_bindgen::JsCast;
        let line = document()
            .get_element_by_id(&format!("line-{id}"))
            .and_then(|line| line.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(line) = line {
            let _ = line.focus();
        }
    };
    let go = move |from: &NodeId, by: isize| {
        let order = editor.order.get_untracked();
        let at = order.iter().position(|other| other == from).unwrap_or(0);
        if let Some(next) = at.checked_add_signed(by).and_then(|at| order.get(at)) {
            editor.select(next);
            focus(next);
        }
    };
    view! {
        <section class="outline" aria-label="Outline">
            <h3>"Outline"</h3>
            <ul role="tree" aria-label="Nodes of the job, in the order of the flow">
                {move || {
                    lines(editor)
                        .into_iter()
                        .enumerate()
                        .map(|(index, line)| {
                            let id = StoredValue::new(line.id.clone());
                            let chosen = Memo::new(move |_| id.with_value(|id| editor.current.with(|current| current.as_ref() == Some(id))));
                            let state = Memo::new(move |_| id.with_value(|id| editor.status(id)));
                            let node = editor.document.with_untracked(|document| document.node(&line.id).cloned());
                            view! {
                                <li
                                    id=format!("line-{}", line.id)
                                    role="treeitem"
                                    attr:aria-level=line.level.to_string()
                                    aria-selected=move || if chosen.get() { "true" } else { "false" }
                                    aria-label=move || id.with_value(|id| state.with(|state| spoken(editor, id, state)))
                                    tabindex=move || {
                                        let first = index == 0 && editor.current.with(Option::is_none);
                                        if chosen.get() || first { "0" } else { "-1" }
                                    }
                                    class=node.as_ref().map_or("", |node| role_class(node.kind.role()))
                                    style=format!("padding-inline-start:{}px", 8 + 14 * (line.level - 1).min(8))
                                    on:click=move |_| id.with_value(|id| {
                                        editor.select(id);
                                        editor.reveal(id);
                                    })
                                    on:focus=move |_| id.with_value(|id| {
                                        if editor.current.with_untracked(|current| current.as_ref() != Some(id)) {
                                            editor.select(id);
                                        }
                                    })
                                    on:keydown=move |event| {
                                        if keys::is(&event, "ArrowDown") {
                                            id.with_value(|id| go(id, 1));
                                        } else if keys::is(&event, "ArrowUp") {
                                            id.with_value(|id| go(id, -1));
                                        } else if keys::is(&event, "Esc") {
                                            editor.focus_current();
                                        } else {
                                            keyboard::on_key(editor, &event);
                                            return;
                                        }
                                        event.prevent_default();
                                    }
                                >
                                    {node.as_ref().map(|node| view! { <Glyph name=glyph_of(&node.kind) small=true /> })}
                                    <span>{node.as_ref().map(|node| node.name.clone())}</span>
                                    {line.also.map(|also| view! { <small>{also}</small> })}
                                    <em class=move || state.with(|state| state.state.class())>{move || state.with(|state| state.state.mark())}</em>
                                </li>
                            }
                        })
                        .collect_view()
                }}
            </ul>
        </section>
    }
}
