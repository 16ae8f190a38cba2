//! The job below 720 px: cards in the order of the flow with `+` between them, and the inspector as a bottom sheet.

use leptos::prelude::*;
use sluice_core::etl::NodeId;
use sluice_core::etl::geometry::Edge;

use super::add_menu::AddMenu;
use super::announce::{State, spoken};
use super::card::{glyph_of, role_class, short_label};
use super::inspector::Inspector;
use super::model::{Slot, use_editor};
use super::panels::DataPanel;
use super::run::RunBar;
use crate::components::{Glyph, glyph};
use crate::format::count;

#[component]
pub fn Phone() -> impl IntoView {
    let editor = use_editor();
    let sheet = RwSignal::new(false);
    Effect::new(move |before: Option<u32>| {
        let now = editor.focus_form.get();
        if before.is_some_and(|before| before != now) {
            sheet.set(true);
        }
        now
    });
    // A node that was just added opens its form.
    Effect::new(move |before: Option<u32>| {
        let now = editor.focus_node.get();
        if before.is_some_and(|before| before != now) && editor.current.with_untracked(Option::is_some) {
            sheet.set(true);
        }
        now
    });
    view! {
        <div class="etl-phone">
            <div class="scroller">
            <RunBar />
            <ol class="flow" role="list" aria-label="Nodes of the job, in the order of the flow">
                {move || {
                    editor
                        .order
                        .get()
                        .into_iter()
                        .map(|id| view! { <FlowCard id=id sheet=sheet /> })
                        .collect_view()
                }}
            </ol>
            <div class="add-last">
                <button
                    type="button"
                    class="btn"
                    on:click=move |_| {
                        let last = editor.order.with_untracked(|order| order.last().cloned());
                        let feeds = last.filter(|id| editor.document.with_untracked(|document| document.node(id).is_some_and(|node| node.kind.ports().output)));
                        editor.menu.set(Some(Slot::After(feeds)));
                    }
                >
                    {glyph("plus")}
                    "Add a node"
                </button>
            </div>
            <DataPanel />
            </div>
            <AddMenu />
            {move || editor.hint.get().map(|hint| view! { <p class="hint" role="status">{hint}</p> })}
            {move || {
                (sheet.get() && editor.current.with(Option::is_some))
                    .then(|| {
                        view! {
                            <aside class="sheet" aria-label="Inspector">
                                <div class="grip">
                                    <button type="button" class="btn quiet" on:click=move |_| editor.delete_chosen()>
                                        {glyph("trash")}
                                        "Delete"
                                    </button>
                                    <button type="button" class="btn" on:click=move |_| sheet.set(false)>
                                        "Done"
                                    </button>
                                </div>
                                <Inspector />
                            </aside>
                        }
                    })
            }}
        </div>
    }
}

#[component]
fn FlowCard(id: NodeId, sheet: RwSignal<bool>) -> impl IntoView {
    let editor = use_editor();
    let node = StoredValue::new(id.clone());
    let state = Memo::new(move |_| node.with_value(|id| editor.status(id)));
    let edges: Vec<Edge> = editor
        .edges
        .with_untracked(|edges| edges.iter().filter(|edge| edge.to == id).cloned().collect());
    let seen = editor.node(&id);
    let effect = Memo::new(move |_| {
        node.with_value(|id| {
            editor
                .node(id)
                .map(|node| node.kind.effect_line(editor.input_columns(id).as_deref()))
                .unwrap_or_default()
        })
    });
    let role = seen.as_ref().map_or("", |node| role_class(node.kind.role()));
    view! {
        <li>
            {edges
                .into_iter()
                .map(|edge| {
                    let from = edge.from.clone();
                    let rows = Memo::new(move |_| editor.status(&from).rows);
                    let name = format!("Insert a node after {}", editor.name(&edge.from));
                    view! {
                        <div class="between">
                            <i aria-hidden="true"></i>
                            <span class="mono">{move || rows.get().map(count)}</span>
                            <small>{format!("from {}", editor.name(&edge.from))}</small>
                            <button type="button" class="btn icon" aria-label=name on:click=move |_| editor.menu.set(Some(Slot::On(edge.clone())))>
                                {glyph("plus")}
                            </button>
                        </div>
                    }
                })
                .collect_view()}
            <button
                type="button"
                class=move || {
                    let chosen = node.with_value(|id| editor.current.with(|current| current.as_ref() == Some(id)));
                    format!("node {role} {}{}", state.with(|state| state.state.class()), if chosen { " sel" } else { "" })
                }
                aria-label=move || node.with_value(|id| state.with(|state| spoken(editor, id, state)))
                data-node-id=id.to_string()
                on:click=move |_| {
                    node.with_value(|id| editor.select(id));
                    sheet.set(true);
                }
            >
                <span class="h">
                    {seen.as_ref().map(|node| view! { <Glyph name=glyph_of(&node.kind) small=true /> })}
                    <b>{seen.as_ref().map(|node| short_label(node.kind.label()).to_owned())}</b>
                    <span>{move || node.with_value(|id| editor.node(id)).filter(|node| node.name != node.kind.label()).map(|node| node.name)}</span>
                </span>
                <span class="x">{move || Some(effect.get()).filter(|effect| !effect.is_empty()).unwrap_or_else(|| "—".into())}</span>
                <span class="s">
                    {move || {
                        let status = state.get();
                        let long = matches!(status.state, State::Error | State::Unconfigured);
                        view! {
                            <b class:long=long>
                                <i aria-hidden="true">{status.state.mark()}</i>
                                " "
                                {status.main.clone()}
                            </b>
                            <span>{status.middle.clone()}</span>
                            <em>{status.end.clone()}</em>
                        }
                    }}
                </span>
            </button>
        </li>
    }
}
