//! Topics with their addresses, and the mails that arrived.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::{Value, json};
use sluice_core::account::Call;

use super::answer::{Inbox, Mail, Subscriptions, Topics, last_of};
use crate::components::Fault;
use crate::format::local_time;
use crate::host::{query, use_host};

/// Mails shown at first.
const FIRST: usize = 20;

#[component]
pub fn Mails() -> impl IntoView {
    let host = use_host();
    let inbox = query(host, || Some(Call::new("sluice", "GetInbox", json!({}))));
    let all = RwSignal::new(false);
    let confirm = Callback::new(move |mail: Mail| {
        let token = mail.token.clone().unwrap_or_default();
        spawn_local(async move {
            match host
                .call("sns", "ConfirmSubscription", json!({"TopicArn": mail.topic_arn, "Token": token}))
                .await
            {
                Ok(_) => host.announce(format!("{} gets the mails of {} from now on.", mail.to, last_of(&mail.topic_arn))),
                Err(error) => host.toast_error(&error),
            }
        });
    });
    let subscriptions = query(host, || Some(Call::new("sns", "ListSubscriptions", json!({}))));
    // A token that was taken asks for nothing any more.
    let waits = move |mail: &Mail| match subscriptions.read::<Subscriptions>() {
        Some(Ok(list)) => list
            .subscriptions
            .iter()
            .any(|own| own.subscription_arn == "PendingConfirmation" && own.topic_arn == mail.topic_arn && own.endpoint.eq_ignore_ascii_case(&mail.to)),
        _ => false,
    };
    move || match inbox.read::<Inbox>() {
        None => view! { <p class="meta" role="status">"Reading…"</p> }.into_any(),
        Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
        Some(Ok(inbox)) if inbox.mails.is_empty() => {
            view! { <p class="meta">"No mail. What a topic sends to an address arrives here, and nowhere else."</p> }.into_any()
        }
        Some(Ok(inbox)) => {
            let more = inbox.mails.len() > FIRST && !all.get();
            let shown = if all.get() { usize::MAX } else { FIRST };
            view! {
                <ol class="mails" role="list">
                    {inbox
                        .mails
                        .into_iter()
                        .take(shown)
                        .map(|mail| {
                            let asks = mail.token.is_some() && waits(&mail);
                            view! { <Letter mail=mail asks=asks confirm=confirm /> }
                        })
                        .collect_view()}
                </ol>
                {more
                    .then(|| {
                        view! {
                            <button type="button" class="btn" on:click=move |_| all.set(true)>
                                "All mails"
                            </button>
                        }
                    })}
            }
            .into_any()
        }
    }
}

#[component]
fn Letter(mail: Mail, asks: bool, confirm: Callback<Mail>) -> impl IntoView {
    let own = mail.clone();
    // A notification is JSON: set out so that it can be read.
    let body = serde_json::from_str::<Value>(&mail.body)
        .ok()
        .and_then(|body| serde_json::to_string_pretty(&body).ok())
        .unwrap_or_else(|| mail.body.clone());
    view! {
        <li>
            <details>
                <summary>
                    <b>{mail.subject}</b>
                    <span class="meta">{format!("{} · to {}", local_time(&mail.time), mail.to)}</span>
                </summary>
                <pre class="mono mail-body">{body}</pre>
            </details>
            {asks
                .then(|| {
                    view! {
                        <button type="button" class="btn" on:click=move |_| confirm.run(own.clone())>
                            "Confirm subscription"
                        </button>
                    }
                })}
        </li>
    }
}

#[component]
pub fn TopicList() -> impl IntoView {
    let host = use_host();
    let topics = query(host, || Some(Call::new("sns", "ListTopics", json!({}))));
    let subscriptions = query(host, || Some(Call::new("sns", "ListSubscriptions", json!({}))));
    move || match (topics.read::<Topics>(), subscriptions.read::<Subscriptions>()) {
        (Some(Ok(topics)), Some(Ok(subscriptions))) if !topics.topics.is_empty() => view! {
            <ul class="topic-list" role="list">
                {topics
                    .topics
                    .into_iter()
                    .map(|topic| {
                        let to: Vec<String> = subscriptions
                            .subscriptions
                            .iter()
                            .filter(|own| own.topic_arn == topic.topic_arn)
                            .map(|own| {
                                let waits = own.subscription_arn == "PendingConfirmation";
                                format!("{}{}", own.endpoint, if waits { " (pending confirmation)" } else { "" })
                            })
                            .collect();
                        view! {
                            <li>
                                <b class="mono">{last_of(&topic.topic_arn).to_owned()}</b>
                                <span class="meta">{if to.is_empty() { "no address".to_owned() } else { to.join(", ") }}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        }
        .into_any(),
        (Some(Err(error)), _) | (_, Some(Err(error))) => view! { <Fault error=error /> }.into_any(),
        (Some(Ok(_)), Some(Ok(_))) => view! { <p class="meta">"No topics. An alarm that notifies somebody makes one."</p> }.into_any(),
        _ => view! { <p class="meta" role="status">"Reading…"</p> }.into_any(),
    }
}
