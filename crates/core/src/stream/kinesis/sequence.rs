use alloc::string::String;
use alloc::vec::Vec;

use crate::sim::SimTime;

/// A sequence number, taken apart: 47 hexadecimal digits, printed as a decimal number of 56 digits.
///
/// `2`, 9 digits seconds at which the shard was created, the low digit of the shard's number, 16 digits that count the shard's records, `00`, 9 digits seconds of
/// the write, 8 digits the shard's number, `2`. AWS does not document it; this is what kinesalite read from AWS's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Seconds since the epoch at which the shard was created.
    pub created: i64,
    pub shard: u32,
    /// 0 at the shard's beginning; its records count from 1.
    pub index: u64,
    /// Seconds since the epoch of the write.
    pub written: i64,
}

/// The index of a closed shard's end.
const END: u64 = 0x7fff_ffff_ffff_ffff;
/// Dates above it do not come from Kinesis (kinesalite).
const MAX_SECONDS: u64 = 16_025_175_000;
const LIMBS: usize = 6;

impl Sequence {
    pub fn first(created: SimTime, shard: u32) -> Sequence {
        Sequence {
            created: seconds(created),
            shard,
            index: 0,
            written: seconds(created),
        }
    }

    pub fn last(created: SimTime, shard: u32, closed: SimTime) -> Sequence {
        Sequence {
            index: END,
            written: seconds(closed),
            ..Sequence::first(created, shard)
        }
    }

    /// The number of the record at `position`, which counts from 0.
    pub fn of(created: SimTime, shard: u32, position: u64, written: SimTime) -> Sequence {
        Sequence {
            index: position + 1,
            written: seconds(written).max(seconds(created)),
            ..Sequence::first(created, shard)
        }
    }

    /// The decimal text.
    pub fn text(&self) -> String {
        let digits = alloc::format!(
            "2{:09x}{:01x}{:016x}00{:09x}{:08x}2",
            self.created.max(0),
            self.shard & 0xf,
            self.index,
            self.written.max(0),
            self.shard
        );
        let mut limbs = [0u32; LIMBS];
        for (at, digit) in digits.bytes().rev().enumerate() {
            let value = (digit as char).to_digit(16).unwrap_or(0);
            if let Some(limb) = limbs.get_mut(at / 8) {
                *limb |= value << (at % 8 * 4);
            }
        }
        decimal(limbs)
    }

    /// Reads a decimal text; `None` for what is no sequence number of this form.
    pub fn parse(text: &str) -> Option<Sequence> {
        if text.is_empty() || text.len() > 60 {
            return None;
        }
        let mut limbs = [0u32; LIMBS];
        for byte in text.bytes() {
            let mut carry = u64::from((byte as char).to_digit(10)?);
            for limb in &mut limbs {
                let value = u64::from(*limb) * 10 + carry;
                *limb = value as u32;
                carry = value >> 32;
            }
            if carry > 0 {
                return None;
            }
        }
        let digit = |place: usize| u64::from(limbs[place / 8] >> (place % 8 * 4) & 0xf);
        // Digits from the left: 47 in all.
        let number = |from: usize, to: usize| (from..to).fold(0u64, |number, at| number << 4 | digit(46 - at));
        if digit(47) != 0 || number(0, 1) != 2 || number(46, 47) != 2 || number(27, 29) != 0 {
            return None;
        }
        let (created, index, written, shard) = (number(1, 10), number(11, 27), number(29, 38), number(38, 46));
        if created >= MAX_SECONDS || index > END || shard > 0x7fff_ffff || number(10, 11) != shard & 0xf {
            return None;
        }
        Some(Sequence {
            created: i64::try_from(created).ok()?,
            shard: u32::try_from(shard).ok()?,
            index,
            written: i64::try_from(written).ok()?,
        })
    }
}

pub(super) fn seconds(time: SimTime) -> i64 {
    time.micros().div_euclid(1_000_000)
}

fn decimal(mut limbs: [u32; LIMBS]) -> String {
    const STEP: u64 = 1_000_000_000;
    let mut parts: Vec<u64> = Vec::new();
    while limbs.iter().any(|limb| *limb != 0) {
        let mut rest = 0u64;
        for limb in limbs.iter_mut().rev() {
            let value = rest << 32 | u64::from(*limb);
            *limb = (value / STEP) as u32;
            rest = value % STEP;
        }
        parts.push(rest);
    }
    let mut text = parts.pop().map_or(String::from("0"), |first| alloc::format!("{first}"));
    for part in parts.iter().rev() {
        text.push_str(&alloc::format!("{part:09}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::{prop_assert, prop_assert_eq, proptest};

    use super::*;

    #[test]
    fn reads_what_kinesalite_recorded() {
        let text = "49680454830900992252616990235857830227122794413525303298";
        let sequence = Sequence::parse(text).unwrap();
        assert_eq!((sequence.created, sequence.shard, sequence.index), (0x06b0_2a9c_b, 0, 0));
        assert_eq!(sequence.written, 0x06b0_2a9c_d);
        assert_eq!(sequence.text(), text);
        for wrong in ["", "0", "1", "abc", "-1", "4968045483090099225261699023585783022712279441352530329"] {
            assert_eq!(Sequence::parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn text_is_read_back_and_ordered(created in 0i64..4_000_000_000, shard in 0u32..100_000, index in 0u64..1 << 40, written in 0i64..4_000_000_000) {
            let sequence = Sequence { created, shard, index, written };
            prop_assert_eq!(Sequence::parse(&sequence.text()), Some(sequence));
            let next = Sequence { index: index + 1, ..sequence };
            let (text, next) = (sequence.text(), next.text());
            prop_assert!((text.len(), &text) < (next.len(), &next));
        }
    }
}
