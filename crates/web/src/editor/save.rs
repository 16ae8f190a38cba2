//! The job in the account and its draft: `UpdateJob` saves, a document of the page keeps what is not saved yet, with its history.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sluice_core::account::ApiError;
use sluice_core::etl::{Document, Graph, ReadMode, from_codegen, to_codegen};

use super::live::read_modes;
use super::model::Editor;
use crate::host::Host;

const READ_MODES: &str = "--sluice-read-modes";

/// What `job/<name>` holds: the document, and the job it was made from.
#[derive(Serialize, Deserialize)]
struct Draft {
    /// `CodeGenConfigurationNodes` and read modes of the job when the draft last agreed with it.
    saved: String,
    document: Document,
}

/// A job as its editor opens it.
pub struct Opened {
    pub document: Document,
    pub saved: String,
    /// `LastModifiedOn` of the job.
    pub modified: String,
    /// Why the draft was left aside.
    pub note: Option<String>,
}

fn draft_key(job: &str) -> String {
    format!("job/{job}")
}

/// Nodes and read modes as one text: what tells a saved job from a changed one.
pub fn fingerprint(graph: &Graph) -> String {
    format!("{}{}", to_codegen(graph), serde_json::to_string(&read_modes(graph)).unwrap_or_default())
}

/// The job as it stands in the account, and its draft where that was made from it.
pub async fn open(host: Host, name: &str) -> Result<Opened, ApiError> {
    let answer = host.call("glue", "GetJob", json!({ "JobName": name })).await?;
    let job = answer.get("Job").cloned().unwrap_or_default();
    let nodes = job.get("CodeGenConfigurationNodes").cloned().unwrap_or_else(|| json!({}));
    let mut graph = from_codegen(&nodes).map_err(|errors| {
        let lines: Vec<String> = errors.into_iter().map(|error| error.message).collect();
        ApiError::new("InvalidInputException", format!("The job's graph cannot be opened. {}", lines.join(" ")))
    })?;
    let modes = job.pointer(&format!("/DefaultArguments/{READ_MODES}")).and_then(Value::as_str).unwrap_or("{}");
    if let Ok(modes) = sluice_protocol::decode::<std::collections::BTreeMap<String, ReadMode>>(modes) {
        for (id, node) in &mut graph.nodes {
            if let Some(mode) = modes.get(&id.0) {
                node.read_mode = *mode;
            }
        }
    }
    let saved = fingerprint(&graph);
    let modified = job.get("LastModifiedOn").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut note = None;
    if let Some(text) = host.document(&draft_key(name)).await {
        match sluice_protocol::decode::<Draft>(&text) {
            Ok(draft) if draft.saved == saved => {
                return Ok(Opened {
                    document: draft.document,
                    saved,
                    modified,
                    note: None,
                });
            }
            Ok(_) => note = Some("The job was changed elsewhere since this page last saved it: this is the job as it stands now.".into()),
            Err(error) => note = Some(format!("The draft of this job could not be read, so this is the job as it was saved. {error}")),
        }
    }
    let document = Document::from_graph(graph).map_err(|error| ApiError::new("InvalidInputException", error.to_string()))?;
    Ok(Opened {
        document,
        saved,
        modified,
        note,
    })
}

/// Writes the draft.
pub fn keep_draft(editor: Editor) {
    let Some(document) = editor.document.try_get_untracked() else { return };
    let draft = Draft {
        saved: editor.saved.try_with_untracked(|saved| saved.nodes.clone()).unwrap_or_default(),
        document,
    };
    let Ok(text) = sluice_protocol::encode(&draft) else { return };
    let Some(job) = editor.job.try_get_value() else { return };
    let host = editor.host;
    spawn_local(async move {
        if let Err(message) = host.put_document(&draft_key(&job), &text).await {
            host.toast_error(&ApiError::new("DraftNotKept", message).with_help("The edits are still on this page. Save the job to keep them in the account."));
        }
    });
}

/// Whether the account's job is what the document says.
pub fn is_saved(editor: Editor) -> bool {
    editor.saved.with(|saved| {
        editor
            .document
            .with(|document| saved.revision == Some(document.revision()) || saved.nodes == fingerprint(document.graph()))
    })
}

/// `UpdateJob` with the present graph.
pub async fn write(editor: Editor) -> Result<(), ApiError> {
    let host = editor.host;
    let name = editor.job.get_value();
    let document = editor.document.get_untracked();
    let answer = host.call("glue", "GetJob", json!({ "JobName": name })).await?;
    let job = answer.get("Job").and_then(Value::as_object).cloned().unwrap_or_default();
    // UpdateJob overwrites the whole definition: what is there goes back as it came.
    let mut update = Map::new();
    for member in [
        "Description",
        "Role",
        "Command",
        "DefaultArguments",
        "NonOverridableArguments",
        "Connections",
        "MaxRetries",
        "Timeout",
        "WorkerType",
        "NumberOfWorkers",
        "GlueVersion",
        "ExecutionClass",
        "ExecutionProperty",
        "SecurityConfiguration",
        "NotificationProperty",
        "LogUri",
    ] {
        if let Some(value) = job.get(member) {
            update.insert(member.into(), value.clone());
        }
    }
    let mut arguments = update.get("DefaultArguments").and_then(Value::as_object).cloned().unwrap_or_default();
    let modes = read_modes(document.graph());
    if modes.is_empty() {
        arguments.remove(READ_MODES);
    } else {
        arguments.insert(READ_MODES.into(), serde_json::to_string(&modes).unwrap_or_default().into());
    }
    update.insert("DefaultArguments".into(), Value::Object(arguments));
    update.insert("JobMode".into(), "VISUAL".into());
    update.insert("CodeGenConfigurationNodes".into(), to_codegen(document.graph()));
    host.call("glue", "UpdateJob", json!({ "JobName": name, "JobUpdate": update })).await?;
    let nodes = fingerprint(document.graph());
    editor.saved.set(super::model::Saved {
        nodes,
        revision: Some(document.revision()),
        opened: None,
    });
    keep_draft(editor);
    Ok(())
}

/// Saves and says so.
pub fn save(editor: Editor) {
    spawn_local(async move {
        match write(editor).await {
            Ok(()) => editor.host.announce("Saved the job."),
            Err(error) => editor.host.toast_error(&error),
        }
    });
}

/// `CreateJob` with an empty graph.
pub async fn create(host: Host, name: &str, role: &str) -> Result<(), ApiError> {
    let params = json!({
        "Name": name,
        "Role": role,
        "JobMode": "VISUAL",
        "Command": { "Name": "glueetl", "PythonVersion": "3" },
        "GlueVersion": "5.0",
        "WorkerType": "G.1X",
        "NumberOfWorkers": 2,
        "CodeGenConfigurationNodes": {},
    });
    host.call("glue", "CreateJob", params).await.map(drop)
}
