//! A lane for each key: its windows as boxes over event time, its events in them, and what fired. A session's events carry the gap that keeps it open.

use leptos::html;
use leptos::prelude::*;

use super::answer::{Fate, Trace, value_text};
use super::lab::{Lab, Mode, window_text};
use super::mark::{cut, shape_of};
use super::settings::Settings;
use super::time::{instant, ticks};
use crate::figures::{measured, width_of};

const LEFT: f64 = 64.0;
const TOP: f64 = 22.0;
/// A lane, and a row of windows within it.
const ROW: f64 = 44.0;
const EVENTS: f64 = 40.0;

#[component]
pub fn Lanes(lab: Lab) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let width = measured(node);
    let now = Memo::new(move |_| lab.now());
    let drawn = move || {
        let (width, now) = (width.get(), now.get());
        let hides = lab.mode.get() == Mode::Predict;
        let selected = lab.selected.get();
        lab.settings.with(|settings| {
            lab.trace.with(|trace| {
                trace.as_ref().map(|trace| {
                    let lanes = Layout::of(trace, lab.extent.get().times, width);
                    (lanes.height(), lanes.draw(trace, settings, now, hides, selected.as_deref(), lab))
                })
            })
        })
    };
    view! {
        <div class="lanes" node_ref=node>
            {move || {
                drawn()
                    .map(|(height, drawn)| {
                        view! {
                            <svg class="plot" width=move || width.get() height=height role="img" aria-label="Windows of each key over event time">
                                {drawn}
                            </svg>
                        }
                    })
            }}
        </div>
    }
}

/// Where lanes stand.
struct Layout {
    times: (f64, f64),
    width: f64,
    /// Key, its top, the panes in rows.
    lanes: Vec<(String, f64, Vec<Vec<usize>>)>,
}

impl Layout {
    fn of(trace: &Trace, times: (f64, f64), width: f64) -> Layout {
        let mut keys: Vec<String> = trace.events.iter().map(|event| event.key.clone()).collect();
        keys.sort();
        keys.dedup();
        let mut top = TOP;
        let lanes = keys
            .into_iter()
            .map(|key| {
                let mut rows: Vec<Vec<usize>> = Vec::new();
                // A session that grows is merged with each event; only what was one of its own stands as a ghost.
                let stands = |pane: &&super::answer::Pane| pane.merged_into.is_none() || pane.events.len() > 1 || !pane.firings.is_empty();
                let mut panes: Vec<_> = trace.panes.iter().filter(|pane| pane.key == key).filter(stands).collect();
                // What is there at the end stands in the first row, what became part of it below.
                panes.sort_by_key(|pane| pane.merged_into.is_some());
                for pane in panes {
                    let clash = |other: &usize| {
                        let Some(other) = trace.panes.get(*other) else { return false };
                        match (pane.start, pane.end, other.start, other.end) {
                            (Some(start), Some(end), Some(from), Some(to)) => start.0 < to.0 && from.0 < end.0,
                            _ => true,
                        }
                    };
                    match rows.iter_mut().find(|row| !row.iter().any(clash)) {
                        Some(row) => row.push(pane.pane),
                        None => rows.push(vec![pane.pane]),
                    }
                }
                let lane = (key, top, rows);
                top += EVENTS + lane.2.len().max(1) as f64 * ROW + 10.0;
                lane
            })
            .collect();
        Layout { times, width, lanes }
    }

    fn height(&self) -> f64 {
        self.lanes.last().map_or(TOP, |(_, top, rows)| top + EVENTS + rows.len().max(1) as f64 * ROW) + 24.0
    }

    fn x(&self, time: f64) -> f64 {
        let (least, most) = self.times;
        let right = (self.width - 10.0).max(LEFT + 40.0);
        LEFT + (time.clamp(least, most) - least) / (most - least) * (right - LEFT)
    }

    fn draw(&self, trace: &Trace, settings: &Settings, now: f64, hides: bool, selected: Option<&str>, lab: Lab) -> AnyView {
        let gap = (settings.assigner == "session").then_some(settings.gap);
        let lanes: Vec<_> = self
            .lanes
            .iter()
            .map(|(key, top, rows)| {
                let line = top + 16.0;
                let events: Vec<_> = trace
                    .events
                    .iter()
                    .filter(|event| event.key == *key)
                    .map(|event| {
                        let x = self.x(event.event_time.0);
                        let fate = if hides { Fate::Ahead } else { event.fate_at(now) };
                        let arrived = event.arrival_time.0 <= now;
                        let is_selected = selected == Some(event.id.as_str());
                        let mark = if arrived && fate == Fate::Ahead { "on-time" } else { fate.class() };
                        let class = format!("event {mark}{}", if is_selected { " selected" } else { "" });
                        let shape = shape_of(fate.class(), 5);
                        let whisker = gap.filter(|_| arrived && fate.class() != "gone").map(|gap| {
                            let to = self.x(event.event_time.0 + gap);
                            view! { <path class="whisker" d=format!("M{x:.1} {line}H{to:.1}m0 -5v10") /> }
                        });
                        let id = event.id.clone();
                        view! {
                            {whisker}
                            <g class=class transform=format!("translate({x:.1} {line})") on:click=move |_| lab.selected.set(Some(id.clone()))>
                                <title>{format!("{} at {}, value {}", event.id, instant(event.event_time.0), event.value)}</title>
                                <circle class="hit" r="12" />
                                <circle class="ring" r="10" />
                                <path class="shape" d=shape />
                                <text x="7" y="-7">
                                    {event.id.clone()}
                                </text>
                            </g>
                        }
                    })
                    .collect();
                let panes: Vec<_> = rows
                    .iter()
                    .enumerate()
                    .flat_map(|(row, panes)| panes.iter().filter_map(move |pane| Some((row, trace.panes.get(*pane)?))))
                    .filter(|(_, pane)| pane.created_at.0 <= now)
                    .map(|(row, pane)| {
                        let y = top + EVENTS + row as f64 * ROW;
                        let (from, to) = match (pane.start, pane.end) {
                            (Some(start), Some(end)) => (self.x(start.0), self.x(end.0)),
                            _ => (self.x(self.times.0), self.x(self.times.1)),
                        };
                        let open = pane.is_open(now, &trace.panes);
                        let merged = pane.merged_into.is_some() && !open && pane.cleared_at.is_none_or(|at| at.0 > now);
                        let fired: Vec<String> = pane
                            .firings
                            .iter()
                            .filter_map(|number| trace.firings.get(*number))
                            .filter(|firing| firing.at.0 <= now && !hides)
                            .map(|firing| format!("#{} {}", trace.ordinal(firing), value_text(&firing.value)))
                            .collect();
                        let state = if merged {
                            "merged"
                        } else if !open {
                            "cleared"
                        } else if fired.is_empty() {
                            "open"
                        } else {
                            "kept"
                        };
                        let room = ((to - from - 10.0) / width_of("x")).max(0.0) as usize;
                        let cut = |text: String| cut(text, room);
                        let words = format!("{}, {state}: {}", window_text(pane), pane.events.join(", "));
                        let second = if fired.is_empty() {
                            format!("{state}, {} in it", pane.events.len())
                        } else {
                            format!("{} {state}", fired.join(" "))
                        };
                        let class = format!("pane {state}");
                        view! {
                            <g class=class>
                                <title>{words}</title>
                                <rect x=from + 1.0 y=y width=(to - from - 2.0).max(2.0) height=ROW - 6.0 rx="2" />
                                <text class="window-name" x=from + 6.0 y=y + 15.0>
                                    {cut(window_text(pane))}
                                </text>
                                <text x=from + 6.0 y=y + 30.0>
                                    {cut(second)}
                                </text>
                            </g>
                        }
                    })
                    .collect();
                let bottom = top + EVENTS + rows.len().max(1) as f64 * ROW + 2.0;
                view! {
                    <text class="row-head" x="2" y=line + 4.0>
                        {key.clone()}
                    </text>
                    <line class="grid" x1=LEFT x2=self.width - 8.0 y1=line y2=line />
                    {panes}
                    {events}
                    <line class="lane-end" x1="0" x2=self.width y1=bottom y2=bottom />
                }
            })
            .collect();
        let watermark = trace.watermark(now).map(|watermark| {
            let x = self.x(watermark);
            let text = format!("watermark {}", instant(watermark));
            let at = if x + width_of(&text) + 6.0 > self.width {
                x - width_of(&text) - 5.0
            } else {
                x + 5.0
            };
            view! {
                <line class="watermark" x1=x x2=x y1="14" y2=self.height() - 18.0 />
                <text class="watermark-name" x=at y="11">
                    {text}
                </text>
            }
        });
        let (least, most) = self.times;
        let times: Vec<_> = ticks(least, most, self.width - LEFT)
            .map(|time| {
                let text = instant(time);
                let x = (self.x(time) - width_of(&text) / 2.0).min(self.width - width_of(&text) - 2.0);
                view! {
                    <text x=x y=self.height() - 6.0>
                        {text}
                    </text>
                }
            })
            .collect();
        view! {
            {watermark}
            {lanes}
            {times}
        }
        .into_any()
    }
}
