//! The controls of figures: a number with a slider on a log scale, a choice.

use leptos::prelude::*;

/// Steps of a slider.
const STEPS: f64 = 400.0;

/// A number field and a slider on a log scale over the same value; the slider goes to three significant digits.
#[component]
pub fn LogNumber(label: &'static str, unit: &'static str, least: f64, most: f64, value: Signal<f64>, set: Callback<f64>) -> impl IntoView {
    let ratio = (most / least).ln();
    let place = move || ((value.get().max(least) / least).ln() / ratio * STEPS).round();
    let slid = move |text: String| {
        if let Ok(place) = text.parse::<f64>() {
            set.run(three_digits(least * (place / STEPS * ratio).exp()).clamp(least, most));
        }
    };
    let typed = move |text: String| {
        if let Some(value) = text.parse::<f64>().ok().filter(|value| (least..=most).contains(value)) {
            set.run(value);
        }
    };
    view! {
        <div class="field log-number">
            <label>
                <span class="label">{label} " (" {unit} ")"</span>
                <input
                    type="number"
                    class="input num"
                    min=least
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
                aria-valuetext=move || format!("{} {unit}", value.get())
                prop:value=move || place().to_string()
                on:input=move |event| slid(event_target_value(&event))
            />
        </div>
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

fn three_digits(value: f64) -> f64 {
    let scale = 10_f64.powf(value.log10().floor() - 2.0);
    let rounded = (value / scale).round() * scale;
    if rounded >= 100.0 {
        rounded.round()
    } else {
        (rounded * 1_000.0).round() / 1_000.0
    }
}
