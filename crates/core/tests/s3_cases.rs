//! The rules of S3 as data: `tests/cases/s3-*.json`.

mod common;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use common::{account, put, s3};
use serde_json::{Value, json};
use sluice_core::account::{Account, ApiError};
use sluice_core::storage::s3::{check_bucket_name, check_directory_name};

fn cases(text: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("a case file is JSON");
    file["cases"].as_array().expect("a case file has cases").clone()
}

#[test]
fn bucket_names() {
    for case in cases(include_str!("../../../tests/cases/s3-bucket-names.json")) {
        let name = case["name"].as_str().expect("a name");
        let account_regional = case["namespace"] == "account-regional";
        let rule = check_bucket_name(name, account_regional).err().map(|fault| fault.rule());
        assert_eq!(json!(rule), case["rule"], "{case}");
        let mut account = account();
        let mut params = json!({"Bucket": name});
        if account_regional {
            params["BucketNamespace"] = json!("account-regional");
        }
        let code = s3(&mut account, "CreateBucket", params).err().map(|error| error.code);
        let expected = (case["valid"] != true).then_some("InvalidBucketName");
        assert_eq!(code.as_deref(), expected, "{case}");
        assert_eq!(account.s3().bucket(name).is_some(), case["valid"] == true, "{case}");
    }
}

#[test]
fn directory_bucket_names() {
    for case in cases(include_str!("../../../tests/cases/s3-directory-names.json")) {
        let (name, zone) = (case["name"].as_str().expect("a name"), case["zone"].as_str().expect("a zone"));
        let rule = check_directory_name(name, zone).err().map(|fault| fault.rule());
        assert_eq!(json!(rule), case["rule"], "{case}");
        let mut account = account();
        let configuration = json!({
            "Location": {"Type": "AvailabilityZone", "Name": zone}, "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"},
        });
        let params = json!({"Bucket": name, "CreateBucketConfiguration": configuration});
        let code = s3(&mut account, "CreateBucket", params).err().map(|error| error.code);
        let expected = (case["valid"] != true).then_some("InvalidBucketName");
        assert_eq!(code.as_deref(), expected, "{case}");
    }
}

#[test]
fn keys() {
    for case in cases(include_str!("../../../tests/cases/s3-keys.json")) {
        let key = case["key"].as_str().expect("a key").repeat(case["repeat"].as_u64().unwrap_or(1) as usize);
        let mut account = account();
        s3(&mut account, "CreateBucket", json!({"Bucket": "bucket"})).expect("the name is valid");
        let result = put(&mut account, "bucket", &key, "x");
        assert_eq!(result.is_ok(), case["accepted"] == true, "{case}");
        assert_eq!(account.object("bucket", &key).is_some(), case["accepted"] == true, "{case}");
        if let Err(error) = result {
            assert_eq!(case["code"], error.code, "{case}");
            if let Some(message) = case["message"].as_str() {
                assert_eq!(message, error.message);
            }
        }
    }
}

fn names(response: &Value, list: &str, member: &str) -> Vec<String> {
    let entries = response[list].as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().map(|entry| entry[member].as_str().expect("a text").to_string()).collect()
}

fn list(account: &mut Account, params: &Value, token: Option<&Value>) -> Result<Value, ApiError> {
    let mut params = params.clone();
    params["Bucket"] = json!("bucket");
    if let Some(token) = token {
        params["ContinuationToken"] = token.clone();
    }
    s3(account, "ListObjectsV2", params)
}

#[test]
fn listings() {
    for case in cases(include_str!("../../../tests/cases/s3-list.json")) {
        let mut account = account();
        s3(&mut account, "CreateBucket", json!({"Bucket": "bucket"})).expect("the name is valid");
        for key in case["keys"].as_array().expect("keys") {
            put(&mut account, "bucket", key.as_str().expect("a key"), "x").expect("the key is valid");
        }
        if let Some(pages) = case["pages"].as_array() {
            let mut token = None;
            let mut found = Vec::new();
            loop {
                let page = list(&mut account, &case["params"], token.as_ref()).expect("a page");
                let mut entries = [names(&page, "Contents", "Key"), names(&page, "CommonPrefixes", "Prefix")].concat();
                entries.sort();
                found.push(entries);
                assert_eq!(page["IsTruncated"] == true, page.get("NextContinuationToken").is_some(), "{case}");
                match page.get("NextContinuationToken") {
                    Some(next) => token = Some(next.clone()),
                    None => break,
                }
            }
            assert_eq!(&json!(found), &json!(pages), "{case}");
            continue;
        }
        match list(&mut account, &case["params"], None) {
            Ok(response) => {
                assert_eq!(json!(names(&response, "Contents", "Key")), case["contents"], "{case}");
                assert_eq!(json!(names(&response, "CommonPrefixes", "Prefix")), case["common_prefixes"], "{case}");
                assert_eq!(response["IsTruncated"], case["truncated"], "{case}");
                let count = case["contents"].as_array().map_or(0, Vec::len) + case["common_prefixes"].as_array().map_or(0, Vec::len);
                assert_eq!(response["KeyCount"], count, "{case}");
            }
            Err(error) => {
                assert_eq!(case["code"], error.code, "{case}");
                assert_eq!(case["message"], error.message, "{case}");
            }
        }
    }
}
