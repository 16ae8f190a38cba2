//! Streams: scenes on a clock that can be held, and the account's own streams, drawn alike.
//!
//! Belongs here: what is asked of a stream, and its picture. Does not belong here: any number that is not in an answer of the API, and time itself (`timebar`).
//! The style comes with the chunk. All of it is drawn from `sluice:PlayScenario` (scenes) or the same reads on the account (own streams).

mod account;
mod acts;
mod answer;
mod ask;
mod figure;
mod picture;
mod run;
mod scene;
mod side;
mod stage;

use leptos::prelude::*;

use crate::components::{Crumb, ShellState};
use crate::router::{Route, use_route};

use account::{Overview, StreamPage};
use figure::SceneFigure;

/// The scenes' ids, for who has to know which chunk draws a figure.
pub const IDS: [&str; 2] = ["hot-shard", "consumers"];

#[component]
fn Style() -> impl IntoView {
    view! {
        <style inner_html=include_str!("../../../../style/figures.css")></style>
        <style inner_html=include_str!("../../../../style/alarms.css")></style>
        <style inner_html=include_str!("../../../../style/streams.css")></style>
    }
}

/// `#/streams`, `#/streams/<name>`, `#/streams/scenes/<id>`.
#[component]
pub fn StreamsScreen() -> impl IntoView {
    let route = use_route();
    let shell = expect_context::<ShellState>();
    let place = Memo::new(move |before: Option<&Route>| match route.get() {
        route @ (Route::Streams { .. } | Route::Scene { .. }) => route,
        // The screen is about to go: what it shows stays until it has.
        _ => before.cloned().unwrap_or(Route::Streams { name: None }),
    });
    Effect::new(move |_| {
        let mut crumbs = vec![Crumb::new("Streams", &Route::Streams { name: None })];
        let place = place.get();
        match &place {
            Route::Streams { name: Some(name) } => crumbs.push(Crumb::new(name.clone(), &place)),
            Route::Scene { id } => crumbs.push(Crumb::new(scene::scene(id).map_or("No such scene", |scene| scene.title), &place)),
            _ => {}
        }
        shell.place(crumbs);
    });
    view! {
        <Style />
        <div class="figures-screen streams-screen">
            {move || match place.get() {
                Route::Streams { name: Some(name) } => view! { <StreamPage name=name /> }.into_any(),
                Route::Scene { id } => view! { <SceneFigure id=id /> }.into_any(),
                _ => view! { <Overview /> }.into_any(),
            }}
        </div>
    }
}

/// `?figure=<scene>`: the scene and nothing around it.
#[component]
pub fn SceneAlone(id: String) -> impl IntoView {
    document().set_title(&format!("{} · Sluice", scene::scene(&id).map_or("No such scene", |scene| scene.title)));
    view! {
        <Style />
        <SceneFigure id=id />
    }
}
