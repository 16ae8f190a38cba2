//! Beside the picture: what changed, the selected event and why it became what it is.

use leptos::prelude::*;

use super::answer::{EventTrace, Fate, Trace};
use super::lab::{Lab, Mode, window_text};
use super::settings::Settings;
use super::time::{instant, interval, span};

/// A metric: name as Flink reports it, what it is called here, its value at an instant.
const METRICS: [(&str, &str); 4] = [
    ("currentInputWatermark", "watermark"),
    ("numLateRecordsDropped", "too late"),
    ("windows", "windows in state"),
    ("firings", "firings"),
];

fn metric(trace: &Trace, name: &str, now: f64) -> Option<f64> {
    match name {
        "currentInputWatermark" => trace.watermark(now),
        "numLateRecordsDropped" => Some(trace.too_late(now) as f64),
        "windows" => Some(trace.open_panes(now) as f64),
        _ => Some(trace.fired(now) as f64),
    }
}

/// The metrics now, before the last change at the same instant, and the difference.
#[component]
pub fn Metrics(lab: Lab) -> impl IntoView {
    let now = Memo::new(move |_| lab.now());
    let rows = move || {
        let now = now.get();
        let own = lab.trace.get();
        let was = lab.beside.get().or_else(|| lab.was.get());
        METRICS
            .into_iter()
            .map(|(name, label)| {
                let is_time = name == "currentInputWatermark";
                let text = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| if is_time { instant(value) } else { value.to_string() });
                let own = own.as_ref().and_then(|trace| metric(trace, name, now));
                let was = was.as_ref().and_then(|trace| metric(trace, name, now));
                let delta = own.zip(was).map(|(own, was)| own - was).filter(|delta| *delta != 0.0);
                let sign = |delta: f64| if delta > 0.0 { "+" } else { "−" };
                let delta_text = delta.map_or_else(String::new, |delta| {
                    let size = if is_time { span(delta.abs()) } else { delta.abs().to_string() };
                    format!("{}{size}", sign(delta))
                });
                let bad = name == "numLateRecordsDropped" && delta.is_some_and(|delta| delta > 0.0);
                view! {
                    <tr title=name>
                        <th scope="row">{label}</th>
                        <td class="num" class:bad=bad>
                            {delta_text}
                        </td>
                        <td class="num">{text(was)}</td>
                        <td class="num">{text(own)}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    let other = move || if lab.rival.with(Option::is_some) { "beside" } else { "was" };
    view! {
        <table class="list metrics" aria-label="Metrics">
            <thead>
                <tr>
                    <th scope="col">"metric"</th>
                    <th scope="col" class="num">
                        "Δ"
                    </th>
                    <th scope="col" class="num">
                        {other}
                    </th>
                    <th scope="col" class="num">
                        "now"
                    </th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// The selected event: its times, which can be typed, and why it became what it is.
#[component]
pub fn Selected(lab: Lab) -> impl IntoView {
    let id = Memo::new(move |_| {
        let id = lab.selected.get()?;
        lab.events.with(|events| events.iter().any(|event| event.id == id)).then_some(id)
    });
    view! {
        {move || match id.get() {
            None => view! { <p class="meta">"Select an event to see why it became what it is."</p> }.into_any(),
            Some(id) => view! { <Event lab=lab id=id /> }.into_any(),
        }}
        <button type="button" class="btn" on:click=move |_| lab.add()>
            "Add an event now"
        </button>
    }
}

#[component]
fn Event(lab: Lab, id: String) -> impl IntoView {
    let id = StoredValue::new(id);
    let event = Memo::new(move |_| {
        lab.events
            .with(|events| id.with_value(|id| events.iter().find(|event| event.id == *id).cloned()))
    });
    let seconds = move |read: fn(&super::scene::Event) -> f64| {
        move || event.with(|event| event.as_ref().map(|event| (read(event) / 1_000.0).to_string()).unwrap_or_default())
    };
    let typed = move |which: usize| {
        move |text: leptos::ev::Event| {
            let Ok(value) = event_target_value(&text).parse::<f64>() else { return };
            let Some(now) = event.get_untracked() else { return };
            id.with_value(|id| match which {
                0 => lab.place(id, value * 1_000.0, now.arrival),
                1 => lab.place(id, now.time, value * 1_000.0),
                _ => lab.edit(id, |event| event.value = value.clamp(-1e9, 1e9)),
            });
        }
    };
    let why = move || {
        let now = lab.now();
        if lab.mode.get() == Mode::Predict {
            return vec!["What becomes of it is hidden: say it first.".to_owned()];
        }
        lab.settings.with(|settings| {
            lab.trace.with(|trace| {
                id.with_value(|id| {
                    trace
                        .as_ref()
                        .and_then(|trace| Some(reasons(trace, trace.event(id)?, settings, now)))
                        .unwrap_or_default()
                })
            })
        })
    };
    let title = move || {
        let now = lab.now();
        let hides = lab.mode.get() == Mode::Predict;
        let fate = lab
            .trace
            .with(|trace| {
                trace
                    .as_ref()
                    .and_then(|trace| id.with_value(|id| trace.event(id).map(|event| event.fate_at(now))))
            })
            .filter(|_| !hides);
        id.with_value(|id| match fate {
            Some(Fate::LateOutput | Fate::Dropped) => format!("Why is {id} too late?"),
            Some(Fate::Late) => format!("Why is {id} late, and counted?"),
            Some(Fate::Behind) => format!("Why is {id} behind the watermark, and not late?"),
            Some(Fate::NoWindow) => format!("Why is {id} in no window?"),
            Some(Fate::OnTime) => format!("Why is {id} on time?"),
            _ => format!("Event {id}"),
        })
    };
    let key = move || {
        event.with(|event| {
            event
                .as_ref()
                .map(|event| format!("key {}, {} {}, shard {}", event.key, event.value, lab.scene.unit, event.split))
                .unwrap_or_default()
        })
    };
    view! {
        <section class="why" aria-label="The selected event" aria-live="polite">
            <h2>{title}</h2>
            <p class="meta">{key}</p>
            <div class="times">
                <label class="field">
                    <span class="label">"event time, s"</span>
                    <input class="input num" type="number" step="0.5" prop:value=seconds(|event| event.time) on:change=typed(0) />
                </label>
                <label class="field">
                    <span class="label">"arrives, s"</span>
                    <input class="input num" type="number" step="0.5" prop:value=seconds(|event| event.arrival) on:change=typed(1) />
                </label>
                <label class="field">
                    <span class="label">"value"</span>
                    <input class="input num" type="number" step="0.5" prop:value=seconds(|event| event.value * 1_000.0) on:change=typed(2) />
                </label>
            </div>
            <ol>{move || why().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ol>
            <button type="button" class="link" on:click=move |_| id.with_value(|id| lab.remove(id))>
                {move || id.with_value(|id| format!("Remove {id}"))}
            </button>
        </section>
    }
}

/// How an event became what it is, one step after the other.
pub fn reasons(trace: &Trace, event: &EventTrace, settings: &Settings, now: f64) -> Vec<String> {
    let mut lines = Vec::new();
    let id = &event.id;
    let Some(reached) = event.reached_at.filter(|at| at.0 <= now) else {
        lines.push(format!("{id} arrives at {}: that is still ahead.", instant(event.arrival_time.0)));
        return lines;
    };
    for met in &event.windows {
        let pane = met.pane.and_then(|pane| trace.panes.get(pane));
        let (Some(start), Some(end)) = (met.start, met.end) else {
            lines.push(format!("{id} belongs to the global window, which never ends by itself."));
            continue;
        };
        let window = interval(start.0, end.0);
        lines.push(format!("{id} ({}) belongs to {window}.", instant(event.event_time.0)));
        let last = end.0 - 1.0;
        if settings.lateness > 0.0 {
            lines.push(format!(
                "The window’s last instant is {}; {} of lateness keep its state until the watermark reaches {}.",
                instant(last),
                span(settings.lateness),
                instant(last + settings.lateness)
            ));
        } else {
            lines.push(format!(
                "The window’s last instant is {}: when the watermark reaches it, the window fires and is cleared.",
                instant(last)
            ));
        }
        let limit = if met.late { last + settings.lateness } else { last };
        if let Some((at, watermark, by)) = crossed(trace, event.subtask.unwrap_or(0), limit, reached.0) {
            let by = by.map(|by| format!("{} ({}) took", by.id, instant(by.event_time.0)));
            let by = by.unwrap_or_else(|| "Something took".to_owned());
            let then = if met.late { "state cleared" } else { "it fired" };
            lines.push(format!("{by} the watermark to {} at {}: {then}.", instant(watermark), instant(at)));
        }
        if let Some(pane) = pane
            && let Some(into) = pane.merged_into.and_then(|into| trace.panes.get(into))
        {
            lines.push(format!("{window} was merged into {}.", window_text(into)));
        }
    }
    let watermark = event.watermark.map_or_else(
        || "there was no watermark yet".to_owned(),
        |watermark| format!("watermark {}", instant(watermark.0)),
    );
    let delay = reached.0 - event.event_time.0;
    lines.push(format!(
        "{id} came at {}, {} after it happened; {watermark}.",
        instant(reached.0),
        span(delay.max(0.0))
    ));
    lines.push(match event.fate() {
        Fate::Ahead => "It is still on its way.".to_owned(),
        Fate::OnTime => "It is ahead of the watermark: on time.".to_owned(),
        Fate::Behind => "It is behind the watermark, which is not yet late: its window had not ended.".to_owned(),
        Fate::Late => "Its window had fired and was still kept: it joins, and the window fires again.".to_owned(),
        Fate::LateOutput => "Every window it belongs to was gone: it goes to the late side output.".to_owned(),
        Fate::Dropped => "Every window it belongs to was gone: it is dropped.".to_owned(),
        Fate::NoWindow => "No window takes it.".to_owned(),
    });
    let shown: Vec<String> = event
        .firings
        .iter()
        .filter_map(|number| trace.firings.get(*number))
        .filter(|firing| firing.at.0 <= now)
        .map(|firing| format!("#{} at {}", trace.ordinal(firing), instant(firing.at.0)))
        .collect();
    if !shown.is_empty() {
        lines.push(format!("It is in firing {}.", shown.join(", ")));
    }
    lines
}

/// When the watermark of a subtask first reached an instant, by `until`; what it was then, and the event that took it there.
fn crossed(trace: &Trace, subtask: usize, limit: f64, until: f64) -> Option<(f64, f64, Option<&EventTrace>)> {
    let line = trace.watermarks.subtasks.get(subtask)?;
    let (at, watermark) = line
        .steps
        .iter()
        .filter(|(at, _)| at.0 <= until)
        .find_map(|(at, watermark)| watermark.filter(|watermark| watermark.0 >= limit).map(|watermark| (at.0, watermark.0)))?;
    // The least of the splits that count decides: the one whose own watermark was this. Its greatest event by then took it there.
    let split = trace.watermarks.splits.iter().position(|line| line.at(at) == Some(watermark));
    let by = trace
        .events
        .iter()
        .filter(|event| event.arrival_time.0 <= at && split.is_none_or(|split| event.split == split))
        .max_by(|a, b| a.event_time.0.total_cmp(&b.event_time.0));
    Some((at, watermark, by))
}
