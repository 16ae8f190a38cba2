//! The painted scrubber: bands, ticks of events, moments as diamonds, and the thumb that is dragged or moved by keys.

use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

use super::{Clock, Step, Track, clock_text};
use crate::figures::measured;

const HEIGHT: f64 = 48.0;
const TOP: f64 = 12.0;
const LINE: f64 = 22.0;
/// Room at both ends, so that the thumb is whole there.
const PAD: f64 = 8.0;

#[component]
pub fn Scrub(clock: Clock, track: Signal<Track>, go: Callback<Step>) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let width = measured(node);
    let dragging = RwSignal::new(false);
    let room = move || (width.get() - 2.0 * PAD).max(1.0);
    let x = move |at: f64| PAD + at / clock.end.get().max(1e-9) * room();
    let to = move |event: &PointerEvent| {
        let Some(element) = node.get_untracked() else { return };
        let left = element.get_bounding_client_rect().left();
        let room = (width.get_untracked() - 2.0 * PAD).max(1.0);
        let end = clock.end.get_untracked();
        let at = ((f64::from(event.client_x()) - left - PAD) / room).clamp(0.0, 1.0) * end;
        // A tenth of a second is as fine as a bar shows.
        go.run(Step::To((at * 10.0).round() / 10.0));
    };
    let down = move |event: PointerEvent| {
        clock.playing.set(false);
        dragging.set(true);
        if let Some(element) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
            let _ = element.set_pointer_capture(event.pointer_id());
        }
        to(&event);
    };
    let key = move |event: KeyboardEvent| {
        let (at, end) = (clock.at.get_untracked(), clock.end.get_untracked());
        let step = match event.key().as_str() {
            "ArrowLeft" | "ArrowDown" => Step::To((at - end / 100.0).max(0.0)),
            "ArrowRight" | "ArrowUp" => Step::To((at + end / 100.0).min(end)),
            "PageDown" => Step::To((at - end / 10.0).max(0.0)),
            "PageUp" => Step::To((at + end / 10.0).min(end)),
            "Home" => Step::To(0.0),
            "End" => Step::To(end),
            _ => return,
        };
        event.prevent_default();
        clock.playing.set(false);
        go.run(step);
    };
    let painted = move || {
        let end = clock.end.get();
        track.with(|track| {
            let most = track.counts.iter().copied().fold(1.0_f64, f64::max);
            let each = room() / track.counts.len().max(1) as f64;
            let bands = track.bands.iter().map(|band| {
                let (from, to) = (x(band.from), x(band.to.min(end)));
                let class = format!("band-{}", band.kind);
                view! {
                    <rect class=class x=from y=TOP width=(to - from).max(2.0) height=LINE>
                        <title>{format!("{}: {}", band.label, band.kind)}</title>
                    </rect>
                }
            });
            let ticks = track.counts.iter().enumerate().filter(|(_, count)| **count > 0.0).map(|(index, count)| {
                let y = TOP + LINE - 3.0 - (count / most).sqrt() * (LINE - 6.0);
                view! { <rect class="tick-events" x=PAD + index as f64 * each + 0.5 y=y width=(each - 1.0).max(1.0) height="3" /> }
            });
            let moments = track.moments.iter().filter(|moment| moment.at <= end).map(|moment| {
                let x = x(moment.at);
                let class = format!("moment-{}", moment.kind);
                view! {
                    <path class=class d=format!("M{x} {} l5 5 l-5 5 l-5 -5z", TOP + LINE + 3.0)>
                        <title>{format!("{} {}", clock_text(moment.at), moment.label)}</title>
                    </path>
                }
            });
            let known = x(track.simulated.min(end));
            view! {
                {bands.collect_view()}
                {ticks.collect_view()}
                <line class="known" x1=PAD x2=known y1=TOP + LINE y2=TOP + LINE />
                {moments.collect_view()}
            }
        })
    };
    view! {
        <div
            class="scrub"
            class:dragging=move || dragging.get()
            node_ref=node
            role="slider"
            tabindex="0"
            aria-label="Time"
            aria-valuemin="0"
            aria-valuemax=move || clock.end.get().to_string()
            aria-valuenow=move || format!("{:.1}", clock.at.get())
            aria-valuetext=move || format!("{} of {}", clock_text(clock.at.get()), clock_text(clock.end.get()))
            on:pointerdown=down
            on:pointermove=move |event| {
                if dragging.get_untracked() {
                    to(&event);
                }
            }
            on:pointerup=move |_| dragging.set(false)
            on:pointercancel=move |_| dragging.set(false)
            on:keydown=key
        >
            <svg width=move || width.get() height=HEIGHT aria-hidden="true">
                <rect class="rail-line" x=PAD y=TOP width=room height=LINE />
                {painted}
                <line class="thumb" x1=move || x(clock.at.get()) x2=move || x(clock.at.get()) y1="5" y2=TOP + LINE + 4.0 />
                <circle class="thumb" cx=move || x(clock.at.get()) cy="6" r="6" />
            </svg>
        </div>
    }
}
