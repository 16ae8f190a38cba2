//! The controls of figures: a number with a slider on a log scale, a plain number, a choice, a switch, the scenes.

use leptos::prelude::*;

/// Steps of a slider.
const STEPS: f64 = 400.0;

/// A number field and a slider on a log scale over the same value; the slider goes to three significant digits. With `zero` the slider's first place is 0.
#[component]
pub fn LogNumber(
    label: &'static str,
    unit: &'static str,
    least: f64,
    most: f64,
    value: Signal<f64>,
    set: Callback<f64>,
    #[prop(optional)] zero: bool,
    /// The value in words, under the field.
    #[prop(optional)]
    words: Option<fn(f64) -> String>,
) -> impl IntoView {
    let ratio = (most / least).ln();
    let place = move || {
        let value = value.get();
        if zero && value < least {
            0.0
        } else {
            ((value.max(least) / least).ln() / ratio * STEPS).round().max(if zero { 1.0 } else { 0.0 })
        }
    };
    let slid = move |text: String| {
        let Ok(place) = text.parse::<f64>() else { return };
        if zero && place <= 0.0 {
            set.run(0.0);
        } else {
            set.run(three_digits(least * (place / STEPS * ratio).exp()).clamp(least, most));
        }
    };
    let lowest = if zero { 0.0 } else { least };
    let typed = move |text: String| {
        if let Some(value) = text.parse::<f64>().ok().filter(|value| (lowest..=most).contains(value)) {
            set.run(value);
        }
    };
    let spoken = move || words.map_or_else(|| format!("{} {unit}", value.get()), |words| words(value.get()));
    view! {
        <div class="field log-number">
            <label>
                <span class="label">{label} " (" {unit} ")"</span>
                <input
                    type="number"
                    class="input num"
                    min=lowest
                    max=most
                    step="any"
                    prop:value=move || value.get().to_string()
                    on:change=move |event| typed(event_target_value(&event))
                />
            </label>
            <input
                type="range"
                min="0"
                max=STEPS
                step="1"
                aria-label=format!("{label}, slider")
                aria-valuetext=spoken
                prop:value=move || place().to_string()
                on:input=move |event| slid(event_target_value(&event))
            />
            {words.map(|words| view! { <span class="meta">{move || words(value.get())}</span> })}
        </div>
    }
}

/// A number within its range; with `optional` an empty field is no number.
#[component]
pub fn Number(
    #[prop(into)] label: String,
    least: f64,
    most: f64,
    value: Signal<Option<f64>>,
    set: Callback<Option<f64>>,
    #[prop(optional)] optional: bool,
    #[prop(optional)] hint: &'static str,
) -> impl IntoView {
    let typed = move |text: String| match text.trim().parse::<f64>() {
        Ok(value) if (least..=most).contains(&value) => set.run(Some(value)),
        Err(_) if optional && text.trim().is_empty() => set.run(None),
        _ => {}
    };
    view! {
        <label class="field">
            <span class="label">{label}</span>
            <input
                type="number"
                class="input num"
                min=least
                max=most
                step="any"
                prop:value=move || value.get().map(|value| value.to_string()).unwrap_or_default()
                on:change=move |event| typed(event_target_value(&event))
            />
            {(!hint.is_empty()).then(|| view! { <span class="hint">{hint}</span> })}
        </label>
    }
}

/// A line of text, or a number as text; heard when the reader leaves it.
#[component]
pub fn TextField(label: &'static str, value: Signal<String>, numeric: bool, set: Callback<String>) -> impl IntoView {
    view! {
        <label class="field">
            <span class="label">{label}</span>
            <input
                class="input"
                class:num=numeric
                class:mono=!numeric
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                inputmode=if numeric { "decimal" } else { "text" }
                prop:value=move || value.get()
                on:change=move |event| set.run(event_target_value(&event))
            />
        </label>
    }
}

/// A choice among texts: value and label.
#[component]
pub fn Choice(label: &'static str, choices: Signal<Vec<(String, String)>>, value: Signal<String>, set: Callback<String>) -> impl IntoView {
    view! {
        <label class="field">
            <span class="label">{label}</span>
            <select class="select" on:change=move |event| set.run(event_target_value(&event))>
                {move || {
                    choices
                        .get()
                        .into_iter()
                        .map(|(name, text)| {
                            let own = name.clone();
                            view! { <option value=name selected=move || value.get() == own>{text}</option> }
                        })
                        .collect_view()
                }}
            </select>
        </label>
    }
}

/// Fixed choices of [`Choice`].
pub fn choices(of: &[(&str, &str)]) -> Signal<Vec<(String, String)>> {
    Signal::stored(of.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}

/// A check box in a row of its own.
#[component]
pub fn Switch(label: &'static str, value: Signal<bool>, set: Callback<bool>) -> impl IntoView {
    view! {
        <label class="pick">
            <input type="checkbox" class="check" prop:checked=move || value.get() on:change=move |event| set.run(event_target_checked(&event)) />
            <span>{label}</span>
        </label>
    }
}

/// The scenes of a figure: name in links and title. The one whose settings stand is marked.
#[component]
pub fn Scenes(scenes: Vec<(&'static str, &'static str)>, current: Signal<Option<&'static str>>, pick: Callback<&'static str>) -> impl IntoView {
    view! {
        <fieldset class="scenes">
            <legend>"Scenes"</legend>
            {scenes
                .into_iter()
                .map(|(name, title)| {
                    view! {
                        <button type="button" class="btn quiet" aria-pressed=move || (current.get() == Some(name)).to_string() on:click=move |_| pick.run(name)>
                            {title}
                        </button>
                    }
                })
                .collect_view()}
        </fieldset>
    }
}

fn three_digits(value: f64) -> f64 {
    let scale = 10_f64.powf(value.log10().floor() - 2.0);
    let rounded = (value / scale).round() * scale;
    if rounded >= 100.0 {
        rounded.round()
    } else {
        // Not 0.30000000000000004: what is typed back must read as it was written.
        format!("{rounded:.8}").parse().unwrap_or(rounded)
    }
}
