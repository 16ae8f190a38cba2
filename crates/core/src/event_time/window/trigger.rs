//! When a window fires.
//!
//! Source: flink-runtime `EventTimeTrigger`, `ProcessingTimeTrigger`, `CountTrigger`, `ContinuousEventTimeTrigger`, `ContinuousProcessingTimeTrigger`, `PurgingTrigger`.

use alloc::string::String;

use super::{Domain, TimeWindow};
use crate::event_time::EventTime;

/// Which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerKind {
    EventTime,
    ProcessingTime,
    /// At so many elements, again and again.
    Count(u64),
    /// At multiples of an interval in milliseconds, and at the window's end.
    ContinuousEventTime(i64),
    /// The same by the operator's clock.
    ContinuousProcessingTime(i64),
    /// `GlobalWindows.NeverTrigger`.
    Never,
}

/// A rule, and whether firing clears the window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trigger {
    pub kind: TriggerKind,
    pub purging: bool,
}

/// The operator's two clocks.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    pub watermark: EventTime,
    pub processing: EventTime,
}

/// What a trigger keeps of one window: its state, and the timers that it has set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TriggerState {
    count: u64,
    /// The instant of a continuous trigger's next firing.
    fire_at: Option<EventTime>,
    /// A timer stands at the window's last instant.
    end: bool,
    /// Of a continuous trigger: the instant that it remembers though its timer, which was the window's end too, has fired.
    spent: Option<EventTime>,
}

/// Whether to fire, and the timers to set, which were not set before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decision {
    pub fire: bool,
    pub timers: [Option<EventTime>; 2],
}

impl Trigger {
    /// Error: a count or interval that is not positive.
    pub fn check(&self) -> Result<(), String> {
        match self.kind {
            TriggerKind::Count(0) => Err(String::from("a count trigger's count must be positive")),
            TriggerKind::ContinuousEventTime(interval) | TriggerKind::ContinuousProcessingTime(interval) if interval <= 0 => {
                Err(String::from("a continuous trigger's interval must be positive"))
            }
            _ => Ok(()),
        }
    }

    /// The clock that its timers go by.
    pub fn domain(&self) -> Domain {
        match self.kind {
            TriggerKind::EventTime | TriggerKind::ContinuousEventTime(_) => Domain::Event,
            _ => Domain::Processing,
        }
    }

    /// An element joined the window.
    #[inline]
    pub fn on_element(&self, state: &mut TriggerState, window: TimeWindow, ts: EventTime, clocks: Clocks) -> Decision {
        let mut decision = Decision::default();
        match self.kind {
            TriggerKind::EventTime => {
                decision.fire = window.max_timestamp() <= clocks.watermark;
                if !decision.fire {
                    decision.timers[0] = state.arm_end(window);
                }
            }
            TriggerKind::ProcessingTime => decision.timers[0] = state.arm_end(window),
            TriggerKind::Count(count) => {
                state.count += 1;
                if state.count >= count {
                    state.count = 0;
                    decision.fire = true;
                }
            }
            TriggerKind::ContinuousEventTime(interval) => {
                if window.max_timestamp() <= clocks.watermark {
                    decision.fire = true;
                } else {
                    decision.timers[0] = state.arm_end(window);
                    if state.fire_at.or(state.spent).is_none() {
                        decision.timers[1] = state.arm_next(window, floor(ts, interval), interval);
                    }
                }
            }
            TriggerKind::ContinuousProcessingTime(interval) => {
                if state.fire_at.is_none() {
                    decision.timers[1] = state.arm_next(window, floor(clocks.processing, interval), interval);
                }
            }
            TriggerKind::Never => {}
        }
        decision
    }

    /// A timer of its clock came due; `end_only` where it may not set another (at the end of input, where it would do so for ever).
    pub fn on_timer(&self, state: &mut TriggerState, window: TimeWindow, time: EventTime, end_only: bool) -> Decision {
        let mut decision = Decision::default();
        let at_end = time == window.max_timestamp();
        if at_end {
            state.end = false;
        }
        match self.kind {
            TriggerKind::EventTime => decision.fire = at_end,
            TriggerKind::ProcessingTime => decision.fire = true,
            TriggerKind::ContinuousEventTime(_) if at_end => {
                decision.fire = true;
                // The timer is gone, what the trigger remembers is not: a window that this one becomes part of fires for it again.
                if state.fire_at == Some(time) {
                    state.spent = state.fire_at.take();
                }
            }
            TriggerKind::ContinuousEventTime(interval) | TriggerKind::ContinuousProcessingTime(interval) if state.fire_at == Some(time) => {
                state.fire_at = None;
                decision.fire = true;
                if !end_only && !at_end {
                    decision.timers[1] = state.arm_next(window, time, interval);
                }
            }
            _ => {}
        }
        decision
    }

    /// Whether a timer at that instant is its own, and still set.
    pub fn has_timer(&self, state: &TriggerState, window: TimeWindow, time: EventTime) -> bool {
        (state.end && time == window.max_timestamp()) || state.fire_at == Some(time)
    }

    /// The state of a window that others were merged into. Answer: it, and the timers to set.
    pub fn on_merge(&self, merged: impl IntoIterator<Item = TriggerState>, result: TimeWindow, clocks: Clocks) -> (TriggerState, Decision) {
        let mut state = TriggerState::default();
        let mut decision = Decision::default();
        let mut fire_at: Option<EventTime> = None;
        for one in merged {
            state.count += one.count;
            fire_at = [fire_at, one.fire_at, one.spent].into_iter().flatten().min();
        }
        match self.kind {
            TriggerKind::EventTime if result.max_timestamp() > clocks.watermark => decision.timers[0] = state.arm_end(result),
            TriggerKind::ProcessingTime if result.max_timestamp() > clocks.processing => decision.timers[0] = state.arm_end(result),
            TriggerKind::ContinuousEventTime(_) | TriggerKind::ContinuousProcessingTime(_) => {
                state.fire_at = fire_at;
                decision.timers[1] = fire_at;
            }
            _ => {}
        }
        (state, decision)
    }
}

fn floor(ts: EventTime, interval: i64) -> EventTime {
    // Java's remainder, as the trigger has it: before the epoch this rounds towards it.
    ts.minus(ts.0.checked_rem(interval).unwrap_or(0))
}

impl TriggerState {
    #[inline]
    fn arm_end(&mut self, window: TimeWindow) -> Option<EventTime> {
        let was = core::mem::replace(&mut self.end, true);
        (!was).then(|| window.max_timestamp())
    }

    fn arm_next(&mut self, window: TimeWindow, from: EventTime, interval: i64) -> Option<EventTime> {
        self.fire_at = Some(from.plus(interval).min(window.max_timestamp()));
        self.fire_at
    }
}
