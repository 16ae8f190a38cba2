//! Scenarios: a fresh account, a seed, and calls at their instants, played to any moment and back (`sluice:PlayScenario`).
//!
//! Belongs here: the player with its snapshots, which are a cache and no part of an answer. Does not belong here: what the account does, and who draws it.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::apply::kind;
use super::flow::kind_name;
use super::params::{ANY, INTEGER, Member, NAME, Shape, optional, param_error, required};
use super::{Account, AccountOptions, ApiError, Call, Params, Part};
use crate::gather::object;
use crate::sim::{SimTime, TraceRow};

/// Pieces of work between two snapshots, while there are few.
const SPACING: u64 = 16_384;
/// Snapshots of one run; above it every second goes, and they come half as often.
const SNAPSHOTS: usize = 64;
/// Runs that are kept.
const RUNS: usize = 3;
/// Calls of one scenario.
const MAX_CALLS: usize = 10_000;
/// Pieces of work of one answer, where it names no budget.
const BUDGET: u64 = 2_000_000;
const MICROS: f64 = 1e6;
/// Moments of one kind that lie closer together than this are one.
const EPISODE: i64 = 5_000_000;

const CALL: &[Member] = &[
    required("At", Shape::Double),
    required("Service", NAME),
    required("Operation", NAME),
    optional("Params", ANY),
];
const SCENARIO: &[Member] = &[
    optional("Seed", INTEGER),
    optional("Start", super::params::TIMESTAMP),
    required(
        "Calls",
        Shape::List {
            of: &Shape::Structure(CALL),
            min: 0,
        },
    ),
];
const READ: &[Member] = &[required("Service", NAME), required("Operation", NAME), optional("Params", ANY)];
const TRACK: &[Member] = &[optional("Buckets", Shape::Integer { min: Some(1) }), optional("To", Shape::Double)];
const PLAY: &[Member] = &[
    required("Scenario", Shape::Structure(SCENARIO)),
    optional("At", Shape::Double),
    optional("Move", NAME),
    optional("Horizon", Shape::Double),
    optional("Budget", Shape::Integer { min: Some(1) }),
    optional(
        "Reads",
        Shape::List {
            of: &Shape::Structure(READ),
            min: 0,
        },
    ),
    optional("Track", Shape::Structure(TRACK)),
];

/// What a scenario is, apart from the moment that is looked at.
#[derive(Clone, Debug, PartialEq)]
struct Scenario {
    seed: u64,
    start: SimTime,
    calls: Vec<(SimTime, Call)>,
}

impl Scenario {
    fn read(params: &Params<'_>) -> Result<Scenario, ApiError> {
        let start = params.time("Start").unwrap_or(SimTime::from_micros(1_795_338_000_000_000));
        let mut calls: Vec<(SimTime, Call)> = Vec::new();
        for (index, call) in params.structures("Calls").enumerate() {
            let at = after(start, call.double("At").unwrap_or(0.0), "Calls.At")?;
            if calls.last().is_some_and(|(last, _)| *last > at) {
                return Err(param_error(format!(
                    "Invalid value for parameter Scenario.Calls[{index}].At: calls stand in the order of their times"
                )));
            }
            let (service, operation) = (call.required_text("Service")?, call.required_text("Operation")?);
            if service == "effect" || operation == "PlayScenario" {
                return Err(param_error(format!(
                    "Invalid value for parameter Scenario.Calls[{index}]: {service}:{operation} is not for scenarios"
                )));
            }
            let params = call.get("Params").cloned().unwrap_or(Value::Null);
            calls.push((at, Call::new(service, operation, params)));
        }
        if calls.len() > MAX_CALLS {
            return Err(param_error(format!("A scenario has at most {MAX_CALLS} calls")));
        }
        Ok(Scenario {
            seed: params.integer("Seed").unwrap_or(0).unsigned_abs(),
            start,
            calls,
        })
    }
}

fn after(start: SimTime, seconds: f64, name: &str) -> Result<SimTime, ApiError> {
    // A year, in seconds: what lies further away is no moment of a figure.
    if !seconds.is_finite() || !(0.0..=31_622_400.0).contains(&seconds) {
        return Err(param_error(format!(
            "Invalid value for parameter {name}, value: {seconds}, valid range: 0 to 31622400"
        )));
    }
    Ok(start.plus_micros(libm::round(seconds * MICROS) as i64))
}

/// A run as far as it was played: where it stands, and where it stood.
#[derive(Clone, Debug)]
struct Run {
    scenario: Scenario,
    now: Point,
    snapshots: Vec<Point>,
    spacing: u64,
    /// The furthest that was simulated.
    simulated: SimTime,
    track: Track,
}

/// The account at a moment, and what was done of the scenario.
#[derive(Clone, Debug)]
struct Point {
    account: Account,
    at: SimTime,
    /// Calls applied.
    calls: usize,
    /// Calls refused, with why.
    refused: Vec<(usize, ApiError)>,
    work: u64,
}

/// What the scrubber paints, gathered as the run is played for the first time.
#[derive(Clone, Debug, Default)]
struct Track {
    /// Trace rows read.
    rows: u64,
    moments: Vec<Moment>,
    bands: Vec<Band>,
    /// Rows by second.
    counts: Vec<(i64, u32)>,
    /// When something of a kind last happened to a stream.
    last: BTreeMap<(&'static str, String), SimTime>,
}

#[derive(Clone, Debug)]
struct Moment {
    at: SimTime,
    kind: &'static str,
    label: String,
    row: u64,
}

#[derive(Clone, Debug)]
struct Band {
    from: SimTime,
    to: Option<SimTime>,
    kind: &'static str,
    label: String,
}

impl Run {
    fn new(scenario: Scenario, parts: &Account) -> Run {
        let options = AccountOptions {
            seed: scenario.seed,
            ..parts.options().clone()
        };
        let mut account = Account::new(options);
        account.parts = parts.parts;
        account.now = scenario.start;
        account.alone = true;
        let point = Point {
            account,
            at: scenario.start,
            calls: 0,
            refused: Vec::new(),
            work: 0,
        };
        Run {
            simulated: scenario.start,
            scenario,
            snapshots: Vec::from([point.clone()]),
            now: point,
            spacing: SPACING,
            track: Track::default(),
        }
    }

    /// How many of the snapshots stand for another scenario too: those at which both have done the same, and no call that differs is due.
    fn shared_with(&self, scenario: &Scenario) -> usize {
        if self.scenario.seed != scenario.seed || self.scenario.start != scenario.start {
            return 0;
        }
        let same = self.scenario.calls.iter().zip(&scenario.calls).take_while(|(one, other)| one == other).count();
        let differs = [&self.scenario, scenario]
            .iter()
            .filter_map(|scenario| scenario.calls.get(same).map(|(at, _)| *at))
            .min();
        let holds = |point: &Point| point.calls <= same && differs.is_none_or(|at| point.at < at || (point.at == at && at == scenario.start));
        self.snapshots.iter().take_while(|point| holds(point)).count()
    }

    /// The same run with other calls from some moment on: its first `shared` snapshots stay.
    fn forked(&self, scenario: &Scenario, shared: usize) -> Option<Run> {
        let snapshots = self.snapshots.get(..shared)?.to_vec();
        let now = snapshots.last()?.clone();
        let mut run = Run {
            scenario: scenario.clone(),
            simulated: now.at,
            track: Track::default(),
            snapshots,
            now,
            spacing: self.spacing,
        };
        run.read_track();
        Some(run)
    }

    /// Goes back to the newest snapshot that is not after `at`, if that is needed.
    fn rewind(&mut self, at: SimTime) {
        let behind = self.snapshots.iter().rev().find(|point| point.at <= at);
        if self.now.at > at {
            if let Some(point) = behind {
                self.now = point.clone();
            }
        } else if let Some(point) = behind.filter(|point| point.at > self.now.at) {
            self.now = point.clone();
        }
    }

    /// When the next thing happens: a call, or what is due in the account.
    fn next_at(&self) -> Option<SimTime> {
        let call = self.scenario.calls.get(self.now.calls).map(|(at, _)| *at);
        let due = self.now.account.poll_at();
        call.into_iter().chain(due).min()
    }

    /// Does the next thing, a piece of work, if it is not after `until`. Calls come before what is due at the same moment.
    fn once(&mut self, until: SimTime) -> bool {
        let Some(at) = self.next_at().filter(|at| *at <= until) else { return false };
        let before = self.now.account.trace().len();
        match self.scenario.calls.get(self.now.calls) {
            Some((due, call)) if *due <= at => {
                if let Err(error) = self.now.account.apply(*due, call) {
                    self.now.refused.push((self.now.calls, error));
                }
                self.now.calls += 1;
            }
            _ => {
                self.now.account.pass_once(at);
                self.now.account.now = self.now.account.now.max(at);
            }
        }
        self.now.at = self.now.at.max(at);
        // Rows stand for calls and acts; a put of many records is as much work as its records.
        let mut work = 1;
        for index in before..self.now.account.trace().len() {
            work += match self.now.account.trace().get(index) {
                Some(row) if row.kind == kind::SENT => row.argument.max(0.0) as u64,
                _ => 0,
            };
        }
        self.now.work += work;
        if self.now.at > self.simulated || self.now.account.trace().len() > self.track.rows {
            self.simulated = self.simulated.max(self.now.at);
            self.read_track();
        }
        let last = self.snapshots.last().map_or(0, |point| point.work);
        if self.now.work >= last + self.spacing {
            self.keep();
        }
        true
    }

    fn keep(&mut self) {
        self.snapshots.push(self.now.clone());
        if self.snapshots.len() > SNAPSHOTS {
            let mut nth = 0;
            self.snapshots.retain(|_| {
                nth += 1;
                nth % 2 == 1
            });
            self.spacing *= 2;
        }
    }

    /// Plays to `at`, at most `budget` pieces of work. Answers whether it got there.
    fn play(&mut self, at: SimTime, budget: &mut u64) -> bool {
        self.rewind(at);
        loop {
            let before = self.now.work;
            if *budget == 0 {
                return self.next_at().is_none_or(|next| next > at);
            }
            if !self.once(at) {
                self.now.at = self.now.at.max(at);
                self.simulated = self.simulated.max(at);
                return true;
            }
            *budget = budget.saturating_sub(self.now.work - before);
        }
    }

    /// Reads rows that the track does not know.
    fn read_track(&mut self) {
        let account = &self.now.account;
        let track = &mut self.track;
        while let Some(row) = account.trace().get(track.rows) {
            let index = track.rows;
            track.rows += 1;
            let second = (row.time.micros() - self.scenario.start.micros()).div_euclid(1_000_000);
            match track.counts.last_mut() {
                Some((last, count)) if *last == second => *count += 1,
                _ => track.counts.push((second, 1)),
            }
            track.note(account, index, row);
        }
    }
}

impl Track {
    fn note(&mut self, account: &Account, index: u64, row: &TraceRow) {
        let name = |number: u32| account.trace_name(number).unwrap_or_default();
        let (resource, subject) = (name(row.resource), name(row.subject));
        let kind = match row.kind {
            kind::CALL | kind::REFUSED => "call",
            kind::SHARD_OPENED | kind::SHARD_CLOSED => "shard",
            kind::THROTTLED | kind::READ_THROTTLED => "throttle",
            kind::ALARM_STATE => "alarm",
            kind::GIVEN_UP | kind::BATCH_FAILED | kind::DELIVERY_GIVEN_UP | kind::RECORDS_FAILED => "drop",
            _ if kind_name(row.kind) == "delivery" => "delivery",
            _ => "",
        };
        match row.kind {
            kind::STREAM_STATUS if subject == "ACTIVE" || subject == "DELETED" => self.close("resharding", resource, row.time),
            kind::CALL if matches!(resource, "kinesis:SplitShard" | "kinesis:MergeShards" | "kinesis:UpdateShardCount") => {
                self.open("resharding", subject, row.time);
            }
            kind::ALARM_STATE => {
                self.close("alarm", resource, row.time);
                if subject == "ALARM" {
                    self.open("alarm", resource, row.time);
                }
            }
            kind::THROTTLED | kind::READ_THROTTLED => {
                let stream = resource.split('/').next().unwrap_or_default();
                match self.bands.iter_mut().rev().find(|band| band.kind == "throttled" && band.label == stream) {
                    Some(band) if band.to.is_some_and(|to| row.time.micros() - to.micros() < EPISODE) => band.to = Some(row.time),
                    _ => self.bands.push(Band {
                        from: row.time,
                        to: Some(row.time),
                        kind: "throttled",
                        label: stream.to_string(),
                    }),
                }
            }
            _ => {}
        }
        if kind.is_empty() {
            return;
        }
        // What goes on without a pause is one moment: its beginning.
        if matches!(kind, "throttle" | "drop" | "shard") {
            let group = resource.split('/').next().unwrap_or_default();
            let last = self.last.insert((kind, group.to_string()), row.time);
            if last.is_some_and(|last| row.time.micros() - last.micros() < EPISODE) {
                return;
            }
        }
        self.moments.push(Moment {
            at: row.time,
            kind,
            label: account.sentence(row),
            row: index,
        });
    }

    fn open(&mut self, kind: &'static str, label: &str, from: SimTime) {
        self.bands.push(Band {
            from,
            to: None,
            kind,
            label: label.to_string(),
        });
    }

    fn close(&mut self, kind: &str, label: &str, to: SimTime) {
        for band in self
            .bands
            .iter_mut()
            .filter(|band| band.kind == kind && band.label == label && band.to.is_none())
        {
            band.to = Some(to);
        }
    }

    fn shown(&self, run: &Run, params: &Params<'_>) -> Value {
        let start = run.scenario.start;
        let seconds = |at: SimTime| (at.micros() - start.micros()) as f64 / MICROS;
        let simulated = seconds(run.simulated);
        let to = params.double("To").filter(|to| to.is_finite() && *to > 0.0).unwrap_or(simulated.max(1.0));
        let buckets = params.integer("Buckets").unwrap_or(100).clamp(1, 2_000) as usize;
        let mut counts = alloc::vec![0u64; buckets];
        for (second, count) in &self.counts {
            let at = (*second as f64 / to * buckets as f64) as usize;
            if let Some(bucket) = counts.get_mut(at) {
                *bucket += u64::from(*count);
            }
        }
        let bands = self.bands.iter().map(|band| {
            json!({
                "From": seconds(band.from),
                "To": band.to.map_or(simulated, seconds),
                "Kind": band.kind,
                "Label": band.label,
            })
        });
        let moments = self
            .moments
            .iter()
            .map(|moment| json!({"At": seconds(moment.at), "Kind": moment.kind, "Label": moment.label, "Row": moment.row}));
        json!({
            "Simulated": simulated,
            "Counts": counts,
            "Bands": bands.collect::<Vec<_>>(),
            "Moments": moments.collect::<Vec<_>>(),
        })
    }
}

/// The runs that were looked at last.
#[derive(Clone, Debug, Default)]
pub struct Player {
    runs: VecDeque<Run>,
}

impl Player {
    /// The parts that a scenario needs, whatever its calls are: those that the calls need, and those that reads do.
    pub fn parts(params: &Value) -> Vec<Part> {
        let list = |name: &str, of: &Value| of.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let calls = params.get("Scenario").map(|scenario| list("Calls", scenario)).unwrap_or_default();
        let mut parts = Vec::new();
        for call in calls.iter().chain(&list("Reads", params)) {
            let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default();
            for part in Part::of(&Call::new(text("Service"), text("Operation"), Value::Null)) {
                if !parts.contains(part) {
                    parts.push(*part);
                }
            }
        }
        parts
    }

    /// Answers `sluice:PlayScenario`. `parts`: the account whose code it uses, and whose account number and Region; nothing of its state is seen.
    ///
    /// Errors: `ParamValidation`. A call of the scenario that is refused is no error: it stands under `Refused`.
    pub fn play(&mut self, parts: &Account, params: &Value) -> Result<Value, ApiError> {
        let params = Params::check(params, PLAY)?;
        let scenario = Scenario::read(&params.structure("Scenario").unwrap_or(params))?;
        let start = scenario.start;
        let at = after(start, params.double("At").unwrap_or(0.0), "At")?;
        let horizon = params.double("Horizon").map(|horizon| after(start, horizon, "Horizon")).transpose()?;
        let mut run = self.take(scenario, parts);
        let mut budget = params.integer("Budget").map_or(BUDGET, i64::unsigned_abs);
        let done = match params.text("Move") {
            None => run.play(at, &mut budget),
            Some(direction) => run.go(direction, at, horizon, &mut budget)?,
        };
        let seconds = |at: SimTime| (at.micros() - start.micros()) as f64 / MICROS;
        let mut answers = Vec::new();
        for read in params.structures("Reads") {
            let call = Call::new(
                read.required_text("Service").unwrap_or_default(),
                read.required_text("Operation").unwrap_or_default(),
                read.get("Params").cloned().unwrap_or(Value::Null),
            );
            answers.push(if Account::is_read(&call) {
                match run.now.account.look_at(run.now.at, &call) {
                    Ok(response) => json!({"Ok": response}),
                    Err(error) => json!({"Error": {"Code": error.code, "Message": error.message}}),
                }
            } else {
                json!({"Error": {"Code": "InvalidAction", "Message": "A figure only reads."}})
            });
        }
        let refused = run
            .now
            .refused
            .iter()
            .map(|(index, error)| json!({"Index": index, "Code": error.code, "Message": error.message}));
        let mut response = object([
            ("At".to_string(), json!(seconds(run.now.at))),
            ("Reached".to_string(), json!(seconds(run.now.at))),
            ("Done".to_string(), json!(done)),
            ("Events".to_string(), json!(run.now.work)),
            ("Hash".to_string(), json!(format!("{:016x}", run.now.account.trace_hash()))),
            ("Answers".to_string(), Value::Array(answers)),
            ("Refused".to_string(), refused.collect()),
        ]);
        if let Some(track) = params.structure("Track") {
            response.insert("Track".to_string(), run.track.shown(&run, &track));
        }
        self.runs.push_front(run);
        self.runs.truncate(RUNS);
        Ok(Value::Object(response))
    }

    /// The run of a scenario: as it was left, or forked off one that began alike, or new.
    fn take(&mut self, scenario: Scenario, parts: &Account) -> Run {
        if let Some(at) = self.runs.iter().position(|run| run.scenario == scenario)
            && let Some(mut run) = self.runs.remove(at)
        {
            run.link(parts);
            return run;
        }
        let shared = self.runs.iter().map(|run| (run, run.shared_with(&scenario)));
        let furthest = shared.max_by_key(|(run, shared)| run.snapshots.get(..*shared).and_then(|points| points.last()).map(|point| point.at));
        let forked = furthest.and_then(|(run, shared)| run.forked(&scenario, shared));
        let mut run = forked.unwrap_or_else(|| Run::new(scenario, parts));
        run.link(parts);
        run
    }
}

impl Run {
    /// Parts may have come since the run was begun.
    fn link(&mut self, parts: &Account) {
        self.now.account.parts = parts.parts;
        for point in &mut self.snapshots {
            point.account.parts = parts.parts;
        }
    }

    /// Goes to the next or previous event or moment. Where there is none it stays, or stands at the horizon.
    fn go(&mut self, direction: &str, at: SimTime, horizon: Option<SimTime>, budget: &mut u64) -> Result<bool, ApiError> {
        // What lies a day ahead with nothing in between is not gone to without being asked.
        let limit = horizon.unwrap_or(at.plus_seconds(86_400));
        match direction {
            "NextEvent" => {
                if !self.play(at, budget) {
                    return Ok(false);
                }
                let rows = self.now.account.trace().len();
                while self.now.account.trace().len() == rows {
                    if *budget == 0 {
                        return Ok(false);
                    }
                    *budget -= 1;
                    if !self.once(limit) {
                        self.now.at = self.now.at.max(limit);
                        break;
                    }
                }
                Ok(true)
            }
            "PreviousEvent" => {
                // Just before the last event at or before `at`.
                if !self.play(at, budget) {
                    return Ok(false);
                }
                let trace = self.now.account.trace();
                let last = trace.len().checked_sub(1).and_then(|index| trace.get(index)).map(|row| row.time);
                let target = last.map_or(self.scenario.start, |last| last.plus_micros(-1)).max(self.scenario.start);
                Ok(self.play(target, budget))
            }
            "NextMoment" => {
                if !self.play(at, budget) {
                    return Ok(false);
                }
                loop {
                    if let Some(next) = self.track.moments.iter().map(|moment| moment.at).find(|moment| *moment > at) {
                        return Ok(self.play(next.min(limit), budget));
                    }
                    if *budget == 0 {
                        return Ok(false);
                    }
                    *budget -= 1;
                    if !self.once(limit) {
                        self.now.at = self.now.at.max(limit);
                        return Ok(true);
                    }
                }
            }
            "PreviousMoment" => {
                let target = self.track.moments.iter().rev().map(|moment| moment.at).find(|moment| *moment < at);
                Ok(self.play(target.unwrap_or(self.scenario.start), budget))
            }
            other => Err(param_error(format!(
                "Invalid value for parameter Move, value: {other}, valid values: NextEvent, PreviousEvent, NextMoment, PreviousMoment"
            ))),
        }
    }
}
