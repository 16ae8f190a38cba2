//! The live preview: the graph over the first rows of its sources, and what columns a source has.
//!
//! Belongs here: previews and the rows kept between them. Does not belong here: anything that writes.

use std::collections::BTreeMap;
use std::rc::Rc;

use arrow::array::RecordBatch;
use sluice_core::account::{BadRow, NodeError, SourceInput};
use sluice_core::etl::{Field, NodeId, Role};
use sluice_protocol::{NodePreview, PREVIEW_ROWS, PreviewReply, PreviewRequest, SniffReply, SniffRequest};

use crate::flow::{Clock, Flow, Sink, Work};
use crate::format::ReadError;
use crate::page::page;
use crate::run::{saved_columns, source_error};
use crate::source::{Open, Planner, SourceNext, TableReader};
use crate::write::TargetSpec;

/// Bytes of decoded rows that one source's preview may take; a source of very wide rows shows fewer of them.
const MAX_SOURCE_BYTES: usize = 64 << 20;

/// Bytes that previews keep between each other.
const CACHE_BYTES: usize = 96 << 20;

struct Head {
    fields: Vec<Field>,
    batches: Vec<RecordBatch>,
    truncated: bool,
    bad_rows: u64,
    bad_samples: Vec<BadRow>,
    millis: f64,
    bytes: usize,
}

/// First rows of sources, kept while they are looked at; the one used longest ago goes first.
#[derive(Default)]
pub struct PreviewCache {
    heads: Vec<(String, Rc<Head>)>,
}

impl PreviewCache {
    fn get(&mut self, key: &str) -> Option<Rc<Head>> {
        let at = self.heads.iter().position(|(known, _)| known == key)?;
        let entry = self.heads.remove(at);
        let head = entry.1.clone();
        self.heads.push(entry);
        Some(head)
    }

    fn put(&mut self, key: String, head: Rc<Head>) {
        self.heads.push((key, head));
        while self.heads.len() > 1 && self.heads.iter().map(|(_, head)| head.bytes).sum::<usize>() > CACHE_BYTES {
            self.heads.remove(0);
        }
    }
}

fn read_source_head(input: &SourceInput, saved: &[Field], open: &Open, limit: u64, clock: &Clock) -> Result<Head, ReadError> {
    let start = clock();
    let input = Rc::new(input.clone());
    let mut planner = Planner::new(input.clone(), open.clone(), Some(limit));
    let plan = loop {
        if let Some(plan) = planner.step(saved)? {
            break plan;
        }
    };
    let fields = plan.fields.clone();
    let live = vec![true; fields.len()];
    let mut reader = TableReader::new(input, plan, open.clone(), live);
    let mut head = Head {
        fields,
        batches: Vec::new(),
        truncated: false,
        bad_rows: 0,
        bad_samples: Vec::new(),
        millis: 0.0,
        bytes: 0,
    };
    let mut rows = 0;
    loop {
        match reader.step()? {
            SourceNext::End => break,
            SourceNext::Working => {}
            SourceNext::Batch(batch) => {
                let room = limit - rows;
                if room == 0 || head.bytes > MAX_SOURCE_BYTES {
                    head.truncated = true;
                    break;
                }
                let take = (batch.num_rows() as u64).min(room);
                head.truncated = take < batch.num_rows() as u64;
                let batch = batch.slice(0, take as usize);
                rows += take;
                head.bytes += batch.get_array_memory_size();
                head.batches.push(batch);
                if head.truncated {
                    break;
                }
            }
        }
    }
    head.bad_rows = reader.bad_rows();
    head.bad_samples = reader.bad_samples();
    head.millis = clock() - start;
    Ok(head)
}

/// Keeps what passes the focused node.
struct Capture {
    focus: Option<usize>,
    target: bool,
    output: Vec<RecordBatch>,
    input: Vec<RecordBatch>,
}

impl Sink for Capture {
    fn entering(&mut self, node: usize, _port: usize, batch: &RecordBatch) -> Result<(), String> {
        if self.focus == Some(node) {
            self.input.push(batch.clone());
        }
        Ok(())
    }

    fn leaving(&mut self, node: usize, batch: &RecordBatch) -> Result<(), String> {
        if self.focus == Some(node) {
            self.output.push(batch.clone());
        }
        Ok(())
    }
}

/// Runs the graph over the first rows of its sources. A node's error is on the node, and the other branches go on.
///
/// Errors: what makes the graph no graph.
pub fn preview(request: &PreviewRequest, open: &Open, cache: &mut PreviewCache, clock: &Clock) -> Result<PreviewReply, Vec<NodeError>> {
    let limit = request.limit.clamp(1, PREVIEW_ROWS);
    let mut heads: BTreeMap<NodeId, Rc<Head>> = BTreeMap::new();
    let mut sources: BTreeMap<NodeId, Result<Vec<Field>, NodeError>> = BTreeMap::new();
    let mut bad_rows: BTreeMap<NodeId, BadRow> = BTreeMap::new();
    for (id, node) in &request.graph.nodes {
        if node.kind.role() != Role::Source {
            continue;
        }
        let Some(input) = request.inputs.get(id) else { continue };
        let saved = saved_columns(&node.kind);
        let key = serde_json::to_string(&(input, &saved, limit)).unwrap_or_default();
        let head = match cache.get(&key) {
            Some(head) => Ok(head),
            None => read_source_head(input, &saved, open, limit, clock).map(|head| {
                let head = Rc::new(head);
                cache.put(key, head.clone());
                head
            }),
        };
        match head {
            Ok(head) => {
                sources.insert(id.clone(), Ok(head.fields.clone()));
                heads.insert(id.clone(), head);
            }
            Err(error) => {
                sources.insert(id.clone(), Err(source_error(id, &error)));
                if let Some(row) = error.row {
                    bad_rows.insert(id.clone(), *row);
                }
            }
        }
    }
    let mut flow = Flow::compile(&request.graph, sources, clock.clone()).map_err(|error| vec![error])?;
    let focus = request.focus.as_ref().and_then(|focus| flow.find(focus));
    let parents: Vec<usize> = focus
        .and_then(|focus| flow.nodes.get(focus))
        .map(|node| node.parents.iter().flatten().copied().collect())
        .unwrap_or_default();
    let whole: Vec<NodeId> = focus
        .iter()
        .chain(&parents)
        .filter_map(|at| flow.nodes.get(*at).map(|node| node.id.clone()))
        .collect();
    flow.mark_live(&|node| whole.contains(&node.id));
    let mut capture = Capture {
        focus,
        target: focus
            .and_then(|focus| flow.nodes.get(focus))
            .is_some_and(|node| matches!(node.work, Work::Target)),
        output: Vec::new(),
        input: Vec::new(),
    };
    for at in flow.sources_of(&|_| true) {
        let Some(head) = flow.nodes.get(at).and_then(|node| heads.get(&node.id)).cloned() else {
            continue;
        };
        for batch in &head.batches {
            flow.push(at, batch, &mut capture);
        }
    }
    for node in &mut flow.nodes {
        if matches!(node.work, Work::Target)
            && node.error.is_none()
            && let Err(error) = TargetSpec::new(&node.id, &node.kind, &node.fields)
        {
            node.error = Some(error);
        }
    }
    let mut reply = PreviewReply::default();
    for node in &flow.nodes {
        let head = heads.get(&node.id);
        let mut shown = NodePreview {
            rows_in: node.rows_in,
            rows_out: node.rows_out,
            truncated: head.is_some_and(|head| head.truncated),
            millis: node.millis + head.map_or(0.0, |head| head.millis),
            schema: node.fields.clone(),
            error: node.error.clone(),
            bad_rows: head.map_or(0, |head| head.bad_rows),
            bad_samples: head.map(|head| head.bad_samples.clone()).unwrap_or_default(),
        };
        if let Some(row) = bad_rows.remove(&node.id) {
            shown.bad_rows = 1;
            shown.bad_samples = vec![row];
        }
        reply.nodes.insert(node.id.clone(), shown);
    }
    if let Some(node) = focus.and_then(|focus| flow.nodes.get(focus)) {
        let truncated = heads.values().any(|head| head.truncated);
        let usable = !matches!(node.work, Work::Nothing);
        let batches = if capture.target { &capture.input } else { &capture.output };
        if usable {
            reply.output = Some(page(&node.fields, batches, request.offset, request.rows, !truncated, true));
        }
        if let [parent] = parents.as_slice()
            && let Some(parent) = flow.nodes.get(*parent)
            && !matches!(parent.work, Work::Nothing)
            && usable
        {
            reply.input = Some(page(&parent.fields, &capture.input, request.offset, request.rows, !truncated, false));
        }
    }
    Ok(reply)
}

/// The columns of a source, from its objects.
pub fn sniff(request: &SniffRequest, open: &Open) -> Result<SniffReply, NodeError> {
    let input = Rc::new(request.source.clone());
    let mut planner = Planner::new(input.clone(), open.clone(), Some(PREVIEW_ROWS));
    let plan = loop {
        match planner.step(&[]) {
            Ok(Some(plan)) => break plan,
            Ok(None) => {}
            Err(error) => return Err(source_error(&request.node, &error)),
        }
    };
    let mut notes = Vec::new();
    if input.objects.is_empty() {
        notes.push("There is no object under the path.".to_owned());
    } else if plan.fields.is_empty() {
        notes.push("The objects are empty: they show no columns.".to_owned());
    }
    Ok(SniffReply { columns: plan.fields, notes })
}
