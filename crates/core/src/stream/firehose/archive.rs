//! Compressed bodies, without a name's or a time's chance: the same records give the same bytes.

use alloc::vec::Vec;

const LEVEL: u8 = 6;

/// One member of RFC 1952, without a name or a time.
pub(super) fn gzip(body: &[u8]) -> Vec<u8> {
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

/// Version needed: deflate. The time is that of the format's epoch, 1 January 1980.
const NEEDED: u16 = 20;
const DEFLATE: u16 = 8;
const DATE: u16 = 1 << 5 | 1;

/// A ZIP file (APPNOTE 6.3.3) of one entry. `name`: the entry's, cut to what a header can hold.
pub(super) fn zip(name: &str, bytes: &[u8]) -> Vec<u8> {
    let name: Vec<u8> = name.bytes().take(usize::from(u16::MAX)).collect();
    let deflated = miniz_oxide::deflate::compress_to_vec(bytes, LEVEL);
    let mut head = Vec::new();
    // The flag says that the name is UTF-8.
    for number in [NEEDED, 1 << 11, DEFLATE, 0, DATE] {
        head.extend(number.to_le_bytes());
    }
    for number in [crc32(bytes), deflated.len() as u32, bytes.len() as u32] {
        head.extend(number.to_le_bytes());
    }
    head.extend((name.len() as u16).to_le_bytes());
    head.extend(0u16.to_le_bytes());
    let mut file = b"PK\x03\x04".to_vec();
    file.extend(&head);
    file.extend(&name);
    file.extend(&deflated);
    let at = file.len() as u32;
    file.extend(b"PK\x01\x02");
    file.extend(NEEDED.to_le_bytes());
    file.extend(&head);
    // No comment, disk 0, no attributes, and the entry begins the file.
    file.extend([0; 14]);
    file.extend(&name);
    let length = file.len() as u32 - at;
    file.extend(b"PK\x05\x06");
    for number in [0u16, 0, 1, 1] {
        file.extend(number.to_le_bytes());
    }
    file.extend(length.to_le_bytes());
    file.extend(at.to_le_bytes());
    file.extend(0u16.to_le_bytes());
    file
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

    #[test]
    fn is_a_zip_file() {
        let file = zip("a", b"one\ntwo\n");
        let deflated = file.len() - 22 - 47 - 31;
        assert_eq!(miniz_oxide::inflate::decompress_to_vec(&file[31..31 + deflated]).unwrap(), b"one\ntwo\n");
        let end = &file[file.len() - 22..];
        assert_eq!(end[..4], *b"PK\x05\x06");
        assert_eq!(end[12..20], [47, 0, 0, 0, 31 + deflated as u8, 0, 0, 0]);
    }
}
