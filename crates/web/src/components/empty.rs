//! What stands where nothing is yet, and what an API call was refused with.

use leptos::prelude::*;
use sluice_core::account::ApiError;

use crate::router::{Route, Security};

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

/// A refusal as AWS words it, with our line of help under it, and for an error of KMS the way to its key.
#[component]
pub fn Fault(error: ApiError) -> impl IntoView {
    let key = error.code.starts_with("KMS").then(|| key_in(&error.message)).flatten();
    view! {
        <div class="fault" role="alert">
            <span class="code">{error.code}</span>
            <span>{error.message}</span>
            {error.help.map(|help| view! { <span class="help">{help}</span> })}
            {key.map(|id| view! { <a href=Route::Security(Security::Key(id)).href()>"Open the key"</a> })}
        </div>
    }
}

/// The key that a text names by its ARN, as KMS's errors do.
pub fn key_in(message: &str) -> Option<String> {
    let (_, rest) = message.split_once(":key/")?;
    let id: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    (!id.is_empty()).then_some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_key() {
        assert_eq!(key_in("arn:aws:kms:us-east-1:1:key/ab-12 is disabled."), Some("ab-12".into()));
        assert_eq!(key_in("Key 'arn:aws:kms:us-east-1:1:key/ab-12' does not exist"), Some("ab-12".into()));
        assert_eq!(key_in("nothing"), None);
    }
}
