//! Labs: the list of them, and the panel that stands beside any screen while one is under way.
//!
//! Belongs here: how a lab is drawn, its sample file, hints. Does not belong here: whether a step is done (core's `lab` says that) and the texts of labs (`labs/`).

mod bundle;
mod list;
mod panel;
mod sample;
mod step;

pub use list::{LabList, LabsScreen};
pub use panel::{LabPanel, remembered};
