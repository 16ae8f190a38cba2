//! Where an account's bytes are kept: an append-only log, and folders of files that are put whole.
//!
//! Every backend keeps the same promises, which are all that durability (I5) rests on: an operation that answered `Ok` survives the end of the process;
//! a file is there whole or not at all; an append that was cut off leaves a prefix of its bytes at most.

use std::fmt;

use sluice_core::account::ApiError;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(not(target_arch = "wasm32"))]
pub mod directory;
#[cfg(target_arch = "wasm32")]
pub mod indexed_db;
#[cfg(target_arch = "wasm32")]
pub(crate) mod js;
#[cfg(not(target_arch = "wasm32"))]
pub mod memory;
#[cfg(target_arch = "wasm32")]
pub mod opfs;
#[cfg(target_arch = "wasm32")]
pub mod tab;

/// The folders of a store. File names are `[a-z0-9._%~-]`, at most 200 characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Folder {
    /// By SHA-256.
    Blobs,
    /// By generation.
    Snapshots,
    /// The page's own texts.
    Documents,
    /// What the host notes down about the store itself.
    Notes,
}

impl Folder {
    pub const ALL: [Folder; 4] = [Folder::Blobs, Folder::Snapshots, Folder::Documents, Folder::Notes];

    pub fn name(self) -> &'static str {
        match self {
            Folder::Blobs => "blobs",
            Folder::Snapshots => "snapshots",
            Folder::Documents => "docs",
            Folder::Notes => "notes",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreErrorKind {
    /// No room left: the browser's quota or the disk.
    Full,
    /// Bytes are not what was written.
    Damaged,
    /// Anything else.
    Failed,
}

/// Why the store could not do it, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreError {
    pub kind: StoreErrorKind,
    pub message: String,
}

impl StoreError {
    pub fn failed(message: impl Into<String>) -> Self {
        StoreError {
            kind: StoreErrorKind::Failed,
            message: message.into(),
        }
    }

    pub fn damaged(message: impl Into<String>) -> Self {
        StoreError {
            kind: StoreErrorKind::Damaged,
            message: message.into(),
        }
    }

    pub fn full(message: impl Into<String>) -> Self {
        StoreError {
            kind: StoreErrorKind::Full,
            message: message.into(),
        }
    }

    /// As the answer of the call that could not be kept. The codes are ours: no AWS service runs out of a browser's quota.
    pub fn to_api_error(&self) -> ApiError {
        match self.kind {
            StoreErrorKind::Full => ApiError::new("SluiceStorageFull", format!("There is no room left for this account's bytes: {}", self.message))
                .with_help("Delete objects you no longer need, or clear the account, and try again. Nothing of this call was kept."),
            StoreErrorKind::Damaged => ApiError::new(
                "SluiceStorageDamaged",
                format!("What rests in the account's storage is damaged: {}", self.message),
            )
            .with_help("The bytes were changed outside of Sluice, or the disk lost some. Put the object again."),
            StoreErrorKind::Failed => ApiError::new("SluiceStorageFailed", format!("The account's storage failed: {}", self.message))
                .with_help("Nothing of this call was kept. Try again; if it goes on, reload the page."),
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for StoreError {}

/// One account's bytes. Methods take `&self`: in the browser several uploads write at the same time.
#[allow(async_fn_in_trait, reason = "hosts are single-threaded, in the browser and natively")]
pub trait Store {
    /// A blob being written. Dropped without [`Store::commit`], it is swept at the next opening.
    type Staged;
    /// A committed blob as readers take it.
    type Blob: Clone;

    /// Bytes of the log.
    async fn log_len(&self) -> Result<u64, StoreError>;
    /// The log's bytes from an offset to the end; none if the offset is past it.
    async fn log_read(&self, from: u64) -> Result<Vec<u8>, StoreError>;
    /// Durable when it answers.
    async fn log_append(&self, bytes: &[u8]) -> Result<(), StoreError>;
    /// Cuts the log to `length` bytes, if it is longer.
    async fn log_truncate(&self, length: u64) -> Result<(), StoreError>;

    /// Writes a whole file in the place of what was there; durable when it answers.
    async fn put(&self, folder: Folder, name: &str, bytes: &[u8]) -> Result<(), StoreError>;
    async fn get(&self, folder: Folder, name: &str) -> Result<Option<Vec<u8>>, StoreError>;
    /// Names and sizes in bytes, by name.
    async fn list(&self, folder: Folder) -> Result<Vec<(String, u64)>, StoreError>;
    /// No error if it isn't there.
    async fn delete(&self, folder: Folder, name: &str) -> Result<(), StoreError>;

    async fn stage(&self) -> Result<Self::Staged, StoreError>;
    async fn write(&self, staged: &mut Self::Staged, bytes: &[u8]) -> Result<(), StoreError>;
    /// Makes what was staged the blob `id`; durable when it answers.
    async fn commit(&self, staged: Self::Staged, id: &str) -> Result<(), StoreError>;
    async fn abandon(&self, staged: Self::Staged);
    async fn blob(&self, id: &str) -> Result<Option<Self::Blob>, StoreError>;
    /// `length` bytes from `offset`, fewer at the blob's end.
    async fn read(&self, blob: &Self::Blob, offset: u64, length: u64) -> Result<Vec<u8>, StoreError>;

    /// Removes what writes that were cut off have left. Only for the holder of the account's lock, before anything is staged.
    async fn sweep(&self) -> Result<(), StoreError>;
}
