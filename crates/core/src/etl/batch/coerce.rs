//! A column of a Parquet file as the column that a source wants: its own type in our one Arrow form, then the wanted type.
//!
//! Not `arrow::compute::cast`: its hundreds of pairs of types are three of the engine's eleven megabytes, and its texts and times are not Spark's.

use alloc::sync::Arc;
use alloc::vec::Vec;

use arrow::array::{
    Array, ArrayRef, ArrowPrimitiveType, AsArray, BinaryArray, FixedSizeBinaryArray, Int64Array, ListArray, MapArray, PrimitiveArray, StringArray, StructArray,
    TimestampMicrosecondArray, new_null_array,
};
use arrow::buffer::OffsetBuffer;
use arrow::datatypes::{
    DataType as ArrowType, Decimal128Type, Fields, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimeUnit,
    TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow::error::ArrowError;

use super::types::{arrow_type, data_type};
use super::values::{from_values, value_at};
use crate::etl::{DataType, Field, Value, can_cast, cast};

/// The array in the one Arrow type that `to` has here.
///
/// Values that do not fit become null; the rest is Spark's cast. Members of a struct are found by name, and one that the file lacks is null.
/// Errors: a type that no cast leads to `to` from.
pub fn normalize(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, ArrowError> {
    let target = arrow_type(to);
    if *array.data_type() == target {
        return Ok(array.clone());
    }
    match (array.data_type(), to, target) {
        (ArrowType::Null, ..) | (_, DataType::Null, _) => Ok(new_null_array(&arrow_type(to), array.len())),
        (ArrowType::List(_), DataType::Array(element), ArrowType::List(field)) => {
            let list = array.as_list::<i32>();
            let items = normalize(list.values(), element)?;
            Ok(Arc::new(ListArray::try_new(field, list.offsets().clone(), items, list.nulls().cloned())?))
        }
        (ArrowType::Map(..), DataType::Map(key, value), ArrowType::Map(entries, _)) => {
            let map = array.as_map();
            let ArrowType::Struct(pair) = entries.data_type().clone() else {
                return Err(unread(array.data_type(), to));
            };
            let columns = alloc::vec![normalize(map.keys(), key)?, normalize(map.values(), value)?];
            let pairs = StructArray::try_new(pair, columns, map.entries().nulls().cloned())?;
            Ok(Arc::new(MapArray::try_new(entries, map.offsets().clone(), pairs, map.nulls().cloned(), false)?))
        }
        (ArrowType::Struct(_), DataType::Struct(members), ArrowType::Struct(fields)) => structs(array.as_struct(), members, fields),
        _ => {
            let own = data_type(array.data_type())?;
            let array = canonical(array, &own)?;
            if own == *to { Ok(array) } else { converted(&array, &own, to) }
        }
    }
}

fn unread(from: &dyn core::fmt::Display, to: &DataType) -> ArrowError {
    ArrowError::CastError(alloc::format!("a column of type {from} is not read as {to}"))
}

fn structs(array: &StructArray, members: &[Field], fields: Fields) -> Result<ArrayRef, ArrowError> {
    let names = array.column_names();
    let place = |wanted: &str| {
        let exact = names.iter().position(|name| *name == wanted);
        exact.or_else(|| names.iter().position(|name| name.eq_ignore_ascii_case(wanted)))
    };
    let columns = members
        .iter()
        .map(|member| match place(&member.name).and_then(|place| array.columns().get(place)) {
            Some(column) => normalize(column, &member.data_type),
            None => Ok(new_null_array(&arrow_type(&member.data_type), array.len())),
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(StructArray::try_new_with_length(
        fields,
        columns,
        array.nulls().cloned(),
        array.len(),
    )?))
}

/// The array in the Arrow type that its own type has here; no value is lost but time below a microsecond and beyond the year 294246.
fn canonical(array: &ArrayRef, own: &DataType) -> Result<ArrayRef, ArrowError> {
    fn timestamps<T: ArrowPrimitiveType<Native = i64>>(array: &ArrayRef, op: fn(i64) -> Option<i64>) -> ArrayRef {
        let array: TimestampMicrosecondArray = array.as_primitive::<T>().unary_opt(op);
        Arc::new(array.with_timezone("UTC"))
    }
    Ok(match array.data_type() {
        ArrowType::UInt8 => Arc::new(array.as_primitive::<UInt8Type>().unary::<_, Int16Type>(i16::from)),
        ArrowType::UInt16 => Arc::new(array.as_primitive::<UInt16Type>().unary::<_, Int32Type>(i32::from)),
        ArrowType::UInt32 => Arc::new(array.as_primitive::<UInt32Type>().unary::<_, Int64Type>(i64::from)),
        ArrowType::UInt64 => {
            let array = array.as_primitive::<UInt64Type>().unary::<_, Decimal128Type>(i128::from);
            Arc::new(array.with_precision_and_scale(20, 0)?)
        }
        ArrowType::Float16 => Arc::new(array.as_primitive::<Float16Type>().unary::<_, Float32Type>(f32::from)),
        ArrowType::FixedSizeBinary(_) => Arc::new(fixed_size_binary(array.as_fixed_size_binary())?),
        ArrowType::Timestamp(TimeUnit::Second, _) => timestamps::<TimestampSecondType>(array, |seconds| seconds.checked_mul(1_000_000)),
        ArrowType::Timestamp(TimeUnit::Millisecond, _) => timestamps::<TimestampMillisecondType>(array, |millis| millis.checked_mul(1_000)),
        // Without a zone, too: the session's is UTC.
        ArrowType::Timestamp(TimeUnit::Microsecond, _) => {
            let array = array.as_primitive::<TimestampMicrosecondType>().clone();
            Arc::new(array.with_timezone("UTC"))
        }
        ArrowType::Timestamp(TimeUnit::Nanosecond, _) => timestamps::<TimestampNanosecondType>(array, |nanos| Some(nanos.div_euclid(1_000))),
        // Arrays, maps and structs: the names inside and what may be null.
        _ if own.is_nested() => normalize(array, own)?,
        _ => array.clone(),
    })
}

fn fixed_size_binary(array: &FixedSizeBinaryArray) -> Result<BinaryArray, ArrowError> {
    let width = usize::try_from(array.value_length()).unwrap_or(0);
    if array.len().checked_mul(width).and_then(|bytes| i32::try_from(bytes).ok()).is_none() {
        return Err(ArrowError::CastError(alloc::format!("values of {width} bytes are too long to be read")));
    }
    let offsets = OffsetBuffer::from_lengths(core::iter::repeat_n(width, array.len()));
    BinaryArray::try_new(offsets, array.values().clone(), array.nulls().cloned())
}

/// A column of type `from` as `to`, another type. Numbers that widen go array by array, the rest value by value.
fn converted(array: &ArrayRef, from: &DataType, to: &DataType) -> Result<ArrayRef, ArrowError> {
    fn to_long<T: ArrowPrimitiveType<Native: Into<i64>>>(array: &ArrayRef) -> Int64Array {
        array.as_primitive::<T>().unary(Into::into)
    }
    let integers = match from {
        DataType::Byte => Some(to_long::<Int8Type>(array)),
        DataType::Short => Some(to_long::<Int16Type>(array)),
        DataType::Int => Some(to_long::<Int32Type>(array)),
        DataType::Long => Some(array.as_primitive::<Int64Type>().clone()),
        _ => None,
    };
    match (integers, from, to) {
        (Some(integers), _, DataType::Short) => Ok(Arc::new(fitting::<Int16Type>(&integers))),
        (Some(integers), _, DataType::Int) => Ok(Arc::new(fitting::<Int32Type>(&integers))),
        (Some(integers), _, DataType::Long) => Ok(Arc::new(integers)),
        (Some(integers), _, DataType::Double) => Ok(Arc::new(integers.unary::<_, Float64Type>(|value| value as f64))),
        (None, DataType::Float, DataType::Double) => Ok(Arc::new(array.as_primitive::<Float32Type>().unary::<_, Float64Type>(f64::from))),
        (None, DataType::Binary, DataType::String) => Ok(Arc::new(text(array.as_binary::<i32>()))),
        _ if !can_cast(from, to) => Err(unread(from, to)),
        _ => {
            let values = (0..array.len()).map(|row| value_as(&value_at(array, from, row), from, to)).collect();
            from_values(to, values)
        }
    }
}

fn fitting<T: ArrowPrimitiveType<Native: TryFrom<i64>>>(integers: &Int64Array) -> PrimitiveArray<T> {
    integers.unary_opt(|value| T::Native::try_from(value).ok())
}

/// Strings of other writers are often plain binary; what is not UTF-8 is null.
fn text(array: &BinaryArray) -> StringArray {
    StringArray::try_from_binary(array.clone()).unwrap_or_else(|_| array.iter().map(|bytes| core::str::from_utf8(bytes?).ok()).collect())
}

/// Spark's cast, but a number beyond an integer type is null instead of wrapping around: it comes from a file, where no one asked for a cast.
fn value_as(value: &Value, from: &DataType, to: &DataType) -> Value {
    if !to.is_integral() {
        return cast(value, from, to);
    }
    let number = match value {
        Value::Long(_) => return value.clone(),
        Value::Float(value) => whole(f64::from(*value)),
        Value::Double(value) => whole(*value),
        Value::Decimal { unscaled, scale } => {
            let power = 10_i128.checked_pow(u32::from(scale.unsigned_abs()));
            let whole = if *scale < 0 {
                power.and_then(|power| unscaled.checked_mul(power))
            } else {
                power.map(|power| unscaled / power)
            };
            whole.and_then(|whole| i64::try_from(whole).ok())
        }
        _ => return cast(value, from, to),
    };
    // `from_values` looks whether the type holds it.
    number.map_or(Value::Null, Value::Long)
}

/// The whole part of a double, if 64 bits hold it.
fn whole(value: f64) -> Option<i64> {
    const BOUND: f64 = 9_223_372_036_854_775_808.0;
    (-BOUND..BOUND).contains(&value).then_some(value as i64)
}
