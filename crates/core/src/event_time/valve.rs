//! The watermark of an operator with several input channels.
//!
//! Source: flink-runtime `StatusWatermarkValve` as released in 2.3.0. (Later, when all channels go idle, the greatest watermark goes out whichever channel was last.)

use alloc::vec;
use alloc::vec::Vec;

use super::EventTime;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Emitted {
    Watermark(EventTime),
    Idle,
    Active,
}

#[derive(Clone, Debug)]
struct Channel {
    watermark: EventTime,
    active: bool,
    aligned: bool,
}

/// Channels of one input, and what went out.
#[derive(Clone, Debug)]
pub struct Valve {
    channels: Vec<Channel>,
    last: EventTime,
    active: bool,
}

impl Valve {
    pub fn new(channels: usize) -> Valve {
        let channel = Channel {
            watermark: EventTime::MIN,
            active: true,
            aligned: true,
        };
        Valve {
            channels: vec![channel; channels],
            last: EventTime::MIN,
            active: true,
        }
    }

    /// The last watermark that went out.
    pub fn last(&self) -> EventTime {
        self.last
    }

    /// Each channel: its watermark, and whether it is active and counted.
    pub fn channels(&self) -> impl Iterator<Item = (EventTime, bool)> {
        self.channels.iter().map(|channel| (channel.watermark, channel.active && channel.aligned))
    }

    /// A watermark on a channel. Answer: the one that goes out.
    pub fn watermark(&mut self, channel: usize, watermark: EventTime) -> Option<Emitted> {
        let last = self.last;
        let channel = self.channels.get_mut(channel)?;
        if !self.active || !channel.active || watermark <= channel.watermark {
            return None;
        }
        channel.watermark = watermark;
        if !channel.aligned && watermark >= last {
            channel.aligned = true;
        }
        self.least_of_aligned()
    }

    /// A channel says that it is idle. What goes out, in order.
    pub fn idle(&mut self, channel: usize) -> [Option<Emitted>; 2] {
        let Some(channel) = self.channels.get_mut(channel).filter(|channel| channel.active) else {
            return [None; 2];
        };
        channel.active = false;
        channel.aligned = false;
        let held = channel.watermark == self.last;
        if self.channels.iter().any(|channel| channel.active) {
            return [if held { self.least_of_aligned() } else { None }, None];
        }
        let most = self.channels.iter().map(|channel| channel.watermark).max();
        let most = most.filter(|most| held && *most > self.last);
        self.last = most.unwrap_or(self.last);
        self.active = false;
        [most.map(Emitted::Watermark), Some(Emitted::Idle)]
    }

    /// A channel says that it is active again. What goes out; never a watermark.
    pub fn active(&mut self, channel: usize) -> Option<Emitted> {
        let last = self.last;
        let channel = self.channels.get_mut(channel).filter(|channel| !channel.active)?;
        channel.active = true;
        channel.aligned = channel.watermark >= last;
        let was = core::mem::replace(&mut self.active, true);
        (!was).then_some(Emitted::Active)
    }

    fn least_of_aligned(&mut self) -> Option<Emitted> {
        let least = self.channels.iter().filter(|channel| channel.aligned).map(|channel| channel.watermark).min()?;
        if least <= self.last {
            return None;
        }
        self.last = least;
        Some(Emitted::Watermark(least))
    }
}
