use alloc::string::{String, ToString};
use alloc::vec::Vec;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::poll::Happened;
use super::super::state::{DeliveryStream, Firehose};
use super::super::{Because, Source};
use super::{Response, Setting, invalid};
use crate::account::{ApiError, Params, param_error};
use crate::gather::object;
use crate::sim::{Rng, SimTime};
use crate::stream::kinesis::{Entry, Own};

/// Bytes of one record, before base64 ("Amazon Data Firehose quota").
const MAX_RECORD: usize = 1_000 * 1_024;
const MAX_BATCH: usize = 500;
const MAX_REQUEST: usize = 4 * 1_048_576;
/// The account's stream of numbers for ids of records.
const IDS: u64 = 0x6669_7265_7265_6331;

fn data_of(record: &Params<'_>) -> Result<Vec<u8>, ApiError> {
    let text = record.required_text("Data")?;
    STANDARD.decode(text).map_err(|_| param_error("Invalid base64 for parameter Record.Data"))
}

fn too_long(size: usize) -> ApiError {
    invalid(alloc::format!("Record size of {size} bytes is greater than the limit of {MAX_RECORD} bytes"))
}

/// The error of a put over the stream's quota ("PutRecord").
fn slow_down() -> ApiError {
    ApiError::new("ServiceUnavailableException", "Slow down.")
}

impl DeliveryStream {
    fn takes_puts(&self) -> Result<(), ApiError> {
        match &self.source {
            Source::DirectPut => Ok(()),
            Source::Kinesis { .. } => Err(invalid("This operation is not permitted on KinesisStreamAsSource delivery stream type.")),
        }
    }

    /// Takes a record if the second allows it.
    pub(in crate::stream) fn admit(&mut self, now: SimTime, bytes: u32) -> bool {
        let quota = &mut self.quota;
        if !quota.records.has(now, 1) || quota.bytes.tokens(now) <= 0 {
            return false;
        }
        quota.records.take(now, 1);
        quota.bytes.take(now, u64::from(bytes));
        true
    }

    pub(in crate::stream) fn admit_request(&mut self, now: SimTime) -> bool {
        self.quota.requests.try_take(now, 1)
    }

    /// An id of a record: digits that look like those of the service.
    fn record_id(&mut self, seed: u64) -> String {
        self.number += 1;
        let mut rng = Rng::stream(seed ^ IDS ^ (self.created.micros() as u64), self.number);
        alloc::format!("{}{}", rng.uuid().replace('-', ""), rng.uuid().replace('-', ""))
    }

    pub(in crate::stream) fn count_put(&mut self, records: u32, bytes: u64, throttled: u32) {
        let counters = &mut self.counters;
        counters.incoming_requests.add(1.0);
        if records > 0 {
            counters.incoming_records.add(f64::from(records));
            counters.incoming_bytes.add(bytes as f64);
        }
        counters.throttled.add(f64::from(throttled));
    }
}

impl Firehose {
    /// Takes one record of a producer's or a caller's, and closes the buffers that are full.
    pub(in crate::stream) fn take(&mut self, seed: u64, now: SimTime, name: &str, entry: Entry, own: Option<Own>, happened: &mut Vec<Happened>) {
        let Some(stream) = self.streams.get_mut(name) else { return };
        for full in stream.take(now, entry, own).into_iter().flatten() {
            self.flush(seed, now, name, &full, Because::Size, happened);
        }
    }

    fn take_own(&mut self, setting: &Setting<'_>, name: &str, data: Vec<u8>, happened: &mut Vec<Happened>) {
        let entry = Entry {
            at: setting.now,
            bytes: u32::try_from(data.len()).unwrap_or(u32::MAX),
            source: Entry::BY_HAND,
            item: 0,
        };
        let own = Own {
            partition_key: String::new(),
            data,
        };
        self.take(setting.options.seed, setting.now, name, entry, Some(own), happened);
    }

    pub(super) fn put_record(&mut self, setting: &Setting<'_>, params: &Params<'_>, happened: &mut Vec<Happened>) -> Response {
        let record = params
            .structure("Record")
            .ok_or_else(|| param_error("Missing required parameter in input: \"Record\""))?;
        let data = data_of(&record)?;
        let (seed, now) = (setting.options.seed, setting.now);
        let stream = self.open_mut(setting, params)?;
        stream.takes_puts()?;
        if data.len() > MAX_RECORD {
            return Err(too_long(data.len()));
        }
        let bytes = data.len() as u32;
        let admitted = stream.admit_request(now) && stream.admit(now, bytes);
        stream.count_put(u32::from(admitted), u64::from(bytes), u32::from(!admitted));
        let (name, encrypted) = (stream.name.clone(), stream.encryption.is_some());
        let id = if admitted { stream.record_id(seed) } else { String::new() };
        self.note_minute(now);
        if !admitted {
            return Err(slow_down());
        }
        self.take_own(setting, &name, data, happened);
        Ok(object([("RecordId".to_string(), json!(id)), ("Encrypted".to_string(), json!(encrypted))]))
    }

    pub(super) fn put_batch(&mut self, setting: &Setting<'_>, params: &Params<'_>, happened: &mut Vec<Happened>) -> Response {
        let mut records = Vec::new();
        for record in params.structures("Records") {
            records.push(data_of(&record)?);
        }
        let (seed, now) = (setting.options.seed, setting.now);
        if records.len() > MAX_BATCH {
            return Err(ApiError::new(
                "ValidationException",
                alloc::format!(
                    "1 validation error detected: Value '[…]' at 'records' failed to satisfy constraint: Member must have length less than or equal to {MAX_BATCH}"
                ),
            ));
        }
        let stream = self.open_mut(setting, params)?;
        stream.takes_puts()?;
        if let Some(large) = records.iter().find(|data| data.len() > MAX_RECORD) {
            return Err(too_long(large.len()));
        }
        if records.iter().map(Vec::len).sum::<usize>() > MAX_REQUEST {
            return Err(invalid("Records size exceeds 4 MB limit"));
        }
        let (name, encrypted) = (stream.name.clone(), stream.encryption.is_some());
        if !stream.admit_request(now) {
            stream.count_put(0, 0, u32::try_from(records.len()).unwrap_or(u32::MAX));
            self.note_minute(now);
            return Err(slow_down());
        }
        let (mut taken, mut bytes, mut failed) = (Vec::new(), 0u64, 0u32);
        let mut responses: Vec<Value> = Vec::new();
        for data in records {
            if stream.admit(now, data.len() as u32) {
                bytes += data.len() as u64;
                responses.push(json!({"RecordId": stream.record_id(seed)}));
                taken.push(data);
            } else {
                failed += 1;
                let error = slow_down();
                responses.push(json!({"ErrorCode": error.code, "ErrorMessage": error.message}));
            }
        }
        stream.count_put(u32::try_from(taken.len()).unwrap_or(u32::MAX), bytes, failed);
        self.note_minute(now);
        for data in taken {
            self.take_own(setting, &name, data, happened);
        }
        Ok(object([
            ("FailedPutCount".to_string(), json!(failed)),
            ("Encrypted".to_string(), json!(encrypted)),
            ("RequestResponses".to_string(), Value::Array(responses)),
        ]))
    }
}
