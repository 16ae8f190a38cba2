//! A compiled [`Transform`] over record batches, one batch at a time: row for row what [`Transform::run`] gives.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use core::fmt;
use std::collections::HashSet;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array,
    Int64Array, RecordBatch, RecordBatchOptions, StringArray, TimestampMicrosecondArray, new_null_array,
};
use arrow::compute::filter;
use arrow::datatypes::{Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, SchemaRef, TimestampMicrosecondType};
use arrow::error::ArrowError;

use super::types::{arrow_schema, arrow_type};
use super::values::{cast_array, from_values, value_at};
use crate::etl::{DataType, Expression, Field, Operation, RowFilter, Scalar, Transform, Value};

/// Most bytes that the different rows of a Drop Duplicates or a distinct Union may take.
pub const DISTINCT_LIMIT: usize = 96 << 20;

/// What the set holds for a row beside its bytes.
const ROW_OVERHEAD: usize = 40;

/// Why a batch did not go through.
#[derive(Debug)]
pub enum TransformError {
    Arrow(ArrowError),
    /// Too many different rows to keep.
    DistinctLimit {
        rows: usize,
    },
}

impl fmt::Display for TransformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TransformError::Arrow(error) => error.fmt(f),
            TransformError::DistinctLimit { rows } => write!(
                f,
                "more than {rows} different rows: they would take more than the {} MiB that are set aside to tell duplicates apart. Compare fewer columns, or filter first",
                DISTINCT_LIMIT >> 20
            ),
        }
    }
}

impl core::error::Error for TransformError {}

impl From<ArrowError> for TransformError {
    fn from(error: ArrowError) -> Self {
        TransformError::Arrow(error)
    }
}

/// A node's transform with what it remembers from batch to batch.
pub struct BatchTransform {
    transform: Transform,
    inputs: Vec<Vec<Field>>,
    schema: SchemaRef,
    seen: HashSet<Box<[u8]>>,
    held: usize,
}

impl BatchTransform {
    /// `inputs`: the columns that the transform was compiled against, by port.
    pub fn new(transform: Transform, inputs: Vec<Vec<Field>>) -> Self {
        BatchTransform {
            schema: arrow_schema(transform.output()),
            transform,
            inputs,
            seen: HashSet::new(),
            held: 0,
        }
    }

    pub fn output(&self) -> &[Field] {
        self.transform.output()
    }

    /// The input columns needed at `port` when the output columns marked in `live` are.
    pub fn needs(&self, port: usize, live: &[bool]) -> Vec<bool> {
        let wanted: BTreeSet<usize> = live.iter().enumerate().filter(|(_, live)| **live).map(|(index, _)| index).collect();
        let needs = self.transform.needs(&wanted);
        let width = self.inputs.get(port).map_or(0, Vec::len);
        (0..width).map(|index| needs.contains(&index)).collect()
    }

    /// One batch of input `port`. Columns that are not `live` come out with any content: nobody reads them.
    pub fn apply(&mut self, port: usize, batch: &RecordBatch, live: &[bool]) -> Result<RecordBatch, TransformError> {
        let fields: &[Field] = self.inputs.get(port).map(Vec::as_slice).unwrap_or_default();
        let is_live = |index: usize| live.get(index).copied().unwrap_or(true);
        match &self.transform.operation {
            Operation::Pass | Operation::Union { distinct: false } => Ok(self.with_schema(batch.columns().to_vec(), batch.num_rows())?),
            Operation::Project(expressions) => {
                let mut columns = Vec::with_capacity(expressions.len());
                for (index, expression) in expressions.iter().enumerate() {
                    let Some(output) = self.transform.output().get(index) else { continue };
                    columns.push(if is_live(index) {
                        evaluate(expression, fields, batch, &output.data_type, || self.transform.needs(&BTreeSet::from([index])))?
                    } else {
                        match expression.whole_column().and_then(|column| batch.columns().get(column)) {
                            Some(column) if *column.data_type() == arrow_type(&output.data_type) => column.clone(),
                            _ => new_null_array(&arrow_type(&output.data_type), batch.num_rows()),
                        }
                    });
                }
                Ok(self.with_schema(columns, batch.num_rows())?)
            }
            Operation::Filter(predicate) => {
                let keep = filter_mask(predicate, fields, batch);
                self.keep(batch, &keep, live)
            }
            Operation::Union { distinct: true } => {
                let columns: Vec<usize> = (0..self.transform.output().len()).collect();
                let keep = self.first_seen(&columns, port, batch)?;
                self.keep(batch, &keep, live)
            }
            Operation::Distinct { columns } => {
                let columns = columns.clone();
                let keep = self.first_seen(&columns, port, batch)?;
                self.keep(batch, &keep, live)
            }
        }
    }

    fn with_schema(&self, columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, ArrowError> {
        let options = RecordBatchOptions::new().with_row_count(Some(rows));
        RecordBatch::try_new_with_options(self.schema.clone(), columns, &options)
    }

    fn keep(&self, batch: &RecordBatch, keep: &BooleanArray, live: &[bool]) -> Result<RecordBatch, TransformError> {
        let rows = keep.true_count();
        if rows == batch.num_rows() {
            return Ok(self.with_schema(batch.columns().to_vec(), rows)?);
        }
        let columns = batch
            .columns()
            .iter()
            .enumerate()
            .map(|(index, column)| {
                if live.get(index).copied().unwrap_or(true) {
                    filter(column, keep)
                } else {
                    Ok(column.slice(0, rows))
                }
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(self.with_schema(columns, rows)?)
    }

    /// Which rows are the first of their kind.
    fn first_seen(&mut self, columns: &[usize], port: usize, batch: &RecordBatch) -> Result<BooleanArray, TransformError> {
        let fields: &[Field] = self.inputs.get(port).map(Vec::as_slice).unwrap_or_default();
        let mut key = Vec::new();
        let mut keep = Vec::with_capacity(batch.num_rows());
        let picked: Vec<(&ArrayRef, &DataType)> = columns
            .iter()
            .filter_map(|index| Some((batch.columns().get(*index)?, &fields.get(*index)?.data_type)))
            .collect();
        for row in 0..batch.num_rows() {
            key.clear();
            for (column, data_type) in &picked {
                encode_cell(column, data_type, row, &mut key);
            }
            let new = !self.seen.contains(key.as_slice());
            if new {
                self.held += key.len() + ROW_OVERHEAD;
                if self.held > DISTINCT_LIMIT {
                    return Err(TransformError::DistinctLimit { rows: self.seen.len() });
                }
                self.seen.insert(key.as_slice().into());
            }
            keep.push(new);
        }
        Ok(BooleanArray::from(keep))
    }
}

fn evaluate(
    expression: &Expression,
    fields: &[Field],
    batch: &RecordBatch,
    output: &DataType,
    needs: impl Fn() -> BTreeSet<usize>,
) -> Result<ArrayRef, TransformError> {
    if let Some(column) = expression.whole_column().and_then(|index| batch.columns().get(index))
        && *column.data_type() == arrow_type(output)
    {
        return Ok(column.clone());
    }
    if let Expression::Cast { path, from, to } = expression
        && let [index] = path.as_slice()
        && let Some(column) = batch.columns().get(*index)
        && to == output
    {
        return Ok(cast_array(column, from, to)?);
    }
    let needs = needs();
    let mut row: Vec<Value> = fields.iter().map(|_| Value::Null).collect();
    let values = (0..batch.num_rows())
        .map(|at| {
            for index in &needs {
                if let (Some(cell), Some(column), Some(field)) = (row.get_mut(*index), batch.columns().get(*index), fields.get(*index)) {
                    *cell = value_at(column, &field.data_type, at);
                }
            }
            expression.evaluate(&row)
        })
        .collect();
    Ok(from_values(output, values)?)
}

/// A column of a plain type, to be read as Python sees its cells.
enum Cells<'a> {
    Null,
    Boolean(&'a BooleanArray),
    Byte(&'a Int8Array),
    Short(&'a Int16Array),
    Int(&'a Int32Array),
    Long(&'a Int64Array),
    Float(&'a Float32Array),
    Double(&'a Float64Array),
    Decimal(&'a Decimal128Array, i8),
    Text(&'a StringArray),
    Bytes(&'a BinaryArray),
    Date(&'a Date32Array),
    Timestamp(&'a TimestampMicrosecondArray),
}

impl<'a> Cells<'a> {
    fn new(array: &'a ArrayRef, data_type: &DataType) -> Option<Self> {
        Some(match data_type {
            DataType::Null => Cells::Null,
            DataType::Boolean => Cells::Boolean(array.as_boolean_opt()?),
            DataType::Byte => Cells::Byte(array.as_primitive_opt::<Int8Type>()?),
            DataType::Short => Cells::Short(array.as_primitive_opt::<Int16Type>()?),
            DataType::Int => Cells::Int(array.as_primitive_opt::<Int32Type>()?),
            DataType::Long => Cells::Long(array.as_primitive_opt::<Int64Type>()?),
            DataType::Float => Cells::Float(array.as_primitive_opt::<Float32Type>()?),
            DataType::Double => Cells::Double(array.as_primitive_opt::<Float64Type>()?),
            DataType::Decimal { scale, .. } => Cells::Decimal(array.as_primitive_opt::<Decimal128Type>()?, *scale),
            DataType::String => Cells::Text(array.as_string_opt::<i32>()?),
            DataType::Binary => Cells::Bytes(array.as_binary_opt::<i32>()?),
            DataType::Date => Cells::Date(array.as_primitive_opt::<Date32Type>()?),
            DataType::Timestamp => Cells::Timestamp(array.as_primitive_opt::<TimestampMicrosecondType>()?),
            DataType::Array(_) | DataType::Map(..) | DataType::Struct(_) => return None,
        })
    }

    fn get(&self, row: usize) -> Scalar<'a> {
        macro_rules! cell {
            ($array:expr, $value:ident => $make:expr) => {
                if $array.is_null(row) {
                    Scalar::Null
                } else {
                    let $value = $array.value(row);
                    $make
                }
            };
        }
        match self {
            Cells::Null => Scalar::Null,
            Cells::Boolean(array) => cell!(array, v => Scalar::Boolean(v)),
            Cells::Byte(array) => cell!(array, v => Scalar::Long(i64::from(v))),
            Cells::Short(array) => cell!(array, v => Scalar::Long(i64::from(v))),
            Cells::Int(array) => cell!(array, v => Scalar::Long(i64::from(v))),
            Cells::Long(array) => cell!(array, v => Scalar::Long(v)),
            Cells::Float(array) => cell!(array, v => Scalar::Double(f64::from(v))),
            Cells::Double(array) => cell!(array, v => Scalar::Double(v)),
            Cells::Decimal(array, scale) => cell!(array, v => Scalar::Decimal { unscaled: v, scale: *scale }),
            Cells::Text(array) => cell!(array, v => Scalar::Text(v)),
            Cells::Bytes(array) => cell!(array, v => Scalar::Bytes(v)),
            Cells::Date(array) => cell!(array, v => Scalar::Date(v)),
            Cells::Timestamp(array) => cell!(array, v => Scalar::Timestamp(v)),
        }
    }
}

fn filter_mask(predicate: &RowFilter, fields: &[Field], batch: &RecordBatch) -> BooleanArray {
    let mut cells: Vec<Option<Cells<'_>>> = fields.iter().map(|_| None).collect();
    let columns = predicate.columns();
    let plain = columns.iter().all(|index| {
        let typed = batch
            .columns()
            .get(*index)
            .zip(fields.get(*index))
            .and_then(|(column, field)| Cells::new(column, &field.data_type));
        match (cells.get_mut(*index), typed) {
            (Some(place), Some(typed)) => {
                *place = Some(typed);
                true
            }
            _ => false,
        }
    });
    if plain {
        return (0..batch.num_rows())
            .map(|row| {
                Some(predicate.test(&|path: &[usize]| match path {
                    [index] => Some(cells.get(*index).and_then(Option::as_ref).map_or(Scalar::Null, |cells| cells.get(row))),
                    _ => None,
                }))
            })
            .collect();
    }
    let mut row: Vec<Value> = fields.iter().map(|_| Value::Null).collect();
    (0..batch.num_rows())
        .map(|at| {
            for index in &columns {
                if let (Some(cell), Some(column), Some(field)) = (row.get_mut(*index), batch.columns().get(*index), fields.get(*index)) {
                    *cell = value_at(column, &field.data_type, at);
                }
            }
            Some(predicate.keeps(&row))
        })
        .collect()
}

/// Bytes that are equal exactly where [`Value::group_cmp`] says the cells are, within one column type.
fn encode_cell(array: &ArrayRef, data_type: &DataType, row: usize, out: &mut Vec<u8>) {
    if *data_type == DataType::String
        && let Some(typed) = array.as_string_opt::<i32>()
    {
        if typed.is_null(row) {
            out.push(0);
        } else {
            encode_bytes(typed.value(row).as_bytes(), out);
        }
        return;
    }
    encode_value(&value_at(array, data_type, row), out);
}

fn encode_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(1);
    out.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
    out.extend_from_slice(bytes);
}

fn encode_value(value: &Value, out: &mut Vec<u8>) {
    let float = |value: f64| {
        if value.is_nan() {
            f64::NAN.to_bits()
        } else if value == 0.0 {
            0
        } else {
            value.to_bits()
        }
    };
    match value {
        Value::Null => out.push(0),
        Value::Boolean(value) => out.extend_from_slice(&[1, u8::from(*value)]),
        Value::Long(value) | Value::Timestamp(value) => {
            out.push(1);
            out.extend_from_slice(&value.to_le_bytes());
        }
        Value::Float(value) => {
            out.push(1);
            out.extend_from_slice(&float(f64::from(*value)).to_le_bytes());
        }
        Value::Double(value) => {
            out.push(1);
            out.extend_from_slice(&float(*value).to_le_bytes());
        }
        Value::Decimal { unscaled, .. } => {
            out.push(1);
            out.extend_from_slice(&unscaled.to_le_bytes());
        }
        Value::String(text) => encode_bytes(text.as_bytes(), out),
        Value::Binary(bytes) => encode_bytes(bytes, out),
        Value::Date(days) => {
            out.push(1);
            out.extend_from_slice(&days.to_le_bytes());
        }
        Value::Array(items) | Value::Struct(items) => {
            out.push(1);
            out.extend_from_slice(&(items.len() as u64).to_le_bytes());
            items.iter().for_each(|item| encode_value(item, out));
        }
        Value::Map(entries) => {
            out.push(1);
            out.extend_from_slice(&(entries.len() as u64).to_le_bytes());
            for (key, item) in entries {
                encode_value(key, out);
                encode_value(item, out);
            }
        }
    }
}
