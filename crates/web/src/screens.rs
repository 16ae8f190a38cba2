//! The screens in chunks of wasm that are fetched when a reader first goes there, so that one screen does not make another start slower.
//!
//! Belongs here: the split points and how a chunk arrives. Does not belong here: anything a screen shows.
//! The functions marked `wasm_split` are the roots that the build cuts the module at (xtask's `split`): what only they reach leaves the page's own module.
//! Few chunks and not one a screen, since whatever two of them share becomes a file too: `start` (home and labs), `browse` (lists of what the account holds,
//! its bill, the bar that lets days pass), `object` (what shows rows: an object's page, a table's, a node's), `manage` (what is set on a bucket, and who may do what
//! with it), `security` (identities, policies, keys), `figures`, `streams` (the account's streams),
//! `scenes` (scenes of streams), `flink`, `delivery`, `alarms`, `editor`, and `panels` around its canvas (`editor::panels`).

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::wasm_split;

use crate::activity::ActivityScreen;
use crate::alarms::AlarmsScreen;
use crate::bill::{BillScreen, TimeBar};
use crate::catalog::{CatalogScreen, TableView};
use crate::components::{Drawn, KeyHelp, Loading, arrived, at_once};
use crate::delivery::DeliveryScreen;
use crate::editor::{self, JobScreen, Jobs};
use crate::figures::{FigureAlone, FiguresScreen};
use crate::flink::{self, FlinkAlone, FlinkScreen};
use crate::home::HomeScreen;
use crate::labs::{LabPanel, LabsScreen};
use crate::router::{Area, BucketTab, Route, use_route};
use crate::security::SecurityScreen;
use crate::storage::{Detail, StorageScreen, bucket_tab};
use crate::streams::{self, SceneAlone, SceneScreen, StreamsScreen};

/// Style sheets that only one chunk needs come with it.
const START: &str = concat!(include_str!("../../../style/home.css"), include_str!("../../../style/labs.css"));
const MANAGE: &str = include_str!("../../../style/security.css");

fn styled(sheet: &'static str, screen: AnyView) -> Drawn {
    Ok(view! {
        <style inner_html=sheet></style>
        {screen}
    }
    .into_any())
}

#[wasm_split(start, wasm_split_path = ::leptos::wasm_split, preload(load_home), fallible)]
fn draw_home() -> Drawn {
    styled(START, view! { <HomeScreen /> }.into_any())
}

#[wasm_split(browse, wasm_split_path = ::leptos::wasm_split, preload(load_storage), fallible)]
fn draw_storage() -> Drawn {
    Ok(view! { <StorageScreen /> }.into_any())
}

#[wasm_split(object, wasm_split_path = ::leptos::wasm_split, preload(load_object), fallible)]
fn draw_object(bucket: String, key: String) -> Drawn {
    Ok(view! { <Detail bucket=bucket key=key /> }.into_any())
}

#[wasm_split(object, wasm_split_path = ::leptos::wasm_split, preload(load_table), fallible)]
fn draw_table(database: String, table: String) -> Drawn {
    Ok(view! { <TableView database=database table=table /> }.into_any())
}

#[wasm_split(manage, wasm_split_path = ::leptos::wasm_split, preload(load_bucket), fallible)]
fn draw_bucket(bucket: String, tab: BucketTab) -> Drawn {
    styled(MANAGE, bucket_tab(bucket, tab))
}

#[wasm_split(browse, wasm_split_path = ::leptos::wasm_split, preload(load_catalog), fallible)]
fn draw_catalog() -> Drawn {
    Ok(view! { <CatalogScreen /> }.into_any())
}

#[wasm_split(browse, wasm_split_path = ::leptos::wasm_split, preload(load_jobs), fallible)]
fn draw_jobs() -> Drawn {
    Ok(view! { <Jobs /> }.into_any())
}

#[wasm_split(editor, wasm_split_path = ::leptos::wasm_split, preload(load_editor), fallible)]
fn draw_editor(job: String) -> Drawn {
    Ok(view! { <JobScreen name=job /> }.into_any())
}

#[wasm_split(browse, wasm_split_path = ::leptos::wasm_split, preload(load_activity), fallible)]
fn draw_activity() -> Drawn {
    Ok(view! { <ActivityScreen /> }.into_any())
}

#[wasm_split(security, wasm_split_path = ::leptos::wasm_split, preload(load_security), fallible)]
fn draw_security() -> Drawn {
    styled(MANAGE, view! { <SecurityScreen /> }.into_any())
}

#[wasm_split(streams, wasm_split_path = ::leptos::wasm_split, preload(load_streams), fallible)]
fn draw_streams() -> Drawn {
    Ok(view! { <StreamsScreen /> }.into_any())
}

#[wasm_split(scenes, wasm_split_path = ::leptos::wasm_split, preload(load_scenes), fallible)]
fn draw_scenes() -> Drawn {
    Ok(view! { <SceneScreen /> }.into_any())
}

#[wasm_split(scenes, wasm_split_path = ::leptos::wasm_split, preload(load_scene), fallible)]
fn draw_scene(id: String) -> Drawn {
    Ok(view! { <SceneAlone id=id /> }.into_any())
}

#[wasm_split(flink, wasm_split_path = ::leptos::wasm_split, preload(load_flink), fallible)]
fn draw_flink() -> Drawn {
    Ok(view! { <FlinkScreen /> }.into_any())
}

#[wasm_split(flink, wasm_split_path = ::leptos::wasm_split, preload(load_flink_alone), fallible)]
fn draw_flink_alone(id: String) -> Drawn {
    Ok(view! { <FlinkAlone id=id /> }.into_any())
}

#[wasm_split(delivery, wasm_split_path = ::leptos::wasm_split, preload(load_delivery), fallible)]
fn draw_delivery() -> Drawn {
    Ok(view! { <DeliveryScreen /> }.into_any())
}

#[wasm_split(alarms, wasm_split_path = ::leptos::wasm_split, preload(load_alarms), fallible)]
fn draw_alarms() -> Drawn {
    Ok(view! { <AlarmsScreen /> }.into_any())
}

#[wasm_split(figures, wasm_split_path = ::leptos::wasm_split, preload(load_figures), fallible)]
fn draw_figures() -> Drawn {
    Ok(view! { <FiguresScreen /> }.into_any())
}

#[wasm_split(figures, wasm_split_path = ::leptos::wasm_split, preload(load_figure), fallible)]
fn draw_figure(id: String) -> Drawn {
    Ok(view! { <FigureAlone id=id /> }.into_any())
}

#[wasm_split(start, wasm_split_path = ::leptos::wasm_split, preload(load_labs), fallible)]
fn draw_labs() -> Drawn {
    styled(START, view! { <LabsScreen /> }.into_any())
}

#[wasm_split(start, wasm_split_path = ::leptos::wasm_split, preload(load_key_help), fallible)]
fn draw_key_help(open: RwSignal<bool>) -> Drawn {
    Ok(view! { <KeyHelp open=open /> }.into_any())
}

#[wasm_split(start, wasm_split_path = ::leptos::wasm_split, preload(load_lab_panel), fallible)]
fn draw_lab_panel(id: String) -> Drawn {
    styled(START, view! { <LabPanel id=id /> }.into_any())
}

#[wasm_split(browse, wasm_split_path = ::leptos::wasm_split, preload(load_bill), fallible)]
fn draw_bill() -> Drawn {
    Ok(view! { <BillScreen /> }.into_any())
}

#[wasm_split(browse, wasm_split_path = ::leptos::wasm_split, preload(load_clock), fallible)]
fn draw_clock() -> Drawn {
    Ok(view! { <TimeBar /> }.into_any())
}

fn load(area: Area) -> Loading {
    match area {
        Area::Home => Box::pin(load_home()),
        Area::Storage => Box::pin(load_storage()),
        Area::Catalog => Box::pin(load_catalog()),
        Area::Etl => Box::pin(load_jobs()),
        Area::Streams => Box::pin(load_streams()),
        Area::Alarms => Box::pin(load_alarms()),
        Area::Security => Box::pin(load_security()),
        Area::Activity => Box::pin(load_activity()),
        Area::Labs => Box::pin(load_labs()),
        Area::Figures => Box::pin(load_figures()),
        Area::Bill => Box::pin(load_bill()),
    }
}

fn draw(area: Area) -> Drawn {
    match area {
        Area::Home => at_once(draw_home()),
        Area::Storage => {
            prefetch_object();
            at_once(draw_storage())
        }
        Area::Catalog => {
            prefetch_object();
            at_once(draw_catalog())
        }
        Area::Etl => Ok(view! { <Etl /> }.into_any()),
        Area::Streams => Ok(view! { <Streams /> }.into_any()),
        Area::Alarms => at_once(draw_alarms()),
        Area::Security => at_once(draw_security()),
        Area::Activity => at_once(draw_activity()),
        Area::Labs => at_once(draw_labs()),
        Area::Figures => at_once(draw_figures()),
        Area::Bill => at_once(draw_bill()),
    }
}

/// The account's streams, a scene of them or of Flink, or a delivery stream.
#[component]
fn Streams() -> impl IntoView {
    #[derive(Clone, Copy, PartialEq)]
    enum Place {
        Own,
        Scene,
        Flink,
        Delivery,
    }
    let route = use_route();
    let place = Memo::new(move |before: Option<&Place>| match route.get() {
        Route::Delivery { .. } => Place::Delivery,
        Route::Scene { .. } => Place::Scene,
        Route::Flink { .. } => Place::Flink,
        Route::Streams { .. } => Place::Own,
        // The screen is about to go.
        _ => before.copied().unwrap_or(Place::Own),
    });
    move || match place.get() {
        Place::Own => arrived(|| Box::pin(load_streams()), || at_once(draw_streams())).into_any(),
        Place::Scene => arrived(|| Box::pin(load_scenes()), || at_once(draw_scenes())).into_any(),
        Place::Flink => arrived(|| Box::pin(load_flink()), || at_once(draw_flink())).into_any(),
        Place::Delivery => arrived(|| Box::pin(load_delivery()), || at_once(draw_delivery())).into_any(),
    }
}

/// The list of jobs, or the editor of one.
#[component]
fn Etl() -> impl IntoView {
    let route = use_route();
    let job = Memo::new(move |before: Option<&Option<String>>| match route.get() {
        Route::Etl { job } => job,
        // The screen is about to go: the job stays until it has.
        _ => before.cloned().flatten(),
    });
    move || match job.get() {
        None => arrived(|| Box::pin(load_jobs()), || at_once(draw_jobs())).into_any(),
        Some(name) => {
            editor::prefetch();
            arrived(|| Box::pin(load_editor()), move || at_once(draw_editor(name.clone()))).into_any()
        }
    }
}

/// Fetches a screen's chunk ahead of its use; a failure is met when the screen is opened.
pub fn prefetch(area: Area) {
    spawn_local(async move {
        let _ = load(area).await;
    });
}

/// What shows rows is opened from a list: it comes while the list is looked at.
fn prefetch_object() {
    spawn_local(async {
        let _ = load_object().await;
    });
}

/// The screen of an area, when its chunk is there.
#[component]
pub fn Screen(area: Area) -> impl IntoView {
    arrived(move || load(area), move || draw(area))
}

/// The page of an object, when its chunk is there.
#[component]
pub fn Object(bucket: String, key: String) -> impl IntoView {
    arrived(|| Box::pin(load_object()), move || at_once(draw_object(bucket.clone(), key.clone())))
}

/// The page of a table, when its chunk is there.
#[component]
pub fn Table(database: String, table: String) -> impl IntoView {
    arrived(|| Box::pin(load_table()), move || at_once(draw_table(database.clone(), table.clone())))
}

/// A tab of a bucket's page, when its chunk is there.
#[component]
pub fn Bucket(bucket: String, tab: BucketTab) -> impl IntoView {
    arrived(|| Box::pin(load_bucket()), move || at_once(draw_bucket(bucket.clone(), tab)))
}

/// One figure, when its chunk is there.
#[component]
pub fn Figure(id: String) -> impl IntoView {
    if streams::about::ALL.iter().any(|scene| scene.id == id) {
        arrived(|| Box::pin(load_scene()), move || at_once(draw_scene(id.clone()))).into_any()
    } else if flink::about::LISTED.iter().any(|scene| scene.id == id) {
        arrived(|| Box::pin(load_flink_alone()), move || at_once(draw_flink_alone(id.clone()))).into_any()
    } else {
        arrived(|| Box::pin(load_figure()), move || at_once(draw_figure(id.clone()))).into_any()
    }
}

/// The bar that lets days pass, when its chunk is there.
#[component]
pub fn Clock() -> impl IntoView {
    arrived(|| Box::pin(load_clock()), || at_once(draw_clock()))
}

/// The panel of a lab, when its chunk is there.
#[component]
pub fn Lab(id: String) -> impl IntoView {
    arrived(|| Box::pin(load_lab_panel()), move || at_once(draw_lab_panel(id.clone())))
}

/// The dialog of the keys, when its chunk is there.
#[component]
pub fn Keys(open: RwSignal<bool>) -> impl IntoView {
    arrived(|| Box::pin(load_key_help()), move || at_once(draw_key_help(open)))
}
