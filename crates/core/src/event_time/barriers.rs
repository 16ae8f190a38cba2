//! Alignment of checkpoint barriers over the channels of a task, exactly-once and aligned.
//!
//! Source: flink-runtime `SingleCheckpointBarrierHandler` (aligned). A channel that ends before its barrier came aborts the checkpoint, as before
//! `checkpoints-after-tasks-finish`.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

/// What an item of input did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reaction {
    /// The checkpoint that is complete at this task: it snapshots now, and forwards the barrier.
    pub triggered: Option<u64>,
    /// The checkpoint that was given up.
    pub aborted: Option<u64>,
}

/// A task's alignment.
#[derive(Clone, Debug)]
pub struct Alignment {
    ended: Vec<bool>,
    blocked: BTreeSet<usize>,
    /// The checkpoint that is being aligned.
    pending: Option<u64>,
    /// The newest checkpoint that was triggered or given up.
    done: u64,
}

impl Alignment {
    pub fn new(channels: usize) -> Alignment {
        Alignment {
            ended: vec![false; channels],
            blocked: BTreeSet::new(),
            pending: None,
            done: 0,
        }
    }

    /// Channels that are not read until their checkpoint is aligned.
    pub fn blocked(&self) -> impl Iterator<Item = usize> {
        self.blocked.iter().copied()
    }

    pub fn is_blocked(&self, channel: usize) -> bool {
        self.blocked.contains(&channel)
    }

    /// A barrier on a channel.
    pub fn barrier(&mut self, channel: usize, id: u64) -> Reaction {
        let mut reaction = Reaction::default();
        if id <= self.done || self.pending.is_some_and(|pending| id < pending) || self.ended.get(channel) != Some(&false) {
            return reaction;
        }
        if let Some(pending) = self.pending.filter(|pending| *pending < id) {
            reaction.aborted = Some(pending);
            self.stop(pending);
        }
        self.pending = Some(id);
        self.blocked.insert(channel);
        if self.blocked.len() == self.ended.iter().filter(|ended| !**ended).count() {
            reaction.triggered = Some(id);
            self.stop(id);
        }
        reaction
    }

    /// A channel ends.
    pub fn end_of_partition(&mut self, channel: usize) -> Reaction {
        let mut reaction = Reaction::default();
        if let Some(ended) = self.ended.get_mut(channel) {
            *ended = true;
        }
        if let Some(pending) = self.pending {
            reaction.aborted = Some(pending);
            self.stop(pending);
        }
        reaction
    }

    fn stop(&mut self, id: u64) {
        self.done = id;
        self.pending = None;
        self.blocked.clear();
    }
}
