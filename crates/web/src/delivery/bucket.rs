//! The picture of a delivery stream: a buffer that fills by megabytes and by seconds, and the objects that came of it.
//!
//! Belongs here: marks. Does not belong here: what is asked.

use leptos::html;
use leptos::prelude::*;

use super::answer::{Buffer, Delivery, Object};
use crate::figures::{label, measured, number, width_of};
use crate::format::{bytes, clock_time, seconds_between};
use crate::router::Route;

const HIGH: f64 = 168.0;
const MB: f64 = 1_048_576.0;
/// Objects drawn as blocks.
const BLOCKS: usize = 24;
/// Objects listed.
const LISTED: usize = 12;
/// Below it an object is small for what reads it later ("Optimizing Amazon S3 performance for analytics": 128 MB and more).
const SMALL: f64 = 8.0 * MB;

/// The buffer with its two limits, what waits, what was delivered. `now`: ISO time. `links`: whether objects can be opened.
#[component]
pub fn DeliveryPicture(#[prop(into)] delivery: Signal<Delivery>, #[prop(into)] now: Signal<String>, links: bool) -> impl IntoView {
    let node: NodeRef<html::Div> = NodeRef::new();
    let width = measured(node);
    let elapsed = move || {
        delivery.with(|delivery| {
            let since = delivery.buffer.since.as_deref()?;
            seconds_between(since, &now.get()).map(|seconds| seconds.clamp(0.0, delivery.buffer.interval_seconds))
        })
    };
    view! {
        <div class="delivery-picture" node_ref=node>
            <h2 class="part">"Buffer"</h2>
            <svg class="plot buffer" width=move || width.get() height=HIGH + 46.0 role="img" aria-label=move || delivery.with(|delivery| words(delivery, elapsed()))>
                {move || delivery.with(|delivery| buffer(&delivery.buffer, elapsed(), width.get()))}
            </svg>
            <p class="first-limit">{move || delivery.with(|delivery| first_limit(&delivery.buffer, elapsed()))}</p>
            {move || {
                delivery
                    .with(|delivery| {
                        let waiting: Vec<_> = delivery
                            .waiting
                            .iter()
                            .map(|object| {
                                let again = object.next_try.as_deref().map_or(String::new(), |at| format!(", tried {} times, again at {}", number(object.tries), clock_time(at)));
                                view! { <li>{format!("{} records, {}, on their way to {}{again}", number(object.records), bytes(object.bytes as u64), object.bucket)}</li> }
                            })
                            .collect();
                        (!waiting.is_empty()).then(|| view! { <ul class="waiting" role="list">{waiting}</ul> })
                    })
            }}
            {move || delivery.with(others)}
            <h2 class="part">"Objects"</h2>
            {move || {
                delivery
                    .with(|delivery| !delivery.delivered.is_empty())
                    .then(|| {
                        view! {
                            <svg class="plot blocks" width=move || width.get() height="74" aria-hidden="true">
                                {move || delivery.with(|delivery| blocks(&delivery.delivered, width.get()))}
                            </svg>
                        }
                    })
            }}
            {move || delivery.with(small)}
            <ol class="objects" role="list">
                {move || {
                    let delivered = delivery.with(|delivery| delivery.delivered.clone());
                    if delivered.is_empty() {
                        return view! { <li class="meta">"No object yet."</li> }.into_any();
                    }
                    delivered.into_iter().take(LISTED).map(|object| listed(object, links)).collect_view().into_any()
                }}
            </ol>
            <p class="mono balance">{move || delivery.with(|delivery| delivery.counts.balance())}</p>
        </div>
    }
}

fn listed(object: Object, links: bool) -> impl IntoView {
    let kind = if object.kind.is_empty() || object.kind == "records" {
        String::new()
    } else {
        format!("{} · ", object.kind)
    };
    let words = format!(
        "{} · {kind}{} records · {} · {}",
        clock_time(&object.at),
        number(object.records),
        bytes(object.bytes as u64),
        object.because()
    );
    let href = Route::storage(&object.bucket, &object.key).href();
    let name = object.key.clone();
    view! {
        <li>
            {if links { view! { <a class="mono" href=href>{name}</a> }.into_any() } else { view! { <span class="mono">{name}</span> }.into_any() }}
            <span class="meta">{words}</span>
        </li>
    }
}

/// The limit that closes the buffer, as it looks now.
fn first_limit(buffer: &Buffer, elapsed: Option<f64>) -> String {
    let Some(elapsed) = elapsed else {
        return "The buffer is empty: its clock starts with the next record.".into();
    };
    let left = (buffer.interval_seconds - elapsed).max(0.0);
    let rate = buffer.bytes / elapsed.max(0.5);
    let by_size = (buffer.size_limit_bytes - buffer.bytes).max(0.0) / rate.max(1e-9);
    if by_size < left {
        format!(
            "At this rate it is full in {by_size:.0} s, before its {} s are over: it flushes by size.",
            number(buffer.interval_seconds)
        )
    } else {
        format!(
            "Its {} s are over in {left:.0} s, before it is full: it flushes by time.",
            number(buffer.interval_seconds)
        )
    }
}

fn words(delivery: &Delivery, elapsed: Option<f64>) -> String {
    let buffer = &delivery.buffer;
    format!(
        "The buffer holds {} records, {} of {}, since {} of {} seconds. {}",
        number(buffer.records),
        bytes(buffer.bytes as u64),
        bytes(buffer.size_limit_bytes as u64),
        number(elapsed.unwrap_or(0.0).round()),
        number(buffer.interval_seconds),
        first_limit(buffer, elapsed)
    )
}

fn buffer(buffer: &Buffer, elapsed: Option<f64>, width: f64) -> impl IntoView + use<> {
    let (left, top) = (64.0, 34.0);
    let right = (width - 8.0).max(left + 60.0).min(left + 460.0);
    let full = (buffer.bytes / buffer.size_limit_bytes.max(1.0)).clamp(0.0, 1.0);
    let late = (elapsed.unwrap_or(0.0) / buffer.interval_seconds.max(1.0)).clamp(0.0, 1.0);
    let level = top + HIGH - 24.0 - full * (HIGH - 24.0);
    let bottom = top + HIGH - 24.0;
    let x = left + late * (right - left);
    let size = format!("{} / {}", bytes(buffer.bytes as u64), bytes(buffer.size_limit_bytes as u64));
    let time = format!("{:.0} / {} s", elapsed.unwrap_or(0.0), number(buffer.interval_seconds));
    let limit = bytes(buffer.size_limit_bytes as u64);
    let limit_x = (left - 8.0 - width_of(&limit)).max(0.0);
    let by_time = late >= full;
    view! {
        <rect class="vessel" x=left y=top width=right - left height=bottom - top />
        <rect class="fill" class:first=!by_time x=left y=level width=right - left height=bottom - level />
        <line class="fuse" x1=left x2=right y1=top - 6.0 y2=top - 6.0 />
        <line class="burnt" class:first=by_time x1=left x2=x y1=top - 6.0 y2=top - 6.0 />
        <text x=limit_x y=top + 4.0>
            {limit}
        </text>
        <text x=left - 20.0 y=bottom>
            "0"
        </text>
        {label("", time, x - 20.0, top - 14.0, (left, right))}
        {label("size", size, left + 8.0, (level - 6.0).max(top + 14.0), (left, right))}
        <text x=left y=bottom + 16.0>
            {format!("{} records", number(buffer.records))}
        </text>
    }
}

/// The newest objects, oldest first from the left; a block's height is its size on a log scale.
fn blocks(delivered: &[Object], width: f64) -> impl IntoView + use<> {
    let wide = 26.0;
    let room = ((width / (wide + 4.0)).floor() as usize).min(BLOCKS);
    let shown: Vec<&Object> = delivered.iter().take(room).collect();
    let blocks: Vec<_> = shown
        .into_iter()
        .rev()
        .enumerate()
        .map(|(index, object)| {
            let x = index as f64 * (wide + 4.0);
            let high = 6.0 + ((object.bytes.max(1.0) / 1_000.0).max(1.0).ln() / (128.0 * MB / 1_000.0).ln()).clamp(0.0, 1.0) * 48.0;
            let by_size = object.because == "size";
            view! {
                <rect class="block" class:by-size=by_size x=x y=58.0 - high width=wide height=high>
                    <title>{format!("{}: {}, {}", object.key, bytes(object.bytes as u64), object.because())}</title>
                </rect>
                <text x=x + 2.0 y="71">
                    {if by_size { "MB" } else { "s" }}
                </text>
            }
        })
        .collect();
    blocks
}

/// What waits for a function, and the buffers beside the one that is drawn.
fn others(delivery: &Delivery) -> Option<impl IntoView + use<>> {
    let mut lines = Vec::new();
    if let Some(intake) = delivery.intake.as_ref().filter(|intake| intake.records > 0.0) {
        lines.push(format!("{} records wait for {}", number(intake.records), intake.function));
    }
    if delivery.buffers.len() > 1 {
        lines.extend(delivery.buffers.iter().map(|buffer| {
            let keys: Vec<String> = buffer.keys.iter().map(|(name, value)| format!("{name} {value}")).collect();
            let name = if keys.is_empty() { buffer.kind.clone() } else { keys.join(", ") };
            format!("{name}: {} records, {}", number(buffer.records), bytes(buffer.bytes as u64))
        }));
    }
    let more = lines.len().saturating_sub(LISTED);
    (!lines.is_empty()).then(|| {
        view! {
            <ul class="buffers mono" role="list">
                {lines.into_iter().take(LISTED).map(|line| view! { <li>{line}</li> }).collect_view()}
                {(more > 0).then(|| view! { <li>{format!("and {more} more")}</li> })}
            </ul>
        }
    })
}

fn small(delivery: &Delivery) -> Option<impl IntoView + use<>> {
    let counts = &delivery.counts;
    let mean = counts.delivered_bytes / counts.objects.max(1.0);
    (counts.objects >= 3.0 && mean < SMALL).then(|| {
        view! {
            <p class="notice">
                {format!(
                    "Small files: {} objects of {} on average. Who reads them pays for each: larger hints make fewer and larger objects, and later ones.",
                    number(counts.objects),
                    bytes(mean as u64),
                )}
            </p>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_limit_is_named() {
        let buffer = |size: f64| Buffer {
            bytes: size,
            size_limit_bytes: 5.0 * MB,
            interval_seconds: 300.0,
            ..Buffer::default()
        };
        assert!(first_limit(&buffer(4.0 * MB), Some(10.0)).ends_with("by size."));
        assert!(first_limit(&buffer(1_000.0), Some(10.0)).starts_with("Its 300 s are over in 290 s"));
        assert!(first_limit(&buffer(0.0), None).starts_with("The buffer is empty"));
    }
}
