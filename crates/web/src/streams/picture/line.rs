//! The hash line: shards as segments with the share of their limit, keys at their real hash, what bounces, and the point of a split.

use leptos::html;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

use super::super::answer::{KeyRate, Shard, Traffic, short};
use super::super::run::Selected;
use super::super::stage::Stage;
use crate::figures::{label, number};

/// Height of the keys above the line.
const SKY: f64 = 112.0;
/// Keys that are drawn.
const KEYS: usize = 60;

#[component]
pub fn HashLine(stage: Stage, traffic: Memo<Traffic>, width: ReadSignal<f64>, cut: RwSignal<Option<f64>>) -> impl IntoView {
    let selected = stage.selected();
    let node: NodeRef<html::Div> = NodeRef::new();
    let dragging = RwSignal::new(false);
    let place = move |event: &PointerEvent| {
        let Some(element) = node.get_untracked() else { return };
        let frame = element.get_bounding_client_rect();
        if frame.width() > 0.0 {
            cut.set(Some(((f64::from(event.client_x()) - frame.left()) / frame.width()).clamp(0.0, 1.0)));
        }
    };
    let moved = move |event: KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowLeft" => -0.001,
            "ArrowRight" => 0.001,
            "PageDown" => -0.01,
            "PageUp" => 0.01,
            _ => return,
        };
        event.prevent_default();
        cut.update(|cut| *cut = cut.map(|cut| (cut + by).clamp(0.0, 1.0)));
    };
    view! {
        <h2 class="part">"Keys on the hash line"</h2>
        <div class="hash-line">
            <svg class="plot sky" width=move || width.get() height=SKY aria-hidden="true">
                {move || traffic.with(|traffic| keys(stage, &traffic.keys, width.get(), selected.get().as_ref()))}
            </svg>
            <div class="shard-line" role="group" aria-label="Shards on the hash line" node_ref=node>
                {move || {
                    traffic
                        .with(|traffic| {
                            traffic.open().into_iter().map(|shard| segment(stage, shard, selected)).collect_view()
                        })
                }}
                {move || {
                    cut.get()
                        .map(|at| {
                            view! {
                                <div
                                    class="cut"
                                    style:left=format!("{:.4}%", at * 100.0)
                                    role="slider"
                                    tabindex="0"
                                    data-arrows=""
                                    aria-label="Where to split"
                                    aria-valuemin="0"
                                    aria-valuemax="100"
                                    aria-valuenow=format!("{:.1}", at * 100.0)
                                    aria-valuetext=format!("{:.1} % of the hash line", at * 100.0)
                                    on:keydown=moved
                                    on:pointerdown=move |event| {
                                        dragging.set(true);
                                        if let Some(element) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
                                            let _ = element.set_pointer_capture(event.pointer_id());
                                        }
                                    }
                                    on:pointermove=move |event| {
                                        if dragging.get_untracked() {
                                            place(&event);
                                        }
                                    }
                                    on:pointerup=move |_| dragging.set(false)
                                    on:pointercancel=move |_| dragging.set(false)
                                ></div>
                            }
                        })
                }}
            </div>
            <div class="line-ends mono" aria-hidden="true">
                <span>"0"</span>
                <span>"2¹²⁸ − 1"</span>
            </div>
            <p class="bounces">{move || traffic.with(bounced)}</p>
        </div>
    }
}

/// The shards of another run on the same scale: no marks to press.
#[component]
pub fn LineOnly(traffic: Memo<Traffic>, against: Memo<Traffic>) -> impl IntoView {
    view! {
        <div class="shard-line still">
            {move || {
                let against = against.get();
                traffic
                    .with(|traffic| {
                        traffic
                            .open()
                            .into_iter()
                            .map(|shard| {
                                // The same range with another load, or another range.
                                let differs = against
                                    .open()
                                    .into_iter()
                                    .find(|other| other.from == shard.from && other.to == shard.to)
                                    .is_none_or(|other| (other.heat - shard.heat).abs() > 0.1 || (other.last_second.throttled > 0.0) != (shard.last_second.throttled > 0.0));
                                view! {
                                    <span class="shard-box" class:full=is_full(shard) class:differs=differs style=place_of(shard)>
                                        <b>{format!("{}{}", short(&shard.shard_id), if differs { " ≠" } else { "" })}</b>
                                        <span>{use_of(shard)}</span>
                                    </span>
                                }
                            })
                            .collect_view()
                    })
            }}
        </div>
    }
}

fn is_full(shard: &Shard) -> bool {
    shard.last_second.throttled > 0.0 || shard.heat >= 0.995
}

fn place_of(shard: &Shard) -> String {
    // Up to a third of the accent: ink stays readable on it. A full shard is the accent itself.
    let heat = (shard.heat.clamp(0.0, 1.0) * 32.0).round();
    format!("left:{:.4}%;width:{:.4}%;--heat:{heat}%", shard.from * 100.0, (shard.to - shard.from) * 100.0)
}

fn use_of(shard: &Shard) -> String {
    format!("{:.0} % · {}/s", shard.heat * 100.0, number(shard.last_second.records))
}

fn segment(stage: Stage, shard: &Shard, selected: RwSignal<Option<Selected>>) -> impl IntoView + use<> {
    let id = shard.shard_id.clone();
    let pressed = {
        let id = id.clone();
        move || selected.with(|selected| matches!(selected, Some(Selected::Shard(own)) if *own == id))
    };
    let refused = if shard.last_second.throttled > 0.0 {
        format!(", refuses {} records a second", number(shard.last_second.throttled))
    } else {
        String::new()
    };
    let name = format!("Shard {}: {}{refused}", short(&id), use_of(shard));
    view! {
        <button
            type="button"
            class="shard-box"
            class:full=is_full(shard)
            style=place_of(shard)
            aria-label=name
            aria-pressed=move || pressed().to_string()
            on:click=move |_| stage.select(Selected::Shard(id.clone()))
        >
            <b>{format!("shard {}", short(&shard.shard_id))}</b>
            <span>{use_of(shard)}</span>
        </button>
    }
}

fn bounced(traffic: &Traffic) -> String {
    let full: Vec<String> = traffic
        .open()
        .into_iter()
        .filter(|shard| shard.last_second.throttled > 0.0)
        .map(|shard| {
            format!(
                "shard {} is full: {} records/s bounce",
                short(&shard.shard_id),
                number(shard.last_second.throttled)
            )
        })
        .collect();
    full.join(" · ")
}

fn keys(stage: Stage, keys: &[KeyRate], width: f64, selected: Option<&Selected>) -> impl IntoView + use<> {
    let most = keys.iter().map(|key| key.offered_per_second).fold(1.0_f64, f64::max);
    let all: f64 = keys.iter().map(|key| key.offered_per_second).sum();
    let mut named = 0;
    let marks: Vec<_> = keys
        .iter()
        .take(KEYS)
        .map(|key| {
            let x = key.position * width;
            // The fourth root: a key of a hundredth of the heaviest is still a third of its length.
            let long = 6.0 + (key.offered_per_second / most).sqrt().sqrt() * (SKY - 38.0);
            let is_selected = matches!(selected, Some(Selected::Key(own)) if *own == key.key);
            // A key is named that carries a tenth of what is shown, or is selected.
            let name = (is_selected || (key.offered_per_second > all * 0.1 && named < 4)).then(|| {
                named += 1;
                let y = 11.0 + f64::from(named - 1) * 13.0;
                label(
                    "key-name",
                    format!("{} · {}/s", key.key, number(key.offered_per_second)),
                    x + 6.0,
                    y,
                    (0.0, width),
                )
            });
            let bounces = key.throttled_per_second > 0.0;
            let arrow = key.throttled_per_second > most * 0.05;
            let id = key.key.clone();
            view! {
                <g class="key" class:bounces=bounces class:selected=is_selected on:click=move |_| stage.select(Selected::Key(id.clone()))>
                    <title>{format!("{}: {} records/s offered, {} refused", key.key, number(key.offered_per_second), number(key.throttled_per_second))}</title>
                    <rect class="hit" x=x - 4.0 y=SKY - long - 4.0 width="8" height=long + 4.0 />
                    <line x1=x x2=x y1=SKY - long y2=SKY - 2.0 />
                    <path class="bounce" d=if arrow { format!("M{x} {} q9 -30 18 -8 m-6 0 l6 2 l2 -6", SKY - 4.0) } else { String::new() } />
                    {name}
                </g>
            }
        })
        .collect();
    marks
}
