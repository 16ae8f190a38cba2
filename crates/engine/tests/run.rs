//! Whole runs over small data: what comes out, under which names, with which counts.
#![allow(clippy::unwrap_used)]

mod common;

use std::io;
use std::rc::Rc;

use common::{Job, clock, csv_format, id, only_text};
use serde_json::json;
use sluice_core::account::{ObjectFormat, ObjectInput};
use sluice_core::etl::ReadMode;
use sluice_engine::{ByteSource, MemoryStore, PreviewCache, Run, Step, preview};
use sluice_protocol::{PreviewRequest, RunEnd};

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

fn typed_job() -> Job {
    let mut job = Job::default();
    job.source(
        "in",
        csv_format(true),
        ReadMode::Permissive,
        None,
        &[("in/a.csv", b"k,n,t\na,1,x\nb/c,2,y\n,3,\na,4,z\na,4,z\n")],
    );
    job.node(
        "types",
        json!({"ApplyMapping": {"mapping": [
            {"ToKey": "k", "FromPath": ["k"], "FromType": "string", "ToType": "string"},
            {"ToKey": "n", "FromPath": ["n"], "FromType": "string", "ToType": "long"},
            {"ToKey": "t", "FromPath": ["t"], "FromType": "string", "ToType": "string"}]}}),
        &["in"],
    );
    job
}

#[test]
fn every_compression_reads_back() {
    for compression in ["snappy", "gzip", "brotli", "lz4", "uncompressed", "none"] {
        let mut job = typed_job();
        job.node(
            "out",
            json!({"S3GlueParquetTarget": {"Path": "s3://lake/out", "Compression": compression}}),
            &["types"],
        );
        let (result, outputs) = job.run();
        assert_eq!(result.end, RunEnd::Succeeded, "{compression}");
        let mut back = Job::default();
        let bytes = outputs.values().next().unwrap();
        back.source("in", ObjectFormat::Parquet, ReadMode::Permissive, None, &[("in/a", bytes)]);
        back.csv_target("out", "in");
        let (_, outputs) = back.run();
        assert_eq!(
            only_text(&outputs),
            "k,n,t\n\"a\",1,\"x\"\n\"b/c\",2,\"y\"\n,3,\n\"a\",4,\"z\"\n\"a\",4,\"z\"\n",
            "{compression}"
        );
    }
    let mut job = typed_job();
    job.node(
        "out",
        json!({"S3GlueParquetTarget": {"Path": "s3://lake/out", "Compression": "lzo"}}),
        &["types"],
    );
    let (result, _) = job.run();
    let RunEnd::Failed(failure) = result.end else { panic!("{:?}", result.end) };
    assert_eq!((failure.error.node, failure.error.field.as_deref()), (Some(id("out")), Some("Compression")));
}

#[test]
fn partition_keys_become_folders() {
    let mut job = typed_job();
    job.node(
        "out",
        json!({"S3DirectTarget": {"Path": "s3://lake/out/", "Format": "csv", "PartitionKeys": [["k"], ["n"]]}}),
        &["types"],
    );
    let (result, outputs) = job.run();
    assert_eq!(result.end, RunEnd::Succeeded);
    let keys: Vec<&str> = outputs.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "out/k=__HIVE_DEFAULT_PARTITION__/n=3/run-1700000000000-part-r-00000",
            "out/k=a/n=1/run-1700000000000-part-r-00000",
            "out/k=a/n=4/run-1700000000000-part-r-00000",
            "out/k=b%2Fc/n=2/run-1700000000000-part-r-00000",
        ]
    );
    assert_eq!(outputs[keys[2]], b"t\n\"z\"\n\"z\"\n");
    let slash = result.outputs.iter().find(|output| output.key.contains("%2F")).unwrap();
    assert_eq!(slash.partition[0].value, "b/c");
    assert_eq!(slash.blob.size, outputs[keys[3]].len() as u64);
}

#[test]
fn more_partitions_than_open_files_go_on_in_further_parts() {
    let mut csv = String::from("k,v\n");
    for round in 0..2 {
        for k in 0..100 {
            csv.push_str(&format!("{k},{round}\n"));
        }
        // Enough rows between the rounds that they come in different batches.
        for i in 0..100_000 {
            csv.push_str(&format!("filler,{i}\n"));
        }
    }
    let mut job = Job::default();
    job.source("in", csv_format(true), ReadMode::Permissive, None, &[("in/a.csv", csv.as_bytes())]);
    job.node(
        "out",
        json!({"S3DirectTarget": {"Path": "s3://lake/out/", "Format": "json", "PartitionKeys": [["k"]]}}),
        &["in"],
    );
    let (result, outputs) = job.run();
    assert_eq!(result.end, RunEnd::Succeeded);
    assert_eq!(result.outputs.iter().map(|output| output.rows).sum::<u64>(), 200_200);
    assert_eq!(outputs["out/k=0/run-1700000000000-part-r-00000"], b"{\"v\":\"0\"}\n");
    assert_eq!(outputs["out/k=0/run-1700000000000-part-r-00001"], b"{\"v\":\"1\"}\n");
}

#[test]
fn fan_out_union_and_distinct() {
    let mut job = typed_job();
    job.node(
        "big",
        json!({"Filter": {"LogicalOperator": "AND", "Filters": [{"Operation": "GTE", "Values": [
            {"Type": "COLUMNEXTRACTED", "Value": ["n"]}, {"Type": "CONSTANT", "Value": ["3"]}]}]}}),
        &["types"],
    );
    job.node("both", json!({"Union": {"UnionType": "ALL"}}), &["types", "big"]);
    job.node("once", json!({"DropDuplicates": {"Columns": [["k"], ["n"]]}}), &["both"]);
    job.csv_target("all", "both");
    job.csv_target("unique", "once");
    let (result, outputs) = job.run();
    assert_eq!(result.end, RunEnd::Succeeded);
    let report = &result.report.nodes;
    assert_eq!(
        (report[&id("big")].rows_out, report[&id("both")].rows_out, report[&id("once")].rows_out),
        (3, 8, 4)
    );
    // In which order the inputs of a Union come is not promised, in Spark neither.
    let text = String::from_utf8_lossy(&outputs["unique/run-1700000000000-part-r-00000"]).into_owned();
    let mut lines: Vec<&str> = text.lines().skip(1).collect();
    lines.sort_unstable();
    assert_eq!(lines, ["\"a\",1,\"x\"", "\"a\",4,\"z\"", "\"b/c\",2,\"y\"", ",3,"]);
}

#[test]
fn columns_that_nobody_needs_are_not_read() {
    // The dropped column does not read as its type: it is not looked at, so no row is bad.
    let table = sluice_core::account::TableInput {
        columns: vec![
            sluice_core::etl::Field::new("a", sluice_core::etl::DataType::Long),
            sluice_core::etl::Field::new("b", sluice_core::etl::DataType::Long),
        ],
        partition_keys: Vec::new(),
        skip_lines: 0,
    };
    let mut job = Job::default();
    job.source("in", csv_format(false), ReadMode::Permissive, Some(table), &[("in/a.csv", b"1,x\n2,y\n")]);
    job.node("drop", json!({"DropFields": {"paths": [["b"]]}}), &["in"]);
    job.csv_target("out", "drop");
    let (result, outputs) = job.run();
    assert_eq!(result.report.nodes[&id("in")].bad_rows, 0);
    assert_eq!(only_text(&outputs), "a\n1\n2\n");
}

/// Rows without end.
struct Endless;

impl ByteSource for Endless {
    fn len(&self) -> u64 {
        1 << 40
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        for (at, byte) in buf.iter_mut().enumerate() {
            *byte = b"123,abcdefgh,xyz\n"[((offset + at as u64) % 17) as usize];
        }
        Ok(buf.len())
    }
}

#[test]
fn a_cancel_ends_the_run_and_leaves_no_output() {
    let mut job = Job::default();
    job.source("in", csv_format(false), ReadMode::Permissive, None, &[("in/a.csv", b"")]);
    job.parquet_target("out", "in");
    let store = MemoryStore::default();
    let open: sluice_engine::Open = Rc::new(|_: &ObjectInput| Ok(Rc::new(Endless) as Rc<dyn ByteSource>));
    let mut run = Run::new(job.plan(), open, Box::new(store.clone()), clock());
    for _ in 0..20 {
        assert!(matches!(run.step(&mut || false), Step::More));
    }
    let progress = run.progress(0);
    assert!(progress.nodes[&id("out")].rows_in > 100_000, "{progress:?}");
    run.cancel();
    let Step::Done(result) = run.step(&mut || true) else {
        panic!("the run goes on")
    };
    assert_eq!(result.end, RunEnd::Stopped);
    assert!(result.outputs.is_empty() && store.files.borrow().is_empty());
    assert!(result.report.nodes[&id("in")].rows_out > 100_000);
}

#[test]
fn a_preview_shows_rows_counts_and_errors_by_node() {
    let mut job = typed_job();
    job.node("bad", json!({"RenameField": {"SourcePath": ["nope"], "TargetPath": ["x"]}}), &["in"]);
    job.csv_target("out", "types");
    let request = |focus: &str, offset| PreviewRequest {
        graph: job.graph.clone(),
        inputs: job.inputs.clone(),
        limit: 20_000,
        focus: Some(id(focus)),
        offset,
        rows: 2,
    };
    let mut cache = PreviewCache::default();
    let reply = preview(&request("types", 1), &job.open(), &mut cache, &clock()).unwrap();
    let page = reply.output.unwrap();
    assert_eq!((page.total, page.offset, page.complete, page.rows.len()), (5, 1, true, 2));
    assert_eq!(page.rows[1], [None, Some("3".to_owned()), None]);
    let n = page.columns[1].profile.as_ref().unwrap();
    assert_eq!(
        (n.rows, n.nulls, n.distinct, n.min.as_deref(), n.max.as_deref()),
        (5, 0, Some(4), Some("1"), Some("4"))
    );
    assert_eq!(page.columns[0].profile.as_ref().unwrap().nulls, 1);
    assert_eq!(reply.input.unwrap().rows.len(), 2);
    assert!(reply.nodes[&id("bad")].error.is_some());
    assert_eq!((reply.nodes[&id("out")].rows_in, reply.nodes[&id("out")].error.is_none()), (5, true));
    let target = preview(&request("out", 0), &job.open(), &mut cache, &clock()).unwrap();
    assert_eq!(target.output.unwrap().total, 5);
}
