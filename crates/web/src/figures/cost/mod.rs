//! What objects cost in S3, month by month: `sluice:PlanStorage` and `sluice:BestStoragePlan` drawn.

mod answer;
mod chart;
mod controls;
mod settings;

use leptos::prelude::*;
use serde_json::json;
use sluice_core::account::Call;

use super::frame::{Fidelity, Frame, Table};
use crate::components::Fault;
use crate::format::{bytes, count};
use crate::host::{query, use_host};
use answer::{Plan, bands, money};
use chart::{Chart, Swatch};
use controls::{BestPlan, Controls};
use settings::Cost;

pub const ID: &str = "storage-cost";
pub const TITLE: &str = "What storage costs";

#[component]
pub fn StorageCost() -> impl IntoView {
    let host = use_host();
    let settings = RwSignal::new(Cost::from_address());
    let month = RwSignal::new(0_usize);
    let asked = Memo::new(move |_| settings.with(Cost::question));
    let answer = query(host, move || Some(Call::new("sluice", "PlanStorage", asked.get())));
    let prices = query(host, move || {
        let list = settings.with(|settings| settings.prices.clone());
        Some(Call::new("sluice", "GetPrices", json!({"PriceList": list, "Prefix": "s3.storage.STANDARD"})))
    });
    let plan = Memo::new(move |_| answer.read::<Plan>());
    let shown = move |draw: &dyn Fn(&Plan) -> String| plan.with(|plan| plan.as_ref().and_then(|plan| plan.as_ref().ok()).map(draw).unwrap_or_default());
    let caption = Signal::derive(move || {
        shown(&|plan| {
            let what = settings.with(|settings| format!("{} objects of {}", count(settings.objects as u64), bytes(settings.bytes as u64)));
            format!("{what} cost {} in {} months.", money(&plan.total), plan.months.len())
        })
    });
    let fidelity = Signal::derive(move || {
        plan.with(|plan| {
            let Some(Ok(plan)) = plan else { return Fidelity::default() };
            let source = prices.answer.with(|answer| {
                let answer = answer.as_ref().and_then(|answer| answer.as_ref().ok());
                answer.and_then(|answer| answer.get("Title")?.as_str().map(str::to_owned))
            });
            let unconfirmed = if plan.unconfirmed.is_empty() {
                String::new()
            } else {
                format!(", unconfirmed: {}", plan.unconfirmed.join("; "))
            };
            Fidelity {
                label: plan.fidelity.clone(),
                source: format!(
                    "reads as expectations; prices: {}, {}{unconfirmed}",
                    source.unwrap_or_else(|| plan.price_list.clone()),
                    plan.as_of
                ),
            }
        })
    });
    let table = Signal::derive(move || {
        let by_part = settings.with(|settings| settings.by_part);
        plan.with(|plan| match plan {
            Some(Ok(plan)) => table(plan, by_part),
            _ => Table::default(),
        })
    });
    let description = Signal::derive(move || shown(&describe));
    let parameters = Signal::derive(move || settings.with(Cost::parameters));
    let controls = move || view! { <Controls settings=settings prices=prices /> };
    view! {
        <Frame id=ID title=TITLE caption=caption fidelity=fidelity table=table description=description settings=parameters controls=ViewFn::from(controls)>
            {move || {
                let by_part = settings.with(|settings| settings.by_part);
                match plan.get() {
                    None => view! { <p class="meta" role="status">"Computing…"</p> }.into_any(),
                    Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                    Some(Ok(plan)) => {
                        let names = bands(&plan, by_part);
                        let sums = if by_part { plan.by_group.clone() } else { plan.by_class.clone() };
                        view! {
                            <p class="figure-total">
                                <b class="mono">{money(&plan.total)}</b>
                                " in all"
                            </p>
                            <Chart plan=plan.clone() by_part=by_part month=month />
                            <div class="cost-read">
                                <ul class="legend" role="list">
                                    {names
                                        .iter()
                                        .enumerate()
                                        .map(|(index, name)| {
                                            view! {
                                                <li>
                                                    <Swatch index=index />
                                                    <span>{name.clone()}</span>
                                                    <span class="mono">{sums.get(name).map(|sum| money(sum))}</span>
                                                </li>
                                            }
                                        })
                                        .collect_view()}
                                </ul>
                                <MonthLines plan=plan.clone() month=month />
                            </div>
                        }
                            .into_any()
                    }
                }
            }}
        </Frame>
        <BestPlan settings=settings />
    }
}

/// What one month's bill is made of.
#[component]
fn MonthLines(plan: Plan, month: RwSignal<usize>) -> impl IntoView {
    move || {
        let last = plan.months.len().saturating_sub(1);
        let month = plan.months.get(month.get().min(last))?;
        let lines = month.cost.iter().map(|part| {
            view! {
                <dt>{format!("{} {}", part.storage_class.clone().unwrap_or_default(), part.group)}</dt>
                <dd class="mono">{money(&part.amount)}</dd>
            }
        });
        Some(view! {
            <div>
                <h2>{month.month.clone()} " · " {money(&month.total)}</h2>
                <dl class="facts">{lines.collect_view()}</dl>
            </div>
        })
    }
}

fn table(plan: &Plan, by_part: bool) -> Table {
    let names = bands(plan, by_part);
    let mut head = vec!["Month".to_owned()];
    head.extend(names.iter().cloned());
    head.push("Total".into());
    let rows = plan.months.iter().map(|month| {
        let mut row = vec![month.month.clone()];
        row.extend(names.iter().map(|name| money(&month.band(name, by_part).to_string())));
        row.push(money(&month.total));
        row
    });
    Table { rows: rows.collect(), head }
}

fn describe(plan: &Plan) -> String {
    let mut text = format!(
        "Over {} months from {} the bill is {}.",
        plan.months.len(),
        day(&plan.start),
        money(&plan.total)
    );
    if let (Some(first), Some(last)) = (plan.months.first(), plan.months.last()) {
        text += &format!(" The first month costs {}, the last {}.", money(&first.total), money(&last.total));
    }
    for (name, amount) in &plan.by_group {
        text += &format!(" {name}: {}.", money(amount));
    }
    if let Some(timeline) = plan.timelines.first() {
        for span in &timeline.spans {
            text += &format!(
                " An object of the start is in {} from {} to {}.",
                span.storage_class,
                day(&span.from),
                day(&span.to)
            );
        }
        if timeline.removal == "Rule" {
            text += " Then a rule expires it.";
        }
    }
    for point in &plan.break_even {
        text += &match point.pays_from_day {
            Some(day) => format!(" {} pays from day {day}.", point.storage_class),
            None => format!(" {} does not pay within the run.", point.storage_class),
        };
    }
    text
}

fn day(time: &str) -> &str {
    time.split('T').next().unwrap_or(time)
}
