//! Giving a user or role a policy: a managed one from the list, or an inline one of its own.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::json;
use sluice_core::account::ApiError;

use super::create::Buttons;
use super::editor::PolicyEditor;
use super::json::pretty;
use super::model::{Kind, Managed, asked, managed_document, managed_policies};
use super::quote::Quote;
use crate::components::{Dialog, Empty, Fault};
use crate::host::use_host;

/// Chooses among the managed policies that are not attached yet, and shows what the chosen one says.
#[component]
pub fn Attach(open: RwSignal<bool>, kind: Kind, name: StoredValue<String>, #[prop(into)] attached: Signal<Vec<String>>) -> impl IntoView {
    let host = use_host();
    let policies = asked(host, move || open.get().then_some(()), managed_policies);
    let chosen = RwSignal::new(None::<Managed>);
    let find = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        if open.get() {
            chosen.set(None);
            find.set(String::new());
            refused.set(None);
        }
    });
    let document = asked(
        host,
        move || chosen.with(|chosen| chosen.as_ref().map(|policy| policy.arn.clone())),
        managed_document,
    );
    let shown = Memo::new(move |_| {
        let wanted = find.get().to_lowercase();
        let attached = attached.get();
        policies.with(|policies| match policies {
            Some(Ok(policies)) => policies
                .iter()
                .filter(|policy| policy.name.to_lowercase().contains(&wanted) && !attached.contains(&policy.arn))
                .cloned()
                .collect::<Vec<_>>(),
            _ => Vec::new(),
        })
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(policy) = chosen.get_untracked() else { return };
        let mut params = kind.params(&name.get_value());
        params["PolicyArn"] = json!(policy.arn);
        spawn_local(async move {
            match host.call("iam", &format!("Attach{}Policy", kind.title()), params).await {
                Ok(_) => {
                    host.announce(format!("Attached {}.", policy.name));
                    open.set(false);
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    view! {
        <Dialog open=open title="Attach a policy" wide=true>
            <form class="form attach" on:submit=submit novalidate>
                <div class="field">
                    <label for="policy-find">"Find a policy"</label>
                    <input
                        id="policy-find"
                        class="input"
                        type="search"
                        autocomplete="off"
                        spellcheck="false"
                        autofocus
                        placeholder="S3"
                        prop:value=move || find.get()
                        on:input=move |event| find.set(event_target_value(&event))
                    />
                </div>
                <fieldset class="choices">
                    <legend class="visually-hidden">"Policies"</legend>
                    <For each=move || shown.get() key=|policy| policy.arn.clone() let:policy>
                        {
                            let (own, label) = (policy.clone(), policy.name.clone());
                            let arn = policy.arn.clone();
                            view! {
                                <label class="pick">
                                    <input
                                        type="radio"
                                        name="attach-policy"
                                        prop:checked=move || chosen.with(|chosen| chosen.as_ref().is_some_and(|chosen| chosen.arn == arn))
                                        on:change=move |_| chosen.set(Some(own.clone()))
                                    />
                                    <span>{label}</span>
                                    <span class="chip">{if policy.is_aws() { "AWS managed" } else { "customer managed" }}</span>
                                </label>
                            }
                        }
                    </For>
                    <Show when=move || shown.with(Vec::is_empty)>
                        <Empty title="No such policy" text="The account knows the AWS managed policies that storage and Glue need, and those you make." />
                    </Show>
                </fieldset>
                {move || match (chosen.get(), document.get()) {
                    (Some(policy), Some(Ok(text))) => Some(view! { <Quote text=text label=format!("Document of {}", policy.name) /> }.into_any()),
                    (Some(_), Some(Err(error))) => Some(view! { <Fault error=error /> }.into_any()),
                    _ => None,
                }}
                {move || refused.get().map(|error| view! { <Fault error=error /> })}
                <Buttons open=open act="Attach policy" disabled=Signal::derive(move || chosen.with(Option::is_none)) />
            </form>
        </Dialog>
    }
}

/// What a new inline policy begins with: the shape, to be made narrower.
pub fn template() -> String {
    pretty(&json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Sid": "ReadLake",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": ["arn:aws:s3:::parking", "arn:aws:s3:::parking/*"],
        }],
    }))
}

/// Writes an inline policy: a new one, or, with `editing`, the one of that name with its text.
#[component]
pub fn Inline(open: RwSignal<bool>, kind: Kind, name: StoredValue<String>, #[prop(into)] editing: Signal<Option<(String, String)>>) -> impl IntoView {
    let host = use_host();
    let policy = RwSignal::new(String::new());
    let document = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        if open.get() {
            let (name, text) = editing.get_untracked().unwrap_or_else(|| (String::new(), template()));
            policy.set(name);
            document.set(text);
            refused.set(None);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let written = policy.get_untracked().trim().to_owned();
        let mut params = kind.params(&name.get_value());
        params["PolicyName"] = json!(written);
        params["PolicyDocument"] = json!(document.get_untracked());
        spawn_local(async move {
            match host.call("iam", &format!("Put{}Policy", kind.title()), params).await {
                Ok(_) => {
                    host.announce(format!("Saved the policy {written}."));
                    open.set(false);
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    let title = move || match editing.get() {
        Some((name, _)) => format!("Edit {name}"),
        None => "Add an inline policy".to_owned(),
    };
    view! {
        <Dialog open=open title=Signal::derive(title) wide=true>
            <form class="form" on:submit=submit novalidate>
                <div class="field" hidden=move || editing.with(Option::is_some)>
                    <label for="inline-name">"Policy name"</label>
                    <input
                        id="inline-name"
                        class="input mono"
                        type="text"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        autofocus
                        placeholder="read-lake"
                        prop:value=move || policy.get()
                        on:input=move |event| policy.set(event_target_value(&event))
                    />
                </div>
                <PolicyEditor id="inline-document" label="Policy document" kind="Inline" text=document />
                {move || refused.get().map(|error| view! { <Fault error=error /> })}
                <Buttons open=open act="Save policy" disabled=Signal::derive(move || policy.with(|name| name.trim().is_empty())) />
            </form>
        </Dialog>
    }
}
