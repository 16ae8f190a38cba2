//! Amazon Data Firehose: delivery streams that gather records, by size and by time, and deliver each batch as one object.
//!
//! Belongs here: the service and its operations, buffers, keys of objects, what an object's bytes are. Does not belong here: who puts (`stream::traffic`), whether the
//! bucket takes an object and storing it, which is the account's and its host's.

mod commands;
mod config;
mod deliver;
mod keys;
mod poll;
mod render;
mod state;
mod view;

pub use config::{Compression, Destination, Source};
pub use deliver::{Because, Delivery};
pub use keys::{Moment, check_prefixes, object_key};
pub use poll::Happened;
pub use render::render;
pub use state::{Counts, DeliveryStream, FireCounters, Firehose, Status};
