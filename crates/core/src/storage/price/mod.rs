//! Price lists: data files with an as-of date and sources, read into exact integers.
//!
//! Belongs here: the lists, their units, the steps of a price. Does not belong here: what was used and by whom (`cost`), limits of services (`ebs`, `efs`).

mod answer;
mod list;

pub use answer::{GET_PRICES, get_prices};
pub(crate) use list::as_float;
pub use list::{Charge, Price, PriceList, Step};

/// Bytes in what AWS bills as a GB. The list's tier limits of 51,200 and 512,000 GB for 50 TB and 500 TB say that it is 2³⁰; nothing else in core knows the number.
pub const GB: u64 = 1 << 30;

/// The list that bills are made with where a call does not name one.
pub const DEFAULT_PRICE_LIST: &str = "aws-us-east-1";

/// Ids of the lists, the default first.
pub const PRICE_LISTS: [&str; 2] = [DEFAULT_PRICE_LIST, "course"];

/// The text behind an id.
fn text_of(id: &str) -> Option<&'static str> {
    match id {
        "aws-us-east-1" => Some(include_str!("../../../data/prices-aws-us-east-1.json")),
        "course" => Some(include_str!("../../../data/prices-course.json")),
        _ => None,
    }
}
