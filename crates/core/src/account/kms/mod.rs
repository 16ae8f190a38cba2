//! KMS: the account's key ring.
//!
//! Belongs here: symmetric keys, their aliases, states, rotations and policies (`state`), the API operations (`commands`), what S3 asks of a key and how often (`uses`),
//! what keys cost (`charges`), and where a key's bytes come from (`material`).
//! Does not belong here: asymmetric and HMAC keys, imported material, grants, multi-Region keys; and secrets. This is a model of KMS, not a vault: every key follows from
//! the account's seed, so that a replay has the same keys.

mod charges;
mod commands;
mod material;
mod state;
mod uses;

pub use material::data_key;
pub use state::{Key, KeyState, Kms};
pub use uses::{KeyRef, KeyUse, Usage};
