//! The sample file of a lab, made in the page.

use js_sys::Array;
use leptos::prelude::*;
use serde_json::{Value, json};
use sluice_core::account::ApiError;
use sluice_core::lab::ParkingSample;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use crate::host::Host;

const ROWS_A_CHUNK: u64 = 20_000;

/// The file as a blob of `text/csv`. Errors: the browser's refusal to make one.
fn make(rows: u64, seed: u64) -> Result<Blob, ApiError> {
    let mut sample = ParkingSample::new(rows, seed);
    let parts = Array::new();
    loop {
        let chunk = sample.next_chunk(ROWS_A_CHUNK);
        if chunk.is_empty() {
            break;
        }
        parts.push(&chunk.into());
    }
    let options = BlobPropertyBag::new();
    options.set_type("text/csv");
    Blob::new_with_str_sequence_and_options(&parts, &options).map_err(refused)
}

/// Uploads the sample and answers where it is: the bucket that has the folder already, else the account's first.
pub async fn put(host: Host, file: &str, rows: u64, seed: u64, prefix: &str) -> Result<String, ApiError> {
    let buckets = host.call("s3", "ListBuckets", json!({})).await?;
    let names: Vec<String> = buckets
        .get("Buckets")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|bucket| Some(bucket.get("Name")?.as_str()?.to_owned()))
        .collect();
    let mut chosen = None;
    for name in &names {
        let listed = host
            .call("s3", "ListObjectsV2", json!({ "Bucket": name, "Prefix": prefix, "MaxKeys": 1 }))
            .await?;
        if listed.get("KeyCount").and_then(Value::as_u64).unwrap_or(0) > 0 {
            chosen = Some(name.clone());
            break;
        }
    }
    let Some(bucket) = chosen.or_else(|| names.into_iter().next()) else {
        return Err(ApiError::new("NoSuchBucket", "There is no bucket yet.").with_help("Make a bucket first: that is the step before."));
    };
    let key = format!("{prefix}{file}");
    host.upload(&bucket, &key, "text/csv", json!({}), make(rows, seed)?).await?;
    Ok(format!("s3://{bucket}/{key}"))
}

/// Hands the sample to the learner as a download.
pub fn download(file: &str, rows: u64, seed: u64) -> Result<(), ApiError> {
    let url = Url::create_object_url_with_blob(&make(rows, seed)?).map_err(refused)?;
    let anchor: HtmlAnchorElement = document().create_element("a").map_err(refused)?.unchecked_into();
    anchor.set_href(&url);
    anchor.set_download(file);
    anchor.click();
    // The download has its own hold on the bytes once it has begun.
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&url);
        },
        core::time::Duration::from_secs(30),
    );
    Ok(())
}

fn refused(error: JsValue) -> ApiError {
    let reason = error.as_string().unwrap_or_else(|| format!("{error:?}"));
    ApiError::new("SampleNotMade", format!("The browser refused to make the file: {reason}"))
}
