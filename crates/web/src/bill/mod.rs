//! The Bill screen: what the account's storage cost, by month, service and line; and the bar that lets days pass.
//!
//! Belongs here: views over `sluice:GetBill` and `clock:Advance`. Does not belong here: any arithmetic of prices (core's `storage::cost`).

mod model;
mod months;
mod time;

use leptos::prelude::*;
use serde_json::json;
use sluice_core::account::Call;
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

use crate::components::{Crumb, Empty, Fault, ScreenActions, ShellState, glyph};
use crate::format;
use crate::host::{query, use_host};
use crate::router::Route;
use model::{Bill, Line, Prices};
use months::Months;

pub use time::TimeBar;

#[component]
pub fn BillScreen() -> impl IntoView {
    let host = use_host();
    let shell = expect_context::<ShellState>();
    Effect::new(move |_| shell.place(vec![Crumb::new("Bill", &Route::Bill)]));
    let list = RwSignal::new(None::<String>);
    let prices = query(host, move || {
        let params = list
            .get()
            .map_or_else(|| json!({ "Prefix": "-" }), |list| json!({ "Prefix": "-", "PriceList": list }));
        Some(Call::new("sluice", "GetPrices", params))
    });
    let bill = query(host, move || {
        let params = list.get().map_or_else(|| json!({}), |list| json!({ "PriceList": list }));
        Some(Call::new("sluice", "GetBill", params))
    });
    let known = Memo::new(move |_| bill.read::<Bill>());
    let none = move || known.with(|known| !matches!(known, Some(Ok(bill)) if !bill.lines.is_empty()));
    let download = move |_| {
        if let Some(Ok(bill)) = known.get_untracked() {
            save_text(&bill.csv(), "sluice-bill.csv");
            host.announce("Downloaded the bill.");
        }
    };
    view! {
        <ScreenActions>
            <button type="button" class="btn" disabled=none on:click=download>
                {glyph("download")}
                "Download CSV"
            </button>
        </ScreenActions>
        <div class="bill">
            <div class="sheet">
                <header class="screen-head">
                    <div>
                        <h1>"Bill"</h1>
                        <p class="sub">
                            "Simulated: what this account’s storage would have cost, from its own usage and the prices of the list below. It is not AWS’s invoice."
                        </p>
                    </div>
                </header>
                {move || match prices.read::<Prices>() {
                    None => ().into_any(),
                    Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                    Some(Ok(prices)) => {
                        let chosen = prices.price_list.clone();
                        view! {
                            <div class="field price-list">
                                <label for="price-list">"Price list"</label>
                                <select id="price-list" class="select" on:change=move |event| list.set(Some(event_target_value(&event)))>
                                    {prices
                                        .price_lists
                                        .into_iter()
                                        .map(|list| {
                                            let selected = list.id == chosen;
                                            view! {
                                                <option value=list.id selected=selected>
                                                    {list.title}
                                                </option>
                                            }
                                        })
                                        .collect_view()}
                                </select>
                                <span class="hint">{format!("As of {} · {} · source: {}", prices.as_of, prices.region, prices.source)}</span>
                            </div>
                        }
                            .into_any()
                    }
                }}
                {move || match known.get() {
                    None => ().into_any(),
                    Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                    Some(Ok(bill)) if bill.lines.is_empty() => {
                        view! {
                            <Empty title="Nothing to bill yet" text="Requests cost at once; storage costs by the time it is held. Put an object into a bucket and let some days pass.">
                                <a class="btn" href="#/storage">
                                    "Go to Storage"
                                </a>
                            </Empty>
                        }
                            .into_any()
                    }
                    Some(Ok(bill)) => {
                        view! {
                            <p class="total">
                                <span>"Total"</span>
                                <b class="mono">{format!("{} {}", bill.total, bill.currency)}</b>
                            </p>
                            <Months bill=bill.clone() />
                            {bill.by_month().into_iter().map(|(month, total, lines)| view! { <Month month=month total=total lines=lines /> }).collect_view()}
                            {(!bill.unpriced.is_empty())
                                .then(|| {
                                    view! {
                                        <p class="meta">
                                            {format!("{} kinds of usage have no price in this list and are in no line.", bill.unpriced.len())}
                                        </p>
                                    }
                                })}
                        }
                            .into_any()
                    }
                }}
            </div>
            <TimeBar />
        </div>
    }
}

/// The lines of one month.
#[component]
fn Month(month: String, total: String, lines: Vec<Line>) -> impl IntoView {
    let name = format!("Lines of {month}");
    let region = name.clone();
    view! {
        <section class="month">
            <header>
                <h2>{month}</h2>
                <b class="mono">{total}</b>
            </header>
            <div class="table-scroll" tabindex="0" role="region" aria-label=region>
                <table class="list" aria-label=name>
                    <thead>
                        <tr>
                            <th scope="col" class="of">
                                "Service"
                            </th>
                            <th scope="col">"Line"</th>
                            <th scope="col" class="num">"Quantity"</th>
                            <th scope="col" class="num">"Unit price"</th>
                            <th scope="col" class="num">"Amount"</th>
                        </tr>
                    </thead>
                    {by_service(lines)
                        .into_iter()
                        .map(|(service, lines)| {
                            view! {
                                <tbody>
                                    <tr class="service">
                                        <th scope="rowgroup" colspan="5">
                                            {service}
                                        </th>
                                    </tr>
                                    {lines.into_iter().map(|line| view! { <BillLine line=line /> }).collect_view()}
                                </tbody>
                            }
                        })
                        .collect_view()}
                </table>
            </div>
        </section>
    }
}

/// Lines of the same service in a row, in the order of the bill.
fn by_service(lines: Vec<Line>) -> Vec<(String, Vec<Line>)> {
    let mut groups: Vec<(String, Vec<Line>)> = Vec::new();
    for line in lines {
        match groups.iter_mut().find(|(service, _)| *service == line.service) {
            Some((_, own)) => own.push(line),
            None => groups.push((line.service.clone(), vec![line])),
        }
    }
    groups
}

#[component]
fn BillLine(line: Line) -> impl IntoView {
    let price = line.price();
    view! {
        <tr>
            <td class="of">{line.service}</td>
            <td>
                {line.description} " " <span class="meta mono">{line.usage_type}</span>
                {line.confidence.map(|_| view! { " " <span class="chip">"price unconfirmed"</span> })}
            </td>
            <td class="num mono" title=line.quantity.to_string()>
                {format::significant(line.quantity)} " " {line.unit}
            </td>
            <td class="num mono">{price}</td>
            <td class="num mono">{line.amount}</td>
        </tr>
    }
}

/// Hands a text to the browser as a download.
fn save_text(text: &str, name: &str) {
    let Ok(blob) = Blob::new_with_str_sequence(&js_sys::Array::of1(&text.into())) else {
        return;
    };
    let Ok(address) = Url::create_object_url_with_blob(&blob) else { return };
    if let Some(link) = document().create_element("a").ok().and_then(|link| link.dyn_into::<HtmlAnchorElement>().ok()) {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // The browser has taken the bytes over once the click is handled.
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&address);
        },
        core::time::Duration::from_secs(10),
    );
}
