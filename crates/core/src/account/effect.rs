//! Work done outside the core, and its answers. An answer is a command (`service: "effect"`), so a replay needs no data worker.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::BlobRef;
use crate::etl::{Field, Graph, NodeId, ReadMode};

/// An S3 object as the data engine sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectInput {
    pub bucket: String,
    pub key: String,
    pub blob: BlobRef,
    /// Partition values that the object's folders give (`year=2022/` → `("year", "2022")`), in order. Empty for a path source.
    #[serde(default)]
    pub partition: Vec<(String, String)>,
}

/// How the bytes of an object are laid out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ObjectFormat {
    Csv {
        delimiter: char,
        /// `None`: quotes are data, as in Hive's LazySimpleSerDe.
        quote: Option<char>,
        escape: Option<char>,
        header: bool,
        /// A quoted field may hold line ends.
        multiline: bool,
    },
    /// JSON lines; with `multiline`, whole objects or arrays of objects.
    Json {
        multiline: bool,
    },
    Parquet,
}

/// What one source node reads, resolved by the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceInput {
    pub objects: Vec<ObjectInput>,
    pub format: ObjectFormat,
    /// For a catalog source the table's columns and types (partition columns last); `None` where the file itself says.
    pub table: Option<TableInput>,
    pub mode: ReadMode,
}

/// The columns of a catalog table, as a source reads them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableInput {
    pub columns: Vec<Field>,
    /// Taken from the object's folders, not from its bytes. Appended after `columns`.
    pub partition_keys: Vec<Field>,
    /// Leading lines of each file that are no data (`skip.header.line.count`).
    pub skip_lines: u32,
}

/// A run of a visual job: the frozen graph and everything it reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunPlan {
    pub run_id: String,
    pub job: String,
    pub graph: Graph,
    pub inputs: BTreeMap<NodeId, SourceInput>,
    /// Milliseconds since the epoch at which the run started: part of the output file names (`run-<ms>-part-…`).
    pub started_millis: i64,
}

/// What the host must do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Read the head of each object and say what it is. Answer: [`EffectAnswer::CrawlFinished`].
    Crawl {
        crawler: String,
        crawl_id: String,
        objects: Vec<ObjectInput>,
    },
    /// Run the plan. Answer: one of the `JobRun…` answers.
    Run(RunPlan),
    /// Stop the run at the next batch. Answer: [`EffectAnswer::JobRunStopped`], unless it ended before.
    CancelRun { run_id: String },
}

/// The `effect:` commands. As a [`super::Call`]: service `effect`, operation = the variant, params = its fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum EffectAnswer {
    CrawlFinished {
        crawler: String,
        crawl_id: String,
        objects: Vec<CrawledObject>,
    },
    CrawlFailed {
        crawler: String,
        crawl_id: String,
        message: String,
    },
    JobRunSucceeded {
        run_id: String,
        report: RunReport,
        outputs: Vec<JobOutput>,
    },
    JobRunFailed {
        run_id: String,
        report: RunReport,
        failure: RunFailure,
    },
    JobRunStopped {
        run_id: String,
        report: RunReport,
    },
}

/// What the classifiers found in one object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrawledObject {
    pub bucket: String,
    pub key: String,
    pub size: u64,
    /// `csv`, `json`, `parquet`, or `UNKNOWN`.
    pub classification: String,
    /// `none`, `gzip`, `bzip2`, …
    pub compression: String,
    /// Set for every classification but `UNKNOWN`.
    pub format: Option<ObjectFormat>,
    /// Columns in file order, catalog types.
    pub columns: Vec<Field>,
    /// Rows counted in the sample, and the bytes they took: the crawler extrapolates `recordCount` from them.
    pub sample_rows: u64,
    pub sample_bytes: u64,
    /// Why it is UNKNOWN or what was odd, in words for the crawl's messages.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// A file that a target wrote. It becomes an object when the answer is applied, not before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobOutput {
    pub node: NodeId,
    pub bucket: String,
    pub key: String,
    pub blob: BlobRef,
    pub rows: u64,
    pub content_type: String,
    #[serde(default)]
    pub partition: Vec<OutputPartition>,
}

/// One level of a Hive-style folder, `name=value/`. A null value is `__HIVE_DEFAULT_PARTITION__`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OutputPartition {
    pub name: String,
    pub value: String,
}

/// Counts of a run, by node; what edges and cards show.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunReport {
    pub nodes: BTreeMap<NodeId, NodeReport>,
    /// High-water mark of the data worker's wasm memory at the end of the run, bytes; 0 natively.
    #[serde(default)]
    pub memory: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeReport {
    pub rows_in: u64,
    pub rows_out: u64,
    /// Source rows that did not fit: kept with nulls (PERMISSIVE) or dropped (DROPMALFORMED).
    pub bad_rows: u64,
    /// The first few of them.
    #[serde(default)]
    pub bad_samples: Vec<BadRow>,
    /// Milliseconds of work spent in this node.
    pub millis: f64,
    /// Columns that left the node.
    #[serde(default)]
    pub schema: Vec<Field>,
}

/// A row of a source that could not be read as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BadRow {
    pub bucket: String,
    pub key: String,
    /// 1-based line in the file.
    pub line: u64,
    /// The raw line, cut to 400 characters.
    pub raw: String,
    pub reason: String,
}

/// An error that belongs to a node, and to a field of its form where one can be named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeError {
    /// `None`: the job as a whole.
    pub node: Option<NodeId>,
    /// The API member that is wrong (`Paths`, `Filters`, …).
    pub field: Option<String>,
    pub message: String,
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFailure {
    pub error: NodeError,
    /// The row that failed the run under FAILFAST, if one did.
    #[serde(default)]
    pub row: Option<BadRow>,
}
