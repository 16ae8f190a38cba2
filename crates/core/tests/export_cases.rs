//! Exports as data: `tests/cases/export/*.json`, which `cargo xtask parity` freezes once another implementation took them.

mod common;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use common::{blob, call, code, put, s3};
use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call, CallAs};
use sluice_core::sim::SimTime;

const CASES: [&str; 12] = [
    include_str!("../../../tests/cases/export/access.json"),
    include_str!("../../../tests/cases/export/directory.json"),
    include_str!("../../../tests/cases/export/drawn-1.json"),
    include_str!("../../../tests/cases/export/drawn-2.json"),
    include_str!("../../../tests/cases/export/drawn-3.json"),
    include_str!("../../../tests/cases/export/encryption.json"),
    include_str!("../../../tests/cases/export/nothing.json"),
    include_str!("../../../tests/cases/export/objects.json"),
    include_str!("../../../tests/cases/export/parts.json"),
    include_str!("../../../tests/cases/export/rules.json"),
    include_str!("../../../tests/cases/export/suspended.json"),
    include_str!("../../../tests/cases/export/versions.json"),
];

/// What a host puts in the place of a body: its size and its MD5. What else names the bytes no export shows.
fn stored(body: &Value) -> Value {
    let (text, repeat) = match body {
        Value::Object(_) => (&body["text"], body["repeat"].as_u64().expect("a count")),
        text => (text, 1),
    };
    let bytes = text.as_str().expect("a text").repeat(repeat as usize);
    json!({"id": blob(&bytes)["id"], "size": bytes.len(), "md5": format!("{:x}", md5::compute(&bytes))})
}

/// Makes the calls of a case as a session of `sluice call` does, a second apart.
fn made(calls: &Value) -> Account {
    let start = SimTime::parse("2026-01-01").expect("a date");
    let mut account = Account::new(AccountOptions::default());
    let mut apply = |call: &Call| {
        let now = start.plus_micros(account.clock_offset());
        account.apply(now, call).unwrap_or_else(|error| panic!("{call:?}: {error}"));
    };
    let second = |seconds: u32| Call::new("clock", "Advance", json!({"Seconds": seconds}));
    apply(&second(0));
    for given in calls.as_array().expect("calls") {
        apply(&second(1));
        let mut call: Call = serde_json::from_value(given.clone()).expect("a call");
        if let Some(body) = call.params.as_object_mut().and_then(|params| params.remove("Body")) {
            call.params["SluiceBlob"] = stored(&body);
        }
        if call.operation == "CompleteMultipartUpload" {
            call.params["SluiceBlob"] = json!({"id": blob("joined")["id"], "size": 5_242_889, "md5": "0".repeat(32)});
        }
        apply(&call);
    }
    account
}

fn export(account: &mut Account, operation: &str) -> Value {
    let now = account.now();
    account
        .apply(now, &Call::new("sluice", operation, json!({})))
        .expect("an export is answered")
        .response
}

#[test]
fn exports_are_what_another_implementation_took() {
    for text in CASES {
        let case: Value = serde_json::from_str(text).expect("a case file is JSON");
        let about = case["about"].as_str().expect("a text");
        let mut account = made(&case["calls"]);
        let before = (account.position(), account.trace_hash());
        let script = export(&mut account, "ExportScript");
        let lines: Vec<&str> = script["Script"].as_str().expect("a text").lines().collect();
        let expected: Vec<&str> = case["script"].as_array().expect("lines").iter().filter_map(Value::as_str).collect();
        assert_eq!(lines, expected, "{about}");
        let template = export(&mut account, "ExportCloudFormation");
        let template: Value = serde_json::from_str(template["TemplateBody"].as_str().expect("a text")).expect("a template is JSON");
        assert_eq!(template, case["template"], "{about}");
        assert_eq!((account.position(), account.trace_hash()), before, "an export changes nothing");
        for body in script["Bodies"].as_array().expect("a list") {
            let at = |name: &str| body[name].as_str().expect("a text");
            let stored = account.stored_bytes(account.now(), at("Bucket"), at("Key"), at("VersionId"));
            let (offset, length) = (body["Offset"].as_u64().expect("a number"), body["Length"].as_u64().expect("a number"));
            assert!(offset + length <= stored.expect("the bytes are there").length, "{body}");
        }
    }
}

#[test]
fn what_a_script_cannot_make_again_is_said() {
    let mut account = common::account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "bkt"})).unwrap();
    let key = call(&mut account, "kms", "CreateKey", json!({})).unwrap()["KeyMetadata"]["KeyId"].clone();
    let under = json!({"Bucket": "bkt", "Key": "under", "SluiceBlob": blob("1"), "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key});
    s3(&mut account, "PutObject", under).unwrap();
    put(&mut account, "bkt", "old/1", "expires").unwrap();
    put(&mut account, "bkt", "kept/1", &"moves".repeat(40_000)).unwrap();
    let rules = json!([
        {"ID": "e", "Status": "Enabled", "Filter": {"Prefix": "old/"}, "Expiration": {"Days": 1}},
        {"ID": "t", "Status": "Enabled", "Filter": {"Prefix": "kept/"}, "Transitions": [{"Days": 0, "StorageClass": "GLACIER"}]},
    ]);
    let notes = |account: &mut Account| export(account, "ExportScript")["Notes"].as_array().expect("a list").len();
    assert_eq!(notes(&mut account), 0);
    let configuration = json!({"Bucket": "bkt", "LifecycleConfiguration": {"Rules": rules}});
    s3(&mut account, "PutBucketLifecycleConfiguration", configuration).unwrap();
    call(&mut account, "clock", "Advance", json!({"Seconds": 86_400 * 10})).unwrap();
    call(&mut account, "kms", "DisableKey", json!({"KeyId": key})).unwrap();
    let answer = export(&mut account, "ExportScript");
    let notes: Vec<&str> = answer["Notes"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert!(
        notes.iter().any(|note| note.starts_with("Lifecycle rules have acted 2 times in bkt.")),
        "{notes:?}"
    );
    let left_out = notes
        .iter()
        .find(|note| note.starts_with("Left out: version null of bkt/under"))
        .expect("the object is named");
    assert!(left_out.contains("KMS.DisabledException"), "{left_out}");
    let script = answer["Script"].as_str().expect("a text");
    assert!(!script.contains("\"Key\": \"under\"") && !script.contains("\"Key\": \"old/1\""), "{script}");
    assert!(
        script.contains("\"StorageClass\": \"GLACIER\"") && script.contains("# Lifecycle rules have acted"),
        "{script}"
    );
}

/// Grants by hand are put with the owner's id as a variable; the `ID` of a rule that looks like one is text as ever.
#[test]
fn grants_are_exported_with_the_owners_id_as_it_will_be() {
    let mut account = common::account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "bkt", "ObjectOwnership": "ObjectWriter"})).unwrap();
    put(&mut account, "bkt", "a", "1").unwrap();
    assert!(!export(&mut account, "ExportScript")["Script"].as_str().expect("a text").contains("OWNER"));
    let own = s3(&mut account, "GetBucketAcl", json!({"Bucket": "bkt"})).unwrap()["Owner"]["ID"].clone();
    let own = own.as_str().expect("an id");
    let other = "0123456789abcdef".repeat(4);
    let grants = json!({"Bucket": "bkt", "GrantRead": format!("id={other}"), "GrantFullControl": format!("id={own}")});
    s3(&mut account, "PutBucketAcl", grants).unwrap();
    s3(
        &mut account,
        "PutObjectAcl",
        json!({"Bucket": "bkt", "Key": "a", "GrantRead": format!("id={other}")}),
    )
    .unwrap();
    let rules = json!([{"ID": "\u{1}(reboot)\u{1}", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}]);
    let configuration = json!({"Bucket": "bkt", "LifecycleConfiguration": {"Rules": rules}});
    s3(&mut account, "PutBucketLifecycleConfiguration", configuration).unwrap();
    let script = export(&mut account, "ExportScript")["Script"].as_str().expect("a text").to_string();
    assert!(
        script.contains("\nOWNER=$(aws s3api list-buckets --query Owner.ID --output text)\n"),
        "{script}"
    );
    assert!(!script.contains(own) && !script.contains("$(reboot)"), "{script}");
    let puts: Vec<usize> = ["s3api put-bucket-acl", "s3api put-object ", "s3api put-object-acl"]
        .iter()
        .map(|command| script.find(command).unwrap_or_else(|| panic!("{command}: {script}")))
        .collect();
    assert!(puts.is_sorted(), "an object is there before its ACL is");
    assert_eq!(script.matches("'\"$OWNER\"'").count(), 3, "two owners and a grantee: {script}");
    assert_eq!(script.matches(other.as_str()).count(), 2);
    let template = export(&mut account, "ExportCloudFormation");
    assert!(template["Notes"].to_string().contains("Grants of the ACL of bkt"), "{template}");
}

/// Every version of a policy that is there is made, the default one chosen, and a template says that it has one alone.
#[test]
fn versions_of_a_policy_are_exported() {
    let mut account = common::account();
    let iam = |account: &mut Account, operation: &str, params: Value| call(account, "iam", operation, params).unwrap();
    let document = |action: &str| {
        let statement = json!({"Effect": "Allow", "Action": action, "Resource": "*"});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    let made = iam(&mut account, "CreatePolicy", json!({"PolicyName": "p", "PolicyDocument": document("s3:Get*")}));
    let arn = made["Policy"]["Arn"].clone();
    let version = |action: &str, chosen: bool| json!({"PolicyArn": arn, "PolicyDocument": document(action), "SetAsDefault": chosen});
    iam(&mut account, "CreatePolicyVersion", version("s3:List*", true));
    iam(&mut account, "CreatePolicyVersion", version("s3:Put*", false));
    let calls = |account: &mut Account| -> Vec<String> {
        let script = export(account, "ExportScript")["Script"].as_str().expect("a text").replace("\\\n", " ");
        script
            .lines()
            .filter(|line| line.starts_with("aws iam create-policy"))
            .map(ToString::to_string)
            .collect()
    };
    let found = calls(&mut account);
    let says = |line: &str, command: &str, parts: &[&str]| line.starts_with(command) && parts.iter().all(|part| line.contains(part));
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(says(&found[0], "aws iam create-policy ", &["s3:Get*"]), "{found:?}");
    assert!(
        says(&found[1], "aws iam create-policy-version ", &["s3:List*", "\"SetAsDefault\": true"]),
        "{found:?}"
    );
    assert!(
        says(&found[2], "aws iam create-policy-version ", &["s3:Put*", "\"SetAsDefault\": false"]),
        "{found:?}"
    );
    let notes = |account: &mut Account, operation: &str| export(account, operation)["Notes"].to_string();
    assert_eq!(notes(&mut account, "ExportScript"), "[]");
    assert!(notes(&mut account, "ExportCloudFormation").contains("The policy p has 3 versions: a template says the default one alone."));
    iam(&mut account, "DeletePolicyVersion", json!({"PolicyArn": arn, "VersionId": "v1"}));
    let found = calls(&mut account);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(says(&found[0], "aws iam create-policy ", &["s3:List*"]), "{found:?}");
    assert!(notes(&mut account, "ExportScript").contains("Versions v2, v3 of the policy p are numbered from v1 on here"));
}

/// What other accounts wrote is put again as the runner's own, without its ACL; access logs go on at the end, when their target is there.
#[test]
fn what_others_wrote_and_where_logs_go() {
    let mut account = common::account();
    for bucket in ["web", "a-logs"] {
        s3(&mut account, "CreateBucket", json!({"Bucket": bucket, "ObjectOwnership": "ObjectWriter"})).unwrap();
    }
    let other = "444455556666";
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": other}, "Action": "s3:Put*", "Resource": "arn:aws:s3:::web/*"});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    s3(&mut account, "PutBucketPolicy", json!({"Bucket": "web", "Policy": policy})).unwrap();
    let put = Call {
        caller: Some(CallAs::Principal(other.into())),
        ..Call::new(
            "s3",
            "PutObject",
            json!({"Bucket": "web", "Key": "theirs", "ACL": "bucket-owner-full-control", "SluiceBlob": blob("1")}),
        )
    };
    let now = account.now();
    account.apply(now, &put).unwrap();
    let own = s3(&mut account, "GetBucketAcl", json!({"Bucket": "web"})).unwrap()["Owner"]["ID"].clone();
    let grants = json!([{"Grantee": {"Type": "CanonicalUser", "ID": own}, "Permission": "READ"}]);
    let enabled = json!({"TargetBucket": "a-logs", "TargetPrefix": "l/", "TargetGrants": grants});
    let status = json!({"Bucket": "web", "BucketLoggingStatus": {"LoggingEnabled": enabled}});
    s3(&mut account, "PutBucketLogging", status).unwrap();
    let answer = export(&mut account, "ExportScript");
    let script = answer["Script"].as_str().expect("a text");
    assert!(answer["Notes"].to_string().contains("1 version(s) of web belong to other accounts"), "{answer}");
    assert!(script.contains("s3api put-object ") && !script.contains("put-object-acl"), "{script}");
    let logs = script.find("aws s3api put-bucket-logging").expect("the call is there");
    assert!(script.rfind("aws s3api put-bucket-policy").expect("a policy") < logs, "{script}");
    assert!(!script.contains(own.as_str().expect("an id")), "the owner is a variable: {script}");
    let template = export(&mut account, "ExportCloudFormation");
    let body: Value = serde_json::from_str(template["TemplateBody"].as_str().expect("a text")).expect("JSON");
    let logging = &body["Resources"]["BucketWeb"]["Properties"]["LoggingConfiguration"];
    assert_eq!(*logging, json!({"DestinationBucketName": {"Ref": "BucketALogs"}, "LogFilePrefix": "l/"}));
    assert!(template["Notes"].to_string().contains("TargetGrants of the access logs of web"), "{template}");
}

#[test]
fn only_the_owner_exports() {
    let mut account = common::account();
    let asked = Call {
        caller: Some(CallAs::Principal("anonymous".into())),
        ..Call::new("sluice", "ExportScript", json!({}))
    };
    assert_eq!(code(account.apply(common::at(0), &asked).map(|outcome| outcome.response)), "AccessDenied");
}
