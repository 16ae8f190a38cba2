//! The watermark of a source subtask that reads several splits: the least of those that are not idle.
//!
//! Source: flink-core `WatermarkOutputMultiplexer`, `CombinedWatermarkStatus`.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::EventTime;

#[derive(Clone, Debug)]
struct Partial {
    watermark: EventTime,
    idle: bool,
    deferred: bool,
}

/// Split outputs by name, and what was combined of them.
#[derive(Clone, Debug)]
pub struct Multiplexer {
    outputs: BTreeMap<String, Partial>,
    combined: EventTime,
    idle: bool,
}

impl Default for Multiplexer {
    fn default() -> Self {
        Multiplexer {
            outputs: BTreeMap::new(),
            combined: EventTime::MIN,
            idle: false,
        }
    }
}

impl Multiplexer {
    /// Adds an output. A deferred one (of a periodic generator) is combined at the tick alone, another at each watermark of its.
    pub fn register(&mut self, name: String, deferred: bool) {
        let partial = Partial {
            watermark: EventTime::MIN,
            idle: false,
            deferred,
        };
        self.outputs.insert(name, partial);
    }

    /// Removes an output: by itself that moves nothing.
    pub fn unregister(&mut self, name: &str) {
        self.outputs.remove(name);
    }

    /// A watermark of an output, which makes it active. An output that is not there is none.
    pub fn watermark(&mut self, name: &str, watermark: EventTime) {
        let Some(partial) = self.outputs.get_mut(name) else { return };
        partial.idle = false;
        let rose = watermark > partial.watermark;
        if rose {
            partial.watermark = watermark;
        }
        if rose && !partial.deferred && watermark > self.combined {
            self.combine();
        }
    }

    /// Marks an output idle, or active.
    pub fn set_idle(&mut self, name: &str, idle: bool) {
        let Some(partial) = self.outputs.get_mut(name) else { return };
        partial.idle = idle;
        if !partial.deferred {
            self.combine();
        }
    }

    /// The tick.
    pub fn on_periodic_emit(&mut self) {
        self.combine();
    }

    /// The last watermark that went out; [`EventTime::MIN`] before there is one.
    pub fn combined(&self) -> EventTime {
        self.combined
    }

    /// Whether it last said that it is idle: all outputs are.
    pub fn is_idle(&self) -> bool {
        self.idle
    }

    fn combine(&mut self) {
        if self.outputs.is_empty() {
            return;
        }
        let active = self.outputs.values().filter(|partial| !partial.idle).map(|partial| partial.watermark).min();
        let combined = active.or_else(|| self.outputs.values().map(|partial| partial.watermark).max());
        self.idle = active.is_none();
        self.combined = self.combined.max(combined.unwrap_or(EventTime::MIN));
    }
}
