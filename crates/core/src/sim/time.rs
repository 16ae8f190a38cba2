use core::fmt;

use serde::{Deserialize, Serialize};

/// An instant of the account's clock: microseconds since 1970-01-01T00:00:00Z, no leap seconds.
///
/// Serialised as the integer. `Display` and [`SimTime::parse`] speak ISO 8601 in UTC, as the AWS CLI prints timestamps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SimTime(i64);

/// A date and time of day of the proleptic Gregorian calendar, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// Astronomical: year 0 is 1 BC.
    pub year: i32,
    /// 1..=12.
    pub month: u8,
    /// 1..=31.
    pub day: u8,
    pub hour: u8,
    pub minute: u8,
    pub second: u8,
    /// 0..=999,999.
    pub micros: u32,
}

const SECOND: i64 = 1_000_000;
const DAY_SECONDS: i64 = 86_400;

impl SimTime {
    pub const EPOCH: SimTime = SimTime(0);
    /// -9999-01-01T00:00:00Z: the earliest instant that a text can name.
    pub const MIN_CIVIL: SimTime = SimTime(days_from_civil(-9999, 1, 1) * DAY_SECONDS * SECOND);
    /// 9999-12-31T23:59:59.999999Z: the latest instant that a text can name.
    pub const MAX_CIVIL: SimTime = SimTime((days_from_civil(9999, 12, 31) + 1) * DAY_SECONDS * SECOND - 1);

    pub const fn from_micros(micros: i64) -> Self {
        SimTime(micros)
    }

    /// Milliseconds since the epoch, saturating.
    pub const fn from_millis(millis: i64) -> Self {
        SimTime(millis.saturating_mul(1_000))
    }

    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since the epoch, rounded towards the past.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    pub const fn plus_micros(self, micros: i64) -> Self {
        SimTime(self.0.saturating_add(micros))
    }

    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_micros(seconds.saturating_mul(SECOND))
    }

    /// The start of the second that holds this instant: the resolution of S3's `LastModified` and of CloudTrail's `EventTime`.
    pub const fn whole_second(self) -> Self {
        SimTime(self.0.saturating_sub(self.0.rem_euclid(SECOND)))
    }

    /// The instant of a civil date and time. `None` for a field out of its range, a day that the month does not have, or a year beyond ±9999.
    pub fn from_civil(civil: Civil) -> Option<Self> {
        let Civil {
            year,
            month,
            day,
            hour,
            minute,
            second,
            micros,
        } = civil;
        let valid = (-9999..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60
            && micros < 1_000_000;
        if !valid {
            return None;
        }
        let seconds = days_from_civil(year as i64, month as i64, day as i64) * DAY_SECONDS + hour as i64 * 3_600 + minute as i64 * 60 + second as i64;
        Some(SimTime(seconds * SECOND + micros as i64))
    }

    /// The civil date and time. Instants beyond years ±9999 are held at [`SimTime::MIN_CIVIL`] and [`SimTime::MAX_CIVIL`].
    pub fn civil(self) -> Civil {
        let micros = self.0.clamp(Self::MIN_CIVIL.0, Self::MAX_CIVIL.0);
        let seconds = micros.div_euclid(SECOND);
        let (year, month, day) = civil_from_days(seconds.div_euclid(DAY_SECONDS));
        let of_day = seconds.rem_euclid(DAY_SECONDS);
        Civil {
            year: year as i32,
            month: month as u8,
            day: day as u8,
            hour: (of_day / 3_600) as u8,
            minute: (of_day / 60 % 60) as u8,
            second: (of_day % 60) as u8,
            micros: micros.rem_euclid(SECOND) as u32,
        }
    }

    /// Reads ISO 8601: `2026-01-01`, `2026-01-01T09:15:00Z`, a fraction of up to nine digits (cut to microseconds), offset `Z`, `+hh:mm`, `-hhmm` or none (UTC);
    /// `T` may be a space. Years have four digits, with a sign in front where they are negative. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut scan = Scan(text.trim().as_bytes());
        let negative = scan.take(b'-');
        let year = scan.number(4)?;
        scan.expect(b'-')?;
        let month = scan.number(2)?;
        scan.expect(b'-')?;
        let day = scan.number(2)?;
        let (mut hour, mut minute, mut second, mut micros, mut offset) = (0, 0, 0, 0, 0);
        if scan.take(b'T') || scan.take(b't') || scan.take(b' ') {
            hour = scan.number(2)?;
            scan.expect(b':')?;
            minute = scan.number(2)?;
            if scan.take(b':') {
                second = scan.number(2)?;
                if scan.take(b'.') || scan.take(b',') {
                    micros = scan.fraction()?;
                }
            }
            offset = scan.offset()?;
        }
        if !scan.0.is_empty() {
            return None;
        }
        let local = SimTime::from_civil(Civil {
            year: if negative { -(year as i32) } else { year as i32 },
            month: month as u8,
            day: day as u8,
            hour: hour as u8,
            minute: minute as u8,
            second: second as u8,
            micros,
        })?;
        let time = local.plus_seconds(-offset);
        (SimTime::MIN_CIVIL..=SimTime::MAX_CIVIL).contains(&time).then_some(time)
    }
}

/// ISO 8601 in UTC, `2026-01-01T00:00:00Z`; a fraction of milliseconds or microseconds only if it is not zero.
impl fmt::Display for SimTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.civil();
        let sign = if c.year < 0 { "-" } else { "" };
        write!(
            f,
            "{sign}{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            c.year.unsigned_abs(),
            c.month,
            c.day,
            c.hour,
            c.minute,
            c.second
        )?;
        match c.micros {
            0 => {}
            micros if micros % 1_000 == 0 => write!(f, ".{:03}", micros / 1_000)?,
            micros => write!(f, ".{micros:06}")?,
        }
        f.write_str("Z")
    }
}

/// Days since the epoch of a civil date. Counts in eras of 400 years (146,097 days) that start on 1 March, so that the leap day is the last of its year.
const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

const fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// What is left of a text being read.
struct Scan<'a>(&'a [u8]);

impl Scan<'_> {
    fn take(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((&first, rest)) if first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    fn digit(&mut self) -> Option<u32> {
        match self.0.split_first() {
            Some((&first, rest)) if first.is_ascii_digit() => {
                self.0 = rest;
                Some(u32::from(first - b'0'))
            }
            _ => None,
        }
    }

    /// Exactly `digits` digits.
    fn number(&mut self, digits: u32) -> Option<u32> {
        let mut value = 0;
        for _ in 0..digits {
            value = value * 10 + self.digit()?;
        }
        Some(value)
    }

    /// One to nine digits after the point, as microseconds.
    fn fraction(&mut self) -> Option<u32> {
        let mut micros = self.digit()? * 100_000;
        let mut unit = 10_000;
        for _ in 1..9 {
            let Some(digit) = self.digit() else { break };
            micros += digit * unit;
            unit /= 10;
        }
        Some(micros)
    }

    /// Seconds east of UTC; none given is UTC.
    fn offset(&mut self) -> Option<i64> {
        if self.0.is_empty() || self.take(b'Z') || self.take(b'z') {
            return Some(0);
        }
        let west = self.take(b'-');
        if !west {
            self.expect(b'+')?;
        }
        let hours = self.number(2)?;
        let minutes = if self.0.is_empty() {
            0
        } else {
            self.take(b':');
            self.number(2)?
        };
        if hours > 23 || minutes > 59 {
            return None;
        }
        let seconds = i64::from(hours * 3_600 + minutes * 60);
        Some(if west { -seconds } else { seconds })
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn prints_what_aws_prints() {
        assert_eq!(SimTime::EPOCH.to_string(), "1970-01-01T00:00:00Z");
        assert_eq!(SimTime::from_millis(1_643_587_200_000).to_string(), "2022-01-31T00:00:00Z");
        assert_eq!(SimTime::from_millis(-1).to_string(), "1969-12-31T23:59:59.999Z");
        assert_eq!(SimTime::from_micros(1).to_string(), "1970-01-01T00:00:00.000001Z");
        assert_eq!(SimTime::MIN_CIVIL.to_string(), "-9999-01-01T00:00:00Z");
        assert_eq!(SimTime::MAX_CIVIL.to_string(), "9999-12-31T23:59:59.999999Z");
        assert_eq!(SimTime::from_micros(i64::MAX).to_string(), "9999-12-31T23:59:59.999999Z");
    }

    #[test]
    fn knows_leap_years() {
        for (text, valid) in [
            ("2024-02-29", true),
            ("2023-02-29", false),
            ("1900-02-29", false),
            ("2000-02-29", true),
            ("0000-02-29", true),
            ("2026-04-31", false),
            ("2026-13-01", false),
            ("2026-00-10", false),
            ("2026-01-00", false),
        ] {
            assert_eq!(SimTime::parse(text).is_some(), valid, "{text}");
        }
    }

    #[test]
    fn reads_the_usual_forms() {
        let noon = SimTime::from_millis(1_767_268_800_000);
        for text in [
            "2026-01-01T12:00:00Z",
            "2026-01-01T12:00:00.000Z",
            "2026-01-01 12:00:00",
            "2026-01-01T12:00Z",
            "2026-01-01T07:00:00-05:00",
            "2026-01-01T17:30:00+0530",
            "2026-01-01T12:00:00+00:00",
        ] {
            assert_eq!(SimTime::parse(text), Some(noon), "{text}");
        }
        for text in [
            "",
            "now",
            "2026-1-1",
            "2026-01-01T",
            "2026-01-01T24:00:00Z",
            "2026-01-01T12:00:00X",
            "12026-01-01",
            "2026-01-01T12:00:00Z ",
        ] {
            assert_eq!(SimTime::parse(text).is_some(), text.ends_with("Z "), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_text_names_its_instant(micros in SimTime::MIN_CIVIL.micros()..=SimTime::MAX_CIVIL.micros()) {
            let time = SimTime::from_micros(micros);
            prop_assert_eq!(SimTime::parse(&time.to_string()), Some(time));
            prop_assert_eq!(SimTime::from_civil(time.civil()), Some(time));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = SimTime::parse(&text);
        }
    }
}
