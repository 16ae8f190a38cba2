//! What time did to objects, what it will do, and that nobody reads what is archived.

#![allow(clippy::unwrap_used)]

mod common;

use common::{account, call, put, s3};
use serde_json::{Value, json};
use sluice_core::account::{Account, Call};

const DAY: i64 = 86_400;

fn rules(account: &mut Account) {
    let rule = json!({"ID": "cold", "Status": "Enabled", "Filter": {"ObjectSizeGreaterThan": 1},
        "Transitions": [{"Days": 30, "StorageClass": "STANDARD_IA"}, {"Days": 90, "StorageClass": "GLACIER"}], "Expiration": {"Days": 365}});
    s3(
        account,
        "PutBucketLifecycleConfiguration",
        json!({"Bucket": "lake", "LifecycleConfiguration": {"Rules": [rule]}}),
    )
    .unwrap();
}

fn told(list: &Value) -> Vec<(String, String, String)> {
    let text = |event: &Value, name: &str| event[name].as_str().unwrap_or_default().to_string();
    list.as_array()
        .unwrap()
        .iter()
        .map(|event| (text(event, "Time"), text(event, "Event"), text(event, "To")))
        .collect()
}

#[test]
fn what_was_foreseen_is_what_happens() {
    let mut account = account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "lake"})).unwrap();
    put(&mut account, "lake", "a.csv", "a,b\n1,2\n").unwrap();
    put(&mut account, "lake", "b.csv", "a,b\n1,2\n").unwrap();
    rules(&mut account);
    let key = json!({"Bucket": "lake", "Key": "a.csv"});
    let before = (account.trace_hash(), account.position());
    let foreseen = call(&mut account, "sluice", "GetObjectSchedule", key.clone()).unwrap();
    assert_eq!((account.trace_hash(), account.position()), before, "a read changes nothing");
    let since = account.now().to_string();
    call(&mut account, "clock", "Advance", json!({"Seconds": 400 * DAY})).unwrap();
    let happened = call(&mut account, "sluice", "GetStorageEvents", json!({"Since": since, "Bucket": "lake"})).unwrap();
    let of_a: Vec<Value> = happened["Events"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|event| event["Key"] == "a.csv")
        .cloned()
        .collect();
    assert_eq!(told(&foreseen["Steps"]), told(&json!(of_a)));
    // Which rule it is, before and after.
    assert!(foreseen["Steps"][0]["RuleId"].is_string(), "{foreseen}");
    assert_eq!(foreseen["Steps"][0]["RuleId"], of_a[0]["RuleId"]);
    let what: Vec<(String, String)> = told(&foreseen["Steps"]).into_iter().map(|(_, event, to)| (event, to)).collect();
    let expected = [
        ("s3:LifecycleTransition", "STANDARD_IA"),
        ("s3:LifecycleTransition", "GLACIER"),
        ("s3:LifecycleExpiration:Delete", ""),
    ];
    assert_eq!(what, expected.map(|(event, to)| (event.to_string(), to.to_string())));
    assert_eq!((&happened["Count"], &happened["Truncated"]), (&json!(6), &json!(false)));
    let one = call(&mut account, "sluice", "GetStorageEvents", json!({"MaxEvents": 1})).unwrap();
    assert_eq!((one["Events"].as_array().unwrap().len(), &one["Truncated"]), (1, &json!(true)));
    let gone = call(&mut account, "sluice", "GetObjectSchedule", key).unwrap();
    assert_eq!(gone, json!({"Steps": []}));
    let error = call(&mut account, "sluice", "GetObjectSchedule", json!({"Bucket": "none", "Key": "a"})).unwrap_err();
    assert_eq!(error.code, "NoSuchBucket");
}

/// A job and a crawler over one file.
fn readers(account: &mut Account) {
    call(account, "glue", "CreateDatabase", json!({"DatabaseInput": {"Name": "lake"}})).unwrap();
    let crawler = json!({"Name": "raw", "Role": "lab", "DatabaseName": "lake", "Targets": {"S3Targets": [{"Path": "s3://lake/raw/"}]}});
    call(account, "glue", "CreateCrawler", crawler).unwrap();
    let nodes = json!({
        "source": {"S3CsvSource": {"Name": "Source", "Paths": ["s3://lake/raw/a.csv"], "Separator": "comma", "QuoteChar": "quote", "WithHeader": true,
            "OutputSchemas": [{"Columns": [{"Name": "a", "Type": "string"}, {"Name": "b", "Type": "string"}]}]}},
        "target": {"S3DirectTarget": {"Name": "Target", "Inputs": ["source"], "Path": "s3://lake/out/", "Format": "csv", "PartitionKeys": []}},
    });
    let job = json!({"Name": "copy", "Role": "lab", "JobMode": "VISUAL", "Command": {"Name": "glueetl", "ScriptLocation": "s3://lake/copy.py"}, "CodeGenConfigurationNodes": nodes});
    call(account, "glue", "CreateJob", job).unwrap();
}

#[test]
fn what_is_archived_is_read_by_nobody_until_it_is_restored() {
    let mut account = account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "lake"})).unwrap();
    put(&mut account, "lake", "raw/a.csv", "a,b\n1,2\n").unwrap();
    readers(&mut account);
    let start = |account: &mut Account| {
        let now = account.now().plus_seconds(1);
        let outcome = account.apply(now, &Call::new("glue", "StartJobRun", json!({"JobName": "copy"}))).unwrap();
        let id = outcome.response["JobRunId"].as_str().unwrap().to_string();
        let run = call(account, "glue", "GetJobRun", json!({"JobName": "copy", "RunId": id})).unwrap()["JobRun"].clone();
        (outcome.effects.len(), run)
    };
    let archive = json!({"Bucket": "lake", "Key": "raw/a.csv", "CopySource": {"Bucket": "lake", "Key": "raw/a.csv"}, "StorageClass": "GLACIER"});
    s3(&mut account, "CopyObject", archive).unwrap();
    let (effects, run) = start(&mut account);
    assert_eq!((effects, &run["JobRunState"]), (0, &json!("FAILED")), "{run}");
    let message = run["ErrorMessage"].as_str().unwrap();
    assert!(message.contains("s3://lake/raw/a.csv") && message.contains("InvalidObjectState"), "{message}");
    call(&mut account, "glue", "StartCrawler", json!({"Name": "raw"})).unwrap();
    let crawl = call(&mut account, "glue", "GetCrawler", json!({"Name": "raw"})).unwrap()["Crawler"]["LastCrawl"].clone();
    assert!(crawl["ErrorMessage"].as_str().unwrap_or_default().contains("InvalidObjectState"), "{crawl}");

    let restore = json!({"Bucket": "lake", "Key": "raw/a.csv", "RestoreRequest": {"Days": 2, "GlacierJobParameters": {"Tier": "Standard"}}});
    s3(&mut account, "RestoreObject", restore).unwrap();
    call(&mut account, "clock", "Advance", json!({"Seconds": DAY})).unwrap();
    let (effects, run) = start(&mut account);
    assert_eq!((effects, &run["JobRunState"]), (1, &json!("RUNNING")), "{run}");
}
