//! The store in a folder keeps the promises of every store.
#![cfg(not(target_arch = "wasm32"))]

use std::path::PathBuf;
use std::rc::Rc;

use serde_json::json;
use sluice_account::{DirectoryStore, Folder, Host, HostOptions, Store, block_on};
use sluice_core::account::Call;
use sluice_core::sim::SimTime;

const NOW: SimTime = SimTime::from_millis(1_767_225_600_000);

struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sluice-store-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Scratch(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn files_are_whole_and_leftovers_are_swept() {
    let scratch = Scratch::new("whole");
    let store = DirectoryStore::open(&scratch.0).expect("the folder can be made");
    block_on(async {
        store.put(Folder::Notes, "n", b"one").await.expect("it is written");
        store.put(Folder::Notes, "n", b"two").await.expect("it is replaced");
        assert_eq!(store.get(Folder::Notes, "n").await, Ok(Some(b"two".to_vec())));
        assert_eq!(store.list(Folder::Notes).await, Ok(vec![("n".to_owned(), 3)]));
        assert_eq!(store.get(Folder::Notes, "absent").await, Ok(None));
        store.delete(Folder::Notes, "absent").await.expect("it isn't there already");
        store.log_append(b"abcdef").await.expect("it is appended");
        store.log_truncate(4).await.expect("it is cut");
        store.log_truncate(100).await.expect("nothing to cut");
        store.log_append(b"XY").await.expect("it is appended");
        assert_eq!(store.log_read(2).await, Ok(b"cdXY".to_vec()));
        assert_eq!(store.log_read(99).await, Ok(Vec::new()));
        assert_eq!(store.log_len().await, Ok(6));
        let mut staged = store.stage().await.expect("a file can be made");
        store.write(&mut staged, b"bytes").await.expect("it is written");
        drop(staged);
        assert_eq!(store.list(Folder::Blobs).await, Ok(Vec::new()), "what is not committed is not listed");
        store.sweep().await.expect("it is swept");
    });
    assert_eq!(std::fs::read_dir(scratch.0.join("tmp")).expect("it is there").count(), 0);
}

#[test]
fn one_process_at_a_time_has_an_account() {
    let scratch = Scratch::new("lock");
    let first = DirectoryStore::open(&scratch.0).expect("the folder can be made");
    let second = DirectoryStore::open(&scratch.0);
    assert!(second.is_err_and(|error| error.message.contains("another process")));
    drop(first);
    assert!(DirectoryStore::open(&scratch.0).is_ok());
}

#[test]
fn blobs_that_nothing_names_go_and_pinned_ones_stay() {
    let scratch = Scratch::new("collect");
    let store = DirectoryStore::open(&scratch.0).expect("the folder can be made");
    let (host, _) = block_on(Host::open(Rc::new(store), NOW, HostOptions::default())).expect("it opens");
    let call = |operation: &str, params| block_on(host.call(NOW, Call::new("s3", operation, params))).result.expect("the call is right");
    call("CreateBucket", json!({ "Bucket": "parking" }));
    call("PutObject", json!({ "Bucket": "parking", "Key": "k", "Body": "b25l" }));
    call("PutObject", json!({ "Bucket": "parking", "Key": "k", "Body": "dHdv" }));
    assert_eq!(block_on(host.collect()), Ok(1), "the overwritten bytes");
    let blobs = block_on(host.store().list(Folder::Blobs)).expect("they can be listed");
    host.pin(&blobs[0].0);
    host.pin(&blobs[0].0);
    call("DeleteObject", json!({ "Bucket": "parking", "Key": "k" }));
    assert_eq!(block_on(host.collect()), Ok(0));
    host.unpin(&blobs[0].0);
    assert_eq!(block_on(host.collect()), Ok(0), "one reader is left");
    host.unpin(&blobs[0].0);
    assert_eq!(block_on(host.collect()), Ok(1));
}

#[test]
fn rows_are_shown_to_those_who_may_read_the_object() {
    let scratch = Scratch::new("readable");
    let store = DirectoryStore::open(&scratch.0).expect("the folder can be made");
    let (host, _) = block_on(Host::open(Rc::new(store), NOW, HostOptions::default())).expect("it opens");
    let call = |service: &str, operation: &str, params| {
        block_on(host.call(NOW, Call::new(service, operation, params)))
            .result
            .expect("the call is right")
    };
    let key = call("kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone();
    call("s3", "CreateBucket", json!({ "Bucket": "parking" }));
    let put = json!({ "Bucket": "parking", "Key": "k", "Body": "b25l", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key });
    call("s3", "PutObject", put);
    let look = || block_on(host.readable(NOW, "parking", "k"));
    let before = block_on(host.at(NOW)).0;
    assert_eq!(look().expect("it may be read").key, "k");
    assert_eq!(block_on(host.at(NOW)).0, before, "it is no access");
    call("kms", "DisableKey", json!({ "KeyId": key }));
    assert_eq!(look().expect_err("the key is disabled").code, "KMS.DisabledException");
    call("kms", "EnableKey", json!({ "KeyId": key }));
    assert!(look().is_ok());
    assert_eq!(block_on(host.readable(NOW, "parking", "none")).expect_err("there is none").code, "NoSuchKey");
}
