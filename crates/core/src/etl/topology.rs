//! Edges of the graph: order, children, what may be connected, and the invariant that holds after every edit (I4).
//!
//! Belongs here: questions about edges. Does not belong here: columns, edits, geometry.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{Graph, NodeId, Role};
use crate::gather::Gather;

/// A graph that breaks I4: a cycle, an edge to nowhere, an edge out of a target, or more or fewer ports than the kind has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GraphError {
    /// The nodes of one loop, in order.
    Cycle(Vec<NodeId>),
    /// `node` names an input that is not in the graph.
    Dangling { node: NodeId, input: NodeId },
    /// `node` reads from a target.
    ReadsTarget { node: NodeId, target: NodeId },
    /// `node` has `ports` input ports, and its kind does not.
    Ports { node: NodeId, ports: usize },
}

impl GraphError {
    /// The node to show the error on.
    pub fn node(&self) -> Option<&NodeId> {
        match self {
            GraphError::Cycle(nodes) => nodes.first(),
            GraphError::Dangling { node, .. } | GraphError::ReadsTarget { node, .. } | GraphError::Ports { node, .. } => Some(node),
        }
    }
}

impl fmt::Display for GraphError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GraphError::Cycle(nodes) => {
                f.write_str("the nodes form a loop: ")?;
                for node in nodes {
                    write!(f, "{node} → ")?;
                }
                match nodes.first() {
                    Some(first) => write!(f, "{first}"),
                    None => Ok(()),
                }
            }
            GraphError::Dangling { node, input } => write!(f, "{node} reads from “{input}”, which is not in the job"),
            GraphError::ReadsTarget { node, target } => write!(f, "{node} reads from {target}, and a target has no output"),
            GraphError::Ports { node, ports } => write!(f, "{node} cannot have {ports} inputs"),
        }
    }
}

impl core::error::Error for GraphError {}

/// Why two nodes may not be connected; `Display` is one line for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConnectRefusal {
    UnknownNode(NodeId),
    ToItself,
    Loop,
    /// The end of the wire is a source.
    NoInputs(String),
    /// The start of the wire is a target.
    NoOutput(String),
    /// Every port of the node is taken.
    Full {
        name: String,
        ports: usize,
    },
    /// The port is taken, another one is free.
    PortTaken {
        name: String,
        port: usize,
    },
    NoSuchPort {
        name: String,
        port: usize,
    },
}

impl fmt::Display for ConnectRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConnectRefusal::UnknownNode(id) => write!(f, "there is no node {id}"),
            ConnectRefusal::ToItself => f.write_str("a node cannot read from itself"),
            ConnectRefusal::Loop => f.write_str("would create a loop"),
            ConnectRefusal::NoInputs(name) => write!(f, "{name} is a source and takes no input"),
            ConnectRefusal::NoOutput(name) => write!(f, "{name} is a target and has no output"),
            ConnectRefusal::Full { name, ports: 1 } => write!(f, "{name} already has an input"),
            ConnectRefusal::Full { name, ports: 2 } => write!(f, "{name} already has two inputs"),
            ConnectRefusal::Full { name, ports } => write!(f, "{name} already has {ports} inputs"),
            ConnectRefusal::PortTaken { name, port } => write!(f, "input {} of {name} is taken", port + 1),
            ConnectRefusal::NoSuchPort { name, port } => write!(f, "{name} has no input {}", port + 1),
        }
    }
}

impl core::error::Error for ConnectRefusal {}

impl Graph {
    /// The nodes that read from `id`, each with the port it reads at; in key order, then port order.
    pub fn children(&self, id: &NodeId) -> Vec<(NodeId, usize)> {
        self.edges().filter(|(from, ..)| *from == id).map(|(_, to, port)| (to.clone(), port)).collect()
    }

    /// Every edge as (from, to, port), ordered by `to`, then port.
    pub fn edges(&self) -> impl Iterator<Item = (&NodeId, &NodeId, usize)> {
        self.nodes.iter().flat_map(|(to, node)| {
            node.inputs
                .iter()
                .enumerate()
                .filter_map(move |(port, from)| from.as_ref().map(|from| (from, to, port)))
        })
    }

    /// Parents before children; nodes that do not depend on each other in key order, so the order is the same for equal graphs.
    pub fn topological(&self) -> Result<Vec<NodeId>, GraphError> {
        let mut waiting: BTreeMap<&NodeId, usize> = self.nodes.keys().map(|id| (id, 0)).gather();
        let mut readers: BTreeMap<&NodeId, Vec<&NodeId>> = BTreeMap::new();
        for (from, to, _) in self.edges() {
            if !self.nodes.contains_key(from) {
                return Err(GraphError::Dangling {
                    node: to.clone(),
                    input: from.clone(),
                });
            }
            readers.entry(from).or_default().push(to);
            if let Some(count) = waiting.get_mut(to) {
                *count += 1;
            }
        }
        let mut ready: BTreeSet<&NodeId> = waiting.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).gather();
        let mut order = Vec::with_capacity(self.nodes.len());
        while let Some(id) = ready.pop_first() {
            order.push(id.clone());
            for reader in readers.remove(id).unwrap_or_default() {
                if let Some(count) = waiting.get_mut(reader) {
                    *count -= 1;
                    if *count == 0 {
                        ready.insert(reader);
                    }
                }
            }
        }
        if order.len() == self.nodes.len() {
            return Ok(order);
        }
        let left: BTreeSet<&NodeId> = waiting.into_iter().filter(|(_, count)| *count > 0).map(|(id, _)| id).gather();
        Err(GraphError::Cycle(self.one_loop(&left)))
    }

    /// One loop among `left`, the nodes that never became ready: each of them has a parent in `left`, so walking up must meet itself.
    fn one_loop(&self, left: &BTreeSet<&NodeId>) -> Vec<NodeId> {
        let mut walk: Vec<&NodeId> = Vec::new();
        let mut at = left.first().copied();
        while let Some(id) = at {
            if let Some(start) = walk.iter().position(|seen| *seen == id) {
                return walk.iter().skip(start).rev().map(|id| (*id).clone()).collect();
            }
            walk.push(id);
            at = self
                .nodes
                .get(id)
                .and_then(|node| node.inputs.iter().flatten().find_map(|parent| left.get(parent).copied()));
        }
        Vec::new()
    }

    /// Everything that `id` feeds, directly or not, without itself (unless it is in a loop).
    pub fn descendants(&self, id: &NodeId) -> BTreeSet<NodeId> {
        let mut readers: BTreeMap<&NodeId, Vec<&NodeId>> = BTreeMap::new();
        for (from, to, _) in self.edges() {
            readers.entry(from).or_default().push(to);
        }
        let mut found = BTreeSet::new();
        let mut open = alloc::vec![id];
        while let Some(at) = open.pop() {
            for reader in readers.get(at).into_iter().flatten() {
                if found.insert((*reader).clone()) {
                    open.push(reader);
                }
            }
        }
        found
    }

    /// Whether an edge `from` → `to` at `port` keeps I4. A port that is taken is refused: disconnect it first.
    ///
    /// A kind with any number of inputs takes a new one at the port after its last.
    pub fn can_connect(&self, from: &NodeId, to: &NodeId, port: usize) -> Result<(), ConnectRefusal> {
        let start = self.nodes.get(from).ok_or_else(|| ConnectRefusal::UnknownNode(from.clone()))?;
        let end = self.nodes.get(to).ok_or_else(|| ConnectRefusal::UnknownNode(to.clone()))?;
        let ports = end.kind.ports();
        if from == to {
            return Err(ConnectRefusal::ToItself);
        }
        if start.kind.role() == Role::Target {
            return Err(ConnectRefusal::NoOutput(start.name.clone()));
        }
        if ports.max == 0 {
            return Err(ConnectRefusal::NoInputs(end.name.clone()));
        }
        let taken = end.inputs.iter().filter(|input| input.is_some()).count();
        if taken >= ports.max {
            return Err(ConnectRefusal::Full {
                name: end.name.clone(),
                ports: ports.max,
            });
        }
        let appends = port == end.inputs.len() && port < ports.max;
        match end.inputs.get(port) {
            Some(None) => {}
            Some(Some(_)) => {
                return Err(ConnectRefusal::PortTaken { name: end.name.clone(), port });
            }
            None if appends => {}
            None => {
                return Err(ConnectRefusal::NoSuchPort { name: end.name.clone(), port });
            }
        }
        if self.descendants(to).contains(from) {
            return Err(ConnectRefusal::Loop);
        }
        Ok(())
    }

    /// Invariant I4: no cycle, no dangling edge, no port over or under its arity, no edge out of a target. Open ports are allowed.
    pub fn check(&self) -> Result<(), GraphError> {
        for (id, node) in &self.nodes {
            let ports = node.kind.ports();
            if node.inputs.len() < ports.min || node.inputs.len() > ports.max {
                return Err(GraphError::Ports {
                    node: id.clone(),
                    ports: node.inputs.len(),
                });
            }
            for input in node.inputs.iter().flatten() {
                let Some(parent) = self.nodes.get(input) else {
                    return Err(GraphError::Dangling {
                        node: id.clone(),
                        input: input.clone(),
                    });
                };
                if parent.kind.role() == Role::Target {
                    return Err(GraphError::ReadsTarget {
                        node: id.clone(),
                        target: input.clone(),
                    });
                }
            }
        }
        self.topological().map(|_| ())
    }

    /// A node id that the graph does not have, in the form of the console's exports: `node-<number>`, counting up from `start`
    /// (milliseconds since the epoch there; any number here).
    pub fn free_id(&self, start: u64) -> NodeId {
        let mut number = start;
        loop {
            let id = NodeId(alloc::format!("node-{number}"));
            if !self.nodes.contains_key(&id) {
                return id;
            }
            number = number.wrapping_add(1);
        }
    }

    /// `wanted`, or `wanted (2)`, `wanted (3)` … if another node has that name.
    pub fn free_name(&self, wanted: &str) -> String {
        let taken = |name: &str| self.nodes.values().any(|node| node.name == name);
        if !taken(wanted) {
            return wanted.to_owned();
        }
        let mut number = 2_usize;
        loop {
            let name = alloc::format!("{wanted} ({number})");
            if !taken(&name) {
                return name;
            }
            number += 1;
        }
    }
}
