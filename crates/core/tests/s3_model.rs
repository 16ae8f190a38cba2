//! S3 against simple models of it.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use common::{account, blob, s3};
use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_core::account::Account;

/// Keys that share folders, with characters on both sides of "/" and beyond ASCII.
fn key() -> impl Strategy<Value = String> {
    "[ab/.é\u{d7ff}\u{10ffff}-]{1,6}"
}

fn fill(keys: &[String]) -> Account {
    let mut account = account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "bucket"})).expect("the name is valid");
    for key in keys {
        s3(&mut account, "PutObject", json!({"Bucket": "bucket", "Key": key})).expect("the key is valid");
    }
    account
}

/// What a listing shows, in order: keys and common prefixes.
fn entries(response: &Value) -> Vec<String> {
    let texts = |list: &str, member: &str| -> Vec<String> {
        let list = response[list].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().map(|entry| entry[member].as_str().expect("a text").to_string()).collect()
    };
    let mut all = [texts("Contents", "Key"), texts("CommonPrefixes", "Prefix")].concat();
    all.sort();
    all
}

/// The listing by its definition: filter, roll up, sort, remove doubles.
fn model(keys: &[String], prefix: &str, delimiter: &str, start_after: &str) -> Vec<String> {
    let mut listed: Vec<String> = keys
        .iter()
        .filter(|key| key.starts_with(prefix) && key.as_str() > start_after)
        .map(|key| match key[prefix.len()..].find(delimiter) {
            Some(at) if !delimiter.is_empty() => key[..prefix.len() + at + delimiter.len()].to_string(),
            _ => key.clone(),
        })
        .collect();
    listed.sort();
    listed.dedup();
    listed
}

#[derive(Clone, Debug)]
enum Act {
    Put(String, String),
    Copy(String, String),
    Delete(String),
    DeleteMany(Vec<String>),
    Read(String),
}

fn act() -> impl Strategy<Value = Act> {
    let name = || "[a-c/]{1,2}";
    prop_oneof![
        (name(), "[xyz]{0,3}").prop_map(|(key, text)| Act::Put(key, text)),
        (name(), name()).prop_map(|(from, to)| Act::Copy(from, to)),
        name().prop_map(Act::Delete),
        proptest::collection::vec(name(), 1..4).prop_map(Act::DeleteMany),
        name().prop_map(Act::Read),
    ]
}

/// An act on a bucket with versions.
#[derive(Clone, Debug)]
enum VersionAct {
    Put(String, String),
    Delete(String),
    /// Deletes the version that stands at this place of the list, counted round.
    DeleteVersion(String, usize),
    /// Copies that version over its key.
    CopyVersion(String, usize),
    Versioning(&'static str),
}

fn version_act() -> impl Strategy<Value = VersionAct> {
    let name = || "[a-c]";
    prop_oneof![
        4 => (name(), "[xyz]{0,3}").prop_map(|(key, text)| VersionAct::Put(key, text)),
        3 => name().prop_map(VersionAct::Delete),
        2 => (name(), 0usize..4).prop_map(|(key, at)| VersionAct::DeleteVersion(key, at)),
        1 => (name(), 0usize..4).prop_map(|(key, at)| VersionAct::CopyVersion(key, at)),
        1 => prop_oneof![Just("Enabled"), Just("Suspended")].prop_map(VersionAct::Versioning),
    ]
}

/// A version as the model has it: its id, and its text; `None`: a delete marker.
type ModelVersion = (String, Option<String>);

/// The model of a put: newest first; `null` there is once.
fn push(versions: &mut Vec<ModelVersion>, id: &str, text: Option<String>) {
    if id == "null" {
        versions.retain(|(id, _)| id != "null");
    }
    versions.insert(0, (id.to_string(), text));
}

proptest! {
    #[test]
    fn a_key_is_a_list_of_versions(acts in proptest::collection::vec(version_act(), 0..40), max in 1u32..5) {
        let mut account = fill(&[]);
        let mut status = "";
        let mut model: BTreeMap<String, Vec<ModelVersion>> = BTreeMap::new();
        for act in acts {
            match act {
                VersionAct::Versioning(new) => {
                    let configuration = json!({"Status": new});
                    s3(&mut account, "PutBucketVersioning", json!({"Bucket": "bucket", "VersioningConfiguration": configuration})).unwrap();
                    status = new;
                }
                VersionAct::Put(key, text) => {
                    let put = s3(&mut account, "PutObject", json!({"Bucket": "bucket", "Key": key, "SluiceBlob": blob(&text)})).unwrap();
                    let id = put["VersionId"].as_str().unwrap_or("null");
                    prop_assert_eq!(put.get("VersionId").is_some(), !status.is_empty());
                    prop_assert_eq!(id == "null", status != "Enabled");
                    push(model.entry(key).or_default(), id, Some(text));
                }
                VersionAct::Delete(key) => {
                    let done = s3(&mut account, "DeleteObject", json!({"Bucket": "bucket", "Key": key})).unwrap();
                    if status.is_empty() {
                        model.remove(&key);
                    } else {
                        push(model.entry(key).or_default(), done["VersionId"].as_str().unwrap(), None);
                    }
                }
                VersionAct::DeleteVersion(key, at) => {
                    let Some(versions) = model.get_mut(&key).filter(|versions| !versions.is_empty()) else { continue };
                    let (id, text) = versions.remove(at % versions.len());
                    let done = s3(&mut account, "DeleteObject", json!({"Bucket": "bucket", "Key": key, "VersionId": id})).unwrap();
                    prop_assert_eq!(done["DeleteMarker"] == true, text.is_none());
                    if versions.is_empty() {
                        model.remove(&key);
                    }
                }
                VersionAct::CopyVersion(key, at) => {
                    let Some(versions) = model.get_mut(&key).filter(|versions| !versions.is_empty()) else { continue };
                    let at = at % versions.len();
                    let (id, text) = versions[at].clone();
                    let source = json!({"Bucket": "bucket", "Key": key, "VersionId": id});
                    let done = s3(&mut account, "CopyObject", json!({"Bucket": "bucket", "Key": key, "CopySource": source}));
                    match text {
                        Some(_) if at == 0 => prop_assert_eq!(done.unwrap_err().code, "InvalidRequest"),
                        None => prop_assert_eq!(done.unwrap_err().code, "InvalidRequest"),
                        Some(text) => {
                            let done = done.unwrap();
                            push(versions, done["VersionId"].as_str().unwrap(), Some(text));
                        }
                    }
                }
            }
        }
        // Every version by its id, and the current one without.
        for (key, versions) in &model {
            for (id, text) in versions {
                let head = s3(&mut account, "HeadObject", json!({"Bucket": "bucket", "Key": key, "VersionId": id}));
                match text {
                    None => prop_assert_eq!(head.unwrap_err().code, "405"),
                    Some(text) => {
                        let etag = format!("\"{}\"", blob(text)["md5"].as_str().unwrap());
                        prop_assert_eq!(&head.unwrap()["ETag"], &json!(etag));
                    }
                }
            }
            let current = s3(&mut account, "HeadObject", json!({"Bucket": "bucket", "Key": key}));
            prop_assert_eq!(current.is_ok(), versions[0].1.is_some());
        }
        // All of them in pages, in order.
        let expected: Vec<(String, String, bool, bool)> = model
            .iter()
            .flat_map(|(key, versions)| versions.iter().enumerate().map(move |(at, (id, text))| (key.clone(), id.clone(), text.is_none(), at == 0)))
            .collect();
        let mut params = json!({"Bucket": "bucket", "MaxKeys": max});
        let mut found = Vec::new();
        loop {
            let page = s3(&mut account, "ListObjectVersions", params.clone()).unwrap();
            let mut entries = Vec::new();
            for (list, marker) in [("Versions", false), ("DeleteMarkers", true)] {
                for line in page[list].as_array().into_iter().flatten() {
                    let text = |name: &str| line[name].as_str().unwrap().to_string();
                    entries.push((text("Key"), text("VersionId"), marker, line["IsLatest"] == true));
                }
            }
            prop_assert!(entries.len() <= max as usize);
            // The two lists of a page are in order each; together they are as the model has them.
            let place = |entry: &(String, String, bool, bool)| expected.iter().position(|known| known == entry);
            prop_assert!(entries.iter().all(|entry| place(entry).is_some()), "{entries:?}");
            entries.sort_by_key(place);
            found.extend(entries);
            if page["IsTruncated"] != true {
                break;
            }
            params["KeyMarker"] = page["NextKeyMarker"].clone();
            params["VersionIdMarker"] = page["NextVersionIdMarker"].clone();
        }
        prop_assert_eq!(found, expected);
        let again = Account::restore(&account.snapshot()).unwrap();
        prop_assert_eq!(again.s3(), account.s3());
    }

    #[test]
    fn pages_make_up_the_listing(
        keys in proptest::collection::vec(key(), 0..30),
        prefix in "[ab/é]{0,2}",
        delimiter in prop_oneof![Just(""), Just("/"), Just("é"), Just("-/")],
        start_after in prop_oneof![Just(String::new()), key()],
        max in 1u32..6,
    ) {
        let mut account = fill(&keys);
        let mut params = json!({"Bucket": "bucket", "Prefix": prefix, "Delimiter": delimiter, "StartAfter": start_after});
        let expected = model(&keys, &prefix, delimiter, &start_after);
        let whole = s3(&mut account, "ListObjectsV2", params.clone()).expect("a listing");
        prop_assert_eq!(&entries(&whole), &expected);
        prop_assert_eq!(whole["KeyCount"].as_u64(), Some(expected.len() as u64));

        params["MaxKeys"] = json!(max);
        let mut paged = Vec::new();
        loop {
            let page = s3(&mut account, "ListObjectsV2", params.clone()).expect("a page");
            let found = entries(&page);
            prop_assert!(found.len() <= max as usize);
            prop_assert!(page["IsTruncated"] == false || found.len() == max as usize);
            paged.extend(found);
            match page.get("NextContinuationToken") {
                Some(token) => params["ContinuationToken"] = token.clone(),
                None => break,
            }
        }
        prop_assert_eq!(paged, expected);
    }

    #[test]
    fn a_bucket_is_a_sorted_map(acts in proptest::collection::vec(act(), 0..40)) {
        let mut account = fill(&[]);
        let mut model: BTreeMap<String, String> = BTreeMap::new();
        for act in acts {
            match act {
                Act::Put(key, text) => {
                    s3(&mut account, "PutObject", json!({"Bucket": "bucket", "Key": key, "SluiceBlob": blob(&text)})).expect("a put");
                    model.insert(key, text);
                }
                Act::Copy(from, to) => {
                    let source = json!({"Bucket": "bucket", "Key": from});
                    let result = s3(&mut account, "CopyObject", json!({"Bucket": "bucket", "Key": to, "CopySource": source}));
                    match model.get(&from).cloned() {
                        None => prop_assert_eq!(result.unwrap_err().code, "NoSuchKey"),
                        Some(_) if from == to => prop_assert_eq!(result.unwrap_err().code, "InvalidRequest"),
                        Some(text) => {
                            prop_assert!(result.is_ok());
                            model.insert(to, text);
                        }
                    }
                }
                Act::Delete(key) => {
                    s3(&mut account, "DeleteObject", json!({"Bucket": "bucket", "Key": key})).expect("deleting is never refused");
                    model.remove(&key);
                }
                Act::DeleteMany(keys) => {
                    let objects: Vec<_> = keys.iter().map(|key| json!({"Key": key})).collect();
                    s3(&mut account, "DeleteObjects", json!({"Bucket": "bucket", "Delete": {"Objects": objects}})).expect("deleting is never refused");
                    for key in keys {
                        model.remove(&key);
                    }
                }
                Act::Read(key) => {
                    let result = s3(&mut account, "HeadObject", json!({"Bucket": "bucket", "Key": key}));
                    match model.get(&key) {
                        None => prop_assert_eq!(result.unwrap_err().code, "404"),
                        Some(text) => prop_assert_eq!(result.unwrap()["ContentLength"].as_u64(), Some(text.len() as u64)),
                    }
                }
            }
        }
        let bucket = account.s3().bucket("bucket").expect("the bucket is there");
        let held: Vec<_> = bucket.objects("").map(|(key, object)| (key.to_string(), object.blob().id.clone())).collect();
        let expected: Vec<_> = model.iter().map(|(key, text)| (key.clone(), blob(text)["id"].as_str().unwrap().to_string())).collect();
        prop_assert_eq!(held, expected);
        let deleted = s3(&mut account, "DeleteBucket", json!({"Bucket": "bucket"}));
        prop_assert_eq!(deleted.is_ok(), model.is_empty());
    }
}
