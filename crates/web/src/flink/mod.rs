//! Flink's event time on a plane: scenes whose events are moved by hand, run by `sluice:RunEventTime` after every change.
//!
//! Belongs here: what is asked of the job and its pictures. Does not belong here: any outcome, watermark or firing that is not in an answer, and time itself (`timebar`).
//! The whole run comes with one answer, so moving through time asks nothing.

pub mod about;
mod answer;
mod ask;
mod caption;
mod controls;
mod figure;
mod flow;
mod input;
mod lab;
mod lanes;
mod log;
mod mark;
mod output;
mod plane;
mod rules;
mod scene;
mod settings;
mod side;
mod sql;
mod time;

use leptos::prelude::*;

use crate::components::{Crumb, ShellState};
use crate::router::{Route, use_route};
use figure::FlinkFigure;
use sql::SqlPane;

#[component]
fn Style() -> impl IntoView {
    view! {
        <style inner_html=include_str!("../../../../style/figures.css")></style>
        <style inner_html=include_str!("../../../../style/timebar.css")></style>
        <style inner_html=include_str!("../../../../style/flink.css")></style>
    }
}

/// `#/streams/flink/<id>`.
#[component]
pub fn FlinkScreen() -> impl IntoView {
    let route = use_route();
    let shell = expect_context::<ShellState>();
    let id = Memo::new(move |before: Option<&String>| match route.get() {
        Route::Flink { id } => id,
        // The screen is about to go: what it shows stays until it has.
        _ => before.cloned().unwrap_or_default(),
    });
    Effect::new(move |_| {
        let id = id.get();
        let title = title(&id);
        shell.place(vec![
            Crumb::new("Streams", &Route::Streams { name: None }),
            Crumb::new(title, &Route::Flink { id }),
        ]);
    });
    view! {
        <Style />
        <div class="figures-screen streams-screen">{move || drawn(id.get())}</div>
    }
}

/// `?figure=<scene>`: the scene and nothing around it.
#[component]
pub fn FlinkAlone(id: String) -> impl IntoView {
    document().set_title(&format!("{} · Sluice", title(&id)));
    view! {
        <Style />
        {drawn(id)}
    }
}

fn title(id: &str) -> &'static str {
    if id == about::SQL.id {
        return about::SQL.title;
    }
    scene::scene(id).map_or("No such scene", |scene| scene.about.title)
}

fn drawn(id: String) -> AnyView {
    if id == about::SQL.id {
        view! { <SqlPane /> }.into_any()
    } else {
        view! { <FlinkFigure id=id /> }.into_any()
    }
}
