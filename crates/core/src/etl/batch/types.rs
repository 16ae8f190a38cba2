//! Our types as Arrow's. Each of ours has one Arrow type; what else a file brings is taken for the nearest of them (`coerce`).

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;

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

/// Our type for a column of a Parquet file, of the Arrow types that one without an Arrow schema is read as.
///
/// Errors: the types that Spark cannot read from Parquet either (intervals, times of day, decimals over 38 digits) are named.
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
        ArrowType::Decimal128(precision, scale) => DataType::Decimal {
            precision: *precision,
            scale: *scale,
        },
        ArrowType::Utf8 => DataType::String,
        ArrowType::Binary | ArrowType::FixedSizeBinary(_) => DataType::Binary,
        ArrowType::Date32 => DataType::Date,
        ArrowType::Timestamp(_, _) => DataType::Timestamp,
        ArrowType::List(item) => DataType::Array(Box::new(data_type(item.data_type())?)),
        ArrowType::Struct(fields) => DataType::Struct(schema_fields(fields)?),
        ArrowType::Map(entries, _) => match entries.data_type() {
            ArrowType::Struct(pair) => match (pair.first(), pair.get(1)) {
                (Some(key), Some(value)) => DataType::Map(Box::new(data_type(key.data_type())?), Box::new(data_type(value.data_type())?)),
                _ => return Err(unsupported(arrow)),
            },
            _ => return Err(unsupported(arrow)),
        },
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
