//! Client-side encryption: bytes are sealed in the tab before S3 sees them, and opened there again.
//!
//! The format is that of the Amazon S3 Encryption Client 3 with a raw AES key (`AesKeyring`): a data key of its own for each object, AES-256-GCM with the tag behind the
//! ciphertext; the data key wrapped under the caller's key as IV and ciphertext, the content algorithm as associated data; all of it named in the object's user metadata.
//! Belongs here: sealing, opening, and the form that asks for the key. Does not belong here: encryption that S3 does (`upload_as`, `encryption`).

use std::collections::BTreeMap;

use js_sys::{Array, Object, Reflect, Uint8Array};
use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::ApiError;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CryptoKey, SubtleCrypto};

use crate::components::Fault;
use crate::format;

/// `x-amz-cek-alg`: what the content is sealed with.
const CONTENT: &str = "AES/GCM/NoPadding";
/// `x-amz-wrap-alg`: what the data key is wrapped with.
const WRAP: &str = "AES/GCM";
const KEY_BYTES: usize = 32;
const IV_BYTES: usize = 12;
const TAG_BITS: u32 = 128;
/// The most that is sealed in one piece, bytes: the tab holds it twice.
const MOST: f64 = 512.0 * 1_048_576.0;

/// The value of the upload form's choice.
pub const CHOICE: &str = "client-side";

/// What a sealed object's metadata says it is sealed with; `None` for any other object.
pub fn sealed_with(metadata: &BTreeMap<String, String>) -> Option<&str> {
    metadata.get("x-amz-cek-alg").map(String::as_str)
}

fn failed(message: &str) -> ApiError {
    ApiError::new("S3EncryptionClientException", message)
}

/// What the browser's cryptography could not do; for an opening that fails it says no more, since it must not.
fn refused(what: &'static str) -> impl Fn(JsValue) -> ApiError {
    move |_| failed(what)
}

fn bytes_of(base64: &str) -> Option<Vec<u8>> {
    let binary = window().atob(base64).ok()?;
    binary.chars().map(|character| u8::try_from(u32::from(character)).ok()).collect()
}

/// A caller's key: 32 characters, or the base64 of 32 bytes.
fn key_bytes(text: &str) -> Result<Vec<u8>, ApiError> {
    let plain = (text.len() == KEY_BYTES).then(|| text.as_bytes().to_vec());
    plain
        .or_else(|| bytes_of(text).filter(|bytes| bytes.len() == KEY_BYTES))
        .ok_or_else(|| failed("The key is 32 characters, or the base64 of 32 bytes.").with_help("Draw one, or paste the one that the object was sealed with."))
}

fn subtle() -> Result<SubtleCrypto, ApiError> {
    let crypto = window().crypto().map_err(refused("This browser has no cryptography."))?;
    let subtle = Reflect::get(&crypto, &"subtle".into())
        .ok()
        .and_then(|subtle| subtle.dyn_into::<SubtleCrypto>().ok());
    subtle.ok_or_else(|| {
        failed("This page is not in a secure context, where browsers offer their cryptography.").with_help("Open it over https, or from localhost.")
    })
}

fn drawn(count: usize) -> Result<Vec<u8>, ApiError> {
    let mut bytes = vec![0; count];
    let crypto = window().crypto().map_err(refused("This browser has no cryptography."))?;
    crypto
        .get_random_values_with_u8_array(&mut bytes)
        .map_err(refused("No random numbers could be drawn."))?;
    Ok(bytes)
}

async fn imported(subtle: &SubtleCrypto, bytes: &[u8]) -> Result<CryptoKey, ApiError> {
    let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
    let promise = subtle
        .import_key_with_str("raw", &Uint8Array::from(bytes), "AES-GCM", false, &uses)
        .map_err(refused("The key was not taken."))?;
    let key = JsFuture::from(promise).await.map_err(refused("The key was not taken."))?;
    key.dyn_into().map_err(refused("The key was not taken."))
}

/// WebCrypto's `AesGcmParams`.
fn params(iv: &[u8], associated: Option<&str>) -> Object {
    let params = Object::new();
    let set = |name: &str, value: &JsValue| {
        let _ = Reflect::set(&params, &name.into(), value);
    };
    set("name", &"AES-GCM".into());
    set("iv", &Uint8Array::from(iv));
    set("tagLength", &TAG_BITS.into());
    if let Some(text) = associated {
        set("additionalData", &Uint8Array::from(text.as_bytes()));
    }
    params
}

async fn buffer(blob: &Blob) -> Result<Uint8Array, ApiError> {
    let buffer = JsFuture::from(blob.array_buffer()).await.map_err(refused("The file could not be read."))?;
    Ok(Uint8Array::new(&buffer))
}

fn blob(bytes: &JsValue) -> Result<Blob, ApiError> {
    Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::new(bytes))).map_err(refused("There is no room for the bytes."))
}

/// Seals a file. Answers the ciphertext, and the user metadata that goes with it.
pub async fn seal(file: &Blob, key: &str) -> Result<(Blob, Value), ApiError> {
    if file.size() > MOST {
        return Err(failed("A file above 512 MiB is not sealed in the page.").with_help("Upload it without client-side encryption, or in pieces."));
    }
    let subtle = subtle()?;
    let wrapping = imported(&subtle, &key_bytes(key)?).await?;
    let (data_key, wrap_iv, iv) = (drawn(KEY_BYTES)?, drawn(IV_BYTES)?, drawn(IV_BYTES)?);
    let content_key = imported(&subtle, &data_key).await?;
    let encrypted = |params: Object, key: CryptoKey, plain: Uint8Array| {
        let promise = subtle.encrypt_with_object_and_buffer_source(&params, &key, &plain);
        async move {
            let promise = promise.map_err(refused("The bytes could not be sealed."))?;
            JsFuture::from(promise).await.map_err(refused("The bytes could not be sealed."))
        }
    };
    let wrapped = encrypted(params(&wrap_iv, Some(CONTENT)), wrapping, Uint8Array::from(data_key.as_slice())).await?;
    let sealed = encrypted(params(&iv, None), content_key, buffer(file).await?).await?;
    let wrapped = [wrap_iv, Uint8Array::new(&wrapped).to_vec()].concat();
    let metadata = json!({
        "x-amz-key-v2": format::base64(&wrapped),
        "x-amz-iv": format::base64(&iv),
        "x-amz-cek-alg": CONTENT,
        "x-amz-wrap-alg": WRAP,
        "x-amz-tag-len": TAG_BITS.to_string(),
        "x-amz-matdesc": "{}",
        "x-amz-unencrypted-content-length": file.size().to_string(),
    });
    Ok((blob(&sealed)?, metadata))
}

/// Opens what [`seal`], or a client of that format, made. Error: another algorithm, metadata that lacks something, or a key that does not fit.
pub async fn open(sealed: &Blob, metadata: &BTreeMap<String, String>, key: &str) -> Result<Blob, ApiError> {
    let said = |name: &str| metadata.get(name).map(String::as_str).unwrap_or_default();
    for (name, known) in [("x-amz-cek-alg", CONTENT), ("x-amz-wrap-alg", WRAP)] {
        if said(name) != known {
            return Err(failed(&format!("{name} is {:?}; the page opens {known:?}.", said(name))));
        }
    }
    let decoded = |name: &str| bytes_of(said(name)).ok_or_else(|| failed(&format!("{name} is not base64.")));
    let (wrapped, iv) = (decoded("x-amz-key-v2")?, decoded("x-amz-iv")?);
    let (wrap_iv, wrapped) = wrapped.split_at_checked(IV_BYTES).ok_or_else(|| failed("x-amz-key-v2 is too short."))?;
    let subtle = subtle()?;
    let wrapping = imported(&subtle, &key_bytes(key)?).await?;
    let decrypted = |params: Object, key: CryptoKey, sealed: Uint8Array, what: &'static str| {
        let promise = subtle.decrypt_with_object_and_buffer_source(&params, &key, &sealed);
        async move {
            let promise = promise.map_err(refused(what))?;
            JsFuture::from(promise).await.map_err(refused(what))
        }
    };
    let data_key = decrypted(
        params(wrap_iv, Some(CONTENT)),
        wrapping,
        Uint8Array::from(wrapped),
        "The data key does not open under this key.",
    )
    .await?;
    let content_key = imported(&subtle, &Uint8Array::new(&data_key).to_vec()).await?;
    let plain = decrypted(params(&iv, None), content_key, buffer(sealed).await?, "The bytes are not what was sealed.").await?;
    blob(&plain)
}

/// Asks for the key of a sealed object and puts its bytes, opened, in the place of those that the account has.
#[component]
pub fn OpenSealed(
    metadata: BTreeMap<String, String>,
    /// What the account answered.
    bytes: RwSignal<Option<Blob>, LocalStorage>,
    on_open: Callback<()>,
    /// The opened bytes.
    opened: RwSignal<Option<Blob>, LocalStorage>,
) -> impl IntoView {
    let key = RwSignal::new(String::new());
    let fault = RwSignal::new(None::<ApiError>);
    let algorithm = sealed_with(&metadata).unwrap_or_default().to_owned();
    let held = StoredValue::new(metadata);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(sealed) = bytes.get_untracked() else { return };
        spawn_local(async move {
            match open(&sealed, &held.get_value(), &key.get_untracked()).await {
                Ok(plain) => {
                    let _ = fault.try_set(None);
                    if opened.try_set(Some(plain)).is_none() {
                        on_open.run(());
                    }
                }
                Err(error) => {
                    let _ = fault.try_set(Some(error));
                }
            }
        });
    };
    view! {
        <form class="form sealed" on:submit=submit aria-label="Client-side encryption">
            <p>
                <b>"Sealed by the client"</b>
                " "
                <span class="meta mono">{algorithm}</span>
            </p>
            <p class="meta" role="status">
                {move || {
                    if opened.with(Option::is_some) {
                        "Opened in this tab: what you download and see below is the plaintext. The account has never had it."
                    } else {
                        "S3 holds ciphertext: neither the account, nor a crawler, nor a job can read these bytes."
                    }
                }}
            </p>
            <div class="field">
                <label for="sealed-key">"Key of yours"</label>
                <input
                    id="sealed-key"
                    class="input mono"
                    type="text"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    placeholder="32 characters, or base64 of 32 bytes"
                    prop:value=move || key.get()
                    on:input=move |event| key.set(event_target_value(&event))
                />
            </div>
            {move || fault.get().map(|error| view! { <Fault error=error /> })}
            <div class="actions">
                <button type="submit" class="btn primary">
                    "Open in this tab"
                </button>
            </div>
        </form>
    }
}
