//! The add menu: a filtered list at the place where the new node goes. Digits 1 to 9 take an entry.

use leptos::html;
use leptos::prelude::*;
use sluice_core::etl::geometry::{NODE_HEIGHT, NODE_WIDTH, Point, route};
use sluice_core::etl::{NodeKind, PaletteEntry, Role};

use super::card::{glyph_of_member, role_class, short_label};
use super::model::{Editor, Slot, use_editor};
use super::palette::{GROUPS, distance, found};
use crate::components::Glyph;
use crate::keys;

/// Entries that fit a slot.
fn fitting(editor: Editor, slot: &Slot, text: &str) -> Vec<&'static PaletteEntry> {
    let fed = match slot {
        Slot::After(Some(id)) | Slot::At(Some(id), _) => editor.document.with(|document| document.node(id).is_some_and(|node| node.kind.ports().output)),
        Slot::On(_) => true,
        _ => false,
    };
    let feeds = matches!(slot, Slot::On(_) | Slot::Before(_));
    // What is most likely next comes first.
    let mut groups = GROUPS;
    if fed {
        groups = [GROUPS[1], GROUPS[2], GROUPS[0]];
    }
    let mut entries: Vec<&'static PaletteEntry> = groups
        .iter()
        .flat_map(|(role, _)| found(*role, text))
        .filter(|entry| match slot {
            Slot::On(_) => entry.inputs == 1 && entry.group != Role::Target,
            Slot::At(Some(_), _) => entry.inputs > 0,
            _ if feeds => entry.group != Role::Target,
            _ => true,
        })
        .collect();
    entries.sort_by_key(|entry| distance(entry, text));
    entries
}

/// Screen place of the menu.
fn anchor(editor: Editor, slot: &Slot) -> Point {
    let document = editor.document.get_untracked();
    let canvas = match slot {
        Slot::After(Some(id)) => Point::new(document.at(id).x + NODE_WIDTH + 16.0, document.at(id).y),
        Slot::Before(id) => Point::new(document.at(id).x, document.at(id).y + NODE_HEIGHT + 12.0),
        Slot::On(edge) => {
            let from = document.at(&edge.from);
            let to = document.at(&edge.to);
            let middle = route(
                Point::new(from.x + NODE_WIDTH, from.y + NODE_HEIGHT / 2.0),
                Point::new(to.x, to.y + NODE_HEIGHT / 2.0),
            )
            .at(0.5);
            Point::new(middle.x - 20.0, middle.y + 16.0)
        }
        Slot::At(_, at) => *at,
        Slot::After(None) => {
            let (width, _) = editor.size.get_untracked();
            return Point::new((width / 2.0 - 140.0).max(16.0), 72.0);
        }
    };
    let screen = editor.viewport.get_untracked().to_screen(canvas);
    let (width, height) = editor.size.get_untracked();
    Point::new(screen.x.clamp(8.0, (width - 296.0).max(8.0)), screen.y.clamp(8.0, (height - 340.0).max(8.0)))
}

#[component]
pub fn AddMenu() -> impl IntoView {
    let editor = use_editor();
    move || editor.menu.get().map(|place| view! { <Menu place=place /> })
}

#[component]
fn Menu(place: Slot) -> impl IntoView {
    let editor = use_editor();
    let slot = place;
    let at = anchor(editor, &slot);
    let title = match &slot {
        Slot::After(Some(id)) | Slot::At(Some(id), _) => format!(
            "Add after {}",
            editor.document.with_untracked(|d| d.node(id).map(|n| n.name.clone()).unwrap_or_default())
        ),
        Slot::Before(id) => format!(
            "Insert before {}",
            editor.document.with_untracked(|d| d.node(id).map(|n| n.name.clone()).unwrap_or_default())
        ),
        Slot::On(_) => "Insert on the rail".into(),
        _ => "Add a node".to_owned(),
    };
    let heading = title.clone();
    let field_label = title.clone();
    let slot = StoredValue::new(slot);
    let text = RwSignal::new(String::new());
    let at_entry = RwSignal::new(0_usize);
    let field: NodeRef<html::Input> = NodeRef::new();
    let entries =
        Memo::new(move |_| text.with(|text| slot.with_value(|slot| fitting(editor, slot, text).into_iter().map(|entry| entry.id).collect::<Vec<_>>())));
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                let _ = field.focus();
            });
        }
    });
    let close = move || {
        editor.menu.set(None);
        editor.focus_current();
    };
    let choose = move |entry: &'static str| {
        editor.menu.set(None);
        editor.add(entry, slot.get_value());
    };
    let option_id = |index: usize| format!("add-option-{index}");
    view! {
        <div
            class="add-menu"
            data-own="true"
            role="dialog"
            aria-label=title
            style=format!("left:{}px;top:{}px", at.x, at.y)
            on:focusout=move |event| {
                let inside = event
                    .related_target()
                    .and_then(|target| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(target).ok())
                    .is_some_and(|element| element.closest(".add-menu").ok().flatten().is_some());
                if !inside && event.related_target().is_some() {
                    editor.menu.set(None);
                }
            }
        >
            <p class="meta">{heading}</p>
            <input
                class="input"
                role="combobox"
                aria-expanded="true"
                aria-controls="add-list"
                aria-label=field_label
                aria-activedescendant=move || option_id(at_entry.get())
                autocomplete="off"
                placeholder="Filter"
                node_ref=field
                prop:value=move || text.get()
                on:input=move |event| {
                    at_entry.set(0);
                    text.set(event_target_value(&event));
                }
                on:keydown=move |event| {
                    let count = entries.with(Vec::len);
                    if keys::is(&event, "Esc") {
                        close();
                    } else if keys::is(&event, "ArrowDown") {
                        at_entry.update(|at| *at = (*at + 1) % count.max(1));
                    } else if keys::is(&event, "ArrowUp") {
                        at_entry.update(|at| *at = (*at + count.saturating_sub(1)) % count.max(1));
                    } else if keys::is(&event, "Enter") {
                        if let Some(entry) = entries.with(|entries| entries.get(at_entry.get()).copied()) {
                            choose(entry);
                        }
                    } else if let Some(digit) = event.key().parse::<usize>().ok().filter(|_| text.with(String::is_empty)) {
                        match digit.checked_sub(1).and_then(|index| entries.with(|entries| entries.get(index).copied())) {
                            Some(entry) => choose(entry),
                            None => return,
                        }
                    } else {
                        return;
                    }
                    event.prevent_default();
                    event.stop_propagation();
                }
            />
            <ul id="add-list" role="listbox" aria-label="Nodes">
                {move || {
                    let entries = entries.get();
                    if entries.is_empty() {
                        return view! { <li class="meta" role="presentation">"Nothing fits."</li> }.into_any();
                    }
                    entries
                        .into_iter()
                        .filter_map(|id| NodeKind::palette().iter().find(|entry| entry.id == id))
                        .enumerate()
                        .map(|(index, entry)| {
                            view! {
                                <li
                                    id=option_id(index)
                                    role="option"
                                    class=role_class(entry.group)
                                    aria-selected=move || if at_entry.get() == index { "true" } else { "false" }
                                    on:pointerdown=|event| event.prevent_default()
                                    on:click=move |_| choose(entry.id)
                                >
                                    <Glyph name=glyph_of_member(entry.member, entry.group) />
                                    <span>
                                        <b>{short_label(entry.label)}</b>
                                        <small>{entry.purpose}</small>
                                    </span>
                                    {(index < 9).then(|| view! { <kbd aria-hidden="true">{index + 1}</kbd> })}
                                </li>
                            }
                        })
                        .collect_view()
                        .into_any()
                }}
            </ul>
        </div>
    }
}
