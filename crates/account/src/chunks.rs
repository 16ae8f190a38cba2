//! The worker's split points: parts of the account's code that the build cuts off, and that are fetched at the first call that needs them.

use std::future::Future;
use std::pin::Pin;

use sluice_core::account::{Part, Parts};
use wasm_split_helpers::{SplitLoaderError, wasm_split};

#[wasm_split(s3, fallible)]
fn s3() -> Result<Parts, SplitLoaderError> {
    Ok(Parts::s3())
}

#[wasm_split(glue, fallible)]
fn glue() -> Result<Parts, SplitLoaderError> {
    Ok(Parts::glue())
}

#[wasm_split(access, fallible)]
fn access() -> Result<Parts, SplitLoaderError> {
    Ok(Parts::access())
}

#[wasm_split(figures, fallible)]
fn figures() -> Result<Parts, SplitLoaderError> {
    Ok(Parts::figures())
}

#[wasm_split(export, fallible)]
fn export() -> Result<Parts, SplitLoaderError> {
    Ok(Parts::export())
}

#[wasm_split(monitor, fallible)]
fn monitor() -> Result<Parts, SplitLoaderError> {
    Ok(Parts::monitor())
}

#[wasm_split(streams, fallible)]
fn streams() -> Result<Parts, SplitLoaderError> {
    Ok(Parts::streams())
}

#[wasm_split(delivery, fallible)]
fn delivery() -> Result<Parts, SplitLoaderError> {
    Ok(Parts::delivery())
}

#[wasm_split(event_time, fallible)]
fn event_time() -> Result<Parts, SplitLoaderError> {
    Ok(Parts::event_time())
}

#[wasm_split(flink_sql, fallible)]
fn flink_sql() -> Result<Parts, SplitLoaderError> {
    Ok(Parts::flink_sql(sluice_flinksql::call::call))
}

/// Fetches a part. Error: why it did not come.
pub fn fetch(part: Part) -> Pin<Box<dyn Future<Output = Result<Parts, String>>>> {
    Box::pin(async move {
        let fetched = match part {
            Part::S3 => s3().await,
            Part::Glue => glue().await,
            Part::Access => access().await,
            Part::Figures => figures().await,
            Part::Export => export().await,
            Part::Monitor => monitor().await,
            Part::Streams => streams().await,
            Part::Delivery => delivery().await,
            Part::EventTime => event_time().await,
            Part::FlinkSql => flink_sql().await,
        };
        fetched.map_err(|error| error.to_string())
    })
}
