//! SNS: topics, subscriptions by email, and the inbox that they reach.
//!
//! Belongs here: the API operations (version 2010-03-31), and what arrives in whose inbox. Does not belong here: other protocols than email, FIFO topics,
//! filter policies, and who publishes what.

mod commands;
mod state;

pub use state::Sns;
