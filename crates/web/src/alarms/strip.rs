//! The strip of an alarm: a cell for each period of its metric, the bracket of M of N over the newest, and the state as a word.

use leptos::prelude::*;

use super::answer::{Alarm, Preview, state_words};
use crate::figures::number;

/// Periods of a strip.
pub const PERIODS: i64 = 12;

/// Cells and bracket alone.
pub fn cells(alarm: &Alarm, preview: &Preview) -> impl IntoView + use<> {
    let (of, need) = alarm.of_and_need();
    let count = preview.points.len().max(1);
    let breaching = preview.breaching;
    let words = format!(
        "The last {} periods of {} s: {breaching} of the newest {of} that counted breach, {need} are needed",
        preview.points.len(),
        alarm.period(),
    );
    let width = (of as usize).min(count) as f64 / count as f64 * 100.0;
    view! {
        <span class="strip" role="img" aria-label=words>
            <span class="cells">
                {preview
                    .points
                    .iter()
                    .map(|point| {
                        let (class, text) = match point.value {
                            None => ("cell missing", "no data".to_owned()),
                            Some(value) if point.breaching => ("cell breaching", format!("{}, breaches", number(value))),
                            Some(value) => ("cell", number(value)),
                        };
                        view! { <span class=class title=text></span> }
                    })
                    .collect_view()}
            </span>
            <span class="bracket mono" style=format!("left:{:.2}%;width:{width:.2}%", 100.0 - width)>
                {format!("{breaching} of {of}")}
            </span>
        </span>
    }
}

/// The state as a word.
pub fn state(value: &str, reason: String) -> impl IntoView + use<> {
    let (word, class) = state_words(value);
    view! {
        <b class=format!("alarm-state {class}") title=reason>
            {word}
        </b>
    }
}

/// An alarm in a row: its name and condition, its strip, its state.
pub fn row(alarm: &Alarm, preview: &Preview, name: AnyView) -> impl IntoView + use<> {
    view! {
        <li>
            <span class="alarm-name">
                {name}
                <span class="meta">{alarm.condition()}</span>
            </span>
            {cells(alarm, preview)}
            {state(&alarm.state_value, alarm.state_reason.clone())}
        </li>
    }
}
