//! A Flink job's tasks in slots, and where its records wait: who is busy, who is blocked, who has nothing to do.
//!
//! Belongs here: chaining, slots, network buffers with credits, the time of a subtask, KPUs. Does not belong here: windows and watermarks (`job`),
//! how it is drawn. There are no checkpoints, failures, savepoints or autoscaling here yet.
//! Time goes on in steps of 10 ms; all records are alike, and an operator hands on each that it takes.

pub mod graph;
mod machine;
mod network;
mod read;
mod say;

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::keys::KeyGroups;
pub use graph::{Edge, Operator};

/// What runs, and on what.
#[derive(Clone, Debug)]
pub struct Cluster {
    pub operators: Vec<Operator>,
    /// (from this millisecond, records a second that are offered to the source, all subtasks together).
    pub rates: Vec<(i64, u64)>,
    /// Seconds that are played.
    pub seconds: usize,
    /// Bytes of a record.
    pub record: u64,
    /// Different keys, which come in turn.
    pub keys: u64,
    pub max_parallelism: u32,
    pub slots_per_manager: usize,
    pub parallelism_per_kpu: usize,
    /// The parallelism that keyed state is restored with.
    pub rescale: Option<KeyGroups>,
}

/// What a subtask did within a second: the three spans are microseconds and sum to 1,000,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Second {
    pub busy: i64,
    pub blocked: i64,
    pub idle: i64,
    pub records_in: u64,
    pub records_out: u64,
    /// Taken buffers and size, at the end of the second.
    pub in_pool: (usize, usize),
    pub out_pool: (usize, usize),
}

/// What happened.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Second by second, task by task, subtask by subtask.
    pub seconds: Vec<Vec<Vec<Second>>>,
    /// (offered, read by the source, in buffers, out of the last task), after each second.
    pub totals: Vec<(u64, u64, u64, u64)>,
    /// Times at which a subtask was blocked while each of its channels had a credit; there must be none.
    pub unexplained: u64,
}

impl Cluster {
    pub fn run(&self) -> Run {
        machine::run(self)
    }
}

/// `sluice:RunFlinkCluster`. Error: which parameter does not read.
pub fn call(params: &Value) -> Result<Value, String> {
    let cluster = read::cluster(params)?;
    Ok(say::answer(&cluster, &cluster.run()))
}
