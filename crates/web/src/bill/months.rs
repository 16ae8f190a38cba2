//! The months of a bill as stacked bars, one row a month: by the parts of the bill, or by storage class.

use leptos::prelude::*;

use super::model::{Bill, Line};

/// Groups of usage as core names them, what they are called, and their colour.
const GROUPS: [(&str, &str, &str); 10] = [
    ("storage", "Storage", "var(--accent)"),
    ("minimum-size", "Minimum size and overhead", "var(--on-time)"),
    ("early-delete", "Early deletion", "var(--dropped)"),
    ("requests", "Requests", "var(--target)"),
    ("transition", "Transitions", "var(--transform)"),
    ("retrieval", "Retrieval", "var(--late)"),
    ("monitoring", "Monitoring and tags", "var(--ok)"),
    ("encryption", "Encryption", "var(--ctl)"),
    ("streaming", "Streams", "var(--run)"),
    ("transfer", "Data transfer", "var(--edge)"),
];

/// Storage classes, what they are called, and their colour, the dearest first; what is of none is the last.
const CLASSES: [(&str, &str, &str); 10] = [
    ("EXPRESS_ONEZONE", "Express One Zone", "var(--dropped)"),
    ("STANDARD", "Standard", "var(--accent)"),
    ("INTELLIGENT_TIERING", "Intelligent-Tiering", "var(--transform)"),
    ("STANDARD_IA", "Standard-IA", "var(--on-time)"),
    ("ONEZONE_IA", "One Zone-IA", "var(--target)"),
    ("GLACIER_IR", "Glacier Instant Retrieval", "var(--late)"),
    ("GLACIER", "Glacier Flexible Retrieval", "var(--ok)"),
    ("DEEP_ARCHIVE", "Glacier Deep Archive", "var(--ctl)"),
    ("REDUCED_REDUNDANCY", "Reduced Redundancy", "var(--run)"),
    (NO_CLASS, "No storage class", "var(--edge)"),
];
const NO_CLASS: &str = "";

/// The months under a choice of what the bands are.
#[component]
pub fn Months(bill: Bill) -> impl IntoView {
    let by_class = RwSignal::new(false);
    let choice = move |value: bool, name: &'static str| {
        view! {
            <label class="pick one">
                <input type="radio" name="bill-bands" prop:checked=move || by_class.get() == value on:change=move |_| by_class.set(value) />
                {name}
            </label>
        }
    };
    view! {
        <section class="months" aria-label="By month">
            <fieldset class="line">
                <legend class="visually-hidden">"Bands of the months"</legend>
                {choice(false, "by part of the bill")}
                {choice(true, "by storage class")}
            </fieldset>
            {move || {
                if by_class.get() {
                    view! { <Bars bill=bill.clone() bands=&CLASSES of=|line| line.storage_class.as_deref().unwrap_or(NO_CLASS) /> }.into_any()
                } else {
                    view! { <Bars bill=bill.clone() bands=&GROUPS of=|line| &line.group /> }.into_any()
                }
            }}
        </section>
    }
}

#[component]
fn Bars(bill: Bill, bands: &'static [(&'static str, &'static str, &'static str)], of: fn(&Line) -> &str) -> impl IntoView {
    // For lengths alone; what is written is core's decimal text.
    let amount = |text: &str| text.parse::<f64>().unwrap_or_default();
    let most = bill.months.iter().map(|month| amount(&month.total)).fold(0.0, f64::max);
    let sum = |month: &str, group: &str| -> f64 {
        let lines = bill.lines.iter().filter(|line| line.month == month && of(line) == group);
        lines.map(|line| amount(&line.amount)).sum()
    };
    let used: Vec<_> = bands
        .iter()
        .filter(|(group, ..)| bill.lines.iter().any(|line| of(line) == *group && amount(&line.amount) > 0.0))
        .collect();
    let rows: Vec<_> = bill
        .months
        .iter()
        .map(|month| {
            let parts: Vec<_> = used
                .iter()
                .map(|(group, name, colour)| (*name, *colour, sum(&month.month, group)))
                .filter(|(_, _, value)| *value > 0.0)
                .collect();
            let total = amount(&month.total);
            let spoken: Vec<String> = parts.iter().map(|(name, _, value)| format!("{name} {:.0} %", 100.0 * value / total)).collect();
            let share = move |value: f64| if most > 0.0 { value / most * 100.0 } else { 0.0 };
            view! {
                <li>
                    <span class="mono">{month.month.clone()}</span>
                    <span class="stack" role="img" aria-label=format!("{}: {}", month.month, spoken.join(", "))>
                        {parts
                            .iter()
                            .map(|(name, colour, value)| {
                                view! { <i title=*name style:width=format!("{:.3}%", share(*value)) style:background=*colour></i> }
                            })
                            .collect_view()}
                    </span>
                    <span class="mono num">{month.total.clone()}</span>
                </li>
            }
        })
        .collect();
    view! {
        <ul role="list" class="legend">
            {used
                .iter()
                .map(|(_, name, colour)| {
                    view! {
                        <li>
                            <i style:background=*colour></i>
                            {*name}
                        </li>
                    }
                })
                .collect_view()}
        </ul>
        <ul role="list" class="bars">
            {rows}
        </ul>
    }
}
