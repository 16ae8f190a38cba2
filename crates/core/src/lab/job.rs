//! Conditions on visual jobs: what a graph reads, what leaves its transforms, what it writes.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::check::{Finding, Read, read_all, text};
use crate::account::{ApiError, Call, TableInput};
use crate::etl::{DataType, Field, Graph, NodeId, TableLookup, from_codegen, propagate};

/// What a visual job must be. It is met by one target and what flows into it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JobCondition {
    /// The job's name.
    pub job: Option<String>,
    pub source: Option<SourceCondition>,
    /// Members of `CodeGenConfigurationNode` that must be in the graph (`DropFields`).
    pub transforms: Vec<String>,
    /// Exactly the columns that some node of the graph hands on (with a target condition: to that target), in any order.
    pub columns: Vec<String>,
    pub target: Option<TargetCondition>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SourceCondition {
    /// Any of these members (`S3CsvSource`); empty: any source.
    pub members: Vec<String>,
    /// Text that one of its paths holds (`parking_data`).
    pub path_contains: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TargetCondition {
    /// `parquet`, `csv`, `json`.
    pub format: Option<String>,
    /// The target updates the Data Catalog, in this database and table.
    pub database: Option<String>,
    pub table: Option<String>,
}

/// How far a job meets a condition: parts met, and the first that is not.
struct Progress {
    met: usize,
    refusal: Option<String>,
}

pub(super) fn job_graph(condition: &JobCondition, read: Read) -> Result<Finding, ApiError> {
    Ok(match nearest_jobs(condition, read)? {
        Nearest::Met(jobs) => Finding::met(format!("Job {}.", jobs.join(", "))),
        Nearest::Refused(refusal) => Finding::not_yet(refusal),
    })
}

pub(super) fn job_run_succeeded(condition: &JobCondition, read: Read) -> Result<Finding, ApiError> {
    let jobs = match nearest_jobs(condition, read)? {
        Nearest::Met(jobs) => jobs,
        Nearest::Refused(refusal) => return Ok(Finding::not_yet(refusal)),
    };
    let mut latest = None;
    for job in &jobs {
        for run in read_all(read, "glue", "GetJobRuns", json!({ "JobName": job }), "JobRuns", ("NextToken", "NextToken"))? {
            match text(&run, "JobRunState") {
                "SUCCEEDED" => return Ok(Finding::met(format!("Run {} of {job} succeeded.", text(&run, "Id")))),
                "FAILED" | "TIMEOUT" | "ERROR" => {
                    latest.get_or_insert_with(|| {
                        format!(
                            "Expected a run that succeeded, got {} of {job}: {}",
                            text(&run, "JobRunState"),
                            text(&run, "ErrorMessage")
                        )
                    });
                }
                state => {
                    latest.get_or_insert_with(|| format!("The run of {job} is {state}."));
                }
            }
        }
    }
    Ok(Finding::not_yet(latest.unwrap_or_else(|| {
        format!("Expected a run that succeeded, got a job that has not run: {}.", jobs.join(", "))
    })))
}

enum Nearest {
    /// Names of the jobs that meet all of it.
    Met(Vec<String>),
    /// What the job that comes nearest lacks.
    Refused(String),
}

fn nearest_jobs(condition: &JobCondition, read: Read) -> Result<Nearest, ApiError> {
    let jobs = read_all(read, "glue", "GetJobs", json!({}), "Jobs", ("NextToken", "NextToken"))?;
    let mut met = Vec::new();
    let mut nearest: Option<(usize, String)> = None;
    for job in jobs.iter().filter(|job| condition.job.as_deref().is_none_or(|name| text(job, "Name") == name)) {
        let name = text(job, "Name");
        let progress = judge(condition, job, read);
        match progress.refusal {
            None => met.push(name.to_string()),
            Some(refusal) if nearest.as_ref().is_none_or(|(best, _)| progress.met > *best) => nearest = Some((progress.met, format!("Job {name}: {refusal}"))),
            Some(_) => {}
        }
    }
    if !met.is_empty() {
        return Ok(Nearest::Met(met));
    }
    let wanted = condition
        .job
        .as_deref()
        .map_or_else(|| "a saved visual job".to_string(), |name| format!("a job {name}"));
    Ok(Nearest::Refused(
        nearest.map_or_else(|| format!("Expected {wanted}, got none."), |(_, refusal)| refusal),
    ))
}

fn judge(condition: &JobCondition, job: &Value, read: Read) -> Progress {
    let mut progress = Progress { met: 0, refusal: None };
    let nodes = match Nodes::of(job) {
        Some(nodes) if !nodes.0.is_empty() => nodes,
        _ => {
            progress.refusal = Some("expected a visual graph, got a job without nodes.".to_string());
            return progress;
        }
    };
    let mut expect = |finding: Result<(), String>| match finding {
        Ok(()) if progress.refusal.is_none() => progress.met += 1,
        Ok(()) => {}
        Err(refusal) => {
            progress.refusal.get_or_insert(refusal);
        }
    };
    if let Some(source) = &condition.source {
        expect(nodes.source(source));
    }
    for member in &condition.transforms {
        expect(if nodes.0.values().any(|node| node.member == member) {
            Ok(())
        } else {
            Err(format!("expected the node {member}, got {}.", nodes.members()))
        });
    }
    if let Some(target) = &condition.target {
        expect(nodes.target(target).map(|_| ()));
    }
    if !condition.columns.is_empty() {
        expect(nodes.columns(condition, read));
    }
    progress
}

struct NodeView<'a> {
    member: &'a str,
    value: &'a Value,
}

/// The nodes of `CodeGenConfigurationNodes`, by id, and the whole of it.
struct Nodes<'a>(BTreeMap<&'a str, NodeView<'a>>, &'a Value);

impl<'a> Nodes<'a> {
    fn of(job: &'a Value) -> Option<Self> {
        let whole = job.get("CodeGenConfigurationNodes")?;
        let views = whole.as_object()?.iter().filter_map(|(id, node)| {
            let (member, value) = node.as_object()?.iter().next()?;
            Some((id.as_str(), NodeView { member, value }))
        });
        Some(Nodes(views.collect(), whole))
    }

    fn graph(&self) -> Result<Graph, String> {
        from_codegen(self.1).map_err(|errors| {
            let message = errors.first().map_or("it has no form", |error| error.message.as_str());
            format!("expected a graph that can be read, got: {message}")
        })
    }

    fn members(&self) -> String {
        let members: BTreeSet<&str> = self.0.values().map(|node| node.member).collect();
        members.into_iter().collect::<Vec<_>>().join(", ")
    }

    fn source(&self, condition: &SourceCondition) -> Result<(), String> {
        let sources: Vec<&NodeView> = self.0.values().filter(|node| node.member.ends_with("Source")).collect();
        let kind = sources
            .iter()
            .filter(|node| condition.members.is_empty() || condition.members.iter().any(|member| member == node.member));
        let wanted = if condition.members.is_empty() {
            "a source".to_string()
        } else {
            condition.members.join(" or ")
        };
        let mut paths = Vec::new();
        for node in kind {
            let Some(part) = &condition.path_contains else { return Ok(()) };
            for path in node
                .value
                .get("Paths")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
            {
                if path.contains(part.as_str()) {
                    return Ok(());
                }
                paths.push(path);
            }
        }
        Err(match (&condition.path_contains, sources.is_empty()) {
            (_, true) => format!("expected {wanted}, got no source."),
            (Some(part), false) if !paths.is_empty() => format!("expected {wanted} whose path holds {part}, got {}.", paths.join(", ")),
            (Some(part), false) => format!("expected {wanted} whose path holds {part}, got {}.", self.members()),
            (None, false) => format!("expected {wanted}, got {}.", self.members()),
        })
    }

    /// Whether exactly the condition's columns arrive at the target that it names, or leave any node where it names none.
    fn columns(&self, condition: &JobCondition, read: Read) -> Result<(), String> {
        let wanted: BTreeSet<&str> = condition.columns.iter().map(String::as_str).collect();
        let schemas = propagate(&self.graph()?, &CatalogTables(read));
        let nodes: Vec<&str> = match &condition.target {
            Some(target) => Vec::from([self.target(target)?]),
            // The last nodes first: they say best what the learner has so far.
            None => self.0.keys().rev().copied().collect(),
        };
        let mut refusal = None;
        for id in nodes {
            let Some(schema) = schemas.get(&NodeId::from(id)) else { continue };
            let Some(columns) = &schema.columns else { continue };
            let got: BTreeSet<&str> = columns.iter().chain(&schema.partition_keys).map(|column| column.name.as_str()).collect();
            if got == wanted {
                return Ok(());
            }
            refusal.get_or_insert_with(|| {
                let missing: Vec<&str> = wanted.difference(&got).copied().collect();
                let extra: Vec<&str> = got.difference(&wanted).copied().collect();
                match (missing.is_empty(), extra.is_empty()) {
                    (false, _) => format!("expected the columns {}, got no {}.", condition.columns.join(", "), missing.join(", ")),
                    (true, _) => format!(
                        "expected only {}, got {} more: {}.",
                        condition.columns.join(", "),
                        extra.len(),
                        extra.join(", ")
                    ),
                }
            });
        }
        Err(refusal.unwrap_or_else(|| {
            format!(
                "expected the columns {}, got a graph whose columns are not known.",
                condition.columns.join(", ")
            )
        }))
    }

    /// The target that meets the condition.
    fn target(&self, condition: &TargetCondition) -> Result<&str, String> {
        let mut refusal = None;
        for (id, node) in self.0.iter().filter(|(_, node)| node.member.ends_with("Target")) {
            let reason = target_refusal(condition, node);
            match reason {
                None => return Ok(id),
                Some(reason) => refusal.get_or_insert(reason),
            };
        }
        Err(refusal.unwrap_or_else(|| "expected a target, got none.".to_string()))
    }
}

fn target_refusal(condition: &TargetCondition, node: &NodeView) -> Option<String> {
    let format = match node.member {
        "S3GlueParquetTarget" => "parquet",
        _ => text(node.value, "Format"),
    };
    if let Some(wanted) = condition.format.as_deref().filter(|wanted| *wanted != format) {
        return Some(format!(
            "expected a target in {wanted}, got {}.",
            if format.is_empty() { node.member } else { format }
        ));
    }
    let catalog = node.member.contains("Catalog");
    let policy = node.value.get("SchemaChangePolicy").unwrap_or(&Value::Null);
    let updates = policy.get("EnableUpdateCatalog").and_then(Value::as_bool).unwrap_or(false);
    let place = if catalog { node.value } else { policy };
    for (member, wanted) in [("Database", &condition.database), ("Table", &condition.table)] {
        let Some(wanted) = wanted else { continue };
        if !catalog && !updates {
            return Some("expected a target that creates a table in the Data Catalog, got one that does not update it.".to_string());
        }
        let got = text(place, member);
        if got != wanted {
            let got = if got.is_empty() { "none" } else { got };
            return Some(format!("expected the {} {wanted} for the target, got {got}.", member.to_lowercase()));
        }
    }
    None
}

/// The Data Catalog, read by `GetTable`.
struct CatalogTables<'a>(Read<'a>);

impl TableLookup for CatalogTables<'_> {
    fn table(&self, database: &str, table: &str) -> Option<TableInput> {
        let response = (self.0)(&Call::new("glue", "GetTable", json!({ "DatabaseName": database, "Name": table }))).ok()?;
        let fields = |pointer: &str| -> Vec<Field> {
            let columns = response.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
            columns
                .map(|column| Field::new(text(column, "Name"), DataType::parse_catalog(text(column, "Type")).unwrap_or(DataType::String)))
                .collect()
        };
        Some(TableInput {
            columns: fields("/Table/StorageDescriptor/Columns"),
            partition_keys: fields("/Table/PartitionKeys"),
            skip_lines: 0,
        })
    }
}
