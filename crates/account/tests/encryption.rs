//! Objects rest encrypted: what is in the store, what opens it, and what the log does not hold.

use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sluice_account::{Digest, Disk, Folder, Header, Host, HostOptions, MemoryStore, block_on};
use sluice_core::account::{Account, AccountOptions, ApiError, BlobRef, Call};
use sluice_core::sim::SimTime;
use sluice_core::storage::s3::CustomerKeys;

const NOW: SimTime = SimTime::from_millis(1_767_225_600_000);
const MIB: usize = 1 << 20;
const KEY: &str = "01234567890123456789012345678901";
const OTHER: &str = "abcdefghijabcdefghijabcdefghijab";

type TestHost = Host<MemoryStore>;

fn open(disk: &Disk) -> TestHost {
    let (host, report) = block_on(Host::open(Rc::new(MemoryStore::new(disk.clone())), NOW, HostOptions::default())).expect("the store opens");
    assert_eq!(report.set_aside, []);
    host
}

fn ask(host: &TestHost, service: &str, operation: &str, params: Value) -> Result<Value, ApiError> {
    block_on(async {
        let mut called = host.call(NOW, Call::new(service, operation, params)).await;
        host.fill_body(&mut called).await;
        called.result
    })
}

fn s3(host: &TestHost, operation: &str, params: Value) -> Result<Value, ApiError> {
    ask(host, "s3", operation, params)
}

fn lake() -> (Disk, TestHost) {
    let disk = Disk::default();
    let host = open(&disk);
    s3(&host, "CreateBucket", json!({"Bucket": "lake"})).expect("a bucket");
    (disk, host)
}

fn allow_customer_keys(host: &TestHost) {
    let rules = json!({"Rules": [{"BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}]});
    s3(
        host,
        "PutBucketEncryption",
        json!({"Bucket": "lake", "ServerSideEncryptionConfiguration": rules}),
    )
    .expect("a rule");
}

fn put(host: &TestHost, key: &str, bytes: &[u8], more: Value) -> Result<Value, ApiError> {
    let mut params = json!({"Bucket": "lake", "Key": key, "Body": BASE64.encode(bytes)});
    params.as_object_mut().expect("members").extend(more.as_object().cloned().unwrap_or_default());
    s3(host, "PutObject", params)
}

fn get(host: &TestHost, key: &str, more: Value) -> Result<Vec<u8>, ApiError> {
    let mut params = json!({"Bucket": "lake", "Key": key});
    params.as_object_mut().expect("members").extend(more.as_object().cloned().unwrap_or_default());
    let got = s3(host, "GetObject", params)?;
    Ok(BASE64.decode(got["Body"].as_str().expect("a body")).expect("base64"))
}

fn customer(key: &str) -> Value {
    json!({"SSECustomerAlgorithm": "AES256", "SSECustomerKey": key})
}

fn blob(host: &TestHost, key: &str) -> BlobRef {
    let snapshot = block_on(host.readable(NOW, "lake", key));
    snapshot.expect("it is there").blob
}

fn sample(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at / 3 % 251) as u8).collect()
}

fn kms_key(host: &TestHost) -> Value {
    ask(host, "kms", "CreateKey", json!({})).expect("a key")["KeyMetadata"]["Arn"].clone()
}

/// Whether any run of 16 bytes of the plaintext stands anywhere in the store.
fn rests_in_the_clear(disk: &Disk, plain: &[u8]) -> bool {
    let window = &plain[..16];
    disk.names(Folder::Blobs)
        .iter()
        .filter_map(|id| disk.file(Folder::Blobs, id))
        .any(|bytes| bytes.windows(16).any(|at| at == window))
}

#[test]
fn what_rests_is_ciphertext_under_its_own_digest() {
    let (disk, host) = lake();
    let plain = sample(2 * MIB + 100);
    let answer = put(&host, "a", &plain, json!({})).expect("a put");
    assert_eq!(
        answer["ETag"],
        format!("\"{}\"", Digest::of(&plain).md5),
        "SSE-S3's tag is that of the plaintext"
    );
    let blob = blob(&host, "a");
    let stored = disk.file(Folder::Blobs, &blob.id).expect("it rests under its name");
    assert_eq!(Digest::of(&stored).id, blob.id);
    assert_eq!(stored.len(), plain.len() + 3 * 16);
    assert!(!rests_in_the_clear(&disk, &plain));
    assert!(get(&host, "a", json!({})).expect("it opens") == plain);
    for (from, to) in [(0, 0), (MIB - 1, MIB), (MIB, MIB), (2 * MIB - 5, 2 * MIB + 5), (2 * MIB + 99, 2 * MIB + 99)] {
        let range = json!({"Range": format!("bytes={from}-{to}")});
        assert_eq!(get(&host, "a", range).expect("a range"), plain[from..=to], "{from}-{to}");
    }
    drop(host);
    assert!(get(&open(&disk), "a", json!({})).expect("it opens in the next session") == plain);
}

#[test]
fn the_same_bytes_twice_are_two_blobs() {
    let (_, host) = lake();
    put(&host, "a", b"the same", json!({})).expect("a put");
    let first = blob(&host, "a");
    put(&host, "a", b"the same", json!({})).expect("a put");
    let second = blob(&host, "a");
    assert_eq!(first.md5, second.md5);
    assert_ne!(first.id, second.id);
    assert_ne!(first.seal.expect("a seal").salt, second.seal.expect("a seal").salt);
}

#[test]
fn a_checksum_is_that_of_the_plaintext() {
    let (_, host) = lake();
    let bytes = b"checked".to_vec();
    let digits = Digest::of(&bytes).id;
    let raw: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).expect("hex")).collect();
    put(&host, "a", &bytes, json!({"ChecksumSHA256": BASE64.encode(&raw)})).expect("the digest is right");
    let wrong = put(&host, "a", b"others", json!({"ChecksumSHA256": BASE64.encode(raw)}));
    assert_eq!(wrong.expect_err("the digest is wrong").code, "BadDigest");
}

#[test]
fn changed_cut_and_moved_frames_are_told() {
    let (disk, host) = lake();
    let plain = sample(2 * MIB + 100);
    put(&host, "a", &plain, json!({})).expect("a put");
    let id = blob(&host, "a").id;
    let stored = disk.file(Folder::Blobs, &id).expect("it rests").to_vec();
    let changed = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = stored.clone();
        change(&mut bytes);
        disk.set_file(Folder::Blobs, &id, &bytes);
        let error = get(&host, "a", json!({})).expect_err("the bytes are not what was written");
        assert_eq!(error.code, "SluiceStorageDamaged");
        error.message
    };
    let frame = MIB + 16;
    assert!(changed(&|bytes| bytes[frame + 9] ^= 4).contains("frame 1 is not what was sealed"));
    assert!(changed(&|bytes| bytes.truncate(2 * frame + 30)).contains("frame 2 is cut off: 30 bytes of 116"));
    assert!(changed(&|bytes| bytes.truncate(2 * frame)).contains("frame 2 is cut off: 0 bytes of 116"));
    assert!(changed(&|bytes| bytes.copy_within(frame..2 * frame, 0)).contains("frame 0 is not what was sealed"));
    disk.set_file(Folder::Blobs, &id, &stored);
    assert!(get(&host, "a", json!({})).expect("as it was") == plain);
    // A range that touches sound frames alone is answered.
    let mut bytes = stored.clone();
    bytes[frame + 9] ^= 4;
    disk.set_file(Folder::Blobs, &id, &bytes);
    assert_eq!(get(&host, "a", json!({"Range": "bytes=0-9"})).expect("frame 0"), plain[..10]);
}

#[test]
fn a_disabled_key_opens_nothing_and_a_rotated_one_all() {
    let (disk, host) = lake();
    let key = kms_key(&host);
    let under = json!({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key});
    let answer = put(&host, "a", b"secret, and long enough", under.clone()).expect("a put");
    assert_ne!(answer["ETag"], format!("\"{}\"", Digest::of(b"secret, and long enough").md5));
    ask(&host, "kms", "RotateKeyOnDemand", json!({"KeyId": key})).expect("a rotation");
    put(&host, "b", b"secret, and long enough", under).expect("a put");
    let (a, b) = (blob(&host, "a").seal.expect("a seal"), blob(&host, "b").seal.expect("a seal"));
    assert_eq!((a.key_version, b.key_version), (0, 1));
    assert_eq!(get(&host, "a", json!({})).expect("the older material opens it"), b"secret, and long enough");
    assert!(!rests_in_the_clear(&disk, b"secret, and long enough"));
    ask(&host, "kms", "DisableKey", json!({"KeyId": key})).expect("it is disabled");
    assert_eq!(get(&host, "b", json!({})).expect_err("the key is disabled").code, "KMS.DisabledException");
    assert_eq!(
        block_on(host.readable(NOW, "lake", "b")).expect_err("a look inside too").code,
        "KMS.DisabledException"
    );
    ask(&host, "kms", "EnableKey", json!({"KeyId": key})).expect("it is enabled");
    assert_eq!(get(&host, "b", json!({})).expect("it opens"), b"secret, and long enough");
}

#[test]
fn two_layers_rest_under_two_tags() {
    let (disk, host) = lake();
    put(&host, "a", b"twice", json!({"ServerSideEncryption": "aws:kms:dsse"})).expect("a put");
    let id = blob(&host, "a").id;
    assert_eq!(disk.file(Folder::Blobs, &id).expect("it rests").len(), 5 + 2 * 16);
    assert_eq!(get(&host, "a", json!({})).expect("it opens"), b"twice");
}

#[test]
fn a_callers_key_opens_and_is_kept_nowhere() {
    let (disk, host) = lake();
    allow_customer_keys(&host);
    put(&host, "a", b"mine alone, all of it", customer(KEY)).expect("a put");
    assert_eq!(get(&host, "a", customer(KEY)).expect("the same key"), b"mine alone, all of it");
    assert_eq!(get(&host, "a", json!({})).expect_err("no key").code, "InvalidRequest");
    let wrong = get(&host, "a", customer(OTHER)).expect_err("another key");
    assert_eq!(
        (wrong.code.as_str(), wrong.message.as_str()),
        (
            "AccessDenied",
            "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key."
        )
    );
    assert_eq!(put(&host, "b", b"x", customer("mistyped")).expect_err("too short").code, "InvalidArgument");
    assert_eq!(
        block_on(host.readable(NOW, "lake", "a")).expect_err("nobody looks inside").code,
        "InvalidRequest"
    );
    let copy = json!({
        "Bucket": "lake", "Key": "c", "CopySource": "lake/a", "CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": KEY,
        "SSECustomerAlgorithm": "AES256", "SSECustomerKey": OTHER,
    });
    s3(&host, "CopyObject", copy).expect("from one key to another");
    assert_eq!(get(&host, "c", customer(OTHER)).expect("the copy's key"), b"mine alone, all of it");
    assert!(!rests_in_the_clear(&disk, b"mine alone, all of it"));
    drop(host);
    let log = String::from_utf8_lossy(&disk.log()).into_owned();
    for key in [KEY, OTHER, "mistyped"] {
        assert!(!log.contains(key) && !log.contains(&BASE64.encode(key)), "{key} stands in the log");
    }
    assert_eq!(get(&open(&disk), "a", customer(KEY)).expect("the next session"), b"mine alone, all of it");
}

#[test]
fn parts_under_a_callers_key_are_one_object_under_it() {
    let (disk, host) = lake();
    allow_customer_keys(&host);
    let with = |mut params: Value, more: &[Value]| {
        for more in more {
            params.as_object_mut().expect("members").extend(more.as_object().cloned().unwrap_or_default());
        }
        params
    };
    let source = sample(MIB + 100);
    put(&host, "source", &source, customer(OTHER)).expect("a put");
    let begun = s3(&host, "CreateMultipartUpload", with(json!({"Bucket": "lake", "Key": "m"}), &[customer(KEY)])).expect("an upload");
    let named = json!({"Bucket": "lake", "Key": "m", "UploadId": begun["UploadId"]});
    let first = sample(5 * MIB + 3);
    let part = |number: u32, bytes: &[u8], more: Value| {
        let body = json!({"PartNumber": number, "Body": BASE64.encode(bytes)});
        s3(&host, "UploadPart", with(named.clone(), &[body, more]))
    };
    assert_eq!(part(1, &first, json!({})).expect_err("no key").code, "InvalidRequest");
    assert_eq!(part(1, &first, customer(OTHER)).expect_err("another key").code, "InvalidArgument");
    let one = part(1, &first, customer(KEY)).expect("a part");
    let copied = json!({
        "PartNumber": 2, "CopySource": "lake/source", "CopySourceRange": format!("bytes=7-{}", MIB + 49),
        "CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": OTHER,
    });
    let two = s3(&host, "UploadPartCopy", with(named.clone(), &[copied, customer(KEY)])).expect("a part");
    let parts = json!([{"PartNumber": 1, "ETag": one["ETag"]}, {"PartNumber": 2, "ETag": two["CopyPartResult"]["ETag"]}]);
    // Another session, which was never told the key, completes it.
    drop(host);
    let host = open(&disk);
    s3(&host, "CompleteMultipartUpload", with(named, &[json!({"MultipartUpload": {"Parts": parts}})])).expect("an object");
    let whole = [first.as_slice(), &source[7..MIB + 50]].concat();
    assert!(get(&host, "m", customer(KEY)).expect("the same key") == whole);
    let across = with(customer(KEY), &[json!({"Range": format!("bytes={}-{}", first.len() - 3, first.len() + 2)})]);
    assert_eq!(get(&host, "m", across).expect("a range"), &whole[first.len() - 3..first.len() + 3]);
    assert_eq!(get(&host, "m", customer(OTHER)).expect_err("another key").code, "AccessDenied");
    assert!(!rests_in_the_clear(&disk, &whole[..64]));
    // The upload is gone and its parts are the object's.
    block_on(host.collect()).expect("it is swept");
    assert!(get(&host, "m", customer(KEY)).expect("it is all there") == whole);
    let copy = json!({
        "Bucket": "lake", "Key": "plain", "CopySource": "lake/m", "CopySourceSSECustomerAlgorithm": "AES256", "CopySourceSSECustomerKey": KEY,
    });
    s3(&host, "CopyObject", copy).expect("a copy under S3's key");
    assert!(get(&host, "plain", json!({})).expect("it opens") == whole);
    s3(&host, "DeleteObject", json!({"Bucket": "lake", "Key": "m"})).expect("it goes");
    s3(&host, "DeleteObject", json!({"Bucket": "lake", "Key": "source"})).expect("it goes");
    block_on(host.collect()).expect("it is swept");
    assert_eq!(disk.names(Folder::Blobs), [blob(&host, "plain").id]);
    drop(host);
    let log = String::from_utf8_lossy(&disk.log()).into_owned();
    assert!(![KEY, OTHER].iter().any(|key| log.contains(key) || log.contains(&BASE64.encode(key))));
}

/// What an earlier version logged: the key as it came, and bytes as they are.
#[test]
fn a_log_of_before_there_were_frames_replays_and_its_objects_are_read() {
    let header = Header::new(0);
    let mut account = Account::new(AccountOptions {
        account_id: header.account_id,
        region: header.region,
        seed: header.seed,
    });
    let old = Digest::of(b"as it is");
    let rules = json!({"Rules": [{"BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}]});
    let mut keyed = json!({"Bucket": "lake", "Key": "keyed", "SluiceBlob": old});
    keyed
        .as_object_mut()
        .expect("members")
        .extend(customer(KEY).as_object().cloned().unwrap_or_default());
    let calls = [
        ("CreateBucket", json!({"Bucket": "lake"})),
        ("PutBucketEncryption", json!({"Bucket": "lake", "ServerSideEncryptionConfiguration": rules})),
        ("PutObject", json!({"Bucket": "lake", "Key": "a", "SluiceBlob": old})),
        ("PutObject", keyed),
        ("CopyObject", json!({"Bucket": "lake", "Key": "copied", "CopySource": "lake/a"})),
    ];
    let disk = Disk::default();
    {
        let mut log = Vec::new();
        let frame = |value: &Value| {
            let payload = value.to_string().into_bytes();
            let mut bytes = b"SLG1".to_vec();
            bytes.extend((payload.len() as u32).to_le_bytes());
            bytes.extend(crc32(&payload).to_le_bytes());
            bytes.extend(payload);
            bytes
        };
        log.extend(frame(&json!({"sluice_log": 1, "account_id": "123456789012", "region": "us-east-1", "seed": 0})));
        for (position, (operation, params)) in calls.iter().enumerate() {
            let call = Call::new("s3", operation, params.clone());
            account.apply(NOW, &call).expect("it was right then");
            log.extend(frame(&json!({"position": position, "at": NOW, "call": call})));
        }
        disk.set_log(log);
        disk.set_file(Folder::Blobs, &old.id, b"as it is");
    }
    let host = open(&disk);
    assert_eq!(get(&host, "a", json!({})).expect("it rests as it is"), b"as it is");
    assert_eq!(get(&host, "copied", json!({})).expect("and its copy"), b"as it is");
    assert_eq!(get(&host, "keyed", customer(KEY)).expect("and what was under a caller's key"), b"as it is");
    // With the keys taken out the same calls make the same account.
    let mut taken = Account::new(account.options().clone());
    for (operation, params) in calls {
        let mut call = Call::new("s3", operation, params);
        let keys = CustomerKeys::take(&mut call);
        assert_eq!(keys.key.is_some(), call.params.get("SSECustomerKey").is_some());
        taken.apply(NOW, &call).expect("it was right then");
    }
    assert_eq!((taken.trace_hash(), taken.snapshot()), (account.trace_hash(), account.snapshot()));
    // A copy in place encrypts.
    s3(
        &host,
        "CopyObject",
        json!({"Bucket": "lake", "Key": "a", "CopySource": "lake/a", "StorageClass": "STANDARD_IA"}),
    )
    .expect("a copy");
    assert!(blob(&host, "a").seal.is_some());
    assert_eq!(get(&host, "a", json!({})).expect("it opens"), b"as it is");
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = !0_u32;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

#[test]
fn a_copy_under_another_key_is_sealed_anew_and_one_under_the_same_is_shared() {
    let (disk, host) = lake();
    let plain = sample(MIB + 5);
    put(&host, "a", &plain, json!({})).expect("a put");
    s3(&host, "CopyObject", json!({"Bucket": "lake", "Key": "same", "CopySource": "lake/a"})).expect("a copy");
    assert_eq!(blob(&host, "same"), blob(&host, "a"));
    let key = kms_key(&host);
    let params = json!({"Bucket": "lake", "Key": "other", "CopySource": "lake/a", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key});
    s3(&host, "CopyObject", params).expect("a copy");
    assert_ne!(blob(&host, "other").id, blob(&host, "a").id);
    assert_eq!(blob(&host, "other").seal.expect("a seal").key.as_deref(), key.as_str());
    assert!(get(&host, "other", json!({})).expect("it opens") == plain);
    block_on(host.collect()).expect("it is swept");
    assert_eq!(disk.names(Folder::Blobs).len(), 2);
}

#[test]
fn parts_rest_under_the_key_of_their_upload() {
    let (disk, host) = lake();
    let key = kms_key(&host);
    let source = sample(100_000);
    put(&host, "source", &source, json!({})).expect("a put");
    let create = json!({"Bucket": "lake", "Key": "big", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key});
    let upload = s3(&host, "CreateMultipartUpload", create).expect("an upload")["UploadId"].clone();
    let first = sample(5 * MIB + 3);
    let part = json!({"Bucket": "lake", "Key": "big", "UploadId": upload, "PartNumber": 1, "Body": BASE64.encode(&first)});
    let one = s3(&host, "UploadPart", part).expect("a part")["ETag"].clone();
    let part = json!({"Bucket": "lake", "Key": "big", "UploadId": upload, "PartNumber": 2, "CopySource": "lake/source"});
    let two = s3(&host, "UploadPartCopy", part).expect("a part")["CopyPartResult"]["ETag"].clone();
    assert!(!rests_in_the_clear(&disk, &first));
    let parts = json!([{"PartNumber": 1, "ETag": one}, {"PartNumber": 2, "ETag": two}]);
    let complete = json!({"Bucket": "lake", "Key": "big", "UploadId": upload, "MultipartUpload": {"Parts": parts}});
    s3(&host, "CompleteMultipartUpload", complete).expect("an object");
    assert_eq!(blob(&host, "big").seal.expect("a seal").key.as_deref(), key.as_str());
    assert!(get(&host, "big", json!({})).expect("it opens") == [first.as_slice(), &source].concat());
}

/// The rule may change while a body comes in: what counts is the rule when the call is applied.
#[test]
fn a_rule_that_changes_under_way_seals_anew() {
    let (_, host) = lake();
    let call = Call::new("s3", "PutObject", json!({"Bucket": "lake", "Key": "a"}));
    let mut staging = block_on(host.stage(NOW, &call, &CustomerKeys::default())).expect("it begins");
    let plain = sample(MIB + 1);
    block_on(host.write(&mut staging, &plain[..MIB])).expect("some");
    let rules = json!({"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms:dsse"}}]});
    s3(
        &host,
        "PutBucketEncryption",
        json!({"Bucket": "lake", "ServerSideEncryptionConfiguration": rules}),
    )
    .expect("a rule");
    block_on(host.write(&mut staging, &plain[MIB..])).expect("the rest");
    let called = block_on(host.put(NOW, call, &CustomerKeys::default(), staging));
    assert_eq!(called.result.expect("a put")["ServerSideEncryption"], "aws:kms:dsse");
    assert_eq!(blob(&host, "a").seal.expect("a seal").layers(), 2);
    assert!(get(&host, "a", json!({})).expect("it opens") == plain);
}

/// Bytes that a client encrypted before it sent them are bytes like any others.
#[test]
fn what_a_client_encrypted_comes_back_as_it_was() {
    let (_, host) = lake();
    let opaque: Vec<u8> = (0..5000_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    let metadata = json!({"Metadata": {"x-amz-key-v2": "wrapped", "x-amz-iv": "iv"}});
    put(&host, "client", &opaque, metadata).expect("a put");
    assert_eq!(get(&host, "client", json!({})).expect("as it was"), opaque);
}

#[test]
fn an_empty_object_rests_as_nothing() {
    let (_, host) = lake();
    put(&host, "empty", b"", json!({})).expect("a put");
    assert_eq!(blob(&host, "empty"), BlobRef::empty());
    assert_eq!(get(&host, "empty", json!({})).expect("no bytes"), b"");
}
