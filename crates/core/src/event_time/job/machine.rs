//! The job's events in order of processing time: arrivals, ticks, deliveries, timers, checkpoints, failures.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use super::recovery::{Attempt, Checkpoint, CheckpointTrace, Snapshot};
use super::source::Source;
use super::trace::{EventTrace, Recorder};
use super::{Event, Fate, Job, Line, Trace};
use crate::event_time::EventTime;
use crate::event_time::barriers::Alignment;
use crate::event_time::keys::string_hash;
use crate::event_time::valve::{Emitted, Valve};
use crate::event_time::window::{Collect, Element, Verdict, WindowOperator};

/// Steps that a simulation may have.
const STEPS: u64 = 1_000_000;

/// What travels in a channel.
#[derive(Clone, Copy)]
enum Item {
    Event(u32),
    Status(Emitted),
    Barrier(u64),
}

#[derive(Clone, Copy)]
enum Step {
    Arrive(usize),
    Tick(usize),
    Deliver { subtask: usize, channel: usize, item: Item },
    Timer(usize),
    Checkpoint(u64),
    Fail,
    Restart,
}

struct Subtask {
    valve: Valve,
    operator: WindowOperator<Collect>,
    alignment: Alignment,
    /// What came on blocked channels, in order.
    held: Vec<(usize, Item)>,
    /// The timer that stands in the queue.
    timer: Option<i64>,
    /// Results since the last barrier.
    fired: Vec<usize>,
}

struct Machine<'a> {
    job: &'a Job,
    queue: BTreeMap<(i64, usize, u64), (u32, Step)>,
    number: u64,
    attempt: u32,
    running: bool,
    sources: Vec<Source>,
    subtasks: Vec<Subtask>,
    /// Of each event: its key, and the subtask that has it.
    routes: Vec<(u32, usize)>,
    /// Of each source: its events in the order in which it reads them, and how far it is.
    logs: Vec<Vec<u32>>,
    positions: Vec<usize>,
    pending: Option<Checkpoint>,
    latest: Option<Checkpoint>,
    out: Recorder,
}

fn subtask(job: &Job, restored: Option<&Snapshot>) -> Result<Subtask, String> {
    let definition = &job.definition;
    let operator = match restored {
        Some(snapshot) => snapshot.operator.clone().recovered(),
        None => WindowOperator::new(definition.assigner, definition.trigger, definition.evictor, job.lateness, Collect)?,
    };
    Ok(Subtask {
        valve: Valve::new(job.source_parallelism),
        operator,
        alignment: Alignment::new(job.source_parallelism),
        held: vec![],
        timer: None,
        fired: vec![],
    })
}

pub(super) fn run(job: &Job) -> Result<Trace, String> {
    job.strategy.check()?;
    let sources = job.source_parallelism.max(1);
    let mut keys: Vec<String> = Vec::new();
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut routes = Vec::new();
    let mut logs = vec![Vec::new(); sources];
    for (number, event) in job.events.iter().enumerate() {
        let key = *numbers.entry(&event.key).or_insert_with(|| {
            keys.push(event.key.clone());
            (keys.len() - 1) as u32
        });
        let group = job.groups.group(string_hash(&event.key));
        routes.push((key, job.groups.operator(group) as usize));
        if let Some(log) = logs.get_mut(event.split % sources) {
            log.push(number as u32);
        }
    }
    for log in &mut logs {
        log.sort_by_key(|number| job.events.get(*number as usize).map(|event| event.arrival));
    }
    let trace = Trace {
        keys,
        events: vec![EventTrace::default(); job.events.len()],
        splits: vec![Line::default(); job.splits],
        sources: vec![Line::default(); sources],
        subtasks: vec![Line::default(); job.groups.parallelism as usize],
        ended: job.until,
        ..Trace::default()
    };
    let mut out = Recorder::new(job.aggregate, trace);
    out.transactional = job.transactional;
    let mut machine = Machine {
        job,
        queue: BTreeMap::new(),
        number: 0,
        attempt: 0,
        running: false,
        sources: vec![],
        subtasks: vec![],
        routes,
        positions: vec![0; sources],
        logs,
        pending: None,
        latest: None,
        out,
    };
    machine.play()?;
    Ok(machine.out.trace)
}

impl Machine<'_> {
    fn push(&mut self, at: i64, step: Step) {
        // Of one millisecond, what comes and is delivered goes ahead of the ticks, and those go by source.
        let rank = match step {
            Step::Tick(source) => source + 1,
            _ => 0,
        };
        self.queue.insert((at, rank, self.number), (self.attempt, step));
        self.number += 1;
    }

    fn play(&mut self) -> Result<(), String> {
        let job = self.job;
        for event in &job.events {
            self.push(event.arrival.max(job.start), Step::Arrive(event.split % job.source_parallelism.max(1)));
        }
        for failure in &job.failures {
            self.push((*failure).max(job.start), Step::Fail);
        }
        self.out.now = job.start;
        self.start(job.start)?;
        let mut steps = 0;
        while let Some(((now, ..), (attempt, step))) = self.queue.pop_first() {
            if now > job.until {
                break;
            }
            steps += 1;
            if steps > STEPS {
                return Err(format!("the simulation has more than {STEPS} steps; at processing time {now} it was given up"));
            }
            self.out.now = now;
            match step {
                Step::Fail => self.fail(now),
                Step::Restart => self.start(now)?,
                _ if !self.running => {}
                Step::Arrive(source) => self.read(source, now, false),
                // What was underway before a failure is gone with it.
                _ if attempt != self.attempt => {}
                Step::Tick(source) => self.tick(source, now),
                Step::Deliver { subtask, channel, item } => self.deliver(subtask, channel, item, now)?,
                Step::Timer(subtask) => self.timer(subtask, now),
                Step::Checkpoint(id) => self.checkpoint(id, now),
            }
        }
        Ok(())
    }

    /// An attempt begins: from the latest complete checkpoint, or from nothing. Sources read at once what came meanwhile.
    fn start(&mut self, now: i64) -> Result<(), String> {
        let job = self.job;
        self.running = true;
        let latest = self.latest.take();
        self.positions = latest
            .as_ref()
            .map_or_else(|| vec![0; self.logs.len()], |checkpoint| checkpoint.positions.clone());
        self.sources = (0..self.logs.len()).map(|source| Source::new(job, source)).collect::<Result<_, _>>()?;
        self.subtasks.clear();
        for number in 0..job.groups.parallelism as usize {
            let snapshot = latest.as_ref().and_then(|checkpoint| checkpoint.snapshots.get(&number));
            if let Some(snapshot) = snapshot {
                self.out.restore(&snapshot.panes);
            }
            self.subtasks.push(subtask(job, snapshot)?);
        }
        let trace = &mut self.out.trace;
        trace.attempts.push(Attempt {
            started: now,
            failed: None,
            restored: latest.as_ref().map(|checkpoint| checkpoint.id),
        });
        if self.attempt > 0 {
            for line in trace.splits.iter_mut().chain(&mut trace.sources).chain(&mut trace.subtasks) {
                line.restart(now);
            }
        }
        self.latest = latest;
        for source in 0..self.sources.len() {
            if self.attempt > 0 || self.logs.get(source).is_some_and(Vec::is_empty) {
                self.read(source, now, true);
            }
            self.schedule(source, now);
        }
        for subtask in 0..self.subtasks.len() {
            self.await_timer(subtask);
        }
        if let Some(checkpointing) = job.checkpointing {
            let last = self.out.trace.checkpoints.last().map_or(0, |checkpoint| checkpoint.id);
            self.push(now.saturating_add(checkpointing.interval), Step::Checkpoint(last + 1));
        }
        Ok(())
    }

    fn fail(&mut self, now: i64) {
        if !self.running {
            return;
        }
        self.running = false;
        self.attempt += 1;
        if let Some(attempt) = self.out.trace.attempts.last_mut() {
            attempt.failed = Some(now);
        }
        if let Some(pending) = self.pending.take()
            && let Some(trace) = self.out.trace.checkpoints.iter_mut().find(|trace| trace.id == pending.id)
        {
            trace.aborted = Some(now);
        }
        for firing in &mut self.out.trace.firings {
            if firing.committed.is_none() && firing.discarded.is_none() {
                firing.discarded = Some(now);
            }
        }
        self.out.fail();
        self.push(now.saturating_add(self.job.restart_delay), Step::Restart);
    }

    /// A source reads what has come: one event, so that those of one millisecond stay in the order in which they were given, or, after a restart, all.
    fn read(&mut self, source: usize, now: i64, all: bool) {
        let job = self.job;
        loop {
            let Some(position) = self.positions.get_mut(source) else { return };
            let next = self.logs.get(source).and_then(|log| log.get(*position).copied());
            let Some((number, event)) = next.and_then(|number| Some((number, job.events.get(number as usize)?))) else {
                break;
            };
            if event.arrival.max(job.start) > now {
                break;
            }
            *position += 1;
            // The record goes ahead of the watermark that it brings about.
            if let Some(&(_, subtask)) = self.routes.get(number as usize) {
                self.send(source, subtask, Item::Event(number), now);
            }
            if let Some(one) = self.sources.get_mut(source) {
                let said = one.read(event.split, event.time, now, &mut self.out.trace.splits);
                self.broadcast(source, &said, now);
            }
            if !all {
                break;
            }
        }
        let done = self.logs.get(source).map(Vec::len) == self.positions.get(source).copied();
        if done
            && job.end_of_input
            && let Some(one) = self.sources.get_mut(source).filter(|one| !one.ended())
        {
            let said = one.end();
            self.broadcast(source, &said, now);
        }
        self.schedule(source, now);
    }

    fn tick(&mut self, source: usize, now: i64) {
        if let Some(one) = self.sources.get_mut(source) {
            one.scheduled = false;
            let said = one.tick(now, &mut self.out.trace.splits);
            self.broadcast(source, &said, now);
        }
        self.schedule(source, now);
    }

    fn schedule(&mut self, source: usize, now: i64) {
        let Some(one) = self.sources.get_mut(source).filter(|one| !one.scheduled) else {
            return;
        };
        if let Some(at) = one.next_tick(self.job, now) {
            one.scheduled = true;
            self.push(at, Step::Tick(source));
        }
    }

    fn send(&mut self, channel: usize, subtask: usize, item: Item, now: i64) {
        let delay = self.job.network.get(channel).copied().unwrap_or(0);
        self.push(now.saturating_add(delay), Step::Deliver { subtask, channel, item });
    }

    /// Watermarks and statuses go to every subtask, whatever it has of the keys.
    fn broadcast(&mut self, channel: usize, said: &[Emitted], now: i64) {
        for status in said {
            if let Some(line) = self.out.trace.sources.get_mut(channel) {
                mark(line, *status, now);
            }
            for subtask in 0..self.subtasks.len() {
                self.send(channel, subtask, Item::Status(*status), now);
            }
        }
    }

    /// The coordinator asks all sources for a checkpoint.
    fn checkpoint(&mut self, id: u64, now: i64) {
        let Some(checkpointing) = self.job.checkpointing else { return };
        let next = if self.pending.is_some() { id } else { id + 1 };
        self.push(now.saturating_add(checkpointing.interval), Step::Checkpoint(next));
        if self.pending.is_some() {
            return;
        }
        self.pending = Some(Checkpoint {
            id,
            positions: self.positions.clone(),
            snapshots: BTreeMap::new(),
            firings: vec![],
        });
        self.out.trace.checkpoints.push(CheckpointTrace {
            id,
            triggered: now,
            barriers: vec![],
            snapshots: vec![],
            completed: None,
            aborted: None,
        });
        for channel in 0..self.sources.len() {
            for subtask in 0..self.subtasks.len() {
                self.send(channel, subtask, Item::Barrier(id), now);
            }
        }
    }

    /// An item at the end of its channel: kept where that is blocked.
    fn deliver(&mut self, number: usize, channel: usize, item: Item, now: i64) -> Result<(), String> {
        let exactly_once = self.job.checkpointing.is_some_and(|checkpointing| checkpointing.exactly_once);
        let Some(of) = self.subtasks.get_mut(number) else { return Ok(()) };
        if exactly_once && of.alignment.is_blocked(channel) {
            of.held.push((channel, item));
            return Ok(());
        }
        match item {
            Item::Event(event) => self.event(number, event, now)?,
            Item::Status(status) => self.status(number, channel, status, now),
            Item::Barrier(id) => {
                if let Some(trace) = self.out.trace.checkpoints.iter_mut().find(|trace| trace.id == id) {
                    trace.barriers.push((number, channel, now));
                }
                if of.alignment.barrier(channel, id).triggered.is_some() {
                    self.snapshot(number, id, now);
                    let held = self.subtasks.get_mut(number).map(|of| mem::take(&mut of.held)).unwrap_or_default();
                    for (channel, item) in held {
                        self.deliver(number, channel, item, now)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A subtask has all barriers: its state goes into the checkpoint. The last one completes it.
    fn snapshot(&mut self, number: usize, id: u64, now: i64) {
        self.due(number, now.saturating_sub(1));
        let (Some(of), Some(pending)) = (self.subtasks.get_mut(number), self.pending.as_mut().filter(|pending| pending.id == id)) else {
            return;
        };
        let snapshot = Snapshot {
            operator: of.operator.clone(),
            panes: self.out.open_panes(number),
        };
        pending.snapshots.insert(number, snapshot);
        pending.firings.append(&mut of.fired);
        let complete = pending.snapshots.len() == self.subtasks.len();
        let trace = self.out.trace.checkpoints.iter_mut().find(|trace| trace.id == id);
        if let Some(trace) = trace {
            trace.snapshots.push((number, now));
            trace.completed = complete.then_some(now);
        }
        if !complete {
            return;
        }
        self.latest = self.pending.take();
        for firing in self.latest.iter_mut().flat_map(|checkpoint| mem::take(&mut checkpoint.firings)) {
            if let Some(firing) = self.out.trace.firings.get_mut(firing) {
                firing.committed = firing.committed.or(Some(now));
            }
        }
    }

    /// Results that came about go with the next barrier.
    fn collect(&mut self, number: usize) {
        if let Some(of) = self.subtasks.get_mut(number) {
            of.fired.append(&mut self.out.fired);
        }
    }

    fn event(&mut self, number: usize, event: u32, now: i64) -> Result<(), String> {
        self.due(number, now.saturating_sub(1));
        let place = event as usize;
        let (Some(of), Some(subtask), Some(&(key, _))) = (self.job.events.get(place), self.subtasks.get_mut(number), self.routes.get(place)) else {
            return Ok(());
        };
        let Event { value, time, gap, .. } = *of;
        let element = Element { ts: time, value, id: event };
        subtask.operator.set_processing_time(EventTime(now));
        if let Some(trace) = self.out.trace.events.get_mut(place) {
            trace.met.clear();
        }
        self.out.event = Some(event);
        self.out.subtask = number;
        self.out.watermark = subtask.operator.watermark();
        let verdict = subtask.operator.element(key, &element, time, gap, &mut self.out);
        self.out.event = None;
        let fate = match verdict.map_err(|reason| format!("event {}: {reason}", of.id))? {
            Verdict::Joined => Fate::Windowed,
            Verdict::Late if self.job.side_output => Fate::LateOutput,
            Verdict::Late => Fate::Dropped,
            Verdict::NoWindow => Fate::NoWindow,
        };
        if let Some(trace) = self.out.trace.events.get_mut(place) {
            trace.subtask = number;
            trace.reached = now;
            trace.watermark = self.out.watermark;
            trace.fate = fate;
        }
        self.collect(number);
        self.await_timer(number);
        Ok(())
    }

    fn status(&mut self, number: usize, channel: usize, status: Emitted, now: i64) {
        self.due(number, now.saturating_sub(1));
        let Some(subtask) = self.subtasks.get_mut(number) else { return };
        let said = match status {
            Emitted::Watermark(watermark) => [subtask.valve.watermark(channel, watermark), None],
            Emitted::Idle => subtask.valve.idle(channel),
            Emitted::Active => [subtask.valve.active(channel), None],
        };
        for emitted in said.into_iter().flatten() {
            if let Some(line) = self.out.trace.subtasks.get_mut(number) {
                mark(line, emitted, now);
            }
            if let Emitted::Watermark(watermark) = emitted {
                self.out.subtask = number;
                self.out.watermark = watermark;
                subtask.operator.advance_watermark(watermark, &mut self.out);
            }
        }
        self.collect(number);
    }

    /// Processing-time timers run a millisecond after their instant (`ProcessingTimeServiceUtil`), so that what comes in their last one is in.
    fn due(&mut self, number: usize, until: i64) {
        let Some(subtask) = self.subtasks.get_mut(number) else { return };
        self.out.subtask = number;
        self.out.watermark = subtask.operator.watermark();
        subtask.operator.advance_processing_time(EventTime(until), &mut self.out);
        self.collect(number);
    }

    fn timer(&mut self, number: usize, now: i64) {
        if let Some(subtask) = self.subtasks.get_mut(number) {
            subtask.timer = None;
        }
        self.due(number, now.saturating_sub(1));
        self.await_timer(number);
    }

    fn await_timer(&mut self, number: usize) {
        let now = self.out.now;
        let Some(subtask) = self.subtasks.get_mut(number) else { return };
        let Some(next) = subtask.operator.next_processing_timer().map(|next| next.plus(1).0.max(now)) else {
            return;
        };
        if subtask.timer.is_none_or(|timer| next < timer) {
            subtask.timer = Some(next);
            self.push(next, Step::Timer(number));
        }
    }
}

fn mark(line: &mut Line, status: Emitted, now: i64) {
    match status {
        Emitted::Watermark(watermark) => line.step(now, watermark),
        Emitted::Idle => line.idle_from(now),
        Emitted::Active => line.active_at(now),
    }
}
