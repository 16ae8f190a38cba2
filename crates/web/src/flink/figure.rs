//! A scene in the frame of figures, with the time bar under it.

use leptos::prelude::*;

use super::ask::{Ask, Beside, Modes};
use super::caption::{caption, describe, table};
use super::controls::{Controls, Cures};
use super::flow::Flow;
use super::input::Input;
use super::lab::{Lab, Mode, View};
use super::lanes::Lanes;
use super::log::Log;
use super::output::Output;
use super::plane::Plane;
use super::rules::Rules;
use super::scene::{Scene, events_text, scene};
use super::side::{Metrics, Selected};
use crate::components::{Empty, Fault};
use crate::figures::{Fidelity, Frame, address, copy_instant};
use crate::host::use_host;
use crate::timebar::{TimeBar, clock_text};

#[component]
pub fn FlinkFigure(id: String) -> impl IntoView {
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

#[component]
fn Played(scene: &'static Scene) -> impl IntoView {
    let lab = Lab::new(use_host(), scene);
    let now = Memo::new(move |_| lab.now());
    // Written when time stands still: a browser limits how often an address may change.
    let texts = Memo::new(move |before: Option<&address::Texts>| {
        if lab.clock.playing.get()
            && let Some(before) = before
        {
            return before.clone();
        }
        let view = match lab.view.get() {
            View::Plane => "plane",
            View::Lanes => "lanes",
            View::Flow => "flow",
            View::Rules => "rules",
            View::Log => "log",
        };
        let seed = lab.seed.get();
        let drawn = lab.events.with(|events| *events == scene.draw(seed));
        let mut texts = lab.settings.with(|settings| settings.texts(&(scene.settings)()));
        texts.push(("seed", if seed == scene.seed { String::new() } else { seed.to_string() }));
        texts.push(("at", format!("{}", (lab.clock.at.get() * 1_000.0).round() / 1_000.0)));
        texts.push(("view", if view == scene.view { String::new() } else { view.to_owned() }));
        let own = lab.extent.with(|extent| *extent != scene.extent);
        texts.push(("span", if own { "own".to_owned() } else { String::new() }));
        texts.push((
            "events",
            if drawn {
                String::new()
            } else {
                lab.events.with(|events| events_text(events))
            },
        ));
        texts
    });
    let fidelity = Signal::derive(move || Fidelity {
        label: if matches!(lab.view.get(), View::Flow | View::Rules) {
            "simplified"
        } else {
            "exact"
        }
        .into(),
        source: format!(
            "{} · Flink 2.3: BoundedOutOfOrdernessWatermarks, WindowOperator, StatusWatermarkValve{} · seed {} · t + {}",
            lab.settings.with(super::settings::Settings::line),
            if lab.view.get() == View::Flow {
                "; the network is a fixed delay, snapshots take no time"
            } else {
                ""
            },
            lab.seed.get(),
            clock_text(lab.clock.at.get())
        ),
    });
    let of = move |draw: fn(&super::answer::Trace, &super::settings::Settings, Option<&str>, f64) -> String| {
        Signal::derive(move || {
            let now = now.get();
            let selected = lab.selected.get();
            if lab.mode.get() == Mode::Predict {
                return "Outcomes are hidden. Say what becomes of an event, then run.".to_owned();
            }
            lab.settings.with(|settings| {
                lab.trace
                    .with(|trace| trace.as_ref().map(|trace| draw(trace, settings, selected.as_deref(), now)).unwrap_or_default())
            })
        })
    };
    let data = Signal::derive(move || {
        let (now, hides) = (now.get(), lab.mode.get() == Mode::Predict);
        lab.trace.with(|trace| trace.as_ref().map(|trace| table(trace, now, hides)).unwrap_or_default())
    });
    let controls = move || {
        view! {
            <p class="meta">{scene.about.text}</p>
            <Modes lab=lab />
            <Ask lab=lab />
            <Controls lab=lab />
            <Input lab=lab />
            <Output lab=lab />
            <Metrics lab=lab />
            <Selected lab=lab />
            <Cures lab=lab />
        }
    };
    let kept = Signal::derive(move || lab.kept.with(Option::is_some).then(|| "the run before your change is kept".to_owned()));
    let copy = Callback::new(move |()| copy_instant(lab.host, address::link(scene.about.id, &texts.get_untracked(), true)));
    view! {
        <div class="scene flink">
            <Frame
                id=scene.about.id
                title=scene.about.title
                place=format!("streams/flink/{}", scene.about.id)
                caption=of(caption)
                fidelity=fidelity
                table=data
                description=of(|trace, settings, _, now| describe(trace, settings, now))
                settings=texts.into()
                controls=ViewFn::from(controls)
            >
                <Views lab=lab />
                {move || lab.fault.get().map(|error| view! { <Fault error=error /> })}
                {move || match lab.view.get() {
                    View::Plane => view! { <Plane lab=lab /> }.into_any(),
                    View::Lanes => view! { <Lanes lab=lab /> }.into_any(),
                    View::Flow => view! { <Flow lab=lab /> }.into_any(),
                    View::Rules => view! { <Rules lab=lab /> }.into_any(),
                    View::Log => view! { <Log lab=lab /> }.into_any(),
                }}
                <Beside lab=lab />
            </Frame>
            <TimeBar
                clock=lab.clock
                track=Signal::derive(move || lab.track())
                busy=Signal::stored(false)
                go=Callback::new(move |step| lab.go(step))
                seed=lab.seed.into()
                set_seed=Callback::new(move |seed| lab.reseed(seed))
                kept=kept
                restore=Callback::new(move |()| lab.restore())
                copy=copy
            />
        </div>
    }
}

#[component]
fn Views(lab: Lab) -> impl IntoView {
    let button = move |view: View, label: &'static str| {
        view! {
            <button type="button" aria-pressed=move || (lab.view.get() == view).to_string() on:click=move |_| lab.view.set(view)>
                {label}
            </button>
        }
    };
    view! {
        <div class="flink-head">
            <div class="segments" role="group" aria-label="View">
                {button(View::Plane, "Plane")}
                {button(View::Lanes, "Lanes")}
                {button(View::Flow, "Job")}
                {button(View::Rules, "Rules")}
                {button(View::Log, "Log")}
            </div>
            <ul class="legend" role="list" aria-label="Marks">
                <li class="on-time">"on time"</li>
                <li class="late">"late, counted"</li>
                <li class="gone">"too late"</li>
            </ul>
        </div>
    }
}
