//! The forms of the nodes: one field an API member, its problems under it.
//!
//! Belongs here: what is the same in every form. Does not belong here: what a member means (core's validation and schemas).

mod catalog_source;
mod columns;
mod filter;
mod mapping;
mod path;
mod simple;
mod source;
mod target;

use leptos::prelude::*;
use sluice_core::etl::{NodeId, NodeKind, Severity};

use super::announce::sentence;
use super::model::{Editor, use_editor};

/// The form of a node; drawn anew only when the node becomes another kind.
#[component]
pub fn NodeForm(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let node = id.clone();
    let member = Memo::new(move |_| editor.node(&node).map(|node| node.kind.member().to_owned()).unwrap_or_default());
    let id = StoredValue::new(id);
    let inputs = view! { <Inputs id=id.get_value() /> };
    view! {
        {inputs}
        {move || {
            let id = id.get_value();
            match member.get().as_str() {
                "S3CsvSource" | "S3JsonSource" | "S3ParquetSource" => view! { <source::S3Source id=id /> }.into_any(),
                "CatalogSource" | "S3CatalogSource" => view! { <catalog_source::CatalogTable id=id target=false /> }.into_any(),
                "S3CatalogTarget" => view! { <catalog_source::CatalogTable id=id target=true /> }.into_any(),
                "DropFields" => view! { <columns::Columns id=id dropping=true /> }.into_any(),
                "SelectFields" => view! { <columns::Columns id=id dropping=false /> }.into_any(),
                "RenameField" => view! { <simple::Rename id=id /> }.into_any(),
                "ApplyMapping" => view! { <mapping::ChangeSchema id=id /> }.into_any(),
                "Filter" => view! { <filter::FilterForm id=id /> }.into_any(),
                "Union" => view! { <simple::UnionForm id=id /> }.into_any(),
                "DropDuplicates" => view! { <simple::Duplicates id=id /> }.into_any(),
                "S3GlueParquetTarget" | "S3DirectTarget" => view! { <target::S3Target id=id /> }.into_any(),
                "" => ().into_any(),
                other => {
                    let text = format!("Sluice does not run {other} yet. The node is kept as it came, and goes back to Glue unchanged.");
                    view! { <p class="meta">{text}</p> }.into_any()
                }
            }
        }}
    }
}

/// What keeps an input open, and a select to fill it: connecting without a wire.
#[component]
fn Inputs(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let id = StoredValue::new(id);
    let ports = Memo::new(move |_| id.with_value(|id| editor.node(id).map(|node| node.inputs).unwrap_or_default()));
    move || {
        let ports = ports.get();
        let count = ports.len();
        (count > 0).then(|| {
            let fields = ports
                .into_iter()
                .enumerate()
                .map(|(port, from)| {
                    let label = if count > 1 { format!("Input {}", port + 1) } else { "Input".to_owned() };
                    let options: Vec<(NodeId, String)> = id.with_value(|id| {
                        editor.document.with(|document| {
                            document
                                .graph()
                                .nodes
                                .iter()
                                .filter(|(other, node)| {
                                    from.as_ref() == Some(*other)
                                        || (from.is_none() && document.can_connect(other, id, port).is_ok())
                                        || (from.is_some()
                                            && *other != id
                                            && node.kind.ports().output
                                            && !document.downstream(std::slice::from_ref(id)).contains(*other))
                                })
                                .map(|(other, node)| (other.clone(), node.name.clone()))
                                .collect()
                        })
                    });
                    let element = format!("input-{port}");
                    view! {
                        <div class="field across">
                            <label for=element.clone()>{label}</label>
                            <select
                                id=element
                                class="select"
                                aria-invalid=from.is_none().then_some("true")
                                on:change=move |event| {
                                    let chosen = event_target_value(&event);
                                    id.with_value(|id| lead(editor, id, port, &chosen));
                                }
                            >
                                <option value="" selected=from.is_none()>
                                    "not connected"
                                </option>
                                {options
                                    .into_iter()
                                    .map(|(other, name)| {
                                        let selected = from.as_ref() == Some(&other);
                                        view! {
                                            <option value=other.to_string() selected=selected>
                                                {name}
                                            </option>
                                        }
                                    })
                                    .collect_view()}
                            </select>
                        </div>
                    }
                })
                .collect_view();
            view! {
                <div class="inputs">
                    {fields} <Problems id=id.get_value() field="Inputs" />
                </div>
            }
        })
    }
}

/// Sets an input port by the key of its new parent; empty text leaves it open.
fn lead(editor: Editor, id: &NodeId, port: usize, parent: &str) {
    use sluice_core::etl::{Change, Edit};
    let from = (!parent.is_empty()).then(|| NodeId(parent.into()));
    let label = match &from {
        Some(from) => format!("Connected {} to {}", editor.name(from), editor.name(id)),
        None => format!("Disconnected {}", editor.name(id)),
    };
    editor.apply(Change::new(label, Edit::SetInput { id: id.clone(), port, from }));
}

/// Changes a node's kind in place.
fn change(editor: Editor, id: &NodeId, field: &str, label: &str, f: impl FnOnce(&mut NodeKind)) {
    if let Some(node) = editor.document.with_untracked(|document| document.node(id).cloned()) {
        let mut kind = node.kind;
        f(&mut kind);
        editor.set_kind(id, kind, field, label);
    }
}

/// The problems of one API member, under its field.
#[component]
fn Problems(id: NodeId, field: &'static str) -> impl IntoView {
    let editor = use_editor();
    move || {
        editor
            .problems_of(&id)
            .into_iter()
            .filter(|problem| problem.field.as_deref() == Some(field))
            .map(|problem| {
                let class = if problem.severity == Severity::Error { "problem" } else { "problem remark" };
                view! { <p class=class>{sentence(&problem.message)}</p> }
            })
            .collect_view()
    }
}

fn has_error(editor: Editor, id: &NodeId, field: &str) -> bool {
    editor
        .problems_of(id)
        .iter()
        .any(|problem| problem.field.as_deref() == Some(field) && problem.severity == Severity::Error)
}

/// A labelled text field for one API member.
#[component]
fn Text(
    id: NodeId,
    field: &'static str,
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<String>,
    on_input: Callback<String>,
    /// Suggestions.
    #[prop(into, optional)]
    options: Signal<Vec<String>>,
    #[prop(optional)] placeholder: &'static str,
) -> impl IntoView {
    let editor = use_editor();
    let element = format!("field-{}", label.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    let list = format!("{element}-list");
    let node = StoredValue::new(id.clone());
    view! {
        <div class="field">
            <label for=element.clone()>{label}</label>
            <input
                id=element
                class="input"
                type="text"
                autocomplete="off"
                spellcheck="false"
                placeholder=placeholder
                list=list.clone()
                prop:value=move || value.get()
                aria-invalid=move || node.with_value(|id| has_error(editor, id, field)).then_some("true")
                on:input=move |event| on_input.run(event_target_value(&event))
                on:blur=move |_| editor.document.update_untracked(|document| document.close_group())
            />
            <datalist id=list>{move || options.get().into_iter().map(|option| view! { <option value=option></option> }).collect_view()}</datalist>
            <Problems id=id field=field />
        </div>
    }
}

/// A labelled select; options are (value, text).
#[component]
fn Choice(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] options: Signal<Vec<(String, String)>>,
    on_change: Callback<String>,
    #[prop(optional, into)] hint: Option<String>,
) -> impl IntoView {
    let element = format!("field-{}", label.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-"));
    view! {
        <div class="field">
            <label for=element.clone()>{label}</label>
            <select id=element class="select" prop:value=move || value.get() on:change=move |event| on_change.run(event_target_value(&event))>
                {move || {
                    let now = value.get();
                    options
                        .get()
                        .into_iter()
                        .map(|(option, text)| {
                            let selected = option == now;
                            view! {
                                <option value=option selected=selected>
                                    {text}
                                </option>
                            }
                        })
                        .collect_view()
                }}
            </select>
            {hint.map(|hint| view! { <p class="hint">{hint}</p> })}
        </div>
    }
}

#[component]
fn Check(#[prop(into)] label: String, #[prop(into)] value: Signal<bool>, on_change: Callback<bool>) -> impl IntoView {
    view! {
        <label class="pick">
            <input class="check" type="checkbox" prop:checked=move || value.get() on:change=move |event| on_change.run(event_target_checked(&event)) />
            <span>{label}</span>
        </label>
    }
}

fn pairs(options: &[(&str, &str)]) -> Vec<(String, String)> {
    options.iter().map(|(value, text)| ((*value).to_owned(), (*text).to_owned())).collect()
}
