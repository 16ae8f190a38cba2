//! A span of time, and where one begins.
//!
//! Source: flink-runtime `TimeWindow`, `GlobalWindow`.

use crate::event_time::EventTime;

/// `[start, end)`, or the global window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeWindow {
    pub start: EventTime,
    pub end: EventTime,
}

impl TimeWindow {
    /// `GlobalWindow`: all of time.
    pub const GLOBAL: TimeWindow = TimeWindow {
        start: EventTime::MIN,
        end: EventTime::MAX,
    };

    pub fn is_global(self) -> bool {
        self == TimeWindow::GLOBAL
    }

    /// The last instant in it: its end less 1 ms. [`EventTime::MAX`] for the global window.
    pub fn max_timestamp(self) -> EventTime {
        if self.is_global() { EventTime::MAX } else { self.end.minus(1) }
    }

    /// Whether they share an instant or touch.
    pub fn intersects(self, other: TimeWindow) -> bool {
        self.start <= other.end && self.end >= other.start
    }

    /// The least window over both.
    #[must_use]
    pub fn cover(self, other: TimeWindow) -> TimeWindow {
        TimeWindow {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// `getWindowStartWithOffset`: where the window of that size begins that has the instant. The size is positive.
pub fn window_start(ts: EventTime, offset: i64, size: i64) -> EventTime {
    let rest = ts.0.saturating_sub(offset).checked_rem(size).unwrap_or(0);
    ts.minus(if rest < 0 { rest + size } else { rest })
}
