//! Questions about what a scene leads to: asked at an instant, answered by running on from it.
//!
//! Belongs here: what is asked, what may be answered, and what the run says. Does not belong here: questions about shards, which are selected in the picture (`ask`).

use leptos::prelude::*;
use leptos::task::spawn_local;
use sluice_core::account::ApiError;

use super::run::{Run, Shown};
use crate::components::Fault;
use crate::figures::number;
use crate::format::{bytes, seconds_between};
use crate::timebar::clock_text;

/// A question of a scene.
pub struct Question {
    pub text: &'static str,
    /// How far the run goes on, seconds.
    pub ahead: f64,
    /// What may be answered.
    pub choices: fn(&Shown) -> Vec<String>,
    /// Of now and then: the right choice, and what was seen. `None`: nothing of the kind has happened by then.
    pub truth: fn(&Shown, &Shown) -> Option<(String, String)>,
}

pub const FURTHEST_BEHIND: Question = Question {
    text: "Which application will be furthest behind in two minutes?",
    ahead: 120.0,
    choices: |now| now.traffic.consumers.iter().map(|consumer| consumer.name.clone()).collect(),
    truth: |_, then| {
        let consumers = &then.traffic.consumers;
        let last = consumers.iter().max_by(|a, b| a.millis_behind.total_cmp(&b.millis_behind))?;
        let told: Vec<String> = consumers
            .iter()
            .map(|consumer| format!("{} is {:.1} s behind", consumer.name, consumer.millis_behind / 1_000.0))
            .collect();
        Some((last.name.clone(), told.join(", ")))
    },
};

const BY_SIZE: &str = "its size";
const BY_TIME: &str = "its time";

pub const WHAT_CLOSES: Question = Question {
    text: "What will close the next buffer?",
    ahead: 320.0,
    choices: |_| [BY_SIZE, BY_TIME].map(str::to_owned).to_vec(),
    truth: |now, then| {
        let (object, waited) = next_object(now, then)?;
        let by = if object.because == "size" { BY_SIZE } else { BY_TIME };
        let told = format!(
            "{waited:.0} s from here {} records became an object of {}",
            number(object.records),
            bytes(object.bytes as u64)
        );
        Some((by.to_owned(), told))
    },
};

const SECOND: &str = "within a second";
const MINUTE: &str = "within a minute";
const LATER: &str = "later";

pub const WHEN_IN_THE_BUCKET: Question = Question {
    text: "A record comes now. When is it in the bucket?",
    ahead: 320.0,
    choices: |_| [SECOND, MINUTE, LATER].map(str::to_owned).to_vec(),
    truth: |now, then| {
        let (_, waited) = next_object(now, then)?;
        let choice = match waited {
            waited if waited <= 1.0 => SECOND,
            waited if waited <= 60.0 => MINUTE,
            _ => LATER,
        };
        let readers = now.traffic.consumers.iter();
        let readers: Vec<String> = readers
            .map(|consumer| format!("{} on the stream is {:.1} s behind", consumer.name, consumer.millis_behind / 1_000.0))
            .collect();
        let beside = if readers.is_empty() {
            String::new()
        } else {
            format!("; {}", readers.join(", "))
        };
        Some((choice.to_owned(), format!("the next object is there {waited:.0} s from here{beside}")))
    },
};

/// The first object that was stored after now, and how many seconds after.
fn next_object<'a>(now: &Shown, then: &'a Shown) -> Option<(&'a crate::delivery::answer::Object, f64)> {
    let delivered = &then.delivery.as_ref()?.delivered;
    let after = delivered.iter().filter_map(|object| Some((object, seconds_between(&now.now, &object.at)?)));
    after.filter(|(_, waited)| *waited > 0.0).min_by(|a, b| a.1.total_cmp(&b.1))
}

/// What was said and what came.
#[derive(Clone, Debug, PartialEq)]
struct Verdict {
    at: f64,
    said: String,
    right: String,
    told: String,
}

impl Verdict {
    fn text(&self) -> String {
        let judged = if self.said == self.right {
            "right".to_owned()
        } else {
            format!("not so, {}", self.right)
        };
        format!("At {} you said {}: {judged}. {}.", clock_text(self.at), self.said, capital(&self.told))
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[component]
pub fn Foresee(run: Run, question: &'static Question) -> impl IntoView {
    let verdict = RwSignal::new(None::<Result<Verdict, ApiError>>);
    let busy = RwSignal::new(false);
    let choices = Memo::new(move |_| run.shown.with(|shown| shown.as_ref().map(question.choices).unwrap_or_default()));
    let answer = move |said: String| {
        let Some(now) = run.shown.get_untracked() else { return };
        let at = now.at;
        let mut extra = run.extra.get_untracked();
        extra.retain(|call| call.at <= at);
        busy.set(true);
        spawn_local(async move {
            let then = run.foresee(&extra, (at + question.ahead).min(run.scene.ends)).await;
            let judged = then.and_then(|then| {
                let (right, told) = (question.truth)(&now, &then)
                    .ok_or_else(|| ApiError::new("NothingYet", "Nothing of the kind has happened by the end of the scene. Ask earlier."))?;
                Ok(Verdict { at, said, right, told })
            });
            let _ = busy.try_set(false);
            let _ = verdict.try_set(Some(judged));
        });
    };
    view! {
        <fieldset class="predict">
            <legend>"Foresee it"</legend>
            <p>{question.text}</p>
            <div class="row" role="group" aria-label=question.text>
                {move || {
                    choices
                        .get()
                        .into_iter()
                        .map(|choice| {
                            let said = choice.clone();
                            view! {
                                <button type="button" class="btn" disabled=move || busy.get() on:click=move |_| answer(said.clone())>
                                    {choice}
                                </button>
                            }
                        })
                        .collect_view()
                }}
            </div>
            <div role="status">
                {move || {
                    verdict
                        .get()
                        .map(|verdict| match verdict {
                            Ok(verdict) => view! { <p class="score">{verdict.text()}</p> }.into_any(),
                            Err(error) => view! { <Fault error=error /> }.into_any(),
                        })
                }}
            </div>
        </fieldset>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::answer::{Delivery, Object};

    #[test]
    fn the_next_object_is_the_first_after_now() {
        let object = |at: &str, because: &str| Object {
            at: at.into(),
            because: because.into(),
            records: 10.0,
            ..Object::default()
        };
        let shown = |now: &str, delivered: Vec<Object>| Shown {
            now: now.into(),
            delivery: Some(Delivery {
                delivered,
                ..Delivery::default()
            }),
            ..Shown::default()
        };
        let now = shown("2026-11-22T09:02:00Z", Vec::new());
        let then = shown(
            "2026-11-22T09:07:20Z",
            vec![
                object("2026-11-22T09:04:00Z", "interval"),
                object("2026-11-22T09:02:40Z", "size"),
                object("2026-11-22T09:01:59Z", "interval"),
            ],
        );
        assert_eq!((WHAT_CLOSES.truth)(&now, &then).map(|(right, _)| right), Some(BY_SIZE.to_owned()));
        assert_eq!((WHEN_IN_THE_BUCKET.truth)(&now, &then).map(|(right, _)| right), Some(MINUTE.to_owned()));
        assert_eq!((WHAT_CLOSES.truth)(&then, &then), None);
    }
}
