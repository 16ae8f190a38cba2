//! The rules of a bucket as a list.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;

use super::Configuration;
use super::draft::Draft;
use super::years;
use crate::host::use_host;

#[component]
pub fn Rules(
    bucket: StoredValue<String>,
    configuration: Configuration,
    on_edit: Callback<usize>,
    /// Hears of a rule that was deleted, and where it stood.
    on_deleted: Callback<(usize, Value)>,
) -> impl IntoView {
    let host = use_host();
    let held = StoredValue::new(configuration.clone());
    let put = move |next: Configuration, told: String| {
        spawn_local(async move {
            match next.put(host, &bucket.get_value()).await {
                Ok(()) => {
                    host.announce(told.clone());
                    host.toast_done(told);
                }
                Err(error) => host.toast_error(&error),
            }
        });
    };
    let switch = move |index: usize, name: String, on: bool| {
        let mut next = held.get_value();
        if let Some(rule) = next.rules.get_mut(index).and_then(Value::as_object_mut) {
            rule.insert("Status".into(), if on { "Enabled" } else { "Disabled" }.into());
        }
        put(next, format!("Rule {name}: {}.", if on { "Enabled" } else { "Disabled" }));
    };
    let remove = move |index: usize, name: String| {
        let mut next = held.get_value();
        if index >= next.rules.len() {
            return;
        }
        let rule = next.rules.remove(index);
        spawn_local(async move {
            match next.put(host, &bucket.get_value()).await {
                Ok(()) => {
                    host.announce(format!("Deleted the rule {name}. It can be put back."));
                    on_deleted.run((index, rule));
                }
                Err(error) => host.toast_error(&error),
            }
        });
    };
    let in_years = move |draft: Draft| {
        spawn_local(async move {
            match years::link(host, &bucket.get_value(), &draft).await {
                Ok(link) => {
                    let _ = window().location().set_href(&link);
                }
                Err(error) => host.toast_error(&error),
            }
        });
    };
    view! {
        <ul class="rules" role="list" aria-label="Lifecycle rules">
            {configuration
                .rules
                .iter()
                .enumerate()
                .map(|(index, rule)| {
                    let draft = Draft::of(rule);
                    let (name, enabled) = (draft.id.clone(), draft.enabled);
                    let by_days = years::rules(&draft).map(|_| draft.clone());
                    let (for_switch, for_remove) = (name.clone(), name.clone());
                    view! {
                        <li>
                            <div>
                                <p>
                                    <b>{name.clone()}</b>
                                    " "
                                    <span class="chip">{if enabled { "Enabled" } else { "Disabled" }}</span>
                                </p>
                                <p class="meta">{scope(&draft)}</p>
                                <p>{acts(&draft)}</p>
                            </div>
                            <div class="acts">
                                {by_days
                                    .map(|draft| {
                                        view! {
                                            <button
                                                type="button"
                                                class="btn"
                                                aria-label=format!("Cost of {} over years", draft.id)
                                                on:click=move |_| in_years(draft.clone())
                                            >
                                                "Cost over years"
                                            </button>
                                        }
                                    })}
                                <button type="button" class="btn" aria-label=format!("Edit {name}") on:click=move |_| on_edit.run(index)>
                                    "Edit"
                                </button>
                                <button
                                    type="button"
                                    class="btn"
                                    aria-label=format!("{} {name}", if enabled { "Disable" } else { "Enable" })
                                    on:click=move |_| switch(index, for_switch.clone(), !enabled)
                                >
                                    {if enabled { "Disable" } else { "Enable" }}
                                </button>
                                <button type="button" class="btn danger" aria-label=format!("Delete {name}") on:click=move |_| remove(index, for_remove.clone())>
                                    "Delete"
                                </button>
                            </div>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

/// Which objects the rule is about.
fn scope(draft: &Draft) -> String {
    let mut parts = Vec::new();
    if !draft.prefix.is_empty() {
        parts.push(format!("prefix {}", draft.prefix));
    }
    if !draft.tags.is_empty() {
        parts.push(format!("tags {}", draft.tags));
    }
    if !draft.larger.is_empty() {
        parts.push(format!("larger than {} bytes", draft.larger));
    }
    if !draft.smaller.is_empty() {
        parts.push(format!("smaller than {} bytes", draft.smaller));
    }
    if parts.is_empty() { "every object".into() } else { parts.join(", ") }
}

/// What the rule does, in the order of its form.
fn acts(draft: &Draft) -> String {
    let at = |when: &str| if when.contains('-') { format!("from {when}") } else { format!("day {when}") };
    let mut parts: Vec<String> = draft.transitions.iter().map(|step| format!("{} → {}", at(&step.when), step.class)).collect();
    if !draft.expiration.is_empty() {
        parts.push(format!("{} → expire", at(&draft.expiration)));
    }
    if draft.expired_marker {
        parts.push("expired delete markers are removed".into());
    }
    parts.extend(draft.noncurrent.iter().map(|step| format!("noncurrent day {} → {}", step.when, step.class)));
    if !draft.noncurrent_expiration.is_empty() {
        parts.push(format!("noncurrent day {} → delete", draft.noncurrent_expiration));
    }
    if !draft.abort.is_empty() {
        parts.push(format!("unfinished uploads are aborted after {} days", draft.abort));
    }
    parts.join(" · ")
}
