//! What each kind of node does to rows, compiled against the columns of its inputs; the one description that both executors follow.
//!
//! The scalar executor is here; the one over record batches reads the same [`Operation`] (feature `arrow`).
//! Belongs here: compiling a node to an operation and its output columns, and applying it to rows. Does not belong here: reading and writing files.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::cast::{can_cast, cast};
use super::shape::Shape;
use super::{DataType, Field, FieldPath, Mapping, NodeKind, RenameField, RowFilter, UnionType, Value};
use crate::account::NodeError;
use crate::etl::suggest::did_you_mean;

/// Levels that a new path may have; building it takes stack for each.
const MAX_PATH: usize = 64;

/// A node compiled against its inputs: what it does, and the columns that leave it.
#[derive(Clone, Debug)]
pub struct Transform {
    pub operation: Operation,
    output: Vec<Field>,
    /// What surprises, though it runs: column names that do nothing, as (API member, text).
    pub notes: Vec<(&'static str, String)>,
}

#[derive(Clone, Debug)]
pub enum Operation {
    /// Rows pass as they are: sources and targets. A target's partition keys are still among the columns.
    Pass,
    /// One expression an output column.
    Project(Vec<Expression>),
    Filter(RowFilter),
    /// The rows of the first input, then those of the second, by position. `distinct`: then each different row once.
    Union {
        distinct: bool,
    },
    /// One row (the first that comes) of each group of rows equal in `columns`; nulls are equal, NaN is equal to NaN, -0.0 to 0.0.
    /// `columns` are indices of top-level columns.
    Distinct {
        columns: Vec<usize>,
    },
}

/// An output column as a function of the row. A path is the index of a column, then of a struct member at each level below.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// The cell at a path; null where a struct above it is null. Names inside its type may differ in the output.
    Column(Vec<usize>),
    Cast {
        path: Vec<usize>,
        from: DataType,
        to: DataType,
    },
    /// A struct put together from members. Null where the struct at `base` is null; never null without a base.
    Struct {
        base: Option<Vec<usize>>,
        members: Vec<Expression>,
    },
}

impl Expression {
    pub fn evaluate(&self, row: &[Value]) -> Value {
        match self {
            Expression::Column(path) => cell(row, path).clone(),
            Expression::Cast { path, from, to } => cast(cell(row, path), from, to),
            Expression::Struct { base, members } => {
                if base.as_ref().is_some_and(|base| cell(row, base).is_null()) {
                    return Value::Null;
                }
                Value::Struct(members.iter().map(|member| member.evaluate(row)).collect())
            }
        }
    }

    /// The index of the top-level column that this passes on whole and unchanged, if it is that simple.
    pub fn whole_column(&self) -> Option<usize> {
        match self {
            Expression::Column(path) => match path.as_slice() {
                [index] => Some(*index),
                _ => None,
            },
            _ => None,
        }
    }

    fn read_columns(&self, found: &mut BTreeSet<usize>) {
        match self {
            Expression::Column(path) | Expression::Cast { path, .. } => found.extend(path.first()),
            Expression::Struct { base, members } => {
                found.extend(base.iter().flat_map(|base| base.first()));
                members.iter().for_each(|member| member.read_columns(found));
            }
        }
    }
}

static NULL: Value = Value::Null;

/// The cell at a path; null where it is missing or a struct above it is null.
fn cell<'a>(row: &'a [Value], path: &[usize]) -> &'a Value {
    let Some((first, rest)) = path.split_first() else {
        return &NULL;
    };
    let mut value = row.get(*first).unwrap_or(&NULL);
    for index in rest {
        value = match value {
            Value::Struct(members) => members.get(*index).unwrap_or(&NULL),
            _ => &NULL,
        };
    }
    value
}

impl Transform {
    /// Compiles a node against the columns of its inputs, in port order. Sources take none and give their own columns where those are known.
    ///
    /// Errors name the API member in `field`; `node` is left for the caller to fill in.
    pub fn compile(kind: &NodeKind, inputs: &[&[Field]]) -> Result<Transform, NodeError> {
        let ports = kind.ports();
        if inputs.len() < ports.min {
            let wanted = if ports.min == 1 { "an input" } else { "two inputs" };
            return Err(error("Inputs", format!("{} needs {wanted}", kind.label())));
        }
        let input: &[Field] = inputs.first().copied().unwrap_or(&[]);
        match kind {
            NodeKind::S3CsvSource(_) | NodeKind::S3JsonSource(_) | NodeKind::S3ParquetSource(_) | NodeKind::CatalogSource(_) | NodeKind::S3CatalogSource(_) => {
                Ok(pass(kind.columns().unwrap_or(&[]).to_vec()))
            }
            NodeKind::S3GlueParquetTarget(_) | NodeKind::S3DirectTarget(_) | NodeKind::S3CatalogTarget(_) => {
                for key in kind.partition_keys() {
                    partition_index(key, input).map_err(|message| error("PartitionKeys", message))?;
                }
                Ok(pass(input.to_vec()))
            }
            NodeKind::DropFields { paths } => drop_fields(paths, input),
            NodeKind::SelectFields { paths } => select_fields(paths, input),
            NodeKind::RenameField(rename) => rename_field(rename, input),
            NodeKind::ApplyMapping { mapping } => apply_mapping(mapping, input),
            NodeKind::Filter(filter) => Ok(Transform {
                operation: Operation::Filter(RowFilter::compile(filter, input)?),
                output: input.to_vec(),
                notes: Vec::new(),
            }),
            NodeKind::Union(union) => union_inputs(union.union_type, inputs),
            NodeKind::DropDuplicates(duplicates) => drop_duplicates(duplicates.columns.as_deref(), input),
            NodeKind::Other { member, .. } => Err(error(member, format!("Sluice does not run {member} yet"))),
        }
    }

    /// A source with columns that are known from elsewhere: a catalog table, a reader.
    pub fn source(columns: Vec<Field>) -> Transform {
        pass(columns)
    }

    /// Makes ready to run: what checking a job does not need is built here. The node is left for the caller to name.
    pub fn prepare(&self) -> Result<(), NodeError> {
        match &self.operation {
            Operation::Filter(filter) => filter.prepare(),
            _ => Ok(()),
        }
    }

    /// The columns that leave the node. For a target: those that enter it.
    pub fn output(&self) -> &[Field] {
        &self.output
    }

    /// The top-level input columns that the node reads to compute the output columns `wanted` (indices); for pushing a projection to the reader.
    pub fn needs(&self, wanted: &BTreeSet<usize>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        match &self.operation {
            Operation::Pass => found.extend(wanted),
            Operation::Project(expressions) => {
                for (_, expression) in expressions.iter().enumerate().filter(|(index, _)| wanted.contains(index)) {
                    expression.read_columns(&mut found);
                }
            }
            Operation::Filter(filter) => {
                found.extend(wanted);
                found.extend(filter.columns());
            }
            Operation::Union { distinct: true } => found.extend(0..self.output.len()),
            Operation::Union { distinct: false } => found.extend(wanted),
            Operation::Distinct { columns } => {
                found.extend(wanted);
                found.extend(columns);
            }
        }
        found
    }

    /// One row through an operation that looks at one row at a time; `None` if it is filtered out. Union and Distinct pass it: see [`Transform::run`].
    pub fn apply(&self, row: &[Value]) -> Option<Vec<Value>> {
        match &self.operation {
            Operation::Project(expressions) => Some(expressions.iter().map(|expression| expression.evaluate(row)).collect()),
            Operation::Filter(filter) => filter.keeps(row).then(|| row.to_vec()),
            Operation::Pass | Operation::Union { .. } | Operation::Distinct { .. } => Some(row.to_vec()),
        }
    }

    /// All rows of all inputs, in order: the reference that other executors are tested against.
    pub fn run(&self, inputs: &[Vec<Vec<Value>>]) -> Vec<Vec<Value>> {
        let rows = inputs.iter().flatten();
        let distinct_by = match &self.operation {
            Operation::Union { distinct: true } => Some((0..self.output.len()).collect()),
            Operation::Distinct { columns } => Some(columns.clone()),
            _ => None,
        };
        let Some(columns) = distinct_by else {
            return rows.filter_map(|row| self.apply(row)).collect();
        };
        let mut seen = BTreeSet::new();
        rows.filter(|row| seen.insert(GroupKey(columns.iter().map(|index| row.get(*index).unwrap_or(&NULL).clone()).collect())))
            .cloned()
            .collect()
    }
}

/// Values as grouping compares them.
struct GroupKey(Vec<Value>);

impl Ord for GroupKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0
            .iter()
            .zip(&other.0)
            .map(|(a, b)| a.group_cmp(b))
            .find(|order| *order != Ordering::Equal)
            .unwrap_or_else(|| self.0.len().cmp(&other.0.len()))
    }
}

impl PartialOrd for GroupKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for GroupKey {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for GroupKey {}

fn error(field: &str, message: impl Into<String>) -> NodeError {
    NodeError {
        node: None,
        field: Some(field.to_owned()),
        message: message.into(),
    }
}

fn pass(output: Vec<Field>) -> Transform {
    Transform {
        operation: Operation::Pass,
        output,
        notes: Vec::new(),
    }
}

/// The column that a partition key names; keys are top-level columns.
pub fn partition_index(key: &FieldPath, columns: &[Field]) -> Result<usize, String> {
    let [name] = key.as_slice() else {
        return Err(match key.len() {
            0 => "a partition key is empty".to_owned(),
            _ => format!("“{}” is nested; only a column can be a partition key", key.join(".")),
        });
    };
    match columns.iter().position(|column| column.name == *name) {
        Some(index) => match columns.get(index) {
            Some(column) if column.data_type.is_nested() => Err(format!("“{name}” is {}; a partition key must be a plain value", column.data_type)),
            _ => Ok(index),
        },
        None => Err(format!(
            "no column “{name}”{}",
            did_you_mean(name, columns.iter().map(|column| column.name.as_str()))
        )),
    }
}

fn project(shape: Shape, notes: Vec<(&'static str, String)>) -> Transform {
    let (output, expressions) = shape.finish();
    Transform {
        operation: Operation::Project(expressions),
        output,
        notes,
    }
}

fn drop_fields(paths: &[FieldPath], input: &[Field]) -> Result<Transform, NodeError> {
    let mut shape = Shape::of(input);
    let mut notes = Vec::new();
    for path in paths {
        if let Err(message) = super::filter::find_path(path, input) {
            notes.push(("Paths", format!("{message} (nothing is dropped)")));
        }
        shape.remove(path);
    }
    Ok(project(shape, notes))
}

/// Columns come in the order of the input (Spark's `SelectFields` keeps the frame's schema order).
fn select_fields(paths: &[FieldPath], input: &[Field]) -> Result<Transform, NodeError> {
    let notes = paths
        .iter()
        .filter_map(|path| super::filter::find_path(path, input).err())
        .map(|message| ("Paths", format!("{message} (it is ignored)")))
        .collect();
    let mut shape = Shape::of(input);
    shape.keep(paths);
    Ok(project(shape, notes))
}

fn rename_field(rename: &RenameField, input: &[Field]) -> Result<Transform, NodeError> {
    if rename.target_path.is_empty() || rename.target_path.iter().any(String::is_empty) {
        return Err(error("TargetPath", "the new name is missing"));
    }
    if rename.target_path.len() > MAX_PATH {
        return Err(error("TargetPath", format!("the new name is nested more than {MAX_PATH} levels deep")));
    }
    super::filter::find_path(&rename.source_path, input).map_err(|message| error("SourcePath", message))?;
    let mut shape = Shape::of(input);
    let mut notes = Vec::new();
    if rename.source_path != rename.target_path && super::filter::find_path(&rename.target_path, input).is_ok() {
        notes.push((
            "TargetPath",
            format!(
                "there is already a column “{}”: two columns of that name leave this node",
                rename.target_path.join(".")
            ),
        ));
    }
    shape
        .rename(&rename.source_path, &rename.target_path)
        .map_err(|message| error("TargetPath", message))?;
    Ok(project(shape, notes))
}

fn apply_mapping(mapping: &[Mapping], input: &[Field]) -> Result<Transform, NodeError> {
    let mut notes = Vec::new();
    let members = map_members(mapping, &[], input, input, &[], &mut notes)?;
    Ok(project(Shape::from_members(members), notes))
}

/// The output columns of `mapping`. `columns` are where a `FromPath` starts; those of a child may also start at its parent, whose path is `parent`
/// (`prefix` as indices) and whose members are `members`.
fn map_members(
    mapping: &[Mapping],
    prefix: &[usize],
    members: &[Field],
    columns: &[Field],
    parent: &[String],
    notes: &mut Vec<(&'static str, String)>,
) -> Result<Vec<(String, Shape)>, NodeError> {
    let mut output = Vec::new();
    for row in mapping.iter().filter(|row| !row.dropped) {
        let absolute = fold_path(&row.from_path, columns);
        let relative = || fold_path(&row.from_path, members).map(|(path, data_type)| ([prefix, &path].concat(), data_type));
        // A child's own parent first: two structs may have members of the same name.
        let found = if parent.is_empty() || row.from_path.starts_with(parent) {
            absolute
        } else {
            relative().or(absolute)
        };
        let Some((path, from)) = found else {
            let hint = row
                .from_path
                .first()
                .map(|name| did_you_mean(name, columns.iter().map(|column| column.name.as_str())))
                .unwrap_or_default();
            notes.push(("Mapping", format!("no column “{}”{hint} (it is left out)", row.from_path.join("."))));
            continue;
        };
        let key = if row.to_key.is_empty() {
            row.from_path.last().cloned().unwrap_or_default()
        } else {
            row.to_key.clone()
        };
        if let (false, DataType::Struct(below)) = (row.children.is_empty(), from) {
            let children = map_members(&row.children, &path, below, columns, &row.from_path, notes)?;
            output.push((key, Shape::group(Some(path), children)));
            continue;
        }
        let to = target_type(row, from)?;
        if !row.from_type.is_empty() && !same_kind(&row.from_type, from) {
            notes.push((
                "Mapping",
                format!("“{}” is {from}, and the mapping takes it as {}", row.from_path.join("."), row.from_type),
            ));
        }
        if !can_cast(from, &to) {
            return Err(error("Mapping", format!("“{}”: {from} cannot be turned into {to}", row.from_path.join("."))));
        }
        output.push((key, Shape::leaf(path, from.clone(), to)));
    }
    Ok(output)
}

/// `ToType` of a mapping. Nested types keep their members; `decimal` is always `decimal(10,2)`, whatever precision is written.
fn target_type(row: &Mapping, from: &DataType) -> Result<DataType, NodeError> {
    if row.to_type.trim().is_empty() {
        return Ok(from.clone());
    }
    let Some(named) = DataType::parse_glue(&row.to_type) else {
        return Err(error("Mapping", format!("“{}”: there is no type “{}”", row.to_key, row.to_type)));
    };
    Ok(match (&named, from) {
        (DataType::Decimal { .. }, _) => DataType::Decimal { precision: 10, scale: 2 },
        (DataType::Array(_), DataType::Array(_)) | (DataType::Map(..), DataType::Map(..)) | (DataType::Struct(_), DataType::Struct(_))
            if !row.to_type.contains('<') =>
        {
            from.clone()
        }
        _ => named,
    })
}

/// Whether a DynamicFrame type name fits a type; `choice` and names that are no type fit everything.
pub(crate) fn same_kind(name: &str, data_type: &DataType) -> bool {
    DataType::parse_glue(name).is_none_or(|named| named.glue_name() == data_type.glue_name())
}

/// Finds a path, exact names first, then without letter case (`apply_mapping(case_sensitive=False)`).
fn fold_path<'a>(path: &FieldPath, columns: &'a [Field]) -> Option<(Vec<usize>, &'a DataType)> {
    let mut members = columns;
    let mut indices = Vec::with_capacity(path.len());
    let mut found = None;
    for name in path {
        let index = members
            .iter()
            .position(|field| field.name == *name)
            .or_else(|| members.iter().position(|field| field.name.to_lowercase() == name.to_lowercase()))?;
        indices.push(index);
        let data_type = &members.get(index)?.data_type;
        members = match data_type {
            DataType::Struct(fields) => fields,
            _ => &[],
        };
        found = Some(data_type);
    }
    found.map(|data_type| (indices, data_type))
}

fn union_inputs(union_type: UnionType, inputs: &[&[Field]]) -> Result<Transform, NodeError> {
    let [first, second] = inputs else {
        return Err(error("Inputs", "Union needs two inputs"));
    };
    if first.len() != second.len() {
        return Err(error(
            "Inputs",
            format!(
                "both inputs must have the same schema: the first has {} columns, the second {}",
                first.len(),
                second.len()
            ),
        ));
    }
    let mut notes = Vec::new();
    for (index, (a, b)) in first.iter().zip(second.iter()).enumerate() {
        if a.data_type != b.data_type {
            return Err(error(
                "Inputs",
                format!(
                    "both inputs must have the same schema: column {} is “{}” {} in the first and “{}” {} in the second",
                    index + 1,
                    a.name,
                    a.data_type,
                    b.name,
                    b.data_type
                ),
            ));
        }
        if a.name != b.name && notes.is_empty() {
            notes.push((
                "Inputs",
                format!(
                    "columns are put together by position: “{}” of the first input with “{}” of the second (column {})",
                    a.name,
                    b.name,
                    index + 1
                ),
            ));
        }
    }
    Ok(Transform {
        operation: Operation::Union {
            distinct: union_type == UnionType::Distinct,
        },
        output: first.to_vec(),
        notes,
    })
}

/// Without columns: whole rows. A map cannot be compared (Spark refuses it too).
fn drop_duplicates(columns: Option<&[FieldPath]>, input: &[Field]) -> Result<Transform, NodeError> {
    let indices = match columns {
        None => (0..input.len()).collect(),
        Some([]) => return Err(error("Columns", "no column is chosen")),
        Some(paths) => paths
            .iter()
            .map(|path| match super::filter::find_path(path, input)?.0.as_slice() {
                [index] => Ok(*index),
                _ => Err(format!("“{}” is nested; rows can be compared by columns only", path.join("."))),
            })
            .collect::<Result<Vec<usize>, String>>()
            .map_err(|message| error("Columns", message))?,
    };
    let holds_map = |index: &&usize| input.get(**index).is_some_and(|column| has_map(&column.data_type));
    if let Some(column) = indices.iter().find(holds_map).and_then(|index| input.get(*index)) {
        return Err(error("Columns", format!("“{}” holds a map, and maps cannot be compared", column.name)));
    }
    Ok(Transform {
        operation: Operation::Distinct { columns: indices },
        output: input.to_vec(),
        notes: Vec::new(),
    })
}

fn has_map(data_type: &DataType) -> bool {
    match data_type {
        DataType::Map(..) => true,
        DataType::Array(element) => has_map(element),
        DataType::Struct(fields) => fields.iter().any(|field| has_map(&field.data_type)),
        _ => false,
    }
}
