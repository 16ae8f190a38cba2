//! Drop Fields and Select Fields: a checklist of the columns that enter.

use leptos::prelude::*;
use sluice_core::etl::{FieldPath, NodeId, NodeKind};
use sluice_core::gather::Order;

use super::{Problems, change};
use crate::editor::model::use_editor;

/// The `Paths` of a node that has them.
fn paths(kind: &NodeKind) -> Vec<FieldPath> {
    match kind {
        NodeKind::DropFields { paths } | NodeKind::SelectFields { paths } => paths.clone(),
        NodeKind::DropDuplicates(duplicates) => duplicates.columns.clone().unwrap_or_default(),
        _ => Vec::new(),
    }
}

fn set_paths(kind: &mut NodeKind, next: Vec<FieldPath>) {
    match kind {
        NodeKind::DropFields { paths } | NodeKind::SelectFields { paths } => *paths = next,
        NodeKind::DropDuplicates(duplicates) => duplicates.columns = Some(next),
        _ => {}
    }
}

#[component]
pub fn Columns(id: NodeId, dropping: bool) -> impl IntoView {
    view! {
        <Checklist
            id=id.clone()
            field="Paths"
            label=if dropping { "Changed the dropped columns" } else { "Changed the kept columns" }
            sentence=if dropping { "Ticked columns are dropped." } else { "Ticked columns are kept." }
            dropping=dropping
        />
        <Problems id=id field="Paths" />
    }
}

/// One line a column, with a filter and all or none; what the input no longer has is listed too.
#[component]
pub fn Checklist(id: NodeId, field: &'static str, label: &'static str, sentence: &'static str, dropping: bool) -> impl IntoView {
    let editor = use_editor();
    let id = StoredValue::new(id);
    let chosen = Memo::new(move |_| id.with_value(|id| editor.node(id).map(|node| paths(&node.kind)).unwrap_or_default()));
    let columns = Memo::new(move |_| id.with_value(|id| editor.input_columns(id)));
    let text = RwSignal::new(String::new());
    let rows = Memo::new(move |_| {
        let mut rows: Vec<(FieldPath, String)> = columns
            .get()
            .unwrap_or_default()
            .into_iter()
            .map(|column| (vec![column.name.clone()], column.data_type.to_string()))
            .collect();
        for path in chosen.get() {
            if !rows.iter().any(|(known, _)| *known == path) {
                let nested = path.len() > 1;
                rows.push((path, if nested { "nested".into() } else { "not in the input".into() }));
            }
        }
        let wanted = text.get().to_lowercase();
        rows.retain(|(path, _)| path.join(".").to_lowercase().contains(&wanted));
        rows
    });
    let put = move |next: Vec<FieldPath>| id.with_value(|id| change(editor, id, field, label, |kind| set_paths(kind, next)));
    let toggle = move |path: FieldPath, on: bool| {
        let mut next = chosen.get_untracked();
        next.retain(|other| *other != path);
        if on {
            next.push(path);
        }
        // In the order of the columns, whatever the order of the clicks.
        let order: Vec<FieldPath> = columns
            .get_untracked()
            .unwrap_or_default()
            .into_iter()
            .map(|column| vec![column.name])
            .collect();
        next.order_by_key(|path| order.iter().position(|other| other == path).unwrap_or(usize::MAX));
        put(next);
    };
    let all = move |on: bool| {
        let shown: Vec<FieldPath> = rows.get_untracked().into_iter().map(|(path, _)| path).collect();
        let mut next = chosen.get_untracked();
        next.retain(|path| !shown.contains(path));
        if on {
            next.extend(shown);
        }
        put(next);
    };
    let many = Memo::new(move |_| columns.with(|columns| columns.as_ref().map_or(0, Vec::len)) > 15 || !text.with(String::is_empty));
    view! {
        <fieldset class="columns">
            <legend class="meta">
                <span>{sentence}</span>
                <span class="tally">
                    {move || format!("{} of {}", chosen.with(Vec::len), columns.with(|columns| columns.as_ref().map_or(0, Vec::len)))}
                </span>
            </legend>
            <div class="all">
                {move || {
                    many.get()
                        .then(|| {
                            view! {
                                <input
                                    class="input"
                                    type="search"
                                    placeholder="Filter the columns"
                                    aria-label="Filter the columns"
                                    prop:value=move || text.get()
                                    on:input=move |event| text.set(event_target_value(&event))
                                />
                            }
                        })
                }}
                <button type="button" class="btn quiet" on:click=move |_| all(true)>
                    "All"
                </button>
                <button type="button" class="btn quiet" on:click=move |_| all(false)>
                    "None"
                </button>
            </div>
            {move || {
                (columns.with(Option::is_none) && rows.with(Vec::is_empty))
                    .then(|| view! { <p class="meta none">"The columns appear once the input is connected and its columns are known."</p> })
            }}
            <For
                each=move || rows.get()
                key=|row| row.clone()
                children=move |(path, data_type)| {
                    let own = StoredValue::new(path.clone());
                    let ticked = Memo::new(move |_| own.with_value(|path| chosen.with(|chosen| chosen.contains(path))));
                    view! {
                        <label class="column" class:gone=move || ticked.get() == dropping>
                            <input
                                class="check"
                                type="checkbox"
                                prop:checked=move || ticked.get()
                                on:change=move |event| toggle(own.get_value(), event_target_checked(&event))
                            />
                            <span>{path.join(".")}</span>
                            <i>{data_type}</i>
                        </label>
                    }
                }
            />
        </fieldset>
    }
}
