//! Checkpoints, failures and what a job comes back with.
//!
//! Belongs here: what a checkpoint holds, and when it is complete. Does not belong here: how barriers are aligned (`barriers`), or how they travel.
//! Simplified: sources are asked and subtasks acknowledge at once; one checkpoint at a time; a checkpoint that falls due meanwhile waits for the next interval.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::trace::OpenPanes;
use crate::event_time::window::{Collect, WindowOperator};

/// `execution.checkpointing`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpointing {
    /// Milliseconds from one to the next.
    pub interval: i64,
    /// Channels wait for each other's barriers (`EXACTLY_ONCE`, aligned); else they do not (`AT_LEAST_ONCE`).
    pub exactly_once: bool,
}

/// A checkpoint, as the trace tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointTrace {
    pub id: u64,
    pub triggered: i64,
    /// Subtask, channel and when its barrier came there.
    pub barriers: Vec<(usize, usize, i64)>,
    /// Subtask, and when it took its snapshot.
    pub snapshots: Vec<(usize, i64)>,
    pub completed: Option<i64>,
    pub aborted: Option<i64>,
}

/// A run of the job between two failures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub started: i64,
    pub failed: Option<i64>,
    /// The checkpoint that it began from; `None`: from nothing.
    pub restored: Option<u64>,
}

/// What one subtask left in a checkpoint.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub operator: WindowOperator<Collect>,
    pub panes: OpenPanes,
}

/// A checkpoint under way, or complete.
#[derive(Clone, Debug)]
pub(super) struct Checkpoint {
    pub id: u64,
    /// How far each source had read.
    pub positions: Vec<usize>,
    pub snapshots: BTreeMap<usize, Snapshot>,
    /// Results that a transactional sink commits with it.
    pub firings: Vec<usize>,
}
