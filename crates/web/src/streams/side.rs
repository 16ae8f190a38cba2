//! Beside the picture: what the selected shard or key is, why it was throttled, and the heaviest keys as a list.
//!
//! Belongs here: words about a mark. Does not belong here: acts that change the stream (`acts`).

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::account::Call;

use super::answer::{Shard, short};
use super::run::Selected;
use super::stage::Stage;
use crate::alarms::why::{Answer, Event, Why};
use crate::figures::number;
use crate::format::bytes;
use crate::host::parse;

/// Events that can be asked about.
const EVENTS: usize = 40;

#[component]
pub fn Side(stage: Stage) -> impl IntoView {
    let shown = stage.shown();
    let selected = stage.selected();
    let typed = RwSignal::new(String::new());
    let find = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let key = typed.get_untracked();
        if !key.trim().is_empty() {
            selected.set(None);
            stage.select(Selected::Key(key.trim().to_owned()));
        }
    };
    view! {
        <div class="side" aria-live="off">
            {move || match selected.get() {
                Some(Selected::Key(_)) => view! { <KeyFacts stage=stage /> }.into_any(),
                Some(Selected::Shard(id)) => view! { <ShardFacts stage=stage id=id /> }.into_any(),
                None => view! { <p class="meta">"Select a shard or a key to see what it is made of."</p> }.into_any(),
            }}
            <WhyHere stage=stage />
            <form class="find-key" on:submit=find>
                <label class="field">
                    <span class="label">"Where does a key of mine fall?"</span>
                    <input
                        class="input mono"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        placeholder="vehicle-0031"
                        prop:value=move || typed.get()
                        on:input=move |event| typed.set(event_target_value(&event))
                    />
                </label>
                <button type="submit" class="btn">
                    "Hash it"
                </button>
            </form>
            <details>
                <summary>"Heaviest keys"</summary>
                <ol class="key-list" role="list">
                    {move || {
                        shown
                            .with(|shown| {
                                let keys = shown.as_ref().map(|shown| shown.traffic.keys.as_slice()).unwrap_or_default();
                                keys.iter()
                                    .take(12)
                                    .map(|key| {
                                        let name = key.key.clone();
                                        view! {
                                            <li>
                                                <button type="button" class="link mono" on:click=move |_| stage.select(Selected::Key(name.clone()))>
                                                    {key.key.clone()}
                                                </button>
                                                <span class="mono meta">{format!("{}/s, shard {}", number(key.offered_per_second), key.shard_id.as_deref().map_or("–", short))}</span>
                                            </li>
                                        }
                                    })
                                    .collect_view()
                            })
                    }}
                </ol>
            </details>
        </div>
    }
}

/// A 128-bit number in four digits: `2.125 × 10³⁸`.
fn scientific(decimal: &str) -> String {
    let power = decimal.len().saturating_sub(1);
    if power < 6 {
        return decimal.to_owned();
    }
    let raised: String = power
        .to_string()
        .chars()
        .filter_map(|digit| digit.to_digit(10).and_then(|digit| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(digit as usize)))
        .collect();
    let (head, tail) = (decimal.get(..1).unwrap_or_default(), decimal.get(1..4).unwrap_or_default());
    format!("{head}.{tail} × 10{raised}")
}

#[component]
fn KeyFacts(stage: Stage) -> impl IntoView {
    let shown = stage.shown();
    move || {
        let shown = shown.get()?;
        let key = shown.key?;
        let range = key
            .shard_id
            .as_deref()
            .and_then(|id| shown.traffic.shard(id))
            .map(|shard| format!("{} … {} inclusive", scientific(&shard.starting_hash_key), scientific(&shard.ending_hash_key)));
        Some(view! {
            <h2>{format!("Key “{}”", key.key)}</h2>
            <dl class="facts sunken mono">
                <dt>"md5"</dt>
                <dd class="break">{key.md5}</dd>
                <dt>"hash"</dt>
                <dd class="break">{format!("{} ({:.1} %)", scientific(&key.hash_key), key.position * 100.0)}</dd>
                <dt>"shard"</dt>
                <dd>{key.shard_id.unwrap_or_else(|| "none".into())}</dd>
                <dt>"range"</dt>
                <dd>{range}</dd>
            </dl>
        })
    }
}

#[component]
fn ShardFacts(stage: Stage, id: String) -> impl IntoView {
    let shown = stage.shown();
    let title = format!("Shard {}, last second", short(&id));
    let facts = move || {
        let shown = shown.get()?;
        let shard = shown.traffic.shard(&id)?;
        Some(facts(shard))
    };
    view! {
        <h2>{title}</h2>
        {facts}
    }
}

fn facts(shard: &Shard) -> impl IntoView + use<> {
    let last = &shard.last_second;
    let pair = |name: &'static str, used: String, over: bool| {
        view! {
            <dt>{name}</dt>
            <dd class="mono" class:over=over>
                {used}
            </dd>
        }
    };
    let parents: Vec<&str> = shard
        .parent_shard_id
        .iter()
        .chain(&shard.adjacent_parent_shard_id)
        .map(|id| short(id))
        .collect();
    view! {
        <dl class="facts use">
            {pair("state", shard.state.clone(), false)}
            {pair("records", format!("{} / {}", number(last.records), number(last.records_limit)), last.records >= last.records_limit)}
            {pair("bytes in", format!("{} / {}", bytes(last.bytes as u64), bytes(last.bytes_limit as u64)), last.bytes >= last.bytes_limit)}
            {pair("bytes out", format!("{} / {}", bytes(last.read_bytes as u64), bytes(last.read_bytes_limit as u64)), last.read_bytes >= last.read_bytes_limit)}
            {pair("GetRecords calls", format!("{} / {}", number(last.read_calls), number(last.read_calls_limit)), last.read_calls >= last.read_calls_limit)}
            {pair("throttled", number(last.throttled), last.throttled > 0.0)}
            {pair("reads throttled", number(last.reads_throttled), last.reads_throttled > 0.0)}
            {pair("retained", format!("{} records, {}", number(shard.retained.records), bytes(shard.retained.bytes as u64)), false)}
            {(!parents.is_empty()).then(|| pair("child of", format!("shard {}", parents.join(" and ")), false))}
        </dl>
        <p class="meta mono break">{format!("{} … {}", shard.starting_hash_key, shard.ending_hash_key)}</p>
    }
}

/// An event of the selection, or of the whole stream, and what it follows from: the newest refusal, or the one the reader picks.
#[component]
fn WhyHere(stage: Stage) -> impl IntoView {
    let shown = stage.shown();
    let selected = stage.selected();
    let wanted = RwSignal::new(None::<u64>);
    let events = Memo::new(move |_| {
        let Some(shown) = shown.get() else { return Vec::new() };
        let shard = match selected.get() {
            Some(Selected::Shard(id)) => Some(id),
            Some(Selected::Key(_)) => shown.key.and_then(|key| key.shard_id),
            None => None,
        };
        let of_shard = |event: &Event| shard.as_ref().is_none_or(|id| event.resource.ends_with(id.as_str()));
        shown.rows.into_iter().filter(of_shard).take(EVENTS).collect::<Vec<_>>()
    });
    let picked = Memo::new(move |_| {
        events.with(|events| {
            let chosen = wanted.get().and_then(|row| events.iter().find(|event| event.row == row));
            let newest = events.iter().find(|event| event.kind == "throttled").or_else(|| events.first());
            chosen.or(newest).cloned()
        })
    });
    let ask = Callback::new(move |(row, told): (u64, Answer)| {
        spawn_local(async move {
            let answer = stage.read(Call::new("sluice", "ExplainEvent", json!({"Row": row}))).await;
            let _ = told.try_set(Some(answer.and_then(|answer| parse(&answer))));
        });
    });
    let row = move || picked.with(|picked| picked.as_ref().map(|event| event.row));
    view! {
        <label class="field" hidden=move || events.with(|events| events.len() < 2)>
            <span class="label">"What happened"</span>
            <select class="select" on:change=move |event| wanted.set(event_target_value(&event).parse().ok())>
                {move || {
                    events
                        .get()
                        .into_iter()
                        .map(|event| {
                            let own = event.row;
                            let time = event.at.get(11..19).unwrap_or_default().to_owned();
                            view! {
                                <option value=own.to_string() selected=move || row() == Some(own)>
                                    {format!("{time} {}", event.text)}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
        </label>
        <Why event=picked ask=ask />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_short() {
        assert_eq!(scientific("212461548657454270197398341047525115107"), "2.124 × 10³⁸");
        assert_eq!(scientific("0"), "0");
    }
}
