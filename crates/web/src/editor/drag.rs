//! The one state of the pointer on the canvas.

use leptos::prelude::*;
use sluice_core::etl::NodeId;
use sluice_core::etl::geometry::{Edge, Point};

use super::model::Editor;

/// Pixels that a press must travel before it is a drag.
pub const THRESHOLD: f64 = 4.0;

#[derive(Clone, Debug, Default, PartialEq)]
pub enum Drag {
    #[default]
    Idle,
    /// Pressed, not moved far enough to mean anything but a click.
    Armed {
        on: Armed,
        /// Screen point of the press, relative to the canvas.
        start: Point,
        /// Shift was held.
        extend: bool,
    },
    /// Cards under way: by how much, in canvas units.
    Nodes {
        ids: Vec<NodeId>,
        origins: Vec<Point>,
        start: Point,
        over: Option<Edge>,
    },
    /// A wire that follows the pointer. `held`: the button is down; otherwise the next click ends it.
    Wire {
        from: NodeId,
        at: Point,
        held: bool,
        over: Option<WireTarget>,
    },
    /// A rectangle that selects what it touches; canvas points.
    Box {
        start: Point,
        at: Point,
    },
    Pan {
        start: Point,
        x: f64,
        y: f64,
    },
    /// A palette entry on its way to the canvas; `at` in client coordinates.
    Ghost {
        entry: &'static str,
        at: Point,
        over: Option<GhostTarget>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub enum Armed {
    Node(NodeId),
    Output(NodeId),
    Input(NodeId, usize),
    Edge(Edge),
    Canvas,
    Palette(&'static str),
}

/// What a wire is over: a port that takes it, or why it does not.
#[derive(Clone, Debug, PartialEq)]
pub struct WireTarget {
    pub to: NodeId,
    pub port: usize,
    pub refusal: Option<String>,
}

/// What a palette entry would do if it were dropped.
#[derive(Clone, Debug, PartialEq)]
pub enum GhostTarget {
    Canvas(Point),
    Edge(Edge),
    Append(NodeId),
}

impl Drag {
    pub fn is_wire(&self) -> bool {
        matches!(self, Drag::Wire { .. })
    }
}

/// The style that puts an element of the canvas at a point: by left and top at rest, and by a transform on top of them while cards are dragged.
///
/// A transform for each of hundreds of elements costs a paint chunk each in every frame, and moving one by left and top a layout of all: so only what moves has one.
pub fn placed(editor: Editor, at: impl Fn() -> Point + Send + 'static) -> impl Fn() -> String + Send + 'static {
    let rest = StoredValue::new(None::<Point>);
    move || {
        let at = at();
        let dragged = editor.drag.with_untracked(|drag| matches!(drag, Drag::Nodes { .. }));
        match rest.get_value().filter(|_| dragged) {
            Some(rest) => format!(
                "left:{}px;top:{}px;transform:translate({}px,{}px)",
                rest.x,
                rest.y,
                at.x - rest.x,
                at.y - rest.y
            ),
            None => {
                rest.set_value(Some(at));
                format!("left:{}px;top:{}px", at.x, at.y)
            }
        }
    }
}
