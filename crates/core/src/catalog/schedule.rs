//! Cron expressions of crawlers: `cron(Minutes Hours Day-of-month Month Day-of-week Year)`. Checked and kept; a schedule does not start a crawl by itself yet.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Error: the field that is wrong, in words.
pub(super) fn check(text: &str) -> Result<(), String> {
    let inner = text
        .trim()
        .strip_prefix("cron(")
        .and_then(|rest| rest.strip_suffix(')'))
        .ok_or_else(|| "write cron(Minutes Hours Day-of-month Month Day-of-week Year).".to_string())?;
    let fields: Vec<&str> = inner.split_whitespace().collect();
    let [minutes, hours, day, month, weekday, year] = fields.as_slice() else {
        return Err(format!("six fields are needed, {} are there.", fields.len()));
    };
    field("Minutes", minutes, 0, 59, &[], "")?;
    field("Hours", hours, 0, 23, &[], "")?;
    field("Day-of-month", day, 1, 31, &[], "?LW")?;
    field("Month", month, 1, 12, &MONTHS, "")?;
    field("Day-of-week", weekday, 1, 7, &DAYS, "?L#")?;
    field("Year", year, 1970, 2199, &[], "")?;
    if (*day == "?") == (*weekday == "?") {
        return Err("one of Day-of-month and Day-of-week, and only one, must be ?.".into());
    }
    Ok(())
}

fn field(name: &str, text: &str, min: u32, max: u32, names: &[&str], special: &str) -> Result<(), String> {
    let wrong = || format!("{name} is {text}; values are {min} to {max}.");
    let number = |text: &str| -> Option<u32> {
        let named = names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(text))
            .and_then(|at| u32::try_from(at).ok());
        named
            .map(|at| at + min)
            .or_else(|| text.parse().ok())
            .filter(|value| (min..=max).contains(value))
    };
    if text == "?" {
        return if special.contains('?') { Ok(()) } else { Err(wrong()) };
    }
    for part in text.split(',') {
        let fits = match part.split_once('/') {
            Some((start, step)) => (start == "*" || number(start).is_some()) && step.parse::<u32>().is_ok_and(|step| step > 0),
            None => match part.split_once('-') {
                Some((from, to)) => number(from).zip(number(to)).is_some_and(|(from, to)| from <= to),
                None => {
                    part == "*"
                        || number(part).is_some()
                        || (special.contains('L') && (part == "L" || part.strip_suffix('L').is_some_and(|day| number(day).is_some())))
                        || (special.contains('W') && part.strip_suffix('W').is_some_and(|day| number(day).is_some()))
                        || (special.contains('#')
                            && part
                                .split_once('#')
                                .is_some_and(|(day, week)| number(day).is_some() && week.parse::<u32>().is_ok_and(|week| (1..=5).contains(&week))))
                }
            },
        };
        if !fits {
            return Err(wrong());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn takes_the_developer_guides_examples_and_names_what_is_wrong() {
        for good in [
            "cron(15 12 * * ? *)",
            "cron(0 10 * * ? *)",
            "cron(0 18 ? * MON-FRI *)",
            "cron(0 8 1 * ? *)",
            "cron(0/15 * * * ? *)",
            "cron(0/5 8-17 ? * MON-FRI *)",
            "cron(0 0 L * ? *)",
            "cron(0 9 ? * 2#1 *)",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, word) in [
            ("daily", "cron("),
            ("cron(0 12 * *)", "six fields"),
            ("cron(60 12 * * ? *)", "Minutes"),
            ("cron(0 24 * * ? *)", "Hours"),
            ("cron(0 12 * * * *)", "must be ?"),
            ("cron(0 12 ? * FRI-MON *)", "Day-of-week"),
            ("cron(0/0 12 * * ? *)", "Minutes"),
        ] {
            assert!(check(bad).is_err_and(|reason| reason.contains(word)), "{bad}");
        }
    }
}
