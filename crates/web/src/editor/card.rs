//! A node's card: spine, glyph, kind and name, effect, status, ports.

use leptos::prelude::*;
use sluice_core::etl::geometry::{NODE_HEIGHT, input_port};
use sluice_core::etl::{NodeId, NodeKind, Role};

use super::announce::{State, Status, spoken};
use super::drag::{Drag, placed};
use super::model::{Editor, Mode, use_editor};
use crate::components::Glyph;

pub fn element_id(id: &NodeId) -> String {
    format!("card-{id}")
}

pub fn glyph_of(kind: &NodeKind) -> &'static str {
    glyph_of_member(kind.member(), kind.role())
}

pub fn glyph_of_member(member: &str, role: Role) -> &'static str {
    match member {
        "S3CsvSource" | "S3JsonSource" | "S3ParquetSource" => "s3-source",
        "CatalogSource" | "S3CatalogSource" => "catalog-source",
        "DropFields" => "drop-fields",
        "SelectFields" => "select-fields",
        "RenameField" => "rename-field",
        "ApplyMapping" => "change-schema",
        "Filter" => "filter",
        "Union" => "union",
        "DropDuplicates" => "drop-duplicates",
        _ => match role {
            Role::Source => "s3-source",
            Role::Target => "s3-target",
            _ => "etl",
        },
    }
}

pub fn role_class(role: Role) -> &'static str {
    match role {
        Role::Source => "source",
        Role::Transform => "transform",
        Role::Target => "target",
        Role::Control => "control",
    }
}

/// The console's name, short enough for a card.
pub fn short_label(label: &str) -> &str {
    label.strip_prefix("AWS Glue ").unwrap_or(label)
}

#[derive(Clone, PartialEq)]
struct Face {
    label: String,
    name: Option<String>,
    glyph: &'static str,
    role: &'static str,
    effect: String,
    inputs: usize,
    output: bool,
}

fn face(editor: Editor, id: &NodeId) -> Option<Face> {
    let node = editor.node(id)?;
    let label = short_label(node.kind.label()).to_owned();
    let effect = node.kind.effect_line(editor.input_columns(id).as_deref());
    Some(Face {
        name: (node.name != node.kind.label()).then_some(node.name),
        label,
        glyph: glyph_of(&node.kind),
        role: role_class(node.kind.role()),
        effect: if effect.is_empty() { "—".into() } else { effect },
        inputs: node.inputs.len(),
        output: node.kind.ports().output,
    })
}

#[component]
pub fn Card(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let id = StoredValue::new(id);
    let with_id = move |f: &dyn Fn(&NodeId) -> bool| id.with_value(|id| f(id));
    let face = Memo::new(move |_| id.with_value(|id| face(editor, id)));
    let state = Memo::new(move |_| id.with_value(|id| editor.status(id)));
    let place = id.with_value(|id| editor.place(id));
    let is_current = Memo::new(move |_| with_id(&|id| editor.current.with(|current| current.as_ref() == Some(id))));
    let is_selected = Memo::new(move |_| with_id(&|id| editor.selection.with(|selection| selection.contains(id))));
    let is_faded = Memo::new(move |_| with_id(&|id| editor.lineage.with(|lineage| !lineage.is_empty() && !lineage.contains(id))));
    let is_moving = Memo::new(move |_| with_id(&|id| editor.moving.with(|moving| moving.contains(id))));
    let label = Memo::new(move |_| id.with_value(|id| state.with(|state| spoken(editor, id, state))));
    // The port that takes the rail that is being drawn, or why it does not.
    let reception = Memo::new(move |_| with_id(&|id| accepts(editor, id)));
    let refused = Memo::new(move |_| with_id(&|id| editor.aim.with(|aim| aim.as_ref().is_some_and(|aim| aim.to == *id && aim.refusal.is_some()))));
    let append_target = Memo::new(move |_| with_id(&|id| editor.append_to.with(|to| to.as_ref() == Some(id))));
    let wiring = Memo::new(move |_| editor.wiring.with(Option::is_some));
    view! {
        <div
            id=id.with_value(element_id)
            class=move || {
                // One text for all of it: a toggled class would go when the whole is set anew.
                let role = face.with(|face| face.as_ref().map_or("", |face| face.role));
                let mut class = format!("node {role} {}", state.with(|state| state.state.class()));
                let wiring = wiring.get();
                for (on, name) in [
                    (is_selected.get(), " sel"),
                    (is_faded.get(), " faded"),
                    (is_moving.get(), " moving"),
                    (wiring && reception.get(), " takes"),
                    (wiring && !reception.get(), " dimmed"),
                    (refused.get(), " refused"),
                    (append_target.get(), " appending"),
                ] {
                    if on {
                        class.push_str(name);
                    }
                }
                class
            }
            role="group"
            aria-roledescription="node"
            aria-label=move || label.get()
            aria-current=move || is_current.get().then_some("true")
            tabindex=move || if is_current.get() { "0" } else { "-1" }
            data-node-id=id.with_value(|id| id.to_string())
            style=placed(editor, move || place.get())
            on:focus=move |_| {
                // Tab and screen readers come here without a press.
                id.with_value(|id| {
                    if editor.drag.with_untracked(|drag| *drag == Drag::Idle) && editor.current.with_untracked(|current| current.as_ref() != Some(id)) {
                        editor.select(id);
                    }
                });
            }
            on:dblclick=move |_| editor.focus_form.update(|n| *n = n.wrapping_add(1))
        >
            {move || face.get().map(|face| draw(editor, id, face, state))}
        </div>
    }
}

/// Whether a wire or the connect mode may end at this card.
fn accepts(editor: Editor, id: &NodeId) -> bool {
    let from = editor.wiring.get();
    from.is_some_and(|from| from == *id || editor.document.with(|document| document.free_port(&from, id).is_ok()))
}

fn draw(editor: Editor, id: StoredValue<NodeId>, face: Face, state: Memo<Status>) -> impl IntoView {
    let name = face.name.clone().unwrap_or_else(|| face.label.clone());
    let ports = (0..face.inputs)
        .map(|port| {
            let top = input_port(Default::default(), port, face.inputs).y;
            let label = if face.inputs > 1 {
                format!("Input {} of {name}", port + 1)
            } else {
                format!("Input of {name}")
            };
            let aimed =
                Memo::new(move |_| {
                    id.with_value(|id| {
                        editor.aim.with(|aim| aim.as_ref().is_some_and(|aim| aim.to == *id && aim.port == port && aim.refusal.is_none()))
                        || editor.mode.with(
                            |mode| matches!(mode, Mode::Connect { targets, at, .. } if targets.get(*at).is_some_and(|(to, other)| to == id && *other == port)),
                        )
                    })
                });
            view! {
                <button
                    type="button"
                    class="port in"
                    class:aimed=move || aimed.get()
                    tabindex="-1"
                    aria-label=label
                    data-port="in"
                    data-port-index=port
                    style=format!("top:{top}px")
                >
                    {(face.inputs > 1).then(|| view! { <i>{port + 1}</i> })}
                </button>
            }
        })
        .collect_view();
    let output = face.output.then(|| {
        view! {
            <button
                type="button"
                class="port out"
                tabindex="-1"
                aria-label=format!("Output of {name}")
                data-port="out"
                style=format!("top:{}px", NODE_HEIGHT / 2.0)
                on:click=move |event| {
                    // A press of the pointer is the canvas's; this is a screen reader's.
                    if event.detail() == 0 {
                        id.with_value(|id| super::keyboard::connect_from(editor, id));
                    }
                }
            ></button>
        }
    });
    let effect = face.effect.clone();
    view! {
        <div class="h">
            <Glyph name=face.glyph small=true />
            <b>{face.label.clone()}</b>
            {face.name.clone().map(|name| view! { <span title=name.clone()>{name.clone()}</span> })}
        </div>
        <div class="x" title=effect.clone()>
            {effect.clone()}
        </div>
        <div class="s">
            {move || {
                let status = state.get();
                let mark = status.state.mark();
                let long = matches!(status.state, State::Error | State::Unconfigured) || (status.state == State::Warning && status.rows.is_none());
                view! {
                    <b class:long=long title=long.then(|| status.main.clone())>
                        <i aria-hidden="true">{mark}</i>
                        " "
                        {status.main.clone()}
                    </b>
                    {(!long).then(|| view! { <span>{status.middle.clone()}</span> })}
                    {(!status.end.is_empty()).then(|| view! { <em>{status.end.clone()}</em> })}
                }
            }}
        </div>
        {ports}
        {output}
    }
}
