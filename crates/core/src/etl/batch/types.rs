//! Our types as Arrow's. Each of ours has one Arrow type; what else a file brings is cast to the nearest of them.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

use arrow::array::ArrayRef;
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType as ArrowType, Field as ArrowField, Fields, Schema, SchemaRef, TimeUnit};
use arrow::error::ArrowError;

use crate::etl::{DataType, Field};

/// The Arrow type that holds a column of ours.
///
/// `Null` is held as Utf8 of nulls, so that every file format can write it. Timestamps are microseconds, UTC.
pub fn arrow_type(data_type: &DataType) -> ArrowType {
    match data_type {
        DataType::Null | DataType::String => ArrowType::Utf8,
        DataType::Boolean => ArrowType::Boolean,
        DataType::Byte => ArrowType::Int8,
        DataType::Short => ArrowType::Int16,
        DataType::Int => ArrowType::Int32,
        DataType::Long => ArrowType::Int64,
        DataType::Float => ArrowType::Float32,
        DataType::Double => ArrowType::Float64,
        DataType::Decimal { precision, scale } => ArrowType::Decimal128(*precision, *scale),
        DataType::Binary => ArrowType::Binary,
        DataType::Date => ArrowType::Date32,
        DataType::Timestamp => ArrowType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        DataType::Array(element) => ArrowType::List(Arc::new(ArrowField::new("element", arrow_type(element), true))),
        DataType::Map(key, value) => ArrowType::Map(
            Arc::new(ArrowField::new(
                "key_value",
                ArrowType::Struct(Fields::from(alloc::vec![
                    ArrowField::new("key", arrow_type(key), false),
                    ArrowField::new("value", arrow_type(value), true),
                ])),
                false,
            )),
            false,
        ),
        DataType::Struct(fields) => ArrowType::Struct(fields.iter().map(arrow_field).collect()),
    }
}

pub fn arrow_field(field: &Field) -> ArrowField {
    ArrowField::new(&field.name, arrow_type(&field.data_type), true)
}

pub fn arrow_schema(fields: &[Field]) -> SchemaRef {
    Arc::new(Schema::new(fields.iter().map(arrow_field).collect::<Vec<_>>()))
}

/// Our type for a column of a file.
///
/// Errors: the types that Spark cannot read from Parquet either (intervals, times of day, unions) are named.
pub fn data_type(arrow: &ArrowType) -> Result<DataType, ArrowError> {
    Ok(match arrow {
        ArrowType::Null => DataType::Null,
        ArrowType::Boolean => DataType::Boolean,
        ArrowType::Int8 => DataType::Byte,
        ArrowType::Int16 | ArrowType::UInt8 => DataType::Short,
        ArrowType::Int32 | ArrowType::UInt16 => DataType::Int,
        ArrowType::Int64 | ArrowType::UInt32 => DataType::Long,
        ArrowType::UInt64 => DataType::Decimal { precision: 20, scale: 0 },
        ArrowType::Float16 | ArrowType::Float32 => DataType::Float,
        ArrowType::Float64 => DataType::Double,
        ArrowType::Decimal32(precision, scale) | ArrowType::Decimal64(precision, scale) | ArrowType::Decimal128(precision, scale) => DataType::Decimal {
            precision: *precision,
            scale: *scale,
        },
        ArrowType::Utf8 | ArrowType::LargeUtf8 | ArrowType::Utf8View => DataType::String,
        ArrowType::Binary | ArrowType::LargeBinary | ArrowType::BinaryView | ArrowType::FixedSizeBinary(_) => DataType::Binary,
        ArrowType::Date32 | ArrowType::Date64 => DataType::Date,
        ArrowType::Timestamp(_, _) => DataType::Timestamp,
        ArrowType::List(item) | ArrowType::LargeList(item) | ArrowType::FixedSizeList(item, _) => DataType::Array(Box::new(data_type(item.data_type())?)),
        ArrowType::Struct(fields) => DataType::Struct(schema_fields(fields)?),
        ArrowType::Map(entries, _) => match entries.data_type() {
            ArrowType::Struct(pair) => match (pair.first(), pair.get(1)) {
                (Some(key), Some(value)) => DataType::Map(Box::new(data_type(key.data_type())?), Box::new(data_type(value.data_type())?)),
                _ => return Err(unsupported(arrow)),
            },
            _ => return Err(unsupported(arrow)),
        },
        ArrowType::Dictionary(_, value) => data_type(value)?,
        other => return Err(unsupported(other)),
    })
}

fn unsupported(arrow: &ArrowType) -> ArrowError {
    ArrowError::NotYetImplemented(alloc::format!("columns of type {arrow} are not read"))
}

/// Our columns for the columns of a file; the error names the column.
pub fn schema_fields(fields: &Fields) -> Result<Vec<Field>, ArrowError> {
    fields
        .iter()
        .map(|field| {
            let data_type =
                data_type(field.data_type()).map_err(|error| ArrowError::NotYetImplemented(alloc::format!("column \"{}\": {error}", field.name())))?;
            Ok(Field::new(field.name().to_string(), data_type))
        })
        .collect()
}

/// The array in the one Arrow type that `to` has here. Values that do not fit become null.
pub fn normalize(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    let target = arrow_type(to);
    if *array.data_type() == target {
        return Ok(array.clone());
    }
    cast_with_options(
        array,
        &target,
        &CastOptions {
            safe: true,
            ..CastOptions::default()
        },
    )
}
