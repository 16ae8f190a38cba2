//! `sluice run` and `sluice crawl` on files, as a person at a shell calls them.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const JOB: &str = r#"{
    "node-1": {"S3CsvSource": {"Name": "in", "Paths": ["s3://lake/raw/"], "Separator": "comma", "QuoteChar": "quote", "WithHeader": true, "Recurse": true}},
    "node-2": {"DropFields": {"Name": "drop", "Inputs": ["node-1"], "Paths": [["secret"]]}},
    "node-3": {"S3DirectTarget": {"Name": "out", "Inputs": ["node-2"], "Path": "s3://lake/out/", "Format": "csv", "PartitionKeys": [["province"]]}}
}"#;

/// A data folder of one test, with one CSV in `lake/raw`.
fn lake(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(test);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("lake/raw")).expect("the test's own folder can be made");
    fs::write(folder.join("lake/raw/tickets.csv"), "id,fine,secret,province\n1,30,a,ON\n2,,b,QC\n3,60,c,ON\n").expect("a file can be written");
    fs::write(folder.join("job.json"), JOB).expect("a file can be written");
    folder
}

fn sluice(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sluice")).args(args).output().expect("sluice starts")
}

#[test]
fn a_job_writes_its_partitions_and_says_its_counts() {
    let folder = lake("run");
    let output = sluice(&["run", &folder.join("job.json").to_string_lossy(), "--data", &folder.to_string_lossy()]);
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.starts_with("SUCCEEDED"), "{told}");
    for (province, rows) in [("ON", vec!["1", "3"]), ("QC", vec!["2"])] {
        let part = folder.join(format!("lake/out/province={province}"));
        let files: Vec<_> = fs::read_dir(&part).expect("the partition's folder is there").filter_map(Result::ok).collect();
        assert_eq!(files.len(), 1, "{}", part.display());
        let text = fs::read_to_string(files[0].path()).expect("a CSV is text");
        assert!(!text.contains("secret") && !text.contains("province"), "{text}");
        let ids: Vec<_> = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').next().unwrap_or_default().trim_matches('"').to_owned())
            .collect();
        assert_eq!(ids, rows, "{text}");
    }
}

#[test]
fn a_crawl_prints_the_table() {
    let folder = lake("crawl");
    let output = sluice(&["crawl", "--data", &folder.to_string_lossy(), "s3://lake/raw/"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tables: serde_json::Value = serde_json::from_slice(&output.stdout).expect("the tables are JSON");
    let columns = tables["TableList"][0]["StorageDescriptor"]["Columns"]
        .as_array()
        .expect("a table has columns")
        .clone();
    let types: Vec<_> = columns
        .iter()
        .map(|column| (column["Name"].as_str().unwrap_or_default(), column["Type"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(types, [("id", "bigint"), ("fine", "bigint"), ("secret", "string"), ("province", "string")]);
}

#[test]
fn a_reader_that_leaves_is_no_panic() {
    let folder = lake("pipe");
    let mut child = Command::new(env!("CARGO_BIN_EXE_sluice"))
        .args(["crawl", "--data", &folder.to_string_lossy(), "s3://lake/raw/"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("sluice starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("sluice ends");
    assert!(
        !String::from_utf8_lossy(&output.stderr).contains("panicked"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_missing_object_is_an_error_that_names_it() {
    let folder = lake("missing");
    fs::remove_file(folder.join("lake/raw/tickets.csv")).expect("the file is there");
    let output = sluice(&["run", &folder.join("job.json").to_string_lossy(), "--data", &folder.to_string_lossy()]);
    assert!(!output.status.success());
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("s3://lake/raw/"), "{told}");
    assert!(!folder.join("lake/out").exists());
}
