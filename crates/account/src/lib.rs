//! The host of an account: its command log, its blobs, and in the browser the worker that owns them.
//!
//! Belongs here: durability (what was acknowledged survives, I5), opening what earlier sessions left, the store behind it, the supervision of the data
//! worker. Does not belong here: any rule of a service (core), any reading of an object's bytes as data (engine).
#![forbid(unsafe_code)]

mod cipher;
mod digest;
mod documents;
mod export;
mod host;
mod interrupted;
mod log;
mod parts;
mod record;
mod replay;
mod salt;
mod sealing;
mod store;
mod sync;
mod upkeep;
#[cfg(target_arch = "wasm32")]
pub mod worker;
mod zip;

pub use digest::Digest;
pub use export::{ExportTarget, Exported, SCRIPT, TEMPLATE};
pub use host::{Called, Host, HostOptions, OpenReport};
pub use interrupted::run_failed;
pub use log::{Aside, Header};
pub use parts::Bring;
pub use sealing::{Body, Plaintext, Sealed, Secret, Staging};
#[cfg(not(target_arch = "wasm32"))]
pub use store::directory::DirectoryStore;
#[cfg(not(target_arch = "wasm32"))]
pub use store::memory::{Disk, Fault, FaultKind, MemoryStore};
pub use store::{Folder, Store, StoreError, StoreErrorKind};
#[cfg(not(target_arch = "wasm32"))]
pub use sync::block_on;
pub use zip::{Pieces, Zip};
