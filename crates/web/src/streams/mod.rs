//! Streams: scenes on a clock that can be held, and the account's own streams, drawn alike.
//!
//! Belongs here: what is asked of a stream, and its picture. Does not belong here: any number that is not in an answer of the API, and time itself (`timebar`).
//! The style comes with the chunk. All of it is drawn from `sluice:PlayScenario` (scenes) or the same reads on the account (own streams).

pub mod about;
mod account;
mod acts;
mod answer;
mod ask;
mod consumers;
mod figure;
mod foresee;
mod picture;
mod producers;
mod replay;
pub mod rows;
mod run;
mod scene;
mod side;
mod stage;

use leptos::prelude::*;

use crate::components::{Crumb, ShellState};
use crate::router::{Route, use_route};

use account::{Overview, StreamPage};
use figure::SceneFigure;

#[component]
fn Style() -> impl IntoView {
    view! {
        <style inner_html=include_str!("../../../../style/figures.css")></style>
        <style inner_html=include_str!("../../../../style/alarms.css")></style>
        <style inner_html=include_str!("../../../../style/delivery.css")></style>
        <style inner_html=include_str!("../../../../style/timebar.css")></style>
        <style inner_html=include_str!("../../../../style/streams.css")></style>
    }
}

/// `#/streams`, `#/streams/<name>`.
#[component]
pub fn StreamsScreen() -> impl IntoView {
    let route = use_route();
    let shell = expect_context::<ShellState>();
    let name = Memo::new(move |before: Option<&Option<String>>| match route.get() {
        Route::Streams { name } => name,
        // The screen is about to go: what it shows stays until it has.
        _ => before.cloned().flatten(),
    });
    Effect::new(move |_| {
        let mut crumbs = vec![Crumb::new("Streams", &Route::Streams { name: None })];
        if let Some(name) = name.get() {
            crumbs.push(Crumb::new(name.clone(), &Route::Streams { name: Some(name) }));
        }
        shell.place(crumbs);
    });
    view! {
        <Style />
        <div class="figures-screen streams-screen">
            {move || match name.get() {
                Some(name) => view! { <StreamPage name=name /> }.into_any(),
                None => view! { <Overview /> }.into_any(),
            }}
        </div>
    }
}

/// `#/streams/scenes/<id>`.
#[component]
pub fn SceneScreen() -> impl IntoView {
    let route = use_route();
    let shell = expect_context::<ShellState>();
    let id = Memo::new(move |before: Option<&String>| match route.get() {
        Route::Scene { id } => id,
        _ => before.cloned().unwrap_or_default(),
    });
    Effect::new(move |_| {
        let id = id.get();
        let title = scene::scene(&id).map_or("No such scene", |scene| scene.about.title);
        shell.place(vec![
            Crumb::new("Streams", &Route::Streams { name: None }),
            Crumb::new(title, &Route::Scene { id }),
        ]);
    });
    view! {
        <Style />
        <div class="figures-screen streams-screen">{move || view! { <SceneFigure id=id.get() /> }}</div>
    }
}

/// `?figure=<scene>`: the scene and nothing around it.
#[component]
pub fn SceneAlone(id: String) -> impl IntoView {
    document().set_title(&format!("{} · Sluice", scene::scene(&id).map_or("No such scene", |scene| scene.about.title)));
    view! {
        <Style />
        <SceneFigure id=id />
    }
}
