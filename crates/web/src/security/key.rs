//! One key: its state and what changes it, what is under it, and its policy.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};

use super::editor::PolicyEditor;
use super::json::pretty;
use super::key_list::{ModelNote, state};
use super::model::{Held, Key, Usage, asked, key, text, usage};
use super::rotation::Rotation;
use super::{NotShown, REDRAWN, focus_heading_if_lost};
use crate::components::{Confirm, Crumb, Dialog, ShellState, glyph};
use crate::format::{bytes, count, local_time, plural};
use crate::host::{Host, use_host};
use crate::router::{Route, Security};

#[component]
pub fn KeyView(id: String) -> impl IntoView {
    let host = use_host();
    let id = StoredValue::new(id);
    let found = asked(host, move || Some(id.get_value()), key);
    let used = asked(host, || Some(()), usage);
    let deleting = RwSignal::new(false);
    let disabling = RwSignal::new(false);
    let known = Memo::new(move |_| found.with(|found| found.as_ref().and_then(|found| found.as_ref().ok()).cloned()));
    let usage_here = Memo::new(move |_| {
        let arn = known.with(|known| known.as_ref().map(|key| key.arn.clone())).unwrap_or_default();
        used.with(|used| {
            used.as_ref()
                .and_then(|used| used.as_ref().ok())
                .and_then(|used| used.iter().find(|(of, _)| *of == arn).map(|(_, usage)| usage.clone()))
                .unwrap_or_default()
        })
    });
    let shell = expect_context::<ShellState>();
    // The way to the place names the key as people do, once that is known.
    Effect::new(move |_| {
        if let Some(name) = known.with(|known| known.as_ref().map(Key::name)) {
            let here = Security::Key(id.get_value());
            shell.place(vec![
                Crumb::new("Security", &Route::Security(Security::Identities)),
                Crumb::new("Keys", &Route::Security(Security::Keys)),
                Crumb::new(name, &Route::Security(here)),
            ]);
        }
    });
    let disable = Callback::new(move |()| act(host, "DisableKey", json!({ "KeyId": id.get_value() }), "Disabled the key."));
    let affected = move || {
        let objects = usage_here.with(Usage::objects);
        match objects {
            0 => "No object is under it yet.".to_owned(),
            _ => format!("{} under it cannot be read then.", plural(objects, "object", "objects")),
        }
    };
    view! {
        {move || match found.get() {
            None => view! { <p class="meta" role="status">"Reading the key…"</p> }.into_any(),
            Some(Err(error)) => view! { <NotShown title="No such key" back=Security::Keys error=error /> }.into_any(),
            Some(Ok(key)) => view! { <Shown key=key used=usage_here deleting=deleting disabling=disabling /> }.into_any(),
        }}
        <Confirm open=disabling title="Disable the key?" act="Disable the key" on_confirm=disable>
            <p>{affected} " Enabling the key makes them readable again."</p>
        </Confirm>
        <ScheduleDeletion open=deleting id=id affected=Signal::derive(affected) />
    }
}

#[component]
fn Shown(key: Key, used: Memo<Usage>, deleting: RwSignal<bool>, disabling: RwSignal<bool>) -> impl IntoView {
    let id = key.id.clone();
    let is_aws = key.is_aws;
    view! {
        <header class="screen-head">
            <div>
                <p class="meta">"KMS key"</p>
                <h1 tabindex="-1">{key.name()}</h1>
                <p class="sub">
                    {state(&key)}
                    {is_aws.then_some(" · made by S3 for the account, which cannot change it")}
                    {(!key.deletion.is_empty()).then(|| format!(" · deleted on {}, and with it everything that is under it", local_time(&key.deletion)))}
                </p>
            </div>
            {(!is_aws).then(|| view! { <Acts key=key.clone() deleting=deleting disabling=disabling /> })}
        </header>
        <ModelNote />
        <dl class="facts">
            <dt>"Key id"</dt>
            <dd class="mono">{key.id.clone()}</dd>
            <dt>"ARN"</dt>
            <dd class="mono">{key.arn.clone()}</dd>
            <dt>"Aliases"</dt>
            <dd class="mono">{if key.aliases.is_empty() { "—".to_owned() } else { key.aliases.iter().map(|alias| format!("alias/{alias}")).collect::<Vec<_>>().join(", ") }}</dd>
            <dt>"Description"</dt>
            <dd>
                <Description key=key.clone() />
            </dd>
            <dt>"Created"</dt>
            <dd>{local_time(&key.created)}</dd>
            <dt>"Key material"</dt>
            <dd class="mono">{key.material.clone()}</dd>
        </dl>
        <Under used=used />
        <Rotation key=key.clone() />
        <KeyPolicy id=id is_aws=is_aws />
    }
}

/// The buttons that the key's state allows.
#[component]
fn Acts(key: Key, deleting: RwSignal<bool>, disabling: RwSignal<bool>) -> impl IntoView {
    let host = use_host();
    let id = StoredValue::new(key.id.clone());
    let call = move |operation: &'static str, done: &'static str| act(host, operation, json!({ "KeyId": id.get_value() }), done);
    match key.state.as_str() {
        "PendingDeletion" => view! {
            <div class="row">
                <button type="button" class="btn primary" on:click=move |_| call("CancelKeyDeletion", "Cancelled the deletion. The key is disabled now.")>
                    "Cancel deletion"
                </button>
            </div>
        }
        .into_any(),
        state => {
            let enabled = state == "Enabled";
            view! {
                <div class="row">
                    {if enabled {
                        view! {
                            <button type="button" class="btn" on:click=move |_| disabling.set(true)>
                                {glyph("stop")}
                                "Disable"
                            </button>
                        }
                            .into_any()
                    } else {
                        view! {
                            <button type="button" class="btn primary" on:click=move |_| call("EnableKey", "Enabled the key.")>
                                {glyph("play")}
                                "Enable"
                            </button>
                        }
                            .into_any()
                    }}
                    <button type="button" class="btn danger" on:click=move |_| deleting.set(true)>
                        {glyph("trash")}
                        "Schedule deletion"
                    </button>
                </div>
            }
            .into_any()
        }
    }
}

/// The description, to be changed in place.
#[component]
fn Description(key: Key) -> impl IntoView {
    let host = use_host();
    let id = StoredValue::new(key.id.clone());
    let kept = StoredValue::new(key.description.clone());
    let editing = RwSignal::new(false);
    let draft = RwSignal::new(key.description.clone());
    let save = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        editing.set(false);
        let params = json!({ "KeyId": id.get_value(), "Description": draft.get_untracked() });
        act(host, "UpdateKeyDescription", params, "Changed the description.");
    };
    let can_edit = !key.is_aws;
    move || {
        if editing.get() {
            return view! {
                <form class="in-place" on:submit=save>
                    <input
                        class="input"
                        type="text"
                        aria-label="Description"
                        autofocus
                        prop:value=move || draft.get()
                        on:input=move |event| draft.set(event_target_value(&event))
                    />
                    <button type="submit" class="btn">
                        "Save"
                    </button>
                    <button
                        type="button"
                        class="btn quiet"
                        on:click=move |_| {
                            draft.set(kept.get_value());
                            editing.set(false);
                        }
                    >
                        "Cancel"
                    </button>
                </form>
            }
            .into_any();
        }
        let shown = kept.with_value(|kept| if kept.is_empty() { "—".to_owned() } else { kept.clone() });
        view! {
            {shown}
            {can_edit
                .then(|| {
                    view! {
                        " "
                        <button type="button" class="link" aria-label="Edit the description" on:click=move |_| editing.set(true)>
                            "edit"
                        </button>
                    }
                })}
        }
        .into_any()
    }
}

/// What the key encrypts, and how often KMS was asked.
#[component]
fn Under(used: Memo<Usage>) -> impl IntoView {
    view! {
        <section aria-labelledby="under">
            <h2 id="under">"What is under this key"</h2>
            {move || {
                let used = used.get();
                let saved = used.saved;
                view! {
                    <dl class="figures">
                        <div>
                            <dt>"GenerateDataKey"</dt>
                            <dd>{count(used.generated)}</dd>
                            <dd class="meta">"asked by S3 at each write"</dd>
                        </div>
                        <div>
                            <dt>"Decrypt"</dt>
                            <dd>{count(used.decrypted)}</dd>
                            <dd class="meta">"asked by S3 at each read"</dd>
                        </div>
                        <div>
                            <dt>"Saved"</dt>
                            <dd>{count(saved)}</dd>
                            <dd class="meta">"requests that bucket keys made unnecessary"</dd>
                        </div>
                    </dl>
                    {if used.held.is_empty() {
                        view! { <p class="none">"Nothing yet. A bucket’s Properties can make it the default, and an upload can name it."</p> }.into_any()
                    } else {
                        view! { <Buckets held=used.held /> }.into_any()
                    }}
                }
            }}
        </section>
    }
}

#[component]
fn Buckets(held: Vec<Held>) -> impl IntoView {
    view! {
        <div class="table-scroll">
            <table class="list" aria-label="Buckets with objects under this key">
                <thead>
                    <tr>
                        <th scope="col">"Bucket"</th>
                        <th scope="col" class="num">
                            "Objects"
                        </th>
                        <th scope="col" class="num">
                            "Size"
                        </th>
                        <th scope="col">"New objects"</th>
                    </tr>
                </thead>
                <tbody>
                    {held
                        .into_iter()
                        .map(|held| {
                            view! {
                                <tr>
                                    <td>
                                        <a class="name" href=Route::storage(&held.bucket, "").href()>
                                            {glyph("bucket")}
                                            <span>{held.bucket.clone()}</span>
                                        </a>
                                    </td>
                                    <td class="num">{count(held.objects)}</td>
                                    <td class="num">{bytes(held.bytes)}</td>
                                    <td>{if held.default { "under this key" } else { "not by default" }}</td>
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
fn KeyPolicy(id: String, is_aws: bool) -> impl IntoView {
    let host = use_host();
    let id = StoredValue::new(id);
    let answer = asked(
        host,
        move || Some(id.get_value()),
        |host, id| async move {
            let response = host.call("kms", "GetKeyPolicy", json!({ "KeyId": id, "PolicyName": "default" })).await?;
            Ok(text(&response, "/Policy"))
        },
    );
    let document = RwSignal::new(String::new());
    let kept = RwSignal::new(String::new());
    Effect::new(move |_| {
        if let Some(Ok(policy)) = answer.get() {
            let policy = pretty(&Value::String(policy));
            document.set(policy.clone());
            kept.set(policy);
        }
    });
    let changed = move || document.with(|document| kept.with(|kept| document != kept));
    let save = move |_| {
        act(
            host,
            "PutKeyPolicy",
            json!({ "KeyId": id.get_value(), "Policy": document.get_untracked() }),
            "Saved the key policy.",
        )
    };
    view! {
        <section aria-labelledby="key-policy">
            <h2 id="key-policy">"Key policy"</h2>
            <p class="meta">
                "Nobody may use a key whom its policy does not let: not even the account’s owner. The statement for the account’s root hands the decision on to IAM’s policies."
            </p>
            {if is_aws {
                view! {
                    {move || {
                        let text = kept.get();
                        (!text.is_empty()).then(|| view! { <super::quote::Quote text=text label="Key policy" /> })
                    }}
                }
                    .into_any()
            } else {
                view! {
                    <PolicyEditor id="key-policy-text" label="Document" kind="Key" text=document />
                    <p class="acts" hidden=move || !changed()>
                        <button type="button" class="btn primary" on:click=save>
                            "Save key policy"
                        </button>
                        <button type="button" class="btn" on:click=move |_| document.set(kept.get_untracked())>
                            "Discard"
                        </button>
                    </p>
                }
                    .into_any()
            }}
        </section>
    }
}

/// Asks for the days of the waiting period.
#[component]
fn ScheduleDeletion(open: RwSignal<bool>, id: StoredValue<String>, affected: Signal<String>) -> impl IntoView {
    let host = use_host();
    let days = RwSignal::new("30".to_owned());
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        open.set(false);
        // What is no number is KMS's to refuse.
        let window = days
            .get_untracked()
            .trim()
            .parse::<i64>()
            .map_or_else(|_| json!(days.get_untracked()), |days| json!(days));
        act(
            host,
            "ScheduleKeyDeletion",
            json!({ "KeyId": id.get_value(), "PendingWindowInDays": window }),
            "Scheduled the deletion.",
        );
    };
    view! {
        <Dialog open=open title="Schedule the key’s deletion">
            <form class="form" on:submit=submit novalidate>
                <p>{move || affected.get()} " Until the waiting period is over the deletion can be cancelled; afterwards nothing brings the objects back."</p>
                <div class="field">
                    <label for="deletion-days">"Waiting period, 7 to 30 days"</label>
                    <input
                        id="deletion-days"
                        class="input"
                        type="number"
                        min="7"
                        max="30"
                        autofocus
                        prop:value=move || days.get()
                        on:input=move |event| days.set(event_target_value(&event))
                    />
                </div>
                <div class="actions">
                    <button type="button" class="btn" on:click=move |_| open.set(false)>
                        "Cancel"
                    </button>
                    <button type="submit" class="btn primary danger">
                        "Schedule deletion"
                    </button>
                </div>
            </form>
        </Dialog>
    }
}

/// One call to KMS, and what came of it as a message.
pub fn act(host: Host, operation: &'static str, params: Value, done: &'static str) {
    spawn_local(async move {
        match host.call("kms", operation, params).await {
            Ok(_) => {
                host.toast_done(done);
                host.announce(done);
                set_timeout(focus_heading_if_lost, REDRAWN);
            }
            Err(error) => host.toast_error(&error),
        }
    });
}
