//! The instant that Flink's operators reckon with: a `long` of milliseconds.

use core::fmt;

/// Milliseconds since the epoch, as Flink's timestamps and watermarks are; [`EventTime::MIN`] and [`EventTime::MAX`] are its first and last watermark.
/// Processing-time windows and timers have the same numbers, read from the operator's clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventTime(pub i64);

impl EventTime {
    /// What a watermark is before there is one.
    pub const MIN: EventTime = EventTime(i64::MIN);
    /// The watermark at the end of input.
    pub const MAX: EventTime = EventTime(i64::MAX);

    /// `millis` later, at most [`EventTime::MAX`].
    #[must_use]
    pub const fn plus(self, millis: i64) -> EventTime {
        EventTime(self.0.saturating_add(millis))
    }

    /// `millis` earlier, at least [`EventTime::MIN`].
    #[must_use]
    pub const fn minus(self, millis: i64) -> EventTime {
        EventTime(self.0.saturating_sub(millis))
    }
}

impl fmt::Display for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
