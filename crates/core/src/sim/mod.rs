//! Time, randomness, the event queue and the trace: what makes a run repeatable.
//!
//! Belongs here: nothing that knows a service. Does not belong here: event time (that is Flink's, see `event_time`).

mod queue;
mod rng;
mod shared;
mod time;
mod trace;

pub use queue::EventQueue;
pub use rng::{Rng, splitmix64};
pub use shared::Shared;
pub use time::{Civil, SimTime};
pub use trace::{Trace, TraceRow, fnv1a};
