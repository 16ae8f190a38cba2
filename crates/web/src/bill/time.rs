//! The bar that shows the account's date and lets days pass.

use std::collections::BTreeMap;

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use crate::components::Fault;
use crate::format;
use crate::host::{parse, query, use_host};
use crate::router::Route;

const DAY: u64 = 86_400;
/// Events that the bar lists.
const SHOWN: u32 = 1_000;

/// `sluice:GetStorageEvents`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Events {
    events: Vec<Event>,
    count: u64,
    truncated: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Event {
    time: String,
    event: String,
    bucket: String,
    key: String,
    to: Option<String>,
    rule_id: Option<String>,
}

impl Event {
    fn told(&self) -> String {
        let what = told(&self.event, self.to.as_deref());
        match &self.rule_id {
            Some(rule) => format!("{what} by the rule {rule}"),
            None => what,
        }
    }
}

/// What an event did, in words: `moved to GLACIER`.
pub fn told(event: &str, to: Option<&str>) -> String {
    match (event, to) {
        ("s3:LifecycleTransition", Some(to)) => format!("moved to {to}"),
        ("s3:IntelligentTiering", Some(to)) => format!("in the tier {to}"),
        ("s3:LifecycleExpiration:Delete", _) => "deleted".into(),
        ("s3:LifecycleExpiration:DeleteMarkerCreated", _) => "behind a delete marker".into(),
        ("s3:ObjectRestore:Completed", _) => "restored".into(),
        ("s3:ObjectRestore:Delete", _) => "its restored copy expired".into(),
        ("AbortIncompleteMultipartUpload", _) => "its unfinished upload aborted".into(),
        (other, _) => other.into(),
    }
}

/// Days that passed, and what happened in them.
#[derive(Clone, Debug, PartialEq)]
struct Passed {
    days: u64,
    events: Events,
}

#[component]
pub fn TimeBar() -> impl IntoView {
    let host = use_host();
    let clock = query(host, || Some(Call::new("clock", "GetTime", json!({})))).answer;
    let date = move || {
        clock.with(|answer| match answer {
            Some(Ok(answer)) => answer
                .get("Time")
                .and_then(Value::as_str)
                .and_then(|time| time.get(..10))
                .unwrap_or_default()
                .to_owned(),
            _ => String::new(),
        })
    };
    let days = RwSignal::new(String::from("400"));
    let busy = RwSignal::new(false);
    let passed = RwSignal::new(None::<Result<Passed, ApiError>>);
    let advance = move |days: u64| {
        if busy.get_untracked() || days == 0 {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let answer = async {
                let before = host.call("clock", "GetTime", json!({})).await?;
                host.call("clock", "Advance", json!({ "Seconds": days.saturating_mul(DAY) })).await?;
                let since = before.get("Time").cloned().unwrap_or_default();
                let events = host.call("sluice", "GetStorageEvents", json!({ "Since": since, "MaxEvents": SHOWN })).await?;
                Ok(Passed { days, events: parse(&events)? })
            }
            .await;
            if let Ok(passed) = &answer {
                host.announce(format!("{} passed. {}", format::plural(days, "day", "days"), summary(&passed.events)));
            }
            let _ = busy.try_set(false);
            let _ = passed.try_set(Some(answer));
        });
    };
    let own = move || days.with(|days| days.trim().parse::<u64>().ok()).filter(|days| (1..=36_525).contains(days));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if let Some(days) = untrack(own) {
            advance(days);
        }
    };
    let step = move |label: &'static str, days: u64| {
        view! {
            <button type="button" class="btn" aria-disabled=move || busy.get().then_some("true") on:click=move |_| advance(days)>
                {label}
            </button>
        }
    };
    view! {
        <section class="timebar" aria-label="The account’s clock">
            <div class="row">
                <p>
                    <span class="meta">"Account’s date"</span>
                    " "
                    <b class="mono">{date}</b>
                </p>
                {step("+1 day", 1)} {step("+30 days", 30)} {step("+1 year", 365)}
                <form on:submit=submit novalidate>
                    <label class="visually-hidden" for="days-pass">
                        "Days to let pass"
                    </label>
                    <input
                        id="days-pass"
                        class="input mono"
                        inputmode="numeric"
                        autocomplete="off"
                        aria-invalid=move || own().is_none().then_some("true")
                        prop:value=move || days.get()
                        on:input=move |event| days.set(event_target_value(&event))
                    />
                    <button type="submit" class="btn" disabled=move || own().is_none() || busy.get()>
                        "Let days pass"
                    </button>
                </form>
            </div>
            {move || match passed.get() {
                None => ().into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(passed)) => view! { <Happened passed=passed /> }.into_any(),
            }}
        </section>
    }
}

/// `3 objects moved to GLACIER, 1 deleted`; that nothing happened.
fn summary(events: &Events) -> String {
    let mut counts = BTreeMap::<String, u64>::new();
    for event in &events.events {
        *counts.entry(told(&event.event, event.to.as_deref())).or_default() += 1;
    }
    if counts.is_empty() {
        return "Nothing happened to any object.".into();
    }
    let parts: Vec<String> = counts.into_iter().map(|(what, count)| format!("{} {what}", format::count(count))).collect();
    format!("{}.", parts.join(", "))
}

#[component]
fn Happened(passed: Passed) -> impl IntoView {
    let said = format!("{} passed: {}", format::plural(passed.days, "day", "days"), summary(&passed.events));
    let rest = passed.events.count.saturating_sub(passed.events.events.len() as u64);
    let any = passed.events.count > 0;
    view! {
        <p class="said">{said}</p>
        {any
            .then(|| {
                view! {
                    <details>
                        <summary>"What happened, and when"</summary>
                        <ol class="happened" role="list">
                            {passed
                                .events
                                .events
                                .into_iter()
                                .map(|event| {
                                    // What is gone has its folder left.
                                    let gone = event.event == "s3:LifecycleExpiration:Delete";
                                    let folder = event.key.rfind('/').and_then(|at| event.key.get(..=at)).unwrap_or_default();
                                    let href = Route::storage(&event.bucket, if gone { folder } else { &event.key }).href();
                                    view! {
                                        <li>
                                            <time class="mono" datetime=event.time.clone()>
                                                {event.time.get(..10).unwrap_or_default().to_owned()}
                                            </time>
                                            " "
                                            <a class="mono" href=href>
                                                {format!("{}/{}", event.bucket, event.key)}
                                            </a>
                                            " "
                                            {event.told()}
                                        </li>
                                    }
                                })
                                .collect_view()}
                        </ol>
                        {passed.events.truncated.then(|| view! { <p class="meta">{format!("and {} more", format::count(rest))}</p> })}
                    </details>
                }
            })}
    }
}
