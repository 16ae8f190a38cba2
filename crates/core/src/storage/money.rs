//! Money as integers.
//!
//! Belongs here: amounts, their text, exact proportion. Does not belong here: prices (`price`) and what was used (`cost`).

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;
use core::iter::Sum;
use core::ops::{Add, AddAssign, Neg, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An amount in pico-dollars (10⁻¹² USD), saturating. AWS's smallest unit price, a GET from S3 Express One Zone, is 30,000 of them.
///
/// Text and JSON are decimal dollars with every digit that is not a trailing zero: `0.023`, `-1`, `0.000000000001`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Picos(pub i128);

const PER_DOLLAR: u128 = 1_000_000_000_000;
const DECIMALS: usize = 12;

impl Picos {
    pub const ZERO: Picos = Picos(0);

    /// `part / whole × self`, rounded to the nearest pico-dollar, half away from zero. `whole` must not be zero.
    pub fn of_ratio(self, part: u128, whole: u128) -> Picos {
        let size = mul_div(part, self.0.unsigned_abs(), whole);
        let size = i128::try_from(size).unwrap_or(i128::MAX);
        Picos(if self.0 < 0 { -size } else { size })
    }

    /// Reads decimal dollars of at most twelve places. `None` for anything else.
    pub fn parse(text: &str) -> Option<Picos> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) || fraction.len() > DECIMALS {
            return None;
        }
        let scale = 10_i128.checked_pow(u32::try_from(DECIMALS - fraction.len()).ok()?)?;
        let size = whole.parse::<i128>().ok()?.checked_mul(PER_DOLLAR as i128)?;
        let size = size.checked_add(fraction.parse::<i128>().ok()?.checked_mul(scale)?)?;
        Some(Picos(if negative { -size } else { size }))
    }

    /// Dollars as the nearest float: for pictures, never for sums.
    pub fn dollars(self) -> f64 {
        self.0 as f64 / PER_DOLLAR as f64
    }
}

/// `a × b / d`, rounded to nearest, half up; saturates at `u128::MAX`. Exact whatever the size of the product; `d` below 2¹²⁶.
pub(crate) fn mul_div(a: u128, b: u128, d: u128) -> u128 {
    let d = d.max(1);
    let whole = (a / d).saturating_mul(b);
    let rest = a % d;
    let part = match rest.checked_mul(b).and_then(|product| product.checked_add(d / 2)) {
        Some(product) => product / d,
        None => long_mul_div(rest, b, d),
    };
    whole.saturating_add(part)
}

/// The same for a product beyond 128 bits, one bit of `b` at a time; `a < d`.
fn long_mul_div(a: u128, b: u128, d: u128) -> u128 {
    let (mut quotient, mut rest) = (0_u128, 0_u128);
    for bit in (0..128 - b.leading_zeros()).rev() {
        quotient = quotient.saturating_mul(2);
        rest = rest.saturating_mul(2).saturating_add(if b >> bit & 1 == 1 { a } else { 0 });
        quotient = quotient.saturating_add(rest / d);
        rest %= d;
    }
    quotient.saturating_add(u128::from(rest >= d - d / 2))
}

impl fmt::Display for Picos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.0.unsigned_abs();
        let (whole, fraction) = (size / PER_DOLLAR, size % PER_DOLLAR);
        let sign = if self.0 < 0 { "-" } else { "" };
        if fraction == 0 {
            return write!(f, "{sign}{whole}");
        }
        let digits = format!("{fraction:012}");
        write!(f, "{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

impl Serialize for Picos {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string())
    }
}

impl<'de> Deserialize<'de> for Picos {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Picos, D::Error> {
        let text = String::deserialize(deserializer)?;
        Picos::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is not an amount in dollars with at most twelve places")))
    }
}

impl Add for Picos {
    type Output = Picos;
    fn add(self, other: Picos) -> Picos {
        Picos(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Picos {
    fn add_assign(&mut self, other: Picos) {
        *self = *self + other;
    }
}

impl Sub for Picos {
    type Output = Picos;
    fn sub(self, other: Picos) -> Picos {
        Picos(self.0.saturating_sub(other.0))
    }
}

impl Neg for Picos {
    type Output = Picos;
    fn neg(self) -> Picos {
        Picos(self.0.saturating_neg())
    }
}

impl Sum for Picos {
    fn sum<I: Iterator<Item = Picos>>(amounts: I) -> Picos {
        amounts.fold(Picos::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_and_prints_dollars() {
        for (text, picos) in [
            ("0", 0),
            ("0.023", 23_000_000_000),
            ("-1", -1_000_000_000_000),
            ("0.000000000001", 1),
            ("100", 100_000_000_000_000),
        ] {
            assert_eq!(Picos::parse(text), Some(Picos(picos)), "{text}");
            assert_eq!(Picos(picos).to_string(), text);
        }
        for text in [
            "",
            ".5",
            "1.",
            "1e3",
            "0.0000000000001",
            "1 ",
            "+1",
            "--1",
            "99999999999999999999999999999999999999999",
        ] {
            assert_eq!(Picos::parse(text), None, "{text}");
        }
    }

    #[test]
    fn rounds_to_the_nearest() {
        assert_eq!(Picos(10).of_ratio(1, 4), Picos(3));
        assert_eq!(Picos(-10).of_ratio(1, 4), Picos(-3));
        assert_eq!(Picos(10).of_ratio(1, 3), Picos(3));
        assert_eq!(mul_div(u128::MAX, u128::MAX, 1), u128::MAX);
    }

    proptest! {
        #[test]
        fn a_text_names_its_amount(picos in any::<i64>()) {
            let amount = Picos(i128::from(picos));
            prop_assert_eq!(Picos::parse(&amount.to_string()), Some(amount));
        }

        /// The long way and the short way agree where both can go.
        #[test]
        fn long_products_are_exact(a in 0_u128..1 << 60, b in 0_u128..1 << 60, d in 1_u128..1 << 61) {
            prop_assert_eq!(long_mul_div(a % d, b, d), ((a % d) * b + d / 2) / d);
            let scale = 1_u128 << 62;
            prop_assert_eq!(mul_div(a * scale, b, d * scale), mul_div(a, b, d));
        }
    }
}
