//! The data engine: CSV, JSON and Parquet through an ETL graph in record batches, in bounded memory, a slice at a time.
//!
//! Belongs here: readers and writers of file formats, runs, previews, what crawlers and screens see of an object. The same code runs natively and in the
//! data worker: bytes come in through [`ByteSource`], go out through [`OutputStore`], and time through [`Clock`].
//! Does not belong here: what a transform means (core), accounts, messages of the page.

mod bytes;
mod flow;
mod format;
mod json_text;
mod output;
mod page;
mod peek;
mod preview;
mod run;
mod sealed;
mod source;
mod write;

#[cfg(not(target_arch = "wasm32"))]
pub use bytes::FileSource;
pub use bytes::{ByteSource, MemorySource};
pub use flow::Clock;
pub use format::{ReadError, csv};
#[cfg(not(target_arch = "wasm32"))]
pub use output::DirStore;
pub use output::{Digests, MemoryStore, OutputFile, OutputStore};
pub use peek::{crawl, crawl_object, guess_format, peek};
pub use preview::{PreviewCache, preview, sniff};
pub use run::{Run, RunResult, Step};
pub use sealed::{SealedSource, unsealed};
pub use source::Open;
pub use write::{TargetFormat, TargetSpec, escape_path_name, parse_s3_path};
