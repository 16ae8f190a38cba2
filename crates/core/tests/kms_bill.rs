//! What encryption costs an account: KMS's requests and keys, and the second layer of DSSE-KMS.

#![allow(clippy::unwrap_used)]

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, BlobRef, Call};
use sluice_core::sim::SimTime;

struct World {
    account: Account,
    now: SimTime,
}

impl World {
    fn new() -> World {
        World {
            account: Account::new(AccountOptions::default()),
            now: SimTime::parse("2026-01-01").unwrap(),
        }
    }

    fn ask(&mut self, service: &str, operation: &str, params: Value) -> Value {
        let call = Call::new(service, operation, params);
        let answered = self.account.apply(self.now, &call);
        answered.unwrap_or_else(|error| panic!("{service}:{operation}: {error}")).response
    }

    fn put(&mut self, key: &str, size: u64, more: &Value) {
        let blob = BlobRef { size, ..BlobRef::empty() };
        let mut params = json!({"Bucket": "lake", "Key": key, "SluiceBlob": blob});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.ask("s3", "PutObject", params);
    }

    fn get(&mut self, key: &str) {
        self.ask("s3", "GetObject", json!({"Bucket": "lake", "Key": key}));
    }

    fn at(&mut self, time: &str) {
        self.now = SimTime::parse(time).unwrap();
    }

    /// Units and dollars of a usage, summed over its lines, in one month.
    fn billed(&mut self, month: &str, usage: &str) -> (f64, String) {
        let bill = self.ask("sluice", "GetBill", json!({}));
        let lines: Vec<&Value> = bill["Lines"].as_array().unwrap().iter().collect();
        let lines = lines.into_iter().filter(|line| line["Usage"] == usage && line["Month"] == month);
        let mut sums = (0.0, Vec::new());
        for line in lines {
            assert_eq!(line["Confidence"], "K", "{line}");
            sums.0 += line["Quantity"].as_f64().unwrap();
            sums.1.push(line["Amount"].as_str().unwrap().to_string());
        }
        (sums.0, sums.1.join(" + "))
    }
}

fn under(key: &Value, bucket_key: bool) -> Value {
    json!({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key, "BucketKeyEnabled": bucket_key})
}

#[test]
fn what_kms_is_asked_is_billed_and_what_a_bucket_key_saves_is_not() {
    let mut world = World::new();
    world.ask("s3", "CreateBucket", json!({"Bucket": "lake"}));
    let key = world.ask("kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone();
    for number in 0..20 {
        world.put(&format!("each/{number}"), 1, &under(&key, false));
    }
    world.get("each/0");
    assert_eq!(world.billed("2026-01", "kms-requests"), (21.0, "0".to_string()));
    for number in 0..20 {
        world.put(&format!("together/{number}"), 1, &under(&key, true));
        world.get(&format!("together/{number}"));
    }
    // One key for the writes and reads of one requester in this bucket.
    assert_eq!(world.billed("2026-01", "kms-requests"), (22.0, "0".to_string()));
    // What is not under KMS asks nothing of it, nor does what is refused.
    world.put("plain", 1, &json!({"ServerSideEncryption": "AES256"}));
    world.ask("kms", "DisableKey", json!({"KeyId": key}));
    let refused = Call::new("s3", "GetObject", json!({"Bucket": "lake", "Key": "each/0"}));
    assert_eq!(world.account.apply(world.now, &refused).unwrap_err().code, "KMS.DisabledException");
    assert_eq!(world.billed("2026-01", "kms-requests").0, 22.0);
}

#[test]
fn twenty_thousand_requests_a_month_are_free() {
    let mut world = World::new();
    world.ask("s3", "CreateBucket", json!({"Bucket": "lake"}));
    world.put("a", 1, &json!({"ServerSideEncryption": "aws:kms"}));
    for _ in 1..30_000 {
        world.get("a");
    }
    // 10,000 of the 30,000 at 0.03 for 10,000. The key is AWS's own (aws/s3), which costs nothing to keep.
    assert_eq!(world.billed("2026-01", "kms-requests"), (30_000.0, "0 + 0.03".to_string()));
    assert_eq!(world.billed("2026-01", "kms-keys").0, 0.0);
    world.at("2026-02-10");
    world.get("a");
    assert_eq!(world.billed("2026-02", "kms-requests"), (1.0, "0".to_string()));
}

#[test]
fn a_key_costs_by_the_month_its_first_two_rotations_too_and_nothing_when_it_waits_for_its_end() {
    let mut world = World::new();
    let key = world.ask("kms", "CreateKey", json!({}))["KeyMetadata"]["KeyId"].clone();
    world.at("2026-02-01");
    assert_eq!(world.billed("2026-01", "kms-keys"), (1.0, "1".to_string()));
    for _ in 0..3 {
        world.ask("kms", "RotateKeyOnDemand", json!({"KeyId": key}));
    }
    // Disabled it costs as before.
    world.ask("kms", "DisableKey", json!({"KeyId": key}));
    world.at("2026-03-01");
    assert_eq!(world.billed("2026-02", "kms-keys"), (3.0, "3".to_string()));
    world.ask("kms", "ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 30}));
    world.at("2026-03-20");
    assert_eq!(world.billed("2026-03", "kms-keys").0, 0.0);
    world.ask("kms", "CancelKeyDeletion", json!({"KeyId": key}));
    world.at("2026-04-01");
    assert_eq!(world.billed("2026-03", "kms-keys"), (3.0, "3".to_string()));
    world.ask("kms", "ScheduleKeyDeletion", json!({"KeyId": key, "PendingWindowInDays": 7}));
    world.at("2026-06-01");
    assert_eq!(world.billed("2026-04", "kms-keys").0 + world.billed("2026-05", "kms-keys").0, 0.0);
    assert_eq!(world.billed("2026-03", "kms-keys").0, 3.0);
}

#[test]
fn a_second_layer_is_billed_by_the_byte_each_way() {
    const GB: u64 = 1 << 30;
    let mut world = World::new();
    world.ask("s3", "CreateBucket", json!({"Bucket": "lake"}));
    world.put("a", 2 * GB, &json!({"ServerSideEncryption": "aws:kms:dsse"}));
    world.get("a");
    world.ask(
        "s3",
        "CopyObject",
        json!({"Bucket": "lake", "Key": "b", "CopySource": "lake/a", "SluiceBlob": BlobRef { size: 2 * GB, ..BlobRef::empty() }}),
    );
    // Written, read, and read once more for the copy, which is under SSE-S3: 6 GB at 0.003.
    assert_eq!(world.billed("2026-01", "dual-encrypted"), (6.0, "0.018".to_string()));
    // KMS was asked for the put, the get and the copy's source.
    assert_eq!(world.billed("2026-01", "kms-requests").0, 3.0);
}
