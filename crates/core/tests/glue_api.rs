//! The operations of Glue: what they answer, what they refuse, and what a run's answer does to the catalog.

mod common;

use std::collections::BTreeMap;

use common::{account, at, blob, call, code, put, s3};
use serde_json::{Value, json};
use sluice_core::account::{
    Account, ApiError, BlobRef, Call, Effect, EffectAnswer, JobOutput, NodeError, NodeReport, ObjectFormat, OutputPartition, RunFailure, RunPlan, RunReport,
};
use sluice_core::etl::{DataType, Field, NodeId, NodeKind, ReadMode};

fn glue(account: &mut Account, operation: &str, params: Value) -> Result<Value, ApiError> {
    call(account, "glue", operation, params)
}

fn ok(account: &mut Account, operation: &str, params: Value) -> Value {
    glue(account, operation, params).unwrap_or_else(|error| panic!("{operation}: {error}"))
}

fn effects(account: &mut Account, operation: &str, params: Value) -> (Value, Vec<Effect>) {
    let now = account.now().max(at(0)).plus_seconds(1);
    let outcome = account
        .apply(now, &Call::new("glue", operation, params))
        .unwrap_or_else(|error| panic!("{operation}: {error}"));
    (outcome.response, outcome.effects)
}

fn answer(account: &mut Account, answer: &EffectAnswer) -> Result<(), ApiError> {
    let now = account.now().plus_seconds(10);
    account.apply(now, &answer.to_call()).map(|_| ())
}

fn with_database() -> Account {
    let mut account = account();
    ok(&mut account, "CreateDatabase", json!({"DatabaseInput": {"Name": "Sales", "Description": "d"}}));
    account
}

#[test]
fn databases() {
    let mut account = with_database();
    let database = ok(&mut account, "GetDatabase", json!({"Name": "SALES"}))["Database"].clone();
    assert_eq!(
        (&database["Name"], &database["Description"], &database["CatalogId"]),
        (&json!("sales"), &json!("d"), &json!("123456789012"))
    );
    assert_eq!(database["CreateTime"], "2026-01-01T00:00:01Z");
    assert_eq!(
        code(glue(&mut account, "CreateDatabase", json!({"DatabaseInput": {"Name": "sales"}}))),
        "AlreadyExistsException"
    );
    assert_eq!(code(glue(&mut account, "GetDatabase", json!({"Name": "none"}))), "EntityNotFoundException");
    assert_eq!(code(glue(&mut account, "CreateDatabase", json!({"DatabaseInput": {}}))), "ParamValidation");
    assert_eq!(
        code(glue(&mut account, "CreateDatabase", json!({"DatabaseInput": {"Name": ""}}))),
        "ParamValidation"
    );
    assert_eq!(
        code(glue(&mut account, "CreateDatabase", json!({"DatabaseInput": {"Name": "x".repeat(256)}}))),
        "InvalidInputException"
    );
    assert_eq!(
        code(glue(&mut account, "CreateDatabase", json!({"DatabaseInput": {"Name": "x"}, "Foo": 1}))),
        "ParamValidation"
    );
    assert_eq!(code(glue(&mut account, "NoSuchOperation", json!({}))), "NotImplemented");
    for name in ["a", "b"] {
        ok(&mut account, "CreateDatabase", json!({"DatabaseInput": {"Name": name}}));
    }
    let page = ok(&mut account, "GetDatabases", json!({"MaxResults": 2.0}));
    assert_eq!(page["DatabaseList"].as_array().map(Vec::len), Some(2));
    let rest = ok(&mut account, "GetDatabases", json!({"NextToken": page["NextToken"]}));
    assert_eq!((&rest["DatabaseList"][0]["Name"], rest.get("NextToken")), (&json!("sales"), None));
    assert_eq!(code(glue(&mut account, "GetDatabases", json!({"NextToken": "x"}))), "InvalidInputException");
    ok(&mut account, "DeleteDatabase", json!({"Name": "a"}));
    assert_eq!(code(glue(&mut account, "DeleteDatabase", json!({"Name": "a"}))), "EntityNotFoundException");
}

fn table_input(columns: &[(&str, &str)], keys: &[&str]) -> Value {
    json!({
        "Name": "Orders",
        "StorageDescriptor": {
            "Columns": columns.iter().map(|(name, data_type)| json!({"Name": name, "Type": data_type})).collect::<Vec<_>>(),
            "Location": "s3://bucket/orders/",
            "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
            "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe", "Parameters": {"field.delim": "|"}},
            "SkewedInfo": {"SkewedColumnNames": []},
        },
        "PartitionKeys": keys.iter().map(|name| json!({"Name": name, "Type": "string"})).collect::<Vec<_>>(),
        "Parameters": {"classification": "csv", "skip.header.line.count": "1"},
        "TableType": "EXTERNAL_TABLE",
    })
}

#[test]
fn tables_and_partitions() {
    let mut account = with_database();
    let input = table_input(&[("id", "bigint")], &["year"]);
    assert_eq!(
        code(glue(&mut account, "CreateTable", json!({"DatabaseName": "none", "TableInput": input}))),
        "EntityNotFoundException"
    );
    ok(&mut account, "CreateTable", json!({"DatabaseName": "sales", "TableInput": input}));
    assert_eq!(
        code(glue(&mut account, "CreateTable", json!({"DatabaseName": "sales", "TableInput": input}))),
        "AlreadyExistsException"
    );
    let table = ok(&mut account, "GetTable", json!({"DatabaseName": "sales", "Name": "ORDERS"}))["Table"].clone();
    assert_eq!(
        (&table["Name"], &table["DatabaseName"], &table["VersionId"]),
        (&json!("orders"), &json!("sales"), &json!("0"))
    );
    for member in ["Columns", "Location", "SerdeInfo", "SkewedInfo"] {
        assert_eq!(table["StorageDescriptor"][member], input["StorageDescriptor"][member]);
    }
    assert!(table.get("SluiceState").is_none());

    let partition = |values: Value| json!({"DatabaseName": "sales", "TableName": "orders", "PartitionInput": {"Values": values}});
    ok(&mut account, "CreatePartition", partition(json!(["2021"])));
    assert_eq!(
        code(glue(&mut account, "CreatePartition", partition(json!(["2021"])))),
        "AlreadyExistsException"
    );
    assert_eq!(
        code(glue(&mut account, "CreatePartition", partition(json!(["2021", "x"])))),
        "InvalidInputException"
    );
    let batch = ok(
        &mut account,
        "BatchCreatePartition",
        json!({"DatabaseName": "sales", "TableName": "orders", "PartitionInputList": [{"Values": ["2022"]}, {"Values": ["2021"]}]}),
    );
    assert_eq!(batch["Errors"][0]["ErrorDetail"]["ErrorCode"], "AlreadyExistsException");
    let all = ok(&mut account, "GetPartitions", json!({"DatabaseName": "sales", "TableName": "orders"}))["Partitions"].clone();
    assert_eq!((&all[0]["Values"], &all[1]["Values"]), (&json!(["2021"]), &json!(["2022"])));
    let one = json!({"DatabaseName": "sales", "TableName": "orders", "PartitionValues": ["2022"]});
    assert_eq!(ok(&mut account, "GetPartition", one.clone())["Partition"]["TableName"], "orders");
    ok(&mut account, "DeletePartition", one.clone());
    assert_eq!(code(glue(&mut account, "GetPartition", one)), "EntityNotFoundException");

    let changed = table_input(&[("id", "string"), ("n", "int")], &["year"]);
    ok(&mut account, "UpdateTable", json!({"DatabaseName": "sales", "TableInput": changed}));
    let table = ok(&mut account, "GetTable", json!({"DatabaseName": "sales", "Name": "orders"}))["Table"].clone();
    assert_eq!(
        (&table["StorageDescriptor"]["Columns"][1]["Name"], &table["VersionId"]),
        (&json!("n"), &json!("1"))
    );
    assert_eq!(
        ok(&mut account, "GetPartitions", json!({"DatabaseName": "sales", "TableName": "orders"}))["Partitions"]
            .as_array()
            .map(Vec::len),
        Some(1)
    );

    let named = |expression: &str| json!({"DatabaseName": "sales", "Expression": expression});
    assert_eq!(ok(&mut account, "GetTables", named("ord*"))["TableList"].as_array().map(Vec::len), Some(1));
    assert_eq!(ok(&mut account, "GetTables", named("x.*|y"))["TableList"].as_array().map(Vec::len), Some(0));
    ok(&mut account, "DeleteTable", json!({"DatabaseName": "sales", "Name": "orders"}));
    assert_eq!(
        code(glue(&mut account, "GetTable", json!({"DatabaseName": "sales", "Name": "orders"}))),
        "EntityNotFoundException"
    );
}

fn crawler(more: Value) -> Value {
    let mut params =
        json!({"Name": "c", "Role": "arn:aws:iam::123456789012:role/r", "DatabaseName": "db", "Targets": {"S3Targets": [{"Path": "s3://bucket/t/"}]}});
    for (name, value) in more.as_object().into_iter().flatten() {
        params[name] = value.clone();
    }
    params
}

#[test]
fn crawlers_refuse_what_they_can_t_do() {
    let mut account = account();
    for (more, wanted) in [
        (json!({"Role": ""}), "InvalidInputException"),
        (json!({"Role": null}), "ParamValidation"),
        (json!({"Targets": {}}), "InvalidInputException"),
        (json!({"Targets": {"S3Targets": [{"Path": "bucket/t"}]}}), "InvalidInputException"),
        (
            json!({"Targets": {"S3Targets": [{"Path": "s3://b/", "SampleSize": 250}]}}),
            "InvalidInputException",
        ),
        (json!({"Targets": {"JdbcTargets": [{}]}}), "InvalidInputException"),
        (json!({"Schedule": "every day"}), "InvalidInputException"),
        (json!({"Configuration": "{"}), "InvalidInputException"),
        (json!({"Configuration": "{\"Version\":2.0}"}), "InvalidInputException"),
        (json!({"SchemaChangePolicy": {"UpdateBehavior": "NO"}}), "InvalidInputException"),
        (json!({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVENT_MODE"}}), "InvalidInputException"),
        (
            json!({"RecrawlPolicy": {"RecrawlBehavior": "CRAWL_NEW_FOLDERS_ONLY"}, "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE"}}),
            "InvalidInputException",
        ),
        (json!({"Classifiers": ["mine"]}), "EntityNotFoundException"),
        (json!({"DatabaseName": ""}), "InvalidInputException"),
        (json!({"Bogus": 1}), "ParamValidation"),
    ] {
        assert_eq!(code(glue(&mut account, "CreateCrawler", crawler(more.clone()))), wanted, "{more}");
    }
    for operation in ["GetCrawler", "StartCrawler", "StopCrawler", "DeleteCrawler"] {
        assert_eq!(code(glue(&mut account, operation, json!({"Name": "c"}))), "EntityNotFoundException");
    }
}

#[test]
fn a_crawler_runs_stops_and_fails() {
    let mut account = account();
    ok(&mut account, "CreateCrawler", crawler(json!({"Schedule": "cron(15 12 * * ? *)"})));
    assert_eq!(code(glue(&mut account, "CreateCrawler", crawler(json!({})))), "AlreadyExistsException");
    let shown = ok(&mut account, "GetCrawler", json!({"Name": "c"}))["Crawler"].clone();
    assert_eq!(
        shown["SchemaChangePolicy"],
        json!({"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"})
    );
    assert_eq!(shown["Schedule"], json!({"ScheduleExpression": "cron(15 12 * * ? *)", "State": "SCHEDULED"}));
    assert_eq!((&shown["State"], &shown["Version"]), (&json!("READY"), &json!(1)));
    ok(&mut account, "UpdateCrawler", json!({"Name": "c", "TablePrefix": "p_"}));
    assert_eq!(ok(&mut account, "GetCrawlers", json!({}))["Crawlers"][0]["Version"], 2);

    // No bucket: the crawl fails, the call does not.
    ok(&mut account, "StartCrawler", json!({"Name": "c"}));
    let last = ok(&mut account, "GetCrawler", json!({"Name": "c"}))["Crawler"]["LastCrawl"].clone();
    assert_eq!(last["Status"], "FAILED");
    assert!(last["ErrorMessage"].as_str().is_some_and(|text| text.contains("NoSuchBucket")));

    s3(&mut account, "CreateBucket", json!({"Bucket": "bucket"})).expect("the name is valid");
    put(&mut account, "bucket", "t/x.csv", "a").expect("the bucket exists");
    let (_, started) = effects(&mut account, "StartCrawler", json!({"Name": "c"}));
    let [Effect::Crawl { crawl_id, objects, .. }] = started.as_slice() else {
        panic!("{started:?}")
    };
    assert_eq!(objects.len(), 1);
    assert_eq!(account.pending_effects(), started);
    for operation in ["StartCrawler", "DeleteCrawler", "UpdateCrawler"] {
        assert_eq!(code(glue(&mut account, operation, json!({"Name": "c"}))), "CrawlerRunningException");
    }
    ok(&mut account, "StopCrawler", json!({"Name": "c"}));
    assert_eq!(code(glue(&mut account, "StopCrawler", json!({"Name": "c"}))), "CrawlerStoppingException");
    assert_eq!(ok(&mut account, "GetCrawler", json!({"Name": "c"}))["Crawler"]["State"], "STOPPING");
    let finished = EffectAnswer::CrawlFinished {
        crawler: "c".into(),
        crawl_id: crawl_id.clone(),
        objects: Vec::new(),
    };
    answer(&mut account, &finished).expect("the crawl is stopping");
    assert!(answer(&mut account, &finished).is_err(), "an answer counts once");
    assert_eq!(
        ok(&mut account, "GetCrawler", json!({"Name": "c"}))["Crawler"]["LastCrawl"]["Status"],
        "CANCELLED"
    );
    assert_eq!(code(glue(&mut account, "StopCrawler", json!({"Name": "c"}))), "CrawlerNotRunningException");

    let (_, started) = effects(&mut account, "StartCrawler", json!({"Name": "c"}));
    let [Effect::Crawl { crawl_id, .. }] = started.as_slice() else {
        panic!("{started:?}")
    };
    let failed = EffectAnswer::CrawlFailed {
        crawler: "c".into(),
        crawl_id: crawl_id.clone(),
        message: "the worker died".into(),
    };
    answer(&mut account, &failed).expect("the crawl is running");
    let crawls = ok(
        &mut account,
        "ListCrawls",
        json!({"CrawlerName": "c", "Filters": [{"FieldName": "STATE", "FilterOperator": "EQ", "FieldValue": "FAILED"}]}),
    );
    assert_eq!(crawls["Crawls"].as_array().map(Vec::len), Some(2));
    assert_eq!(crawls["Crawls"][0]["ErrorMessage"], "the worker died");
    assert_eq!(code(glue(&mut account, "GetDatabase", json!({"Name": "db"}))), "EntityNotFoundException");
    ok(&mut account, "DeleteCrawler", json!({"Name": "c"}));
}

fn nodes(policy: Value, keys: Value) -> Value {
    json!({
        "source": {"S3CsvSource": {"Name": "In", "Paths": ["s3://bucket/in/"], "Separator": "pipe", "QuoteChar": "quote", "WithHeader": true, "Recurse": true, "Exclusions": ["**.bak"]}},
        "target": {"S3GlueParquetTarget": {"Name": "Out", "Inputs": ["source"], "Path": "s3://bucket/out/", "Compression": "snappy", "PartitionKeys": keys, "SchemaChangePolicy": policy}},
    })
}

fn job(nodes: Value) -> Value {
    json!({
        "Name": "j", "Role": "r", "JobMode": "VISUAL", "Command": {"Name": "glueetl"}, "CodeGenConfigurationNodes": nodes,
        "DefaultArguments": {"--sluice-read-modes": "{\"source\":\"FAILFAST\"}"},
    })
}

fn with_files() -> Account {
    let mut account = account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "bucket"})).expect("the name is valid");
    for key in ["in/", "in/a.csv", "in/deep/b.csv", "in/c.bak", "in/_SUCCESS"] {
        put(&mut account, "bucket", key, key).expect("the bucket exists");
    }
    account
}

fn update_policy(behavior: &str) -> Value {
    json!({"EnableUpdateCatalog": true, "UpdateBehavior": behavior, "Database": "sales", "Table": "Results"})
}

fn start(account: &mut Account) -> RunPlan {
    let (response, effects) = effects(account, "StartJobRun", json!({"JobName": "j"}));
    let [Effect::Run(plan)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(response["JobRunId"], plan.run_id);
    plan.clone()
}

fn report(columns: &[(&str, DataType)]) -> RunReport {
    let schema: Vec<Field> = columns.iter().map(|(name, data_type)| Field::new(*name, data_type.clone())).collect();
    let node = NodeReport {
        rows_out: 2,
        schema,
        ..NodeReport::default()
    };
    RunReport {
        nodes: BTreeMap::from([(NodeId::from("source"), node.clone()), (NodeId::from("target"), node)]),
        ..RunReport::default()
    }
}

fn output(key: &str, partition: &[(&str, &str)]) -> JobOutput {
    let blob: BlobRef = serde_json::from_value(blob(key)).expect("a blob");
    JobOutput {
        node: NodeId::from("target"),
        bucket: "bucket".into(),
        key: key.into(),
        blob,
        rows: 2,
        content_type: "application/vnd.apache.parquet".into(),
        partition: partition
            .iter()
            .map(|(name, value)| OutputPartition {
                name: (*name).into(),
                value: (*value).into(),
            })
            .collect(),
    }
}

fn succeed(account: &mut Account, run_id: &str, report: RunReport, outputs: Vec<JobOutput>) -> Value {
    let succeeded = EffectAnswer::JobRunSucceeded {
        run_id: run_id.into(),
        report,
        outputs,
    };
    answer(account, &succeeded).expect("the run is active");
    ok(account, "GetJobRun", json!({"JobName": "j", "RunId": run_id}))["JobRun"].clone()
}

#[test]
fn jobs() {
    let mut account = account();
    ok(&mut account, "CreateJob", job(nodes(json!({}), json!([]))));
    let shown = ok(&mut account, "GetJob", json!({"JobName": "j"}))["Job"].clone();
    assert_eq!(
        (&shown["GlueVersion"], &shown["Timeout"], &shown["WorkerType"]),
        (&json!("6.0"), &json!(480), &json!("G.1X"))
    );
    assert_eq!(shown["ExecutionProperty"], json!({"MaxConcurrentRuns": 1}));
    assert_eq!(shown["CodeGenConfigurationNodes"], nodes(json!({}), json!([])));
    assert_eq!(
        code(glue(&mut account, "CreateJob", job(nodes(json!({}), json!([]))))),
        "AlreadyExistsException"
    );
    assert_eq!(code(glue(&mut account, "CreateJob", job(json!({})))), "IdempotentParameterMismatchException");
    for (member, value, wanted) in [
        ("Command", json!({"Name": "spark"}), "InvalidInputException"),
        ("GlueVersion", json!("six"), "InvalidInputException"),
        ("WorkerType", json!("G.3X"), "InvalidInputException"),
        ("WorkerType", json!("G.1X"), "InvalidInputException"),
        ("CodeGenConfigurationNodes", json!({"a b": {"X": {}}}), "InvalidInputException"),
        ("CodeGenConfigurationNodes", json!({"a": {"X": {}, "Y": {}}}), "InvalidInputException"),
        ("Timeout", json!(0), "ParamValidation"),
        ("Role", json!(""), "InvalidInputException"),
        ("Role", json!(1), "ParamValidation"),
    ] {
        let mut params = job(json!({}));
        params["Name"] = json!("other");
        params[member] = value.clone();
        assert_eq!(code(glue(&mut account, "CreateJob", params)), wanted, "{member} {value}");
    }
    let update = json!({"Role": "r2", "Command": {"Name": "glueetl"}, "GlueVersion": "4.0"});
    ok(&mut account, "UpdateJob", json!({"JobName": "j", "JobUpdate": update}));
    let shown = ok(&mut account, "GetJobs", json!({}))["Jobs"][0].clone();
    assert_eq!(
        (&shown["Role"], &shown["Timeout"], shown.get("CodeGenConfigurationNodes")),
        (&json!("r2"), &json!(2880), None)
    );
    assert_eq!(code(glue(&mut account, "StartJobRun", json!({"JobName": "j"}))), "InvalidInputException");
    assert_eq!(code(glue(&mut account, "StartJobRun", json!({"JobName": "none"}))), "EntityNotFoundException");
    assert_eq!(
        code(glue(&mut account, "UpdateJob", json!({"JobName": "none", "JobUpdate": update}))),
        "EntityNotFoundException"
    );
    assert_eq!(ok(&mut account, "ListJobs", json!({}))["JobNames"], json!(["j"]));
    ok(&mut account, "DeleteJob", json!({"JobName": "j"}));
    assert_eq!(ok(&mut account, "DeleteJob", json!({"JobName": "j"}))["JobName"], "j");
    assert_eq!(code(glue(&mut account, "GetJob", json!({"JobName": "j"}))), "EntityNotFoundException");
}

#[test]
fn a_run_that_can_t_start_names_every_node_and_field() {
    let mut account = account();
    let mut graph = nodes(update_policy("LOG"), json!([]));
    graph["source"]["S3CsvSource"]["Paths"] = json!(["s3://missing/in/"]);
    ok(&mut account, "CreateJob", job(graph));
    let error = glue(&mut account, "StartJobRun", json!({"JobName": "j"})).expect_err("there is no bucket");
    assert_eq!(error.code, "InvalidInputException");
    for part in ["source, Paths", "bucket missing does not exist", "target, Path"] {
        assert!(error.message.contains(part), "{part}: {}", error.message);
    }
}

#[test]
fn a_run_reads_what_its_paths_name() {
    let mut account = with_files();
    ok(&mut account, "CreateDatabase", json!({"DatabaseInput": {"Name": "sales"}}));
    ok(&mut account, "CreateJob", job(nodes(update_policy("UPDATE_IN_DATABASE"), json!([]))));
    let plan = start(&mut account);
    assert_eq!(account.pending_effects(), [Effect::Run(plan.clone())]);
    assert!(plan.run_id.len() == 67 && plan.run_id.starts_with("jr_"), "{}", plan.run_id);
    let input = &plan.inputs[&NodeId::from("source")];
    let keys: Vec<&str> = input.objects.iter().map(|object| object.key.as_str()).collect();
    assert_eq!(keys, ["in/a.csv", "in/deep/b.csv"]);
    assert_eq!(input.mode, ReadMode::FailFast);
    assert!(matches!(
        input.format,
        ObjectFormat::Csv {
            delimiter: '|',
            quote: Some('"'),
            header: true,
            ..
        }
    ));
    assert_eq!(
        code(glue(&mut account, "StartJobRun", json!({"JobName": "j"}))),
        "ConcurrentRunsExceededException"
    );

    let run = succeed(
        &mut account,
        &plan.run_id,
        report(&[("Id", DataType::Long), ("n", DataType::String)]),
        vec![output("out/run-1-part-0.parquet", &[])],
    );
    assert_eq!(
        (&run["JobRunState"], &run["ExecutionTime"], &run["GlueVersion"]),
        (&json!("SUCCEEDED"), &json!(11), &json!("6.0"))
    );
    assert_eq!(run["SluiceReport"]["nodes"]["target"]["rows_out"], 2);
    assert_eq!(run["SluiceReport"]["Outputs"][0]["key"], "out/run-1-part-0.parquet");
    let table = ok(&mut account, "GetTable", json!({"DatabaseName": "sales", "Name": "results"}))["Table"].clone();
    assert_eq!(
        table["Parameters"],
        json!({"CreatedByJob": "j", "CreatedByJobRun": plan.run_id, "classification": "parquet", "useGlueParquetWriter": "true"})
    );
    assert_eq!(table["StorageDescriptor"]["Location"], "s3://bucket/out/");
    assert_eq!(
        table["StorageDescriptor"]["Columns"],
        json!([{"Name": "id", "Type": "bigint"}, {"Name": "n", "Type": "string"}])
    );
    assert!(account.pending_effects().is_empty());
}

fn run_twice(behavior: &str) -> Value {
    let mut account = with_files();
    ok(&mut account, "CreateDatabase", json!({"DatabaseInput": {"Name": "sales"}}));
    ok(&mut account, "CreateJob", job(nodes(update_policy(behavior), json!([["year"]]))));
    let columns = |n: DataType| report(&[("id", DataType::Long), ("n", n), ("year", DataType::Int)]);
    let plan = start(&mut account);
    succeed(
        &mut account,
        &plan.run_id,
        columns(DataType::Int),
        vec![output("out/year=2021/a.parquet", &[("year", "2021")])],
    );
    let plan = start(&mut account);
    let outputs = vec![
        output("out/year=2021/b.parquet", &[("year", "2021")]),
        output("out/year=2022/b.parquet", &[("year", "2022")]),
    ];
    succeed(&mut account, &plan.run_id, columns(DataType::String), outputs);
    let table = ok(&mut account, "GetTable", json!({"DatabaseName": "sales", "Name": "results"}))["Table"].clone();
    assert_eq!(table["PartitionKeys"], json!([{"Name": "year", "Type": "int"}]));
    let partitions = ok(&mut account, "GetPartitions", json!({"DatabaseName": "sales", "TableName": "results"}))["Partitions"].clone();
    assert_eq!((&partitions[0]["Values"], &partitions[1]["Values"]), (&json!(["2021"]), &json!(["2022"])));
    assert_eq!(partitions[1]["StorageDescriptor"]["Location"], "s3://bucket/out/year=2022/");

    // What the sink made is a source: partition values come from the catalog.
    let graph = json!({
        "source": {"S3CatalogSource": {"Name": "In", "Database": "sales", "Table": "results"}},
        "target": {"S3DirectTarget": {"Name": "Out", "Inputs": ["source"], "Path": "s3://bucket/again/", "Format": "json"}},
    });
    ok(
        &mut account,
        "UpdateJob",
        json!({"JobName": "j", "JobUpdate": {"Role": "r", "Command": {"Name": "glueetl"}, "CodeGenConfigurationNodes": graph}}),
    );
    let input = start(&mut account).inputs[&NodeId::from("source")].clone();
    assert_eq!(input.format, ObjectFormat::Parquet);
    assert_eq!(input.objects.len(), 3);
    assert_eq!(input.objects[2].partition, [("year".to_string(), "2022".to_string())]);
    assert_eq!(input.table.map(|table| table.partition_keys), Some(vec![Field::new("year", DataType::Int)]));
    table["StorageDescriptor"]["Columns"].clone()
}

#[test]
fn a_second_run_overwrites_or_keeps_the_schema_and_adds_partitions() {
    assert_eq!(
        run_twice("UPDATE_IN_DATABASE"),
        json!([{"Name": "id", "Type": "bigint"}, {"Name": "n", "Type": "string"}])
    );
    assert_eq!(run_twice("LOG"), json!([{"Name": "id", "Type": "bigint"}, {"Name": "n", "Type": "int"}]));
}

#[test]
fn no_update_leaves_the_catalog_alone() {
    let mut account = with_files();
    ok(&mut account, "CreateDatabase", json!({"DatabaseInput": {"Name": "sales"}}));
    let mut policy = update_policy("UPDATE_IN_DATABASE");
    policy["EnableUpdateCatalog"] = json!(false);
    ok(&mut account, "CreateJob", job(nodes(policy, json!([]))));
    let plan = start(&mut account);
    succeed(
        &mut account,
        &plan.run_id,
        report(&[("id", DataType::Long)]),
        vec![output("out/a.parquet", &[])],
    );
    assert_eq!(ok(&mut account, "GetTables", json!({"DatabaseName": "sales"}))["TableList"], json!([]));
    assert!(account.object("bucket", "out/a.parquet").is_some());
}

#[test]
fn a_database_that_is_gone_fails_the_run() {
    let mut account = with_files();
    ok(&mut account, "CreateDatabase", json!({"DatabaseInput": {"Name": "sales"}}));
    ok(&mut account, "CreateJob", job(nodes(update_policy("UPDATE_IN_DATABASE"), json!([]))));
    let plan = start(&mut account);
    ok(&mut account, "DeleteDatabase", json!({"Name": "sales"}));
    let run = succeed(
        &mut account,
        &plan.run_id,
        report(&[("id", DataType::Long)]),
        vec![output("out/a.parquet", &[])],
    );
    assert_eq!(run["JobRunState"], "FAILED");
    assert!(
        run["ErrorMessage"]
            .as_str()
            .is_some_and(|text| text.starts_with("Out: Database sales not found.")),
        "{run}"
    );
    assert_eq!(run["SluiceReport"]["Failure"]["error"]["node"], "target");
}

#[test]
fn runs_fail_and_stop() {
    let mut account = with_files();
    ok(&mut account, "CreateJob", job(nodes(json!({}), json!([]))));
    let plan = start(&mut account);
    let failure = RunFailure {
        error: NodeError {
            node: Some(NodeId::from("source")),
            field: None,
            message: "line 3: too many columns".into(),
        },
        row: None,
    };
    let failed = EffectAnswer::JobRunFailed {
        run_id: plan.run_id.clone(),
        report: RunReport::default(),
        failure,
    };
    answer(&mut account, &failed).expect("the run is active");
    assert!(answer(&mut account, &failed).is_err(), "an answer counts once");
    let run = ok(&mut account, "GetJobRun", json!({"JobName": "j", "RunId": plan.run_id}))["JobRun"].clone();
    assert_eq!(
        (&run["JobRunState"], &run["ErrorMessage"]),
        (&json!("FAILED"), &json!("In: line 3: too many columns"))
    );

    let plan = start(&mut account);
    let ids = json!({"JobName": "j", "JobRunIds": [plan.run_id, run["Id"], "jr_none"]});
    let (response, stopped) = effects(&mut account, "BatchStopJobRun", ids);
    assert_eq!(stopped, [Effect::CancelRun { run_id: plan.run_id.clone() }]);
    assert_eq!(response["SuccessfulSubmissions"].as_array().map(Vec::len), Some(1));
    assert_eq!(response["Errors"][0]["ErrorDetail"]["ErrorCode"], "InvalidInputException");
    assert_eq!(response["Errors"][1]["ErrorDetail"]["ErrorCode"], "EntityNotFoundException");
    assert_eq!(ok(&mut account, "GetJobRuns", json!({"JobName": "j"}))["JobRuns"][0]["JobRunState"], "STOPPING");
    let end = EffectAnswer::JobRunStopped {
        run_id: plan.run_id.clone(),
        report: RunReport::default(),
    };
    answer(&mut account, &end).expect("the run is stopping");
    let runs = ok(&mut account, "GetJobRuns", json!({"JobName": "j"}))["JobRuns"].clone();
    assert_eq!((&runs[0]["JobRunState"], &runs[1]["JobRunState"]), (&json!("STOPPED"), &json!("FAILED")));
    assert_eq!(
        code(glue(&mut account, "BatchStopJobRun", json!({"JobName": "j", "JobRunIds": []}))),
        "InvalidInputException"
    );
}

#[test]
fn a_catalog_target_writes_where_its_table_is() {
    let mut account = with_database();
    s3(&mut account, "CreateBucket", json!({"Bucket": "bucket"})).expect("the name is valid");
    put(&mut account, "bucket", "in/a.csv", "x").expect("the bucket exists");
    ok(
        &mut account,
        "CreateTable",
        json!({"DatabaseName": "sales", "TableInput": table_input(&[("id", "bigint")], &["year"])}),
    );
    let mut graph = nodes(json!({}), json!([]));
    graph["target"] = json!({"S3CatalogTarget": {"Name": "Out", "Inputs": ["source"], "Database": "sales", "Table": "orders"}});
    ok(&mut account, "CreateJob", job(graph));
    let plan = start(&mut account);
    let NodeKind::S3DirectTarget(target) = &plan.graph.nodes[&NodeId::from("target")].kind else {
        panic!("{:?}", plan.graph)
    };
    assert_eq!((target.path.as_str(), target.format.as_str()), ("s3://bucket/orders/", "csv"));
    assert_eq!(target.partition_keys, [["year".to_string()]]);
}

#[test]
fn a_snapshot_keeps_everything() {
    let mut account = with_files();
    ok(&mut account, "CreateDatabase", json!({"DatabaseInput": {"Name": "sales"}}));
    ok(
        &mut account,
        "CreateTable",
        json!({"DatabaseName": "sales", "TableInput": table_input(&[("id", "bigint")], &["year"])}),
    );
    ok(&mut account, "CreateJob", job(nodes(update_policy("LOG"), json!([]))));
    ok(&mut account, "CreateCrawler", crawler(json!({})));
    start(&mut account);
    let restored = Account::restore(&account.snapshot()).expect("a snapshot restores");
    assert_eq!(restored.snapshot(), account.snapshot());
    assert_eq!(restored.pending_effects(), account.pending_effects());
}
