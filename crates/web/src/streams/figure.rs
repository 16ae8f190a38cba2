//! A scene in the frame of figures, with the time bar under it.

use leptos::prelude::*;

use super::acts::Acts;
use super::answer::short;
use super::ask::{Beside, Cures, Predict};
use super::foresee::Foresee;
use super::picture::{Picture, describe};
use super::run::{Run, Shown};
use super::scene::{Asks, Scene, TimedCall, scene};
use super::side::Side;
use super::stage::Stage;
use crate::components::{Empty, Fault};
use crate::delivery::answer::{Delivery, Object};
use crate::figures::{Fidelity, Frame, Table, address, copy_instant, number};
use crate::format::bytes;
use crate::host::use_host;
use crate::timebar::{Step, TimeBar, clock_text};

/// Characters of a link's list of calls; a longer one is not written.
const MOST_CALLS: usize = 6_000;

#[component]
pub fn SceneFigure(id: String) -> impl IntoView {
    match scene(&id) {
        Some(scene) => view! { <Played scene=scene /> }.into_any(),
        None => view! {
            <Empty title="No such scene" text=format!("There is no scene “{id}” here.")>
                <a class="btn" href="./#/streams">
                    "All scenes"
                </a>
            </Empty>
        }
        .into_any(),
    }
}

/// The calls of a link; `None` where it holds none or what it holds cannot be read.
fn linked_calls() -> Option<Vec<TimedCall>> {
    let mut calls: Vec<TimedCall> = serde_json::from_str(&address::get("calls")?).ok()?;
    calls.retain(|call| call.at.is_finite() && call.at >= 0.0);
    calls.sort_by(|a, b| a.at.total_cmp(&b.at));
    Some(calls)
}

#[component]
fn Played(scene: &'static Scene) -> impl IntoView {
    let host = use_host();
    let seed = address::number("seed", 0.0, 4_294_967_295.0).unwrap_or(7.0) as u64;
    let at = address::number("at", 0.0, scene.ends).unwrap_or(scene.opens);
    let run = Run::new(host, scene, seed, at, linked_calls().unwrap_or_default());
    let stage = Stage::Scene(run);
    let cut = RwSignal::new(None);
    run.go(Step::To(at));
    // Written when time stands still: a browser limits how often an address may change.
    let texts = Memo::new(move |before: Option<&address::Texts>| {
        if run.clock.playing.get()
            && let Some(before) = before
        {
            return before.clone();
        }
        let calls = run.extra.with(|extra| {
            if extra.is_empty() {
                String::new()
            } else {
                serde_json::to_string(extra).unwrap_or_default()
            }
        });
        vec![
            ("seed", run.seed.get().to_string()),
            ("at", format!("{}", (run.clock.at.get() * 1_000.0).round() / 1_000.0)),
            ("calls", if calls.len() > MOST_CALLS { String::new() } else { calls }),
        ]
    });
    let of = move |draw: fn(&Shown) -> String| run.shown.with(|shown| shown.as_ref().map(draw).unwrap_or_default());
    let fidelity = Signal::derive(move || Fidelity {
        label: "simplified".into(),
        source: format!(
            "MD5 exact, hash ranges {}; shard limits as of Nov 2026; clients, bursts and delays are a model · seed {} · t + {}",
            // AWS's own rounding was seen for up to five shards.
            if run.shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.traffic.shards.len() > 5)) {
                "exact for up to 5 shards, beyond unconfirmed"
            } else {
                "exact"
            },
            run.seed.get(),
            clock_text(run.clock.at.get())
        ),
    });
    let table = Signal::derive(move || run.shown.with(|shown| shown.as_ref().map(|shown| table_of(scene, shown)).unwrap_or_default()));
    let controls = move || {
        view! {
            <p class="meta">{scene.about.text}</p>
            <Acts stage=stage cut=cut />
            {match scene.asks {
                Asks::Shards => view! { <Predict run=run /> }.into_any(),
                Asks::Ahead(question) => view! { <Foresee run=run question=question /> }.into_any(),
            }}
            <Side stage=stage />
            <Cures run=run />
            <Done run=run />
        }
    };
    let track = Signal::derive(move || run.shown.with(|shown| shown.as_ref().map(|shown| shown.track.clone()).unwrap_or_default()));
    let kept = Signal::derive(move || {
        run.kept.with(|kept| {
            let kept = kept.as_ref()?;
            let count = kept.len();
            Some(if count == 1 {
                "1 call is kept aside".to_owned()
            } else {
                format!("{count} calls are kept aside")
            })
        })
    });
    let copy = Callback::new(move |()| copy_instant(host, address::link(scene.about.id, &texts.get_untracked(), true)));
    view! {
        <div class="scene">
            <Frame
                id=scene.about.id
                title=scene.about.title
                place=format!("streams/scenes/{}", scene.about.id)
                caption=Signal::derive(move || of(caption))
                fidelity=fidelity
                table=table
                description=Signal::derive(move || of(describe))
                settings=texts.into()
                controls=ViewFn::from(controls)
            >
                {move || run.fault.get().map(|error| view! { <Fault error=error /> })}
                <Picture stage=stage cut=cut />
                <Beside run=run />
            </Frame>
            <TimeBar
                clock=run.clock
                track=track
                busy=run.busy.into()
                go=Callback::new(move |step| run.go(step))
                seed=run.seed.into()
                set_seed=Callback::new(move |seed| run.reseed(seed))
                kept=kept
                restore=Callback::new(move |()| run.restore())
                copy=copy
            />
        </div>
    }
}

/// What the reader did, as a list; the last of it can be taken back.
#[component]
fn Done(run: Run) -> impl IntoView {
    let back = move |_| {
        run.extra.update(|extra| {
            extra.pop();
        });
        run.refresh();
    };
    move || {
        let extra = run.extra.get();
        (!extra.is_empty()).then(|| {
            view! {
                <details class="done-calls" open>
                    <summary>"Your calls"</summary>
                    <ol>
                        {extra
                            .into_iter()
                            .map(|call| view! { <li class="mono">{format!("{} {}", clock_text(call.at), call.operation)}</li> })
                            .collect_view()}
                    </ol>
                    <button type="button" class="btn" on:click=back>
                        "Take the last one back"
                    </button>
                </details>
            }
        })
    }
}

fn caption(shown: &Shown) -> String {
    let open = shown.traffic.open();
    let full: Vec<String> = open
        .iter()
        .filter(|shard| shard.last_second.throttled > 0.0)
        .map(|shard| {
            format!(
                "shard {} is full and {} records a second bounce",
                short(&shard.shard_id),
                number(shard.last_second.throttled)
            )
        })
        .collect();
    let all: f64 = shown.traffic.keys.iter().map(|key| key.offered_per_second).sum();
    let offered = shown.traffic.last_second.offered_records.max(all).max(1.0);
    let hot = shown
        .traffic
        .keys
        .first()
        .filter(|key| key.offered_per_second > offered * 0.2)
        .map(|key| format!(" One key, {}, is {:.0} % of the traffic.", key.key, key.offered_per_second / offered * 100.0));
    let state = if full.is_empty() {
        "no shard refuses records".to_owned()
    } else {
        full.join("; ")
    };
    let late = shown.traffic.consumers.iter().max_by(|a, b| a.millis_behind.total_cmp(&b.millis_behind));
    let late = late
        .filter(|consumer| consumer.millis_behind > 5_000.0)
        .map(|consumer| format!(" {} is {:.1} s behind.", consumer.name, consumer.millis_behind / 1_000.0));
    format!(
        "At {} {} shards are open and {state}.{}{}",
        clock_text(shown.at),
        open.len(),
        hot.unwrap_or_default(),
        late.unwrap_or_default()
    )
}

/// What the scene is about, as a table: what Firehose made, applications that read, or shards.
fn table_of(scene: &Scene, shown: &Shown) -> Table {
    match (&shown.delivery, scene.asks) {
        (Some(delivery), _) => objects(delivery),
        (None, Asks::Ahead(_)) => readers(shown),
        (None, Asks::Shards) => table(shown),
    }
}

fn headed<const N: usize>(words: usize, head: [&str; N], rows: Vec<Vec<String>>) -> Table {
    Table {
        words,
        head: head.map(str::to_owned).to_vec(),
        rows,
    }
}

fn objects(delivery: &Delivery) -> Table {
    let buffer = &delivery.buffer;
    let open = vec![
        "open buffer".to_owned(),
        "buffered".to_owned(),
        String::new(),
        buffer.since.clone().unwrap_or_default(),
        number(buffer.records),
        bytes(buffer.bytes as u64),
    ];
    let of = |state: &'static str| {
        move |object: &Object| {
            vec![
                object.key.clone(),
                state.to_owned(),
                object.because.clone(),
                object.at.clone(),
                number(object.records),
                bytes(object.bytes as u64),
            ]
        }
    };
    let rows = core::iter::once(open)
        .chain(delivery.waiting.iter().map(of("waiting")))
        .chain(delivery.delivered.iter().map(of("stored")));
    headed(4, ["Object", "State", "Closed by", "Time", "Records", "Size"], rows.collect())
}

fn readers(shown: &Shown) -> Table {
    let rows = shown.traffic.consumers.iter().map(|consumer| {
        vec![
            consumer.name.clone(),
            consumer.label.clone(),
            number(consumer.records),
            format!("{:.1}", consumer.millis_behind / 1_000.0),
            number(consumer.reads_throttled),
            number(consumer.dead_letters + consumer.given_up + consumer.missed),
        ]
    });
    headed(
        2,
        ["Application", "Kind", "Records read", "Seconds behind", "Reads refused", "Lost"],
        rows.collect(),
    )
}

pub fn table(shown: &Shown) -> Table {
    let head = [
        "Shard",
        "State",
        "Parents",
        "From %",
        "To %",
        "Records/s",
        "% of limit",
        "Refused/s",
        "Retained",
    ];
    let rows = shown.traffic.shards.iter().map(|shard| {
        let parents: Vec<&str> = shard
            .parent_shard_id
            .iter()
            .chain(&shard.adjacent_parent_shard_id)
            .map(|id| short(id))
            .collect();
        vec![
            short(&shard.shard_id).to_owned(),
            shard.state.clone(),
            parents.join(", "),
            format!("{:.2}", shard.from * 100.0),
            format!("{:.2}", shard.to * 100.0),
            number(shard.last_second.records),
            format!("{:.0}", shard.heat * 100.0),
            number(shard.last_second.throttled),
            number(shard.retained.records),
        ]
    });
    headed(3, head, rows.collect())
}
