use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::cell::RefCell;

use serde_json::{Map, Value, json};

use super::access_log::LOGGING;
use super::caller::Caller;
use super::cloudtrail::TrailEvent;
use super::guard::Sealed;
use super::params::{ANY, BOOLEAN, Shape, required};
use super::{Account, ApiError, Call, Effect, EffectAnswer, JobOutput, NodeError, ObjectSource, Outcome, Params, RunFailure, storage_events};
use crate::access::Principal;
use crate::sim::{SimTime, TraceRow};
use crate::storage::s3::seal::check_sealed;
use crate::storage::s3::{Happened, NewObject, Versions, What, is_basic};

/// Kinds of trace rows. The numbers are part of the hash and stay.
pub(super) mod kind {
    /// A call was applied. Resource: `service:operation`; subject: what it is about; argument: its position.
    pub const CALL: u16 = 1;
    /// A call was refused. Subject: the error code; argument: its position.
    pub const REFUSED: u16 = 2;
    /// Work was asked of the host. Resource: the effect; subject: its id.
    pub const EFFECT: u16 = 3;
    /// A service put an object. Resource: the bucket; subject: the key; argument: bytes.
    pub const OBJECT_PUT: u16 = 4;
    /// What time does to an object. Resource: the bucket; subject: the key; cause: the call that put the rules, or that asked for the restore. For what goes somewhere
    /// the argument is the number of the class's or tier's name.
    pub const TRANSITIONED: u16 = 5;
    pub const EXPIRED: u16 = 6;
    pub const MARKER_CREATED: u16 = 7;
    pub const MARKER_REMOVED: u16 = 8;
    pub const TIERED: u16 = 9;
    pub const RESTORED: u16 = 10;
    pub const COPY_EXPIRED: u16 = 11;
    pub const UPLOAD_ABORTED: u16 = 12;
    /// An alarm changed its state. Resource: the alarm; subject: the state; cause: the call that brought the newest points, or that set the alarm.
    pub const ALARM_STATE: u16 = 13;
    /// An alarm's action. Resource: the action's target; subject: the alarm; cause: the change of state; argument: 1 if it succeeded.
    pub const ALARM_ACTION: u16 = 14;
    /// A shard came into being, or takes no more. Resource: the stream; subject: `stream/shard`; cause: the call; argument: its number.
    pub const SHARD_OPENED: u16 = 20;
    pub const SHARD_CLOSED: u16 = 21;
    /// A stream became what the subject says.
    pub const STREAM_STATUS: u16 = 22;
    /// An application's PutRecords. Resource: the stream; subject: the producer; cause: the call that set it up; argument: records taken.
    pub const SENT: u16 = 23;
    /// A shard refused records. Resource: `stream/shard`; subject: the producer; cause: the put; argument: records times 8, and the number of the limit.
    pub const THROTTLED: u16 = 24;
    /// A consumer got records. Resource: `stream/shard`; subject: the consumer; argument: records.
    pub const READ: u16 = 25;
    pub const READ_THROTTLED: u16 = 26;
    /// A producer gave up records. Resource: the stream; subject: the producer; cause: the put; argument: records.
    pub const GIVEN_UP: u16 = 27;
    /// A Lambda failed on a batch. Resource: `stream/shard`; subject: the consumer; argument: records passed over.
    pub const BATCH_FAILED: u16 = 28;
    /// A minute's counters went to CloudWatch. Resource: the stream; cause: the last refusal or put of the minute; argument: records that came in.
    pub const METRICS: u16 = 29;
    /// A delivery stream closed a buffer. Resource: `deliverystream/name`; subject: why; cause: the call that set it up; argument: records.
    pub const FLUSHED: u16 = 30;
    /// An object was delivered. Resource: `deliverystream/name`; subject: `bucket/key`; cause: the flush; argument: records.
    pub const DELIVERED: u16 = 31;
    /// S3 refused a delivery, which is tried again. Subject: the error's code; cause: the flush; argument: records.
    pub const DELIVERY_FAILED: u16 = 32;
    /// A delivery was refused for a day. Cause: the last refusal; argument: records.
    pub const DELIVERY_GIVEN_UP: u16 = 33;
    /// A delivery stream invoked a function; subject: its name, argument: records.
    pub const TRANSFORMED: u16 = 34;
    /// A function dropped records; argument: how many.
    pub const RECORDS_DROPPED: u16 = 35;
    /// Records of a delivery stream failed; subject: the error code, argument: how many.
    pub const RECORDS_FAILED: u16 = 36;
}

/// Most seconds of one `clock:Advance`: a hundred years of 365.25 days.
const MAX_ADVANCE: i64 = 3_155_760_000;

/// Levels of arrays and objects in a call's parameters. A log and a snapshot wrap them in a few more, and serde_json reads back 128.
const MAX_DEPTH: usize = 100;

fn is_deeper(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|item| is_deeper(item, levels - 1)),
        Value::Object(map) => levels == 0 || map.values().any(|item| is_deeper(item, levels - 1)),
        _ => false,
    }
}

/// What a call did, before it is recorded.
struct Done {
    outcome: Outcome,
    /// Objects that a service put on the way, by whom.
    puts: Vec<(Principal, JobOutput)>,
}

impl From<Outcome> for Done {
    fn from(outcome: Outcome) -> Self {
        Done { outcome, puts: Vec::new() }
    }
}

fn answer(response: impl Into<Value>) -> Outcome {
    Outcome {
        response: response.into(),
        body: None,
        effects: Vec::new(),
    }
}

fn unknown_operation(call: &Call) -> ApiError {
    ApiError::new(
        "NotImplemented",
        format!("Sluice does not do {}:{} yet, or there is no such operation.", call.service, call.operation),
    )
}

impl Account {
    /// Applies one call at `now`; a clock that goes backwards stands still.
    ///
    /// A read changes nothing. Any other call takes the next position in the log, refused or not: a refusal changes nothing but position, clock, trail and trace.
    /// The one exception is a call that no log could hold, its parameters nested more than 100 levels deep: it is refused and leaves no mark.
    /// Errors: the service's own; `ParamValidation`; `NotImplemented` for an operation that Sluice does not do; `InvalidAction` for a service that it does not know.
    pub fn apply(&mut self, now: SimTime, call: &Call) -> Result<Outcome, ApiError> {
        if is_deeper(&call.params, MAX_DEPTH) {
            return Err(super::param_error(format!("The parameters are nested more than {MAX_DEPTH} levels deep")));
        }
        let now = now.max(self.now);
        self.catch_up(now);
        if Account::is_read(call) {
            return self.route(now, call).map(|done| done.outcome);
        }
        self.now = now;
        let result = self.route(now, call);
        let position = self.position;
        self.position += 1;
        self.record(position, now, call, &result);
        // The clock may have been advanced: what falls due on the way follows from the call.
        self.catch_up(self.now);
        result.map(|done| done.outcome)
    }

    /// As [`Account::apply`] for a holder that may change nothing: a GetObject, which counts as an access elsewhere, is answered and not counted.
    pub fn look(&mut self, now: SimTime, call: &Call) -> Result<Outcome, ApiError> {
        if call.service == "s3" && call.operation == "GetObject" {
            self.catch_up(now.max(self.now));
            let caller = self.caller(call)?;
            self.authorize(now, &caller, "s3", "GetObject", &call.params)?;
            let sealed = self.seal(now, &caller, "GetObject", &call.params)?;
            let done = self.s3.look(sealed.params.as_ref().unwrap_or(&call.params))?;
            return Ok(Outcome {
                response: Value::Object(done.response),
                body: done.body,
                effects: Vec::new(),
            });
        }
        if !Account::is_read(call) {
            return Err(ApiError::new("AccessDenied", "Access Denied").with_help("This holder of the account only looks."));
        }
        self.apply(now, call)
    }

    /// Answers a reading call at a moment to which everything due was done.
    pub(super) fn look_at(&mut self, now: SimTime, call: &Call) -> Result<Value, ApiError> {
        self.route(now, call).map(|done| done.outcome.response)
    }

    /// Does what is due by `now`, in order and each at its own time.
    pub(super) fn catch_up(&mut self, now: SimTime) {
        let mut any = false;
        while self.pass_once(now) {
            any = true;
        }
        // What was done by then cannot be undone by a clock that goes back.
        if any {
            self.now = self.now.max(now);
        }
    }

    /// Does the first thing that is due by `now`, and answers whether there was one. At the same instant access logs go last: their batch holds what came before.
    pub(super) fn pass_once(&mut self, now: SimTime) -> bool {
        let logs = self
            .access_logs
            .next_due()
            .filter(|(at, _)| *at <= now)
            .map(|(at, bucket)| (at, bucket.to_string()));
        // An alarm is evaluated before logs of its instant, and after what becomes of objects then.
        let alarm = self.cloudwatch.next_due().filter(|at| *at <= now);
        let streams = self.streams_due().filter(|at| *at <= now);
        let until = logs.as_ref().map(|(at, _)| *at).into_iter().chain(alarm).chain(streams).min().unwrap_or(now);
        if let Some(happened) = self.s3.poll_one(until) {
            self.happened(&happened);
            return true;
        }
        // Streams before alarms: the minute's metrics are there when an alarm looks.
        if streams == Some(until) && self.poll_streams(until) {
            return true;
        }
        if alarm.is_some_and(|at| logs.as_ref().is_none_or(|(log, _)| at <= *log)) && self.poll_alarms(until) {
            return true;
        }
        match logs {
            Some((at, bucket)) => self.close_access_log(at, &bucket),
            None => return false,
        }
        true
    }

    /// Writes what time did into the trace. CloudTrail knows nothing of it: lifecycle actions are no API calls ("Amazon S3 Lifecycle and logging").
    pub(super) fn happened(&mut self, happened: &Happened) {
        let kind = match happened.what {
            What::Transitioned(_) => kind::TRANSITIONED,
            What::Expired => kind::EXPIRED,
            What::MarkerCreated => kind::MARKER_CREATED,
            What::MarkerRemoved => kind::MARKER_REMOVED,
            What::Tiered(_) => kind::TIERED,
            What::Restored => kind::RESTORED,
            What::RestoredCopyExpired => kind::COPY_EXPIRED,
            What::UploadAborted => kind::UPLOAD_ABORTED,
        };
        let (bucket, key) = (self.names.number(&happened.bucket), self.names.number(&happened.key));
        let target = self.names.number(happened.what.target());
        let cause = happened.cause.unwrap_or(TraceRow::NO_CAUSE);
        let rule = happened.rule.as_ref().map_or(0, |rule| self.names.number(rule));
        self.trace_row(happened.at, kind, bucket, key, cause, storage_events::argument(target, rule));
        self.log_lifecycle(happened);
    }

    fn route(&mut self, now: SimTime, call: &Call) -> Result<Done, ApiError> {
        let (operation, params) = (call.operation.as_str(), &call.params);
        let caller = self.caller(call)?;
        self.authorize(now, &caller, &call.service, operation, params)?;
        match call.service.as_str() {
            "s3" => self.s3_call(now, &caller, operation, params).map(Done::from),
            "s3control" => self.s3_control(operation, params).map(|response| answer(response).into()),
            "glue" => {
                let mut outcome = self.glue_call(now, operation, params)?;
                // What a role may not read ends before it begins.
                for ended in self.refuse_effects(now, &mut outcome.effects) {
                    self.glue_answer(now, &ended)?;
                }
                Ok(Done::from(outcome))
            }
            "kms" => self.kms_call(now, operation, params).map(|response| answer(response).into()),
            "cloudwatch" => self.cloudwatch_call(now, operation, params).map(|response| answer(response).into()),
            "kinesis" => self.kinesis_call(now, operation, params).map(|response| answer(response).into()),
            "firehose" => self.firehose_call(now, operation, params).map(|response| answer(response).into()),
            "sns" => self.sns_call(now, operation, params).map(|response| answer(response).into()),
            "iam" => {
                let own = match &caller.principal {
                    Principal::User { name, .. } if operation == "GetUser" && params.get("UserName").is_none() => Some(json!({"UserName": name})),
                    _ => None,
                };
                self.iam_call(now, operation, own.as_ref().unwrap_or(params))
                    .map(|response| answer(response).into())
            }
            "cloudtrail" => match operation {
                "LookupEvents" => self.lookup_events(now, params).map(|response| answer(response).into()),
                _ => Err(unknown_operation(call)),
            },
            "clock" => self.clock(now, call).map(Done::from),
            "sluice" => self.sluice(now, call).map(Done::from),
            "effect" if operation == "LogDelivered" => self.log_delivered(now, params).map(|(response, put)| Done {
                outcome: answer(response),
                puts: put.map(|put| (Principal::Service(LOGGING.to_string()), put)).into_iter().collect(),
            }),
            "effect" if operation == "RecordsDelivered" => self.records_delivered(now, params).map(|(response, put)| Done {
                outcome: answer(response),
                puts: put.into_iter().collect(),
            }),
            "effect" => self.answered(now, EffectAnswer::from_call(call)?),
            other => Err(ApiError::new("InvalidAction", format!("There is no service \"{other}\" in this account."))
                .with_help("Services are s3, s3control, glue, iam, kms, kinesis, firehose, cloudwatch, sns, cloudtrail, clock and sluice.")),
        }
    }

    /// A call of S3 that its caller may make: with what it needs of keys, and, for a batch of deletes, without those that are refused.
    fn s3_call(&mut self, now: SimTime, caller: &Caller, operation: &str, params: &Value) -> Result<Outcome, ApiError> {
        let parted = if operation == "DeleteObjects" {
            self.part_deletes(now, caller, params)
        } else {
            None
        };
        let (params, refused) = match &parted {
            Some((params, refused)) => (params, refused.as_slice()),
            None => (params, &[] as &[Value]),
        };
        let nothing_left = params["Delete"]["Objects"].as_array().is_some_and(Vec::is_empty);
        if !refused.is_empty() && nothing_left {
            return Ok(answer(json!({"Errors": refused})));
        }
        let sealed = self.seal(now, caller, operation, params)?;
        let params = sealed.params.as_ref().unwrap_or(params);
        let mut done = if is_basic(operation, params) {
            self.s3.call(now, operation, params)
        } else {
            self.s3_part_call(now, operation, params)
        }?;
        self.settle(now, &sealed);
        if !refused.is_empty() {
            let errors = done.response.entry("Errors").or_insert_with(|| json!([]));
            if let Value::Array(errors) = errors {
                errors.extend(refused.iter().cloned());
            }
        }
        Ok(Outcome {
            response: Value::Object(done.response),
            body: done.body,
            effects: Vec::new(),
        })
    }

    fn clock(&mut self, now: SimTime, call: &Call) -> Result<Outcome, ApiError> {
        match call.operation.as_str() {
            "GetTime" => {
                Params::check(&call.params, &[])?;
                Ok(answer(json!({"Time": now.to_string()})))
            }
            "Advance" => {
                const ADVANCE: &[super::params::Member] = &[required("Seconds", Shape::Integer { min: Some(0) })];
                let seconds = Params::check(&call.params, ADVANCE)?.integer("Seconds").unwrap_or(0);
                let later = now.plus_seconds(seconds);
                if seconds > MAX_ADVANCE || later > SimTime::MAX_CIVIL {
                    return Err(super::param_error(format!(
                        "Invalid value for parameter Seconds, value: {seconds}, valid max value: {MAX_ADVANCE}, and no later than the year 9999"
                    )));
                }
                self.clock_offset += later.micros() - now.micros();
                self.now = later;
                Ok(answer(json!({"Time": later.to_string()})))
            }
            _ => Err(unknown_operation(call)),
        }
    }

    fn sluice(&mut self, now: SimTime, call: &Call) -> Result<Outcome, ApiError> {
        match call.operation.as_str() {
            "EvaluateLab" => {
                let params = Params::check(&call.params, &[required("Lab", ANY)])?;
                let lab = params.get("Lab").unwrap_or(&Value::Null);
                let evaluate = self.evaluate_lab()?;
                let account = RefCell::new(self);
                let read = |call: &Call| match account.try_borrow_mut() {
                    Ok(mut account) if Account::is_read(call) && call.service != "sluice" => account.route(now, call).map(|done| done.outcome.response),
                    _ => Err(ApiError::new(
                        "InvalidAction",
                        format!("A lab's check only reads, and {}:{} does not.", call.service, call.operation),
                    )),
                };
                evaluate(lab, &read).map(answer)
            }
            "SetDataEvents" => {
                let params = Params::check(&call.params, &[required("Enabled", BOOLEAN)])?;
                let enabled = params.boolean("Enabled").unwrap_or(false);
                self.trail.set_data_events(enabled);
                Ok(answer(json!({"Enabled": enabled})))
            }
            // A host keeps a player, and with it what was played; here every answer is played anew.
            "PlayScenario" => self.play_scenario(&mut super::Player::default(), &call.params).map(answer),
            "GetStorageEvents" => self.storage_events(&call.params).map(answer),
            "GetObjectSchedule" => self.object_schedule(&call.params).map(answer),
            "ExportScript" | "ExportCloudFormation" if self.caller(call)?.principal != self.root() => {
                Err(ApiError::new("AccessDenied", "Access Denied").with_help("Only the account's owner exports it."))
            }
            operation if super::ours::is_traffic(operation) => match self.traffic_call(now, operation, &call.params) {
                Some(answered) => answered.map(answer),
                None => Err(unknown_operation(call)),
            },
            operation => match self.part_read(now, operation, &call.params) {
                Some(answered) => answered.map(answer),
                None => Err(unknown_operation(call)),
            },
        }
    }

    /// An answer from outside. A succeeded run's outputs become objects before the catalog learns of them, and all of it or nothing.
    fn answered(&mut self, now: SimTime, answered: EffectAnswer) -> Result<Done, ApiError> {
        let answered = self.checked(now, answered);
        let mut asked: Vec<Sealed> = Vec::new();
        let mut puts = Vec::new();
        let mut undo: Vec<(JobOutput, Option<Versions>)> = Vec::new();
        if let EffectAnswer::JobRunSucceeded { run_id, outputs, .. } = &answered {
            let caller = self.service_caller(self.glue.run_role(run_id).unwrap_or_default());
            for output in outputs {
                let mut new = NewObject::standard(output.blob.clone(), &output.content_type);
                let put = self
                    .seal_service_put(now, &caller, &output.bucket, &output.key)
                    .and_then(|(protection, sealed)| {
                        check_sealed(&new.blob, &protection.encryption)?;
                        new.protection = protection;
                        asked.push(sealed);
                        self.s3.put(now, &output.bucket, &output.key, new)
                    });
                match put {
                    Ok(previous) => undo.push((output.clone(), previous)),
                    Err(error) => {
                        self.take_back(now, undo);
                        return Err(error);
                    }
                }
                puts.push((caller.principal.clone(), output.clone()));
            }
        }
        if let Err(error) = self.glue_answer(now, &answered) {
            self.take_back(now, undo);
            return Err(error);
        }
        for sealed in &asked {
            self.settle(now, sealed);
        }
        Ok(Done {
            outcome: answer(json!({})),
            puts,
        })
    }

    /// A run whose output bucket went away while it ran has failed, as it would have at its first write.
    fn checked(&self, now: SimTime, answered: EffectAnswer) -> EffectAnswer {
        match answered {
            EffectAnswer::JobRunSucceeded { run_id, report, outputs } => match outputs.iter().find_map(|output| self.refusal(now, &run_id, output)) {
                None => EffectAnswer::JobRunSucceeded { run_id, report, outputs },
                Some(error) => EffectAnswer::JobRunFailed {
                    run_id,
                    report,
                    failure: RunFailure { error, row: None },
                },
            },
            other => other,
        }
    }

    fn refusal(&self, now: SimTime, run_id: &str, output: &JobOutput) -> Option<NodeError> {
        let caller = self.service_caller(self.glue.run_role(run_id).unwrap_or_default());
        let (bucket, key) = (output.bucket.as_str(), output.key.as_str());
        let problem = if !self.s3.bucket_exists(bucket) {
            "NoSuchBucket: The specified bucket does not exist".to_string()
        } else if let Some(error) = self.refused_write(now, &caller, bucket, key) {
            error.to_string()
        } else if let Err(error) = self.seal_service_put(now, &caller, bucket, key) {
            error.to_string()
        } else {
            let bytes = crate::storage::s3::check_key(key).err()?;
            format!("KeyTooLongError: Your key is too long ({bytes} bytes)")
        };
        Some(NodeError {
            node: Some(output.node.clone()),
            field: Some("Path".to_string()),
            message: format!("Writing s3://{}/{} failed: {problem}", output.bucket, output.key),
        })
    }

    fn take_back(&mut self, now: SimTime, undo: Vec<(JobOutput, Option<Versions>)>) {
        for (output, previous) in undo.into_iter().rev() {
            self.s3.unput(now, &output.bucket, &output.key, previous);
        }
    }

    /// Writes a call and what followed from it into the trail and the trace.
    fn record(&mut self, position: u64, now: SimTime, call: &Call, result: &Result<Done, ApiError>) {
        let outcome = match result {
            Ok(done) => Ok(&done.outcome.response),
            Err(error) => Err(error),
        };
        let mut event = TrailEvent::new(position, now, call, outcome);
        if let (Some(_), Ok(caller)) = (&call.caller, self.caller(call)) {
            event = event.by(&self.options, &caller.principal, &caller.source_ip);
        }
        let resource = self.names.number(&format!("{}:{}", call.service, call.operation));
        let (kind, subject) = match result {
            Ok(_) => (kind::CALL, self.names.number(event.subject())),
            Err(error) => (kind::REFUSED, self.names.number(&error.code)),
        };
        let cause = self.cause(call, result.is_ok());
        self.trail.record(event);
        let row = self.trace_row(now, kind, resource, subject, cause, position as f64);
        self.log_access(position, now, call, outcome);
        let Ok(done) = result else { return };
        if call.service == "s3" {
            self.s3.caused(&call.operation, &call.params, row);
        }
        if matches!(call.service.as_str(), "kinesis" | "firehose") || super::ours::is_traffic(&call.operation) {
            self.streams_called(now, call, row);
        }
        if call.service == "cloudwatch" {
            self.alarms_called(row);
        }
        for ((who, output), sequence) in done.puts.iter().zip(1..) {
            let params = json!({"Bucket": output.bucket, "Key": output.key, "ContentType": output.content_type});
            let put = TrailEvent::new(position, now, &Call::new("s3", "PutObject", params), Ok(&Value::Object(Map::new())));
            self.trail.record(put.following(sequence, who));
            self.log_service_put(position, sequence, now, who, output);
            let (bucket, key) = (self.names.number(&output.bucket), self.names.number(&output.key));
            self.trace_row(now, kind::OBJECT_PUT, bucket, key, row, output.blob.size as f64);
        }
        for effect in &done.outcome.effects {
            let (name, id) = match effect {
                Effect::Crawl { crawl_id, .. } => ("effect:Crawl", crawl_id),
                Effect::Run(plan) => ("effect:Run", &plan.run_id),
                Effect::CancelRun { run_id } => ("effect:CancelRun", run_id),
            };
            let (resource, subject) = (self.names.number(name), self.names.number(id));
            let asked = self.trace_row(now, kind::EFFECT, resource, subject, row, 0.0);
            if !matches!(effect, Effect::CancelRun { .. }) {
                self.asked.insert(id.clone(), asked);
            }
        }
    }

    /// An answer follows from the effect that asked for it.
    fn cause(&mut self, call: &Call, applied: bool) -> u32 {
        if call.service != "effect" || !applied {
            return TraceRow::NO_CAUSE;
        }
        let id = ["run_id", "crawl_id"].iter().find_map(|name| call.params.get(name).and_then(Value::as_str));
        id.and_then(|id| self.asked.remove(id)).unwrap_or(TraceRow::NO_CAUSE)
    }

    pub(super) fn trace_row(&mut self, time: SimTime, kind: u16, resource: u32, subject: u32, cause: u32, argument: f64) -> u32 {
        let index = self.trace.push(TraceRow {
            time,
            argument,
            cause,
            resource,
            subject,
            kind,
        });
        u32::try_from(index).unwrap_or(TraceRow::NO_CAUSE)
    }
}
