//! Figures: pictures whose numbers the account's own core computes, each openable alone by a link that holds its settings.
//!
//! Belongs here: the frame of every figure, the list of figures, what each draws. Does not belong here: any number that is not in an answer of the API.
//! Their style comes with their chunk, so that no other screen waits for it.

pub mod address;
mod axis;
mod batch;
mod chooser;
mod cost;
mod fields;
mod frame;
mod prices;
mod text;

use leptos::prelude::*;

pub use axis::{label, measured, nice, ticks, width_of};
pub use fields::{Choice, LogNumber, Switch, TextField, choices};
pub use frame::{Data, Fidelity, Frame, Table, copy_instant};
pub use text::number;

use crate::components::{Crumb, Empty, ShellState};
use crate::flink;
use crate::router::{Route, use_route};
use crate::streams::about;

/// One figure: its id in links, its title, and what it shows in a sentence.
struct Entry {
    id: &'static str,
    title: &'static str,
    text: &'static str,
    preview: fn() -> AnyView,
}

const FIGURES: [Entry; 3] = [
    Entry {
        id: cost::ID,
        title: cost::TITLE,
        text: "What a set of objects costs by month in each storage class, what the lifecycle rules do to it, when a class pays, and the cheapest rules.",
        preview: || view! { <cost::Preview /> }.into_any(),
    },
    Entry {
        id: chooser::ID,
        title: chooser::TITLE,
        text: "A workload in numbers, and for every storage class, file system and volume whether it can, where it is full, how long an operation waits, and what a month costs.",
        preview: || view! { <chooser::Preview /> }.into_any(),
    },
    Entry {
        id: batch::ID,
        title: batch::TITLE,
        text: "The same records, run at intervals and processed as they come: when each is usable, which results come too late, and what a day costs.",
        preview: || view! { <batch::Preview /> }.into_any(),
    },
];

#[component]
fn Style() -> impl IntoView {
    view! { <style inner_html=include_str!("../../../../style/figures.css")></style> }
}

/// `#/figures`: the list; `#/figures/<id>`: one of them within the page.
#[component]
pub fn FiguresScreen() -> impl IntoView {
    let route = use_route();
    let shell = expect_context::<ShellState>();
    let id = Memo::new(move |_| match route.get() {
        Route::Figures { id } => id,
        _ => None,
    });
    Effect::new(move |_| {
        let mut crumbs = vec![Crumb::new("Figures", &Route::Figures { id: None })];
        if let Some(entry) = id.get().and_then(|id| FIGURES.into_iter().find(|entry| entry.id == id)) {
            crumbs.push(Crumb::new(entry.title, &Route::Figures { id: Some(entry.id.into()) }));
        }
        shell.place(crumbs);
    });
    view! {
        <Style />
        <div class="figures-screen">
            {move || match id.get() {
                Some(id) => draw(&id),
                None => view! { <List /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn List() -> impl IntoView {
    let card = |entry: Entry| {
        let href = Route::Figures { id: Some(entry.id.into()) }.href();
        view! {
            <li class="figure-card">
                {(entry.preview)()}
                <h2>
                    <a href=href>{entry.title}</a>
                </h2>
                <p>{entry.text}</p>
            </li>
        }
    };
    view! {
        <h1>"Figures"</h1>
        <p class="lead">"Pictures to ask questions of: change a setting and the account’s own rules compute the numbers again. A link to a figure holds its settings."</p>
        <ul class="figure-list" role="list">
            {FIGURES.into_iter().map(card).collect_view()}
        </ul>
        <h2 class="scenes-title">"Scenes on a clock"</h2>
        <p class="lead">"An account of its own, a seed, and a time bar: play, step, scrub, change the past."</p>
        <ul class="figure-list" role="list">
            {about::ALL
                .into_iter()
                .map(|scene| (scene, Route::Scene { id: scene.id.into() }))
                .chain(flink::about::LISTED.into_iter().map(|scene| (scene, Route::Flink { id: scene.id.into() })))
                .map(|(scene, route)| {
                    let href = route.href();
                    view! {
                        <li class="figure-card">
                            <h2>
                                <a href=href>{scene.title}</a>
                            </h2>
                            <p>{scene.text}</p>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

/// `?figure=<id>`: the figure and nothing around it.
#[component]
pub fn FigureAlone(id: String) -> impl IntoView {
    let title = FIGURES.into_iter().find(|entry| entry.id == id).map_or("No such figure", |entry| entry.title);
    document().set_title(&format!("{title} · Sluice"));
    view! {
        <Style />
        {draw(&id)}
    }
}

fn draw(id: &str) -> AnyView {
    match id {
        cost::ID => view! { <cost::StorageCost /> }.into_any(),
        chooser::ID => view! { <chooser::StorageChooser /> }.into_any(),
        batch::ID => view! { <batch::BatchOrStream /> }.into_any(),
        other => view! {
            <Empty title="No such figure" text=format!("There is no figure “{other}” here.")>
                <a class="btn" href="./#/figures">
                    "All figures"
                </a>
            </Empty>
        }
        .into_any(),
    }
}
