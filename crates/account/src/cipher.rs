//! AES-GCM for whole frames: the browser's own where it has one, ours everywhere else. Both make the same bytes.

use sluice_frames::{Keys, Unopened};

/// Seals the plaintext of a frame.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) async fn seal(keys: &Keys, number: u32, last: bool, bytes: &mut Vec<u8>) {
    keys.seal(number, last, bytes);
}

/// Opens a frame. After an error the bytes are of no use.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) async fn open(keys: &Keys, number: u32, last: bool, bytes: &mut Vec<u8>) -> Result<(), Unopened> {
    keys.open(number, last, bytes)
}

#[cfg(target_arch = "wasm32")]
pub(crate) use browser::{open, seal};

#[cfg(target_arch = "wasm32")]
mod browser {
    use js_sys::{Array, Object, Reflect, Uint8Array};
    use wasm_bindgen::prelude::*;
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{CryptoKey, SubtleCrypto, WorkerGlobalScope};

    use super::{Keys, Unopened};

    /// Bytes below which a call to the browser takes longer than our own AES.
    const SMALL: usize = 16 << 10;

    /// `None` in a page that came over plain http.
    fn subtle() -> Option<SubtleCrypto> {
        let scope: WorkerGlobalScope = js_sys::global().dyn_into().ok()?;
        let crypto = scope.crypto().ok()?;
        let subtle = Reflect::get(&crypto, &"subtle".into()).ok()?;
        (!subtle.is_undefined() && !subtle.is_null()).then(|| subtle.unchecked_into())
    }

    #[derive(Clone, Copy, PartialEq)]
    enum What {
        Seal,
        Open,
    }

    /// One layer by the browser. The error is a refusal, which for opening means that the frame is not what was sealed.
    async fn by_browser(subtle: &SubtleCrypto, what: What, key: &[u8; 32], nonce: &[u8], associated: &[u8], bytes: &[u8]) -> Result<Uint8Array, JsValue> {
        let raw = Uint8Array::from(key.as_slice());
        let use_for = Array::of1(&if what == What::Seal { "encrypt" } else { "decrypt" }.into());
        let imported = subtle.import_key_with_str("raw", raw.unchecked_ref::<Object>(), "AES-GCM", false, &use_for)?;
        let key: CryptoKey = JsFuture::from(imported).await?.unchecked_into();
        let algorithm = Object::new();
        Reflect::set(&algorithm, &"name".into(), &"AES-GCM".into())?;
        Reflect::set(&algorithm, &"iv".into(), &Uint8Array::from(nonce))?;
        Reflect::set(&algorithm, &"additionalData".into(), &Uint8Array::from(associated))?;
        Reflect::set(&algorithm, &"tagLength".into(), &128.into())?;
        let bytes = Uint8Array::from(bytes);
        let promise = match what {
            What::Seal => subtle.encrypt_with_object_and_buffer_source(&algorithm, &key, &bytes)?,
            What::Open => subtle.decrypt_with_object_and_buffer_source(&algorithm, &key, &bytes)?,
        };
        Ok(Uint8Array::new(&JsFuture::from(promise).await?))
    }

    fn take(into: &mut Vec<u8>, from: &Uint8Array) {
        into.resize(from.length() as usize, 0);
        from.copy_to(into);
    }

    pub async fn seal(keys: &Keys, number: u32, last: bool, bytes: &mut Vec<u8>) {
        let Some(subtle) = subtle().filter(|_| bytes.len() >= SMALL) else {
            return keys.seal(number, last, bytes);
        };
        let plain = bytes.clone();
        for key in keys.layers() {
            match by_browser(&subtle, What::Seal, key, &keys.nonce(number), &Keys::associated(number, last), bytes).await {
                Ok(sealed) => take(bytes, &sealed),
                // A browser that has the interface and not the cipher.
                Err(_) => {
                    *bytes = plain;
                    return keys.seal(number, last, bytes);
                }
            }
        }
    }

    pub async fn open(keys: &Keys, number: u32, last: bool, bytes: &mut Vec<u8>) -> Result<(), Unopened> {
        let Some(subtle) = subtle().filter(|_| bytes.len() >= SMALL) else {
            return keys.open(number, last, bytes);
        };
        let stored = bytes.clone();
        for key in keys.layers().iter().rev() {
            match by_browser(&subtle, What::Open, key, &keys.nonce(number), &Keys::associated(number, last), bytes).await {
                Ok(opened) => take(bytes, &opened),
                // The browser does not say whether it was the frame or something else: our own AES does.
                Err(_) => {
                    *bytes = stored;
                    return keys.open(number, last, bytes);
                }
            }
        }
        Ok(())
    }
}
