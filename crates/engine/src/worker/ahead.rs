//! Sealed objects in the browser: frames that a reader comes to next are opened by the browser's own AES while the slice goes on.
//!
//! A read is synchronous and the browser's AES is not: what it has not opened in time is opened here.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::io;
use std::rc::Rc;

use js_sys::{Array, Object, Reflect, Uint8Array};
use sluice_core::account::BlobRef;
use sluice_engine::{ByteSource, SealedSource};
use sluice_frames::{Frame, Keys};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, CryptoKey, SubtleCrypto, WorkerGlobalScope};

use super::blob::BlobSource;

/// Frames that are opened ahead: with those at hand, within what a source keeps.
const AHEAD: u32 = 5;

/// The browser's AES with a blob's keys, innermost first.
struct Browser {
    subtle: SubtleCrypto,
    keys: RefCell<Option<Rc<Vec<CryptoKey>>>>,
}

struct Shared {
    sealed: SealedSource,
    blob: Blob,
    browser: Option<Browser>,
    /// Frames that the browser is at.
    asked: RefCell<BTreeSet<u32>>,
    last: Cell<Option<u32>>,
}

/// An object's plaintext over the blob at rest.
pub struct AheadSource(Rc<Shared>);

/// `None` in a page that came over plain http.
fn subtle() -> Option<SubtleCrypto> {
    let scope: WorkerGlobalScope = js_sys::global().dyn_into().ok()?;
    let crypto = scope.crypto().ok()?;
    let subtle = Reflect::get(&crypto, &"subtle".into()).ok()?;
    (!subtle.is_undefined() && !subtle.is_null()).then(|| subtle.unchecked_into())
}

pub fn open(blob: &BlobRef, secret: Option<&[u8; 32]>, stored: Blob) -> io::Result<Rc<dyn ByteSource>> {
    let source = Rc::new(BlobSource::new(stored.clone())?);
    let Some(sealed) = SealedSource::new(blob, secret, source.clone())? else {
        return Ok(source);
    };
    Ok(Rc::new(AheadSource(Rc::new(Shared {
        sealed,
        blob: stored,
        browser: subtle().map(|subtle| Browser {
            subtle,
            keys: RefCell::new(None),
        }),
        asked: RefCell::default(),
        last: Cell::new(None),
    }))))
}

impl Browser {
    async fn keys(&self, keys: &Keys) -> Result<Rc<Vec<CryptoKey>>, JsValue> {
        if let Some(keys) = &*self.keys.borrow() {
            return Ok(keys.clone());
        }
        let mut imported = Vec::new();
        for key in keys.layers() {
            let raw = Uint8Array::from(key.as_slice());
            let promise = self
                .subtle
                .import_key_with_str("raw", raw.unchecked_ref::<Object>(), "AES-GCM", false, &Array::of1(&"decrypt".into()))?;
            imported.push(JsFuture::from(promise).await?.unchecked_into());
        }
        let imported = Rc::new(imported);
        *self.keys.borrow_mut() = Some(imported.clone());
        Ok(imported)
    }
}

impl Shared {
    async fn open(&self, browser: &Browser, frame: Frame) -> Result<Vec<u8>, JsValue> {
        let keys = browser.keys(self.sealed.keys()).await?;
        let (from, to) = (frame.stored_at as f64, (frame.stored_at + frame.stored) as f64);
        let mut bytes = JsFuture::from(self.blob.slice_with_f64_and_f64(from, to)?.array_buffer()).await?;
        for key in keys.iter().rev() {
            let algorithm = Object::new();
            Reflect::set(&algorithm, &"name".into(), &"AES-GCM".into())?;
            Reflect::set(&algorithm, &"iv".into(), &Uint8Array::from(self.sealed.keys().nonce(frame.number).as_slice()))?;
            let associated = Keys::associated(frame.number, frame.last);
            Reflect::set(&algorithm, &"additionalData".into(), &Uint8Array::from(associated.as_slice()))?;
            let promise = browser
                .subtle
                .decrypt_with_object_and_buffer_source(&algorithm, key, bytes.unchecked_ref::<Object>())?;
            bytes = JsFuture::from(promise).await?;
        }
        Ok(Uint8Array::new(&bytes).to_vec())
    }

    /// Asks the browser for the frames after one. What it refuses is opened, and judged, when it is read.
    fn ask_after(self: &Rc<Self>, number: u32) {
        if self.browser.is_none() {
            return;
        }
        for next in (1..=AHEAD).filter_map(|step| number.checked_add(step)) {
            let Some(frame) = self.sealed.layout().frame(next) else { return };
            if self.sealed.has(next) || !self.asked.borrow_mut().insert(next) {
                continue;
            }
            let shared = self.clone();
            spawn_local(async move {
                let Some(browser) = &shared.browser else { return };
                if let Ok(plain) = shared.open(browser, frame).await
                    && shared.last.get().is_none_or(|last| next >= last)
                {
                    shared.sealed.keep(next, plain);
                }
                shared.asked.borrow_mut().remove(&next);
            });
        }
    }
}

impl ByteSource for AheadSource {
    fn len(&self) -> u64 {
        self.0.sealed.len()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let shared = &self.0;
        if let Some(frame) = shared.sealed.layout().at(offset) {
            let before = shared.last.replace(Some(frame.number));
            // From front to back: a first read may be of the head alone.
            if before.is_some_and(|before| before + 1 == frame.number) {
                shared.ask_after(frame.number);
            }
        }
        shared.sealed.read_at(offset, buf)
    }
}
