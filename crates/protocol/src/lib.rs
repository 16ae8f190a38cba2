//! What the page and the workers say to each other.
//!
//! A message is one JavaScript object `{ v, id, body, blobs }`: the protocol version, a number that pairs a reply with its request
//! (notices have id 0), the JSON text of one of the enums below, and an array of `Blob`s that the body names by index.
//! Belongs here: shapes. Does not belong here: logic, arrow, JavaScript.

mod codec;
mod data;
mod engine;
mod page;

pub use codec::{decode, encode};
pub use data::{
    ColumnProfile, NodePreview, NodeProgress, PeekReply, PeekRequest, PreviewReply, PreviewRequest, PreviewSource, ProfileBin, RunProgress, SniffReply,
    SniffRequest, TableColumn, TablePage,
};
pub use engine::{EngineNotice, EngineReply, EngineRequest, RunEnd, RunInputs};
pub use page::{Backend, DocumentEntry, Notice, Opened, PageReply, PageRequest, StoreInfo};

/// Page and workers are served together; a page from a cache and a newer worker must notice that they differ.
pub const PROTOCOL_VERSION: u32 = 2;

/// Rows of each source that a live preview reads.
pub const PREVIEW_ROWS: u64 = 20_000;
