//! The months of a bill as stacked bars, one row a month.

use leptos::prelude::*;

use super::model::Bill;

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

#[component]
pub fn Months(bill: Bill) -> impl IntoView {
    // For lengths alone; what is written is core's decimal text.
    let amount = |text: &str| text.parse::<f64>().unwrap_or_default();
    let most = bill.months.iter().map(|month| amount(&month.total)).fold(0.0, f64::max);
    let sum = |month: &str, group: &str| -> f64 {
        let lines = bill.lines.iter().filter(|line| line.month == month && line.group == group);
        lines.map(|line| amount(&line.amount)).sum()
    };
    let used: Vec<_> = GROUPS
        .into_iter()
        .filter(|(group, ..)| bill.lines.iter().any(|line| line.group == *group && amount(&line.amount) > 0.0))
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
        <section class="months" aria-label="By month">
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
        </section>
    }
}
