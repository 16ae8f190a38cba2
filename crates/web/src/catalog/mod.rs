//! The Catalog screen: databases and tables, and the crawlers that fill them.
//!
//! Belongs here: views over the Glue Data Catalog's API. Does not belong here: jobs, and what a crawler does (core's `catalog`).

mod crawler;
mod form;
mod model;
mod overview;
mod table;

use leptos::prelude::*;
use sluice_core::account::ApiError;

use crate::components::{Empty, Fault};
use crate::router::{Route, use_route};
use crate::screens;

pub use table::TableView;

#[component]
pub fn CatalogScreen() -> impl IntoView {
    let route = use_route();
    let place = Memo::new(move |_| route.get());
    // What had the focus may have gone with the last place; the keyboard goes on from the new one.
    Effect::new(move |before: Option<()>| {
        place.track();
        if before.is_some() {
            set_timeout(focus_main_if_lost, core::time::Duration::ZERO);
        }
    });
    view! {
        <div class="catalog">
            {move || match place.get() {
                Route::Table { database, table } => view! { <screens::Table database=database table=table /> }.into_any(),
                Route::Crawler { name: Some(name) } => view! { <crawler::CrawlerView name=name /> }.into_any(),
                Route::Crawler { name: None } => view! { <form::NewCrawler /> }.into_any(),
                _ => view! { <overview::Overview /> }.into_any(),
            }}
        </div>
    }
}

/// What stands where one entry of the catalog was to be shown: that there is none (`title`), or why it could not be read.
#[component]
fn NotShown(title: &'static str, error: ApiError) -> impl IntoView {
    if error.code != "EntityNotFoundException" {
        return view! { <Fault error=error /> }.into_any();
    }
    view! {
        <Empty title=title text=error.message>
            <a class="btn" href="#/catalog">
                "Back to the catalog"
            </a>
        </Empty>
    }
    .into_any()
}

fn focus_main_if_lost() {
    let lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
    if lost {
        table::focus("main");
    }
}
