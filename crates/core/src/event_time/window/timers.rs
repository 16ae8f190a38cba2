//! Timers of one clock: what is due by when.
//!
//! A timer that was deleted stays until it comes due and is found to be nobody's: the window that set it says whether it is still set.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::event_time::EventTime;

/// A pane, as it was when the timer was set: the place may have another since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PaneRef {
    pub place: u32,
    pub generation: u32,
}

/// By instant, and in the order in which they were set.
#[derive(Clone, Debug, Default)]
pub(super) struct Timers {
    by_time: BTreeMap<EventTime, Vec<PaneRef>>,
}

impl Timers {
    pub fn set(&mut self, time: EventTime, pane: PaneRef) {
        self.by_time.entry(time).or_default().push(pane);
    }

    pub fn first(&self) -> Option<EventTime> {
        self.by_time.keys().next().copied()
    }

    /// Takes the timers of the earliest instant that is not after `until`.
    pub fn take(&mut self, until: EventTime) -> Option<(EventTime, Vec<PaneRef>)> {
        let first = self.by_time.first_entry().filter(|entry| *entry.key() <= until)?;
        Some(first.remove_entry())
    }
}
