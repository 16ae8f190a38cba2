//! A run in words: its caption, its description, its table.

use super::answer::{Fate, Trace, value_text};
use super::lab::window_text;
use super::settings::Settings;
use super::time::{instant, interval, span};
use crate::figures::Table;

/// What the picture shows, in a sentence or two.
pub fn caption(trace: &Trace, settings: &Settings, selected: Option<&str>, now: f64) -> String {
    let watermark = trace.watermark(now).map_or_else(
        || "there is no watermark yet".to_owned(),
        |watermark| format!("the watermark is {}", instant(watermark)),
    );
    let event = selected
        .and_then(|id| trace.event(id))
        .filter(|event| event.reached_at.is_some_and(|at| at.0 <= now));
    if let Some(event) = event
        && matches!(event.fate(), Fate::LateOutput | Fate::Dropped)
        && let (Some(watermark), Some(met)) = (event.watermark, event.windows.last())
        && let Some(end) = met.end
    {
        let last = end.0 - 1.0 + settings.lateness;
        let place = if settings.side_output { "late side output" } else { "dropped" };
        return format!(
            "{} came when the watermark was {}, {} past {}: {place}. Drag it up, so that it comes earlier, or right, into a later window.",
            event.id,
            instant(watermark.0),
            span((watermark.0 - last).max(0.0)),
            instant(last)
        );
    }
    if let Some(event) = event
        && event.fate() == Fate::Late
    {
        return format!(
            "{} came after its window had fired, and while it was kept: the window fired again. At {} {watermark}.",
            event.id,
            instant(now)
        );
    }
    format!(
        "At {} {watermark}; {} windows are kept, {} results have fired, {} events came too late.",
        instant(now),
        trace.open_panes(now),
        trace.fired(now),
        trace.too_late(now)
    )
}

/// All that the picture shows, for who does not see it.
pub fn describe(trace: &Trace, settings: &Settings, now: f64) -> String {
    let mut text = format!("A job of {}. ", settings.line());
    text.push_str(&format!(
        "At {} the watermark is {}. ",
        instant(now),
        trace.watermark(now).map_or_else(|| "not there yet".to_owned(), instant)
    ));
    for event in trace.events.iter().filter(|event| event.arrival_time.0 <= now) {
        text.push_str(&format!(
            "{} of {} happened at {} and arrived at {}: {}. ",
            event.id,
            event.key,
            instant(event.event_time.0),
            instant(event.arrival_time.0),
            event.fate_at(now).words()
        ));
    }
    for firing in trace.firings.iter().filter(|firing| firing.at.0 <= now) {
        let Some(pane) = trace.panes.get(firing.pane) else { continue };
        text.push_str(&format!(
            "{} of {} fired at {}: {}. ",
            window_text(pane),
            pane.key,
            instant(firing.at.0),
            value_text(&firing.value)
        ));
    }
    text
}

/// The events as rows.
pub fn table(trace: &Trace, now: f64, hides: bool) -> Table {
    let head = [
        "Event",
        "Key",
        "Outcome",
        "Windows",
        "Firings",
        "Value",
        "Shard",
        "Event time",
        "Arrives",
        "Watermark",
    ];
    let rows = trace.events.iter().map(|event| {
        let fate = event.fate_at(now);
        let shown = !hides && fate != Fate::Ahead;
        let windows: Vec<String> = event
            .windows
            .iter()
            .map(|met| match (met.start, met.end) {
                (Some(start), Some(end)) => interval(start.0, end.0),
                _ => "global".to_owned(),
            })
            .collect();
        let firings: Vec<String> = event
            .firings
            .iter()
            .filter_map(|number| trace.firings.get(*number))
            .filter(|firing| firing.at.0 <= now)
            .map(|firing| instant(firing.at.0))
            .collect();
        let only = |text: String| if shown { text } else { String::new() };
        vec![
            event.id.clone(),
            event.key.clone(),
            if hides { "hidden".to_owned() } else { fate.words().to_owned() },
            only(windows.join(" ")),
            only(firings.join(", ")),
            event.value.to_string(),
            event.split.to_string(),
            instant(event.event_time.0),
            instant(event.arrival_time.0),
            only(event.watermark.map_or_else(|| "–".to_owned(), |watermark| instant(watermark.0))),
        ]
    });
    Table {
        words: 5,
        head: head.map(str::to_owned).to_vec(),
        rows: rows.collect(),
    }
}
