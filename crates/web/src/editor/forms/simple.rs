//! The short forms: Rename Field, Union, Drop Duplicates.

use leptos::prelude::*;
use sluice_core::etl::{NodeId, NodeKind, UnionType};

use super::columns::Checklist;
use super::{Choice, Problems, Text, change};
use crate::editor::model::use_editor;

#[component]
pub fn Rename(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let node = StoredValue::new(id.clone());
    let paths = Memo::new(move |_| match node.with_value(|id| editor.node(id)).map(|node| node.kind) {
        Some(NodeKind::RenameField(rename)) => (rename.source_path.join("."), rename.target_path.join(".")),
        _ => Default::default(),
    });
    let columns = Memo::new(move |_| {
        let mut options = vec![(String::new(), "choose a column".to_owned())];
        options.extend(
            node.with_value(|id| editor.input_columns(id))
                .unwrap_or_default()
                .into_iter()
                .map(|column| (column.name.clone(), column.name)),
        );
        let chosen = paths.get().0;
        if !chosen.is_empty() && !options.iter().any(|(name, _)| *name == chosen) {
            options.push((chosen.clone(), format!("{chosen} (not in the input)")));
        }
        options
    });
    view! {
        <Choice
            label="Current field"
            value=Signal::derive(move || paths.get().0)
            options=columns
            on_change=Callback::new(move |name: String| {
                node.with_value(|id| {
                    change(
                        editor,
                        id,
                        "SourcePath",
                        "Changed the field to rename",
                        |kind| {
                            if let NodeKind::RenameField(rename) = kind {
                                rename.source_path = if name.is_empty() { Vec::new() } else { vec![name] };
                            }
                        },
                    )
                })
            })
        />
        <Problems id=id.clone() field="SourcePath" />
        <Text
            id=id
            field="TargetPath"
            label="New field name"
            value=Signal::derive(move || paths.get().1)
            on_input=Callback::new(move |name: String| {
                node.with_value(|id| {
                    change(
                        editor,
                        id,
                        "TargetPath",
                        "Changed the new name",
                        |kind| {
                            if let NodeKind::RenameField(rename) = kind {
                                rename.target_path = if name.is_empty() { Vec::new() } else { vec![name] };
                            }
                        },
                    )
                })
            })
        />
    }
}

#[component]
pub fn UnionForm(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let node = StoredValue::new(id.clone());
    let now = Memo::new(move |_| match node.with_value(|id| editor.node(id)).map(|node| node.kind) {
        Some(NodeKind::Union(union)) => union.union_type,
        _ => UnionType::All,
    });
    let pick = move |wanted: UnionType, title: &'static str, text: &'static str| {
        view! {
            <label class="radio">
                <input
                    type="radio"
                    name="union-type"
                    prop:checked=move || now.get() == wanted
                    on:change=move |_| {
                        node.with_value(|id| {
                            change(
                                editor,
                                id,
                                "UnionType",
                                "Changed the union",
                                |kind| {
                                    if let NodeKind::Union(union) = kind {
                                        union.union_type = wanted;
                                    }
                                },
                            )
                        })
                    }
                />
                <span>
                    <b>{title}</b>
                    <small>{text}</small>
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="radios">
            <legend>"Union type"</legend>
            {pick(UnionType::All, "ALL", "Every row of both inputs, duplicates too.")}
            {pick(UnionType::Distinct, "DISTINCT", "Rows that are equal are kept once.")}
        </fieldset>
        <Problems id=id field="UnionType" />
    }
}

#[component]
pub fn Duplicates(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let node = StoredValue::new(id.clone());
    let whole = Memo::new(
        move |_| matches!(node.with_value(|id| editor.node(id)).map(|node| node.kind), Some(NodeKind::DropDuplicates(duplicates)) if duplicates.columns.is_none()),
    );
    let set = move |columns: Option<Vec<Vec<String>>>| {
        node.with_value(|id| {
            change(editor, id, "Columns", "Changed what makes rows equal", |kind| {
                if let NodeKind::DropDuplicates(duplicates) = kind {
                    duplicates.columns = columns;
                }
            });
        });
    };
    let for_list = id.clone();
    view! {
        <fieldset class="radios">
            <legend>"Rows are duplicates when they are equal in"</legend>
            <label class="radio">
                <input type="radio" name="duplicates" prop:checked=move || whole.get() on:change=move |_| set(None) />
                <span>
                    <b>"the whole row"</b>
                </span>
            </label>
            <label class="radio">
                <input type="radio" name="duplicates" prop:checked=move || !whole.get() on:change=move |_| set(Some(Vec::new())) />
                <span>
                    <b>"some columns"</b>
                    <small>"Which of the equal rows stays is not defined."</small>
                </span>
            </label>
        </fieldset>
        {move || {
            (!whole.get())
                .then(|| {
                    view! {
                        <Checklist
                            id=for_list.clone()
                            field="Columns"
                            label="Changed what makes rows equal"
                            sentence="Rows equal in the ticked columns are duplicates."
                            dropping=false
                        />
                    }
                })
        }}
        <Problems id=id field="Columns" />
    }
}
