//! A scenario that is looked at: its calls, its seed, where the clock stands, and the answers of `sluice:PlayScenario` there.
//!
//! Belongs here: what is asked and when. Does not belong here: what is drawn. One question is under way at a time, and the newest wish waits behind it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};
use sluice_core::sim::SimTime;

use super::answer::{Hashed, HashedKeys, Traffic};
use super::scene::{START, STREAM, Scene, TimedCall, call};
use crate::alarms::answer::{Alarm, Alarms, Preview};
use crate::alarms::strip;
use crate::alarms::why::{Event, Events};
use crate::delivery::answer::Delivery;
use crate::host::{Host, parse};
use crate::timebar::{Clock, Step, Track};

/// Parts that the bar paints.
const BUCKETS: u32 = 120;
/// Pieces of work of one question; beyond it the page asks again, so that the worker hears others.
const BUDGET: u32 = 400_000;

/// All that is drawn of one instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shown {
    /// Seconds since the start.
    pub at: f64,
    /// The same as an ISO time.
    pub now: String,
    pub events: f64,
    pub hash: String,
    pub traffic: Traffic,
    /// Refusals and what else is worth a row, newest first.
    pub rows: Vec<Event>,
    pub alarms: Vec<Alarm>,
    /// What each alarm sees of its metric.
    pub values: Vec<Preview>,
    /// The selected key.
    pub key: Option<Hashed>,
    /// The delivery stream of the scene, if it has one.
    pub delivery: Option<Delivery>,
    pub track: Track,
    pub refused: Vec<Refused>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Refused {
    pub index: usize,
    pub code: String,
    pub message: String,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Played {
    at: f64,
    done: bool,
    events: f64,
    hash: String,
    answers: Vec<Value>,
    refused: Vec<Refused>,
    track: Track,
}

/// The selected mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selected {
    Shard(String),
    Key(String),
}

/// A second list of calls on the same clock and seed.
#[derive(Clone, Debug, PartialEq)]
pub struct Rival {
    pub label: String,
    pub extra: Vec<TimedCall>,
}

/// A scenario on the page; `Copy`.
#[derive(Clone, Copy)]
pub struct Run {
    host: Host,
    pub scene: &'static Scene,
    pub seed: RwSignal<u64>,
    /// What the reader did, after the scene's own calls.
    pub extra: RwSignal<Vec<TimedCall>>,
    /// What a change in the past put aside.
    pub kept: RwSignal<Option<Vec<TimedCall>>>,
    pub rival: RwSignal<Option<Rival>>,
    pub clock: Clock,
    pub selected: RwSignal<Option<Selected>>,
    pub shown: RwSignal<Option<Shown>>,
    pub other: RwSignal<Option<Shown>>,
    pub fault: RwSignal<Option<ApiError>>,
    pub busy: RwSignal<bool>,
    next: StoredValue<Option<Step>>,
}

impl Run {
    pub fn new(host: Host, scene: &'static Scene, seed: u64, at: f64, extra: Vec<TimedCall>) -> Run {
        Run {
            host,
            scene,
            seed: RwSignal::new(seed),
            extra: RwSignal::new(extra),
            kept: RwSignal::new(None),
            rival: RwSignal::new(None),
            clock: Clock::new(at, scene.ends),
            selected: RwSignal::new(None),
            shown: RwSignal::new(None),
            other: RwSignal::new(None),
            fault: RwSignal::new(None),
            busy: RwSignal::new(false),
            next: StoredValue::new(None),
        }
    }

    fn calls(self, extra: &[TimedCall]) -> Vec<TimedCall> {
        let mut calls = (self.scene.calls)();
        calls.extend_from_slice(extra);
        // The scene's own calls come first where times are the same.
        calls.sort_by(|a, b| a.at.total_cmp(&b.at));
        calls
    }

    fn question(self, calls: &[TimedCall], step: Step, reads: Vec<Value>) -> Value {
        // The screen may be gone while its last answer is on the way.
        let at = self.clock.at.try_get_untracked().unwrap_or_default();
        let (at, moved) = match step {
            Step::To(at) => (at, None),
            Step::NextEvent => (at, Some("NextEvent")),
            Step::PreviousEvent => (at, Some("PreviousEvent")),
            Step::NextMoment => (at, Some("NextMoment")),
            Step::PreviousMoment => (at, Some("PreviousMoment")),
        };
        let end = self.scene.ends;
        let mut question = json!({
            "Scenario": {"Seed": self.seed.try_get_untracked().unwrap_or_default(), "Start": START, "Calls": calls},
            "At": at.clamp(0.0, end), "Horizon": end, "Budget": BUDGET, "Reads": reads, "Track": {"Buckets": BUCKETS, "To": end},
        });
        if let (Some(moved), Some(question)) = (moved, question.as_object_mut()) {
            question.insert("Move".into(), moved.into());
        }
        question
    }

    async fn play(self, calls: &[TimedCall], step: Step, reads: Vec<Value>) -> Result<Played, ApiError> {
        loop {
            let question = self.question(calls, step, reads.clone());
            let played: Played = parse(&self.host.call("sluice", "PlayScenario", question).await?)?;
            if played.done {
                return Ok(played);
            }
        }
    }

    /// Goes there. A wish that comes while an answer is awaited takes the place of the one before it.
    pub fn go(self, step: Step) {
        if let Step::To(at) = step {
            self.clock.at.set(at);
        }
        if self.busy.get_untracked() {
            self.next.set_value(Some(step));
            return;
        }
        self.busy.set(true);
        spawn_local(async move {
            let mut step = step;
            loop {
                if !self.ask(step).await {
                    return;
                }
                match self.next.try_update_value(Option::take).flatten() {
                    Some(next) => step = next,
                    None => break,
                }
            }
            let _ = self.busy.try_set(false);
        });
    }

    /// One answer; false when the screen is gone.
    async fn ask(self, step: Step) -> bool {
        let (Some(calls), Some(rival)) = (self.extra.try_get_untracked().map(|extra| self.calls(&extra)), self.rival.try_get_untracked()) else {
            return false;
        };
        let before = self.shown.try_get_untracked().flatten();
        let selected = self.selected.try_get_untracked().flatten();
        let answer = self.play(&calls, step, reads(self.scene, before.as_ref(), selected.as_ref())).await;
        let played = match answer {
            Ok(played) => played,
            Err(error) => return self.fault.try_set(Some(error)).is_none() && self.clock.playing.try_set(false).is_none(),
        };
        let at = played.at;
        let shown = shown(self.scene, played, before.as_ref());
        // A new alarm's values are asked for as soon as the alarm is known.
        let again = before.map_or(0, |before| before.alarms.len()) != shown.alarms.len();
        if self.shown.try_set(Some(shown)).is_some() {
            return false;
        }
        if !matches!(step, Step::To(_)) {
            self.clock.at.set(at);
        }
        self.fault.set(None);
        if let Some(rival) = rival {
            let calls = self.calls(&rival.extra);
            let before = self.other.try_get_untracked().flatten();
            match self.play(&calls, Step::To(at), reads(self.scene, before.as_ref(), None)).await {
                Ok(played) => {
                    let shown = self::shown(self.scene, played, before.as_ref());
                    if self.other.try_set(Some(shown)).is_some() {
                        return false;
                    }
                }
                Err(error) => return self.fault.try_set(Some(error)).is_none(),
            }
        }
        if again {
            self.next.update_value(|next| {
                next.get_or_insert(Step::To(at));
            });
        }
        true
    }

    /// Asks again where the clock stands.
    pub fn refresh(self) {
        self.go(Step::To(self.clock.at.get_untracked()));
    }

    /// A reading call at this instant.
    pub async fn read(self, asked: Call) -> Result<Value, ApiError> {
        let calls = self.calls(&self.extra.get_untracked());
        let at = self.shown.with_untracked(|shown| shown.as_ref().map_or(0.0, |shown| shown.at));
        let played = self
            .play(&calls, Step::To(at), vec![read(&asked.service, &asked.operation, asked.params)])
            .await?;
        answer(played.answers.first())
    }

    /// What `extra` calls lead to at `at`, beside what is shown.
    pub async fn foresee(self, extra: &[TimedCall], at: f64) -> Result<Shown, ApiError> {
        let played = self.play(&self.calls(extra), Step::To(at), reads(self.scene, None, None)).await?;
        Ok(shown(self.scene, played, None))
    }

    /// Makes calls at this instant. What the reader did later is put aside. A refusal is answered, and leaves all as it was.
    pub async fn act(self, wanted: Vec<Call>) -> Result<(), ApiError> {
        let acts = wanted.len();
        self.clock.playing.set(false);
        let at = self
            .shown
            .with_untracked(|shown| shown.as_ref().map_or(self.clock.at.get_untracked(), |shown| shown.at));
        let (mut extra, later): (Vec<TimedCall>, Vec<TimedCall>) = self.extra.get_untracked().into_iter().partition(|call| call.at <= at);
        let whole = (!later.is_empty()).then(|| extra.iter().cloned().chain(later).collect::<Vec<_>>());
        extra.extend(wanted.into_iter().map(|wanted| call(at, &wanted.service, &wanted.operation, wanted.params)));
        let calls = self.calls(&extra);
        let played = self.play(&calls, Step::To(at), Vec::new()).await?;
        // The new calls are the last of those that are made by now.
        let done = calls.iter().take_while(|call| call.at <= at).count();
        if let Some(refused) = played
            .refused
            .into_iter()
            .find(|refused| (done.saturating_sub(acts)..done).contains(&refused.index))
        {
            return Err(ApiError::new(refused.code, refused.message));
        }
        if let Some(whole) = whole {
            self.kept.set(Some(whole));
        }
        self.extra.set(extra);
        // The reader may have gone on while the calls were made.
        self.refresh();
        Ok(())
    }

    /// Brings back what a fork put aside; what stood in its place is kept instead.
    pub fn restore(self) {
        if let Some(kept) = self.kept.get_untracked() {
            let now = self.extra.get_untracked();
            self.extra.set(kept);
            self.kept.set(Some(now));
            self.refresh();
        }
    }

    pub fn reseed(self, seed: u64) {
        self.seed.set(seed);
        self.refresh();
    }
}

pub fn read(service: &str, operation: &str, params: Value) -> Value {
    json!({"Service": service, "Operation": operation, "Params": params})
}

/// An answer within an answer.
fn answer(value: Option<&Value>) -> Result<Value, ApiError> {
    let Some(value) = value else {
        return Err(ApiError::new("InternalError", "The answer to one of the questions is missing."));
    };
    if let Some(answer) = value.get("Ok") {
        return Ok(answer.clone());
    }
    let text = |name: &str| value.pointer(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Err(ApiError::new(text("/Error/Code"), text("/Error/Message")))
}

/// The calls that a picture is drawn from, as service, operation, parameters. What is asked of alarms follows from those known before.
pub fn questions(stream: &str, delivery: Option<&str>, before: Option<&Shown>, selected: Option<&Selected>) -> Vec<(&'static str, &'static str, Value)> {
    let mut asked = vec![
        ("sluice", "GetStreamTraffic", json!({"StreamName": stream, "Keys": 60, "Points": 30})),
        (
            "sluice",
            "GetTraceEvents",
            json!({"Limit": 60, "Kinds": ["throttled", "read-throttled", "given-up", "batch-failed", "shard-opened", "shard-closed", "alarm", "delivery-failed", "drop", "dropped", "failed"]}),
        ),
        ("cloudwatch", "DescribeAlarms", json!({})),
        (
            "sluice",
            "HashKey",
            match selected {
                Some(Selected::Key(key)) => json!({"StreamName": stream, "Keys": [key]}),
                _ => json!({"Keys": []}),
            },
        ),
    ];
    let known = before.into_iter().flat_map(|before| &before.alarms);
    asked.extend(known.map(|alarm| ("sluice", "PreviewAlarm", json!({"AlarmName": alarm.alarm_name, "Periods": strip::PERIODS}))));
    asked.extend(delivery.map(|name| ("sluice", "GetDelivery", json!({"DeliveryStreamName": name}))));
    asked
}

fn reads(scene: &Scene, before: Option<&Shown>, selected: Option<&Selected>) -> Vec<Value> {
    let asked = questions(STREAM, scene.delivery, before, selected);
    asked.into_iter().map(|(service, operation, params)| read(service, operation, params)).collect()
}

/// A picture's material from the answers to [`questions`], in their order; an answer that is refused leaves its part empty.
pub fn material(answers: &[Result<Value, ApiError>], stream: &str, delivery: Option<&str>, known_alarms: usize) -> Shown {
    fn part<T: serde::de::DeserializeOwned + Default>(answers: &[Result<Value, ApiError>], index: usize) -> T {
        let answer = answers.get(index).and_then(|answer| answer.as_ref().ok());
        answer.and_then(|answer| parse(answer).ok()).unwrap_or_default()
    }
    let mut alarms = part::<Alarms>(answers, 2).metric_alarms;
    alarms.retain(|alarm| alarm.watches("StreamName", stream) || delivery.is_some_and(|name| alarm.watches("DeliveryStreamName", name)));
    Shown {
        traffic: part(answers, 0),
        rows: part::<Events>(answers, 1).events,
        alarms,
        key: part::<HashedKeys>(answers, 3).keys.into_iter().next(),
        values: (0..known_alarms).map(|index| part(answers, 4 + index)).collect(),
        // Not there yet, or there no more: nothing is drawn of it.
        delivery: delivery.and_then(|_| parse(answers.get(4 + known_alarms)?.as_ref().ok()?).ok()),
        ..Shown::default()
    }
}

fn shown(scene: &Scene, played: Played, before: Option<&Shown>) -> Shown {
    let answers: Vec<Result<Value, ApiError>> = played.answers.iter().map(|value| answer(Some(value))).collect();
    let start = SimTime::parse(START).unwrap_or(SimTime::EPOCH);
    Shown {
        at: played.at,
        now: start.plus_micros((played.at * 1e6) as i64).to_string(),
        events: played.events,
        hash: played.hash,
        track: played.track,
        refused: played.refused,
        ..material(&answers, STREAM, scene.delivery, before.map_or(0, |before| before.alarms.len()))
    }
}
