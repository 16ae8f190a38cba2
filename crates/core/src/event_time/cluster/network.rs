//! The channels between two tasks: buffers, credits, pools.
//!
//! Belongs here: where a record is between two subtasks. Does not belong here: who runs, and for how long.
//! Source: Flink, Network memory tuning (2 exclusive buffers a channel, 8 floating a gate, 32 KiB, flush after 100 ms) and `LocalBufferPool`; a
//! buffer is sent only with a credit, which is a free buffer of the receiver. Not modelled: a most of buffers a channel, overdraft buffers, backlog.

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;

pub const EXCLUSIVE: usize = 2;
pub const FLOATING: usize = 8;
/// Bytes of a buffer.
pub const BUFFER: u64 = 32 * 1024;

#[derive(Clone, Debug, Default)]
struct Channel {
    /// Records in the buffer that is being filled.
    filling: u64,
    /// Full buffers that wait for a credit.
    waiting: VecDeque<u64>,
    /// Buffers at the receiver.
    received: VecDeque<u64>,
}

/// All channels from the subtasks of a task to those of the next.
#[derive(Clone, Debug)]
pub struct Network {
    senders: usize,
    receivers: usize,
    pointwise: bool,
    /// Records that a buffer holds.
    capacity: u64,
    /// Sender by sender.
    channels: Vec<Channel>,
    /// The channel that a receiver reads next.
    turn: Vec<usize>,
}

impl Network {
    pub fn new(senders: usize, receivers: usize, pointwise: bool, record: u64) -> Network {
        Network {
            senders,
            receivers,
            pointwise,
            capacity: (BUFFER / record.max(1)).max(1),
            channels: vec![Channel::default(); senders * receivers],
            turn: vec![0; receivers],
        }
    }

    fn channel(&self, sender: usize, receiver: usize) -> &Channel {
        &self.channels[sender * self.receivers + receiver]
    }

    fn channel_mut(&mut self, sender: usize, receiver: usize) -> &mut Channel {
        &mut self.channels[sender * self.receivers + receiver]
    }

    /// Buffers of a pool: of a sender's partition, or of a receiver's gate.
    fn pool(&self, channels: usize) -> usize {
        EXCLUSIVE * if self.pointwise { 1 } else { channels } + FLOATING
    }

    /// Buffers of a sender's pool that are taken, and how many it has.
    pub fn out_pool(&self, sender: usize) -> (usize, usize) {
        let taken = (0..self.receivers).map(|receiver| {
            let channel = self.channel(sender, receiver);
            channel.waiting.len() + usize::from(channel.filling > 0)
        });
        (taken.sum(), self.pool(self.receivers))
    }

    /// Buffers of a receiver's gate that are taken, and how many it has.
    pub fn in_pool(&self, receiver: usize) -> (usize, usize) {
        let taken = (0..self.senders).map(|sender| self.channel(sender, receiver).received.len());
        (taken.sum(), self.pool(self.senders))
    }

    /// Whether a receiver has a free buffer for a channel: an exclusive one, or a floating one of its gate.
    pub fn credit(&self, sender: usize, receiver: usize) -> bool {
        if self.channel(sender, receiver).received.len() < EXCLUSIVE {
            return true;
        }
        let over = |sender| self.channel(sender, receiver).received.len().saturating_sub(EXCLUSIVE);
        (0..self.senders).map(over).sum::<usize>() < FLOATING
    }

    /// Whether a channel of a sender has buffers that wait for a credit.
    pub fn starved(&self, sender: usize) -> bool {
        (0..self.receivers).any(|receiver| !self.channel(sender, receiver).waiting.is_empty() && !self.credit(sender, receiver))
    }

    /// Whether a sender has a buffer for whatever its next record's channel is: it is available while its pool has a free one.
    pub fn available(&self, sender: usize) -> bool {
        let (taken, size) = self.out_pool(sender);
        taken < size
    }

    /// Puts a record into a channel's buffer, and sends the buffer when it is full.
    pub fn put(&mut self, sender: usize, receiver: usize) {
        let capacity = self.capacity;
        let channel = self.channel_mut(sender, receiver);
        channel.filling += 1;
        if channel.filling >= capacity {
            self.finish(sender, receiver);
        }
    }

    fn finish(&mut self, sender: usize, receiver: usize) {
        let channel = self.channel_mut(sender, receiver);
        let records = core::mem::take(&mut channel.filling);
        if records > 0 {
            channel.waiting.push_back(records);
            self.send(sender, receiver);
        }
    }

    fn send(&mut self, sender: usize, receiver: usize) {
        while !self.channel(sender, receiver).waiting.is_empty() && self.credit(sender, receiver) {
            let channel = self.channel_mut(sender, receiver);
            if let Some(records) = channel.waiting.pop_front() {
                channel.received.push_back(records);
            }
        }
    }

    /// What the flush timeout does: buffers that are not full go too, where nothing waits before them.
    pub fn flush(&mut self) {
        for sender in 0..self.senders {
            for receiver in 0..self.receivers {
                if self.channel(sender, receiver).waiting.is_empty() {
                    self.finish(sender, receiver);
                }
            }
        }
    }

    /// Takes a record from a receiver's gate, its channels in turn; a buffer that is empty becomes a credit.
    pub fn take(&mut self, receiver: usize) -> bool {
        let first = self.turn[receiver];
        for step in 0..self.senders {
            let sender = (first + step) % self.senders;
            let Some(left) = self.channel_mut(sender, receiver).received.front_mut() else {
                continue;
            };
            *left -= 1;
            if *left == 0 {
                self.channel_mut(sender, receiver).received.pop_front();
                self.turn[receiver] = (sender + 1) % self.senders;
                for sender in 0..self.senders {
                    self.send(sender, receiver);
                }
            }
            return true;
        }
        false
    }

    /// Records in all of its buffers.
    pub fn records(&self) -> u64 {
        let of = |channel: &Channel| channel.filling + channel.waiting.iter().sum::<u64>() + channel.received.iter().sum::<u64>();
        self.channels.iter().map(of).sum()
    }
}
