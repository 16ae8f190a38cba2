//! The comparison in small, for the list of figures, as the account answers it now.

use leptos::prelude::*;
use sluice_core::account::Call;

use super::answer::Answer;
use super::settings::Settings;
use crate::host::{query, use_host};

const WIDTH: f64 = 320.0;
const HEIGHT: f64 = 120.0;

#[component]
pub fn Preview() -> impl IntoView {
    let answer = query(use_host(), || {
        Some(Call::new("sluice", "CompareBatchAndStream", Settings::default().question()))
    });
    let drawn = move || {
        let Some(Ok(answer)) = answer.read::<Answer>() else { return ().into_any() };
        let most = answer.records.max(1.0);
        let place = |at: f64, count: f64| (at / answer.seconds.max(1.0) * WIDTH, HEIGHT - count / most * (HEIGHT - 8.0));
        let mut steps = format!("M0 {HEIGHT}");
        for (at, _, usable) in &answer.batch.curve {
            let (x, y) = place(*at, *usable);
            steps.push_str(&format!("H{x:.1}V{y:.1}"));
        }
        steps.push_str(&format!("V{HEIGHT}Z"));
        let mut line = String::new();
        for (at, _, usable) in &answer.stream.curve {
            let (x, y) = place(*at, *usable);
            line.push_str(&format!("{}{x:.1} {y:.1}", if line.is_empty() { "M" } else { "L" }));
        }
        view! {
            <path class="tone t0" d=steps />
            <path class="edge" d=line fill="none" />
        }
        .into_any()
    };
    view! {
        <svg class="preview" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="none" aria-hidden="true" focusable="false">
            {drawn}
        </svg>
    }
}
