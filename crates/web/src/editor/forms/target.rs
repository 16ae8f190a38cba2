//! The Amazon S3 target: format, compression, location, catalog update, partition keys.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::etl::{DirectSchemaChangePolicy, FieldPath, NodeId, NodeKind, ParquetCompression, S3DirectTarget, S3GlueParquetTarget, UpdateBehavior};

use super::path::PathField;
use super::{Choice, Problems, Text, change, pairs};
use crate::components::glyph;
use crate::editor::model::use_editor;

const GLUE_PARQUET: &str = "glueparquet";
const COMPRESSIONS: [(&str, ParquetCompression); 6] = [
    ("snappy", ParquetCompression::Snappy),
    ("gzip", ParquetCompression::Gzip),
    ("brotli", ParquetCompression::Brotli),
    ("lz4", ParquetCompression::Lz4),
    ("uncompressed", ParquetCompression::Uncompressed),
    ("lzo", ParquetCompression::Lzo),
];

#[derive(Clone, Debug, Default, PartialEq)]
struct Target {
    path: String,
    format: String,
    compression: String,
    policy: DirectSchemaChangePolicy,
    keys: Vec<FieldPath>,
}

fn read(kind: &NodeKind) -> Target {
    match kind {
        NodeKind::S3GlueParquetTarget(target) => Target {
            path: target.path.clone(),
            format: GLUE_PARQUET.into(),
            compression: COMPRESSIONS
                .iter()
                .find(|(_, compression)| *compression == target.compression)
                .map_or("uncompressed", |(name, _)| name)
                .into(),
            policy: target.schema_change_policy.clone(),
            keys: target.partition_keys.clone(),
        },
        NodeKind::S3DirectTarget(target) => Target {
            path: target.path.clone(),
            format: target.format.clone(),
            compression: target.compression.clone(),
            policy: target.schema_change_policy.clone(),
            keys: target.partition_keys.clone(),
        },
        _ => Target::default(),
    }
}

fn set_path(kind: &mut NodeKind, path: String) {
    match kind {
        NodeKind::S3GlueParquetTarget(target) => target.path = path,
        NodeKind::S3DirectTarget(target) => target.path = path,
        _ => {}
    }
}

fn policy(kind: &mut NodeKind) -> Option<&mut DirectSchemaChangePolicy> {
    match kind {
        NodeKind::S3GlueParquetTarget(target) => Some(&mut target.schema_change_policy),
        NodeKind::S3DirectTarget(target) => Some(&mut target.schema_change_policy),
        _ => None,
    }
}

fn set_keys(kind: &mut NodeKind, keys: Vec<FieldPath>) {
    match kind {
        NodeKind::S3GlueParquetTarget(target) => target.partition_keys = keys,
        NodeKind::S3DirectTarget(target) => target.partition_keys = keys,
        _ => {}
    }
}

fn set_compression(kind: &mut NodeKind, name: String) {
    match kind {
        NodeKind::S3GlueParquetTarget(target) => {
            if let Some((_, compression)) = COMPRESSIONS.iter().find(|(other, _)| *other == name) {
                target.compression = *compression;
            }
        }
        NodeKind::S3DirectTarget(target) => target.compression = name,
        _ => {}
    }
}

/// The same target in another format; compression goes back to the format's default.
fn as_format(kind: &NodeKind, format: &str) -> NodeKind {
    let now = read(kind);
    if format == GLUE_PARQUET {
        NodeKind::S3GlueParquetTarget(S3GlueParquetTarget {
            path: now.path,
            partition_keys: now.keys,
            schema_change_policy: now.policy,
            ..Default::default()
        })
    } else {
        NodeKind::S3DirectTarget(S3DirectTarget {
            path: now.path,
            compression: if format == "parquet" { "snappy".into() } else { String::new() },
            format: format.into(),
            partition_keys: now.keys,
            schema_change_policy: now.policy,
            ..Default::default()
        })
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Update {
    Not,
    ChangeSchema,
    KeepSchema,
}

fn update_of(policy: &DirectSchemaChangePolicy) -> Update {
    match (policy.enable_update_catalog, policy.update_behavior) {
        (false, _) => Update::Not,
        (true, Some(UpdateBehavior::Log)) => Update::KeepSchema,
        (true, _) => Update::ChangeSchema,
    }
}

const UPDATES: [(Update, &str); 3] = [
    (Update::Not, "Do not update the Data Catalog"),
    (
        Update::ChangeSchema,
        "Create a table in the Data Catalog and on subsequent runs, update the schema and add new partitions",
    ),
    (
        Update::KeepSchema,
        "Create a table in the Data Catalog and on subsequent runs, keep existing schema and add new partitions",
    ),
];

#[component]
pub fn S3Target(id: NodeId) -> impl IntoView {
    let editor = use_editor();
    let node = StoredValue::new(id.clone());
    let now = Memo::new(move |_| node.with_value(|id| editor.node(id)).map(|node| read(&node.kind)).unwrap_or_default());
    let edit = move |field: &'static str, label: &'static str, f: Box<dyn FnOnce(&mut NodeKind)>| node.with_value(|id| change(editor, id, field, label, f));
    let format = Memo::new(move |_| now.with(|now| now.format.clone()));
    let compressions = Memo::new(move |_| match format.get().as_str() {
        GLUE_PARQUET => pairs(&[
            ("snappy", "Snappy"),
            ("gzip", "GZIP"),
            ("brotli", "Brotli"),
            ("lz4", "LZ4"),
            ("uncompressed", "Uncompressed"),
        ]),
        "parquet" => pairs(&[
            ("snappy", "Snappy"),
            ("gzip", "GZIP"),
            ("brotli", "Brotli"),
            ("lz4", "LZ4"),
            ("uncompressed", "Uncompressed"),
        ]),
        _ => pairs(&[("", "None"), ("gzip", "GZIP")]),
    });
    let update = Memo::new(move |_| now.with(|now| update_of(&now.policy)));
    view! {
        <div class="two">
            <Choice
                label="Format"
                value=format
                options=Signal::stored(pairs(&[(GLUE_PARQUET, "Glue Parquet"), ("parquet", "Parquet"), ("json", "JSON"), ("csv", "CSV")]))
                on_change=Callback::new(move |format: String| edit("Format", "Changed the format", Box::new(move |kind| *kind = as_format(kind, &format))))
            />
            <Choice
                label="Compression type"
                value=Signal::derive(move || now.with(|now| now.compression.clone()))
                options=compressions
                on_change=Callback::new(move |name: String| {
                    edit("Compression", "Changed the compression", Box::new(move |kind| set_compression(kind, name)));
                })
            />
        </div>
        <Problems id=id.clone() field="Format" />
        <Problems id=id.clone() field="Compression" />
        <PathField
            id=id.clone()
            field="Path"
            label="S3 target location"
            value=Signal::derive(move || now.with(|now| now.path.clone()))
            on_input=Callback::new(move |path: String| edit("Path", "Changed the target location", Box::new(move |kind| set_path(kind, path))))
        />
        <fieldset class="radios">
            <legend>"Data Catalog update options"</legend>
            {UPDATES
                .into_iter()
                .map(|(wanted, text)| {
                    view! {
                        <label class="radio">
                            <input
                                type="radio"
                                name="catalog-update"
                                prop:checked=move || update.get() == wanted
                                on:change=move |_| {
                                    edit(
                                        "SchemaChangePolicy",
                                        "Changed the catalog update",
                                        Box::new(move |kind| {
                                            if let Some(policy) = policy(kind) {
                                                policy.enable_update_catalog = wanted != Update::Not;
                                                policy.update_behavior = match wanted {
                                                    Update::Not => None,
                                                    Update::ChangeSchema => Some(UpdateBehavior::UpdateInDatabase),
                                                    Update::KeepSchema => Some(UpdateBehavior::Log),
                                                };
                                            }
                                        }),
                                    );
                                }
                            />
                            <span>{text}</span>
                        </label>
                    }
                })
                .collect_view()}
        </fieldset>
        <Problems id=id.clone() field="SchemaChangePolicy" />
        {
            let id = id.clone();
            move || {
                (update.get() != Update::Not)
                    .then(|| {
                        view! {
                            <Database id=id.clone() value=Signal::derive(move || now.with(|now| now.policy.database.clone())) />
                            <Text
                                id=id.clone()
                                field="Table"
                                label="Table name"
                                value=Signal::derive(move || now.with(|now| now.policy.table.clone()))
                                on_input=Callback::new(move |name: String| {
                                    edit(
                                        "Table",
                                        "Changed the table name",
                                        Box::new(move |kind| {
                                            if let Some(policy) = policy(kind) {
                                                policy.table = name;
                                            }
                                        }),
                                    );
                                })
                            />
                        }
                    })
            }
        }
        <Keys id=id keys=Signal::derive(move || now.with(|now| now.keys.clone())) />
    }
}

/// The database of the table to create: one that is there, or a new one.
#[component]
fn Database(id: NodeId, #[prop(into)] value: Signal<String>) -> impl IntoView {
    let editor = use_editor();
    let host = editor.host;
    let node = StoredValue::new(id.clone());
    let missing = Memo::new(move |_| {
        let name = value.get();
        !name.is_empty() && !editor.databases.with(|databases| databases.contains(&name))
    });
    let create = move |_| {
        let name = value.get_untracked();
        spawn_local(async move {
            match host.call("glue", "CreateDatabase", json!({ "DatabaseInput": { "Name": name } })).await {
                Ok(_) => host.announce(format!("Created database {name}.")),
                Err(error) => host.toast_error(&error),
            }
        });
    };
    view! {
        <Text
            id=id
            field="Database"
            label="Database"
            value=value
            options=editor.databases
            on_input=Callback::new(move |name: String| {
                node.with_value(|id| {
                    change(
                        editor,
                        id,
                        "Database",
                        "Changed the database",
                        |kind| {
                            if let Some(policy) = policy(kind) {
                                policy.database = name;
                            }
                        },
                    )
                })
            })
        />
        {move || {
            missing
                .get()
                .then(|| {
                    view! {
                        <p class="meta across">
                            "There is no such database yet."
                            <button type="button" class="btn" on:click=create>
                                "Create database"
                            </button>
                        </p>
                    }
                })
        }}
    }
}

/// Partition keys in their order: they leave the files and become folders.
#[component]
fn Keys(id: NodeId, #[prop(into)] keys: Signal<Vec<FieldPath>>) -> impl IntoView {
    let editor = use_editor();
    let node = StoredValue::new(id.clone());
    let columns = Memo::new(move |_| node.with_value(|id| editor.input_columns(id)).unwrap_or_default());
    let put = move |next: Vec<FieldPath>| {
        let label = "Changed the partition keys";
        node.with_value(|id| {
            change(editor, id, &format!("PartitionKeys:{}", js_sys::Date::now()), label, |kind| {
                set_keys(kind, next)
            })
        });
    };
    view! {
        <fieldset class="keys">
            <legend>"Partition keys"</legend>
            {move || {
                keys.get()
                    .into_iter()
                    .enumerate()
                    .map(|(index, key)| {
                        let name = key.join(".");
                        view! {
                            <span class="chip">
                                {format!("{}. {name}", index + 1)}
                                <button
                                    type="button"
                                    aria-label=format!("Remove partition key {name}")
                                    on:click=move |_| {
                                        let mut next = keys.get_untracked();
                                        next.retain(|other| *other != key);
                                        put(next);
                                    }
                                >
                                    {glyph("close")}
                                </button>
                            </span>
                        }
                    })
                    .collect_view()
            }}
            <select
                class="select"
                aria-label="Add a partition key"
                on:change=move |event| {
                    let name = event_target_value(&event);
                    if !name.is_empty() {
                        let mut next = keys.get_untracked();
                        next.push(vec![name]);
                        put(next);
                    }
                }
            >
                {move || {
                    let taken = keys.get();
                    let mut options = vec![
                        view! {
                            <option value="" selected=true>
                                "Add a partition key"
                            </option>
                        }
                            .into_any(),
                    ];
                    options
                        .extend(
                            columns
                                .get()
                                .into_iter()
                                .map(|column| column.name)
                                .filter(|name| !taken.iter().any(|key| key.first() == Some(name)))
                                .map(|name| view! { <option value=name.clone()>{name.clone()}</option> }.into_any()),
                        );
                    options
                }}
            </select>
            <p class="hint">"Keys leave the files and become folders, key=value/."</p>
        </fieldset>
        <Problems id=id field="PartitionKeys" />
    }
}
