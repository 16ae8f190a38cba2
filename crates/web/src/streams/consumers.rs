//! The form of a new consumer.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use serde_json::json;
use sluice_core::account::Call;

use super::acts::{Desk, Refusal};
use super::stage::Stage;
use crate::components::Dialog;
use crate::figures::{Choice, LogNumber, choices};

#[component]
pub fn Consume(stage: Stage, open: RwSignal<bool>) -> impl IntoView {
    let desk = Desk::new(stage);
    let name = RwSignal::new("reports".to_owned());
    let (kind, start) = (RwSignal::new("shared".to_owned()), RwSignal::new("LATEST".to_owned()));
    let micros = RwSignal::new(0.0_f64);
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let mut params =
            json!({"Name": name.get_untracked().trim(), "StreamName": stage.stream(), "Kind": kind.get_untracked(), "Start": start.get_untracked()});
        if micros.get_untracked() >= 1.0
            && let Some(params) = params.as_object_mut()
        {
            params.insert("MicrosPerRecord".into(), json!(micros.get_untracked().round() as u64));
        }
        let said = format!("{} reads from now on.", name.get_untracked());
        desk.act(said, vec![Call::new("sluice", "AddConsumer", params)], move || open.set(false));
    };
    view! {
        <Dialog open=open title="Add a consumer">
            <form class="form producer-form" on:submit=submit>
                <label class="field">
                    <span class="label">"Name"</span>
                    <input class="input mono" autocomplete="off" autofocus prop:value=move || name.get() on:input=move |event| name.set(event_target_value(&event)) />
                </label>
                <Choice
                    label="How it reads"
                    choices=choices(
                        &[
                            ("shared", "GetRecords: shares 5 reads and 2 MiB a second of each shard"),
                            ("fan-out", "Enhanced fan-out: 2 MiB a second of each shard for itself"),
                            ("lambda", "A function on batches, as Lambda polls"),
                            ("flink-1", "Flink’s legacy consumer (1.x): polls every 200 ms"),
                        ],
                    )
                    value=kind.into()
                    set=Callback::new(move |value| kind.set(value))
                />
                <Choice
                    label="From"
                    choices=choices(&[("LATEST", "LATEST: what comes from now on"), ("TRIM_HORIZON", "TRIM_HORIZON: all that is retained")])
                    value=start.into()
                    set=Callback::new(move |value| start.set(value))
                />
                <LogNumber label="Work a record" unit="µs" least=1.0 most=100_000.0 zero=true value=micros.into() set=Callback::new(move |value| micros.set(value)) />
                <Refusal desk=desk />
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <button type="submit" class="btn primary" disabled=move || desk.busy.get() || name.with(|name| name.trim().is_empty())>
                        "Add consumer"
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
