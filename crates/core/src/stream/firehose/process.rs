//! What happens to records between intake and buffer: taken apart, transformed by a function, given their partition keys, held against a schema; and the documents
//! that say why a record failed.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::buffer::{Channel, Failure, Keys};
use super::convert::check_columns;
use super::function::{Function, Outcome};
use super::jq::Query;
use super::keys::partition_keys;
use super::poll::{Happened, World};
use super::processing::Lambda;
use super::{Because, DeliveryStream, Firehose};
use crate::gather::Gather as _;
use crate::sim::{Shared, SimTime};
use crate::stream::kinesis::{Entry, Own};

/// Partitions that a stream may have open ("Amazon Data Firehose quota").
const MAX_PARTITIONS: usize = 500;

/// A record on its way.
struct Piece {
    entry: Entry,
    data: Vec<u8>,
    /// It is not what its producer put any more, or was put by hand: its bytes go with it.
    own: bool,
    keys: Keys,
}

/// A record that found its buffer.
struct Placed {
    channel: Channel,
    entry: Entry,
    own: Option<Own>,
}

/// What came of a batch.
#[derive(Default)]
struct Sorted {
    placed: Vec<Placed>,
    dropped: u64,
    /// Records by error code.
    failures: BTreeMap<String, u64>,
}

/// Why a record failed.
struct Fault {
    failure: Failure,
    attempts: u32,
    code: String,
    message: String,
    lambda: Option<String>,
    table: Option<Value>,
}

impl Fault {
    fn processing(code: &str, message: String) -> Fault {
        Fault {
            failure: Failure::Processing,
            attempts: 1,
            code: code.to_string(),
            message,
            lambda: None,
            table: None,
        }
    }
}

impl Sorted {
    fn fail(&mut self, at: SimTime, piece: &Piece, fault: &Fault) {
        let millis = |time: SimTime| json!(time.micros().div_euclid(1_000));
        let raw = json!(STANDARD.encode(&piece.data));
        let mut members: Vec<(&str, Value)> = Vec::from([("attemptsMade", json!(fault.attempts)), ("arrivalTimestamp", millis(piece.entry.at))]);
        match fault.failure {
            Failure::Processing => members.extend([("errorCode", json!(fault.code)), ("errorMessage", json!(fault.message))]),
            Failure::Conversion => members.extend([("lastErrorCode", json!(fault.code)), ("lastErrorMessage", json!(fault.message))]),
        }
        members.extend([("attemptEndingTimestamp", millis(at)), ("rawData", raw)]);
        if fault.failure == Failure::Conversion {
            members.extend([("sequenceNumber", Value::Null), ("subSequenceNumber", Value::Null)]);
        }
        members.extend(fault.table.clone().map(|table| ("dataCatalogTable", table)));
        members.extend(fault.lambda.as_ref().map(|arn| ("lambdaArn", json!(arn))));
        // In the order of the documentation, which a map would not keep.
        let shown: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let line = format!("{{{}}}\n", shown.join(","));
        *self.failures.entry(fault.code.clone()).or_default() += 1;
        let entry = Entry {
            bytes: u32::try_from(line.len()).unwrap_or(u32::MAX),
            source: Entry::BY_HAND,
            item: 0,
            ..piece.entry
        };
        self.placed.push(Placed {
            channel: Channel::Failed(fault.failure),
            entry,
            own: Some(own(line.into_bytes())),
        });
    }
}

fn own(data: Vec<u8>) -> Own {
    Own {
        partition_key: String::new(),
        data,
    }
}

impl Firehose {
    /// Processes what came in, if it is due; `all`: whether or not it is.
    pub(super) fn process(&mut self, world: &World<'_>, at: SimTime, name: &str, all: bool, happened: &mut Vec<Happened>) {
        let Some(stream) = self.streams.get_mut(name) else { return };
        if stream.intake.since.is_none() || !(all || stream.intake_at().is_some_and(|due| due <= at)) {
            return;
        }
        let cause = stream.cause;
        let mut sorted = Sorted::default();
        let pieces = stream.pieces(world, at, &mut sorted);
        let lambda = stream.destination.steps.lambda.clone();
        let pieces = match &lambda {
            Some(lambda) => {
                let function = self.functions.get(&lambda.function).map(|source| Function::read(source));
                let function = function.and_then(Result::ok);
                let came = pieces.len() as u64;
                let (before, failed) = (sorted.dropped, sorted.placed.len());
                let pieces = stream.transform(at, lambda, function.as_ref(), pieces, &mut sorted);
                happened.push(Happened::Invoked {
                    stream: name.to_string(),
                    function: lambda.function.clone(),
                    records: came,
                    dropped: sorted.dropped - before,
                    failed: (sorted.placed.len() - failed) as u64,
                    cause,
                });
                pieces
            }
            None => pieces,
        };
        if let Some(conversion) = stream.destination.conversion.clone() {
            let columns = (world.columns)(&conversion.database, &conversion.table).map(Shared::from);
            if stream.columns != columns {
                // An object has one schema.
                let good: Vec<Channel> = stream.buffers.keys().filter(|channel| matches!(channel, Channel::Good(_))).cloned().collect();
                for channel in good {
                    self.flush(world.seed, at, name, &channel, Because::End, happened);
                }
            }
            if let Some(stream) = self.streams.get_mut(name) {
                stream.columns = columns;
            }
        }
        let Some(stream) = self.streams.get_mut(name) else { return };
        stream.place(world, at, pieces, &mut sorted);
        stream.counts.dropped += sorted.dropped;
        for (code, records) in sorted.failures {
            happened.push(Happened::Failed {
                stream: name.to_string(),
                code,
                records,
                cause,
            });
        }
        for Placed { channel, entry, own } in sorted.placed {
            let Some(stream) = self.streams.get_mut(name) else { return };
            if let Some(full) = stream.push(at, channel, entry, own) {
                self.flush(world.seed, at, name, &full, Because::Size, happened);
            }
        }
        self.note_minute(at);
    }
}

impl DeliveryStream {
    /// What is in the intake, taken apart.
    fn pieces(&mut self, world: &World<'_>, at: SimTime, sorted: &mut Sorted) -> Vec<Piece> {
        let intake = core::mem::take(&mut self.intake);
        self.full_at = None;
        let mut pieces = Vec::new();
        for (position, entry) in intake.records.from(0) {
            let piece = match intake.records.own(position) {
                Some(own) => Piece {
                    entry: *entry,
                    data: own.data.clone(),
                    own: true,
                    keys: Keys::default(),
                },
                None => Piece {
                    entry: *entry,
                    data: world.traffic.generated(entry.source, entry.item).1,
                    own: false,
                    keys: Keys::default(),
                },
            };
            let Some(deaggregation) = &self.destination.steps.deaggregation else {
                pieces.push(piece);
                continue;
            };
            match deaggregation.split(&piece.data) {
                Ok(parts) if parts.is_empty() => sorted.dropped += 1,
                Ok(parts) => {
                    self.counts.read += parts.len() as u64 - 1;
                    pieces.extend(parts.into_iter().map(|data| Piece {
                        entry: piece.entry,
                        data,
                        own: true,
                        keys: Keys::default(),
                    }));
                }
                Err(message) => sorted.fail(at, &piece, &Fault::processing("DynamicPartitioning.RecordDeAggregationFailed", message)),
            }
        }
        pieces
    }

    /// Invokes the function with batches, and answers the records that it gave back.
    fn transform(&mut self, at: SimTime, lambda: &Lambda, function: Option<&Function>, pieces: Vec<Piece>, sorted: &mut Sorted) -> Vec<Piece> {
        let mut done = Vec::new();
        let mut batch = 0;
        for mut piece in pieces {
            // An invocation takes records up to its size.
            let bytes = piece.data.len() as u64;
            if batch == 0 || batch + bytes > lambda.bytes {
                self.counters.invoked.add(if function.is_some() { 1.0 } else { 0.0 });
                batch = 0;
            }
            batch += bytes;
            let fault = |attempts: u32, code: &str, message: String| Fault {
                attempts,
                lambda: Some(lambda.arn.clone()),
                ..Fault::processing(code, message)
            };
            let Some(function) = function else {
                let message = "The specified Lambda function does not exist. Use a different function that does exist.";
                sorted.fail(at, &piece, &fault(lambda.retries + 1, "Lambda.ResourceNotFoundException", message.to_string()));
                continue;
            };
            match function.run(&piece.data) {
                Outcome::Ok(data, keys) => {
                    self.counters.processed_records.add(1.0);
                    self.counters.processed_bytes.add(data.len() as f64);
                    if data != piece.data {
                        piece.own = true;
                        piece.data = data;
                    }
                    piece.keys.lambda = keys;
                    done.push(piece);
                }
                Outcome::Dropped => sorted.dropped += 1,
                Outcome::Failed(message) => sorted.fail(at, &piece, &fault(1, "Lambda.ProcessingFailedStatus", message)),
            }
        }
        done
    }

    /// Finds the buffer of each record.
    fn place(&mut self, world: &World<'_>, at: SimTime, pieces: Vec<Piece>, sorted: &mut Sorted) {
        let query = self.destination.steps.query.as_deref().and_then(|query| Query::read(query).ok());
        let partitioned = self.destination.partitioning.is_some();
        let named = partition_keys(self.destination.prefix.as_deref()).1;
        let open = self.buffers.keys().filter(|channel| matches!(channel, Channel::Good(_)));
        let mut active: BTreeSet<Channel> = open.cloned().gather();
        let table = self.columns.clone();
        let conversion = self.destination.conversion.clone();
        let wrong_table = conversion.as_ref().and_then(|conversion| match &table {
            Some(columns) => check_columns(columns).err(),
            None => Some(format!("Entity Not Found: table {}.{}", conversion.database, conversion.table)),
        });
        for mut piece in pieces {
            if partitioned && let Err(fault) = piece.find_keys(query.as_ref(), &named) {
                sorted.fail(at, &piece, &fault);
                continue;
            }
            if let Some(conversion) = &conversion {
                let rows = match (&wrong_table, &table) {
                    (None, Some(columns)) => conversion.rows(columns, &piece.data).map(drop),
                    (wrong, _) => Err(("DataFormatConversion.EntityNotFound", wrong.clone().unwrap_or_default())),
                };
                let bytes = piece.data.len() as f64;
                if let Err((code, message)) = rows {
                    self.counters.misfit_records.add(1.0);
                    self.counters.misfit_bytes.add(bytes);
                    let fault = Fault {
                        failure: Failure::Conversion,
                        table: Some(conversion.shown_table(world.account)),
                        ..Fault::processing(code, message)
                    };
                    sorted.fail(at, &piece, &fault);
                    continue;
                }
                self.counters.converted_records.add(1.0);
                self.counters.converted_bytes.add(bytes);
            }
            let channel = Channel::Good(core::mem::take(&mut piece.keys));
            if partitioned && !active.contains(&channel) {
                if active.len() >= MAX_PARTITIONS {
                    self.counters.partitions_exceeded.add(1.0);
                    let message = format!("The Firehose stream has {MAX_PARTITIONS} active partitions, and the record would be in one more.");
                    sorted.fail(at, &piece, &Fault::processing("DynamicPartitioning.ActivePartitionsLimitExceeded", message));
                    continue;
                }
                active.insert(channel.clone());
            }
            let entry = Entry {
                bytes: u32::try_from(piece.data.len()).unwrap_or(u32::MAX),
                ..piece.entry
            };
            sorted.placed.push(Placed {
                channel,
                entry,
                own: piece.own.then(|| own(piece.data)),
            });
        }
        if partitioned {
            self.counters.partitions.add(active.len() as f64);
        }
    }
}

impl Piece {
    /// Finds its partition keys. `named`: those that the prefix takes from the function.
    fn find_keys(&mut self, query: Option<&Query>, named: &[String]) -> Result<(), Fault> {
        const CODE: &str = "DynamicPartitioning.MetadataExtractionFailed";
        let empty = || Fault::processing(CODE, "partitionKeys values must not be null or empty".to_string());
        if let Some(query) = query {
            let record: Value = serde_json::from_slice(&self.data).map_err(|_| Fault::processing(CODE, "Non JSON record provided".to_string()))?;
            self.keys.query = query.run(&record).map_err(|message| Fault::processing(CODE, message))?;
        }
        // A key that no prefix names makes no partition.
        self.keys.lambda.retain(|key, _| named.contains(key));
        let given = |key: &String| self.keys.lambda.get(key).is_some_and(|value| !value.is_empty() && value != "null");
        if named.iter().all(given) { Ok(()) } else { Err(empty()) }
    }
}
