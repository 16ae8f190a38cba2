//! Whichever store this browser grants.

use sluice_protocol::Backend;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, StorageManager, WorkerGlobalScope};

use super::indexed_db::IndexedDbStore;
use super::js::store_error;
use super::opfs::{OpfsStaged, OpfsStore};
use super::tab::{Parts, TabStore};
use super::{Folder, Store, StoreError};

pub enum BrowserStore {
    Opfs(OpfsStore),
    IndexedDb(IndexedDbStore),
    Tab(TabStore),
}

pub enum BrowserStaged {
    Opfs(OpfsStaged),
    Parts(Parts),
}

impl BrowserStore {
    /// The forced backend or none; else the best that works, and for memory the reason.
    pub async fn open(scope: &WorkerGlobalScope, account: &str, forced: Option<Backend>) -> Result<(Self, Option<String>), StoreError> {
        if forced == Some(Backend::Memory) {
            return Ok((BrowserStore::Tab(TabStore::default()), Some("Memory was asked for.".into())));
        }
        if !scope.is_secure_context() && forced.is_none() {
            let why = "This page came over plain http, where browsers grant no safe storage; open it over https.";
            return Ok((BrowserStore::Tab(TabStore::default()), Some(why.into())));
        }
        let mut refusal = None;
        if forced != Some(Backend::IndexedDb) {
            match open_opfs(scope, account).await {
                Ok(store) => return Ok((BrowserStore::Opfs(store), None)),
                Err(error) if forced.is_some() => return Err(error),
                Err(error) => refusal = Some(error),
            }
        }
        match open_indexed_db(scope, account).await {
            Ok(store) => Ok((BrowserStore::IndexedDb(store), None)),
            Err(error) if forced.is_some() => Err(error),
            Err(error) => Ok((BrowserStore::Tab(TabStore::default()), Some(why_memory(&refusal.unwrap_or(error))))),
        }
    }

    pub fn backend(&self) -> Backend {
        match self {
            BrowserStore::Opfs(_) => Backend::Opfs,
            BrowserStore::IndexedDb(_) => Backend::IndexedDb,
            BrowserStore::Tab(_) => Backend::Memory,
        }
    }

    /// The folder that the data worker may write outputs to.
    pub fn scratch(&self) -> Option<Vec<String>> {
        match self {
            BrowserStore::Opfs(store) => Some(store.scratch()),
            _ => None,
        }
    }

    /// Readies for writing; only the holder of the account's lock calls it.
    pub async fn take(&self) -> Result<(), StoreError> {
        match self {
            BrowserStore::Opfs(store) => store.take_log().await,
            _ => Ok(()),
        }
    }

    /// Removes a file that the data worker wrote into the scratch folder. One that stays is swept at the next opening.
    pub async fn discard_output(&self, name: &str) {
        if let BrowserStore::Opfs(store) = self {
            store.discard_output(name).await;
        }
    }
}

fn why_memory(error: &StoreError) -> String {
    if error.message.contains("SecurityError") || error.message.contains("NotAllowedError") {
        format!("The browser blocks storage here, as in a private window or in a frame of another site ({error}).")
    } else {
        format!("The browser's storage can't be used ({error}).")
    }
}

async fn open_opfs(scope: &WorkerGlobalScope, account: &str) -> Result<OpfsStore, StoreError> {
    let storage = js_sys::Reflect::get(&scope.navigator(), &"storage".into()).unwrap_or(JsValue::UNDEFINED);
    if storage.is_undefined() || storage.is_null() {
        return Err(StoreError::failed("this browser has no origin private file system"));
    }
    let storage: StorageManager = storage.unchecked_into();
    if !js_sys::Reflect::has(&storage, &"getDirectory".into()).unwrap_or(false) {
        return Err(StoreError::failed("this browser has no origin private file system"));
    }
    OpfsStore::open(&storage, account).await
}

async fn open_indexed_db(scope: &WorkerGlobalScope, account: &str) -> Result<IndexedDbStore, StoreError> {
    let factory = js_sys::Reflect::get(scope, &"indexedDB".into()).map_err(|error| store_error("opening IndexedDB", &error))?;
    if factory.is_undefined() || factory.is_null() {
        return Err(StoreError::failed("this browser has no IndexedDB"));
    }
    IndexedDbStore::open(factory.unchecked_ref(), account).await
}

macro_rules! each {
    ($self:ident, $store:ident => $act:expr) => {
        match $self {
            BrowserStore::Opfs($store) => $act,
            BrowserStore::IndexedDb($store) => $act,
            BrowserStore::Tab($store) => $act,
        }
    };
}

fn mixed() -> StoreError {
    StoreError::failed("bytes staged in one store were given to another")
}

impl Store for BrowserStore {
    type Staged = BrowserStaged;
    type Blob = Blob;

    async fn log_len(&self) -> Result<u64, StoreError> {
        each!(self, store => store.log_len().await)
    }

    async fn log_read(&self, from: u64) -> Result<Vec<u8>, StoreError> {
        each!(self, store => store.log_read(from).await)
    }

    async fn log_append(&self, bytes: &[u8]) -> Result<(), StoreError> {
        each!(self, store => store.log_append(bytes).await)
    }

    async fn log_truncate(&self, length: u64) -> Result<(), StoreError> {
        each!(self, store => store.log_truncate(length).await)
    }

    async fn put(&self, folder: Folder, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        each!(self, store => store.put(folder, name, bytes).await)
    }

    async fn get(&self, folder: Folder, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        each!(self, store => store.get(folder, name).await)
    }

    async fn list(&self, folder: Folder) -> Result<Vec<(String, u64)>, StoreError> {
        each!(self, store => store.list(folder).await)
    }

    async fn delete(&self, folder: Folder, name: &str) -> Result<(), StoreError> {
        each!(self, store => store.delete(folder, name).await)
    }

    async fn stage(&self) -> Result<BrowserStaged, StoreError> {
        match self {
            BrowserStore::Opfs(store) => store.stage().await.map(BrowserStaged::Opfs),
            _ => Ok(BrowserStaged::Parts(Parts::default())),
        }
    }

    async fn write(&self, staged: &mut BrowserStaged, bytes: &[u8]) -> Result<(), StoreError> {
        match (self, staged) {
            (BrowserStore::Opfs(store), BrowserStaged::Opfs(staged)) => store.write(staged, bytes).await,
            (BrowserStore::IndexedDb(store), BrowserStaged::Parts(staged)) => store.write(staged, bytes).await,
            (BrowserStore::Tab(store), BrowserStaged::Parts(staged)) => store.write(staged, bytes).await,
            _ => Err(mixed()),
        }
    }

    async fn commit(&self, staged: BrowserStaged, id: &str) -> Result<(), StoreError> {
        match (self, staged) {
            (BrowserStore::Opfs(store), BrowserStaged::Opfs(staged)) => store.commit(staged, id).await,
            (BrowserStore::IndexedDb(store), BrowserStaged::Parts(staged)) => store.commit(staged, id).await,
            (BrowserStore::Tab(store), BrowserStaged::Parts(staged)) => store.commit(staged, id).await,
            _ => Err(mixed()),
        }
    }

    async fn abandon(&self, staged: BrowserStaged) {
        if let (BrowserStore::Opfs(store), BrowserStaged::Opfs(staged)) = (self, staged) {
            store.abandon(staged).await;
        }
    }

    async fn blob(&self, id: &str) -> Result<Option<Blob>, StoreError> {
        each!(self, store => store.blob(id).await)
    }

    async fn read(&self, blob: &Blob, offset: u64, length: u64) -> Result<Vec<u8>, StoreError> {
        each!(self, store => store.read(blob, offset, length).await)
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        each!(self, store => store.sweep().await)
    }
}
