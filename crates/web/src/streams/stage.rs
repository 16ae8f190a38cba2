//! What a picture stands on: a scenario, or a stream of the account itself. Both are read and acted on by the same calls.
//!
//! Belongs here: where a call goes. Does not belong here: what it is.

use leptos::prelude::*;
use leptos::task::spawn_local;
use serde_json::Value;
use sluice_core::account::{ApiError, Call};

use super::run::{Run, Selected, Shown, material, questions};
use crate::host::Host;

/// A stream of the account, asked again whenever the account changes; `Copy`.
#[derive(Clone, Copy)]
pub struct Own {
    host: Host,
    name: StoredValue<String>,
    pub shown: RwSignal<Option<Shown>>,
    pub fault: RwSignal<Option<ApiError>>,
    pub selected: RwSignal<Option<Selected>>,
    asked: StoredValue<u32>,
}

impl Own {
    pub fn new(host: Host, name: String) -> Own {
        let own = Own {
            host,
            name: StoredValue::new(name),
            shown: RwSignal::new(None),
            fault: RwSignal::new(None),
            selected: RwSignal::new(None),
            asked: StoredValue::new(0),
        };
        Effect::new(move |_| {
            host.position.track();
            own.selected.track();
            own.refresh();
        });
        own
    }

    /// Asks again. An answer to a question that was asked again meanwhile is dropped.
    pub fn refresh(self) {
        let Some(number) = self.asked.try_update_value(|asked| {
            *asked = asked.wrapping_add(1);
            *asked
        }) else {
            return;
        };
        let selected = self.selected.get_untracked();
        spawn_local(async move { self.ask(selected, number).await });
    }

    async fn ask(self, selected: Option<Selected>, number: u32) {
        let Some(name) = self.name.try_get_value() else { return };
        let mut before = self.shown.try_get_untracked().flatten();
        // A second round where an alarm has appeared whose values were not asked for.
        for _ in 0..2 {
            let mut answers = Vec::new();
            for (service, operation, params) in questions(&name, None, before.as_ref(), selected.as_ref()) {
                answers.push(self.host.call(service, operation, params).await);
            }
            // The screen may be gone, or have asked something else.
            if self.asked.try_get_value() != Some(number) {
                return;
            }
            let fault = answers.first().and_then(|answer| answer.as_ref().err().cloned());
            let known = before.as_ref().map_or(0, |before| before.alarms.len());
            let shown = Shown {
                now: self.host.now.get_untracked().to_string(),
                ..material(&answers, &name, None, known)
            };
            let complete = shown.alarms.len() == known;
            let _ = self.fault.try_set(fault.clone());
            let _ = self.shown.try_set(fault.is_none().then(|| shown.clone()));
            if complete || fault.is_some() {
                return;
            }
            before = Some(shown);
        }
    }
}

#[derive(Clone, Copy)]
pub enum Stage {
    Scene(Run),
    Own(Own),
}

impl Stage {
    pub fn shown(self) -> RwSignal<Option<Shown>> {
        match self {
            Stage::Scene(run) => run.shown,
            Stage::Own(own) => own.shown,
        }
    }

    /// Whether it is the account's own stream.
    pub fn is_own(self) -> bool {
        matches!(self, Stage::Own(_))
    }

    pub fn selected(self) -> RwSignal<Option<Selected>> {
        match self {
            Stage::Scene(run) => run.selected,
            Stage::Own(own) => own.selected,
        }
    }

    pub fn stream(self) -> String {
        match self {
            Stage::Scene(_) => super::scene::STREAM.to_owned(),
            Stage::Own(own) => own.name.get_value(),
        }
    }

    /// A reading call at the present instant.
    pub async fn read(self, call: Call) -> Result<Value, ApiError> {
        match self {
            Stage::Scene(run) => run.read(call).await,
            Stage::Own(own) => own.host.call(&call.service, &call.operation, call.params).await,
        }
    }

    /// Calls at the present instant; those after one that is refused are not made.
    pub async fn act(self, calls: Vec<Call>) -> Result<(), ApiError> {
        match self {
            Stage::Scene(run) => run.act(calls).await,
            Stage::Own(own) => {
                for call in calls {
                    own.host.call(&call.service, &call.operation, call.params).await?;
                }
                Ok(())
            }
        }
    }

    /// Selects a mark, or nothing if it is selected.
    pub fn select(self, wanted: Selected) {
        self.selected()
            .update(|selected| *selected = if selected.as_ref() == Some(&wanted) { None } else { Some(wanted) });
        if let Stage::Scene(run) = self {
            run.refresh();
        }
    }
}
