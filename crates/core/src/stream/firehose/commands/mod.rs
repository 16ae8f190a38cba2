//! The operations of service `firehose`.

mod members;
mod records;
mod streams;

use alloc::format;
use alloc::string::{String, ToString};

use serde_json::{Map, Value};

use super::poll::Happened;
use super::state::{DeliveryStream, Firehose, Status};
use crate::account::{AccountOptions, ApiError, Params};
use crate::sim::SimTime;
use crate::stream::kinesis::{Faults, Kinesis};

pub(super) type Response = Result<Map<String, Value>, ApiError>;

/// What a call is made in.
pub(super) struct Setting<'a> {
    pub options: &'a AccountOptions,
    pub now: SimTime,
    pub kinesis: &'a Kinesis,
}

const READS: &[&str] = &["DescribeDeliveryStream", "ListDeliveryStreams", "ListTagsForDeliveryStream"];

impl Firehose {
    /// Whether the operation changes nothing. Unknown operations: false.
    pub fn is_read(operation: &str) -> bool {
        READS.contains(&operation)
    }

    /// Applies one operation of service `firehose`; `happened` gets what followed at once.
    ///
    /// Errors with the codes of the model; `ParamValidation`; `ValidationException`; `NotImplemented` naming what is not done.
    pub fn call(
        &mut self,
        options: &AccountOptions,
        now: SimTime,
        kinesis: &Kinesis,
        operation: &str,
        params: &Value,
        happened: &mut alloc::vec::Vec<Happened>,
    ) -> Response {
        use members as m;
        let check = |members| Params::check(params, members);
        let setting = &Setting { options, now, kinesis };
        match operation {
            "CreateDeliveryStream" => self.create(setting, &check(m::CREATE)?),
            "DescribeDeliveryStream" => self.describe(setting, &check(m::DESCRIBE)?),
            "ListDeliveryStreams" => self.list(&check(m::LIST)?),
            "DeleteDeliveryStream" => self.delete(setting, &check(m::DELETE)?),
            "UpdateDestination" => self.update(setting, &check(m::UPDATE)?, happened),
            "PutRecord" => self.put_record(setting, &check(m::PUT)?, happened),
            "PutRecordBatch" => self.put_batch(setting, &check(m::PUT_BATCH)?, happened),
            "StartDeliveryStreamEncryption" => self.encryption(setting, &check(m::START)?, true),
            "StopDeliveryStreamEncryption" => self.encryption(setting, &check(m::STOP)?, false),
            "TagDeliveryStream" => self.tag(setting, &check(m::TAG_STREAM)?),
            "UntagDeliveryStream" => self.untag(setting, &check(m::UNTAG)?),
            "ListTagsForDeliveryStream" => self.list_tags(setting, &check(m::LIST_TAGS)?),
            _ => Err(not_done(operation)),
        }
    }

    /// The stream that a call names. Errors: `ValidationException`, `ResourceNotFoundException`.
    pub(super) fn the(&self, setting: &Setting<'_>, params: &Params<'_>) -> Result<&DeliveryStream, ApiError> {
        let name = name_of(params)?;
        self.streams.get(&name).ok_or_else(|| Firehose::not_found(setting.options, &name))
    }

    pub(super) fn the_mut(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Result<&mut DeliveryStream, ApiError> {
        let name = name_of(params)?;
        self.streams.get_mut(&name).ok_or_else(|| Firehose::not_found(setting.options, &name))
    }

    /// A stream that takes records. Error: `ResourceNotFoundException` for one that is not ACTIVE: the put operations know no other.
    pub(super) fn open_mut(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Result<&mut DeliveryStream, ApiError> {
        let stream = self.the_mut(setting, params)?;
        if stream.status == Status::Active {
            return Ok(stream);
        }
        Err(ApiError::new(
            "ResourceNotFoundException",
            format!(
                "Firehose {} under account {} is not ACTIVE, its state is {}.",
                stream.name,
                setting.options.account_id,
                stream.status.as_str()
            ),
        ))
    }

    /// A stream that takes control calls. Error: `ResourceInUseException` while it is created or deleted.
    pub(super) fn active_mut(&mut self, setting: &Setting<'_>, params: &Params<'_>) -> Result<&mut DeliveryStream, ApiError> {
        let stream = self.the_mut(setting, params)?;
        match stream.status {
            Status::Active => Ok(stream),
            other => Err(ApiError::new(
                "ResourceInUseException",
                format!(
                    "Firehose {} under account {} is not ACTIVE, its state is {}.",
                    stream.name,
                    setting.options.account_id,
                    other.as_str()
                ),
            )),
        }
    }
}

/// The checked name. Error: `ValidationException`.
pub(super) fn name_of(params: &Params<'_>) -> Result<String, ApiError> {
    let name = params.required_text("DeliveryStreamName")?;
    let mut faults = Faults::default();
    faults.name(params, "DeliveryStreamName");
    if name.chars().count() <= 128 {
        faults.length(name, "DeliveryStreamName", 64);
    }
    faults.done()?;
    Ok(name.to_string())
}

fn not_done(what: &str) -> ApiError {
    ApiError::new("NotImplemented", format!("Sluice does not do firehose:{what} yet."))
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidArgumentException", message)
}
