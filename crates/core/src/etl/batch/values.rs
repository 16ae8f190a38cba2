//! Values in and out of arrays. Arrays are in the one Arrow type that each of our types has (`types`); anything else reads as null.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use arrow::array::{
    Array, ArrayRef, AsArray, BinaryArray, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array, Int16Array, Int32Array,
    Int64Array, ListArray, MapArray, StringArray, StringBuilder, StructArray, TimestampMicrosecondArray,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::datatypes::{
    DataType as ArrowType, Date32Type, Decimal128Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
};
use arrow::error::ArrowError;

use super::types::arrow_type;
use crate::etl::{DataType, Value, cast};

/// Cell `row` of a column of type `data_type`. A row beyond the end is null.
pub fn value_at(array: &ArrayRef, data_type: &DataType, row: usize) -> Value {
    if row >= array.len() || array.is_null(row) {
        return Value::Null;
    }
    macro_rules! primitive {
        ($type:ty, $value:ident => $make:expr) => {
            match array.as_primitive_opt::<$type>() {
                Some(typed) => {
                    let $value = typed.value(row);
                    $make
                }
                None => Value::Null,
            }
        };
    }
    match data_type {
        DataType::Null => Value::Null,
        DataType::Boolean => array.as_boolean_opt().map_or(Value::Null, |typed| Value::Boolean(typed.value(row))),
        DataType::Byte => primitive!(Int8Type, v => Value::Long(i64::from(v))),
        DataType::Short => primitive!(Int16Type, v => Value::Long(i64::from(v))),
        DataType::Int => primitive!(Int32Type, v => Value::Long(i64::from(v))),
        DataType::Long => primitive!(Int64Type, v => Value::Long(v)),
        DataType::Float => primitive!(Float32Type, v => Value::Float(v)),
        DataType::Double => primitive!(Float64Type, v => Value::Double(v)),
        DataType::Decimal { scale, .. } => primitive!(Decimal128Type, v => Value::Decimal { unscaled: v, scale: *scale }),
        DataType::Date => primitive!(Date32Type, v => Value::Date(v)),
        DataType::Timestamp => primitive!(TimestampMicrosecondType, v => Value::Timestamp(v)),
        DataType::String => array
            .as_string_opt::<i32>()
            .map_or(Value::Null, |typed| Value::String(typed.value(row).to_string())),
        DataType::Binary => array
            .as_binary_opt::<i32>()
            .map_or(Value::Null, |typed| Value::Binary(typed.value(row).to_vec())),
        DataType::Array(element) => array.as_list_opt::<i32>().map_or(Value::Null, |typed| {
            let items = typed.value(row);
            Value::Array((0..items.len()).map(|index| value_at(&items, element, index)).collect())
        }),
        DataType::Map(key, value) => array.as_map_opt().map_or(Value::Null, |typed| {
            let entries = typed.value(row);
            let (keys, values) = match entries.columns() {
                [keys, values] => (keys, values),
                _ => return Value::Null,
            };
            Value::Map(
                (0..entries.len())
                    .map(|index| (value_at(keys, key, index), value_at(values, value, index)))
                    .collect(),
            )
        }),
        DataType::Struct(fields) => array.as_struct_opt().map_or(Value::Null, |typed| {
            Value::Struct(
                fields
                    .iter()
                    .zip(typed.columns())
                    .map(|(field, column)| value_at(column, &field.data_type, row))
                    .collect(),
            )
        }),
    }
}

/// The text of a cell as Spark prints it; `None` for null.
pub fn display_at(array: &ArrayRef, data_type: &DataType, row: usize) -> Option<String> {
    if *data_type == DataType::String {
        let typed = array.as_string_opt::<i32>()?;
        return (row < typed.len() && !typed.is_null(row)).then(|| typed.value(row).to_string());
    }
    value_at(array, data_type, row).display(data_type)
}

/// A column of `values`. A value of another kind than `data_type` is null.
pub fn from_values(data_type: &DataType, values: Vec<Value>) -> Result<ArrayRef, ArrowError> {
    macro_rules! primitive {
        ($array:ty, $pattern:pat => $make:expr) => {
            Arc::new(
                values
                    .into_iter()
                    .map(|value| match value {
                        $pattern => $make,
                        _ => None,
                    })
                    .collect::<$array>(),
            ) as ArrayRef
        };
    }
    Ok(match data_type {
        DataType::Null => Arc::new(StringArray::new_null(values.len())),
        DataType::Boolean => primitive!(BooleanArray, Value::Boolean(v) => Some(v)),
        DataType::Byte => primitive!(Int8Array, Value::Long(v) => i8::try_from(v).ok()),
        DataType::Short => primitive!(Int16Array, Value::Long(v) => i16::try_from(v).ok()),
        DataType::Int => primitive!(Int32Array, Value::Long(v) => i32::try_from(v).ok()),
        DataType::Long => primitive!(Int64Array, Value::Long(v) => Some(v)),
        DataType::Float => primitive!(Float32Array, Value::Float(v) => Some(v)),
        DataType::Double => primitive!(Float64Array, Value::Double(v) => Some(v)),
        DataType::Date => primitive!(Date32Array, Value::Date(v) => Some(v)),
        DataType::Timestamp => {
            let array: TimestampMicrosecondArray = values
                .into_iter()
                .map(|value| match value {
                    Value::Timestamp(micros) => Some(micros),
                    _ => None,
                })
                .collect();
            Arc::new(array.with_timezone("UTC"))
        }
        DataType::Decimal { precision, scale } => {
            let array: Decimal128Array = values
                .into_iter()
                .map(|value| match value {
                    Value::Decimal { unscaled, scale: found } if found == *scale => Some(unscaled),
                    _ => None,
                })
                .collect();
            Arc::new(array.with_precision_and_scale(*precision, *scale)?)
        }
        DataType::String => {
            let mut builder = StringBuilder::with_capacity(values.len(), 0);
            for value in values {
                match value {
                    Value::String(text) => builder.append_value(text),
                    _ => builder.append_null(),
                }
            }
            Arc::new(builder.finish())
        }
        DataType::Binary => primitive!(BinaryArray, Value::Binary(v) => Some(v)),
        DataType::Array(element) => {
            let mut lengths = Vec::with_capacity(values.len());
            let mut valid = Vec::with_capacity(values.len());
            let mut items = Vec::new();
            for value in values {
                match value {
                    Value::Array(elements) => {
                        lengths.push(elements.len());
                        valid.push(true);
                        items.extend(elements);
                    }
                    _ => {
                        lengths.push(0);
                        valid.push(false);
                    }
                }
            }
            let ArrowType::List(field) = arrow_type(data_type) else {
                return Err(ArrowError::SchemaError("an array column is an Arrow list".to_string()));
            };
            let items = from_values(element, items)?;
            Arc::new(ListArray::try_new(
                field,
                OffsetBuffer::from_lengths(lengths),
                items,
                Some(NullBuffer::from(valid)),
            )?)
        }
        DataType::Map(key_type, value_type) => {
            let mut lengths = Vec::with_capacity(values.len());
            let mut valid = Vec::with_capacity(values.len());
            let (mut keys, mut items) = (Vec::new(), Vec::new());
            for value in values {
                match value {
                    Value::Map(entries) => {
                        let before = keys.len();
                        // An Arrow map has no null keys, and neither has Spark's.
                        for (key, item) in entries.into_iter().filter(|(key, _)| !key.is_null()) {
                            keys.push(key);
                            items.push(item);
                        }
                        lengths.push(keys.len() - before);
                        valid.push(true);
                    }
                    _ => {
                        lengths.push(0);
                        valid.push(false);
                    }
                }
            }
            let ArrowType::Map(entries, _) = arrow_type(data_type) else {
                return Err(ArrowError::SchemaError("a map column is an Arrow map".to_string()));
            };
            let ArrowType::Struct(pair) = entries.data_type().clone() else {
                return Err(ArrowError::SchemaError("the entries of an Arrow map are a struct".to_string()));
            };
            let pairs = StructArray::try_new(pair, alloc::vec![from_values(key_type, keys)?, from_values(value_type, items)?], None)?;
            Arc::new(MapArray::try_new(
                entries,
                OffsetBuffer::from_lengths(lengths),
                pairs,
                Some(NullBuffer::from(valid)),
                false,
            )?)
        }
        DataType::Struct(fields) => {
            let rows = values.len();
            let mut valid = Vec::with_capacity(rows);
            let mut columns: Vec<Vec<Value>> = fields.iter().map(|_| Vec::with_capacity(rows)).collect();
            for value in values {
                let members = match value {
                    Value::Struct(members) => {
                        valid.push(true);
                        members
                    }
                    _ => {
                        valid.push(false);
                        Vec::new()
                    }
                };
                let mut members = members.into_iter();
                for column in &mut columns {
                    column.push(members.next().unwrap_or_default());
                }
            }
            let arrays = fields
                .iter()
                .zip(columns)
                .map(|(field, column)| from_values(&field.data_type, column))
                .collect::<Result<Vec<_>, _>>()?;
            let ArrowType::Struct(arrow_fields) = arrow_type(data_type) else {
                return Err(ArrowError::SchemaError("a struct column is an Arrow struct".to_string()));
            };
            Arc::new(StructArray::try_new_with_length(arrow_fields, arrays, Some(NullBuffer::from(valid)), rows)?)
        }
    })
}

/// Spark's cast over a column: equal to [`cast`] cell by cell. What cannot be cast is null.
pub fn cast_array(array: &ArrayRef, from: &DataType, to: &DataType) -> Result<ArrayRef, ArrowError> {
    if from == to {
        return Ok(array.clone());
    }
    let values = (0..array.len()).map(|row| cast(&value_at(array, from, row), from, to)).collect();
    from_values(to, values)
}
