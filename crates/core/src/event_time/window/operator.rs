//! The window operator: keyed panes, their timers, what is late.
//!
//! Belongs here: what Flink's operator does with an element, a watermark and its clock. Does not belong here: keys as text (they come as numbers,
//! 0 and up, without gaps), and what becomes of results.
//! Source: flink-runtime `WindowOperator`, `EvictingWindowOperator`, `MergingWindowSet`, `InternalTimerServiceImpl`.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem;

use super::merge::in_hash_order;
use super::timers::{PaneRef, Timers};
use super::trigger::Decision;
use super::{Assigner, Clocks, Domain, Evictor, Fold, TimeWindow, Trigger, TriggerState};
use crate::event_time::EventTime;

/// What made a window fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Element,
    /// A timer, at the instant that it was set for.
    Timer(EventTime),
}

/// What becomes of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is in a window, at least.
    Joined,
    /// It joined none and is late: for the late side output, or to be counted and dropped.
    Late,
    /// It joined none and is not late: it fell between windows.
    NoWindow,
}

/// One window that an element was assigned to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Joined {
    pub window: TimeWindow,
    /// The window's cleanup time is past: the element is not in it.
    pub late: bool,
    /// It is the first in it.
    pub created: bool,
}

/// What an operator says while it works.
pub trait Output<F: Fold> {
    /// A window's contents go out, with its last instant for a timestamp.
    fn fire(&mut self, fold: &F, key: u32, window: TimeWindow, contents: &F::Acc, cause: Cause);
    /// An element met a window that it was assigned to (for sessions: after merging).
    fn met(&mut self, _key: u32, _joined: Joined) {}
    /// Windows became one.
    fn merged(&mut self, _key: u32, _result: TimeWindow, _of: &[TimeWindow]) {}
    /// Firing cleared the contents.
    fn purged(&mut self, _key: u32, _window: TimeWindow) {}
    /// The cleanup time came: nothing of the window is left.
    fn cleared(&mut self, _key: u32, _window: TimeWindow) {}
}

#[derive(Clone, Debug)]
struct Pane<A> {
    key: u32,
    generation: u32,
    window: TimeWindow,
    contents: Option<A>,
    trigger: TriggerState,
    /// The cleanup timer is set.
    cleanup: bool,
}

/// An operator's rules and state. A clone is a snapshot; [`WindowOperator::recovered`] is what comes of it.
#[derive(Clone, Debug)]
pub struct WindowOperator<F: Fold> {
    assigner: Assigner,
    trigger: Trigger,
    evictor: Option<Evictor>,
    lateness: i64,
    fold: F,
    clocks: Clocks,
    panes: Vec<Pane<F::Acc>>,
    free: Vec<u32>,
    /// By key: its windows, in the order in which they came about.
    by_key: Vec<Vec<(TimeWindow, u32)>>,
    event_timers: Timers,
    processing_timers: Timers,
    late_dropped: u64,
}

impl<F: Fold> WindowOperator<F> {
    /// `lateness` in milliseconds. Error: a parameter that Flink does not take.
    pub fn new(assigner: Assigner, trigger: Trigger, evictor: Option<Evictor>, lateness: i64, fold: F) -> Result<WindowOperator<F>, String> {
        assigner.check()?;
        trigger.check()?;
        if lateness < 0 {
            return Err(String::from("The allowed lateness cannot be negative."));
        }
        Ok(WindowOperator {
            assigner,
            trigger,
            evictor,
            lateness,
            fold,
            clocks: Clocks {
                watermark: EventTime::MIN,
                processing: EventTime(0),
            },
            panes: Vec::new(),
            free: Vec::new(),
            by_key: Vec::new(),
            event_timers: Timers::default(),
            processing_timers: Timers::default(),
            late_dropped: 0,
        })
    }

    /// The operator after a restart from this state: the watermark is not part of it.
    #[must_use]
    pub fn recovered(mut self) -> WindowOperator<F> {
        self.clocks.watermark = EventTime::MIN;
        self
    }

    pub fn watermark(&self) -> EventTime {
        self.clocks.watermark
    }

    /// Elements that were late (`numLateRecordsDropped`, or of the late side output).
    pub fn late(&self) -> u64 {
        self.late_dropped
    }

    /// The instant of the next timer of the operator's clock.
    pub fn next_processing_timer(&self) -> Option<EventTime> {
        self.processing_timers.first()
    }

    /// Windows in state.
    pub fn open(&self) -> usize {
        self.panes.len() - self.free.len()
    }

    /// `cleanupTime`: when a window's state goes.
    pub fn cleanup_time(&self, window: TimeWindow) -> EventTime {
        match self.assigner.domain() {
            Domain::Event => window.max_timestamp().plus(self.lateness),
            Domain::Processing => window.max_timestamp(),
        }
    }

    fn is_late(&self, window: TimeWindow) -> bool {
        self.assigner.domain() == Domain::Event && self.cleanup_time(window) <= self.clocks.watermark
    }

    /// An element. `gap` is its own session gap, for assigners that ask. Error: of that gap.
    #[inline]
    pub fn element(&mut self, key: u32, element: &F::In, ts: EventTime, gap: i64, out: &mut impl Output<F>) -> Result<Verdict, String> {
        self.assigner = self.assigner.staggered(self.clocks.processing);
        let by = match self.assigner.domain() {
            Domain::Event => ts,
            Domain::Processing => self.clocks.processing,
        };
        let windows = self.assigner.assign(by, gap)?;
        if self.by_key.len() <= key as usize {
            self.by_key.resize_with(key as usize + 1, Vec::new);
        }
        let mut skipped = true;
        for window in windows {
            let window = if self.assigner.merges() { self.merge(key, window, out) } else { window };
            let late = self.is_late(window);
            if late {
                let joined = Joined { window, late, created: false };
                out.met(key, joined);
                continue;
            }
            skipped = false;
            self.join(key, window, element, ts, out);
        }
        if !skipped {
            return Ok(Verdict::Joined);
        }
        let late = self.assigner.domain() == Domain::Event && ts.plus(self.lateness) <= self.clocks.watermark;
        self.late_dropped += u64::from(late);
        Ok(if late { Verdict::Late } else { Verdict::NoWindow })
    }

    fn find(&self, key: u32, window: TimeWindow) -> Option<u32> {
        let of_key = self.by_key.get(key as usize)?;
        of_key.iter().rev().find(|(at, _)| *at == window).map(|(_, place)| *place)
    }

    fn create(&mut self, key: u32, window: TimeWindow, contents: Option<F::Acc>) -> u32 {
        let place = match self.free.pop() {
            Some(place) => {
                let pane = &mut self.panes[place as usize];
                pane.key = key;
                pane.window = window;
                pane.contents = contents;
                pane.trigger = TriggerState::default();
                pane.cleanup = false;
                place
            }
            None => {
                self.panes.push(Pane {
                    key,
                    generation: 0,
                    window,
                    contents,
                    trigger: TriggerState::default(),
                    cleanup: false,
                });
                (self.panes.len() - 1) as u32
            }
        };
        self.by_key[key as usize].push((window, place));
        place
    }

    fn remove(&mut self, place: u32) -> (TriggerState, Option<F::Acc>) {
        let pane = &mut self.panes[place as usize];
        pane.generation += 1;
        let of_key = &mut self.by_key[pane.key as usize];
        of_key.retain(|(_, at)| *at != place);
        self.free.push(place);
        (mem::take(&mut pane.trigger), pane.contents.take())
    }

    /// A window of a key whose windows merge: what it becomes with those that it meets, which become one.
    fn merge(&mut self, key: u32, window: TimeWindow, out: &mut impl Output<F>) -> TimeWindow {
        // Windows in state are apart from each other, so all that merges meets the new one, or what that has become.
        let mut result = window;
        let mut meets: Vec<(TimeWindow, u32)> = Vec::new();
        loop {
            let known = meets.len();
            for (at, place) in &self.by_key[key as usize] {
                if at.intersects(result) && !meets.iter().any(|(_, met)| met == place) {
                    meets.push((*at, *place));
                    result = result.cover(*at);
                }
            }
            if meets.len() == known {
                break;
            }
        }
        match meets.as_slice() {
            [] => return window,
            [(at, _)] if *at == result => return result,
            _ => {}
        }
        let of: Vec<TimeWindow> = meets.iter().map(|(at, _)| *at).collect();
        // Contents are put together in the order in which Flink goes through the windows, which shows in lists.
        meets.sort_unstable_by_key(|(at, _)| *at);
        in_hash_order(&mut meets);
        let mut states = Vec::new();
        let mut contents: Option<F::Acc> = None;
        for (_, place) in meets {
            let (state, more) = self.remove(place);
            states.push(state);
            contents = match (contents, more) {
                (Some(mut contents), Some(more)) => {
                    self.fold.merge(&mut contents, more);
                    Some(contents)
                }
                (one, other) => one.or(other),
            };
        }
        out.merged(key, result, &of);
        let (state, decision) = self.trigger.on_merge(states, result, self.clocks);
        let place = self.create(key, result, contents);
        self.panes[place as usize].trigger = state;
        self.arm(place, decision);
        result
    }

    fn arm(&mut self, place: u32, decision: Decision) {
        if decision.timers == [None; 2] {
            return;
        }
        let pane = self.pane_ref(place);
        let timers = match self.trigger.domain() {
            Domain::Event => &mut self.event_timers,
            Domain::Processing => &mut self.processing_timers,
        };
        for time in decision.timers.into_iter().flatten() {
            timers.set(time, pane);
        }
    }

    fn pane_ref(&self, place: u32) -> PaneRef {
        PaneRef {
            place,
            generation: self.panes[place as usize].generation,
        }
    }

    #[inline]
    fn join(&mut self, key: u32, window: TimeWindow, element: &F::In, ts: EventTime, out: &mut impl Output<F>) {
        let found = self.find(key, window);
        let created = found.is_none();
        let place = found.unwrap_or_else(|| self.create(key, window, None));
        let pane = &mut self.panes[place as usize];
        match &mut pane.contents {
            Some(contents) => self.fold.add(contents, element),
            empty => *empty = Some(self.fold.first(element)),
        }
        out.met(key, Joined { window, late: false, created });
        let decision = self.trigger.on_element(&mut pane.trigger, window, ts, self.clocks);
        let armed = pane.cleanup;
        self.arm(place, decision);
        if decision.fire {
            self.fire(place, Cause::Element, out);
        }
        if !armed {
            self.arm_cleanup(place, window);
        }
    }

    fn arm_cleanup(&mut self, place: u32, window: TimeWindow) {
        let time = self.cleanup_time(window);
        if time == EventTime::MAX {
            return;
        }
        let pane = self.pane_ref(place);
        self.panes[place as usize].cleanup = true;
        match self.assigner.domain() {
            Domain::Event => self.event_timers.set(time, pane),
            Domain::Processing => self.processing_timers.set(time, pane),
        }
    }

    fn fire(&mut self, place: u32, cause: Cause, out: &mut impl Output<F>) {
        let pane = &mut self.panes[place as usize];
        let (key, window) = (pane.key, pane.window);
        if let Some(contents) = &mut pane.contents {
            let before = self.evictor.filter(|evictor| !evictor.after);
            let left = before.is_none_or(|evictor| self.fold.evict(contents, &evictor));
            if left {
                out.fire(&self.fold, key, window, contents, cause);
            }
            let after = self.evictor.filter(|evictor| evictor.after);
            let left = left && after.is_none_or(|evictor| self.fold.evict(contents, &evictor));
            if !left {
                pane.contents = None;
            }
        }
        if self.trigger.purging {
            pane.contents = None;
            out.purged(key, window);
        }
    }

    /// The watermark: timers fire in order of time. One that does not rise does nothing.
    pub fn advance_watermark(&mut self, watermark: EventTime, out: &mut impl Output<F>) {
        if watermark <= self.clocks.watermark {
            return;
        }
        self.clocks.watermark = watermark;
        while let Some((time, due)) = self.event_timers.take(watermark) {
            for pane in due {
                self.on_timer(Domain::Event, time, pane, out);
            }
        }
    }

    /// The operator's clock, whose timers fire later ([`WindowOperator::advance_processing_time`]).
    pub fn set_processing_time(&mut self, now: EventTime) {
        self.clocks.processing = self.clocks.processing.max(now);
    }

    /// The operator's clock, and the timers that are due by it.
    pub fn advance_processing_time(&mut self, now: EventTime, out: &mut impl Output<F>) {
        self.clocks.processing = self.clocks.processing.max(now);
        while let Some((time, due)) = self.processing_timers.take(now) {
            for pane in due {
                self.on_timer(Domain::Processing, time, pane, out);
            }
        }
    }

    fn on_timer(&mut self, domain: Domain, time: EventTime, of: PaneRef, out: &mut impl Output<F>) {
        let Some(pane) = self.panes.get_mut(of.place as usize).filter(|pane| pane.generation == of.generation) else {
            return;
        };
        let window = pane.window;
        if self.trigger.domain() == domain && self.trigger.has_timer(&pane.trigger, window, time) {
            let end_only = self.clocks.watermark == EventTime::MAX;
            let decision = self.trigger.on_timer(&mut pane.trigger, window, time, end_only);
            self.arm(of.place, decision);
            if decision.fire {
                self.fire(of.place, Cause::Timer(time), out);
            }
        }
        let pane = &self.panes[of.place as usize];
        if self.assigner.domain() == domain && pane.cleanup && time == self.cleanup_time(window) {
            let key = pane.key;
            self.remove(of.place);
            out.cleared(key, window);
        }
    }
}
