//! Change Schema: one row a column, with its new name, its new type, and whether it is dropped.

use leptos::prelude::*;
use sluice_core::etl::{DataType, Field, Mapping, NodeId, NodeKind};

use super::{Problems, change};
use crate::editor::model::use_editor;

/// Types that Change Schema can cast to, by their DynamicFrame names.
const TYPES: [&str; 13] = [
    "string",
    "int",
    "long",
    "short",
    "byte",
    "float",
    "double",
    "decimal",
    "boolean",
    "date",
    "timestamp",
    "binary",
    "null",
];

/// Every column as it is.
fn identity(columns: &[Field]) -> Vec<Mapping> {
    columns
        .iter()
        .map(|column| {
            let name = column.data_type.glue_name().to_owned();
            Mapping {
                to_key: column.name.clone(),
                from_path: vec![column.name.clone()],
                from_type: name.clone(),
                to_type: name,
                ..Mapping::default()
            }
        })
        .collect()
}

/// What a row of the form does to the whole mapping.
type MappingsEdit = Box<dyn FnOnce(&mut Vec<Mapping>)>;

#[component]
pub fn ChangeSchema(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let node = StoredValue::new(id.clone());
    let mapping = Memo::new(move |_| match node.with_value(|id| editor.node(id)).map(|node| node.kind) {
        Some(NodeKind::ApplyMapping { mapping }) => mapping,
        _ => Vec::new(),
    });
    let columns = Memo::new(move |_| node.with_value(|id| editor.input_columns(id)).unwrap_or_default());
    // Nothing is mapped yet: what the input has stands there to be changed.
    let rows = Memo::new(move |_| {
        let mut rows = mapping.get();
        let unmapped: Vec<Field> = columns
            .get()
            .into_iter()
            .filter(|column| {
                !rows
                    .iter()
                    .any(|row| row.from_path.first().is_some_and(|name| name.eq_ignore_ascii_case(&column.name)))
            })
            .collect();
        let fresh = rows.is_empty();
        rows.extend(identity(&unmapped).into_iter().map(|mut row| {
            row.dropped = !fresh;
            row
        }));
        rows
    });
    let edit = move |field: String, label: &'static str, f: MappingsEdit| {
        let mut next = rows.get_untracked();
        f(&mut next);
        node.with_value(|id| {
            change(editor, id, &field, label, |kind| {
                if let NodeKind::ApplyMapping { mapping } = kind {
                    *mapping = next;
                }
            });
        });
    };
    let count = Memo::new(move |_| rows.with(Vec::len));
    view! {
        <div class="across">
            <span class="meta">
                {move || {
                    let rows = rows.get();
                    format!("{} of {} columns leave", rows.iter().filter(|row| !row.dropped).count(), rows.len())
                }}
            </span>
            <button type="button" class="btn quiet" on:click=move |_| edit("all".into(), "Mapped every column", Box::new(move |rows| *rows = identity(&columns.get_untracked())))>
                "Reset"
            </button>
        </div>
        {move || {
            (count.get() == 0).then(|| view! { <p class="meta none">"The columns appear once the input is connected and its columns are known."</p> })
        }}
        <table class="mapping">
            <thead>
                <tr>
                    <th scope="col">"Source"</th>
                    <th scope="col">"Target"</th>
                    <th scope="col">"Type"</th>
                    <th scope="col">"Drop"</th>
                </tr>
            </thead>
            <tbody>
                <For
                    each=move || 0..count.get()
                    key=|index| *index
                    children=move |index| {
                        let row = Memo::new(move |_| rows.with(|rows| rows.get(index).cloned().unwrap_or_default()));
                        let source = move || row.with(|row| row.from_path.join("."));
                        view! {
                            <tr class:gone=move || row.with(|row| row.dropped)>
                                <th scope="row">
                                    <span title=source>{source}</span>
                                    <i>{move || row.with(|row| row.from_type.clone())}</i>
                                </th>
                                <td>
                                    <input
                                        class="input"
                                        type="text"
                                        autocomplete="off"
                                        spellcheck="false"
                                        aria-label=move || format!("Target name of {}", source())
                                        prop:value=move || row.with(|row| row.to_key.clone())
                                        on:input=move |event| {
                                            let name = event_target_value(&event);
                                            edit(
                                                format!("ToKey:{index}"),
                                                "Renamed a column",
                                                Box::new(move |rows| {
                                                    if let Some(row) = rows.get_mut(index) {
                                                        row.to_key = name;
                                                    }
                                                }),
                                            );
                                        }
                                        on:blur=move |_| editor.document.update_untracked(|document| document.close_group())
                                    />
                                </td>
                                <td>
                                    <select
                                        class="select"
                                        aria-label=move || format!("Target type of {}", source())
                                        on:change=move |event| {
                                            let name = event_target_value(&event);
                                            edit(
                                                format!("ToType:{index}"),
                                                "Changed a type",
                                                Box::new(move |rows| {
                                                    if let Some(row) = rows.get_mut(index) {
                                                        row.to_type = name;
                                                    }
                                                }),
                                            );
                                        }
                                    >
                                        {move || {
                                            let now = row.with(|row| row.to_type.clone());
                                            let known = TYPES.contains(&now.as_str());
                                            TYPES
                                                .into_iter()
                                                .map(str::to_owned)
                                                .chain((!known).then(|| now.clone()))
                                                .filter(|name| *name != "null" || now == "null")
                                                .map(|name| {
                                                    let selected = name == now || DataType::parse_glue(&name).is_some_and(|t| DataType::parse_glue(&now) == Some(t));
                                                    let text = name.clone();
                                                    view! {
                                                        <option value=name selected=selected>
                                                            {text}
                                                        </option>
                                                    }
                                                })
                                                .collect_view()
                                        }}
                                    </select>
                                </td>
                                <td>
                                    <input
                                        class="check"
                                        type="checkbox"
                                        aria-label=move || format!("Drop {}", source())
                                        prop:checked=move || row.with(|row| row.dropped)
                                        on:change=move |event| {
                                            let on = event_target_checked(&event);
                                            edit(
                                                format!("Dropped:{index}"),
                                                "Changed the dropped columns",
                                                Box::new(move |rows| {
                                                    if let Some(row) = rows.get_mut(index) {
                                                        row.dropped = on;
                                                    }
                                                }),
                                            );
                                        }
                                    />
                                </td>
                            </tr>
                        }
                    }
                />
            </tbody>
        </table>
        <Problems id=id field="Mapping" />
        <p class="meta">"A value that cannot be cast becomes null. A decimal becomes decimal(10,2), as in Glue."</p>
    }
}
