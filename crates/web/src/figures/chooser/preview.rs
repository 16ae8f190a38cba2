//! The chooser in small, for the list of figures: how full each way is with the first scene's workload, as the account answers it now.

use leptos::prelude::*;
use sluice_core::account::Call;

use super::answer::Answer;
use super::settings::Workload;
use crate::host::{query, use_host};

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 120.0;

#[component]
pub fn Preview() -> impl IntoView {
    let answer = query(use_host(), || Some(Call::new("sluice", "ChooseStorage", Workload::default().question())));
    let drawn = move || {
        let Some(Ok(answer)) = answer.read::<Answer>() else { return ().into_any() };
        let step = HEIGHT / answer.options.len().max(1) as f64;
        let bars = answer.options.iter().enumerate().map(|(at, way)| {
            // Full stands at three quarters of the width; what is over goes to its end.
            let share = way.utilisation.unwrap_or(f64::INFINITY).min(1.3);
            view! {
                <rect
                    class=if way.feasible { "tone t0" } else { "tone no" }
                    x="0"
                    y=format!("{:.1}", at as f64 * step + 0.5)
                    width=format!("{:.1}", (share * 0.75 * WIDTH).clamp(2.0, WIDTH))
                    height=format!("{:.1}", (step - 1.0).max(0.5))
                />
            }
        });
        bars.collect_view().into_any()
    };
    view! {
        <svg class="preview" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true" focusable="false">
            {drawn}
            <path class="edge" d=format!("M{} 0V{HEIGHT}", WIDTH * 0.75) />
        </svg>
    }
}
