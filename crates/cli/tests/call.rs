//! Sessions of `sluice call`, as a script holds them.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// A folder that is gone when the test ends.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sluice-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).expect("the temporary folder can be made");
        Folder(path)
    }

    fn account(&self) -> PathBuf {
        self.0.join("account")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn session(account: Option<&Path>, input: &str) -> Vec<Value> {
    let (status, lines, errors) = run(account, input);
    assert!(status, "{errors}");
    lines
}

fn run(account: Option<&Path>, input: &str) -> (bool, Vec<Value>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluice"));
    command.arg("call");
    if let Some(path) = account {
        command.arg("--account").arg(path);
    }
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A process that ends early closes the pipe; its status says why.
    let _ = child.stdin.take().expect("standard input is piped").write_all(input.as_bytes());
    let output = child.wait_with_output().expect("the program ends");
    let text = String::from_utf8(output.stdout).expect("answers are text");
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("each answer is one line of JSON"))
        .collect();
    (output.status.success(), lines, String::from_utf8_lossy(&output.stderr).into_owned())
}

fn call(service: &str, operation: &str, params: Value) -> String {
    format!("{}\n", json!({ "service": service, "operation": operation, "params": params }))
}

#[test]
fn each_line_is_answered_in_order_and_a_bad_one_ends_nothing() {
    let input = [
        call("s3", "CreateBucket", json!({ "Bucket": "parking" })),
        "this is no JSON\n".to_owned(),
        "[1, 2]\n".to_owned(),
        "\n".to_owned(),
        call("s3", "PutObject", json!({ "Bucket": "parking", "Key": "hello.txt", "Body": "aGVsbG8=" })),
        call("s3", "PutObject", json!({ "Bucket": "parking", "Key": "bad", "Body": "***" })),
        call("s3", "GetObject", json!({ "Bucket": "parking", "Key": "hello.txt" })),
        call("s3", "GetObject", json!({ "Bucket": "parking", "Key": "missing" })),
        call("s3", "NoSuchOperation", json!({})),
        "{\"service\":\"s3\",\"operation\":\"ListBuckets\"}\n".to_owned(),
        "{\"service\":\"s3\",\"operation\":\"ListBuckets\",\"As\":\"anonymous\"}".to_owned(),
    ]
    .concat();
    let answers = session(None, &input);
    assert_eq!(answers.len(), 10, "an empty line is no call");
    let code = |index: usize| answers[index]["error"]["code"].as_str().unwrap_or_default().to_owned();
    assert!(answers[0]["response"].is_object(), "{}", answers[0]);
    assert_eq!([code(1), code(2)], ["SerializationException", "SerializationException"]);
    assert_eq!(answers[3]["response"]["ETag"], "\"5d41402abc4b2a76b9719d911017c592\"");
    assert_eq!(code(4), "ParamValidation");
    assert_eq!(answers[5]["response"]["Body"], "aGVsbG8=");
    assert_eq!(code(6), "NoSuchKey");
    assert_eq!(code(7), "NotImplemented");
    assert_eq!(answers[8]["response"]["Buckets"][0]["Name"], "parking");
    assert!(
        answers[9]["error"]["message"].as_str().is_some_and(|text| text.contains("no member \"As\"")),
        "{}",
        answers[9]
    );
}

#[test]
fn bytes_that_are_no_text_are_answered_too() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sluice"))
        .arg("call")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    child
        .stdin
        .take()
        .expect("standard input is piped")
        .write_all(b"\xff\xfe\0\n{\"service\":\"s3\",\"operation\":\"ListBuckets\",\"params\":{}}\n")
        .expect("it listens");
    let output = child.wait_with_output().expect("the program ends");
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).expect("answers are text");
    let kinds: Vec<bool> = text.lines().map(|line| line.starts_with("{\"response\"")).collect();
    assert_eq!(kinds, [false, true]);
}

#[test]
fn the_clock_starts_in_2026_and_moves_only_when_told() {
    let time = || call("clock", "GetTime", json!({}));
    let input = [time(), time(), call("clock", "Advance", json!({ "Seconds": 90 })), time()].concat();
    let times: Vec<Value> = session(None, &input).into_iter().map(|answer| answer["response"]["Time"].clone()).collect();
    assert_eq!(times[0], "2026-01-01T00:00:00Z");
    assert_eq!(times[1], "2026-01-01T00:00:00Z");
    assert_eq!(times[3], "2026-01-01T00:01:30Z");
}

#[test]
fn an_account_is_kept_between_processes() {
    let folder = Folder::new("kept");
    let first = [
        call("s3", "CreateBucket", json!({ "Bucket": "parking" })),
        call("s3", "PutObject", json!({ "Bucket": "parking", "Key": "a.csv", "Body": "YSxiCg==" })),
        call("clock", "Advance", json!({ "Seconds": 60 })),
    ]
    .concat();
    session(Some(&folder.account()), &first);
    let second = [
        call("s3", "GetObject", json!({ "Bucket": "parking", "Key": "a.csv" })),
        call("clock", "GetTime", json!({})),
        call("s3", "ListBuckets", json!({})),
        call("cloudtrail", "LookupEvents", json!({})),
    ]
    .concat();
    let answers = session(Some(&folder.account()), &second);
    assert_eq!(answers[0]["response"]["Body"], "YSxiCg==");
    assert_eq!(answers[1]["response"]["Time"], "2026-01-01T00:01:00Z");
    assert_eq!(answers[2]["response"]["Buckets"].as_array().map(Vec::len), Some(1));
    assert!(answers[3]["response"]["Events"].as_array().is_some_and(|events| !events.is_empty()));
}

#[test]
fn a_file_that_mktemp_made_becomes_the_account_and_any_other_file_is_left_alone() {
    let folder = Folder::new("file");
    let empty = folder.0.join("empty");
    std::fs::write(&empty, b"").expect("a file can be written");
    session(Some(&empty), &call("s3", "CreateBucket", json!({ "Bucket": "parking" })));
    let answers = session(Some(&empty), &call("s3", "ListBuckets", json!({})));
    assert_eq!(answers[0]["response"]["Buckets"][0]["Name"], "parking");

    let notes = folder.0.join("notes.txt");
    std::fs::write(&notes, b"dear diary").expect("a file can be written");
    let (done, lines, errors) = run(Some(&notes), &call("s3", "ListBuckets", json!({})));
    assert!(!done && lines.is_empty());
    assert!(errors.contains("notes.txt"), "{errors}");
    assert_eq!(std::fs::read(&notes).expect("it is still there"), b"dear diary");
}

#[test]
fn a_log_whose_tail_is_torn_opens_without_it() {
    let folder = Folder::new("torn");
    let create = |name: &str| call("s3", "CreateBucket", json!({ "Bucket": name }));
    session(Some(&folder.account()), &[create("first-bucket"), create("second-bucket")].concat());
    let log = folder.account().join("log");
    let bytes = std::fs::read(&log).expect("the log is there");
    std::fs::write(&log, &bytes[..bytes.len() - 5]).expect("it can be written");
    let answers = session(Some(&folder.account()), &call("s3", "ListBuckets", json!({})));
    let buckets = answers[0]["response"]["Buckets"].as_array().cloned().unwrap_or_default();
    assert_eq!(buckets.len(), 1);
    assert_eq!(buckets[0]["Name"], "first-bucket");
}

#[test]
fn help_is_printed_and_an_unknown_command_is_refused() {
    let sluice = |arguments: &[&str]| Command::new(env!("CARGO_BIN_EXE_sluice")).args(arguments).output().expect("the program runs");
    let help = sluice(&["help"]);
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).contains("sluice call"));
    let unknown = sluice(&["fly"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("fly"));
    assert_eq!(sluice(&["call", "--acount", "x"]).status.code(), Some(2));
}

/// A job from a CSV source to a Parquet target, run before the next line is read.
fn job_session() -> String {
    let role = json!({ "RoleName": "GlueRole", "AssumeRolePolicyDocument": "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"glue.amazonaws.com\"},\"Action\":\"sts:AssumeRole\"}]}" });
    let nodes = json!({
        "source": { "S3CsvSource": {
            "Name": "Tickets", "Paths": ["s3://parking/in/"], "Separator": "comma", "QuoteChar": "quote", "WithHeader": true, "Recurse": true
        } },
        "target": { "S3GlueParquetTarget": { "Name": "Results", "Inputs": ["source"], "Path": "s3://parking/out/", "Compression": "snappy" } }
    });
    let job = json!({
        "Name": "tickets", "Role": "arn:aws:iam::123456789012:role/GlueRole", "Command": { "Name": "glueetl", "ScriptLocation": "s3://parking/script.py" },
        "CodeGenConfigurationNodes": nodes
    });
    [
        call("s3", "CreateBucket", json!({ "Bucket": "parking" })),
        call(
            "s3",
            "PutObject",
            json!({ "Bucket": "parking", "Key": "in/tickets.csv", "Body": "YSxiCjEsMgozLDQK" }),
        ),
        call("iam", "CreateRole", role),
        call("glue", "CreateDatabase", json!({ "DatabaseInput": { "Name": "parking" } })),
        call(
            "glue",
            "CreateCrawler",
            json!({ "Name": "tickets", "Role": "GlueRole", "DatabaseName": "parking", "Targets": { "S3Targets": [{ "Path": "s3://parking/in/" }] } }),
        ),
        call("glue", "StartCrawler", json!({ "Name": "tickets" })),
        call("glue", "GetTables", json!({ "DatabaseName": "parking" })),
        call("glue", "CreateJob", job),
        call("glue", "StartJobRun", json!({ "JobName": "tickets" })),
        call("glue", "GetJobRuns", json!({ "JobName": "tickets" })),
        call("s3", "ListObjectsV2", json!({ "Bucket": "parking", "Prefix": "out/" })),
    ]
    .concat()
}

#[test]
fn crawls_and_runs_are_done_before_the_next_line_is_read() {
    let folder = Folder::new("run");
    for account in [None, Some(folder.account())] {
        let answers = session(account.as_deref(), &job_session());
        let refused: Vec<&Value> = answers.iter().filter(|answer| answer.get("error").is_some()).collect();
        assert!(refused.is_empty(), "{refused:?}");
        let tables = &answers[6]["response"]["TableList"];
        assert_eq!(
            tables[0]["StorageDescriptor"]["Columns"],
            json!([{ "Name": "a", "Type": "bigint" }, { "Name": "b", "Type": "bigint" }])
        );
        let run = &answers[9]["response"]["JobRuns"][0];
        assert_eq!(run["JobRunState"], "SUCCEEDED", "{run}");
        let outputs = answers[10]["response"]["Contents"].as_array().cloned().unwrap_or_default();
        assert_eq!(outputs.len(), 1, "{}", answers[10]);
        let Some(account) = account else { continue };
        let key = &outputs[0]["Key"];
        let again = session(Some(&account), &call("s3", "GetObject", json!({ "Bucket": "parking", "Key": key })));
        // "PAR1" in base64, at the front of the file.
        assert!(
            again[0]["response"]["Body"].as_str().is_some_and(|body| body.starts_with("UEFSM")),
            "{}",
            again[0]
        );
        let left = std::fs::read_dir(account.join("tmp")).expect("the folder is there").count();
        assert_eq!(left, 0, "nothing is left of what was being written");
    }
}

/// What a run writes is sealed as its bucket says, and so is what it reads.
#[test]
fn a_run_reads_and_writes_what_rests_encrypted() {
    let folder = Folder::new("sealed-run");
    let account = folder.account();
    let rule = json!({ "ApplyServerSideEncryptionByDefault": { "SSEAlgorithm": "aws:kms:dsse" } });
    let rules = json!({ "Bucket": "parking", "ServerSideEncryptionConfiguration": { "Rules": [rule] } });
    let lines = job_session();
    let (first, rest) = lines.split_once('\n').expect("several lines");
    let answers = session(Some(&account), &[first, "\n", &call("s3", "PutBucketEncryption", rules), rest].concat());
    assert_eq!(answers[10]["response"]["JobRuns"][0]["JobRunState"], "SUCCEEDED", "{}", answers[10]);
    let key = &answers[11]["response"]["Contents"][0]["Key"];
    let head = session(Some(&account), &call("s3", "GetObject", json!({ "Bucket": "parking", "Key": key })));
    let response = &head[0]["response"];
    assert_eq!(response["ServerSideEncryption"], "aws:kms:dsse", "{response}");
    assert!(response["Body"].as_str().is_some_and(|body| body.starts_with("UEFSM")), "{response}");
    let blobs: Vec<Vec<u8>> = std::fs::read_dir(account.join("blobs"))
        .expect("the account has blobs")
        .map(|entry| std::fs::read(entry.expect("an entry").path()).expect("a blob can be read"))
        .collect();
    assert!(blobs.len() >= 2);
    for blob in blobs {
        assert!(!blob.starts_with(b"PAR1") && !blob.starts_with(b"a,b"), "{} bytes rest as they are", blob.len());
    }
}

#[test]
fn a_delivery_stream_writes_parquet_that_a_crawler_and_a_job_read() {
    let folder = Folder::new("parquet");
    let role = "arn:aws:iam::123456789012:role/hose";
    let columns = json!([{"Name": "id", "Type": "int"}, {"Name": "name", "Type": "string"}, {"Name": "at", "Type": "timestamp"},
        {"Name": "price", "Type": "decimal(6,2)"}, {"Name": "place", "Type": "struct<lat:double,lon:double>"}, {"Name": "tags", "Type": "array<string>"}]);
    let conversion = json!({
        "SchemaConfiguration": {"DatabaseName": "lake", "TableName": "clicks", "RoleARN": role, "Region": "us-east-1"},
        "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
        "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {"Compression": "SNAPPY"}}},
    });
    let destination = json!({"RoleARN": role, "BucketARN": "arn:aws:s3:::lake", "Prefix": "clicks/", "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
        "DataFormatConversionConfiguration": conversion});
    let put = |data: &str| {
        let record = json!({"Data": STANDARD.encode(data)});
        call("firehose", "PutRecord", json!({"DeliveryStreamName": "d", "Record": record}))
    };
    let job = json!({"Name": "read", "Role": "arn:aws:iam::123456789012:role/GlueRole", "Command": {"Name": "glueetl", "ScriptLocation": "s3://lake/script.py"}, "CodeGenConfigurationNodes": {
        "node-1": {"S3ParquetSource": {"Name": "in", "Paths": ["s3://lake/clicks/"], "Recurse": true}},
        "node-2": {"SelectFields": {"Name": "few", "Inputs": ["node-1"], "Paths": [["id"], ["name"], ["at"], ["price"]]}},
        "node-3": {"S3DirectTarget": {"Name": "out", "Inputs": ["node-2"], "Path": "s3://lake/out/", "Format": "csv"}}}});
    let trust =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "glue.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let input = [
        call("s3", "CreateBucket", json!({"Bucket": "lake"})),
        call(
            "iam",
            "CreateRole",
            json!({"RoleName": "GlueRole", "AssumeRolePolicyDocument": trust.to_string()}),
        ),
        call("glue", "CreateDatabase", json!({"DatabaseInput": {"Name": "lake"}})),
        call(
            "glue",
            "CreateTable",
            json!({"DatabaseName": "lake", "TableInput": {"Name": "clicks", "StorageDescriptor": {"Columns": columns, "Location": "s3://lake/clicks/"}}}),
        ),
        call(
            "firehose",
            "CreateDeliveryStream",
            json!({"DeliveryStreamName": "d", "ExtendedS3DestinationConfiguration": destination}),
        ),
        call("clock", "Advance", json!({"Seconds": 30})),
        put(r#"{"ID":1,"name":"a","at":"2026-01-02 03:04:05","price":"1.50","place":{"lon":1,"lat":2},"tags":["x","y"]}"#),
        put(r#"{"id":2,"price":3}{"id":3}"#),
        put(r#"{"id":"four"}"#),
        call("clock", "Advance", json!({"Seconds": 100})),
        call("sluice", "GetDelivery", json!({"DeliveryStreamName": "d"})),
        call("s3", "ListObjectsV2", json!({"Bucket": "lake"})),
        call("glue", "CreateDatabase", json!({"DatabaseInput": {"Name": "found"}})),
        call(
            "glue",
            "CreateCrawler",
            json!({"Name": "c", "Role": "GlueRole", "DatabaseName": "found", "Targets": {"S3Targets": [{"Path": "s3://lake/clicks/"}]}}),
        ),
        call("glue", "StartCrawler", json!({"Name": "c"})),
        call("glue", "GetTables", json!({"DatabaseName": "found"})),
        call("glue", "CreateJob", job),
        call("glue", "StartJobRun", json!({"JobName": "read"})),
        call("glue", "GetJobRuns", json!({"JobName": "read"})),
        call("s3", "ListObjectsV2", json!({"Bucket": "lake", "Prefix": "out/"})),
    ]
    .concat();
    let account = folder.account();
    let lines = session(Some(&account), &input);
    for line in &lines {
        assert!(line["response"].is_object(), "{line}");
    }
    let counts = &lines[10]["response"]["Counts"];
    assert_eq!((&counts["Delivered"], &counts["InErrorObjects"]), (&json!(2), &json!(1)), "{}", lines[10]);
    let keys = |line: &Value| -> Vec<String> {
        let contents = line["response"]["Contents"].as_array().cloned().unwrap_or_default();
        contents.iter().filter_map(|object| object["Key"].as_str().map(str::to_owned)).collect()
    };
    let found = keys(&lines[11]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(
        found[0].starts_with("clicks/2026/01/01/00/d-1-2026-01-01-00-00-30-") && found[0].ends_with(".parquet"),
        "{found:?}"
    );
    assert!(found[1].starts_with("format-conversion-failed/"), "{found:?}");
    let table = &lines[15]["response"]["TableList"][0];
    assert_eq!(table["Parameters"]["classification"], "parquet", "{table}");
    let types: Vec<(&str, &str)> = table["StorageDescriptor"]["Columns"]
        .as_array()
        .expect("columns")
        .iter()
        .map(|column| (column["Name"].as_str().expect("a name"), column["Type"].as_str().expect("a type")))
        .collect();
    assert_eq!(
        types,
        [
            ("id", "int"),
            ("name", "string"),
            ("at", "timestamp"),
            ("price", "decimal(6,2)"),
            ("place", "struct<lat:double,lon:double>"),
            ("tags", "array<string>")
        ]
    );
    assert_eq!(lines[18]["response"]["JobRuns"][0]["JobRunState"], "SUCCEEDED", "{}", lines[18]);
    let out = keys(&lines[19]);
    let get = |key: &str| call("s3", "GetObject", json!({"Bucket": "lake", "Key": key}));
    let bodies = session(Some(&account), &[get(&out[0]), get(&found[0]), get(&found[1])].concat());
    let body = |index: usize| {
        let text = bodies[index]["response"]["Body"].as_str().expect("a body");
        STANDARD.decode(text).expect("base64")
    };
    let csv = String::from_utf8(body(0)).expect("a CSV is text");
    assert_eq!(csv, "id,name,at,price\n1,\"a\",\"2026-01-02 03:04:05\",1.50\n2,,,3.00\n3,,,\n");
    assert!(body(1).starts_with(b"PAR1") && body(1).ends_with(b"PAR1"));
    let failed: Value = serde_json::from_slice(&body(2)).expect("one line of JSON");
    assert_eq!(failed["lastErrorCode"], "DataFormatConversion.MalformedData", "{failed}");
}

#[test]
fn flink_sql_is_brought_with_its_first_call() {
    let script = "CREATE TABLE t (a INT); SELECT a + 1 AS b FROM t";
    let params = json!({"Script": script, "Tables": {"t": [{"a": 1}]}});
    let answers = session(None, &call("sluice", "RunFlinkSql", params));
    assert_eq!(answers[0]["response"]["Queries"][0]["Rows"][0]["Row"], json!([2]), "{}", answers[0]);
}
