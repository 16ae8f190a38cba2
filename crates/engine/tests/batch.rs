//! The batch executor equals the scalar one, row for row.
#![allow(clippy::unwrap_used)]

use arrow::array::RecordBatch;
use proptest::prelude::*;
use serde_json::json;
use sluice_core::etl::batch::{BatchTransform, arrow_schema, from_values, value_at};
use sluice_core::etl::{DataType, Field, NodeKind, Transform, Value};

fn schema() -> Vec<Field> {
    vec![
        Field::new("s", DataType::String),
        Field::new("n", DataType::Long),
        Field::new("d", DataType::Double),
        Field::new("b", DataType::Boolean),
        Field::new("day", DataType::Date),
        Field::new("m", DataType::Decimal { precision: 10, scale: 2 }),
        Field::new(
            "r",
            DataType::Struct(vec![
                Field::new("x", DataType::Int),
                Field::new("y", DataType::Array(Box::new(DataType::String))),
            ]),
        ),
    ]
}

fn text() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        prop::sample::select(vec![
            "",
            "a",
            "ab",
            "7",
            "-3",
            " 12 ",
            "1.5",
            "true",
            "2022-01-31",
            "NaN",
            "é",
            "1e400",
            "99999999999999999999"
        ])
        .prop_map(|text| Value::String(text.to_owned())),
        "[a-c0-9.]{0,4}".prop_map(Value::String),
    ]
}

fn row() -> impl Strategy<Value = Vec<Value>> {
    let record = prop_oneof![
        Just(Value::Null),
        (prop::option::of(-3i64..4), prop::option::of(prop::collection::vec(text(), 0..3)))
            .prop_map(|(x, y)| Value::Struct(vec![x.map_or(Value::Null, Value::Long), y.map_or(Value::Null, Value::Array)])),
    ];
    (
        text(),
        prop_oneof![Just(Value::Null), (-4i64..5).prop_map(Value::Long), any::<i64>().prop_map(Value::Long)],
        prop_oneof![
            Just(Value::Null),
            prop::sample::select(vec![0.0, -0.0, 1.5, f64::NAN, f64::INFINITY, -2.0]).prop_map(Value::Double),
            any::<f64>().prop_map(Value::Double)
        ],
        prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::Boolean)],
        prop_oneof![Just(Value::Null), (18_000i32..18_005).prop_map(Value::Date)],
        prop_oneof![Just(Value::Null), (-500i128..500).prop_map(|unscaled| Value::Decimal { unscaled, scale: 2 })],
        record,
    )
        .prop_map(|(s, n, d, b, day, m, r)| vec![s, n, d, b, day, m, r])
}

fn mapping(to_type: &str) -> serde_json::Value {
    let columns = ["s", "n", "d", "b", "m"]
        .iter()
        .map(|column| json!({"ToKey": format!("{column}2"), "FromPath": [column], "FromType": "", "ToType": to_type}));
    json!({"ApplyMapping": {"mapping": columns.collect::<Vec<_>>()}})
}

fn filter(operator: &str, operation: &str, column: &[&str], constant: &str, negated: bool) -> serde_json::Value {
    json!({"Filter": {"LogicalOperator": operator, "Filters": [
        {"Operation": operation, "Negated": negated, "Values": [{"Type": "COLUMNEXTRACTED", "Value": column}, {"Type": "CONSTANT", "Value": [constant]}]},
        {"Operation": "ISNULL", "Negated": true, "Values": [{"Type": "COLUMNEXTRACTED", "Value": ["d"]}]}]}})
}

fn kinds() -> Vec<serde_json::Value> {
    let mut kinds = vec![
        json!({"DropFields": {"paths": [["n"], ["r", "x"]]}}),
        json!({"SelectFields": {"paths": [["r", "y"], ["s"]]}}),
        json!({"RenameField": {"SourcePath": ["r", "x"], "TargetPath": ["r", "z"]}}),
        json!({"RenameField": {"SourcePath": ["s"], "TargetPath": ["t"]}}),
        json!({"Union": {"UnionType": "ALL"}}),
        json!({"Union": {"UnionType": "DISTINCT"}}),
        json!({"DropDuplicates": {}}),
        json!({"DropDuplicates": {"Columns": [["d"]]}}),
        json!({"DropDuplicates": {"Columns": [["s"], ["b"], ["day"]]}}),
        json!({"DropDuplicates": {"Columns": [["r"]]}}),
        filter("AND", "EQ", &["s"], "a", false),
        filter("OR", "GT", &["n"], "1", true),
        filter("AND", "LTE", &["d"], "1.5", false),
        filter("OR", "REGEX", &["s"], "a|7", false),
        filter("AND", "EQ", &["r", "x"], "2", true),
        filter("OR", "LT", &["m"], "0.5", false),
    ];
    for to_type in ["string", "int", "long", "double", "float", "boolean", "decimal", "byte"] {
        kinds.push(mapping(to_type));
    }
    kinds
}

fn batch(fields: &[Field], rows: &[Vec<Value>]) -> RecordBatch {
    let columns = fields
        .iter()
        .enumerate()
        .map(|(index, field)| from_values(&field.data_type, rows.iter().map(|row| row[index].clone()).collect()).unwrap())
        .collect();
    RecordBatch::try_new(arrow_schema(fields), columns).unwrap()
}

fn same(a: &[Vec<Value>], b: &[Vec<Value>]) -> bool {
    a.len() == b.len()
        && a.iter()
            .zip(b)
            .all(|(a, b)| a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.group_cmp(b).is_eq()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn batches_and_rows_agree(
        kind in prop::sample::select(kinds()),
        left in prop::collection::vec(row(), 0..12),
        right in prop::collection::vec(row(), 0..12),
        cut in 0usize..12,
    ) {
        let fields = schema();
        let kind: NodeKind = serde_json::from_value(kind).unwrap();
        let two = matches!(kind, NodeKind::Union(_));
        let inputs: Vec<&[Field]> = if two { vec![&fields, &fields] } else { vec![&fields] };
        let transform = match Transform::compile(&kind, &inputs) {
            Ok(transform) => transform,
            // A cast that Spark does not have.
            Err(error) => {
                prop_assert!(error.message.contains("cannot be turned into"), "{}", error.message);
                return Ok(());
            }
        };
        let ports = if two { vec![left.clone(), right] } else { vec![left.clone()] };
        let expected = transform.run(&ports);
        let output = transform.output().to_vec();
        let mut executor = BatchTransform::new(transform, inputs.iter().map(|fields| fields.to_vec()).collect());
        let live = vec![true; output.len()];
        let mut found = Vec::new();
        for (port, rows) in ports.iter().enumerate() {
            let (first, second) = rows.split_at(cut.min(rows.len()));
            for part in [first, second] {
                let out = executor.apply(port, &batch(&fields, part), &live).unwrap();
                for row in 0..out.num_rows() {
                    found.push(output.iter().zip(out.columns()).map(|(field, column)| value_at(column, &field.data_type, row)).collect::<Vec<_>>());
                }
            }
        }
        prop_assert!(same(&found, &expected), "{found:?}\n{expected:?}");
    }
}
