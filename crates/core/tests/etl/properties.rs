//! Properties of generated graphs and rows, and that nothing panics on bad JSON.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sluice_core::etl::{
    CatalogSource, DataType, DropDuplicates, Field, FieldPath, Filter, FilterExpression, FilterLogicalOperator, FilterOperation, FilterValue, FilterValueType,
    Graph, Mapping, Node, NodeId, NodeKind, Pattern, RenameField, S3CsvSource, S3DirectTarget, S3GlueParquetTarget, Transform, Union, UnionType, Value, cast,
    from_codegen, propagate, to_codegen, validate,
};

use super::codegen::example;

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("a".to_string()),
        Just("b".to_string()),
        Just("c".to_string()),
        Just("s".to_string()),
        Just("C".to_string())
    ]
}

fn path() -> impl Strategy<Value = FieldPath> {
    vec(name(), 1..3)
}

fn scalar_type() -> impl Strategy<Value = DataType> {
    prop_oneof![
        Just(DataType::Boolean),
        Just(DataType::Byte),
        Just(DataType::Int),
        Just(DataType::Long),
        Just(DataType::Float),
        Just(DataType::Double),
        Just(DataType::Decimal { precision: 10, scale: 2 }),
        Just(DataType::Decimal { precision: 38, scale: 38 }),
        Just(DataType::String),
        Just(DataType::Binary),
        Just(DataType::Date),
        Just(DataType::Timestamp),
    ]
}

fn data_type() -> impl Strategy<Value = DataType> {
    scalar_type().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|element| DataType::Array(Box::new(element))),
            (scalar_type(), inner.clone()).prop_map(|(key, value)| DataType::Map(Box::new(key), Box::new(value))),
            columns_of(inner).prop_map(DataType::Struct),
        ]
    })
}

fn columns_of(inner: impl Strategy<Value = DataType>) -> impl Strategy<Value = Vec<Field>> {
    btree_map(name(), inner, 1..4).prop_map(|members| members.into_iter().map(|(name, data_type)| Field::new(name, data_type)).collect())
}

fn value(data_type: &DataType) -> BoxedStrategy<Value> {
    let some = match data_type {
        DataType::Boolean => any::<bool>().prop_map(Value::Boolean).boxed(),
        DataType::Byte => any::<i8>().prop_map(|n| Value::Long(n.into())).boxed(),
        DataType::Short => any::<i16>().prop_map(|n| Value::Long(n.into())).boxed(),
        DataType::Int => any::<i32>().prop_map(|n| Value::Long(n.into())).boxed(),
        DataType::Long => any::<i64>().prop_map(Value::Long).boxed(),
        DataType::Float => any::<f32>().prop_map(Value::Float).boxed(),
        DataType::Double => any::<f64>().prop_map(Value::Double).boxed(),
        DataType::Decimal { precision, scale } => {
            let (bound, scale) = (10_i128.pow((*precision).into()) - 1, *scale);
            (-bound..=bound).prop_map(move |unscaled| Value::Decimal { unscaled, scale }).boxed()
        }
        DataType::String => prop_oneof![
            any::<String>(),
            "[-+]?[0-9]{1,20}(\\.[0-9]{0,4})?(e-?[0-9]{1,3})?",
            "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.{0,20}"
        ]
        .prop_map(Value::String)
        .boxed(),
        DataType::Binary => any::<Vec<u8>>().prop_map(Value::Binary).boxed(),
        DataType::Date => any::<i32>().prop_map(Value::Date).boxed(),
        DataType::Timestamp => any::<i64>().prop_map(Value::Timestamp).boxed(),
        DataType::Array(element) => vec(value(element), 0..3).prop_map(Value::Array).boxed(),
        DataType::Map(key, inner) => vec((value(key), value(inner)), 0..3).prop_map(Value::Map).boxed(),
        DataType::Struct(fields) => fields
            .iter()
            .map(|field| value(&field.data_type))
            .collect::<Vec<_>>()
            .prop_map(Value::Struct)
            .boxed(),
        DataType::Null => Just(Value::Null).boxed(),
    };
    prop_oneof![1 => Just(Value::Null), 4 => some].boxed()
}

/// Whether a value is one of a type.
fn fits(value: &Value, data_type: &DataType) -> bool {
    let within = |n: i64, bits: u32| bits == 64 || (-(1_i64 << (bits - 1))..(1_i64 << (bits - 1))).contains(&n);
    match (value, data_type) {
        (Value::Null, _)
        | (Value::Boolean(_), DataType::Boolean)
        | (Value::Float(_), DataType::Float)
        | (Value::Double(_), DataType::Double)
        | (Value::String(_), DataType::String)
        | (Value::Binary(_), DataType::Binary)
        | (Value::Date(_), DataType::Date)
        | (Value::Timestamp(_), DataType::Timestamp) => true,
        (Value::Long(n), DataType::Byte) => within(*n, 8),
        (Value::Long(n), DataType::Short) => within(*n, 16),
        (Value::Long(n), DataType::Int) => within(*n, 32),
        (Value::Long(_), DataType::Long) => true,
        (Value::Decimal { unscaled, scale: own }, DataType::Decimal { precision, scale }) => {
            own == scale && unscaled.unsigned_abs() < 10_u128.pow((*precision).into())
        }
        (Value::Array(items), DataType::Array(element)) => items.iter().all(|item| fits(item, element)),
        (Value::Map(entries), DataType::Map(key, inner)) => entries.iter().all(|(k, v)| fits(k, key) && fits(v, inner)),
        (Value::Struct(values), DataType::Struct(fields)) => {
            values.len() == fields.len() && values.iter().zip(fields).all(|(value, field)| fits(value, &field.data_type))
        }
        _ => false,
    }
}

fn filter() -> impl Strategy<Value = Filter> {
    let operand = prop_oneof![
        path().prop_map(|value| FilterValue {
            value_type: FilterValueType::ColumnExtracted,
            value,
        }),
        prop_oneof![Just("1".to_string()), Just("true".to_string()), Just("^a".to_string()), any::<String>()].prop_map(|text| FilterValue {
            value_type: FilterValueType::Constant,
            value: vec![text],
        }),
    ];
    let operation = prop_oneof![
        Just(FilterOperation::Eq),
        Just(FilterOperation::Lt),
        Just(FilterOperation::Gte),
        Just(FilterOperation::Regex),
        Just(FilterOperation::IsNull),
    ];
    let expression = (operation, any::<bool>(), vec(operand, 1..3)).prop_map(|(operation, negated, values)| FilterExpression { operation, negated, values });
    (any::<bool>(), vec(expression, 1..3)).prop_map(|(any, filters)| Filter {
        logical_operator: if any { FilterLogicalOperator::Or } else { FilterLogicalOperator::And },
        filters,
    })
}

fn mapping() -> impl Strategy<Value = Mapping> {
    (name(), path(), data_type(), any::<bool>()).prop_map(|(to_key, from_path, to, dropped)| Mapping {
        to_key,
        from_path,
        from_type: "string".into(),
        to_type: to.glue_name().into(),
        dropped,
        children: Vec::new(),
    })
}

fn transform() -> impl Strategy<Value = NodeKind> {
    prop_oneof![
        vec(path(), 0..4).prop_map(|paths| NodeKind::DropFields { paths }),
        vec(path(), 0..4).prop_map(|paths| NodeKind::SelectFields { paths }),
        (path(), path()).prop_map(|(source_path, target_path)| NodeKind::RenameField(RenameField { source_path, target_path })),
        vec(mapping(), 0..4).prop_map(|mapping| NodeKind::ApplyMapping { mapping }),
        filter().prop_map(NodeKind::Filter),
        proptest::option::of(vec(path(), 1..3)).prop_map(|columns| NodeKind::DropDuplicates(DropDuplicates { columns })),
        any::<bool>().prop_map(|distinct| NodeKind::Union(Union {
            union_type: if distinct { UnionType::Distinct } else { UnionType::All },
        })),
    ]
}

fn any_kind() -> impl Strategy<Value = NodeKind> {
    prop_oneof![
        4 => transform(),
        1 => columns_of(data_type()).prop_map(|columns| NodeKind::S3CsvSource(S3CsvSource { columns, ..S3CsvSource::new() })),
        1 => Just(NodeKind::S3CatalogSource(CatalogSource { database: "d".into(), table: "t".into(), ..CatalogSource::default() })),
        1 => vec(path(), 0..2).prop_map(|partition_keys| NodeKind::S3GlueParquetTarget(S3GlueParquetTarget { path: "s3://b/".into(), partition_keys, ..S3GlueParquetTarget::default() })),
        1 => Just(NodeKind::S3DirectTarget(S3DirectTarget { path: "s3://b/".into(), format: "csv".into(), ..S3DirectTarget::default() })),
    ]
}

/// Graphs that keep I4: nodes in order, each edge from an earlier node that has an output.
fn graph() -> impl Strategy<Value = Graph> {
    vec((any_kind(), any::<Option<u8>>(), any::<Option<u8>>(), "[^\r\n]{0,8}"), 0..8).prop_map(|nodes| {
        let mut graph = Graph::default();
        for (index, (kind, first, second, name)) in nodes.into_iter().enumerate() {
            let id = NodeId(format!("node-{index}"));
            let mut node = Node::new(name, kind);
            for (port, choice) in [first, second].into_iter().enumerate() {
                let Some(from) = choice
                    .filter(|_| index > 0)
                    .map(|choice| NodeId(format!("node-{}", usize::from(choice) % index)))
                else {
                    continue;
                };
                graph.nodes.insert(id.clone(), node.clone());
                if graph.can_connect(&from, &id, port).is_ok() {
                    node.inputs[port] = Some(from);
                }
            }
            graph.nodes.insert(id, node);
        }
        graph
    })
}

fn with_rows() -> impl Strategy<Value = (Vec<Field>, Vec<Vec<Value>>)> {
    columns_of(data_type()).prop_flat_map(|columns| {
        let row: Vec<BoxedStrategy<Value>> = columns.iter().map(|column| value(&column.data_type)).collect();
        (Just(columns), vec(row, 0..5))
    })
}

/// JSON near a job's, with parts replaced by anything.
fn broken(json: Json, at: usize, with: Json) -> Json {
    fn walk(json: &mut Json, left: &mut usize, with: &Json) {
        if *left == 0 {
            *json = with.clone();
        }
        *left = left.wrapping_sub(1);
        match json {
            Json::Object(members) => members.values_mut().for_each(|inner| walk(inner, left, with)),
            Json::Array(items) => items.iter_mut().for_each(|inner| walk(inner, left, with)),
            _ => {}
        }
    }
    let (mut json, mut left) = (json, at);
    walk(&mut json, &mut left, &with);
    json
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
        Just(json!("node-1700000000003")),
    ];
    let member = prop_oneof![
        any::<String>(),
        Just("S3CsvSource".to_string()),
        Just("Filter".to_string()),
        Just("Inputs".to_string()),
        Just("Paths".to_string()),
        Just("Name".to_string()),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Json::from),
            btree_map(member.clone(), inner, 0..4).prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_graph_survives_codegen(graph in graph()) {
        prop_assert_eq!(graph.check(), Ok(()));
        let json = to_codegen(&graph);
        let read = from_codegen(&json).map_err(|errors| TestCaseError::fail(format!("{errors:?}")))?;
        prop_assert_eq!(&read, &graph);
        prop_assert_eq!(to_codegen(&read), json);
    }

    #[test]
    fn any_graph_can_be_looked_at(graph in graph()) {
        let schemas = propagate(&graph, &());
        prop_assert_eq!(schemas.len(), graph.nodes.len());
        let order = graph.topological().expect("generated graphs have no loop");
        for (id, node) in &graph.nodes {
            let place = |wanted: &NodeId| order.iter().position(|id| id == wanted);
            for parent in node.inputs.iter().flatten() {
                prop_assert!(place(parent) < place(id));
            }
            node.kind.effect_line(schemas[id].columns.as_deref());
        }
        validate(&graph, &());
    }

    #[test]
    fn rows_fit_the_schema((columns, rows) in with_rows(), kind in transform()) {
        let inputs: Vec<&[Field]> = vec![&columns; kind.ports().min];
        let Ok(compiled) = Transform::compile(&kind, &inputs) else { return Ok(()); };
        let out = compiled.run(&vec![rows.clone(); inputs.len()]);
        for row in &out {
            prop_assert_eq!(row.len(), compiled.output().len());
            for (cell, column) in row.iter().zip(compiled.output()) {
                prop_assert!(fits(cell, &column.data_type), "{:?} is no {}", cell, column.data_type);
            }
        }
        // Reading only the columns that are needed changes nothing.
        let wanted = (0..compiled.output().len()).collect();
        let needed = compiled.needs(&wanted);
        let sparse: Vec<Vec<Value>> = rows
            .iter()
            .map(|row| row.iter().enumerate().map(|(index, cell)| if needed.contains(&index) { cell.clone() } else { Value::Null }).collect())
            .collect();
        let again = compiled.run(&vec![sparse; inputs.len()]);
        prop_assert_eq!(format!("{again:?}"), format!("{out:?}"));
    }

    #[test]
    fn a_cast_gives_its_type(
        (from, value) in scalar_type().prop_flat_map(|from| { let value = value(&from); (Just(from), value) }),
        to in scalar_type(),
    ) {
        let result = cast(&value, &from, &to);
        prop_assert!(fits(&result, &to), "{:?} as {} gave {:?}", value, to, result);
        result.display(&to);
    }

    #[test]
    fn a_double_survives_its_text(value in any::<f64>()) {
        let text = cast(&Value::Double(value), &DataType::Double, &DataType::String);
        let back = cast(&text, &DataType::String, &DataType::Double);
        prop_assert_eq!(format!("{back:?}"), format!("{:?}", Value::Double(value)));
    }

    #[test]
    fn bad_json_ends_in_errors(at in 0_usize..70, with in any_json(), other in any_json()) {
        for json in [broken(example(), at, with), other] {
            match from_codegen(&json) {
                Ok(graph) => {
                    prop_assert_eq!(graph.check(), Ok(()));
                    validate(&graph, &());
                }
                Err(errors) => prop_assert!(!errors.is_empty()),
            }
        }
    }

    #[test]
    fn any_type_text_and_pattern_is_answered(text in any::<String>(), odd in "[a-z<>,:(){}`0-9*+?|\\\\\\[\\]^$.-]{0,20}") {
        for text in [text, odd] {
            if let Some(data_type) = DataType::parse_catalog(&text) {
                prop_assert_eq!(DataType::parse_catalog(&data_type.to_string()), Some(data_type));
            }
            if let Ok(pattern) = Pattern::read(&text) {
                let _ = pattern.matches(&text);
            }
        }
    }
}
