//! Runs: save and start, progress, stop, what came of it, and the ones before.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::{Call, NodeReport, RunFailure};
use sluice_core::etl::{NodeId, Severity};

use super::model::{Editor, RunView, use_editor};
use super::save;
use crate::components::glyph;
use crate::format::{bytes, count, local_time, plural};
use crate::host::query;
use crate::router::Route;

/// A run as `GetJobRun` shows it.
fn view_of(run: &Value) -> RunView {
    let text = |member: &str| run.get(member).and_then(Value::as_str).map(str::to_owned);
    let report = run.get("SluiceReport");
    let nodes = report
        .and_then(|report| report.get("nodes"))
        .and_then(|nodes| serde_json::from_value::<std::collections::BTreeMap<NodeId, NodeReport>>(nodes.clone()).ok())
        .unwrap_or_default();
    let outputs = report
        .and_then(|report| report.get("Outputs"))
        .and_then(Value::as_array)
        .map(|outputs| {
            outputs
                .iter()
                .filter_map(|output| {
                    let text = |member: &str| output.get(member).and_then(Value::as_str).map(str::to_owned);
                    Some((
                        NodeId(text("node")?),
                        text("bucket")?,
                        text("key")?,
                        output.get("rows").and_then(Value::as_u64).unwrap_or(0),
                    ))
                })
                .collect()
        })
        .unwrap_or_default();
    RunView {
        id: text("Id").unwrap_or_default(),
        state: text("JobRunState").unwrap_or_default(),
        error: text("ErrorMessage"),
        started: text("StartedOn").unwrap_or_default(),
        seconds: run.get("ExecutionTime").and_then(Value::as_i64).unwrap_or(0),
        nodes,
        outputs,
        failure: report
            .and_then(|report| report.get("Failure"))
            .and_then(|failure| serde_json::from_value::<Option<RunFailure>>(failure.clone()).ok())
            .flatten(),
        memory: report.and_then(|report| report.get("memory")).and_then(Value::as_u64).unwrap_or(0),
        revision: u64::MAX,
    }
}

/// Saves the job and starts a run. Problems that keep it from running are shown instead.
pub fn start(editor: Editor) {
    if editor.starting.get_untracked() || editor.run.with_untracked(|run| run.as_ref().is_some_and(RunView::is_active)) {
        editor.host.announce("A run is under way.");
        return;
    }
    let errors = editor
        .problems
        .with_untracked(|problems| problems.iter().filter(|problem| problem.severity == Severity::Error).count());
    if errors > 0 || editor.ids.with_untracked(Vec::is_empty) {
        if errors == 0 {
            editor.say("There is nothing to run yet: add a source and a target.".into());
        } else {
            super::keyboard::next_problem(editor);
            editor.say(format!(
                "The job cannot run: {}. F8 goes from one to the next.",
                plural(errors as u64, "problem", "problems")
            ));
        }
        return;
    }
    editor.starting.set(true);
    let host = editor.host;
    spawn_local(async move {
        let name = editor.job.get_value();
        let started = match save::write(editor).await {
            Ok(()) => host.call("glue", "StartJobRun", json!({ "JobName": name })).await,
            Err(error) => Err(error),
        };
        editor.starting.set(false);
        match started {
            Ok(answer) => {
                let id = answer.get("JobRunId").and_then(Value::as_str).unwrap_or_default().to_owned();
                let revision = editor.document.with_untracked(|document| document.revision());
                editor.run.set(Some(RunView {
                    id,
                    state: "RUNNING".into(),
                    revision,
                    ..RunView::default()
                }));
                host.announce("The run has started.");
            }
            Err(error) => host.toast_error(&error),
        }
    });
}

pub fn stop(editor: Editor) {
    let Some(run) = editor.run.get_untracked().filter(RunView::is_active) else {
        return;
    };
    let host = editor.host;
    spawn_local(async move {
        let params = json!({ "JobName": editor.job.get_value(), "JobRunIds": [run.id] });
        if let Err(error) = host.call("glue", "BatchStopJobRun", params).await {
            host.toast_error(&error);
        }
    });
}

/// Follows the runs of the job: the one under way, and the latest when the editor opens.
pub fn follow(editor: Editor) {
    let host = editor.host;
    let answer = query(host, move || {
        let name = editor.job.try_get_value()?;
        Some(Call::new("glue", "GetJobRuns", json!({ "JobName": name, "MaxResults": 20 })))
    })
    .answer;
    provide_context(Runs(answer));
    Effect::new(move |opened: Option<bool>| {
        let opened = opened.unwrap_or(false);
        let runs: Vec<RunView> = answer.with(|answer| match answer {
            Some(Ok(answer)) => answer
                .get("JobRuns")
                .and_then(Value::as_array)
                .map(|runs| runs.iter().map(view_of).collect())
                .unwrap_or_default(),
            _ => Vec::new(),
        });
        let now = editor.run.get_untracked();
        let wanted = match &now {
            Some(now) => runs.into_iter().find(|run| run.id == now.id),
            // What ran last, if the saved job is still what is on the canvas.
            None if !opened => runs.into_iter().next(),
            None => None,
        };
        let Some(mut run) = wanted else { return opened };
        run.revision = match &now {
            Some(now) => now.revision,
            None if run.is_active() || ran_as_saved(editor, &run) => editor.document.with_untracked(|document| document.revision()),
            None => u64::MAX,
        };
        let was_active = now.as_ref().is_some_and(RunView::is_active);
        if now.as_ref() != Some(&run) {
            if was_active && !run.is_active() {
                say_end(editor, &run);
            }
            editor.run.set(Some(run));
        }
        true
    });
}

/// Whether a run that was there when the job was opened ran what is on the canvas: the job as it stands, not changed since.
fn ran_as_saved(editor: Editor, run: &RunView) -> bool {
    let unchanged = editor
        .saved
        .with_untracked(|saved| saved.opened.as_ref().is_some_and(|modified| run.started >= *modified));
    unchanged && untrack(|| save::is_saved(editor))
}

#[derive(Clone, Copy)]
struct Runs(RwSignal<Option<Result<Value, sluice_core::account::ApiError>>>);

fn say_end(editor: Editor, run: &RunView) {
    let text = match run.state.as_str() {
        "SUCCEEDED" => {
            let rows: u64 = run.outputs.iter().map(|(.., rows)| rows).sum();
            format!(
                "The run succeeded: {} in {}.",
                plural(rows, "row", "rows"),
                plural(run.outputs.len() as u64, "file", "files")
            )
        }
        "STOPPED" => "The run was stopped.".into(),
        _ => format!("The run failed. {}", run.error.clone().unwrap_or_default()),
    };
    editor.host.announce(text);
    if let Some(node) = run.failure.as_ref().and_then(|failure| failure.error.node.clone()) {
        editor.select(&node);
    }
}

/// Mark, word and class of a run's state.
pub fn state_chip(state: &str) -> (&'static str, &'static str) {
    match state {
        "SUCCEEDED" => ("✓", "ok"),
        "FAILED" | "ERROR" | "TIMEOUT" => ("✕", "err"),
        "STOPPED" | "STOPPING" => ("■", "warn"),
        _ => ("▸", "run"),
    }
}

/// The strip under the canvas: the run under way or the last one, and the way to its results.
#[component]
pub fn RunBar() -> impl IntoView {
    let editor = use_editor();
    let runs = expect_context::<Runs>().0;
    let history = RwSignal::new(false);
    let progress = Memo::new(move |_| {
        let run = editor.run.get().filter(RunView::is_active)?;
        Some(editor.host.progress.with(|runs| runs.get(&run.id).cloned()).unwrap_or_default())
    });
    let earlier = move || {
        runs.with(|answer| match answer {
            Some(Ok(answer)) => answer
                .get("JobRuns")
                .and_then(Value::as_array)
                .map(|runs| runs.iter().map(view_of).collect::<Vec<_>>())
                .unwrap_or_default(),
            _ => Vec::new(),
        })
    };
    view! {
        <section class="run-bar" aria-label="Run">
            {move || {
                let run = editor.run.get();
                match run {
                    _ if editor.starting.get() => {
                        view! {
                            <span class="state run">
                                <i aria-hidden="true">"▸"</i>
                                "Saving and starting…"
                            </span>
                        }
                            .into_any()
                    }
                    None => view! { <span class="meta">"Not run yet."</span> }.into_any(),
                    Some(run) if run.is_active() => {
                        view! {
                            <span class="state run">
                                <i aria-hidden="true">"▸"</i>
                                {if run.state == "STOPPING" { "Stopping" } else { "Running" }}
                            </span>
                            <span
                                class="bar"
                                role="progressbar"
                                aria-label="Bytes read"
                                aria-valuemin="0"
                                aria-valuemax="100"
                                aria-valuenow=move || share(progress)
                            >
                                <i style=move || format!("--share:{}", f64::from(share(progress)) / 100.0)></i>
                            </span>
                            <span class="meta">
                                {move || {
                                    let progress = progress.get().unwrap_or_default();
                                    let memory = if progress.memory > 0 { format!(" · {} memory", bytes(progress.memory)) } else { String::new() };
                                    format!("{} of {}{memory}", bytes(progress.bytes_done), bytes(progress.bytes_total))
                                }}
                            </span>
                            <button type="button" class="btn danger" on:click=move |_| stop(editor)>
                                {glyph("stop")}
                                "Stop run"
                            </button>
                        }
                            .into_any()
                    }
                    Some(run) => view! { <Ended run=run /> }.into_any(),
                }
            }}
            <span class="push"></span>
            <button
                type="button"
                class="btn quiet"
                aria-expanded=move || if history.get() { "true" } else { "false" }
                on:click=move |_| history.update(|on| *on = !*on)
            >
                "Run history"
                <span class="tally">{move || earlier().len()}</span>
            </button>
            {move || {
                history
                    .get()
                    .then(|| {
                        let runs = earlier();
                        view! {
                            <div class="history">
                                {runs.is_empty().then(|| view! { <p class="meta">"No runs yet."</p> })}
                                <ul role="list">
                                    {runs
                                        .into_iter()
                                        .map(|run| {
                                            let (mark, class) = state_chip(&run.state);
                                            let rows: u64 = run.outputs.iter().map(|(.., rows)| rows).sum();
                                            let chosen = run.clone();
                                            view! {
                                                <li>
                                                    <button
                                                        type="button"
                                                        on:click=move |_| {
                                                            history.set(false);
                                                            editor.run.set(Some(chosen.clone()));
                                                        }
                                                    >
                                                        <span class=format!("state {class}")>
                                                            <i aria-hidden="true">{mark}</i>
                                                            {run.state.clone()}
                                                        </span>
                                                        <span>{local_time(&run.started)}</span>
                                                        <span class="num">{format!("{} rows", count(rows))}</span>
                                                        <span class="num">{format!("{} s", run.seconds)}</span>
                                                        {run.error.clone().map(|error| view! { <small>{error}</small> })}
                                                    </button>
                                                </li>
                                            }
                                        })
                                        .collect_view()}
                                </ul>
                            </div>
                        }
                    })
            }}
        </section>
    }
}

fn share(progress: Memo<Option<sluice_protocol::RunProgress>>) -> u8 {
    progress.with(|progress| {
        progress.as_ref().map_or(0, |progress| {
            if progress.bytes_total == 0 {
                return 0;
            }
            u8::try_from(progress.bytes_done.saturating_mul(100) / progress.bytes_total)
                .unwrap_or(100)
                .min(100)
        })
    })
}

#[component]
fn Ended(run: RunView) -> impl IntoView {
    let editor = use_editor();
    let (mark, class) = state_chip(&run.state);
    let word = match run.state.as_str() {
        "SUCCEEDED" => "Succeeded",
        "FAILED" => "Failed",
        "STOPPED" => "Stopped",
        "TIMEOUT" => "Timed out",
        other => other,
    }
    .to_owned();
    let rows: u64 = run.outputs.iter().map(|(.., rows)| rows).sum();
    let bad: u64 = run.nodes.values().map(|node| node.bad_rows).sum();
    let mut tables: Vec<(String, String)> = Vec::new();
    editor.document.with_untracked(|document| {
        for node in document.graph().nodes.values() {
            if let Some(policy) = node
                .kind
                .direct_policy()
                .filter(|policy| policy.enable_update_catalog && !policy.table.is_empty())
            {
                tables.push((policy.database.clone(), policy.table.clone()));
            }
        }
    });
    let succeeded = run.state == "SUCCEEDED";
    let first = run.outputs.first().map(|(_, bucket, key, _)| Route::storage(bucket, key));
    view! {
        <span class=format!("state {class}")>
            <i aria-hidden="true">{mark}</i>
            {word}
        </span>
        {succeeded
            .then(|| {
                view! {
                    <span>
                        {format!("{} in {}", plural(rows, "row", "rows"), plural(run.outputs.len() as u64, "file", "files"))}
                    </span>
                    {first
                        .map(|route| {
                            view! {
                                <a class="btn" href=route.href()>
                                    {glyph("file")}
                                    "Open the result"
                                </a>
                            }
                        })}
                    {tables
                        .into_iter()
                        .map(|(database, table)| {
                            let label = format!("Table {database}.{table}");
                            view! {
                                <a class="btn" href=Route::Table { database, table }.href()>
                                    {glyph("catalog")}
                                    {label}
                                </a>
                            }
                        })
                        .collect_view()}
                }
            })}
        {(run.memory > 0)
            .then(|| {
                view! {
                    <span class="meta" title="The most memory that the data worker has taken up to the end of this run">
                        {format!("{} memory", bytes(run.memory))}
                    </span>
                }
            })}
        {(bad > 0).then(|| view! { <span class="state warn">{format!("! {}", plural(bad, "bad row", "bad rows"))}</span> })}
        {run.error.clone().map(|error| view! { <span class="reason" title=error.clone()>{error.clone()}</span> })}
        {run.failure
            .clone()
            .and_then(|failure| failure.row)
            .map(|row| view! { <span class="reason">{format!("{} line {}: ", row.key, row.line)}<code>{row.raw}</code></span> })}
    }
}
