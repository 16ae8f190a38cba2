//! The editor's frame: palette, canvas, inspector, rows, run bar; below 720 px a list of cards.

use leptos::portal::Portal;
use leptos::prelude::*;
use leptos::task::spawn_local;
use sluice_core::account::ApiError;

use super::canvas::Canvas;
use super::keyboard::{KEYS, on_screen_key};
use super::model::{Editor, RunView};
use super::palette::Ghost;
use super::panels::{DataPanel, InspectorPanel, OutlinePanel, PalettePanel, PhoneFlow, RunPanel};
use super::{live, run, save};
use crate::components::{Crumb, Fault, ScreenActions, ShellState, glyph};
use crate::format::plural;
use crate::host::use_host;
use crate::keys;
use crate::router::Route;

/// Below this the canvas gives way to a list.
const NARROW: &str = "(max-width: 719px)";

#[component]
pub fn JobScreen(name: String) -> impl IntoView {
    let host = use_host();
    let shell = expect_context::<ShellState>();
    shell.place(vec![
        Crumb::new("ETL jobs", &Route::Etl { job: None }),
        Crumb::new(name.clone(), &Route::Etl { job: Some(name.clone()) }),
    ]);
    let editor = RwSignal::new(None::<Result<Editor, ApiError>>);
    let owner = Owner::current();
    let job = name.clone();
    spawn_local(async move {
        let opened = save::open(host, &job).await;
        let Some(owner) = owner else { return };
        let next = opened.map(|opened| {
            if let Some(note) = opened.note {
                host.toast_done(note);
            }
            // Signals of the editor live as long as its screen.
            owner.with(|| Editor::new(job.clone(), opened.document, opened.saved, opened.modified))
        });
        let _ = editor.try_set(Some(next));
    });
    view! {
        {move || match editor.get() {
            None => view! { <p class="etl-opening meta" role="status">"Opening the job…"</p> }.into_any(),
            Some(Err(error)) => {
                view! {
                    <div class="etl-opening">
                        <Fault error=error />
                        <a class="btn" href=Route::Etl { job: None }.href()>
                            "All jobs"
                        </a>
                    </div>
                }
                    .into_any()
            }
            Some(Ok(editor)) => view! { <Workbench editor=editor /> }.into_any(),
        }}
    }
}

fn is_narrow() -> RwSignal<bool> {
    let narrow = RwSignal::new(false);
    if let Ok(Some(query)) = window().match_media(NARROW) {
        narrow.set(query.matches());
        let listener = window_event_listener(leptos::ev::resize, move |_| {
            let now = window().match_media(NARROW).ok().flatten().is_some_and(|query| query.matches());
            if narrow.try_get_untracked() == Some(!now) {
                narrow.set(now);
            }
        });
        on_cleanup(move || listener.remove());
    }
    narrow
}

#[component]
fn Workbench(editor: Editor) -> impl IntoView {
    provide_context(editor);
    let shell = expect_context::<ShellState>();
    keys::register(KEYS);
    live::follow(editor);
    run::follow(editor);
    let saved = Memo::new(move |_| save::is_saved(editor));
    let edits = Memo::new(move |_| editor.document.with(|document| document.history().cursor()));
    Effect::new(move |_| {
        let edits = edits.get();
        let edits = if edits == 0 {
            String::new()
        } else {
            format!(" · {}", plural(edits as u64, "edit", "edits"))
        };
        shell
            .status
            .set(format!("{}{edits}", if saved.get() { "saved" } else { "draft kept, not saved" }));
    });
    on_cleanup(move || {
        let _ = shell.status.try_set(String::new());
    });
    let listener = window_event_listener(leptos::ev::keydown, move |event| on_screen_key(editor, &event));
    on_cleanup(move || listener.remove());
    let narrow = is_narrow();
    let active = Memo::new(move |_| editor.starting.get() || editor.run.with(|run| run.as_ref().is_some_and(RunView::is_active)));
    view! {
        <ScreenActions>
            <button type="button" class="btn" disabled=move || saved.get() title="Save the job (Ctrl S)" on:click=move |_| save::save(editor)>
                "Save"
            </button>
            <button
                type="button"
                class="btn primary"
                aria-disabled=move || active.get().then_some("true")
                on:click=move |_| run::start(editor)
            >
                {glyph("play")}
                "Run job"
                <kbd aria-hidden="true">"Ctrl ⏎"</kbd>
            </button>
        </ScreenActions>
        {move || {
            if narrow.get() {
                view! { <PhoneFlow /> }.into_any()
            } else {
                view! {
                    <div class="etl" class:outlined=move || editor.outline.get()>
                        <aside class="etl-palette" aria-label="Palette">
                            {move || if editor.outline.get() { view! { <OutlinePanel /> }.into_any() } else { ().into_any() }}
                            <PalettePanel />
                        </aside>
                        <Canvas />
                        <aside class="etl-inspector" aria-label="Inspector">
                            <InspectorPanel />
                        </aside>
                        <div class="etl-below">
                            <RunPanel />
                            <DataPanel />
                        </div>
                    </div>
                    <Portal>
                        <Ghost editor=editor />
                    </Portal>
                }
                    .into_any()
            }
        }}
    }
}
