//! The panel of the lab under way: steps that tick themselves when the account shows them done.

use leptos::prelude::*;
use leptos::task::spawn_local;
use sluice_protocol::{PageReply, PageRequest};
use wasm_bindgen::JsCast;

use super::bundle::{BundledLab, StepState, evaluation, find, states};
use super::step::StepView;
use crate::components::{Confirm, Fault, ShellState, glyph};
use crate::host::{query, unexpected, use_host};
use crate::router::{Route, use_route};

/// The panel of the lab under way. The shell draws it while `ShellState::lab` names one.
#[component]
pub fn LabPanel(
    /// The lab's folder name.
    id: String,
) -> impl IntoView {
    remember(Some(&id));
    match find(&id) {
        Some(lab) => view! { <Panel lab=lab /> }.into_any(),
        None => view! { <Missing id=id /> }.into_any(),
    }
}

#[component]
fn Missing(id: String) -> impl IntoView {
    let shell = expect_context::<ShellState>();
    view! {
        <div class="lab-panel">
            <header>
                <h2>"No such lab"</h2>
                <CloseButton shell=shell />
            </header>
            <div class="lab-body">
                <p>"There is no lab “" {id} "” here."</p>
                <a class="btn" href="#/labs">
                    "All labs"
                </a>
            </div>
        </div>
    }
}

#[component]
fn Panel(lab: BundledLab) -> impl IntoView {
    let host = use_host();
    let shell = expect_context::<ShellState>();
    let BundledLab { lab, steps: texts, closing } = lab;
    let total = lab.steps.len();
    let titles: Vec<String> = lab.steps.iter().map(|step| step.title.clone()).collect();
    let folded = RwSignal::new(false);
    let restarting = RwSignal::new(false);
    let open = RwSignal::new(None::<usize>);
    let asked = lab.clone();
    let evaluated = query(host, move || Some(evaluation(&asked)));
    let found = Memo::new(move |_| {
        evaluated.answer.with(|answer| match answer {
            Some(Ok(response)) => Some(states(response)),
            _ => None,
        })
    });
    let done = Memo::new(move |_| found.with(|found| found.as_ref().map_or(0, |steps| steps.iter().filter(|step| step.done).count())));

    // The first step that is not done unfolds; the learner's own choice stays until its step is done.
    Effect::new(move |before: Option<Vec<bool>>| {
        let now: Option<Vec<bool>> = found.with(|found| found.as_ref().map(|steps| steps.iter().map(|step| step.done).collect()));
        let Some(now) = now else { return before.unwrap_or_default() };
        let before = before.unwrap_or_default();
        let next = now.iter().position(|done| !done);
        if before.is_empty() {
            open.set(next);
            return now;
        }
        let fresh: Vec<usize> = now
            .iter()
            .enumerate()
            .filter(|(index, done)| **done && before.get(*index) == Some(&false))
            .map(|(index, _)| index)
            .collect();
        if let Some(last) = fresh.last() {
            let title = titles.get(*last).cloned().unwrap_or_default();
            let count = now.iter().filter(|done| **done).count();
            host.announce(match next.and_then(|next| titles.get(next)) {
                Some(next) => format!("Done: {title}. {count} of {} steps. Next: {next}.", now.len()),
                None => format!("Done: {title}. The lab is complete."),
            });
            if open.get_untracked().is_none_or(|at| now.get(at) == Some(&true)) {
                let inside = document()
                    .active_element()
                    .is_some_and(|element| matches!(element.closest(".step-body"), Ok(Some(_))));
                open.set(next);
                // The button that finished the step folds away with it.
                if inside && let Some(next) = next {
                    set_timeout(move || focus_step(next), core::time::Duration::ZERO);
                }
            }
        }
        now
    });

    // On a narrow page the panel covers half of the screen that the learner has just gone to.
    let route = use_route();
    Effect::new(move |before: Option<bool>| {
        let at_lab = matches!(route.get(), Route::Labs { .. });
        if narrow() && (before.is_some() || !at_lab) {
            folded.set(!at_lab);
        }
        at_lab
    });

    let restart = Callback::new(move |()| {
        spawn_local(async move {
            match host.request(PageRequest::Clear, Vec::new()).await.0 {
                // The page starts as the account does: from nothing.
                PageReply::Cleared => {
                    let _ = window().location().reload();
                }
                other => host.toast_error(&unexpected(other)),
            }
        });
    });
    let step_state =
        move |index: usize| Signal::derive(move || found.with(|found| found.as_ref().and_then(|steps: &Vec<StepState>| steps.get(index).cloned())));
    let title = lab.title.clone();
    view! {
        <div class="lab-panel" class:folded=move || folded.get()>
            <header>
                <div class="lab-title">
                    <p class="meta">
                        <span>"Lab"</span>
                        <span class="lab-count">{move || done.get()} " of " {total} " done"</span>
                    </p>
                    <h2>{title}</h2>
                </div>
                <button
                    type="button"
                    class="btn quiet icon"
                    aria-label=move || if folded.get() { "Unfold the lab" } else { "Fold the lab" }
                    aria-expanded=move || (!folded.get()).to_string()
                    aria-controls="lab-body"
                    on:click=move |_| folded.update(|folded| *folded = !*folded)
                >
                    {glyph("down")}
                </button>
                <CloseButton shell=shell />
                <div
                    class="ticks"
                    role="progressbar"
                    aria-label="Steps done"
                    aria-valuemin="0"
                    aria-valuemax=total.to_string()
                    aria-valuenow=move || done.get().to_string()
                >
                    {(0..total)
                        .map(|index| {
                            let state = step_state(index);
                            view! { <i class:done=move || state.with(|state| state.as_ref().is_some_and(|state| state.done))></i> }
                        })
                        .collect_view()}
                </div>
            </header>
            <div class="lab-body" id="lab-body" hidden=move || folded.get()>
                {move || {
                    evaluated.answer.with(|answer| match answer {
                        Some(Err(error)) => Some(view! { <Fault error=error.clone() /> }),
                        _ => None,
                    })
                }}
                <ol class="steps" role="list">
                    {lab
                        .steps
                        .iter()
                        .cloned()
                        .zip(texts)
                        .enumerate()
                        .map(|(index, (step, text))| view! { <StepView step=step text=text index=index state=step_state(index) open=open /> })
                        .collect_view()}
                </ol>
                {move || {
                    (done.get() == total)
                        .then(|| {
                            view! {
                                <section class="closing" aria-label="The lab is complete">
                                    <p class="state ok">"✓ All steps done"</p>
                                    <div class="prose" inner_html=closing.clone().unwrap_or_default()></div>
                                    <a class="btn" href="#/activity">
                                        "See every call you made"
                                    </a>
                                </section>
                            }
                        })
                }}
                <footer>
                    <button type="button" class="btn quiet" on:click=move |_| restarting.set(true)>
                        {glyph("refresh")}
                        "Restart the lab"
                    </button>
                </footer>
            </div>
            <Confirm open=restarting title="Restart the lab?" act="Empty the account" on_confirm=restart>
                <p>
                    "A lab starts from an empty account. This deletes everything that this account keeps in this browser: every bucket with its objects, every table, crawler and job. It cannot be undone."
                </p>
            </Confirm>
        </div>
    }
}

fn focus_step(index: usize) {
    let button = document().query_selector(&format!("[aria-controls=\"lab-step-{index}\"]"));
    if let Some(button) = button.ok().flatten().and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = button.focus();
    }
}

const REMEMBERED: &str = "sluice.lab";

/// Keeps the lab under way for this tab, so that a reload finds its panel open. A browser that keeps nothing only loses that.
fn remember(id: Option<&str>) {
    if let Ok(Some(storage)) = window().session_storage() {
        let _ = match id {
            Some(id) => storage.set_item(REMEMBERED, id),
            None => storage.remove_item(REMEMBERED),
        };
    }
}

/// The lab that this tab had open.
pub fn remembered() -> Option<String> {
    let id = window().session_storage().ok()??.get_item(REMEMBERED).ok()??;
    find(&id).map(|_| id)
}

fn narrow() -> bool {
    window().inner_width().ok().and_then(|width| width.as_f64()).is_some_and(|width| width < 720.0)
}

#[component]
fn CloseButton(shell: ShellState) -> impl IntoView {
    view! {
        <button
            type="button"
            class="btn quiet icon"
            aria-label="Close the lab"
            title="Close. Your work stays in the account."
            on:click=move |_| {
                remember(None);
                shell.lab.set(None);
            }
        >
            {glyph("close")}
        </button>
    }
}
