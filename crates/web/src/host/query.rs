//! Views that ask again: an API call whose answer is a signal.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use sluice_core::account::{ApiError, Call};

use super::Host;

/// The latest answer of a call that is repeated when the account or the question changes; `None` before the first.
///
/// An older answer stays until the newer one is there, so that a screen never blinks. An answer to a question that has changed meanwhile is dropped.
#[derive(Clone, Copy)]
pub struct Query {
    pub answer: RwSignal<Option<Result<Value, ApiError>>>,
    /// An answer is on its way.
    pub waiting: RwSignal<bool>,
    again: RwSignal<u32>,
}

impl Query {
    /// Asks once more, although nothing changed.
    pub fn again(&self) {
        self.again.update(|n| *n = n.wrapping_add(1));
    }
}

/// Asks `question` now, whenever a signal it reads changes, and whenever the account changes. `None` asks nothing and clears the answer.
pub fn query(host: Host, question: impl Fn() -> Option<Call> + 'static) -> Query {
    let query = Query {
        answer: RwSignal::new(None),
        waiting: RwSignal::new(false),
        again: RwSignal::new(0),
    };
    let asked = StoredValue::new((0_u32, None::<Call>));
    Effect::new(move |_| {
        host.position.track();
        query.again.track();
        let call = question();
        let number = asked.with_value(|(number, _)| number.wrapping_add(1));
        let same = asked.with_value(|(_, last)| *last == call);
        asked.set_value((number, call.clone()));
        let Some(call) = call else {
            query.waiting.set(false);
            query.answer.set(None);
            return;
        };
        if !same {
            query.answer.set(None);
        }
        query.waiting.set(true);
        spawn_local(async move {
            let answer = host.call(&call.service, &call.operation, call.params).await;
            // The screen may be gone, or have asked something else.
            if asked.try_with_value(|(latest, _)| *latest == number) != Some(true) {
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
