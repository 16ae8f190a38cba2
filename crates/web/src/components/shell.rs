//! The frame around every screen: top bar, rail, main, the lab's panel, messages.

use leptos::ev;
use leptos::prelude::*;
use sluice_protocol::Backend;

use super::actions::SLOT;
use super::theme::{ThemeButton, ThemeChoice};
use super::toasts::Toasts;
use super::{Brand, glyph};
use crate::host::{Phase, use_host};
use crate::keys;
use crate::labs::remembered;
use crate::router::{Area, Route, Security, use_route};
use crate::screens::{Figure, Keys, Lab, Screen, prefetch};
use crate::settings::Settings;

/// One step of the way to the present place; the last one is where the reader is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub href: String,
}

impl Crumb {
    pub fn new(label: impl Into<String>, route: &Route) -> Crumb {
        Crumb {
            label: label.into(),
            href: route.href(),
        }
    }
}

/// What screens tell the shell. `Copy`, provided as context by the app.
#[derive(Clone, Copy)]
pub struct ShellState {
    /// The way to the present place, set by the screen; also the title of the tab.
    pub crumbs: RwSignal<Vec<Crumb>>,
    /// A short word beside the last crumb: `saved · 14 edits`.
    pub status: RwSignal<String>,
    /// The lab under way, by its folder name: its panel stands beside every screen.
    pub lab: RwSignal<Option<String>>,
    /// The one figure of the page; then nothing stands around it.
    pub figure: StoredValue<Option<String>>,
    theme: ThemeChoice,
}

impl ShellState {
    pub fn new(settings: &Settings) -> ShellState {
        ShellState {
            crumbs: RwSignal::new(Vec::new()),
            status: RwSignal::new(String::new()),
            lab: RwSignal::new(settings.lab.clone().or_else(remembered)),
            figure: StoredValue::new(settings.figure.clone()),
            theme: ThemeChoice::new(settings),
        }
    }

    /// Says where the screen is. A screen calls it in an effect, so that it follows the route.
    pub fn place(&self, crumbs: Vec<Crumb>) {
        if self.crumbs.with_untracked(|now| *now != crumbs) {
            self.crumbs.set(crumbs);
        }
    }
}

const RAIL: [(Area, &str, &str, Route); 10] = [
    (
        Area::Storage,
        "Storage",
        "storage",
        Route::Storage {
            bucket: None,
            key: String::new(),
        },
    ),
    (Area::Catalog, "Catalog", "catalog", Route::Catalog),
    (Area::Etl, "ETL", "etl", Route::Etl { job: None }),
    (Area::Streams, "Streams", "streams", Route::Streams { name: None }),
    (Area::Alarms, "Alarms", "alarms", Route::Alarms { name: None }),
    (Area::Security, "Security", "security", Route::Security(Security::Identities)),
    (Area::Activity, "Activity", "activity", Route::Activity),
    (Area::Labs, "Labs", "labs", Route::Labs { id: None }),
    (Area::Figures, "Figures", "figures", Route::Figures { id: None }),
    (Area::Bill, "Bill", "bill", Route::Bill),
];

#[component]
pub fn Shell() -> impl IntoView {
    let host = use_host();
    let route = use_route();
    let shell = expect_context::<ShellState>();
    shell.theme.apply();
    if let Some(id) = shell.figure.get_value() {
        return view! { <Alone id=id /> }.into_any();
    }
    let area = Memo::new(move |_| route.with(Route::area));
    let help = RwSignal::new(false);
    // Fetched when it is first asked for, and kept.
    let asked_help = Memo::new(move |before: Option<&bool>| help.get() || before.is_some_and(|before| *before));

    Effect::new(move |_| {
        if let Route::Labs { id: Some(id) } = route.get() {
            shell.lab.set(Some(id));
        }
    });
    Effect::new(move |_| {
        let place = shell.crumbs.with(|crumbs| crumbs.last().map(|crumb| crumb.label.clone()));
        document().set_title(&place.map_or_else(|| "Sluice".to_owned(), |place| format!("{place} · Sluice")));
    });
    // On a phone the rail scrolls: where the reader is shows in it.
    Effect::new(move |_| {
        area.track();
        request_animation_frame(|| {
            if let Ok(Some(current)) = document().query_selector(".rail > [aria-current]") {
                current.scroll_into_view_with_bool(false);
            }
        });
    });
    let listener = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || keys::is_typing(&event) {
            return;
        }
        if keys::is(&event, "?") {
            event.prevent_default();
            help.set(true);
            return;
        }
        for (number, (_, _, _, route)) in ["Alt+1", "Alt+2", "Alt+3", "Alt+4", "Alt+5", "Alt+6", "Alt+7", "Alt+8", "Alt+9", "Alt+0"]
            .into_iter()
            .zip(RAIL)
        {
            if keys::is(&event, number) {
                event.prevent_default();
                route.open();
            }
        }
    });
    on_cleanup(move || listener.remove());
    // A file dropped beside every drop target would replace the page.
    let stray = window_event_listener(ev::dragover, |event| {
        if let Some(transfer) = event.data_transfer()
            && !event.default_prevented()
            && transfer.types().includes(&"Files".into(), 0)
        {
            event.prevent_default();
            transfer.set_drop_effect("none");
        }
    });
    on_cleanup(move || stray.remove());
    // A file that is not yet stored is lost with the tab.
    let leaving = window_event_listener(ev::beforeunload, move |event| {
        if host.uploads.with_untracked(|uploads| !uploads.is_empty()) {
            event.prevent_default();
        }
    });
    on_cleanup(move || leaving.remove());

    view! {
        <a class="skip" href="#main" on:click=skip_to_main>
            "Skip to the content"
        </a>
        <div class="shell" class:with-lab=move || shell.lab.with(Option::is_some) class:failed=move || matches!(host.phase.get(), Phase::Failed { .. })>
            <header class="top">
                <a class="brand" href="#/" aria-label="Sluice, home">
                    <Brand />
                    <span>"Sluice"</span>
                </a>
                <nav class="crumbs" aria-label="Where you are">
                    <ol role="list">{crumbs(shell)}</ol>
                    <span class="meta">{move || shell.status.get()}</span>
                </nav>
                <div id=SLOT class="actions"></div>
                <div class="tools">
                    <ThemeButton choice=shell.theme />
                    <button type="button" class="btn quiet icon show-keys" aria-label="Show the keys" title="Keys (?)" on:click=move |_| help.set(true)>
                        {glyph("keyboard")}
                    </button>
                </div>
            </header>
            <nav class="rail" aria-label="Services">
                {RAIL
                    .into_iter()
                    .map(|(place, label, icon, route)| {
                        view! {
                            <a
                                href=route.href()
                                aria-current=move || (area.get() == place).then_some("page")
                                on:pointerenter=move |_| prefetch(place)
                                on:focus=move |_| prefetch(place)
                            >
                                {glyph(icon)}
                                <span>{label}</span>
                            </a>
                        }
                    })
                    .collect_view()}
            </nav>
            <main id="main" tabindex="-1">
                <Banner />
                {move || match host.phase.get() {
                    Phase::Failed { title, detail } => view! { <Stopped title=title detail=detail /> }.into_any(),
                    _ => ().into_any(),
                }}
                <div class="screen" hidden=move || matches!(host.phase.get(), Phase::Failed { .. })>
                    {move || {
                        let area = enter(shell, area.get());
                        view! { <Screen area=area /> }
                    }}
                </div>
            </main>
            {move || shell.lab.get().map(|id| view! { <aside class="lab" aria-label="Lab"><Lab id=id /></aside> })}
        </div>
        <Toasts />
        {move || asked_help.get().then(|| view! { <Keys open=help /> })}
    }
    .into_any()
}

/// A page of one figure, for a frame in another page.
#[component]
fn Alone(id: String) -> impl IntoView {
    let host = use_host();
    view! {
        <main id="main" class="alone" tabindex="-1">
            {move || match host.phase.get() {
                Phase::Failed { title, detail } => view! { <Stopped title=title detail=detail /> }.into_any(),
                _ => ().into_any(),
            }}
            <Figure id=id />
        </main>
        <Toasts />
    }
}

/// Until the new screen says where it is, the area's own name stands there.
fn enter(shell: ShellState, area: Area) -> Area {
    let entry = RAIL.into_iter().find(|(place, ..)| *place == area);
    shell
        .crumbs
        .set(entry.map(|(_, label, _, route)| Crumb::new(label, &route)).into_iter().collect());
    shell.status.set(String::new());
    area
}

fn crumbs(shell: ShellState) -> impl IntoView {
    move || {
        let crumbs = shell.crumbs.get();
        let last = crumbs.len().saturating_sub(1);
        crumbs
            .into_iter()
            .enumerate()
            .map(|(index, crumb)| {
                if index == last {
                    view! { <li><b aria-current="page">{crumb.label}</b></li> }.into_any()
                } else {
                    view! { <li><a href=crumb.href>{crumb.label}</a></li> }.into_any()
                }
            })
            .collect_view()
    }
}

/// The fragment belongs to the router, so the link moves the focus itself.
fn skip_to_main(event: ev::MouseEvent) {
    use wasm_bindgen::JsCast;
    event.prevent_default();
    if let Some(main) = document()
        .get_element_by_id("main")
        .and_then(|main| main.dyn_into::<web_sys::HtmlElement>().ok())
    {
        let _ = main.focus();
    }
}

/// What the reader must know before relying on this account: bytes only in memory, or another tab that holds it.
#[component]
fn Banner() -> impl IntoView {
    let host = use_host();
    move || {
        if host.phase.get() == Phase::Slow {
            return view! { <p class="banner" role="status">"The account is still starting. On a slow connection its worker takes a while to arrive."</p> }
                .into_any();
        }
        let opened = host.opened.get();
        let mut notes = Vec::new();
        if let Some(opened) = opened {
            if opened.read_only {
                notes.push(
                    "This account is open in another tab. Here it can be read, not changed; close the other tab and load this page again to work in it."
                        .to_owned(),
                );
            }
            if opened.backend == Backend::Memory {
                let why = opened.why_memory.unwrap_or_else(|| "This browser offers no storage here.".into());
                notes.push(format!(
                    "Everything in this account is kept in memory only, and is gone when this tab closes. {why}"
                ));
            }
            if let Some(entry) = opened.set_aside {
                notes.push(format!(
                    "One entry of the account's log could not be replayed and was set aside. {entry} The log can be exported under Storage."
                ));
            }
        }
        notes
            .into_iter()
            .map(|note| {
                view! {
                    <p class="banner" role="status">
                        {glyph("warn")}
                        <span>{note}</span>
                    </p>
                }
            })
            .collect_view()
            .into_any()
    }
}

/// Over the whole screen: the worker is not there, and nothing works without it.
#[component]
fn Stopped(title: String, detail: String) -> impl IntoView {
    view! {
        <section class="stopped" role="alert">
            <h1>{title}</h1>
            <p>{detail}</p>
            <p class="meta">"What the account acknowledged before is kept in this browser."</p>
            <button
                type="button"
                class="btn primary"
                on:click=move |_| {
                    let _ = window().location().reload();
                }
            >
                "Load the page again"
            </button>
        </section>
    }
}
