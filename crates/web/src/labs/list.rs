//! The list of labs, and one lab's front page.

use leptos::prelude::*;

use super::bundle::{BundledLab, bundled, evaluation, find, states};
use crate::components::{Crumb, Empty, ShellState};
use crate::host::{query, use_host};
use crate::router::{Route, use_route};

/// The list of labs, at `#/labs`; `#/labs/<id>` opens the panel of that lab beside its front page.
#[component]
pub fn LabsScreen() -> impl IntoView {
    let route = use_route();
    let shell = expect_context::<ShellState>();
    let id = Memo::new(move |_| match route.get() {
        Route::Labs { id } => id,
        _ => None,
    });
    Effect::new(move |_| {
        let mut crumbs = vec![Crumb::new("Labs", &Route::Labs { id: None })];
        if let Some(lab) = id.get().as_deref().and_then(find) {
            crumbs.push(Crumb::new(lab.lab.title.clone(), &Route::Labs { id: Some(lab.lab.id) }));
        }
        shell.place(crumbs);
    });
    view! {
        <div class="labs-screen">
            {move || match id.get() {
                None => {
                    view! {
                        <h1>"Labs"</h1>
                        <p class="lead">"A lab is a list of steps beside your account. You do the work on the ordinary screens; a step ticks itself when the account shows it done."</p>
                        <LabList />
                    }
                        .into_any()
                }
                Some(id) => match find(&id) {
                    Some(lab) => view! { <Front lab=lab /> }.into_any(),
                    None => {
                        view! {
                            <Empty title="No such lab" text=format!("There is no lab “{id}” here.")>
                                <a class="btn" href="#/labs">
                                    "All labs"
                                </a>
                            </Empty>
                        }
                            .into_any()
                    }
                },
            }}
        </div>
    }
}

/// Every lab as a line of a table of contents, with how far this account is.
#[component]
pub fn LabList() -> impl IntoView {
    let lines = bundled().into_iter().enumerate().map(|(index, lab)| {
        let href = Route::Labs { id: Some(lab.lab.id.clone()) }.href();
        view! {
            <li>
                <a href=href>
                    <span class="n" aria-hidden="true">{format!("{:02}", index + 1)}</span>
                    <span class="what">
                        <b>{lab.lab.title.clone()}</b>
                        <span>{lab.lab.summary.clone()}</span>
                    </span>
                    <span class="when">{lab.lab.minutes} " min"</span>
                    <Progress lab=lab.clone() />
                </a>
            </li>
        }
    });
    view! {
        <ol class="lab-list" role="list">
            {lines.collect_view()}
        </ol>
    }
}

#[component]
fn Progress(lab: BundledLab) -> impl IntoView {
    let host = use_host();
    let steps = lab.lab.steps.len();
    let evaluated = query(host, move || Some(evaluation(&lab.lab)));
    move || {
        let done = evaluated.answer.with(|answer| match answer {
            Some(Ok(response)) => states(response).iter().filter(|step| step.done).count(),
            _ => 0,
        });
        match done {
            0 => view! { <span class="how meta">{steps} " steps"</span> }.into_any(),
            done if done == steps => view! { <span class="how state ok">"✓ done"</span> }.into_any(),
            done => view! { <span class="how state ok">{done} " of " {steps}</span> }.into_any(),
        }
    }
}

#[component]
fn Front(lab: BundledLab) -> impl IntoView {
    let BundledLab { lab, steps, .. } = lab;
    let first = lab.steps.first().and_then(|step| step.screen.clone()).unwrap_or_else(|| "#/storage".into());
    let intro = steps
        .first()
        .map(|step| step.text.split("</p>").next().map(|text| format!("{text}</p>")).unwrap_or_default());
    view! {
        <article class="lab-front">
            <p class="meta">"Lab · " {lab.minutes} " minutes · " {lab.steps.len()} " steps"</p>
            <h1>{lab.title.clone()}</h1>
            <p class="lead">{lab.summary.clone()}</p>
            <div class="prose" inner_html=intro.unwrap_or_default()></div>
            <div class="row">
                <a class="btn primary" href=first>
                    "Begin in the account"
                </a>
                <a class="btn" href="#/labs">
                    "All labs"
                </a>
            </div>
            <h2>"What you will do"</h2>
            <ol class="outline">
                {lab.steps.iter().map(|step| view! { <li>{step.title.clone()}</li> }).collect_view()}
            </ol>
        </article>
    }
}
