//! What an object's bytes are: a function of the delivery and of its records' data.

use alloc::vec::Vec;

use super::{Compression, Delivery};
use crate::stream::kinesis::Entry;

/// The bytes of a delivery. `data` gives those of a producer's record; records of a caller's carry their own.
pub fn render(delivery: &Delivery, data: &dyn Fn(&Entry) -> Vec<u8>) -> Vec<u8> {
    let mut body = Vec::with_capacity(usize::try_from(delivery.bytes).unwrap_or(0));
    for (at, entry) in delivery.records.from(0) {
        match delivery.records.own(at) {
            Some(own) => body.extend_from_slice(&own.data),
            None => body.extend(data(entry)),
        }
        if let Some(delimiter) = &delivery.delimiter {
            body.extend_from_slice(delimiter.as_bytes());
        }
    }
    match delivery.compression {
        Compression::Uncompressed => body,
        Compression::Gzip => gzip(&body),
    }
}

/// One member of RFC 1952, without a name or a time, so that the same records give the same bytes.
fn gzip(body: &[u8]) -> Vec<u8> {
    const LEVEL: u8 = 6;
    let mut out = Vec::from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    out.extend(miniz_oxide::deflate::compress_to_vec(body, LEVEL));
    out.extend(crc32(body).to_le_bytes());
    out.extend((body.len() as u32).to_le_bytes());
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0u32; 256];
    for (value, entry) in (0u32..).zip(table.iter_mut()) {
        *entry = (0..8).fold(value, |value, _| (value >> 1) ^ (0xedb8_8320 & (value & 1).wrapping_neg()));
    }
    !bytes.iter().fold(!0u32, |crc, byte| {
        (crc >> 8) ^ table.get(((crc ^ u32::from(*byte)) & 0xff) as usize).copied().unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_read_back() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let body = b"{\"a\":1}\n".repeat(1_000);
        let packed = gzip(&body);
        assert!(packed.len() < body.len() / 10);
        let deflated = &packed[10..packed.len() - 8];
        assert_eq!(miniz_oxide::inflate::decompress_to_vec(deflated).unwrap(), body);
    }
}
