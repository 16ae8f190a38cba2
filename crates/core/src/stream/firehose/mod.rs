//! Amazon Data Firehose: delivery streams that gather records, by size and by time, and deliver each batch as one object.
//!
//! Belongs here: the service and its operations, buffers, keys of objects, what an object's bytes are. Does not belong here: who puts (`stream::traffic`), whether the
//! bucket takes an object and storing it, which is the account's and its host's.

mod archive;
mod buffer;
mod charges;
mod commands;
mod config;
mod convert;
mod deliver;
mod function;
mod jq;
mod keys;
mod poll;
mod process;
mod processing;
mod render;
mod state;
mod view;
mod zone;

pub use buffer::{Channel, Failure, Keys};
pub use config::{Compression, Destination, Source};
pub use convert::{Conversion, Converted};
pub use deliver::{Because, Delivery};
pub use function::{Function, Outcome};
pub use keys::{Moment, object_key};
pub use poll::{Happened, World};
pub use render::render;
pub use state::{Counts, DeliveryStream, FireCounters, Firehose, Status};
