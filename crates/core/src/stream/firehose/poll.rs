use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::buffer::Buffer;
use super::state::Status;
use super::{Because, Channel, DeliveryStream, FireCounters, Firehose, Source};
use crate::etl::Field;
use crate::sim::{Shared, SimTime};
use crate::stream::kinesis::{Entry, Kinesis, Limit, Own};
use crate::stream::traffic::{Consumed, Consumer, Traffic};

/// How often a stream that reads looks for new shards.
const DISCOVER: i64 = 1_000_000;

/// What time did.
#[derive(Clone, Debug, PartialEq)]
pub enum Happened {
    /// `status` is `None`: it is deleted.
    Status {
        stream: String,
        status: Option<Status>,
        cause: Option<u32>,
    },
    Flushed {
        stream: String,
        number: u64,
        cause: Option<u32>,
    },
    /// A delivery that was refused is tried again.
    Again {
        number: u64,
    },
    /// A shard refused a read of the stream's.
    Throttled {
        stream: String,
        source: String,
        shard: u32,
        limit: Limit,
    },
    /// A function was invoked with what had come in.
    Invoked {
        stream: String,
        function: String,
        records: u64,
        dropped: u64,
        failed: u64,
        cause: Option<u32>,
    },
    /// Records failed, and go into error objects.
    Failed {
        stream: String,
        code: String,
        records: u64,
        cause: Option<u32>,
    },
    Minute {
        stream: String,
        counters: Box<FireCounters>,
    },
}

/// What is around delivery streams.
pub struct World<'a> {
    pub seed: u64,
    /// The account's number.
    pub account: &'a str,
    pub traffic: &'a Traffic,
    /// The columns of a catalog table, by database and name.
    pub columns: &'a dyn Fn(&str, &str) -> Option<Vec<Field>>,
}

impl Firehose {
    /// When there is something to do.
    pub fn next_due(&self) -> Option<SimTime> {
        let of = |stream: &DeliveryStream| {
            let places = stream.reader.iter().flat_map(|reader| reader.places());
            let reads = places.filter(|(_, place)| !place.done).filter_map(|(_, place)| place.next_at);
            reads
                .chain(stream.interval_at())
                .chain(stream.intake_at())
                .chain(stream.change_at)
                .chain(stream.discover_at)
                .min()
        };
        let again = self.deliveries.values().filter_map(|delivery| delivery.again_at);
        self.streams.values().filter_map(of).chain(again).chain(self.minute_at).min()
    }

    /// Does the first things that are due by `now`, all of one instant: flushes first, then reads.
    pub fn poll(&mut self, world: &World<'_>, now: SimTime, kinesis: &mut Kinesis) -> Option<(SimTime, Vec<Happened>)> {
        let at = self.next_due().filter(|at| *at <= now)?;
        let (seed, traffic) = (world.seed, world.traffic);
        let mut happened = Vec::new();
        if self.minute_at == Some(at) {
            self.minute_at = None;
            self.charge(at);
            self.drain(at, &mut happened);
        }
        for delivery in self.deliveries.values_mut().filter(|delivery| delivery.again_at == Some(at)) {
            delivery.again_at = None;
            happened.push(Happened::Again { number: delivery.number });
        }
        let names: Vec<String> = self.streams.keys().cloned().collect();
        for name in names {
            let Some(stream) = self.streams.get_mut(&name) else { continue };
            if stream.interval_at().is_some_and(|due| due <= at) {
                let due = |(channel, buffer): (&Channel, &Buffer)| stream.flush_at(channel, buffer).is_some_and(|due| due <= at);
                let over: Vec<Channel> = stream.buffers.iter().filter(|one| due(*one)).map(|(channel, _)| channel.clone()).collect();
                for channel in over {
                    self.flush(seed, at, &name, &channel, Because::Interval, &mut happened);
                }
            }
            self.process(world, at, &name, false, &mut happened);
            self.settle(world, at, &name, &mut happened);
            let Some(stream) = self.streams.get_mut(&name) else { continue };
            if stream.discover_at.is_some_and(|due| due <= at) {
                stream.discover(at, kinesis, traffic);
            }
            self.read(seed, at, &name, kinesis, traffic, &mut happened);
        }
        Some((at, happened))
    }

    /// Something came to a Kinesis stream, or changed about it: those that read it look again.
    pub fn wake(&mut self, at: SimTime, kinesis: &str) {
        for name in self.readers_of(kinesis) {
            let Some(stream) = self.streams.get_mut(&name) else { continue };
            let Some(reader) = stream.reader.as_mut() else { continue };
            stream.discover_at = Some(stream.discover_at.map_or(at, |due| due.min(at)));
            if reader.places().any(|(_, place)| !place.done && place.next_at.is_none()) {
                reader.make_mut().wake(at);
            }
        }
    }

    pub(super) fn flush(&mut self, seed: u64, at: SimTime, name: &str, channel: &Channel, because: Because, happened: &mut Vec<Happened>) {
        let number = self.number + 1;
        let Some(stream) = self.streams.get_mut(name) else { return };
        let cause = stream.cause;
        let Some(delivery) = stream.flush(seed, number, at, channel, because) else {
            return;
        };
        self.number = number;
        self.deliveries.insert(number, delivery);
        happened.push(Happened::Flushed {
            stream: name.to_string(),
            number,
            cause,
        });
    }

    /// Closes every buffer of a stream.
    pub(super) fn flush_all(&mut self, seed: u64, at: SimTime, name: &str, because: Because, happened: &mut Vec<Happened>) {
        let Some(stream) = self.streams.get(name) else { return };
        let channels: Vec<Channel> = stream.buffers.keys().cloned().collect();
        for channel in channels {
            self.flush(seed, at, name, &channel, because, happened);
        }
    }

    fn settle(&mut self, world: &World<'_>, at: SimTime, name: &str, happened: &mut Vec<Happened>) {
        let Some(stream) = self.streams.get_mut(name).filter(|stream| stream.change_at.is_some_and(|due| due <= at)) else {
            return;
        };
        stream.change_at = None;
        let (status, cause) = (stream.status, stream.cause);
        if status == Status::Creating {
            stream.status = Status::Active;
            stream.begin_reading(at);
        } else if status == Status::Deleting {
            // What it holds is delivered before it goes.
            self.process(world, at, name, true, happened);
            self.flush_all(world.seed, at, name, Because::End, happened);
            self.charge(at);
            self.streams.remove(name);
        }
        happened.push(Happened::Status {
            stream: name.to_string(),
            status: (status == Status::Creating).then_some(Status::Active),
            cause,
        });
    }

    fn read(&mut self, seed: u64, at: SimTime, name: &str, kinesis: &mut Kinesis, traffic: &Traffic, happened: &mut Vec<Happened>) {
        let Some(stream) = self.streams.get_mut(name) else { return };
        let places = stream.reader.iter().flat_map(|reader| reader.places());
        let due: Vec<u32> = places
            .filter(|(_, place)| !place.done && place.next_at.is_some_and(|due| due <= at))
            .map(|(shard, _)| shard)
            .collect();
        for shard in due {
            let Some(stream) = self.streams.get_mut(name) else { return };
            let taken = stream.read_shard(at, shard, kinesis, traffic, happened);
            kinesis.note_minute(at);
            self.note_minute(at);
            for (entry, own) in taken {
                let Some(stream) = self.streams.get_mut(name) else { return };
                for full in stream.take(at, entry, own).into_iter().flatten() {
                    self.flush(seed, at, name, &full, Because::Size, happened);
                }
            }
        }
    }

    fn drain(&mut self, at: SimTime, happened: &mut Vec<Happened>) {
        let mut waits = false;
        for stream in self.streams.values_mut() {
            let under_way = self.deliveries.values().filter(|delivery| delivery.stream == stream.name);
            let oldest = under_way.map(|delivery| delivery.oldest).chain(stream.oldest()).min();
            if let Some(oldest) = oldest {
                // The age of the oldest record that is in Firehose.
                stream.counters.freshness.add(((at.micros() - oldest.micros()).max(0) / 1_000_000) as f64);
            }
            // What waits for the host alone needs no time to pass.
            let tried_again = self
                .deliveries
                .values()
                .any(|delivery| delivery.stream == stream.name && delivery.again_at.is_some());
            waits |= tried_again || stream.oldest().is_some();
            let counters = core::mem::take(&mut stream.counters);
            if !counters.is_empty() {
                happened.push(Happened::Minute {
                    stream: stream.name.clone(),
                    counters: Box::new(counters),
                });
            }
        }
        if waits {
            self.note_minute(at);
        }
    }
}

impl DeliveryStream {
    /// When the oldest record came that is neither delivered nor in a closed buffer.
    pub(super) fn oldest(&self) -> Option<SimTime> {
        let open = self.buffers.values().chain(core::iter::once(&self.intake));
        open.filter_map(|buffer| buffer.oldest).min()
    }

    /// Begins at LATEST of the moment in which it becomes active ("Firehose starts reading from the LATEST position").
    fn begin_reading(&mut self, at: SimTime) {
        if let Source::Kinesis { stream, .. } = &self.source {
            self.reader = Some(Shared::from(Consumer::polling(&self.name, stream, at)));
            self.discover_at = Some(at);
        }
    }

    fn discover(&mut self, at: SimTime, kinesis: &Kinesis, traffic: &Traffic) {
        self.discover_at = None;
        let Some(reader) = self.reader.as_mut() else { return };
        if traffic.is_busy(kinesis, reader.stream()) {
            self.discover_at = Some(at.plus_micros(DISCOVER));
        }
        let Some(stream) = kinesis.stream(reader.stream()).filter(|stream| stream.is_usable()) else {
            return;
        };
        let ready = reader.ready(stream, at);
        if !ready.is_empty() {
            let reader = reader.make_mut();
            for shard in ready {
                reader.begin(stream, shard, at);
            }
        }
    }

    fn read_shard(&mut self, at: SimTime, shard: u32, kinesis: &mut Kinesis, traffic: &Traffic, happened: &mut Vec<Happened>) -> Vec<(Entry, Option<Own>)> {
        let mut taken = Vec::new();
        let Some(reader) = self.reader.as_mut() else { return taken };
        let source = reader.stream().to_string();
        let busy = traffic.is_busy(kinesis, &source);
        let reader = reader.make_mut();
        let position = |reader: &Consumer| reader.places().find(|(index, _)| *index == shard).map_or(0, |(_, place)| place.position);
        let Some(stream) = kinesis.stream_mut(&source) else {
            // Its source is gone.
            reader.sleep(shard);
            return taken;
        };
        let before = position(reader);
        let did = reader.act(at, stream, shard, &|_| String::new());
        let after = position(reader);
        match did {
            Consumed::Records { behind, .. } => self.counters.millis_behind.add(behind as f64),
            Consumed::Throttled(limit) => {
                self.counters.throttled_reads.add(1.0);
                happened.push(Happened::Throttled {
                    stream: self.name.clone(),
                    source: source.clone(),
                    shard,
                    limit,
                });
            }
            _ if !busy => reader.sleep(shard),
            _ => {}
        }
        let done = reader.places().any(|(index, place)| index == shard && place.done);
        if done {
            for child in reader.ready(stream, at) {
                reader.begin(stream, child, at);
            }
        }
        if !matches!(did, Consumed::Records { .. }) {
            return taken;
        }
        let Some(shard) = stream.shard(shard) else { return taken };
        let retention = stream.retention();
        let first = before.max(shard.records().horizon(at, retention));
        for (place, entry) in shard.records().from(first).take_while(|(place, _)| *place < after) {
            match shard.records().own(place) {
                Some(own) => {
                    let mut entry = *entry;
                    entry.bytes = u32::try_from(own.data.len()).unwrap_or(u32::MAX);
                    taken.push((entry, Some((**own).clone())));
                }
                None => {
                    taken.extend(traffic.user_records(entry).into_iter().map(|entry| (entry, None)));
                }
            }
        }
        let bytes: u64 = taken.iter().map(|(entry, _)| u64::from(entry.bytes)).sum();
        self.counters.read_records.add(taken.len() as f64);
        self.counters.read_bytes.add(bytes as f64);
        taken
    }
}
