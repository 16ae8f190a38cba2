//! “Why?”: what a row of the trace follows from, step by step, asked when the reader asks.

use leptos::prelude::*;
use serde::Deserialize;
use sluice_core::account::ApiError;

use crate::components::Fault;

/// `sluice:GetTraceEvents`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Events {
    pub events: Vec<Event>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Event {
    pub row: u64,
    pub at: String,
    pub kind: String,
    pub resource: String,
    pub subject: String,
    pub text: String,
}

/// `sluice:ExplainEvent`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Explained {
    pub steps: Vec<Told>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Told {
    pub at: String,
    pub text: String,
}

/// Where the answer is put.
pub type Answer = RwSignal<Option<Result<Explained, ApiError>>>;

/// The newest event that matters, and what it follows from. `ask` puts the explanation of a row into the signal.
#[component]
pub fn Why(#[prop(into)] event: Signal<Option<Event>>, ask: Callback<(u64, Answer)>) -> impl IntoView {
    let told: Answer = RwSignal::new(None);
    // What was told of another event is told no more.
    let row = Memo::new(move |_| event.with(|event| event.as_ref().map(|event| event.row)));
    Effect::new(move |_| {
        row.track();
        told.set(None);
    });
    let title = |kind: &str| match kind {
        "throttled" => "Why was this throttled?",
        "read-throttled" => "Why was this read refused?",
        "given-up" => "Why was this given up?",
        "alarm" => "Why did the alarm change?",
        _ => "Why did this happen?",
    };
    move || {
        let event = event.get()?;
        let row = event.row;
        Some(view! {
            <div class="why">
                <p>{event.text}</p>
                <button type="button" class="btn" on:click=move |_| ask.run((row, told))>
                    {title(&event.kind)}
                </button>
                {move || {
                    told.get()
                        .map(|told| match told {
                            Err(error) => view! { <Fault error=error /> }.into_any(),
                            Ok(explained) => {
                                view! {
                                    <ol class="why-steps" aria-label="Why">
                                        {explained.steps.into_iter().map(|step| view! { <li>{step.text}</li> }).collect_view()}
                                    </ol>
                                }
                                    .into_any()
                            }
                        })
                }}
            </div>
        })
    }
}
