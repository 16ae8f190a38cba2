//! The account: composition of the services, commands, effects, errors, snapshots and replay.
//!
//! Belongs here: routing between services, the log's shapes, CloudTrail. Does not belong here: the rules of any one service.

mod call;
mod effect;
mod error;

pub use call::{BlobRef, BodyRange, Call, LogEntry, Outcome};
pub use effect::{
    BadRow, CrawledObject, Effect, EffectAnswer, JobOutput, NodeError, NodeReport, ObjectFormat, ObjectInput, OutputPartition, RunFailure, RunPlan, RunReport,
    SourceInput, TableInput,
};
pub use error::ApiError;
