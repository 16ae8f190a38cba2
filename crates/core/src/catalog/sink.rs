//! Targets and the catalog: where a catalog target writes, and what a run's files do to tables.
//!
//! Rules: Glue developer guide, "Creating tables, updating the schema, and adding new partitions in the Data Catalog using AWS Glue ETL jobs".

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Map;

use super::database::{Catalog, fold};
use super::discover::columns_of;
use super::location::Location;
use super::partition::Partition;
use super::table::{Column, HiveFormat, SerDeInfo, StorageDescriptor, Table, TableState, hive_format};
use crate::account::{JobOutput, NodeError, ObjectFormat, ObjectSource, RunReport};
use crate::etl::{
    CatalogTarget, DataType, DirectSchemaChangePolicy, Field, FieldPath, Graph, NodeId, NodeKind, ParquetCompression, S3DirectTarget, S3GlueParquetTarget,
    UpdateBehavior,
};
use crate::sim::SimTime;

/// What a run wrote.
pub(super) struct Written<'a> {
    pub(super) job: &'a str,
    pub(super) run: &'a str,
    pub(super) graph: &'a Graph,
    pub(super) report: &'a RunReport,
    pub(super) outputs: &'a [JobOutput],
}

fn fault(node: &NodeId, field: &str, message: impl Into<String>) -> NodeError {
    NodeError {
        node: Some(node.clone()),
        field: Some(field.to_string()),
        message: message.into(),
    }
}

/// Turns catalog targets into path targets at the table's location and format, and finds targets that can't be written.
pub(super) fn resolve(catalog: &Catalog, graph: &mut Graph, objects: &dyn ObjectSource) -> Vec<NodeError> {
    let mut faults = Vec::new();
    for (id, node) in &mut graph.nodes {
        if let NodeKind::S3CatalogTarget(target) = &node.kind {
            match direct(catalog, id, target) {
                Ok(kind) => node.kind = kind,
                Err(found) => {
                    faults.push(found);
                    continue;
                }
            }
        }
        let path = match &node.kind {
            NodeKind::S3GlueParquetTarget(target) => &target.path,
            NodeKind::S3DirectTarget(target) => &target.path,
            _ => continue,
        };
        match Location::parse(path) {
            Err(reason) => faults.push(fault(id, "Path", reason)),
            Ok(location) if !objects.bucket_exists(&location.bucket) => {
                faults.push(fault(id, "Path", format!("The bucket {} does not exist (NoSuchBucket).", location.bucket)));
            }
            Ok(_) => {}
        }
    }
    faults
}

/// The path target that writes what a catalog target means.
fn direct(catalog: &Catalog, id: &NodeId, target: &CatalogTarget) -> Result<NodeKind, NodeError> {
    if !catalog.has_database(&target.database) {
        return Err(fault(id, "Database", format!("Database {} not found.", target.database)));
    }
    let table = catalog
        .table(&target.database, &target.table)
        .ok_or_else(|| fault(id, "Table", format!("Table {} not found in database {}.", target.table, target.database)))?;
    let path = table.storage_descriptor.location.clone();
    let partition_keys: Vec<FieldPath> = if target.partition_keys.is_empty() {
        table.partition_keys.iter().map(|key| Vec::from([key.name.clone()])).collect()
    } else {
        target.partition_keys.clone()
    };
    let off = DirectSchemaChangePolicy::default();
    let format = match table.format() {
        Some(ObjectFormat::Parquet) => {
            return Ok(NodeKind::S3GlueParquetTarget(S3GlueParquetTarget {
                path,
                partition_keys,
                compression: ParquetCompression::Snappy,
                schema_change_policy: off,
                rest: Map::new(),
            }));
        }
        Some(ObjectFormat::Csv { .. }) => "csv",
        Some(ObjectFormat::Json { .. }) => "json",
        None => return Err(fault(id, "Table", format!("The table {} has no format that can be written.", target.table))),
    };
    Ok(NodeKind::S3DirectTarget(S3DirectTarget {
        path,
        format: format.into(),
        compression: String::new(),
        partition_keys,
        schema_change_policy: off,
        rest: Map::new(),
    }))
}

/// A target with "update the Data Catalog" on.
struct Sink<'a> {
    node: &'a NodeId,
    database: &'a str,
    table: &'a str,
    /// `None`: where the table is.
    path: Option<&'a str>,
    classification: &'a str,
    glue_parquet: bool,
    partition_keys: Vec<String>,
    keep_schema: bool,
}

fn sink<'a>(node: &'a NodeId, kind: &'a NodeKind) -> Option<Sink<'a>> {
    let keys = |paths: &[FieldPath]| paths.iter().map(|path| path.join(".").to_lowercase()).collect();
    let by_path = |path: &'a str, policy: &'a DirectSchemaChangePolicy, partition_keys: &[FieldPath], classification: &'a str, glue_parquet: bool| {
        (policy.enable_update_catalog && !policy.table.is_empty()).then(|| Sink {
            node,
            database: &policy.database,
            table: &policy.table,
            path: Some(path),
            classification,
            glue_parquet,
            partition_keys: keys(partition_keys),
            keep_schema: policy.update_behavior == Some(UpdateBehavior::Log),
        })
    };
    match kind {
        NodeKind::S3GlueParquetTarget(target) => by_path(&target.path, &target.schema_change_policy, &target.partition_keys, "parquet", true),
        NodeKind::S3DirectTarget(target) => by_path(&target.path, &target.schema_change_policy, &target.partition_keys, &target.format, false),
        NodeKind::S3CatalogTarget(target) if target.schema_change_policy.enable_update_catalog => Some(Sink {
            node,
            database: &target.database,
            table: &target.table,
            path: None,
            classification: "",
            glue_parquet: false,
            partition_keys: keys(&target.partition_keys),
            keep_schema: target.schema_change_policy.update_behavior == Some(UpdateBehavior::Log),
        }),
        _ => None,
    }
}

/// Creates tables, overwrites schemas and adds partitions, as each target's policy says. Error: the first target whose update fails.
pub(super) fn update(catalog: &mut Catalog, now: SimTime, written: &Written<'_>) -> Result<(), NodeError> {
    for (id, node) in &written.graph.nodes {
        if let Some(sink) = sink(id, &node.kind) {
            apply(catalog, now, written, &sink)?;
        }
    }
    Ok(())
}

/// Columns that reached the target: what it reports, else what its parent sent.
fn schema(written: &Written<'_>, node: &NodeId) -> Vec<Field> {
    let of = |id: &NodeId| written.report.nodes.get(id).map(|report| report.schema.clone()).unwrap_or_default();
    let own = of(node);
    let parent = written.graph.nodes.get(node).and_then(|node| node.inputs.first()).and_then(Option::as_ref);
    match parent {
        Some(parent) => {
            // A target may report without its partition columns: the parent knows their types.
            let mut fields = if own.is_empty() { of(parent) } else { own };
            for field in of(parent) {
                if !fields.iter().any(|known| known.name == field.name) {
                    fields.push(field);
                }
            }
            fields
        }
        None => own,
    }
}

fn apply(catalog: &mut Catalog, now: SimTime, written: &Written<'_>, sink: &Sink<'_>) -> Result<(), NodeError> {
    if !catalog.has_database(sink.database) {
        return Err(fault(
            sink.node,
            "SchemaChangePolicy",
            format!(
                "Database {} not found. (Service: AWSGlue; Status Code: 400; Error Code: EntityNotFoundException)",
                sink.database
            ),
        ));
    }
    let fields = schema(written, sink.node);
    let (keys, columns): (Vec<Field>, Vec<Field>) = fields.into_iter().partition(|field| sink.partition_keys.contains(&field.name.to_lowercase()));
    let columns: Vec<Column> = columns_of(&columns);
    let partition_keys: Vec<Column> = sink
        .partition_keys
        .iter()
        .map(|key| {
            let data_type = keys
                .iter()
                .find(|field| field.name.to_lowercase() == *key)
                .map_or(DataType::String, |field| field.data_type.clone());
            Column::new(key.clone(), &data_type)
        })
        .collect();
    let name = fold(sink.table);
    match catalog.table_mut(sink.database, &name) {
        None => {
            let Some(path) = sink.path else {
                return Err(fault(
                    sink.node,
                    "Table",
                    format!("Table {} not found in database {}.", sink.table, sink.database),
                ));
            };
            let table = create(now, written, sink, &name, path, columns, partition_keys);
            if let Some(tables) = catalog.tables_mut(sink.database) {
                tables.insert(name.clone(), table);
            }
        }
        Some(table) => {
            let known: Vec<&str> = table.partition_keys.iter().map(|key| key.name.as_str()).collect();
            let given: Vec<&str> = partition_keys.iter().map(|key| key.name.as_str()).collect();
            if sink.path.is_some() && known != given {
                return Err(fault(
                    sink.node,
                    "PartitionKeys",
                    format!(
                        "The partition keys of the target ({}) must be those of table {name}, in the same order ({}).",
                        given.join(", "),
                        known.join(", ")
                    ),
                ));
            }
            if !sink.keep_schema {
                let columns: Vec<Column> = columns
                    .into_iter()
                    .filter(|column| !table.partition_keys.iter().any(|key| key.name == column.name))
                    .collect();
                if !columns.is_empty() && columns != table.storage_descriptor.columns {
                    table.storage_descriptor.columns = columns;
                    table.state.updated = now;
                    table.state.version += 1;
                }
            }
        }
    }
    if let Some(table) = catalog.table_mut(sink.database, &name) {
        add_partitions(table, now, written, sink);
    }
    Ok(())
}

/// The table as Glue's sink writes it: `CreatedByJob`, `CreatedByJobRun` and `classification`; for the Glue Parquet writer the classification is `parquet`
/// and `useGlueParquetWriter` is `true` (DDL of tables made by visual jobs).
fn create(now: SimTime, written: &Written<'_>, sink: &Sink<'_>, name: &str, path: &str, columns: Vec<Column>, partition_keys: Vec<Column>) -> Table {
    let mut parameters = BTreeMap::from([
        ("CreatedByJob".to_string(), written.job.to_string()),
        ("CreatedByJobRun".to_string(), written.run.to_string()),
        ("classification".to_string(), sink.classification.to_string()),
    ]);
    let mut serde_parameters = BTreeMap::new();
    if sink.glue_parquet {
        parameters.insert("useGlueParquetWriter".to_string(), "true".to_string());
    }
    if sink.classification == "csv" {
        // The writer puts a header on each file.
        parameters.insert("skip.header.line.count".to_string(), "1".to_string());
        serde_parameters.insert("field.delim".to_string(), ",".to_string());
    }
    let hive = hive_format(sink.classification);
    let class = |pick: fn(&HiveFormat) -> &'static str| hive.as_ref().map(pick).unwrap_or_default().to_string();
    Table {
        name: name.to_string(),
        parameters,
        storage_descriptor: StorageDescriptor {
            columns,
            location: path.to_string(),
            input_format: class(|hive| hive.input),
            output_format: class(|hive| hive.output),
            serde_info: SerDeInfo {
                name: None,
                serialization_library: class(|hive| hive.serde),
                parameters: serde_parameters,
            },
            ..StorageDescriptor::default()
        },
        partition_keys,
        table_type: "EXTERNAL_TABLE".into(),
        state: TableState {
            created: now,
            updated: now,
            created_by: written.job.to_string(),
            ..TableState::default()
        },
        ..Table::default()
    }
}

fn add_partitions(table: &mut Table, now: SimTime, written: &Written<'_>, sink: &Sink<'_>) {
    for output in written
        .outputs
        .iter()
        .filter(|output| output.node == *sink.node && !output.partition.is_empty())
    {
        if output.partition.len() != table.partition_keys.len() {
            continue;
        }
        let folder = output.key.rfind('/').map_or("", |at| output.key.get(..=at).unwrap_or_default());
        let descriptor = StorageDescriptor {
            location: format!("s3://{}/{folder}", output.bucket),
            parameters: BTreeMap::new(),
            ..table.storage_descriptor.clone()
        };
        table.add_partition(
            now,
            Partition {
                values: output.partition.iter().map(|level| level.value.clone()).collect(),
                storage_descriptor: descriptor,
                ..Partition::default()
            },
        );
    }
}
