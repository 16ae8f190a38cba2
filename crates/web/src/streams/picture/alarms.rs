//! Alarm strips: a cell for each period of the metric, the bracket of M of N over the newest, and the state as a word.

use leptos::prelude::*;

use super::super::answer::{Alarm, Statistics, seconds_between};
use super::super::run::{PERIODS, Shown};
use crate::figures::number;

/// What a cell shows.
#[derive(Clone, Debug, PartialEq)]
enum Cell {
    Missing,
    Ok(f64),
    Breaching(f64),
}

/// The last [`PERIODS`] periods up to the one under way, oldest first.
fn cells(alarm: &Alarm, values: &Statistics, now: &str) -> Vec<Cell> {
    let period = alarm.period.max(1) as f64;
    let mut cells = vec![Cell::Missing; PERIODS as usize];
    let Some(since) = seconds_between("1970-01-01T00:00:00Z", now) else {
        return cells;
    };
    let end = ((since / period).floor() + 1.0) * period;
    for point in &values.datapoints {
        let (Some(at), Some(value)) = (seconds_between("1970-01-01T00:00:00Z", &point.timestamp), point.value(&alarm.statistic)) else {
            continue;
        };
        let back = ((end - at) / period).round();
        let index = PERIODS as f64 - back;
        if index >= 0.0
            && let Some(cell) = cells.get_mut(index as usize)
        {
            *cell = if alarm.breaches(value) { Cell::Breaching(value) } else { Cell::Ok(value) };
        }
    }
    cells
}

#[component]
pub fn AlarmStrips(shown: RwSignal<Option<Shown>>) -> impl IntoView {
    let strips = Memo::new(move |_| {
        shown.with(|shown| {
            let shown = shown.as_ref()?;
            let strips = shown.alarms.iter().enumerate().map(|(index, alarm)| {
                let empty = Statistics::default();
                let values = shown.values.get(index).unwrap_or(&empty);
                (alarm.clone(), cells(alarm, values, &shown.now))
            });
            Some(strips.collect::<Vec<_>>())
        })
    });
    move || {
        let strips = strips.get().unwrap_or_default();
        (!strips.is_empty()).then(|| {
            view! {
                <h2 class="part">"Alarms"</h2>
                <ul class="alarms" role="list">
                    {strips.into_iter().map(|(alarm, cells)| strip(&alarm, cells)).collect_view()}
                </ul>
            }
        })
    }
}

fn strip(alarm: &Alarm, cells: Vec<Cell>) -> impl IntoView + use<> {
    let (of, need) = (
        alarm.evaluation_periods.max(1),
        alarm.datapoints_to_alarm.unwrap_or(alarm.evaluation_periods).max(1),
    );
    let class = match alarm.state_value.as_str() {
        "ALARM" => "alarm",
        "OK" => "ok",
        _ => "unknown",
    };
    let said = match alarm.state_value.as_str() {
        "ALARM" => "IN ALARM",
        "OK" => "OK",
        _ => "INSUFFICIENT DATA",
    };
    // The bracket ends with the last whole period.
    let whole = cells.len().saturating_sub(1);
    let first = whole.saturating_sub(of as usize);
    let breaching = cells
        .iter()
        .skip(first)
        .take(of as usize)
        .filter(|cell| matches!(cell, Cell::Breaching(_)))
        .count();
    let words = format!(
        "The last {} periods of {} s: {} of the {of} in the bracket breach, {need} are needed",
        cells.len(),
        alarm.period,
        breaching
    );
    let count = cells.len().max(1) as f64;
    let bracket = format!("left:{:.2}%;width:{:.2}%", first as f64 / count * 100.0, f64::from(of) / count * 100.0);
    view! {
        <li>
            <span class="alarm-name">
                <b>{alarm.alarm_name.clone()}</b>
                <span class="meta">
                    {format!("{} {} {}, {need} of {of} × {} s, missing data: {}", alarm.metric_name, alarm.sign(), number(alarm.threshold), alarm.period, alarm.treat_missing_data.as_deref().unwrap_or("missing"))}
                </span>
            </span>
            <span class="strip" role="img" aria-label=words>
                <span class="cells">
                    {cells
                        .into_iter()
                        .map(|cell| {
                            let (class, text) = match &cell {
                                Cell::Missing => ("cell missing", "no data".to_owned()),
                                Cell::Ok(value) => ("cell", number(*value)),
                                Cell::Breaching(value) => ("cell breaching", format!("{}, breaches", number(*value))),
                            };
                            view! { <span class=class title=text></span> }
                        })
                        .collect_view()}
                </span>
                <span class="bracket mono" style=bracket>
                    {format!("{breaching} of {of}")}
                </span>
            </span>
            <b class=format!("alarm-state {class}") title=alarm.state_reason.clone()>
                {said}
            </b>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::answer::Datapoint;
    use super::*;

    #[test]
    fn values_fall_into_their_periods() {
        let alarm = Alarm {
            statistic: "Sum".into(),
            period: 60,
            threshold: 1.0,
            comparison_operator: "GreaterThanOrEqualToThreshold".into(),
            ..Alarm::default()
        };
        let point = |timestamp: &str, sum: f64| Datapoint {
            timestamp: timestamp.into(),
            sum: Some(sum),
            ..Datapoint::default()
        };
        let values = Statistics {
            datapoints: vec![point("2026-11-22T09:01:00Z", 5.0), point("2026-11-22T09:02:00Z", 0.0)],
        };
        let cells = cells(&alarm, &values, "2026-11-22T09:03:10Z");
        assert_eq!(cells.len(), 12);
        assert_eq!(cells[9..], [Cell::Breaching(5.0), Cell::Ok(0.0), Cell::Missing]);
    }
}
