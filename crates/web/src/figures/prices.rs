//! The price lists that figures offer: today's and the course's, each with its date.

use leptos::prelude::*;
use serde_json::{Value, json};
use sluice_core::account::Call;

use super::fields::Choice;
use crate::host::{Query, query, use_host};

/// The account's price lists.
#[derive(Clone, Copy)]
pub struct Prices(Query);

impl Prices {
    pub fn ask() -> Prices {
        let host = use_host();
        // A prefix that no key has: the lists are wanted, not their prices.
        Prices(query(host, || Some(Call::new("sluice", "GetPrices", json!({"Prefix": "none"})))))
    }

    /// Id and title with its day, of each list.
    fn lists(self) -> Vec<(String, String)> {
        self.0.answer.with(|answer| {
            let lists = answer.as_ref().and_then(|answer| answer.as_ref().ok()?.get("PriceLists")?.as_array());
            let entry = |list: &Value| {
                let text = |name: &str| list.get(name).and_then(Value::as_str).unwrap_or_default();
                (text("Id").to_owned(), format!("{}, {}", text("Title"), text("AsOf")))
            };
            lists.into_iter().flatten().map(entry).collect()
        })
    }

    /// Title and day of a list; its id until the account has answered.
    pub fn title(self, id: &str) -> String {
        let found = self.lists().into_iter().find(|(list, _)| list == id);
        found.map_or_else(|| id.to_owned(), |(_, title)| title)
    }
}

#[component]
pub fn PriceChoice(prices: Prices, value: Signal<String>, set: Callback<String>) -> impl IntoView {
    let lists = Signal::derive(move || prices.lists());
    view! { <Choice label="Prices" choices=lists value=value set=set /> }
}
