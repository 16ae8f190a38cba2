//! Gestures of the pointer over the canvas: what a press is on, what it becomes once it moves, what its end does; and the wheel.
//!
//! Belongs here: from events to `Drag`, and from its end to edits. Does not belong here: the state itself (`drag`), keys (`keyboard`).

use leptos::prelude::*;
use sluice_core::etl::NodeId;
use sluice_core::etl::geometry::{self, Edge, GRID, Hit, PORT_REACH, Point, Rect};
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent, WheelEvent};

use super::canvas::{CANVAS, focus_canvas};
use super::drag::{Armed, Drag, THRESHOLD, WireTarget};
use super::model::{Editor, Slot};

/// What an event's target belongs to.
#[derive(Clone, Debug, PartialEq)]
pub enum Under {
    Output(NodeId),
    Input(NodeId, usize),
    Node(NodeId),
    Edge(String),
    Canvas,
    /// A control that looks after itself.
    Other,
}

pub fn hit_of(target: Option<web_sys::EventTarget>) -> Under {
    let Some(element) = target.and_then(|target| target.dyn_into::<Element>().ok()) else {
        return Under::Other;
    };
    let closest = |selector: &str| element.closest(selector).ok().flatten();
    if closest("[data-own]").is_some() {
        return Under::Other;
    }
    let id = closest("[data-node-id]").and_then(|card| card.get_attribute("data-node-id")).map(NodeId);
    if let (Some(port), Some(id)) = (closest("[data-port]"), id.clone()) {
        return if port.get_attribute("data-port").as_deref() == Some("out") {
            Under::Output(id)
        } else {
            let index = port.get_attribute("data-port-index").and_then(|index| index.parse().ok()).unwrap_or(0);
            Under::Input(id, index)
        };
    }
    if let Some(id) = id {
        return Under::Node(id);
    }
    if let Some(edge) = closest("[data-edge]").and_then(|edge| edge.get_attribute("data-edge")) {
        return Under::Edge(edge);
    }
    Under::Canvas
}

/// An edge as `data-edge` has it: `from>to:port`.
pub fn edge_key(edge: &Edge) -> String {
    format!("{}>{}:{}", edge.from, edge.to, edge.port)
}

fn find_edge(editor: Editor, key: &str) -> Option<Edge> {
    editor.edges.with_untracked(|edges| edges.iter().find(|edge| edge_key(edge) == key).cloned())
}

pub fn frame() -> Option<web_sys::DomRect> {
    document().get_element_by_id(CANVAS).map(|canvas| canvas.get_bounding_client_rect())
}

/// A client point relative to the canvas element.
fn screen_point(x: f64, y: f64) -> Point {
    frame().map_or(Point::new(x, y), |frame| Point::new(x - frame.left(), y - frame.top()))
}

/// A client point on the canvas.
pub fn canvas_point(editor: Editor, x: f64, y: f64) -> Point {
    editor.viewport.get_untracked().to_canvas(screen_point(x, y))
}

pub fn press(editor: Editor, event: &PointerEvent) {
    if event.button() > 1 || !event.is_primary() {
        return;
    }
    let under = hit_of(event.target());
    if under == Under::Other {
        return;
    }
    editor.menu.set(None);
    let start = screen_point(f64::from(event.client_x()), f64::from(event.client_y()));
    if editor.drag.with_untracked(Drag::is_wire) {
        // The second click of click-click: it ends on release.
        editor.drag.update(|drag| {
            if let Drag::Wire { held, .. } = drag {
                *held = true;
            }
        });
        travel(editor, event);
        return;
    }
    editor.hint.set(None);
    let on = match under {
        _ if event.button() == 1 => Armed::Canvas,
        Under::Output(id) => Armed::Output(id),
        Under::Input(id, port) => Armed::Input(id, port),
        Under::Node(id) => Armed::Node(id),
        Under::Edge(key) => find_edge(editor, &key).map_or(Armed::Canvas, Armed::Edge),
        Under::Canvas | Under::Other => Armed::Canvas,
    };
    editor.drag.set(Drag::Armed {
        on,
        start,
        extend: event.shift_key(),
    });
}

fn capture(event: &PointerEvent) {
    if let Some(canvas) = document().get_element_by_id(CANVAS) {
        // Fails when the pointer is gone already; the drag then ends with the next event.
        let _ = canvas.set_pointer_capture(event.pointer_id());
    }
}

pub fn travel(editor: Editor, event: &PointerEvent) {
    if editor.drag.with_untracked(|drag| matches!(drag, Drag::Idle | Drag::Ghost { .. })) {
        return;
    }
    let screen = screen_point(f64::from(event.client_x()), f64::from(event.client_y()));
    let viewport = editor.viewport.get_untracked();
    let at = viewport.to_canvas(screen);
    match editor.drag.get_untracked() {
        Drag::Idle | Drag::Ghost { .. } => {}
        Drag::Armed { on, start, extend } => {
            if event.buttons() == 0 {
                editor.drag.set(Drag::Idle);
                return;
            }
            if (screen.x - start.x).hypot(screen.y - start.y) < THRESHOLD {
                return;
            }
            capture(event);
            let next = begin(editor, on, start, extend);
            editor.drag.set(next);
            travel(editor, event);
        }
        Drag::Nodes { ids, origins, start, over } => {
            let (dx, dy) = (snap(at.x - start.x), snap(at.y - start.y));
            for (id, origin) in ids.iter().zip(&origins) {
                editor.place(id).set(Point::new(origin.x + dx, origin.y + dy));
            }
            let now = splice_target(editor, &ids, at);
            if now != over {
                editor.drag.set(Drag::Nodes {
                    ids,
                    origins,
                    start,
                    over: now,
                });
            }
        }
        Drag::Wire { from, held, .. } => {
            let over = wire_target(editor, &from, at);
            editor.drag.set(Drag::Wire { from, at, held, over });
        }
        Drag::Box { start, .. } => {
            editor.drag.set(Drag::Box { start, at });
            let touched = editor
                .document
                .with_untracked(|document| geometry::nodes_in(document.layout(), Rect::between(start, at)));
            editor.selection.set(touched.into_iter().collect());
        }
        Drag::Pan { start, x, y } => {
            let mut next = viewport;
            next.x = x + screen.x - start.x;
            next.y = y + screen.y - start.y;
            editor.viewport.set(next);
        }
    }
}

/// What a press becomes once it has moved.
fn begin(editor: Editor, on: Armed, start: Point, extend: bool) -> Drag {
    let viewport = editor.viewport.get_untracked();
    let from = viewport.to_canvas(start);
    match on {
        Armed::Node(id) => {
            if !editor.selection.with_untracked(|selection| selection.contains(&id)) {
                editor.select(&id);
            }
            let ids: Vec<NodeId> = editor.selection.with_untracked(|selection| selection.iter().cloned().collect());
            let origins = editor.document.with_untracked(|document| ids.iter().map(|id| document.at(id)).collect());
            Drag::Nodes {
                ids,
                origins,
                start: from,
                over: None,
            }
        }
        Armed::Output(id) => wire(id, from),
        // An occupied input gives its wire back, to be led elsewhere.
        Armed::Input(id, port) => {
            let parent = editor
                .document
                .with_untracked(|document| document.node(&id).and_then(|node| node.inputs.get(port).cloned().flatten()));
            match parent {
                Some(parent) => {
                    let edge = Edge {
                        from: parent.clone(),
                        to: id,
                        port,
                    };
                    let change = editor.document.with_untracked(|document| document.disconnect(&edge));
                    editor.apply(change);
                    wire(parent, from)
                }
                None => Drag::Idle,
            }
        }
        Armed::Edge(_) | Armed::Canvas | Armed::Palette(_) if extend => Drag::Box { start: from, at: from },
        Armed::Edge(_) | Armed::Canvas | Armed::Palette(_) => Drag::Pan {
            start,
            x: viewport.x,
            y: viewport.y,
        },
    }
}

fn wire(from: NodeId, at: Point) -> Drag {
    Drag::Wire {
        from,
        at,
        held: true,
        over: None,
    }
}

/// Half of the grid: free enough for the hand, tidy enough for the eye.
fn snap(delta: f64) -> f64 {
    (delta / (GRID / 2.0)).round() * (GRID / 2.0)
}

/// The rail that a lone, unconnected card would be spliced into.
fn splice_target(editor: Editor, ids: &[NodeId], at: Point) -> Option<Edge> {
    let [id] = ids else { return None };
    editor.document.with_untracked(|document| {
        let node = document.node(id)?;
        let lone = node.inputs.iter().all(Option::is_none) && editor.edges.with_untracked(|edges| edges.iter().all(|edge| edge.from != *id));
        if !lone || node.inputs.is_empty() || !node.kind.ports().output {
            return None;
        }
        geometry::edge_at(document.graph(), document.layout(), at, 28.0)
    })
}

/// What a wire from `from` would do at a point: a port or a card's first free port within reach, with the reason if it is refused.
pub fn wire_target(editor: Editor, from: &NodeId, at: Point) -> Option<WireTarget> {
    let reach = PORT_REACH / editor.viewport.get_untracked().zoom;
    editor.document.with_untracked(|document| {
        let result = match geometry::hit(document.graph(), document.layout(), at, reach)? {
            Hit::Input(id, port) => (id.clone(), document.can_connect(from, &id, port).map(|()| port), port),
            Hit::Node(id) | Hit::Output(id) if id != *from => {
                let port = document.free_port(from, &id);
                (id, port, 0)
            }
            _ => return None,
        };
        let (to, verdict, port) = result;
        Some(match verdict {
            Ok(port) => WireTarget { to, port, refusal: None },
            Err(refusal) => WireTarget {
                to,
                port,
                refusal: Some(refusal.to_string()),
            },
        })
    })
}

pub fn release(editor: Editor, event: &PointerEvent) {
    match editor.drag.get_untracked() {
        Drag::Idle | Drag::Ghost { .. } => {}
        Drag::Armed { on, extend, .. } => {
            editor.drag.set(Drag::Idle);
            click(editor, on, extend, event);
        }
        Drag::Nodes { ids, origins, over, .. } => {
            editor.drag.set(Drag::Idle);
            commit_move(editor, &ids, &origins, over);
        }
        Drag::Wire { from, at, over, .. } => {
            editor.drag.set(Drag::Idle);
            finish_wire(editor, from, at, over);
        }
        Drag::Box { .. } => {
            editor.drag.set(Drag::Idle);
            let count = editor.selection.with_untracked(|selection| selection.len());
            if let Some(first) = editor.selection.with_untracked(|selection| selection.first().cloned()) {
                editor.current.set(Some(first));
            }
            editor.host.announce(format!("{count} nodes selected."));
        }
        Drag::Pan { .. } => editor.drag.set(Drag::Idle),
    }
}

fn click(editor: Editor, on: Armed, extend: bool, event: &PointerEvent) {
    match on {
        Armed::Node(id) if extend => editor.toggle(&id),
        Armed::Node(id) => editor.select(&id),
        Armed::Output(id) => {
            let at = canvas_point(editor, f64::from(event.client_x()), f64::from(event.client_y()));
            editor.select(&id);
            start_wire(editor, id, at);
        }
        Armed::Input(id, port) => {
            let parent = editor
                .document
                .with_untracked(|document| document.node(&id).and_then(|node| node.inputs.get(port).cloned().flatten()));
            match parent {
                Some(from) => select_edge(editor, Edge { from, to: id, port }),
                None => editor.select(&id),
            }
        }
        Armed::Edge(edge) => select_edge(editor, edge),
        Armed::Canvas | Armed::Palette(_) => {
            if !extend {
                editor.clear_selection();
            }
            focus_canvas();
        }
    }
}

fn select_edge(editor: Editor, edge: Edge) {
    editor.selection.update(|selection| selection.clear());
    editor
        .host
        .announce(format!("Rail from {} to {}.", editor.name(&edge.from), editor.name(&edge.to)));
    editor.edge.set(Some(edge));
    focus_canvas();
}

/// Click-click: the wire hangs on the pointer until the next click, or Esc.
pub fn start_wire(editor: Editor, from: NodeId, at: Point) {
    let name = editor.name(&from);
    editor.drag.set(Drag::Wire {
        from,
        at,
        held: false,
        over: None,
    });
    editor.say(format!(
        "Where does {name} go? Click an input or a card, empty canvas for a new node, Esc to drop the wire."
    ));
}

fn finish_wire(editor: Editor, from: NodeId, at: Point, over: Option<WireTarget>) {
    editor.hint.set(None);
    match over {
        Some(WireTarget { to, port, refusal: None }) => {
            if editor.connect(&from, &to, port) {
                editor.select(&to);
            }
        }
        Some(WireTarget { refusal: Some(reason), .. }) => editor.say(reason),
        None => {
            let drop = Point::new(at.x, at.y - geometry::NODE_HEIGHT / 2.0);
            editor.menu.set(Some(Slot::At(Some(from), drop.snapped())));
        }
    }
}

fn commit_move(editor: Editor, ids: &[NodeId], origins: &[Point], over: Option<Edge>) {
    let Some((first, origin)) = ids.first().zip(origins.first()) else { return };
    let now = editor.place(first).get_untracked();
    let (dx, dy) = (now.x - origin.x, now.y - origin.y);
    let key = format!("drag:{}", js_sys::Date::now());
    let mut change = editor.document.with_untracked(|document| document.move_by(ids, dx, dy));
    if let Some(edge) = over {
        let splice = editor.document.with_untracked(|document| document.splice(&edge, first));
        match splice {
            Ok(splice) => {
                let between = format!("{} between {} and {}", splice.label, editor.name(&edge.from), editor.name(&edge.to));
                editor.apply(change.grouped(key.clone()));
                let mut splice = splice.grouped(key);
                splice.label = between.clone();
                if editor.apply(splice) {
                    editor.host.announce(format!("{between}."));
                }
                return;
            }
            Err(refusal) => editor.say(refusal.to_string()),
        }
    }
    change.group = Some(key);
    editor.apply(change);
}

/// Drops what is under way, and puts cards back.
pub fn abandon(editor: Editor) {
    if let Drag::Nodes { ids, origins, .. } = editor.drag.get_untracked() {
        for (id, origin) in ids.iter().zip(&origins) {
            editor.place(id).set(*origin);
        }
    }
    editor.drag.set(Drag::Idle);
    editor.hint.set(None);
}

/// The wheel pans and zooms only while the canvas has the focus, or with Ctrl: otherwise it scrolls the page.
pub fn wheel(editor: Editor, event: &WheelEvent) {
    let inside = document()
        .active_element()
        .is_some_and(|active| active.closest("#etl-canvas").ok().flatten().is_some());
    let zooming = event.ctrl_key() || event.meta_key();
    if !inside && !zooming || hit_of(event.target()) == Under::Other {
        return;
    }
    event.prevent_default();
    let unit = match event.delta_mode() {
        WheelEvent::DOM_DELTA_LINE => 16.0,
        WheelEvent::DOM_DELTA_PAGE => 400.0,
        _ => 1.0,
    };
    let viewport = editor.viewport.get_untracked();
    if zooming {
        let about = screen_point(f64::from(event.client_x()), f64::from(event.client_y()));
        let factor = (-event.delta_y() * unit * 0.0022).clamp(-0.5, 0.5).exp();
        editor.viewport.set(viewport.zoomed(viewport.zoom * factor, about));
    } else {
        let (dx, dy) = if event.shift_key() && event.delta_x() == 0.0 {
            (event.delta_y(), 0.0)
        } else {
            (event.delta_x(), event.delta_y())
        };
        editor.viewport.set(viewport.panned(-dx * unit, -dy * unit));
    }
}
