//! Alarms: what CloudWatch watches, what its alarms did over time, and the topics and mails that they reach.
//!
//! Belongs here: alarms, topics, the inbox. Does not belong here: whose metric it is, and the rule of an alarm, which core answers (`sluice:PreviewAlarm`).

pub mod answer;
mod draft;
mod form;
mod inbox;
mod list;
mod page;
mod plot;
pub mod strip;
pub mod why;

use leptos::prelude::*;

use crate::components::{Crumb, ShellState};
use crate::router::{Route, use_route};

use list::Overview;
use page::AlarmPage;

/// `#/alarms`, `#/alarms/<name>`, `#/alarms?new=<metric>`.
#[component]
pub fn AlarmsScreen() -> impl IntoView {
    let route = use_route();
    let shell = expect_context::<ShellState>();
    let place = Memo::new(move |before: Option<&Route>| match route.get() {
        route @ (Route::Alarms { .. } | Route::NewAlarm { .. }) => route,
        // The screen is about to go: what it shows stays until it has.
        _ => before.cloned().unwrap_or(Route::Alarms { name: None }),
    });
    Effect::new(move |_| {
        let mut crumbs = vec![Crumb::new("Alarms", &Route::Alarms { name: None })];
        let place = place.get();
        if let Route::Alarms { name: Some(name) } = &place {
            crumbs.push(Crumb::new(name.clone(), &place));
        }
        shell.place(crumbs);
    });
    view! {
        <style inner_html=include_str!("../../../../style/figures.css")></style>
        <style inner_html=include_str!("../../../../style/alarms.css")></style>
        <div class="figures-screen alarms-screen">
            {move || match place.get() {
                Route::Alarms { name: Some(name) } => view! { <AlarmPage name=name /> }.into_any(),
                Route::NewAlarm { metric } => view! { <Overview new=Some(metric) /> }.into_any(),
                _ => view! { <Overview new=None /> }.into_any(),
            }}
        </div>
    }
}
