//! The account: composition of the services, commands, effects, errors, snapshots and replay.
//!
//! Belongs here: routing between services, the log's shapes, CloudTrail. Does not belong here: the rules of any one service.

mod access_log;
mod alarms;
mod answer;
mod apply;
mod bill;
mod call;
mod caller;
pub mod cloudtrail;
mod effect;
mod error;
mod flow;
mod guard;
pub mod iam;
pub mod kms;
mod machine;
mod names;
mod objects;
mod options;
mod ours;
mod paging;
pub mod params;
mod parts;
mod scenario;
mod storage_events;

pub use access_log::LogDelivery;
pub use call::{BlobRef, BodyRange, Call, LogEntry, Outcome};
pub use caller::{CallAs, RequestAs};
pub use effect::{
    BadRow, CrawledObject, Effect, EffectAnswer, JobOutput, NodeError, NodeReport, ObjectFormat, ObjectInput, OutputPartition, RunFailure, RunPlan, RunReport,
    SourceInput, TableInput,
};
pub use error::ApiError;
pub use machine::{Account, SIM_VERSION};
pub use objects::ObjectSource;
pub use options::AccountOptions;
pub use params::{Params, param_error};
pub use parts::{Part, Parts};
pub use scenario::Player;
