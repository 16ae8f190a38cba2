//! Casts against what Spark answered, frozen in `tests/cases/etl-casts.json`.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use sluice_core::etl::{DataType, Field, Value, cast, string_to_date, string_to_decimal};

/// Reads a case's input by its type.
fn input(text: &str, data_type: &DataType) -> Value {
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("nested inputs are JSON");
    match data_type {
        DataType::String => Value::String(text.into()),
        DataType::Boolean => Value::Boolean(text == "true"),
        DataType::Byte | DataType::Short | DataType::Int | DataType::Long => Value::Long(text.parse().expect("an integer")),
        DataType::Float => Value::Float(text.parse().expect("a float")),
        DataType::Double => Value::Double(text.parse().expect("a double")),
        DataType::Decimal { precision, scale } => match string_to_decimal(text, *precision, *scale) {
            Some(unscaled) => Value::Decimal { unscaled, scale: *scale },
            None => Value::Null,
        },
        DataType::Date => Value::Date(string_to_date(text).expect("a date")),
        DataType::Timestamp => Value::Timestamp(text.parse().expect("microseconds")),
        _ => nested(&json(text), data_type),
    }
}

fn nested(json: &serde_json::Value, data_type: &DataType) -> Value {
    match (json, data_type) {
        (serde_json::Value::Null, _) => Value::Null,
        (serde_json::Value::Array(items), DataType::Array(element)) => Value::Array(items.iter().map(|item| nested(item, element)).collect()),
        (serde_json::Value::Object(members), DataType::Struct(fields)) => Value::Struct(
            fields
                .iter()
                .map(|Field { name, data_type }| members.get(name).map_or(Value::Null, |value| nested(value, data_type)))
                .collect(),
        ),
        (serde_json::Value::Object(members), DataType::Map(key, value)) => {
            Value::Map(members.iter().map(|(name, inner)| (input(name, key), nested(inner, value))).collect())
        }
        (serde_json::Value::String(text), data_type) => input(text, data_type),
        (other, data_type) => input(&other.to_string(), data_type),
    }
}

#[test]
fn casts_are_sparks() {
    let file: serde_json::Value = serde_json::from_str(include_str!("../../../../tests/cases/etl-casts.json")).expect("the case file is JSON");
    let cases = file["cases"].as_array().expect("a list of cases");
    assert!(cases.len() > 3000, "only {} cases", cases.len());
    let data_type = |case: &serde_json::Value, member: &str| {
        let name = case[member].as_str().expect("a type");
        DataType::parse_catalog(name).unwrap_or_else(|| panic!("{name} is a type"))
    };
    let mut wrong = Vec::new();
    for case in cases {
        let (from, to) = (data_type(case, "from"), data_type(case, "to"));
        let text = case["in"].as_str().expect("the input is a text");
        let result = match cast(&input(text, &from), &from, &to) {
            Value::Binary(bytes) => Some(bytes.iter().map(|byte| format!("{byte:02X}")).collect()),
            other => other.display(&to),
        };
        if result.as_deref() != case["out"].as_str() {
            wrong.push(format!("{case}: got {result:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} casts differ from Spark:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}
