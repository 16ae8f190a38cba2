//! The controls of the storage cost figure: objects, reads, rules, prices.

use leptos::prelude::*;

use super::super::fields::{Choice, LogNumber, Number, Scenes, choices};
use super::super::prices::{PriceChoice, Prices};
use super::settings::{CLASSES, Cost, PATTERNS, SCENES, Step, series, series_text};
use crate::components::glyph;
use crate::format::bytes;

#[component]
pub fn Controls(settings: RwSignal<Cost>, prices: Prices) -> impl IntoView {
    let number = move |read: fn(&Cost) -> f64| Signal::derive(move || settings.with(read));
    let set = move |write: fn(&mut Cost, f64)| Callback::new(move |value| settings.update(|settings| write(settings, value)));
    let whole = move |read: fn(&Cost) -> f64| Signal::derive(move || Some(settings.with(read)));
    let put = move |write: fn(&mut Cost, f64)| {
        Callback::new(move |value: Option<f64>| {
            if let Some(value) = value {
                settings.update(|settings| write(settings, value));
            }
        })
    };
    let text = move |read: fn(&Cost) -> String| Signal::derive(move || settings.with(read));
    let choose = move |write: fn(&mut Cost, String)| Callback::new(move |value| settings.update(|settings| write(settings, value)));
    let pick = Callback::new(move |name: &'static str| {
        if let Some(scene) = Cost::scene(name) {
            settings.set(scene);
        }
    });
    let pattern = Memo::new(move |_| settings.with(|s| s.pattern.clone()));
    view! {
        <Scenes
            scenes=SCENES.into_iter().map(|scene| (scene.name, scene.title)).collect()
            current=Signal::derive(move || settings.with(Cost::name))
            pick=pick
        />
        <LogNumber label="Objects" unit="at the start" least=1.0 most=1e9 value=number(|s| s.objects) set=set(|s, v| s.objects = v.round()) />
        <LogNumber
            label="Object size"
            unit="bytes"
            least=1.0
            most=5e12
            value=number(|s| s.bytes)
            set=set(|s, v| s.bytes = v.round())
            words=|value| bytes(value as u64)
        />
        <Number label="Uploads (a month)" least=0.0 most=1e9 value=whole(|s| s.uploads) set=put(|s, v| s.uploads = v.round()) />
        <Choice label="Reads" choices=choices(&PATTERNS) value=text(|s| s.pattern.clone()) set=choose(|s, v| s.pattern = v) />
        {move || {
            let pattern = pattern.get();
            let rate = matches!(pattern.as_str(), "Steady" | "Decaying" | "Bursty").then(|| {
                let unit = match pattern.as_str() {
                    "Decaying" => "in 30 days, at first",
                    "Bursty" => "in 30 days, in a burst",
                    _ => "in 30 days",
                };
                view! { <LogNumber label="Reads of an object" unit=unit least=0.001 most=1e4 value=number(|s| s.reads) set=set(|s, v| s.reads = v) /> }
            });
            let more = match pattern.as_str() {
                "Decaying" => {
                    view! { <Number label="Half-life (days)" least=0.1 most=3_650.0 value=whole(|s| s.half_life) set=put(|s, v| s.half_life = v) /> }
                        .into_any()
                }
                "Bursty" => {
                    view! {
                        <Number
                            label="A burst every (days)"
                            least=1.0
                            most=3_650.0
                            value=whole(|s| f64::from(s.every))
                            set=put(|s, v| s.every = v as u32)
                        />
                        <Number
                            label="A burst lasts (days)"
                            least=1.0
                            most=3_650.0
                            value=whole(|s| f64::from(s.lasting))
                            set=put(|s, v| s.lasting = v as u32)
                        />
                    }
                        .into_any()
                }
                "Custom" => view! { <Series settings=settings /> }.into_any(),
                _ => ().into_any(),
            };
            (rate, more)
        }}
        <Rules settings=settings />
        <PriceChoice prices=prices value=text(|s| s.prices.clone()) set=choose(|s, v| s.prices = v) />
        <Number label="Years" least=1.0 most=10.0 value=whole(|s| f64::from(s.years)) set=put(|s, v| s.years = v as u32) />
        <Choice
            label="Bands"
            choices=choices(&[("class", "storage classes"), ("part", "parts of the bill")])
            value=text(|s| if s.by_part { "part".into() } else { "class".into() })
            set=choose(|s, v| s.by_part = v == "part")
        />
    }
}

/// The reader's own pattern: reads in each 30 days of an object's life.
#[component]
fn Series(settings: RwSignal<Cost>) -> impl IntoView {
    let problem = RwSignal::new(false);
    let typed = move |text: String| match series(&text, ',') {
        Some(numbers) => {
            problem.set(false);
            settings.update(|s| s.series = numbers);
        }
        None => problem.set(true),
    };
    view! {
        <label class="field">
            <span class="label">"Reads of an object in each 30 days of its life"</span>
            <input
                class="input mono"
                inputmode="decimal"
                aria-invalid=move || problem.get().to_string()
                prop:value=move || settings.with(|s| series_text(&s.series, ", "))
                on:change=move |event| typed(event_target_value(&event))
            />
            {move || problem.get().then(|| view! { <span class="problem">"Numbers from 0 to 10,000 with commas between, at most 122."</span> })}
            <span class="hint">"After the last number nothing is read."</span>
        </label>
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
        let remove = move |_| {
            settings.update(|s| {
                if index < s.steps.len() {
                    s.steps.remove(index);
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
                        .map(|name| view! { <option value=name selected=move || class() == name>{name}</option> })
                        .collect_view()}
                    <option value="" selected=move || class().is_empty()>
                        "Expiration"
                    </option>
                </select>
                <button type="button" class="btn quiet icon" aria-label=format!("Remove action {}", index + 1) on:click=remove>
                    {glyph("close")}
                </button>
            </li>
        }
    };
    let add = move |_| {
        settings.update(|s| {
            let days = s.steps.last().map_or(30, |step| step.days.saturating_add(90));
            s.steps.push(Step {
                days,
                class: "DEEP_ARCHIVE".into(),
            });
        });
    };
    let larger_than = Signal::derive(move || settings.with(|s| s.larger_than.map(|bytes| bytes as f64)));
    let filter = Callback::new(move |bytes: Option<f64>| settings.update(|s| s.larger_than = bytes.map(|bytes| bytes as u64)));
    view! {
        <fieldset class="rules">
            <legend>"Lifecycle rule: day, action"</legend>
            <ol role="list">{move || (0..rows.get()).map(row).collect_view()}</ol>
            <button type="button" class="btn" on:click=add>
                {glyph("plus")}
                "Add an action"
            </button>
            <Number
                label="ObjectSizeGreaterThan (bytes)"
                least=0.0
                most=1e12
                optional=true
                value=larger_than
                set=filter
                hint="Empty: no filter. Without one on size, objects under 128 KB are not moved."
            />
        </fieldset>
    }
}
