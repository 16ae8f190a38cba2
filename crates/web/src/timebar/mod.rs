//! The one time bar of all simulations: play, speed, steps, the painted scrubber, moments, seed, what a fork left behind, a link to the instant.
//!
//! Belongs here: time and how a reader moves through it. Does not belong here: what is simulated; who owns a simulation answers a [`Step`].
//! A simulation is paused until the reader plays it (WCAG 2.2.2). One step is under way at a time: while `busy` the clock waits, so nothing queues.

mod bar;
mod clock;
mod pass;
mod scrub;

use serde::Deserialize;

pub use bar::TimeBar;
pub use clock::{Clock, moves_less};
pub use pass::LetPass;

/// Where a reader wants to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// Seconds since the start.
    To(f64),
    NextEvent,
    PreviousEvent,
    NextMoment,
    PreviousMoment,
}

/// What the scrubber paints; times in seconds since the start.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Track {
    /// As far as the run was computed.
    pub simulated: f64,
    /// Events in each of equal parts of the bar.
    pub counts: Vec<f64>,
    pub bands: Vec<Band>,
    pub moments: Vec<Moment>,
}

/// A stretch of time in which something goes on.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Band {
    pub from: f64,
    pub to: f64,
    pub kind: String,
    pub label: String,
}

/// An instant worth going to.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Moment {
    pub at: f64,
    pub kind: String,
    pub label: String,
}

/// `12:41.2`, `1:02:03.0`: hours where there are any, minutes, seconds to a tenth.
pub fn clock_text(seconds: f64) -> String {
    let tenths = (seconds.max(0.0) * 10.0).floor() as u64;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    let (hours, minutes, seconds) = (whole / 3_600, whole / 60 % 60, whole % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}.{tenth}")
    } else {
        format!("{minutes:02}:{seconds:02}.{tenth}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_on_a_clock() {
        assert_eq!([0.0, 12.25, 761.2, 3_723.04].map(clock_text), ["00:00.0", "00:12.2", "12:41.2", "1:02:03.0"]);
        assert_eq!(clock_text(-1.0), "00:00.0");
    }
}
