//! Firehose by `tests/cases/firehose-*.json`, and what becomes of records: none is lost, none is in two places, and objects hold the bytes that came in.

#[path = "common/steps.rs"]
mod steps;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call};
use sluice_core::sim::SimTime;

const ROLE: &str = "arn:aws:iam::123456789012:role/hose";

fn start() -> SimTime {
    SimTime::parse("2026-01-01").expect("a date")
}

#[test]
fn accounts_call_by_call() {
    steps::accounts_call_by_call(include_str!("../../../tests/cases/firehose-api.json"), start());
}

fn call(account: &mut Account, service: &str, operation: &str, params: Value) -> Value {
    let now = account.now().max(start());
    let outcome = account.apply(now, &Call::new(service, operation, params));
    outcome.unwrap_or_else(|error| panic!("{service}:{operation}: {error:?}")).response
}

fn pass(account: &mut Account, seconds: u32) {
    call(account, "clock", "Advance", json!({"Seconds": seconds}));
}

/// What a host does: renders each closed buffer, and says that it is stored. Answers key and body.
fn deliver(account: &mut Account) -> Vec<(String, Vec<u8>)> {
    let mut delivered = Vec::new();
    while let Some((number, _)) = account.next_record_delivery(account.now()) {
        let body = account.rendered_delivery(number).expect("a body");
        let blob = json!({"id": format!("{number:064x}"), "size": body.len(), "md5": format!("{number:032x}")});
        let answer = call(account, "effect", "RecordsDelivered", json!({"number": number, "blob": blob}));
        if let Some(key) = answer["Key"].as_str() {
            delivered.push((key.to_string(), body));
        }
    }
    delivered
}

fn counts(account: &mut Account) -> Value {
    let counts = call(account, "sluice", "GetDelivery", json!({"DeliveryStreamName": "d"}))["Counts"].clone();
    let of = |name: &str| counts[name].as_u64().expect("a count");
    let places = of("Delivered") + of("Buffered") + of("Dropped") + of("InErrorObjects") + of("GivenUp");
    assert_eq!(of("Read"), places, "{counts}");
    counts
}

fn account(source: &str, more: Value) -> Account {
    let mut account = Account::new(AccountOptions::default());
    call(&mut account, "s3", "CreateBucket", json!({"Bucket": "landing"}));
    let mut destination = json!({"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::landing", "Prefix": "raw/",
        "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60}});
    for (name, value) in more.as_object().expect("members") {
        destination[name] = value.clone();
    }
    let mut params = json!({"DeliveryStreamName": "d", "DeliveryStreamType": source, "ExtendedS3DestinationConfiguration": destination});
    if source == "KinesisStreamAsSource" {
        call(&mut account, "kinesis", "CreateStream", json!({"StreamName": "s", "ShardCount": 2}));
        let arn = "arn:aws:kinesis:us-east-1:123456789012:stream/s";
        params["KinesisStreamSourceConfiguration"] = json!({"KinesisStreamARN": arn, "RoleARN": ROLE});
    }
    call(&mut account, "firehose", "CreateDeliveryStream", params);
    pass(&mut account, 30);
    account
}

#[test]
fn an_object_holds_what_was_put_under_a_key_of_the_oldest_record() {
    let delimiter = json!({"Enabled": true, "Processors": [{"Type": "AppendDelimiterToRecord"}]});
    let mut account = account("DirectPut", json!({"ProcessingConfiguration": delimiter}));
    for data in ["eyJhIjoxfQ==", "eyJhIjoyfQ=="] {
        call(
            &mut account,
            "firehose",
            "PutRecord",
            json!({"DeliveryStreamName": "d", "Record": {"Data": data}}),
        );
        pass(&mut account, 1);
    }
    assert!(deliver(&mut account).is_empty());
    pass(&mut account, 60);
    let delivered = deliver(&mut account);
    let [(key, body)] = delivered.as_slice() else { panic!("{delivered:?}") };
    assert!(key.starts_with("raw/2026/01/01/00/d-1-2026-01-01-00-00-30-"), "{key}");
    assert_eq!(body, b"{\"a\":1}\n{\"a\":2}\n");
    assert_eq!(account.object("landing", key).expect("the object").blob.size, body.len() as u64);
    assert_eq!(counts(&mut account)["Delivered"], 2);
}

#[test]
fn size_closes_a_buffer_before_its_time() {
    let mut account = account("DirectPut", json!({}));
    let producer = json!({"Name": "p", "DeliveryStreamName": "d", "RecordsPerSecond": 1_000, "RecordBytes": 1_024, "Until": 10});
    call(&mut account, "sluice", "AddProducer", producer);
    for _ in 0..40 {
        pass(&mut account, 3);
        counts(&mut account);
    }
    let delivered = deliver(&mut account);
    assert_eq!(counts(&mut account)["Read"], 10_000);
    assert_eq!(counts(&mut account)["Delivered"], 10_000);
    let shown = call(&mut account, "sluice", "GetDelivery", json!({"DeliveryStreamName": "d"}));
    let because: Vec<&str> = shown["Delivered"]
        .as_array()
        .expect("objects")
        .iter()
        .filter_map(|one| one["Because"].as_str())
        .collect();
    assert_eq!(because.iter().filter(|because| **because == "interval").count(), 1, "{because:?}");
    assert_eq!(because.len(), delivered.len());
    let bytes: u64 = delivered.iter().map(|(_, body)| body.len() as u64).sum();
    assert_eq!(Some(bytes), shown["Counts"]["DeliveredBytes"].as_u64());
    let largest = delivered.iter().map(|(_, body)| body.len()).max().expect("an object");
    assert!((1_048_576..1_048_576 + 1_024).contains(&largest), "{largest}");
}

#[test]
fn a_kinesis_stream_is_read_through_a_reshard_once() {
    for client in ["sdk", "kpl"] {
        let mut account = account("KinesisStreamAsSource", json!({}));
        let producer = json!({"Name": "p", "StreamName": "s", "RecordsPerSecond": 700, "RecordBytes": 200, "Until": 90, "Client": {"Kind": client}});
        call(&mut account, "sluice", "AddProducer", producer);
        pass(&mut account, 30);
        let scale = json!({"StreamName": "s", "TargetShardCount": 4, "ScalingType": "UNIFORM_SCALING"});
        call(&mut account, "kinesis", "UpdateShardCount", scale);
        let mut bodies = Vec::new();
        for _ in 0..60 {
            pass(&mut account, 5);
            counts(&mut account);
            bodies.extend(deliver(&mut account));
        }
        let accepted = call(&mut account, "sluice", "ListProducers", json!({}))["Producers"][0]["Accepted"].clone();
        let counts = counts(&mut account);
        assert_eq!(counts["Read"], accepted, "{client}");
        assert_eq!(counts["Delivered"], accepted, "{client}");
        assert_eq!(accepted, 63_000, "{client}");
        // Each record says its number: all of them, each once.
        let text: String = bodies.iter().map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect();
        let mut numbers: Vec<u32> = text
            .split("\"n\":")
            .skip(1)
            .filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok())
            .collect();
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(0..63_000), "{client}: {}", numbers.len());
    }
}

#[test]
fn a_scenario_delivers_by_itself() {
    let calls = json!([
        {"At": 0, "Service": "s3", "Operation": "CreateBucket", "Params": {"Bucket": "landing"}},
        {"At": 0, "Service": "firehose", "Operation": "CreateDeliveryStream", "Params": {"DeliveryStreamName": "d",
            "ExtendedS3DestinationConfiguration": {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::landing", "CompressionFormat": "GZIP",
                "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 60}}}},
        {"At": 20, "Service": "sluice", "Operation": "AddProducer",
            "Params": {"Name": "p", "DeliveryStreamName": "d", "RecordsPerSecond": 10, "Template": "demo", "Until": 30}}
    ]);
    let mut account = Account::new(AccountOptions::default());
    let params = json!({"Scenario": {"Seed": 7, "Start": "2026-01-01T00:00:00Z", "Calls": calls}, "At": 120,
        "Reads": [{"Service": "sluice", "Operation": "GetDelivery", "Params": {"DeliveryStreamName": "d"}},
                  {"Service": "s3", "Operation": "ListObjectsV2", "Params": {"Bucket": "landing"}}],
        "Track": {"To": 120}});
    let answer = call(&mut account, "sluice", "PlayScenario", params);
    assert_eq!(answer["Refused"], json!([]), "{answer}");
    let shown = &answer["Answers"][0]["Ok"];
    assert_eq!(shown["Counts"]["Delivered"], 300, "{answer}");
    let objects = answer["Answers"][1]["Ok"]["Contents"].as_array().expect("objects");
    assert_eq!(objects.len(), 1, "{answer}");
    assert!(
        objects[0]["Key"]
            .as_str()
            .is_some_and(|key| key.starts_with("2026/01/01/00/d-1-") && key.ends_with(".gz")),
        "{answer}"
    );
    let kinds = answer["Track"]["Moments"]
        .as_array()
        .expect("moments")
        .iter()
        .filter(|moment| moment["Kind"] == "delivery");
    assert_eq!(kinds.count(), 1, "{answer}");
}

fn put(account: &mut Account, data: &str) {
    let params = json!({"DeliveryStreamName": "d", "Record": {"Data": STANDARD.encode(data)}});
    call(account, "firehose", "PutRecord", params);
}

fn processors(list: Value) -> Value {
    json!({"Enabled": true, "Processors": list})
}

fn lambda(more: Value) -> Value {
    let mut parameters = vec![json!({"ParameterName": "LambdaArn", "ParameterValue": "arn:aws:lambda:us-east-1:123456789012:function:f"})];
    for (name, value) in more.as_object().expect("members") {
        parameters.push(json!({"ParameterName": name, "ParameterValue": value}));
    }
    json!({"Type": "Lambda", "Parameters": parameters})
}

fn texts(delivered: &[(String, Vec<u8>)]) -> Vec<(String, String)> {
    let key = |key: &str| key.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_string());
    let mut texts: Vec<(String, String)> = delivered
        .iter()
        .map(|(name, body)| (key(name), String::from_utf8_lossy(body).into_owned()))
        .collect();
    texts.sort();
    texts
}

#[test]
fn a_function_changes_drops_and_fails_records() {
    let processing = processors(json!([lambda(json!({"BufferIntervalInSeconds": "10"})), {"Type": "AppendDelimiterToRecord"}]));
    let backup =
        json!({"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::landing", "Prefix": "source/", "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 30}});
    let more = json!({"ProcessingConfiguration": processing, "S3BackupMode": "Enabled", "S3BackupConfiguration": backup, "ErrorOutputPrefix": "bad/!{firehose:error-output-type}/"});
    let mut account = account("DirectPut", more);
    let source = "if level == \"debug\" then Dropped else with(record, {total: price * 2})";
    call(&mut account, "sluice", "PutFunction", json!({"FunctionName": "f", "Source": source}));
    put(&mut account, "{\"price\":2}");
    put(&mut account, "{\"level\":\"debug\"}");
    put(&mut account, "{\"price\":\"x\"}");
    counts(&mut account);
    let shown = call(&mut account, "sluice", "GetDelivery", json!({"DeliveryStreamName": "d"}));
    assert_eq!(shown["Intake"]["Records"], 3, "{shown}");
    assert_eq!(shown["Intake"]["InvokeAt"], "2026-01-01T00:00:40Z", "{shown}");
    pass(&mut account, 11);
    assert_eq!(counts(&mut account)["Dropped"], 1);
    let mut delivered = Vec::new();
    for _ in 0..10 {
        pass(&mut account, 10);
        counts(&mut account);
        delivered.extend(deliver(&mut account));
    }
    let found = counts(&mut account);
    assert_eq!(
        (&found["Delivered"], &found["InErrorObjects"], &found["Buffered"]),
        (&json!(1), &json!(1), &json!(0))
    );
    let texts = texts(&delivered);
    let [(bad, failed), (good, body), (source, raw)] = texts.as_slice() else {
        panic!("{texts:?}")
    };
    assert_eq!(bad, "bad/processing-failed/2026/01/01/00");
    assert_eq!((good.as_str(), body.as_str()), ("raw/2026/01/01/00", "{\"price\":2,\"total\":4}\n"));
    assert_eq!(
        (source.as_str(), raw.as_str()),
        ("source/2026/01/01/00", "{\"price\":2}{\"level\":\"debug\"}{\"price\":\"x\"}")
    );
    let failed: Value = serde_json::from_str(failed).expect("a line of JSON");
    assert_eq!(failed["errorCode"], "Lambda.ProcessingFailedStatus", "{failed}");
    assert_eq!(failed["rawData"], STANDARD.encode("{\"price\":\"x\"}"));
    assert_eq!(failed["lambdaArn"], "arn:aws:lambda:us-east-1:123456789012:function:f");
    assert_eq!(failed["arrivalTimestamp"], 1_767_225_630_000i64);
    assert_eq!(failed["attemptEndingTimestamp"], 1_767_225_640_000i64);
}

#[test]
fn a_function_that_is_not_there_fails_its_batch_after_its_retries() {
    let processing = processors(json!([lambda(json!({"NumberOfRetries": "2", "BufferIntervalInSeconds": "0"}))]));
    let mut account = account("DirectPut", json!({"ProcessingConfiguration": processing}));
    put(&mut account, "a");
    pass(&mut account, 100);
    let texts = texts(&deliver(&mut account));
    let [(folder, line)] = texts.as_slice() else { panic!("{texts:?}") };
    assert_eq!(folder, "processing-failed/2026/01/01/00");
    let failed: Value = serde_json::from_str(line).expect("a line of JSON");
    assert_eq!(
        (&failed["attemptsMade"], &failed["errorCode"]),
        (&json!(3), &json!("Lambda.ResourceNotFoundException"))
    );
    assert_eq!(counts(&mut account)["InErrorObjects"], 1);
}

#[test]
fn records_of_a_partition_share_objects() {
    let query = "{customer:.customer, day:(.at|strftime(\"%d\"))}";
    let extraction = json!({"Type": "MetadataExtraction", "Parameters": [
        {"ParameterName": "MetadataExtractionQuery", "ParameterValue": query}, {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"}]});
    let split = json!({"Type": "RecordDeAggregation", "Parameters": [{"ParameterName": "SubRecordType", "ParameterValue": "JSON"}]});
    let mut account = account(
        "DirectPut",
        json!({
            "Prefix": "c=!{partitionKeyFromQuery:customer}/d=!{partitionKeyFromQuery:day}/",
            "ErrorOutputPrefix": "bad/",
            "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
            "DynamicPartitioningConfiguration": {"Enabled": true},
            "ProcessingConfiguration": processors(json!([split, extraction, {"Type": "AppendDelimiterToRecord"}])),
        }),
    );
    put(&mut account, "{\"customer\":\"a\",\"at\":1}{\"customer\":\"b\",\"at\":1}");
    put(&mut account, "{\"customer\":\"a\",\"at\":2}");
    put(&mut account, "{\"customer\":\"\",\"at\":2}");
    put(&mut account, "not json");
    pass(&mut account, 1);
    let found = counts(&mut account);
    assert_eq!((&found["Read"], &found["Buffered"]), (&json!(5), &json!(5)));
    pass(&mut account, 90);
    let texts = texts(&deliver(&mut account));
    let [(bad, failed), (a, of_a), (b, of_b)] = texts.as_slice() else {
        panic!("{texts:?}")
    };
    assert!(bad.starts_with("bad/"), "{bad}");
    assert_eq!(failed.lines().count(), 2);
    assert_eq!(
        (a.as_str(), of_a.as_str()),
        ("c=a/d=01", "{\"customer\":\"a\",\"at\":1}\n{\"customer\":\"a\",\"at\":2}\n")
    );
    assert_eq!((b.as_str(), of_b.as_str()), ("c=b/d=01", "{\"customer\":\"b\",\"at\":1}\n"));
    assert_eq!(counts(&mut account)["InErrorObjects"], 2);
    // One partition more than may be open.
    for customer in 0..501 {
        put(&mut account, &format!("{{\"customer\":\"{customer}\",\"at\":1}}"));
    }
    pass(&mut account, 1);
    let shown = call(&mut account, "sluice", "GetDelivery", json!({"DeliveryStreamName": "d"}));
    let kinds = |kind: &str| shown["Buffers"].as_array().expect("buffers").iter().filter(|one| one["Kind"] == kind).count();
    assert_eq!((kinds("records"), kinds("errors")), (500, 1));
}

fn table() -> Value {
    let column = |(name, kind): &(&str, &str)| json!({"Name": name, "Type": kind});
    let columns: Vec<Value> = [("id", "int"), ("name", "string")].iter().map(column).collect();
    json!({"DatabaseName": "lake", "TableInput": {"Name": "clicks", "StorageDescriptor": {"Columns": columns, "Location": "s3://landing/"}}})
}

#[test]
fn records_that_do_not_fit_a_table_are_kept_apart() {
    let conversion = json!({
        "Enabled": true,
        "SchemaConfiguration": {"DatabaseName": "lake", "TableName": "clicks", "RoleARN": ROLE, "Region": "us-east-1"},
        "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
        "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
    });
    let hints = json!({"SizeInMBs": 64, "IntervalInSeconds": 60});
    let mut account = account("DirectPut", json!({"DataFormatConversionConfiguration": conversion, "BufferingHints": hints}));
    put(&mut account, "{\"id\":0}");
    pass(&mut account, 1);
    call(&mut account, "glue", "CreateDatabase", json!({"DatabaseInput": {"Name": "lake"}}));
    call(&mut account, "glue", "CreateTable", table());
    put(&mut account, "{\"ID\":1,\"name\":\"a\"}");
    put(&mut account, "{\"id\":\"one\"}");
    pass(&mut account, 100);
    let delivered = deliver(&mut account);
    assert!(
        delivered.iter().any(|(key, _)| key.starts_with("raw/") && key.ends_with(".parquet")),
        "{delivered:?}"
    );
    let texts = texts(&delivered);
    let [(folder, failed), (_, rows)] = texts.as_slice() else {
        panic!("{texts:?}")
    };
    assert_eq!(folder, "format-conversion-failed/2026/01/01/00");
    assert_eq!(rows, "{\"id\":1,\"name\":\"a\"}\n");
    let codes: Vec<Value> = failed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["lastErrorCode"].clone())
        .collect();
    assert_eq!(codes, ["DataFormatConversion.EntityNotFound", "DataFormatConversion.MalformedData"]);
    assert!(failed.contains("\"tableName\":\"clicks\""), "{failed}");
    counts(&mut account);
}

/// A snapshot of before there were several buffers, processors of more kinds and defaults of hints.
#[test]
fn an_older_snapshot_is_read() {
    let delimiter = processors(json!([{"Type": "AppendDelimiterToRecord"}]));
    let mut account = account("DirectPut", json!({"ProcessingConfiguration": delimiter}));
    put(&mut account, "{\"a\":1}");
    let mut snapshot = account.snapshot();
    let stream = &mut snapshot["streams"]["firehose"]["streams"]["d"];
    stream["buffer"] = stream["buffers"][0][1].take();
    let destination = &mut stream["destination"];
    destination["size_mb"] = destination["hints"][0].clone();
    destination["interval"] = destination["hints"][1].clone();
    for new in ["hints", "steps", "backup", "conversion", "partitioning", "time_zone"] {
        destination.as_object_mut().expect("members").remove(new);
    }
    destination["zone"] = json!(["Asia/Tokyo", 540]);
    destination["delimiter"] = json!("\n");
    let stream = stream.as_object_mut().expect("members");
    for new in ["buffers", "intake", "full_at", "columns"] {
        stream.remove(new);
    }
    let mut account = Account::restore(&snapshot).expect("a snapshot restores");
    counts(&mut account);
    pass(&mut account, 60);
    let delivered = deliver(&mut account);
    assert_eq!(delivered.len(), 1);
    assert_eq!(delivered[0].1, b"{\"a\":1}\n");
}
