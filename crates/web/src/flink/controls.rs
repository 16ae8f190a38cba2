//! The settings of a job.

use leptos::prelude::*;

use super::lab::{Lab, Rival};
use super::settings::{AGGREGATES, ASSIGNERS, DOMAINS, EVICTORS, MODES, SINKS, STRATEGIES, Settings, TRIGGERS};
use super::time::{instant, span};
use crate::figures::{Choice, Switch, choices};

/// A span, or with `plain` a number, on a slider: its words to the right.
#[component]
fn Span(
    lab: Lab,
    label: &'static str,
    /// Milliseconds.
    least: f64,
    most: f64,
    step: f64,
    read: fn(&Settings) -> f64,
    write: fn(&mut Settings, f64),
    /// What 0 is called.
    #[prop(optional)]
    zero: &'static str,
    #[prop(optional)] plain: bool,
) -> impl IntoView {
    let value = Memo::new(move |_| lab.settings.with(read));
    let words = move || {
        let value = value.get();
        if plain {
            value.to_string()
        } else if value == 0.0 && !zero.is_empty() {
            zero.to_owned()
        } else {
            span(value)
        }
    };
    // A value that a link brought may lie beyond the slider.
    let most = move || most.max(value.get());
    view! {
        <label class="span">
            <span>{label}</span>
            <b class="mono">{words}</b>
            <input
                type="range"
                min=least
                max=most
                step=step
                aria-label=label
                aria-valuetext=words
                prop:value=move || value.get().to_string()
                on:input=move |event| {
                    if let Ok(value) = event_target_value(&event).parse::<f64>() {
                        lab.change(|settings| write(settings, value));
                    }
                }
            />
        </label>
    }
}

#[component]
pub fn Controls(lab: Lab) -> impl IntoView {
    let text = move |read: fn(&Settings) -> String| Signal::derive(move || lab.settings.with(read));
    let choose = move |write: fn(&mut Settings, String)| Callback::new(move |value: String| lab.change(|settings| write(settings, value)));
    let flag = move |read: fn(&Settings) -> bool| Signal::derive(move || lab.settings.with(read));
    let switch = move |write: fn(&mut Settings, bool)| Callback::new(move |on: bool| lab.change(|settings| write(settings, on)));
    let is = move |test: fn(&Settings) -> bool| Memo::new(move |_| lab.settings.with(test));
    let sized = is(|s| matches!(s.assigner.as_str(), "tumbling" | "sliding"));
    let slides = is(|s| s.assigner == "sliding");
    let session = is(|s| s.assigner == "session");
    let counts = is(|s| s.assigner == "count");
    let timed = is(Settings::has_own_time);
    let bounded = is(|s| matches!(s.strategy.as_str(), "bounded" | "punctuated"));
    let continuous = is(|s| s.trigger == "continuous");
    let by_count = is(|s| s.trigger == "count");
    let evicts = is(|s| s.evictor == "count");
    let evicts_by_time = is(|s| s.evictor == "time");
    let checkpoints = is(|s| s.checkpoints > 0.0);
    view! {
        <h2>"Watermark strategy"</h2>
        <Choice label="Strategy" choices=choices(&STRATEGIES) value=text(|s| s.strategy.clone()) set=choose(|s, v| s.strategy = v) />
        {move || bounded.get().then(|| view! { <Span lab=lab label="out-of-orderness" least=0.0 most=90_000.0 step=500.0 read=|s| s.bound write=|s, v| s.bound = v /> })}
        <Span lab=lab label="allowed lateness" least=0.0 most=120_000.0 step=500.0 read=|s| s.lateness write=|s, v| s.lateness = v />
        <Span lab=lab label="idle timeout" least=0.0 most=60_000.0 step=500.0 zero="off" read=|s| s.idle write=|s, v| s.idle = v />
        <Span lab=lab label="emit every" least=0.0 most=10_000.0 step=100.0 zero="never" read=|s| s.emit write=|s, v| s.emit = v />
        <details open=lab.scene.view == "flow">
            <summary>"Checkpoints and failures"</summary>
            <div class="more">
                <Span lab=lab label="checkpoint every" least=0.0 most=60_000.0 step=1_000.0 zero="never" read=|s| s.checkpoints write=|s, v| s.checkpoints = v />
                {move || checkpoints.get().then(|| view! { <Choice label="Checkpoints are" choices=choices(&MODES) value=text(|s| s.mode.clone()) set=choose(|s, v| s.mode = v) /> })}
                <Choice label="The sink is" choices=choices(&SINKS) value=text(|s| s.sink.clone()) set=choose(|s, v| s.sink = v) />
                <Span lab=lab label="restart takes" least=0.0 most=30_000.0 step=500.0 read=|s| s.restart write=|s, v| s.restart = v />
                <Span lab=lab label="on the network" least=0.0 most=10_000.0 step=100.0 zero="no time" read=|s| s.delay write=|s, v| s.delay = v />
                <Kill lab=lab />
            </div>
        </details>
        <details>
            <summary>"Windows"</summary>
            <div class="more">
                <Choice label="Assigner" choices=choices(&ASSIGNERS) value=text(|s| s.assigner.clone()) set=choose(|s, v| s.assigner = v) />
                {move || timed.get().then(|| view! { <Choice label="In" choices=choices(&DOMAINS) value=text(|s| s.domain.clone()) set=choose(|s, v| s.domain = v) /> })}
                {move || sized.get().then(|| view! { <Span lab=lab label="size" least=1_000.0 most=120_000.0 step=1_000.0 read=|s| s.size write=|s, v| s.size = v /> })}
                {move || slides.get().then(|| view! { <Span lab=lab label="slide" least=1_000.0 most=120_000.0 step=1_000.0 read=|s| s.slide write=|s, v| s.slide = v /> })}
                {move || {
                    sized
                        .get()
                        .then(|| view! { <Span lab=lab label="offset" least=-60_000.0 most=60_000.0 step=1_000.0 zero="none" read=|s| s.offset write=|s, v| s.offset = v /> })
                }}
                {move || session.get().then(|| view! { <Span lab=lab label="gap" least=1_000.0 most=60_000.0 step=500.0 read=|s| s.gap write=|s, v| s.gap = v /> })}
                {move || counts.get().then(|| view! { <Span lab=lab label="elements" least=1.0 most=20.0 step=1.0 plain=true read=|s| s.count write=|s, v| s.count = v /> })}
                <Choice label="Function" choices=choices(&AGGREGATES) value=text(|s| s.aggregate.clone()) set=choose(|s, v| s.aggregate = v) />
                <Choice label="Trigger" choices=choices(&TRIGGERS) value=text(|s| s.trigger.clone()) set=choose(|s, v| s.trigger = v) />
                {move || continuous.get().then(|| view! { <Span lab=lab label="fires every" least=1_000.0 most=60_000.0 step=1_000.0 read=|s| s.every write=|s, v| s.every = v /> })}
                {move || by_count.get().then(|| view! { <Span lab=lab label="fires at every" least=1.0 most=20.0 step=1.0 plain=true read=|s| s.each write=|s, v| s.each = v /> })}
                <Switch label="Purging: what fired is forgotten" value=flag(|s| s.purging) set=switch(|s, v| s.purging = v) />
                <Choice label="Evictor" choices=choices(&EVICTORS) value=text(|s| s.evictor.clone()) set=choose(|s, v| s.evictor = v) />
                {move || evicts.get().then(|| view! { <Span lab=lab label="keeps the last" least=1.0 most=20.0 step=1.0 plain=true read=|s| s.keep write=|s, v| s.keep = v /> })}
                {move || evicts_by_time.get().then(|| view! { <Span lab=lab label="keeps the last" least=500.0 most=60_000.0 step=500.0 read=|s| s.keep.max(500.0) write=|s, v| s.keep = v /> })}
                <Switch label="Late events go to a side output" value=flag(|s| s.side_output) set=switch(|s, v| s.side_output = v) />
                <Switch label="The input ends: the last watermark is ∞" value=flag(|s| s.end_of_input) set=switch(|s, v| s.end_of_input = v) />
                <Span lab=lab label="parallelism" least=1.0 most=4.0 step=1.0 plain=true read=|s| s.parallelism write=|s, v| s.parallelism = v />
            </div>
        </details>
    }
}

/// A task manager dies at the present instant; what died is listed and can live again.
#[component]
fn Kill(lab: Lab) -> impl IntoView {
    let kill = move |_| {
        let now = (lab.clock.at.get_untracked() * 1_000.0).round();
        lab.change(|settings| {
            settings.failures.push(now);
            settings.failures.sort_by(f64::total_cmp);
            settings.failures.dedup();
        });
        lab.host.announce(format!("A task manager dies at {}.", instant(now)));
    };
    let full = move || lab.settings.with(|settings| settings.failures.len() >= 8);
    view! {
        <button type="button" class="btn kill" disabled=full on:click=kill>
            "Kill a task manager now"
        </button>
        <ul class="failures" role="list">
            {move || {
                lab.settings
                    .with(|settings| settings.failures.clone())
                    .into_iter()
                    .map(|at| {
                        view! {
                            <li>
                                <span class="mono">{format!("✕ {}", instant(at))}</span>
                                <button
                                    type="button"
                                    class="link"
                                    aria-label=format!("Undo the failure at {}", instant(at))
                                    on:click=move |_| lab.change(|settings| settings.failures.retain(|other| *other != at))
                                >
                                    "it lives"
                                </button>
                            </li>
                        }
                    })
                    .collect_view()
            }}
        </ul>
    }
}

/// What to try: each now, or beside what is.
#[component]
pub fn Cures(lab: Lab) -> impl IntoView {
    let picked = RwSignal::new(String::new());
    let options = Signal::derive(move || {
        let mut options = vec![(String::new(), "nothing".to_owned()), ("scene".to_owned(), "the scene’s settings".to_owned())];
        options.extend(
            lab.scene
                .cures
                .iter()
                .enumerate()
                .map(|(index, cure)| (index.to_string(), cure.label.to_owned())),
        );
        options
    });
    let compare = Callback::new(move |wanted: String| {
        picked.set(wanted.clone());
        let rival = match wanted.as_str() {
            "" => None,
            "scene" => Some(Rival {
                label: "the scene’s settings".into(),
                settings: (lab.scene.settings)(),
            }),
            index => index.parse::<usize>().ok().and_then(|index| lab.scene.cures.get(index)).map(|cure| {
                let mut settings = lab.settings.get_untracked();
                (cure.change)(&mut settings);
                Rival {
                    label: cure.label.into(),
                    settings,
                }
            }),
        };
        lab.rival.set(rival);
    });
    view! {
        <section class="cures" aria-label="What to try">
            <h2>"Try"</h2>
            {lab
                .scene
                .cures
                .iter()
                .map(|cure| {
                    view! {
                        <button type="button" class="btn" on:click=move |_| lab.change(cure.change)>
                            {cure.label}
                        </button>
                    }
                })
                .collect_view()}
            <Choice label="Beside this run" choices=options value=picked.into() set=compare />
            <button type="button" class="btn quiet" on:click=move |_| lab.reset()>
                "The scene as it was"
            </button>
        </section>
    }
}
