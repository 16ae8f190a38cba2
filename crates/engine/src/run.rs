//! A run of a job: plans its sources, streams them through the graph into its targets, a slice at a time.
//!
//! Belongs here: the order of a run's work, its report and its end. Does not belong here: messages, workers.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use arrow::array::RecordBatch;
use sluice_core::account::{BadRow, JobOutput, NodeError, NodeReport, RunFailure, RunPlan, RunReport, SourceInput};
use sluice_core::etl::{Field, NodeId, NodeKind, Role};
use sluice_protocol::{NodeProgress, RunEnd, RunProgress};

use crate::flow::{Clock, Flow, Sink, Work};
use crate::format::ReadError;
use crate::output::OutputStore;
use crate::source::{Open, Planner, SourceNext, SourcePlan, TableReader};
use crate::write::{Outputs, TargetSpec, TargetWriter};

/// What a slice of work left.
pub enum Step {
    More,
    Done(Box<RunResult>),
}

/// How a run ended. `files[i]`: the name that the store knows `outputs[i]` by. A run that did not succeed names no outputs.
#[derive(Clone, Debug)]
pub struct RunResult {
    pub end: RunEnd,
    pub report: RunReport,
    pub outputs: Vec<JobOutput>,
    pub files: Vec<String>,
}

enum State {
    Planning { node: usize, planner: Option<Box<Planner>> },
    Reading { source: usize, reader: Option<Box<TableReader>> },
    Finishing { target: usize },
    Ended,
}

#[derive(Default)]
struct Targets {
    writers: BTreeMap<usize, TargetWriter>,
}

impl Sink for Targets {
    fn entering(&mut self, node: usize, _port: usize, batch: &RecordBatch) -> Result<(), String> {
        match self.writers.get_mut(&node) {
            Some(writer) => writer.write(batch).map_err(|error| error.0),
            None => Ok(()),
        }
    }

    fn leaving(&mut self, _node: usize, _batch: &RecordBatch) -> Result<(), String> {
        Ok(())
    }
}

/// A run in progress.
pub struct Run {
    plan: RunPlan,
    inputs: BTreeMap<NodeId, Rc<SourceInput>>,
    open: Open,
    clock: Clock,
    store: Option<Box<dyn OutputStore>>,
    state: State,
    to_plan: Vec<NodeId>,
    planned: BTreeMap<NodeId, SourcePlan>,
    flow: Option<Flow>,
    order: Vec<usize>,
    targets: Targets,
    source_reports: BTreeMap<NodeId, (u64, Vec<BadRow>, f64)>,
    bytes_done: u64,
    bytes_total: u64,
    cancelled: bool,
}

/// The columns that a source node was shown with; they stand in where its objects have none.
pub fn saved_columns(kind: &NodeKind) -> Vec<Field> {
    match kind {
        NodeKind::S3CsvSource(source) => source.columns.clone(),
        NodeKind::S3JsonSource(source) => source.columns.clone(),
        NodeKind::S3ParquetSource(source) => source.columns.clone(),
        _ => Vec::new(),
    }
}

/// The error of a source, on its node.
pub fn source_error(id: &NodeId, error: &ReadError) -> NodeError {
    NodeError {
        node: Some(id.clone()),
        field: None,
        message: error.message.clone(),
    }
}

fn read_failure(id: &NodeId, error: ReadError) -> Box<RunFailure> {
    Box::new(RunFailure {
        error: source_error(id, &error),
        row: error.row.map(|row| *row),
    })
}

impl Run {
    pub fn new(plan: RunPlan, open: Open, store: Box<dyn OutputStore>, clock: Clock) -> Self {
        let inputs: BTreeMap<NodeId, Rc<SourceInput>> = plan.inputs.iter().map(|(id, input)| (id.clone(), Rc::new(input.clone()))).collect();
        let bytes_total = plan.inputs.values().flat_map(|input| &input.objects).map(|object| object.blob.size).sum();
        let to_plan = plan
            .graph
            .nodes
            .iter()
            .filter(|(_, node)| node.kind.role() == Role::Source)
            .map(|(id, _)| id.clone())
            .collect();
        Run {
            plan,
            inputs,
            open,
            clock,
            store: Some(store),
            state: State::Planning { node: 0, planner: None },
            to_plan,
            planned: BTreeMap::new(),
            flow: None,
            order: Vec::new(),
            targets: Targets::default(),
            source_reports: BTreeMap::new(),
            bytes_done: 0,
            bytes_total,
            cancelled: false,
        }
    }

    pub fn run_id(&self) -> &str {
        &self.plan.run_id
    }

    /// The run ends with [`RunEnd::Stopped`] at its next step.
    pub fn cancel(&mut self) {
        self.cancelled = true;
    }

    /// Works in units of a few milliseconds until `keep_going` says no, which it is asked after each unit.
    pub fn step(&mut self, keep_going: &mut dyn FnMut() -> bool) -> Step {
        loop {
            if self.cancelled {
                return Step::Done(Box::new(self.end(RunEnd::Stopped)));
            }
            match self.unit() {
                Ok(None) => {}
                Ok(Some(end)) => return Step::Done(Box::new(self.end(end))),
                Err(failure) => return Step::Done(Box::new(self.end(RunEnd::Failed(*failure)))),
            }
            if !keep_going() {
                return Step::More;
            }
        }
    }

    fn unit(&mut self) -> Result<Option<RunEnd>, Box<RunFailure>> {
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Planning { node, planner } => {
                let Some(id) = self.to_plan.get(node).cloned() else {
                    self.compile().map_err(|error| Box::new(RunFailure { error, row: None }))?;
                    self.state = State::Reading { source: 0, reader: None };
                    return Ok(None);
                };
                let mut planner = match planner {
                    Some(planner) => planner,
                    None => match self.inputs.get(&id) {
                        Some(input) => Box::new(Planner::new(input.clone(), self.open.clone(), None)),
                        None => {
                            self.state = State::Planning { node: node + 1, planner: None };
                            return Ok(None);
                        }
                    },
                };
                let saved = self.plan.graph.nodes.get(&id).map(|node| saved_columns(&node.kind)).unwrap_or_default();
                let done = planner.step(&saved).map_err(|error| read_failure(&id, error))?;
                self.state = match done {
                    Some(plan) => {
                        self.planned.insert(id, plan);
                        State::Planning { node: node + 1, planner: None }
                    }
                    None => State::Planning { node, planner: Some(planner) },
                };
                Ok(None)
            }
            State::Reading { source, reader } => self.read(source, reader),
            State::Finishing { target } => {
                let Some(at) = self.targets.writers.keys().nth(target).copied() else {
                    return Ok(Some(RunEnd::Succeeded));
                };
                let more = match self.targets.writers.get_mut(&at) {
                    Some(writer) => writer.finish_one(),
                    None => Ok(false),
                };
                match more {
                    Ok(true) => self.state = State::Finishing { target },
                    Ok(false) => self.state = State::Finishing { target: target + 1 },
                    Err(error) => return Err(self.failed(at, error.0)),
                }
                Ok(None)
            }
            State::Ended => Ok(Some(RunEnd::Stopped)),
        }
    }

    fn compile(&mut self) -> Result<(), NodeError> {
        let sources = self.planned.iter().map(|(id, plan)| (id.clone(), Ok(plan.fields.clone()))).collect();
        let mut flow = Flow::compile(&self.plan.graph, sources, self.clock.clone())?;
        if let Some(error) = flow.nodes.iter().find_map(|node| node.error.clone()) {
            return Err(error);
        }
        let whole = |message: &str| NodeError {
            node: None,
            field: None,
            message: message.to_owned(),
        };
        if flow.nodes.is_empty() {
            return Err(whole("the job has no nodes"));
        }
        if !flow.nodes.iter().any(|node| matches!(node.work, Work::Target)) {
            return Err(whole("the job has no target, so there is nothing to write"));
        }
        let store = self.store.take().ok_or_else(|| whole("the run was compiled before"))?;
        let outputs = Rc::new(RefCell::new(Outputs::new(store, &self.plan.run_id, self.plan.started_millis)));
        for (at, node) in flow.nodes.iter().enumerate() {
            if matches!(node.work, Work::Target) {
                let spec = TargetSpec::new(&node.id, &node.kind, &node.fields)?;
                self.targets.writers.insert(at, TargetWriter::new(spec, outputs.clone()));
            }
        }
        flow.mark_live(&|node| matches!(node.work, Work::Target));
        self.order = flow.sources_of(&|node| matches!(node.work, Work::Target));
        self.flow = Some(flow);
        Ok(())
    }

    fn read(&mut self, source: usize, reader: Option<Box<TableReader>>) -> Result<Option<RunEnd>, Box<RunFailure>> {
        let start = (self.clock)();
        let (Some(flow), Some(at)) = (&mut self.flow, self.order.get(source).copied()) else {
            self.state = State::Finishing { target: 0 };
            return Ok(None);
        };
        let Some(node) = flow.nodes.get(at) else {
            return Ok(None);
        };
        let id = node.id.clone();
        let mut reader = match reader {
            Some(reader) => reader,
            None => match (self.inputs.get(&id), self.planned.get(&id)) {
                (Some(input), Some(plan)) => Box::new(TableReader::new(input.clone(), plan.clone(), self.open.clone(), node.live.clone())),
                _ => {
                    self.state = State::Reading {
                        source: source + 1,
                        reader: None,
                    };
                    return Ok(None);
                }
            },
        };
        let before = reader.bytes_done();
        let next = reader.step();
        self.bytes_done += reader.bytes_done().saturating_sub(before);
        let report = self.source_reports.entry(id.clone()).or_default();
        report.0 = reader.bad_rows();
        if report.1.len() < crate::format::BAD_SAMPLES && report.0 > report.1.len() as u64 {
            report.1 = reader.bad_samples();
        }
        report.2 += (self.clock)() - start;
        match next {
            Err(error) => Err(read_failure(&id, error)),
            Ok(SourceNext::End) => {
                self.state = State::Reading {
                    source: source + 1,
                    reader: None,
                };
                Ok(None)
            }
            Ok(SourceNext::Working) => {
                self.state = State::Reading { source, reader: Some(reader) };
                Ok(None)
            }
            Ok(SourceNext::Batch(batch)) => {
                let failed = flow.push(at, &batch, &mut self.targets);
                if let Some(error) = failed.and_then(|failed| flow.nodes.get(failed)).and_then(|node| node.error.clone()) {
                    return Err(Box::new(RunFailure { error, row: None }));
                }
                self.state = State::Reading { source, reader: Some(reader) };
                Ok(None)
            }
        }
    }

    fn failed(&self, at: usize, message: String) -> Box<RunFailure> {
        let error = NodeError {
            node: self.flow.as_ref().and_then(|flow| flow.nodes.get(at)).map(|node| node.id.clone()),
            field: None,
            message,
        };
        Box::new(RunFailure { error, row: None })
    }

    fn end(&mut self, end: RunEnd) -> RunResult {
        self.state = State::Ended;
        let report = self.report();
        let written: Vec<_> = if end == RunEnd::Succeeded {
            self.targets
                .writers
                .values_mut()
                .flat_map(|writer| std::mem::take(&mut writer.written))
                .collect()
        } else {
            Vec::new()
        };
        // Closes what is open; stores drop what was not finished.
        self.targets.writers.clear();
        RunResult {
            end,
            report,
            outputs: written.iter().map(|written| written.output.clone()).collect(),
            files: written.into_iter().map(|written| written.scratch).collect(),
        }
    }

    /// Counts so far.
    pub fn report(&self) -> RunReport {
        let mut report = RunReport::default();
        for node in self.flow.iter().flat_map(|flow| &flow.nodes) {
            let (bad_rows, bad_samples, millis) = self.source_reports.get(&node.id).cloned().unwrap_or_default();
            report.nodes.insert(
                node.id.clone(),
                NodeReport {
                    rows_in: node.rows_in,
                    rows_out: node.rows_out,
                    bad_rows,
                    bad_samples,
                    millis: node.millis + millis,
                    schema: node.fields.clone(),
                },
            );
        }
        report
    }

    /// `memory`: the host's high-water mark, bytes.
    pub fn progress(&self, memory: u64) -> RunProgress {
        RunProgress {
            run_id: self.plan.run_id.clone(),
            nodes: self
                .flow
                .iter()
                .flat_map(|flow| &flow.nodes)
                .map(|node| {
                    (
                        node.id.clone(),
                        NodeProgress {
                            rows_in: node.rows_in,
                            rows_out: node.rows_out,
                        },
                    )
                })
                .collect(),
            bytes_done: self.bytes_done,
            bytes_total: self.bytes_total,
            memory,
        }
    }
}
