//! A streaming job on a simulated clock: splits, source subtasks with their watermarks, a keyed shuffle, window subtasks.
//!
//! Belongs here: what the job consists of, and what happens in which order. Does not belong here: how it is drawn.
//! Processing time is the simulation's, in milliseconds; of what happens in the same millisecond, events arrive first, in the order in which they were given.

mod machine;
mod read;
mod recovery;
mod say;
mod source;
mod trace;

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::EventTime;
use super::keys::KeyGroups;
use super::watermark::Strategy;
use super::window::Aggregate;
use super::window::read::Definition;

pub use recovery::{Attempt, CheckpointTrace, Checkpointing};
pub use trace::{Fate, Kind, Line, Trace};

/// An event of a split.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    pub id: String,
    pub key: String,
    pub value: f64,
    pub time: EventTime,
    /// Processing time at which its source subtask reads it.
    pub arrival: i64,
    pub split: usize,
    /// Its session gap in milliseconds, for dynamic sessions.
    pub gap: i64,
}

/// What runs.
#[derive(Clone, Debug)]
pub struct Job {
    pub events: Vec<Event>,
    /// Split `i` is read by source subtask `i` modulo the sources' parallelism.
    pub splits: usize,
    pub strategy: Strategy,
    /// Milliseconds from tick to tick; 0: there are none.
    pub emit_interval: i64,
    /// `withIdleness`, milliseconds.
    pub idle_timeout: Option<i64>,
    pub definition: Definition,
    pub lateness: i64,
    pub aggregate: Aggregate,
    /// Late events go to a side output, and are not dropped.
    pub side_output: bool,
    pub source_parallelism: usize,
    /// Of the window operator.
    pub groups: KeyGroups,
    /// Of each source subtask: milliseconds from it to a window subtask.
    pub network: Vec<i64>,
    pub checkpointing: Option<Checkpointing>,
    /// Processing times at which a task manager is lost, and the whole job with it.
    pub failures: Vec<i64>,
    /// Milliseconds from a failure to the next attempt.
    pub restart_delay: i64,
    /// The sink commits its results with checkpoints; else each is visible at once.
    pub transactional: bool,
    /// Processing time at which the job starts: ticks are counted from it.
    pub start: i64,
    /// Processing time at which the simulation ends.
    pub until: i64,
    /// Sources end when they have read everything, with the greatest watermark.
    pub end_of_input: bool,
}

impl Job {
    /// Runs it. Error: a parameter that Flink does not take, or more steps than a simulation may have.
    pub fn run(&self) -> Result<Trace, String> {
        machine::run(self)
    }
}

/// The job that parameters of `sluice:RunEventTime` say. Error: which of them does not read.
pub(super) fn parse(params: &Value) -> Result<Job, String> {
    read::job(params)
}

/// `sluice:RunEventTime`: a job as JSON in, what happened as JSON out. Error: which parameter does not read.
pub fn call(params: &Value) -> Result<Value, String> {
    let job = parse(params)?;
    Ok(say::trace(&job, &job.run()?))
}
