//! Time zones by name: those with one offset, and those under the rules of the European Union (since 1996) and of the United States (since 2007).
//! Exact for the years since 2007 but where a zone's own history says otherwise; others are refused.

use crate::sim::{Civil, SimTime};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Rule {
    #[default]
    None,
    /// From the last Sunday of March to the last of October, both at 01:00 UTC.
    Europe,
    /// From the second Sunday of March to the first of November, both at 02:00 of the local clock.
    America,
}

/// A zone: minutes east of UTC in winter, and its summer time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Zone {
    minutes: i64,
    summer: Rule,
}

const FIXED: &[(&str, i64)] = &[
    ("", 0),
    ("UTC", 0),
    ("GMT", 0),
    ("Etc/UTC", 0),
    ("Africa/Johannesburg", 120),
    ("Africa/Lagos", 60),
    ("Africa/Nairobi", 180),
    ("America/Bogota", -300),
    ("America/Lima", -300),
    ("America/Phoenix", -420),
    ("Asia/Bangkok", 420),
    ("Asia/Calcutta", 330),
    ("Asia/Dubai", 240),
    ("Asia/Hong_Kong", 480),
    ("Asia/Jakarta", 420),
    ("Asia/Kolkata", 330),
    ("Asia/Manila", 480),
    ("Asia/Seoul", 540),
    ("Asia/Shanghai", 480),
    ("Asia/Singapore", 480),
    ("Asia/Taipei", 480),
    ("Asia/Tokyo", 540),
    ("Australia/Brisbane", 600),
    ("Pacific/Honolulu", -600),
];

const EUROPE: &[(&str, i64)] = &[
    ("Europe/Amsterdam", 60),
    ("Europe/Athens", 120),
    ("Europe/Berlin", 60),
    ("Europe/Brussels", 60),
    ("Europe/Copenhagen", 60),
    ("Europe/Dublin", 0),
    ("Europe/Helsinki", 120),
    ("Europe/Lisbon", 0),
    ("Europe/London", 0),
    ("Europe/Madrid", 60),
    ("Europe/Oslo", 60),
    ("Europe/Paris", 60),
    ("Europe/Prague", 60),
    ("Europe/Rome", 60),
    ("Europe/Stockholm", 60),
    ("Europe/Vienna", 60),
    ("Europe/Warsaw", 60),
    ("Europe/Zurich", 60),
];

const AMERICA: &[(&str, i64)] = &[
    ("America/Chicago", -360),
    ("America/Denver", -420),
    ("America/Los_Angeles", -480),
    ("America/New_York", -300),
    ("America/Toronto", -300),
    ("America/Vancouver", -480),
];

impl Zone {
    /// The zone of that name; empty is UTC. Offsets of whole hours by the name of the Etc area as well.
    pub fn named(name: &str) -> Option<Zone> {
        let behind = name.strip_prefix("Etc/GMT").and_then(|rest| rest.parse::<i64>().ok());
        if let Some(hours) = behind.filter(|hours| hours.abs() <= 14) {
            // Etc/GMT+5 is five hours behind UTC.
            return Some(Zone {
                minutes: -hours * 60,
                summer: Rule::None,
            });
        }
        let tables = [(FIXED, Rule::None), (EUROPE, Rule::Europe), (AMERICA, Rule::America)];
        tables.into_iter().find_map(|(table, summer)| {
            let (_, minutes) = table.iter().find(|(zone, _)| *zone == name)?;
            Some(Zone { minutes: *minutes, summer })
        })
    }

    /// Seconds east of UTC at an instant.
    pub fn offset(self, at: SimTime) -> i64 {
        let standard = self.minutes * 60;
        let year = at.civil().year;
        let (from, to) = match self.summer {
            Rule::None => return standard,
            Rule::Europe => (sunday(year, 3, 31, 3_600), sunday(year, 10, 31, 3_600)),
            // The Sunday on or before the 14th of March is its second, on or before the 7th of November its first.
            Rule::America => (sunday(year, 3, 14, 7_200 - standard), sunday(year, 11, 7, 3_600 - standard)),
        };
        let summer = from.zip(to).is_some_and(|(from, to)| from <= at && at < to);
        standard + if summer { 3_600 } else { 0 }
    }

    /// An instant as if the zone's clock were UTC.
    pub fn local(self, at: SimTime) -> SimTime {
        at.plus_seconds(self.offset(at))
    }
}

/// The last Sunday on or before a day, and so many seconds after its start.
fn sunday(year: i32, month: u8, day: u8, seconds: i64) -> Option<SimTime> {
    let day = SimTime::from_civil(Civil {
        year,
        month,
        day,
        hour: 0,
        minute: 0,
        second: 0,
        micros: 0,
    })?;
    // The epoch was a Thursday.
    let weekday = (day.micros().div_euclid(86_400_000_000) + 4).rem_euclid(7);
    Some(day.plus_seconds(seconds - weekday * 86_400))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_change_when_they_do() {
        for (name, at, local) in [
            ("Europe/Zurich", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59Z"),
            ("Europe/Zurich", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"),
            ("Europe/Zurich", "2026-10-25T01:00:00Z", "2026-10-25T02:00:00Z"),
            ("America/New_York", "2026-03-08T06:59:59Z", "2026-03-08T01:59:59Z"),
            ("America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T03:00:00Z"),
            ("America/New_York", "2026-11-01T06:00:00Z", "2026-11-01T01:00:00Z"),
            ("Asia/Kolkata", "2026-01-01T00:00:00Z", "2026-01-01T05:30:00Z"),
            ("Etc/GMT+5", "2026-01-01T05:00:00Z", "2026-01-01T00:00:00Z"),
        ] {
            let zone = Zone::named(name).unwrap();
            assert_eq!(zone.local(SimTime::parse(at).unwrap()), SimTime::parse(local).unwrap(), "{name} {at}");
        }
        assert_eq!(Zone::named("Mars/Olympus"), None);
    }
}
