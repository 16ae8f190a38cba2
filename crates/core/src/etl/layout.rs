//! Where cards go when nobody said: layers from left to right, deterministic, branches in the order the user gave them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::geometry::{NODE_HEIGHT, NODE_WIDTH, Point, Rect, edges};
use super::{Graph, NodeId};
use crate::gather::{Gather, Order};

/// From the left side of one layer to that of the next.
pub const COLUMN_STEP: f64 = NODE_WIDTH + 80.0;
/// From the top of one row to that of the next.
pub const ROW_STEP: f64 = NODE_HEIGHT + 48.0;

/// A place for every node.
///
/// A node's layer is the length of the longest way to it from a source. In a layer, nodes stand by the mean row of their parents, then by where they
/// stand now (`current`, top first), then by key. A rail that skips layers keeps its row free on the way. The graph must be free of cycles; nodes on
/// one would all land in layer 0.
pub fn layered(graph: &Graph, current: &BTreeMap<NodeId, Point>) -> BTreeMap<NodeId, Point> {
    let layers = layers(graph);
    let last = layers.values().copied().max().unwrap_or(0);
    let mut rows: BTreeMap<&NodeId, i64> = BTreeMap::new();
    let edges = edges(graph);
    for layer in 0..=last {
        let mut taken: BTreeSet<i64> = edges
            .iter()
            .filter(|edge| layers.get(&edge.from).is_some_and(|from| *from < layer) && layers.get(&edge.to).is_some_and(|to| *to > layer))
            .filter_map(|edge| rows.get(&edge.from).copied())
            .gather();
        let mut members: Vec<(i64, i64, &NodeId)> = graph
            .nodes
            .iter()
            .filter(|(id, _)| layers.get(*id) == Some(&layer))
            .map(|(id, node)| {
                let parents: Vec<i64> = node.inputs.iter().flatten().filter_map(|from| rows.get(from).copied()).collect();
                // In halves of a row, so that the mean of two neighbours keeps its order.
                let mean = if parents.is_empty() {
                    0
                } else {
                    2 * parents.iter().sum::<i64>() / parents.len() as i64
                };
                let y = current.get(id).map_or(i64::MAX, |at| libm::round(at.y) as i64);
                (mean, y, id)
            })
            .collect();
        members.order_by(|a, b| a < b);
        let mut next = 0;
        for (mean, _, id) in members {
            let mut row = (mean / 2).max(next);
            while taken.contains(&row) {
                row += 1;
            }
            taken.insert(row);
            rows.insert(id, row);
            next = row + 1;
        }
    }
    rows.into_iter()
        .map(|(id, row)| {
            let layer = layers.get(id).copied().unwrap_or(0);
            (id.clone(), Point::new(layer as f64 * COLUMN_STEP, row as f64 * ROW_STEP))
        })
        .gather()
}

/// The layer of every node: 0 for sources, one more than the furthest parent for the others.
pub fn layers(graph: &Graph) -> BTreeMap<NodeId, usize> {
    let mut layers: BTreeMap<NodeId, usize> = graph.nodes.keys().map(|id| (id.clone(), 0)).gather();
    // Longest ways settle within as many rounds as there are nodes; the bound keeps an unsound graph from looping.
    for _ in 0..graph.nodes.len() {
        let mut settled = true;
        for (id, node) in &graph.nodes {
            let deepest = node
                .inputs
                .iter()
                .flatten()
                .filter_map(|from| layers.get(from))
                .max()
                .map_or(0, |layer| layer + 1);
            if layers.get(id).is_some_and(|layer| *layer < deepest) && deepest < graph.nodes.len() {
                layers.insert(id.clone(), deepest);
                settled = false;
            }
        }
        if settled {
            break;
        }
    }
    layers
}

/// Nodes in reading order: along the flow, branch by branch from top to bottom. Parents come before children.
pub fn reading_order(graph: &Graph, layout: &BTreeMap<NodeId, Point>) -> Vec<NodeId> {
    let place = |id: &NodeId| layout.get(id).map_or((0, 0), |at| (at.y as i64, at.x as i64));
    let mut children: BTreeMap<&NodeId, Vec<&NodeId>> = BTreeMap::new();
    for (id, node) in &graph.nodes {
        let parents: BTreeSet<&NodeId> = node.inputs.iter().flatten().gather();
        for parent in parents {
            children.entry(parent).or_default().push(id);
        }
    }
    let sort = |nodes: &mut Vec<&NodeId>| nodes.order_by_key(|id| (place(id), *id));
    children.values_mut().for_each(sort);
    let mut roots: Vec<&NodeId> = graph
        .nodes
        .iter()
        .filter(|(_, node)| node.inputs.iter().all(Option::is_none))
        .map(|(id, _)| id)
        .collect();
    sort(&mut roots);
    let mut order: Vec<NodeId> = Vec::new();
    let mut seen: BTreeSet<&NodeId> = BTreeSet::new();
    let mut stack: Vec<&NodeId> = roots.into_iter().rev().collect();
    while let Some(id) = stack.pop() {
        let ready = graph
            .nodes
            .get(id)
            .is_some_and(|node| node.inputs.iter().flatten().all(|from| seen.contains(from)));
        if !ready || !seen.insert(id) {
            continue;
        }
        order.push(id.clone());
        stack.extend(children.get(id).into_iter().flatten().rev().copied());
    }
    order
}

/// The free place nearest below `wanted`: down by rows until no card is in the way.
pub fn free_place(layout: &BTreeMap<NodeId, Point>, wanted: Point) -> Point {
    let mut at = wanted.snapped();
    while layout.values().any(|other| Rect::card(*other).inflated(8.0).intersects(&Rect::card(at))) {
        at.y += ROW_STEP / 2.0;
    }
    at
}
