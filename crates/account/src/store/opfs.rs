//! The origin private file system: `sluice/<account>/{log, snapshots, blobs, docs, notes, tmp}`.
//!
//! Files are written in `tmp` through sync access handles, flushed, and moved into place, so that a file in a folder is whole. The log's handle stays
//! open, which keeps any other writer out.

use std::cell::{Cell, RefCell};

use js_sys::{AsyncIterator, IteratorNext, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions, FileSystemReadWriteOptions,
    FileSystemSyncAccessHandle, StorageManager,
};

use super::js::{blob_bytes, is_not_found, resolve, size, store_error};
use super::{Folder, Store, StoreError};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(extends = FileSystemFileHandle)]
    type Movable;

    /// `FileSystemHandle.move`, which web-sys doesn't have.
    #[wasm_bindgen(method, catch, js_name = "move")]
    fn move_to(this: &Movable, folder: &FileSystemDirectoryHandle, name: &str) -> Result<Promise, JsValue>;
}

pub struct OpfsStore {
    folders: [FileSystemDirectoryHandle; 4],
    tmp: FileSystemDirectoryHandle,
    log_file: FileSystemFileHandle,
    /// `None` where another tab owns the account.
    log: RefCell<Option<FileSystemSyncAccessHandle>>,
    /// Path from the origin's root, for the data worker.
    scratch: Vec<String>,
    next: Cell<u64>,
}

/// A file in `tmp`. `access` is `None` once it was closed, and for files that the data worker wrote.
pub struct OpfsStaged {
    name: String,
    file: FileSystemFileHandle,
    access: Option<FileSystemSyncAccessHandle>,
    written: u64,
}

const COPY_BYTES: u64 = 1 << 20;

impl OpfsStore {
    pub async fn open(storage: &StorageManager, account: &str) -> Result<Self, StoreError> {
        let failed = |error: JsValue| store_error("opening the origin private file system", &error);
        let mut folder: FileSystemDirectoryHandle = resolve(storage.get_directory()).await.map_err(failed)?;
        let path = ["sluice".to_owned(), account.to_owned()];
        for name in &path {
            folder = subfolder(&folder, name).await.map_err(failed)?;
        }
        let [a, b, c, d] = Folder::ALL.map(Folder::name);
        let folders = [
            subfolder(&folder, a).await.map_err(failed)?,
            subfolder(&folder, b).await.map_err(failed)?,
            subfolder(&folder, c).await.map_err(failed)?,
            subfolder(&folder, d).await.map_err(failed)?,
        ];
        let tmp = subfolder(&folder, "tmp").await.map_err(failed)?;
        let log_file = file(&folder, "log", true).await.map_err(failed)?;
        let store = OpfsStore {
            folders,
            tmp,
            log_file,
            log: RefCell::new(None),
            scratch: path.into_iter().chain(["tmp".to_owned()]).collect(),
            next: Cell::new(0),
        };
        store.probe().await.map_err(failed)?;
        Ok(store)
    }

    /// Some browsers have the folder and not the sync handles.
    async fn probe(&self) -> Result<(), JsValue> {
        let name = self.fresh_name();
        let probe = file(&self.tmp, &name, true).await?;
        access(&probe).await?.close();
        JsFuture::from(self.tmp.remove_entry(&name)).await?;
        Ok(())
    }

    /// Takes the log for writing. Fails while another tab has it.
    pub async fn take_log(&self) -> Result<(), StoreError> {
        let handle = access(&self.log_file).await.map_err(|error| store_error("opening the log", &error))?;
        *self.log.borrow_mut() = Some(handle);
        Ok(())
    }

    pub fn scratch(&self) -> Vec<String> {
        self.scratch.clone()
    }

    /// Removes a file that the data worker wrote.
    pub async fn discard_output(&self, name: &str) {
        let _ = remove(&self.tmp, name).await;
    }

    fn fresh_name(&self) -> String {
        let number = self.next.replace(self.next.get() + 1);
        format!(
            "w{:x}-{:x}-{number}",
            js_sys::Date::now() as u64,
            (js_sys::Math::random() * 4_294_967_296.0) as u64
        )
    }

    fn folder(&self, folder: Folder) -> &FileSystemDirectoryHandle {
        let [blobs, snapshots, documents, notes] = &self.folders;
        match folder {
            Folder::Blobs => blobs,
            Folder::Snapshots => snapshots,
            Folder::Documents => documents,
            Folder::Notes => notes,
        }
    }

    async fn settle(&self, mut staged: OpfsStaged, folder: Folder, name: &str) -> Result<(), JsValue> {
        if let Some(access) = staged.access.take() {
            let flushed = access.flush();
            access.close();
            flushed?;
        }
        let target = self.folder(folder);
        let movable: &Movable = staged.file.unchecked_ref();
        let moved = match movable.move_to(target, name) {
            Ok(promise) => JsFuture::from(promise).await.map(drop),
            Err(error) => Err(error),
        };
        if moved.is_err() {
            copy(&staged.file, target, name).await?;
            JsFuture::from(self.tmp.remove_entry(&staged.name)).await?;
        }
        Ok(())
    }

    async fn stage_file(&self) -> Result<OpfsStaged, JsValue> {
        let name = self.fresh_name();
        let file = file(&self.tmp, &name, true).await?;
        let access = Some(access(&file).await?);
        Ok(OpfsStaged {
            name,
            file,
            access,
            written: 0,
        })
    }
}

impl Drop for OpfsStore {
    fn drop(&mut self) {
        if let Some(log) = self.log.get_mut().take() {
            log.close();
        }
    }
}

async fn subfolder(parent: &FileSystemDirectoryHandle, name: &str) -> Result<FileSystemDirectoryHandle, JsValue> {
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    resolve(parent.get_directory_handle_with_options(name, &options)).await
}

async fn file(folder: &FileSystemDirectoryHandle, name: &str, create: bool) -> Result<FileSystemFileHandle, JsValue> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(create);
    resolve(folder.get_file_handle_with_options(name, &options)).await
}

async fn file_of(handle: &FileSystemFileHandle) -> Result<File, JsValue> {
    resolve(handle.get_file()).await
}

async fn access(handle: &FileSystemFileHandle) -> Result<FileSystemSyncAccessHandle, JsValue> {
    JsFuture::from(handle.create_sync_access_handle()).await.map(JsCast::unchecked_into)
}

/// Writes all of the bytes at an offset, or says that there was no room.
fn write_at(access: &FileSystemSyncAccessHandle, bytes: &[u8], offset: u64) -> Result<(), StoreError> {
    let options = FileSystemReadWriteOptions::new();
    options.set_at_f64(offset as f64);
    let written = access
        .write_with_u8_array_and_options(bytes, &options)
        .map_err(|error| store_error("writing", &error))?;
    if size(written) == bytes.len() as u64 {
        Ok(())
    } else {
        Err(StoreError::full(format!("the browser took {written} of {} bytes", bytes.len())))
    }
}

/// Where files can't be moved. A copy that is cut off leaves part of a file; documents and snapshots carry a checksum, and no log names such a blob.
async fn copy(from: &FileSystemFileHandle, folder: &FileSystemDirectoryHandle, name: &str) -> Result<(), JsValue> {
    let source = file_of(from).await?;
    let target = access(&file(folder, name, true).await?).await?;
    let copied = copy_bytes(&source, &target).await;
    target.close();
    if copied.is_err() {
        JsFuture::from(folder.remove_entry(name)).await?;
    }
    copied
}

async fn copy_bytes(source: &File, target: &FileSystemSyncAccessHandle) -> Result<(), JsValue> {
    target.truncate_with_f64(0.0)?;
    let total = size(source.size());
    let mut done = 0;
    while done < total {
        let bytes = blob_bytes(source, done, total.min(done + COPY_BYTES)).await?;
        write_at(target, &bytes, done).map_err(|error| JsValue::from_str(&error.message))?;
        done += (bytes.len() as u64).max(1);
    }
    target.flush()
}

async fn names(folder: &FileSystemDirectoryHandle) -> Result<Vec<String>, JsValue> {
    let mut names = Vec::new();
    let keys: AsyncIterator = folder.keys();
    loop {
        let next: IteratorNext = JsFuture::from(keys.next()?).await?.unchecked_into();
        if next.done() {
            names.sort_unstable();
            return Ok(names);
        }
        names.extend(next.value().as_string());
    }
}

async fn remove(folder: &FileSystemDirectoryHandle, name: &str) -> Result<(), JsValue> {
    match JsFuture::from(folder.remove_entry(name)).await {
        Err(error) if !is_not_found(&error) => Err(error),
        _ => Ok(()),
    }
}

impl Store for OpfsStore {
    type Staged = OpfsStaged;
    type Blob = Blob;

    async fn log_len(&self) -> Result<u64, StoreError> {
        let failed = |error: JsValue| store_error("reading the log", &error);
        if let Some(log) = &*self.log.borrow() {
            return log.get_size().map(size).map_err(failed);
        }
        Ok(size(file_of(&self.log_file).await.map_err(failed)?.size()))
    }

    async fn log_read(&self, from: u64) -> Result<Vec<u8>, StoreError> {
        let failed = |error: JsValue| store_error("reading the log", &error);
        if let Some(log) = &*self.log.borrow() {
            let length = size(log.get_size().map_err(failed)?).saturating_sub(from);
            let mut bytes = vec![0; usize::try_from(length).map_err(|_| StoreError::failed("the log is larger than memory"))?];
            let options = FileSystemReadWriteOptions::new();
            options.set_at_f64(from as f64);
            let read = log.read_with_u8_array_and_options(&mut bytes, &options).map_err(failed)?;
            bytes.truncate(read as usize);
            return Ok(bytes);
        }
        let file = file_of(&self.log_file).await.map_err(failed)?;
        blob_bytes(&file, from, size(file.size())).await.map_err(failed)
    }

    async fn log_append(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let failed = |error: JsValue| store_error("writing the log", &error);
        let log = self.log.borrow();
        let log = log.as_ref().ok_or_else(|| StoreError::failed("the log is open in another tab"))?;
        let end = size(log.get_size().map_err(failed)?);
        write_at(log, bytes, end)?;
        log.flush().map_err(failed)
    }

    async fn log_truncate(&self, length: u64) -> Result<(), StoreError> {
        let failed = |error: JsValue| store_error("cutting the log", &error);
        let log = self.log.borrow();
        let log = log.as_ref().ok_or_else(|| StoreError::failed("the log is open in another tab"))?;
        if size(log.get_size().map_err(failed)?) > length {
            log.truncate_with_f64(length as f64).map_err(failed)?;
            log.flush().map_err(failed)?;
        }
        Ok(())
    }

    async fn put(&self, folder: Folder, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let failed = |error: JsValue| store_error(&format!("writing {}/{name}", folder.name()), &error);
        let mut staged = self.stage_file().await.map_err(failed)?;
        if let Err(error) = self.write(&mut staged, bytes).await {
            self.abandon(staged).await;
            return Err(error);
        }
        self.settle(staged, folder, name).await.map_err(failed)
    }

    async fn get(&self, folder: Folder, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let failed = |error: JsValue| store_error(&format!("reading {}/{name}", folder.name()), &error);
        let handle = match file(self.folder(folder), name, false).await {
            Ok(handle) => handle,
            Err(error) if is_not_found(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let file = file_of(&handle).await.map_err(failed)?;
        blob_bytes(&file, 0, size(file.size())).await.map(Some).map_err(failed)
    }

    async fn list(&self, folder: Folder) -> Result<Vec<(String, u64)>, StoreError> {
        let failed = |error: JsValue| store_error(&format!("listing {}", folder.name()), &error);
        let handle = self.folder(folder);
        let mut files = Vec::new();
        for name in names(handle).await.map_err(failed)? {
            // A file that is gone by now was deleted meanwhile.
            if let Ok(entry) = file(handle, &name, false).await {
                files.push((name, size(file_of(&entry).await.map_err(failed)?.size())));
            }
        }
        Ok(files)
    }

    async fn delete(&self, folder: Folder, name: &str) -> Result<(), StoreError> {
        remove(self.folder(folder), name)
            .await
            .map_err(|error| store_error(&format!("deleting {}/{name}", folder.name()), &error))
    }

    async fn stage(&self) -> Result<OpfsStaged, StoreError> {
        self.stage_file().await.map_err(|error| store_error("making a file", &error))
    }

    async fn write(&self, staged: &mut OpfsStaged, bytes: &[u8]) -> Result<(), StoreError> {
        let access = staged.access.as_ref().ok_or_else(|| StoreError::failed("the file is closed"))?;
        write_at(access, bytes, staged.written)?;
        staged.written += bytes.len() as u64;
        Ok(())
    }

    async fn commit(&self, staged: OpfsStaged, id: &str) -> Result<(), StoreError> {
        if let Some(blob) = self.blob(id).await?
            && size(blob.size()) == staged.written
        {
            self.abandon(staged).await;
            return Ok(());
        }
        self.settle(staged, Folder::Blobs, id)
            .await
            .map_err(|error| store_error("moving the bytes into place", &error))
    }

    async fn abandon(&self, staged: OpfsStaged) {
        if let Some(access) = staged.access {
            access.close();
        }
        // Swept at the next opening if it can't be removed now.
        let _ = remove(&self.tmp, &staged.name).await;
    }

    async fn blob(&self, id: &str) -> Result<Option<Blob>, StoreError> {
        let failed = |error: JsValue| store_error("reading a blob", &error);
        match file(self.folder(Folder::Blobs), id, false).await {
            Ok(handle) => Ok(Some(file_of(&handle).await.map_err(failed)?.into())),
            Err(error) if is_not_found(&error) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    async fn read(&self, blob: &Blob, offset: u64, length: u64) -> Result<Vec<u8>, StoreError> {
        blob_bytes(blob, offset, offset.saturating_add(length))
            .await
            .map_err(|error| store_error("reading a blob", &error))
    }

    async fn sweep(&self) -> Result<(), StoreError> {
        let failed = |error: JsValue| store_error("sweeping tmp", &error);
        for name in names(&self.tmp).await.map_err(failed)? {
            // A file that a worker just ended still holds goes at the next opening.
            let _ = remove(&self.tmp, &name).await;
        }
        Ok(())
    }
}
