//! The words for a node: its state, its name for a screen reader, "say everything".

use leptos::prelude::*;
use sluice_core::etl::{NodeId, ReadMode, Severity};

use super::model::Editor;
use crate::format::{count, duration, plural};

/// What the spine, the status line and the reader say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    Unconfigured,
    /// Rows are those of an earlier version.
    Stale,
    Running,
    Ok,
    Warning,
    Error,
    /// Nothing is known yet.
    #[default]
    Waiting,
}

impl State {
    pub fn class(self) -> &'static str {
        match self {
            State::Unconfigured => "unconfigured",
            State::Stale => "stale",
            State::Running => "running",
            State::Ok => "ok",
            State::Warning => "warning",
            State::Error => "error",
            State::Waiting => "waiting",
        }
    }

    pub fn mark(self) -> &'static str {
        match self {
            State::Unconfigured => "○",
            State::Stale => "◌",
            State::Running => "▸",
            State::Ok => "✓",
            State::Warning => "!",
            State::Error => "✕",
            State::Waiting => "·",
        }
    }

    pub fn word(self) -> &'static str {
        match self {
            State::Unconfigured => "not configured",
            State::Stale => "stale",
            State::Running => "running",
            State::Ok => "ok",
            State::Warning => "warning",
            State::Error => "error",
            State::Waiting => "no rows yet",
        }
    }
}

/// The last line of a card.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    pub state: State,
    /// Beside the mark.
    pub main: String,
    pub middle: String,
    pub end: String,
    /// Rows that leave the node, for its rails.
    pub rows: Option<u64>,
    pub rows_in: Option<u64>,
}

/// The state of a node: from validation, then the run under way, then the run of this very version, then the preview.
pub fn status(editor: Editor, id: &NodeId) -> Status {
    let mut status = Status::default();
    let Some(node) = editor.node(id) else { return status };
    let is_target = !node.kind.ports().output;
    let problems = editor.problems_of(id);
    let error = problems.iter().find(|problem| problem.severity == Severity::Error);
    let revision = editor.document.with(|document| document.revision());
    let running = editor.run.with(|run| run.as_ref().filter(|run| run.is_active()).map(|run| run.id.clone()));
    if let Some(run_id) = running {
        let progress = editor.host.progress.with(|runs| runs.get(&run_id).cloned()).unwrap_or_default();
        let done = progress.nodes.get(id).cloned().unwrap_or_default();
        let rows = if is_target { done.rows_in } else { done.rows_out };
        status.state = State::Running;
        status.rows = Some(done.rows_out);
        status.rows_in = Some(done.rows_in);
        status.main = format!("{} {}", if is_target { "writing" } else { "running" }, count(rows));
        if let Some(share) = progress.bytes_done.saturating_mul(100).checked_div(progress.bytes_total) {
            status.end = format!("{} %", share.min(100));
        }
        return status;
    }
    let untouched = editor.document.with(|document| is_untouched(document, id));
    if let Some(error) = error.or_else(|| problems.first().filter(|_| untouched)) {
        status.state = if untouched { State::Unconfigured } else { State::Error };
        status.main = sentence(&error.message);
        return status;
    }
    let warnings = problems.iter().filter(|problem| problem.severity == Severity::Warning).count();
    let from_run = editor.run.with(|run| {
        let run = run.as_ref().filter(|run| run.state == "SUCCEEDED")?;
        Some((run.nodes.get(id)?.clone(), run.revision == revision))
    });
    let previewed = editor.preview.with(|preview| preview.reply.nodes.get(id).cloned());
    let (rows_in, rows_out, millis, bad, fresh, more) = match (from_run, previewed) {
        (Some((report, true)), _) => (report.rows_in, report.rows_out, report.millis, report.bad_rows, true, ""),
        (_, Some(node)) => {
            let waiting = editor.preview.with(|preview| preview.waiting);
            (
                node.rows_in,
                node.rows_out,
                node.millis,
                node.bad_rows,
                !waiting,
                if node.truncated { "+" } else { "" },
            )
        }
        (Some((report, false)), None) => (report.rows_in, report.rows_out, report.millis, report.bad_rows, false, ""),
        (None, None) => {
            if let Some(warning) = problems.first() {
                status.state = State::Warning;
                status.main = sentence(&warning.message);
            } else {
                status.main = "no rows yet".into();
            }
            return status;
        }
    };
    let rows = if is_target { rows_in } else { rows_out };
    status.rows = Some(rows_out);
    status.rows_in = Some(rows_in);
    status.main = format!("{}{more} {}", count(rows), if rows == 1 { "row" } else { "rows" });
    status.state = if !fresh {
        State::Stale
    } else if bad > 0 || warnings > 0 {
        State::Warning
    } else {
        State::Ok
    };
    status.middle = if bad > 0 {
        format!("{} bad", count(bad))
    } else if node.inputs.is_empty() {
        editor
            .columns_of(id)
            .map(|columns| plural(columns.len() as u64, "column", "columns"))
            .unwrap_or_default()
    } else if is_target {
        String::new()
    } else {
        change(rows_in, rows_out)
    };
    if millis > 0.0 {
        status.end = duration(millis);
    }
    status
}

/// A node that nobody has filled in yet has nothing wrong, only something missing.
fn is_untouched(document: &sluice_core::etl::Document, id: &NodeId) -> bool {
    document
        .node(id)
        .is_some_and(|node| sluice_core::etl::NodeKind::palette().iter().any(|entry| entry.kind() == node.kind))
}

/// A clause with a capital letter, as it stands on its own.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Rows out against rows in: `−76 %`.
fn change(rows_in: u64, rows_out: u64) -> String {
    if rows_in == 0 || rows_in == rows_out {
        return "±0 %".into();
    }
    let percent = 100.0 * (rows_out as f64 - rows_in as f64) / rows_in as f64;
    let sign = if percent < 0.0 { "−" } else { "+" };
    let size = percent.abs();
    if size < 1.0 { format!("{sign}<1 %") } else { format!("{sign}{size:.0} %") }
}

/// "Filter paid orders, Filter, ok, 1,204 of 5,000 rows, step 3 of 6, from Orders CSV, to Join".
pub fn spoken(editor: Editor, id: &NodeId, status: &Status) -> String {
    let Some(node) = editor.node(id) else { return String::new() };
    let order = editor.order.get();
    let step = order.iter().position(|other| other == id).map_or(0, |at| at + 1);
    let label = node.kind.label();
    let mut parts = vec![node.name.clone()];
    let role = match node.kind.role() {
        sluice_core::etl::Role::Source => "source",
        sluice_core::etl::Role::Target => "target",
        _ => "transform",
    };
    parts.push(if label == node.name { role.into() } else { format!("{label} {role}") });
    parts.push(match status.state {
        State::Error | State::Unconfigured => format!("{}: {}", status.state.word(), status.main.trim_end_matches('.')),
        State::Waiting => status.state.word().into(),
        state => state.word().into(),
    });
    match (status.rows_in, status.rows) {
        (Some(rows_in), Some(rows)) if !node.inputs.is_empty() && node.kind.ports().output => {
            parts.push(format!("{} of {} rows", count(rows), count(rows_in)));
        }
        (Some(rows), Some(_)) if !node.inputs.is_empty() => parts.push(plural(rows, "row", "rows")),
        (_, Some(rows)) => parts.push(plural(rows, "row", "rows")),
        _ => {}
    }
    parts.push(format!("step {step} of {}", order.len()));
    let from: Vec<String> = node.inputs.iter().flatten().map(|id| editor.name(id)).collect();
    if !from.is_empty() {
        parts.push(format!("from {}", from.join(" and ")));
    }
    let to: Vec<String> = editor
        .edges
        .with(|edges| edges.iter().filter(|edge| edge.from == *id).map(|edge| editor.name(&edge.to)).collect());
    if !to.is_empty() {
        parts.push(format!("to {}", to.join(" and ")));
    }
    parts.join(", ")
}

/// Everything about a node, for `I`.
pub fn everything(editor: Editor, id: &NodeId) -> String {
    let status = editor.status(id);
    let mut text = spoken(editor, id, &status);
    if let Some(node) = editor.node(id) {
        let effect = node.kind.effect_line(editor.input_columns(id).as_deref());
        if !effect.is_empty() {
            text.push_str(&format!(". Does: {effect}"));
        }
        if node.read_mode != ReadMode::default() {
            text.push_str(&format!(". Read mode {:?}", node.read_mode));
        }
    }
    if let Some(columns) = editor.columns_of(id) {
        let names: Vec<&str> = columns.iter().take(20).map(|column| column.name.as_str()).collect();
        text.push_str(&format!(". {}: {}", plural(columns.len() as u64, "column", "columns"), names.join(", ")));
    }
    for problem in editor.problems_of(id) {
        text.push_str(&format!(". {}", problem.message));
    }
    text
}
