//! Bytes from and to the page without base64.

use std::rc::Rc;

use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};
use sluice_core::storage::s3::CustomerKeys;
use sluice_protocol::Notice;
use wasm_bindgen::JsValue;
use web_sys::Blob;

use super::port::wall;
use super::session::Session;
use crate::store::StoreError;
use crate::store::browser::BrowserStore;
use crate::store::js::{blob_bytes, error_text, size};
use crate::store::tab::Parts;
use crate::{Body, Called, Staging};

const PIECE: u64 = 1 << 20;
/// Milliseconds between two notices of one upload.
const BETWEEN_NOTICES: f64 = 50.0;

impl Session {
    /// `s3:PutObject`, streamed. Any number may go at the same time; each is logged when its bytes are durable.
    /// The content type is left out where it is empty; `more` are other members.
    pub async fn upload(self: &Rc<Self>, bucket: String, key: String, content_type: &str, more: &Value, blob: Option<&Blob>) -> Result<Value, ApiError> {
        let blob = blob.ok_or_else(|| ApiError::new("ParamValidation", "Parameter validation failed: the upload came without its bytes"))?;
        if let Some(refusal) = self.host().refusal() {
            return Err(refusal);
        }
        let mut params = json!({ "Bucket": bucket, "Key": key });
        if !content_type.is_empty()
            && let Some(params) = params.as_object_mut()
        {
            params.insert("ContentType".into(), content_type.into());
        }
        extend(&mut params, more);
        let mut call = Call::new("s3", "PutObject", params);
        let keys = CustomerKeys::take(&mut call);
        let mut staging = self.host().stage(wall(), &call, &keys).await.map_err(|error| error.to_api_error())?;
        if let Err(error) = self.take_in(&mut staging, &bucket, &key, blob).await {
            self.host().abandon(staging).await;
            return Err(error);
        }
        let called = self.host().put(wall(), call, &keys, staging).await;
        self.after(called.changed, called.effects);
        called.result
    }

    async fn take_in(&self, staging: &mut Staging<BrowserStore>, bucket: &str, key: &str, blob: &Blob) -> Result<(), ApiError> {
        let total = size(blob.size());
        let mut done = 0;
        let mut told = 0.0;
        while done < total {
            let bytes = blob_bytes(blob, done, total.min(done + PIECE)).await.map_err(|error| unreadable(key, &error))?;
            if bytes.is_empty() {
                return Err(ApiError::new(
                    "IncompleteBody",
                    format!("\"{key}\" ended after {done} of {total} bytes: the file changed while it was read."),
                ));
            }
            self.host().write(staging, &bytes).await.map_err(|error| error.to_api_error())?;
            done += bytes.len() as u64;
            let now = js_sys::Date::now();
            if now - told >= BETWEEN_NOTICES || done == total {
                told = now;
                self.port().notice(&Notice::UploadProgress {
                    bucket: bucket.to_owned(),
                    key: key.to_owned(),
                    done,
                    total,
                });
            }
        }
        Ok(())
    }

    /// The bytes of a `GetObject` as a blob beside the response.
    pub async fn fetched(&self, mut called: Called) -> (Result<Value, ApiError>, Vec<Blob>) {
        match called.body.take() {
            None => (called.result, Vec::new()),
            Some(body) => match self.blob_of(&body).await {
                Ok(blob) => (called.result, vec![blob]),
                Err(error) => (Err(error.to_api_error()), Vec::new()),
            },
        }
    }

    /// Opens the frames into a blob of the browser's, which keeps large ones on disk.
    async fn blob_of(&self, body: &Body) -> Result<Blob, StoreError> {
        let failed = |error: JsValue| crate::store::js::store_error("reading an object", &error);
        let mut parts = Parts::default();
        let mut done = 0;
        while done < body.range.length {
            let piece = self.host().piece(body, done).await?;
            if piece.is_empty() {
                return Err(StoreError::damaged(format!("the object ended after {done} bytes")));
            }
            done += piece.len() as u64;
            parts.push(&piece).map_err(failed)?;
        }
        parts.finish().map_err(failed)
    }
}

/// Adds members to a call's parameters; those that are there stay.
pub fn extend(params: &mut Value, more: &Value) {
    if let (Some(params), Some(more)) = (params.as_object_mut(), more.as_object()) {
        for (name, value) in more {
            params.entry(name.as_str()).or_insert_with(|| value.clone());
        }
    }
}

fn unreadable(key: &str, error: &JsValue) -> ApiError {
    let (name, message) = error_text(error);
    ApiError::new("SluiceUnreadableFile", format!("\"{key}\" could not be read: {name}: {message}"))
        .with_help("A folder can't be uploaded as one file, and a file must stay where it is, unchanged, until it is taken in.")
}
