use std::cell::Cell;
use std::rc::Rc;

use serde_json::json;
use sluice_core::account::{Account, ApiError, Call, Outcome};
use sluice_core::sim::SimTime;

use crate::{Disk, Folder, Host, HostOptions, MemoryStore, OpenReport, block_on};

const NOW: SimTime = SimTime::from_millis(1_767_225_600_000);

fn create(host: &Host<MemoryStore>, bucket: &str) {
    let call = Call::new("s3", "CreateBucket", json!({ "Bucket": bucket }));
    block_on(host.call(NOW, call)).result.expect("the bucket is new");
}

fn buckets(host: &Host<MemoryStore>) -> Vec<String> {
    let listed = block_on(host.call(NOW, Call::new("s3", "ListBuckets", json!({}))))
        .result
        .expect("listing reads memory");
    let rows = listed["Buckets"].as_array().cloned().unwrap_or_default();
    rows.iter().filter_map(|row| row["Name"].as_str().map(str::to_owned)).collect()
}

fn three_buckets() -> Disk {
    let disk = Disk::default();
    let (host, _) = block_on(Host::open(Rc::new(MemoryStore::new(disk.clone())), NOW, HostOptions::default())).expect("it opens");
    for bucket in ["first-bucket", "second-bucket", "third-bucket"] {
        create(&host, bucket);
    }
    disk
}

fn open(disk: &Disk) -> (Host<MemoryStore>, OpenReport) {
    block_on(Host::open(Rc::new(MemoryStore::new(disk.clone())), NOW, HostOptions::default())).expect("it opens")
}

fn is_second(call: &Call) -> bool {
    call.params["Bucket"] == "second-bucket"
}

#[test]
fn a_record_that_panics_or_answers_otherwise_is_set_aside_and_the_rest_is_kept() {
    type Behaviour = fn(&mut Account, SimTime, &Call) -> Result<Outcome, ApiError>;
    let panics: Behaviour = |account, now, call| {
        let outcome = account.apply(now, call);
        assert!(!is_second(call), "the rule of buckets is broken");
        outcome
    };
    let refuses: Behaviour = |account, now, call| {
        if is_second(call) {
            return Err(ApiError::new("InvalidBucketName", "a rule that is new"));
        }
        account.apply(now, call)
    };
    for (behaviour, reason) in [(panics, "the rule of buckets is broken"), (refuses, "a rule that is new")] {
        let disk = three_buckets();
        let store = Rc::new(MemoryStore::new(disk.clone()));
        let (host, report) = block_on(Host::open_with(store, NOW, HostOptions::default(), &behaviour)).expect("it opens all the same");
        assert_eq!(buckets(&host), ["first-bucket", "third-bucket"]);
        let [aside] = report.set_aside.as_slice() else {
            panic!("one record is set aside: {:?}", report.set_aside)
        };
        assert_eq!((aside.position, aside.operation.as_deref()), (Some(1), Some("s3:CreateBucket")));
        assert!(aside.reason.contains(reason), "{aside}");
        create(&host, "fourth-bucket");
        drop(host);
        let (host, report) = open(&disk);
        assert_eq!(report.set_aside, []);
        assert_eq!(buckets(&host), ["first-bucket", "fourth-bucket", "third-bucket"]);
    }
}

/// A panic in wasm ends the program, and nothing can be caught: here the disk's process ends instead.
#[test]
fn a_record_that_ends_the_program_is_set_aside_after_a_few_openings() {
    let disk = three_buckets();
    let ended = Cell::new(0);
    for _ in 0..10 {
        let store = Rc::new(MemoryStore::new(disk.clone()));
        let process = store.clone();
        let traps = |account: &mut Account, now: SimTime, call: &Call| {
            if is_second(call) {
                process.crash();
                ended.set(ended.get() + 1);
            }
            account.apply(now, call)
        };
        let opened = block_on(Host::open_with(store.clone(), NOW, HostOptions::default(), &traps));
        if store.crashed() {
            continue;
        }
        let (host, report) = opened.expect("it opens without the record");
        assert_eq!(buckets(&host), ["first-bucket", "third-bucket"]);
        assert_eq!(report.set_aside.iter().map(|aside| aside.position).collect::<Vec<_>>(), [Some(1)]);
        assert_eq!(ended.get(), 4, "once unaware, and three times knowing the place");
        drop(host);
        let (host, report) = open(&disk);
        assert_eq!(report.set_aside, []);
        assert_eq!(buckets(&host), ["first-bucket", "third-bucket"]);
        return;
    }
    panic!("the account stayed unopenable");
}

#[test]
fn a_process_that_ends_by_chance_while_opening_costs_nothing() {
    let disk = three_buckets();
    for _ in 0..20 {
        let store = Rc::new(MemoryStore::new(disk.clone()));
        let process = store.clone();
        // The process ends in the first record, then in the second, and so on.
        let turn = Cell::new(0);
        let chance = |account: &mut Account, now: SimTime, call: &Call| {
            turn.set(turn.get() + 1);
            if turn.get() % 3 == 0 {
                process.crash();
            }
            account.apply(now, call)
        };
        let _ = block_on(Host::open_with(store.clone(), NOW, HostOptions::default(), &chance));
        let (host, report) = open(&disk.fork());
        assert_eq!(report.set_aside, [], "{:?}", disk.names(Folder::Notes));
        assert_eq!(buckets(&host).len(), 3);
        let (host, report) = open(&disk);
        assert_eq!(report.set_aside, []);
        assert_eq!(buckets(&host).len(), 3);
    }
}
