//! IAM: roles, users, managed policies, and what is attached to whom.
//!
//! Belongs here: identities and policies as data (`state`), the API operations (`commands` and the files it dispatches to), AWS's own managed policies (`aws_managed`),
//! and which policies an identity has (`access`).
//! Does not belong here: the decision ([`crate::access`]), groups, credentials, permission boundaries.

mod access;
mod aws_managed;
mod commands;
mod entity;
mod managed;
mod roles;
mod state;
mod users;

pub use access::IdentityPolicies;
pub use state::{Iam, ManagedPolicy, Permissions, Role, User};
