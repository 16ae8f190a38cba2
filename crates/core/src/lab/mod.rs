//! Labs: steps whose checks are pure functions over what the account answers.
//!
//! A lab is a folder `labs/<id>/` with a `lab.json` ([`Lab`]) and the Markdown files that it names. Belongs here: the shape of a lab, its checks, the generators
//! of its data. Does not belong here: the text of any lab, how it is drawn, what a learner has opened or hidden.

mod check;
mod document;
mod job;
mod parking;

pub use check::{Check, evaluate};
pub use document::{Action, Hints, Lab, Objective, Step};
pub use job::{JobCondition, SourceCondition, TargetCondition};
pub use parking::{PARKING_COLUMNS, ParkingSample};

#[cfg(test)]
mod tests;
#[cfg(test)]
mod walkthrough;
