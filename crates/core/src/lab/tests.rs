use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use std::format;

use serde_json::{Value, json};

use super::{Lab, PARKING_COLUMNS, ParkingSample, evaluate};
use crate::account::{ApiError, Call};

const INGEST: &str = include_str!("../../../../labs/ingest-csv-with-glue/lab.json");

/// An account that answers from a map of "service:Operation" to a response.
struct Answers(BTreeMap<String, Value>);

impl Answers {
    fn empty() -> Self {
        let mut answers = Answers(BTreeMap::new());
        answers.put("s3:ListBuckets", json!({ "Buckets": [] }));
        answers.put("glue:GetCrawlers", json!({ "Crawlers": [] }));
        answers.put("glue:GetJobs", json!({ "Jobs": [] }));
        answers.put("glue:GetJobRuns", json!({ "JobRuns": [] }));
        answers
    }

    fn put(&mut self, name: &str, response: Value) {
        self.0.insert(name.to_string(), response);
    }

    fn read(&self, call: &Call) -> Result<Value, ApiError> {
        let name = format!("{}:{}", call.service, call.operation);
        match self.0.get(&name) {
            Some(response) => Ok(response.clone()),
            None if call.service == "glue" => Err(ApiError::new("EntityNotFoundException", "Database not found.")),
            None => Err(ApiError::new("NoSuchBucket", "The specified bucket does not exist")),
        }
    }

    fn step(&self, id: &str) -> (bool, String) {
        let lab: Value = serde_json::from_str(INGEST).expect("the lab is JSON");
        let response = evaluate(&lab, &|call| self.read(call)).expect("the lab can be read");
        let steps = response["Steps"].as_array().expect("there are steps").clone();
        let step = steps.iter().find(|step| step["Id"] == id).expect("the step exists");
        (step["Done"] == true, step["Evidence"].as_str().unwrap_or("").to_string())
    }
}

fn columns(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({ "Name": name, "Type": "string" })).collect()
}

fn job(dropped: &[&str], policy: Value) -> Value {
    json!({ "Name": "Parking", "CodeGenConfigurationNodes": {
        "node-1": { "S3CsvSource": { "Name": "tickets", "Paths": ["s3://b/parking_data/"], "Separator": "comma", "QuoteChar": "quote", "WithHeader": true, "OutputSchemas": [{ "Columns": columns(&PARKING_COLUMNS) }] } },
        "node-2": { "DropFields": { "Name": "keep three", "Inputs": ["node-1"], "Paths": dropped.iter().map(|name| json!([name])).collect::<Vec<_>>() } },
        "node-3": { "S3GlueParquetTarget": { "Name": "results", "Inputs": ["node-2"], "Path": "s3://b/parking_data/", "SchemaChangePolicy": policy } },
    } })
}

fn eight() -> Vec<&'static str> {
    PARKING_COLUMNS
        .into_iter()
        .filter(|name| !["date_of_infraction", "infraction_code", "infraction_description"].contains(name))
        .collect()
}

#[test]
fn a_fresh_account_meets_nothing_and_says_why() {
    let answers = Answers::empty();
    let lab: Lab = serde_json::from_str(INGEST).expect("the lab fits its type");
    for step in &lab.steps {
        let (done, evidence) = answers.step(&step.id);
        assert!(!done, "{} is done in an empty account", step.id);
        assert!(evidence.starts_with("Expected"), "{}: {evidence}", step.id);
    }
}

#[test]
fn a_bucket_and_its_folder() {
    let mut answers = Answers::empty();
    answers.put("s3:ListBuckets", json!({ "Buckets": [{ "Name": "parking-2022" }] }));
    answers.put("s3:ListObjectsV2", json!({ "KeyCount": 0 }));
    assert_eq!(
        answers.step("bucket"),
        (
            false,
            "Expected an object under parking_data/, got nothing under parking_data/ in parking-2022.".into()
        )
    );
    answers.put("s3:ListObjectsV2", json!({ "Contents": [{ "Key": "parking_data/", "Size": 0 }] }));
    assert!(answers.step("bucket").0);
    assert!(!answers.step("upload").0, "a folder marker is no upload");
    answers.put("s3:ListObjectsV2", json!({ "Contents": [{ "Key": "parking_data/t.csv", "Size": 90_000 }] }));
    assert!(answers.step("upload").0);
}

#[test]
fn pages_are_followed_and_a_token_that_does_not_move_ends_them() {
    let lab = json!({ "id": "l", "title": "t", "summary": "s", "minutes": 1, "steps": [{ "id": "a", "title": "t", "text": "a.md",
        "objectives": [{ "id": "o", "text": "x", "check": { "BucketExists": { "bucket": "last" } } }], "hints": { "point": "", "concept": "", "do": "" } }] });
    let read = |call: &Call| {
        Ok(match call.params.get("ContinuationToken") {
            None => json!({ "Buckets": [{ "Name": "first" }], "ContinuationToken": "2" }),
            Some(_) => json!({ "Buckets": [{ "Name": "last" }], "ContinuationToken": "2" }),
        })
    };
    let response = evaluate(&lab, &read).expect("the lab can be read");
    assert_eq!(response["Steps"][0]["Done"], true);
}

#[test]
fn a_crawler_that_failed_tells_its_reason() {
    let mut answers = Answers::empty();
    let crawler = |status: &str| json!({ "Crawlers": [{ "Name": "parking", "DatabaseName": "parking", "State": "READY", "LastCrawl": { "Status": status, "ErrorMessage": "no such bucket" } }] });
    answers.put("glue:GetCrawlers", crawler("FAILED"));
    assert_eq!(
        answers.step("crawl"),
        (false, "Expected a crawl that succeeded, got FAILED of parking: no such bucket".into())
    );
    answers.put("glue:GetCrawlers", crawler("SUCCEEDED"));
    assert!(!answers.step("crawl").0, "the table is wanted too");
    answers.put(
        "glue:GetTables",
        json!({ "TableList": [{ "Name": "parking_data", "StorageDescriptor": { "Columns": columns(&PARKING_COLUMNS) } }] }),
    );
    assert!(answers.step("crawl").0);
}

#[test]
fn a_job_is_told_what_it_lacks() {
    let mut answers = Answers::empty();
    let policy = json!({ "EnableUpdateCatalog": true, "UpdateBehavior": "UPDATE_IN_DATABASE", "Database": "parking", "Table": "results" });
    answers.put("glue:GetJobs", json!({ "Jobs": [job(&eight()[1..], policy.clone())] }));
    let (done, evidence) = answers.step("job");
    assert!(!done);
    assert!(evidence.contains("got 1 more: tag_number_masked"), "{evidence}");

    answers.put("glue:GetJobs", json!({ "Jobs": [job(&eight(), json!({ "EnableUpdateCatalog": false }))] }));
    assert!(answers.step("job").1.contains("does not update it"));

    answers.put("glue:GetJobs", json!({ "Jobs": [job(&eight(), policy)] }));
    assert!(answers.step("job").0, "{}", answers.step("job").1);
    assert!(answers.step("run").1.contains("has not run"));

    answers.put(
        "glue:GetJobRuns",
        json!({ "JobRuns": [{ "Id": "jr_1", "JobRunState": "FAILED", "ErrorMessage": "no such key" }] }),
    );
    assert!(answers.step("run").1.ends_with("got FAILED of Parking: no such key"));
    answers.put("glue:GetJobRuns", json!({ "JobRuns": [{ "Id": "jr_1", "JobRunState": "SUCCEEDED" }] }));
    assert!(answers.step("run").0);
}

#[test]
fn a_graph_with_a_loop_ends() {
    let mut answers = Answers::empty();
    let nodes = json!({
        "a": { "DropFields": { "Name": "a", "Inputs": ["b"], "Paths": [["x"]] } }, "b": { "DropFields": { "Name": "b", "Inputs": ["a"], "Paths": [["y"]] } },
        "c": { "S3GlueParquetTarget": { "Name": "c", "Inputs": ["a"], "Path": "s3://b/", "SchemaChangePolicy": { "EnableUpdateCatalog": true, "Database": "parking", "Table": "results" } } },
    });
    answers.put("glue:GetJobs", json!({ "Jobs": [{ "Name": "loop", "CodeGenConfigurationNodes": nodes }] }));
    assert!(!answers.step("job").0);
}

#[test]
fn the_results_table_has_three_columns_and_no_others() {
    let mut answers = Answers::empty();
    let three = ["date_of_infraction", "infraction_code", "infraction_description"];
    let table = |names: &[&str]| json!({ "TableList": [{ "Name": "results", "StorageDescriptor": { "Columns": columns(names) }, "Parameters": { "classification": "parquet" } }] });
    answers.put("s3:ListBuckets", json!({ "Buckets": [{ "Name": "b" }] }));
    answers.put(
        "s3:ListObjectsV2",
        json!({ "Contents": [{ "Key": "parking_data/run-1-part-r-00000.snappy.parquet", "Size": 9_000 }] }),
    );
    answers.put("glue:GetTables", table(&PARKING_COLUMNS));
    assert!(answers.step("look").1.contains("that also has tag_number_masked"));
    answers.put("glue:GetTables", table(&three));
    assert!(answers.step("look").0, "{}", answers.step("look").1);
}

#[test]
fn what_is_no_lab_is_refused_by_name_and_place() {
    for (lab, part) in [
        (json!(null), "lab cannot be read"),
        (json!({ "id": "x" }), "missing field `title`"),
        (
            json!({ "id": "x", "title": "", "summary": "", "minutes": 1, "steps": [{ "id": "s", "title": "", "text": "", "hints": { "point": "", "concept": "", "do": "" },
            "objectives": [{ "id": "o", "text": "", "check": { "BuketExists": {} } }] }] }),
            "BuketExists",
        ),
    ] {
        let error = evaluate(&lab, &|_| Ok(Value::Null)).expect_err("this is no lab");
        assert_eq!(error.code, "InvalidLabException");
        assert!(error.message.contains(part), "{}", error.message);
    }
}

#[test]
fn ids_are_unique_and_files_exist() {
    let lab: Lab = serde_json::from_str(INGEST).expect("the lab fits its type");
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../labs").join(&lab.id);
    let mut ids = std::collections::BTreeSet::new();
    for step in &lab.steps {
        assert!(ids.insert(step.id.clone()), "two steps {}", step.id);
        assert!(!step.objectives.is_empty(), "{} can never be done", step.id);
        assert!(folder.join(&step.text).is_file(), "{} is missing", step.text);
    }
    assert!(folder.join(lab.closing.as_deref().unwrap_or("missing")).is_file());
}

#[test]
fn a_sample_does_not_depend_on_how_it_is_cut() {
    let whole = ParkingSample::new(1_000, 7).next_chunk(1_000);
    let mut parts = String::new();
    let mut sample = ParkingSample::new(1_000, 7);
    loop {
        let chunk = sample.next_chunk(37);
        if chunk.is_empty() {
            break;
        }
        parts.push_str(&chunk);
    }
    assert_eq!(whole, parts);
    assert_ne!(whole, ParkingSample::new(1_000, 8).next_chunk(1_000));
}

#[test]
fn a_sample_has_the_shape_of_the_citys_file() {
    let text = ParkingSample::new(20_000, 2022).next_chunk(u64::MAX);
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some(PARKING_COLUMNS.join(",").as_str()));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 20_000);
    assert!(rows.iter().all(|row| row.len() == 11 && !row.iter().any(|cell| cell.contains('"'))));
    assert_eq!(rows.first().map(|row| row[1]), Some("20220101"));
    assert_eq!(rows.last().map(|row| row[1]), Some("20221231"));
    assert!(rows.windows(2).all(|pair| pair[0][1] <= pair[1][1]), "dates are in order");
    assert!(rows.iter().all(|row| row[5].is_empty() || (row[5].len() == 4 && row[5] < "2400")));
    assert!(rows.iter().any(|row| row[5].is_empty()));
    let per_row = text.len() as f64 / 20_000.0;
    assert!((75.0..95.0).contains(&per_row), "{per_row} bytes a row");
}

#[test]
fn a_sample_of_no_rows_is_a_header() {
    let mut sample = ParkingSample::new(0, 1);
    assert_eq!(sample.next_chunk(10).lines().count(), 1);
    assert_eq!(sample.next_chunk(10), "");
}
