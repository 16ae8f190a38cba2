//! Keys as a list.

use leptos::ev;
use leptos::prelude::*;

use super::create::CreateKey;
use super::model::{Key, Usage, asked, keys, usage};
use crate::components::{Empty, Fault, ScreenActions, glyph};
use crate::format::{count, local_time, plural};
use crate::host::use_host;
use crate::keys as keyboard;
use crate::router::{Route, Security};

#[component]
pub fn Keys() -> impl IntoView {
    let host = use_host();
    let found = asked(host, || Some(()), keys);
    let used = asked(host, || Some(()), usage);
    let creating = RwSignal::new(false);
    let listener = window_event_listener(ev::keydown, move |event| {
        if !event.default_prevented() && !keyboard::is_typing(&event) && keyboard::is(&event, "N") {
            event.prevent_default();
            creating.set(true);
        }
    });
    on_cleanup(move || listener.remove());
    let usage_of = move |arn: &str| {
        used.with(|used| {
            used.as_ref()
                .and_then(|used| used.as_ref().ok())
                .and_then(|used| used.iter().find(|(of, _)| of == arn).map(|(_, usage)| usage.clone()))
                .unwrap_or_default()
        })
    };
    view! {
        <ScreenActions>
            <button type="button" class="btn primary" on:click=move |_| creating.set(true)>
                {glyph("plus")}
                "Create key"
            </button>
        </ScreenActions>
        <header class="screen-head">
            <div>
                <h1 tabindex="-1">"Keys"</h1>
                <p class="sub">
                    "S3 encrypts each object under a data key, and asks KMS to wrap that key. Disable the KMS key, and every object under it is unreadable at once."
                </p>
            </div>
        </header>
        <ModelNote />
        {move || match found.get() {
            None => view! { <p class="meta" role="status">"Reading the keys…"</p> }.into_any(),
            Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
            Some(Ok(found)) if found.is_empty() => {
                view! {
                    <Empty
                        title="No keys yet"
                        text="S3 encrypts everything with keys of its own (SSE-S3). A key of yours adds a switch, a policy and a count of its uses."
                        picture=view! { <GhostKey /> }.into_any()
                    >
                        <button type="button" class="btn primary" on:click=move |_| creating.set(true)>
                            "Create a key"
                        </button>
                    </Empty>
                }
                    .into_any()
            }
            Some(Ok(found)) => {
                view! {
                    <div class="table-scroll">
                        <table class="list" aria-label="Keys">
                            <thead>
                                <tr>
                                    <th scope="col">"Key"</th>
                                    <th scope="col">"State"</th>
                                    <th scope="col" class="num">
                                        "Objects"
                                    </th>
                                    <th scope="col" class="num wide-only">
                                        "Requests"
                                    </th>
                                    <th scope="col" class="when wide-only">
                                        "Created"
                                    </th>
                                </tr>
                            </thead>
                            <tbody>
                                {found
                                    .into_iter()
                                    .map(|key| {
                                        let used = usage_of(&key.arn);
                                        view! { <Line key=key used=used /> }
                                    })
                                    .collect_view()}
                            </tbody>
                        </table>
                    </div>
                }
                    .into_any()
            }
        }}
        <CreateKey open=creating />
    }
}

#[component]
fn Line(key: Key, used: Usage) -> impl IntoView {
    let requests = used.generated + used.decrypted;
    view! {
        <tr>
            <td>
                <a class="name" href=Route::Security(Security::Key(key.id.clone())).href()>
                    {glyph("key")}
                    <span>{key.name()}</span>
                    {key.is_aws.then(|| view! { <span class="chip">"AWS managed"</span> })}
                </a>
            </td>
            <td>{state(&key)}</td>
            <td class="num">{count(used.objects())}</td>
            <td class="num wide-only" title=plural(requests, "request of S3 to KMS", "requests of S3 to KMS")>
                {count(requests)}
            </td>
            <td class="when wide-only">{local_time(&key.created)}</td>
        </tr>
    }
}

/// The state of a key as a mark and a word.
pub fn state(key: &Key) -> AnyView {
    let (class, word) = match key.state.as_str() {
        "Enabled" => ("state ok", "✓ Enabled"),
        "Disabled" => ("state warn", "! Disabled"),
        "PendingDeletion" => ("state err", "✕ Pending deletion"),
        _ => ("state", ""),
    };
    view! { <span class=class>{word}</span> }.into_any()
}

/// What these keys are, and are not.
#[component]
pub fn ModelNote() -> impl IntoView {
    view! {
        <p class="model-note">
            <span class="chip">"a model of KMS, not a vault"</span>
            " Every key follows from this account’s seed and stays in this browser, so that a replay has the same keys. It behaves as KMS’s do; trust it with no secret."
        </p>
    }
}

/// A key, in hairline.
#[component]
fn GhostKey() -> impl IntoView {
    view! {
        <svg class="ghost" width="180" height="80" viewBox="0 0 180 80" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
            <path d="M40 16a24 24 0 1 0 .1 0M40 32a8 8 0 1 0 .1 0" />
            <path d="M64 40h104v18M146 40v12M124 40v18" stroke-dasharray="3 3" />
        </svg>
    }
}
