//! What the tests of the account share.
#![allow(dead_code)]

use serde_json::{Value, json};
use sluice_core::account::{Account, AccountOptions, ApiError, Call};
use sluice_core::sim::SimTime;

pub fn account() -> Account {
    Account::new(AccountOptions::default())
}

/// An instant in 2026, `seconds` after its first.
pub fn at(seconds: i64) -> SimTime {
    SimTime::parse("2026-01-01").expect("a date").plus_seconds(seconds)
}

/// Applies a call one second after the last.
pub fn call(account: &mut Account, service: &str, operation: &str, params: Value) -> Result<Value, ApiError> {
    let now = account.now().max(at(0)).plus_seconds(1);
    account.apply(now, &Call::new(service, operation, params)).map(|outcome| outcome.response)
}

pub fn s3(account: &mut Account, operation: &str, params: Value) -> Result<Value, ApiError> {
    call(account, "s3", operation, params)
}

/// A blob that stands for some text: not its real digests, but as different as the texts are.
pub fn blob(text: &str) -> Value {
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        digest = (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let part = format!("{digest:016x}");
    json!({"id": part.repeat(4), "size": text.len(), "md5": part.repeat(2)})
}

pub fn put(account: &mut Account, bucket: &str, key: &str, text: &str) -> Result<Value, ApiError> {
    s3(account, "PutObject", json!({"Bucket": bucket, "Key": key, "SluiceBlob": blob(text)}))
}

pub fn code(result: Result<Value, ApiError>) -> String {
    match result {
        Ok(response) => panic!("the call should have been refused: {response}"),
        Err(error) => error.code,
    }
}
