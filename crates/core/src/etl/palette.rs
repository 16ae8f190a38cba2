//! What the console says about a kind of node: names, purpose, ports, and the one line on its card.
//!
//! Belongs here: texts and defaults of node kinds. Does not belong here: what they do to rows or schemas.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Map, json};

use super::codegen::members;
use super::{
    CatalogSource, CatalogTarget, DirectSchemaChangePolicy, DropDuplicates, Field, FieldPath, Filter, FilterExpression, FilterLogicalOperator, FilterOperation,
    FilterValue, FilterValueType, Mapping, NodeKind, RenameField, Role, S3CsvSource, S3GlueParquetTarget, S3JsonSource, S3ParquetSource, Union, UnionType,
};
use crate::gather::object;

/// How many inputs a kind takes, and whether it has an output. `OneInput`, `TwoInputs`, `ManyInputs` of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// Ports that must be connected before the job runs; a node has at least this many.
    pub min: usize,
    /// `usize::MAX`: any number.
    pub max: usize,
    pub output: bool,
}

/// One entry of the node palette.
#[derive(Clone, Copy, Debug)]
pub struct PaletteEntry {
    /// Key of the entry; for most the API member, with the format behind it where the console has one entry for several.
    pub id: &'static str,
    pub group: Role,
    /// The console's name, which a new node is given.
    pub label: &'static str,
    /// What it is for, in one line.
    pub purpose: &'static str,
    /// Inputs that it needs.
    pub inputs: usize,
    /// The member of `CodeGenConfigurationNode`.
    pub member: &'static str,
    /// More words that a search should find it by.
    pub keywords: &'static str,
    make: fn() -> NodeKind,
}

impl PaletteEntry {
    /// A new node's kind, with the console's defaults.
    pub fn kind(&self) -> NodeKind {
        (self.make)()
    }
}

static PALETTE: [PaletteEntry; 11] = [
    PaletteEntry {
        id: "S3Source",
        group: Role::Source,
        label: "Amazon S3",
        purpose: "Read CSV, JSON or Parquet files from a bucket.",
        inputs: 0,
        member: "S3CsvSource",
        keywords: "source bucket file csv json parquet",
        make: || NodeKind::S3CsvSource(S3CsvSource::new()),
    },
    PaletteEntry {
        id: "S3CatalogSource",
        group: Role::Source,
        label: "AWS Glue Data Catalog",
        purpose: "Read a table of the Data Catalog, with its types.",
        inputs: 0,
        member: "S3CatalogSource",
        keywords: "source table database crawler",
        make: || NodeKind::S3CatalogSource(CatalogSource::default()),
    },
    PaletteEntry {
        id: "ApplyMapping",
        group: Role::Transform,
        label: "Change Schema",
        purpose: "Choose, rename and retype columns in one step.",
        inputs: 1,
        member: "ApplyMapping",
        keywords: "apply mapping cast type rename drop",
        make: || NodeKind::ApplyMapping { mapping: Vec::new() },
    },
    PaletteEntry {
        id: "SelectFields",
        group: Role::Transform,
        label: "Select Fields",
        purpose: "Keep the columns you name, drop the rest.",
        inputs: 1,
        member: "SelectFields",
        keywords: "keep columns project",
        make: || NodeKind::SelectFields { paths: Vec::new() },
    },
    PaletteEntry {
        id: "DropFields",
        group: Role::Transform,
        label: "Drop Fields",
        purpose: "Drop the columns you name, keep the rest.",
        inputs: 1,
        member: "DropFields",
        keywords: "remove columns",
        make: || NodeKind::DropFields { paths: Vec::new() },
    },
    PaletteEntry {
        id: "RenameField",
        group: Role::Transform,
        label: "Rename Field",
        purpose: "Give one column another name.",
        inputs: 1,
        member: "RenameField",
        keywords: "column name",
        make: || {
            NodeKind::RenameField(RenameField {
                source_path: Vec::new(),
                target_path: Vec::new(),
            })
        },
    },
    PaletteEntry {
        id: "Filter",
        group: Role::Transform,
        label: "Filter",
        purpose: "Keep the rows that meet your conditions.",
        inputs: 1,
        member: "Filter",
        keywords: "where condition regex rows",
        make: || NodeKind::Filter(Filter::default()),
    },
    PaletteEntry {
        id: "Union",
        group: Role::Transform,
        label: "Union",
        purpose: "Put the rows of two inputs with the same schema together.",
        inputs: 2,
        member: "Union",
        keywords: "append combine all distinct",
        make: || NodeKind::Union(Union::default()),
    },
    PaletteEntry {
        id: "DropDuplicates",
        group: Role::Transform,
        label: "Drop Duplicates",
        purpose: "Keep one of the rows that are equal, in all or some columns.",
        inputs: 1,
        member: "DropDuplicates",
        keywords: "distinct unique dedupe",
        make: || NodeKind::DropDuplicates(DropDuplicates::default()),
    },
    PaletteEntry {
        id: "S3Target",
        group: Role::Target,
        label: "Amazon S3",
        purpose: "Write Parquet, JSON or CSV files to a bucket.",
        inputs: 1,
        member: "S3GlueParquetTarget",
        keywords: "target sink bucket file parquet csv json",
        make: || NodeKind::S3GlueParquetTarget(S3GlueParquetTarget::default()),
    },
    PaletteEntry {
        id: "S3CatalogTarget",
        group: Role::Target,
        label: "AWS Glue Data Catalog",
        purpose: "Write to where a table of the Data Catalog points.",
        inputs: 1,
        member: "S3CatalogTarget",
        keywords: "target sink table database",
        make: || NodeKind::S3CatalogTarget(CatalogTarget::default()),
    },
];

impl S3CsvSource {
    /// Comma, double quotes, a header, folders read recursively: what the console starts with.
    pub fn new() -> Self {
        S3CsvSource {
            paths: Vec::new(),
            separator: super::Separator::Comma,
            quote_char: super::QuoteChar::Quote,
            escaper: String::new(),
            multiline: false,
            with_header: true,
            recurse: true,
            exclusions: Vec::new(),
            compression_type: None,
            columns: Vec::new(),
            rest: object([
                ("WriteHeader".to_owned(), json!(true)),
                ("SkipFirst".to_owned(), json!(false)),
                ("OptimizePerformance".to_owned(), json!(false)),
            ]),
        }
    }
}

impl Default for S3CsvSource {
    fn default() -> Self {
        S3CsvSource::new()
    }
}

impl Default for S3JsonSource {
    fn default() -> Self {
        S3JsonSource {
            paths: Vec::new(),
            json_path: String::new(),
            multiline: false,
            recurse: true,
            exclusions: Vec::new(),
            compression_type: None,
            columns: Vec::new(),
            rest: Map::new(),
        }
    }
}

impl Default for S3ParquetSource {
    fn default() -> Self {
        S3ParquetSource {
            paths: Vec::new(),
            recurse: true,
            exclusions: Vec::new(),
            compression_type: None,
            columns: Vec::new(),
            rest: Map::new(),
        }
    }
}

impl NodeKind {
    /// What can be put on a canvas, in the order of the console.
    pub fn palette() -> &'static [PaletteEntry] {
        &PALETTE
    }

    /// The member of `CodeGenConfigurationNode`.
    pub fn member(&self) -> &str {
        match self {
            NodeKind::S3CsvSource(_) => "S3CsvSource",
            NodeKind::S3JsonSource(_) => "S3JsonSource",
            NodeKind::S3ParquetSource(_) => "S3ParquetSource",
            NodeKind::CatalogSource(_) => "CatalogSource",
            NodeKind::S3CatalogSource(_) => "S3CatalogSource",
            NodeKind::DropFields { .. } => "DropFields",
            NodeKind::SelectFields { .. } => "SelectFields",
            NodeKind::RenameField(_) => "RenameField",
            NodeKind::ApplyMapping { .. } => "ApplyMapping",
            NodeKind::Filter(_) => "Filter",
            NodeKind::Union(_) => "Union",
            NodeKind::DropDuplicates(_) => "DropDuplicates",
            NodeKind::S3GlueParquetTarget(_) => "S3GlueParquetTarget",
            NodeKind::S3DirectTarget(_) => "S3DirectTarget",
            NodeKind::S3CatalogTarget(_) => "S3CatalogTarget",
            NodeKind::Other { member, .. } => member,
        }
    }

    /// The console's name of the kind; for members that Sluice does not run, the API's.
    pub fn label(&self) -> &'static str {
        members::label(self.member())
    }

    pub fn role(&self) -> Role {
        members::role(self.member())
    }

    pub fn ports(&self) -> Ports {
        let (min, max) = members::inputs(self.member());
        Ports {
            min,
            max,
            output: self.role() != Role::Target,
        }
    }

    /// The paths that an S3 source reads; empty for every other kind.
    pub fn paths(&self) -> &[String] {
        match self {
            NodeKind::S3CsvSource(source) => &source.paths,
            NodeKind::S3JsonSource(source) => &source.paths,
            NodeKind::S3ParquetSource(source) => &source.paths,
            _ => &[],
        }
    }

    /// The columns that an S3 source is known to have; `None` for other kinds, and while they are not known.
    pub fn columns(&self) -> Option<&[Field]> {
        let columns = match self {
            NodeKind::S3CsvSource(source) => &source.columns,
            NodeKind::S3JsonSource(source) => &source.columns,
            NodeKind::S3ParquetSource(source) => &source.columns,
            _ => return None,
        };
        (!columns.is_empty()).then_some(columns.as_slice())
    }

    /// Puts the columns that an S3 source was found to have; `false` for other kinds.
    pub fn set_columns(&mut self, found: Vec<Field>) -> bool {
        match self {
            NodeKind::S3CsvSource(source) => source.columns = found,
            NodeKind::S3JsonSource(source) => source.columns = found,
            NodeKind::S3ParquetSource(source) => source.columns = found,
            _ => return false,
        }
        true
    }

    /// The partition keys of a target; empty for every other kind.
    pub fn partition_keys(&self) -> &[FieldPath] {
        match self {
            NodeKind::S3GlueParquetTarget(target) => &target.partition_keys,
            NodeKind::S3DirectTarget(target) => &target.partition_keys,
            NodeKind::S3CatalogTarget(target) => &target.partition_keys,
            _ => &[],
        }
    }

    /// The catalog update choice of a path target.
    pub fn direct_policy(&self) -> Option<&DirectSchemaChangePolicy> {
        match self {
            NodeKind::S3GlueParquetTarget(target) => Some(&target.schema_change_policy),
            NodeKind::S3DirectTarget(target) => Some(&target.schema_change_policy),
            _ => None,
        }
    }

    /// The one line of a node's card, as `− 8 of 11 columns` or `status = 'PAID'`; empty while there is nothing to say.
    /// `input`: the columns of its first input, where they are known.
    pub fn effect_line(&self, input: Option<&[Field]>) -> String {
        match self {
            NodeKind::S3CsvSource(_) | NodeKind::S3JsonSource(_) | NodeKind::S3ParquetSource(_) => match self.paths() {
                [] => String::new(),
                [one] => one.clone(),
                [first, rest @ ..] => format!("{first} + {}", rest.len()),
            },
            NodeKind::CatalogSource(source) | NodeKind::S3CatalogSource(source) => dotted(&source.database, &source.table),
            NodeKind::DropFields { paths } if paths.is_empty() => String::new(),
            NodeKind::DropFields { paths } => match (paths.as_slice(), input) {
                ([one], _) => format!("− {}", one.join(".")),
                (_, Some(columns)) => format!(
                    "− {} of {}",
                    paths.iter().filter(|path| known(path, columns)).count(),
                    columns_text(columns.len())
                ),
                _ => format!("− {}", columns_text(paths.len())),
            },
            NodeKind::SelectFields { paths } if paths.is_empty() => String::new(),
            NodeKind::SelectFields { paths } => match input {
                Some(columns) => format!(
                    "{} of {}",
                    paths.iter().filter(|path| known(path, columns)).count(),
                    columns_text(columns.len())
                ),
                None => columns_text(paths.len()),
            },
            NodeKind::RenameField(rename) if rename.source_path.is_empty() => String::new(),
            NodeKind::RenameField(rename) => format!("{} → {}", rename.source_path.join("."), rename.target_path.join(".")),
            NodeKind::ApplyMapping { mapping } => mapping_line(mapping),
            NodeKind::Filter(filter) => filter_line(filter),
            NodeKind::Union(union) => match union.union_type {
                UnionType::All => "all rows of both".to_owned(),
                UnionType::Distinct => "distinct rows of both".to_owned(),
            },
            NodeKind::DropDuplicates(duplicates) => match &duplicates.columns {
                None => "whole rows".to_owned(),
                Some(columns) => format!("by {}", columns.iter().map(|path| path.join(".")).collect::<Vec<_>>().join(", ")),
            },
            NodeKind::S3GlueParquetTarget(target) => target_line("parquet", &target.path, &target.schema_change_policy),
            NodeKind::S3DirectTarget(target) => target_line(&target.format, &target.path, &target.schema_change_policy),
            NodeKind::S3CatalogTarget(target) => match dotted(&target.database, &target.table) {
                table if table.is_empty() => table,
                table => format!("→ {table}"),
            },
            NodeKind::Other { member, .. } => member.clone(),
        }
    }
}

fn dotted(database: &str, table: &str) -> String {
    match (database, table) {
        ("", "") => String::new(),
        (database, "") => format!("{database}.…"),
        (database, table) => format!("{database}.{table}"),
    }
}

fn columns_text(count: usize) -> String {
    if count == 1 { "1 column".to_owned() } else { format!("{count} columns") }
}

/// Whether the first step of a path is a column.
fn known(path: &FieldPath, columns: &[Field]) -> bool {
    path.first().is_some_and(|name| columns.iter().any(|column| column.name == *name))
}

fn mapping_line(mapping: &[Mapping]) -> String {
    let kept: Vec<&Mapping> = mapping.iter().filter(|row| !row.dropped).collect();
    if mapping.is_empty() {
        return String::new();
    }
    let source = |row: &Mapping| row.from_path.join(".");
    let retyped: Vec<&&Mapping> = kept.iter().filter(|row| row.from_type != row.to_type).collect();
    let renamed: Vec<&&Mapping> = kept.iter().filter(|row| source(row) != row.to_key).collect();
    if kept.len() == mapping.len() {
        match (retyped.as_slice(), renamed.as_slice()) {
            ([], []) => return columns_text(kept.len()),
            ([row], []) => return format!("{}: {} → {}", row.to_key, row.from_type, row.to_type),
            ([], [row]) => return format!("{} → {}", source(row), row.to_key),
            _ => {}
        }
    }
    let mut parts = Vec::new();
    if kept.len() < mapping.len() {
        parts.push(format!("{} of {}", kept.len(), columns_text(mapping.len())));
    }
    if !retyped.is_empty() {
        parts.push(format!("{} retyped", retyped.len()));
    }
    if !renamed.is_empty() {
        parts.push(format!("{} renamed", renamed.len()));
    }
    parts.join(", ")
}

fn operand(value: &FilterValue) -> String {
    match value.value_type {
        FilterValueType::ColumnExtracted => value.value.join("."),
        FilterValueType::Constant => {
            let text = value.value.first().map_or("", String::as_str);
            if text.parse::<f64>().is_ok() { text.to_owned() } else { format!("'{text}'") }
        }
    }
}

fn expression_line(expression: &FilterExpression) -> String {
    let left = expression.values.first().map(operand).unwrap_or_default();
    let right = expression.values.get(1).map(operand).unwrap_or_default();
    let (plain, negated) = match expression.operation {
        FilterOperation::Eq => ("=", "≠"),
        FilterOperation::Lt => ("<", "≥"),
        FilterOperation::Gt => (">", "≤"),
        FilterOperation::Lte => ("≤", ">"),
        FilterOperation::Gte => ("≥", "<"),
        FilterOperation::Regex => ("matches", "does not match"),
        FilterOperation::IsNull => {
            return format!("{left} is {}null", if expression.negated { "not " } else { "" });
        }
    };
    format!("{left} {} {right}", if expression.negated { negated } else { plain })
}

fn filter_line(filter: &Filter) -> String {
    let joint = match filter.logical_operator {
        FilterLogicalOperator::And => " and ",
        FilterLogicalOperator::Or => " or ",
    };
    filter.filters.iter().map(expression_line).collect::<Vec<_>>().join(joint)
}

fn target_line(format: &str, path: &str, policy: &DirectSchemaChangePolicy) -> String {
    let table = dotted(&policy.database, &policy.table);
    let place = if policy.enable_update_catalog && !table.is_empty() {
        table
    } else {
        path.to_string()
    };
    if place.is_empty() {
        format.to_owned()
    } else {
        format!("{format} → {place}")
    }
}
