//! Time, randomness, the event queue and the trace: what makes a run repeatable.
//!
//! Belongs here: nothing that knows a service. Does not belong here: event time (that is Flink's, see `event_time`).

mod time;

pub use time::SimTime;
