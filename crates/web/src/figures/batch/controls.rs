//! The controls of the comparison.

use leptos::prelude::*;

use super::super::fields::{Choice, LogNumber, Number, Scenes, choices};
use super::super::prices::{PriceChoice, Prices};
use super::own::OwnRecords;
use super::settings::{SCENES, SHAPES, Settings};

#[component]
pub fn Controls(settings: RwSignal<Settings>, prices: Prices) -> impl IntoView {
    let number = move |read: fn(&Settings) -> f64| Signal::derive(move || settings.with(read));
    let set = move |write: fn(&mut Settings, f64)| Callback::new(move |value| settings.update(|settings| write(settings, value)));
    let text = move |read: fn(&Settings) -> String| Signal::derive(move || settings.with(read));
    let choose = move |write: fn(&mut Settings, String)| Callback::new(move |value| settings.update(|settings| write(settings, value)));
    let pick = Callback::new(move |name: &'static str| {
        if let Some(scene) = Settings::scene(name) {
            settings.set(scene);
        }
    });
    view! {
        <Scenes
            scenes=SCENES.into_iter().map(|scene| (scene.name, scene.title)).collect()
            current=Signal::derive(move || settings.with(Settings::name))
            pick=pick
        />
        <OwnRecords settings=settings />
        <LogNumber label="Records" unit="a second, mean" least=0.1 most=100_000.0 value=number(|s| s.rate) set=set(|s, v| s.rate = v) />
        <Choice label="They come" choices=choices(&SHAPES) value=text(|s| s.shape.clone()) set=choose(|s, v| s.shape = v) />
        <LogNumber label="A record" unit="bytes" least=1.0 most=1_048_576.0 value=number(|s| s.bytes) set=set(|s, v| s.bytes = v.round()) />
        <LogNumber label="A result for each" unit="minutes" least=1.0 most=1_440.0 value=number(|s| s.window) set=set(|s, v| s.window = v.round()) />
        <LogNumber label="Due after its end" unit="minutes" zero=true least=1.0 most=2_880.0 value=number(|s| s.deadline) set=set(|s, v| s.deadline = v.round()) />
        <LogNumber label="Batch: a run every" unit="minutes" least=1.0 most=1_440.0 value=number(|s| s.interval) set=set(|s, v| s.interval = v.round()) />
        <Number
            label="Batch: of a hundred runs fail"
            least=0.0
            most=100.0
            value=Signal::derive(move || settings.with(|s| Some(s.failed)))
            set=Callback::new(move |value: Option<f64>| settings.update(|s| s.failed = value.unwrap_or(s.failed)))
        />
        <LogNumber label="Stream: shards" unit="provisioned" least=1.0 most=1_000.0 value=number(|s| s.shards) set=set(|s, v| s.shards = v.round()) />
        <LogNumber label="Stream: stands at noon" unit="minutes" zero=true least=1.0 most=720.0 value=number(|s| s.outage) set=set(|s, v| s.outage = v.round()) />
        <LogNumber label="Time looked at" unit="hours" least=1.0 most=72.0 value=number(|s| s.hours) set=set(|s, v| s.hours = v.round()) />
        <PriceChoice prices=prices value=text(|s| s.prices.clone()) set=choose(|s, v| s.prices = v) />
    }
}
