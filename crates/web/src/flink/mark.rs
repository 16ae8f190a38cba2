//! An event on the plane: dragged by a pointer, moved by arrow keys, named by what becomes of it.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

use super::answer::Fate;
use super::lab::Lab;
use super::plane::Scale;
use super::time::instant;

/// The shape of a mark whose fate has this class, about its own place.
pub fn shape_of(class: &str, radius: i32) -> String {
    let r = radius;
    match class {
        "late" => format!("M0 -{0}L{0} {r}H-{0}Z", r + 2),
        "gone" => format!("M-{r} -{r}L{r} {r}M{r} -{r}L-{r} {r}"),
        _ => format!("M-{r} 0a{r} {r} 0 1 0 {0} 0a{r} {r} 0 1 0 -{0} 0", 2 * r),
    }
}

/// A text in so many characters: what is longer ends in an ellipsis.
pub fn cut(text: String, room: usize) -> String {
    if text.chars().count() <= room {
        text
    } else {
        text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
    }
}

#[component]
pub fn Mark(lab: Lab, id: String, scale: Memo<Scale>, now: Memo<f64>, hides: Memo<bool>) -> impl IntoView {
    let id = StoredValue::new(id);
    let event = Memo::new(move |_| {
        lab.events
            .with(|events| id.with_value(|id| events.iter().find(|event| event.id == *id).cloned()))
    });
    let place = Memo::new(move |_| event.with(|event| event.as_ref().map(|event| (event.time, event.arrival)).unwrap_or_default()));
    let fate = Memo::new(move |_| {
        let now = now.get();
        lab.trace
            .with(|trace| {
                trace
                    .as_ref()
                    .and_then(|trace| id.with_value(|id| trace.event(id).map(|event| event.fate_at(now))))
            })
            .unwrap_or(Fate::Ahead)
    });
    let shape = move || {
        let arrived = place.get().1 <= now.get();
        match fate.get() {
            Fate::Ahead if arrived => "on-time",
            _ if hides.get() && arrived => "on-time",
            fate => fate.class(),
        }
    };
    let selected = move || lab.selected.with(|selected| id.with_value(|id| selected.as_deref() == Some(id)));
    let name = move || {
        let (time, arrival) = place.get();
        let words = match (hides.get(), fate.get()) {
            (true, _) => "its outcome is hidden",
            (false, fate) => fate.words(),
        };
        id.with_value(|id| format!("Event {id}: event time {}, arrives {}, {words}", instant(time), instant(arrival)))
    };
    let dragging = RwSignal::new(None::<(f64, f64)>);
    let down = move |event: PointerEvent| {
        event.prevent_default();
        lab.selected.set(Some(id.get_value()));
        lab.begin_change();
        let (time, arrival) = place.get_untracked();
        let scale = scale.get_untracked();
        // What is held stays under the pointer where it was taken.
        let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
        dragging.set(Some((scale.x(time) - x, scale.y(arrival) - y)));
        if let Some(element) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
            let _ = element.set_pointer_capture(event.pointer_id());
            if let Ok(element) = element.dyn_into::<web_sys::SvgElement>() {
                let _ = element.focus();
            }
        }
    };
    let moved = move |event: PointerEvent| {
        let Some((dx, dy)) = dragging.get_untracked() else { return };
        let scale = scale.get_untracked();
        let (x, y) = (f64::from(event.client_x()) + dx, f64::from(event.client_y()) + dy);
        id.with_value(|id| lab.place(id, scale.time(x), scale.at(y)));
    };
    let key = move |event: KeyboardEvent| {
        let (time, arrival) = place.get_untracked();
        let step = if event.shift_key() { 10_000.0 } else { 1_000.0 };
        let (time, arrival) = match event.key().as_str() {
            "ArrowLeft" => (time - step, arrival),
            "ArrowRight" => (time + step, arrival),
            "ArrowUp" => (time, arrival - step),
            "ArrowDown" => (time, arrival + step),
            "Delete" => {
                event.prevent_default();
                id.with_value(|id| lab.remove(id));
                return;
            }
            "Enter" | " " => {
                event.prevent_default();
                lab.selected.set(Some(id.get_value()));
                return;
            }
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        lab.selected.set(Some(id.get_value()));
        id.with_value(|id| lab.place(id, time, arrival));
        lab.host.announce(id.with_value(|id| {
            format!(
                "{id}: event time {}, arrives {}",
                instant(place.get_untracked().0),
                instant(place.get_untracked().1)
            )
        }));
    };
    let x = move || scale.get().x(place.get().0);
    let y = move || scale.get().y(place.get().1);
    view! {
        <g
            class=move || {
                let selected = if selected() { " selected" } else { "" };
                let held = if dragging.get().is_some() { " held" } else { "" };
                format!("event {}{selected}{held}", shape())
            }
            transform=move || format!("translate({:.1} {:.1})", x(), y())
            tabindex="0"
            role="button"
            data-arrows=""
            data-event=id.get_value()
            aria-label=name
            aria-pressed=move || selected().to_string()
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=move |_| dragging.set(None)
            on:pointercancel=move |_| dragging.set(None)
            on:keydown=key
            on:focus=move |_| lab.selected.set(Some(id.get_value()))
        >
            <circle class="hit" r="14" />
            <circle class="ring" r="12" />
            <path
                class="shape"
                d=move || shape_of(shape(), 6)
            />
            <text x="9" y="-7">
                {id.get_value()}
            </text>
        </g>
    }
}
