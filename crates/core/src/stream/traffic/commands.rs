//! `sluice:AddProducer`, `AddConsumer` and what belongs to them. Numbers of time are seconds or, where the name says so, milliseconds.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::client::Client;
use super::consumer::{Consumer, ConsumerKind};
use super::pattern::{Keys, Pattern, Rate};
use super::producer::{Producer, Row, Spec, Target};
use super::route;
use super::state::Traffic;
use crate::account::params::{ANY, BOOLEAN, INTEGER, Member, NAME, Shape, TEXT, optional, param_error, required};
use crate::account::{ApiError, Params};
use crate::gather::object;
use crate::sim::SimTime;
use crate::stream::kinesis::Kinesis;

const NUMBER: Shape = Shape::Double;
const KEYS: &[Member] = &[
    optional("Count", Shape::Integer { min: Some(1) }),
    optional("Prefix", TEXT),
    optional("Digits", Shape::Integer { min: Some(0) }),
];
const PATTERN: &[Member] = &[
    required("Kind", NAME),
    optional("Exponent", NUMBER),
    optional("Key", Shape::Integer { min: Some(0) }),
    optional("Share", NUMBER),
    optional("Salts", Shape::Integer { min: Some(1) }),
];
const RATE: &[Member] = &[
    required("Kind", NAME),
    optional("Every", NUMBER),
    optional("For", NUMBER),
    optional("Factor", NUMBER),
    optional("Period", NUMBER),
    optional("Low", NUMBER),
];
const CLIENT: &[Member] = &[
    required("Kind", NAME),
    optional("LingerMs", Shape::Integer { min: Some(0) }),
    optional("Retries", Shape::Integer { min: Some(0) }),
    optional("QueueLimit", Shape::Integer { min: Some(1) }),
    optional("AggregationEnabled", BOOLEAN),
];
const ROW: &[Member] = &[optional("At", NUMBER), required("Key", NAME), required("Data", TEXT)];
const PRODUCER: &[Member] = &[
    required("Name", NAME),
    optional("StreamName", NAME),
    optional("DeliveryStreamName", NAME),
    optional("RecordsPerSecond", NUMBER),
    optional("RecordBytes", Shape::Integer { min: Some(1) }),
    optional("MinBytes", Shape::Integer { min: Some(1) }),
    optional("MaxBytes", Shape::Integer { min: Some(1) }),
    optional("Keys", Shape::Structure(KEYS)),
    optional("Pattern", Shape::Structure(PATTERN)),
    optional("Rate", Shape::Structure(RATE)),
    optional("Client", Shape::Structure(CLIENT)),
    optional("Template", TEXT),
    optional(
        "Rows",
        Shape::List {
            of: &Shape::Structure(ROW),
            min: 1,
        },
    ),
    optional("Speed", NUMBER),
    optional("Until", NUMBER),
];
const FAIL_ON: &[Member] = &[optional("Key", NAME), optional("EveryNth", Shape::Integer { min: Some(1) })];
const CONSUMER: &[Member] = &[
    required("Name", NAME),
    optional("StreamName", NAME),
    optional("Kind", NAME),
    optional("Start", NAME),
    optional("IntervalMs", Shape::Integer { min: Some(1) }),
    optional("MaxRecords", Shape::Integer { min: Some(1) }),
    optional("MicrosPerRecord", Shape::Integer { min: Some(0) }),
    optional("AdaptiveReads", BOOLEAN),
    optional("BatchSize", Shape::Integer { min: Some(1) }),
    optional("MaximumRetryAttempts", INTEGER),
    optional("BisectBatchOnFunctionError", BOOLEAN),
    optional("DeadLetter", BOOLEAN),
    optional("FailOn", Shape::Structure(FAIL_ON)),
];
const NAMED: &[Member] = &[required("Name", NAME)];
const HASH: &[Member] = &[
    optional("PartitionKey", NAME),
    optional("Keys", Shape::List { of: &ANY, min: 0 }),
    optional("StreamName", NAME),
];

type Answer = Result<Value, ApiError>;

/// Records a second of one producer, and in all: what a tab can follow.
const MAX_RATE: f64 = 1_000_000.0;
/// Microseconds that a producer runs, where nothing else is said: as demo data it ends when nobody looks any more.
const LASTS: i64 = 3_600_000_000;
const MAX_ROWS: usize = 100_000;

fn wrong(path: &str, value: impl core::fmt::Display, rule: &str) -> ApiError {
    param_error(format!("Invalid value for parameter {path}, value: {value}, {rule}"))
}

fn number(params: &Params<'_>, path: &str, name: &str, default: f64, low: f64, high: f64) -> Result<f64, ApiError> {
    let value = params.double(name).unwrap_or(default);
    if value.is_finite() && (low..=high).contains(&value) {
        Ok(value)
    } else {
        Err(wrong(&format!("{path}{name}"), value, &format!("valid range: {low} to {high}")))
    }
}

fn micros(seconds: f64) -> i64 {
    libm::round(seconds * 1e6) as i64
}

const DAY: f64 = 86_400.0;

fn pattern_of(params: &Params<'_>, keys: u32) -> Result<Pattern, ApiError> {
    let Some(params) = params.structure("Pattern") else {
        return Ok(Pattern::Uniform);
    };
    let path = "Pattern.";
    let key = params.integer("Key").unwrap_or(0);
    let hot = || -> Result<(u32, f64), ApiError> {
        let key = u32::try_from(key).ok().filter(|key| *key < keys);
        let key = key.ok_or_else(|| wrong("Pattern.Key", params.integer("Key").unwrap_or(0), &format!("valid range: 0 to {}", keys - 1)))?;
        Ok((key, number(&params, path, "Share", 0.5, 0.0, 1.0)?))
    };
    match params.required_text("Kind")? {
        "uniform" => Ok(Pattern::Uniform),
        "zipf" => Ok(Pattern::Zipf {
            exponent: number(&params, path, "Exponent", 1.0, 0.0, 5.0)?,
        }),
        "hot" => hot().map(|(key, share)| Pattern::Hot { key, share }),
        "salted" => {
            let (key, share) = hot()?;
            let salts = params.integer("Salts").unwrap_or(8);
            let salts = u32::try_from(salts)
                .ok()
                .filter(|salts| *salts <= 10_000)
                .ok_or_else(|| wrong("Pattern.Salts", salts, "valid max value: 10000"))?;
            Ok(Pattern::Salted { key, share, salts })
        }
        other => Err(wrong("Pattern.Kind", other, "valid values: uniform, zipf, hot, salted")),
    }
}

fn rate_of(params: &Params<'_>) -> Result<Rate, ApiError> {
    let Some(params) = params.structure("Rate") else { return Ok(Rate::Steady) };
    let path = "Rate.";
    match params.required_text("Kind")? {
        "steady" => Ok(Rate::Steady),
        "bursty" => Ok(Rate::Bursty {
            every: micros(number(&params, path, "Every", 60.0, 1.0, DAY)?),
            lasting: micros(number(&params, path, "For", 10.0, 0.0, DAY)?),
            factor: number(&params, path, "Factor", 5.0, 0.0, 1_000.0)?,
        }),
        "diurnal" => Ok(Rate::Diurnal {
            period: micros(number(&params, path, "Period", DAY, 1.0, 366.0 * DAY)?),
            low: number(&params, path, "Low", 0.2, 0.0, 1.0)?,
        }),
        other => Err(wrong("Rate.Kind", other, "valid values: steady, bursty, diurnal")),
    }
}

fn client_of(params: &Params<'_>) -> Result<Client, ApiError> {
    let Some(params) = params.structure("Client") else {
        return Ok(Client::sdk(100_000, 3));
    };
    let linger = params.integer("LingerMs").map(|millis| millis.clamp(0, 60_000) * 1_000);
    let mut client = match params.required_text("Kind")? {
        "sdk" => Client::sdk(100_000, u8::try_from(params.integer("Retries").unwrap_or(3)).unwrap_or(u8::MAX)),
        "kpl" => Client::kpl(),
        "flink-1" => Client::flink_1(u32::try_from(params.integer("QueueLimit").unwrap_or(i64::from(u32::MAX))).unwrap_or(u32::MAX)),
        "flink" => Client::flink(),
        other => return Err(wrong("Client.Kind", other, "valid values: sdk, kpl, flink-1, flink")),
    };
    client.linger = linger.unwrap_or(client.linger);
    if params.boolean("AggregationEnabled") == Some(false) {
        client.aggregates = None;
    }
    Ok(client)
}

fn spec_of(params: &Params<'_>, before: Option<&Spec>) -> Result<Spec, ApiError> {
    let target = match (params.text("StreamName"), params.text("DeliveryStreamName"), before) {
        (Some(_), Some(_), _) => return Err(param_error("A producer puts on StreamName or on DeliveryStreamName, not on both")),
        (Some(stream), None, _) => Target::Stream(stream.to_string()),
        (None, Some(stream), _) => Target::DeliveryStream(stream.to_string()),
        (None, None, Some(before)) => before.target.clone(),
        (None, None, None) => return Err(param_error("Missing required parameter in input: \"StreamName\"")),
    };
    let keys = params.structure("Keys");
    let count = keys.as_ref().and_then(|keys| keys.integer("Count"));
    let count = count.unwrap_or(before.map_or(1_000, |before| i64::from(before.keys)));
    let count = u32::try_from(count)
        .ok()
        .filter(|count| *count <= Keys::MAX)
        .ok_or_else(|| wrong("Keys.Count", count, &format!("valid max value: {}", Keys::MAX)))?;
    let size = |name: &str, default: u32| -> Result<u32, ApiError> {
        let size = params.integer(name).unwrap_or(i64::from(default));
        u32::try_from(size)
            .ok()
            .filter(|size| *size <= 10 * 1_048_576)
            .ok_or_else(|| wrong(name, size, "valid max value: 10485760"))
    };
    let (low, high) = before.map_or((250, 250), |before| (before.min_bytes, before.max_bytes));
    let (low, high) = match params.integer("RecordBytes") {
        Some(_) => (size("RecordBytes", low)?, size("RecordBytes", low)?),
        None => (size("MinBytes", low)?, size("MaxBytes", high)?),
    };
    if low > high {
        return Err(wrong("MaxBytes", high, &format!("valid min value: {low}")));
    }
    let speed = number(params, "", "Speed", 1.0, 0.001, 1_000_000.0)?;
    let mut rows: Vec<Row> = Vec::new();
    for (at, row) in params.structures("Rows").enumerate() {
        let seconds = row.double("At").unwrap_or(at as f64);
        let key = row.required_text("Key")?;
        if !seconds.is_finite() || seconds < 0.0 || key.chars().count() > 256 {
            return Err(wrong(
                &format!("Rows[{at}]"),
                seconds,
                "At counts seconds from 0 on, and a key has at most 256 characters",
            ));
        }
        rows.push(Row {
            at: micros(seconds / speed),
            key: key.to_string(),
            data: row.required_text("Data")?.to_string(),
        });
    }
    if rows.len() > MAX_ROWS {
        return Err(wrong("Rows", rows.len(), &format!("valid max length: {MAX_ROWS}")));
    }
    rows.sort_by_key(|row| row.at);
    let given = |name: &str| params.has(name);
    Ok(Spec {
        target,
        per_second: number(params, "", "RecordsPerSecond", before.map_or(100.0, |before| before.per_second), 0.0, MAX_RATE)?,
        rate: match before {
            Some(before) if !given("Rate") => before.rate,
            _ => rate_of(params)?,
        },
        prefix: keys.as_ref().and_then(|keys| keys.text("Prefix")).map_or_else(
            || before.map_or_else(|| "key-".to_string(), |before| before.prefix.clone()),
            ToString::to_string,
        ),
        digits: keys
            .as_ref()
            .and_then(|keys| keys.integer("Digits"))
            .and_then(|digits| u32::try_from(digits).ok())
            .unwrap_or(before.map_or(4, |before| before.digits))
            .min(12),
        keys: count,
        pattern: match before {
            Some(before) if !given("Pattern") => before.pattern,
            _ => pattern_of(params, count)?,
        },
        min_bytes: low,
        max_bytes: high,
        template: match params.text("Template") {
            // Made-up records again.
            Some("") => None,
            Some(template) => Some(template.to_string()),
            None => before.and_then(|before| before.template.clone()),
        },
        rows: if given("Rows") {
            rows
        } else {
            before.map(|before| before.rows.clone()).unwrap_or_default()
        },
        client: match before {
            Some(before) if !given("Client") => before.client,
            _ => client_of(params)?,
        },
        until: match params.double("Until") {
            Some(_) => Some(micros(number(params, "", "Until", 0.0, 0.0, 3_650.0 * DAY)?)),
            None => Some(before.and_then(|before| before.until).unwrap_or(LASTS)),
        },
    })
}

impl Traffic {
    /// Applies `AddProducer`, `UpdateProducer`, `RemoveProducer`, `AddConsumer`, `UpdateConsumer` or `RemoveConsumer`; `None` for another operation.
    ///
    /// Errors: `ParamValidation`; `ResourceInUseException` for a name that is taken; `ResourceNotFoundException` for one that is not, and for a stream.
    pub fn call(&mut self, kinesis: &Kinesis, seed: u64, now: SimTime, operation: &str, params: &Value) -> Option<Answer> {
        Some(match operation {
            "AddProducer" => self.add_producer(kinesis, seed, now, params),
            "UpdateProducer" => self.update_producer(kinesis, seed, now, params),
            "RemoveProducer" => self.remove_producer(now, params),
            "AddConsumer" => self.add_consumer(kinesis, now, params),
            "UpdateConsumer" => self.update_consumer(kinesis, now, params),
            "RemoveConsumer" => self.remove_consumer(params),
            _ => return None,
        })
    }

    /// Answers `ListProducers`, `ListConsumers`, `GetStreamTraffic`, `HashKey` or `RouteKeys`; `None` for another operation.
    pub fn read(&self, kinesis: &Kinesis, now: SimTime, operation: &str, params: &Value) -> Option<Answer> {
        Some(match operation {
            "ListProducers" => {
                Params::check(params, &[]).map(|_| json!({"Producers": self.running().map(|producer| self.shown_producer(producer, now)).collect::<Vec<_>>()}))
            }
            "ListConsumers" => {
                let shown = |consumer| self.shown_consumer(kinesis, consumer, now);
                Params::check(params, &[]).map(|_| json!({"Consumers": self.consumers().map(shown).collect::<Vec<_>>()}))
            }
            "HashKey" => hash_keys(kinesis, params),
            "RouteKeys" => route::keys(kinesis, params),
            _ => return None,
        })
    }

    pub(super) fn running(&self) -> impl Iterator<Item = &Producer> {
        self.producers().filter(|producer| producer.is_running())
    }

    fn named(&self, name: &str) -> Result<&Producer, ApiError> {
        let found = self.running().find(|producer| producer.name() == name);
        found.ok_or_else(|| ApiError::new("ResourceNotFoundException", format!("There is no producer \"{name}\".")))
    }

    fn add_producer(&mut self, kinesis: &Kinesis, seed: u64, now: SimTime, params: &Value) -> Answer {
        let params = Params::check(params, PRODUCER)?;
        let name = params.required_text("Name")?;
        if self.running().any(|producer| producer.name() == name) {
            return Err(ApiError::new("ResourceInUseException", format!("There is a producer \"{name}\" already.")));
        }
        let spec = spec_of(&params, None)?;
        self.begin(kinesis, seed, now, name, spec)
    }

    fn begin(&mut self, kinesis: &Kinesis, seed: u64, now: SimTime, name: &str, spec: Spec) -> Answer {
        if let Target::Stream(stream) = &spec.target
            && kinesis.stream(stream).is_none()
        {
            return Err(ApiError::new("ResourceNotFoundException", format!("There is no stream \"{stream}\".")));
        }
        let number = self.producers.len() as u32 + 1;
        let producer = Producer::new(number, name, spec.into(), seed, now);
        let shown = self.shown_producer(&producer, now);
        self.begin_producer(producer);
        Ok(shown)
    }

    fn update_producer(&mut self, kinesis: &Kinesis, seed: u64, now: SimTime, params: &Value) -> Answer {
        let params = Params::check(params, PRODUCER)?;
        let name = params.required_text("Name")?;
        let before = self.named(name)?;
        let spec = spec_of(&params, Some(before.spec()))?;
        let tally = *before.tally();
        self.end(name, now);
        let shown = self.begin(kinesis, seed, now, name, spec)?;
        // It goes on counting: to its user it is the same application.
        if let Some(last) = self.producers.last_mut() {
            last.make_mut().tally = tally;
        }
        Ok(shown)
    }

    fn end(&mut self, name: &str, now: SimTime) {
        for producer in self.producers.iter_mut().filter(|producer| producer.is_running() && producer.name() == name) {
            producer.make_mut().ended = Some(now);
        }
    }

    fn remove_producer(&mut self, now: SimTime, params: &Value) -> Answer {
        let params = Params::check(params, NAMED)?;
        let name = params.required_text("Name")?;
        self.named(name)?;
        self.end(name, now);
        Ok(json!({}))
    }

    fn add_consumer(&mut self, kinesis: &Kinesis, now: SimTime, params: &Value) -> Answer {
        let params = Params::check(params, CONSUMER)?;
        let name = params.required_text("Name")?;
        if self.consumers().any(|consumer| consumer.name() == name) {
            return Err(ApiError::new("ResourceInUseException", format!("There is a consumer \"{name}\" already.")));
        }
        let stream = params
            .text("StreamName")
            .ok_or_else(|| param_error("Missing required parameter in input: \"StreamName\""))?;
        if kinesis.stream(stream).is_none() {
            return Err(ApiError::new("ResourceNotFoundException", format!("There is no stream \"{stream}\".")));
        }
        let latest = match params.text("Start").unwrap_or("TRIM_HORIZON") {
            "TRIM_HORIZON" => false,
            "LATEST" => true,
            other => return Err(wrong("Start", other, "valid values: TRIM_HORIZON, LATEST")),
        };
        let kind = kind_of(&params, None)?;
        // A registered consumer subscribes when it has become ACTIVE.
        let registered = kinesis.stream(stream).and_then(|found| found.consumers().iter().find(|one| one.name == name));
        let begins = match (kind, registered) {
            (ConsumerKind::FanOut, Some(registered)) => registered.active_at.max(now),
            _ => now,
        };
        let mut consumer = Consumer::named(name, stream, kind, latest, begins);
        configure(&mut consumer, &params);
        let shown = self.shown_consumer(kinesis, &consumer, now);
        self.begin_consumer(consumer);
        Ok(shown)
    }

    fn update_consumer(&mut self, kinesis: &Kinesis, now: SimTime, params: &Value) -> Answer {
        let params = Params::check(params, CONSUMER)?;
        let name = params.required_text("Name")?;
        let consumer = self
            .consumers
            .iter_mut()
            .flatten()
            .find(|consumer| consumer.name() == name)
            .ok_or_else(|| no_consumer(name))?;
        let kind = kind_of(&params, Some(consumer.kind))?;
        if kind.name() != consumer.kind.name() {
            return Err(wrong("Kind", kind.name(), "a consumer keeps its kind: remove it and add another"));
        }
        let consumer = consumer.make_mut();
        consumer.kind = kind;
        configure(consumer, &params);
        let shown = consumer.clone();
        Ok(self.shown_consumer(kinesis, &shown, now))
    }

    fn remove_consumer(&mut self, params: &Value) -> Answer {
        let params = Params::check(params, NAMED)?;
        let name = params.required_text("Name")?;
        let at = self
            .consumers
            .iter()
            .position(|consumer| consumer.as_ref().is_some_and(|consumer| consumer.name() == name))
            .ok_or_else(|| no_consumer(name))?;
        if let Some(place) = self.consumers.get_mut(at) {
            *place = None;
        }
        self.forget_consumer(at as u32);
        Ok(json!({}))
    }

    /// Says the trace row of the call that added or changed applications.
    pub fn caused(&mut self, row: u32) {
        if let Some(producer) = self.producers.last_mut().filter(|producer| producer.cause.is_none()) {
            producer.make_mut().cause = Some(row);
        }
        for consumer in self.consumers.iter_mut().flatten().filter(|consumer| consumer.cause.is_none()) {
            consumer.make_mut().cause = Some(row);
        }
    }
}

fn no_consumer(name: &str) -> ApiError {
    ApiError::new("ResourceNotFoundException", format!("There is no consumer \"{name}\"."))
}

fn configure(consumer: &mut Consumer, params: &Params<'_>) {
    if let Some(work) = params.integer("MicrosPerRecord") {
        consumer.work = work.clamp(0, 60_000_000);
    }
    if let Some(fails) = params.structure("FailOn") {
        consumer.fails_on_key = fails.text("Key").map(ToString::to_string);
        consumer.fails_each = fails.integer("EveryNth").and_then(|each| u32::try_from(each).ok());
    }
}

fn kind_of(params: &Params<'_>, before: Option<ConsumerKind>) -> Result<ConsumerKind, ApiError> {
    let interval = params.integer("IntervalMs").map(|millis| millis.clamp(1, 3_600_000) * 1_000);
    let most = params.integer("MaxRecords").map(|most| most.clamp(1, 10_000) as u32);
    let kind = params
        .text("Kind")
        .map(ToString::to_string)
        .unwrap_or_else(|| before.map_or("shared", |kind| kind.name()).to_string());
    match (kind.as_str(), before) {
        ("shared", before) => {
            let (was, had) = match before {
                Some(ConsumerKind::Shared { interval, most }) => (interval, most),
                _ => (1_000_000, 10_000),
            };
            Ok(ConsumerKind::Shared {
                interval: interval.unwrap_or(was),
                most: most.unwrap_or(had),
            })
        }
        ("fan-out", _) => Ok(ConsumerKind::FanOut),
        ("flink-1", before) => {
            let (was, had, adapted) = match before {
                Some(ConsumerKind::Flink1 { interval, most, adaptive }) => (interval, most, adaptive),
                _ => (200_000, 10_000, false),
            };
            Ok(ConsumerKind::Flink1 {
                interval: interval.unwrap_or(was),
                most: most.unwrap_or(had),
                adaptive: params.boolean("AdaptiveReads").unwrap_or(adapted),
            })
        }
        ("lambda", before) => {
            let (size, had, halves, letters) = match before {
                Some(ConsumerKind::Lambda {
                    batch,
                    retries,
                    bisect,
                    dead_letters,
                }) => (batch, retries, bisect, dead_letters),
                _ => (100, None, false, false),
            };
            let retries = match params.integer("MaximumRetryAttempts") {
                None => had,
                Some(-1) => None,
                Some(most) => Some(
                    u32::try_from(most)
                        .ok()
                        .filter(|most| *most <= 10_000)
                        .ok_or_else(|| wrong("MaximumRetryAttempts", most, "valid range: -1 to 10000"))?,
                ),
            };
            Ok(ConsumerKind::Lambda {
                batch: params.integer("BatchSize").map_or(size, |batch| batch.clamp(1, 10_000) as u32),
                retries,
                bisect: params.boolean("BisectBatchOnFunctionError").unwrap_or(halves),
                dead_letters: params.boolean("DeadLetter").unwrap_or(letters),
            })
        }
        (other, _) => Err(wrong("Kind", other, "valid values: shared, fan-out, flink-1, lambda")),
    }
}

fn hash_keys(kinesis: &Kinesis, params: &Value) -> Answer {
    use crate::stream::kinesis::{hash_of, share};
    let params = Params::check(params, HASH)?;
    let ring = match params.text("StreamName") {
        Some(name) => {
            let stream = kinesis.stream(name);
            Some(stream.ok_or_else(|| ApiError::new("ResourceNotFoundException", format!("There is no stream \"{name}\".")))?)
        }
        None => None,
    };
    let keys: Vec<&str> = params.text("PartitionKey").into_iter().chain(params.texts("Keys")).collect();
    let shown = keys.iter().map(|key| {
        let hash = hash_of(key);
        let mut shown = object([
            (String::from("Key"), json!(key)),
            (String::from("Md5"), json!(format!("{hash:032x}"))),
            (String::from("HashKey"), json!(hash.to_string())),
            (String::from("Position"), json!(share(hash))),
        ]);
        if let Some(shard) = ring.and_then(|stream| stream.shard(stream.ring().shard_of(hash)?)) {
            shown.insert(String::from("ShardId"), json!(shard.id()));
        }
        Value::Object(shown)
    });
    Ok(json!({"Keys": shown.collect::<Vec<_>>()}))
}
