//! Outputs: files in the scratch folder through sync access handles, or blobs where there is no folder or no handle at hand.
//!
//! A handle opens asynchronously and a writer asks for it in the middle of a slice: some are opened ahead, and a file that finds none becomes a blob.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use sluice_core::account::BlobRef;
use sluice_engine::{Digests, OutputFile, OutputStore};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Blob, DedicatedWorkerGlobalScope, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions, FileSystemGetFileOptions,
    FileSystemReadWriteOptions, FileSystemSyncAccessHandle,
};

use super::blob::io_error;

/// Handles that are open ahead of need.
const AHEAD: usize = 4;

/// Bytes gathered before they are handed to the browser.
const PIECE: usize = 1 << 20;

struct Opened {
    name: String,
    file: FileSystemFileHandle,
    access: FileSystemSyncAccessHandle,
}

/// A finished output.
pub enum Kept {
    File { name: String, file: FileSystemFileHandle },
    Blob(Blob),
}

struct Shared {
    folder: Option<FileSystemDirectoryHandle>,
    ahead: Vec<Opened>,
    kept: BTreeMap<String, Kept>,
    prefix: String,
    next: u64,
}

/// The scratch folder of this worker.
#[derive(Clone)]
pub struct Scratch(Rc<RefCell<Shared>>);

async fn resolve<T: JsCast>(promise: js_sys::Promise) -> Result<T, JsValue> {
    JsFuture::from(promise).await.map(JsCast::unchecked_into)
}

async fn open_folder(scope: &DedicatedWorkerGlobalScope, path: &[String]) -> Result<FileSystemDirectoryHandle, JsValue> {
    let mut folder: FileSystemDirectoryHandle = JsFuture::from(scope.navigator().storage().get_directory()).await?.unchecked_into();
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    for name in path {
        folder = JsFuture::from(folder.get_directory_handle_with_options(name, &options)).await?.unchecked_into();
    }
    Ok(folder)
}

impl Scratch {
    pub fn new() -> Self {
        Scratch(Rc::new(RefCell::new(Shared {
            folder: None,
            ahead: Vec::new(),
            kept: BTreeMap::new(),
            prefix: format!("e{:x}-{:x}", js_sys::Date::now() as u64, (js_sys::Math::random() * 4_294_967_296.0) as u64),
            next: 0,
        })))
    }

    /// Where there is no such folder, outputs become blobs.
    pub async fn open(&self, scope: &DedicatedWorkerGlobalScope, path: Option<&[String]>) {
        let folder = match path {
            Some(path) => open_folder(scope, path).await.ok(),
            None => None,
        };
        self.0.borrow_mut().folder = folder;
    }

    /// Opens handles until enough are at hand. A folder that refuses one is given up.
    pub async fn open_ahead(&self) {
        loop {
            let (folder, name) = {
                let mut shared = self.0.borrow_mut();
                let Some(folder) = shared.folder.clone() else { return };
                if shared.ahead.len() >= AHEAD {
                    return;
                }
                shared.next += 1;
                (folder, format!("{}-{}", shared.prefix, shared.next))
            };
            match open_file(&folder, &name).await {
                Ok(opened) => self.0.borrow_mut().ahead.push(opened),
                Err(_) => {
                    self.0.borrow_mut().folder = None;
                    return;
                }
            }
        }
    }

    /// Takes a finished output: its bytes, and its name in the folder if it is there.
    pub async fn take(&self, name: &str) -> io::Result<(Blob, Option<String>)> {
        let kept = self.0.borrow_mut().kept.remove(name);
        match kept {
            Some(Kept::Blob(blob)) => Ok((blob, None)),
            Some(Kept::File { name, file }) => {
                let file: Blob = resolve(file.get_file()).await.map_err(|error| io_error("reading an output", &error))?;
                Ok((file, Some(name)))
            }
            None => Err(io::Error::other("an output is missing")),
        }
    }

    /// Drops what a run that did not succeed had finished.
    pub fn clear(&self) {
        let kept = std::mem::take(&mut self.0.borrow_mut().kept);
        for kept in kept.into_values() {
            if let Kept::File { name, .. } = kept {
                self.remove(name);
            }
        }
    }

    fn remove(&self, name: String) {
        let folder = self.0.borrow().folder.clone();
        if let Some(folder) = folder {
            spawn_local(async move {
                // A file that stays is swept when the account is opened.
                let _ = JsFuture::from(folder.remove_entry(&name)).await;
            });
        }
    }
}

async fn open_file(folder: &FileSystemDirectoryHandle, name: &str) -> Result<Opened, JsValue> {
    let options = FileSystemGetFileOptions::new();
    options.set_create(true);
    let file: FileSystemFileHandle = JsFuture::from(folder.get_file_handle_with_options(name, &options)).await?.unchecked_into();
    let access: FileSystemSyncAccessHandle = JsFuture::from(file.create_sync_access_handle()).await?.unchecked_into();
    Ok(Opened {
        name: name.to_owned(),
        file,
        access,
    })
}

impl OutputStore for Scratch {
    fn create(&mut self, name: &str) -> io::Result<Box<dyn OutputFile>> {
        let opened = self.0.borrow_mut().ahead.pop();
        Ok(Box::new(ScratchFile {
            name: name.to_owned(),
            sink: match opened {
                Some(opened) => Sink::File { opened, offset: 0 },
                None => Sink::Parts(Array::new()),
            },
            piece: Vec::new(),
            digests: Digests::default(),
            scratch: self.clone(),
            finished: false,
        }))
    }
}

enum Sink {
    File { opened: Opened, offset: u64 },
    Parts(Array),
}

struct ScratchFile {
    name: String,
    sink: Sink,
    piece: Vec<u8>,
    digests: Digests,
    scratch: Scratch,
    finished: bool,
}

impl ScratchFile {
    fn hand_over(&mut self) -> io::Result<()> {
        if self.piece.is_empty() {
            return Ok(());
        }
        match &mut self.sink {
            Sink::File { opened, offset } => {
                let options = FileSystemReadWriteOptions::new();
                options.set_at_f64(*offset as f64);
                let written = opened
                    .access
                    .write_with_u8_array_and_options(&self.piece, &options)
                    .map_err(|error| io_error("writing an output", &error))?;
                if written as usize != self.piece.len() {
                    return Err(io::Error::new(
                        io::ErrorKind::StorageFull,
                        format!("the browser took {written} of {} bytes: its storage is full", self.piece.len()),
                    ));
                }
                *offset += self.piece.len() as u64;
            }
            Sink::Parts(parts) => {
                parts.push(&Uint8Array::from(self.piece.as_slice()));
            }
        }
        self.piece.clear();
        Ok(())
    }
}

impl Write for ScratchFile {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.digests.update(buf);
        self.piece.extend_from_slice(buf);
        if self.piece.len() >= PIECE {
            self.hand_over()?;
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.hand_over()
    }
}

impl OutputFile for ScratchFile {
    fn finish(&mut self) -> io::Result<BlobRef> {
        self.hand_over()?;
        self.piece = Vec::new();
        let kept = match &self.sink {
            Sink::File { opened, .. } => {
                let flushed = opened.access.flush();
                opened.access.close();
                flushed.map_err(|error| io_error("writing an output", &error))?;
                Kept::File {
                    name: opened.name.clone(),
                    file: opened.file.clone(),
                }
            }
            Sink::Parts(parts) => Kept::Blob(Blob::new_with_u8_array_sequence(parts).map_err(|error| io_error("keeping an output", &error))?),
        };
        self.finished = true;
        self.scratch.0.borrow_mut().kept.insert(std::mem::take(&mut self.name), kept);
        Ok(self.digests.finish())
    }
}

impl Drop for ScratchFile {
    fn drop(&mut self) {
        if let (false, Sink::File { opened, .. }) = (self.finished, &self.sink) {
            opened.access.close();
            self.scratch.remove(opened.name.clone());
        }
    }
}
