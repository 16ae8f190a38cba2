//! What the data worker computes for a screen: pages of cells, profiles and counts, never whole tables.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sluice_core::account::{BadRow, NodeError, ObjectFormat, ObjectInput, SourceInput};
use sluice_core::etl::{DataType, Field, Graph, NodeId};

/// A rectangle of a table as text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TablePage {
    pub columns: Vec<TableColumn>,
    /// Row by row; `None` is null, `Some("")` an empty string.
    pub rows: Vec<Vec<Option<String>>>,
    /// Index of the first row sent.
    pub offset: u64,
    /// Rows in all that can be asked for.
    pub total: u64,
    /// Whether `total` is the whole table, or only as much as was read.
    pub complete: bool,
    /// Columns in all; `columns` holds at most the first 512.
    pub total_columns: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableColumn {
    pub name: String,
    pub data_type: DataType,
    pub profile: Option<ColumnProfile>,
}

/// Counts over the rows that were read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ColumnProfile {
    pub rows: u64,
    pub nulls: u64,
    pub empty: u64,
    /// Distinct non-null values, exact up to 10,000; `None` above.
    pub distinct: Option<u64>,
    pub min: Option<String>,
    pub max: Option<String>,
    /// At most 12: equal-width ranges for numbers and times, else the most frequent values, most frequent first.
    pub bins: Vec<ProfileBin>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileBin {
    pub label: String,
    pub count: u64,
}

/// The inputs of one source, resolved by the account; the preview reads its first `limit` rows.
pub type PreviewSource = SourceInput;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreviewRequest {
    pub graph: Graph,
    pub inputs: BTreeMap<NodeId, PreviewSource>,
    /// Rows read of each source.
    pub limit: u64,
    pub focus: Option<NodeId>,
    pub offset: u64,
    pub rows: u32,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PreviewReply {
    pub nodes: BTreeMap<NodeId, NodePreview>,
    /// Rows leaving the focused node (for a target: entering it).
    pub output: Option<TablePage>,
    /// Rows entering it, if it has one input.
    pub input: Option<TablePage>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodePreview {
    pub rows_in: u64,
    pub rows_out: u64,
    /// The source had more rows than the preview reads.
    pub truncated: bool,
    pub millis: f64,
    pub schema: Vec<Field>,
    pub error: Option<NodeError>,
    pub bad_rows: u64,
    pub bad_samples: Vec<BadRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeekRequest {
    pub object: ObjectInput,
    /// `None`: found out from the bytes.
    pub format: Option<ObjectFormat>,
    pub offset: u64,
    pub rows: u32,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PeekReply {
    pub format: ObjectFormat,
    pub page: TablePage,
    /// Parquet only: key facts of the footer, name and value.
    pub facts: Vec<(String, String)>,
    pub bad_rows: u64,
    pub bad_samples: Vec<BadRow>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SniffRequest {
    pub node: NodeId,
    pub source: SourceInput,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SniffReply {
    pub columns: Vec<Field>,
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunProgress {
    pub run_id: String,
    pub nodes: BTreeMap<NodeId, NodeProgress>,
    /// Bytes of the inputs read so far, and in all.
    pub bytes_done: u64,
    pub bytes_total: u64,
    /// High-water mark of the data worker's wasm memory, bytes; 0 natively.
    pub memory: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NodeProgress {
    pub rows_in: u64,
    pub rows_out: u64,
}
