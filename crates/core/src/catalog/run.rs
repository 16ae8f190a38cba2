//! Job runs: starting one, stopping it, and what its answer does.
//!
//! Belongs here: states of a run. Does not belong here: what a run does to rows (the data engine) or to tables (see `sink`).

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Glue;
use super::database::with_token;
use super::hash::long_hex;
use super::job::{EXECUTION_CLASS, Job, WORKER_TYPE, no_job};
use super::shape::{self, COUNT, Kind, NAME, NAMES, TEXT, may, need};
use super::{input, sink};
use crate::account::{ApiError, Effect, JobOutput, NodeError, ObjectSource, RunFailure, RunPlan, RunReport};
use crate::etl::{Graph, NodeId, ReadMode, Severity, from_codegen, validate};
use crate::sim::SimTime;

/// Runs kept of one job.
const MAX_RUNS: usize = 500;
const PAGE: usize = 200;
/// The job argument that carries the read modes of sources: `{"<node id>": "PERMISSIVE"}`. Ours; Glue passes it on unread.
pub const READ_MODES: &str = "--sluice-read-modes";

/// `JobRunState`. The data worker takes a run as soon as it is started, so there is no `STARTING`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Running,
    Stopping,
    Stopped,
    Succeeded,
    Failed,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Run {
    id: String,
    job: String,
    state: State,
    started: SimTime,
    modified: SimTime,
    completed: Option<SimTime>,
    error: Option<String>,
    arguments: Map<String, Value>,
    attempt: u64,
    previous: Option<String>,
    /// Members that the run takes from the job as it was then.
    job_members: Map<String, Value>,
    /// The graph as the job holds it: what the catalog is updated by.
    graph: Graph,
    /// What the data worker does; gone when it is done.
    plan: Option<RunPlan>,
    report: Option<RunReport>,
    outputs: Vec<JobOutput>,
    failure: Option<RunFailure>,
}

impl Run {
    pub(super) fn is_active(&self) -> bool {
        matches!(self.state, State::Running | State::Stopping)
    }

    pub(super) fn cancel(&self) -> Effect {
        Effect::CancelRun { run_id: self.id.clone() }
    }

    /// Seconds, rounded down.
    fn execution_time(&self, now: SimTime) -> i64 {
        ((self.completed.unwrap_or(now).micros() - self.started.micros()) / 1_000_000).max(0)
    }

    fn end(&mut self, now: SimTime, state: State, report: RunReport) {
        self.state = state;
        self.modified = now;
        self.completed = Some(now);
        self.plan = None;
        self.report = Some(report);
    }

    fn fail(&mut self, failure: RunFailure) {
        self.state = State::Failed;
        self.error = Some(self.describe(&failure.error));
        self.failure = Some(failure);
    }

    /// An error with the name of its node.
    fn describe(&self, error: &NodeError) -> String {
        match error.node.as_ref().and_then(|id| self.graph.nodes.get(id)) {
            Some(node) => format!("{}: {}", node.name, error.message),
            None => error.message.clone(),
        }
    }

    fn show(&self, now: SimTime) -> Value {
        let mut shown = self.job_members.clone();
        shown.insert("Id".into(), json!(self.id));
        shown.insert("Attempt".into(), json!(self.attempt));
        shown.insert("JobName".into(), json!(self.job));
        shown.insert("StartedOn".into(), json!(self.started.to_string()));
        shown.insert("LastModifiedOn".into(), json!(self.modified.to_string()));
        shown.insert("JobRunState".into(), json!(self.state));
        shown.insert("PredecessorRuns".into(), json!([]));
        shown.insert("ExecutionTime".into(), json!(self.execution_time(now)));
        shown.insert("LogGroupName".into(), json!("/aws-glue/jobs"));
        if let Some(previous) = &self.previous {
            shown.insert("PreviousRunId".into(), json!(previous));
        }
        if !self.arguments.is_empty() {
            shown.insert("Arguments".into(), Value::Object(self.arguments.clone()));
        }
        if let Some(completed) = self.completed {
            shown.insert("CompletedOn".into(), json!(completed.to_string()));
            let capacity = self.job_members.get("MaxCapacity").and_then(Value::as_f64).unwrap_or(0.0);
            shown.insert("DPUSeconds".into(), json!(capacity * self.execution_time(now) as f64));
        }
        if let Some(error) = &self.error {
            shown.insert("ErrorMessage".into(), json!(error));
        }
        if let Some(report) = &self.report {
            let mut ours = serde_json::to_value(report).unwrap_or_default();
            if let Value::Object(members) = &mut ours {
                members.insert("Outputs".into(), serde_json::to_value(&self.outputs).unwrap_or_default());
                members.insert("Failure".into(), serde_json::to_value(&self.failure).unwrap_or_default());
            }
            shown.insert("SluiceReport".into(), ours);
        }
        Value::Object(shown)
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInputException", message)
}

fn no_run(id: &str) -> ApiError {
    ApiError::new("EntityNotFoundException", format!("Job run with id {id} not found."))
}

/// All that keeps a graph from running, in one message: a line each, with node and field.
fn refuse(faults: &[NodeError]) -> ApiError {
    let lines: Vec<String> = faults
        .iter()
        .map(|fault| match (&fault.node, &fault.field) {
            (Some(node), Some(field)) => format!("{node}, {field}: {}", fault.message),
            (Some(node), None) => format!("{node}: {}", fault.message),
            (None, Some(field)) => format!("{field}: {}", fault.message),
            (None, None) => fault.message.clone(),
        })
        .collect();
    invalid(format!("The job can't run. {}", lines.join("\n")))
}

/// Puts the read modes of a job's arguments on the nodes.
fn set_read_modes(graph: &mut Graph, text: &str) -> Result<(), ApiError> {
    let modes: BTreeMap<NodeId, ReadMode> = serde_json::from_str(text).map_err(|error| {
        invalid(format!(
            "{READ_MODES} must be {{\"<node id>\": \"PERMISSIVE\" | \"DROPMALFORMED\" | \"FAILFAST\"}}: {error}"
        ))
    })?;
    for (id, mode) in modes {
        if let Some(node) = graph.nodes.get_mut(&id) {
            node.read_mode = mode;
        }
    }
    Ok(())
}

impl Glue {
    /// The job's graph, checked, with everything that it reads; or the errors that `StartJobRun` answers.
    fn plan(&self, job: &Job, arguments: &Map<String, Value>, objects: &dyn ObjectSource) -> Result<(Graph, RunPlan), ApiError> {
        let nodes = job.nodes().ok_or_else(|| {
            invalid("The job has no CodeGenConfigurationNodes: it is no visual job.")
                .with_help("Sluice runs visual jobs. Add nodes in the visual editor and save the job.")
        })?;
        let mut graph = from_codegen(nodes).map_err(|faults| refuse(&faults))?;
        if let Some(modes) = arguments.get(READ_MODES).and_then(Value::as_str).or_else(|| job.argument(READ_MODES)) {
            set_read_modes(&mut graph, modes)?;
        }
        let mut faults: Vec<NodeError> = validate(&graph, self)
            .into_iter()
            .filter(|problem| problem.severity == Severity::Error)
            .map(|problem| NodeError {
                node: problem.node,
                field: problem.field,
                message: problem.message,
            })
            .collect();
        let mut resolved = graph.clone();
        faults.extend(sink::resolve(&self.catalog, &mut resolved, objects));
        let inputs = match input::resolve(&self.catalog, &graph, objects) {
            Ok(inputs) => inputs,
            Err(found) => {
                // Validation may have said the same of a field.
                for fault in found {
                    if !faults.iter().any(|known| known.node == fault.node && known.field == fault.field) {
                        faults.push(fault);
                    }
                }
                BTreeMap::new()
            }
        };
        if !faults.is_empty() {
            return Err(refuse(&faults));
        }
        let plan = RunPlan {
            run_id: String::new(),
            job: String::new(),
            graph: resolved,
            inputs,
            started_millis: 0,
        };
        Ok((graph, plan))
    }

    /// Effect: [`Effect::Run`].
    pub(super) fn start_job_run(&mut self, now: SimTime, params: &Value, objects: &dyn ObjectSource) -> Result<(Value, Vec<Effect>), ApiError> {
        let params = &shape::check(
            params,
            &[
                need("JobName", NAME),
                may("JobRunQueuingEnabled", Kind::Boolean),
                may("JobRunId", NAME),
                may("Arguments", Kind::Map),
                may("AllocatedCapacity", COUNT),
                may("Timeout", Kind::Integer(1, 10_080)),
                may("MaxCapacity", Kind::Double),
                may("SecurityConfiguration", NAME),
                may("NotificationProperty", Kind::Object),
                may("WorkerType", WORKER_TYPE),
                may("NumberOfWorkers", Kind::Integer(1, 299)),
                may("ExecutionClass", EXECUTION_CLASS),
                may("ExecutionRoleSessionPolicy", Kind::Text(2, 2048)),
            ],
        )?;
        let name = shape::text(params, "JobName").to_string();
        let job = self.jobs.get(&name).ok_or_else(|| {
            ApiError::new("EntityNotFoundException", "Failed to start job run due to missing metadata").with_help(format!("There is no job {name}."))
        })?;
        let active = job.runs.iter().filter(|run| run.is_active()).count() as u64;
        if active >= job.max_concurrent_runs() {
            return Err(ApiError::new("ConcurrentRunsExceededException", format!("Concurrent runs exceeded for {name}"))
                .with_help("Wait for the run, stop it, or raise MaxConcurrentRuns."));
        }
        let arguments: Map<String, Value> = params.get("Arguments").and_then(Value::as_object).cloned().unwrap_or_default();
        let previous = params.get("JobRunId").and_then(Value::as_str).map(str::to_string);
        let attempt = match &previous {
            Some(id) => job.runs.iter().find(|run| run.id == *id).ok_or_else(|| no_run(id))?.attempt + 1,
            None => 0,
        };
        let (graph, plan) = self.plan(job, &arguments, objects)?;
        let mut job_members = job.capacity();
        job_members.insert("JobMode".into(), json!(job.mode()));
        for member in ["Timeout", "MaxCapacity", "WorkerType", "NumberOfWorkers", "ExecutionClass", "AllocatedCapacity"] {
            if let Some(value) = params.get(member).filter(|value| !value.is_null()) {
                job_members.insert(member.into(), value.clone());
            }
        }
        self.serial += 1;
        let id = format!("jr_{}", long_hex(&name, self.serial));
        let plan = RunPlan {
            run_id: id.clone(),
            job: name.clone(),
            started_millis: now.millis(),
            ..plan
        };
        let run = Run {
            id: id.clone(),
            job: name.clone(),
            state: State::Running,
            started: now,
            modified: now,
            completed: None,
            error: None,
            arguments,
            attempt,
            previous,
            job_members,
            graph,
            plan: Some(plan.clone()),
            report: None,
            outputs: Vec::new(),
            failure: None,
        };
        if let Some(job) = self.jobs.get_mut(&name) {
            job.runs.push(run);
            if job.runs.len() > MAX_RUNS
                && let Some(at) = job.runs.iter().position(|run| !run.is_active())
            {
                job.runs.remove(at);
            }
        }
        Ok((json!({ "JobRunId": id }), Vec::from([Effect::Run(plan)])))
    }

    pub(super) fn get_job_run(&self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(
            params,
            &[need("JobName", NAME), need("RunId", NAME), may("PredecessorsIncluded", Kind::Boolean)],
        )?;
        let (name, id) = (shape::text(params, "JobName"), shape::text(params, "RunId"));
        let job = self.jobs.get(name).ok_or_else(|| no_job(name))?;
        let run = job.runs.iter().find(|run| run.id == id).ok_or_else(|| no_run(id))?;
        Ok(json!({ "JobRun": run.show(now) }))
    }

    /// Newest first.
    pub(super) fn get_job_runs(&self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(
            params,
            &[need("JobName", NAME), may("NextToken", TEXT), may("MaxResults", Kind::Integer(1, PAGE as i64))],
        )?;
        let name = shape::text(params, "JobName");
        let job = self.jobs.get(name).ok_or_else(|| no_job(name))?;
        let (page, next) = shape::page(params, job.runs.iter().rev().collect(), PAGE)?;
        let list: Vec<Value> = page.into_iter().map(|run: &Run| run.show(now)).collect();
        Ok(with_token(json!({ "JobRuns": list }), next))
    }

    /// Effects: [`Effect::CancelRun`] for each run that is stopped.
    pub(super) fn batch_stop_job_run(&mut self, now: SimTime, params: &Value) -> Result<(Value, Vec<Effect>), ApiError> {
        let params = &shape::check(params, &[need("JobName", NAME), need("JobRunIds", NAMES)])?;
        let name = shape::text(params, "JobName");
        let ids: Vec<String> = shape::read(params, "JobRunIds")?.unwrap_or_default();
        if ids.is_empty() || ids.len() > 25 {
            return Err(invalid(format!("JobRunIds must hold 1 to 25 ids, not {}.", ids.len())));
        }
        let mut stopped = Vec::new();
        let mut errors = Vec::new();
        let mut effects = Vec::new();
        for id in ids {
            let run = self.jobs.get_mut(name).and_then(|job| job.runs.iter_mut().find(|run| run.id == id));
            let refusal = match run {
                None => Some(("EntityNotFoundException", format!("Job run {id} of job {name} not found."))),
                Some(run) if !run.is_active() => Some(("InvalidInputException", format!("Job run {id} has ended and cannot be stopped."))),
                Some(run) => {
                    run.state = State::Stopping;
                    run.modified = now;
                    effects.push(run.cancel());
                    None
                }
            };
            match refusal {
                None => stopped.push(json!({ "JobName": name, "JobRunId": id })),
                Some((code, message)) => errors.push(json!({ "JobName": name, "JobRunId": id, "ErrorDetail": { "ErrorCode": code, "ErrorMessage": message } })),
            }
        }
        Ok((json!({ "SuccessfulSubmissions": stopped, "Errors": errors }), effects))
    }

    /// Error: the run is not active (any more), so the answer is dropped.
    fn active_run(&mut self, id: &str) -> Result<&mut Run, ApiError> {
        self.jobs
            .values_mut()
            .flat_map(|job| job.runs.iter_mut())
            .find(|run| run.id == id && run.is_active())
            .ok_or_else(|| no_run(id).with_help("No such run is active: the answer is dropped."))
    }

    /// The run's files are in S3 already: brings the catalog up to them. A catalog that can't take them fails the run.
    pub(super) fn run_succeeded(&mut self, now: SimTime, id: &str, report: &RunReport, outputs: &[JobOutput]) -> Result<(), ApiError> {
        let run = self.active_run(id)?;
        run.end(now, State::Succeeded, report.clone());
        run.outputs = outputs.to_vec();
        let (graph, job) = (run.graph.clone(), run.job.clone());
        let updated = sink::update(
            &mut self.catalog,
            now,
            &sink::Written {
                job: &job,
                run: id,
                graph: &graph,
                report,
                outputs,
            },
        );
        if let Err(error) = updated
            && let Some(run) = self.jobs.get_mut(&job).and_then(|job| job.runs.iter_mut().find(|run| run.id == id))
        {
            run.fail(RunFailure { error, row: None });
        }
        Ok(())
    }

    pub(super) fn run_failed(&mut self, now: SimTime, id: &str, report: &RunReport, failure: &RunFailure) -> Result<(), ApiError> {
        let run = self.active_run(id)?;
        run.end(now, State::Failed, report.clone());
        run.fail(failure.clone());
        Ok(())
    }

    pub(super) fn run_stopped(&mut self, now: SimTime, id: &str, report: &RunReport) -> Result<(), ApiError> {
        self.active_run(id)?.end(now, State::Stopped, report.clone());
        Ok(())
    }

    /// The role of the job that a run belongs to, as its definition names it. `None`: no such run.
    pub fn run_role(&self, run_id: &str) -> Option<&str> {
        self.jobs
            .values()
            .find(|job| job.runs.iter().any(|run| run.id == run_id))
            .map(|job| job.text("Role"))
    }

    pub(super) fn pending_runs(&self) -> impl Iterator<Item = Effect> {
        self.jobs.values().flat_map(|job| &job.runs).filter_map(|run| run.plan.clone().map(Effect::Run))
    }
}
