//! The subset of Flink SQL that streaming jobs use, run in event time as Flink 2.3 runs it at parallelism 1.
//!
//! Belongs here: Flink's words of SQL, from text to rows. Does not belong here: windows and joins that DataStream jobs have too (`sluice_core::event_time`), the
//! account and its streams.
#![no_std]
extern crate alloc;

pub mod call;
pub mod cases;
mod ddl;
mod dialect;
mod error;
mod expr;
mod ops;
mod plan;
mod run;
mod value;

pub use error::Error;
pub use value::{Kind, Value};
