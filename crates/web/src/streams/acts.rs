//! What a reader does to a stream: split, merge, put records; the forms of producers and consumers stand in files of their own. Each is a call at the present instant.
//!
//! Belongs here: forms and the calls they make. Does not belong here: what comes of a call.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use super::answer::{Shard, Traffic, point_in, short};
use super::consumers::Consume;
use super::producers::Produce;
use super::run::Selected;
use super::stage::Stage;
use crate::components::{Dialog, Fault};
use crate::figures::Choice;
use crate::format::base64;
use crate::host::use_host;

/// What the forms share: the stage, whether a call is under way, what was refused.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    stage: Stage,
    pub busy: RwSignal<bool>,
    refused: RwSignal<Option<ApiError>>,
    host: crate::host::Host,
}

impl Desk {
    pub fn new(stage: Stage) -> Desk {
        Desk {
            stage,
            busy: RwSignal::new(false),
            refused: RwSignal::new(None),
            host: use_host(),
        }
    }

    /// Makes the calls; `done` runs when all were taken.
    pub fn act(self, said: String, calls: Vec<Call>, done: impl FnOnce() + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.refused.set(None);
        spawn_local(async move {
            let answer = self.stage.act(calls).await;
            let _ = self.busy.try_set(false);
            match answer {
                Ok(()) => {
                    self.host.announce(said);
                    done();
                }
                Err(error) => {
                    let _ = self.refused.try_set(Some(error));
                }
            }
        });
    }

    pub fn traffic(self) -> Traffic {
        self.stage
            .shown()
            .with(|shown| shown.as_ref().map(|shown| shown.traffic.clone()).unwrap_or_default())
    }
}

#[component]
pub(super) fn Refusal(desk: Desk) -> impl IntoView {
    move || desk.refused.get().map(|error| view! { <Fault error=error /> })
}

/// The acts as buttons, with their forms.
#[component]
pub fn Acts(stage: Stage, cut: RwSignal<Option<f64>>) -> impl IntoView {
    let (merging, putting, producing, consuming) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let begin_cut = move |_| {
        // In the middle of the selected shard, or of the hottest.
        let at = stage.shown().with_untracked(|shown| {
            let traffic = &shown.as_ref()?.traffic;
            let selected = stage.selected().with_untracked(|selected| match selected {
                Some(Selected::Shard(id)) => Some(id.clone()),
                _ => None,
            });
            let open = traffic.open();
            let shard = open
                .iter()
                .find(|shard| Some(&shard.shard_id) == selected.as_ref())
                .or_else(|| open.iter().max_by(|a, b| a.heat.total_cmp(&b.heat)))?;
            Some(f64::midpoint(shard.from, shard.to))
        });
        cut.update(|cut| *cut = if cut.is_some() { None } else { at });
    };
    view! {
        <div class="acts">
            <button type="button" class="btn" aria-expanded=move || cut.get().is_some().to_string() on:click=begin_cut>
                "Split shard…"
            </button>
            <button type="button" class="btn" on:click=move |_| merging.set(true)>
                "Merge…"
            </button>
            <button type="button" class="btn" on:click=move |_| producing.set(true)>
                "Producer…"
            </button>
            <button type="button" class="btn" on:click=move |_| consuming.set(true)>
                "Add consumer…"
            </button>
            <button type="button" class="btn primary" on:click=move |_| putting.set(true)>
                "Put records…"
            </button>
        </div>
        <Split stage=stage cut=cut />
        <Merge stage=stage open=merging />
        <Put stage=stage open=putting />
        <Produce stage=stage open=producing />
        <Consume stage=stage open=consuming />
    }
}

/// The open shard at a place of the line, and how far in it the place is.
fn shard_at(traffic: &Traffic, at: f64) -> Option<(Shard, f64)> {
    let open = traffic.open();
    let shard = open.into_iter().find(|shard| at >= shard.from && at < shard.to)?;
    Some((shard.clone(), (at - shard.from) / (shard.to - shard.from).max(f64::EPSILON)))
}

#[component]
fn Split(stage: Stage, cut: RwSignal<Option<f64>>) -> impl IntoView {
    let desk = Desk::new(stage);
    let at = Memo::new(move |_| cut.get().and_then(|at| shard_at(&desk.traffic(), at)));
    let point = move || at.with(|at| at.as_ref().and_then(|(shard, share)| point_in(shard, *share)));
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(((shard, _), point)) = at.get_untracked().zip(untrack(point)) else {
            return;
        };
        let call = Call::new(
            "kinesis",
            "SplitShard",
            json!({"StreamName": stage.stream(), "ShardToSplit": shard.shard_id, "NewStartingHashKey": point.to_string()}),
        );
        desk.act(format!("Shard {} is being split.", short(&shard.shard_id)), vec![call], move || cut.set(None));
    };
    let typed = move |text: String| {
        let share = text.parse::<f64>().ok().filter(|share| (0.0..=100.0).contains(share));
        if let Some((share, (shard, _))) = share.zip(at.get_untracked()) {
            cut.set(Some(shard.from + share / 100.0 * (shard.to - shard.from)));
        }
    };
    // The form is drawn once, whatever the point is dragged to.
    let open = Memo::new(move |_| cut.get().is_some());
    move || {
        open.get().then(|| {
            view! {
                <form class="split-form" on:submit=submit aria-label="Split a shard">
                    <p>{move || at.with(|at| at.as_ref().map(|(shard, _)| format!("Split shard {} at", short(&shard.shard_id))))}</p>
                    <label class="field">
                        <span class="label">"% of its range"</span>
                        <input
                            type="number"
                            class="input num"
                            min="0"
                            max="100"
                            step="any"
                            prop:value=move || at.with(|at| at.as_ref().map(|(_, share)| format!("{:.2}", share * 100.0)).unwrap_or_default())
                            on:change=move |event| typed(event_target_value(&event))
                        />
                    </label>
                    <p class="mono meta break">{move || point().map(|point| format!("NewStartingHashKey {point}"))}</p>
                    <Refusal desk=desk />
                    <div class="row">
                        <button type="submit" class="btn primary" disabled=move || desk.busy.get() || point().is_none()>
                            "Split here"
                        </button>
                        <button type="button" class="btn" on:click=move |_| cut.set(None)>
                            "Cancel"
                        </button>
                        <span class="meta">"Drag the mark on the line, or use its arrow keys."</span>
                    </div>
                </form>
            }
        })
    }
}

#[component]
fn Merge(stage: Stage, open: RwSignal<bool>) -> impl IntoView {
    let desk = Desk::new(stage);
    let picked = RwSignal::new(String::new());
    let pairs = Memo::new(move |_| {
        let traffic = desk.traffic();
        let shards = traffic.open();
        let pairs: Vec<(String, String)> = shards
            .iter()
            .zip(shards.iter().skip(1))
            .map(|(one, next)| (one.shard_id.clone(), next.shard_id.clone()))
            .collect();
        pairs
    });
    let options = Signal::derive(move || {
        pairs.with(|pairs| {
            pairs
                .iter()
                .map(|(one, next)| (one.clone(), format!("shard {} and shard {}", short(one), short(next))))
                .collect()
        })
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let pair = pairs.with_untracked(|pairs| {
            let own = picked.get_untracked();
            pairs.iter().find(|(one, _)| *one == own).or(pairs.first()).cloned()
        });
        let Some((one, next)) = pair else { return };
        let said = format!("Shards {} and {} are being merged.", short(&one), short(&next));
        let call = Call::new(
            "kinesis",
            "MergeShards",
            json!({"StreamName": stage.stream(), "ShardToMerge": one, "AdjacentShardToMerge": next}),
        );
        desk.act(said, vec![call], move || open.set(false));
    };
    view! {
        <Dialog open=open title="Merge two shards">
            <form class="form" on:submit=submit>
                <Choice label="Neighbours on the hash line" choices=options value=picked.into() set=Callback::new(move |one| picked.set(one)) />
                <p class="hint">"Both close and stay readable until their records expire; one shard takes their range and has one shard’s limits."</p>
                <Refusal desk=desk />
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <button type="submit" class="btn primary" disabled=move || desk.busy.get() || pairs.with(Vec::is_empty)>
                        "Merge"
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

#[component]
fn Put(stage: Stage, open: RwSignal<bool>) -> impl IntoView {
    let desk = Desk::new(stage);
    let lines = RwSignal::new("vehicle-0031 {\"speed\": 57}\nvehicle-0032 {\"speed\": 42}".to_owned());
    let records = move || {
        lines.with(|lines| {
            lines
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(|line| {
                    let (key, data) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
                    (key.to_owned(), data.to_owned())
                })
                .collect::<Vec<_>>()
        })
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let records: Vec<Value> = untrack(records)
            .into_iter()
            .map(|(key, data)| json!({"PartitionKey": key, "Data": base64(data.as_bytes())}))
            .collect();
        let said = format!("Put {} records.", records.len());
        let call = Call::new("kinesis", "PutRecords", json!({"StreamName": stage.stream(), "Records": records}));
        desk.act(said, vec![call], move || open.set(false));
    };
    view! {
        <Dialog open=open title="Put records">
            <form class="form" on:submit=submit>
                <div class="field">
                    <label for="put-lines">"One record a line: partition key, a space, data"</label>
                    <textarea id="put-lines" class="input mono" rows="6" autofocus spellcheck="false" prop:value=move || lines.get() on:input=move |event| lines.set(event_target_value(&event))></textarea>
                </div>
                <Refusal desk=desk />
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <button type="submit" class="btn primary" disabled=move || desk.busy.get() || records().is_empty()>
                        {move || format!("Put {}", records().len())}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
