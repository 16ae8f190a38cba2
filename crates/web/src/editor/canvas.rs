//! The canvas: pointer gestures over cards and rails. SVG rails, HTML cards, one transform.

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use sluice_core::etl::geometry::{self, Edge, GRID, Hit, PORT_REACH, Point, Rect};
use sluice_core::etl::{Document, NodeId};
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent, WheelEvent};

use super::card::Card;
use super::drag::{Armed, Drag, THRESHOLD, WireTarget};
use super::keyboard;
use super::model::{Editor, Mode, Slot, use_editor};
use super::panels::AddPanel;
use super::rails::{Chips, Rails};
use super::tools::Tools;

pub const CANVAS: &str = "etl-canvas";

#[component]
pub fn Canvas() -> impl IntoView {
    let editor = use_editor();
    let frame: NodeRef<html::Div> = NodeRef::new();
    let measure = move || {
        if let Some(frame) = frame.get_untracked() {
            let now = (f64::from(frame.client_width()), f64::from(frame.client_height()));
            if editor.size.get_untracked() != now {
                editor.size.set(now);
            }
        }
    };
    Effect::new(move |fitted: Option<bool>| {
        if frame.get().is_some() && fitted != Some(true) {
            request_animation_frame(move || {
                measure();
                fit(editor);
            });
            return true;
        }
        fitted.unwrap_or(false)
    });
    let resize = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || resize.remove());
    // The rail, the outline and the data pane change the frame without resizing the window.
    Effect::new(move |_| {
        editor.outline.track();
        request_animation_frame(measure);
    });
    // Focus follows `focus_node` once the card is drawn.
    Effect::new(move |before: Option<u32>| {
        let now = editor.focus_node.get();
        if before.is_some_and(|before| before != now) {
            request_animation_frame(move || focus_card(editor));
        }
        now
    });
    let summary = move || {
        let nodes = editor.ids.with(Vec::len);
        let problems = editor.all_problems();
        let first = problems.first().map(|problem| {
            let name = problem.node.as_ref().map(|id| format!("{}: ", editor.name(id))).unwrap_or_default();
            format!("{name}{}", problem.message)
        });
        match (nodes, first) {
            (0, _) => "Job canvas, empty".to_owned(),
            (nodes, None) => format!("Job canvas, {nodes} nodes, no problems"),
            (nodes, Some(first)) => format!("Job canvas, {nodes} nodes, {} problems: {first}", problems.len()),
        }
    };
    view! {
        <div
            id=CANVAS
            class="canvas"
            class:wiring=move || editor.drag.with(Drag::is_wire) || editor.mode.with(|mode| matches!(mode, Mode::Connect { .. }))
            class:panning=move || editor.drag.with(|drag| matches!(drag, Drag::Pan { .. }))
            class:lineage=move || editor.selection.with(|selection| !selection.is_empty())
            class:compact=move || editor.viewport.with(|viewport| viewport.zoom < 0.6)
            role="region"
            aria-label=summary
            tabindex=move || if editor.ids.with(Vec::is_empty) || editor.current.with(Option::is_none) { "0" } else { "-1" }
            node_ref=frame
            style=move || {
                let viewport = editor.viewport.get();
                let step = GRID * viewport.zoom;
                format!("--zoom:{};--inv:{};background-size:{step}px {step}px;background-position:{}px {}px", viewport.zoom, 1.0 / viewport.zoom, viewport.x, viewport.y)
            }
            on:pointerdown=move |event| press(editor, &event)
            on:pointermove=move |event| travel(editor, &event)
            on:pointerup=move |event| release(editor, &event)
            on:pointercancel=move |_| abandon(editor)
            on:lostpointercapture=move |_| {
                if editor.drag.with_untracked(|drag| matches!(drag, Drag::Nodes { .. } | Drag::Pan { .. } | Drag::Box { .. })) {
                    abandon(editor);
                }
            }
            on:wheel=move |event| wheel(editor, &event)
            on:dblclick=move |event: ev::MouseEvent| {
                if hit_of(event.target()) == Under::Canvas {
                    let at = canvas_point(editor, f64::from(event.client_x()), f64::from(event.client_y()));
                    editor.menu.set(Some(Slot::At(None, at)));
                }
            }
            on:keydown=move |event| keyboard::on_key(editor, &event)
        >
            <div
                class="world"
                style=move || {
                    let viewport = editor.viewport.get();
                    format!("transform:translate({}px,{}px) scale({})", viewport.x, viewport.y, viewport.zoom)
                }
            >
                <Rails />
                <div class="layer">
                    <For each=move || editor.ids.get() key=|id| id.clone() children=move |id| view! { <Card id=id /> } />
                </div>
                <div class="layer">
                    <Chips />
                </div>
                {move || match editor.drag.get() {
                    Drag::Box { start, at } => {
                        let area = Rect::between(start, at);
                        Some(view! { <div class="lasso" style=format!("left:{}px;top:{}px;width:{}px;height:{}px", area.x, area.y, area.width, area.height)></div> })
                    }
                    _ => None,
                }}
            </div>
            <Tools />
            <Blank />
            {move || editor.hint.get().map(|hint| view! { <p class="hint">{hint}</p> })}
            <AddPanel />
        </div>
    }
}

/// What an empty canvas shows: one sentence, the ways in, a pipeline in hairline.
#[component]
fn Blank() -> impl IntoView {
    let editor = use_editor();
    move || {
        editor.ids.with(Vec::is_empty).then(|| {
            view! {
                <div class="blank">
                    <svg viewBox="0 0 420 92" fill="none" stroke="currentColor" aria-hidden="true">
                        <rect x="1" y="14" width="104" height="40" rx="4" />
                        <rect x="157" y="14" width="104" height="40" rx="4" />
                        <rect x="313" y="46" width="104" height="40" rx="4" />
                        <path d="M105 34H157M261 34H277a10 10 0 0 1 10 10v12a10 10 0 0 0 10 10h16" stroke-width="2" />
                        <path d="M2 14v40M158 14v40M314 46v40" stroke-width="4" />
                    </svg>
                    <h2>"Rows come from a source, pass transforms, and end in a target."</h2>
                    <div class="row">
                        <button type="button" class="btn primary" on:click=move |_| editor.add("S3Source", Slot::After(None))>
                            "Add an Amazon S3 source"
                        </button>
                        <button type="button" class="btn" on:click=move |_| editor.add("S3CatalogSource", Slot::After(None))>
                            "Add a Data Catalog source"
                        </button>
                    </div>
                    <p class="meta">"Drag from the palette, or press " <kbd>"/"</kbd> " here."</p>
                </div>
            }
        })
    }
}

/// What an event's target belongs to.
#[derive(Clone, Debug, PartialEq)]
enum Under {
    Output(NodeId),
    Input(NodeId, usize),
    Node(NodeId),
    Edge(String),
    Canvas,
    /// A control that looks after itself.
    Other,
}

fn hit_of(target: Option<web_sys::EventTarget>) -> Under {
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

fn press(editor: Editor, event: &PointerEvent) {
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

fn travel(editor: Editor, event: &PointerEvent) {
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

fn release(editor: Editor, event: &PointerEvent) {
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
fn wheel(editor: Editor, event: &WheelEvent) {
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

/// Shows the whole graph.
pub fn fit(editor: Editor) {
    let (width, height) = editor.size.get_untracked();
    if width < 1.0 {
        return;
    }
    let bounds = editor.document.with_untracked(|document: &Document| geometry::bounds(document.layout()));
    if let Some(bounds) = bounds {
        // The tools float over the top 56 pixels.
        let mut viewport = geometry::Viewport::fit(bounds, width, (height - 56.0).max(80.0), 32.0);
        viewport.y += 56.0;
        editor.viewport.set(viewport);
    }
}

/// Zooms about the middle of the canvas.
pub fn zoom_to(editor: Editor, zoom: f64) {
    let (width, height) = editor.size.get_untracked();
    let about = Point::new(width / 2.0, height / 2.0);
    editor.viewport.update(|viewport| *viewport = viewport.zoomed(zoom, about));
}

pub fn focus_canvas() {
    if let Some(canvas) = document()
        .get_element_by_id(CANVAS)
        .and_then(|canvas| canvas.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = canvas.focus();
    }
}

/// Moves the focus to the current node's card, or to the canvas.
pub fn focus_card(editor: Editor) {
    let Some(id) = editor.current.get_untracked() else {
        focus_canvas();
        return;
    };
    let card = document()
        .get_element_by_id(&super::card::element_id(&id))
        .and_then(|card| card.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(card) = card {
        let options = web_sys::FocusOptions::new();
        options.set_prevent_scroll(true);
        let _ = card.focus_with_options(&options);
    }
}
