//! The plane: event time to the right, processing time downwards; windows as bands, watermarks as lines, events as marks, results where they fired.

use std::sync::Arc;

use leptos::html;
use leptos::prelude::*;

use super::answer::{Firing, Line, Trace, value_text};
use super::lab::{Lab, Mode, window_text};
use super::mark::Mark;
use super::time::{instant, interval, ticks};
use crate::figures::{measured, width_of};

pub const LEFT: f64 = 52.0;
pub const TOP: f64 = 40.0;
/// Height of a row of window brackets.
const ROW: f64 = 18.0;
/// Of the strip that shows how many windows are kept.
const STRIP: f64 = 58.0;
const CARD: f64 = 24.0;

/// Where times are on the plane, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub width: f64,
    pub height: f64,
    pub times: (f64, f64),
    pub ends: f64,
    /// Where the plane begins, below the brackets.
    pub top: f64,
}

impl Scale {
    pub fn right(&self) -> f64 {
        (self.width - STRIP - 8.0).max(LEFT + 40.0)
    }

    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }

    pub fn x(&self, time: f64) -> f64 {
        let (least, most) = self.times;
        LEFT + (time - least) / (most - least) * (self.right() - LEFT)
    }

    pub fn y(&self, at: f64) -> f64 {
        self.top + at / self.ends * self.height
    }

    /// The event time at a place.
    pub fn time(&self, x: f64) -> f64 {
        let (least, most) = self.times;
        least + (x - LEFT) / (self.right() - LEFT) * (most - least)
    }

    /// The processing time at a place.
    pub fn at(&self, y: f64) -> f64 {
        (y - self.top) / self.height * self.ends
    }

    /// An event time within the plane.
    fn held(&self, time: f64) -> f64 {
        time.clamp(self.times.0, self.times.1)
    }
}

/// Windows that stand in the trace, each once, by start and end.
fn windows(trace: &Trace) -> Vec<(f64, f64)> {
    let mut windows: Vec<(f64, f64)> = trace.panes.iter().filter_map(|pane| Some((pane.start?.0, pane.end?.0))).collect();
    windows.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    windows.dedup();
    windows
}

/// For each window the row of its bracket: as few rows as hold them without overlap.
fn rows(windows: &[(f64, f64)]) -> Vec<usize> {
    let mut ends: Vec<f64> = Vec::new();
    windows
        .iter()
        .map(|(start, end)| {
            let row = ends.iter().position(|last| last <= start).unwrap_or(ends.len());
            if row == ends.len() {
                ends.push(*end);
            } else if let Some(last) = ends.get_mut(row) {
                *last = *end;
            }
            row
        })
        .collect()
}

#[component]
pub fn Plane(lab: Lab) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let width = measured(node);
    let rows_of = Memo::new(move |_| {
        lab.trace
            .with(|trace| trace.as_ref().map_or(0, |trace| rows(&windows(trace)).into_iter().max().unwrap_or(0)))
    });
    let scale = Memo::new(move |_| {
        let width = width.get();
        Scale {
            width,
            height: if width < 520.0 { 340.0 } else { 500.0 },
            times: lab.extent.get().times,
            ends: lab.extent.get().ends,
            top: TOP + rows_of.get() as f64 * ROW,
        }
    });
    let ids = Memo::new(move |_| lab.events.with(|events| events.iter().map(|event| event.id.clone()).collect::<Vec<_>>()));
    let now = Memo::new(move |_| lab.now());
    let hides = Memo::new(move |_| lab.mode.get() == Mode::Predict);
    let ground = move || {
        let scale = scale.get();
        lab.trace.with(|trace| trace.as_ref().map(|trace| bands(trace, &scale)))
    };
    let lines = move || {
        let scale = scale.get();
        let (now, hides) = (now.get(), hides.get());
        lab.trace.with(|trace| trace.as_ref().map(|trace| watermarks(trace, &scale, now, hides)))
    };
    let cards = move || {
        let scale = scale.get();
        let now = now.get();
        let shown = lab.trace.with(|trace| trace.clone()).filter(|_| !hides.get());
        shown.map(|trace| results(&trace, &scale, now))
    };
    let chance = move || {
        let scale = scale.get();
        let id = lab.selected.get()?;
        lab.trace.with(|trace| trace.as_ref().and_then(|trace| last_chance(trace, &id, &scale)))
    };
    let strip = move || {
        let scale = scale.get();
        let now = now.get();
        lab.trace.with(|trace| trace.as_ref().map(|trace| kept(trace, &scale, now)))
    };
    view! {
        <div class="plane" node_ref=node>
            <svg class="plot" width=move || width.get() height=move || scale.get().bottom() + 28.0 role="group" aria-label="Events by event time and processing time">
                {ground}
                {move || axes(&scale.get())}
                {chance}
                {lines}
                {cards}
                <For
                    each=move || ids.get()
                    key=|id| id.clone()
                    children=move |id| view! { <Mark lab=lab id=id scale=scale now=now hides=hides /> }
                />
                {move || {
                    let (scale, y) = (scale.get(), scale.get().y(now.get()));
                    view! {
                        <g class="now" aria-hidden="true">
                            <line x1=LEFT x2=scale.right() y1=y y2=y />
                            <rect x=LEFT - 36.0 y=y - 8.0 width="32" height="16" />
                            <text x=LEFT - 31.0 y=y + 4.0>
                                "now"
                            </text>
                        </g>
                    }
                }}
                {strip}
            </svg>
        </div>
    }
}

fn bands(trace: &Trace, scale: &Scale) -> AnyView {
    let windows = windows(trace);
    let rows = rows(&windows);
    let overlap = rows.iter().any(|row| *row > 0);
    let drawn: Vec<_> = windows
        .iter()
        .zip(&rows)
        .enumerate()
        .map(|(number, ((start, end), row))| {
            let (from, to) = (scale.x(scale.held(*start)), scale.x(scale.held(*end)));
            let y = TOP - 12.0 + *row as f64 * ROW;
            let text = interval(*start, *end);
            let fits = to - from > width_of(&text) + 6.0;
            let short = instant(*start);
            let text = if fits {
                text
            } else if to - from > width_of(&short) + 4.0 {
                short
            } else {
                String::new()
            };
            let band = (!overlap).then(|| {
                let class = if number % 2 == 0 { "band even" } else { "band" };
                view! { <rect class=class x=from y=scale.top width=(to - from).max(0.0) height=scale.height /> }
            });
            view! {
                {band}
                <path class="bracket" d=format!("M{from:.1} {:.1}v-5H{:.1}v5", y + 6.0, to - 1.0) />
                <text class="window-name" x=from + 3.0 y=y - 3.0>
                    {text}
                </text>
            }
        })
        .collect();
    drawn.into_any()
}

pub fn axes(scale: &Scale) -> impl IntoView + use<> {
    let step = [5_000.0, 10_000.0, 20_000.0, 30_000.0, 60_000.0]
        .into_iter()
        .find(|step| scale.ends / step <= 9.0)
        .unwrap_or(120_000.0);
    let down: Vec<_> = (0..=(scale.ends / step) as usize)
        .map(|index| {
            let at = index as f64 * step;
            let y = scale.y(at);
            let text = instant(at);
            let left = LEFT - 6.0 - width_of(&text);
            view! {
                <line class="grid" x1=LEFT x2=scale.right() y1=y y2=y />
                <text x=left y=y + 4.0>
                    {text}
                </text>
            }
        })
        .collect();
    let (least, most) = scale.times;
    let times: Vec<_> = ticks(least, most, scale.right() - LEFT)
        .map(|time| {
            let text = instant(time);
            let x = (scale.x(time) - width_of(&text) / 2.0).min(scale.right() - width_of(&text));
            view! {
                <text x=x y=scale.bottom() + 16.0>
                    {text}
                </text>
            }
        })
        .collect();
    // Where an event would be that is read when it happens.
    let least = scale.times.0.max(0.0);
    let most = scale.times.1.min(scale.ends);
    view! {
        {down}
        {times}
        <line class="ideal" x1=scale.x(least) y1=scale.y(least) x2=scale.x(most) y2=scale.y(most) />
        <text class="axis-name" x=LEFT y="11">
            "event time →"
        </text>
        <text class="axis-name" transform=format!("translate(10 {:.0}) rotate(-90)", scale.top + scale.height / 2.0 + 60.0)>
            "← processing time"
        </text>
    }
}

/// The path of a watermark up to an instant, and from there on: down where it stands, to the right where it goes on.
pub fn paths(line: &Line, scale: &Scale, now: f64) -> (String, String) {
    let (mut past, mut ahead) = (String::new(), String::new());
    let mut last: Option<f64> = None;
    let mut turned = false;
    let turn = |past: &mut String, ahead: &mut String, last: Option<f64>| {
        if let Some(x) = last {
            let y = scale.y(now.min(scale.ends));
            past.push_str(&format!("V{y:.1}"));
            ahead.push_str(&format!("M{x:.1} {y:.1}"));
        }
    };
    for (at, watermark) in line.steps.iter().filter(|(at, _)| at.0 <= scale.ends) {
        if at.0 > now && !turned {
            turn(&mut past, &mut ahead, last);
            turned = true;
        }
        let path = if turned { &mut ahead } else { &mut past };
        let y = scale.y(at.0);
        if last.is_some() {
            path.push_str(&format!("V{y:.1}"));
        }
        if path.is_empty() || last.is_none() {
            path.push_str(&format!("M{LEFT:.1} {y:.1}"));
        }
        last = watermark.map(|watermark| scale.x(scale.held(watermark.0)));
        if let Some(x) = last {
            path.push_str(&format!("H{x:.1}"));
        }
    }
    if !turned {
        turn(&mut past, &mut ahead, last);
    }
    if last.is_some() {
        ahead.push_str(&format!("V{:.1}", scale.bottom()));
    }
    (past, ahead)
}

fn watermarks(trace: &Trace, scale: &Scale, now: f64, hides: bool) -> impl IntoView + use<> {
    let several = trace.watermarks.splits.len() > 1;
    let splits: Vec<String> = if several {
        trace.watermarks.splits.iter().map(|line| paths(line, scale, now).0).collect()
    } else {
        Vec::new()
    };
    let operators: Vec<(String, String)> = trace.watermarks.subtasks.iter().map(|line| paths(line, scale, now)).collect();
    let idle: Vec<_> = trace
        .watermarks
        .splits
        .iter()
        .enumerate()
        .filter(|_| several)
        .flat_map(|(split, line)| {
            line.idle
                .iter()
                .map(move |(from, until)| (split, from.0, until.map_or(f64::INFINITY, |until| until.0)))
        })
        .filter(|(_, from, _)| *from <= now)
        .map(|(split, from, until)| {
            let (y0, y1) = (scale.y(from), scale.y(until.min(now).min(scale.ends)));
            let x = scale.right() - 10.0 - split as f64 * 8.0;
            view! {
                <line class="idle" x1=x x2=x y1=y0 y2=y1>
                    <title>{format!("shard {split} is idle")}</title>
                </line>
                <text x=x - 32.0 y=y0 + 10.0>
                    "idle"
                </text>
            }
        })
        .collect();
    let name = trace.watermark(now).map(|watermark| {
        let x = scale.x(scale.held(watermark));
        let text = format!("watermark {}", instant(watermark));
        // Below the present there is room, but at the plane's end.
        let y = scale.y(now.min(scale.ends));
        let y = if y + 18.0 > scale.bottom() { y - 5.0 } else { y + 14.0 };
        let x = (x + 5.0).min(scale.right() - width_of(&text) - 4.0).max(LEFT + 4.0);
        view! {
            <text class="watermark-name" x=x y=y>
                {text}
            </text>
        }
    });
    let ahead: Vec<_> = operators
        .iter()
        .filter(|_| !hides)
        .map(|(_, ahead)| view! { <path class="watermark ahead" d=ahead.clone() /> })
        .collect();
    view! {
        {splits.into_iter().map(|path| view! { <path class="split-line" d=path /> }).collect::<Vec<_>>()}
        {ahead}
        {operators.into_iter().map(|(past, _)| view! { <path class="watermark" d=past /> }).collect::<Vec<_>>()}
        {idle}
        {name}
    }
}

/// The results that have fired, pinned at their windows and their instants.
fn results(trace: &Arc<Trace>, scale: &Scale, now: f64) -> AnyView {
    let mut groups: Vec<(f64, Option<f64>, Vec<&Firing>)> = Vec::new();
    for firing in trace.firings.iter().filter(|firing| firing.at.0 <= now) {
        let start = trace.panes.get(firing.pane).and_then(|pane| pane.start).map(|start| start.0);
        match groups.iter_mut().find(|(at, other, _)| *at == firing.at.0 && *other == start) {
            Some((_, _, group)) => group.push(firing),
            None => groups.push((firing.at.0, start, vec![firing])),
        }
    }
    // A card is put below one that stands where it would.
    let mut taken: Vec<(f64, f64, f64)> = Vec::new();
    let drawn: Vec<_> = groups
        .into_iter()
        .map(|(at, start, group)| {
            let values: Vec<String> = group
                .iter()
                .take(3)
                .map(|firing| {
                    let key = trace.panes.get(firing.pane).map(|pane| pane.key.clone()).unwrap_or_default();
                    let value = value_text(&firing.value);
                    if group.len() > 1 { format!("{key} {value}") } else { value }
                })
                .collect();
            let more = if group.len() > 3 { format!(" +{}", group.len() - 3) } else { String::new() };
            let first = group.first().copied();
            let (ordinal, kind) = first.map_or((1, ""), |firing| (trace.ordinal(firing), firing.kind.as_str()));
            let kind = match kind {
                "Early" => "early",
                "Late" => "late",
                "Count" => "count",
                _ => "on time",
            };
            let text = format!("{}{more}", values.join(" · "));
            let mark = format!("#{ordinal} {kind}");
            let wide = width_of(&text) * 1.25 + width_of(&mark) + 22.0;
            let x = (scale.x(scale.held(start.unwrap_or(scale.times.0))) + 6.0)
                .min(scale.right() - wide)
                .max(LEFT + 2.0);
            let mut y = scale.y(at) + 3.0;
            while let Some((_, _, below)) = taken
                .iter()
                .find(|(left, top, bottom)| (left - x).abs() < wide && y < *bottom && y + CARD > *top)
            {
                y = *below;
            }
            taken.push((x, y, y + CARD + 2.0));
            let lost = group.iter().all(|firing| firing.discarded_at.is_some_and(|at| at.0 <= now));
            let words = first
                .and_then(|firing| trace.panes.get(firing.pane))
                .map(|pane| format!("{} fired at {}: {text}, {mark}", window_text(pane), instant(at)))
                .unwrap_or_default();
            view! {
                <g class="card" class:late=kind == "late" class:lost=lost>
                    <title>{words}</title>
                    <rect x=x y=y width=wide height=CARD rx="2" />
                    <text class="value" x=x + 8.0 y=y + 16.0>
                        {text.clone()}
                    </text>
                    <text x=x + 14.0 + width_of(&text) * 1.25 y=y + 16.0>
                        {mark}
                    </text>
                </g>
            }
        })
        .collect();
    drawn.into_any()
}

/// Where the watermark ends the last window of an event: past this line it comes too late.
fn last_chance(trace: &Trace, id: &str, scale: &Scale) -> Option<AnyView> {
    let event = trace.event(id)?;
    let cleanup = event
        .windows
        .iter()
        .filter_map(|met| {
            let pane = met.pane.and_then(|pane| trace.panes.get(pane));
            let same = || trace.panes.iter().find(|pane| pane.start == met.start && pane.end == met.end);
            pane.or_else(same)?.cleanup_time.map(|time| time.0)
        })
        .fold(None, |most: Option<f64>, time| Some(most.map_or(time, |most| most.max(time))))?;
    let inside = (scale.times.0..=scale.times.1).contains(&cleanup);
    inside.then(|| {
        let x = scale.x(cleanup);
        let text = format!("kept until {}", instant(cleanup));
        let at = (x + 5.0).min(scale.right() - width_of(&text));
        view! {
            <line class="chance" x1=x x2=x y1=scale.top y2=scale.bottom() />
            <text class="chance-name" x=at y=scale.bottom() - 6.0>
                {text}
            </text>
        }
        .into_any()
    })
}

/// How many windows are kept over time, as a strip beside the plane.
fn kept(trace: &Trace, scale: &Scale, now: f64) -> impl IntoView + use<> {
    let mut times: Vec<f64> = trace
        .panes
        .iter()
        .flat_map(|pane| [Some(pane.created_at.0), pane.cleared_at.map(|at| at.0), pane.lost_at.map(|at| at.0)])
        .flatten()
        .chain([0.0])
        .filter(|at| *at <= scale.ends)
        .collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    let counts: Vec<(f64, usize)> = times.into_iter().map(|at| (at, trace.open_panes(at))).collect();
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    let (left, room) = (scale.right() + 12.0, STRIP - 14.0);
    let x = |count: usize| left + count as f64 / most as f64 * room;
    let mut path = format!("M{left:.1} {:.1}", scale.y(0.0));
    for (at, count) in counts.iter().filter(|(at, _)| *at <= now) {
        path.push_str(&format!("V{:.1}H{:.1}", scale.y(*at), x(*count)));
    }
    path.push_str(&format!("V{:.1}H{left:.1}Z", scale.y(now.min(scale.ends))));
    let count = trace.open_panes(now);
    view! {
        <g class="kept">
            <title>"Windows in state"</title>
            <path d=path />
            <line x1=left x2=left y1=scale.top y2=scale.bottom() />
            <text x=left y=scale.top - 16.0>
                "in state"
            </text>
            <text class="kept-count" x=left y=scale.top - 3.0>
                {format!("{count} of ≤{most}")}
            </text>
        </g>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_that_overlap_stand_in_rows() {
        assert_eq!(rows(&[(0.0, 10.0), (10.0, 20.0)]), [0, 0]);
        assert_eq!(rows(&[(0.0, 10.0), (5.0, 15.0), (10.0, 20.0)]), [0, 1, 0]);
    }

    #[test]
    fn places_and_times_are_each_others_inverse() {
        let scale = Scale {
            width: 900.0,
            height: 400.0,
            times: (0.0, 180_000.0),
            ends: 165_000.0,
            top: 40.0,
        };
        assert!((scale.time(scale.x(47_500.0)) - 47_500.0).abs() < 1e-6);
        assert!((scale.at(scale.y(80_000.0)) - 80_000.0).abs() < 1e-6);
    }
}
