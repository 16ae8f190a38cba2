//! What happened in a job: of each event, each pane, each firing, each watermark.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use crate::event_time::EventTime;
use crate::event_time::window::{Aggregate, Cause, Collect, Element, Joined, Output, TimeWindow};

/// A watermark over processing time, in steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// When, and the watermark from then on; both rise.
    pub steps: Vec<(i64, EventTime)>,
    /// From when it was idle, and until when.
    pub idle: Vec<(i64, Option<i64>)>,
}

impl Line {
    pub(super) fn step(&mut self, at: i64, watermark: EventTime) {
        if watermark > self.last() {
            self.steps.push((at, watermark));
        }
    }

    pub(super) fn idle_from(&mut self, at: i64) {
        self.idle.push((at, None));
    }

    pub(super) fn active_at(&mut self, at: i64) {
        if let Some((_, until @ None)) = self.idle.last_mut() {
            *until = Some(at);
        }
    }

    /// The watermark now.
    pub fn last(&self) -> EventTime {
        self.steps.last().map_or(EventTime::MIN, |(_, watermark)| *watermark)
    }
}

/// What became of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fate {
    /// It did not reach the window operator before the simulation ended.
    #[default]
    Underway,
    Windowed,
    LateOutput,
    Dropped,
    NoWindow,
}

/// A window that an event met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Met {
    pub window: TimeWindow,
    /// Its pane; `None` where the event came too late for it.
    pub pane: Option<usize>,
}

#[derive(Clone, Debug, Default)]
pub struct EventTrace {
    pub subtask: usize,
    pub reached: i64,
    /// The operator's, when the event reached it.
    pub watermark: EventTime,
    pub fate: Fate,
    pub met: Vec<Met>,
    pub firings: Vec<usize>,
}

#[derive(Clone, Debug)]
pub struct PaneTrace {
    pub key: u32,
    pub subtask: usize,
    pub window: TimeWindow,
    pub created: i64,
    /// Events that joined it, or windows that were merged into it, in order.
    pub events: Vec<u32>,
    pub firings: Vec<usize>,
    pub purged: Vec<i64>,
    pub cleared: Option<i64>,
    pub merged_into: Option<usize>,
}

/// Which of a pane's firings one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// By a timer before the window's end.
    Early,
    /// By the timer at its end.
    OnTime,
    /// By an event after its end.
    Late,
    /// By an event's number.
    Count,
}

#[derive(Clone, Debug)]
pub struct Firing {
    pub pane: usize,
    pub at: i64,
    pub watermark: EventTime,
    pub kind: Kind,
    pub value: Value,
    pub events: Vec<u32>,
}

/// All of it. Numbers of events, panes and firings are places in these lists.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    pub keys: Vec<alloc::string::String>,
    pub events: Vec<EventTrace>,
    pub panes: Vec<PaneTrace>,
    pub firings: Vec<Firing>,
    pub splits: Vec<Line>,
    pub sources: Vec<Line>,
    pub subtasks: Vec<Line>,
    pub ended: i64,
}

/// Writes the trace while an operator works.
pub(super) struct Recorder {
    pub trace: Trace,
    pub aggregate: Aggregate,
    pub now: i64,
    pub subtask: usize,
    pub watermark: EventTime,
    /// The event that is being processed.
    pub event: Option<u32>,
    open: BTreeMap<(u32, TimeWindow), usize>,
}

impl Recorder {
    pub fn new(aggregate: Aggregate, trace: Trace) -> Recorder {
        Recorder {
            trace,
            aggregate,
            now: 0,
            subtask: 0,
            watermark: EventTime::MIN,
            event: None,
            open: BTreeMap::new(),
        }
    }

    fn pane(&mut self, key: u32, window: TimeWindow) -> usize {
        if let Some(pane) = self.open.get(&(key, window)) {
            return *pane;
        }
        let pane = self.trace.panes.len();
        self.trace.panes.push(PaneTrace {
            key,
            subtask: self.subtask,
            window,
            created: self.now,
            events: vec![],
            firings: vec![],
            purged: vec![],
            cleared: None,
            merged_into: None,
        });
        self.open.insert((key, window), pane);
        pane
    }
}

impl Output<Collect> for Recorder {
    fn fire(&mut self, _: &Collect, key: u32, window: TimeWindow, contents: &Vec<Element>, cause: Cause) {
        let Some(value) = self.aggregate.of(contents) else { return };
        let pane = self.pane(key, window);
        let number = self.trace.firings.len();
        let kind = match cause {
            Cause::Timer(time) if time >= window.max_timestamp() => Kind::OnTime,
            Cause::Timer(_) => Kind::Early,
            Cause::Element if window.max_timestamp() <= self.watermark => Kind::Late,
            Cause::Element => Kind::Count,
        };
        let events: Vec<u32> = contents.iter().map(|element| element.id).collect();
        for event in &events {
            if let Some(event) = self.trace.events.get_mut(*event as usize) {
                event.firings.push(number);
            }
        }
        if let Some(pane) = self.trace.panes.get_mut(pane) {
            pane.firings.push(number);
        }
        self.trace.firings.push(Firing {
            pane,
            at: self.now,
            watermark: self.watermark,
            kind,
            value,
            events,
        });
    }

    fn met(&mut self, key: u32, joined: Joined) {
        let pane = (!joined.late).then(|| self.pane(key, joined.window));
        let Some(event) = self.event else { return };
        if let Some(pane) = pane.and_then(|pane| self.trace.panes.get_mut(pane)) {
            pane.events.push(event);
        }
        if let Some(event) = self.trace.events.get_mut(event as usize) {
            event.met.push(Met { window: joined.window, pane });
        }
    }

    fn merged(&mut self, key: u32, result: TimeWindow, of: &[TimeWindow]) {
        let into = self.pane(key, result);
        for window in of.iter().filter(|window| **window != result) {
            let Some(from) = self.open.remove(&(key, *window)) else { continue };
            let Some(pane) = self.trace.panes.get_mut(from) else { continue };
            pane.merged_into = Some(into);
            let events = pane.events.clone();
            if let Some(pane) = self.trace.panes.get_mut(into) {
                pane.events.extend(events);
            }
        }
    }

    fn purged(&mut self, key: u32, window: TimeWindow) {
        let (pane, now) = (self.pane(key, window), self.now);
        if let Some(pane) = self.trace.panes.get_mut(pane) {
            pane.purged.push(now);
        }
    }

    fn cleared(&mut self, key: u32, window: TimeWindow) {
        let now = self.now;
        let pane = self.open.remove(&(key, window));
        if let Some(pane) = pane.and_then(|pane| self.trace.panes.get_mut(pane)) {
            pane.cleared = Some(now);
        }
    }
}
