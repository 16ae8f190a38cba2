//! The short forms: a new user, a new role, a new key.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::ApiError;

use super::editor::PolicyEditor;
use super::json::pretty;
use super::model::{Kind, account_id, text};
use crate::components::{Dialog, Fault};
use crate::host::use_host;
use crate::router::{Route, Security};

#[component]
pub fn CreateUser(open: RwSignal<bool>) -> impl IntoView {
    let host = use_host();
    let name = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        if open.get() {
            name.set(String::new());
            refused.set(None);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let user = name.get_untracked().trim().to_owned();
        spawn_local(async move {
            match host.call("iam", "CreateUser", json!({ "UserName": user })).await {
                Ok(_) => {
                    host.announce(format!("Created the user {user}."));
                    open.set(false);
                    Kind::User.route(&user).open();
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    view! {
        <Dialog open=open title="Create a user">
            <form class="form" on:submit=submit novalidate>
                <NameField id="user-name" label="User name" placeholder="ana" name=name hint="Up to 64 letters, digits and +=,.@-_. A new user has no policy, and so may do nothing." />
                {move || refused.get().map(|error| view! { <Fault error=error /> })}
                <Buttons open=open act="Create user" disabled=Signal::derive(move || name.with(|name| name.trim().is_empty())) />
            </form>
        </Dialog>
    }
}

/// Who may take a role on: the choices of the form.
const TRUSTED: [(&str, &str); 4] = [
    ("glue", "AWS service: Glue (crawlers and jobs)"),
    ("account", "This account"),
    ("other", "Another account"),
    ("custom", "Custom trust policy"),
];

fn trust(who: &str, account: &str) -> Value {
    let principal = match who {
        "glue" => json!({ "Service": "glue.amazonaws.com" }),
        "other" => json!({ "AWS": "arn:aws:iam::111122223333:root" }),
        _ => json!({ "AWS": format!("arn:aws:iam::{account}:root") }),
    };
    json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" }] })
}

#[component]
pub fn CreateRole(open: RwSignal<bool>) -> impl IntoView {
    let host = use_host();
    let name = RwSignal::new(String::new());
    let who = RwSignal::new("glue".to_owned());
    let account = RwSignal::new(String::new());
    let document = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        if open.get() {
            name.set(String::new());
            who.set("glue".to_owned());
            refused.set(None);
            spawn_local(async move {
                if let Ok(id) = account_id(host).await {
                    let _ = account.try_set(id);
                }
            });
        }
    });
    Effect::new(move |_| {
        let chosen = who.get();
        if chosen != "custom" {
            document.set(pretty(&trust(&chosen, &account.get())));
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let role = name.get_untracked().trim().to_owned();
        let params = json!({ "RoleName": role, "AssumeRolePolicyDocument": document.get_untracked() });
        spawn_local(async move {
            match host.call("iam", "CreateRole", params).await {
                Ok(_) => {
                    host.announce(format!("Created the role {role}."));
                    open.set(false);
                    Kind::Role.route(&role).open();
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    view! {
        <Dialog open=open title="Create a role" wide=true>
            <form class="form" on:submit=submit novalidate>
                <NameField id="role-name" label="Role name" placeholder="analytics" name=name hint="Up to 64 letters, digits and +=,.@-_. Names of Glue’s own begin with AWSGlueServiceRole." />
                <div class="field">
                    <label for="role-trust">"Trusted entity: who may take the role on"</label>
                    <select id="role-trust" class="select" prop:value=move || who.get() on:change=move |event| who.set(event_target_value(&event))>
                        {TRUSTED.into_iter().map(|(value, label)| view! { <option value=value>{label}</option> }).collect_view()}
                    </select>
                </div>
                {move || {
                    (who.get() == "custom").then(|| view! { <PolicyEditor id="role-trust-policy" label="Trust policy" kind="Trust" text=document /> })
                }}
                {move || refused.get().map(|error| view! { <Fault error=error /> })}
                <Buttons open=open act="Create role" disabled=Signal::derive(move || name.with(|name| name.trim().is_empty())) />
            </form>
        </Dialog>
    }
}

#[component]
pub fn CreateKey(open: RwSignal<bool>) -> impl IntoView {
    let host = use_host();
    let alias = RwSignal::new(String::new());
    let description = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<ApiError>);
    // A key whose alias was refused is there already: the next try gives it its alias and makes no second one.
    let made = StoredValue::new(None::<String>);
    Effect::new(move |_| {
        if open.get() {
            alias.set(String::new());
            description.set(String::new());
            refused.set(None);
            made.set_value(None);
        }
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let wanted = alias.get_untracked().trim().trim_start_matches("alias/").to_owned();
        let about = description.get_untracked();
        spawn_local(async move {
            let id = match made.get_value() {
                Some(id) => Ok(id),
                None => {
                    let answer = host.call("kms", "CreateKey", json!({ "Description": about })).await;
                    answer.map(|response| text(&response, "/KeyMetadata/KeyId"))
                }
            };
            let named = match id {
                Ok(id) if wanted.is_empty() => Ok(id),
                Ok(id) => {
                    made.set_value(Some(id.clone()));
                    let params = json!({ "AliasName": format!("alias/{wanted}"), "TargetKeyId": id });
                    host.call("kms", "CreateAlias", params).await.map(|_| id)
                }
                Err(error) => Err(error),
            };
            match named {
                Ok(id) => {
                    host.announce("Created the key.");
                    open.set(false);
                    Route::Security(Security::Key(id)).open();
                }
                Err(error) => refused.set(Some(error)),
            }
        });
    };
    view! {
        <Dialog open=open title="Create a key">
            <form class="form" on:submit=submit novalidate>
                <NameField id="key-alias" label="Alias" placeholder="lake" name=alias hint="A name for people: alias/lake. The key itself has an id. Letters, digits, “/”, “_” and “-”." />
                <div class="field">
                    <label for="key-description">"Description (optional)"</label>
                    <input
                        id="key-description"
                        class="input"
                        type="text"
                        autocomplete="off"
                        prop:value=move || description.get()
                        on:input=move |event| description.set(event_target_value(&event))
                    />
                </div>
                <p class="meta">"Symmetric, for encrypting and decrypting, of this Region: the kind that S3 uses."</p>
                {move || refused.get().map(|error| view! { <Fault error=error /> })}
                <Buttons open=open act="Create key" disabled=Signal::derive(|| false) />
            </form>
        </Dialog>
    }
}

#[component]
pub fn NameField(id: &'static str, label: &'static str, placeholder: &'static str, name: RwSignal<String>, hint: &'static str) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    view! {
        <div class="field">
            <label for=id>{label}</label>
            <input
                id=id
                class="input mono"
                type="text"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                autofocus
                placeholder=placeholder
                aria-describedby=hint_id.clone()
                prop:value=move || name.get()
                on:input=move |event| name.set(event_target_value(&event))
            />
            <p class="hint" id=hint_id>
                {hint}
            </p>
        </div>
    }
}

/// Cancel, and the act.
#[component]
pub fn Buttons(open: RwSignal<bool>, act: &'static str, disabled: Signal<bool>) -> impl IntoView {
    view! {
        <div class="actions">
            <button type="button" class="btn" on:click=move |_| open.set(false)>
                "Cancel"
            </button>
            <button type="submit" class="btn primary" disabled=move || disabled.get()>
                {act}
            </button>
        </div>
    }
}
