//! Rails and the row counts on them.

use leptos::prelude::*;
use sluice_core::etl::geometry::{Edge, Route, input_port, output_port, route};

use super::drag::{Drag, placed};
use super::gesture::edge_key;
use super::model::{Editor, Slot, use_editor};
use crate::components::glyph;
use crate::format::count;

/// Where an edge runs just now, drags included.
fn course(editor: Editor, edge: &Edge) -> Route {
    let from = editor.place(&edge.from).get();
    let to = editor.place(&edge.to).get();
    let ports = editor
        .document
        .with_untracked(|document| document.node(&edge.to).map_or(1, |node| node.inputs.len()));
    route(output_port(from), input_port(to, edge.port, ports))
}

fn rows(editor: Editor, edge: &Edge) -> Option<u64> {
    editor.statuses.with(|statuses| statuses.get(&edge.from).and_then(|status| status.rows))
}

fn rail(editor: Editor, edge: Edge) -> impl IntoView {
    let lineage = editor.lineage;
    let edge = StoredValue::new(edge);
    let path = Memo::new(move |_| edge.with_value(|edge| course(editor, edge).path()));
    let volume = Memo::new(move |_| match edge.with_value(|edge| rows(editor, edge)) {
        None => "unknown",
        Some(0) => "zero",
        Some(rows) if rows < 1_000 => "thin",
        Some(rows) if rows < 100_000 => "middle",
        Some(_) => "thick",
    });
    let class = move || {
        let chosen = edge.with_value(|edge| editor.edge.with(|chosen| chosen.as_ref() == Some(edge)));
        let on_way = edge.with_value(|edge| lineage.with(|lineage| lineage.contains(&edge.from) && lineage.contains(&edge.to)));
        let faded = !on_way && !chosen && lineage.with(|lineage| !lineage.is_empty());
        let aimed = edge.with_value(|edge| editor.aimed_edge.with(|aimed| aimed.as_ref() == Some(edge)));
        format!(
            "edge {}{}{}{}{}",
            volume.get(),
            if chosen { " chosen" } else { "" },
            if on_way { " way" } else { "" },
            if faded { " faded" } else { "" },
            if aimed { " aimed" } else { "" },
        )
    };
    view! {
        <g class=class data-edge=edge.with_value(edge_key)>
            <path class="reach" d=move || path.get() />
            <path class="line" d=move || path.get() />
        </g>
    }
}

/// Rails at rest, and above them those that follow a card or the pointer: a drawing of a few is drawn anew in each frame of a drag, and not the one of hundreds.
#[component]
pub fn Rails() -> impl IntoView {
    let editor = use_editor();
    let live = move |edge: &Edge| editor.moving.with(|moving| moving.contains(&edge.from) || moving.contains(&edge.to));
    let part = move |wanted: bool| {
        Memo::new(move |_| {
            editor
                .edges
                .with(|edges| edges.iter().filter(|edge| live(edge) == wanted).cloned().collect::<Vec<_>>())
        })
    };
    let (still, moved) = (part(false), part(true));
    view! {
        <div class="rails" aria-hidden="true">
            <svg width="1" height="1">
                <For each=move || still.get() key=edge_key children=move |edge| rail(editor, edge) />
            </svg>
        </div>
        <div class="rails" aria-hidden="true">
            <svg width="1" height="1">
                <For each=move || moved.get() key=edge_key children=move |edge| rail(editor, edge) />
                {move || match editor.drag.get() {
                    Drag::Wire { from, at, over, .. } => {
                        let start = output_port(editor.document.with_untracked(|document| document.at(&from)));
                        let refused = over.as_ref().is_some_and(|over| over.refusal.is_some());
                        let end = over
                            .filter(|over| over.refusal.is_none())
                            .map(|over| {
                                editor
                                    .document
                                    .with_untracked(|document| {
                                        let ports = document.node(&over.to).map_or(1, |node| node.inputs.len());
                                        input_port(document.at(&over.to), over.port, ports)
                                    })
                            });
                        let path = route(start, end.unwrap_or(at)).path();
                        Some(view! { <path class="wire" class:refused=refused class:caught=end.is_some() d=path /> })
                    }
                    _ => None,
                }}
            </svg>
        </div>
        {move || match editor.drag.get() {
            Drag::Wire { at, over: Some(over), .. } => {
                over.refusal
                    .map(|refusal| {
                        view! {
                            <p class="refusal" style=format!("transform:translate({}px,{}px) scale(var(--inv))", at.x + 14.0, at.y + 14.0)>
                                {refusal}
                            </p>
                        }
                    })
            }
            _ => None,
        }}
    }
}

/// The number on each rail, and the way to insert a node there.
#[component]
pub fn Chips() -> impl IntoView {
    let editor = use_editor();
    view! {
        <For
            each=move || editor.edges.get()
            key=edge_key
            children=move |edge| {
                let edge = StoredValue::new(edge);
                let at = Memo::new(move |_| edge.with_value(|edge| course(editor, edge).at(0.5)));
                let rows = Memo::new(move |_| edge.with_value(|edge| rows(editor, edge)));
                let name = edge
                    .with_value(|edge| format!("Insert a node between {} and {}", editor.name(&edge.from), editor.name(&edge.to)));
                view! {
                    <div
                        class="count"
                        class:zero=move || rows.get() == Some(0)
                        class:bare=move || rows.get().is_none()
                        class:chosen=move || edge.with_value(|edge| editor.edge.with(|chosen| chosen.as_ref() == Some(edge)))
                        data-edge=edge.with_value(edge_key)
                        style=placed(editor, move || at.get())
                    >
                        <span>{move || rows.get().map(count)}</span>
                        <button
                            type="button"
                            data-own="true"
                            tabindex="-1"
                            aria-label=name
                            on:click=move |_| edge.with_value(|edge| editor.menu.set(Some(Slot::On(edge.clone()))))
                        >
                            {glyph("plus")}
                        </button>
                    </div>
                }
            }
        />
    }
}
