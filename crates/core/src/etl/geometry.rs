//! Where cards, ports and rails lie on the canvas, and what lies under a pointer.
//!
//! Belongs here: sizes, ports, routes, hit-testing, viewports; all in canvas units (one unit is one CSS pixel at 100 %), y downwards.
//! Does not belong here: where a node ought to stand (see `layout`), the DOM, colours.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::document_check::has_output;
use super::{Graph, NodeId};

/// Width of a node card.
pub const NODE_WIDTH: f64 = 224.0;
/// Height of a node card.
pub const NODE_HEIGHT: f64 = 80.0;
/// The canvas grid: what move mode steps by, and what a dropped card snaps to.
pub const GRID: f64 = 16.0;
/// Radius of a rail's corners.
pub const CORNER: f64 = 10.0;
/// Half of a port's hit area on the screen, in CSS pixels: 32 px across, whatever the zoom.
pub const PORT_REACH: f64 = 16.0;
/// The least zoom of the canvas.
pub const MIN_ZOOM: f64 = 0.25;
/// The greatest zoom of the canvas.
pub const MAX_ZOOM: f64 = 2.0;

/// How far a rail runs straight out of a port before it may turn.
const STUB: f64 = 24.0;

/// A place on the canvas; for a node, the upper left corner of its card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

impl Point {
    pub const fn new(x: f64, y: f64) -> Self {
        Point { x, y }
    }

    /// The nearest whole units, so that a document's text stays short and reads back equal. What is not finite becomes 0.
    #[must_use]
    pub fn rounded(self) -> Self {
        Point {
            x: whole(self.x),
            y: whole(self.y),
        }
    }

    /// The nearest crossing of the grid.
    #[must_use]
    pub fn snapped(self) -> Self {
        Point {
            x: whole(self.x / GRID) * GRID,
            y: whole(self.y / GRID) * GRID,
        }
    }

    fn distance(self, other: Point) -> f64 {
        libm::hypot(self.x - other.x, self.y - other.y)
    }
}

fn whole(value: f64) -> f64 {
    let rounded = libm::round(value.clamp(-1e9, 1e9));
    // Also turns -0.0 and NaN into 0.0, which JSON has one text for.
    if rounded == 0.0 || rounded.is_nan() { 0.0 } else { rounded }
}

/// A rectangle by its upper left corner and its size; sizes are never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    /// The rectangle between two corners, given in any order.
    pub fn between(a: Point, b: Point) -> Self {
        Rect {
            x: a.x.min(b.x),
            y: a.y.min(b.y),
            width: (a.x - b.x).abs(),
            height: (a.y - b.y).abs(),
        }
    }

    /// The card of a node that stands at `at`.
    pub fn card(at: Point) -> Self {
        Rect {
            x: at.x,
            y: at.y,
            width: NODE_WIDTH,
            height: NODE_HEIGHT,
        }
    }

    pub fn contains(&self, p: Point) -> bool {
        p.x >= self.x && p.x <= self.x + self.width && p.y >= self.y && p.y <= self.y + self.height
    }

    pub fn intersects(&self, other: &Rect) -> bool {
        self.x < other.x + other.width && other.x < self.x + self.width && self.y < other.y + other.height && other.y < self.y + self.height
    }

    /// The rectangle grown by `by` on each side.
    #[must_use]
    pub fn inflated(&self, by: f64) -> Self {
        Rect {
            x: self.x - by,
            y: self.y - by,
            width: (self.width + 2.0 * by).max(0.0),
            height: (self.height + 2.0 * by).max(0.0),
        }
    }

    fn union(self, other: Rect) -> Self {
        let left = self.x.min(other.x);
        let top = self.y.min(other.y);
        Rect {
            x: left,
            y: top,
            width: (self.x + self.width).max(other.x + other.width) - left,
            height: (self.y + self.height).max(other.y + other.height) - top,
        }
    }
}

/// The part of the canvas that is seen: a screen point is `canvas * zoom + (x, y)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Viewport {
    pub x: f64,
    pub y: f64,
    /// 1 is 100 %; between [`MIN_ZOOM`] and [`MAX_ZOOM`].
    pub zoom: f64,
}

impl Default for Viewport {
    fn default() -> Self {
        Viewport { x: 0.0, y: 0.0, zoom: 1.0 }
    }
}

impl Viewport {
    pub fn to_canvas(&self, screen: Point) -> Point {
        Point::new((screen.x - self.x) / self.zoom, (screen.y - self.y) / self.zoom)
    }

    pub fn to_screen(&self, canvas: Point) -> Point {
        Point::new(canvas.x * self.zoom + self.x, canvas.y * self.zoom + self.y)
    }

    #[must_use]
    pub fn panned(&self, dx: f64, dy: f64) -> Self {
        Viewport {
            x: self.x + dx,
            y: self.y + dy,
            zoom: self.zoom,
        }
    }

    /// Zooms to `zoom` and keeps what is under the screen point `about` where it is.
    #[must_use]
    pub fn zoomed(&self, zoom: f64, about: Point) -> Self {
        let zoom = if zoom.is_finite() { zoom.clamp(MIN_ZOOM, MAX_ZOOM) } else { self.zoom };
        let fixed = self.to_canvas(about);
        Viewport {
            x: about.x - fixed.x * zoom,
            y: about.y - fixed.y * zoom,
            zoom,
        }
    }

    /// Shows all of `bounds` in a screen of `width` by `height`, centred, with `margin` around it, never larger than 100 %.
    pub fn fit(bounds: Rect, width: f64, height: f64, margin: f64) -> Self {
        let room_x = (width - 2.0 * margin).max(1.0);
        let room_y = (height - 2.0 * margin).max(1.0);
        let zoom = (room_x / bounds.width.max(1.0)).min(room_y / bounds.height.max(1.0)).clamp(MIN_ZOOM, 1.0);
        Viewport {
            x: libm::round((width - bounds.width * zoom) / 2.0 - bounds.x * zoom),
            y: libm::round((height - bounds.height * zoom) / 2.0 - bounds.y * zoom),
            zoom,
        }
    }

    /// The least pan that brings `target` into a screen of `width` by `height` with `margin` around it.
    #[must_use]
    pub fn revealing(&self, target: Rect, width: f64, height: f64, margin: f64) -> Self {
        let corner = self.to_screen(Point::new(target.x, target.y));
        Viewport {
            x: self.x + reveal(corner.x, target.width * self.zoom, width, margin),
            y: self.y + reveal(corner.y, target.height * self.zoom, height, margin),
            zoom: self.zoom,
        }
    }
}

fn reveal(start: f64, length: f64, room: f64, margin: f64) -> f64 {
    if length + 2.0 * margin > room || start < margin {
        margin - start
    } else if start + length > room - margin {
        room - margin - length - start
    } else {
        0.0
    }
}

/// An edge of the graph: the parent, and the input port of the child that names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Edge {
    pub from: NodeId,
    pub to: NodeId,
    /// 0-based.
    pub port: usize,
}

/// Every edge, by child in key order, then by port.
pub fn edges(graph: &Graph) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (id, node) in &graph.nodes {
        for (port, from) in node.inputs.iter().enumerate() {
            if let Some(from) = from {
                edges.push(Edge {
                    from: from.clone(),
                    to: id.clone(),
                    port,
                });
            }
        }
    }
    edges
}

/// The centre of the output port of a card that stands at `at`.
pub fn output_port(at: Point) -> Point {
    Point::new(at.x + NODE_WIDTH, at.y + NODE_HEIGHT / 2.0)
}

/// The centre of input `port` of a card with `ports` inputs: they share the left side in equal parts.
pub fn input_port(at: Point, port: usize, ports: usize) -> Point {
    let ports = ports.max(1);
    let share = NODE_HEIGHT / ports as f64;
    Point::new(at.x, at.y + share * (port.min(ports - 1) as f64 + 0.5))
}

/// The course of a rail: horizontal and vertical runs, corners not yet rounded.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    pub points: Vec<Point>,
}

/// The rail from an output port to an input port.
///
/// Forwards it turns half-way, or 40 units before a far target, so that it keeps to its own row. Backwards it leaves and arrives by a stub and runs
/// between the two rows, or under both where there is no room between them.
pub fn route(from: Point, to: Point) -> Route {
    let mut points = Vec::with_capacity(6);
    points.push(from);
    if to.x - from.x >= 2.0 * STUB {
        if (to.y - from.y).abs() > 0.5 {
            let bend = ((from.x + to.x) / 2.0).max(to.x - 40.0);
            points.push(Point::new(bend, from.y));
            points.push(Point::new(bend, to.y));
        }
    } else {
        let apart = (to.y - from.y).abs();
        let between = if apart >= NODE_HEIGHT + STUB {
            (from.y + to.y) / 2.0
        } else {
            from.y.max(to.y) + NODE_HEIGHT / 2.0 + STUB
        };
        points.push(Point::new(from.x + STUB, from.y));
        points.push(Point::new(from.x + STUB, between));
        points.push(Point::new(to.x - STUB, between));
        points.push(Point::new(to.x - STUB, to.y));
    }
    points.push(to);
    Route { points }
}

impl Route {
    /// The rail as SVG path text, corners rounded with [`CORNER`] or as much as the runs leave room for.
    pub fn path(&self) -> String {
        let Some(first) = self.points.first() else {
            return String::new();
        };
        let mut path = format!("M{} {}", number(first.x), number(first.y));
        for window in self.points.windows(3) {
            let [a, corner, b] = window else { continue };
            let radius = CORNER.min(a.distance(*corner) / 2.0).min(corner.distance(*b) / 2.0);
            let cross = (corner.x - a.x) * (b.y - corner.y) - (corner.y - a.y) * (b.x - corner.x);
            if radius < 0.5 || cross == 0.0 {
                path.push_str(&format!("L{} {}", number(corner.x), number(corner.y)));
                continue;
            }
            let before = towards(*corner, *a, radius);
            let after = towards(*corner, *b, radius);
            path.push_str(&format!(
                "L{} {}A{r} {r} 0 0 {} {} {}",
                number(before.x),
                number(before.y),
                u8::from(cross > 0.0),
                number(after.x),
                number(after.y),
                r = number(radius),
            ));
        }
        if let [.., last] = self.points.as_slice() {
            path.push_str(&format!("L{} {}", number(last.x), number(last.y)));
        }
        path
    }

    pub fn length(&self) -> f64 {
        self.points.windows(2).map(|w| w[0].distance(w[1])).sum()
    }

    /// The point after `share` (0 to 1) of the rail's length; the row count's chip sits at 0.5.
    pub fn at(&self, share: f64) -> Point {
        let mut left = self.length() * share.clamp(0.0, 1.0);
        for window in self.points.windows(2) {
            let run = window[0].distance(window[1]);
            if run >= left {
                return towards(window[0], window[1], left);
            }
            left -= run;
        }
        self.points.last().copied().unwrap_or_default()
    }

    /// How far `p` is from the rail.
    pub fn distance(&self, p: Point) -> f64 {
        self.points.windows(2).map(|w| segment_distance(p, w[0], w[1])).fold(f64::INFINITY, f64::min)
    }
}

fn towards(from: Point, to: Point, by: f64) -> Point {
    let length = from.distance(to);
    if length == 0.0 {
        return from;
    }
    Point::new(from.x + (to.x - from.x) * by / length, from.y + (to.y - from.y) * by / length)
}

fn segment_distance(p: Point, a: Point, b: Point) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let squared = dx * dx + dy * dy;
    let t = if squared == 0.0 {
        0.0
    } else {
        (((p.x - a.x) * dx + (p.y - a.y) * dy) / squared).clamp(0.0, 1.0)
    };
    p.distance(Point::new(a.x + t * dx, a.y + t * dy))
}

/// At most one decimal, and none where it would be 0.
fn number(value: f64) -> String {
    let tenths = libm::round(value * 10.0) / 10.0;
    format!("{}", if tenths == 0.0 { 0.0 } else { tenths })
}

/// The rail of an edge, if both of its nodes have a place.
pub fn edge_route(graph: &Graph, layout: &BTreeMap<NodeId, Point>, edge: &Edge) -> Option<Route> {
    let from = layout.get(&edge.from)?;
    let to = layout.get(&edge.to)?;
    let ports = graph.nodes.get(&edge.to)?.inputs.len();
    Some(route(output_port(*from), input_port(*to, edge.port, ports)))
}

/// What lies under a pointer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hit {
    Input(NodeId, usize),
    Output(NodeId),
    Node(NodeId),
    Edge(Edge),
}

/// The topmost thing under `p`: a port within `reach` of its centre, then a card, then a rail within `reach`.
///
/// Among ports and rails the nearest one wins; among cards the last in key order, which is the one drawn on top.
pub fn hit(graph: &Graph, layout: &BTreeMap<NodeId, Point>, p: Point, reach: f64) -> Option<Hit> {
    let mut best: Option<(f64, Hit)> = None;
    let mut offer = |distance: f64, hit: Hit| {
        if distance <= reach && best.as_ref().is_none_or(|(least, _)| distance < *least) {
            best = Some((distance, hit));
        }
    };
    for (id, node) in &graph.nodes {
        let Some(at) = layout.get(id) else { continue };
        for port in 0..node.inputs.len() {
            offer(p.distance(input_port(*at, port, node.inputs.len())), Hit::Input(id.clone(), port));
        }
        if has_output(&node.kind) {
            offer(p.distance(output_port(*at)), Hit::Output(id.clone()));
        }
    }
    if let Some((_, hit)) = best {
        return Some(hit);
    }
    if let Some(id) = node_at(graph, layout, p) {
        return Some(Hit::Node(id));
    }
    edge_at(graph, layout, p, reach).map(Hit::Edge)
}

/// The card under `p`, the one on top if several are.
pub fn node_at(graph: &Graph, layout: &BTreeMap<NodeId, Point>, p: Point) -> Option<NodeId> {
    graph
        .nodes
        .keys()
        .rev()
        .find(|id| layout.get(*id).is_some_and(|at| Rect::card(*at).contains(p)))
        .cloned()
}

/// The rail nearest to `p` within `reach`.
pub fn edge_at(graph: &Graph, layout: &BTreeMap<NodeId, Point>, p: Point, reach: f64) -> Option<Edge> {
    edges(graph)
        .into_iter()
        .filter_map(|edge| Some((edge_route(graph, layout, &edge)?.distance(p), edge)))
        .filter(|(distance, _)| *distance <= reach)
        .min_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, edge)| edge)
}

/// The nodes whose cards touch `area`, in key order.
pub fn nodes_in(layout: &BTreeMap<NodeId, Point>, area: Rect) -> Vec<NodeId> {
    layout
        .iter()
        .filter(|(_, at)| Rect::card(**at).intersects(&area))
        .map(|(id, _)| id.clone())
        .collect()
}

/// The rectangle around all cards; `None` for an empty canvas.
pub fn bounds(layout: &BTreeMap<NodeId, Point>) -> Option<Rect> {
    layout.values().map(|at| Rect::card(*at)).reduce(Rect::union)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_rail_is_one_run() {
        let rail = route(Point::new(224.0, 40.0), Point::new(304.0, 40.0));
        assert_eq!(rail.path(), "M224 40L304 40");
        assert_eq!(rail.at(0.5), Point::new(264.0, 40.0));
    }

    #[test]
    fn a_rail_to_another_row_turns_with_two_arcs() {
        let rail = route(Point::new(224.0, 40.0), Point::new(304.0, 168.0));
        insta::assert_snapshot!(rail.path(), @"M224 40L254 40A10 10 0 0 1 264 50L264 158A10 10 0 0 0 274 168L304 168");
        assert_eq!(rail.at(0.5), Point::new(264.0, 104.0));
    }

    #[test]
    fn a_small_step_takes_smaller_arcs() {
        let rail = route(Point::new(0.0, 0.0), Point::new(80.0, 8.0));
        insta::assert_snapshot!(rail.path(), @"M0 0L36 0A4 4 0 0 1 40 4L40 4A4 4 0 0 0 44 8L80 8");
    }

    #[test]
    fn a_long_rail_keeps_to_its_row_until_its_target() {
        let rail = route(Point::new(0.0, 0.0), Point::new(600.0, 128.0));
        assert_eq!(rail.points[1].x, 560.0);
    }

    #[test]
    fn a_rail_backwards_goes_round() {
        let under = route(Point::new(400.0, 40.0), Point::new(0.0, 40.0));
        insta::assert_snapshot!(under.path(), @"M400 40L414 40A10 10 0 0 1 424 50L424 94A10 10 0 0 1 414 104L-14 104A10 10 0 0 1 -24 94L-24 50A10 10 0 0 1 -14 40L0 40");
        let between = route(Point::new(400.0, 40.0), Point::new(0.0, 240.0));
        assert!(between.points.iter().any(|p| p.y == 140.0));
    }

    #[test]
    fn two_inputs_share_the_left_side() {
        assert_eq!(input_port(Point::default(), 0, 2), Point::new(0.0, 20.0));
        assert_eq!(input_port(Point::default(), 1, 2), Point::new(0.0, 60.0));
        assert_eq!(input_port(Point::default(), 0, 1), Point::new(0.0, 40.0));
    }

    #[test]
    fn zooming_keeps_the_point_under_the_pointer() {
        let viewport = Viewport { x: 30.0, y: -10.0, zoom: 0.8 };
        let pointer = Point::new(321.0, 87.0);
        let before = viewport.to_canvas(pointer);
        let after = viewport.zoomed(1.7, pointer).to_canvas(pointer);
        assert!(before.distance(after) < 1e-9);
        assert_eq!(viewport.zoomed(100.0, pointer).zoom, MAX_ZOOM);
        assert_eq!(viewport.zoomed(f64::NAN, pointer).zoom, 0.8);
    }

    #[test]
    fn fit_shows_all_and_never_magnifies() {
        let bounds = Rect {
            x: -100.0,
            y: 50.0,
            width: 2000.0,
            height: 300.0,
        };
        let viewport = Viewport::fit(bounds, 1000.0, 600.0, 48.0);
        let corner = viewport.to_screen(Point::new(-100.0, 50.0));
        let end = viewport.to_screen(Point::new(1900.0, 350.0));
        assert!(corner.x >= 47.0 && end.x <= 953.0);
        assert_eq!(Viewport::fit(Rect::card(Point::default()), 1000.0, 600.0, 48.0).zoom, 1.0);
    }

    #[test]
    fn revealing_pans_no_more_than_it_must() {
        let viewport = Viewport::default();
        assert_eq!(viewport.revealing(Rect::card(Point::new(100.0, 100.0)), 800.0, 600.0, 48.0), viewport);
        assert_eq!(
            viewport.revealing(Rect::card(Point::new(700.0, 100.0)), 800.0, 600.0, 48.0).x,
            800.0 - 48.0 - 924.0
        );
        assert_eq!(viewport.revealing(Rect::card(Point::new(0.0, 100.0)), 800.0, 600.0, 48.0).x, 48.0);
    }

    #[test]
    fn what_is_not_finite_becomes_a_place() {
        assert_eq!(Point::new(f64::NAN, f64::INFINITY).rounded(), Point::new(0.0, 1e9));
        assert_eq!(Point::new(-0.2, 7.6).rounded(), Point::new(0.0, 8.0));
        assert_eq!(Point::new(23.0, 25.0).snapped(), Point::new(16.0, 32.0));
    }
}
