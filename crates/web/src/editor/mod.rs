//! The ETL screen: the list of jobs, and the visual editor of one.
//!
//! Belongs here: gestures, views and tasks of the editor. Does not belong here: edits, geometry, validation and schemas (core), the grid.

mod add_menu;
mod announce;
mod canvas;
mod card;
mod data;
mod drag;
mod forms;
mod gesture;
mod inspector;
mod jobs;
mod keyboard;
mod live;
mod model;
mod outline;
mod palette;
mod panels;
mod phone;
mod rails;
mod run;
mod save;
mod screen;
mod tools;

pub use jobs::Jobs;
pub use panels::prefetch;
pub use screen::JobScreen;
