use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access_log::AccessLogs;
use super::cloudtrail::Trail;
use super::flow::Seen;
use super::iam::Iam;
use super::kms::Kms;
use super::names::Names;
use super::parts::Parts;
use super::{AccountOptions, ApiError, BodyRange, Call, Effect, LogEntry, ObjectInput, ObjectSource};
use crate::catalog::Glue;
use crate::monitor::CloudWatch;
use crate::monitor::sns::Sns;
use crate::sim::{SimTime, Trace};
use crate::storage::S3;
use crate::stream::firehose::Firehose;
use crate::stream::kinesis::Kinesis;
use crate::stream::traffic::Traffic;

/// The version of the rules: a log replays to the same account within one version (design: "Replay is promised within one `sim_version`").
pub const SIM_VERSION: u64 = 1;

/// An account: its services, its clock, its history. The same options and the same log make the same account (I2).
///
/// Hosts log every call for which [`Account::is_read`] is false, refused ones too, in the order in which they were applied, and before they tell anybody the answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    pub(super) options: AccountOptions,
    pub(super) position: u64,
    pub(super) now: SimTime,
    /// Microseconds.
    pub(super) clock_offset: i64,
    pub(super) s3: S3,
    pub(super) glue: Glue,
    pub(super) iam: Iam,
    #[serde(default)]
    pub(super) kms: Kms,
    /// The state of parts is written and read by their own code: see [`Parts::states`].
    #[serde(skip)]
    pub(super) cloudwatch: CloudWatch,
    #[serde(skip)]
    pub(super) sns: Sns,
    #[serde(skip)]
    pub(super) kinesis: Kinesis,
    #[serde(skip)]
    pub(super) firehose: Firehose,
    #[serde(skip)]
    pub(super) traffic: Traffic,
    /// By the number of a stream's name.
    #[serde(skip)]
    pub(super) seen: BTreeMap<u32, Seen>,
    /// State of parts that are not there yet, as a snapshot had it.
    #[serde(skip)]
    pub(super) later: BTreeMap<&'static str, Value>,
    pub(super) trail: Trail,
    pub(super) names: Names,
    pub(super) trace: Trace,
    #[serde(default)]
    pub(super) access_logs: AccessLogs,
    /// Trace rows of effects that are not answered, by the id of the run or crawl: the cause of the answer.
    #[serde(default)]
    pub(super) asked: BTreeMap<String, u32>,
    /// There is no host: what is delivered becomes an object at once.
    #[serde(skip)]
    pub(super) alone: bool,
    #[serde(skip)]
    pub(in crate::account) parts: Parts,
}

impl Account {
    pub fn new(options: AccountOptions) -> Account {
        Account {
            position: 0,
            now: SimTime::EPOCH,
            clock_offset: 0,
            s3: S3::new(&options.account_id, &options.region, options.seed),
            glue: Glue::for_account(&options.account_id),
            iam: Iam::new(&options.account_id),
            kms: Kms::default(),
            cloudwatch: CloudWatch::default(),
            sns: Sns::default(),
            kinesis: Kinesis::default(),
            firehose: Firehose::default(),
            traffic: Traffic::default(),
            seen: BTreeMap::new(),
            later: BTreeMap::new(),
            trail: Trail::default(),
            names: Names::default(),
            trace: Trace::new(),
            access_logs: AccessLogs::default(),
            asked: BTreeMap::new(),
            alone: false,
            parts: Parts::default(),
            options,
        }
    }

    pub fn options(&self) -> &AccountOptions {
        &self.options
    }

    /// Calls logged so far, which is the position that the next one will have.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// The account's clock: the time of the last logged call, and what `clock:Advance` added in it.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// Microseconds that `clock:Advance` added in all: a host with a wall clock passes wall + offset as `now`.
    pub fn clock_offset(&self) -> i64 {
        self.clock_offset
    }

    pub fn trace(&self) -> &Trace {
        &self.trace
    }

    pub fn trace_hash(&self) -> u64 {
        self.trace.hash()
    }

    /// The name behind a number in a trace row.
    pub fn trace_name(&self, number: u32) -> Option<&str> {
        self.names.name(number)
    }

    /// Does all work due by `now`, each piece at its own time and in order, and answers the effects that it started: none yet.
    ///
    /// A host may poll when it likes, or never: [`Account::apply`] does the same before a call, so that a log alone replays to the same account.
    pub fn poll(&mut self, now: SimTime) -> Vec<Effect> {
        self.catch_up(now);
        Vec::new()
    }

    /// When to come back; `None`: not before the next call.
    pub fn poll_at(&self) -> Option<SimTime> {
        let logs = self.access_logs.next_due().map(|(at, _)| at);
        self.s3
            .next_due()
            .into_iter()
            .chain(self.streams_due())
            .chain(self.cloudwatch.next_due())
            .chain(logs)
            .min()
    }

    /// Does at most `budget` pieces of the work that is due by the account's clock, and answers whether there is more.
    pub fn step(&mut self, budget: u32) -> bool {
        for _ in 0..budget {
            if !self.pass_once(self.now) {
                return false;
            }
        }
        self.poll_at().is_some_and(|due| due <= self.now)
    }

    /// The bytes that a call needs joined into one blob of its own, which the host makes and names in `SluiceBlob` before it applies the call.
    /// `None`: it needs none, or is refused anyway.
    pub fn composition(&self, now: SimTime, call: &Call) -> Option<Vec<BodyRange>> {
        let encryption = self.encryption_for(now, call).ok()?;
        self.s3_composition(call, &encryption)
    }

    /// The account as JSON, without bytes of objects and without the rows of the trace.
    pub fn snapshot(&self) -> Value {
        let mut snapshot = serde_json::to_value(self).expect("an account has text keys and no map that JSON cannot hold");
        snapshot["sim_version"] = json!(SIM_VERSION);
        for (name, state) in self.states() {
            snapshot[name] = state;
        }
        snapshot
    }

    /// The account of a snapshot. Errors: `InvalidSnapshot` for one of a newer version or one that does not read.
    pub fn restore(snapshot: &Value) -> Result<Account, ApiError> {
        let invalid = |message: String| Err(ApiError::new("InvalidSnapshot", message));
        match snapshot.get("sim_version").and_then(Value::as_u64) {
            Some(SIM_VERSION) => {}
            Some(version) => {
                return invalid(format!("The snapshot is of version {version}; this is version {SIM_VERSION}."));
            }
            None => return invalid("The snapshot does not say its sim_version.".to_string()),
        }
        let mut account = Account::deserialize(snapshot).or_else(|error| invalid(format!("The snapshot does not read: {error}")))?;
        account.s3.restored(account.options.seed, account.now);
        account.read_states(snapshot)?;
        Ok(account)
    }

    /// Applies a log to an account that stands where the log begins. Refused calls are part of a log and no error here.
    ///
    /// Error: `InvalidLog` for an entry whose position is not the account's; the account then stands before it.
    pub fn replay(&mut self, log: &[LogEntry]) -> Result<(), ApiError> {
        for entry in log {
            if entry.position != self.position {
                return Err(ApiError::new(
                    "InvalidLog",
                    format!("The log has position {} where {} is next.", entry.position, self.position),
                ));
            }
            let _ = self.apply(entry.at, &entry.call);
        }
        Ok(())
    }

    /// Effects that were started and have no answer: what a host that reopens an account does again or fails.
    pub fn pending_effects(&self) -> Vec<Effect> {
        self.glue.pending_effects()
    }

    /// SHA-256 ids of every blob that the account still names, those of pending effects included. The empty blob may be among them without being stored.
    pub fn live_blobs(&self) -> BTreeSet<String> {
        let mut live = BTreeSet::new();
        self.s3.live_blobs(&mut live);
        for effect in self.pending_effects() {
            match effect {
                Effect::Crawl { objects, .. } => live.extend(objects.into_iter().map(|object| object.blob.id)),
                Effect::Run(plan) => {
                    let objects = plan.inputs.into_values().flat_map(|input| input.objects);
                    live.extend(objects.map(|object| object.blob.id));
                }
                Effect::CancelRun { .. } => {}
            }
        }
        live
    }

    pub fn iam(&self) -> &Iam {
        &self.iam
    }

    pub fn kms(&self) -> &Kms {
        &self.kms
    }

    pub fn cloudwatch(&self) -> &CloudWatch {
        &self.cloudwatch
    }

    pub fn kinesis(&self) -> &Kinesis {
        &self.kinesis
    }

    pub fn firehose(&self) -> &Firehose {
        &self.firehose
    }

    pub fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    pub fn object(&self, bucket: &str, key: &str) -> Option<ObjectInput> {
        self.s3.object(bucket, key)
    }

    pub fn s3(&self) -> &S3 {
        &self.s3
    }

    pub fn glue(&self) -> &Glue {
        &self.glue
    }

    /// Whether a holder that may change nothing can make the call ([`Account::look`]): a read, or a GetObject.
    pub fn can_look(call: &Call) -> bool {
        Account::is_read(call) || (call.service == "s3" && call.operation == "GetObject")
    }

    /// Whether a call only reads: such a call changes nothing, and hosts do not log it. Unknown services and operations: false; they are answered with an error.
    pub fn is_read(call: &Call) -> bool {
        let operation = call.operation.as_str();
        match call.service.as_str() {
            "s3" => crate::storage::s3::is_read(operation),
            "glue" => Glue::is_read(operation),
            "iam" => Iam::is_read(operation),
            "kms" => Kms::is_read(operation),
            "cloudwatch" => CloudWatch::is_read(operation),
            "sns" => Sns::is_read(operation),
            "kinesis" => Kinesis::is_read(operation),
            "firehose" => Firehose::is_read(operation),
            "s3control" => operation == "GetPublicAccessBlock",
            "cloudtrail" => operation == "LookupEvents",
            "clock" => operation == "GetTime",
            "sluice" => super::ours::find(operation).is_some_and(|found| found.reads),
            _ => false,
        }
    }
}
