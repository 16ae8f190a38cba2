//! Event time as Apache Flink 2.3 has it: watermarks, windows, key groups, barriers, and a job that runs them on a simulated clock.
//!
//! Belongs here: Flink's semantics as machines without clock or IO. Does not belong here: the account, streams of it, what is drawn.
//! Times are Flink's `long` of milliseconds ([`EventTime`]), never the account's clock. `tests/cases/flink-cases.json` holds what Flink answered.

pub mod barriers;
pub mod cases;
pub mod cluster;
pub mod cumulate;
pub mod job;
pub mod keys;
pub mod multiplexer;
pub mod number;
pub mod rules;
pub mod shards;
pub mod time;
pub mod valve;
pub mod watermark;
pub mod window;

pub use time::EventTime;
