//! Where a simulation stands and how fast it goes.

use leptos::prelude::*;

use super::Step;

/// Simulated seconds a real second.
pub const SPEEDS: [f64; 10] = [0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// The time of one simulation; seconds since its start. `Copy`.
#[derive(Clone, Copy)]
pub struct Clock {
    pub at: RwSignal<f64>,
    /// Where the bar ends.
    pub end: RwSignal<f64>,
    pub playing: RwSignal<bool>,
    pub speed: RwSignal<f64>,
    /// Simulated seconds in a real one at the speed 1.
    pace: f64,
}

impl Clock {
    pub fn new(at: f64, end: f64) -> Clock {
        Clock {
            at: RwSignal::new(at.clamp(0.0, end)),
            end: RwSignal::new(end),
            playing: RwSignal::new(false),
            speed: RwSignal::new(1.0),
            pace: 1.0,
        }
    }

    /// For a simulation of hours: so many seconds of it pass in one at the speed 1.
    pub fn paced(self, pace: f64) -> Clock {
        Clock { pace, ..self }
    }

    /// Plays or pauses. At the end it begins again.
    pub fn toggle(self, busy: Signal<bool>, go: Callback<Step>) {
        if self.playing.get_untracked() {
            self.playing.set(false);
            return;
        }
        if self.at.get_untracked() >= self.end.get_untracked() {
            self.at.set(0.0);
        }
        self.playing.set(true);
        self.frame(js_sys::Date::now(), busy, go);
    }

    /// One animation frame: moves on by what passed since the last, unless an answer is still awaited.
    fn frame(self, last: f64, busy: Signal<bool>, go: Callback<Step>) {
        request_animation_frame(move || {
            if self.playing.try_get_untracked() != Some(true) {
                return;
            }
            let now = js_sys::Date::now();
            if !busy.get_untracked() {
                // A tab that was away does not leap.
                let passed = ((now - last) / 1_000.0).clamp(0.0, 0.25) * self.speed.get_untracked() * self.pace;
                let end = self.end.get_untracked();
                let at = (self.at.get_untracked() + passed).min(end);
                self.at.set(at);
                go.run(Step::To(at));
                if at >= end {
                    self.playing.set(false);
                    return;
                }
            }
            self.frame(now, busy, go);
        });
    }

    /// The next faster or slower speed.
    pub fn shift(self, up: bool) {
        let now = self.speed.get_untracked();
        let next = if up {
            SPEEDS.into_iter().find(|speed| *speed > now)
        } else {
            SPEEDS.into_iter().rev().find(|speed| *speed < now)
        };
        if let Some(next) = next {
            self.speed.set(next);
        }
    }
}

pub fn speed_text(speed: f64) -> String {
    if speed < 1.0 {
        format!("1/{}×", (1.0 / speed).round())
    } else {
        format!("{speed}×")
    }
}

/// Whether the reader asked for less motion: then a simulation goes from moment to moment instead of playing.
pub fn moves_less() -> bool {
    matches!(window().match_media("(prefers-reduced-motion: reduce)"), Ok(Some(query)) if query.matches())
}
