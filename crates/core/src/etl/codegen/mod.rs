//! `CodeGenConfigurationNodes` ↔ [`Graph`]: the JSON that Glue's CreateJob, UpdateJob and GetJob carry.
//!
//! Stricter than the API's own parameter check, which looks at neither enums nor patterns nor at how many members a node has.
//! Belongs here: the shape of that JSON. Does not belong here: whether the job makes sense (`validate`), what nodes do.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{
    CatalogSource, CatalogTarget, DataType, DropDuplicates, Field, Filter, Graph, Node, NodeId, NodeKind, ReadMode, RenameField, S3CsvSource, S3DirectTarget,
    S3GlueParquetTarget, S3JsonSource, S3ParquetSource, Union,
};
use crate::account::NodeError;
use crate::etl::suggest::did_you_mean;
use crate::gather::{Gather, object};

pub(crate) mod members;

const OUTPUT_SCHEMAS: &str = "OutputSchemas";

/// Reads a job's nodes. Every error names its node and member; a graph comes back only if there is none, and then it keeps I4.
///
/// Fewer `Inputs` than the kind needs are open ports (a job may be saved unfinished), an empty text in `Inputs` is an open port before a connected one.
/// Members that Sluice does not interpret are kept and written again. A missing optional member gets the API's default, which is then written out.
pub fn from_codegen(nodes: &Value) -> Result<Graph, Vec<NodeError>> {
    let Value::Object(nodes) = nodes else {
        return Err(alloc::vec![NodeError {
            node: None,
            field: Some("CodeGenConfigurationNodes".to_owned()),
            message: format!("CodeGenConfigurationNodes is a map from node id to node, not {}", kind_of(nodes)),
        }]);
    };
    let mut errors = Vec::new();
    let mut graph = Graph::default();
    for (id, value) in nodes {
        if let Some(node) = read_node(id, value, &mut errors) {
            graph.nodes.insert(NodeId(id.clone()), node);
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    match graph.check() {
        Ok(()) => Ok(graph),
        Err(error) => Err(alloc::vec![NodeError {
            node: error.node().cloned(),
            field: Some("Inputs".to_owned()),
            message: error.to_string(),
        }]),
    }
}

/// Writes a job's nodes. The read modes of sources have no place in this JSON and are left out.
pub fn to_codegen(graph: &Graph) -> Value {
    Value::Object(graph.nodes.iter().map(|(id, node)| (id.0.clone(), write_node(node))).gather())
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

/// The members of one node that have not been read yet.
struct Members<'a> {
    id: &'a str,
    member: &'a str,
    left: Map<String, Value>,
    errors: &'a mut Vec<NodeError>,
}

impl Members<'_> {
    fn error(&mut self, field: &str, message: String) {
        self.errors.push(NodeError {
            node: Some(NodeId(self.id.to_owned())),
            field: Some(field.to_owned()),
            message: format!("{}: {message}", self.member),
        });
    }

    fn optional<T: DeserializeOwned + Serialize>(&mut self, field: &str) -> Option<T> {
        let value = self.left.remove(field).filter(|value| !value.is_null())?;
        let parsed = match serde_json::from_value::<T>(value.clone()) {
            Ok(parsed) => parsed,
            Err(error) => {
                self.error(field, format!("{field} cannot be read: {error}"));
                return None;
            }
        };
        // A member inside it that the API does not know would be lost without a word.
        if let Some(path) = serde_json::to_value(&parsed).ok().and_then(|again| lost_member(&value, &again, field)) {
            self.error(field, format!("{path} is not a member that Glue knows"));
        }
        Some(parsed)
    }

    fn or_default<T: DeserializeOwned + Serialize + Default>(&mut self, field: &str) -> T {
        self.optional(field).unwrap_or_default()
    }

    /// Reports a member that is absent. The default only fills the place: with an error, no graph is made.
    fn required<T: DeserializeOwned + Serialize>(&mut self, field: &str, filler: T) -> T {
        if self.left.get(field).is_none_or(Value::is_null) {
            self.error(field, format!("{field} is missing"));
            return filler;
        }
        self.optional(field).unwrap_or(filler)
    }

    /// An enum that Glue Studio writes as an empty text when nothing was chosen.
    fn optional_text(&mut self, field: &str) -> Option<String> {
        self.optional(field)
    }

    fn columns(&mut self) -> Vec<Field> {
        let Some(value) = self.left.remove(OUTPUT_SCHEMAS).filter(|value| !value.is_null()) else {
            return Vec::new();
        };
        let columns = match read_schema(&value) {
            Ok(columns) => columns,
            Err(message) => {
                self.error(OUTPUT_SCHEMAS, message);
                return Vec::new();
            }
        };
        // What the columns alone do not give back (GlueStudioType, other spellings of a type) is kept as it came.
        if write_schema(&columns).as_ref() != Some(&value) {
            self.left.insert(OUTPUT_SCHEMAS.to_owned(), value);
        }
        columns
    }

    fn rest(&mut self) -> Map<String, Value> {
        core::mem::take(&mut self.left)
    }
}

/// The path of the first object member of `value` that `again`, its re-serialised reading, does not have. Empty values are no loss.
fn lost_member(value: &Value, again: &Value, path: &str) -> Option<String> {
    match (value, again) {
        (Value::Object(value), Value::Object(again)) => value.iter().find_map(|(name, inner)| {
            let path = format!("{path}.{name}");
            match again.get(name) {
                Some(other) => lost_member(inner, other, &path),
                None if is_empty(inner) => None,
                None => Some(path),
            }
        }),
        (Value::Array(value), Value::Array(again)) => value
            .iter()
            .zip(again)
            .enumerate()
            .find_map(|(index, (inner, other))| lost_member(inner, other, &format!("{path}[{index}]"))),
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn read_node(id: &str, value: &Value, errors: &mut Vec<NodeError>) -> Option<Node> {
    let mut fail = |field: Option<&str>, message: String| {
        errors.push(NodeError {
            node: Some(NodeId(id.to_owned())),
            field: field.map(ToOwned::to_owned),
            message,
        });
        None
    };
    if id.is_empty() || !id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        return fail(None, format!("“{id}” cannot be a node id: letters, digits, “_” and “-” only"));
    }
    let Value::Object(outer) = value else {
        return fail(None, format!("the node is {}, not a map with one member", kind_of(value)));
    };
    let mut set = outer.iter().filter(|(_, value)| !value.is_null());
    let Some((member, value)) = set.next() else {
        return fail(None, "the node has no member; exactly one must be set, such as S3CsvSource".to_owned());
    };
    if let Some((other, _)) = set.next() {
        return fail(Some(other), format!("the node has both {member} and {other}; exactly one member must be set"));
    }
    if !members::exists(member) {
        let hint = did_you_mean(member, members::names());
        return fail(Some(member), format!("{member} is not a node that Glue knows{hint}"));
    }
    let Value::Object(value) = value else {
        return fail(Some(member), format!("{member} is {}, not a map", kind_of(value)));
    };
    let mut members = Members {
        id,
        member,
        left: value.clone(),
        errors,
    };
    let name: String = members.required("Name", String::new());
    if name.contains(['\r', '\n']) {
        members.error("Name", "Name must be one line of text".to_owned());
    }
    let inputs = read_inputs(&mut members, member);
    let kind = read_kind(&mut members, member);
    let rest = members.rest();
    Some(Node {
        name,
        kind,
        inputs,
        read_mode: ReadMode::default(),
        rest,
    })
}

fn read_inputs(members: &mut Members<'_>, member: &str) -> Vec<Option<NodeId>> {
    let (min, max) = members::inputs(member);
    if max == 0 {
        if members.left.get("Inputs").is_some_and(|inputs| !is_empty(inputs)) {
            members.error("Inputs", "a source takes no Inputs".to_owned());
        }
        members.left.remove("Inputs");
        return Vec::new();
    }
    let given: Vec<String> = members.required("Inputs", Vec::new());
    if given.len() > max {
        members.error("Inputs", format!("Inputs has {} nodes, at most {max} can be connected", given.len()));
        return alloc::vec![None; min];
    }
    let mut inputs: Vec<Option<NodeId>> = given.into_iter().map(|id| (!id.is_empty()).then_some(NodeId(id))).collect();
    if inputs.len() < min {
        inputs.resize(min, None);
    }
    inputs
}

fn read_kind(m: &mut Members<'_>, member: &str) -> NodeKind {
    match member {
        "S3CsvSource" => NodeKind::S3CsvSource(S3CsvSource {
            paths: m.required("Paths", Vec::new()),
            separator: m.required("Separator", Default::default()),
            quote_char: m.required("QuoteChar", Default::default()),
            escaper: m.or_default("Escaper"),
            multiline: m.or_default("Multiline"),
            with_header: m.or_default("WithHeader"),
            recurse: m.or_default("Recurse"),
            exclusions: m.or_default("Exclusions"),
            compression_type: m.optional_text("CompressionType"),
            columns: m.columns(),
            rest: m.rest(),
        }),
        "S3JsonSource" => NodeKind::S3JsonSource(S3JsonSource {
            paths: m.required("Paths", Vec::new()),
            json_path: m.or_default("JsonPath"),
            multiline: m.or_default("Multiline"),
            recurse: m.or_default("Recurse"),
            exclusions: m.or_default("Exclusions"),
            compression_type: m.optional_text("CompressionType"),
            columns: m.columns(),
            rest: m.rest(),
        }),
        "S3ParquetSource" => NodeKind::S3ParquetSource(S3ParquetSource {
            paths: m.required("Paths", Vec::new()),
            recurse: m.or_default("Recurse"),
            exclusions: m.or_default("Exclusions"),
            compression_type: m.optional_text("CompressionType"),
            columns: m.columns(),
            rest: m.rest(),
        }),
        "CatalogSource" => NodeKind::CatalogSource(read_catalog_source(m)),
        "S3CatalogSource" => NodeKind::S3CatalogSource(read_catalog_source(m)),
        "DropFields" => NodeKind::DropFields {
            paths: m.required("Paths", Vec::new()),
        },
        "SelectFields" => NodeKind::SelectFields {
            paths: m.required("Paths", Vec::new()),
        },
        "RenameField" => NodeKind::RenameField(RenameField {
            source_path: m.required("SourcePath", Vec::new()),
            target_path: m.required("TargetPath", Vec::new()),
        }),
        "ApplyMapping" => NodeKind::ApplyMapping {
            mapping: m.required("Mapping", Vec::new()),
        },
        "Filter" => NodeKind::Filter(Filter {
            logical_operator: m.required("LogicalOperator", Default::default()),
            filters: m.required("Filters", Vec::new()),
        }),
        "Union" => NodeKind::Union(Union {
            union_type: m.required("UnionType", Default::default()),
        }),
        "DropDuplicates" => NodeKind::DropDuplicates(DropDuplicates {
            columns: m.optional("Columns"),
        }),
        "S3GlueParquetTarget" => NodeKind::S3GlueParquetTarget(S3GlueParquetTarget {
            path: m.required("Path", String::new()),
            partition_keys: m.or_default("PartitionKeys"),
            compression: m.or_default("Compression"),
            schema_change_policy: m.or_default("SchemaChangePolicy"),
            rest: m.rest(),
        }),
        "S3DirectTarget" => NodeKind::S3DirectTarget(S3DirectTarget {
            path: m.required("Path", String::new()),
            format: m.required("Format", String::new()),
            compression: m.or_default("Compression"),
            partition_keys: m.or_default("PartitionKeys"),
            schema_change_policy: m.or_default("SchemaChangePolicy"),
            rest: m.rest(),
        }),
        "S3CatalogTarget" => NodeKind::S3CatalogTarget(CatalogTarget {
            database: m.required("Database", String::new()),
            table: m.required("Table", String::new()),
            partition_keys: m.or_default("PartitionKeys"),
            schema_change_policy: m.or_default("SchemaChangePolicy"),
            rest: m.rest(),
        }),
        _ => NodeKind::Other {
            member: member.to_owned(),
            value: m.rest(),
        },
    }
}

fn read_catalog_source(m: &mut Members<'_>) -> CatalogSource {
    CatalogSource {
        database: m.required("Database", String::new()),
        table: m.required("Table", String::new()),
        rest: m.rest(),
    }
}

/// Columns of the first `GlueSchema` of an `OutputSchemas`. A type that is no storable one (`choice`) is taken as string.
fn read_schema(value: &Value) -> Result<Vec<Field>, String> {
    let Value::Array(schemas) = value else {
        return Err(format!("OutputSchemas is {}, not a list", kind_of(value)));
    };
    let Some(first) = schemas.first() else {
        return Ok(Vec::new());
    };
    let columns = match first.get("Columns") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(columns)) => columns,
        Some(other) => return Err(format!("OutputSchemas[0].Columns is {}, not a list", kind_of(other))),
    };
    columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let Some(name) = column.get("Name").and_then(Value::as_str) else {
                return Err(format!("OutputSchemas[0].Columns[{index}] has no Name"));
            };
            let named = |member: &str| column.get(member).and_then(Value::as_str).and_then(DataType::parse_glue);
            let data_type = named("Type").or_else(|| named("GlueStudioType")).unwrap_or(DataType::String);
            Ok(Field::new(name, data_type))
        })
        .collect()
}

/// `None` for no columns: the member is then left out.
fn write_schema(columns: &[Field]) -> Option<Value> {
    if columns.is_empty() {
        return None;
    }
    let columns: Vec<Value> = columns
        .iter()
        .map(|column| json!({ "Name": column.name, "Type": column.data_type.to_string() }))
        .collect();
    Some(json!([{ "Columns": columns }]))
}

fn put(map: &mut Map<String, Value>, field: &str, value: impl Serialize) {
    let value = serde_json::to_value(value).expect("a graph holds only maps with text keys, lists, texts, numbers and booleans");
    map.insert(field.to_owned(), value);
}

fn put_some(map: &mut Map<String, Value>, field: &str, value: Option<impl Serialize>) {
    if let Some(value) = value {
        put(map, field, value);
    }
}

fn put_columns(map: &mut Map<String, Value>, columns: &[Field], rest: &Map<String, Value>) {
    let kept = rest.get(OUTPUT_SCHEMAS).filter(|kept| read_schema(kept).is_ok_and(|read| read == columns));
    match kept.cloned().or_else(|| write_schema(columns)) {
        Some(schema) => map.insert(OUTPUT_SCHEMAS.to_owned(), schema),
        None => map.remove(OUTPUT_SCHEMAS),
    };
}

fn write_node(node: &Node) -> Value {
    let mut map = node.rest.clone();
    match &node.kind {
        NodeKind::S3CsvSource(source) => {
            map.extend(source.rest.clone());
            put(&mut map, "Paths", &source.paths);
            put(&mut map, "Separator", source.separator);
            put(&mut map, "QuoteChar", source.quote_char);
            put(&mut map, "Escaper", &source.escaper);
            put(&mut map, "Multiline", source.multiline);
            put(&mut map, "WithHeader", source.with_header);
            put(&mut map, "Recurse", source.recurse);
            put(&mut map, "Exclusions", &source.exclusions);
            put_some(&mut map, "CompressionType", source.compression_type.as_ref());
            put_columns(&mut map, &source.columns, &source.rest);
        }
        NodeKind::S3JsonSource(source) => {
            map.extend(source.rest.clone());
            put(&mut map, "Paths", &source.paths);
            put(&mut map, "JsonPath", &source.json_path);
            put(&mut map, "Multiline", source.multiline);
            put(&mut map, "Recurse", source.recurse);
            put(&mut map, "Exclusions", &source.exclusions);
            put_some(&mut map, "CompressionType", source.compression_type.as_ref());
            put_columns(&mut map, &source.columns, &source.rest);
        }
        NodeKind::S3ParquetSource(source) => {
            map.extend(source.rest.clone());
            put(&mut map, "Paths", &source.paths);
            put(&mut map, "Recurse", source.recurse);
            put(&mut map, "Exclusions", &source.exclusions);
            put_some(&mut map, "CompressionType", source.compression_type.as_ref());
            put_columns(&mut map, &source.columns, &source.rest);
        }
        NodeKind::CatalogSource(source) | NodeKind::S3CatalogSource(source) => {
            map.extend(source.rest.clone());
            put(&mut map, "Database", &source.database);
            put(&mut map, "Table", &source.table);
        }
        NodeKind::DropFields { paths } | NodeKind::SelectFields { paths } => put(&mut map, "Paths", paths),
        NodeKind::RenameField(rename) => {
            put(&mut map, "SourcePath", &rename.source_path);
            put(&mut map, "TargetPath", &rename.target_path);
        }
        NodeKind::ApplyMapping { mapping } => put(&mut map, "Mapping", mapping),
        NodeKind::Filter(filter) => {
            put(&mut map, "LogicalOperator", filter.logical_operator);
            put(&mut map, "Filters", &filter.filters);
        }
        NodeKind::Union(union) => put(&mut map, "UnionType", union.union_type),
        NodeKind::DropDuplicates(duplicates) => put_some(&mut map, "Columns", duplicates.columns.as_ref()),
        NodeKind::S3GlueParquetTarget(target) => {
            map.extend(target.rest.clone());
            put(&mut map, "Path", &target.path);
            put(&mut map, "PartitionKeys", &target.partition_keys);
            put(&mut map, "Compression", target.compression);
            put(&mut map, "SchemaChangePolicy", &target.schema_change_policy);
        }
        NodeKind::S3DirectTarget(target) => {
            map.extend(target.rest.clone());
            put(&mut map, "Path", &target.path);
            put(&mut map, "Format", &target.format);
            put(&mut map, "Compression", &target.compression);
            put(&mut map, "PartitionKeys", &target.partition_keys);
            put(&mut map, "SchemaChangePolicy", &target.schema_change_policy);
        }
        NodeKind::S3CatalogTarget(target) => {
            map.extend(target.rest.clone());
            put(&mut map, "Database", &target.database);
            put(&mut map, "Table", &target.table);
            put(&mut map, "PartitionKeys", &target.partition_keys);
            put(&mut map, "SchemaChangePolicy", &target.schema_change_policy);
        }
        NodeKind::Other { value, .. } => map.extend(value.clone()),
    }
    put(&mut map, "Name", &node.name);
    if node.kind.ports().max > 0 {
        put(&mut map, "Inputs", written_inputs(&node.inputs));
    }
    Value::Object(object([(node.kind.member().to_owned(), Value::Object(map))]))
}

/// Open ports at the end are left out; one before a connected port is an empty text, which the pattern of NodeId allows.
fn written_inputs(inputs: &[Option<NodeId>]) -> Vec<&str> {
    let connected = inputs.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    inputs
        .iter()
        .take(connected)
        .map(|input| input.as_ref().map_or("", |id| id.0.as_str()))
        .collect()
}

/// A source's modes as they travel beside the nodes: node id → mode, only those that are not the default.
pub fn read_modes(graph: &Graph) -> BTreeMap<NodeId, ReadMode> {
    graph
        .nodes
        .iter()
        .filter(|(_, node)| node.read_mode != ReadMode::default())
        .map(|(id, node)| (id.clone(), node.read_mode))
        .collect()
}
