use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::check::{Faults, HASH_KEY, SEQUENCE, invalid};
use super::shards::{child_shards, no_shard, shard_index};
use super::{Response, Setting};
use crate::account::{ApiError, Params};
use crate::gather::object;
use crate::sim::{SimTime, fnv1a};
use crate::stream::kinesis::sequence::seconds;
use crate::stream::kinesis::shard::{Limit, ReadFrom, shard_id};
use crate::stream::kinesis::state::{Kinesis, Stream, Written, exceeded};
use crate::stream::kinesis::{Entry, Own, Read, Refused, Sequence, Shard, hash_of};

/// Bytes of a PutRecords with its keys.
const MAX_REQUEST: usize = 10 * 1_048_576;
const MAX_DATA: usize = 10_485_760;
/// Microseconds that an iterator can be used.
const ITERATOR_LIFE: i64 = 300_000_000;

/// One record of a call, read and routed.
struct Asked {
    own: Own,
    shard: u32,
}

impl Asked {
    fn bytes(&self) -> usize {
        self.own.data.len() + self.own.partition_key.len()
    }
}

/// Faults of one record's members, `at` its path in the call.
fn check_record(params: &Params<'_>, at: &str, faults: &mut Faults) {
    if let Some(key) = params.text("PartitionKey") {
        faults.length(key, &format!("{at}PartitionKey"), 256);
    }
    faults.number(params.text("ExplicitHashKey"), &format!("{at}ExplicitHashKey"), 39, HASH_KEY);
    if let Some(data) = params.text("Data")
        && data.len() / 4 * 3 > MAX_DATA + 2
    {
        let value = format!("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", data.len() / 4 * 3);
        faults.add(&value, &format!("{at}Data"), &format!("have length less than or equal to {MAX_DATA}"));
    }
}

fn asked(stream: &Stream, params: &Params<'_>) -> Result<Asked, ApiError> {
    let data = params.text("Data").unwrap_or_default();
    let data = STANDARD.decode(data).map_err(|error| {
        ApiError::new(
            "SerializationException",
            format!("'{}' can not be converted to a Blob: {error}", data.chars().take(40).collect::<String>()),
        )
    })?;
    let key = params.text("PartitionKey").ok_or_else(|| {
        let mut faults = Faults::default();
        faults.add("null", "PartitionKey", "not be null");
        faults.done().err().unwrap_or_else(|| invalid("PartitionKey"))
    })?;
    let hash = match params.text("ExplicitHashKey") {
        Some(text) => text.parse::<u128>().map_err(|_| {
            invalid(format!(
                "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was {text}"
            ))
        })?,
        None => hash_of(key),
    };
    let shard = stream.ring.shard_of(hash).ok_or_else(|| invalid("The stream has no open shard."))?;
    let own = Own {
        partition_key: key.to_string(),
        data,
    };
    Ok(Asked { own, shard })
}

impl Kinesis {
    /// The stream of a put, in a state to take records.
    fn taking(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Result<&mut Stream, ApiError> {
        let stream = self.the_mut(setting, params)?;
        if !stream.is_usable() {
            return Err(Kinesis::not_found(setting.options, &stream.name));
        }
        if let Some(key) = stream.key_id() {
            setting.around.usable(key)?;
        }
        Ok(stream)
    }

    pub(super) fn put_record(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let now = setting.now;
        let mut faults = Faults::default();
        faults.number(params.text("SequenceNumberForOrdering"), "SequenceNumberForOrdering", 129, SEQUENCE);
        check_record(params, "", &mut faults);
        faults.name(params, "StreamName");
        faults.done()?;
        let stream = self.taking(setting, params)?;
        let asked = asked(stream, params)?;
        if let Some(text) = params.text("SequenceNumberForOrdering") {
            let known = Sequence::parse(text).filter(|sequence| sequence.written <= seconds(now));
            if known.is_none() {
                return Err(invalid(format!(
                    "ExclusiveMinimumSequenceNumber {text} used in PutRecord on stream {} under account {} is invalid.",
                    stream.name, setting.options.account_id
                )));
            }
        }
        fits(stream, &asked)?;
        let (bytes, shard) = (asked.bytes(), asked.shard);
        let put = stream.put_own(now, shard, asked.own);
        let refused = usize::from(put.is_err());
        let limit = put.as_ref().err().copied();
        stream.counters.put_record_success.add((1 - refused) as f64);
        stream.count_incoming(u64::from(put.is_ok()), if put.is_ok() { bytes as u64 } else { 0 }, refused);
        if put.is_ok() {
            stream.counters.put_record_bytes.add(bytes as f64);
        }
        let (name, encrypted) = (stream.name.clone(), stream.key_id.is_some());
        let sequence = put.map(|position| stream.shard(shard).map(|shard| shard.sequence(position).text()).unwrap_or_default());
        self.refused.extend(limit.map(|limit| (name.clone(), shard, 1, limit)));
        self.note_minute(now);
        let sequence = sequence.map_err(|_: Limit| exceeded(setting.options, &name, shard))?;
        let mut response = object([("ShardId".to_string(), json!(shard_id(shard))), ("SequenceNumber".to_string(), json!(sequence))]);
        if encrypted {
            response.insert("EncryptionType".to_string(), json!("KMS"));
        }
        Ok(response)
    }

    pub(super) fn put_records(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let now = setting.now;
        let mut faults = Faults::default();
        let count = params.list("Records").len();
        if count > 500 {
            let entries = alloc::vec!["com.amazonaws.kinesis.v20131202.PutRecordsRequestEntry@c965e310"; count];
            faults.add(&format!("[{}]", entries.join(", ")), "Records", "have length less than or equal to 500");
        }
        for (at, record) in params.structures("Records").enumerate() {
            check_record(&record, &format!("Records.{}.member.", at + 1), &mut faults);
        }
        faults.name(params, "StreamName");
        faults.done()?;
        let stream = self.taking(setting, params)?;
        let mut all = Vec::with_capacity(count);
        for record in params.structures("Records") {
            all.push(asked(stream, &record)?);
        }
        if all.iter().map(Asked::bytes).sum::<usize>() > MAX_REQUEST {
            return Err(invalid(format!("Records size exceeds {} MB limit", MAX_REQUEST / 1_048_576)));
        }
        for one in &all {
            fits(stream, one)?;
        }
        let mut written = Written::default();
        let mut entries = Vec::with_capacity(count);
        for (at, one) in all.into_iter().enumerate() {
            let (bytes, shard) = (one.bytes(), one.shard);
            match stream.put_own(now, shard, one.own) {
                Ok(position) => {
                    written.records += 1;
                    written.bytes += bytes as u64;
                    let sequence = stream.shard(shard).map(|shard| shard.sequence(position).text()).unwrap_or_default();
                    entries.push(json!({"SequenceNumber": sequence, "ShardId": shard_id(shard)}));
                }
                Err(limit) => {
                    let error = exceeded(setting.options, &stream.name, shard);
                    entries.push(json!({"ErrorCode": error.code, "ErrorMessage": error.message}));
                    written.refused.push(Refused { at, shard, limit });
                }
            }
        }
        stream.count_put_records(u32::try_from(count).unwrap_or(u32::MAX), &written);
        let (name, encrypted) = (stream.name.clone(), stream.key_id.is_some());
        for refused in &written.refused {
            match self.refused.iter_mut().find(|(_, shard, ..)| *shard == refused.shard) {
                Some((_, _, count, _)) => *count += 1,
                None => self.refused.push((name.clone(), refused.shard, 1, refused.limit)),
            }
        }
        self.note_minute(now);
        let mut response = object([
            ("FailedRecordCount".to_string(), json!(written.refused.len())),
            ("Records".to_string(), Value::Array(entries)),
        ]);
        if encrypted {
            response.insert("EncryptionType".to_string(), json!("KMS"));
        }
        Ok(response)
    }

    pub(super) fn get_iterator(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let mut faults = Faults::default();
        faults.one_of(
            params,
            "ShardIteratorType",
            &["AFTER_SEQUENCE_NUMBER", "LATEST", "AT_TIMESTAMP", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"],
        );
        faults.number(params.text("StartingSequenceNumber"), "StartingSequenceNumber", 129, SEQUENCE);
        faults.name(params, "ShardId");
        faults.name(params, "StreamName");
        faults.done()?;
        let (id, kind) = (params.required_text("ShardId")?, params.required_text("ShardIteratorType")?);
        let name = self.named(setting, params)?;
        let index = shard_index(id).ok_or_else(|| no_shard(setting, &name, id))?;
        let gone = || {
            ApiError::new(
                "ResourceNotFoundException",
                format!(
                    "Shard {} in stream {name} under account {} does not exist",
                    shard_id(index),
                    setting.options.account_id
                ),
            )
        };
        if params.has("StreamName") && !self.streams.contains_key(&name) {
            return Err(gone());
        }
        let stream = self.the_mut(setting, params)?;
        let shard = stream.shard(index).filter(|shard| !stream.is_expired(setting.now, shard)).ok_or_else(gone)?;
        let starting = params.text("StartingSequenceNumber");
        let from = start(
            setting,
            stream,
            shard,
            kind,
            starting,
            params.time("Timestamp"),
            "StartingSequenceNumber",
            "GetShardIterator",
        )?;
        let position = shard.place(setting.now, stream.retention(), from);
        let created = stream.created;
        let admitted = stream.shard_mut(index).is_some_and(|shard| shard.admit_iterator(setting.now));
        if !admitted {
            return Err(exceeded(setting.options, &name, index));
        }
        Ok(super::one(
            "ShardIterator",
            json!(
                Token {
                    made: setting.now,
                    stream: name,
                    created,
                    shard: index,
                    position
                }
                .text()
            ),
        ))
    }

    pub(super) fn get_records(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Response {
        let now = setting.now;
        let mut faults = Faults::default();
        faults.range(params, "Limit", 1, 10_000);
        if let Some(iterator) = params.text("ShardIterator") {
            faults.length(iterator, "ShardIterator", 512);
        }
        faults.done()?;
        let token = Token::parse(params.required_text("ShardIterator")?)
            .filter(|token| token.made <= now)
            .ok_or_else(|| invalid("Invalid ShardIterator."))?;
        if now.micros() - token.made.micros() > ITERATOR_LIFE {
            return Err(ApiError::new(
                "ExpiredIteratorException",
                format!(
                    "Iterator expired. The iterator was created at time {} while right now it is {} which is further in the future than the tolerated delay of 300000 milliseconds.",
                    token.made, now
                ),
            ));
        }
        let gone = || {
            ApiError::new(
                "ResourceNotFoundException",
                format!(
                    "Shard {} in stream {} under account {} does not exist",
                    shard_id(token.shard),
                    token.stream,
                    setting.options.account_id
                ),
            )
        };
        let stream = self
            .streams
            .get_mut(&token.stream)
            .filter(|stream| stream.created == token.created)
            .ok_or_else(gone)?;
        if !stream.is_usable() || stream.shard(token.shard).is_none() {
            return Err(gone());
        }
        if let Some(key) = stream.key_id() {
            setting.around.usable(key)?;
        }
        let limit = params.integer("Limit").unwrap_or(10_000).unsigned_abs();
        let read = stream.read(now, token.shard, token.position, limit);
        let read = match read {
            Ok(read) => read,
            Err(_) => {
                self.note_minute(now);
                return Err(exceeded(setting.options, &token.stream, token.shard));
            }
        };
        let mut response = object([
            ("Records".to_string(), stream.shown_records(setting, token.shard, read)),
            ("MillisBehindLatest".to_string(), json!(read.behind_millis)),
        ]);
        if read.ended {
            response.insert("ChildShards".to_string(), child_shards(stream, token.shard));
        } else {
            let next = Token {
                made: now,
                position: read.to,
                ..token
            };
            response.insert("NextShardIterator".to_string(), json!(next.text()));
        }
        self.note_minute(now);
        Ok(response)
    }
}

/// Error: `InvalidArgumentException` for a record over the stream's record size, which fails the whole call.
fn fits(stream: &Stream, asked: &Asked) -> Result<(), ApiError> {
    let max = usize::try_from(stream.max_record_kib).unwrap_or(0) * 1_024;
    if asked.bytes() > max {
        return Err(invalid(format!(
            "Record size of {} bytes (data and partition key) is above the stream's maximum of {max} bytes.",
            asked.bytes()
        )));
    }
    Ok(())
}

impl Stream {
    /// The records of a read as GetRecords shows them.
    pub(super) fn shown_records(&self, setting: &Setting<'_>, index: u32, read: Read) -> Value {
        let Some(shard) = self.shard(index) else { return json!([]) };
        let records = shard.records.from(read.from).take_while(|(at, _)| *at < read.to);
        let shown = records.map(|(at, entry)| {
            let (key, data) = match shard.records.own(at) {
                Some(own) => (own.partition_key.clone(), STANDARD.encode(&own.data)),
                None if entry.source == Entry::BY_HAND => (String::new(), String::new()),
                None => {
                    let (key, data) = setting.around.generated(entry.source, entry.item);
                    (key, STANDARD.encode(data))
                }
            };
            let mut shown = json!({
                "SequenceNumber": shard.sequence(at).text(),
                "ApproximateArrivalTimestamp": entry.at.to_string(),
                "Data": data,
                "PartitionKey": key,
            });
            if self.key_id.is_some() {
                shown["EncryptionType"] = json!("KMS");
            }
            shown
        });
        shown.collect()
    }
}

/// Where a reader begins, by the type that it names. Errors: `InvalidArgumentException`.
#[allow(clippy::too_many_arguments)]
pub(super) fn start(
    setting: &Setting<'_>,
    stream: &Stream,
    shard: &Shard,
    kind: &str,
    sequence: Option<&str>,
    time: Option<SimTime>,
    member: &str,
    operation: &str,
) -> Result<ReadFrom, ApiError> {
    if let (Some(_), "TRIM_HORIZON" | "LATEST") = (sequence, kind) {
        return Err(invalid(format!(
            "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and {member} or (2) TRIM_HORIZON or LATEST and no {member}. Request specified {kind} and also a {member}."
        )));
    }
    match kind {
        "TRIM_HORIZON" => Ok(ReadFrom::TrimHorizon),
        "LATEST" => Ok(ReadFrom::Latest),
        "AT_TIMESTAMP" => {
            let time = time.ok_or_else(|| {
                invalid("Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.")
            })?;
            if time > setting.now {
                return Err(invalid(format!(
                    "The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: {}, currentTimestampInMillis: {}",
                    time.millis(),
                    setting.now.millis()
                )));
            }
            Ok(ReadFrom::At(time))
        }
        _ => {
            let text = sequence.ok_or_else(|| {
                invalid(format!(
                    "Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and {member} or (2) TRIM_HORIZON or LATEST and no {member}. Request specified {kind} and no {member}."
                ))
            })?;
            let (id, account) = (shard.id(), &setting.options.account_id);
            let what = format!(
                "{member} {text} used in {operation} on shard {id} in stream {} under account {account} is invalid",
                stream.name()
            );
            let parsed = Sequence::parse(text).ok_or_else(|| invalid(format!("{what}.")))?;
            if parsed.shard != shard.index() {
                return Err(invalid(format!(
                    "Invalid {member}. It encodes {}, while it was used in a call to a shard with {id}",
                    shard_id(parsed.shard)
                )));
            }
            if parsed.created != seconds(shard.created) {
                return Err(invalid(format!("{what} because it did not come from this stream.")));
            }
            let after = u64::from(kind == "AFTER_SEQUENCE_NUMBER");
            // Records count from 1; the shard's own first number stands before them.
            let position = if parsed.index == 0 { 0 } else { (parsed.index - 1).saturating_add(after) };
            Ok(ReadFrom::Position(position.min(shard.records().len())))
        }
    }
}

/// What an iterator says.
struct Token {
    made: SimTime,
    stream: String,
    created: SimTime,
    shard: u32,
    position: u64,
}

/// The stream that an iterator is of; `None` for what is no iterator.
pub fn stream_of_iterator(token: &str) -> Option<String> {
    Token::parse(token).map(|token| token.stream)
}

const SALT: u64 = 0x736c_7569_6365_6974;

impl Token {
    /// Base64 of a text with its checksum, so that a token that was changed is not one.
    fn text(&self) -> String {
        let text = format!(
            "{}/{}/{}/{}/{}",
            self.made.micros(),
            self.stream,
            self.created.micros(),
            self.shard,
            self.position
        );
        STANDARD.encode(format!("{text}/{:016x}", fnv1a(SALT, text.as_bytes())))
    }

    fn parse(token: &str) -> Option<Token> {
        let text = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
        let (text, sum) = text.rsplit_once('/')?;
        if u64::from_str_radix(sum, 16).ok()? != fnv1a(SALT, text.as_bytes()) {
            return None;
        }
        let mut parts = text.split('/');
        Some(Token {
            made: SimTime::from_micros(parts.next()?.parse().ok()?),
            stream: parts.next()?.to_string(),
            created: SimTime::from_micros(parts.next()?.parse().ok()?),
            shard: parts.next()?.parse().ok()?,
            position: parts.next()?.parse().ok()?,
        })
    }
}
