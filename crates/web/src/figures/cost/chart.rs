//! The picture of the storage cost figure: bands by month, the life of an object under the same axis, break-even points.

use leptos::prelude::*;
use sluice_core::sim::SimTime;
use web_sys::KeyboardEvent;

use super::answer::{Plan, bands, money};

const WIDTH: f64 = 720.0;
const LEFT: f64 = 64.0;
const TOP: f64 = 12.0;
const HEIGHT: f64 = 240.0;
const BASE: f64 = TOP + HEIGHT;
const GANTT: f64 = BASE + 40.0;
const POINTS: f64 = GANTT + 48.0;
const DAY: f64 = 86_400e6;
/// Patterns of bands, by their place in the stack.
const PATTERNS: usize = 9;

#[component]
pub fn Chart(plan: Plan, by_part: bool, month: RwSignal<usize>) -> impl IntoView {
    let last = plan.months.len().saturating_sub(1);
    let plot = WIDTH - LEFT - 8.0;
    let step = plot / (last + 1) as f64;
    let names = bands(&plan, by_part);
    let most = plan.months.iter().map(|month| super::answer::dollars(&month.total)).fold(0.0, f64::max);
    let top = nice(most);
    let y = move |value: f64| BASE - if top > 0.0 { value / top * HEIGHT } else { 0.0 };
    // A month's cost is one number, so a band is level within it.
    let mut below = vec![0.0; last + 1];
    let mut drawn = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let above: Vec<f64> = plan.months.iter().zip(&below).map(|(month, below)| below + month.band(name, by_part)).collect();
        let edge = |heights: &[f64]| -> Vec<String> {
            let corners = heights.iter().enumerate().map(|(at, height)| {
                let (x, y) = (LEFT + at as f64 * step, y(*height));
                format!("{x:.1},{y:.1} {:.1},{y:.1}", x + step)
            });
            corners.collect()
        };
        let upper = edge(&above);
        let lower = below.iter().enumerate().rev().map(|(at, height)| {
            let (x, y) = (LEFT + at as f64 * step, y(*height));
            format!("{:.1},{y:.1} {x:.1},{y:.1}", x + step)
        });
        let points = upper.into_iter().chain(lower).collect::<Vec<_>>().join(" ");
        drawn.push(view! { <polygon class="band" fill=format!("url(#hatch{})", index % PATTERNS) points=points /> });
        below = above;
    }
    let time = |text: &str| SimTime::parse(text).map_or(0.0, |time| time.micros() as f64);
    let start = time(&plan.start);
    let end = plan.end.as_deref().map_or(start + DAY, time).max(start + 1.0);
    let x = move |at: f64| LEFT + ((at - start) / (end - start)).clamp(0.0, 1.0) * plot;
    let spans = plan.timelines.first().map(|timeline| timeline.spans.clone()).unwrap_or_default();
    let bars = spans.into_iter().map(|span| {
        let (from, to) = (x(time(&span.from)), x(time(&span.to)));
        // A name that does not fit is in the description and in the table of the rules.
        let fits = to - from > span.storage_class.len() as f64 * 6.8 + 8.0;
        view! {
            <g>
                <title>{format!("{}: {} to {}", span.storage_class, day_of(&span.from), day_of(&span.to))}</title>
                <rect class="span" x=from y=GANTT width=(to - from).max(1.0) height="22" />
                {fits.then(|| view! { <text x=from + 5.0 y=GANTT + 15.0>{span.storage_class.clone()}</text> })}
            </g>
        }
    });
    let points = plan
        .break_even
        .iter()
        .filter_map(|point| Some((point.pays_from_day?, point.storage_class.clone())))
        .enumerate()
        .map(|(row, (day, class))| {
            let at = x(start + f64::from(day) * DAY);
            let row_y = POINTS + row as f64 * 16.0;
            let right = at > WIDTH * 0.6;
            let label = format!("{class} pays from day {day}");
            view! {
                <g class="point">
                    <path d=format!("M{at:.1} {:.1}l4 4-4 4-4-4z", row_y - 8.0) />
                    <text x=if right { at - 8.0 } else { at + 8.0 } y=row_y text-anchor=if right { "end" } else { "start" }>
                        {label}
                    </text>
                </g>
            }
        })
        .collect_view();
    let rows = plan.break_even.iter().filter(|point| point.pays_from_day.is_some()).count();
    let height = POINTS + rows.max(1) as f64 * 16.0;
    let years = (0..=last).filter(|at| at % 12 == 0).map(|at| {
        let label = plan.months.get(at).map(|month| month.month.clone()).unwrap_or_default();
        let at = LEFT + at as f64 * step;
        view! {
            <path class="tick" d=format!("M{at:.1} {BASE}v5") />
            <text x=at y=BASE + 18.0>
                {label}
            </text>
        }
    });
    let lines = [0.0, 0.5, 1.0].map(|share| {
        let at = y(top * share);
        view! {
            <path class="line" d=format!("M{LEFT} {at:.1}H{}", WIDTH - 8.0) />
            <text x=LEFT - 6.0 y=at + 4.0 text-anchor="end">
                {money(&(top * share).to_string())}
            </text>
        }
    });
    let months = StoredValue::new(plan.months.iter().map(|month| (month.month.clone(), money(&month.total))).collect::<Vec<_>>());
    let spoken = move || months.with_value(|months| months.get(month.get()).map(|(month, total)| format!("{month}: {total}")));
    let on_key = move |event: KeyboardEvent| {
        let now = month.get_untracked();
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
    let targets = (0..=last).map(|at| {
        view! {
            <rect
                class="target"
                class:on=move || month.get() == at
                x=LEFT + at as f64 * step
                y=TOP
                width=step
                height=HEIGHT
                on:pointerenter=move |_| month.set(at)
                on:click=move |_| month.set(at)
            />
        }
    });
    view! {
        <div
            class="cost-chart"
            tabindex="0"
            role="slider"
            aria-label="Month of the bill"
            aria-valuemin="0"
            aria-valuemax=last
            aria-valuenow=move || month.get()
            aria-valuetext=spoken
            on:keydown=on_key
        >
            <svg viewBox=format!("0 0 {WIDTH} {height}") aria-hidden="true" focusable="false">
                <Hatches />
                {lines}
                {drawn}
                {years.collect_view()}
                {bars.collect_view()}
                <text x="0" y=GANTT + 15.0>
                    "object"
                </text>
                {(rows > 0).then(|| view! { <text x="0" y=POINTS>"break-even"</text> })}
                {points}
                {targets.collect_view()}
            </svg>
        </div>
    }
}

/// A swatch of a band, as the chart draws it.
#[component]
pub fn Swatch(index: usize) -> impl IntoView {
    view! {
        <svg class="swatch" viewBox="0 0 24 14" aria-hidden="true" focusable="false">
            <rect class="band" fill=format!("url(#hatch{})", index % PATTERNS) x="0.5" y="0.5" width="23" height="13" />
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

fn day_of(time: &str) -> String {
    time.split('T').next().unwrap_or(time).to_owned()
}

/// The next of 1, 2, 5 × 10ⁿ.
fn nice(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let scale = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|part| part * scale)
        .find(|bound| *bound >= value)
        .unwrap_or(value)
}
