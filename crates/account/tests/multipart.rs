//! What is joined in the store: the parts of an upload, and ranges of objects as parts.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sluice_account::{Digest, Disk, Fault, FaultKind, Folder, Host, HostOptions, MemoryStore, block_on};
use sluice_core::account::Call;
use sluice_core::sim::SimTime;

const NOW: SimTime = SimTime::from_millis(1_767_225_600_000);
const MIN_PART: usize = 5 << 20;

fn open(disk: Disk, read_only: bool) -> Host<MemoryStore> {
    let options = HostOptions {
        read_only,
        ..HostOptions::default()
    };
    let (host, report) = block_on(Host::open(Rc::new(MemoryStore::new(disk)), NOW, options)).expect("the store opens");
    assert_eq!(report.set_aside, []);
    host
}

fn call(host: &Host<MemoryStore>, operation: &str, params: Value) -> Result<Value, String> {
    block_on(async {
        let mut called = host.call(NOW, Call::new("s3", operation, params)).await;
        host.fill_body(&mut called).await;
        called.result.map_err(|error| error.code)
    })
}

fn bytes(host: &Host<MemoryStore>, params: Value) -> Vec<u8> {
    let got = call(host, "GetObject", params).expect("the object is there");
    BASE64.decode(got["Body"].as_str().expect("a body")).expect("base64")
}

/// Bytes that differ from place to place and from part to part.
fn sample(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|at| (at / 7 % 251) as u8 ^ seed).collect()
}

#[test]
fn parts_are_joined_and_outlive_the_process() {
    let disk = Disk::default();
    let host = open(disk.clone(), false);
    call(&host, "CreateBucket", json!({"Bucket": "bkt"})).expect("a bucket");
    let source = sample(100_000, 3);
    call(&host, "PutObject", json!({"Bucket": "bkt", "Key": "source", "Body": BASE64.encode(&source)})).expect("a put");
    let created = call(&host, "CreateMultipartUpload", json!({"Bucket": "bkt", "Key": "big"})).expect("an upload");
    let upload = &created["UploadId"];

    let first = sample(MIN_PART, 1);
    let mut parts = Vec::new();
    let part = json!({"Bucket": "bkt", "Key": "big", "UploadId": upload, "PartNumber": 1, "Body": BASE64.encode(&first)});
    parts.push(json!({"PartNumber": 1, "ETag": call(&host, "UploadPart", part).expect("a part")["ETag"]}));
    let range = json!({
        "Bucket": "bkt", "Key": "big", "UploadId": upload, "PartNumber": 2, "CopySource": "bkt/source", "CopySourceRange": "bytes=500-1499",
    });
    let copied = call(&host, "UploadPartCopy", range).expect("a range");
    assert_eq!(
        copied["CopyPartResult"]["ETag"],
        format!("\"{}\"", Digest::of(&source[500..1500]).md5),
        "the digest is that of the bytes"
    );
    parts.push(json!({"PartNumber": 2, "ETag": copied["CopyPartResult"]["ETag"]}));

    let complete = json!({"Bucket": "bkt", "Key": "big", "UploadId": upload, "MultipartUpload": {"Parts": parts}});
    let completed = call(&host, "CompleteMultipartUpload", complete.clone()).expect("an object");
    assert!(completed["ETag"].as_str().expect("a tag").ends_with("-2\""), "{completed}");
    let whole = [first.as_slice(), &source[500..1500]].concat();
    assert!(bytes(&host, json!({"Bucket": "bkt", "Key": "big"})) == whole);
    let across = json!({"Bucket": "bkt", "Key": "big", "Range": format!("bytes={}-{}", MIN_PART - 3, MIN_PART + 2)});
    assert_eq!(bytes(&host, across), &whole[MIN_PART - 3..MIN_PART + 3]);
    assert_eq!(call(&host, "CompleteMultipartUpload", complete).err().as_deref(), Some("NoSuchUpload"));

    // Only what objects are made of is left: the parts are gone with their upload.
    block_on(host.collect()).expect("the store can be swept");
    let mut kept = disk.names(Folder::Blobs);
    kept.sort();
    let named = |key: &str| block_on(host.readable(NOW, "bkt", key)).expect("it is there").blob.id;
    let mut expected = vec![named("big"), named("source")];
    expected.sort();
    assert_eq!(kept, expected);
    drop(host);
    let again = open(disk, false);
    assert!(bytes(&again, json!({"Bucket": "bkt", "Key": "big"})) == whole);
}

#[test]
fn a_refused_completion_joins_nothing() {
    let disk = Disk::default();
    let host = open(disk.clone(), false);
    call(&host, "CreateBucket", json!({"Bucket": "bkt"})).expect("a bucket");
    let upload = call(&host, "CreateMultipartUpload", json!({"Bucket": "bkt", "Key": "big"})).expect("an upload")["UploadId"].clone();
    let mut parts = Vec::new();
    for number in 1..=2 {
        let part = json!({"Bucket": "bkt", "Key": "big", "UploadId": upload, "PartNumber": number, "Body": BASE64.encode([number])});
        parts.push(json!({"PartNumber": number, "ETag": call(&host, "UploadPart", part).expect("a part")["ETag"]}));
    }
    let complete = json!({"Bucket": "bkt", "Key": "big", "UploadId": upload, "MultipartUpload": {"Parts": parts}});
    assert_eq!(call(&host, "CompleteMultipartUpload", complete).err().as_deref(), Some("EntityTooSmall"));
    assert_eq!(disk.names(Folder::Blobs).len(), 2);
}

/// A second holder reads what the first one put, and counts nothing.
#[test]
fn who_only_looks_reads_objects() {
    let disk = Disk::default();
    let host = open(disk.clone(), false);
    call(&host, "CreateBucket", json!({"Bucket": "bkt"})).expect("a bucket");
    call(&host, "PutObject", json!({"Bucket": "bkt", "Key": "a", "Body": BASE64.encode("hello")})).expect("a put");
    let looker = open(disk, true);
    let (position, _) = block_on(looker.at(NOW));
    assert_eq!(bytes(&looker, json!({"Bucket": "bkt", "Key": "a"})), b"hello");
    assert_eq!(
        call(&looker, "GetObject", json!({"Bucket": "bkt", "Key": "b"})).err().as_deref(),
        Some("NoSuchKey")
    );
    assert_eq!(
        call(&looker, "DeleteObject", json!({"Bucket": "bkt", "Key": "a"})).err().as_deref(),
        Some("SluiceReadOnly")
    );
    assert_eq!(block_on(looker.at(NOW)).0, position);
    assert_eq!(bytes(&host, json!({"Bucket": "bkt", "Key": "a"})), b"hello");
    assert_eq!(block_on(host.at(NOW)).0, position + 1, "a read is an access, which is logged");
}

/// A read is logged as an access; where the log has no room it is answered all the same.
#[test]
fn a_full_store_gives_its_objects() {
    let disk = Disk::default();
    let host = open(disk.clone(), false);
    call(&host, "CreateBucket", json!({"Bucket": "bkt"})).expect("a bucket");
    call(&host, "PutObject", json!({"Bucket": "bkt", "Key": "a", "Body": BASE64.encode("hello")})).expect("a put");
    drop(host);
    let fault = Fault { at: 0, kind: FaultKind::Full };
    let store = Rc::new(MemoryStore::with_fault(disk, fault));
    let (full, _) = block_on(Host::open(store, NOW, HostOptions::default())).expect("it opens");
    let put = json!({"Bucket": "bkt", "Key": "b", "Body": BASE64.encode("more")});
    assert!(call(&full, "PutObject", put).is_err());
    let (position, _) = block_on(full.at(NOW));
    assert_eq!(bytes(&full, json!({"Bucket": "bkt", "Key": "a"})), b"hello");
    assert_eq!(block_on(full.at(NOW)).0, position, "and not counted");
}
