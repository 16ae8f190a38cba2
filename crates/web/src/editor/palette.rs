//! The palette: what can be put on the canvas, as buttons that add and that can be dragged.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use sluice_core::etl::geometry::{self, NODE_HEIGHT, NODE_WIDTH, PORT_REACH, Point};
use sluice_core::etl::{NodeKind, PaletteEntry, Role};

use super::card::{glyph_of_member, role_class, short_label};
use super::drag::{Armed, Drag, GhostTarget, THRESHOLD};
use super::gesture::{canvas_point, frame};
use super::model::{Editor, Slot, use_editor};
use crate::components::Glyph;
use crate::keys;

pub const GROUPS: [(Role, &str); 3] = [(Role::Source, "Sources"), (Role::Transform, "Transforms"), (Role::Target, "Targets")];

/// Entries of a role that a search text finds, in the order of the console.
pub fn found(role: Role, text: &str) -> Vec<&'static PaletteEntry> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let mut entries: Vec<&'static PaletteEntry> = NodeKind::palette()
        .iter()
        .filter(|entry| entry.group == role)
        .filter(|entry| {
            let text = format!("{} {} {} {}", entry.label, entry.purpose, entry.keywords, entry.member).to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        })
        .collect();
    entries.sort_by_key(|entry| distance(entry, text));
    entries
}

/// How far an entry's name is from a text that it was found by: 0 where the text is how the name begins or begins a word of it,
/// 1 where the name has every word of the text, 2 where only its purpose or keywords do.
pub fn distance(entry: &PaletteEntry, text: &str) -> u8 {
    let (label, text) = (entry.label.to_lowercase(), text.trim().to_lowercase());
    if label.starts_with(&text) || label.contains(&format!(" {text}")) {
        0
    } else if text.split_whitespace().all(|word| label.contains(word)) {
        1
    } else {
        2
    }
}

#[component]
pub fn Palette() -> impl IntoView {
    let editor = use_editor();
    let text = RwSignal::new(String::new());
    let field: NodeRef<html::Input> = NodeRef::new();
    let after = move || {
        editor
            .current
            .get()
            .filter(|id| editor.node(id).is_some_and(|node| node.kind.ports().output))
            .map(|id| editor.name(&id))
    };
    view! {
        <div class="palette">
            <div class="find">
                <input
                    class="input"
                    type="search"
                    placeholder="Add a node"
                    aria-label="Filter the palette"
                    autocomplete="off"
                    node_ref=field
                    prop:value=move || text.get()
                    on:input=move |event| text.set(event_target_value(&event))
                    on:keydown=move |event| {
                        if keys::is(&event, "Enter") {
                            event.prevent_default();
                            let first = text.with(|text| GROUPS.iter().flat_map(|(role, _)| found(*role, text)).next());
                            if let Some(entry) = first {
                                text.set(String::new());
                                editor.add(entry.id, Slot::After(editor.current.get_untracked()));
                            }
                        } else if keys::is(&event, "Esc") {
                            text.set(String::new());
                            editor.focus_current();
                        }
                    }
                />
                <kbd aria-hidden="true">"/"</kbd>
            </div>
            <p class="meta where">
                {move || match after() {
                    Some(name) => format!("Adds after {name}."),
                    None => "Click adds, dragging places.".into(),
                }}
            </p>
            {GROUPS
                .into_iter()
                .map(|(role, title)| {
                    view! {
                        <section class=role_class(role) aria-label=title>
                            <h3>
                                <i aria-hidden="true"></i>
                                {title}
                            </h3>
                            {move || {
                                let entries = text.with(|text| found(role, text));
                                if entries.is_empty() {
                                    return view! { <p class="meta none">"Nothing fits."</p> }.into_any();
                                }
                                entries.into_iter().map(|entry| view! { <Entry entry=entry /> }).collect_view().into_any()
                            }}
                        </section>
                    }
                })
                .collect_view()}
        </div>
    }
}

#[component]
fn Entry(entry: &'static PaletteEntry) -> impl IntoView {
    let editor = use_editor();
    let press = StoredValue::new(None::<(f64, f64)>);
    let dragged = StoredValue::new(false);
    let inputs = match entry.inputs {
        0 => String::new(),
        1 => " Needs 1 input.".into(),
        inputs => format!(" Needs {inputs} inputs."),
    };
    let travel = move |event: ev::PointerEvent| {
        let Some((x, y)) = press.get_value() else { return };
        let at = Point::new(f64::from(event.client_x()), f64::from(event.client_y()));
        if !dragged.get_value() {
            if (at.x - x).hypot(at.y - y) < THRESHOLD {
                return;
            }
            dragged.set_value(true);
        }
        editor.drag.set(Drag::Ghost {
            entry: entry.id,
            at,
            over: ghost_target(editor, entry, at),
        });
    };
    let drop = move |_: ev::PointerEvent| {
        press.set_value(None);
        let Drag::Ghost { over, .. } = editor.drag.get_untracked() else { return };
        editor.drag.set(Drag::Idle);
        match over {
            Some(GhostTarget::Canvas(at)) => editor.add(entry.id, Slot::At(None, at)),
            Some(GhostTarget::Edge(edge)) => editor.add(entry.id, Slot::On(edge)),
            Some(GhostTarget::Append(id)) => editor.add(entry.id, Slot::After(Some(id))),
            None => {}
        }
    };
    view! {
        <button
            type="button"
            class="entry"
            title=format!("{}{inputs}", entry.purpose)
            data-entry=entry.id
            on:pointerdown=move |event| {
                if event.button() == 0 {
                    dragged.set_value(false);
                    press.set_value(Some((f64::from(event.client_x()), f64::from(event.client_y()))));
                    // At once: a quick hand is off the entry before the first move is told.
                    if let Some(target) = event
                        .current_target()
                        .and_then(|target| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(target).ok())
                    {
                        let _ = target.set_pointer_capture(event.pointer_id());
                    }
                    editor.drag.set(Drag::Armed { on: Armed::Palette(entry.id), start: Point::default(), extend: false });
                }
            }
            on:pointermove=travel
            on:pointerup=drop
            on:pointercancel=move |_| {
                press.set_value(None);
                editor.drag.set(Drag::Idle);
            }
            on:click=move |_| {
                if dragged.get_value() {
                    dragged.set_value(false);
                    return;
                }
                editor.drag.set(Drag::Idle);
                editor.add(entry.id, Slot::After(editor.current.get_untracked()));
            }
        >
            <Glyph name=glyph_of_member(entry.member, entry.group) />
            <span>{short_label(entry.label)}</span>
        </button>
    }
}

/// What a drop at a client point would do.
fn ghost_target(editor: Editor, entry: &PaletteEntry, at: Point) -> Option<GhostTarget> {
    let frame = frame()?;
    let inside = at.x >= frame.left() && at.x <= frame.right() && at.y >= frame.top() && at.y <= frame.bottom();
    if !inside {
        return None;
    }
    let point = canvas_point(editor, at.x, at.y);
    let zoom = editor.viewport.get_untracked().zoom;
    editor.document.with_untracked(|document| {
        let reach = PORT_REACH / zoom;
        let (graph, layout) = (document.graph(), document.layout());
        if entry.inputs > 0 {
            let output = |id: &sluice_core::etl::NodeId| document.node(id).is_some_and(|node| node.kind.ports().output);
            match geometry::hit(graph, layout, point, reach) {
                Some(geometry::Hit::Output(id)) => return Some(GhostTarget::Append(id)),
                Some(geometry::Hit::Node(id)) if output(&id) => return Some(GhostTarget::Append(id)),
                Some(geometry::Hit::Edge(edge)) if entry.kind().ports().output => return Some(GhostTarget::Edge(edge)),
                _ => {}
            }
        }
        Some(GhostTarget::Canvas(
            Point::new(point.x - NODE_WIDTH / 2.0, point.y - NODE_HEIGHT / 2.0).snapped(),
        ))
    })
}

/// The card that follows the pointer from the palette.
#[component]
pub fn Ghost(editor: Editor) -> impl IntoView {
    move || match editor.drag.get() {
        Drag::Ghost { entry, at, over } => NodeKind::palette().iter().find(|other| other.id == entry).map(|entry| {
            let what = match over {
                None => "Drop it on the canvas".to_owned(),
                Some(GhostTarget::Canvas(_)) => "Drop to place".into(),
                Some(GhostTarget::Edge(edge)) => format!("Insert after {}", editor.name(&edge.from)),
                Some(GhostTarget::Append(id)) => format!("Append to {}", editor.name(&id)),
            };
            view! {
                <div
                    class=format!("node ghost {}", role_class(entry.group))
                    aria-hidden="true"
                    style=format!("transform:translate({}px,{}px)", at.x - NODE_WIDTH / 2.0, at.y - NODE_HEIGHT / 2.0)
                >
                    <div class="h">
                        <Glyph name=glyph_of_member(entry.member, entry.group) small=true />
                        <b>{short_label(entry.label)}</b>
                    </div>
                    <div class="x">"—"</div>
                    <div class="s">
                        <span>{what}</span>
                    </div>
                </div>
            }
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_goes_before_a_purpose_that_mentions_it() {
        for entry in NodeKind::palette() {
            let first = found(entry.group, entry.label);
            assert_eq!(first.first().map(|first| first.id), Some(entry.id), "{}", entry.label);
        }
        assert_eq!(
            found(Role::Transform, "").len(),
            NodeKind::palette().iter().filter(|entry| entry.group == Role::Transform).count()
        );
    }
}
