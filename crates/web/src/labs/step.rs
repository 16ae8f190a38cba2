//! One step of a lab in the panel: its text, what the account must show, help.

use leptos::prelude::*;
use leptos::task::spawn_local;
use sluice_core::lab::{Action, Step};

use super::bundle::{StepState, StepText};
use super::sample;
use crate::components::glyph;
use crate::format::{bytes, count};
use crate::host::use_host;

#[component]
pub fn StepView(
    step: Step,
    text: StepText,
    /// From 0.
    index: usize,
    state: Signal<Option<StepState>>,
    /// The step that is unfolded.
    open: RwSignal<Option<usize>>,
) -> impl IntoView {
    let is_open = move || open.get() == Some(index);
    let done = move || state.with(|state| state.as_ref().is_some_and(|state| state.done));
    let body_id = format!("lab-step-{index}");
    let (controls, objectives) = (body_id.clone(), step.objectives.clone());
    let screen = step.screen.clone();
    let actions = step.actions.clone();
    let html = text.text.clone();
    let hints = StoredValue::new(text);
    let level = RwSignal::new(0_usize);
    view! {
        <li class="step" class:done=done class:open=is_open>
            <h3>
                <button
                    type="button"
                    aria-expanded=move || is_open().to_string()
                    aria-controls=controls
                    on:click=move |_| open.update(|open| *open = if *open == Some(index) { None } else { Some(index) })
                >
                    <span class="mark" aria-hidden="true">
                        {move || if done() { "✓".to_string() } else { (index + 1).to_string() }}
                    </span>
                    <span class="name">{step.title.clone()}</span>
                    <span class="visually-hidden">{move || if done() { ", done" } else { ", not done yet" }}</span>
                </button>
            </h3>
            <div class="step-body" id=body_id hidden=move || !is_open()>
                <div class="prose" inner_html=html></div>
                {(!actions.is_empty())
                    .then(|| view! { <div class="step-actions">{actions.into_iter().map(|action| view! { <ActionButton action=action /> }).collect_view()}</div> })}
                <ul class="objectives" role="list" aria-label="What the account must show">
                    {objectives
                        .into_iter()
                        .enumerate()
                        .map(|(at, objective)| {
                            let found = Memo::new(move |_| state.with(|state| state.as_ref().and_then(|state| state.objectives.get(at).cloned())));
                            let met = move || found.with(|found| found.as_ref().is_some_and(|found| found.done));
                            view! {
                                <li class:met=met>
                                    <span class="mark" aria-hidden="true">
                                        {move || if met() { "✓" } else { "○" }}
                                    </span>
                                    <span>
                                        <b>{objective.text.clone()}</b>
                                        <span class="visually-hidden">{move || if met() { ": met. " } else { ": not yet. " }}</span>
                                        <span class="evidence">{move || found.with(|found| found.as_ref().map(|found| found.evidence.clone()))}</span>
                                    </span>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
                {screen
                    .map(|screen| {
                        let label = screen_name(&screen);
                        view! {
                            <a class="btn" href=screen>
                                "Go to "
                                {label}
                                {glyph("right")}
                            </a>
                        }
                    })}
                <Hints text=hints level=level />
            </div>
        </li>
    }
}

/// What the rail calls the screen of an address.
fn screen_name(address: &str) -> &'static str {
    match address.trim_start_matches("#/").split('/').next() {
        Some("storage") => "Storage",
        Some("catalog") => "Catalog",
        Some("etl") => "ETL jobs",
        Some("activity") => "Activity",
        _ => "the screen",
    }
}

const LEVELS: [(&str, &str); 3] = [("Show where", "Where"), ("Explain why", "Why"), ("Show exactly what to do", "What to do")];

/// Help in three levels, one at a time, each asked for.
#[component]
fn Hints(text: StoredValue<StepText>, level: RwSignal<usize>) -> impl IntoView {
    view! {
        <div class="hints">
            <div aria-live="polite">
                {move || {
                    let texts = text.with_value(|text| [text.point.clone(), text.concept.clone(), text.exactly.clone()]);
                    LEVELS
                        .into_iter()
                        .zip(texts)
                        .take(level.get())
                        .map(|((_, title), html)| {
                            view! {
                                <div class="hint-text">
                                    <span class="label">{title}</span>
                                    <div class="prose" inner_html=html></div>
                                </div>
                            }
                        })
                        .collect_view()
                }}
            </div>
            {move || {
                LEVELS
                    .get(level.get())
                    .map(|(ask, _)| {
                        view! {
                            <button type="button" class="btn quiet" on:click=move |_| level.update(|level| *level += 1)>
                                "Hint: "
                                {ask.to_lowercase()}
                            </button>
                        }
                    })
            }}
        </div>
    }
}

#[component]
fn ActionButton(action: Action) -> impl IntoView {
    let host = use_host();
    let busy = RwSignal::new(false);
    match action {
        Action::PutSample { file, rows, seed, prefix } => {
            let click = move |_| {
                if busy.get_untracked() {
                    return;
                }
                busy.set(true);
                let (file, prefix) = (file.clone(), prefix.clone());
                spawn_local(async move {
                    match sample::put(host, &file, rows, seed, &prefix).await {
                        Ok(place) => host.toast_done(format!("The sample is at {place}: {} rows.", count(rows))),
                        Err(error) => host.toast_error(&error),
                    }
                    let _ = busy.try_set(false);
                });
            };
            view! {
                <button type="button" class="btn" aria-disabled=move || busy.get().then_some("true") on:click=click>
                    {glyph("upload")}
                    {move || if busy.get() { "Putting the sample into the bucket…" } else { "Put the sample into the bucket" }}
                </button>
            }
            .into_any()
        }
        Action::DownloadSample { file, rows, seed } => {
            let about = format!("{file}, about {}", bytes(rows * 84));
            let click = move |_| {
                if let Err(error) = sample::download(&file, rows, seed) {
                    host.toast_error(&error);
                }
            };
            view! {
                <button type="button" class="btn" title=about on:click=click>
                    {glyph("download")}
                    "Download the sample CSV"
                </button>
            }
            .into_any()
        }
    }
}
