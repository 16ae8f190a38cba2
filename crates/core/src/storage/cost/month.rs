use alloc::format;
use alloc::string::{String, ToString};
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::sim::{Civil, SimTime};

/// A calendar month in UTC, the period of a bill. Text and JSON: `2026-01`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    pub year: i32,
    /// 1..=12.
    pub month: u8,
}

impl Month {
    /// The month that holds an instant.
    pub fn of(time: SimTime) -> Month {
        let Civil { year, month, .. } = time.civil();
        Month { year, month }
    }

    #[must_use]
    pub const fn next(self) -> Month {
        if self.month >= 12 {
            Month { year: self.year + 1, month: 1 }
        } else {
            Month {
                year: self.year,
                month: self.month + 1,
            }
        }
    }

    /// Its first instant; [`SimTime::MAX_CIVIL`] beyond the year 9999.
    pub fn start(self) -> SimTime {
        let civil = Civil {
            year: self.year,
            month: self.month,
            day: 1,
            hour: 0,
            minute: 0,
            second: 0,
            micros: 0,
        };
        SimTime::from_civil(civil).unwrap_or(SimTime::MAX_CIVIL)
    }

    /// The first instant after it.
    pub fn end(self) -> SimTime {
        match self.next() {
            next if next.year <= 9_999 => next.start(),
            _ => SimTime::MAX_CIVIL.plus_micros(1),
        }
    }

    /// Its length: 28 to 31 days.
    pub fn micros(self) -> u128 {
        u128::try_from(self.end().micros() - self.start().micros()).unwrap_or_default().max(1)
    }

    /// Reads `2026-01`.
    pub fn parse(text: &str) -> Option<Month> {
        SimTime::parse(&format!("{text}-01")).map(Month::of).filter(|month| month.to_string() == text)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.year < 0 { "-" } else { "" };
        write!(f, "{sign}{:04}-{:02}", self.year.unsigned_abs(), self.month)
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Month, D::Error> {
        let text = String::deserialize(deserializer)?;
        Month::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("\"{text}\" is not a month like 2026-01")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other() {
        let december = Month::parse("2023-12").unwrap();
        assert_eq!(december.next().to_string(), "2024-01");
        assert_eq!(december.end(), december.next().start());
        assert_eq!(Month::parse("2024-02").unwrap().micros(), 29 * 86_400_000_000);
        assert_eq!(Month::of(SimTime::parse("2024-02-29T23:59:59.999999Z").unwrap()).to_string(), "2024-02");
        let last = Month::of(SimTime::from_micros(i64::MAX));
        assert_eq!((last.to_string().as_str(), last.micros()), ("9999-12", 31 * 86_400_000_000));
        for text in ["2024-13", "2024-1", "24-01", "2024-02-01", ""] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }
}
