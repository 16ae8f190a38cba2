//! The controls of the storage cost figure, and its search for the cheapest rules.

use leptos::prelude::*;
use serde_json::Value;
use sluice_core::account::Call;

use super::super::fields::{Choice, LogNumber};
use super::answer::{Best, money};
use super::settings::{CLASSES, Cost, PATTERNS, SCENES, Step};
use crate::components::{Fault, glyph};
use crate::format::count;
use crate::host::{Query, query, use_host};

#[component]
pub fn Controls(settings: RwSignal<Cost>, prices: Query) -> impl IntoView {
    let number = move |read: fn(&Cost) -> f64| Signal::derive(move || settings.with(read));
    let set = move |write: fn(&mut Cost, f64)| Callback::new(move |value| settings.update(|settings| write(settings, value)));
    let text = move |read: fn(&Cost) -> String| Signal::derive(move || settings.with(read));
    let put = move |write: fn(&mut Cost, String)| Callback::new(move |value| settings.update(|settings| write(settings, value)));
    let same = |names: &[&str]| -> Vec<(String, String)> { names.iter().map(|name| ((*name).into(), (*name).into())).collect() };
    let patterns = same(&PATTERNS);
    let lists = Signal::derive(move || {
        prices.answer.with(|answer| {
            let lists = answer.as_ref().and_then(|answer| answer.as_ref().ok()?.get("PriceLists")?.as_array());
            let entry = |list: &Value| {
                let text = |name: &str| list.get(name).and_then(Value::as_str).unwrap_or_default();
                (text("Id").to_owned(), format!("{}, {}", text("Title"), text("AsOf")))
            };
            lists.into_iter().flatten().map(entry).collect::<Vec<_>>()
        })
    });
    view! {
        <details class="scenes" open>
            <summary>"Scenes"</summary>
            {SCENES
                .into_iter()
                .map(|scene| {
                    let title = scene.title;
                    view! {
                        <button type="button" class="btn quiet" on:click=move |_| settings.set(scene.settings())>
                            {title}
                        </button>
                    }
                })
                .collect_view()}
        </details>
        <LogNumber label="Objects" unit="at the start" least=1.0 most=1e9 value=number(|s| s.objects) set=set(|s, v| s.objects = v.round()) />
        <LogNumber label="Object size" unit="bytes" least=1.0 most=5e12 value=number(|s| s.bytes) set=set(|s, v| s.bytes = v.round()) />
        <label class="field">
            <span class="label">"Uploads (a month)"</span>
            <input
                type="number"
                class="input num"
                min="0"
                max="1000000000"
                prop:value=move || settings.with(|s| s.uploads.to_string())
                on:change=move |event| {
                    if let Some(value) = event_target_value(&event).parse().ok().filter(|value: &f64| (0.0..=1e9).contains(value)) {
                        settings.update(|s| s.uploads = value.round());
                    }
                }
            />
        </label>
        <Choice label="Reads" choices=Signal::stored(patterns) value=text(|s| s.pattern.clone()) set=put(|s, v| s.pattern = v) />
        {move || {
            settings
                .with(|s| s.pattern != "None")
                .then(|| {
                    view! {
                        <LogNumber
                            label="Reads of an object"
                            unit="in 30 days"
                            least=0.001
                            most=1e4
                            value=number(|s| s.reads)
                            set=set(|s, v| s.reads = v)
                        />
                    }
                })
        }}
        <Rules settings=settings />
        <Choice label="Prices" choices=lists value=text(|s| s.prices.clone()) set=put(|s, v| s.prices = v) />
        <label class="field">
            <span class="label">"Years"</span>
            <input
                type="number"
                class="input num"
                min="1"
                max="10"
                prop:value=move || settings.with(|s| s.years.to_string())
                on:change=move |event| {
                    if let Some(value) = event_target_value(&event).parse().ok().filter(|value| (1..=10).contains(value)) {
                        settings.update(|s| s.years = value);
                    }
                }
            />
        </label>
        <Choice
            label="Bands"
            choices=Signal::stored(vec![("class".into(), "storage classes".into()), ("part".into(), "parts of the bill".into())])
            value=text(|s| if s.by_part { "part".into() } else { "class".into() })
            set=put(|s, v| s.by_part = v == "part")
        />
    }
}

/// The lifecycle rule as rows, in the words of the API.
#[component]
fn Rules(settings: RwSignal<Cost>) -> impl IntoView {
    // Rows are drawn again when there are more or fewer, so that a field keeps its focus while it is changed.
    let rows = Memo::new(move |_| settings.with(|settings| settings.steps.len()));
    let row = move |index: usize| {
        let days = move || settings.with(|s| s.steps.get(index).map_or(0, |step| step.days));
        let class = move || settings.with(|s| s.steps.get(index).map(|step| step.class.clone()).unwrap_or_default());
        let change = move |write: &dyn Fn(&mut Step)| {
            settings.update(|s| {
                if let Some(step) = s.steps.get_mut(index) {
                    write(step);
                }
            });
        };
        view! {
            <li>
                <input
                    type="number"
                    class="input num"
                    min="0"
                    max="36500"
                    aria-label=format!("Days of action {}", index + 1)
                    prop:value=move || days().to_string()
                    on:change=move |event| {
                        if let Ok(days) = event_target_value(&event).parse() {
                            change(&|step| step.days = days);
                        }
                    }
                />
                <select
                    class="select"
                    aria-label=format!("Action {}", index + 1)
                    on:change=move |event| {
                        let class = event_target_value(&event);
                        change(&|step| step.class.clone_from(&class));
                    }
                >
                    {CLASSES
                        .into_iter()
                        .map(|name| view! { <option value=name selected=move || class() == name>{format!("Transition to {name}")}</option> })
                        .collect_view()}
                    <option value="" selected=move || class().is_empty()>
                        "Expiration"
                    </option>
                </select>
                <button
                    type="button"
                    class="btn quiet icon"
                    aria-label=format!("Remove action {}", index + 1)
                    on:click=move |_| settings.update(|s| {
                        if index < s.steps.len() {
                            s.steps.remove(index);
                        }
                    })
                >
                    {glyph("close")}
                </button>
            </li>
        }
    };
    view! {
        <fieldset class="rules">
            <legend>"Lifecycle rule (Days, action)"</legend>
            <ol role="list">{move || (0..rows.get()).map(row).collect_view()}</ol>
            <button
                type="button"
                class="btn"
                on:click=move |_| settings.update(|s| {
                    let days = s.steps.last().map_or(30, |step| step.days.saturating_add(90));
                    s.steps.push(Step { days, class: "DEEP_ARCHIVE".into() });
                })
            >
                {glyph("plus")}
                "Add an action"
            </button>
            <label class="field">
                <span class="label">"ObjectSizeGreaterThan (bytes; empty: no filter)"</span>
                <input
                    type="number"
                    class="input num"
                    min="0"
                    prop:value=move || settings.with(|s| s.larger_than.map(|bytes| bytes.to_string()).unwrap_or_default())
                    on:change=move |event| settings.update(|s| s.larger_than = event_target_value(&event).parse().ok())
                />
                <span class="hint">"Without a filter on size, objects under 128 KB are not moved."</span>
            </label>
        </fieldset>
    }
}

/// The cheapest rules for the same objects and reads, asked for when it is opened, with what it was compared to.
#[component]
pub fn BestPlan(settings: RwSignal<Cost>) -> impl IntoView {
    let host = use_host();
    let open = RwSignal::new(false);
    let question = Memo::new(move |_| settings.with(Cost::question));
    let answer = query(host, move || open.get().then(|| Call::new("sluice", "BestStoragePlan", question.get())));
    view! {
        <section class="best-plan">
            <button
                type="button"
                class="btn"
                aria-expanded=move || open.get().to_string()
                on:click=move |_| open.update(|open| *open = !*open)
            >
                {glyph("search")}
                "Find the cheapest rules"
            </button>
            {move || {
                if !open.get() {
                    return ().into_any();
                }
                match answer.read::<Best>() {
                    None => view! { <p class="meta" role="status">"Searching…"</p> }.into_any(),
                    Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                    Some(Ok(best)) => view! { <Proof best=best settings=settings /> }.into_any(),
                }
            }}
        </section>
    }
}

#[component]
fn Proof(best: Best, settings: RwSignal<Cost>) -> impl IntoView {
    let size = best.sizes.first().cloned();
    let winner = size.as_ref().and_then(|size| size.best.clone());
    let larger_than = best.lifecycle_configuration.as_ref().and_then(larger_than);
    let text = winner.as_ref().map(super::answer::Candidate::text).unwrap_or_default();
    let use_them = move |_| {
        let Some(winner) = &winner else { return };
        let steps = winner.transitions.iter().map(|step| Step {
            days: step.days,
            class: step.storage_class.clone(),
        });
        settings.update(|s| {
            s.steps = steps.collect();
            s.larger_than = larger_than;
        });
    };
    view! {
        <p>
            <b>{text}</b>
            {format!(
                ": {}, against {} with the rules above and {} without any. The least of {} legal plans on a grid of days; reads are answered in milliseconds.",
                money(&best.total),
                money(&best.given),
                money(&best.without_rules),
                count(best.candidates),
            )}
        </p>
        <button type="button" class="btn" on:click=use_them>
            "Use these rules"
        </button>
        <details>
            <summary>"Proof: the best of every chain of classes"</summary>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Candidates">
                <table class="list" aria-label="Candidates">
                    <thead>
                        <tr>
                            <th scope="col">"Transitions"</th>
                            <th scope="col" class="num">
                                "Cost"
                            </th>
                            <th scope="col" class="num">
                                "Above the best"
                            </th>
                        </tr>
                    </thead>
                    <tbody>
                        {size
                            .into_iter()
                            .flat_map(|size| size.chains)
                            .map(|candidate| {
                                view! {
                                    <tr>
                                        <td>{candidate.text()}</td>
                                        <td class="num">{money(&candidate.cost)}</td>
                                        <td class="num">{money(&candidate.above)}</td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
        </details>
    }
}

/// The lower bound on size of the first rule, where it has one.
fn larger_than(configuration: &Value) -> Option<u64> {
    let filter = configuration.get("Rules")?.as_array()?.first()?.get("Filter")?;
    let bound = |filter: &Value| filter.get("ObjectSizeGreaterThan").and_then(Value::as_u64);
    bound(filter).or_else(|| bound(filter.get("And")?))
}
