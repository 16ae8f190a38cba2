//! A scene under the reader's hands: its events and settings, the run they make, and where the clock stands.
//!
//! Belongs here: state and what changes it. Does not belong here: marks.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::Track as _;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::ApiError;

use super::answer::{Fate, Trace};
use super::scene::{Event, Extent, Scene, WIDEST, events_of};
use super::settings::Settings;
use super::time::interval;
use crate::figures::address;
use crate::host::{Host, parse};
use crate::timebar::{Band, Clock, Moment, Step, Track};

/// Changes of the same thing that follow each other within this many milliseconds are one.
const ONE_CHANGE: f64 = 1_200.0;
/// Parts of the time bar that events are counted in.
const PARTS: usize = 120;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    Plane,
    Lanes,
    Flow,
    Rules,
    Log,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Outcomes are hidden and asked for.
    Predict,
    Run,
    /// What was said beside what was.
    Check,
}

/// What a change put aside.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    pub events: Vec<Event>,
    pub extent: Extent,
    pub settings: Settings,
}

/// Another run beside this one: the same events, other settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Rival {
    pub label: String,
    pub settings: Settings,
}

#[derive(Clone, Copy)]
pub struct Lab {
    pub host: Host,
    pub scene: &'static Scene,
    pub clock: Clock,
    pub extent: RwSignal<Extent>,
    pub seed: RwSignal<u64>,
    pub events: RwSignal<Vec<Event>>,
    pub settings: RwSignal<Settings>,
    pub trace: RwSignal<Option<Arc<Trace>>>,
    /// The run before the last change.
    pub was: RwSignal<Option<Arc<Trace>>>,
    pub kept: RwSignal<Option<Kept>>,
    pub rival: RwSignal<Option<Rival>>,
    pub beside: RwSignal<Option<Arc<Trace>>>,
    pub fault: RwSignal<Option<ApiError>>,
    pub selected: RwSignal<Option<String>>,
    pub view: RwSignal<View>,
    pub mode: RwSignal<Mode>,
    /// What the reader said would become of an event.
    pub said: RwSignal<BTreeMap<String, Fate>>,
    asked: StoredValue<u32>,
    /// When the last change was made, and of what.
    changed: StoredValue<(f64, String)>,
}

impl Lab {
    pub fn new(host: Host, scene: &'static Scene) -> Lab {
        let seed = address::number("seed", 0.0, 4_294_967_295.0).map_or(scene.seed, |seed| seed as u64);
        let own = address::get("span").is_some();
        let linked = address::get("events").and_then(|text| events_of(&text, if own { &WIDEST } else { &scene.extent }));
        let extent = linked.as_ref().filter(|_| own).map_or(scene.extent, |events| Extent::of(events));
        let events = linked.unwrap_or_else(|| scene.draw(seed));
        let at = address::number("at", 0.0, extent.ends / 1_000.0).unwrap_or(scene.opens.min(extent.ends) / 1_000.0);
        let view = match address::get("view").as_deref().unwrap_or(scene.view) {
            "lanes" => View::Lanes,
            "flow" => View::Flow,
            "rules" => View::Rules,
            "log" => View::Log,
            _ => View::Plane,
        };
        let lab = Lab {
            host,
            scene,
            clock: Clock::new(at, extent.ends / 1_000.0),
            extent: RwSignal::new(extent),
            seed: RwSignal::new(seed),
            events: RwSignal::new(events),
            settings: RwSignal::new(Settings::from_address(&(scene.settings)())),
            trace: RwSignal::new(None),
            was: RwSignal::new(None),
            kept: RwSignal::new(None),
            rival: RwSignal::new(None),
            beside: RwSignal::new(None),
            fault: RwSignal::new(None),
            selected: RwSignal::new((seed == scene.seed).then(|| scene.selected.to_owned())),
            view: RwSignal::new(view),
            mode: RwSignal::new(Mode::Run),
            said: RwSignal::new(BTreeMap::new()),
            asked: StoredValue::new(0),
            changed: StoredValue::new((0.0, String::new())),
        };
        Effect::new(move |_| {
            lab.events.track();
            lab.settings.track();
            lab.rival.track();
            lab.ask();
        });
        lab
    }

    /// Milliseconds since the job's start.
    pub fn now(self) -> f64 {
        self.clock.at.get() * 1_000.0
    }

    /// Parameters of `sluice:RunEventTime`.
    pub fn params(self, settings: &Settings) -> Value {
        let mut params = settings.params();
        let events: Vec<Value> = self.events.with(|events| {
            events
                .iter()
                .map(|event| {
                    json!({
                        "Id": event.id, "Key": event.key, "Value": event.value, "Split": event.split,
                        "EventTime": event.time.round() as i64, "ArrivalTime": event.arrival.round() as i64,
                    })
                })
                .collect()
        });
        if let Some(params) = params.as_object_mut() {
            params.insert("Events".into(), Value::Array(events));
            params.insert("Splits".into(), json!(self.extent.with(|extent| extent.splits)));
            params.insert("StartTime".into(), json!(0));
            params.insert("Until".into(), json!(self.extent.with(|extent| extent.ends.round() as i64)));
        }
        params
    }

    /// Asks for the run of what stands now. An answer to what has changed meanwhile is dropped.
    fn ask(self) {
        let number = self.asked.try_update_value(|asked| {
            *asked = asked.wrapping_add(1);
            *asked
        });
        let Some(number) = number else { return };
        let params = self.params(&self.settings.get_untracked());
        let rival = self.rival.get_untracked().map(|rival| self.params(&rival.settings));
        spawn_local(async move {
            let run = async |params| -> Result<Arc<Trace>, ApiError> {
                let answer = self.host.call("sluice", "RunEventTime", params).await?;
                parse(&answer).map(Arc::new)
            };
            let own = run(params).await;
            let beside = match rival {
                Some(params) => Some(run(params).await),
                None => None,
            };
            if self.asked.try_get_value() != Some(number) {
                return;
            }
            let mut fault = None;
            match own {
                Ok(trace) => {
                    let _ = self.trace.try_set(Some(trace));
                }
                Err(error) => fault = Some(error),
            }
            match beside {
                Some(Err(error)) => fault = fault.or(Some(error)),
                Some(Ok(trace)) => {
                    let _ = self.beside.try_set(Some(trace));
                }
                None => {
                    let _ = self.beside.try_set(None);
                }
            }
            let _ = self.fault.try_set(fault);
        });
    }

    /// The next change is one of its own, whatever came just before.
    pub fn begin_change(self) {
        self.changed.set_value((0.0, String::new()));
    }

    /// Before a change of something: what stood is put aside, unless it belongs to the change before.
    fn about_to_change(self, what: &str) {
        let now = js_sys::Date::now();
        let goes_on = self.changed.with_value(|(at, of)| now - at < ONE_CHANGE && of == what);
        self.changed.set_value((now, what.to_owned()));
        self.clock.playing.set(false);
        if goes_on {
            return;
        }
        self.was.set(self.trace.get_untracked());
        self.kept.set(Some(Kept {
            events: self.events.get_untracked(),
            extent: self.extent.get_untracked(),
            settings: self.settings.get_untracked(),
        }));
    }

    pub fn change(self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.settings.get_untracked();
        change(&mut settings);
        if settings != self.settings.get_untracked() {
            self.about_to_change("settings");
            self.settings.set(settings);
        }
    }

    /// Moves an event; times are rounded to the scene's step and kept within the plane.
    pub fn place(self, id: &str, time: f64, arrival: f64) {
        let snap = |ms: f64, least: f64, most: f64| ((ms / self.scene.snap).round() * self.scene.snap).clamp(least, most);
        let extent = self.extent.get_untracked();
        let (least, most) = extent.times;
        let (time, arrival) = (snap(time, least, most), snap(arrival, 0.0, extent.ends));
        let stands = self
            .events
            .with_untracked(|events| events.iter().any(|event| event.id == id && event.time == time && event.arrival == arrival));
        if stands {
            return;
        }
        self.about_to_change(id);
        self.events.update(|events| {
            if let Some(event) = events.iter_mut().find(|event| event.id == id) {
                event.time = time;
                event.arrival = arrival;
            }
        });
    }

    /// Another event, of the same key and split as the selected one, at the present instant.
    pub fn add(self) {
        let like = self
            .selected
            .get_untracked()
            .and_then(|id| self.events.with_untracked(|events| events.iter().find(|event| event.id == id).cloned()))
            .or_else(|| self.events.with_untracked(|events| events.first().cloned()));
        let Some(like) = like else { return };
        let names = ('a'..='z').map(|letter| letter.to_string()).chain((1..200).map(|number| format!("e{number}")));
        let taken = self.events.get_untracked();
        let mut names = names.filter(|name| taken.iter().all(|event| event.id != *name));
        let (Some(id), true) = (names.next(), taken.len() < 200) else { return };
        let now = self.clock.at.get_untracked() * 1_000.0;
        self.about_to_change(&id);
        let event = Event {
            id: id.clone(),
            time: now.min(self.extent.with_untracked(|extent| extent.times.1)),
            arrival: now,
            ..like
        };
        self.events.update(|events| events.push(event));
        self.selected.set(Some(id));
    }

    pub fn remove(self, id: &str) {
        if self.events.with_untracked(Vec::len) <= 1 {
            return;
        }
        self.about_to_change(id);
        self.events.update(|events| events.retain(|event| event.id != id));
        self.selected.set(None);
    }

    pub fn edit(self, id: &str, edit: impl FnOnce(&mut Event)) {
        self.about_to_change(id);
        self.events.update(|events| {
            if let Some(event) = events.iter_mut().find(|event| event.id == id) {
                edit(event);
            }
        });
    }

    /// Changes places with what the last change put aside.
    pub fn restore(self) {
        let Some(kept) = self.kept.get_untracked() else { return };
        self.begin_change();
        self.about_to_change("");
        self.reach(kept.extent);
        self.events.set(kept.events);
        self.settings.set(kept.settings);
    }

    pub fn reseed(self, seed: u64) {
        self.begin_change();
        self.about_to_change("");
        self.seed.set(seed);
        self.selected.set(None);
        self.said.set(BTreeMap::new());
        self.reach(self.scene.extent);
        self.events.set(self.scene.draw(seed));
    }

    /// Other events, as far as they reach.
    pub fn take(self, events: Vec<Event>) {
        self.begin_change();
        self.about_to_change("");
        self.said.set(BTreeMap::new());
        self.selected.set(None);
        self.fault.set(None);
        self.reach(Extent::of(&events));
        self.events.set(events);
    }

    fn reach(self, extent: Extent) {
        if self.extent.get_untracked() == extent {
            return;
        }
        self.extent.set(extent);
        let ends = extent.ends / 1_000.0;
        self.clock.end.set(ends);
        if self.clock.at.get_untracked() > ends {
            self.clock.at.set(ends);
        }
    }

    /// The scene as it was at first.
    pub fn reset(self) {
        self.begin_change();
        self.about_to_change("");
        self.seed.set(self.scene.seed);
        self.reach(self.scene.extent);
        self.events.set(self.scene.draw(self.scene.seed));
        self.settings.set((self.scene.settings)());
        self.rival.set(None);
        self.said.set(BTreeMap::new());
        self.mode.set(Mode::Run);
        self.selected.set(Some(self.scene.selected.to_owned()));
        self.clock.at.set(self.scene.opens / 1_000.0);
    }

    /// Goes to an instant, an event's arrival, or a moment.
    pub fn go(self, step: Step) {
        let at = self.clock.at.get_untracked();
        let moments = || self.track_untracked().moments.into_iter().map(|moment| moment.at).collect::<Vec<_>>();
        let arrivals = || {
            let mut times: Vec<f64> = self
                .events
                .with_untracked(|events| events.iter().map(|event| event.arrival / 1_000.0).collect());
            times.sort_by(f64::total_cmp);
            times
        };
        let next = |times: Vec<f64>| times.into_iter().find(|time| *time > at + 1e-9);
        let previous = |times: Vec<f64>| times.into_iter().rev().find(|time| *time < at - 1e-9);
        let to = match step {
            Step::To(to) => Some(to),
            Step::NextEvent => next(arrivals()).or(Some(self.clock.end.get_untracked())),
            Step::PreviousEvent => previous(arrivals()).or(Some(0.0)),
            Step::NextMoment => next(moments()).or(Some(self.clock.end.get_untracked())),
            Step::PreviousMoment => previous(moments()).or(Some(0.0)),
        };
        if let Some(to) = to {
            self.clock.at.set(to.clamp(0.0, self.clock.end.get_untracked()));
        }
    }

    pub fn track(self) -> Track {
        let hides = self.mode.get() == Mode::Predict;
        self.trace.with(|trace| {
            trace
                .as_ref()
                .map(|trace| track(trace, self.extent.with(|extent| extent.ends), hides))
                .unwrap_or_default()
        })
    }

    fn track_untracked(self) -> Track {
        untrack(|| self.track())
    }
}

/// What the time bar paints: arrivals, when a source was idle, when no attempt ran, and as moments what came out.
fn track(trace: &Trace, ends: f64, hides: bool) -> Track {
    let mut counts = vec![0.0; PARTS];
    for event in &trace.events {
        let part = ((event.arrival_time.0 / ends * PARTS as f64) as usize).min(PARTS - 1);
        if let Some(count) = counts.get_mut(part) {
            *count += 1.0;
        }
    }
    let mut moments = Vec::new();
    if !hides {
        for firing in &trace.firings {
            let ordinal = trace.ordinal(firing);
            let window = trace.panes.get(firing.pane).map(window_text).unwrap_or_default();
            moments.push((firing.at.0, "fired", format!("{window} fires, #{ordinal}")));
        }
        for event in trace.events.iter().filter(|event| matches!(event.fate(), Fate::LateOutput | Fate::Dropped)) {
            moments.push((event.reached_at.map_or(0.0, |at| at.0), "late", format!("{} comes too late", event.id)));
        }
    }
    for checkpoint in &trace.checkpoints {
        if let Some(at) = checkpoint.completed_at {
            moments.push((at.0, "checkpoint", format!("checkpoint {} is complete", checkpoint.id)));
        }
    }
    let mut bands = Vec::new();
    for pair in trace.attempts.windows(2) {
        if let [failed, next] = pair
            && let Some(at) = failed.failed_at
        {
            moments.push((at.0, "failed", "a task manager dies".to_owned()));
            bands.push(Band {
                from: at.0 / 1_000.0,
                to: next.started_at.0 / 1_000.0,
                kind: "failed".into(),
                label: "restarting".into(),
            });
        }
    }
    for (split, line) in trace.watermarks.splits.iter().enumerate() {
        for (from, until) in &line.idle {
            bands.push(Band {
                from: from.0 / 1_000.0,
                to: until.map_or(ends, |until| until.0) / 1_000.0,
                kind: "idle".into(),
                label: format!("shard {split}"),
            });
        }
    }
    moments.sort_by(|a, b| a.0.total_cmp(&b.0));
    Track {
        simulated: ends / 1_000.0,
        counts,
        bands,
        moments: moments
            .into_iter()
            .map(|(at, kind, label)| Moment {
                at: at / 1_000.0,
                kind: kind.into(),
                label,
            })
            .collect(),
    }
}

/// `[00:00, 01:00)`; a window without ends is the global one.
pub fn window_text(pane: &super::answer::Pane) -> String {
    match (pane.start, pane.end) {
        (Some(start), Some(end)) => interval(start.0, end.0),
        _ => "the global window".into(),
    }
}
