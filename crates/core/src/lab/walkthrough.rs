//! The Glue lab done call by call on a real account: each act ticks its own step and no later one.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use std::format;

use serde_json::{Value, json};

use super::{PARKING_COLUMNS, ParkingSample};
use crate::account::{Account, AccountOptions, BlobRef, Call, CrawledObject, Effect, EffectAnswer, JobOutput, NodeReport, RunReport};
use crate::catalog::classify;
use crate::etl::{DataType, Field};
use crate::sim::SimTime;

const INGEST: &str = include_str!("../../../../labs/ingest-csv-with-glue/lab.json");
const KEPT: [&str; 3] = ["date_of_infraction", "infraction_code", "infraction_description"];

struct Learner {
    account: Account,
    now: SimTime,
}

impl Learner {
    fn call(&mut self, service: &str, operation: &str, params: Value) -> (Value, Vec<Effect>) {
        self.now = self.now.plus_seconds(1);
        let call = Call::new(service, operation, params);
        match self.account.apply(self.now, &call) {
            Ok(outcome) => (outcome.response, outcome.effects),
            Err(error) => panic!("{service}:{operation} is refused: {error}"),
        }
    }

    /// The steps that are done.
    fn done(&mut self) -> Vec<String> {
        let lab: Value = serde_json::from_str(INGEST).expect("the lab is JSON");
        let (response, _) = self.call("sluice", "EvaluateLab", json!({ "Lab": lab }));
        let steps = response["Steps"].as_array().cloned().unwrap_or_default();
        let done = steps.iter().filter(|step| step["Done"] == true);
        done.map(|step| step["Id"].as_str().unwrap_or_default().to_string()).collect()
    }
}

fn blob(size: u64, digit: char) -> BlobRef {
    BlobRef {
        id: digit.to_string().repeat(64),
        size,
        md5: digit.to_string().repeat(32),
        seal: None,
    }
}

#[test]
fn the_lab_ticks_step_by_step() {
    let options = AccountOptions {
        account_id: "123456789012".into(),
        region: "us-east-1".into(),
        seed: 1,
    };
    let mut learner = Learner {
        account: Account::new(options),
        now: SimTime::from_millis(1_767_225_600_000),
    };
    assert!(learner.done().is_empty());

    learner.call("s3", "CreateBucket", json!({ "Bucket": "parking-2022" }));
    learner.call("s3", "PutObject", json!({ "Bucket": "parking-2022", "Key": "parking_data/" }));
    assert_eq!(learner.done(), ["bucket"]);

    let csv = ParkingSample::new(2_000, 2022).next_chunk(2_000);
    let put = json!({ "Bucket": "parking-2022", "Key": "parking_data/sample.csv", "SluiceBlob": blob(csv.len() as u64, 'a') });
    learner.call("s3", "PutObject", put);
    assert_eq!(learner.done(), ["bucket", "upload"]);

    let trust =
        json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": { "Service": "glue.amazonaws.com" }, "Action": "sts:AssumeRole" }] });
    let role = json!({ "RoleName": "AWSGlueServiceRole-parking", "AssumeRolePolicyDocument": trust.to_string() });
    learner.call("iam", "CreateRole", role);
    learner.call("glue", "CreateDatabase", json!({ "DatabaseInput": { "Name": "parking" } }));
    let crawler = json!({ "Name": "parking", "Role": "AWSGlueServiceRole-parking", "DatabaseName": "parking",
        "Targets": { "S3Targets": [{ "Path": "s3://parking-2022/parking_data/" }] } });
    learner.call("glue", "CreateCrawler", crawler);
    let (_, effects) = learner.call("glue", "StartCrawler", json!({ "Name": "parking" }));
    assert_eq!(learner.done(), ["bucket", "upload"], "a crawler that runs has found nothing yet");
    let Some(Effect::Crawl { crawler, crawl_id, objects }) = effects.into_iter().next() else {
        panic!("a crawl is work for the host");
    };
    let classified = classify(csv.as_bytes(), true);
    let crawled = objects.iter().filter(|object| object.blob.size > 0).map(|object| CrawledObject {
        bucket: object.bucket.clone(),
        key: object.key.clone(),
        size: object.blob.size,
        classification: classified.classification.clone(),
        compression: "none".into(),
        format: classified.format.clone(),
        columns: classified.columns.clone(),
        sample_rows: classified.rows,
        sample_bytes: classified.bytes,
        notes: Vec::new(),
    });
    let answer = EffectAnswer::CrawlFinished {
        crawler,
        crawl_id,
        objects: crawled.collect(),
    };
    let answer = answer.to_call();
    learner.call(&answer.service, &answer.operation, answer.params);
    assert_eq!(learner.done(), ["bucket", "upload", "crawl"]);

    let dropped: Vec<Value> = PARKING_COLUMNS.iter().filter(|name| !KEPT.contains(name)).map(|name| json!([name])).collect();
    let columns: Vec<Value> = PARKING_COLUMNS.iter().map(|name| json!({ "Name": name, "Type": "string" })).collect();
    let graph = json!({
        "node-1": { "S3CsvSource": { "Name": "tickets", "Paths": ["s3://parking-2022/parking_data/sample.csv"], "Separator": "comma", "QuoteChar": "quote",
            "WithHeader": true, "OutputSchemas": [{ "Columns": columns }] } },
        "node-2": { "DropFields": { "Name": "keep three", "Inputs": ["node-1"], "Paths": dropped } },
        "node-3": { "S3GlueParquetTarget": { "Name": "results", "Inputs": ["node-2"], "Path": "s3://parking-2022/parking_data/",
            "SchemaChangePolicy": { "EnableUpdateCatalog": true, "UpdateBehavior": "UPDATE_IN_DATABASE", "Database": "parking", "Table": "results" } } },
    });
    let job = json!({ "Name": "Parking", "Role": "AWSGlueServiceRole-parking", "Command": { "Name": "glueetl", "ScriptLocation": "s3://parking-2022/scripts/Parking.py" },
        "CodeGenConfigurationNodes": graph });
    learner.call("glue", "CreateJob", job);
    assert_eq!(learner.done(), ["bucket", "upload", "crawl", "job"]);

    let (_, effects) = learner.call("glue", "StartJobRun", json!({ "JobName": "Parking" }));
    assert_eq!(learner.done(), ["bucket", "upload", "crawl", "job"], "a run that goes on has not succeeded");
    let Some(Effect::Run(plan)) = effects.into_iter().next() else {
        panic!("a run is work for the host");
    };
    let schema: Vec<Field> = KEPT.iter().map(|name| Field::new(*name, DataType::String)).collect();
    let target = NodeReport {
        rows_in: 2_000,
        rows_out: 2_000,
        schema,
        ..NodeReport::default()
    };
    let answer = EffectAnswer::JobRunSucceeded {
        run_id: plan.run_id.clone(),
        report: RunReport {
            nodes: BTreeMap::from([("node-3".into(), target)]),
            ..RunReport::default()
        },
        outputs: Vec::from([JobOutput {
            node: "node-3".into(),
            bucket: "parking-2022".into(),
            key: format!("parking_data/run-{}-part-block-0-r-00000-snappy.parquet", plan.started_millis),
            blob: blob(9_000, 'b'),
            rows: 2_000,
            content_type: "application/octet-stream".into(),
            partition: Vec::new(),
        }]),
    };
    let answer = answer.to_call();
    learner.call(&answer.service, &answer.operation, answer.params);
    assert_eq!(learner.done(), ["bucket", "upload", "crawl", "job", "run", "look"]);

    learner.call("glue", "DeleteTable", json!({ "DatabaseName": "parking", "Name": "results" }));
    assert_eq!(learner.done(), ["bucket", "upload", "crawl", "job", "run"], "what is undone is not done");
}
