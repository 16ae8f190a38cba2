//! What objects cost in S3, month by month: `sluice:PlanStorage` and `sluice:BestStoragePlan` drawn.
//!
//! Belongs here: this figure. Does not belong here: the frame, and any number that is not in an answer.

mod answer;
mod best;
mod chart;
mod controls;
mod preview;
mod settings;
mod words;

use leptos::prelude::*;
use sluice_core::account::Call;

use super::frame::{Fidelity, Frame, Table};
use super::prices::Prices;
use super::text::money;
use crate::components::Fault;
use crate::format::{bytes, count, plural};
use crate::host::{query, use_host};
use crate::keys;
use answer::{Plan, bands};
use best::BestPlan;
use chart::{Chart, Swatch};
use controls::Controls;
pub use preview::Preview;
use settings::Cost;

pub const ID: &str = "storage-cost";
pub const TITLE: &str = "What storage costs";

#[component]
pub fn StorageCost() -> impl IntoView {
    let host = use_host();
    keys::register(chart::KEYS);
    let settings = RwSignal::new(Cost::from_address());
    let month = RwSignal::new(0_usize);
    let asked = Memo::new(move |_| settings.with(Cost::question));
    let answer = query(host, move || Some(Call::new("sluice", "PlanStorage", asked.get())));
    let prices = Prices::ask();
    let plan = Memo::new(move |_| answer.read::<Plan>());
    let shown = move |draw: &dyn Fn(&Plan) -> String| plan.with(|plan| plan.as_ref().and_then(|plan| plan.as_ref().ok()).map(draw).unwrap_or_default());
    let caption = Signal::derive(move || {
        shown(&|plan| {
            let what = settings.with(|settings| {
                let each = format!("{} objects of {}", count(settings.objects as u64), bytes(settings.bytes as u64));
                if settings.uploads > 0.0 {
                    format!("{each}, and {} more each month,", count(settings.uploads as u64))
                } else {
                    each
                }
            });
            format!("{what} cost {} in {} months.", money(&plan.total), plan.months.len())
        })
    });
    let fidelity = Signal::derive(move || {
        plan.with(|plan| {
            let Some(Ok(plan)) = plan else { return Fidelity::default() };
            let unconfirmed = if plan.unconfirmed.is_empty() {
                String::new()
            } else {
                format!("; unconfirmed: {}", plan.unconfirmed.join("; "))
            };
            Fidelity {
                label: plan.fidelity.clone(),
                source: format!("reads as expectations; prices: {}{unconfirmed}", prices.title(&plan.price_list)),
            }
        })
    });
    let table = Signal::derive(move || {
        let by_part = settings.with(|settings| settings.by_part);
        plan.with(|plan| match plan {
            Some(Ok(plan)) => words::table(plan, by_part),
            _ => Table::default(),
        })
    });
    let description = Signal::derive(move || shown(&words::describe));
    let texts = Signal::derive(move || settings.with(Cost::texts));
    let controls = move || view! { <Controls settings=settings prices=prices /> };
    let by_part = Memo::new(move |_| settings.with(|settings| settings.by_part));
    view! {
        <Frame id=ID title=TITLE caption=caption fidelity=fidelity table=table description=description settings=texts controls=ViewFn::from(controls)>
            {move || match plan.get() {
                None => view! { <p class="meta" role="status">"Computing…"</p> }.into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(plan)) => view! { <Picture plan=plan by_part=by_part.get() month=month /> }.into_any(),
            }}
        </Frame>
        <BestPlan settings=settings />
    }
}

#[component]
fn Picture(plan: Plan, by_part: bool, month: RwSignal<usize>) -> impl IntoView {
    let sums = if by_part { plan.by_group.clone() } else { plan.by_class.clone() };
    view! {
        <p class="figure-total">
            <b class="mono">{money(&plan.total)}</b>
            {format!(" in {}", plural(plan.months.len() as u64, "month", "months"))}
        </p>
        <Chart plan=plan.clone() by_part=by_part month=month />
        <div class="cost-read">
            <div>
                <h2>"In all"</h2>
                <ul class="legend" role="list">
                    {bands(&plan, by_part)
                        .into_iter()
                        .map(|band| {
                            view! {
                                <li>
                                    <Swatch pattern=band.pattern />
                                    <span>{band.name.clone()}</span>
                                    <span class="mono">{sums.get(&band.name).map(|sum| money(sum))}</span>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
            </div>
            <MonthLines plan=plan month=month />
        </div>
    }
}

/// What one month's bill is made of, and where the objects are at its end.
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
        let held: Vec<String> = month
            .objects
            .iter()
            .filter(|(_, objects)| **objects > 0)
            .map(|(class, objects)| format!("{} in {class}", count(*objects)))
            .collect();
        let held = if held.is_empty() { "no objects are left".to_owned() } else { held.join(", ") };
        Some(view! {
            <div>
                <h2>{month.month.clone()} " · " {money(&month.total)}</h2>
                <dl class="facts">{lines.collect_view()}</dl>
                <p class="meta">{format!("At its end {held}.")}</p>
            </div>
        })
    }
}
