//! Slices of Flink SQL's CUMULATE windows.
//!
//! Source: flink-table-runtime `SliceAssigners.CumulativeSliceAssigner`.

use super::EventTime;
use super::window::window_start;

/// CUMULATE(step, size): the windows `[s, s+step)`, `[s, s+2 step)` … `[s, s+size)`.
#[derive(Clone, Copy, Debug)]
pub struct Cumulate {
    /// Milliseconds; a multiple of the step.
    pub size: i64,
    pub step: i64,
    pub offset: i64,
}

impl Cumulate {
    /// The end of the slice that a row falls into, which is the end of the first window that has it.
    pub fn slice_end(&self, ts: EventTime) -> EventTime {
        window_start(ts, self.offset, self.step).plus(self.step)
    }

    /// The start of the windows that end at or contain a slice.
    pub fn window_start(&self, slice_end: EventTime) -> EventTime {
        window_start(slice_end.minus(1), self.offset, self.size)
    }
}
