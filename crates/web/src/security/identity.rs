//! One user or role: its policies, and of a role who may take it on.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::attach::{Attach, Inline};
use super::editor::PolicyEditor;
use super::model::{Identity, Kind, Managed, asked, delete_identity, identity, inline_document, managed_document};
use super::quote::Quote;
use super::{NotShown, REDRAWN, focus_heading_if_lost};
use crate::components::{Confirm, Fault, ScreenActions, glyph};
use crate::format::{local_time, plural};
use crate::host::{Host, use_host};
use crate::router::{Route, Security};

#[component]
pub fn IdentityView(kind: Kind, name: String) -> impl IntoView {
    let host = use_host();
    let name = StoredValue::new(name);
    let found = asked(host, move || Some((kind, name.get_value())), identity);
    let attaching = RwSignal::new(false);
    let writing = RwSignal::new(false);
    let editing = RwSignal::new(None::<(String, String)>);
    let deleting = RwSignal::new(false);
    let known = Memo::new(move |_| found.with(|found| found.as_ref().and_then(|found| found.as_ref().ok()).cloned()));
    let attached = Signal::derive(move || {
        known.with(|known| {
            known
                .iter()
                .flat_map(|identity| identity.attached.iter().map(|policy| policy.arn.clone()))
                .collect::<Vec<_>>()
        })
    });
    let edit = Callback::new(move |policy: Option<String>| match policy {
        None => {
            editing.set(None);
            writing.set(true);
        }
        Some(policy) => spawn_local(async move {
            match inline_document(host, kind, &name.get_value(), &policy).await {
                Ok(text) => {
                    editing.set(Some((policy, text)));
                    writing.set(true);
                }
                Err(error) => host.toast_error(&error),
            }
        }),
    });
    let delete = Callback::new(move |()| {
        let Some(identity) = known.get_untracked() else { return };
        spawn_local(async move {
            match delete_identity(host, &identity).await {
                Ok(()) => {
                    host.toast_done(format!("Deleted the {} {}.", identity.kind.noun(), identity.name));
                    Route::Security(Security::Identities).open();
                }
                Err(error) => host.toast_error(&error),
            }
        });
    });
    view! {
        <ScreenActions>
            <button type="button" class="btn" on:click=move |_| edit.run(None)>
                "Add inline policy"
            </button>
            <button type="button" class="btn primary" on:click=move |_| attaching.set(true)>
                "Attach policy"
            </button>
        </ScreenActions>
        {move || match found.get() {
            None => view! { <p class="meta" role="status">"Reading the identity…"</p> }.into_any(),
            Some(Err(error)) => view! { <NotShown title=if kind == Kind::User { "No such user" } else { "No such role" } back=Security::Identities error=error /> }.into_any(),
            Some(Ok(identity)) => view! { <Shown identity=identity edit=edit deleting=deleting /> }.into_any(),
        }}
        <Attach open=attaching kind=kind name=name attached=attached />
        <Inline open=writing kind=kind name=name editing=editing />
        <Confirm
            open=deleting
            title=Signal::derive(move || format!("Delete {}?", name.get_value()))
            act=format!("Delete the {}", kind.noun())
            on_confirm=delete
        >
            {move || {
                let policies = known.with(|known| known.as_ref().map(|identity| identity.policies().len()).unwrap_or(0));
                let first = match policies {
                    0 => "It has no policies.".to_owned(),
                    count => format!("Its {} are taken off first: IAM deletes only what has none.", plural(count as u64, "policy", "policies")),
                };
                view! { <p>{first} " A bucket’s policy that names it stays, and names nobody then."</p> }
            }}
        </Confirm>
    }
}

#[component]
fn Shown(identity: Identity, edit: Callback<Option<String>>, deleting: RwSignal<bool>) -> impl IntoView {
    let kind = identity.kind;
    let name = StoredValue::new(identity.name.clone());
    let none = identity.policies().is_empty();
    let trust = identity.trust.clone();
    view! {
        <header class="screen-head">
            <div>
                <p class="meta">{kind.title()}</p>
                <h1 tabindex="-1">{identity.name.clone()}</h1>
                {(!identity.description.is_empty()).then(|| view! { <p class="sub">{identity.description.clone()}</p> })}
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
            <dd class="mono">{identity.arn.clone()}</dd>
            <dt>"Unique id"</dt>
            <dd class="mono">{identity.id.clone()}</dd>
            <dt>"Created"</dt>
            <dd>{local_time(&identity.created)}</dd>
        </dl>
        <section aria-labelledby="policies">
            <h2 id="policies">"Permissions policies"</h2>
            {none.then(|| view! { <NoPolicies kind=kind /> })}
            <ul class="policies" role="list">
                {identity.attached.iter().cloned().map(|policy| view! { <Attached policy=policy kind=kind name=name /> }).collect_view()}
                {identity.inline.iter().cloned().map(|policy| view! { <InlineLine policy=policy kind=kind name=name edit=edit /> }).collect_view()}
            </ul>
        </section>
        {(kind == Kind::Role).then(|| view! { <Trust name=name trust=trust /> })}
    }
}

#[component]
fn NoPolicies(kind: Kind) -> impl IntoView {
    let text = match kind {
        Kind::User => "No policy: whatever this user asks for is denied, unless a bucket’s policy allows it. That is the implicit deny.",
        Kind::Role => {
            "No policy: a call made as this role is denied, unless a bucket’s policy allows it. Crawlers and jobs are held to their role’s policies as soon as it has one; until then, a simplification, they may do everything."
        }
    };
    view! { <p class="none">{text}</p> }
}

/// A policy by name; opened, it shows its document.
#[component]
fn Attached(policy: Managed, kind: Kind, name: StoredValue<String>) -> impl IntoView {
    let host = use_host();
    let open = RwSignal::new(false);
    let (arn, label) = (StoredValue::new(policy.arn.clone()), policy.name.clone());
    let document = asked(host, move || open.get().then(|| arn.get_value()), managed_document);
    let shown = policy.name.clone();
    let detach = move |_| {
        let mut params = kind.params(&name.get_value());
        params["PolicyArn"] = json!(arn.get_value());
        act(host, format!("Detach{}Policy", kind.title()), params, "Detached the policy.");
    };
    let chip = if policy.is_aws() { "AWS managed" } else { "customer managed" };
    view! {
        <li>
            <details on:toggle=move |event| open.set(is_open(&event))>
                <summary>
                    {glyph("policy")} <b>{policy.name.clone()}</b> <span class="chip">{chip}</span>
                </summary>
                {move || match document.get() {
                    None => ().into_any(),
                    Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                    Some(Ok(text)) => view! { <Quote text=text label=format!("Document of {shown}") /> }.into_any(),
                }}
            </details>
            <button type="button" class="btn quiet" aria-label=format!("Detach {label}") on:click=detach>
                "Detach"
            </button>
        </li>
    }
}

#[component]
fn InlineLine(policy: String, kind: Kind, name: StoredValue<String>, edit: Callback<Option<String>>) -> impl IntoView {
    let host = use_host();
    let open = RwSignal::new(false);
    let own = StoredValue::new(policy.clone());
    let document = asked(
        host,
        move || open.get().then(|| own.get_value()),
        move |host, policy| async move { inline_document(host, kind, &name.get_value(), &policy).await },
    );
    let remove = move |_| {
        let mut params = kind.params(&name.get_value());
        params["PolicyName"] = json!(own.get_value());
        act(host, format!("Delete{}Policy", kind.title()), params, "Deleted the policy.");
    };
    view! {
        <li>
            <details on:toggle=move |event| open.set(is_open(&event))>
                <summary>
                    {glyph("policy")} <b>{policy.clone()}</b> <span class="chip">"inline"</span>
                </summary>
                {move || match document.get() {
                    None => ().into_any(),
                    Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                    Some(Ok(text)) => view! { <Quote text=text label=format!("Document of {}", own.get_value()) /> }.into_any(),
                }}
            </details>
            <button type="button" class="btn quiet" aria-label=format!("Edit {policy}") on:click=move |_| edit.run(Some(own.get_value()))>
                "Edit"
            </button>
            <button type="button" class="btn quiet" aria-label=format!("Delete {policy}") on:click=remove>
                "Delete"
            </button>
        </li>
    }
}

/// Who may take the role on, to be edited.
#[component]
fn Trust(name: StoredValue<String>, trust: String) -> impl IntoView {
    let host = use_host();
    let kept = StoredValue::new(trust.clone());
    let text = RwSignal::new(trust);
    let changed = move || text.with(|text| kept.with_value(|kept| text != kept));
    let save = move |_| {
        let params = json!({ "RoleName": name.get_value(), "PolicyDocument": text.get_untracked() });
        act(host, "UpdateAssumeRolePolicy".to_owned(), params, "Saved the trust policy.");
    };
    view! {
        <section aria-labelledby="trust">
            <h2 id="trust">"Trust policy"</h2>
            <p class="meta">"Who may take the role on. It says nothing of what the role may do then."</p>
            <PolicyEditor id="trust-policy" label="Document" kind="Trust" text=text />
            <p class="acts" hidden=move || !changed()>
                <button type="button" class="btn primary" on:click=save>
                    "Save trust policy"
                </button>
                <button type="button" class="btn" on:click=move |_| text.set(kept.get_value())>
                    "Discard"
                </button>
            </p>
        </section>
    }
}

/// One call to IAM, and what came of it as a message.
fn act(host: Host, operation: String, params: Value, done: &'static str) {
    spawn_local(async move {
        match host.call("iam", &operation, params).await {
            Ok(_) => {
                host.toast_done(done);
                // The line that was pressed may be gone with the change.
                set_timeout(focus_heading_if_lost, REDRAWN);
            }
            Err(error) => host.toast_error(&error),
        }
    });
}

pub fn is_open(event: &leptos::ev::Event) -> bool {
    use wasm_bindgen::JsCast;
    event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
        .is_some_and(|details| details.has_attribute("open"))
}
