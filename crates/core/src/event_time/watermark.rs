//! Watermark generators of one split, and the timer behind `withIdleness`.
//!
//! Source: flink-core `BoundedOutOfOrdernessWatermarks`, `AscendingTimestampsWatermarks`, `WatermarksWithIdleness`.

use alloc::format;
use alloc::string::String;

use super::EventTime;

/// `pipeline.auto-watermark-interval`: milliseconds of processing time from one periodic emission to the next.
pub const EMIT_INTERVAL: i64 = 200;

/// How a split's watermarks come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// `forBoundedOutOfOrderness`, milliseconds: the greatest timestamp less the bound less 1, at each tick.
    Bounded(i64),
    /// `forMonotonousTimestamps`: bounded by 0.
    Ascending,
    /// A watermark right behind each event, as a punctuated generator that takes every event for a mark: its timestamp less the bound less 1.
    Punctuated(i64),
    /// `noWatermarks`.
    None,
}

impl Strategy {
    fn bound(self) -> i64 {
        match self {
            Strategy::Bounded(bound) | Strategy::Punctuated(bound) => bound,
            Strategy::Ascending | Strategy::None => 0,
        }
    }

    /// Error: a negative bound.
    pub fn check(self) -> Result<(), String> {
        match self.bound() {
            bound if bound < 0 => Err(format!("maxOutOfOrderness cannot be negative: {bound}")),
            _ => Ok(()),
        }
    }
}

/// A generator: what it has seen.
#[derive(Clone, Debug)]
pub struct Generator {
    strategy: Strategy,
    max: EventTime,
}

impl Generator {
    pub fn new(strategy: Strategy) -> Generator {
        Generator {
            strategy,
            max: EventTime::MIN.plus(strategy.bound()).plus(1),
        }
    }

    /// An event came. Answer: the watermark that goes out right behind it, of a punctuated generator.
    pub fn on_event(&mut self, ts: EventTime) -> Option<EventTime> {
        self.max = self.max.max(ts);
        matches!(self.strategy, Strategy::Punctuated(_)).then(|| self.value())
    }

    /// The tick: the watermark that goes out, of a periodic generator. Whoever takes it sees to it that watermarks rise.
    pub fn on_periodic_emit(&self) -> Option<EventTime> {
        matches!(self.strategy, Strategy::Bounded(_) | Strategy::Ascending).then(|| self.value())
    }

    fn value(&self) -> EventTime {
        self.max.minus(self.strategy.bound()).minus(1)
    }
}

/// `withIdleness`: whether a split had no event for longer than the timeout. It is asked at each tick, and its time begins at the first tick that found nothing new.
#[derive(Clone, Debug)]
pub struct IdlenessTimer {
    timeout: i64,
    counter: u64,
    last_counter: u64,
    since: Option<i64>,
}

impl IdlenessTimer {
    /// `timeout` in milliseconds. Error: it is not positive.
    pub fn new(timeout: i64) -> Result<IdlenessTimer, String> {
        if timeout <= 0 {
            return Err(String::from("idle timeout must be positive"));
        }
        Ok(IdlenessTimer {
            timeout,
            counter: 0,
            last_counter: 0,
            since: None,
        })
    }

    /// An event came.
    pub fn activity(&mut self) {
        self.counter += 1;
    }

    /// Whether it is idle, at `now` of processing time.
    pub fn check(&mut self, now: i64) -> bool {
        if self.counter != self.last_counter {
            self.last_counter = self.counter;
            self.since = None;
            return false;
        }
        match self.since {
            None => {
                self.since = Some(now);
                false
            }
            Some(since) => now.saturating_sub(since) > self.timeout,
        }
    }
}
