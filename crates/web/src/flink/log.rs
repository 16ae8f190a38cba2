//! What happened, line by line, up to the present instant; each line goes to its own.

use leptos::prelude::*;

use super::answer::{Fate, Trace, value_text};
use super::lab::{Lab, Mode, window_text};
use super::time::instant;
use crate::timebar::Step;

/// A line: when, what kind, what.
type Line = (f64, &'static str, String);

#[component]
pub fn Log(lab: Lab) -> impl IntoView {
    let lines = Memo::new(move |_| {
        let hides = lab.mode.get() == Mode::Predict;
        lab.trace.with(|trace| trace.as_ref().map(|trace| lines(trace, hides)).unwrap_or_default())
    });
    let now = Memo::new(move |_| lab.now());
    view! {
        <ol class="run-log" role="list" aria-label="Log">
            {move || {
                let now = now.get();
                lines
                    .with(|lines| {
                        lines
                            .iter()
                            .filter(|(at, ..)| *at <= now)
                            .map(|(at, class, text)| {
                                let at = *at;
                                view! {
                                    <li class=*class>
                                        <button type="button" class="link mono" on:click=move |_| lab.go(Step::To(at / 1_000.0))>
                                            {instant(at)}
                                        </button>
                                        <span>{text.clone()}</span>
                                    </li>
                                }
                            })
                            .collect_view()
                    })
            }}
        </ol>
    }
}

fn lines(trace: &Trace, hides: bool) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    for event in &trace.events {
        let arrived = format!(
            "{} arrives: key {}, event time {}, value {}",
            event.id,
            event.key,
            instant(event.event_time.0),
            event.value
        );
        lines.push((event.arrival_time.0, "came", arrived));
        if let (Some(reached), false) = (event.reached_at, hides) {
            let watermark = event.watermark.map_or_else(
                || "there is no watermark yet".to_owned(),
                |watermark| format!("the watermark is {}", instant(watermark.0)),
            );
            let class = match event.fate() {
                Fate::Late => "late",
                Fate::LateOutput | Fate::Dropped => "gone",
                _ => "reached",
            };
            lines.push((
                reached.0,
                class,
                format!("{} reaches the windows: {watermark}; {}", event.id, event.fate().words()),
            ));
        }
    }
    if !hides {
        for firing in &trace.firings {
            let Some(pane) = trace.panes.get(firing.pane) else { continue };
            let text = format!(
                "{} of {} fires #{}: {}",
                window_text(pane),
                pane.key,
                trace.ordinal(firing),
                value_text(&firing.value)
            );
            lines.push((firing.at.0, if firing.kind == "Late" { "late" } else { "fired" }, text));
        }
        for pane in &trace.panes {
            if let Some(at) = pane.cleared_at {
                lines.push((at.0, "cleared", format!("the state of {} of {} is cleared", window_text(pane), pane.key)));
            }
            if let Some(into) = pane.merged_into.and_then(|into| trace.panes.get(into)) {
                lines.push((
                    into.created_at.0,
                    "merged",
                    format!("{} of {} is merged into {}", window_text(pane), pane.key, window_text(into)),
                ));
            }
        }
    }
    for (split, line) in trace.watermarks.splits.iter().enumerate() {
        for (from, until) in &line.idle {
            lines.push((from.0, "idle", format!("shard {split} is idle: the watermark no longer waits for it")));
            if let Some(until) = until {
                lines.push((until.0, "idle", format!("shard {split} is active again")));
            }
        }
    }
    for checkpoint in &trace.checkpoints {
        lines.push((
            checkpoint.triggered_at.0,
            "checkpoint",
            format!("checkpoint {} begins: barriers leave the sources", checkpoint.id),
        ));
        for snapshot in &checkpoint.snapshots {
            lines.push((
                snapshot.at.0,
                "checkpoint",
                format!("window subtask {} takes its snapshot of checkpoint {}", snapshot.subtask, checkpoint.id),
            ));
        }
        if let Some(at) = checkpoint.completed_at {
            lines.push((at.0, "checkpoint", format!("checkpoint {} is complete", checkpoint.id)));
        }
        if let Some(at) = checkpoint.aborted_at {
            lines.push((at.0, "gone", format!("checkpoint {} is given up", checkpoint.id)));
        }
    }
    for (number, attempt) in trace.attempts.iter().enumerate() {
        if number > 0 {
            let from = attempt
                .restored_checkpoint
                .map_or_else(|| "nothing".to_owned(), |id| format!("checkpoint {id}"));
            lines.push((
                attempt.started_at.0,
                "checkpoint",
                format!("attempt {} starts from {from}; the sources go back to where it stood", number + 1),
            ));
        }
        if let Some(at) = attempt.failed_at {
            lines.push((at.0, "gone", "a task manager dies; the job fails".to_owned()));
        }
    }
    lines.sort_by(|a, b| a.0.total_cmp(&b.0));
    lines
}
