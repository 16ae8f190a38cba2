//! I5: what was acknowledged is durable, and nothing half-written is listed, wherever the process ends or a write fails.

use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use sluice_account::{Disk, Fault, FaultKind, Folder, Host, HostOptions, MemoryStore, block_on};
use sluice_core::account::Call;
use sluice_core::sim::SimTime;

const NOW: SimTime = SimTime::from_millis(1_767_225_600_000);

/// Buckets with their objects' bytes, and documents.
#[derive(Clone, Debug, Default, PartialEq)]
struct World {
    buckets: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    documents: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Create(&'static str),
    Put(&'static str, &'static str, &'static str),
    Delete(&'static str, &'static str),
    Write(&'static str, &'static str),
    Erase(&'static str),
}

const SCRIPT: &[Act] = &[
    Act::Create("alpha-bucket"),
    Act::Put("alpha-bucket", "one.csv", "a,b\n1,2\n"),
    Act::Write("job/Daily", "first draft"),
    Act::Put("alpha-bucket", "empty", ""),
    Act::Put("alpha-bucket", "one.csv", "a,b\n3,4\n5,6\n"),
    // Refused, and part of the trail.
    Act::Put("no-such-bucket", "x", "lost"),
    Act::Create("beta-bucket"),
    Act::Put("beta-bucket", "copy.csv", "a,b\n3,4\n5,6\n"),
    Act::Delete("alpha-bucket", "one.csv"),
    Act::Write("job/Daily", "second draft"),
    Act::Write("prefs", "{}"),
    Act::Erase("prefs"),
    Act::Put("alpha-bucket", "two.csv", "x\n"),
];

impl World {
    fn with(&self, act: Act) -> World {
        let mut world = self.clone();
        match act {
            Act::Create(bucket) => {
                world.buckets.entry(bucket.into()).or_default();
            }
            Act::Put(bucket, key, text) => {
                if let Some(objects) = world.buckets.get_mut(bucket) {
                    objects.insert(key.into(), text.into());
                }
            }
            Act::Delete(bucket, key) => {
                if let Some(objects) = world.buckets.get_mut(bucket) {
                    objects.remove(key);
                }
            }
            Act::Write(key, text) => {
                world.documents.insert(key.into(), text.into());
            }
            Act::Erase(key) => {
                world.documents.remove(key);
            }
        }
        world
    }
}

type TestHost = Host<MemoryStore>;

fn open(store: MemoryStore) -> Result<TestHost, String> {
    let options = HostOptions {
        snapshot_every: 3,
        ..HostOptions::default()
    };
    let (host, report) = block_on(Host::open(Rc::new(store), NOW, options)).map_err(|error| error.message)?;
    assert_eq!(report.set_aside, [], "nothing of a log that this program wrote is set aside");
    Ok(host)
}

fn call(host: &TestHost, operation: &str, params: Value) -> Result<Value, String> {
    block_on(async {
        let mut called = host.call(NOW, Call::new("s3", operation, params)).await;
        host.fill_body(&mut called).await;
        called.result.map_err(|error| error.code)
    })
}

/// `Err` if the store failed: whether it was done is for the caller to find out.
fn perform(host: &TestHost, act: Act) -> Result<(), String> {
    let result = match act {
        Act::Create(bucket) => call(host, "CreateBucket", json!({ "Bucket": bucket })).map(drop),
        Act::Put(bucket, key, text) => call(host, "PutObject", json!({ "Bucket": bucket, "Key": key, "Body": BASE64.encode(text) })).map(drop),
        Act::Delete(bucket, key) => call(host, "DeleteObject", json!({ "Bucket": bucket, "Key": key })).map(drop),
        Act::Write(key, text) => block_on(host.put_document(key, text)).map_err(|error| error.code),
        Act::Erase(key) => block_on(host.delete_document(key)).map_err(|error| error.code),
    };
    match result {
        Err(code) if code.starts_with("SluiceStorage") => Err(code),
        Err(code) => {
            assert_eq!(code, "NoSuchBucket");
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

fn texts(value: &Value, list: &str, member: &str) -> Vec<String> {
    let rows = value[list].as_array().cloned().unwrap_or_default();
    rows.iter().filter_map(|row| row[member].as_str().map(str::to_owned)).collect()
}

/// An object's bytes as the store has them, opened: a GetObject would be an access, and logged.
async fn bytes(host: &TestHost, bucket: &str, key: &str) -> Vec<u8> {
    let object = host.readable(NOW, bucket, key).await.expect("a listed object is there");
    let body = host.body_of(&object).await;
    let bytes = host.bytes(&body).await.expect("a listed object has its bytes");
    assert_eq!(bytes.len() as u64, object.blob.size);
    bytes
}

fn observe(host: &TestHost) -> World {
    let mut world = World::default();
    let buckets = call(host, "ListBuckets", json!({})).expect("listing reads memory");
    for bucket in texts(&buckets, "Buckets", "Name") {
        let listed = call(host, "ListObjectsV2", json!({ "Bucket": bucket })).expect("a listed bucket can be listed");
        let mut objects = BTreeMap::new();
        for key in texts(&listed, "Contents", "Key") {
            let body = block_on(bytes(host, &bucket, &key));
            objects.insert(key, body);
        }
        world.buckets.insert(bucket, objects);
    }
    for entry in block_on(host.list_documents("")).expect("documents can be listed") {
        let text = block_on(host.document(&entry.key))
            .expect("a document can be read")
            .expect("a listed document is there");
        world.documents.insert(entry.key, text);
    }
    world
}

fn trail(host: &TestHost) -> Value {
    let called = block_on(host.call(NOW, Call::new("cloudtrail", "LookupEvents", json!({}))));
    called.result.expect("the trail can be read")
}

fn position(host: &TestHost) -> u64 {
    block_on(host.at(NOW)).0
}

/// Operations of a session without faults, and of opening what it left.
fn operations() -> (u64, u64) {
    let disk = Disk::default();
    let host = open(MemoryStore::new(disk.clone())).expect("an empty store opens");
    for act in SCRIPT {
        perform(&host, *act).expect("nothing fails");
    }
    let session = host.store().operations();
    drop(host);
    let again = open(MemoryStore::new(disk)).expect("it opens again");
    (session, again.store().operations())
}

const CRASHES: &[FaultKind] = &[
    FaultKind::Crash,
    FaultKind::CrashTorn(0),
    FaultKind::CrashTorn(1),
    FaultKind::CrashTorn(500),
    FaultKind::CrashTorn(999),
    FaultKind::CrashAfter,
];

#[test]
fn a_crash_at_any_operation_loses_nothing_acknowledged_and_lists_nothing_half_written() {
    let (session, opening) = operations();
    assert!(
        session > 25,
        "the script must reach blobs, log, snapshots and documents; it did {session} operations"
    );
    let mut crashes = 0;
    for at in 0..session {
        for kind in CRASHES {
            let disk = Disk::default();
            let (before, after) = crashed_session(&disk, Fault { at, kind: *kind });
            check(&disk.fork(), &before, &after, &format!("{kind:?} at {at}"));
            // The opening after it may end at any operation too, and the one after that must still find everything.
            for second in 0..opening {
                let disk = disk.fork();
                let fault = Fault {
                    at: second,
                    kind: FaultKind::CrashTorn(500),
                };
                crashes += u32::from(open(MemoryStore::with_fault(disk.clone(), fault)).is_err());
                check(&disk, &before, &after, &format!("{kind:?} at {at}, and again at {second}"));
            }
        }
    }
    assert!(crashes > 100);
}

fn check(disk: &Disk, before: &World, after: &World, place: &str) {
    let host = open(MemoryStore::new(disk.clone())).expect("an account always opens");
    let found = observe(&host);
    assert!(
        found == *before || found == *after,
        "{place}: found {found:?}\nbefore {before:?}\nafter {after:?}"
    );
    assert_blobs_are_named(disk, &host, &found);
}

/// Runs the script until the fault ends the process: what was acknowledged, and that with the act that was under way.
fn crashed_session(disk: &Disk, fault: Fault) -> (World, World) {
    let mut world = World::default();
    let Ok(host) = open(MemoryStore::with_fault(disk.clone(), fault)) else {
        return (world.clone(), world);
    };
    for act in SCRIPT {
        let next = world.with(*act);
        let result = perform(&host, *act);
        if host.store().crashed() {
            // Superfluous snapshots may fail to go after the act is durable.
            return if result.is_ok() { (next.clone(), next) } else { (world, next) };
        }
        result.expect("nothing fails but by the crash");
        world = next;
    }
    (world.clone(), world)
}

fn assert_blobs_are_named(disk: &Disk, host: &TestHost, world: &World) {
    let mut live = Vec::new();
    for (bucket, objects) in &world.buckets {
        for key in objects.keys() {
            live.push(block_on(host.readable(NOW, bucket, key)).expect("it was listed").blob.id);
        }
    }
    for id in disk.names(Folder::Blobs) {
        assert!(live.contains(&id), "the blob {id} is named by nothing and was not swept");
    }
}

#[test]
fn a_failing_write_refuses_its_call_alone() {
    let (session, _) = operations();
    let kinds = [
        FaultKind::Fail,
        FaultKind::FailTorn(0),
        FaultKind::FailTorn(500),
        FaultKind::FailTorn(1000),
        FaultKind::FailAfter,
    ];
    let mut refused = 0;
    for at in 0..session {
        for kind in kinds {
            let disk = Disk::default();
            let Ok(host) = open(MemoryStore::with_fault(disk.clone(), Fault { at, kind })) else {
                panic!("opening an empty store writes nothing that may not fail");
            };
            let mut world = World::default();
            for act in SCRIPT {
                let next = world.with(*act);
                let result = perform(&host, *act);
                refused += u32::from(result.is_err());
                let found = observe(&host);
                match result {
                    Ok(()) => world = next,
                    // A document that was written and said to have failed is there.
                    Err(_) if kind == FaultKind::FailAfter && found == next => world = next,
                    Err(_) => {}
                }
                assert_eq!(found, world, "{kind:?} at {at}, {act:?}");
            }
            let (trail_before, position_before) = (trail(&host), position(&host));
            drop(host);
            let again = open(MemoryStore::new(disk)).expect("it opens again");
            assert_eq!(observe(&again), world, "{kind:?} at {at}, after reopening");
            assert_eq!(trail(&again), trail_before);
            assert_eq!(position(&again), position_before);
        }
    }
    assert!(refused > 30, "the faults must have been met, and were {refused} times");
}

#[test]
fn a_full_store_refuses_what_takes_room_and_keeps_what_it_has() {
    let (session, _) = operations();
    for at in 0..session {
        let disk = Disk::default();
        let fault = Fault { at, kind: FaultKind::Full };
        let host = open(MemoryStore::with_fault(disk.clone(), fault)).expect("a full store opens");
        let mut world = World::default();
        for act in SCRIPT {
            match perform(&host, *act) {
                Ok(()) => world = world.with(*act),
                Err(code) => assert_eq!(code, "SluiceStorageFull"),
            }
            assert_eq!(observe(&host), world, "full at {at}, {act:?}");
        }
        drop(host);
        let full = Fault { at: 0, kind: FaultKind::Full };
        let still_full = open(MemoryStore::with_fault(disk.clone(), full)).expect("a store that stayed full opens");
        assert_eq!(observe(&still_full), world);
        drop(still_full);
        let again = open(MemoryStore::new(disk)).expect("it opens again");
        assert_eq!(observe(&again), world, "full at {at}, after reopening");
    }
}

#[test]
fn a_log_cut_at_any_byte_opens_with_a_prefix_of_what_was_done() {
    let disk = Disk::default();
    let options = HostOptions {
        snapshot_every: 1000,
        ..HostOptions::default()
    };
    let (host, _) = block_on(Host::open(Rc::new(MemoryStore::new(disk.clone())), NOW, options.clone())).expect("it opens");
    let mut worlds = vec![World::default()];
    for act in SCRIPT.iter().filter(|act| !matches!(act, Act::Write(..) | Act::Erase(_))) {
        perform(&host, *act).expect("nothing fails");
        worlds.push(observe(&host));
    }
    let log = disk.log();
    let blobs: Vec<_> = disk
        .names(Folder::Blobs)
        .into_iter()
        .filter_map(|id| Some((id.clone(), disk.file(Folder::Blobs, &id)?)))
        .collect();
    let mut seen = std::collections::BTreeSet::new();
    for cut in 0..=log.len() {
        let disk = Disk::default();
        disk.set_log(log[..cut].to_vec());
        for (id, bytes) in &blobs {
            disk.set_file(Folder::Blobs, id, bytes);
        }
        let (host, report) = block_on(Host::open(Rc::new(MemoryStore::new(disk.clone())), NOW, options.clone())).expect("it opens");
        assert_eq!(report.set_aside, []);
        let position = usize::try_from(report.position).expect("a small number");
        assert!(worlds.contains(&observe(&host)), "cut at {cut}");
        seen.insert(position);
        // The torn tail is gone: what is logged next is found again.
        let bucket = "after-the-cut";
        call(&host, "CreateBucket", json!({ "Bucket": bucket })).expect("it goes on");
        drop(host);
        let again = open(MemoryStore::new(disk)).expect("it opens again");
        assert!(observe(&again).buckets.contains_key(bucket), "cut at {cut}");
    }
    assert_eq!(seen.len(), worlds.len(), "every prefix was met");
}

#[test]
fn a_damaged_snapshot_gives_way_to_an_older_one_or_to_the_log() {
    let disk = Disk::default();
    let host = open(MemoryStore::new(disk.clone())).expect("it opens");
    let mut world = World::default();
    for act in SCRIPT {
        perform(&host, *act).expect("nothing fails");
        world = world.with(*act);
    }
    drop(host);
    let snapshots = disk.names(Folder::Snapshots);
    assert_eq!(snapshots.len(), 2, "two are kept");
    for (damaged, name) in snapshots.iter().rev().enumerate() {
        let mut bytes = disk.file(Folder::Snapshots, name).expect("it is there").to_vec();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        disk.set_file(Folder::Snapshots, name, &bytes);
        let host = open(MemoryStore::new(disk.clone())).expect("it opens");
        assert_eq!(observe(&host), world, "{} damaged", damaged + 1);
    }
}

#[test]
fn a_snapshot_that_is_ahead_of_its_log_stands_alone() {
    let disk = Disk::default();
    let host = open(MemoryStore::new(disk.clone())).expect("it opens");
    for act in &SCRIPT[..4] {
        perform(&host, *act).expect("nothing fails");
    }
    drop(host);
    disk.set_log(Vec::new());
    let host = open(MemoryStore::new(disk.clone())).expect("it opens");
    let found = observe(&host);
    assert!(found.buckets.contains_key("alpha-bucket"));
    call(&host, "CreateBucket", json!({ "Bucket": "later-bucket" })).expect("it goes on");
    drop(host);
    let again = open(MemoryStore::new(disk)).expect("it opens again");
    assert!(observe(&again).buckets.contains_key("later-bucket"));
}

#[test]
fn a_damaged_record_is_set_aside_and_the_rest_is_kept() {
    let disk = Disk::default();
    let options = HostOptions {
        snapshot_every: 1000,
        ..HostOptions::default()
    };
    let opened = |disk: &Disk| block_on(Host::open(Rc::new(MemoryStore::new(disk.clone())), NOW, options.clone())).expect("it opens");
    let (host, _) = opened(&disk);
    for name in ["first-bucket", "second-bucket", "third-bucket"] {
        call(&host, "CreateBucket", json!({ "Bucket": name })).expect("nothing fails");
    }
    drop(host);
    let mut log = disk.log();
    let at = log.windows(13).position(|window| window == b"second-bucket").expect("it was logged");
    log[at] ^= 1;
    disk.set_log(log);
    let (host, report) = opened(&disk);
    assert_eq!(report.set_aside.len(), 1);
    assert!(report.set_aside[0].reason.contains("damaged"), "{}", report.set_aside[0]);
    let buckets: Vec<String> = observe(&host).buckets.into_keys().collect();
    assert_eq!(buckets, ["first-bucket", "third-bucket"]);
    let export = String::from_utf8(block_on(host.export_log()).expect("it exports")).expect("JSON lines");
    assert!(export.lines().any(|line| line.contains("set_aside") && line.contains("damaged")), "{export}");
    drop(host);
    let (_, again) = opened(&disk);
    assert_eq!(again.set_aside, [], "it was set aside once and for all");
}

#[test]
fn a_second_holder_only_looks() {
    let disk = Disk::default();
    let owner = open(MemoryStore::new(disk.clone())).expect("it opens");
    perform(&owner, Act::Create("alpha-bucket")).expect("nothing fails");
    perform(&owner, Act::Put("alpha-bucket", "k", "bytes")).expect("nothing fails");
    // A write of the owner that is under way must not be cut off by someone who only looks.
    let mut log = disk.log();
    log.extend_from_slice(b"SLG1 half a rec");
    disk.set_log(log.clone());
    let options = HostOptions {
        read_only: true,
        ..HostOptions::default()
    };
    let (reader, _) = block_on(Host::open(Rc::new(MemoryStore::new(disk.clone())), NOW, options)).expect("it opens");
    assert_eq!(observe(&reader), observe(&owner));
    assert_eq!(call(&reader, "CreateBucket", json!({ "Bucket": "beta-bucket" })), Err("SluiceReadOnly".into()));
    assert_eq!(
        call(&reader, "PutObject", json!({ "Bucket": "alpha-bucket", "Key": "x", "Body": "" })),
        Err("SluiceReadOnly".into())
    );
    assert!(block_on(reader.put_document("k", "t")).is_err());
    assert!(block_on(reader.clear()).is_err());
    assert_eq!(disk.log(), log);
    assert_eq!(reader.store().operations(), 0, "it writes nothing");
}

#[test]
fn clearing_leaves_an_empty_account_wherever_it_is_cut_off() {
    for at in 0..40 {
        let disk = Disk::default();
        let host = open(MemoryStore::new(disk.clone())).expect("it opens");
        let mut world = World::default();
        for act in SCRIPT {
            perform(&host, *act).expect("nothing fails");
            world = world.with(*act);
        }
        drop(host);
        let fault = Fault { at, kind: FaultKind::Crash };
        let whole = match open(MemoryStore::with_fault(disk.clone(), fault)) {
            Ok(host) => block_on(host.clear()).is_ok(),
            Err(_) => false,
        };
        let host = open(MemoryStore::new(disk.clone())).expect("it opens");
        let found = observe(&host).buckets;
        assert!(found.is_empty() || !whole && found == world.buckets, "cut off at {at}: {found:?}");
        if whole {
            assert_eq!(observe(&host), World::default());
            assert!(disk.names(Folder::Blobs).is_empty());
            perform(&host, Act::Create("new-bucket")).expect("it goes on");
        }
    }
}

#[test]
fn bodies_and_reserved_members_are_checked() {
    let host = open(MemoryStore::new(Disk::default())).expect("it opens");
    perform(&host, Act::Create("alpha-bucket")).expect("nothing fails");
    let put = |params| call(&host, "PutObject", params);
    assert_eq!(
        put(json!({ "Bucket": "alpha-bucket", "Key": "k", "Body": "not base64!" })),
        Err("ParamValidation".into())
    );
    assert_eq!(put(json!({ "Bucket": "alpha-bucket", "Key": "k", "Body": 7 })), Err("ParamValidation".into()));
    assert_eq!(put(json!(["Bucket"])), Err("ParamValidation".into()));
    let forged = json!({ "Bucket": "alpha-bucket", "Key": "k", "SluiceBlob": { "id": "00", "size": 1, "md5": "00" } });
    assert_eq!(put(forged), Err("ParamValidation".into()));
    let answer = block_on(host.call(NOW, Call::new("effect", "JobRunStopped", json!({ "run_id": "x" }))));
    assert_eq!(answer.result.map_err(|error| error.code), Err("AccessDenied".into()));
    let etag = put(json!({ "Bucket": "alpha-bucket", "Key": "k" })).expect("an absent body is an empty one");
    assert!(
        etag["ETag"].as_str().is_some_and(|etag| etag.contains("d41d8cd98f00b204e9800998ecf8427e")),
        "{etag}"
    );
}
