//! One setting of a bucket: what it is called, what it does, and what it stands at.

use leptos::prelude::*;

/// A titled part of a tab.
#[component]
pub fn Section(
    #[prop(into)] title: String,
    /// What the setting does, in a sentence.
    #[prop(into)]
    about: String,
    /// Buttons beside the title.
    #[prop(optional, into)]
    acts: Option<AnyView>,
    children: Children,
) -> impl IntoView {
    let name = title.clone();
    view! {
        <section class="setting" aria-label=name>
            <header>
                <h2>{title}</h2>
                <p class="meta">{about}</p>
                {acts.map(|acts| view! { <div class="acts">{acts}</div> })}
            </header>
            {children()}
        </section>
    }
}
