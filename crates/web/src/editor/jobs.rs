//! The list of jobs: make, open, delete, and how the last run ended.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::Call;
use sluice_protocol::PageRequest;

use super::run::state_chip;
use super::save;
use crate::components::{Confirm, Crumb, Dialog, Empty, Fault, ScreenActions, ShellState, glyph};
use crate::format::local_time;
use crate::host::{query, use_host};
use crate::router::Route;

const DEFAULT_ROLE: &str = "AWSGlueServiceRole";

#[derive(Clone, Debug, PartialEq)]
struct Job {
    name: String,
    role: String,
    modified: String,
    nodes: usize,
    visual: bool,
}

fn jobs(answer: &Value) -> Vec<Job> {
    let mut jobs: Vec<Job> = answer
        .get("Jobs")
        .and_then(Value::as_array)
        .map(|jobs| {
            jobs.iter()
                .filter_map(|job| {
                    let text = |member: &str| job.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
                    Some(Job {
                        name: job.get("Name")?.as_str()?.into(),
                        role: text("Role"),
                        modified: text("LastModifiedOn"),
                        nodes: job.get("CodeGenConfigurationNodes").and_then(Value::as_object).map_or(0, serde_json::Map::len),
                        visual: text("JobMode") == "VISUAL",
                    })
                })
                .collect()
        })
        .unwrap_or_default();
    jobs.sort_by(|a, b| b.modified.cmp(&a.modified).then_with(|| a.name.cmp(&b.name)));
    jobs
}

#[component]
pub fn Jobs() -> impl IntoView {
    let host = use_host();
    let shell = expect_context::<ShellState>();
    shell.place(vec![Crumb::new("ETL jobs", &Route::Etl { job: None })]);
    let answer = query(host, || Some(Call::new("glue", "GetJobs", json!({})))).answer;
    let creating = RwSignal::new(false);
    let doomed = RwSignal::new(None::<String>);
    let asking = RwSignal::new(false);
    let delete = Callback::new(move |()| {
        let Some(name) = doomed.get_untracked() else { return };
        spawn_local(async move {
            match host.call("glue", "DeleteJob", json!({ "JobName": name })).await {
                Ok(_) => {
                    host.announce(format!("Deleted job {name}."));
                    let key = format!("job/{name}");
                    host.request(PageRequest::DeleteDocument { key }, Vec::new()).await;
                }
                Err(error) => host.toast_error(&error),
            }
        });
    });
    view! {
        <ScreenActions>
            <button type="button" class="btn primary" on:click=move |_| creating.set(true)>
                {glyph("plus")}
                "Create job"
            </button>
        </ScreenActions>
        <div class="etl-jobs">
            <header>
                <h1>"ETL jobs"</h1>
                <p class="meta">"A visual job moves rows from sources, through transforms, into targets."</p>
            </header>
            {move || match answer.get() {
                None => view! { <p class="meta" role="status">"Loading…"</p> }.into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(answer)) => {
                    let jobs = jobs(&answer);
                    if jobs.is_empty() {
                        view! {
                            <Empty title="No jobs yet" text="Make one, put an Amazon S3 source on its canvas, and watch the rows as you build.">
                                <button type="button" class="btn primary" on:click=move |_| creating.set(true)>
                                    "Create a visual job"
                                </button>
                            </Empty>
                        }
                            .into_any()
                    } else {
                        view! {
                            <table class="list">
                                <thead>
                                    <tr>
                                        <th scope="col">"Job"</th>
                                        <th scope="col">"Last run"</th>
                                        <th scope="col" class="num">
                                            "Nodes"
                                        </th>
                                        <th scope="col" class="wide-only">
                                            "Role"
                                        </th>
                                        <th scope="col" class="wide-only">
                                            "Changed"
                                        </th>
                                        <th scope="col">
                                            <span class="visually-hidden">"Delete"</span>
                                        </th>
                                    </tr>
                                </thead>
                                <tbody>
                                    {jobs
                                        .into_iter()
                                        .map(|job| {
                                            let name = job.name.clone();
                                            view! {
                                                <tr>
                                                    <td>
                                                        <a class="job" href=Route::Etl { job: Some(job.name.clone()) }.href()>
                                                            {glyph("etl")}
                                                            {job.name.clone()}
                                                        </a>
                                                        {(!job.visual).then(|| view! { <span class="chip">"script"</span> })}
                                                    </td>
                                                    <td>
                                                        <LastRun job=job.name.clone() />
                                                    </td>
                                                    <td class="num">{job.nodes}</td>
                                                    <td class="wide-only mono">{job.role.clone()}</td>
                                                    <td class="wide-only">{local_time(&job.modified)}</td>
                                                    <td class="num">
                                                        <button
                                                            type="button"
                                                            class="btn quiet icon"
                                                            aria-label=format!("Delete job {name}")
                                                            on:click=move |_| {
                                                                doomed.set(Some(name.clone()));
                                                                asking.set(true);
                                                            }
                                                        >
                                                            {glyph("trash")}
                                                        </button>
                                                    </td>
                                                </tr>
                                            }
                                        })
                                        .collect_view()}
                                </tbody>
                            </table>
                        }
                            .into_any()
                    }
                }
            }}
        </div>
        <CreateJob open=creating />
        <Confirm
            open=asking
            title=Signal::derive(move || format!("Delete job {}?", doomed.get().unwrap_or_default()))
            act="Delete job"
            on_confirm=delete
        >
            <p>"The job, its draft and its list of runs are deleted. Objects and tables that it made stay."</p>
        </Confirm>
    }
}

#[component]
fn LastRun(job: String) -> impl IntoView {
    let host = use_host();
    let answer = query(host, move || Some(Call::new("glue", "GetJobRuns", json!({ "JobName": job, "MaxResults": 1 })))).answer;
    move || {
        let run = answer.with(|answer| match answer {
            Some(Ok(answer)) => answer.pointer("/JobRuns/0").cloned(),
            _ => None,
        });
        match run {
            None => view! { <span class="meta">"not run yet"</span> }.into_any(),
            Some(run) => {
                let text = |member: &str| run.get(member).and_then(Value::as_str).unwrap_or_default().to_owned();
                let state = text("JobRunState");
                let (mark, class) = state_chip(&state);
                view! {
                    <span class=format!("state {class}")>
                        <i aria-hidden="true">{mark}</i>
                        {state.clone()}
                    </span>
                    " "
                    <span class="meta">{local_time(&text("StartedOn"))}</span>
                }
                .into_any()
            }
        }
    }
}

#[component]
fn CreateJob(open: RwSignal<bool>) -> impl IntoView {
    let host = use_host();
    let name = RwSignal::new(String::new());
    let role = RwSignal::new(DEFAULT_ROLE.to_owned());
    let fault = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let wanted = name.get_untracked().trim().to_owned();
            match save::create(host, &wanted, role.get_untracked().trim()).await {
                Ok(()) => {
                    open.set(false);
                    name.set(String::new());
                    fault.set(None);
                    Route::Etl { job: Some(wanted) }.open();
                }
                Err(error) => fault.set(Some(error)),
            }
            busy.set(false);
        });
    };
    view! {
        <Dialog open=open title="Create a visual job">
            <form class="etl-create" on:submit=submit>
                <div class="field">
                    <label for="job-name">"Name"</label>
                    <input
                        id="job-name"
                        class="input"
                        type="text"
                        autofocus
                        required
                        maxlength="255"
                        autocomplete="off"
                        prop:value=move || name.get()
                        on:input=move |event| name.set(event_target_value(&event))
                    />
                </div>
                <div class="field">
                    <label for="job-role">"IAM role"</label>
                    <input
                        id="job-role"
                        class="input"
                        type="text"
                        required
                        autocomplete="off"
                        prop:value=move || role.get()
                        on:input=move |event| role.set(event_target_value(&event))
                    />
                    <p class="hint">"A name or an ARN. Any valid name will do here."</p>
                </div>
                {move || fault.get().map(|error| view! { <Fault error=error /> })}
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <button type="submit" class="btn primary" disabled=move || busy.get()>
                        "Create job"
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
