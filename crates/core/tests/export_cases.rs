//! Exports as data: `tests/cases/export/*.json`, which `cargo xtask parity` freezes once another implementation took them.

mod common;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use common::{blob, call, code, put, s3};
use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call, CallAs};
use sluice_core::sim::SimTime;

const CASES: [&str; 11] = [
    include_str!("../../../tests/cases/export/access.json"),
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

#[test]
fn only_the_owner_exports() {
    let mut account = common::account();
    let asked = Call {
        caller: Some(CallAs::Principal("anonymous".into())),
        ..Call::new("sluice", "ExportScript", json!({}))
    };
    assert_eq!(code(account.apply(common::at(0), &asked).map(|outcome| outcome.response)), "AccessDenied");
}
