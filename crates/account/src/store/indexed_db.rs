//! IndexedDB, where the origin private file system is missing. One database an account: `log` by byte offset, `files` by `folder/name`.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, IdbDatabase, IdbFactory, IdbKeyRange, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransaction};

use super::js::{blob_bytes, size, store_error};
use super::tab::Parts;
use super::{Folder, Store, StoreError};
use crate::sync::{Answer, Answerer, answer};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = IdbDatabase)]
    type Database;

    /// `IDBDatabase.transaction` with its options, which web-sys holds back as unstable.
    #[wasm_bindgen(method, catch)]
    fn transaction(this: &Database, store: &str, mode: &str, options: &Object) -> Result<IdbTransaction, JsValue>;
}

const LOG: &str = "log";
const FILES: &str = "files";

pub struct IndexedDbStore {
    database: IdbDatabase,
    /// Where the log ends, once it is known; `None` after a write whose end isn't.
    log_end: Cell<Option<u64>>,
}

type Settled = Result<(), JsValue>;

/// A callback that answers once, whichever of several events comes first.
struct Once(Rc<Cell<Option<Answerer<Settled>>>>);

impl Once {
    fn new() -> (Once, Answer<Settled>) {
        let (answerer, answer) = answer();
        (Once(Rc::new(Cell::new(Some(answerer)))), answer)
    }

    fn callback(&self, result: impl FnOnce() -> Settled + 'static) -> Closure<dyn FnMut()> {
        let slot = self.0.clone();
        let mut result = Some(result);
        Closure::new(move || {
            if let (Some(answerer), Some(result)) = (slot.take(), result.take()) {
                answerer.send(result());
            }
        })
    }
}

fn unanswered() -> JsValue {
    JsValue::from_str("the database gave no answer")
}

fn request_error(request: &IdbRequest) -> JsValue {
    match request.error() {
        Ok(Some(error)) => error.into(),
        _ => unanswered(),
    }
}

async fn done(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let (once, answer) = Once::new();
    let success = once.callback(|| Ok(()));
    let failing = request.clone();
    let failure = once.callback(move || Err(request_error(&failing)));
    request.set_onsuccess(Some(success.as_ref().unchecked_ref()));
    request.set_onerror(Some(failure.as_ref().unchecked_ref()));
    let result = answer.await;
    request.set_onsuccess(None);
    request.set_onerror(None);
    result.unwrap_or_else(|| Err(unanswered()))?;
    request.result()
}

/// Waits until a transaction is durable.
async fn committed(transaction: &IdbTransaction) -> Result<(), JsValue> {
    let (once, answer) = Once::new();
    let complete = once.callback(|| Ok(()));
    let failing = transaction.clone();
    let abort = once.callback(move || Err(failing.error().map_or_else(unanswered, JsValue::from)));
    transaction.set_oncomplete(Some(complete.as_ref().unchecked_ref()));
    transaction.set_onabort(Some(abort.as_ref().unchecked_ref()));
    let result = answer.await;
    transaction.set_oncomplete(None);
    transaction.set_onabort(None);
    result.unwrap_or_else(|| Err(unanswered()))
}

fn key(folder: Folder, name: &str) -> JsValue {
    JsValue::from_str(&format!("{}/{name}", folder.name()))
}

impl IndexedDbStore {
    pub async fn open(factory: &IdbFactory, account: &str) -> Result<Self, StoreError> {
        let failed = |error: JsValue| store_error("opening IndexedDB", &error);
        let request: IdbOpenDbRequest = factory.open_with_u32(&format!("sluice:{account}"), 1).map_err(failed)?;
        let opening = request.clone();
        let upgrade = Closure::<dyn FnMut()>::new(move || {
            if let Ok(result) = opening.result() {
                let database: IdbDatabase = result.unchecked_into();
                // What can't be made is missed by the first transaction, which says so.
                let _ = database.create_object_store(LOG);
                let _ = database.create_object_store(FILES);
            }
        });
        request.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
        let database: IdbDatabase = done(&request).await.map_err(failed)?.unchecked_into();
        let store = IndexedDbStore {
            database,
            log_end: Cell::new(None),
        };
        store.log_len().await?;
        Ok(store)
    }

    fn reading(&self, name: &str) -> Result<IdbObjectStore, JsValue> {
        self.database.transaction_with_str(name)?.object_store(name)
    }

    /// Changes one object store in one transaction, durable when it answers.
    async fn change(&self, name: &str, act: impl FnOnce(&IdbObjectStore) -> Result<(), JsValue>) -> Result<(), JsValue> {
        let options = Object::new();
        Reflect::set(&options, &"durability".into(), &"strict".into())?;
        let database: &Database = self.database.unchecked_ref();
        let transaction = database.transaction(name, "readwrite", &options)?;
        act(&transaction.object_store(name)?)?;
        committed(&transaction).await
    }

    /// The log's pieces that begin at an offset or later: where each begins, and its bytes.
    async fn pieces(&self, from: u64) -> Result<Vec<(u64, Uint8Array)>, JsValue> {
        let range = IdbKeyRange::lower_bound(&JsValue::from_f64(from as f64))?;
        let store = self.reading(LOG)?;
        let (keys, values) = (store.get_all_keys_with_key(&range)?, store.get_all_with_key(&range)?);
        let keys: Array = done(&keys).await?.unchecked_into();
        let values: Array = done(&values).await?.unchecked_into();
        let pieces = keys.iter().zip(values.iter());
        Ok(pieces
            .map(|(key, value)| (size(key.as_f64().unwrap_or_default()), value.unchecked_into()))
            .collect())
    }

    async fn value(&self, folder: Folder, name: &str) -> Result<JsValue, JsValue> {
        let request = self.reading(FILES)?.get(&key(folder, name))?;
        done(&request).await
    }
}

impl Drop for IndexedDbStore {
    fn drop(&mut self) {
        self.database.close();
    }
}

impl Store for IndexedDbStore {
    type Staged = Parts;
    type Blob = Blob;

    async fn log_len(&self) -> Result<u64, StoreError> {
        if let Some(end) = self.log_end.get() {
            return Ok(end);
        }
        let pieces = self.pieces(0).await.map_err(|error| store_error("reading the log", &error))?;
        let end = pieces.last().map_or(0, |(at, bytes)| at + u64::from(bytes.length()));
        self.log_end.set(Some(end));
        Ok(end)
    }

    async fn log_read(&self, from: u64) -> Result<Vec<u8>, StoreError> {
        let failed = |error: JsValue| store_error("reading the log", &error);
        let mut pieces = self.pieces(from).await.map_err(failed)?;
        if pieces.first().is_none_or(|(at, _)| *at != from) {
            // Not where a piece begins: part of an earlier one is wanted too.
            pieces = self.pieces(0).await.map_err(failed)?;
        }
        let mut log = Vec::new();
        for (at, piece) in pieces {
            let bytes = piece.to_vec();
            let skip = usize::try_from(from.saturating_sub(at)).unwrap_or(usize::MAX);
            log.extend_from_slice(bytes.get(skip..).unwrap_or_default());
        }
        Ok(log)
    }

    async fn log_append(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let end = self.log_len().await?;
        let value = Uint8Array::from(bytes);
        self.log_end.set(None);
        self.change(LOG, |store| store.put_with_key(&value, &JsValue::from_f64(end as f64)).map(drop))
            .await
            .map_err(|error| store_error("writing the log", &error))?;
        self.log_end.set(Some(end + bytes.len() as u64));
        Ok(())
    }

    async fn log_truncate(&self, length: u64) -> Result<(), StoreError> {
        let failed = |error: JsValue| store_error("cutting the log", &error);
        if self.log_len().await? <= length {
            return Ok(());
        }
        self.log_end.set(None);
        let pieces = self.pieces(0).await.map_err(failed)?;
        let straddling = pieces.iter().find(|(at, bytes)| *at < length && at + u64::from(bytes.length()) > length);
        let kept = straddling.map(|(at, bytes)| (*at, bytes.slice(0, u32::try_from(length - at).unwrap_or(u32::MAX))));
        self.change(LOG, |store| {
            store.delete(IdbKeyRange::lower_bound(&JsValue::from_f64(length as f64))?.as_ref())?;
            if let Some((at, bytes)) = &kept {
                store.put_with_key(bytes, &JsValue::from_f64(*at as f64))?;
            }
            Ok(())
        })
        .await
        .map_err(failed)
    }

    async fn put(&self, folder: Folder, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let value = Uint8Array::from(bytes);
        self.change(FILES, |store| store.put_with_key(&value, &key(folder, name)).map(drop))
            .await
            .map_err(|error| store_error(&format!("writing {}/{name}", folder.name()), &error))
    }

    async fn get(&self, folder: Folder, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let value = self.value(folder, name).await;
        let value = value.map_err(|error| store_error(&format!("reading {}/{name}", folder.name()), &error))?;
        Ok(value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec))
    }

    async fn list(&self, folder: Folder) -> Result<Vec<(String, u64)>, StoreError> {
        let failed = |error: JsValue| store_error(&format!("listing {}", folder.name()), &error);
        let read = async {
            // '0' follows '/' in order.
            let range = IdbKeyRange::bound(
                &JsValue::from_str(&format!("{}/", folder.name())),
                &JsValue::from_str(&format!("{}0", folder.name())),
            )?;
            let store = self.reading(FILES)?;
            let (keys, values) = (store.get_all_keys_with_key(&range)?, store.get_all_with_key(&range)?);
            Ok((done(&keys).await?.unchecked_into::<Array>(), done(&values).await?.unchecked_into::<Array>()))
        };
        let (keys, values) = read.await.map_err(failed)?;
        let files = keys.iter().zip(values.iter()).filter_map(|(key, value)| {
            let name = key.as_string()?.split_once('/')?.1.to_owned();
            let bytes = match (value.dyn_ref::<Blob>(), value.dyn_ref::<Uint8Array>()) {
                (Some(blob), _) => size(blob.size()),
                (None, Some(bytes)) => u64::from(bytes.length()),
                (None, None) => 0,
            };
            Some((name, bytes))
        });
        Ok(files.collect())
    }

    async fn delete(&self, folder: Folder, name: &str) -> Result<(), StoreError> {
        self.change(FILES, |store| store.delete(&key(folder, name)).map(drop))
            .await
            .map_err(|error| store_error(&format!("deleting {}/{name}", folder.name()), &error))
    }

    async fn stage(&self) -> Result<Parts, StoreError> {
        Ok(Parts::default())
    }

    async fn write(&self, staged: &mut Parts, bytes: &[u8]) -> Result<(), StoreError> {
        staged.push(bytes).map_err(|error| store_error("holding bytes to write", &error))
    }

    async fn commit(&self, staged: Parts, id: &str) -> Result<(), StoreError> {
        let failed = |error: JsValue| store_error("writing the bytes", &error);
        let blob = staged.finish().map_err(failed)?;
        self.change(FILES, |store| store.put_with_key(&blob, &key(Folder::Blobs, id)).map(drop))
            .await
            .map_err(failed)
    }

    async fn abandon(&self, _staged: Parts) {}

    async fn blob(&self, id: &str) -> Result<Option<Blob>, StoreError> {
        let value = self.value(Folder::Blobs, id).await.map_err(|error| store_error("reading a blob", &error))?;
        Ok(value.dyn_into::<Blob>().ok())
    }

    async fn read(&self, blob: &Blob, offset: u64, length: u64) -> Result<Vec<u8>, StoreError> {
        blob_bytes(blob, offset, offset.saturating_add(length))
            .await
            .map_err(|error| store_error("reading a blob", &error))
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        // A transaction leaves nothing half done.
        Ok(())
    }
}
