//! Checks: declared data, evaluated over the account's read calls.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::job::{JobCondition, job_graph, job_run_succeeded};
use super::{Lab, Step};
use crate::account::{ApiError, Call};

/// Answers a read call of the account.
pub(super) type Read<'a> = &'a dyn Fn(&Call) -> Result<Value, ApiError>;

/// What an account must show. A member that is left out matches anything, so a learner's own names pass.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Check {
    BucketExists {
        #[serde(default)]
        bucket: Option<String>,
    },
    /// An object, in the bucket or in any, whose key starts and ends so and that has at least `min_size` bytes.
    ObjectExists {
        #[serde(default)]
        bucket: Option<String>,
        #[serde(default)]
        prefix: String,
        #[serde(default)]
        suffix: String,
        #[serde(default)]
        min_size: u64,
    },
    /// A crawler into the database whose last crawl succeeded.
    CrawlerSucceeded {
        #[serde(default)]
        database: Option<String>,
    },
    /// A table with at least these columns, in any order; `exactly` allows no others.
    TableExists {
        database: String,
        #[serde(default)]
        name: Option<String>,
        #[serde(default)]
        columns: Vec<String>,
        #[serde(default)]
        exactly: bool,
        #[serde(default)]
        classification: Option<String>,
    },
    /// A saved visual job whose graph meets the condition.
    JobGraph(JobCondition),
    /// Such a job with a run that succeeded.
    JobRunSucceeded(JobCondition),
}

/// Whether a check is met, and the facts that say so: "expected …, got …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub done: bool,
    pub evidence: String,
}

impl Finding {
    pub(super) fn met(evidence: impl Into<String>) -> Self {
        Finding {
            done: true,
            evidence: evidence.into(),
        }
    }

    pub(super) fn not_yet(evidence: impl Into<String>) -> Self {
        Finding {
            done: false,
            evidence: evidence.into(),
        }
    }
}

/// Evaluates every objective of `lab` (the content of a `lab.json`) over `read`, which answers the account's read calls.
///
/// Response: `{"Steps":[{"Id","Done","Evidence","Objectives":[{"Id","Done","Evidence"}]}]}`, in the lab's order. A step's evidence is that of its first objective
/// which is not met, or of all when it is done. Errors: `InvalidLabException` when `lab` is not a lab; a read that fails is evidence, not an error.
pub fn evaluate(lab: &Value, read: &dyn Fn(&Call) -> Result<Value, ApiError>) -> Result<Value, ApiError> {
    let lab = Lab::deserialize(lab).map_err(|error| {
        ApiError::new("InvalidLabException", format!("The lab cannot be read: {error}."))
            .with_help("A lab is the content of a lab.json file, with id, title, minutes and steps.")
    })?;
    let steps: Vec<Value> = lab.steps.iter().map(|step| evaluate_step(step, read)).collect();
    Ok(json!({ "Steps": steps }))
}

fn evaluate_step(step: &Step, read: Read) -> Value {
    let findings: Vec<(&str, Finding)> = step
        .objectives
        .iter()
        .map(|objective| (objective.id.as_str(), find(&objective.check, read)))
        .collect();
    let done = !findings.is_empty() && findings.iter().all(|(_, finding)| finding.done);
    let evidence = match findings.iter().find(|(_, finding)| !finding.done) {
        Some((_, finding)) => finding.evidence.clone(),
        None => findings.iter().map(|(_, finding)| finding.evidence.as_str()).collect::<Vec<_>>().join(" "),
    };
    let objectives: Vec<Value> = findings
        .iter()
        .map(|(id, finding)| json!({ "Id": id, "Done": finding.done, "Evidence": finding.evidence }))
        .collect();
    json!({ "Id": step.id, "Done": done, "Evidence": evidence, "Objectives": objectives })
}

fn find(check: &Check, read: Read) -> Finding {
    let found = match check {
        Check::BucketExists { bucket } => bucket_exists(bucket.as_deref(), read),
        Check::ObjectExists {
            bucket,
            prefix,
            suffix,
            min_size,
        } => object_exists(bucket.as_deref(), prefix, suffix, *min_size, read),
        Check::CrawlerSucceeded { database } => crawler_succeeded(database.as_deref(), read),
        Check::TableExists {
            database,
            name,
            columns,
            exactly,
            classification,
        } => table_exists(database, name.as_deref(), columns, *exactly, classification.as_deref(), read),
        Check::JobGraph(condition) => job_graph(condition, read),
        Check::JobRunSucceeded(condition) => job_run_succeeded(condition, read),
    };
    found.unwrap_or_else(|error| Finding::not_yet(format!("The account answered {}: {}", error.code, error.message)))
}

/// All members `list` of a paged read, following `token` (response) into `parameter` (request).
pub(super) fn read_all(read: Read, service: &str, operation: &str, mut params: Value, list: &str, token: (&str, &str)) -> Result<Vec<Value>, ApiError> {
    let mut all = Vec::new();
    loop {
        let mut response = read(&Call::new(service, operation, params.clone()))?;
        if let Some(Value::Array(items)) = response.get_mut(list).map(Value::take) {
            all.extend(items);
        }
        let next = response.get(token.0).and_then(Value::as_str).filter(|next| !next.is_empty());
        match (next, params.as_object_mut()) {
            // A server that hands out the same token again would hold us here for ever.
            (Some(next), Some(params)) if params.get(token.1).and_then(Value::as_str) != Some(next) => {
                params.insert(token.1.into(), next.into());
            }
            _ => return Ok(all),
        }
    }
}

pub(super) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value.get(member).and_then(Value::as_str).unwrap_or("")
}

fn buckets(read: Read) -> Result<Vec<String>, ApiError> {
    let buckets = read_all(read, "s3", "ListBuckets", json!({}), "Buckets", ("ContinuationToken", "ContinuationToken"))?;
    Ok(buckets.iter().map(|bucket| text(bucket, "Name").to_string()).collect())
}

fn bucket_exists(wanted: Option<&str>, read: Read) -> Result<Finding, ApiError> {
    let buckets = buckets(read)?;
    Ok(match (wanted, buckets.first()) {
        (None, Some(_)) => Finding::met(format!("Bucket {}.", buckets.join(", "))),
        (None, None) => Finding::not_yet("Expected a bucket, got none: the account has no buckets yet."),
        (Some(wanted), _) if buckets.iter().any(|name| name == wanted) => Finding::met(format!("Bucket {wanted}.")),
        (Some(wanted), None) => Finding::not_yet(format!("Expected the bucket {wanted}, got none.")),
        (Some(wanted), Some(_)) => Finding::not_yet(format!("Expected the bucket {wanted}, got {}.", buckets.join(", "))),
    })
}

fn object_exists(bucket: Option<&str>, prefix: &str, suffix: &str, min_size: u64, read: Read) -> Result<Finding, ApiError> {
    let buckets = match bucket {
        Some(bucket) => Vec::from([bucket.to_string()]),
        None => buckets(read)?,
    };
    let expected = expected_object(bucket, prefix, suffix, min_size);
    if buckets.is_empty() {
        return Ok(Finding::not_yet(format!("Expected {expected}, got no bucket to look in.")));
    }
    let mut nearest = None;
    for bucket in &buckets {
        let params = json!({ "Bucket": bucket, "Prefix": prefix });
        for object in read_all(read, "s3", "ListObjectsV2", params, "Contents", ("NextContinuationToken", "ContinuationToken"))? {
            let key = text(&object, "Key");
            let size = object.get("Size").and_then(Value::as_u64).unwrap_or(0);
            if key.ends_with(suffix) && size >= min_size {
                return Ok(Finding::met(format!("s3://{bucket}/{key}, {size} bytes.")));
            }
            // What a person takes for a folder is no candidate for the object that is missing.
            if !key.ends_with('/') {
                nearest.get_or_insert_with(|| format!("s3://{bucket}/{key} with {size} bytes"));
            }
        }
    }
    Ok(Finding::not_yet(match nearest {
        Some(nearest) => format!("Expected {expected}, got {nearest}."),
        None if prefix.is_empty() => format!("Expected {expected}, got no objects."),
        None => format!("Expected {expected}, got nothing under {prefix} in {}.", buckets.join(", ")),
    }))
}

fn expected_object(bucket: Option<&str>, prefix: &str, suffix: &str, min_size: u64) -> String {
    let mut expected = match (prefix.is_empty(), suffix.is_empty()) {
        (true, true) => "an object".to_string(),
        (false, true) => format!("an object under {prefix}"),
        (true, false) => format!("an object that ends in {suffix}"),
        (false, false) => format!("an object under {prefix} that ends in {suffix}"),
    };
    if let Some(bucket) = bucket {
        expected.push_str(&format!(" in {bucket}"));
    }
    if min_size > 1 {
        expected.push_str(&format!(" of at least {min_size} bytes"));
    }
    expected
}

fn crawler_succeeded(database: Option<&str>, read: Read) -> Result<Finding, ApiError> {
    let crawlers = read_all(read, "glue", "GetCrawlers", json!({}), "Crawlers", ("NextToken", "NextToken"))?;
    let into = database.map_or_else(String::new, |database| format!(" into the database {database}"));
    let matching: Vec<&Value> = crawlers
        .iter()
        .filter(|crawler| database.is_none_or(|database| text(crawler, "DatabaseName") == database))
        .collect();
    let Some(first) = matching.first() else {
        let got = match crawlers.first() {
            Some(other) => format!("{}, which writes into {}", text(other, "Name"), text(other, "DatabaseName")),
            None => "no crawler".to_string(),
        };
        return Ok(Finding::not_yet(format!("Expected a crawler{into}, got {got}.")));
    };
    let last = |crawler: &Value| crawler.pointer("/LastCrawl/Status").and_then(Value::as_str).unwrap_or("").to_string();
    if let Some(crawler) = matching.iter().find(|crawler| last(crawler) == "SUCCEEDED") {
        return Ok(Finding::met(format!("Crawler {} succeeded{into}.", text(crawler, "Name"))));
    }
    let name = text(first, "Name");
    Ok(Finding::not_yet(match (last(first).as_str(), text(first, "State")) {
        (_, "RUNNING" | "STOPPING") => format!("Crawler {name} is running."),
        ("", _) => format!("Expected a crawl that succeeded, got a crawler that has not run: {name}."),
        (status, _) => {
            let message = first.pointer("/LastCrawl/ErrorMessage").and_then(Value::as_str).unwrap_or("no reason given");
            format!("Expected a crawl that succeeded, got {status} of {name}: {message}")
        }
    }))
}

fn table_exists(database: &str, name: Option<&str>, columns: &[String], exactly: bool, classification: Option<&str>, read: Read) -> Result<Finding, ApiError> {
    let expected = match name {
        Some(name) => format!("the table {database}.{name}"),
        None => format!("a table in the database {database}"),
    };
    let tables = match read_all(
        read,
        "glue",
        "GetTables",
        json!({ "DatabaseName": database }),
        "TableList",
        ("NextToken", "NextToken"),
    ) {
        Ok(tables) => tables,
        Err(error) if error.code == "EntityNotFoundException" => return Ok(Finding::not_yet(format!("Expected {expected}, got no database {database}."))),
        Err(error) => return Err(error),
    };
    let mut refusal = None;
    for table in tables.iter().filter(|table| name.is_none_or(|name| text(table, "Name") == name)) {
        let table_name = text(table, "Name");
        let present = column_names(table);
        let missing: Vec<&str> = columns.iter().filter(|column| !present.contains(*column)).map(String::as_str).collect();
        let extra: Vec<&str> = present
            .iter()
            .filter(|column| exactly && !columns.contains(*column))
            .map(String::as_str)
            .collect();
        let class = table.pointer("/Parameters/classification").and_then(Value::as_str).unwrap_or("none");
        let reason = if !missing.is_empty() {
            format!("without {}", missing.join(", "))
        } else if !extra.is_empty() {
            format!("that also has {}", extra.join(", "))
        } else if classification.is_some_and(|wanted| wanted != class) {
            format!("of classification {class}")
        } else {
            return Ok(Finding::met(format!(
                "Table {database}.{table_name} with {}.",
                counted(present.len(), "column")
            )));
        };
        refusal.get_or_insert_with(|| format!("{database}.{table_name} {reason}"));
    }
    let mut expected = expected;
    if !columns.is_empty() {
        expected.push_str(&format!(" with {}{}", if exactly { "only " } else { "" }, columns.join(", ")));
    }
    let others: Vec<&str> = tables.iter().map(|table| text(table, "Name")).collect();
    Ok(Finding::not_yet(match (refusal, others.is_empty()) {
        (Some(refusal), _) => format!("Expected {expected}, got {refusal}."),
        (None, true) => format!("Expected {expected}, got an empty database."),
        (None, false) => format!("Expected {expected}, got {}.", others.join(", ")),
    }))
}

fn column_names(table: &Value) -> Vec<String> {
    let list = |pointer: &str| table.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
    let mut names = list("/StorageDescriptor/Columns");
    names.extend(list("/PartitionKeys"));
    names.iter().map(|column| text(column, "Name").to_string()).collect()
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
