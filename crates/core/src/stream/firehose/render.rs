//! What an object's bytes are: a function of the delivery and of its records' data.

use alloc::vec::Vec;

use super::archive::{gzip, zip};
use super::{Compression, Delivery};
use crate::stream::kinesis::Entry;

/// The bytes of a delivery; of one that is converted the rows, as JSON lines. `data` gives those of a producer's record; records of a caller's carry their own.
pub fn render(delivery: &Delivery, data: &dyn Fn(&Entry) -> Vec<u8>) -> Vec<u8> {
    let mut body = Vec::with_capacity(usize::try_from(delivery.bytes).unwrap_or(0));
    for (at, entry) in delivery.records.from(0) {
        let made;
        let bytes = match delivery.records.own(at) {
            Some(own) => own.data.as_slice(),
            None => {
                made = data(entry);
                made.as_slice()
            }
        };
        match &delivery.converted {
            // What does not fit is in another object.
            Some(to) => body.extend(to.conversion.rows(&to.columns, bytes).unwrap_or_default().into_bytes()),
            None => body.extend_from_slice(bytes),
        }
        if let Some(delimiter) = &delivery.delimiter {
            body.extend_from_slice(delimiter.as_bytes());
        }
    }
    match delivery.compression {
        Compression::Uncompressed => body,
        Compression::Gzip => gzip(&body),
        Compression::Zip => zip(delivery.key.rsplit('/').next().unwrap_or_default().trim_end_matches(".zip"), &body),
    }
}
