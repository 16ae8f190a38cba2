//! The controls of the chooser: the workload.

use leptos::prelude::*;

use super::super::fields::{Choice, LogNumber, Number, Scenes, Switch, choices};
use super::super::prices::{PriceChoice, Prices};
use super::settings::{BYTES, COUNT, GB, INTERFACES, RATE, SCENES, Workload};
use crate::format::bytes;

#[component]
pub fn Controls(settings: RwSignal<Workload>, prices: Prices) -> impl IntoView {
    let number = move |read: fn(&Workload) -> f64| Signal::derive(move || settings.with(read));
    let set = move |write: fn(&mut Workload, f64)| Callback::new(move |value| settings.update(|settings| write(settings, value)));
    let maybe = move |read: fn(&Workload) -> Option<f64>| Signal::derive(move || settings.with(read));
    let put = move |write: fn(&mut Workload, Option<f64>)| Callback::new(move |value| settings.update(|settings| write(settings, value)));
    let text = move |read: fn(&Workload) -> String| Signal::derive(move || settings.with(read));
    let choose = move |write: fn(&mut Workload, String)| Callback::new(move |value| settings.update(|settings| write(settings, value)));
    let pick = Callback::new(move |name: &'static str| {
        if let Some(scene) = Workload::scene(name) {
            settings.set(scene);
        }
    });
    let size = |value: f64| bytes(value as u64);
    view! {
        <Scenes
            scenes=SCENES.into_iter().map(|scene| (scene.name, scene.title)).collect()
            current=Signal::derive(move || settings.with(Workload::name))
            pick=pick
        />
        <LogNumber label="Reads" unit="a second" zero=true least=RATE.0 most=RATE.1 value=number(|s| s.reads) set=set(|s, v| s.reads = v) />
        <LogNumber label="Writes" unit="a second" zero=true least=RATE.0 most=RATE.1 value=number(|s| s.writes) set=set(|s, v| s.writes = v) />
        <LogNumber label="A read" unit="bytes" least=BYTES.0 most=BYTES.1 value=number(|s| s.read_bytes) set=set(|s, v| s.read_bytes = v.round()) words=size />
        <LogNumber
            label="A write"
            unit="bytes"
            least=BYTES.0
            most=BYTES.1
            value=number(|s| s.write_bytes)
            set=set(|s, v| s.write_bytes = v.round())
            words=size
        />
        <LogNumber label="Data at rest" unit="GB" least=GB.0 most=GB.1 value=number(|s| s.total_gb) set=set(|s, v| s.total_gb = v) />
        <LogNumber
            label="An object or file"
            unit="bytes"
            least=BYTES.0
            most=BYTES.1
            value=number(|s| s.object_bytes)
            set=set(|s, v| s.object_bytes = v.round())
            words=size
        />
        <LogNumber label="Clients that share it" unit="instances" least=COUNT.0 most=COUNT.1 value=number(|s| s.instances) set=set(|s, v| s.instances = v.round()) />
        <Choice
            label="Availability Zones of the clients"
            choices=choices(&[("1", "1"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5"), ("6", "6")])
            value=text(|s| s.zones.to_string())
            set=choose(|s, v| s.zones = v.parse().unwrap_or(s.zones))
        />
        <Switch
            label="Must outlive the loss of a zone"
            value=Signal::derive(move || settings.with(|s| s.survive_zone_loss))
            set=Callback::new(move |on| settings.update(|s| s.survive_zone_loss = on))
        />
        <Choice label="Reached as" choices=choices(&INTERFACES) value=text(|s| s.interface.clone()) set=choose(|s, v| s.interface = v) />
        <Number
            label="An operation takes at most (ms)"
            least=0.001
            most=1e9
            optional=true
            value=maybe(|s| s.latency)
            set=put(|s, v| s.latency = v)
            hint="Empty: any time."
        />
        <Number
            label="Budget (dollars a month)"
            least=0.001
            most=1e9
            optional=true
            value=maybe(|s| s.budget)
            set=put(|s, v| s.budget = v)
            hint="Empty: any sum."
        />
        <LogNumber label="Prefixes in S3" unit="evenly used" least=COUNT.0 most=COUNT.1 value=number(|s| s.prefixes) set=set(|s, v| s.prefixes = v.round()) />
        <PriceChoice prices=prices value=text(|s| s.prices.clone()) set=choose(|s, v| s.prices = v) />
    }
}
