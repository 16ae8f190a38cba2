//! A key's rotation: on a schedule, and now.

use leptos::prelude::*;
use serde_json::{Value, json};
use sluice_core::account::ApiError;

use super::key::act;
use super::model::{Key, asked, text};
use crate::format::local_time;
use crate::host::{Host, use_host};

#[derive(Clone, Debug, Default, PartialEq)]
struct Schedule {
    days: Option<i64>,
    next: String,
    /// When, and `AUTOMATIC` or `ON_DEMAND`; the latest first.
    past: Vec<(String, String)>,
}

async fn schedule(host: Host, id: String) -> Result<Schedule, ApiError> {
    let status = host.call("kms", "GetKeyRotationStatus", json!({ "KeyId": id })).await?;
    let past = host.call("kms", "ListKeyRotations", json!({ "KeyId": id })).await?;
    let rotations = past.get("Rotations").and_then(Value::as_array).into_iter().flatten();
    Ok(Schedule {
        days: status.get("RotationPeriodInDays").and_then(Value::as_i64),
        next: text(&status, "/NextRotationDate"),
        past: rotations
            .rev()
            .map(|rotation| (text(rotation, "/RotationDate"), text(rotation, "/RotationType")))
            .collect(),
    })
}

#[component]
pub fn Rotation(key: Key) -> impl IntoView {
    let host = use_host();
    let id = StoredValue::new(key.id.clone());
    let pending = key.state == "PendingDeletion";
    let can_change = !key.is_aws && key.is_enabled();
    let found = asked(host, move || (!pending).then(|| id.get_value()), schedule);
    let days = RwSignal::new("365".to_owned());
    let scheduled = Memo::new(move |_| found.with(|found| found.as_ref().and_then(|found| found.as_ref().ok()).and_then(|schedule| schedule.days)));
    Effect::new(move |_| {
        if let Some(now) = scheduled.get() {
            days.set(now.to_string());
        }
    });
    let enable = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let period = days
            .get_untracked()
            .trim()
            .parse::<i64>()
            .map_or_else(|_| json!(days.get_untracked()), |days| json!(days));
        act(
            host,
            "EnableKeyRotation",
            json!({ "KeyId": id.get_value(), "RotationPeriodInDays": period }),
            "Rotation is on.",
        );
    };
    let call = move |operation: &'static str, done: &'static str| act(host, operation, json!({ "KeyId": id.get_value() }), done);
    view! {
        <section aria-labelledby="rotation">
            <h2 id="rotation">"Rotation"</h2>
            <p class="meta">"A rotation gives the key new material for new data keys. The older material stays, so that what is there can still be read: nothing is encrypted anew."</p>
            {move || match found.get() {
                Some(Ok(schedule)) => {
                    let status = match schedule.days {
                        Some(days) => format!("Every {days} days; next on {}.", local_time(&schedule.next)),
                        None => "Not on a schedule.".to_owned(),
                    };
                    view! {
                        <p>{status}</p>
                        {(!schedule.past.is_empty())
                            .then(|| {
                                view! {
                                    <ol class="rotations" role="list" aria-label="Rotations">
                                        {schedule
                                            .past
                                            .iter()
                                            .map(|(at, kind)| {
                                                let word = if kind == "ON_DEMAND" { "on demand" } else { "automatic" };
                                                view! {
                                                    <li>
                                                        <span class="when">{local_time(at)}</span>
                                                        <span class="chip">{word}</span>
                                                    </li>
                                                }
                                            })
                                            .collect_view()}
                                    </ol>
                                }
                            })}
                    }
                        .into_any()
                }
                _ if pending => view! { <p class="none">"A key that is about to be deleted does not rotate."</p> }.into_any(),
                _ => ().into_any(),
            }}
            {can_change
                .then(|| {
                    view! {
                        <form class="acts" on:submit=enable novalidate>
                            <label class="days">
                                "Every "
                                <input
                                    class="input"
                                    type="number"
                                    min="90"
                                    max="2560"
                                    prop:value=move || days.get()
                                    on:input=move |event| days.set(event_target_value(&event))
                                />
                                " days"
                            </label>
                            <button type="submit" class="btn">
                                {move || if scheduled.get().is_some() { "Change the period" } else { "Rotate on a schedule" }}
                            </button>
                            <button
                                type="button"
                                class="btn"
                                hidden=move || scheduled.get().is_none()
                                on:click=move |_| call("DisableKeyRotation", "Rotation is off.")
                            >
                                "Stop rotating"
                            </button>
                            <button type="button" class="btn" on:click=move |_| call("RotateKeyOnDemand", "Rotated the key.")>
                                "Rotate now"
                            </button>
                        </form>
                    }
                })}
        </section>
    }
}
