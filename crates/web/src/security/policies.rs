//! The account's own managed policies: the list, a new one, and one with its versions.

use leptos::ev::{self, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::ApiError;

use super::attach::template;
use super::create::{Buttons, NameField};
use super::editor::PolicyEditor;
use super::json::pretty;
use super::model::{Holders, Kind, OwnPolicy, asked, own_policies, own_policy, policy_version};
use super::quote::Quote;
use super::{NotShown, REDRAWN, focus_heading_if_lost};
use crate::components::{Confirm, Dialog, Empty, Fault, ScreenActions, glyph};
use crate::format::{local_time, plural};
use crate::host::use_host;
use crate::keys;
use crate::router::{Route, Security};

/// Versions that IAM keeps of a policy.
const VERSIONS: usize = 5;

#[component]
pub fn Policies() -> impl IntoView {
    let host = use_host();
    let found = asked(host, || Some(()), own_policies);
    let creating = RwSignal::new(false);
    let listener = window_event_listener(ev::keydown, move |event| {
        if !event.default_prevented() && !keys::is_typing(&event) && keys::is(&event, "N") {
            event.prevent_default();
            creating.set(true);
        }
    });
    on_cleanup(move || listener.remove());
    view! {
        <ScreenActions>
            <button type="button" class="btn primary" on:click=move |_| creating.set(true)>
                {glyph("plus")}
                "Create policy"
            </button>
        </ScreenActions>
        <header class="screen-head">
            <div>
                <h1 tabindex="-1">"Policies"</h1>
                <p class="sub">
                    "Customer managed policies: written once, attached to any number of users and roles. A change is a new version, and what it replaces stays to go back to."
                </p>
            </div>
        </header>
        {move || match found.get() {
            None => view! { <p class="meta" role="status">"Reading the policies…"</p> }.into_any(),
            Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
            Some(Ok(found)) if found.is_empty() => {
                view! {
                    <Empty title="No policies of yours yet" text="AWS’s own are there to attach on a user’s or role’s page. A policy of yours can be narrower than any of them.">
                        <button type="button" class="btn primary" on:click=move |_| creating.set(true)>
                            "Create a policy"
                        </button>
                    </Empty>
                }
                    .into_any()
            }
            Some(Ok(found)) => view! { <Table policies=found /> }.into_any(),
        }}
        <Create open=creating />
    }
}

#[component]
fn Table(policies: Vec<OwnPolicy>) -> impl IntoView {
    view! {
        <div class="table-scroll">
            <table class="list" aria-label="Policies">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Attached to"</th>
                        <th scope="col" class="wide-only">
                            "Default version"
                        </th>
                        <th scope="col" class="when wide-only">
                            "Changed"
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {policies
                        .into_iter()
                        .map(|policy| {
                            let route = Route::Security(Security::Policy(policy.name.clone()));
                            view! {
                                <tr>
                                    <td>
                                        <a class="name" href=route.href()>
                                            {glyph("policy")}
                                            <span>{policy.name}</span>
                                        </a>
                                    </td>
                                    <td>{plural(policy.attached, "identity", "identities")}</td>
                                    <td class="mono wide-only">{policy.default_version}</td>
                                    <td class="when wide-only">{local_time(&policy.updated)}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

#[component]
fn Create(open: RwSignal<bool>) -> impl IntoView {
    let host = use_host();
    let (name, description) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let document = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        if open.get() {
            name.set(String::new());
            description.set(String::new());
            document.set(template());
            refused.set(None);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let policy = name.get_untracked().trim().to_owned();
        let mut params = json!({ "PolicyName": policy, "PolicyDocument": document.get_untracked() });
        if let Some(about) = Some(description.get_untracked()).filter(|about| !about.is_empty()) {
            params["Description"] = about.into();
        }
        spawn_local(async move {
            match host.call("iam", "CreatePolicy", params).await {
                Ok(_) => {
                    host.announce(format!("Created the policy {policy}."));
                    open.set(false);
                    Route::Security(Security::Policy(policy)).open();
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    view! {
        <Dialog open=open title="Create a policy" wide=true>
            <form class="form" on:submit=submit novalidate>
                <NameField id="policy-name" label="Policy name" placeholder="read-lake" name=name hint="Up to 128 letters, digits and +=,.@-_. Unique in the account." />
                <div class="field">
                    <label for="policy-about">"Description"</label>
                    <input
                        id="policy-about"
                        class="input"
                        type="text"
                        autocomplete="off"
                        prop:value=move || description.get()
                        on:input=move |event| description.set(event_target_value(&event))
                    />
                </div>
                <PolicyEditor id="policy-document" label="Policy document" kind="Managed" text=document />
                {move || refused.get().map(|error| view! { <Fault error=error /> })}
                <Buttons open=open act="Create policy" disabled=Signal::derive(move || name.with(|name| name.trim().is_empty())) />
            </form>
        </Dialog>
    }
}

/// One policy of the account's own, by its name.
#[component]
pub fn PolicyView(name: String) -> impl IntoView {
    let host = use_host();
    let name = StoredValue::new(name);
    let found = asked(host, move || Some(name.get_value()), own_policy);
    let deleting = RwSignal::new(false);
    let known = Memo::new(move |_| found.with(|found| found.as_ref().and_then(|found| found.as_ref().ok()).cloned()));
    let delete = Callback::new(move |()| {
        let Some(policy) = known.get_untracked() else { return };
        spawn_local(async move {
            match policy.delete(host).await {
                Ok(()) => {
                    host.toast_done(format!("Deleted the policy {}.", policy.name));
                    Route::Security(Security::Policies).open();
                }
                Err(error) => host.toast_error(&error),
            }
        });
    });
    view! {
        {move || match found.get() {
            None => view! { <p class="meta" role="status">"Reading the policy…"</p> }.into_any(),
            Some(Err(error)) => view! { <NotShown title="No such policy" back=Security::Policies error=error /> }.into_any(),
            Some(Ok(policy)) => view! { <Shown policy=policy deleting=deleting /> }.into_any(),
        }}
        <Confirm open=deleting title=Signal::derive(move || format!("Delete {}?", name.get_value())) act="Delete the policy" on_confirm=delete>
            {move || {
                let (held, versions) = known.with(|known| known.as_ref().map_or((0, 0), |policy| (policy.attached, policy.versions.len())));
                let first = match held {
                    0 => "It is attached to nobody.".to_owned(),
                    held => format!("It is taken off {} first, who can do less from then on.", plural(held, "identity", "identities")),
                };
                let older = (versions > 1).then(|| format!(" Its {versions} versions go with it.")).unwrap_or_default();
                view! { <p>{first} {older}</p> }
            }}
        </Confirm>
    }
}

#[component]
fn Shown(policy: OwnPolicy, deleting: RwSignal<bool>) -> impl IntoView {
    let host = use_host();
    let arn = StoredValue::new(policy.arn.clone());
    let kept = StoredValue::new(policy.document.clone());
    let text = RwSignal::new(policy.document.clone());
    let refused = RwSignal::new(None::<ApiError>);
    let changed = move || text.with(|text| kept.with_value(|kept| text != kept));
    let full = policy.versions.len() >= VERSIONS;
    // The oldest that is not the default: what makes room, as the console offers.
    let oldest = policy
        .versions
        .iter()
        .rev()
        .find(|version| !version.is_default)
        .map(|version| version.id.clone());
    let oldest = StoredValue::new(oldest.filter(|_| full));
    let save = move |_| {
        let params = json!({ "PolicyArn": arn.get_value(), "PolicyDocument": text.get_untracked(), "SetAsDefault": true });
        spawn_local(async move {
            if let Some(id) = oldest.get_value() {
                let gone = host
                    .call("iam", "DeletePolicyVersion", json!({ "PolicyArn": arn.get_value(), "VersionId": id }))
                    .await;
                if let Err(error) = gone {
                    refused.set(Some(error));
                    return;
                }
            }
            match host.call("iam", "CreatePolicyVersion", params).await {
                Ok(response) => {
                    let id = response
                        .pointer("/PolicyVersion/VersionId")
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned();
                    host.toast_done(format!("Saved as {id}, which holds from now on."));
                    host.announce(format!("Saved as version {id}."));
                    set_timeout(focus_heading_if_lost, REDRAWN);
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    let holders = policy.holders.clone();
    view! {
        <header class="screen-head">
            <div>
                <p class="meta">"Customer managed policy"</p>
                <h1 tabindex="-1">{policy.name.clone()}</h1>
                {(!policy.description.is_empty()).then(|| view! { <p class="sub">{policy.description.clone()}</p> })}
            </div>
            <div class="row">
                <button type="button" class="btn danger" on:click=move |_| deleting.set(true)>
                    {glyph("trash")}
                    "Delete"
                </button>
            </div>
        </header>
        <dl class="facts">
            <dt>"ARN"</dt>
            <dd class="mono">{policy.arn.clone()}</dd>
            <dt>"Changed"</dt>
            <dd>{local_time(&policy.updated)}</dd>
            <dt>"Attached to"</dt>
            <dd>
                <Attached holders=holders />
            </dd>
        </dl>
        <section aria-labelledby="document">
            <h2 id="document">{format!("Document of {}", policy.default_version)}</h2>
            <PolicyEditor id="managed-document" label="Document" kind="Managed" text=text />
            {full.then(|| {
                view! {
                    <p class="meta" hidden=move || !changed()>
                        {move || format!("IAM keeps {VERSIONS} versions: {} goes when you save.", oldest.get_value().unwrap_or_default())}
                    </p>
                }
            })}
            {move || refused.get().map(|error| view! { <Fault error=error /> })}
            <p class="acts" hidden=move || !changed()>
                <button type="button" class="btn primary" on:click=save>
                    "Save as a new version"
                </button>
                <button type="button" class="btn" on:click=move |_| text.set(kept.get_value())>
                    "Discard"
                </button>
            </p>
        </section>
        <Versions policy=policy />
    }
}

#[component]
fn Attached(holders: Vec<Holders>) -> impl IntoView {
    if holders.is_empty() {
        return view! { <span class="meta">"nobody: attach it on a user’s or role’s page"</span> }.into_any();
    }
    let links = holders.into_iter().enumerate().map(|(at, (kind, name))| {
        let between = (at > 0).then_some(", ");
        let what = if kind == Kind::User { "user" } else { "role" };
        view! {
            {between}
            {what}
            " "
            <a href=kind.route(&name).href()>{name.clone()}</a>
        }
    });
    links.collect_view().into_any()
}

#[component]
fn Versions(policy: OwnPolicy) -> impl IntoView {
    let host = use_host();
    let arn = StoredValue::new(policy.arn.clone());
    let act = move |operation: &'static str, id: String, done: String| {
        spawn_local(async move {
            match host.call("iam", operation, json!({ "PolicyArn": arn.get_value(), "VersionId": id })).await {
                Ok(_) => {
                    host.toast_done(done);
                    set_timeout(focus_heading_if_lost, REDRAWN);
                }
                Err(error) => host.toast_error(&error),
            }
        });
    };
    let lines = policy.versions.into_iter().map(|version| {
        let open = RwSignal::new(false);
        let (id, for_default, for_delete) = (StoredValue::new(version.id.clone()), version.id.clone(), version.id.clone());
        let document = asked(host, move || open.get().then(|| (arn.get_value(), id.get_value())), policy_version);
        view! {
            <li>
                <details on:toggle=move |event| open.set(super::identity::is_open(&event))>
                    <summary>
                        {glyph("policy")} <b>{version.id.clone()}</b> <span class="meta">{local_time(&version.created)}</span>
                        {version.is_default.then(|| view! { <span class="chip">"default"</span> })}
                    </summary>
                    {move || match document.get() {
                        None => ().into_any(),
                        Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                        Some(Ok(text)) => view! { <Quote text=pretty(&text) label=format!("Document of {}", id.get_value()) /> }.into_any(),
                    }}
                </details>
                {(!version.is_default)
                    .then(|| {
                        view! {
                            <button
                                type="button"
                                class="btn quiet"
                                aria-label=format!("Make {} the default", version.id)
                                on:click=move |_| act("SetDefaultPolicyVersion", for_default.clone(), format!("{for_default} holds from now on."))
                            >
                                "Make default"
                            </button>
                            <button
                                type="button"
                                class="btn quiet"
                                aria-label=format!("Delete version {}", version.id)
                                on:click=move |_| act("DeletePolicyVersion", for_delete.clone(), format!("Deleted {for_delete}."))
                            >
                                "Delete"
                            </button>
                        }
                    })}
            </li>
        }
    });
    let lines = lines.collect_view();
    view! {
        <section aria-labelledby="versions">
            <h2 id="versions">"Versions"</h2>
            <ul class="policies" role="list">
                {lines}
            </ul>
        </section>
    }
}
