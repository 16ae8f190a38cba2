//! Numbers, sizes and times as a person reads them. Same everywhere on the page.

use sluice_core::sim::SimTime;

/// `1204` → `1,204`.
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 row`, `1,204 rows`.
pub fn plural(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(value), if value == 1 { one } else { many })
}

/// `a.csv`, `a.csv and b.csv`, `a.csv and 4 more`.
pub fn listed(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    match names.len() {
        0 | 1 => names.pop().unwrap_or_default(),
        2 => names.join(" and "),
        many => format!("{} and {} more", names.swap_remove(0), many - 1),
    }
}

/// Bytes in powers of 1024, with the names that S3's console uses: `512 B`, `1.4 MB`.
pub fn bytes(value: u64) -> String {
    const UNITS: [&str; 5] = ["KB", "MB", "GB", "TB", "PB"];
    if value < 1024 {
        return format!("{value} B");
    }
    let mut scaled = value as f64 / 1024.0;
    let mut unit = 0;
    while scaled >= 1023.95 && unit + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or("PB");
    if scaled < 99.95 {
        format!("{scaled:.1} {name}")
    } else {
        format!("{scaled:.0} {name}")
    }
}

/// Milliseconds as `38 ms`, `4.2 s`, `3 min 05 s`.
pub fn duration(millis: f64) -> String {
    if millis < 1_000.0 {
        format!("{millis:.0} ms")
    } else if millis < 60_000.0 {
        format!("{:.1} s", millis / 1_000.0)
    } else {
        let seconds = (millis / 1_000.0) as u64;
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

/// An ISO 8601 UTC timestamp of a response as the reader's local date and time; text that is none stays as it is.
pub fn local_time(iso: &str) -> String {
    let date = js_sys::Date::new(&iso.into());
    if date.get_time().is_nan() {
        return iso.into();
    }
    let two = |value: u32| format!("{value:02}");
    format!(
        "{}-{}-{} {}:{}:{}",
        date.get_full_year(),
        two(date.get_month() + 1),
        two(date.get_date()),
        two(date.get_hours()),
        two(date.get_minutes()),
        two(date.get_seconds())
    )
}

/// Seconds from one ISO time to another; `None` where one is none.
pub fn seconds_between(from: &str, to: &str) -> Option<f64> {
    Some((SimTime::parse(to)?.micros() - SimTime::parse(from)?.micros()) as f64 / 1e6)
}

/// Hours and minutes of [`local_time`].
pub fn clock_time(iso: &str) -> String {
    let time = local_time(iso);
    time.get(11..16).map_or(time.clone(), str::to_owned)
}

/// A quantity to six significant digits, without an exponent: 0.00000416266.
pub fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() || value.abs() >= 1e6 {
        return format!("{}", value.round());
    }
    let first = value.abs().log10().floor() as i32;
    let text = format!("{value:.*}", usize::try_from(5 - first).unwrap_or(0));
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// Base64 with padding, as the API takes blobs.
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or_default());
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            if place > chunk.len() {
                out.push('=');
            } else {
                let digit = (word >> (18 - 6 * place)) & 63;
                out.push(char::from(DIGITS.get(digit as usize).copied().unwrap_or(b'=')));
            }
        }
    }
    out
}

/// The text of a blob that the API gave; what is no base64 is empty, and what is no UTF-8 has replacement characters.
pub fn from_base64(text: &str) -> String {
    let bytes: Vec<u8> = leptos::prelude::window()
        .atob(text)
        .unwrap_or_default()
        .chars()
        .map(|character| character as u8)
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_000), "1,000");
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
        assert_eq!(plural(1, "row", "rows"), "1 row");
    }

    #[test]
    fn sizes_never_read_1024() {
        assert_eq!(bytes(0), "0 B");
        assert_eq!(bytes(1023), "1023 B");
        assert_eq!(bytes(1024), "1.0 KB");
        assert_eq!(bytes(1024 * 1024 - 1), "1.0 MB");
        assert_eq!(bytes(150 * 1024), "150 KB");
        assert_eq!(bytes(u64::MAX), "16384 PB");
    }

    #[test]
    fn quantities_have_six_digits() {
        assert_eq!(significant(0.0), "0");
        assert_eq!(significant(3.0), "3");
        assert_eq!(significant(0.000_004_162_660_404_096_01), "0.00000416266");
        assert_eq!(significant(1234.567_89), "1234.57");
        assert_eq!(significant(999_999.96), "1000000");
        assert_eq!(significant(12_345_678.9), "12345679");
    }

    #[test]
    fn blobs_are_base64() {
        assert_eq!(
            ["", "h", "hi", "hi!", "hi!!"].map(|text| base64(text.as_bytes())),
            ["", "aA==", "aGk=", "aGkh", "aGkhIQ=="]
        );
    }
}
