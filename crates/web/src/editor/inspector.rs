//! The inspector: the current node's form, its schema against its input, its JSON, its note.

use leptos::prelude::*;
use sluice_core::etl::{Change, Edit, Field, Graph, NodeId, Role, to_codegen};

use super::announce::sentence;
use super::card::{role_class, short_label};
use super::forms::NodeForm;
use super::model::{Editor, Tab, use_editor};
use crate::components::glyph;
use crate::keys;

#[component]
pub fn Inspector() -> impl IntoView {
    let editor = use_editor();
    // Focus the first field when it is asked for.
    Effect::new(move |before: Option<u32>| {
        let now = editor.focus_form.get();
        if before.is_some_and(|before| before != now) {
            editor.tab.set(Tab::Fields);
            request_animation_frame(focus_first);
        }
        now
    });
    let exists = Memo::new(move |_| editor.current.get().filter(|id| editor.document.with(|document| document.node(id).is_some())));
    view! {
        <div
            class="inspector-body"
            on:keydown=move |event| {
                if keys::is(&event, "Esc") && !event.default_prevented() {
                    event.prevent_default();
                    editor.focus_current();
                }
            }
        >
            {move || match exists.get() {
                Some(id) => view! { <NodePanel id=id /> }.into_any(),
                None => view! { <JobPanel /> }.into_any(),
            }}
        </div>
    }
}

fn focus_first() {
    use wasm_bindgen::JsCast;
    let selector = "#inspector-panel :is(input, select, button):not([disabled])";
    let first = document()
        .query_selector(selector)
        .ok()
        .flatten()
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(first) = first {
        let _ = first.focus();
    }
}

#[component]
fn NodePanel(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let node = StoredValue::new(id.clone());
    let label = Memo::new(move |_| {
        node.with_value(|id| editor.node(id))
            .map(|node| (short_label(node.kind.label()).to_owned(), node.kind.role()))
    });
    let name = Memo::new(move |_| node.with_value(|id| editor.name(id)));
    let place = move || {
        node.with_value(|id| {
            let order = editor.order.get();
            let step = order.iter().position(|other| other == id).map_or(0, |at| at + 1);
            let from: Vec<String> = editor
                .node(id)
                .map(|node| node.inputs.iter().flatten().map(|from| format!("“{}”", editor.name(from))).collect())
                .unwrap_or_default();
            let role = match label.get().map(|(_, role)| role) {
                Some(Role::Source) => "source",
                Some(Role::Target) => "target",
                _ => "transform",
            };
            let from = if from.is_empty() {
                String::new()
            } else {
                format!(" · from {}", from.join(" and "))
            };
            format!("{role} · step {step} of {}{from}", order.len())
        })
    };
    let tabs = [(Tab::Fields, "Fields"), (Tab::Schema, "Schema"), (Tab::Code, "Code"), (Tab::Note, "Note")];
    let step_tab = move |by: usize| {
        let at = tabs.iter().position(|(tab, _)| *tab == editor.tab.get_untracked()).unwrap_or(0);
        if let Some((tab, _)) = tabs.get((at + by) % tabs.len()) {
            editor.tab.set(*tab);
            let id = format!("inspector-tab-{tab:?}");
            request_animation_frame(move || {
                use wasm_bindgen::JsCast;
                if let Some(tab) = document().get_element_by_id(&id).and_then(|tab| tab.dyn_into::<web_sys::HtmlElement>().ok()) {
                    let _ = tab.focus();
                }
            });
        }
    };
    view! {
        <header class=move || label.get().map_or("", |(_, role)| role_class(role))>
            <h2>{move || label.get().map(|(label, _)| label)}</h2>
            <input
                id="node-name"
                class="name"
                type="text"
                aria-label="Name"
                autocomplete="off"
                spellcheck="false"
                prop:value=move || name.get()
                on:input=move |event| {
                    let text = event_target_value(&event);
                    node.with_value(|id| {
                        let edit = Edit::Rename { id: id.clone(), name: text };
                        editor.apply(Change::new("Renamed a node", edit).grouped(format!("{id}:Name")));
                    });
                }
                on:keydown=move |event| {
                    if keys::is(&event, "Enter") {
                        event.prevent_default();
                        editor.focus_current();
                    }
                }
                on:blur=move |_| editor.document.update_untracked(|document| document.close_group())
            />
            <p class="meta">{place}</p>
        </header>
        <div class="tabs" role="tablist" aria-label="Node">
            {tabs
                .into_iter()
                .map(|(tab, text)| {
                    view! {
                        <button
                            id=format!("inspector-tab-{tab:?}")
                            type="button"
                            role="tab"
                            aria-selected=move || if editor.tab.get() == tab { "true" } else { "false" }
                            aria-controls="inspector-panel"
                            tabindex=move || if editor.tab.get() == tab { "0" } else { "-1" }
                            on:click=move |_| editor.tab.set(tab)
                            on:keydown=move |event| {
                                if keys::is(&event, "ArrowRight") {
                                    step_tab(1);
                                } else if keys::is(&event, "ArrowLeft") {
                                    step_tab(3);
                                } else {
                                    return;
                                }
                                event.prevent_default();
                            }
                        >
                            {text}
                        </button>
                    }
                })
                .collect_view()}
        </div>
        <div id="inspector-panel" class="panel" role="tabpanel" aria-labelledby=move || format!("inspector-tab-{:?}", editor.tab.get())>
            {move || {
                let id = node.get_value();
                match editor.tab.get() {
                    Tab::Fields => {
                        let other = id.clone();
                        view! {
                            <General id=other />
                            <NodeForm id=id />
                        }
                            .into_any()
                    }
                    Tab::Schema => view! { <Schema id=id /> }.into_any(),
                    Tab::Code => view! { <Code id=id /> }.into_any(),
                    Tab::Note => view! { <Note id=id /> }.into_any(),
                }
            }}
        </div>
    }
}

/// Problems that no field of the form shows.
#[component]
fn General(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    move || {
        editor
            .problems_of(&id)
            .into_iter()
            .filter(|problem| problem.field.is_none())
            .map(|problem| view! { <p class="problem">{sentence(&problem.message)}</p> })
            .collect_view()
    }
}

/// What no selection shows: the job as a whole.
#[component]
fn JobPanel() -> impl IntoView {
    let editor = use_editor();
    view! {
        <header>
            <h2>{editor.job.get_value()}</h2>
            <p class="meta">{move || format!("visual job · {} nodes · {} rails", editor.ids.with(Vec::len), editor.edges.with(Vec::len))}</p>
        </header>
        <div class="panel">
            <h3>"Problems"</h3>
            <ProblemList />
            <h3>"History"</h3>
            <History />
        </div>
    }
}

#[component]
pub fn ProblemList() -> impl IntoView {
    let editor = use_editor();
    move || {
        let problems = editor.all_problems();
        if problems.is_empty() {
            return view! { <p class="meta none">"No problems."</p> }.into_any();
        }
        view! {
            <ul class="problems" role="list">
                {problems
                    .into_iter()
                    .map(|problem| {
                        let is_error = problem.severity == sluice_core::etl::Severity::Error;
                        let id = problem.node.clone();
                        let name = id.as_ref().map(|id| editor.name(id)).unwrap_or_else(|| "The job".into());
                        view! {
                            <li>
                                <button
                                    type="button"
                                    on:click=move |_| {
                                        if let Some(id) = &id {
                                            editor.select(id);
                                            editor.reveal(id);
                                            editor.focus_form.update(|n| *n = n.wrapping_add(1));
                                        }
                                    }
                                >
                                    <i class=if is_error { "state err" } else { "state warn" } aria-hidden="true">
                                        {if is_error { "✕" } else { "!" }}
                                    </i>
                                    <span>
                                        <b>{name}</b>
                                        {format!(": {}", problem.message)}
                                    </span>
                                </button>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        }
        .into_any()
    }
}

/// What was done, the newest first.
#[component]
fn History() -> impl IntoView {
    let editor = use_editor();
    move || {
        let (units, cursor) = editor.document.with(|document| {
            let history = document.history();
            (history.units().iter().map(|unit| unit.label.clone()).collect::<Vec<_>>(), history.cursor())
        });
        if units.is_empty() {
            return view! { <p class="meta none">"Every edit will be listed here, and can be undone."</p> }.into_any();
        }
        view! {
            <ol class="edits" role="list" reversed>
                {units
                    .into_iter()
                    .enumerate()
                    .rev()
                    .take(60)
                    .map(|(index, label)| {
                        let undone = index >= cursor;
                        let now = (index + 1 == cursor).then_some("step");
                        view! {
                            <li class:undone=undone aria-current=now>
                                {label}
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        }
        .into_any()
    }
}

#[derive(Clone, PartialEq)]
enum Mark {
    Same,
    Added,
    Removed,
    Changed(String),
}

/// Columns of a node against those that enter it.
fn compare(editor: Editor, id: &NodeId) -> Vec<(Field, Mark)> {
    let input = editor.input_columns(id);
    let Some(output) = editor.columns_of(id) else {
        return input.unwrap_or_default().into_iter().map(|field| (field, Mark::Same)).collect();
    };
    let Some(input) = input else {
        return output.into_iter().map(|field| (field, Mark::Same)).collect();
    };
    let mut rows: Vec<(Field, Mark)> = output
        .iter()
        .map(|field| {
            let mark = match input.iter().find(|other| other.name == field.name) {
                None => Mark::Added,
                Some(other) if other.data_type != field.data_type => Mark::Changed(other.data_type.to_string()),
                Some(_) => Mark::Same,
            };
            (field.clone(), mark)
        })
        .collect();
    rows.extend(
        input
            .into_iter()
            .filter(|field| !output.iter().any(|other| other.name == field.name))
            .map(|field| (field, Mark::Removed)),
    );
    rows
}

#[component]
fn Schema(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let is_target = editor
        .document
        .with_untracked(|document| document.node(&id).is_some_and(|node| !node.kind.ports().output));
    move || {
        let rows = compare(editor, &id);
        if rows.is_empty() {
            return view! { <p class="meta none">"The columns of this node are not known yet."</p> }.into_any();
        }
        let tally = |wanted: fn(&Mark) -> bool| rows.iter().filter(|(_, mark)| wanted(mark)).count();
        let (added, removed, changed) = (
            tally(|mark| *mark == Mark::Added),
            tally(|mark| *mark == Mark::Removed),
            tally(|mark| matches!(mark, Mark::Changed(_))),
        );
        let partition: Vec<String> = editor
            .schemas
            .with(|schemas| {
                schemas
                    .get(&id)
                    .map(|schema| schema.partition_keys.iter().map(|field| field.name.clone()).collect())
            })
            .unwrap_or_default();
        view! {
            <p class="meta">{format!("{} columns leave · {added} added · {changed} changed · {removed} removed", rows.len() - removed)}</p>
            <ul class="schema" role="list">
                {rows
                    .into_iter()
                    .map(|(field, mark)| {
                        let is_key = is_target && partition.contains(&field.name);
                        let (class, word) = match &mark {
                            Mark::Same => ("", String::new()),
                            Mark::Added => ("added", "added".to_owned()),
                            Mark::Removed if is_key => ("changed", "folder".into()),
                            Mark::Removed => ("removed", "removed".into()),
                            Mark::Changed(from) => ("changed", format!("was {from}")),
                        };
                        view! {
                            <li class=class>
                                <span>{field.name}</span>
                                <em>{word}</em>
                                <i>{field.data_type.to_string()}</i>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        }
        .into_any()
    }
}

#[component]
fn Code(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let text = Memo::new(move |_| {
        editor.document.with(|document| {
            let one = Graph {
                nodes: document
                    .graph()
                    .nodes
                    .iter()
                    .filter(|(other, _)| **other == id)
                    .map(|(id, node)| (id.clone(), node.clone()))
                    .collect(),
            };
            serde_json::to_string_pretty(&to_codegen(&one)).unwrap_or_default()
        })
    });
    let host = editor.host;
    view! {
        <div class="across">
            <span class="meta">"As in CodeGenConfigurationNodes."</span>
            <button
                type="button"
                class="btn quiet"
                on:click=move |_| {
                    let _ = window().navigator().clipboard().write_text(&text.get_untracked());
                    host.announce("Copied.");
                }
            >
                {glyph("copy")}
                "Copy"
            </button>
        </div>
        <pre class="code" tabindex="0" aria-label="JSON of the node">{move || text.get()}</pre>
    }
}

#[component]
fn Note(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let node = StoredValue::new(id);
    let text = Memo::new(move |_| node.with_value(|id| editor.document.with(|document| document.notes().get(id).cloned().unwrap_or_default())));
    view! {
        <div class="field">
            <label for="node-note">"Note"</label>
            <textarea
                id="node-note"
                class="textarea serif"
                rows="8"
                prop:value=move || text.get()
                on:input=move |event| {
                    let note = event_target_value(&event);
                    node.with_value(|id| {
                        let edit = Edit::SetNote { id: id.clone(), note };
                        editor.apply(Change::new("Changed a note", edit).grouped(format!("{id}:Note")));
                    });
                }
                on:blur=move |_| editor.document.update_untracked(|document| document.close_group())
            ></textarea>
            <p class="hint">"Stands under the card. Kept with this page's draft; Glue has no member for it."</p>
        </div>
    }
}
