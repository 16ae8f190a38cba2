//! What a storage design would cost: a population of objects, how it is read, and the rules of its bucket, run over months or years.
//!
//! The engine of the cost figure. Objects that are made together and are alike go through together, as a cohort; what happens to a cohort is what
//! `s3::lifecycle::due` says, and what it costs is metered by `cost::Meter`, so that the figure and the account agree.
//!
//! How reads are modelled (fidelity: simplified). The reads of an object in a day are independent of its other reads and of other objects (Poisson), with a rate that
//! depends on the object's age. Numbers are expectations, rounded down once a cohort and month. A month of a read rate is 30 days.
//!
//! Belongs here: populations, access patterns, the run, break-even points, the search for the best rules. Does not belong here: objects of the account (`storage::s3`).

mod access;
mod answer;
mod break_even;
mod cohort;
mod params;
mod population;
mod run;
mod scenario;
mod search;
mod tally;

pub use access::{Access, Pattern};
pub use answer::{BEST_STORAGE_PLAN, PLAN_STORAGE, best_storage_plan, plan_storage};
pub use break_even::{BreakEven, break_even};
pub use cohort::{Held, Removal};
pub use population::{Population, SizeShare};
pub use run::{Run, Timeline, run};
pub use scenario::{Bucket, Scenario};
pub use search::{BestPlan, Candidate, Constraint, GRID, Readable, SizePlan, Step, best_plan, rules_of};

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;
/// Days of a month in rates of access.
const RATE_MONTH: f64 = 30.0;
