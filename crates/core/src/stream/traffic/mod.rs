//! What applications do at both ends of a stream: producers that put records by a pattern, and consumers that read them.
//!
//! Belongs here: generators, the clients that put (SDK, KPL, Flink's sinks), consumers, and when each acts. Does not belong here: the service's rules (`stream::kinesis`).
//!
//! A producer's record is a number; its key, size and text follow from the producer's definition and seed, and are computed when somebody looks.

mod aggregate;
mod client;
mod commands;
mod consume;
mod consumer;
mod hose;
mod pattern;
mod producer;
mod route;
mod state;
mod view;

pub use client::Client;
pub use consume::Consumed;
pub use consumer::{Consumer, ConsumerKind};
pub use hose::Hoses;
pub use pattern::{Keys, Pattern, Rate};
pub use producer::{Producer, Sent, Target};
pub use state::{Acted, Traffic};
