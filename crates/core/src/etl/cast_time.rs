//! Dates and timestamps from and to text, as Spark's `DateTimeUtils` and `TimestampFormatter` have them, in the session time zone UTC that Glue uses.
//!
//! Belongs here: the proleptic Gregorian calendar and its text forms. Does not belong here: the account's clock.

use alloc::format;
use alloc::string::String;

pub(crate) const MICROS_PER_SECOND: i64 = 1_000_000;
pub(crate) const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// Days since 1970-01-01 of a day in the proleptic Gregorian calendar; `None` for no such day, or beyond an `i32`.
pub(crate) fn days_from_civil(year: i64, month: i64, day: i64) -> Option<i32> {
    if !(1..=12).contains(&month) || day < 1 || day > days_in_month(year, month) {
        return None;
    }
    // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years start in March.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    i32::try_from(era * 146_097 + day_of_era - 719_468).ok()
}

/// Year, month and day of days since 1970-01-01.
pub(crate) fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// `yyyy-MM-dd`; a year above 9999 has a plus sign, as `DateTimeFormatter`'s `uuuu` writes it.
pub fn format_date(days: i32) -> String {
    date_text(i64::from(days))
}

fn date_text(days: i64) -> String {
    let (year, month, day) = civil_from_days(days);
    let sign = if year < 0 {
        "-"
    } else if year > 9999 {
        "+"
    } else {
        ""
    };
    format!("{sign}{:04}-{month:02}-{day:02}", year.unsigned_abs())
}

/// `yyyy-MM-dd HH:mm:ss` and the fraction without trailing zeros (`FractionTimestampFormatter`).
pub fn format_timestamp(micros: i64) -> String {
    let days = micros.div_euclid(MICROS_PER_DAY);
    let of_day = micros.rem_euclid(MICROS_PER_DAY);
    let (seconds, fraction) = (of_day / MICROS_PER_SECOND, of_day % MICROS_PER_SECOND);
    let mut text = format!("{} {:02}:{:02}:{:02}", date_text(days), seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction > 0 {
        let digits = format!("{fraction:06}");
        text.push('.');
        text.push_str(digits.trim_end_matches('0'));
    }
    text
}

/// `UTF8String.trimAll`: white space and ISO control characters of one byte.
pub(crate) fn trim_all(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ' || c == '\u{7f}')
}

/// Spark's `DateTimeUtils.stringToDate`: `[+-]y…`, `[+-]y…-[m]m`, `[+-]y…-[m]m-[d]d`, and after a full date anything behind a space or `T`.
/// Four to seven digits of a year. So `20220131`, with eight, is no date.
pub fn string_to_date(text: &str) -> Option<i32> {
    let text = trim_all(text);
    let (negative, unsigned) = split_sign(text);
    if text.is_empty() {
        return None;
    }
    let valid = |segment: usize, digits: usize| if segment == 0 { (4..=7).contains(&digits) } else { (1..=2).contains(&digits) };
    let mut segments = [1_i64; 3];
    let (mut at, mut value, mut digits, mut used) = (0, 0_i64, 0, 0);
    for byte in unsigned.bytes() {
        if byte == b' ' || byte == b'T' {
            break;
        }
        used += 1;
        if at < 2 && byte == b'-' {
            if !valid(at, digits) {
                return None;
            }
            *segments.get_mut(at)? = value;
            (value, digits, at) = (0, 0, at + 1);
        } else if byte.is_ascii_digit() {
            value = value.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
            digits += 1;
        } else {
            return None;
        }
    }
    // A year or a month alone must be the whole text.
    if !valid(at, digits) || (at < 2 && used < unsigned.len()) {
        return None;
    }
    *segments.get_mut(at)? = value;
    let [year, month, day] = segments;
    days_from_civil(if negative { -year } else { year }, month, day)
}

fn split_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Spark's `DateTimeUtils.stringToTimestamp`, in UTC: a date as [`string_to_date`] takes it (years of four to six digits), then ` ` or `T`, then
/// `[h]h:[m]m:[s]s.[…]` as far as it is there, then a zone. Digits of the fraction after the sixth are cut off.
///
/// Zones: `Z`, `UTC`, `GMT`, `UT`, with or without an offset, and offsets `±h`, `±hh`, `±hhmm`, `±hh:mm`, `±hh:mm:ss`. Named regions (`America/Toronto`) need
/// a table that is not here, and a time without a date means "today" in Spark, which a core without clock cannot say: both give `None`.
pub fn string_to_timestamp(text: &str) -> Option<i64> {
    let text = trim_all(text);
    if text.is_empty() {
        return None;
    }
    let (negative, unsigned) = split_sign(text);
    let valid = |segment: usize, digits: usize| match segment {
        6 => true,
        0 => (4..=6).contains(&digits),
        7 => digits <= 2,
        _ => (1..=2).contains(&digits),
    };
    let mut segments = [1_i64, 1, 1, 0, 0, 0, 0, 0];
    let (mut at, mut value, mut digits, mut fraction_digits) = (0_usize, 0_i64, 0_usize, 0_usize);
    let mut zone = None;
    for (index, byte) in unsigned.bytes().enumerate() {
        if byte.is_ascii_digit() {
            if at == 6 {
                fraction_digits += 1;
            }
            if at != 6 || digits < 6 {
                value = value.wrapping_mul(10).wrapping_add(i64::from(byte - b'0'));
            }
            digits += 1;
            continue;
        }
        if !valid(at, digits) {
            return None;
        }
        let goes_on = match at {
            0 | 1 => byte == b'-',
            2 => byte == b' ' || byte == b'T',
            3 | 4 => byte == b':',
            5 => byte == b'.',
            _ => false,
        };
        *segments.get_mut(at)? = value;
        (value, digits) = (0, 0);
        if goes_on {
            at += 1;
        } else if at == 5 || at == 6 {
            zone = Some(unsigned.get(index..)?);
            at = 7;
            break;
        } else {
            return None;
        }
    }
    if !valid(at, digits) {
        return None;
    }
    *segments.get_mut(at)? = value;
    let offset = match zone {
        Some(zone) => zone_offset(zone.trim())?,
        None => 0,
    };
    let [year, month, day, hour, minute, second, mut micros, _] = segments;
    for _ in fraction_digits..6 {
        micros *= 10;
    }
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..60).contains(&second) {
        return None;
    }
    let days = i64::from(days_from_civil(if negative { -year } else { year }, month, day)?);
    let seconds = hour * 3600 + minute * 60 + second - offset;
    days.checked_mul(MICROS_PER_DAY)?.checked_add(seconds * MICROS_PER_SECOND + micros)
}

/// Seconds east of UTC, at most 18 hours (`java.time.ZoneOffset`).
fn zone_offset(zone: &str) -> Option<i64> {
    let offset = ["UTC", "GMT", "UT"].iter().find_map(|prefix| zone.strip_prefix(prefix)).unwrap_or(zone);
    if offset.is_empty() {
        return (!zone.is_empty()).then_some(0);
    }
    if zone == "Z" {
        return Some(0);
    }
    let (negative, rest) = match offset.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, offset.strip_prefix('+')?),
    };
    let two = |text: &str| {
        let fits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (hours, minutes, seconds) = if rest.contains(':') {
        let mut parts = rest.split(':');
        let hours = two(parts.next()?)?;
        let minutes = two(parts.next()?)?;
        let seconds = match parts.next() {
            Some(text) if text.len() == 2 => two(text)?,
            Some(_) => return None,
            None => 0,
        };
        if parts.next().is_some() {
            return None;
        }
        (hours, minutes, seconds)
    } else {
        match rest.len() {
            1 | 2 => (two(rest)?, 0, 0),
            4 => (two(rest.get(..2)?)?, two(rest.get(2..)?)?, 0),
            6 => (two(rest.get(..2)?)?, two(rest.get(2..4)?)?, two(rest.get(4..)?)?),
            _ => return None,
        }
    };
    let total = hours * 3600 + minutes * 60 + seconds;
    if minutes > 59 || seconds > 59 || total > 18 * 3600 {
        return None;
    }
    Some(if negative { -total } else { total })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendar_both_ways() {
        for days in (-3_000_000..3_000_000).step_by(997) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day).map(i64::from), Some(days));
        }
        assert_eq!(days_from_civil(1900, 2, 29), None);
        assert_eq!(days_from_civil(2000, 2, 29), Some(11_016));
    }

    #[test]
    fn zones() {
        for (zone, seconds) in [
            ("Z", Some(0)),
            ("+01:00", Some(3600)),
            ("-5", Some(-18_000)),
            ("UTC+0530", Some(19_800)),
            ("GMT", Some(0)),
            ("+19", None),
            ("America/Toronto", None),
            ("", None),
        ] {
            assert_eq!(zone_offset(zone), seconds, "{zone}");
        }
    }
}
