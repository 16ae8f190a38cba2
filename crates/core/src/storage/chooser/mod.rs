//! S3, EFS or EBS: what each can do for a workload, where it saturates, and what it costs.
//!
//! Fidelity: simplified. Each option is a row of limits with a use and a capacity; the largest use over capacity is its utilisation. Latency under load is that
//! of a queue with as many servers as the option holds in flight at its base latency when it is full (`queue`).
//!
//! Belongs here: the comparison. Does not belong here: limits (`ebs`, `efs`, the data file of S3's rates), prices (`price`).

mod answer;
mod block;
mod file;
mod object;
mod option;
mod queue;
mod workload;

pub use answer::{CHOOSE_STORAGE, choose_storage};
pub use option::{CostLine, Limit, StorageOption};
pub use queue::Queue;
pub use workload::{Interface, Workload};

use alloc::vec::Vec;

use crate::account::ApiError;
use crate::storage::ebs::Ebs;
use crate::storage::efs::Efs;
use crate::storage::price::PriceList;

/// Every option for a workload, in the order S3, EFS, EBS. Errors: `InternalFailure` where a data file is at fault.
pub fn choose(workload: &Workload, prices: &PriceList) -> Result<Vec<StorageOption>, ApiError> {
    let mut options = object::options(workload, &object::Limits::load()?, prices);
    options.extend(file::options(workload, &Efs::load()?, prices));
    options.extend(block::options(workload, &Ebs::load()?, prices));
    Ok(options)
}
