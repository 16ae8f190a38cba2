//! The Glue lab's calls through the account: what S3, Glue, the trail and the trace make of a crawl and a run.

#![allow(clippy::unwrap_used)]

mod common;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use common::{account, at, blob, call, put, s3};
use serde_json::{Value, json};
use sluice_core::account::{Account, BlobRef, Call, CrawledObject, Effect, EffectAnswer, JobOutput, LogEntry, NodeReport, ObjectFormat, RunPlan, RunReport};
use sluice_core::etl::{DataType, Field, NodeId};
use sluice_core::sim::TraceRow;

/// A host that keeps the log of what it applies.
struct Host {
    account: Account,
    log: Vec<LogEntry>,
}

impl Host {
    fn new() -> Host {
        Host {
            account: account(),
            log: Vec::new(),
        }
    }

    fn apply(&mut self, call: Call) -> Result<(Value, Vec<Effect>), String> {
        let now = self.account.now().max(at(0)).plus_seconds(1);
        let entry = LogEntry {
            position: self.account.position(),
            at: now,
            call: call.clone(),
        };
        if !Account::is_read(&call) {
            self.log.push(entry);
        }
        let result = self.account.apply(now, &call);
        result.map(|outcome| (outcome.response, outcome.effects)).map_err(|error| error.code)
    }

    fn call(&mut self, service: &str, operation: &str, params: Value) -> (Value, Vec<Effect>) {
        let result = self.apply(Call::new(service, operation, params));
        result.unwrap_or_else(|code| panic!("{service}:{operation} was refused: {code}"))
    }
}

fn graph(bucket: &str) -> Value {
    json!({
        "source": {"S3CsvSource": {"Name": "S3", "Paths": [format!("s3://{bucket}/parking_data/")], "Separator": "comma", "QuoteChar": "quote", "WithHeader": true, "Recurse": true}},
        "target": {"S3GlueParquetTarget": {
            "Name": "Out", "Inputs": ["source"], "Path": format!("s3://{bucket}/results/"), "Compression": "snappy",
            "SchemaChangePolicy": {"EnableUpdateCatalog": true, "UpdateBehavior": "UPDATE_IN_DATABASE", "Database": "parking", "Table": "results"},
        }},
    })
}

/// An account with a file, a database and a job.
fn prepared() -> Host {
    let mut host = Host::new();
    host.call("s3", "CreateBucket", json!({"Bucket": "lab"}));
    host.call("s3", "PutObject", json!({"Bucket": "lab", "Key": "parking_data/"}));
    host.call(
        "s3",
        "PutObject",
        json!({"Bucket": "lab", "Key": "parking_data/p.csv", "SluiceBlob": blob("a,b\n1,2\n")}),
    );
    host.call("glue", "CreateDatabase", json!({"DatabaseInput": {"Name": "parking"}}));
    host.call(
        "glue",
        "CreateJob",
        json!({"Name": "etl", "Role": "GlueRole", "JobMode": "VISUAL", "Command": {"Name": "glueetl"}, "CodeGenConfigurationNodes": graph("lab")}),
    );
    host
}

fn start(host: &mut Host) -> RunPlan {
    let (_, effects) = host.call("glue", "StartJobRun", json!({"JobName": "etl"}));
    match effects.as_slice() {
        [Effect::Run(plan)] => plan.clone(),
        other => panic!("one run should have been asked for: {other:?}"),
    }
}

fn output(key: &str, text: &str) -> JobOutput {
    JobOutput {
        node: NodeId::from("target"),
        bucket: "lab".into(),
        key: key.into(),
        blob: serde_json::from_value(blob(text)).unwrap(),
        rows: 1,
        content_type: "application/octet-stream".into(),
        partition: Vec::new(),
    }
}

fn report() -> RunReport {
    let schema = vec![Field::new("a", DataType::String), Field::new("b", DataType::String)];
    let node = |rows| NodeReport {
        rows_in: rows,
        rows_out: rows,
        millis: 0.1 + 0.2,
        schema: schema.clone(),
        ..NodeReport::default()
    };
    RunReport {
        nodes: [(NodeId::from("source"), node(1)), (NodeId::from("target"), node(1))].into(),
        ..RunReport::default()
    }
}

fn run_state(host: &mut Host, run_id: &str) -> Value {
    host.call("glue", "GetJobRun", json!({"JobName": "etl", "RunId": run_id})).0["JobRun"].clone()
}

#[test]
fn a_run_puts_its_outputs_and_says_so() {
    let mut host = prepared();
    let plan = start(&mut host);
    assert_eq!(host.account.pending_effects().len(), 1);
    let inputs = &plan.inputs[&NodeId::from("source")];
    assert!(inputs.objects.iter().any(|object| object.key == "parking_data/p.csv"), "{inputs:?}");
    let answer = EffectAnswer::JobRunSucceeded {
        run_id: plan.run_id.clone(),
        report: report(),
        outputs: vec![output("results/run-1-part-0", "one"), output("results/run-1-part-1", "two")],
    };
    host.apply(answer.to_call()).unwrap();
    assert!(host.account.pending_effects().is_empty());
    assert_eq!(run_state(&mut host, &plan.run_id)["JobRunState"], "SUCCEEDED");
    let listed = s3(&mut host.account, "ListObjectsV2", json!({"Bucket": "lab", "Prefix": "results/"})).unwrap();
    assert_eq!(listed["KeyCount"], 2);
    let table = host.call("glue", "GetTable", json!({"DatabaseName": "parking", "Name": "results"})).0;
    assert_eq!(table["Table"]["StorageDescriptor"]["Columns"].as_array().map(Vec::len), Some(2));

    let events = call(&mut host.account, "cloudtrail", "LookupEvents", json!({"SluiceIncludeDataEvents": true})).unwrap();
    let events = events["Events"].as_array().unwrap();
    let puts: Vec<_> = events.iter().filter(|event| event["Username"] == "GlueJobRunnerSession").collect();
    assert_eq!(puts.len(), 2);
    assert_eq!(puts[1]["Resources"][1]["ResourceName"], "arn:aws:s3:::lab/results/run-1-part-0");
    let record: Value = serde_json::from_str(puts[0]["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(
        record["userIdentity"]["arn"],
        "arn:aws:sts::123456789012:assumed-role/GlueRole/GlueJobRunnerSession"
    );
    let job = events.iter().find(|event| event["EventName"] == "CreateJob").unwrap();
    assert!(job["CloudTrailEvent"].as_str().unwrap().contains("HIDDEN_DUE_TO_SECURITY_REASONS"));
    assert!(
        events
            .iter()
            .any(|event| event["EventName"] == "JobRunSucceeded" && event["SluiceKind"] == "effect")
    );

    // A "why?" goes from the object over the answer and the effect to the call that started the run.
    let trace = host.account.trace();
    let mut why = Vec::new();
    let mut at = trace.len() - 1;
    while let Some(row) = trace.get(at) {
        why.push(host.account.trace_name(row.resource).unwrap().to_string());
        if row.cause == TraceRow::NO_CAUSE {
            break;
        }
        at = u64::from(row.cause);
    }
    assert_eq!(why, ["lab", "effect:JobRunSucceeded", "effect:Run", "glue:StartJobRun"]);
}

#[test]
fn an_answer_that_nobody_waits_for_leaves_nothing() {
    let mut host = prepared();
    put(&mut host.account, "lab", "results/old", "old").unwrap();
    let before = host.account.object("lab", "results/old");
    let answer = EffectAnswer::JobRunSucceeded {
        run_id: "jr_none".into(),
        report: report(),
        outputs: vec![output("results/old", "new"), output("results/new", "new"), output("results/new", "newer")],
    };
    let position = host.account.position();
    assert!(host.account.apply(host.account.now(), &answer.to_call()).is_err());
    assert_eq!(host.account.position(), position + 1);
    assert_eq!(host.account.object("lab", "results/old"), before);
    assert_eq!(host.account.object("lab", "results/new"), None);
}

#[test]
fn an_answer_counts_once() {
    let mut host = prepared();
    let plan = start(&mut host);
    let answer = |text: &str| EffectAnswer::JobRunSucceeded {
        run_id: plan.run_id.clone(),
        report: report(),
        outputs: vec![output("results/part", text)],
    };
    host.apply(answer("first").to_call()).unwrap();
    host.apply(answer("second").to_call()).unwrap_err();
    let expected: BlobRef = serde_json::from_value(blob("first")).unwrap();
    assert_eq!(host.account.object("lab", "results/part").map(|object| object.blob), Some(expected));
}

#[test]
fn a_bucket_that_went_away_fails_the_run() {
    let mut host = prepared();
    let plan = start(&mut host);
    for key in ["parking_data/", "parking_data/p.csv"] {
        host.call("s3", "DeleteObject", json!({"Bucket": "lab", "Key": key}));
    }
    assert_eq!(host.account.live_blobs().len(), 1, "a pending run still names what it reads");
    host.call("s3", "DeleteBucket", json!({"Bucket": "lab"}));
    let answer = EffectAnswer::JobRunSucceeded {
        run_id: plan.run_id.clone(),
        report: report(),
        outputs: vec![output("results/part", "x")],
    };
    host.apply(answer.to_call()).unwrap();
    let run = run_state(&mut host, &plan.run_id);
    assert_eq!(run["JobRunState"], "FAILED");
    assert!(run["ErrorMessage"].as_str().unwrap().contains("The specified bucket does not exist"), "{run}");
    assert!(host.account.live_blobs().is_empty());
}

#[test]
fn the_lab_replays() {
    let mut host = prepared();
    host.call(
        "glue",
        "CreateCrawler",
        json!({"Name": "crawl", "Role": "GlueRole", "DatabaseName": "parking", "Targets": {"S3Targets": [{"Path": "s3://lab/parking_data/"}]}}),
    );
    let (_, effects) = host.call("glue", "StartCrawler", json!({"Name": "crawl"}));
    let Some(Effect::Crawl { crawler, crawl_id, objects }) = effects.first().cloned() else {
        panic!("a crawl should have been asked for: {effects:?}");
    };
    let found = objects.iter().map(|object| CrawledObject {
        bucket: object.bucket.clone(),
        key: object.key.clone(),
        size: object.blob.size,
        classification: "csv".into(),
        compression: "none".into(),
        format: Some(ObjectFormat::Csv {
            delimiter: ',',
            quote: Some('"'),
            escape: None,
            header: true,
            multiline: false,
        }),
        columns: vec![Field::new("a", DataType::Long), Field::new("b", DataType::Long)],
        sample_rows: 1,
        sample_bytes: 8,
        notes: Vec::new(),
    });
    let answer = EffectAnswer::CrawlFinished {
        crawler,
        crawl_id,
        objects: found.collect(),
    };
    host.apply(answer.to_call()).unwrap();
    let plan = start(&mut host);
    let middle = host.account.snapshot().to_string();
    let cut = host.log.len();
    let answer = EffectAnswer::JobRunSucceeded {
        run_id: plan.run_id,
        report: report(),
        outputs: vec![output("results/part", "x")],
    };
    host.apply(answer.to_call()).unwrap();
    let tables = host.call("glue", "GetTables", json!({"DatabaseName": "parking"})).0;
    assert_eq!(tables["TableList"].as_array().map(Vec::len), Some(2), "{tables}");

    let text: Vec<String> = host.log.iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
    let log: Vec<LogEntry> = text.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut replayed = account();
    replayed.replay(&log).unwrap();
    assert_eq!(replayed.snapshot(), host.account.snapshot());
    assert_eq!(replayed.trace_hash(), host.account.trace_hash());

    let mut restored = Account::restore(&serde_json::from_str(&middle).unwrap()).unwrap();
    assert_eq!(restored.pending_effects().len(), 1);
    restored.replay(&log[cut..]).unwrap();
    assert_eq!(restored.snapshot(), host.account.snapshot());
    assert_eq!(restored.trace_hash(), host.account.trace_hash());
}

#[test]
fn a_lab_is_evaluated_over_reads() {
    let mut host = prepared();
    let whole = host.account.snapshot();
    let lab: Value = serde_json::from_str(include_str!("../../../labs/ingest-csv-with-glue/lab.json")).unwrap();
    let answered = call(&mut host.account, "sluice", "EvaluateLab", json!({"Lab": lab})).unwrap();
    let steps = answered["Steps"].as_array().unwrap();
    assert!(!steps.is_empty());
    assert!(steps.iter().all(|step| step["Done"].is_boolean() && step["Evidence"].is_string()), "{answered}");
    assert_eq!(host.account.snapshot(), whole);
}
