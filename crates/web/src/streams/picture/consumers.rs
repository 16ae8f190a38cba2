//! Consumers: the pipe that those who poll share and the pipes of fan-out, and how far behind each is, as the length of its tail.

use leptos::prelude::*;

use super::super::answer::{Consumer, Shard, Traffic, short};
use crate::figures::number;
use crate::format::bytes;

/// `180 ms`, `9.4 s`, `2.5 min`.
pub fn behind(millis: f64) -> String {
    if millis < 1_000.0 {
        format!("{millis:.0} ms")
    } else if millis < 120_000.0 {
        format!("{:.1} s", millis / 1_000.0)
    } else {
        format!("{:.1} min", millis / 60_000.0)
    }
}

/// Percent of the row that a tail takes: a tenth of a second is nothing, ten minutes is all, logarithmic between.
fn tail(millis: f64) -> f64 {
    if millis < 1.0 {
        return 0.0;
    }
    ((millis / 100.0).max(1.0).ln() / 6_000.0_f64.ln() * 100.0).clamp(1.5, 100.0)
}

fn notes(consumer: &Consumer) -> String {
    let mut notes = vec![format!("{} behind", behind(consumer.millis_behind))];
    for (count, what) in [
        (consumer.reads_throttled, "reads refused"),
        (consumer.dead_letters, "dead letters"),
        (consumer.given_up, "given up"),
        (consumer.missed, "expired unread"),
    ] {
        if count > 0.0 {
            notes.push(format!("{} {what}", number(count)));
        }
    }
    notes.join(" · ")
}

/// How full the shared pipe of the fullest shard is: GetRecords calls and bytes of the last second, as shares.
fn shared_use(traffic: &Traffic) -> (f64, f64, String) {
    let share = |used: f64, limit: f64| if limit > 0.0 { (used / limit).clamp(0.0, 1.0) } else { 0.0 };
    let fullest = traffic.open().into_iter().max_by(|a, b| {
        let of = |shard: &Shard| {
            let last = &shard.last_second;
            share(last.read_calls, last.read_calls_limit).max(share(last.read_bytes, last.read_bytes_limit))
        };
        of(a).total_cmp(&of(b))
    });
    let Some(shard) = fullest else { return (0.0, 0.0, String::new()) };
    let last = &shard.last_second;
    let words = format!(
        "fullest: shard {}, {} of {} reads, {} of {}",
        short(&shard.shard_id),
        number(last.read_calls),
        number(last.read_calls_limit),
        bytes(last.read_bytes as u64),
        bytes(last.read_bytes_limit as u64)
    );
    (
        share(last.read_calls, last.read_calls_limit),
        share(last.read_bytes, last.read_bytes_limit),
        words,
    )
}

fn row(consumer: Consumer) -> impl IntoView {
    view! {
        <li>
            <span class="consumer">
                <b>{consumer.name.clone()}</b>
                <span class="meta">{consumer.label.clone()}</span>
            </span>
            <span class="tail-room" aria-hidden="true">
                <span class="tail" class:late={consumer.millis_behind > 5_000.0} style:width=format!("{:.1}%", tail(consumer.millis_behind))></span>
            </span>
            <span class="mono meta">{notes(&consumer)}</span>
        </li>
    }
}

#[component]
pub fn Consumers(traffic: Memo<Traffic>) -> impl IntoView {
    view! {
        <h2 class="part">"Consumers"</h2>
        {move || {
            let (own, shared): (Vec<Consumer>, Vec<Consumer>) = traffic
                .with(|traffic| traffic.consumers.iter().cloned().partition(|consumer| consumer.kind == "fan-out"));
            if own.is_empty() && shared.is_empty() {
                return view! { <p class="meta">"No application reads this stream."</p> }.into_any();
            }
            let pipe = (!shared.is_empty())
                .then(|| {
                    let (reads, sent, words) = traffic.with(shared_use);
                    view! {
                        <div class="pipe shared">
                            <p class="pipe-name">
                                <b>"One pipe for all that poll"</b>
                                <span class="meta">{words}</span>
                            </p>
                            <span class="pipe-fill" class:full={reads >= 0.995} aria-hidden="true">
                                <i style:width=format!("{:.1}%", reads * 100.0)></i>
                            </span>
                            <span class="pipe-fill" class:full={sent >= 0.995} aria-hidden="true">
                                <i style:width=format!("{:.1}%", sent * 100.0)></i>
                            </span>
                            <ul class="consumers" role="list">
                                {shared.into_iter().map(row).collect_view()}
                            </ul>
                        </div>
                    }
                });
            let pipes = own
                .into_iter()
                .map(|consumer| {
                    view! {
                        <div class="pipe">
                            <p class="pipe-name">
                                <b>"A pipe of its own"</b>
                                <span class="meta">"2 MiB a second of each shard, pushed"</span>
                            </p>
                            <ul class="consumers" role="list">
                                {row(consumer)}
                            </ul>
                        </div>
                    }
                })
                .collect_view();
            view! {
                <div class="pipes">
                    {pipe}
                    {pipes}
                </div>
            }
                .into_any()
        }}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tails_grow_and_stay_in_their_row() {
        assert_eq!([180.0, 9_400.0, 150_000.0].map(behind), ["180 ms", "9.4 s", "2.5 min"]);
        let tails = [0.0, 50.0, 180.0, 9_400.0, 600_000.0, 1e12].map(tail);
        assert!(tails.windows(2).all(|pair| pair[0] <= pair[1]), "{tails:?}");
        assert_eq!((tails[0], tails[5]), (0.0, 100.0));
    }
}
