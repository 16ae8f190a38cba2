//! Directory buckets: the order of their listings, entity tags, what they cost, and how they leave.

mod common;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::collections::BTreeSet;

use common::{account, blob, call, s3};
use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, Call};

const NAME: &str = "lake--use1-az4--x-s3";

fn directory(account: &mut Account) {
    let configuration = json!({
        "Location": {"Type": "AvailabilityZone", "Name": "use1-az4"}, "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"},
    });
    s3(account, "CreateBucket", json!({"Bucket": NAME, "CreateBucketConfiguration": configuration})).expect("it is valid");
}

fn put(account: &mut Account, key: &str, body: &str) -> Value {
    s3(account, "PutObject", json!({"Bucket": NAME, "Key": key, "SluiceBlob": blob(body)})).expect("the bucket takes it")
}

/// Every key and common prefix of a listing, page by page.
fn listed(account: &mut Account, params: &Value) -> Vec<String> {
    let (mut found, mut token) = (Vec::new(), Value::Null);
    loop {
        let mut params = params.clone();
        if token.is_string() {
            params["ContinuationToken"] = token;
        }
        let page = s3(account, "ListObjectsV2", params).expect("a listing");
        let of = |list: &str, member: &str| -> Vec<String> {
            let rows = page[list].as_array().cloned().unwrap_or_default();
            rows.iter().map(|row| row[member].as_str().expect("a text").to_string()).collect()
        };
        let here: Vec<String> = of("Contents", "Key").into_iter().chain(of("CommonPrefixes", "Prefix")).collect();
        assert_eq!(page["KeyCount"], here.len());
        found.extend(here);
        if page["IsTruncated"] == false {
            return found;
        }
        token = page["NextContinuationToken"].clone();
    }
}

#[test]
fn a_listing_has_every_key_once_and_an_order_of_its_own() {
    let mut account = account();
    directory(&mut account);
    let keys: Vec<String> = (0..60).map(|number| format!("{}/{number:02}", ["a", "b", "c"][number % 3])).collect();
    for key in &keys {
        put(&mut account, key, "x");
    }
    let all = listed(&mut account, &json!({"Bucket": NAME, "MaxKeys": 7}));
    assert_eq!(all, listed(&mut account, &json!({"Bucket": NAME})), "pages do not change the order");
    assert!(!all.is_sorted(), "not the order of keys: {all:?}");
    let expected: BTreeSet<&String> = keys.iter().collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(all.len(), keys.len());
    let rolled = listed(&mut account, &json!({"Bucket": NAME, "Delimiter": "/", "MaxKeys": 1}));
    assert_eq!(rolled.iter().map(String::as_str).collect::<BTreeSet<_>>(), BTreeSet::from(["a/", "b/", "c/"]));
    assert_eq!(listed(&mut account, &json!({"Bucket": NAME, "Prefix": "b/", "Delimiter": "/"})).len(), 20);
}

#[test]
fn entity_tags_are_drawn() {
    let mut account = account();
    directory(&mut account);
    let first = put(&mut account, "a", "same")["ETag"].clone();
    let second = put(&mut account, "a", "same")["ETag"].clone();
    let md5 = format!("\"{}\"", blob("same")["md5"].as_str().expect("a text"));
    assert_ne!(first, second);
    assert!(first != md5 && second != md5);
    let head = s3(&mut account, "HeadObject", json!({"Bucket": NAME, "Key": "a"})).expect("it is there");
    assert_eq!(head["ETag"], second);
    s3(
        &mut account,
        "PutObject",
        json!({"Bucket": NAME, "Key": "a", "IfMatch": second, "SluiceBlob": blob("other")}),
    )
    .expect("the tag is its own");
    let copied = s3(
        &mut account,
        "CopyObject",
        json!({"Bucket": NAME, "Key": "b", "CopySource": format!("{NAME}/a")}),
    )
    .expect("a copy");
    let head = s3(&mut account, "HeadObject", json!({"Bucket": NAME, "Key": "b"})).expect("it is there");
    assert_eq!(copied["CopyObjectResult"]["ETag"], head["ETag"]);
    let upload = s3(&mut account, "CreateMultipartUpload", json!({"Bucket": NAME, "Key": "c"})).expect("an upload")["UploadId"].clone();
    let part = |number: u32| json!({"Bucket": NAME, "Key": "c", "UploadId": upload, "PartNumber": number, "SluiceBlob": blob("part")});
    let tag = s3(&mut account, "UploadPart", part(2)).expect("a part")["ETag"].clone();
    let complete = |number: u32| json!({"Bucket": NAME, "Key": "c", "UploadId": upload, "MultipartUpload": {"Parts": [{"PartNumber": number, "ETag": tag}]}});
    assert_eq!(
        common::code(s3(&mut account, "CompleteMultipartUpload", complete(2))),
        "InvalidRequest",
        "no part 1"
    );
    s3(&mut account, "UploadPart", part(1)).expect("a part");
    let made = s3(&mut account, "CompleteMultipartUpload", complete(1)).expect("an object");
    let head = s3(&mut account, "HeadObject", json!({"Bucket": NAME, "Key": "c"})).expect("it is there");
    assert_eq!(made["ETag"], head["ETag"]);
    assert_eq!(head["StorageClass"], "EXPRESS_ONEZONE");
    // The same calls make the same account.
    let text = account.snapshot().to_string();
    let again = Account::restore(&serde_json::from_str(&text).expect("JSON")).expect("a snapshot restores");
    assert_eq!(again.snapshot(), account.snapshot());
    assert_eq!(AccountOptions::default().region, "us-east-1");
}

/// Storage, requests, and every byte up and down at the prices of Express One Zone ("Amazon S3 pricing", since April 2025 without a free part of each request).
#[test]
fn what_it_costs() {
    let mut account = account();
    directory(&mut account);
    let gib = json!({"id": "a".repeat(64), "size": 1_u64 << 30, "md5": "0".repeat(32)});
    s3(&mut account, "PutObject", json!({"Bucket": NAME, "Key": "a", "SluiceBlob": gib})).expect("it is taken");
    s3(&mut account, "GetObject", json!({"Bucket": NAME, "Key": "a"})).expect("it is there");
    call(&mut account, "clock", "Advance", json!({"Seconds": 31 * 86_400})).expect("time passes");
    let bill = call(&mut account, "sluice", "GetBill", json!({})).expect("a bill");
    let lines = bill["Lines"].as_array().expect("lines");
    let amount = |usage: &str| {
        let line = lines.iter().find(|line| line["Usage"] == usage && line["Month"] == "2026-01");
        line.unwrap_or_else(|| panic!("{usage}: {bill}"))["Amount"].as_str().expect("an amount")
    };
    assert_eq!(amount("requests.EXPRESS_ONEZONE.PUT"), "0.00000113");
    assert_eq!(amount("requests.EXPRESS_ONEZONE.GET"), "0.00000003");
    assert_eq!(amount("retrieved.EXPRESS_ONEZONE"), "0.0006");
    assert_eq!(amount("uploaded.EXPRESS_ONEZONE"), "0.0032");
    let stored: f64 = amount("stored.EXPRESS_ONEZONE").parse().expect("a number");
    assert!((stored - 0.11).abs() < 1e-6, "{stored}");
}

#[test]
fn it_leaves_as_what_it_is() {
    let mut account = account();
    directory(&mut account);
    put(&mut account, "d/a", "x");
    let rules = json!({"Rules": [{"ID": "e", "Status": "Enabled", "Filter": {"Prefix": "d/"}, "Expiration": {"Days": 3}}]});
    s3(
        &mut account,
        "PutBucketLifecycleConfiguration",
        json!({"Bucket": NAME, "LifecycleConfiguration": rules}),
    )
    .expect("rules");
    let arn = format!("arn:aws:s3express:us-east-1:123456789012:bucket/{NAME}");
    let statement = json!({"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "s3express:CreateSession", "Resource": arn});
    let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    s3(&mut account, "PutBucketPolicy", json!({"Bucket": NAME, "Policy": policy})).expect("a policy");
    let now = account.now();
    let mut export = |operation: &str| account.apply(now, &Call::new("sluice", operation, json!({}))).expect("an export").response;
    let script = export("ExportScript");
    let text = script["Script"].as_str().expect("a text");
    let places: Vec<usize> = [
        "s3api create-bucket",
        "s3api put-object",
        "s3api put-bucket-lifecycle-configuration",
        "s3api put-bucket-policy",
    ]
    .iter()
    .map(|command| text.find(command).unwrap_or_else(|| panic!("{command}: {text}")))
    .collect();
    assert!(places.is_sorted());
    assert!(text.contains("\"DataRedundancy\": \"SingleAvailabilityZone\""), "{text}");
    for command in [
        "put-public-access-block",
        "put-bucket-encryption",
        "ownership",
        "put-bucket-versioning",
        "put-bucket-acl",
    ] {
        assert!(!text.contains(command), "{command}: {text}");
    }
    assert!(!text.contains("TransitionDefaultMinimumObjectSize"));
    let template = export("ExportCloudFormation");
    let body: Value = serde_json::from_str(template["TemplateBody"].as_str().expect("a text")).expect("JSON");
    let resources = body["Resources"].as_object().expect("resources");
    let kinds: Vec<&str> = resources.values().filter_map(|resource| resource["Type"].as_str()).collect();
    assert_eq!(kinds, ["AWS::S3Express::DirectoryBucket", "AWS::S3Express::BucketPolicy"]);
    let made = resources.values().next().expect("the bucket");
    assert_eq!(made["Properties"]["LocationName"], "use1-az4");
    assert_eq!(made["Properties"]["LifecycleConfiguration"]["Rules"][0]["ExpirationInDays"], 3);
}
