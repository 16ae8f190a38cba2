//! The KPL's aggregated records ("KPL aggregated record format"): several user records in one record of the stream.
//!
//! Magic bytes, a protobuf message (`AggregatedRecord`: a table of partition keys, then each record with its place in the table and its data), and the message's MD5.
//! Belongs here: the format and its size. Does not belong here: which records go together (`producer`).

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

const MAGIC: [u8; 4] = [0xf3, 0x89, 0x9a, 0xc2];
const DIGEST: u32 = 16;
/// Tags of the message's fields: `partition_key_table` 1, `records` 3; of a record's: `partition_key_index` 1 (a number), `data` 3.
const KEY_TABLE: u8 = 1 << 3 | 2;
const RECORDS: u8 = 3 << 3 | 2;
const KEY_INDEX: u8 = 1 << 3;
const DATA: u8 = 3 << 3 | 2;

/// Bytes of a number as a varint.
const fn varint_bytes(number: u32) -> u32 {
    match number {
        0..0x80 => 1,
        0x80..0x4000 => 2,
        0x4000..0x20_0000 => 3,
        0x20_0000..0x1000_0000 => 4,
        _ => 5,
    }
}

fn varint(mut number: u32, into: &mut Vec<u8>) {
    while number >= 0x80 {
        into.push(number as u8 | 0x80);
        number >>= 7;
    }
    into.push(number as u8);
}

/// The bytes of an aggregated record as it grows, by the numbers of its keys.
#[derive(Clone, Debug)]
pub(super) struct Size {
    bytes: u32,
    keys: BTreeMap<u32, u32>,
}

impl Size {
    pub fn new() -> Size {
        Size {
            bytes: MAGIC.len() as u32 + DIGEST,
            keys: BTreeMap::new(),
        }
    }

    /// Bytes with one more record.
    pub fn with(&self, key: u32, key_bytes: u32, data_bytes: u32) -> u32 {
        let (index, table) = match self.keys.get(&key) {
            Some(index) => (*index, 0),
            None => (self.keys.len() as u32, 1 + varint_bytes(key_bytes) + key_bytes),
        };
        let record = 2 + varint_bytes(index) + varint_bytes(data_bytes) + data_bytes;
        self.bytes + table + 1 + varint_bytes(record) + record
    }

    pub fn add(&mut self, key: u32, key_bytes: u32, data_bytes: u32) {
        self.bytes = self.with(key, key_bytes, data_bytes);
        let next = self.keys.len() as u32;
        self.keys.entry(key).or_insert(next);
    }

    pub fn bytes(&self) -> u32 {
        self.bytes
    }
}

/// The data of an aggregated record: key and data of each user record, in their order.
pub(super) fn encode(records: &[(String, String)]) -> Vec<u8> {
    let mut keys: BTreeMap<&str, u32> = BTreeMap::new();
    let mut message = Vec::new();
    let field = |tag: u8, bytes: &[u8], into: &mut Vec<u8>| {
        into.push(tag);
        varint(bytes.len() as u32, into);
        into.extend_from_slice(bytes);
    };
    for (key, _) in records {
        let next = keys.len() as u32;
        keys.entry(key).or_insert_with(|| {
            field(KEY_TABLE, key.as_bytes(), &mut message);
            next
        });
    }
    for (key, data) in records {
        let mut record = Vec::from([KEY_INDEX]);
        varint(keys.get(key.as_str()).copied().unwrap_or_default(), &mut record);
        field(DATA, data.as_bytes(), &mut record);
        field(RECORDS, &record, &mut message);
    }
    let digest = md5::compute(&message);
    [MAGIC.as_slice(), &message, &digest.0].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    /// Reads a varint; answers it and what follows.
    fn number(bytes: &[u8]) -> (usize, &[u8]) {
        let mut value = 0;
        for (place, byte) in bytes.iter().enumerate() {
            value |= usize::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return (value, &bytes[place + 1..]);
            }
        }
        panic!("a varint ends")
    }

    /// Fields of a message: number, and bytes or the number itself.
    fn fields(mut bytes: &[u8]) -> Vec<(u8, Result<&[u8], usize>)> {
        let mut found = Vec::new();
        while let Some((tag, rest)) = bytes.split_first() {
            let (value, rest) = number(rest);
            if tag & 7 == 0 {
                found.push((tag >> 3, Err(value)));
                bytes = rest;
            } else {
                found.push((tag >> 3, Ok(&rest[..value])));
                bytes = &rest[value..];
            }
        }
        found
    }

    #[test]
    fn an_aggregate_is_read_by_its_format_and_has_the_size_that_was_counted() {
        for count in [1, 2, 130, 300] {
            let records: Vec<(String, String)> = (0..count).map(|n| (format!("key-{}", n % 140), "x".repeat(n * 7))).collect();
            let mut size = Size::new();
            for (n, (key, data)) in records.iter().enumerate() {
                size.add(n as u32 % 140, key.len() as u32, data.len() as u32);
            }
            let encoded = encode(&records);
            assert_eq!(encoded.len() as u32, size.bytes());
            let (message, digest) = encoded[4..].split_at(encoded.len() - 20);
            assert_eq!((&encoded[..4], digest), (&MAGIC[..], md5::compute(message).0.as_slice()));
            let fields = fields(message);
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            let keys: Vec<String> = fields.iter().filter(|field| field.0 == 1).map(|field| text(field.1.unwrap())).collect();
            let read: Vec<(String, String)> = fields
                .iter()
                .filter(|field| field.0 == 3)
                .map(|field| {
                    let record = self::fields(field.1.unwrap());
                    (keys[record[0].1.unwrap_err()].to_string(), text(record[1].1.unwrap()))
                })
                .collect();
            assert_eq!(read, records);
        }
    }
}
