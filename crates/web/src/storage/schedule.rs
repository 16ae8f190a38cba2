//! When an object will move, and its tags.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::Deserialize;
use serde_json::json;
use sluice_core::account::{ApiError, Call};

use crate::components::Fault;
use crate::host::{query, use_host};

/// `sluice:GetObjectSchedule`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Schedule {
    steps: Vec<Step>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Step {
    time: String,
    event: String,
    to: Option<String>,
    rule_id: Option<String>,
}

impl Step {
    fn told(&self) -> String {
        let day = self.time.get(..10).unwrap_or_default();
        let what = match (self.event.as_str(), &self.to) {
            ("s3:LifecycleTransition" | "s3:IntelligentTiering", Some(to)) => to.clone(),
            ("s3:LifecycleExpiration:Delete", _) => "deleted".into(),
            ("s3:LifecycleExpiration:DeleteMarkerCreated", _) => "delete marker".into(),
            ("s3:ObjectRestore:Completed", _) => "restored".into(),
            ("s3:ObjectRestore:Delete", _) => "restored copy gone".into(),
            (other, _) => other.into(),
        };
        match &self.rule_id {
            Some(rule) => format!("{day} → {what} ({rule})"),
            None => format!("{day} → {what}"),
        }
    }
}

/// The line "When will this object move?".
#[component]
pub fn WhenItMoves(bucket: String, key: String) -> impl IntoView {
    let host = use_host();
    let answer = query(host, move || {
        Some(Call::new("sluice", "GetObjectSchedule", json!({ "Bucket": bucket, "Key": key })))
    });
    view! {
        <p class="moves">
            <span class="meta">"When will this object move? "</span>
            {move || match answer.read::<Schedule>() {
                None => String::new(),
                Some(Err(error)) => error.message,
                Some(Ok(schedule)) if schedule.steps.is_empty() => "Never, as the rules stand.".into(),
                Some(Ok(schedule)) => schedule.steps.iter().map(Step::told).collect::<Vec<_>>().join(" · "),
            }}
        </p>
    }
}

/// `GetObjectTagging`, `GetBucketTagging`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TagSet {
    tag_set: Vec<Tag>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Tag {
    key: String,
    value: String,
}

/// The tags of an object, or of the bucket where `key` is `None`: one line of `key=value`, several with commas.
#[component]
pub fn Tags(bucket: String, key: Option<String>) -> impl IntoView {
    let host = use_host();
    let place = StoredValue::new((bucket, key));
    let call = move |operation: &str| {
        let (bucket, key) = place.get_value();
        match key {
            Some(key) => (format!("{operation}ObjectTagging"), json!({ "Bucket": bucket, "Key": key })),
            None => (format!("{operation}BucketTagging"), json!({ "Bucket": bucket })),
        }
    };
    let answer = query(host, move || {
        let (operation, params) = call("Get");
        Some(Call::new("s3", &operation, params))
    });
    let typed = RwSignal::new(String::new());
    let refused = RwSignal::new(None::<ApiError>);
    Effect::new(move |_| {
        // NoSuchTagSet: a bucket that has none.
        let tags = answer.read::<TagSet>().and_then(Result::ok).unwrap_or_default().tag_set;
        typed.set(tags.iter().map(|tag| format!("{}={}", tag.key, tag.value)).collect::<Vec<_>>().join(", "));
    });
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let tags: Vec<_> = typed
            .get_untracked()
            .split(',')
            .map(str::trim)
            .filter(|tag| !tag.is_empty())
            .map(|tag| {
                let (key, value) = tag.split_once('=').unwrap_or((tag, ""));
                json!({ "Key": key.trim(), "Value": value.trim() })
            })
            .collect();
        let (operation, mut params) = call(if tags.is_empty() { "Delete" } else { "Put" });
        if !tags.is_empty() {
            params["Tagging"] = json!({ "TagSet": tags });
        }
        spawn_local(async move {
            let answer = host.call("s3", &operation, params).await;
            if answer.is_ok() {
                host.announce("Saved the tags.");
                host.toast_done("Saved the tags.");
            }
            let _ = refused.try_set(answer.err());
        });
    };
    let id = if place.with_value(|(_, key)| key.is_some()) {
        "object-tags"
    } else {
        "bucket-tags"
    };
    view! {
        <form class="tags" on:submit=submit novalidate>
            <label class="meta" for=id>
                "Tags"
            </label>
            <input
                id=id
                class="input mono"
                autocomplete="off"
                spellcheck="false"
                placeholder="key=value, key=value"
                prop:value=move || typed.get()
                on:input=move |event| typed.set(event_target_value(&event))
            />
            <button type="submit" class="btn">
                "Save tags"
            </button>
        </form>
        {move || refused.get().map(|error| view! { <Fault error=error /> })}
    }
}
