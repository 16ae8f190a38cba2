//! Consumers: how far behind each is, as the length of its tail.

use leptos::prelude::*;

use super::super::answer::{Consumer, Traffic};
use crate::figures::number;

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

#[component]
pub fn Consumers(traffic: Memo<Traffic>) -> impl IntoView {
    view! {
        <h2 class="part">"Consumers"</h2>
        <ul class="consumers" role="list">
            {move || {
                let consumers = traffic.with(|traffic| traffic.consumers.clone());
                if consumers.is_empty() {
                    return view! { <li class="meta">"No application reads this stream."</li> }.into_any();
                }
                consumers
                    .into_iter()
                    .map(|consumer| {
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
                    })
                    .collect_view()
                    .into_any()
            }}
        </ul>
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
