//! Which columns leave each node, without running anything.
//!
//! Belongs here: propagation of schemas along the edges. Does not belong here: messages for a person (`validate`), rows.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use super::transform::{Transform, partition_index};
use super::{DataType, Field, Graph, Node, NodeId, NodeKind, Role};
use crate::account::{NodeError, TableInput};

/// Where catalog nodes find their tables.
pub trait TableLookup {
    fn table(&self, database: &str, table: &str) -> Option<TableInput>;
}

/// No catalog: every table is unknown.
impl TableLookup for () {
    fn table(&self, _database: &str, _table: &str) -> Option<TableInput> {
        None
    }
}

impl TableLookup for BTreeMap<(alloc::string::String, alloc::string::String), TableInput> {
    fn table(&self, database: &str, table: &str) -> Option<TableInput> {
        self.get(&(database.into(), table.into())).cloned()
    }
}

/// What is known of a node's columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NodeSchema {
    /// The columns that leave the node; `None` while they are not known. For a target: the columns in the file's body, without partition keys.
    pub columns: Option<Vec<Field>>,
    /// Targets only: the columns that become folders, in the order of `PartitionKeys`.
    pub partition_keys: Vec<Field>,
}

/// A node's compiled transform, the columns it was compiled against, or why it could not be.
pub(crate) struct Compiled {
    pub inputs: Vec<Option<Vec<Field>>>,
    /// `None`: an input's columns are not known.
    pub result: Option<Result<Transform, NodeError>>,
}

/// The columns of every node, in one pass from sources to targets. A graph with a loop has no known columns.
pub fn propagate(graph: &Graph, tables: &dyn TableLookup) -> BTreeMap<NodeId, NodeSchema> {
    compile_all(graph, tables)
        .into_iter()
        .map(|(id, compiled)| {
            let schema = match (graph.nodes.get(&id), compiled.result) {
                (Some(node), Some(Ok(transform))) => node_schema(node, &transform),
                _ => NodeSchema::default(),
            };
            (id, schema)
        })
        .collect()
}

pub(crate) fn compile_all(graph: &Graph, tables: &dyn TableLookup) -> BTreeMap<NodeId, Compiled> {
    let mut compiled: BTreeMap<NodeId, Compiled> = BTreeMap::new();
    let order = match graph.topological() {
        Ok(order) => order,
        Err(_) => graph.nodes.keys().cloned().collect(),
    };
    for id in order {
        let Some(node) = graph.nodes.get(&id) else {
            continue;
        };
        let inputs: Vec<Option<Vec<Field>>> = node.inputs.iter().map(|input| output_of(input.as_ref()?, &compiled)).collect();
        let result = compile_node(node, &inputs, tables).map(|result| {
            result.map_err(|mut error| {
                error.node = Some(id.clone());
                error
            })
        });
        compiled.insert(id, Compiled { inputs, result });
    }
    compiled
}

fn output_of(id: &NodeId, compiled: &BTreeMap<NodeId, Compiled>) -> Option<Vec<Field>> {
    match &compiled.get(id)?.result {
        Some(Ok(transform)) => Some(transform.output().to_vec()),
        _ => None,
    }
}

fn compile_node(node: &Node, inputs: &[Option<Vec<Field>>], tables: &dyn TableLookup) -> Option<Result<Transform, NodeError>> {
    if node.kind.role() == Role::Source {
        return source_columns(&node.kind, tables).map(|columns| Ok(Transform::source(columns)));
    }
    let inputs: Vec<&[Field]> = inputs.iter().map(Option::as_deref).collect::<Option<_>>()?;
    Some(Transform::compile(&node.kind, &inputs))
}

/// The columns of a source, as far as they can be known before a run.
///
/// A CSV in S3 has only strings; without a header its columns are `col0`, `col1`, … A catalog table has its types, with the partition keys last.
pub fn source_columns(kind: &NodeKind, tables: &dyn TableLookup) -> Option<Vec<Field>> {
    match kind {
        NodeKind::S3CsvSource(source) => {
            let columns = kind.columns()?;
            Some(if source.with_header {
                columns.iter().map(|column| Field::new(column.name.clone(), DataType::String)).collect()
            } else {
                (0..columns.len()).map(|index| Field::new(format!("col{index}"), DataType::String)).collect()
            })
        }
        NodeKind::S3JsonSource(_) | NodeKind::S3ParquetSource(_) => kind.columns().map(<[Field]>::to_vec),
        NodeKind::CatalogSource(source) | NodeKind::S3CatalogSource(source) => {
            let table = tables.table(&source.database, &source.table)?;
            Some(table.columns.into_iter().chain(table.partition_keys).collect())
        }
        _ => None,
    }
}

fn node_schema(node: &Node, transform: &Transform) -> NodeSchema {
    if node.kind.role() != Role::Target {
        return NodeSchema {
            columns: Some(transform.output().to_vec()),
            partition_keys: Vec::new(),
        };
    }
    let (body, partition_keys) = split_partition_keys(&node.kind, transform.output());
    NodeSchema {
        columns: Some(body),
        partition_keys,
    }
}

/// What enters a target, as columns of the file's body and as partition keys, in the order of `PartitionKeys`.
pub fn split_partition_keys(target: &NodeKind, columns: &[Field]) -> (Vec<Field>, Vec<Field>) {
    let keys: Vec<usize> = target.partition_keys().iter().filter_map(|key| partition_index(key, columns).ok()).collect();
    let body = columns
        .iter()
        .enumerate()
        .filter(|(index, _)| !keys.contains(index))
        .map(|(_, column)| column.clone())
        .collect();
    (body, keys.iter().filter_map(|index| columns.get(*index)).cloned().collect())
}
