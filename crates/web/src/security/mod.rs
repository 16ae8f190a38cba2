//! The Security screens: identities (IAM), keys (KMS), and who may do what with a bucket.
//!
//! Belongs here: views over IAM's and KMS's API and over the account's answers about access. Does not belong here: the decision (core's `access`), the bucket's own
//! settings (`storage::permissions`, `storage::encryption`, which draw with what is here).

mod attach;
mod bucket_policy;
mod create;
mod editor;
mod identities;
mod identity;
mod json;
mod key;
mod key_list;
mod model;
mod policies;
mod public_access;
mod quote;
mod rotation;
mod verdict;
mod who;

use leptos::prelude::*;
use sluice_core::account::ApiError;
use wasm_bindgen::JsCast;

use crate::components::{Crumb, Empty, Fault, ShellState};
use crate::router::{Route, Security, use_route};

pub use bucket_policy::BucketPolicy;
pub use model::{asked, keys};
pub use public_access::{Four, Switches, configuration, of_account, switches};
pub use who::Who;

/// Long enough for a changed screen to be drawn, too short to be felt.
const REDRAWN: core::time::Duration = core::time::Duration::from_millis(120);

#[component]
pub fn SecurityScreen() -> impl IntoView {
    let route = use_route();
    let shell = expect_context::<ShellState>();
    let place = Memo::new(move |before: Option<&Security>| match route.get() {
        Route::Security(place) => place,
        // The screen is about to go: the place stays until it has.
        _ => before.cloned().unwrap_or(Security::Identities),
    });
    Effect::new(move |_| {
        let mut crumbs = vec![Crumb::new("Security", &Route::Security(Security::Identities))];
        match place.get() {
            Security::Identities => {}
            Security::Keys => crumbs.push(Crumb::new("Keys", &Route::Security(Security::Keys))),
            Security::Key(id) => {
                crumbs.push(Crumb::new("Keys", &Route::Security(Security::Keys)));
                crumbs.push(Crumb::new(id.clone(), &Route::Security(Security::Key(id))));
            }
            Security::Policies => crumbs.push(Crumb::new("Policies", &Route::Security(Security::Policies))),
            Security::Policy(name) => {
                crumbs.push(Crumb::new("Policies", &Route::Security(Security::Policies)));
                crumbs.push(Crumb::new(name.clone(), &Route::Security(Security::Policy(name))));
            }
            Security::Account => crumbs.push(Crumb::new("Block Public Access", &Route::Security(Security::Account))),
            Security::User(name) => crumbs.push(Crumb::new(name.clone(), &Route::Security(Security::User(name)))),
            Security::Role(name) => crumbs.push(Crumb::new(name.clone(), &Route::Security(Security::Role(name)))),
        }
        shell.place(crumbs);
    });
    // What had the focus may have gone with the last place; the keyboard goes on from the new one.
    Effect::new(move |before: Option<()>| {
        place.track();
        if before.is_some() {
            set_timeout(focus_heading_if_lost, REDRAWN);
        }
    });
    let tab = move |label: &'static str, first: Security| {
        let route = Route::Security(first.clone());
        let here = move || (tab_of(&place.get()) == first).then_some("page");
        view! {
            <a href=route.href() aria-current=here>
                {label}
            </a>
        }
    };
    view! {
        <div class="security">
            <nav class="tabs" aria-label="Security">
                {tab("Identities (IAM)", Security::Identities)}
                {tab("Policies", Security::Policies)}
                {tab("Keys (KMS)", Security::Keys)}
                {tab("Public access", Security::Account)}
            </nav>
            {move || match place.get() {
                Security::Identities => view! { <identities::Identities /> }.into_any(),
                Security::User(name) => view! { <identity::IdentityView kind=model::Kind::User name=name /> }.into_any(),
                Security::Role(name) => view! { <identity::IdentityView kind=model::Kind::Role name=name /> }.into_any(),
                Security::Policies => view! { <policies::Policies /> }.into_any(),
                Security::Policy(name) => view! { <policies::PolicyView name=name /> }.into_any(),
                Security::Account => view! { <public_access::AccountAccess /> }.into_any(),
                Security::Keys => view! { <key_list::Keys /> }.into_any(),
                Security::Key(id) => view! { <key::KeyView id=id /> }.into_any(),
            }}
        </div>
    }
}

/// The place that a tab opens, under which another is.
fn tab_of(place: &Security) -> Security {
    match place {
        Security::Identities | Security::User(_) | Security::Role(_) => Security::Identities,
        Security::Policies | Security::Policy(_) => Security::Policies,
        Security::Keys | Security::Key(_) => Security::Keys,
        Security::Account => Security::Account,
    }
}

/// What stands where one identity or key was to be shown: that there is none (`title`), or why it could not be read.
#[component]
fn NotShown(title: &'static str, back: Security, error: ApiError) -> impl IntoView {
    if !matches!(error.code.as_str(), "NoSuchEntity" | "NotFoundException") {
        return view! { <Fault error=error /> }.into_any();
    }
    view! {
        <Empty title=title text=error.message>
            <a class="btn" href=Route::Security(back).href()>
                "Back to the list"
            </a>
        </Empty>
    }
    .into_any()
}

/// Gives the focus to the screen's heading where what had it is gone.
fn focus_heading_if_lost() {
    let lost = document().active_element().is_none_or(|element| element.tag_name() == "BODY");
    if !lost {
        return;
    }
    let heading = document().query_selector(".security h1").ok().flatten();
    if let Some(element) = heading
        .or_else(|| document().get_element_by_id("main"))
        .and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = element.focus();
    }
}
