//! Users and roles as a list.

use leptos::ev;
use leptos::prelude::*;

use super::create::{CreateRole, CreateUser};
use super::model::{Identity, Kind, asked, identities};
use crate::components::{Empty, Fault, ScreenActions, glyph};
use crate::format::{listed, local_time, plural};
use crate::host::use_host;
use crate::keys::{self, Key, KeyGroup};

const KEYS: KeyGroup = KeyGroup {
    title: "Security",
    keys: &[Key {
        keys: "N",
        action: "create a user, or a key",
    }],
};

#[component]
pub fn Identities() -> impl IntoView {
    let host = use_host();
    let found = asked(host, || Some(()), identities);
    let creating_user = RwSignal::new(false);
    let creating_role = RwSignal::new(false);
    keys::register(KEYS);
    let listener = window_event_listener(ev::keydown, move |event| {
        if !event.default_prevented() && !keys::is_typing(&event) && keys::is(&event, "N") {
            event.prevent_default();
            creating_user.set(true);
        }
    });
    on_cleanup(move || listener.remove());
    view! {
        <ScreenActions>
            <button type="button" class="btn" on:click=move |_| creating_role.set(true)>
                "Create role"
            </button>
            <button type="button" class="btn primary" on:click=move |_| creating_user.set(true)>
                {glyph("plus")}
                "Create user"
            </button>
        </ScreenActions>
        <header class="screen-head">
            <div>
                <h1 tabindex="-1">"Users and roles"</h1>
                <p class="sub">
                    "You are the account’s owner and may do everything. A user or a role may do nothing until a policy allows it; give one a policy, then ask a bucket’s Permissions who can read it."
                </p>
            </div>
        </header>
        {move || match found.get() {
            None => view! { <p class="meta" role="status">"Reading the identities…"</p> }.into_any(),
            Some(Err(error)) => view! { <Fault error=error /> }.into_any(),
            Some(Ok(found)) if found.is_empty() => {
                view! {
                    <Empty
                        title="Nobody but you yet"
                        text="A user is a person, a role is what a crawler or a job acts as. Both get their rights from policies."
                        picture=view! { <GhostIdentities /> }.into_any()
                    >
                        <button type="button" class="btn primary" on:click=move |_| creating_user.set(true)>
                            "Create a user"
                        </button>
                        <button type="button" class="btn" on:click=move |_| creating_role.set(true)>
                            "Create a role"
                        </button>
                    </Empty>
                }
                    .into_any()
            }
            Some(Ok(found)) => view! { <Table identities=found /> }.into_any(),
        }}
        <CreateUser open=creating_user />
        <CreateRole open=creating_role />
    }
}

#[component]
fn Table(identities: Vec<Identity>) -> impl IntoView {
    view! {
        <div class="table-scroll">
            <table class="list" aria-label="Users and roles">
                <thead>
                    <tr>
                        <th scope="col">"Name"</th>
                        <th scope="col">"Policies"</th>
                        <th scope="col" class="wide-only">
                            "ARN"
                        </th>
                        <th scope="col" class="when wide-only">
                            "Created"
                        </th>
                    </tr>
                </thead>
                <tbody>
                    {identities
                        .into_iter()
                        .map(|identity| {
                            let icon = if identity.kind == Kind::User { "user" } else { "role" };
                            view! {
                                <tr>
                                    <td>
                                        <a class="name" href=identity.kind.route(&identity.name).href()>
                                            {glyph(icon)}
                                            <span>{identity.name.clone()}</span>
                                            <span class="chip">{identity.kind.noun()}</span>
                                        </a>
                                    </td>
                                    <td>{policies(&identity)}</td>
                                    <td class="mono wide-only arn">{identity.arn.clone()}</td>
                                    <td class="when wide-only">{local_time(&identity.created)}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
}

fn policies(identity: &Identity) -> AnyView {
    let names = identity.policies();
    if names.is_empty() {
        return view! { <span class="meta">"none"</span> }.into_any();
    }
    let count = plural(names.len() as u64, "policy", "policies");
    view! { <span title=count>{listed(names.into_iter())}</span> }.into_any()
}

/// A person, a badge, and a sheet between them, in hairline.
#[component]
fn GhostIdentities() -> impl IntoView {
    view! {
        <svg class="ghost" width="220" height="92" viewBox="0 0 220 92" fill="none" stroke="currentColor" stroke-width="1.5" aria-hidden="true">
            <path d="M36 14a13 13 0 1 0 .1 0M10 78q0-26 26-26t26 26" />
            <path d="M92 10h26l12 12v60H92zM118 10v12h12M101 36h20M101 48h20M101 60h12" stroke-dasharray="3 3" />
            <path d="M160 14h50v64h-50zM185 26a9 9 0 1 0 .1 0M169 68q0-14 16-14t16 14" />
            <path d="M66 46h20M136 46h18" stroke-dasharray="1.5 4.5" />
        </svg>
    }
}
