//! What holds of watermarks and windows whatever comes, and in whatever order.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};
use sluice_core::event_time::valve::{Emitted, Valve};
use sluice_core::event_time::window::{
    Assigner, Cause, Collect, Domain, Element, Output, TimeWindow, Trigger, TriggerKind, Verdict, WindowOperator, merge_windows,
};
use sluice_core::event_time::{EventTime, job};

#[derive(Clone, Copy, Debug)]
enum OnValve {
    Watermark(usize, i64),
    Idle(usize),
    Active(usize),
}

fn on_valve() -> impl Strategy<Value = OnValve> {
    prop_oneof![
        5 => (0usize..4, 0i64..60).prop_map(|(channel, watermark)| OnValve::Watermark(channel, watermark)),
        1 => (0usize..4).prop_map(OnValve::Idle),
        1 => (0usize..4).prop_map(OnValve::Active),
    ]
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Element { key: u32, ts: i64 },
    Watermark(i64),
    Snapshot,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0u32..3, -50i64..200).prop_map(|(key, ts)| Step::Element { key, ts }),
        2 => (-50i64..260).prop_map(Step::Watermark),
        1 => Just(Step::Snapshot),
    ]
}

fn assigner() -> impl Strategy<Value = Assigner> {
    let domain = Domain::Event;
    prop_oneof![
        (1i64..40)
            .prop_flat_map(move |size| (Just(size), 1 - size..size))
            .prop_map(move |(size, offset)| Assigner::Tumbling {
                size,
                offset,
                natural: false,
                domain
            }),
        (1i64..40, 1i64..20).prop_map(move |(size, slide)| Assigner::Sliding {
            size,
            slide,
            offset: 0,
            domain
        }),
        (1i64..30).prop_map(move |gap| Assigner::Session { gap, domain }),
    ]
}

type Fired = (u32, TimeWindow, Vec<u32>);

#[derive(Default)]
struct Results(Vec<Fired>);

impl Output<Collect> for Results {
    fn fire(&mut self, _: &Collect, key: u32, window: TimeWindow, contents: &Vec<Element>, _: Cause) {
        let mut ids: Vec<u32> = contents.iter().map(|element| element.id).collect();
        ids.sort_unstable();
        self.0.push((key, window, ids));
    }
}

/// Windows by the rules as they are told, without timers or state to merge: every open window with what is in it.
struct Model {
    assigner: Assigner,
    lateness: i64,
    watermark: EventTime,
    open: BTreeMap<(u32, TimeWindow), Vec<u32>>,
}

impl Model {
    fn windows_of(&self, ts: i64) -> Vec<TimeWindow> {
        let span = |start: i64, size: i64| TimeWindow {
            start: EventTime(start),
            end: EventTime(start + size),
        };
        match self.assigner {
            Assigner::Tumbling { size, offset, .. } => vec![span((ts - offset).div_euclid(size) * size + offset, size)],
            Assigner::Sliding { size, slide, .. } => (-10_000 / slide..10_000 / slide)
                .map(|number| span(number * slide, size))
                .filter(|window| window.start.0 <= ts && ts < window.end.0)
                .collect(),
            Assigner::Session { gap, .. } => vec![span(ts, gap)],
            _ => vec![],
        }
    }

    fn cleanup(&self, window: TimeWindow) -> i64 {
        window.end.0 - 1 + self.lateness
    }

    fn element(&mut self, key: u32, ts: i64, id: u32) -> (Verdict, Vec<Fired>) {
        let mut fired = Vec::new();
        let mut joined = false;
        for mut window in self.windows_of(ts) {
            if matches!(self.assigner, Assigner::Session { .. }) {
                let of_key: Vec<TimeWindow> = self.open.keys().filter(|(of, _)| *of == key).map(|(_, window)| *window).collect();
                let merges = merge_windows(of_key.into_iter().chain([window]));
                if let Some((result, of)) = merges.into_iter().find(|(_, of)| of.contains(&window)) {
                    let ids = of.iter().filter_map(|one| self.open.remove(&(key, *one))).flatten().collect();
                    self.open.insert((key, result), ids);
                    window = result;
                }
            }
            if self.cleanup(window) <= self.watermark.0 {
                continue;
            }
            joined = true;
            let ids = self.open.entry((key, window)).or_default();
            ids.push(id);
            ids.sort_unstable();
            if window.end.0 - 1 <= self.watermark.0 {
                fired.push((key, window, ids.clone()));
            }
        }
        let late = ts.saturating_add(self.lateness) <= self.watermark.0;
        let verdict = match (joined, late) {
            (true, _) => Verdict::Joined,
            (false, true) => Verdict::Late,
            (false, false) => Verdict::NoWindow,
        };
        (verdict, fired)
    }

    fn watermark(&mut self, to: i64) -> Vec<Fired> {
        let from = self.watermark.0;
        if to <= from {
            return vec![];
        }
        self.watermark = EventTime(to);
        let due = self.open.iter().filter(|((_, window), _)| from < window.end.0 - 1 && window.end.0 - 1 <= to);
        let fired = due.map(|((key, window), ids)| (*key, *window, ids.clone())).collect();
        let lateness = self.lateness;
        self.open.retain(|(_, window), _| window.end.0 - 1 + lateness > to);
        fired
    }
}

fn sorted(mut fired: Vec<Fired>) -> Vec<Fired> {
    fired.sort();
    fired
}

fn events() -> impl Strategy<Value = Vec<Value>> {
    let event = (0u8..5, 0i64..5_000, 0i64..3_000, 0u8..3, -3i32..9);
    vec(event, 1..60).prop_map(|list| {
        let of = |(key, arrival, delay, split, value): (u8, i64, i64, u8, i32)| {
            json!({"Key": format!("k{key}"), "Value": value, "EventTime": arrival - delay, "ArrivalTime": arrival, "Split": split})
        };
        list.into_iter().map(of).collect()
    })
}

fn rises(line: &Value) -> bool {
    let steps: Vec<(i64, i64)> = line["Steps"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|step| Some((step[0].as_i64()?, step[1].as_i64()?)))
        .collect();
    steps.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 < pair[1].1)
}

/// Results without the order and the times in which they came.
fn results(answer: &Value) -> Vec<String> {
    let firings = answer["Firings"].as_array().expect("a list");
    let mut said: Vec<String> = firings
        .iter()
        .map(|firing| {
            let pane = &answer["Panes"][firing["Pane"].as_u64().expect("a place") as usize];
            json!([pane["Key"], pane["Start"], pane["End"], firing["Value"], firing["Kind"], firing["At"]]).to_string()
        })
        .collect();
    said.sort();
    said
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A valve's watermark only rises; while an input is active, what goes out is the least of the active, aligned ones.
    #[test]
    fn a_valve_never_goes_back(ops in vec(on_valve(), 1..80), channels in 1usize..4) {
        let mut valve = Valve::new(channels);
        let mut active = vec![true; channels];
        let mut last = EventTime::MIN;
        for op in ops {
            let out = match op {
                OnValve::Watermark(channel, watermark) => [valve.watermark(channel, EventTime(watermark)), None],
                OnValve::Idle(channel) => {
                    if let Some(active) = active.get_mut(channel) { *active = false; }
                    valve.idle(channel)
                }
                OnValve::Active(channel) => {
                    if let Some(active) = active.get_mut(channel) { *active = true; }
                    [valve.active(channel), None]
                }
            };
            for emitted in out.into_iter().flatten() {
                if let Emitted::Watermark(watermark) = emitted {
                    prop_assert!(watermark > last);
                    last = watermark;
                    let of: Vec<EventTime> = valve.channels().filter(|(_, counted)| *counted).map(|(watermark, _)| watermark).collect();
                    let expected = if active.contains(&true) { of.into_iter().min() } else { valve.channels().map(|(watermark, _)| watermark).max() };
                    prop_assert_eq!(Some(watermark), expected);
                }
            }
            prop_assert_eq!(valve.last(), last);
        }
    }

    /// The operator answers as the rules say, element by element; a snapshot changes nothing but the watermark, which comes again.
    #[test]
    fn windows_hold_what_the_rules_say(assigner in assigner(), lateness in 0i64..40, steps in vec(step(), 1..80)) {
        let trigger = Trigger { kind: TriggerKind::EventTime, purging: false };
        let mut operator = WindowOperator::new(assigner, trigger, None, lateness, Collect).expect("parameters");
        let mut model = Model { assigner, lateness, watermark: EventTime::MIN, open: BTreeMap::new() };
        for (id, step) in steps.into_iter().enumerate() {
            let mut results = Results::default();
            let expected = match step {
                Step::Element { key, ts } => {
                    let element = Element { ts: EventTime(ts), value: 1.0, id: id as u32 };
                    let verdict = operator.element(key, &element, EventTime(ts), 0, &mut results).expect("a verdict");
                    let (expected, fired) = model.element(key, ts, id as u32);
                    prop_assert_eq!(verdict, expected);
                    fired
                }
                Step::Watermark(watermark) => {
                    operator.advance_watermark(EventTime(watermark), &mut results);
                    model.watermark(watermark)
                }
                Step::Snapshot => {
                    operator = operator.clone().recovered();
                    operator.advance_watermark(model.watermark, &mut results);
                    vec![]
                }
            };
            prop_assert_eq!(sorted(results.0), sorted(expected));
            prop_assert_eq!(operator.open(), model.open.len());
        }
    }

    /// In a job every watermark rises, every event has one fate that its windows explain, and the number of subtasks changes no result.
    #[test]
    fn jobs_keep_their_promises(events in events(), bound in 0i64..2_000, lateness in 0i64..1_000, gap in 1i64..800, idle in prop::option::of(1i64..2_000), session: bool, sources in 1u8..4) {
        let assigner = if session { json!({"type": "session", "gap": gap}) } else { json!({"type": "sliding", "size": gap * 2, "slide": gap}) };
        let mut params = json!({
            "Events": events, "Strategy": {"type": "bounded", "outOfOrderness": bound}, "Assigner": assigner, "AllowedLateness": lateness,
            "IdleTimeout": idle, "SourceParallelism": sources, "Aggregate": "list", "Until": 20_000,
        });
        let one = job::call(&params).expect("it runs");
        for of in ["Splits", "Sources", "Subtasks"] {
            prop_assert!(one["Watermarks"][of].as_array().expect("a list").iter().all(rises), "{}", one["Watermarks"]);
        }
        for event in one["Events"].as_array().expect("a list") {
            let windows = event["Windows"].as_array().expect("a list");
            let joined = windows.iter().any(|window| window["Late"] == false);
            let watermark = event["Watermark"].as_i64().unwrap_or(i64::MIN);
            let late = event["EventTime"].as_i64().expect("a time") + lateness <= watermark;
            let fate = if joined { "Windowed" } else if late { "LateOutput" } else { "NoWindow" };
            prop_assert_eq!(event["Outcome"].as_str(), Some(fate), "{}", event);
            for window in windows {
                let cleanup = window["End"].as_i64().expect("an end") - 1 + lateness;
                prop_assert_eq!(window["Late"].as_bool(), Some(cleanup <= watermark), "{}", event);
            }
        }
        params["Parallelism"] = json!(4);
        let four = job::call(&params).expect("it runs");
        prop_assert_eq!(results(&one), results(&four));
        prop_assert_eq!(&one["LateOutput"], &four["LateOutput"]);
    }
}
