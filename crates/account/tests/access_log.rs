//! Server access logs: what requests leave in the log bucket, and what happens to what it refuses.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sluice_account::{Disk, Host, HostOptions, MemoryStore, block_on};
use sluice_core::account::{ApiError, Call};
use sluice_core::sim::SimTime;

const NOW: SimTime = SimTime::from_millis(1_767_225_600_000);

type TestHost = Host<MemoryStore>;

fn open(disk: &Disk) -> TestHost {
    let (host, report) = block_on(Host::open(Rc::new(MemoryStore::new(disk.clone())), NOW, HostOptions::default())).expect("the store opens");
    assert_eq!(report.set_aside, []);
    host
}

fn ask(host: &TestHost, service: &str, operation: &str, params: Value) -> Result<Value, ApiError> {
    made(host, Call::new(service, operation, params))
}

fn made(host: &TestHost, call: Call) -> Result<Value, ApiError> {
    block_on(async {
        let mut called = host.call(NOW, call).await;
        host.fill_body(&mut called).await;
        host.poll(NOW).await;
        called.result
    })
}

fn s3(host: &TestHost, operation: &str, params: Value) -> Value {
    ask(host, "s3", operation, params).expect("the call is right")
}

fn pass(host: &TestHost, seconds: i64) {
    ask(host, "clock", "Advance", json!({"Seconds": seconds})).expect("time passes");
}

/// Buckets `web` and `logs`; the policy lets logs of this account's `web` in.
fn site(format: Value) -> (Disk, TestHost) {
    let disk = Disk::default();
    let host = open(&disk);
    s3(&host, "CreateBucket", json!({"Bucket": "web"}));
    s3(&host, "CreateBucket", json!({"Bucket": "logs"}));
    let statement = json!({
        "Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::logs/web/*",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::web"}, "StringEquals": {"aws:SourceAccount": "123456789012"}},
    });
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    s3(&host, "PutBucketPolicy", json!({"Bucket": "logs", "Policy": policy}));
    let mut enabled = json!({"TargetBucket": "logs", "TargetPrefix": "web/"});
    if !format.is_null() {
        enabled["TargetObjectKeyFormat"] = format;
    }
    s3(
        &host,
        "PutBucketLogging",
        json!({"Bucket": "web", "BucketLoggingStatus": {"LoggingEnabled": enabled}}),
    );
    assert_eq!(s3(&host, "GetBucketLogging", json!({"Bucket": "web"}))["LoggingEnabled"], enabled);
    (disk, host)
}

fn keys(host: &TestHost) -> Vec<String> {
    let listed = block_on(host.call(NOW, Call::new("s3", "ListObjectsV2", json!({"Bucket": "logs"}))));
    let listed = listed.result.expect("the bucket is there");
    let rows = listed["Contents"].as_array().cloned().unwrap_or_default();
    rows.iter().map(|row| row["Key"].as_str().expect("a key").to_owned()).collect()
}

fn text(host: &TestHost, key: &str) -> String {
    let object = block_on(host.readable(NOW, "logs", key)).expect("it was listed");
    let body = block_on(host.body_of(&object));
    String::from_utf8(block_on(host.bytes(&body)).expect("it opens")).expect("lines of text")
}

/// The fields of a line: quoted and bracketed ones are one field.
fn fields(line: &str) -> Vec<String> {
    let mut fields = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let (field, after) = match rest.as_bytes()[0] {
            b'"' => rest[1..].split_once('"').expect("a quote ends"),
            b'[' => rest[1..].split_once(']').expect("a bracket ends"),
            _ => rest.split_once(' ').map_or((rest, ""), |(field, after)| (field, after)),
        };
        fields.push(field.to_owned());
        rest = after.trim_start_matches(' ');
    }
    fields
}

#[test]
fn requests_become_lines_of_the_format_and_lines_an_object() {
    let (disk, host) = site(Value::Null);
    s3(&host, "PutObject", json!({"Bucket": "web", "Key": "a b.txt", "Body": BASE64.encode("hello")}));
    s3(&host, "GetObject", json!({"Bucket": "web", "Key": "a b.txt", "Range": "bytes=0-1"}));
    ask(&host, "s3", "GetObject", json!({"Bucket": "web", "Key": "none"})).expect_err("no such key");
    let mut anonymous = Call::new("s3", "GetObject", json!({"Bucket": "web", "Key": "a b.txt"}));
    anonymous.caller = serde_json::from_value(json!({"principal": "anonymous", "source_ip": "192.0.2.3", "secure_transport": false})).expect("a caller");
    assert_eq!(made(&host, anonymous).expect_err("nobody allowed it").code, "AccessDenied");
    s3(&host, "CopyObject", json!({"Bucket": "logs", "Key": "copy", "CopySource": "web/a b.txt"}));
    s3(
        &host,
        "DeleteObjects",
        json!({"Bucket": "web", "Delete": {"Objects": [{"Key": "x"}, {"Key": "y"}]}}),
    );
    assert_eq!(keys(&host), ["copy"], "nothing is delivered at once");
    pass(&host, 3_599);
    assert_eq!(keys(&host), ["copy"]);
    pass(&host, 1);
    let keys = keys(&host);
    assert_eq!(keys.len(), 2, "{keys:?}");
    assert!(
        keys[1].starts_with("web/2026-01-01-01-00-00-") && keys[1].len() == "web/2026-01-01-01-00-00-".len() + 16,
        "{keys:?}"
    );
    let text = text(&host, &keys[1]);
    let lines: Vec<Vec<String>> = text.lines().map(fields).collect();
    let operations: Vec<&str> = lines.iter().map(|line| line[6].as_str()).collect();
    assert_eq!(
        operations,
        [
            "REST.PUT.LOGGING_STATUS",
            "REST.PUT.OBJECT",
            "REST.GET.OBJECT",
            "REST.GET.OBJECT",
            "REST.GET.OBJECT",
            "REST.COPY.OBJECT_GET",
            "REST.POST.MULTI_OBJECT_DELETE",
            "BATCH.DELETE.OBJECT",
            "BATCH.DELETE.OBJECT",
        ]
    );
    assert!(lines.iter().all(|line| line.len() == 26), "{text}");
    let owner = &lines[0][0];
    assert_eq!(owner.len(), 64);
    let put = &lines[1];
    assert_eq!(
        put[1..5],
        ["web".to_owned(), "01/Jan/2026:00:00:00 +0000".to_owned(), "127.0.0.1".to_owned(), owner.clone()]
    );
    assert_eq!(put[7..13], ["a%20b.txt", "PUT /web/a%20b.txt HTTP/1.1", "200", "-", "-", "5"]);
    assert_eq!(lines[2][8..13], ["GET /web/a%20b.txt HTTP/1.1", "206", "-", "2", "5"]);
    assert_eq!(lines[3][9..11], ["404", "NoSuchKey"]);
    assert_eq!((lines[4][3].as_str(), lines[4][4].as_str()), ("192.0.2.3", "-"), "anonymous");
    assert_eq!(lines[4][9..11], ["403", "AccessDenied"]);
    assert_eq!((lines[4][19].as_str(), lines[4][23].as_str()), ("-", "-"), "neither signed nor over TLS");
    let mut ids: Vec<&String> = lines.iter().map(|line| &line[5]).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), lines.len(), "each line has an id of its own");
    // It is sealed as any object, and there in the next session.
    drop(host);
    let again = open(&disk);
    assert_eq!(self::text(&again, &keys[1]), text);
}

#[test]
fn a_delivery_that_was_not_answered_is_made_in_the_next_session() {
    let (disk, host) = site(Value::Null);
    s3(&host, "PutObject", json!({"Bucket": "web", "Key": "a"}));
    // The clock is advanced, and the process ends before anything is delivered.
    let called = block_on(host.call(NOW, Call::new("clock", "Advance", json!({"Seconds": 7_200}))));
    called.result.expect("time passes");
    assert!(keys(&host).is_empty());
    drop(host);
    let again = open(&disk);
    block_on(again.poll(NOW));
    assert_eq!(keys(&again).len(), 1);
}

#[test]
fn partitions_are_by_the_day_of_the_requests_or_of_the_delivery() {
    for (source, expected) in [
        ("EventTime", "2026/01/01/2026-01-01-00-00-00-"),
        ("DeliveryTime", "2026/01/01/2026-01-01-01-00-00-"),
    ] {
        let (_, host) = site(json!({"PartitionedPrefix": {"PartitionDateSource": source}}));
        s3(&host, "PutObject", json!({"Bucket": "web", "Key": "a"}));
        pass(&host, 3_600);
        let keys = keys(&host);
        assert_eq!(keys.len(), 1, "{source}: {keys:?}");
        assert!(keys[0].starts_with(&["web/123456789012/us-east-1/web/", expected].concat()), "{keys:?}");
    }
}

#[test]
fn a_target_that_does_not_allow_it_gets_nothing() {
    let (_, host) = site(Value::Null);
    s3(&host, "DeleteBucketPolicy", json!({"Bucket": "logs"}));
    s3(&host, "PutObject", json!({"Bucket": "web", "Key": "a"}));
    pass(&host, 7_200);
    assert!(keys(&host).is_empty());
    // It is lost, and nothing waits for ever.
    pass(&host, 7_200);
    assert!(keys(&host).is_empty());
    let wrong = json!({"Bucket": "web", "BucketLoggingStatus": {"LoggingEnabled": {"TargetBucket": "nowhere", "TargetPrefix": ""}}});
    assert_eq!(
        ask(&host, "s3", "PutBucketLogging", wrong).expect_err("no such target").code,
        "InvalidTargetBucketForLogging"
    );
    s3(&host, "PutBucketLogging", json!({"Bucket": "web", "BucketLoggingStatus": {}}));
    assert_eq!(s3(&host, "GetBucketLogging", json!({"Bucket": "web"})), json!({}));
}

#[test]
fn what_rules_do_is_logged_too() {
    let (_, host) = site(Value::Null);
    let rule = json!({"ID": "gone", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}});
    s3(
        &host,
        "PutBucketLifecycleConfiguration",
        json!({"Bucket": "web", "LifecycleConfiguration": {"Rules": [rule]}}),
    );
    s3(&host, "PutObject", json!({"Bucket": "web", "Key": "a"}));
    pass(&host, 5 * 86_400);
    let all: String = keys(&host).iter().map(|key| text(&host, key)).collect();
    let expired: Vec<Vec<String>> = all.lines().map(fields).filter(|line| line[6] == "S3.EXPIRE.OBJECT").collect();
    assert_eq!(expired.len(), 1, "{all}");
    assert_eq!((expired[0][4].as_str(), expired[0][7].as_str()), ("AmazonS3", "a"));
}

#[test]
fn logs_have_the_grants_that_their_setting_names() {
    let (_, host) = site(Value::Null);
    let ownership = json!({"Bucket": "logs", "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}});
    s3(&host, "PutBucketOwnershipControls", ownership);
    let reader = "b61774bcbf06df38f344bb5512b8f032a9d56c0265c31cf47f39eb6e7b8ce82b";
    let grants = json!([{"Grantee": {"Type": "CanonicalUser", "ID": reader}, "Permission": "READ"}]);
    let enabled = json!({"TargetBucket": "logs", "TargetPrefix": "web/", "TargetGrants": grants});
    s3(
        &host,
        "PutBucketLogging",
        json!({"Bucket": "web", "BucketLoggingStatus": {"LoggingEnabled": enabled}}),
    );
    s3(&host, "PutObject", json!({"Bucket": "web", "Key": "a"}));
    pass(&host, 3_600);
    let keys = keys(&host);
    let acl = s3(&host, "GetObjectAcl", json!({"Bucket": "logs", "Key": keys[0]}));
    let permissions: Vec<&str> = acl["Grants"]
        .as_array()
        .expect("grants")
        .iter()
        .filter_map(|grant| grant["Permission"].as_str())
        .collect();
    assert_eq!(permissions, ["FULL_CONTROL", "READ"], "{acl}");
    let read = |who: &str| {
        let mut call = Call::new("s3", "GetObject", json!({"Bucket": "logs", "Key": keys[0]}));
        call.caller = serde_json::from_value(json!(who)).expect("a caller");
        made(&host, call)
    };
    read("444455556666").expect("it is granted");
    assert_eq!(read("555566667777").expect_err("nobody granted it").code, "AccessDenied");
}
