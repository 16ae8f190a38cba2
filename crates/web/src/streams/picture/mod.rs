//! The picture of a stream: producers, the hash line with its heat, shards through time, consumers, alarms.
//!
//! Belongs here: marks. Does not belong here: what is asked, and what a selected mark says.

mod alarms;
mod consumers;
mod line;
mod tree;

use leptos::html;
use leptos::prelude::*;

use super::answer::Traffic;
use super::run::Shown;
use super::stage::Stage;
use crate::delivery::DeliveryPicture;
use crate::figures::{measured, number};
use alarms::AlarmStrips;
use consumers::Consumers;
pub use line::{HashLine, LineOnly};
use tree::ShardTree;

/// All of a stream at one instant. `cut`: where a split is being placed on the hash line, as a share of it.
#[component]
pub fn Picture(stage: Stage, cut: RwSignal<Option<f64>>) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let width = measured(node);
    let shown = stage.shown();
    let traffic = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|shown| shown.traffic.clone()).unwrap_or_default()));
    let now = Memo::new(move |_| shown.with(|shown| shown.as_ref().map(|shown| shown.now.clone()).unwrap_or_default()));
    view! {
        <div class="stream-picture" node_ref=node>
            <Producers traffic=traffic />
            <HashLine stage=stage traffic=traffic width=width cut=cut />
            <ShardTree stage=stage traffic=traffic now=now width=width />
            <Consumers traffic=traffic />
            {
                // A scene's alone; its objects are in an account that nobody opens.
                let delivery = Memo::new(move |_| shown.with(|shown| shown.as_ref().and_then(|shown| shown.delivery.clone())));
                let there = Memo::new(move |_| delivery.with(Option::is_some));
                move || there.get().then(|| view! { <DeliveryPicture delivery=Signal::derive(move || delivery.get().unwrap_or_default()) now=now links=false /> })
            }
            <AlarmStrips shown=shown />
        </div>
    }
}

#[component]
fn Producers(traffic: Memo<Traffic>) -> impl IntoView {
    view! {
        <h2 class="part">"Producers"</h2>
        <ul class="producers" role="list">
            {move || {
                let producers = traffic.with(|traffic| traffic.producers.clone());
                if producers.is_empty() {
                    return view! { <li class="meta">"No producer is running."</li> }.into_any();
                }
                producers
                    .into_iter()
                    .map(|producer| {
                        let lost = if producer.given_up > 0.0 { format!(" · {} given up", number(producer.given_up)) } else { String::new() };
                        let waiting = if producer.outstanding > 0.0 { format!(" · {} outstanding", number(producer.outstanding)) } else { String::new() };
                        view! {
                            <li>
                                <b>{producer.name}</b>
                                <span class="meta">{producer.client}</span>
                                <span class="mono">{format!("{} records/s offered", number(producer.offered_per_second))}</span>
                                <span class="mono meta">{format!("{} accepted · {} refusals{waiting}{lost}", number(producer.accepted), number(producer.throttled))}</span>
                            </li>
                        }
                    })
                    .collect_view()
                    .into_any()
            }}
        </ul>
    }
}

/// The picture in a sentence or a few.
pub fn describe(shown: &Shown) -> String {
    use super::answer::short;
    let traffic = &shown.traffic;
    let open = traffic.open();
    let shards: Vec<String> = open
        .iter()
        .map(|shard| {
            let refused = if shard.last_second.throttled > 0.0 {
                format!(" and refuses {} a second", number(shard.last_second.throttled))
            } else {
                String::new()
            };
            format!(
                "shard {} takes {} records a second, {:.0} % of its limit{refused}",
                short(&shard.shard_id),
                number(shard.last_second.records),
                shard.heat * 100.0
            )
        })
        .collect();
    let consumers: Vec<String> = traffic
        .consumers
        .iter()
        .map(|consumer| format!("{} ({}) is {} behind", consumer.name, consumer.label, consumers::behind(consumer.millis_behind)))
        .collect();
    let keys = traffic.keys.first().map_or_else(String::new, |key| {
        format!(
            " The heaviest key is {}, {} records a second, at {:.1} % of the hash line, in shard {}.",
            key.key,
            number(key.offered_per_second),
            key.position * 100.0,
            key.shard_id.as_deref().map_or("none", short)
        )
    });
    let alarms: Vec<String> = shown
        .alarms
        .iter()
        .map(|alarm| format!(" Alarm {} is in state {}.", alarm.alarm_name, alarm.state_value))
        .collect();
    let delivery = shown.delivery.as_ref().map_or_else(String::new, |delivery| {
        format!(
            " Firehose stream {}: {}; {} objects.",
            delivery.delivery_stream_name,
            delivery.counts.balance(),
            number(delivery.counts.objects)
        )
    });
    let behind = if consumers.is_empty() {
        String::new()
    } else {
        format!(" {}.", consumers.join("; "))
    };
    format!(
        "Stream {}, {}, {} open shards: {}.{keys}{behind}{delivery}{}",
        traffic.stream_name,
        traffic.status.to_lowercase(),
        open.len(),
        if shards.is_empty() {
            "none takes records yet".to_owned()
        } else {
            shards.join("; ")
        },
        alarms.join("")
    )
}
