//! What a reader foresees before the run, and two lists of calls on one clock and seed.
//!
//! Belongs here: guesses, their score, the comparison. Does not belong here: a score that was not computed by a run.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::ApiError;

use super::answer::{Traffic, point_in, short};
use super::picture::LineOnly;
use super::run::{Rival, Run, Shown};
use super::scene::{Cure, STREAM, call};
use crate::components::Fault;
use crate::delivery::answer::Delivery;
use crate::figures::{Choice, number};
use crate::timebar::clock_text;

/// Refusals in the last second, over all shards.
fn refused(traffic: &Traffic) -> f64 {
    traffic.shards.iter().map(|shard| shard.last_second.throttled).sum()
}

/// “Which shard will throttle first?” and “Will a split help?”, scored by runs.
#[component]
pub fn Predict(run: Run) -> impl IntoView {
    let guess = RwSignal::new(None::<String>);
    let open = Memo::new(move |_| {
        run.shown.with(|shown| {
            let shards = shown
                .as_ref()
                .map(|shown| shown.traffic.open().into_iter().map(|shard| shard.shard_id.clone()).collect::<Vec<_>>());
            shards.unwrap_or_default()
        })
    });
    // The first refusal of the run as far as it was computed: when, and of which shard.
    let first = Memo::new(move |_| {
        run.shown.with(|shown| {
            let shown = shown.as_ref()?;
            let moment = shown.track.moments.iter().find(|moment| moment.kind == "throttle")?;
            let shard = shown.traffic.shards.iter().find(|shard| moment.label.contains(&shard.shard_id))?;
            Some((moment.at, shard.shard_id.clone()))
        })
    });
    let score = move || {
        let (at, shard) = first.get()?;
        let said = guess.get().map_or("You made no guess".to_owned(), |guess| {
            format!("You said shard {}: {}", short(&guess), if guess == shard { "right" } else { "not so" })
        });
        Some(format!("{said}. Shard {} throttled first, at {}.", short(&shard), clock_text(at)))
    };
    view! {
        <fieldset class="predict">
            <legend>"Foresee it"</legend>
            <p>"Which shard will throttle first?"</p>
            <div class="row" role="group" aria-label="Which shard will throttle first?">
                {move || {
                    open
                        .get()
                        .into_iter()
                        .take(12)
                        .map(|id| {
                            let (own, picked) = (id.clone(), id.clone());
                            view! {
                                <button
                                    type="button"
                                    class="btn"
                                    disabled=move || first.with(Option::is_some)
                                    aria-pressed=move || (guess.get().as_ref() == Some(&own)).to_string()
                                    on:click=move |_| guess.set(Some(picked.clone()))
                                >
                                    {short(&id).to_owned()}
                                </button>
                            }
                        })
                        .collect_view()
                }}
            </div>
            <p class="score" role="status">{score}</p>
            <WillItHelp run=run />
        </fieldset>
    }
}

/// What a minute leads to with a split of the fullest shard, and without.
#[derive(Clone, Debug, PartialEq)]
struct Verdict {
    shard: String,
    said: bool,
    with: f64,
    without: f64,
}

impl Verdict {
    /// A split has helped when hardly anything is refused any more.
    fn helped(&self) -> bool {
        self.with <= self.without * 0.1
    }

    fn text(&self) -> String {
        format!(
            "You said {}: {}. A minute later the stream refuses {} records a second without a split of shard {}, {} with it: {}.",
            if self.said { "yes" } else { "no" },
            if self.said == self.helped() { "right" } else { "not so" },
            number(self.without),
            short(&self.shard),
            number(self.with),
            if self.helped() {
                "the load was spread over many keys"
            } else {
                "the load is one key’s, and a key has one shard"
            }
        )
    }
}

#[component]
fn WillItHelp(run: Run) -> impl IntoView {
    let verdict = RwSignal::new(None::<Result<Verdict, ApiError>>);
    let busy = RwSignal::new(false);
    let full = Memo::new(move |_| {
        run.shown.with(|shown| {
            let traffic = &shown.as_ref()?.traffic;
            let open = traffic.open();
            let shard = open.into_iter().max_by(|a, b| a.last_second.throttled.total_cmp(&b.last_second.throttled))?;
            (shard.last_second.throttled > 0.0).then(|| shard.clone())
        })
    });
    let answer = move |said: bool| {
        let Some((shard, point)) = full.get_untracked().and_then(|shard| point_in(&shard, 0.5).map(|point| (shard, point))) else {
            return;
        };
        let at = run.shown.with_untracked(|shown| shown.as_ref().map_or(0.0, |shown| shown.at));
        let mut extra = run.extra.get_untracked();
        extra.retain(|call| call.at <= at);
        let without = extra.clone();
        extra.push(call(
            at,
            "kinesis",
            "SplitShard",
            json!({"StreamName": STREAM, "ShardToSplit": shard.shard_id, "NewStartingHashKey": point.to_string()}),
        ));
        busy.set(true);
        spawn_local(async move {
            let both = async {
                let with = run.foresee(&extra, at + 60.0).await?.traffic;
                let without = run.foresee(&without, at + 60.0).await?.traffic;
                Ok(Verdict {
                    shard: shard.shard_id,
                    said,
                    with: refused(&with),
                    without: refused(&without),
                })
            };
            let both = both.await;
            let _ = busy.try_set(false);
            let _ = verdict.try_set(Some(both));
        });
    };
    move || {
        let shard = full.get()?;
        Some(view! {
            <p>{format!("Shard {} is full. Will a split in its middle help?", short(&shard.shard_id))}</p>
            <div class="row" role="group" aria-label="Will a split help?">
                <button type="button" class="btn" disabled=move || busy.get() on:click=move |_| answer(true)>
                    "Yes"
                </button>
                <button type="button" class="btn" disabled=move || busy.get() on:click=move |_| answer(false)>
                    "No"
                </button>
            </div>
            <div role="status">
                {move || {
                    verdict
                        .get()
                        .map(|verdict| match verdict {
                            Ok(verdict) => view! { <p class="score">{verdict.text()}</p> }.into_any(),
                            Err(error) => view! { <Fault error=error /> }.into_any(),
                        })
                }}
            </div>
        })
    }
}

/// A cure's calls at the present instant: one that changes a delivery stream names the version that stands now.
fn calls_of(run: Run, cure: &Cure) -> Vec<(&'static str, &'static str, Value)> {
    let version = run.shown.with_untracked(|shown| {
        shown
            .as_ref()
            .and_then(|shown| shown.delivery.as_ref().map(|delivery| delivery.version_id.clone()))
    });
    let mut calls = (cure.calls)();
    for (_, _, params) in calls.iter_mut().filter(|(_, operation, _)| *operation == "UpdateDestination") {
        if let Some(version) = &version {
            params["CurrentDeliveryStreamVersionId"] = json!(version);
        }
    }
    calls
}

/// The scene's cures: each is tried here and now, or beside what is, on the same seed.
#[component]
pub fn Cures(run: Run) -> impl IntoView {
    let refused = RwSignal::new(None::<ApiError>);
    let picked = RwSignal::new(String::new());
    let try_it = move |index: usize| {
        let Some(cure) = run.scene.cures.get(index) else { return };
        let calls = calls_of(run, cure)
            .into_iter()
            .map(|(service, operation, params)| sluice_core::account::Call::new(service, operation, params));
        let calls = calls.collect();
        refused.set(None);
        spawn_local(async move {
            if let Err(error) = run.act(calls).await {
                let _ = refused.try_set(Some(error));
            }
        });
    };
    let compare = Callback::new(move |wanted: String| {
        picked.set(wanted.clone());
        let at = run.clock.at.get_untracked();
        let rival = match wanted.as_str() {
            "" => None,
            "scene" => Some(Rival {
                label: "the scene without changes".into(),
                extra: Vec::new(),
            }),
            "kept" => run.kept.get_untracked().map(|extra| Rival {
                label: "what the fork put aside".into(),
                extra,
            }),
            index => index.parse::<usize>().ok().and_then(|index| run.scene.cures.get(index)).map(|cure| {
                let mut extra = run.extra.get_untracked();
                extra.retain(|call| call.at <= at);
                extra.extend(
                    calls_of(run, cure)
                        .into_iter()
                        .map(|(service, operation, params)| call(at, service, operation, params)),
                );
                Rival {
                    label: format!("{}, at {}", cure.label, clock_text(at)),
                    extra,
                }
            }),
        };
        run.other.set(None);
        run.rival.set(rival);
        run.refresh();
    });
    let options = Signal::derive(move || {
        let mut options = vec![
            (String::new(), "nothing".to_owned()),
            ("scene".to_owned(), "the scene without changes".to_owned()),
        ];
        if run.kept.with(Option::is_some) {
            options.push(("kept".into(), "what the fork put aside".into()));
        }
        options.extend(
            run.scene
                .cures
                .iter()
                .enumerate()
                .map(|(index, cure)| (index.to_string(), cure.label.to_owned())),
        );
        options
    });
    view! {
        <fieldset class="cures">
            <legend>"Try, from this instant on"</legend>
            {run
                .scene
                .cures
                .iter()
                .enumerate()
                .map(|(index, cure)| {
                    view! {
                        <button type="button" class="btn quiet" on:click=move |_| try_it(index)>
                            {cure.label}
                        </button>
                        <p class="meta">{cure.text}</p>
                    }
                })
                .collect_view()}
            {move || refused.get().map(|error| view! { <Fault error=error /> })}
            <Choice label="Compare on the same seed with" choices=options value=picked.into() set=compare />
        </fieldset>
    }
}

/// The other run beside the one that is shown: its hash line, and the numbers that differ.
#[component]
pub fn Beside(run: Run) -> impl IntoView {
    let there = Memo::new(move |_| run.other.with(Option::is_some));
    let of = |shown: RwSignal<Option<Shown>>| Memo::new(move |_| shown.get().unwrap_or_default());
    let (own_shown, other_shown) = (of(run.shown), of(run.other));
    let own = Memo::new(move |_| own_shown.with(|shown| shown.traffic.clone()));
    let other = Memo::new(move |_| other_shown.with(|shown| shown.traffic.clone()));
    move || {
        let rival = run.rival.get()?;
        there.get().then(|| {
            view! {
                <section class="beside" aria-label="Comparison">
                    <h2 class="part">{format!("B · {}", rival.label)}</h2>
                    <LineOnly traffic=other against=own />
                    <table class="list">
                        <thead>
                            <tr>
                                <th scope="col">"On one seed and clock"</th>
                                <th scope="col" class="num">
                                    "A"
                                </th>
                                <th scope="col" class="num">
                                    "B"
                                </th>
                            </tr>
                        </thead>
                        <tbody>
                            {move || {
                                rows(&own_shown.get(), &other_shown.get())
                                    .into_iter()
                                    .map(|(name, a, b)| {
                                        let differs = a != b;
                                        view! {
                                            <tr class:differs=differs>
                                                <th scope="row">{format!("{name}{}", if differs { " ≠" } else { "" })}</th>
                                                <td class="num">{a}</td>
                                                <td class="num">{b}</td>
                                            </tr>
                                        }
                                    })
                                    .collect_view()
                            }}
                        </tbody>
                    </table>
                </section>
            }
        })
    }
}

/// What is told of each run: a name, and how it is read off. What neither run has is left out.
fn rows(a: &Shown, b: &Shown) -> Vec<(String, String, String)> {
    let sum = |shown: &Shown, of: fn(&super::answer::Producer) -> f64| number(shown.traffic.producers.iter().map(of).sum());
    let behind = |shown: &Shown| {
        let most = shown.traffic.consumers.iter().map(|consumer| consumer.millis_behind).fold(0.0, f64::max);
        format!("{:.1} s", most / 1_000.0)
    };
    let mut rows = Vec::new();
    let mut row = |name: &str, of: &dyn Fn(&Shown) -> String| rows.push((name.to_owned(), of(a), of(b)));
    row("open shards", &|shown| number(shown.traffic.open_shards));
    row("records/s accepted", &|shown| number(shown.traffic.last_second.accepted_records));
    row("records/s refused", &|shown| number(refused(&shown.traffic)));
    row("accepted in all", &|shown| sum(shown, |producer| producer.accepted));
    row("given up in all", &|shown| sum(shown, |producer| producer.given_up));
    row("furthest behind", &behind);
    if a.delivery.is_some() || b.delivery.is_some() {
        let of = |shown: &Shown, part: fn(&Delivery) -> String| shown.delivery.as_ref().map_or_else(|| "–".to_owned(), part);
        row("objects stored", &|shown| of(shown, |delivery| number(delivery.counts.objects)));
        row("records stored", &|shown| of(shown, |delivery| number(delivery.counts.delivered)));
        row("records an object", &|shown| {
            of(shown, |delivery| number(delivery.counts.delivered / delivery.counts.objects.max(1.0)))
        });
        row("oldest not stored yet", &|shown| {
            of(shown, |delivery| format!("{:.0} s", delivery.freshness_seconds))
        });
    }
    let mut alarms: Vec<&str> = a.alarms.iter().chain(&b.alarms).map(|alarm| alarm.alarm_name.as_str()).collect();
    alarms.sort_unstable();
    alarms.dedup();
    for name in alarms {
        let state = |shown: &Shown| {
            let alarm = shown.alarms.iter().find(|alarm| alarm.alarm_name == name);
            alarm.map_or_else(|| "–".to_owned(), |alarm| alarm.state_value.clone())
        };
        row(&format!("alarm {name}"), &state);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_scored_by_the_numbers() {
        let verdict = |said, with| Verdict {
            shard: "shardId-000000000002".into(),
            said,
            with,
            without: 4_844.0,
        };
        assert!(!verdict(true, 3_900.0).helped());
        assert!(verdict(true, 0.0).helped());
        assert!(verdict(false, 3_900.0).text().starts_with("You said no: right."));
        assert!(verdict(true, 3_900.0).text().starts_with("You said yes: not so."));
    }
}
