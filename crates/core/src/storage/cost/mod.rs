//! What storage costs: usage metered as exact integers by calendar month, billed with a price list.
//!
//! Belongs here: the meter that services write to, the rules of billing (minimum sizes, overhead of archives, minimum durations, whose rate a request has), the bill.
//! Does not belong here: prices (`storage::price`), when something happens to an object (`storage::s3`), what would be if (`storage::plan`).

mod answer;
mod bill;
mod flow;
mod meter;
mod month;
mod names;
mod usage;

pub use answer::{GET_BILL, get_bill};
pub use bill::{Bill, Line};
pub use flow::Flow;
pub use meter::Meter;
pub use month::Month;
pub use usage::{RequestKind, RequestTier, RestoreTier, StorageTier, Usage};
