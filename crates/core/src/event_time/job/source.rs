//! A source subtask: the splits that it reads, their generators, and the watermark that it sends.
//!
//! Source: flink-runtime `ProgressiveTimestampsAndWatermarks`, flink-core `WatermarksWithIdleness`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Job, Line};
use crate::event_time::EventTime;
use crate::event_time::multiplexer::Multiplexer;
use crate::event_time::valve::Emitted;
use crate::event_time::watermark::{Generator, IdlenessTimer, Strategy};

struct Split {
    /// `None`: the output of a subtask that has no split.
    number: Option<usize>,
    name: String,
    generator: Generator,
    timer: Option<IdlenessTimer>,
    idle: bool,
}

pub(super) struct Source {
    splits: Vec<Split>,
    multiplexer: Multiplexer,
    sent: EventTime,
    sent_idle: bool,
    /// Something came since the last tick.
    fresh: bool,
    last_tick: Option<i64>,
    pub scheduled: bool,
}

impl Source {
    pub fn new(job: &Job, subtask: usize) -> Result<Source, String> {
        let mut numbers: Vec<Option<usize>> = (subtask..job.splits).step_by(job.source_parallelism.max(1)).map(Some).collect();
        if numbers.is_empty() {
            numbers.push(None);
        }
        let mut multiplexer = Multiplexer::default();
        let mut splits = Vec::new();
        for number in numbers {
            let name = number.map_or_else(String::new, |number| number.to_string());
            multiplexer.register(name.clone(), !matches!(job.strategy, Strategy::Punctuated(_)));
            splits.push(Split {
                number,
                name,
                generator: Generator::new(job.strategy),
                timer: job.idle_timeout.map(IdlenessTimer::new).transpose()?,
                idle: false,
            });
        }
        Ok(Source {
            splits,
            multiplexer,
            sent: EventTime::MIN,
            sent_idle: false,
            fresh: false,
            last_tick: None,
            scheduled: false,
        })
    }

    /// An event was read. What goes out behind it.
    pub fn read(&mut self, split: usize, time: EventTime, now: i64, lines: &mut [Line]) -> Vec<Emitted> {
        self.fresh = true;
        let Some(split) = self.splits.iter_mut().find(|one| one.number == Some(split)) else {
            return Vec::new();
        };
        split.idle = false;
        if let Some(timer) = &mut split.timer {
            timer.activity();
        }
        if let Some(watermark) = split.generator.on_event(time) {
            note(split, watermark, now, lines);
            self.multiplexer.watermark(&split.name, watermark);
        }
        self.emit()
    }

    /// The tick. What goes out.
    pub fn tick(&mut self, now: i64, lines: &mut [Line]) -> Vec<Emitted> {
        self.fresh = false;
        self.last_tick = Some(now);
        for split in &mut self.splits {
            if split.timer.as_mut().is_some_and(|timer| timer.check(now)) {
                if !split.idle {
                    split.idle = true;
                    self.multiplexer.set_idle(&split.name, true);
                    if let Some(line) = split.number.and_then(|number| lines.get_mut(number)) {
                        line.idle_from(now);
                    }
                }
                continue;
            }
            split.idle = false;
            if let Some(watermark) = split.generator.on_periodic_emit() {
                note(split, watermark, now, lines);
                self.multiplexer.watermark(&split.name, watermark);
            }
        }
        self.multiplexer.on_periodic_emit();
        self.emit()
    }

    /// All was read: the greatest watermark.
    pub fn end(&mut self) -> Vec<Emitted> {
        self.fresh = false;
        self.sent = EventTime::MAX;
        let mut out = Vec::new();
        if core::mem::replace(&mut self.sent_idle, false) {
            out.push(Emitted::Active);
        }
        out.push(Emitted::Watermark(EventTime::MAX));
        out
    }

    /// Whether all was read.
    pub fn ended(&self) -> bool {
        self.sent == EventTime::MAX
    }

    fn emit(&mut self) -> Vec<Emitted> {
        let mut out = Vec::new();
        // `WatermarkOutputMultiplexer` says a watermark that rises, or that all is idle. That a split is active again goes out with the next watermark alone.
        if self.multiplexer.combined() > self.sent {
            self.sent = self.multiplexer.combined();
            if core::mem::replace(&mut self.sent_idle, false) {
                out.push(Emitted::Active);
            }
            out.push(Emitted::Watermark(self.sent));
        }
        if self.multiplexer.is_idle() && !self.sent_idle {
            self.sent_idle = true;
            out.push(Emitted::Idle);
        }
        out
    }

    /// The next tick that can change anything: ticks that find nothing new are left out.
    pub fn next_tick(&self, job: &Job, now: i64) -> Option<i64> {
        let waits = self.fresh || self.splits.iter().any(|split| split.timer.is_some() && !split.idle);
        if job.emit_interval <= 0 || !waits || self.sent == EventTime::MAX {
            return None;
        }
        let passed = now.saturating_sub(job.start).max(0);
        let rest = passed % job.emit_interval;
        let next = job.start.saturating_add(passed - rest + if rest == 0 { 0 } else { job.emit_interval });
        match self.last_tick {
            Some(last) if next <= last => last.checked_add(job.emit_interval),
            _ => Some(next),
        }
    }
}

fn note(split: &Split, watermark: EventTime, now: i64, lines: &mut [Line]) {
    if let Some(line) = split.number.and_then(|number| lines.get_mut(number)) {
        line.active_at(now);
        line.step(now, watermark);
    }
}
