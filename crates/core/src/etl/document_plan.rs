//! What the gestures of the editor mean as edits: append, insert on an edge, remove and heal, connect, duplicate, arrange.
//!
//! Belongs here: functions of a document that answer a [`Change`] and touch nothing. Does not belong here: applying them, pointers, keys.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::iter;

use super::document::{Change, Document, Edit};
use super::document_check::{arity, has_output, reaches};
use super::geometry::{Edge, Point, edges};
use super::layout::{COLUMN_STEP, ROW_STEP, free_place, layered};
use super::{Node, NodeId, NodeKind};
use crate::gather::Gather;

/// Why two ports cannot be joined, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    Missing,
    Itself,
    NoOutput { from: String },
    NoInput { to: String },
    Occupied { to: String, ports: usize },
    AlreadyConnected { from: String, to: String },
    Loop,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Missing => f.write_str("That node is gone."),
            Refusal::Itself => f.write_str("A node cannot read its own output."),
            Refusal::NoOutput { from } => write!(f, "{from} is a target: no rows leave it."),
            Refusal::NoInput { to } => write!(f, "{to} is a source: it takes no input."),
            Refusal::Occupied { to, ports: 1 } => write!(f, "{to} already has an input."),
            Refusal::Occupied { to, ports } => write!(f, "{to} already has {ports} inputs."),
            Refusal::AlreadyConnected { from, to } => write!(f, "{from} already feeds {to}."),
            Refusal::Loop => f.write_str("That would create a loop."),
        }
    }
}

/// A node to be made: its id comes from outside, since there is no clock in here.
#[derive(Clone, Debug, PartialEq)]
pub struct NewNode {
    /// `node-<epoch milliseconds>`, as the visual editor of Glue writes them.
    pub id: NodeId,
    /// The name to start from; a number is appended where it is taken.
    pub name: String,
    pub kind: NodeKind,
}

impl Document {
    /// Whether an edge may run from an output to an input port; the reason if not.
    pub fn can_connect(&self, from: &NodeId, to: &NodeId, port: usize) -> Result<(), Refusal> {
        let (Some(parent), Some(child)) = (self.node(from), self.node(to)) else {
            return Err(Refusal::Missing);
        };
        if from == to {
            return Err(Refusal::Itself);
        }
        if !has_output(&parent.kind) {
            return Err(Refusal::NoOutput { from: parent.name.clone() });
        }
        match child.inputs.get(port) {
            None if child.inputs.is_empty() => return Err(Refusal::NoInput { to: child.name.clone() }),
            None => return Err(Refusal::Missing),
            Some(Some(_)) => {
                return Err(Refusal::Occupied {
                    to: child.name.clone(),
                    ports: child.inputs.len(),
                });
            }
            Some(None) => {}
        }
        if reaches(self.graph(), to, from) {
            return Err(Refusal::Loop);
        }
        if child.inputs.iter().flatten().any(|input| input == from) {
            return Err(Refusal::AlreadyConnected {
                from: parent.name.clone(),
                to: child.name.clone(),
            });
        }
        Ok(())
    }

    /// The first input port of `to` that `from` may feed; else the reason why there is none.
    pub fn free_port(&self, from: &NodeId, to: &NodeId) -> Result<usize, Refusal> {
        let ports = self.node(to).ok_or(Refusal::Missing)?.inputs.len();
        let mut refusal = self.can_connect(from, to, 0);
        for port in 0..ports {
            match self.can_connect(from, to, port) {
                Ok(()) => return Ok(port),
                Err(reason) => refusal = Err(reason),
            }
        }
        refusal.map(|()| 0)
    }

    pub fn connect(&self, from: &NodeId, to: &NodeId, port: usize) -> Result<Change, Refusal> {
        self.can_connect(from, to, port)?;
        let edit = Edit::SetInput {
            id: to.clone(),
            port,
            from: Some(from.clone()),
        };
        Ok(Change::new(format!("Connected {} to {}", self.name_of(from), self.name_of(to)), edit))
    }

    pub fn disconnect(&self, edge: &Edge) -> Change {
        let edit = Edit::SetInput {
            id: edge.to.clone(),
            port: edge.port,
            from: None,
        };
        Change::new(format!("Disconnected {} from {}", self.name_of(&edge.to), self.name_of(&edge.from)), edit)
    }

    /// A new node after `after`, fed by it where both have the ports for it. `at`: where it was dropped, else the next free place downstream.
    pub fn append(&self, after: Option<&NodeId>, new: NewNode, at: Option<Point>) -> Change {
        let mut inputs = empty_inputs(&new.kind);
        let feeder = after.filter(|id| self.node(id).is_some_and(|node| has_output(&node.kind)) && !inputs.is_empty());
        if let (Some(from), Some(first)) = (feeder, inputs.first_mut()) {
            *first = Some(from.clone());
        }
        let at = at.unwrap_or_else(|| self.place_after(feeder));
        let name = self.free_name(&new.name);
        Change::new(
            format!("Added {name}"),
            Edit::AddNode {
                id: new.id,
                node: Box::new(Node {
                    name,
                    kind: new.kind,
                    inputs,
                    read_mode: Default::default(),
                    rest: Default::default(),
                }),
                at,
                note: String::new(),
            },
        )
    }

    /// A new node that feeds `before` on `port`. An edge that is there already is cut and led through the new node.
    pub fn prepend(&self, before: &NodeId, port: usize, new: NewNode) -> Result<Change, Refusal> {
        let child = self.node(before).ok_or(Refusal::Missing)?;
        if let Some(Some(from)) = child.inputs.get(port) {
            let edge = Edge {
                from: from.clone(),
                to: before.clone(),
                port,
            };
            return self.insert_on_edge(&edge, new);
        }
        if child.inputs.get(port).is_none() {
            return Err(Refusal::NoInput { to: child.name.clone() });
        }
        if !has_output(&new.kind) {
            return Err(Refusal::NoOutput { from: new.name });
        }
        let at = self.at(before);
        let id = new.id.clone();
        let mut change = self.append(None, new, Some(free_place(self.layout(), Point::new(at.x - COLUMN_STEP, at.y))));
        change.edit = Edit::Batch(Vec::from([
            change.edit,
            Edit::SetInput {
                id: before.clone(),
                port,
                from: Some(id),
            },
        ]));
        Ok(change)
    }

    /// A new node in the middle of an edge; what stands downstream moves on to make room.
    pub fn insert_on_edge(&self, edge: &Edge, new: NewNode) -> Result<Change, Refusal> {
        let inputs = empty_inputs(&new.kind);
        if inputs.is_empty() {
            return Err(Refusal::NoInput { to: new.name });
        }
        if !has_output(&new.kind) {
            return Err(Refusal::NoOutput { from: new.name });
        }
        if self.node(&edge.from).is_none() || self.node(&edge.to).is_none() {
            return Err(Refusal::Missing);
        }
        let (start, end) = (self.at(&edge.from), self.at(&edge.to));
        let at = if end.x - start.x >= 2.0 * COLUMN_STEP {
            Point::new((start.x + end.x) / 2.0, end.y).rounded()
        } else {
            Point::new(start.x + COLUMN_STEP, end.y)
        };
        let id = new.id.clone();
        let mut change = self.append(Some(&edge.from), new, Some(at));
        let mut edits = Vec::from([
            change.edit,
            Edit::SetInput {
                id: edge.to.clone(),
                port: edge.port,
                from: Some(id),
            },
        ]);
        let push = at.x + COLUMN_STEP - end.x;
        if push > 0.0 {
            for id in self.downstream(core::slice::from_ref(&edge.to)) {
                let at = self.at(&id);
                edits.push(Edit::Move {
                    id,
                    to: Point::new(at.x + push, at.y),
                });
            }
        }
        change.edit = Edit::Batch(edits);
        Ok(change)
    }

    /// Splices a node that is there already, and has no edges yet, into an edge.
    pub fn splice(&self, edge: &Edge, id: &NodeId) -> Result<Change, Refusal> {
        let node = self.node(id).ok_or(Refusal::Missing)?;
        if node.inputs.is_empty() {
            return Err(Refusal::NoInput { to: node.name.clone() });
        }
        if *id == edge.from || *id == edge.to {
            return Err(Refusal::Itself);
        }
        if node.inputs.iter().any(Option::is_some) {
            return Err(Refusal::Occupied {
                to: node.name.clone(),
                ports: node.inputs.len(),
            });
        }
        if !has_output(&node.kind) {
            return Err(Refusal::NoOutput { from: node.name.clone() });
        }
        if reaches(self.graph(), id, &edge.from) {
            return Err(Refusal::Loop);
        }
        let edits = Vec::from([
            Edit::SetInput {
                id: edge.to.clone(),
                port: edge.port,
                from: Some(id.clone()),
            },
            Edit::SetInput {
                id: id.clone(),
                port: 0,
                from: Some(edge.from.clone()),
            },
        ]);
        Ok(Change::new(format!("Inserted {}", node.name), Edit::Batch(edits)))
    }

    /// Takes nodes away. What a one-input node fed is fed by its parent from then on; other inputs are left open.
    pub fn remove(&self, ids: &[NodeId]) -> Change {
        let gone: BTreeSet<&NodeId> = ids.iter().filter(|id| self.node(id).is_some()).gather();
        let mut edits = Vec::new();
        for (id, node) in &self.graph().nodes {
            if gone.contains(id) {
                continue;
            }
            let mut kept: BTreeSet<NodeId> = node.inputs.iter().flatten().filter(|from| !gone.contains(from)).cloned().gather();
            for (port, from) in node.inputs.iter().enumerate() {
                let Some(from) = from.as_ref().filter(|from| gone.contains(from)) else {
                    continue;
                };
                // Both inputs of a union are not led to the same parent.
                let heir = self.heir(from, &gone).filter(|heir| kept.insert(heir.clone()));
                edits.push(Edit::SetInput {
                    id: id.clone(),
                    port,
                    from: heir,
                });
            }
        }
        // Children before parents, so that no step leaves an edge dangling.
        let mut order: Vec<NodeId> = super::layout::reading_order(self.graph(), self.layout());
        order.retain(|id| gone.contains(id));
        for id in order.into_iter().rev() {
            edits.push(Edit::RemoveNode { id });
        }
        let label = match ids {
            [one] => format!("Deleted {}", self.name_of(one)),
            _ => format!("Deleted {} nodes", gone.len()),
        };
        Change::new(label, Edit::Batch(edits))
    }

    /// Whether removing the node rejoins the rails on both sides of it.
    pub fn heals(&self, id: &NodeId) -> bool {
        let gone: BTreeSet<&NodeId> = iter::once(id).gather();
        self.heir(id, &gone).is_some() && edges(self.graph()).iter().any(|edge| edge.from == *id)
    }

    fn heir(&self, id: &NodeId, gone: &BTreeSet<&NodeId>) -> Option<NodeId> {
        let mut at = id;
        loop {
            let [Some(parent)] = self.node(at)?.inputs.as_slice() else { return None };
            if !gone.contains(parent) {
                return Some(parent.clone());
            }
            at = parent;
        }
    }

    /// Copies of nodes, a step down and to the right, with the edges among them. `fresh` gives one new id for each.
    pub fn duplicate(&self, ids: &[NodeId], fresh: &[NodeId]) -> Change {
        let renamed: BTreeMap<&NodeId, &NodeId> = ids.iter().zip(fresh).filter(|(id, _)| self.node(id).is_some()).gather();
        let mut edits = Vec::new();
        let mut taken: BTreeSet<String> = self.graph().nodes.values().map(|node| node.name.clone()).gather();
        for (id, copy) in &renamed {
            let Some(node) = self.node(id) else { continue };
            let at = self.at(id);
            let name = numbered(&node.name, &taken);
            taken.insert(name.clone());
            edits.push(Edit::AddNode {
                id: (*copy).clone(),
                node: Box::new(Node {
                    name,
                    kind: node.kind.clone(),
                    inputs: node.inputs.iter().map(|_| None).collect(),
                    read_mode: node.read_mode,
                    rest: node.rest.clone(),
                }),
                at: Point::new(at.x + 48.0, at.y + ROW_STEP),
                note: self.notes().get(*id).cloned().unwrap_or_default(),
            });
        }
        for (id, copy) in &renamed {
            let Some(node) = self.node(id) else { continue };
            for (port, from) in node.inputs.iter().enumerate() {
                if let Some(from) = from.as_ref().and_then(|from| renamed.get(from)) {
                    edits.push(Edit::SetInput {
                        id: (*copy).clone(),
                        port,
                        from: Some((*from).clone()),
                    });
                }
            }
        }
        let label = match ids {
            [one] => format!("Duplicated {}", self.name_of(one)),
            _ => format!("Duplicated {} nodes", renamed.len()),
        };
        Change::new(label, Edit::Batch(edits))
    }

    pub fn move_by(&self, ids: &[NodeId], dx: f64, dy: f64) -> Change {
        let edits = ids
            .iter()
            .filter(|id| self.node(id).is_some())
            .map(|id| {
                let at = self.at(id);
                Edit::Move {
                    id: id.clone(),
                    to: Point::new(at.x + dx, at.y + dy),
                }
            })
            .collect();
        let label = match ids {
            [one] => format!("Moved {}", self.name_of(one)),
            _ => format!("Moved {} nodes", ids.len()),
        };
        Change::new(label, Edit::Batch(edits))
    }

    /// The layered layout of all cards.
    pub fn arrange(&self) -> Change {
        let edits = layered(self.graph(), self.layout()).into_iter().map(|(id, to)| Edit::Move { id, to }).collect();
        Change::new("Arranged the canvas", Edit::Batch(edits))
    }

    /// The nodes themselves and all that they feed.
    pub fn downstream(&self, ids: &[NodeId]) -> BTreeSet<NodeId> {
        let mut children: BTreeMap<NodeId, Vec<NodeId>> = BTreeMap::new();
        for edge in edges(self.graph()) {
            children.entry(edge.from).or_default().push(edge.to);
        }
        self.spread(ids, |id| children.get(id).cloned().unwrap_or_default())
    }

    /// The nodes themselves and all that feeds them.
    pub fn upstream(&self, ids: &[NodeId]) -> BTreeSet<NodeId> {
        self.spread(ids, |id| {
            self.node(id).map(|node| node.inputs.iter().flatten().cloned().collect()).unwrap_or_default()
        })
    }

    fn spread(&self, ids: &[NodeId], next: impl Fn(&NodeId) -> Vec<NodeId>) -> BTreeSet<NodeId> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<NodeId> = ids.iter().filter(|id| self.node(id).is_some()).cloned().collect();
        while let Some(id) = open.pop() {
            if seen.insert(id.clone()) {
                open.extend(next(&id));
            }
        }
        seen
    }

    /// `wanted`, with a number where another node has it.
    pub fn free_name(&self, wanted: &str) -> String {
        numbered(wanted, &self.graph().nodes.values().map(|node| node.name.clone()).gather())
    }

    fn name_of(&self, id: &NodeId) -> String {
        self.node(id).map_or_else(|| id.to_string(), |node| node.name.clone())
    }

    fn place_after(&self, after: Option<&NodeId>) -> Point {
        let wanted = match after {
            Some(id) => {
                let at = self.at(id);
                Point::new(at.x + COLUMN_STEP, at.y)
            }
            None => {
                let left = self.layout().values().map(|at| at.x).fold(f64::INFINITY, f64::min);
                let below = self
                    .layout()
                    .values()
                    .filter(|at| at.x < left + COLUMN_STEP / 2.0)
                    .map(|at| at.y + ROW_STEP)
                    .fold(f64::NEG_INFINITY, f64::max);
                if left.is_finite() { Point::new(left, below) } else { Point::default() }
            }
        };
        free_place(self.layout(), wanted)
    }
}

/// The unconnected inputs of a node of this kind; one where the kind takes any number.
pub fn empty_inputs(kind: &NodeKind) -> Vec<Option<NodeId>> {
    alloc::vec![None; arity(kind).unwrap_or(1)]
}

fn numbered(wanted: &str, taken: &BTreeSet<String>) -> String {
    if !taken.contains(wanted) {
        return wanted.to_string();
    }
    let stem = match wanted.rsplit_once(' ') {
        Some((stem, number)) if !stem.is_empty() && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => stem,
        _ => wanted,
    };
    let mut number = 2_u32;
    loop {
        let name = format!("{stem} {number}");
        if !taken.contains(&name) {
            return name;
        }
        number += 1;
    }
}
