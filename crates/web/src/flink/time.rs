//! Instants of a job as a person reads them; milliseconds since its start.

/// `00:40`, `01:29.999`, `−00:01`: minutes and seconds, milliseconds where there are any; `1:00:00` from an hour on.
pub fn instant(ms: f64) -> String {
    if !ms.is_finite() || ms.abs() > 8.64e15 {
        return if ms < 0.0 { "−∞".into() } else { "∞".into() };
    }
    let sign = if ms < 0.0 { "−" } else { "" };
    let whole = ms.abs().round() as u64;
    let (seconds, rest) = (whole / 1_000, whole % 1_000);
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let head = if hours > 0 {
        format!("{sign}{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{sign}{minutes:02}:{seconds:02}")
    };
    match rest {
        0 => head,
        rest if rest % 100 == 0 => format!("{head}.{}", rest / 100),
        rest => format!("{head}.{rest:03}"),
    }
}

/// `20 s`, `200 ms`, `1.5 s`, `2 min`.
pub fn span(ms: f64) -> String {
    let (value, unit) = if ms.abs() >= 60_000.0 && ms % 60_000.0 == 0.0 {
        (ms / 60_000.0, "min")
    } else if ms.abs() >= 1_000.0 {
        (ms / 1_000.0, "s")
    } else {
        (ms, "ms")
    };
    format!("{} {unit}", crate::figures::number(value))
}

/// `[00:00, 01:00)`.
pub fn interval(start: f64, end: f64) -> String {
    format!("[{}, {})", instant(start), instant(end))
}

/// Round instants between two, as many as have room for their labels.
pub fn ticks(least: f64, most: f64, width: f64) -> impl Iterator<Item = f64> {
    let room = (width / 64.0).max(1.0);
    let step = [10_000.0, 15_000.0, 30_000.0, 60_000.0]
        .into_iter()
        .find(|step| (most - least) / step <= room)
        .unwrap_or(120_000.0);
    (0..=((most - least) / step) as usize).map(move |index| least + index as f64 * step)
}

#[cfg(test)]
mod tests {
    use super::{instant, span};

    #[test]
    fn instants_and_spans_are_read() {
        assert_eq!(
            [0.0, 40_000.0, 89_999.0, 94_500.0, -1.0].map(instant),
            ["00:00", "00:40", "01:29.999", "01:34.5", "−00:00.001"]
        );
        assert_eq!(instant(3_600_000.0), "1:00:00");
        assert_eq!([instant(9.3e18), instant(-9.3e18)], ["∞", "−∞"]);
        assert_eq!(
            [200.0, 1_500.0, 20_000.0, 60_000.0, 90_000.0].map(span),
            ["200 ms", "1.5 s", "20 s", "1 min", "90 s"]
        );
    }
}
