//! Delivery streams: Amazon Data Firehose as a buffer that flushes by size or by time, and the objects it makes.
//!
//! Belongs here: what is asked of a delivery stream, and its picture. Does not belong here: the streams it reads (`streams`), and what watches it (`alarms`).

pub mod answer;
mod bucket;
mod create;
mod data;
mod page;
mod processing;
mod settings;

use leptos::prelude::*;

use crate::components::{Crumb, ShellState};
use crate::router::{Route, use_route};

pub use bucket::DeliveryPicture;
use create::CreateDelivery;
use page::DeliveryPage;

/// `#/streams/delivery/<name>`, `#/streams/delivery`: the form of a new one.
#[component]
pub fn DeliveryScreen() -> impl IntoView {
    let route = use_route();
    let shell = expect_context::<ShellState>();
    let name = Memo::new(move |before: Option<&Option<String>>| match route.get() {
        Route::Delivery { name } => name,
        // The screen is about to go: what it shows stays until it has.
        _ => before.cloned().flatten(),
    });
    Effect::new(move |_| {
        let mut crumbs = vec![Crumb::new("Streams", &Route::Streams { name: None })];
        let name = name.get();
        let label = name.clone().unwrap_or_else(|| "New Firehose stream".into());
        crumbs.push(Crumb::new(label, &Route::Delivery { name }));
        shell.place(crumbs);
    });
    view! {
        <style inner_html=include_str!("../../../../style/figures.css")></style>
        <style inner_html=include_str!("../../../../style/alarms.css")></style>
        <style inner_html=include_str!("../../../../style/delivery.css")></style>
        <div class="figures-screen delivery-screen">
            {move || match name.get() {
                Some(name) => view! { <DeliveryPage name=name /> }.into_any(),
                None => view! { <CreateDelivery /> }.into_any(),
            }}
        </div>
    }
}
