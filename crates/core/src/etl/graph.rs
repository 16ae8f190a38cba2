//! The graph of a visual job: nodes typed as the members of Glue's `CodeGenConfigurationNode`, and the edges in their inputs.
//!
//! Member names and enum texts are botocore's (`glue` service model); members that we do not interpret are kept in `rest`, so an import loses nothing.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Field;

/// A node's key in `CodeGenConfigurationNodes`: `[A-Za-z0-9_-]*`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NodeId(pub String);

impl From<&str> for NodeId {
    fn from(id: &str) -> Self {
        NodeId(id.to_owned())
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A column by path: one element a nesting level, `["address","zip"]`.
pub type FieldPath = Vec<String>;

/// A job's graph. Iteration is in key order, so results never depend on insertion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    pub nodes: BTreeMap<NodeId, Node>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// One line of text.
    pub name: String,
    pub kind: NodeKind,
    /// The parents, by input port. A port that is not connected is `None`. Length: see [`NodeKind::ports`].
    pub inputs: Vec<Option<NodeId>>,
    /// What to do with rows that do not fit; sources only. Ours, beside the node: Glue has no such member.
    #[serde(default)]
    pub read_mode: ReadMode,
    /// Members that came with an import and are not interpreted, for kinds that have no `rest` of their own.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub rest: Map<String, Value>,
}

impl Node {
    /// A node with nothing connected: as many open ports as its kind needs.
    pub fn new(name: impl Into<String>, kind: NodeKind) -> Self {
        let inputs = alloc::vec![None; kind.ports().min];
        Node {
            name: name.into(),
            kind,
            inputs,
            read_mode: ReadMode::default(),
            rest: Map::new(),
        }
    }
}

/// Spark's parse modes for a source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ReadMode {
    /// Keep the row, null what is missing.
    #[default]
    Permissive,
    DropMalformed,
    FailFast,
}

/// What a node is for; gives its colour and shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
    Source,
    Transform,
    Target,
    Control,
}

/// One member of `CodeGenConfigurationNode`, without `Name` and `Inputs` (those are the [`Node`]'s).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum NodeKind {
    S3CsvSource(S3CsvSource),
    S3JsonSource(S3JsonSource),
    S3ParquetSource(S3ParquetSource),
    CatalogSource(CatalogSource),
    /// Same parameters as `CatalogSource`; what Glue Studio writes for a catalog table whose data are in S3.
    S3CatalogSource(CatalogSource),
    DropFields {
        paths: Vec<FieldPath>,
    },
    SelectFields {
        paths: Vec<FieldPath>,
    },
    RenameField(RenameField),
    /// "Change Schema" in the console.
    ApplyMapping {
        mapping: Vec<Mapping>,
    },
    Filter(Filter),
    Union(Union),
    DropDuplicates(DropDuplicates),
    S3GlueParquetTarget(S3GlueParquetTarget),
    S3DirectTarget(S3DirectTarget),
    S3CatalogTarget(CatalogTarget),
    /// A member that Sluice does not run yet: kept as it came, an error when run.
    Other {
        member: String,
        value: Map<String, Value>,
    },
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Separator {
    #[default]
    Comma,
    CtrlA,
    Pipe,
    Semicolon,
    Tab,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QuoteChar {
    #[default]
    Quote,
    Quillemet,
    SingleQuote,
    Disabled,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct S3CsvSource {
    /// `s3://bucket/key-or-prefix`.
    pub paths: Vec<String>,
    pub separator: Separator,
    pub quote_char: QuoteChar,
    #[serde(default)]
    pub escaper: String,
    #[serde(default)]
    pub multiline: bool,
    #[serde(default)]
    pub with_header: bool,
    #[serde(default)]
    pub recurse: bool,
    #[serde(default)]
    pub exclusions: Vec<String>,
    /// `gzip`, `bzip2`; empty or absent: by the file itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression_type: Option<String>,
    /// The schema shown before a run; serialised as Glue's `OutputSchemas`. Empty: not known yet.
    #[serde(skip_serializing_if = "Vec::is_empty", default, rename = "SluiceColumns")]
    pub columns: Vec<Field>,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct S3JsonSource {
    pub paths: Vec<String>,
    #[serde(default)]
    pub json_path: String,
    #[serde(default)]
    pub multiline: bool,
    #[serde(default)]
    pub recurse: bool,
    #[serde(default)]
    pub exclusions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression_type: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default, rename = "SluiceColumns")]
    pub columns: Vec<Field>,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct S3ParquetSource {
    pub paths: Vec<String>,
    #[serde(default)]
    pub recurse: bool,
    #[serde(default)]
    pub exclusions: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compression_type: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default, rename = "SluiceColumns")]
    pub columns: Vec<Field>,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CatalogSource {
    pub database: String,
    pub table: String,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct RenameField {
    pub source_path: FieldPath,
    pub target_path: FieldPath,
}

/// One row of Change Schema. `from_type`/`to_type` are DynamicFrame names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Mapping {
    pub to_key: String,
    pub from_path: FieldPath,
    pub from_type: String,
    pub to_type: String,
    pub dropped: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Mapping>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FilterLogicalOperator {
    #[default]
    And,
    Or,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FilterOperation {
    Eq,
    Lt,
    Gt,
    Lte,
    Gte,
    Regex,
    IsNull,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum FilterValueType {
    ColumnExtracted,
    Constant,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FilterValue {
    #[serde(rename = "Type")]
    pub value_type: FilterValueType,
    /// A column path, or one constant as text.
    pub value: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FilterExpression {
    pub operation: FilterOperation,
    #[serde(default)]
    pub negated: bool,
    pub values: Vec<FilterValue>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Filter {
    pub logical_operator: FilterLogicalOperator,
    pub filters: Vec<FilterExpression>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum UnionType {
    #[default]
    All,
    Distinct,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Union {
    pub union_type: UnionType,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct DropDuplicates {
    /// Absent: whole rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<Vec<FieldPath>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ParquetCompression {
    #[default]
    Snappy,
    Lzo,
    Gzip,
    Brotli,
    Lz4,
    Uncompressed,
    None,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UpdateBehavior {
    #[default]
    UpdateInDatabase,
    Log,
}

/// The catalog update choice of a path target; facts sheet 1.5 maps it to the console's three radio buttons.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct DirectSchemaChangePolicy {
    pub enable_update_catalog: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_behavior: Option<UpdateBehavior>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub table: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub database: String,
}

/// The catalog update choice of a catalog target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct SchemaChangePolicy {
    pub enable_update_catalog: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_behavior: Option<UpdateBehavior>,
}

/// "Amazon S3" target, format "Glue Parquet".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct S3GlueParquetTarget {
    /// `s3://bucket/prefix/`.
    pub path: String,
    #[serde(default)]
    pub partition_keys: Vec<FieldPath>,
    #[serde(default)]
    pub compression: ParquetCompression,
    #[serde(default)]
    pub schema_change_policy: DirectSchemaChangePolicy,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// "Amazon S3" target in any other format; Sluice writes `csv`, `json` and `parquet`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct S3DirectTarget {
    pub path: String,
    pub format: String,
    #[serde(default)]
    pub compression: String,
    #[serde(default)]
    pub partition_keys: Vec<FieldPath>,
    #[serde(default)]
    pub schema_change_policy: DirectSchemaChangePolicy,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// A table of the catalog as target: written where the table points to, in its format.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct CatalogTarget {
    pub database: String,
    pub table: String,
    #[serde(default)]
    pub partition_keys: Vec<FieldPath>,
    #[serde(default)]
    pub schema_change_policy: SchemaChangePolicy,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}
