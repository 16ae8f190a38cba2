//! "Who can read this?": everybody's answer, the statement that decided it, and the request tried as them.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::{ApiError, Call};

use super::model::{asked, text};
use super::quote::Quote;
use super::verdict::{ACTIONS, Answer, Question, Quoted, Step, attempt, can_try, is_about_objects, quoted, trace, who_can};
use crate::components::{Fault, glyph, key_in};
use crate::format::plural;
use crate::host::{query, use_host};
use crate::router::{Route, Security};

/// Keys that the field suggests.
const SUGGESTED: u32 = 200;

#[component]
pub fn Who(bucket: String) -> impl IntoView {
    let host = use_host();
    let bucket = StoredValue::new(bucket);
    let key = RwSignal::new(None::<String>);
    let action = RwSignal::new(None::<String>);
    let secure = RwSignal::new(true);
    let chosen = RwSignal::new(None::<String>);
    let objects = query(host, move || {
        Some(Call::new("s3", "ListObjectsV2", json!({ "Bucket": bucket.get_value(), "MaxKeys": SUGGESTED })))
    });
    let known = Memo::new(move |_| {
        objects.answer.with(|answer| {
            let list = answer
                .as_ref()
                .and_then(|answer| answer.as_ref().ok())
                .and_then(|response| response.get("Contents"))
                .and_then(Value::as_array);
            list.into_iter().flatten().map(|object| text(object, "/Key")).collect::<Vec<_>>()
        })
    });
    // Until something else is asked: the first object that has bytes to read, else the bucket.
    let first = move || known.with(|keys| keys.iter().find(|key| !key.ends_with('/')).cloned()).unwrap_or_default();
    let key_now = Memo::new(move |_| key.get().unwrap_or_else(first));
    let action_now = Memo::new(move |_| {
        let wanted = action.get().unwrap_or_else(|| "s3:GetObject".into());
        if key_now.with(String::is_empty) && is_about_objects(&wanted) {
            "s3:ListBucket".into()
        } else {
            wanted
        }
    });
    let question = Memo::new(move |_| Question {
        bucket: bucket.get_value(),
        key: key_now.get(),
        action: action_now.get(),
        secure: secure.get(),
    });
    let answers = asked(host, move || Some(question.get()), who_can);
    let list = Memo::new(move |_| {
        answers.with(|answers| {
            answers
                .as_ref()
                .and_then(|answers| answers.as_ref().ok())
                .map(|answers| answers.answers.clone())
                .unwrap_or_default()
        })
    });
    // The first who is neither the owner nor chosen by hand.
    let answer = Memo::new(move |_| {
        let wanted = chosen.get();
        list.with(|list| {
            let found = wanted.and_then(|wanted| list.iter().find(|answer| answer.principal == wanted));
            found.or_else(|| list.iter().find(|answer| answer.kind != "Root")).cloned()
        })
    });
    view! {
        <div class="who">
            <form class="question" on:submit=|event| event.prevent_default()>
                <div class="field grow">
                    <label for="who-key">"Object (empty: the bucket itself)"</label>
                    <input
                        id="who-key"
                        class="input mono"
                        type="text"
                        list="who-keys"
                        autocomplete="off"
                        autocapitalize="none"
                        spellcheck="false"
                        prop:value=move || key_now.get()
                        on:change=move |event| key.set(Some(event_target_value(&event)))
                    />
                    <datalist id="who-keys">{move || known.get().into_iter().map(|key| view! { <option value=key></option> }).collect_view()}</datalist>
                </div>
                <div class="field">
                    <label for="who-action">"Operation"</label>
                    <select
                        id="who-action"
                        class="select"
                        prop:value=move || action_now.get()
                        on:change=move |event| action.set(Some(event_target_value(&event)))
                    >
                        {ACTIONS
                            .into_iter()
                            .map(|(name, objects, label)| {
                                view! {
                                    <option
                                        value=name
                                        disabled=move || objects && key_now.with(String::is_empty)
                                        selected=move || action_now.with(|now| now == name)
                                    >
                                        {format!("{} · {label}", name.trim_start_matches("s3:"))}
                                    </option>
                                }
                            })
                            .collect_view()}
                    </select>
                </div>
                <fieldset class="field over">
                    <legend class="label">"Over"</legend>
                    <span class="row">
                        {[(true, "https"), (false, "http")]
                            .into_iter()
                            .map(|(value, label)| {
                                view! {
                                    <label class="pick">
                                        <input type="radio" name="who-over" prop:checked=move || secure.get() == value on:change=move |_| secure.set(value) />
                                        {label}
                                    </label>
                                }
                            })
                            .collect_view()}
                    </span>
                </fieldset>
            </form>
            {move || {
                answers
                    .with(|answers| match answers {
                        Some(Err(error)) => Some(view! { <Fault error=error.clone() /> }.into_any()),
                        Some(Ok(answers)) if answers.is_public => {
                            Some(view! { <p class="state warn">"! The bucket’s policy is public: it lets everybody in the world in, as far as Block Public Access lets it."</p> }.into_any())
                        }
                        _ => None,
                    })
            }}
            <table class="list answers" aria-label="Who may">
                <thead>
                    <tr>
                        <th scope="col">"Who"</th>
                        <th scope="col">"May they?"</th>
                        <th scope="col" class="wide-only">
                            "Decided by"
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {move || {
                        let here = answer.with(|answer| answer.as_ref().map(|answer| answer.principal.clone()));
                        list.get().into_iter().map(|answer| view! { <Line on=here.as_ref() == Some(&answer.principal) answer=answer chosen=chosen /> }).collect_view()
                    }}
                </tbody>
            </table>
            {move || answer.get().map(|answer| view! { <Why answer=answer question=question.get() /> })}
        </div>
    }
}

fn verdict(answer: &Answer) -> AnyView {
    let (class, word) = match answer.decision.as_str() {
        "allowed" => ("state ok", "✓ allowed"),
        "explicitDeny" => ("state err", "✕ denied"),
        _ => ("state err", "✕ not allowed"),
    };
    view! { <span class=class>{word}</span> }.into_any()
}

/// What decided, in a few words.
fn decided(answer: &Answer) -> String {
    match (&answer.decided_by, answer.reason.as_str()) {
        (Some(decider), _) => {
            let which = decider
                .sid
                .as_ref()
                .filter(|sid| !sid.is_empty())
                .cloned()
                .unwrap_or_else(|| format!("statement {}", decider.statement));
            format!("{} › {which}", decider.policy)
        }
        (None, "Root") => "the owner’s own right".into(),
        (None, "Key") => "the KMS key".into(),
        (None, "RestrictPublicBuckets") => "Block Public Access".into(),
        (None, "AllowedByAcl") => "an access control list".into(),
        (None, "ObjectOwner" | "NotObjectOwner") => "who owns the object".into(),
        _ => "no statement: implicit deny".into(),
    }
}

#[component]
fn Line(answer: Answer, on: bool, chosen: RwSignal<Option<String>>) -> impl IntoView {
    let principal = answer.principal.clone();
    let kind = answer.identity().map(|(kind, _)| kind.noun());
    view! {
        <tr class:on=on data-principal=answer.principal.clone()>
            <td>
                <button type="button" class="link" aria-pressed=on.to_string() on:click=move |_| chosen.set(Some(principal.clone()))>
                    {answer.name()}
                </button>
                {kind.map(|kind| view! { " " <span class="chip">{kind}</span> })}
            </td>
            <td>{verdict(&answer)}</td>
            <td class="wide-only">{decided(&answer)}</td>
        </tr>
    }
}

/// What the kind of decision means: the rule behind it, which holds for every policy of IAM.
fn rule(answer: &Answer) -> &'static str {
    match (answer.decision.as_str(), answer.reason.as_str()) {
        (_, "Key") => "Two doors: S3 lets the request through, and then KMS must let the caller use the key under which the object is encrypted.",
        ("allowed", "Root") => "The owner needs no Allow; a Deny in the bucket’s policy would hold for the owner too.",
        ("allowed", "ObjectOwner") => "The object belongs to the caller’s account, which wrote it.",
        ("allowed", _) => "One Allow is enough, as long as nothing denies.",
        ("explicitDeny", "RestrictPublicBuckets") => "Block Public Access goes over every Allow.",
        ("explicitDeny", _) => "An explicit Deny wins over every Allow, wherever it stands.",
        (_, "NotObjectOwner") => {
            "The object belongs to the account that wrote it: the bucket’s policy does not reach it. Its owner’s ACL, or Object Ownership, would."
        }
        (_, "NoResourceAllow") => "Implicit deny: nothing forbids it, and nothing allows it. From outside the account the bucket’s policy has to say Allow.",
        _ => "Implicit deny: nothing forbids it, and nothing allows it. What no statement allows is denied.",
    }
}

/// One identity's answer in full.
#[component]
fn Why(answer: Answer, question: Question) -> impl IntoView {
    let host = use_host();
    let who = StoredValue::new(answer.clone());
    let asked_for = StoredValue::new(question.clone());
    let quote = asked(
        host,
        move || Some((asked_for.with_value(|question| question.bucket.clone()), who.get_value())),
        quoted,
    );
    let steps = asked(host, move || Some((asked_for.get_value(), who.with_value(|who| who.principal.clone()))), trace);
    let tried = RwSignal::new(None::<Result<String, ApiError>>);
    let attempt_it = move |_| {
        let (question, principal) = (asked_for.get_value(), who.with_value(|who| who.principal.clone()));
        spawn_local(async move {
            let result = attempt(host, &question, &principal).await;
            host.announce(match &result {
                Ok(_) => "It was allowed.".to_owned(),
                Err(error) => format!("{}: {}", error.code, error.message),
            });
            let _ = tried.try_set(Some(result));
        });
    };
    let key = (answer.reason == "Key")
        .then(|| key_in(&answer.message).or_else(|| key_in(&answer.explanation)))
        .flatten();
    let name = answer.name();
    view! {
        <div class="why" role="region" aria-label=format!("Why: {name}")>
            <p class="said">
                {verdict(&answer)} " " <code>{question.action.clone()}</code> " on " <code class="arn">{question.resource()}</code>
                {(!question.secure).then_some(" over http")}
            </p>
            <p>{answer.explanation.clone()}</p>
            <p class="rule">{rule(&answer)}</p>
            {(!answer.note.is_empty()).then(|| view! { <p class="meta">{answer.note.clone()}</p> })}
            {key
                .map(|id| {
                    view! {
                        <p>
                            <a href=Route::Security(Security::Key(id)).href()>"Open the key"</a>
                        </p>
                    }
                })}
            {move || match quote.get() {
                Some(Ok(Some(quoted))) => view! { <Decided quoted=quoted /> }.into_any(),
                Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                _ => ().into_any(),
            }}
            {move || match steps.get() {
                Some(Ok(steps)) if !steps.is_empty() => view! { <Steps steps=steps /> }.into_any(),
                _ => ().into_any(),
            }}
            <div class="try">
                {can_try(&question.action)
                    .then(|| {
                        view! {
                            <button type="button" class="btn" on:click=attempt_it>
                                {glyph("play")}
                                {format!("Try it as {}", short(&answer))}
                            </button>
                        }
                    })}
                {move || match tried.get() {
                    None => ().into_any(),
                    Some(Ok(told)) => view! { <p class="came" role="status"><span class="state ok">"✓ 200 OK"</span> " " {told}</p> }.into_any(),
                    Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
                }}
            </div>
        </div>
    }
}

/// As a button names them.
fn short(answer: &Answer) -> String {
    match answer.kind.as_str() {
        "Root" => "the owner".into(),
        "Anonymous" => "anonymous".into(),
        "AnotherAccount" => answer.principal.clone(),
        _ => answer.name(),
    }
}

/// The way to the statement, and the statement in its policy.
#[component]
fn Decided(quoted: Quoted) -> impl IntoView {
    let which = match &quoted.sid {
        Some(sid) => format!("statement {} “{sid}”", quoted.statement),
        None => format!("statement {}", quoted.statement),
    };
    let policy = match quoted.href {
        Some(href) => view! { <a href=href>{quoted.policy.clone()}</a> }.into_any(),
        None => view! { <b>{quoted.policy.clone()}</b> }.into_any(),
    };
    let deny = quoted.effect == "Deny";
    view! {
        <p class="way">
            {policy} <span aria-hidden="true">"›"</span> {which} <span aria-hidden="true">"›"</span>
            <span class=if deny { "state err" } else { "state ok" }>{quoted.effect.clone()}</span>
        </p>
        <div class:deny=deny class="marked">
            <Quote text=quoted.text mark=quoted.statement label="The statement that decided, in its policy" />
        </div>
    }
}

/// Every statement that was looked at, and why it does or does not apply.
#[component]
fn Steps(steps: Vec<Step>) -> impl IntoView {
    view! {
        <details class="steps">
            <summary>{format!("{} looked at", plural(steps.len() as u64, "statement was", "statements were"))}</summary>
            <ol role="list">
                {steps
                    .into_iter()
                    .map(|step| {
                        let which = step.sid.filter(|sid| !sid.is_empty()).unwrap_or_else(|| format!("statement {}", step.statement));
                        let sign = if step.applies { "applies" } else { "does not apply" };
                        view! {
                            <li class:applies=step.applies>
                                <b>{format!("{} › {which}", step.policy)}</b>
                                " "
                                <span class="chip">{step.effect}</span>
                                <span class="meta">{format!("{sign}: {}", step.because)}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ol>
        </details>
    }
}
