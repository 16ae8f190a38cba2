//! The account that lives in a browser tab, as a machine without clock, IO, DOM or thread.
//!
//! Belongs here: services and their rules, the ETL graph, the scalar semantics of every transform.
//! Does not belong here: bytes of objects, workers, storage, wall clocks, anything of the browser.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(any(test, feature = "std"))]
extern crate std;

pub mod access;
pub mod account;
pub mod catalog;
pub mod etl;
pub mod event_time;
mod export;
pub mod gather;
pub mod lab;
pub mod monitor;
pub mod sim;
pub mod storage;
pub mod stream;
