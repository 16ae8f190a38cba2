//! Page ↔ account worker.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sluice_core::account::{ApiError, Call, NodeError};
use sluice_core::etl::Graph;
use sluice_core::sim::SimTime;

use crate::data::{PeekReply, PreviewReply, RunProgress, SniffReply};

/// Where the account's bytes are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Backend {
    /// The origin private file system.
    Opfs,
    IndexedDb,
    /// Gone when the tab closes; `Opened::why_memory` says why it is used.
    Memory,
}

/// What the page asks of the account worker. The first message is `Open`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PageRequest {
    /// `account` names the store and its lock. `backend` forces one (tests, `storage=` in the address).
    Open {
        account: String,
        backend: Option<Backend>,
    },
    /// Any API operation, reads too. A `Body` in params is base64. Answer: `Called`.
    Call {
        call: Call,
    },
    /// `s3:PutObject` of blob 0, streamed. Answer: `Called`.
    Upload {
        bucket: String,
        key: String,
        content_type: String,
        /// Other members of PutObject: the storage class, what it is encrypted with. A key of the caller's goes no further than the worker.
        #[serde(default)]
        more: Value,
    },
    /// `s3:GetObject` without base64. Answer: `Fetched` with the bytes as blob 0.
    Fetch {
        bucket: String,
        key: String,
        /// Other members of GetObject: a key of the caller's.
        #[serde(default)]
        more: Value,
    },
    /// The page's own documents (drafts of jobs with their undo history and canvas positions, preferences). Durable, not commands.
    PutDocument {
        key: String,
        text: String,
    },
    GetDocument {
        key: String,
    },
    DeleteDocument {
        key: String,
    },
    ListDocuments {
        prefix: String,
    },
    /// Runs the graph over the first rows of its sources; writes nothing. A newer preview replaces a waiting one, which answers `Superseded`.
    /// `focus`: the node whose rows to send. Answer: `Previewed`.
    Preview {
        graph: Graph,
        focus: Option<sluice_core::etl::NodeId>,
        offset: u64,
        rows: u32,
    },
    /// A page of any object as a table. Answer: `Peeked`.
    Peek {
        bucket: String,
        key: String,
        offset: u64,
        rows: u32,
    },
    /// Columns of what a source node would read. Answer: `Sniffed`.
    Sniff {
        graph: Graph,
        node: sluice_core::etl::NodeId,
    },
    StoreInfo,
    /// Deletes everything that this account name keeps in this browser, and opens an empty account.
    Clear,
    /// The command log and latest snapshot as JSON lines, as blob 0. Answer: `Exported`.
    ExportLog,
    /// The storage as a script of `aws` calls with the bodies it reads, and as a CloudFormation template: a zip as blob 0. Answer: `StorageExported`.
    ExportStorage,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PageReply {
    Opened(Opened),
    Called {
        result: Result<Value, ApiError>,
    },
    Fetched {
        result: Result<Value, ApiError>,
    },
    DocumentPut,
    Document {
        text: Option<String>,
    },
    Documents {
        entries: Vec<DocumentEntry>,
    },
    Previewed {
        result: Result<PreviewReply, Vec<NodeError>>,
    },
    Superseded,
    Peeked {
        result: Result<PeekReply, ApiError>,
    },
    Sniffed {
        result: Result<SniffReply, NodeError>,
    },
    Store(StoreInfo),
    Cleared,
    Exported,
    /// What a real account will not be like, one sentence each.
    StorageExported {
        result: Result<Vec<String>, ApiError>,
    },
    /// The request could not be understood or the store failed: a message for a person.
    Failed {
        message: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentEntry {
    pub key: String,
    pub bytes: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    pub backend: Backend,
    /// Why bytes are only in memory, in one sentence.
    pub why_memory: Option<String>,
    /// Another tab holds this account: calls that change it are refused.
    pub read_only: bool,
    pub position: u64,
    pub now: SimTime,
    /// A log entry that could not be replayed was set aside: its position and the reason.
    pub set_aside: Option<String>,
}

/// "Says where bytes are kept, how much, and how to clear."
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreInfo {
    pub backend: Backend,
    pub why_memory: Option<String>,
    /// Bytes of this account: blobs, log, snapshots and documents.
    pub used: u64,
    pub objects: u64,
    /// What the browser grants this origin, and how much of it is taken; `None` where it won't say.
    pub quota: Option<u64>,
    pub usage: Option<u64>,
}

/// What the account worker tells without being asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Notice {
    /// The account changed; views are stale. At most one a frame.
    Changed {
        position: u64,
        now: SimTime,
    },
    Progress(RunProgress),
    /// Bytes of an upload taken so far.
    UploadProgress {
        bucket: String,
        key: String,
        done: u64,
        total: u64,
    },
    /// The data worker died and was started again; what it was doing has failed with this message.
    EngineRestarted {
        message: String,
    },
}
