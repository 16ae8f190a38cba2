//! The frame of every figure: title, controls, picture, caption, how true it is, its data as a table, its description, its link.
//!
//! Belongs here: what all figures share. Does not belong here: anything of one figure.

use leptos::prelude::*;

use super::address::{self, Texts};
use crate::components::{ShellState, glyph};
use crate::host::{Host, use_host};

/// What a figure shows as a table; every row is as long as the head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// How many columns at the start are words; the rest are numbers.
    pub words: usize,
    pub head: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// How true a figure is: `exact`, `simplified` or `stretched`, and what it rests on, with the date.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fidelity {
    pub label: String,
    pub source: String,
}

#[component]
pub fn Frame(
    id: &'static str,
    title: &'static str,
    /// What the picture shows now, in a sentence.
    caption: Signal<String>,
    fidelity: Signal<Fidelity>,
    table: Signal<Table>,
    /// The picture in words, computed from the same answer.
    description: Signal<String>,
    /// What the link carries.
    settings: Signal<Texts>,
    /// Where it stands within the page, after `#/`; `figures/<id>` if not said.
    #[prop(optional, into)]
    place: String,
    #[prop(into)] controls: ViewFn,
    children: ChildrenFn,
) -> impl IntoView {
    let place = StoredValue::new(if place.is_empty() { format!("figures/{id}") } else { place });
    let host = use_host();
    let (as_table, described) = (RwSignal::new(false), RwSignal::new(false));
    let linked = RwSignal::new(false);
    let alone = expect_context::<ShellState>().figure.with_value(Option::is_some);
    Effect::new(move |_| address::put(&settings.get()));
    on_cleanup(move || {
        if let Some(settings) = settings.try_get_untracked() {
            let gone = settings.into_iter().map(|(name, _)| (name, String::new())).collect();
            address::put(&gone);
        }
    });
    let link = move || address::link(id, &settings.get(), true);
    let copy = move |_| {
        linked.set(true);
        let link = untrack(link);
        leptos::task::spawn_local(async move {
            let copied = write_to_clipboard(&link).await;
            host.announce(if copied { "Link copied" } else { "The link stands below the figure" });
        });
    };
    let caption_id = StoredValue::new(format!("caption-{id}"));
    view! {
        <figure class="figure" aria-labelledby=caption_id.get_value()>
            <header class="figure-head">
                <h1>{title}</h1>
                <div class="row">
                    <button type="button" class="btn" aria-pressed=move || as_table.get().to_string() on:click=move |_| as_table.update(|on| *on = !*on)>
                        "Show as table"
                    </button>
                    <button type="button" class="btn" aria-pressed=move || described.get().to_string() on:click=move |_| described.update(|on| *on = !*on)>
                        "Describe"
                    </button>
                    <button type="button" class="btn" on:click=copy>
                        {glyph("link")}
                        "Copy link"
                    </button>
                    {alone
                        .then(|| {
                            view! {
                                <a class="btn quiet" href=move || place.with_value(|place| address::link_in(id, place, &settings.get(), false)) target="_blank">
                                    "Open in Sluice"
                                </a>
                            }
                        })}
                </div>
            </header>
            <div class="figure-body">
                <div class="figure-picture">
                    {move || {
                        if as_table.get() {
                            view! { <Data title=title table=table /> }.into_any()
                        } else {
                            children().into_any()
                        }
                    }}
                    {move || described.get().then(|| view! { <p class="figure-words">{description.get()}</p> })}
                    {move || {
                        linked
                            .get()
                            .then(|| {
                                view! {
                                    <label class="field figure-link">
                                        <span class="label">"Link"</span>
                                        <input class="input mono" readonly prop:value=link />
                                    </label>
                                }
                            })
                    }}
                </div>
                <section class="figure-controls" aria-label="Settings">
                    {controls.run()}
                </section>
            </div>
            <figcaption>
                <span id=caption_id.get_value()>
                    <b>{title}". "</b>
                    <em>{move || caption.get()}</em>
                </span>
                <span class="chip fidelity">
                    {move || {
                        let fidelity = fidelity.get();
                        format!("{} · {}", fidelity.label, fidelity.source)
                    }}
                </span>
            </figcaption>
        </figure>
    }
}

/// Copies a link to an instant of a simulation, and says so.
pub fn copy_instant(host: Host, link: String) {
    leptos::task::spawn_local(async move {
        let copied = write_to_clipboard(&link).await;
        host.announce(if copied {
            "Link to this instant copied"
        } else {
            "The address of this page is the link to this instant"
        });
    });
}

/// Whether the text is in the clipboard now: a frame or a page without TLS may have none.
pub async fn write_to_clipboard(text: &str) -> bool {
    let navigator = window().navigator();
    let has_one = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|clipboard| clipboard.is_object());
    has_one && wasm_bindgen_futures::JsFuture::from(navigator.clipboard().write_text(text)).await.is_ok()
}

/// A figure's data, in a region that scrolls.
#[component]
pub fn Data(title: &'static str, table: Signal<Table>) -> impl IntoView {
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label="Data of the figure">
            {move || {
                let table = table.get();
                view! {
                    <table class="list" aria-label=title>
                        <thead>
                            <tr>
                                {table
                                    .head
                                    .iter()
                                    .enumerate()
                                    .map(|(column, text)| view! { <th scope="col" class:num={column >= table.words}>{text.clone()}</th> })
                                    .collect_view()}
                            </tr>
                        </thead>
                        <tbody>
                            {table
                                .rows
                                .iter()
                                .map(|row| {
                                    let mut cells = row.iter().cloned();
                                    let first = cells.next().unwrap_or_default();
                                    view! {
                                        <tr>
                                            <th scope="row">{first}</th>
                                            {cells.enumerate().map(|(at, text)| view! { <td class:num={at + 1 >= table.words}>{text}</td> }).collect_view()}
                                        </tr>
                                    }
                                })
                                .collect_view()}
                        </tbody>
                    </table>
                }
            }}
        </div>
    }
}
