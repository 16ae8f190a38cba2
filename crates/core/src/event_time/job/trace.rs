//! What happened in a job: of each event, each pane, each firing, each watermark.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use super::recovery::{Attempt, CheckpointTrace};
use crate::event_time::EventTime;
use crate::event_time::window::{Aggregate, Cause, Collect, Element, Joined, Output, TimeWindow};

/// A watermark over processing time, in steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Line {
    /// When, and the watermark from then on; both rise, but for [`EventTime::MIN`] where a new attempt begins.
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

    /// A new attempt begins without a watermark.
    pub(super) fn restart(&mut self, at: i64) {
        self.active_at(at);
        if self.last() > EventTime::MIN {
            self.steps.push((at, EventTime::MIN));
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
    /// When a failure took it: no checkpoint had it.
    pub lost: Option<i64>,
    /// When it came back out of a checkpoint.
    pub restored: Vec<i64>,
}

/// Panes that are open: by key and window, with the number of events in them.
pub(super) type OpenPanes = Vec<((u32, TimeWindow), usize, usize)>;

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
    /// When it became visible outside: at once, or with its checkpoint. `None`: not yet, or never.
    pub committed: Option<i64>,
    /// When a failure took it before that.
    pub discarded: Option<i64>,
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
    pub checkpoints: Vec<CheckpointTrace>,
    pub attempts: Vec<Attempt>,
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
    /// The sink commits with checkpoints.
    pub transactional: bool,
    /// Firings since somebody took them.
    pub fired: Vec<usize>,
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
            transactional: false,
            fired: vec![],
            open: BTreeMap::new(),
        }
    }

    /// The open panes of a subtask.
    pub fn open_panes(&self, subtask: usize) -> OpenPanes {
        let of = |(place, number): (&(u32, TimeWindow), &usize)| {
            let pane = self.trace.panes.get(*number).filter(|pane| pane.subtask == subtask)?;
            Some((*place, *number, pane.events.len()))
        };
        self.open.iter().filter_map(of).collect()
    }

    /// A failure: nothing is open until it is restored.
    pub fn fail(&mut self) {
        for number in core::mem::take(&mut self.open).into_values() {
            if let Some(pane) = self.trace.panes.get_mut(number) {
                pane.lost = Some(self.now);
            }
        }
    }

    /// Panes come back as a checkpoint had them.
    pub fn restore(&mut self, panes: &OpenPanes) {
        for (place, number, events) in panes {
            self.open.insert(*place, *number);
            if let Some(pane) = self.trace.panes.get_mut(*number) {
                pane.lost = None;
                pane.cleared = None;
                pane.merged_into = None;
                pane.events.truncate(*events);
                pane.restored.push(self.now);
            }
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
            lost: None,
            restored: vec![],
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
            committed: (!self.transactional).then_some(self.now),
            discarded: None,
        });
        self.fired.push(number);
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
