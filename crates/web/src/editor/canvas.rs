//! The canvas: SVG rails, HTML cards, one transform; and where it looks.
//!
//! Belongs here: what it draws, the viewport, the focus. Does not belong here: what a pointer does on it (`gesture`).

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use sluice_core::etl::Document;
use sluice_core::etl::geometry::{self, GRID, Point, Rect};
use wasm_bindgen::JsCast;

use super::card::Card;
use super::drag::Drag;
use super::gesture::{Under, abandon, canvas_point, hit_of, press, release, travel, wheel};
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
