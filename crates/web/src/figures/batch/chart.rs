//! Records that have arrived and that are usable, over time: the batch a staircase, the stream a line; missed windows as marks under them.

use leptos::html;
use leptos::prelude::*;

use super::super::axis::{label, measured, ticks, width_of};
use super::super::text::number;
use super::answer::{Answer, Way};
use super::settings::Settings;

const HIGH: f64 = 230.0;
const TOP: f64 = 8.0;
const LEFT: f64 = 80.0;
/// A row of marks.
const ROW: f64 = 22.0;

#[component]
pub fn Chart(answer: Memo<Option<Answer>>, settings: RwSignal<Settings>, at: Signal<f64>) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let width = measured(node);
    let words = move || {
        answer.with(|answer| {
            answer.as_ref().map_or_else(String::new, |answer| {
                format!(
                    "Records usable over time: by batch in {} steps, by stream as they arrive. Windows too late: batch {}, stream {}",
                    answer.batch.runs.iter().filter(|run| !run.failed).count(),
                    number(answer.batch.missed),
                    number(answer.stream.missed)
                )
            })
        })
    };
    view! {
        <div class="batch-chart" node_ref=node>
            <ul class="curve-keys" role="list">
                <li class="arrived">"arrived"</li>
                <li class="batch">"usable by batch"</li>
                <li class="stream">"usable by stream"</li>
            </ul>
            <svg class="plot" width=move || width.get() height=TOP + HIGH + 26.0 + 2.0 * ROW role="img" aria-label=words>
                {move || {
                    let window = settings.with(|settings| settings.window * 60.0);
                    answer.with(|answer| answer.as_ref().map(|answer| drawn(answer, window, width.get())))
                }}
                {move || {
                    let seconds = answer.with(|answer| answer.as_ref().map_or(1.0, |answer| answer.seconds.max(1.0)));
                    let x = LEFT + at.get().min(seconds) / seconds * (right_of(width.get()) - LEFT);
                    view! { <line class="now" x1=x x2=x y1=TOP y2=TOP + HIGH /> }
                }}
            </svg>
        </div>
    }
}

/// Where the plot ends.
fn right_of(width: f64) -> f64 {
    (width - 8.0).max(LEFT + 80.0)
}

fn drawn(answer: &Answer, window: f64, width: f64) -> impl IntoView + use<> {
    let right = right_of(width);
    let bottom = TOP + HIGH;
    let marks = ticks(answer.records.max(1.0), 4);
    let most = marks.last().copied().unwrap_or(1.0);
    let x = |at: f64| LEFT + at / answer.seconds.max(1.0) * (right - LEFT);
    let y = |count: f64| bottom - count / most * HIGH;
    let line = |way: &Way, of: fn(&(f64, f64, f64)) -> f64| -> String {
        let mut path = String::new();
        for (index, point) in way.curve.iter().enumerate() {
            path.push(if index == 0 { 'M' } else { 'L' });
            path.push_str(&format!("{:.1} {:.1}", x(point.0), y(of(point))));
        }
        path
    };
    // The staircase is drawn from the runs: flat until one ends, then up.
    let mut stairs = format!("M{:.1} {:.1}", x(0.0), y(0.0));
    let mut level = 0.0;
    for run in answer.batch.runs.iter().filter(|run| !run.failed && run.end <= answer.seconds) {
        let usable = answer.batch.curve.iter().find(|point| point.0 >= run.end).map_or(level, |point| point.2);
        stairs.push_str(&format!("H{:.1}V{:.1}", x(run.end), y(usable)));
        level = usable;
    }
    stairs.push_str(&format!("H{:.1}", x(answer.seconds)));
    let grid: Vec<_> = marks
        .iter()
        .map(|tick| {
            let text = if most >= 1e6 { format!("{} M", number(*tick / 1e6)) } else { number(*tick) };
            let left = (LEFT - 6.0 - width_of(&text)).max(0.0);
            view! {
                <line class="grid" x1=LEFT x2=right y1=y(*tick) y2=y(*tick) />
                <text x=left y=y(*tick) + 4.0>
                    {text}
                </text>
            }
        })
        .collect();
    let hours = (answer.seconds / 3_600.0).max(1.0);
    let step = if hours > 24.0 { 12.0 } else { 6.0_f64.min((hours / 4.0).max(1.0)) };
    let times: Vec<_> = (0..=(hours / step) as usize)
        .map(|index| {
            let at = index as f64 * step * 3_600.0;
            label("", format!("{} h", number(index as f64 * step)), x(at), bottom + 16.0, (LEFT, right))
        })
        .collect();
    let row = |title: &'static str, way: &Way, class: &'static str, index: f64| {
        let top = bottom + 24.0 + index * ROW;
        let wide = (x(window) - x(0.0)).max(2.0);
        let missed: Vec<_> = way
            .missed_at
            .iter()
            .map(|at| view! { <rect class=class x=x(*at) y=top + 2.0 width=(wide - 0.5).max(1.0) height=ROW - 8.0 /> })
            .collect();
        view! {
            <text x="0" y=top + 12.0>
                {title}
            </text>
            <line class="grid" x1=LEFT x2=right y1=top + ROW - 4.0 y2=top + ROW - 4.0 />
            {missed}
        }
    };
    let failed: Vec<_> = answer
        .batch
        .runs
        .iter()
        .filter(|run| run.failed)
        .map(|run| {
            view! {
                <text class="failed" x=x(run.at) - 4.0 y=bottom - 4.0>
                    <title>"A run that failed"</title>
                    "✕"
                </text>
            }
        })
        .collect();
    view! {
        {grid}
        {times}
        <path class="arrived" d=line(&answer.stream, |point| point.1) />
        <path class="stream" d=line(&answer.stream, |point| point.2) />
        <path class="batch" d=stairs />
        {failed}
        {row("batch late", &answer.batch, "late batch", 0.0)}
        {row("stream late", &answer.stream, "late stream", 1.0)}
    }
}
