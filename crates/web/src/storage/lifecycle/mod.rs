//! The Management tab of a bucket: its lifecycle rules as a list, as a form and as JSON.
//!
//! Belongs here: views and the form. Does not belong here: what a legal rule is, which the account answers by S3's own errors.

mod draft;
mod form;
mod json;
mod list;
mod years;

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json as object};
use sluice_core::account::{ApiError, Call};
use wasm_bindgen::JsCast;

use super::section::Section;
use super::unfinished::Unfinished;
use crate::components::{Empty, Fault, glyph};
use crate::host::{Host, query, use_host};
use draft::Draft;
use form::RuleForm;
use json::RawJson;
use list::Rules;

/// `GetBucketLifecycleConfiguration`'s answer; no rules where there is no configuration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    pub rules: Vec<Value>,
    pub minimum: Option<String>,
}

impl Configuration {
    fn of(answer: Result<Value, ApiError>) -> Result<Configuration, ApiError> {
        match answer {
            Err(error) if error.code == "NoSuchLifecycleConfiguration" => Ok(Configuration::default()),
            Err(error) => Err(error),
            Ok(answer) => Ok(Configuration {
                rules: answer.get("Rules").and_then(Value::as_array).cloned().unwrap_or_default(),
                minimum: answer.get("TransitionDefaultMinimumObjectSize").and_then(Value::as_str).map(str::to_owned),
            }),
        }
    }

    /// Puts it; no rules at all are DeleteBucketLifecycle.
    async fn put(&self, host: Host, bucket: &str) -> Result<(), ApiError> {
        if self.rules.is_empty() {
            return host.call("s3", "DeleteBucketLifecycle", object!({ "Bucket": bucket })).await.map(drop);
        }
        let mut params = object!({ "Bucket": bucket, "LifecycleConfiguration": { "Rules": self.rules } });
        if let (Some(minimum), Some(params)) = (&self.minimum, params.as_object_mut()) {
            params.insert("TransitionDefaultMinimumObjectSize".into(), minimum.as_str().into());
        }
        host.call("s3", "PutBucketLifecycleConfiguration", params).await.map(drop)
    }
}

/// What stands under the list.
#[derive(Clone, Debug, PartialEq)]
enum Open {
    Nothing,
    /// The rule of an index; `None` makes a new one.
    Rule(Option<usize>),
    Json,
}

#[component]
pub fn Management(bucket: String) -> impl IntoView {
    let host = use_host();
    let for_uploads = bucket.clone();
    let name = StoredValue::new(bucket);
    let answer = query(host, move || {
        Some(Call::new("s3", "GetBucketLifecycleConfiguration", object!({ "Bucket": name.get_value() })))
    })
    .answer;
    let configuration = Memo::new(move |_| answer.get().map(Configuration::of));
    let now = move || configuration.with_untracked(|now| now.clone().and_then(Result::ok)).unwrap_or_default();
    let open = RwSignal::new(Open::Nothing);
    // The rule that was deleted last, and where it stood: it can be put back among those that there are then.
    let deleted = RwSignal::new(None::<(usize, Value)>);
    let close = Callback::new(move |()| open.set(Open::Nothing));
    let on_deleted = Callback::new(move |gone| {
        deleted.set(Some(gone));
        // The button that was pressed is gone with its rule.
        request_animation_frame(|| {
            let undo = document().get_element_by_id("undo-rule");
            if let Some(undo) = undo.and_then(|undo| undo.dyn_into::<web_sys::HtmlElement>().ok()) {
                let _ = undo.focus();
            }
        });
    });
    let put_back = move |_| {
        let Some((index, rule)) = deleted.get_untracked() else { return };
        deleted.set(None);
        let (mut next, told) = (now(), format!("The rule {} is back.", Draft::of(&rule).id));
        next.rules.insert(index.min(next.rules.len()), rule);
        spawn_local(async move {
            match next.put(host, &name.get_value()).await {
                Ok(()) => {
                    host.announce(told.clone());
                    host.toast_done(told);
                }
                Err(error) => host.toast_error(&error),
            }
        });
    };
    let acts = view! {
        <button type="button" class="btn" on:click=move |_| open.set(Open::Json)>
            "JSON"
        </button>
        <button type="button" class="btn primary" on:click=move |_| open.set(Open::Rule(None))>
            {glyph("plus")}
            "Create lifecycle rule"
        </button>
    }
    .into_any();
    view! {
        <Section
            title="Lifecycle rules"
            about="What moves objects to other storage classes and deletes them, by their age. Rules run once a day, at midnight UTC."
            acts=acts
        >
            {move || {
                deleted
                    .get()
                    .map(|(_, rule)| {
                        view! {
                            <div class="ask undo" role="group" aria-label="Deleted rule">
                                <p>
                                    <b>{format!("Deleted the rule {}.", Draft::of(&rule).id)}</b>
                                    " What it would have done from now on does not happen."
                                </p>
                                <button type="button" class="btn primary" id="undo-rule" on:click=put_back>
                                    "Undo"
                                </button>
                                <button type="button" class="btn quiet icon" aria-label="Leave it deleted" on:click=move |_| deleted.set(None)>
                                    {glyph("close")}
                                </button>
                            </div>
                        }
                    })
            }}
            {move || match configuration.get() {
                None => ().into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                Some(Ok(configuration)) if configuration.rules.is_empty() => {
                    view! { <Empty title="No lifecycle rules" text="Objects stay in their storage class until somebody moves or deletes them." /> }.into_any()
                }
                Some(Ok(configuration)) => {
                    view! { <Rules bucket=name configuration=configuration on_edit=Callback::new(move |index| open.set(Open::Rule(Some(index)))) on_deleted=on_deleted /> }.into_any()
                }
            }}
        </Section>
        {move || match open.get() {
            Open::Nothing => ().into_any(),
            Open::Rule(index) => {
                let configuration = now();
                let draft = index.and_then(|index| configuration.rules.get(index)).map(Draft::of).unwrap_or_default();
                view! { <RuleForm bucket=name configuration=configuration index=index draft=draft on_close=close /> }.into_any()
            }
            Open::Json => view! { <RawJson bucket=name configuration=now() on_close=close /> }.into_any(),
        }}
        <Unfinished bucket=for_uploads />
    }
}
