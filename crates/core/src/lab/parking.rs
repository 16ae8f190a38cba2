//! A generated file in the shape of the parking tickets that the City of Toronto publishes.

use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::Write;

use crate::sim::Rng;

/// The columns of the city's file, in order.
pub const PARKING_COLUMNS: [&str; 11] = [
    "tag_number_masked",
    "date_of_infraction",
    "infraction_code",
    "infraction_description",
    "set_fine_amount",
    "time_of_infraction",
    "location1",
    "location2",
    "location3",
    "location4",
    "province",
];

/// Code, description, fine in dollars, and how often of 1,000 tickets.
const INFRACTIONS: [(u16, &str, u16, u64); 16] = [
    (3, "PARK ON PRIVATE PROPERTY", 30, 212),
    (29, "PARK PROHIBITED TIME NO PERMIT", 30, 158),
    (207, "PARK MACHINE-REQD FEE NOT PAID", 30, 131),
    (5, "PARK-SIGNED HWY-PROHIBIT DY/TM", 50, 127),
    (210, "PARK FAIL TO DISPLAY RECEIPT", 30, 86),
    (9, "STOP-SIGNED HWY-PROHIBIT TM/DY", 60, 74),
    (6, "PARK-SIGNED HWY-EXC PERMT TIME", 30, 52),
    (2, "PARK - LONGER THAN 3 HOURS", 15, 41),
    (15, "PARK-WITHIN 3M OF FIRE HYDRANT", 100, 33),
    (8, "STAND VEH.-PROHIBIT TIME/DAY", 60, 25),
    (403, "STOP-SIGNED HIGHWAY-RUSH HOUR", 150, 19),
    (4, "PARK ON MUNICIPAL PROPERTY", 30, 14),
    (192, "STAND SIGNED TRANSIT STOP", 150, 11),
    (406, "PARK-VEH. W/O VALID ONT PLATE", 40, 8),
    (30, "STOP ON/OVER SIDEWALK/FOOTPATH", 60, 6),
    (14, "PARK-WITHIN 9M INTERSECT ROAD", 40, 3),
];

const STREETS: [&str; 40] = [
    "QUEEN ST W",
    "KING ST W",
    "YONGE ST",
    "BLOOR ST W",
    "DUNDAS ST W",
    "COLLEGE ST",
    "SPADINA AVE",
    "BATHURST ST",
    "OSSINGTON AVE",
    "DUFFERIN ST",
    "QUEEN ST E",
    "KING ST E",
    "DANFORTH AVE",
    "ST CLAIR AVE W",
    "EGLINTON AVE W",
    "EGLINTON AVE E",
    "BAY ST",
    "JOHN ST",
    "RICHMOND ST W",
    "ADELAIDE ST W",
    "WELLINGTON ST W",
    "FRONT ST E",
    "CHURCH ST",
    "JARVIS ST",
    "SHERBOURNE ST",
    "PARLIAMENT ST",
    "BROADVIEW AVE",
    "PAPE AVE",
    "CARLAW AVE",
    "LOGAN AVE",
    "AUGUSTA AVE",
    "BALDWIN ST",
    "HARBORD ST",
    "AVENUE RD",
    "DAVENPORT RD",
    "LANSDOWNE AVE",
    "RONCESVALLES AVE",
    "SHEPPARD AVE E",
    "FINCH AVE W",
    "KEELE ST",
];

/// Where the vehicle stood, and how often of 100: at the address, near it, opposite, or not said.
const POSITIONS: [(&str, u64); 6] = [("NR", 46), ("AT", 33), ("OPP", 8), ("R/O", 4), ("N/S", 3), ("", 6)];

const PROVINCES: [(&str, u64); 9] = [
    ("ON", 9_390),
    ("QC", 236),
    ("AB", 82),
    ("BC", 58),
    ("NY", 47),
    ("MB", 39),
    ("NS", 31),
    ("FL", 22),
    ("", 95),
];

/// CSV text in the shape of Toronto's parking-ticket files, generated from a seed, as a stream of chunks.
///
/// The rows are spread evenly over 2022, in date order. Dates are `20220131`, times `0915`; about one time in 250 is empty, as are most of `location3` and
/// `location4`. About 84 bytes a row. It is a sample: no ticket in it was ever given.
#[derive(Clone, Debug)]
pub struct ParkingSample {
    rng: Rng,
    rows: u64,
    next: u64,
    header: bool,
}

impl ParkingSample {
    pub fn new(rows: u64, seed: u64) -> Self {
        ParkingSample {
            rng: Rng::new(seed),
            rows,
            next: 0,
            header: true,
        }
    }

    /// The next `rows` rows, after the header line in the first chunk; empty when there are no more. How the rows are cut into chunks does not change the text.
    pub fn next_chunk(&mut self, rows: u64) -> String {
        let end = self.next.saturating_add(rows).min(self.rows);
        // The capacity is only a guess, so it must not follow a huge `rows` into an allocation that fails.
        let mut text = String::with_capacity((end - self.next).min(65_536) as usize * 88 + 160);
        if core::mem::take(&mut self.header) {
            text.push_str(&PARKING_COLUMNS.join(","));
            text.push('\n');
        }
        while self.next < end {
            self.row(&mut text);
            self.next += 1;
        }
        text
    }

    fn row(&mut self, text: &mut String) {
        let rng = &mut self.rng;
        let tag = rng.below(100_000);
        let day = (u128::from(self.next) * 365 / u128::from(self.rows.max(1))) as u32;
        let (month, day) = month_and_day(day);
        let (code, description, fine, _) = pick(rng, &INFRACTIONS, |row| row.3);
        let time = time_of_day(rng);
        let (position, _) = pick(rng, &POSITIONS, |row| row.1);
        let street = STREETS[rng.below(STREETS.len() as u64) as usize];
        let house = 1 + rng.below(2_400);
        // A ticket at an intersection names two streets.
        let (third, fourth) = if rng.below(100) < 7 {
            ("W/O", STREETS[rng.below(STREETS.len() as u64) as usize])
        } else {
            ("", "")
        };
        let (province, _) = pick(rng, &PROVINCES, |row| row.1);
        let address = if third.is_empty() { format!("{house} {street}") } else { street.to_string() };
        let written = writeln!(
            text,
            "***{tag:05},2022{month:02}{day:02},{code},{description},{fine},{time},{position},{address},{third},{fourth},{province}"
        );
        debug_assert!(written.is_ok(), "writing to a String cannot fail");
    }
}

/// `HHMM`, mostly by day; empty once in 250.
fn time_of_day(rng: &mut Rng) -> String {
    if rng.below(250) == 0 {
        return String::new();
    }
    let hour = if rng.below(10) < 7 { 8 + rng.below(12) } else { rng.below(24) };
    format!("{hour:02}{:02}", rng.below(60))
}

fn month_and_day(mut day: u32) -> (u32, u32) {
    const DAYS: [u32; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (month, days) in (1..).zip(DAYS) {
        if day < days {
            return (month, day + 1);
        }
        day -= days;
    }
    (12, 31)
}

fn pick<'a, T>(rng: &mut Rng, rows: &'a [T], weight: impl Fn(&T) -> u64) -> &'a T {
    let mut at = rng.below(rows.iter().map(&weight).sum());
    for row in rows {
        match at.checked_sub(weight(row)) {
            Some(rest) => at = rest,
            None => return row,
        }
    }
    &rows[rows.len() - 1]
}
