//! Batch or stream on the same records: `sluice:CompareBatchAndStream` drawn, when records are usable either way, which windows are late, what it costs.
//!
//! Belongs here: this figure. Does not belong here: the frame, and any number that is not in an answer.

mod answer;
mod chart;
mod controls;
mod instant;
mod own;
mod preview;
mod settings;

use leptos::prelude::*;
use sluice_core::account::Call;

use super::address;
use super::frame::{Fidelity, Frame, Table, copy_instant};
use super::prices::Prices;
use super::text::{latency, money, number};
use crate::components::Fault;
use crate::host::{query, use_host};
use crate::timebar::{Clock, TimeBar};
use answer::{Answer, Way};
use chart::Chart;
use controls::Controls;
use instant::{Instant, moved, track};
pub use preview::Preview;
use settings::Settings;

pub const ID: &str = "batch-or-stream";
pub const TITLE: &str = "Batch or stream";

#[component]
pub fn BatchOrStream() -> impl IntoView {
    let settings = RwSignal::new(Settings::from_address());
    let asked = Memo::new(move |_| settings.with(Settings::question));
    let answer = query(use_host(), move || Some(Call::new("sluice", "CompareBatchAndStream", asked.get())));
    let prices = Prices::ask();
    let read = Memo::new(move |_| answer.read::<Answer>());
    let good = Memo::new(move |before: Option<&Option<Answer>>| match read.get() {
        Some(Ok(answer)) => Some(answer),
        _ => before.cloned().flatten(),
    });
    let of = move |draw: fn(&Answer, &Settings) -> String| {
        Signal::derive(move || settings.with(|settings| good.with(|answer| answer.as_ref().map(|answer| draw(answer, settings)).unwrap_or_default())))
    };
    let fidelity = Signal::derive(move || {
        good.with(|answer| {
            answer.as_ref().map_or_else(Fidelity::default, |answer| Fidelity {
                label: answer.fidelity.clone(),
                source: format!(
                    "a queue with a rate either way, by the second; a shard’s limits as of Nov 2026; prices: {}, those of Glue and Flink unconfirmed",
                    answer.price_list.title
                ),
            })
        })
    });
    let table = Signal::derive(move || good.with(|answer| answer.as_ref().map(table).unwrap_or_default()));
    // An hour of it passes in four seconds.
    let clock = Clock::new(
        address::number("at", 0.0, 259_200.0).unwrap_or(0.0),
        settings.with_untracked(|settings| settings.hours * 3_600.0),
    )
    .paced(900.0);
    Effect::new(move |_| {
        if let Some(answer) = good.get() {
            clock.end.set(answer.seconds);
            clock.at.update(|at| *at = at.min(answer.seconds));
        }
    });
    let painted = Memo::new(move |_| {
        let window = settings.with(|settings| settings.window * 60.0);
        good.with(|answer| answer.as_ref().map(|answer| track(answer, window)).unwrap_or_default())
    });
    let texts = Memo::new(move |before: Option<&address::Texts>| {
        // Written when time stands still: a browser limits how often an address may change.
        if let Some(before) = before.filter(|_| clock.playing.get()) {
            return before.clone();
        }
        let mut texts = settings.with(Settings::texts);
        let at = clock.at.get().floor();
        texts.push(("at", if at > 0.0 { at.to_string() } else { String::new() }));
        texts
    });
    let host = use_host();
    let controls = move || view! { <Controls settings=settings prices=prices /> };
    let fault = Memo::new(move |_| read.with(|answer| answer.as_ref().and_then(|answer| answer.as_ref().err().cloned())));
    view! {
        <style inner_html=include_str!("../../../../../style/timebar.css")></style>
        <div class="scene">
        <Frame id=ID title=TITLE caption=of(caption) fidelity=fidelity table=table description=of(describe) settings=texts.into() controls=ViewFn::from(controls)>
            {move || fault.get().map(|error| view! { <Fault error=error /> })}
            {move || good.with(Option::is_none).then(|| view! { <p class="meta" role="status">"Computing…"</p> })}
            <Chart answer=good settings=settings at=clock.at.into() />
            <Instant answer=good at=clock.at.into() />
            {move || good.get().map(|answer| view! { <Sides answer=answer /> })}
        </Frame>
        <TimeBar
            clock=clock
            track=painted.into()
            busy=Signal::stored(false)
            go=Callback::new(move |step| clock.at.update(|at| *at = painted.with_untracked(|track| moved(track, *at, clock.end.get_untracked(), step))))
            seed=Signal::derive(move || settings.with(|settings| settings.seed as u64))
            set_seed=Callback::new(move |seed: u64| settings.update(|settings| settings.seed = seed as f64))
            kept=Signal::stored(None)
            restore=Callback::new(|()| ())
            copy=Callback::new(move |()| copy_instant(host, address::link(ID, &texts.get_untracked(), true)))
        />
        </div>
    }
}

fn wait(seconds: Option<f64>) -> String {
    seconds.map_or_else(|| "never".to_owned(), |seconds| latency(seconds * 1_000.0))
}

/// The rows that both ways are told by.
fn rows(way: &Way) -> [(&'static str, String); 7] {
    [
        ("half are usable within", wait(way.p50_seconds)),
        ("95 of 100 within", wait(way.p95_seconds)),
        (
            "all within",
            if way.not_yet > 0.0 {
                "not in this time".into()
            } else {
                wait(way.max_seconds)
            },
        ),
        ("windows too late", format!("{} of {}", number(way.missed), number(way.windows))),
        ("not usable at the end", number(way.not_yet)),
        ("most that waited to be put", number(way.most_waiting)),
        ("cost", money(&way.cost.total)),
    ]
}

#[component]
fn Sides(answer: Answer) -> impl IntoView {
    let (batch, stream) = (rows(&answer.batch), rows(&answer.stream));
    let lines = |way: &Way| {
        way.cost
            .lines
            .iter()
            .map(|line| {
                let mark = line.confidence.is_some().then_some(" (unconfirmed)");
                view! {
                    <dt>{format!("{}: {} {}", line.text, number(line.quantity), line.unit)} {mark}</dt>
                    <dd class="mono">{money(&line.amount)}</dd>
                }
            })
            .collect_view()
    };
    let (batch_lines, stream_lines) = (lines(&answer.batch), lines(&answer.stream));
    view! {
        <table class="list sides">
            <thead>
                <tr>
                    <th scope="col">"Of a record’s way to its result"</th>
                    <th scope="col" class="num">
                        "Batch"
                    </th>
                    <th scope="col" class="num">
                        "Stream"
                    </th>
                </tr>
            </thead>
            <tbody>
                {batch
                    .into_iter()
                    .zip(stream)
                    .map(|((name, batch), (_, stream))| {
                        view! {
                            <tr>
                                <th scope="row">{name}</th>
                                <td class="num">{batch}</td>
                                <td class="num">{stream}</td>
                            </tr>
                        }
                    })
                    .collect_view()}
            </tbody>
        </table>
        <details class="costs">
            <summary>"What is paid for"</summary>
            <h3>"Batch"</h3>
            <dl class="facts">{batch_lines}</dl>
            <h3>"Stream"</h3>
            <dl class="facts">{stream_lines}</dl>
        </details>
    }
}

fn caption(answer: &Answer, settings: &Settings) -> String {
    let late = |way: &Way| {
        if way.missed > 0.0 {
            format!("misses {} of {} windows", number(way.missed), number(way.windows))
        } else {
            "misses no window".to_owned()
        }
    };
    format!(
        "A run every {} min {} for {}; the stream {} for {}.",
        number(settings.interval),
        late(&answer.batch),
        money(&answer.batch.cost.total),
        late(&answer.stream),
        money(&answer.stream.cost.total)
    )
}

fn describe(answer: &Answer, settings: &Settings) -> String {
    let runs = answer.batch.runs.len();
    let failed = answer.batch.runs.iter().filter(|run| run.failed).count();
    format!(
        "{} records arrive in {} hours. In batch, {runs} runs of which {failed} fail make half of them usable within {} and the last within {}; as a stream half are usable within {} and the last within {}. \
         Results of {} minutes are due {} minutes after their end: the batch misses {} of {} windows, the stream {}. The batch costs {}, the stream {}.",
        number(answer.records),
        number(settings.hours),
        wait(answer.batch.p50_seconds),
        wait(answer.batch.max_seconds),
        wait(answer.stream.p50_seconds),
        wait(answer.stream.max_seconds),
        number(settings.window),
        number(settings.deadline),
        number(answer.batch.missed),
        number(answer.batch.windows),
        number(answer.stream.missed),
        money(&answer.batch.cost.total),
        money(&answer.stream.cost.total)
    )
}

fn table(answer: &Answer) -> Table {
    let mut rows = Vec::new();
    for (batch, stream) in answer.batch.curve.iter().zip(&answer.stream.curve).step_by(60) {
        rows.push(vec![latency(batch.0 * 1_000.0), number(batch.1), number(batch.2), number(stream.2)]);
    }
    Table {
        words: 1,
        head: ["Time", "Arrived", "Usable by batch", "Usable by stream"].map(str::to_owned).to_vec(),
        rows,
    }
}
