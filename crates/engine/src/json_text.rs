//! JSON text in and out of values. Belongs here: one value. Does not belong here: files, columns.

use serde_json::Value as Json;
use sluice_core::etl::{DataType, Value, cast};

/// Writes a JSON string.
pub fn write_string(text: &str, out: &mut Vec<u8>) {
    match serde_json::to_writer(&mut *out, text) {
        Ok(()) => {}
        // Writing to a Vec cannot fail; a string always serialises.
        Err(_) => out.extend_from_slice(b"\"\""),
    }
}

fn number(text: Option<String>, out: &mut Vec<u8>) {
    out.extend_from_slice(text.as_deref().unwrap_or("null").as_bytes());
}

/// Writes a value as Spark's `JacksonGenerator`: NaN and infinities as strings, dates `yyyy-MM-dd`, timestamps `yyyy-MM-ddTHH:mm:ss.SSSZ`, binary as base64,
/// null members of structs left out.
pub fn write_value(value: &Value, data_type: &DataType, out: &mut Vec<u8>) {
    match (value, data_type) {
        (Value::Null, _) => out.extend_from_slice(b"null"),
        (Value::Boolean(_) | Value::Long(_) | Value::Decimal { .. }, _) => number(value.display(data_type), out),
        (Value::Float(v), _) if v.is_finite() => number(value.display(data_type), out),
        (Value::Double(v), _) if v.is_finite() => number(value.display(data_type), out),
        (Value::Timestamp(micros), _) => {
            let millis = micros.div_euclid(1000).rem_euclid(1000);
            let whole = Value::Timestamp(micros - micros.rem_euclid(1_000_000)).display(data_type).unwrap_or_default();
            write_string(&format!("{}.{millis:03}Z", whole.replacen(' ', "T", 1)), out);
        }
        (Value::Binary(bytes), _) => {
            use base64::Engine;
            write_string(&base64::engine::general_purpose::STANDARD.encode(bytes), out);
        }
        (Value::Array(items), DataType::Array(element)) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_value(item, element, out);
            }
            out.push(b']');
        }
        (Value::Map(entries), DataType::Map(key_type, value_type)) => {
            out.push(b'{');
            for (index, (key, item)) in entries.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                write_string(&key.display(key_type).unwrap_or_default(), out);
                out.push(b':');
                write_value(item, value_type, out);
            }
            out.push(b'}');
        }
        (Value::Struct(members), DataType::Struct(fields)) => {
            out.push(b'{');
            let mut first = true;
            for (field, member) in fields.iter().zip(members) {
                if member.is_null() {
                    continue;
                }
                if !first {
                    out.push(b',');
                }
                first = false;
                write_string(&field.name, out);
                out.push(b':');
                write_value(member, &field.data_type, out);
            }
            out.push(b'}');
        }
        _ => write_string(&value.display(data_type).unwrap_or_default(), out),
    }
}

/// A JSON value read as `data_type`, as Spark's `JacksonParser` does: what is no string reads into a string column as its JSON text; a number does not read
/// from a string. `None`: it does not fit.
pub fn read_value(json: &Json, data_type: &DataType) -> Option<Value> {
    Some(match (json, data_type) {
        (Json::Null, _) => Value::Null,
        (Json::String(text), DataType::String) => Value::String(text.clone()),
        (other, DataType::String) => Value::String(other.to_string()),
        (_, DataType::Null) => return None,
        (Json::Bool(value), DataType::Boolean) => Value::Boolean(*value),
        (Json::Number(number), DataType::Byte | DataType::Short | DataType::Int | DataType::Long) => {
            let value = match number.as_i64() {
                Some(value) => value,
                None => {
                    let float = number.as_f64()?;
                    if float.fract() != 0.0 || float.abs() >= 9.2e18 {
                        return None;
                    }
                    float as i64
                }
            };
            match cast(&Value::Long(value), &DataType::Long, data_type) {
                Value::Long(kept) if kept == value => Value::Long(kept),
                _ => return None,
            }
        }
        (Json::Number(number), DataType::Double) => Value::Double(number.as_f64()?),
        (Json::Number(number), DataType::Float) => Value::Float(number.as_f64()? as f32),
        (Json::Number(number), DataType::Decimal { .. }) => fits(cast(&Value::String(number.to_string()), &DataType::String, data_type))?,
        (Json::String(text), DataType::Double | DataType::Float) => match text.as_str() {
            "NaN" | "Infinity" | "+Infinity" | "-Infinity" | "INF" | "+INF" | "-INF" => {
                fits(cast(&Value::String(text.replace("INF", "Infinity")), &DataType::String, data_type))?
            }
            _ => return None,
        },
        (Json::String(text), DataType::Date | DataType::Timestamp | DataType::Decimal { .. }) => {
            fits(cast(&Value::String(text.clone()), &DataType::String, data_type))?
        }
        (Json::Number(number), DataType::Timestamp) => Value::Timestamp(number.as_i64()?.checked_mul(1_000_000)?),
        (Json::String(text), DataType::Binary) => {
            use base64::Engine;
            Value::Binary(base64::engine::general_purpose::STANDARD.decode(text).ok()?)
        }
        (Json::Array(items), DataType::Array(element)) => Value::Array(items.iter().map(|item| read_value(item, element)).collect::<Option<_>>()?),
        (Json::Object(members), DataType::Map(key, value)) if **key == DataType::String => Value::Map(
            members
                .iter()
                .map(|(name, item)| Some((Value::String(name.clone()), read_value(item, value)?)))
                .collect::<Option<_>>()?,
        ),
        (Json::Object(members), DataType::Struct(fields)) => Value::Struct(
            fields
                .iter()
                .map(|field| match members.get(&field.name) {
                    Some(member) => read_value(member, &field.data_type),
                    None => Some(Value::Null),
                })
                .collect::<Option<_>>()?,
        ),
        _ => return None,
    })
}

fn fits(value: Value) -> Option<Value> {
    (!value.is_null()).then_some(value)
}
