//! The job as it runs: sources, subtasks, sink; records and barriers on their way, snapshots in the store, and what came out at the sink, twice where it did.

use std::collections::BTreeMap;

use leptos::html;
use leptos::prelude::*;

use super::answer::{Checkpoint, Trace, value_text};
use super::lab::{Lab, window_text};
use super::mark::cut;
use super::settings::Settings;
use super::time::instant;
use crate::figures::{measured, width_of};

const TOP: f64 = 26.0;
const NODE: (f64, f64) = (128.0, 46.0);
const GAP: f64 = 42.0;

#[component]
pub fn Flow(lab: Lab) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let width = measured(node);
    let now = Memo::new(move |_| lab.now());
    let graph = move || {
        let (width, now) = (width.get(), now.get());
        lab.settings
            .with(|settings| lab.trace.with(|trace| trace.as_ref().map(|trace| graph(trace, settings, now, width))))
    };
    let store = move || {
        let now = now.get();
        lab.trace.with(|trace| trace.as_ref().map(|trace| store(trace, now)))
    };
    let sink = move || {
        let now = now.get();
        lab.trace.with(|trace| trace.as_ref().map(|trace| sink(trace, now)))
    };
    view! {
        <div class="flow" node_ref=node>
            {graph}
            <h2 class="part">"Checkpoints"</h2>
            {store}
            <h2 class="part">"At the sink"</h2>
            {sink}
        </div>
    }
}

/// Whether no attempt runs: between a failure and the restart.
fn is_down(trace: &Trace, now: f64) -> bool {
    let failed = trace.attempts.iter().filter_map(|attempt| attempt.failed_at).filter(|at| at.0 <= now).count();
    let started = trace.attempts.iter().filter(|attempt| attempt.started_at.0 <= now).count();
    failed >= started && failed > 0
}

/// When the attempt began that runs, or ran last.
fn began(trace: &Trace, now: f64) -> f64 {
    trace
        .attempts
        .iter()
        .map(|attempt| attempt.started_at.0)
        .filter(|at| *at <= now)
        .fold(0.0, f64::max)
}

fn graph(trace: &Trace, settings: &Settings, now: f64, width: f64) -> AnyView {
    let (sources, subtasks) = (trace.watermarks.sources.len().max(1), trace.watermarks.subtasks.len().max(1));
    let rows = sources.max(subtasks);
    let height = TOP + rows as f64 * (NODE.1 + GAP) + 8.0;
    let node_width = NODE.0.min((width - 40.0) / 4.0).max(64.0);
    let columns = [4.0, (width - node_width) / 2.0, width - node_width - 4.0];
    let y = |row: usize, of: usize| TOP + (row as f64 + 0.5 + (rows - of) as f64 / 2.0) * (NODE.1 + GAP) - GAP / 2.0;
    let down = is_down(trace, now);
    let attempt = began(trace, now);
    // One edge from each source to each subtask: the channel's number is the source's.
    let mut edges = Vec::new();
    for source in 0..sources {
        for subtask in 0..subtasks {
            let (x0, x1) = (columns[0] + node_width, columns[1]);
            let (y0, y1) = (y(source, sources), y(subtask, subtasks));
            let at = move |share: f64| (x0 + (x1 - x0) * share, y0 + (y1 - y0) * share);
            let blocked = blocked(&trace.checkpoints, subtask, source, now, settings).filter(|_| !down);
            let gate = blocked.map(|checkpoint| {
                let (x, y) = at(0.94);
                view! {
                    <path class="gate" d=format!("M{x:.1} {:.1}v16", y - 8.0)>
                        <title>{format!("The barrier of checkpoint {checkpoint} is here: what follows on this channel waits for the others.")}</title>
                    </path>
                }
            });
            let barriers: Vec<_> = trace
                .checkpoints
                .iter()
                .filter(|checkpoint| checkpoint.triggered_at.0 <= now && checkpoint.aborted_at.is_none_or(|at| at.0 > now))
                .filter_map(|checkpoint| {
                    let barrier = checkpoint
                        .barriers
                        .iter()
                        .find(|barrier| barrier.subtask == subtask && barrier.channel == source)?;
                    let span = barrier.at.0 - checkpoint.triggered_at.0;
                    (now < barrier.at.0 && span > 0.0).then(|| (checkpoint.id, (now - checkpoint.triggered_at.0) / span))
                })
                .map(|(id, share)| {
                    let (x, y) = at(share);
                    view! {
                        <path class="barrier" d=format!("M{x:.1} {:.1}v22", y - 11.0) />
                        <text class="barrier-name" x=x - 8.0 y=y - 14.0>
                            {format!("#{id}")}
                        </text>
                    }
                })
                .collect();
            let records: Vec<_> = trace
                .events
                .iter()
                .filter(|event| event.split % sources == source && event.subtask == Some(subtask) && !down)
                .filter_map(|event| {
                    let reached = event.reached_at?.0;
                    // A record that is read again left when the attempt began.
                    let left = if reached - settings.delay > event.arrival_time.0 + 1.0 {
                        (reached - settings.delay).max(attempt)
                    } else {
                        event.arrival_time.0
                    };
                    (left <= now && now < reached && reached > left).then(|| (event.id.clone(), (now - left) / (reached - left)))
                })
                .map(|(id, share)| {
                    let (x, y) = at(share);
                    view! {
                        <circle class="record" cx=x cy=y r="6" />
                        <text x=x + 8.0 y=y - 5.0>
                            {id}
                        </text>
                    }
                })
                .collect();
            edges.push(view! {
                <line class="edge" x1=x0 y1=y0 x2=x1 y2=y1 />
                {gate}
                {barriers}
                {records}
            });
        }
    }
    let out: Vec<_> = (0..subtasks)
        .map(|subtask| {
            let (x0, x1) = (columns[1] + node_width, columns[2]);
            view! { <line class="edge" x1=x0 y1=y(subtask, subtasks) x2=x1 y2=y(0, 1) /> }
        })
        .collect();
    let draw = |x: f64, y: f64, title: String, line: String, class: &'static str| {
        let room = ((node_width - 14.0) / width_of("x")) as usize;
        let cut = |text: String| cut(text, room);
        view! {
            <g class=class>
                <rect x=x y=y - NODE.1 / 2.0 width=node_width height=NODE.1 rx="3" />
                <text class="row-head" x=x + 8.0 y=y - 4.0>
                    {cut(title)}
                </text>
                <text x=x + 8.0 y=y + 13.0>
                    {cut(line)}
                </text>
            </g>
        }
    };
    let class = if down { "task down" } else { "task" };
    let mut tasks = Vec::new();
    for source in 0..sources {
        let watermark = trace.watermarks.sources.get(source).and_then(|line| line.at(now));
        let idle = trace.watermarks.sources.get(source).is_some_and(|line| line.is_idle(now));
        let line = if down {
            "down".to_owned()
        } else if idle {
            "idle".to_owned()
        } else {
            watermark.map_or_else(|| "wm –".to_owned(), |watermark| format!("wm {}", instant(watermark)))
        };
        tasks.push(draw(columns[0], y(source, sources), format!("source {source}"), line, class));
    }
    for subtask in 0..subtasks {
        let kept = trace
            .panes
            .iter()
            .filter(|pane| pane.subtask == subtask && pane.is_open(now, &trace.panes))
            .count();
        let watermark = trace.watermarks.subtasks.get(subtask).and_then(|line| line.at(now));
        let watermark = watermark.map_or_else(|| "–".to_owned(), instant);
        let line = if down { "down".to_owned() } else { format!("wm {watermark}") };
        tasks.push(draw(columns[1], y(subtask, subtasks), format!("window {subtask} · {kept} kept"), line, class));
    }
    let committed = trace.firings.iter().filter(|firing| firing.committed_at.is_some_and(|at| at.0 <= now)).count();
    tasks.push(draw(columns[2], y(0, 1), "sink".into(), format!("{committed} results"), class));
    let words = format!(
        "{sources} source subtasks, {subtasks} window subtasks, one sink; {}",
        if down { "the job is restarting" } else { "the job runs" }
    );
    let state = if down { "RESTARTING" } else { "RUNNING" };
    view! {
        <svg class="plot" width=width height=height role="img" aria-label=words>
            <text class="row-head" x="4" y="14">
                {format!("{state} · attempt {}", trace.attempts.iter().filter(|attempt| attempt.started_at.0 <= now).count().max(1))}
            </text>
            {edges}
            {out}
            {tasks}
        </svg>
    }
    .into_any()
}

/// The checkpoint whose barrier came on a channel while its subtask waits for the others.
fn blocked(checkpoints: &[Checkpoint], subtask: usize, channel: usize, now: f64, settings: &Settings) -> Option<u64> {
    if settings.mode != "EXACTLY_ONCE" {
        return None;
    }
    checkpoints.iter().find_map(|checkpoint| {
        let came = checkpoint
            .barriers
            .iter()
            .find(|barrier| barrier.subtask == subtask && barrier.channel == channel)?
            .at
            .0;
        let taken = checkpoint
            .snapshots
            .iter()
            .find(|snapshot| snapshot.subtask == subtask)
            .map(|snapshot| snapshot.at.0);
        let over = taken.or(checkpoint.aborted_at.map(|at| at.0)).unwrap_or(f64::INFINITY);
        (came <= now && now < over).then_some(checkpoint.id)
    })
}

fn store(trace: &Trace, now: f64) -> AnyView {
    let known: Vec<&Checkpoint> = trace.checkpoints.iter().filter(|checkpoint| checkpoint.triggered_at.0 <= now).collect();
    if known.is_empty() {
        return view! { <p class="meta">"None yet."</p> }.into_any();
    }
    let last = trace
        .attempts
        .iter()
        .filter(|attempt| attempt.started_at.0 <= now && attempt.started_at.0 > 0.0)
        .last()
        .and_then(|attempt| attempt.restored_checkpoint);
    let chips: Vec<_> = known
        .into_iter()
        .map(|checkpoint| {
            let done = checkpoint.completed_at.filter(|at| at.0 <= now);
            let gone = checkpoint.aborted_at.filter(|at| at.0 <= now);
            let taken = checkpoint.snapshots.iter().filter(|snapshot| snapshot.at.0 <= now).count();
            let (class, text) = match (done, gone) {
                (Some(at), _) => ("done", format!("#{} ✓ {}", checkpoint.id, instant(at.0))),
                (None, Some(_)) => ("gone", format!("#{} ✕ aborted", checkpoint.id)),
                (None, None) => ("under-way", format!("#{} … {taken} snapshots", checkpoint.id)),
            };
            let restored = (last == Some(checkpoint.id)).then_some(" ← the job came back from here");
            view! { <li class=class>{text}{restored}</li> }
        })
        .collect();
    view! {
        <ol class="store" role="list">
            {chips}
        </ol>
    }
    .into_any()
}

/// A result as the sink sees it: key, window, and each value with how often it came.
fn sink(trace: &Trace, now: f64) -> AnyView {
    let mut results: BTreeMap<(String, String), Vec<(f64, String)>> = BTreeMap::new();
    let mut waiting = 0;
    for firing in trace.firings.iter().filter(|firing| firing.at.0 <= now) {
        match firing.committed_at {
            Some(at) if at.0 <= now => {
                let Some(pane) = trace.panes.get(firing.pane) else { continue };
                let place = (window_text(pane), pane.key.clone());
                results.entry(place).or_default().push((at.0, value_text(&firing.value)));
            }
            _ if firing.discarded_at.is_some_and(|at| at.0 <= now) => {}
            _ => waiting += 1,
        }
    }
    let twice = results.values().filter(|values| values.len() > 1).count();
    let rows: Vec<_> = results
        .into_iter()
        .map(|((window, key), values)| {
            let again = values.len() > 1;
            let text: Vec<String> = values.iter().map(|(at, value)| format!("{value} at {}", instant(*at))).collect();
            view! {
                <tr class:again=again>
                    <th scope="row">{window}</th>
                    <td>{key}</td>
                    <td>{text.join(", then ")}</td>
                    <td>{if again { format!("{}×", values.len()) } else { "once".to_owned() }}</td>
                </tr>
            }
        })
        .collect();
    let line = match (twice, waiting) {
        (0, 0) => "Each result came once.".to_owned(),
        (0, waiting) => format!("Each result came once; {waiting} wait for a checkpoint to commit them."),
        (twice, 0) => format!("{twice} results came more than once."),
        (twice, waiting) => format!("{twice} results came more than once; {waiting} wait for a checkpoint."),
    };
    if rows.is_empty() {
        return view! { <p class="meta">{if waiting > 0 { line } else { "Nothing yet.".to_owned() }}</p> }.into_any();
    }
    view! {
        <p class="meta" role="status">
            {line}
        </p>
        <div class="table-scroll" tabindex="0" role="region" aria-label="Results at the sink">
            <table class="list">
                <thead>
                    <tr>
                        <th scope="col">"Window"</th>
                        <th scope="col">"Key"</th>
                        <th scope="col">"Result"</th>
                        <th scope="col">"Came"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}
