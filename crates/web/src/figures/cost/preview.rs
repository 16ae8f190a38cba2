//! The storage cost figure in small, for the list of figures: its first scene as the account answers it now.

use leptos::prelude::*;
use serde_json::json;
use sluice_core::account::Call;

use super::super::text::dollars;
use super::answer::{Plan, bands};
use super::settings::Cost;
use crate::host::{query, use_host};

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 120.0;

#[component]
pub fn Preview() -> impl IntoView {
    let answer = query(use_host(), || {
        let mut question = Cost::default().question();
        question["BreakEven"] = json!(false);
        Some(Call::new("sluice", "PlanStorage", question))
    });
    let drawn = move || {
        let Some(Ok(plan)) = answer.read::<Plan>() else { return ().into_any() };
        let most = plan.months.iter().map(|month| dollars(&month.total)).fold(f64::MIN_POSITIVE, f64::max);
        let step = WIDTH / plan.months.len().max(1) as f64;
        let mut below = vec![0.0; plan.months.len()];
        let mut bars = Vec::new();
        for band in bands(&plan, false) {
            for (at, (month, below)) in plan.months.iter().zip(&mut below).enumerate() {
                let tall = month.band(&band.name, false) / most * (HEIGHT - 8.0);
                *below += tall;
                bars.push(view! {
                    <rect
                        class=format!("tone t{}", band.pattern)
                        x=format!("{:.1}", at as f64 * step + 0.5)
                        y=format!("{:.1}", HEIGHT - *below)
                        width=format!("{:.1}", (step - 1.0).max(0.5))
                        height=format!("{tall:.1}")
                    />
                });
            }
        }
        bars.collect_view().into_any()
    };
    view! {
        <svg class="preview" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true" focusable="false">
            {drawn}
        </svg>
    }
}
