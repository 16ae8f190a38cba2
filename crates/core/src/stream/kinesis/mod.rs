//! Kinesis Data Streams: the hash ring, shards and their limits, sequence numbers, iterators, resharding, consumers.
//!
//! Belongs here: the service and its operations. Does not belong here: who puts and gets (`stream::traffic`), the clock of the account, metrics as CloudWatch keeps them.

mod allowance;
mod change;
mod charges;
mod commands;
mod counters;
mod poll;
mod records;
mod ring;
mod sequence;
mod shard;
mod state;

pub use allowance::Allowance;
pub use change::{Reshard, ShardEvent};
pub(crate) use commands::Faults;
pub use commands::{Around, stream_of_iterator};
pub use counters::{Counter, Counters};
pub use poll::Happened;
pub use records::{Entry, Own, Records};
pub use ring::{Range, Ring, hash_of, hash_of_bytes, initial_ranges, share};
pub use sequence::Sequence;
pub use shard::{ANSWER_RECORDS, ITERATORS, LastSecond, Limit, READ_BYTES, READS, Read, ReadFrom, Shard, ShardState, WRITE_BYTES, WRITE_RECORDS, shard_id};
pub(crate) use state::stream_arn;
pub use state::{Consumer, Kinesis, Mode, Put, Refused, Status, Stream, Written};
