//! What pictures are drawn with: the width they are given, round bounds and ticks, and how wide a label is.
//!
//! Belongs here: geometry that no figure owns. Does not belong here: what a figure draws.
//! A picture is drawn to the width that it has, in CSS pixels, and never scaled: its text keeps its size.

use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::wasm_bindgen::closure::Closure;

/// Width of a character of chart text: 11 px of IBM Plex Mono.
const CHARACTER: f64 = 6.6;

/// Pixels that a label of a chart takes.
pub fn width_of(label: &str) -> f64 {
    label.chars().count() as f64 * CHARACTER
}

/// Where a label starts so that it begins at `x` and ends at `right` at the latest.
fn label_start(label: &str, x: f64, left: f64, right: f64) -> f64 {
    x.min(right - width_of(label)).max(left)
}

/// A label at `x`, moved so that it stays between `left` and `right`; `y` is its base line.
pub fn label(class: &'static str, text: String, x: f64, y: f64, (left, right): (f64, f64)) -> AnyView {
    let x = label_start(&text, x, left, right);
    view! {
        <text class=class x=x y=y>
            {text}
        </text>
    }
    .into_any()
}

/// The next of 1, 2, 5 × 10ⁿ.
pub fn nice(value: f64) -> f64 {
    if value <= 0.0 || !value.is_finite() {
        return 0.0;
    }
    let scale = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|part| part * scale)
        .find(|bound| *bound >= value)
        .unwrap_or(value)
}

/// Round values from 0 to the first that is not below `value`; after the 0 at most one more than `most`.
pub fn ticks(value: f64, most: usize) -> Vec<f64> {
    let step = nice(value / most.max(1) as f64);
    if step <= 0.0 {
        return vec![0.0];
    }
    let count = (value / step - 1e-9).ceil().max(1.0) as usize;
    (0..=count.min(20)).map(|at| at as f64 * step).collect()
}

/// Width in CSS pixels of an element, for as long as the calling component lives; 0 before it is drawn.
pub fn measured(node: NodeRef<html::Div>) -> ReadSignal<f64> {
    let (width, set_width) = signal(0.0_f64);
    let measure = move || {
        let Some(Some(element)) = node.try_get_untracked() else { return };
        let now = f64::from(element.client_width());
        if width.try_get_untracked().is_some_and(|before| before != now) {
            set_width.set(now);
        }
    };
    let observer = StoredValue::new_local(None::<(web_sys::ResizeObserver, Closure<dyn FnMut()>)>);
    Effect::new(move |_| {
        let Some(element) = node.get() else { return };
        measure();
        let on_resize = Closure::<dyn FnMut()>::new(measure);
        let Ok(resize) = web_sys::ResizeObserver::new(on_resize.as_ref().unchecked_ref()) else {
            return;
        };
        resize.observe(&element);
        observer.set_value(Some((resize, on_resize)));
    });
    on_cleanup(move || {
        observer.try_update_value(|observer| {
            if let Some((resize, _)) = observer.take() {
                resize.disconnect();
            }
        });
    });
    width
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_round() {
        assert_eq!([0.0, 0.7, 1.0, 11.0, 230.0].map(nice), [0.0, 1.0, 1.0, 20.0, 500.0]);
        assert_eq!(nice(f64::INFINITY), 0.0);
    }

    #[test]
    fn ticks_reach_the_value() {
        assert_eq!(ticks(500.0, 5), [0.0, 100.0, 200.0, 300.0, 400.0, 500.0]);
        assert_eq!(ticks(23.6, 4), [0.0, 10.0, 20.0, 30.0]);
        assert_eq!(ticks(2.0, 4), [0.0, 0.5, 1.0, 1.5, 2.0]);
        assert_eq!(ticks(0.0, 4), [0.0]);
    }

    #[test]
    fn a_label_stays_inside() {
        assert_eq!(label_start("ten digits", 10.0, 0.0, 200.0), 10.0);
        assert_eq!(label_start("ten digits", 190.0, 0.0, 200.0), 134.0);
        assert_eq!(label_start("ten digits", 190.0, 5.0, 20.0), 5.0);
    }
}
