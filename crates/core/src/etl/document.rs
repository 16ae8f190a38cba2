//! A visual job as it is edited: graph, places of the cards, notes, and the history of typed, invertible edits.
//!
//! Belongs here: edits, their inverses, the file's form. Does not belong here: what a gesture means (`document_plan`), how nodes behave, saving.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::document_check::{arity, check, has_output, reaches};
use super::geometry::Point;
use super::history::History;
use super::{Graph, Node, NodeId, NodeKind, ReadMode};

/// What the file's `format` member says.
pub const DOCUMENT_FORMAT: &str = "sluice-job";
/// The version that is written; older ones are migrated when read.
pub const DOCUMENT_VERSION: u32 = 1;

/// A step that changes a document and knows its inverse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Edit {
    /// Puts a node that is not there, with its edges to parents that are.
    AddNode {
        id: NodeId,
        node: Box<Node>,
        at: Point,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
    },
    /// Takes a node that no other names as its parent.
    RemoveNode {
        id: NodeId,
    },
    SetInput {
        id: NodeId,
        port: usize,
        from: Option<NodeId>,
    },
    /// Changes what the node does; the number of its ports stays.
    SetKind {
        id: NodeId,
        kind: Box<NodeKind>,
    },
    Rename {
        id: NodeId,
        name: String,
    },
    SetReadMode {
        id: NodeId,
        read_mode: ReadMode,
    },
    SetNote {
        id: NodeId,
        note: String,
    },
    Move {
        id: NodeId,
        to: Point,
    },
    Batch(Vec<Edit>),
}

impl Edit {
    /// Whether `next`, right after this one, overwrites all that this one wrote.
    pub(super) fn is_restroke(&self, next: &Edit) -> bool {
        match (self, next) {
            (Edit::SetKind { id: a, .. }, Edit::SetKind { id: b, .. })
            | (Edit::Rename { id: a, .. }, Edit::Rename { id: b, .. })
            | (Edit::SetReadMode { id: a, .. }, Edit::SetReadMode { id: b, .. })
            | (Edit::SetNote { id: a, .. }, Edit::SetNote { id: b, .. })
            | (Edit::Move { id: a, .. }, Edit::Move { id: b, .. }) => a == b,
            _ => false,
        }
    }
}

/// An edit with what the history says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// In the past tense: "Added Filter".
    pub label: String,
    /// Changes with the same key in a row are one unit of undo.
    pub group: Option<String>,
    pub edit: Edit,
}

impl Change {
    pub fn new(label: impl Into<String>, edit: Edit) -> Self {
        Change {
            label: label.into(),
            group: None,
            edit,
        }
    }

    #[must_use]
    pub fn grouped(mut self, key: impl Into<String>) -> Self {
        self.group = Some(key.into());
        self
    }
}

/// Why an edit is refused; the document is then as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    NoNode(NodeId),
    Exists(NodeId),
    /// `NodeId` allows letters, digits, `_` and `-`.
    BadId(NodeId),
    NoPort {
        id: NodeId,
        port: usize,
    },
    InUse(NodeId),
    NoOutput(NodeId),
    Cycle(NodeId),
    Dangling {
        from: NodeId,
        to: NodeId,
    },
    Arity(NodeId),
    /// A node's name is one line of text.
    BadName,
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EditError::NoNode(id) => write!(f, "There is no node {id}."),
            EditError::Exists(id) => write!(f, "There is a node {id} already."),
            EditError::BadId(id) => write!(f, "The node id {id:?} may hold letters, digits, _ and - only."),
            EditError::NoPort { id, port } => write!(f, "Node {id} has no input {}.", port + 1),
            EditError::InUse(id) => write!(f, "Another node still reads from {id}."),
            EditError::NoOutput(id) => write!(f, "Node {id} is a target: no rows leave it."),
            EditError::Cycle(id) => write!(f, "Node {id} would read its own output."),
            EditError::Dangling { from, to } => write!(f, "Node {to} reads from {from}, which is not there."),
            EditError::Arity(id) => write!(f, "Node {id} has more or fewer inputs than its kind takes."),
            EditError::BadName => f.write_str("A name is one line of text."),
        }
    }
}

impl core::error::Error for EditError {}

/// A job's document. Its graph is sound (I4) at all times: every way in checks it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    graph: Graph,
    layout: BTreeMap<NodeId, Point>,
    notes: BTreeMap<NodeId, String>,
    history: History,
    /// Bumped by every change; not saved.
    revision: u64,
}

impl Document {
    pub fn new() -> Self {
        Document::default()
    }

    /// Opens a graph that came without a document: laid out afresh, no history. A graph that breaks I4 is refused.
    pub fn from_graph(graph: Graph) -> Result<Self, EditError> {
        check(&graph)?;
        let layout = super::layout::layered(&graph, &BTreeMap::new());
        Ok(Document {
            graph,
            layout,
            ..Document::default()
        })
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Where the cards stand. Every node has a place.
    pub fn layout(&self) -> &BTreeMap<NodeId, Point> {
        &self.layout
    }

    pub fn notes(&self) -> &BTreeMap<NodeId, String> {
        &self.notes
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    #[cfg(test)]
    pub(super) fn history_mut(&mut self) -> &mut History {
        &mut self.history
    }

    /// Grows with every change, undo and redo; two equal revisions of one document are the same document.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    pub fn node(&self, id: &NodeId) -> Option<&Node> {
        self.graph.nodes.get(id)
    }

    pub fn at(&self, id: &NodeId) -> Point {
        self.layout.get(id).copied().unwrap_or_default()
    }

    /// Applies a change and records its inverse. A change that changes nothing is not recorded, and answers `false`.
    pub fn apply(&mut self, change: Change) -> Result<bool, EditError> {
        let Change { label, group, edit } = change;
        let backward = self.perform(&edit)?;
        if is_empty(&backward) {
            return Ok(false);
        }
        self.history.record(label, group, edit, backward);
        self.revision += 1;
        Ok(true)
    }

    /// Ends the current group of strokes (a field was left, a key was released).
    pub fn close_group(&mut self) {
        self.history.close_group();
    }

    /// Takes back the last unit; its label. A history that does not fit the document (a file edited by hand) is dropped.
    pub fn undo(&mut self) -> Option<String> {
        let unit = self.history.undoable()?;
        let (label, edit) = (unit.label.clone(), Edit::Batch(unit.backward.clone()));
        if self.perform(&edit).is_err() {
            self.history.clear();
            return None;
        }
        self.history.back();
        self.history.close_group();
        self.revision += 1;
        Some(label)
    }

    /// Does the next unit again; its label.
    pub fn redo(&mut self) -> Option<String> {
        let unit = self.history.redoable()?;
        let (label, edit) = (unit.label.clone(), Edit::Batch(unit.forward.clone()));
        if self.perform(&edit).is_err() {
            self.history.clear();
            return None;
        }
        self.history.forth();
        self.history.close_group();
        self.revision += 1;
        Some(label)
    }

    /// Applies all of an edit or none of it, sweeps the graph, and answers the inverse.
    fn perform(&mut self, edit: &Edit) -> Result<Edit, EditError> {
        let mut inverses = Vec::new();
        let result = self
            .perform_into(edit, &mut inverses)
            .and_then(|()| if touches_graph(edit) { check(&self.graph) } else { Ok(()) });
        inverses.reverse();
        match result {
            Ok(()) => Ok(if inverses.len() == 1 { inverses.remove(0) } else { Edit::Batch(inverses) }),
            Err(error) => {
                let mut forgotten = Vec::new();
                for inverse in &inverses {
                    let undone = self.perform_into(inverse, &mut forgotten);
                    debug_assert!(undone.is_ok(), "the inverse of an edit that was applied applies");
                }
                Err(error)
            }
        }
    }

    /// Applies an edit and pushes the inverse of each step that changed something.
    fn perform_into(&mut self, edit: &Edit, inverses: &mut Vec<Edit>) -> Result<(), EditError> {
        match edit {
            Edit::AddNode { id, node, at, note } => {
                if self.graph.nodes.contains_key(id) {
                    return Err(EditError::Exists(id.clone()));
                }
                if id.0.is_empty() || !id.0.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') {
                    return Err(EditError::BadId(id.clone()));
                }
                if arity(&node.kind).is_some_and(|ports| ports != node.inputs.len()) {
                    return Err(EditError::Arity(id.clone()));
                }
                one_line(&node.name)?;
                for from in node.inputs.iter().flatten() {
                    self.can_feed(from)?;
                }
                self.graph.nodes.insert(id.clone(), (**node).clone());
                self.layout.insert(id.clone(), at.rounded());
                if !note.is_empty() {
                    self.notes.insert(id.clone(), note.clone());
                }
                inverses.push(Edit::RemoveNode { id: id.clone() });
            }
            Edit::RemoveNode { id } => {
                if self.graph.nodes.values().any(|node| node.inputs.iter().flatten().any(|from| from == id)) {
                    return Err(EditError::InUse(id.clone()));
                }
                let node = self.graph.nodes.remove(id).ok_or_else(|| EditError::NoNode(id.clone()))?;
                inverses.push(Edit::AddNode {
                    id: id.clone(),
                    node: Box::new(node),
                    at: self.layout.remove(id).unwrap_or_default(),
                    note: self.notes.remove(id).unwrap_or_default(),
                });
            }
            Edit::SetInput { id, port, from } => {
                if let Some(from) = from {
                    self.can_feed(from)?;
                    if reaches(&self.graph, id, from) {
                        return Err(EditError::Cycle(id.clone()));
                    }
                }
                let input = self
                    .node_mut(id)?
                    .inputs
                    .get_mut(*port)
                    .ok_or_else(|| EditError::NoPort { id: id.clone(), port: *port })?;
                if input != from {
                    let before = core::mem::replace(input, from.clone());
                    inverses.push(Edit::SetInput {
                        id: id.clone(),
                        port: *port,
                        from: before,
                    });
                }
            }
            Edit::SetKind { id, kind } => {
                let loses_output = !has_output(kind);
                if loses_output && self.graph.nodes.values().any(|node| node.inputs.iter().flatten().any(|from| from == id)) {
                    return Err(EditError::NoOutput(id.clone()));
                }
                let node = self.node_mut(id)?;
                if arity(kind).is_some_and(|ports| ports != node.inputs.len()) {
                    return Err(EditError::Arity(id.clone()));
                }
                if node.kind != **kind {
                    let before = core::mem::replace(&mut node.kind, (**kind).clone());
                    inverses.push(Edit::SetKind {
                        id: id.clone(),
                        kind: Box::new(before),
                    });
                }
            }
            Edit::Rename { id, name } => {
                one_line(name)?;
                let node = self.node_mut(id)?;
                if node.name != *name {
                    let before = core::mem::replace(&mut node.name, name.clone());
                    inverses.push(Edit::Rename { id: id.clone(), name: before });
                }
            }
            Edit::SetReadMode { id, read_mode } => {
                let node = self.node_mut(id)?;
                if node.read_mode != *read_mode {
                    let before = core::mem::replace(&mut node.read_mode, *read_mode);
                    inverses.push(Edit::SetReadMode {
                        id: id.clone(),
                        read_mode: before,
                    });
                }
            }
            Edit::SetNote { id, note } => {
                self.node_mut(id)?;
                let before = if note.is_empty() {
                    self.notes.remove(id)
                } else {
                    self.notes.insert(id.clone(), note.clone())
                };
                let before = before.unwrap_or_default();
                if before != *note {
                    inverses.push(Edit::SetNote { id: id.clone(), note: before });
                }
            }
            Edit::Move { id, to } => {
                self.node_mut(id)?;
                let to = to.rounded();
                let before = self.layout.insert(id.clone(), to).unwrap_or_default();
                if before != to {
                    inverses.push(Edit::Move { id: id.clone(), to: before });
                }
            }
            Edit::Batch(edits) => {
                for edit in edits {
                    self.perform_into(edit, inverses)?;
                }
            }
        }
        Ok(())
    }

    fn node_mut(&mut self, id: &NodeId) -> Result<&mut Node, EditError> {
        self.graph.nodes.get_mut(id).ok_or_else(|| EditError::NoNode(id.clone()))
    }

    fn can_feed(&self, from: &NodeId) -> Result<(), EditError> {
        match self.graph.nodes.get(from) {
            None => Err(EditError::NoNode(from.clone())),
            Some(node) if !has_output(&node.kind) => Err(EditError::NoOutput(from.clone())),
            Some(_) => Ok(()),
        }
    }
}

fn one_line(name: &str) -> Result<(), EditError> {
    if name.contains(['\r', '\n']) { Err(EditError::BadName) } else { Ok(()) }
}

fn is_empty(edit: &Edit) -> bool {
    matches!(edit, Edit::Batch(edits) if edits.iter().all(is_empty))
}

fn touches_graph(edit: &Edit) -> bool {
    match edit {
        Edit::Move { .. } | Edit::SetNote { .. } => false,
        Edit::Batch(edits) => edits.iter().any(touches_graph),
        _ => true,
    }
}

#[derive(Serialize)]
struct DocumentOut<'a> {
    format: &'a str,
    version: u32,
    graph: &'a Graph,
    layout: &'a BTreeMap<NodeId, Point>,
    notes: &'a BTreeMap<NodeId, String>,
    history: &'a History,
}

#[derive(Deserialize)]
struct DocumentIn {
    format: String,
    version: u32,
    graph: Graph,
    #[serde(default)]
    layout: BTreeMap<NodeId, Point>,
    #[serde(default)]
    notes: BTreeMap<NodeId, String>,
    #[serde(default)]
    history: Option<serde_json::Value>,
}

impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        DocumentOut {
            format: DOCUMENT_FORMAT,
            version: DOCUMENT_VERSION,
            graph: &self.graph,
            layout: &self.layout,
            notes: &self.notes,
            history: &self.history,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Document {
    /// Refuses other formats, versions from the future and graphs that break I4. Missing places are laid out; a history that cannot be read is left behind.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        let file = DocumentIn::deserialize(deserializer)?;
        if file.format != DOCUMENT_FORMAT {
            return Err(D::Error::custom(alloc::format!("the format is {:?}, not {DOCUMENT_FORMAT:?}", file.format)));
        }
        if file.version == 0 || file.version > DOCUMENT_VERSION {
            return Err(D::Error::custom(alloc::format!(
                "the document has version {}, this page reads up to {DOCUMENT_VERSION}",
                file.version
            )));
        }
        check(&file.graph).map_err(|error| D::Error::custom(error.to_string()))?;
        let mut layout: BTreeMap<NodeId, Point> = file
            .layout
            .into_iter()
            .filter(|(id, _)| file.graph.nodes.contains_key(id))
            .map(|(id, at)| (id, at.rounded()))
            .collect();
        if layout.len() < file.graph.nodes.len() {
            for (id, at) in super::layout::layered(&file.graph, &layout) {
                layout.entry(id).or_insert(at);
            }
        }
        let history = file
            .history
            .and_then(|value| serde_json::from_value::<History>(value).ok())
            .filter(History::is_sound)
            .unwrap_or_default();
        Ok(Document {
            notes: file
                .notes
                .into_iter()
                .filter(|(id, note)| file.graph.nodes.contains_key(id) && !note.is_empty())
                .collect(),
            graph: file.graph,
            layout,
            history,
            revision: 0,
        })
    }
}
