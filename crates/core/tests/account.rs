//! The account as a machine: replay, snapshots, the clock, roles and the trail.

#![allow(clippy::unwrap_used)]

mod common;

use common::{account, at, blob, call, code, put, s3};
use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call, CallAs, LogEntry};

/// Calls of every kind: good ones, refused ones, reads, nonsense.
fn any_call() -> impl Strategy<Value = Call> {
    let bucket = || prop_oneof![Just("aaa"), Just("bbb"), Just("Bad_Name")];
    let key = || "[ab/]{0,3}";
    let role = || prop_oneof![Just("Glue"), Just("glue"), Just("no role")];
    let params = |service: &'static str, operation: &'static str| move |params: Value| Call::new(service, operation, params);
    prop_oneof![
        bucket().prop_map(|b| json!({"Bucket": b})).prop_map(params("s3", "CreateBucket")),
        bucket().prop_map(|b| json!({"Bucket": b})).prop_map(params("s3", "DeleteBucket")),
        (bucket(), key(), "[xy]{0,2}")
            .prop_map(|(b, k, t)| json!({"Bucket": b, "Key": k, "SluiceBlob": blob(&t)}))
            .prop_map(params("s3", "PutObject")),
        (bucket(), key())
            .prop_map(|(b, k)| json!({"Bucket": b, "Key": k}))
            .prop_map(params("s3", "DeleteObject")),
        (bucket(), key(), key())
            .prop_map(|(b, f, t)| json!({"Bucket": b, "Key": t, "CopySource": {"Bucket": "aaa", "Key": f}}))
            .prop_map(params("s3", "CopyObject")),
        bucket().prop_map(|b| json!({"Bucket": b})).prop_map(params("s3", "ListObjectsV2")),
        role()
            .prop_map(|r| json!({"RoleName": r, "AssumeRolePolicyDocument": TRUST}))
            .prop_map(params("iam", "CreateRole")),
        role().prop_map(|r| json!({"RoleName": r})).prop_map(params("iam", "DeleteRole")),
        any_access_call(),
        (0i64..5_000_000).prop_map(|s| json!({"Seconds": s})).prop_map(params("clock", "Advance")),
        any::<bool>().prop_map(|on| json!({"Enabled": on})).prop_map(params("sluice", "SetDataEvents")),
        Just(Call::new("cloudtrail", "LookupEvents", json!({}))),
        "[ab]"
            .prop_map(|name| json!({"DatabaseInput": {"Name": name}}))
            .prop_map(params("glue", "CreateDatabase")),
        "[ab]".prop_map(|name| json!({"Name": name})).prop_map(params("glue", "DeleteDatabase")),
        ("[ab]", bucket())
            .prop_map(|(name, b)| json!({"Name": name, "Role": "Glue", "DatabaseName": "a", "Targets": {"S3Targets": [{"Path": format!("s3://{b}/")}]}}))
            .prop_map(params("glue", "CreateCrawler")),
        "[ab]".prop_map(|name| json!({"Name": name})).prop_map(params("glue", "StartCrawler")),
        "[ab]".prop_map(|name| json!({"Name": name})).prop_map(params("glue", "GetCrawler")),
        Just(Call::new("glue", "CreateNothing", json!({}))),
        Just(Call::new("effect", "JobRunStopped", json!({"run_id": "jr_1", "report": {"nodes": {}}}))),
        Just(Call::new("nowhere", "Nothing", json!(["x"]))),
    ]
}

/// Calls about access and keys, some of them by somebody else.
fn any_access_call() -> impl Strategy<Value = Call> {
    let arn = "arn:aws:iam::123456789012:user/alice";
    let deny = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": {"AWS": arn}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::aaa/*"}]});
    let calls = vec![
        Call::new("iam", "CreateUser", json!({"UserName": "alice"})),
        Call::new("iam", "DeleteUser", json!({"UserName": "alice"})),
        Call::new(
            "iam",
            "PutUserPolicy",
            json!({"UserName": "alice", "PolicyName": "read", "PolicyDocument": READ}),
        ),
        Call::new("iam", "CreatePolicy", json!({"PolicyName": "read", "PolicyDocument": READ})),
        Call::new(
            "iam",
            "AttachUserPolicy",
            json!({"UserName": "alice", "PolicyArn": "arn:aws:iam::aws:policy/AmazonS3FullAccess"}),
        ),
        Call::new("s3", "PutBucketPolicy", json!({"Bucket": "aaa", "Policy": deny.to_string()})),
        Call::new("s3", "DeleteBucketPolicy", json!({"Bucket": "aaa"})),
        Call::new(
            "s3",
            "PutBucketEncryption",
            json!({"Bucket": "aaa", "ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": true}]}}),
        ),
        Call::new(
            "s3",
            "PutObject",
            json!({"Bucket": "aaa", "Key": "k", "ServerSideEncryption": "aws:kms", "SluiceBlob": blob("k")}),
        ),
        Call::new("s3", "GetObject", json!({"Bucket": "aaa", "Key": "k"})),
        Call::new("kms", "CreateKey", json!({})),
        Call::new("kms", "ListKeys", json!({})),
        Call::new(
            "s3control",
            "PutPublicAccessBlock",
            json!({"AccountId": "123456789012", "PublicAccessBlockConfiguration": {"BlockPublicPolicy": true}}),
        ),
        Call::new("sluice", "WhoCan", json!({"Bucket": "aaa", "Key": "k"})),
    ];
    let who = prop_oneof![Just(None), Just(Some("anonymous")), Just(Some(arn))];
    (proptest::sample::select(calls), who).prop_map(|(mut call, who)| {
        call.caller = who.map(|who| CallAs::Principal(who.to_string()));
        call
    })
}

/// Applies calls a second apart and answers the log that a host would keep, through text.
fn run(account: &mut Account, calls: &[Call]) -> Vec<LogEntry> {
    let mut log = Vec::new();
    for (call, second) in calls.iter().zip(1..) {
        let now = at(second).plus_micros(account.clock_offset());
        let position = account.position();
        let _ = account.apply(now, call);
        if !Account::is_read(call) {
            let entry = LogEntry {
                position,
                at: now,
                call: call.clone(),
            };
            log.push(serde_json::from_str(&serde_json::to_string(&entry).unwrap()).unwrap());
        }
    }
    log
}

/// A snapshot without what every logged call moves.
fn state(account: &Account) -> Value {
    let mut snapshot = account.snapshot();
    let map = snapshot.as_object_mut().expect("a snapshot is an object");
    for moved in ["position", "now", "trail", "trace", "names"] {
        map.remove(moved).expect("a snapshot has this member");
    }
    snapshot
}

proptest! {
    #[test]
    fn a_log_replays_to_the_same_account(calls in proptest::collection::vec(any_call(), 0..40), cut in 0usize..40, seed: u64) {
        let options = AccountOptions { seed, ..AccountOptions::default() };
        let mut live = Account::new(options.clone());
        let log = run(&mut live, &calls);
        prop_assert_eq!(live.position(), log.len() as u64);

        let mut replayed = Account::new(options.clone());
        replayed.replay(&log).unwrap();
        prop_assert_eq!(replayed.snapshot(), live.snapshot());
        prop_assert_eq!(replayed.trace_hash(), live.trace_hash());

        let cut = cut.min(log.len());
        let mut head = Account::new(options);
        head.replay(&log[..cut]).unwrap();
        let text = head.snapshot().to_string();
        let mut restored = Account::restore(&serde_json::from_str(&text).unwrap()).unwrap();
        prop_assert_eq!(restored.snapshot(), head.snapshot());
        restored.replay(&log[cut..]).unwrap();
        prop_assert_eq!(restored.snapshot(), live.snapshot());
        prop_assert_eq!(restored.trace_hash(), live.trace_hash());
    }

    #[test]
    fn a_refusal_changes_the_trail_alone_and_a_read_nothing(calls in proptest::collection::vec(any_call(), 1..40)) {
        let mut account = account();
        for (call, second) in calls.iter().zip(1..) {
            let (whole, before, position) = (account.snapshot(), state(&account), account.position());
            let result = account.apply(at(second), call);
            if Account::is_read(call) {
                prop_assert_eq!(account.snapshot(), whole);
            } else {
                prop_assert_eq!(account.position(), position + 1);
                if result.is_err() {
                    prop_assert_eq!(state(&account), before);
                }
            }
        }
    }

    #[test]
    fn no_parameters_panic(service in "s3|s3control|iam|kms|cloudtrail|clock|sluice|effect", at_operation in 0usize..128, params in any_json()) {
        const OPERATIONS: [&str; 64] = [
            "PutBucketPolicy", "GetBucketPolicyStatus", "PutPublicAccessBlock", "PutBucketOwnershipControls", "PutBucketAcl", "PutObjectAcl", "GetObjectAcl",
            "PutBucketEncryption", "GetBucketEncryption", "CreateUser", "PutUserPolicy", "GetUserPolicy", "CreatePolicy", "GetPolicyVersion", "ListPolicies",
            "AttachUserPolicy", "UpdateAssumeRolePolicy", "ListEntitiesForPolicy", "CreateKey", "DescribeKey", "CreateAlias", "ListAliases", "DisableKey",
            "EnableKeyRotation", "RotateKeyOnDemand", "ListKeyRotations", "ScheduleKeyDeletion", "PutKeyPolicy", "WhoCan", "Simulate", "CheckPolicy", "GetKmsUsage",
            "CreateBucket", "DeleteBucket", "HeadBucket", "ListBuckets", "GetBucketLocation", "PutObject", "GetObject", "HeadObject", "ListObjectsV2", "CopyObject",
            "DeleteObject", "DeleteObjects", "CreateRole", "GetRole", "ListRoles", "DeleteRole", "PutRolePolicy", "GetRolePolicy", "DeleteRolePolicy",
            "ListRolePolicies", "AttachRolePolicy", "DetachRolePolicy", "ListAttachedRolePolicies", "LookupEvents", "Advance", "GetTime", "SetDataEvents",
            "EvaluateLab", "CrawlFinished", "JobRunSucceeded", "JobRunFailed", "JobRunStopped",
        ];
        let mut account = account();
        s3(&mut account, "CreateBucket", json!({"Bucket": "aaa"})).unwrap();
        let _ = call(&mut account, &service, OPERATIONS[at_operation % OPERATIONS.len()], params);
    }
}

/// Objects with members that operations know, and values that may not fit.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|value| json!(value)),
        any::<i64>().prop_map(|value| json!(value)),
        any::<f64>().prop_map(|value| json!(value)),
        ".{0,8}".prop_map(|value| json!(value)),
        Just(json!("aaa")),
        Just(json!("2026-01-01")),
    ];
    let name = prop_oneof![
        Just("Bucket"),
        Just("Key"),
        Just("CopySource"),
        Just("Delete"),
        Just("Objects"),
        Just("Range"),
        Just("MaxKeys"),
        Just("ContinuationToken"),
        Just("Delimiter"),
        Just("RoleName"),
        Just("AssumeRolePolicyDocument"),
        Just("PolicyArn"),
        Just("LookupAttributes"),
        Just("NextToken"),
        Just("StartTime"),
        Just("Seconds"),
        Just("Enabled"),
        Just("Lab"),
        Just("run_id"),
        Just("SluiceBlob"),
        Just("Policy"),
        Just("PolicyDocument"),
        Just("UserName"),
        Just("PolicyName"),
        Just("KeyId"),
        Just("AliasName"),
        Just("Principal"),
        Just("Action"),
        Just("Resource"),
        Just("Context"),
        Just("Document"),
        Just("SluiceEncryption")
    ];
    let tree = leaf.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            proptest::collection::vec((".{0,4}", inner), 0..3).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    proptest::collection::vec((name, tree), 0..6)
        .prop_map(|members| Value::Object(members.into_iter().map(|(name, value)| (name.to_string(), value)).collect()))
}

/// The hash of a fixed history. A change of it is a change of `SIM_VERSION`.
#[test]
fn the_trace_hash_is_stable() {
    let mut account = account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "parking"})).unwrap();
    put(&mut account, "parking", "a", "x").unwrap();
    let _ = s3(&mut account, "CreateBucket", json!({"Bucket": "Parking"}));
    call(&mut account, "clock", "Advance", json!({"Seconds": 60})).unwrap();
    assert_eq!(
        format!("{:016x} after {} rows", account.trace_hash(), account.trace().len()),
        "6192e9f284e75c1c after 4 rows"
    );
}

#[test]
fn snapshots_say_their_version() {
    let snapshot = account().snapshot();
    assert_eq!(snapshot["sim_version"], 1);
    for (spoiled, word) in [
        (json!({}), "sim_version"),
        (json!({"sim_version": 2}), "version 2"),
        (json!({"sim_version": 1}), "does not read"),
    ] {
        let error = Account::restore(&spoiled).unwrap_err();
        assert!(error.code == "InvalidSnapshot" && error.message.contains(word), "{error}");
    }
}

#[test]
fn a_log_with_a_gap_is_refused() {
    let entry = LogEntry {
        position: 1,
        at: at(0),
        call: Call::new("s3", "CreateBucket", json!({"Bucket": "aaa"})),
    };
    let mut account = account();
    assert_eq!(account.replay(&[entry]).unwrap_err().code, "InvalidLog");
    assert_eq!(account.position(), 0);
}

#[test]
fn the_clock_goes_forward() {
    let mut account = account();
    let advanced = account.apply(at(10), &Call::new("clock", "Advance", json!({"Seconds": 3_600}))).unwrap();
    assert_eq!(advanced.response, json!({"Time": "2026-01-01T01:00:10Z"}));
    assert_eq!((account.now(), account.clock_offset()), (at(3_610), 3_600_000_000));
    let time = account.apply(at(20), &Call::new("clock", "GetTime", json!({}))).unwrap();
    assert_eq!(time.response["Time"], "2026-01-01T01:00:10Z", "a clock that goes backwards stands still");
    assert_eq!(code(call(&mut account, "clock", "Advance", json!({"Seconds": -1}))), "ParamValidation");
    assert_eq!(code(call(&mut account, "clock", "Advance", json!({"Seconds": i64::MAX}))), "ParamValidation");
    assert_eq!(account.clock_offset(), 3_600_000_000);
}

#[test]
fn a_call_that_no_log_could_hold_leaves_no_mark() {
    let nested = |levels: usize| (1..levels).fold(json!({"x": 1}), |inner, _| json!({"x": inner}));
    let mut account = account();
    let error = call(&mut account, "sluice", "Nothing", nested(101)).unwrap_err();
    assert!(error.code == "ParamValidation" && error.message.contains("nested"), "{error}");
    assert_eq!(account.position(), 0);
    assert_eq!(code(call(&mut account, "sluice", "Nothing", nested(100))), "NotImplemented");
    assert_eq!(account.position(), 1);
    let text = account.snapshot().to_string();
    let read = serde_json::from_str(&text).unwrap();
    assert_eq!(Account::restore(&read).unwrap().snapshot(), account.snapshot());
}

const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"glue.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

const READ: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::aaa/*"}]}"#;

#[test]
fn roles() {
    let mut account = account();
    let create =
        |account: &mut Account, name: &str, policy: &str| call(account, "iam", "CreateRole", json!({"RoleName": name, "AssumeRolePolicyDocument": policy}));
    let role = create(&mut account, "AWSGlueServiceRole-lab", TRUST).unwrap()["Role"].clone();
    assert_eq!(role["Arn"], "arn:aws:iam::123456789012:role/AWSGlueServiceRole-lab");
    assert_eq!(role["AssumeRolePolicyDocument"]["Version"], "2012-10-17");
    let id = role["RoleId"].as_str().unwrap();
    assert!(id.starts_with("AROA") && id.len() == 21, "{id}");

    let again = create(&mut account, "awsglueservicerole-LAB", TRUST).unwrap_err();
    assert_eq!(
        (again.code.as_str(), again.message.as_str()),
        ("EntityAlreadyExists", "Role with name awsglueservicerole-LAB already exists.")
    );
    for name in ["no space", "é", &"x".repeat(65)] {
        assert_eq!(code(create(&mut account, name, TRUST)), "ValidationError", "{name}");
    }
    create(&mut account, "a_+=,.@-Z9", TRUST).unwrap();
    for policy in ["{", "[]", "{}", r#"{"Statement":[]}"#, r#"{"Statement":3}"#, "text"] {
        assert_eq!(code(create(&mut account, "other", policy)), "MalformedPolicyDocument", "{policy}");
    }
    assert_eq!(code(call(&mut account, "iam", "GetRole", json!({"RoleName": "other"}))), "NoSuchEntity");

    let name = json!("AWSGlueServiceRole-lab");
    call(
        &mut account,
        "iam",
        "PutRolePolicy",
        json!({"RoleName": name, "PolicyName": "s3", "PolicyDocument": READ}),
    )
    .unwrap();
    let arn = "arn:aws:iam::aws:policy/service-role/AWSGlueServiceRole";
    call(&mut account, "iam", "AttachRolePolicy", json!({"RoleName": name, "PolicyArn": arn})).unwrap();
    let attached = call(&mut account, "iam", "ListAttachedRolePolicies", json!({"RoleName": name})).unwrap();
    assert_eq!(attached["AttachedPolicies"], json!([{"PolicyName": "AWSGlueServiceRole", "PolicyArn": arn}]));
    assert_eq!(
        code(call(
            &mut account,
            "iam",
            "AttachRolePolicy",
            json!({"RoleName": name, "PolicyArn": "arn:aws:s3:::bucket-name"})
        )),
        "InvalidInput"
    );
    assert_eq!(code(call(&mut account, "iam", "DeleteRole", json!({"RoleName": name}))), "DeleteConflict");
    call(&mut account, "iam", "DetachRolePolicy", json!({"RoleName": name, "PolicyArn": arn})).unwrap();
    assert_eq!(code(call(&mut account, "iam", "DeleteRole", json!({"RoleName": name}))), "DeleteConflict");
    call(&mut account, "iam", "DeleteRolePolicy", json!({"RoleName": name, "PolicyName": "s3"})).unwrap();
    call(&mut account, "iam", "DeleteRole", json!({"RoleName": name})).unwrap();
    let listed = call(&mut account, "iam", "ListRoles", json!({})).unwrap();
    assert_eq!(listed["Roles"].as_array().map(Vec::len), Some(1));
    assert_eq!(listed["IsTruncated"], false);
}

fn lookup(account: &mut Account, params: Value) -> Vec<Value> {
    call(account, "cloudtrail", "LookupEvents", params).unwrap()["Events"]
        .as_array()
        .unwrap()
        .clone()
}

fn event_names(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["EventName"].as_str().unwrap()).collect()
}

#[test]
fn the_trail_lists_management_events() {
    let mut account = account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "parking"})).unwrap();
    put(&mut account, "parking", "a", "x").unwrap();
    let _ = s3(&mut account, "DeleteBucket", json!({"Bucket": "parking"}));
    call(&mut account, "clock", "Advance", json!({"Seconds": 1})).unwrap();
    s3(&mut account, "ListBuckets", json!({})).unwrap();

    let events = lookup(&mut account, json!({}));
    assert_eq!(
        event_names(&events),
        ["DeleteBucket", "CreateBucket"],
        "newest first; no reads, no data events, nothing of ours"
    );
    let created = &events[1];
    assert_eq!(created["EventSource"], "s3.amazonaws.com");
    assert_eq!(created["EventTime"], "2026-01-01T00:00:01Z");
    assert_eq!(created["ReadOnly"], "false");
    assert_eq!(created["Username"], "root");
    assert_eq!(created["Resources"], json!([{"ResourceType": "AWS::S3::Bucket", "ResourceName": "parking"}]));
    assert!(created.get("AccessKeyId").is_none() && created.get("SluicePosition").is_none());
    let record: Value = serde_json::from_str(created["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(record["requestParameters"], json!({"bucketName": "parking"}));
    assert_eq!(record["userIdentity"]["type"], "Root");
    assert_eq!(record["eventID"], created["EventId"]);
    assert!(record.get("errorCode").is_none());
    let refused: Value = serde_json::from_str(events[0]["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&refused["errorCode"], &refused["errorMessage"], &refused["responseElements"]),
        (&json!("BucketNotEmpty"), &json!("The bucket you tried to delete is not empty"), &Value::Null)
    );

    let all = lookup(&mut account, json!({"SluiceIncludeDataEvents": true}));
    assert_eq!(event_names(&all), ["Advance", "DeleteBucket", "PutObject", "CreateBucket"]);
    let places: Vec<_> = all
        .iter()
        .map(|event| (event["SluicePosition"].as_u64().unwrap(), event["SluiceKind"].as_str().unwrap()))
        .collect();
    assert_eq!(places, [(3, "sluice"), (2, "aws"), (1, "aws"), (0, "aws")]);
    let some = lookup(&mut account, json!({"SluiceIncludeDataEvents": false}));
    assert_eq!(event_names(&some), ["DeleteBucket", "CreateBucket"]);
    assert_eq!(some[0]["SluicePosition"], 2);

    call(&mut account, "sluice", "SetDataEvents", json!({"Enabled": true})).unwrap();
    assert_eq!(event_names(&lookup(&mut account, json!({}))), ["DeleteBucket", "PutObject", "CreateBucket"]);
}

#[test]
fn the_trail_has_no_call_that_an_sdk_would_not_send() {
    let mut account = account();
    let _ = s3(&mut account, "CreateBucket", json!({"Bocket": "parking"}));
    let _ = s3(&mut account, "PutBucketPolicy", json!({"Bucket": "parking"}));
    let _ = s3(&mut account, "CreateBucket", json!({"Bucket": "Parking"}));
    assert_eq!(event_names(&lookup(&mut account, json!({}))), ["CreateBucket"]);
    let ours = lookup(&mut account, json!({"SluiceIncludeDataEvents": true}));
    assert_eq!(event_names(&ours), ["CreateBucket", "PutBucketPolicy", "CreateBucket"]);
}

#[test]
fn the_trail_is_searched_and_paged() {
    let mut account = account();
    for number in 0..60 {
        s3(&mut account, "CreateBucket", json!({"Bucket": format!("bucket-{number}")})).unwrap();
    }
    call(
        &mut account,
        "iam",
        "CreateRole",
        json!({"RoleName": "Glue", "AssumeRolePolicyDocument": TRUST}),
    )
    .unwrap();
    let by =
        |account: &mut Account, key: &str, value: &str| lookup(account, json!({"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]})).len();
    assert_eq!(by(&mut account, "EventName", "CreateRole"), 1);
    assert_eq!(by(&mut account, "EventSource", "s3.amazonaws.com"), 50);
    assert_eq!(by(&mut account, "ResourceName", "bucket-7"), 1);
    assert_eq!(by(&mut account, "ResourceType", "AWS::IAM::Role"), 1);
    assert_eq!(by(&mut account, "Username", "root"), 50);
    assert_eq!(by(&mut account, "ReadOnly", "true"), 0);
    let newest = lookup(&mut account, json!({"MaxResults": 1}));
    assert_eq!(event_names(&newest), ["CreateRole"]);
    let id = newest[0]["EventId"].as_str().unwrap().to_string();
    assert_eq!(by(&mut account, "EventId", &id), 1);

    let mut params = json!({"MaxResults": 7});
    let mut ids = std::collections::BTreeSet::new();
    let mut count = 0;
    loop {
        let page = call(&mut account, "cloudtrail", "LookupEvents", params.clone()).unwrap();
        for event in page["Events"].as_array().unwrap() {
            ids.insert(event["EventId"].as_str().unwrap().to_string());
            count += 1;
        }
        match page.get("NextToken") {
            Some(token) => params["NextToken"] = token.clone(),
            None => break,
        }
    }
    assert_eq!((count, ids.len()), (61, 61));

    let token = call(&mut account, "cloudtrail", "LookupEvents", json!({"MaxResults": 7})).unwrap()["NextToken"].clone();
    let refused = |account: &mut Account, params: Value| code(call(account, "cloudtrail", "LookupEvents", params));
    let other_query = json!({"NextToken": token, "LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": "CreateBucket"}]});
    assert_eq!(refused(&mut account, other_query), "InvalidNextTokenException");
    assert_eq!(refused(&mut account, json!({"NextToken": "?"})), "InvalidNextTokenException");
    assert_eq!(refused(&mut account, json!({"MaxResults": 51})), "InvalidMaxResultsException");
    assert_eq!(refused(&mut account, json!({"MaxResults": 0})), "ParamValidation");
    assert_eq!(
        refused(&mut account, json!({"StartTime": "2026-01-02", "EndTime": "2026-01-01"})),
        "InvalidTimeRangeException"
    );
    assert_eq!(
        refused(&mut account, json!({"LookupAttributes": [{"AttributeKey": "Colour", "AttributeValue": "red"}]})),
        "InvalidLookupAttributesException"
    );
    let window = lookup(&mut account, json!({"StartTime": "2026-01-01T00:00:10Z", "EndTime": "2026-01-01T00:00:12Z"}));
    assert_eq!(window.len(), 3);
}

#[test]
fn the_trail_forgets_after_ninety_days() {
    let mut account = account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "parking"})).unwrap();
    call(&mut account, "clock", "Advance", json!({"Seconds": 90 * 86_400 - 10})).unwrap();
    assert_eq!(lookup(&mut account, json!({})).len(), 1);
    call(&mut account, "clock", "Advance", json!({"Seconds": 60})).unwrap();
    assert_eq!(lookup(&mut account, json!({})).len(), 0);
    s3(&mut account, "CreateBucket", json!({"Bucket": "parking2"})).unwrap();
    assert_eq!(
        event_names(&lookup(&mut account, json!({"SluiceIncludeDataEvents": true}))),
        ["CreateBucket", "Advance"]
    );
}
