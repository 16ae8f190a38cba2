//! Small helpers between Rust and the browser's storage interfaces.

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, DomException};

use super::StoreError;

/// What went wrong, with the browser's own words. `QuotaExceededError` is told apart, since a person can do something about it.
pub(crate) fn store_error(doing: &str, error: &JsValue) -> StoreError {
    let (name, message) = error_text(error);
    let text = format!("{doing}: {name}: {message}");
    if name == "QuotaExceededError" {
        StoreError::full(text)
    } else {
        StoreError::failed(text)
    }
}

pub(crate) fn error_text(error: &JsValue) -> (String, String) {
    if let Some(error) = error.dyn_ref::<DomException>() {
        (error.name(), error.message())
    } else if let Some(error) = error.dyn_ref::<js_sys::Error>() {
        (String::from(error.name()), String::from(error.message()))
    } else {
        ("Error".into(), error.as_string().unwrap_or_else(|| "no message".into()))
    }
}

pub(crate) fn is_not_found(error: &JsValue) -> bool {
    error_text(error).0 == "NotFoundError"
}

/// Awaits a promise of a `T`.
pub(crate) async fn resolve<T: JsCast>(promise: Promise) -> Result<T, JsValue> {
    JsFuture::from(promise).await?.dyn_into()
}

/// Bytes `from..to` of a blob, clipped to it.
pub(crate) async fn blob_bytes(blob: &Blob, from: u64, to: u64) -> Result<Vec<u8>, JsValue> {
    let slice = blob.slice_with_f64_and_f64(from as f64, to as f64)?;
    let buffer = JsFuture::from(slice.array_buffer()).await?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

pub(crate) fn size(bytes: f64) -> u64 {
    // A JavaScript size is a whole number below 2^53.
    bytes as u64
}
