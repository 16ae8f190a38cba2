//! Windows: how elements are assigned to them, when they fire, what is in them, and the operator that holds them.

mod aggregate;
mod assign;
mod evict;
mod merge;
mod operator;
pub mod read;
mod time_window;
mod timers;
mod trigger;

pub use aggregate::{Accumulator, Aggregate, Collect, Element, Fold};
pub use assign::{Assigned, Assigner, Domain};
pub use evict::{EvictBy, Evictor};
pub use merge::merge_windows;
pub use operator::{Cause, Joined, Output, Verdict, WindowOperator};
pub use time_window::{TimeWindow, window_start};
pub use trigger::{Clocks, Trigger, TriggerKind, TriggerState};
