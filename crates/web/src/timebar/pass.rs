//! The account's own clock: buttons that let it run ahead.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;

use crate::host::use_host;

const STEPS: [(&str, u32); 4] = [("+1 s", 1), ("+10 s", 10), ("+1 min", 60), ("+1 h", 3_600)];

/// Lets the account's time pass by a step; `after` runs when it has.
#[component]
pub fn LetPass(after: Callback<()>, #[prop(optional)] children: Option<Children>) -> impl IntoView {
    let host = use_host();
    let advance = move |seconds: u32| {
        spawn_local(async move {
            match host.call("clock", "Advance", json!({"Seconds": seconds})).await {
                Ok(_) => {
                    let _ = after.try_run(());
                }
                Err(error) => host.toast_error(&error),
            }
        });
    };
    view! {
        <div class="row let-pass" role="group" aria-label="Let time pass">
            <span class="meta">"Account’s clock"</span>
            {STEPS
                .into_iter()
                .map(|(label, seconds)| {
                    view! {
                        <button type="button" class="btn" on:click=move |_| advance(seconds)>
                            {label}
                        </button>
                    }
                })
                .collect_view()}
            {children.map(|children| children())}
        </div>
    }
}
