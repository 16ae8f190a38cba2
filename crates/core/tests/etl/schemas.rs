//! Schemas and remarks of small jobs, from `tests/cases/etl-schemas.json`.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::BTreeMap;

use serde_json::Value as Json;
use sluice_core::account::TableInput;
use sluice_core::etl::{DataType, Field, NodeId, Severity, from_codegen, propagate, validate};

/// `["a int", "b string"]`, the last blank parting name and type.
fn columns(json: &Json) -> Vec<Field> {
    let list = json.as_array().expect("a list of columns");
    list.iter()
        .map(|column| {
            let (name, data_type) = column.as_str().and_then(|text| text.rsplit_once(' ')).expect("name and type");
            Field::new(name, DataType::parse_catalog(data_type).expect("a type"))
        })
        .collect()
}

#[test]
fn schemas_and_remarks() {
    let file: Json = serde_json::from_str(include_str!("../../../../tests/cases/etl-schemas.json")).expect("the case file is JSON");
    let tables: BTreeMap<(String, String), TableInput> = file["tables"]
        .as_object()
        .expect("tables by name")
        .iter()
        .map(|(name, table)| {
            let (database, table_name) = name.split_once('.').expect("database.table");
            let input = TableInput {
                columns: columns(&table["columns"]),
                partition_keys: columns(&table["partition_keys"]),
                skip_lines: 0,
            };
            ((database.to_string(), table_name.to_string()), input)
        })
        .collect();
    for case in file["cases"].as_array().expect("a list of cases") {
        let name = case["name"].as_str().expect("a name");
        // Sources and targets that most cases share are written once.
        let mut nodes = case["nodes"].clone();
        for (_, node) in nodes.as_object_mut().expect("nodes by id") {
            if let Some(shared) = node.as_str().map(|name| &file["shared"][name]) {
                assert!(shared.is_object(), "{name}: no such shared node");
                *node = shared.clone();
            }
        }
        let graph = from_codegen(&nodes).unwrap_or_else(|errors| panic!("{name}: {errors:?}"));
        let schemas = propagate(&graph, &tables);
        for (id, wanted) in case["schemas"].as_object().into_iter().flatten() {
            let schema = &schemas[&NodeId(id.clone())];
            let list = |fields: &[Field]| Json::from(fields.iter().map(|field| format!("{} {}", field.name, field.data_type)).collect::<Vec<_>>());
            let (body, keys) = match wanted {
                Json::Object(parts) => (parts["columns"].clone(), parts["partition_keys"].clone()),
                other => (other.clone(), Json::Array(Vec::new())),
            };
            assert_eq!(schema.columns.as_deref().map_or(Json::Null, list), body, "{name}: columns of {id}");
            assert_eq!(list(&schema.partition_keys), keys, "{name}: partition keys of {id}");
        }
        let remarks: Vec<Json> = validate(&graph, &tables)
            .iter()
            .map(|problem| {
                let severity = match problem.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                };
                let node = problem.node.as_ref().map_or("", |id| id.0.as_str());
                Json::from(format!("{severity} {node}.{}: {}", problem.field.as_deref().unwrap_or(""), problem.message))
            })
            .collect();
        assert_eq!(Json::from(remarks), case["problems"], "{name}: problems");
    }
}
