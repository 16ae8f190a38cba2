//! What follows the document by itself: catalog, columns of sources, preview, draft.
//!
//! Belongs here: debounced questions to the worker. Does not belong here: what is drawn of the answers.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::TableInput;
use sluice_core::etl::{Change, DataType, Edit, Field, Graph, NodeId, NodeKind, ReadMode, Severity};
use sluice_core::gather::Gather;
use sluice_protocol::{PageReply, PageRequest};

use super::model::{Editor, Preview, Tables};
use super::save;

const PREVIEW_AFTER: Duration = Duration::from_millis(120);
const SNIFF_AFTER: Duration = Duration::from_millis(250);
const DRAFT_AFTER: Duration = Duration::from_millis(400);
const ROWS: u32 = 200;

/// Starts all of it; ends with the screen.
pub fn follow(editor: Editor) {
    catalog(editor);
    columns(editor);
    preview(editor);
    draft(editor);
}

/// Runs `act` once, `after` the last time it was asked for.
fn debounced(after: Duration, act: impl Fn() + Clone + 'static) -> impl Fn() + Clone {
    let pending = StoredValue::new(None::<TimeoutHandle>);
    on_cleanup(move || {
        if let Some(handle) = pending.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    });
    move || {
        if let Some(handle) = pending.try_update_value(Option::take).flatten() {
            handle.clear();
        }
        let act = act.clone();
        if let Ok(handle) = set_timeout_with_handle(act, after) {
            pending.set_value(Some(handle));
        }
    }
}

/// Databases and tables, asked again whenever the account changes.
fn catalog(editor: Editor) {
    let host = editor.host;
    Effect::new(move |_| {
        host.position.track();
        spawn_local(async move {
            let Ok(databases) = host.call("glue", "GetDatabases", json!({})).await else {
                return;
            };
            let names: Vec<String> = texts(&databases, "DatabaseList", "Name");
            let mut tables = Tables::new();
            for name in &names {
                if let Ok(answer) = host.call("glue", "GetTables", json!({ "DatabaseName": name })).await {
                    for table in answer.get("TableList").and_then(Value::as_array).into_iter().flatten() {
                        if let Some(table_name) = table.get("Name").and_then(Value::as_str) {
                            tables.insert((name.clone(), table_name.into()), table_input(table));
                        }
                    }
                }
            }
            if editor.databases.try_with_untracked(|now| *now != names) == Some(true) {
                editor.databases.set(names);
            }
            if editor.tables.try_with_untracked(|now| *now != tables) == Some(true) {
                editor.tables.set(tables);
            }
        });
    });
}

fn texts(answer: &Value, list: &str, member: &str) -> Vec<String> {
    answer
        .get(list)
        .and_then(Value::as_array)
        .map(|items| {
            items
                .iter()
                .filter_map(|item| item.get(member).and_then(Value::as_str).map(Into::into))
                .collect()
        })
        .unwrap_or_default()
}

fn table_input(table: &Value) -> TableInput {
    let fields = |columns: Option<&Value>| -> Vec<Field> {
        columns
            .and_then(Value::as_array)
            .map(|columns| {
                columns
                    .iter()
                    .filter_map(|column| {
                        let name = column.get("Name")?.as_str()?;
                        let data_type = column
                            .get("Type")
                            .and_then(Value::as_str)
                            .and_then(DataType::parse_catalog)
                            .unwrap_or(DataType::String);
                        Some(Field::new(name, data_type))
                    })
                    .collect()
            })
            .unwrap_or_default()
    };
    TableInput {
        columns: fields(table.pointer("/StorageDescriptor/Columns")),
        partition_keys: fields(table.get("PartitionKeys")),
        skip_lines: 0,
    }
}

/// What decides the columns of an S3 source: everything but the columns themselves.
fn reading(kind: &NodeKind) -> Option<String> {
    if kind.paths().iter().all(String::is_empty) {
        return None;
    }
    let mut bare = kind.clone();
    bare.set_columns(Vec::new()).then(|| sluice_protocol::encode(&bare).unwrap_or_default())
}

/// Reads the columns of S3 sources when what they read changes.
fn columns(editor: Editor) {
    let known = StoredValue::new(BTreeMap::<NodeId, (String, u64)>::new());
    let questions = Memo::new(move |_| {
        editor.document.with(|document| {
            document
                .graph()
                .nodes
                .iter()
                .filter_map(|(id, node)| Some((id.clone(), reading(&node.kind)?, node.kind.columns().is_some())))
                .collect::<Vec<_>>()
        })
    });
    let ask = debounced(SNIFF_AFTER, move || {
        let position = editor.host.position.get_untracked();
        for (id, reads, has_columns) in questions.get_untracked() {
            let asked = known.with_value(|known| known.get(&id).cloned());
            let fresh = match asked {
                // Columns that came with the document stand until what is read changes.
                None => has_columns,
                Some((before, at)) => before == reads && (has_columns || at == position),
            };
            known.update_value(|known| {
                known.insert(id.clone(), (reads.clone(), position));
            });
            if !fresh {
                sniff(editor, id, reads);
            }
        }
    });
    Effect::new(move |_| {
        questions.track();
        editor.host.position.track();
        ask();
    });
}

fn sniff(editor: Editor, node: NodeId, reads: String) {
    let graph = editor.document.with_untracked(|document| only(document.graph(), &node));
    spawn_local(async move {
        let request = PageRequest::Sniff { graph, node: node.clone() };
        let reply = editor.host.request(request, Vec::new()).await.0;
        let columns = match reply {
            PageReply::Sniffed { result: Ok(sniffed) } => sniffed.columns,
            // Nothing can be read there: no columns are better than those of another file.
            PageReply::Sniffed { result: Err(_) } => Vec::new(),
            _ => return,
        };
        let Some(Some(now)) = editor.document.try_with_untracked(|document| document.node(&node).cloned()) else {
            return;
        };
        if reading(&now.kind).as_deref() != Some(reads.as_str()) {
            return;
        }
        let mut kind = now.kind;
        kind.set_columns(columns);
        // With the stroke that changed what is read: undo takes back both.
        let group = editor.document.with_untracked(|document| {
            document
                .history()
                .undoable()
                .and_then(|unit| unit.group.clone().map(|group| (group, unit.label.clone())))
        });
        let edit = Edit::SetKind {
            id: node.clone(),
            kind: Box::new(kind),
        };
        let own = format!("{node}:");
        let change = match group.filter(|(group, _)| group.starts_with(&own)) {
            Some((group, label)) => Change::new(label, edit).grouped(group),
            None => Change::new(format!("Read the columns of {}", now.name), edit).grouped(format!("{node}:OutputSchemas")),
        };
        editor.apply(change);
    });
}

/// One node by itself: the columns of a source don't wait for the rest of the graph to be right.
fn only(graph: &Graph, id: &NodeId) -> Graph {
    Graph {
        nodes: graph
            .nodes
            .iter()
            .filter(|(other, _)| *other == id)
            .map(|(id, node)| (id.clone(), node.clone()))
            .gather(),
    }
}

/// The part of the graph that can run: without nodes in error and what they feed.
fn runnable(editor: Editor) -> Graph {
    let broken: Vec<NodeId> = editor.problems.with(|problems| {
        problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .filter_map(|problem| problem.node.clone())
            .collect()
    });
    editor.document.with(|document| {
        // A target that is not filled in yet still shows what enters it, through its parent.
        let out: BTreeSet<NodeId> = document.downstream(&broken);
        Graph {
            nodes: document
                .graph()
                .nodes
                .iter()
                .filter(|(id, _)| !out.contains(*id))
                .map(|(id, node)| (id.clone(), node.clone()))
                .gather(),
        }
    })
}

#[derive(Clone, Debug, PartialEq)]
struct Question {
    graph: Graph,
    focus: Option<NodeId>,
    offset: u64,
    position: u64,
}

fn preview(editor: Editor) {
    let host = editor.host;
    let question = Memo::new(move |_| {
        let graph = runnable(editor);
        let focus = editor.current.get().and_then(|id| {
            if graph.nodes.contains_key(&id) {
                return Some(id);
            }
            editor.document.with(|document| {
                document
                    .node(&id)?
                    .inputs
                    .iter()
                    .flatten()
                    .find(|from| graph.nodes.contains_key(*from))
                    .cloned()
            })
        });
        Question {
            graph,
            focus,
            offset: editor.offset.get(),
            position: host.position.get(),
        }
    });
    let ask = debounced(PREVIEW_AFTER, move || {
        let asked = question.get_untracked();
        if asked.graph.nodes.is_empty() {
            editor.preview.set(Preview::default());
            return;
        }
        let focus = asked.focus.clone();
        spawn_local(async move {
            let request = PageRequest::Preview {
                graph: asked.graph.clone(),
                focus: asked.focus.clone(),
                offset: asked.offset,
                rows: ROWS,
            };
            let reply = host.request(request, Vec::new()).await.0;
            if question.try_get_untracked().as_ref() != Some(&asked) {
                return;
            }
            let next = match reply {
                PageReply::Previewed { result: Ok(reply) } => Preview {
                    errors: reply
                        .nodes
                        .iter()
                        .filter_map(|(id, node)| {
                            node.error
                                .as_ref()
                                .map(|error| (error.node.clone().unwrap_or_else(|| id.clone()), (error.field.clone(), error.message.clone())))
                        })
                        .gather(),
                    reply,
                    focus,
                    known: true,
                    ..Preview::default()
                },
                PageReply::Previewed { result: Err(errors) } => Preview {
                    error: errors.iter().find(|error| error.node.is_none()).map(|error| error.message.clone()),
                    errors: errors
                        .into_iter()
                        .filter_map(|error| Some((error.node?, (error.field, error.message))))
                        .gather(),
                    focus,
                    known: true,
                    ..Preview::default()
                },
                PageReply::Superseded => return,
                PageReply::Failed { message } => Preview {
                    error: Some(message),
                    focus,
                    known: true,
                    ..Preview::default()
                },
                _ => return,
            };
            editor.preview.set(next);
        });
    });
    Effect::new(move |_| {
        question.track();
        // The old rows stay, dimmed, until the new ones are there.
        if editor.preview.with_untracked(|preview| preview.known && !preview.waiting) {
            editor.preview.update(|preview| preview.waiting = true);
        }
        ask();
    });
}

/// Keeps the draft a moment after each change, and says in the shell how things stand.
fn draft(editor: Editor) {
    let keep = debounced(DRAFT_AFTER, move || save::keep_draft(editor));
    let revision = Memo::new(move |_| editor.document.with(|document| document.revision()));
    Effect::new(move |before: Option<u64>| {
        let now = revision.get();
        if before.is_some_and(|before| before != now) {
            keep();
        }
        now
    });
    let leaving = window_event_listener(leptos::ev::pagehide, move |_| save::keep_draft(editor));
    on_cleanup(move || {
        leaving.remove();
        save::keep_draft(editor);
    });
}

/// The read modes that differ from the default, as the job keeps them.
pub fn read_modes(graph: &Graph) -> BTreeMap<String, ReadMode> {
    graph
        .nodes
        .iter()
        .filter(|(_, node)| node.read_mode != ReadMode::default())
        .map(|(id, node)| (id.to_string(), node.read_mode))
        .gather()
}
