//! Saying before seeing: what becomes of each event, and how often that was right. And two runs beside each other.

use leptos::prelude::*;

use super::answer::{Fate, Trace, value_text};
use super::lab::{Lab, Mode, window_text};
use super::time::instant;

/// What may be said of an event; "on time" is right for what is behind the watermark with its window open, too.
const CHOICES: [(Fate, &str); 3] = [
    (Fate::OnTime, "it counts at its window’s first firing"),
    (Fate::Late, "its window fires again for it"),
    (Fate::LateOutput, "it comes too late"),
];

fn group(fate: Fate) -> Option<Fate> {
    match fate {
        Fate::OnTime | Fate::Behind => Some(Fate::OnTime),
        Fate::Late => Some(Fate::Late),
        Fate::LateOutput | Fate::Dropped | Fate::NoWindow => Some(Fate::LateOutput),
        Fate::Ahead => None,
    }
}

fn label(fate: Fate) -> &'static str {
    CHOICES.iter().find(|(choice, _)| *choice == fate).map_or("nothing", |(_, label)| label)
}

/// Predict, Run, Check.
#[component]
pub fn Modes(lab: Lab) -> impl IntoView {
    let button = move |mode: Mode, label: &'static str| {
        view! {
            <button type="button" aria-pressed=move || (lab.mode.get() == mode).to_string() on:click=move |_| lab.mode.set(mode)>
                {label}
            </button>
        }
    };
    view! {
        <div class="segments" role="group" aria-label="Predict, run, check">
            {button(Mode::Predict, "Predict")}
            {button(Mode::Run, "Run")}
            {button(Mode::Check, "Check")}
        </div>
    }
}

#[component]
pub fn Ask(lab: Lab) -> impl IntoView {
    move || match lab.mode.get() {
        Mode::Predict => view! { <Saying lab=lab /> }.into_any(),
        Mode::Check => view! { <Checking lab=lab /> }.into_any(),
        Mode::Run => ().into_any(),
    }
}

#[component]
fn Saying(lab: Lab) -> impl IntoView {
    let id = Memo::new(move |_| lab.selected.get());
    view! {
        <section class="predict" aria-label="Your prediction">
            {move || match id.get() {
                None => view! { <p class="meta">"Outcomes are hidden. Select an event and say what becomes of it."</p> }.into_any(),
                Some(id) => {
                    view! {
                        <fieldset>
                            <legend>{format!("What becomes of {id}?")}</legend>
                            {CHOICES
                                .into_iter()
                                .map(|(fate, label)| {
                                    let (own, set) = (id.clone(), id.clone());
                                    view! {
                                        <label class="pick">
                                            <input
                                                type="radio"
                                                name="prediction"
                                                prop:checked=move || lab.said.with(|said| said.get(&own) == Some(&fate))
                                                on:change=move |_| {
                                                    lab.said.update(|said| {
                                                        said.insert(set.clone(), fate);
                                                    })
                                                }
                                            />
                                            <span>{label}</span>
                                        </label>
                                    }
                                })
                                .collect_view()}
                        </fieldset>
                    }
                        .into_any()
                }
            }}
            <p class="meta" role="status">
                {move || lab.said.with(|said| format!("{} said. Run shows what becomes of all, Check counts.", said.len()))}
            </p>
        </section>
    }
}

#[component]
fn Checking(lab: Lab) -> impl IntoView {
    let rows = Memo::new(move |_| {
        lab.said.with(|said| {
            lab.trace.with(|trace| {
                let Some(trace) = trace else { return Vec::new() };
                said.iter()
                    .filter_map(|(id, said)| {
                        let was = group(trace.event(id)?.fate());
                        Some((id.clone(), *said, was))
                    })
                    .collect::<Vec<_>>()
            })
        })
    });
    let score = move || {
        rows.with(|rows| {
            let right = rows.iter().filter(|(_, said, was)| Some(*said) == *was).count();
            match rows.len() {
                0 => "Nothing was said yet: go to Predict, select events, and say what becomes of them.".to_owned(),
                all => format!("{right} of {all} right."),
            }
        })
    };
    view! {
        <section class="predict" aria-label="Your predictions">
            <p class="score" role="status">
                {score}
            </p>
            <ul class="said" role="list">
                {move || {
                    rows.get()
                        .into_iter()
                        .map(|(id, said, was)| {
                            let right = Some(said) == was;
                            let text = match (right, was) {
                                (true, _) => format!("✓ {id}: {}", label(said)),
                                (false, Some(was)) => format!("✕ {id}: you said {}; {}", label(said), label(was)),
                                (false, None) => format!("✕ {id}: it never reached the windows"),
                            };
                            view! { <li class:wrong=!right>{text}</li> }
                        })
                        .collect_view()
                }}
            </ul>
        </section>
    }
}

/// Events whose outcome differs between this run and the one beside it, and results that differ.
#[component]
pub fn Beside(lab: Lab) -> impl IntoView {
    let rows = Memo::new(move |_| {
        let (own, other) = (lab.trace.get()?, lab.beside.get()?);
        Some((
            differences(&own, &other),
            lab.rival.with(|rival| rival.as_ref().map(|rival| rival.label.clone())).unwrap_or_default(),
        ))
    });
    move || {
        let (rows, label) = rows.get()?;
        let none = rows.is_empty();
        Some(view! {
            <section class="beside" aria-label="Comparison">
                <h2 class="part">{format!("Beside it, on the same events: {label}")}</h2>
                {none.then(|| view! { <p class="meta">"Every event has the same outcome, and every window the same result."</p> })}
                {(!none)
                    .then(|| {
                        view! {
                            <div class="table-scroll" tabindex="0" role="region" aria-label="Differences">
                                <table class="list">
                                    <thead>
                                        <tr>
                                            <th scope="col">"What differs"</th>
                                            <th scope="col">"This run"</th>
                                            <th scope="col">{label}</th>
                                        </tr>
                                    </thead>
                                    <tbody>
                                        {rows
                                            .into_iter()
                                            .map(|(what, own, other)| {
                                                view! {
                                                    <tr>
                                                        <th scope="row">{what}</th>
                                                        <td>{own}</td>
                                                        <td>{other}</td>
                                                    </tr>
                                                }
                                            })
                                            .collect_view()}
                                    </tbody>
                                </table>
                            </div>
                        }
                    })}
            </section>
        })
    }
}

fn differences(own: &Trace, other: &Trace) -> Vec<(String, String, String)> {
    let mut rows = Vec::new();
    for event in &own.events {
        let Some(beside) = other.event(&event.id) else { continue };
        if event.fate() != beside.fate() {
            rows.push((format!("event {}", event.id), event.fate().words().to_owned(), beside.fate().words().to_owned()));
        }
    }
    let results = |trace: &Trace| {
        let mut results: Vec<(String, String)> = Vec::new();
        for pane in trace.panes.iter().filter(|pane| !pane.firings.is_empty()) {
            let fired: Vec<String> = pane
                .firings
                .iter()
                .filter_map(|number| trace.firings.get(*number))
                .map(|firing| format!("{} at {}", value_text(&firing.value), instant(firing.at.0)))
                .collect();
            results.push((format!("{} of {}", window_text(pane), pane.key), fired.join(", ")));
        }
        results
    };
    let (own, other) = (results(own), results(other));
    let find = |of: &[(String, String)], place: &str| {
        of.iter()
            .find(|(other, _)| other == place)
            .map_or_else(|| "nothing".to_owned(), |(_, text)| text.clone())
    };
    for (place, text) in &own {
        let beside = find(&other, place);
        if beside != *text {
            rows.push((place.clone(), text.clone(), beside));
        }
    }
    for (place, text) in other.iter().filter(|(place, _)| own.iter().all(|(own, _)| own != place)) {
        rows.push((place.clone(), "nothing".to_owned(), text.clone()));
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_behind_with_its_window_open_counts_as_on_time() {
        assert_eq!(group(Fate::Behind), Some(Fate::OnTime));
        assert_eq!(group(Fate::Dropped), Some(Fate::LateOutput));
        assert_eq!(group(Fate::Ahead), None);
    }
}
