//! What keeps a job from running, and what will surprise: one list for the editor, `UpdateJob` and `StartJobRun`.
//!
//! Belongs here: messages about a graph. Does not belong here: rules of rows and schemas themselves (`transform`, `schema`).

use crate::gather::Order;
use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::codegen::members;
use super::schema::{Compiled, TableLookup, compile_all, split_partition_keys};
use super::suggest::did_you_mean;
use super::{DataType, Field, FilterOperation, FilterValueType, Graph, Mapping, Node, NodeId, NodeKind, ParquetCompression, Role};
use crate::account::NodeError;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// The job does not run.
    Error,
    /// It runs, and may not do what was meant.
    Warning,
}

/// One remark about a job, on a node and on the API member it is about, where there is one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub node: Option<NodeId>,
    /// The API member (`Paths`, `Filters`, `Table`, …).
    pub field: Option<String>,
    pub severity: Severity,
    pub message: String,
}

impl Problem {
    /// The same as an error of a run; `None` for a warning.
    pub fn to_error(&self) -> Option<NodeError> {
        (self.severity == Severity::Error).then(|| NodeError {
            node: self.node.clone(),
            field: self.field.clone(),
            message: self.message.clone(),
        })
    }
}

struct Problems {
    list: Vec<Problem>,
    node: Option<NodeId>,
}

impl Problems {
    fn add(&mut self, severity: Severity, field: Option<&str>, message: String) {
        self.list.push(Problem {
            node: self.node.clone(),
            field: field.map(ToOwned::to_owned),
            severity,
            message,
        });
    }

    fn error(&mut self, field: &str, message: impl Into<String>) {
        self.add(Severity::Error, Some(field), message.into());
    }

    fn warning(&mut self, field: &str, message: impl Into<String>) {
        self.add(Severity::Warning, Some(field), message.into());
    }
}

/// Everything there is to say about a job, by node id, errors of a node before its warnings; what concerns the job as a whole comes first.
///
/// A node whose input columns are not known yet is checked as far as that goes. What an error already causes further down is not said again.
pub fn validate(graph: &Graph, tables: &dyn TableLookup) -> Vec<Problem> {
    let mut problems = Problems { list: Vec::new(), node: None };
    if let Err(error) = graph.check() {
        problems.add(Severity::Error, Some("Inputs"), error.to_string());
    }
    let has = |role: Role| graph.nodes.values().any(|node| node.kind.role() == role);
    if graph.nodes.is_empty() {
        problems.add(Severity::Error, None, "the job is empty: add a source, transforms and a target".to_owned());
        return problems.list;
    }
    if !has(Role::Source) {
        problems.add(Severity::Error, None, "the job has no source: add one, such as Amazon S3".to_owned());
    }
    if !has(Role::Target) {
        problems.add(Severity::Error, None, "the job has no target: add one, such as Amazon S3".to_owned());
    }
    let compiled = compile_all(graph, tables);
    for (id, node) in &graph.nodes {
        let start = problems.list.len();
        problems.node = Some(id.clone());
        check_node(graph, id, node, compiled.get(id), tables, &mut problems);
        if let Some(own) = problems.list.get_mut(start..) {
            own.order_by_key(|problem| problem.severity);
        }
    }
    problems.list
}

fn check_node(graph: &Graph, id: &NodeId, node: &Node, compiled: Option<&Compiled>, tables: &dyn TableLookup, problems: &mut Problems) {
    if node.name.contains(['\r', '\n']) {
        problems.error("Name", "the name must be one line");
    }
    if let NodeKind::Other { member, .. } = &node.kind {
        problems.error(member, format!("Sluice does not run {member} yet"));
    }
    check_inputs(node, problems);
    check_settings(&node.kind, tables, problems);
    if node.kind.role() != Role::Target && graph.children(id).is_empty() {
        problems.warning("Inputs", "nothing reads from this node, so it does nothing");
    }
    let Some(compiled) = compiled else {
        return;
    };
    match &compiled.result {
        Some(Err(error)) => {
            let field = error.field.as_deref().unwrap_or("Inputs");
            // `Other` and open ports have been reported above, in better words.
            let said = matches!(node.kind, NodeKind::Other { .. });
            if !said {
                problems.error(field, error.message.clone());
            }
        }
        Some(Ok(transform)) => {
            for (field, message) in &transform.notes {
                problems.warning(field, message.clone());
            }
            if node.kind.role() != Role::Source && transform.output().is_empty() {
                problems.error(empty_field(&node.kind), "no column is left");
            }
        }
        None => {}
    }
    if let Some(Some(input)) = compiled.inputs.first() {
        check_columns(&node.kind, input, problems);
    }
}

fn empty_field(kind: &NodeKind) -> &'static str {
    match kind {
        NodeKind::ApplyMapping { .. } => "Mapping",
        NodeKind::DropFields { .. } | NodeKind::SelectFields { .. } => "Paths",
        _ => "Inputs",
    }
}

fn check_inputs(node: &Node, problems: &mut Problems) {
    let open = node.inputs.iter().filter(|input| input.is_none()).count();
    let (min, _) = members::inputs(node.kind.member());
    let role = match node.kind.role() {
        Role::Target => "this target",
        _ => "this node",
    };
    match (open, min) {
        (0, _) => {}
        (1, 2) => problems.error("Inputs", format!("{} needs two inputs, and one is open", node.kind.label())),
        (_, 2) => problems.error("Inputs", format!("{} needs two inputs, and none is connected", node.kind.label())),
        _ => problems.error("Inputs", format!("nothing is connected to {role}: choose the node that it reads from")),
    }
}

/// What can be said of the settings alone.
fn check_settings(kind: &NodeKind, tables: &dyn TableLookup, problems: &mut Problems) {
    match kind {
        NodeKind::S3CsvSource(_) | NodeKind::S3JsonSource(_) | NodeKind::S3ParquetSource(_) => {
            if kind.paths().is_empty() || kind.paths().iter().any(|path| path.trim().is_empty()) {
                problems.error("Paths", "choose what to read: a file or folder, as s3://bucket/folder/");
            }
            for path in kind.paths().iter().filter(|path| !path.trim().is_empty()) {
                check_path("Paths", path, problems);
            }
            if let NodeKind::S3JsonSource(source) = kind
                && !source.json_path.is_empty()
            {
                problems.warning("JsonPath", "Sluice does not read by JsonPath yet: whole records are read");
            }
        }
        NodeKind::CatalogSource(source) | NodeKind::S3CatalogSource(source) => check_table(&source.database, &source.table, tables, true, problems),
        NodeKind::DropFields { paths } | NodeKind::SelectFields { paths } => {
            if paths.is_empty() {
                let message = "no column is chosen";
                match kind {
                    NodeKind::DropFields { .. } => problems.warning("Paths", format!("{message}: every column passes")),
                    _ => problems.error("Paths", message),
                }
            }
            if paths.iter().any(Vec::is_empty) {
                problems.error("Paths", "a path is empty");
            }
        }
        NodeKind::RenameField(rename) => {
            if rename.source_path.is_empty() {
                problems.error("SourcePath", "choose the column to rename");
            }
            if rename.target_path.is_empty() || rename.target_path.iter().any(String::is_empty) {
                problems.error("TargetPath", "the new name is missing");
            }
        }
        NodeKind::ApplyMapping { mapping } => {
            if mapping.iter().all(|row| row.dropped) {
                problems.error("Mapping", "no column is mapped: only mapped columns leave Change Schema");
            }
        }
        NodeKind::Filter(filter) => {
            if filter.filters.is_empty() {
                problems.error("Filters", "add a condition");
            }
        }
        NodeKind::DropDuplicates(duplicates) => {
            // The API's pattern for these names is [A-Za-z0-9_-]*, narrower than elsewhere.
            let odd = |name: &&String| !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            if let Some(name) = duplicates.columns.iter().flatten().flatten().find(odd) {
                problems.warning(
                    "Columns",
                    format!("Glue's API takes only letters, digits, “_” and “-” in these names, and would refuse “{name}”"),
                );
            }
        }
        NodeKind::Union(_) | NodeKind::Other { .. } => {}
        NodeKind::S3GlueParquetTarget(target) => {
            check_target(&target.path, kind, problems);
            if target.compression == ParquetCompression::Lzo {
                problems.error("Compression", "Sluice does not write lzo; snappy, gzip, brotli, lz4 and uncompressed are there");
            }
        }
        NodeKind::S3DirectTarget(target) => {
            check_target(&target.path, kind, problems);
            check_direct_format(&target.format, &target.compression, problems);
        }
        NodeKind::S3CatalogTarget(target) => {
            let may_create = target.schema_change_policy.enable_update_catalog;
            check_table(&target.database, &target.table, tables, !may_create, problems);
        }
    }
}

const DIRECT_FORMATS: [&str; 10] = ["json", "csv", "avro", "orc", "parquet", "hudi", "delta", "iceberg", "hyper", "xml"];

fn check_direct_format(format: &str, compression: &str, problems: &mut Problems) {
    let known: &[&str] = match format {
        "csv" | "json" => &["", "none", "uncompressed", "gzip"],
        "parquet" => &["", "none", "uncompressed", "snappy", "gzip", "brotli", "lz4"],
        "" => {
            problems.error("Format", "choose a format");
            return;
        }
        other if DIRECT_FORMATS.contains(&other) => {
            problems.error("Format", format!("Sluice does not write {other} yet; csv, json and parquet are there"));
            return;
        }
        other => {
            problems.error(
                "Format",
                format!("“{other}” is not a format that Glue knows{}", did_you_mean(other, DIRECT_FORMATS)),
            );
            return;
        }
    };
    if !known.contains(&compression) {
        problems.error("Compression", format!("Sluice does not write {format} with {compression} compression"));
    }
}

fn check_table(database: &str, table: &str, tables: &dyn TableLookup, must_exist: bool, problems: &mut Problems) {
    if database.is_empty() {
        problems.error("Database", "choose a database");
    }
    if table.is_empty() {
        problems.error("Table", "choose a table");
    }
    if must_exist && !database.is_empty() && !table.is_empty() && tables.table(database, table).is_none() {
        problems.error("Table", format!("there is no table “{table}” in database “{database}”"));
    }
}

fn check_target(path: &str, kind: &NodeKind, problems: &mut Problems) {
    if path.trim().is_empty() {
        problems.error("Path", "choose where to write: a folder, as s3://bucket/folder/");
    } else {
        check_path("Path", path, problems);
        if path.contains(['*', '?']) {
            problems.warning("Path", "“*” and “?” are plain characters of a folder's name here");
        }
    }
    let Some(policy) = kind.direct_policy().filter(|policy| policy.enable_update_catalog) else {
        return;
    };
    if policy.database.is_empty() {
        problems.error("Database", "a table is to be created: choose its database");
    }
    if policy.table.is_empty() {
        problems.error("Table", "a table is to be created: give it a name");
    }
}

fn check_path(field: &str, path: &str, problems: &mut Problems) {
    let Some(rest) = path
        .strip_prefix("s3://")
        .or_else(|| path.strip_prefix("s3a://"))
        .or_else(|| path.strip_prefix("s3n://"))
    else {
        problems.error(field, format!("“{path}” is not an S3 path: it starts with s3://"));
        return;
    };
    let bucket = rest.split('/').next().unwrap_or("");
    if bucket.is_empty() {
        problems.error(field, format!("“{path}” names no bucket"));
    } else if bucket.contains(['*', '?']) {
        problems.error(field, format!("“{path}”: a bucket's name cannot be a pattern"));
    }
}

/// What can be said once the input's columns are known.
fn check_columns(kind: &NodeKind, input: &[Field], problems: &mut Problems) {
    match kind {
        NodeKind::ApplyMapping { mapping } => check_mapping(mapping, input, problems),
        NodeKind::Filter(filter) => {
            for (index, expression) in filter.filters.iter().enumerate() {
                let ordered = !matches!(expression.operation, FilterOperation::Regex | FilterOperation::IsNull);
                let constant = expression.values.iter().find(|value| value.value_type == FilterValueType::Constant);
                let column = expression.values.iter().find(|value| value.value_type == FilterValueType::ColumnExtracted);
                let (Some(column), Some(text)) = (column, constant.and_then(|constant| constant.value.first())) else {
                    continue;
                };
                let Ok((_, data_type)) = super::filter::find_path(&column.value, input) else {
                    continue;
                };
                let name = column.value.join(".");
                let condition = index + 1;
                match data_type {
                    DataType::String
                        if ordered && expression.operation != FilterOperation::Eq && !text.trim().is_empty() && text.trim().parse::<f64>().is_ok() =>
                    {
                        problems.warning(
                            "Filters",
                            format!("condition {condition}: “{name}” is text and is compared as text (\"5\" is more than \"30\"); make it a number with Change Schema first"),
                        );
                    }
                    DataType::Date | DataType::Timestamp if ordered => problems.warning(
                        "Filters",
                        format!("condition {condition}: “{name}” is a {data_type}, and Python does not compare it with text: no row will meet this"),
                    ),
                    other if expression.operation == FilterOperation::Regex && *other != DataType::String => problems.warning(
                        "Filters",
                        format!("condition {condition}: “{name}” is {other}, and a regular expression matches text only: every row is dropped"),
                    ),
                    _ => {}
                }
            }
        }
        NodeKind::S3GlueParquetTarget(_) | NodeKind::S3DirectTarget(_) | NodeKind::S3CatalogTarget(_) => check_target_columns(kind, input, problems),
        _ => {}
    }
}

fn check_mapping(mapping: &[Mapping], input: &[Field], problems: &mut Problems) {
    let mut keys = BTreeSet::new();
    for row in mapping.iter().filter(|row| !row.dropped) {
        if row.to_key.is_empty() {
            problems.error("Mapping", format!("the new name of “{}” is missing", row.from_path.join(".")));
        } else if !keys.insert(row.to_key.as_str()) {
            problems.warning("Mapping", format!("two columns are named “{}”", row.to_key));
        }
        let to_decimal = matches!(DataType::parse_glue(&row.to_type), Some(DataType::Decimal { .. }));
        if to_decimal
            && let Ok((_, DataType::Decimal { precision, scale })) = super::filter::find_path(&row.from_path, input)
            && (*precision, *scale) != (10, 2)
        {
            problems.warning(
                "Mapping",
                format!(
                    "“{}” is decimal({precision},{scale}) and becomes decimal(10,2), as every decimal of Change Schema",
                    row.from_path.join(".")
                ),
            );
        }
    }
}

fn check_target_columns(kind: &NodeKind, input: &[Field], problems: &mut Problems) {
    let parquet = match kind {
        NodeKind::S3GlueParquetTarget(_) => true,
        NodeKind::S3DirectTarget(target) => target.format == "parquet",
        _ => false,
    };
    let catalog = kind.direct_policy().is_none_or(|policy| policy.enable_update_catalog);
    let mut exact = BTreeSet::new();
    let mut folded = BTreeSet::new();
    for column in input {
        let again = !exact.insert(column.name.as_str());
        let again_folded = !folded.insert(column.name.to_lowercase());
        if again && parquet {
            problems.error(
                "Inputs",
                format!(
                    "two columns are named “{}”, and a Parquet file cannot have that: rename or drop one",
                    column.name
                ),
            );
        } else if again {
            problems.warning("Inputs", format!("two columns are named “{}”", column.name));
        } else if again_folded && catalog {
            problems.error(
                "Inputs",
                format!(
                    "“{}” differs from another column in letter case only, and the Data Catalog keeps names in lower case",
                    column.name
                ),
            );
        }
        if parquet && column.data_type == DataType::Struct(Vec::new()) {
            problems.error("Inputs", format!("“{}” is a struct without members, and Parquet cannot hold that", column.name));
        }
    }
    let direct_csv = matches!(kind, NodeKind::S3DirectTarget(target) if target.format == "csv");
    if direct_csv && let Some(column) = input.iter().find(|column| column.data_type.is_nested()) {
        problems.error(
            "Format",
            format!(
                "“{}” is {}, and CSV cannot hold that: drop it, or write JSON or Parquet",
                column.name, column.data_type
            ),
        );
    }
    let keys = kind.partition_keys();
    let mut seen = BTreeSet::new();
    if let Some(key) = keys.iter().find(|key| !seen.insert(*key)) {
        problems.error("PartitionKeys", format!("“{}” is a partition key twice", key.join(".")));
    }
    let (body, partitions) = split_partition_keys(kind, input);
    if body.is_empty() && !partitions.is_empty() {
        problems.error("PartitionKeys", "every column is a partition key, so the files would have no column");
    }
}
