//! Identifiers made from what they name, so that a replay makes the same ones.

use alloc::format;
use alloc::string::String;

/// 32 lower-case hex digits.
pub(super) fn md5_hex(bytes: &[u8]) -> String {
    format!("{:x}", md5::compute(bytes))
}

/// 64 hex digits from a name and a counter, as a job run's id has.
pub(super) fn long_hex(name: &str, serial: u64) -> String {
    let first = md5_hex(format!("{serial}/{name}").as_bytes());
    let second = md5_hex(format!("{first}/{name}").as_bytes());
    format!("{first}{second}")
}

/// A UUID's shape, version and variant bits set as in version 4.
pub(super) fn uuid(name: &str, serial: u64) -> String {
    let hex = md5_hex(format!("{serial}/{name}").as_bytes());
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
}
