//! Account worker ↔ data worker.

use serde::{Deserialize, Serialize};
use sluice_core::account::{ApiError, CrawledObject, JobOutput, NodeError, ObjectInput, RunFailure, RunPlan, RunReport};

use crate::data::{PeekReply, PeekRequest, PreviewReply, PreviewRequest, RunProgress, SniffReply, SniffRequest};

/// Which blob of the message holds the bytes of an input: `blobs[i]` has the address `ids[i]`, and opens with `secrets[i]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunInputs {
    pub ids: Vec<String>,
    /// Data keys; `None` for bytes that rest as they are.
    pub secrets: Vec<Option<[u8; 32]>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EngineRequest {
    /// `scratch`: the OPFS folder path for outputs (`["sluice","default","tmp"]`), or `None` to hand outputs back as blobs only.
    Hello {
        scratch: Option<Vec<String>>,
    },
    /// Answer: `Ran`. Progress comes as notices.
    Run {
        plan: RunPlan,
        inputs: RunInputs,
    },
    /// Ends the run at the next slice; the run's own reply is then `Ran` with `RunEnd::Stopped`. No reply of its own.
    Cancel {
        run_id: String,
    },
    Preview {
        request: PreviewRequest,
        inputs: RunInputs,
    },
    Peek {
        request: PeekRequest,
        inputs: RunInputs,
    },
    Sniff {
        request: SniffRequest,
        inputs: RunInputs,
    },
    /// Answer: `Crawled`.
    Crawl {
        objects: Vec<ObjectInput>,
        inputs: RunInputs,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EngineReply {
    Hello {
        version: u32,
    },
    /// Blob i of the message holds the bytes of `outputs[i]`. `files[i]` is its name in the scratch folder when it was written there.
    Ran {
        end: RunEnd,
        report: RunReport,
        outputs: Vec<JobOutput>,
        files: Vec<Option<String>>,
    },
    Previewed {
        result: Result<PreviewReply, Vec<NodeError>>,
    },
    Peeked {
        result: Result<PeekReply, ApiError>,
    },
    Sniffed {
        result: Result<SniffReply, NodeError>,
    },
    Crawled {
        objects: Vec<CrawledObject>,
    },
    Failed {
        message: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunEnd {
    Succeeded,
    Stopped,
    Failed(RunFailure),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EngineNotice {
    /// Sent once when the module is ready to hear messages; anything posted before is lost.
    Ready,
    Progress(RunProgress),
}
