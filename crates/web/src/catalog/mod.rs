//! The Catalog screen: databases and tables, and the crawlers that fill them.
//!
//! Belongs here: views over the Glue Data Catalog's API. Does not belong here: jobs, and what a crawler does (core's `catalog`).

mod crawler;
mod form;
mod model;
mod overview;
mod table;

use leptos::prelude::*;

use crate::router::{Route, use_route};

#[component]
pub fn CatalogScreen() -> impl IntoView {
    let route = use_route();
    let place = Memo::new(move |_| route.get());
    view! {
        <div class="catalog">
            {move || match place.get() {
                Route::Table { database, table } => view! { <table::TableView database=database table=table /> }.into_any(),
                Route::Crawler { name: Some(name) } => view! { <crawler::CrawlerView name=name /> }.into_any(),
                Route::Crawler { name: None } => view! { <form::NewCrawler /> }.into_any(),
                _ => view! { <overview::Overview /> }.into_any(),
            }}
        </div>
    }
}
