//! Numbers of figures as a person reads them.

use crate::format::count;

/// Dollars of a decimal text, for drawing; nothing is summed from them but heights.
pub fn dollars(text: &str) -> f64 {
    text.parse().unwrap_or(0.0)
}

/// To the cent from a dollar on; below it three significant digits.
pub fn money(text: &str) -> String {
    let value = dollars(text);
    let sign = if value < 0.0 { "−" } else { "" };
    let size = value.abs();
    if size == 0.0 {
        return "$0.00".into();
    }
    let cents = (size * 100.0).round();
    if cents >= 100.0 {
        return format!("{sign}${}.{:02}", count((cents / 100.0) as u64), (cents % 100.0) as u64);
    }
    let places = (2 - size.log10().floor() as i32).clamp(2, 12) as usize;
    format!("{sign}${size:.places$}")
}

/// Dollars beside an axis: round, without the zeros that say nothing.
pub fn axis_money(value: f64) -> String {
    format!("${}", number(value))
}

/// Three significant digits, grouped by thousands, without zeros at the end: `20,000`, `1.25`, `0.004`.
pub fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".into() } else { "∞".into() };
    }
    if value.abs() >= 100.0 {
        let sign = if value < 0.0 { "−" } else { "" };
        return format!("{sign}{}", count(value.abs().round() as u64));
    }
    let places = (2 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
    let text = format!("{value:.places$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Milliseconds of the unit that suits a latency.
pub fn latency_unit(millis: f64) -> f64 {
    if millis >= 3_600_000.0 {
        3_600_000.0
    } else if millis >= 60_000.0 {
        60_000.0
    } else if millis >= 1_000.0 {
        1_000.0
    } else {
        1.0
    }
}

/// A latency in milliseconds, in the unit that suits it.
pub fn latency(millis: f64) -> String {
    let unit = latency_unit(millis);
    let name = match unit as u32 {
        3_600_000 => "h",
        60_000 => "min",
        1_000 => "s",
        _ => "ms",
    };
    format!("{} {name}", number(millis / unit))
}

/// A share as per cent, and as a multiple from ten times on; what is hardly anything is not spelled out.
pub fn share(value: f64) -> String {
    if value > 0.0 && value < 0.000_1 {
        "< 0.01 %".to_owned()
    } else if value >= 10.0 {
        format!("{} ×", number(value))
    } else {
        format!("{} %", number(value * 100.0))
    }
}

/// The day of a timestamp.
pub fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_has_cents_or_three_digits() {
        assert_eq!(money("1234.567"), "$1,234.57");
        assert_eq!(money("0.996"), "$1.00");
        assert_eq!(money("0.0000012345"), "$0.00000123");
        assert_eq!(money("0.5"), "$0.500");
        assert_eq!(money("-2"), "−$2.00");
        assert_eq!(money("0"), "$0.00");
    }

    #[test]
    fn numbers_lose_their_zeros() {
        assert_eq!(
            [20_000.0, 1.25, 0.004, 10.0, 99.96, 0.0].map(number),
            ["20,000", "1.25", "0.004", "10", "100", "0"]
        );
        assert_eq!([0.5, 1_250.0, 43_200_000.0].map(latency), ["0.5 ms", "1.25 s", "12 h"]);
        assert_eq!([0.8, 0.00012, 80.0, 1e-9, 0.0].map(share), ["80 %", "0.012 %", "80 ×", "< 0.01 %", "0 %"]);
    }
}
