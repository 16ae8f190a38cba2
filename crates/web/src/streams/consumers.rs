//! The form of a new consumer.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use serde_json::{Map, Value, json};
use sluice_core::account::Call;

use super::acts::{Desk, Refusal};
use super::stage::Stage;
use crate::components::Dialog;
use crate::figures::{Choice, LogNumber, Switch, TextField, choices};

#[component]
pub fn Consume(stage: Stage, open: RwSignal<bool>) -> impl IntoView {
    let desk = Desk::new(stage);
    let name = RwSignal::new("reports".to_owned());
    let (kind, start) = (RwSignal::new("shared".to_owned()), RwSignal::new("LATEST".to_owned()));
    let micros = RwSignal::new(0.0_f64);
    let (interval, most) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let adaptive = RwSignal::new(false);
    let (batch, retries) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (bisect, dead_letter) = (RwSignal::new(false), RwSignal::new(false));
    let (fails_on, every) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let polls = Memo::new(move |_| matches!(kind.get().as_str(), "shared" | "flink-1"));
    let is_flink = Memo::new(move |_| kind.get() == "flink-1");
    let is_lambda = Memo::new(move |_| kind.get() == "lambda");
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let mut params = Map::new();
        let mut put = |name: &str, value: Value| params.insert(name.to_owned(), value);
        put("Name", json!(name.get_untracked().trim()));
        put("StreamName", json!(stage.stream()));
        put("Kind", json!(kind.get_untracked()));
        put("Start", json!(start.get_untracked()));
        if micros.get_untracked() >= 1.0 {
            put("MicrosPerRecord", json!(micros.get_untracked().round() as u64));
        }
        // What is left empty is the application's own default; what is no number is for the account to refuse by name.
        let mut given = |name: &str, field: RwSignal<String>| {
            let text = field.get_untracked();
            let text = text.trim();
            if !text.is_empty() {
                put(name, text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number)));
            }
        };
        if polls.get_untracked() {
            given("IntervalMs", interval);
            given("MaxRecords", most);
        }
        if is_lambda.get_untracked() {
            given("BatchSize", batch);
            given("MaximumRetryAttempts", retries);
        }
        if is_flink.get_untracked() && adaptive.get_untracked() {
            put("AdaptiveReads", json!(true));
        }
        if is_lambda.get_untracked() {
            put("BisectBatchOnFunctionError", json!(bisect.get_untracked()));
            put("DeadLetter", json!(dead_letter.get_untracked()));
            let (key, every) = (fails_on.get_untracked(), every.get_untracked());
            let mut fails = Map::new();
            if !key.trim().is_empty() {
                fails.insert("Key".into(), json!(key.trim()));
            }
            if let Ok(every) = every.trim().parse::<u64>() {
                fails.insert("EveryNth".into(), json!(every));
            }
            if !fails.is_empty() {
                put("FailOn", Value::Object(fails));
            }
        }
        let params = Value::Object(params);
        let said = format!("{} reads from now on.", name.get_untracked());
        desk.act(said, vec![Call::new("sluice", "AddConsumer", params)], move || open.set(false));
    };
    let number = |label: &'static str, field: RwSignal<String>| {
        view! { <TextField label=label value=field.into() numeric=true set=Callback::new(move |text| field.set(text)) /> }
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
                {move || {
                    polls
                        .get()
                        .then(|| {
                            view! {
                                {number("Polls every, ms", interval)}
                                {number("Records a call, at most", most)}
                            }
                        })
                }}
                {move || {
                    is_flink
                        .get()
                        .then(|| {
                            view! {
                                <Switch
                                    label="SHARD_USE_ADAPTIVE_READS: as many records a call as 2 MiB a second allow"
                                    value=adaptive.into()
                                    set=Callback::new(move |on| adaptive.set(on))
                                />
                            }
                        })
                }}
                {move || {
                    is_lambda
                        .get()
                        .then(|| {
                            view! {
                                {number("Batch size, records", batch)}
                                {number("Retries, at most (−1: until the records expire)", retries)}
                                <Switch label="Bisect a batch that fails" value=bisect.into() set=Callback::new(move |on| bisect.set(on)) />
                                <Switch label="What is given up goes to a dead-letter queue" value=dead_letter.into() set=Callback::new(move |on| dead_letter.set(on)) />
                                <TextField label="Fails on the key" value=fails_on.into() numeric=false set=Callback::new(move |text| fails_on.set(text)) />
                                {number("Fails on every n-th record", every)}
                            }
                        })
                }}
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
