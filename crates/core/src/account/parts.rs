//! Operations that come in parts: a host in a browser fetches the code of a service when the first call for it comes.
//!
//! Belongs here: which call needs which part, and the table of what is there. Does not belong here: fetching, which is the host's.
//! Everywhere but in a build with the feature `apart`, all parts but Flink SQL, which core does not have, are there from the start, and nobody need know of them.

use serde_json::{Map, Value};

use super::cloudtrail::Trail;
use super::iam::Iam;
use super::kms::Kms;
use super::ours;
use super::params::param_error;
use super::{
    Account, AccountOptions, ApiError, BlobRef, BodyRange, Call, EffectAnswer, JobOutput, NodeError, ObjectSource, Outcome, Player, RunPlan, SourceInput,
};
use crate::access::Principal;
use crate::catalog::Glue;
use crate::etl::{Graph, NodeId};
use crate::monitor::CloudWatch;
use crate::monitor::sns::Sns;
use crate::sim::{Rng, SimTime};
use crate::storage::S3;
use crate::storage::s3::encryption::ObjectEncryption;
use crate::storage::s3::{self, is_basic};
use crate::stream::kinesis::{Around, Kinesis};
use crate::stream::traffic::Traffic;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// A part of the account's code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// S3's operations but the basic ones, and S3 Control's.
    S3,
    /// Glue's operations, the answers of crawls and runs, and the checks of labs.
    Glue,
    /// The operations of IAM, KMS and CloudTrail, and the answers to who may do what. (Decisions themselves are made for every call, and are no part.)
    Access,
    /// What is computed from prices and limits: bills, plans, choices.
    Figures,
    /// The account as a script and as a template.
    Export,
    /// The operations of CloudWatch and SNS. (Alarms are evaluated whenever time passes, and are no part.)
    Monitor,
    /// The operations of Kinesis, applications that put and read, and what becomes of streams as time passes.
    Streams,
    /// The operations of Firehose and of functions, and what a host asks to deliver a buffer.
    Delivery,
    /// Jobs in event time, simulated apart from the account.
    EventTime,
    /// Flink SQL, whose code is a crate of its own that the host brings.
    FlinkSql,
}

impl Part {
    /// The parts that a call needs.
    pub fn of(call: &Call) -> &'static [Part] {
        let operation = call.operation.as_str();
        match call.service.as_str() {
            "effect" if operation == "LogDelivered" => &[],
            "effect" if operation == "RecordsDelivered" => &[Part::Streams, Part::Delivery],
            "s3" if !is_basic(operation, &call.params) => &[Part::S3],
            "s3control" => &[Part::S3],
            "glue" | "effect" => &[Part::Glue],
            "iam" | "kms" | "cloudtrail" => &[Part::Access],
            "cloudwatch" | "sns" => &[Part::Monitor],
            "kinesis" => &[Part::Streams],
            "firehose" => &[Part::Streams, Part::Delivery],
            "sluice" => ours::find(operation).map_or(&[], |found| found.parts),
            _ => &[],
        }
    }
}

type Answer = Result<Value, ApiError>;
type Response = Result<Map<String, Value>, ApiError>;
type Read<'a> = &'a dyn Fn(&Call) -> Result<Value, ApiError>;
type GlueCall = fn(&mut Glue, SimTime, &str, &Value, &dyn ObjectSource) -> Result<Outcome, ApiError>;
type Delivered = Result<(Value, Option<(Principal, JobOutput)>), ApiError>;
type Inputs = Result<BTreeMap<NodeId, SourceInput>, Vec<NodeError>>;

/// How a part's state goes into a snapshot and comes out of it: only the part knows what it is made of.
#[derive(Clone, Copy, Debug)]
struct State {
    /// `None`: there is nothing to keep.
    save: fn(&Account) -> Option<Value>,
    load: fn(&mut Account, Value) -> Result<(), String>,
}

#[derive(Clone, Copy, Debug)]
struct S3Part {
    call: fn(&mut S3, SimTime, &str, &Value) -> Result<s3::Answer, ApiError>,
    control: fn(&mut S3, &str, &Value) -> Response,
    composition: fn(&S3, &str, &Value, &ObjectEncryption) -> Option<Vec<BodyRange>>,
}

#[derive(Clone, Copy, Debug)]
struct GluePart {
    call: GlueCall,
    answer: fn(&mut Glue, SimTime, &EffectAnswer, &dyn ObjectSource) -> Result<(), ApiError>,
    inputs: fn(&Glue, &Graph, &dyn ObjectSource) -> Inputs,
    evaluate: fn(&Value, Read<'_>) -> Answer,
}

#[derive(Clone, Copy, Debug)]
struct AccessPart {
    iam: fn(&mut Iam, SimTime, &mut Rng, &str, &Value) -> Response,
    kms: fn(&mut Kms, &AccountOptions, SimTime, &mut Rng, &str, &Value) -> Response,
    lookup: fn(&Trail, &AccountOptions, SimTime, &Value) -> Response,
    explain: fn(&Account, SimTime, &str, &Value) -> Option<Response>,
}

#[derive(Clone, Copy, Debug)]
struct FiguresPart {
    bill: fn(&Account, SimTime, &str, &Value) -> Answer,
    call: fn(SimTime, &str, &Value) -> Option<Answer>,
}

#[derive(Clone, Copy, Debug)]
struct ExportPart {
    call: fn(&Account, SimTime, &str, &Value) -> Option<Answer>,
}

#[derive(Clone, Copy, Debug)]
struct MonitorPart {
    cloudwatch: fn(&mut CloudWatch, &AccountOptions, SimTime, &str, &Value) -> Response,
    sns: fn(&mut Sns, &AccountOptions, SimTime, &mut Rng, &str, &Value) -> Response,
    read: fn(&Account, SimTime, &str, &Value) -> Answer,
    poll: fn(&mut Account, SimTime),
    called: fn(&mut Account, u32),
    state: State,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct StreamsPart {
    pub kinesis: fn(&mut Kinesis, &AccountOptions, SimTime, &dyn Around, &str, &Value) -> Response,
    pub traffic: fn(&mut Traffic, &Kinesis, u64, SimTime, &str, &Value) -> Option<Answer>,
    pub poll: fn(&mut Account, SimTime) -> bool,
    pub called: fn(&mut Account, SimTime, &Call, u32),
    state: State,
    read: fn(&Account, SimTime, &str, &Value) -> Option<Answer>,
    play: fn(&mut Player, &Account, &Value) -> Answer,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct DeliveryPart {
    pub firehose: fn(&mut Account, SimTime, &str, &Value) -> Response,
    pub functions: fn(&mut Account, &str, &Value) -> Option<Answer>,
    read: fn(&Account, SimTime, &str, &Value) -> Option<Answer>,
    next_records: fn(&Account, SimTime, &BTreeSet<u64>) -> Option<(u64, ObjectEncryption)>,
    conversion: fn(&Account, u64, &BlobRef) -> Option<RunPlan>,
    render_records: fn(&Account, u64) -> Option<Vec<u8>>,
    records_delivered: fn(&mut Account, SimTime, &Value) -> Delivered,
}

#[derive(Clone, Copy, Debug)]
struct EventTimePart {
    run: fn(&Value) -> Result<Value, String>,
    compare: fn(&Value) -> Result<Value, String>,
    cluster: fn(&Value) -> Result<Value, String>,
}

#[derive(Clone, Copy, Debug)]
struct FlinkSqlPart {
    run: fn(&Value) -> Result<Value, String>,
}

/// The parts that an account has.
#[derive(Clone, Copy, Debug)]
pub struct Parts {
    s3: Option<S3Part>,
    glue: Option<GluePart>,
    access: Option<AccessPart>,
    figures: Option<FiguresPart>,
    export: Option<ExportPart>,
    monitor: Option<MonitorPart>,
    streams: Option<StreamsPart>,
    delivery: Option<DeliveryPart>,
    event_time: Option<EventTimePart>,
    flink_sql: Option<FlinkSqlPart>,
}

impl Parts {
    const NONE: Parts = Parts {
        s3: None,
        glue: None,
        access: None,
        figures: None,
        export: None,
        monitor: None,
        streams: None,
        delivery: None,
        event_time: None,
        flink_sql: None,
    };

    /// [`Part::S3`] alone.
    pub fn s3() -> Parts {
        Parts {
            s3: Some(S3Part {
                call: S3::call_more,
                control: S3::control,
                composition: S3::composition,
            }),
            ..Parts::NONE
        }
    }

    /// [`Part::Glue`] alone.
    pub fn glue() -> Parts {
        Parts {
            glue: Some(GluePart {
                call: Glue::call,
                answer: Glue::answer,
                inputs: Glue::inputs,
                evaluate: crate::lab::evaluate,
            }),
            ..Parts::NONE
        }
    }

    /// [`Part::Access`] alone.
    pub fn access() -> Parts {
        Parts {
            access: Some(AccessPart {
                iam: Iam::call,
                kms: Kms::call,
                lookup: Trail::lookup,
                explain: Account::explain,
            }),
            ..Parts::NONE
        }
    }

    /// [`Part::Figures`] alone.
    pub fn figures() -> Parts {
        Parts {
            figures: Some(FiguresPart {
                bill: Account::bill,
                call: crate::storage::figures::call,
            }),
            ..Parts::NONE
        }
    }

    /// [`Part::Export`] alone.
    pub fn export() -> Parts {
        Parts {
            export: Some(ExportPart { call: crate::export::call }),
            ..Parts::NONE
        }
    }

    /// [`Part::Monitor`] alone.
    pub fn monitor() -> Parts {
        Parts {
            monitor: Some(MonitorPart {
                cloudwatch: CloudWatch::call,
                sns: Sns::call,
                read: super::alarms::read,
                poll: super::alarms::poll,
                called: super::alarms::called,
                state: State {
                    save: super::alarms::save,
                    load: super::alarms::load,
                },
            }),
            ..Parts::NONE
        }
    }

    /// [`Part::Streams`] alone.
    pub fn streams() -> Parts {
        Parts {
            streams: Some(StreamsPart {
                kinesis: Kinesis::call,
                traffic: Traffic::call,
                poll: super::flow::poll,
                called: super::flow::called,
                state: State {
                    save: super::flow::save,
                    load: super::flow::load,
                },
                read: super::flow::read,
                play: Player::play,
            }),
            ..Parts::NONE
        }
    }

    /// [`Part::Delivery`] alone.
    pub fn delivery() -> Parts {
        Parts {
            delivery: Some(DeliveryPart {
                firehose: super::flow::firehose_call,
                functions: super::flow::change_function,
                read: super::flow::read_delivery,
                next_records: super::flow::next,
                conversion: super::flow::conversion,
                render_records: super::flow::render,
                records_delivered: super::flow::delivered,
            }),
            ..Parts::NONE
        }
    }

    /// [`Part::EventTime`] alone.
    pub fn event_time() -> Parts {
        Parts {
            event_time: Some(EventTimePart {
                run: crate::event_time::job::call,
                compare: crate::event_time::rules::call,
                cluster: crate::event_time::cluster::call,
            }),
            ..Parts::NONE
        }
    }

    /// [`Part::FlinkSql`] alone: `run` answers `sluice:RunFlinkSql`.
    pub fn flink_sql(run: fn(&Value) -> Result<Value, String>) -> Parts {
        Parts {
            flink_sql: Some(FlinkSqlPart { run }),
            ..Parts::NONE
        }
    }

    fn and(self, other: Parts) -> Parts {
        Parts {
            s3: self.s3.or(other.s3),
            glue: self.glue.or(other.glue),
            access: self.access.or(other.access),
            figures: self.figures.or(other.figures),
            export: self.export.or(other.export),
            monitor: self.monitor.or(other.monitor),
            streams: self.streams.or(other.streams),
            delivery: self.delivery.or(other.delivery),
            event_time: self.event_time.or(other.event_time),
            flink_sql: self.flink_sql.or(other.flink_sql),
        }
    }
}

impl Default for Parts {
    #[cfg(not(feature = "apart"))]
    fn default() -> Self {
        Parts::s3()
            .and(Parts::glue())
            .and(Parts::access())
            .and(Parts::figures())
            .and(Parts::export())
            .and(Parts::monitor())
            .and(Parts::streams())
            .and(Parts::delivery())
            .and(Parts::event_time())
    }

    #[cfg(feature = "apart")]
    fn default() -> Self {
        Parts::NONE
    }
}

fn not_there(part: Part) -> ApiError {
    ApiError::new("ServiceUnavailable", format!("The part {part:?} of Sluice was not loaded."))
}

impl Account {
    /// Whether the part is there.
    pub fn has(&self, part: Part) -> bool {
        match part {
            Part::S3 => self.parts.s3.is_some(),
            Part::Glue => self.parts.glue.is_some(),
            Part::Access => self.parts.access.is_some(),
            Part::Figures => self.parts.figures.is_some(),
            Part::Export => self.parts.export.is_some(),
            Part::Monitor => self.parts.monitor.is_some(),
            Part::Streams => self.parts.streams.is_some(),
            Part::Delivery => self.parts.delivery.is_some(),
            Part::EventTime => self.parts.event_time.is_some(),
            Part::FlinkSql => self.parts.flink_sql.is_some(),
        }
    }

    /// Adds parts, and reads the state that waited for them. A call that needs one that is not there fails with `ServiceUnavailable`; a host sees to it before it
    /// applies the call ([`Part::of`]). Error: `InvalidSnapshot` for state that does not read.
    pub fn link(&mut self, parts: Parts) -> Result<(), ApiError> {
        self.parts = self.parts.and(parts);
        for (name, state) in self.stateful() {
            if let Some(state) = state
                && let Some(kept) = self.later.remove(name)
            {
                (state.load)(self, kept).map_err(|reason| ApiError::new("InvalidSnapshot", format!("The snapshot does not read: {reason}")))?;
            }
        }
        Ok(())
    }

    /// Parts that have state of their own, by the name of it in a snapshot.
    fn stateful(&self) -> [(&'static str, Option<State>); 2] {
        [
            ("monitor", self.parts.monitor.map(|part| part.state)),
            ("streams", self.parts.streams.map(|part| part.state)),
        ]
    }

    /// The state of parts, by name: as it is, or as it waits for its part.
    pub(super) fn states(&self) -> Vec<(&'static str, Value)> {
        let of = |(name, state): (&'static str, Option<State>)| {
            let kept = self.later.get(name).cloned();
            Some((name, kept.or_else(|| (state?.save)(self))?))
        };
        self.stateful().into_iter().filter_map(of).collect()
    }

    /// Takes the state of parts out of a snapshot; what has no part yet waits for it.
    pub(super) fn read_states(&mut self, snapshot: &Value) -> Result<(), ApiError> {
        for (name, _) in self.stateful() {
            if let Some(state) = snapshot.get(name) {
                self.later.insert(name, state.clone());
            }
        }
        self.link(Parts::NONE)
    }

    pub(super) fn poll_alarms(&mut self, until: SimTime) -> bool {
        match self.parts.monitor {
            Some(part) => {
                (part.poll)(self, until);
                true
            }
            None => false,
        }
    }

    pub(super) fn alarms_called(&mut self, row: u32) {
        if let Some(part) = self.parts.monitor {
            (part.called)(self, row);
        }
    }

    pub(super) fn s3_composition(&self, call: &Call, encryption: &ObjectEncryption) -> Option<Vec<BodyRange>> {
        (self.parts.s3?.composition)(&self.s3, &call.operation, &call.params, encryption)
    }

    pub(super) fn s3_part_call(&mut self, now: SimTime, operation: &str, params: &Value) -> Result<s3::Answer, ApiError> {
        let part = self.parts.s3.ok_or_else(|| not_there(Part::S3))?;
        (part.call)(&mut self.s3, now, operation, params)
    }

    pub(super) fn s3_control(&mut self, operation: &str, params: &Value) -> Response {
        let part = self.parts.s3.ok_or_else(|| not_there(Part::S3))?;
        (part.control)(&mut self.s3, operation, params)
    }

    pub(super) fn glue_call(&mut self, now: SimTime, operation: &str, params: &Value) -> Result<Outcome, ApiError> {
        let part = self.parts.glue.ok_or_else(|| not_there(Part::Glue))?;
        (part.call)(&mut self.glue, now, operation, params, &self.s3)
    }

    pub(super) fn glue_answer(&mut self, now: SimTime, answer: &EffectAnswer) -> Result<(), ApiError> {
        let part = self.parts.glue.ok_or_else(|| not_there(Part::Glue))?;
        (part.answer)(&mut self.glue, now, answer, &self.s3)
    }

    /// What every source node of a graph reads, as StartJobRun resolves it; previews ask the same, as the account's owner.
    pub fn inputs(&self, graph: &Graph) -> Inputs {
        let Some(part) = self.parts.glue else {
            return Err(alloc::vec![NodeError {
                node: None,
                field: None,
                message: not_there(Part::Glue).message,
            }]);
        };
        let inputs = (part.inputs)(&self.glue, graph, &self.s3)?;
        let refused = self.refused_inputs(&inputs);
        if refused.is_empty() { Ok(inputs) } else { Err(refused) }
    }

    pub(super) fn evaluate_lab(&self) -> Result<fn(&Value, Read<'_>) -> Answer, ApiError> {
        self.parts.glue.map(|part| part.evaluate).ok_or_else(|| not_there(Part::Glue))
    }

    pub(super) fn iam_call(&mut self, now: SimTime, operation: &str, params: &Value) -> Response {
        let part = self.parts.access.ok_or_else(|| not_there(Part::Access))?;
        let mut rng = Rng::stream(self.options.seed, self.position);
        (part.iam)(&mut self.iam, now, &mut rng, operation, params)
    }

    pub(super) fn lookup_events(&self, now: SimTime, params: &Value) -> Response {
        let part = self.parts.access.ok_or_else(|| not_there(Part::Access))?;
        (part.lookup)(&self.trail, &self.options, now, params)
    }

    pub(super) fn kms_call(&mut self, now: SimTime, operation: &str, params: &Value) -> Response {
        let part = self.parts.access.ok_or_else(|| not_there(Part::Access))?;
        let mut rng = Rng::stream(self.options.seed, self.position);
        (part.kms)(&mut self.kms, &self.options, now, &mut rng, operation, params)
    }

    pub(super) fn cloudwatch_call(&mut self, now: SimTime, operation: &str, params: &Value) -> Response {
        let part = self.parts.monitor.ok_or_else(|| not_there(Part::Monitor))?;
        (part.cloudwatch)(&mut self.cloudwatch, &self.options, now, operation, params)
    }

    pub(super) fn sns_call(&mut self, now: SimTime, operation: &str, params: &Value) -> Response {
        let part = self.parts.monitor.ok_or_else(|| not_there(Part::Monitor))?;
        let mut rng = Rng::stream(self.options.seed, self.position);
        (part.sns)(&mut self.sns, &self.options, now, &mut rng, operation, params)
    }

    pub(super) fn streams_part(&self) -> Result<StreamsPart, ApiError> {
        self.parts.streams.ok_or_else(|| not_there(Part::Streams))
    }

    pub(super) fn delivery_part(&self) -> Result<DeliveryPart, ApiError> {
        self.parts.delivery.ok_or_else(|| not_there(Part::Delivery))
    }

    /// Calls of Firehose.
    pub(super) fn firehose_call(&mut self, now: SimTime, operation: &str, params: &Value) -> Response {
        (self.delivery_part()?.firehose)(self, now, operation, params)
    }

    /// A closed buffer whose object waits for the host: its number, and what the body is to be sealed under.
    pub fn next_record_delivery(&self, now: SimTime) -> Option<(u64, ObjectEncryption)> {
        self.next_record_delivery_beside(now, &BTreeSet::new())
    }

    /// The same, but for deliveries that are under way.
    pub fn next_record_delivery_beside(&self, now: SimTime, under_way: &BTreeSet<u64>) -> Option<(u64, ObjectEncryption)> {
        (self.parts.delivery?.next_records)(self, now, under_way)
    }

    /// How the data engine makes the object of a delivery that is converted, from its rows: a run of one source and one target. `None`: it is stored as it is rendered.
    pub fn delivery_conversion(&self, number: u64, rows: &BlobRef) -> Option<RunPlan> {
        (self.parts.delivery?.conversion)(self, number, rows)
    }

    /// The bytes of a closed buffer. `None`: there is none of that number, or the part is not there.
    pub fn rendered_delivery(&self, number: u64) -> Option<Vec<u8>> {
        (self.parts.delivery?.render_records)(self, number)
    }

    /// `effect:RecordsDelivered`.
    pub(super) fn records_delivered(&mut self, now: SimTime, params: &Value) -> Delivered {
        (self.delivery_part()?.records_delivered)(self, now, params)
    }

    /// Answers `sluice:PlayScenario` from what a player has played before; nothing of this account's state is seen. The parts are those of [`Player::parts`].
    pub fn play_scenario(&self, player: &mut Player, params: &Value) -> Answer {
        (self.streams_part()?.play)(player, self, params)
    }

    /// The parts that time needs of what the account has: a host brings them before it opens the account, and lets it pass.
    pub fn needs(&self) -> Vec<Part> {
        let streams = super::flow::lives(self) || self.later.contains_key("streams");
        let monitor = self.cloudwatch.next_due().is_some() || self.later.contains_key("monitor");
        let later = self.later.get("streams").map(|state| &state["firehose"]);
        let delivery = super::flow::delivers(self) || later.is_some_and(super::flow::delivers_later);
        let of = [(Part::Streams, streams), (Part::Delivery, delivery), (Part::Monitor, monitor)];
        of.into_iter().filter(|(_, needed)| *needed).map(|(part, _)| part).collect()
    }

    /// Operations of ours that a part answers by reading alone; `None` for another.
    pub(super) fn part_read(&self, now: SimTime, operation: &str, params: &Value) -> Option<Answer> {
        let part = *ours::find(operation)?.parts.first()?;
        if !self.has(part) {
            return Some(Err(not_there(part)));
        }
        let parts = &self.parts;
        match part {
            Part::S3 | Part::Glue => None,
            Part::Access => (parts.access?.explain)(self, now, operation, params).map(|answer| answer.map(Value::Object)),
            Part::Figures if matches!(operation, "GetBill" | "GetObjectCost") => Some((parts.figures?.bill)(self, now, operation, params)),
            Part::Figures => (parts.figures?.call)(now, operation, params),
            Part::Export => (parts.export?.call)(self, now, operation, params),
            Part::Monitor => Some((parts.monitor?.read)(self, now, operation, params)),
            Part::Streams => (parts.streams?.read)(self, now, operation, params),
            Part::Delivery => (parts.delivery?.read)(self, now, operation, params),
            Part::FlinkSql => Some((parts.flink_sql?.run)(params).map_err(param_error)),
            Part::EventTime => {
                let part = parts.event_time?;
                let call = match operation {
                    "CompareWatermarkRules" => part.compare,
                    "RunFlinkCluster" => part.cluster,
                    _ => part.run,
                };
                Some(call(params).map_err(param_error))
            }
        }
    }
}
