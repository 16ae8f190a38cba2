//! What the sources of a graph read: paths and catalog tables, resolved to objects.
//!
//! Belongs here: from a source node to objects and their layout. Does not belong here: whether the rest of the graph is right (see `etl::validate`).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::Value;

use super::Glue;
use super::database::Catalog;
use super::glob;
use super::location::{Location, objects_at};
use super::table::Table;
use crate::account::{NodeError, ObjectFormat, ObjectInput, ObjectSource, SourceInput, TableInput};
use crate::etl::{CatalogSource, Graph, Node, NodeId, NodeKind, QuoteChar, S3CsvSource, Separator, TableLookup};

/// The tables of the catalog, as schema propagation asks for them.
impl TableLookup for Glue {
    fn table(&self, database: &str, table: &str) -> Option<TableInput> {
        self.table_input(database, table)
    }
}

fn fault(node: &NodeId, field: &str, message: impl Into<String>) -> NodeError {
    NodeError {
        node: Some(node.clone()),
        field: Some(field.to_string()),
        message: message.into(),
    }
}

/// Every source of the graph, or everything that keeps one from being read.
pub(super) fn resolve(catalog: &Catalog, graph: &Graph, objects: &dyn ObjectSource) -> Result<BTreeMap<NodeId, SourceInput>, Vec<NodeError>> {
    let mut inputs = BTreeMap::new();
    let mut faults = Vec::new();
    for (id, node) in &graph.nodes {
        match source(catalog, id, node, objects) {
            None => {}
            Some(Ok(input)) => {
                inputs.insert(id.clone(), input);
            }
            Some(Err(mut found)) => faults.append(&mut found),
        }
    }
    if faults.is_empty() { Ok(inputs) } else { Err(faults) }
}

/// `None`: the node is no source.
fn source(catalog: &Catalog, id: &NodeId, node: &Node, objects: &dyn ObjectSource) -> Option<Result<SourceInput, Vec<NodeError>>> {
    let by_path = |paths: &[String], recurse: bool, exclusions: &[String], format: ObjectFormat| {
        path_objects(id, paths, recurse, exclusions, objects).map(|objects| SourceInput {
            objects,
            format,
            table: None,
            mode: node.read_mode,
        })
    };
    Some(match &node.kind {
        NodeKind::S3CsvSource(csv) => by_path(&csv.paths, csv.recurse, &csv.exclusions, csv_format(csv)),
        NodeKind::S3JsonSource(json) => by_path(&json.paths, json.recurse, &json.exclusions, ObjectFormat::Json { multiline: json.multiline }),
        NodeKind::S3ParquetSource(parquet) => by_path(&parquet.paths, parquet.recurse, &parquet.exclusions, ObjectFormat::Parquet),
        NodeKind::CatalogSource(from) | NodeKind::S3CatalogSource(from) => {
            catalog_source(catalog, id, from, objects).map(|input| SourceInput { mode: node.read_mode, ..input })
        }
        _ => return None,
    })
}

/// The CSV options of a source node, as `from_options` gives them to the reader.
fn csv_format(csv: &S3CsvSource) -> ObjectFormat {
    ObjectFormat::Csv {
        delimiter: match csv.separator {
            Separator::Comma => ',',
            Separator::CtrlA => '\u{1}',
            Separator::Pipe => '|',
            Separator::Semicolon => ';',
            Separator::Tab => '\t',
        },
        quote: match csv.quote_char {
            QuoteChar::Quote => Some('"'),
            QuoteChar::Quillemet => Some('«'),
            QuoteChar::SingleQuote => Some('\''),
            QuoteChar::Disabled => None,
        },
        escape: match csv.escaper.as_str() {
            "\\n" => Some('\n'),
            "\\r" => Some('\r'),
            "\\t" => Some('\t'),
            "\\0" => Some('\0'),
            text => text.chars().next(),
        },
        header: csv.with_header,
        multiline: csv.multiline,
    }
}

fn path_objects(id: &NodeId, paths: &[String], recurse: bool, exclusions: &[String], objects: &dyn ObjectSource) -> Result<Vec<ObjectInput>, Vec<NodeError>> {
    let exclusions = glob::compile(exclusions);
    let mut found: Vec<ObjectInput> = Vec::new();
    let mut taken: BTreeSet<(String, String)> = BTreeSet::new();
    let mut faults = Vec::new();
    if paths.iter().all(|path| path.trim().is_empty()) {
        return Err(Vec::from([fault(id, "Paths", "Choose the S3 location of the data: no path is given.")]));
    }
    for path in paths {
        match Location::parse(path) {
            Err(reason) => faults.push(fault(id, "Paths", reason)),
            Ok(location) if !objects.bucket_exists(&location.bucket) => {
                faults.push(fault(id, "Paths", format!("The bucket {} does not exist (NoSuchBucket).", location.bucket)));
            }
            Ok(location) => {
                let here = objects_at(objects, &location, recurse, &exclusions);
                if here.is_empty() {
                    let deeper = !recurse && !objects_at(objects, &location, true, &exclusions).is_empty();
                    faults.push(fault(
                        id,
                        "Paths",
                        if deeper {
                            format!("There are no objects directly in {path}, only in folders below it: turn on Recursive.")
                        } else {
                            format!("There are no objects at {path}: the path does not exist.")
                        },
                    ));
                }
                // Paths may overlap: an object is read once.
                found.extend(here.into_iter().filter(|object| taken.insert((object.bucket.clone(), object.key.clone()))));
            }
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn catalog_source(catalog: &Catalog, id: &NodeId, from: &CatalogSource, objects: &dyn ObjectSource) -> Result<SourceInput, Vec<NodeError>> {
    let one = |field: &str, message: String| Vec::from([fault(id, field, message)]);
    if from.database.is_empty() {
        return Err(one("Database", "Choose a database.".into()));
    }
    if !catalog.has_database(&from.database) {
        return Err(one("Database", format!("Database {} not found.", from.database)));
    }
    let table = catalog
        .table(&from.database, &from.table)
        .ok_or_else(|| one("Table", format!("Table {} not found in database {}.", from.table, from.database)))?;
    if from
        .rest
        .get("PartitionPredicate")
        .and_then(Value::as_str)
        .is_some_and(|predicate| !predicate.trim().is_empty())
    {
        return Err(one(
            "PartitionPredicate",
            "Partition predicates are not supported yet: leave it empty and put a Filter after the source.".into(),
        ));
    }
    let format = table.format().ok_or_else(|| {
        let classification = table.parameter("classification").unwrap_or("not set");
        one(
            "Table",
            format!("The files of table {} can't be read: its classification is {classification}.", from.table),
        )
    })?;
    let input = table.input();
    if input.columns.is_empty() {
        return Err(one("Table", format!("Table {} has no columns.", from.table)));
    }
    let objects = table_objects(table, objects).map_err(|reason| one("Table", reason))?;
    Ok(SourceInput {
        objects,
        format,
        table: Some(input),
        mode: crate::etl::ReadMode::default(),
    })
}

/// The objects of a table: below its location, or below those of its partitions, each with the partition's values. None is fine: the table is empty.
fn table_objects(table: &Table, objects: &dyn ObjectSource) -> Result<Vec<ObjectInput>, String> {
    let at = |path: &str| -> Result<Vec<ObjectInput>, String> {
        let location = Location::parse(path).map_err(|reason| format!("The location of table {}: {reason}", table.name))?;
        if !objects.bucket_exists(&location.bucket) {
            return Err(format!("The bucket {} of table {} does not exist (NoSuchBucket).", location.bucket, table.name));
        }
        Ok(objects_at(objects, &location, true, &[]))
    };
    if table.partition_keys.is_empty() {
        return at(&table.storage_descriptor.location);
    }
    let mut found = Vec::new();
    for partition in table.partitions() {
        for mut object in at(&partition.storage_descriptor.location)? {
            object.partition = table
                .partition_keys
                .iter()
                .map(|key| key.name.clone())
                .zip(partition.values.iter().cloned())
                .collect();
            found.push(object);
        }
    }
    Ok(found)
}
