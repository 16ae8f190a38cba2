//! Responses and refusals of S3, member by member.

#![allow(clippy::unwrap_used)]

mod common;

use common::{account, blob, call, code, put, s3};
use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, BlobRef, Call};

fn with_bucket() -> Account {
    let mut account = account();
    s3(&mut account, "CreateBucket", json!({"Bucket": "parking"})).expect("the name is valid");
    account
}

#[test]
fn a_bucket_from_creation_to_deletion() {
    let mut account = account();
    let created = s3(&mut account, "CreateBucket", json!({"Bucket": "parking"})).unwrap();
    assert_eq!(created, json!({"Location": "/parking", "BucketArn": "arn:aws:s3:::parking"}));
    let head = s3(&mut account, "HeadBucket", json!({"Bucket": "parking"})).unwrap();
    assert_eq!(head["BucketRegion"], "us-east-1");
    assert_eq!(
        s3(&mut account, "GetBucketLocation", json!({"Bucket": "parking"})).unwrap(),
        json!({"LocationConstraint": null})
    );
    let block = s3(&mut account, "GetPublicAccessBlock", json!({"Bucket": "parking"})).unwrap();
    assert_eq!(block["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"], true);
    let controls = s3(&mut account, "GetBucketOwnershipControls", json!({"Bucket": "parking"})).unwrap();
    assert_eq!(controls["OwnershipControls"]["Rules"][0]["ObjectOwnership"], "BucketOwnerEnforced");
    let listed = s3(&mut account, "ListBuckets", json!({})).unwrap();
    assert_eq!(
        listed["Buckets"],
        json!([{"Name": "parking", "CreationDate": "2026-01-01T00:00:01Z", "BucketArn": "arn:aws:s3:::parking"}])
    );
    assert_eq!(listed["Owner"]["ID"].as_str().map(str::len), Some(64));

    put(&mut account, "parking", "a", "x").unwrap();
    let refused = s3(&mut account, "DeleteBucket", json!({"Bucket": "parking"})).unwrap_err();
    assert_eq!(
        (refused.code.as_str(), refused.message.as_str()),
        ("BucketNotEmpty", "The bucket you tried to delete is not empty")
    );
    s3(&mut account, "DeleteObject", json!({"Bucket": "parking", "Key": "a"})).unwrap();
    assert_eq!(s3(&mut account, "DeleteBucket", json!({"Bucket": "parking"})).unwrap(), json!({}));
    assert_eq!(code(s3(&mut account, "DeleteBucket", json!({"Bucket": "parking"}))), "NoSuchBucket");
    assert_eq!(code(s3(&mut account, "HeadBucket", json!({"Bucket": "parking"}))), "404");
}

#[test]
fn regions() {
    let create = |region: &str, name: &str, constraint: Option<&str>| {
        let mut account = Account::new(AccountOptions {
            region: region.into(),
            ..AccountOptions::default()
        });
        let mut params = json!({"Bucket": name});
        if let Some(constraint) = constraint {
            params["CreateBucketConfiguration"] = json!({"LocationConstraint": constraint});
        }
        let first = s3(&mut account, "CreateBucket", params.clone()).map(|_| s3(&mut account, "GetBucketLocation", json!({"Bucket": name})).unwrap());
        (
            first.map_err(|error| error.code).map(|response| response["LocationConstraint"].clone()),
            s3(&mut account, "CreateBucket", params).map_err(|error| error.code).is_ok(),
        )
    };
    assert_eq!(
        create("us-east-1", "abc", None),
        (Ok(Value::Null), true),
        "us-east-1 creates again without an error"
    );
    assert_eq!(create("us-east-1", "abc", Some("eu-west-1")), (Ok(json!("eu-west-1")), false));
    assert_eq!(create("us-east-1", "abc", Some("us-east-1")).0, Err("InvalidLocationConstraint".into()));
    assert_eq!(create("us-east-1", "abc", Some("moon-1")).0, Err("InvalidLocationConstraint".into()));
    assert_eq!(create("eu-west-1", "abc", None).0, Err("IllegalLocationConstraintException".into()));
    assert_eq!(create("eu-west-1", "abc", Some("eu-west-1")), (Ok(json!("eu-west-1")), false));
    assert_eq!(
        create("eu-west-1", "abc", Some("eu-west-2")).0,
        Err("IllegalLocationConstraintException".into())
    );
}

#[test]
fn owning_a_bucket_already() {
    let mut account = Account::new(AccountOptions {
        region: "eu-west-1".into(),
        ..AccountOptions::default()
    });
    let params = json!({"Bucket": "abc", "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"}});
    s3(&mut account, "CreateBucket", params.clone()).unwrap();
    assert_eq!(code(s3(&mut account, "CreateBucket", params)), "BucketAlreadyOwnedByYou");
}

#[test]
fn an_object_comes_back_as_it_went_in() {
    let mut account = with_bucket();
    let body = blob("hello");
    let params = json!({
        "Bucket": "parking", "Key": "data/a.csv", "SluiceBlob": body, "ContentType": "text/csv", "CacheControl": "no-cache",
        "Metadata": {"Colour": "red"}, "StorageClass": "STANDARD_IA",
    });
    let answered = s3(&mut account, "PutObject", params).unwrap();
    let etag = format!("\"{}\"", body["md5"].as_str().unwrap());
    assert_eq!(answered, json!({"ETag": etag, "ServerSideEncryption": "AES256"}));
    let expected = json!({
        "AcceptRanges": "bytes", "LastModified": "2026-01-01T00:00:02Z", "ContentLength": 5, "ETag": etag, "ContentType": "text/csv", "CacheControl": "no-cache",
        "ServerSideEncryption": "AES256", "Metadata": {"colour": "red"}, "StorageClass": "STANDARD_IA",
    });
    assert_eq!(
        s3(&mut account, "HeadObject", json!({"Bucket": "parking", "Key": "data/a.csv"})).unwrap(),
        expected
    );
    let outcome = account
        .apply(account.now(), &Call::new("s3", "GetObject", json!({"Bucket": "parking", "Key": "data/a.csv"})))
        .unwrap();
    assert_eq!(outcome.response, expected);
    let range = outcome.body.expect("GetObject names bytes");
    assert_eq!((range.offset, range.length, json!(range.blob)), (0, 5, body));

    let get = Call::new("s3", "GetObject", json!({"Bucket": "parking", "Key": "data/a.csv", "Range": "bytes=1-3"}));
    let part = account.apply(account.now(), &get).unwrap();
    assert_eq!(
        (&part.response["ContentRange"], &part.response["ContentLength"]),
        (&json!("bytes 1-3/5"), &json!(3))
    );
    assert_eq!(part.body.map(|range| (range.offset, range.length)), Some((1, 3)));
    let beyond = s3(
        &mut account,
        "GetObject",
        json!({"Bucket": "parking", "Key": "data/a.csv", "Range": "bytes=5-"}),
    )
    .unwrap_err();
    assert_eq!(
        (beyond.code.as_str(), beyond.message.as_str()),
        ("InvalidRange", "The requested range is not satisfiable")
    );
    assert_eq!(
        code(s3(
            &mut account,
            "HeadObject",
            json!({"Bucket": "parking", "Key": "data/a.csv", "Range": "bytes=5-"})
        )),
        "416"
    );
}

#[test]
fn a_folder_is_an_empty_object() {
    let mut account = with_bucket();
    s3(&mut account, "PutObject", json!({"Bucket": "parking", "Key": "parking_data/"})).unwrap();
    let folder = account.object("parking", "parking_data/").expect("the folder is there");
    assert_eq!(folder.blob, BlobRef::empty());
    let head = s3(&mut account, "HeadObject", json!({"Bucket": "parking", "Key": "parking_data/"})).unwrap();
    assert_eq!(
        (&head["ContentLength"], &head["ETag"], &head["ContentType"]),
        (&json!(0), &json!("\"d41d8cd98f00b204e9800998ecf8427e\""), &json!("binary/octet-stream"))
    );
}

#[test]
fn conditions_of_reads() {
    let mut account = with_bucket();
    put(&mut account, "parking", "a", "x").unwrap();
    let etag = s3(&mut account, "HeadObject", json!({"Bucket": "parking", "Key": "a"})).unwrap()["ETag"].clone();
    let mut get = |operation: &str, name: &str, value: Value| {
        let mut params = json!({"Bucket": "parking", "Key": "a"});
        params[name] = value;
        s3(&mut account, operation, params).map_err(|error| error.code).err()
    };
    assert_eq!(get("GetObject", "IfMatch", etag.clone()), None);
    assert_eq!(get("GetObject", "IfMatch", json!("\"other\"")).as_deref(), Some("PreconditionFailed"));
    assert_eq!(get("HeadObject", "IfMatch", json!("\"other\"")).as_deref(), Some("412"));
    assert_eq!(get("GetObject", "IfNoneMatch", etag).as_deref(), Some("304"));
    assert_eq!(get("GetObject", "IfNoneMatch", json!("other")), None);
    assert_eq!(get("GetObject", "IfModifiedSince", json!("2026-01-01T00:00:02Z")).as_deref(), Some("304"));
    assert_eq!(get("GetObject", "IfModifiedSince", json!("2026-01-01T00:00:01Z")), None);
    assert_eq!(
        get("GetObject", "IfUnmodifiedSince", json!("2026-01-01T00:00:01Z")).as_deref(),
        Some("PreconditionFailed")
    );
    assert_eq!(get("GetObject", "IfUnmodifiedSince", json!("2026-01-01T00:00:02Z")), None);
    assert_eq!(get("GetObject", "VersionId", json!("null")), None);
    assert_eq!(get("GetObject", "VersionId", json!("v1")).as_deref(), Some("InvalidArgument"));
}

#[test]
fn conditions_of_writes() {
    let mut account = with_bucket();
    let mut conditional = |name: &str, value: &str| {
        let mut params = json!({"Bucket": "parking", "Key": "a", "SluiceBlob": blob("x")});
        params[name] = json!(value);
        s3(&mut account, "PutObject", params).map_err(|error| error.code).err()
    };
    assert_eq!(conditional("IfMatch", "x").as_deref(), Some("NoSuchKey"));
    assert_eq!(conditional("IfNoneMatch", "*"), None);
    assert_eq!(conditional("IfNoneMatch", "*").as_deref(), Some("PreconditionFailed"));
    assert_eq!(conditional("IfMatch", "x").as_deref(), Some("PreconditionFailed"));
    assert_eq!(conditional("IfMatch", blob("x")["md5"].as_str().unwrap()), None);
}

#[test]
fn digests_are_checked() {
    let mut account = with_bucket();
    let empty_md5 = "1B2M2Y8AsgTpgAmY7PhCfg==";
    let empty_sha = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let mut with = |name: &str, value: Value| {
        let mut params = json!({"Bucket": "parking", "Key": "a"});
        params[name] = value;
        s3(&mut account, "PutObject", params).map_err(|error| error.code).err()
    };
    assert_eq!(with("ContentMD5", json!(empty_md5)), None);
    assert_eq!(with("ContentMD5", json!("AAAAAAAAAAAAAAAAAAAAAA==")).as_deref(), Some("BadDigest"));
    assert_eq!(with("ContentMD5", json!("no")).as_deref(), Some("InvalidDigest"));
    assert_eq!(with("ChecksumSHA256", json!(empty_sha)), None);
    assert_eq!(
        with("ChecksumSHA256", json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")).as_deref(),
        Some("BadDigest")
    );
    assert_eq!(with("ContentLength", json!(0)), None);
    assert_eq!(with("ContentLength", json!(1)).as_deref(), Some("IncompleteBody"));
    assert_eq!(with("ChecksumCRC32", json!("AAAAAA==")).as_deref(), Some("NotImplemented"));
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
        (json!({"Bucket": "nowhere"}), "NoSuchBucket"),
        (json!({"Bucket": "No_Where"}), "InvalidBucketName"),
        (json!({"StorageClass": "COLD"}), "InvalidStorageClass"),
        (json!({"ACL": "public-read"}), "AccessControlListNotSupported"),
        (json!({"Metadata": {"a": "x".repeat(2_048)}}), "MetadataTooLarge"),
        (json!({"Metadata": {"a": "é"}}), "ParamValidation"),
        (json!({"ServerSideEncryption": "rot13"}), "InvalidArgument"),
        (json!({"SluiceBlob": {"id": "x", "size": 1, "md5": "y"}}), "ParamValidation"),
        (json!({"SluiceBlob": 3}), "ParamValidation"),
        (
            json!({"SluiceBlob": {"id": "0".repeat(64), "size": 5_368_709_121_u64, "md5": "0".repeat(32)}}),
            "EntityTooLarge",
        ),
        (json!({"Body": "aGk="}), "InvalidRequest"),
        (json!({"ExpectedBucketOwner": "000000000000"}), "AccessDenied"),
        (json!({"Unknown": 1}), "ParamValidation"),
    ] {
        assert_eq!(refused(&mut account, extra.clone()), code, "{extra}");
    }
    assert_eq!(code(s3(&mut account, "PutBucketWebsite", json!({"Bucket": "parking"}))), "NotImplemented");
    assert_eq!(code(call(&mut account, "s4", "PutObject", json!({}))), "InvalidAction");
}

#[test]
fn copies() {
    let mut account = with_bucket();
    let params = json!({"Bucket": "parking", "Key": "a b/é.csv", "SluiceBlob": blob("x"), "ContentType": "text/csv", "Metadata": {"k": "v"}});
    s3(&mut account, "PutObject", params).unwrap();
    let copy = |account: &mut Account, key: &str, source: Value, extra: Value| {
        let mut params = json!({"Bucket": "parking", "Key": key, "CopySource": source});
        for (name, value) in extra.as_object().expect("members") {
            params[name.as_str()] = value.clone();
        }
        s3(account, "CopyObject", params)
    };
    for source in [
        json!("parking/a b/é.csv"),
        json!("/parking/a b/é.csv"),
        json!("parking/a%20b/%C3%A9.csv"),
        json!("parking/a%20b%2F%c3%a9.csv?versionId=null"),
        json!({"Bucket": "parking", "Key": "a b/é.csv"}),
    ] {
        let copied = copy(&mut account, "copy", source.clone(), json!({})).unwrap_or_else(|error| panic!("{source}: {error}"));
        assert!(copied["CopyObjectResult"]["ETag"].is_string(), "{copied}");
        let head = s3(&mut account, "HeadObject", json!({"Bucket": "parking", "Key": "copy"})).unwrap();
        assert_eq!((&head["ContentType"], &head["Metadata"]), (&json!("text/csv"), &json!({"k": "v"})));
    }
    copy(
        &mut account,
        "copy",
        json!("parking/a b/é.csv"),
        json!({"MetadataDirective": "REPLACE", "Metadata": {"n": "1"}}),
    )
    .unwrap();
    let head = s3(&mut account, "HeadObject", json!({"Bucket": "parking", "Key": "copy"})).unwrap();
    assert_eq!((&head["ContentType"], &head["Metadata"]), (&json!("binary/octet-stream"), &json!({"n": "1"})));

    let onto_itself = copy(&mut account, "copy", json!("parking/copy"), json!({})).unwrap_err();
    assert_eq!(onto_itself.code, "InvalidRequest");
    assert!(
        onto_itself
            .message
            .starts_with("This copy request is illegal because it is trying to copy an object to itself"),
        "{onto_itself}"
    );
    copy(&mut account, "copy", json!("parking/copy"), json!({"StorageClass": "GLACIER"})).unwrap();
    assert_eq!(code(copy(&mut account, "b", json!("parking/copy"), json!({}))), "ObjectNotInActiveTierError");
    assert_eq!(
        code(s3(&mut account, "GetObject", json!({"Bucket": "parking", "Key": "copy"}))),
        "InvalidObjectState"
    );

    for (source, code_expected) in [
        (json!("parking/none"), "NoSuchKey"),
        (json!("nowhere/a"), "NoSuchBucket"),
        (json!("parking"), "InvalidArgument"),
        (json!("parking/"), "InvalidArgument"),
        (json!("parking/a b/é.csv?versionId=v1"), "InvalidArgument"),
        (json!(3), "ParamValidation"),
        (json!({"Bucket": "parking"}), "ParamValidation"),
    ] {
        assert_eq!(code(copy(&mut account, "c", source.clone(), json!({}))), code_expected, "{source}");
    }
    let conditional = json!({"CopySourceIfNoneMatch": "*"});
    assert_eq!(code(copy(&mut account, "c", json!("parking/a b/é.csv"), conditional)), "PreconditionFailed");
}

#[test]
fn deleting_many() {
    let mut account = with_bucket();
    for key in ["a", "b", "c"] {
        put(&mut account, "parking", key, key).unwrap();
    }
    let delete = |account: &mut Account, objects: Value, quiet: bool| {
        s3(
            account,
            "DeleteObjects",
            json!({"Bucket": "parking", "Delete": {"Objects": objects, "Quiet": quiet}}),
        )
    };
    let answered = delete(&mut account, json!([{"Key": "a"}, {"Key": "none"}, {"Key": "x".repeat(1_025)}]), false).unwrap();
    assert_eq!(answered["Deleted"], json!([{"Key": "a"}, {"Key": "none"}]));
    assert_eq!(answered["Errors"][0]["Code"], "KeyTooLongError");
    assert_eq!(delete(&mut account, json!([{"Key": "b"}]), true).unwrap(), json!({}));
    assert!(account.object("parking", "b").is_none());
    assert_eq!(code(delete(&mut account, json!([]), false)), "MalformedXML");
    let many: Vec<_> = (0..1_001).map(|number| json!({"Key": number.to_string()})).collect();
    assert_eq!(code(delete(&mut account, json!(many), false)), "MalformedXML");
    assert!(account.object("parking", "c").is_some());
}

#[test]
fn pages_of_buckets() {
    let mut account = account();
    for name in ["aaa", "aab", "abb", "bbb"] {
        s3(&mut account, "CreateBucket", json!({"Bucket": name})).unwrap();
    }
    let mut params = json!({"MaxBuckets": 2, "Prefix": "a"});
    let first = s3(&mut account, "ListBuckets", params.clone()).unwrap();
    assert_eq!(first["Buckets"].as_array().map(Vec::len), Some(2));
    assert_eq!(first["Buckets"][0]["BucketRegion"], "us-east-1");
    params["ContinuationToken"] = first["ContinuationToken"].clone();
    let second = s3(&mut account, "ListBuckets", params).unwrap();
    assert_eq!(second["Buckets"][0]["Name"], "abb");
    assert!(second.get("ContinuationToken").is_none());
}

#[test]
fn a_listing_goes_on_after_what_it_showed() {
    let mut account = with_bucket();
    for key in ["a/1", "b", "c/1", "d"] {
        put(&mut account, "parking", key, "x").unwrap();
    }
    let mut params = json!({"Bucket": "parking", "Delimiter": "/", "MaxKeys": 2});
    let first = s3(&mut account, "ListObjectsV2", params.clone()).unwrap();
    assert_eq!(first["Contents"][0]["Key"], "b");
    s3(&mut account, "DeleteObject", json!({"Bucket": "parking", "Key": "b"})).unwrap();
    for key in ["a/2", "a", "bb"] {
        put(&mut account, "parking", key, "x").unwrap();
    }
    params["ContinuationToken"] = first["NextContinuationToken"].clone();
    params["StartAfter"] = json!("z");
    let second = s3(&mut account, "ListObjectsV2", params).unwrap();
    assert_eq!(
        (&second["Contents"][0]["Key"], &second["CommonPrefixes"][0]["Prefix"]),
        (&json!("bb"), &json!("c/")),
        "a token outweighs StartAfter"
    );
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
