//! Filters and regular expressions against what CPython answered, frozen in `tests/cases/etl-filters.json`.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::Value as Json;
use sluice_core::etl::{DataType, Field, Filter, Pattern, RowFilter, Value, string_to_decimal};

fn file() -> Json {
    serde_json::from_str(include_str!("../../../../tests/cases/etl-filters.json")).expect("the case file is JSON")
}

fn list<'a>(json: &'a Json, member: &str) -> &'a [Json] {
    json[member].as_array().unwrap_or_else(|| panic!("{member} is a list"))
}

fn cell(json: &Json, data_type: &DataType) -> Value {
    match (json, data_type) {
        (Json::Null, _) => Value::Null,
        (json, DataType::Long) => Value::Long(json.as_i64().expect("an integer")),
        (json, DataType::Double) => Value::Double(json.as_f64().expect("a double")),
        (json, DataType::Boolean) => Value::Boolean(json.as_bool().expect("a boolean")),
        (json, DataType::Date) => Value::Date(json.as_i64().and_then(|days| days.try_into().ok()).expect("days")),
        (json, DataType::Decimal { precision, scale }) => Value::Decimal {
            unscaled: string_to_decimal(json.as_str().expect("a decimal"), *precision, *scale).expect("it fits"),
            scale: *scale,
        },
        (Json::Array(items), DataType::Struct(fields)) => Value::Struct(items.iter().zip(fields).map(|(item, field)| cell(item, &field.data_type)).collect()),
        (json, _) => Value::String(json.as_str().expect("a text").into()),
    }
}

#[test]
fn filters_keep_what_python_keeps() {
    let file = file();
    let columns: Vec<Field> = list(&file, "columns")
        .iter()
        .map(|column| {
            let data_type = DataType::parse_catalog(column[1].as_str().expect("a type")).expect("a known type");
            Field::new(column[0].as_str().expect("a name"), data_type)
        })
        .collect();
    let rows: Vec<Vec<Value>> = list(&file, "rows")
        .iter()
        .map(|row| {
            let cells = row.as_array().expect("a row");
            cells.iter().zip(&columns).map(|(json, column)| cell(json, &column.data_type)).collect()
        })
        .collect();
    let mut wrong = Vec::new();
    for case in list(&file, "cases") {
        let filter: Filter = serde_json::from_value(case.clone()).expect("a Filter node's members");
        let compiled = RowFilter::compile(&filter, &columns).unwrap_or_else(|error| panic!("{case}: {}", error.message));
        for (index, (row, keeps)) in rows.iter().zip(list(case, "keeps")).enumerate() {
            if Some(compiled.keeps(row)) != keeps.as_bool() {
                wrong.push(format!("row {index}: {case}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ from Python:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn patterns_match_what_python_matches() {
    let file = file();
    let mut wrong = Vec::new();
    for case in list(&file, "patterns") {
        let source = case["pattern"].as_str().expect("a pattern");
        let pattern = match Pattern::read(source).and_then(|pattern| pattern.prepare().map(|_| pattern.clone())) {
            Ok(pattern) => pattern,
            Err(error) => {
                wrong.push(format!("{source:?}: {error}"));
                continue;
            }
        };
        for (text, matches) in list(&file, "texts").iter().zip(list(case, "matches")) {
            let text = text.as_str().expect("a text");
            if pattern.matches(text).ok() != matches.as_bool() {
                wrong.push(format!("{source:?} on {text:?}: Python says {matches}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ from Python:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn refusals_name_the_condition_and_the_column() {
    let columns = [Field::new("province", DataType::String), Field::new("n", DataType::Long)];
    for (filter, message) in [
        (r#"{"LogicalOperator":"AND","Filters":[]}"#, "Filter has no condition"),
        (
            r#"{"LogicalOperator":"AND","Filters":[{"Operation":"EQ","Values":[{"Type":"COLUMNEXTRACTED","Value":["provnice"]},{"Type":"CONSTANT","Value":["ON"]}]}]}"#,
            "condition 1: no column “provnice”; did you mean “province”?",
        ),
        (
            r#"{"LogicalOperator":"AND","Filters":[{"Operation":"GT","Values":[{"Type":"COLUMNEXTRACTED","Value":["n"]},{"Type":"CONSTANT","Value":["many"]}]}]}"#,
            "condition 1: “many” is not a number",
        ),
        (
            r#"{"LogicalOperator":"AND","Filters":[{"Operation":"REGEX","Values":[{"Type":"COLUMNEXTRACTED","Value":["province"]},{"Type":"CONSTANT","Value":["ab(?=c)"]}]}]}"#,
            "condition 1: the regular expression is not right: look-ahead is not supported at position 2",
        ),
        (
            r#"{"LogicalOperator":"OR","Filters":[{"Operation":"GT","Values":[{"Type":"COLUMNEXTRACTED","Value":["n"]}]}]}"#,
            "condition 1: a comparison needs two values, not 1",
        ),
    ] {
        let filter: Filter = serde_json::from_str(filter).expect("a Filter node's members");
        let error = RowFilter::compile(&filter, &columns).expect_err(message);
        assert_eq!((error.field.as_deref(), error.message.as_str()), (Some("Filters"), message));
    }
}
