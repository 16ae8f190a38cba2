//! An object as a table, or, where it is none, its first bytes as text.

use leptos::prelude::*;
use leptos::task::spawn_local;
use sluice_core::account::{ApiError, BadRow, ObjectFormat};
use sluice_protocol::{PageReply, PageRequest, PeekReply};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::components::Fault;
use crate::format;
use crate::grid::Grid;
use crate::host::{unexpected, use_host};

/// Rows of one page of the grid.
const ROWS: u32 = 200;
/// Bytes shown of what is no table.
const HEAD: f64 = 4_096.0;

#[component]
pub fn Preview(bucket: String, key: String, bytes: RwSignal<Option<Blob>, LocalStorage>) -> impl IntoView {
    let host = use_host();
    let place = StoredValue::new((bucket, key));
    let peeked = RwSignal::new(None::<Result<PeekReply, ApiError>>);
    let asked = StoredValue::new(0_u32);
    let ask = move |offset: u64| {
        let number = asked.get_value().wrapping_add(1);
        asked.set_value(number);
        let (bucket, key) = place.get_value();
        spawn_local(async move {
            let request = PageRequest::Peek {
                bucket,
                key,
                offset,
                rows: ROWS,
            };
            let answer = match host.request(request, Vec::new()).await.0 {
                PageReply::Peeked { result } => result,
                other => Err(unexpected(other)),
            };
            if asked.try_get_value() == Some(number) {
                peeked.set(Some(answer));
            }
        });
    };
    ask(0);
    let page = Signal::derive(move || peeked.with(|peeked| peeked.as_ref().and_then(|peeked| peeked.as_ref().ok()).map(|peeked| peeked.page.clone())));
    let failed = Memo::new(move |_| peeked.with(|peeked| peeked.as_ref().and_then(|peeked| peeked.as_ref().err().cloned())));
    let told = move || {
        peeked.with(|peeked| match peeked {
            Some(Ok(peeked)) => Some((
                // Without a column there is nothing that shows a format.
                if peeked.page.total_columns == 0 {
                    "no data".into()
                } else {
                    words(&peeked.format)
                },
                rows(peeked),
                peeked.facts.clone(),
                peeked.bad_rows,
                peeked.bad_samples.clone(),
            )),
            _ => None,
        })
    };
    view! {
        <section class="preview" aria-label="Preview">
            {move || {
                told()
                    .map(|(kind, rows, facts, bad, samples)| {
                        view! {
                            <header>
                                <h3>"Rows"</h3>
                                <span class="meta">{format!("{kind} · {rows}")}</span>
                                {facts
                                    .into_iter()
                                    .map(|(name, value)| view! { <span class="chip">{format!("{name} {value}")}</span> })
                                    .collect_view()}
                            </header>
                            {(bad > 0).then(|| view! { <BadRows count=bad samples=samples /> })}
                        }
                    })
            }}
            {move || match failed.get() {
                None => view! { <Grid page=page on_offset=Callback::new(ask) /> }.into_any(),
                Some(error) => {
                    view! {
                        <Fault error=error />
                        <FirstBytes bytes=bytes />
                    }
                        .into_any()
                }
            }}
        </section>
    }
}

/// The first bytes as text; nothing where there are none.
#[component]
pub fn FirstBytes(bytes: RwSignal<Option<Blob>, LocalStorage>) -> impl IntoView {
    let text = LocalResource::new(move || {
        let blob = bytes.get();
        async move {
            let slice = blob?.slice_with_f64_and_f64(0.0, HEAD).ok()?;
            JsFuture::from(slice.text()).await.ok()?.as_string()
        }
    });
    move || {
        text.get().flatten().filter(|text| !text.is_empty()).map(|text| {
            view! {
                <header>
                    <h3>"First bytes"</h3>
                    <span class="meta">"as UTF-8 text, at most 4 KB"</span>
                </header>
                <pre class="head-bytes" tabindex="0">
                    {text}
                </pre>
            }
        })
    }
}

#[component]
fn BadRows(count: u64, samples: Vec<BadRow>) -> impl IntoView {
    view! {
        <details class="bad-rows">
            <summary>
                <span class="state warn">{format!("! {}", format::plural(count, "row does not fit", "rows do not fit"))}</span>
            </summary>
            <ol role="list">
                {samples
                    .into_iter()
                    .map(|row| {
                        view! {
                            <li>
                                <b>{format!("Line {}", format::count(row.line))}</b>
                                " "
                                {row.reason}
                                <code>{row.raw}</code>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </details>
    }
}

fn words(format: &ObjectFormat) -> String {
    match format {
        ObjectFormat::Csv { delimiter, header, .. } => {
            let separated = match delimiter {
                ',' => "CSV".to_owned(),
                '\t' => "CSV, tabs".to_owned(),
                other => format!("CSV, {other}"),
            };
            format!("{separated}, {}", if *header { "with a header" } else { "no header" })
        }
        ObjectFormat::Json { multiline: false } => "JSON lines".into(),
        ObjectFormat::Json { multiline: true } => "JSON".into(),
        ObjectFormat::Parquet => "Parquet".into(),
    }
}

fn rows(peeked: &PeekReply) -> String {
    let page = &peeked.page;
    let columns = format::plural(u64::from(page.total_columns), "column", "columns");
    if page.complete {
        format!("{}, {columns}", format::plural(page.total, "row", "rows"))
    } else {
        format!("the first {}, {columns}", format::plural(page.total, "row", "rows"))
    }
}
