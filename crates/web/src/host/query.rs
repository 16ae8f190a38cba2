//! Views that ask again: an API call whose answer is a signal.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sluice_core::account::{ApiError, Call};

use super::Host;

/// The latest answer of a call that is repeated when the account or the question changes; `None` before the first.
///
/// An older answer stays until the newer one is there, to another question too, so that a screen never blinks. An answer to a question that has changed
/// meanwhile is dropped.
#[derive(Clone, Copy)]
pub struct Query {
    pub answer: RwSignal<Option<Result<Value, ApiError>>>,
    /// An answer is on its way.
    pub waiting: RwSignal<bool>,
}

impl Query {
    /// The answer in a form of the screen's own. A response that does not have that form is an error that says so.
    pub fn read<T: DeserializeOwned>(&self) -> Option<Result<T, ApiError>> {
        self.answer
            .with(|answer| answer.as_ref().map(|answer| answer.as_ref().map_err(Clone::clone).and_then(parse)))
    }
}

/// A response in a form of the screen's own.
pub fn parse<T: DeserializeOwned>(response: &Value) -> Result<T, ApiError> {
    T::deserialize(response).map_err(|error| ApiError::new("InternalError", format!("The response does not have the form the page expects: {error}")))
}

/// Asks `question` now, whenever a signal it reads changes, and whenever the account changes. `None` asks nothing and clears the answer.
pub fn query(host: Host, question: impl Fn() -> Option<Call> + 'static) -> Query {
    let query = Query {
        answer: RwSignal::new(None),
        waiting: RwSignal::new(false),
    };
    let asked = StoredValue::new(0_u32);
    Effect::new(move |_| {
        host.position.track();
        let call = question();
        let number = asked.get_value().wrapping_add(1);
        asked.set_value(number);
        let Some(call) = call else {
            query.waiting.set(false);
            query.answer.set(None);
            return;
        };
        query.waiting.set(true);
        spawn_local(async move {
            let answer = host.call(&call.service, &call.operation, call.params).await;
            // The screen may be gone, or have asked something else.
            if asked.try_get_value() != Some(number) {
                return;
            }
            let _ = query.waiting.try_set(false);
            let unchanged = query.answer.try_with_untracked(|old| old.as_ref() == Some(&answer));
            if unchanged == Some(false) {
                let _ = query.answer.try_set(Some(answer));
            }
        });
    });
    query
}
