//! CloudTrail: the account's history as AWS would list it, a projection of the command log and its outcomes.
//!
//! Belongs here: what is kept of a call (`trail`), and LookupEvents (`lookup`). Does not belong here: the log itself, and reads, which are not logged:
//! the history has no `Get…`, `List…` or `GetObject` event.

mod lookup;
mod trail;

pub use trail::{Trail, TrailEvent, TrailKind};
