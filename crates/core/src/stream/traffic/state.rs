use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::consume::Consumed;
use super::consumer::Consumer;
use super::hose::Hoses;
use super::producer::{Producer, Sent, Target};
use crate::sim::{EventQueue, Shared, SimTime, splitmix64};
use crate::stream::kinesis::{Entry, Kinesis, Status};

/// How often a consumer looks for new shards ("shard discovery"; its length is a model).
const DISCOVER: i64 = 1_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Due {
    Produce(u32),
    /// By the consumer's place in the list, and the shard.
    Consume(u32, u32),
    Discover(u32),
}

/// What an application did, for the account to write down.
#[derive(Clone, Debug, PartialEq)]
pub enum Acted {
    Sent {
        producer: String,
        stream: String,
        sent: Sent,
        cause: Option<u32>,
    },
    Read {
        consumer: String,
        stream: String,
        shard: u32,
        did: Consumed,
        cause: Option<u32>,
    },
}

/// Producers and consumers of an account.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traffic {
    /// By number, which counts from 1. Those that ended stay: streams may hold their records.
    pub(super) producers: Vec<Shared<Producer>>,
    /// A removed one leaves its place.
    pub(super) consumers: Vec<Option<Shared<Consumer>>>,
    queue: EventQueue<Due>,
}

impl Traffic {
    pub fn producers(&self) -> impl Iterator<Item = &Producer> {
        self.producers.iter().map(|producer| &**producer)
    }

    pub fn consumers(&self) -> impl Iterator<Item = &Consumer> {
        self.consumers.iter().flatten().map(|consumer| &**consumer)
    }

    pub fn is_empty(&self) -> bool {
        self.producers.is_empty() && self.consumers.is_empty()
    }

    /// Producers that put on a stream now.
    pub fn running_on<'a>(&'a self, stream: &'a str) -> impl Iterator<Item = &'a Producer> {
        self.producers()
            .filter(move |producer| producer.is_running() && producer.spec().target == Target::Stream(stream.to_string()))
    }

    /// The producer whose records an entry names.
    pub fn producer(&self, source: u32) -> Option<&Producer> {
        self.producers.get(usize::try_from(source).ok()?.checked_sub(1)?).map(|producer| &**producer)
    }

    /// Partition key and data of a producer's record.
    pub fn generated(&self, source: u32, item: u32) -> (String, Vec<u8>) {
        self.producer(source).map(|producer| producer.record(item)).unwrap_or_default()
    }

    /// The user records in an entry of a producer's, an aggregated one taken apart: their bytes count data alone.
    pub fn user_records(&self, entry: &Entry) -> Vec<Entry> {
        let Some(producer) = self.producer(entry.source) else { return Vec::new() };
        let items = producer.items_of(entry.item).into_iter();
        let of = |item| Entry {
            item,
            bytes: producer.data_bytes(item),
            ..*entry
        };
        items.map(of).collect()
    }

    pub fn restored(&mut self) {
        self.producers.iter_mut().for_each(|producer| producer.make_mut().restored());
    }

    pub fn next_due(&self) -> Option<SimTime> {
        self.queue.next_at()
    }

    pub(super) fn begin_producer(&mut self, producer: Producer) {
        self.queue.push(producer.started, Due::Produce(producer.number));
        self.producers.push(Shared::from(producer));
    }

    pub(super) fn begin_consumer(&mut self, consumer: Consumer) {
        self.queue.push(consumer.started, Due::Discover(self.consumers.len() as u32));
        self.consumers.push(Some(Shared::from(consumer)));
    }

    /// Forgets what a stream that goes away had around it: consumers of it end, producers find it gone by themselves.
    pub(super) fn forget_consumer(&mut self, at: u32) {
        self.queue.retain(|due| !matches!(due, Due::Consume(one, _) | Due::Discover(one) if *one == at));
    }

    /// Does the first act that is due by `now`, and answers when it was and what it did. `None`: nothing is due.
    pub fn poll(&mut self, now: SimTime, kinesis: &mut Kinesis, hoses: &mut Hoses<'_>) -> Option<(SimTime, Vec<Acted>)> {
        let (at, due) = self.queue.pop_due(now)?;
        let mut acted = Vec::new();
        match due {
            Due::Produce(number) => self.produce(at, number, kinesis, hoses, &mut acted),
            Due::Discover(index) => self.discover(at, index, kinesis),
            Due::Consume(index, shard) => self.consume(at, index, shard, kinesis, &mut acted),
        }
        Some((at, acted))
    }

    fn produce(&mut self, at: SimTime, number: u32, kinesis: &mut Kinesis, hoses: &mut Hoses<'_>, acted: &mut Vec<Acted>) {
        let Some(producer) = (number as usize).checked_sub(1).and_then(|index| self.producers.get_mut(index)) else {
            return;
        };
        let producer = producer.make_mut();
        let name = match producer.spec.target.clone() {
            Target::Stream(name) => name,
            Target::DeliveryStream(name) => {
                hoses.firehose.note_minute(at);
                if !hoses.is_active(&name) {
                    // The delivery stream is being created, or is gone: the application tries again.
                    self.queue.push(at.plus_micros(DISCOVER), Due::Produce(number));
                    return;
                }
                let cause = producer.cause;
                for sent in producer.act_on_hose(at, &name, hoses) {
                    acted.push(Acted::Sent {
                        producer: producer.name.clone(),
                        stream: format!("deliverystream/{name}"),
                        sent,
                        cause,
                    });
                }
                if let Some(next) = producer.next_at(at) {
                    self.queue.push(next, Due::Produce(number));
                }
                return;
            }
        };
        kinesis.note_minute(at);
        match kinesis.stream_mut(&name).filter(|stream| stream.is_usable()) {
            Some(stream) => {
                let cause = producer.cause;
                for sent in producer.act(at, stream) {
                    acted.push(Acted::Sent {
                        producer: producer.name.clone(),
                        stream: name.clone(),
                        sent,
                        cause,
                    });
                }
            }
            // The stream is being created, or is gone: the application tries again.
            None => {
                self.queue.push(at.plus_micros(DISCOVER), Due::Produce(number));
                return;
            }
        }
        if let Some(next) = producer.next_at(at) {
            self.queue.push(next, Due::Produce(number));
        }
    }

    fn discover(&mut self, at: SimTime, index: u32, kinesis: &Kinesis) {
        let Some(Some(consumer)) = self.consumers.get_mut(index as usize) else {
            return;
        };
        if let Some(stream) = kinesis.stream(consumer.stream()).filter(|stream| stream.is_usable()) {
            let ready = consumer.ready(stream, at);
            if !ready.is_empty() {
                let consumer = consumer.make_mut();
                for shard in ready {
                    consumer.begin(stream, shard, at);
                    self.queue.push(at, Due::Consume(index, shard));
                }
            }
        }
        let stream = consumer.stream.clone();
        if self.is_busy(kinesis, &stream) {
            self.queue.push(at.plus_micros(DISCOVER), Due::Discover(index));
        }
    }

    /// Whether records or shards may still come to a stream by themselves. Where they don't, its consumers sleep until [`Traffic::wake`].
    pub fn is_busy(&self, kinesis: &Kinesis, stream: &str) -> bool {
        let changes = kinesis.stream(stream).is_some_and(|stream| stream.status() != Status::Active);
        changes || self.running_on(stream).any(|producer| !producer.is_done())
    }

    /// Something came to a stream: its consumers look again.
    pub fn wake(&mut self, at: SimTime, stream: &str) {
        for (index, consumer) in self.consumers.iter_mut().enumerate() {
            let Some(consumer) = consumer.as_mut().filter(|consumer| consumer.stream() == stream) else {
                continue;
            };
            let asleep: Vec<u32> = consumer
                .places()
                .filter(|(_, place)| !place.done && place.next_at.is_none())
                .map(|(shard, _)| shard)
                .collect();
            let waits = self.queue.iter().any(|(_, due)| *due == Due::Discover(index as u32));
            if !waits {
                self.queue.push(at, Due::Discover(index as u32));
            }
            if asleep.is_empty() {
                continue;
            }
            let consumer = consumer.make_mut();
            for shard in asleep {
                if let Some(place) = consumer.places.get_mut(&shard) {
                    place.next_at = Some(at);
                    self.queue.push(at, Due::Consume(index as u32, shard));
                }
            }
        }
    }

    fn consume(&mut self, at: SimTime, index: u32, shard: u32, kinesis: &mut Kinesis, acted: &mut Vec<Acted>) {
        let busy = self
            .consumers
            .get(index as usize)
            .and_then(Option::as_ref)
            .is_some_and(|consumer| self.is_busy(kinesis, consumer.stream()));
        let producers = &self.producers;
        let Some(Some(consumer)) = self.consumers.get_mut(index as usize) else {
            return;
        };
        let consumer = consumer.make_mut();
        kinesis.note_minute(at);
        let Some(stream) = kinesis.stream_mut(&consumer.stream) else { return };
        let key_of = |entry: &Entry| {
            let producer = (entry.source as usize).checked_sub(1).and_then(|index| producers.get(index));
            producer.map(|producer| producer.key_text(producer.key_of(entry.item))).unwrap_or_default()
        };
        let did = consumer.act(at, stream, shard, &key_of);
        if did == Consumed::Nothing
            && !busy
            && let Some(place) = consumer.places.get_mut(&shard)
        {
            place.next_at = None;
        }
        let place = consumer.places.get(&shard);
        let done = place.is_some_and(|place| place.done);
        if let Some(next) = place.and_then(|place| place.next_at) {
            self.queue.push(next, Due::Consume(index, shard));
        }
        if did != Consumed::Nothing {
            acted.push(Acted::Read {
                consumer: consumer.name.clone(),
                stream: consumer.stream.clone(),
                shard,
                did,
                cause: consumer.cause,
            });
        }
        if done {
            // Its children may be read from now on.
            let ready = consumer.ready(stream, at);
            for shard in ready {
                consumer.begin(stream, shard, at);
                self.queue.push(at, Due::Consume(index, shard));
            }
        }
    }
}

/// Fills a template: `{{key}}`, `{{index}}`, `{{time}}`, `{{number LOW HIGH}}`, `{{choice A B C}}`; what is no such field stays as it is. `demo` alone is the record of
/// Firehose's demo data.
pub(super) fn rendered(template: &str, key: &str, item: u32, at: SimTime, seed: u64) -> String {
    const DEMO: &str = r#"{"ticker_symbol":"{{choice AMZN MSFT QXZ TGT WFC ASD JYB SAC PPL NFLX}}","sector":"{{choice TECHNOLOGY FINANCIAL HEALTHCARE ENERGY RETAIL}}","change":{{number -5 5}},"price":{{number 1 250}}}"#;
    let template = if template == "demo" { DEMO } else { template };
    let mut state = seed ^ (u64::from(item) + 1).wrapping_mul(0x9fb2_1c65_1e98_df25);
    let mut text = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        let Some((field, following)) = after.split_once("}}") else {
            text.push_str("{{");
            rest = after;
            continue;
        };
        let words: Vec<&str> = field.split_whitespace().collect();
        let filled = match words.as_slice() {
            ["key"] => Some(key.to_string()),
            ["index"] => Some(item.to_string()),
            ["time"] => Some(at.to_string()),
            ["number", low, high] => match (low.parse::<f64>(), high.parse::<f64>()) {
                (Ok(low), Ok(high)) => {
                    let unit = (splitmix64(&mut state) >> 11) as f64 / (1u64 << 53) as f64;
                    let cents = libm::round((low + (high - low) * unit) * 100.0);
                    Some(format!("{:.2}", cents / 100.0))
                }
                _ => None,
            },
            ["choice", choices @ ..] if !choices.is_empty() => {
                let at = splitmix64(&mut state) % choices.len() as u64;
                choices.get(at as usize).map(ToString::to_string)
            }
            _ => None,
        };
        match filled {
            Some(filled) => text.push_str(&filled),
            None => {
                text.push_str("{{");
                text.push_str(field);
                text.push_str("}}");
            }
        }
        rest = following;
    }
    text.push_str(rest);
    text
}
