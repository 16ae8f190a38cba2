//! `CodeGenConfigurationNodes` both ways, and what is refused.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::{Value as Json, json};
use sluice_core::etl::{NodeKind, from_codegen, to_codegen};

/// A job as Glue Studio saves it: S3 CSV, Drop Fields, S3 Parquet with a catalog update.
pub fn example() -> Json {
    json!({
        "node-1700000000001": { "S3CsvSource": {
            "Name": "Amazon S3", "Paths": ["s3://amzn-s3-demo-bucket/raw/orders/"],
            "Separator": "comma", "QuoteChar": "quote", "Escaper": "",
            "Multiline": false, "WithHeader": true, "WriteHeader": true, "SkipFirst": false,
            "Recurse": true, "Exclusions": [], "OptimizePerformance": false,
            "AdditionalOptions": { "EnableSamplePath": false },
            "OutputSchemas": [ { "Columns": [
                { "Name": "order_id", "Type": "string" }, { "Name": "customer", "Type": "string" },
                { "Name": "email", "Type": "string" }, { "Name": "amount", "Type": "string" } ] } ] } },
        "node-1700000000002": { "DropFields": {
            "Name": "Drop Fields", "Inputs": ["node-1700000000001"], "Paths": [["email"]] } },
        "node-1700000000003": { "S3GlueParquetTarget": {
            "Name": "Amazon S3", "Inputs": ["node-1700000000002"], "PartitionKeys": [],
            "Path": "s3://amzn-s3-demo-bucket/curated/orders/", "Compression": "snappy",
            "SchemaChangePolicy": { "EnableUpdateCatalog": true, "UpdateBehavior": "UPDATE_IN_DATABASE",
                "Database": "sales", "Table": "orders_curated" } } }
    })
}

#[test]
fn the_example_comes_back_as_it_was() {
    let graph = from_codegen(&example()).expect("the example is right");
    assert_eq!(to_codegen(&graph), example());
    let again = from_codegen(&to_codegen(&graph)).expect("what is written can be read");
    assert_eq!(again, graph);
    let source = &graph.nodes[&"node-1700000000001".into()];
    assert_eq!(source.kind.columns().map(<[_]>::len), Some(4));
}

#[test]
fn what_is_not_interpreted_is_kept() {
    let mut job = example();
    job["node-1700000000001"]["S3CsvSource"]["MaxBand"] = json!(5);
    job["node-1700000000001"]["S3CsvSource"]["OutputSchemas"][0]["Columns"][3] = json!({"Name": "amount", "Type": "bigint", "GlueStudioType": "long"});
    job["node-1700000000002"]["DropFields"]["Future"] = json!({"A": [1, null]});
    job["join"] = json!({"Join": {"Name": "Join", "Inputs": ["node-1700000000001", "node-1700000000002"], "JoinType": "left", "Columns": []}});
    let mut graph = from_codegen(&job).expect("the job is right");
    assert_eq!(to_codegen(&graph), job);
    // Once the columns change, the schema that came with the import no longer holds.
    let source = graph.nodes.get_mut(&"node-1700000000001".into()).expect("the source");
    source.kind.set_columns(Vec::new());
    assert!(to_codegen(&graph)["node-1700000000001"]["S3CsvSource"].get("OutputSchemas").is_none());
}

#[test]
fn open_ports_keep_their_place() {
    let job = json!({
        "a": { "S3ParquetSource": { "Name": "A", "Paths": ["s3://b/"], "Recurse": true, "Exclusions": [] } },
        "u": { "Union": { "Name": "Union", "Inputs": ["", "a"], "UnionType": "ALL" } }
    });
    let graph = from_codegen(&job).expect("open ports are allowed");
    assert_eq!(graph.nodes[&"u".into()].inputs, [None, Some("a".into())]);
    assert_eq!(to_codegen(&graph), job);
    let job = json!({ "d": { "DropFields": { "Name": "D", "Inputs": [], "Paths": [] } } });
    let graph = from_codegen(&job).expect("open ports are allowed");
    assert_eq!(graph.nodes[&"d".into()].inputs, [None]);
    assert_eq!(to_codegen(&graph), job);
}

#[test]
fn errors_name_node_and_member() {
    let source = json!({ "S3ParquetSource": { "Name": "A", "Paths": ["s3://b/"] } });
    for (job, node, field, part) in [
        (json!([]), None, Some("CodeGenConfigurationNodes"), "a map"),
        (json!({"a b": source}), Some("a b"), None, "cannot be a node id"),
        (json!({"a": {}}), Some("a"), None, "no member"),
        (json!({"a": {"DropFields": {}, "Filter": {}}}), Some("a"), Some("Filter"), "exactly one"),
        (json!({"a": {"DropField": {}}}), Some("a"), Some("DropField"), "did you mean “DropFields”?"),
        (json!({"a": {"DropFields": 5}}), Some("a"), Some("DropFields"), "a number"),
        (json!({"a": {"S3ParquetSource": {"Name": "A"}}}), Some("a"), Some("Paths"), "missing"),
        (
            json!({"a": {"S3ParquetSource": {"Name": "A", "Paths": "s3://b/"}}}),
            Some("a"),
            Some("Paths"),
            "cannot be read",
        ),
        (
            json!({"a": {"S3ParquetSource": {"Name": "A\nB", "Paths": []}}}),
            Some("a"),
            Some("Name"),
            "one line",
        ),
        (
            json!({"a": source, "d": {"DropFields": {"Name": "D", "Inputs": ["a", "a"], "Paths": []}}}),
            Some("d"),
            Some("Inputs"),
            "at most 1",
        ),
        (
            json!({"d": {"DropFields": {"Name": "D", "Inputs": ["gone"], "Paths": []}}}),
            Some("d"),
            Some("Inputs"),
            "not in the job",
        ),
        (
            json!({"d": {"DropFields": {"Name": "D", "Inputs": ["d"], "Paths": []}}}),
            Some("d"),
            Some("Inputs"),
            "loop",
        ),
        (
            json!({"f": {"Filter": {"Name": "F", "Inputs": [], "LogicalOperator": "XOR", "Filters": []}}}),
            Some("f"),
            Some("LogicalOperator"),
            "XOR",
        ),
        (
            json!({"m": {"ApplyMapping": {"Name": "M", "Inputs": [], "Mapping": [{"ToKey": "a", "Typo": 1}]}}}),
            Some("m"),
            Some("Mapping"),
            "Mapping[0].Typo",
        ),
    ] {
        let errors = from_codegen(&job).expect_err(part);
        let first = errors.first().expect("at least one error");
        assert_eq!(first.node.as_ref().map(|id| id.0.as_str()), node, "{job}");
        assert_eq!(first.field.as_deref(), field, "{job}");
        assert!(first.message.contains(part), "{}: {job}", first.message);
    }
}

#[test]
fn every_palette_entry_is_its_member() {
    for entry in NodeKind::palette() {
        let kind = entry.kind();
        assert_eq!(kind.member(), entry.member);
        assert_eq!(kind.label(), entry.label);
        assert_eq!(kind.role(), entry.group);
        assert_eq!(kind.ports().min, entry.inputs);
    }
}
