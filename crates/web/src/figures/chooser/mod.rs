//! S3, EFS or EBS for a workload: `sluice:ChooseStorage` drawn, each way with what it can, where it saturates and what it costs.
//!
//! Belongs here: this figure. Does not belong here: the frame, and any number that is not in an answer.

mod answer;
mod chart;
mod controls;
mod options;
mod preview;
mod settings;
mod words;

use leptos::prelude::*;
use sluice_core::account::Call;

use super::frame::{Fidelity, Frame};
use super::prices::Prices;
use super::text::{money, number};
use crate::components::Fault;
use crate::format::plural;
use crate::host::{query, use_host};
use crate::keys;
use answer::{Answer, Way};
use chart::{Curve, Key};
use controls::Controls;
use options::Options;
pub use preview::Preview;
use settings::Workload;

pub const ID: &str = "storage-chooser";
pub const TITLE: &str = "S3, EFS or EBS";

#[component]
pub fn StorageChooser() -> impl IntoView {
    let host = use_host();
    keys::register(options::KEYS);
    let settings = RwSignal::new(Workload::from_address());
    let asked = Memo::new(move |_| settings.with(Workload::question));
    let answer = query(host, move || Some(Call::new("sluice", "ChooseStorage", asked.get())));
    let prices = Prices::ask();
    let read = Memo::new(move |_| answer.read::<Answer>());
    let shown =
        move |draw: &dyn Fn(&Answer) -> String| read.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().ok()).map(draw).unwrap_or_default());
    let caption = Signal::derive(move || shown(&|answer| settings.with(|workload| caption(answer, workload))));
    let fidelity = Signal::derive(move || {
        read.with(|answer| {
            let Some(Ok(answer)) = answer else { return Fidelity::default() };
            let limits: Vec<String> = answer.sources.iter().map(|source| format!("{} {}", source.service, source.as_of)).collect();
            let doubtful = answer.options.iter().filter(|way| way.is_unconfirmed()).count();
            Fidelity {
                label: answer.fidelity.clone(),
                source: format!(
                    "{}; limits: {}; prices: {}; {doubtful} of {} ways rest on an unconfirmed limit or price",
                    answer.model,
                    limits.join(", "),
                    prices.title(&answer.price_list),
                    answer.options.len()
                ),
            }
        })
    });
    let table = Signal::derive(move || {
        read.with(|answer| match answer {
            Some(Ok(answer)) => words::table(answer),
            _ => Default::default(),
        })
    });
    let description = Signal::derive(move || shown(&words::describe));
    let texts = Signal::derive(move || settings.with(Workload::texts));
    let controls = move || view! { <Controls settings=settings prices=prices /> };
    let chosen = Memo::new(move |_| {
        let name = settings.with(|workload| workload.option.clone());
        read.with(|answer| answer.as_ref()?.as_ref().ok()?.way(&name).cloned())
    });
    let fault = Memo::new(move |_| read.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().err().cloned())));
    let pick = Callback::new(move |name: String| settings.update(|workload| workload.option = name));
    view! {
        <Frame id=ID title=TITLE caption=caption fidelity=fidelity table=table description=description settings=texts controls=ViewFn::from(controls)>
            {move || fault.get().map(|error| view! { <Fault error=error /> })}
            {move || read.with(Option::is_none).then(|| view! { <p class="meta" role="status">"Computing…"</p> })}
            {move || chosen.get().map(|way| view! { <Detail way=way settings=settings /> })}
            <Options answer=read chosen=chosen pick=pick />
        </Frame>
    }
}

fn caption(answer: &Answer, workload: &Workload) -> String {
    let can = answer.options.iter().filter(|way| way.feasible).count();
    let cheapest = answer.cheapest.as_deref().and_then(|name| answer.options.iter().find(|way| way.name == name));
    let best = cheapest.map_or_else(String::new, |way| format!("; the cheapest is {} for {} a month", way.title, money(&way.cost)));
    format!(
        "{} operations a second by {}: {can} of {} ways can{best}.",
        number(workload.operations()),
        plural(workload.instances as u64, "client", "clients"),
        answer.options.len()
    )
}

/// One way in full: its curve, its limits, its cost.
#[component]
fn Detail(way: Way, settings: RwSignal<Workload>) -> impl IntoView {
    let (load, allowed, reads, writes) =
        settings.with_untracked(|workload| (workload.operations(), workload.latency, workload.reads > 0.0, workload.writes > 0.0));
    let limits = way.limits.iter().map(|limit| {
        let (state, mark) = if limit.holds { ("ok", "✓") } else { ("err", "✕") };
        let word = if limit.holds { "holds" } else { "does not hold" };
        view! {
            <li>
                <span class=format!("state {state}") aria-hidden="true">
                    {mark}
                </span>
                <span>
                    <b>{words::limit(&limit.name)}</b>
                    <span class="visually-hidden">{format!(" {word}")}</span>
                    {format!(": {}", limit.text)}
                </span>
            </li>
        }
    });
    let lines = way.lines.iter().map(|line| {
        let mark = line.confidence.is_some().then_some(" (unconfirmed)");
        view! {
            <dt>{line.text.clone()} {mark}</dt>
            <dd class="mono">{money(&line.amount)}</dd>
        }
    });
    let saturates = way.saturation.as_ref().map(|saturation| {
        format!(
            "Full at {} operations a second of this mix; the limit that is nearest: {}. Reads: {}; writes: {}.",
            number(saturation.operations_per_second),
            words::limit(&saturation.limit),
            words::took(way.read_latency_ms),
            words::took(way.write_latency_ms)
        )
    });
    let limits = limits.collect_view();
    let lines = lines.collect_view();
    view! {
        <section class="way" aria-label="The way that is looked at">
            <h2>
                {way.title.clone()}
                {(way.confidence.is_some()).then(|| view! { <span class="chip">"unconfirmed limits"</span> })}
            </h2>
            <p class="meta">{saturates}</p>
            <Key way=way.clone() reads=reads writes=writes />
            <Curve way=way.clone() load=load allowed=allowed reads=reads writes=writes />
            <details>
                <summary>{format!("Limits, and {} a month in parts", money(&way.cost))}</summary>
                <div class="cost-read">
                    <ul class="limits" role="list">
                        {limits}
                    </ul>
                    <div>
                        <dl class="facts">{lines}</dl>
                        {way.notes.iter().map(|note| view! { <p class="meta">{note.clone()}</p> }).collect_view()}
                    </div>
                </div>
            </details>
        </section>
    }
}
