//! The picture of an alarm: its metric by period, the threshold as a line that can be dragged, the bracket of M of N, and its states as ribbons under the same time.
//!
//! Belongs here: marks. Does not belong here: what a state follows from; core answers it.

use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

use super::answer::{Alarm, Preview, StateChange, sign, state_words};
use super::draft::Draft;
use crate::figures::{label, measured, nice, number, ticks, width_of};
use crate::format::{clock_time, seconds_between};

/// Height of the values, and where they begin.
const HIGH: f64 = 190.0;
const TOP: f64 = 10.0;
const RIBBON: f64 = 20.0;
const EPOCH: &str = "1970-01-01T00:00:00Z";

/// All that is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Material {
    pub alarm: Alarm,
    pub preview: Preview,
    /// What it did, oldest first.
    pub history: Vec<StateChange>,
}

/// Where times and values lie.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Scale {
    left: f64,
    right: f64,
    /// Seconds since the epoch.
    from: f64,
    to: f64,
    most: f64,
}

impl Scale {
    fn x(&self, second: f64) -> f64 {
        let share = (second - self.from) / (self.to - self.from).max(1.0);
        self.left + share.clamp(0.0, 1.0) * (self.right - self.left)
    }

    fn y(&self, value: f64) -> f64 {
        TOP + HIGH - (value / self.most).clamp(0.0, 1.0) * HIGH
    }

    fn value(&self, y: f64) -> f64 {
        ((TOP + HIGH - y) / HIGH).clamp(0.0, 1.0) * self.most
    }
}

fn second(time: &str) -> f64 {
    seconds_between(EPOCH, time).unwrap_or_default()
}

/// A threshold as a person would say it: three digits.
fn rounded(value: f64, most: f64) -> f64 {
    let step = nice(most / 500.0).max(1e-9);
    // Not 0.30000000000000004.
    format!("{:.6}", (value / step).round() * step).parse().unwrap_or(value)
}

/// States over the span, as (from, to, state).
fn spans(changes: &[StateChange], before: &str, from: f64, to: f64) -> Vec<(f64, f64, String)> {
    let mut spans: Vec<(f64, f64, String)> = Vec::new();
    let mut state = before.to_owned();
    let mut since = from;
    for change in changes {
        let at = second(&change.at);
        if at > to {
            break;
        }
        if at > from {
            if at > since {
                spans.push((since, at, state));
            }
            since = at;
        }
        state = change.state.clone();
    }
    // A state of this very instant shows too.
    if to >= since {
        spans.push((since, to, state));
    }
    spans
}

#[component]
pub fn Plot(material: Memo<Material>, draft: RwSignal<Option<Draft>>, changed: Signal<bool>) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let width = measured(node);
    let dragging = RwSignal::new(false);
    let threshold = Memo::new(move |_| draft.with(|draft| draft.as_ref().map_or(0.0, |draft| draft.threshold)));
    let scale = Memo::new(move |before: Option<&Scale>| {
        material.with(|material| {
            let points = &material.preview.points;
            let highest = points.iter().filter_map(|point| point.value).fold(0.0, f64::max);
            // While the line is dragged the values keep their place.
            let most = match before {
                Some(before) if dragging.get() => before.most,
                _ => nice((highest.max(threshold.get()) * 1.15).max(1.0)),
            };
            let from = points.first().map_or(0.0, |point| second(&point.at));
            Scale {
                left: 58.0,
                right: (width.get() - 6.0).max(80.0),
                from,
                // The period under way has no value yet, and states change in it.
                to: (from + (points.len().max(1) as i64 * material.preview.period.max(1)) as f64).max(second(&material.preview.now)),
                most,
            }
        })
    });
    let set = move |value: f64| {
        let most = scale.with_untracked(|scale| scale.most);
        draft.update(|draft| {
            if let Some(draft) = draft {
                draft.threshold = rounded(value, most);
            }
        });
    };
    let place = move |event: &PointerEvent| {
        let Some(element) = node.get_untracked() else { return };
        let y = f64::from(event.client_y()) - element.get_bounding_client_rect().top();
        set(scale.with_untracked(|scale| scale.value(y)));
    };
    let keyed = move |event: KeyboardEvent| {
        let step = scale.with_untracked(|scale| scale.most) / 100.0;
        let by = match event.key().as_str() {
            "ArrowUp" | "ArrowRight" => step,
            "ArrowDown" | "ArrowLeft" => -step,
            "PageUp" => 10.0 * step,
            "PageDown" => -10.0 * step,
            _ => return,
        };
        event.prevent_default();
        set((threshold.get_untracked() + by).max(0.0));
    };
    let condition = move || {
        draft.with(|draft| {
            draft
                .as_ref()
                .map_or_else(String::new, |draft| format!("{} {}", sign(&draft.comparison), number(draft.threshold)))
        })
    };
    view! {
        <div class="alarm-plot" node_ref=node>
            <svg class="plot" width=move || width.get() height=TOP + HIGH + 24.0 aria-hidden="true">
                {move || material.with(|material| values(material, &scale.get()))}
                {move || {
                    let (scale, text) = (scale.get(), condition());
                    let y = scale.y(threshold.get());
                    view! {
                        <line class="threshold" x1=scale.left x2=scale.right y1=y y2=y />
                        {label("threshold-name", text, scale.left + 6.0, if y < 26.0 { y + 14.0 } else { y - 5.0 }, (scale.left, scale.right))}
                    }
                }}
            </svg>
            <div
                class="threshold-grip"
                style:top=move || format!("{:.1}px", scale.get().y(threshold.get()))
                role="slider"
                tabindex="0"
                data-arrows=""
                aria-label="Threshold"
                aria-orientation="vertical"
                aria-valuemin="0"
                aria-valuemax=move || scale.get().most
                aria-valuenow=move || threshold.get()
                aria-valuetext=condition
                on:keydown=keyed
                on:pointerdown=move |event| {
                    dragging.set(true);
                    if let Some(element) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
                        let _ = element.set_pointer_capture(event.pointer_id());
                    }
                }
                on:pointermove=move |event| {
                    if dragging.get_untracked() {
                        place(&event);
                    }
                }
                on:pointerup=move |_| dragging.set(false)
                on:pointercancel=move |_| dragging.set(false)
            ></div>
            <svg class="plot" width=move || width.get() height=34.0 aria-hidden="true">
                {move || {
                    let draft = draft.get();
                    material.with(|material| draft.as_ref().map(|draft| bracket(material, draft, &scale.get())))
                }}
            </svg>
            <Ribbon title="As it went" spans=Memo::new(move |_| material.with(|material| happened(material, &scale.get()))) scale=scale />
            {move || {
                changed
                    .get()
                    .then(|| {
                        view! {
                            <Ribbon
                                title="With these settings"
                                spans=Memo::new(move |_| {
                                    material
                                        .with(|material| {
                                            let scale = scale.get();
                                            spans(&material.preview.states, "INSUFFICIENT_DATA", scale.from, scale.to)
                                        })
                                })
                                scale=scale
                            />
                        }
                    })
            }}
        </div>
    }
}

fn happened(material: &Material, scale: &Scale) -> Vec<(f64, f64, String)> {
    let before = if material.history.is_empty() {
        material.alarm.state_value.as_str()
    } else {
        "INSUFFICIENT_DATA"
    };
    spans(&material.history, before, scale.from, scale.to)
}

#[component]
fn Ribbon(title: &'static str, spans: Memo<Vec<(f64, f64, String)>>, scale: Memo<Scale>) -> impl IntoView {
    let words = move || {
        let told: Vec<String> = spans.with(|spans| spans.iter().map(|(_, _, state)| state_words(state).0.to_lowercase()).collect());
        format!("{title}: {}", told.join(", then "))
    };
    view! {
        <h3 class="ribbon-title">{title}</h3>
        <svg class="plot ribbon" width=move || scale.get().right + 6.0 height=RIBBON role="img" aria-label=words>
            {move || {
                let scale = scale.get();
                spans
                    .with(|spans| {
                        spans
                            .iter()
                            .map(|(from, to, state)| {
                                let (word, class) = state_words(state);
                                let (x, end) = (scale.x(*from), scale.x(*to));
                                let fits = [word, word.rsplit(' ').next().unwrap_or(word)].into_iter().find(|word| width_of(word) + 8.0 <= end - x);
                                view! {
                                    <g class=format!("span {class}")>
                                        <rect x=x y="0.5" width=(end - x).max(1.0) height=RIBBON - 1.0 />
                                        {fits.map(|word| view! { <text x=x + 4.0 y="14">{word}</text> })}
                                    </g>
                                }
                            })
                            .collect_view()
                    })
            }}
        </svg>
    }
}

fn values(material: &Material, scale: &Scale) -> impl IntoView + use<> {
    let (scale, period) = (*scale, material.preview.period.max(1) as f64);
    let lines: Vec<_> = ticks(scale.most, 4)
        .into_iter()
        .filter(|tick| *tick <= scale.most)
        .map(|tick| {
            let y = scale.y(tick);
            let text = number(tick);
            let x = (scale.left - 6.0 - width_of(&text)).max(0.0);
            view! {
                <line class="grid" x1=scale.left x2=scale.right y1=y y2=y />
                <text x=x y=y + 4.0>
                    {text}
                </text>
            }
        })
        .collect();
    let bars: Vec<_> = material
        .preview
        .points
        .iter()
        .map(|point| {
            let from = second(&point.at);
            let (x, end) = (scale.x(from), scale.x(from + period));
            let (class, y, title) = match point.value {
                None => ("datum missing", TOP + HIGH - 12.0, "no data".to_owned()),
                Some(value) if point.breaching => ("datum breaching", scale.y(value), format!("{}, breaches", number(value))),
                Some(value) => ("datum", scale.y(value), number(value)),
            };
            view! {
                <rect class=class x=x + 1.0 y=y.min(TOP + HIGH - 1.5) width=(end - x - 2.0).max(1.0) height=(TOP + HIGH - y).max(1.5)>
                    <title>{format!("{} {title}", clock_time(&point.at))}</title>
                </rect>
            }
        })
        .collect();
    let ends = material.preview.points.first().zip(material.preview.points.last()).map(|(first, last)| {
        let (from, to) = (clock_time(&first.at), clock_time(&last.at));
        let x = scale.right - width_of(&to);
        view! {
            <text x=scale.left y=TOP + HIGH + 18.0>
                {from}
            </text>
            <text x=x y=TOP + HIGH + 18.0>
                {to}
            </text>
        }
    });
    view! {
        {lines}
        {bars}
        {ends}
    }
}

fn bracket(material: &Material, draft: &Draft, scale: &Scale) -> impl IntoView + use<> {
    let period = material.preview.period.max(1) as f64;
    let end = scale.from + material.preview.points.len() as f64 * period;
    let (from, to) = (scale.x(end - f64::from(draft.of) * period), scale.x(end));
    let text = format!(
        "{} of the newest {} that count breach, {} needed",
        material.preview.breaching,
        draft.of,
        draft.need.min(draft.of)
    );
    let x = (to - width_of(&text)).max(0.0);
    view! {
        <path class="bracket-line" d=format!("M{from:.1} 2v7H{to:.1}v-7") />
        <text x=x y="24">
            {text}
        </text>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(at: &str, state: &str) -> StateChange {
        StateChange {
            at: at.into(),
            state: state.into(),
            reason: String::new(),
        }
    }

    #[test]
    fn states_cover_the_span_without_gaps() {
        let changes = [
            change("1970-01-01T00:00:30Z", "OK"),
            change("1970-01-01T00:02:00Z", "ALARM"),
            change("1970-01-01T00:09:00Z", "OK"),
        ];
        assert_eq!(
            spans(&changes, "INSUFFICIENT_DATA", 60.0, 300.0),
            [(60.0, 120.0, "OK".to_owned()), (120.0, 300.0, "ALARM".to_owned())]
        );
        assert_eq!(spans(&[], "OK", 0.0, 60.0), [(0.0, 60.0, "OK".to_owned())]);
    }

    #[test]
    fn a_dragged_threshold_is_round() {
        assert_eq!([rounded(9_987.2, 20_000.0), rounded(0.3333, 1.0)], [10_000.0, 0.334]);
    }
}
