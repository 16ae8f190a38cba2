//! The bar itself: its buttons, fields, keys and lists.

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use super::clock::{SPEEDS, speed_text};
use super::scrub::Scrub;
use super::{Clock, Step, Track, clock_text, moves_less};
use crate::components::glyph;
use crate::keys::{self, Key, KeyGroup};

const KEYS: KeyGroup = KeyGroup {
    title: "Time bar",
    keys: &[
        Key {
            keys: "Space",
            action: "play or pause",
        },
        Key {
            keys: "→",
            action: "go to the next event (also .)",
        },
        Key {
            keys: "←",
            action: "go back before the last event (also ,)",
        },
        Key {
            keys: "N",
            action: "go to the next moment",
        },
        Key {
            keys: "Shift+N",
            action: "go to the previous moment",
        },
        Key {
            keys: "[",
            action: "play slower",
        },
        Key {
            keys: "]",
            action: "play faster",
        },
        Key {
            keys: "L",
            action: "copy a link to this instant",
        },
    ],
};

/// The time bar of a simulation.
#[component]
pub fn TimeBar(
    clock: Clock,
    track: Signal<Track>,
    /// An answer is awaited.
    busy: Signal<bool>,
    go: Callback<Step>,
    seed: Signal<u64>,
    set_seed: Callback<u64>,
    /// What a change in the past put aside, in words.
    kept: Signal<Option<String>>,
    restore: Callback<()>,
    copy: Callback<()>,
) -> impl IntoView {
    keys::register(KEYS);
    let less = moves_less();
    let play = move || {
        if less {
            go.run(Step::NextMoment);
        } else {
            clock.toggle(busy, go);
        }
    };
    let step = move |step: Step| {
        clock.playing.set(false);
        go.run(step);
    };
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || keys::is_typing(&event) || takes_keys(&event) {
            return;
        }
        let act: &dyn Fn() = if keys::is(&event, "Space") {
            if is_pressed_by_space(&event) {
                return;
            }
            &play
        } else if keys::is(&event, "ArrowRight") || keys::is(&event, ".") {
            &|| step(Step::NextEvent)
        } else if keys::is(&event, "ArrowLeft") || keys::is(&event, ",") {
            &|| step(Step::PreviousEvent)
        } else if keys::is(&event, "N") {
            &|| step(Step::NextMoment)
        } else if keys::is(&event, "Shift+N") {
            &|| step(Step::PreviousMoment)
        } else if keys::is(&event, "[") {
            &|| clock.shift(false)
        } else if keys::is(&event, "]") {
            &|| clock.shift(true)
        } else if keys::is(&event, "L") {
            &|| copy.run(())
        } else if keys::is(&event, "Esc") && clock.playing.get_untracked() {
            &|| clock.playing.set(false)
        } else {
            return;
        };
        event.prevent_default();
        act();
    });
    on_cleanup(move || listener.remove());
    on_cleanup(move || {
        let _ = clock.playing.try_set(false);
    });
    let button = move |label: &'static str, title: &'static str, icon: &'static str, to: Step| {
        view! {
            <button type="button" class="btn icon" aria-label=label title=title on:click=move |_| step(to)>
                {glyph(icon)}
            </button>
        }
    };
    let typed_seed = move |text: String| {
        if let Ok(seed) = text.trim().parse::<u32>() {
            set_seed.run(u64::from(seed));
        }
    };
    view! {
        <section class="timebar" aria-label="Time bar">
            <div class="timebar-buttons">
                {button("Back to the previous moment", "Previous moment (Shift+N)", "to-start", Step::PreviousMoment)}
                {button("Back by an event", "Back before the last event (←)", "left", Step::PreviousEvent)}
                <button
                    type="button"
                    class="btn primary icon"
                    aria-label=move || {
                        if less {
                            "Go on to the next moment"
                        } else if clock.playing.get() {
                            "Pause"
                        } else {
                            "Play"
                        }
                    }
                    title="Space"
                    on:click=move |_| play()
                >
                    {move || glyph(if clock.playing.get() { "pause" } else { "play" })}
                </button>
                {button("On by an event", "Next event (→)", "right", Step::NextEvent)}
                {button("On to the next moment", "Next moment (N)", "to-end", Step::NextMoment)}
                <select
                    class="select"
                    aria-label="Speed"
                    on:change=move |event| {
                        if let Ok(speed) = event_target_value(&event).parse::<f64>() {
                            clock.speed.set(speed);
                        }
                    }
                >
                    {SPEEDS
                        .into_iter()
                        .map(|speed| view! { <option value=speed.to_string() selected=move || clock.speed.get() == speed>{speed_text(speed)}</option> })
                        .collect_view()}
                </select>
            </div>
            <div class="timebar-line">
                <Scrub clock=clock track=track go=go />
                <div class="timebar-ends mono" aria-hidden="true">
                    <span>"00:00"</span>
                    <b>{move || format!("t + {}", clock_text(clock.at.get()))}</b>
                    <span>{move || clock_text(clock.end.get())}</span>
                </div>
            </div>
            <div class="timebar-seed">
                <label>
                    <span class="meta">"seed"</span>
                    <input class="input mono" inputmode="numeric" autocomplete="off" prop:value=move || seed.get().to_string() on:change=move |event| typed_seed(event_target_value(&event)) />
                </label>
                <button
                    type="button"
                    class="btn icon"
                    aria-label="Another seed"
                    title="Another seed"
                    on:click=move |_| set_seed.run((js_sys::Math::random() * 9_999.0).floor() as u64 + 1)
                >
                    {glyph("dice")}
                </button>
                <button type="button" class="btn icon" aria-label="Copy a link to this instant" title="Copy a link to this instant (L)" on:click=move |_| copy.run(())>
                    {glyph("link")}
                </button>
            </div>
            <div class="timebar-more">
                {move || {
                    kept.get()
                        .map(|kept| {
                            view! {
                                <p class="chip fork" role="status">
                                    {format!("Forked here: {kept}. ")}
                                    <button type="button" class="link" on:click=move |_| restore.run(())>
                                        "Bring it back"
                                    </button>
                                </p>
                            }
                        })
                }}
                <details open=less>
                    <summary>{move || format!("Moments ({})", track.with(|track| track.moments.len()))}</summary>
                    <ol class="moments" role="list">
                        {move || {
                            track
                                .with(|track| {
                                    track
                                        .moments
                                        .iter()
                                        .map(|moment| {
                                            let at = moment.at;
                                            let label = format!("{} · {}", clock_text(at), moment.label);
                                            view! {
                                                <li>
                                                    <button type="button" class="link" aria-current=move || (clock.at.get() == at).then_some("step") on:click=move |_| step(Step::To(at))>
                                                        {label}
                                                    </button>
                                                </li>
                                            }
                                        })
                                        .collect_view()
                                })
                        }}
                    </ol>
                </details>
            </div>
        </section>
    }
}

fn target(event: &KeyboardEvent) -> Option<web_sys::Element> {
    event.target().and_then(|target| target.dyn_into().ok())
}

/// Whether arrows mean something to what has the focus: a slider, a choice.
fn takes_keys(event: &KeyboardEvent) -> bool {
    event.key().starts_with("Arrow")
        && target(event).is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "SELECT") || element.has_attribute("data-arrows"))
}

fn is_pressed_by_space(event: &KeyboardEvent) -> bool {
    target(event).is_some_and(|element| {
        matches!(element.tag_name().as_str(), "BUTTON" | "SUMMARY" | "INPUT" | "SELECT") || element.get_attribute("role").as_deref() == Some("button")
    })
}
