//! CSV semantics and every kind of bad input: what a person sees.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Job, csv_format, id, only_text};
use sluice_core::account::{ObjectFormat, TableInput};
use sluice_core::etl::{DataType, Field, ReadMode};
use sluice_protocol::{RunEnd, TablePage};

fn read(format: ObjectFormat, mode: ReadMode, bytes: &[u8]) -> (sluice_engine::RunResult, String) {
    let mut job = Job::default();
    job.source("in", format, mode, None, &[("in/a.csv", bytes)]);
    job.json_target("out", "in");
    let (result, outputs) = job.run();
    let text = if outputs.is_empty() { String::new() } else { only_text(&outputs) };
    (result, text)
}

fn rows(bytes: &[u8]) -> String {
    let (result, text) = read(csv_format(true), ReadMode::Permissive, bytes);
    assert_eq!(result.end, RunEnd::Succeeded);
    assert_eq!(result.report.nodes[&id("in")].bad_rows, 0, "{:?}", result.report.nodes[&id("in")].bad_samples);
    text
}

fn multiline() -> ObjectFormat {
    ObjectFormat::Csv {
        delimiter: ',',
        quote: Some('"'),
        escape: None,
        header: true,
        multiline: true,
    }
}

#[test]
fn spark_reads_it_this_way() {
    for (what, csv, json) in [
        ("null and empty", "a,b\n,\"\"\n", "{\"b\":\"\"}\n"),
        ("crlf", "a,b\r\n1,2\r\n3,4\r\n", "{\"a\":\"1\",\"b\":\"2\"}\n{\"a\":\"3\",\"b\":\"4\"}\n"),
        ("cr", "a,b\r1,2\r3,4\r", "{\"a\":\"1\",\"b\":\"2\"}\n{\"a\":\"3\",\"b\":\"4\"}\n"),
        ("bom", "\u{feff}a,b\n1,2\n", "{\"a\":\"1\",\"b\":\"2\"}\n"),
        ("trailing delimiter", "a,b,\n1,2,\n", "{\"a\":\"1\",\"b\":\"2\"}\n"),
        ("no final newline", "a,b\n1,2", "{\"a\":\"1\",\"b\":\"2\"}\n"),
        (
            "blank lines",
            "\n\na,b\n\n1,2\n   \n3,4\n\n",
            "{\"a\":\"1\",\"b\":\"2\"}\n{\"a\":\"3\",\"b\":\"4\"}\n",
        ),
        ("quotes", "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", "{\"a\":\"x,y\",\"b\":\"say \\\"hi\\\"\"}\n"),
        ("spaces stay", "a,b\n x ,y \n", "{\"a\":\" x \",\"b\":\"y \"}\n"),
        (
            "duplicate names",
            "a,A,,b\n1,2,3,4\n",
            "{\"a0\":\"1\",\"A1\":\"2\",\"_c2\":\"3\",\"b\":\"4\"}\n",
        ),
        ("utf-8", "é,b\nü,😀\n", "{\"é\":\"ü\",\"b\":\"😀\"}\n"),
    ] {
        assert_eq!(rows(csv.as_bytes()), json, "{what}");
    }
}

#[test]
fn without_header_columns_are_numbered() {
    let (_, text) = read(csv_format(false), ReadMode::Permissive, b"x,y\n1,\n");
    assert_eq!(text, "{\"col0\":\"x\",\"col1\":\"y\"}\n{\"col0\":\"1\"}\n");
}

#[test]
fn empty_and_header_only_files_have_no_rows() {
    let (result, text) = read(csv_format(true), ReadMode::Permissive, b"");
    assert_eq!((&result.end, text.as_str()), (&RunEnd::Succeeded, ""));
    assert!(result.report.nodes[&id("in")].schema.is_empty());
    let (result, text) = read(csv_format(true), ReadMode::Permissive, b"a,b\n");
    assert_eq!((&result.end, text.as_str()), (&RunEnd::Succeeded, ""));
    assert_eq!(result.report.nodes[&id("in")].schema.len(), 2);
}

#[test]
fn ragged_rows_by_mode() {
    let csv = b"a,b\n1\n1,2,3\n4,5\n";
    let (result, text) = read(csv_format(true), ReadMode::Permissive, csv);
    assert_eq!(text, "{\"a\":\"1\"}\n{\"a\":\"1\",\"b\":\"2\"}\n{\"a\":\"4\",\"b\":\"5\"}\n");
    let report = &result.report.nodes[&id("in")];
    assert_eq!(report.bad_rows, 2);
    let lines: Vec<_> = report.bad_samples.iter().map(|row| (row.line, row.raw.as_str(), row.key.as_str())).collect();
    assert_eq!(lines, [(2, "1", "in/a.csv"), (3, "1,2,3", "in/a.csv")]);
    assert!(report.bad_samples[0].reason.contains("1 fields where 2"));

    let (result, text) = read(csv_format(true), ReadMode::DropMalformed, csv);
    assert_eq!(text, "{\"a\":\"4\",\"b\":\"5\"}\n");
    assert_eq!(result.report.nodes[&id("in")].bad_rows, 2);

    let (result, text) = read(csv_format(true), ReadMode::FailFast, csv);
    assert_eq!(text, "");
    let RunEnd::Failed(failure) = result.end else { panic!("{:?}", result.end) };
    assert_eq!(failure.error.node, Some(id("in")));
    assert!(failure.error.message.starts_with("s3://lake/in/a.csv: line 2"), "{}", failure.error.message);
    assert_eq!(failure.row.map(|row| (row.line, row.raw)), Some((2, "1".to_owned())));
}

fn one_bad(format: ObjectFormat, bytes: &[u8]) -> (String, u64, String) {
    let (result, text) = read(format, ReadMode::Permissive, bytes);
    assert_eq!(result.end, RunEnd::Succeeded);
    let report = &result.report.nodes[&id("in")];
    assert_eq!(report.bad_rows, 1, "{:?}", report.bad_samples);
    (text, report.bad_samples[0].line, report.bad_samples[0].reason.clone())
}

#[test]
fn a_quote_left_open_ends_with_its_line() {
    let (text, line, reason) = one_bad(csv_format(true), b"a,b\n1,\"x\n2,y\n");
    assert_eq!(text, "{\"a\":\"1\",\"b\":\"x\"}\n{\"a\":\"2\",\"b\":\"y\"}\n");
    assert_eq!(line, 2);
    assert!(reason.contains("not closed on this line"));
}

#[test]
fn multiline_quotes() {
    let (result, text) = read(multiline(), ReadMode::Permissive, b"a,b\n1,\"x\ny\"\n2,z\n");
    assert_eq!(text, "{\"a\":\"1\",\"b\":\"x\\ny\"}\n{\"a\":\"2\",\"b\":\"z\"}\n");
    assert_eq!(result.report.nodes[&id("in")].bad_rows, 0);
    let (text, line, reason) = one_bad(multiline(), b"a,b\n1,\"x\n2,y\n");
    assert_eq!(text, "{\"a\":\"1\",\"b\":\"x\"}\n{\"a\":\"2\",\"b\":\"y\"}\n");
    assert_eq!(line, 2);
    assert!(reason.contains("end of the file"));
}

#[test]
fn nul_and_invalid_utf8_are_told() {
    let (text, line, reason) = one_bad(csv_format(true), b"a,b\n1,x\0y\n2,z\n");
    assert_eq!(text, "{\"a\":\"1\",\"b\":\"x\\u0000y\"}\n{\"a\":\"2\",\"b\":\"z\"}\n");
    assert!(line == 2 && reason.contains("NUL"));
    let (text, line, reason) = one_bad(csv_format(true), b"a,b\n1,x\n2,\xff\n");
    assert_eq!(text, "{\"a\":\"1\",\"b\":\"x\"}\n{\"a\":\"2\",\"b\":\"\u{fffd}\"}\n");
    assert!(line == 3 && reason.contains("UTF-8"));
}

#[test]
fn utf16_is_refused_by_name() {
    for bytes in [
        b"\xff\xfea\0,\0b\0\n\0".to_vec(),
        "code,name\r\n1,x\r\n".encode_utf16().flat_map(u16::to_be_bytes).collect(),
    ] {
        let (result, _) = read(csv_format(true), ReadMode::Permissive, &bytes);
        let RunEnd::Failed(failure) = result.end else { panic!("{:?}", result.end) };
        assert!(
            failure.error.message.starts_with("s3://lake/in/a.csv: ") && failure.error.message.contains("UTF-16"),
            "{}",
            failure.error.message
        );
    }
}

fn sniffed(format: ObjectFormat, bytes: &[u8]) -> Result<Vec<String>, String> {
    let mut job = Job::default();
    job.source("in", format, ReadMode::Permissive, None, &[("in/a.csv", bytes)]);
    let request = sluice_protocol::SniffRequest {
        node: id("in"),
        source: job.inputs[&id("in")].clone(),
    };
    match sluice_engine::sniff(&request, &job.open()) {
        Ok(reply) => Ok(reply.columns.into_iter().map(|field| field.name).collect()),
        Err(error) => {
            assert_eq!(error.node, Some(id("in")));
            Err(error.message)
        }
    }
}

#[test]
fn parquet_is_not_read_as_text() {
    let mut job = Job::default();
    job.source("in", csv_format(true), ReadMode::Permissive, None, &[("in/a.csv", b"a,b\n1,2\n3,4\n")]);
    job.node("out", serde_json::json!({"S3GlueParquetTarget": {"Path": "s3://lake/out/"}}), &["in"]);
    let (_, outputs) = job.run();
    let (_, parquet) = outputs.iter().next().expect("one file");
    assert!(parquet.starts_with(b"PAR1"));
    for (format, expected) in [
        (csv_format(true), "CSV"),
        (multiline(), "CSV"),
        (ObjectFormat::Json { multiline: false }, "JSON"),
    ] {
        let message = format!("s3://lake/in/a.csv: this is a Parquet file, not {expected}");
        assert_eq!(sniffed(format.clone(), parquet), Err(message.clone()));
        let mut job = Job::default();
        job.source("in", format.clone(), ReadMode::Permissive, None, &[("in/a.csv", parquet)]);
        job.json_target("out", "in");
        let request = sluice_protocol::PreviewRequest {
            graph: job.graph.clone(),
            inputs: job.inputs.clone(),
            limit: 100,
            focus: Some(id("in")),
            offset: 0,
            rows: 10,
        };
        let reply = sluice_engine::preview(&request, &job.open(), &mut Default::default(), &common::clock()).unwrap();
        assert_eq!(
            reply.nodes[&id("in")].error.as_ref().map(|error| error.message.as_str()),
            Some(message.as_str())
        );
        let (result, _) = read(format, ReadMode::Permissive, parquet);
        let RunEnd::Failed(failure) = result.end else { panic!("{:?}", result.end) };
        assert_eq!((failure.error.node, failure.error.message), (Some(id("in")), message));
    }
    // A column may be called that.
    assert_eq!(sniffed(csv_format(true), b"PAR1,PAR2\n1,2\n"), Ok(vec!["PAR1".to_owned(), "PAR2".to_owned()]));
}

#[test]
fn a_ten_megabyte_line_is_one_bad_row() {
    let mut bytes = b"a,b\n1,2\n".to_vec();
    bytes.extend(std::iter::repeat_n(b'x', 10 << 20));
    bytes.extend_from_slice(b",9\n3,4\n");
    let (text, line, reason) = one_bad(csv_format(true), &bytes);
    assert_eq!(text, "{\"a\":\"1\",\"b\":\"2\"}\n{}\n{\"a\":\"3\",\"b\":\"4\"}\n");
    assert_eq!(line, 3);
    assert!(reason.contains("longer than 8 MiB"), "{reason}");
}

#[test]
fn columns_have_a_limit() {
    let wide = |n: usize| {
        let mut bytes = (0..n).map(|i| format!("c{i}")).collect::<Vec<_>>().join(",").into_bytes();
        bytes.push(b'\n');
        bytes.extend((0..n).map(|_| "1").collect::<Vec<_>>().join(",").into_bytes());
        bytes.push(b'\n');
        bytes
    };
    let (result, _) = read(csv_format(true), ReadMode::Permissive, &wide(5_000));
    assert_eq!(result.end, RunEnd::Succeeded);
    assert_eq!(result.report.nodes[&id("in")].schema.len(), 5_000);
    let (result, _) = read(csv_format(true), ReadMode::Permissive, &wide(20_481));
    let RunEnd::Failed(failure) = result.end else { panic!("{:?}", result.end) };
    assert!(failure.error.message.contains("20480"), "{}", failure.error.message);
}

#[test]
fn a_catalog_table_reads_by_position_with_its_types() {
    let table = TableInput {
        columns: vec![
            Field::new("n", DataType::Long),
            Field::new("s", DataType::String),
            Field::new("d", DataType::Double),
        ],
        partition_keys: vec![Field::new("year", DataType::String)],
        skip_lines: 1,
    };
    let format = ObjectFormat::Csv {
        delimiter: ',',
        quote: None,
        escape: None,
        header: true,
        multiline: false,
    };
    let run = |mode| {
        let mut job = Job::default();
        job.source(
            "in",
            format.clone(),
            mode,
            Some(table.clone()),
            &[("in/year=2022/a.csv", b"x,y,z\n1,\"q\",1.5\n\\N,,2\nten,t,3\n,u,\n")],
        );
        job.json_target("out", "in");
        let (result, outputs) = job.run();
        assert_eq!(result.end, RunEnd::Succeeded);
        (result.report.nodes[&id("in")].bad_rows, only_text(&outputs))
    };
    let good = "{\"n\":1,\"s\":\"\\\"q\\\"\",\"d\":1.5,\"year\":\"2022\"}\n{\"s\":\"\",\"d\":2.0,\"year\":\"2022\"}\n";
    let last = "{\"s\":\"u\",\"year\":\"2022\"}\n";
    assert_eq!(
        run(ReadMode::Permissive),
        (1, format!("{good}{{\"s\":\"t\",\"d\":3.0,\"year\":\"2022\"}}\n{last}"))
    );
    assert_eq!(run(ReadMode::DropMalformed), (1, format!("{good}{last}")));
}

#[test]
fn columns_of_several_files_go_by_name() {
    let mut job = Job::default();
    job.source(
        "in",
        csv_format(true),
        ReadMode::Permissive,
        None,
        &[("in/a.csv", b"a,b\n1,2\n"), ("in/b.csv", b"b,c\n3,4\n"), ("in/c.csv", b"")],
    );
    job.json_target("out", "in");
    let (_, outputs) = job.run();
    assert_eq!(only_text(&outputs), "{\"a\":\"1\",\"b\":\"2\"}\n{\"b\":\"3\",\"c\":\"4\"}\n");
}

#[test]
fn compressed_files_are_seen_through() {
    use std::io::Write;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(b"a,b\n1,2\n").unwrap();
    assert_eq!(rows(&gzip.finish().unwrap()), "{\"a\":\"1\",\"b\":\"2\"}\n");
    let mut bzip = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    bzip.write_all(b"a,b\n1,2\n").unwrap();
    assert_eq!(rows(&bzip.finish().unwrap()), "{\"a\":\"1\",\"b\":\"2\"}\n");
}

#[test]
fn regions_do_not_show_in_the_rows() {
    // Records of many lengths, so that they lie across the reader's regions in every way; CRLF, quotes and line ends in quotes.
    let mut csv = String::from("a,b\r\n");
    let mut expected = String::new();
    for i in 0..60_000u32 {
        let filler = "x".repeat((i % 97) as usize);
        if i % 7 == 0 {
            csv.push_str(&format!("{i},\"{filler}\n,\"\"é\"\r\n"));
            expected.push_str(&format!("{{\"a\":\"{i}\",\"b\":\"{filler}\\n,\\\"é\"}}\n"));
        } else {
            csv.push_str(&format!("{i},{filler}y\r\n"));
            expected.push_str(&format!("{{\"a\":\"{i}\",\"b\":\"{filler}y\"}}\n"));
        }
    }
    let (result, text) = read(multiline(), ReadMode::Permissive, csv.as_bytes());
    assert_eq!(result.report.nodes[&id("in")].bad_rows, 0);
    assert!(text == expected);
}

fn peek(key: &str, bytes: &[u8], offset: u64, rows: u32) -> Result<sluice_protocol::PeekReply, String> {
    let mut job = Job::default();
    job.source("in", csv_format(true), ReadMode::Permissive, None, &[(key, bytes)]);
    let request = sluice_protocol::PeekRequest {
        object: job.inputs[&id("in")].objects[0].clone(),
        format: None,
        offset,
        rows,
    };
    sluice_engine::peek(&request, &job.open()).map_err(|error| error.message)
}

fn names(page: &TablePage) -> Vec<&str> {
    page.columns.iter().map(|column| column.name.as_str()).collect()
}

#[test]
fn any_object_can_be_looked_at() {
    let reply = peek("a.txt", b"name;n\nx;1\ny;\n", 1, 10).unwrap();
    assert_eq!(names(&reply.page), ["name", "n"]);
    assert_eq!(reply.page.rows, [vec![Some("y".to_owned()), None]]);
    assert_eq!((reply.page.total, reply.page.complete), (2, true));
    let reply = peek("a.json", b"{\"a\":1}\n{\"a\":2,\"b\":[1,2]}\n", 0, 10).unwrap();
    assert_eq!(names(&reply.page), ["a", "b"]);
    assert_eq!(reply.page.rows[1][1].as_deref(), Some("[1, 2]"));
    let reply = peek("a.json", b"[{\"a\":1},\n {\"a\":{\"x\":\"]\"}}]", 0, 10).unwrap();
    assert_eq!(reply.page.total, 2);
    let reply = peek("a.csv", b"a,b\n1,x\0y\n", 0, 10).unwrap();
    assert_eq!((reply.page.total, reply.bad_rows), (1, 1));
    let error = peek("a.csv", &vec![b'x'; 9 << 20], 0, 10).unwrap_err();
    assert_eq!(error.matches("s3://lake/a.csv: ").count(), 1, "{error}");
    let reply = peek("empty", b"", 0, 10).unwrap();
    assert_eq!((reply.page.total, reply.page.columns.len()), (0, 0));
    assert!(peek("a.bin", &[1, 2, 3, 0, 0, 7, 8, 9, 1, 1, 1, 1, 14, 15], 0, 10).is_err());
    for (bytes, reason) in [(&b"PAR1"[..], "cut short"), (b"PAR1 and then it goes on for a while", "does not end with PAR1")] {
        let error = peek("a.parquet", bytes, 0, 10).unwrap_err();
        assert!(error.starts_with("s3://lake/a.parquet: ") && error.contains(reason), "{error}");
    }
}

#[test]
fn damaged_parquet_sources_name_the_object() {
    for (bytes, reason) in [
        (&b""[..], "0 bytes"),
        (b"a,b\n1,2\n", "no Parquet file"),
        (b"PAR1xxxxxxxxxxxx", "does not end with PAR1"),
        (b"PAR1xxxx\xff\xff\xff\x7fPAR1", "footer"),
    ] {
        let mut job = Job::default();
        job.source("in", ObjectFormat::Parquet, ReadMode::Permissive, None, &[("in/a.parquet", bytes)]);
        job.json_target("out", "in");
        let (result, _) = job.run();
        let RunEnd::Failed(failure) = result.end else { panic!("{:?}", result.end) };
        assert_eq!(failure.error.node, Some(id("in")));
        assert!(
            failure.error.message.starts_with("s3://lake/in/a.parquet: ") && failure.error.message.contains(reason),
            "{}",
            failure.error.message
        );
    }
}
