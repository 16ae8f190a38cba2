//! Which windows an element falls into.
//!
//! Source: flink-runtime `TumblingEventTimeWindows`, `SlidingEventTimeWindows`, `EventTimeSessionWindows`, `DynamicEventTimeSessionWindows`, `GlobalWindows`
//! and their processing-time kin.

use alloc::format;
use alloc::string::{String, ToString};

use super::{TimeWindow, window_start};
use crate::event_time::EventTime;

/// The clock that windows go by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    Event,
    Processing,
}

/// A window assigner; all times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assigner {
    /// `natural`: `WindowStagger.NATURAL`, the offset moves to where the operator's clock is at the first element.
    Tumbling {
        size: i64,
        offset: i64,
        natural: bool,
        domain: Domain,
    },
    Sliding {
        size: i64,
        slide: i64,
        offset: i64,
        domain: Domain,
    },
    Session {
        gap: i64,
        domain: Domain,
    },
    /// Each element brings its gap.
    DynamicSession {
        domain: Domain,
    },
    Global,
}

impl Assigner {
    /// Error: Flink's, of parameters that it does not take.
    pub fn check(&self) -> Result<(), String> {
        let refused = match self {
            Assigner::Tumbling { size, offset, .. } if offset.unsigned_abs() >= size.unsigned_abs() || *size <= 0 => {
                "TumblingEventTimeWindows parameters must satisfy abs(offset) < size"
            }
            Assigner::Sliding { size, slide, offset, .. } if *slide <= 0 || offset.unsigned_abs() >= slide.unsigned_abs() || *size <= 0 => {
                "SlidingEventTimeWindows parameters must satisfy abs(offset) < slide and size > 0"
            }
            Assigner::Session { gap, .. } if *gap <= 0 => "EventTimeSessionWindows parameters must satisfy 0 < size",
            _ => return Ok(()),
        };
        Err(match self.domain() {
            Domain::Event => refused.to_string(),
            Domain::Processing => refused.replace("EventTime", "ProcessingTime"),
        })
    }

    pub fn domain(&self) -> Domain {
        match self {
            Assigner::Tumbling { domain, .. } | Assigner::Sliding { domain, .. } | Assigner::Session { domain, .. } | Assigner::DynamicSession { domain } => {
                *domain
            }
            // `GlobalWindows.isEventTime` is false: nothing is late for it.
            Assigner::Global => Domain::Processing,
        }
    }

    /// Whether windows that touch become one.
    pub fn merges(&self) -> bool {
        matches!(self, Assigner::Session { .. } | Assigner::DynamicSession { .. })
    }

    /// The assigner with its offset fixed by the operator's clock, if it is staggered.
    #[must_use]
    pub fn staggered(self, processing: EventTime) -> Assigner {
        match self {
            Assigner::Tumbling {
                size,
                offset,
                natural: true,
                domain,
            } => {
                let stagger = processing.0.saturating_sub(window_start(processing, 0, size).0);
                Assigner::Tumbling {
                    size,
                    offset: (offset + stagger).checked_rem(size).unwrap_or(0),
                    natural: false,
                    domain,
                }
            }
            other => other,
        }
    }

    /// The windows of an element, newest first. `gap` is its own, for a dynamic session. Error: that gap is not positive.
    pub fn assign(&self, ts: EventTime, gap: i64) -> Result<Assigned, String> {
        let one = |start: EventTime, size| Assigned {
            next: start,
            size,
            step: 1,
            left: 1,
        };
        Ok(match *self {
            Assigner::Tumbling { size, offset, .. } => one(window_start(ts, offset, size), size),
            Assigner::Session { gap, .. } => one(ts, gap),
            Assigner::DynamicSession { .. } if gap <= 0 => return Err(format!("Dynamic session time gap must satisfy 0 < gap: {gap}")),
            Assigner::DynamicSession { .. } => one(ts, gap),
            Assigner::Global => Assigned {
                next: EventTime::MIN,
                size: 0,
                step: 1,
                left: 1,
            },
            Assigner::Sliding { size, slide, offset, .. } => {
                let last = window_start(ts, offset, slide);
                // Starts above `ts - size`: none where the element falls between windows.
                let reach = last.0.saturating_sub(ts.0.saturating_sub(size));
                Assigned {
                    next: last,
                    size,
                    step: slide,
                    left: if reach <= 0 { 0 } else { (reach - 1) / slide + 1 },
                }
            }
        })
    }
}

/// The windows of one element, newest first.
#[derive(Clone, Copy, Debug)]
pub struct Assigned {
    next: EventTime,
    /// 0: the global window.
    size: i64,
    step: i64,
    left: i64,
}

impl Iterator for Assigned {
    type Item = TimeWindow;

    fn next(&mut self) -> Option<TimeWindow> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let start = self.next;
        self.next = start.minus(self.step);
        if self.size == 0 {
            return Some(TimeWindow::GLOBAL);
        }
        Some(TimeWindow {
            start,
            end: start.plus(self.size),
        })
    }
}
