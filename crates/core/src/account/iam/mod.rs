//! IAM: roles and what is attached to them.
//!
//! Belongs here: the roles as data (`state`), the API operations (`commands`), and the one question that the other services ask (`access`).
//! Does not belong here: users, groups and credentials. An account has one person in it.

mod access;
mod commands;
mod state;

pub use access::Principal;
pub use state::{Iam, Role};
