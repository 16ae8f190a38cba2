//! Whole runs over small data: what comes out, under which names, with which counts.

mod common;

use common::{Job, csv_format, id, only_text};
use serde_json::json;
use sluice_core::account::{ObjectFormat, TableInput};
use sluice_core::etl::{DataType, Field, ReadMode};
use sluice_protocol::RunEnd;

#[test]
fn the_lab_job_keeps_three_columns() {
    let mut job = Job::default();
    job.source(
        "in",
        csv_format(true),
        ReadMode::Permissive,
        None,
        &[("in/a.csv", b"tag,date,code,text\n1,20220131,5,\"PARK, LONG\"\n2,20220201,,\"\"\n")],
    );
    job.node("drop", json!({"DropFields": {"paths": [["tag"]]}}), &["in"]);
    job.parquet_target("out", "drop");
    let (result, outputs) = job.run();
    assert_eq!(result.end, RunEnd::Succeeded);
    let key = "out/run-1700000000000-part-block-0-r-00000-snappy.parquet";
    assert_eq!(outputs.keys().collect::<Vec<_>>(), [key]);
    let report = &result.report.nodes;
    assert_eq!((report[&id("in")].rows_out, report[&id("drop")].rows_in, report[&id("out")].rows_in), (2, 2, 2));
    assert_eq!(
        report[&id("out")].schema.iter().map(|field| field.name.as_str()).collect::<Vec<_>>(),
        ["date", "code", "text"]
    );

    let mut back = Job::default();
    back.source("in", ObjectFormat::Parquet, ReadMode::Permissive, None, &[("in/a.parquet", &outputs[key])]);
    back.json_target("out", "in");
    let (_, outputs) = back.run();
    assert_eq!(
        only_text(&outputs),
        "{\"date\":\"20220131\",\"code\":\"5\",\"text\":\"PARK, LONG\"}\n{\"date\":\"20220201\",\"text\":\"\"}\n"
    );
}
