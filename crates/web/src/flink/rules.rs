//! The same events under the rules of Flink, Spark and Beam: `sluice:CompareWatermarkRules`, as lines on the plane and side by side.

use std::collections::BTreeMap;

use leptos::html;
use leptos::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};
use sluice_core::account::Call;

use super::answer::{Line, Ms, value_text};
use super::lab::Lab;
use super::mark::shape_of;
use super::plane::{Scale, TOP, axes, paths};
use super::time::{instant, interval, span};
use crate::components::Fault;
use crate::figures::measured;
use crate::host::query;

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Answer {
    flink: Rule,
    spark: Rule,
    beam: Rule,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Rule {
    watermark: Vec<(Ms, Option<Ms>)>,
    results: Vec<Outcome>,
    too_late: Vec<String>,
    batches: Vec<Ms>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Outcome {
    key: String,
    start: Ms,
    end: Ms,
    value: Value,
    at: Ms,
}

impl Rule {
    fn line(&self) -> Line {
        Line {
            steps: self.watermark.clone(),
            idle: Vec::new(),
        }
    }

    fn at(&self, now: f64) -> String {
        self.line().at(now).map_or_else(|| "–".to_owned(), instant)
    }
}

#[component]
pub fn Rules(lab: Lab) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let width = measured(node);
    let interval = RwSignal::new(10_000.0_f64);
    let answer = query(lab.host, move || {
        let mut params = lab.settings.with(|settings| lab.params(settings));
        if let Some(params) = params.as_object_mut() {
            params.insert("BatchInterval".into(), json!(interval.get().round() as i64));
        }
        Some(Call::new("sluice", "CompareWatermarkRules", params))
    });
    let read = Memo::new(move |_| answer.read::<Answer>());
    let now = Memo::new(move |_| lab.now());
    let picture = move || {
        let (width, now) = (width.get(), now.get());
        let scale = Scale {
            width,
            height: if width < 520.0 { 260.0 } else { 340.0 },
            times: lab.extent.get().times,
            ends: lab.extent.get().ends,
            top: TOP,
        };
        let Some(Ok(answer)) = read.get() else { return ().into_any() };
        let flink = paths(&answer.flink.line(), &scale, now).0;
        let spark = paths(&answer.spark.line(), &scale, now).0;
        let batches: Vec<_> = answer
            .spark
            .batches
            .iter()
            .filter(|at| at.0 <= now)
            .map(|at| view! { <path class="batch" d=format!("M{:.1} {:.1}h10", scale.right() - 10.0, scale.y(at.0)) /> })
            .collect();
        let marks: Vec<_> = lab.events.with(|events| {
            events
                .iter()
                .filter(|event| event.arrival <= now)
                .map(|event| {
                    let late = |rule: &Rule| rule.too_late.contains(&event.id);
                    let class = match (late(&answer.flink), late(&answer.spark)) {
                        (false, false) => "event on-time",
                        (true, true) => "event gone",
                        _ => "event late",
                    };
                    let shape = shape_of(class.trim_start_matches("event "), 5);
                    view! {
                        <g class=class transform=format!("translate({:.1} {:.1})", scale.x(event.time), scale.y(event.arrival))>
                            <title>{format!("{}: too late for {}", event.id, match class { "event gone" => "both", "event late" if late(&answer.flink) => "Flink and Beam alone", "event late" => "Spark alone", _ => "nobody" })}</title>
                            <path class="shape" d=shape />
                            <text x="7" y="-6">
                                {event.id.clone()}
                            </text>
                        </g>
                    }
                })
                .collect()
        });
        let y = scale.y(now);
        view! {
            <svg class="plot" width=width height=scale.bottom() + 28.0 role="img" aria-label="Watermarks of Flink and Spark over processing time">
                {axes(&scale)}
                <path class="watermark" d=flink />
                <path class="watermark other" d=spark />
                {batches}
                {marks}
                <line class="now-line" x1=scale.x(scale.times.0) x2=scale.right() y1=y y2=y />
            </svg>
        }
        .into_any()
    };
    view! {
        <div class="rules-view plane" node_ref=node>
            <ul class="legend" role="list" aria-label="Lines">
                <li>"━ Flink’s watermark (Beam’s is 1 ms more)"</li>
                <li class="other">"┅ Spark’s, moved by micro-batches (ticks at the right)"</li>
            </ul>
            {picture}
            <label class="span">
                <span>"Spark: a micro-batch every"</span>
                <b class="mono">{move || span(interval.get())}</b>
                <input
                    type="range"
                    min="1000"
                    max="60000"
                    step="1000"
                    aria-label="Spark: a micro-batch every"
                    aria-valuetext=move || span(interval.get())
                    prop:value=move || interval.get().to_string()
                    on:input=move |event| {
                        if let Ok(value) = event_target_value(&event).parse::<f64>() {
                            interval.set(value.clamp(1_000.0, 60_000.0));
                        }
                    }
                />
            </label>
            {move || match read.get() {
                None => ().into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(answer)) => view! { <Sides answer=answer now=now /> }.into_any(),
            }}
            <p class="meta">
                "Flink: bounded out-of-orderness, per source, emitted by its clock; lateness is a knob of its own, and late windows fire again. "
                "Spark 4.3 (executed): one watermark of the query, taken at the end of a micro-batch; the delay is the lateness too; append mode. "
                "Beam: Flink’s rule with a watermark that excludes its own instant (unconfirmed)."
            </p>
        </div>
    }
}

#[component]
fn Sides(answer: Answer, now: Memo<f64>) -> impl IntoView {
    let late = |rule: &Rule| {
        if rule.too_late.is_empty() {
            "none".to_owned()
        } else {
            rule.too_late.join(", ")
        }
    };
    let late = [late(&answer.flink), late(&answer.spark), late(&answer.beam)];
    let mut windows: BTreeMap<(i64, i64, String), [Vec<(f64, String)>; 3]> = BTreeMap::new();
    for (side, rule) in [&answer.flink, &answer.spark, &answer.beam].into_iter().enumerate() {
        for result in &rule.results {
            let place = (result.start.0 as i64, result.end.0 as i64, result.key.clone());
            if let Some(side) = windows.entry(place).or_default().get_mut(side) {
                side.push((result.at.0, value_text(&result.value)));
            }
        }
    }
    let windows = StoredValue::new(windows);
    let rules = StoredValue::new(answer);
    let rows = move || {
        let now = now.get();
        windows.with_value(|windows| {
            windows
                .iter()
                .map(|((start, end, key), sides)| {
                    let cells = sides.clone().map(|side| {
                        let shown: Vec<String> = side
                            .iter()
                            .filter(|(at, _)| *at <= now)
                            .map(|(at, value)| format!("{value} at {}", instant(*at)))
                            .collect();
                        if shown.is_empty() { "–".to_owned() } else { shown.join(", ") }
                    });
                    view! {
                        <tr>
                            <th scope="row">{format!("{} of {key}", interval(*start as f64, *end as f64))}</th>
                            {cells.into_iter().map(|cell| view! { <td>{cell}</td> }).collect_view()}
                        </tr>
                    }
                })
                .collect_view()
        })
    };
    let watermarks = move || {
        let now = now.get();
        rules.with_value(|answer| {
            [&answer.flink, &answer.spark, &answer.beam]
                .map(|rule| rule.at(now))
                .into_iter()
                .map(|text| view! { <td class="mono">{text}</td> })
                .collect_view()
        })
    };
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Rules side by side">
            <table class="list" aria-label="Rules side by side">
                <thead>
                    <tr>
                        <th scope="col">"Up to now"</th>
                        <th scope="col">"Flink"</th>
                        <th scope="col">"Spark"</th>
                        <th scope="col">"Beam"</th>
                    </tr>
                </thead>
                <tbody>
                    <tr>
                        <th scope="row">"watermark"</th>
                        {watermarks}
                    </tr>
                    <tr>
                        <th scope="row">"too late, in the whole run"</th>
                        {late.into_iter().map(|text| view! { <td>{text}</td> }).collect_view()}
                    </tr>
                    {rows}
                </tbody>
            </table>
        </div>
    }
}
