//! A store in the tab's memory, where the browser grants nothing else. Gone when the tab closes.

use std::cell::RefCell;
use std::collections::BTreeMap;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::Blob;

use super::js::{blob_bytes, size, store_error};
use super::{Folder, Store, StoreError};

/// Bytes on their way into a `Blob`. Every few megabytes become a blob of their own, which the browser may put on disk.
#[derive(Default)]
pub struct Parts {
    done: Option<Blob>,
    open: Vec<Uint8Array>,
    bytes: usize,
}

const PART_BYTES: usize = 8 << 20;

impl Parts {
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), JsValue> {
        self.open.push(Uint8Array::from(bytes));
        self.bytes += bytes.len();
        if self.bytes >= PART_BYTES {
            self.fold()?;
        }
        Ok(())
    }

    fn fold(&mut self) -> Result<(), JsValue> {
        let parts = Array::new();
        if let Some(done) = &self.done {
            parts.push(done);
        }
        for part in self.open.drain(..) {
            parts.push(&part);
        }
        self.bytes = 0;
        self.done = Some(Blob::new_with_blob_sequence(&parts)?);
        Ok(())
    }

    pub fn finish(mut self) -> Result<Blob, JsValue> {
        self.fold()?;
        self.done.map_or_else(Blob::new, Ok)
    }
}

#[derive(Default)]
pub struct TabStore {
    log: RefCell<Vec<u8>>,
    files: RefCell<BTreeMap<(Folder, String), Vec<u8>>>,
    blobs: RefCell<BTreeMap<String, Blob>>,
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap_or(usize::MAX)
}

impl Store for TabStore {
    type Staged = Parts;
    type Blob = Blob;

    async fn log_len(&self) -> Result<u64, StoreError> {
        Ok(self.log.borrow().len() as u64)
    }

    async fn log_read(&self, from: u64) -> Result<Vec<u8>, StoreError> {
        Ok(self.log.borrow().get(index(from)..).unwrap_or_default().to_vec())
    }

    async fn log_append(&self, bytes: &[u8]) -> Result<(), StoreError> {
        self.log.borrow_mut().extend_from_slice(bytes);
        Ok(())
    }

    async fn log_truncate(&self, length: u64) -> Result<(), StoreError> {
        self.log.borrow_mut().truncate(index(length));
        Ok(())
    }

    async fn put(&self, folder: Folder, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.files.borrow_mut().insert((folder, name.to_owned()), bytes.to_vec());
        Ok(())
    }

    async fn get(&self, folder: Folder, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.files.borrow().get(&(folder, name.to_owned())).cloned())
    }

    async fn list(&self, folder: Folder) -> Result<Vec<(String, u64)>, StoreError> {
        if folder == Folder::Blobs {
            let blobs = self.blobs.borrow();
            return Ok(blobs.iter().map(|(id, blob)| (id.clone(), size(blob.size()))).collect());
        }
        let files = self.files.borrow();
        let of = files.iter().filter(|((of, _), _)| *of == folder);
        Ok(of.map(|((_, name), bytes)| (name.clone(), bytes.len() as u64)).collect())
    }

    async fn delete(&self, folder: Folder, name: &str) -> Result<(), StoreError> {
        if folder == Folder::Blobs {
            self.blobs.borrow_mut().remove(name);
        } else {
            self.files.borrow_mut().remove(&(folder, name.to_owned()));
        }
        Ok(())
    }

    async fn stage(&self) -> Result<Parts, StoreError> {
        Ok(Parts::default())
    }

    async fn write(&self, staged: &mut Parts, bytes: &[u8]) -> Result<(), StoreError> {
        staged.push(bytes).map_err(|error| store_error("keeping bytes in memory", &error))
    }

    async fn commit(&self, staged: Parts, id: &str) -> Result<(), StoreError> {
        let blob = staged.finish().map_err(|error| store_error("keeping bytes in memory", &error))?;
        self.blobs.borrow_mut().insert(id.to_owned(), blob);
        Ok(())
    }

    async fn abandon(&self, _staged: Parts) {}

    async fn blob(&self, id: &str) -> Result<Option<Blob>, StoreError> {
        Ok(self.blobs.borrow().get(id).cloned())
    }

    async fn read(&self, blob: &Blob, offset: u64, length: u64) -> Result<Vec<u8>, StoreError> {
        blob_bytes(blob, offset, offset.saturating_add(length))
            .await
            .map_err(|error| store_error("reading a blob", &error))
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
