//! The form of a producer: what it sends, how much as time goes on, under which keys, with which library. One that runs is read back and changed.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use serde_json::{Value, json};
use sluice_core::account::Call;

use super::acts::{Desk, Refusal};
use super::answer::Producer;
use super::replay::Replay;
use super::stage::Stage;
use crate::components::Dialog;
use crate::figures::{Choice, LogNumber, TextField, choices, number};

const PATTERNS: [(&str, &str); 3] = [("uniform", "each as often"), ("zipf", "few often, many seldom (Zipf)"), ("hot", "one hot key")];
const RATES: [(&str, &str); 3] = [
    ("steady", "the same all the time"),
    ("bursty", "in bursts: of each minute ten seconds, five times as much"),
    ("diurnal", "by a day of ten minutes: a fifth at its beginning"),
];
const CLIENTS: [(&str, &str); 4] = [
    ("sdk", "AWS SDK: PutRecords, refused records three times again"),
    ("kpl", "KPL 1.0.7: aggregates, its queue has no bound"),
    ("flink-1", "Flink 1.x, legacy: the KPL behind a queue that blocks"),
    ("flink", "Flink 2, KinesisStreamsSink: blocks at 10,000 records"),
];
#[derive(Clone, Debug, PartialEq)]
struct Draft {
    name: String,
    rate: f64,
    shape: String,
    pattern: String,
    share: f64,
    salts: f64,
    /// Of a record, key and data.
    bytes: f64,
    keys: f64,
    prefix: String,
    /// Of a record's data; empty: as much made-up text as the bytes ask for.
    template: String,
    client: String,
}

impl Default for Draft {
    fn default() -> Self {
        Draft {
            name: "vehicles".into(),
            rate: 2_600.0,
            shape: "steady".into(),
            pattern: "hot".into(),
            share: 0.39,
            salts: 0.0,
            bytes: 250.0,
            keys: 1_000.0,
            prefix: "vehicle-".into(),
            template: String::new(),
            client: "sdk".into(),
        }
    }
}

impl Draft {
    /// The settings of a producer that runs.
    fn of(producer: &Producer) -> Draft {
        let text = |value: &Value, member: &str| value.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
        let figure = |member: &str| producer.pattern.get(member).and_then(Value::as_f64);
        let kind = text(&producer.pattern, "Kind");
        Draft {
            name: producer.name.clone(),
            rate: producer.records_per_second,
            shape: text(&producer.rate, "Kind"),
            pattern: if kind == "salted" { "hot".into() } else { kind },
            share: figure("Share").unwrap_or(0.39),
            salts: figure("Salts").unwrap_or(0.0),
            bytes: producer.max_bytes,
            keys: producer.keys.get("Count").and_then(Value::as_f64).unwrap_or(1.0),
            prefix: text(&producer.keys, "Prefix"),
            template: producer.template.clone().unwrap_or_default(),
            client: producer.client_kind.clone(),
        }
    }

    /// Members of AddProducer and UpdateProducer.
    fn params(&self, shards: f64) -> Value {
        let (bytes, keys) = (self.bytes.round().max(1.0), self.keys.round().max(1.0) as u32);
        let hot = 31.min(keys - 1);
        let pattern = match self.pattern.as_str() {
            "hot" if self.salts >= 1.0 => json!({"Kind": "salted", "Key": hot, "Share": self.share, "Salts": self.salts.round() as u32}),
            "hot" => json!({"Kind": "hot", "Key": hot, "Share": self.share}),
            "zipf" => json!({"Kind": "zipf", "Exponent": 1.1}),
            _ => json!({"Kind": "uniform"}),
        };
        let rate = match self.shape.as_str() {
            "bursty" => json!({"Kind": "bursty", "Every": 60.0, "For": 10.0, "Factor": 5.0}),
            "diurnal" => json!({"Kind": "diurnal", "Period": 600.0, "Low": 0.2}),
            _ => json!({"Kind": "steady"}),
        };
        let mut client = json!({"Kind": self.client});
        // The connector's own advice: shards × 100 KB over the size of a record.
        if let ("flink-1", Some(client)) = (self.client.as_str(), client.as_object_mut()) {
            let queue = (shards.max(1.0) * 100_000.0 / bytes).round().max(1.0);
            client.insert("QueueLimit".into(), json!(queue as u32));
        }
        json!({
            "Name": self.name.trim(), "RecordsPerSecond": self.rate, "Pattern": pattern, "Rate": rate, "Client": client,
            "RecordBytes": bytes as u32, "Keys": {"Count": keys, "Prefix": self.prefix, "Digits": 4}, "Template": self.template.trim(),
        })
    }
}

fn with(mut params: Value, more: Value) -> Value {
    if let (Some(params), Value::Object(more)) = (params.as_object_mut(), more) {
        params.extend(more);
    }
    params
}

/// Adds a producer, changes one that runs, or replays a file.
#[component]
pub fn Produce(stage: Stage, open: RwSignal<bool>) -> impl IntoView {
    let desk = Desk::new(stage);
    let draft = RwSignal::new(Draft::default());
    // The producer that is changed; empty: a new one.
    let which = RwSignal::new(String::new());
    let from_file = RwSignal::new(false);
    let running = Memo::new(move |_| desk.traffic().producers);
    let find = move |name: &str| running.with_untracked(|running| running.iter().find(|producer| producer.name == name).cloned());
    Effect::new(move |_| {
        if open.get() {
            let first = running.with_untracked(|running| running.first().cloned());
            which.set(first.as_ref().map(|producer| producer.name.clone()).unwrap_or_default());
            draft.set(first.as_ref().map(Draft::of).unwrap_or_default());
            from_file.set(false);
        }
    });
    let pick = Callback::new(move |name: String| {
        draft.set(find(&name).as_ref().map(Draft::of).unwrap_or_else(|| Draft {
            name: format!("producer-{}", running.with_untracked(Vec::len) + 1),
            ..Draft::default()
        }));
        which.set(name);
    });
    let options = Signal::derive(move || {
        let mut options: Vec<(String, String)> = running.with(|running| {
            running
                .iter()
                .map(|producer| (producer.name.clone(), format!("{}, which runs", producer.name)))
                .collect()
        });
        options.push((String::new(), "a new one".into()));
        options
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let draft = draft.get_untracked();
        let params = draft.params(desk.traffic().open_shards);
        let (operation, params) = if which.with_untracked(String::is_empty) {
            ("AddProducer", with(params, json!({"StreamName": stage.stream()})))
        } else {
            ("UpdateProducer", params)
        };
        let said = format!("{} records a second from now on.", number(draft.rate));
        desk.act(said, vec![Call::new("sluice", operation, params)], move || open.set(false));
    };
    let stop = move |_| {
        let call = Call::new("sluice", "RemoveProducer", json!({"Name": which.get_untracked()}));
        desk.act("The producer is gone.".into(), vec![call], move || open.set(false));
    };
    let text = move |of: fn(&Draft) -> String| Signal::derive(move || draft.with(of));
    let set = move |change: fn(&mut Draft, String)| Callback::new(move |value: String| draft.update(|draft| change(draft, value)));
    let new = Memo::new(move |_| which.with(String::is_empty));
    view! {
        <Dialog open=open title="A producer">
            {move || running.with(|running| !running.is_empty()).then(|| view! { <Choice label="Producer" choices=options value=which.into() set=pick /> })}
            {move || {
                (new.get() && stage.is_own())
                    .then(|| {
                        view! {
                            <Choice
                                label="It sends"
                                choices=choices(&[("", "made-up records"), ("file", "the rows of a file in a bucket")])
                                value=Signal::derive(move || if from_file.get() { "file".to_owned() } else { String::new() })
                                set=Callback::new(move |value: String| from_file.set(value == "file"))
                            />
                        }
                    })
            }}
            {move || {
                let replays = running.with(|running| running.iter().find(|producer| which.with(|which| *which == producer.name)).map_or(0.0, |producer| producer.rows));
                if replays > 0.0 {
                    return view! {
                        <p class="meta">{format!("It replays {} rows of a file.", number(replays))}</p>
                        <div class="actions">
                            <button type="button" class="btn" on:click=stop>
                                "Stop it"
                            </button>
                        </div>
                        <Refusal desk=desk />
                    }
                        .into_any();
                }
                if from_file.get() && new.get() {
                    return view! { <Replay desk=desk stream=stage.stream() open=open /> }.into_any();
                }
                view! {
                    <form class="form producer-form" on:submit=submit>
                        {move || new.get().then(|| view! { <TextField label="Name" value=text(|draft| draft.name.clone()) numeric=false set=set(|draft, value| draft.name = value) /> })}
                        <LogNumber
                            label="Records"
                            unit="a second"
                            least=1.0
                            most=20_000.0
                            value=Signal::derive(move || draft.with(|draft| draft.rate))
                            set=Callback::new(move |value: f64| draft.update(|draft| draft.rate = value))
                        />
                        <Choice label="They come" choices=choices(&RATES) value=text(|draft| draft.shape.clone()) set=set(|draft, value| draft.shape = value) />
                        <Choice label="Keys" choices=choices(&PATTERNS) value=text(|draft| draft.pattern.clone()) set=set(|draft, value| draft.pattern = value) />
                        {move || {
                            draft
                                .with(|draft| draft.pattern == "hot")
                                .then(|| {
                                    view! {
                                        <LogNumber
                                            label="Share of the hot key"
                                            unit="of all records"
                                            least=0.01
                                            most=1.0
                                            value=Signal::derive(move || draft.with(|draft| draft.share))
                                            set=Callback::new(move |value: f64| draft.update(|draft| draft.share = value))
                                        />
                                        <LogNumber
                                            label="Written as"
                                            unit="salted keys, 0: one"
                                            least=1.0
                                            most=64.0
                                            zero=true
                                            value=Signal::derive(move || draft.with(|draft| draft.salts))
                                            set=Callback::new(move |value: f64| draft.update(|draft| draft.salts = value.round()))
                                        />
                                    }
                                })
                        }}
                        <details class="record-form">
                            <summary>"Its records and keys"</summary>
                            <LogNumber
                                label="A record"
                                unit="bytes, key and data"
                                least=16.0
                                most=1_048_576.0
                                value=Signal::derive(move || draft.with(|draft| draft.bytes))
                                set=Callback::new(move |value: f64| draft.update(|draft| draft.bytes = value.round()))
                            />
                            <LogNumber
                                label="Different keys"
                                unit="keys"
                                least=1.0
                                most=100_000.0
                                value=Signal::derive(move || draft.with(|draft| draft.keys))
                                set=Callback::new(move |value: f64| draft.update(|draft| draft.keys = value.round()))
                            />
                            <TextField label="Keys begin with" value=text(|draft| draft.prefix.clone()) numeric=false set=set(|draft, value| draft.prefix = value) />
                            <TextField label="Data, by a template" value=text(|draft| draft.template.clone()) numeric=false set=set(|draft, value| draft.template = value) />
                            <p class="hint">
                                "{{key}}, {{index}}, {{time}}, {{number 1 250}} and {{choice A B C}} are filled in; demo is Firehose’s demo data. Empty: made-up text of that many bytes."
                            </p>
                        </details>
                        <Choice label="It puts with" choices=choices(&CLIENTS) value=text(|draft| draft.client.clone()) set=set(|draft, value| draft.client = value) />
                        <Refusal desk=desk />
                        <div class="actions">
                            {move || {
                                (!new.get())
                                    .then(|| {
                                        view! {
                                            <button type="button" class="btn quiet" on:click=stop>
                                                "Stop it"
                                            </button>
                                        }
                                    })
                            }}
                            <button type="button" class="btn" on:click=move |_| open.set(false)>
                                "Cancel"
                            </button>
                            <button type="submit" class="btn primary" disabled=move || desk.busy.get()>
                                "From now on"
                            </button>
                        </div>
                    </form>
                }
                    .into_any()
            }}
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_producer_is_read_back() {
        let draft = Draft {
            name: "vehicles".into(),
            rate: 1_200.0,
            shape: "bursty".into(),
            pattern: "hot".into(),
            share: 0.25,
            salts: 8.0,
            bytes: 400.0,
            keys: 20.0,
            prefix: "car-".into(),
            template: "{\"k\": \"{{key}}\"}".into(),
            client: "kpl".into(),
        };
        let params = draft.params(4.0);
        let producer = Producer {
            name: "vehicles".into(),
            client_kind: "kpl".into(),
            records_per_second: 1_200.0,
            pattern: params["Pattern"].clone(),
            rate: params["Rate"].clone(),
            max_bytes: params["RecordBytes"].as_f64().unwrap(),
            keys: params["Keys"].clone(),
            template: params["Template"].as_str().map(str::to_owned),
            ..Producer::default()
        };
        assert_eq!(Draft::of(&producer), draft);
    }
}
