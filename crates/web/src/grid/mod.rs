//! The one grid that shows every table: virtual rows and columns over pages of cells, on a real `<table>`.
//!
//! Belongs here: drawing, scrolling, the cell cursor, column widths, copying. Does not belong here: where a page comes from, and what a table means.

mod header;
mod model;

use std::collections::BTreeMap;

use leptos::ev;
use leptos::html;
use leptos::prelude::*;
use sluice_protocol::TablePage;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use crate::format::{count, plural};
use crate::host::use_host;
use crate::keys::{Key, KeyGroup, register};
use header::{ColumnHead, spoken};
use model::{
    CellAt, NARROWEST, ROW, WIDEST, cell, column_window, is_numeric, natural_widths, numbers_width, rectangle, row_window, scroll_to_row, tab_separated,
};

const KEYS: KeyGroup = KeyGroup {
    title: "Table of rows",
    keys: &[
        Key {
            keys: "↑ ↓ ← →",
            action: "move to another cell",
        },
        Key {
            keys: "Shift+↑ ↓ ← →",
            action: "select cells",
        },
        Key {
            keys: "Home",
            action: "go to the first column",
        },
        Key {
            keys: "Ctrl+End",
            action: "go to the last cell",
        },
        Key {
            keys: "PageDown",
            action: "go down one page",
        },
        Key {
            keys: "Alt+←",
            action: "make the column narrower (Alt+→: wider)",
        },
        Key {
            keys: "Ctrl+C",
            action: "copy the selected cells as tab-separated text",
        },
    ],
};

/// Columns that a page may carry at most.
const PAGE_COLUMNS: usize = 512;

#[component]
pub fn Grid(
    /// The page on show; `None` while the first is on its way.
    page: Signal<Option<TablePage>>,
    /// Asks for the page that starts at this row.
    on_offset: Callback<u64>,
    /// The table's accessible name.
    #[prop(into, default = Signal::stored("Rows".to_string()))]
    label: Signal<String>,
    /// A note under the table, such as "first 20,000 rows".
    #[prop(into, optional)]
    caption: Signal<Option<String>>,
    /// Names of columns that the next step takes away: drawn hatched.
    #[prop(into, optional)]
    removed: Signal<Vec<String>>,
) -> impl IntoView {
    let host = use_host();
    register(KEYS);
    let scroller = NodeRef::<html::Div>::new();
    let top = RwSignal::new(0.0_f64);
    let left = RwSignal::new(0.0_f64);
    let size = RwSignal::new((0.0_f64, 0.0_f64));
    let head_height = RwSignal::new(62.0_f64);
    let cursor = RwSignal::new(None::<CellAt>);
    let anchor = RwSignal::new(None::<CellAt>);
    let chosen = RwSignal::new(BTreeMap::<String, f64>::new());
    let id = StoredValue::new(unique_id());

    let columns = Memo::new(move |_| page.with(|page| page.as_ref().map(|page| page.columns.clone()).unwrap_or_default()));
    let total = Memo::new(move |_| page.with(|page| page.as_ref().map_or(0, |page| page.total)));
    let numbers = Memo::new(move |_| numbers_width(total.get()));
    // Where a long table was gone to: the scroll position and the row that it stands for.
    let pinned = RwSignal::new(None::<(f64, u64)>);
    let pinned_first = move |top: f64| pinned.get().filter(|(at, _)| (at - top).abs() < 1.5).map(|(_, first)| first);
    let natural = Memo::new(move |before: Option<&(Vec<String>, Vec<f64>)>| {
        page.with(|page| {
            let Some(page) = page else { return (Vec::new(), Vec::new()) };
            let names: Vec<String> = page.columns.iter().map(|column| column.name.clone()).collect();
            // Another page of the same table must not move the columns.
            match before {
                Some((old, widths)) if *old == names && !page.rows.is_empty() && widths.len() == names.len() && page.offset > 0 => (names, widths.clone()),
                _ => (names, natural_widths(page)),
            }
        })
    });
    let widths = Memo::new(move |_| {
        natural.with(|(names, natural)| {
            chosen.with(|chosen| {
                let both = names.iter().zip(natural);
                both.map(|(name, natural)| chosen.get(name).copied().unwrap_or(*natural)).collect::<Vec<f64>>()
            })
        })
    });
    let rows = Memo::new(move |_| row_window(total.get(), top.get(), (size.get().1 - head_height.get()).max(ROW), pinned_first(top.get())));
    let shown = Memo::new(move |_| widths.with(|widths| column_window(widths, left.get() - numbers.get(), size.get().0)));

    // What is in view and not on the page at hand is asked for, once a stretch, with a third of a page above it.
    let asked = StoredValue::new(None::<u64>);
    Effect::new(move |_| {
        let window = rows.get();
        page.with(|page| {
            let Some(page) = page else { return };
            let loaded = page.rows.len() as u64;
            let end = page.offset + loaded;
            let inside = window.first >= page.offset && window.end.min(page.total) <= end;
            if inside || window.first >= window.end || (loaded == 0 && page.offset == 0) {
                asked.set_value(None);
                return;
            }
            let offset = window.first.saturating_sub(loaded / 3);
            let near = asked.get_value().is_some_and(|last| window.first >= last && window.end <= last + loaded.max(1));
            if !near {
                asked.set_value(Some(offset));
                on_offset.run(offset);
            }
        });
    });
    // Another table starts at its first cell.
    Effect::new(move |before: Option<Vec<String>>| {
        let names: Vec<String> = columns.with(|columns| columns.iter().map(|column| column.name.clone()).collect());
        if before.is_some_and(|before| before != names) {
            cursor.set(None);
            anchor.set(None);
            if let Some(element) = scroller.get_untracked() {
                element.set_scroll_left(0);
            }
        }
        names
    });
    observe_size(scroller, size, head_height);

    let go = move |to: CellAt, extend: bool| {
        let (row_count, column_count) = (total.get_untracked(), columns.with_untracked(Vec::len));
        if column_count == 0 {
            return;
        }
        let last = i64::try_from(row_count).unwrap_or(i64::MAX) - 1;
        let to = CellAt {
            row: to.row.clamp(-1, last),
            column: to.column.min(column_count - 1),
        };
        let from = cursor.get_untracked();
        cursor.set(Some(to));
        if extend {
            if anchor.get_untracked().is_none() {
                anchor.set(from.or(Some(to)));
            }
        } else {
            anchor.set(None);
        }
        let Some(element) = scroller.get_untracked() else { return };
        let body = size.get_untracked().1 - head_height.get_untracked();
        let now = f64::from(element.scroll_top());
        if let Ok(row) = u64::try_from(to.row)
            && let Some((target, first)) = scroll_to_row(row_count, row, now, body, untrack(|| pinned_first(now)))
        {
            element.set_scroll_top(target as i32);
            pinned.set(first.map(|first| (f64::from(element.scroll_top()), first)));
        }
        widths.with_untracked(|widths| {
            let start: f64 = widths.iter().take(to.column).sum();
            let width = widths.get(to.column).copied().unwrap_or_default();
            let (view_left, view) = (f64::from(element.scroll_left()), size.get_untracked().0 - numbers.get_untracked());
            if start < view_left {
                element.set_scroll_left(start as i32);
            } else if start + width > view_left + view {
                element.set_scroll_left((start + width - view).max(0.0).min(start) as i32);
            }
        });
    };
    let resize = move |column: usize, width: f64| {
        let name = columns.with_untracked(|columns| columns.get(column).map(|column| column.name.clone()));
        if let Some(name) = name {
            chosen.update(|chosen| {
                chosen.insert(name, width.clamp(NARROWEST, WIDEST).round());
            });
        }
    };

    let on_key = move |event: ev::KeyboardEvent| {
        let at = cursor.get_untracked().unwrap_or(CellAt { row: 0, column: 0 });
        let page_rows = ((size.get_untracked().1 - head_height.get_untracked()) / ROW).max(2.0) as i64 - 1;
        let last_column = columns.with_untracked(Vec::len).saturating_sub(1);
        let ctrl = event.ctrl_key() || event.meta_key();
        if event.alt_key() {
            let step = match event.key().as_str() {
                "ArrowLeft" => -16.0,
                "ArrowRight" => 16.0,
                _ => return,
            };
            event.prevent_default();
            let width = widths.with_untracked(|widths| widths.get(at.column).copied().unwrap_or(120.0));
            resize(at.column, width + step);
            return;
        }
        let to = match event.key().as_str() {
            "ArrowUp" if ctrl => CellAt { row: -1, ..at },
            "ArrowDown" if ctrl => CellAt { row: i64::MAX, ..at },
            "ArrowUp" => CellAt { row: at.row - 1, ..at },
            "ArrowDown" => CellAt { row: at.row + 1, ..at },
            "ArrowLeft" => CellAt {
                column: at.column.saturating_sub(1),
                ..at
            },
            "ArrowRight" => CellAt { column: at.column + 1, ..at },
            "PageUp" => CellAt {
                row: (at.row - page_rows).max(0),
                ..at
            },
            "PageDown" => CellAt {
                row: at.row.saturating_add(page_rows),
                ..at
            },
            "Home" => CellAt {
                row: if ctrl { 0 } else { at.row },
                column: 0,
            },
            "End" => CellAt {
                row: if ctrl { i64::MAX } else { at.row },
                column: last_column,
            },
            "a" | "A" if ctrl => {
                event.prevent_default();
                anchor.set(Some(CellAt { row: 0, column: 0 }));
                cursor.set(Some(CellAt {
                    row: i64::try_from(total.get_untracked()).unwrap_or(i64::MAX) - 1,
                    column: last_column,
                }));
                return;
            }
            "Escape" if anchor.get_untracked().is_some() => {
                event.prevent_default();
                event.stop_propagation();
                anchor.set(None);
                return;
            }
            _ => return,
        };
        event.prevent_default();
        go(to, event.shift_key());
    };
    let on_copy = move |event: ev::Event| {
        let Some(at) = cursor.get_untracked() else { return };
        let Some((text, rows)) = page.with_untracked(|page| page.as_ref().map(|page| tab_separated(page, anchor.get_untracked().unwrap_or(at), at))) else {
            return;
        };
        if !put_on_clipboard(&event, &text) {
            return;
        }
        let (first, last, ..) = rectangle(anchor.get_untracked().unwrap_or(at), at);
        let wanted = last - first + 1;
        host.announce(if at.row < 0 {
            "Copied the column name.".to_string()
        } else if rows < wanted {
            format!("Copied {} of {}: the others are not loaded.", count(rows), plural(wanted, "row", "rows"))
        } else if rows == 1 && anchor.get_untracked().is_none() {
            "Copied the cell.".to_string()
        } else {
            format!("Copied {}.", plural(rows, "row", "rows"))
        });
    };
    let on_pointer = move |event: ev::PointerEvent| {
        let Some(at) = cell_of(event.target()) else { return };
        if event.button() == 0 {
            go(at, event.shift_key());
        }
    };
    let on_move = move |event: ev::PointerEvent| {
        if event.buttons() & 1 == 1
            && event.pointer_type() == "mouse"
            && let Some(at) = cell_of(event.target())
            && at.row >= 0
            && cursor.get_untracked().is_some_and(|cursor| cursor != at)
        {
            go(at, true);
        }
    };

    let selected = Memo::new(move |_| {
        let at = cursor.get()?;
        anchor.get().map(|anchor| rectangle(anchor, at))
    });
    let active = move || {
        cursor.get().map(|at| {
            let id = id.get_value();
            match u64::try_from(at.row) {
                Ok(row) => format!("{id}-{row}-{}", at.column),
                Err(_) => format!("{id}-h-{}", at.column),
            }
        })
    };
    let is_removed = move |name: &str| removed.with(|removed| removed.iter().any(|other| other == name));

    let col_group = move || {
        let window = shown.get();
        widths.with(|widths| {
            let inner = widths.get(window.first..window.end).unwrap_or_default().to_vec();
            let col = |width: f64| view! { <col style=format!("width:{width}px") /> };
            view! {
                {col(numbers.get())}
                {col(window.before)}
                {inner.into_iter().map(col).collect_view()}
                {col(window.after)}
            }
        })
    };
    let table_width = move || widths.with(|widths| widths.iter().sum::<f64>() + numbers.get());
    let head = move || {
        let window = shown.get();
        columns.with(|columns| {
            let inner = columns.get(window.first..window.end).unwrap_or_default().to_vec();
            let cells = inner.into_iter().enumerate().map(|(index, column)| {
                let index = window.first + index;
                let gone = is_removed(&column.name);
                let numeric = is_numeric(&column.data_type);
                view! {
                    <th
                        role="columnheader"
                        scope="col"
                        id=format!("{}-h-{index}", id.get_value())
                        aria-colindex=(index + 2).to_string()
                        aria-label=spoken(&column, gone)
                        data-r="-1"
                        data-c=index.to_string()
                        class:num=numeric
                        class:gone=gone
                        class:on=move || cursor.get() == Some(CellAt { row: -1, column: index })
                    >
                        <ColumnHead column=column.clone() />
                        <Grip column=index widths resize=Callback::new(move |(column, width)| resize(column, width)) />
                    </th>
                }
            });
            cells.collect_view()
        })
    };
    let body = move || {
        let (rows, window) = (rows.get(), shown.get());
        let (at, selection) = (cursor.get(), selected.get());
        let id = id.get_value();
        page.with(|page| {
            let Some(page) = page else { return Vec::new() };
            let kinds: Vec<(bool, bool, bool)> = page
                .columns
                .get(window.first..window.end.min(page.columns.len()))
                .unwrap_or_default()
                .iter()
                .map(|column| {
                    let float = matches!(column.data_type, sluice_core::etl::DataType::Float | sluice_core::etl::DataType::Double);
                    (is_numeric(&column.data_type), float, is_removed(&column.name))
                })
                .collect();
            (rows.first..rows.end.min(page.total))
                .map(|row| {
                    let cells: Vec<_> = kinds
                        .iter()
                        .enumerate()
                        .map(|(index, &(numeric, float, gone))| {
                            let column = window.first + index;
                            let value = cell(page, row, column);
                            let on = at == Some(CellAt { row: row as i64, column });
                            let within = selection.is_some_and(|(top, bottom, left, right)| (top..=bottom).contains(&row) && (left..=right).contains(&column));
                            let (class, text) = match value {
                                None => ("wait", String::new()),
                                Some(None) => ("null", "null".into()),
                                Some(Some("")) => ("blank", "''".into()),
                                Some(Some(text)) if float && is_odd_number(text) => ("odd", text.to_owned()),
                                Some(Some(text)) => ("", text.chars().take(400).collect()),
                            };
                            let class = format!(
                                "{class}{}{}{}{}",
                                if numeric { " num" } else { "" },
                                if gone { " gone" } else { "" },
                                if on { " on" } else { "" },
                                if within { " in" } else { "" }
                            );
                            let said = (value == Some(Some(""))).then_some("empty string");
                            view! {
                                <td
                                    role="gridcell"
                                    id=format!("{id}-{row}-{column}")
                                    class=class
                                    aria-colindex=(column + 2).to_string()
                                    aria-label=said
                                    aria-selected=within.then_some("true")
                                    data-r=row.to_string()
                                    data-c=column.to_string()
                                >
                                    {text}
                                </td>
                            }
                        })
                        .collect();
                    view! {
                        <tr role="row" aria-rowindex=(row + 2).to_string()>
                            <th role="rowheader" scope="row" class="rn">
                                {count(row + 1)}
                            </th>
                            <td class="pad" aria-hidden="true"></td>
                            {cells}
                            <td class="pad" aria-hidden="true"></td>
                        </tr>
                    }
                })
                .collect::<Vec<_>>()
        })
    };
    let foot = move || {
        page.with(|page| {
            let page = page.as_ref()?;
            let all = page.total_columns as usize;
            let columns_text = if all > page.columns.len() {
                format!("first {} of {} columns", count(page.columns.len().min(PAGE_COLUMNS) as u64), count(all as u64))
            } else {
                plural(all as u64, "column", "columns")
            };
            let rows_text = if page.complete {
                plural(page.total, "row", "rows")
            } else {
                format!("{} so far", plural(page.total, "row", "rows"))
            };
            let whole = cursor.get().and_then(|at| {
                let row = u64::try_from(at.row).ok()?;
                let name = page.columns.get(at.column)?.name.clone();
                let value = cell(page, row, at.column)?.map_or_else(|| "null".to_string(), |text| text.chars().take(2_000).collect());
                Some((format!("{name} · row {}", count(row + 1)), value))
            });
            Some(view! {
                <span class="size">{caption.get().unwrap_or(rows_text)} " · " {columns_text}</span>
                {whole
                    .map(|(place, value)| {
                        view! {
                            <span class="whole" title=value.clone()>
                                <span class="place">{place}</span>
                                <span class="mono">{value.clone()}</span>
                            </span>
                        }
                    })}
            })
        })
    };

    view! {
        <div class="grid">
            <div
                class="grid-scroll"
                node_ref=scroller
                on:scroll=move |_| {
                    if let Some(element) = scroller.get_untracked() {
                        top.set(f64::from(element.scroll_top()));
                        left.set(f64::from(element.scroll_left()));
                    }
                }
            >
                <table
                    role="grid"
                    tabindex="0"
                    aria-label=move || label.get()
                    aria-readonly="true"
                    aria-multiselectable="true"
                    aria-rowcount=move || (total.get() + 1).to_string()
                    aria-colcount=move || (columns.with(Vec::len) + 1).to_string()
                    aria-activedescendant=active
                    aria-busy=move || page.with(Option::is_none).then_some("true")
                    style:width=move || format!("{}px", table_width())
                    on:keydown=on_key
                    on:copy=move |event| on_copy(event.into())
                    on:focus=move |_| {
                        if cursor.get_untracked().is_none() && !columns.with_untracked(Vec::is_empty) {
                            cursor.set(Some(CellAt { row: if total.get_untracked() > 0 { 0 } else { -1 }, column: 0 }));
                        }
                    }
                    on:pointerdown=on_pointer
                    on:pointerover=on_move
                >
                    <colgroup>{col_group}</colgroup>
                    <thead>
                        <tr role="row" aria-rowindex="1">
                            <td class="rn pad corner"></td>
                            <td class="pad" aria-hidden="true"></td>
                            {head}
                            <td class="pad" aria-hidden="true"></td>
                        </tr>
                    </thead>
                    <tbody>
                        <tr class="gap" aria-hidden="true">
                            <td style:height=move || format!("{}px", rows.get().above)></td>
                        </tr>
                        {body}
                        <tr class="gap" aria-hidden="true">
                            <td style:height=move || format!("{}px", rows.get().below)></td>
                        </tr>
                    </tbody>
                </table>
                {move || {
                    page.with(|page| match page {
                        None => Some(view! { <p class="grid-note">"Reading…"</p> }),
                        Some(page) if page.columns.is_empty() => Some(view! { <p class="grid-note">"No columns."</p> }),
                        Some(page) if page.total == 0 => Some(view! { <p class="grid-note">"No rows."</p> }),
                        Some(_) => None,
                    })
                }}
            </div>
            <div class="grid-foot">{foot}</div>
        </div>
    }
}

/// The edge of a column that a pointer drags. The keyboard's way is Alt+← and Alt+→.
#[component]
fn Grip(column: usize, widths: Memo<Vec<f64>>, resize: Callback<(usize, f64)>) -> impl IntoView {
    let start = StoredValue::new(None::<(i32, f64)>);
    view! {
        <span
            class="grip"
            aria-hidden="true"
            on:pointerdown=move |event: ev::PointerEvent| {
                event.stop_propagation();
                event.prevent_default();
                if let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) {
                    let _ = target.set_pointer_capture(event.pointer_id());
                }
                let width = widths.with_untracked(|widths| widths.get(column).copied().unwrap_or(120.0));
                start.set_value(Some((event.client_x(), width)));
            }
            on:pointermove=move |event: ev::PointerEvent| {
                if let Some((x, width)) = start.get_value() {
                    resize.run((column, width + f64::from(event.client_x() - x)));
                }
            }
            on:lostpointercapture=move |_| start.set_value(None)
        ></span>
    }
}

fn is_odd_number(text: &str) -> bool {
    matches!(text, "NaN" | "Infinity" | "-Infinity" | "inf" | "-inf")
}

/// The cell that an event happened in.
fn cell_of(target: Option<web_sys::EventTarget>) -> Option<CellAt> {
    let element = target?.dyn_into::<web_sys::Element>().ok()?.closest("[data-c]").ok()??;
    Some(CellAt {
        row: element.get_attribute("data-r")?.parse().ok()?,
        column: element.get_attribute("data-c")?.parse().ok()?,
    })
}

/// Puts text into a copy event's clipboard, without any permission; whether it could.
fn put_on_clipboard(event: &web_sys::Event, text: &str) -> bool {
    let Some(data) = event.dyn_ref::<web_sys::ClipboardEvent>().and_then(web_sys::ClipboardEvent::clipboard_data) else {
        return false;
    };
    event.prevent_default();
    data.set_data("text/plain", text).is_ok()
}

/// Follows the size of the scrolled box, for as long as the component lives.
fn observe_size(scroller: NodeRef<html::Div>, size: RwSignal<(f64, f64)>, head_height: RwSignal<f64>) {
    let measure = move || {
        let Some(Some(element)) = scroller.try_get_untracked() else { return };
        let now = (f64::from(element.client_width()), f64::from(element.client_height()));
        if size.try_get_untracked().is_some_and(|before| before != now) {
            size.set(now);
        }
        if let Ok(Some(head)) = element.query_selector("thead") {
            let height = head.get_bounding_client_rect().height();
            if height > 0.0 && head_height.try_get_untracked().is_some_and(|before| before != height) {
                head_height.set(height);
            }
        }
    };
    let observer = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(element) = scroller.get() else { return };
        measure();
        let on_resize = Closure::<dyn FnMut()>::new(measure);
        let Ok(resize) = web_sys::ResizeObserver::new(on_resize.as_ref().unchecked_ref()) else {
            return;
        };
        resize.observe(&element);
        if let Ok(Some(head)) = element.query_selector("thead") {
            resize.observe(&head);
        }
        observer.set_value(Some((resize, on_resize)));
    });
    on_cleanup(move || {
        observer.try_update_value(|observer| {
            if let Some((resize, _)) = observer.take() {
                resize.disconnect();
            }
        });
    });
}

/// Prefix of the ids of one grid's cells.
fn unique_id() -> String {
    use core::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("grid{}", NEXT.fetch_add(1, Ordering::Relaxed))
}
