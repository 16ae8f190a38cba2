//! Filter: conditions joined by AND or OR.

use leptos::prelude::*;
use sluice_core::etl::{Filter, FilterExpression, FilterLogicalOperator, FilterOperation, FilterValue, FilterValueType, NodeId, NodeKind};

use super::{Problems, change};
use crate::components::glyph;
use crate::editor::model::use_editor;

const OPERATIONS: [(&str, &str, FilterOperation); 7] = [
    ("EQ", "=", FilterOperation::Eq),
    ("LT", "<", FilterOperation::Lt),
    ("GT", ">", FilterOperation::Gt),
    ("LTE", "≤", FilterOperation::Lte),
    ("GTE", "≥", FilterOperation::Gte),
    ("REGEX", "matches regex", FilterOperation::Regex),
    ("ISNULL", "is null", FilterOperation::IsNull),
];

fn code(operation: FilterOperation) -> &'static str {
    OPERATIONS.iter().find(|(_, _, other)| *other == operation).map_or("EQ", |(code, ..)| code)
}

/// The column and the constant of a condition, as the form shows them.
fn parts(expression: &FilterExpression) -> (String, String) {
    let of = |wanted: FilterValueType| {
        expression
            .values
            .iter()
            .find(|value| value.value_type == wanted)
            .map(|value| value.value.join("."))
            .unwrap_or_default()
    };
    (of(FilterValueType::ColumnExtracted), of(FilterValueType::Constant))
}

/// Sets the column or the constant; the other value stays as it came.
fn set_value(expression: &mut FilterExpression, wanted: FilterValueType, text: String) {
    match expression.values.iter_mut().find(|value| value.value_type == wanted) {
        Some(value) => value.value = vec![text],
        None => {
            let value = FilterValue {
                value_type: wanted,
                value: vec![text],
            };
            match wanted {
                FilterValueType::ColumnExtracted => expression.values.insert(0, value),
                FilterValueType::Constant => expression.values.push(value),
            }
        }
    }
}

fn set_operation(expression: &mut FilterExpression, operation: FilterOperation) {
    expression.operation = operation;
    if operation == FilterOperation::IsNull {
        expression.values.retain(|value| value.value_type == FilterValueType::ColumnExtracted);
    } else if !expression.values.iter().any(|value| value.value_type == FilterValueType::Constant) && expression.values.len() < 2 {
        set_value(expression, FilterValueType::Constant, String::new());
    }
}

#[component]
pub fn FilterForm(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let node = StoredValue::new(id.clone());
    let filter = Memo::new(move |_| match node.with_value(|id| editor.node(id)).map(|node| node.kind) {
        Some(NodeKind::Filter(filter)) => filter,
        _ => Filter::default(),
    });
    let columns = Memo::new(move |_| node.with_value(|id| editor.input_columns(id)).unwrap_or_default());
    let edit = move |field: &str, label: &str, f: Box<dyn FnOnce(&mut Filter)>| {
        node.with_value(|id| {
            change(editor, id, field, label, |kind| {
                if let NodeKind::Filter(filter) = kind {
                    f(filter);
                }
            });
        });
    };
    let add = move || {
        let column = columns.with_untracked(|columns| columns.first().map(|column| column.name.clone()).unwrap_or_default());
        let key = format!("add:{}", js_sys::Date::now());
        edit(
            &key,
            "Added a condition",
            Box::new(move |filter| {
                let mut expression = FilterExpression {
                    operation: FilterOperation::Eq,
                    negated: false,
                    values: Vec::new(),
                };
                set_value(&mut expression, FilterValueType::ColumnExtracted, column);
                set_value(&mut expression, FilterValueType::Constant, String::new());
                filter.filters.push(expression);
            }),
        );
    };
    let one = move |index: usize| Memo::new(move |_| filter.with(|filter| filter.filters.get(index).cloned()));
    let count = Memo::new(move |_| filter.with(|filter| filter.filters.len()));
    let operator = move |wanted: FilterLogicalOperator, text: &'static str| {
        view! {
            <button
                type="button"
                aria-pressed=move || if filter.with(|filter| filter.logical_operator == wanted) { "true" } else { "false" }
                on:click=move |_| edit("LogicalOperator", "Changed AND/OR", Box::new(move |filter| filter.logical_operator = wanted))
            >
                {text}
            </button>
        }
    };
    view! {
        <div class="across">
            <span class="label" id="filter-operator">
                "Keep rows that meet"
            </span>
            <div class="segments" role="group" aria-labelledby="filter-operator">
                {operator(FilterLogicalOperator::And, "all (AND)")}
                {operator(FilterLogicalOperator::Or, "any (OR)")}
            </div>
        </div>
        <ol class="conditions" role="list">
            <For
                each=move || 0..count.get()
                key=|index| *index
                children=move |index| {
                    let expression = one(index);
                    let parts = Memo::new(move |_| expression.with(|expression| expression.as_ref().map(parts).unwrap_or_default()));
                    let operation = Memo::new(move |_| expression.with(|expression| expression.as_ref().map_or("EQ", |expression| code(expression.operation))));
                    let negated = Memo::new(move |_| expression.with(|expression| expression.as_ref().is_some_and(|expression| expression.negated)));
                    let number = index + 1;
                    let edit_one = move |field: &'static str, label: &'static str, f: Box<dyn FnOnce(&mut FilterExpression)>| {
                        edit(
                            &format!("{field}:{index}"),
                            label,
                            Box::new(move |filter| {
                                if let Some(expression) = filter.filters.get_mut(index) {
                                    f(expression);
                                }
                            }),
                        );
                    };
                    view! {
                        <li>
                            <select
                                class="select"
                                aria-label=format!("Column of condition {number}")
                                on:change=move |event| {
                                    let name = event_target_value(&event);
                                    edit_one("column", "Changed condition", Box::new(move |e| set_value(e, FilterValueType::ColumnExtracted, name)));
                                }
                            >
                                {move || {
                                    let (now, _) = parts.get();
                                    let mut names: Vec<String> = columns.get().into_iter().map(|column| column.name).collect();
                                    if !names.contains(&now) {
                                        names.insert(0, now.clone());
                                    }
                                    names
                                        .into_iter()
                                        .map(|name| {
                                            let selected = name == now;
                                            let text = if name.is_empty() { "choose a column".to_owned() } else { name.clone() };
                                            view! {
                                                <option value=name selected=selected>
                                                    {text}
                                                </option>
                                            }
                                        })
                                        .collect_view()
                                }}
                            </select>
                            <select
                                class="select"
                                aria-label=format!("Operation of condition {number}")
                                prop:value=move || operation.get()
                                on:change=move |event| {
                                    let value = event_target_value(&event);
                                    if let Some((_, _, operation)) = OPERATIONS.into_iter().find(|(code, ..)| *code == value) {
                                        edit_one("operation", "Changed condition", Box::new(move |e| set_operation(e, operation)));
                                    }
                                }
                            >
                                {OPERATIONS
                                    .into_iter()
                                    .map(|(code, text, _)| {
                                        view! {
                                            <option value=code selected=move || operation.get() == code>
                                                {text}
                                            </option>
                                        }
                                    })
                                    .collect_view()}
                            </select>
                            {move || {
                                (operation.get() != "ISNULL")
                                    .then(|| {
                                        view! {
                                            <input
                                                class="input"
                                                type="text"
                                                aria-label=format!("Value of condition {number}")
                                                placeholder="value"
                                                autocomplete="off"
                                                spellcheck="false"
                                                prop:value=move || parts.get().1
                                                on:input=move |event| {
                                                    let text = event_target_value(&event);
                                                    edit_one("value", "Changed condition", Box::new(move |e| set_value(e, FilterValueType::Constant, text)));
                                                }
                                                on:blur=move |_| editor.document.update_untracked(|document| document.close_group())
                                            />
                                        }
                                    })
                            }}
                            <div class="foot">
                                <label class="pick">
                                    <input
                                        class="check"
                                        type="checkbox"
                                        prop:checked=move || negated.get()
                                        on:change=move |event| {
                                            let on = event_target_checked(&event);
                                            edit_one("negated", "Negated condition", Box::new(move |e| e.negated = on));
                                        }
                                    />
                                    <span>"not"</span>
                                </label>
                                <button
                                    type="button"
                                    class="btn quiet icon"
                                    aria-label=format!("Remove condition {number}")
                                    on:click=move |_| {
                                        edit(
                                            &format!("remove:{}", js_sys::Date::now()),
                                            "Removed a condition",
                                            Box::new(move |filter| {
                                                if index < filter.filters.len() {
                                                    filter.filters.remove(index);
                                                }
                                            }),
                                        );
                                    }
                                >
                                    {glyph("close")}
                                </button>
                            </div>
                        </li>
                    }
                }
            />
        </ol>
        <button type="button" class="btn" on:click=move |_| add()>
            {glyph("plus")}
            "Add condition"
        </button>
        <Problems id=id field="Filters" />
        <p class="meta">"A null in a comparison drops the row. A regex is matched at the start of the text, not at its end."</p>
    }
}
