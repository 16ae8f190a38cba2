//! The ways as a list to choose from: whether each can, its use, its curve in small, its cost.

use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use sluice_core::account::ApiError;
use web_sys::KeyboardEvent;

use super::super::text::money;
use super::answer::{Answer, Way};
use super::chart::small;
use super::words::{self, used};
use crate::keys::{Key, KeyGroup};

/// Keys of the list, for the help.
pub const KEYS: KeyGroup = KeyGroup {
    title: "Ways to store the data",
    keys: &[
        Key {
            keys: "↑ ↓",
            action: "look at the way above or below",
        },
        Key {
            keys: "Home",
            action: "look at the first (End: the last)",
        },
    ],
};

const SERVICES: [(&str, &str); 3] = [("S3", "S3, by storage class"), ("EFS", "EFS, by mode"), ("EBS", "EBS, by volume type")];

/// One stop of the keyboard; arrows go from way to way.
#[component]
pub fn Options(answer: Memo<Option<Result<Answer, ApiError>>>, chosen: Memo<Option<Way>>, pick: Callback<String>) -> impl IntoView {
    let list = NodeRef::<html::Div>::new();
    let name = Memo::new(move |_| chosen.with(|way| way.as_ref().map(|way| way.name.clone())));
    let names = move || -> Vec<String> {
        answer.with_untracked(|answer| match answer {
            Some(Ok(answer)) => answer.options.iter().map(|way| way.name.clone()).collect(),
            _ => Vec::new(),
        })
    };
    let on_key = move |event: KeyboardEvent| {
        let names = names();
        let now = name.get_untracked().and_then(|name| names.iter().position(|other| *other == name)).unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowDown" => now + 1,
            "ArrowUp" => now.saturating_sub(1),
            "Home" => 0,
            "End" => names.len().saturating_sub(1),
            _ => return,
        };
        event.prevent_default();
        let Some(name) = names.get(next.min(names.len().saturating_sub(1))) else {
            return;
        };
        pick.run(name.clone());
        let row = list
            .get_untracked()
            .and_then(|list| list.query_selector(&format!("#{}", row_id(name))).ok().flatten());
        if let Some(row) = row.and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok()) {
            row.scroll_into_view_with_bool(false);
        }
    };
    let rows = move || {
        let Some(Ok(answer)) = answer.get() else { return ().into_any() };
        SERVICES
            .into_iter()
            .map(|(service, title)| {
                let ways: Vec<&Way> = answer.options.iter().filter(|way| way.service == service).collect();
                let rows = ways
                    .into_iter()
                    .map(|way| row(way, answer.cheapest.as_deref() == Some(way.name.as_str()), name, pick))
                    .collect_view();
                view! {
                    <div role="group" aria-label=title>
                        <p class="service" aria-hidden="true">
                            {title}
                        </p>
                        {rows}
                    </div>
                }
            })
            .collect_view()
            .into_any()
    };
    view! {
        <div
            node_ref=list
            class="ways"
            role="listbox"
            tabindex="0"
            aria-label="Ways to store the data"
            aria-activedescendant=move || name.get().map(|name| row_id(&name))
            on:keydown=on_key
        >
            {rows}
        </div>
    }
}

fn row(way: &Way, is_cheapest: bool, chosen: Memo<Option<String>>, pick: Callback<String>) -> impl IntoView + use<> {
    let (state, mark) = match way.verdict() {
        "can" => ("ok", "✓"),
        "cannot" => ("err", "✕"),
        _ => ("warn", "!"),
    };
    let why = match &way.deciding {
        Some(limit) => format!("{}: {}", words::limit(&limit.name), limit.text),
        None if is_cheapest => "the cheapest that can".to_owned(),
        None => String::new(),
    };
    let own = way.name.clone();
    let picked = way.name.clone();
    view! {
        <div
            id=row_id(&way.name)
            class="way-row"
            role="option"
            aria-selected=move || (chosen.with(|name| name.as_deref() == Some(own.as_str()))).to_string()
            on:click=move |_| pick.run(picked.clone())
        >
            <span class="way-name">{way.title.clone()}</span>
            <span class=format!("state {state}")>
                <span aria-hidden="true">{mark}</span>
                {way.verdict()}
            </span>
            {small(way)}
            <span class="way-use mono">{used(way)}</span>
            <span class="way-cost mono">{money(&way.cost)}</span>
            <span class="way-why">{why}</span>
        </div>
    }
}

fn row_id(name: &str) -> String {
    format!("way-{name}")
}
