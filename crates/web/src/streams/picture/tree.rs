//! Shards through time: parents above, children below, closed ones with the time they stay readable.

use leptos::prelude::*;

use super::super::answer::{Shard, Traffic, short};
use super::super::run::Selected;
use super::super::stage::Stage;
use crate::format::seconds_between;

const ROW: f64 = 46.0;

#[component]
pub fn ShardTree(stage: Stage, traffic: Memo<Traffic>, now: Memo<String>, width: ReadSignal<f64>) -> impl IntoView {
    let selected = stage.selected();
    // Each instant at which shards opened or closed begins a row.
    let levels = Memo::new(move |_| {
        traffic.with(|traffic| {
            let mut times: Vec<String> = traffic.shards.iter().map(|shard| shard.opened_at.clone()).collect();
            times.sort();
            times.dedup();
            times
        })
    });
    let level = move |time: &str| levels.with(|levels| levels.iter().take_while(|at| at.as_str() < time).count());
    let height = move || levels.with(|levels| levels.len().max(1) as f64 * ROW + 2.0);
    let words = move || {
        traffic.with(|traffic| {
            let told: Vec<String> = traffic
                .shards
                .iter()
                .map(|shard| {
                    let parents: Vec<&str> = shard
                        .parent_shard_id
                        .iter()
                        .chain(&shard.adjacent_parent_shard_id)
                        .map(|id| short(id))
                        .collect();
                    let of = if parents.is_empty() {
                        String::new()
                    } else {
                        format!(", child of {}", parents.join(" and "))
                    };
                    format!("shard {} {}{of}", short(&shard.shard_id), shard.state.to_lowercase())
                })
                .collect();
            format!("Shards through time: {}", told.join("; "))
        })
    };
    let boxes = move || {
        let (width, now) = (width.get(), now.get());
        let bottom = height() - 2.0;
        traffic.with(|traffic| {
            traffic
                .shards
                .iter()
                .map(|shard| {
                    let (x, wide) = (shard.from * width + 1.0, ((shard.to - shard.from) * width - 2.0).max(1.0));
                    let top = level(&shard.opened_at) as f64 * ROW + 1.0;
                    let end = shard
                        .closed_at
                        .as_deref()
                        .map_or(bottom, |closed| (level(closed) as f64 * ROW).max(top + ROW - 1.0));
                    let is_selected = selected.with(|selected| matches!(selected, Some(Selected::Shard(id)) if *id == shard.shard_id));
                    let id = shard.shard_id.clone();
                    let lines = told(shard, &now, wide);
                    view! {
                        <g class="tree-shard" class:selected=is_selected on:click=move |_| stage.select(Selected::Shard(id.clone()))>
                            <title>{format!("{} {}", shard.shard_id, shard.state)}</title>
                            <rect class=shard.state.to_lowercase() x=x y=top width=wide height=(end - top - 1.0).max(1.0) />
                            {lines
                                .into_iter()
                                .enumerate()
                                .map(|(line, text)| view! { <text x=x + 7.0 y=top + 17.0 + line as f64 * 15.0>{text}</text> })
                                .collect_view()}
                        </g>
                    }
                })
                .collect_view()
        })
    };
    view! {
        <h2 class="part">"Shards through time"</h2>
        <svg class="plot tree" width=move || width.get() height=height role="img" aria-label=words>
            {boxes}
        </svg>
    }
}

/// What fits into a shard's box: its number and state, and how long a closed one stays readable.
fn told(shard: &Shard, now: &str, wide: f64) -> Vec<String> {
    let room = ((wide - 10.0) / 6.6).max(0.0) as usize;
    let number = short(&shard.shard_id);
    let mut lines = Vec::new();
    let state = format!("{number} {}", shard.state.to_lowercase());
    if state.chars().count() <= room {
        lines.push(state);
    } else if number.len() <= room {
        lines.push(number.to_owned());
    }
    let readable = shard.readable_until.as_deref().and_then(|until| seconds_between(now, until));
    if let Some(left) = readable.filter(|left| *left > 0.0) {
        let left = left as u64;
        let time = format!("{}:{:02}:{:02}", left / 3_600, left / 60 % 60, left % 60);
        for text in [format!("readable {time} more"), time] {
            if text.chars().count() <= room {
                lines.push(text);
                break;
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_says_what_fits() {
        let shard = Shard {
            shard_id: "shardId-000000000002".into(),
            state: "CLOSED".into(),
            readable_until: Some("2026-11-23T09:00:00Z".into()),
            ..Shard::default()
        };
        assert_eq!(told(&shard, "2026-11-22T09:04:31Z", 300.0), ["2 closed", "readable 23:55:29 more"]);
        assert_eq!(told(&shard, "2026-11-22T09:04:31Z", 70.0), ["2 closed", "23:55:29"]);
        assert_eq!(told(&shard, "2026-11-22T09:04:31Z", 20.0), ["2"]);
    }
}
