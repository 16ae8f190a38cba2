//! `#/alarms/<name>`: one alarm, what it did, and what it would do with other settings.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use super::answer::{Alarm, Alarms, History, Preview, StateChange, last_of, state_words};
use super::draft::Draft;
use super::form::Condition;
use super::plot::{Material, Plot};
use super::strip;
use super::why::{Answer, Event, Events, Why};
use crate::components::{Confirm, Empty, Fault, ScreenActions, glyph};
use crate::figures::{Choice, Data, Table, TextField, choices, number};
use crate::format::local_time;
use crate::host::{Host, parse, use_host};
use crate::router::Route;
use crate::timebar::LetPass;

const SPANS: [(&str, &str); 4] = [("15", "15 periods"), ("30", "30 periods"), ("60", "60 periods"), ("180", "180 periods")];

/// What the page shows of one instant.
#[derive(Clone, Debug, Default, PartialEq)]
struct Shown {
    /// As DescribeAlarms answers it.
    described: Value,
    alarm: Alarm,
    preview: Preview,
    history: Vec<StateChange>,
    /// Its last change, as a row of the trace.
    event: Option<Event>,
}

async fn read(host: Host, name: &str, draft: Option<&Draft>, periods: i64) -> Result<Option<Shown>, ApiError> {
    let asked = json!({"AlarmNames": [name], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]});
    let answer = host.call("cloudwatch", "DescribeAlarms", asked).await?;
    let described = ["/MetricAlarms/0", "/CompositeAlarms/0"].into_iter().find_map(|at| answer.pointer(at).cloned());
    let Some(described) = described else { return Ok(None) };
    let alarms: Alarms = parse(&answer)?;
    let Some(alarm) = alarms.metric_alarms.into_iter().chain(alarms.composite_alarms).next() else {
        return Ok(None);
    };
    let preview = if alarm.alarm_rule.is_some() {
        Preview::default()
    } else {
        let asked = match draft {
            Some(draft) => json!({"Alarm": draft.params(&described), "Periods": periods}),
            None => json!({"AlarmName": name, "Periods": periods}),
        };
        parse(&host.call("sluice", "PreviewAlarm", asked).await?)?
    };
    let asked = json!({"AlarmName": name, "HistoryItemType": "StateUpdate", "MaxRecords": 100, "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]});
    let history: History = parse(&host.call("cloudwatch", "DescribeAlarmHistory", asked).await?)?;
    let history = history.alarm_history_items.iter().rev().filter_map(|item| item.state()).collect();
    let events: Events = parse(&host.call("sluice", "GetTraceEvents", json!({"Kinds": ["alarm"], "Limit": 100})).await?)?;
    let event = events.events.into_iter().find(|event| event.resource == name);
    Ok(Some(Shown {
        described,
        alarm,
        preview,
        history,
        event,
    }))
}

#[component]
pub fn AlarmPage(name: String) -> impl IntoView {
    let host = use_host();
    let name = StoredValue::new(name);
    let shown = RwSignal::new(None::<Result<Option<Shown>, ApiError>>);
    let good = Memo::new(move |before: Option<&Option<Shown>>| match shown.get() {
        Some(Ok(shown)) => shown,
        // An error of a draft leaves the picture.
        _ => before.cloned().flatten(),
    });
    // The reader's settings; what stands in the account until they change one.
    let draft = RwSignal::new(None::<Draft>);
    let periods = RwSignal::new("30".to_owned());
    let saved = Memo::new(move |_| good.with(|shown| shown.as_ref().map(|shown| Draft::of(&shown.alarm))));
    let changed = Memo::new(move |_| draft.get().is_some_and(|draft| saved.get().is_some_and(|saved| saved != draft)));
    let asked = StoredValue::new(0_u32);
    let refresh = move || {
        let (Some(number), Some(name)) = (
            asked.try_update_value(|asked| {
                *asked = asked.wrapping_add(1);
                *asked
            }),
            name.try_get_value(),
        ) else {
            return;
        };
        let draft = if changed.get_untracked() { draft.get_untracked() } else { None };
        let periods = periods.get_untracked().parse().unwrap_or(30);
        spawn_local(async move {
            let answer = read(host, &name, draft.as_ref(), periods).await;
            if asked.try_get_value() == Some(number) && shown.try_with_untracked(|before| before.as_ref() != Some(&answer)) == Some(true) {
                let _ = shown.try_set(Some(answer));
            }
        });
    };
    Effect::new(move |_| {
        host.position.track();
        draft.track();
        periods.track();
        refresh();
    });
    Effect::new(move |before: Option<Option<Draft>>| {
        let saved = saved.get();
        // What was saved elsewhere is taken up; an edit under way stays.
        let untouched = draft.get_untracked().is_none_or(|draft| before.flatten().is_some_and(|before| before == draft));
        if untouched && draft.get_untracked() != saved {
            draft.set(saved.clone());
        }
        saved
    });
    let handle = set_interval_with_handle(refresh, core::time::Duration::from_secs(5));
    on_cleanup(move || {
        if let Ok(handle) = handle {
            handle.clear();
        }
    });
    view! {
        {move || {
            let there = shown.with(|shown| matches!(shown, Some(Ok(Some(_)))));
            let error = shown.with(|shown| shown.as_ref().and_then(|shown| shown.as_ref().err().cloned()));
            if there || (error.is_some() && good.with(Option::is_some)) {
                return None;
            }
            Some(
                match error {
                    Some(error) => view! { <Fault error=error /> }.into_any(),
                    None if shown.with(Option::is_none) => view! { <p class="meta" role="status">"Reading…"</p> }.into_any(),
                    None => {
                        view! {
                            <Empty title="No such alarm" text=format!("There is no alarm “{}” in this account.", name.get_value())>
                                <a class="btn" href=Route::Alarms { name: None }.href()>
                                    "All alarms"
                                </a>
                            </Empty>
                        }
                            .into_any()
                    }
                },
            )
        }}
        {
            let there = Memo::new(move |_| good.with(Option::is_some));
            move || there.get().then(|| view! { <Body name=name.get_value() good=good shown=shown draft=draft saved=saved changed=changed periods=periods refresh=Callback::new(move |()| refresh()) /> })
        }
    }
}

type Fetched = RwSignal<Option<Result<Option<Shown>, ApiError>>>;

#[component]
#[allow(clippy::too_many_arguments)]
fn Body(
    name: String,
    good: Memo<Option<Shown>>,
    shown: Fetched,
    draft: RwSignal<Option<Draft>>,
    saved: Memo<Option<Draft>>,
    changed: Memo<bool>,
    periods: RwSignal<String>,
    refresh: Callback<()>,
) -> impl IntoView {
    let host = use_host();
    let material = Memo::new(move |_| {
        good.with(|shown| {
            shown.as_ref().map_or_else(Material::default, |shown| Material {
                alarm: shown.alarm.clone(),
                preview: shown.preview.clone(),
                history: shown.history.clone(),
            })
        })
    });
    let composite = Memo::new(move |_| material.with(|material| material.alarm.alarm_rule.is_some()));
    let math = Memo::new(move |_| material.with(|material| material.alarm.metric_name.is_none()));
    let (deleting, as_table, described) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let refused = RwSignal::new(None::<ApiError>);
    let own = StoredValue::new(name.clone());
    let save = move |_| {
        let (Some(draft), Some(described)) = (
            draft.get_untracked(),
            good.with_untracked(|shown| shown.as_ref().map(|shown| shown.described.clone())),
        ) else {
            return;
        };
        refused.set(None);
        spawn_local(async move {
            match host.call("cloudwatch", "PutMetricAlarm", draft.params(&described)).await {
                Ok(_) => {
                    host.announce("The alarm has these settings from now on.");
                    refresh.run(());
                }
                Err(error) => {
                    let _ = refused.try_set(Some(error));
                }
            }
        });
    };
    let delete = Callback::new(move |()| {
        let name = own.get_value();
        spawn_local(async move {
            match host.call("cloudwatch", "DeleteAlarms", json!({"AlarmNames": [name]})).await {
                Ok(_) => {
                    host.announce("The alarm is gone.");
                    Route::Alarms { name: None }.open();
                }
                Err(error) => host.toast_error(&error),
            }
        });
    });
    let ask = Callback::new(move |(row, told): (u64, Answer)| {
        spawn_local(async move {
            let call = Call::new("sluice", "ExplainEvent", json!({"Row": row}));
            let answer = host.call(&call.service, &call.operation, call.params).await;
            let _ = told.try_set(Some(answer.and_then(|answer| parse(&answer))));
        });
    });
    let alarm = move || material.with(|material| material.alarm.clone());
    let fault = move || {
        let of_draft = shown.with(|shown| shown.as_ref().and_then(|shown| shown.as_ref().err().cloned()));
        refused.get().or(of_draft).map(|error| view! { <Fault error=error /> })
    };
    view! {
        <ScreenActions>
            <button type="button" class="btn quiet" on:click=move |_| deleting.set(true)>
                {glyph("trash")}
                "Delete"
            </button>
        </ScreenActions>
        <header class="stream-head">
            <h1>{name}</h1>
            <p class="row">
                {move || {
                    let alarm = alarm();
                    strip::state(&alarm.state_value, alarm.state_reason)
                }} <span class="meta">{move || alarm().condition()}</span>
            </p>
            <LetPass after=refresh />
        </header>
        <div class="figure own-alarm">
            <div class="figure-body">
                <div class="figure-picture">
                    <div class="row picture-tools">
                        <button type="button" class="btn" aria-pressed=move || as_table.get().to_string() on:click=move |_| as_table.update(|on| *on = !*on)>
                            "Show as table"
                        </button>
                        <button type="button" class="btn" aria-pressed=move || described.get().to_string() on:click=move |_| described.update(|on| *on = !*on)>
                            "Describe"
                        </button>
                    </div>
                    {move || {
                        if as_table.get() {
                            let table = Signal::derive(move || material.with(table));
                            view! { <Data title="Values and states" table=table /> }.into_any()
                        } else if composite.get() {
                            view! { <p class="meta">"A composite alarm follows the alarms that its rule names."</p> }.into_any()
                        } else {
                            view! { <Plot material=material draft=draft changed=changed.into() /> }.into_any()
                        }
                    }}
                    {move || described.get().then(|| view! { <p class="figure-words">{material.with(describe)}</p> })}
                    <p class="chip fidelity">
                        "simplified · evaluation and missing data as AWS documents them (Nov 2026), each whole minute; values are there when their period ends"
                    </p>
                </div>
                <section class="figure-controls" aria-label="Alarm">
                    <p class="reason">{move || alarm().state_reason}</p>
                    <Why event=Signal::derive(move || good.with(|shown| shown.as_ref().and_then(|shown| shown.event.clone()))) ask=ask />
                    {move || {
                        (!composite.get())
                            .then(|| {
                                view! {
                                    <form class="alarm-form" on:submit=move |event| event.prevent_default() aria-label="Condition">
                                        <TextField
                                            label="Threshold"
                                            value=Signal::derive(move || draft.with(|draft| draft.as_ref().map(|draft| draft.threshold.to_string()).unwrap_or_default()))
                                            numeric=true
                                            set=Callback::new(move |text: String| {
                                                if let Ok(value) = text.trim().parse::<f64>() {
                                                    draft
                                                        .update(|draft| {
                                                            if let Some(draft) = draft {
                                                                draft.threshold = value;
                                                            }
                                                        });
                                                }
                                            })
                                        />
                                        <Condition draft=draft.into() set=Callback::new(move |new| draft.set(Some(new))) math=math.get() />
                                        <Choice
                                            label="Show the last"
                                            choices=choices(&SPANS)
                                            value=periods.into()
                                            set=Callback::new(move |value| periods.set(value))
                                        />
                                        {fault}
                                        {move || {
                                            changed
                                                .get()
                                                .then(|| {
                                                    view! {
                                                        <div class="row">
                                                            <button type="button" class="btn primary" on:click=save>
                                                                "Save changes"
                                                            </button>
                                                            <button type="button" class="btn" on:click=move |_| draft.set(saved.get_untracked())>
                                                                "Discard"
                                                            </button>
                                                        </div>
                                                    }
                                                })
                                        }}
                                    </form>
                                }
                            })
                    }}
                    <p class="meta">
                        {move || {
                            let to: Vec<String> = alarm().alarm_actions.iter().map(|arn| last_of(arn).to_owned()).collect();
                            if to.is_empty() { "It notifies nobody.".to_owned() } else { format!("In alarm it notifies {}.", to.join(", ")) }
                        }} " " <a href=Route::Alarms { name: None }.href()>"Inbox and topics"</a>
                    </p>
                </section>
            </div>
        </div>
        <section aria-labelledby="alarm-history">
            <h2 id="alarm-history">"History"</h2>
            <ol class="alarm-history" role="list">
                {move || {
                    let history = material.with(|material| material.history.clone());
                    if history.is_empty() {
                        return view! { <li class="meta">"It has not changed its state yet."</li> }.into_any();
                    }
                    history
                        .into_iter()
                        .rev()
                        .take(30)
                        .map(|change| {
                            view! {
                                <li>
                                    <span class="meta">{local_time(&change.at)}</span>
                                    {strip::state(&change.state, String::new())}
                                    <span>{change.reason}</span>
                                </li>
                            }
                        })
                        .collect_view()
                        .into_any()
                }}
            </ol>
        </section>
        <Confirm open=deleting title="Delete this alarm?" act="Delete alarm" on_confirm=delete>
            <p>"Its history stays for thirty days; its metric stays."</p>
        </Confirm>
    }
}

fn table(material: &Material) -> Table {
    let rows = material.preview.points.iter().map(|point| {
        vec![
            local_time(&point.at),
            if point.value.is_none() {
                "missing"
            } else if point.breaching {
                "breaches"
            } else {
                "within"
            }
            .to_owned(),
            point.value.map_or_else(|| "–".to_owned(), number),
        ]
    });
    let states = material
        .history
        .iter()
        .map(|change| vec![local_time(&change.at), format!("went to {}", state_words(&change.state).0), "–".to_owned()]);
    let mut rows: Vec<Vec<String>> = rows.chain(states).collect();
    rows.sort();
    Table {
        words: 2,
        head: ["Time", "What", "Value"].map(str::to_owned).to_vec(),
        rows,
    }
}

fn describe(material: &Material) -> String {
    let points = &material.preview.points;
    let count = |of: fn(&super::answer::Point) -> bool| points.iter().filter(|point| of(point)).count();
    let changes: Vec<String> = material
        .history
        .iter()
        .map(|change| format!("{} at {}", state_words(&change.state).0.to_lowercase(), local_time(&change.at)))
        .collect();
    format!(
        "Alarm {}: {}. It is {}. Of the last {} periods {} breach, {} are within the threshold and {} have no data. {}",
        material.alarm.alarm_name,
        material.alarm.condition(),
        state_words(&material.alarm.state_value).0.to_lowercase(),
        points.len(),
        count(|point| point.breaching),
        count(|point| point.value.is_some() && !point.breaching),
        count(|point| point.value.is_none()),
        if changes.is_empty() {
            "It has not changed its state.".to_owned()
        } else {
            format!("It went to {}.", changes.join(", then to "))
        }
    )
}
