//! The picture of the storage cost figure: bands by month, the life of an object under the same axis, break-even points.
//!
//! Belongs here: its geometry and its keys. Does not belong here: what the numbers mean (`words`).

use leptos::html;
use leptos::prelude::*;
use sluice_core::sim::SimTime;
use web_sys::KeyboardEvent;

use super::super::axis::{label, measured, ticks, width_of};
use super::super::text::{axis_money, day, dollars, money};
use super::answer::{Band, Plan, bands, class_pattern};
use crate::keys::{Key, KeyGroup};

const TOP: f64 = 12.0;
/// Space right of the plot.
const RIGHT: f64 = 8.0;
/// A row under the axis: a label, and its mark below it.
const ROW: f64 = 30.0;
const DAY: f64 = 86_400e6;
/// Patterns of bands.
const PATTERNS: usize = 9;

/// Keys of the chart, for the help.
pub const KEYS: KeyGroup = KeyGroup {
    title: "Month of the bill",
    keys: &[
        Key {
            keys: "← →",
            action: "go to the month before or after",
        },
        Key {
            keys: "PageDown",
            action: "go a year back (PageUp: on)",
        },
        Key {
            keys: "Home",
            action: "go to the first month (End: the last)",
        },
    ],
};

/// Pixels and instants of one picture.
#[derive(Clone, Copy)]
struct Place {
    width: f64,
    left: f64,
    height: f64,
    /// Dollars at the upper end.
    top: f64,
    months: usize,
    /// Microseconds at the ends of the axis.
    start: f64,
    end: f64,
}

impl Place {
    fn of(plan: &Plan, width: f64) -> Place {
        let most = plan.months.iter().map(|month| dollars(&month.total)).fold(0.0, f64::max);
        let marks = ticks(most, 4);
        let top = marks.last().copied().unwrap_or(0.0);
        let labels = marks.into_iter().map(|value| width_of(&axis_money(value)));
        let start = micros(&plan.start);
        let end = plan.end.as_deref().map_or(start + DAY, micros);
        Place {
            width,
            left: labels.fold(0.0, f64::max) + 10.0,
            height: if width < 480.0 { 190.0 } else { 250.0 },
            top,
            months: plan.months.len().max(1),
            start,
            end: end.max(start + 1.0),
        }
    }

    fn right(&self) -> f64 {
        self.width - RIGHT
    }

    /// Where labels have to stay.
    fn span(&self) -> (f64, f64) {
        (self.left, self.right())
    }

    fn base(&self) -> f64 {
        TOP + self.height
    }

    /// Pixels of a month.
    fn step(&self) -> f64 {
        (self.right() - self.left).max(1.0) / self.months as f64
    }

    fn month(&self, at: usize) -> f64 {
        self.left + at as f64 * self.step()
    }

    fn y(&self, dollars: f64) -> f64 {
        self.base() - if self.top > 0.0 { dollars / self.top * self.height } else { 0.0 }
    }

    fn x(&self, micros: f64) -> f64 {
        self.left + ((micros - self.start) / (self.end - self.start)).clamp(0.0, 1.0) * (self.right() - self.left)
    }

    /// Where rows under the axis begin.
    fn rows(&self) -> f64 {
        self.base() + 30.0
    }
}

fn micros(time: &str) -> f64 {
    SimTime::parse(time).map_or(0.0, |time| time.micros() as f64)
}

#[component]
pub fn Chart(plan: Plan, by_part: bool, month: RwSignal<usize>) -> impl IntoView {
    let last = plan.months.len().saturating_sub(1);
    let spoken = {
        let months: Vec<String> = plan.months.iter().map(|month| format!("{}: {}", month.month, money(&month.total))).collect();
        move || months.get(month.get().min(last)).cloned()
    };
    let on_key = move |event: KeyboardEvent| {
        let now = month.get_untracked().min(last);
        let next = match event.key().as_str() {
            "ArrowRight" | "ArrowUp" => (now + 1).min(last),
            "ArrowLeft" | "ArrowDown" => now.saturating_sub(1),
            "PageUp" => (now + 12).min(last),
            "PageDown" => now.saturating_sub(12),
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        month.set(next);
    };
    let node = NodeRef::<html::Div>::new();
    let width = measured(node);
    view! {
        <div
            node_ref=node
            class="cost-chart"
            tabindex="0"
            role="slider"
            aria-label="Month of the bill"
            aria-valuemin="0"
            aria-valuemax=last
            aria-valuenow=move || month.get().min(last)
            aria-valuetext=spoken
            on:keydown=on_key
        >
            {move || {
                let width = width.get();
                (width > 0.0).then(|| picture(&plan, by_part, month, Place::of(&plan, width)))
            }}
        </div>
    }
}

fn picture(plan: &Plan, by_part: bool, month: RwSignal<usize>, place: Place) -> impl IntoView + use<> {
    let (rows, height) = rows(plan, by_part, place);
    let targets = (0..plan.months.len()).map(|at| {
        view! {
            <rect
                class="target"
                class:on=move || month.get() == at
                x=place.month(at)
                y=TOP
                width=place.step()
                height=place.height
                on:pointerenter=move |_| month.set(at)
                on:click=move |_| month.set(at)
            />
        }
    });
    view! {
        <svg class="plot" width=place.width height=height aria-hidden="true" focusable="false">
            <Hatches />
            {money_axis(place)}
            {areas(plan, by_part, place)}
            {month_axis(plan, place)}
            {rows}
            {targets.collect_view()}
        </svg>
    }
}

/// The bands, one on the other. A month's cost is one number, so a band is level within it.
fn areas(plan: &Plan, by_part: bool, place: Place) -> AnyView {
    let mut below = vec![0.0; plan.months.len()];
    let mut drawn = Vec::new();
    for Band { name, pattern } in bands(plan, by_part) {
        let above: Vec<f64> = plan
            .months
            .iter()
            .zip(&below)
            .map(|(month, below)| below + month.band(&name, by_part))
            .collect();
        let points = outline(&below, &above, place);
        drawn.push(view! { <polygon class="band" fill=format!("url(#hatch{pattern})") points=points /> });
        below = above;
    }
    drawn.collect_view().into_any()
}

fn outline(below: &[f64], above: &[f64], place: Place) -> String {
    let mut points: Vec<String> = Vec::new();
    for (at, height) in above.iter().enumerate() {
        let y = place.y(*height);
        points.push(format!("{:.1},{y:.1} {:.1},{y:.1}", place.month(at), place.month(at + 1)));
    }
    for (at, height) in below.iter().enumerate().rev() {
        let y = place.y(*height);
        points.push(format!("{:.1},{y:.1} {:.1},{y:.1}", place.month(at + 1), place.month(at)));
    }
    points.join(" ")
}

fn money_axis(place: Place) -> AnyView {
    let lines = ticks(place.top, 4).into_iter().map(|value| {
        let y = place.y(value);
        view! {
            <path class="line" d=format!("M{} {y:.1}H{}", place.left, place.right()) />
            <text x=place.left - 6.0 y=y + 4.0 text-anchor="end">
                {axis_money(value)}
            </text>
        }
    });
    lines.collect_view().into_any()
}

/// Months as far apart as their labels need; years where a year is the distance.
fn month_axis(plan: &Plan, place: Place) -> AnyView {
    let apart = [1_usize, 2, 3, 6, 12, 24, 60];
    let needed = |every: usize| width_of(if every >= 12 { "2026" } else { "2026-01" }) + 10.0;
    let every = apart.into_iter().find(|every| *every as f64 * place.step() >= needed(*every)).unwrap_or(120);
    let marks = plan.months.iter().enumerate().step_by(every).map(|(at, month)| {
        let text = if every >= 12 {
            month.month.split('-').next().unwrap_or_default().to_owned()
        } else {
            month.month.clone()
        };
        let x = place.month(at);
        view! {
            <path class="tick" d=format!("M{x:.1} {}v5", place.base()) />
            {label("", text, x, place.base() + 18.0, place.span())}
        }
    });
    marks.collect_view().into_any()
}

/// The gantt of one object, and from when each class pays; with the height of the whole picture.
fn rows(plan: &Plan, by_part: bool, place: Place) -> (AnyView, f64) {
    let mut drawn: Vec<AnyView> = Vec::new();
    let mut y = place.rows();
    let mut head = |text: &'static str, y: &mut f64| {
        drawn.push(view! { <text class="row-head" x="0" y=*y + 12.0>{text}</text> }.into_any());
        *y += 20.0;
    };
    head("The life of one object", &mut y);
    let timeline = plan.timelines.first();
    let mut lines: Vec<AnyView> = Vec::new();
    for span in timeline.into_iter().flat_map(|timeline| &timeline.spans) {
        let (from, to) = (place.x(micros(&span.from)), place.x(micros(&span.to)));
        let days = ((micros(&span.to) - micros(&span.from)) / DAY).round();
        let text = format!("{} · {days} d", span.storage_class);
        let fill = if by_part {
            "var(--accent-soft)".to_owned()
        } else {
            format!("url(#hatch{})", class_pattern(&span.storage_class))
        };
        lines.push(
            view! {
                <path class="line" d=format!("M{} {:.1}H{}", place.left, y + 24.0, place.right()) />
                {label("mark", text, from, y + 12.0, place.span())}
                <rect class="band" fill=fill x=from y=y + 16.0 width=(to - from).max(2.0) height="9" />
            }
            .into_any(),
        );
        y += ROW;
    }
    if let Some(at) = timeline
        .filter(|timeline| timeline.removal == "Rule")
        .and_then(|timeline| timeline.spans.last())
    {
        let x = place.x(micros(&at.to));
        let text = format!("expires {}", day(&at.to));
        lines.push(
            view! {
                {label("mark", text, x, y + 12.0, place.span())}
                <path class="cross" d=format!("M{:.1} {:.1}l8 8m0 -8l-8 8", x - 4.0, y + 16.0) />
            }
            .into_any(),
        );
        y += ROW;
    }
    let paying: Vec<(f64, String)> = plan
        .break_even
        .iter()
        .filter_map(|point| {
            let days = point.pays_from_day?;
            Some((place.x(place.start + f64::from(days) * DAY), format!("{} · day {days}", point.storage_class)))
        })
        .collect();
    y += 6.0;
    let title = if paying.is_empty() {
        "No class pays within the run"
    } else {
        "Break-even: cheaper than STANDARD from"
    };
    head(title, &mut y);
    for (x, text) in paying {
        lines.push(
            view! {
                <path class="guide" d=format!("M{x:.1} {TOP}V{}", place.base()) />
                <path class="line" d=format!("M{} {:.1}H{}", place.left, y + 20.0, place.right()) />
                <path class="pays" d=format!("M{x:.1} {:.1}H{}", y + 20.0, place.right()) />
                <path class="point" d=format!("M{x:.1} {:.1}l5 5-5 5-5-5z", y + 15.0) />
                {label("mark", text, x, y + 12.0, place.span())}
            }
            .into_any(),
        );
        y += ROW;
    }
    drawn.extend(lines);
    (drawn.collect_view().into_any(), y + 4.0)
}

/// A swatch of a band, as the chart draws it.
#[component]
pub fn Swatch(pattern: usize) -> impl IntoView {
    view! {
        <svg class="swatch" width="24" height="14" aria-hidden="true" focusable="false">
            <rect class="band" fill=format!("url(#hatch{pattern})") x="0.5" y="0.5" width="23" height="13" />
        </svg>
    }
}

/// Hatches tell bands apart without colour: each has its own direction, distance and weight.
#[component]
fn Hatches() -> impl IntoView {
    const LINES: [(&str, &str); PATTERNS] = [
        ("", "8"),
        ("M0 4H8", "8"),
        ("M4 0V8", "8"),
        ("M-1 9L9 -1", "8"),
        ("M-1 -1L9 9", "8"),
        ("M0 2H4M2 0V4", "4"),
        ("M4 3V5M3 4H5", "8"),
        ("M0 1H4M0 3H4", "4"),
        ("M0 0L8 8M8 0L0 8", "8"),
    ];
    let patterns = LINES.into_iter().enumerate().map(|(index, (lines, size))| {
        view! {
            <pattern id=format!("hatch{index}") width=size height=size patternUnits="userSpaceOnUse">
                <rect class=format!("tone t{index}") width=size height=size />
                <path class="hatch" d=lines />
            </pattern>
        }
    });
    view! { <defs>{patterns.collect_view()}</defs> }
}
