//! The job's events in order of processing time: arrivals, ticks, deliveries, timers.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::source::Source;
use super::trace::{EventTrace, Recorder};
use super::{Event, Fate, Job, Line, Trace};
use crate::event_time::EventTime;
use crate::event_time::keys::string_hash;
use crate::event_time::valve::{Emitted, Valve};
use crate::event_time::window::{Collect, Element, Verdict, WindowOperator};

/// Steps that a simulation may have.
const STEPS: u64 = 1_000_000;

#[derive(Clone, Copy)]
enum Step {
    Arrive(u32),
    Tick(usize),
    Event { subtask: usize, event: u32 },
    Status { subtask: usize, channel: usize, status: Emitted },
    Timer { subtask: usize },
}

struct Subtask {
    valve: Valve,
    operator: WindowOperator<Collect>,
    /// The timer that stands in the queue.
    timer: Option<i64>,
}

struct Machine<'a> {
    job: &'a Job,
    queue: BTreeMap<(i64, u64), Step>,
    number: u64,
    sources: Vec<Source>,
    subtasks: Vec<Subtask>,
    /// Of each event: its key, and the subtask that has it.
    routes: Vec<(u32, usize)>,
    left: Vec<usize>,
    out: Recorder,
}

pub(super) fn run(job: &Job) -> Result<Trace, String> {
    job.strategy.check()?;
    let definition = &job.definition;
    let mut subtasks = Vec::new();
    for _ in 0..job.groups.parallelism {
        let operator = WindowOperator::new(definition.assigner, definition.trigger, definition.evictor, job.lateness, Collect)?;
        subtasks.push(Subtask {
            valve: Valve::new(job.source_parallelism),
            operator,
            timer: None,
        });
    }
    let sources = (0..job.source_parallelism)
        .map(|subtask| Source::new(job, subtask))
        .collect::<Result<Vec<_>, _>>()?;
    let mut keys: Vec<String> = Vec::new();
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let mut routes = Vec::new();
    let mut left = vec![0; job.source_parallelism];
    for event in &job.events {
        let key = *numbers.entry(&event.key).or_insert_with(|| {
            keys.push(event.key.clone());
            (keys.len() - 1) as u32
        });
        let group = job.groups.group(string_hash(&event.key));
        routes.push((key, job.groups.operator(group) as usize));
        if let Some(left) = left.get_mut(event.split % job.source_parallelism.max(1)) {
            *left += 1;
        }
    }
    let trace = Trace {
        keys,
        events: vec![EventTrace::default(); job.events.len()],
        splits: vec![Line::default(); job.splits],
        sources: vec![Line::default(); job.source_parallelism],
        subtasks: vec![Line::default(); subtasks.len()],
        ended: job.until,
        ..Trace::default()
    };
    let mut machine = Machine {
        job,
        queue: BTreeMap::new(),
        number: 0,
        sources,
        subtasks,
        routes,
        left,
        out: Recorder::new(job.aggregate, trace),
    };
    machine.play()?;
    Ok(machine.out.trace)
}

impl Machine<'_> {
    fn push(&mut self, at: i64, step: Step) {
        self.queue.insert((at, self.number), step);
        self.number += 1;
    }

    fn play(&mut self) -> Result<(), String> {
        for (number, event) in self.job.events.iter().enumerate() {
            self.push(event.arrival.max(self.job.start), Step::Arrive(number as u32));
        }
        for source in 0..self.sources.len() {
            if self.job.end_of_input && self.left.get(source) == Some(&0) {
                self.end(source, self.job.start);
            }
            self.schedule(source, self.job.start);
        }
        let mut steps = 0;
        while let Some(((now, _), step)) = self.queue.pop_first() {
            if now > self.job.until {
                break;
            }
            steps += 1;
            if steps > STEPS {
                return Err(format!("the simulation has more than {STEPS} steps; at processing time {now} it was given up"));
            }
            self.out.now = now;
            match step {
                Step::Arrive(event) => self.arrive(event, now),
                Step::Tick(source) => self.tick(source, now),
                Step::Event { subtask, event } => self.event(subtask, event, now)?,
                Step::Status { subtask, channel, status } => self.status(subtask, channel, status, now),
                Step::Timer { subtask } => self.timer(subtask, now),
            }
        }
        Ok(())
    }

    fn arrive(&mut self, number: u32, now: i64) {
        let (Some(event), Some(&(_, subtask))) = (self.job.events.get(number as usize), self.routes.get(number as usize)) else {
            return;
        };
        // The record goes ahead of the watermark that it brings about.
        let at = now.saturating_add(self.job.network);
        self.push(at, Step::Event { subtask, event: number });
        let from = event.split % self.job.source_parallelism.max(1);
        if let Some(source) = self.sources.get_mut(from) {
            let said = source.read(event.split, event.time, now, &mut self.out.trace.splits);
            self.broadcast(from, &said, now);
        }
        if let Some(left) = self.left.get_mut(from) {
            *left -= 1;
            if *left == 0 && self.job.end_of_input {
                self.end(from, now);
            }
        }
        self.schedule(from, now);
    }

    fn end(&mut self, source: usize, now: i64) {
        if let Some(one) = self.sources.get_mut(source) {
            let said = one.end();
            self.broadcast(source, &said, now);
        }
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

    /// Watermarks and statuses go to every subtask, whatever it has of the keys.
    fn broadcast(&mut self, channel: usize, said: &[Emitted], now: i64) {
        for status in said {
            if let Some(line) = self.out.trace.sources.get_mut(channel) {
                mark(line, *status, now);
            }
            for subtask in 0..self.subtasks.len() {
                let at = now.saturating_add(self.job.network);
                let status = *status;
                self.push(at, Step::Status { subtask, channel, status });
            }
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
    }

    /// Processing-time timers run a millisecond after their instant (`ProcessingTimeServiceUtil`), so that what comes in their last one is in.
    fn due(&mut self, number: usize, until: i64) {
        let Some(subtask) = self.subtasks.get_mut(number) else { return };
        self.out.subtask = number;
        self.out.watermark = subtask.operator.watermark();
        subtask.operator.advance_processing_time(EventTime(until), &mut self.out);
    }

    fn timer(&mut self, number: usize, now: i64) {
        if let Some(subtask) = self.subtasks.get_mut(number) {
            subtask.timer = None;
        }
        self.due(number, now.saturating_sub(1));
        self.await_timer(number);
    }

    fn await_timer(&mut self, number: usize) {
        let Some(subtask) = self.subtasks.get_mut(number) else { return };
        let Some(next) = subtask.operator.next_processing_timer().map(|next| next.plus(1).0) else {
            return;
        };
        if subtask.timer.is_none_or(|timer| next < timer) {
            subtask.timer = Some(next);
            self.push(next, Step::Timer { subtask: number });
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
