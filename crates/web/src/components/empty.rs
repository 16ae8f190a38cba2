//! What stands where nothing is yet, and what an API call was refused with.

use leptos::prelude::*;
use sluice_core::account::ApiError;

/// An empty place: one sentence that says what goes here, and the ways to fill it as children.
#[component]
pub fn Empty(
    #[prop(into)] title: String,
    #[prop(optional, into)] text: Option<String>,
    /// A hairline picture of what will be here.
    #[prop(optional, into)]
    picture: Option<AnyView>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            {picture}
            <h2>{title}</h2>
            {text.map(|text| view! { <p>{text}</p> })}
            {children.map(|children| view! { <div class="row">{children()}</div> })}
        </div>
    }
}

/// A refusal as AWS words it, with our line of help under it.
#[component]
pub fn Fault(error: ApiError) -> impl IntoView {
    view! {
        <div class="fault" role="alert">
            <span class="code">{error.code}</span>
            <span>{error.message}</span>
            {error.help.map(|help| view! { <span class="help">{help}</span> })}
        </div>
    }
}
