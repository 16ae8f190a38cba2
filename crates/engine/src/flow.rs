//! Batches through the graph: fan-out, counts, and errors that belong to nodes.
//!
//! Belongs here: the compiled graph and the push of a batch. Does not belong here: where batches come from and where they end (`run`, `preview`).

use std::collections::BTreeMap;
use std::rc::Rc;

use arrow::array::RecordBatch;
use sluice_core::account::NodeError;
use sluice_core::etl::batch::BatchTransform;
use sluice_core::etl::{Field, Graph, NodeId, NodeKind, Role, Transform};

/// A monotonic clock in milliseconds: `Instant` natively, `performance.now` in a worker.
pub type Clock = Rc<dyn Fn() -> f64>;

/// What a node does with a batch.
pub enum Work {
    Source,
    Transform(Box<BatchTransform>),
    Target,
    /// Its error says why it does nothing.
    Nothing,
}

pub struct FlowNode {
    pub id: NodeId,
    pub kind: NodeKind,
    pub work: Work,
    /// Columns that leave the node; for a target, that enter it.
    pub fields: Vec<Field>,
    pub parents: Vec<Option<usize>>,
    pub children: Vec<(usize, usize)>,
    /// Of `fields`, those that somebody needs.
    pub live: Vec<bool>,
    pub error: Option<NodeError>,
    pub rows_in: u64,
    pub rows_out: u64,
    pub millis: f64,
}

/// The graph, compiled against the columns of its sources. Nodes stand parents first.
pub struct Flow {
    pub nodes: Vec<FlowNode>,
    clock: Clock,
}

/// Sees batches as they pass.
pub trait Sink {
    fn entering(&mut self, node: usize, port: usize, batch: &RecordBatch) -> Result<(), String>;
    fn leaving(&mut self, node: usize, batch: &RecordBatch) -> Result<(), String>;
}

fn node_error(id: &NodeId, message: impl Into<String>) -> NodeError {
    NodeError {
        node: Some(id.clone()),
        field: None,
        message: message.into(),
    }
}

impl Flow {
    /// `sources`: the columns of each source, or why it cannot be read. Errors: only what makes the whole graph no graph; a node's error is on the node.
    pub fn compile(graph: &Graph, mut sources: BTreeMap<NodeId, Result<Vec<Field>, NodeError>>, clock: Clock) -> Result<Flow, NodeError> {
        let order = graph.topological().map_err(|error| NodeError {
            node: error.node().cloned(),
            field: None,
            message: error.to_string(),
        })?;
        let mut nodes: Vec<FlowNode> = Vec::with_capacity(order.len());
        let mut index: BTreeMap<NodeId, usize> = BTreeMap::new();
        for id in order {
            let Some(node) = graph.nodes.get(&id) else { continue };
            let parents: Vec<Option<usize>> = node
                .inputs
                .iter()
                .map(|input| input.as_ref().and_then(|input| index.get(input).copied()))
                .collect();
            let broken = parents
                .iter()
                .flatten()
                .any(|parent| nodes.get(*parent).is_none_or(|parent| matches!(parent.work, Work::Nothing)));
            let inputs: Vec<Vec<Field>> = parents
                .iter()
                .flatten()
                .filter_map(|parent| nodes.get(*parent).map(|parent| parent.fields.clone()))
                .collect();
            let (work, fields, error) = match node.kind.role() {
                Role::Source => match sources.remove(&id) {
                    Some(Ok(fields)) => (Work::Source, fields, None),
                    Some(Err(error)) => (Work::Nothing, Vec::new(), Some(error)),
                    None => (Work::Nothing, Vec::new(), Some(node_error(&id, "what this source reads is not known"))),
                },
                // The parent's error is enough.
                _ if broken => (Work::Nothing, Vec::new(), None),
                _ if parents.is_empty() || parents.iter().any(Option::is_none) => {
                    (Work::Nothing, Vec::new(), Some(node_error(&id, "an input of this node is not connected")))
                }
                Role::Target => (Work::Target, inputs.into_iter().next().unwrap_or_default(), None),
                Role::Transform | Role::Control => match compile(&node.kind, &inputs) {
                    Ok(transform) => {
                        let work = BatchTransform::new(transform, inputs);
                        let fields = work.output().to_vec();
                        (Work::Transform(Box::new(work)), fields, None)
                    }
                    Err(mut error) => {
                        error.node = Some(id.clone());
                        (Work::Nothing, Vec::new(), Some(error))
                    }
                },
            };
            let at = nodes.len();
            for (port, parent) in parents.iter().enumerate() {
                if let Some(parent) = parent.and_then(|parent| nodes.get_mut(parent)) {
                    parent.children.push((at, port));
                }
            }
            index.insert(id.clone(), at);
            nodes.push(FlowNode {
                id,
                kind: node.kind.clone(),
                work,
                live: vec![false; fields.len()],
                fields,
                parents,
                children: Vec::new(),
                error,
                rows_in: 0,
                rows_out: 0,
                millis: 0.0,
            });
        }
        Ok(Flow { nodes, clock })
    }

    pub fn find(&self, id: &NodeId) -> Option<usize> {
        self.nodes.iter().position(|node| node.id == *id)
    }

    /// Computes backwards which columns anybody needs. `all`: nodes whose columns are needed whole.
    pub fn mark_live(&mut self, all: &dyn Fn(&FlowNode) -> bool) {
        for at in (0..self.nodes.len()).rev() {
            let Some(node) = self.nodes.get_mut(at) else { continue };
            if all(node) {
                node.live.fill(true);
            }
            let parents = node.parents.clone();
            let needs: Vec<Vec<bool>> = match &node.work {
                Work::Source | Work::Nothing => continue,
                Work::Target => vec![node.live.clone()],
                Work::Transform(transform) => (0..parents.len()).map(|port| transform.needs(port, &node.live)).collect(),
            };
            for (parent, needs) in parents.iter().zip(needs) {
                if let Some(parent) = parent.and_then(|parent| self.nodes.get_mut(parent)) {
                    for (live, needed) in parent.live.iter_mut().zip(needs) {
                        *live |= needed;
                    }
                }
            }
        }
    }

    /// Sources that feed `wanted` nodes, in the order of the input ports: the rows of a Union come port by port.
    pub fn sources_of(&self, wanted: &dyn Fn(&FlowNode) -> bool) -> Vec<usize> {
        fn visit(flow: &Flow, at: usize, seen: &mut Vec<bool>, found: &mut Vec<usize>) {
            let Some(node) = flow.nodes.get(at) else { return };
            match seen.get_mut(at) {
                Some(seen) if !*seen => *seen = true,
                _ => return,
            }
            if matches!(node.work, Work::Source) {
                found.push(at);
            }
            for parent in node.parents.iter().flatten() {
                visit(flow, *parent, seen, found);
            }
        }
        let mut seen = vec![false; self.nodes.len()];
        let mut found = Vec::new();
        for (at, node) in self.nodes.iter().enumerate() {
            if wanted(node) {
                visit(self, at, &mut seen, &mut found);
            }
        }
        found
    }

    /// A batch leaves source `at` and goes wherever it goes. An error stays on the node it came up in; nodes below get nothing more. Gives that node.
    pub fn push(&mut self, at: usize, batch: &RecordBatch, sink: &mut dyn Sink) -> Option<usize> {
        let node = self.nodes.get_mut(at)?;
        node.rows_in += batch.num_rows() as u64;
        self.leave(at, batch, sink)
    }

    fn leave(&mut self, at: usize, batch: &RecordBatch, sink: &mut dyn Sink) -> Option<usize> {
        let node = self.nodes.get_mut(at)?;
        node.rows_out += batch.num_rows() as u64;
        if let Err(message) = sink.leaving(at, batch) {
            return Some(self.fail(at, message));
        }
        let children = self.nodes.get(at).map(|node| node.children.clone()).unwrap_or_default();
        let mut failed = None;
        for (child, port) in children {
            failed = self.enter(child, port, batch, sink).or(failed);
        }
        failed
    }

    fn enter(&mut self, at: usize, port: usize, batch: &RecordBatch, sink: &mut dyn Sink) -> Option<usize> {
        let start = (self.clock)();
        let node = self.nodes.get_mut(at)?;
        if node.error.is_some() || matches!(node.work, Work::Nothing) {
            return None;
        }
        node.rows_in += batch.num_rows() as u64;
        let entered = sink.entering(at, port, batch);
        if let Err(message) = entered {
            return Some(self.fail(at, message));
        }
        let node = self.nodes.get_mut(at)?;
        let out = match &mut node.work {
            Work::Transform(transform) => match transform.apply(port, batch, &node.live) {
                Ok(out) => Some(out),
                Err(error) => return Some(self.fail(at, error.to_string())),
            },
            Work::Target => {
                node.rows_out += batch.num_rows() as u64;
                None
            }
            Work::Source | Work::Nothing => None,
        };
        node.millis += (self.clock)() - start;
        match out {
            Some(out) if out.num_rows() > 0 => self.leave(at, &out, sink),
            _ => None,
        }
    }

    pub fn fail(&mut self, at: usize, message: String) -> usize {
        if let Some(node) = self.nodes.get_mut(at) {
            node.error = Some(node_error(&node.id, message));
        }
        at
    }
}

/// Compiles a transform, ready to run.
fn compile(kind: &NodeKind, inputs: &[Vec<Field>]) -> Result<Transform, NodeError> {
    let transform = Transform::compile(kind, &inputs.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
    transform.prepare()?;
    Ok(transform)
}
