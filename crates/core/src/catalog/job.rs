//! Jobs: their definitions. A visual job is its `CodeGenConfigurationNodes`, kept as they were given.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Glue;
use super::database::with_token;
use super::run::Run;
use super::shape::{self, COUNT, DESCRIPTION, Kind, Member, NAME, TEXT, may, need};
use crate::account::{ApiError, Effect};
use crate::sim::SimTime;

/// Jobs in an account (Glue quotas; raisable).
const MAX_JOBS: usize = 1_000;
const PAGE: usize = 1_000;
/// What `CreateJob` takes when no version is named.
const DEFAULT_VERSION: &str = "6.0";
/// Minutes: from Glue 5.0 on, and before.
const DEFAULT_TIMEOUT: (u64, u64) = (480, 2_880);
const MAX_TIMEOUT: i64 = 10_080;
const DEFAULT_WORKERS: u64 = 10;

const WORKER_TYPES: &[&str] = &[
    "Standard", "G.1X", "G.2X", "G.4X", "G.8X", "G.025X", "Z.2X", "G.12X", "G.16X", "R.1X", "R.2X", "R.4X", "R.8X",
];
pub(super) const WORKER_TYPE: Kind = Kind::OneOf(WORKER_TYPES);
pub(super) const EXECUTION_CLASS: Kind = Kind::OneOf(&["FLEX", "STANDARD"]);

const COMMAND: Kind = Kind::Structure(&[
    may("Name", TEXT),
    may("ScriptLocation", Kind::Text(0, 400_000)),
    may("PythonVersion", TEXT),
    may("Runtime", Kind::Text(0, 64)),
]);

/// Members that `CreateJob` and `JobUpdate` share.
const DEFINITION: [Member; 22] = [
    may("JobMode", Kind::OneOf(&["SCRIPT", "VISUAL", "NOTEBOOK"])),
    may("JobRunQueuingEnabled", Kind::Boolean),
    may("Description", DESCRIPTION),
    may("LogUri", TEXT),
    need("Role", TEXT),
    may("ExecutionProperty", Kind::Structure(&[may("MaxConcurrentRuns", Kind::Integer(1, 1_000))])),
    need("Command", COMMAND),
    may("DefaultArguments", Kind::Map),
    may("NonOverridableArguments", Kind::Map),
    may("Connections", Kind::Object),
    may("MaxRetries", Kind::Integer(0, 10)),
    may("AllocatedCapacity", COUNT),
    may("Timeout", Kind::Integer(1, MAX_TIMEOUT)),
    may("MaxCapacity", Kind::Double),
    may("SecurityConfiguration", NAME),
    may("NotificationProperty", Kind::Object),
    may("GlueVersion", NAME),
    may("NumberOfWorkers", Kind::Integer(1, 299)),
    may("WorkerType", WORKER_TYPE),
    may("CodeGenConfigurationNodes", Kind::Object),
    may("ExecutionClass", EXECUTION_CLASS),
    may("SourceControlDetails", Kind::Object),
];
const MAINTENANCE: Member = may("MaintenanceWindow", TEXT);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Job {
    /// As given, for telling a repeated call from a different one.
    given: Map<String, Value>,
    created: SimTime,
    modified: SimTime,
    /// Oldest first.
    pub(super) runs: Vec<Run>,
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInputException", message)
}

pub(super) fn no_job(name: &str) -> ApiError {
    ApiError::new("EntityNotFoundException", format!("Job with name: {name} not found."))
}

impl Job {
    pub(super) fn text(&self, name: &str) -> &str {
        shape::text(&self.given, name)
    }

    pub(super) fn nodes(&self) -> Option<&Value> {
        self.given
            .get("CodeGenConfigurationNodes")
            .filter(|nodes| nodes.as_object().is_some_and(|nodes| !nodes.is_empty()))
    }

    pub(super) fn argument(&self, name: &str) -> Option<&str> {
        self.given.get("DefaultArguments")?.get(name)?.as_str()
    }

    pub(super) fn max_concurrent_runs(&self) -> u64 {
        self.given
            .get("ExecutionProperty")
            .and_then(Value::as_object)
            .and_then(|property| shape::count(property, "MaxConcurrentRuns"))
            .unwrap_or(1)
    }

    pub(super) fn mode(&self) -> &str {
        match self.text("JobMode") {
            "" => "SCRIPT",
            mode => mode,
        }
    }

    /// Version, worker type, workers, timeout: what the API answers for a job and its runs.
    pub(super) fn capacity(&self) -> Map<String, Value> {
        let version = match self.text("GlueVersion") {
            "" => DEFAULT_VERSION,
            version => version,
        };
        let old = version
            .split('.')
            .next()
            .and_then(|major| major.parse::<u32>().ok())
            .is_some_and(|major| major < 5);
        let timeout = shape::count(&self.given, "Timeout").unwrap_or(if old { DEFAULT_TIMEOUT.1 } else { DEFAULT_TIMEOUT.0 });
        let worker_type = match self.text("WorkerType") {
            "" => "G.1X",
            worker_type => worker_type,
        };
        let workers = shape::count(&self.given, "NumberOfWorkers").unwrap_or(DEFAULT_WORKERS);
        let capacity = self
            .given
            .get("MaxCapacity")
            .and_then(Value::as_f64)
            .unwrap_or_else(|| dpu(worker_type) * workers as f64);
        let mut shown = Map::new();
        shown.insert("GlueVersion".into(), json!(version));
        shown.insert("WorkerType".into(), json!(worker_type));
        shown.insert("NumberOfWorkers".into(), json!(workers));
        shown.insert("MaxCapacity".into(), json!(capacity));
        // A deprecated whole number beside MaxCapacity.
        shown.insert("AllocatedCapacity".into(), json!(capacity as u64));
        shown.insert("Timeout".into(), json!(timeout));
        shown.insert(
            "ExecutionClass".into(),
            json!(match self.text("ExecutionClass") {
                "" => "STANDARD",
                class => class,
            }),
        );
        shown
    }

    fn show(&self, name: &str) -> Value {
        let mut shown = self.given.clone();
        shown.remove("Tags");
        shown.insert("Name".into(), json!(name));
        shown.insert("JobMode".into(), json!(self.mode()));
        shown.insert("CreatedOn".into(), json!(self.created.to_string()));
        shown.insert("LastModifiedOn".into(), json!(self.modified.to_string()));
        shown.insert("ExecutionProperty".into(), json!({ "MaxConcurrentRuns": self.max_concurrent_runs() }));
        shown.entry("MaxRetries").or_insert(json!(0));
        shown.append(&mut self.capacity());
        Value::Object(shown)
    }
}

/// Data processing units of one worker.
fn dpu(worker_type: &str) -> f64 {
    match worker_type {
        "G.025X" => 0.25,
        "G.2X" | "R.1X" | "Z.2X" => 2.0,
        "G.4X" | "R.2X" => 4.0,
        "G.8X" | "R.4X" => 8.0,
        "G.12X" => 12.0,
        "G.16X" | "R.8X" => 16.0,
        _ => 1.0,
    }
}

/// What the model leaves to the service.
fn check(definition: &Map<String, Value>) -> Result<(), ApiError> {
    if shape::text(definition, "Role").trim().is_empty() {
        return Err(invalid("Role should not be null or empty"));
    }
    let command = definition
        .get("Command")
        .and_then(|command| command.get("Name"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    if !["glueetl", "gluestreaming", "pythonshell", "glueray"].contains(&command) {
        return Err(invalid(format!(
            "Command.Name is \"{command}\"; it can be glueetl, gluestreaming, pythonshell or glueray."
        )));
    }
    let version = shape::text(definition, "GlueVersion");
    let dotted = version.contains('.')
        && version
            .split('.')
            .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    if !version.is_empty() && version != "auto" && !dotted {
        return Err(invalid(format!("GlueVersion {version} is not valid: write 6.0, 5.1, …, or auto.")));
    }
    if definition.contains_key("MaxCapacity") && (definition.contains_key("WorkerType") || definition.contains_key("NumberOfWorkers")) {
        return Err(invalid("Please do not set Max Capacity if using Worker Type and Number of Workers."));
    }
    if definition.contains_key("WorkerType") != definition.contains_key("NumberOfWorkers") && !definition.contains_key("MaxCapacity") {
        return Err(invalid("Please set both Worker Type and Number of Workers."));
    }
    for (id, node) in definition.get("CodeGenConfigurationNodes").and_then(Value::as_object).into_iter().flatten() {
        if !id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
            return Err(invalid(format!(
                "CodeGenConfigurationNodes: the node id \"{id}\" may hold letters, digits, _ and - only."
            )));
        }
        let members = node.as_object().map_or(0, Map::len);
        if members != 1 {
            return Err(invalid(format!(
                "CodeGenConfigurationNodes.{id}: a node has exactly one member, this one has {members}."
            )));
        }
    }
    Ok(())
}

fn names_page(params: &Value, tags: bool) -> Result<Cow<'_, Map<String, Value>>, ApiError> {
    let mut members: Vec<Member> = Vec::from([may("NextToken", TEXT), may("MaxResults", Kind::Integer(1, PAGE as i64))]);
    if tags {
        members.push(may("Tags", Kind::Map));
    }
    shape::check(params, &members)
}

impl Glue {
    pub(super) fn create_job(&mut self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let mut members: Vec<Member> = DEFINITION.to_vec();
        members.extend([MAINTENANCE, need("Name", NAME), may("Tags", Kind::Map)]);
        let mut given: Map<String, Value> = shape::check(params, &members)?.into_owned();
        given.retain(|_, value| !value.is_null());
        check(&given)?;
        let name = match given.remove("Name") {
            Some(Value::String(name)) => name,
            _ => return Err(invalid("Name is missing.")),
        };
        if let Some(job) = self.jobs.get(&name) {
            return Err(if job.given == given {
                ApiError::new("AlreadyExistsException", "Job already exists.")
            } else {
                ApiError::new(
                    "IdempotentParameterMismatchException",
                    format!("Job with name: {name} already submitted with different configuration."),
                )
                .with_help("UpdateJob changes a job that exists.")
            });
        }
        if self.jobs.len() >= MAX_JOBS {
            return Err(ApiError::new(
                "ResourceNumberLimitExceededException",
                "Number of jobs exceeds the account's limit.",
            ));
        }
        self.jobs.insert(
            name.clone(),
            Job {
                given,
                created: now,
                modified: now,
                runs: Vec::new(),
            },
        );
        Ok(json!({ "Name": name }))
    }

    /// The definition is overwritten as a whole; runs stay.
    pub(super) fn update_job(&mut self, now: SimTime, params: &Value) -> Result<Value, ApiError> {
        let mut members: Vec<Member> = DEFINITION.to_vec();
        members.push(MAINTENANCE);
        let outer = &shape::check(params, &[need("JobName", NAME), need("JobUpdate", Kind::Object)])?;
        let name = shape::text(outer, "JobName").to_string();
        let update = outer.get("JobUpdate").unwrap_or(&Value::Null);
        let mut given = shape::check(update, &members)?.into_owned();
        given.retain(|_, value| !value.is_null());
        check(&given)?;
        let job = self.jobs.get_mut(&name).ok_or_else(|| no_job(&name))?;
        job.given = given;
        job.modified = now;
        Ok(json!({ "JobName": name }))
    }

    pub(super) fn get_job(&self, params: &Value) -> Result<Value, ApiError> {
        let params = &shape::check(params, &[need("JobName", NAME)])?;
        let name = shape::text(params, "JobName");
        let job = self.jobs.get(name).ok_or_else(|| no_job(name))?;
        Ok(json!({ "Job": job.show(name) }))
    }

    pub(super) fn get_jobs(&self, params: &Value) -> Result<Value, ApiError> {
        let params = &names_page(params, false)?;
        let (page, next) = shape::page(params, self.jobs.iter().collect(), PAGE)?;
        let list: Vec<Value> = page.into_iter().map(|(name, job)| job.show(name)).collect();
        Ok(with_token(json!({ "Jobs": list }), next))
    }

    pub(super) fn list_jobs(&self, params: &Value) -> Result<Value, ApiError> {
        let params = &names_page(params, true)?;
        let (page, next) = shape::page(params, self.jobs.keys().collect(), PAGE)?;
        Ok(with_token(json!({ "JobNames": page }), next))
    }

    /// A job that does not exist is no error. Effects: runs that are under way are cancelled.
    pub(super) fn delete_job(&mut self, params: &Value) -> Result<(Value, Vec<Effect>), ApiError> {
        let params = &shape::check(params, &[need("JobName", NAME)])?;
        let name = shape::text(params, "JobName");
        let job = self.jobs.remove(name);
        let effects = job.iter().flat_map(|job| &job.runs).filter(|run| run.is_active()).map(Run::cancel).collect();
        Ok((json!({ "JobName": name }), effects))
    }
}
