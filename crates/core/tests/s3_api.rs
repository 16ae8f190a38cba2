//! What of S3 a case file cannot say: bodies that are no bodies, requests too long for a file, blobs that are held, snapshots of older versions.

#![allow(clippy::unwrap_used)]

mod common;

use common::{account, blob, call, code, put, s3};
use serde_json::{Value, json};
use sluice_core::account::Account;

fn with_bucket() -> Account {
    let mut account = account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "parking"})).expect("the name is valid");
    account
}

#[test]
fn refusals_of_a_put() {
    let mut account = with_bucket();
    let refused = |account: &mut Account, extra: Value| {
        let mut params = json!({"Bucket": "parking", "Key": "a", "SluiceBlob": blob("x")});
        for (name, value) in extra.as_object().expect("members") {
            params[name.as_str()] = value.clone();
        }
        let error = s3(account, "PutObject", params).unwrap_err();
        assert!(account.object("parking", "a").is_none(), "{extra}");
        error.code
    };
    for (extra, code) in [
        (json!({"SluiceBlob": {"id": "x", "size": 1, "md5": "y"}}), "ParamValidation"),
        (json!({"SluiceBlob": 3}), "ParamValidation"),
        (
            json!({"SluiceBlob": {"id": "0".repeat(64), "size": 5_368_709_121_u64, "md5": "0".repeat(32)}}),
            "EntityTooLarge",
        ),
    ] {
        assert_eq!(refused(&mut account, extra.clone()), code, "{extra}");
    }
    assert_eq!(code(call(&mut account, "s4", "PutObject", json!({}))), "InvalidAction");
}

#[test]
fn deleting_too_many() {
    let mut account = with_bucket();
    put(&mut account, "parking", "c", "c").unwrap();
    let many: Vec<_> = (0..1_001)
        .map(|number| json!({"Key": if number == 0 { "c".to_owned() } else { number.to_string() }}))
        .collect();
    assert_eq!(
        code(s3(&mut account, "DeleteObjects", json!({"Bucket": "parking", "Delete": {"Objects": many}}))),
        "MalformedXML"
    );
    assert!(account.object("parking", "c").is_some());
}

#[test]
fn live_blobs_are_those_of_objects() {
    let mut account = with_bucket();
    put(&mut account, "parking", "a", "x").unwrap();
    put(&mut account, "parking", "b", "x").unwrap();
    put(&mut account, "parking", "a", "y").unwrap();
    let id = |text: &str| blob(text)["id"].as_str().unwrap().to_string();
    assert_eq!(account.live_blobs(), [id("x"), id("y")].into());
    s3(&mut account, "DeleteObject", json!({"Bucket": "parking", "Key": "b"})).unwrap();
    assert_eq!(account.live_blobs(), [id("y")].into());
}

/// A snapshot from before there were versions: one object a key, classes as texts, nothing of versions, rules or usage.
#[test]
fn an_older_snapshot_restores() {
    let mut snapshot = with_bucket().snapshot();
    let object = |class: &str, text: &str| {
        let body = blob(text);
        json!({
            "blob": body, "etag": body["md5"], "last_modified": 1_767_225_602_000_000_i64, "storage_class": class,
            "headers": {"ContentType": "text/csv"}, "metadata": {"by": "me"},
        })
    };
    snapshot["s3"] = json!({
        "account_id": "123456789012", "region": "us-east-1",
        "buckets": {"parking": {
            "region": "us-east-1", "created": 1_767_225_601_000_000_i64, "account_regional": false,
            "objects": {"a": object("STANDARD", "x"), "b": object("INTELLIGENT_TIERING", "y"), "c": object("DEEP_ARCHIVE", "z")},
        }},
    });
    let mut account = Account::restore(&snapshot).expect("an older snapshot is read");
    let head = s3(&mut account, "HeadObject", json!({"Bucket": "parking", "Key": "b"})).unwrap();
    assert_eq!(
        (&head["StorageClass"], &head["Metadata"], &head["LastModified"]),
        (&json!("INTELLIGENT_TIERING"), &json!({"by": "me"}), &json!("2026-01-01T00:00:02Z"))
    );
    assert_eq!(
        code(s3(&mut account, "GetObject", json!({"Bucket": "parking", "Key": "c"}))),
        "InvalidObjectState"
    );
    let listed = s3(&mut account, "ListObjectVersions", json!({"Bucket": "parking"})).unwrap();
    assert_eq!(listed["Versions"].as_array().map(Vec::len), Some(3));
    assert_eq!(listed["Versions"][0]["VersionId"], "null");

    // Its objects live on under versions and rules.
    let enabled = json!({"Bucket": "parking", "VersioningConfiguration": {"Status": "Enabled"}});
    s3(&mut account, "PutBucketVersioning", enabled).unwrap();
    put(&mut account, "parking", "a", "new").unwrap();
    let rules = json!([{"Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}}]);
    s3(
        &mut account,
        "PutBucketLifecycleConfiguration",
        json!({"Bucket": "parking", "LifecycleConfiguration": {"Rules": rules}}),
    )
    .unwrap();
    let later = account.now().plus_seconds(5 * 86_400);
    account.poll(later);
    let listed = s3(&mut account, "ListObjectVersions", json!({"Bucket": "parking", "Prefix": "a"})).unwrap();
    assert_eq!(listed["Versions"].as_array().map(Vec::len), Some(1), "the version null is gone");
    assert_eq!(account.live_blobs().len(), 3);
    let again = Account::restore(&account.snapshot()).unwrap();
    assert_eq!(again.s3(), account.s3());
}
