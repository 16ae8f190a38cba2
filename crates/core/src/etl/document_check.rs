//! Invariant I4 of the graph: no cycle, no dangling edge, no port over its arity. Checked after every edit.

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use super::document::EditError;
use super::{Graph, NodeId, NodeKind};
use crate::gather::Gather;

/// How many input ports a node of this kind has: exactly that many, or, for kinds that take any number (`ManyInputs`), `None`.
pub(super) fn arity(kind: &NodeKind) -> Option<usize> {
    let ports = kind.ports();
    (ports.max != usize::MAX).then_some(ports.max)
}

/// Whether rows leave the node; targets have no output port.
pub(super) fn has_output(kind: &NodeKind) -> bool {
    kind.ports().output
}

/// Whether `target` is `start` or is reached from it downstream.
pub(super) fn reaches(graph: &Graph, start: &NodeId, target: &NodeId) -> bool {
    // Upwards from the target: edges live in the inputs.
    let mut seen = BTreeSet::new();
    let mut open = Vec::from([target]);
    while let Some(id) = open.pop() {
        if id == start {
            return true;
        }
        if seen.insert(id)
            && let Some(node) = graph.nodes.get(id)
        {
            open.extend(node.inputs.iter().flatten());
        }
    }
    false
}

/// Sweeps the whole graph for what breaks I4.
pub(super) fn check(graph: &Graph) -> Result<(), EditError> {
    for (id, node) in &graph.nodes {
        if arity(&node.kind).is_some_and(|ports| ports != node.inputs.len()) {
            return Err(EditError::Arity(id.clone()));
        }
        for from in node.inputs.iter().flatten() {
            match graph.nodes.get(from) {
                None => {
                    return Err(EditError::Dangling {
                        from: from.clone(),
                        to: id.clone(),
                    });
                }
                Some(parent) if !has_output(&parent.kind) => return Err(EditError::NoOutput(from.clone())),
                Some(_) => {}
            }
        }
    }
    // Kahn's algorithm: what is left when no node without open inputs remains, is on or behind a cycle.
    let mut open: Vec<(&NodeId, usize)> = graph.nodes.iter().map(|(id, node)| (id, node.inputs.iter().flatten().count())).collect();
    let mut ready: Vec<&NodeId> = Vec::new();
    open.retain(|(id, inputs)| {
        if *inputs == 0 {
            ready.push(id);
        }
        *inputs > 0
    });
    let mut waiting: alloc::collections::BTreeMap<&NodeId, usize> = open.into_iter().gather();
    let mut children: alloc::collections::BTreeMap<&NodeId, Vec<&NodeId>> = alloc::collections::BTreeMap::new();
    for (id, node) in &graph.nodes {
        for from in node.inputs.iter().flatten() {
            children.entry(from).or_default().push(id);
        }
    }
    while let Some(id) = ready.pop() {
        for child in children.get(id).into_iter().flatten() {
            if let Some(inputs) = waiting.get_mut(*child) {
                *inputs -= 1;
                if *inputs == 0 {
                    waiting.remove(*child);
                    ready.push(child);
                }
            }
        }
    }
    match waiting.keys().next() {
        Some(id) => Err(EditError::Cycle((*id).clone())),
        None => Ok(()),
    }
}
