//! One instant of the comparison: what has arrived, what is usable either way, and how long the oldest of the rest has waited.

use leptos::prelude::*;

use super::super::text::{latency, number};
use super::answer::{Answer, Run, Way};
use crate::timebar::{Band, Moment, Step, Track};

/// Parts of the bar.
const BUCKETS: usize = 120;

/// Records that have arrived and that are usable at a point of the curve, and the seconds that the oldest of the others has waited.
fn standing(way: &Way, at: f64) -> (f64, f64, f64) {
    let after = way.curve.partition_point(|point| point.0 <= at);
    let Some(point) = way.curve.get(after.saturating_sub(1)) else {
        return (0.0, 0.0, 0.0);
    };
    // The first moment by which more had come than is usable now.
    let oldest = way.curve.iter().find(|one| one.1 > point.2).filter(|one| one.0 <= point.0);
    (point.1, point.2, oldest.map_or(0.0, |one| point.0 - one.0))
}

/// What the bar paints: arrivals, windows that the batch is late with, runs that failed and windows that the stream is late with.
pub fn track(answer: &Answer, window: f64) -> Track {
    let curve = &answer.batch.curve;
    let share = |bucket: usize| {
        let place = curve.len().saturating_sub(1) * bucket / BUCKETS;
        curve.get(place).map_or(0.0, |point| point.1)
    };
    let band = |kind: &str, label: &str, from: &f64| Band {
        from: *from,
        to: from + window,
        kind: kind.into(),
        label: label.into(),
    };
    let ends = |run: &Run| Moment {
        at: run.end,
        kind: if run.failed { "failed" } else { "checkpoint" }.into(),
        label: if run.failed { "a run failed" } else { "a run ended" }.into(),
    };
    let late = answer.stream.missed_at.first().map(|at| Moment {
        at: *at,
        kind: "late".into(),
        label: "first window that the stream is late with".into(),
    });
    let mut moments: Vec<Moment> = answer.batch.runs.iter().filter(|run| run.end <= answer.seconds).map(ends).chain(late).collect();
    moments.sort_by(|a, b| a.at.total_cmp(&b.at));
    Track {
        simulated: answer.seconds,
        counts: (0..BUCKETS).map(|bucket| share(bucket + 1) - share(bucket)).collect(),
        bands: answer.batch.missed_at.iter().map(|at| band("throttled", "late in batch", at)).collect(),
        moments,
    }
}

/// Where a step leads: events are minutes.
pub fn moved(track: &Track, at: f64, end: f64, step: Step) -> f64 {
    let minute = |at: f64| (at / 60.0).floor() * 60.0;
    let moments = || track.moments.iter().map(|moment| moment.at);
    match step {
        Step::To(at) => at,
        Step::NextEvent => minute(at) + 60.0,
        Step::PreviousEvent => minute(at - 1.0),
        Step::NextMoment => moments().find(|one| *one > at + 0.5).unwrap_or(end),
        Step::PreviousMoment => moments().filter(|one| *one < at - 0.5).last().unwrap_or(0.0),
    }
    .clamp(0.0, end)
}

/// `13:05` of seconds since the start.
pub fn hour_text(at: f64) -> String {
    let minutes = (at / 60.0).floor() as u64;
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

#[component]
pub fn Instant(answer: Memo<Option<Answer>>, at: Signal<f64>) -> impl IntoView {
    let line = |way: &Way, at: f64| {
        let (_, usable, oldest) = standing(way, at);
        let waits = if oldest > 0.0 {
            format!("the oldest other waits {}", latency(oldest * 1_000.0))
        } else {
            "nothing else waits".to_owned()
        };
        (number(usable), waits)
    };
    move || {
        let at = at.get();
        answer.with(|answer| {
            let answer = answer.as_ref()?;
            let (arrived, ..) = standing(&answer.batch, at);
            let ((batch, batch_waits), (stream, stream_waits)) = (line(&answer.batch, at), line(&answer.stream, at));
            Some(view! {
                <dl class="facts instant">
                    <dt>{format!("arrived by {}", hour_text(at))}</dt>
                    <dd class="mono">{number(arrived)}</dd>
                    <dt>"usable by batch"</dt>
                    <dd>
                        <span class="mono">{batch}</span>
                        <span class="meta">{format!(" · {batch_waits}")}</span>
                    </dd>
                    <dt>"usable by stream"</dt>
                    <dd>
                        <span class="mono">{stream}</span>
                        <span class="meta">{format!(" · {stream_waits}")}</span>
                    </dd>
                </dl>
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_says_what_waits() {
        let way = Way {
            curve: vec![(0.0, 0.0, 0.0), (60.0, 10.0, 0.0), (120.0, 20.0, 0.0), (180.0, 30.0, 20.0)],
            ..Way::default()
        };
        assert_eq!(standing(&way, 125.0), (20.0, 0.0, 60.0));
        assert_eq!(standing(&way, 180.0), (30.0, 20.0, 0.0));
        assert_eq!(standing(&Way::default(), 5.0), (0.0, 0.0, 0.0));
        assert_eq!(hour_text(47_130.0), "13:05");
    }

    #[test]
    fn steps_go_by_minutes_and_by_runs() {
        let answer = Answer {
            seconds: 7_200.0,
            batch: Way {
                runs: vec![Run {
                    at: 3_600.0,
                    end: 3_700.0,
                    failed: false,
                }],
                ..Way::default()
            },
            ..Answer::default()
        };
        let track = track(&answer, 300.0);
        let moved = |at, step| moved(&track, at, 7_200.0, step);
        assert_eq!((moved(30.0, Step::NextEvent), moved(60.0, Step::PreviousEvent)), (60.0, 0.0));
        assert_eq!((moved(0.0, Step::NextMoment), moved(3_700.0, Step::NextMoment)), (3_700.0, 7_200.0));
        assert_eq!(moved(7_200.0, Step::PreviousMoment), 3_700.0);
    }
}
